/*
 * edn_string.c - string literals of extended diagnostic notation: "text", 'bytes', << embedded CBOR >>, h'' and its kin, their
 * concatenation, and strings in chunks.
 */
#include "edn_parser.h"

#include <string.h>

bool
cs_edn_at_string(const cs_edn_parser *parser)
{
	int c = cs_edn_peek(parser, 0);

	return c == '"' || c == '\'' || (c == '<' && cs_edn_peek(parser, 1) == '<') || cs_edn_at_based(parser);
}

static void
put_utf8(cs_buf *to, uint32_t c)
{
	uint8_t bytes[4];

	cs_put_raw(to, bytes, cs_utf8_encode(bytes, c));
}

/* Four hexadecimal digits. */
static bool
four_digits(cs_edn_parser *parser, uint32_t *c)
{
	*c = 0;
	for (int i = 0; i < 4; i++)
	{
		int digit = cs_hex_digit(cs_edn_peek(parser, 0));

		if (digit < 0)
			return cs_edn_fail(parser, CS_MALFORMED, parser->at, "expected four hexadecimal digits behind \\u");
		*c = *c << 4 | (uint32_t) digit;
		parser->at++;
	}
	return true;
}

/* \u{NNN} behind the opening brace. */
static bool
braced_digits(cs_edn_parser *parser, uint32_t *c)
{
	const char *start = parser->at;
	int digit;

	*c = 0;
	while ((digit = cs_hex_digit(cs_edn_peek(parser, 0))) >= 0 && *c <= 0x10ffff)
	{
		*c = *c << 4 | (uint32_t) digit;
		parser->at++;
	}
	if (parser->at == start || cs_edn_peek(parser, 0) != '}' || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000))
		return cs_edn_fail(parser, CS_MALFORMED, start, "expected a Unicode scalar value in hexadecimal and \"}\"");
	parser->at++;
	return true;
}

/* A \u escape behind the u: a character, or two surrogates that make one. */
static bool
unicode_escape(cs_edn_parser *parser, cs_buf *to)
{
	const char *start = parser->at;
	uint32_t c;
	uint32_t low;

	if (cs_edn_peek(parser, 0) == '{')
	{
		parser->at++;
		if (!braced_digits(parser, &c))
			return false;
		put_utf8(to, c);
		return true;
	}
	if (!four_digits(parser, &c))
		return false;
	if (c >= 0xd800 && c < 0xdc00 && cs_edn_looking_at(parser, "\\u"))
	{
		parser->at += 2;
		if (!four_digits(parser, &low))
			return false;
		if (low < 0xdc00 || low > 0xdfff)
			return cs_edn_fail(parser, CS_MALFORMED, start, "expected the second of two surrogates");
		c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
	}
	if (c >= 0xd800 && c < 0xe000)
		return cs_edn_fail(parser, CS_MALFORMED, start, "surrogate stands alone");
	put_utf8(to, c);
	return true;
}

/* An escape behind the backslash. */
static bool
escape(cs_edn_parser *parser, char quote, cs_buf *to)
{
	static const char letters[] = "bfnrt\\/";
	static const char means[] = "\b\f\n\r\t\\/";
	int c = cs_edn_peek(parser, 0);
	const char *letter = c > 0 ? strchr(letters, c) : NULL;

	if (c == 'u')
	{
		parser->at++;
		return unicode_escape(parser, to);
	}
	if (c != quote && letter == NULL)
		return cs_edn_fail(parser, CS_MALFORMED, parser->at, "expected an escape: one of \\%c \\\\ \\/ \\b \\f \\n \\r \\t \\u", quote);
	cs_put_byte(to, (uint8_t) (c == quote ? quote : means[letter - letters]));
	parser->at++;
	return true;
}

bool
cs_edn_quoted(cs_edn_parser *parser, char quote, cs_buf *to)
{
	const char *opening = parser->at - 1;

	for (;;)
	{
		const char *run = parser->at;
		int c;

		while ((c = cs_edn_peek(parser, 0)) != quote && c != '\\' && (c >= 0x20 || c == '\n' || c == '\t'))
			parser->at++;
		cs_put_raw(to, run, (size_t) (parser->at - run));
		if (c < 0)
			return cs_edn_fail(parser, CS_MALFORMED, opening, "string is not closed by %c", quote);
		if (c == quote)
			break;
		if (c != '\\' && c != '\r')
			return cs_edn_fail(parser, CS_MALFORMED, parser->at, "expected an escape for a control character in a string");
		parser->at++;
		/* a carriage return is how a platform ends its lines, not what was written */
		if (c == '\\' && !escape(parser, quote, to))
			return false;
	}
	parser->at++;
	return true;
}

