-- Roles: each trying the others' work, a hostile search_path and hostile objects, row-level security with its indexes.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set acme_key `cat :'srcdir'/data/acme.key`
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set certifier_pub `cat :'srcdir'/data/certifier.pub`
\set certifier_key `cat :'srcdir'/data/certifier.key`
\set firmware `cat :'srcdir'/../examples/acme-firmware.edn`
\set keys `cat :'srcdir'/../examples/acme-keys.edn`
\set evidence `cat :'srcdir'/../examples/psa-evidence.edn`
\set by_class `cat :'srcdir'/../examples/query-class.edn`
CREATE ROLE regress_owner;
CREATE ROLE regress_reads;
CREATE ROLE regress_loads;
CREATE ROLE regress_audits;
CREATE ROLE regress_administers;
CREATE ROLE regress_nobody;
CREATE ROLE "regress a ""role""";
SELECT format('GRANT CREATE ON DATABASE %I TO regress_owner', current_database()) \gexec
SET ROLE regress_owner;
SELECT coserv.create_store('regress roles');
SELECT "regress roles".grant_reader('regress_reads'), "regress roles".grant_loader('regress_loads'),
	"regress roles".grant_administrator('regress_administers'), "regress roles".grant_reader('"regress a ""role"""');
SELECT "regress roles".grant_reader('regress_no_such_role');
SELECT coserv.grant_role('"regress roles"', 'regress_reads', 'superuser', true);
SELECT coserv.grant_role('pg_catalog', 'regress_reads', 'reader', true);

-- what each of them holds, and no more
CREATE FUNCTION pg_temp.holds(who text) RETURNS TABLE (object text, privileges text) LANGUAGE sql AS $$
	SELECT c.relname || COALESCE('.' || a.attname, ''), string_agg(p.privilege_type, ', ' ORDER BY p.privilege_type)
	FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attacl IS NOT NULL,
		LATERAL (SELECT privilege_type, grantee FROM aclexplode(c.relacl) WHERE a.attname IS NULL
			UNION ALL SELECT privilege_type, grantee FROM aclexplode(a.attacl)) p
	WHERE c.relnamespace = '"regress roles"'::regnamespace AND p.grantee = who::regrole GROUP BY 1
	UNION ALL
	SELECT c.relname, string_agg(p.privilege_type, ', ' ORDER BY p.privilege_type) FROM pg_class c, LATERAL aclexplode(c.relacl) p
	WHERE c.relnamespace = '"regress roles"'::regnamespace AND p.grantee = who::regrole
		AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL) GROUP BY 1
	UNION ALL
	SELECT f.proname || '()', string_agg(p.privilege_type, ', ' ORDER BY p.privilege_type) FROM pg_proc f, LATERAL aclexplode(f.proacl) p
	WHERE f.pronamespace = '"regress roles"'::regnamespace AND p.grantee = who::regrole GROUP BY 1
	ORDER BY 1
$$;
SELECT * FROM pg_temp.holds('regress_reads');
SELECT * FROM pg_temp.holds('regress_loads');
SELECT * FROM pg_temp.holds('regress_administers');

-- the auditor reads every table and view, calls what verifies, and changes nothing, whatever he tries
SELECT "regress roles".grant_auditor('regress_audits');
SELECT * FROM pg_temp.holds('regress_audits');
SELECT c.relname AS he_cannot_read FROM pg_class c WHERE c.relnamespace = '"regress roles"'::regnamespace AND c.relkind IN ('r', 'v')
	AND NOT has_table_privilege('regress_audits', c.oid, 'SELECT') ORDER BY 1;
SELECT c.relname AS he_can_change FROM pg_class c WHERE c.relnamespace = '"regress roles"'::regnamespace AND c.relkind IN ('r', 'v')
	AND (has_any_column_privilege('regress_audits', c.oid, 'INSERT, UPDATE') OR has_table_privilege('regress_audits', c.oid, 'DELETE, TRUNCATE, TRIGGER'));
