/*
 * member_sql.c - what a store answers to a federation at another server that it is a member of: rows as they were selected, which the
 * federation checks, sorts and makes an answer of (gather.c). Each set begins with a row that has the moment alone.
 */
#include "execute.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/hsearch.h"
#include "utils/timestamp.h"

#include "incoming.h"
#include "pg/base/rows.h"
#include "pg/base/settings.h"
#include "pg/base/store.h"
#include "pg/types/type_io.h"
#include "served.h"
#include "triples.h"
#include "verified_keys.h"

PG_FUNCTION_INFO_V1(coserv_member_rows);
PG_FUNCTION_INFO_V1(coserv_member_relations);
PG_FUNCTION_INFO_V1(coserv_member_triples);
PG_FUNCTION_INFO_V1(coserv_member_files);
PG_FUNCTION_INFO_V1(coserv_member_revoked);
PG_FUNCTION_INFO_V1(coserv_member_rims);
PG_FUNCTION_INFO_V1(coserv_member_profiles);

/* Arguments: store regnamespace, asked bytea, as_of timestamptz, authorities uuid[], form integer. as_of NULL: now. */
enum
{
	ARG_STORE,
	ARG_ASKED,
	ARG_AS_OF,
	ARG_AUTHORITIES,
	ARG_FORM,
	ARG_WHAT,			  /* of member_triples */
	ARG_PATHS = ARG_WHAT, /* of member_files */
	ARG_KINDS
};

typedef struct cs_telling
{
	Oid store;
	cs_ctx *ctx;
	cs_rows *rows;
	Datum *authorities;
	int authority_count;
	bool with_documents;
	pg_uuid_t last;
	bool has_last;
	/* of several environments: which one, and what was told already */
	bool has_number;
	int32 number;
	HTAB *told;
} cs_telling;

typedef struct cs_told
{
	pg_uuid_t manifest;
	int32 ordinal;
} cs_told;

static void
tell_moment(cs_rows *rows, int columns, int column, TimestampTz moment)
{
	Datum *values = palloc0(sizeof(Datum) * columns);
	bool *nulls = palloc(sizeof(bool) * columns);

	memset(nulls, true, sizeof(bool) * columns);
	nulls[column] = false;
	values[column] = TimestampTzGetDatum(moment);
	cs_rows_put(rows, values, nulls);
}

static bool
may_say(const cs_telling *telling, Datum authority)
{
	for (int i = 0; i < telling->authority_count; i++)
		if (memcmp(DatumGetUUIDP(telling->authorities[i]), DatumGetUUIDP(authority), UUID_LEN) == 0)
			return true;
	return false;
}

static bool
is_told(const cs_telling *telling, const cs_selected *row)
{
	cs_told key = { .manifest = *DatumGetUUIDP(row->values[SEL_MANIFEST]), .ordinal = DatumGetInt32(row->values[SEL_ORDINAL]) };
	bool found = false;

	if (telling->told != NULL)
		(void) hash_search(telling->told, &key, HASH_ENTER, &found);
	return found;
}

/* Document, media type and chain, in columns one behind the other. */
static void
put_conveyance(cs_conveyance conveyed, Datum *values, bool *nulls)
{
	values[0] = cs_pg_make(conveyed.document);
	values[1] = CStringGetTextDatum(conveyed.media_type);
	nulls[0] = nulls[1] = false;
	nulls[2] = conveyed.chain.len == 0;
	if (!nulls[2])
		values[2] = cs_pg_make(conveyed.chain);
}

static void
tell_row(const cs_selected *row, void *data)
{
	cs_telling *telling = data;
	const pg_uuid_t *manifest = DatumGetUUIDP(row->values[SEL_MANIFEST]);
	Datum values[ROW_COLUMNS] = { 0 };
	bool nulls[ROW_COLUMNS];

	if (!may_say(telling, row->values[SEL_AUTHORITY_ID]) || is_told(telling, row))
		return;
	memset(nulls, true, sizeof(nulls));
	memcpy(values, row->values, sizeof(row->values));
	memcpy(nulls, row->nulls, sizeof(row->nulls));
	nulls[ROW_NUMBER] = !telling->has_number;
	values[ROW_NUMBER] = Int32GetDatum(telling->number);
	if (telling->with_documents && !(telling->has_last && memcmp(manifest, &telling->last, UUID_LEN) == 0))
	{
		telling->last = *manifest;
		telling->has_last = true;
		put_conveyance(
			cs_conveyed(telling->ctx, telling->store, DatumGetUUIDP(row->values[SEL_TRUTH]), DatumGetBool(row->values[SEL_IS_SIGNED])),
			&values[ROW_DOCUMENT], &nulls[ROW_DOCUMENT]);
	}
	cs_rows_put(telling->rows, values, nulls);
}

