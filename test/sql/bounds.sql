-- What grows with the square of its input, or with the number of authorities, has a bound that a setting moves and an error that names it;
-- what an index of some kind can find is found by it, so that the bound is not met. bench/growth measures the rest.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
SET search_path = pg_catalog, coserv, pg_temp;
\getenv srcdir PG_ABS_SRCDIR
\set acme_key `cat :'srcdir'/data/acme.key`
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set certifier_pub `cat :'srcdir'/data/certifier.pub`

-- arrays in cbor: what is equal is looked up; only what is inside elements is compared with each
CREATE FUNCTION pg_temp.array_of(element text, n int, step int DEFAULT 1) RETURNS cbor LANGUAGE sql AS $$
	SELECT ('[' || string_agg(replace(element, '$', i::text), ', ' ORDER BY i * step) || ']')::cbor FROM generate_series(1, n) i $$;
SET coserv.max_items = 40000;
SELECT pg_temp.array_of('$', 8000) @> pg_temp.array_of('$', 8000, -1) AS numbers, pg_temp.array_of('$', 8000) @> pg_temp.array_of('$', 8001) AS one_more,
	pg_temp.array_of('[$, {"a": $}]', 4000) @> pg_temp.array_of('[$, {"a": $}]', 4000, -1) AS equal_ones;
SELECT pg_temp.array_of('{"a": $, "b": 1}', 100) @> pg_temp.array_of('{"a": $}', 100) AS inside, pg_temp.array_of('[$, 1]', 20) @> pg_temp.array_of('[1, $, $]', 20, -1) AS sets,
	pg_temp.array_of('1($)', 20) @> pg_temp.array_of('1($)', 20, -1) AS tags, pg_temp.array_of('{"a": $}', 20) @> pg_temp.array_of('{"a": $, "b": 1}', 20) AS too_much;
SELECT pg_temp.array_of('{"a": $, "b": 1}', 1000) @> pg_temp.array_of('{"a": $}', 1000);
RESET coserv.max_items;

-- an authority that the document names is found among any number; others are tried up to the setting
SELECT coserv.create_store('regress_bounds') \g /dev/null
INSERT INTO regress_bounds.authority (name, key) SELECT format('a%s', i), format('557([1, h''%s''])', encode(sha256(i::text::bytea), 'hex'))::cbor::crypto_key FROM generate_series(1, 200) i;
INSERT INTO regress_bounds.authority (name, key) VALUES ('z', :'acme_pub');
CREATE FUNCTION pg_temp.unsigned(id text) RETURNS corim LANGUAGE sql AS $$
	SELECT format('501({0: "%s", 1: [506(<<{1: {0: "%s"}, 4: {0: [[{0: {1: "V"}}, [{0: 7, 1: {1: 1}}]]]}}>>)]})', id, id)::corim $$;
SET coserv.max_authorities_tried = 20;
CREATE TEMP TABLE loaded AS SELECT 'by the name of the signer' AS how, regress_bounds.load(coserv.sign(pg_temp.unsigned('name'), :'acme_key', 'z')::bytea) AS id;
INSERT INTO loaded SELECT 'by who loads', regress_bounds.load(coserv.sign(pg_temp.unsigned('argument'), :'acme_key', 'nobody')::bytea, 'z');
INSERT INTO loaded SELECT 'by the SHA-256 of the key', regress_bounds.load(coserv.sign(pg_temp.unsigned('digest'), :'acme_key', 'nobody', kid =>
	sha256(decode(replace(split_part(split_part(:'acme_pub', '-----', 3), '-----', 1), E'\n', ''), 'base64')))::bytea);
SELECT how, m.authority FROM loaded JOIN regress_bounds.manifest m USING (id) ORDER BY how;
SELECT regress_bounds.load(coserv.sign(pg_temp.unsigned('limit'), :'acme_key', 'nobody')::bytea);
SET coserv.max_authorities_tried = 1000;
SELECT regress_bounds.load(coserv.sign(pg_temp.unsigned('more'), :'acme_key', 'nobody')::bytea) IS NOT NULL AS more;
SELECT m.authority FROM regress_bounds.manifest m WHERE corim_id = 'more';
RESET coserv.max_authorities_tried;

