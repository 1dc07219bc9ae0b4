/*
 * digest_alg.h - digest algorithms, a row each: IANA Named Information Hash Algorithm Registry (RFC 6920; the SHA-3 family, FIPS 202) and
 * COSE Algorithms (RFC 9054). CoRIM's digests, thumbprints and COSE hash envelopes all name them from here (draft-ietf-rats-corim 7.7).
 *
 * One algorithm has two numbers and several names in real files; they are equal everywhere, names in any case (doc/conformance.md,
 * doc/conformance.md, decision 13). Two algorithms are the same when their rows are.
 */
#ifndef CS_DIGEST_ALG_H
#define CS_DIGEST_ALG_H

#include "cbor/item.h"

typedef struct cs_digest_alg
{
	int named_information; /* 0: has none */
	int cose;			   /* 0: has none */
	const char *names[3];  /* the registered one first; NULL behind the last */
	const char *hash;	   /* the hash function, as OpenSSL calls it */
	size_t size;		   /* bytes: the hash, truncated on the right to so many */
	const char *reference; /* where IANA's registry says it is from */
} cs_digest_alg;

/* By an integer or text; NULL when it is neither, or names none. */
extern const cs_digest_alg *cs_digest_alg_of(const cs_item *alg);
/* Is this integer COSE's number of the algorithm? In COSE headers named information's mean something else. */
extern bool cs_digest_alg_is_cose(const cs_digest_alg *alg, const cs_item *number);
/* All of them, in order; NULL behind the last. */
extern const cs_digest_alg *cs_digest_alg_at(size_t index);

#endif
