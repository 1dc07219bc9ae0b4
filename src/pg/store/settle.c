/*
 * settle.c - the guard of a store's truth tables, what they do at commit, and the readers' side (settle.h).
 */
#include "settle.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "access/htup_details.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "pg/base/store.h"

PG_FUNCTION_INFO_V1(coserv_truth_guard);
PG_FUNCTION_INFO_V1(coserv_settle);
PG_FUNCTION_INFO_V1(coserv_tag_counts_until);

#define SETTLE_WAIT_US 1000000
#define SETTLE_POLL_US 200

typedef struct cs_truth_table
{
	const char *name;
	const char *key;
	const char *by; /* column of who wrote it; NULL: the table's own trigger fills it in */
	cs_statement settle;
	cs_statement exists;
	const char *fixed[6]; /* columns that an UPDATE may not change; NULL first: no UPDATE and no DELETE at all */
} cs_truth_table;

static const cs_truth_table truth_tables[] = {
	{ "authority", "name", "added_by", CS_STMT_SETTLE_AUTHORITY, CS_STMT_AUTHORITY_ANY,
		{ "name", "key", "shown_as", "valid_from", "valid_until", "activates" } },
	{ "manifest", "id", NULL, CS_STMT_SETTLE_MANIFEST, CS_STMT_MANIFEST_ANY, { NULL } },
	{ "revocation", "id", "revoked_by", CS_STMT_SETTLE_REVOCATION, CS_STMT_REVOCATION_ANY, { NULL } },
	{ "policy", "id", "set_by", CS_STMT_SETTLE_POLICY, CS_STMT_POLICY_ANY, { NULL } },
	{ "profile", "id", "added_by", CS_STMT_SETTLE_PROFILE, CS_STMT_PROFILE_ANY, { NULL } },
	{ "crl", "id", NULL, CS_STMT_SETTLE_CRL, CS_STMT_CRL_ANY, { NULL } },
};

static bool settling = false;

/* A row of this transaction that waits for the commit; the list is of the transaction's memory. */
typedef struct cs_unsettled
{
	struct cs_unsettled *next;
	const cs_truth_table *table;
	Oid relation;
	Oid store;
	Datum key;
	int level; /* of the subtransaction that it would go with */
} cs_unsettled;

static cs_unsettled *first_unsettled = NULL;
static cs_unsettled **last_unsettled = &first_unsettled;

bool
cs_is_settling(void)
{
	return settling;
}

bool
cs_is_replicating(void)
{
	return SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA;
}

static const cs_truth_table *
truth_table(FunctionCallInfo fcinfo)
{
	if (CALLED_AS_TRIGGER(fcinfo) && TRIGGER_FIRED_FOR_ROW(((TriggerData *) fcinfo->context)->tg_event))
	{
		const char *name = RelationGetRelationName(((TriggerData *) fcinfo->context)->tg_relation);

		for (size_t i = 0; i < lengthof(truth_tables); i++)
			if (strcmp(truth_tables[i].name, name) == 0)
				return &truth_tables[i];
	}
	ereport(ERROR,
		(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED), errmsg("the function is a row trigger of a coserv store's truth tables")));
}

static int
column_number(TupleDesc desc, const char *name)
{
	int number = SPI_fnumber(desc, name);

	if (number <= 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN), errmsg("a truth table of a coserv store has no column \"%s\"", name)));
	return number;
}

static bool
same_column(HeapTuple a, HeapTuple b, TupleDesc desc, const char *name)
{
	int number = column_number(desc, name);
	Form_pg_attribute attribute = TupleDescAttr(desc, number - 1);
	bool anull, bnull;
	Datum av = heap_getattr(a, number, desc, &anull);
	Datum bv = heap_getattr(b, number, desc, &bnull);

	if (anull || bnull)
		return anull && bnull;
	if (attribute->attlen == -1)
		return cs_span_eq(cs_pg_span(av), cs_pg_span(bv));
	Assert(attribute->attbyval);
	return av == bv;
}

