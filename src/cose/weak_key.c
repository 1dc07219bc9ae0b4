/*
 * weak_key.c - public keys that anybody can sign for, or that mean something else to the next reader: refused wherever a key comes
 * from, an authority's key, a signer's certificate or an issuer's.
 */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>

#include "internal.h"

/* ---- edwards curves (RFC 8032) ---- */

#define ED25519_SIZE 32
#define ED448_SIZE 57

/*
 * y of the points of order 1, 2, 4 and 8, little-endian without x's sign. A signature of such a key holds for any message: k times it is
 * zero for one message in eight at least (RFC 8032 section 5.1.7, with or without the cofactor).
 */
static const uint8_t small_order_25519[][ED25519_SIZE] = {
	{ 0 },
	{ 1 },
	{ 0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f },
	{ 0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
		0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a },
	{ 0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
		0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05 },
};

/* y of the points of order 1, 2 and 4 on edwards448, whose last byte has x's sign alone. */
static const uint8_t small_order_448[][ED448_SIZE] = {
	{ 0 },
	{ 1 },
	{ 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00 },
};

/* The largest y of small order is p - 1: what lies above is y + p written out, which decoding refuses (sections 5.1.3 and 5.2.3). */
static bool
is_above(const uint8_t *a, const uint8_t *b, size_t size)
{
	for (size_t i = size; i-- > 0;)
		if (a[i] != b[i])
			return a[i] > b[i];
	return false;
}

static const char *
edwards_weakness(EVP_PKEY *pkey)
{
	bool is_448 = EVP_PKEY_is_a(pkey, "ED448");
	size_t size = is_448 ? ED448_SIZE : ED25519_SIZE;
	const uint8_t *list = is_448 ? small_order_448[0] : small_order_25519[0];
	size_t count = is_448 ? sizeof(small_order_448) / ED448_SIZE : sizeof(small_order_25519) / ED25519_SIZE;
	uint8_t y[ED448_SIZE];

	if (EVP_PKEY_get_raw_public_key(pkey, y, &size) != 1)
		return "key has no public half";
	y[size - 1] &= 0x7f;
	for (size_t i = 0; i < count; i++)
		if (memcmp(y, list + i * size, size) == 0)
			return "Edwards curve key is a point of small order, whose signatures hold for any message";
	if (is_above(y, list + 2 * size, size))
		return "Edwards curve key is not encoded as RFC 8032 has it";
	return NULL;
}

/* ---- NIST curves ---- */

/* RFC 5480 section 2.1.1: "specifiedCurve ... MUST NOT be used"; a generator of one's own choice makes a key for any signature. */
static const char *
ec_weakness(EVP_PKEY *pkey)
{
	int explicit = 0;

	if (EVP_PKEY_get_int_param(pkey, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit) == 1 && explicit)
		return "elliptic curve is given by explicit parameters and not by its name";
	return NULL;
}

/* ---- RSA ---- */

/* RFC 8017 section 3.1: e is odd, at least 3 and below n, which is a product of odd primes. OpenSSL verifies with e of 64 bits at most. */
static const char *
rsa_weakness(EVP_PKEY *pkey)
{
	BIGNUM *n = NULL, *e = NULL;
	const char *wrong = NULL;

	if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) != 1 || EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) != 1)
		wrong = "RSA key has no modulus or no exponent";
	else if (!BN_is_odd(n))
		wrong = "RSA key has a modulus that is even";
	else if (!BN_is_odd(e) || BN_is_one(e))
		wrong = "RSA key has an exponent that is even or 1";
	else if (BN_num_bytes(e) > CS_RSA_EXPONENT_BYTES)
		wrong = "RSA key has an exponent of more than 64 bits";
	BN_free(n);
	BN_free(e);
	return wrong;
}

const char *
cs_pkey_weakness(EVP_PKEY *pkey)
{
	if (EVP_PKEY_is_a(pkey, "EC"))
		return ec_weakness(pkey);
	if (EVP_PKEY_is_a(pkey, "RSA") || EVP_PKEY_is_a(pkey, "RSA-PSS"))
		return rsa_weakness(pkey);
	if (EVP_PKEY_is_a(pkey, "ED25519") || EVP_PKEY_is_a(pkey, "ED448"))
		return edwards_weakness(pkey);
	return NULL;
}