SELECT oid::regprocedure AS runs_with_others_rights FROM pg_proc WHERE pronamespace = '"regress roles"'::regnamespace AND prosecdef
	AND has_function_privilege('regress_audits', oid, 'EXECUTE') ORDER BY 1;
SET ROLE regress_audits;
SELECT count(*) AS problems FROM "regress roles".verify_audit();
SELECT "regress roles".seal_audit();
SELECT "regress roles".load('\x00'::bytea);
SELECT "regress roles".revoke(authority => 'acme', reason => 'a try');
SET ROLE regress_owner;
SELECT "regress roles".revoke_auditor('regress_audits');
SELECT count(*) AS left_to_him FROM pg_temp.holds('regress_audits');

-- the administrator says whom the store trusts, and loads nothing
SELECT coserv.sign(:'firmware', :'acme_key', 'acme')::bytea AS signed \gset
SELECT coserv.sign(:'keys', :'acme_key', 'acme')::bytea AS signed_keys \gset
SET ROLE regress_administers;
INSERT INTO "regress roles".authority (name, key) VALUES ('acme', :'acme_pub'), ('certifier', :'certifier_pub');
UPDATE "regress roles".authority SET note = 'hardware', accepts_legacy = false WHERE name = 'acme';
UPDATE "regress roles".authority SET key = :'certifier_pub' WHERE name = 'acme';
UPDATE "regress roles".authority SET added_by = 'somebody' WHERE name = 'acme';
DELETE FROM "regress roles".authority WHERE name = 'certifier';
SELECT "regress roles".load(:'signed');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM "regress roles".try_load(:'signed');
INSERT INTO "regress roles".manifest (document) VALUES (:'signed');
SELECT added_by, note FROM "regress roles".authority ORDER BY name;

-- the loader loads, and neither reads nor trusts nor revokes
SET ROLE regress_loads;
SELECT "regress roles".load(:'signed') AS id \gset
SELECT id IS NOT NULL AS loaded, refused FROM "regress roles".try_load(:'signed_keys');
COPY "regress roles".manifest (document) FROM stdin;
\\x00
\.
SELECT corim_id FROM "regress roles".manifest;
SELECT * FROM "regress roles".triple;
SELECT * FROM "regress roles".reference_value;
SELECT "regress roles".execute(:'by_class');
SELECT * FROM "regress roles".authority;
INSERT INTO "regress roles".authority (name, key) VALUES ('mine', :'acme_pub');
UPDATE "regress roles".authority SET accepts_unsigned = true;
INSERT INTO "regress roles".triple (manifest, ordinal, tag, kind, content) VALUES (:'id', 99, 0, 0, '[]');
INSERT INTO "regress roles".manifest (id, document) VALUES (:'id', :'signed');
UPDATE "regress roles".manifest SET withdrawn = NULL;
DELETE FROM "regress roles".manifest;
SELECT "regress roles".revoke(manifest => :'id', reason => 'mine');
SELECT "regress roles".set_policy(require_cotl => false);
SELECT * FROM "regress roles".audit;
SELECT "regress roles".seal_audit();
SELECT * FROM "regress roles".verify_audit();
SELECT "regress roles".grant_administrator('regress_loads');
TRUNCATE "regress roles".manifest;
ALTER TABLE "regress roles".manifest DISABLE TRIGGER manifest_verify;
SET session_replication_role = replica;

-- legacy forms: what an administrator turned off no loader turns on, neither for documents nor for values
RESET ROLE;
SELECT coserv.sign('501({0: "old profile", 1: [506(<<{1: {0: "old profile"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {11: "old"}}]]]}}>>)], 3: "tag:acme.example,2026:p"})',
	:'certifier_key', 'certifier')::bytea AS legacy \gset
