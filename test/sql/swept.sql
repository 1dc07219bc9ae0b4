-- What newer versions supersede leaves the indexes that answer now, without VACUUM: a look-up visits few entries, however long the history.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
SELECT coserv.create_store('regress_swept');
INSERT INTO regress_swept.authority (name, key, accepts_unsigned) VALUES ('S', '560(h''51'')', true);

CREATE PROCEDURE pg_temp.versions(first int, last int) LANGUAGE plpgsql AS $$
BEGIN
	FOR v IN first .. last LOOP
		PERFORM regress_swept.load(format('501({0: "s-%1$s", 1: [506(<<{1: {0: "s", 1: %1$s}, 4: {
			0: [[{0: {1: "Own", 2: "%1$s"}}, [{1: {1: %1$s}}]], [{0: {1: "Deep"}}, [{1: {1: %1$s}}]]],
			5: [[{0: {1: "Domain"}}, [{0: {1: "Member"}}]]]}}>>)]})', v)::coserv.corim::bytea, 'S');
		COMMIT;
	END LOOP;
END $$;
-- how many entries a look-up visits, those of rows that are gone too
CREATE FUNCTION pg_temp.entries(query text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, FORMAT JSON) ' || query INTO plan;
	RETURN (jsonb_path_query_first(plan::jsonb, 'strict $.**?(@."Node Type" == "Bitmap Index Scan")."Actual Rows"'))::text::numeric;
END $$;
SET enable_seqscan = off;
CALL pg_temp.versions(1, 1500);
SELECT pg_temp.entries($$SELECT 1 FROM regress_swept.triple WHERE live AND kind = 0 AND environment OPERATOR(coserv.@>) '{0: {1: "Deep"}}'$$) < 1000 AS few,
	pg_temp.entries($$SELECT 1 FROM regress_swept.triple_environment WHERE live AND kind = 5 AND environment OPERATOR(coserv.@>) '{0: {1: "Member"}}'$$) < 1000 AS few_members;
-- nothing else has gone: what counts answers, and what counted does
SELECT count(*), min(content::text) FROM regress_swept.triples_at(NULL) WHERE kind = 0 AND environment OPERATOR(coserv.=) '{0: {1: "Deep"}}';
SELECT count(*) FROM regress_swept.triple WHERE kind = 0;
SELECT count(*) FROM regress_swept.triples_at((SELECT known_at FROM regress_swept.settled ORDER BY known_at OFFSET 700 LIMIT 1)) WHERE kind = 0;
SELECT count(*) FROM regress_swept.check();
-- a row that takes the place of one that is gone is found
VACUUM regress_swept.triple;
VACUUM regress_swept.triple_environment;
CALL pg_temp.versions(1501, 1502);
SELECT count(*), min(content::text) FROM regress_swept.triples_at(NULL) WHERE kind = 0 AND environment OPERATOR(coserv.=) '{0: {1: "Deep"}}';
SELECT pg_temp.entries($$SELECT 1 FROM regress_swept.triple WHERE live AND kind = 0 AND environment OPERATOR(coserv.@>) '{0: {1: "Deep"}}'$$) < 10 AS few;
-- and a newer version is loaded without going through those before it
CREATE FUNCTION pg_temp.tags_read() RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_stat_clear_snapshot();
	RETURN (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE schemaname = 'regress_swept' AND relname = 'tag');
END $$;
SELECT pg_stat_force_next_flush();
SELECT pg_temp.tags_read() AS before \gset
CALL pg_temp.versions(1503, 1503);
SELECT pg_stat_force_next_flush();
SELECT pg_temp.tags_read() - :before < 500 AS few;

-- what is revoked leaves them too, where one is revoked after the other
CREATE FUNCTION pg_temp.one(tag text, version int, vendor text) RETURNS uuid LANGUAGE sql AS $$
	SELECT regress_swept.load(format('501({0: "%1$s-%2$s", 1: [506(<<{1: {0: "%1$s", 1: %2$s}, 4: {0: [[{0: {1: "%3$s"}}, [{1: {1: %2$s}}]]]}}>>)]})', tag, version, vendor)::coserv.corim::bytea, 'S') $$;
CREATE FUNCTION pg_temp.entries_of(vendor text) RETURNS bigint LANGUAGE sql AS $$
	SELECT pg_temp.entries(format('SELECT 1 FROM regress_swept.triple WHERE live AND kind = 0 AND environment OPERATOR(coserv.@>) %L', format('{0: {1: "%s"}}', vendor))) $$;
SELECT count(pg_temp.one('r' || i, 1, 'Revoked')) FROM generate_series(1, 800) i;
DO $$
DECLARE
	m uuid;
BEGIN
	FOR m IN SELECT id FROM regress_swept.manifest WHERE corim_id ~ '^r' LOOP
		PERFORM regress_swept.revoke(manifest => m, reason => 'test');
		COMMIT;
	END LOOP;
END $$;
SELECT pg_temp.entries_of('Revoked') < 600 AS few;

-- an index that the session itself still scans is left alone
SELECT count(pg_temp.one('h' || i, 1, 'Held')) FROM generate_series(1, 600) i;
INSERT INTO regress_swept.revocation (manifest, reason) SELECT id, 'test' FROM regress_swept.manifest WHERE corim_id ~ '^h';
SELECT pg_temp.one('held', 1, 'Held') IS NOT NULL AS loaded;
BEGIN;
DECLARE c CURSOR FOR SELECT ordinal FROM regress_swept.triple WHERE live AND kind = 0 AND environment OPERATOR(coserv.@>) '{0: {1: "Held"}}';
FETCH c;
SELECT count(pg_temp.one('held', v, 'Held')) FROM generate_series(2, 100) v;
SELECT pg_temp.entries_of('Held') > 600 AS all_of_them;
CLOSE c;
SELECT count(pg_temp.one('held', v, 'Held')) FROM generate_series(101, 200) v;
SELECT pg_temp.entries_of('Held') < 500 AS few;
COMMIT;
SELECT count(*), min(content::text) FROM regress_swept.triples_at(NULL) WHERE environment OPERATOR(coserv.=) '{0: {1: "Held"}}';
SELECT count(*) FROM regress_swept.check();
SELECT coserv.drop_store('regress_swept');
