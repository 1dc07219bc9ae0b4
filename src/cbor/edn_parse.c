/*
 * edn_parse.c - extended diagnostic notation to CBOR (RFC 8949 section 8, RFC 8610 appendix G, draft-ietf-cbor-edn-literals):
 * the grammar around the literals. A recursive descent whose depth the limits bound.
 */
#include "edn_parser.h"

#include <stdio.h>
#include <string.h>

/* Offsets are in characters: what an editor or PostgreSQL's error position counts. */
static size_t
characters(const char *from, const char *to)
{
	size_t count = 0;

	for (; from < to; from++)
		count += ((unsigned char) *from & 0xc0) != 0x80;
	return count;
}

bool
cs_edn_fail(cs_edn_parser *parser, cs_code code, const char *at, const char *fmt, ...)
{
	char message[CS_TEXT_MAX];
	const char *end = at;
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	cs_fail_at(parser->ctx, code, characters(parser->text, at), "%s", message);
	if (at >= parser->end)
		return cs_fail_found(parser->ctx, "end of input");
	while (end < parser->end && end - at < 24 && (unsigned char) *end >= 0x20)
		end++;
	while (end > at && end < parser->end && ((unsigned char) *end & 0xc0) == 0x80)
		end--;
	if (end == at)
		return cs_fail_found(parser->ctx, "character U+%04X", (unsigned char) *at);
	return cs_fail_found(parser->ctx, "\"%.*s\"", (int) (end - at), at);
}

/* Behind the comment that begins at start, or NULL when nothing ends it: / to the next slash, the newer draft's slash and star to
 * star and slash, # to the end of the line or of the input. */
static const char *
comment_end(const char *start, const char *end)
{
	const char *p;

	if (*start == '#')
	{
		p = memchr(start, '\n', (size_t) (end - start));
		return p == NULL ? end : p + 1;
	}
	for (p = start + 1; (p = memchr(p, '/', (size_t) (end - p))) != NULL; p++)
	{
		if (start[1] != '*' || (p[-1] == '*' && p > start + 2))
			return p + 1;
	}
	return NULL;
}

static bool
skip_comment(cs_edn_parser *parser)
{
	const char *start = parser->at;
	const char *end = comment_end(start, parser->end);

	if (end == start + 2)
		return cs_edn_fail(parser, CS_UNSUPPORTED, start, "comments stand between slashes, or go from # to the end of the line");
	if (end == NULL)
		return cs_edn_fail(parser, CS_MALFORMED, start, "comment is not closed by a slash");
	parser->at = end;
	return true;
}

bool
cs_edn_space(cs_edn_parser *parser)
{
	for (;;)
	{
		int c = cs_edn_peek(parser, 0);

		cs_work(parser->ctx, 1);
		if (c == '/' || c == '#')
		{
			if (!skip_comment(parser))
				return false;
		}
		else if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
			parser->at++;
		else
			return true;
	}
}

