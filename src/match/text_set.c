/*
 * text_set.c - sets of texts (draft-cds-rats-intel-corim-profile, "Comparison Algorithm for Set of Strings"). The order says nothing, and
 * a text twice is there once.
 */
#include "expression.h"

/* An array of texts, or one text: a set of one. */
static bool
is_set(const cs_item *item)
{
	cs_iter it;
	cs_item text;

	if (cs_is(item, CS_TSTR))
		return true;
	if (!cs_is(item, CS_ARRAY) || cs_count(item) > CS_MATCH_MAX_SET)
		return false;
	for (it = cs_iterate(item); cs_next(&it, &text);)
		if (!cs_is(&text, CS_TSTR))
			return false;
	return true;
}

static bool
text_in(const cs_item *text, const cs_item *set)
{
	cs_iter it;
	cs_item other;

	if (cs_is(set, CS_TSTR))
		return cs_same_item(text, set);
	for (it = cs_iterate(set); cs_next(&it, &other);)
		if (cs_same_item(text, &other))
			return true;
	return false;
}

/* How many texts of a are in b; *count is how many there are. */
static size_t
count_in(const cs_item *a, const cs_item *b, size_t *count)
{
	cs_iter it;
	cs_item text;
	size_t in = 0;

	*count = cs_is(a, CS_TSTR) ? 1 : cs_count(a);
	if (cs_is(a, CS_TSTR))
		return text_in(a, b);
	for (it = cs_iterate(a); cs_next(&it, &text);)
		in += text_in(&text, b);
	return in;
}

static bool
is_within(const cs_item *a, const cs_item *b)
{
	size_t count;

	return count_in(a, b, &count) == count;
}

static bool
is_empty(const cs_item *set)
{
	return cs_is(set, CS_ARRAY) && cs_count(set) == 0;
}

static bool
satisfies(const cs_item *entry, const cs_item *condition, cs_set_relation mem, cs_mismatch *why)
{
	cs_set_relation relation;
	cs_item set;
	size_t count;

	if (!cs_set_condition(entry, condition, CS_TAG_SET_TSTR_EXPRESSION, mem, &set, &relation, why))
		return false;
	if (!is_set(entry) || !is_set(&set))
		return cs_mismatched(why, "not a set of texts", condition, entry);
	switch (relation)
	{
		case CS_SET_EQUAL:
			return (is_within(entry, &set) && is_within(&set, entry)) || cs_mismatched(why, "sets differ", condition, entry);
		case CS_SET_WITHIN:
			/* What has no text is a member of nothing: no status is not a good one. */
			return (is_within(entry, &set) && (!is_empty(entry) || is_empty(&set))) ||
				cs_mismatched(why, "not in the set", condition, entry);
		case CS_SET_AROUND:
			return is_within(&set, entry) || cs_mismatched(why, "not all of the set", condition, entry);
		default:
			return count_in(entry, &set, &count) == 0 || cs_mismatched(why, "in the set", condition, entry);
	}
}

bool
cs_text_set_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	return satisfies(entry, condition, CS_SET_WITHIN, why);
}

bool
cs_text_superset_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	return satisfies(entry, condition, CS_SET_AROUND, why);
}

/* Where the entry may have more texts than the condition wants, those that it wants. */
void
cs_text_superset_narrow(cs_buf *out, const cs_item *entry, const cs_item *condition)
{
	cs_set_relation relation;
	cs_item set, text;
	size_t count;
	cs_iter it;

	if (!cs_set_condition(entry, condition, CS_TAG_SET_TSTR_EXPRESSION, CS_SET_AROUND, &set, &relation, NULL) ||
		relation != CS_SET_AROUND || !cs_is(entry, CS_ARRAY))
	{
		cs_put_item(out, entry);
		return;
	}
	cs_put_array(out, count_in(entry, &set, &count));
	for (it = cs_iterate(entry); cs_next(&it, &text);)
		if (text_in(&text, &set))
			cs_put_item(out, &text);
}
