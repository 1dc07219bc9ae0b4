/*
 * reading.c - the readers' side of a commit: which snapshot and which moment a statement answers as of (reading.h).
 */
#include "reading.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "access/xlogrecovery.h"
#include "catalog/pg_class.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "pg/base/store.h"
#include "settle.h"

PG_FUNCTION_INFO_V1(coserv_moment);
PG_FUNCTION_INFO_V1(coserv_known_by);
PG_FUNCTION_INFO_V1(coserv_clock_of);

#define READ_WAIT_US 1000000
#define READ_POLL_US 200
#define REPLAY_POLLS 50

/* The statement that has waited long enough. */
static TimestampTz gave_up_in = 0;

static bool
try_lock(Oid store)
{
	LOCKTAG tag;

	cs_store_lock_tag(&tag, store, CS_LOCK_SETTLE);
	return LockAcquire(&tag, ShareLock, false, true) != LOCKACQUIRE_NOT_AVAIL;
}

static void
release(Oid store)
{
	LOCKTAG tag;

	cs_store_lock_tag(&tag, store, CS_LOCK_SETTLE);
	(void) LockRelease(&tag, ShareLock, false);
}

static bool
wait_to_read(Oid store)
{
	TimestampTz statement = GetCurrentStatementStartTimestamp();
	TimestampTz begun = GetCurrentTimestamp();

	while (!try_lock(store))
	{
		if (gave_up_in == statement || GetCurrentTimestamp() - begun >= READ_WAIT_US)
		{
			gave_up_in = statement;
			return false;
		}
		CHECK_FOR_INTERRUPTS();
		pg_usleep(READ_POLL_US);
	}
	return true;
}

static bool
is_tag(const LOCKTAG *a, const LOCKTAG *b)
{
	return memcmp(a, b, sizeof(LOCKTAG)) == 0;
}

/* The earliest moment of those who commit to the store now; DT_NOEND where there is none. */
static TimestampTz
earliest_stalled(Oid store)
{
	LockData *locks = GetLockStatusData();
	TimestampTz earliest = DT_NOEND;
	LOCKTAG settle_tag;

	cs_store_lock_tag(&settle_tag, store, CS_LOCK_SETTLE);
	for (int i = 0; i < locks->nelements; i++)
		for (int j = 0; is_tag(&locks->locks[i].locktag, &settle_tag) && locks->locks[i].holdMask != 0 && j < locks->nelements; j++)
		{
			const LOCKTAG *tag = &locks->locks[j].locktag;

			if (locks->locks[j].pid == locks->locks[i].pid && tag->locktag_type == LOCKTAG_ADVISORY &&
				tag->locktag_field1 == MyDatabaseId && tag->locktag_field4 == 4)
				earliest = Min(earliest, (TimestampTz) (((uint64) tag->locktag_field2 << 32) | tag->locktag_field3));
		}
	return earliest;
}

/* A restore with --disable-triggers leaves a store whose triggers no replication worker runs: whoever asks is told, once a statement. */
static void
warn_of_triggers(Oid store, cs_kept *kept)
{
	static TimestampTz last = 0;
	bool always = false;
	Relation table;
	Oid oid;

	if (kept != NULL && kept->triggers_run)
		return;
	oid = get_relname_relid("truth", store);
	if (!OidIsValid(oid) || last == GetCurrentStatementStartTimestamp())
		return;
	table = table_open(oid, AccessShareLock);
	for (int i = 0; table->trigdesc != NULL && i < table->trigdesc->numtriggers; i++)
	{
		const Trigger *trigger = &table->trigdesc->triggers[i];

		always = trigger->tgenabled == TRIGGER_FIRES_ALWAYS;
		if (!always)
			break;
	}
	table_close(table, AccessShareLock);
	if (kept != NULL)
		kept->triggers_run = always;
	if (always)
		return;
	last = GetCurrentStatementStartTimestamp();
	ereport(WARNING,
		(errmsg("triggers of store \"%s\" do not run in replication workers: what they bring answers nothing", get_namespace_name(store)),
			errhint("A restore with --disable-triggers does that. SELECT coserv.mend_store('%s') mends it.", get_namespace_name(store))));
}

/* Columns of settled. */
enum
{
	SETTLED_KNOWN_AT = 1,
	SETTLED_TRANSACTION,
	SETTLED_MOMENT
};

