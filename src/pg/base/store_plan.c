/*
 * store_plan.c - the SQL that the extension runs over a store's tables, and the plans kept for it.
 *
 * Every name is qualified, so that no search_path changes what runs. Plans are generic: planning anew would cost more than
 * the look-ups themselves. What counts at a moment is said once, by the store's own functions (sql/store/25_current.sql), which
 * are inlined into these.
 */
#include "store.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#define SELECTED_COLUMNS \
	"t.manifest, t.ordinal, t.kind, t.environment, t.content, t.shown_as, t.profile, t.not_before, t.not_after, t.is_signed, t.document"

/* doc/conformance.md, decision 27: manifests of the query's profile, and those without one */
#define PROFILE_IS(alias, parameter) "(" alias ".profile IS NULL OR " alias ".profile OPERATOR(pg_catalog.=) " parameter ")"

/* What a certificate is looked up by: the issuer's DER Name delimits itself. The indexes of 12_crl.sql are on the same expression. */
#define CERTIFICATE_KEY(alias) "pg_catalog.sha256(" alias ".issuer OPERATOR(pg_catalog.||) " alias ".serial)"

/* The id is made of what is said, not of where it stands: the next CRL says it again, and other regions say the same. */
#define REVOKE_CERTIFIED                                                                                                             \
	"INSERT INTO @store@.revocation (id, manifest, effective_from, reason)"                                                          \
	" SELECT DISTINCT ON (id) coserv.certificate_revocation_id(c.manifest, e.issuer, e.serial, e.revoked_at) AS id, c.manifest, "    \
	"e.revoked_at,"                                                                                                                  \
	"  pg_catalog.format('certificate %s of \"%s\" was revoked: %s', pg_catalog.encode(e.serial, 'hex'), c.issuer_name,"             \
	"   coserv.crl_reason(e.reason))"                                                                                                \
	" FROM @store@.crl_entry e JOIN @store@.certificate c ON " CERTIFICATE_KEY("c") " OPERATOR(pg_catalog.=) " CERTIFICATE_KEY(      \
		"e") " JOIN @store@.manifest m ON m.id OPERATOR(pg_catalog.=) c.manifest AND m.authority OPERATOR(pg_catalog.=) e.authority" \
			 " WHERE m.refused IS NULL"
#define REVOKE_ORDER " ORDER BY id ON CONFLICT (id) DO NOTHING"

typedef struct cs_statement_text
{
	const char *sql;
	const char *types[8]; /* of $1.., NULL-terminated; a name with a dot is the extension's own */
} cs_statement_text;

