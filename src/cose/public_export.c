/*
 * public_export.c - the public half of a signing key, for discovery: as COSE_Key and as JWK, under the kid that stands in the header
 * of what it signs.
 */
#include "internal.h"

bool
cs_signer_kid(cs_ctx *ctx, const cs_signer *signer, cs_buf *out)
{
	uint8_t thumbprint[32];
	cs_buf bare;

	cs_buf_init(&bare, ctx);
	cs_put_cose_key(&bare, &signer->public_half, (cs_span) { NULL, 0 }, 0, false);
	if (!cs_buf_ok(&bare) || !cs_sha256(ctx, cs_buf_span(&bare), thumbprint))
		return false;
	cs_put_base64(out, (cs_span) { thumbprint, sizeof(thumbprint) }, true, 0);
	return cs_buf_ok(out);
}

/* What stands in JSON as it is. */
static bool
check_kid(cs_ctx *ctx, cs_span kid)
{
	for (size_t i = 0; i < kid.len; i++)
		if (kid.data[i] < 0x21 || kid.data[i] > 0x7e || kid.data[i] == '"' || kid.data[i] == '\\')
			return cs_cose_fail(ctx, CS_INVALID, "kid", NULL, "kid has to be of printable ASCII without spaces, quotes and backslashes");
	return true;
}

bool
cs_public_cose_key(cs_ctx *ctx, const cs_signer *signer, cs_span kid, cs_buf *out)
{
	if (!check_kid(ctx, kid))
		return false;
	cs_put_cose_key(out, &signer->public_half, kid, signer->algorithm->id, false);
	return cs_buf_ok(out);
}

static void
put_member(cs_buf *buf, const char *name, cs_span bytes)
{
	cs_put_fmt(buf, ",\"%s\":\"", name);
	cs_put_base64(buf, bytes, true, 0);
	cs_put_byte(buf, '"');
}

static void
put_components(cs_buf *buf, const cs_public *key)
{
	if (key->kty == CS_KTY_RSA)
	{
		cs_put_str(buf, "\"kty\":\"RSA\"");
		put_member(buf, "n", (cs_span) { key->n, key->n_len });
		put_member(buf, "e", (cs_span) { key->e, key->e_len });
		return;
	}
	cs_put_fmt(buf, "\"kty\":\"%s\",\"crv\":\"%s\"", key->kty == CS_KTY_EC2 ? "EC" : "OKP", key->curve->name);
	put_member(buf, "x", (cs_span) { key->x, key->curve->size });
	if (key->kty == CS_KTY_EC2)
		put_member(buf, "y", (cs_span) { key->y, key->curve->size });
}

bool
cs_public_jwk(cs_ctx *ctx, const cs_signer *signer, cs_span kid, cs_buf *out)
{
	if (!check_kid(ctx, kid))
		return false;
	cs_put_byte(out, '{');
	put_components(out, &signer->public_half);
	cs_put_fmt(out, ",\"alg\":\"%s\",\"use\":\"sig\",\"kid\":\"%.*s\"}", signer->algorithm->name, (int) kid.len, (const char *) kid.data);
	return cs_buf_ok(out);
}
