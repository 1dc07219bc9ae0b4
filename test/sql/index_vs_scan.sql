-- An index scan and a sequential scan give the same rows: random environments and queries over small domains, so that there
-- are many hits, and the queries for which the index has no exact keys.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
RESET client_min_messages;
SET search_path = coserv, public;
SET max_parallel_workers_per_gather = 0;
SET jit = off;

-- EDN of a map with some of the members, at least one
CREATE FUNCTION some_of(members text[], chance float) RETURNS text LANGUAGE sql VOLATILE AS $$
	WITH m AS MATERIALIZED (SELECT m, random() < chance AS taken FROM unnest(members) m)
	SELECT '{' || coalesce(string_agg(m, ', ') FILTER (WHERE taken), members[1]) || '}' FROM m
$$;
CREATE FUNCTION class_members() RETURNS text[] LANGUAGE sql VOLATILE AS $$
	SELECT ARRAY[format('0: 560(h''0%s'')', floor(random() * 4)), format('1: "vendor %s"', floor(random() * 3)), format('2: "model %s"', floor(random() * 3)),
		format('3: %s', floor(random() * 2)), format('4: %s', floor(random() * 2))]
$$;
CREATE FUNCTION random_environment(chance float) RETURNS environment LANGUAGE sql VOLATILE AS $$
	SELECT some_of(ARRAY['0: ' || some_of(class_members(), chance), format('1: 550(h''02000000000000%s'')', lpad(to_hex(floor(random() * 3)::int), 2, '0')),
		format('2: 560(h''0%s'')', floor(random() * 2))], 0.6)::environment
$$;
CREATE FUNCTION random_query() RETURNS coserv LANGUAGE sql VOLATILE AS $$
	SELECT format('{0: "tag:x", 1: {0: 2, 1: {%s}, 2: 0}}', CASE floor(random() * 4)
		WHEN 0 THEN format('1: [[550(h''020000000000000%s'')], [550(h''020000000000000%s'')]]', floor(random() * 4), floor(random() * 4))
		WHEN 1 THEN format('2: [[560(h''0%s'')]]', floor(random() * 3))
		ELSE '0: [[' || some_of(class_members(), 0.5) || '], [' || some_of(class_members(), 0.7) || ']]' END)::coserv
$$;

SELECT setseed(0.42);
CREATE TABLE small (id int, e environment);
INSERT INTO small SELECT i, random_environment(0.5) FROM generate_series(1, 800) i;
-- identifiers in forms of older drafts
INSERT INTO small VALUES (2001, '{0: {0: 111(h''06062b0601040101'')}}'), (2002, '{0: {0: 111(h''2b0601040101'')}}'), (2003, '{1: 560(h''0102'')}'),
	(2004, '{0: {0: 600(h''0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20'')}}');
CREATE INDEX small_environment ON small USING gin (e);
-- more rows, through the pending list
INSERT INTO small SELECT i, random_environment(0.5) FROM generate_series(3001, 3500) i;
ANALYZE small;

CREATE FUNCTION ids(condition text, by_index boolean) RETURNS int[] LANGUAGE plpgsql AS $$
DECLARE
	result int[];
BEGIN
	PERFORM set_config('enable_seqscan', CASE WHEN by_index THEN 'off' ELSE 'on' END, true),
		set_config('enable_bitmapscan', CASE WHEN by_index THEN 'on' ELSE 'off' END, true);
	EXECUTE 'SELECT array_agg(id ORDER BY id) FROM small WHERE ' || condition INTO result;
	RETURN result;
END $$;

CREATE TABLE tried (operator text, condition text, rows int, same boolean);
DO $$
DECLARE
	o text;
	condition text;
	by_scan int[];
BEGIN
	FOREACH o IN ARRAY ARRAY['@>', '<@', '=', '@@'] LOOP
		FOR i IN 1..1000 LOOP
			condition := format('e %s %L', o, CASE o WHEN '@@' THEN random_query()::text WHEN '@>' THEN random_environment(0.3)::text
				WHEN '<@' THEN random_environment(0.9)::text ELSE random_environment(0.4)::text END);
			by_scan := ids(condition, false);
			INSERT INTO tried VALUES (o, condition, coalesce(cardinality(by_scan), 0), by_scan IS NOT DISTINCT FROM ids(condition, true));
		END LOOP;
	END LOOP;
END $$;
SELECT operator, count(*) AS queries, count(*) FILTER (WHERE rows > 0) > 300 AS many_hit, sum(rows) > 1000 AS many_rows,
	count(*) FILTER (WHERE NOT same) AS different
FROM tried GROUP BY operator ORDER BY operator;
SELECT operator, condition FROM tried WHERE NOT same LIMIT 5;

