/*
 * triple_parts.h - the measurements and keys in a triple, whatever its kind (draft-ietf-rats-corim section 5.1.4).
 *
 * Total: works on any item, and passes over what is not where the CDDL has it.
 */
#ifndef CS_PG_TRIPLE_PARTS_H
#define CS_PG_TRIPLE_PARTS_H

#include "codepoints/codepoints.h"
#include "pg/base/pg_support.h"

typedef struct cs_part
{
	const char *role;	 /* "reference", "endorsed", "condition", "endorsement", "common", "addition", "key" */
	int number;			 /* of the condition, endorsement or series item, from 0; -1 where there is one place only */
	int position;		 /* in its list, from 0 */
	cs_item environment; /* environment-map; p NULL when there is none */
	cs_item authority;	 /* authorized-by of a series' common condition; p NULL when there is none */
	cs_item item;		 /* measurement-map, or a key as it stands in the triple */
} cs_part;

/* Calls back for each measurement (each key) until the answer is false; false when it was. */
typedef bool (*cs_each_part)(const cs_part *part, void *data);
extern bool cs_triple_measurements(const cs_item *triple, int kind, cs_each_part each, void *data);
extern bool cs_triple_keys(const cs_item *triple, cs_each_part each, void *data);

/*
 * The same where only the item is known: its shape tells 0 and 1, 2 and 3, 8 and 10 apart. A measurement-map or a tagged key that
 * stands alone is one, too. Either callback may be NULL.
 */
extern bool cs_parts(const cs_item *item, cs_each_part measurement, cs_each_part key, void *data);

/* A key as a $crypto-key-type-choice in deterministic encoding; that of a verification-key-map (doc/legacy.md) in tag 554. False when it
 * has none. Errors as cs_deterministic. */
extern bool cs_part_key(cs_ctx *ctx, const cs_item *key, cs_buf *out);

#endif
