/*
 * lookup.c - look-ups straight by the index (lookup.h). All that depends on a server's version where indexes are read is in this file.
 */
#include "lookup.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/relscan.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_opfamily.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "nodes/tidbitmap.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "settings.h"
#include "store.h"

#define MAX_KEYS 3

typedef struct shape
{
	const char *name;
	const char *columns[CS_LOOKUP_COLUMNS]; /* those that a plan would read: the caller's rights are asked for each */
	const char *types[CS_LOOKUP_COLUMNS];
	int keys; /* the first so many columns are the leading ones of a B-tree; 0: by environment alone */
	bool last_known;
} shape;

static const shape shapes[CS_LOOKUP_TABLES] = {
	[CS_LOOKUP_TRIPLE] = { "triple", { "manifest", "ordinal", "live", "environment", "tag", "kind", "content", "current" },
		{ "uuid", "int4", "bool", "coserv.environment", "int4", "int2", "coserv.cbor", "coserv.cbor" }, 2, false },
	[CS_LOOKUP_TRIPLE_ENVIRONMENT] = { "triple_environment", { "manifest", "ordinal", "live", "environment" },
		{ "uuid", "int4", "bool", "coserv.environment" }, 0, false },
	[CS_LOOKUP_MANIFEST] = { "manifest", { "id", "profile", "not_before", "is_answered_signed" }, { "uuid", "text", "timestamptz", "bool" },
		1, false },
	[CS_LOOKUP_MANIFEST_LIFE] = { "manifest_life", { "manifest", "known_at", "counts", "authority", "truth" },
		{ "uuid", "timestamptz", "tstzmultirange", "uuid", "uuid" }, 2, true },
	[CS_LOOKUP_AUTHORITY_LIFE] = { "authority_life", { "authority", "known_at", "counts", "shown_as", "name" },
		{ "uuid", "timestamptz", "tstzmultirange", "coserv.crypto_key", "text" }, 2, true },
	[CS_LOOKUP_TAG_LIFE] = { "tag_life", { "manifest", "ordinal", "known_at", "counts", "activated" },
		{ "uuid", "int4", "timestamptz", "tstzmultirange", "tstzmultirange" }, 3, true },
	[CS_LOOKUP_POLICY] = { "policy", { "id", "moment", "known_at", "require_cotl" }, { "uuid", "timestamptz", "timestamptz", "bool" }, 1,
		false },
};

/* --- which tables and indexes these are: found once, and again when one of them has changed --- */

enum
{
	GIN_LIVE,
	GIN_PAST,
	GINS
};

typedef struct known_table
{
	Oid table;
	Oid btree;
	Oid gin[GINS];
	AttrNumber attnos[CS_LOOKUP_COLUMNS];
} known_table;

typedef struct known_store
{
	Oid store; /* the key */
	bool valid;
	bool usable;
	known_table tables[CS_LOOKUP_TABLES];
} known_store;

static HTAB *known_stores = NULL;

static bool
is_of(const known_table *table, Oid relation)
{
	return relation == table->table || relation == table->btree || relation == table->gin[GIN_LIVE] || relation == table->gin[GIN_PAST];
}

static void
forget(Datum arg, Oid relation)
{
	HASH_SEQ_STATUS all;
	known_store *known;

	hash_seq_init(&all, known_stores);
	while ((known = hash_seq_search(&all)) != NULL)
		for (int i = 0; known->valid && i < CS_LOOKUP_TABLES; i++)
			if (!OidIsValid(relation) || is_of(&known->tables[i], relation))
				known->valid = false;
}

static int
column_count(const shape *s)
{
	int count = 0;

	while (count < CS_LOOKUP_COLUMNS && s->columns[count] != NULL)
		count++;
	return count;
}

static bool
find_columns(const shape *s, Relation table, known_table *known)
{
	for (int i = 0; i < column_count(s); i++)
	{
		AttrNumber attno = get_attnum(RelationGetRelid(table), s->columns[i]);

		if (attno <= 0 || TupleDescAttr(RelationGetDescr(table), attno - 1)->atttypid != cs_parameter_type(s->types[i]))
			return false;
		known->attnos[i] = attno;
	}
	return true;
}

/* A whole B-tree in ascending order, whose first columns are the key. */
static bool
is_btree(Relation index, const shape *s, const known_table *known)
{
	if (index->rd_rel->relam != BTREE_AM_OID || RelationGetIndexPredicate(index) != NIL || RelationGetIndexExpressions(index) != NIL ||
		IndexRelationGetNumberOfKeyAttributes(index) < s->keys)
		return false;
	for (int i = 0; i < s->keys; i++)
	{
		TypeCacheEntry *type = lookup_type_cache(cs_parameter_type(s->types[i]), TYPECACHE_BTREE_OPFAMILY);

		if (index->rd_index->indkey.values[i] != known->attnos[i] || index->rd_opfamily[i] != type->btree_opf ||
			index->rd_indoption[i] != 0)
			return false;
	}
	return true;
}

