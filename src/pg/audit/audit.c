/*
 * audit.c - the triggers that put every act on record, and the guard that keeps the record append-only (audit.h).
 */
#include "audit.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "cose/cose.h"
#include "pg/store/settle.h"
#include "pg/base/store.h"
#include "pg/base/trigger.h"

PG_FUNCTION_INFO_V1(coserv_audit);
PG_FUNCTION_INFO_V1(coserv_audit_guard);

/* What the guard lets pass: rows of ours, never those that somebody writes by hand. */
typedef enum cs_writing
{
	WRITING_NOTHING,
	WRITING_ROW,
	WRITING_SEAL
} cs_writing;

static cs_writing writing = WRITING_NOTHING;

void
cs_audit_begin_sealing(void)
{
	writing = WRITING_SEAL;
}

void
cs_audit_end_sealing(void)
{
	writing = WRITING_NOTHING;
}

static Datum
text_or_null(const char *value, char *null)
{
	*null = value ? ' ' : 'n';
	return value ? CStringGetTextDatum(value) : (Datum) 0;
}

void
cs_audit_write(Oid store, Oid who, const char *action, const char *object, Datum digest, const char *detail)
{
	Datum args[7];
	char nulls[8] = "       ";
	Oid table = get_relname_relid("audit", store);
	cs_as_owner self;

	if (!OidIsValid(table))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE), errmsg("store \"%s\" has no table audit", cs_store_name(store))));
	args[0] = TimestampTzGetDatum(GetCurrentTimestamp());
	args[1] = CStringGetTextDatum(GetUserNameFromId(who, false));
	args[2] = CStringGetTextDatum(GetUserNameFromId(GetSessionUserId(), false));
	args[3] = CStringGetTextDatum(action);
	args[4] = text_or_null(object, &nulls[4]);
	args[5] = digest;
	nulls[5] = digest ? ' ' : 'n';
	args[6] = text_or_null(detail, &nulls[6]);
	cs_become_owner(table, &self);
	PG_TRY();
	{
		writing = WRITING_ROW;
		cs_store_run(store, CS_STMT_AUDIT, args, nulls, false, 0);
	}
	PG_FINALLY();
	{
		writing = WRITING_NOTHING;
	}
	PG_END_TRY();
	cs_become_self(&self);
}

/* --- what a change of a truth table says --- */

typedef struct cs_change
{
	TriggerData *trigger;
	TupleDesc desc;
	bool is_update;
	bool is_delete;
	HeapTuple row; /* the new one; the old one of a DELETE */
} cs_change;

/* A column as text; NULL for a null. */
static char *
column_text(HeapTuple row, TupleDesc desc, const char *name)
{
	int number = SPI_fnumber(desc, name);

	if (number <= 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN), errmsg("a truth table of a coserv store has no column \"%s\"", name)));
	return SPI_getvalue(row, desc, number);
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
put_member(StringInfo json, const char *name, const char *value)
{
	appendStringInfoString(json, json->len > 1 ? ", " : "");
	escape_json(json, name);
	appendStringInfoString(json, ": ");
	if (value)
		escape_json(json, value);
	else
		appendStringInfoString(json, "null");
}

