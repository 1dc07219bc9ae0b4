/*
 * settle.h - since when a row is known: what as_of rests on.
 *
 * A clock read inside a transaction lies before its commit, and others see the row only from the commit on. So the moment is
 * read last of all, at commit, under a lock that committers share and that a reader waits out before it takes its snapshot:
 * whoever asked at T saw exactly the rows whose known_at is not after T, and asking as_of T later gives the same rows.
 */
#ifndef CS_PG_SETTLE_H
#define CS_PG_SETTLE_H

#include "pg_support.h"

#include "datatype/timestamp.h"

/* True while known_at is being written: the triggers let that UPDATE pass. */
extern bool cs_is_settling(void);

/* Is this a logical replication worker, or a session that acts as one? */
extern bool cs_is_replicating(void);

/*
 * Around the statements that answer as_of. Where as_of is now (the transaction's start, or later), waits for transactions that are just
 * committing to the store, a second at the most, and pushes a snapshot that sees them. Not so on a standby, and not where the
 * transaction keeps one snapshot (REPEATABLE READ). Between the two nothing is compiled just in time: an answer takes less time than
 * the compiler would.
 */
typedef struct cs_reading
{
	int			guc_nest;
	bool		pushed;
} cs_reading;

extern cs_reading cs_begin_reading(Oid store, TimestampTz as_of);
extern void cs_end_reading(const cs_reading *reading);

#endif
