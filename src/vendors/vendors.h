/*
 * vendors.h - documents in the forms of vendors: TCB infos, launch endorsements and the like, as the vendor signed them. Each becomes a
 * CoRIM, from which all else is derived; what is signed, by which key and by whom stays the vendor's own (doc/vendors.md).
 */
#ifndef CS_VENDORS_H
#define CS_VENDORS_H

#include "cose/cose.h"

typedef struct cs_vendor_format cs_vendor_format;

/* A document taken apart. Spans point into it, or into the context's memory. */
typedef struct cs_vendor_document
{
	const cs_vendor_format *format;
	/* a CS_COSE_NONE: the bytes that are signed, the signature over them, and the certificates; or the COSE_Sign1 that the document is */
	cs_sign1 signature;
	cs_span issuer;		 /* who it says has signed it; empty: the subject of his certificate will do */
	cs_span corim;		 /* 501(corim-map): what it becomes */
	bool has_generation; /* of those that a vendor issues several generations of */
	int64_t generation;
} cs_vendor_document;

struct cs_vendor_format
{
	const char *name;		/* as manifest.format has it */
	const char *media_type; /* of the document as it came */
	const char *signer;		/* who signs it, for an error */
	bool certified;			/* it is a certificate, which a CA has signed: no purpose is asked of its key */
	/* Is it of this form? Looks at little, and answers for nothing else. */
	bool (*is)(cs_span document);
	/* All but format and the certificates that came beside it. */
	bool (*open)(cs_ctx *ctx, cs_span document, cs_vendor_document *out);
	/* May the owner of certs[0] sign it? *yes false: he may not. purposes: those of the authority (cs_key.purposes). */
	bool (*may_sign)(
		cs_ctx *ctx, const cs_vendor_document *document, const cs_span *certs, size_t count, const char *const *purposes, bool *yes);
};

/* They all, one after the other; NULL behind the last. */
extern const cs_vendor_format *cs_vendor_format_at(size_t index);

/* The form that a document is of; NULL: none of these. */
extern const cs_vendor_format *cs_vendor_format_of(cs_span document);

/*
 * Take a document of such a form apart; no signature is verified. chain: the certificates that came beside it, the signer's first, in
 * PEM or DER one behind the other; {NULL, 0} where there were none. CS_MALFORMED, CS_INVALID, CS_UNSUPPORTED, CS_LIMIT, CS_BAD_KEY; the
 * path of an error is the form's own ("tcbInfo.tcbLevels[2].tcb").
 */
extern bool cs_vendor_open(cs_ctx *ctx, const cs_vendor_format *format, cs_span document, cs_span chain, cs_vendor_document *out);

/* Errors when the owner of certs[0] may not sign the document: CS_BAD_SIGNATURE with his name in found, CS_BAD_KEY. */
extern bool
cs_vendor_require_signer(cs_ctx *ctx, const cs_vendor_document *document, const cs_span *certs, size_t count, const char *const *purposes);

#endif
