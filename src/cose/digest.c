/*
 * digest.c - hashes by the names that digests carry: IANA Named Information Hash Algorithms (RFC 6920) as CoRIM uses them, and
 * COSE Algorithms (RFC 9054).
 */
#include <string.h>

#include "internal.h"

static const struct
{
	int64_t named_information; /* 0: none */
	int64_t cose;			   /* 0: none */
	const char *name;		   /* named information; NULL: none */
	const char *md;			   /* OpenSSL */
	size_t size;			   /* bytes, truncated to the left */
} digests[] = {
	{ 1, -16, "sha-256", "SHA256", 32 },
	{ 2, 0, "sha-256-128", "SHA256", 16 },
	{ 3, 0, "sha-256-120", "SHA256", 15 },
	{ 4, 0, "sha-256-96", "SHA256", 12 },
	{ 5, -15, "sha-256-64", "SHA256", 8 },
	{ 6, 0, "sha-256-32", "SHA256", 4 },
	{ 7, -43, "sha-384", "SHA384", 48 },
	{ 8, -44, "sha-512", "SHA512", 64 },
	{ 9, 0, "sha3-224", "SHA3-224", 28 },
	{ 10, 0, "sha3-256", "SHA3-256", 32 },
	{ 11, 0, "sha3-384", "SHA3-384", 48 },
	{ 12, 0, "sha3-512", "SHA3-512", 64 },
	{ 0, -17, NULL, "SHA512-256", 32 },
};

const char *
cs_digest_lookup(const cs_item *alg, size_t *size)
{
	int64_t id = 0;
	bool number = cs_int64(alg, &id) && id != 0;

	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++)
	{
		bool hit =
			number ? id == digests[i].named_information || id == digests[i].cose : digests[i].name && cs_text_is(alg, digests[i].name);

		if (hit)
		{
			*size = digests[i].size;
			return digests[i].md;
		}
	}
	return NULL;
}

/* EVP_Q_digest leaves no handle open. */
static bool
hash(cs_ctx *ctx, const char *md, cs_span data, uint8_t out[EVP_MAX_MD_SIZE])
{
	cs_reason reason;
	size_t len;
	bool ok;

	cs_ossl_enter();
	ok = EVP_Q_digest(NULL, md, NULL, data.len ? data.data : (const uint8_t *) "", data.len, out, &len) == 1;
	cs_ossl_leave(&reason);
	return ok || cs_cose_fail(ctx, CS_UNSUPPORTED, NULL, &reason, "OpenSSL does not offer %s", md);
}

bool
cs_sha256(cs_ctx *ctx, cs_span data, uint8_t out[32])
{
	uint8_t full[EVP_MAX_MD_SIZE];

	if (!hash(ctx, "SHA256", data, full))
		return false;
	memcpy(out, full, 32);
	return true;
}

bool
cs_digest(cs_ctx *ctx, const cs_item *alg, cs_span data, cs_buf *out)
{
	uint8_t full[EVP_MAX_MD_SIZE];
	size_t size;
	const char *md = cs_digest_lookup(alg, &size);

	if (!md)
	{
		int64_t id;

		cs_fail(ctx, CS_UNSUPPORTED, "digest algorithm is not known");
		if (cs_int64(alg, &id))
			cs_fail_found(ctx, "%lld", (long long) id);
		return false;
	}
	if (!hash(ctx, md, data, full))
		return false;
	cs_put_raw(out, full, size);
	return cs_buf_ok(out);
}
