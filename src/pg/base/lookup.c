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
#include "catalog/pg_collation.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type_d.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/tidbitmap.h"
#include "optimizer/optimizer.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "codepoints/codepoints.h"
#include "btree.h"
#include "per_schema.h"
#include "settings.h"
#include "store.h"

#define MAX_KEYS 3

/* Of environment_ops (pg/index/environment_gin.c). */
#define ENVIRONMENT_EQUAL 3

/* Where a sample does, so many places at the most. */
#define SAMPLED_MOST 2048

typedef struct shape
{
	const char *name;
	const char *columns[CS_LOOKUP_COLUMNS]; /* those that a plan would read: the caller's rights are asked for each */
	const char *types[CS_LOOKUP_COLUMNS];
	int keys; /* the first so many columns are the leading ones of a B-tree; 0: by environment alone */
	bool last_known;
	bool as_owner; /* what leads to a row here is the caller's right to see it */
} shape;

static const shape shapes[CS_LOOKUP_TABLES] = {
	[CS_LOOKUP_TRIPLE] = { "triple", { "manifest", "ordinal", "live", "environment", "kind", "tag", "content", "current" },
		{ "uuid", "int4", "bool", "coserv.environment", "int2", "int4", "coserv.cbor", "coserv.cbor" }, 2, false },
	[CS_LOOKUP_TRIPLE_ENVIRONMENT] = { "triple_environment", { "manifest", "ordinal", "live", "environment", "kind" },
		{ "uuid", "int4", "bool", "coserv.environment", "int2" }, 0, false },
	[CS_LOOKUP_TRIPLE_CONDITION] = { "triple_condition", { "anchor", "key", "minimum", "manifest", "ordinal", "live" },
		{ "int8", "int8", "int8", "uuid", "int4", "bool" }, 3, false },
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
	[CS_LOOKUP_CORIM] = { "manifest", { "corim_id", "id" }, { "text", "uuid" }, 1, false },
	[CS_LOOKUP_TAG] = { "tag", { "tag_id", "kind", "tag_version", "manifest", "ordinal" }, { "text", "text", "numeric", "uuid", "int4" }, 1,
		false },
	[CS_LOOKUP_TAG_NEWEST] = { "tag_life", { "manifest", "ordinal", "known_at", "newest" },
		{ "uuid", "int4", "timestamptz", "tstzmultirange" }, 3, true },
	[CS_LOOKUP_TRUTH] = { "truth", { "id", "body" }, { "uuid", "bytea" }, 1, false, true },
};

/* --- which tables and indexes these are: found when one is asked first, and again when one of them has changed --- */

/* Which rows an index must hold. */
typedef enum index_part
{
	WHOLE,
	LIVE,		 /* that may count from now on; of tables by environment, without the next */
	CONDITIONAL, /* of them, conditional endorsements and series */
	PAST,
	PARTS
} index_part;

typedef struct known_table
{
	Oid table;
	bool is_found; /* then what follows is, too */
	AttrNumber attnos[CS_LOOKUP_COLUMNS];
	Oid indexes[PARTS]; /* InvalidOid: not looked for, or not there */
} known_table;

typedef struct known_store
{
	Oid store; /* the key */
	bool valid;
	known_table tables[CS_LOOKUP_TABLES];
	Oid reader;		/* who was asked about last */
	bool unlimited; /* he may read all of these tables, and no policy is on any of them */
} known_store;

static HTAB *known_stores = NULL;

