/*
 * cursor.c - where changes() goes on from (sql/store/55_changes.sql): what a snapshot sees of a store, as text.
 *
 * Commits become visible in another order than that of their moments: two that share no tag hold each its own, and a standby replays them
 * as they end. So a cursor is a moment and a pg_snapshot: what is later than the moment, or was not seen by the snapshot, has not been
 * told. Both are the same on a server and on its standbys; they mean nothing in another history, so a cursor names its own.
 */
#include "pg/base/store.h"

#include "access/transam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "access/xlogrecovery.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "cursor.h"
#include "reading.h"

PG_FUNCTION_INFO_V1(coserv_cursor);
PG_FUNCTION_INFO_V1(coserv_cursor_of);

/* Where more are under way, all that is not older than the first of them is told again: a cursor fits a header line. */
#define MOST_UNDER_WAY 100

/* Of which history: no restored, copied or forked one has the same. */
static char *
history_of(Oid store)
{
	TimeLineID timeline;

	if (RecoveryInProgress())
		(void) GetXLogReplayRecPtr(&timeline);
	else
		timeline = GetWALInsertionTimeLine();
	return psprintf("%016llx.%u.%u.%u/", (unsigned long long) GetSystemIdentifier(), timeline, MyDatabaseId, store);
}

/* As transactions count on: one that is later than the next belongs to the epoch before. */
static uint64
whole_xid(TransactionId xid, FullTransactionId next)
{
	uint32 epoch = EpochFromFullTransactionId(next);

	if (xid > XidFromFullTransactionId(next))
		epoch--;
	return U64FromFullTransactionId(FullTransactionIdFromEpochAndXid(epoch, xid));
}

static int
compare_xids(const void *a, const void *b)
{
	uint64 x = *(const uint64 *) a, y = *(const uint64 *) b;

	return x < y ? -1 : x > y;
}

/*
 * Transactions that are under way, in order; their number, or -1 where they are too many. pg_current_snapshot() leaves two of them out: the
 * caller's own, and on a standby all, which has them among the subtransactions.
 */
static int
under_way(Snapshot snapshot, FullTransactionId next, uint64 xids[MOST_UNDER_WAY])
{
	const TransactionId *given = snapshot->takenDuringRecovery ? snapshot->subxip : snapshot->xip;
	uint32 count = snapshot->takenDuringRecovery ? (uint32) snapshot->subxcnt : snapshot->xcnt;
	TransactionId own = GetTopTransactionIdIfAny();
	int used = 0;

	if (count >= MOST_UNDER_WAY)
		return -1;
	for (uint32 i = 0; i < count; i++)
		if (TransactionIdFollowsOrEquals(given[i], snapshot->xmin) && TransactionIdPrecedes(given[i], snapshot->xmax))
			xids[used++] = whole_xid(given[i], next);
	if (TransactionIdIsValid(own) && TransactionIdPrecedes(own, snapshot->xmax))
		xids[used++] = whole_xid(own, next);
	qsort(xids, (size_t) used, sizeof(uint64), compare_xids);
	return used;
}

static void
put_snapshot(StringInfo out, Snapshot snapshot)
{
	FullTransactionId next = ReadNextFullTransactionId();
	uint64 xids[MOST_UNDER_WAY];
	uint64 xmin = whole_xid(snapshot->xmin, next);
	int count = under_way(snapshot, next, xids);

	appendStringInfo(out, UINT64_FORMAT ":" UINT64_FORMAT ":", xmin, count < 0 ? xmin : whole_xid(snapshot->xmax, next));
	for (int i = 0; i < count; i++)
		appendStringInfo(out, "%s" UINT64_FORMAT, i == 0 ? "" : ",", xids[i]);
}

char *
cs_cursor(Oid store)
{
	StringInfoData out;
	TimestampTz visible = cs_last_settled(store).known_at;

	initStringInfo(&out);
	appendStringInfo(&out, "%s" INT64_FORMAT "/", history_of(store), visible);
	put_snapshot(&out, GetActiveSnapshot());
	return out.data;
}

/* cursor(store regnamespace) -> text */
Datum
coserv_cursor(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(cs_cursor(PG_GETARG_OID(0))));
}

pg_noreturn static void
not_this_history(void)
{
	ereport(ERROR,
		(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the cursor is not of this store's history"),
			errdetail("It was given by another store, or by this one before it was restored or failed over."),
			errhint("Forget what was answered before, and begin with a new cursor.")));
}

/* cursor_of(store regnamespace, cursor text) -> (moment timestamptz, seen pg_snapshot); not strict: cursor NULL: nothing was seen yet */
Datum
coserv_cursor_of(PG_FUNCTION_ARGS)
{
	TupleDesc desc;
	Datum values[2] = { TimestampTzGetDatum(DT_NOBEGIN), 0 };
	bool nulls[2] = { false, false };
	const char *snapshot = "1:1:";

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	cs_store_require(PG_GETARG_OID(0));
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "cursor_of answers a row");
	if (!PG_ARGISNULL(1))
	{
		char *given = text_to_cstring(PG_GETARG_TEXT_PP(1));
		char *history = history_of(PG_GETARG_OID(0));
		char *end;

		if (strncmp(given, history, strlen(history)) != 0)
			not_this_history();
		errno = 0;
		values[0] = TimestampTzGetDatum(strtoi64(given + strlen(history), &end, 10));
		if (errno != 0 || end == given + strlen(history) || *end != '/')
			ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION), errmsg("invalid cursor")));
		snapshot = end + 1;
	}
	values[1] = DirectFunctionCall1(pg_snapshot_in, CStringGetDatum(snapshot));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