BEGIN;
SET LOCAL coserv.accept_legacy = off;
SET LOCAL ROLE regress_loads;
SAVEPOINT s;
SET coserv.accept_legacy = on;
ROLLBACK TO s;
RESET coserv.accept_legacy;
ROLLBACK TO s;
SELECT "regress roles".load(:'legacy');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
SELECT '500(501({0: "id", 1: []}))'::coserv.corim;
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
SET LOCAL ROLE regress_loads;
SELECT "regress roles".load(:'legacy') IS NOT NULL AS loaded;
SELECT '500(501({0: "id", 1: []}))'::coserv.corim;
ROLLBACK;

-- the reader reads
SET ROLE regress_reads;
SELECT count(*) FROM "regress roles".reference_value;
SELECT count(*) FROM "regress roles".quads(:'by_class');
SELECT count(*) FROM "regress roles".expiring('100 years');
SELECT count(*) FROM "regress roles".conflicts();
SELECT status FROM "regress roles".http('GET', '/.well-known/coserv-configuration');
SELECT count(*) FROM "regress roles".appraise(:'evidence');
SELECT "regress roles".load(:'signed');
SELECT "regress roles".load(coserv.sign(:'firmware', :'acme_key', 'acme', not_after => '2100-01-01')::bytea);
SELECT refused, sqlstate FROM "regress roles".try_load(coserv.sign(:'firmware', :'acme_key', 'acme', not_after => '2100-01-01')::bytea);
SELECT * FROM "regress roles".impact_of_load(coserv.sign(:'firmware', :'acme_key', 'acme', not_after => '2100-01-01')::bytea);
SELECT * FROM "regress roles".impact_of_revocation(manifest => :'id');
INSERT INTO "regress roles".authority (name, key) VALUES ('mine', :'acme_pub');
SELECT "regress roles".revoke(manifest => :'id', reason => 'mine');
SELECT "regress roles".unrevoke(:'id', 'mine');
SELECT "regress roles".set_policy(require_cotl => true);
INSERT INTO "regress roles".crl (authority, der) VALUES ('acme', '\x00');
SELECT * FROM "regress roles".audit;
SELECT "regress roles".seal_audit();
SELECT * FROM "regress roles".verify_audit();
SELECT "regress roles".grant_loader('regress_reads');

-- and the administrator again
SET ROLE regress_administers;
SELECT count(*) AS lost FROM "regress roles".impact_of_revocation(manifest => :'id') WHERE change = 'lost';
SELECT "regress roles".revoke(manifest => :'id', reason => 'recalled') AS revocation \gset
SELECT "regress roles".unrevoke(:'revocation', 'was fine') IS NOT NULL AS unrevoked;
DELETE FROM "regress roles".manifest;
DELETE FROM "regress roles".revocation;
UPDATE "regress roles".revocation SET reason = 'x';
UPDATE "regress roles".audit SET seal = 9;
INSERT INTO "regress roles".audit_seal (seal, root, rows, sealed_at, sealed_by) VALUES (1, '\x00', 0, now(), 'me');
SELECT seal, rows = (SELECT count(*) FROM "regress roles".audit) AS all_rows FROM "regress roles".seal_audit();
SELECT * FROM "regress roles".verify_audit();
SELECT unsealed FROM "regress roles".audit_state;
SELECT who, action, detail ->> 'sqlstate' AS sqlstate, detail ->> 'reason' AS reason FROM "regress roles".audit ORDER BY id;

-- whoever has no right to the schema leaves no trace in it
SET ROLE regress_nobody;
SELECT "regress roles".try_load(:'signed_keys');
SELECT coserv.try_load('"regress roles"', :'signed_keys');
SELECT coserv.seal_audit('"regress roles"');
SELECT coserv.execute('"regress roles"', :'by_class');
SELECT coserv.revoke('"regress roles"', :'id', NULL, NULL, NULL, 'x', now());
SELECT coserv.triples_after('"regress roles"', NULL, NULL, NULL, :'id', NULL, NULL, NULL, now());

-- taken away again
SET ROLE regress_owner;
SELECT "regress roles".revoke_reader('regress_reads'), "regress roles".revoke_loader('regress_loads'),
	"regress roles".revoke_administrator('regress_administers'), "regress roles".revoke_reader('"regress a ""role"""');
