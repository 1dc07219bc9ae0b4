/*
 * crl.h - certificate revocation lists beside an authority (RFC 5280 section 5): what they say of a document's certificates.
 */
#ifndef CS_PG_CRL_H
#define CS_PG_CRL_H

#include "pg/base/pg_support.h"

/*
 * None of these certificates is revoked, by a CRL of that authority, at or before now (seconds). SPI must be connected. Takes the
 * store's lock against new CRLs, in the mode that loads share, until the transaction ends. CS_BAD_SIGNATURE.
 */
extern bool cs_require_unrevoked(cs_ctx *ctx, Oid store, const char *authority, const cs_span *certs, size_t count, int64_t now);

#endif
