/*
 * reading.h - around the statements that answer: the moment that is answered, and the snapshot that sees what is known from it.
 */
#ifndef CS_PG_READING_H
#define CS_PG_READING_H

#include "pg/base/pg_support.h"

#include "utils/timestamp.h"

#include "kept.h"

/*
 * Around what answers (statements also need cs_begin_statements). as_of NULL asks about now: everything visible counts. Asks for the
 * lock of those who commit, for a second at the most in each statement; where one stalls longer (a standby that is missing), the answer
 * is as of just before it, and a WARNING says so. Then it pushes a snapshot; on a standby that alone. Not so in a parallel query, and where
 * the transaction keeps one snapshot (REPEATABLE READ).
 */
typedef struct cs_reading
{
	bool pushed;
	bool is_now;	   /* nothing that is visible is later than as_of: what cannot count any more need not be looked at */
	TimestampTz as_of; /* the moment that is answered */
	TimestampTz known; /* what is known by it has known_at up to this (settle.h) */
	cs_kept *kept;	   /* as long as it is of this generation; NULL: nothing is kept */
	uint64 generation;
} cs_reading;

/* May what is kept be used, and more be kept? No more so after anything that forgets it. */
static inline bool
cs_reading_keeps(const cs_reading *reading)
{
	return cs_kept_is_fresh(reading->kept, reading->generation);
}

/* For which known_at the last epoch holds that it finds, or that there is none; cs_foreseen_from() for each that was found. */
static inline cs_kept_epoch
cs_foreseen_by(const cs_reading *reading)
{
	return (cs_kept_epoch) { .from = DT_NOBEGIN, .until = reading->is_now ? DT_NOEND : reading->known };
}

static inline void
cs_foreseen_from(cs_kept_epoch *epoch, Datum known_at)
{
	epoch->from = Max(epoch->from, DatumGetTimestampTz(known_at));
}

/* The last row of table settled that the active snapshot sees. */
extern cs_settled cs_last_settled(Oid store);

extern cs_reading cs_begin_reading(Oid store, const TimestampTz *as_of);
/*
 * Around statements that take down all that is known, in every isolation level: what is known from reading.known or before is committed,
 * and the snapshot that is pushed sees it; what commits later is known from a later moment. DT_NOBEGIN: nothing is known, or somebody
 * has been committing for too long. Not on a standby.
 */
extern cs_reading cs_begin_reading_whole(Oid store);
extern void cs_end_reading(const cs_reading *reading);

/* moment(store regnamespace) -> timestamptz; for others to call, with InvalidOid and no FmgrInfo */
extern PGDLLEXPORT Datum coserv_moment(PG_FUNCTION_ARGS);

#endif
