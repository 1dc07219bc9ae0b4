/*
 * digest.c - hashes of bytes by the numbers and names that digests carry (codepoints/digest_alg.h).
 */
#include <string.h>

#include "internal.h"

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
