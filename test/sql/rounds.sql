-- Triggers of users may write to stores while a commit to a store is under way, deferred or not, to that store or to others: what they
-- write is settled, too, with a later moment.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set root `cat :'srcdir'/data/pki/root.crt`
\set middle `cat :'srcdir'/data/pki/middle.crt`
\set revoked `cat :'srcdir'/data/pki/revoked.crt`
\set revoked_key `cat :'srcdir'/data/pki/revoked.key`
\set crl `cat :'srcdir'/data/pki/middle.crl`
\set acme_key `cat :'srcdir'/data/acme.key`
\set acme_pub `cat :'srcdir'/data/acme.pub`
CREATE FUNCTION pg_temp.der(pem text) RETURNS bytea LANGUAGE sql AS
	$$ SELECT decode(regexp_replace(pem, '-----[^-]+-----|\s', '', 'g'), 'base64') $$;
CREATE FUNCTION pg_temp.signed(id text, key text, VARIADIC chain text[] DEFAULT '{}') RETURNS bytea LANGUAGE sql AS
	$$ SELECT coserv.sign(format('501({0: "%1$s", 1: [506(<<{1: {0: "%1$s tag"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {11: "%1$s"}}]]]}}>>)]})', id)::coserv.corim, key,
		'ACME', (SELECT array_agg(pg_temp.der(c)) FROM unnest(chain) AS c))::bytea $$;
-- one that is locked before the one that is written to, and one that is locked behind it
SELECT coserv.create_store('regress_rounds_a'), coserv.create_store('regress_rounds'), coserv.create_store('regress_rounds_z');
INSERT INTO regress_rounds_a.authority (name, key) VALUES ('acme', :'acme_pub'), ('root', :'root');
INSERT INTO regress_rounds.authority (name, key) VALUES ('acme', :'acme_pub'), ('root', :'root');
INSERT INTO regress_rounds_z.authority (name, key) VALUES ('acme', :'acme_pub'), ('root', :'root');
CREATE VIEW pg_temp.counts AS
	SELECT 'a' AS store, tag_id FROM regress_rounds_a.tags_at(NULL) UNION ALL SELECT '', tag_id FROM regress_rounds.tags_at(NULL)
	UNION ALL SELECT 'z', tag_id FROM regress_rounds_z.tags_at(NULL);
CREATE VIEW pg_temp.wrong AS
	SELECT 'a' AS store, c.* FROM regress_rounds_a.check() c UNION ALL SELECT '', c.* FROM regress_rounds.check() c UNION ALL SELECT 'z', c.* FROM regress_rounds_z.check() c;
CREATE VIEW pg_temp.rounds AS
	SELECT (SELECT count(*) FROM regress_rounds_a.settled) AS a, (SELECT count(*) FROM regress_rounds.settled) AS this, (SELECT count(*) FROM regress_rounds_z.settled) AS z,
		(SELECT min(known_at) > '2020-01-01' FROM regress_rounds_z.settled) AS of_now;
SELECT * FROM pg_temp.rounds;

-- documents that wait for somebody to load them, which a trigger on the last table that a commit writes does
CREATE TABLE pg_temp.waiting (store text, document bytea);
CREATE FUNCTION pg_temp.load_waiting() RETURNS trigger LANGUAGE plpgsql AS $$
	DECLARE row record;
	BEGIN
		FOR row IN DELETE FROM pg_temp.waiting RETURNING * LOOP
			EXECUTE format('SELECT %I.load($1)', row.store) USING row.document;
		END LOOP;
		RETURN NULL;
	END $$;
