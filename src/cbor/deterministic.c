/*
 * deterministic.c - core deterministic encoding (RFC 8949 section 4.2.1): make it, demand it, and find duplicate keys by it.
 *
 * Everything here walks an item once and hands back its end, so that nothing is skipped over again at each level; recursion
 * is bounded by the depth limit.
 */
#include "deterministic.h"

#include <string.h>

#include "floats.h"
#include "head.h"
#include "sort.h"

typedef struct walk
{
	cs_ctx *ctx;
	const uint8_t *start; /* offsets of errors count from here */
	cs_buf *out;
	uint64_t ticks;
	uint32_t depth;
	bool quiet; /* whether what deviates is no error */
} walk;

/* One pair of a map, in the output and where its key came from. */
typedef struct pair
{
	size_t at;			/* offset of the encoded key in the output */
	const uint8_t *key; /* the same, once the output stays where it is */
	size_t key_len;
	size_t len;	   /* key and value */
	size_t source; /* offset of the key in the input */
} pair;

static const uint8_t *encode(walk *w, const uint8_t *p, const uint8_t *limit);

static bool
enter(walk *w, const uint8_t *p)
{
	cs_tick(w->ctx, &w->ticks);
	if (w->depth >= cs_depth_limit(w->ctx))
		return cs_fail_at(w->ctx, CS_LIMIT, (size_t) (p - w->start), "CBOR is nested deeper than %u levels", cs_depth_limit(w->ctx));
	w->depth++;
	return true;
}

static int
compare_bytes(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	int order = memcmp(a, b, a_len < b_len ? a_len : b_len);

	return order != 0 ? order : (a_len > b_len) - (a_len < b_len);
}

static int
compare_keys(const void *left, const void *right)
{
	const pair *a = left, *b = right;

	return compare_bytes(a->key, a->key_len, b->key, b->key_len);
}

