/*
 * roles.c - the grants that reading, loading, auditing and administering a store need, and not one more (doc/lifecycle.md, "Roles").
 * They are plain GRANTs and REVOKEs, run with the rights of the caller.
 */
#include "roles.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"

#include "pg/base/store.h"

PG_FUNCTION_INFO_V1(coserv_grant_role);

/* The parts between GRANT and TO, or REVOKE and FROM. */
typedef struct cs_role_grants
{
	const char *role;
	const char *grants[8];
} cs_role_grants;

#define READ_TABLES                                                                                                                       \
	"SELECT ON @store@.authority, @store@.manifest, @store@.revocation, @store@.policy, @store@.profile, @store@.crl, @store@.crl_entry," \
	" @store@.certificate, @store@.tag, @store@.tag_link, @store@.triple, @store@.triple_environment, @store@.triple_condition,"          \
	" @store@.search_key,"                                                                                                                \
	" @store@.authority_life, @store@.manifest_life, @store@.tag_life, @store@.cotl_life, @store@.set_aside, @store@.settled, "           \
	"@store@.unsettled"

#define READ_VIEWS                                                                                                                 \
	"SELECT ON @store@.current_triple, @store@.reference_value, @store@.endorsed_value, @store@.attest_key, @store@.identity_key," \
	" @store@.conditional_endorsement, @store@.conditional_endorsement_series, @store@.domain_membership,"                         \
	" @store@.trust_dependency, @store@.coswid_link, @store@.coswid_reference_value"

/* Kept Evidence, which is about devices: for who keeps it, and for who administers or audits. */
#define KEPT_TABLES ", @store@.retention, @store@.attester, @store@.attester_environment, @store@.appraisal"

/* What says how things came about: for who administers and for who audits. */
#define AUDITED_TABLES                                                                                                                    \
	", @store@.truth, @store@.manifest_document, @store@.audit, @store@.audit_seal, @store@.audit_state, @store@.answer, @store@.epoch, " \
	"@store@.taken_back"

static const cs_role_grants role_grants[] = {
	{ "reader",
		{
			"USAGE ON SCHEMA @store@",
			READ_TABLES,
			"INSERT (query, digest, is_signed) ON @store@.answer",
			READ_VIEWS,
		} },
	{ "loader",
		{
			"USAGE ON SCHEMA @store@",
			"INSERT (document, payload, authority) ON @store@.manifest",
			"SELECT (id) ON @store@.manifest",
			"EXECUTE ON FUNCTION @store@.load(coserv.document, text, bytea, coserv.document),"
			" @store@.load_collection(coserv.document, text), @store@.try_load(coserv.document, text, bytea, coserv.document)",
		} },
	{ "verifier",
		{
			"USAGE ON SCHEMA @store@",
			READ_TABLES KEPT_TABLES,
			"INSERT (query, digest, is_signed) ON @store@.answer",
			READ_VIEWS,
			"INSERT, UPDATE, DELETE ON @store@.attester, @store@.attester_environment, @store@.appraisal",
			"UPDATE (cursor) ON @store@.retention",
		} },
	{ "auditor",
		{
			"USAGE ON SCHEMA @store@",
			READ_TABLES AUDITED_TABLES KEPT_TABLES
			", @store@.authority_removed, @store@.settled, @store@.reader_limit, @store@.reader_row, @store@.erasing",
			READ_VIEWS,
			"EXECUTE ON FUNCTION @store@.verify_audit(), @store@.verify(uuid), @store@.check()",
		} },
	{ "administrator",
		{
			"USAGE ON SCHEMA @store@",
			READ_TABLES AUDITED_TABLES KEPT_TABLES,
			"INSERT, UPDATE, DELETE ON @store@.retention",
			"DELETE ON @store@.attester, @store@.attester_environment, @store@.appraisal",
			"INSERT ON @store@.authority, @store@.revocation, @store@.policy, @store@.profile, @store@.crl, @store@.audit_seal",
			"UPDATE (name, shown_as, valid_from, valid_until, environments, profiles, kinds, tag_ids, accepts_unsigned, accepts_legacy,"
			" accepts_cose_sign, check_issuer, key_purposes, strict_profile, activates, note, chains_judged_at) ON @store@.authority",
			"UPDATE (seal) ON @store@.audit",
			"EXECUTE ON FUNCTION @store@.revoke(uuid, text, text, numeric, text, timestamptz), @store@.unrevoke(uuid, text),"
			" @store@.set_policy(boolean, boolean, boolean, integer), @store@.seal_audit(), @store@.verify_audit(),"
			" @store@.verify(uuid), @store@.check()",
		} },
};

