/*
 * condition.c - does a condition match the ACS? (draft-ietf-rats-corim, "Rules of Comparison": environment, authority,
 * element-list.) A condition that is met stays met; one that was not is tried again only against groups that have grown.
 */
#include <stdio.h>
#include <string.h>

#include "acs.h"

/* For explain: of the candidates that do not match, the one that differs least is reported. */
typedef struct nearest
{
	bool found;
	size_t differing;
	size_t ect;
	cs_mismatch why;
} nearest;

static void
set_mismatch(cs_mismatch *why, const char *reason, cs_span wanted, cs_span found, size_t index, const char *path)
{
	if (why == NULL)
		return;
	*why = (cs_mismatch) { .wanted = wanted, .found = found, .reason = reason };
	if (index == NONE)
		snprintf(why->path, sizeof why->path, "%s", path);
	else
		snprintf(why->path, sizeof why->path, "element-list[%zu].%s", index, path);
}

void
cs_acs_start_condition(condition *cond)
{
	*cond = (condition) { .last_group = NONE, .last_element = NONE };
}

static bool
has_authority(const group *g, const cs_item *wanted)
{
	return g->has_authority && cs_authority_satisfies(&g->authority, wanted);
}

/* Is some element of the group, from *at on, what is wanted? If not, *at is the last one there is. */
static bool
element_matches(cs_acs *acs, const relation *rel, size_t group_number, const want *w, size_t *at)
{
	size_t next = *at == NONE ? cs_acs_find_element(acs, group_number, w->id) : acs->elements[*at].next;

	if (w->has_authority && !has_authority(&acs->groups[group_number], &w->authority))
		return false;
	for (; next != NONE; next = acs->elements[next].next)
	{
		cs_acs_tick(acs);
		*at = next;
		if (w->claims.p == NULL || cs_mval_satisfies(rel->rules, &acs->elements[next].claims, &w->claims, NULL))
			return true;
	}
	return false;
}

/* Goes on from *want_index and *at, and leaves there what failed. */
static bool
group_matches(cs_acs *acs, const relation *rel, const condition *cond, size_t group_number, size_t *want_index, size_t *at)
{
	if (cond->has_authority && !has_authority(&acs->groups[group_number], &cond->authority))
		return false;
	for (; *want_index < cond->want_count; ++*want_index, *at = NONE)
	{
		if (!element_matches(acs, rel, group_number, &cond->wants[*want_index], at))
			return false;
	}
	return true;
}

bool
cs_acs_group_meets(cs_acs *acs, const relation *rel, const condition *cond, size_t group_number)
{
	size_t want_index = 0, at = NONE;

	return group_matches(acs, rel, cond, group_number, &want_index, &at);
}

size_t
cs_acs_values_differing(const relation *rel, const cs_item *have, const cs_item *wanted)
{
	cs_iter it = cs_iterate(wanted);
	cs_item key, value, own;
	size_t count = 0;
	int64_t codepoint;

	while (cs_next_pair(&it, &key, &value))
	{
		if (cs_int64(&key, &codepoint) && cs_map_get(have, codepoint, &own) &&
			cs_value_satisfies(rel->rules, codepoint, &own, &value, NULL, NULL))
			continue;
		count++;
	}
	return count;
}

/* The element of the group that differs least from what is wanted, or NONE, and in how many parts. */
static size_t
nearest_element(cs_acs *acs, const relation *rel, size_t group_number, const want *w, size_t *differing)
{
	size_t best = NONE;

	*differing = 1 + (w->claims.p != NULL ? (size_t) cs_count(&w->claims) : 0);
	for (size_t at = cs_acs_find_element(acs, group_number, w->id); at != NONE; at = acs->elements[at].next)
	{
		const cs_item *claims = &acs->elements[at].claims;
		size_t count = 0;

		cs_acs_tick(acs);
		if (w->claims.p != NULL && !cs_mval_satisfies(rel->rules, claims, &w->claims, NULL))
			count = cs_acs_values_differing(rel, claims, &w->claims);
		if (count < *differing)
		{
			best = at;
			*differing = count;
		}
	}
	return best;
}

