/*
 * endorse.c - endorsements (draft-ietf-rats-corim, "Endorsed Values Augmentation"): ev relations, of Endorsed Values and
 * Conditional Endorsements, and evs relations, of series.
 */
#include "acs.h"

#define ANY_CMTYPE (1u << CS_CMTYPE_REFERENCE_VALUES | 1u << CS_CMTYPE_ENDORSEMENTS | 1u << CS_CMTYPE_EVIDENCE)

static bool
endorse(cs_acs *acs, const relation *rel, const addition *add)
{
	ect_parts parts = { .cmtype = CS_CMTYPE_ENDORSEMENTS,
		.key_type = -1,
		.environment = add->environment,
		.element_list = add->element_list,
		.authority = rel->authority,
		.profile = rel->profile };

	return cs_acs_propose(acs, &parts, &rel->given);
}

/* All conditions must be met. For explain each is tried; otherwise the first that is not ends it. */
static bool
try_all(cs_acs *acs, relation *rel, bool *met)
{
	*met = true;
	for (size_t i = 0; i < rel->condition_count && (*met || acs->how->trial != NULL); i++)
	{
		if (!cs_acs_try(acs, rel, i, ANY_CMTYPE))
			return false;
		*met = *met && rel->conditions[i].met;
	}
	return true;
}

bool
cs_acs_endorse(cs_acs *acs)
{
	for (size_t i = 0; i < acs->relation_count; i++)
	{
		relation *rel = acs->relations[i];
		bool met;

		if ((rel->given.kind != CS_TRIPLE_ENDORSED && rel->given.kind != CS_TRIPLE_CONDITIONAL_ENDORSEMENT) || rel->done)
			continue;
		if (!try_all(acs, rel, &met))
			return false;
		rel->done = met;
		for (size_t j = 0; met && j < rel->addition_count; j++)
		{
			if (!endorse(acs, rel, &rel->additions[j]))
				return false;
		}
	}
	return true;
}

/* For explain: the items behind the one that was taken, which nobody looks at any more. */
static bool
skip_behind(cs_acs *acs, const relation *rel, size_t taken)
{
	static const cs_mismatch skipped = { .reason = "skipped, as an earlier item of the series matched" };

	for (size_t i = taken + 1; i < rel->condition_count; i++)
	{
		if (!cs_acs_report(acs, rel, i, NONE, SIZE_MAX, &skipped))
			return false;
	}
	return true;
}

bool
cs_acs_decide_series(cs_acs *acs)
{
	for (size_t i = 0; i < acs->relation_count; i++)
	{
		relation *rel = acs->relations[i];

		if (rel->given.kind != CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES)
			continue;
		for (size_t j = 0; j < rel->condition_count && !rel->done; j++)
		{
			if (!cs_acs_try(acs, rel, j, ANY_CMTYPE))
				return false;
			rel->done = rel->conditions[j].met;
			if (rel->done && (!endorse(acs, rel, &rel->additions[j]) || !skip_behind(acs, rel, j)))
				return false;
		}
	}
	return true;
}