/* Raise where a person writes; say so and skip the row where a worker does. */
static Datum
refuse(const char *what, const char *table, const char *hint)
{
	ereport(cs_is_replicating() ? WARNING : ERROR,
		(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg(what, table), errhint("%s", hint)));
	return PointerGetDatum(NULL);
}

/* A row that came here another way before is no conflict. */
static bool
is_here(TriggerData *trigger, const cs_truth_table *table)
{
	TupleDesc desc = RelationGetDescr(trigger->tg_relation);
	bool isnull;
	Datum key = heap_getattr(trigger->tg_trigtuple, column_number(desc, table->key), desc, &isnull);
	cs_as_owner self;
	bool here;

	cs_become_owner(RelationGetRelid(trigger->tg_relation), &self);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_plan(cs_store_plan(RelationGetNamespace(trigger->tg_relation), table->exists), &key, NULL, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not look for a row");
	here = SPI_processed > 0;
	SPI_finish();
	cs_become_self(&self);
	return here;
}

static HeapTuple
stamp(TriggerData *trigger, const cs_truth_table *table, HeapTuple tuple, Datum known_at, bool with_author)
{
	TupleDesc desc = RelationGetDescr(trigger->tg_relation);
	int numbers[2] = { column_number(desc, "known_at"), column_number(desc, table->by) };
	Datum values[2] = { known_at, CStringGetTextDatum(GetUserNameFromId(GetUserId(), false)) };
	bool nulls[2] = { false, false };

	return heap_modify_tuple_by_cols(tuple, desc, with_author ? 2 : 1, numbers, values, nulls);
}

static Datum
guard_update(TriggerData *trigger, const cs_truth_table *table)
{
	TupleDesc desc = RelationGetDescr(trigger->tg_relation);
	bool isnull;

	if (settling)
		return PointerGetDatum(trigger->tg_newtuple);
	if (table->fixed[0] == NULL)
	{
		/* the publisher's own commit-time UPDATE arrives here: this region has its own */
		if (cs_is_replicating())
			return PointerGetDatum(NULL);
		return refuse("rows of %s are never changed", table->name, "Add a row that takes it back.");
	}
	for (size_t i = 0; i < lengthof(table->fixed) && table->fixed[i]; i++)
		if (!same_column(trigger->tg_trigtuple, trigger->tg_newtuple, desc, table->fixed[i]))
			return refuse("name, key, shown_as, validity and activates of an %s are never changed", table->name,
				"Insert another authority; revoke this one if it no longer counts.");
	return PointerGetDatum(stamp(
		trigger, table, trigger->tg_newtuple, heap_getattr(trigger->tg_trigtuple, column_number(desc, "known_at"), desc, &isnull), false));
}

/* BEFORE INSERT OR UPDATE OR DELETE ON authority, revocation, policy FOR EACH ROW: history is kept */
Datum
coserv_truth_guard(PG_FUNCTION_ARGS)
{
	const cs_truth_table *table = truth_table(fcinfo);
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		return refuse("rows of %s are never deleted", table->name, "Add a row that takes it back.");
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		return guard_update(trigger, table);
	if (cs_is_replicating() && is_here(trigger, table))
		return PointerGetDatum(NULL);
	return PointerGetDatum(
		stamp(trigger, table, trigger->tg_trigtuple, TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()), !cs_is_replicating()));
}

void
cs_store_lock_tag(LOCKTAG *tag, Oid store, cs_store_lock which)
{
	/* SQL reaches the classes 1 and 2 of advisory locks: nobody can hold this one but by writing to the store */
	SET_LOCKTAG_ADVISORY(*tag, MyDatabaseId, store, which, 3);
}

static void
write_known_at(const cs_unsettled *row, TimestampTz known_at)
{
	Datum args[2] = { row->key, TimestampTzGetDatum(known_at) };
	cs_as_owner self;

	cs_become_owner(row->relation, &self);
	if (SPI_execute_plan(cs_store_plan(row->store, row->table->settle), args, NULL, false, 0) != SPI_OK_UPDATE)
		elog(ERROR, "could not settle a row");
	cs_become_self(&self);
}

