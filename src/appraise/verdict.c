/*
 * verdict.c - what Reference Values say of each element of the Evidence (draft-ietf-rats-corim, "Reference Values Corroboration and
 * Augmentation"): an ACS has what was corroborated, and no word of what was not.
 */
#include "acs.h"

/* What is asked about. */
typedef struct subject
{
	cs_acs *acs;
	const cs_ect *ect;
	size_t group;
	cs_span id;
	cs_item claims;
	cs_verdict verdict;
	size_t differing; /* codepoints of the nearest miss */
} subject;

/* The group of an ECT's element: the one that holds it. NONE when none does. */
static size_t
group_of(cs_acs *acs, const cs_ect *ect, cs_span id, const cs_item *claims)
{
	size_t env = cs_set_find(&acs->environment_set, ect->environment);

	for (size_t i = 0; env != CS_SET_NONE && i < acs->environments[env].groups.count; i++)
	{
		size_t number = acs->environments[env].groups.at[i];

		if (acs->groups[number].cmtype != CS_CMTYPE_EVIDENCE)
			continue;
		for (size_t at = cs_acs_find_element(acs, number, id); at != NONE; at = acs->elements[at].next)
		{
			cs_acs_tick(acs);
			if (acs->elements[at].claims.p == claims->p)
				return number;
		}
	}
	return NONE;
}

/* PSA and CCA give all of their components one mkey and tell them apart by name (11): a Reference Value of another name is of another
 * element. */
static bool
is_of_another_name(const cs_item *have, const cs_item *wanted)
{
	cs_item own, other;

	return wanted->p != NULL && cs_map_get(wanted, CS_MVAL_NAME, &other) && cs_map_get(have, CS_MVAL_NAME, &own) &&
		!cs_span_eq(cs_item_span(&own), cs_item_span(&other));
}

/* A Reference Value that speaks of this element. One that corroborates it ends the search for misses. */
static void
consider(subject *s, const relation *rel, const want *w, bool met)
{
	const group *g = &s->acs->groups[s->group];
	cs_verdict *v = &s->verdict;
	cs_mismatch why = { .reason = NULL };
	bool agrees = w->claims.p == NULL || cs_mval_satisfies(rel->rules, &s->claims, &w->claims, &why);
	size_t differing;

	v->speakers++;
	if (v->standing == CS_CORROBORATED)
		return;
	if (agrees && met)
	{
		*v = (cs_verdict) { .ect = v->ect,
			.element_id = v->element_id,
			.claims = v->claims,
			.standing = CS_CORROBORATED,
			.relation = &rel->given,
			.speakers = v->speakers };
		return;
	}
	differing = agrees ? 0 : cs_acs_values_differing(rel, &s->claims, &w->claims);
	if (v->standing == CS_CONTRADICTED && differing >= s->differing)
		return;
	v->standing = CS_CONTRADICTED;
	v->relation = &rel->given;
	v->why = why;
	if (agrees && w->has_authority && !(g->has_authority && cs_authority_satisfies(&g->authority, &w->authority)))
		v->why = (cs_mismatch) { .path = "authorized-by", .reason = "not stated by this authority", .wanted = cs_item_span(&w->authority) };
	else if (agrees)
		v->why.reason = "another part of the same triple does not match";
	s->differing = differing;
}

static void
ask_relation(subject *s, const relation *rel)
{
	const condition *cond = &rel->conditions[0];
	cs_item environment = cs_item_at(s->ect->environment.data, s->ect->environment.len);
	bool met = false, known = false;

	if (!cs_env_satisfies(&environment, &s->acs->environments[cond->environment].item))
		return;
	for (size_t i = 0; i < cond->want_count; i++)
	{
		cs_acs_tick(s->acs);
		if (!cs_span_eq(cond->wants[i].id, s->id) || is_of_another_name(&s->claims, &cond->wants[i].claims))
			continue;
		if (!known)
			met = cs_acs_group_meets(s->acs, rel, cond, s->group);
		known = true;
		consider(s, rel, &cond->wants[i], met);
	}
}

static bool
judge(subject *s, bool (*each)(cs_acs *acs, const cs_verdict *verdict, void *data), void *data)
{
	s->group = group_of(s->acs, s->ect, s->id, &s->claims);
	s->verdict = (cs_verdict) { .ect = s->ect, .element_id = s->id, .claims = cs_item_span(&s->claims), .standing = CS_UNSPOKEN };
	for (size_t i = 0; s->group != NONE && i < s->acs->relation_count; i++)
		if (cs_acs_is_reference(s->acs->relations[i]))
			ask_relation(s, s->acs->relations[i]);
	return each(s->acs, &s->verdict, data);
}

bool
cs_acs_verdicts(cs_acs *acs, bool (*each)(cs_acs *acs, const cs_verdict *verdict, void *data), void *data)
{
	for (size_t i = 0; i < acs->ect_count; i++)
	{
		const cs_ect *ect = acs->ects[i];
		cs_item list, map, id, claims;
		cs_iter it;

		if (ect->cmtype != CS_CMTYPE_EVIDENCE || ect->relation || acs->element_lists[i].len == 0)
			continue;
		list = cs_item_at(acs->element_lists[i].data, acs->element_lists[i].len);
		it = cs_iterate(&list);
		while (cs_next(&it, &map))
		{
			subject s = { .acs = acs, .ect = ect };

			if (!cs_map_get_text(&map, "element-claims", &claims))
				continue;
			if (cs_map_get_text(&map, "element-id", &id))
				s.id = cs_item_span(&id);
			s.claims = claims;
			if (!judge(&s, each, data))
				return false;
		}
	}
	return true;
}

/* Does a Reference Value name this environment, or a part of it? */
static bool
is_spoken_of(cs_acs *acs, cs_span environment)
{
	cs_item item = cs_item_at(environment.data, environment.len);

	for (size_t i = 0; i < acs->relation_count; i++)
	{
		const relation *rel = acs->relations[i];

		cs_acs_tick(acs);
		if (cs_acs_is_reference(rel) && cs_env_satisfies(&item, &acs->environments[rel->conditions[0].environment].item))
			return true;
	}
	return false;
}

bool
cs_acs_unspoken(cs_acs *acs, bool (*each)(cs_acs *acs, cs_span environment, void *data), void *data)
{
	cs_set asked;
	bool fresh;
	size_t index;

	cs_set_init(&asked, acs->ctx);
	for (size_t i = 0; i < acs->ect_count; i++)
	{
		const cs_ect *ect = acs->ects[i];

		if (ect->cmtype != CS_CMTYPE_EVIDENCE || ect->relation)
			continue;
		if (!cs_set_add(&asked, ect->environment, false, &index, &fresh))
			return false;
		if (fresh && !is_spoken_of(acs, ect->environment) && !each(acs, ect->environment, data))
			return false;
	}
	return true;
}
