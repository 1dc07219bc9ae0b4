-- What has changed since a cursor: each kind of change, which environments it concerns, and that nothing is told twice or to nobody.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set certifier_pub `cat :'srcdir'/data/certifier.pub`
SELECT coserv.create_store('regress_changes');
CREATE FUNCTION corim(tag text, version int, model text, links text DEFAULT '') RETURNS bytea LANGUAGE sql AS $$
	SELECT format('501({0: "%1$s/%2$s", 1: [506(<<{1: {0: "%1$s", 1: %2$s}%4$s, 4: {0: [[{0: {1: "ACME", 2: "%3$s"}}, [{1: {1: %2$s}}]]]}}>>)]})',
		tag, version, model, links)::coserv.corim::bytea
$$;
CREATE FUNCTION cotl(tag text, VARIADIC activated text[]) RETURNS bytea LANGUAGE sql AS $$
	SELECT format('501({0: "%1$s", 1: [508(<<{0: {0: "%1$s"}, 1: [%2$s], 2: {1: 1(4000000000)}}>>)]})', tag,
		(SELECT string_agg(format('{0: "%s"}', a), ', ') FROM unnest(activated) a))::coserv.corim::bytea
$$;
-- what is told since the cursor, which goes on
CREATE VIEW told AS SELECT c.statement IS NOT NULL AS of_statement, c.what, c.name, c.by_authority,
		CASE WHEN c.environments IS NULL THEN 'any' ELSE (SELECT coalesce(string_agg(e::text, ', ' ORDER BY e::text), 'none') FROM unnest(c.environments) e) END AS environments,
		isempty(c.counts) AS never
	FROM regress_changes.changes(current_setting('regress.cursor')) c ORDER BY c.known_at, c.statement IS NULL, c.name COLLATE "C", c.what;
CREATE FUNCTION go_on() RETURNS void LANGUAGE sql AS $$ SELECT set_config('regress.cursor', regress_changes.cursor(), false) $$;
CREATE FUNCTION rows_told() RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM told $$;

-- a store of which nothing is known
SELECT count(*) FROM regress_changes.changes();
SELECT go_on();
INSERT INTO regress_changes.authority (name, key, accepts_unsigned) VALUES ('acme', :'acme_pub', true), ('certifier', :'certifier_pub', true);
TABLE told;
SELECT go_on();
TABLE told;

-- a statement; a newer version of its tag; what the cursor of a row has not seen is what comes after that row's statement
SELECT regress_changes.load(corim('boot', 1, 'Rocket'), 'acme') AS one \gset
TABLE told;
SELECT DISTINCT cursor AS since FROM regress_changes.changes(current_setting('regress.cursor')) \gset
SELECT count(*) FROM regress_changes.changes(:'since');
SELECT go_on();
SELECT regress_changes.load(corim('boot', 2, 'Rocket'), 'acme') AS two \gset
TABLE told;
SELECT known_at = (SELECT max(known_at) FROM regress_changes.manifest_life) AS known_at FROM regress_changes.changes(:'since') LIMIT 1;
SELECT go_on();

-- revoked and taken back: the statement, one version of a tag, an authority
SELECT regress_changes.revoke(manifest => :'two', reason => 'recalled') AS r \gset
TABLE told;
SELECT go_on();
SELECT regress_changes.unrevoke(:'r', 'not so') IS NOT NULL AS back;
TABLE told;
SELECT go_on();
SELECT regress_changes.revoke(authority => 'acme', tag_id => 'boot', tag_version => 2, reason => 'wrong') AS r \gset
TABLE told;
SELECT go_on();
SELECT regress_changes.unrevoke(:'r', 'not so') IS NOT NULL AS back;
SELECT regress_changes.load(corim('other', 1, 'Glider'), 'certifier') AS other \gset
SELECT go_on();
SELECT regress_changes.revoke(authority => 'acme', reason => 'key lost') AS r \gset
TABLE told;
SELECT go_on();
SELECT regress_changes.unrevoke(:'r', 'found') IS NOT NULL AS back;
TABLE told;
SELECT go_on();

-- what is to come is told when it is foreseen; what comes with time alone is not told again
SELECT regress_changes.revoke(manifest => :'other', reason => 'from then on', effective_from => '2100-01-01') IS NOT NULL AS revoked;
TABLE told;
SELECT upper(counts) FROM regress_changes.changes(current_setting('regress.cursor'));
SELECT go_on();

-- an authority: its note changes nothing that counts; its name, its scope and its going do
UPDATE regress_changes.authority SET note = 'seen' WHERE name = 'certifier';
TABLE told;
UPDATE regress_changes.authority SET name = 'C' WHERE name = 'certifier';
TABLE told;
SELECT go_on();
UPDATE regress_changes.authority SET environments = ARRAY['{0: {1: "nobody"}}'::coserv.environment] WHERE name = 'C';
TABLE told;
SELECT go_on();
UPDATE regress_changes.authority SET environments = NULL WHERE name = 'C';
TABLE told;
SELECT go_on();
DELETE FROM regress_changes.authority WHERE name = 'C';
TABLE told;
SELECT go_on();

-- CoTLs; a policy that changes what counts, and one that does not; a profile
SELECT regress_changes.load(cotl('list', 'boot'), 'acme') AS list \gset
TABLE told;
SELECT go_on();
SELECT regress_changes.set_policy(require_cotl => true) IS NOT NULL AS set;
TABLE told;
SELECT go_on();
SELECT regress_changes.set_policy(refuse_older => true) IS NOT NULL AS set;
TABLE told;
SELECT go_on();
SELECT regress_changes.revoke(manifest => :'list', reason => 'closed') AS r \gset
TABLE told;
SELECT go_on();
INSERT INTO regress_changes.profile (profile, codepoint, name, comparison) VALUES ('http://acme.example/profile', -70001, 'colour', 'equal');
TABLE told;
SELECT go_on();

