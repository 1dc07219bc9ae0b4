-- One thing in two forms is the same thing: keys and OIDs in other encodings, versions of any size, escapes in a path. And what is not there
-- is told: a profile that nobody serves, what explain() has no entry for, the one piece of Evidence that is bad.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
SET search_path = coserv, public;
SET timezone = 'UTC';
SELECT create_store('regress_alike');
INSERT INTO regress_alike.authority (name, key, accepts_unsigned) VALUES ('acme', '560(h''00'')', true);
CREATE FUNCTION pg_temp.load(id text, triples text) RETURNS text LANGUAGE sql AS $$
	SELECT 'loaded' FROM regress_alike.load(format('501({0: "%s", 1: [506(<< {1: {0: "%1$s"}, 4: %s} >>)]})', id, triples)::coserv.corim::bytea, 'acme') $$;

-- a COSE_Key in another order, in a lax query and in documents: conditions of endorsements and of keys
\set key '558({1: 2, 3: -7, -1: 1, -2: h\'0101010101010101010101010101010101010101010101010101010101010101\', -3: h\'0202020202020202020202020202020202020202020202020202020202020202\'})'
\set other '558({-3: h\'0202020202020202020202020202020202020202020202020202020202020202\', 3: -7, 1: 2, -2: h\'0101010101010101010101010101010101010101010101010101010101010101\', -1: 1})'
SELECT pg_temp.load('lax', format('{10: [[[[{0: {1: "LAX"}}, [{1: {1: 1}, 2: [%s]}]]], [[{0: {1: "LAX"}}, [{1: {11: "e"}}]]]]], 3: [[{0: {1: "LAX"}}, [554("k")], {1: [%s]}]]}', :'other', :'key'));
SET coserv.lax_queries = on;
SELECT k.what, q.artifact, count(kind) FROM (VALUES ('as it is', :'key'), ('in another order', :'other')) k(what, key), (VALUES (0), (1)) q(artifact),
	LATERAL regress_alike.quads(format('{0: "tag:example.com,2026:x", 1: {0: %s, 1: {0: [[{1: "LAX"}, [{1: {1: 1}, 2: [%s]}]]]}, 2: 0}}', q.artifact, k.key)::coserv.coserv)
	GROUP BY 1, 2 ORDER BY 1, 2;
RESET coserv.lax_queries;

-- an OID as mkey with the DER header and without it: in appraisals, in queries, as values, and looked up
SELECT pg_temp.load('oid', '{0: [[{0: {1: "OID"}}, [{0: 111(h''06032a0304''), 1: {1: 1}}]]]}');
CREATE FUNCTION pg_temp.tried(vendor text, element text) RETURNS TABLE (kind smallint, matched boolean, path text, reason text) LANGUAGE sql AS $$
	SELECT kind, matched, path, reason FROM regress_alike.explain(format('{"environment": {0: {1: "%s"}}, "element-list": [%s], "authority": [560(h''01'')], "cmtype": 2}', vendor, element)::coserv.cbor) $$;
SELECT * FROM pg_temp.tried('OID', '{"element-id": 111(h''2a0304''), "element-claims": {1: 1}}');
SELECT * FROM pg_temp.tried('OID', '{"element-id": 111(h''06032a0304''), "element-claims": {1: 1}}');
SELECT * FROM pg_temp.tried('OID', '{"element-id": 111(h''2a0305''), "element-claims": {1: 1}}');
SELECT count(*) FROM regress_alike.quads('{0: "tag:example.com,2026:x", 1: {0: 2, 1: {0: [[{1: "OID"}, [{0: 111(h''2a0304''), 1: {1: 1}}]]]}, 2: 0}}');
SELECT '{0: 111(h''06032a0304''), 1: {1: 1}}'::measurement @> '{0: 111(h''2a0304''), 1: {1: 1}}' AS der, '{0: 111(h''2a0304''), 1: {1: 1}}'::measurement @> '{0: 111(h''06032a0304''), 1: {1: 1}}' AS plain,
	'{0: 111(h''2a0305''), 1: {1: 1}}'::measurement @> '{0: 111(h''06032a0304''), 1: {1: 1}}' AS another;
SELECT count(*) FROM regress_alike.vouchers_of('{0: 111(h''2a0304''), 1: {1: 1}}');

-- tag-version and pid of a CoSWID are integers of any size, negative ones too, and the highest version counts
CREATE FUNCTION pg_temp.software(id text, version text, more text DEFAULT '') RETURNS text LANGUAGE sql AS $$
	SELECT 'loaded' FROM regress_alike.load(format('501({0: "%s", 1: [505(<< {0: "software", 12: %s, 1: "%1$s", 13: "1", 2: {31: "ACME", 33: [1]}%3$s} >>)]})', id, version, more)::coserv.corim::bytea, 'acme') $$;
