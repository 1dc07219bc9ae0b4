/*
 * domain.c - domain memberships and trust dependencies (draft-ietf-rats-corim, "Processing dm Relations", "Processing td
 * Relations"; doc/conformance.md, decision 25).
 *
 * Which memberships would be added is found first without adding any, so that those on a cycle can be dropped before they hold up
 * others; then they are added from the leaves to the roots.
 */
#include "acs.h"

static const char membership_cycle[] = "cycle of domain memberships";
static const char dependency_cycle[] = "cycle of trust dependencies";

/* Does an Evidence ECT or a domain membership of the ACS have an environment that contains this one? */
static bool
has_environment(cs_acs *acs, size_t number, bool *has)
{
	const index_list *containers = cs_acs_containers(acs, number);

	*has = false;
	if (containers == NULL)
		return false;
	for (size_t i = 0; i < containers->count && !*has; i++)
	{
		const environment *env = &acs->environments[containers->at[i]];

		*has = env->evidence || env->domain;
	}
	return true;
}

/* *missing: the first member that is not there, or NONE. */
static bool
find_missing(cs_acs *acs, const relation *rel, size_t *missing)
{
	bool has;

	*missing = NONE;
	for (size_t i = 0; i < rel->members.count && *missing == NONE; i++)
	{
		cs_acs_tick(acs);
		if (!has_environment(acs, rel->members.at[i], &has))
			return false;
		if (!has)
			*missing = i;
	}
	return true;
}

/* Marks the memberships that hold when all that hold are added. */
static bool
match_memberships(cs_acs *acs)
{
	bool grown = true;
	size_t missing;

	while (grown)
	{
		grown = false;
		if (!cs_acs_fetch(acs))
			return false;
		for (size_t i = 0; i < acs->relation_count; i++)
		{
			relation *rel = acs->relations[i];

			if (rel->given.kind != CS_TRIPLE_MEMBERSHIP || rel->matched || rel->done)
				continue;
			if (!find_missing(acs, rel, &missing))
				return false;
			if (missing != NONE)
				continue;
			rel->matched = grown = true;
			acs->environments[rel->subject].domain = true;
			if (!cs_acs_enter_environment(acs, rel->subject))
				return false;
		}
	}
	return true;
}

static bool
add_membership(cs_acs *acs, relation *rel)
{
	ect_parts parts = { .cmtype = -1,
		.key_type = -1,
		.environment = rel->additions[0].environment,
		.authority = rel->authority,
		.profile = rel->profile,
		.members = rel->member_list };

	rel->done = true;
	for (size_t i = 0; i < rel->members.count; i++)
		acs->environments[rel->members.at[i]].in_membership = true;
	acs->environments[rel->subject].in_membership = true;
	return cs_acs_propose(acs, &parts, &rel->given) && cs_acs_report(acs, rel, 0, NONE, 0, NULL);
}

/* One pass over the memberships that matched. */
static bool
membership_pass(cs_acs *acs)
{
	size_t missing;

	for (size_t i = 0; i < acs->relation_count; i++)
	{
		relation *rel = acs->relations[i];

		if (rel->given.kind != CS_TRIPLE_MEMBERSHIP || !rel->matched || rel->done)
			continue;
		if (!find_missing(acs, rel, &missing) || (missing == NONE && !add_membership(acs, rel)))
			return false;
	}
	return true;
}

/* For explain: the memberships that were not added and what they lacked. */
static bool
report_memberships(cs_acs *acs)
{
	for (size_t i = 0; i < acs->relation_count; i++)
	{
		relation *rel = acs->relations[i];
		cs_mismatch why = { .reason = "no such environment" };
		size_t missing;

		if (rel->given.kind != CS_TRIPLE_MEMBERSHIP || rel->done)
			continue;
		if (!find_missing(acs, rel, &missing))
			return false;
		if (missing != NONE)
			why.wanted = cs_item_span(&acs->environments[rel->members.at[missing]].item);
		if (!cs_acs_report(acs, rel, missing == NONE ? 0 : missing, NONE, 1, &why))
			return false;
	}
	return true;
}

bool
cs_acs_add_memberships(cs_acs *acs)
{
	bool grown = true;

	if (!match_memberships(acs) || !cs_acs_drop_cycles(acs, CS_TRIPLE_MEMBERSHIP, membership_cycle))
		return false;
	for (size_t i = 0; i < acs->environment_set.count; i++)
		acs->environments[i].domain = false;
	while (grown)
	{
		if (!membership_pass(acs) || !cs_acs_settle(acs, &grown))
			return false;
	}
	return acs->how->trial == NULL || report_memberships(acs);
}

/* Is the subject, and is every trustee, an environment of a domain membership that was accepted? */
static bool
is_grounded(cs_acs *acs, const relation *rel, cs_span *missing)
{
	*missing = (cs_span) { NULL, 0 };
	if (!acs->environments[rel->subject].in_membership)
		*missing = cs_item_span(&acs->environments[rel->subject].item);
	for (size_t i = 0; i < rel->members.count && missing->len == 0; i++)
	{
		if (!acs->environments[rel->members.at[i]].in_membership)
			*missing = cs_item_span(&acs->environments[rel->members.at[i]].item);
	}
	return missing->len == 0;
}

static bool
add_dependency(cs_acs *acs, relation *rel)
{
	ect_parts parts = { .cmtype = -1,
		.key_type = -1,
		.environment = rel->additions[0].environment,
		.authority = rel->authority,
		.profile = rel->profile,
		.trustees = rel->member_list };

	rel->done = true;
	return cs_acs_propose(acs, &parts, &rel->given) && cs_acs_report(acs, rel, 0, NONE, 0, NULL);
}

bool
cs_acs_add_dependencies(cs_acs *acs)
{
	bool grown;

	for (size_t i = 0; i < acs->relation_count; i++)
	{
		relation *rel = acs->relations[i];
		cs_mismatch why = { .reason = "not in any accepted domain membership" };

		if (rel->given.kind != CS_TRIPLE_DEPENDENCY)
			continue;
		rel->matched = is_grounded(acs, rel, &why.wanted);
		if (!rel->matched && !cs_acs_report(acs, rel, 0, NONE, 1, &why))
			return false;
	}
	if (!cs_acs_drop_cycles(acs, CS_TRIPLE_DEPENDENCY, dependency_cycle))
		return false;
	for (size_t i = 0; i < acs->relation_count; i++)
	{
		relation *rel = acs->relations[i];

		if (rel->given.kind == CS_TRIPLE_DEPENDENCY && rel->matched && !rel->done && !add_dependency(acs, rel))
			return false;
	}
	return cs_acs_settle(acs, &grown);
}
