/*
 * corroborate.c - Reference Values (draft-ietf-rats-corim, "Reference Values Corroboration and Augmentation"): Evidence that
 * matches is asserted again under the authority of the Reference Value Provider, as far as it was compared (doc/conformance.md,
 * decision 22).
 */
#include "acs.h"

/* The elements of the group that satisfy one wanted element, each reduced to what was wanted. */
static bool
add_matched(cs_acs *acs, const relation *rel, size_t group_number, const want *w, element_builder *builder)
{
	for (size_t at = cs_acs_find_element(acs, group_number, w->id); at != NONE; at = acs->elements[at].next)
	{
		cs_buf claims;

		cs_acs_tick(acs);
		if (!cs_mval_satisfies(rel->rules, &acs->elements[at].claims, &w->claims, NULL))
			continue;
		cs_buf_init(&claims, acs->ctx);
		if (!cs_mval_narrow(rel->rules, &acs->elements[at].claims, &w->claims, &claims) ||
			!cs_acs_elements_add(builder, w->id, cs_buf_span(&claims)))
			return false;
	}
	return true;
}

static bool
corroborate(cs_acs *acs, size_t group_number, void *data)
{
	relation *rel = data;
	const condition *cond = &rel->conditions[0];
	element_builder builder;
	ect_parts parts = { .cmtype = CS_CMTYPE_REFERENCE_VALUES,
		.key_type = -1,
		.environment = rel->additions[0].environment,
		.authority = rel->authority,
		.profile = rel->profile };

	cs_acs_elements_start(acs->ctx, &builder);
	for (size_t i = 0; i < cond->want_count; i++)
	{
		if (!add_matched(acs, rel, group_number, &cond->wants[i], &builder))
			return false;
	}
	return cs_acs_elements_finish(&builder, &parts.element_list) && cs_acs_propose(acs, &parts, &rel->given);
}

bool
cs_acs_corroborate(cs_acs *acs)
{
	for (size_t i = 0; i < acs->relation_count; i++)
	{
		relation *rel = acs->relations[i];

		if (!cs_acs_is_reference(rel) || rel->done)
			continue;
		/* Evidence does not grow: once is enough. */
		rel->done = true;
		if (!cs_acs_try(acs, rel, 0, 1u << CS_CMTYPE_EVIDENCE))
			return false;
		if (rel->conditions[0].met && !cs_acs_each_match(acs, rel, &rel->conditions[0], 1u << CS_CMTYPE_EVIDENCE, corroborate, rel))
			return false;
	}
	return true;
}
