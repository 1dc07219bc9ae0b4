/*
 * project.c - what a Reference Value corroborates (spec-notes decision 22): of the Evidence's values, the part that was compared.
 * Nobody vouches for a flag, a register, a key or an algorithm that the condition did not name.
 */
#include "values.h"

#define KEY_DIGESTS 2
#define KEY_FLAGS 3
#define KEY_CRYPTOKEYS 13
#define KEY_INTEGRITY_REGISTERS 14

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

static void
put_digests(cs_buf *out, const cs_item *entry, const cs_item *condition)
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

static void
put_keys(cs_buf *out, const cs_item *entry, const cs_item *condition)
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

/* Members of entry that condition names, each written by put. */
static void
put_members(cs_buf *out, const cs_item *entry, const cs_item *condition,
	void (*put)(cs_buf *out, const cs_item *key, const cs_item *entry, const cs_item *condition))
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
		put(out, &key, &have, &want);
	}
}

static void
put_flag(cs_buf *out, const cs_item *key, const cs_item *entry, const cs_item *condition)
{
	(void) key;
	(void) condition;
	cs_put_item(out, entry);
}

static void
put_register(cs_buf *out, const cs_item *key, const cs_item *entry, const cs_item *condition)
{
	(void) key;
	put_digests(out, entry, condition);
}

static void
put_value(cs_buf *out, const cs_item *key, const cs_item *entry, const cs_item *condition)
{
	int64_t codepoint = cs_is(key, CS_UINT) && key->arg <= INT64_MAX ? (int64_t) key->arg : -1;
	bool maps = cs_is(entry, CS_MAP) && cs_is(condition, CS_MAP);

	if (codepoint == KEY_DIGESTS)
		put_digests(out, entry, condition);
	else if (codepoint == KEY_FLAGS && maps)
		put_members(out, entry, condition, put_flag);
	else if (codepoint == KEY_CRYPTOKEYS)
		put_keys(out, entry, condition);
	else if (codepoint == KEY_INTEGRITY_REGISTERS && maps)
		put_members(out, entry, condition, put_register);
	else
		cs_put_item(out, entry);
}

bool
cs_mval_project(const cs_item *entry, const cs_item *condition, cs_buf *out)
{
	if (!cs_is(condition, CS_MAP))
		cs_put_map(out, 0);
	else
		put_members(out, entry, condition, put_value);
	return cs_buf_ok(out);
}
