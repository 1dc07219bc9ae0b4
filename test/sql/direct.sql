-- Answers by look-ups straight in the indexes, by plans, and by sequential scans are the same, byte for byte: random stores and queries. And who
-- may not be answered by look-ups is answered by plans.
SET client_min_messages = error; -- of documents that are older than others
CREATE EXTENSION IF NOT EXISTS coserv;
SELECT setseed(0.25);
CREATE SCHEMA regress_d;
SET search_path = regress_d;

CREATE FUNCTION one_of(VARIADIC texts text[]) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT texts[1 + floor(random() * cardinality(texts))::int]
$$;
CREATE FUNCTION environment() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT one_of(
		format('{0: {0: 560(h''0%s'')}}', floor(random() * 5)),
		format('{0: {0: 560(h''0%s''), 1: "vendor %s", 2: "model %s"}}', floor(random() * 5), floor(random() * 2), floor(random() * 2)),
		format('{0: {1: "vendor %s", 2: "model %s", 3: %s}}', floor(random() * 2), floor(random() * 2), floor(random() * 2)),
		format('{0: {0: 560(h''0%s'')}, 1: 550(h''0200000000000000%s'')}', floor(random() * 3), lpad(floor(random() * 3)::text, 2, '0')),
		format('{1: 550(h''0200000000000000%s'')}', lpad(floor(random() * 3)::text, 2, '0')),
		format('{0: {0: 560(h''0%s'')}, 2: 560(h''0%s'')}', floor(random() * 3), floor(random() * 2)))
$$;
CREATE FUNCTION measurements() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT format('[{0: "m%s", 1: {1: %s}}]', floor(random() * 2), floor(random() * 3))
$$;
CREATE FUNCTION triples() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT one_of(
		format('{0: [[%s, %s], [%s, %s]]}', environment(), measurements(), environment(), measurements()),
		format('{0: [[%s, %s]], 1: [[%s, %s]]}', environment(), measurements(), environment(), measurements()),
		format('{3: [[%s, [554("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEW1BvqF+/ry8BWa7ZEMU1xYYHEQ8BlLT4MFHOaO+ICTtIvrEeEpr/sfTAP66H2hCHdb5HEXKtRKod6QLcOLPA1Q==\n-----END PUBLIC KEY-----")]]]}', environment()),
		format('{10: [[[[%s, %s], [%s, %s]], [[%s, %s]]]]}', environment(), measurements(), environment(), measurements(), environment(), measurements()),
		format('{8: [[[%s, %s], [[%s, [{0: "m0", 1: {3: {0: true}}}]]]]]}', environment(), '[{0: "m0", 1: {1: 1}}]', '[{0: "m0", 1: {1: 1}}]'))
$$;
-- a version of one of a few tags, of a profile or of none, that may be valid for a while only
CREATE FUNCTION document(n int) RETURNS bytea LANGUAGE sql VOLATILE AS $$
	SELECT format('501({0: "doc-%s", 1: [506(<<{1: {0: "tag-%s", 1: %s}, 4: %s}>>)%s]%s%s})', n % 90, floor(random() * 40), floor(random() * 3), triples(),
		one_of('', '', format(', 505(<<{0: "tag-%s", 12: %s, 1: "software", 2: {31: "somebody", 33: 1}}>>)', floor(random() * 40), floor(random() * 3))),
		one_of('', '', ', 3: 32("https://example.com/p")'), one_of('', '', ', 4: {1: 1(4102444800)}', ', 4: {0: 1(4070908800), 1: 1(4102444800)}'))::coserv.corim::bytea
