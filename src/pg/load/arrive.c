/*
 * arrive.c - rows of truth that a replication worker brings are made into what they say, each in a subtransaction: what is said against
 * one sets it aside, with the reason, and the next one comes. What was set aside is tried again when an authority arrives or changes.
 */
#include "load.h"

#include "access/table.h"
#include "access/xact.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

#include "cose/cose.h"
#include "pg/audit/audit.h"
#include "pg/base/settings.h"
#include "pg/base/store.h"
#include "pg/base/trigger.h"
#include "pg/store/settle.h"

PG_FUNCTION_INFO_V1(coserv_truth_arrives);
PG_FUNCTION_INFO_V1(coserv_retry);

static void say(Oid store, const cs_truth *truth);

/* What the columns of a kind's table are. */
static int
column_types(Oid store, cs_truth_kind kind, Oid *types)
{
	const char *const *columns = cs_truth_columns(kind);
	Oid oid = get_relname_relid(cs_truth_table(kind), store);
	int count = 0;

	if (!OidIsValid(oid))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("the store has no table for this kind of truth")));
	for (; columns[count] != NULL; count++)
	{
		AttrNumber number = get_attnum(oid, columns[count]);

		types[count] = get_atttype(oid, number);
	}
	return count;
}

/* --- an authority: of what was said of it the last counts --- */

/* Is this later than what is known? */
static bool
is_later(Oid store, const pg_uuid_t *authority, const cs_truth *truth)
{
	Datum arg = UUIDPGetDatum(authority);
	bool isnull;
	TimestampTz moment;
	HeapTuple row;
	TupleDesc desc;

	cs_run_latest(store, CS_STMT_AUTHORITY_LAST, &arg, NULL);
	if (SPI_processed == 0)
		return true;
	row = SPI_tuptable->vals[0];
	desc = SPI_tuptable->tupdesc;
	moment = DatumGetTimestampTz(SPI_getbinval(row, desc, 1, &isnull));
	if (moment != truth->moment)
		return moment < truth->moment;
	return memcmp(DatumGetUUIDP(SPI_getbinval(row, desc, 2, &isnull)), &truth->id, UUID_LEN) < 0;
}

static void
say_authority(Oid store, const cs_truth *truth, Datum *values, bool *nulls, int given, int count)
{
	Datum id_arg, removed[3];
	pg_uuid_t id;
	char flags[CS_TRUTH_MAX_COLUMNS + 1];
	bool exists;

	if (given < 1 || nulls[0])
		ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION), errmsg("an authority without a key")));
	cs_uuid_of_bytes(cs_pg_span(values[0]), &id);
	if (!is_later(store, &id, truth))
		return;
	id_arg = UUIDPGetDatum(&id);
	cs_run_latest(store, CS_STMT_AUTHORITY_BY_ID, &id_arg, NULL);
	exists = SPI_processed > 0;
	if (given == 1)
	{
		removed[0] = id_arg;
		removed[1] = TimestampTzGetDatum(truth->moment);
		removed[2] = UUIDPGetDatum(&truth->id);
		cs_run_latest(store, CS_STMT_AUTHORITY_REMOVED, removed, NULL);
		if (!exists)
			return;
		cs_truth_begin_arrival(store, truth);
		cs_run_latest(store, CS_STMT_AUTHORITY_DELETE, &id_arg, NULL);
		return;
	}
	for (int i = 0; i < count; i++)
		flags[i] = nulls[i] ? 'n' : ' ';
	flags[count] = '\0';
	cs_truth_begin_arrival(store, truth);
	cs_run_latest(store, exists ? CS_STMT_AUTHORITY_UPDATE : CS_STMT_AUTHORITY_INSERT, values, flags);
}

/* --- all kinds --- */

static void
say_columns(Oid store, const cs_truth *truth)
{
	static const cs_statement statements[CS_TRUTH_KINDS] = { [CS_TRUTH_REVOCATION] = CS_STMT_SAY_REVOCATION,
		[CS_TRUTH_POLICY] = CS_STMT_SAY_POLICY,
		[CS_TRUTH_PROFILE] = CS_STMT_SAY_PROFILE,
		[CS_TRUTH_CRL] = CS_STMT_SAY_CRL,
		[CS_TRUTH_TAKEN_BACK] = CS_STMT_SAY_TAKEN_BACK };
	Datum values[CS_TRUTH_MAX_COLUMNS] = { 0 };
	bool nulls[CS_TRUTH_MAX_COLUMNS];
	Oid types[CS_TRUTH_MAX_COLUMNS];
	char flags[CS_TRUTH_MAX_COLUMNS + 1];
	int count = column_types(store, truth->kind, types), given;

	memset(nulls, true, sizeof(nulls));
	cs_truth_read(truth->body, count, types, &given, values, nulls);
	if (truth->kind == CS_TRUTH_AUTHORITY)
	{
		say_authority(store, truth, values, nulls, given, count);
		return;
	}
	for (int i = 0; i < count; i++)
		flags[i] = nulls[i] ? 'n' : ' ';
	flags[count] = '\0';
	cs_truth_begin_arrival(store, truth);
	cs_run_latest(store, statements[truth->kind], values, flags);
}

