/*
 * vouch.h - does a key vouch for a signature, itself or through the certificates that come with it (draft-ietf-rats-corim section 4.2, RFC
 * 9360)? Stores ask it of their authorities, and the command-line tool of the keys it is given.
 */
#ifndef CS_VOUCH_H
#define CS_VOUCH_H

#include "document.h"

/* One signature, and the certificates that come with it: the signer's first, whose key was found to have made it. */
typedef struct cs_signature
{
	const cs_sign1 *sign1;
	cs_span *certs;
	size_t cert_count;
	cs_key leaf; /* of certs[0] */
} cs_signature;

typedef struct cs_vouching
{
	int64_t at; /* when certificates are to hold (seconds); CS_ANY_TIME: whenever */
	bool accept_rs;
	const char *const *purposes;	  /* cs_key.purposes */
	cs_span detached;				  /* what a detached signature is over */
	const cs_vendor_document *vendor; /* of a vendor's document: who may sign it; NULL: any other */
	bool judged;					  /* at is a moment that somebody chose: certificates that hold then end nothing */
	/* what cs_vouches found */
	cs_span certificate; /* of the signer: his own, or the authority's; empty when the authority is a bare key */
	cs_span spki;		 /* the public key that verified the signature */
	cs_validity path;	 /* when all certificates hold that trust goes through */
	int length;			 /* how many these are; 0: the authority's key is the signer's own */
} cs_vouching;

/* Verifies the signature with its own certificates, where it has some. Errors of cs_sign1_certs. */
extern bool cs_signature_open(cs_ctx *ctx, const cs_sign1 *sign1, const cs_vouching *how, cs_signature *out);
/* crypto_key is a $crypto-key-type-choice, thumbprints of certificates among them. CS_BAD_SIGNATURE, CS_BAD_KEY, CS_EXPIRED,
 * CS_UNSUPPORTED. */
extern bool cs_vouches(cs_ctx *ctx, const cs_signature *signature, const cs_item *crypto_key, cs_vouching *how);

#endif