SELECT pg_temp.software('bignum', '18446744073709551617');
SELECT pg_temp.software('largest', '18446744073709551615');
SELECT pg_temp.software('negative', '-3', ', 3: {35: 1(0), 18: {27: "p", 28: 18446744073709551617}}');
SELECT pg_temp.software('very negative', '-18446744073709551617');
SELECT pg_temp.software('none', '"1"');
SELECT pg_temp.software('too large', '2(h''01' || repeat('00', 64) || ''')');
SELECT m.corim_id, t.tag_version FROM regress_alike.tag t JOIN regress_alike.manifest m ON m.id = t.manifest WHERE t.tag_id = 'software' ORDER BY 2;
SELECT severity, message FROM inspect('501({0: "two", 1: [505(<< {0: "s", 12: 18446744073709551617, 1: "n", 13: "1", 2: {31: "A", 33: [1]}} >>), 505(<< {0: "s", 12: 18446744073709551616, 1: "n", 13: "1", 2: {31: "A", 33: [1]}} >>)]})'::corim::bytea) WHERE message LIKE 'another%';

-- %2D in a path is "-": the same query, the same answer
SELECT pg_temp.load('http', '{0: [[{0: {1: "H~?"}}, [{1: {11: "x"}}]]]}');
\set query '{0: "tag:example.com,2026:x", 1: {0: 2, 1: {0: [[{1: "H~?"}]]}, 2: 0}}'
SELECT rtrim(translate(replace(encode(:'query'::coserv.coserv::bytea, 'base64'), E'\n', ''), '+/', '-_'), '=') AS path \gset
SELECT :'path' LIKE '%-%' AS has_one;
CREATE FUNCTION pg_temp.get(path text) RETURNS TABLE (status integer, body text) LANGUAGE sql AS $$
	SELECT status, CASE WHEN status = 200 THEN md5(body) ELSE convert_from(substr(body, 1), 'LATIN1') END FROM regress_alike.http('GET', path, '{}') $$;
SELECT a.status, a.body = b.body AS same FROM pg_temp.get('/coserv/' || :'path') a, pg_temp.get('/coserv/' || replace(:'path', '-', '%2D')) b;
SELECT a.status, a.body = b.body AS same FROM pg_temp.get('/coserv/' || :'path') a, pg_temp.get('/%63oserv/' || replace(:'path', '-', '%2d')) b;
SELECT status FROM pg_temp.get('/coserv/' || :'path' || '%2D');
SELECT status FROM pg_temp.get('/coserv/' || :'path' || '%2F');
SELECT status FROM pg_temp.get('/coserv/' || :'path' || '%2');
SELECT status FROM pg_temp.get('/coserv/' || :'path' || '%');

-- a profile that nobody serves, where there are documents without one: 406; what they have is answered all the same
SELECT rtrim(translate(replace(encode('{0: "tag:example.com,2026:x", 1: {0: 2, 1: {0: [[{1: "nobody"}]]}, 2: 0}}'::coserv.coserv::bytea, 'base64'), E'\n', ''), '+/', '-_'), '=') AS path \gset
SELECT status FROM pg_temp.get('/coserv/' || :'path');
SELECT 'loaded' FROM regress_alike.load('501({0: "x", 1: [506(<< {1: {0: "x"}, 4: {0: [[{0: {1: "X"}}, [{1: {1: 1}}]]]}} >>)], 3: 32("tag:example.com,2026:x")})'::corim::bytea, 'acme');
SELECT status FROM pg_temp.get('/coserv/' || :'path');

-- explain() says what it found nothing of: an environment that only an endorsement speaks of is no Evidence
SELECT pg_temp.load('cm', '{10: [[[[{0: {1: "CM"}}, [{1: {1: 1}}]]], [[{0: {1: "CM2"}}, [{1: {11: "endorsed"}}]]]]], 0: [[{0: {1: "CM2"}}, [{1: {11: "endorsed"}}]]]}');
SELECT * FROM pg_temp.tried('CM', '{"element-claims": {1: 1}}');
SELECT count(*) FROM pg_temp.tried('CM', '{"element-claims": {1: 2}}') WHERE NOT matched AND (path IS NULL OR path = '' OR reason IS NULL);

-- one bad ECT among good ones is an error that names it
SELECT ect FROM regress_alike.appraise('[{"environment": {0: {1: "OID"}}, "element-list": [{"element-claims": {1: 1}}], "authority": [560(h''01'')], "cmtype": 2}, {"environment": {0: {1: "OID"}}, "element-list": [{"element-claims": {1: "bad"}}], "authority": [560(h''01'')], "cmtype": 2}]');
\set VERBOSITY default
SELECT ect FROM regress_alike.appraise('[{"environment": {0: {1: "OID"}}, "element-list": [{"element-claims": {1: 1}}], "authority": [560(h''01'')], "cmtype": 2}, {"environment": {0: {1: "OID"}}, "element-list": [{"element-claims": {18: 566(["a", "b"])}}], "authority": [560(h''01'')], "cmtype": 2}]');
SELECT drop_store('regress_alike');
