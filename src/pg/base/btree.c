/*
 * btree.c - which B-tree finds rows by some columns (btree.h).
 */
#include "btree.h"

#include "catalog/pg_am.h"
#include "utils/rel.h"
#include "utils/typcache.h"

static bool
is_column(Relation table, Relation index, int position, AttrNumber attno)
{
	Form_pg_attribute column = TupleDescAttr(RelationGetDescr(table), attno - 1);

	return index->rd_index->indkey.values[position] == attno && index->rd_indcollation[position] == column->attcollation &&
		index->rd_opfamily[position] == lookup_type_cache(column->atttypid, TYPECACHE_BTREE_OPFAMILY)->btree_opf &&
		index->rd_indoption[position] == 0;
}

bool
cs_btree_begins_with(Relation table, Relation index, const AttrNumber *columns, int count)
{
	if (index->rd_rel->relam != BTREE_AM_OID || !index->rd_index->indisvalid || RelationGetIndexExpressions(index) != NIL ||
		IndexRelationGetNumberOfKeyAttributes(index) < count)
		return false;
	for (int i = 0; i < count; i++)
		if (!is_column(table, index, i, columns[i]))
			return false;
	return true;
}