/* Committers to one store hold its lock from before they read the clock until others see what they wrote. */
static void
lock_stores(void)
{
	Oid locked = InvalidOid;

	for (const cs_unsettled *row = first_unsettled; row; row = row->next)
	{
		LOCKTAG tag;

		if (row->store == locked)
			continue;
		cs_store_lock_tag(&tag, row->store, CS_LOCK_SETTLE);
		(void) LockAcquire(&tag, RowExclusiveLock, false, false);
		locked = row->store;
	}
}

/*
 * One moment for all rows of the transaction, so that none of it is ever seen in part; of several policies each counts a microsecond
 * later than the one before it, so that the last one does. A row whose store was dropped is not there any more.
 */
static void
settle_rows(void)
{
	TimestampTz moment;
	int policies = 0;

	lock_stores();
	moment = GetCurrentTimestamp();
	PushActiveSnapshot(GetTransactionSnapshot()); /* no portal is at work any more */
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	PG_TRY();
	{
		settling = true;
		for (const cs_unsettled *row = first_unsettled; row; row = row->next)
			if (SearchSysCacheExists1(RELOID, ObjectIdGetDatum(row->relation)))
				write_known_at(row, moment + (row->table->settle == CS_STMT_SETTLE_POLICY ? policies++ : 0));
	}
	PG_FINALLY();
	{
		settling = false;
	}
	PG_END_TRY();
	SPI_finish();
	PopActiveSnapshot();
}

static void
forget_unsettled(void)
{
	first_unsettled = NULL;
	last_unsettled = &first_unsettled;
}

/*
 * The last thing that a transaction does before its commit. Not a deferred trigger: those may be fired early (SET CONSTRAINTS), and a
 * replication worker of PostgreSQL 16 and later may not defer one.
 */
static void
end_of_transaction(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_PRE_COMMIT && first_unsettled != NULL)
		settle_rows();
	/* from PREPARE to COMMIT PREPARED any time may pass, in which the rows would be known already and seen by nobody */
	if (event == XACT_EVENT_PRE_PREPARE && first_unsettled != NULL)
		ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("cannot PREPARE a transaction that has written to a coserv store"),
				errhint("Commit it; what is known from when is decided at commit.")));
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT)
		forget_unsettled();
}

/* A row that was rolled back must not be settled: it may have come another way meanwhile, and is somebody else's then. */
static void
end_of_subtransaction(SubXactEvent event, SubTransactionId self, SubTransactionId parent, void *arg)
{
	int level = GetCurrentTransactionNestLevel();
	cs_unsettled **next = &first_unsettled;

	if (event != SUBXACT_EVENT_COMMIT_SUB && event != SUBXACT_EVENT_ABORT_SUB)
		return;
	while (*next)
	{
		cs_unsettled *row = *next;

		if (row->level >= level && event == SUBXACT_EVENT_ABORT_SUB)
		{
			*next = row->next;
			continue;
		}
		if (row->level >= level)
			row->level = level - 1;
		next = &row->next;
	}
	last_unsettled = next;
}

/* AFTER INSERT OR UPDATE FOR EACH ROW: at the commit, write since when the row is known */
Datum
coserv_settle(PG_FUNCTION_ARGS)
{
	static bool registered = false;
	const cs_truth_table *table = truth_table(fcinfo);
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc desc = RelationGetDescr(trigger->tg_relation);
	int number = column_number(desc, table->key);
	Form_pg_attribute attribute = TupleDescAttr(desc, number - 1);
	MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);
	cs_unsettled *row = palloc0(sizeof(cs_unsettled));
	bool isnull;

	row->table = table;
	row->relation = RelationGetRelid(trigger->tg_relation);
	row->store = RelationGetNamespace(trigger->tg_relation);
	row->key = datumCopy(heap_getattr(trigger->tg_trigtuple, number, desc, &isnull), attribute->attbyval, attribute->attlen);
	MemoryContextSwitchTo(old);
	row->level = GetCurrentTransactionNestLevel();
	if (!registered)
	{
		RegisterXactCallback(end_of_transaction, NULL);
		RegisterSubXactCallback(end_of_subtransaction, NULL);
	}
	registered = true;
	*last_unsettled = row;
	last_unsettled = &row->next;
	return PointerGetDatum(NULL);
}

