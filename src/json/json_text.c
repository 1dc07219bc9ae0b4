/*
 * json_text.c - byte strings and times as text in JSON: UUIDs and object identifiers as everybody writes them, other bytes in hexadecimal
 * digits, as SQL's decode(text, 'hex') takes them; times as RFC 3339 has them.
 */
#include "cbor/text.h"
#include "model/corim.h"
#include "json_rules.h"

#include <string.h>

typedef enum notation
{
	HEX,
	UUID,
	OID,
	DER_OID
} notation;

static notation
notation_of(const cs_rule *rule)
{
	if (strcmp(rule->name, "uuid-type") == 0)
		return UUID;
	if (strcmp(rule->name, "oid-type") != 0)
		return HEX;
	return rule->legacy && strcmp(rule->legacy, "der-oid") == 0 ? DER_OID : OID;
}

const char *
cs_json_bytes_notation(const cs_rule *rule)
{
	static const char *const names[] = {
		[HEX] = "hexadecimal digits", [UUID] = "a UUID", [OID] = "an object identifier (1.2.3)", [DER_OID] = "an object identifier (1.2.3)"
	};

	return names[notation_of(rule)];
}

/* ---- hexadecimal and UUID ---- */

static bool
get_hex(cs_span text, cs_buf *out)
{
	if (text.len % 2 != 0)
		return false;
	for (size_t i = 0; i < text.len; i += 2)
	{
		int high = cs_hex_digit(text.data[i]);
		int low = cs_hex_digit(text.data[i + 1]);

		if (high < 0 || low < 0)
			return false;
		cs_put_byte(out, (uint8_t) (high << 4 | low));
	}
	return cs_buf_ok(out);
}

static bool
is_hyphen(size_t i)
{
	return i == 8 || i == 13 || i == 18 || i == 23;
}

static bool
get_uuid(cs_span text, cs_buf *out)
{
	uint8_t digits[32];
	size_t n = 0;

	if (text.len != 36)
		return false;
	for (size_t i = 0; i < 36; i++)
		if (!is_hyphen(i))
			digits[n++] = text.data[i];
		else if (text.data[i] != '-')
			return false;
	return get_hex((cs_span) { digits, n }, out);
}

/* ---- object identifiers, by what reads and writes them for profiles ---- */

/* The content octets of dotted text: what cs_profile_item puts into tag 111, with a DER header in front where that is asked for. */
static bool
get_oid(cs_ctx *ctx, cs_span text, bool der, cs_buf *out)
{
	cs_buf buf;
	cs_item item, oid;

	cs_buf_init(&buf, ctx);
	if (!cs_profile_item(ctx, text, &buf))
		return false;
	item = cs_item_at(buf.data, buf.len);
	if (!cs_is_tag(&item, CS_TAG_OID))
		return false;
	oid = cs_tag_content(&item);
	if (der)
	{
		if (oid.arg > 127)
			return false;
		cs_put_byte(out, 0x06);
		cs_put_byte(out, (uint8_t) oid.arg);
	}
	cs_put_raw(out, oid.content, (size_t) oid.arg);
	return cs_buf_ok(out);
}

/* Dotted, when that reads back to the same bytes. */
static bool
put_oid(cs_ctx *ctx, cs_span bytes, bool der, cs_buf *out)
{
	cs_error error = ctx->error;
	cs_buf item, text, back;
	cs_item oid;

	cs_buf_init(&item, ctx);
	cs_buf_init(&text, ctx);
	cs_buf_init(&back, ctx);
	cs_put_bytes(&item, bytes.data, bytes.len);
	if (!cs_buf_ok(&item))
		return false;
	oid = cs_item_at(item.data, item.len);
	if (!cs_profile_text(ctx, &oid, &text) || !get_oid(ctx, cs_buf_span(&text), der, &back) || !cs_span_eq(cs_buf_span(&back), bytes))
	{
		ctx->error = error;
		return false;
	}
	cs_put_raw(out, text.data, text.len);
	return true;
}

bool
cs_json_put_bytes(cs_ctx *ctx, const cs_rule *rule, cs_span bytes, cs_buf *out)
{
	switch (notation_of(rule))
	{
		case UUID:
			if (bytes.len != 16)
				return false;
			cs_put_uuid(out, bytes.data);
			return true;
		case OID:
			return put_oid(ctx, bytes, false, out);
		case DER_OID:
			return put_oid(ctx, bytes, true, out);
		case HEX:
			break;
	}
	cs_put_hex(out, bytes.data, bytes.len);
	return true;
}

bool
cs_json_get_bytes(cs_ctx *ctx, const cs_rule *rule, cs_span text, cs_buf *out)
{
	switch (notation_of(rule))
	{
		case UUID:
			return get_uuid(text, out);
		case OID:
			return get_oid(ctx, text, false, out);
		case DER_OID:
			return get_oid(ctx, text, true, out);
		case HEX:
			break;
	}
	return get_hex(text, out);
}

/* ---- times ---- */

/* Whole seconds only: a fraction is lost to one of the two ways of rounding. */
bool
cs_json_get_time(cs_ctx *ctx, cs_span text, int64_t *seconds)
{
	cs_buf buf;
	cs_item item;
	int64_t up;

	cs_buf_init(&buf, ctx);
	cs_put_tag(&buf, CS_TAG_DATE_TIME);
	cs_put_text(&buf, (const char *) text.data, text.len);
	if (!cs_buf_ok(&buf))
		return false;
	item = cs_item_at(buf.data, buf.len);
	return cs_time_read(ctx, &item, false, seconds) && cs_time_read(ctx, &item, true, &up) && *seconds == up;
}