static const cs_statement_text statement_texts[CS_STATEMENTS] = {
	[CS_STMT_AUTHORITIES] = { "SELECT a.name, a.key, COALESCE(a.shown_as, a.key), a.valid_from, a.valid_until, a.environments, a.profiles, "
							  "a.kinds, a.tag_ids,"
							  " a.accepts_unsigned, a.accepts_legacy, a.accepts_cose_sign, a.check_issuer, a.key_purposes,"
							  " EXISTS (SELECT 1 FROM @store@.revocation r WHERE r.authority OPERATOR(pg_catalog.=) a.name AND r.tag_id IS "
							  "NULL"
							  "  AND r.effective_from OPERATOR(pg_catalog.<=) pg_catalog.now()"
							  "  AND NOT EXISTS (SELECT 1 FROM @store@.revocation u WHERE u.undoes OPERATOR(pg_catalog.=) r.id"
							  "   AND u.effective_from OPERATOR(pg_catalog.<=) pg_catalog.now()))"
							  " FROM @store@.authority a"
							  " WHERE $1 IS NULL OR a.name OPERATOR(pg_catalog.=) $1 ORDER BY a.name COLLATE pg_catalog.\"C\"",
		{ "text" } },
	[CS_STMT_MANIFEST_EXISTS] = { "SELECT 1 FROM @store@.manifest WHERE id OPERATOR(pg_catalog.=) $1 AND refused IS NULL", { "uuid" } },
	[CS_STMT_MANIFEST_ANY] = { "SELECT 1 FROM @store@.manifest WHERE id OPERATOR(pg_catalog.=) $1", { "uuid" } },
	[CS_STMT_AUTHORITY_ANY] = { "SELECT 1 FROM @store@.authority WHERE name OPERATOR(pg_catalog.=) $1", { "text" } },
	[CS_STMT_REVOCATION_ANY] = { "SELECT 1 FROM @store@.revocation WHERE id OPERATOR(pg_catalog.=) $1", { "uuid" } },
	[CS_STMT_POLICY_ANY] = { "SELECT 1 FROM @store@.policy WHERE id OPERATOR(pg_catalog.=) $1", { "uuid" } },
	[CS_STMT_CRL_ANY] = { "SELECT 1 FROM @store@.crl WHERE id OPERATOR(pg_catalog.=) $1", { "uuid" } },
	[CS_STMT_MANIFEST_INSERT] = { "INSERT INTO @store@.manifest (document, authority) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
		{ "bytea", "text" } },
	[CS_STMT_MANIFEST_INSERT_PAYLOAD] = { "INSERT INTO @store@.manifest (document, authority, payload) VALUES ($1, $2, $3) ON CONFLICT "
										  "(id) DO NOTHING",
		{ "bytea", "text", "bytea" } },
	[CS_STMT_MANIFEST_RETRY] = { "UPDATE @store@.manifest SET authority = COALESCE($2, authority), payload = COALESCE($3, payload)"
								 " WHERE id OPERATOR(pg_catalog.=) $1 AND refused IS NOT NULL",
		{ "uuid", "text", "bytea" } },
	[CS_STMT_SETTLE_AUTHORITY] = { "UPDATE @store@.authority SET known_at = $2 WHERE name OPERATOR(pg_catalog.=) $1",
		{ "text", "timestamptz" } },
	[CS_STMT_SETTLE_MANIFEST] = { "UPDATE @store@.manifest SET known_at = $2 WHERE id OPERATOR(pg_catalog.=) $1",
		{ "uuid", "timestamptz" } },
	[CS_STMT_SETTLE_REVOCATION] = { "UPDATE @store@.revocation SET known_at = $2 WHERE id OPERATOR(pg_catalog.=) $1",
		{ "uuid", "timestamptz" } },
	[CS_STMT_SETTLE_POLICY] = { "UPDATE @store@.policy SET known_at = $2 WHERE id OPERATOR(pg_catalog.=) $1", { "uuid", "timestamptz" } },
	[CS_STMT_SETTLE_CRL] = { "UPDATE @store@.crl SET known_at = $2 WHERE id OPERATOR(pg_catalog.=) $1", { "uuid", "timestamptz" } },
	[CS_STMT_OLDER_TAGS] = { "SELECT g.tag_id, g.tag_version FROM @store@.tag g WHERE g.manifest OPERATOR(pg_catalog.=) $1 AND EXISTS"
							 " (SELECT 1 FROM @store@.tag n WHERE n.tag_id OPERATOR(pg_catalog.=) g.tag_id AND n.authority "
							 "OPERATOR(pg_catalog.=) g.authority"
							 " AND n.kind OPERATOR(pg_catalog.=) g.kind AND n.tag_version OPERATOR(pg_catalog.>) g.tag_version) ORDER BY "
							 "g.ordinal",
		{ "uuid" } },
	[CS_STMT_REFUSES_OLDER] = { "SELECT 1 FROM (SELECT p.refuse_older FROM @store@.policy p ORDER BY p.known_at DESC, p.id DESC LIMIT 1) p "
								"WHERE p.refuse_older",
		{ NULL } },
	[CS_STMT_UNDERIVE_TAGS] = { "DELETE FROM @store@.tag WHERE manifest OPERATOR(pg_catalog.=) $1", { "uuid" } },
	[CS_STMT_UNDERIVE_LINKS] = { "DELETE FROM @store@.tag_link WHERE manifest OPERATOR(pg_catalog.=) $1", { "uuid" } },
	[CS_STMT_UNDERIVE_TRIPLES] = { "WITH k AS (DELETE FROM @store@.search_key WHERE manifest OPERATOR(pg_catalog.=) $1)"
								   " DELETE FROM @store@.triple WHERE manifest OPERATOR(pg_catalog.=) $1",
		{ "uuid" } },
	[CS_STMT_UNDERIVE_ENVIRONMENTS] = { "DELETE FROM @store@.triple_environment WHERE manifest OPERATOR(pg_catalog.=) $1", { "uuid" } },
	[CS_STMT_RETRY_REFUSED] = { "UPDATE @store@.manifest SET authority = authority WHERE refused IS NOT NULL", { NULL } },
	[CS_STMT_RETRY_CRLS] = { "UPDATE @store@.crl SET authority = authority WHERE refused IS NOT NULL AND authority OPERATOR(pg_catalog.=) "
							 "$1",
		{ "text" } },
	[CS_STMT_DERIVE_CERTIFICATES] = { "INSERT INTO @store@.certificate (manifest, ordinal, issuer, serial, issuer_name, subject, "
									  "not_before, not_after)"
									  " SELECT $1, c.ordinal, c.issuer, c.serial, c.issuer_name, c.subject, c.not_before, c.not_after FROM "
									  "coserv.certificates($2, $3) c",
		{ "uuid", "bytea", "bytea" } },
	[CS_STMT_UNDERIVE_CERTIFICATES] = { "DELETE FROM @store@.certificate WHERE manifest OPERATOR(pg_catalog.=) $1", { "uuid" } },
	[CS_STMT_DERIVE_CRL_ENTRIES] = { "INSERT INTO @store@.crl_entry (crl, authority, issuer, serial, revoked_at, reason)"
									 " SELECT $1, $2, e.issuer, e.serial, e.revoked_at, e.reason FROM coserv.crl_entries($3) e",
		{ "uuid", "text", "bytea" } },
	[CS_STMT_AUTHORITY_KEY] = { "SELECT a.key FROM @store@.authority a WHERE a.name OPERATOR(pg_catalog.=) $1", { "text" } },
	[CS_STMT_REVOKED_CERTIFICATE] = { "SELECT e.revoked_at, e.reason FROM @store@.crl_entry e WHERE e.authority OPERATOR(pg_catalog.=) $1"
									  " AND " CERTIFICATE_KEY(
										  "e") " OPERATOR(pg_catalog.=) pg_catalog.sha256($2 OPERATOR(pg_catalog.||) $3)"
											   " AND e.revoked_at OPERATOR(pg_catalog.<=) $4 ORDER BY e.revoked_at LIMIT 1",
		{ "text", "bytea", "bytea", "timestamptz" } },
	[CS_STMT_REVOKE_BY_CRL] = { REVOKE_CERTIFIED " AND e.crl OPERATOR(pg_catalog.=) $1" REVOKE_ORDER, { "uuid" } },
	[CS_STMT_REVOKE_MANIFEST] = { REVOKE_CERTIFIED " AND c.manifest OPERATOR(pg_catalog.=) $1" REVOKE_ORDER, { "uuid" } },
	/* what bounds it: the CoTLs that activate it, a revocation that is known and lies ahead, a newer version that has yet to begin */
	[CS_STMT_TAG_COUNTS_UNTIL] = { "SELECT LEAST(CASE WHEN (SELECT p.require_cotl FROM @store@.policy p WHERE p.known_at "
								   "OPERATOR(pg_catalog.<=) $3"
								   "   ORDER BY p.known_at DESC, p.id DESC LIMIT 1)"
								   "  THEN COALESCE((SELECT pg_catalog.max(c.not_after) FROM @store@.activations_at($3) c WHERE c.tag_id "
								   "OPERATOR(pg_catalog.=) g.tag_id"
								   "   AND (c.tag_version IS NULL OR c.tag_version OPERATOR(pg_catalog.=) g.tag_version)), "
								   "'-infinity'::pg_catalog.timestamptz)"
								   "  ELSE 'infinity'::pg_catalog.timestamptz END,"
								   " (SELECT pg_catalog.min(r.effective_from) FROM @store@.revocation r WHERE r.known_at "
								   "OPERATOR(pg_catalog.<=) $3"
								   "  AND r.effective_from OPERATOR(pg_catalog.>) $3"
								   "  AND (r.manifest OPERATOR(pg_catalog.=) $1 OR r.authority OPERATOR(pg_catalog.=) g.authority"
								   "   AND (r.tag_id IS NULL OR r.tag_id OPERATOR(pg_catalog.=) g.tag_id"
								   "    AND (r.tag_version IS NULL OR r.tag_version OPERATOR(pg_catalog.=) g.tag_version)))"
								   "  AND NOT EXISTS (SELECT FROM @store@.revocation u WHERE u.undoes OPERATOR(pg_catalog.=) r.id"
								   "   AND u.known_at OPERATOR(pg_catalog.<=) $3 AND u.effective_from OPERATOR(pg_catalog.<=) "
								   "r.effective_from)),"
								   " (SELECT pg_catalog.min(k.not_before) FROM @store@.tag n, @store@.manifest k WHERE n.tag_id "
								   "OPERATOR(pg_catalog.=) g.tag_id"
								   "  AND n.authority OPERATOR(pg_catalog.=) g.authority AND n.kind OPERATOR(pg_catalog.=) g.kind"
								   "  AND n.tag_version OPERATOR(pg_catalog.>) g.tag_version AND k.id OPERATOR(pg_catalog.=) n.manifest"
								   "  AND k.refused IS NULL AND k.known_at OPERATOR(pg_catalog.<=) $3 AND k.not_before "
								   "OPERATOR(pg_catalog.>) $3))"
								   " FROM @store@.tags_at($3) g, LATERAL (SELECT FROM @store@.manifests_at($3) m WHERE m.id "
								   "OPERATOR(pg_catalog.=) $1 OFFSET 0) m"
								   " WHERE g.manifest OPERATOR(pg_catalog.=) $1 AND g.ordinal OPERATOR(pg_catalog.=) $2",
		{ "uuid", "int4", "timestamptz" } },
	[CS_STMT_SELECT] = { "SELECT " SELECTED_COLUMNS " FROM @store@.triples_at($4) t"
						 " WHERE t.environment OPERATOR(coserv.@@) $1 AND t.kind OPERATOR(pg_catalog.=) ANY ($2) AND " PROFILE_IS(
							 "t", "$3") " ORDER BY t.manifest, t.ordinal",
		{ "coserv.coserv", "int2[]", "text", "timestamptz" } },
	[CS_STMT_SELECT_ANY] = { "SELECT " SELECTED_COLUMNS " FROM"
							 " (SELECT manifest, ordinal FROM @store@.triple WHERE environment OPERATOR(coserv.@@) $1"
							 "  UNION SELECT manifest, ordinal FROM @store@.triple_environment WHERE environment OPERATOR(coserv.@@) $1) s,"
							 " LATERAL (SELECT t.* FROM @store@.triples_at($4) t WHERE t.manifest OPERATOR(pg_catalog.=) s.manifest"
							 "  AND t.ordinal OPERATOR(pg_catalog.=) s.ordinal OFFSET 0) t"
							 " WHERE t.kind OPERATOR(pg_catalog.=) ANY ($2) AND " PROFILE_IS("t", "$3") " ORDER BY t.manifest, t.ordinal",
		{ "coserv.coserv", "int2[]", "text", "timestamptz" } },
	[CS_STMT_RIM_CORIM] = { "SELECT m.document, m.is_signed, m.not_after FROM @store@.manifests_at($3) m"
							" WHERE m.corim_id OPERATOR(pg_catalog.=) $1 AND " PROFILE_IS(
								"m", "$2") " ORDER BY m.not_before DESC NULLS LAST, m.id DESC LIMIT 1",
		{ "text", "text", "timestamptz" } },
	[CS_STMT_RIM_TAG] = { "SELECT m.document, m.is_signed, m.not_after FROM @store@.newest_tags_at($3) t, "
						  "LATERAL (SELECT m.* FROM @store@.manifests_at($3) m WHERE m.id OPERATOR(pg_catalog.=) t.manifest OFFSET 0) m"
						  " WHERE t.tag_id OPERATOR(pg_catalog.=) $1 AND t.kind OPERATOR(pg_catalog.=) $4 AND " PROFILE_IS(
							  "m", "$2") " ORDER BY t.tag_version DESC, m.id DESC LIMIT 1",
		{ "text", "text", "timestamptz", "text" } },
	[CS_STMT_RELATIONS] = { "SELECT t.manifest, t.ordinal, t.kind, t.content, t.shown_as, t.profile, t.not_after FROM"
							" (SELECT manifest, ordinal FROM @store@.triple WHERE environment OPERATOR(coserv.<@) $1"
							"  UNION SELECT manifest, ordinal FROM @store@.triple_environment WHERE environment OPERATOR(coserv.<@) $1) s,"
							" LATERAL (SELECT t.* FROM @store@.triples_at($3) t WHERE t.manifest OPERATOR(pg_catalog.=) s.manifest"
							"  AND t.ordinal OPERATOR(pg_catalog.=) s.ordinal OFFSET 0) t"
							" WHERE t.kind OPERATOR(pg_catalog.=) ANY ($2) ORDER BY t.manifest, t.ordinal",
		{ "coserv.environment", "int2[]", "timestamptz" } },
	[CS_STMT_REVOKED_DEVICE_CERTIFICATE] = { "SELECT 1 FROM @store@.manifest m, @store@.crl_entry e, @store@.crl c WHERE m.id "
											 "OPERATOR(pg_catalog.=) $1"
											 " AND e.authority OPERATOR(pg_catalog.=) m.authority"
											 " AND " CERTIFICATE_KEY(
												 "e") " OPERATOR(pg_catalog.=) pg_catalog.sha256($2 OPERATOR(pg_catalog.||) $3)"
													  " AND e.revoked_at OPERATOR(pg_catalog.<=) $4 AND c.id OPERATOR(pg_catalog.=) e.crl"
													  " AND c.known_at OPERATOR(pg_catalog.<=) $4 LIMIT 1",
		{ "uuid", "bytea", "bytea", "timestamptz" } },
	[CS_STMT_ANCHORS] = { "SELECT g.ordinal, m.shown_as, d.document, d.payload, m.document, m.is_signed, LEAST(m.not_after, "
						  "CASE WHEN u.until OPERATOR(pg_catalog.<) 'infinity'::pg_catalog.timestamptz THEN u.until END)"
						  " FROM @store@.tag g, LATERAL (SELECT m.* FROM @store@.manifests_at($2) m WHERE m.id OPERATOR(pg_catalog.=) "
						  "g.manifest OFFSET 0) m,"
						  " @store@.manifest d, LATERAL (SELECT coserv.tag_counts_until(@store_literal@::pg_catalog.regnamespace, "
						  "g.manifest, g.ordinal, $2) AS until"
						  "  OFFSET 0) u"
						  " WHERE g.kind OPERATOR(pg_catalog.=) 'cots' AND d.id OPERATOR(pg_catalog.=) g.manifest AND u.until "
						  "OPERATOR(pg_catalog.>) $2"
						  " AND " PROFILE_IS("m", "$1") " ORDER BY g.manifest, g.ordinal",
		{ "text", "timestamptz" } },
	[CS_STMT_PROFILE_SERVED] = { "SELECT 1 WHERE EXISTS (SELECT 1 FROM @store@.manifest m WHERE m.profile OPERATOR(pg_catalog.=) $1 AND "
								 "m.refused IS NULL)"
								 " OR EXISTS (SELECT 1 FROM @store@.manifest m WHERE m.profile IS NULL AND m.refused IS NULL)",
		{ "text" } },
	[CS_STMT_PROFILE_ANY] = { "SELECT 1 FROM @store@.profile WHERE id OPERATOR(pg_catalog.=) $1", { "uuid" } },
	[CS_STMT_SETTLE_PROFILE] = { "UPDATE @store@.profile SET known_at = $2 WHERE id OPERATOR(pg_catalog.=) $1", { "uuid", "timestamptz" } },
	[CS_STMT_PROFILE_MEMBERS] = { "SELECT s.profile, s.codepoint, s.name, s.comparison, pg_catalog.count(*) OVER (PARTITION BY s.profile)"
								  " FROM (SELECT DISTINCT ON (p.profile COLLATE pg_catalog.\"C\", p.codepoint) p.profile COLLATE "
								  "pg_catalog.\"C\" AS profile,"
								  "  p.codepoint, p.name, p.comparison FROM @store@.profile p WHERE p.known_at OPERATOR(pg_catalog.<=) $1"
								  "  ORDER BY 1, p.codepoint, p.known_at DESC, p.id DESC) s"
								  " ORDER BY s.profile, s.codepoint",
		{ "timestamptz" } },
	/* From each profile to the next by the index, as a store has few of them and many manifests. */
	[CS_STMT_PROFILES] = { "WITH RECURSIVE one (profile) AS ("
						   "(SELECT m.profile FROM @store@.manifest m WHERE m.profile IS NOT NULL AND m.refused IS NULL"
						   " ORDER BY m.profile LIMIT 1)"
						   " UNION ALL SELECT (SELECT m.profile FROM @store@.manifest m WHERE m.profile OPERATOR(pg_catalog.>) o.profile"
						   " AND m.refused IS NULL ORDER BY m.profile LIMIT 1) FROM one o WHERE o.profile IS NOT NULL)"
						   " SELECT o.profile COLLATE pg_catalog.\"C\" FROM one o WHERE o.profile IS NOT NULL ORDER BY 1",
		{ NULL } },
	[CS_STMT_AUDIT] = { "INSERT INTO @store@.audit (at, who, session, action, object, digest, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		{ "timestamptz", "text", "text", "text", "text", "bytea", "json" } },
	[CS_STMT_SEAL_LAST] = { "SELECT seal, root FROM @store@.audit_seal ORDER BY seal DESC LIMIT 1", { NULL } },
	[CS_STMT_SEAL_MARK] = { "UPDATE @store@.audit SET seal = $1 WHERE seal IS NULL", { "int8" } },
	[CS_STMT_SEAL_ROWS] = { "SELECT id, at, who, session, action, object, digest, detail FROM @store@.audit"
							" WHERE seal OPERATOR(pg_catalog.=) $1 ORDER BY id",
		{ "int8" } },
	[CS_STMT_SEAL_INSERT] = { "INSERT INTO @store@.audit_seal (seal, previous, root, rows, sealed_at, sealed_by) VALUES ($1, $2, $3, $4, "
							  "$5, $6)",
		{ "int8", "bytea", "bytea", "int8", "timestamptz", "text" } },
	[CS_STMT_SEALS] = { "SELECT seal, previous, root, rows, sealed_at, sealed_by FROM @store@.audit_seal ORDER BY seal", { NULL } },
	[CS_STMT_SEAL_ORPHANS] = { "SELECT a.seal, pg_catalog.count(*) FROM @store@.audit a WHERE a.seal IS NOT NULL AND NOT EXISTS"
							   " (SELECT 1 FROM @store@.audit_seal s WHERE s.seal OPERATOR(pg_catalog.=) a.seal) GROUP BY a.seal ORDER BY "
							   "a.seal",
		{ NULL } },
	[CS_STMT_TAG_ANY] = { "SELECT 1 FROM @store@.tag g WHERE g.authority OPERATOR(pg_catalog.=) $1 AND g.tag_id OPERATOR(pg_catalog.=) $2"
						  " AND ($3 IS NULL OR g.tag_version OPERATOR(pg_catalog.=) $3)",
		{ "text", "text", "numeric" } },
	[CS_STMT_UNDOABLE] = { "SELECT r.undoes IS NOT NULL, EXISTS (SELECT 1 FROM @store@.revocation u WHERE u.undoes OPERATOR(pg_catalog.=) "
						   "r.id)"
						   " FROM @store@.revocation r WHERE r.id OPERATOR(pg_catalog.=) $1",
		{ "uuid" } },
	[CS_STMT_REVOKE] = { "INSERT INTO @store@.revocation (manifest, authority, tag_id, tag_version, reason, effective_from)"
						 " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
		{ "uuid", "text", "text", "numeric", "text", "timestamptz" } },
	[CS_STMT_UNREVOKE] = { "INSERT INTO @store@.revocation (undoes, reason) VALUES ($1, $2) RETURNING id", { "uuid", "text" } },
	[CS_STMT_LOG_ANSWER] = { "INSERT INTO @store@.answer (query, digest, is_signed) VALUES ($1, $2, $3)", { "bytea", "bytea", "bool" } },
	/*
	 * What counts of every manifest that an act on $1 (or on authority $2, or on its tag $3) can touch: those that share a tag id with
	 * it, or are linked with it by replaces or activates, at any distance. A manifest of which nothing counts is a row of nulls.
	 */
	[CS_STMT_IMPACT] = { "WITH RECURSIVE named (manifest) AS"
						 " (SELECT m.id FROM @store@.manifest m WHERE m.id OPERATOR(pg_catalog.=) $1"
						 "  UNION SELECT m.id FROM @store@.manifest m WHERE $3 IS NULL AND m.authority OPERATOR(pg_catalog.=) $2"
						 "  UNION SELECT g.manifest FROM @store@.tag g WHERE g.tag_id OPERATOR(pg_catalog.=) $3 AND g.authority "
						 "OPERATOR(pg_catalog.=) $2),"
						 " touched (tag_id) AS"
						 " (SELECT g.tag_id FROM named n, @store@.tag g WHERE g.manifest OPERATOR(pg_catalog.=) n.manifest AND g.tag_id IS "
						 "NOT NULL"
						 "  UNION SELECT o.tag_id FROM touched t, LATERAL"
						 "   (SELECT l.tag_id FROM @store@.tag g, @store@.tag_link l WHERE g.tag_id OPERATOR(pg_catalog.=) t.tag_id"
						 "     AND l.manifest OPERATOR(pg_catalog.=) g.manifest AND l.ordinal OPERATOR(pg_catalog.=) g.ordinal"
						 "     AND l.relation OPERATOR(pg_catalog.=) ANY (ARRAY['replaces', 'activates'])"
						 "    UNION ALL SELECT g.tag_id FROM @store@.tag_link l, @store@.tag g WHERE l.tag_id OPERATOR(pg_catalog.=) "
						 "t.tag_id"
						 "     AND l.relation OPERATOR(pg_catalog.=) ANY (ARRAY['replaces', 'activates'])"
						 "     AND g.manifest OPERATOR(pg_catalog.=) l.manifest AND g.ordinal OPERATOR(pg_catalog.=) l.ordinal"
						 "     AND g.tag_id IS NOT NULL OFFSET 0) o)"
						 " SELECT c.manifest, t.kind, t.environment, t.authority, t.content FROM"
						 " (SELECT manifest FROM named UNION SELECT g.manifest FROM touched t, @store@.tag g"
						 "  WHERE g.tag_id OPERATOR(pg_catalog.=) t.tag_id) c LEFT JOIN LATERAL"
						 " (SELECT t.kind, t.environment, t.authority, t.content FROM @store@.triples_at($4) t"
						 "  WHERE t.manifest OPERATOR(pg_catalog.=) c.manifest OFFSET 0) t ON true",
		{ "uuid", "text", "text", "timestamptz" } },
};

typedef struct cs_plan_key
{
	Oid store;
	int32 statement;
} cs_plan_key;

typedef struct cs_plan_entry
{
	cs_plan_key key;
	char schema[NAMEDATALEN]; /* as the plan's text has it */
	SPIPlanPtr plan;
} cs_plan_entry;

static HTAB *plans = NULL;

char *
cs_store_name(Oid store)
{
	char *name = get_namespace_name(store);

	if (name == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_SCHEMA), errmsg("schema with OID %u does not exist", store)));
	return name;
}