/* Those who are committing now; who comes later reads the clock later, too. */
static void
wait_for_committers(Oid store)
{
	VirtualTransactionId *committers;
	LOCKTAG tag;
	int waited = 0;

	cs_store_lock_tag(&tag, store, CS_LOCK_SETTLE);
	committers = GetLockConflicts(&tag, ShareLock, NULL);
	for (int i = 0; VirtualTransactionIdIsValid(committers[i]); i++)
		while (!VirtualXactLock(committers[i], false))
		{
			if (waited >= SETTLE_WAIT_US)
			{
				ereport(WARNING,
					(errmsg("answered without a transaction that is committing to the store for more than a second"),
						errdetail("The same moment may be answered with more later.")));
				return;
			}
			CHECK_FOR_INTERRUPTS();
			pg_usleep(SETTLE_POLL_US);
			waited += SETTLE_POLL_US;
		}
	pfree(committers);
}

cs_reading
cs_begin_reading(Oid store)
{
	cs_reading reading = { .guc_nest = cs_begin_statements() };

	if (RecoveryInProgress() || IsolationUsesXactSnapshot() || IsInParallelMode())
		return reading;
	wait_for_committers(store);
	PushActiveSnapshot(GetLatestSnapshot());
	reading.pushed = true;
	return reading;
}

void
cs_end_reading(const cs_reading *reading)
{
	if (reading->pushed)
		PopActiveSnapshot();
	cs_end_statements(reading->guc_nest);
}

/* The last question of a tag and its answer: the triples of one tag come one after another. */
typedef struct cs_tag_question
{
	Oid store;
	int32 tag;
	TimestampTz as_of;
	pg_uuid_t manifest;
	/* of the snapshot: with the same xmax, transactions only ever leave it */
	TransactionId xmax;
	uint32 running;
	uint32 running_below;
	CommandId command;
} cs_tag_question;

typedef struct cs_tag_memo
{
	cs_tag_question question;
	Datum until;
	bool isnull;
} cs_tag_memo;

static Datum
tag_counts_until(Oid store, Datum *args, bool *isnull)
{
	Datum until = (Datum) 0;

	*isnull = true;
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (SPI_execute_plan(cs_store_plan(store, CS_STMT_TAG_COUNTS_UNTIL), args, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not ask whether a tag counts");
	if (SPI_processed > 0)
		until = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, isnull);
	SPI_finish();
	return until; /* timestamptz is passed by value: 64-bit platforms only */
}

/* tag_counts_until(store regnamespace, manifest uuid, tag integer, as_of timestamptz) -> timestamptz */
Datum
coserv_tag_counts_until(PG_FUNCTION_ARGS)
{
	Datum args[3] = { PG_GETARG_DATUM(1), PG_GETARG_DATUM(2), PG_GETARG_DATUM(3) };
	Snapshot snapshot = GetActiveSnapshot();
	cs_tag_memo *memo = fcinfo->flinfo->fn_extra;
	cs_tag_question question;

	memset(&question, 0, sizeof(question));
	question.store = PG_GETARG_OID(0);
	question.tag = PG_GETARG_INT32(2);
	question.as_of = PG_GETARG_TIMESTAMPTZ(3);
	question.manifest = *DatumGetUUIDP(args[0]);
	question.xmax = snapshot->xmax;
	question.running = snapshot->xcnt;
	question.running_below = (uint32) snapshot->subxcnt;
	question.command = snapshot->curcid;
	if (memo == NULL || memcmp(&memo->question, &question, sizeof(question)) != 0)
	{
		if (memo == NULL)
			memo = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(cs_tag_memo));
		fcinfo->flinfo->fn_extra = NULL;
		memo->until = tag_counts_until(question.store, args, &memo->isnull);
		memo->question = question;
		fcinfo->flinfo->fn_extra = memo;
	}
	if (memo->isnull)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(memo->until);
}
