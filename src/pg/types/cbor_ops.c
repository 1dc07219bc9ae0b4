/*
 * cbor_ops.c - comparison, hashing and containment of cbor values.
 *
 * Values compare by their deterministic encoding, so that two encodings of one value are equal; a value that has none,
 * because a map in it has a key twice, compares by its bytes, which no deterministic encoding can equal. The order is that of
 * the bytes, shorter first where one begins the other: it means nothing, but is total.
 */
#include "pg/base/pg_support.h"

#include "common/hashfn.h"
#include "miscadmin.h"

#include "cbor/deterministic.h"
#include "cbor/sort.h"
#include "pg/base/settings.h"

PG_FUNCTION_INFO_V1(cs_cbor_eq);
PG_FUNCTION_INFO_V1(cs_cbor_ne);
PG_FUNCTION_INFO_V1(cs_cbor_lt);
PG_FUNCTION_INFO_V1(cs_cbor_le);
PG_FUNCTION_INFO_V1(cs_cbor_gt);
PG_FUNCTION_INFO_V1(cs_cbor_ge);
PG_FUNCTION_INFO_V1(cs_cbor_cmp);
PG_FUNCTION_INFO_V1(cs_cbor_hash);
PG_FUNCTION_INFO_V1(cs_cbor_hash_extended);
PG_FUNCTION_INFO_V1(cs_cbor_contains);
PG_FUNCTION_INFO_V1(cs_cbor_contained);

/* What a value compares by; has_duplicates (may be NULL) says that these are its bytes as they came. */
static cs_span
comparable(Datum d, bool *has_duplicates)
{
	cs_span bytes = cs_pg_span(d);
	cs_ctx ctx;
	cs_buf buf;
	cs_item item;

	if (has_duplicates != NULL)
		*has_duplicates = false;
	cs_pg_ctx_stored(&ctx);
	if (cs_require_deterministic(&ctx, bytes.data, bytes.len))
		return bytes;
	cs_buf_init(&buf, &ctx);
	item = cs_item_at(bytes.data, bytes.len);
	if (cs_deterministic(&ctx, &item, &buf) && cs_buf_ok(&buf))
		return cs_buf_span(&buf);
	if (ctx.error.code != CS_INVALID)
		cs_pg_report(&ctx.error, "cbor");
	if (has_duplicates != NULL)
		*has_duplicates = true;
	return bytes;
}

static int
compare_spans(cs_span l, cs_span r)
{
	int result = memcmp(l.data, r.data, Min(l.len, r.len));

	return result != 0 ? result : (l.len > r.len) - (l.len < r.len);
}

static int
compare(FunctionCallInfo fcinfo)
{
	MemoryContext old;
	MemoryContext scratch = cs_pg_scratch_begin(&old);
	int result = compare_spans(comparable(PG_GETARG_DATUM(0), NULL), comparable(PG_GETARG_DATUM(1), NULL));

	cs_pg_scratch_end(scratch, old);
	return result;
}

Datum
cs_cbor_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) == 0);
}

Datum
cs_cbor_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) != 0);
}

Datum
cs_cbor_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) < 0);
}

Datum
cs_cbor_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) <= 0);
}

Datum
cs_cbor_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) > 0);
}

Datum
cs_cbor_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare(fcinfo) >= 0);
}

Datum
cs_cbor_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(compare(fcinfo));
}

Datum
cs_cbor_hash(PG_FUNCTION_ARGS)
{
	MemoryContext old;
	MemoryContext scratch = cs_pg_scratch_begin(&old);
	cs_span s = comparable(PG_GETARG_DATUM(0), NULL);
	Datum result = hash_any(s.data, s.len);

	cs_pg_scratch_end(scratch, old);
	return result;
}

Datum
cs_cbor_hash_extended(PG_FUNCTION_ARGS)
{
	MemoryContext old;
	MemoryContext scratch = cs_pg_scratch_begin(&old);
	cs_span s = comparable(PG_GETARG_DATUM(0), NULL);
	uint64 result = hash_bytes_extended(s.data, s.len, PG_GETARG_INT64(1));

	cs_pg_scratch_end(scratch, old);
	PG_RETURN_UINT64(result);
}

/* --- containment --- */

/* Elements and pairs that were looked at: the square of the elements where arrays and maps lie in arrays. */
typedef struct cs_containment
{
	cs_ctx ctx;
	uint64 steps;
} cs_containment;

static bool contains(cs_containment *c, const cs_item *left, const cs_item *right);

static void
count_steps(cs_containment *c, uint64 steps)
{
	CHECK_FOR_INTERRUPTS();
	c->steps += steps;
	if (c->steps > (uint64) cs_setting_max_items)
		ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("more than %d elements would have to be compared", cs_setting_max_items),
				errhint("A superuser can raise the limit: coserv.max_items.")));
}

