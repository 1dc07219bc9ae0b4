-- Why an appraisal came out as it did: the nearest miss first, environments nobody speaks of, skipped items, and what would be
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
SELECT coserv.create_store('regress_explain');
INSERT INTO regress_explain.authority (name, key, accepts_unsigned) VALUES ('acme', '560(h''ac'')', true);
CREATE FUNCTION pg_temp.document(id text, triples text) RETURNS coserv.document LANGUAGE sql AS
	$$ SELECT format('501({0: "%1$s", 1: [506(<<{1: {0: "%1$s"}, 4: {%2$s}}>>)]})', id, triples)::coserv.corim::bytea::coserv.document $$;
CREATE FUNCTION pg_temp.evidence(claims text, environment text DEFAULT '{0: {1: "ACME", 2: "M"}}') RETURNS coserv.cbor LANGUAGE sql AS
	$$ SELECT format('{"environment": %2$s, "element-list": [{"element-claims": %1$s}], "cmtype": 2, "authority": [560(h''a7'')]}', claims, environment)::coserv.cbor $$;
SELECT regress_explain.load(pg_temp.document('near', '0: [[{0: {1: "ACME", 2: "M"}}, [{1: {1: 553(4), 11: "loader"}}]]]'), 'acme') IS NOT NULL AS near,
	regress_explain.load(pg_temp.document('far', '0: [[{0: {1: "ACME"}}, [{1: {1: 9, 11: "other"}}]], [{0: {1: "ACME"}}, [{0: "app", 1: {1: 1}}]]]'), 'acme') IS NOT NULL AS far;

-- the nearest miss first; wrong on purpose: svn 3 where 4 is the least
SELECT explanation, differing, path, environment FROM regress_explain.explain(pg_temp.evidence('{1: 552(3), 11: "loader"}'));
-- an element is compared with the one that differs least, not with the first
SELECT explanation, differing FROM regress_explain.explain('{"environment": {0: {1: "ACME", 2: "M"}}, "cmtype": 2, "authority": [560(h''a7'')],
	"element-list": [{"element-claims": {1: 1, 11: "x"}}, {"element-claims": {1: 552(3), 11: "loader"}}]}') LIMIT 1;
-- what matches stands behind, without a sentence
SELECT explanation, matched, kind_name FROM regress_explain.explain(pg_temp.evidence('{1: 552(4), 11: "loader"}'));

-- an environment that nobody speaks of, and the nearest that somebody does; and one that shares nothing
SELECT regress_explain.load(pg_temp.document('rocket', '0: [[{0: {1: "ACME", 2: "Rocket", 3: 1}, 1: 560(h''01'')}, [{1: {1: 1}}]], [{0: {1: "ROAD", 2: "Runner"}}, [{1: {1: 1}}]]]'), 'acme') IS NOT NULL AS rocket;
SELECT explanation, differing, path, wanted, found FROM regress_explain.explain(pg_temp.evidence('{1: 1}', '{0: {1: "ROAD", 2: "Walker"}}'));
SELECT explanation, manifest, differing FROM regress_explain.explain(pg_temp.evidence('{1: 1}', '{0: {1: "Coyote"}}'));
SELECT count(*) FILTER (WHERE condition IS NULL) FROM regress_explain.explain(pg_temp.evidence('{1: 1}'));
SELECT named, differing, path FROM regress_explain.nearest_environment('{0: {1: "ACME", 2: "Rocket", 3: 1}, 1: 560(h''02'')}');
SELECT count(*) FROM regress_explain.nearest_environment(NULL);
SELECT * FROM coserv.environment_mismatch('{0: {1: "A", 2: "B"}}', '{0: {1: "A", 2: "C"}, 1: 560(h''01'')}');
SELECT count(*) FROM coserv.environment_mismatch('{0: {1: "A", 2: "B"}}', '{0: {1: "A"}}');
SELECT * FROM coserv.environment_attributes('{0: {1: "A", 2: "B"}, 1: 560(h''01'')}') ORDER BY 1;

-- items of a series behind the one that is taken, and those before it
SELECT regress_explain.load(pg_temp.document('series', '8: [[[{0: {1: "SERIES"}}, []], [[[{1: {1: 1}}], [{1: {11: "one"}}]], [[{1: {1: 2}}], [{1: {11: "two"}}]], [[{1: {1: 2}}], [{1: {11: "late"}}]]]]]'), 'acme') IS NOT NULL AS series;
SELECT condition, matched, differing, explanation FROM regress_explain.explain(pg_temp.evidence('{1: 2}', '{0: {1: "SERIES"}}')) WHERE kind = 8 ORDER BY condition;

-- what would match with a document, and without one; nothing is written
SELECT explanation, matched, matched_before FROM regress_explain.explain(pg_temp.evidence('{1: 552(3), 11: "loader"}'),
	with_document => pg_temp.document('newer', '0: [[{0: {1: "ACME", 2: "M"}}, [{1: {1: 553(3), 11: "loader"}}]]]'), authority => 'acme')
WHERE matched <> matched_before OR differing = 1;
SELECT matched, matched_before, reason FROM regress_explain.explain(pg_temp.evidence('{1: 552(5), 11: "loader"}'),
	without_manifest => (SELECT id FROM regress_explain.manifest WHERE corim_id = 'near')) WHERE matched IS DISTINCT FROM matched_before;
-- a transaction that keeps one snapshot is told the same
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT matched, matched_before, reason FROM regress_explain.explain(pg_temp.evidence('{1: 552(5), 11: "loader"}'),
	without_manifest => (SELECT id FROM regress_explain.manifest WHERE corim_id = 'near')) WHERE matched IS DISTINCT FROM matched_before;
COMMIT;
SELECT count(*) AS manifests, (SELECT count(*) FROM regress_explain.revocation) AS revocations FROM regress_explain.manifest;
SELECT matched, matched_before FROM regress_explain.explain(pg_temp.evidence('{1: 552(5), 11: "loader"}')) WHERE matched;
SELECT count(*) FROM regress_explain.explain(pg_temp.evidence('{1: 1}'), with_document => pg_temp.document('x', '0: []'), authority => 'acme');
SELECT count(*) FROM regress_explain.explain(pg_temp.evidence('{1: 1}'), without_manifest => '00000000-0000-8000-8000-000000000000');
SELECT count(*) FROM regress_explain.explain(NULL);

-- as a tree
SELECT jsonb_pretty(regexp_replace(regress_explain.explain_tree(pg_temp.evidence('{1: 552(3), 11: "loader"}'))::text, '[0-9a-f]{8}-[0-9a-f-]{27}', 'ID', 'g')::jsonb);
SELECT regress_explain.explain_tree(NULL);

-- sentences
SELECT coserv.explanation(v.path, v.reason, v.wanted::coserv.cbor, v.found::coserv.cbor, 'X') FROM (VALUES
	('element-list[0].element-claims.svn', 'below the minimum', '553(4)', '552(3)'),
	('element-list[0].element-claims.digests', 'digests differ', '[[1, h''00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'']]', '[[1, h''01'']]'),
	('element-list[1].element-id', 'no such element', '"boot"', NULL), ('element-list[1].element-id', 'no such element', NULL, NULL),
	('environment.class.model', 'no such attribute', '"M"', NULL), ('key-list[0]', 'not among the verified keys', '560(h''00'')', NULL),
	(NULL, 'cycle of domain memberships', NULL, NULL), (NULL, NULL, NULL, NULL)) v (path, reason, wanted, found);
SELECT coserv.drop_store('regress_explain');
