/*
 * appraise.c - match and augment (draft-ietf-rats-corim, "ACS Augmentation"; doc/conformance.md, decision 14): rv, then ev and series to
 * the fixpoint, keys, domain memberships to theirs, trust dependencies.
 */
#include <string.h>

#include "acs.h"
#include "cbor/sort.h"

cs_acs *
cs_acs_new(cs_ctx *ctx, const uint8_t *evidence, size_t len)
{
	cs_acs *acs = cs_alloc(ctx, 1, sizeof *acs);

	if (acs == NULL)
		return NULL;
	*acs = (cs_acs) { .ctx = ctx, .pass = 1 };
	cs_set_init(&acs->encodings, ctx);
	cs_set_init(&acs->environment_set, ctx);
	cs_set_init(&acs->group_set, ctx);
	cs_set_init(&acs->element_set, ctx);
	cs_set_init(&acs->orders, ctx);
	if (!cs_acs_read_evidence(acs, evidence, len) || !cs_acs_publish(acs))
		return NULL;
	return acs;
}

static bool
is_known_kind(int64_t kind)
{
	return (kind >= CS_TRIPLE_REFERENCE && kind <= CS_TRIPLE_COSWID) || kind == CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES ||
		kind == CS_TRIPLE_CONDITIONAL_ENDORSEMENT;
}

bool
cs_acs_add_relation(cs_acs *acs, const cs_relation *given)
{
	relation *rel;
	size_t number;
	bool fresh;

	if (!is_known_kind(given->kind))
		return true;
	if (!cs_set_add(&acs->orders, given->order, true, &number, &fresh))
		return false;
	if (!fresh)
		return true;
	if ((rel = cs_alloc(acs->ctx, 1, sizeof *rel)) == NULL)
		return false;
	*rel = (relation) { .given = *given };
	if (!cs_acs_prepare(acs, rel) ||
		!cs_acs_reserve(acs->ctx, &acs->relations, &acs->relation_capacity, acs->relation_count, sizeof *acs->relations))
		return false;
	acs->relations[acs->relation_count++] = rel;
	acs->sorted = false;
	return true;
}

static int
compare_orders(const void *a, const void *b)
{
	cs_span x = (*(relation *const *) a)->given.order, y = (*(relation *const *) b)->given.order;
	size_t shared = x.len < y.len ? x.len : y.len;
	int order = shared > 0 ? memcmp(x.data, y.data, shared) : 0;

	return order != 0 ? order : (x.len > y.len) - (x.len < y.len);
}

/* What is known of an environment since the last time, to who fetches by what conditions ask for. */
static bool
fetch_conditional(cs_acs *acs, size_t number)
{
	index_list *untold = &acs->environments[number].untold;
	cs_element *elements;

	if (acs->how->fetch_conditional == NULL || untold->count == 0)
		return true;
	if ((elements = cs_alloc(acs->ctx, untold->count, sizeof *elements)) == NULL)
		return false;
	for (size_t i = 0; i < untold->count; i++)
	{
		const element *e = &acs->elements[untold->at[i]];
		const group *g = &acs->groups[e->group];

		elements[i] = (cs_element) { .id = e->id, .claims = cs_item_span(&e->claims) };
		if (g->has_authority)
			elements[i].authority = cs_item_span(&g->authority);
	}
	return acs->how->fetch_conditional(acs, cs_item_span(&acs->environments[number].item), elements, untold->count, acs->how->data);
}

/* Whoever fetches from afar asks about all of them in one way there and back. */
static bool
fetch_new(cs_acs *acs)
{
	size_t count = acs->environments_in_acs.count - acs->asked;
	cs_span *environments;

	if (acs->how->fetch == NULL || count == 0)
		return true;
	if ((environments = cs_alloc(acs->ctx, count, sizeof *environments)) == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		environments[i] = cs_item_span(&acs->environments[acs->environments_in_acs.at[acs->asked + i]].item);
	acs->asked += count;
	return acs->how->fetch(acs, environments, count, acs->how->data);
}

bool
cs_acs_fetch(cs_acs *acs)
{
	if (!fetch_new(acs))
		return false;
	for (size_t i = 0; i < acs->environments_in_acs.count; i++)
	{
		size_t number = acs->environments_in_acs.at[i];

		cs_acs_tick(acs);
		if (!fetch_conditional(acs, number))
			return false;
		acs->environments[number].untold.count = 0;
	}
	if (!acs->sorted && !cs_sort(acs->ctx, acs->relations, acs->relation_count, sizeof *acs->relations, compare_orders))
		return false;
	acs->sorted = true;
	return true;
}

bool
cs_acs_settle(cs_acs *acs, bool *grown)
{
	*grown = acs->published < acs->ect_count;
	if (*grown)
		acs->round++;
	return cs_acs_publish(acs);
}

/* ev until none fires, then every series that can; and again, until nothing is added. */
static bool
endorse_to_fixpoint(cs_acs *acs)
{
	bool grown = true;

	while (grown)
	{
		while (grown)
		{
			if (!cs_acs_fetch(acs) || !cs_acs_corroborate(acs) || !cs_acs_endorse(acs) || !cs_acs_settle(acs, &grown))
				return false;
		}
		if (!cs_acs_decide_series(acs) || !cs_acs_settle(acs, &grown))
			return false;
	}
	return true;
}

bool
cs_appraise(cs_acs *acs, const cs_appraisal *how)
{
	bool grown;

	acs->how = how;
	if (acs->ect_count > how->max_ects)
		return cs_fail(acs->ctx, CS_LIMIT, "the evidence has more than %llu entries", (unsigned long long) how->max_ects);
	acs->round = 1;
	if (!cs_acs_fetch(acs) || !cs_acs_corroborate(acs) || !cs_acs_settle(acs, &grown))
		return false;
	if (!grown)
		acs->round++;
	return endorse_to_fixpoint(acs) && cs_acs_add_keys(acs) && cs_acs_settle(acs, &grown) && cs_acs_add_memberships(acs) &&
		cs_acs_add_dependencies(acs);
}
