/*
 * owner.h - whose a statement is, where its signature leads to several authorities of a store (a root and a certificate below it, a key and
 * its certificate): of those that may say it, the first in this order, which rests on what is signed and on truth alone. So it is the same
 * in every region, whichever of them was known first, and whenever it is asked.
 *
 * 1. who could speak for this signer when the last was said of any authority, which is what truth knows of the time: one that is to begin
 *    later, as a successor who is announced, takes nothing from who speaks until then;
 * 2. of these, who may speak for him longest: until valid_until, a revocation or the end of a certificate on the way to him;
 * 3. of these, who may from the earliest moment on;
 * 4. of these, the nearest to the signer: the fewest certificates;
 * 5. of these, the smallest id.
 */
#ifndef CS_PG_OWNER_H
#define CS_PG_OWNER_H

#include "pg/base/pg_support.h"

#include "datatype/timestamp.h"
#include "utils/uuid.h"

/* An authority that a signature leads to. */
typedef struct cs_candidate
{
	pg_uuid_t authority;
	TimestampTz begin; /* it may speak for the signer from then on */
	TimestampTz end;   /* until then; not after begin: never */
	bool could_speak;  /* when the last was said of any authority */
	int length;		   /* certificates between them; 0: the key is the signer's own */
} cs_candidate;

/* For qsort. */
extern int cs_compare_candidates(const void *a, const void *b);

/*
 * Narrows begin and end to when the authorities themselves may speak, and sets could_speak. SPI must be connected, as who may read the
 * store's tables.
 */
extern void cs_candidates_rights(Oid store, cs_candidate *candidates, int count);

/*
 * What a session remembers of authorities' keys, so that loading asks OpenSSL once: an id is made from a key, and the signer's id from all
 * that leads from a signature to a key.
 */
/* Is the SHA-256 of the authority's public key this one, whatever form it has? A thumbprint is none. */
extern bool cs_authority_has_key(const pg_uuid_t *authority, const cs_item *key, const uint8_t digest[32]);
/* Does a signer lead to an authority that may say this much? Asked first, answers whether it is remembered; then it may be. */
extern bool cs_lead_is_remembered(const uint8_t signer[16], const pg_uuid_t *authority, const pg_uuid_t *scope, bool *is);
extern void cs_remember_lead(const uint8_t signer[16], const pg_uuid_t *authority, const pg_uuid_t *scope, bool is);

#endif
