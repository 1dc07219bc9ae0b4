/*
 * life.h - when things count, as it is foreseen at a commit: rows of a store's tables authority_life, manifest_life, tag_life and cotl_life
 * (sql/store/10_tables.sql). Only what differs from what was foreseen before is written.
 */
#ifndef CS_PG_LIFE_H
#define CS_PG_LIFE_H

#include "truth.h"

#include "nodes/pg_list.h"

/* Ids, in the order in which they were added; an id may stand there twice. */
typedef struct cs_ids
{
	pg_uuid_t *ids;
	int count;
	int capacity;
} cs_ids;

extern void cs_ids_add(cs_ids *ids, const pg_uuid_t *id);
extern Datum cs_ids_array(const cs_ids *ids);

/* A tag of an authority, with all its versions. */
typedef struct cs_group
{
	pg_uuid_t authority;
	char *kind;
	char *tag_id;
} cs_group;

/* What a commit bears on. */
typedef struct cs_touched
{
	Oid store;
	TimestampTz moment; /* of the commit; what is foreseen begins there */
	TimestampTz known;	/* and is known from this one (settle.h) */
	cs_ids manifests;
	cs_ids authorities;
	List *groups; /* of cs_group */
	bool has_cotls;
	bool has_past; /* there are manifests among them that are not of this commit */
} cs_touched;

extern void cs_touch_group(cs_touched *touched, const pg_uuid_t *authority, const char *kind, const char *tag_id);

/* What the rows that SPI has name: CS_STMT_RIVALS, CS_STMT_REVOKED_SUBJECTS, CS_STMT_LISTED. */
extern void cs_touch_rows(cs_touched *touched);

/* Foresees it all, under the latest snapshot, which is active; SPI must be connected, as the owner of the store's tables. */
extern void cs_foresee(cs_touched *touched);

/* The multirange of the time between two moments, the first of them in it; DT_NOEND: without an end. */
extern Datum cs_life_between(TimestampTz begin, TimestampTz end);

/*
 * Until when something counts that counts at a moment (DT_NOEND: nothing ends it); false where it does not count then. Multiranges of
 * timestamptz: of the statement and its authority; tag and activated are NULL where nothing was ever foreseen of the tag, and required says
 * that it must be activated.
 */
typedef struct cs_counting
{
	const Datum *manifest;
	const Datum *authority;
	const Datum *tag;
	const Datum *activated;
	bool required;
} cs_counting;

extern bool cs_counts_until(const cs_counting *counting, TimestampTz at, TimestampTz *until);

/* Of multiranges of timestamptz: what both have; the end of the range that holds a moment, false where none does; the moment where the
 * first begins behind one, DT_NOEND where none does. */
extern Datum cs_life_of_both(Datum a, Datum b);
extern bool cs_life_until(Datum ranges, TimestampTz at, TimestampTz *until);
extern TimestampTz cs_life_begins_after(Datum ranges, TimestampTz at);

#endif
