/*
 * verify.h - from bytes to a CoRIM that somebody whom the store trusts has signed.
 */
#ifndef CS_PG_VERIFY_H
#define CS_PG_VERIFY_H

#include "pg_support.h"

#include "datatype/timestamp.h"

#include "cose/cose.h"
#include "model/corim.h"

typedef struct cs_verified
{
	cs_document envelope;
	cs_sign1	sign1;			/* when signed */
	cs_signer_meta signer;		/* when signed */
	cs_corim	corim;
	cs_validity validity;		/* the narrowest of everything that says one */
	const char *legacy[2 * CS_MAX_LEGACY];
	size_t		legacy_count;
	char	   *authority;		/* set by cs_find_authority; in ctx's memory */
	cs_span		shown_as;		/* set by cs_find_authority: how results name the authority; in ctx's memory */
} cs_verified;

/*
 * Take a document apart and validate all of it; no signature is verified. CS_MALFORMED, CS_INVALID, CS_LIMIT,
 * CS_LEGACY_REFUSED, CS_UNSUPPORTED (COSE_Sign, detached payloads, hash envelopes). Offsets count from the document's start.
 */
extern bool cs_open_document(cs_ctx *ctx, cs_span document, bool accept_legacy, cs_verified *out);

/*
 * Find the authority of the store whose key verifies the document, or whom its x5chain leads to at time now (seconds); only
 * names the one to try, or NULL. An unsigned document needs only, and that authority's accepts_unsigned. Runs as the current
 * user. CS_BAD_SIGNATURE, CS_UNTRUSTED.
 */
extern bool cs_find_authority(cs_ctx *ctx, Oid store, const char *only, int64_t now, cs_verified *document);

/* Is it valid at time now? CS_EXPIRED: over, or signed by a signature that does not hold yet. */
extern bool cs_require_valid(cs_ctx *ctx, const cs_verified *document, int64_t now);

/* Seconds since 1970 <-> timestamptz. */
extern int64_t cs_pg_unix_time(TimestampTz t);
extern TimestampTz cs_pg_timestamp(int64_t seconds);	/* clamped to what timestamptz can hold */

#endif
