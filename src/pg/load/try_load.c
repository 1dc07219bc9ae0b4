/*
 * try_load.c - try_load(), which answers a refusal as a row and puts it on record, and load_all(), which loads what a query gives,
 * commits now and then and says how far it is.
 */
#include "pg/audit/audit.h"

#include "access/xact.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "tcop/pquery.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/portal.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "cose/cose.h"
#include "document/document.h"
#include "pg/history/lifecycle.h"
#include "pg/base/store.h"
#include "load.h"

PG_FUNCTION_INFO_V1(coserv_try_load);
PG_FUNCTION_INFO_V1(coserv_load_all);

/* What is to be loaded, detoasted; 0: not given. */
typedef struct cs_task
{
	Datum document;	 /* bytea */
	Datum authority; /* text */
	Datum payload;	 /* bytea */
	Datum chain;	 /* bytea */
} cs_task;

typedef struct cs_outcome
{
	bool loaded;
	pg_uuid_t id;		/* when loaded */
	ErrorData *refusal; /* when not */
} cs_outcome;

bool
cs_is_refusal(int sqlstate)
{
	switch (ERRCODE_TO_CATEGORY(sqlstate))
	{
		case ERRCODE_DATA_EXCEPTION:
		case ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION:
		case ERRCODE_FEATURE_NOT_SUPPORTED:
		case ERRCODE_PROGRAM_LIMIT_EXCEEDED:
		case MAKE_SQLSTATE('R', 'A', '0', '0', '0'):
			return true;
		default:
			/* a policy's, a trigger's of the store's owner */
			return sqlstate == ERRCODE_INSUFFICIENT_PRIVILEGE || sqlstate == ERRCODE_RAISE_EXCEPTION;
	}
}

static NullableDatum
optional(Datum value)
{
	return (NullableDatum) { .value = value, .isnull = value == (Datum) 0 };
}

static Datum
call_load(Oid store, const cs_task *task)
{
	return cs_load((NullableDatum) { .value = ObjectIdGetDatum(store) }, (NullableDatum) { .value = task->document },
		optional(task->authority), optional(task->payload), optional(task->chain))
		.value;
}

/* Load in a subtransaction of its own; raises what is no refusal. */
static void
attempt(Oid store, const cs_task *task, cs_outcome *outcome)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	volatile Datum id = (Datum) 0;

	outcome->refusal = NULL;
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		id = call_load(store, task);
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		outcome->refusal = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		if (!cs_is_refusal(outcome->refusal->sqlerrcode))
			ReThrowError(outcome->refusal);
	}
	PG_END_TRY();
	outcome->loaded = outcome->refusal == NULL;
	if (outcome->loaded)
		outcome->id = *DatumGetUUIDP(id);
}

static void
put_member(StringInfo json, const char *name, const char *value)
{
	if (value == NULL)
		return;
	appendStringInfo(json, "%s\"%s\": ", json->len > 1 ? ", " : "", name);
	escape_json(json, value);
}

/* digest and reason; the document is not kept */
static void
record_refusal(Oid store, const cs_task *task, const ErrorData *refusal)
{
	uint8_t digest[32];
	StringInfoData json;
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	if (!cs_sha256(&ctx, cs_pg_span(task->document), digest))
		cs_pg_report(&ctx.error, NULL);
	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	put_member(&json, "sqlstate", unpack_sql_state(refusal->sqlerrcode));
	put_member(&json, "message", refusal->message);
	put_member(&json, "detail", refusal->detail);
	appendStringInfoChar(&json, '}');
	cs_spi_connect();
	cs_audit_write(store, GetUserId(), "refuse", task->authority ? TextDatumGetCString(task->authority) : NULL,
		cs_pg_make((cs_span) { digest, sizeof digest }), json.data);
	SPI_finish();
}

/* Whoever may not even look into the schema has no record made either. */
static void
require_usage(Oid store)
{
#if PG_VERSION_NUM >= 160000
	AclResult result = object_aclcheck(NamespaceRelationId, store, GetUserId(), ACL_USAGE);
#else
	AclResult result = pg_namespace_aclcheck(store, GetUserId(), ACL_USAGE);
#endif

	if (result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_SCHEMA, cs_store_name(store));
	cs_store_require(store);
}

static void
load_or_record(Oid store, const cs_task *task, cs_outcome *outcome)
{
	attempt(store, task, outcome);
	if (!outcome->loaded)
		record_refusal(store, task, outcome->refusal);
}

static Datum
detoasted(Datum value, bool isnull)
{
	return isnull ? (Datum) 0 : PointerGetDatum(PG_DETOAST_DATUM_PACKED(value));
}

static Datum
text_or_null(const char *text, bool *isnull)
{
	*isnull = text == NULL;
	return text ? CStringGetTextDatum(text) : (Datum) 0;
}

