-- What is foreseen: answers by RIM identifiers end when something will, as those by environment do; and what a commit has to foresee at once.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
CREATE EXTENSION IF NOT EXISTS coserv;
SELECT coserv.create_store('regress_foreseen');
INSERT INTO regress_foreseen.authority (name, key, accepts_unsigned) VALUES ('one', '560(h''01'')', true), ('two', '560(h''02'')', true);

-- A CoRIM with one CoMID, unsigned: id, tag id, version, more members of the CoMID, more members of the CoRIM.
CREATE FUNCTION pg_temp.load(id text, tag text, version int, authority text DEFAULT 'one', tag_more text DEFAULT '', rim_more text DEFAULT '') RETURNS uuid LANGUAGE sql AS $$
	SELECT regress_foreseen.load(format('501({0: "%s", 1: [506(<<{1: {0: "%s", 1: %s}%s, 4: {0: [[{0: {1: "ACME", 2: "%s"}}, [{1: {1: %s}}]]]}}>>)]%s})',
		id, tag, version, tag_more, tag, version, rim_more)::coserv.corim::bytea, authority) $$;
-- The seconds of 1970 as CoRIM has them.
CREATE FUNCTION pg_temp.since(at timestamptz) RETURNS text LANGUAGE sql AS $$ SELECT format(', 4: {0: 1(%s), 1: 1(4000000000)}', extract(epoch FROM at)::bigint) $$;
-- What the answer to a query holds, and until when, by the clock of that day.
CREATE FUNCTION pg_temp.rims(selector text, as_of timestamptz DEFAULT '2090-01-01') RETURNS TABLE (rims text, expires text) LANGUAGE sql AS $$
	SELECT (SELECT string_agg(key, ',' ORDER BY key) FROM jsonb_object_keys(r -> 'results' -> 'rims') AS key), right(left(r -> 'results' ->> 'expiry', 16), 5)
	FROM (SELECT regress_foreseen.execute(format('{0: "tag:x", 1: {3: [%s]}}', selector)::coserv.coserv, as_of)::jsonb AS r) s $$;
PREPARE by_environment(text) AS SELECT regress_foreseen.execute(format('{0: "tag:x", 1: {0: 2, 1: {0: [[{2: "%s"}]]}, 2: 0}}', $1)::coserv.coserv, '2090-01-01')::jsonb -> 'results' ->> 'expiry';

-- a revocation to come: of the manifest, of the tag, of the authority; and one that is taken back before
SELECT pg_temp.load('c', 'c', 1) AS c \gset
SELECT * FROM pg_temp.rims('[2, "c"]'), pg_temp.rims('[0, "c"]') AS tag(tag, tag_expires);
EXECUTE by_environment('c');
SELECT regress_foreseen.revoke(tag_id => 'c', authority => 'one', reason => 'later', effective_from => '2090-01-01 00:40') AS r \gset
SELECT * FROM pg_temp.rims('[2, "c"]'), pg_temp.rims('[0, "c"]') AS tag(tag, tag_expires);
EXECUTE by_environment('c');
SELECT regress_foreseen.revoke(manifest => :'c', reason => 'before', effective_from => '2090-01-01 00:30') AS r2 \gset
SELECT * FROM pg_temp.rims('[2, "c"]'), pg_temp.rims('[0, "c"]') AS tag(tag, tag_expires);
EXECUTE by_environment('c');
SELECT regress_foreseen.revoke(authority => 'one', reason => 'first', effective_from => '2090-01-01 00:20') AS r3 \gset
SELECT * FROM pg_temp.rims('[2, "c"]'), pg_temp.rims('[0, "c"]') AS tag(tag, tag_expires);
EXECUTE by_environment('c');
SELECT regress_foreseen.unrevoke(:'r3', 'no'), regress_foreseen.unrevoke(:'r2', 'no'), regress_foreseen.unrevoke(:'r', 'no') \g /dev/null
SELECT * FROM pg_temp.rims('[2, "c"]'), pg_temp.rims('[0, "c"]') AS tag(tag, tag_expires);