static cs_settled
read_settled(HeapTuple tuple, TupleDesc desc)
{
	bool isnull;
	cs_settled row = { .known_at = DatumGetTimestampTz(heap_getattr(tuple, SETTLED_KNOWN_AT, desc, &isnull)) };
	Datum moment = heap_getattr(tuple, SETTLED_MOMENT, desc, &isnull);

	row.moment = isnull ? row.known_at : DatumGetTimestampTz(moment);
	return row;
}

/*
 * The last row of settled in an index's order, where column (0: any) is at most a moment, as the active snapshot has it. Straight from
 * the index: each answer asks. It is no secret, and nobody needs a right for it. False: there is none.
 */
static bool
find_settled(Relation table, Oid index_oid, AttrNumber column, TimestampTz at, cs_settled *out)
{
	Relation index;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;

	if (!OidIsValid(index_oid))
		return false;
	index = index_open(index_oid, AccessShareLock);
	ScanKeyInit(&key, column, BTLessEqualStrategyNumber, F_TIMESTAMPTZ_LE, TimestampTzGetDatum(at));
	scan = systable_beginscan_ordered(table, index, GetActiveSnapshot(), column != 0 ? 1 : 0, &key);
	tuple = systable_getnext_ordered(scan, BackwardScanDirection);
	if (HeapTupleIsValid(tuple))
		*out = read_settled(tuple, RelationGetDescr(table));
	systable_endscan_ordered(scan);
	index_close(index, AccessShareLock);
	return HeapTupleIsValid(tuple);
}

/* NULL: the store has none. */
static Relation
open_settled(Oid store)
{
	Oid oid = get_relname_relid("settled", store);
	Relation table;

	cs_store_require(store);
	if (!OidIsValid(oid) || get_rel_relkind(oid) != RELKIND_RELATION)
		return NULL;
	table = table_open(oid, AccessShareLock);
	list_free(RelationGetIndexList(table)); /* sets rd_pkindex */
	return table;
}

cs_settled
cs_last_settled(Oid store)
{
	cs_settled last = { DT_NOBEGIN, DT_NOBEGIN };
	Relation table = open_settled(store);

	if (table == NULL)
		return last;
	(void) find_settled(table, table->rd_pkindex, 0, 0, &last);
	table_close(table, AccessShareLock);
	return last;
}

/* Has the clock of this region been ahead, so that known_at goes on behind it (settle.h)? */
static bool
was_ahead(Oid store)
{
	Relation table = open_settled(store);
	cs_settled any;
	bool was;

	if (table == NULL)
		return false;
	was = find_settled(table, get_relname_relid("settled_moment", store), 0, 0, &any);
	table_close(table, AccessShareLock);
	return was;
}

/* What a worker prepared and nobody has settled yet is known from infinity on: by no moment, however late. */
static TimestampTz
settled_by(TimestampTz at)
{
	return Min(at, DT_NOEND - 1);
}

/* The last known_at of what is known by a moment. */
static TimestampTz
known_by(Oid store, TimestampTz at)
{
	cs_settled last = { DT_NOBEGIN, DT_NOBEGIN };
	Relation table = open_settled(store);

	if (table == NULL)
		return settled_by(at);
	(void) find_settled(table, get_relname_relid("settled_moment", store), SETTLED_MOMENT, at, &last);
	table_close(table, AccessShareLock);
	return Max(settled_by(at), last.known_at);
}

/* Somebody has been committing for too long: the answer is as of just before. */
static void
answer_before(cs_reading *reading, TimestampTz stalled)
{
	if (stalled == DT_NOEND || (!reading->is_now && reading->as_of < stalled))
		return;
	/* where the clock is behind what is known, what is visible ends before that commit anyway */
	reading->as_of = Min(reading->as_of, stalled - 1);
	reading->is_now = false;
	ereport(WARNING,
		(errmsg(
			 "answered as of %s, before a transaction that has been committing for more than a second", timestamptz_to_str(reading->as_of)),
			errdetail("A later moment may be answered with more once it has committed.")));
}

static cs_settled
visible_to(Oid store, const cs_reading *reading)
{
	cs_settled visible;

	if (cs_reading_keeps(reading) && reading->kept->has_visible)
		return reading->kept->visible;
	visible = cs_last_settled(store);
	if (cs_reading_keeps(reading))
	{
		reading->kept->visible = visible;
		reading->kept->has_visible = true;
	}
	return visible;
}

/*
 * From when on nothing is missing that was forgotten, as the active snapshot has it: the last revocation that forgets is known then, and in
 * effect. DT_NOBEGIN: there is none; DT_NOEND where it cannot tell.
 */
