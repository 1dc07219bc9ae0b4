-- Audit: who did what, sealed and verified; refusals as rows; loading in bulk.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set acme_key `cat :'srcdir'/data/acme.key`
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set stranger_key `cat :'srcdir'/data/stranger.key`
\set firmware `cat :'srcdir'/../examples/acme-firmware.edn`
\set keys `cat :'srcdir'/../examples/acme-keys.edn`
SELECT coserv.create_store('regress_audit');
CREATE ROLE regress_audit_loader;
SELECT regress_audit.grant_loader('regress_audit_loader');
-- what may differ from run to run is left out
CREATE VIEW shown AS
	SELECT id, CASE WHEN who = session_user THEN 'the superuser' ELSE who END AS who, session = session_user AS session, action, object IS NOT NULL AS object, length(digest) AS digest,
		detail - '{effective_from,manifest,undoes}'::text[] AS detail, seal
	FROM (SELECT id, who, session, action, object, digest, detail::jsonb, seal FROM regress_audit.audit) a ORDER BY id;

-- each act is a row
INSERT INTO regress_audit.authority (name, key) VALUES ('acme', :'acme_pub');
UPDATE regress_audit.authority SET environments = ARRAY['{0: {1: "ACME"}}'::coserv.environment], note = 'hardware' WHERE name = 'acme';
UPDATE regress_audit.authority SET note = 'hardware' WHERE name = 'acme';
SELECT regress_audit.load(coserv.sign(:'firmware', :'acme_key', 'acme')::bytea) AS id \gset
SELECT regress_audit.load(regress_audit.document(id)) = :'id' AS loaded_once FROM regress_audit.manifest;
SELECT regress_audit.revoke(manifest => :'id', reason => 'recalled') AS revocation \gset
SELECT regress_audit.unrevoke(:'revocation', 'recalled the wrong one') IS NOT NULL AS unrevoked;
SELECT regress_audit.set_policy(require_cotl => true) IS NOT NULL AS set;
SELECT * FROM shown;
SELECT digest = (SELECT digest FROM regress_audit.manifest) AS digest, object = :'id' AS object FROM regress_audit.audit WHERE action = 'load';

-- what is rolled back was not done
BEGIN;
SELECT regress_audit.set_policy(require_cotl => false) IS NOT NULL AS set;
ROLLBACK;
SELECT count(*) FROM shown WHERE action = 'policy';

-- refusals: load raises and try_load answers, and puts on record; the document is not kept
SELECT coserv.sign(:'firmware', :'stranger_key', 'nobody')::bytea AS stranger \gset
SELECT regress_audit.load(:'stranger');
SELECT count(*) FROM shown WHERE action = 'refuse';
SET ROLE regress_audit_loader;
SELECT id, refused, sqlstate, detail, hint FROM regress_audit.try_load(:'stranger');
SELECT id, refused, sqlstate, detail, hint FROM regress_audit.try_load('\xd284', authority => 'acme');
SELECT id, refused, sqlstate, detail, hint FROM regress_audit.try_load((:'firmware'::coserv.corim)::bytea, authority => 'acme');
SELECT id IS NOT NULL AS loaded, refused FROM regress_audit.try_load(coserv.sign(:'firmware', :'acme_key', 'acme', not_after => '2100-01-01')::bytea);
SELECT * FROM regress_audit.audit;
INSERT INTO regress_audit.audit (at, who, session, action) VALUES (now(), 'nobody', 'nobody', 'load');
RESET ROLE;
SELECT * FROM shown WHERE id > (SELECT max(id) FROM regress_audit.audit WHERE action = 'policy');
SELECT count(*) AS manifests FROM regress_audit.manifest;

-- a refusal inside a transaction stays one: what was done before and after is kept, and so is the record
BEGIN;
SELECT count(*) AS refused FROM (VALUES ('\x00'::bytea), ('\x01')) d (document), LATERAL regress_audit.try_load(d.document) t WHERE t.refused IS NOT NULL;
COMMIT;
SELECT count(*) FROM shown WHERE action = 'refuse';
-- what is no refusal is raised
SELECT coserv.try_load('pg_catalog', '\x00');
SELECT regress_audit.try_load(NULL);
SET statement_timeout = '1ms';
SELECT regress_audit.try_load(:'stranger') FROM generate_series(1, 100000);
RESET statement_timeout;

