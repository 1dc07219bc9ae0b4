/*
 * cbor_get.h - parts of a CBOR item by key, as the operators ->, ->>, #> and #>> have them (cbor_get.c).
 */
#ifndef CS_PG_CBOR_GET_H
#define CS_PG_CBOR_GET_H

#include "pg/base/pg_support.h"

/* What is inside the tags of an item. */
extern cs_item cs_pg_untag(cs_item item);

/*
 * The part of a container under a key, looking through the container's tags: the value of a map's key, which compares by
 * deterministic encoding, or an array's element by position, from the end when it is negative. The first one when a map has
 * the key twice. false when there is none.
 */
extern bool cs_pg_cbor_get(const cs_item *container, const cs_item *key, cs_item *value);

#endif
