/*
 * settle.c - what waits for the commit, and the commit itself (settle.h).
 */
#include "settle.h"

#include "access/xact.h"
#include "commands/trigger.h"
#include "common/hashfn.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/xid8.h"

#include "life.h"
#include "plain.h"
#include "reading.h"
#include "pg/base/probe.h"
#include "pg/base/store.h"

/* The clock ran ahead, and does not any more. */
#define ENDS_AHEAD (-1)
/* A row of truth is a document with several signatures. */
#define HAS_SIGNATURES (-2)
/* A statement leads to several authorities. */
#define HAS_RIVALS (-3)

static bool settling = false;
static Oid marking = InvalidOid;

/* What waits for the commit, of the transaction's memory. */
typedef struct cs_waiting
{
	dlist_node node;
	Oid store;
	int kind; /* cs_truth_kind; 0: to try again what was set aside; or one of these three */
	pg_uuid_t id;
	int level;	/* of the subtransaction that it would go with */
	bool taken; /* into the round that is under way */
} cs_waiting;

/* In the order in which they came: those of a subtransaction that is under way are the last. */
static dlist_head waiting = DLIST_STATIC_INIT(waiting);

/* A store that the transaction settles, and the parts of its tags that it touches: what is rolled back may leave more than need be. */
typedef struct cs_settling
{
	struct cs_settling *next;
	Oid store;
	uint64 parts;
	TimestampTz known;		 /* from when on what the last round has settled is known; 0: nothing was settled yet */
	TimestampTz last_known;	 /* where that is not by the clock: what it is behind; the whole store is held then */
	bool ends_ahead;		 /* what is known already is foreseen anew */
	bool exclusive;			 /* holds the whole store */
	bool shared;			 /* holds a share, and its parts */
	bool in_round;			 /* something of it is settled in the round that is under way */
	bool verified;			 /* documents were, while these authorities were known */
	bool verified_by_others; /* and others, while others were */
	uint64 authorities;
	cs_touched moved; /* tags of statements that get another authority */
	cs_settled last;  /* what the latest snapshot sees, since it holds what it needs */
	/* with a share: what the commit bears on, in the memory of settle() */
	cs_plain plain;
	cs_touched touched;
} cs_settling;

static cs_settling *stores = NULL;
static TimestampTz moment = 0; /* of the round */

bool
cs_is_marking(Oid store)
{
	return OidIsValid(marking) && marking == store;
}

bool
cs_is_replicating(void)
{
	return SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA;
}

void
cs_store_lock_tag(LOCKTAG *tag, Oid store, cs_store_lock which)
{
	/* SQL reaches the classes 1 and 2 of advisory locks: nobody can hold this one but by writing to the store */
	SET_LOCKTAG_ADVISORY(*tag, MyDatabaseId, store, which, 3);
}

/* --- what waits --- */

static void
forget(void)
{
	dlist_init(&waiting);
	stores = NULL;
}

static void settle(void);
static void forget_round(void);
static void leave_unsettled(void);

/*
 * The last thing that a transaction does before its commit. Not a deferred trigger: those may be fired early (SET CONSTRAINTS), and a
 * replication worker of PostgreSQL 16 and later may not defer one.
 */
static void
end_of_transaction(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_PRE_COMMIT || event == XACT_EVENT_PARALLEL_PRE_COMMIT)
		/* what users put on the tables may be deferred or not, and may write in its turn: what it writes is settled in another round */
		while (!dlist_is_empty(&waiting))
		{
			settle();
			forget_round();
			AfterTriggerFireDeferred();
		}
	/*
	 * From PREPARE to COMMIT PREPARED any time may pass, in which the rows would be known already and seen by nobody; and nothing calls
	 * at the latter. A worker that has to prepare would never get past an error.
	 */
	if (event == XACT_EVENT_PRE_PREPARE && !dlist_is_empty(&waiting))
	{
		if (!cs_is_replicating())
			ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("cannot PREPARE a transaction that has written to a coserv store"),
					errhint("Commit it; what is known from when is decided at commit.")));
		leave_unsettled();
	}
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT || event == XACT_EVENT_PREPARE)
		forget();
}

