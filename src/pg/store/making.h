/*
 * making.h - schemas that are made of a template: stores and federations.
 */
#ifndef CS_PG_MAKING_H
#define CS_PG_MAKING_H

#include "pg/base/pg_support.h"

/*
 * A new schema of this name, or one that the caller owns and that is neither store nor federation, with what the template makes, under the
 * rights of the caller. Errors: invalid_name, invalid_schema_name, duplicate_schema, and those of CREATE.
 */
extern Oid cs_make_schema(Datum name, const char *template);

/* Drops it with everything in it; require raises where it is not what the caller means. */
extern void cs_unmake_schema(Datum name, void (*require)(Oid schema));

#endif
