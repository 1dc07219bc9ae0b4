/*
 * bignum.c - integers beyond 64 bits from their digits (bignum.h). Limbs of 32 bits take as many digits at once as fit: the work is still
 * the square of the length, which is why that has a bound.
 */
#include "bignum.h"

#include <stdint.h>
#include <string.h>

#include "text.h"

/* src/codepoints has them too, behind this room */
enum
{
	TAG_BIGNUM = 2,
	TAG_NEGATIVE_BIGNUM = 3
};

typedef struct limbs
{
	uint32_t *at; /* the lowest first */
	size_t len;
} limbs;

/* value * factor + add */
static void
multiply_add(limbs *value, uint32_t factor, uint32_t add)
{
	uint64_t carry = add;

	for (size_t i = 0; i < value->len; i++)
	{
		carry += (uint64_t) value->at[i] * factor;
		value->at[i] = (uint32_t) carry;
		carry >>= 32;
	}
	if (carry != 0)
		value->at[value->len++] = (uint32_t) carry;
}

static void
read_digits(cs_ctx *ctx, const char *digits, size_t count, uint32_t base, limbs *value)
{
	uint32_t factor = 1;
	uint32_t add = 0;

	for (size_t i = 0; i < count; i++)
	{
		factor *= base;
		add = add * base + (uint32_t) cs_hex_digit(digits[i]);
		if (factor > UINT32_MAX / base || i + 1 == count)
		{
			multiply_add(value, factor, add);
			cs_work(ctx, value->len * sizeof(uint32_t));
			factor = 1;
			add = 0;
		}
	}
}

static uint8_t
byte_at(const limbs *value, size_t i)
{
	return (uint8_t) (value->at[i / 4] >> i % 4 * 8);
}

static bool
is_power_of_64_bits(const limbs *value)
{
	return value->len == 3 && value->at[2] == 1 && value->at[1] == 0 && value->at[0] == 0;
}

/* Tag 3 has -1 - n: one less than the magnitude. */
static void
subtract_one(limbs *value)
{
	for (size_t i = 0; value->at[i]-- == 0; i++)
		;
	if (value->at[value->len - 1] == 0)
		value->len--;
}

bool
cs_put_bignum(cs_buf *out, const char *digits, size_t count, uint32_t base, bool negative)
{
	cs_ctx *ctx = out->ctx;
	limbs value = { 0 };
	uint8_t *bytes;
	size_t len;

	if (count > CS_MAX_DIGITS)
		return cs_fail(ctx, CS_LIMIT, "integer has more than %d digits", CS_MAX_DIGITS);
	value.at = cs_alloc(ctx, count / 8 + 1, sizeof(uint32_t));
	if (value.at == NULL)
		return false;
	read_digits(ctx, digits, count, base, &value);
	if (negative && is_power_of_64_bits(&value))
	{
		cs_put_nint(out, UINT64_MAX);
		return true;
	}
	if (negative)
		subtract_one(&value);
	len = value.len * 4;
	while (len > 0 && byte_at(&value, len - 1) == 0)
		len--;
	bytes = cs_alloc(ctx, len, 1);
	if (bytes == NULL)
		return false;
	for (size_t i = 0; i < len; i++)
		bytes[len - 1 - i] = byte_at(&value, i);
	cs_put_tag(out, negative ? TAG_NEGATIVE_BIGNUM : TAG_BIGNUM);
	cs_put_bytes(out, bytes, len);
	ctx->release(ctx->actx, bytes);
	ctx->release(ctx->actx, value.at);
	return cs_buf_ok(out);
}

/* The magnitude, most significant byte first, in room for one byte more than CS_MAX_BIGNUM; *negative: it is -1 - magnitude. */
static size_t
magnitude_of(const cs_item *integer, uint8_t bytes[CS_MAX_BIGNUM], bool *negative)
{
	cs_item content;

	if (integer->major == CS_UINT || integer->major == CS_NINT)
	{
		for (int i = 0; i < 8; i++)
			bytes[i] = (uint8_t) (integer->arg >> (56 - 8 * i));
		*negative = integer->major == CS_NINT;
		return 8;
	}
	if (!cs_is_tag(integer, TAG_BIGNUM) && !cs_is_tag(integer, TAG_NEGATIVE_BIGNUM))
		return 0;
	content = cs_tag_content(integer);
	if (!cs_is(&content, CS_BSTR) || content.indefinite || content.arg == 0 || content.arg > CS_MAX_BIGNUM)
		return 0;
	memcpy(bytes, content.content, (size_t) content.arg);
	*negative = integer->arg == TAG_NEGATIVE_BIGNUM;
	return (size_t) content.arg;
}

bool
cs_put_integer_digits(cs_buf *out, const cs_item *integer)
{
	uint8_t bytes[CS_MAX_BIGNUM + 1] = { 0 };
	char digits[CS_MAX_BIGNUM * 3];
	size_t at = sizeof(digits), first = 0, len;
	bool negative = false;

	len = magnitude_of(integer, bytes + 1, &negative);
	if (len == 0)
		return false;
	len++;
	for (size_t i = len; negative && ++bytes[--i] == 0;)
		;
	do
	{
		unsigned rest = 0;

		for (size_t i = first; i < len; i++)
		{
			rest = rest << 8 | bytes[i];
			bytes[i] = (uint8_t) (rest / 10);
			rest %= 10;
		}
		digits[--at] = (char) ('0' + rest);
		while (first < len && bytes[first] == 0)
			first++;
	} while (first < len);
	cs_put_str(out, negative ? "-" : "");
	cs_put_raw(out, digits + at, sizeof(digits) - at);
	return true;
}

/* As many bytes for all, so that memcmp orders magnitudes. */
static bool
padded_magnitude(const cs_item *integer, uint8_t bytes[CS_MAX_BIGNUM])
{
	uint8_t given[CS_MAX_BIGNUM];
	bool negative = false;
	size_t len = magnitude_of(integer, given, &negative);

	memset(bytes, 0, CS_MAX_BIGNUM - len);
	memcpy(bytes + CS_MAX_BIGNUM - len, given, len);
	return negative;
}

int
cs_integer_compare(const cs_item *a, const cs_item *b)
{
	uint8_t left[CS_MAX_BIGNUM], right[CS_MAX_BIGNUM];
	bool below = padded_magnitude(a, left), other_below = padded_magnitude(b, right);
	int order;

	if (below != other_below)
		return below ? -1 : 1;
	order = memcmp(left, right, CS_MAX_BIGNUM);
	order = (order > 0) - (order < 0);
	return below ? -order : order;
}