static bool
is_of(const known_table *table, Oid relation)
{
	bool is = relation == table->table;

	for (int i = 0; i < PARTS; i++)
		is |= relation == table->indexes[i];
	return is;
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

/* Roles, who has which, and who is a superuser. */
static void
forget_reader(Datum arg, int cache, uint32 hash)
{
	HASH_SEQ_STATUS all;
	known_store *known;

	hash_seq_init(&all, known_stores);
	while ((known = hash_seq_search(&all)) != NULL)
		known->reader = InvalidOid;
}

static void
listen(void)
{
	CacheRegisterRelcacheCallback(forget, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHOID, forget_reader, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, forget_reader, (Datum) 0);
}

/* What is missing is looked for again each time: nothing would tell of its coming. */
static known_store *
know_store(Oid store)
{
	known_store *known = cs_per_schema(&known_stores, "coserv look-ups", sizeof(known_store), listen, store);

	if (known->valid)
		return known;
	memset(known->tables, 0, sizeof(known->tables));
	known->valid = true;
	known->reader = InvalidOid;
	for (int i = 0; i < CS_LOOKUP_TABLES; i++)
	{
		Oid table = get_relname_relid(shapes[i].name, store);

		known->tables[i].table = table;
		known->valid &= OidIsValid(table);
	}
	return known;
}

static int
column_count(const shape *s)
{
	int count = 0;

	while (count < CS_LOOKUP_COLUMNS && s->columns[count] != NULL)
		count++;
	return count;
}

static AttrNumber
find_column(TupleDesc desc, const char *name, Oid type)
{
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, i);

		if (!column->attisdropped && namestrcmp(&column->attname, name) == 0)
			return column->atttypid == type && (!OidIsValid(column->attcollation) || column->attcollation == DEFAULT_COLLATION_OID)
				? column->attnum
				: InvalidAttrNumber;
	}
	return InvalidAttrNumber;
}

static bool
find_columns(const shape *s, Relation table, known_table *known)
{
	for (int i = 0; i < column_count(s); i++)
	{
		known->attnos[i] = find_column(RelationGetDescr(table), s->columns[i], cs_parameter_type(s->types[i]));
		if (known->attnos[i] == InvalidAttrNumber)
			return false;
	}
	return true;
}

/* Nothing that the table's owner put on it makes a plan do more than read the table. */
static bool
is_plain(Relation table)
{
	return table->rd_rel->relkind == RELKIND_RELATION && !table->rd_rel->relhassubclass;
}

static bool
find_table(const shape *s, Relation table, known_table *known)
{
	if (!known->is_found)
		known->is_found = is_plain(table) && find_columns(s, table, known);
	return known->is_found;
}

static bool
is_by_environment(Relation index)
{
	Oid family = GetSysCacheOid3(OPFAMILYAMNAMENSP, Anum_pg_opfamily_oid, ObjectIdGetDatum(GIN_AM_OID), CStringGetDatum("environment_ops"),
		ObjectIdGetDatum(get_namespace_oid("coserv", false)));

	return index->rd_rel->relam == GIN_AM_OID && index->rd_index->indisvalid && RelationGetIndexExpressions(index) == NIL &&
		IndexRelationGetNumberOfAttributes(index) == 1 && index->rd_opfamily[0] == family;
}

static AttrNumber
attno_of(const shape *s, const known_table *known, const char *column)
{
	for (int i = 0; i < column_count(s); i++)
		if (strcmp(s->columns[i], column) == 0)
			return known->attnos[i];
	return InvalidAttrNumber;
}

static Node *
is_of_kind(AttrNumber attno, int16 kind)
{
	Node *var = (Node *) makeVar(1, attno, INT2OID, -1, InvalidOid, 0);
	Node *value = (Node *) makeConst(INT2OID, -1, InvalidOid, sizeof(int16), Int16GetDatum(kind), false, true);

	return (Node *) make_opclause(get_opfamily_member(INTEGER_BTREE_FAM_OID, INT2OID, INT2OID, BTEqualStrategyNumber), BOOLOID, false,
		(Expr *) var, (Expr *) value, InvalidOid, InvalidOid);
}

/* Does an index hold all live rows, of these kinds where any are given? */
static bool
holds_live(Relation index, AttrNumber live, AttrNumber kind, const int16 *kinds, int count)
{
	Node *is_live = (Node *) makeVar(1, live, BOOLOID, -1, InvalidOid, 0);
	List *predicate = RelationGetIndexPredicate(index);
	bool holds = true;

	if (count == 0)
		return predicate_implied_by(predicate, list_make1(is_live), false);
	for (int i = 0; holds && i < count; i++)
		holds = predicate_implied_by(predicate, list_make2(is_live, is_of_kind(kind, kinds[i])), false);
	return holds;
}

