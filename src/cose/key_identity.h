/*
 * key_identity.h - what a $crypto-key-type-choice stands for, in one form for all of its encodings, so that keys can be looked up.
 */
#ifndef CS_KEY_IDENTITY_H
#define CS_KEY_IDENTITY_H

#include "cbor/writer.h"

/*
 * What a crypto key stands for, for looking it up: the same bytes for a certificate in 555, 556 (its first) and 562, and for a key in
 * 554 with and without its PEM lines; for any other choice its deterministic encoding. Parses no key. Appended.
 * The identities by which a key that is asked about is found: its own; of a certificate also its key's and the thumbprints of both
 * (557, 559; sha-256, sha-384, sha-512); of a key also its thumbprints. Errors: memory, and what cs_deterministic refuses.
 */
#define CS_KEY_IDENTITIES 9
extern bool cs_key_identity(cs_ctx *ctx, const cs_item *crypto_key, cs_buf *out);
extern bool cs_key_identities(cs_ctx *ctx, const cs_item *crypto_key, cs_span out[CS_KEY_IDENTITIES], size_t *count);

#endif