char *
cs_store_expand(const char *text, const char *schema_name)
{
	static const char name_mark[] = "@store@";
	static const char literal_mark[] = "@store_literal@";
	const char *name = quote_identifier(schema_name);
	const char *literal = quote_literal_cstr(name);
	StringInfoData out;

	initStringInfo(&out);
	while (*text)
	{
		const char *mark = strstr(text, "@store");

		if (mark == NULL)
			break;
		appendBinaryStringInfo(&out, text, (int) (mark - text));
		if (strncmp(mark, name_mark, sizeof(name_mark) - 1) == 0)
		{
			appendStringInfoString(&out, name);
			text = mark + sizeof(name_mark) - 1;
		}
		else
		{
			Assert(strncmp(mark, literal_mark, sizeof(literal_mark) - 1) == 0);
			appendStringInfoString(&out, literal);
			text = mark + sizeof(literal_mark) - 1;
		}
	}
	appendStringInfoString(&out, text);
	return out.data;
}

Oid
cs_type_oid(const char *name)
{
	Oid schema = get_namespace_oid("coserv", false);
	Oid type = GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name), ObjectIdGetDatum(schema));

	if (!OidIsValid(type))
		elog(ERROR, "type coserv.%s does not exist", name);
	return type;
}

static Oid
parameter_type(const char *name)
{
	static const struct
	{
		const char *name;
		Oid type;
	} builtin[] = {
		{ "text", TEXTOID },
		{ "uuid", UUIDOID },
		{ "bytea", BYTEAOID },
		{ "int2[]", INT2ARRAYOID },
		{ "timestamptz", TIMESTAMPTZOID },
		{ "int4", INT4OID },
		{ "int8", INT8OID },
		{ "numeric", NUMERICOID },
		{ "json", JSONOID },
		{ "bool", BOOLOID },
	};

	if (strncmp(name, "coserv.", 7) == 0)
		return cs_type_oid(name + 7);
	for (size_t i = 0; i < lengthof(builtin); i++)
		if (strcmp(builtin[i].name, name) == 0)
			return builtin[i].type;
	elog(ERROR, "unknown parameter type %s", name);
}

