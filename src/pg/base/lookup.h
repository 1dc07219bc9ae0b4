/*
 * lookup.h - look-ups in a store's tables straight by their indexes, without a plan: what an answer needs of a few rows costs less than
 * starting the executor does. Whoever asks here asks what a plan could, too, and gets the same rows; where that is not sure,
 * cs_lookup_begin() says so and the plan is used:
 *	- the caller has no right to a table or to one of the columns (then the plan says so), or row-level security applies to him;
 *	- an index is missing, invalid, or not usable for the snapshot yet; a table has heirs, or columns of other types.
 * Rows are those of the active snapshot. Index access methods and heap take the predicate locks that SERIALIZABLE needs.
 */
#ifndef CS_PG_LOOKUP_H
#define CS_PG_LOOKUP_H

#include "pg_support.h"

#include "access/stratnum.h"
#include "storage/itemptr.h"
#include "utils/relcache.h"
#include "utils/uuid.h"

typedef enum cs_lookup_table
{
	CS_LOOKUP_TRIPLE,			  /* by manifest, ordinal */
	CS_LOOKUP_TRIPLE_ENVIRONMENT, /* by environment alone */
	CS_LOOKUP_TRIPLE_CONDITION,	  /* by what is asked for alone */
	CS_LOOKUP_MANIFEST,			  /* by id */
	CS_LOOKUP_MANIFEST_LIFE,	  /* by manifest, the last with known_at <= */
	CS_LOOKUP_AUTHORITY_LIFE,	  /* by authority, the last with known_at <= */
	CS_LOOKUP_TAG_LIFE,			  /* by manifest, ordinal, the last with known_at <= */
	CS_LOOKUP_POLICY,			  /* all rows */
	CS_LOOKUP_CORIM,			  /* manifests by corim_id: rows */
	CS_LOOKUP_TAG,				  /* by tag_id: rows */
	CS_LOOKUP_TAG_NEWEST,		  /* as CS_LOOKUP_TAG_LIFE */
	CS_LOOKUP_TRUTH,			  /* by id; as the owner, whoever asks */
	CS_LOOKUP_TABLES
} cs_lookup_table;

/* Columns of what is found, in this order. */
enum
{
	CS_TRIPLE_MANIFEST,
	CS_TRIPLE_ORDINAL,
	CS_TRIPLE_LIVE,
	CS_TRIPLE_ENVIRONMENT_COLUMN,
	CS_TRIPLE_KIND,
	CS_TRIPLE_TAG_COLUMN, /* from here on not of CS_LOOKUP_TRIPLE_ENVIRONMENT */
	CS_TRIPLE_CONTENT,
	CS_TRIPLE_CURRENT
};
enum
{
	CS_CONDITION_ANCHOR,
	CS_CONDITION_KEY,
	CS_CONDITION_MINIMUM,
	CS_CONDITION_MANIFEST,
	CS_CONDITION_ORDINAL
};
enum
{
	CS_MANIFEST_ID,
	CS_MANIFEST_PROFILE,
	CS_MANIFEST_NOT_BEFORE,
	CS_MANIFEST_IS_ANSWERED_SIGNED
};
enum
{
	CS_MANIFEST_LIFE_KNOWN_AT = 1,
	CS_MANIFEST_LIFE_COUNTS,
	CS_MANIFEST_LIFE_AUTHORITY,
	CS_MANIFEST_LIFE_TRUTH
};
enum
{
	CS_AUTHORITY_LIFE_KNOWN_AT = 1,
	CS_AUTHORITY_LIFE_COUNTS,
	CS_AUTHORITY_LIFE_SHOWN_AS,
	CS_AUTHORITY_LIFE_NAME
};
enum
{
	CS_TAG_LIFE_KNOWN_AT = 2,
	CS_TAG_LIFE_COUNTS,
	CS_TAG_LIFE_ACTIVATED
};
enum
{
	CS_POLICY_ID,
	CS_POLICY_MOMENT,
	CS_POLICY_KNOWN_AT,
	CS_POLICY_REQUIRE_COTL
};
enum
{
	CS_CORIM_MANIFEST = 1
};
enum
{
	CS_TAG_KIND = 1,
	CS_TAG_VERSION,
	CS_TAG_MANIFEST,
	CS_TAG_ORDINAL
};
enum
{
	CS_TAG_NEWEST_COUNTS = 3
};
enum
{
	CS_TRUTH_BODY = 1
};

