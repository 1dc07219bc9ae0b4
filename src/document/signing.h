/*
 * signing.h - an unsigned CoRIM made ready to be signed: what is signed, and the header over it (draft-ietf-rats-corim section 4.2). Who
 * signs, here (cs_signer_sign1) or elsewhere (cs_sign1_draft), takes both.
 */
#ifndef CS_SIGNING_H
#define CS_SIGNING_H

#include "document.h"

/* What the signer says. Empty spans and NULL are absent. */
typedef struct cs_signing
{
	cs_span signer_name; /* UTF-8; must be there */
	cs_span signer_uri;	 /* UTF-8 */
	cs_validity validity;
	const char *metadata;	/* "cwt-claims", "corim-meta" or "both"; NULL: both, or cwt-claims where a beginning has no end */
	const cs_span *x5chain; /* DER, the signer's first */
	size_t x5chain_count;
	bool has_kid;
	cs_span kid;
	bool hash_envelope; /* the payload is the CoRIM's SHA-256 (RFC 9995) */
	bool detached;		/* the payload stays with the caller */
} cs_signing;

/*
 * A document as its author wrote it, EDN as CBOR already or JSON with the standard's names (doc/json.md): JSON is made into CBOR, anything
 * else comes out as it is. Whether it is a document is the next function's to say. Errors of cs_json_read.
 */
extern bool cs_signing_read(cs_ctx *ctx, cs_span written, cs_span *document);

/* The 501(corim-map) that is signed, of a document that is opened and validated whole. CS_INVALID when it is signed already, or, where the
 * payload stays with the caller, is not that already; errors of cs_open_document. */
extern bool cs_signing_payload(cs_ctx *ctx, cs_span document, const cs_signing *signing, cs_span *payload);
/* The protected header map without alg; *payload becomes the digest of a hash envelope. CS_INVALID for metadata that cannot say it. */
extern bool cs_signing_header(cs_ctx *ctx, const cs_signing *signing, cs_span *payload, cs_buf *header);

#endif
