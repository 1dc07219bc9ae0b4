/*
 * minimum.c - an integer that must not be below the condition's (doc/profiles.md). 552 and 553 around either are passed over, but an
 * entry that is itself a minimum is no value.
 */
#include "values.h"

static cs_item
number_in(const cs_item *item)
{
	return cs_is_tag(item, CS_TAG_SVN) || cs_is_tag(item, CS_TAG_MIN_SVN) ? cs_tag_content(item) : *item;
}

bool
cs_minimum_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_item have = number_in(entry), least = number_in(condition);

	if (cs_is_tag(entry, CS_TAG_MIN_SVN) || !cs_is_int(&have) || !cs_is_int(&least))
		return cs_mismatched(why, "not integers", condition, entry);
	return cs_int_compare(&have, &least) >= 0 || cs_mismatched(why, "below the minimum", condition, entry);
}
