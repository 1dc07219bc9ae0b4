/*
 * rules_series.c - what no table can say of a conditional endorsement series (draft-ietf-rats-corim section 5.1.8, "Matching
 * Considerations"): "every series item condition MUST use the same measurement types; differing only in terms of measurement
 * values. This requirement also extends to use of mkey".
 */
#include "rules.h"

#include <string.h>

#include "cbor/sort.h"

/* One measurement without its values, in deterministic encoding: [mkey or null, {codepoint: null, ...}]. */
static bool
put_type(cs_ctx *ctx, const cs_item *measurement, cs_span *out)
{
	cs_item mkey, mval, key, value, type;
	cs_buf plain, canonical;
	cs_iter it;

	cs_buf_init(&plain, ctx);
	cs_buf_init(&canonical, ctx);
	if (!cs_is(measurement, CS_MAP) || !cs_map_get(measurement, CS_MEASUREMENT_MVAL, &mval) || !cs_is(&mval, CS_MAP))
		return cs_fail(ctx, CS_INVALID, "no measurement-map");
	cs_put_array(&plain, 2);
	if (cs_map_get(measurement, CS_MEASUREMENT_MKEY, &mkey))
		cs_put_item(&plain, &mkey);
	else
		cs_put_null(&plain);
	cs_put_map(&plain, cs_count(&mval));
	it = cs_iterate(&mval);
	while (cs_next_pair(&it, &key, &value))
	{
		cs_put_item(&plain, &key);
		cs_put_null(&plain);
	}
	if (!cs_buf_ok(&plain))
		return false;
	type = cs_item_at(plain.data, plain.len);
	if (!cs_deterministic(ctx, &type, &canonical) || !cs_buf_ok(&canonical))
		return false;
	*out = cs_buf_span(&canonical);
	return true;
}

static int
compare_spans(const void *a, const void *b)
{
	const cs_span *left = a;
	const cs_span *right = b;
	size_t common = left->len < right->len ? left->len : right->len;
	int order = memcmp(left->data, right->data, common);

	return order != 0 ? order : (left->len > right->len) - (left->len < right->len);
}

/* The types of all measurements of a condition, in an order that is theirs. One measurement-map without a list is a legacy form. */
static bool
types_of(cs_ctx *ctx, const cs_item *condition, cs_buf *out)
{
	bool is_list = cs_is(condition, CS_ARRAY);
	cs_iter it = is_list ? cs_iterate(condition) : (cs_iter) { .next = condition->p, .limit = condition->limit, .left = 1 };
	size_t count = is_list ? (size_t) cs_count(condition) : 1, i = 0;
	cs_span *types = cs_alloc(ctx, count + 1, sizeof(*types));
	cs_item measurement;

	if (types == NULL)
		return false;
	while (i < count && cs_next(&it, &measurement))
		if (!put_type(ctx, &measurement, &types[i++]))
			return false;
	if (!cs_sort(ctx, types, i, sizeof(*types), compare_spans))
		return false;
	for (size_t j = 0; j < i; j++)
		cs_put_raw(out, types[j].data, types[j].len);
	return cs_buf_ok(out);
}

bool
cs_check_series(cs_ctx *ctx, const cs_item *series)
{
	cs_iter it = cs_iterate(series);
	cs_item item, condition;
	cs_buf first, types;

	cs_buf_init(&first, ctx);
	for (uint64_t i = 0; cs_next(&it, &item); i++)
	{
		cs_buf_init(&types, ctx);
		/* what is no condition has been told of already */
		if (!cs_is(&item, CS_ARRAY) || !cs_array_get(&item, 0, &condition) || !types_of(ctx, &condition, i == 0 ? &first : &types))
			return ctx->error.code != CS_NO_MEMORY;
		if (i == 0 || cs_span_eq(cs_buf_span(&first), cs_buf_span(&types)))
			continue;
		cs_fail(ctx, CS_INVALID, "conditions of a series differ in their measurements' mkeys or codepoints, not in values alone");
		return cs_fail_found(ctx, "item %llu, compared with item 0", (unsigned long long) i);
	}
	return true;
}