/* A row that was rolled back must not be settled: it may have come another way meanwhile, and is somebody else's then. */
static void
end_of_subtransaction(SubXactEvent event, SubTransactionId self, SubTransactionId parent, void *arg)
{
	int level = GetCurrentTransactionNestLevel();
	bool aborts = event == SUBXACT_EVENT_ABORT_SUB;

	if (event != SUBXACT_EVENT_COMMIT_SUB && !aborts)
		return;
	for (dlist_node *node = waiting.head.prev, *before; node != &waiting.head; node = before)
	{
		cs_waiting *row = dlist_container(cs_waiting, node, node);

		if (row->level < level)
			break;
		before = node->prev;
		if (aborts)
			dlist_delete(node);
		else
			row->level = level - 1;
	}
}

/* Before anything is remembered that is of the transaction's memory: however that ends, it is forgotten. */
static void
follow_transactions(void)
{
	static bool registered = false;

	if (registered)
		return;
	RegisterXactCallback(end_of_transaction, NULL);
	RegisterSubXactCallback(end_of_subtransaction, NULL);
	registered = true;
}

static cs_settling *
settling_of(Oid store)
{
	cs_settling **next = &stores;

	follow_transactions();
	/* in the order of their OIDs: whoever settles several locks them in one order */
	while (*next != NULL && (*next)->store < store)
		next = &(*next)->next;
	if (*next == NULL || (*next)->store != store)
	{
		cs_settling *more = MemoryContextAllocZero(TopTransactionContext, sizeof(cs_settling));

		more->store = store;
		more->next = *next;
		*next = more;
	}
	return *next;
}

static cs_waiting *
wait_for_round(Oid store, int kind, const pg_uuid_t *id)
{
	cs_waiting *row = MemoryContextAllocZero(TopTransactionContext, sizeof(cs_waiting));

	row->store = store;
	row->kind = kind;
	row->id = *id;
	row->level = GetCurrentTransactionNestLevel();
	(void) settling_of(store);
	dlist_push_tail(&waiting, &row->node);
	return row;
}

void
cs_settle_later(Oid store, cs_truth_kind kind, const pg_uuid_t *id)
{
	(void) wait_for_round(store, kind, id);
}

void
cs_settle_inferred(Oid store, const pg_uuid_t *revocation)
{
	wait_for_round(store, CS_TRUTH_REVOCATION, revocation)->taken = true;
}

void
cs_settle_retry(Oid store, const pg_uuid_t *id)
{
	const pg_uuid_t all = { { 0 } };

	cs_settle_later(store, 0, id ? id : &all);
}

void
cs_settle_end_ahead(Oid store)
{
	const pg_uuid_t all = { { 0 } };

	cs_settle_later(store, ENDS_AHEAD, &all);
}

void
cs_settle_signatures(Oid store, const pg_uuid_t *truth)
{
	cs_settle_later(store, HAS_SIGNATURES, truth);
}

void
cs_settle_owner(Oid store, const pg_uuid_t *manifest)
{
	cs_settle_later(store, HAS_RIVALS, manifest);
}

void
cs_settle_moves(Oid store, const pg_uuid_t *manifest, Datum authority)
{
	cs_settling *of = settling_of(store);
	Datum args[2] = { UUIDPGetDatum(manifest), authority };
	MemoryContext old;

	cs_run_latest(store, CS_STMT_TAGS_MOVED, args, NULL);
	old = MemoryContextSwitchTo(TopTransactionContext);
	cs_touch_rows(&of->moved);
	MemoryContextSwitchTo(old);
}

void
cs_settle_known(Oid store, uint64 authorities)
{
	cs_settling *of = settling_of(store);

	of->verified_by_others |= of->verified && of->authorities != authorities;
	of->verified = true;
	of->authorities = authorities;
}