-- a newer one to come: by id and by tag; one that will not count, as it is revoked, withdrawn or its authority gone, ends nothing
SELECT pg_temp.load('c', 'c', 2, 'one', '', pg_temp.since('2090-01-01 00:20')) AS newer \gset
SELECT * FROM pg_temp.rims('[2, "c"]'), pg_temp.rims('[0, "c"]') AS tag(tag, tag_expires);
EXECUTE by_environment('c');
SELECT regress_foreseen.revoke(manifest => :'newer', reason => 'no') AS r \gset
SELECT * FROM pg_temp.rims('[2, "c"]'), pg_temp.rims('[0, "c"]') AS tag(tag, tag_expires);
SELECT regress_foreseen.unrevoke(:'r', 'yes') \g /dev/null
SELECT * FROM pg_temp.rims('[2, "c"]'), pg_temp.rims('[0, "c"]') AS tag(tag, tag_expires);
SELECT pg_temp.load('c', 'c', 3, 'two', '', pg_temp.since('2090-01-01 00:10')) IS NOT NULL AS loaded;
SELECT * FROM pg_temp.rims('[2, "c"]'), pg_temp.rims('[0, "c"]') AS tag(tag, tag_expires);
UPDATE regress_foreseen.authority SET tag_ids = '{d}' WHERE name = 'two';
SELECT * FROM pg_temp.rims('[2, "c"]'), pg_temp.rims('[0, "c"]') AS tag(tag, tag_expires);
UPDATE regress_foreseen.authority SET tag_ids = NULL WHERE name = 'two';
SELECT * FROM pg_temp.rims('[2, "c"]'), pg_temp.rims('[0, "c"]') AS tag(tag, tag_expires);
DELETE FROM regress_foreseen.authority WHERE name = 'two';
SELECT * FROM pg_temp.rims('[2, "c"]'), pg_temp.rims('[0, "c"]') AS tag(tag, tag_expires);
-- and what is answered then
SELECT * FROM pg_temp.rims('[2, "c"]', '2090-01-01 00:30'), pg_temp.rims('[0, "c"]', '2090-01-01 00:30') AS tag(tag, tag_expires);

-- what begins later answers from then on, as foreseen: before it came it does not, whatever moment is asked about
SELECT pg_temp.load('begins', 'begins', 1, 'one', '', pg_temp.since('2090-01-01 00:20')) AS begins, regress_foreseen.moment() AS known \gset
SELECT counts * tstzmultirange(tstzrange(NULL, '2091-01-01')) AS counts FROM regress_foreseen.manifest_life WHERE manifest = :'begins';
SELECT m.at::timestamptz, (SELECT count(*) FROM regress_foreseen.quads('{0: "tag:x", 1: {0: 2, 1: {0: [[{2: "begins"}]]}, 2: 0}}', m.at::timestamptz)) AS by_environment,
	(SELECT rims FROM pg_temp.rims('[2, "begins"]', m.at::timestamptz)) AS by_id, (SELECT rims FROM pg_temp.rims('[0, "begins"]', m.at::timestamptz)) AS by_tag
	FROM (VALUES ('2090-01-01 00:19:59'), ('2090-01-01 00:20:00')) m (at);
SELECT count(*) FROM regress_foreseen.manifests_at(:'known') WHERE id = :'begins';
-- also where it is revoked and that is undone before it begins
SELECT regress_foreseen.revoke(manifest => :'begins', reason => 'no') AS r \gset
SELECT regress_foreseen.unrevoke(:'r', 'yes') \g /dev/null
SELECT m.at::timestamptz, (SELECT count(*) FROM regress_foreseen.quads('{0: "tag:x", 1: {0: 2, 1: {0: [[{2: "begins"}]]}, 2: 0}}', m.at::timestamptz)) AS by_environment
	FROM (VALUES ('2090-01-01 00:19:59'), ('2090-01-01 00:20:00')) m (at);

-- an authority that is revoked and removed in one transaction is foreseen once
BEGIN;
SELECT regress_foreseen.revoke(authority => 'one', reason => 'gone') IS NOT NULL AS revoked;
DELETE FROM regress_foreseen.authority WHERE name = 'one';
COMMIT;
SELECT count(*) FROM regress_foreseen.triples_at(NULL);
SELECT * FROM pg_temp.rims('[2, "c"]');

-- who joins late hears in one transaction of an authority, its documents and its removal (which is a list of two): nothing answers, and nothing is wrong
SELECT coserv.create_store('regress_late');
SET session_replication_role = replica;
INSERT INTO regress_late.truth SELECT * FROM regress_foreseen.truth ORDER BY kind = 2 AND get_byte(body, 0) = 130, kind <> 2, moment;
RESET session_replication_role;
SELECT count(*), bool_and(v.verified), max(v.detail) FROM regress_late.manifest m, regress_late.verify(m.id) v;
SELECT (SELECT count(*) FROM regress_late.triples_at(NULL)) AS answer, (SELECT count(*) FROM regress_late.verify()) AS problems, (SELECT count(*) FROM regress_late.check()) AS wrong;

SELECT coserv.drop_store('regress_foreseen'), coserv.drop_store('regress_late');