static TimestampTz
forgotten_until(Oid store)
{
	Oid table_oid = get_relname_relid("revocation", store), index_oid = get_relname_relid("revocation_forgets", store);
	AttrNumber known_at = get_attnum(table_oid, "known_at"), effective_from = get_attnum(table_oid, "effective_from");
	TimestampTz until = DT_NOEND;
	Relation table, index;
	bool isnull;

	if (known_at <= 0 || effective_from <= 0 || get_rel_relkind(index_oid) != RELKIND_INDEX)
		return until;
	table = table_open(table_oid, AccessShareLock);
	index = index_open(index_oid, AccessShareLock);
	if (index->rd_index->indrelid == table_oid && index->rd_index->indisvalid && !index->rd_index->indcheckxmin)
	{
		SysScanDesc scan = systable_beginscan_ordered(table, index, GetActiveSnapshot(), 0, NULL);
		TupleDesc desc = RelationGetDescr(table);
		HeapTuple row;

		until = DT_NOBEGIN;
		while (HeapTupleIsValid(row = systable_getnext_ordered(scan, ForwardScanDirection)))
		{
			CHECK_FOR_INTERRUPTS();
			until = Max(until, DatumGetTimestampTz(heap_getattr(row, known_at, desc, &isnull)));
			until = Max(until, DatumGetTimestampTz(heap_getattr(row, effective_from, desc, &isnull)));
		}
		systable_endscan_ordered(scan);
	}
	index_close(index, AccessShareLock);
	table_close(table, AccessShareLock);
	return until;
}

/* What every moment of the past is answered by. */
typedef struct past
{
	bool was_ahead;
	TimestampTz forgotten_until;
} past;

static past
past_of(Oid store, const cs_reading *reading)
{
	past it;

	if (cs_reading_keeps(reading) && reading->kept->has_past)
		return (past) { reading->kept->was_ahead, reading->kept->forgotten_until };
	it = (past) { was_ahead(store), forgotten_until(store) };
	if (cs_reading_keeps(reading))
	{
		reading->kept->was_ahead = it.was_ahead;
		reading->kept->forgotten_until = it.forgotten_until;
		reading->kept->has_past = true;
	}
	return it;
}

/* What was forgotten since is missing from an answer as of then, and nobody can tell whether it was about this. */
static void
tell_of_forgotten(Oid store, TimestampTz as_of)
{
	Datum arg = TimestampTzGetDatum(as_of);
	bool isnull;
	int64 count;

	cs_spi_connect();
	cs_store_run(store, CS_STMT_FORGOTTEN, &arg, NULL, true, 1);
	count = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_finish();
	if (count > 0)
		ereport(WARNING,
			(errmsg("what counted at %s has been forgotten since: manifests, " INT64_FORMAT, timestamptz_to_str(as_of), count),
				errdetail("What they said is missing from the answer."), errhint("Function forgotten_at() lists them.")));
}

/*
 * Of a moment that is not before the last from which anything is known, what now is answered by answers. What has been forgotten since is
 * told of where the caller asked for the moment.
 */
static void
read_moment(cs_reading *reading, Oid store, bool asked)
{
	cs_settled visible = visible_to(store, reading);
	past past;

	reading->is_now = reading->as_of >= visible.moment;
	reading->known = Max(settled_by(reading->as_of), visible.known_at);
	if (reading->is_now)
		return;
	past = past_of(store, reading);
	reading->known = past.was_ahead ? known_by(store, reading->as_of) : reading->as_of;
	if (asked && reading->as_of < past.forgotten_until)
		tell_of_forgotten(store, reading->as_of);
}

/* Before a snapshot is taken, whose commits have all been told of. */
static void
use_kept(cs_reading *reading, Oid store)
{
	AcceptInvalidationMessages();
	reading->kept = cs_kept_of(store);
	reading->generation = reading->kept->generation;
}

/*
 * Does this read under the one snapshot that its transaction keeps? Not where something inside it looks at what is latest; of two snapshots
 * that a session took, those are the same which say the same here.
 */
static bool
reads_one_snapshot(void)
{
	Snapshot active, kept;

	if (!IsolationUsesXactSnapshot() || IsInParallelMode())
		return false;
	active = GetActiveSnapshot();
	kept = GetTransactionSnapshot();
	return active->xmin == kept->xmin && active->xmax == kept->xmax && active->xcnt == kept->xcnt && active->subxcnt == kept->subxcnt;
}

/* Has replay ended of what it had begun? It makes a commit visible, and then tells of it, before it begins anything else. */
static bool
has_replayed(void)
{
	XLogRecPtr begun = GetCurrentReplayRecPtr(NULL);

	for (int i = 0; i < REPLAY_POLLS; i++)
		if (GetXLogReplayRecPtr(NULL) >= begun)
			return true;
	return false;
}

