-- Profiles: names that are built in, in annotated notation; and a user's own, with SQL and no C: names, and rules of comparison in appraisals.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
SET search_path = coserv, public;
SET timezone = 'UTC';

-- what is built in
SELECT profile, count(DISTINCT id) AS ids, count(DISTINCT name) AS names, count(DISTINCT name) FILTER (WHERE comparison IS NOT NULL) AS compared,
	min(source) AS source FROM profiles() GROUP BY 1 ORDER BY 1;
SELECT codepoint, name, comparison FROM profiles() WHERE profile IN ('poe', 'psa', 'azure', 'ocp-safe-sfr') GROUP BY 1, 2, 3 ORDER BY 1 DESC;

-- describe speaks each profile's language
SELECT describe('501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {-70: "Intel", -73: 60010([2, 6]), -88: 60021([6, ["UpToDate"]]), -84: 60020([7, [[1, h''aa'']]])}}]]]}} >>)], 3: 111(h''6086480186f84d011001'')})'::corim);
SELECT describe('501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {0: 111(h''2b060104019c780301'')}}, [{0: 641, 1: {2: [[7, h''aa'']]}}, {0: 9999, 1: {0: {0: "1.2.3", 1: 16384}}}]]]}} >>)], 3: 32("tag:amd.com,2025:snp-corim-profile")})'::corim);
SELECT describe('501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {-1: {0: "1.1", 1: "1.2", 2: 1(1687651200), 3: 1, 5: [{0: "title", 1: "text", 2: {0: "7.9", 1: "AV:L"}}]}}}]]]}} >>)], 3: 111(h''2b0601040182f4170101'')})'::corim);
SELECT describe('501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {0: [[{1: 37(h''00112233445566778899aabbccddeeff'')}, [{0: 7, 1: {2: [[1, h''aa'']]}}]]]}} >>)], 3: "http://enacttrust.com/veraison/1.0.0"})'::corim);
-- a signed one, and a CoSERV query: the profile is theirs
SELECT describe('18([<< {1: -7, 3: "application/rim+cbor", 15: {1: "csp.example"}} >>, {}, << 501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {10: [[[[{0: {1: "V"}}, [{1: {-101: h''00112233445566778899aabbccddeeff''}}]]], [[{0: {1: "V"}}, [{1: {-401: "csp.example"}}]]]]]}} >>)], 3: 32("tag:intel.com,2026:tee.poe#1.0")}) >>, h''00''])'::corim);
SELECT describe('{0: "tag:arm.com,2025:psa#1.0.0", 1: {0: 2, 1: {0: [[{1: "V"}, [{1: {100: "1234567890123 - 12345"}}]]]}, 2: 0}}'::coserv);
-- without its profile a codepoint has no name
SELECT describe('501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{0: 641, 1: {-70: "Intel"}}]]]}} >>)]})'::corim) LIKE '%tee.vendor%';

-- a user's own
SELECT create_store('regress_profile');
INSERT INTO regress_profile.authority (name, key, accepts_unsigned) VALUES ('acme', '560(h''00'')', true);
CREATE FUNCTION pg_temp.evidence(mval text) RETURNS cbor LANGUAGE sql AS $$
	SELECT ('{"environment": {0: {1: "ACME"}}, "element-list": [{"element-claims": ' || mval || '}], "authority": [560(h''01'')], "cmtype": 2}')::coserv.cbor $$;
CREATE FUNCTION pg_temp.tried(mval text, at timestamptz DEFAULT now()) RETURNS TABLE (matched boolean, path text, reason text) LANGUAGE sql AS $$
	SELECT matched, path, reason FROM regress_profile.explain(pg_temp.evidence(mval), at) $$;
SELECT 'loaded' FROM regress_profile.load('501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {100: 4, 1000: "a", 1001: 6, 1002: 563([h''1f'', h''0f'']), 1003: ["x", "y"]}}]]]}} >>)], 3: 32("tag:example.com,2026:own")})'::cbor::bytea, authority => 'acme');
-- nobody knows the profile: nothing matches
SELECT * FROM pg_temp.tried('{100: 4, 1000: "a", 1001: 7, 1002: 560(h''0f''), 1003: "y"}');
INSERT INTO regress_profile.profile (profile, codepoint, name, comparison) VALUES
	('tag:example.com,2026:own', 100, 'slots', 'equal'), ('tag:example.com,2026:own', 1000, 'build', 'equal'),
	('tag:example.com,2026:own', 1001, 'level', 'minimum'), ('tag:example.com,2026:own', 1002, 'config', 'mask'),
	('tag:example.com,2026:own', 1003, 'mode', 'set');
