/*
 * store_form.c - which form a store's tables have, and whether this version can work with them (store.h).
 */
#include "store.h"

#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/syscache.h"

#include "per_schema.h"
#include "store_form.h"

int
cs_store_form(Oid store)
{
	HeapTuple tuple =
		SearchSysCache3(PROCNAMEARGSNSP, CStringGetDatum("form"), PointerGetDatum(buildoidvector(NULL, 0)), ObjectIdGetDatum(store));
	bool isnull;
	Datum body;
	Query *query;
	Const *value = NULL;

	if (!HeapTupleIsValid(tuple))
		return 0;
	body = SysCacheGetAttr(PROCNAMEARGSNSP, tuple, Anum_pg_proc_prosqlbody, &isnull);
	query = isnull ? NULL : stringToNode(TextDatumGetCString(body));
	if (query != NULL && IsA(query, Query) && list_length(query->targetList) == 1)
		value = (Const *) linitial_node(TargetEntry, query->targetList)->expr;
	ReleaseSysCache(tuple);
	return value != NULL && IsA(value, Const) && value->consttype == INT4OID && !value->constisnull ? DatumGetInt32(value->constvalue) : 0;
}

int
cs_store_current_form(void)
{
	return CS_STORE_FORM;
}

/* Stores whose form was found to be this version's. Each answer asks, a federation's of each of its members. */
typedef struct cs_good_store
{
	Oid store;
	bool is_good; /* as long as no function is made, replaced or dropped: in a transaction that is rolled back, too */
} cs_good_store;

static HTAB *good_stores = NULL;

static void
forget(Datum arg, int cache, uint32 hash)
{
	HASH_SEQ_STATUS all;
	cs_good_store *good;

	hash_seq_init(&all, good_stores);
	while ((good = hash_seq_search(&all)) != NULL)
		good->is_good = false;
}

static void
listen(void)
{
	CacheRegisterSyscacheCallback(PROCNAMEARGSNSP, forget, (Datum) 0);
}

static cs_good_store *
remembered(Oid store)
{
	return cs_per_schema(&good_stores, "coserv forms", sizeof(cs_good_store), listen, store);
}

static void
require_known_form(Oid store, int form)
{
	if (form > CS_STORE_FORM)
		ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("store \"%s\" has form %d, and this version of coserv knows form %d", cs_store_name(store), form, CS_STORE_FORM),
				errhint("Install the version that made it, or a later one.")));
	if (form > 0 && form < CS_STORE_FORM)
		ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				errmsg("store \"%s\" has form %d, and this version of coserv needs form %d", cs_store_name(store), form, CS_STORE_FORM),
				errhint("SELECT coserv.upgrade_store('%s') brings it there.", cs_store_name(store))));
}

void
cs_store_require_form(Oid store)
{
	cs_good_store *good = remembered(store);

	if (good->is_good)
		return;
	cs_store_require(store);
	require_known_form(store, cs_store_form(store));
	good->is_good = true;
}