/* The columns that the trigger lists: those that are set, or of an UPDATE those that it changes. NULL when an UPDATE changes none. */
static char *
detail_of(const cs_change *change)
{
	Trigger *trigger = change->trigger->tg_trigger;
	int nest = NewGUCNestLevel();
	StringInfoData json;

	/* a record reads the same whoever made it */
	(void) set_config_option("datestyle", "ISO", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("timezone", "UTC", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	for (int i = 2; i < trigger->tgnargs; i++)
	{
		const char *name = trigger->tgargs[i];
		char *value = column_text(change->row, change->desc, name);

		if (change->is_update ? !same_text(value, column_text(change->trigger->tg_trigtuple, change->desc, name)) : value != NULL)
			put_member(&json, name, value);
	}
	appendStringInfoChar(&json, '}');
	AtEOXact_GUC(true, nest);
	return change->is_update && json.len == 2 ? NULL : json.data;
}

/* 0: the trigger names no column to take it of. A column digest is one already. */
static Datum
digest_of(const cs_change *change)
{
	const char *name = change->trigger->tg_trigger->tgargs[1];
	uint8_t digest[32];
	cs_ctx ctx;
	bool isnull;
	Datum value;

	if (name[0] == '\0')
		return (Datum) 0;
	value = SPI_getbinval(change->row, change->desc, SPI_fnumber(change->desc, name), &isnull);
	if (isnull || strcmp(name, "digest") == 0)
		return isnull ? (Datum) 0 : value;
	cs_pg_ctx_stored(&ctx);
	if (!cs_sha256(&ctx, cs_pg_span(value), digest))
		cs_pg_report(&ctx.error, NULL);
	return cs_pg_make((cs_span) { digest, sizeof digest });
}

static const char *
action_of(const cs_change *change)
{
	const char *table = RelationGetRelationName(change->trigger->tg_relation);

	if (strcmp(table, "manifest") == 0)
	{
		if (change->is_update && column_text(change->row, change->desc, "forgotten"))
			return "forget";
		if (change->is_update)
			return column_text(change->row, change->desc, "withdrawn") ? "withdraw" : "reinstate";
		return change->is_delete ? "delete" : "load";
	}
	if (strcmp(table, "revocation") == 0 && !change->is_delete)
		return column_text(change->row, change->desc, "undoes") ? "unrevoke" : "revoke";
	return change->is_delete ? psprintf("%s_delete", table) : change->is_update ? psprintf("%s_change", table) : table;
}

static void
write_change(const cs_change *change)
{
	Relation table = change->trigger->tg_relation;
	const char *detail = detail_of(change);

	if (detail == NULL)
		return;
	cs_spi_connect();
	cs_audit_write(RelationGetNamespace(table), GetUserId(), action_of(change),
		column_text(change->row, change->desc, change->trigger->tg_trigger->tgargs[0]), digest_of(change), detail);
	SPI_finish();
}

/* AFTER INSERT OR UPDATE OR DELETE ON a truth table FOR EACH ROW (key column, digest column, columns of the detail ...) */
Datum
coserv_audit(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = cs_row_trigger(fcinfo, "coserv.audit");
	cs_change change;

	if (trigger->tg_trigger->tgnargs < 2)
		ereport(
			ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED), errmsg("coserv.audit is given a key column and a digest column")));
	change = (cs_change) { .trigger = trigger, .desc = RelationGetDescr(trigger->tg_relation) };
	change.is_update = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
	change.is_delete = TRIGGER_FIRED_BY_DELETE(trigger->tg_event);
	change.row = cs_trigger_row(trigger);
	write_change(&change);
	return PointerGetDatum(NULL);
}

/* --- the guard --- */

/* Sealing writes a seal's row, and marks rows of audit as sealed: column seal from NULL, and nothing else. */
static bool
may_write(const TriggerData *trigger)
{
	bool is_audit = strcmp(RelationGetRelationName(trigger->tg_relation), "audit") == 0;
	bool isnull = false;

	if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		return false;
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		return writing == (is_audit ? WRITING_ROW : WRITING_SEAL);
	if (!is_audit || writing != WRITING_SEAL)
		return false;
	(void) SPI_getbinval(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation),
		SPI_fnumber(RelationGetDescr(trigger->tg_relation), "seal"), &isnull);
	return isnull;
}

/* BEFORE INSERT OR UPDATE OR DELETE FOR EACH ROW on audit and audit_seal; BEFORE TRUNCATE on them and on the truth tables */
Datum
coserv_audit_guard(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event))
		ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED), errmsg("coserv.audit_guard is a BEFORE trigger of a coserv store")));
	if (TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("table %s cannot be truncated", RelationGetRelationName(trigger->tg_relation)),
				errhint("TRUNCATE leaves no record of what went.")));
	if (!may_write(trigger))
		ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("table %s is written by the store itself, and only added to", RelationGetRelationName(trigger->tg_relation))));
	return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple);
}
