/*
 * store_form.c - which form a store's tables have, and whether this version can work with them (store.h).
 */
#include "store.h"

#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

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

void
cs_store_require_form(Oid store)
{
	static Oid good = InvalidOid;
	int form;

	if (store == good)
		return;
	form = cs_store_form(store);
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
	good = store; /* no form ever gets less */
}