/* In how many parts does this group differ from the condition? */
static size_t
count_differing(cs_acs *acs, const relation *rel, const condition *cond, size_t group_number)
{
	const group *g = &acs->groups[group_number];
	size_t sum = cond->has_authority && !has_authority(g, &cond->authority);

	for (size_t i = 0; i < cond->want_count; i++)
	{
		size_t differing;

		(void) nearest_element(acs, rel, group_number, &cond->wants[i], &differing);
		sum += differing + (cond->wants[i].has_authority && !has_authority(g, &cond->wants[i].authority));
	}
	return sum > 0 ? sum : 1;
}

/* Why this group does not satisfy the condition, whose want_index-th element it lacks. */
static void
explain(cs_acs *acs, const relation *rel, const condition *cond, size_t group_number, size_t want_index, cs_mismatch *why)
{
	const group *g = &acs->groups[group_number];
	cs_span authority = g->has_authority ? cs_item_span(&g->authority) : (cs_span) { NULL, 0 };
	const want *w;
	size_t at, differing;
	char inner[CS_PATH_MAX];

	if (cond->has_authority && !has_authority(g, &cond->authority))
	{
		set_mismatch(why, "not stated by this authority", cs_item_span(&cond->authority), authority, NONE, "authorized-by");
		return;
	}
	w = &cond->wants[want_index];
	at = nearest_element(acs, rel, group_number, w, &differing);
	if (w->has_authority && !has_authority(g, &w->authority))
		set_mismatch(why, "not stated by this authority", cs_item_span(&w->authority), authority, want_index, "authorized-by");
	else if (at == NONE)
		set_mismatch(why, "no such element", w->id, (cs_span) { NULL, 0 }, want_index, "element-id");
	else if (!cs_mval_satisfies(rel->rules, &acs->elements[at].claims, &w->claims, why))
	{
		memcpy(inner, why->path, sizeof inner);
		snprintf(why->path, sizeof why->path, "element-list[%zu].element-claims%s%.200s", want_index, inner[0] != '\0' ? "." : "", inner);
	}
}

bool
cs_acs_each_match(cs_acs *acs, const relation *rel, const condition *cond, unsigned cmtypes,
	bool (*each)(cs_acs *acs, size_t group_number, void *data), void *data)
{
	const index_list *containers = cs_acs_containers(acs, cond->environment);

	if (containers == NULL)
		return false;
	for (size_t i = 0; i < containers->count; i++)
	{
		const index_list *groups = &acs->environments[containers->at[i]].groups;

		for (size_t j = 0; j < groups->count; j++)
		{
			size_t want_index = 0, at = NONE;

			cs_acs_tick(acs);
			if ((cmtypes >> acs->groups[groups->at[j]].cmtype & 1) && group_matches(acs, rel, cond, groups->at[j], &want_index, &at) &&
				!each(acs, groups->at[j], data))
				return false;
		}
	}
	return true;
}

/* One candidate: a match ends the search, a mismatch is remembered when it differs less than those before. */
static bool
consider(cs_acs *acs, const relation *rel, condition *cond, size_t group_number, nearest *best)
{
	size_t failed = 0, at = NONE, differing;

	if (cond->last_group == group_number)
	{
		failed = cond->last_want;
		at = cond->last_element;
	}
	cond->met = group_matches(acs, rel, cond, group_number, &failed, &at);
	if (cond->met)
	{
		if (best != NULL)
			best->ect = acs->groups[group_number].first_ect;
		return true;
	}
	cond->last_group = group_number;
	cond->last_want = failed;
	cond->last_element = at;
	if (best == NULL)
		return false;
	differing = count_differing(acs, rel, cond, group_number);
	if (!best->found || differing < best->differing)
	{
		*best = (nearest) { .found = true, .differing = differing, .ect = acs->groups[group_number].first_ect };
		explain(acs, rel, cond, group_number, failed, &best->why);
	}
	return false;
}