void
cs_settle_touch(Oid store, cs_span tag_id)
{
	settling_of(store)->parts |= UINT64CONST(1) << (hash_bytes(tag_id.data, (int) tag_id.len) % CS_TAG_PARTS);
}

/* --- locks --- */

static void
lock(Oid store, int which, LOCKMODE mode)
{
	LOCKTAG tag;

	cs_store_lock_tag(&tag, store, (cs_store_lock) which);
	(void) LockAcquire(&tag, mode, false, false);
}

static void
unlock(Oid store, int which, LOCKMODE mode)
{
	LOCKTAG tag;

	cs_store_lock_tag(&tag, store, (cs_store_lock) which);
	(void) LockRelease(&tag, mode, false);
}

static void
lock_share(cs_settling *of)
{
	lock(of->store, CS_LOCK_SETTLE, RowExclusiveLock);
	for (int part = 0; part < CS_TAG_PARTS; part++)
		if (of->parts & (UINT64CONST(1) << part))
			lock(of->store, CS_LOCK_TAG + part, ExclusiveLock);
	of->shared = true;
}

/*
 * Whoever waits for the whole store holds nothing of it that somebody with a share may wait for; unless he has settled something by his
 * share, which nobody else can see yet.
 */
static void
lock_whole(cs_settling *of)
{
	if (of->shared && of->known == 0)
	{
		for (int part = 0; part < CS_TAG_PARTS; part++)
			if (of->parts & (UINT64CONST(1) << part))
				unlock(of->store, CS_LOCK_TAG + part, ExclusiveLock);
		unlock(of->store, CS_LOCK_SETTLE, RowExclusiveLock);
		of->shared = false;
	}
	lock(of->store, CS_LOCK_SETTLE, ExclusiveLock);
	of->exclusive = true;
}

/* --- the commit --- */

static Oid
owned_table(Oid store)
{
	return get_relname_relid("truth", store);
}

/* Into the round, all or those of a kind (0: all). Answers whether anything is. */
static bool
take(Oid store, int kind)
{
	bool any = false;
	dlist_iter it;

	dlist_foreach(it, &waiting)
	{
		cs_waiting *row = dlist_container(cs_waiting, node, it.cur);

		if (row->store == store && (kind == 0 || row->kind == kind))
			row->taken = any = true;
	}
	return any;
}

/* What was written meanwhile stays for the next one. */
static void
forget_round(void)
{
	dlist_mutable_iter it;

	dlist_foreach_modify(it, &waiting)
	{
		if (dlist_container(cs_waiting, node, it.cur)->taken)
			dlist_delete(it.cur);
	}
}

static cs_ids
waiting_ids(Oid store, int kind)
{
	cs_ids ids = { NULL, 0, 0 };
	dlist_iter it;

	dlist_foreach(it, &waiting)
	{
		const cs_waiting *row = dlist_container(cs_waiting, node, it.cur);

		if (row->taken && row->store == store && row->kind == kind)
			cs_ids_add(&ids, &row->id);
	}
	return ids;
}

static bool
waits_for_more_than_manifests(Oid store)
{
	dlist_iter it;

	dlist_foreach(it, &waiting)
	{
		const cs_waiting *row = dlist_container(cs_waiting, node, it.cur);

		if (row->taken && row->store == store && row->kind != CS_TRUTH_DOCUMENT)
			return true;
	}
	return false;
}

/* What manifests bear on besides themselves. */
static void
find_rivals(cs_touched *touched, bool *stale, bool *certified)
{
	Datum args[1];

	*stale = *certified = false;
	if (touched->manifests.count == 0)
		return;
	args[0] = cs_ids_array(&touched->manifests);
	cs_run_latest(touched->store, CS_STMT_RIVALS, args, NULL);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		char *what = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);

		*stale |=
			strcmp(what, "stale") == 0 || strcmp(what, "forgotten") == 0 || strcmp(what, "unsettled") == 0 || strcmp(what, "behind") == 0;
		*certified |= strcmp(what, "crl") == 0;
	}
	cs_touch_rows(touched);
}

