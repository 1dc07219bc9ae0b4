/*
 * json.c - a strict reader (RFC 8259) for the one thing in JSON that comes into this room: a JWK, which is a flat object of strings
 * and arrays of strings (RFC 7517 section 4). Numbers, true, false and null of other members are passed over, objects in it are not.
 */
#include <string.h>

#include "json.h"

static bool
malformed(cs_json *json, const char *what)
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
peek(cs_json *json)
{
	while (json->p < json->end && blank(*json->p))
		json->p++;
	return json->p < json->end ? *json->p : 0;
}

static bool
take(cs_json *json, uint8_t c)
{
	if (peek(json) != c || json->p == json->end)
		return false;
	json->p++;
	return true;
}

bool
cs_json_begin(cs_ctx *ctx, cs_span text, cs_json *json)
{
	*json = (cs_json) {ctx, text.data, text.data, text.data + text.len, true, true};
	if (text.len > ctx->limits.max_size)
		return cs_fail(ctx, CS_LIMIT, "JSON is longer than the limit");
	if (!cs_utf8_valid(text.data, text.len))
		return malformed(json, "not UTF-8");
	return take(json, '{') || malformed(json, "an object is wanted");
}

static bool
hex4(cs_json *json, uint32_t *out)
{
	*out = 0;
	if (json->end - json->p < 4)
		return malformed(json, "\\u wants four hexadecimal digits");
	for (int i = 0; i < 4; i++)
	{
		uint8_t		c = *json->p++;

		if (c >= '0' && c <= '9')
			*out = *out << 4 | (uint32_t) (c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			*out = *out << 4 | (uint32_t) ((c | 32) - 'a' + 10);
		else
			return malformed(json, "\\u wants four hexadecimal digits");
	}
	return true;
}

static size_t
put_utf8(uint8_t *out, uint32_t c)
{
	if (c < 0x80)
	{
		out[0] = (uint8_t) c;
		return 1;
	}
	if (c < 0x800)
	{
		out[0] = (uint8_t) (0xc0 | c >> 6);
		out[1] = (uint8_t) (0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000)
	{
		out[0] = (uint8_t) (0xe0 | c >> 12);
		out[1] = (uint8_t) (0x80 | (c >> 6 & 63));
		out[2] = (uint8_t) (0x80 | (c & 63));
		return 3;
	}
	out[0] = (uint8_t) (0xf0 | c >> 18);
	out[1] = (uint8_t) (0x80 | (c >> 12 & 63));
	out[2] = (uint8_t) (0x80 | (c >> 6 & 63));
	out[3] = (uint8_t) (0x80 | (c & 63));
	return 4;
}

/* Behind the backslash. */
static bool
escape(cs_json *json, uint8_t *out, size_t *len)
{
	static const char from[] = "\"\\/bfnrt",
				to[] = "\"\\/\b\f\n\r\t";
	uint8_t		c = json->p < json->end ? *json->p++ : 0;
	const char *known = c ? strchr(from, c) : NULL;
	uint32_t	high,
				low;

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
	*len += put_utf8(out + *len, high);
	return true;
}

/* Decoded; points into the text unless there are escapes in it, so that a private key is not copied about. */
static bool
string(cs_json *json, cs_span *out)
{
	const uint8_t *first;
	bool		escapes = false;
	uint8_t    *copy;
	size_t		len = 0;

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
	*out = (cs_span) {first, (size_t) (json->p - first)};
	json->p++;
	if (!escapes)
		return true;

	copy = cs_alloc(json->ctx, out->len + 1, 1);
	if (!copy)
		return false;
	json->p = first;
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
	*out = (cs_span) {copy, len};
	return true;
}

static bool
literal(cs_json *json, const char *word)
{
	size_t		len = strlen(word);

	if ((size_t) (json->end - json->p) < len || memcmp(json->p, word, len) != 0)
		return malformed(json, "a value is wanted");
	json->p += len;
	return true;
}

static size_t
digits(cs_json *json)
{
	const uint8_t *first = json->p;

	while (json->p < json->end && *json->p >= '0' && *json->p <= '9')
		json->p++;
	return (size_t) (json->p - first);
}

static bool
at(const cs_json *json, const char *any)
{
	return json->p < json->end && *json->p != 0 && strchr(any, *json->p);
}

static bool
number(cs_json *json)
{
	const uint8_t *first;
	size_t		n;

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
	return true;
}

bool
cs_json_member(cs_json *json, cs_span *name, cs_json_kind *kind, cs_span *value, bool *end)
{
	uint8_t		c;

	*end = false;
	if (take(json, '}'))
	{
		*end = true;
		peek(json);
		return json->p == json->end || malformed(json, "something stands behind the object");
	}
	if (!json->first && !take(json, ','))
		return malformed(json, "a comma or the end of the object is wanted");
	json->first = false;
	if (!string(json, name))
		return false;
	if (!take(json, ':'))
		return malformed(json, "a colon is wanted");
	c = peek(json);
	*value = (cs_span) {NULL, 0};
	*kind = CS_JSON_OTHER;
	switch (c)
	{
		case '"':
			*kind = CS_JSON_STRING;
			return string(json, value);
		case '[':
			*kind = CS_JSON_ARRAY;
			json->p++;
			json->array_first = true;
			return true;
		case '{':
			*kind = CS_JSON_OBJECT;
			return true;
		case 't':
			return literal(json, "true");
		case 'f':
			return literal(json, "false");
		case 'n':
			return literal(json, "null");
		default:
			return number(json);
	}
}

bool
cs_json_element(cs_json *json, cs_span *value, bool *end)
{
	*end = take(json, ']');
	if (*end)
		return true;
	if (!json->array_first && !take(json, ','))
		return malformed(json, "a comma or the end of the array is wanted");
	json->array_first = false;
	return string(json, value);
}
