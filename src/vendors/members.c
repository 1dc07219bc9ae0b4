/*
 * members.c - members of JSON objects, as the forms of vendors have them (formats.h).
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cbor/text.h"
#include "formats.h"
#include "model/corim.h"

static const char *const kind_names[] = { "null", "a boolean", "a number", "a string", "an array", "an object" };

static void
put_where(const cs_where *where, char *path, size_t room)
{
	size_t len;

	if (where == NULL)
		return;
	put_where(where->in, path, room);
	len = strlen(path);
	if (where->name == NULL)
		snprintf(path + len, room - len, "[%zu]", where->index);
	else
		snprintf(path + len, room - len, "%s%s", len > 0 ? "." : "", where->name);
}

bool
cs_member_fail(cs_ctx *ctx, const cs_where *where, cs_code code, const char *fmt, ...)
{
	char message[CS_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	cs_fail(ctx, code, "%s", message);
	ctx->error.path[0] = '\0';
	put_where(where, ctx->error.path, sizeof(ctx->error.path));
	return false;
}

bool
cs_member_if_any(cs_ctx *ctx, const cs_where *where, const cs_json *object, const char *name, cs_json_kind kind, const cs_json **out)
{
	*out = cs_json_get(object, name);
	return *out == NULL || (*out)->kind == kind ||
		cs_member_fail(ctx, CS_IN(where, name), CS_INVALID, "%s was expected, not %s", kind_names[kind], kind_names[(*out)->kind]);
}

const cs_json *
cs_member(cs_ctx *ctx, const cs_where *where, const cs_json *object, const char *name, cs_json_kind kind)
{
	const cs_json *out;

	if (!cs_member_if_any(ctx, where, object, name, kind, &out))
		return NULL;
	if (out == NULL)
		cs_member_fail(ctx, where, CS_INVALID, "member \"%s\" is missing", name);
	return out;
}

bool
cs_member_uint(cs_ctx *ctx, const cs_where *where, const cs_json *object, const char *name, uint64_t max, uint64_t *out)
{
	const cs_json *number = cs_member(ctx, where, object, name, CS_JSON_NUMBER);

	if (number == NULL)
		return false;
	*out = 0;
	for (size_t i = 0; i < number->text.len; i++)
	{
		uint8_t c = number->text.data[i];

		if (c < '0' || c > '9' || *out > (max - (uint64_t) (c - '0')) / 10)
			return cs_member_fail(
				ctx, CS_IN(where, name), CS_INVALID, "a whole number from 0 to %llu was expected", (unsigned long long) max);
		*out = *out * 10 + (uint64_t) (c - '0');
	}
	return true;
}

bool
cs_member_hex(cs_ctx *ctx, const cs_where *where, const cs_json *object, const char *name, size_t len, cs_span *out)
{
	const cs_json *text = cs_member(ctx, where, object, name, CS_JSON_STRING);
	uint8_t *bytes;
	bool ok;

	if (text == NULL)
		return false;
	bytes = cs_alloc(ctx, len, 1);
	if (bytes == NULL)
		return false;
	ok = text->text.len == 2 * len;
	for (size_t i = 0; ok && i < len; i++)
	{
		int high = cs_hex_digit(text->text.data[2 * i]), low = cs_hex_digit(text->text.data[2 * i + 1]);

		ok = high >= 0 && low >= 0;
		bytes[i] = ok ? (uint8_t) (high << 4 | low) : 0;
	}
	*out = (cs_span) { bytes, len };
	return ok || cs_member_fail(ctx, CS_IN(where, name), CS_INVALID, "%zu hexadecimal digits were expected", 2 * len);
}

bool
cs_member_time(cs_ctx *ctx, const cs_where *where, const cs_json *object, const char *name, int64_t *out)
{
	const cs_json *text = cs_member(ctx, where, object, name, CS_JSON_STRING);
	cs_span fraction;

	if (text == NULL)
		return false;
	return (cs_date_time_read(text->text, out, &fraction) && *out >= 0) ||
		cs_member_fail(ctx, CS_IN(where, name), CS_INVALID, "a time was expected, as RFC 3339 has it");
}
