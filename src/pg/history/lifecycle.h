/*
 * lifecycle.h - SQL functions that other functions call too.
 */
#ifndef CS_PG_LIFECYCLE_H
#define CS_PG_LIFECYCLE_H

#include "pg/base/pg_support.h"

/* load() for C, with all of its arguments: store regnamespace, document bytea, authority text, payload bytea, chain bytea -> uuid, NULL
 * where store or document is (load.c) */
extern NullableDatum
cs_load(NullableDatum store, NullableDatum document, NullableDatum authority, NullableDatum payload, NullableDatum chain);
/* Its payload, or in its place the chain: what stands beside a document. Raises what of both does not fit the document. */
extern NullableDatum cs_load_beside(NullableDatum document, NullableDatum payload, NullableDatum chain);
/* revoke() for C, from the moment of the transaction on: store regnamespace, manifest uuid, authority text, tag_id text, tag_version
 * numeric (lifecycle.c) */
extern void cs_revoke(NullableDatum store, NullableDatum manifest, NullableDatum authority, NullableDatum tag_id, NullableDatum tag_version,
	const char *reason);

/* act(data) in a subtransaction that is rolled back, whatever comes of it; memory of the caller's context and tuplestores that were
 * begun before stay (what_if.c). */
extern void cs_what_if(void (*act)(void *data), void *data);

#endif
