-- Conditional endorsements are fetched by what they ask for: an appraisal by that index gives what the plan gives, which fetches all that
-- speak of an environment. First rule by rule, what matches and what does not; then random stores and Evidence.
\set SHOW_CONTEXT never
SET client_min_messages = error; -- of documents that are older than others
CREATE EXTENSION IF NOT EXISTS coserv;
SELECT setseed(0.5);
CREATE SCHEMA regress_c;
SET search_path = regress_c;

CREATE FUNCTION load(store text, id text, triples text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
	manifest uuid;
BEGIN
	EXECUTE format('SELECT %I.load($1::coserv.document, ''one'')', store) INTO manifest
		USING format('501({0: "%s", 1: [506(<<{1: {0: "%s"}, 4: %s}>>)]})', id, id, triples)::coserv.corim::bytea;
	RETURN manifest;
END $$;
-- each ECT that endorsements added, or all of them as a digest
CREATE FUNCTION added(store text, evidence text, as_of timestamptz DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	ects text;
BEGIN
	EXECUTE format('SELECT coalesce(string_agg(manifest || '' '' || ordinal || '' '' || round, '','' ORDER BY r), '''') FROM %I.appraise($1::coserv.cbor, $2) WITH ORDINALITY r WHERE manifest IS NOT NULL', store)
		INTO ects USING evidence, as_of;
	RETURN ects;
END $$;
CREATE FUNCTION ect(authority text, environment text, elements text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN elements IS NOT NULL THEN format('{"cmtype": 2, "authority": %s, "environment": %s, "element-list": [%s]}', authority, environment, elements) END
$$;

-- Rule by rule: a condition, Evidence that meets it, Evidence that does not. Each condition is in a store with all others.
CREATE TABLE rules (id int GENERATED ALWAYS AS IDENTITY, rule text, condition text, meets text, misses text);
INSERT INTO rules (rule, condition, meets, misses) VALUES
	('digest', '[{1: {2: [[1, h''01'']]}}]', '{"element-claims": {2: [[1, h''01''], [7, h''07'']]}}', '{"element-claims": {2: [[1, h''02'']]}}'),
	('digest by a name', '[{1: {2: [["sha-256", h''11'']]}}]', '{"element-claims": {2: [[1, h''11'']]}}', '{"element-claims": {2: [[7, h''11'']]}}'),
	('one of two digests', '[{1: {2: [[1, h''03''], [7, h''04'']]}}]', '{"element-claims": {2: [[7, h''04'']]}}', '{"element-claims": {2: [[1, h''03''], [7, h''05'']]}}'),
	('digest with mkey', '[{0: "a", 1: {2: [[1, h''06'']]}}]', '{"element-id": "a", "element-claims": {2: [[1, h''06'']]}}', '{"element-id": "b", "element-claims": {2: [[1, h''06'']]}}'),
	('mkey, an OID with the DER header', '[{0: 111(h''06032a0304''), 1: {3: {0: true}}}]', '{"element-id": 111(h''2a0304''), "element-claims": {3: {0: true}}}', '{"element-id": 111(h''2a0305''), "element-claims": {3: {0: true}}}'),
	('svn', '[{0: "svn", 1: {1: 5}}]', '{"element-id": "svn", "element-claims": {1: 552(5)}}', '{"element-id": "svn", "element-claims": {1: 6}}'),
	('minimum', '[{0: "min", 1: {1: 553(5)}}]', '{"element-id": "min", "element-claims": {1: 18446744073709551615}}', '{"element-id": "min", "element-claims": {1: 4}}'),
	('minimum that equals', '[{0: "min", 1: {1: 553(7)}}]', '{"element-id": "min", "element-claims": {1: 7}}', '{"element-id": "min", "element-claims": {1: 6}}'),
	('registers', '[{1: {14: {0: [[1, h''20'']], "x": [[1, h''21'']]}}}]', '{"element-claims": {14: {0: [[1, h''20'']], 1: [[1, h''22'']], "x": [[1, h''21'']]}}}', '{"element-claims": {14: {0: [[1, h''20'']], "x": [[1, h''22'']]}}}'),
	('raw value', '[{1: {4: 560(h''30'')}}]', '{"element-claims": {4: 560(h''30'')}}', '{"element-claims": {4: 560(h''31'')}}'),
	('raw value under a mask', '[{0: "raw", 1: {4: 563([h''32'', h''f0''])}}]', '{"element-id": "raw", "element-claims": {4: 560(h''3f'')}}', '{"element-id": "raw", "element-claims": {4: 560(h''42'')}}'),
	('cryptokeys', '[{1: {13: [560(h''40'')]}}]', '{"element-claims": {13: [560(h''40''), 560(h''41'')]}}', '{"element-claims": {13: [560(h''42'')]}}'),
	('serial number', '[{1: {8: "s-1"}}]', '{"element-claims": {8: "s-1"}}', '{"element-claims": {8: "s-2"}}'),
	('uuid', '[{1: {10: h''00112233445566778899aabbccddeeff''}}]', '{"element-claims": {10: h''00112233445566778899aabbccddeeff''}}', '{"element-claims": {10: h''00112233445566778899aabbccddeefe''}}'),
	('name', '[{1: {11: "n-1"}}]', '{"element-claims": {11: "n-1"}}', '{"element-claims": {11: "n-2"}}'),
	('version', '[{1: {0: {0: "1.0", 1: 1}}}]', '{"element-claims": {0: {0: "1.0", 1: 1}}}', '{"element-claims": {0: {0: "1.1", 1: 1}}}'),
	('range of integers', '[{0: "range", 1: {15: 564([1, 3])}}]', '{"element-id": "range", "element-claims": {15: 2}}', '{"element-id": "range", "element-claims": {15: 4}}'),
	('number', '[{0: "number", 1: {17: 2}}]', '{"element-id": "number", "element-claims": {17: 2.0}}', '{"element-id": "number", "element-claims": {17: 3}}'),
	('set of numbers', '[{0: "set", 1: {17: 566([2, 4])}}]', '{"element-id": "set", "element-claims": {17: 4}}', '{"element-id": "set", "element-claims": {17: 3}}'),
	('flags', '[{0: "flags", 1: {3: {0: true}}}]', '{"element-id": "flags", "element-claims": {3: {0: true, 1: false}}}', '{"element-id": "flags", "element-claims": {3: {0: false}}}'),
	('authority', '[{0: "by", 1: {3: {0: true}}, 2: [560(h''aa'')]}]', '{"element-id": "by", "element-claims": {3: {0: true}}}', '{"element-id": "by", "element-claims": {3: {1: true}}}'),
	('another authority', '[{0: "by-2", 1: {3: {0: true}}, 2: [560(h''bb''), 560(h''aa'')]}]', NULL, '{"element-id": "by-2", "element-claims": {3: {0: true}}}'),
	('two elements', '[{0: "m1", 1: {1: 1}}, {0: "m2", 1: {1: 1}}]', '{"element-id": "m1", "element-claims": {1: 1}}, {"element-id": "m2", "element-claims": {1: 1}}', '{"element-id": "m1", "element-claims": {1: 1}}, {"element-id": "m2", "element-claims": {1: 2}}');
SELECT coserv.create_store('regress_rules');
INSERT INTO regress_rules.authority (name, key, accepts_unsigned) VALUES ('one', '560(h''01'')', true);
-- each as the only condition, behind one about another environment, and as an item of a series
SELECT count(load('regress_rules', rule || ' ' || w, CASE w
		WHEN 'alone' THEN format('{10: [[[[{0: {1: "V", 2: "%s"}}, %s]], [[{0: {1: "V"}}, [{1: {11: "alone"}}]]]]]}', rule, condition)
		WHEN 'second' THEN format('{10: [[[[{0: {1: "V"}}, [{0: "always", 1: {3: {0: true}}}]], [{0: {1: "V", 2: "%s"}}, %s]], [[{0: {1: "V"}}, [{1: {11: "second"}}]]]]]}', rule, condition)
		ELSE format('{8: [[[{0: {1: "V", 2: "%s"}}, []], [[%s, [{1: {11: "added"}}]]]]]}', rule, condition)
	END)) FROM rules, (VALUES ('alone'), ('second'), ('series')) w (w);
CREATE FUNCTION compared(store text, evidence text, as_of timestamptz DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	by_index text;
	by_plan text;
BEGIN
	IF evidence IS NULL THEN
		RETURN NULL;
	END IF;
	by_index := regress_c.added(store, evidence, as_of);
	SET LOCAL coserv.direct_lookups = off;
	by_plan := regress_c.added(store, evidence, as_of);
	SET LOCAL coserv.direct_lookups = on;
	RETURN CASE WHEN by_index <> by_plan THEN 'DIFFERENT' ELSE cardinality(string_to_array(by_index, ',')) || ' added' END;
END $$;
SELECT rule, compared('regress_rules', ect('[560(h''aa'')]', format('{0: {1: "V", 2: "%s"}}', rule), meets || always)) AS meets,
	compared('regress_rules', ect('[560(h''aa'')]', format('{0: {1: "V", 2: "%s"}}', rule), misses || always)) AS misses
FROM rules, (VALUES (', {"element-id": "always", "element-claims": {3: {0: true}}}')) a (always) ORDER BY id;
-- by the index it was: what plans read through is not there
BEGIN;
ALTER FUNCTION regress_rules.triples_now(timestamptz) RENAME TO no_triples_now;
SELECT cardinality(string_to_array(added('regress_rules', ect('[560(h''aa'')]', format('{0: {1: "V", 2: "%s"}}', rule), meets)), ',')) AS added FROM rules WHERE rule = 'digest';
DROP INDEX regress_rules.triple_condition_asks;
SELECT added('regress_rules', ect('[560(h''aa'')]', format('{0: {1: "V", 2: "%s"}}', rule), meets)) FROM rules WHERE rule = 'digest';
ROLLBACK;
-- what they ask for: of a hundred digests, registers, svns or minimums a hundred things
SELECT what, count(DISTINCT (c.anchor, c.key, c.minimum)), count(DISTINCT c.anchor) AS anchors, count(DISTINCT c.key) AS keys
FROM (VALUES ('digest', '{2: [[1, h''%s'']]}'), ('register', '{14: {0: [[1, h''%s'']]}}'), ('svn', '{1: %s}'), ('minimum', '{1: 553(%s)}'), ('flags', '{3: {0: true}}')) v (what, claims),
	LATERAL coserv.triple_conditions((SELECT format('501({0: "x", 1: [506(<<{1: {0: "x"}, 4: {10: [%s]}}>>)]})', string_agg(format('[[[{0: {1: "V"}}, [{1: %s}]]], [[{0: {1: "V"}}, [{1: {11: "a"}}]]]]',
		replace(claims, '%s', (100 + i)::text || CASE WHEN what IN ('digest', 'register') THEN '0' ELSE '' END)), ', '))::coserv.corim::bytea FROM generate_series(0, 99) i)) c
GROUP BY what ORDER BY what;

-- Random ones: environments within environments, endorsements that others ask for, series, several conditions, and what is past.
CREATE FUNCTION one_of(VARIADIC texts text[]) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT texts[1 + floor(random() * cardinality(texts))::int]
$$;
CREATE FUNCTION n(below int) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT floor(random() * below)::int';
CREATE FUNCTION environment() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT one_of(format('{0: {0: 560(h''0%s'')}}', n(2)), format('{0: {0: 560(h''0%s''), 1: "V%s"}}', n(2), n(2)), format('{0: {1: "V%s"}}', n(2)),
		format('{0: {0: 560(h''0%s''), 1: "V%s"}, 1: 550(h''02000000000000000%s'')}', n(2), n(2), n(2)), format('{1: 550(h''02000000000000000%s'')}', n(2)))
$$;
CREATE FUNCTION claim() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT one_of(format('2: [[1, h''0%s'']]', n(4)), format('2: [[1, h''0%s''], [7, h''0%s'']]', n(4), n(4)), format('1: %s', n(4)), format('11: "n%s"', n(3)),
		format('4: 560(h''0%s'')', n(3)), format('14: {%s: [[1, h''0%s'']]}', n(2), n(3)), format('13: [560(h''0%s'')]', n(3)), format('8: "s%s"', n(3)))
$$;
CREATE FUNCTION wanted() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT one_of(claim(), claim(), format('1: 553(%s)', n(5)), format('3: {0: %s}', one_of('true', 'false')), format('15: 564([%s, 3])', n(3)), format('17: 566([%s, 9])', n(3)))
$$;
CREATE FUNCTION mkey() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT one_of('', '', '0: "m1", ', '0: 2, ') $$;
CREATE FUNCTION wants() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT one_of(format('[{%s1: {%s}%s}]', mkey(), wanted(), one_of('', '', ', 2: [560(h''01'')]', ', 2: [560(h''aa'')]')),
		format('[{%s1: {%s}}, {%s1: {%s}}]', mkey(), wanted(), mkey(), wanted()))
$$;
CREATE FUNCTION any_of_them() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT format('[{%s1: {%s}}]', mkey(), wanted()) $$;
CREATE FUNCTION addition() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT format('[{%s1: {%s}}]', mkey(), one_of(claim(), format('3: {0: %s}', one_of('true', 'false')))) $$;
-- of a series: they differ in their values alone
CREATE FUNCTION items(wanted text) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT string_agg(format('[[%s], %s]', format(wanted, (i * 7 + n(2)) % 4), addition()), ', ') FROM generate_series(0, n(3)) i
$$;
CREATE FUNCTION triple() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT one_of(
		format('10: [[[[%s, %s]], [[%s, %s]]], [[[%s, %s], [%s, %s]], [[%s, %s]]]]', environment(), wants(), environment(), addition(), environment(), wants(), environment(), wants(), environment(), addition()),
		format('8: [[[%s, %s%s], [%s]]]', environment(), one_of('[]', wants()), one_of('', '', ', [560(h''aa'')]'), items(one_of('{0: "m1", 1: {2: [[1, h''0%s'']]}}', '{1: {1: %s}}', '{0: 2, 1: {1: 553(%s)}}'))),
		format('8: [[[%s, []], [[%s, %s]]]]', environment(), any_of_them(), addition()),
		format('0: [[%s, %s]]', environment(), any_of_them()),
		format('1: [[%s, %s]]', environment(), addition()))
$$;
CREATE FUNCTION element() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT format('{%s"element-claims": {%s}}', one_of('', '', '"element-id": "m1", ', '"element-id": 2, '), one_of(claim(), claim(), format('3: {0: %s}', one_of('true', 'false')), format('15: %s', n(4)), format('17: %s', n(3))))
$$;
CREATE FUNCTION evidence() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT format('[%s, %s]', ect(one_of('[560(h''aa'')]', '[560(h''01'')]'), environment(), element() || ', ' || element()), ect('[560(h''aa'')]', environment(), element()))
$$;
SELECT coserv.create_store('regress_random');
INSERT INTO regress_random.authority (name, key, accepts_unsigned) VALUES ('one', '560(h''01'')', true);
SELECT count(load('regress_random', 'd-' || i, format('{%s}', triple()))) FROM generate_series(1, 150) i;
SELECT clock_timestamp() AS early \gset
SELECT count(regress_random.revoke(id, reason => 'r')) FROM (SELECT id FROM regress_random.manifest ORDER BY id LIMIT 30) m;
CREATE TABLE asked AS SELECT i AS id, evidence() AS e FROM generate_series(1, 200) i;
CREATE TABLE found AS SELECT id, compared('regress_random', e) AS now, compared('regress_random', e, :'early') AS early FROM asked;
SELECT count(*) FILTER (WHERE 'DIFFERENT' IN (now, early)) AS different, count(*) FILTER (WHERE now <> early) > 20 AS some_are_past,
	count(DISTINCT now) > 5 AS many, max(split_part(now, ' ', 1)::int) > 15 AS some_add_much FROM found;
-- the derived rows are what the documents say; one that cannot count any more leaves the index that answers now
SELECT * FROM regress_random.check();
SELECT bool_and(c.live = t.live) AS as_their_triples, count(*) FILTER (WHERE NOT c.live) > 10 AS past FROM regress_random.triple_condition c JOIN regress_random.triple t USING (manifest, ordinal);
DROP SCHEMA regress_rules, regress_random, regress_c CASCADE;
