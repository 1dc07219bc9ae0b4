/*
 * digest_alg.c - the table of digest algorithms (digest_alg.h).
 */
#include "digest_alg.h"

#include <string.h>
#include <strings.h>

static const cs_digest_alg algorithms[] = {
	{ 1, -16, { "sha-256", "sha256" }, "SHA256", 32, "RFC 6920, RFC 9054" },
	{ 2, 0, { "sha-256-128" }, "SHA256", 16, "RFC 6920" },
	{ 3, 0, { "sha-256-120" }, "SHA256", 15, "RFC 6920" },
	{ 4, 0, { "sha-256-96" }, "SHA256", 12, "RFC 6920" },
	{ 5, -15, { "sha-256-64", "sha-256/64" }, "SHA256", 8, "RFC 6920, RFC 9054" },
	{ 6, 0, { "sha-256-32" }, "SHA256", 4, "RFC 6920" },
	{ 7, -43, { "sha-384", "sha384" }, "SHA384", 48, "FIPS 180-4, RFC 9054" },
	{ 8, -44, { "sha-512", "sha512" }, "SHA512", 64, "FIPS 180-4, RFC 9054" },
	{ 9, 0, { "sha3-224" }, "SHA3-224", 28, "FIPS 202" },
	{ 10, 0, { "sha3-256" }, "SHA3-256", 32, "FIPS 202" },
	{ 11, 0, { "sha3-384" }, "SHA3-384", 48, "FIPS 202" },
	{ 12, 0, { "sha3-512" }, "SHA3-512", 64, "FIPS 202" },
	{ 0, -17, { "sha-512/256" }, "SHA512-256", 32, "RFC 9054" },
};
#define COUNT (sizeof algorithms / sizeof algorithms[0])

static bool
has_name(const cs_digest_alg *alg, const cs_item *text)
{
	for (size_t i = 0; i < 3 && alg->names[i] != NULL; i++)
		if (strlen(alg->names[i]) == text->arg && strncasecmp(alg->names[i], (const char *) text->content, (size_t) text->arg) == 0)
			return true;
	return false;
}

const cs_digest_alg *
cs_digest_alg_of(const cs_item *alg)
{
	bool text = cs_is(alg, CS_TSTR) && !alg->indefinite;
	int64_t number = 0;

	if (!text && (!cs_int64(alg, &number) || number == 0))
		return NULL;
	for (size_t i = 0; i < COUNT; i++)
		if (text ? has_name(&algorithms[i], alg) : number == algorithms[i].named_information || number == algorithms[i].cose)
			return &algorithms[i];
	return NULL;
}

bool
cs_digest_alg_is_cose(const cs_digest_alg *alg, const cs_item *number)
{
	int64_t id;

	return alg != NULL && alg->cose != 0 && cs_int64(number, &id) && id == alg->cose;
}

const cs_digest_alg *
cs_digest_alg_at(size_t index)
{
	return index < COUNT ? &algorithms[index] : NULL;
}
