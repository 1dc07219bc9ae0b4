/*
 * set.c - a condition that is an array of what will do (doc/profiles.md): the entry, or each element of an entry that is an array with
 * elements, is in it.
 */
#include "values.h"

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

bool
cs_set_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
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