-- a scope of many environments, each triple inside one of them or in none
INSERT INTO regress_bounds.authority (name, key, environments, accepts_unsigned) SELECT 'scoped', :'certifier_pub',
	array_agg(format(CASE i % 4 WHEN 0 THEN '{0: {1: "V", 2: "M%s"}}' WHEN 1 THEN '{1: 560(h''%2$s'')}' WHEN 2 THEN '{0: {0: 560(h''%2$s'')}}' ELSE '{0: {1: "V%1$s"}}' END, i, lpad(to_hex(i), 8, '0'))::environment), true
	FROM generate_series(1, 2000) i;
CREATE FUNCTION pg_temp.stating(id text, environments text) RETURNS bytea LANGUAGE sql AS $$
	SELECT format('501({0: "%s", 1: [506(<<{1: {0: "%s"}, 4: {0: [%s]}}>>)]})', id, id, environments)::corim::bytea $$;
SELECT regress_bounds.load(pg_temp.stating('inside', (SELECT string_agg(format('[{0: {0: 560(h''%s''), 1: "V%s", 2: "M%s", 3: 1}}, [{1: {1: 1}}]]', lpad(to_hex(i), 8, '0'), i, i), ', ') FROM generate_series(1, 2000) i WHERE i % 4 IN (2, 3))), 'scoped') IS NOT NULL AS inside;
SELECT regress_bounds.load(pg_temp.stating(id, environment), 'scoped') IS NOT NULL AS inside FROM (VALUES
	('m', '[{0: {1: "V", 2: "M4", 4: 7}, 2: 560(h''00'')}, [{1: {1: 1}}]]'), ('i', '[{0: {1: "X"}, 1: 560(h''00000001'')}, [{1: {1: 1}}]]')) v(id, environment);
SELECT regress_bounds.load(pg_temp.stating('other vendor', '[{0: {1: "W", 2: "M4"}}, [{1: {1: 1}}]]'), 'scoped');
SELECT regress_bounds.load(pg_temp.stating('vendor alone', '[{0: {1: "V"}}, [{1: {1: 1}}]]'), 'scoped');

-- conflicts: equal values are looked up; those that have no equal are compared with each of the other's
INSERT INTO regress_bounds.authority (name, key, accepts_unsigned) SELECT n, format('557([1, h''%s''])', encode(sha256(n::bytea), 'hex'))::coserv.cbor::coserv.crypto_key, true FROM unnest(ARRAY['c1', 'c2']) n;
SELECT count(regress_bounds.load(pg_temp.stating(who || i, format('[{0: {1: "C"}}, [{0: 7, 1: {1: %s}}, {0: 8, 1: {11: "v%s"}}]]', CASE who WHEN 'c1' THEN i ELSE -i END + 1000, i)), who))
FROM unnest(ARRAY['c1', 'c2']) who, generate_series(1, 40) i;
SELECT conflict, mkey, codepoint, count(*) FROM regress_bounds.conflicts() GROUP BY 1, 2, 3;
SET coserv.max_items = 1500;
SELECT count(*) FROM regress_bounds.conflicts();
RESET coserv.max_items;
SELECT coserv.drop_store('regress_bounds');

-- what a bulk load reads of the tags that are there does not grow with their number, even by a plan that was made when there were none
SELECT coserv.create_store('regress_bulk');
INSERT INTO regress_bulk.authority (name, key, accepts_unsigned) VALUES ('bulk', :'certifier_pub', true);
VACUUM regress_bulk.tag;
BEGIN;
SELECT count(regress_bulk.load(pg_temp.stating('b' || i, '[{0: {1: "V"}}, [{1: {1: 1}}]]'), 'bulk')) FROM generate_series(1, 200) i;
SELECT seq_tup_read + idx_tup_fetch < 200 * 10 AS few FROM pg_stat_xact_user_tables WHERE relid = 'regress_bulk.tag'::regclass;
COMMIT;
SELECT coserv.drop_store('regress_bulk');
