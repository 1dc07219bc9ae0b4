/*
 * crl.h - certificate revocation lists beside an authority (RFC 5280 section 5): what they say of a document's certificates.
 */
#ifndef CS_PG_CRL_H
#define CS_PG_CRL_H

#include "pg/base/pg_support.h"

#include "utils/uuid.h"

/*
 * None of these certificates is revoked, by a CRL of that authority, at or before now (seconds); asked of what committed until now. SPI
 * must be connected. What a CRL says that commits beside the document is found at the document's commit. CS_BAD_SIGNATURE.
 */
extern bool cs_require_unrevoked(cs_ctx *ctx, Oid store, const pg_uuid_t *authority, const cs_span *certs, size_t count, int64_t now);

/* Writes table certificate of a document; as the tables' owner, SPI connected. */
extern void cs_derive_certificates(Oid store, const pg_uuid_t *manifest, const pg_uuid_t *truth, cs_span document, cs_span payload);

#endif