$$;
CREATE FUNCTION query() RETURNS coserv.coserv LANGUAGE sql VOLATILE AS $$
	SELECT format('{0: "%s", 1: {0: %s, 1: {%s}, 2: %s}}', one_of('https://example.com/p', 'https://example.com/q'), floor(random() * 3),
		one_of(format('0: [[{0: 560(h''0%s'')}]]', floor(random() * 5)),
			format('0: [[{0: 560(h''0%s''), 1: "vendor 1"}], [{1: "vendor %s", 2: "model 0"}]]', floor(random() * 5), floor(random() * 2)),
			format('0: [[{0: 560(h''0%s'')}, [{0: "m0", 1: {1: %s}}]]]', floor(random() * 3), floor(random() * 3)),
			(SELECT format('0: [%s]', string_agg(format('[{1: "vendor %s", 2: "model %s"}]', (i + random())::int % 2, i % 40), ', ')) FROM generate_series(0, 49) i),
			format('1: [[550(h''0200000000000000%s'')]]', lpad(floor(random() * 3)::text, 2, '0')),
			format('2: [[560(h''0%s'')]]', floor(random() * 2))),
		floor(random() * 3))::coserv.coserv
$$;
-- documents by RIM identifiers, of all kinds, one or several
CREATE FUNCTION rim_query() RETURNS coserv.coserv LANGUAGE sql VOLATILE AS $$
	SELECT format('{0: "%s", 1: {3: [%s]}}', one_of('https://example.com/p', 'https://example.com/q'),
		(SELECT string_agg(one_of(format('[0, "tag-%s"]', floor(random() * 45)), format('[1, "tag-%s"]', floor(random() * 40)), format('[2, "doc-%s"]', floor(random() * 95))), ', ')
			FROM generate_series(0, i % 3)))::coserv.coserv FROM (SELECT (random() * 9)::int AS i) r
$$;

