/*
 * anchors.h - trust anchor stores (CoTS, tag 507) in answers to CoSERV queries, where coserv.tas_in_results is on.
 */
#ifndef CS_PG_ANCHORS_H
#define CS_PG_ANCHORS_H

#include "execute.h"

/* Those of the store that count at as_of and apply to the query, into the answer's result, whose context ctx is. SPI is used inside.
 * Raises. */
extern void cs_add_anchors(cs_ctx *ctx, Oid store, cs_answer *answer, cs_result *result, TimestampTz as_of);

#endif