-- by both ways: no exact keys, no rows, odd encodings, many selectors
SELECT left(condition, 100) AS condition, ids(condition, false) IS NOT DISTINCT FROM ids(condition, true) AS same, ids(condition, true) IS NOT NULL AS some FROM (VALUES
	($q$e <@ '{0: {0: 560(h''00''), 1: "vendor 1", 2: "model 1", 3: 0, 4: 0}, 1: 550(h''0200000000000001''), 2: 560(h''00'')}'$q$),
	($q$e @> '{0: {0: 560(h''00''), 1: "vendor 1", 2: "model 1", 3: 0, 4: 0}, 1: 550(h''0200000000000001''), 2: 560(h''00'')}'$q$),
	($q$e @@ '{0: "tag:x", 1: {0: 2, 1: {0: [[{0: 111(h''06062b0601040101'')}]]}, 2: 0}}'$q$),
	($q$e @@ '{0: "tag:x", 1: {0: 2, 1: {0: [[{0: 560(h''0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20'')}]]}, 2: 0}}'$q$),
	($q$e @@ '{_ 0: "tag:x", 1_1: {0: 2, 1: {0: [_ [{1: (_ "vendor", " 1")}]]}, 2: 0}}'$q$),
	($q$e @@ '{0: "tag:x", 1: {0: 2, 1: {0: [[{2: "model 1", 1: "vendor 1"}]]}, 2: 0}}'$q$),
	($q$e @@ '18([<<{1: -7, 3: "application/coserv+cbor"}>>, {}, <<{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "vendor 1"}]]}, 2: 0}}>>, h''00''])'$q$),
	($q$e @@ '{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "vendor 1"}]]}, 2: 0}, 2: {0: [], 10: 0("2030-01-01T00:00:00Z")}}'$q$),
	(format('e @@ %L', (SELECT '{0: "tag:x", 1: {0: 2, 1: {0: [' || string_agg(format('[{1: "vendor 1", 2: "model %s"}]', i), ', ') || ']}, 2: 0}}'
		FROM generate_series(1, 200) i)))) v (condition);

-- more selectors than the index makes keys for
CREATE TABLE few AS SELECT * FROM small ORDER BY id LIMIT 40;
CREATE INDEX ON few USING gin (e);
SELECT '{0: "tag:x", 1: {0: 2, 1: {0: [' || string_agg(format('[{1: "vendor 1", 2: "model %s"}]', i), ', ') || ']}, 2: 0}}' AS many
FROM generate_series(1, 5001) i \gset
SELECT count(*) AS by_scan FROM few WHERE e @@ :'many' \gset
SET enable_seqscan = off;
SELECT count(*) > 0 AS some, count(*) = :by_scan AS same FROM few WHERE e @@ :'many';
RESET enable_seqscan;

DROP TABLE small, few, tried;
DROP FUNCTION some_of, class_members, random_environment, random_query, ids;

-- what the planner expects: few rows, whatever is asked for, but for what statistics know to be common
CREATE TABLE wide (id int, e environment);
INSERT INTO wide SELECT i, format('{0: {0: 560(h''%s''), 1: "ACME"}}', lpad(to_hex(i), 8, '0'))::environment FROM generate_series(1, 10000) i;
ANALYZE wide;
CREATE FUNCTION expected_rows(query text) RETURNS float LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN plan -> 0 -> 'Plan' ->> 'Plan Rows';
END $$;
SELECT what, expected_rows(query) BETWEEN least AND most AS as_it_is FROM (VALUES
	('one class contains', $$SELECT FROM wide WHERE e @> '{0: {0: 560(h''00000007'')}}'$$, 1, 10),
	('a vendor contains', $$SELECT FROM wide WHERE e @> '{0: {1: "ACME"}}'$$, 9000, 10000),
	('contained', $$SELECT FROM wide WHERE e <@ '{0: {0: 560(h''00000007''), 1: "ACME", 2: "x"}}'$$, 1, 10),
	('equal', $$SELECT FROM wide WHERE e = '{0: {0: 560(h''00000007''), 1: "ACME"}}'$$, 1, 10),
	('selected', $$SELECT FROM wide WHERE e @@ '{0: "tag:x", 1: {0: 2, 1: {0: [[{0: 560(h''00000007'')}]]}, 2: 0}}'$$, 1, 10),
	('by what is not known yet', $$SELECT FROM wide WHERE e @> (SELECT '{0: {0: 560(h''00000007'')}}'::environment)$$, 1, 10),
	('a join', $$SELECT FROM wide a JOIN wide b ON a.e @> b.e$$, 1, 100000)) AS t (what, query, least, most);
DROP TABLE wide;
DROP FUNCTION expected_rows;
