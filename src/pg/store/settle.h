/*
 * settle.h - since when a row is known: what as_of rests on.
 *
 * A clock read inside a transaction lies before its commit, and others see the row only from the commit on. So the moment is
 * read last of all, at commit, under a lock that committers share and whose holders a reader waits out before it takes its snapshot:
 * whoever asked at T saw exactly the rows whose known_at is not after T, and asking as_of T later gives the same rows. All rows of
 * one transaction have one moment, so that no moment shows a part of it; where it makes several policies, the last one counts.
 */
#ifndef CS_PG_SETTLE_H
#define CS_PG_SETTLE_H

#include "pg/base/pg_support.h"

#include "storage/lock.h"

/* True while known_at is being written: the triggers let that UPDATE pass. */
extern bool cs_is_settling(void);

/* Is this a logical replication worker, or a session that acts as one? */
extern bool cs_is_replicating(void);

/* Locks of a store that are held until the transaction ends. */
typedef enum cs_store_lock
{
	CS_LOCK_REPLICATION, /* workers that write authorities and manifests */
	CS_LOCK_SETTLE,		 /* transactions that have read their known_at */
	CS_LOCK_SEAL,		 /* seals of the audit, one after another */
	CS_LOCK_CRL			 /* revocation lists, and what they bear on */
} cs_store_lock;

extern void cs_store_lock_tag(LOCKTAG *tag, Oid store, cs_store_lock which);

/*
 * Around the statements that answer as_of: waits for transactions that are just committing to the store, a second at the most (a
 * WARNING says when that was not enough), and pushes a snapshot that sees them. Not so on a standby, in a parallel query, and where
 * the transaction keeps one snapshot (REPEATABLE READ): there, the moments of the last instants before the snapshot may lack
 * what was just committing.
 */
typedef struct cs_reading
{
	int guc_nest;
	bool pushed;
} cs_reading;

extern cs_reading cs_begin_reading(Oid store);
extern void cs_end_reading(const cs_reading *reading);

#endif
