/*
 * base64url.c - the query in the URL (RFC 7515 section 2: the URL-safe alphabet of RFC 4648 section 5, no padding).
 *
 * One query has one spelling, since it is a cache key: padding, the standard alphabet and stray bits at the end are refused.
 */
#include "http.h"

static int
digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	return c == '_' ? 63 : -1;
}

static bool
refuse(cs_ctx *ctx, size_t at, char c)
{
	cs_fail_at(ctx, CS_MALFORMED, at, "invalid character in base64url");
	if (c > ' ' && c <= '~')
		cs_fail_found(ctx, "\"%c\"", c);
	else
		cs_fail_found(ctx, "byte 0x%02x", (unsigned char) c);
	if (c == '+' || c == '/' || c == '=')
		cs_fail_hint(ctx, "Use \"-\" and \"_\" and no padding (RFC 7515, section 2).");
	return false;
}

bool
cs_base64url_decode(cs_ctx *ctx, const char *text, size_t len, cs_buf *out)
{
	uint32_t bits = 0;
	int held = 0; /* bits that wait for more */

	for (size_t i = 0; i < len; i++)
	{
		int d = digit(text[i]);

		if (d < 0)
			return refuse(ctx, i, text[i]);
		bits = bits << 6 | (uint32_t) d;
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		cs_put_byte(out, (uint8_t) (bits >> held));
		bits &= (UINT32_C(1) << held) - 1;
	}
	if (held == 6)
		return cs_fail_at(ctx, CS_MALFORMED, len, "base64url ends within a byte");
	if (bits != 0)
		return cs_fail_at(ctx, CS_MALFORMED, len - 1, "base64url has stray bits at its end");
	return cs_buf_ok(out);
}

bool
cs_base64url_encode(cs_ctx *ctx, const uint8_t *data, size_t len, cs_buf *out)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	uint32_t bits = 0;
	int held = 0;

	(void) ctx; /* the buffer has it */
	for (size_t i = 0; i < len; i++)
	{
		bits = (bits << 8 | data[i]) & 0xffff;
		for (held += 8; held >= 6; held -= 6)
			cs_put_byte(out, (uint8_t) alphabet[bits >> (held - 6) & 63]);
	}
	if (held > 0)
		cs_put_byte(out, (uint8_t) alphabet[bits << (6 - held) & 63]);
	return cs_buf_ok(out);
}
