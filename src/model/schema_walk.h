/*
 * schema_walk.h - inside src/model only: what the parts of the walker share (schema.c walks, schema_ahead.c looks ahead,
 * schema_fault.c says where and what, schema_keys.c finds duplicate keys).
 */
#ifndef CS_SCHEMA_WALK_H
#define CS_SCHEMA_WALK_H

#include "corim.h"
#include "rules.h"

#define CS_MAX_FIELDS 64 /* members of the largest STRUCT; model_schema_test holds the tables to it */
#define CS_LOOK_AHEAD 2	 /* levels that are looked at when major type and tag leave several alternatives */

typedef enum cs_step
{
	CS_STEP_NONE,  /* shows nothing in a path: the content of a tag */
	CS_STEP_RULE,  /* the rule's name: the root, embedded CBOR */
	CS_STEP_NAME,  /* .name */
	CS_STEP_INDEX, /* [index] */
	CS_STEP_KEY	   /* [key] */
} cs_step;

/* One level of the walk; lives on the walker's stack. */
typedef struct cs_walk_frame
{
	struct cs_walk_frame *up;
	cs_step step;
	const cs_rule *rule; /* the innermost that was tried for the item */
	const cs_item *item;
	const cs_item *key;
	const char *name;
	uint64_t index;
} cs_walk_frame;

/*
 * ctx->error holds code, message and perhaps found: add path, rule and offset and what stands there (cs_walk_locate), then
 * tell the visitor (all_faults: true, the walk goes on) or end the walk or trial (false).
 */
extern bool cs_walk_fault(cs_walk *walk, const cs_rule *rule, const cs_item *item);
/* The same when the error has its place already. */
extern bool cs_walk_report(cs_walk *walk, const cs_rule *rule, const cs_item *item);
extern void cs_walk_locate(cs_walk *walk, const cs_rule *rule, const cs_item *item);
/* A fault that says what the rule wants. */
extern bool cs_walk_expected(cs_walk *walk, const cs_rule *rule, const cs_item *item);

typedef struct cs_key_order
{
	cs_span last; /* the key before, by its bytes */
	bool broken;  /* a key did not ascend: all have been compared */
} cs_key_order;

/*
 * Told each key of a map in turn: keys in deterministic order cannot repeat. At the first that is out of order all of the map's keys are
 * compared, O(n log n): a fault for each that is there twice.
 */
extern bool cs_walk_later_key(cs_walk *walk, const cs_rule *rule, const cs_item *map, const cs_item *key, cs_key_order *order);
static inline bool
cs_walk_next_key(cs_walk *walk, const cs_rule *rule, const cs_item *map, const cs_item *key, cs_key_order *order)
{
	/* Most keys are small integers. */
	if (key->major > CS_NINT || key->info >= 24 || (order->last.data != NULL && *order->last.data >= *key->p))
		return cs_walk_later_key(walk, rule, map, key, order);
	order->last = (cs_span) { key->p, 1 };
	return true;
}

/* May item be of rule, by its head and levels below it? False positives only. */
extern bool cs_rule_looks_like(const cs_rule *rule, const cs_item *item, int levels);
/* The field of a STRUCT for a map key; NULL when the table has none. */
extern const cs_field *cs_rule_field(const cs_rule *rule, const cs_item *key);

#endif
