/*
 * expression.c - conditions that may be expressions, [operator, operand], whose left operand is the Evidence (Intel's profile,
 * draft-cds-rats-intel-corim-profile). Tag 60010 is numeric; 60020 is a set of digests and 60021 of texts.
 *
 * An entry that is itself an expression is no value and satisfies nothing; so does an operator or a tag that is not known.
 */
#include "values.h"

#define SVN_COMPONENTS 16

/* [operator, operand] inside an expression's tag. */
static bool
read_expression(const cs_item *expression, int64_t *op, cs_item *operand)
{
	cs_item pair = cs_tag_content(expression), first;

	return cs_is(&pair, CS_ARRAY) && cs_count(&pair) == 2 && cs_array_get(&pair, 0, &first) && cs_int64(&first, op) &&
		cs_array_get(&pair, 1, operand);
}

static bool
numeric_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_item operand;
	int64_t op;
	int order;
	bool holds;

	if (!read_expression(condition, &op, &operand) || !cs_number_compare(entry, &operand, &order))
		return cs_mismatched(why, "not numbers", condition, entry);
	switch (op)
	{
		case CS_OPERATOR_EQ:
			holds = order == 0;
			break;
		case CS_OPERATOR_GT:
			holds = order > 0;
			break;
		case CS_OPERATOR_GE:
			holds = order >= 0;
			break;
		case CS_OPERATOR_LT:
			holds = order < 0;
			break;
		case CS_OPERATOR_LE:
			holds = order <= 0;
			break;
		default:
			return cs_mismatched(why, "unknown operator", condition, entry);
	}
	return holds || cs_mismatched(why, "the numeric condition does not hold", condition, entry);
}

bool
cs_expression_set(const cs_item *expression, int64_t *op, cs_item *set)
{
	return cs_is_tag(expression, CS_TAG_SET_DIGEST_EXPRESSION) && read_expression(expression, op, set);
}

/* Is this digest in the set? *same_alg tells whether the set has its algorithm at all. */
static bool
digest_in(const cs_digest *digest, const cs_item *set, bool *same_alg)
{
	cs_digest_iter it;
	cs_digest other;

	*same_alg = false;
	if (!cs_digest_iterate(set, &it))
		return false;
	while (cs_digest_next(&it, &other))
	{
		if (!cs_digest_same_alg(digest, &other))
			continue;
		*same_alg = true;
		if (cs_span_eq(digest->value, other.value))
			return true;
	}
	return false;
}

/*
 * mem: every digest of the entry is in the set. nmem: none is, and every digest of the set has its algorithm among the entry's,
 * so that a digest under another algorithm does not pass for a different object.
 */
static bool
digest_set_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_item set;
	cs_digest_iter it;
	cs_digest digest;
	int64_t op;
	bool same_alg;
	size_t count = 0;

	if (!read_expression(condition, &op, &set) || !cs_digest_iterate(&set, &it) || !cs_digest_iterate(entry, &it) ||
		cs_count(&set) > CS_MATCH_MAX_SET || cs_count(entry) > CS_MATCH_MAX_SET)
		return cs_mismatched(why, "not a set of digests", condition, entry);
	if (op != CS_OPERATOR_MEM && op != CS_OPERATOR_NMEM)
		return cs_mismatched(why, "unknown operator", condition, entry);
	while (cs_digest_next(&it, &digest))
	{
		count++;
		if (digest_in(&digest, &set, &same_alg) != (op == CS_OPERATOR_MEM))
			return cs_mismatched(why, op == CS_OPERATOR_MEM ? "not in the set" : "in the set", condition, entry);
	}
	if (it.malformed || count == 0)
		return cs_mismatched(why, "not a set of digests", condition, entry);
	cs_digest_iterate(&set, &it);
	while (op == CS_OPERATOR_NMEM && cs_digest_next(&it, &digest))
	{
		digest_in(&digest, entry, &same_alg);
		if (!same_alg)
			return cs_mismatched(why, "no common algorithm", condition, entry);
	}
	return !it.malformed || cs_mismatched(why, "not a set of digests", condition, entry);
}

static bool
text_in(const cs_item *text, const cs_item *set)
{
	cs_iter it = cs_iterate(set);
	cs_item other;

	while (cs_next(&it, &other))
	{
		if (cs_same_item(text, &other))
			return true;
	}
	return false;
}

