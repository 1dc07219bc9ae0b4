/*
 * digest_set.c - sets of digests (draft-cds-rats-intel-corim-profile, "Comparison Algorithm for Set of Digests"). Digests are the same
 * where algorithm and value are; the order says nothing, and a set may have an algorithm twice.
 */
#include "expression.h"

/* An array of digests, or one digest: a set of one. */
static bool
is_set(const cs_item *item)
{
	cs_digest_iter it;
	cs_digest digest;

	if (!cs_digest_iterate(item, &it) || cs_count(item) > CS_MATCH_MAX_SET)
		return false;
	while (cs_digest_next(&it, &digest))
		;
	return !it.malformed;
}

static bool
is_single(const cs_item *set)
{
	cs_digest_iter it;

	return cs_digest_iterate(set, &it) && it.is_single;
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

/* How many digests of a are in b, and how many have their algorithm there; *count is how many there are. */
static void
compare_sets(const cs_item *a, const cs_item *b, size_t *count, size_t *in, size_t *same_algs)
{
	cs_digest_iter it;
	cs_digest digest;
	bool same_alg;

	*count = *in = *same_algs = 0;
	cs_digest_iterate(a, &it);
	while (cs_digest_next(&it, &digest))
	{
		++*count;
		*in += digest_in(&digest, b, &same_alg);
		*same_algs += same_alg;
	}
}

/*
 * nmem is about digests that can be told apart: where the two have no algorithm in common, nothing was compared, and another name for the
 * same object must not pass (doc/conformance.md, decision 39).
 */
static bool
is_disjoint(const cs_item *entry, const cs_item *set)
{
	size_t count, in, same_algs;

	compare_sets(entry, set, &count, &in, &same_algs);
	return in == 0 && (same_algs > 0 || count == 0 || cs_count(set) == 0);
}

static bool
is_within(const cs_item *a, const cs_item *b)
{
	size_t count, in, same_algs;

	compare_sets(a, b, &count, &in, &same_algs);
	return in == count;
}

static bool
satisfies(const cs_item *entry, const cs_item *condition, cs_set_relation mem, cs_mismatch *why)
{
	cs_set_relation relation;
	size_t count, in, same_algs;
	cs_item set;

	if (!cs_set_condition(entry, condition, CS_TAG_SET_DIGEST_EXPRESSION, mem, &set, &relation, why))
		return false;
	if (!is_set(entry) || !is_set(&set))
		return cs_mismatched(why, "not a set of digests", condition, entry);
	switch (relation)
	{
		case CS_SET_EQUAL:
			/* "The singleton digest in the condition MUST match at least one digest" */
			if (is_single(&set))
				return is_within(&set, entry) || cs_mismatched(why, "not in the Evidence's set", condition, entry);
			return (is_within(entry, &set) && is_within(&set, entry)) || cs_mismatched(why, "sets differ", condition, entry);
		case CS_SET_WITHIN:
			/* What has no digest is a member of nothing. */
			compare_sets(entry, &set, &count, &in, &same_algs);
			return (in == count && (count > 0 || cs_count(&set) == 0)) || cs_mismatched(why, "not in the set", condition, entry);
		case CS_SET_AROUND:
			return is_within(&set, entry) || cs_mismatched(why, "not all of the set", condition, entry);
		default:
			return is_disjoint(entry, &set) || cs_mismatched(why, "in the set, or not comparable", condition, entry);
	}
}

bool
cs_digest_set_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	return satisfies(entry, condition, CS_SET_WITHIN, why);
}

bool
cs_digest_superset_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	return satisfies(entry, condition, CS_SET_AROUND, why);
}

bool
cs_expression_set(const cs_item *expression, int64_t *op, cs_item *set)
{
	return cs_is_tag(expression, CS_TAG_SET_DIGEST_EXPRESSION) && cs_expression_read(expression, op, set);
}

/* Was this digest of the entry compared? mem and equality compare values, nmem algorithms: it lets others pass. */
static bool
was_compared(const cs_digest *digest, const cs_item *set, cs_set_relation relation)
{
	bool same_alg, found = digest_in(digest, set, &same_alg);

	return relation == CS_SET_DISJOINT ? same_alg : found;
}

static void
narrow(cs_buf *out, const cs_item *entry, const cs_item *condition, cs_set_relation mem)
{
	cs_set_relation relation;
	cs_digest_iter it;
	cs_digest digest;
	cs_item set;
	uint64_t count = 0;

	if (!cs_set_condition(entry, condition, CS_TAG_SET_DIGEST_EXPRESSION, mem, &set, &relation, NULL) || !cs_digest_iterate(entry, &it) ||
		it.is_single)
	{
		cs_put_item(out, entry);
		return;
	}
	while (cs_digest_next(&it, &digest))
		count += was_compared(&digest, &set, relation);
	cs_put_array(out, count);
	cs_digest_iterate(entry, &it);
	while (cs_digest_next(&it, &digest))
	{
		if (!was_compared(&digest, &set, relation))
			continue;
		cs_put_array(out, 2);
		cs_put_item(out, &digest.alg);
		cs_put_bytes(out, digest.value.data, digest.value.len);
	}
}

void
cs_digest_set_narrow(cs_buf *out, const cs_item *entry, const cs_item *condition)
{
	narrow(out, entry, condition, CS_SET_WITHIN);
}

void
cs_digest_superset_narrow(cs_buf *out, const cs_item *entry, const cs_item *condition)
{
	narrow(out, entry, condition, CS_SET_AROUND);
}
