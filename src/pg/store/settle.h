/*
 * settle.h - since when something is known: what as_of rests on.
 *
 * A clock read inside a transaction lies before its commit, and others see the row only from the commit on. So the moment is read last
 * of all, at commit, under a lock that committers share and that a reader asks for, without ever standing in its way, before it takes
 * its snapshot:
 * whoever asked at T saw exactly what is known from a moment that is not after T, and asking as_of T later gives the same.
 *
 * known_at is that moment, but for what commits between the end of a period in which the clock ran ahead (cs_settle_end_ahead) and the
 * moments of then: known_at goes on behind those, never back, and table settled has the clock's moment beside it. Such commits come one
 * after another. So what is known by a moment is what has known_at up to the last of those that were settled by then.
 *
 * What a commit makes of what is there is foreseen then, too: life.h. So that two of them do not miss each other, a commit locks the
 * tags that it touches, in a fixed number of parts, or the whole store where it touches more than manifests; then it takes its moment,
 * and then the latest snapshot, in every isolation level. Until then it waits for nobody. What triggers of users write to a store while
 * that is done is settled in another round, with a later moment.
 */
#ifndef CS_PG_SETTLE_H
#define CS_PG_SETTLE_H

#include "truth.h"

#include "storage/lock.h"

/* True while rows of a store's tables that people write to are marked as known: the triggers let that UPDATE pass. */
extern bool cs_is_marking(Oid store);

/* Is this a logical replication worker, or a session that acts as one? */
extern bool cs_is_replicating(void);

/* Locks of a store that are held until the transaction ends. */
typedef enum cs_store_lock
{
	CS_LOCK_ORDER,	 /* who draws a moment of the store's clock */
	CS_LOCK_SETTLE,	 /* transactions that have their moment */
	CS_LOCK_SEAL,	 /* seals of the audit, one after another */
	CS_LOCK_TAG = 16 /* and CS_TAG_PARTS - 1 behind it: parts of the tags */
} cs_store_lock;

#define CS_TAG_PARTS 64

extern void cs_store_lock_tag(LOCKTAG *tag, Oid store, cs_store_lock which);

/* At the commit, this is known: a manifest's id (CS_TRUTH_DOCUMENT), or the id of a row of the kind's table. */
extern void cs_settle_later(Oid store, cs_truth_kind kind, const pg_uuid_t *id);
/* The same for a row that was set aside, or for all of them (NULL): it is tried once more, by what is known then. */
extern void cs_settle_retry(Oid store, const pg_uuid_t *id);
/*
 * At the commit: where what is known has moments that lie ahead of the clock, as that was ahead, all is foreseen anew from the clock's
 * moment on.
 */
extern void cs_settle_end_ahead(Oid store);
/* The same for a document with several signatures, by its row of truth: each becomes a statement. */
extern void cs_settle_signatures(Oid store, const pg_uuid_t *truth);
/* A revocation that this commit infers: it is settled with what it was inferred from. */
extern void cs_settle_inferred(Oid store, const pg_uuid_t *revocation);
/* The same for a statement whose signature leads to several authorities: whose it is is decided by what is known then. */
extern void cs_settle_owner(Oid store, const pg_uuid_t *manifest);
/* A statement gets another authority at this commit; to be called before its tags do. */
extern void cs_settle_moves(Oid store, const pg_uuid_t *manifest, Datum authority);
/*
 * Documents of this transaction were verified while these authorities were known (the sum of what was said of each last). Where others are
 * known at the commit, whose their statements are is decided then. The sum is of cs_authorities_add, whatever their order.
 */
extern void cs_settle_known(Oid store, uint64 authorities);
extern void cs_authorities_add(uint64 *sum, const pg_uuid_t *authority, const pg_uuid_t *truth);
/* A manifest of this transaction says something of a tag. */
extern void cs_settle_touch(Oid store, cs_span tag_id);

/*
 * What the commit leaves to pg/load, which knows how to verify. Manifests of an authority that were verified by what it might say
 * before: where that changes whether they may be said, they are added with cs_settle_later (load.c). What was set aside is tried again
 * (arrive.c): these rows (uuid[]), or all (0).
 */
extern void cs_load_verify_again(Oid store, const pg_uuid_t *authority);
extern void cs_load_retry(Oid store, Datum ids);
/*
 * Whose statements are that lead to one of these authorities (uuid[]), which came, changed, went, were revoked or are so no more; and whose
 * these statements are (uuid[]). Those that get another authority are added with cs_settle_later (load/owners.c).
 */
extern void cs_load_owners(Oid store, Datum authorities, Datum statements);
/* Of these documents with several signatures (uuid[], rows of truth), or of all (0), each signature is made a statement (signatures.c). */
extern void cs_load_signatures(Oid store, Datum truths);
/* What is to be forgotten, and may be erased here, is (forget.c). */
extern void cs_load_erase(Oid store);

/* Settle what waits now, in a subtransaction that will be rolled back: what would be. Answers the moment, and from when on it is known. */
extern TimestampTz cs_settle_provisionally(Oid store, TimestampTz *known);

#endif
