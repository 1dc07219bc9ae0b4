/*
 * appraise_sql.h - what explain() shows of an appraisal.
 */
#ifndef CS_PG_APPRAISE_SQL_H
#define CS_PG_APPRAISE_SQL_H

#include "pg/base/rows.h"

/*
 * Rows for what an appraisal tried and what it left out: manifest, ordinal, kind, condition, matched, path, reason, wanted, found,
 * environment, differing. Of coserv.explain()'s arguments the first five are read.
 */
extern void cs_explain(FunctionCallInfo fcinfo, cs_rows *rows);

#endif