/* Put what lies behind begin in the order of pairs. */
static bool
reorder(walk *w, size_t begin, const pair *pairs, size_t count)
{
	size_t len = w->out->len - begin;
	uint8_t *copy = cs_memdup(w->ctx, w->out->data + begin, len);
	uint8_t *to = w->out->data + begin;

	if (copy == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
	{
		memcpy(to, copy + (pairs[i].at - begin), pairs[i].len);
		to += pairs[i].len;
	}
	w->ctx->release(w->ctx->actx, copy);
	return true;
}

static bool
sort_map(walk *w, size_t begin, pair *pairs, size_t count)
{
	bool rising = true;

	for (size_t i = 0; i < count; i++)
	{
		pairs[i].key = w->out->data + pairs[i].at;
		rising = rising && (i == 0 || compare_keys(&pairs[i - 1], &pairs[i]) < 0);
	}
	if (rising)
		return true;
	if (!cs_sort(w->ctx, pairs, count, sizeof(pair), compare_keys))
		return false;
	for (size_t i = 1; i < count; i++)
		if (compare_keys(&pairs[i - 1], &pairs[i]) == 0)
			return cs_fail_at(w->ctx, CS_INVALID, pairs[i].source, "duplicate map key");
	return reorder(w, begin, pairs, count);
}

static const uint8_t *
encode_pairs(walk *w, const uint8_t *p, const uint8_t *limit, pair *pairs, size_t count)
{
	for (size_t i = 0; i < count && p != NULL; i++)
	{
		pairs[i].source = (size_t) (p - w->start);
		pairs[i].at = w->out->len;
		p = encode(w, p, limit);
		if (p == NULL)
			return NULL;
		pairs[i].key_len = w->out->len - pairs[i].at;
		p = encode(w, p, limit);
		pairs[i].len = w->out->len - pairs[i].at;
	}
	return p;
}

static const uint8_t *
encode_map(walk *w, const cs_item *map)
{
	size_t count = (size_t) cs_count(map);
	const uint8_t *p = map->content;
	size_t begin;
	pair *pairs;

	cs_put_map(w->out, count);
	begin = w->out->len;
	pairs = cs_alloc(w->ctx, count, sizeof(pair));
	if (pairs == NULL)
		return NULL;
	p = encode_pairs(w, p, map->limit, pairs, count);
	if (p != NULL && (!cs_buf_ok(w->out) || !sort_map(w, begin, pairs, count)))
		p = NULL;
	w->ctx->release(w->ctx->actx, pairs);
	return p != NULL && map->indefinite ? p + 1 : p;
}

static const uint8_t *
encode_array(walk *w, const cs_item *array)
{
	uint64_t count = cs_count(array);
	const uint8_t *p = array->content;

	cs_put_array(w->out, count);
	for (uint64_t i = 0; i < count && p != NULL; i++)
		p = encode(w, p, array->limit);
	return p != NULL && array->indefinite ? p + 1 : p;
}

static const uint8_t *
encode_string(walk *w, const cs_item *string)
{
	cs_span all;

	if (!cs_string(w->ctx, string, &all))
		return NULL;
	if (string->major == CS_BSTR)
		cs_put_bytes(w->out, all.data, all.len);
	else
		cs_put_text(w->out, (const char *) all.data, all.len);
	if (!string->indefinite)
		return string->content + string->arg;
	w->ctx->release(w->ctx->actx, (void *) all.data);
	return cs_item_end(string);
}

static void
encode_simple(cs_buf *out, const cs_item *item)
{
	double value;

	if (cs_is_float(item, &value))
		cs_put_float(out, value);
	else
		cs_put_raw(out, item->p, (size_t) (item->content - item->p));
}

/* The end of the item at p, or NULL when that failed. */
static const uint8_t *
encode(walk *w, const uint8_t *p, const uint8_t *limit)
{
	cs_item item = cs_item_at(p, (size_t) (limit - p));

	if (item.major < CS_ARRAY || item.major == CS_SIMPLE)
	{
		cs_tick(w->ctx, &w->ticks);
		if (item.major == CS_BSTR || item.major == CS_TSTR)
			return encode_string(w, &item);
		if (item.major == CS_UINT)
			cs_put_uint(w->out, item.arg);
		else if (item.major == CS_NINT)
			cs_put_nint(w->out, item.arg);
		else
			encode_simple(w->out, &item);
		return cs_buf_ok(w->out) ? item.content : NULL;
	}
	if (!enter(w, p))
		return NULL;
	if (item.major == CS_ARRAY)
		p = encode_array(w, &item);
	else if (item.major == CS_MAP)
		p = encode_map(w, &item);
	else
	{
		cs_put_tag(w->out, item.arg);
		p = encode(w, item.content, limit);
	}
	w->depth--;
	return cs_buf_ok(w->out) ? p : NULL;
}

static const uint8_t *
deviates(walk *w, const uint8_t *p, const char *what)
{
	if (!w->quiet)
		cs_fail_at(w->ctx, CS_INVALID, (size_t) (p - w->start), "CBOR is not in deterministic encoding: %s", what);
	return NULL;
}

static bool
shortest_float(const cs_item *item)
{
	uint64_t bits;

	return cs_float_shortest(cs_float_value(item->info, item->arg), &bits) == item->info && bits == item->arg;
}

static const uint8_t *require(walk *w, const uint8_t *p, const uint8_t *limit);

static const uint8_t *
require_map(walk *w, const cs_item *map)
{
	const uint8_t *p = map->content;
	const uint8_t *previous = NULL;
	size_t previous_len = 0;

	for (uint64_t i = 0; i < map->arg && p != NULL; i++)
	{
		const uint8_t *key = p;
		int order = -1;

		p = require(w, key, map->limit);
		if (p == NULL)
			return NULL;
		if (previous != NULL)
			order = compare_bytes(previous, previous_len, key, (size_t) (p - key));
		if (order == 0)
			return deviates(w, key, "duplicate map key");
		if (order > 0)
			return deviates(w, key, "map keys are not in bytewise order");
		previous = key;
		previous_len = (size_t) (p - key);
		p = require(w, p, map->limit);
	}
	return p;
}

/* The end of the item at p, or NULL when it is not its own deterministic encoding. */
static const uint8_t *
require(walk *w, const uint8_t *p, const uint8_t *limit)
{
	cs_item item = cs_item_at(p, (size_t) (limit - p));

	cs_tick(w->ctx, &w->ticks);
	if (item.indefinite)
		return deviates(w, p, "indefinite length");
	if (item.major == CS_SIMPLE && item.info >= CS_HALF)
		return shortest_float(&item) ? item.content : deviates(w, p, "float that is not in its shortest form");
	if (!cs_head_is_shortest(&item))
		return deviates(w, p, "head that is not in its shortest form");
	if (item.major < CS_ARRAY || item.major == CS_SIMPLE)
		return cs_item_end(&item);
	if (!enter(w, p))
		return NULL;
	if (item.major == CS_MAP)
		p = require_map(w, &item);
	else
	{
		uint64_t count = item.major == CS_TAG ? 1 : item.arg;

		p = item.content;
		for (uint64_t i = 0; i < count && p != NULL; i++)
			p = require(w, p, limit);
	}
	w->depth--;
	return p;
}

/* Its end, where it is its own deterministic encoding; else NULL, and nothing is said. */
static const uint8_t *
deterministic_end(cs_ctx *ctx, const cs_item *item)
{
	walk looks = { .ctx = ctx, .start = item->p, .quiet = true };

	return require(&looks, item->p, item->limit);
}

bool
cs_is_deterministic(cs_ctx *ctx, const cs_item *item)
{
	return deterministic_end(ctx, item) != NULL;
}

/* Most of what comes is deterministic already: looking is cheaper than writing it anew. */
bool
cs_deterministic(cs_ctx *ctx, const cs_item *item, cs_buf *out)
{
	walk writes = { .ctx = ctx, .start = item->p, .out = out };
	const uint8_t *end = deterministic_end(ctx, item);

	if (end != NULL)
	{
		cs_put_raw(out, item->p, (size_t) (end - item->p));
		return cs_buf_ok(out);
	}
	return encode(&writes, item->p, item->limit) != NULL && cs_buf_ok(out);
}

bool
cs_require_unique_keys(cs_ctx *ctx, const cs_item *item)
{
	cs_buf out;
	bool ok;

	cs_buf_init(&out, ctx);
	ok = cs_deterministic(ctx, item, &out);
	if (out.data != NULL)
		ctx->release(ctx->actx, out.data);
	return ok;
}

bool
cs_require_deterministic(cs_ctx *ctx, const uint8_t *data, size_t len)
{
	walk w = { .ctx = ctx, .start = data };

	return require(&w, data, data + len) != NULL;
}
