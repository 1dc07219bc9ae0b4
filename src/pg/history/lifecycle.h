/*
 * lifecycle.h - SQL functions that other functions call too, by a call of their own with InvalidOid and no FmgrInfo.
 */
#ifndef CS_PG_LIFECYCLE_H
#define CS_PG_LIFECYCLE_H

#include "pg/base/pg_support.h"

/* load(store regnamespace, document bytea, authority text, payload bytea) -> uuid (load.c) */
extern PGDLLEXPORT Datum coserv_load(PG_FUNCTION_ARGS);
/* revoke(store regnamespace, manifest uuid, authority text, tag_id text, tag_version numeric, reason text, effective_from timestamptz)
 * -> uuid (lifecycle.c) */
extern PGDLLEXPORT Datum coserv_revoke(PG_FUNCTION_ARGS);

/* act(data) in a subtransaction that is rolled back, whatever comes of it; memory of the caller's context and tuplestores that were
 * begun before stay (what_if.c). */
extern void cs_what_if(void (*act)(void *data), void *data);

#endif
