/*
 * execute.c - execute() and quads(): one pass over the triples that a CoSERV query selects.
 */
#include "execute.h"

#include "catalog/pg_type.h"
#include "access/htup_details.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "anchors.h"
#include "selection.h"
#include "gather.h"
#include "pg/base/rows.h"
#include "pg/base/settings.h"
#include "pg/store/reading.h"
#include "pg/store/settle.h"
#include "pg/base/store.h"
#include "pg/base/times.h"
#include "pg/types/crypto_key.h"
#include "model/corim.h"
#include "pg/store/truth.h"

PG_FUNCTION_INFO_V1(coserv_execute);
PG_FUNCTION_INFO_V1(coserv_quads);
PG_FUNCTION_INFO_V1(coserv_document);
PG_FUNCTION_INFO_V1(coserv_execute_now);
PG_FUNCTION_INFO_V1(coserv_execute_members);

/* A result set under construction. */
typedef struct cs_build
{
	cs_ctx *ctx;
	Oid store;
	cs_answer *answer;
	cs_result *result;
	pg_uuid_t last_source; /* rows come manifest by manifest */
	bool has_source;
} cs_build;

/* The core keeps spans until cs_result_finish: copy what SPI will free. */
static cs_span
keep(cs_ctx *ctx, Datum d)
{
	cs_span s = cs_pg_span(d);
	void *copy = cs_memdup(ctx, s.data, s.len);

	if (copy == NULL)
		cs_pg_report(&ctx->error, NULL);
	return (cs_span) { copy, s.len };
}

/*
 * The triple of a row as collected artifacts have it: in current forms (doc/legacy.md, "Answered as"), but for who asks in an old one.
 * False when it has no current form. Derived when it was loaded (pg/load/derive.c).
 */
static bool
collected_triple(const cs_query *query, const cs_selected *row, Datum *triple)
{
	cs_item current;

	*triple = row->values[SEL_CONTENT];
	if (query->speaks_old || row->nulls[SEL_CURRENT])
		return true;
	*triple = row->values[SEL_CURRENT];
	current = cs_pg_item(*triple);
	return !cs_is_null(&current);
}

void
cs_add_source(cs_result *result, const cs_conveyance *conveyed)
{
	cs_ctx *ctx = cs_result_ctx(result);

	cs_pg_require(cs_result_add_source(result, conveyed->media_type, conveyed->document) &&
			(conveyed->chain.len == 0 || cs_result_add_source(result, CS_PEM_CHAIN, conveyed->chain)),
		ctx, NULL);
}

static void
expires(cs_build *build, const cs_selected *row)
{
	if (!row->nulls[SEL_NOT_AFTER])
	{
		TimestampTz t = DatumGetTimestampTz(row->values[SEL_NOT_AFTER]);

		if (!TIMESTAMP_NOT_FINITE(t))
			cs_result_expires(build->result, cs_pg_unix_time(t));
	}
}

static void
add_quad(cs_build *build, const cs_selected *row)
{
	Datum triple;

	if (!collected_triple(&build->answer->query, row, &triple))
		return;
	build->answer->count++;
	if (!cs_result_add_quad(build->result, DatumGetInt16(row->values[SEL_KIND]), cs_pg_key_list_of(build->ctx, row->values[SEL_SHOWN]),
			keep(build->ctx, triple)))
		cs_pg_report(&build->ctx->error, NULL);
	expires(build, row);
}

static void
add_source(cs_build *build, const cs_selected *row)
{
	const pg_uuid_t *manifest = DatumGetUUIDP(row->values[SEL_MANIFEST]);
	cs_conveyance conveyed;

	if (build->has_source && memcmp(manifest, &build->last_source, sizeof(pg_uuid_t)) == 0)
		return;
	build->last_source = *manifest;
	build->has_source = true;
	build->answer->count++;
	conveyed = row->conveyed.document.data != NULL
		? row->conveyed
		: cs_conveyed(build->ctx, build->store, DatumGetUUIDP(row->values[SEL_TRUTH]), DatumGetBool(row->values[SEL_IS_SIGNED]));
	cs_add_source(build->result, &conveyed);
}