void
cs_store_require(Oid store)
{
	if (!OidIsValid(get_relname_relid("manifest", store)) || !OidIsValid(get_relname_relid("triple_environment", store)))
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_SCHEMA_NAME), errmsg("schema \"%s\" is not a coserv store", cs_store_name(store)),
				errhint("Create one with SELECT coserv.create_store('name').")));
}

static SPIPlanPtr
prepare(Oid store, const char *schema, cs_statement statement)
{
	const cs_statement_text *text = &statement_texts[statement];
	Oid types[lengthof(text->types)];
	int count = 0;
	SPIPlanPtr plan;

	cs_store_require(store);
	while (count < (int) lengthof(text->types) && text->types[count] != NULL)
	{
		types[count] = parameter_type(text->types[count]);
		count++;
	}
	plan = SPI_prepare_cursor(cs_store_expand(text->sql, schema), count, types, CURSOR_OPT_GENERIC_PLAN);
	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "could not prepare statement %d of a store: %s", (int) statement, SPI_result_code_string(SPI_result));
	return plan;
}

SPIPlanPtr
cs_store_plan(Oid store, cs_statement statement)
{
	cs_plan_key key = { store, (int32) statement };
	char *schema = cs_store_name(store);
	cs_plan_entry *entry;

	if (plans == NULL)
	{
		HASHCTL ctl = { .keysize = sizeof(cs_plan_key), .entrysize = sizeof(cs_plan_entry) };

		plans = hash_create("coserv plans", 64, &ctl, HASH_ELEM | HASH_BLOBS);
	}
	entry = hash_search(plans, &key, HASH_FIND, NULL);
	if (entry != NULL && strcmp(entry->schema, schema) == 0)
		return entry->plan;
	if (entry != NULL)
	{
		SPI_freeplan(entry->plan);
		hash_search(plans, &key, HASH_REMOVE, NULL);
	}
	{
		SPIPlanPtr plan = prepare(store, schema, statement);

		entry = hash_search(plans, &key, HASH_ENTER, NULL);
		strlcpy(entry->schema, schema, NAMEDATALEN);
		entry->plan = plan;
		return plan;
	}
}

uint64
cs_store_run(Oid store, cs_statement statement, Datum *args, const char *nulls, bool read_only, long most)
{
	int result = SPI_execute_plan(cs_store_plan(store, statement), args, nulls, read_only, most);

	if (result < 0)
		elog(ERROR, "statement %d of a store failed: %s", (int) statement, SPI_result_code_string(result));
	return SPI_processed;
}

void
cs_spi_connect(void)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}
