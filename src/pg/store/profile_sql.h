/*
 * profile_sql.h - the profiles of a store: what its table profile says, as tables that src/model and src/match understand.
 */
#ifndef CS_PG_PROFILE_SQL_H
#define CS_PG_PROFILE_SQL_H

#include "pg/base/pg_support.h"

#include "datatype/timestamp.h"
#include "match/match.h"

typedef struct cs_store_profiles cs_store_profiles;

/*
 * Read once a statement: as known at as_of, in ctx's memory. SPI is connected, a snapshot is there. Names and rules of a profile that is
 * built in stay, where the table has none for the codepoint.
 */
extern const cs_store_profiles *cs_store_profiles_read(cs_ctx *ctx, Oid store, TimestampTz as_of);
/* By canonical text: the store's, else the one that is built in, else NULL. */
extern const cs_profile *cs_store_profile_find(const cs_store_profiles *profiles, const char *text, size_t len);

#endif
