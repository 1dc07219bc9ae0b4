/*
 * conveyed.h - documents as they are answered.
 */
#ifndef CS_PG_CONVEYED_H
#define CS_PG_CONVEYED_H

#include "pg/base/pg_support.h"

#include "utils/uuid.h"

/* The media type under which a document is answered. */
extern const char *cs_media_type(cs_span document, bool is_signed);

typedef struct cs_conveyance
{
	const char *media_type;
	cs_span document;
	cs_span chain; /* of a vendor's document, the certificates beside it, in PEM; empty: none */
} cs_conveyance;

/*
 * The document of a row of truth, whoever asks: what leads to it is the caller's right to see it. Memory is ctx's. SPI is used inside where
 * look-ups do not do. Raises, also where it is not what was stored.
 */
extern cs_conveyance cs_conveyed(cs_ctx *ctx, Oid store, const pg_uuid_t *truth, bool is_signed);

#define CS_PEM_CHAIN "application/pem-certificate-chain" /* RFC 8555 section 9.1 */
#define CS_RIM_COSE "application/rim+cose"
#define CS_RIM_CBOR "application/rim+cbor"

#endif
