/*
 * keys.c - attest-key and identity triples (draft-ietf-rats-corim, "Processing keys Relations"): the keys that verify are added, under
 * the joint authority of signer and Verifier (doc/conformance.md, decision 29).
 */
#include "acs.h"

/* The signer's keys and then the Verifier's. */
static bool
join_authority(cs_acs *acs, const relation *rel, cs_span *out)
{
	cs_span sides[2] = { rel->authority, acs->how->verifier }, canonical, *keys = NULL;
	size_t count = 0, capacity = 0;

	for (int i = 0; i < 2; i++)
	{
		cs_item array, key;
		cs_iter it;

		if (sides[i].len == 0)
			continue;
		array = cs_item_at(sides[i].data, sides[i].len);
		if (!cs_acs_canonical(acs->ctx, &array, &canonical))
			return false;
		array = cs_item_at(canonical.data, canonical.len);
		if (!cs_is(&array, CS_ARRAY))
			return cs_fail(acs->ctx, CS_INVALID, "authority of the verifier must be an array of keys");
		it = cs_iterate(&array);
		while (cs_next(&it, &key))
		{
			if (!cs_acs_reserve(acs->ctx, &keys, &capacity, count, sizeof *keys))
				return false;
			keys[count++] = cs_item_span(&key);
		}
	}
	*out = (cs_span) { NULL, 0 };
	return count == 0 || cs_acs_unique_array(acs->ctx, keys, count, out);
}

static bool
verified_keys(cs_acs *acs, const relation *rel, int key_type, cs_span *out)
{
	cs_iter it = { .next = rel->keys.p, .limit = rel->keys.limit, .left = 1 };
	cs_item key;
	cs_span *keys = NULL;
	size_t count = 0, capacity = 0, index = 0;

	/* A single key that is not in an array is a legacy form. */
	if (cs_is(&rel->keys, CS_ARRAY))
		it = cs_iterate(&rel->keys);
	while (cs_next(&it, &key))
	{
		bool verified = false;

		cs_acs_tick(acs);
		if (!acs->how->verify_key(acs, &rel->given, index++, cs_item_span(&key), key_type, &verified, acs->how->data) ||
			!cs_acs_reserve(acs->ctx, &keys, &capacity, count, sizeof *keys))
			return false;
		if (verified)
			keys[count++] = cs_item_span(&key);
	}
	*out = (cs_span) { NULL, 0 };
	return count == 0 || cs_acs_unique_array(acs->ctx, keys, count, out);
}

static bool
add_keys(cs_acs *acs, relation *rel)
{
	ect_parts parts = { .cmtype = -1,
		.key_type = rel->given.kind == CS_TRIPLE_ATTEST_KEY ? CS_KEY_TYPE_ATTEST_KEY : CS_KEY_TYPE_IDENTITY_KEY,
		.environment = rel->additions[0].environment,
		.profile = rel->profile,
		.key_id = rel->key_id };

	if (acs->how->verify_key == NULL)
		return cs_acs_add_note(acs, rel, "key verification is not available");
	if (!verified_keys(acs, rel, parts.key_type, &parts.key_list))
		return false;
	if (parts.key_list.len == 0)
		return cs_acs_add_note(acs, rel, "no key was verified");
	return join_authority(acs, rel, &parts.authority) && cs_acs_propose(acs, &parts, &rel->given);
}

bool
cs_acs_add_keys(cs_acs *acs)
{
	for (size_t i = 0; i < acs->relation_count; i++)
	{
		relation *rel = acs->relations[i];

		if ((rel->given.kind != CS_TRIPLE_IDENTITY && rel->given.kind != CS_TRIPLE_ATTEST_KEY) || rel->done)
			continue;
		if (!cs_acs_try(acs, rel, 0, 1u << CS_CMTYPE_ENDORSEMENTS | 1u << CS_CMTYPE_EVIDENCE))
			return false;
		rel->done = rel->conditions[0].met;
		if (rel->done && !add_keys(acs, rel))
			return false;
	}
	return true;
}
