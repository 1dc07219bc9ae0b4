/*
 * verify.h - from bytes to a CoRIM (open.c) that somebody whom the store trusts has signed (verify.c).
 */
#ifndef CS_PG_VERIFY_H
#define CS_PG_VERIFY_H

#include "pg/base/pg_support.h"

#include "cose/cose.h"
#include "model/corim.h"

typedef struct cs_verified
{
	cs_document envelope;
	cs_sign1 sign1;		  /* when signed: headers and payload of the COSE_Sign1, or the body of a COSE_Sign */
	cs_sign1 *signatures; /* when signed: one, or those of a COSE_Sign */
	size_t signature_count;
	cs_span detached;	   /* what a detached signature is over: what was handed in, or its digest; else data is NULL */
	cs_signer_meta signer; /* when signed; of a COSE_Sign, complete after cs_find_authority */
	cs_corim corim;
	cs_validity validity; /* the narrowest of everything that says one */
	const char *legacy[2 * CS_MAX_LEGACY];
	size_t legacy_count;
	bool as_history;  /* set by the caller, before cs_find_authority: see there */
	char *authority;  /* set by cs_find_authority; in ctx's memory */
	cs_span shown_as; /* set by cs_find_authority: how results name the authority; in ctx's memory */
} cs_verified;

/*
 * Take a document apart and validate all of it; no signature is verified. CS_MALFORMED, CS_INVALID, CS_LIMIT, CS_LEGACY_REFUSED,
 * CS_UNSUPPORTED, CS_BAD_SIGNATURE. Offsets count from the document's start.
 *
 * payload is what the document does not hold itself, {NULL, 0} for none: the CoRIM that a detached signature is over (RFC 9052
 * section 2), the pre-image of a hash envelope (RFC 9995), or the member of a signed collection that is meant (section 4.3.1 of
 * the draft). It must be there exactly where it is needed; offsets of errors in it count from its start.
 */
extern bool cs_open_with_payload(cs_ctx *ctx, cs_span document, cs_span payload, bool accept_legacy, cs_verified *out);
/* The same without a payload. */
extern bool cs_open_document(cs_ctx *ctx, cs_span document, bool accept_legacy, cs_verified *out);

/* The headers of a signed document, its payload left alone: cheap. False without an error when it is not signed. */
extern bool cs_open_signatures(cs_ctx *ctx, cs_span document, cs_verified *out);

/* Is it a COSE_Sign1 around a collection of CoRIMs, by its content type? *members gets the collection, once checked. */
extern bool cs_is_collection(const cs_verified *document);
extern bool cs_collection_open(cs_ctx *ctx, const cs_verified *document, cs_item *members);
/* Label and bytes (501(corim-map)) of the next member; cs_iterate(members) begins. */
extern bool cs_next_member(cs_ctx *ctx, cs_iter *it, cs_item *label, cs_span *member);

/*
 * Find the authority of the store whose key verifies the document, or whom its certificates lead to at time now (seconds); only
 * names the one to try, or NULL. An unsigned document needs only, and that authority's accepts_unsigned. A COSE_Sign needs one
 * signature of an authority that accepts_cose_sign. Authorities that the document names are tried first: by kid (4), by its certificates
 * and who issued them, by the signer's name; then, by name, coserv.max_authorities_tried others, beyond which it is CS_LIMIT. Runs as the current user. CS_BAD_SIGNATURE, CS_UNTRUSTED, CS_EXPIRED, CS_OUT_OF_SCOPE.
 *
 * as_history: for what another region verified at its time. What has expired or was revoked meanwhile is no reason to refuse it
 * then: certificates, authority and revocations bound when it answers, and it answers here as it does there.
 */
extern bool cs_find_authority(cs_ctx *ctx, Oid store, const char *only, int64_t now, cs_verified *document);

/* Is it valid at time now? CS_EXPIRED: over, or signed by a signature that does not hold yet. */
extern bool cs_require_valid(cs_ctx *ctx, const cs_verified *document, int64_t now);

#endif
