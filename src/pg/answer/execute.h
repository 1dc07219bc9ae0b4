/*
 * execute.h - answering a CoSERV query from a store.
 */
#ifndef CS_PG_EXECUTE_H
#define CS_PG_EXECUTE_H

#include "pg/base/pg_support.h"

#include "conveyed.h"
#include "datatype/timestamp.h"
#include "pg/store/truth.h"
#include "query/result.h"

typedef struct cs_answer
{
	cs_query query;
	cs_buf result;	   /* the coserv map with results */
	int64_t expiry;	   /* seconds since 1970 */
	uint64_t count;	   /* quads, sources and RIMs in it */
	TimestampTz as_of; /* the moment that it is the answer of */
} cs_answer;

/*
 * Read a query and answer it as the store stood and held at as_of, NULL: now. options: CS_QUERY_TYPED, or 0. Returns false with ctx->error
 * for what is wrong with the query; raises for everything else. Memory is ctx's. SPI is used inside.
 */
extern bool cs_answer_query(cs_ctx *ctx, Oid store, cs_span query, unsigned options, const TimestampTz *as_of, cs_answer *answer);

/* A document, and its chain as an artifact of its own. */
extern void cs_add_source(cs_result *result, const cs_conveyance *conveyed);

#define CS_COSERV_CBOR "application/coserv+cbor"
#define CS_COSERV_COSE "application/coserv+cose"

#endif
