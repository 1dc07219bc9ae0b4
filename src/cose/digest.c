/*
 * digest.c - hashes of bytes by the numbers and names that digests carry (codepoints/digest_alg.h).
 */
#include <string.h>

#include "internal.h"

/* OpenSSL takes longer to find a hash function by its name than to hash a kilobyte: what is found is kept as long as the process lives. */
static const EVP_MD *
find_hash(const char *name)
{
	static struct
	{
		const char *name;
		EVP_MD *md;
	} kept[8]; /* codepoints/digest_alg.c has as many */
	size_t i = 0;

	while (kept[i].name != NULL && strcmp(kept[i].name, name) != 0)
		if (++i == sizeof(kept) / sizeof(kept[0]))
			return NULL;
	if (kept[i].md == NULL && (kept[i].md = EVP_MD_fetch(NULL, name, NULL)) != NULL)
		kept[i].name = name;
	return kept[i].md;
}

/* EVP_Digest leaves no handle open. */
static bool
hash(cs_ctx *ctx, const char *name, cs_span data, uint8_t out[EVP_MAX_MD_SIZE])
{
	const EVP_MD *md;
	cs_reason reason;
	bool ok;

	cs_ossl_enter();
	md = find_hash(name);
	ok = md != NULL && EVP_Digest(data.len ? data.data : (const uint8_t *) "", data.len, out, NULL, md, NULL) == 1;
	cs_ossl_leave(&reason);
	return ok || cs_cose_fail(ctx, CS_UNSUPPORTED, NULL, &reason, "OpenSSL does not offer %s", name);
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
	const cs_digest_alg *known = cs_digest_alg_of(alg);
	uint8_t full[EVP_MAX_MD_SIZE];

	if (!known)
	{
		int64_t id;

		cs_fail(ctx, CS_UNSUPPORTED, "digest algorithm is not known");
		if (cs_int64(alg, &id))
			cs_fail_found(ctx, "%lld", (long long) id);
		return false;
	}
	if (!hash(ctx, known->hash, data, full))
		return false;
	cs_put_raw(out, full, known->size);
	return cs_buf_ok(out);
}
