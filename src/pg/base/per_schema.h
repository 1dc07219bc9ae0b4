/*
 * per_schema.h - what a session remembers of each store or federation, by the schema that it is.
 */
#ifndef CS_PG_PER_SCHEMA_H
#define CS_PG_PER_SCHEMA_H

#include "pg_support.h"

#include "utils/hsearch.h"

/*
 * The entry of a schema, of size bytes: its Oid first, all else zero where it is new. It lives as long as the session. The first call makes
 * the table and calls listen (NULL: nothing), which registers whoever is to hear of changes.
 */
extern void *cs_per_schema(HTAB **all, const char *name, Size size, void (*listen)(void), Oid schema);

#endif
