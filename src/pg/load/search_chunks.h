/*
 * search_chunks.h - the keys of a document (search_keys.h), in chunks, for a store's table search_key.
 *
 * One row of the index a chunk and not a triple: GIN takes a hundred keys of one row for a sixth of what it takes for a row each, and
 * whoever looks something up rechecks a chunk's triples.
 */
#ifndef CS_PG_SEARCH_CHUNKS_H
#define CS_PG_SEARCH_CHUNKS_H

#include "pg/base/rows.h"
#include "pg/index/search_keys.h"
#include "model/corim.h"

typedef struct cs_search_chunks
{
	cs_rows *rows; /* (tag, first, last, keys) */
	cs_search_keys keys;
	int64 first; /* ordinal of the first triple; -1: no chunk is begun */
	int64 last;
} cs_search_chunks;

/* ctx lives as long as chunks. */
extern void cs_search_chunks_begin(cs_search_chunks *chunks, cs_ctx *ctx, cs_rows *rows);

/* Triples in document order. */
extern void cs_search_chunks_triple(cs_search_chunks *chunks, const cs_triple *triple);

/* The last chunk of triples, and those of the CoSWIDs. */
extern void cs_search_chunks_end(cs_search_chunks *chunks, const cs_corim *corim);

#endif
