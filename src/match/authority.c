/*
 * authority.c - who says so (draft-ietf-rats-corim, "Authority Comparison"): every key of the condition is among the entry's,
 * in any order.
 */
#include "values.h"

static bool
is_among(const cs_item *key, const cs_item *keys)
{
	cs_iter it;
	cs_item other;

	if (!cs_is(keys, CS_ARRAY))
		return cs_same_item(key, keys);
	it = cs_iterate(keys);
	while (cs_next(&it, &other))
	{
		if (cs_same_item(key, &other))
			return true;
	}
	return false;
}

bool
cs_authority_satisfies(const cs_item *keys, const cs_item *wanted)
{
	cs_iter it;
	cs_item key;

	if (!cs_is(wanted, CS_ARRAY))
		return is_among(wanted, keys);
	if (cs_count(wanted) > CS_MATCH_MAX_KEYS || (cs_is(keys, CS_ARRAY) && cs_count(keys) > CS_MATCH_MAX_KEYS))
		return false;
	it = cs_iterate(wanted);
	while (cs_next(&it, &key))
	{
		if (!is_among(&key, keys))
			return false;
	}
	return true;
}
