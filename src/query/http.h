/*
 * http.h - the HTTP binding without a server (draft-ietf-rats-coserv section 6): routing, content negotiation, base64url,
 * discovery documents, problem details (RFC 9290). Everything that src/pg/answer/http_sql.c needs besides the store.
 */
#ifndef CS_HTTP_H
#define CS_HTTP_H

#include "query.h"

#define CS_WELL_KNOWN_PATH "/.well-known/coserv-configuration"

/*
 * Where a request goes. target: path and query string, normalized. endpoint: what discovery says, "/coserv/{query}". *query is
 * the last path segment with whatever stands behind it (a query string or an escape is no base64url: 400).
 */
typedef enum cs_route
{
	CS_ROUTE_NONE,
	CS_ROUTE_ABOUT, /* "/" */
	CS_ROUTE_DISCOVERY,
	CS_ROUTE_QUERY
} cs_route;
/* Undoes the escapes of unreserved characters in place (%2D is "-", RFC 3986 section 6.2.2.2); others stay as they are. */
extern void cs_http_normalize(char *target);
extern cs_route cs_http_route(const char *target, size_t len, const char *endpoint, cs_span *query);

/* If-None-Match (RFC 9110 section 13.1.2) by weak comparison; "*" matches. etag: with its quotes, W/ or not. A header that cannot
 * be parsed, or NULL, matches nothing. */
extern bool cs_etag_matches(const char *if_none_match, size_t len, const char *etag);

/* base64url without padding; padding, the standard alphabet and stray bits are refused: CS_MALFORMED with the offset. */
extern bool cs_base64url_decode(cs_ctx *ctx, const char *text, size_t len, cs_buf *out);

/* What may be answered, best first on a tie. type "application/coserv+cose"; profile NULL or the value of the parameter. */
typedef struct cs_offer
{
	const char *type;
	const char *profile;
} cs_offer;

/*
 * Accept (RFC 9110 section 12.5.1): quoted strings with commas, q values, wildcards, parameters in any order and case. An
 * absent or empty header accepts everything. A range without a profile accepts any profile; with another profile than the
 * offer's it does not match ("Decide by the query's profile"). Other parameters of a range restrict nothing: nobody offers
 * them. Returns the index of the best offer, or -1 (406), or -2 for a header that cannot be parsed (400).
 */
extern int cs_accept_negotiate(const char *accept, size_t len, const cs_offer *offers, size_t count);

/* {-1: title, -2: detail}; detail NULL: the title again, for the draft wants both. Bytes that are not UTF-8 become "?". */
extern bool cs_problem(cs_ctx *ctx, const char *title, const char *detail, cs_buf *out);

typedef struct cs_capability
{
	const char *media_type; /* application/coserv+cose; profile="..." (one space, double quotes) */
	bool source, collected, rims;
} cs_capability;

typedef struct cs_discovery
{
	const char *version; /* semver */
	const cs_capability *capabilities;
	size_t capability_count;
	const char *endpoint; /* ends with /{query} */
	cs_span keys;		  /* COSE_Key maps one behind the other, or JWKs with commas between; empty: unsigned results only */
	size_t key_count;
} cs_discovery;

/* CS_INVALID: an endpoint without /{query} at its end, no capability, or one that supports nothing. */
extern bool cs_discovery_cbor(cs_ctx *ctx, const cs_discovery *d, cs_buf *out);
extern bool cs_discovery_json(cs_ctx *ctx, const cs_discovery *d, cs_buf *out);

#endif
