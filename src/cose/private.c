/*
 * private.c - a private key taken out of PEM or JWK, as DER for OpenSSL. It is kept in fixed memory of the caller, never in the
 * context's, and no error says anything of it.
 */
#include <string.h>

#include <openssl/crypto.h>

#include "internal.h"

static bool
bad(cs_ctx *ctx, const char *message)
{
	return cs_cose_fail(ctx, CS_BAD_KEY, NULL, NULL, "%s", message);
}

static bool
is_private_label(const cs_pem *pem)
{
	return cs_pem_label_is(pem, "PRIVATE KEY") || cs_pem_label_is(pem, "EC PRIVATE KEY") || cs_pem_label_is(pem, "RSA PRIVATE KEY");
}

static bool
from_pem(cs_ctx *ctx, cs_span text, cs_private *out)
{
	cs_pem pem;
	bool broken;

	while (cs_pem_next(&text, &pem, &broken))
	{
		if (pem.encrypted || cs_pem_label_is(&pem, "ENCRYPTED PRIVATE KEY"))
		{
			bad(ctx, "private key is encrypted");
			return cs_fail_hint(ctx, "decrypt it first: openssl pkey -in FILE");
		}
		if (!is_private_label(&pem))
			continue; /* EC PARAMETERS, certificates */
		if (pem.body.len / 4 * 3 + 3 > sizeof(out->der))
			return bad(ctx, "private key is too long");
		return cs_base64_decode(ctx, pem.body, out->der, &out->len) || bad(ctx, "private key is no PEM");
	}
	return bad(ctx, "there is no private key in this PEM");
}

/* An RSA private number as INTEGER. */
static bool
put_number(cs_der *der, cs_span value)
{
	uint8_t number[CS_RSA_MAX_BYTES];
	size_t len;
	bool ok = value.data && cs_secret_base64url_decode(value, number, sizeof(number), &len);

	if (ok)
		cs_der_uint(der, number, len);
	OPENSSL_cleanse(number, sizeof(number));
	return ok;
}

/* RSAPrivateKey (RFC 8017 appendix A.1.2), from its end. */
static bool
put_rsa(cs_der *der, const cs_jwk *jwk, const cs_public *half)
{
	if (!put_number(der, jwk->qi) || !put_number(der, jwk->dq) || !put_number(der, jwk->dp) || !put_number(der, jwk->q) ||
		!put_number(der, jwk->p) || !put_number(der, jwk->d))
		return false;
	cs_der_uint(der, half->e, half->e_len);
	cs_der_uint(der, half->n, half->n_len);
	cs_der_uint(der, (const uint8_t *) "", 1);
	cs_der_wrap(der, 0x30, CS_DER_BYTES);
	return !der->full;
}

/* ECPrivateKey (RFC 5915) or OneAsymmetricKey (RFC 8410), without the public half: OpenSSL computes it, and it is compared. */
static bool
put_ecc(cs_der *der, const cs_jwk *jwk, const cs_public *half)
{
	const cs_curve *curve = half->curve;
	uint8_t d[CS_COORDINATE_BYTES];
	size_t len, mark;
	bool ok = cs_secret_base64url_decode(jwk->d, d, curve->size, &len) && len == curve->size;

	if (ok && half->kty == CS_KTY_EC2)
	{
		cs_der_raw(der, curve->oid, curve->oid_len);
		cs_der_wrap(der, 0xa0, CS_DER_BYTES);
		mark = der->at;
		cs_der_raw(der, d, len);
		cs_der_wrap(der, 0x04, mark);
		cs_der_uint(der, (const uint8_t *) "\1", 1);
	}
	else if (ok)
	{
		cs_der_raw(der, d, len);
		cs_der_wrap(der, 0x04, CS_DER_BYTES);
		cs_der_wrap(der, 0x04, CS_DER_BYTES);
		mark = der->at;
		cs_der_raw(der, curve->oid, curve->oid_len);
		cs_der_wrap(der, 0x30, mark);
		cs_der_uint(der, (const uint8_t *) "", 1);
	}
	cs_der_wrap(der, 0x30, CS_DER_BYTES);
	OPENSSL_cleanse(d, sizeof(d));
	return ok;
}

static bool
from_jwk(cs_ctx *ctx, cs_span text, cs_private *out)
{
	cs_der der;
	cs_span span;
	cs_jwk jwk;
	bool ok;

	if (!cs_jwk_parse(ctx, text, &jwk) || !cs_jwk_public(ctx, &jwk, &out->public_half, &out->algorithm))
		return false;
	if (!jwk.d.data)
		return bad(ctx, "JWK holds no private key");
	if (!jwk.may_sign)
		return bad(ctx, "key_ops or use of JWK do not let it sign");
	cs_der_init(&der);
	ok = out->public_half.kty == CS_KTY_RSA ? put_rsa(&der, &jwk, &out->public_half) : put_ecc(&der, &jwk, &out->public_half);
	span = cs_der_span(&der);
	memcpy(out->der, span.data, span.len);
	out->len = span.len;
	OPENSSL_cleanse(&der, sizeof(der));
	return ok || bad(ctx, "private members of JWK are missing, or are not base64url of the right length");
}

bool
cs_private_read(cs_ctx *ctx, cs_span private_key, cs_private *out)
{
	bool pem = cs_has_pem(private_key);
	bool ok;

	memset(out, 0, sizeof(*out));
	if (!pem && !cs_text_looks_like_jwk(private_key))
		return bad(ctx, "private key is neither PEM nor JWK");
	ok = pem ? from_pem(ctx, private_key, out) : from_jwk(ctx, private_key, out);
	out->states_public = ok && !pem;
	if (!ok)
		OPENSSL_cleanse(out, sizeof(*out));
	return ok;
}
