/*
 * probe.c - rows straight by a B-tree (probe.h). systable_beginscan is what the server reads its own catalogs with: it takes any table, and
 * reads all of it where there is no index.
 */
#include "probe.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "optimizer/optimizer.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "btree.h"
#include "per_schema.h"
#include "store.h"

#define MAX_KEYS 3

typedef struct shape
{
	const char *table;
	const char *keys[MAX_KEYS + 1];
	const char *columns[CS_PROBE_COLUMNS + 1];
} shape;

static const shape shapes[CS_PROBE_KINDS] = {
	[CS_PROBE_TRUTH] = { "truth", { "id" }, { NULL } },
	[CS_PROBE_MANIFEST] = { "manifest", { "id" },
		{ "truth", "authority_id", "scope", "not_before", "not_after", "generation", "withdrawn" } },
	[CS_PROBE_MANIFEST_LIFE] = { "manifest_life", { "manifest" }, { NULL } },
	[CS_PROBE_AUTHORITIES] = { "authority", { NULL }, { "id", "truth" } },
	[CS_PROBE_AUTHORITY] = { "authority", { "id" }, { "scope" } },
	[CS_PROBE_REVOKED_AUTHORITY] = { "revocation", { "authority_id" }, { NULL } },
	[CS_PROBE_REVOKED_MANIFEST] = { "revocation", { "manifest" }, { NULL } },
	[CS_PROBE_REVOKED_TAG] = { "revocation", { "authority_id", "tag_id" }, { NULL } },
	[CS_PROBE_TAGS] = { "tag", { "manifest" }, { "tag_id", "authority", "kind", "ordinal" } },
	[CS_PROBE_VERSIONS] = { "tag", { "tag_id", "authority", "kind" }, { "manifest", "ordinal" } },
	[CS_PROBE_LINKS] = { "tag_link", { "manifest" }, { "relation" } },
	[CS_PROBE_LINKED] = { "tag_link", { "tag_id", "relation" }, { NULL } },
	[CS_PROBE_COTLS] = { "cotl_life", { NULL }, { NULL } },
	[CS_PROBE_CERTIFICATES] = { "certificate", { "manifest" }, { NULL } },
	[CS_PROBE_REVOKED_CERTIFICATE] = { "crl_entry", { NULL }, { NULL } },
	[CS_PROBE_UNSETTLED] = { "unsettled", { NULL }, { NULL } },
	[CS_PROBE_POLICY] = { "policy", { NULL }, { NULL } },
};

/* --- which tables and indexes these are: found once, and again when one of them has changed --- */

typedef struct known
{
	Oid table;
	Oid index; /* InvalidOid: none */
	AttrNumber keys[MAX_KEYS];
	Oid types[MAX_KEYS];
	Oid collations[MAX_KEYS];
	AttrNumber columns[CS_PROBE_COLUMNS];
} known;

typedef struct known_store
{
	Oid store; /* the key */
	known all[CS_PROBE_KINDS];
} known_store;

static HTAB *known_stores = NULL;

static void
forget(Datum arg, Oid relation)
{
	HASH_SEQ_STATUS all;
	known_store *store;

	hash_seq_init(&all, known_stores);
	while ((store = hash_seq_search(&all)) != NULL)
		for (int i = 0; i < CS_PROBE_KINDS; i++)
			if (!OidIsValid(relation) || relation == store->all[i].table || relation == store->all[i].index)
				store->all[i].table = InvalidOid;
}

static void
listen(void)
{
	CacheRegisterRelcacheCallback(forget, (Datum) 0);
}

static known *
entry_of(Oid store, cs_probe_what what)
{
	known_store *entry = cs_per_schema(&known_stores, "coserv probes", sizeof(known_store), listen, store);

	return &entry->all[what];
}

static AttrNumber
find_column(Relation table, const char *name)
{
	AttrNumber attno = get_attnum(RelationGetRelid(table), name);

	if (attno <= 0)
		ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
				errmsg("table %s of a coserv store has no column \"%s\"", RelationGetRelationName(table), name)));
	return attno;
}

