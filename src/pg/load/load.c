/*
 * load.c - the triggers on a store's truth tables, and load(). Writing a manifest is what verifies it.
 *
 * Where a person writes, a document that does not verify is an error. In a logical replication worker it is set aside
 * instead (column refused), because an error there would stop every document behind it.
 */
#include "pg/trust/verify_row.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "derive.h"
#include "model/never.h"
#include "pg/trust/opened.h"
#include "pg/base/settings.h"
#include "pg/store/settle.h"
#include "pg/base/store.h"
#include "pg/base/times.h"

PG_FUNCTION_INFO_V1(coserv_manifest_verify);
PG_FUNCTION_INFO_V1(coserv_manifest_derive);
PG_FUNCTION_INFO_V1(coserv_authority_change);
PG_FUNCTION_INFO_V1(coserv_load);

static TriggerData *
trigger_data(FunctionCallInfo fcinfo, const char *name)
{
	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_FOR_ROW(((TriggerData *) fcinfo->context)->tg_event))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED), errmsg("%s is a row trigger of a coserv store", name)));
	return (TriggerData *) fcinfo->context;
}

static int
column_number(TupleDesc desc, const char *name)
{
	int number = SPI_fnumber(desc, name);

	if (number <= 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN), errmsg("table manifest of a coserv store has no column \"%s\"", name)));
	return number;
}

static Datum
column(HeapTuple tuple, TupleDesc desc, const char *name, bool *isnull)
{
	return heap_getattr(tuple, column_number(desc, name), desc, isnull);
}

/* Everything that can be said against a document, for the column refused. */
static char *
reason(const cs_error *error)
{
	char *detail = cs_pg_detail(error);

	return detail ? psprintf("%s (%s)", error->message, detail) : pstrdup(error->message);
}

/* What was loaded and can never match: inspect() has it as warnings. */
static void
tell_doubts(const cs_corim *corim, const cs_validity *signature)
{
	char message[CS_TEXT_MAX];

	if (signature->has_not_after && cs_never_time((double) signature->not_after, message))
		ereport(NOTICE, (errmsg("%s", message), errdetail("At the end of the signature's validity.")));
	for (size_t i = 0; i < corim->doubt_count; i++)
	{
		const cs_doubt *doubt = &corim->doubts[i];

		if (doubt->times == 1)
			ereport(NOTICE, (errmsg("%s", doubt->message), errdetail("At %s.", doubt->path)));
		else
			ereport(NOTICE,
				(errmsg("%s", doubt->message), errdetail("%llu times, first at %s.", (unsigned long long) doubt->times, doubt->path)));
	}
}

static void
verify_row(Relation manifest, cs_span document, cs_span payload, const char *only, bool lenient, cs_row *row)
{
	cs_verified v;
	cs_as_owner self;
	cs_ctx ctx;
	bool ok;

	cs_pg_ctx(&ctx);
	/* a loader need not be allowed to read whom the store trusts */
	cs_become_owner(RelationGetRelid(manifest), &self);
	/* lenient: the row came from another region, now or before, and was verified there at its time */
	ok = cs_verify_document(&ctx, RelationGetNamespace(manifest), document, payload, only, cs_setting_accept_legacy, lenient, &v);
	cs_become_self(&self);
	/* what has expired meanwhile is history for a region that joins late; it answers nothing, by not_after */
	if (ok && !lenient)
		ok = cs_require_valid(&ctx, &v, cs_pg_unix_time(GetCurrentTransactionStartTimestamp()));
	if (ok && !lenient)
		tell_doubts(&v.corim, &v.signer.validity);
	if (ok)
		cs_describe_row(&ctx, &v, row);
	else if (!lenient)
		cs_pg_report(&ctx.error, "CoRIM");
	else
	{
		cs_row_set(row, CS_COL_REFUSED, CStringGetTextDatum(reason(&ctx.error)));
		cs_row_set(row, CS_COL_LEGACY, PointerGetDatum(construct_empty_array(TEXTOID)));
		cs_row_set(row, CS_COL_IS_SIGNED, BoolGetDatum(false));
	}
}