/*
 * A new document whose certificate a CRL has revoked; a CRL that revokes those of documents that are there. Answers how many revocations.
 */
static uint64
revoke_certified(Oid store, cs_statement statement, const cs_ids *ids)
{
	Datum args[1] = { cs_ids_array(ids) };

	if (ids->count == 0)
		return 0;
	cs_truth_begin_inference(store);
	cs_run_latest(store, statement, args, NULL);
	cs_truth_end_inference();
	return SPI_processed;
}

/* What a CRL revokes, also where one beside another authority has said so before, whose the statement was then. */
static void
find_certified(cs_touched *touched, const cs_ids *crls)
{
	Datum args[1] = { cs_ids_array(crls) };

	if (crls->count == 0)
		return;
	cs_run_latest(touched->store, CS_STMT_REVOKED_BY_CRL, args, NULL);
	cs_touch_rows(touched);
}

static void
mark_known(Oid store, TimestampTz known_at)
{
	static const struct
	{
		cs_truth_kind kind;
		cs_statement statement;
	} marks[] = {
		{ CS_TRUTH_AUTHORITY, CS_STMT_KNOWN_AUTHORITY },
		{ CS_TRUTH_REVOCATION, CS_STMT_KNOWN_REVOCATION },
		{ CS_TRUTH_POLICY, CS_STMT_KNOWN_POLICY },
		{ CS_TRUTH_PROFILE, CS_STMT_KNOWN_PROFILE },
		{ CS_TRUTH_CRL, CS_STMT_KNOWN_CRL },
		{ CS_TRUTH_TAKEN_BACK, CS_STMT_KNOWN_TAKEN_BACK },
	};

	for (size_t i = 0; i < lengthof(marks); i++)
	{
		cs_ids ids = waiting_ids(store, marks[i].kind);
		Datum args[2] = { cs_ids_array(&ids), TimestampTzGetDatum(known_at) };

		if (ids.count == 0)
			continue;
		marking = store;
		cs_run_latest(store, marks[i].statement, args, NULL);
		marking = InvalidOid;
	}
}

/* What waited when a worker prepared its transaction, and was committed since. */
static void
take_unsettled(cs_settling *of)
{
	cs_run_latest(of->store, CS_STMT_TAKE_UNSETTLED, NULL, NULL);
	/* nobody knows any more by which authorities they were verified */
	if (SPI_processed > 0)
		of->verified = of->verified_by_others = true;
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool isnull;
		int16 kind = DatumGetInt16(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));

		wait_for_round(of->store, kind, DatumGetUUIDP(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2, &isnull)))->taken =
			true;
	}
}

/* Revocations that wait, and what they and those that they undo concern. */
static void
find_revoked(cs_touched *touched)
{
	cs_ids revocations = waiting_ids(touched->store, CS_TRUTH_REVOCATION);
	Datum args[1];

	if (revocations.count == 0)
		return;
	args[0] = cs_ids_array(&revocations);
	cs_run_latest(touched->store, CS_STMT_REVOKED_SUBJECTS, args, NULL);
	touched->has_past = true;
	cs_touch_rows(touched);
}

/* A policy may let another generation answer. */
static void
find_generations(cs_touched *touched)
{
	if (waiting_ids(touched->store, CS_TRUTH_POLICY).count == 0)
		return;
	cs_run_latest(touched->store, CS_STMT_GENERATIONS, NULL, NULL);
	cs_touch_rows(touched);
}

static void
read_last(cs_settling *of)
{
	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	of->last = cs_last_settled(of->store);
	PopActiveSnapshot();
}

/* Is what is known from now on known from another moment than the clock's? Then commits come one after another. */
static bool
knows_ahead(const cs_settling *of)
{
	return of->last.known_at != of->last.moment;
}

/* Where a reader who waits too long finds the moment of a commit that stalls: a lock that nobody else asks for. */
static void
publish_moment(void)
{
	LOCKTAG tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, (uint32) ((uint64) moment >> 32), (uint32) moment, 4);
	(void) LockAcquire(&tag, ExclusiveLock, false, false);
}

