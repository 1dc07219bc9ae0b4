/*
 * cose_alg.c - the table of signature algorithms (cose_alg.h).
 */
#include "cose_alg.h"

#include <string.h>

static const cs_algorithm algorithms[] = {
	{ CS_ALG_ES256, "ES256", CS_ECDSA, "SHA256", 0 },
	{ CS_ALG_ES384, "ES384", CS_ECDSA, "SHA384", 0 },
	{ CS_ALG_ES512, "ES512", CS_ECDSA, "SHA512", 0 },
	{ CS_ALG_ES256K, "ES256K", CS_ECDSA, "SHA256", CS_CURVE_SECP256K1 },
	{ CS_ALG_ESP256, "ESP256", CS_ECDSA, "SHA256", CS_CURVE_P256 },
	{ CS_ALG_ESP384, "ESP384", CS_ECDSA, "SHA384", CS_CURVE_P384 },
	{ CS_ALG_ESP512, "ESP512", CS_ECDSA, "SHA512", CS_CURVE_P521 },
	{ CS_ALG_EDDSA, "EdDSA", CS_EDDSA, NULL, 0 },
	{ CS_ALG_ED25519, "Ed25519", CS_EDDSA, NULL, CS_CURVE_ED25519 },
	{ CS_ALG_ED448, "Ed448", CS_EDDSA, NULL, CS_CURVE_ED448 },
	{ CS_ALG_PS256, "PS256", CS_PSS, "SHA256", 0 },
	{ CS_ALG_PS384, "PS384", CS_PSS, "SHA384", 0 },
	{ CS_ALG_PS512, "PS512", CS_PSS, "SHA512", 0 },
	{ CS_ALG_RS256, "RS256", CS_PKCS1, "SHA256", 0 },
	{ CS_ALG_RS384, "RS384", CS_PKCS1, "SHA384", 0 },
	{ CS_ALG_RS512, "RS512", CS_PKCS1, "SHA512", 0 },
};
#define COUNT (sizeof algorithms / sizeof algorithms[0])

const cs_algorithm *
cs_algorithm_by_id(int64_t id)
{
	for (size_t i = 0; i < COUNT; i++)
		if (algorithms[i].id == id)
			return &algorithms[i];
	return NULL;
}

const cs_algorithm *
cs_algorithm_by_name(cs_span name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (name.len == strlen(algorithms[i].name) && memcmp(name.data, algorithms[i].name, name.len) == 0)
			return &algorithms[i];
	return NULL;
}

const char *
cs_alg_name(int64_t alg)
{
	const cs_algorithm *algorithm = cs_algorithm_by_id(alg);

	return algorithm ? algorithm->name : NULL;
}
