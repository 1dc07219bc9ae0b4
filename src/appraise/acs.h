/*
 * acs.h - inside src/appraise: how the ACS is held.
 *
 * Environments, those of conditions too, are numbered. ECTs with elements of one environment, cmtype, authority and profile
 * form a group (doc/conformance.md, decision 23), and a condition is compared with groups. ECTs that a pass adds are published, that is
 * put into their groups, when the pass is over.
 */
#ifndef CS_ACS_H
#define CS_ACS_H

#include "model/corim.h"
#include "appraise.h"
#include "set.h"

#define NONE SIZE_MAX

/* A growing array of indexes. */
typedef struct index_list
{
	size_t *at;
	size_t count;
	size_t capacity;
} index_list;

/* An environment, of the ACS or only of a condition. */
typedef struct environment
{
	cs_item item;
	bool in_acs;
	bool evidence;		   /* of an Evidence ECT */
	bool domain;		   /* of a domain membership ECT */
	bool in_membership;	   /* named by a domain membership that was accepted */
	size_t first_ect;	   /* NONE when no ECT has it */
	size_t changed;		   /* acs->pass when its groups last grew */
	index_list groups;	   /* whose environment this is */
	index_list untold;	   /* elements of its groups that fetch_conditional() was not told of yet */
	index_list containers; /* of a condition: environments of the ACS that contain it ... */
	size_t scanned;		   /* ... among the first so many of acs->environments_in_acs */
} environment;

/* An element-map of the ACS. */
typedef struct element
{
	size_t group;
	cs_span id;
	cs_item claims;
	size_t next; /* of the same group and element-id, in order; NONE at the end */
} element;

typedef struct group
{
	int cmtype;
	bool has_authority;
	cs_item authority;
	size_t first_ect;
	size_t changed;
} group;

/* An element-map of a condition; claims.p is NULL when only the element has to be there. */
typedef struct want
{
	cs_span id; /* empty when absent */
	cs_item claims;
	bool has_authority;
	cs_item authority;
} want;

typedef struct condition
{
	size_t environment;
	want *wants;
	size_t want_count;
	bool has_authority; /* of the condition as a whole */
	cs_item authority;
	bool met;
	size_t tried; /* acs->pass when it was last tried; 0 never */
	/* Where the comparison with the last group ended. Elements are only ever added: the next try goes on from there. */
	size_t last_group;
	size_t last_want;	 /* the first that no element was */
	size_t last_element; /* the last that was compared with it, or NONE */
} condition;

typedef struct addition
{
	cs_span environment;
	cs_span element_list; /* empty in kinds 0, 2 and 3 */
} addition;

/* A relation, ready for use. A series (8) has a condition and an addition an item. */
typedef struct relation
{
	cs_relation given;
	cs_span authority;
	cs_span profile;
	const cs_profile *rules;
	condition *conditions;
	size_t condition_count;
	addition *additions;
	size_t addition_count;
	cs_span key_id; /* 2 and 3 */
	cs_item keys;
	size_t subject; /* 4 and 5: environments */
	index_list members;
	cs_span member_list;
	bool matched; /* 4 and 5: would be added if nothing were cyclic */
	bool done;	  /* added, or decided that it never will be */
} relation;

/* What an ECT is made of; empty spans are left out. */
typedef struct ect_parts
{
	int cmtype;	  /* -1: none */
	int key_type; /* -1: none */
	cs_span environment;
	cs_span element_list;
	cs_span authority;
	cs_span profile;
	cs_span key_id;
	cs_span key_list;
	cs_span members;
	cs_span trustees;
} ect_parts;

struct cs_acs
{
	cs_ctx *ctx;
	const cs_appraisal *how;
	size_t round; /* of what is added now */
	size_t pass;  /* grows with every publishing; never 0 */
	size_t steps; /* for the interrupt hook */
	cs_ect **ects;
	cs_span *element_lists; /* of ects, in parallel */
	size_t ect_count;
	size_t ect_capacity;
	size_t published;
	cs_set encodings;
	cs_set environment_set;
	environment *environments; /* by their number in environment_set */
	size_t environment_capacity;
	index_list environments_in_acs;
	size_t asked; /* of these, the first so many: fetch() was called for them */
	cs_set group_set;
	group *groups;
	size_t group_capacity;
	cs_set element_set;		  /* (group, element-id) */
	index_list first_element; /* by the number in element_set */
	index_list last_element;
	element *elements;
	size_t element_count;
	size_t element_capacity;
	cs_set orders;
	relation **relations;
	size_t relation_count;
	size_t relation_capacity;
	bool sorted;
	cs_note *notes;
	size_t note_count;
	size_t note_capacity;
};