SELECT * FROM pg_temp.holds('regress_reads') UNION ALL SELECT * FROM pg_temp.holds('regress_loads') UNION ALL SELECT * FROM pg_temp.holds('regress_administers');
SELECT has_schema_privilege('regress_reads', 'regress roles', 'USAGE') AS usage;
SELECT "regress roles".grant_reader('regress_reads'), "regress roles".grant_loader('regress_loads');

-- nothing runs with the rights of another
RESET ROLE;
SELECT n.nspname, p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prosecdef AND (n.nspname IN ('coserv', 'regress roles'));

-- row-level security: on every table, and the indexes are used
SET ROLE regress_owner;
INSERT INTO "regress roles".authority (name, key, accepts_unsigned) VALUES ('bulk', '560(h''01'')', true);
SELECT count("regress roles".load((format('501({0: "bulk %s", 1: [506(<<{1: {0: "bulk %s"}, 4: {0: [%s]}}>>)]})', i, i,
	(SELECT string_agg(format('[{0: {1: "vendor %s", 2: "model %s"}}, [{1: {1: %s}}]]', i, j, j), ', ') FROM generate_series(1, 200) j))::coserv.corim)::bytea, 'bulk'))
FROM generate_series(1, 20) i;
DO $$
DECLARE
	t name;
BEGIN
	FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'regress roles' LOOP
		EXECUTE format('ALTER TABLE "regress roles".%I ENABLE ROW LEVEL SECURITY', t);
		IF t NOT IN ('manifest', 'triple') THEN
			EXECUTE format('CREATE POLICY everything ON "regress roles".%I TO regress_reads USING (true)', t);
		END IF;
	END LOOP;
END $$;
CREATE POLICY part ON "regress roles".manifest TO regress_reads USING (authority <> 'acme' AND current_user = 'regress_reads');
CREATE POLICY part ON "regress roles".triple TO regress_reads USING (kind <> 1 AND current_user = 'regress_reads');
CREATE POLICY none ON "regress roles".manifest FOR INSERT TO regress_loads WITH CHECK (authority = 'bulk');
CREATE POLICY look ON "regress roles".manifest FOR SELECT TO regress_loads USING (true);
VACUUM ANALYZE "regress roles".triple, "regress roles".manifest;
SET ROLE regress_reads;
SET jit = off;
SET max_parallel_workers_per_gather = 0;
CREATE FUNCTION pg_temp.plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP
		IF line ~ 'Scan|Index Cond' THEN
			RETURN NEXT regexp_replace(ltrim(line), ' on "regress roles"\.', ' on ');
		END IF;
	END LOOP;
END $$;
SELECT * FROM pg_temp.plan($$SELECT * FROM "regress roles".triple WHERE live AND kind = 0 AND environment OPERATOR(coserv.@>) '{0: {1: "vendor 7", 2: "model 7"}}'$$);
SELECT * FROM pg_temp.plan($$SELECT * FROM "regress roles".triple WHERE live AND kind = 0 AND environment OPERATOR(coserv.@@) '{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "vendor 7", 2: "model 7"}]]}, 2: 0}}'::coserv.coserv$$);
SELECT * FROM pg_temp.plan($$SELECT * FROM "regress roles".triple WHERE live AND kind = 0 AND environment OPERATOR(coserv.=) '{0: {1: "vendor 7", 2: "model 7"}}'::coserv.environment$$);
SET enable_seqscan = off;
SELECT * FROM pg_temp.plan($$SELECT id FROM "regress roles".manifest WHERE id = '00000000-0000-0000-0000-000000000000'$$);
RESET enable_seqscan;
SELECT count(*) FROM "regress roles".reference_value WHERE vendor = 'vendor 7' AND model = 'model 7';
SELECT count(*) AS of_acme FROM "regress roles".reference_value WHERE vendor = 'ACME';
SELECT count(*) AS of_acme FROM "regress roles".quads(:'by_class');
SET ROLE regress_loads;
SELECT refused, sqlstate FROM "regress roles".try_load(coserv.sign(:'firmware', :'acme_key', 'acme', not_after => '2100-01-01')::bytea);
SET ROLE regress_owner;
SELECT count(*) AS of_acme FROM "regress roles".reference_value WHERE vendor = 'ACME';
SELECT action, detail ->> 'message' AS message FROM "regress roles".audit ORDER BY id DESC LIMIT 1;

