/*
 * cryptokeys.c - cryptographic keys by position (draft-ietf-rats-corim, "Comparison for cryptokeys entries"). The condition may
 * have fewer than the entry. A single key that is not in an array is a legacy form.
 */
#include "values.h"

/* Steps through an array of keys, or gives the one key that is not in an array. */
typedef struct key_iter
{
	cs_iter it;
	cs_item single;
	bool is_array;
	bool done;
} key_iter;

static key_iter
iterate_keys(const cs_item *keys)
{
	key_iter it = { .single = *keys, .is_array = cs_is(keys, CS_ARRAY) };

	if (it.is_array)
		it.it = cs_iterate(keys);
	return it;
}

static bool
next_key(key_iter *it, cs_item *key)
{
	if (it->is_array)
		return cs_next(&it->it, key);
	if (it->done)
		return false;
	*key = it->single;
	it->done = true;
	return true;
}

bool
cs_cryptokeys_satisfy(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	key_iter wanted = iterate_keys(condition), known = iterate_keys(entry);
	cs_item want, have;
	size_t position = 0;

	while (next_key(&wanted, &want))
	{
		const char *reason = NULL;
		bool there = next_key(&known, &have);

		if (!there)
			reason = "no key at this position";
		else if (!cs_is(&want, CS_TAG) || !cs_same_item(&want, &have))
			reason = "keys differ";
		if (reason != NULL)
		{
			cs_mismatched(why, reason, &want, there ? &have : NULL);
			cs_mismatch_within(why, "[%zu]", position);
			return false;
		}
		position++;
	}
	return position > 0 || cs_mismatched(why, "no keys", condition, entry);
}