static void
begin_telling(FunctionCallInfo fcinfo, cs_ctx *ctx, cs_telling *telling, cs_reading *reading)
{
	TimestampTz as_of = PG_ARGISNULL(ARG_AS_OF) ? 0 : PG_GETARG_TIMESTAMPTZ(ARG_AS_OF);
	bool *nulls;

	for (int i = 0; i <= ARG_FORM; i++)
		if (i != ARG_AS_OF && PG_ARGISNULL(i))
			ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("a member is asked with a store, a question, authorities and a form")));
	cs_member_require_form(PG_GETARG_INT32(ARG_FORM));
	cs_pg_ctx(ctx);
	*telling = (cs_telling) { .store = PG_GETARG_OID(ARG_STORE), .ctx = ctx, .rows = cs_rows_result(fcinfo) };
	cs_store_require(telling->store);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(ARG_AUTHORITIES), UUIDOID, UUID_LEN, false, TYPALIGN_CHAR, &telling->authorities, &nulls,
		&telling->authority_count);
	*reading = cs_begin_reading(telling->store, PG_ARGISNULL(ARG_AS_OF) ? NULL : &as_of);
}

/* What a federation lets pass, its members do not refuse. */
static void
read_query(FunctionCallInfo fcinfo, cs_ctx *ctx, cs_span *bytes, cs_query *query)
{
	*bytes = CS_PG_GETARG_SPAN(ARG_ASKED);
	cs_pg_require(cs_query_read(ctx, bytes->data, bytes->len, CS_QUERY_LAX | CS_QUERY_LEGACY, query), ctx, "CoSERV query");
}

/* member_rows(...) -> setof (columns of cs_selected, moment, document): what a query by environment selects */
Datum
coserv_member_rows(PG_FUNCTION_ARGS)
{
	cs_telling telling;
	cs_reading reading;
	cs_span bytes;
	cs_query query;
	cs_ctx ctx;

	begin_telling(fcinfo, &ctx, &telling, &reading);
	read_query(fcinfo, &ctx, &bytes, &query);
	tell_moment(telling.rows, ROW_COLUMNS, ROW_MOMENT, reading.as_of);
	telling.with_documents = query.result_type != CS_COLLECTED;
	if (!query.by_rim)
		cs_select_query(telling.store, bytes, &query, &reading, tell_row, &telling);
	cs_end_reading(&reading);
	PG_RETURN_NULL();
}

