-- What the page that looks into a store shows (doc/explore.md): each view's data, as a reader and on hostile names; times are not shown.
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET client_min_messages = warning;
SET timezone = 'Asia/Tokyo';
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set acme_key `cat :'srcdir'/data/acme.key`
\set stranger_pub `cat :'srcdir'/data/stranger.pub`
\set stranger_key `cat :'srcdir'/data/stranger.key`
\set root `cat :'srcdir'/data/pki/root.crt`
\set middle `cat :'srcdir'/data/pki/middle.crt`
\set leaf `cat :'srcdir'/data/pki/leaf.crt`
\set leaf_key `cat :'srcdir'/data/pki/leaf.key`
\set psa_hex `cat :'srcdir'/data/evidence/psa.hex`
\set changed_hex `cat :'srcdir'/data/evidence/psa-changed.hex`
\set stranger_hex `cat :'srcdir'/data/evidence/psa-stranger.hex`
\set device_token `cat :'srcdir'/../examples/device-token.edn`
CREATE FUNCTION pg_temp.der(pem text) RETURNS bytea LANGUAGE sql AS
	$$ SELECT decode(regexp_replace(pem, '-----[^-]+-----|\s', '', 'g'), 'base64') $$;

-- words of an environment, and how they are looked for
SELECT coserv.environment_words('{0: {0: 37(h''31FB5ABF023E4992AA4E95F9C1503BFA''), 1: "ACME  Größe Inc.", 2: "It''s \\ & | ! :* <->"}, 1: 550(h''010203040506070809''), 2: 560(h''0A'')}');
SELECT coserv.environment_words('{0: {3: 1}}'), length(coserv.environment_words(format('{0: {1: "%s %s"}}', repeat('ü', 3000), repeat('ü', 3001))::coserv.environment));
SELECT coserv.environment_search(' ACME  inc '), coserv.environment_search('It''s \ & | ! :* <->'), coserv.environment_search('  '), coserv.environment_search('');
SELECT left(s, 20) AS s, coserv.environment_words('{0: {1: "ACME Inc.", 2: "It''s \\ & | ! :* <->"}}') @@ coserv.environment_search(s)
FROM unnest(ARRAY['acme', 'inc acm', 'ACME Inc.', 'nc', '&', '\ it''s', '''', 'acme !x', repeat('x', 5000)]) s;
SELECT coserv.rfc3339('2026-11-29 12:00:00.25+09'), coserv.rfc3339('infinity'), coserv.environment_summary('{0: {1: "<b>"}}');

SELECT coserv.create_store('regress_explore');
INSERT INTO regress_explore.authority (name, key, note) VALUES ('acme', :'acme_pub', '<i>'), ('stranger', :'stranger_pub', NULL), ('root', :'root', NULL);
CREATE FUNCTION pg_temp.corim(id text, tag text, version int, triples text) RETURNS coserv.corim LANGUAGE sql AS
	$$ SELECT format('501({0: "%s", 1: [506(<<{1: {0: "%s", 1: %s}, 4: %s}>>)]})', id, tag, version, triples)::coserv.corim $$;
CREATE FUNCTION pg_temp.value(vendor text, digest text) RETURNS text LANGUAGE sql AS
	$$ SELECT format('{0: [[{0: {1: "%s", 2: "m"}}, [{0: "k", 1: {2: [[1, h''%s'']]}}]]]}', vendor, repeat(digest, 32)) $$;
CREATE TEMP TABLE made (name text, id uuid);
INSERT INTO made SELECT 'old', regress_explore.load(coserv.sign(pg_temp.corim('one', '<script>alert(1)</script>', 0, pg_temp.value('Widget AG', '01')), :'acme_key', 'acme')::bytea);
INSERT INTO made SELECT 'new', regress_explore.load(coserv.sign(pg_temp.corim('two', '<script>alert(1)</script>', 1, pg_temp.value('Widget AG', '02')), :'acme_key', 'acme')::bytea);
INSERT INTO made SELECT 'other', regress_explore.load(coserv.sign(pg_temp.corim('three', 'other', 0, pg_temp.value('Widget AG', '03')), :'stranger_key', 'stranger')::bytea);
INSERT INTO made SELECT 'domains', regress_explore.load(coserv.sign(pg_temp.corim('four', 'domains', 0,
	'{5: [[{0: {1: "Platform"}}, [{0: {1: "Widget AG", 2: "m"}}, {0: {1: "Inner"}}]], [{0: {1: "Inner"}}, [{0: {1: "Innermost"}}]]], 4: [[{0: {1: "Inner"}}, [{0: {1: "Trusted"}}]]]}'), :'acme_key', 'acme')::bytea);
INSERT INTO made SELECT 'chain', regress_explore.load(coserv.sign(pg_temp.corim('five', 'chain', 0, pg_temp.value('Chain', '04')), :'leaf_key', 'leaf', ARRAY[pg_temp.der(:'leaf'), pg_temp.der(:'middle')])::bytea);
INSERT INTO made SELECT 'token', regress_explore.load(coserv.sign(:'device_token'::coserv.corim, :'acme_key', 'acme')::bytea);
INSERT INTO made SELECT 'revoked', regress_explore.load(coserv.sign(pg_temp.corim('six', 'gone', 0, pg_temp.value('Gone', '05')), :'acme_key', 'acme')::bytea);
SELECT regress_explore.revoke(manifest => (SELECT id FROM made WHERE name = 'revoked'), reason => 'a <bad> build') IS NOT NULL AS revoked;

-- a reader is enough for all of it, in a transaction that only reads
CREATE ROLE regress_explorer;
SELECT regress_explore.grant_reader('regress_explorer');
GRANT SELECT ON made TO regress_explorer;
GRANT USAGE ON SCHEMA coserv TO regress_explorer;
DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %s TO PUBLIC', pg_my_temp_schema()::regnamespace); END $$;
SET ROLE regress_explorer;
BEGIN;
CREATE FUNCTION pg_temp.explore(what text, arguments jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$ SELECT regress_explore.explore(what, arguments) $$;
CREATE FUNCTION pg_temp.environment(edn text) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('environment', encode(edn::coserv.environment::bytea, 'hex')) $$;
SET TRANSACTION READ ONLY;

\echo -- overview
SELECT o - 'moment' - 'authorities' - 'latest' - 'version', jsonb_path_query_array(o, '$.authorities[*].name') AS authorities, jsonb_path_query_array(o, '$.authorities[*].documents') AS documents,
	jsonb_path_query_array(o, '$.latest[*].corim_id') @> '["one", "two", "six"]' AS latest FROM pg_temp.explore('overview') o;
\echo -- search
SELECT s, jsonb_path_query_array(o, '$.environments[*].vendor') AS vendors, jsonb_path_query_array(o, '$.environments[*].authorities') AS authorities,
	(SELECT array_agg(d ORDER BY d) FROM jsonb_path_query(o, '$.documents[*].corim_id') d) AS documents, o -> 'more_environments' AS more
FROM unnest(ARRAY['widget', 'a wid', 'nothing', 'acme-imp', 'stranger', 'tw', 'gone', '<script>']) s, pg_temp.explore('search', jsonb_build_object('search', s)) o;
SELECT jsonb_array_length(o -> 'environments') AS all_environments, o -> 'documents' AS documents FROM pg_temp.explore('search') o;
SELECT jsonb_array_length(o -> 'environments'), o -> 'more_environments' AS more, jsonb_array_length(o -> 'documents'), o -> 'more_documents' AS more FROM regress_explore.explore_search('ac', 1) o;
\echo -- environment
SELECT o ->> 'vendor', o -> 'more', x ->> 'kind', x ->> 'authority', x ->> 'corim_id', x -> 'environment' ->> 'vendor' AS of_containing, x ->> 'triple' LIKE '%/ digests / 2:%' AS described
FROM pg_temp.explore('environment', pg_temp.environment('{0: {1: "Widget AG", 2: "m", 3: 1}}')) o, jsonb_array_elements(o -> 'triples') x;
SELECT jsonb_array_length(o -> 'triples') AS none FROM pg_temp.explore('environment', pg_temp.environment('{0: {1: "Widget AG"}}') || '{"as_of": "2020-01-01T00:00:00Z"}') o;
\echo -- document
SELECT d ->> 'corim_id', d -> 'counts', d ->> 'authority', d ->> 'signer_name', d -> 'is_signed', d ->> 'loaded_by' IS NOT NULL, d ->> 'edn' ~ '/ tags / 1:' AS edn, d -> 'edn_cut' AS cut,
	(SELECT string_agg(c ->> 'subject', ' <- ') FROM jsonb_array_elements(d -> 'chain') c) AS chain, jsonb_path_query_array(d, '$.revocations[*].reason') AS revocations,
	jsonb_path_query_array(d, '$.environments[*].vendor') AS environments, jsonb_path_query_array(d, '$.validities[*].bound') AS bounds
FROM made, pg_temp.explore('document', jsonb_build_object('manifest', id)) d ORDER BY 1;
SELECT pg_temp.explore('document', '{"manifest": "00000000-0000-4000-8000-000000000000"}');
\echo -- timeline: the first version counted until the second came, what was revoked until then, and the others still do
SELECT x ->> 'tag_id' AS tag, x ->> 'tag_version' AS version, jsonb_array_length(x -> 'counts') AS periods, x -> 'counts' -> 0 ->> 1 IS NULL AS still,
	(x -> 'counts' -> 0 ->> 0)::timestamptz BETWEEN now() - interval '1 hour' AND now() + interval '1 hour' AS since_it_came
FROM pg_temp.explore('timeline') o, jsonb_array_elements(o -> 'tags') x ORDER BY 1, 2;
SELECT jsonb_path_query_array(o, '$.tags[*].corim_id') FROM unnest(ARRAY['SCRIPT', 'stranger', 'nothing']) s, pg_temp.explore('timeline', jsonb_build_object('search', s)) o;
\echo -- vouchers
SELECT x ->> 'vouches', x ->> 'kind', x ->> 'role', x -> 'environment' ->> 'vendor', x ->> 'mkey', x ->> 'authority', x ->> 'corim_id'
FROM pg_temp.explore('vouchers', jsonb_build_object('digest', repeat('02', 32))) o, jsonb_array_elements(o -> 'mentions') x;
SELECT o -> 'mentions', o -> 'more' FROM pg_temp.explore('vouchers', jsonb_build_object('digest', repeat('01', 32))) o;
SELECT pg_temp.explore('vouchers', '{"digest": "xyz"}');
ROLLBACK;

BEGIN;
CREATE FUNCTION pg_temp.explore(what text, arguments jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$ SELECT regress_explore.explore(what, arguments) $$;
CREATE FUNCTION pg_temp.evidence(hex text) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('format', 'psa', 'evidence', encode(decode(hex, 'hex'), 'base64')) $$;
SET TRANSACTION READ ONLY;
\echo -- appraisal: the nearest miss is the first that did not match
SELECT x ->> 'format' FROM pg_temp.explore('formats') f, jsonb_array_elements(f) x WHERE x ->> 'format' IN ('psa', 'td-report');
SELECT s, e ->> 'mkey' AS mkey, e ->> 'standing' AS standing, e ->> 'explanation' AS explanation
FROM (VALUES ('as it was', :'psa_hex'), ('changed', :'changed_hex')) v (s, hex), pg_temp.explore('appraisal', pg_temp.evidence(hex) || jsonb_build_object('expected_nonce', encode(decode(repeat('07', 32), 'hex'), 'base64'))) o,
	jsonb_array_elements(o -> 'environments') n, jsonb_array_elements(n -> 'elements') e;
SELECT c ->> 'matched' AS matched, c ->> 'differing' AS differing, left(c ->> 'explanation', 60) AS explanation
FROM pg_temp.explore('appraisal', pg_temp.evidence(:'changed_hex')) o, jsonb_array_elements(o -> 'environments') n, jsonb_array_elements(n -> 'conditions') c LIMIT 2;
SELECT jsonb_array_length(o -> 'signers') AS signers, jsonb_path_query_array(o, '$.acs[*].cmtype') AS acs FROM pg_temp.explore('appraisal', pg_temp.evidence(:'psa_hex')) o;
\set VERBOSITY default
SAVEPOINT s;
SELECT pg_temp.explore('appraisal', pg_temp.evidence(:'stranger_hex'));
ROLLBACK TO s;
SELECT pg_temp.explore('appraisal', '{"format": "psa", "evidence": "AAAA"}');
ROLLBACK TO s;
SELECT pg_temp.explore('appraisal', '{"format": "psa", "evidence": "?"}');
ROLLBACK TO s;
\set VERBOSITY terse
SELECT count(*), min(x ->> 'notes') FROM pg_temp.explore('claims', pg_temp.evidence(:'stranger_hex')) o, jsonb_array_elements(o) x;
\echo -- domains
SELECT n ->> 'vendor' AS domain, e ->> 'kind' AS kind, m ->> 'vendor' AS other FROM pg_temp.explore('domains') o, jsonb_array_elements(o -> 'edges') e, jsonb_array_elements(o -> 'nodes') n, jsonb_array_elements(o -> 'nodes') m
WHERE n -> 'id' = e -> 'domain' AND m -> 'id' = e -> 'other' ORDER BY 1, 2, 3;
SELECT jsonb_array_length(o -> 'edges') FROM pg_temp.explore('domains', jsonb_build_object('environment', encode('{0: {1: "Innermost"}}'::coserv.environment::bytea, 'hex'))) o;
SELECT jsonb_array_length(o -> 'edges'), o -> 'more' FROM regress_explore.explore_domains(most => 1) o;
\echo -- conflicts and what lapses
SELECT x ->> 'conflict', x -> 'environment' ->> 'vendor', x ->> 'mkey', x ->> 'authority', x ->> 'other' FROM pg_temp.explore('conflicts') o, jsonb_array_elements(o -> 'conflicts') x;
SELECT name, jsonb_array_length(o -> 'conflicts') FROM made, pg_temp.explore('conflicts', jsonb_build_object('manifest', id)) o ORDER BY 1;
SELECT o -> 'more', x ->> 'what', x ->> 'bound' FROM pg_temp.explore('lapsing', '{"within": "100 years"}') o, jsonb_array_elements(o -> 'lapsing') x WHERE x ->> 'what' = 'manifest';
\echo -- what there is not
SELECT pg_temp.explore('nothing'), pg_temp.explore(NULL);
ROLLBACK;
RESET ROLE;
-- all of the store's conflicts, and those about its environments, are the same but for tags and authorities
SELECT count(*) > 0 AS some, count(*) FILTER (WHERE NOT (c IN (SELECT x FROM regress_explore.conflicts_about((SELECT array_agg(environment) FROM regress_explore.triple)) x))) AS others
FROM regress_explore.conflicts() c;
DROP OWNED BY regress_explorer;
DROP ROLE regress_explorer;
DROP SCHEMA regress_explore CASCADE;