static void
lock_store_when_replicating(Oid store)
{
	/* Documents and the authorities that vouch for them may arrive in different transactions at once: each side locks, so
	 * that whichever comes second sees the other. */
	if (cs_is_replicating())
	{
		LOCKTAG tag;

		cs_store_lock_tag(&tag, store, CS_LOCK_REPLICATION);
		(void) LockAcquire(&tag, ExclusiveLock, false, false);
	}
}

static void
start_row(TriggerData *trigger, Datum id, const uint8_t digest[32], cs_row *row)
{
	TupleDesc desc = RelationGetDescr(trigger->tg_relation);
	bool is_update = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);

	for (int i = 0; i < CS_COLUMNS; i++)
	{
		row->attnums[i] = column_number(desc, cs_column_names[i]);
		row->nulls[i] = true;
	}
	cs_row_set(row, CS_COL_ID, id);
	cs_row_set(row, CS_COL_DIGEST, cs_pg_make((cs_span) { digest, 32 }));
	if (is_update)
	{
		cs_row_set(row, CS_COL_KNOWN_AT, column(trigger->tg_trigtuple, desc, "known_at", &row->nulls[CS_COL_KNOWN_AT]));
		cs_row_set(row, CS_COL_LOADED_BY, column(trigger->tg_trigtuple, desc, "loaded_by", &row->nulls[CS_COL_LOADED_BY]));
	}
	else
	{
		cs_row_set(row, CS_COL_KNOWN_AT, TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()));
		cs_row_set(row, CS_COL_LOADED_BY, CStringGetTextDatum(GetUserNameFromId(GetUserId(), false)));
	}
}

/* The publisher writes known_at at its commit: that row is here already, with a moment of this region. */
static bool
is_publishers_settling(TriggerData *trigger)
{
	TupleDesc desc = RelationGetDescr(trigger->tg_relation);
	bool isnull;

	(void) column(trigger->tg_trigtuple, desc, "refused", &isnull);
	return cs_is_replicating() && isnull &&
		DatumGetTimestampTz(column(trigger->tg_trigtuple, desc, "known_at", &isnull)) !=
		DatumGetTimestampTz(column(trigger->tg_newtuple, desc, "known_at", &isnull));
}

static cs_span
span_column(HeapTuple tuple, TupleDesc desc, const char *name)
{
	bool isnull;
	Datum value = column(tuple, desc, name, &isnull);

	return isnull ? (cs_span) { NULL, 0 } : cs_pg_span(value);
}

/* May this UPDATE go on? Documents never change: what was signed is kept. A payload that was missing may be handed in later. */
static bool
update_allowed(TriggerData *trigger, cs_span document, cs_span payload)
{
	TupleDesc desc = RelationGetDescr(trigger->tg_relation);
	cs_span old_payload = span_column(trigger->tg_trigtuple, desc, "payload");
	bool accepted;

	(void) column(trigger->tg_trigtuple, desc, "refused", &accepted);
	if (cs_span_eq(span_column(trigger->tg_trigtuple, desc, "document"), document) &&
		(!accepted || ((old_payload.data == NULL) == (payload.data == NULL) && cs_span_eq(old_payload, payload))))
		return true;
	ereport(cs_is_replicating() ? WARNING : ERROR,
		(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("the document of a manifest cannot be changed"),
			errhint("Load the other document; it is a manifest of its own.")));
	return false;
}

/* False for a row whose id is not its document's: it was forged where it comes from. */
static bool
id_agrees(TriggerData *trigger, HeapTuple tuple, Datum id)
{
	bool isnull;
	Datum sent = column(tuple, RelationGetDescr(trigger->tg_relation), "id", &isnull);

	return isnull || memcmp(DatumGetUUIDP(sent)->data, DatumGetUUIDP(id)->data, UUID_LEN) == 0;
}