static const cs_role_grants *
find_role(const char *name)
{
	for (size_t i = 0; i < lengthof(role_grants); i++)
		if (strcmp(role_grants[i].role, name) == 0)
			return &role_grants[i];
	ereport(ERROR,
		(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg(
				"a store grants reader, verifier, loader, auditor and administrator, not \"%s\"", cs_pg_shown(CStringGetTextDatum(name)))));
}

static void
run_grants(const cs_role_grants *what, const char *store, const char *role, bool granting)
{
	for (size_t i = 0; i < lengthof(what->grants) && what->grants[i]; i++)
	{
		char *sql = psprintf("%s %s %s %s", granting ? "GRANT" : "REVOKE", cs_store_expand(what->grants[i], store),
			granting ? "TO" : "FROM", quote_identifier(role));

		if (SPI_execute(sql, false, 0) != SPI_OK_UTILITY)
			elog(ERROR, "could not run: %s", sql);
	}
}

/* --- who has them --- */

typedef struct cs_granted_role
{
	const cs_role_grants *what;
	char *role;
} cs_granted_role;

/* What nobody but the owner has without having been granted a role: all marks of one, granted to himself and by name. */
#define MARKS                                                                                                                      \
	"('reader', 'answer', 'query', 'INSERT'), ('reader', 'triple', '', 'SELECT'), ('loader', 'manifest', 'document', 'INSERT'),"   \
	" ('loader', 'manifest', 'id', 'SELECT'), ('auditor', 'authority_removed', '', 'SELECT'), ('auditor', 'audit', '', 'SELECT')," \
	" ('administrator', 'audit', 'seal', 'UPDATE'), ('administrator', 'revocation', '', 'INSERT')"

#define GRANTED                                                                                                                          \
	"WITH mark (what, relation, attribute, privilege) AS (VALUES " MARKS "), granted (relation, attribute, grantee, privilege) AS ("     \
	"SELECT c.relname, '', x.grantee, x.privilege_type FROM pg_class c, aclexplode(c.relacl) x WHERE c.relnamespace = $1"                \
	" UNION ALL SELECT c.relname, a.attname, x.grantee, x.privilege_type FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid,"     \
	"  aclexplode(a.attacl) x WHERE c.relnamespace = $1)"                                                                                \
	" SELECT m.what, r.rolname FROM mark m JOIN granted g ON g.relation = m.relation AND g.attribute = m.attribute"                      \
	"  AND g.privilege = m.privilege JOIN pg_roles r ON r.oid = g.grantee JOIN pg_namespace n ON n.oid = $1 AND n.nspowner <> g.grantee" \
	" GROUP BY m.what, r.rolname HAVING count(DISTINCT (m.relation, m.attribute)) ="                                                     \
	"  (SELECT count(*) FROM mark o WHERE o.what = m.what) ORDER BY 1, 2"

List *
cs_roles_granted(Oid store)
{
	MemoryContext caller = CurrentMemoryContext;
	Oid types[1] = { OIDOID };
	Datum args[1] = { ObjectIdGetDatum(store) };
	List *granted = NIL;

	if (SPI_execute_with_args(GRANTED, 1, types, args, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read what a store grants");
	MemoryContextSwitchTo(caller);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		cs_granted_role *role = palloc(sizeof(cs_granted_role));

		role->what = find_role(SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1));
		role->role = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2);
		granted = lappend(granted, role);
	}
	return granted;
}

void
cs_roles_grant_again(Oid store, List *granted)
{
	ListCell *cell;

	foreach (cell, granted)
	{
		const cs_granted_role *role = lfirst(cell);

		run_grants(role->what, cs_store_name(store), role->role, true);
	}
}

/* grant_role(store regnamespace, role regrole, as_what text, granting boolean) */
Datum
coserv_grant_role(PG_FUNCTION_ARGS)
{
	Oid store = PG_GETARG_OID(0);
	char *role = GetUserNameFromId(PG_GETARG_OID(1), false);
	const cs_role_grants *what = find_role(text_to_cstring(PG_GETARG_TEXT_PP(2)));
	int nest = NewGUCNestLevel();

	cs_spi_connect();
	cs_store_require(store);
	cs_store_require_form(store);
	cs_store_require_owner(store); /* GRANT by somebody who may not is a WARNING and no error */
	/* the types of the functions are those of pg_catalog, whatever the caller's search_path says */
	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	run_grants(what, cs_store_name(store), role, PG_GETARG_BOOL(3));
	AtEOXact_GUC(true, nest);
	SPI_finish();
	PG_RETURN_VOID();
}
