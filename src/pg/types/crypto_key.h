/*
 * crypto_key.h - lists of keys: $crypto-key-type-choice, as a crypto_key holds one.
 */
#ifndef CS_PG_CRYPTO_KEY_H
#define CS_PG_CRYPTO_KEY_H

#include "pg/base/pg_support.h"

/* The keys as a CBOR array: authorized-by, the authorities of a quad or of an ECT. Memory is ctx's. Raises. */
extern cs_span cs_pg_key_list(cs_ctx *ctx, const cs_item *keys, size_t count);

/* The same for one crypto_key. */
static inline cs_span
cs_pg_key_list_of(cs_ctx *ctx, Datum crypto_key)
{
	cs_item key = cs_pg_item(crypto_key);

	return cs_pg_key_list(ctx, &key, 1);
}

#endif