/* Both maps are sorted: one pass. */
static bool
map_contains(cs_containment *c, const cs_item *left, const cs_item *right)
{
	cs_iter lit = cs_iterate(left);
	cs_iter rit = cs_iterate(right);
	cs_item lkey;
	cs_item lvalue;
	cs_item rkey;
	cs_item rvalue;

	while (cs_next_pair(&rit, &rkey, &rvalue))
	{
		bool found = false;

		while (!found && cs_next_pair(&lit, &lkey, &lvalue))
		{
			count_steps(c, 1);
			found = cs_span_eq(cs_item_span(&lkey), cs_item_span(&rkey));
		}
		if (!found || !contains(c, &lvalue, &rvalue))
			return false;
	}
	return true;
}

static int
order_of_spans(const void *a, const void *b)
{
	return compare_spans(*(const cs_span *) a, *(const cs_span *) b);
}

/* The elements of an array, in the order of their bytes. */
static cs_span *
sorted_elements(cs_containment *c, const cs_item *array)
{
	cs_iter it = cs_iterate(array);
	cs_span *elements;
	cs_item element;
	size_t n = 0;

	count_steps(c, array->arg);
	elements = cs_alloc(&c->ctx, array->arg + 1, sizeof(cs_span));
	cs_pg_require(elements != NULL, &c->ctx, NULL);
	while (cs_next(&it, &element))
		elements[n++] = cs_item_span(&element);
	cs_pg_require(cs_sort(&c->ctx, elements, n, sizeof(*elements), order_of_spans), &c->ctx, NULL);
	return elements;
}

static bool
is_leaf(const cs_item *item)
{
	return !cs_is(item, CS_MAP) && !cs_is(item, CS_ARRAY) && !cs_is(item, CS_TAG);
}

static bool
some_contains(cs_containment *c, const cs_item *array, const cs_item *wanted)
{
	cs_iter it = cs_iterate(array);
	cs_item element;

	while (cs_next(&it, &element))
	{
		count_steps(c, 1);
		if (contains(c, &element, wanted))
			return true;
	}
	return false;
}

/* As for jsonb: order and number do not count. Equal elements are looked up where many are asked for, so that only what is inside has to be
 * compared with every element. */
static bool
array_contains(cs_containment *c, const cs_item *left, const cs_item *right)
{
	cs_span *sorted = right->arg > 8 ? sorted_elements(c, left) : NULL;
	cs_iter it = cs_iterate(right);
	cs_item wanted;
	bool result = true;

	while (result && cs_next(&it, &wanted))
	{
		cs_span bytes = cs_item_span(&wanted);

		count_steps(c, 1);
		if (sorted != NULL && bsearch(&bytes, sorted, left->arg, sizeof(*sorted), order_of_spans) != NULL)
			continue;
		result = (sorted == NULL || !is_leaf(&wanted)) && some_contains(c, left, &wanted);
	}
	if (sorted != NULL)
		pfree(sorted);
	return result;
}

/* left and right are in deterministic encoding, so arrays have their length in their heads. */
static bool
contains(cs_containment *c, const cs_item *left, const cs_item *right)
{
	check_stack_depth();
	if (left->major != right->major)
		return false;
	if (cs_is(right, CS_MAP))
		return map_contains(c, left, right);
	if (cs_is(right, CS_ARRAY))
		return array_contains(c, left, right);
	if (cs_is(right, CS_TAG))
	{
		cs_item l = cs_tag_content(left);
		cs_item r = cs_tag_content(right);

		return left->arg == right->arg && contains(c, &l, &r);
	}
	return cs_span_eq(cs_item_span(left), cs_item_span(right));
}

static bool
value_contains(Datum left, Datum right)
{
	MemoryContext old;
	MemoryContext scratch = cs_pg_scratch_begin(&old);
	cs_containment c = { .steps = 0 };
	bool l_duplicates;
	bool r_duplicates;
	cs_span l = comparable(left, &l_duplicates);
	cs_span r = comparable(right, &r_duplicates);
	bool result = cs_span_eq(l, r);

	if (!result && !l_duplicates && !r_duplicates)
	{
		cs_item l_item = cs_item_at(l.data, l.len);
		cs_item r_item = cs_item_at(r.data, r.len);

		cs_pg_ctx_stored(&c.ctx);
		result = contains(&c, &l_item, &r_item);
	}
	cs_pg_scratch_end(scratch, old);
	return result;
}

Datum
cs_cbor_contains(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(value_contains(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)));
}

Datum
cs_cbor_contained(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(value_contains(PG_GETARG_DATUM(1), PG_GETARG_DATUM(0)));
}