-- a software tag bears on whatever links to it
SELECT regress_changes.load('501({0: "software", 1: [505(<<{0: "app", 12: 0, 1: "app", 2: {31: "ACME", 33: 1} }>>)]})'::coserv.corim::bytea, 'acme') IS NOT NULL AS loaded;
TABLE told;
SELECT go_on();

-- a cursor of one's own transaction has not seen what it commits
BEGIN;
SELECT regress_changes.revoke(manifest => :'one', reason => 'mine') AS r \gset
SELECT go_on();
SELECT rows_told();
COMMIT;
SELECT statement = :'one' AS is_one, what FROM regress_changes.changes(current_setting('regress.cursor'));
-- what was rolled back is not told
SELECT go_on();
BEGIN;
SELECT regress_changes.load(corim('never', 1, 'Rocket'), 'acme') IS NOT NULL AS loaded;
ROLLBACK;
SELECT count(*) FROM regress_changes.impact_of_load(corim('never', 1, 'Rocket'), 'acme');
SELECT rows_told();

-- from the beginning: each moment, once
SELECT count(DISTINCT known_at) = (SELECT count(*) FROM regress_changes.settled s WHERE EXISTS (SELECT FROM regress_changes.changes() c WHERE c.known_at = s.known_at)) AS once,
	count(*) FILTER (WHERE what = 'new' AND statement IS NOT NULL) = (SELECT count(*) FROM regress_changes.manifest) AS all_statements FROM regress_changes.changes();

-- what a cache holds goes where an environment of a change is selected by the query
SELECT regress_changes.load(corim('boot', 3, 'Rocket'), 'acme') IS NOT NULL AS loaded;
SELECT q.model, EXISTS (SELECT FROM regress_changes.changes(current_setting('regress.cursor')) c
		WHERE c.environments IS NULL OR EXISTS (SELECT FROM unnest(c.environments) e WHERE e OPERATOR(coserv.@@) q.query)) AS goes
	FROM (SELECT m AS model, format('{0: "tag:acme.example,2026:firmware", 1: {0: 2, 1: {0: [[{1: "ACME", 2: "%s"}]]}, 2: 1}}', m)::coserv.coserv AS query
		FROM unnest('{Rocket,Glider}'::text[]) m) q;

-- cursors that are none, or of another store
SELECT regress_changes.changes('x');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM regress_changes.changes(regexp_replace(regress_changes.cursor(), '/.*', '/1/1:x:'));
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM regress_changes.changes(regexp_replace(regress_changes.cursor(), '/.*', '/99999999999999999999/1:1:'));
SELECT count(*) FROM regress_changes.changes(regexp_replace(regress_changes.cursor(), '/.*', '/'));
SELECT coserv.create_store('regress_changes_other');
SELECT count(*) FROM regress_changes.changes(regress_changes_other.cursor());
\echo :LAST_ERROR_SQLSTATE

-- a reader may ask, and is told what row-level security lets him see
CREATE ROLE regress_watches;
SELECT regress_changes.grant_reader('regress_watches');
SELECT go_on();
SELECT regress_changes.load(corim('shown', 1, 'Rocket'), 'acme') AS shown, regress_changes.load(corim('hidden', 1, 'Rocket'), 'acme') AS hidden \gset
CREATE POLICY watched ON regress_changes.manifest USING (corim_id <> 'hidden/1');
ALTER TABLE regress_changes.manifest ENABLE ROW LEVEL SECURITY;
SET ROLE regress_watches;
SELECT what, name FROM regress_changes.changes(current_setting('regress.cursor'));
RESET ROLE;
SELECT what, name FROM regress_changes.changes(current_setting('regress.cursor')) ORDER BY name;

-- by NOTIFY, where the policy asks for it
SELECT regress_changes.announcement((SELECT max(known_at) FROM regress_changes.settled));
SELECT regress_changes.announcement('-infinity') IS NULL AS nothing;
SELECT regress_changes.load(format('501({0: "p%s", 1: [506(<<{1: {0: "p%1$s"}, 4: {0: [[{0: {1: "ACME", 2: "P"}}, [{1: {1: 1}}]]]}}>>)], 3: %s})', n, '32("http://acme.example/' || repeat('x', 60) || n || '")')::coserv.corim::bytea, 'acme') IS NOT NULL AS loaded
	FROM generate_series(1, 2) n;
SELECT octet_length(regress_changes.announcement((SELECT max(known_at) FROM regress_changes.settled)));
SELECT count(regress_changes.load(format('501({0: "q%s", 1: [506(<<{1: {0: "q%1$s"}, 4: {0: [[{0: {1: "ACME", 2: "P"}}, [{1: {1: 1}}]]]}}>>)], 3: %s})', n, '32("http://acme.example/' || repeat('x', 60) || n || '")')::coserv.corim::bytea, 'acme')) AS loaded
	FROM generate_series(1, 100) n;
SELECT regress_changes.announcement((SELECT max(known_at) FROM regress_changes.settled));
SELECT coserv.drop_store('regress_changes'), coserv.drop_store('regress_changes_other');
DROP ROLE regress_watches;
DROP FUNCTION corim, cotl, go_on, rows_told;