static bool
holds_past(Relation index, AttrNumber live)
{
	Node *is_past = (Node *) makeBoolExpr(NOT_EXPR, list_make1(makeVar(1, live, BOOLOID, -1, InvalidOid, 0)), -1);

	return predicate_implied_by(RelationGetIndexPredicate(index), list_make1(is_past), false);
}

/* The kinds that answers and appraisals look for. */
static const int16 conditional_kinds[] = { CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES, CS_TRIPLE_CONDITIONAL_ENDORSEMENT };
static const int16 other_kinds[] = { CS_TRIPLE_REFERENCE, CS_TRIPLE_ENDORSED, CS_TRIPLE_IDENTITY, CS_TRIPLE_ATTEST_KEY,
	CS_TRIPLE_DEPENDENCY, CS_TRIPLE_MEMBERSHIP };

static bool
holds(const shape *s, Relation index, const known_table *known, index_part part)
{
	AttrNumber live = attno_of(s, known, "live"), kind = attno_of(s, known, "kind");

	switch (part)
	{
		case LIVE:
			return holds_live(index, live, kind, other_kinds, kind == InvalidAttrNumber ? 0 : lengthof(other_kinds));
		case CONDITIONAL:
			return holds_live(index, live, kind, conditional_kinds, lengthof(conditional_kinds));
		case PAST:
			return holds_past(index, live);
		default:
			return RelationGetIndexPredicate(index) == NIL;
	}
}

/* Parts of a table that is looked up in by environment have indexes by environment. */
static bool
is_asked_by_environment(const shape *s, const known_table *known, index_part part)
{
	return part != WHOLE && attno_of(s, known, "environment") != InvalidAttrNumber;
}

/* By its row of the catalog, which is read sooner than an index is opened. */
static bool
may_be_index(Oid index, AttrNumber first, index_part part)
{
	HeapTuple tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
	bool may_be;

	if (!HeapTupleIsValid(tuple))
		return false;
	may_be = ((Form_pg_index) GETSTRUCT(tuple))->indkey.values[0] == first &&
		(part != WHOLE || heap_attisnull(tuple, Anum_pg_index_indpred, NULL));
	ReleaseSysCache(tuple);
	return may_be;
}

static Oid
find_index(const shape *s, Relation table, const known_table *known, index_part part)
{
	bool by_environment = is_asked_by_environment(s, known, part);
	AttrNumber first = by_environment ? attno_of(s, known, "environment") : known->attnos[0];
	List *indexes = RelationGetIndexList(table);
	Oid found = InvalidOid;
	ListCell *cell;

	foreach (cell, indexes)
	{
		Relation index;

		if (OidIsValid(found) || !may_be_index(lfirst_oid(cell), first, part))
			continue;
		index = index_open(lfirst_oid(cell), AccessShareLock);
		if ((by_environment ? is_by_environment(index) : cs_btree_begins_with(table, index, known->attnos, s->keys)) &&
			holds(s, index, known, part))
			found = RelationGetRelid(index);
		index_close(index, NoLock);
	}
	list_free(indexes);
	return found;
}

/* --- open --- */

typedef struct open_table
{
	const shape *shape;
	known_table known;
	Relation table;
	Relation indexes[PARTS];
	IndexScanDesc scans[PARTS]; /* of B-trees, by all keys, once they have begun */
	TupleTableSlot *slot;
} open_table;

struct cs_lookup
{
	known_store *store;
	bool past;
	bool unlimited;
	bool failed; /* something could not be looked up */
	open_table tables[CS_LOOKUP_TABLES];
};

/* As a plan would check it; it says what is missing. */
static bool
may_read(Oid table, const shape *s, Oid user)
{
	bool is_missing = false;

	if (pg_class_aclcheck_ext(table, user, ACL_SELECT, &is_missing) == ACLCHECK_OK)
		return true;
	for (int i = 0; !is_missing && i < column_count(s); i++)
		if (pg_attribute_aclcheck_ext(table, get_attnum(table, s->columns[i]), user, ACL_SELECT, &is_missing) != ACLCHECK_OK)
			return false;
	return !is_missing;
}

static bool
has_policies(Oid table)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	bool has = !HeapTupleIsValid(tuple) || ((Form_pg_class) GETSTRUCT(tuple))->relrowsecurity;

	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	return has;
}