static bool
is_word(int c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool
cs_edn_indicator(cs_edn_parser *parser, int *indicator)
{
	const char *start = parser->at;
	size_t len;

	*indicator = CS_EDN_SHORTEST;
	if (cs_edn_peek(parser, 0) != '_')
		return true;
	do
		parser->at++;
	while (is_word(cs_edn_peek(parser, 0)));
	len = (size_t) (parser->at - start);
	if (len == 1)
		*indicator = CS_EDN_INDEFINITE;
	else if (len == 2 && start[1] == 'i')
		*indicator = CS_EDN_IMMEDIATE;
	else if (len == 2 && start[1] >= '0' && start[1] <= '3')
		*indicator = 24 + start[1] - '0';
	else
		return cs_edn_fail(parser, CS_MALFORMED, start, "expected one of the encoding indicators _, _i, _0, _1, _2 and _3");
	return true;
}

/* The bytes of a head as long as the indicator says; 0 when arg does not fit. */
static size_t
make_head(uint8_t head[9], cs_major major, uint64_t arg, int indicator)
{
	size_t extra;

	if (indicator == CS_EDN_SHORTEST)
		indicator = arg < 24 ? 0 : arg <= 0xff ? 24 : arg <= 0xffff ? 25 : arg <= 0xffffffff ? 26 : 27;
	if (indicator == CS_EDN_IMMEDIATE)
	{
		head[0] = (uint8_t) (major << 5 | arg);
		return arg < 24 ? 1 : 0;
	}
	extra = (size_t) 1 << (indicator - 24);
	if (extra < 8 && arg >> 8 * extra != 0)
		return 0;
	head[0] = (uint8_t) (major << 5 | indicator);
	for (size_t i = 0; i < extra; i++)
		head[1 + i] = (uint8_t) (arg >> 8 * (extra - 1 - i));
	return 1 + extra;
}

bool
cs_edn_put_head(cs_edn_parser *parser, size_t offset, cs_major major, uint64_t arg, int indicator, const char *start)
{
	cs_buf *out = parser->out;
	uint8_t head[9];
	size_t len;

	if (indicator == CS_EDN_INDEFINITE)
		return cs_edn_fail(parser, CS_MALFORMED, start, "indefinite length is not possible here");
	len = make_head(head, major, arg, indicator);
	if (len == 0)
		return cs_edn_fail(parser, CS_MALFORMED, start, "value does not fit the encoding indicator");
	cs_put_raw(out, head, len);
	if (!cs_buf_ok(out))
		return false;
	if (out->len - len > offset)
	{
		memmove(out->data + offset + len, out->data + offset, out->len - len - offset);
		memcpy(out->data + offset, head, len);
	}
	return true;
}

bool
cs_edn_items(cs_edn_parser *parser, const char *closing, uint64_t *count)
{
	*count = 0;
	for (;;)
	{
		if (!cs_edn_space(parser))
			return false;
		if (cs_edn_looking_at(parser, closing))
			break;
		if (parser->at == parser->end)
			return cs_edn_fail(parser, CS_MALFORMED, parser->at, "expected \"%s\" or another item", closing);
		if (!cs_edn_item(parser, false) || !cs_edn_space(parser))
			return false;
		if (cs_edn_peek(parser, 0) == ',')
			parser->at++;
		(*count)++;
	}
	parser->at += strlen(closing);
	return true;
}

static bool
parse_pairs(cs_edn_parser *parser, uint64_t *count)
{
	*count = 0;
	for (;;)
	{
		if (!cs_edn_space(parser))
			return false;
		if (cs_edn_peek(parser, 0) == '}')
			break;
		if (parser->at == parser->end)
			return cs_edn_fail(parser, CS_MALFORMED, parser->at, "expected \"}\" or another key");
		if (!cs_edn_item(parser, false) || !cs_edn_space(parser))
			return false;
		if (cs_edn_peek(parser, 0) != ':')
			return cs_edn_fail(parser, CS_MALFORMED, parser->at, "expected \":\" between key and value");
		parser->at++;
		if (!cs_edn_space(parser) || !cs_edn_item(parser, false) || !cs_edn_space(parser))
			return false;
		if (cs_edn_peek(parser, 0) == ',')
			parser->at++;
		(*count)++;
	}
	parser->at++;
	return true;
}

/* An array or a map; parser->at is on the opening bracket. */
static bool
parse_container(cs_edn_parser *parser)
{
	const char *start = parser->at;
	cs_major major = *start == '[' ? CS_ARRAY : CS_MAP;
	size_t offset = parser->out->len;
	uint64_t count;
	int indicator;

	parser->at++;
	if (!cs_edn_indicator(parser, &indicator))
		return false;
	if (indicator == CS_EDN_INDEFINITE)
		cs_put_byte(parser->out, (uint8_t) (major << 5 | 31));
	if (!(major == CS_ARRAY ? cs_edn_items(parser, "]", &count) : parse_pairs(parser, &count)))
		return false;
	if (indicator != CS_EDN_INDEFINITE)
		return cs_edn_put_head(parser, offset, major, count, indicator, start);
	cs_put_byte(parser->out, 0xff);
	return true;
}

static void
put_simple(cs_edn_parser *parser, unsigned value)
{
	if (value >= 24)
		cs_put_byte(parser->out, 0xf8);
	cs_put_byte(parser->out, (uint8_t) (value < 24 ? 0xe0 | value : value));
}

/* simple(n), decimal or in another base; parser->at is behind the parenthesis. */
static bool
parse_simple(cs_edn_parser *parser, const char *start)
{
	size_t offset = parser->out->len;
	cs_item number;

	if (!cs_edn_space(parser))
		return false;
	if (cs_edn_peek(parser, 0) < '0' || cs_edn_peek(parser, 0) > '9')
		return cs_edn_fail(parser, CS_MALFORMED, parser->at, "expected the number of a simple value");
	if (!cs_edn_number(parser) || !cs_buf_ok(parser->out))
		return false;
	number = cs_item_at(parser->out->data + offset, parser->out->len - offset);
	if (number.major != CS_UINT || number.arg > 255 || (number.arg >= 24 && number.arg < 32))
		return cs_edn_fail(parser, CS_MALFORMED, start, "expected a simple value from 0 to 23 or from 32 to 255");
	parser->out->len = offset;
	put_simple(parser, (unsigned) number.arg);
	if (!cs_edn_space(parser))
		return false;
	if (cs_edn_peek(parser, 0) != ')')
		return cs_edn_fail(parser, CS_MALFORMED, parser->at, "expected \")\" behind the simple value");
	parser->at++;
	return true;
}

/* false, true, ..., NaN, simple(n), or the prefix of an application extension. */
static bool
parse_word(cs_edn_parser *parser)
{
	static const struct
	{
		const char *name;
		unsigned value;
	} names[] = { { "false", 20 }, { "true", 21 }, { "null", 22 }, { "undefined", 23 } };
	const char *start = parser->at;
	cs_span word = { (const uint8_t *) start, 0 };

	while (cs_edn_peek(parser, 0) != '_' && (is_word(cs_edn_peek(parser, 0)) || cs_edn_peek(parser, 0) == '-'))
		parser->at++;
	word.len = (size_t) (parser->at - start);
	if (cs_edn_peek(parser, 0) == '\'')
		return cs_edn_application(parser, word);
	if (cs_edn_peek(parser, 0) == '`' || cs_edn_looking_at(parser, "<<"))
		return cs_edn_fail(parser, CS_UNSUPPORTED, start, "raw strings and application sequences are not supported");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		if (word.len == strlen(names[i].name) && memcmp(start, names[i].name, word.len) == 0)
		{
			put_simple(parser, names[i].value);
			return true;
		}
	}
	if (word.len == 3 && memcmp(start, "NaN", 3) == 0)
		return cs_edn_nonfinite(parser, __builtin_nan(""), start);
	if (word.len == 8 && memcmp(start, "Infinity", 8) == 0)
		return cs_edn_nonfinite(parser, __builtin_inf(), start);
	if (word.len == 6 && memcmp(start, "simple", 6) == 0 && cs_edn_peek(parser, 0) == '(')
	{
		parser->at++;
		return parse_simple(parser, start);
	}
	return cs_edn_fail(parser, CS_MALFORMED, start, "expected an item");
}