/* WHERE live, WHERE NOT live; else -1. */
static int
which_part(Relation index, AttrNumber live)
{
	List *predicate = RelationGetIndexPredicate(index);
	Node *condition = list_length(predicate) == 1 ? linitial(predicate) : NULL;
	int part = GIN_LIVE;

	if (condition != NULL && IsA(condition, BoolExpr) && ((BoolExpr *) condition)->boolop == NOT_EXPR)
	{
		condition = linitial(((BoolExpr *) condition)->args);
		part = GIN_PAST;
	}
	return condition != NULL && IsA(condition, Var) && ((Var *) condition)->varattno == live ? part : -1;
}

static void
find_gin(Relation index, known_table *known)
{
	Oid family = GetSysCacheOid3(OPFAMILYAMNAMENSP, Anum_pg_opfamily_oid, ObjectIdGetDatum(GIN_AM_OID), CStringGetDatum("environment_ops"),
		ObjectIdGetDatum(get_namespace_oid("coserv", false)));
	int part;

	if (index->rd_rel->relam != GIN_AM_OID || RelationGetIndexExpressions(index) != NIL || IndexRelationGetNumberOfAttributes(index) != 1 ||
		index->rd_opfamily[0] != family || index->rd_index->indkey.values[0] != known->attnos[CS_TRIPLE_ENVIRONMENT_COLUMN])
		return;
	part = which_part(index, known->attnos[CS_TRIPLE_LIVE]);
	if (part >= 0)
		known->gin[part] = RelationGetRelid(index);
}

static void
find_indexes(const shape *s, bool has_environment, Relation table, known_table *known)
{
	List *indexes = RelationGetIndexList(table);
	ListCell *cell;

	foreach (cell, indexes)
	{
		Relation index = index_open(lfirst_oid(cell), AccessShareLock);

		if (index->rd_index->indisvalid)
		{
			if (s->keys > 0 && !OidIsValid(known->btree) && is_btree(index, s, known))
				known->btree = RelationGetRelid(index);
			if (has_environment)
				find_gin(index, known);
		}
		index_close(index, NoLock);
	}
	list_free(indexes);
}

/* Nothing that the table's owner put on it makes a plan do more than read the table. */
static bool
is_plain(Relation table)
{
	return table->rd_rel->relkind == RELKIND_RELATION && !table->rd_rel->relhassubclass;
}

static bool
find_table(cs_lookup_table which, known_table *known)
{
	const shape *s = &shapes[which];
	bool has_environment = which == CS_LOOKUP_TRIPLE || which == CS_LOOKUP_TRIPLE_ENVIRONMENT;
	Relation table = try_relation_open(known->table, AccessShareLock);
	bool found;

	if (table == NULL)
		return false;
	found = is_plain(table) && find_columns(s, table, known);
	if (found)
		find_indexes(s, has_environment, table, known);
	relation_close(table, NoLock);
	return found && (s->keys == 0 || OidIsValid(known->btree)) &&
		(!has_environment || (OidIsValid(known->gin[GIN_LIVE]) && OidIsValid(known->gin[GIN_PAST])));
}

/* What is found missing is looked for again each time: nothing would tell of its coming. */
static void
find_store(known_store *known)
{
	memset(known->tables, 0, sizeof(known->tables));
	for (int i = 0; i < CS_LOOKUP_TABLES; i++)
		known->tables[i].table = get_relname_relid(shapes[i].name, known->store);
	known->valid = known->usable = true;
	for (int i = 0; i < CS_LOOKUP_TABLES; i++)
		known->usable &= OidIsValid(known->tables[i].table) && find_table((cs_lookup_table) i, &known->tables[i]);
	known->valid &= known->usable;
}

static known_store *
know_store(Oid store)
{
	known_store *known;
	bool found;

	if (known_stores == NULL)
	{
		HASHCTL ctl = { .keysize = sizeof(Oid), .entrysize = sizeof(known_store) };

		known_stores = hash_create("coserv look-ups", 16, &ctl, HASH_ELEM | HASH_BLOBS);
		CacheRegisterRelcacheCallback(forget, (Datum) 0);
	}
	known = hash_search(known_stores, &store, HASH_ENTER, &found);
	if (!found)
		known->valid = false;
	if (!known->valid)
		find_store(known);
	return known;
}

/* --- open --- */

typedef struct open_table
{
	const shape *shape;
	const AttrNumber *attnos;
	Relation table;
	Relation btree;
	Relation gin[GINS];
	IndexScanDesc scan; /* of btree, once it has begun */
	TupleTableSlot *slot;
} open_table;