static void
add_selected(const cs_selected *row, void *data)
{
	cs_build *build = data;
	const cs_query *query = &build->answer->query;
	int16 kind = DatumGetInt16(row->values[SEL_KIND]);

	if (query->result_type != CS_SOURCE && cs_is_collected(query, kind))
		add_quad(build, row);
	if (query->result_type != CS_COLLECTED)
	{
		add_source(build, row);
		expires(build, row);
	}
}

static void
add_rim(cs_build *build, const cs_rim_id *id, const cs_rim *rim)
{
	if (!rim->found)
		return;
	build->answer->count++;
	if (rim->has_not_after && !TIMESTAMP_NOT_FINITE(rim->not_after))
		cs_result_expires(build->result, cs_pg_unix_time(rim->not_after));
	cs_pg_require(
		cs_result_add_rim_and_chain(build->result, id, rim->conveyed.media_type, rim->conveyed.document, CS_PEM_CHAIN, rim->conveyed.chain),
		build->ctx, NULL);
}

static unsigned
query_options(void)
{
	return (cs_setting_lax_queries ? CS_QUERY_LAX : 0) | (cs_setting_accept_legacy ? CS_QUERY_LEGACY : 0);
}

static void
answer_rims(cs_build *build, const cs_reading *reading)
{
	const cs_query *query = &build->answer->query;
	cs_rim rim;

	for (size_t i = 0; i < query->rim_count; i++)
	{
		cs_find_rim(CurrentMemoryContext, build->store, query, &query->rims[i], reading, 0, &rim);
		add_rim(build, &query->rims[i], &rim);
	}
}

/* From a store. */
static void
answer_alone(cs_build *build, cs_span query, const TimestampTz *as_of)
{
	cs_answer *answer = build->answer;
	cs_reading reading = cs_begin_reading(build->store, as_of);

	answer->as_of = reading.as_of;
	if (answer->query.by_rim)
		answer_rims(build, &reading);
	else
		cs_select_query(build->store, query, &answer->query, &reading, add_selected, build);
	if (!answer->query.by_rim && answer->query.artifact == CS_TRUST_ANCHORS && cs_setting_tas_in_results)
		cs_add_anchors(build->ctx, build->store, answer, build->result, reading.as_of);
	cs_end_reading(&reading);
}

/* From the members of a federation. */
static void
answer_together(cs_build *build, cs_span query, cs_gathering *gathering)
{
	cs_answer *answer = build->answer;
	cs_rim *rims = palloc(sizeof(cs_rim) * (answer->query.rim_count + 1));

	if (!answer->query.by_rim && answer->query.artifact == CS_TRUST_ANCHORS && cs_setting_tas_in_results)
		ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("a federation does not answer with trust anchor stores"),
				errhint("Turn coserv.tas_in_results off here, or ask the members.")));
	if (!answer->query.by_rim)
		cs_gather_query(gathering, query, &answer->query, add_selected, build);
	else
		cs_gather_rims(gathering, query, &answer->query, rims);
	for (size_t i = 0; i < answer->query.rim_count; i++)
		add_rim(build, &answer->query.rims[i], &rims[i]);
	answer->as_of = cs_gathering_moment(gathering);
}

bool
cs_answer_asking(
	cs_ctx *ctx, Oid store, cs_span query, unsigned options, const TimestampTz *as_of, cs_gathering *gathering, cs_answer *answer)
{
	cs_build build = { .ctx = ctx, .store = store, .answer = answer };

	memset(answer, 0, sizeof(*answer));
	if (!cs_query_read(ctx, query.data, query.len, options | query_options(), &answer->query))
		return false;
	build.result = cs_result_new(ctx, &answer->query);
	if (build.result == NULL)
		cs_pg_report(&ctx->error, NULL);
	cs_buf_init(&answer->result, ctx);
	if (gathering != NULL)
		answer_together(&build, query, gathering);
	else
		answer_alone(&build, query, as_of);
	if (!cs_result_finish(build.result, cs_pg_unix_time(answer->as_of), cs_setting_result_ttl, &answer->result, &answer->expiry))
		cs_pg_report(&ctx->error, NULL);
	return true;
}

