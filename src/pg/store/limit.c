/*
 * limit.c - readers that are limited to authorities and environments (sql/store/70_limit.sql): policies of row-level security on the tables
 * of a store, and what they follow. They are plain policies, made with the rights of the caller, at the first limit, and gone with the
 * last.
 */
#include "limit.h"

#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/rel.h"

#include "pg/base/store.h"

PG_FUNCTION_INFO_V1(coserv_limit_reader);
PG_FUNCTION_INFO_V1(coserv_reader_rows);

#define UNLIMITED "NOT EXISTS (SELECT FROM @store@.reader_limit) OR "
/* OFFSET 0: each row is looked up; a plan that hashes reader_row reads all of it for the few rows of an answer. */
#define ROW_OF(column) UNLIMITED "EXISTS (SELECT FROM @store@.reader_row v WHERE v.id OPERATOR(pg_catalog.=) " column " OFFSET 0)"
/* reader_limit and reader_row show a role its own rows, so the other policies need not ask whose they are */
#define OWN "pg_catalog.pg_has_role(role::pg_catalog.oid, 'USAGE'::pg_catalog.text)"

static const struct
{
	const char *table;
	const char *reads;
} policies[] = {
	{ "reader_limit", OWN },
	{ "reader_row", OWN },
	{ "manifest", ROW_OF("manifest.id") },
	{ "revocation", ROW_OF("revocation.id") },
	{ "tag", ROW_OF("tag.manifest") },
	{ "tag_link", ROW_OF("tag_link.manifest") },
	{ "triple", ROW_OF("triple.manifest") },
	{ "triple_environment", ROW_OF("triple_environment.manifest") },
	{ "triple_condition", ROW_OF("triple_condition.manifest") },
	{ "search_key", ROW_OF("search_key.manifest") },
	{ "certificate", ROW_OF("certificate.manifest") },
	{ "manifest_life", ROW_OF("manifest_life.manifest") },
	{ "tag_life", ROW_OF("tag_life.manifest") },
	{ "cotl_life", ROW_OF("cotl_life.manifest") },
	{ "authority",
		UNLIMITED "EXISTS (SELECT FROM @store@.reader_limit l WHERE authority.name OPERATOR(pg_catalog.=) ANY (l.authorities))"
				  " OR EXISTS (SELECT FROM @store@.manifest m WHERE m.authority_id OPERATOR(pg_catalog.=) authority.id)" },
	/* of an authority that was removed, those who could read what it said learn that it went */
	{ "authority_life",
		UNLIMITED "EXISTS (SELECT FROM @store@.authority a WHERE a.id OPERATOR(pg_catalog.=) authority_life.authority)"
				  " OR EXISTS (SELECT FROM @store@.manifest m WHERE m.authority_id OPERATOR(pg_catalog.=)"
				  " authority_life.authority)" },
	{ "crl", UNLIMITED "EXISTS (SELECT FROM @store@.authority a WHERE a.id OPERATOR(pg_catalog.=) crl.authority_id)" },
	{ "crl_entry", UNLIMITED "EXISTS (SELECT FROM @store@.authority a WHERE a.id OPERATOR(pg_catalog.=) crl_entry.authority)" },
	/* documents that nobody vouches for are nobody's */
	{ "set_aside", "NOT EXISTS (SELECT FROM @store@.reader_limit)" },
	{ "unsettled", "NOT EXISTS (SELECT FROM @store@.reader_limit)" },
	/* Evidence is no authority's, and how it was appraised rests on all of them */
	{ "retention", "NOT EXISTS (SELECT FROM @store@.reader_limit)" },
	{ "attester", "NOT EXISTS (SELECT FROM @store@.reader_limit)" },
	{ "attester_environment", "NOT EXISTS (SELECT FROM @store@.reader_limit)" },
	{ "appraisal", "NOT EXISTS (SELECT FROM @store@.reader_limit)" },
};

static const char *const sources[] = { "manifest", "revocation" };