static void
say_document(Oid store, const cs_truth *truth)
{
	cs_span document, payload;
	pg_uuid_t *authority;
	Datum args[3] = { 0 };
	char nulls[4] = "   ";

	cs_truth_read_document(truth->body, &document, &payload, &authority);
	args[0] = cs_pg_make(document);
	if (payload.data != NULL)
		args[1] = cs_pg_make(payload);
	else
		nulls[1] = 'n';
	if (authority != NULL)
		args[2] = UUIDPGetDatum(authority);
	else
		nulls[2] = 'n';
	cs_truth_begin_arrival(store, truth);
	cs_run_latest(store, CS_STMT_SAY_DOCUMENT, args, nulls);
}

/* Its moment orders it: what lies too far ahead must move nothing. */
static void
require_moment(Oid store, const cs_truth *truth)
{
	Datum arg = UUIDPGetDatum(&truth->id);

	cs_run_latest(store, CS_STMT_IS_TAKEN_BACK, &arg, NULL);
	if (SPI_processed > 0)
		ereport(ERROR, (errcode(ERRCODE_DATETIME_FIELD_OVERFLOW), errmsg("its moment was taken back, and what it says was said again")));
	if (truth->moment > cs_load_ahead())
		ereport(ERROR,
			(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW), errmsg("its moment lies too far ahead: %s", timestamptz_to_str(truth->moment)),
				errhint("The clock where it was said runs ahead (coserv.max_clock_ahead).")));
}

void
cs_load_say(Oid store, const cs_truth *truth)
{
	PG_TRY();
	{
		say(store, truth);
	}
	PG_FINALLY();
	{
		cs_truth_end_arrival();
	}
	PG_END_TRY();
}

/* Make of it what it says; raises what is said against it. */
static void
say(Oid store, const cs_truth *truth)
{
	bool ordered = truth->kind != CS_TRUTH_DOCUMENT && truth->kind != CS_TRUTH_CRL;

	if (cs_truth_table(truth->kind) == NULL)
		ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("a row of truth is of a kind that this version does not know"),
				errhint("Update the extension here.")));
	if (ordered != truth->has_moment)
		ereport(
			ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION), errmsg("a row of truth has a moment where it should not, or none")));
	if (truth->kind == CS_TRUTH_AUTHORITY || truth->kind == CS_TRUTH_POLICY || truth->kind == CS_TRUTH_PROFILE)
		require_moment(store, truth);
	if (truth->kind == CS_TRUTH_DOCUMENT)
		say_document(store, truth);
	else
		say_columns(store, truth);
}

/*
 * What befell the server, and may not befall it at the next try. All else is said against the row, whoever says it: a receive function, a
 * trigger of the user's. Raised, it would stop the worker for ever.
 */
static bool
befell_server(int sqlstate)
{
	switch (ERRCODE_TO_CATEGORY(sqlstate))
	{
		case ERRCODE_TRANSACTION_ROLLBACK:
		case ERRCODE_INSUFFICIENT_RESOURCES:
		case ERRCODE_OPERATOR_INTERVENTION:
		case ERRCODE_SYSTEM_ERROR:
			return true;
		default:
			return sqlstate == ERRCODE_LOCK_NOT_AVAILABLE || sqlstate == ERRCODE_DATA_CORRUPTED || sqlstate == ERRCODE_INDEX_CORRUPTED;
	}
}

char *
cs_load_attempt(Oid store, const cs_truth *truth, bool *forgotten)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		say(store, truth);
		cs_truth_end_arrival();
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
	}
	PG_CATCH();
	{
		cs_truth_end_arrival();
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		if (befell_server(error->sqlerrcode))
			ReThrowError(error);
	}
	PG_END_TRY();
	if (error == NULL)
		return NULL;
	*forgotten = error->sqlerrcode == CS_FORGOTTEN;
	return error->detail ? psprintf("%s (%s)", error->message, error->detail) : pstrdup(error->message);
}

static void
record(Oid store, Oid who, const cs_truth *truth, const char *reason)
{
	StringInfoData json;
	uint8_t digest[32];
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	cs_pg_require(cs_sha256(&ctx, cs_pg_span(truth->body), digest), &ctx, NULL);
	initStringInfo(&json);
	appendStringInfoString(&json, "{\"refused\": ");
	escape_json(&json, reason);
	appendStringInfoChar(&json, '}');
	cs_audit_write(store, who, "refuse", DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(&truth->id))),
		cs_pg_make((cs_span) { digest, sizeof digest }), json.data);
}

