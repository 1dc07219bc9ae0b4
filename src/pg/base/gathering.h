/*
 * gathering.h - what goes into a GIN index, gathered over many rows: as such an index is built, the keys are sorted, and each goes into the
 * index once, with all of its rows. For rows of one statement, which nobody can look for before it ends.
 */
#ifndef CS_PG_GATHERING_H
#define CS_PG_GATHERING_H

#include "pg_support.h"

#include "nodes/execnodes.h"

typedef struct cs_gathering cs_gathering;

/*
 * NULL: it is no GIN index, or one that keeps a list of what is to be merged, and puts it off as its owner wants it. Else info says from
 * now on that others leave it alone; its ii_PredicateState is made. In the current memory context, which lives until cs_end_gathering().
 */
extern cs_gathering *cs_begin_gathering(Relation index, IndexInfo *info);

/* A row that is in the table already. Cancellable. */
extern void cs_gather(cs_gathering *gathering, TupleTableSlot *slot, EState *estate);

/* Writes what was gathered. */
extern void cs_end_gathering(cs_gathering *gathering);

#endif
