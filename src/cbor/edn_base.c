/*
 * edn_base.c - byte strings in extended diagnostic notation by their base encodings (RFC 4648): h'', b64'' in both alphabets,
 * b32'', h32''. Blanks and comments may stand inside (RFC 8610 appendix G.6); in base64 a slash is a digit, so only # begins one
 * there.
 */
#include "edn_parser.h"

#include <string.h>

typedef struct base
{
	const char *prefix;
	const char *digits; /* in the order of their values; a letter counts in both cases unless is_base64 */
	unsigned bits;		/* in one digit */
	bool is_base64;
} base;

static const base bases[] = {
	{ "h'", "0123456789abcdef", 4, false },
	{ "b64'", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6, true },
	{ "b32'", "abcdefghijklmnopqrstuvwxyz234567", 5, false },
	{ "h32'", "0123456789abcdefghijklmnopqrstuv", 5, false },
};

static const base *
base_at(const cs_edn_parser *parser)
{
	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
	{
		if (cs_edn_looking_at(parser, bases[i].prefix))
			return &bases[i];
	}
	return NULL;
}

bool
cs_edn_at_based(const cs_edn_parser *parser)
{
	return base_at(parser) != NULL;
}

static int
digit_value(const base *b, int c)
{
	const char *digit;

	if (b->bits == 4)
		return cs_hex_digit(c);
	if (b->is_base64)
		c = c == '-' ? '+' : c == '_' ? '/' : c;
	else if (c >= 'A' && c <= 'Z')
		c += 'a' - 'A';
	digit = c > 0 ? strchr(b->digits, c) : NULL;
	return digit != NULL ? (int) (digit - b->digits) : -1;
}

/* A comment within a literal ends in it: the quote closes the literal wherever it stands. */
static bool
skip_comment(cs_edn_parser *parser, const char *quote)
{
	const char *start = parser->at;
	const char *end = memchr(start + 1, *start == '#' ? '\n' : '/', (size_t) (quote - start - 1));

	if (end == NULL && *start == '/')
		return cs_edn_fail(parser, CS_MALFORMED, start, "comment in a byte string is not closed by a slash");
	parser->at = end == NULL ? quote : end + 1;
	return true;
}

/* Blanks and comments before the next digit. */
static bool
skip_blanks(cs_edn_parser *parser, const base *b, const char *quote)
{
	for (;;)
	{
		int c = cs_edn_peek(parser, 0);

		if (c == '#' || (c == '/' && !b->is_base64))
		{
			if (!skip_comment(parser, quote))
				return false;
		}
		else if (c == ' ' || c == '\n' || c == '\r' || c == '\t')
			parser->at++;
		else
			return true;
	}
}

/* Digits up to anything else; *left bits stay in *bits, less than a byte of them. */
static bool
put_digits(cs_edn_parser *parser, const base *b, const char *quote, unsigned *bits, unsigned *left)
{
	uint8_t bytes[256];
	size_t len = 0;

	for (;;)
	{
		int digit = digit_value(b, cs_edn_peek(parser, 0));

		if (digit < 0)
		{
			const char *at = parser->at;

			if (!skip_blanks(parser, b, quote))
				return false;
			if (parser->at == at)
				break;
			continue;
		}
		parser->at++;
		*bits = *bits << b->bits | (unsigned) digit;
		*left += b->bits;
		if (*left < 8)
			continue;
		*left -= 8;
		bytes[len++] = (uint8_t) (*bits >> *left);
		*bits &= (1u << *left) - 1;
		if (len == sizeof(bytes))
		{
			cs_put_raw(parser->out, bytes, len);
			len = 0;
		}
	}
	cs_put_raw(parser->out, bytes, len);
	return true;
}

bool
cs_edn_based(cs_edn_parser *parser)
{
	const base *b = base_at(parser);
	const char *start = parser->at;
	const char *quote;
	unsigned bits = 0;
	unsigned left = 0;

	parser->at += strlen(b->prefix);
	quote = memchr(parser->at, '\'', (size_t) (parser->end - parser->at));
	if (quote == NULL)
		return cs_edn_fail(parser, CS_MALFORMED, start, "byte string is not closed by '");
	if (!put_digits(parser, b, quote, &bits, &left))
		return false;
	while (b->bits > 4 && cs_edn_peek(parser, 0) == '=')
	{
		parser->at++;
		if (!skip_blanks(parser, b, quote))
			return false;
	}
	if (cs_edn_looking_at(parser, "..."))
		return cs_edn_fail(parser, CS_UNSUPPORTED, parser->at, "an ellipsis leaves out what nobody can know");
	if (parser->at != quote)
		return cs_edn_fail(parser, CS_MALFORMED, parser->at, "expected a digit of base %u or ' in a byte string", 1u << b->bits);
	if (left >= b->bits || bits != 0)
		return cs_edn_fail(parser, CS_MALFORMED, start, "byte string ends in the middle of a byte");
	parser->at++;
	return true;
}
