/*
 * narrow.c - what a Reference Value corroborates (doc/conformance.md, decision 22): of the Evidence's values, the part that was compared.
 * Nobody vouches for a flag, a register, a key or an algorithm that the condition did not name, whether the standard or a profile has
 * the value: the comparison says what to leave out.
 */
#include "values.h"

static bool
names_alg(const cs_item *condition, const cs_digest *digest)
{
	cs_digest_iter it;
	cs_digest other;

	if (!cs_digest_iterate(condition, &it))
		return false;
	while (cs_digest_next(&it, &other))
	{
		if (cs_digest_same_alg(&other, digest))
			return true;
	}
	return false;
}

void
cs_digests_narrow(cs_buf *out, const cs_item *entry, const cs_item *condition)
{
	cs_digest_iter it;
	cs_digest digest;
	uint64_t count = 0;

	if (!cs_digest_iterate(entry, &it) || it.is_single)
	{
		cs_put_item(out, entry);
		return;
	}
	while (cs_digest_next(&it, &digest))
		count += names_alg(condition, &digest);
	cs_put_array(out, count);
	cs_digest_iterate(entry, &it);
	while (cs_digest_next(&it, &digest))
	{
		if (!names_alg(condition, &digest))
			continue;
		cs_put_array(out, 2);
		cs_put_item(out, &digest.alg);
		cs_put_bytes(out, digest.value.data, digest.value.len);
	}
}

void
cs_cryptokeys_narrow(cs_buf *out, const cs_item *entry, const cs_item *condition)
{
	uint64_t count = cs_is(condition, CS_ARRAY) ? cs_count(condition) : 1;
	cs_iter it;
	cs_item key;

	if (!cs_is(entry, CS_ARRAY) || cs_count(entry) <= count)
	{
		cs_put_item(out, entry);
		return;
	}
	cs_put_array(out, count);
	it = cs_iterate(entry);
	while (count-- > 0 && cs_next(&it, &key))
		cs_put_item(out, &key);
}

/* Members of entry that condition names, each written by put; data is put's own. */
static void
put_members(cs_buf *out, const cs_item *entry, const cs_item *condition,
	void (*put)(cs_buf *out, const cs_item *key, const cs_item *entry, const cs_item *condition, const void *data), const void *data)
{
	cs_map_cursor known = cs_map_cursor_at(entry);
	cs_iter it = cs_iterate(condition);
	cs_item key, want, have;
	uint64_t count = 0;

	while (cs_next_pair(&it, &key, &want))
		count += cs_map_cursor_find(&known, &key, &have);
	cs_put_map(out, count);
	known = cs_map_cursor_at(entry);
	it = cs_iterate(condition);
	while (cs_next_pair(&it, &key, &want))
	{
		if (!cs_map_cursor_find(&known, &key, &have))
			continue;
		cs_put_item(out, &key);
		put(out, &key, &have, &want, data);
	}
}

static void
put_flag(cs_buf *out, const cs_item *key, const cs_item *entry, const cs_item *condition, const void *data)
{
	(void) key;
	(void) condition;
	(void) data;
	cs_put_item(out, entry);
}

void
cs_flags_narrow(cs_buf *out, const cs_item *entry, const cs_item *condition)
{
	if (!cs_is(entry, CS_MAP) || !cs_is(condition, CS_MAP))
		cs_put_item(out, entry);
	else
		put_members(out, entry, condition, put_flag, NULL);
}

static void
put_register(cs_buf *out, const cs_item *key, const cs_item *entry, const cs_item *condition, const void *data)
{
	(void) key;
	(void) data;
	cs_digests_narrow(out, entry, condition);
}

void
cs_registers_narrow(cs_buf *out, const cs_item *entry, const cs_item *condition)
{
	if (!cs_is(entry, CS_MAP) || !cs_is(condition, CS_MAP))
		cs_put_item(out, entry);
	else
		put_members(out, entry, condition, put_register, NULL);
}

static void
put_value(cs_buf *out, const cs_item *key, const cs_item *entry, const cs_item *condition, const void *profile)
{
	const cs_comparing *how;
	int64_t codepoint;

	how = cs_int64(key, &codepoint) ? cs_comparing_of(cs_profile_comparison(profile, codepoint)) : NULL;
	if (how != NULL && how->narrow != NULL)
		how->narrow(out, entry, condition);
	else
		cs_put_item(out, entry);
}

bool
cs_mval_narrow(const cs_profile *profile, const cs_item *entry, const cs_item *condition, cs_buf *out)
{
	if (!cs_is(condition, CS_MAP))
		cs_put_map(out, 0);
	else
		put_members(out, entry, condition, put_value, profile);
	return cs_buf_ok(out);
}