static bool
parse_any(cs_edn_parser *parser, bool lone)
{
	int c = cs_edn_peek(parser, 0);

	if (c == '[' || c == '{')
		return parse_container(parser);
	if (cs_edn_at_string(parser))
		return cs_edn_string(parser, lone);
	if (c == '(' && cs_edn_peek(parser, 1) == '_')
		return cs_edn_stream_string(parser);
	if (cs_edn_looking_at(parser, "..."))
		return cs_edn_fail(parser, CS_UNSUPPORTED, parser->at, "an ellipsis leaves out what nobody can know");
	if (c == '`')
		return cs_edn_fail(parser, CS_UNSUPPORTED, parser->at, "raw strings and application sequences are not supported");
	if ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.')
		return cs_edn_number(parser);
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		return parse_word(parser);
	return cs_edn_fail(parser, CS_MALFORMED, parser->at, "expected an item");
}

bool
cs_edn_item(cs_edn_parser *parser, bool lone)
{
	bool ok;

	cs_tick(parser->ctx, &parser->ticks);
	if (++parser->items > parser->ctx->limits.max_items)
		return cs_edn_fail(
			parser, CS_LIMIT, parser->at, "EDN has more than %llu data items", (unsigned long long) parser->ctx->limits.max_items);
	/* the item itself may be a leaf, which takes no level */
	if (parser->depth > cs_depth_limit(parser->ctx))
		return cs_edn_fail(parser, CS_LIMIT, parser->at, "EDN is nested deeper than %u levels", cs_depth_limit(parser->ctx));
	parser->depth++;
	ok = parse_any(parser, lone);
	parser->depth--;
	return ok && cs_buf_ok(parser->out);
}

bool
cs_edn_parse(cs_ctx *ctx, const char *text, size_t len, cs_buf *out)
{
	cs_edn_parser parser = { ctx, out, text, text, text + len, 0, 0, 0 };
	size_t valid = cs_utf8_prefix((const uint8_t *) text, len);

	if (valid != len)
	{
		cs_fail_at(ctx, CS_MALFORMED, characters(text, text + valid), "invalid UTF-8");
		return cs_fail_found(ctx, "byte 0x%02x", (unsigned char) text[valid]);
	}
	if (!cs_edn_space(&parser))
		return false;
	if (parser.at == parser.end)
		return cs_edn_fail(&parser, CS_MALFORMED, parser.at, "expected an item");
	if (!cs_edn_item(&parser, true) || !cs_edn_space(&parser))
		return false;
	if (parser.at != parser.end)
		return cs_edn_fail(&parser, CS_MALFORMED, parser.at, "expected the end of the input behind one item");
	return true;
}
