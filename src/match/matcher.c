/*
 * matcher.c - values that a condition may also give as a set or a range of them: bool, number, text and bytes (draft-ietf-rats-corim
 * section 8.3.4.4.5, pull requests 622, 715 and 716). Bare is equal; 566 is one of its members; 565 is a range of numbers whose ends belong
 * to it, null being open. An entry is bare: a set or a range is no observation and satisfies nothing. What may stand under which codepoint
 * is the model's to say, so one rule serves all four.
 */
#include "values.h"

static bool
is_bare(const cs_item *item)
{
	double number;
	bool flag;

	return cs_is_int(item) || cs_is_float(item, &number) || cs_is(item, CS_TSTR) || cs_is(item, CS_BSTR) || cs_is_bool(item, &flag);
}

/* Numbers by their value, anything else by its encoding. NaN equals nothing, itself included. */
static bool
same_value(const cs_item *a, const cs_item *b)
{
	double number;
	int order;

	if (cs_is_float(a, &number) || cs_is_float(b, &number))
		return cs_number_compare(a, b, &order) && order == 0;
	return cs_same_item(a, b);
}

static bool
in_set(const cs_item *entry, const cs_item *set)
{
	cs_iter it = cs_iterate(set);
	cs_item member;

	while (cs_next(&it, &member))
		if (is_bare(&member) && same_value(entry, &member))
			return true;
	return false;
}

/* sign -1: the bound is a maximum. */
static bool
within(const cs_item *entry, const cs_item *bound, int sign)
{
	int order;

	return cs_is_null(bound) || (cs_number_compare(entry, bound, &order) && order * sign >= 0);
}

static bool
range_satisfied(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_item pair = cs_tag_content(condition), min, max;
	int order;

	if (!cs_number_compare(entry, entry, &order) || !cs_is(&pair, CS_ARRAY) || cs_count(&pair) != 2)
		return cs_mismatched(why, "not a number and a range", condition, entry);
	cs_array_get(&pair, 0, &min);
	cs_array_get(&pair, 1, &max);
	if (!within(entry, &min, 1))
		return cs_mismatched(why, "below the range", condition, entry);
	return within(entry, &max, -1) || cs_mismatched(why, "above the range", condition, entry);
}

bool
cs_matcher_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_item set;

	if (!is_bare(entry))
		return cs_mismatched(why, "not a bare value", condition, entry);
	if (cs_is_tag(condition, CS_TAG_NUMBER_RANGE))
		return range_satisfied(entry, condition, why);
	if (cs_is_tag(condition, CS_TAG_SET))
	{
		set = cs_tag_content(condition);
		return (cs_is(&set, CS_ARRAY) && cs_count(&set) >= 2 && in_set(entry, &set)) ||
			cs_mismatched(why, "not in the set", condition, entry);
	}
	return (is_bare(condition) && same_value(entry, condition)) || cs_mismatched(why, "values differ", condition, entry);
}
