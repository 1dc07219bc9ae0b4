/*
 * selection.h - the triples of a store that a query or an appraisal asks for, and that count at the moment of a reading: by look-ups where
 * these do (direct.c), else by plans (selection.c). Both give the same rows.
 */
#ifndef CS_PG_SELECTION_H
#define CS_PG_SELECTION_H

#include "pg/base/pg_support.h"

#include "access/stratnum.h"

#include "pg/index/conditions.h"
#include "execute.h"
#include "pg/store/reading.h"
#include "query/query.h"

/* Columns of a selected triple. */
enum
{
	SEL_MANIFEST,
	SEL_ORDINAL,
	SEL_KIND,
	SEL_ENVIRONMENT,
	SEL_CONTENT,
	SEL_SHOWN,
	SEL_PROFILE,
	SEL_NOT_BEFORE,
	SEL_NOT_AFTER,
	SEL_IS_SIGNED,
	SEL_TRUTH,
	SEL_CURRENT,
	SEL_AUTHORITY, /* its name then */
	SEL_AUTHORITY_ID,
	SEL_COLUMNS
};

typedef struct cs_selected
{
	Datum values[SEL_COLUMNS];
	bool nulls[SEL_COLUMNS];
	/* of a federation: the member in this database that has it, else InvalidOid; and its document, where that came with the row */
	Oid store;
	cs_conveyance conveyed;
	const struct cs_member *member; /* the member, wherever it is */
} cs_selected;

/* Operators of the operator class environment_ops: asked is an environment, or a query. */
#define CS_ASK_CONTAINS 1 /* of look-ups alone */
#define CS_ASK_CONTAINED 2
#define CS_ASK_SELECTED 4

typedef struct cs_selection
{
	Oid store;
	const cs_reading *reading;
	StrategyNumber operator; /* CS_ASK_* */
	Datum asked;
	const cs_query *query; /* where it is one: what asked says */
	bool any;			   /* by any environment that a triple names, not its own alone; always so where contained */
	/*
	 * NULL, or with CS_ASK_CONTAINED and kinds that cs_keeps_asks(): what elements of the environment hold. Of what asks for none of it,
	 * some may be left out, or all.
	 */
	const cs_holdings *holdings;
	const int16 *kinds;
	int kind_count;
	Datum profile; /* text: documents of this profile or of none; 0: of any */
} cs_selection;

/* Calls back for each of them, by (manifest, ordinal). What a row points to is gone afterwards. */
extern void cs_select(const cs_selection *selection, void (*each)(const cs_selected *row, void *data), void *data);

/* The same by look-ups; false, with nothing called, where a plan has to do it. */
extern bool cs_select_directly(const cs_selection *selection, void (*each)(const cs_selected *row, void *data), void *data);

/* Calls back for each triple that a query by environment selects, by (manifest, ordinal); bytes are the query's. What a row points to is
 * gone afterwards. */
extern void cs_select_query(Oid store, cs_span bytes, const cs_query *query, const cs_reading *reading,
	void (*each)(const cs_selected *row, void *data), void *data);

/* Triples of all kinds, and links to CoSWID tags, that an appraisal of Evidence of an environment may use. */
extern void
cs_select_relations(Oid store, Datum environment, const cs_reading *reading, void (*each)(const cs_selected *row, void *data), void *data);

/* What triples are sought by: nothing, an environment that theirs contains, or what they speak of. */
typedef enum cs_sought_by
{
	CS_BY_NOTHING,
	CS_BY_ENVIRONMENT,
	CS_BY_DIGEST,
	CS_BY_KEY,
	CS_BY_MEASUREMENT
} cs_sought_by;

typedef struct cs_sought
{
	cs_sought_by by;
	Datum asked; /* of its type, a digest being bytea; 0: nothing */
	Datum kinds; /* int2[]; 0: of any */
} cs_sought;

/*
 * Calls back for each that counts at a moment, in the names of these authorities (uuid[]), by (manifest, ordinal). What a row points to is
 * gone afterwards.
 */
extern void cs_select_sought(
	Oid store, const cs_sought *sought, Datum authorities, TimestampTz as_of, void (*each)(const cs_selected *row, void *data), void *data);

/* Are triples of this kind an answer of their own to the query, or in source artifacts alone (doc/conformance.md, decision 3)? */
extern bool cs_is_collected(const cs_query *query, int16 kind);

#endif
