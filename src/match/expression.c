/*
 * expression.c - numbers that a condition may bound, and what all expressions share (expression.h).
 */
#include "expression.h"

#define SVN_COMPONENTS 16

bool
cs_expression_read(const cs_item *expression, int64_t *op, cs_item *operand)
{
	cs_item pair = cs_tag_content(expression), first;

	return cs_is(&pair, CS_ARRAY) && cs_count(&pair) == 2 && cs_array_get(&pair, 0, &first) && cs_int64(&first, op) &&
		cs_array_get(&pair, 1, operand);
}

bool
cs_expression_holds(int64_t op, int order, bool *holds)
{
	switch (op)
	{
		case CS_OPERATOR_EQ:
			*holds = order == 0;
			return true;
		case CS_OPERATOR_GT:
			*holds = order > 0;
			return true;
		case CS_OPERATOR_GE:
			*holds = order >= 0;
			return true;
		case CS_OPERATOR_LT:
			*holds = order < 0;
			return true;
		case CS_OPERATOR_LE:
			*holds = order <= 0;
			return true;
		default:
			return false;
	}
}

/* An svn is a number whether in tag 552 or not. */
static cs_item
number_in(const cs_item *item)
{
	return cs_is_tag(item, CS_TAG_SVN) ? cs_tag_content(item) : *item;
}

/* "Evidence and Reference Values MUST be the same numeric type": integers of either sign are one, floats the other. */
static bool
numeric_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_item have = number_in(entry), operand;
	int64_t op;
	int order;
	bool holds;

	if (!cs_expression_read(condition, &op, &operand) || !cs_number_compare(&have, &operand, &order))
		return cs_mismatched(why, "not numbers", condition, entry);
	if (cs_is_int(&have) != cs_is_int(&operand))
		return cs_mismatched(why, "an integer and a float", condition, entry);
	if (!cs_expression_holds(op, order, &holds))
		return cs_mismatched(why, "unknown operator", condition, entry);
	return holds || cs_mismatched(why, "the numeric condition does not hold", condition, entry);
}

/* An expression, a range, a minimum, or equality. */
bool
cs_expression_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_item have = number_in(entry);

	if (!cs_is(condition, CS_TAG))
		return cs_equal_satisfies(&have, condition, why);
	switch (condition->arg)
	{
		case CS_TAG_NUMERIC_EXPRESSION:
			return numeric_satisfies(entry, condition, why);
		case CS_TAG_SVN:
		case CS_TAG_MIN_SVN:
			return cs_svn_satisfies(entry, condition, why);
		case CS_TAG_INT_RANGE:
			return cs_int_range_satisfies(&have, condition, why);
		default:
			return cs_mismatched(why, "unknown tag", condition, entry);
	}
}

/* Sixteen positions, each a number in the entry and a number, minimum, range or expression in the condition. */
bool
cs_expression_svns_satisfy(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_iter known, wanted;
	cs_item have, want, number;

	if (!cs_is(entry, CS_ARRAY) || cs_count(entry) != SVN_COMPONENTS || !cs_is(condition, CS_ARRAY) ||
		cs_count(condition) != SVN_COMPONENTS)
		return cs_mismatched(why, "not sixteen components", condition, entry);
	known = cs_iterate(entry);
	wanted = cs_iterate(condition);
	for (int i = 0; i < SVN_COMPONENTS && cs_next(&known, &have) && cs_next(&wanted, &want); i++)
	{
		bool good;

		number = number_in(&have);
		good = cs_is_int(&number) ? cs_expression_satisfies(&have, &want, why) : cs_mismatched(why, "not a number", &want, &have);
		if (!good)
		{
			cs_mismatch_within(why, "[%d]", i);
			return false;
		}
	}
	return true;
}

bool
cs_set_condition(const cs_item *entry, const cs_item *condition, uint64_t tag, cs_set_relation mem, cs_item *set, cs_set_relation *relation,
	cs_mismatch *why)
{
	int64_t op;

	*set = *condition;
	*relation = CS_SET_EQUAL;
	if (!cs_is(condition, CS_TAG))
		return true;
	if (!cs_is_tag(condition, tag))
		return cs_mismatched(why, "unknown tag", condition, entry);
	if (!cs_expression_read(condition, &op, set))
		return cs_mismatched(why, "not an operator and a set", condition, entry);
	if (op != CS_OPERATOR_MEM && op != CS_OPERATOR_NMEM)
		return cs_mismatched(why, "unknown operator", condition, entry);
	*relation = op == CS_OPERATOR_MEM ? mem : CS_SET_DISJOINT;
	return true;
}
