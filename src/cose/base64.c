/*
 * base64.c - base64 (RFC 4648): lenient for PEM and what people paste, strict for JWK. Table-free on the value, as private keys
 * come through here.
 */
#include "internal.h"

/* 0..63, -1 for no digit. Branch-free: no table look-up and no jump depends on the character. */
static int
digit(unsigned c, bool url, bool standard)
{
	int v = -1;
	int x = (int) c;

#define RANGE(lo, hi, base) v += ((((lo) - 1 - x) & (x - (hi) - 1)) >> 8) & (x - (lo) + (base) + 1)
	RANGE('A', 'Z', 0);
	RANGE('a', 'z', 26);
	RANGE('0', '9', 52);
	if (standard)
	{
		RANGE('+', '+', 62);
		RANGE('/', '/', 63);
	}
	if (url)
	{
		RANGE('-', '-', 62);
		RANGE('_', '_', 63);
	}
#undef RANGE
	return v;
}

/* Takes what was collected of a group of four digits; one left over, or bits that are set and lost, are no base64. */
static bool
finish(uint32_t bits, unsigned digits, uint8_t *out, size_t *len)
{
	if (digits == 1)
		return false;
	if (digits == 2)
	{
		out[(*len)++] = (uint8_t) (bits >> 4);
		return (bits & 0x0f) == 0;
	}
	if (digits == 3)
	{
		out[(*len)++] = (uint8_t) (bits >> 10);
		out[(*len)++] = (uint8_t) (bits >> 2);
		return (bits & 0x03) == 0;
	}
	return true;
}

bool
cs_base64_decode(cs_span text, uint8_t *out, size_t *out_len)
{
	uint32_t bits = 0;
	unsigned digits = 0, padding = 0;

	*out_len = 0;
	for (size_t i = 0; i < text.len; i++)
	{
		uint8_t c = text.data[i];
		int v;

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			continue;
		if (c == '=' && digits >= 2 && digits + padding < 4)
		{
			padding++;
			continue;
		}
		v = digit(c, true, true);
		if (v < 0 || padding > 0)
			return false;
		bits = bits << 6 | (uint32_t) v;
		if (++digits < 4)
			continue;
		out[(*out_len)++] = (uint8_t) (bits >> 16);
		out[(*out_len)++] = (uint8_t) (bits >> 8);
		out[(*out_len)++] = (uint8_t) bits;
		bits = 0;
		digits = 0;
	}
	return finish(bits, digits, out, out_len);
}

bool
cs_secret_base64url_decode(cs_span text, uint8_t *out, size_t room, size_t *out_len)
{
	uint32_t bits = 0;
	unsigned digits = 0;

	*out_len = 0;
	if (text.len / 4 * 3 + (text.len % 4 + 1) / 2 > room)
		return false;
	for (size_t i = 0; i < text.len; i++)
	{
		int v = digit(text.data[i], true, false);

		if (v < 0)
			return false;
		bits = bits << 6 | (uint32_t) v;
		if (++digits < 4)
			continue;
		out[(*out_len)++] = (uint8_t) (bits >> 16);
		out[(*out_len)++] = (uint8_t) (bits >> 8);
		out[(*out_len)++] = (uint8_t) bits;
		bits = 0;
		digits = 0;
	}
	return finish(bits, digits, out, out_len);
}

void
cs_put_base64(cs_buf *buf, cs_span data, bool url, size_t columns)
{
	static const char standard_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	static const char url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *digits = url ? url_digits : standard_digits;
	size_t column = 0;

	for (size_t i = 0; i < data.len; i += 3)
	{
		size_t n = data.len - i < 3 ? data.len - i : 3;
		uint32_t bits = (uint32_t) data.data[i] << 16;

		if (n > 1)
			bits |= (uint32_t) data.data[i + 1] << 8;
		if (n > 2)
			bits |= data.data[i + 2];
		for (unsigned k = 0; k < 4; k++)
		{
			if (k <= n)
				cs_put_byte(buf, (uint8_t) digits[bits >> (18 - 6 * k) & 63]);
			else if (!url)
				cs_put_byte(buf, '=');
		}
		column += 4;
		if (columns > 0 && (column == columns || i + 3 >= data.len))
		{
			cs_put_byte(buf, '\n');
			column = 0;
		}
	}
}