static bool
take_in(Oid store, Oid who, const cs_truth *truth, bool again)
{
	cs_truth genuine = *truth;
	const char *reason = NULL;
	bool forgotten = false;
	Datum args[3] = { UUIDPGetDatum(&truth->id), Int16GetDatum((int16) truth->kind), 0 };

	/* who arrives has passed the guard; what lies here need not have */
	if (again)
	{
		cs_truth_identify(&genuine);
		if (memcmp(&genuine.id, &truth->id, UUID_LEN) != 0)
			reason = "its id is not the one of what it says";
	}
	if (reason == NULL)
		reason = cs_load_attempt(store, truth, &forgotten);
	/* one of its signatures' statements is forgotten; others stay */
	if (forgotten && cs_load_statements(store, truth) > 0)
		reason = NULL;
	if (reason == NULL)
	{
		/* also where a forged row came by its id before */
		cs_run_latest(store, CS_STMT_NOT_ASIDE, args, NULL);
		return true;
	}
	args[2] = CStringGetTextDatum(reason);
	cs_run_latest(store, CS_STMT_SET_ASIDE, args, NULL);
	if (forgotten)
		(void) cs_truth_erase(store, CS_STMT_TRUTH_ERASE, args[0]);
	if (again)
		return false;
	record(store, who, truth, reason);
	/* whoever it lacks may be committing just now, and not see this row */
	cs_settle_retry(store, &truth->id);
	return false;
}

/* In the order of what they need of each other. */
void
cs_load_retry(Oid store, Datum ids)
{
	SPITupleTable *rows;
	uint64 count;

	cs_run_latest(store, CS_STMT_ASIDE, &ids, ids ? NULL : "n");
	rows = SPI_tuptable;
	count = SPI_processed;
	for (uint64 i = 0; i < count; i++)
	{
		bool isnull, moment_null;
		cs_truth truth = { .id = *DatumGetUUIDP(SPI_getbinval(rows->vals[i], rows->tupdesc, 1, &isnull)) };
		Datum moment = SPI_getbinval(rows->vals[i], rows->tupdesc, 3, &moment_null);

		truth.kind = (cs_truth_kind) DatumGetInt16(SPI_getbinval(rows->vals[i], rows->tupdesc, 2, &isnull));
		truth.has_moment = !moment_null;
		truth.moment = moment_null ? 0 : DatumGetTimestampTz(moment);
		truth.body = PointerGetDatum(PG_DETOAST_DATUM(SPI_getbinval(rows->vals[i], rows->tupdesc, 4, &isnull)));
		(void) take_in(store, GetUserId(), &truth, true);
		CHECK_FOR_INTERRUPTS();
	}
}

/* retry(store regnamespace) */
Datum
coserv_retry(PG_FUNCTION_ARGS)
{
	Oid store = PG_GETARG_OID(0);

	cs_store_require(store);
	cs_settle_retry(store, NULL);
	PG_RETURN_VOID();
}

/* AFTER INSERT ON truth FOR EACH ROW */
Datum
coserv_truth_arrives(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = cs_row_trigger(fcinfo, "coserv.truth_arrives");
	Relation table;
	TupleDesc desc;
	cs_truth truth = { 0 };
	cs_as_owner self;
	bool isnull;
	Datum moment;

	if (cs_truth_is_writing())
		return PointerGetDatum(NULL);
	table = trigger->tg_relation;
	desc = RelationGetDescr(table);
	truth.id = *DatumGetUUIDP(SPI_getbinval(trigger->tg_trigtuple, desc, SPI_fnumber(desc, "id"), &isnull));
	truth.kind = (cs_truth_kind) DatumGetInt16(SPI_getbinval(trigger->tg_trigtuple, desc, SPI_fnumber(desc, "kind"), &isnull));
	moment = SPI_getbinval(trigger->tg_trigtuple, desc, SPI_fnumber(desc, "moment"), &isnull);
	truth.has_moment = !isnull;
	truth.moment = isnull ? 0 : DatumGetTimestampTz(moment);
	truth.body = PointerGetDatum(PG_DETOAST_DATUM(SPI_getbinval(trigger->tg_trigtuple, desc, SPI_fnumber(desc, "body"), &isnull)));
	cs_become_owner(RelationGetRelid(table), &self);
	cs_spi_connect();
	(void) take_in(RelationGetNamespace(table), self.user, &truth, false);
	SPI_finish();
	cs_become_self(&self);
	return PointerGetDatum(NULL);
}
