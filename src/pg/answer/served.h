/*
 * served.h - the profiles that documents of a store have: what it tells in discovery (doc/conformance.md, decision 42).
 */
#ifndef CS_PG_SERVED_H
#define CS_PG_SERVED_H

#include "pg/base/pg_support.h"

#include "nodes/pg_list.h"

/* cs_span of canonical text each, in the order of their bytes, in the current memory context. SPI is used inside. */
extern List *cs_profiles_of_store(Oid store);
extern bool cs_has_profile(const List *profiles, cs_span profile);
/* The profile in its place, where it is not there yet. */
extern List *cs_add_profile(List *profiles, cs_span profile);

#endif
