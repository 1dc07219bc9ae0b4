/*
 * conflicts.c - for the store's function conflicts(): do two statements of one value agree, and which items of a series can never
 * fire (draft-ietf-rats-corim, "Conditional Endorsement Series Triple": the first item whose condition holds is the only one).
 */
#include "pg/base/pg_support.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "cbor/deterministic.h"
#include "match/match.h"
#include "pg/base/rows.h"
#include "pg/base/settings.h"

PG_FUNCTION_INFO_V1(coserv_values_agree);
PG_FUNCTION_INFO_V1(coserv_series_shadowed);
PG_FUNCTION_INFO_V1(coserv_require_comparisons);

static cs_item
canonical(cs_ctx *ctx, Datum value)
{
	cs_item item = cs_pg_item(value);
	cs_buf buf;

	cs_buf_init(&buf, ctx);
	if (!cs_deterministic(ctx, &item, &buf) || !cs_buf_ok(&buf))
		cs_pg_report(&ctx->error, "triple");
	return cs_item_at(buf.data, buf.len);
}

static const cs_profile *
profile_argument(FunctionCallInfo fcinfo, int n)
{
	cs_span text;

	if (PG_ARGISNULL(n))
		return NULL;
	text = cs_pg_utf8_text(PG_GETARG_DATUM(n));
	return cs_profile_find((const char *) text.data, text.len);
}

/* values_agree(codepoint bigint, a cbor, b cbor, profile text) -> boolean: does either satisfy the other? profile may be NULL */
Datum
coserv_values_agree(PG_FUNCTION_ARGS)
{
	const cs_profile *profile = profile_argument(fcinfo, 3);
	int64 codepoint;
	cs_item a, b;
	cs_ctx ctx;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	codepoint = PG_GETARG_INT64(0);
	cs_pg_ctx_stored(&ctx);
	a = canonical(&ctx, PG_GETARG_DATUM(1));
	b = canonical(&ctx, PG_GETARG_DATUM(2));
	PG_RETURN_BOOL(cs_span_eq(cs_item_span(&a), cs_item_span(&b)) || cs_value_satisfies(profile, codepoint, &a, &b, NULL, NULL) ||
		cs_value_satisfies(profile, codepoint, &b, &a, NULL, NULL));
}

/* --- series --- */

typedef struct cs_series
{
	const cs_profile *profile;
	cs_item common;	   /* claims-list of the common condition */
	cs_item authority; /* its authorized-by; when has_authority */
	bool has_authority;
} cs_series;

/*
 * What an entry may be that satisfies a condition: the condition's own values, but for min-svn, which any security version from it
 * on satisfies; more above it stands for all of them.
 */
static void
put_values(cs_buf *out, const cs_item *mval, bool more)
{
	cs_iter it = cs_iterate(mval);
	cs_item key, value;

	cs_put_map(out, cs_count(mval));
	while (cs_next_pair(&it, &key, &value))
	{
		int64_t codepoint;
		uint64_t svn;
		cs_item content;

		cs_put_item(out, &key);
		if (cs_int64(&key, &codepoint) && cs_profile_comparison(NULL, codepoint) == CS_COMPARE_SVN && cs_is_tag(&value, CS_TAG_MIN_SVN) &&
			(content = cs_tag_content(&value), cs_uint64(&content, &svn)))
			cs_put_uint(out, more && svn < UINT64_MAX ? svn + 1 : svn);
		else
			cs_put_item(out, &value);
	}
}

static cs_item
as_entry(cs_ctx *ctx, const cs_item *measurement, bool more)
{
	cs_iter it = cs_iterate(measurement);
	cs_item key, value;
	cs_buf out;

	cs_buf_init(&out, ctx);
	cs_put_map(&out, cs_count(measurement));
	while (cs_next_pair(&it, &key, &value))
	{
		int64_t number;

		cs_put_item(&out, &key);
		if (cs_int64(&key, &number) && number == CS_MEASUREMENT_MVAL && cs_is(&value, CS_MAP))
			put_values(&out, &value, more);
		else
			cs_put_item(&out, &value);
	}
	if (!cs_buf_ok(&out))
		cs_pg_report(&ctx->error, "triple");
	return cs_item_at(out.data, out.len);
}

