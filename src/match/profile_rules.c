/*
 * profile_rules.c - the rules of comparison that a profile without C can choose from (doc/profiles.md).
 */
#include <string.h>

#include "profiles.h"
#include "values.h"

static cs_item
number_in(const cs_item *item)
{
	return cs_is_tag(item, CS_TAG_SVN) || cs_is_tag(item, CS_TAG_MIN_SVN) ? cs_tag_content(item) : *item;
}

/* The entry is an integer not below the condition's; 552 and 553 around either are passed over. */
static bool
minimum_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_item have = number_in(entry), least = number_in(condition);

	if (cs_is_tag(entry, CS_TAG_MIN_SVN) || !cs_is_int(&have) || !cs_is_int(&least))
		return cs_mismatched(why, "not integers", condition, entry);
	return cs_int_compare(&have, &least) >= 0 || cs_mismatched(why, "below the minimum", condition, entry);
}

/* As raw-value: 560 or 563 in the condition, bytes of the same length in the entry. */
static bool
mask_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	return cs_raw_value_satisfies(entry, condition, NULL, why);
}

static bool
is_in(const cs_item *item, const cs_item *set)
{
	cs_iter it = cs_iterate(set);
	cs_item other;

	while (cs_next(&it, &other))
		if (cs_same_item(item, &other))
			return true;
	return false;
}

/* The condition is an array; the entry, or each element of an entry that is an array with elements, is in it. */
static bool
set_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_iter it;
	cs_item item;

	if (!cs_is(condition, CS_ARRAY) || cs_count(condition) > CS_MATCH_MAX_SET)
		return cs_mismatched(why, "not a set", condition, entry);
	if (!cs_is(entry, CS_ARRAY))
		return is_in(entry, condition) || cs_mismatched(why, "not in the set", condition, entry);
	if (cs_count(entry) == 0 || cs_count(entry) > CS_MATCH_MAX_SET)
		return cs_mismatched(why, "not a set", condition, entry);
	for (it = cs_iterate(entry); cs_next(&it, &item);)
		if (!is_in(&item, condition))
			return cs_mismatched(why, "not in the set", condition, entry);
	return true;
}

cs_profile_rule
cs_profile_rule_named(const char *name)
{
	static const struct
	{
		const char *name;
		cs_profile_rule rule;
	} rules[] = {
		{ "equal", cs_equal_satisfies },
		{ "minimum", minimum_satisfies },
		{ "mask", mask_satisfies },
		{ "set", set_satisfies },
	};

	for (size_t i = 0; i < CS_LENGTH_OF(rules); i++)
		if (strcmp(rules[i].name, name) == 0)
			return rules[i].rule;
	return NULL;
}
