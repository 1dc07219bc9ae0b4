/*
 * json.c - a strict reader of JSON (RFC 8259), bounded in size, values and depth (json.h).
 */
#include "json.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

#define NODES 64 /* that are asked for at once */

typedef struct parser
{
	cs_ctx *ctx;
	const uint8_t *start;
	const uint8_t *p;
	const uint8_t *end;
	uint64_t items;
	uint64_t ticks;
	uint32_t depth;
	cs_json *spare;
	size_t spares;
} parser;

static bool value(parser *json, cs_json *out);

static bool
malformed(parser *json, const char *what)
{
	return cs_fail_at(json->ctx, CS_MALFORMED, (size_t) (json->p - json->start), "malformed JSON: %s", what);
}

static bool
blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next character that counts, 0 at the end; it is not taken. */
static uint8_t
peek(parser *json)
{
	while (json->p < json->end && blank(*json->p))
		json->p++;
	return json->p < json->end ? *json->p : 0;
}

static bool
take(parser *json, uint8_t c)
{
	if (peek(json) != c || json->p == json->end)
		return false;
	json->p++;
	return true;
}

/* ---- strings ---- */

static bool
hex4(parser *json, uint32_t *out)
{
	*out = 0;
	if (json->end - json->p < 4)
		return malformed(json, "\\u wants four hexadecimal digits");
	for (int i = 0; i < 4; i++)
	{
		int digit = cs_hex_digit(*json->p++);

		if (digit < 0)
			return malformed(json, "\\u wants four hexadecimal digits");
		*out = *out << 4 | (uint32_t) digit;
	}
	return true;
}

/* Behind the backslash. */
static bool
escape(parser *json, uint8_t *out, size_t *len)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	uint8_t c = json->p < json->end ? *json->p++ : 0;
	const char *known = c ? strchr(from, c) : NULL;
	uint32_t high, low;

	if (known)
	{
		out[(*len)++] = (uint8_t) to[known - from];
		return true;
	}
	if (c != 'u')
		return malformed(json, "unknown escape in a string");
	if (!hex4(json, &high))
		return false;
	if (high >= 0xd800 && high < 0xe000)
	{
		if (high >= 0xdc00 || json->end - json->p < 6 || json->p[0] != '\\' || json->p[1] != 'u')
			return malformed(json, "half a surrogate pair");
		json->p += 2;
		if (!hex4(json, &low))
			return false;
		if (low < 0xdc00 || low >= 0xe000)
			return malformed(json, "half a surrogate pair");
		high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
	}
	*len += cs_utf8_encode(out + *len, high);
	return true;
}

/* raw is what stands between the quotes, json->p behind the second one; no escape decodes to more bytes than it is written with. */
static bool
unescape(parser *json, cs_span raw, cs_span *out)
{
	uint8_t *copy = cs_alloc(json->ctx, raw.len + 1, 1);
	size_t len = 0;

	if (copy == NULL)
		return false;
	json->p = raw.data;
	while (*json->p != '"')
	{
		if (*json->p != '\\')
			copy[len++] = *json->p++;
		else
		{
			json->p++;
			if (!escape(json, copy, &len))
				return false;
		}
	}
	json->p++;
	*out = (cs_span) { copy, len };
	return true;
}

static bool
string(parser *json, cs_span *out)
{
	const uint8_t *first;
	bool escapes = false;

	if (!take(json, '"'))
		return malformed(json, "a string is wanted");
	first = json->p;
	while (json->p < json->end && *json->p != '"')
	{
		if (*json->p < 0x20)
			return malformed(json, "a control character in a string");
		if (*json->p == '\\')
		{
			escapes = true;
			json->p++;
		}
		if (json->p < json->end)
			json->p++;
	}
	if (json->p == json->end)
		return malformed(json, "a string has no end");
	*out = (cs_span) { first, (size_t) (json->p - first) };
	json->p++;
	return !escapes || unescape(json, *out, out);
}

/* ---- numbers and words ---- */

static bool
word(parser *json, const char *text)
{
	size_t len = strlen(text);

	if ((size_t) (json->end - json->p) < len || memcmp(json->p, text, len) != 0)
		return malformed(json, "a value is wanted");
	json->p += len;
	return true;
}

static size_t
digits(parser *json)
{
	const uint8_t *first = json->p;

	while (json->p < json->end && *json->p >= '0' && *json->p <= '9')
		json->p++;
	return (size_t) (json->p - first);
}

static bool
at(const parser *json, const char *any)
{
	return json->p < json->end && *json->p != 0 && strchr(any, *json->p);
}

static bool
number(parser *json, cs_span *out)
{
	const uint8_t *start = json->p;
	const uint8_t *first;
	size_t n;

	if (at(json, "-"))
		json->p++;
	first = json->p;
	n = digits(json);
	if (n == 0 || (n > 1 && *first == '0'))
		return malformed(json, "a value is wanted");
	if (at(json, "."))
	{
		json->p++;
		if (digits(json) == 0)
			return malformed(json, "a number has no digits behind its point");
	}
	if (at(json, "eE"))
	{
		json->p++;
		if (at(json, "+-"))
			json->p++;
		if (digits(json) == 0)
			return malformed(json, "a number has no digits in its exponent");
	}
	*out = (cs_span) { start, (size_t) (json->p - start) };
	return true;
}

/* ---- arrays and objects ---- */

static cs_json *
node(parser *json)
{
	cs_json *out;

	if (json->spares == 0)
	{
		json->spare = cs_alloc(json->ctx, NODES, sizeof(*out));
		if (json->spare == NULL)
			return NULL;
		json->spares = NODES;
	}
	out = &json->spare[--json->spares];
	*out = (cs_json) { 0 };
	return out;
}