struct cs_lookup
{
	known_store known; /* as of the beginning */
	bool past;
	open_table tables[CS_LOOKUP_TABLES];
};

/* As a plan would check it; it says what is missing. */
static bool
may_read(const known_table *known, int columns)
{
	Oid user = GetUserId();

	if (pg_class_aclcheck(known->table, user, ACL_SELECT) == ACLCHECK_OK)
		return true;
	for (int i = 0; i < columns; i++)
		if (pg_attribute_aclcheck(known->table, known->attnos[i], user, ACL_SELECT) != ACLCHECK_OK)
			return false;
	return true;
}

/* The planner asks the same of an index (get_relation_info). */
static bool
is_usable(Relation index)
{
	return index->rd_index->indisvalid &&
		(!index->rd_index->indcheckxmin || TransactionIdPrecedes(HeapTupleHeaderGetXmin(index->rd_indextuple->t_data), TransactionXmin));
}

static bool
open_index(Oid oid, Relation *index)
{
	*index = try_relation_open(oid, AccessShareLock);
	return *index != NULL && is_usable(*index);
}

static bool
open_one(cs_lookup *lookup, cs_lookup_table which)
{
	const known_table *known = &lookup->known.tables[which];
	open_table *t = &lookup->tables[which];

	t->shape = &shapes[which];
	t->attnos = known->attnos;
	t->table = try_relation_open(known->table, AccessShareLock);
	if (t->table == NULL || !is_plain(t->table) || !may_read(known, column_count(t->shape)))
		return false;
	if (t->table->rd_rel->relrowsecurity && check_enable_rls(known->table, InvalidOid, true) == RLS_ENABLED)
		return false;
	if (OidIsValid(known->btree) && !open_index(known->btree, &t->btree))
		return false;
	for (int i = 0; i < (lookup->past ? GINS : 1); i++)
		if (OidIsValid(known->gin[i]) && !open_index(known->gin[i], &t->gin[i]))
			return false;
	t->slot = table_slot_create(t->table, NULL);
	return true;
}

static void
close_index(Relation index)
{
	if (index != NULL)
		relation_close(index, NoLock);
}

void
cs_lookup_end(cs_lookup *lookup)
{
	for (int i = 0; i < CS_LOOKUP_TABLES; i++)
	{
		open_table *t = &lookup->tables[i];

		if (t->scan != NULL)
			index_endscan(t->scan);
		if (t->slot != NULL)
			ExecDropSingleTupleTableSlot(t->slot);
		close_index(t->btree);
		close_index(t->gin[GIN_LIVE]);
		close_index(t->gin[GIN_PAST]);
		close_index(t->table);
	}
	pfree(lookup);
}

cs_lookup *
cs_lookup_begin(Oid store, bool any, bool past)
{
	known_store *known;
	cs_lookup *lookup;
	bool usable = true;

	if (!cs_setting_direct_lookups || !(known = know_store(store))->usable)
		return NULL;
	lookup = palloc0(sizeof(cs_lookup));
	lookup->known = *known;
	lookup->past = past;
	for (int i = 0; usable && i < CS_LOOKUP_TABLES; i++)
		if (any || i != CS_LOOKUP_TRIPLE_ENVIRONMENT)
			usable = open_one(lookup, (cs_lookup_table) i);
	/* what changed before it was locked is known anew by the next */
	if (usable && known->valid)
		return lookup;
	cs_lookup_end(lookup);
	return NULL;
}

/* --- look up --- */

static void
take(const open_table *t, Datum *values, bool *nulls)
{
	for (int i = 0; i < column_count(t->shape); i++)
		values[i] = slot_getattr(t->slot, t->attnos[i], &nulls[i]);
}

static IndexScanDesc
begin_scan(const open_table *t, int keys)
{
#if PG_VERSION_NUM >= 180000
	return index_beginscan(t->table, t->btree, GetActiveSnapshot(), NULL, keys, 0);
#else
	return index_beginscan(t->table, t->btree, GetActiveSnapshot(), keys, 0);
#endif
}

static void
set_key(ScanKey key, int i, const char *type, bool last_known, Datum value)
{
	RegProcedure equal = strcmp(type, "uuid") == 0 ? F_UUID_EQ : F_INT4EQ;

	if (last_known)
		ScanKeyInit(key, (AttrNumber) (i + 1), BTLessEqualStrategyNumber, F_TIMESTAMPTZ_LE, value);
	else
		ScanKeyInit(key, (AttrNumber) (i + 1), BTEqualStrategyNumber, equal, value);
}