-- a hostile search_path: objects of the names that we use, before ours; each of them tells that it ran
RESET ROLE;
CREATE SCHEMA regress_evil;
GRANT USAGE ON SCHEMA regress_evil TO PUBLIC;
CREATE FUNCTION regress_evil.ran() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'hostile code ran'; END $$;
CREATE FUNCTION regress_evil.make(name text, arguments text, result text) RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
	EXECUTE format('CREATE FUNCTION regress_evil.%s(%s) RETURNS %s LANGUAGE plpgsql AS $$ BEGIN PERFORM regress_evil.ran(); RETURN NULL; END $$',
		name, arguments, result);
END $f$;
SELECT regress_evil.make(name, arguments, result) FROM (VALUES
	('now', '', 'timestamptz'), ('sha256', 'bytea', 'bytea'), ('format', 'text, VARIADIC text[]', 'text'), ('min', 'text', 'text'),
	('load', 'regnamespace, bytea, text, bytea', 'uuid'), ('tags', 'bytea', 'text'), ('triples', 'bytea', 'text'),
	('tag_links', 'bytea', 'text'), ('triple_environments', 'bytea', 'text'), ('describe', 'text', 'text'),
	('gen_random_uuid', '', 'uuid'), ('uuid_send', 'uuid', 'bytea'), ('coalesce', 'text, text', 'text')) AS f (name, arguments, result);
DO $do$
DECLARE
	t text;
	o text;
BEGIN
	FOREACH t IN ARRAY ARRAY['uuid', 'text', 'bytea', 'timestamptz', 'numeric', 'integer', 'smallint', 'bigint', 'boolean', 'coserv.environment',
		'coserv.cbor', 'coserv.crypto_key'] LOOP
		EXECUTE format('CREATE FUNCTION regress_evil.no(%s, %1$s) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN regress_evil.ran(); END $$', t);
		FOREACH o IN ARRAY ARRAY['=', '<>', '<', '<=', '>', '>=', '@>', '<@', '||', '~~'] LOOP
			EXECUTE format('CREATE OPERATOR regress_evil.%s (LEFTARG = %s, RIGHTARG = %2$s, FUNCTION = regress_evil.no)', o, t);
		END LOOP;
	END LOOP;
