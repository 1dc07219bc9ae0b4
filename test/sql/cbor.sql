-- The type cbor: input and output, errors, casts, comparison, parts.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
RESET client_min_messages;
SET search_path = coserv, public;

-- EDN and hexadecimal go in; EDN that parses back to the same bytes comes out
CREATE TABLE cbor_round (id int GENERATED ALWAYS AS IDENTITY, given text, c cbor);
INSERT INTO cbor_round (given, c) SELECT t, t::cbor FROM unnest(ARRAY[
	'0', '-1', '18446744073709551615', '-18446744073709551616', '"text"', '"ünï\u0000\n\"\\"', '""', 'h''''', 'h''00ff''', '''bytes''',
	'[]', '[1, [2, [3]]]', '{}', '{1: 2, "a": h''01'', [1]: {}}', 'true', 'false', 'null', 'undefined', 'simple(99)',
	'1.5', '-0.0', 'NaN', 'Infinity', '-Infinity', '1.1', '100000.0', '1(1700000000)', '24(<<[1, 2]>>)', '[_ 1, 2]', '{_ 1: 2}', '(_ h''01'', h''02'')',
	'(_ "a", "b")', '\x1800', '\x190001', '\x1a00000001', '\x1b0000000000000001', '\x5800', '\x7a0000000161', '\x980101', '\xb8010102', '\xd81801',
	'\xf97e00', '\xf97e01', '\xfa7fc00000', '\xfb7ff8000000000001', '\xfa3fc00000', '\xd28440a0f640', '\xc2420100',
	'\x9fff', '\xbfff', '\x5fff', '\x7f6161ff', '\xf820'
]) t;
SELECT given, c FROM cbor_round ORDER BY id;
SELECT given FROM cbor_round WHERE c::text::cbor::bytea <> c::bytea OR c::bytea::cbor::bytea <> c::bytea OR cbor_send(c) <> c::bytea;
SELECT count(*) FROM cbor_round WHERE cbor_pretty(c)::cbor::bytea = c::bytea AND cbor_diag(c) = c::text;

-- binary in and out is the CBOR itself
\getenv build PG_ABS_BUILDDIR
\set file :build '/results/cbor.bin'
CREATE TABLE cbor_back (id int GENERATED ALWAYS AS IDENTITY, c cbor);
COPY (SELECT c FROM cbor_round ORDER BY id) TO STDOUT (FORMAT binary) \g :file
\set copy_back '\\copy cbor_back (c) FROM ' :'file' ' (FORMAT binary)'
:copy_back
SELECT count(*), bool_and(a.c::bytea = b.c::bytea) FROM cbor_round a JOIN cbor_back b USING (id);