/*
 * Whoever may read all, and from whom no policy hides anything, is asked about once. GRANT and policies change a table's row of the
 * catalog.
 */
static bool
is_unlimited(known_store *known)
{
	bool unlimited = known->valid;
	Oid user = GetUserId();

	if (known->reader == user)
		return known->unlimited;
	for (int i = 0; unlimited && i < CS_LOOKUP_TABLES; i++)
		unlimited = shapes[i].as_owner || (!has_policies(known->tables[i].table) && may_read(known->tables[i].table, &shapes[i], user));
	/* unless somebody was told meanwhile that it may have changed */
	known->unlimited = unlimited;
	known->reader = known->valid ? user : InvalidOid;
	return unlimited;
}

/* The planner asks the same of an index (get_relation_info). */
static bool
is_usable(Relation index)
{
	return index->rd_index->indisvalid &&
		(!index->rd_index->indcheckxmin || TransactionIdPrecedes(HeapTupleHeaderGetXmin(index->rd_indextuple->t_data), TransactionXmin));
}

/* What changed before it was locked is known anew by the next. */
static Relation
open_relation(cs_lookup *lookup, Oid oid)
{
	if (!OidIsValid(oid))
		return NULL;
	LockRelationOid(oid, AccessShareLock);
	if (lookup->store->valid)
		return RelationIdGetRelation(oid);
	UnlockRelationOid(oid, AccessShareLock);
	return NULL;
}

static bool
may_ask(const open_table *t)
{
	Oid table = RelationGetRelid(t->table), user = t->shape->as_owner ? t->table->rd_rel->relowner : GetUserId();

	return may_read(table, t->shape, user) && !(t->table->rd_rel->relrowsecurity && check_enable_rls(table, user, true) == RLS_ENABLED);
}

static bool
open_table_of(cs_lookup *lookup, cs_lookup_table which)
{
	open_table *t = &lookup->tables[which];
	known_table *known = &lookup->store->tables[which];
	bool usable;

	if (lookup->failed || t->slot != NULL)
		return !lookup->failed;
	t->shape = &shapes[which];
	t->table = open_relation(lookup, known->table);
	usable = t->table != NULL && find_table(t->shape, t->table, known) && ((lookup->unlimited && !t->shape->as_owner) || may_ask(t));
	t->known = *known;
	if (usable)
		t->slot = table_slot_create(t->table, NULL);
	lookup->failed |= !usable;
	return usable;
}

/* NULL: it cannot be looked up in. */
static Relation
index_of(cs_lookup *lookup, cs_lookup_table which, index_part part)
{
	open_table *t = &lookup->tables[which];
	Oid *oid = &t->known.indexes[part];

	if (!open_table_of(lookup, which))
		return NULL;
	if (!OidIsValid(*oid))
	{
		*oid = find_index(t->shape, t->table, &t->known, part);
		lookup->store->tables[which].indexes[part] = *oid;
	}
	if (t->indexes[part] == NULL)
		t->indexes[part] = open_relation(lookup, *oid);
	if (t->indexes[part] != NULL && is_usable(t->indexes[part]))
		return t->indexes[part];
	lookup->failed = true;
	return NULL;
}

bool
cs_lookup_end(cs_lookup *lookup)
{
	bool complete = !lookup->failed;

	for (int i = 0; i < CS_LOOKUP_TABLES; i++)
	{
		open_table *t = &lookup->tables[i];

		if (t->table == NULL)
			continue;
		for (int j = 0; j < PARTS; j++)
		{
			if (t->scans[j] != NULL)
				index_endscan(t->scans[j]);
			if (t->indexes[j] != NULL)
				relation_close(t->indexes[j], NoLock);
		}
		if (t->slot != NULL)
			ExecDropSingleTupleTableSlot(t->slot);
		relation_close(t->table, NoLock);
	}
	pfree(lookup);
	return complete;
}

cs_lookup *
cs_lookup_begin(Oid store, bool past)
{
	known_store *known;
	cs_lookup *lookup;

	if (!cs_setting_direct_lookups)
		return NULL;
	AcceptInvalidationMessages();
	known = know_store(store);
	lookup = palloc0(sizeof(cs_lookup));
	lookup->store = known;
	lookup->past = past;
	lookup->unlimited = is_unlimited(known);
	return lookup;
}