static int
name_count(const char *const *names)
{
	int count = 0;

	while (names[count] != NULL)
		count++;
	return count;
}

/* Whatever has the keys is not null: so an index may say. */
static bool
holds_all(Relation index, const known *k, int keys)
{
	List *clauses = NIL;

	for (int i = 0; i < keys; i++)
	{
		NullTest *test = makeNode(NullTest);

		test->arg = (Expr *) makeVar(1, k->keys[i], k->types[i], -1, k->collations[i], 0);
		test->nulltesttype = IS_NOT_NULL;
		test->location = -1;
		clauses = lappend(clauses, test);
	}
	return predicate_implied_by(RelationGetIndexPredicate(index), clauses, false);
}

static Oid
find_index(Relation table, const known *k, int keys)
{
	List *indexes = keys > 0 ? RelationGetIndexList(table) : NIL;
	Oid found = InvalidOid;
	ListCell *cell;

	foreach (cell, indexes)
	{
		Relation index = index_open(lfirst_oid(cell), AccessShareLock);

		if (cs_btree_begins_with(table, index, k->keys, keys) && holds_all(index, k, keys))
			found = RelationGetRelid(index);
		index_close(index, NoLock);
	}
	list_free(indexes);
	return found;
}

static void
find_columns(Relation table, const shape *s, known *k)
{
	TupleDesc desc = RelationGetDescr(table);

	for (int i = 0; s->keys[i] != NULL; i++)
	{
		k->keys[i] = find_column(table, s->keys[i]);
		k->types[i] = TupleDescAttr(desc, k->keys[i] - 1)->atttypid;
		k->collations[i] = TupleDescAttr(desc, k->keys[i] - 1)->attcollation;
	}
	for (int i = 0; s->columns[i] != NULL; i++)
		k->columns[i] = find_column(table, s->columns[i]);
}

/* --- probing --- */

struct cs_probe
{
	Oid store;
	Snapshot snapshot;
	Relation tables[CS_PROBE_KINDS];
	Relation indexes[CS_PROBE_KINDS]; /* NULL: the table is read */
	known known[CS_PROBE_KINDS];
};

cs_probe *
cs_probe_begin(Oid store)
{
	cs_probe *probe = palloc0(sizeof(cs_probe));

	probe->store = store;
	probe->snapshot = RegisterSnapshot(GetLatestSnapshot());
	return probe;
}

void
cs_probe_end(cs_probe *probe)
{
	for (int i = 0; i < CS_PROBE_KINDS; i++)
	{
		if (probe->indexes[i] != NULL)
			index_close(probe->indexes[i], NoLock);
		if (probe->tables[i] != NULL)
			table_close(probe->tables[i], NoLock);
	}
	UnregisterSnapshot(probe->snapshot);
	pfree(probe);
}

static Relation
open_table(Oid store, const char *name)
{
	Oid oid = get_relname_relid(name, store);

	if (!OidIsValid(oid) || get_rel_relkind(oid) != RELKIND_RELATION)
		ereport(ERROR,
			(errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("%s of a coserv store is not the table that the store was made with", name)));
	return table_open(oid, AccessShareLock);
}

/* What is known of a table was looked up while it was locked, and is what it was while nobody was told otherwise. */
static void
open_known(cs_probe *probe, cs_probe_what what)
{
	const shape *s = &shapes[what];
	known *entry = entry_of(probe->store, what), *k = &probe->known[what];

	*k = *entry;
	if (OidIsValid(k->table))
		probe->tables[what] = table_open(k->table, AccessShareLock);
	if (OidIsValid(k->table) && entry_of(probe->store, what)->table == k->table)
		return;
	if (probe->tables[what] == NULL)
		probe->tables[what] = open_table(probe->store, s->table);
	find_columns(probe->tables[what], s, k);
	k->index = find_index(probe->tables[what], k, name_count(s->keys));
	k->table = RelationGetRelid(probe->tables[what]);
	*entry_of(probe->store, what) = *k;
}

