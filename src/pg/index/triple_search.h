/*
 * triple_search.h - what the operators cbor @@ measurement, cbor @@ crypto_key and cbor @@ bytea mean, for the operators themselves
 * (triple_search.c) and for their operator class (measurement_gin.c).
 */
#ifndef CS_PG_TRIPLE_SEARCH_H
#define CS_PG_TRIPLE_SEARCH_H

#include "cose/key_identity.h"
#include "search_keys.h"

/* Adds the keys of all measurements and keys in a triple, as it is stored. */
extern void cs_search_triple(cs_search_keys *keys, const cs_item *triple);

/* Identities by which a key is found (cs_key_identities); none when it has none. */
extern size_t cs_search_identities(cs_ctx *ctx, const cs_item *crypto_key, cs_span identities[CS_KEY_IDENTITIES]);

#endif