void
cs_authorities_add(uint64 *sum, const pg_uuid_t *authority, const pg_uuid_t *truth)
{
	uint8 both[2 * UUID_LEN];

	memcpy(both, authority->data, UUID_LEN);
	memcpy(both + UUID_LEN, truth->data, UUID_LEN);
	*sum += hash_bytes_extended(both, sizeof(both), 0);
}

static bool
add_authority(const Datum *values, const bool *nulls, void *sum)
{
	cs_authorities_add(sum, DatumGetUUIDP(values[0]), DatumGetUUIDP(values[1]));
	return false;
}

/* Do other authorities count than those by which documents of this transaction were verified? */
static bool
authorities_changed(const cs_settling *of)
{
	cs_probe *probe;
	uint64 now = 0;

	if (!of->verified || of->verified_by_others)
		return of->verified;
	CommandCounterIncrement();
	probe = cs_probe_begin(of->store);
	(void) cs_probe_each(probe, CS_PROBE_AUTHORITIES, NULL, add_authority, &now);
	cs_probe_end(probe);
	return now != of->authorities;
}

static void
lock_store(cs_settling *of)
{
	cs_ids manifests = waiting_ids(of->store, CS_TRUTH_DOCUMENT);
	bool stale, certified;

	if (!of->in_round)
		return;
	if (!of->exclusive && !waits_for_more_than_manifests(of->store))
	{
		lock_share(of);
		of->touched = (cs_touched) { .store = of->store };
		cs_find_plain(of->store, &manifests, &of->plain, &of->touched.manifests);
		find_rivals(&of->touched, &stale, &certified);
		read_last(of);
		if (!stale && !certified && !of->touched.has_cotls && !authorities_changed(of) && !knows_ahead(of))
			return;
	}
	if (!of->exclusive)
		lock_whole(of);
	read_last(of);
}

/* Authorities that changed or went while this transaction had verified by what they might say before. */
static cs_ids
stale_authorities(Oid store)
{
	cs_ids manifests = waiting_ids(store, CS_TRUTH_DOCUMENT), stale = { NULL, 0, 0 };
	Datum arg = cs_ids_array(&manifests);

	if (manifests.count == 0)
		return stale;
	cs_run_latest(store, CS_STMT_STALE, &arg, NULL);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool isnull;

		cs_ids_add(&stale, DatumGetUUIDP(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull)));
	}
	return stale;
}

static void
add_ids(cs_ids *to, const cs_ids *more)
{
	for (int i = 0; i < more->count; i++)
		cs_ids_add(to, &more->ids[i]);
}

/* Under authorities that are new, changed or gone, and those that are revoked now or whose revocation is undone. */
static void
find_owners(cs_settling *of, const cs_ids *authorities, const cs_ids *stale)
{
	cs_ids revocations = waiting_ids(of->store, CS_TRUTH_REVOCATION), statements;
	cs_touched touched = { .store = of->store };
	Datum args[1];

	(void) take(of->store, HAS_RIVALS);
	statements = waiting_ids(of->store, HAS_RIVALS);
	add_ids(&touched.authorities, authorities);
	add_ids(&touched.authorities, stale);
	if (revocations.count > 0)
	{
		args[0] = cs_ids_array(&revocations);
		cs_run_latest(of->store, CS_STMT_REVOKED_SUBJECTS, args, NULL);
		cs_touch_rows(&touched);
	}
	if (authorities_changed(of))
	{
		cs_ids manifests = waiting_ids(of->store, CS_TRUTH_DOCUMENT);

		add_ids(&statements, &manifests);
	}
	if (touched.authorities.count > 0 || statements.count > 0)
		cs_load_owners(of->store, cs_ids_array(&touched.authorities), cs_ids_array(&statements));
}

static void
verify_again(Oid store, const cs_ids *authorities)
{
	for (int i = 0; i < authorities->count; i++)
		cs_load_verify_again(store, &authorities->ids[i]);
}