/* mem: the entry has texts, and all are in the set. nmem: none is. */
static bool
text_set_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_item set, text;
	cs_iter it;
	int64_t op;

	if (!read_expression(condition, &op, &set) || !cs_is(&set, CS_ARRAY) || cs_count(&set) > CS_MATCH_MAX_SET)
		return cs_mismatched(why, "not a set of texts", condition, entry);
	if (op != CS_OPERATOR_MEM && op != CS_OPERATOR_NMEM)
		return cs_mismatched(why, "unknown operator", condition, entry);
	if (cs_is(entry, CS_TSTR))
		return text_in(entry, &set) == (op == CS_OPERATOR_MEM) ||
			cs_mismatched(why, op == CS_OPERATOR_MEM ? "not in the set" : "in the set", condition, entry);
	if (!cs_is(entry, CS_ARRAY) || cs_count(entry) > CS_MATCH_MAX_SET || (op == CS_OPERATOR_MEM && cs_count(entry) == 0))
		return cs_mismatched(why, "not a set of texts", condition, entry);
	it = cs_iterate(entry);
	while (cs_next(&it, &text))
	{
		if (!cs_is(&text, CS_TSTR))
			return cs_mismatched(why, "not a set of texts", condition, entry);
		if (text_in(&text, &set) != (op == CS_OPERATOR_MEM))
			return cs_mismatched(why, op == CS_OPERATOR_MEM ? "not in the set" : "in the set", condition, entry);
	}
	return true;
}

/* An expression, a range, a minimum, bytes under a mask, or equality. */
bool
cs_expression_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	if (!cs_is(condition, CS_TAG))
		return cs_equal_satisfies(entry, condition, why);
	switch (condition->arg)
	{
		case CS_TAG_NUMERIC_EXPRESSION:
			return numeric_satisfies(entry, condition, why);
		case CS_TAG_SET_DIGEST_EXPRESSION:
			return digest_set_satisfies(entry, condition, why);
		case CS_TAG_SET_TSTR_EXPRESSION:
			return text_set_satisfies(entry, condition, why);
		case CS_TAG_MIN_SVN:
			return cs_svn_satisfies(entry, condition, why);
		case CS_TAG_INT_RANGE:
			return cs_int_range_satisfies(entry, condition, why);
		case CS_TAG_BYTES:
		case CS_TAG_MASKED_RAW_VALUE:
			return cs_raw_value_satisfies(entry, condition, NULL, why);
		case CS_TAG_DATE_TIME:
		case CS_TAG_EPOCH_TIME:
			return cs_equal_satisfies(entry, condition, why);
		default:
			return cs_mismatched(why, "unknown tag", condition, entry);
	}
}

bool
cs_expression_digests_satisfy(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	return cs_is(condition, CS_TAG) ? cs_expression_satisfies(entry, condition, why) : cs_digests_satisfy(entry, condition, why);
}

/* Sixteen positions, each a number in the entry and a number, minimum, range or expression in the condition. */
bool
cs_expression_svns_satisfy(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_iter known, wanted;
	cs_item have, want;

	if (!cs_is(entry, CS_ARRAY) || cs_count(entry) != SVN_COMPONENTS || !cs_is(condition, CS_ARRAY) ||
		cs_count(condition) != SVN_COMPONENTS)
		return cs_mismatched(why, "not sixteen components", condition, entry);
	known = cs_iterate(entry);
	wanted = cs_iterate(condition);
	for (int i = 0; i < SVN_COMPONENTS && cs_next(&known, &have) && cs_next(&wanted, &want); i++)
	{
		bool good = cs_is_int(&have) ? cs_expression_satisfies(&have, &want, why) : cs_mismatched(why, "not a number", &want, &have);

		if (!good)
		{
			cs_mismatch_within(why, "[%d]", i);
			return false;
		}
	}
	return true;
}

/* A digest under an algorithm that the set does not have was not compared: nmem lets it pass. */
void
cs_expression_digests_narrow(cs_buf *out, const cs_item *entry, const cs_item *condition)
{
	cs_item set = *condition;
	int64_t op;

	if (cs_is(condition, CS_TAG) && !cs_expression_set(condition, &op, &set))
		cs_put_item(out, entry);
	else
		cs_digests_narrow(out, entry, &set);
}
