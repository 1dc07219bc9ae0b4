/*
 * text.c - bytes and numbers as text, and back (text.h).
 */
#include "text.h"

#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

void
cs_put_hex(cs_buf *out, const uint8_t *data, size_t len)
{
	char chunk[256];
	size_t used = 0;

	for (size_t i = 0; i < len; i++)
	{
		chunk[used++] = hex_digits[data[i] >> 4];
		chunk[used++] = hex_digits[data[i] & 15];
		if (used == sizeof(chunk))
		{
			cs_put_raw(out, chunk, used);
			used = 0;
		}
	}
	cs_put_raw(out, chunk, used);
}

void
cs_put_uuid(cs_buf *out, const uint8_t bytes[16])
{
	static const uint8_t groups[] = { 4, 2, 2, 2, 6 };

	for (size_t i = 0; i < sizeof(groups); bytes += groups[i++])
	{
		if (i > 0)
			cs_put_byte(out, '-');
		cs_put_hex(out, bytes, groups[i]);
	}
}

void
cs_put_decimal(cs_buf *out, const cs_item *item)
{
	if (cs_is(item, CS_UINT))
		cs_put_fmt(out, "%llu", (unsigned long long) item->arg);
	else if (item->arg == UINT64_MAX)
		cs_put_str(out, "-18446744073709551616");
	else
		cs_put_fmt(out, "-%llu", (unsigned long long) item->arg + 1);
}

size_t
cs_utf8_encode(uint8_t *out, uint32_t c)
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

/* ---- base64 ---- */

/* 0..63, -1 for no digit. Branch-free: no table look-up and no jump depends on the character. */
static int
digit(uint8_t c, unsigned options)
{
	int v = -1;
	int x = c;

#define RANGE(lo, hi, base) v += ((((lo) - 1 - x) & (x - (hi) - 1)) >> 8) & (x - (lo) + (base) + 1)
	RANGE('A', 'Z', 0);
	RANGE('a', 'z', 26);
	RANGE('0', '9', 52);
	if (options & CS_BASE64_STANDARD)
	{
		RANGE('+', '+', 62);
		RANGE('/', '/', 63);
	}
	if (options & CS_BASE64_URL)
	{
		RANGE('-', '-', 62);
		RANGE('_', '_', 63);
	}
#undef RANGE
	return v;
}

/* Takes what was collected of a group of four digits. */
static cs_base64_fault
finish(uint32_t bits, unsigned digits, uint8_t *out, size_t *len)
{
	if (digits == 1)
		return CS_BASE64_CUT;
	bits <<= 24 - 6 * digits;
	for (unsigned i = 1; i < digits; i++, bits <<= 8)
		out[(*len)++] = (uint8_t) (bits >> 16);
	return digits > 0 && (bits & 0xffffff) != 0 ? CS_BASE64_STRAY_BITS : CS_BASE64_OK;
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

cs_base64_fault
cs_base64_read(cs_ctx *ctx, cs_span text, unsigned options, uint8_t *out, size_t *len, size_t *at)
{
	uint32_t bits = 0;
	unsigned digits = 0, padding = 0;

	*len = 0;
	for (*at = 0; *at < text.len; ++*at)
	{
		uint8_t c = text.data[*at];
		int v;

		if ((*at + 1) % CS_WORK_AT_ONCE == 0)
			cs_work(ctx, CS_WORK_AT_ONCE);
		if ((options & CS_BASE64_BLANKS) && is_blank(c))
			continue;
		if ((options & CS_BASE64_PADDING) && c == '=' && digits >= 2 && digits + padding < 4)
		{
			padding++;
			continue;
		}
		v = digit(c, options);
		if (v < 0 || padding > 0)
			return CS_BASE64_CHARACTER;
		bits = bits << 6 | (uint32_t) v;
		if (++digits < 4)
			continue;
		out[(*len)++] = (uint8_t) (bits >> 16);
		out[(*len)++] = (uint8_t) (bits >> 8);
		out[(*len)++] = (uint8_t) bits;
		bits = 0;
		digits = 0;
	}
	return finish(bits, digits, out, len);
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