static bool
container(parser *json, cs_json *out, uint8_t closing)
{
	cs_json **link = &out->first;

	if (json->depth >= 2 * cs_depth_limit(json->ctx))
		return cs_fail_at(
			json->ctx, CS_LIMIT, (size_t) (json->p - json->start), "JSON is nested deeper than %u levels", 2 * cs_depth_limit(json->ctx));
	json->depth++;
	json->p++;
	while (!take(json, closing))
	{
		cs_json *child;

		if (out->count > 0 && !take(json, ','))
			return malformed(
				json, closing == ']' ? "a comma or the end of the array is wanted" : "a comma or the end of the object is wanted");
		child = node(json);
		if (child == NULL)
			return false;
		if (closing == '}')
		{
			if (!string(json, &child->name))
				return false;
			if (!take(json, ':'))
				return malformed(json, "a colon is wanted");
		}
		if (!value(json, child))
			return false;
		*link = child;
		link = &child->next;
		out->count++;
	}
	json->depth--;
	return true;
}

static bool
bare_value(parser *json, cs_json *out)
{
	uint8_t c = peek(json);

	cs_tick(json->ctx, &json->ticks);
	if (++json->items > json->ctx->limits.max_items)
		return cs_fail_at(json->ctx, CS_LIMIT, (size_t) (json->p - json->start), "JSON has more than %llu values",
			(unsigned long long) json->ctx->limits.max_items);
	switch (c)
	{
		case '"':
			out->kind = CS_JSON_STRING;
			return string(json, &out->text);
		case '[':
			out->kind = CS_JSON_ARRAY;
			return container(json, out, ']');
		case '{':
			out->kind = CS_JSON_OBJECT;
			return container(json, out, '}');
		case 't':
		case 'f':
			out->kind = CS_JSON_BOOL;
			out->boolean = c == 't';
			return word(json, c == 't' ? "true" : "false");
		case 'n':
			out->kind = CS_JSON_NULL;
			return word(json, "null");
		default:
			out->kind = CS_JSON_NUMBER;
			return number(json, &out->text);
	}
}

static bool
value(parser *json, cs_json *out)
{
	const uint8_t *first;

	peek(json);
	first = json->p;
	if (!bare_value(json, out))
		return false;
	out->raw = (cs_span) { first, (size_t) (json->p - first) };
	return true;
}

bool
cs_json_parse(cs_ctx *ctx, cs_span text, cs_json **out)
{
	parser json = { .ctx = ctx, .start = text.data, .p = text.data, .end = text.data + text.len };

	if (text.len > ctx->limits.max_size)
		return cs_fail(ctx, CS_LIMIT, "JSON is longer than %llu bytes", (unsigned long long) ctx->limits.max_size);
	json.p += cs_utf8_prefix(text.data, text.len);
	if (json.p < json.end)
		return malformed(&json, "not UTF-8");
	json.p = json.start;
	*out = node(&json);
	if (*out == NULL || !value(&json, *out))
		return false;
	peek(&json);
	return json.p == json.end || malformed(&json, "something stands behind the value");
}

cs_json *
cs_json_get(const cs_json *json, const char *name)
{
	if (json->kind != CS_JSON_OBJECT)
		return NULL;
	for (cs_json *member = json->first; member != NULL; member = member->next)
		if (cs_json_is(member->name, name))
			return member;
	return NULL;
}

/* ---- names that come twice ---- */

static int
compare_names(const void *a, const void *b)
{
	const cs_span *x = a, *y = b;
	size_t n = x->len < y->len ? x->len : y->len;
	int order = n == 0 ? 0 : memcmp(x->data, y->data, n);

	return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

static bool
names_unique(cs_ctx *ctx, const cs_json *object)
{
	cs_span *names = cs_alloc(ctx, object->count, sizeof(cs_span));
	size_t count = 0;

	if (names == NULL)
		return false;
	for (const cs_json *member = object->first; member != NULL; member = member->next)
		names[count++] = member->name;
	qsort(names, count, sizeof(cs_span), compare_names);
	for (size_t i = 1; i < count; i++)
		if (cs_span_eq(names[i - 1], names[i]))
		{
			cs_fail(ctx, CS_INVALID, "a member comes twice in an object of JSON");
			return cs_fail_found(ctx, "\"%.*s\"", (int) (names[i].len < 80 ? names[i].len : 80), (const char *) names[i].data);
		}
	return true;
}

/* As deep as the parser went. */
bool
cs_json_require_unique(cs_ctx *ctx, const cs_json *json)
{
	if (json->kind == CS_JSON_OBJECT && json->count > 1 && !names_unique(ctx, json))
		return false;
	for (const cs_json *child = json->first; child != NULL; child = child->next)
		if (!cs_json_require_unique(ctx, child))
			return false;
	return true;
}

void
cs_put_json_string(cs_buf *out, cs_span utf8)
{
	size_t from = 0;

	cs_put_byte(out, '"');
	for (size_t i = 0; i < utf8.len; i++)
	{
		uint8_t c = utf8.data[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		cs_put_raw(out, utf8.data + from, i - from);
		from = i + 1;
		if (c < 0x20)
			cs_put_fmt(out, "\\u%04x", c);
		else
			cs_put_fmt(out, "\\%c", c);
	}
	cs_put_raw(out, utf8.data + from, utf8.len - from);
	cs_put_byte(out, '"');
}
