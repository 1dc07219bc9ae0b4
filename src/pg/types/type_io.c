/*
 * type_io.c - input, output and casts that all types share (type_io.h). Output and send are the same functions for all of
 * them: a value is one CBOR item, whatever its type.
 */
#include "type_io.h"

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "cbor/edn.h"
#include "cbor/text.h"
#include "model/profile.h"
#include "pg/base/settings.h"

PG_FUNCTION_INFO_V1(cs_value_out);
PG_FUNCTION_INFO_V1(cs_value_send);

bool
cs_pg_type_accept(cs_ctx *ctx, const cs_pg_type *type, cs_span bytes, cs_span *stored)
{
	cs_buf buf;
	cs_item item;

	if (bytes.len > ctx->limits.max_size)
		return cs_fail(ctx, CS_LIMIT, "%zu bytes are more than coserv.max_document_size allows", bytes.len);
	if (!cs_check(ctx, bytes.data, bytes.len))
		return false;
	if (type->check != NULL && !type->check(ctx, bytes))
		return false;
	if (type->rule != NULL && !cs_validate(ctx, type->rule, bytes.data, bytes.len, cs_setting_accept_legacy))
		return false;
	*stored = bytes;
	if (type->canonical == NULL)
		return true;
	item = cs_item_at(bytes.data, bytes.len);
	cs_buf_init(&buf, ctx);
	if (!type->canonical(ctx, &item, &buf) || !cs_buf_ok(&buf))
		return false;
	*stored = cs_buf_span(&buf);
	return true;
}

Datum
cs_pg_type_make(const cs_pg_type *type, cs_span bytes)
{
	cs_ctx ctx;
	cs_span stored;

	cs_pg_ctx(&ctx);
	if (!cs_pg_type_accept(&ctx, type, bytes, &stored))
		cs_pg_report(&ctx.error, type->name);
	return cs_pg_make(stored);
}

/* --- text --- */

/* An error in text is at a character, not at a byte of the CBOR that it stands for. */
static bool
fail_at_character(cs_ctx *ctx, const char *text, size_t offset)
{
	ctx->error.has_offset = false;
	snprintf(ctx->error.path, sizeof(ctx->error.path), "character %d", pg_mbstrlen_with_len(text, (int) offset) + 1);
	return false;
}

static bool
parse_hex(cs_ctx *ctx, const char *text, cs_span *bytes)
{
	size_t len = strlen(text);
	uint8_t *out = cs_alloc(ctx, len / 2 + 1, 1);
	size_t n = 0;
	size_t i = 2;

	if (out == NULL)
		return false;
	for (; i < len; i += 2)
	{
		int high = cs_hex_digit(text[i]);
		int low = cs_hex_digit(text[i + 1]); /* the terminating NUL is no digit */

		if (high < 0 || low < 0)
		{
			cs_fail(ctx, CS_MALFORMED, "hexadecimal digits in pairs are expected after \\x");
			return fail_at_character(ctx, text, high < 0 ? i : i + 1);
		}
		out[n++] = (uint8_t) (high << 4 | low);
	}
	*bytes = (cs_span) { out, n };
	return true;
}

bool
cs_pg_parse_text(cs_ctx *ctx, const char *text, cs_span *bytes)
{
	cs_span utf8;
	cs_buf buf;

	if (text[0] == '\\' && text[1] == 'x')
		return parse_hex(ctx, text, bytes);
	utf8 = cs_pg_utf8(text, strlen(text));
	cs_buf_init(&buf, ctx);
	if (!cs_edn_parse(ctx, (const char *) utf8.data, utf8.len, &buf) || !cs_buf_ok(&buf))
	{
		if (ctx->error.has_offset && ctx->error.offset <= utf8.len)
			fail_at_character(ctx, (const char *) utf8.data, ctx->error.offset);
		return false;
	}
	*bytes = cs_buf_span(&buf);
	return true;
}

