/*
 * search_keys.h - the keys by which measurements and crypto keys are found: 64-bit hashes of what must be equal where a measurement
 * satisfies another (draft-ietf-rats-corim, "Rules of Comparison"). Necessary conditions, never sufficient ones: every hit is rechecked.
 *
 *	digests, integrity registers	each digest's value: whoever looks for a digest need not know its algorithm
 *	raw-value						the bytes, where no mask stands beside or in them
 *	version							the version without its scheme
 *	cryptokeys						each key (cs_key_identity)
 *	svn, flags, ranges, masks		none: they hold without being equal
 *	all else						codepoint and value; where the value is a list of digests, as profiles have it, or a set that one
 *									must be in (Intel), each of them too
 */
#ifndef CS_PG_SEARCH_KEYS_H
#define CS_PG_SEARCH_KEYS_H

#include "pg/base/pg_support.h"

/* Keys in groups: what satisfies a condition has at least one key of each of its groups. */
typedef struct cs_search_keys
{
	cs_ctx *ctx;
	bool of_condition; /* else of what is stored: more keys, and the groups mean nothing */
	bool failed;	   /* some value has no deterministic encoding: nothing matches it */
	Datum *values;	   /* int8 */
	int *groups;	   /* of each key, ascending */
	int count;
	int capacity;
	int group_count;
} cs_search_keys;

extern void cs_search_keys_init(cs_search_keys *keys, cs_ctx *ctx, bool of_condition);
/* Each adds what it finds. measurement is in deterministic encoding. */
extern void cs_search_measurement(cs_search_keys *keys, const cs_item *measurement);
/* The same of one member of a measurement-values-map. */
extern void cs_search_member(cs_search_keys *keys, const cs_item *mval, const cs_item *key, const cs_item *value);
extern void cs_search_digest(cs_search_keys *keys, cs_span value);
extern void cs_search_identity(cs_search_keys *keys, cs_span identity);

/* The digests that a measurement states, under whatever codepoint; false when the answer was. */
extern bool cs_measurement_digests(const cs_item *measurement, bool (*each)(cs_span value, void *data), void *data);

#endif