static HTAB *
make_told(void)
{
	HASHCTL ctl = { .keysize = sizeof(cs_told), .entrysize = sizeof(cs_told), .hcxt = CurrentMemoryContext };

	return hash_create("coserv told", 256, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* member_relations(...) -> setof the same: triples that an appraisal of Evidence of some environments may use */
Datum
coserv_member_relations(PG_FUNCTION_ARGS)
{
	cs_telling telling;
	cs_reading reading;
	cs_span bytes;
	cs_item array, environment;
	cs_iter it;
	cs_ctx ctx;

	begin_telling(fcinfo, &ctx, &telling, &reading);
	bytes = CS_PG_GETARG_SPAN(ARG_ASKED);
	cs_pg_require(cs_check(&ctx, bytes.data, bytes.len), &ctx, "environments");
	tell_moment(telling.rows, ROW_COLUMNS, ROW_MOMENT, reading.as_of);
	telling.has_number = true;
	telling.told = make_told();
	array = cs_item_at(bytes.data, bytes.len);
	if (!cs_is(&array, CS_ARRAY))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a member is asked about an array of environments")));
	for (it = cs_iterate(&array); cs_next(&it, &environment); telling.number++)
	{
		CHECK_FOR_INTERRUPTS();
		cs_select_relations(telling.store, cs_pg_type_make(&cs_pg_environment, cs_item_span(&environment)), &reading, tell_row, &telling);
	}
	cs_end_reading(&reading);
	PG_RETURN_NULL();
}

/* member_triples(..., what text, kinds smallint[]) -> setof the same: triples that are sought; asked is of the type that what says */
Datum
coserv_member_triples(PG_FUNCTION_ARGS)
{
	cs_telling telling;
	cs_reading reading;
	cs_sought sought;
	cs_ctx ctx;

	begin_telling(fcinfo, &ctx, &telling, &reading);
	(void) cs_sought_of(fcinfo->args[ARG_WHAT], fcinfo->args[ARG_ASKED], fcinfo->args[ARG_KINDS], &sought); /* asked is not null */
	tell_moment(telling.rows, ROW_COLUMNS, ROW_MOMENT, reading.as_of);
	cs_select_sought(telling.store, &sought, PG_GETARG_DATUM(ARG_AUTHORITIES), reading.as_of, tell_row, &telling);
	cs_end_reading(&reading);
	PG_RETURN_NULL();
}

static void
tell_file(const cs_file *file, void *data)
{
	cs_telling *telling = data;
	Datum values[FILE_ROW_COLUMNS] = { 0 };
	bool nulls[FILE_ROW_COLUMNS] = { [FILE_ROW_MOMENT] = true };

	if (!may_say(telling, file->values[FILE_AUTHORITY_ID]))
		return;
	memcpy(&values[FILE_ROW_FIRST], file->values, sizeof(file->values));
	memcpy(&nulls[FILE_ROW_FIRST], file->nulls, sizeof(file->nulls));
	cs_rows_put(telling->rows, values, nulls);
}

/* member_files(..., paths text[]) -> setof (moment, manifest, ...): files in linked CoSWID tags; asked is an environment or, where paths
 * are null, a digest */
Datum
coserv_member_files(PG_FUNCTION_ARGS)
{
	cs_telling telling;
	cs_reading reading;
	cs_span asked;
	cs_ctx ctx;

	begin_telling(fcinfo, &ctx, &telling, &reading);
	asked = CS_PG_GETARG_SPAN(ARG_ASKED);
	if (!PG_ARGISNULL(ARG_PATHS))
		asked = cs_pg_span(cs_pg_type_make(&cs_pg_environment, asked));
	tell_moment(telling.rows, FILE_ROW_COLUMNS, FILE_ROW_MOMENT, reading.as_of);
	cs_select_files(telling.store, asked, PG_ARGISNULL(ARG_PATHS) ? 0 : PG_GETARG_DATUM(ARG_PATHS), reading.as_of, tell_file, &telling);
	cs_end_reading(&reading);
	PG_RETURN_NULL();
}

/* member_revoked(store regnamespace, manifest uuid, issuer bytea, serial bytea, as_of timestamptz, form integer) -> boolean */
Datum
coserv_member_revoked(PG_FUNCTION_ARGS)
{
	bool is_revoked;
	int guc_nest;

	cs_member_require_form(PG_GETARG_INT32(5));
	guc_nest = cs_begin_statements();
	cs_spi_connect();
	is_revoked = cs_certificate_is_revoked(
		PG_GETARG_OID(0), PG_GETARG_UUID_P(1), CS_PG_GETARG_SPAN(2), CS_PG_GETARG_SPAN(3), PG_GETARG_TIMESTAMPTZ(4));
	SPI_finish();
	cs_end_statements(guc_nest);
	PG_RETURN_BOOL(is_revoked);
}

static void
tell_rim(cs_telling *telling, size_t number, const cs_rim *rim)
{
	Datum values[RIM_ROW_COLUMNS] = { 0 };
	bool nulls[RIM_ROW_COLUMNS] = { [RIM_ROW_MOMENT] = true };
	pg_uuid_t manifest = rim->manifest;

	values[RIM_ROW_NUMBER] = Int32GetDatum((int32) number);
	put_conveyance(rim->conveyed, &values[RIM_ROW_DOCUMENT], &nulls[RIM_ROW_DOCUMENT]);
	nulls[RIM_ROW_NOT_AFTER] = !rim->has_not_after;
	values[RIM_ROW_NOT_AFTER] = TimestampTzGetDatum(rim->not_after);
	values[RIM_ROW_MANIFEST] = UUIDPGetDatum(&manifest);
	nulls[RIM_ROW_NOT_BEFORE] = !rim->has_not_before;
	values[RIM_ROW_NOT_BEFORE] = TimestampTzGetDatum(rim->not_before);
	nulls[RIM_ROW_TAG_VERSION] = rim->tag_version == 0;
	if (rim->tag_version != 0)
		values[RIM_ROW_TAG_VERSION] = CStringGetTextDatum(DatumGetCString(DirectFunctionCall1(numeric_out, rim->tag_version)));
	cs_rows_put(telling->rows, values, nulls);
}

/* member_rims(...) -> setof (moment, number, document, ...): what is under the identifiers of a query by RIM identifier */
Datum
coserv_member_rims(PG_FUNCTION_ARGS)
{
	cs_telling telling;
	cs_reading reading;
	cs_span bytes;
	cs_query query;
	cs_ctx ctx;
	cs_rim rim;

	begin_telling(fcinfo, &ctx, &telling, &reading);
	read_query(fcinfo, &ctx, &bytes, &query);
	tell_moment(telling.rows, RIM_ROW_COLUMNS, RIM_ROW_MOMENT, reading.as_of);
	for (size_t i = 0; i < query.rim_count; i++)
	{
		cs_find_rim(CurrentMemoryContext, telling.store, &query, &query.rims[i], &reading, PG_GETARG_DATUM(ARG_AUTHORITIES), &rim);
		if (rim.found)
			tell_rim(&telling, i, &rim);
	}
	cs_end_reading(&reading);
	PG_RETURN_NULL();
}

/* member_profiles(store regnamespace, form integer) -> setof text */
Datum
coserv_member_profiles(PG_FUNCTION_ARGS)
{
	cs_rows *rows = cs_rows_result_values(fcinfo);
	ListCell *cell;

	cs_member_require_form(PG_GETARG_INT32(1));
	foreach (cell, cs_profiles_of_store(PG_GETARG_OID(0)))
	{
		Datum value = cs_pg_make_text(*(cs_span *) lfirst(cell));
		bool isnull = false;

		cs_rows_put(rows, &value, &isnull);
	}
	PG_RETURN_NULL();
}
