/*
 * verified_keys.h - the keys that the caller of appraise() has verified, and what they verify of a store's attest-key and identity triples
 * (doc/conformance.md, decision 34).
 */
#ifndef CS_PG_VERIFIED_KEYS_H
#define CS_PG_VERIFIED_KEYS_H

#include "pg/base/pg_support.h"

#include "datatype/timestamp.h"
#include "cose/device_key.h"
#include "utils/uuid.h"

typedef struct cs_verified_keys
{
	cs_item *keys;
	size_t count;
} cs_verified_keys;

/* From a crypto_key[]; null_value_not_allowed for a NULL in it. The items live as long as ctx's memory. */
extern void cs_verified_keys_read(cs_ctx *ctx, Datum array, cs_verified_keys *out);

/* In a connection to SPI: does a CRL of the authority of this manifest, known at as_of, revoke a certificate (DER Name, serial number)? */
extern bool cs_certificate_is_revoked(Oid store, const pg_uuid_t *manifest, cs_span issuer, cs_span serial, TimestampTz as_of);

/* The same of who has the manifest. */
typedef bool (*cs_is_revoked)(const pg_uuid_t *manifest, cs_span issuer, cs_span serial, void *data);

/*
 * Is this key of a triple of that manifest verified at as_of? Each certificate of its path is looked for in CRLs. False with ctx->error
 * only for lack of memory.
 */
extern bool cs_verified_keys_verify(cs_ctx *ctx, const cs_verified_keys *keys, const pg_uuid_t *manifest, const cs_item *listed,
	cs_key_purpose purpose, TimestampTz as_of, cs_is_revoked is_revoked, void *data, cs_device_key *out);

#endif