SELECT * FROM pg_temp.tried('{100: 4, 1000: "a", 1001: 7, 1002: 560(h''0f''), 1003: "y"}');
SELECT * FROM pg_temp.tried('{100: 5, 1000: "a", 1001: 7, 1002: 560(h''0f''), 1003: "y"}');
SELECT * FROM pg_temp.tried('{100: 4, 1000: "a", 1001: 5, 1002: 560(h''0f''), 1003: "y"}');
SELECT * FROM pg_temp.tried('{100: 4, 1000: "a", 1001: 7, 1002: 560(h''ff''), 1003: "y"}');
SELECT * FROM pg_temp.tried('{100: 4, 1000: "a", 1001: 7, 1002: 560(h''1e''), 1003: "y"}');
SELECT * FROM pg_temp.tried('{100: 4, 1000: "a", 1001: 7, 1002: 560(h''0f''), 1003: "z"}');
SELECT cmtype, manifest IS NOT NULL AS from_store FROM regress_profile.appraise(pg_temp.evidence('{100: 4, 1000: "a", 1001: 7, 1002: 560(h''0f''), 1003: "y"}'));
-- and selects: a stateful query
SELECT count(*) FROM regress_profile.quads('{0: "tag:example.com,2026:own", 1: {0: 2, 1: {0: [[{1: "ACME"}, [{1: {1000: "a"}}]]]}, 2: 0}}');
SELECT count(*) FROM regress_profile.quads('{0: "tag:example.com,2026:own", 1: {0: 2, 1: {0: [[{1: "ACME"}, [{1: {1000: "b"}}]]]}, 2: 0}}');
-- describe of the store has the names; the extension's does not
SELECT regress_profile.describe(regress_profile.document(id)::corim) FROM regress_profile.manifest;
SELECT describe(regress_profile.document(id)::corim) LIKE '%level%' FROM regress_profile.manifest;
-- the row that is known last counts, and history stays
INSERT INTO regress_profile.profile (profile, codepoint, name) VALUES ('tag:example.com,2026:own', 1003, 'mode');
SELECT * FROM pg_temp.tried('{100: 4, 1000: "a", 1001: 7, 1002: 560(h''0f''), 1003: "y"}');
SELECT * FROM pg_temp.tried('{100: 4, 1000: "a", 1001: 7, 1002: 560(h''0f''), 1003: "y"}', (SELECT max(known_at) - interval '1 microsecond' FROM regress_profile.profile));
UPDATE regress_profile.profile SET name = 'x';
DELETE FROM regress_profile.profile;
-- what was compared is vouched for, and no more: one digest of two, one key of two, and of a set that must not have it the algorithms it has
SELECT 'loaded' FROM regress_profile.load('501({0: "intel", 1: [506(<< {1: {0: "i"}, 4: {0: [[{0: {1: "INTEL"}}, [{1: {-83: 60020([7, [[1, h''ab'']]]), -84: ["SHA256", h''aa''], -91: [554("a")]}}]]]}} >>)], 3: 111(h''6086480186F84D011001'')})'::cbor::bytea, authority => 'acme');
SELECT ect -> 'element-list'::text AS vouched_for FROM regress_profile.appraise('{"environment": {0: {1: "INTEL"}}, "element-list": [{"element-claims": {-83: [[1, h''aa''], [8, h''bb'']], -84: [[1, h''aa''], [8, h''bb'']], -91: [554("a"), 554("b")]}}], "authority": [560(h''01'')], "cmtype": 2}') WHERE cmtype = 'reference-values';
-- a profile of one's own has digests by the same rule
INSERT INTO regress_profile.profile (profile, codepoint, name, comparison) VALUES ('tag:example.com,2026:layers', 1000, 'layers', 'digests');
INSERT INTO regress_profile.profile (profile, codepoint, name, comparison) VALUES ('tag:example.com,2026:layers', 1001, 'other', 'nothing');
INSERT INTO regress_profile.profile (profile, codepoint, name, comparison) VALUES ('tag:example.com,2026:layers', 19, 'bytes', 'equal');
SELECT 'loaded' FROM regress_profile.load('501({0: "layers", 1: [506(<< {1: {0: "l"}, 4: {0: [[{0: {1: "LAYERS"}}, [{1: {1000: [[1, h''aa'']]}}]]]}} >>)], 3: 32("tag:example.com,2026:layers")})'::cbor::bytea, authority => 'acme');
SELECT ect -> 'element-list'::text AS vouched_for FROM regress_profile.appraise('{"environment": {0: {1: "LAYERS"}}, "element-list": [{"element-claims": {1000: [[-16, h''aa''], [8, h''bb'']]}}], "authority": [560(h''01'')], "cmtype": 2}') WHERE cmtype = 'reference-values';
-- the two meanings of mem: the Evidence in the set, or, where rows say so, the set in the Evidence
SELECT 'loaded' FROM regress_profile.load('501({0: "mem", 1: [506(<< {1: {0: "m"}, 4: {0: [[{0: {1: "MEM"}}, [{1: {-88: 60021([6, ["UpToDate", "SWHardeningNeeded"]])}}]]]}} >>)], 3: 111(h''6086480186F84D011001'')})'::cbor::bytea, authority => 'acme');
CREATE FUNCTION pg_temp.status(texts text, at timestamptz DEFAULT now()) RETURNS TABLE (matched boolean, path text, reason text) LANGUAGE sql AS $$
	SELECT matched, path, reason FROM regress_profile.explain(('{"environment": {0: {1: "MEM"}}, "element-list": [{"element-claims": {-88: ' || texts || '}}], "authority": [560(h''01'')], "cmtype": 2}')::coserv.cbor, at) $$;
