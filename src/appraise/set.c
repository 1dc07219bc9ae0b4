/*
 * set.c - a set of byte strings with open addressing. The hash is seeded with where the set lies, so that Evidence cannot be
 * written to collide; nothing that anybody sees depends on it, because members are numbered in the order they came.
 */
#include <string.h>

#include "set.h"

void
cs_set_init(cs_set *set, cs_ctx *ctx)
{
	*set = (cs_set) { .ctx = ctx };
}

static uint64_t
mix(uint64_t hash)
{
	hash ^= hash >> 32;
	hash *= UINT64_C(0xd6e8feb86659fd93);
	hash ^= hash >> 29;
	hash *= UINT64_C(0x9fb21c651e98df25);
	return hash ^ (hash >> 32);
}

static uint64_t
hash_bytes(const cs_set *set, cs_span bytes)
{
	uint64_t hash = mix((uintptr_t) set ^ bytes.len), word;

	for (size_t at = 0; at < bytes.len; at += sizeof word)
	{
		word = 0;
		memcpy(&word, bytes.data + at, bytes.len - at < sizeof word ? bytes.len - at : sizeof word);
		hash = mix(hash ^ word);
	}
	return hash;
}

/* The slot that holds bytes, or the empty one where they would go. */
static size_t
find_slot(const cs_set *set, cs_span bytes, uint64_t hash)
{
	size_t slot = (size_t) hash & (set->slot_count - 1);

	while (set->slots[slot] != 0)
	{
		size_t member = set->slots[slot] - 1;

		if (set->hashes[member] == hash && cs_span_eq(set->members[member], bytes))
			break;
		slot = (slot + 1) & (set->slot_count - 1);
	}
	return slot;
}

size_t
cs_set_find(const cs_set *set, cs_span bytes)
{
	if (set->slot_count == 0)
		return CS_SET_NONE;
	return set->slots[find_slot(set, bytes, hash_bytes(set, bytes))] - 1;
}

static bool
grow(cs_set *set)
{
	size_t old_capacity = set->capacity, capacity = old_capacity ? old_capacity * 2 : 8;
	cs_span *members = cs_resize(set->ctx, set->members, old_capacity, capacity, sizeof *members);
	uint64_t *hashes;
	size_t *slots;

	if (members == NULL)
		return false;
	set->members = members;
	hashes = cs_resize(set->ctx, set->hashes, old_capacity, capacity, sizeof *hashes);
	if (hashes == NULL)
		return false;
	set->hashes = hashes;
	slots = cs_alloc(set->ctx, capacity * 2, sizeof *slots);
	if (slots == NULL)
		return false;
	memset(slots, 0, capacity * 2 * sizeof *slots);
	set->capacity = capacity;
	set->slots = slots;
	set->slot_count = capacity * 2;
	for (size_t i = 0; i < set->count; i++)
		slots[find_slot(set, set->members[i], set->hashes[i])] = i + 1;
	return true;
}

bool
cs_set_add(cs_set *set, cs_span bytes, bool copy, size_t *index, bool *fresh)
{
	uint64_t hash = hash_bytes(set, bytes);
	size_t slot;

	if (set->count == set->capacity && !grow(set))
		return false;
	slot = find_slot(set, bytes, hash);
	if (fresh != NULL)
		*fresh = set->slots[slot] == 0;
	if (set->slots[slot] == 0)
	{
		if (copy && bytes.len > 0 && (bytes.data = cs_memdup(set->ctx, bytes.data, bytes.len)) == NULL)
			return false;
		set->members[set->count] = bytes;
		set->hashes[set->count] = hash;
		set->slots[slot] = ++set->count;
	}
	*index = set->slots[slot] - 1;
	return true;
}