/* An index that was made while older rows might still be seen does not hold these. */
static bool
is_usable(Relation index)
{
	return !index->rd_index->indcheckxmin || TransactionIdPrecedes(HeapTupleHeaderGetXmin(index->rd_indextuple->t_data), TransactionXmin);
}

/* The index stays locked as the table does: locking it anew for each question, and for each row that is written, costs more than a look. */
static void
open_index(cs_probe *probe, cs_probe_what what)
{
	Relation index;

	if (!OidIsValid(probe->known[what].index))
		return;
	index = index_open(probe->known[what].index, AccessShareLock);
	if (is_usable(index))
		probe->indexes[what] = index;
	else
		index_close(index, NoLock);
}

static void
set_key(ScanKey key, AttrNumber attno, Oid type, Oid collation, Datum value)
{
	RegProcedure equal = type == UUIDOID ? F_UUID_EQ : F_TEXTEQ;

	if (type != UUIDOID && type != TEXTOID)
		elog(ERROR, "a column of a store has another type");
	ScanKeyEntryInitialize(key, 0, attno, BTEqualStrategyNumber, InvalidOid, collation, equal, value);
}

static bool
take(const cs_probe *probe, cs_probe_what what, HeapTuple row, cs_probe_found each, void *data)
{
	TupleDesc desc = RelationGetDescr(probe->tables[what]);
	Datum values[CS_PROBE_COLUMNS];
	bool nulls[CS_PROBE_COLUMNS];

	for (int i = 0; shapes[what].columns[i] != NULL; i++)
		values[i] = heap_getattr(row, probe->known[what].columns[i], desc, &nulls[i]);
	return each(values, nulls, data);
}

static void
require_open(cs_probe *probe, cs_probe_what what)
{
	CHECK_FOR_INTERRUPTS();
	if (probe->tables[what] != NULL)
		return;
	open_known(probe, what);
	open_index(probe, what);
}

static bool
each_by_index(cs_probe *probe, cs_probe_what what, int count, ScanKey keys, cs_probe_found each, void *data)
{
	SysScanDesc scan = systable_beginscan_ordered(probe->tables[what], probe->indexes[what], probe->snapshot, count, keys);
	HeapTuple row;
	bool done = false;

	while (!done && (row = systable_getnext_ordered(scan, ForwardScanDirection)) != NULL)
		done = each == NULL || take(probe, what, row, each, data);
	systable_endscan_ordered(scan);
	return done;
}

static bool
each_by_table(cs_probe *probe, cs_probe_what what, int count, ScanKey keys, cs_probe_found each, void *data)
{
	SysScanDesc scan = systable_beginscan(probe->tables[what], InvalidOid, false, probe->snapshot, count, keys);
	HeapTuple row;
	bool done = false;

	while (!done && (row = systable_getnext(scan)) != NULL)
		done = each == NULL || take(probe, what, row, each, data);
	systable_endscan(scan);
	return done;
}

bool
cs_probe_each(cs_probe *probe, cs_probe_what what, const Datum *keys, cs_probe_found each, void *data)
{
	const known *k = &probe->known[what];
	ScanKeyData scan_keys[MAX_KEYS];
	int count = name_count(shapes[what].keys);

	require_open(probe, what);
	for (int i = 0; i < count; i++)
		set_key(&scan_keys[i], k->keys[i], k->types[i], k->collations[i], keys[i]);
	return (probe->indexes[what] ? each_by_index : each_by_table)(probe, what, count, scan_keys, each, data);
}

bool
cs_probe_any(cs_probe *probe, cs_probe_what what, const Datum *keys)
{
	return cs_probe_each(probe, what, keys, NULL, NULL);
}

bool
cs_probe_once(Oid store, cs_probe_what what, const Datum *keys)
{
	cs_probe *probe = cs_probe_begin(store);
	bool any = cs_probe_any(probe, what, keys);

	cs_probe_end(probe);
	return any;
}
