/*
 * document.h - a document taken apart and validated, whatever form it is signed in: load() and inspect() both go by this, so that one
 * refuses what the other calls an error.
 */
#ifndef CS_DOCUMENT_H
#define CS_DOCUMENT_H

#include "cose/cose.h"
#include "model/corim.h"
#include "vendors/vendors.h"

typedef struct cs_verified
{
	cs_document envelope;
	const cs_vendor_document *vendor; /* of a CS_ENV_VENDOR: its corim is what it becomes; else NULL */
	cs_sign1 sign1;					  /* when signed: headers and payload of the COSE_Sign1, or the body of a COSE_Sign */
	cs_sign1 *signatures;			  /* when signed: one, or those of a COSE_Sign */
	size_t signature_count;
	cs_span member;		   /* of a signed collection: the one that is meant */
	cs_span detached;	   /* what a detached signature is over: what was handed in, or its digest; else data is NULL */
	cs_signer_meta signer; /* when signed; of a COSE_Sign, complete after cs_find_authority */
	cs_corim corim;
	cs_validity validity; /* the narrowest of everything that says one */
	const char *legacy[2 * CS_MAX_LEGACY];
	size_t legacy_count;
	/* src/pg/trust's own */
	bool as_history;		/* set by the caller, before cs_find_authority, as the next two: see there */
	size_t signature;		/* which of several, from 1 on; 0: any */
	const uint8_t *must_be; /* id of the statement; NULL: any */
	char *authority;		/* set by cs_find_authority, as what follows: its name; in ctx's memory */
	uint8_t authority_id[16];
	uint8_t authority_scope[16]; /* what it may say now */
	uint8_t statement[16];		 /* id of what was signed, and of the public key that verified it (sql/store/10_tables.sql) */
	uint8_t signer_id[16];		 /* of what leads from the signature to an authority (the same); zeros where it is not signed */
	bool has_rivals;			 /* it leads to other authorities, too (pg/trust/owner.h) */
	uint64_t authorities_known;	 /* cs_authorities_sum of those that it was chosen among; 0: it was not asked whose it is */
} cs_verified;

/*
 * Take a document apart and validate all of it; no signature is verified. CS_MALFORMED, CS_INVALID, CS_LIMIT, CS_LEGACY_REFUSED,
 * CS_UNSUPPORTED, CS_BAD_SIGNATURE. Offsets count from the document's start.
 *
 * payload is what the document does not hold itself, {NULL, 0} for none: the CoRIM that a detached signature is over (RFC 9052
 * section 2), the pre-image of a hash envelope (RFC 9995), or the member of a signed collection that is meant (section 4.3.1 of
 * the draft). It must be there exactly where it is needed; offsets of errors in it count from its start. Beside a vendor's document
 * (vendors/vendors.h) it is the certificates that lead to its signer's key, which may be missing.
 */
extern bool cs_open_with_payload(cs_ctx *ctx, cs_span document, cs_span payload, bool accept_legacy, cs_verified *out);
/* The same without a payload. */
extern bool cs_open_document(cs_ctx *ctx, cs_span document, bool accept_legacy, cs_verified *out);

/*
 * All of that but the content: the envelope, its headers, and what they say of the signer. how tells of every fault of COSE headers
 * (cose.h); the answer is false as well then. Of what an envelope without content needs, cs_wants_payload tells.
 */
extern bool cs_open_envelope(cs_ctx *ctx, cs_span document, bool accept_legacy, const cs_cose_reader *how, cs_verified *out);
/* What the content is read of: the payload that was given beside the document, or the document. */
extern cs_span cs_content_of(cs_span document, cs_span payload);
/* Is the content something that the document does not hold, or one of several that it holds? */
extern bool cs_wants_payload(const cs_verified *document);

/* The headers of a signed document, its payload left alone: cheap. False without an error when it is not signed. A vendor's document is
 * taken apart, with the certificates that payload has. */
extern bool cs_open_signatures(cs_ctx *ctx, cs_span document, cs_span payload, cs_verified *out);

/* Is it a COSE_Sign1 around a collection of CoRIMs, by its content type? *members gets the collection, once checked. */
extern bool cs_is_collection(const cs_verified *document);
extern bool cs_collection_open(cs_ctx *ctx, const cs_verified *document, cs_item *members);
/* Whether a document may be loaded at time now (seconds) is cs_require_valid's to say: CS_EXPIRED when it is over, or signed by a signature
 * that does not hold yet. */
extern bool cs_require_valid(cs_ctx *ctx, const cs_verified *document, int64_t now);
/* Label and bytes (501(corim-map)) of the next member; cs_iterate(members) begins. */
extern bool cs_next_member(cs_ctx *ctx, cs_iter *it, cs_item *label, cs_span *member);

#endif
