/*
 * scope.h - an authority speaks only for its scope (RATS Endorsements, section 6).
 */
#ifndef CS_PG_SCOPE_H
#define CS_PG_SCOPE_H

#include "pg/base/pg_support.h"

#include "model/corim.h"

/* Columns of a store's table authority; 0 where NULL: no bound. */
typedef struct cs_scope
{
	const char *authority;
	Datum environments; /* environment[] */
	Datum profiles;		/* text[] */
	Datum kinds;		/* smallint[] */
	Datum tag_ids;		/* text[]: LIKE patterns */
} cs_scope;

/* CS_OUT_OF_SCOPE with the path of the first thing outside: profile, tag id, a triple's kind or environment, or those of a trust anchor
 * store. */
extern bool cs_require_scope(cs_ctx *ctx, const cs_corim *corim, const cs_scope *scope);

#endif
