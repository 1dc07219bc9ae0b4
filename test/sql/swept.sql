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
			0: [[{0: {1: "Deep"}}, [{1: {1: %1$s}}]]],
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
SELECT count(*), min(content::text) FROM regress_swept.triples_at(NULL) WHERE kind = 0;
SELECT count(*) FROM regress_swept.triple WHERE kind = 0;
SELECT count(*) FROM regress_swept.triples_at((SELECT known_at FROM regress_swept.settled ORDER BY known_at OFFSET 700 LIMIT 1)) WHERE kind = 0;
SELECT count(*) FROM regress_swept.check();
-- a row that takes the place of one that is gone is found
VACUUM regress_swept.triple;
VACUUM regress_swept.triple_environment;
CALL pg_temp.versions(1501, 1502);
SELECT count(*), min(content::text) FROM regress_swept.triples_at(NULL) WHERE kind = 0;
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
SELECT coserv.drop_store('regress_swept');
