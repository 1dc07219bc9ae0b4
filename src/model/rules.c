/*
 * rules.c - every rule by its CDDL name, and those of tags by their number.
 */
#include "rules.h"

#include <string.h>

static const cs_rule *const *const lists[] = { cs_rules_common, cs_rules_comid, cs_rules_measurement, cs_rules_corim, cs_rules_cose,
	cs_rules_coswid, cs_rules_cotl, cs_rules_cots, cs_rules_cmw, cs_rules_coserv, cs_rules_discovery, cs_rules_ect };

const cs_rule *
cs_rule_by_name(const char *name)
{
	for (size_t i = 0; i < CS_LENGTH(lists); i++)
		for (const cs_rule *const *rule = lists[i]; *rule; rule++)
			if (strcmp((*rule)->name, name) == 0)
				return *rule;
	return NULL;
}

/* The rule itself, or one of a choice's alternatives. */
static const cs_rule *
with_tag(const cs_rule *rule, uint64_t tag)
{
	const cs_rule *found = rule->kind == CS_TAGGED && rule->tag == tag ? rule : NULL;

	for (size_t i = 0; found == NULL && i < rule->choice_count; i++)
		found = with_tag(rule->choices[i], tag);
	return found;
}

const cs_rule *
cs_rule_of_tag(uint64_t tag)
{
	const cs_rule *found = NULL;

	for (size_t i = 0; found == NULL && i < CS_LENGTH(lists); i++)
		for (const cs_rule *const *rule = lists[i]; found == NULL && *rule; rule++)
			found = with_tag(*rule, tag);
	return found;
}
