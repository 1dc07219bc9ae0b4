/*
 * cose_alg.h - signature algorithms of COSE, a row each: IANA COSE Algorithms (RFC 9053, RFC 8812 for secp256k1 and PKCS #1, RFC 9864 for
 * the fully-specified ones). Whoever names, checks or makes signatures reads it.
 */
#ifndef CS_COSE_ALG_H
#define CS_COSE_ALG_H

#include "cbor/core.h"

enum
{
	CS_ALG_ES256 = -7,
	CS_ALG_EDDSA = -8,
	CS_ALG_ESP256 = -9,
	CS_ALG_ED25519 = -19,
	CS_ALG_ES384 = -35,
	CS_ALG_ES512 = -36,
	CS_ALG_PS256 = -37,
	CS_ALG_PS384 = -38,
	CS_ALG_PS512 = -39,
	CS_ALG_ES256K = -47,
	CS_ALG_ESP384 = -51,
	CS_ALG_ESP512 = -52,
	CS_ALG_ED448 = -53,
	CS_ALG_RS256 = -257,
	CS_ALG_RS384 = -258,
	CS_ALG_RS512 = -259
};

/* IANA COSE Elliptic Curves (RFC 9053 section 7.1, RFC 8812). */
enum
{
	CS_CURVE_P256 = 1,
	CS_CURVE_P384 = 2,
	CS_CURVE_P521 = 3,
	CS_CURVE_ED25519 = 6,
	CS_CURVE_ED448 = 7,
	CS_CURVE_SECP256K1 = 8
};

typedef enum cs_scheme
{
	CS_ECDSA,
	CS_EDDSA,
	CS_PSS,
	CS_PKCS1
} cs_scheme;

typedef struct cs_algorithm
{
	int64_t id;
	const char *name;
	cs_scheme scheme;
	const char *md; /* the hash function, as OpenSSL calls it; NULL for EdDSA */
	int64_t curve;	/* the only curve, 0 when any that the scheme takes */
} cs_algorithm;

extern const cs_algorithm *cs_algorithm_by_id(int64_t id);
extern const cs_algorithm *cs_algorithm_by_name(cs_span name);
extern const char *cs_alg_name(int64_t alg); /* "ES256", or NULL */

#endif