/* One character beyond ASCII as JSON, and so EDN, escapes it; it is valid UTF-8. */
static void
put_escaped(StringInfo out, pg_wchar c)
{
	if (c < 0x10000)
		appendStringInfo(out, "\\u%04x", c);
	else
		appendStringInfo(out, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
}

static bool
shows_unicode(void)
{
	return GetDatabaseEncoding() == PG_UTF8 || GetDatabaseEncoding() == PG_SQL_ASCII;
}

/*
 * EDN in the server's encoding; a NUL stands behind utf8. Where that encoding is not Unicode, what is beyond ASCII, which stands in text
 * strings only, is escaped: a value that is stored can always be shown and dumped.
 */
static char *
server_edn(cs_span utf8)
{
	StringInfoData out;
	size_t i;

	if (shows_unicode())
		return (char *) utf8.data;
	initStringInfo(&out);
	for (i = 0; i < utf8.len;)
	{
		const unsigned char *c = utf8.data + i;

		if (IS_HIGHBIT_SET(*c))
			put_escaped(&out, utf8_to_unicode(c));
		else
			appendStringInfoChar(&out, *c);
		i += pg_utf_mblen(c);
	}
	return out.data;
}

static Datum
server_edn_text(cs_span utf8)
{
	return shows_unicode() ? cs_pg_make(utf8) : CStringGetTextDatum(server_edn(utf8));
}

/* In UTF-8, and a NUL behind it. */
static cs_span
print_edn(cs_ctx *ctx, const cs_item *item, bool pretty, const cs_edn_notes *notes)
{
	cs_buf buf;
	cs_edn_style style = { pretty, notes };

	cs_buf_init(&buf, ctx);
	if (!cs_edn_print(ctx, item, &style, &buf))
		cs_pg_report(&ctx->error, NULL);
	cs_put_byte(&buf, 0);
	cs_pg_require(cs_buf_ok(&buf), ctx, NULL);
	CHECK_FOR_INTERRUPTS();
	return (cs_span) { buf.data, buf.len - 1 };
}

static cs_span
print_by_rule(const cs_item *item, bool pretty, const cs_rule *rule)
{
	cs_ctx ctx;
	cs_edn_notes notes;

	cs_pg_ctx_stored(&ctx);
	if (rule == NULL)
		return print_edn(&ctx, item, pretty, NULL);
	notes = cs_rule_notes_for(rule, cs_profile_of_document(&ctx, item));
	return print_edn(&ctx, item, pretty, &notes);
}

char *
cs_pg_edn(const cs_item *item)
{
	return server_edn(print_by_rule(item, false, NULL));
}

Datum
cs_pg_edn_text(const cs_item *item, bool pretty, const cs_rule *rule)
{
	return server_edn_text(print_by_rule(item, pretty, rule));
}

Datum
cs_pg_edn_text_with(const cs_item *item, const cs_rule *rule, const cs_profile *profile)
{
	cs_ctx ctx;
	cs_edn_notes notes = cs_rule_notes_for(rule, profile);

	cs_pg_ctx_stored(&ctx);
	return server_edn_text(print_edn(&ctx, item, true, &notes));
}

/* --- bodies of SQL functions --- */

Datum
cs_pg_type_in(FunctionCallInfo fcinfo, const cs_pg_type *type)
{
	const char *text = PG_GETARG_CSTRING(0);
	cs_ctx ctx;
	cs_span bytes;
	cs_span stored;

	cs_pg_ctx(&ctx);
	if (cs_pg_parse_text(&ctx, text, &bytes) && cs_pg_type_accept(&ctx, type, bytes, &stored))
		return cs_pg_make(stored);
	cs_pg_report_input(fcinfo->context, &ctx.error, type->name);
	PG_RETURN_NULL();
}

Datum
cs_pg_type_recv(FunctionCallInfo fcinfo, const cs_pg_type *type)
{
	StringInfo message = (StringInfo) PG_GETARG_POINTER(0);
	size_t len = message->len - message->cursor;

	return cs_pg_type_make(type, (cs_span) { (const uint8_t *) pq_getmsgbytes(message, len), len });
}

Datum
cs_pg_type_from(FunctionCallInfo fcinfo, const cs_pg_type *type)
{
	return cs_pg_type_make(type, CS_PG_GETARG_SPAN(0));
}

Datum
cs_value_out(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));

	PG_RETURN_CSTRING(cs_pg_edn(&item));
}

Datum
cs_value_send(PG_FUNCTION_ARGS)
{
	return cs_pg_make(CS_PG_GETARG_SPAN(0));
}
