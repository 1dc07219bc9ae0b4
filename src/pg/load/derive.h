/*
 * derive.h - what a document holds, as rows of a store's derived tables.
 */
#ifndef CS_PG_DERIVE_H
#define CS_PG_DERIVE_H

#include "pg/trust/verify.h"

/*
 * Writes tag, tag_link, triple, triple_environment, triple_condition and search_key of a manifest; as the tables' owner
 * (cs_become_owner). document need only be validated; authority is the manifest's (uuid). Errors: an INSERT's own.
 */
extern void cs_derive(Oid store, Datum manifest, const cs_verified *document, Datum authority);

/*
 * A document of which older versions are here: makes sure that what was superseded before does not stand in the way of look-ups for what it
 * speaks of (pg/base/sweep.h). Of several environments one is looked at, not always the same; of small documents not each.
 */
extern void cs_sweep_superseded(Oid store, const pg_uuid_t *manifest, const cs_verified *document);

#endif