#define CS_LOOKUP_COLUMNS 8

/* More rows than that are no look-up. */
#define CS_LOOKUP_MOST 100000

typedef struct cs_lookup cs_lookup;

/* NULL: use a plan. With the indexes over what cannot count any more where past. A table is opened when it is asked first. */
extern cs_lookup *cs_lookup_begin(Oid store, bool past);

/* Closes; an error does by itself. False: something could not be looked up, and was answered as if it were not there; use a plan. */
extern bool cs_lookup_end(cs_lookup *lookup);

/* May the caller read all of these tables, all columns and rows? Then what was found by somebody else who may is what he would find. */
extern bool cs_lookup_is_unlimited(const cs_lookup *lookup);
/* Could something not be looked up? */
extern bool cs_lookup_has_failed(const cs_lookup *lookup);

/*
 * The row with these keys (all of the table's): the last with known_at <= the last key where there is one. Values are those of the tuple
 * in place: valid until the next look-up in this table. False: there is none.
 */
extern bool cs_lookup_row(cs_lookup *lookup, cs_lookup_table table, const Datum *keys, Datum *values, bool *nulls);

/* The next row of the policy's table, in any order. */
extern bool cs_lookup_next_policy(cs_lookup *lookup, Datum *values, bool *nulls);

typedef void (*cs_lookup_found)(Datum *values, bool *nulls, void *data);

/* Calls back for each row with this first key, which is a text. Where there are more than CS_LOOKUP_MOST, that could not be looked up. */
extern void cs_lookup_rows(cs_lookup *lookup, cs_lookup_table table, Datum key, cs_lookup_found each, void *data);

/* Parts of the tables by environment: conditional endorsements and series are one, all other kinds of triples the other. */
#define CS_PART_OTHER 1u
#define CS_PART_CONDITIONAL 2u

/* Where rows were found: they are there as long as nobody writes to the table. */
#define CS_LOOKUP_PLACES 32
typedef struct cs_lookup_places
{
	int count; /* more than CS_LOOKUP_PLACES: not all of them are here */
	ItemPointerData places[CS_LOOKUP_PLACES];
} cs_lookup_places;

/*
 * Calls back for each row of CS_LOOKUP_TRIPLE or CS_LOOKUP_TRIPLE_ENVIRONMENT that the indexes of these parts find by a strategy of
 * environment_ops (GIN); the caller rechecks, kinds too. Where there are more than CS_LOOKUP_MOST, that could not be looked up. Says where
 * they were in *places, which begins as { 0 }.
 */
extern void cs_lookup_environments(cs_lookup *lookup, cs_lookup_table table, unsigned parts, StrategyNumber strategy, Datum asked,
	cs_lookup_found each, void *data, cs_lookup_places *places);

/* The same for rows that were found before. */
extern void
cs_lookup_at_places(cs_lookup *lookup, cs_lookup_table table, const ItemPointerData *places, int count, cs_lookup_found each, void *data);

/*
 * Calls back with the places of entries that the live indexes by environment have for what equals one, of rows that are gone too: of few
 * all of them, of many one in as many as it answers.
 */
extern int64
cs_lookup_entries(cs_lookup *lookup, cs_lookup_table table, Datum environment, void (*each)(ItemPointerData place, void *data), void *data);

/* A table by environment, and its indexes; NULL where one cannot be looked up. They are open until cs_lookup_end(). */
#define CS_LOOKUP_LIVE_INDEXES 2
extern Relation cs_lookup_live_indexes(cs_lookup *lookup, cs_lookup_table table, Relation indexes[CS_LOOKUP_LIVE_INDEXES]);

/* Calls back for each row of CS_LOOKUP_TRIPLE_CONDITION with one of the anchors and one of the keys, minimum <= most[i]. */
extern void cs_lookup_conditions(cs_lookup *lookup, const int64 *anchors, int anchor_count, const int64 *keys, const int64 *most,
	int key_count, cs_lookup_found each, void *data);

#endif