bool
cs_lookup_row(cs_lookup *lookup, cs_lookup_table table, const Datum *keys, Datum *values, bool *nulls)
{
	open_table *t = &lookup->tables[table];
	int count = t->shape->keys;
	ScanKeyData scan_keys[MAX_KEYS];

	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < count; i++)
		set_key(&scan_keys[i], i, t->shape->types[i], t->shape->last_known && i == count - 1, keys[i]);
	if (t->scan == NULL)
		t->scan = begin_scan(t, count);
	index_rescan(t->scan, scan_keys, count, NULL, 0);
	if (!index_getnext_slot(t->scan, BackwardScanDirection, t->slot))
		return false;
	take(t, values, nulls);
	return true;
}

bool
cs_lookup_next_policy(cs_lookup *lookup, Datum *values, bool *nulls)
{
	open_table *t = &lookup->tables[CS_LOOKUP_POLICY];

	CHECK_FOR_INTERRUPTS();
	if (t->scan == NULL)
	{
		t->scan = begin_scan(t, 0);
		index_rescan(t->scan, NULL, 0, NULL, 0);
	}
	if (!index_getnext_slot(t->scan, ForwardScanDirection, t->slot))
		return false;
	take(t, values, nulls);
	return true;
}

/* --- by environment --- */

typedef struct found
{
	open_table *table;
	IndexFetchTableData *fetch;
	void (*each)(Datum *values, bool *nulls, void *data);
	void *data;
} found;

static void
fetch_row(found *f, BlockNumber block, OffsetNumber offset)
{
	Datum values[CS_LOOKUP_COLUMNS];
	bool nulls[CS_LOOKUP_COLUMNS];
	ItemPointerData tid;
	bool again = false, dead;

	CHECK_FOR_INTERRUPTS();
	ItemPointerSet(&tid, block, offset);
	if (!table_index_fetch_tuple(f->fetch, &tid, GetActiveSnapshot(), f->table->slot, &again, &dead))
		return;
	take(f->table, values, nulls);
	f->each(values, nulls, f->data);
}

/* False where a page stands for all of its rows: there were more than memory was given for. */
static bool
fetch_bitmap(found *f, TIDBitmap *bitmap)
{
	bool exact = true;
#if PG_VERSION_NUM >= 180000
	TBMPrivateIterator *iterator = tbm_begin_private_iterate(bitmap);
	TBMIterateResult page;
	OffsetNumber offsets[MaxHeapTuplesPerPage];

	while (exact && tbm_private_iterate(iterator, &page))
	{
		int count = page.lossy ? 0 : tbm_extract_page_tuple(&page, offsets, MaxHeapTuplesPerPage);

		exact = !page.lossy;
		for (int i = 0; i < count; i++)
			fetch_row(f, page.blockno, offsets[i]);
	}
	tbm_end_private_iterate(iterator);
#else
	TBMIterator *iterator = tbm_begin_iterate(bitmap);
	TBMIterateResult *page;

	while (exact && (page = tbm_iterate(iterator)) != NULL)
	{
		exact = page->ntuples >= 0;
		for (int i = 0; i < page->ntuples; i++)
			fetch_row(f, page->blockno, page->offsets[i]);
	}
	tbm_end_iterate(iterator);
#endif
	return exact;
}

static int64
fill_bitmap(Relation index, ScanKey key, TIDBitmap *bitmap)
{
#if PG_VERSION_NUM >= 180000
	IndexScanDesc scan = index_beginscan_bitmap(index, GetActiveSnapshot(), NULL, 1);
#else
	IndexScanDesc scan = index_beginscan_bitmap(index, GetActiveSnapshot(), 1);
#endif
	int64 count;

	index_rescan(scan, key, 1, NULL, 0);
	count = index_getbitmap(scan, bitmap);
	index_endscan(scan);
	return count;
}

bool
cs_lookup_environments(cs_lookup *lookup, cs_lookup_table table, StrategyNumber strategy, Datum asked,
	void (*each)(Datum *values, bool *nulls, void *data), void *data)
{
	found f = { .table = &lookup->tables[table], .each = each, .data = data };
	TIDBitmap *bitmap = tbm_create(work_mem * (Size) 1024, NULL);
	bool few = true;
	ScanKeyData key;

	/* the access method calls procedures of the operator class, and never the operator itself */
	ScanKeyEntryInitialize(&key, 0, 1, strategy, InvalidOid, InvalidOid, F_BYTEAEQ, asked);
	for (int i = 0; few && i < (lookup->past ? GINS : 1); i++)
		few = fill_bitmap(f.table->gin[i], &key, bitmap) <= CS_LOOKUP_MOST;
	if (few)
	{
		f.fetch = table_index_fetch_begin(f.table->table);
		few = fetch_bitmap(&f, bitmap);
		table_index_fetch_end(f.fetch);
	}
	tbm_free(bitmap);
	return few;
}
