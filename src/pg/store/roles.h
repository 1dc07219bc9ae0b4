/*
 * roles.h - who has which role of a store (doc/lifecycle.md, "Roles").
 */
#ifndef CS_PG_ROLES_H
#define CS_PG_ROLES_H

#include "postgres.h"

#include "nodes/pg_list.h"

/* Of cs_granted_role, in the current memory context: to whom grant_reader() and its kin have granted. SPI must be connected. */
extern List *cs_roles_granted(Oid store);
/* The same grants as this version makes them, for what the store has that it had not then. As the owner; SPI must be connected. */
extern void cs_roles_grant_again(Oid store, List *granted);

#endif