/*
 * On a standby nobody holds a lock while a commit becomes visible. But a snapshot counts the transactions that had ended: where it counts
 * as many as one that was taken before all of them were told of, it sees what was told, and nothing else. Where one ends in between, or
 * replay is long at one thing, all is looked up.
 */
static Snapshot
begin_on_standby(cs_reading *reading, Oid store)
{
	uint64 ended = GetLatestSnapshot()->snapXactCompletionCount;
	Snapshot snapshot;

	if (has_replayed())
		use_kept(reading, store);
	snapshot = GetLatestSnapshot();
	if (snapshot->snapXactCompletionCount != ended)
		reading->kept = NULL;
	return snapshot;
}

cs_reading
cs_begin_reading(Oid store, const TimestampTz *as_of)
{
	cs_reading reading = { .is_now = as_of == NULL };
	bool own = !IsolationUsesXactSnapshot() && !IsInParallelMode(), at_primary = own && !RecoveryInProgress();
	bool locked;
	TimestampTz stalled;

	cs_store_require_form(store);
	locked = at_primary && wait_to_read(store);
	stalled = at_primary && !locked ? earliest_stalled(store) : DT_NOEND;
	if (locked || reads_one_snapshot())
		use_kept(&reading, store);
	if (own)
	{
		PushActiveSnapshot(at_primary ? GetLatestSnapshot() : begin_on_standby(&reading, store));
		reading.pushed = true;
	}
	warn_of_triggers(store, reading.kept);
	/* behind the snapshot: whoever commits from here on has a later moment */
	reading.as_of = as_of != NULL ? *as_of : IsolationUsesXactSnapshot() ? GetCurrentTransactionStartTimestamp() : GetCurrentTimestamp();
	if (reading.is_now)
	{
		cs_settled visible = visible_to(store, &reading);

		reading.as_of = Max(reading.as_of, visible.moment);
		reading.known = Max(reading.as_of, visible.known_at);
	}
	if (locked)
		release(store);
	else if (at_primary) /* asked twice: who ended meanwhile is not in the snapshot, and who began meanwhile was not there before */
		answer_before(&reading, Min(stalled, earliest_stalled(store)));
	if (!reading.is_now)
		read_moment(&reading, store, as_of != NULL);
	return reading;
}

cs_reading
cs_begin_reading_whole(Oid store)
{
	cs_reading reading = { .pushed = true, .as_of = DT_NOBEGIN, .known = DT_NOBEGIN };
	cs_settled last;
	bool locked = wait_to_read(store);

	PushActiveSnapshot(GetLatestSnapshot());
	if (!locked)
		return reading;
	/* not by the clock: that may be set back, but who commits later has a later moment than what is settled */
	last = cs_last_settled(store);
	reading.as_of = last.moment;
	reading.known = last.known_at;
	release(store);
	return reading;
}

void
cs_end_reading(const cs_reading *reading)
{
	if (reading->pushed)
		PopActiveSnapshot();
}

/* moment(store regnamespace) -> timestamptz */
Datum
coserv_moment(PG_FUNCTION_ARGS)
{
	TimestampTz now = IsolationUsesXactSnapshot() ? GetCurrentTransactionStartTimestamp() : GetCurrentStatementStartTimestamp();
	cs_settled visible = cs_last_settled(PG_GETARG_OID(0));

	PG_RETURN_TIMESTAMPTZ(Max(now, visible.moment));
}

/* known_by(store regnamespace, at timestamptz) -> timestamptz */
Datum
coserv_known_by(PG_FUNCTION_ARGS)
{
	PG_RETURN_TIMESTAMPTZ(known_by(PG_GETARG_OID(0), PG_GETARG_TIMESTAMPTZ(1)));
}

/* clock_of(store regnamespace, known_at timestamptz) -> timestamptz */
Datum
coserv_clock_of(PG_FUNCTION_ARGS)
{
	TimestampTz known_at = PG_GETARG_TIMESTAMPTZ(1);
	cs_settled row = { known_at, known_at };
	Relation table = open_settled(PG_GETARG_OID(0));

	if (table != NULL)
	{
		if (find_settled(table, table->rd_pkindex, SETTLED_KNOWN_AT, known_at, &row) && row.known_at != known_at)
			row.moment = known_at;
		table_close(table, AccessShareLock);
	}
	PG_RETURN_TIMESTAMPTZ(row.moment);
}