-- in bulk: refusals do not stop it, and it commits on the way
CREATE TABLE inbox (id int, document bytea, authority text);
INSERT INTO inbox SELECT i, (format('501({0: "bulk %s", 1: [506(<<{1: {0: "bulk %s"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {1: %s}}]]]}}>>)]})',
	i, i, i)::coserv.corim)::bytea, 'acme' FROM generate_series(1, 25) i;
UPDATE regress_audit.authority SET accepts_unsigned = true WHERE name = 'acme';
UPDATE inbox SET document = '\xff' WHERE id IN (3, 17);
UPDATE inbox SET document = NULL WHERE id = 5;
CALL coserv.load_all('regress_audit', 'SELECT document, authority FROM inbox ORDER BY id', batch => 10);
SELECT count(*) AS manifests FROM regress_audit.manifest WHERE corim_id LIKE 'bulk %';
SELECT count(DISTINCT l.known_at) AS transactions FROM regress_audit.manifest m JOIN regress_audit.manifest_life l ON l.manifest = m.id WHERE corim_id LIKE 'bulk %';
CALL coserv.load_all('regress_audit', 'SELECT document, authority FROM inbox ORDER BY id');
\set VERBOSITY terse
DO $$
DECLARE
	done bigint;
	refused bigint;
BEGIN
	CALL coserv.load_all('regress_audit', 'SELECT document FROM inbox WHERE id = 3', 1, '1 h', done, refused);
	ASSERT done = 1 AND refused = 1;
END $$;
BEGIN;
CALL coserv.load_all('regress_audit', 'SELECT document FROM inbox');
ROLLBACK;
CALL coserv.load_all('regress_audit', 'SELECT id FROM inbox');
CALL coserv.load_all('regress_audit', 'DELETE FROM inbox');
CALL coserv.load_all('regress_audit', 'SELECT document FROM inbox', batch => 0);
\set VERBOSITY default

-- sealing: the chain holds, and covers everything that was there
SELECT seal, length(root) AS root, rows = (SELECT count(*) FROM regress_audit.audit) AS all_rows FROM regress_audit.seal_audit();
SELECT * FROM regress_audit.seal_audit();
SELECT regress_audit.set_policy(require_cotl => false) IS NOT NULL AS set;
SELECT seal, rows FROM regress_audit.seal_audit();
SELECT seal, previous IS NULL AS first, previous = lag(root) OVER (ORDER BY seal) AS chained FROM regress_audit.audit_seal;
SELECT regress_audit.set_policy(require_cotl => true) IS NOT NULL AS set;
SELECT seal, unsealed, unsealed_since IS NOT NULL AS since FROM regress_audit.audit_state;
SELECT * FROM regress_audit.verify_audit();

-- nobody writes it by hand, its owner included
INSERT INTO regress_audit.audit (at, who, session, action) VALUES (now(), 'nobody', 'nobody', 'load');
UPDATE regress_audit.audit SET who = 'nobody' WHERE id = 1;
UPDATE regress_audit.audit SET seal = 1 WHERE seal IS NULL;
DELETE FROM regress_audit.audit;
TRUNCATE regress_audit.audit;
INSERT INTO regress_audit.audit_seal (seal, root, rows, sealed_at, sealed_by) VALUES (99, '\x00', 0, now(), 'nobody');
UPDATE regress_audit.audit_seal SET root = '\x00';
DELETE FROM regress_audit.audit_seal;
TRUNCATE regress_audit.audit_seal;
TRUNCATE regress_audit.policy;
SET session_replication_role = replica;
DELETE FROM regress_audit.audit;
RESET session_replication_role;
SELECT count(*) FROM regress_audit.verify_audit();

-- whoever turns the guard off is found: each kind of change to what was sealed, one at a time
ALTER TABLE regress_audit.audit DISABLE TRIGGER audit_guard;
ALTER TABLE regress_audit.audit_seal DISABLE TRIGGER audit_guard;
CREATE FUNCTION found_after(act text) RETURNS TABLE (seal bigint, problem text) LANGUAGE plpgsql AS $$
BEGIN
	BEGIN
		EXECUTE act;
		RETURN QUERY SELECT v.seal, v.problem FROM regress_audit.verify_audit() v;
		RAISE EXCEPTION 'undo' USING ERRCODE = 'UU000';
	EXCEPTION WHEN SQLSTATE 'UU000' THEN
		NULL;
	END;
