/*
 * digests.c - digests (draft-ietf-rats-corim, "Comparison for digests entries"; doc/conformance.md, decisions 13 and 31).
 *
 * Both sides must have an algorithm in common, and under every common algorithm the same value: whoever offers a weak algorithm
 * that agrees beside a strong one that does not is refused.
 */
#include "codepoints/digest_alg.h"
#include "values.h"

bool
cs_digest_read(const cs_item *record, cs_digest *out)
{
	cs_item value;

	return cs_is(record, CS_ARRAY) && cs_count(record) == 2 && cs_array_get(record, 0, &out->alg) &&
		(cs_is_int(&out->alg) || cs_is(&out->alg, CS_TSTR)) && cs_array_get(record, 1, &value) &&
		cs_plain_string(&value, CS_BSTR, &out->value);
}

bool
cs_digest_same_alg(const cs_digest *a, const cs_digest *b)
{
	const cs_digest_alg *known = cs_digest_alg_of(&a->alg);

	if (known != NULL)
		return known == cs_digest_alg_of(&b->alg);
	return cs_same_item(&a->alg, &b->alg);
}

bool
cs_digest_iterate(const cs_item *digests, cs_digest_iter *it)
{
	cs_item first;

	*it = (cs_digest_iter) { .single = *digests };
	if (!cs_is(digests, CS_ARRAY))
		return false;
	it->it = cs_iterate(digests);
	it->is_single = cs_array_get(digests, 0, &first) && !cs_is(&first, CS_ARRAY);
	return true;
}

bool
cs_digest_next(cs_digest_iter *it, cs_digest *out)
{
	cs_item record;

	if (it->is_single)
	{
		if (it->single.p == NULL)
			return false;
		record = it->single;
		it->single.p = NULL;
	}
	else if (!cs_next(&it->it, &record))
		return false;
	it->malformed = !cs_digest_read(&record, out);
	return !it->malformed;
}

/* Well-formed, not empty, each algorithm once, and not too many. */
static const char *
refuse_digests(const cs_item *digests)
{
	cs_digest_iter it, rest;
	cs_digest a, b;
	size_t count = 0;

	if (!cs_digest_iterate(digests, &it))
		return "not a list of digests";
	if (cs_count(digests) > CS_MATCH_MAX_DIGESTS)
		return "too many digests";
	while (cs_digest_next(&it, &a))
	{
		count++;
		rest = it;
		while (cs_digest_next(&rest, &b))
		{
			if (cs_digest_same_alg(&a, &b))
				return "an algorithm is there twice";
		}
	}
	if (it.malformed)
		return "not a list of digests";
	return count == 0 ? "no digests" : NULL;
}

bool
cs_digests_satisfy(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	const char *refused = refuse_digests(condition);
	cs_digest_iter wanted, known;
	cs_digest want, have;
	bool common = false;

	if (refused == NULL)
		refused = refuse_digests(entry);
	if (refused != NULL)
		return cs_mismatched(why, refused, condition, entry);
	cs_digest_iterate(condition, &wanted);
	while (cs_digest_next(&wanted, &want))
	{
		cs_digest_iterate(entry, &known);
		while (cs_digest_next(&known, &have))
		{
			if (!cs_digest_same_alg(&want, &have))
				continue;
			if (!cs_span_eq(want.value, have.value))
				return cs_mismatched(why, "digests differ", condition, entry);
			common = true;
		}
	}
	return common || cs_mismatched(why, "no common algorithm", condition, entry);
}