/* Everything that is known before the moment is drawn: what waits may grow. Whose statements are comes last, as all of it bears on that. */
static void
prepare_store(cs_settling *of)
{
	const pg_uuid_t all = { { 0 } };
	cs_ids authorities, stale, again, signatures;
	bool retry_all;

	if (!of->in_round || !of->exclusive)
		return;
	take_unsettled(of);
	again = waiting_ids(of->store, 0);
	retry_all = waiting_ids(of->store, CS_TRUTH_AUTHORITY).count > 0;
	for (int i = 0; i < again.count; i++)
		retry_all |= memcmp(&again.ids[i], &all, UUID_LEN) == 0;
	if (retry_all || again.count > 0)
		cs_load_retry(of->store, retry_all ? (Datum) 0 : cs_ids_array(&again));
	authorities = waiting_ids(of->store, CS_TRUTH_AUTHORITY);
	signatures = waiting_ids(of->store, HAS_SIGNATURES);
	if (authorities.count > 0 || signatures.count > 0)
		cs_load_signatures(of->store, authorities.count > 0 ? (Datum) 0 : cs_ids_array(&signatures));
	verify_again(of->store, &authorities);
	stale = stale_authorities(of->store);
	verify_again(of->store, &stale);
	find_owners(of, &authorities, &stale);
}

/* The moment from which the round's rows are known. */
static void
put_settled(cs_writing *writing, cs_settling *of)
{
	static const char *const columns[] = { "known_at", "transaction", "moment", NULL };
	Datum values[3] = { TimestampTzGetDatum(of->known), FullTransactionIdGetDatum(GetTopFullTransactionId()), TimestampTzGetDatum(moment) };
	bool nulls[3] = { false, false, moment == of->known };

	cs_rows_put(cs_rows_table(writing, "settled", columns), values, nulls);
}

/* What a share is enough for: nobody else can have changed what was found under it. */
static void
settle_share(cs_settling *of)
{
	of->touched.moment = moment;
	of->touched.known = of->known;
	cs_foresee(&of->touched);
}

static void
settle_whole(cs_settling *of)
{
	cs_touched touched = { .store = of->store, .moment = moment, .known = of->known, .has_past = true };
	cs_ids crls = waiting_ids(of->store, CS_TRUTH_CRL);
	bool stale, certified;

	/* also those that got another authority, were tried again or taken apart since */
	(void) take(of->store, CS_TRUTH_DOCUMENT);
	touched.manifests = waiting_ids(of->store, CS_TRUTH_DOCUMENT);
	touched.authorities = waiting_ids(of->store, CS_TRUTH_AUTHORITY);
	touched.groups = of->moved.groups;
	of->moved.groups = NIL;
	if (of->ends_ahead)
	{
		cs_run_latest(of->store, CS_STMT_EVERYTHING, NULL, NULL);
		cs_touch_rows(&touched);
	}
	(void) revoke_certified(of->store, CS_STMT_REVOKE_BY_CRL, &crls);
	find_certified(&touched, &crls);
	(void) revoke_certified(of->store, CS_STMT_REVOKE_MANIFEST, &touched.manifests);
	find_revoked(&touched);
	find_generations(&touched);
	find_rivals(&touched, &stale, &certified);
	mark_known(of->store, of->known);
	touched.has_cotls = true;
	cs_foresee(&touched);
	/* behind it: what takes the place of what goes is foreseen by what is there */
	cs_load_erase(of->store);
}

static void
settle_store(cs_settling *of)
{
	Datum known = TimestampTzGetDatum(of->known);
	cs_writing *writing;

	if (!of->in_round)
		return;
	writing = cs_begin_writing(of->store);
	put_settled(writing, of);
	if (!of->exclusive)
		cs_foresee_plain(writing, &of->plain, moment, of->known, &of->touched.manifests);
	cs_end_writing(writing);
	if (of->exclusive)
		settle_whole(of);
	else
		settle_share(of);
	if (cs_probe_once(of->store, CS_PROBE_POLICY, NULL))
		cs_run_latest(of->store, CS_STMT_NOTIFY, &known, NULL);
}

