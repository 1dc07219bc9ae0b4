/*
 * result.h - building a CoSERV result set (draft-ietf-rats-coserv section 4.4) in deterministic encoding around verbatim
 * triples, documents and the echoed query.
 *
 * What is added is copied at once. What the query did not ask for is left out: quads when it wants source artifacts only,
 * sources when it wants collected ones only.
 */
#ifndef CS_RESULT_H
#define CS_RESULT_H

#include "query.h"

typedef struct cs_result cs_result;

extern cs_ctx *cs_result_ctx(const cs_result *result);
/* query must live as long as the result. NULL: no memory. */
extern cs_result *cs_result_new(cs_ctx *ctx, const cs_query *query);
/* A quad: kind is the triple's key (0 rvq; 1 evq; 10 ceq; 3 akq, which 2 is not part of). authorities: array of
 * $crypto-key-type-choice. triple: as it came. Quads come out in the order they were added, equal ones once.
 * CS_INVALID: a kind that is no answer to the query's artifact type. */
extern bool cs_result_add_quad(cs_result *result, int64_t kind, cs_span authorities, cs_span triple);
/* A trust anchor store for tas (4), which is left out while nothing was added (doc/conformance.md, decision 2). cots: as it came. */
extern bool cs_result_add_cots(cs_result *result, cs_span authorities, cs_span cots);
/* A source artifact, as a CMW record [media type, bytes]: once for equal bytes. */
extern bool cs_result_add_source(cs_result *result, const char *media_type, cs_span document);
/* A RIM under the identifier that was asked for (doc/conformance.md, decisions 8 and 9). The first one under an identifier counts. */
extern bool cs_result_add_rim(cs_result *result, const cs_rim_id *id, const char *media_type, cs_span document);
/* The same with the certificates that came beside it: a CMW collection of both, "document" and "chain"; an empty chain: none. */
extern bool cs_result_add_rim_and_chain(
	cs_result *result, const cs_rim_id *id, const char *media_type, cs_span document, const char *chain_type, cs_span chain);
/*
 * A result made of results (merge.h): every list comes out in the order of its bytes, whatever order they were added in, and what is given
 * is encoded already. record: a CMW record. label, rim: a member of rims; two that are not the same under one label are CS_INVALID when it
 * is finished. The expiry is the earliest of what was said.
 */
extern cs_result *cs_result_new_merged(cs_ctx *ctx, const cs_query *query);
extern bool cs_result_add_record(cs_result *result, cs_span record);
extern bool cs_result_add_labelled(cs_result *result, cs_span label, cs_span rim);
extern bool cs_result_finish_merged(cs_result *result, cs_buf *out);
/* Something that is in the result holds until then (seconds); the earliest counts. */
extern void cs_result_expires(cs_result *result, int64_t not_after);
/* expiry = the earlier of what was said and now + ttl, the latter cut to a step of ttl/2 (doc/conformance.md, decision 10). out: the whole
 * coserv map. *expiry is what key 10 says, whole seconds, at most the end of the year 9999. */
extern bool cs_result_finish(cs_result *result, int64_t now, int64_t ttl, cs_buf *out, int64_t *expiry);

#endif