bool
cs_answer_query(cs_ctx *ctx, Oid store, cs_span query, unsigned options, const TimestampTz *as_of, cs_answer *answer)
{
	cs_gathering *gathering = cs_is_federation(store) ? cs_gathering_begin(store, as_of, false) : NULL;

	return cs_answer_asking(ctx, store, query, options, as_of, gathering, answer);
}

/* An argument as_of: NULL is now. */
static const TimestampTz *
as_of_argument(FunctionCallInfo fcinfo, int n, TimestampTz *as_of)
{
	if (PG_ARGISNULL(n))
		return NULL;
	*as_of = PG_GETARG_TIMESTAMPTZ(n);
	return as_of;
}

/* execute(store regnamespace, query coserv, as_of timestamptz) -> coserv; not strict: as_of NULL is now */
Datum
coserv_execute(PG_FUNCTION_ARGS)
{
	cs_ctx ctx;
	cs_answer answer;
	TimestampTz as_of;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	cs_pg_ctx(&ctx);
	if (!cs_answer_query(&ctx, PG_GETARG_OID(0), CS_PG_GETARG_SPAN(1), CS_QUERY_TYPED, as_of_argument(fcinfo, 2, &as_of), &answer))
		cs_pg_report(&ctx.error, "CoSERV query");
	return cs_pg_make_bytea(&answer.result);
}

/* execute_now(store regnamespace, query coserv) -> (result coserv, moment timestamptz): now, and what as_of gives the same bytes */
Datum
coserv_execute_now(PG_FUNCTION_ARGS)
{
	cs_ctx ctx;
	cs_answer answer;
	TupleDesc desc;
	Datum values[2];
	bool nulls[2] = { false };

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	cs_pg_ctx(&ctx);
	if (!cs_answer_query(&ctx, PG_GETARG_OID(0), CS_PG_GETARG_SPAN(1), CS_QUERY_TYPED, NULL, &answer))
		cs_pg_report(&ctx.error, "CoSERV query");
	values[0] = cs_pg_make_bytea(&answer.result);
	values[1] = TimestampTzGetDatum(answer.as_of);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/* execute_members(federation regnamespace, query coserv, moments jsonb, allow_missing boolean) -> (result coserv, members jsonb) */
Datum
coserv_execute_members(PG_FUNCTION_ARGS)
{
	cs_ctx ctx;
	cs_answer answer;
	cs_gathering *gathering;
	TupleDesc desc;
	Datum values[2];
	bool nulls[2] = { false };

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	cs_pg_ctx(&ctx);
	gathering = cs_gathering_begin(PG_GETARG_OID(0), NULL, !PG_ARGISNULL(3) && PG_GETARG_BOOL(3));
	if (!PG_ARGISNULL(2))
		cs_gathering_as_told(gathering, PG_GETARG_JSONB_P(2));
	if (!cs_answer_asking(&ctx, PG_GETARG_OID(0), CS_PG_GETARG_SPAN(1), CS_QUERY_TYPED, NULL, gathering, &answer))
		cs_pg_report(&ctx.error, "CoSERV query");
	values[0] = cs_pg_make_bytea(&answer.result);
	values[1] = cs_gathering_told(gathering);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

typedef struct cs_quads
{
	const cs_query *query;
	cs_rows *rows;
} cs_quads;

static void
put_quad(const cs_selected *row, void *data)
{
	cs_quads *quads = data;
	Datum triple;
	static const int order[] = { SEL_AUTHORITY, SEL_SHOWN, SEL_KIND, SEL_ENVIRONMENT, SEL_CONTENT, SEL_PROFILE, SEL_NOT_BEFORE,
		SEL_NOT_AFTER, SEL_MANIFEST, SEL_ORDINAL };
	Datum values[lengthof(order)];
	bool nulls[lengthof(order)];

	if (!collected_triple(quads->query, row, &triple))
		return;
	for (size_t i = 0; i < lengthof(order); i++)
	{
		values[i] = order[i] == SEL_CONTENT ? triple : row->values[order[i]];
		nulls[i] = row->nulls[order[i]];
	}
	cs_rows_put(quads->rows, values, nulls);
}

/* quads(store regnamespace, query coserv, as_of timestamptz) -> setof (authority, shown_as, kind, environment, triple, ...) */
Datum
coserv_quads(PG_FUNCTION_ARGS)
{
	cs_span bytes;
	cs_ctx ctx;
	cs_query query;
	cs_quads quads = { .query = &query, .rows = cs_rows_result(fcinfo) };
	cs_reading reading;
	TimestampTz as_of;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	bytes = CS_PG_GETARG_SPAN(1);
	cs_pg_ctx(&ctx);
	if (!cs_query_read(&ctx, bytes.data, bytes.len, CS_QUERY_TYPED | query_options(), &query))
		cs_pg_report(&ctx.error, "CoSERV query");
	if (query.by_rim)
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a query by RIM identifier selects documents, not triples"),
				errhint("Use execute().")));
	query.result_type = CS_COLLECTED;
	if (cs_is_federation(PG_GETARG_OID(0)))
	{
		cs_gather_query(cs_gathering_begin(PG_GETARG_OID(0), as_of_argument(fcinfo, 2, &as_of), false), bytes, &query, put_quad, &quads);
		PG_RETURN_NULL();
	}
	reading = cs_begin_reading(PG_GETARG_OID(0), as_of_argument(fcinfo, 2, &as_of));
	cs_select_query(PG_GETARG_OID(0), bytes, &query, &reading, put_quad, &quads);
	cs_end_reading(&reading);
	PG_RETURN_NULL();
}