bool
cs_lookup_is_unlimited(const cs_lookup *lookup)
{
	return lookup->unlimited;
}

bool
cs_lookup_has_failed(const cs_lookup *lookup)
{
	return lookup->failed;
}

/* --- by keys --- */

static void
take(const open_table *t, Datum *values, bool *nulls)
{
	for (int i = 0; i < CS_LOOKUP_COLUMNS && t->shape->columns[i] != NULL; i++)
		values[i] = slot_getattr(t->slot, t->known.attnos[i], &nulls[i]);
}

static IndexScanDesc
begin_scan(const open_table *t, Relation index, int keys)
{
#if PG_VERSION_NUM >= 180000
	return index_beginscan(t->table, index, GetActiveSnapshot(), NULL, keys, 0);
#else
	return index_beginscan(t->table, index, GetActiveSnapshot(), keys, 0);
#endif
}

/* The scan of a B-tree by so many keys; NULL: it cannot be looked up in. */
static IndexScanDesc
scan_of(cs_lookup *lookup, cs_lookup_table which, index_part part, int keys)
{
	open_table *t = &lookup->tables[which];

	if (t->scans[part] == NULL)
	{
		Relation index = index_of(lookup, which, part);

		if (index != NULL)
			t->scans[part] = begin_scan(t, index, keys);
	}
	return t->scans[part];
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
	int count = shapes[table].keys;
	IndexScanDesc scan = scan_of(lookup, table, WHOLE, count);
	ScanKeyData scan_keys[MAX_KEYS];

	CHECK_FOR_INTERRUPTS();
	if (scan == NULL)
		return false;
	for (int i = 0; i < count; i++)
		set_key(&scan_keys[i], i, t->shape->types[i], t->shape->last_known && i == count - 1, keys[i]);
	index_rescan(scan, scan_keys, count, NULL, 0);
	if (!index_getnext_slot(scan, BackwardScanDirection, t->slot))
		return false;
	take(t, values, nulls);
	return true;
}

void
cs_lookup_rows(cs_lookup *lookup, cs_lookup_table table, Datum key, cs_lookup_found each, void *data)
{
	open_table *t = &lookup->tables[table];
	IndexScanDesc scan = scan_of(lookup, table, WHOLE, 1);
	Datum values[CS_LOOKUP_COLUMNS];
	bool nulls[CS_LOOKUP_COLUMNS];
	int64 left = CS_LOOKUP_MOST;
	ScanKeyData scan_key;

	if (scan == NULL)
		return;
	ScanKeyEntryInitialize(&scan_key, 0, 1, BTEqualStrategyNumber, InvalidOid, DEFAULT_COLLATION_OID, F_TEXTEQ, key);
	index_rescan(scan, &scan_key, 1, NULL, 0);
	for (; left > 0 && index_getnext_slot(scan, ForwardScanDirection, t->slot); left--)
	{
		CHECK_FOR_INTERRUPTS();
		take(t, values, nulls);
		each(values, nulls, data);
	}
	lookup->failed |= left <= 0;
}

bool
cs_lookup_next_policy(cs_lookup *lookup, Datum *values, bool *nulls)
{
	open_table *t = &lookup->tables[CS_LOOKUP_POLICY];
	bool begun = t->scans[WHOLE] != NULL;
	IndexScanDesc scan = scan_of(lookup, CS_LOOKUP_POLICY, WHOLE, 0);

	CHECK_FOR_INTERRUPTS();
	if (scan == NULL)
		return false;
	if (!begun)
		index_rescan(scan, NULL, 0, NULL, 0);
	if (!index_getnext_slot(scan, ForwardScanDirection, t->slot))
		return false;
	take(t, values, nulls);
	return true;
}

/* --- by what conditions ask for --- */

typedef struct asking
{
	cs_lookup *lookup;
	IndexScanDesc scan;
	cs_lookup_found each;
	void *data;
	int64 left;
} asking;