CREATE TRIGGER load_waiting AFTER INSERT ON regress_rounds.settled FOR EACH ROW EXECUTE FUNCTION pg_temp.load_waiting();
INSERT INTO pg_temp.waiting SELECT s, pg_temp.signed('at once', :'acme_key') FROM unnest('{regress_rounds_a,regress_rounds,regress_rounds_z}'::text[]) s;
SELECT regress_rounds.load(pg_temp.signed('first', :'acme_key')) IS NOT NULL AS loaded;
SELECT * FROM pg_temp.counts ORDER BY 1, 2;
SELECT * FROM pg_temp.rounds;
SELECT * FROM pg_temp.wrong;
DROP TRIGGER load_waiting ON regress_rounds.settled;

-- the same, deferred; and in a savepoint that is rolled back
CREATE CONSTRAINT TRIGGER load_waiting AFTER INSERT ON regress_rounds.manifest_life DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pg_temp.load_waiting();
INSERT INTO pg_temp.waiting SELECT s, pg_temp.signed('deferred', :'acme_key') FROM unnest('{regress_rounds_a,regress_rounds,regress_rounds_z}'::text[]) s;
BEGIN;
SAVEPOINT s;
SELECT regress_rounds_z.load(pg_temp.signed('rolled back', :'acme_key')) IS NOT NULL AS loaded;
ROLLBACK TO s;
SELECT regress_rounds.load(pg_temp.signed('second', :'acme_key')) IS NOT NULL AS loaded;
COMMIT;
SELECT * FROM pg_temp.counts WHERE tag_id !~ 'first|at once' ORDER BY 1, 2;
SELECT * FROM pg_temp.rounds;
SELECT * FROM pg_temp.wrong;
DROP TRIGGER load_waiting ON regress_rounds.manifest_life;

-- what this commit infers from a CRL is revoked in another store, an authority changed, and what was revoked loaded there
CREATE FUNCTION pg_temp.pass_on() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		UPDATE regress_rounds.authority SET note = 'has revoked' WHERE name = 'root';
		INSERT INTO regress_rounds.revocation (authority, tag_id, reason) VALUES ('acme', 'second tag', 'passed on');
		INSERT INTO regress_rounds_a.revocation (manifest, reason) VALUES (NEW.manifest, NEW.reason);
		INSERT INTO regress_rounds_z.revocation (authority, reason) VALUES ('acme', 'passed on');
		RETURN NULL;
	END $$;
CREATE TRIGGER pass_on AFTER INSERT ON regress_rounds.revocation FOR EACH ROW WHEN (NEW.moment IS NULL) EXECUTE FUNCTION pg_temp.pass_on();
SELECT regress_rounds_a.load(pg_temp.signed('by certificate', :'revoked_key', :'revoked', :'middle')) = regress_rounds.load(pg_temp.signed('by certificate', :'revoked_key', :'revoked', :'middle')) AS same;
INSERT INTO regress_rounds.crl (authority, der, chain) VALUES ('root', pg_temp.der(:'crl'), ARRAY[pg_temp.der(:'middle')]);
SELECT * FROM pg_temp.counts ORDER BY 1, 2;
SELECT manifest IS NOT NULL AS of_manifest, authority, tag_id, reason ~ 'certificate' AS inferred, moment IS NULL AS unsaid, known_at < now() AS known FROM regress_rounds.revocation ORDER BY 2, 3;
SELECT manifest IS NOT NULL AS of_manifest, moment IS NULL AS unsaid, known_at < now() AS known FROM regress_rounds_a.revocation;
SELECT authority, moment IS NULL AS unsaid, known_at < now() AS known FROM regress_rounds_z.revocation;
-- what changed of the authority is in truth, and what is known is known from one moment
SELECT a.note, count(t.id) AS said FROM regress_rounds.authority a JOIN regress_rounds.truth t ON t.id = a.truth WHERE a.name = 'root' GROUP BY 1;
SELECT count(*) FROM regress_rounds.revocation r WHERE NOT EXISTS (SELECT FROM regress_rounds.settled s WHERE s.known_at = r.known_at);
SELECT * FROM pg_temp.wrong;

SELECT coserv.drop_store(s) FROM unnest('{regress_rounds_a,regress_rounds,regress_rounds_z}'::text[]) s;
