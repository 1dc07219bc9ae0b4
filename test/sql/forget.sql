-- Forgetting: the one exception to "truth is never changed". Bytes go, and all that was read from them; id, reason and when it counted stay.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set key `cat :'srcdir'/data/acme.key`
\set public `cat :'srcdir'/data/acme.pub`
SELECT coserv.create_store('regress_forget');
INSERT INTO regress_forget.authority (name, key) VALUES ('acme', :'public');
CREATE FUNCTION pg_temp.document(id text, version int) RETURNS bytea LANGUAGE sql AS $$
	SELECT coserv.sign(format('501({0: "%1$s-%2$s", 1: [506(<<{1: {0: "%1$s", 1: %2$s}, 4: {0: [[{0: {1: "ACME", 2: "%1$s"}}, [{0: "firmware", 1: {1: %2$s, 11: "SECRET-%1$s-%2$s"}}]]], 10: [[[[{0: {1: "ACME", 2: "%1$s"}}, [{1: {1: 1}}]]], [[{0: {1: "ACME", 2: "x"}}, [{1: {1: 1}}]]]]]}}>>)]})',
		id, version)::coserv.corim, current_setting('forget.key'), 'acme')::bytea $$;
SELECT set_config('forget.key', :'key', false) IS NOT NULL AS set \g /dev/null
CREATE FUNCTION pg_temp.query(id text) RETURNS coserv.coserv LANGUAGE sql AS $$
	SELECT format('{0: "tag:example.com,2026:forget", 1: {0: 2, 1: {0: [[{1: "ACME", 2: "%s"}]]}, 2: 0}}', id)::coserv.coserv $$;
-- how many triples answer
CREATE FUNCTION pg_temp.answers(id text, as_of timestamptz DEFAULT NULL) RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM regress_forget.quads(pg_temp.query(id), as_of) $$;

SELECT regress_forget.load(pg_temp.document('one', 1)) AS one1 \gset
SELECT regress_forget.load(pg_temp.document('one', 2)) AS one2 \gset
SELECT regress_forget.load(pg_temp.document('two', 1)) AS two1 \gset
SELECT regress_forget.moment() AS before \gset
SELECT regress_forget.cursor() AS cursor \gset
SELECT pg_temp.answers('one') AS one, pg_temp.answers('two') AS two;
SELECT rows FROM regress_forget.seal_audit();

-- who may, and what is refused
CREATE ROLE regress_forget_administrator;
SELECT regress_forget.grant_administrator('regress_forget_administrator');
SET ROLE regress_forget_administrator;
SELECT regress_forget.forget(:'one2', 'he asked for it');
INSERT INTO regress_forget.revocation (manifest, reason, forgets) VALUES (:'one2', 'he asked for it', true);
RESET ROLE;
SELECT regress_forget.forget(:'one2', '');
SELECT regress_forget.forget('00000000-0000-8000-8000-000000000000', 'x');
\set VERBOSITY terse
INSERT INTO regress_forget.revocation (authority, reason, forgets) VALUES ('acme', 'all of it', true);
\set VERBOSITY default
-- what is rolled back is not forgotten
BEGIN;
SELECT regress_forget.forget(:'one2', 'not really') IS NOT NULL AS said;
ROLLBACK;
SELECT count(*) FROM regress_forget.manifest WHERE forgotten IS NOT NULL;

-- forgotten: the older version answers again, as behind any revocation; the past has lost it, and says so
SELECT regress_forget.forget(:'one2', 'he asked for it') AS forgetting \gset
SELECT pg_temp.answers('one') AS one, pg_temp.answers('two') AS two;
\set VERBOSITY terse
SET client_min_messages = error;
SELECT pg_temp.answers('one', :'before');
\set VERBOSITY default
SET client_min_messages = warning;
SELECT manifest = :'one2' AS manifest, reason, known_at > :'before' AS later FROM regress_forget.forgotten_at(:'before');
SELECT count(*) FROM regress_forget.forgotten_at(regress_forget.moment());

