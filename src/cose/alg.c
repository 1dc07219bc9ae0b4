/*
 * alg.c - curves, one row each (IANA COSE Elliptic Curves), and which key fits which algorithm (RFC 9053, RFC 8812 for secp256k1, RFC 9864
 * for the fully-specified ones). The algorithms are in codepoints/cose_alg.h.
 */
#include <string.h>

#include "internal.h"

static const cs_curve curves[] = {
	{ CS_CURVE_P256, CS_KTY_EC2, "P-256", "prime256v1", 32, { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 }, 10 },
	{ CS_CURVE_P384, CS_KTY_EC2, "P-384", "secp384r1", 48, { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22 }, 7 },
	{ CS_CURVE_P521, CS_KTY_EC2, "P-521", "secp521r1", 66, { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23 }, 7 },
	{ CS_CURVE_ED25519, CS_KTY_OKP, "Ed25519", "ED25519", 32, { 0x06, 0x03, 0x2b, 0x65, 0x70 }, 5 },
	{ CS_CURVE_ED448, CS_KTY_OKP, "Ed448", "ED448", 57, { 0x06, 0x03, 0x2b, 0x65, 0x71 }, 5 },
	{ CS_CURVE_SECP256K1, CS_KTY_EC2, "secp256k1", "secp256k1", 32, { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a }, 7 },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static bool
span_is(cs_span span, const char *text)
{
	return span.len == strlen(text) && memcmp(span.data, text, span.len) == 0;
}

const cs_curve *
cs_curve_by_id(int64_t id)
{
	for (size_t i = 0; i < COUNT(curves); i++)
		if (curves[i].id == id)
			return &curves[i];
	return NULL;
}

const cs_curve *
cs_curve_by_name(cs_span name)
{
	for (size_t i = 0; i < COUNT(curves); i++)
		if (span_is(name, curves[i].name))
			return &curves[i];
	return NULL;
}

const cs_curve *
cs_curve_by_size(size_t size)
{
	for (size_t i = 0; i < COUNT(curves); i++)
		if (curves[i].kty == CS_KTY_EC2 && curves[i].size == size)
			return &curves[i];
	return NULL;
}

const cs_curve *
cs_curve_by_group(int kty, const char *group)
{
	for (size_t i = 0; i < COUNT(curves); i++)
		if (curves[i].kty == kty && strcmp(group, curves[i].group) == 0)
			return &curves[i];
	return NULL;
}

/* RFC 9053 section 2.1 binds no curve to a hash; RFC 8812 section 3 keeps secp256k1 to ES256K. */
const char *
cs_algorithm_misfit(const cs_algorithm *algorithm, const cs_public *key)
{
	static const int kty[] = { [CS_ECDSA] = CS_KTY_EC2, [CS_EDDSA] = CS_KTY_OKP, [CS_PSS] = CS_KTY_RSA, [CS_PKCS1] = CS_KTY_RSA };

	if (key->kty != kty[algorithm->scheme])
		return "a key of another type";
	if (key->kty == CS_KTY_RSA)
		return NULL;
	if (algorithm->curve != 0 ? key->curve->id != algorithm->curve : key->curve->id == CS_CURVE_SECP256K1)
		return "a key on another curve";
	return NULL;
}
