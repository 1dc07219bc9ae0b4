/*
 * cots.h - what a trust anchor store (draft-ietf-rats-concise-ta-stores section 3) says of environments.
 */
#ifndef CS_COTS_H
#define CS_COTS_H

#include "schema.h"

/* The stores in a CoTS tag, which holds one or a list of them; validated content. */
extern cs_iter cs_cots_stores(const cs_item *content);
/* The groups of a store's environments; none: it is for every environment. */
extern cs_iter cs_cots_groups(const cs_item *store, uint64_t *count);
/* The environment-map of a group; p is NULL where it has none, but a CoSWID or a name. False only for lack of memory. */
extern bool cs_cots_environment(cs_ctx *ctx, const cs_item *group, cs_item *environment);

#endif
