/*
 * schema_keys.c - duplicate keys of one map (RFC 8949 section 5.6). Keys are equal when their deterministic encodings are, so
 * that 0x01 and 0x1801 are the same key.
 */
#include "schema_walk.h"

#include <string.h>

#include "cbor/sort.h"

typedef struct map_key
{
	cs_span canonical;
	const uint8_t *p; /* where it stands in the document */
} map_key;

static int
compare_spans(cs_span a, cs_span b)
{
	size_t common = a.len < b.len ? a.len : b.len;
	int order = common > 0 ? memcmp(a.data, b.data, common) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int
compare_keys(const void *a, const void *b)
{
	const map_key *left = a;
	const map_key *right = b;
	int order = compare_spans(left->canonical, right->canonical);

	return order != 0 ? order : (left->p > right->p) - (left->p < right->p);
}

/* Integers and strings whose head is the shortest: their bytes are their deterministic encoding. */
static bool
plainly_canonical(const cs_item *key)
{
	if (key->major > CS_TSTR || key->indefinite)
		return false;
	switch (key->info)
	{
		case 24:
			return key->arg >= 24;
		case 25:
			return key->arg > UINT8_MAX;
		case 26:
			return key->arg > UINT16_MAX;
		case 27:
			return key->arg > UINT32_MAX;
		default:
			return true;
	}
}

static bool
canonical_span(cs_ctx *ctx, const cs_item *key, cs_span *out)
{
	cs_buf buf;

	if (plainly_canonical(key))
	{
		*out = cs_item_span(key);
		return true;
	}
	cs_buf_init(&buf, ctx);
	if (!cs_deterministic(ctx, key, &buf) || !cs_buf_ok(&buf))
		return false;
	*out = cs_buf_span(&buf);
	return true;
}

static bool
duplicate(cs_walk *walk, const cs_rule *rule, const cs_item *map, const uint8_t *p)
{
	cs_item key = cs_item_at(p, (size_t) (map->limit - p));
	char text[80];

	cs_describe(&key, text, sizeof(text));
	cs_fail(walk->ctx, CS_INVALID, "duplicate map key %s", text);
	return cs_walk_fault(walk, rule, &key);
}

static bool
collect(cs_walk *walk, const cs_rule *rule, const cs_item *map, map_key *keys)
{
	cs_iter it = cs_iterate(map);
	cs_item key, value;

	for (size_t i = 0; cs_next_pair(&it, &key, &value); i++)
	{
		keys[i].p = key.p;
		if (!canonical_span(walk->ctx, &key, &keys[i].canonical))
		{
			cs_walk_locate(walk, rule, &key);
			return false;
		}
	}
	return true;
}

/* Every key of the map against the others. */
static bool __attribute__((noinline))
unique_keys(cs_walk *walk, const cs_rule *rule, const cs_item *map)
{
	uint64_t count = cs_count(map);
	map_key *keys = count <= SIZE_MAX ? cs_alloc(walk->ctx, (size_t) count, sizeof(*keys)) : NULL;
	bool ok = true;

	if (keys == NULL || !collect(walk, rule, map, keys))
		return false;
	if (!cs_sort(walk->ctx, keys, (size_t) count, sizeof(*keys), compare_keys))
		return false;
	for (size_t i = 1; ok && i < count; i++)
		if (cs_span_eq(keys[i - 1].canonical, keys[i].canonical))
			ok = duplicate(walk, rule, map, keys[i].p);
	if (walk->ctx->release)
		walk->ctx->release(walk->ctx->actx, keys);
	return ok;
}

bool
cs_walk_later_key(cs_walk *walk, const cs_rule *rule, const cs_item *map, const cs_item *key, cs_key_order *order)
{
	cs_span span;

	if (order->broken || walk->trial > 0)
		return true;
	if (plainly_canonical(key))
	{
		span = (cs_span) { key->p, (size_t) (cs_leaf_end(key) - key->p) };
		if (order->last.data == NULL || compare_spans(order->last, span) < 0)
		{
			order->last = span;
			return true;
		}
	}
	order->broken = true;
	return unique_keys(walk, rule, map);
}
