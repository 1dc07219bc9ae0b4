/*
 * base64url.c - the query in the URL (RFC 7515 section 2: the URL-safe alphabet of RFC 4648 section 5, no padding).
 *
 * One query has one spelling, since it is a cache key: padding, the standard alphabet and stray bits at the end are refused.
 */
#include "http.h"

#include "cbor/text.h"

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
	uint8_t *bytes = cs_alloc(ctx, len / 4 + 1, 3);
	size_t count;
	size_t at;

	if (bytes == NULL)
		return false;
	switch (cs_base64_read(ctx, (cs_span) { (const uint8_t *) text, len }, CS_BASE64_URL, bytes, &count, &at))
	{
		case CS_BASE64_CHARACTER:
			return refuse(ctx, at, text[at]);
		case CS_BASE64_CUT:
			return cs_fail_at(ctx, CS_MALFORMED, len, "base64url ends within a byte");
		case CS_BASE64_STRAY_BITS:
			return cs_fail_at(ctx, CS_MALFORMED, len - 1, "base64url has stray bits at its end");
		case CS_BASE64_OK:
			break;
	}
	cs_put_raw(out, bytes, count);
	return cs_buf_ok(out);
}