SELECT * FROM pg_temp.status('["UpToDate"]');
SELECT * FROM pg_temp.status('["UpToDate", "OutOfDate", "SWHardeningNeeded"]');
INSERT INTO regress_profile.profile (profile, codepoint, name, comparison) VALUES ('2.16.840.1.113741.1.16.1', -88, 'tee.tcbstatus', 'text-superset');
SELECT * FROM pg_temp.status('["UpToDate"]');
SELECT * FROM pg_temp.status('["UpToDate", "OutOfDate", "SWHardeningNeeded"]');
SELECT * FROM pg_temp.status('["UpToDate"]', (SELECT max(known_at) - interval '1 microsecond' FROM regress_profile.profile));
-- sets and ranges are conditions, and no Evidence
SELECT 'loaded' FROM regress_profile.load('501({0: "values", 1: [506(<< {1: {0: "v"}, 4: {0: [[{0: {1: "VALUES"}}, [{1: {16: true, 17: 565([1, 2.5]), 18: 566(["a", "b"])}}]]]}} >>)]})'::cbor::bytea, authority => 'acme');
CREATE FUNCTION pg_temp.values(mval text) RETURNS TABLE (matched boolean, path text, reason text) LANGUAGE sql AS $$
	SELECT matched, path, reason FROM regress_profile.explain(('{"environment": {0: {1: "VALUES"}}, "element-list": [{"element-claims": ' || mval || '}], "authority": [560(h''01'')], "cmtype": 2}')::coserv.cbor) $$;
SELECT * FROM pg_temp.values('{16: true, 17: 2.5, 18: "b", 19: h''00''}');
SELECT * FROM pg_temp.values('{16: true, 17: 3, 18: "b"}');
SELECT * FROM pg_temp.values('{16: true, 17: 1.0, 18: "c"}');
SELECT * FROM pg_temp.values('{16: true, 17: 565([1, 2]), 18: "b"}');
-- a profile that is built in keeps its rules, and gets members
INSERT INTO regress_profile.profile (profile, codepoint, name, comparison) VALUES ('tag:arm.com,2025:psa#1.0.0', 2000, 'lot', 'equal');
SELECT 'loaded' FROM regress_profile.load('501({0: "psa", 1: [506(<< {1: {0: "p"}, 4: {0: [[{0: {1: "PSA"}}, [{1: {100: "1234567890123 - 12345", 2000: 7}}]]]}} >>)], 3: 32("tag:arm.com,2025:psa#1.0.0")})'::cbor::bytea, authority => 'acme');
SELECT matched, path FROM regress_profile.explain('{"environment": {0: {1: "PSA"}}, "element-list": [{"element-claims": {100: "1234567890123 - 12345", 2000: 7}}], "authority": [560(h''01'')], "cmtype": 2}');
SELECT matched, path FROM regress_profile.explain('{"environment": {0: {1: "PSA"}}, "element-list": [{"element-claims": {100: "1234567890123 - 12346", 2000: 7}}], "authority": [560(h''01'')], "cmtype": 2}');
SELECT matched, path FROM regress_profile.explain('{"environment": {0: {1: "PSA"}}, "element-list": [{"element-claims": {100: "1234567890123 - 12345", 2000: 8}}], "authority": [560(h''01'')], "cmtype": 2}');
-- what cannot be
INSERT INTO regress_profile.profile (profile, codepoint, name, comparison) VALUES ('x', 2, 'digests', 'equal');
INSERT INTO regress_profile.profile (profile, codepoint, name, comparison) VALUES ('x', 200, 'a', 'greater');
INSERT INTO regress_profile.profile (profile, codepoint, name) VALUES ('', 200, 'a');
SELECT drop_store('regress_profile');
