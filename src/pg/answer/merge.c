/*
 * merge.c - merge(): results of one query as one, of an array and as an aggregate (query/merge.h).
 */
#include "pg/base/pg_support.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"

#include "pg/base/settings.h"
#include "pg/base/store.h"
#include "query/merge.h"

PG_FUNCTION_INFO_V1(coserv_merge);
PG_FUNCTION_INFO_V1(coserv_merge_add);
PG_FUNCTION_INFO_V1(coserv_merge_finish);

/* What an aggregate has come to; in its memory. */
typedef struct cs_merging
{
	cs_ctx ctx;
	cs_merge *merge;
} cs_merging;

static cs_merging *
start(void)
{
	cs_merging *merging = palloc(sizeof(cs_merging));

	cs_pg_ctx(&merging->ctx);
	merging->merge = cs_merge_new(&merging->ctx);
	cs_pg_require(merging->merge != NULL, &merging->ctx, NULL);
	return merging;
}

static void
add(cs_merging *merging, cs_span bytes)
{
	cs_pg_require(cs_merge_add(merging->merge, bytes.data, bytes.len, cs_setting_accept_legacy ? CS_QUERY_LEGACY : 0), &merging->ctx,
		"CoSERV results");
}

static Datum
finish(cs_merging *merging)
{
	cs_buf out;

	cs_buf_init(&out, &merging->ctx);
	cs_pg_require(cs_merge_finish(merging->merge, &out), &merging->ctx, "CoSERV results");
	return cs_pg_make_bytea(&out);
}

/* merge(results coserv[]) -> coserv; nulls are passed over, and of no result there is none */
Datum
coserv_merge(PG_FUNCTION_ARGS)
{
	ArrayType *results = PG_GETARG_ARRAYTYPE_P(0);
	cs_merging *merging = start();
	Datum *elements;
	bool *nulls;
	int count;

	deconstruct_array(results, ARR_ELEMTYPE(results), -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!nulls[i])
			add(merging, cs_pg_span(elements[i]));
	}
	if (cs_merge_count(merging->merge) == 0)
		PG_RETURN_NULL();
	return finish(merging);
}

/* merge_add(state internal, result coserv) -> internal */
Datum
coserv_merge_add(PG_FUNCTION_ARGS)
{
	MemoryContext of_aggregate, old;
	cs_merging *merging;
	cs_span result;

	if (!AggCheckCallContext(fcinfo, &of_aggregate))
		elog(ERROR, "merge_add was called as no part of an aggregate");
	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	result = CS_PG_GETARG_SPAN(1);
	old = MemoryContextSwitchTo(of_aggregate);
	merging = PG_ARGISNULL(0) ? start() : (cs_merging *) PG_GETARG_POINTER(0);
	add(merging, result);
	MemoryContextSwitchTo(old);
	PG_RETURN_POINTER(merging);
}

/* merge_finish(state internal) -> coserv. The state may be used again (a window): what has come since is added to the same lists. */
Datum
coserv_merge_finish(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	return finish((cs_merging *) PG_GETARG_POINTER(0));
}
