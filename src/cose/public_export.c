/*
 * public_export.c - the public half of a signing key, for discovery: as COSE_Key with the thumbprint of RFC 9679 as its kid, as JWK
 * with that of RFC 7638.
 */
#include <openssl/crypto.h>

#include "internal.h"

/* What is public of a private key; the rest is gone when this returns. */
static bool
open_public(cs_ctx *ctx, cs_span private_key, cs_public *out, const cs_algorithm **algorithm)
{
	cs_private key;

	if (!cs_private_open(ctx, private_key, &key))
		return false;
	*out = key.public_half;
	*algorithm = key.algorithm;
	OPENSSL_cleanse(&key, sizeof(key));
	return true;
}

bool
cs_public_cose_key(cs_ctx *ctx, cs_span private_key, cs_buf *out)
{
	const cs_algorithm *algorithm;
	uint8_t kid[32];
	cs_public key;
	cs_buf bare;

	if (!open_public(ctx, private_key, &key, &algorithm))
		return false;
	cs_buf_init(&bare, ctx);
	cs_put_cose_key(&bare, &key, (cs_span) { NULL, 0 }, 0, false);
	if (!cs_buf_ok(&bare) || !cs_sha256(ctx, cs_buf_span(&bare), kid))
		return false;
	cs_put_cose_key(out, &key, (cs_span) { kid, sizeof(kid) }, algorithm->id, false);
	return cs_buf_ok(out);
}

static void
put_member(cs_buf *buf, const char *name, cs_span bytes)
{
	cs_put_fmt(buf, ",\"%s\":\"", name);
	cs_put_base64(buf, bytes, true, 0);
	cs_put_byte(buf, '"');
}

/* The members that RFC 7638 section 3.2 and RFC 8037 require, in lexicographic order; the object stays open. */
static void
put_required(cs_buf *buf, const cs_public *key)
{
	if (key->kty == CS_KTY_RSA)
	{
		cs_put_str(buf, "{\"e\":\"");
		cs_put_base64(buf, (cs_span) { key->e, key->e_len }, true, 0);
		cs_put_str(buf, "\",\"kty\":\"RSA\"");
		put_member(buf, "n", (cs_span) { key->n, key->n_len });
		return;
	}
	cs_put_fmt(buf, "{\"crv\":\"%s\",\"kty\":\"%s\"", key->curve->name, key->kty == CS_KTY_EC2 ? "EC" : "OKP");
	put_member(buf, "x", (cs_span) { key->x, key->curve->size });
	if (key->kty == CS_KTY_EC2)
		put_member(buf, "y", (cs_span) { key->y, key->curve->size });
}

bool
cs_public_jwk(cs_ctx *ctx, cs_span private_key, cs_buf *out)
{
	const cs_algorithm *algorithm;
	uint8_t kid[32];
	cs_public key;
	cs_buf bare;

	if (!open_public(ctx, private_key, &key, &algorithm))
		return false;
	cs_buf_init(&bare, ctx);
	put_required(&bare, &key);
	cs_put_byte(&bare, '}');
	if (!cs_buf_ok(&bare) || !cs_sha256(ctx, cs_buf_span(&bare), kid))
		return false;
	put_required(out, &key);
	cs_put_fmt(out, ",\"alg\":\"%s\",\"use\":\"sig\"", algorithm->name);
	put_member(out, "kid", (cs_span) { kid, sizeof(kid) });
	cs_put_byte(out, '}');
	return cs_buf_ok(out);
}