/* acs.c */
extern bool cs_acs_push(cs_ctx *ctx, index_list *list, size_t value);
extern bool cs_acs_reserve(cs_ctx *ctx, void *array, size_t *capacity, size_t count, size_t size); /* room for one more */
extern void cs_acs_tick(cs_acs *acs);													/* calls the interrupt hook now and then */
extern bool cs_acs_environment(cs_acs *acs, cs_span canonical, size_t *number);			/* registers one */
extern bool cs_acs_enter_environment(cs_acs *acs, size_t number);						/* is now an environment of the ACS */
extern const index_list *cs_acs_containers(cs_acs *acs, size_t number);					/* NULL: no memory */
extern bool cs_acs_propose(cs_acs *acs, const ect_parts *parts, const cs_relation *by); /* once for equal ones */
extern bool cs_acs_publish(cs_acs *acs);
extern size_t cs_acs_find_element(cs_acs *acs, size_t group_number, cs_span id); /* first of that element-id, or NONE */
extern bool cs_acs_add_note(cs_acs *acs, const relation *rel, const char *reason);

/* encode.c */
extern bool cs_acs_canonical(cs_ctx *ctx, const cs_item *item, cs_span *out);
extern bool cs_acs_canonical_environment(cs_ctx *ctx, const cs_item *item, cs_span *out);
/* cs_profile_text, but a profile of a kind that is not known is its encoding, and a list of one (a legacy form) is that one. */
extern bool cs_acs_profile_text(cs_ctx *ctx, const cs_item *profile, cs_buf *out);
extern bool cs_acs_encode(cs_ctx *ctx, const ect_parts *parts, cs_span *out);
/* Collects element-maps, equal ones once. */
typedef struct element_builder
{
	cs_set seen;
	cs_buf body;
} element_builder;
extern void cs_acs_elements_start(cs_ctx *ctx, element_builder *builder);
extern bool cs_acs_elements_add(element_builder *builder, cs_span id, cs_span claims);
extern bool cs_acs_elements_finish(element_builder *builder, cs_span *out);
/* An array of the members of list, equal ones once; list is an array of keys or environments in deterministic encoding. */
extern bool cs_acs_unique_array(cs_ctx *ctx, const cs_span *items, size_t count, cs_span *out);

/* evidence.c */
extern bool cs_acs_read_evidence(cs_acs *acs, const uint8_t *evidence, size_t len);

/* relation.c */
extern bool cs_acs_is_reference(const relation *rel); /* Reference Values: a triple (0), or a file of a CoSWID link (6) */
extern bool cs_acs_prepare(cs_acs *acs, relation *rel);

/* condition.c: cmtypes is a bit for each cmtype that counts. */
extern void cs_acs_start_condition(condition *cond);
extern bool cs_acs_try(cs_acs *acs, relation *rel, size_t index, unsigned cmtypes);
/* Called for each group that satisfies the condition. */
extern bool cs_acs_each_match(cs_acs *acs, const relation *rel, const condition *cond, unsigned cmtypes,
	bool (*each)(cs_acs *acs, size_t group_number, void *data), void *data);
/* Does this group satisfy the whole condition? */
extern bool cs_acs_group_meets(cs_acs *acs, const relation *rel, const condition *cond, size_t group_number);
/* How many values of what is wanted do these claims lack, or have otherwise? */
extern size_t cs_acs_values_differing(const relation *rel, const cs_item *have, const cs_item *wanted);
/* why is NULL when it matched */
extern bool cs_acs_report(cs_acs *acs, const relation *rel, size_t index, size_t ect, size_t differing, const cs_mismatch *why);

/* One pass each; ECTs are proposed, not yet published. */
extern bool cs_acs_corroborate(cs_acs *acs);   /* 0 (corroborate.c) */
extern bool cs_acs_endorse(cs_acs *acs);	   /* 1 and 10 (endorse.c) */
extern bool cs_acs_decide_series(cs_acs *acs); /* 8 */
extern bool cs_acs_add_keys(cs_acs *acs);	   /* 2 and 3 (keys.c) */
/* All passes, with publishing and fetching (domain.c). */
extern bool cs_acs_add_memberships(cs_acs *acs);  /* 5 */
extern bool cs_acs_add_dependencies(cs_acs *acs); /* 4 */

/* cycle.c: clears rel->matched of those among the matched relations of a kind that lie on a cycle, and notes them. */
extern bool cs_acs_drop_cycles(cs_acs *acs, int64_t kind, const char *reason);

/* appraise.c */
extern bool cs_acs_fetch(cs_acs *acs);				 /* asks for every environment of the ACS that was not asked about, and sorts */
extern bool cs_acs_settle(cs_acs *acs, bool *grown); /* publishes; counts a round when something was added */

#endif
