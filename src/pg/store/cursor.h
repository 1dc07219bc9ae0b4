/*
 * cursor.h - what a statement sees of a store, as text (doc/changes.md).
 */
#ifndef CS_PG_CURSOR_H
#define CS_PG_CURSOR_H

#include "pg/base/pg_support.h"

/* What cursor() answers, by the active snapshot. Errors: invalid_schema_name when the schema is no store. */
extern char *cs_cursor(Oid store);

#endif
