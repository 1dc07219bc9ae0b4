/*
 * http.h - the HTTP binding without a server (draft-ietf-rats-coserv section 6): routing, content negotiation, base64url,
 * discovery documents, problem details (RFC 9290). Everything that src/pg/http.c needs besides the store.
 */
#ifndef CS_HTTP_H
#define CS_HTTP_H

#include "query.h"

#define CS_WELL_KNOWN_PATH "/.well-known/coserv-configuration"

/* base64url without padding (padding and the standard alphabet are refused): CS_MALFORMED with the offset. */
extern bool cs_base64url_decode(cs_ctx *ctx, const char *text, size_t len, cs_buf *out);
extern bool cs_base64url_encode(cs_ctx *ctx, const uint8_t *data, size_t len, cs_buf *out);

/* What may be answered, best first on a tie. type "application/coserv+cose"; profile NULL or the value of the parameter. */
typedef struct cs_offer
{
	const char *type;
	const char *profile;
} cs_offer;

/*
 * Accept (RFC 9110 section 12.5.1): quoted strings with commas, q values, wildcards, parameters in any order and case. An
 * absent or empty header accepts everything. A range without a profile accepts any profile; with another profile than the
 * offer's it does not match ("Decide by the query's profile"). Returns the index of the best offer, or -1 (406), or -2 for a
 * header that cannot be parsed (400).
 */
extern int	cs_accept_negotiate(const char *accept, size_t len, const cs_offer *offers, size_t count);

/* {-1: title, -2: detail} */
extern bool cs_problem(cs_ctx *ctx, const char *title, const char *detail, cs_buf *out);

typedef struct cs_capability
{
	const char *media_type;		/* application/coserv+cose; profile="..." (one space, double quotes) */
	bool		source, collected, rims;
} cs_capability;

typedef struct cs_discovery
{
	const char *version;		/* semver */
	const cs_capability *capabilities;
	size_t		capability_count;
	const char *endpoint;		/* ends with /{query} */
	cs_span		cose_key;		/* one COSE_Key map; empty: unsigned results only */
	cs_span		jwk;			/* the same as JSON text */
} cs_discovery;

extern bool cs_discovery_cbor(cs_ctx *ctx, const cs_discovery *d, cs_buf *out);
extern bool cs_discovery_json(cs_ctx *ctx, const cs_discovery *d, cs_buf *out);

#endif
