/*
 * members_kept.c - the members of a federation from one answer to the next (members.h): every answer begins with them, and reading the two
 * tables costs as much as the answer of a store.
 *
 * They are what was read last for as long as no transaction that wrote anything has ended anywhere in the cluster. PostgreSQL counts these,
 * and takes a snapshot of before for the next one by the same count (snapXactCompletionCount): what either sees is the same.
 */
#include "members.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "pg/base/per_schema.h"

/* What was read once; it goes when it is no longer kept and nobody uses it. */
typedef struct cs_members
{
	MemoryContext memory; /* of all of it */
	const cs_federation *federation;
	bool is_kept;
	int users;
} cs_members;

typedef struct cs_kept_members
{
	Oid schema; /* first: what it is found by */
	uint64 completed;
	cs_members *members; /* NULL: none */
} cs_kept_members;

static HTAB *all_kept = NULL;

static void
free_unused(cs_members *members)
{
	if (!members->is_kept && members->users == 0)
		MemoryContextDelete(members->memory);
}

static void
stop_using(void *arg)
{
	cs_members *members = arg;

	members->users--;
	free_unused(members);
}

/* Until the current memory context goes. */
static const cs_federation *
use(cs_members *members)
{
	MemoryContextCallback *callback = palloc(sizeof(MemoryContextCallback));

	callback->func = stop_using;
	callback->arg = members;
	members->users++;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
	return members->federation;
}

static cs_members *
read_members(Oid schema, Snapshot snapshot)
{
	MemoryContext memory = AllocSetContextCreate(CurrentMemoryContext, "coserv members", ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(memory);
	cs_members *members = palloc0(sizeof(cs_members));

	members->memory = memory;
	PushActiveSnapshot(snapshot);
	members->federation = cs_federation_read_all(schema);
	PopActiveSnapshot();
	MemoryContextSwitchTo(old);
	return members;
}

static void
keep(cs_kept_members *kept, cs_members *members, uint64 completed)
{
	cs_members *before = kept->members;

	MemoryContextSetParent(members->memory, CacheMemoryContext);
	members->is_kept = true;
	kept->members = members;
	kept->completed = completed;
	if (before != NULL)
	{
		before->is_kept = false;
		free_unused(before);
	}
}

static const cs_federation *
read_kept(Oid schema)
{
	Snapshot snapshot = GetLatestSnapshot();
	uint64 completed = snapshot->snapXactCompletionCount;
	cs_kept_members *kept = cs_per_schema(&all_kept, "coserv members", sizeof(cs_kept_members), NULL, schema);

	if (kept->members == NULL || kept->completed != completed || completed == 0)
		keep(kept, read_members(schema, snapshot), completed);
	return use(kept->members);
}

/* What this transaction wrote is not counted yet. */
static bool
may_keep(void)
{
	return !RecoveryInProgress() && !IsolationUsesXactSnapshot() && !IsInParallelMode() &&
		!TransactionIdIsValid(GetTopTransactionIdIfAny());
}

static void
place_at(cs_member *member, TimestampTz at)
{
	const cs_placement *all = member->placements;
	int count = member->placement_count;

	member->placements = palloc(sizeof(cs_placement) * Max(count, 1));
	member->placement_count = 0;
	for (int i = 0; i < count; i++)
		if (all[i].valid_from <= at && at < all[i].valid_until)
			member->placements[member->placement_count++] = all[i];
}

const cs_federation *
cs_federation_read(Oid schema, TimestampTz at)
{
	const cs_federation *all = may_keep() ? read_kept(schema) : cs_federation_read_all(schema);
	cs_federation *federation = palloc(sizeof(cs_federation));

	*federation = *all;
	federation->members = palloc(sizeof(cs_member) * Max(all->count, 1));
	memcpy(federation->members, all->members, sizeof(cs_member) * all->count);
	for (int i = 0; i < federation->count; i++)
		place_at(&federation->members[i], at);
	return federation;
}
