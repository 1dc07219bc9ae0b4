/*
 * kept.h - what a backend keeps of a store from one answer to the next: what the tables of life, policy and manifests say, and to which
 * triples an environment led, however many dead entries the index goes through for them. A table that is not read costs nothing, and these
 * say the same to nearly every answer. What epochs say is kept with the moments that it holds for, so that answers of the past, too, go by
 * it: what was known by one of them is said by the tables as they are.
 *
 * It is forgotten whenever one of these tables changes, whoever changes it: triggers on them (coserv.forget) make PostgreSQL tell all
 * backends at the commit, before it releases the locks of those who commit (settle.h). Whoever holds the readers' lock, and looks at what
 * was told after that, so knows all that his snapshot sees (cs_reading.kept). On a standby, where a commit is visible before it is told of,
 * what is kept is used where no transaction has ended between the two (reading.c). What a transaction that keeps one snapshot has read is
 * kept for itself alone.
 *
 * Rights are the caller's to ask for: what is kept is what a reader without limits sees.
 */
#ifndef CS_PG_KEPT_H
#define CS_PG_KEPT_H

#include "pg/base/pg_support.h"

#include "datatype/timestamp.h"
#include "storage/itemptr.h"
#include "utils/uuid.h"

/* A row of table settled: from when on something is known, and when that was by the clock. DT_NOBEGIN: nothing is known. */
typedef struct cs_settled
{
	TimestampTz known_at;
	TimestampTz moment;
} cs_settled;

/*
 * From which known_at up to which one, itself included, something is foreseen in one way. until grows where a later moment turns out to be
 * told the same.
 */
typedef struct cs_kept_epoch
{
	TimestampTz from; /* DT_NOBEGIN: nothing was foreseen before */
	TimestampTz until;
	struct cs_kept_epoch *next; /* another one of the same */
} cs_kept_epoch;

/* A statement and its authority, as foreseen in an epoch. Without profile or not_before where these are 0; where it was not foreseen, the
 * rest says nothing. */
typedef struct cs_kept_statement
{
	cs_kept_epoch epoch; /* first */
	pg_uuid_t manifest;
	bool foreseen;
	bool is_signed;
	bool has_not_before;
	TimestampTz not_before;
	pg_uuid_t truth;
	pg_uuid_t authority_id;
	Datum of_manifest;	/* multirange: when it counts */
	Datum of_authority; /* the same */
	Datum profile;		/* text */
	Datum shown_as;		/* crypto_key */
	Datum authority;	/* text: its name */
} cs_kept_statement;

/* A tag as foreseen in an epoch; without counts and activated where it was not foreseen. */
typedef struct cs_kept_tag
{
	cs_kept_epoch epoch; /* first */
	pg_uuid_t manifest;
	int32 ordinal;
	bool foreseen;
	Datum counts;
	Datum activated;
} cs_kept_tag;

/* Which rows a look-up by environment led to. */
typedef struct cs_kept_places
{
	uint64 hash; /* first: of the next three */
	int table;
	unsigned how;
	cs_span asked;
	int count;
	ItemPointerData *places;
} cs_kept_places;

typedef struct cs_kept
{
	Oid store;						/* first: what it is found by */
	uint64 generation;				/* grows with each time that all was forgotten */
	LocalTransactionId transaction; /* whose one snapshot it was read under; invalid: the latest one */
	bool stale;						/* something was told since */
	bool triggers_run;				/* in replication workers, too; else not known */
	bool has_visible;
	cs_settled visible;
	bool has_past;				 /* then the next two are known */
	bool was_ahead;				 /* the clock of this region: known_at of what is known by a moment may lie behind it (settle.h) */
	TimestampTz forgotten_until; /* from there on nothing is missing that was forgotten */
	bool has_policy;
	cs_kept_epoch of_policy; /* whose require_cotl this is */
	bool require_cotl;
	MemoryContext memory; /* of all that Datums point to */
	int epochs;			  /* of statements and tags */
	struct HTAB *foreseen;
	struct HTAB *places;
	Oid watched[10];
} cs_kept;

/*
 * Of a store, without what is to be forgotten: to be called before a snapshot is taken, or where the transaction keeps one. What it points
 * to lives until the next call, which makes another generation of it.
 */
extern cs_kept *cs_kept_of(Oid store);

/* Is it what it was, and has nothing been told since? Else nothing in it may be used, and nothing kept in it under a snapshot of before. */
static inline bool
cs_kept_is_fresh(const cs_kept *kept, uint64 generation)
{
	return kept != NULL && !kept->stale && kept->generation == generation;
}

static inline bool
cs_kept_covers(const cs_kept_epoch *epoch, TimestampTz known)
{
	return epoch->from <= known && known <= epoch->until;
}

/* By what was known (cs_reading). NULL: not kept. */
extern const cs_kept_statement *cs_kept_find_statement(cs_kept *kept, const pg_uuid_t *manifest, TimestampTz known);
extern const cs_kept_tag *cs_kept_find_tag(cs_kept *kept, const pg_uuid_t *manifest, int32 ordinal, TimestampTz known);

/* table and how: what makes one look-up by what is asked another than the next. */
extern const cs_kept_places *cs_kept_find_places(cs_kept *kept, int table, unsigned how, Datum asked);

/* Keeps a copy, and what is pointed to. */
extern void cs_keep_places(cs_kept *kept, int table, unsigned how, Datum asked, const ItemPointerData *places, int count);
extern void cs_keep_statement(cs_kept *kept, const cs_kept_statement *statement);
extern void cs_keep_tag(cs_kept *kept, const cs_kept_tag *tag);

#endif