/* Whoever states the entry holds the keys that its own condition asks for, and those that the common condition asks for. */
static bool
entry_satisfies(const cs_series *series, const cs_item *entry, const cs_item *condition)
{
	cs_item own;
	bool has_own = cs_map_get(entry, CS_MEASUREMENT_AUTHORIZED_BY, &own);

	return cs_measurement_satisfies(series->profile, entry, condition, has_own ? &own : NULL, NULL) ||
		(series->has_authority && cs_measurement_satisfies(series->profile, entry, condition, &series->authority, NULL));
}

static bool
some_entry_satisfies(cs_ctx *ctx, const cs_series *series, const cs_item *known, const cs_item *condition, bool more)
{
	cs_iter it = cs_iterate(known);
	cs_item measurement;

	while (cs_next(&it, &measurement))
	{
		cs_item entry = as_entry(ctx, &measurement, more);

		if (entry_satisfies(series, &entry, condition))
			return true;
	}
	return false;
}

/* Does the earlier condition hold whenever the later one does? */
static bool
covers(const cs_series *series, const cs_item *earlier, const cs_item *later)
{
	MemoryContext old, scratch = cs_pg_scratch_begin(&old);
	cs_iter it = cs_iterate(earlier);
	cs_item condition;
	bool all = true;
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	while (all && cs_next(&it, &condition))
		for (int more = 0; all && more <= 1; more++)
			all = some_entry_satisfies(&ctx, series, later, &condition, more) ||
				some_entry_satisfies(&ctx, series, &series->common, &condition, more);
	cs_pg_scratch_end(scratch, old);
	CHECK_FOR_INTERRUPTS();
	return all;
}

/* The first item before this one that covers it; false when none does. */
static bool
find_cover(const cs_series *series, const cs_item *items, int64 position, const cs_item *selection, int64 *by)
{
	cs_iter it = cs_iterate(items);
	cs_item item, earlier;

	for (*by = 0; *by < position && cs_next(&it, &item); ++*by)
		if (cs_array_get(&item, 0, &earlier) && covers(series, &earlier, selection))
			return true;
	return false;
}

static void
put_shadowed(cs_rows *rows, const cs_series *series, const cs_item *items)
{
	cs_iter it = cs_iterate(items);
	cs_item item, selection;
	int64 by;

	for (int64 position = 0; cs_next(&it, &item); position++)
	{
		Datum values[3];
		bool nulls[3] = { false };

		if (!cs_array_get(&item, 0, &selection) || !find_cover(series, items, position, &selection, &by))
			continue;
		values[0] = Int32GetDatum((int32) position);
		values[1] = Int32GetDatum((int32) by);
		values[2] = cs_pg_make(cs_item_span(&item));
		cs_rows_put(rows, values, nulls);
	}
}

/* series_shadowed(triple cbor, profile text) -> setof (item integer, by integer, record cbor), counted from 0; profile may be NULL */
Datum
coserv_series_shadowed(PG_FUNCTION_ARGS)
{
	cs_series series = { .profile = profile_argument(fcinfo, 1) };
	cs_rows *rows = cs_rows_result(fcinfo);
	cs_item record, common, items;
	cs_ctx ctx;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	cs_pg_ctx_stored(&ctx);
	record = canonical(&ctx, PG_GETARG_DATUM(0));
	if (!cs_is(&record, CS_ARRAY) || !cs_array_get(&record, 0, &common) || !cs_is(&common, CS_ARRAY) ||
		!cs_array_get(&common, 1, &series.common) || !cs_is(&series.common, CS_ARRAY) || !cs_array_get(&record, 1, &items) ||
		!cs_is(&items, CS_ARRAY))
		PG_RETURN_NULL();
	series.has_authority = cs_array_get(&common, 2, &series.authority);
	put_shadowed(rows, &series, &items);
	PG_RETURN_NULL();
}

/* require_comparisons(comparisons numeric) -> true, or an error; NULL: none */
Datum
coserv_require_comparisons(PG_FUNCTION_ARGS)
{
	if (!PG_ARGISNULL(0) &&
		DatumGetBool(
			DirectFunctionCall2(numeric_gt, PG_GETARG_DATUM(0), DirectFunctionCall1(int4_numeric, Int32GetDatum(cs_setting_max_items)))))
		ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("more than %d values would have to be compared", cs_setting_max_items),
				errhint("A superuser can raise the limit: coserv.max_items.")));
	PG_RETURN_BOOL(true);
}
