/*
 * deterministic.h - core deterministic encoding (RFC 8949 section 4.2.1), for comparing only: what was signed is kept as it
 * came.
 */
#ifndef CS_DETERMINISTIC_H
#define CS_DETERMINISTIC_H

#include "writer.h"

/*
 * Append the deterministic encoding of item: shortest heads and floats, definite lengths, map keys in bytewise order of
 * their encodings. Integers stay integers and bignum tags stay tags. Embedded CBOR in byte strings is not touched.
 * Every NaN becomes f97e00. CS_INVALID "duplicate map key" with the offset of the second, from the start of item. CS_LIMIT when the
 * item is nested deeper than ctx->limits allow. O(n log n).
 */
extern bool cs_deterministic(cs_ctx *ctx, const cs_item *item, cs_buf *out);

/* Is item its own deterministic encoding? False also where it is nested too deeply. */
extern bool cs_is_deterministic(cs_ctx *ctx, const cs_item *item);

/* True when data (checked) is its own deterministic encoding; else CS_INVALID with the offset of the first deviation and a
 * message that names it (non-minimal head, indefinite length, key order, duplicate key). */
extern bool cs_require_deterministic(cs_ctx *ctx, const uint8_t *data, size_t len);

/* CS_INVALID with the offset of the second key, from the start of item, when any map anywhere in item has two keys
 * that are equal after deterministic encoding. */
extern bool cs_require_unique_keys(cs_ctx *ctx, const cs_item *item);

#endif