/* Columns of coserv.try_load. */
enum
{
	OUT_ID,
	OUT_REFUSED,
	OUT_SQLSTATE,
	OUT_DETAIL,
	OUT_HINT,
	OUT_PROFILE,
	OUT_CORIM_ID,
	OUT_AUTHORITY,
	OUT_COLUMNS
};

/* What was loaded, as its manifest has it, which the loader need not be allowed to read. */
static void
name_loaded(Oid store, const pg_uuid_t *id, Datum *values, bool *nulls)
{
	Datum args[1] = { UUIDPGetDatum(id) };
	MemoryContext caller = CurrentMemoryContext;
	cs_as_owner self;

	cs_become_owner(get_relname_relid("manifest", store), &self);
	cs_spi_connect();
	cs_store_run(store, CS_STMT_MANIFEST_NAMES, args, NULL, false, 1);
	for (int column = OUT_PROFILE; SPI_processed > 0 && column < OUT_COLUMNS; column++)
	{
		char *text = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column - OUT_PROFILE + 1);
		MemoryContext old = MemoryContextSwitchTo(caller);

		values[column] = text_or_null(text, &nulls[column]);
		MemoryContextSwitchTo(old);
	}
	SPI_finish();
	cs_become_self(&self);
}

static void
set_shown(Datum *values, bool *nulls, int column, cs_buf *buf)
{
	cs_span text = cs_buf_span(buf);

	if (!cs_buf_ok(buf) || memchr(text.data, 0, text.len) != NULL)
		return;
	values[column] = cs_pg_make_text(text);
	nulls[column] = false;
}

/* What was refused, as far as the document can be read; the authority is the one that the caller named. */
static void
name_refused(const cs_task *task, Datum *values, bool *nulls)
{
	cs_span payload = task->payload ? cs_pg_span(task->payload) : (cs_span) { NULL, 0 };
	cs_verified document;
	cs_ctx ctx;
	cs_buf text;

	values[OUT_AUTHORITY] = task->authority;
	nulls[OUT_AUTHORITY] = task->authority == (Datum) 0;
	cs_pg_ctx(&ctx);
	if (!cs_open_with_payload(&ctx, cs_pg_span(task->document), payload, true, &document))
		return;
	cs_buf_init(&text, &ctx);
	if (cs_id_text(&ctx, &document.corim.id, &text))
		set_shown(values, nulls, OUT_CORIM_ID, &text);
	cs_buf_init(&text, &ctx);
	if (document.corim.has_profile && cs_profile_text(&ctx, &document.corim.profile, &text))
		set_shown(values, nulls, OUT_PROFILE, &text);
}

/*
 * try_load(store regnamespace, document bytea, authority text, payload bytea, chain bytea) -> (id uuid, refused, sqlstate, detail, hint,
 * profile, corim_id, authority text); not strict
 */
Datum
coserv_try_load(PG_FUNCTION_ARGS)
{
	Datum values[OUT_COLUMNS] = { 0 };
	bool nulls[OUT_COLUMNS];
	TupleDesc desc;
	cs_task task;
	cs_outcome outcome;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	require_usage(PG_GETARG_OID(0));
	memset(nulls, true, sizeof nulls);
	task.document = detoasted(PG_GETARG_DATUM(1), false);
	task.authority = detoasted(PG_GETARG_DATUM(2), PG_ARGISNULL(2));
	task.payload = detoasted(PG_GETARG_DATUM(3), PG_ARGISNULL(3));
	task.chain = detoasted(PG_GETARG_DATUM(4), PG_ARGISNULL(4));
	load_or_record(PG_GETARG_OID(0), &task, &outcome);
	if (outcome.loaded)
	{
		values[OUT_ID] = UUIDPGetDatum(&outcome.id);
		nulls[OUT_ID] = false;
		name_loaded(PG_GETARG_OID(0), &outcome.id, values, nulls);
	}
	else
	{
		values[OUT_REFUSED] = text_or_null(outcome.refusal->message, &nulls[OUT_REFUSED]);
		values[OUT_SQLSTATE] = text_or_null(unpack_sql_state(outcome.refusal->sqlerrcode), &nulls[OUT_SQLSTATE]);
		values[OUT_DETAIL] = text_or_null(outcome.refusal->detail, &nulls[OUT_DETAIL]);
		values[OUT_HINT] = text_or_null(outcome.refusal->hint, &nulls[OUT_HINT]);
		name_refused(&task, values, nulls);
	}
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}

/* --- load_all --- */

typedef struct cs_bulk
{
	Oid store;
	int batch;	  /* documents a transaction */
	int every_ms; /* between two notices */
	TimestampTz started;
	TimestampTz noticed;
	int64 done;
	int64 refused;
} cs_bulk;

static void
say_how_far(cs_bulk *bulk)
{
	TimestampTz now = GetCurrentTimestamp();
	double seconds = (double) (now - bulk->started) / USECS_PER_SEC;

	ereport(NOTICE,
		(errmsg(INT64_FORMAT " documents done, " INT64_FORMAT " of them refused, %.0f a second", bulk->done, bulk->refused,
			seconds > 0 ? (double) bulk->done / seconds : 0.0)));
	bulk->noticed = now;
}

