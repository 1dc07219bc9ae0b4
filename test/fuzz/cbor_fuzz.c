/*
 * cbor_fuzz.c - any bytes into cs_check, against a second reader written straight from RFC 8949 appendix C; what passes is walked, goes
 * to EDN and back to the same bytes, and into deterministic encoding.
 */
#include "cbor/deterministic.h"
#include "cbor/edn.h"

#include <stdlib.h>
#include <string.h>

#define MAX_LEVELS 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool condition)
{
	if (!condition)
		abort();
}

/* Where appendix C's well_formed() is: what is left, and how deep. */
typedef struct oracle
{
	const uint8_t *p;
	size_t left;
	uint32_t depth;
	bool too_deep;
} oracle;

static bool
take(oracle *o, uint64_t n, const uint8_t **bytes)
{
	if (n > o->left)
		return false;
	*bytes = o->p;
	o->p += n;
	o->left -= n;
	return true;
}

static int well_formed(oracle *o, bool breakable, int chunk_of);

static bool
well_formed_indefinite(oracle *o, int major)
{
	int it;
	uint64_t count = 0;

	if (major != 2 && major != 3 && major != 4 && major != 5)
		return false;
	while ((it = well_formed(o, true, major <= 3 ? major : -1)) != -1)
	{
		if (it == -2)
			return false;
		count++;
	}
	return major != 5 || count % 2 == 0;
}

static bool
well_formed_definite(oracle *o, int major, int info, uint64_t value)
{
	const uint8_t *bytes;

	switch (major)
	{
		case 2:
			return take(o, value, &bytes);
		case 3:
			return take(o, value, &bytes) && cs_utf8_valid(bytes, (size_t) value);
		case 4:
		case 5:
			for (uint64_t i = 0; i < value; i++)
			{
				if (well_formed(o, false, -1) < 0 || (major == 5 && well_formed(o, false, -1) < 0))
					return false;
			}
			return true;
		case 6:
			return well_formed(o, false, -1) >= 0;
		case 7:
			return info != 24 || value >= 32;
		default:
			return true;
	}
}

/* The major type of an item, -1 for a break where one may stand, -2 for what is not well-formed. */
static int
well_formed(oracle *o, bool breakable, int chunk_of)
{
	const uint8_t *bytes;
	uint64_t value;
	int major;
	int info;
	bool ok;

	if (!take(o, 1, &bytes))
		return -2;
	major = bytes[0] >> 5;
	info = bytes[0] & 31;
	value = (uint64_t) info;
	if (info >= 24 && info <= 27)
	{
		size_t len = (size_t) 1 << (info - 24);

		if (!take(o, len, &bytes))
			return -2;
		value = 0;
		for (size_t i = 0; i < len; i++)
			value = value << 8 | bytes[i];
	}
	if (info >= 28 && info <= 30)
		return -2;
	if (info == 31 && major == 7)
		return breakable ? -1 : -2;
	if (chunk_of >= 0 && (major != chunk_of || info == 31))
		return -2;
	if (++o->depth > MAX_LEVELS)
	{
		o->too_deep = true;
		return -2;
	}
	ok = info == 31 ? well_formed_indefinite(o, major) : well_formed_definite(o, major, info, value);
	o->depth--;
	return ok ? major : -2;
}

static const void *
note(const cs_edn_notes *notes, const void *state, const cs_item *key, uint64_t index, const cs_item *child, const char **name,
	bool *embedded)
{
	(void) notes;
	*name = key != NULL ? "a / b" : index % 2 == 1 ? "odd" : NULL;
	*embedded = child->major == CS_BSTR;
	return state;
}

/* Every view of every item; the children of an item lie side by side and end where it ends. */
static void
walk(cs_ctx *ctx, const cs_item *item)
{
	cs_iter it = cs_iterate(item);
	const uint8_t *at = item->content;
	uint64_t count = 0;
	cs_item child;
	cs_span text;
	double real;

	if (item->major == CS_BSTR || item->major == CS_TSTR)
	{
		require(cs_string(ctx, item, &text) && (item->major == CS_BSTR || item->indefinite || cs_utf8_valid(text.data, text.len)));
		(void) cs_text_is(item, "text");
	}
	if (item->major == CS_SIMPLE && item->info >= 25)
		require(cs_is_float(item, &real));
	for (; cs_next(&it, &child); count++)
	{
		require(child.p == at);
		at = cs_item_end(&child);
		walk(ctx, &child);
	}
	if (item->major == CS_ARRAY || item->major == CS_MAP)
		require(cs_count(item) * (item->major == CS_MAP ? 2 : 1) == count);
	if (item->indefinite)
		require(*at++ == 0xff);
	if (item->major >= CS_ARRAY && item->major <= CS_TAG)
		require(at == cs_item_end(item));
}

static void
round_trip(cs_ctx *ctx, const cs_item *item, const cs_edn_style *style)
{
	cs_buf text;
	cs_buf back;

	cs_buf_init(&text, ctx);
	cs_buf_init(&back, ctx);
	require(cs_edn_print(ctx, item, style, &text));
	require(cs_edn_parse(ctx, (const char *) text.data, text.len, &back));
	require(cs_span_eq(cs_buf_span(&back), cs_item_span(item)));
}

static void
deterministic(cs_ctx *ctx, const cs_item *item)
{
	bool unique = cs_require_unique_keys(ctx, item);
	size_t size = cs_item_size(item);
	cs_buf once;
	cs_buf twice;
	cs_item again;

	cs_buf_init(&once, ctx);
	cs_buf_init(&twice, ctx);
	if (!cs_deterministic(ctx, item, &once))
	{
		require(!unique && ctx->error.code == CS_INVALID && ctx->error.offset < size);
		require(!cs_require_deterministic(ctx, item->p, size));
		return;
	}
	require(unique && once.len <= size + 8 && cs_check(ctx, once.data, once.len));
	require(cs_require_deterministic(ctx, once.data, once.len));
	again = cs_item_at(once.data, once.len);
	require(cs_deterministic(ctx, &again, &twice) && cs_span_eq(cs_buf_span(&once), cs_buf_span(&twice)));
	require(cs_require_deterministic(ctx, item->p, size) == cs_span_eq(cs_item_span(item), cs_buf_span(&once)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cs_edn_notes notes = { .root = &notes, .note = note };
	cs_edn_style pretty = { true, NULL };
	cs_edn_style annotated = { true, &notes };
	cs_edn_style line = { false, &notes };
	oracle o = { data, size, 0, false };
	cs_arena arena;
	cs_ctx ctx;
	size_t used;
	bool expected = well_formed(&o, false, -1) >= 0;

	cs_arena_init(&arena, &ctx);
	ctx.limits.max_depth = MAX_LEVELS * 2;
	if (cs_check_prefix(&ctx, data, size, &used))
	{
		cs_item item = cs_item_at(data, used);

		require((expected && used == size - o.left) || o.too_deep);
		require(cs_check(&ctx, data, size) == (used == size));
		require(cs_item_size(&item) == used);
		walk(&ctx, &item);
		round_trip(&ctx, &item, NULL);
		round_trip(&ctx, &item, &pretty);
		round_trip(&ctx, &item, &annotated);
		round_trip(&ctx, &item, &line);
		deterministic(&ctx, &item);
	}
	else
		require(!expected && (ctx.error.code == CS_LIMIT || (ctx.error.has_offset && ctx.error.offset <= size)));
	cs_arena_free(&arena);
	return 0;
}