/* The rows of an anchor with this key, minimum <= most. */
static void
fetch_asks(asking *a, int64 anchor, int64 key, int64 most)
{
	open_table *t = &a->lookup->tables[CS_LOOKUP_TRIPLE_CONDITION];
	Datum values[CS_LOOKUP_COLUMNS];
	bool nulls[CS_LOOKUP_COLUMNS];
	ScanKeyData keys[3];

	ScanKeyInit(&keys[0], 1, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(anchor));
	ScanKeyInit(&keys[1], 2, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(key));
	ScanKeyInit(&keys[2], 3, BTLessEqualStrategyNumber, F_INT8LE, Int64GetDatum(most));
	index_rescan(a->scan, keys, 3, NULL, 0);
	while (a->left > 0 && index_getnext_slot(a->scan, ForwardScanDirection, t->slot))
	{
		CHECK_FOR_INTERRUPTS();
		take(t, values, nulls);
		a->each(values, nulls, a->data);
		a->left--;
	}
}

/* Does anything ask for an environment with this anchor? For most attributes nothing does. */
static bool
is_asked_for(const asking *a, int64 anchor)
{
	ScanKeyData keys[3];

	ScanKeyInit(&keys[0], 1, BTEqualStrategyNumber, F_INT8EQ, Int64GetDatum(anchor));
	ScanKeyInit(&keys[1], 2, BTGreaterEqualStrategyNumber, F_INT8GE, Int64GetDatum(PG_INT64_MIN));
	ScanKeyInit(&keys[2], 3, BTGreaterEqualStrategyNumber, F_INT8GE, Int64GetDatum(PG_INT64_MIN));
	index_rescan(a->scan, keys, 3, NULL, 0);
	return index_getnext_tid(a->scan, ForwardScanDirection) != NULL;
}

void
cs_lookup_conditions(cs_lookup *lookup, const int64 *anchors, int anchor_count, const int64 *keys, const int64 *most, int key_count,
	cs_lookup_found each, void *data)
{
	asking a = { .lookup = lookup, .each = each, .data = data, .left = CS_LOOKUP_MOST };

	for (index_part part = LIVE; part <= PAST; part++)
	{
		if (part == CONDITIONAL || (part == PAST && !lookup->past))
			continue;
		a.scan = scan_of(lookup, CS_LOOKUP_TRIPLE_CONDITION, part, 3);
		for (int i = 0; a.scan != NULL && i < anchor_count; i++)
			for (int j = is_asked_for(&a, anchors[i]) ? 0 : key_count; j < key_count; j++)
				fetch_asks(&a, anchors[i], keys[j], most[j]);
	}
	lookup->failed |= a.left <= 0;
}

/* --- by environment --- */

typedef struct found
{
	open_table *table;
	IndexFetchTableData *fetch;
	cs_lookup_found each;
	void *data;
	cs_lookup_places *places; /* or NULL */
} found;

static void
note_place(cs_lookup_places *places, ItemPointerData place)
{
	if (places->count < CS_LOOKUP_PLACES)
		places->places[places->count] = place;
	places->count++;
}

static void
fetch_row(ItemPointerData place, void *data)
{
	found *f = data;
	Datum values[CS_LOOKUP_COLUMNS];
	bool nulls[CS_LOOKUP_COLUMNS];
	ItemPointerData tid = place; /* becomes that of the row's version */
	bool again = false, dead;

	CHECK_FOR_INTERRUPTS();
	if (!table_index_fetch_tuple(f->fetch, &tid, GetActiveSnapshot(), f->table->slot, &again, &dead))
		return;
	if (f->places != NULL)
		note_place(f->places, place);
	take(f->table, values, nulls);
	f->each(values, nulls, f->data);
}

static ItemPointerData
place_of(BlockNumber block, OffsetNumber offset)
{
	ItemPointerData place;

	ItemPointerSet(&place, block, offset);
	return place;
}

/* False where a page stands for all of its rows: there were more than memory was given for. */
static bool
each_place(TIDBitmap *bitmap, void (*each)(ItemPointerData place, void *data), void *data)
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
			each(place_of(page.blockno, offsets[i]), data);
	}
	tbm_end_private_iterate(iterator);
