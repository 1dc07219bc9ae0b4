/*
 * profile_intel.c - Intel's profile (draft-cds-rats-intel-corim-profile): conditions may be expressions, [operator, operand],
 * whose left operand is the Evidence. Tag 60010 is numeric; 60020 is a set of digests and 60021 of texts.
 *
 * An entry that is itself an expression is no value and satisfies nothing; so does an operator or a tag that is not known.
 */
#include "profiles.h"
#include "values.h"

enum
{
	OP_EQ,
	OP_GT,
	OP_GE,
	OP_LT,
	OP_LE,
	OP_MEM = 6,
	OP_NMEM = 7
};

#define SVN_COMPONENTS 16

/* [operator, operand] inside an expression's tag. */
static bool
read_expression(const cs_item *expression, int64_t *op, cs_item *operand)
{
	cs_item pair = cs_tag_content(expression), first;

	return cs_is(&pair, CS_ARRAY) && cs_count(&pair) == 2 && cs_array_get(&pair, 0, &first) && cs_int64(&first, op) &&
		cs_array_get(&pair, 1, operand);
}

/* Order of two numbers; false when one is none (or NaN). A long double holds every 64-bit integer on the platforms that matter
 * for mixed comparisons; integers alone are compared as integers. */
static bool
compare_numbers(const cs_item *a, const cs_item *b, int *order)
{
	double number;
	long double x, y;

	if (cs_is_int(a) && cs_is_int(b))
	{
		*order = cs_int_compare(a, b);
		return true;
	}
	if (cs_is_float(a, &number))
		x = number;
	else if (cs_is_int(a))
		x = cs_is(a, CS_UINT) ? (long double) a->arg : -1.0L - (long double) a->arg;
	else
		return false;
	if (cs_is_float(b, &number))
		y = number;
	else if (cs_is_int(b))
		y = cs_is(b, CS_UINT) ? (long double) b->arg : -1.0L - (long double) b->arg;
	else
		return false;
	*order = (x > y) - (x < y);
	return x == x && y == y;
}

static bool
numeric_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_item operand;
	int64_t op;
	int order;
	bool holds;

	if (!read_expression(condition, &op, &operand) || !compare_numbers(entry, &operand, &order))
		return cs_mismatched(why, "not numbers", condition, entry);
	switch (op)
	{
		case OP_EQ:
			holds = order == 0;
			break;
		case OP_GT:
			holds = order > 0;
			break;
		case OP_GE:
			holds = order >= 0;
			break;
		case OP_LT:
			holds = order < 0;
			break;
		case OP_LE:
			holds = order <= 0;
			break;
		default:
			return cs_mismatched(why, "unknown operator", condition, entry);
	}
	return holds || cs_mismatched(why, "the numeric condition does not hold", condition, entry);
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
	if (op != OP_MEM && op != OP_NMEM)
		return cs_mismatched(why, "unknown operator", condition, entry);
	while (cs_digest_next(&it, &digest))
	{
		count++;
		if (digest_in(&digest, &set, &same_alg) != (op == OP_MEM))
			return cs_mismatched(why, op == OP_MEM ? "not in the set" : "in the set", condition, entry);
	}
	if (it.malformed || count == 0)
		return cs_mismatched(why, "not a set of digests", condition, entry);
	cs_digest_iterate(&set, &it);
	while (op == OP_NMEM && cs_digest_next(&it, &digest))
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
	if (op != OP_MEM && op != OP_NMEM)
		return cs_mismatched(why, "unknown operator", condition, entry);
	if (cs_is(entry, CS_TSTR))
		return text_in(entry, &set) == (op == OP_MEM) ||
			cs_mismatched(why, op == OP_MEM ? "not in the set" : "in the set", condition, entry);
	if (!cs_is(entry, CS_ARRAY) || cs_count(entry) > CS_MATCH_MAX_SET || (op == OP_MEM && cs_count(entry) == 0))
		return cs_mismatched(why, "not a set of texts", condition, entry);
	it = cs_iterate(entry);
	while (cs_next(&it, &text))
	{
		if (!cs_is(&text, CS_TSTR))
			return cs_mismatched(why, "not a set of texts", condition, entry);
		if (text_in(&text, &set) != (op == OP_MEM))
			return cs_mismatched(why, op == OP_MEM ? "not in the set" : "in the set", condition, entry);
	}
	return true;
}

/* Any value of the profile: an expression, a range, a minimum, bytes under a mask, or equality. */
static bool
value_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
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

static bool
digest_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	return cs_is(condition, CS_TAG) ? value_satisfies(entry, condition, why) : cs_digests_satisfy(entry, condition, why);
}

/* Sixteen positions, each a number in the entry and a number, minimum, range or expression in the condition. */
static bool
components_satisfy(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
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
		bool good = cs_is_int(&have) ? value_satisfies(&have, &want, why) : cs_mismatched(why, "not a number", &want, &have);

		if (!good)
		{
			cs_mismatch_within(why, "[%d]", i);
			return false;
		}
	}
	return true;
}

static const cs_profile_value intel_values[] = {
	{ -70, value_satisfies },
	{ -71, value_satisfies },
	{ -72, value_satisfies },
	{ -73, value_satisfies },
	{ -77, value_satisfies },
	{ -80, value_satisfies },
	{ -81, value_satisfies },
	{ -82, value_satisfies },
	{ -83, digest_satisfies },
	{ -84, digest_satisfies },
	{ -85, value_satisfies },
	{ -86, value_satisfies },
	{ -88, value_satisfies },
	{ -89, value_satisfies },
	{ -90, value_satisfies },
	{ -91, cs_cryptokeys_satisfy },
	{ -101, value_satisfies },
	{ -125, components_satisfy },
};

const cs_profile cs_profile_intel = { &cs_profile_names_intel, intel_values, CS_LENGTH_OF(intel_values), NULL };

/* Platform Ownership Endorsements (draft-bzb-rats-intel-poe-endorsements): byte for byte, "a length mismatch is a non-match". */
static const cs_profile_value poe_values[] = {
	{ -101, cs_equal_satisfies },
	{ -401, cs_equal_satisfies },
};

const cs_profile cs_profile_poe = { &cs_profile_names_poe, poe_values, CS_LENGTH_OF(poe_values), NULL };