static void
run(const char *store, const char *sql)
{
	if (SPI_execute(cs_store_expand(sql, store), false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not run: %s", sql);
}

/* What is written is the triggers' business and that of grants: a limit is on what is read. */
static void
begin_limits(const char *store)
{
	for (size_t i = 0; i < lengthof(policies); i++)
	{
		const char *table = policies[i].table;

		run(store, psprintf("CREATE POLICY reader_limit ON @store@.%s USING (%s) WITH CHECK (true)", table, policies[i].reads));
		run(store, psprintf("ALTER TABLE @store@.%s ENABLE ROW LEVEL SECURITY", table));
	}
	run(store, "GRANT SELECT ON @store@.reader_limit, @store@.reader_row TO PUBLIC");
	for (size_t i = 0; i < lengthof(sources); i++)
	{
		run(store,
			psprintf("CREATE TRIGGER reader_rows AFTER INSERT OR UPDATE OR DELETE ON @store@.%s"
					 " FOR EACH ROW EXECUTE FUNCTION coserv.reader_rows()",
				sources[i]));
		run(store, psprintf("ALTER TABLE @store@.%s ENABLE ALWAYS TRIGGER reader_rows", sources[i]));
	}
}

static void
end_limits(const char *store)
{
	for (size_t i = 0; i < lengthof(sources); i++)
		run(store, psprintf("DROP TRIGGER IF EXISTS reader_rows ON @store@.%s", sources[i]));
	for (size_t i = 0; i < lengthof(policies); i++)
	{
		run(store, psprintf("DROP POLICY IF EXISTS reader_limit ON @store@.%s", policies[i].table));
		run(store, psprintf("ALTER TABLE @store@.%s DISABLE ROW LEVEL SECURITY", policies[i].table));
	}
}

static bool
has_limits(Oid store)
{
	return cs_run_latest(store, CS_STMT_LIMIT_ANY, NULL, NULL) > 0;
}

void
cs_limits_renew(Oid store)
{
	if (!has_limits(store))
		return;
	end_limits(cs_store_name(store));
	begin_limits(cs_store_name(store));
}

static void
set_limit(Oid store, Datum *args, const char *nulls)
{
	bool first = !has_limits(store);

	cs_run_latest(store, CS_STMT_LIMIT_LIFT, args, NULL);
	cs_run_latest(store, CS_STMT_LIMIT_SET, args, nulls);
	cs_run_latest(store, CS_STMT_READER_ALL, args, NULL);
	cs_run_latest(store, CS_STMT_READER_ALL_REVOCATIONS, args, NULL);
	if (first)
		begin_limits(cs_store_name(store));
}

static void
lift_limit(Oid store, Datum *args)
{
	if (cs_run_latest(store, CS_STMT_LIMIT_LIFT, args, NULL) > 0 && !has_limits(store))
		end_limits(cs_store_name(store));
}

/* limit_reader(store regnamespace, role regrole, authorities text[], environments environment[]); not strict: NULL is no limit */
Datum
coserv_limit_reader(PG_FUNCTION_ARGS)
{
	Datum args[3] = { 0 };
	char nulls[4] = "   ";
	Oid store;
	int nest;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("store and role must be given")));
	store = PG_GETARG_OID(0);
	(void) GetUserNameFromId(PG_GETARG_OID(1), false);
	for (int i = 0; i < 3; i++)
	{
		if (PG_ARGISNULL(i + 1))
			nulls[i] = 'n';
		else
			args[i] = PG_GETARG_DATUM(i + 1);
	}
	cs_spi_connect();
	cs_store_require(store);
	cs_store_require_owner(store);
	nest = cs_begin_statements();
	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	/* nobody writes a document between the rows for those that are there and the trigger for those that come */
	run(cs_store_name(store), "LOCK TABLE @store@.manifest, @store@.revocation IN SHARE ROW EXCLUSIVE MODE");
	if (nulls[1] == 'n' && nulls[2] == 'n')
		lift_limit(store, args);
	else
		set_limit(store, args, nulls);
	cs_end_statements(nest);
	SPI_finish();
	PG_RETURN_VOID();
}

/*
 * AFTER INSERT OR UPDATE OR DELETE ON manifest and revocation FOR EACH ROW: after the rows of a document are derived. As the owner of the
 * tables: who loads may know nothing of who reads.
 */
Datum
coserv_reader_rows(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	HeapTuple row;
	Oid store;
	cs_as_owner self;
	bool isnull;
	Datum id;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR, (errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED), errmsg("coserv.reader_rows was not called as a trigger")));
	row = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : trigger->tg_trigtuple;
	store = RelationGetNamespace(trigger->tg_relation);
	id = SPI_getbinval(row, RelationGetDescr(trigger->tg_relation), SPI_fnumber(RelationGetDescr(trigger->tg_relation), "id"), &isnull);
	cs_become_owner(RelationGetRelid(trigger->tg_relation), &self);
	cs_spi_connect();
	if (strcmp(RelationGetRelationName(trigger->tg_relation), "revocation") == 0)
		cs_run_latest(store, CS_STMT_READER_REVOCATION, &id, NULL);
	else
	{
		cs_run_latest(store, CS_STMT_READER_FORGET, &id, NULL);
		cs_run_latest(store, CS_STMT_READER_MANIFESTS, &id, NULL);
		cs_run_latest(store, CS_STMT_READER_REVOCATIONS, &id, NULL);
	}
	SPI_finish();
	cs_become_self(&self);
	return PointerGetDatum(NULL);
}
