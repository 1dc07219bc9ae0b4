/*
 * statements.h - the SQL that the extension runs over a store's tables (statements.c), for who keeps the plans of it (store_plan.c).
 */
#ifndef CS_PG_STATEMENTS_H
#define CS_PG_STATEMENTS_H

#include "store.h"

typedef struct cs_statement_text
{
	const char *sql;
	const char *types[19]; /* of $1.., NULL-terminated; a name with a dot is the extension's own */
} cs_statement_text;

/* By cs_statement; @store@ and @store_literal@ stand for the store. */
extern const cs_statement_text cs_statement_texts[CS_STATEMENTS];

#endif
