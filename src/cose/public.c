/*
 * public.c - a public key in its components, and as DER SubjectPublicKeyInfo (RFC 5280, RFC 5480, RFC 8410) for OpenSSL. Whatever
 * form a key came in, it passes through OpenSSL's decoder here, which checks that points lie on their curve.
 */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>

#include "internal.h"

static const uint8_t ec_public_key[] = { 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01 };
static const uint8_t rsa_encryption[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00 };

/* One big number of the key: exactly size bytes, or as many as it has when len is not NULL. */
static bool
get_number(EVP_PKEY *pkey, const char *name, uint8_t *out, size_t size, size_t *len)
{
	BIGNUM *bn = NULL;
	bool ok = false;

	if (EVP_PKEY_get_bn_param(pkey, name, &bn) == 1 && (size_t) BN_num_bytes(bn) <= size)
	{
		if (len)
			*len = (size_t) BN_bn2bin(bn, out);
		ok = len != NULL || BN_bn2binpad(bn, out, (int) size) == (int) size;
	}
	BN_free(bn);
	return ok;
}

static const char *
ec_from_pkey(EVP_PKEY *pkey, cs_public *out)
{
	char group[64];

	if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) != 1 || !(out->curve = cs_curve_by_group(CS_KTY_EC2, group)))
		return "elliptic curve is none of P-256, P-384, P-521 and secp256k1";
	out->kty = CS_KTY_EC2;
	if (!get_number(pkey, OSSL_PKEY_PARAM_EC_PUB_X, out->x, out->curve->size, NULL) ||
		!get_number(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, out->y, out->curve->size, NULL))
		return "elliptic curve key has no point";
	return NULL;
}

static const char *
rsa_from_pkey(EVP_PKEY *pkey, cs_public *out)
{
	out->kty = CS_KTY_RSA;
	out->curve = NULL;
	if (EVP_PKEY_get_bits(pkey) < CS_RSA_MIN_BITS)
		return "RSA key is shorter than 2048 bits";
	if (!get_number(pkey, OSSL_PKEY_PARAM_RSA_N, out->n, sizeof(out->n), &out->n_len) ||
		!get_number(pkey, OSSL_PKEY_PARAM_RSA_E, out->e, sizeof(out->e), &out->e_len))
		return "RSA key is longer than 16384 bits";
	return NULL;
}

const char *
cs_public_from_pkey(EVP_PKEY *pkey, cs_public *out)
{
	const char *weak = cs_pkey_weakness(pkey);

	memset(out, 0, sizeof(*out));
	if (weak)
		return weak;
	if (EVP_PKEY_is_a(pkey, "EC"))
		return ec_from_pkey(pkey, out);
	if (EVP_PKEY_is_a(pkey, "RSA") || EVP_PKEY_is_a(pkey, "RSA-PSS"))
		return rsa_from_pkey(pkey, out);
	out->kty = CS_KTY_OKP;
	if (EVP_PKEY_is_a(pkey, "ED25519"))
		out->curve = cs_curve_by_group(CS_KTY_OKP, "ED25519");
	else if (EVP_PKEY_is_a(pkey, "ED448"))
		out->curve = cs_curve_by_group(CS_KTY_OKP, "ED448");
	else
		return "key is none of EC, RSA, Ed25519 and Ed448";
	if (EVP_PKEY_get_raw_public_key(pkey, out->x, &(size_t) { out->curve->size }) != 1)
		return "key has no public half";
	return NULL;
}

bool
cs_public_of_spki(cs_ctx *ctx, cs_span spki, cs_public *out)
{
	const char *wrong = "key is longer than the limit on size";
	cs_reason reason;
	EVP_PKEY *pkey;

	cs_ossl_enter();
	pkey = spki.len > ctx->limits.max_size ? NULL : cs_public_key(spki, out, &wrong);
	EVP_PKEY_free(pkey);
	cs_ossl_leave(&reason);
	return pkey != NULL || cs_cose_fail(ctx, CS_BAD_KEY, NULL, &reason, "%s", wrong);
}

static void
put_algorithm(cs_der *der, const cs_public *key)
{
	size_t mark = der->at;

	if (key->kty == CS_KTY_RSA)
		cs_der_raw(der, rsa_encryption, sizeof(rsa_encryption));
	else
		cs_der_raw(der, key->curve->oid, key->curve->oid_len);
	if (key->kty == CS_KTY_EC2)
		cs_der_raw(der, ec_public_key, sizeof(ec_public_key));
	cs_der_wrap(der, 0x30, mark);
}

/* form: 4 uncompressed, 2 or 3 compressed. */
static void
put_spki(cs_der *der, const cs_public *key, uint8_t form)
{
	cs_der_init(der);
	if (key->kty == CS_KTY_RSA)
	{
		cs_der_uint(der, key->e, key->e_len);
		cs_der_uint(der, key->n, key->n_len);
		cs_der_wrap(der, 0x30, CS_DER_BYTES);
	}
	else
	{
		if (form == 4 && key->kty == CS_KTY_EC2)
			cs_der_raw(der, key->y, key->curve->size);
		cs_der_raw(der, key->x, key->curve->size);
		if (key->kty == CS_KTY_EC2)
			cs_der_raw(der, &form, 1);
	}
	cs_der_raw(der, "", 1); /* no unused bits */
	cs_der_wrap(der, 0x03, CS_DER_BYTES);
	put_algorithm(der, key);
	cs_der_wrap(der, 0x30, CS_DER_BYTES);
}

void
cs_der_spki(cs_der *der, const cs_public *key)
{
	put_spki(der, key, 4);
}

bool
cs_public_spki(cs_ctx *ctx, const cs_public *key, cs_span *spki)
{
	cs_der der;
	cs_public checked;
	cs_span span;
	uint8_t *copy;

	put_spki(&der, key, 4);
	span = cs_der_span(&der);
	if (!cs_public_of_spki(ctx, span, &checked))
		return false;
	copy = cs_memdup(ctx, span.data, span.len);
	*spki = (cs_span) { copy, span.len };
	return copy != NULL;
}

bool
cs_public_decompress(cs_ctx *ctx, cs_public *key, bool sign)
{
	cs_der der;
	cs_public full;

	put_spki(&der, key, sign ? 3 : 2);
	if (!cs_public_of_spki(ctx, cs_der_span(&der), &full))
		return false;
	*key = full;
	return true;
}

bool
cs_spki_same(cs_span a, cs_span b)
{
	const uint8_t *pa = a.data, *pb = b.data;
	cs_reason unused;
	EVP_PKEY *ka, *kb;
	bool same;

	if (cs_span_eq(a, b))
		return true;
	cs_ossl_enter();
	ka = d2i_PUBKEY(NULL, &pa, (long) a.len);
	kb = d2i_PUBKEY(NULL, &pb, (long) b.len);
	same = ka && kb && EVP_PKEY_eq(ka, kb) == 1;
	EVP_PKEY_free(ka);
	EVP_PKEY_free(kb);
	cs_ossl_leave(&unused);
	return same;
}