END $$;
CREATE TABLE acts (act text);
INSERT INTO acts VALUES
	($q$UPDATE regress_audit.audit SET who = who || '.' WHERE id = 1$q$),
	($q$UPDATE regress_audit.audit SET at = at + interval '1 microsecond' WHERE id = 1$q$),
	($q$UPDATE regress_audit.audit SET digest = NULL WHERE id = 1$q$),
	($q$UPDATE regress_audit.audit SET object = '', detail = '{}' WHERE id = 1$q$),
	($q$UPDATE regress_audit.audit SET session = who, who = session || '.' WHERE id = 1$q$),
	($q$DELETE FROM regress_audit.audit WHERE id = 1$q$),
	($q$INSERT INTO regress_audit.audit (at, who, session, action, seal) VALUES (now(), 'a', 'b', 'load', 1)$q$),
	($q$UPDATE regress_audit.audit SET seal = 2 WHERE id = 1$q$),
	($q$UPDATE regress_audit.audit SET seal = NULL WHERE id = 1$q$),
	($q$UPDATE regress_audit.audit SET seal = 7 WHERE id = 1$q$),
	($q$UPDATE regress_audit.audit SET seal = 3 - seal WHERE seal IS NOT NULL$q$),
	($q$UPDATE regress_audit.audit_seal SET sealed_by = 'nobody' WHERE seal = 1$q$),
	($q$UPDATE regress_audit.audit_seal SET root = sha256('') WHERE seal = 1$q$),
	($q$UPDATE regress_audit.audit_seal SET previous = NULL WHERE seal = 2$q$),
	($q$UPDATE regress_audit.audit_seal SET previous = sha256('') WHERE seal = 1$q$),
	($q$DELETE FROM regress_audit.audit_seal WHERE seal = 1$q$),
	($q$DELETE FROM regress_audit.audit WHERE seal = 1; DELETE FROM regress_audit.audit_seal WHERE seal = 1$q$),
	($q$UPDATE regress_audit.manifest_life SET counts = '{}' WHERE (manifest, known_at) IN (SELECT manifest, known_at FROM regress_audit.manifest_life LIMIT 1)$q$),
	($q$UPDATE regress_audit.authority_life SET name = name || '.'$q$),
	($q$DELETE FROM regress_audit.manifest_life WHERE (manifest, known_at) IN (SELECT manifest, known_at FROM regress_audit.manifest_life LIMIT 1)$q$),
	($q$INSERT INTO regress_audit.tag_life SELECT manifest, 0, known_at, '{}', '{}', '{}' FROM regress_audit.manifest_life LIMIT 1$q$),
	($q$INSERT INTO regress_audit.tag_life SELECT manifest, 0, '2000-01-01', '{}', '{}', '{}' FROM regress_audit.manifest_life LIMIT 1$q$),
	($q$INSERT INTO regress_audit.tag_life SELECT manifest, 0, now() + interval '1 hour', '{}', '{}', '{}' FROM regress_audit.manifest_life LIMIT 1$q$),
	($q$ALTER TABLE regress_audit.revocation DISABLE TRIGGER said_guard; UPDATE regress_audit.revocation SET known_at = known_at - interval '1 microsecond'$q$),
	($q$UPDATE regress_audit.audit_seal SET epochs = epochs - 1 WHERE seal = 1$q$),
	($q$UPDATE regress_audit.audit_seal SET epoch_root = sha256('') WHERE seal = 1$q$),
	($q$UPDATE regress_audit.audit_seal SET known_until = known_until - interval '1 microsecond' WHERE seal = 2$q$),
	($q$UPDATE regress_audit.audit_seal SET known_until = NULL WHERE seal = 1$q$),
	($q$SELECT 1$q$);
SET timezone = 'Asia/Tokyo';
SET datestyle = 'German';
SELECT a.act, f.* FROM acts a LEFT JOIN LATERAL found_after(a.act) f ON true ORDER BY a.ctid;
RESET timezone;
RESET datestyle;

DROP FUNCTION found_after(text);
DROP TABLE acts, inbox;
DROP VIEW shown;
SELECT coserv.drop_store('regress_audit');
DROP ROLE regress_audit_loader;
