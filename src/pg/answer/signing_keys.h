/*
 * signing_keys.h - the keys that sign a store's results: those that the superuser's file binds to it, held open once a backend, and read
 * again at the next use after a file changed.
 */
#ifndef CS_PG_SIGNING_KEYS_H
#define CS_PG_SIGNING_KEYS_H

#include "signing_file.h"

#include "cose/cose.h"

/* A key that could be read. Its memory is the backend's, until the next call of cs_signing_keys_of: nothing that runs SQL may come
 * between. */
typedef struct cs_signing_key
{
	const cs_key_line *line;
	const cs_signer *signer;
	cs_span kid;
	cs_span cose_key; /* COSE_Key map */
	cs_span jwk;	  /* JSON text */
} cs_signing_key;

typedef struct cs_signing_keys
{
	const cs_signing_key **listed; /* what discovery lists, in the file's order; palloc'd */
	int count;
	const cs_signing_key *signing; /* one of them; NULL: nothing is signed */
	const char *why;			   /* then: the reason, a sentence */
	const char *hint;			   /* and the remedy; may be NULL */
	int sqlstate;
	bool broken; /* something that the file says cannot be done, so that it will be otherwise when that is mended: a WARNING */
} cs_signing_keys;

extern void cs_signing_keys_of(Oid store, cs_signing_keys *keys);
/* For who goes on without what is broken. */
extern void cs_warn_of_keys(const cs_signing_keys *keys);

/* The answer in a COSE_Sign1 (draft-ietf-rats-coserv section 4.6). Raises. */
extern void cs_sign_answer(cs_ctx *ctx, cs_span answer, const cs_signing_key *key, cs_buf *out);

#endif