/* Was it loaded here too, or did it come another way? Then it is no conflict. */
static bool
manifest_exists(Relation manifest, Datum id)
{
	cs_as_owner self;
	bool exists;

	cs_become_owner(RelationGetRelid(manifest), &self);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_plan(cs_store_plan(RelationGetNamespace(manifest), CS_STMT_MANIFEST_ANY), &id, NULL, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not look for a manifest");
	exists = SPI_processed > 0;
	SPI_finish();
	cs_become_self(&self);
	return exists;
}

/* What the server log has of a refusal, whatever was said against the document. */
static void
say_which_document(void *arg)
{
	const uint8_t *digest = arg;
	char hex[2 * 32 + 1];

	for (int i = 0; i < 32; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	errcontext("document with SHA-256 %s, SQLSTATE %s", hex, unpack_sql_state(geterrcode()));
}

/* BEFORE INSERT OR UPDATE ON manifest FOR EACH ROW */
Datum
coserv_manifest_verify(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_data(fcinfo, "coserv.manifest_verify");
	Relation manifest = trigger->tg_relation;
	TupleDesc desc = RelationGetDescr(manifest);
	bool is_update = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
	HeapTuple tuple = is_update ? trigger->tg_newtuple : trigger->tg_trigtuple;
	cs_row row;
	cs_span document, payload;
	uint8_t digest[32];
	cs_ctx ctx;
	bool isnull;
	Datum value;
	char *only;
	ErrorContextCallback context = { .callback = say_which_document, .arg = digest };

	if (cs_is_settling())
		return PointerGetDatum(tuple);
	value = column(tuple, desc, "document", &isnull);
	if (isnull)
		ereport(ERROR, (errcode(ERRCODE_NOT_NULL_VIOLATION), errmsg("a manifest needs a document")));
	document = cs_pg_span(value);
	payload = span_column(tuple, desc, "payload");
	if (is_update && (!update_allowed(trigger, document, payload) || is_publishers_settling(trigger)))
		return PointerGetDatum(NULL);

	lock_store_when_replicating(RelationGetNamespace(manifest));
	cs_pg_ctx(&ctx);
	if (!cs_sha256(&ctx, document, digest))
		cs_pg_report(&ctx.error, NULL);
	context.previous = error_context_stack;
	error_context_stack = &context;
	start_row(trigger, cs_manifest_id(document, payload, digest), digest, &row);
	value = column(tuple, desc, "authority", &isnull);
	only = isnull ? NULL : TextDatumGetCString(value);
	if (!isnull)
		cs_row_set(&row, CS_COL_AUTHORITY, value);
	if (!is_update && cs_is_replicating() && manifest_exists(manifest, row.values[CS_COL_ID]))
	{
		error_context_stack = context.previous;
		return PointerGetDatum(NULL);
	}
	if ((is_update || cs_is_replicating()) && !id_agrees(trigger, tuple, row.values[CS_COL_ID]))
	{
		row.values[CS_COL_ID] = column(tuple, desc, "id", &isnull);
		cs_row_set(&row, CS_COL_REFUSED, CStringGetTextDatum("the document is not the one that its id was made from"));
		cs_row_set(&row, CS_COL_LEGACY, PointerGetDatum(construct_empty_array(TEXTOID)));
		cs_row_set(&row, CS_COL_IS_SIGNED, BoolGetDatum(false));
	}
	else
		verify_row(manifest, document, payload, only, cs_is_replicating() || is_update, &row);
	error_context_stack = context.previous;
	return PointerGetDatum(heap_modify_tuple_by_cols(tuple, desc, CS_COLUMNS, row.attnums, row.values, row.nulls));
}

static void
derive(Oid store, Datum id, Datum document, Datum authority)
{
	cs_verified v;
	cs_ctx ctx;

	cs_pg_ctx(&ctx);
	cs_pg_require(cs_opened_take(&ctx, cs_pg_span(document), &v), &ctx, "CoRIM");
	cs_derive(store, id, &v, authority);
}

static void
underive(Oid store, Datum id)
{
	static const cs_statement statements[] = { CS_STMT_UNDERIVE_TAGS, CS_STMT_UNDERIVE_LINKS, CS_STMT_UNDERIVE_TRIPLES,
		CS_STMT_UNDERIVE_ENVIRONMENTS };

	for (size_t i = 0; i < lengthof(statements); i++)
		if (SPI_execute_plan(cs_store_plan(store, statements[i]), &id, NULL, false, 0) < 0)
			elog(ERROR, "could not delete what was derived from a manifest");
}

static bool
refuses_older(Oid store)
{
	if (SPI_execute_plan(cs_store_plan(store, CS_STMT_REFUSES_OLDER), NULL, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the policy");
	return SPI_processed > 0;
}

/*
 * Anti-rollback: a tag that is older than what is there is history from the start, and whoever loads it is told; or it is refused, by
 * policy. What other regions have accepted is not: documents may come here in another order.
 */
static void
guard_against_rollback(Oid store, Datum id)
{
	SPITupleTable *tags;
	uint64 count;
	bool refuse, isnull;

	if (SPI_execute_plan(cs_store_plan(store, CS_STMT_OLDER_TAGS), &id, NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not look for newer tags");
	tags = SPI_tuptable;
	count = SPI_processed;
	refuse = count > 0 && !cs_is_replicating() && refuses_older(store);
	for (uint64 i = 0; i < count; i++)
	{
		char *tag_id = TextDatumGetCString(SPI_getbinval(tags->vals[i], tags->tupdesc, 1, &isnull));
		char *version = SPI_getvalue(tags->vals[i], tags->tupdesc, 2);

		if (refuse)
			ereport(ERROR,
				(errcode(MAKE_SQLSTATE('R', 'A', '0', '0', '8')),
					errmsg("tag \"%s\" version %s is older than one that is there", tag_id, version),
					errhint("The policy refuse_older of the store refuses it; without that it is kept as history.")));
		ereport(WARNING, (errmsg("tag \"%s\" version %s is older than one that is there, and is kept as history", tag_id, version)));
	}
}

static bool
is_refused(HeapTuple tuple, TupleDesc desc)
{
	bool isnull;

	(void) column(tuple, desc, "refused", &isnull);
	return !isnull;
}

/* AFTER INSERT OR UPDATE OR DELETE ON manifest FOR EACH ROW: derived rows are written as the table's owner. */
Datum
coserv_manifest_derive(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_data(fcinfo, "coserv.manifest_derive");
	Relation manifest = trigger->tg_relation;
	TupleDesc desc = RelationGetDescr(manifest);
	Oid store = RelationGetNamespace(manifest);
	bool is_update = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
	bool is_delete = TRIGGER_FIRED_BY_DELETE(trigger->tg_event);
	HeapTuple now = is_update ? trigger->tg_newtuple : trigger->tg_trigtuple;
	bool had = (is_update || is_delete) && !is_refused(trigger->tg_trigtuple, desc);
	bool has = !is_delete && !is_refused(now, desc);
	cs_as_owner self;
	bool isnull;

	if (had == has)
		return PointerGetDatum(NULL);
	cs_become_owner(RelationGetRelid(manifest), &self);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (has)
	{
		Datum id = column(now, desc, "id", &isnull);
		Datum content = column(now, desc, "payload", &isnull);

		/* a payload that was handed in is a CoRIM in itself */
		if (isnull)
			content = column(now, desc, "document", &isnull);
		derive(store, id, PointerGetDatum(PG_DETOAST_DATUM(content)), column(now, desc, "authority", &isnull));
		guard_against_rollback(store, id);
	}
	else
		underive(store, column(trigger->tg_trigtuple, desc, "id", &isnull));
	SPI_finish();
	cs_become_self(&self);
	return PointerGetDatum(NULL);
}

/* AFTER INSERT OR UPDATE ON authority FOR EACH ROW: documents that were set aside are tried again. */
Datum
coserv_authority_change(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_data(fcinfo, "coserv.authority_change");
	Relation authority = trigger->tg_relation;
	Oid store = RelationGetNamespace(authority);
	cs_as_owner self;

	lock_store_when_replicating(store);
	cs_become_owner(RelationGetRelid(authority), &self);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_plan(cs_store_plan(store, CS_STMT_RETRY_REFUSED), NULL, NULL, false, 0) < 0)
		elog(ERROR, "could not try refused manifests again");
	SPI_finish();
	cs_become_self(&self);
	return PointerGetDatum(NULL);
}

/* args: document, authority, payload; nulls as for SPI */
static void
insert_manifest(Oid store, Datum id, Datum args[3], const char nulls[4])
{
	Datum retry[3] = { id, args[1], args[2] };
	const char retry_nulls[4] = { ' ', nulls[1], nulls[2], '\0' };
	cs_statement insert = nulls[2] == 'n' ? CS_STMT_MANIFEST_INSERT : CS_STMT_MANIFEST_INSERT_PAYLOAD;
	Oid manifest = get_relname_relid("manifest", store);
	cs_as_owner self;

	if (SPI_execute_plan(cs_store_plan(store, insert), args, nulls, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not insert a manifest");
	if (SPI_processed > 0)
		return;
	/* The trigger has verified it, and its row is there: somebody else's of this moment, or one that was set aside. */
	cs_become_owner(manifest, &self);
	if (SPI_execute_plan(cs_store_plan(store, CS_STMT_MANIFEST_RETRY), retry, retry_nulls, false, 0) < 0)
		elog(ERROR, "could not verify a manifest again");
	cs_become_self(&self);
	if (SPI_execute_plan(cs_store_plan(store, CS_STMT_MANIFEST_EXISTS), &id, NULL, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not look for a manifest");
	if (SPI_processed == 0)
		ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION), errmsg("another document was set aside under the id of this one"),
				errhint("A forged row was replicated: delete it from manifest, then load again.")));
}

/* load(store regnamespace, document bytea, authority text, payload bytea) -> uuid; not strict: authority and payload may be NULL */
Datum
coserv_load(PG_FUNCTION_ARGS)
{
	Oid store;
	Datum args[3] = { 0 };
	char nulls[4] = "   ";
	cs_span payload = { NULL, 0 };
	Datum id;
	uint8_t digest[32];
	int guc_nest;
	cs_ctx ctx;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	store = PG_GETARG_OID(0);
	args[0] = PointerGetDatum(PG_GETARG_BYTEA_PP(1));
	for (int i = 1; i < 3; i++)
	{
		if (PG_ARGISNULL(i + 1))
			nulls[i] = 'n';
		else
			args[i] = PointerGetDatum(PG_GETARG_BYTEA_PP(i + 1));
	}
	if (nulls[2] == ' ')
		payload = cs_pg_span(args[2]);

	cs_pg_ctx(&ctx);
	if (!cs_sha256(&ctx, cs_pg_span(args[0]), digest))
		cs_pg_report(&ctx.error, NULL);
	id = cs_manifest_id(cs_pg_span(args[0]), payload, digest);
	guc_nest = cs_begin_statements();
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_plan(cs_store_plan(store, CS_STMT_MANIFEST_EXISTS), &id, NULL, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not look for a manifest");
	if (SPI_processed == 0)
		insert_manifest(store, id, args, nulls);
	SPI_finish();
	cs_end_statements(guc_nest);
	PG_RETURN_DATUM(id);
}
