/*
 * verify.h - whether somebody whom the store trusts has signed a document that is open (document/document.h).
 */
#ifndef CS_PG_VERIFY_H
#define CS_PG_VERIFY_H

#include "pg/base/pg_support.h"

#include "document/document.h"
#include "owner.h"
#include "utils/uuid.h"

/*
 * Find the authority of the store whose key verifies the document, or whom its certificates lead to at time now (seconds); only
 * names the one to try, only_id says which, or both are NULL. An unsigned document needs one of them, and that authority's
 * accepts_unsigned. A COSE_Sign needs one signature of an authority that accepts_cose_sign. Authorities that the document names are tried
 * first: by kid (4), by its certificates and who issued them, by the signer's name; then, by id, coserv.max_authorities_tried others,
 * beyond which it is CS_LIMIT. Where the signature leads to several, whose it is then goes by the order of owner.h, unless only_id says
 * it; only says who must vouch for it, and no more. What may be loaded is asked of the latest snapshot. Runs as the current user.
 * CS_BAD_SIGNATURE, CS_UNTRUSTED, CS_EXPIRED, CS_OUT_OF_SCOPE.
 *
 * Each signature of a COSE_Sign is a statement of its own; the document's signature says which is meant, its must_be that of which
 * statement.
 *
 * as_history: for what another region verified at its time. What has expired or was revoked meanwhile is no reason to refuse it
 * then: certificates, authority and revocations bound when it answers, and it answers here as it does there.
 */
extern bool cs_find_authority(cs_ctx *ctx, Oid store, const char *only, const pg_uuid_t *only_id, int64_t now, cs_verified *document);

/*
 * All authorities that the signature of a statement leads to (document->must_be; of a document with one signature it may be NULL), in the
 * order of owner.h, whatever each may say; 0: none, or not signed. Sets document->as_history and signer_id. In the current memory context.
 */
extern int cs_find_candidates(cs_ctx *ctx, Oid store, cs_verified *document, cs_candidate **out);

#endif
