/*
 * item_text.c - identifiers as text (item_text.h): the tags are those of draft-ietf-rats-corim section 7 (its type choices), RFC
 * 9090 (OID), RFC 9562 and tag 37 (UUID), and PSA's and CCA's from before tag 560.
 */
#include "item_text.h"

#include "catalog/namespace.h"
#include "common/string.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "cbor/text.h"
#include "model/corim.h"
#include "type_io.h"

static Datum
hex_text(cs_span bytes)
{
	cs_ctx ctx;
	cs_buf buf;

	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&buf, &ctx);
	cs_put_hex(&buf, bytes.data, bytes.len);
	return cs_pg_make_bytea(&buf);
}

/* The core's own canonical texts: UUIDs of 16 bytes, OIDs; false for what has none. */
static bool
canonical_text(const cs_item *item, Datum *result)
{
	cs_ctx ctx;
	cs_buf buf;
	cs_item content;

	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&buf, &ctx);
	if (cs_is_tag(item, CS_TAG_OID))
	{
		if (!cs_profile_text(&ctx, item, &buf) || !cs_buf_ok(&buf))
			return false;
	}
	else if (cs_is_tag(item, CS_TAG_UUID))
	{
		content = cs_tag_content(item);
		if (!cs_is(&content, CS_BSTR) || !cs_id_text(&ctx, &content, &buf) || !cs_buf_ok(&buf))
			return false;
	}
	else
		return false;
	*result = cs_pg_make_text(cs_buf_span(&buf));
	return true;
}

/* Can the server's encoding hold it, as text does? */
static bool
is_showable(cs_span utf8)
{
	int encoding = GetDatabaseEncoding();
	unsigned char *converted;
	Oid proc;
	int len = (int) utf8.len;

	if (memchr(utf8.data, 0, utf8.len) != NULL)
		return false;
	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII || pg_is_ascii(pnstrdup((const char *) utf8.data, utf8.len)))
		return true;
	proc = FindDefaultConversionProc(PG_UTF8, encoding);
	if (!OidIsValid(proc) || utf8.len > MaxAllocSize / MAX_CONVERSION_GROWTH - 1)
		return false;
	converted = palloc(utf8.len * MAX_CONVERSION_GROWTH + 1);
	return pg_do_encoding_conversion_buf(
			   proc, PG_UTF8, encoding, (unsigned char *) utf8.data, len, converted, len * MAX_CONVERSION_GROWTH + 1, true) == len;
}

Datum
cs_pg_shown_text(cs_span utf8)
{
	cs_ctx ctx;
	cs_buf buf;
	cs_item item;

	if (utf8.len == 0 || is_showable(utf8))
		return cs_pg_make_text(utf8);
	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&buf, &ctx);
	cs_put_text(&buf, (const char *) utf8.data, utf8.len);
	if (!cs_buf_ok(&buf))
		cs_pg_report(&ctx.error, NULL);
	item = cs_item_at(buf.data, buf.len);
	return cs_pg_edn_text(&item, false, NULL);
}

Datum
cs_pg_item_text(const cs_item *item)
{
	cs_item inside = *item;
	Datum result;
	cs_ctx ctx;
	cs_span bytes;

	if (canonical_text(item, &result))
		return result;
	if (cs_is(item, CS_TAG))
		inside = cs_tag_content(item);
	if (!cs_is(&inside, CS_BSTR) && !cs_is(&inside, CS_TSTR))
		return cs_pg_edn_text(&inside, false, NULL);
	cs_pg_ctx_stored(&ctx);
	if (!cs_string(&ctx, &inside, &bytes))
		cs_pg_report(&ctx.error, NULL);
	return cs_is(&inside, CS_TSTR) ? cs_pg_shown_text(bytes) : hex_text(bytes);
}

Datum
cs_pg_item_kind(const cs_item *item)
{
	const cs_rule *rule;

	if (!cs_is(item, CS_TAG))
		return CStringGetTextDatum(cs_pg_type_name(item));
	rule = cs_rule_of_tag(item->arg);
	if (rule != NULL)
		return cs_pg_make_text(cs_rule_type_name(rule));
	return CStringGetTextDatum(psprintf("tag-%llu", (unsigned long long) item->arg));
}
