-- A clock that ran ahead: what was said then is set aside elsewhere, and stands before everything here; one call ends that, in every region
-- and whatever comes first.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set public `cat :'srcdir'/data/acme.pub`
\set other `cat :'srcdir'/data/certifier.pub`
SELECT coserv.create_store('regress_ahead'), coserv.create_store('regress_elsewhere'), coserv.create_store('regress_late'), coserv.create_store('regress_clock');
INSERT INTO regress_ahead.authority (name, key) VALUES ('first', :'public'), ('gone', :'other');
SELECT regress_ahead.set_policy(refuse_older => true) IS NOT NULL AS set;

-- what was said there while its clock ran half a day ahead: the same rows, with other moments, and so of other ids
INSERT INTO regress_clock.authority (name, key, note) VALUES ('first', :'public', 'said ahead'), ('gone', :'other', 'said ahead');
DELETE FROM regress_clock.authority WHERE name = 'gone';
SELECT regress_clock.set_policy(notify => true) IS NOT NULL AS set;
INSERT INTO regress_clock.profile (profile, codepoint, name, comparison) VALUES ('tag:example.com,2026:ahead', -7, 'level', 'minimum');
CREATE FUNCTION pg_temp.id_of(kind smallint, moment timestamptz, body bytea) RETURNS uuid LANGUAGE sql AS $$
	SELECT encode(set_byte(set_byte(substr(d, 1, 16), 6, get_byte(d, 6) & 15 | 128), 8, get_byte(d, 8) & 63 | 128), 'hex')::uuid
	FROM (SELECT sha256('\x83'::bytea || set_byte('\x00', 0, kind) || '\x1b'::bytea || int8send((extract(epoch FROM moment - '2000-01-01'::timestamptz) * 1000000)::bigint)
		|| '\x5820'::bytea || sha256(body)) AS d) s $$;
SELECT count(*) FILTER (WHERE id <> pg_temp.id_of(kind, moment, body)) AS other FROM regress_clock.truth;
CREATE TABLE pg_temp.ahead AS SELECT pg_temp.id_of(kind, moment + interval '12 hours', body) AS id, kind, moment + interval '12 hours' AS moment, body FROM regress_clock.truth;
CREATE FUNCTION pg_temp.said(schema text) RETURNS TABLE (name text, note text, refuse_older boolean, notify boolean, comparison text) LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY EXECUTE format('SELECT a.name, a.note, p.refuse_older, p.notify, (SELECT f.comparison FROM %1$I.profile f ORDER BY f.moment DESC, f.id DESC LIMIT 1)
		FROM (SELECT * FROM %1$I.policy ORDER BY moment DESC, id DESC LIMIT 1) p LEFT JOIN %1$I.authority a ON true ORDER BY 1', schema);
END $$;
-- where the clock ran ahead they count, elsewhere they are set aside
SET session_replication_role = replica;
SET client_min_messages = error;
SET coserv.max_clock_ahead = '1d';
INSERT INTO regress_ahead.truth SELECT * FROM pg_temp.ahead ORDER BY moment;
RESET coserv.max_clock_ahead;
INSERT INTO regress_elsewhere.truth SELECT * FROM regress_ahead.truth;
RESET session_replication_role;
SET client_min_messages = warning;
SELECT * FROM pg_temp.said('regress_ahead');
SELECT * FROM pg_temp.said('regress_elsewhere');
SELECT kind, regexp_replace(reason, ': .*', '') AS reason, count(*) FROM regress_elsewhere.set_aside GROUP BY 1, 2 ORDER BY 1;
-- what is said there now would have no effect, as what was said before lies behind it
\set VERBOSITY sqlstate
SELECT regress_ahead.set_policy(notify => false) IS NOT NULL AS set;
UPDATE regress_ahead.authority SET note = 'said now' WHERE name = 'first';
DELETE FROM regress_ahead.authority WHERE name = 'first';
INSERT INTO regress_ahead.profile (profile, codepoint, name, comparison) VALUES ('tag:example.com,2026:ahead', -7, 'level', 'equal');
INSERT INTO regress_ahead.profile (profile, codepoint, name, comparison) VALUES ('tag:example.com,2026:other', -7, 'level', 'equal');
\set VERBOSITY default
SELECT * FROM pg_temp.said('regress_ahead');

-- the call: who may, and why
CREATE ROLE regress_ahead_nobody;
SET ROLE regress_ahead_nobody;
SELECT coserv.end_clock_ahead('regress_ahead', 'x');
RESET ROLE;
SELECT regress_ahead.end_clock_ahead('');
-- where it fails nothing is left of it, in the session neither
CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF OLD.moment = '-infinity' AND NEW.note = 'said ahead' THEN
		RAISE EXCEPTION 'not again';
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER a_refuse BEFORE UPDATE ON regress_ahead.authority FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse();
SELECT regress_ahead.end_clock_ahead('its clock ran half a day ahead') AS said_again;
DROP TRIGGER a_refuse ON regress_ahead.authority;
BEGIN;
INSERT INTO regress_ahead.authority (name, key) VALUES ('another', '560(h''a1'')');
ROLLBACK;
SELECT regress_ahead.end_clock_ahead('its clock ran half a day ahead') AS said_again;
SELECT regress_ahead.end_clock_ahead('once more') AS nothing;
SELECT * FROM pg_temp.said('regress_ahead');
SELECT regress_ahead.set_policy(refuse_older => false) IS NOT NULL AS set;
UPDATE regress_ahead.authority SET note = 'said now' WHERE name = 'first';
SELECT * FROM pg_temp.said('regress_ahead');
SELECT action, detail ->> 'reason' AS reason FROM regress_ahead.audit WHERE action = 'taken_back';
SELECT * FROM regress_ahead.check();

-- elsewhere it comes as anything else; and a late region, where none of it is ahead any more, comes to the same, whatever comes first
SET session_replication_role = replica;
SET client_min_messages = error;
INSERT INTO regress_elsewhere.truth SELECT * FROM regress_ahead.truth;
SET coserv.max_clock_ahead = '1d';
INSERT INTO regress_late.truth SELECT * FROM regress_ahead.truth ORDER BY kind DESC, moment DESC;
RESET session_replication_role;
SET client_min_messages = warning;
SELECT * FROM pg_temp.said('regress_elsewhere');
SELECT * FROM pg_temp.said('regress_late');
SELECT DISTINCT reason FROM regress_elsewhere.set_aside;
-- tried again when their moments are no longer ahead, they stay where they are
SELECT coserv.retry('regress_elsewhere');
SELECT * FROM pg_temp.said('regress_elsewhere');
SELECT * FROM regress_late.check();
RESET coserv.max_clock_ahead;
-- and forwards: what came before the word that takes it back
SET session_replication_role = replica;
SET client_min_messages = error;
SELECT coserv.drop_store('regress_late');
SELECT coserv.create_store('regress_late');
SET coserv.max_clock_ahead = '1d';
INSERT INTO regress_late.truth SELECT * FROM regress_ahead.truth ORDER BY kind, moment DESC;
RESET coserv.max_clock_ahead;
RESET session_replication_role;
SET client_min_messages = warning;
SELECT * FROM pg_temp.said('regress_late');
SELECT coserv.drop_store('regress_ahead'), coserv.drop_store('regress_elsewhere'), coserv.drop_store('regress_late'), coserv.drop_store('regress_clock');
DROP ROLE regress_ahead_nobody;
