/*
 * edn_number.c - numbers of extended diagnostic notation: integers in four bases and of any size, floats, and the tags that begin like
 * an integer.
 */
#include "edn_parser.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bignum.h"
#include "floats.h"

/* A number as it is written. */
typedef struct numeral
{
	const char *start;
	const char *digits; /* behind sign and prefix */
	const char *end;
	unsigned base;
	bool negative;
	bool signed_; /* a sign was written */
	bool is_float;
} numeral;

static bool
is_digit(int c, unsigned base)
{
	int digit = cs_hex_digit(c);

	return digit >= 0 && (unsigned) digit < base;
}

static size_t
skip_digits(cs_edn_parser *parser, unsigned base)
{
	const char *from = parser->at;

	while (is_digit(cs_edn_peek(parser, 0), base))
		parser->at++;
	return (size_t) (parser->at - from);
}

/* [sign] 1*DIGIT behind e or p, when that is what follows. */
static bool
skip_exponent(cs_edn_parser *parser, char letter)
{
	int c = cs_edn_peek(parser, 0);
	size_t sign;

	if (c < 0 || (c | 0x20) != letter)
		return false;
	sign = cs_edn_peek(parser, 1) == '+' || cs_edn_peek(parser, 1) == '-' ? 1 : 0;
	if (!is_digit(cs_edn_peek(parser, 1 + sign), 10))
		return false;
	parser->at += 1 + sign;
	skip_digits(parser, 10);
	return true;
}

static unsigned
skip_prefix(cs_edn_parser *parser)
{
	unsigned base = 10;

	if (cs_edn_peek(parser, 0) == '0')
	{
		int c = cs_edn_peek(parser, 1) | 0x20;

		base = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 10;
		if (base != 10)
			parser->at += 2;
	}
	return base;
}

static bool
scan(cs_edn_parser *parser, numeral *n)
{
	size_t digits;
	bool point;
	bool exponent = false;
	int c = cs_edn_peek(parser, 0);

	n->start = parser->at;
	n->negative = c == '-';
	n->signed_ = c == '-' || c == '+';
	parser->at += n->signed_;
	n->base = skip_prefix(parser);
	n->digits = parser->at;
	digits = skip_digits(parser, n->base);
	point = cs_edn_peek(parser, 0) == '.' && (n->base == 10 || n->base == 16);
	if (point)
	{
		parser->at++;
		digits += skip_digits(parser, n->base);
	}
	if (digits > 0 && (n->base == 10 || n->base == 16))
		exponent = skip_exponent(parser, n->base == 10 ? 'e' : 'p');
	n->is_float = point || exponent;
	n->end = parser->at;
	c = cs_edn_peek(parser, 0) | 0x20;
	if (digits == 0 || (c >= 'a' && c <= 'z') || is_digit(c, 10) || (n->base == 16 && point && !exponent))
		return cs_edn_fail(parser, CS_MALFORMED, n->start, "expected a number");
	return true;
}

static bool
put_float(cs_edn_parser *parser, double value, int indicator, const char *start)
{
	uint64_t bits;

	if (indicator == CS_EDN_SHORTEST)
	{
		cs_put_float(parser->out, value);
		return true;
	}
	if (indicator < CS_HALF || indicator > CS_DOUBLE)
		return cs_edn_fail(parser, CS_MALFORMED, start, "expected one of the encoding indicators _1, _2 and _3 for a float");
	if (!cs_float_as(value, (unsigned) indicator, &bits))
		return cs_edn_fail(parser, CS_MALFORMED, start, "float does not fit the encoding indicator");
	cs_put_float_bits(parser->out, (unsigned) indicator, bits);
	return true;
}

bool
cs_edn_nonfinite(cs_edn_parser *parser, double value, const char *start)
{
	int indicator;

	return cs_edn_indicator(parser, &indicator) && put_float(parser, value, indicator, start);
}

static bool
parse_float(cs_edn_parser *parser, const numeral *n)
{
	size_t len = (size_t) (n->end - n->start);
	char *text = cs_strndup(parser->ctx, n->start, len);
	double value;

	if (text == NULL)
		return false;
	value = strtod(text, NULL);
	parser->ctx->release(parser->ctx->actx, text);
	if (isinf(value))
		return cs_edn_fail(parser, CS_MALFORMED, n->start, "float is out of range");
	return cs_edn_nonfinite(parser, value, n->start);
}

/* The value, when it fits into 64 bits. */
static bool
small_value(const numeral *n, uint64_t *value)
{
	*value = 0;
	for (const char *p = n->digits; p < n->end; p++)
	{
		if (__builtin_mul_overflow(*value, n->base, value) || __builtin_add_overflow(*value, (uint64_t) cs_hex_digit(*p), value))
			return false;
	}
	return true;
}

/* An integer that takes more than 64 bits; parser->at is behind the digits. */
static bool
put_bignum(cs_edn_parser *parser, const numeral *n)
{
	size_t digits = (size_t) (n->end - n->digits);

	if (digits > CS_MAX_DIGITS)
		return cs_edn_fail(parser, CS_LIMIT, n->start, "integer has more than %d digits", CS_MAX_DIGITS);
	if (cs_edn_peek(parser, 0) == '_')
		return cs_edn_fail(parser, CS_MALFORMED, parser->at, "an integer beyond 64 bits takes no encoding indicator");
	if (cs_edn_peek(parser, 0) == '(')
		return cs_edn_fail(parser, CS_MALFORMED, n->start, "tag number takes more than 64 bits");
	return cs_put_bignum(parser->out, n->digits, digits, n->base, n->negative);
}

/* Behind number and indicator: the content in parentheses. */
static bool
parse_tag(cs_edn_parser *parser, const numeral *n, uint64_t number, int indicator)
{
	if (n->signed_ || n->base != 10)
		return cs_edn_fail(parser, CS_MALFORMED, n->start, "expected a decimal number without sign as tag");
	if (!cs_edn_put_head(parser, parser->out->len, CS_TAG, number, indicator, n->start))
		return false;
	parser->at++;
	if (!cs_edn_space(parser) || !cs_edn_item(parser, true) || !cs_edn_space(parser))
		return false;
	if (cs_edn_peek(parser, 0) != ')')
		return cs_edn_fail(parser, CS_MALFORMED, parser->at, "expected \")\" behind the content of a tag");
	parser->at++;
	return true;
}

bool
cs_edn_number(cs_edn_parser *parser)
{
	numeral n;
	uint64_t value;
	int indicator;

	if (cs_edn_looking_at(parser, "-Infinity"))
	{
		const char *start = parser->at;

		parser->at += strlen("-Infinity");
		return cs_edn_nonfinite(parser, -HUGE_VAL, start);
	}
	if (!scan(parser, &n))
		return false;
	if (n.is_float)
		return parse_float(parser, &n);
	if (!small_value(&n, &value))
		return put_bignum(parser, &n);
	if (!cs_edn_indicator(parser, &indicator))
		return false;
	if (cs_edn_peek(parser, 0) == '(' && cs_edn_peek(parser, 1) != '_')
		return parse_tag(parser, &n, value, indicator);
	if (n.negative && value > 0)
		return cs_edn_put_head(parser, parser->out->len, CS_NINT, value - 1, indicator, n.start);
	return cs_edn_put_head(parser, parser->out->len, CS_UINT, value, indicator, n.start);
}