/* document bytea, and where the query gives them: authority text, payload bytea, chain bytea */
static const Oid column_types[] = { BYTEAOID, TEXTOID, BYTEAOID, BYTEAOID };

static void
require_columns(TupleDesc desc)
{
	bool ok = desc->natts >= 1 && desc->natts <= (int) lengthof(column_types);

	for (int i = 0; ok && i < desc->natts; i++)
		ok = TupleDescAttr(desc, i)->atttypid == column_types[i];
	if (!ok)
		ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
				errmsg("the query must give documents of type bytea, and at most an authority of type text, a payload and a chain of type "
					   "bytea")));
}

static void
load_row(cs_bulk *bulk, HeapTuple row, TupleDesc desc)
{
	MemoryContext old, scratch = cs_pg_scratch_begin(&old);
	Datum given[lengthof(column_types)] = { 0 };
	cs_outcome outcome;

	for (int i = 0; i < desc->natts; i++)
	{
		bool isnull;
		Datum value = SPI_getbinval(row, desc, i + 1, &isnull);

		given[i] = detoasted(value, isnull);
	}
	if (given[0])
	{
		cs_task task = { .document = given[0], .authority = given[1], .payload = given[2], .chain = given[3] };

		load_or_record(bulk->store, &task, &outcome);
		bulk->done++;
		bulk->refused += !outcome.loaded;
	}
	cs_pg_scratch_end(scratch, old);
}

static void
after_row(cs_bulk *bulk, int64 *in_batch)
{
	if (++*in_batch >= bulk->batch)
	{
		SPI_commit();
		EnsurePortalSnapshotExists();
		*in_batch = 0;
	}
	if (GetCurrentTimestamp() - bulk->noticed >= (int64) bulk->every_ms * 1000)
		say_how_far(bulk);
	CHECK_FOR_INTERRUPTS();
}

/* The portal is pinned, so that it is held over the commits. */
static void
load_rows(cs_bulk *bulk, Portal portal)
{
	int64 in_batch = 0;

	for (;;)
	{
		SPITupleTable *rows;

		SPI_cursor_fetch(portal, true, 1);
		rows = SPI_tuptable;
		if (SPI_processed == 0)
			break;
		load_row(bulk, rows->vals[0], rows->tupdesc);
		SPI_freetuptable(rows);
		after_row(bulk, &in_batch);
	}
}

static Portal
open_query(const char *query)
{
	SPIPlanPtr plan = SPI_prepare(query, 0, NULL);
	Portal portal;

	if (plan == NULL || !SPI_is_cursor_plan(plan))
		ereport(ERROR, (errcode(ERRCODE_INVALID_CURSOR_DEFINITION), errmsg("load_all takes one query that gives documents")));
	portal = SPI_cursor_open(NULL, plan, NULL, NULL, false);
	require_columns(portal->tupDesc);
	PinPortal(portal);
	return portal;
}

static int
milliseconds(const Interval *every)
{
	double ms = (double) every->time / 1000 + ((double) every->month * DAYS_PER_MONTH + every->day) * SECS_PER_DAY * 1000;

	return (int) Max(0, Min(ms, (double) INT_MAX));
}

/* load_all(store regnamespace, query text, batch integer, every interval, INOUT done bigint, INOUT refused bigint) */
Datum
coserv_load_all(PG_FUNCTION_ARGS)
{
	CallContext *call = fcinfo->context && IsA(fcinfo->context, CallContext) ? (CallContext *) fcinfo->context : NULL;
	MemoryContext caller = CurrentMemoryContext;
	Datum values[2];
	bool nulls[2] = { false };
	TupleDesc desc;
	HeapTuple result;
	Portal portal;
	cs_bulk bulk;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3) || PG_GETARG_INT32(2) < 1)
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("load_all takes a store, a query, a number of documents a transaction and an interval")));
	if (call == NULL || call->atomic)
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
				errmsg("load_all commits, so it cannot run inside a transaction block or a function"),
				errhint("Inside one, SELECT from the store's try_load.")));
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	bulk = (cs_bulk) { .store = PG_GETARG_OID(0),
		.batch = PG_GETARG_INT32(2),
		.every_ms = milliseconds(PG_GETARG_INTERVAL_P(3)),
		.started = GetCurrentTimestamp(),
		.noticed = GetCurrentTimestamp() };
	require_usage(bulk.store);
	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	portal = open_query(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	load_rows(&bulk, portal);
	UnpinPortal(portal);
	SPI_cursor_close(portal);
	say_how_far(&bulk);
	SPI_finish();
	MemoryContextSwitchTo(caller);
	values[0] = Int64GetDatum(bulk.done);
	values[1] = Int64GetDatum(bulk.refused);
	result = heap_form_tuple(BlessTupleDesc(desc), values, nulls);
	return HeapTupleGetDatum(result);
}