-- nothing holds what it said
SELECT r.relname, q.n FROM pg_class r, LATERAL (SELECT (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM regress_forget.%I x WHERE x::text LIKE ''%%SECRET-one-2%%'' OR x::text LIKE ''%%%s%%''',
	r.relname, encode('SECRET-one-2', 'hex')), false, true, '')))[1]::text::int AS n) q WHERE r.relnamespace = 'regress_forget'::regnamespace AND r.relkind = 'r' AND q.n > 0 ORDER BY 1;
SELECT t.body IS NULL AS erased, m.digest IS NOT NULL AS digest, m.corim_id, m.profile, m.signer_name, m.forgotten = :'forgetting' AS forgotten
	FROM regress_forget.manifest m JOIN regress_forget.truth t ON t.id = m.truth WHERE m.id = :'one2';
SELECT (SELECT count(*) FROM regress_forget.tag WHERE manifest = :'one2'), (SELECT count(*) FROM regress_forget.triple WHERE manifest = :'one2'),
	(SELECT count(*) FROM regress_forget.triple_environment WHERE manifest = :'one2'), (SELECT count(*) FROM regress_forget.triple_condition WHERE manifest = :'one2'),
	(SELECT count(*) FROM regress_forget.search_key WHERE manifest = :'one2');
SELECT document IS NULL FROM coserv.document('regress_forget', :'one2');
-- what it was stays on record, and nothing is wrong with the store
SELECT action, object = :'one2' AS manifest, detail ->> 'forgotten' = :'forgetting' AS forgotten FROM regress_forget.audit ORDER BY id DESC LIMIT 2;
SELECT * FROM regress_forget.check();
SELECT * FROM regress_forget.verify();
SELECT verified, problem FROM regress_forget.verify(:'one2');
SELECT * FROM regress_forget.verify_audit();
SELECT what, environments IS NULL AS any, name, statement = :'one2' AS forgotten FROM regress_forget.changes(:'cursor') ORDER BY 4, 1;

-- it stays so: loaded again it is refused, with the reason, and nothing undoes it
SELECT regress_forget.load(pg_temp.document('one', 2));
SELECT refused, sqlstate, detail FROM regress_forget.try_load(pg_temp.document('one', 2));
SELECT regress_forget.unrevoke(:'forgetting', 'sorry');
INSERT INTO regress_forget.revocation (undoes, reason) VALUES (:'forgetting', 'sorry');
-- narrower and wider scopes have nothing to verify again
UPDATE regress_forget.authority SET tag_ids = '{two%}';
UPDATE regress_forget.authority SET tag_ids = NULL;
SELECT pg_temp.answers('one') AS one, pg_temp.answers('two') AS two;
-- a newer version is another statement
SELECT regress_forget.load(pg_temp.document('one', 3)) IS NOT NULL AS loaded;
SELECT pg_temp.answers('one');
-- forgotten twice; and what was revoked before
SELECT regress_forget.forget(:'one2', 'again') IS NOT NULL AS said;
SELECT regress_forget.revoke(manifest => :'two1', reason => 'wrong') AS revocation \gset
SELECT regress_forget.forget(:'two1', 'and personal') IS NOT NULL AS said;
SELECT regress_forget.unrevoke(:'revocation', 'it was not wrong') IS NOT NULL AS undone;
SELECT pg_temp.answers('two') AS two, (SELECT count(*) FROM regress_forget.truth WHERE kind = 1 AND body IS NULL) AS erased;

-- what comes by replication: the word of others hides, and erases where the owner allows it
SELECT regress_forget.load(pg_temp.document('three', 1)) AS three1 \gset
CREATE TABLE pg_temp.other AS TABLE regress_forget.truth;
DELETE FROM pg_temp.other WHERE body IS NULL;
SELECT coserv.create_store('regress_forgets');
SET client_min_messages = error;
SET session_replication_role = replica;
INSERT INTO regress_forgets.truth SELECT * FROM pg_temp.other;
RESET session_replication_role;
SELECT regress_forgets.forget(:'three1', 'there') IS NOT NULL AS said;
SELECT regress_forgets.load(pg_temp.document('four', 1)) IS NOT NULL AS loaded;
SELECT count(*) FROM regress_forgets.truth WHERE kind = 1 AND body IS NULL;
SET session_replication_role = replica;
INSERT INTO regress_forget.truth SELECT * FROM regress_forgets.truth;
RESET session_replication_role;
SELECT pg_temp.answers('three') AS three, pg_temp.answers('four') AS four, (SELECT count(*) FROM regress_forget.set_aside) AS aside,
	(SELECT body IS NULL FROM regress_forget.truth t, regress_forget.manifest m WHERE t.id = m.truth AND m.id = :'three1') AS erased;
SELECT regress_forget.load(pg_temp.document('three', 1));
SELECT regress_forget.erase_for_others(true);
SELECT (SELECT body IS NULL FROM regress_forget.truth t, regress_forget.manifest m WHERE t.id = m.truth AND m.id = :'three1') AS erased;
SELECT action, detail::text FROM regress_forget.audit WHERE action LIKE 'erasing%';
-- the document behind the word: it does not stay; and a region that has erased gives nothing to take in
SELECT coserv.create_store('regress_forgotten');
SELECT regress_forgotten.erase_for_others(true);
SET session_replication_role = replica;
INSERT INTO regress_forgotten.truth SELECT * FROM regress_forgets.truth ORDER BY kind DESC;
INSERT INTO regress_forgotten.truth SELECT * FROM pg_temp.other WHERE kind = 1;
RESET session_replication_role;
SET client_min_messages = warning;
SELECT reason, s.kind, t.body IS NULL AS erased FROM regress_forgotten.set_aside s JOIN regress_forgotten.truth t USING (id);
SELECT (SELECT count(*) FROM regress_forgotten.check()) AS check, (SELECT count(*) FROM regress_forgotten.manifest) AS manifests,
	(SELECT count(*) FROM regress_forgotten.quads(pg_temp.query('three'))) AS three, (SELECT count(*) FROM regress_forgotten.quads(pg_temp.query('four'))) AS four;
SELECT coserv.drop_store('regress_forget'), coserv.drop_store('regress_forgets'), coserv.drop_store('regress_forgotten');
DROP ROLE regress_forget_administrator;
