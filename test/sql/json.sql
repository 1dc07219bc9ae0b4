-- Documents and their parts as JSON with the standards' names, and back.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
RESET client_min_messages;
SET search_path = coserv, public;

-- parts
SELECT '{0: {0: 37(h''31fb5abf023e4992aa4e95f9c1503bfa''), 1: "ACME", 3: 7}, 1: 550(h''02deadbeefdead'')}'::environment::jsonb;
SELECT '{"class": {"vendor": "ACME", "class-id": {"type": "oid", "value": "1.3.6.1.4.1"}}}'::jsonb::environment;
SELECT '{0: 3, 1: {1: 553(2), 2: [[1, h''00ff'']], 3: {3: false}}, 2: [560(h''01'')]}'::measurement::jsonb;
SELECT measurement('{"mkey": "fw", "mval": {"svn": 3, "int-range": {"type": "int-range", "value": {"min": null, "max": -18446744073709551616}}}}'::jsonb);

-- what has no name, and what JSON cannot say
SELECT '{1: {100: [NaN, 1.0, 0.1, 2(h''010000000000000000''), "a\u0000b", undefined], "x": h''01'', -77: 60010([0, 5])}}'::measurement::jsonb AS j \gset
SELECT jsonb_pretty(:'j'::jsonb -> 'mval');
SELECT :'j'::jsonb::measurement;

-- a document: plain SQL over it, and back
SELECT '501({0: "acme-fw", 1: [506(<<{1: {0: h''31fb5abf023e4992aa4e95f9c1503bfa'', 1: 2},
	4: {0: [[{0: {1: "ACME"}}, [{1: {1: 552(2)}}, {0: 1, 1: {2: [[1, h''aa'']]}}]]]}}>>)], 3: 32("tag:acme.example,2026:p"), 4: {1: 1(1798761600)}})'::corim AS c \gset
SELECT jsonb_pretty(:'c'::corim::jsonb);
SELECT :'c'::corim::jsonb::corim = :'c'::corim AS same;
SELECT (:'c'::corim::jsonb #>> '{rim-validity,not-after}')::timestamptz AT TIME ZONE 'UTC' AS not_after;
SELECT jsonb_path_query(:'c'::corim::jsonb, '$.tags[*].value.triples."reference-triples"[*]."ref-claims"[*].mval.digests[*].val');
SELECT jsonb_set(:'c'::corim::jsonb, '{tags,0,value,tag-identity,tag-version}', '3')::corim;

-- signed documents come back byte for byte, in whatever encoding they were signed
WITH s (c) AS (VALUES
	('18([<<{1: -7, 3: "application/rim+cbor", 8: <<{0: {0: "ACME"}}>>}>>, {}, <<501({0: "id", 1: [60000(h'''')]})>>, h''face''])'::corim),
	('18([<<{3: "application/rim+cbor", 1: -7, 8: <<{_ 0: {0: "ACME"}}>>}>>, {}, <<501_1({1: [60000(h'''')], 0: "id"})>>, h''face''])'),
	('18([_ <<{1: -7, 3: "application/rim+cbor", 8: <<{0: {0: "ACME"}}>>}>>, {"b": 1, 4: h''''}, null, h''face''_1])'))
SELECT c::jsonb, c::jsonb::corim = c AS same FROM s;

-- CoSERV
SELECT '{0: "tag:acme.example,2026:p", 1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 0}}'::coserv::jsonb;
SELECT '{"profile": "p", "query": {"artifact-type": "trust-anchors", "environment-selector": {"instance": [{"instance": {"type": "ueid", "value": "02deadbeefdead"}}]}, "result-type": "both"}}'::jsonb::coserv;

-- a document's profile: its members' names, values by its rules, names of measurement keys
SELECT '501({0: "acme-tdx", 1: [506(<<{1: {0: "t"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {-70: 5, -73: 60010([2, 6]), -84: 60020([6, [[1, h''aa'']]])}}]]]}}>>)], 3: 111(h''6086480186f84d011001'')})'::corim AS c \gset
SELECT jsonb_path_query(:'c'::corim::jsonb, '$.tags[*].value.triples."reference-triples"[*]."ref-claims"[*].mval') AS mval;
SELECT jsonb_path_query(:'c'::corim::jsonb, 'strict $.**."tee.isvsvn".value."reference-value"') AS isvsvn;
SELECT :'c'::corim::jsonb::corim = :'c'::corim AS same;
SELECT replace(:'c'::corim::jsonb::text, '"reference-value": 6', '"reference-value": 7')::jsonb::corim;
SELECT '{0: "tag:amd.com,2025:snp-corim-profile", 1: {0: 2, 1: {0: [[{1: "AMD"}, [{0: 641, 1: {4: 560(h''00'')}}]]]}, 2: 0}}'::coserv AS q \gset
SELECT :'q'::coserv::jsonb #> '{query,environment-selector,class,0,measurements,0}' AS measurement, :'q'::coserv::jsonb::coserv = :'q'::coserv AS same;
SELECT '{1: {-73: 60010([2, 6])}}'::measurement::jsonb AS without;

-- any item by its rule; to_jsonb() and its kin know the types
SELECT cbor_to_jsonb('[{0: {1: "ACME"}}, [{1: {1: 2}}]]', 'reference-triple-record');
SELECT cbor('{"alg": 1, "val": "aa"}'::jsonb, 'digest');
SELECT cbor_to_jsonb('1', 'no-such-rule');
SELECT to_jsonb(r), row_to_json(r) FROM (SELECT 1 AS id, '{0: {1: "ACME"}}'::environment AS environment) r;
SELECT '{1: {11: "n", 1: 2}}'::measurement::json;

-- refused, with the place
\set VERBOSITY default
SELECT '{"class": {"vendro": "ACME"}}'::jsonb::environment;
\echo :LAST_ERROR_SQLSTATE
SELECT '{"class": {"layer": "one"}}'::jsonb::environment;
SELECT '{"class": {}}'::jsonb::environment;
SELECT '{"instance": {"type": "uiud", "value": "00"}}'::jsonb::environment;
SELECT '{"instance": {"type": "uuid", "value": "31fb5abf"}}'::jsonb::environment;
SELECT '{"instance": {"cbor": "37(h''3"}}'::jsonb::environment;
SELECT '{"id": "x", "tags": [{"type": "concise-mid-tag", "value": {"tag-identity": {"tag-id": 1}}}]}'::jsonb::corim;
SELECT '{"id": "x", "tags": []}'::jsonb::corim;
SELECT '{"id": "x", "tags": [{"type": "concise-mid-tag", "value": {"tag-identity": {"tag-id": "y"}, "triples": {}, "encoded": "a0"}}]}'::jsonb::corim;
SELECT '[]'::jsonb::coserv;
SELECT '{"mval": {"tee.isvsvn": 1}}'::jsonb::measurement;
SELECT replace(:'c'::corim::jsonb::text, '"ge"', '"about"')::jsonb::corim;
SET coserv.accept_legacy = off;
SELECT '{"type": "corim-map", "legacy": "untagged-corim-map", "value": {"id": "x", "tags": [{"type": 60000, "value": 1}]}}'::jsonb::corim;
\echo :LAST_ERROR_SQLSTATE
RESET coserv.accept_legacy;
SET coserv.max_depth = 8;
SELECT ('{"class": {"vendor": {"cbor": "' || repeat('[', 20) || repeat(']', 20) || '"}}}')::jsonb::environment;
\echo :LAST_ERROR_SQLSTATE
RESET coserv.max_depth;