END $do$;
CREATE FUNCTION regress_evil.no(coserv.environment, coserv.coserv) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN regress_evil.ran(); END $$;
CREATE OPERATOR regress_evil.@@ (LEFTARG = coserv.environment, RIGHTARG = coserv.coserv, FUNCTION = regress_evil.no);
CREATE FUNCTION regress_evil.no(coserv.cbor, integer) RETURNS coserv.cbor LANGUAGE plpgsql AS $$ BEGIN PERFORM regress_evil.ran(); RETURN NULL; END $$;
CREATE OPERATOR regress_evil.-> (LEFTARG = coserv.cbor, RIGHTARG = integer, FUNCTION = regress_evil.no);
CREATE DOMAIN regress_evil.cbor AS text CHECK (regress_evil.ran());
CREATE DOMAIN regress_evil.environment AS text CHECK (regress_evil.ran());
CREATE DOMAIN regress_evil.bytea AS text CHECK (regress_evil.ran());
CREATE DOMAIN regress_evil.uuid AS text CHECK (regress_evil.ran());
CREATE DOMAIN regress_evil.text AS pg_catalog.text CHECK (regress_evil.ran());
CREATE DOMAIN regress_evil.timestamptz AS pg_catalog.text CHECK (regress_evil.ran());
CREATE TABLE regress_evil.manifest (id pg_catalog.text CHECK (regress_evil.ran()));
CREATE TABLE regress_evil.triple (id pg_catalog.text CHECK (regress_evil.ran()));
CREATE TABLE regress_evil.authority (name pg_catalog.text CHECK (regress_evil.ran()));
CREATE TABLE regress_evil.audit (id pg_catalog.text CHECK (regress_evil.ran()));
CREATE VIEW regress_evil.pg_class AS SELECT regress_evil.ran();
CREATE VIEW regress_evil.pg_namespace AS SELECT regress_evil.ran();
SET ROLE regress_owner;
SET search_path = regress_evil, coserv, pg_catalog;
-- so it does
SELECT now();
SELECT 'a'::pg_catalog.text = 'a'::pg_catalog.text;
SELECT ''::text;
SELECT coserv.create_store('regress_hostile');
SELECT regress_hostile.grant_reader('regress_reads'), regress_hostile.grant_loader('regress_loads'), regress_hostile.grant_administrator('regress_administers');
INSERT INTO regress_hostile.authority (name, key, tag_ids, kinds) VALUES ('acme', :'acme_pub', '{%}', '{0,1,2,3}');
SET ROLE regress_loads;
SELECT regress_hostile.load(:'signed') IS NOT NULL AS loaded;
SELECT refused FROM regress_hostile.try_load(:'signed_keys');
SELECT sqlstate FROM regress_hostile.try_load('\x00');
SET ROLE regress_reads;
SELECT count(*) FROM regress_hostile.reference_value;
SELECT count(*) FROM regress_hostile.endorsed_value;
SELECT count(*) FROM regress_hostile.attest_key;
SELECT count(*) FROM regress_hostile.identity_key;
SELECT count(*) FROM regress_hostile.quads(:'by_class');
SELECT length(regress_hostile.execute(:'by_class')::pg_catalog.bytea) OPERATOR(pg_catalog.>) 0 AS answered;
SELECT status FROM regress_hostile.http('GET', '/.well-known/coserv-configuration');
SELECT count(*) FROM regress_hostile.appraise(:'evidence');
SELECT count(*) FROM regress_hostile.expiring('100 years');
SELECT count(*) FROM regress_hostile.conflicts();
SET ROLE regress_administers;
SELECT count(*) FROM regress_hostile.impact_of_revocation(authority => 'acme');
SELECT regress_hostile.revoke(authority => 'acme', tag_id => 'acme.example/sensor-hub-7/1.8.2', reason => 'x') AS revocation \gset
SELECT regress_hostile.unrevoke(:'revocation', 'y') IS NOT NULL AS unrevoked, regress_hostile.set_policy(true) IS NOT NULL AS set;
SELECT seal, rows FROM regress_hostile.seal_audit();
SELECT * FROM regress_hostile.verify_audit();
SELECT unsealed FROM regress_hostile.audit_state;
SET ROLE regress_owner;
CALL coserv.load_all('regress_hostile', 'SELECT "regress roles".document(id) FROM "regress roles".manifest LIMIT 2');
SELECT coserv.drop_store('regress_hostile');
RESET search_path;

-- a temporary object of our names is no better
SET ROLE regress_owner;
DROP POLICY none ON "regress roles".manifest;
CREATE POLICY all_of_it ON "regress roles".manifest FOR INSERT TO regress_loads WITH CHECK (true);
SET ROLE regress_loads;
CREATE TEMP TABLE manifest (id int, document bytea, authority text, refused text);
CREATE TEMP TABLE triple (a int);
SELECT "regress roles".load(:'signed') = :'id' AS loaded;
SELECT count(*) FROM pg_temp.manifest;
DROP TABLE pg_temp.manifest, pg_temp.triple;

