/*
 * select.c - which environments a query selects (query.h). A query may have as many selectors as a store has environments, so that many are
 * not tried one after the other: what a selector wants is a set of attributes, and those of an environment are few. Each selector goes by
 * the sum of its attributes' hashes, and an environment asks for the sum of each subset of its own.
 */
#include "query.h"

#include "cbor/sort.h"
#include "model/corim.h"

#define FEW 16				 /* are tried one after the other */
#define MOST_CLASS_MEMBERS 6 /* class-map has five; an environment with more of a profile's is tried with each selector */

static uint64_t
hash_bytes(uint64_t hash, cs_span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		hash = (hash ^ bytes.data[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
	return hash;
}

static uint64_t
hash_member(const cs_item *key, const cs_item *value)
{
	uint64_t hash = hash_bytes(hash_bytes(UINT64_C(0xcbf29ce484222325), cs_item_span(key)), cs_item_span(value));

	/* sums of FNV's own values would say too little (the finalizer of MurmurHash3) */
	hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
	hash = (hash ^ hash >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return hash ^ hash >> 33;
}

static bool
is_class(const cs_item *key, const cs_item *value)
{
	return cs_is(key, CS_UINT) && key->arg == CS_ENVIRONMENT_CLASS && cs_is(value, CS_MAP);
}

/* What a selector's environment has in it: one attribute beside the class, or members of the class. */
static uint64_t
hash_selector(const cs_selector *selector)
{
	cs_item environment = cs_item_at(selector->environment.data, selector->environment.len), key, value;
	cs_iter it = cs_iterate(&environment);
	uint64_t sum = 0;

	while (cs_next_pair(&it, &key, &value))
	{
		cs_iter inner = cs_iterate(&value);
		cs_item member, leaf;

		if (!is_class(&key, &value))
			sum += hash_member(&key, &value);
		else
			while (cs_next_pair(&inner, &member, &leaf))
				sum += hash_member(&member, &leaf);
	}
	return sum;
}

static int
compare_hashes(const void *a, const void *b)
{
	uint64_t x = ((const cs_selector_hash *) a)->hash, y = ((const cs_selector_hash *) b)->hash;

	return (x > y) - (x < y);
}

bool
cs_query_hash_selectors(cs_ctx *ctx, cs_query *query)
{
	if (query->selector_count <= FEW)
		return true;
	query->by_hash = cs_alloc(ctx, query->selector_count, sizeof(cs_selector_hash));
	if (query->by_hash == NULL)
		return false;
	for (size_t i = 0; i < query->selector_count; i++)
		query->by_hash[i] = (cs_selector_hash) { hash_selector(&query->selectors[i]), &query->selectors[i] };
	return cs_sort(ctx, query->by_hash, query->selector_count, sizeof(cs_selector_hash), compare_hashes);
}

/* Is there a selector of that sum which selects the environment? */
static bool
find(const cs_query *query, uint64_t hash, const cs_item *environment)
{
	size_t low = 0, high = query->selector_count;

	while (low < high)
	{
		size_t middle = low + (high - low) / 2;

		if (query->by_hash[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < query->selector_count && query->by_hash[low].hash == hash; low++)
		if (cs_selector_selects(query->by_hash[low].selector, environment))
			return true;
	return false;
}

/* The hashes of a class's members; more than there is room for are counted. */
static unsigned
hash_class(const cs_item *class, uint64_t hashes[MOST_CLASS_MEMBERS])
{
	cs_iter it = cs_iterate(class);
	cs_item key, value;
	unsigned count = 0;

	for (; cs_next_pair(&it, &key, &value); count++)
		if (count < MOST_CLASS_MEMBERS)
			hashes[count] = hash_member(&key, &value);
	return count;
}

static bool
find_subset(const cs_query *query, const uint64_t *hashes, unsigned count, const cs_item *environment)
{
	for (unsigned subset = 0; subset < 1U << count; subset++)
	{
		uint64_t sum = 0;

		for (unsigned i = 0; i < count; i++)
			sum += subset >> i & 1 ? hashes[i] : 0;
		if (find(query, sum, environment))
			return true;
	}
	return false;
}

static bool
try_each(const cs_query *query, const cs_item *environment)
{
	for (size_t i = 0; i < query->selector_count; i++)
		if (cs_selector_selects(&query->selectors[i], environment))
			return true;
	return false;
}

bool
cs_selector_selects(const cs_selector *selector, const cs_item *environment)
{
	cs_item wanted = cs_item_at(selector->environment.data, selector->environment.len);

	return cs_env_satisfies(environment, &wanted);
}

bool
cs_query_selects(const cs_query *query, const cs_item *environment)
{
	cs_iter it = cs_iterate(environment);
	uint64_t hashes[MOST_CLASS_MEMBERS];
	unsigned count = 0;
	cs_item key, value;

	if (query->by_hash == NULL || !cs_is(environment, CS_MAP))
		return try_each(query, environment);
	while (cs_next_pair(&it, &key, &value))
		if (is_class(&key, &value))
			count = hash_class(&value, hashes);
		else if (find(query, hash_member(&key, &value), environment))
			return true;
	return count > MOST_CLASS_MEMBERS ? try_each(query, environment) : find_subset(query, hashes, count, environment);
}