/* One literal's content, and the type that it has by itself. */
static bool
string_content(cs_edn_parser *parser, cs_major *major)
{
	int c = cs_edn_peek(parser, 0);
	uint64_t count;

	*major = c == '"' ? CS_TSTR : CS_BSTR;
	if (c == '"' || c == '\'')
	{
		parser->at++;
		return cs_edn_quoted(parser, (char) c, parser->out);
	}
	if (c == '<')
	{
		parser->at += 2;
		return cs_edn_items(parser, ">>", &count);
	}
	return cs_edn_based(parser);
}

/* Does another literal belong to this string? If so parser->at is on it. */
static bool
goes_on(cs_edn_parser *parser, bool lone, bool *more)
{
	const char *behind = parser->at;

	*more = false;
	if (!cs_edn_space(parser))
		return false;
	if (lone && cs_edn_at_string(parser))
		*more = true;
	else if (cs_edn_peek(parser, 0) == '+')
	{
		parser->at++;
		if (!cs_edn_space(parser))
			return false;
		if (cs_edn_looking_at(parser, "..."))
			return cs_edn_fail(parser, CS_UNSUPPORTED, parser->at, "an ellipsis leaves out what nobody can know");
		*more = cs_edn_at_string(parser);
	}
	if (!*more)
		parser->at = behind;
	return true;
}

bool
cs_edn_string(cs_edn_parser *parser, bool lone)
{
	cs_buf *out = parser->out;
	const char *start = parser->at;
	size_t offset = out->len;
	int indicator = CS_EDN_SHORTEST;
	cs_major first = CS_BSTR;
	bool more = true;

	for (int literals = 0; more; literals++)
	{
		cs_major major;

		if (!string_content(parser, &major) || !cs_edn_indicator(parser, &indicator) || !goes_on(parser, lone, &more))
			return false;
		if (literals == 0)
			first = major;
		if (more && indicator != CS_EDN_SHORTEST)
			return cs_edn_fail(parser, CS_MALFORMED, start, "encoding indicator of a concatenated string stands behind its last literal");
	}
	if (!cs_buf_ok(out))
		return false;
	if (first == CS_TSTR && out->len > offset && !cs_utf8_valid(out->data + offset, out->len - offset))
		return cs_edn_fail(parser, CS_MALFORMED, start, "text string does not become valid UTF-8");
	if (indicator != CS_EDN_INDEFINITE)
		return cs_edn_put_head(parser, offset, first, out->len - offset, indicator, start);
	if (out->len > offset)
		return cs_edn_fail(parser, CS_MALFORMED, start, "only the empty string has indefinite length without (_ )");
	cs_put_byte(out, (uint8_t) (first << 5 | 31));
	cs_put_byte(out, 0xff);
	return true;
}

bool
cs_edn_stream_string(cs_edn_parser *parser)
{
	size_t offset = parser->out->len;
	int major = -1;

	parser->at += 2;
	cs_put_byte(parser->out, 0);
	for (;;)
	{
		size_t chunk = parser->out->len;
		const char *at;

		if (!cs_edn_space(parser))
			return false;
		at = parser->at;
		if (cs_edn_peek(parser, 0) == ')' && major >= 0)
			break;
		if (!cs_edn_at_string(parser))
			return cs_edn_fail(parser, CS_MALFORMED, at, "expected a string as chunk of the string of indefinite length");
		if (!cs_edn_item(parser, false))
			return false;
		if (major < 0)
			major = parser->out->data[chunk] >> 5;
		if (parser->out->data[chunk] >> 5 != major || (parser->out->data[chunk] & 31) == 31)
			return cs_edn_fail(
				parser, CS_MALFORMED, at, "expected a %s string of definite length as chunk", major == CS_TSTR ? "text" : "byte");
		if (!cs_edn_space(parser))
			return false;
		if (cs_edn_peek(parser, 0) == ',')
			parser->at++;
	}
	parser->at++;
	parser->out->data[offset] = (uint8_t) (major << 5 | 31);
	cs_put_byte(parser->out, 0xff);
	return true;
}