/* As the owner of the store's tables, one store after another. A store that was dropped is not there any more. */
static void
each_store(void (*act)(cs_settling *of))
{
	for (cs_settling *of = stores; of; of = of->next)
	{
		Oid table = owned_table(of->store);
		cs_as_owner self;

		if (!OidIsValid(table) || !SearchSysCacheExists1(RELOID, ObjectIdGetDatum(table)))
			continue;
		cs_become_owner(table, &self);
		act(of);
		cs_become_self(&self);
	}
}

/* By the clock, and behind what is settled: a clock that is behind must not part what is known from what is answered. */
static void
draw(cs_settling *of)
{
	if (!of->in_round)
		return;
	of->ends_ahead = waiting_ids(of->store, ENDS_AHEAD).count > 0 && of->last.moment > moment;
	of->last_known = of->ends_ahead || knows_ahead(of) ? of->last.known_at : DT_NOBEGIN;
	if (!of->ends_ahead && of->last.moment >= moment)
		moment = of->last.moment + 1;
}

/* What is known later has a later known_at, also where the clock has been set right since. */
static void
draw_known(cs_settling *of)
{
	if (of->in_round)
		of->known = Max(moment, of->last_known + 1);
}

/* What waits now is settled, of all stores from one moment on; what is written meanwhile, by triggers of users, waits for another round. */
static void
settle_all(void)
{
	for (cs_settling *of = stores; of; of = of->next)
		of->in_round = take(of->store, 0);
	each_store(lock_store);
	each_store(prepare_store);
	moment = GetCurrentTimestamp();
	for (cs_settling *of = stores; of; of = of->next)
		draw(of);
	publish_moment();
	for (cs_settling *of = stores; of; of = of->next)
		draw_known(of);
	each_store(settle_store);
}

static void
settle(void)
{
	int guc_nest = cs_begin_statements();

	PushActiveSnapshot(GetLatestSnapshot()); /* no portal is at work any more */
	cs_spi_connect();
	PG_TRY();
	{
		settling = true;
		settle_all();
	}
	PG_FINALLY();
	{
		settling = false;
		marking = InvalidOid;
		cs_truth_end_inference();
	}
	PG_END_TRY();
	SPI_finish();
	PopActiveSnapshot();
	cs_end_statements(guc_nest);
}

/* Known from no moment yet; written down for the next who settles. */
static void
leave_store_unsettled(cs_settling *of)
{
	dlist_iter it;

	(void) take(of->store, 0);
	mark_known(of->store, DT_NOEND);
	dlist_foreach(it, &waiting)
	{
		const cs_waiting *row = dlist_container(cs_waiting, node, it.cur);
		Datum args[2] = { Int16GetDatum((int16) row->kind), UUIDPGetDatum(&row->id) };

		if (row->store == of->store)
			cs_run_latest(of->store, CS_STMT_UNSETTLED, args, NULL);
	}
}

static void
leave_unsettled(void)
{
	PushActiveSnapshot(GetLatestSnapshot());
	cs_spi_connect();
	PG_TRY();
	{
		settling = true;
		each_store(leave_store_unsettled);
	}
	PG_FINALLY();
	{
		settling = false;
		marking = InvalidOid;
	}
	PG_END_TRY();
	SPI_finish();
	PopActiveSnapshot();
}

TimestampTz
cs_settle_provisionally(Oid store, TimestampTz *known)
{
	TimestampTz provisional;

	if (settling)
		ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("what would change cannot be looked at while a commit to a coserv store is under way")));
	CommandCounterIncrement();
	settle();
	CommandCounterIncrement();
	provisional = moment;
	*known = settling_of(store)->known;
	/* the locks go with the subtransaction */
	for (cs_settling *of = stores; of; of = of->next)
	{
		of->exclusive = of->shared = false;
		of->known = 0;
	}
	return provisional;
}