SELECT coserv.create_store('regress_direct');
-- an answer as of a moment, and now, when it ends at another second each time
CREATE FUNCTION answer(q coserv.coserv, as_of timestamptz) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT md5(regress_direct.execute_bytes(q, as_of)) || md5((regress_direct.execute_json(q) #- '{results,expiry}')::text)
		|| (SELECT coalesce(md5(string_agg(r::text, E'\n')), '') FROM regress_direct.quads(q) r)
$$;
CREATE FUNCTION rim_answer(q coserv.coserv, as_of timestamptz) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT md5(regress_direct.execute_bytes(q, as_of)) || md5((regress_direct.execute_json(q) #- '{results,expiry}')::text)
$$;
CREATE FUNCTION appraisal(e text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT coalesce(md5(string_agg(r::text, E'\n')), '') FROM regress_direct.appraise(format('{"cmtype": 2, "authority": [560(h''aa'')], "environment": %s, "element-list": [{"element-id": "m0", "element-claims": {1: 1}}, {"element-id": "m1", "element-claims": {1: 2}}]}', e)::coserv.cbor) r
$$;

INSERT INTO regress_direct.authority (name, key, accepts_unsigned) VALUES ('one', '560(h''01'')', true), ('two', '560(h''02'')', true);
INSERT INTO regress_direct.authority (name, key, accepts_unsigned, valid_until) VALUES ('three', '560(h''03'')', true, '2020-01-01');
SELECT count(regress_direct.load(document(i)::coserv.document, one_of('one', 'one', 'two'))) FROM generate_series(1, 120) i;
SELECT clock_timestamp() AS early \gset
SELECT count(regress_direct.load(document(i)::coserv.document, one_of('one', 'two'))) FROM generate_series(121, 240) i;
SELECT count(regress_direct.revoke(id, reason => 'r')) FROM (SELECT id FROM regress_direct.manifest ORDER BY id LIMIT 20) m;
CREATE TABLE asked AS SELECT i AS id, query() AS q, environment() AS e FROM generate_series(1, 150) i;

CREATE TABLE rims AS SELECT i AS id, rim_query() AS q FROM generate_series(1, 150) i;

CREATE TABLE answers (way text, id int, early text, late text, appraisal text);
CREATE TABLE rim_answers (way text, id int, early text, late text);
CREATE PROCEDURE answer_all(way text, early timestamptz, late timestamptz) LANGUAGE sql AS $$
	INSERT INTO regress_d.answers SELECT way, a.id, regress_d.answer(a.q, early), regress_d.answer(a.q, late), regress_d.appraisal(a.e) FROM regress_d.asked a;
	INSERT INTO regress_d.rim_answers SELECT way, r.id, regress_d.rim_answer(r.q, early), regress_d.rim_answer(r.q, late) FROM regress_d.rims r
$$;
SELECT clock_timestamp() AS late \gset
CALL answer_all('look-ups', :'early', :'late');
SET coserv.direct_lookups = off;
CALL answer_all('plans', :'early', :'late');
RESET coserv.direct_lookups;
BEGIN;
DROP INDEX regress_direct.triple_environment_gin, regress_direct.triple_environment_past_gin, regress_direct.triple_environment_environment_gin,
	regress_direct.triple_environment_environment_past_gin, regress_direct.triple_environment_conditional_gin,
	regress_direct.triple_environment_environment_conditional_gin, regress_direct.manifest_corim_id, regress_direct.tag_tag_id, regress_direct.tag_live;
CALL answer_all('scans', :'early', :'late');
SELECT count(*) AS questions, count(*) FILTER (WHERE a.early = p.early AND a.late = p.late AND a.appraisal = p.appraisal) AS same_by_plan,
	count(*) FILTER (WHERE a.early = s.early AND a.late = s.late AND a.appraisal = s.appraisal) AS same_by_scan
FROM answers a JOIN answers p USING (id) JOIN answers s USING (id) WHERE a.way = 'look-ups' AND p.way = 'plans' AND s.way = 'scans';
SELECT count(*) AS rims, count(*) FILTER (WHERE a.early = p.early AND a.late = p.late) AS same_by_plan, count(*) FILTER (WHERE a.early = s.early AND a.late = s.late) AS same_by_scan
FROM rim_answers a JOIN rim_answers p USING (id) JOIN rim_answers s USING (id) WHERE a.way = 'look-ups' AND p.way = 'plans' AND s.way = 'scans';
ROLLBACK;
-- and they say something
SELECT count(DISTINCT late) > 40 AS many, count(DISTINCT appraisal) > 15 AS many_appraisals, count(*) FILTER (WHERE early <> late) > 20 AS changed FROM answers WHERE way = 'look-ups';
SELECT count(DISTINCT late) > 40 AS many_rims, count(*) FILTER (WHERE early <> late) > 20 AS changed_rims FROM rim_answers WHERE way = 'look-ups';
-- with a policy that asks for activation: nothing is activated
INSERT INTO regress_direct.policy (require_cotl) VALUES (true);
SELECT count(*) FROM asked a, regress_direct.quads(a.q);
INSERT INTO regress_direct.policy (require_cotl) VALUES (false);

-- Which way was it? By plan not without the function that plans read through.
CREATE FUNCTION way() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
BEGIN
	PERFORM coserv.execute('regress_direct'::regnamespace, a.q, NULL) FROM regress_d.asked a;
	RETURN 'look-ups';
EXCEPTION
	WHEN undefined_function THEN RETURN 'plans';
	WHEN insufficient_privilege THEN RETURN 'refused';
END $$;
CREATE FUNCTION rim_way() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM coserv.execute('regress_direct'::regnamespace, r.q, NULL) FROM regress_d.rims r;
	RETURN 'look-ups';
EXCEPTION
	WHEN undefined_function THEN RETURN 'plans';
	WHEN insufficient_privilege THEN RETURN 'refused';
END $$;
CREATE PROCEDURE no_plans() LANGUAGE sql AS $$
	ALTER FUNCTION regress_direct.triples_now(timestamptz) RENAME TO no_triples_now;
	ALTER FUNCTION coserv.counts_until(timestamptz, boolean, tstzmultirange, tstzmultirange, tstzmultirange, tstzmultirange) RENAME TO no_counts_until
$$;
DELETE FROM asked WHERE q::jsonb #>> '{query,result-type}' <> 'collected-artifacts' OR q::jsonb::text LIKE '%mval%';
SELECT count(*) > 10 AS some FROM asked;
CREATE ROLE regress_d_reader;
CREATE ROLE regress_d_limited;
CREATE ROLE regress_d_columns;
CREATE ROLE regress_d_nobody;
GRANT USAGE ON SCHEMA regress_d, regress_direct TO PUBLIC;
GRANT SELECT ON asked, rims TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA regress_direct TO regress_d_reader, regress_d_limited, regress_d_columns;
REVOKE ALL ON regress_direct.manifest FROM regress_d_columns;
GRANT SELECT (id, profile, not_before, is_answered_signed) ON regress_direct.manifest TO regress_d_columns;
BEGIN;
CALL no_plans();
SELECT way() AS superuser, rim_way();
SET coserv.direct_lookups = off;
SELECT way() AS switched_off, rim_way();
RESET coserv.direct_lookups;
SET LOCAL ROLE regress_d_reader;
SELECT way() AS reader, rim_way();
SET LOCAL ROLE regress_d_columns;
SELECT way() AS columns, rim_way();
RESET ROLE;
REVOKE SELECT (profile) ON regress_direct.manifest FROM regress_d_columns;
SET LOCAL ROLE regress_d_columns;
SELECT way() AS fewer_columns, rim_way();
RESET ROLE;
ALTER TABLE regress_direct.triple ENABLE ROW LEVEL SECURITY;
SELECT way() AS policies_not_for_a_superuser;
SET LOCAL ROLE regress_d_reader;
SELECT way() AS policies, rim_way();
ROLLBACK;
BEGIN;
CALL no_plans();
DROP INDEX regress_direct.triple_environment_gin;
SELECT way() AS without_index;
CREATE INDEX another ON regress_direct.triple USING gin (environment coserv.environment_ops) WHERE NOT live;
SELECT way() AS another_index;
ALTER INDEX regress_direct.another RENAME TO triple_environment_gin;
SELECT way() AS another_by_that_name;
ROLLBACK;
BEGIN;
CALL no_plans();
DROP INDEX regress_direct.manifest_corim_id, regress_direct.tag_tag_id;
SELECT way() AS without_indexes_of_names, rim_way();
ROLLBACK;
BEGIN;
CALL no_plans();
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'regress_direct.manifest_life_pkey'::regclass;
SELECT way() AS invalid_index;
ROLLBACK;
BEGIN;
CALL no_plans();
CREATE TABLE regress_direct.heir () INHERITS (regress_direct.triple);
SELECT way() AS heirs;
ROLLBACK;
BEGIN;
CALL no_plans();
SELECT way() AS once_more, rim_way();
ROLLBACK;
-- what a caller may not read, a plan refuses by name; what policies hide, is not answered
\set SHOW_CONTEXT never
SET ROLE regress_d_nobody;
SELECT coserv.execute('regress_direct'::regnamespace, q, NULL) FROM asked LIMIT 1;
RESET ROLE;
ALTER TABLE regress_direct.triple ENABLE ROW LEVEL SECURITY;
CREATE POLICY limited ON regress_direct.triple TO regress_d_limited USING (kind = 1);
SET ROLE regress_d_limited;
SELECT DISTINCT kind FROM asked a, coserv.quads('regress_direct'::regnamespace, a.q, NULL);
RESET ROLE;

-- rows of this transaction, of rolled back ones, and of a snapshot that is kept
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) AS before FROM coserv.quads('regress_direct'::regnamespace, '{0: "tag:x", 1: {0: 2, 1: {0: [[{0: 560(h''77'')}]]}, 2: 0}}', NULL);
SAVEPOINT s;
SELECT regress_direct.load('501({0: "own", 1: [506(<<{1: {0: "own"}, 4: {0: [[{0: {0: 560(h''77'')}}, [{1: {1: 1}}]]]}}>>)]})'::coserv.corim::bytea::coserv.document, 'one') IS NOT NULL AS loaded;
SELECT count(*) AS uncommitted FROM coserv.quads('regress_direct'::regnamespace, '{0: "tag:x", 1: {0: 2, 1: {0: [[{0: 560(h''77'')}]]}, 2: 0}}', NULL);
SET LOCAL coserv.direct_lookups = off;
SELECT count(*) AS uncommitted FROM coserv.quads('regress_direct'::regnamespace, '{0: "tag:x", 1: {0: 2, 1: {0: [[{0: 560(h''77'')}]]}, 2: 0}}', NULL);
ROLLBACK;

DROP SCHEMA regress_direct CASCADE;
DROP SCHEMA regress_d CASCADE;
DROP ROLE regress_d_reader, regress_d_limited, regress_d_columns, regress_d_nobody;