-- errors say where, what and what to do
SELECT '{1: "a", 2: }'::cbor;
\echo :LAST_ERROR_SQLSTATE
SELECT '[1, 2'::cbor;
SELECT '1 2'::cbor;
SELECT ''::cbor;
SELECT 'ü ü'::cbor;
SELECT '\x1'::cbor;
SELECT '\x0g'::cbor;
SELECT '\x'::cbor;
SELECT '\xa1'::cbor;
SELECT '\x0000'::cbor;
SELECT '\x61ff'::cbor;
SELECT '\x1c'::cbor;
SELECT '\x5b7fffffffffffffff'::cbor;
SELECT '\x9b7fffffffffffffff'::cbor;
SELECT '\xa101'::bytea::cbor;
\echo :LAST_ERROR_SQLSTATE
SELECT (repeat('[', 66) || repeat(']', 66))::cbor;
\echo :LAST_ERROR_SQLSTATE
SET coserv.max_depth = 100;
SELECT cbor_typeof((repeat('[', 66) || repeat(']', 66))::cbor);
RESET coserv.max_depth;
SET coserv.max_document_size = '1kB';
SELECT ('h''' || repeat('00', 1100) || '''')::cbor;
SELECT convert_to(repeat('a', 1100), 'UTF8')::cbor;
\echo :LAST_ERROR_SQLSTATE
-- a value that was made before stays usable
SELECT cbor_typeof(c) FROM (SELECT c FROM cbor_round WHERE given = '[]') s;
RESET coserv.max_document_size;

-- equality is that of deterministic encodings
SELECT a, b, a = b AS eq, a <> b AS ne, a < b AS lt, a <= b AS le, a > b AS gt, a >= b AS ge, cbor_cmp(a, b) = 0 AS same,
	cbor_hash(a) = cbor_hash(b) AS hash, cbor_hash_extended(a, 7) = cbor_hash_extended(b, 7) AS hash7
FROM (VALUES
	('\x1800'::cbor, '0'::cbor), ('[_ 1]', '[1]'), ('{2: 1, 1: 2}', '{1: 2, 2: 1}'), ('\xfb3ff8000000000000', '1.5'), ('1', '1.0'), ('1', '"1"'),
	('1', '2'), ('"b"', '"a"'), ('2(h''01'')', '1'), ('(_ "a", "b")', '"ab"')) v (a, b);
-- an item with a duplicate key equals only itself
SELECT '{1: 2, 1: 3}'::cbor = '{1: 2, 1: 3}', '{1: 2, 1: 3}'::cbor = '{1: 3, 1: 2}', '{1: 2, 1: 2}'::cbor = '{1: 2}';
SELECT c, count(*) FROM unnest(ARRAY['{2: 1, 1: 2}', '{1: 2, 2: 1}', '\x1800', '0', '[]']::cbor[]) c GROUP BY c ORDER BY c;
CREATE INDEX cbor_round_btree ON cbor_round (c);
CREATE INDEX cbor_round_hash ON cbor_round USING hash (c);
SET enable_seqscan = off;
SELECT given FROM cbor_round WHERE c = '\x1800' ORDER BY id;
RESET enable_seqscan;

SELECT is_deterministic('{1: 2, 2: 1}'), is_deterministic('{2: 1, 1: 2}'), is_deterministic('\x1800'), is_deterministic('{1: 1, 1: 1}'), is_deterministic('[_ ]');
SELECT deterministic('{2: [_ 1, 1.5_3], 1: "a"}'), deterministic('\x1818');
SELECT deterministic('{1: 1, 1: 2}');

-- containment
SELECT l, r, l::cbor @> r::cbor AS "@>", r::cbor <@ l::cbor AS "<@" FROM (VALUES
	('{1: 2, 3: 4}', '{3: 4}'), ('{1: 2, 3: 4}', '{3: 5}'), ('{1: 2}', '{}'), ('{1: {2: 3, 4: 5}}', '{1: {4: 5}}'), ('{1: {2: 3, 4: 5}}', '{4: 5}'),
	('[1, 2, 3]', '[3, 1, 1]'), ('[1, 2]', '[4]'), ('[1, [2, 3]]', '[[3]]'), ('[1]', '1'), ('1', '1'), ('\x1801', '1'),
	('1({1: 2})', '1({})'), ('1({1: 2})', '2({})'), ('{"a": [1, {"b": 2}]}', '{"a": [{"b": 2}]}'), ('{}', '{1: 2}'), ('{1: 2, 1: 2}', '{1: 2}'),
	('{1: 2, 1: 2}', '{1: 2, 1: 2}')) v (l, r);

-- parts
SELECT c -> 0 AS "0", c -> -1 AS "-1", c -> 2 AS "2", c -> 'x' AS x FROM (SELECT '[7, "x"]'::cbor AS c) s;
SELECT c -> 1, c ->> 1, c -> 'a', c ->> 'a', c -> 'b', c ->> 'b', c ->> 'u', c ->> 'h', c -> 9 FROM
	(SELECT '99({1: "one", "a": [1, "x"], "b": null, "u": undefined, "h": h''0102''})'::cbor AS c) s;
SELECT c #> '[1, 0, "k"]', c #>> '[1, 0, "k", h''00'']', c #>> '[[1, 2]]', c #> '[]' = c, c #> '[1, 5]', c #> '[h''ff'']' FROM
	(SELECT '501({1: [506({"k": {h''00'': "deep"}})], [1, 2]: true})'::cbor AS c) s;
SELECT '{1: 2}'::cbor #> '1';
SELECT '{1: 2}'::cbor -> NULL::bigint, '\xa1180102'::cbor -> 1, '{1: 2, 1: 3}'::cbor -> 1, '5'::cbor -> 0;
SELECT '["a\u0000b"]'::cbor ->> 0;
\echo :LAST_ERROR_SQLSTATE
SELECT cbor_embedded('506(<<{1: 2}>>)'), cbor_embedded('1');
SELECT cbor_embedded('h''a1''');
SELECT c, cbor_typeof(c), cbor_tag(c) FROM unnest(ARRAY['1', '-1', '"a"', 'h''''', '[]', '{}', '18446744073709551615(1)', '1.0', 'true', 'null', 'undefined', 'simple(5)']::cbor[]) c;
SELECT * FROM cbor_each('55({1: 2, "a": [1, 2], 1: 3})');
SELECT * FROM cbor_each('[]');
SELECT * FROM cbor_array_elements('[_ 1, "a", {}]') WITH ORDINALITY;
SELECT cbor_array_elements('{}');
SELECT cbor_pretty('{1: [1, {}], "a": 501({2: h''00''})}');
SELECT describe('{0: {1: "ACME"}}'::cbor, 'environment-map');
SELECT describe('{0: 1}'::cbor, 'no-such-rule');
SELECT describe('{"no": "standard"}'::cbor);

-- JSON (RFC 8949 section 6)
SELECT '{"a": [1, -3, 1.5, 1.0, null, true, "x\n\"é"], "b": {}}'::jsonb::cbor;
SELECT '[18446744073709551615, 18446744073709551616, -18446744073709551616, -18446744073709551617, -1, 0, 1e20, 0.1, 1e-400]'::jsonb::cbor;
SELECT '"scalar"'::jsonb::cbor, 'null'::jsonb::cbor, '5'::jsonb::cbor;
SELECT '{1: h''0102'', -5: 22(h''0102fe''), "x": 23(h''ff0f''), h''00ff'': undefined, [1, "k"]: NaN}'::cbor::jsonb;
SELECT '["~", 3(h''010000000000000000''), 2(h''ff''), 1(5), simple(9), Infinity, 1.5, -18446744073709551616, 18446744073709551615, "q\"\\\u0001"]'::cbor::jsonb;
\set VERBOSITY terse
SELECT '"a\u0000"'::cbor::jsonb;
-- as PostgreSQL itself reads that JSON: escapes, numbers, the order of keys, and the last of equal ones
SELECT json, json::cbor::jsonb = json::jsonb AS same FROM unnest(ARRAY['["a\"b\\\\c\n\t\u0001\u001f/é€😀", "\"", "\\\\", ""]', '[]', '{}', '[[], {}, [{}]]', '"x"', '7', 'true', 'null',
	'[0, -1, 18446744073709551615, 0.5, -2.5]', '{"bb": 1, "a": {"z": [], "y": null}, "": 2, "ccc": 3, "ab": false}']) json;
SELECT '{1: "integer", "1": "text", "0": 0}'::cbor::jsonb;
\set VERBOSITY default
SELECT j FROM unnest(ARRAY['[]', '{}', '{"a": {"b": [1, 2, {"c": null}]}}', '[0.5, "é", [[[]]]]']::jsonb[]) j WHERE j::cbor::jsonb <> j;

-- no implicit casts
\set VERBOSITY terse
SELECT '1'::cbor || '\x00'::bytea;
\set VERBOSITY default
DROP TABLE cbor_round, cbor_back;