-- operators and operator classes of others over our functions: refused, or planned without harm
SET ROLE regress_owner;
CREATE SCHEMA regress_ops;
CREATE OPERATOR CLASS regress_ops.evil FOR TYPE coserv.environment USING btree AS FUNCTION 1 coserv.environment_cmp(coserv.environment, coserv.environment);
CREATE FUNCTION regress_ops.e(text, text) RETURNS boolean LANGUAGE c STRICT AS 'coserv', 'cs_environment_contains';
CREATE TABLE regress_ops.t (a text, b bytea, c coserv.cbor, d integer, e coserv.environment);
INSERT INTO regress_ops.t SELECT repeat('a', i), '\x00', '0', i, '{0: {1: "a"}}' FROM generate_series(1, 100) i;
ANALYZE regress_ops.t;
RESET ROLE;
DO $do$
DECLARE
	estimator text;
	l text;
	r text;
	sides text[];
BEGIN
	FOR estimator IN SELECT DISTINCT format('%s = coserv.%I', CASE pronargs WHEN 5 THEN 'JOIN' ELSE 'RESTRICT' END, proname) FROM pg_proc
		WHERE pronamespace = 'coserv'::regnamespace AND proargtypes[0] = 'internal'::regtype AND prorettype = 'float8'::regtype LOOP
		FOREACH sides SLICE 1 IN ARRAY ARRAY[['a', 'text', $$'x'::text$$], ['a', 'integer', '1'], ['b', 'integer', '-1'], ['c', 'integer', '-1'],
			['c', 'text', $$''::text$$], ['d', 'integer', '-1'], ['d', 'bigint', '-1::bigint'], ['e', 'bytea', $$''::bytea$$],
			['e', 'boolean', 'true'], ['c', 'name', $$'x'::name$$], ['c', 'bytea', $$''::bytea$$], ['c', 'coserv.cbor', $$'1'::coserv.cbor$$]] LOOP
			l := (SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = 'regress_ops.t'::regclass AND attname = sides[1]);
			r := sides[2];
			EXECUTE format('CREATE FUNCTION regress_ops.f(%s, %s) RETURNS boolean LANGUAGE plpgsql AS ''BEGIN RETURN true; END''', l, r);
			EXECUTE format('CREATE OPERATOR regress_ops.@@ (LEFTARG = %s, RIGHTARG = %s, FUNCTION = regress_ops.f, %s)', l, r, estimator);
			EXECUTE format('EXPLAIN SELECT FROM regress_ops.t WHERE %s OPERATOR(regress_ops.@@) %s', sides[1], sides[3]);
			EXECUTE format('EXPLAIN SELECT FROM regress_ops.t WHERE %s OPERATOR(regress_ops.@@) NULL::%s', sides[1], r);
			EXECUTE format('EXPLAIN SELECT FROM regress_ops.t WHERE %s OPERATOR(regress_ops.@@) (SELECT %s)', sides[1], sides[3]);
			EXECUTE format('EXPLAIN SELECT FROM regress_ops.t, (SELECT %s AS v OFFSET 0) o WHERE t.%s OPERATOR(regress_ops.@@) o.v', sides[3], sides[1]);
			EXECUTE format('DROP FUNCTION regress_ops.f(%s, %s) CASCADE', l, r);
		END LOOP;
	END LOOP;
END $do$;
SELECT count(*) FROM regress_ops.t;
DROP SCHEMA regress_ops CASCADE;

-- bounds of what a result promises, and of what a statement may cost, are no user's
SET ROLE regress_reads;
\set VERBOSITY sqlstate
SET coserv.max_depth = 1000;
SET coserv.result_ttl = '1 year';
SET coserv.discovery_ttl = '1 year';
\set VERBOSITY default
RESET ROLE;

DROP SCHEMA regress_evil CASCADE;
SELECT coserv.drop_store('regress roles');
SELECT format('REVOKE CREATE ON DATABASE %I FROM regress_owner', current_database()) \gexec
DROP OWNED BY regress_reads, regress_loads, regress_audits, regress_administers, regress_nobody, "regress a ""role""", regress_owner;
DROP ROLE regress_owner, regress_reads, regress_loads, regress_audits, regress_administers, regress_nobody, "regress a ""role""";
