/*
 * statements.c - the SQL that the extension runs over a store's tables.
 *
 * Every name is qualified, so that no search_path changes what runs. What counts at a moment is said once, by the store's own functions
 * (sql/store/25_current.sql), which are inlined into these.
 */
#include "statements.h"

#include "codepoints/codepoints.h"

#define SELECTED_COLUMNS                                                                                                                \
	"t.manifest, t.ordinal, t.kind, t.environment, t.content, t.shown_as, t.profile, t.not_before, t.not_after, t.is_signed, t.truth, " \
	"t.current, t.authority, t.authority_id"

/* doc/conformance.md, decision 27: manifests of the query's profile, and those without one */
#define PROFILE_IS(alias, parameter) "(" alias ".profile IS NULL OR " alias ".profile OPERATOR(pg_catalog.=) " parameter ")"

/* The indexes by environment are in parts (sql/store/10_tables.sql), and so is what looks for it. */
#define CONDITIONAL(quantifier) "kind OPERATOR(pg_catalog." quantifier " ('{10,8}'::pg_catalog.int2[])"
StaticAssertDecl(CS_TRIPLE_CONDITIONAL_ENDORSEMENT == 10 && CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES == 8, "kinds as above");
#define FOUND(table, part, op) "SELECT manifest, ordinal FROM @store@." table " WHERE " part " AND environment OPERATOR(coserv." op ") $1"
#define FOUND_LIVE(op)                                                                                     \
	FOUND("triple", "live AND " CONDITIONAL("<>) ALL"), op)                                                \
	" UNION " FOUND("triple", "live AND " CONDITIONAL("=) ANY"), op) " UNION " FOUND("triple_environment", \
		"live AND " CONDITIONAL("<>) ALL"), op) " UNION " FOUND("triple_environment", "live AND " CONDITIONAL("=) ANY"), op)
#define FOUND_PAST(op) FOUND("triple", "NOT live", op) " UNION " FOUND("triple_environment", "NOT live", op)
/* Of what was found as s. */
#define TRIPLE_OF(function)                                                                                                 \
	"LATERAL (SELECT t.* FROM @store@." function "($3) t WHERE t.manifest OPERATOR(pg_catalog.=) s.manifest AND t.ordinal " \
	"OPERATOR(pg_catalog.=) s.ordinal OFFSET 0) t"

/* The last known_at of what is known by a moment, looked up once. */
#define KNOWN_BY(parameter) "(SELECT coserv.known_by(@store_literal@::pg_catalog.regnamespace, " parameter "))"

/* Whose a statement was, or is, as of a moment. */
#define OWNER_AT(manifest_id, moment)                                                                       \
	"(SELECT l.authority FROM @store@.manifest_life l WHERE l.manifest OPERATOR(pg_catalog.=) " manifest_id \
	" AND l.known_at OPERATOR(pg_catalog.<=) " KNOWN_BY(moment) " ORDER BY l.known_at DESC LIMIT 1)"

/* Is a row of truth a document of another statement, too, that is not forgotten: of another signature? */
#define SHARED(truth_id, manifest_id)                                                                                                   \
	"(EXISTS (SELECT FROM @store@.manifest o WHERE o.truth OPERATOR(pg_catalog.=) " truth_id                                            \
	" AND o.id OPERATOR(pg_catalog.<>) " manifest_id                                                                                    \
	" AND o.legacy OPERATOR(pg_catalog.@>) '{cose-sign}'::pg_catalog.text[]) OR EXISTS (SELECT "                                        \
	"FROM @store@.manifest_document d JOIN @store@.manifest o ON o.id "                                                                 \
	"OPERATOR(pg_catalog.=) d.manifest WHERE d.truth OPERATOR(pg_catalog.=) " truth_id " AND o.id OPERATOR(pg_catalog.<>) " manifest_id \
	" AND o.forgotten IS NULL))"

/* of these authorities, where a federation asks; NULL: of any */
#define AUTHORITY_IS(column, parameter) "(" parameter "::uuid[] IS NULL OR " column " OPERATOR(pg_catalog.=) ANY (" parameter "::uuid[]))"

/* Of some kinds (NULL: of any), in some authorities' names. */
#define SOUGHT \
	"($2::pg_catalog.int2[] IS NULL OR t.kind OPERATOR(pg_catalog.=) ANY ($2::pg_catalog.int2[])) AND " AUTHORITY_IS("t.authority_id", "$4")
/* Triples that speak of something: the index leads to chunks of a document's, which are looked at (sql/store/35_reverse.sql). */
#define SPEAKING                                                                                                                     \
	"SELECT " SELECTED_COLUMNS " FROM (SELECT s.manifest, s.first, s.last FROM @store@.search_key s WHERE s.tag IS NULL AND s.keys " \
	"OPERATOR(coserv.@@) $1 OFFSET 0) s, LATERAL (SELECT t.* FROM @store@.triples_at($3) t WHERE t.manifest OPERATOR(pg_catalog.=) " \
	"s.manifest AND t.ordinal OPERATOR(pg_catalog.>=) s.first AND t.ordinal OPERATOR(pg_catalog.<=) s.last AND t.content "           \
	"OPERATOR(coserv.@@) $1 OFFSET 0) t WHERE " SOUGHT " ORDER BY t.manifest, t.ordinal"

/* What a certificate is looked up by: the issuer's DER Name delimits itself. The indexes of 12_crl.sql are on the same expression. */
#define CERTIFICATE_KEY(alias) "pg_catalog.sha256(" alias ".issuer OPERATOR(pg_catalog.||) " alias ".serial)"

#define CERTIFIED                                                                                                               \
	" FROM @store@.crl_entry e JOIN @store@.certificate c ON " CERTIFICATE_KEY("c") " OPERATOR(pg_catalog.=) " CERTIFICATE_KEY( \
		"e") " JOIN @store@.manifest m ON m.id OPERATOR(pg_catalog.=) c.manifest AND m.authority_id OPERATOR(pg_catalog.=) e.authority"

/* The id is made of what is said, not of where it stands: the next CRL says it again, and other regions say the same. */
#define REVOKE_CERTIFIED                                                                                                          \
	"INSERT INTO @store@.revocation (id, manifest, effective_from, reason)"                                                       \
	" SELECT DISTINCT ON (id) coserv.certificate_revocation_id(c.manifest, e.issuer, e.serial, e.revoked_at) AS id, c.manifest, " \
	"e.revoked_at,"                                                                                                               \
	"  pg_catalog.format('certificate %s of \"%s\" was revoked: %s', pg_catalog.encode(e.serial, 'hex'), c.issuer_name,"          \
	"   coserv.crl_reason(e.reason))" CERTIFIED
#define REVOKE_ORDER " ORDER BY id ON CONFLICT (id) DO NOTHING RETURNING manifest"

/*
 * Life. $2 is the moment of the commit: what is foreseen begins there. It is known from the same moment, or another (settle.h). Of
 * revocations the ranges in which they hold, of validity the range from then on.
 */
#define MULTI "pg_catalog.tstzmultirange"
#define FROM_NOW MULTI "(pg_catalog.tstzrange($2, NULL))"
#define VALID(begin, end)                                                                                \
	"CASE WHEN " end " OPERATOR(pg_catalog.<=) GREATEST(" begin ", $2) THEN '{}'::" MULTI " ELSE " MULTI \
	"(pg_catalog.tstzrange(GREATEST(" begin ", $2), " end ")) END"
#define REVOKED(condition)                                                                                                            \
	"COALESCE((SELECT pg_catalog.range_agg(pg_catalog.tstzrange(r.effective_from, u.at)) FROM @store@.revocation r LEFT JOIN LATERAL" \
	" (SELECT pg_catalog.min(x.effective_from) AS at FROM @store@.revocation x WHERE x.undoes OPERATOR(pg_catalog.=) r.id AND NOT "   \
	"r.forgets) u ON true"                                                                                                            \
	" WHERE " condition " AND (u.at IS NULL OR u.at OPERATOR(pg_catalog.>) r.effective_from)), '{}'::" MULTI ")"
/* of a statement; what a CRL says, where it stands beside the statement's authority (its row in revocation has no moment) */
#define REVOKED_MANIFEST(alias)                                                                                                            \
	REVOKED("r.manifest OPERATOR(pg_catalog.=) " alias ".id AND (r.moment IS NOT NULL OR EXISTS (SELECT FROM @store@.certificate c JOIN "  \
			"@store@.crl_entry e ON " CERTIFICATE_KEY("e") " OPERATOR(pg_catalog.=) " CERTIFICATE_KEY(                                     \
				"c") " WHERE c.manifest "                                                                                                  \
					 "OPERATOR(pg_catalog.=) " alias ".id AND e.authority OPERATOR(pg_catalog.=) " alias ".authority_id AND e.revoked_at " \
					 "OPERATOR(pg_catalog.=) r.effective_from))")
#define REVOKED_TAG(alias)                                                                                         \
	REVOKED("r.authority_id OPERATOR(pg_catalog.=) " alias ".authority AND r.tag_id OPERATOR(pg_catalog.=) " alias \
			".tag_id AND (r.tag_version IS NULL OR r.tag_version OPERATOR(pg_catalog.=) " alias ".tag_version)")
/* a manifest's tags and nothing else, whatever else is asked of them and known of the table: no other index is read (OFFSET 0) */
#define TAGS_OF(id) "(SELECT t.* FROM @store@.tag t WHERE t.manifest OPERATOR(pg_catalog.=) " id " OFFSET 0)"
#define BELOW(alias)                                                                                       \
	alias ".tag_id OPERATOR(pg_catalog.=) $4 AND " alias ".authority OPERATOR(pg_catalog.=) $1 AND " alias \
		  ".kind OPERATOR(pg_catalog.=) $3 AND " alias ".tag_version OPERATOR(pg_catalog.<) $5"
#define TAGS_BELOW                                                              \
	"(SELECT v.manifest, v.ordinal FROM @store@.tag v WHERE v.live AND " BELOW( \
		"v") " UNION SELECT v.manifest, v.ordinal FROM "                        \
			 "pg_catalog.unnest($6) w (manifest), "                             \
			 "LATERAL " TAGS_OF("w.manifest") " v WHERE " BELOW(                \
				 "v") " UNION SELECT v.manifest, v.ordinal FROM @store@.tag v WHERE $7 AND NOT v.live AND " BELOW("v") ")"
#define TAGS_OF_IT TAGS_OF("$1")
#define LAST_LIFE(columns, table, condition, alias) \
	"LATERAL (SELECT " columns " FROM @store@." table " l WHERE " condition " ORDER BY l.known_at DESC LIMIT 1) " alias
/* whether what a manifest says of other tags is heard: begun and not revoked, expired or not (doc/conformance.md, decision 26) */
#define HEARD(alias)                                                 \
	"CASE WHEN " ANSWERS(alias) " THEN (" VALID(alias ".not_before", \
		"NULL::pg_catalog.timestamptz") ") OPERATOR(pg_catalog.-) " REVOKED_MANIFEST(alias) " ELSE '{}'::" MULTI " END"
/* whether the policy lets it answer, if it is of one of several generations */
#define ANSWERS(alias)                                                                                                                \
	"(" alias ".withdrawn IS NULL AND (" alias ".generation IS NULL OR COALESCE((SELECT p.generation FROM @store@.policy p ORDER BY " \
	"p.moment DESC, p.id DESC LIMIT 1), 0) OPERATOR(pg_catalog.=) ANY (ARRAY[0, " alias ".generation])))"
#define ACTIVATED(tag_id, tag_version)                                                                             \
	"COALESCE((SELECT pg_catalog.range_agg(c.counts) FROM @store@.tag_link k, " LAST_LIFE("l.counts", "cotl_life", \
		"l.manifest OPERATOR(pg_catalog.=) k.manifest AND l.ordinal OPERATOR(pg_catalog.=) k.ordinal",             \
		"c") " WHERE k.relation OPERATOR(pg_catalog.=) "                                                           \
			 "'activates' AND k.tag_id OPERATOR(pg_catalog.=) " tag_id                                             \
			 " AND (k.tag_version IS NULL OR k.tag_version OPERATOR(pg_catalog.=) " tag_version ")), '{}'::" MULTI ")"

