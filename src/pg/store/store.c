/*
 * store.c - making and dropping a store: a schema with ordinary tables that belong to the caller (doc/design.md, "A store in
 * detail"). Its SQL is sql/store, which the build turns into store_template.h.
 */
#include "pg/base/store.h"

#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "jit/jit.h"
#include "miscadmin.h"
#include "optimizer/cost.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "making.h"
#include "template.h"

PG_FUNCTION_INFO_V1(coserv_create_store);
PG_FUNCTION_INFO_V1(coserv_drop_store);
PG_FUNCTION_INFO_V1(coserv_version);

static void
turn_off(const char *setting, bool is_on)
{
	if (is_on)
		(void) set_config_option(setting, "off", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

int
cs_begin_statements(void)
{
	int guc_nest;

	/* inside of others: ending a level looks at every setting there is */
	if (!jit_enabled && !enable_seqscan)
		return 0;
	guc_nest = NewGUCNestLevel();
	turn_off("jit", jit_enabled);
	turn_off("enable_seqscan", enable_seqscan);
	return guc_nest;
}

void
cs_end_statements(int guc_nest)
{
	if (guc_nest != 0)
		AtEOXact_GUC(true, guc_nest);
}

void
cs_become_owner(Oid table, cs_as_owner *saved)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	Oid owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", table);
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	saved->guc_nest = cs_begin_statements();
	GetUserIdAndSecContext(&saved->user, &saved->sec_context);
	SetUserIdAndSecContext(owner, saved->sec_context | SECURITY_LOCAL_USERID_CHANGE | SECURITY_NOFORCE_RLS);
}

void
cs_become_self(const cs_as_owner *saved)
{
	SetUserIdAndSecContext(saved->user, saved->sec_context);
	cs_end_statements(saved->guc_nest);
}

void
cs_store_require_owner(Oid schema)
{
	HeapTuple tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
	bool owns = HeapTupleIsValid(tuple) && has_privs_of_role(GetUserId(), ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner);

	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	if (!owns)
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_SCHEMA, get_namespace_name(schema));
}

/*
 * Where a store may be. A temporary schema is anybody's, and gone with the session; names of the system and the extension's own schema
 * are not the caller's. In a schema that is there already, its owner makes stores, as a store is who owns its schema.
 */
static void
require_place(const char *name)
{
	Oid schema = get_namespace_oid(name, true);

	if (strcmp(name, "pg_temp") == 0 || (OidIsValid(schema) && isAnyTempNamespace(schema)))
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_SCHEMA_NAME), errmsg("a store cannot be made in a temporary schema"),
				errhint("For a store that goes with the transaction, make one in it and roll it back.")));
	if (!OidIsValid(schema))
		return; /* CREATE SCHEMA asks for CREATE on the database */
	if (IsCatalogNamespace(schema) || IsToastNamespace(schema) || strcmp(name, "information_schema") == 0 || strcmp(name, "coserv") == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_SCHEMA_NAME), errmsg("a store cannot be made in schema \"%s\"", name)));
	cs_store_require_owner(schema);
	if (OidIsValid(get_relname_relid("manifest", schema)))
		ereport(ERROR, (errcode(ERRCODE_DUPLICATE_SCHEMA), errmsg("schema \"%s\" is a store already, or has a table manifest", name)));
	if (OidIsValid(get_relname_relid("placement", schema)))
		ereport(
			ERROR, (errcode(ERRCODE_DUPLICATE_SCHEMA), errmsg("schema \"%s\" is a federation already, or has a table placement", name)));
}

Oid
cs_make_schema(Datum name_text, const char *template)
{
	char *name = cs_store_checked_name(name_text);

	require_place(name);
	cs_spi_connect();
	if (!OidIsValid(get_namespace_oid(name, true)))
		cs_store_run_sql(psprintf("CREATE SCHEMA %s", quote_identifier(name)));
	cs_store_run_sql(cs_store_expand(template, name));
	SPI_finish();
	return get_namespace_oid(name, false);
}

void
cs_unmake_schema(Datum name_text, void (*require)(Oid schema))
{
	char *name = cs_store_checked_name(name_text);

	cs_spi_connect();
	require(get_namespace_oid(name, false));
	cs_store_run_sql(psprintf("DROP SCHEMA %s CASCADE", quote_identifier(name)));
	SPI_finish();
}

/* create_store(name text) -> regnamespace: in a new schema, or in one that the caller owns. */
Datum
coserv_create_store(PG_FUNCTION_ARGS)
{
	PG_RETURN_OID(cs_make_schema(PG_GETARG_DATUM(0), cs_store_template()));
}

/* drop_store(name text): the schema with everything in it, when it is a store. */
Datum
coserv_drop_store(PG_FUNCTION_ARGS)
{
	cs_unmake_schema(PG_GETARG_DATUM(0), cs_store_require);
	PG_RETURN_VOID();
}

Datum
coserv_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(COSERV_VERSION));
}