/* document(store regnamespace, manifest uuid) -> (document bytea, payload bytea) */
Datum
coserv_document(PG_FUNCTION_ARGS)
{
	Oid store = PG_GETARG_OID(0);
	Datum arg = PG_GETARG_DATUM(1), body = 0, values[2];
	bool nulls[2] = { false }, isnull;
	cs_span document, payload;
	cs_as_owner self;
	TupleDesc desc;
	HeapTuple tuple = NULL;
	MemoryContext caller = CurrentMemoryContext;
	int guc_nest = cs_begin_statements();

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	desc = BlessTupleDesc(desc);
	cs_spi_connect();
	/* may the caller see the manifest? */
	if (SPI_execute_plan(cs_store_plan(store, CS_STMT_MANIFEST_TRUTH), &arg, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not look for a manifest");
	if (SPI_processed > 0)
	{
		arg = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
		cs_become_owner(get_relname_relid("truth", store), &self);
		if (SPI_execute_plan(cs_store_plan(store, CS_STMT_TRUTH_BODY), &arg, NULL, true, 1) != SPI_OK_SELECT)
			elog(ERROR, "could not read a document");
		cs_become_self(&self);
	}
	isnull = true;
	if (SPI_processed > 0)
		body = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	if (!isnull && cs_truth_find_document(PointerGetDatum(PG_DETOAST_DATUM(body)), &document, &payload))
	{
		MemoryContextSwitchTo(caller);
		values[0] = cs_pg_make(document);
		nulls[1] = payload.data == NULL;
		if (!nulls[1])
			values[1] = cs_pg_make(payload);
		tuple = heap_form_tuple(desc, values, nulls);
	}
	SPI_finish();
	cs_end_statements(guc_nest);
	if (tuple == NULL)
		PG_RETURN_NULL();
	return HeapTupleGetDatum(tuple);
}
