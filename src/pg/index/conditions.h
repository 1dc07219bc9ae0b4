/*
 * conditions.h - what the condition of a triple asks of an ACS, and what an ACS holds, as keys: so that of many conditions about one
 * environment only those are fetched that could match, and the other way round only that Evidence is looked at that a triple could touch
 * (draft-ietf-rats-corim, "ACS Augmentation" and "Rules of Comparison").
 *
 * A triple has some asks. It adds nothing to an ACS of which none of them is met. That is all they say: what is met is tried as ever.
 *
 * An ask (anchor, key, minimum) is met by an environment of the ACS with its elements where
 *	- anchor is one of cs_held_anchors() of the environment; and
 *	- key is one of those that its elements hold (cs_hold_element), with most >= minimum; or key is CS_ASKS_NOTHING.
 * As tables: asks are rows (anchor, key, minimum) in a B-tree, and each (anchor, key) that is held is a range of it from the smallest
 * number to most; the other way round, what is held are rows (key, most) beside the environment's anchors, and an ask is a range from
 * minimum on.
 *
 * Of what a condition asks for, all of which must be there, one thing is taken: that which is likely to be the rarest. What only a profile
 * compares (decision 32 of doc/conformance.md) is not, as profiles come and go.
 *
 * All are 64-bit hashes but minimum and most. They are on disk: another hash takes another name of the table.
 */
#ifndef CS_PG_CONDITIONS_H
#define CS_PG_CONDITIONS_H

#include "codepoints/codepoints.h"
#include "pg/base/pg_support.h"

#define CS_ASKS_NOTHING UINT64CONST(0)

/* The kinds whose asks a store keeps (table triple_condition): of the others, there are few of one environment. */
static inline bool
cs_keeps_asks(int64 kind)
{
	return kind == CS_TRIPLE_CONDITIONAL_ENDORSEMENT || kind == CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES;
}

typedef struct cs_ask
{
	uint64 anchor;
	uint64 key;
	int64 minimum; /* where key is that of a number which must be so much at least; else 0 */
} cs_ask;

typedef struct cs_asks
{
	cs_ask *all; /* palloc'd; each once, in no order */
	int count;
	int capacity;
} cs_asks;

/*
 * Those of a triple of any kind that an appraisal uses; record as it came, validated. asks begins as { 0 }. Errors: raises, as
 * cs_deterministic.
 */
extern void cs_asks_of(int64 kind, const cs_item *record, cs_asks *asks);

typedef struct cs_held
{
	uint64 key;
	int64 most; /* where key is that of a number; else 0 */
} cs_held;

typedef struct cs_holdings
{
	cs_held *all; /* palloc'd; some may be there twice */
	int count;
	int capacity;
} cs_holdings;

/* The anchors that what is contained in an environment (cs_env_canonical) may have; palloc'd. */
extern uint64 *cs_held_anchors(const cs_item *environment, int *count);

/*
 * Adds what one element of an ACS holds: its canonical mkey (empty: none), its measurement-values-map in deterministic encoding, and the
 * array of keys that state it (NULL: none). holdings begins as { 0 }.
 */
extern void cs_hold_element(cs_holdings *holdings, cs_span id, const cs_item *claims, const cs_item *authority);

#endif