const cs_statement_text cs_statement_texts[CS_STATEMENTS] = {
	[CS_STMT_AUTHORITIES] = { "SELECT a.name, a.key, a.valid_from, a.valid_until, a.environments, a.profiles, a.kinds, a.tag_ids,"
							  " a.accepts_unsigned, a.accepts_legacy, a.accepts_cose_sign, a.check_issuer, a.key_purposes, "
							  "a.strict_profile, a.chains_judged_at, a.id, a.scope, a.truth FROM @store@.authority a WHERE ($1 IS NULL OR "
							  "a.name OPERATOR(pg_catalog.=) $1)"
							  "  AND ($2 IS NULL OR a.id OPERATOR(pg_catalog.=) $2) ORDER BY a.id",
		{ "text", "uuid" } },
	[CS_STMT_AUTHORITY_REVOKED] = { "SELECT 1 FROM @store@.revocation r WHERE r.authority_id OPERATOR(pg_catalog.=) $1 AND r.tag_id IS NULL"
									" AND r.effective_from OPERATOR(pg_catalog.<=) pg_catalog.clock_timestamp()"
									" AND NOT EXISTS (SELECT 1 FROM @store@.revocation u WHERE u.undoes OPERATOR(pg_catalog.=) r.id"
									"  AND u.effective_from OPERATOR(pg_catalog.<=) pg_catalog.clock_timestamp()) LIMIT 1",
		{ "uuid" } },
	[CS_STMT_AUTHORITY_BY_NAME] = { "SELECT a.id FROM @store@.authority a WHERE a.name OPERATOR(pg_catalog.=) $1 ORDER BY a.id",
		{ "text" } },
	[CS_STMT_AUTHORITY_BY_ID] = { "SELECT a.key, a.name, a.scope FROM @store@.authority a WHERE a.id OPERATOR(pg_catalog.=) $1",
		{ "uuid" } },
	[CS_STMT_AUTHORITY_LAST] = { "SELECT a.moment, a.truth FROM @store@.authority a WHERE a.id OPERATOR(pg_catalog.=) $1"
								 " UNION ALL SELECT r.moment, r.truth FROM @store@.authority_removed r WHERE r.id OPERATOR(pg_catalog.=) $1"
								 " ORDER BY 1 DESC, 2 DESC LIMIT 1",
		{ "uuid" } },
	[CS_STMT_AUTHORITY_REMOVED] = { "INSERT INTO @store@.authority_removed (id, moment, truth) VALUES ($1, $2, $3)"
									" ON CONFLICT (id) DO UPDATE SET moment = EXCLUDED.moment, truth = EXCLUDED.truth",
		{ "uuid", "timestamptz", "uuid" } },
	[CS_STMT_AUTHORITY_INSERT] = { "INSERT INTO @store@.authority (key, name, shown_as, valid_from, valid_until, environments, profiles, "
								   "kinds, tag_ids,"
								   " accepts_unsigned, accepts_legacy, accepts_cose_sign, check_issuer, activates, note, key_purposes, "
								   "strict_profile, chains_judged_at)"
								   " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
		{ "coserv.crypto_key", "text", "coserv.crypto_key", "timestamptz", "timestamptz", "coserv.environment[]", "text[]", "int2[]",
			"text[]", "bool", "bool", "bool", "bool", "bool", "text", "text[]", "bool", "timestamptz" } },
	[CS_STMT_AUTHORITY_UPDATE] = { "UPDATE @store@.authority SET name = $2, shown_as = $3, valid_from = $4, valid_until = $5, environments "
								   "= $6,"
								   " profiles = $7, kinds = $8, tag_ids = $9, accepts_unsigned = $10, accepts_legacy = $11, "
								   "accepts_cose_sign = $12,"
								   " check_issuer = $13, activates = $14, note = $15, key_purposes = $16, strict_profile = $17, "
								   "chains_judged_at = $18 "
								   "WHERE key OPERATOR(coserv.=) $1",
		{ "coserv.crypto_key", "text", "coserv.crypto_key", "timestamptz", "timestamptz", "coserv.environment[]", "text[]", "int2[]",
			"text[]", "bool", "bool", "bool", "bool", "bool", "text", "text[]", "bool", "timestamptz" } },
	[CS_STMT_AUTHORITY_DELETE] = { "DELETE FROM @store@.authority WHERE id OPERATOR(pg_catalog.=) $1", { "uuid" } },
	[CS_STMT_LAST_POLICY] = { "SELECT p.require_cotl, p.refuse_older, p.notify, p.generation FROM @store@.policy p ORDER BY p.moment DESC, "
							  "p.id DESC "
							  "LIMIT 1",
		{ NULL } },
	[CS_STMT_TRUTH_INSERT] = { "INSERT INTO @store@.truth (id, kind, moment, body) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING",
		{ "uuid", "int2", "timestamptz", "bytea" } },
	[CS_STMT_TRUTH_ANY] = { "SELECT 1 FROM @store@.truth WHERE id OPERATOR(pg_catalog.=) $1", { "uuid" } },
	[CS_STMT_TRUTH_BODY] = { "SELECT body FROM @store@.truth WHERE id OPERATOR(pg_catalog.=) $1", { "uuid" } },
	[CS_STMT_TRUTH_ACCEPTED] = { "SELECT 1 FROM @store@.truth t WHERE t.id OPERATOR(pg_catalog.=) $1 AND NOT EXISTS"
								 " (SELECT 1 FROM @store@.set_aside s WHERE s.id OPERATOR(pg_catalog.=) $1)",
		{ "uuid" } },
	[CS_STMT_LAST_MOMENT] = { "SELECT pg_catalog.max(moment) FROM @store@.truth WHERE moment OPERATOR(pg_catalog.<=) $1",
		{ "timestamptz" } },
	[CS_STMT_SET_ASIDE] = { "INSERT INTO @store@.set_aside (id, kind, reason, since) VALUES ($1, $2, $3, pg_catalog.clock_timestamp())"
							" ON CONFLICT (id) DO UPDATE SET reason = EXCLUDED.reason",
		{ "uuid", "int2", "text" } },
	[CS_STMT_NOT_ASIDE] = { "DELETE FROM @store@.set_aside WHERE id OPERATOR(pg_catalog.=) $1", { "uuid" } },
	/* these, or all */
	[CS_STMT_ASIDE] = { "SELECT t.id, t.kind, t.moment, t.body FROM @store@.set_aside s JOIN @store@.truth t ON t.id "
						"OPERATOR(pg_catalog.=) s.id WHERE s.id OPERATOR(pg_catalog.=) ANY (COALESCE($1, ARRAY(SELECT a.id FROM "
						"@store@.set_aside a))) AND t.body IS NOT NULL"
						" ORDER BY t.kind OPERATOR(pg_catalog.=) 1::pg_catalog.int2, t.kind, t.id",
		{ "uuid[]" } },
	[CS_STMT_SAY_REVOCATION] = { "INSERT INTO @store@.revocation (manifest, authority_id, tag_id, tag_version, undoes, effective_from, "
								 "reason, forgets, said_here)"
								 " VALUES ($1, $2, $3, $4, $5, $6, $7, COALESCE($8, false), false)",
		{ "uuid", "uuid", "text", "numeric", "uuid", "timestamptz", "text", "bool" } },
	/* rows of truth $1 lose what they say; of what is forgotten for good */
	[CS_STMT_TRUTH_ERASE] = { "UPDATE @store@.truth SET body = NULL WHERE id OPERATOR(pg_catalog.=) $1", { "uuid" } },
	/* and have it again */
	[CS_STMT_TRUTH_RESTORE] = { "UPDATE @store@.truth SET body = $2 WHERE id OPERATOR(pg_catalog.=) $1 AND body IS NULL",
		{ "uuid", "bytea" } },
	/* why a statement is forgotten; and whether this region erases it */
	[CS_STMT_FORGETTING] = { "SELECT r.reason, r.said_here OR EXISTS (SELECT FROM @store@.erasing e WHERE e.for_others)"
							 " FROM @store@.revocation r WHERE r.manifest OPERATOR(pg_catalog.=) $1 AND r.forgets ORDER BY 2 DESC, r.id "
							 "LIMIT 1",
		{ "uuid" } },
	[CS_STMT_TO_ERASE] = { "SELECT DISTINCT ON (m.id) m.id, r.id, m.is_signed AND NOT m.is_answered_signed, m.forgotten IS NULL "
						   "AND " SHARED("m.truth",
							   "m.id") " FROM @store@.revocation r"
									   " JOIN @store@.manifest m ON m.id OPERATOR(pg_catalog.=) r.manifest WHERE r.forgets AND (r.said_here"
									   " OR EXISTS (SELECT FROM @store@.erasing e WHERE e.for_others)) AND (m.forgotten IS NULL OR EXISTS "
									   "(SELECT FROM"
									   " @store@.manifest_document d JOIN @store@.truth t ON t.id OPERATOR(pg_catalog.=) d.truth WHERE "
									   "d.manifest"
									   " OPERATOR(pg_catalog.=) m.id AND t.body IS NOT NULL)) ORDER BY m.id, r.id",
		{ NULL } },
	[CS_STMT_ERASE] = { "WITH t AS (UPDATE @store@.truth SET body = NULL WHERE body IS NOT NULL AND id OPERATOR(pg_catalog.=) ANY (ARRAY("
						"SELECT x.truth FROM (SELECT m.truth FROM @store@.manifest m WHERE m.id OPERATOR(pg_catalog.=) $1"
						" UNION ALL SELECT d.truth FROM @store@.manifest_document d WHERE d.manifest OPERATOR(pg_catalog.=) $1) x"
						" WHERE NOT " SHARED(
							"x.truth", "$1") "))), "
											 "e AS (DELETE FROM @store@.triple_environment WHERE manifest OPERATOR(pg_catalog.=) "
											 "$1),"
											 " q AS (DELETE FROM @store@.triple_condition WHERE manifest OPERATOR(pg_catalog.=) $1),"
											 " k AS (DELETE FROM @store@.search_key WHERE manifest OPERATOR(pg_catalog.=) $1),"
											 " c AS (DELETE FROM @store@.certificate WHERE manifest OPERATOR(pg_catalog.=) $1),"
											 " l AS (DELETE FROM @store@.tag_link WHERE manifest OPERATOR(pg_catalog.=) $1),"
											 " g AS (DELETE FROM @store@.tag WHERE manifest OPERATOR(pg_catalog.=) $1)"
											 " DELETE FROM @store@.triple WHERE manifest OPERATOR(pg_catalog.=) $1",
		{ "uuid" } },
	/* names and times that stood in the document go too */
	[CS_STMT_ERASE_MANIFEST] = { "UPDATE @store@.manifest SET forgotten = $2, corim_id = NULL, profile = NULL, signer_name = NULL, legacy "
								 "= '{}'"
								 " WHERE id OPERATOR(pg_catalog.=) $1 AND forgotten IS NULL",
		{ "uuid", "uuid" } },
	[CS_STMT_FORGOTTEN] = { "SELECT pg_catalog.count(*) FROM @store@.forgotten_at($1)", { "timestamptz" } },
	[CS_STMT_FORGET] = { "INSERT INTO @store@.revocation (manifest, reason, forgets) VALUES ($1, $2, true) RETURNING id",
		{ "uuid", "text" } },
	[CS_STMT_SAY_POLICY] = { "INSERT INTO @store@.policy (require_cotl, refuse_older, notify, generation) VALUES ($1, $2, $3, $4)",
		{ "bool", "bool", "bool", "int4" } },
	[CS_STMT_SAY_PROFILE] = { "INSERT INTO @store@.profile (profile, codepoint, name, comparison) VALUES ($1, $2, $3, $4)",
		{ "text", "int8", "text", "text" } },
	[CS_STMT_SAY_CRL] = { "INSERT INTO @store@.crl (authority_id, der, chain) VALUES ($1, $2, $3)", { "uuid", "bytea", "bytea[]" } },
	[CS_STMT_SAY_TAKEN_BACK] = { "INSERT INTO @store@.taken_back (truths, reason) VALUES ($1, $2)", { "uuid[]", "text" } },
	[CS_STMT_SAY_DOCUMENT] = { "INSERT INTO @store@.manifest (document, payload, authority_id) VALUES ($1, $2, $3)",
		{ "bytea", "bytea", "uuid" } },
	[CS_STMT_MANIFEST_ANY] = { "SELECT m.truth, m.digest, m.authority_id, m.signer FROM @store@.manifest m WHERE m.id "
							   "OPERATOR(pg_catalog.=) $1",
		{ "uuid" } },
	[CS_STMT_MANIFEST_IS] = { "SELECT 1 FROM @store@.manifest m WHERE m.id OPERATOR(pg_catalog.=) $1", { "uuid" } },
	[CS_STMT_MANIFEST_TRUTH] = { "SELECT m.truth FROM @store@.manifest m WHERE m.id OPERATOR(pg_catalog.=) $1 AND m.forgotten IS NULL",
		{ "uuid" } },
	[CS_STMT_MANIFEST_NAMES] = { "SELECT m.profile, m.corim_id, m.authority FROM @store@.manifest m WHERE m.id OPERATOR(pg_catalog.=) $1",
		{ "uuid" } },
	[CS_STMT_SIGNER_KNOWN] = { "SELECT a.name FROM @store@.manifest m JOIN @store@.authority a ON a.id OPERATOR(pg_catalog.=) "
							   "m.authority_id"
							   " WHERE m.signer_name OPERATOR(pg_catalog.=) $1 ORDER BY m.authority_id LIMIT 1",
		{ "text" } },
	[CS_STMT_MANIFEST_INSERT] = { "INSERT INTO @store@.manifest (document, authority) VALUES ($1, $2)", { "bytea", "text" } },
	[CS_STMT_MANIFEST_INSERT_PAYLOAD] = { "INSERT INTO @store@.manifest (document, authority, payload) VALUES ($1, $2, $3)",
		{ "bytea", "text", "bytea" } },
	/* as many as are asked for */
	[CS_STMT_MANIFEST_DOCUMENTS] = { "SELECT 1 FROM @store@.manifest_document d WHERE d.manifest OPERATOR(pg_catalog.=) $1 LIMIT $2",
		{ "uuid", "int4" } },
	[CS_STMT_MANIFEST_DOCUMENT_ANY] = { "SELECT 1 FROM @store@.manifest_document d WHERE d.truth OPERATOR(pg_catalog.=) $1 AND d.manifest "
										"OPERATOR(pg_catalog.=) $2",
		{ "uuid", "uuid" } },
	[CS_STMT_IS_DOCUMENT_OF] = { "SELECT 1 FROM @store@.manifest m WHERE m.id OPERATOR(pg_catalog.=) $2 AND m.truth OPERATOR(pg_catalog.=) "
								 "$1"
								 " UNION ALL SELECT 1 FROM @store@.manifest_document d WHERE d.truth OPERATOR(pg_catalog.=) $1 AND "
								 "d.manifest "
								 "OPERATOR(pg_catalog.=) $2",
		{ "uuid", "uuid" } },
	/* of these rows of truth, or of all, those that may have several signatures */
	[CS_STMT_COSIGNED] = { "SELECT u.id FROM pg_catalog.unnest($1) u (id) UNION SELECT x.truth FROM @store@.manifest m, LATERAL (SELECT "
						   "m.truth UNION ALL SELECT d.truth FROM @store@.manifest_document d WHERE d.manifest OPERATOR(pg_catalog.=) "
						   "m.id) x"
						   " WHERE $1 IS NULL AND m.legacy OPERATOR(pg_catalog.@>) '{cose-sign}'::pg_catalog.text[] ORDER BY 1",
		{ "uuid[]" } },
	[CS_STMT_MANIFEST_DOCUMENT_ADD] = { "INSERT INTO @store@.manifest_document (truth, manifest, digest, signer) VALUES ($1, $2, $3, $4) "
										"ON "
										"CONFLICT (truth, manifest) DO NOTHING",
		{ "uuid", "uuid", "bytea", "uuid" } },
	[CS_STMT_MANIFEST_DOCUMENT_DROP] = { "DELETE FROM @store@.manifest_document WHERE truth OPERATOR(pg_catalog.=) $1 AND manifest "
										 "OPERATOR(pg_catalog.=) $2",
		{ "uuid", "uuid" } },
	[CS_STMT_MANIFEST_DOCUMENT_IS] = { "UPDATE @store@.manifest SET truth = $2, digest = $3, not_before = $4, not_after = $5 WHERE id "
									   "OPERATOR(pg_catalog.=) $1",
		{ "uuid", "uuid", "bytea", "timestamptz", "timestamptz" } },
	[CS_STMT_MANIFEST_SCOPE] = { "UPDATE @store@.manifest SET scope = $2, withdrawn = $3, not_before = $4, not_after = $5 WHERE id "
								 "OPERATOR(pg_catalog.=) $1",
		{ "uuid", "uuid", "text", "timestamptz", "timestamptz" } },
	[CS_STMT_MANIFESTS_OF] = { "SELECT m.id, m.truth, m.withdrawn, m.not_before, m.not_after FROM @store@.manifest m WHERE m.authority_id "
							   "OPERATOR(pg_catalog.=) $1"
							   " AND m.scope OPERATOR(pg_catalog.<>) $2 AND m.forgotten IS NULL ORDER BY m.id",
		{ "uuid", "uuid" } },
	/* when authorities $1 may speak: from the first moment to the last (-infinity: never), and when the last was said of any authority */
	[CS_STMT_AUTHORITY_RIGHTS] = { "SELECT a.id, CASE WHEN pg_catalog.lower_inf(r.ranges) THEN '-infinity'::pg_catalog.timestamptz ELSE "
								   "COALESCE(pg_catalog.lower(r.ranges), 'infinity') END, CASE WHEN pg_catalog.upper_inf(r.ranges) THEN "
								   "'infinity'::pg_catalog.timestamptz ELSE COALESCE(pg_catalog.upper(r.ranges), '-infinity') END, "
								   "(SELECT pg_catalog.max(s.moment) FROM (SELECT x.moment FROM @store@.authority x"
								   " UNION ALL SELECT d.moment FROM @store@.authority_removed d"
								   " UNION ALL SELECT GREATEST(r.moment, u.moment) FROM @store@.revocation r"
								   " LEFT JOIN @store@.revocation u ON u.undoes OPERATOR(pg_catalog.=) r.id"
								   " WHERE r.authority_id IS NOT NULL AND r.tag_id IS NULL) s) FROM "
								   "@store@.authority a, LATERAL (SELECT " MULTI
								   "(pg_catalog.tstzrange(a.valid_from, a.valid_until)) OPERATOR(pg_catalog.-) " REVOKED(
									   "r.authority_id OPERATOR(pg_catalog.=) a.id AND r.tag_id IS NULL") " AS ranges OFFSET 0) r WHERE "
																										  "a.id OPERATOR(pg_catalog.=) ANY "
																										  "($1)",
		{ "uuid[]" } },
	/* whose statements are of which signers, from each to the next by the index; and one of them each */
	[CS_STMT_SIGNERS] = { "WITH RECURSIVE one (authority_id, signer) AS ((SELECT m.authority_id, m.signer FROM @store@.manifest m ORDER BY "
						  "m.authority_id, m.signer LIMIT 1) UNION ALL SELECT n.authority_id, n.signer FROM one o, LATERAL (SELECT "
						  "m.authority_id, m.signer FROM @store@.manifest m WHERE (m.authority_id, m.signer) OPERATOR(pg_catalog.>) "
						  "(o.authority_id, o.signer) ORDER BY m.authority_id, m.signer LIMIT 1) n) SELECT o.authority_id, o.signer, e.id, "
						  "e.truth FROM one o, LATERAL (SELECT m.id, m.truth FROM @store@.manifest m WHERE m.authority_id "
						  "OPERATOR(pg_catalog.=) o.authority_id AND m.signer OPERATOR(pg_catalog.=) o.signer AND m.is_signed AND "
						  "m.forgotten IS NULL LIMIT 1) e",
		{ NULL } },
#define SIGNED "m.id, m.truth, m.authority_id, m.signer, m.withdrawn IS NOT NULL"
	/* statements of authority $1 and signer $2 */
	[CS_STMT_SIGNED_BY] = { "SELECT " SIGNED " FROM @store@.manifest m WHERE m.authority_id OPERATOR(pg_catalog.=) $1 AND m.signer "
							"OPERATOR(pg_catalog.=) $2 AND m.is_signed AND m.forgotten IS NULL ORDER BY m.id",
		{ "uuid", "uuid" } },
	/* statements $1, those of one signer behind one another */
	[CS_STMT_SIGNED] = { "SELECT " SIGNED " FROM @store@.manifest m WHERE m.id OPERATOR(pg_catalog.=) ANY ($1) AND m.is_signed AND "
						 "m.forgotten IS NULL ORDER BY m.authority_id, m.signer, m.id",
		{ "uuid[]" } },
	/* statements (of $1, or any) of which a document does not answer that leads elsewhere, or would go before the one that does */
	[CS_STMT_SIGNED_TWICE] = { "SELECT DISTINCT m.id FROM @store@.manifest_document d, LATERAL (SELECT m.* FROM @store@.manifest m "
							   "WHERE m.id OPERATOR(pg_catalog.=) d.manifest OFFSET 0) m "
							   "WHERE ($1 IS NULL OR d.manifest OPERATOR(pg_catalog.=) ANY ($1)) AND m.is_signed AND m.forgotten IS NULL "
							   "AND (d.signer OPERATOR(pg_catalog.<>) m.signer OR (d.digest, d.truth) "
							   "OPERATOR(pg_catalog.<) (m.digest, m.truth)) ORDER BY m.id",
		{ "uuid[]" } },
	/* documents of statement $1 that are here, in their order */
	[CS_STMT_DOCUMENTS_OF] = { "SELECT x.truth, x.digest, x.signer FROM (SELECT m.truth, m.digest, m.signer FROM @store@.manifest m WHERE "
							   "m.id OPERATOR(pg_catalog.=) $1 UNION ALL SELECT d.truth, d.digest, d.signer FROM @store@.manifest_document "
							   "d WHERE d.manifest OPERATOR(pg_catalog.=) $1) x JOIN @store@.truth t ON t.id OPERATOR(pg_catalog.=) "
							   "x.truth "
							   "WHERE t.body IS NOT NULL ORDER BY x.digest, x.truth",
		{ "uuid" } },
	[CS_STMT_SAID_BY] = { "SELECT pg_catalog.count(*) FROM @store@.manifest m WHERE m.authority_id OPERATOR(pg_catalog.=) $1 AND "
						  "m.forgotten"
						  " IS NULL",
		{ "uuid" } },
	[CS_STMT_MANIFEST_OWNER] = { "UPDATE @store@.manifest SET authority = $2, authority_id = $3, scope = $4, signer = $5, truth = $6, "
								 "digest = $7, not_before = $8, not_after = $9, withdrawn = NULL WHERE id OPERATOR(pg_catalog.=) $1",
		{ "uuid", "text", "uuid", "uuid", "uuid", "uuid", "bytea", "timestamptz", "timestamptz" } },
	[CS_STMT_MANIFEST_SIGNER] = { "UPDATE @store@.manifest SET signer = $2 WHERE id OPERATOR(pg_catalog.=) $1", { "uuid", "uuid" } },
	[CS_STMT_TAG_OWNER] = { "UPDATE @store@.tag SET authority = $2 WHERE manifest OPERATOR(pg_catalog.=) $1", { "uuid", "uuid" } },
	/*
	 * Of tags of manifest $1, which is authority $2's from now on: the groups that they leave and come to, where something was said of
	 * them, or by them, under whom they leave. Where something is said under whom they come to, CS_STMT_RIVALS finds it.
	 */
	[CS_STMT_TAGS_MOVED] = { "SELECT 'tag', a.id, s.kind, s.tag_id FROM (SELECT g.authority, g.kind, g.tag_id FROM @store@.tag g WHERE "
							 "g.manifest OPERATOR(pg_catalog.=) $1 AND g.tag_id IS NOT NULL AND (EXISTS (SELECT FROM @store@.tag_life l "
							 "WHERE "
							 "l.manifest OPERATOR(pg_catalog.=) g.manifest AND l.ordinal OPERATOR(pg_catalog.=) g.ordinal) OR EXISTS "
							 "(SELECT "
							 "FROM @store@.tag n WHERE n.tag_id OPERATOR(pg_catalog.=) g.tag_id AND n.authority OPERATOR(pg_catalog.=) "
							 "g.authority AND n.kind OPERATOR(pg_catalog.=) g.kind AND n.tag_version OPERATOR(pg_catalog.<>) "
							 "g.tag_version)) "
							 "UNION SELECT g.authority, 'comid', k.tag_id FROM @store@.tag g JOIN @store@.tag_link k ON k.manifest "
							 "OPERATOR(pg_catalog.=) g.manifest AND k.ordinal OPERATOR(pg_catalog.=) g.ordinal WHERE g.manifest "
							 "OPERATOR(pg_catalog.=) $1 AND k.relation OPERATOR(pg_catalog.=) 'replaces') s, LATERAL (VALUES "
							 "(s.authority), "
							 "($2)) a (id)",
		{ "uuid", "uuid" } },
	/* tags of manifest $1, which is authority $2's from now on, that are revoked of its authority until now, and not of that one */
	[CS_STMT_TAGS_REVOKED_NO_MORE] = { "SELECT DISTINCT g.tag_id, r.authority FROM @store@.tag g JOIN @store@.revocation r ON "
									   "r.authority_id "
									   "OPERATOR(pg_catalog.=) g.authority AND r.tag_id OPERATOR(pg_catalog.=) g.tag_id WHERE g.manifest "
									   "OPERATOR(pg_catalog.=) $1 AND (r.tag_version IS NULL OR r.tag_version OPERATOR(pg_catalog.=) "
									   "g.tag_version) AND NOT EXISTS (SELECT FROM @store@.revocation u WHERE u.undoes "
									   "OPERATOR(pg_catalog.=) "
									   "r.id) AND NOT EXISTS (SELECT FROM @store@.revocation n WHERE n.authority_id OPERATOR(pg_catalog.=) "
									   "$2 "
									   "AND n.tag_id OPERATOR(pg_catalog.=) g.tag_id AND (n.tag_version IS NULL OR n.tag_version "
									   "OPERATOR(pg_catalog.=) g.tag_version) AND NOT EXISTS (SELECT FROM @store@.revocation u WHERE "
									   "u.undoes "
									   "OPERATOR(pg_catalog.=) n.id))",
		{ "uuid", "uuid" } },
	[CS_STMT_MANIFEST_LAPSED] = { "SELECT 1 WHERE NOT EXISTS (SELECT FROM @store@.tags_at(NULL::pg_catalog.timestamptz) g WHERE g.manifest "
								  "OPERATOR(pg_catalog.=) $1)",
		{ "uuid" } },
	[CS_STMT_KNOWN_AUTHORITY] = { "UPDATE @store@.authority SET known_at = $2 WHERE id OPERATOR(pg_catalog.=) ANY ($1)",
		{ "uuid[]", "timestamptz" } },
	[CS_STMT_KNOWN_REVOCATION] = { "UPDATE @store@.revocation SET known_at = $2 WHERE id OPERATOR(pg_catalog.=) ANY ($1)",
		{ "uuid[]", "timestamptz" } },
	[CS_STMT_GENERATIONS] = { "SELECT 'manifest', m.id, NULL::pg_catalog.text, NULL::pg_catalog.text FROM @store@.manifest m WHERE "
							  "m.generation IS NOT NULL UNION ALL SELECT 'tag', g.authority, g.kind, g.tag_id FROM @store@.manifest m JOIN "
							  "@store@.tag g ON g.manifest OPERATOR(pg_catalog.=) m.id WHERE m.generation IS NOT NULL",
		{ NULL } },
	[CS_STMT_KNOWN_POLICY] = { "UPDATE @store@.policy SET known_at = $2 WHERE id OPERATOR(pg_catalog.=) ANY ($1)",
		{ "uuid[]", "timestamptz" } },
	[CS_STMT_KNOWN_PROFILE] = { "UPDATE @store@.profile SET known_at = $2 WHERE id OPERATOR(pg_catalog.=) ANY ($1)",
		{ "uuid[]", "timestamptz" } },
	[CS_STMT_KNOWN_CRL] = { "UPDATE @store@.crl SET known_at = $2 WHERE id OPERATOR(pg_catalog.=) ANY ($1)", { "uuid[]", "timestamptz" } },
	[CS_STMT_UNSETTLED] = { "INSERT INTO @store@.unsettled (kind, id) VALUES ($1, $2)", { "int2", "uuid" } },
	[CS_STMT_TAKE_UNSETTLED] = { "DELETE FROM @store@.unsettled RETURNING kind, id", { NULL } },
	[CS_STMT_KNOWN_TAKEN_BACK] = { "UPDATE @store@.taken_back SET known_at = $2 WHERE id OPERATOR(pg_catalog.=) ANY ($1)",
		{ "uuid[]", "timestamptz" } },
	/* what was said by rows of truth $1 stands behind everything else */
	[CS_STMT_TAKE_BACK_AUTHORITY] = { "UPDATE @store@.authority SET moment = '-infinity' WHERE truth OPERATOR(pg_catalog.=) ANY ($1)",
		{ "uuid[]" } },
	[CS_STMT_TAKE_BACK_REMOVED] = { "UPDATE @store@.authority_removed SET moment = '-infinity' WHERE truth OPERATOR(pg_catalog.=) ANY ($1)",
		{ "uuid[]" } },
	[CS_STMT_TAKE_BACK_POLICY] = { "UPDATE @store@.policy SET moment = '-infinity' WHERE id OPERATOR(pg_catalog.=) ANY ($1)",
		{ "uuid[]" } },
	[CS_STMT_TAKE_BACK_PROFILE] = { "UPDATE @store@.profile SET moment = '-infinity' WHERE id OPERATOR(pg_catalog.=) ANY ($1)",
		{ "uuid[]" } },
	[CS_STMT_TAKE_BACK_ASIDE] = { "UPDATE @store@.set_aside SET reason = 'its moment was taken back, and what it says was said again' "
								  "WHERE id"
								  " OPERATOR(pg_catalog.=) ANY ($1)",
		{ "uuid[]" } },
	/* of authorities of which they were the last, all else that was said: it is tried again, as it may have come behind them */
	[CS_STMT_TAKE_BACK_SAID] = { "INSERT INTO @store@.set_aside (id, kind, reason, since) SELECT t.id, t.kind, 'what was said behind it "
								 "was taken"
								 " back', pg_catalog.clock_timestamp() FROM @store@.truth t WHERE t.kind OPERATOR(pg_catalog.=) "
								 "2::pg_catalog.int2"
								 " AND t.id OPERATOR(pg_catalog.<>) ALL ($1) AND NOT EXISTS (SELECT FROM @store@.taken_back b WHERE t.id"
								 " OPERATOR(pg_catalog.=) ANY (b.truths)) AND coserv.truth_authority(t.body) OPERATOR(pg_catalog.=) ANY "
								 "(ARRAY("
								 "SELECT a.id FROM @store@.authority a WHERE a.truth OPERATOR(pg_catalog.=) ANY ($1) UNION ALL SELECT r.id "
								 "FROM"
								 " @store@.authority_removed r WHERE r.truth OPERATOR(pg_catalog.=) ANY ($1))) ON CONFLICT (id) DO NOTHING",
		{ "uuid[]" } },
	[CS_STMT_IS_TAKEN_BACK] = { "SELECT 1 FROM @store@.taken_back b WHERE $1 OPERATOR(pg_catalog.=) ANY (b.truths) LIMIT 1", { "uuid" } },
	[CS_STMT_TAKE_BACK] = { "INSERT INTO @store@.taken_back (truths, reason) VALUES ($1, $2)", { "uuid[]", "text" } },
	/* what is ordered by a moment behind $1, and was not taken back, in its order */
	[CS_STMT_AHEAD] = { "SELECT t.id, t.kind, t.body FROM @store@.truth t WHERE t.moment OPERATOR(pg_catalog.>) $1 AND t.kind "
						"OPERATOR(pg_catalog.=)"
						" ANY (ARRAY[2, 4, 5]::pg_catalog.int2[]) AND NOT EXISTS (SELECT FROM @store@.taken_back b WHERE t.id "
						"OPERATOR(pg_catalog.=)"
						" ANY (b.truths)) ORDER BY t.moment, t.id",
		{ "timestamptz" } },
	[CS_STMT_POLICY_MOMENT] = { "SELECT pg_catalog.max(p.moment) FROM @store@.policy p", { NULL } },
	[CS_STMT_PROFILE_MOMENT] = { "SELECT pg_catalog.max(p.moment) FROM @store@.profile p WHERE p.profile OPERATOR(pg_catalog.=) $1 AND "
								 "p.codepoint"
								 " OPERATOR(pg_catalog.=) $2",
		{ "text", "int8" } },
	/* only where the policy asks for it: such commits wait for one another, in all databases of a server */
	[CS_STMT_NOTIFY] = { "SELECT pg_catalog.pg_notify('coserv_changes', a.payload) FROM (SELECT p.notify FROM @store@.policy p ORDER BY "
						 "p.moment DESC, p.id DESC LIMIT 1) p, @store@.announcement($1) a (payload) WHERE p.notify AND a.payload IS NOT "
						 "NULL",
		{ "timestamptz" } },
	/* what else than their own life manifests $1 bear on: groups of tags, a scope that has changed meanwhile, CRLs, CoTLs */
	[CS_STMT_RIVALS] = { "SELECT 'tag', g.authority, g.kind, g.tag_id FROM @store@.tag g WHERE g.manifest OPERATOR(pg_catalog.=) ANY ($1)"
						 " AND (EXISTS (SELECT FROM @store@.tag n WHERE n.tag_id OPERATOR(pg_catalog.=) g.tag_id AND n.authority "
						 "OPERATOR(pg_catalog.=) g.authority"
						 "   AND n.kind OPERATOR(pg_catalog.=) g.kind AND n.tag_version OPERATOR(pg_catalog.<>) g.tag_version)"
						 "  OR EXISTS (SELECT FROM @store@.revocation r WHERE r.authority_id OPERATOR(pg_catalog.=) g.authority AND "
						 "r.tag_id OPERATOR(pg_catalog.=) g.tag_id)"
						 "  OR EXISTS (SELECT FROM @store@.tag_link l WHERE l.tag_id OPERATOR(pg_catalog.=) g.tag_id AND l.relation "
						 "OPERATOR(pg_catalog.=) ANY (ARRAY['replaces', 'activates'])))"
						 " UNION SELECT 'tag', g.authority, 'comid', l.tag_id FROM @store@.tag g JOIN @store@.tag_link l ON l.manifest "
						 "OPERATOR(pg_catalog.=) g.manifest"
						 "   AND l.ordinal OPERATOR(pg_catalog.=) g.ordinal WHERE g.manifest OPERATOR(pg_catalog.=) ANY ($1) AND "
						 "l.relation OPERATOR(pg_catalog.=) 'replaces'"
						 " UNION ALL SELECT 'stale', m.authority_id, NULL, NULL FROM @store@.manifest m WHERE m.id OPERATOR(pg_catalog.=) "
						 "ANY ($1)"
						 "  AND NOT EXISTS (SELECT FROM @store@.authority a WHERE a.id OPERATOR(pg_catalog.=) m.authority_id AND a.scope "
						 "OPERATOR(pg_catalog.=) m.scope)"
						 " UNION ALL SELECT 'forgotten', NULL, NULL, NULL FROM @store@.revocation r WHERE r.forgets AND r.manifest"
						 " OPERATOR(pg_catalog.=) ANY ($1)"
						 " UNION ALL SELECT 'unsettled', NULL, NULL, NULL WHERE EXISTS (SELECT FROM @store@.unsettled)"
						 " UNION ALL SELECT 'crl', NULL, NULL, NULL WHERE EXISTS (SELECT" CERTIFIED
						 " AND c.manifest OPERATOR(pg_catalog.=) ANY ($1))"
						 " UNION ALL SELECT 'cotl', NULL, NULL, NULL WHERE EXISTS (SELECT FROM @store@.tag WHERE kind "
						 "OPERATOR(pg_catalog.=) 'cotl')",
		{ "uuid[]" } },
	/* authorities of manifests $1 that were removed, or may say something else, since these were verified */
	[CS_STMT_STALE] = { "SELECT DISTINCT m.authority_id FROM @store@.manifest m WHERE m.id OPERATOR(pg_catalog.=) ANY ($1) AND NOT EXISTS "
						"(SELECT FROM @store@.authority a WHERE a.id OPERATOR(pg_catalog.=) m.authority_id AND a.scope "
						"OPERATOR(pg_catalog.=) m.scope)",
		{ "uuid[]" } },
	/* all that was ever foreseen */
	[CS_STMT_EVERYTHING] = { "SELECT 'manifest', m.id FROM @store@.manifest m UNION ALL SELECT DISTINCT 'authority', l.authority FROM "
							 "@store@.authority_life l UNION ALL SELECT 'cotl', NULL",
		{ NULL } },
	/* what a triple is about of manifest $1, or of a tag $3 of authority $2 */
	[CS_STMT_REVOKED_ENVIRONMENT] = { "SELECT t.environment FROM (SELECT $1 AS manifest WHERE $1 IS NOT NULL UNION ALL SELECT g.manifest "
									  "FROM "
									  "@store@.tag g WHERE g.authority OPERATOR(pg_catalog.=) $2 AND g.tag_id OPERATOR(pg_catalog.=) $3 "
									  "LIMIT 1) m, "
									  "LATERAL (SELECT t.environment FROM @store@.triple t WHERE t.manifest OPERATOR(pg_catalog.=) "
									  "m.manifest"
									  " AND t.environment IS NOT NULL LIMIT 1) t",
		{ "uuid", "uuid", "text" } },
	/* what revocations $1, and those that they undo, bear on */
	[CS_STMT_REVOKED_SUBJECTS] = { "WITH named AS (SELECT r.* FROM @store@.revocation r WHERE r.id OPERATOR(pg_catalog.=) ANY ($1)"
								   "  UNION SELECT r.* FROM @store@.revocation u JOIN @store@.revocation r ON r.id OPERATOR(pg_catalog.=) "
								   "u.undoes"
								   "   WHERE u.id OPERATOR(pg_catalog.=) ANY ($1))"
								   " SELECT 'manifest', n.manifest, NULL, NULL FROM named n WHERE n.manifest IS NOT NULL"
								   " UNION SELECT 'authority', n.authority_id, NULL, NULL FROM named n WHERE n.authority_id IS NOT NULL "
								   "AND n.tag_id IS NULL"
								   " UNION SELECT 'tag', g.authority, g.kind, g.tag_id FROM named n JOIN @store@.tag g ON g.authority "
								   "OPERATOR(pg_catalog.=) n.authority_id"
								   "  AND g.tag_id OPERATOR(pg_catalog.=) n.tag_id"
								   /* what a revoked tag had replaced */
								   " UNION SELECT 'tag', g.authority, 'comid', l.tag_id FROM named n JOIN @store@.tag g ON g.authority "
								   "OPERATOR(pg_catalog.=) n.authority_id"
								   "  AND g.tag_id OPERATOR(pg_catalog.=) n.tag_id JOIN @store@.tag_link l ON l.manifest "
								   "OPERATOR(pg_catalog.=) g.manifest"
								   "  AND l.ordinal OPERATOR(pg_catalog.=) g.ordinal WHERE l.relation OPERATOR(pg_catalog.=) 'replaces'",
		{ "uuid[]" } },
	[CS_STMT_AUTHORITY_LIFE] = { "INSERT INTO @store@.authority_life (authority, known_at, counts, name, shown_as, activates)"
								 " SELECT n.id, $3, n.counts, n.name, n.shown_as, n.activates FROM"
								 " (SELECT a.id, a.name, COALESCE(a.shown_as, a.key) AS shown_as, a.activates,"
								 "   (" VALID("a.valid_from", "a.valid_until") ") OPERATOR(pg_catalog.-) " REVOKED(
									 "r.authority_id OPERATOR(pg_catalog.=) a.id AND r.tag_id IS NULL") "    AS counts FROM "
																										"@store@.authority a WHERE a.id "
																										"OPERATOR(pg_catalog.=) ANY ($1)"
																										"  UNION ALL SELECT l.authority, "
																										"l.name, l.shown_as, l.activates, "
																										"'{}'::" MULTI
																										" FROM (SELECT DISTINCT i.id FROM "
																										"pg_catalog.unnest($1) i (id)) "
																										"i, " LAST_LIFE("l.*",
																											"authority_life",
																											"l.authority "
																											"OPERATOR(pg_catalog.=) i.id",
																											"l") "   WHERE NOT EXISTS "
																												 "(SELECT FROM "
																												 "@store@.authority a "
																												 "WHERE a.id "
																												 "OPERATOR(pg_catalog.=) "
																												 "i.id)) n LEFT "
																												 "JOIN " LAST_LIFE("l.*",
																													 "authority_life",
																													 "l.authority "
																													 "OPERATOR(pg_catalog.="
																													 ") n.id",
																													 "l") " ON true"
																														  " WHERE "
																														  "l.authority IS "
																														  "NULL OR l.name "
																														  "OPERATOR(pg_"
																														  "catalog.<>) "
																														  "n.name OR "
																														  "l.shown_as "
																														  "OPERATOR(coserv."
																														  "<>) n.shown_as"
																														  "  OR "
																														  "l.activates "
																														  "OPERATOR(pg_"
																														  "catalog.<>) "
																														  "n.activates OR "
																														  "l.counts "
																														  "OPERATOR(pg_"
																														  "catalog.*)"
																														  " " FROM_NOW
																														  " OPERATOR(pg_"
																														  "catalog.<>) "
																														  "n.counts"
																														  " ON CONFLICT "
																														  "(authority, "
																														  "known_at) DO "
																														  "UPDATE SET "
																														  "counts = "
																														  "EXCLUDED.counts,"
																														  " name = "
																														  "EXCLUDED.name, "
																														  "shown_as = "
																														  "EXCLUDED.shown_"
																														  "as,"
																														  "  activates = "
																														  "EXCLUDED."
																														  "activates",
		{ "uuid[]", "timestamptz", "timestamptz" } },
	[CS_STMT_MANIFEST_LIFE] = { "INSERT INTO @store@.manifest_life (manifest, known_at, counts, authority, truth)"
								" SELECT m.id, $3, n.counts, m.authority_id, m.truth FROM @store@.manifest m, LATERAL"
								" (SELECT CASE WHEN " ANSWERS("m") " THEN (" VALID("m.not_before",
									"m.not_after") ") OPERATOR(pg_catalog.-) " REVOKED_MANIFEST("m") " ELSE '{}'::" MULTI
																									 " END AS counts OFFSET 0) n "
																									 "LEFT JOIN " LAST_LIFE("l.*",
																										 "manifest_life",
																										 "l.manifest "
																										 "OPERATOR(pg_catalog.=) "
																										 "m.id",
																										 "l") " ON true"
																											  " WHERE m.id "
																											  "OPERATOR(pg_"
																											  "catalog.=) ANY "
																											  "($1) AND "
																											  "(l.manifest IS "
																											  "NULL OR "
																											  "l.authority "
																											  "OPERATOR(pg_"
																											  "catalog.<>) "
																											  "m.authority_id"
																											  "  OR l.truth "
																											  "OPERATOR(pg_"
																											  "catalog.<>) "
																											  "m.truth OR "
																											  "l.counts "
																											  "OPERATOR(pg_"
																											  "catalog.*)"
																											  " " FROM_NOW " OPERATOR(pg_"
																											  "catalog.<>) "
																											  "n.counts)"
																											  " ON CONFLICT "
																											  "(manifest, "
																											  "known_at) DO "
																											  "UPDATE SET counts "
																											  "= "
																											  "EXCLUDED.counts, "
																											  "authority = "
																											  "EXCLUDED."
																											  "authority, truth "
																											  "= EXCLUDED.truth"
																											  " RETURNING "
																											  "manifest, "
																											  "pg_catalog."
																											  "isempty(counts)",
		{ "uuid[]", "timestamptz", "timestamptz" } },
	/* the versions of a tag, newest first: authority $1, kind $3, id $4; hides: when it is heard; and what was foreseen last */
	[CS_STMT_TAG_GROUP] = { "SELECT g.manifest, g.ordinal, g.tag_version, (" HEARD(
								"m") ") OPERATOR(pg_catalog.-) v.revoked, v.revoked, " ACTIVATED("g.tag_id",
								"g.tag_version") ", l.counts OPERATOR(pg_catalog.*) " FROM_NOW ", l.newest OPERATOR(pg_catalog.*) " FROM_NOW
												 ", l.activated OPERATOR(pg_catalog.*) " FROM_NOW
												 " FROM @store@.tag g JOIN @store@.manifest m ON m.id OPERATOR(pg_catalog.=) g.manifest, "
												 "LATERAL (SELECT " REVOKED_TAG("g") " AS revoked OFFSET 0) v LEFT JOIN " LAST_LIFE("l.*",
													 "tag_life",
													 "l.manifest OPERATOR(pg_catalog.=) g.manifest AND l.ordinal OPERATOR(pg_catalog.=) "
													 "g.ordinal",
													 "l") " ON true"
														  " WHERE g.tag_id OPERATOR(pg_catalog.=) $4 AND g.authority "
														  "OPERATOR(pg_catalog.=) $1 AND g.kind OPERATOR(pg_catalog.=) $3"
														  " ORDER BY g.tag_version DESC",
		{ "uuid", "timestamptz", "text", "text" } },
	/* when something replaces a tag; its own later versions do so by their numbers alone */
	[CS_STMT_TAG_REPLACED] = { "SELECT COALESCE(pg_catalog.range_agg(h.hides), '{}'::" MULTI
							   "), COALESCE(pg_catalog.range_agg(h.hides OPERATOR(pg_catalog.*) h.activated), '{}'::" MULTI "),"
							   " EXISTS (SELECT FROM @store@.tag_link a WHERE a.tag_id OPERATOR(pg_catalog.=) $4 AND a.relation "
							   "OPERATOR(pg_catalog.=) 'activates'),"
							   " EXISTS (SELECT FROM @store@.tag_link a WHERE a.tag_id OPERATOR(pg_catalog.=) $4 AND a.relation "
							   "OPERATOR(pg_catalog.=) 'replaces')"
							   " FROM @store@.tag_link k JOIN @store@.tag g ON g.manifest OPERATOR(pg_catalog.=) k.manifest AND g.ordinal "
							   "OPERATOR(pg_catalog.=) k.ordinal"
							   " JOIN @store@.manifest m ON m.id OPERATOR(pg_catalog.=) g.manifest, LATERAL (SELECT (" HEARD(
								   "m") ") OPERATOR(pg_catalog.-) " REVOKED_TAG("g") " AS hides, " ACTIVATED("g.tag_id",
								   "g.tag_version") " AS activated OFFSET 0) h"
													" WHERE k.tag_id OPERATOR(pg_catalog.=) $4 AND k.relation OPERATOR(pg_catalog.=) "
													"'replaces' AND $3 OPERATOR(pg_catalog.=) 'comid'"
													"  AND g.authority OPERATOR(pg_catalog.=) $1 AND g.tag_id OPERATOR(pg_catalog.<>) $4",
		{ "uuid", "timestamptz", "text", "text" } },
	[CS_STMT_TAG_LIFE] = { "INSERT INTO @store@.tag_life (manifest, ordinal, known_at, counts, newest, activated) VALUES ($1, $2, $3, $4, "
						   "$5, $6)"
						   " ON CONFLICT (manifest, ordinal, known_at) DO UPDATE SET counts = EXCLUDED.counts, newest = EXCLUDED.newest, "
						   "activated = EXCLUDED.activated",
		{ "uuid", "int4", "timestamptz", "tstzmultirange", "tstzmultirange", "tstzmultirange" } },
	/*
	 * Versions below $5, all of which are hidden for good: those that were not so before. Looked at are those that are live, those of
	 * manifests $6, and all of them ($7) where some tag replaces this one: what is replaced is not live, and found by its id.
	 */
	[CS_STMT_TAG_HIDDEN] = { "INSERT INTO @store@.tag_life (manifest, ordinal, known_at, counts, newest, activated)"
							 " SELECT g.manifest, g.ordinal, $2, '{}', '{}', '{}' FROM " TAGS_BELOW " g LEFT JOIN " LAST_LIFE("l.*",
								 "tag_life", "l.manifest OPERATOR(pg_catalog.=) g.manifest AND l.ordinal OPERATOR(pg_catalog.=) g.ordinal",
								 "l") " ON true"
									  " WHERE (l.manifest IS NULL OR NOT pg_catalog.isempty(l.counts) OR NOT pg_catalog.isempty(l.newest) "
									  "OR NOT pg_catalog.isempty(l.activated))"
									  " ON CONFLICT (manifest, ordinal, known_at) DO UPDATE SET counts = '{}', newest = '{}', activated = "
									  "'{}' RETURNING manifest",
		{ "uuid", "timestamptz", "text", "text", "numeric", "uuid[]", "bool" } },
	/* of manifests $1, versions that cannot count, but may have been foreseen to be found by their ids */
	[CS_STMT_TAGS_DORMANT] = { "SELECT g.authority, g.kind, g.tag_id, g.manifest FROM @store@.tag g WHERE g.manifest "
							   "OPERATOR(pg_catalog.=) ANY ($1) AND NOT g.live",
		{ "uuid[]" } },
	/* CoTLs that manifests $1, authorities $3 or the tag ids $4 bear on */
	[CS_STMT_COTLS] = { "SELECT c.manifest, c.ordinal FROM @store@.tag c WHERE c.kind OPERATOR(pg_catalog.=) 'cotl' AND (c.manifest "
						"OPERATOR(pg_catalog.=) ANY ($1)"
						" OR pg_catalog.cardinality($3) OPERATOR(pg_catalog.>) 0 OR c.tag_id OPERATOR(pg_catalog.=) ANY ($4) OR EXISTS "
						"(SELECT FROM @store@.tag_link k"
						"  WHERE k.manifest OPERATOR(pg_catalog.=) c.manifest AND k.ordinal OPERATOR(pg_catalog.=) c.ordinal AND "
						"k.relation OPERATOR(pg_catalog.=) 'activates'"
						"  AND (k.tag_id OPERATOR(pg_catalog.=) ANY ($4) OR EXISTS (SELECT FROM @store@.tag t WHERE t.manifest "
						"OPERATOR(pg_catalog.=) ANY ($1)"
						"   AND t.tag_id OPERATOR(pg_catalog.=) k.tag_id))))",
		{ "uuid[]", "timestamptz", "uuid[]", "text[]" } },
	/* all of its tags or none: a CoTL with a tag that is not there, has expired or is revoked activates nothing */
	[CS_STMT_COTL_LIFE] = { "INSERT INTO @store@.cotl_life (manifest, ordinal, known_at, counts) SELECT c.manifest, c.ordinal, $4, "
							"n.counts FROM @store@.tag c, " LAST_LIFE("l.counts, l.authority", "manifest_life",
								"l.manifest OPERATOR(pg_catalog.=) c.manifest",
								"m") ", " LAST_LIFE("CASE WHEN l.activates THEN l.counts ELSE '{}'::" MULTI " END AS counts",
								"authority_life", "l.authority OPERATOR(pg_catalog.=) m.authority", "a") " LEFT JOIN " LAST_LIFE("l.counts",
								"tag_life", "l.manifest OPERATOR(pg_catalog.=) c.manifest AND l.ordinal OPERATOR(pg_catalog.=) c.ordinal",
								"g") " ON true,"
									 " LATERAL (SELECT pg_catalog.range_intersect_agg(x.there) AS there FROM (SELECT COALESCE((SELECT "
									 "pg_catalog.range_agg(tm.counts OPERATOR(pg_catalog.*) ta.counts"
									 "   OPERATOR(pg_catalog.-) " REVOKED_TAG("t") ") FROM @store@.tag t, " LAST_LIFE(
										 "l.counts, l.authority", "manifest_life", "l.manifest OPERATOR(pg_catalog.=) t.manifest",
										 "tm") ", " LAST_LIFE("l.counts", "authority_life",
										 "l.authority OPERATOR(pg_catalog.=) tm.authority",
										 "ta") "   WHERE t.tag_id OPERATOR(pg_catalog.=) k.tag_id AND (k.tag_version IS NULL OR "
											   "t.tag_version OPERATOR(pg_catalog.=) k.tag_version)), '{}'::" MULTI ") AS there"
											   "  FROM @store@.tag_link k WHERE k.manifest OPERATOR(pg_catalog.=) c.manifest AND k.ordinal "
											   "OPERATOR(pg_catalog.=) c.ordinal"
											   "   AND k.relation OPERATOR(pg_catalog.=) 'activates') x OFFSET 0) r,"
											   " LATERAL (SELECT (" VALID("c.not_before",
												   "c.not_after") ") OPERATOR(pg_catalog.*) m.counts OPERATOR(pg_catalog.*) a.counts"
																  "  OPERATOR(pg_catalog.*) COALESCE(g.counts, " FROM_NOW
																  ") OPERATOR(pg_catalog.*) COALESCE(r.there, '{}'::" MULTI
																  ") AS counts OFFSET 0) n LEFT JOIN " LAST_LIFE("l.*", "cotl_life",
																	  "l.manifest OPERATOR(pg_catalog.=) c.manifest AND l.ordinal "
																	  "OPERATOR(pg_catalog.=) c.ordinal",
																	  "l") " ON true"
																		   " WHERE c.manifest OPERATOR(pg_catalog.=) $1 AND c.ordinal "
																		   "OPERATOR(pg_catalog.=) $3"
																		   "  AND (l.manifest IS NULL OR l.counts "
																		   "OPERATOR(pg_catalog.*) " FROM_NOW
																		   " OPERATOR(pg_catalog.<>) n.counts)"
																		   " ON CONFLICT (manifest, ordinal, known_at) DO UPDATE SET "
																		   "counts = EXCLUDED.counts RETURNING 1",
		{ "uuid", "timestamptz", "int4", "timestamptz" } },
	/* the groups of tags that a CoTL lists, and of those that these replace: only what is activated hides others, where a policy asks */
	[CS_STMT_LISTED] = { "WITH listed AS (SELECT g.* FROM @store@.tag_link k JOIN @store@.tag g ON g.tag_id OPERATOR(pg_catalog.=) k.tag_id"
						 " WHERE k.manifest OPERATOR(pg_catalog.=) $1 AND k.ordinal OPERATOR(pg_catalog.=) $2 AND k.relation "
						 "OPERATOR(pg_catalog.=) 'activates') SELECT 'tag', g.authority, g.kind, g.tag_id FROM listed g UNION SELECT "
						 "'tag', "
						 "g.authority, 'comid', l.tag_id FROM listed g JOIN @store@.tag_link l ON l.manifest OPERATOR(pg_catalog.=) "
						 "g.manifest AND l.ordinal OPERATOR(pg_catalog.=) g.ordinal WHERE l.relation OPERATOR(pg_catalog.=) 'replaces'",
		{ "uuid", "int4" } },
	/* what can count from now on, of manifests $1 */
	[CS_STMT_LIVE] = { "WITH changed AS (UPDATE @store@.tag g SET live = n.live FROM (SELECT g.manifest, g.ordinal, NOT "
					   "pg_catalog.isempty(m.counts)"
					   "   AND (l.manifest IS NULL OR NOT pg_catalog.isempty(l.counts) OR NOT pg_catalog.isempty(l.activated)) AS live "
					   "FROM @store@.tag g, " LAST_LIFE(
						   "l.counts", "manifest_life", "l.manifest OPERATOR(pg_catalog.=) g.manifest", "m") " LEFT JOIN " LAST_LIFE("l.*",
						   "tag_life", "l.manifest OPERATOR(pg_catalog.=) g.manifest AND l.ordinal OPERATOR(pg_catalog.=) g.ordinal",
						   "l") " ON true"
								"   WHERE g.manifest OPERATOR(pg_catalog.=) ANY ($1)) n"
								"  WHERE g.manifest OPERATOR(pg_catalog.=) n.manifest AND g.ordinal OPERATOR(pg_catalog.=) n.ordinal AND "
								"g.live OPERATOR(pg_catalog.<>) n.live"
								"  RETURNING g.manifest, g.ordinal, g.live),"
								" t AS (UPDATE @store@.triple t SET live = c.live FROM changed c WHERE t.manifest OPERATOR(pg_catalog.=) "
								"c.manifest AND t.tag OPERATOR(pg_catalog.=) c.ordinal"
								"  RETURNING t.manifest, t.ordinal, t.live)"
								", e AS (UPDATE @store@.triple_environment e SET live = t.live FROM t WHERE e.manifest "
								"OPERATOR(pg_catalog.=) t.manifest AND e.ordinal OPERATOR(pg_catalog.=) t.ordinal)"
								" UPDATE @store@.triple_condition c SET live = t.live FROM t WHERE c.manifest OPERATOR(pg_catalog.=) "
								"t.manifest AND c.ordinal OPERATOR(pg_catalog.=) t.ordinal",
		{ "uuid[]" } },
	/* OFFSET 0 keeps what stands inside from becoming a join: a plan that was made when VACUUM had found the table empty is kept while
	 * documents are loaded, and reads all tags for each of them where a join lets it */
	[CS_STMT_OLDER_TAGS] = { "SELECT g.tag_id, g.tag_version FROM @store@.tag g WHERE g.manifest OPERATOR(pg_catalog.=) $1 AND EXISTS"
							 " (SELECT 1 FROM @store@.tag n WHERE n.tag_id OPERATOR(pg_catalog.=) g.tag_id AND n.authority "
							 "OPERATOR(pg_catalog.=) g.authority"
							 " AND n.kind OPERATOR(pg_catalog.=) g.kind AND n.tag_version OPERATOR(pg_catalog.>) g.tag_version OFFSET 0) "
							 "ORDER BY g.ordinal",
		{ "uuid" } },
	[CS_STMT_TWIN_TAGS] = { "SELECT g.tag_id, g.tag_version FROM " TAGS_OF_IT " g WHERE"
							" g.kind OPERATOR(pg_catalog.=) 'comid' AND EXISTS (SELECT 1 FROM @store@.tag n WHERE n.tag_id "
							"OPERATOR(pg_catalog.=) g.tag_id"
							" AND n.authority OPERATOR(pg_catalog.=) g.authority AND n.kind OPERATOR(pg_catalog.=) g.kind"
							" AND n.tag_version OPERATOR(pg_catalog.=) g.tag_version AND n.manifest OPERATOR(pg_catalog.<>) g.manifest AND "
							"n.live"
							" AND COALESCE(@store@.tag_content(n.manifest, n.ordinal), '') OPERATOR(pg_catalog.<>) "
							"COALESCE(@store@.tag_content(g.manifest, g.ordinal), '') OFFSET 0)"
							" ORDER BY g.ordinal",
		{ "uuid" } },
	[CS_STMT_TAGS_SAID_AGAIN] = { "SELECT g.tag_id, g.tag_version, n.manifest FROM " TAGS_OF_IT " g, LATERAL (SELECT n.manifest FROM "
								  "@store@.tag n WHERE n.tag_id OPERATOR(pg_catalog.=) g.tag_id"
								  " AND n.authority OPERATOR(pg_catalog.=) g.authority AND n.kind OPERATOR(pg_catalog.=) g.kind"
								  " AND n.tag_version OPERATOR(pg_catalog.=) g.tag_version AND n.manifest OPERATOR(pg_catalog.<>) "
								  "g.manifest"
								  " AND EXISTS (SELECT 1 FROM @store@.revocation r WHERE r.manifest OPERATOR(pg_catalog.=) n.manifest"
								  "  AND NOT EXISTS (SELECT 1 FROM @store@.revocation u WHERE u.undoes OPERATOR(pg_catalog.=) r.id AND NOT "
								  "r.forgets))"
								  " AND @store@.tag_content(n.manifest, n.ordinal) OPERATOR(pg_catalog.=) @store@.tag_content(g.manifest, "
								  "g.ordinal) OFFSET 0) n"
								  " WHERE g.kind OPERATOR(pg_catalog.=) 'comid' ORDER BY g.ordinal, n.manifest",
		{ "uuid" } },
	[CS_STMT_REFUSES_OLDER] = { "SELECT 1 FROM (SELECT p.refuse_older FROM @store@.policy p ORDER BY p.moment DESC, p.id DESC LIMIT 1) p "
								"WHERE p.refuse_older",
		{ NULL } },
	[CS_STMT_DERIVE_CERTIFICATES] = { "INSERT INTO @store@.certificate (manifest, truth, ordinal, issuer, serial, issuer_name, subject, "
									  "not_before, not_after)"
									  " SELECT $1, $4, c.ordinal, c.issuer, c.serial, c.issuer_name, c.subject, c.not_before, c.not_after "
									  "FROM coserv.certificates($2, $3) c",
		{ "uuid", "bytea", "bytea", "uuid" } },
	[CS_STMT_DERIVE_CRL_ENTRIES] = { "INSERT INTO @store@.crl_entry (crl, authority, issuer, serial, revoked_at, reason)"
									 " SELECT $1, $2, e.issuer, e.serial, e.revoked_at, e.reason FROM coserv.crl_entries($3) e",
		{ "uuid", "uuid", "bytea" } },
	[CS_STMT_REVOKED_CERTIFICATE] = { "SELECT e.revoked_at, e.reason FROM @store@.crl_entry e WHERE e.authority OPERATOR(pg_catalog.=) $1"
									  " AND " CERTIFICATE_KEY(
										  "e") " OPERATOR(pg_catalog.=) pg_catalog.sha256($2 OPERATOR(pg_catalog.||) $3)"
											   " AND e.revoked_at OPERATOR(pg_catalog.<=) $4 ORDER BY e.revoked_at LIMIT 1",
		{ "uuid", "bytea", "bytea", "timestamptz" } },
	[CS_STMT_REVOKE_BY_CRL] = { REVOKE_CERTIFIED " WHERE e.crl OPERATOR(pg_catalog.=) ANY ($1)" REVOKE_ORDER, { "uuid[]" } },
	/* the same statements, also where another CRL has said so before */
	[CS_STMT_REVOKED_BY_CRL] = { "SELECT DISTINCT 'manifest', c.manifest" CERTIFIED " AND e.crl OPERATOR(pg_catalog.=) ANY ($1)",
		{ "uuid[]" } },
	[CS_STMT_REVOKE_MANIFEST] = { REVOKE_CERTIFIED " WHERE c.manifest OPERATOR(pg_catalog.=) ANY ($1)" REVOKE_ORDER, { "uuid[]" } },
	[CS_STMT_SELECT] = { "SELECT " SELECTED_COLUMNS " FROM @store@.triples_now($3) t"
						 " WHERE t.environment OPERATOR(coserv.@@) $1 AND t.kind OPERATOR(pg_catalog.=) ANY ($2) AND " PROFILE_IS(
							 "t", "$4") " ORDER BY t.manifest, t.ordinal",
		{ "coserv.coserv", "int2[]", "timestamptz", "text" } },
	[CS_STMT_SELECT_ANY] = { "SELECT " SELECTED_COLUMNS " FROM (" FOUND_LIVE("@@") ") s, " TRIPLE_OF(
								 "triples_now") " WHERE t.kind OPERATOR(pg_catalog.=) ANY ($2) AND " PROFILE_IS("t",
								 "$4") " ORDER BY t.manifest, t.ordinal",
		{ "coserv.coserv", "int2[]", "timestamptz", "text" } },
	[CS_STMT_SELECT_PAST] = { "SELECT " SELECTED_COLUMNS " FROM @store@.triples_at($3) t"
							  " WHERE t.environment OPERATOR(coserv.@@) $1 AND t.kind OPERATOR(pg_catalog.=) ANY ($2) AND " PROFILE_IS(
								  "t", "$4") " ORDER BY t.manifest, t.ordinal",
		{ "coserv.coserv", "int2[]", "timestamptz", "text" } },
	[CS_STMT_SELECT_ANY_PAST] = { "SELECT " SELECTED_COLUMNS " FROM (" FOUND_LIVE("@@") " UNION " FOUND_PAST("@@") ") s, " TRIPLE_OF(
									  "triples_at") " WHERE t.kind OPERATOR(pg_catalog.=) ANY ($2) AND " PROFILE_IS("t",
									  "$4") " ORDER BY t.manifest, t.ordinal",
		{ "coserv.coserv", "int2[]", "timestamptz", "text" } },
	/* the newest that counts, until it ends, or one begins that goes before it */
	[CS_STMT_RIM_CORIM] = { "WITH versions AS MATERIALIZED (SELECT m.id, m.is_answered_signed, COALESCE(m.not_before, '-infinity') AS "
							"since, s.truth,"
							"  s.counts OPERATOR(pg_catalog.*) a.counts AS counts FROM @store@.manifest m, " LAST_LIFE("l.*",
								"manifest_life",
								"l.manifest OPERATOR(pg_catalog.=) m.id AND l.known_at OPERATOR(pg_catalog.<=) " KNOWN_BY("$3") "",
								"s") ", " LAST_LIFE("l.*", "authority_life",
								"l.authority OPERATOR(pg_catalog.=) s.authority AND l.known_at OPERATOR(pg_catalog.<=) " KNOWN_BY("$3") "",
								"a") "  WHERE m.corim_id OPERATOR(pg_catalog.=) $1 AND " PROFILE_IS("m",
								"$2") " AND " AUTHORITY_IS("s.authority",
								"$4") ")"
									  " SELECT v.truth, v.is_answered_signed, LEAST(coserv.counts_until($3, false, v.counts, v.counts, "
									  "NULL::" MULTI ", NULL::" MULTI "), (SELECT pg_catalog.min(pg_catalog.lower(x.range)) FROM versions "
									  "n, LATERAL pg_catalog.unnest(n.counts) x (range)"
									  "   WHERE (n.since, n.id) OPERATOR(pg_catalog.>) (v.since, v.id) AND pg_catalog.lower(x.range) "
									  "OPERATOR(pg_catalog.>) $3)), v.id, v.since, NULL::pg_catalog.numeric"
									  " FROM versions v WHERE v.counts OPERATOR(pg_catalog.@>) $3 ORDER BY v.since DESC, v.id DESC LIMIT "
									  "1",
		{ "text", "text", "timestamptz", "uuid[]" } },
	/* the newest version of all authorities', also of one that was replaced; until it ends, or one begins that goes before it */
	[CS_STMT_RIM_TAG] = { "WITH versions AS MATERIALIZED (SELECT g.manifest, g.tag_version, s.truth, m.is_answered_signed,"
						  "  s.counts OPERATOR(pg_catalog.*) a.counts OPERATOR(pg_catalog.*) COALESCE(t.newest, '{(,)}'::" MULTI
						  ") AS counts"
						  "  FROM @store@.tag g JOIN @store@.manifest m ON m.id OPERATOR(pg_catalog.=) g.manifest, " LAST_LIFE("l.*",
							  "manifest_life",
							  "l.manifest OPERATOR(pg_catalog.=) g.manifest AND l.known_at OPERATOR(pg_catalog.<=) " KNOWN_BY("$3") "",
							  "s") ", " LAST_LIFE("l.*", "authority_life",
							  "l.authority OPERATOR(pg_catalog.=) s.authority AND l.known_at OPERATOR(pg_catalog.<=) " KNOWN_BY("$3") "",
							  "a") " LEFT JOIN " LAST_LIFE("l.*", "tag_life",
							  "l.manifest OPERATOR(pg_catalog.=) g.manifest AND l.ordinal OPERATOR(pg_catalog.=) g.ordinal"
							  " AND l.known_at OPERATOR(pg_catalog.<=) " KNOWN_BY("$3") "",
							  "t") " ON true"
								   "  WHERE g.tag_id OPERATOR(pg_catalog.=) $1 AND g.kind OPERATOR(pg_catalog.=) $5 AND " PROFILE_IS(
									   "m", "$2") " AND " AUTHORITY_IS("s.authority",
									   "$4") ")"
											 " SELECT v.truth, v.is_answered_signed, LEAST(coserv.counts_until($3, false, v.counts, "
											 "v.counts, NULL::" MULTI ", NULL::" MULTI
											 "), (SELECT pg_catalog.min(pg_catalog.lower(x.range))"
											 "  FROM versions n, LATERAL pg_catalog.unnest(n.counts) x (range) WHERE (n.tag_version, "
											 "n.manifest) OPERATOR(pg_catalog.>) (v.tag_version, v.manifest)"
											 "   AND pg_catalog.lower(x.range) OPERATOR(pg_catalog.>) $3)), v.manifest, "
											 "NULL::pg_catalog.timestamptz,"
											 " v.tag_version"
											 " FROM versions v WHERE v.counts OPERATOR(pg_catalog.@>) $3 ORDER BY v.tag_version DESC, "
											 "v.manifest DESC LIMIT 1",
		{ "text", "text", "timestamptz", "uuid[]", "text" } },
	[CS_STMT_RELATIONS] = { "SELECT " SELECTED_COLUMNS " FROM (" FOUND_LIVE("<@") ") s, " TRIPLE_OF(
								"triples_now") " WHERE t.kind OPERATOR(pg_catalog.=) ANY ($2) ORDER BY t.manifest, t.ordinal",
		{ "coserv.environment", "int2[]", "timestamptz" } },
	[CS_STMT_RELATIONS_PAST] = { "SELECT " SELECTED_COLUMNS " FROM (" FOUND_LIVE("<@") " UNION " FOUND_PAST("<@") ") s, " TRIPLE_OF(
									 "triples_at") " WHERE t.kind OPERATOR(pg_catalog.=) ANY ($2) ORDER BY t.manifest, t.ordinal",
		{ "coserv.environment", "int2[]", "timestamptz" } },
	[CS_STMT_TRIPLES] = { "SELECT " SELECTED_COLUMNS " FROM @store@.triples_at($3) t WHERE " SOUGHT " ORDER BY t.manifest, t.ordinal",
		{ "bytea", "int2[]", "timestamptz", "uuid[]" } },
	[CS_STMT_TRIPLES_OF] = { "SELECT " SELECTED_COLUMNS
							 " FROM @store@.triples_at($3) t WHERE t.environment OPERATOR(coserv.@>) $1 AND " SOUGHT
							 " ORDER BY t.manifest, t.ordinal",
		{ "coserv.environment", "int2[]", "timestamptz", "uuid[]" } },
	[CS_STMT_TRIPLES_DIGEST] = { SPEAKING, { "bytea", "int2[]", "timestamptz", "uuid[]" } },
	[CS_STMT_TRIPLES_KEY] = { SPEAKING, { "coserv.crypto_key", "int2[]", "timestamptz", "uuid[]" } },
	[CS_STMT_TRIPLES_VALUES] = { SPEAKING, { "coserv.measurement", "int2[]", "timestamptz", "uuid[]" } },
	/* files with a digest, in linked CoSWIDs; first whether there is any, by the index */
	[CS_STMT_FILES_DIGEST] = { "SELECT f.manifest, f.ordinal, f.environment, f.name, f.digest_alg, f.digest, NULL::coserv.crypto_key, "
							   "f.profile, "
							   "l.authority, f.role, f.version, f.position, f.authority, f.not_before, f.not_after FROM "
							   "@store@.mentions($1, $3) f, " LAST_LIFE("l.authority", "manifest_life",
								   "l.manifest OPERATOR(pg_catalog.=) f.manifest AND l.known_at OPERATOR(pg_catalog.<=) " KNOWN_BY("$3"),
								   "l") " WHERE f.role OPERATOR(pg_catalog.=) ANY ('{payload,evidence}'::pg_catalog.text[])"
										" AND EXISTS (SELECT FROM @store@.search_key s WHERE s.tag IS NOT NULL AND s.keys "
										"OPERATOR(coserv.@@) $1)",
		{ "bytea", "text[]", "timestamptz" } },
	[CS_STMT_CHANGES] = { "SELECT c.cursor, c.authority_id IS NULL OR c.authority_id OPERATOR(pg_catalog.=) ANY ($2), c.statement, c.what, "
						  "c.known_at, c.environments, c.name, c.by_authority, c.counts FROM @store@.changes_of($1) c",
		{ "text", "uuid[]" } },
	[CS_STMT_MEASURED_FILES] = { "SELECT f.manifest, f.ordinal, f.environment, f.path, f.digest_alg, f.digest, f.shown_as, f.profile, "
								 "f.authority_id, NULL::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.int4, "
								 "NULL::pg_catalog.text, "
								 "NULL::pg_catalog.timestamptz, NULL::pg_catalog.timestamptz FROM @store@.measured_files($1, $2, $3) f",
		{ "coserv.environment", "text[]", "timestamptz" } },
	/* as it is answered: a payload that was handed in back in its place */
	[CS_STMT_CONVEYED] = { "SELECT CASE WHEN d.payload IS NULL THEN d.document ELSE coserv.conveyed(d.document, d.payload) END, t.body"
						   " FROM @store@.truth t, LATERAL coserv.truth_document(t.body) d WHERE t.id OPERATOR(pg_catalog.=) $1",
		{ "uuid" } },
	[CS_STMT_REVOKED_DEVICE_CERTIFICATE] = { "SELECT 1 FROM @store@.crl_entry e, @store@.crl c WHERE e.authority "
											 "OPERATOR(pg_catalog.=) " OWNER_AT("$1", "$4") " AND " CERTIFICATE_KEY(
												 "e") " OPERATOR(pg_catalog.=) pg_catalog.sha256($2 OPERATOR(pg_catalog.||) $3)"
													  " AND e.revoked_at OPERATOR(pg_catalog.<=) $4 AND c.id OPERATOR(pg_catalog.=) e.crl"
													  " AND c.known_at OPERATOR(pg_catalog.<=) " KNOWN_BY("$4") " LIMIT 1",
		{ "uuid", "bytea", "bytea", "timestamptz" } },
	[CS_STMT_ANCHORS] = { "SELECT g.ordinal, g.shown_as, d.document, d.payload, g.truth, g.is_signed, g.not_after FROM @store@.tags_at($2) "
						  "g,"
						  " LATERAL coserv.document(@store_literal@::pg_catalog.regnamespace, g.manifest) d"
						  " WHERE g.kind OPERATOR(pg_catalog.=) 'cots' AND " PROFILE_IS("g", "$1") " ORDER BY g.manifest, g.ordinal",
		{ "text", "timestamptz" } },
	[CS_STMT_PROFILE_SERVED] = { "SELECT 1 WHERE EXISTS (SELECT 1 FROM @store@.manifest m WHERE m.profile OPERATOR(pg_catalog.=) $1)",
		{ "text" } },
	[CS_STMT_PROFILE_MEMBERS] = { "SELECT s.profile, s.codepoint, s.name, s.comparison, pg_catalog.count(*) OVER (PARTITION BY s.profile)"
								  " FROM (SELECT DISTINCT ON (p.profile COLLATE pg_catalog.\"C\", p.codepoint) p.profile COLLATE "
								  "pg_catalog.\"C\" AS profile,"
								  "  p.codepoint, p.name, p.comparison FROM @store@.profile p WHERE p.known_at "
								  "OPERATOR(pg_catalog.<=) " KNOWN_BY(
									  "$1") "  ORDER BY 1, p.codepoint, p.moment DESC, p.id DESC) s ORDER BY s.profile, s.codepoint",
		{ "timestamptz" } },
	/* From each profile to the next by the index, as a store has few of them and many manifests. */
	[CS_STMT_PROFILES] = { "WITH RECURSIVE one (profile) AS ("
						   "(SELECT m.profile FROM @store@.manifest m WHERE m.profile IS NOT NULL ORDER BY m.profile LIMIT 1)"
						   " UNION ALL SELECT (SELECT m.profile FROM @store@.manifest m WHERE m.profile OPERATOR(pg_catalog.>) o.profile"
						   " ORDER BY m.profile LIMIT 1) FROM one o WHERE o.profile IS NOT NULL)"
						   " SELECT o.profile COLLATE pg_catalog.\"C\" FROM one o WHERE o.profile IS NOT NULL ORDER BY 1",
		{ NULL } },
	[CS_STMT_AUDIT] = { "INSERT INTO @store@.audit (at, who, session, action, object, digest, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		{ "timestamptz", "text", "text", "text", "text", "bytea", "json" } },
	[CS_STMT_SEAL_LAST] = { "SELECT s.seal, s.root, (SELECT pg_catalog.max(u.known_until) FROM @store@.audit_seal u) FROM "
							"@store@.audit_seal s"
							" ORDER BY s.seal DESC LIMIT 1",
		{ NULL } },
	[CS_STMT_SEAL_MARK] = { "UPDATE @store@.audit SET seal = $1 WHERE seal IS NULL", { "int8" } },
	[CS_STMT_SEAL_ROWS] = { "SELECT id, at, who, session, action, object, digest, detail FROM @store@.audit"
							" WHERE seal OPERATOR(pg_catalog.=) $1 ORDER BY id",
		{ "int8" } },
	[CS_STMT_SEAL_INSERT] = { "INSERT INTO @store@.audit_seal (seal, previous, root, rows, sealed_at, sealed_by, known_until, epochs, "
							  "epoch_root)"
							  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
		{ "int8", "bytea", "bytea", "int8", "timestamptz", "text", "timestamptz", "int8", "bytea" } },
	[CS_STMT_SEALS] = { "SELECT seal, previous, root, rows, sealed_at, sealed_by, known_until, epochs, epoch_root FROM @store@.audit_seal "
						"ORDER BY seal",
		{ NULL } },
	[CS_STMT_EPOCHS] = { "SELECT e.of_table, e.id, e.ordinal, e.known_at, e.says FROM @store@.epoch e WHERE e.known_at "
						 "OPERATOR(pg_catalog.>) $1"
						 " AND e.known_at OPERATOR(pg_catalog.<=) $2 ORDER BY e.known_at, e.of_table COLLATE pg_catalog.\"C\", e.id, "
						 "e.ordinal",
		{ "timestamptz", "timestamptz" } },
	[CS_STMT_SEAL_ORPHANS] = { "SELECT a.seal, pg_catalog.count(*) FROM @store@.audit a WHERE a.seal IS NOT NULL AND NOT EXISTS"
							   " (SELECT 1 FROM @store@.audit_seal s WHERE s.seal OPERATOR(pg_catalog.=) a.seal) GROUP BY a.seal ORDER BY "
							   "a.seal",
		{ NULL } },
	[CS_STMT_TAG_ANY] = { "SELECT 1 FROM @store@.tag g WHERE g.authority OPERATOR(pg_catalog.=) $1 AND g.tag_id OPERATOR(pg_catalog.=) $2"
						  " AND ($3 IS NULL OR g.tag_version OPERATOR(pg_catalog.=) $3)",
		{ "uuid", "text", "numeric" } },
	[CS_STMT_UNDOABLE] = { "SELECT r.undoes IS NOT NULL, EXISTS (SELECT 1 FROM @store@.revocation u WHERE u.undoes OPERATOR(pg_catalog.=) "
						   "r.id), r.forgets"
						   " FROM @store@.revocation r WHERE r.id OPERATOR(pg_catalog.=) $1",
		{ "uuid" } },
	[CS_STMT_REVOKE] = { "INSERT INTO @store@.revocation (manifest, authority, tag_id, tag_version, reason, effective_from)"
						 " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
		{ "uuid", "text", "text", "numeric", "text", "timestamptz" } },
	[CS_STMT_UNREVOKE] = { "INSERT INTO @store@.revocation (undoes, reason) VALUES ($1, $2) RETURNING id", { "uuid", "text" } },
	[CS_STMT_LOG_ANSWER] = { "INSERT INTO @store@.answer (query, digest, is_signed) VALUES ($1, $2, $3)", { "bytea", "bytea", "bool" } },
	/* limit.c: $1 is a role; what a manifest $1 that comes or goes changes of what roles may read */
	[CS_STMT_LIMIT_SET] = { "INSERT INTO @store@.reader_limit (role, authorities, environments) VALUES ($1, $2, $3)"
							" ON CONFLICT (role) DO UPDATE SET authorities = excluded.authorities, environments = excluded.environments",
		{ "regrole", "text[]", "coserv.environment[]" } },
	[CS_STMT_LIMIT_LIFT] = { "WITH r AS (DELETE FROM @store@.reader_row WHERE role OPERATOR(pg_catalog.=) $1)"
							 " DELETE FROM @store@.reader_limit WHERE role OPERATOR(pg_catalog.=) $1",
		{ "regrole" } },
	[CS_STMT_LIMIT_ANY] = { "SELECT 1 FROM @store@.reader_limit", { NULL } },
	[CS_STMT_READER_FORGET] = { "DELETE FROM @store@.reader_row v WHERE v.id OPERATOR(pg_catalog.=) $1", { "uuid" } },
	[CS_STMT_READER_MANIFESTS] = { "INSERT INTO @store@.reader_row (id, role) SELECT r.id, r.role FROM @store@.readable_manifests() r"
								   " WHERE r.id OPERATOR(pg_catalog.=) $1 ON CONFLICT DO NOTHING",
		{ "uuid" } },
	[CS_STMT_READER_REVOCATIONS] = { "INSERT INTO @store@.reader_row (id, role) SELECT r.id, r.role"
									 " FROM @store@.manifest m, @store@.readable_revocations() r WHERE m.id OPERATOR(pg_catalog.=) $1"
									 " AND (r.manifest OPERATOR(pg_catalog.=) $1 OR r.authority OPERATOR(pg_catalog.=) m.authority_id)"
									 " ON CONFLICT DO NOTHING",
		{ "uuid" } },
	[CS_STMT_READER_REVOCATION] = { "INSERT INTO @store@.reader_row (id, role) SELECT r.id, r.role"
									" FROM @store@.readable_revocations() r WHERE r.id OPERATOR(pg_catalog.=) $1 ON CONFLICT DO NOTHING",
		{ "uuid" } },
	[CS_STMT_READER_ALL] = { "INSERT INTO @store@.reader_row (id, role) SELECT r.id, r.role FROM @store@.readable_manifests() r"
							 " WHERE r.role OPERATOR(pg_catalog.=) $1 ON CONFLICT DO NOTHING",
		{ "regrole" } },
	[CS_STMT_READER_ALL_REVOCATIONS] = { "INSERT INTO @store@.reader_row (id, role) SELECT r.id, r.role"
										 " FROM @store@.readable_revocations() r WHERE r.role OPERATOR(pg_catalog.=) $1"
										 " ON CONFLICT DO NOTHING",
		{ "regrole" } },
	/*
	 * What counts of every manifest that an act on $1 (or on authority $2, or on its tag $3) can touch: those that share a tag id with
	 * it, or are linked with it by replaces or activates, at any distance. A manifest of which nothing counts is a row of nulls.
	 */
	[CS_STMT_IMPACT] = { "WITH RECURSIVE named (manifest) AS"
						 " (SELECT m.id FROM @store@.manifest m WHERE m.id OPERATOR(pg_catalog.=) $1"
						 "  UNION SELECT m.id FROM @store@.manifest m WHERE $2 IS NOT NULL AND $3 IS NULL"
						 "   AND m.authority_id OPERATOR(pg_catalog.=) $2"
						 "  UNION SELECT g.manifest FROM @store@.tag g WHERE g.tag_id OPERATOR(pg_catalog.=) $3 AND g.authority "
						 "OPERATOR(pg_catalog.=) $2),"
						 " touched (tag_id) AS"
						 " (SELECT g.tag_id FROM named n, LATERAL"
						 "   (SELECT g.tag_id FROM @store@.tag g WHERE g.manifest OPERATOR(pg_catalog.=) n.manifest OFFSET 0) g"
						 "  WHERE g.tag_id IS NOT NULL"
						 "  UNION SELECT o.tag_id FROM touched t, LATERAL"
						 "   (SELECT l.tag_id FROM @store@.tag g, @store@.tag_link l WHERE g.tag_id OPERATOR(pg_catalog.=) t.tag_id"
						 "     AND l.manifest OPERATOR(pg_catalog.=) g.manifest AND l.ordinal OPERATOR(pg_catalog.=) g.ordinal"
						 "     AND l.relation OPERATOR(pg_catalog.=) ANY (ARRAY['replaces', 'activates'])"
						 "    UNION ALL SELECT g.tag_id FROM @store@.tag_link l, @store@.tag g WHERE l.tag_id OPERATOR(pg_catalog.=) "
						 "t.tag_id"
						 "     AND l.relation OPERATOR(pg_catalog.=) ANY (ARRAY['replaces', 'activates'])"
						 "     AND g.manifest OPERATOR(pg_catalog.=) l.manifest AND g.ordinal OPERATOR(pg_catalog.=) l.ordinal"
						 "     AND g.tag_id IS NOT NULL OFFSET 0) o)"
						 " SELECT c.manifest, t.kind, t.environment, t.authority, t.content, NULL::pg_catalog.text, NULL::coserv.cbor,"
						 " NULL::pg_catalog.bytea FROM"
						 " (SELECT manifest FROM named UNION SELECT g.manifest FROM touched t, LATERAL"
						 "   (SELECT g.manifest FROM @store@.tag g WHERE g.tag_id OPERATOR(pg_catalog.=) t.tag_id OFFSET 0) g) c"
						 " LEFT JOIN LATERAL"
						 " (SELECT t.kind, t.environment, t.authority, t.content FROM @store@.triples_at($4) t"
						 "  WHERE t.manifest OPERATOR(pg_catalog.=) c.manifest OFFSET 0) t ON true",
		{ "uuid", "uuid", "text", "timestamptz" } },
	[CS_STMT_IMPACT_ON_ATTESTERS] = { "SELECT NULL::pg_catalog.uuid, NULL::pg_catalog.int2, j.environment, NULL::pg_catalog.text, "
									  "NULL::coserv.cbor,"
									  " a.name, j.verdict, j.digest FROM @store@.touched_attesters($1) t, @store@.attester a,"
									  " LATERAL coserv.appraisal(@store_literal@::pg_catalog.regnamespace, a.evidence, $2, "
									  "a.verified_keys, a.verifier) j"
									  " WHERE a.name OPERATOR(pg_catalog.=) t.attester",
		{ "timestamptz", "timestamptz" } },
};
