/*
 * merge.h - results of one query from several stores as one result (draft-ietf-rats-coserv section 4.4): who aggregates what many say
 * answers for all of them, and says no more than they do.
 *
 * Quads and source artifacts are the union, equal ones once; authorities stay as they are; RIMs stand once under their identifier; the
 * expiry is the earliest. Lists are in the order of their bytes, so that the same results give the same bytes in whatever order they came.
 */
#ifndef CS_MERGE_H
#define CS_MERGE_H

#include "query.h"

typedef struct cs_merge cs_merge;

/* NULL: no memory. */
extern cs_merge *cs_merge_new(cs_ctx *ctx);
/*
 * A coserv-map with results, whatever its encoding; options as for cs_query_read. What is needed of it is copied. CS_MALFORMED, CS_INVALID,
 * CS_LIMIT, CS_LEGACY_REFUSED where it is none; CS_UNSUPPORTED where it is signed; CS_INVALID where it holds no results, what its query did
 * not ask for, or answers another profile or query than the first (the bytes that are echoed). The merge is of no use after an error.
 */
extern bool cs_merge_add(cs_merge *merge, const uint8_t *data, size_t len, unsigned options);
/* How many were added. */
extern size_t cs_merge_count(const cs_merge *merge);
/* The merged coserv-map; something must have been added. CS_INVALID: two different RIMs under one identifier. */
extern bool cs_merge_finish(cs_merge *merge, cs_buf *out);

#endif
