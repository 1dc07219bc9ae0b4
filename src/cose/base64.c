/*
 * base64.c - base64 as keys come in it: lenient for PEM and what people paste, strict for JWK.
 */
#include "internal.h"

bool
cs_base64_decode(cs_ctx *ctx, cs_span text, uint8_t *out, size_t *out_len)
{
	unsigned options = CS_BASE64_STANDARD | CS_BASE64_URL | CS_BASE64_PADDING | CS_BASE64_BLANKS;
	size_t at;

	return cs_base64_read(ctx, text, options, out, out_len, &at) == CS_BASE64_OK;
}

bool
cs_secret_base64url_decode(cs_span text, uint8_t *out, size_t room, size_t *out_len)
{
	size_t at;

	if (text.len / 4 * 3 + (text.len % 4 + 1) / 2 > room)
		return false;
	return cs_base64_read(NULL, text, CS_BASE64_URL, out, out_len, &at) == CS_BASE64_OK;
}
