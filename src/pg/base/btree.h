/*
 * btree.h - which B-tree finds rows by some columns.
 */
#ifndef CS_PG_BTREE_H
#define CS_PG_BTREE_H

#include "pg_support.h"

#include "utils/relcache.h"

/*
 * Is it a valid B-tree of the table, in ascending order, whose first columns are these, compared as their types and collations are by
 * default? What its predicate leaves out is the caller's to find out.
 */
extern bool cs_btree_begins_with(Relation table, Relation index, const AttrNumber *columns, int count);

#endif