#else
	TBMIterator *iterator = tbm_begin_iterate(bitmap);
	TBMIterateResult *page;

	while (exact && (page = tbm_iterate(iterator)) != NULL)
	{
		exact = page->ntuples >= 0;
		for (int i = 0; i < page->ntuples; i++)
			each(place_of(page->blockno, page->offsets[i]), data);
	}
	tbm_end_iterate(iterator);
#endif
	return exact;
}

/* One in so many places. */
typedef struct sampled
{
	int64 each, at;
	void (*take)(ItemPointerData place, void *data);
	void *data;
} sampled;

static void
take_sample(ItemPointerData place, void *data)
{
	sampled *sample = data;

	if (sample->at++ % sample->each == 0)
		sample->take(place, sample->data);
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

/* Adds what the index of a part holds; false where it cannot be looked up. */
static bool
fill(cs_lookup *lookup, cs_lookup_table table, index_part part, ScanKey key, TIDBitmap *bitmap)
{
	Relation index = index_of(lookup, table, part);

	return index != NULL && fill_bitmap(index, key, bitmap) <= CS_LOOKUP_MOST;
}

void
cs_lookup_environments(cs_lookup *lookup, cs_lookup_table table, unsigned parts, StrategyNumber strategy, Datum asked, cs_lookup_found each,
	void *data, cs_lookup_places *places)
{
	found f = { .table = &lookup->tables[table], .each = each, .data = data, .places = places };
	TIDBitmap *bitmap = tbm_create(work_mem * (Size) 1024, NULL);
	ScanKeyData key;
	bool few;

	/* the access method calls procedures of the operator class, and never the operator itself */
	ScanKeyEntryInitialize(&key, 0, 1, strategy, InvalidOid, InvalidOid, F_BYTEAEQ, asked);
	few = ((parts & CS_PART_OTHER) == 0 || fill(lookup, table, LIVE, &key, bitmap)) &&
		((parts & CS_PART_CONDITIONAL) == 0 || fill(lookup, table, CONDITIONAL, &key, bitmap)) &&
		(!lookup->past || fill(lookup, table, PAST, &key, bitmap));
	if (few)
	{
		f.fetch = table_index_fetch_begin(f.table->table);
		few = each_place(bitmap, fetch_row, &f);
		table_index_fetch_end(f.fetch);
	}
	tbm_free(bitmap);
	lookup->failed |= !few;
}

void
cs_lookup_at_places(cs_lookup *lookup, cs_lookup_table table, const ItemPointerData *places, int count, cs_lookup_found each, void *data)
{
	found f = { .table = &lookup->tables[table], .each = each, .data = data };

	if (count == 0 || !open_table_of(lookup, table))
		return;
	f.fetch = table_index_fetch_begin(f.table->table);
	for (int i = 0; i < count; i++)
		fetch_row(places[i], &f);
	table_index_fetch_end(f.fetch);
}

Relation
cs_lookup_live_indexes(cs_lookup *lookup, cs_lookup_table table, Relation indexes[CS_LOOKUP_LIVE_INDEXES])
{
	indexes[0] = index_of(lookup, table, LIVE);
	indexes[1] = index_of(lookup, table, CONDITIONAL);
	return indexes[0] != NULL && indexes[1] != NULL ? lookup->tables[table].table : NULL;
}

int64
cs_lookup_entries(cs_lookup *lookup, cs_lookup_table table, Datum environment, void (*each)(ItemPointerData place, void *data), void *data)
{
	TIDBitmap *bitmap = tbm_create(work_mem * (Size) 1024, NULL);
	Relation live = index_of(lookup, table, LIVE), conditional = index_of(lookup, table, CONDITIONAL);
	sampled sample = { .take = each, .data = data };
	ScanKeyData key;

	ScanKeyEntryInitialize(&key, 0, 1, ENVIRONMENT_EQUAL, InvalidOid, InvalidOid, F_BYTEAEQ, environment);
	if (live != NULL && conditional != NULL)
	{
		sample.each = 1 + (fill_bitmap(live, &key, bitmap) + fill_bitmap(conditional, &key, bitmap)) / SAMPLED_MOST;
		(void) each_place(bitmap, take_sample, &sample);
	}
	tbm_free(bitmap);
	return sample.each;
}