static void
search(cs_acs *acs, const relation *rel, condition *cond, unsigned cmtypes, const index_list *containers, nearest *best)
{
	for (size_t i = 0; i < containers->count; i++)
	{
		const environment *env = &acs->environments[containers->at[i]];

		if (best == NULL && env->changed <= cond->tried)
			continue;
		for (size_t j = 0; j < env->groups.count; j++)
		{
			const group *g = &acs->groups[env->groups.at[j]];

			cs_acs_tick(acs);
			if (!(cmtypes >> g->cmtype & 1) || (best == NULL && g->changed <= cond->tried))
				continue;
			if (consider(acs, rel, cond, env->groups.at[j], best))
				return;
		}
	}
}

/* No environment of the ACS contains the condition's: the one that agrees in most attributes is the nearest. */
static void
nearest_environment(cs_acs *acs, const condition *cond, nearest *best)
{
	const environment *wanted = &acs->environments[cond->environment];
	cs_env_attr want[16], have[16];
	size_t wants = cs_env_attrs(&wanted->item, want, 16);

	for (size_t i = 0; i < acs->environments_in_acs.count; i++)
	{
		const environment *env = &acs->environments[acs->environments_in_acs.at[i]];
		size_t haves = cs_env_attrs(&env->item, have, 16), agreeing = 0, differing;

		if (env->groups.count == 0)
			continue;
		cs_acs_tick(acs);
		for (size_t j = 0; j < wants && j < 16; j++)
		{
			for (size_t k = 0; k < haves && k < 16; k++)
				agreeing +=
					want[j].path == have[k].path && want[j].in_class == have[k].in_class && cs_span_eq(want[j].value, have[k].value);
		}
		differing = wants - agreeing + cond->want_count;
		if (best->found && differing >= best->differing)
			continue;
		*best = (nearest) { .found = true, .differing = differing, .ect = env->first_ect };
		if (cs_env_compare(&env->item, &wanted->item, &best->why))
			best->why = (cs_mismatch) { .path = "cmtype", .reason = "nothing of the conceptual message type that is asked for" };
		else
		{
			char inner[CS_PATH_MAX];

			memcpy(inner, best->why.path, sizeof inner);
			snprintf(best->why.path, sizeof best->why.path, "environment.%.240s", inner);
		}
	}
}

bool
cs_acs_report(cs_acs *acs, const relation *rel, size_t index, size_t ect, size_t differing, const cs_mismatch *why)
{
	cs_trial trial = { .relation = &rel->given, .condition = index, .matched = why == NULL, .ect = ect, .differing = differing };

	if (acs->how->trial == NULL)
		return true;
	if (why != NULL)
		trial.why = *why;
	return acs->how->trial(acs, &trial, acs->how->data);
}

/* Is there anything that this condition has not been tried against? */
static bool
worth_trying(cs_acs *acs, const condition *cond, const index_list *containers)
{
	if (cond->tried == 0)
		return true;
	for (size_t i = 0; i < containers->count; i++)
	{
		if (acs->environments[containers->at[i]].changed > cond->tried)
			return true;
	}
	return false;
}

bool
cs_acs_try(cs_acs *acs, relation *rel, size_t index, unsigned cmtypes)
{
	condition *cond = &rel->conditions[index];
	const index_list *containers;
	nearest best = { .ect = NONE };

	cs_acs_tick(acs);
	if (cond->met)
		return true;
	if ((containers = cs_acs_containers(acs, cond->environment)) == NULL)
		return false;
	if (!worth_trying(acs, cond, containers))
		return true;
	search(acs, rel, cond, cmtypes, containers, acs->how->trial != NULL ? &best : NULL);
	cond->tried = acs->pass;
	if (acs->how->trial == NULL)
		return true;
	if (cond->met)
		return cs_acs_report(acs, rel, index, best.ect, 0, NULL);
	if (!best.found)
		nearest_environment(acs, cond, &best);
	if (!best.found)
		best = (nearest) { .ect = NONE, .differing = SIZE_MAX, .why.reason = "no such environment" };
	return cs_acs_report(acs, rel, index, best.ect, best.differing, &best.why);
}
