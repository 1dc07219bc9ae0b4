/*
 * appraise_sql.h - appraising over a store, for who shows what came of it; and what explain() shows.
 */
#ifndef CS_PG_APPRAISE_SQL_H
#define CS_PG_APPRAISE_SQL_H

#include "pg/base/rows.h"

#include "appraise/appraise.h"
#include "datatype/timestamp.h"
#include "utils/uuid.h"

/*
 * The final ACS for the arguments store, evidence, as_of, verified_keys, verifier, in this order, of a function that has them first; NULL
 * when store or evidence is null. *as_of is the moment that it is of. Memory is ctx's, which is set up here. Raises.
 */
extern cs_acs *cs_appraise_arguments(FunctionCallInfo fcinfo, cs_ctx *ctx, TimestampTz *as_of);

/* Whose triple a relation of such an ACS is: manifest and ordinal; false where it is NULL, as that of Evidence is. */
extern bool cs_relation_source(const cs_relation *relation, const pg_uuid_t **manifest, int32 *ordinal);

/*
 * Rows for what an appraisal tried and what it left out: manifest, ordinal, kind, condition, matched, path, reason, wanted, found,
 * environment, differing. Of coserv.explain()'s arguments the first five are read.
 */
extern void cs_explain(FunctionCallInfo fcinfo, cs_rows *rows);

#endif
