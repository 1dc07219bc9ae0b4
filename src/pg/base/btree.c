/*
 * btree.c - which B-tree finds rows by some columns (btree.h).
 */
#include "btree.h"

#include "access/htup_details.h"
#include "catalog/pg_am.h"
#include "catalog/pg_opclass.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

/* The type cache would know, too, but looks at all operator classes of B-trees for that. */
static bool
is_default(Oid opclass, Oid type)
{
	HeapTuple tuple = SearchSysCache1(CLAOID, ObjectIdGetDatum(opclass));
	bool is;

	if (!HeapTupleIsValid(tuple))
		return false;
	is = ((Form_pg_opclass) GETSTRUCT(tuple))->opcdefault && ((Form_pg_opclass) GETSTRUCT(tuple))->opcintype == type;
	ReleaseSysCache(tuple);
	return is;
}

static bool
is_column(Relation table, Relation index, int position, AttrNumber attno)
{
	Form_pg_attribute column = TupleDescAttr(RelationGetDescr(table), attno - 1);

	return index->rd_index->indkey.values[position] == attno && index->rd_indcollation[position] == column->attcollation &&
		index->rd_indoption[position] == 0 && is_default(get_index_column_opclass(RelationGetRelid(index), position + 1), column->atttypid);
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
