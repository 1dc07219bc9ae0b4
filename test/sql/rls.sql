-- The GIN index of environments is used: by a superuser, and under row-level security, for the operators are LEAKPROOF.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
RESET client_min_messages;
SET search_path = coserv, public;
SET max_parallel_workers_per_gather = 0;
SET jit = off;

CREATE TABLE big (id int, owner name, e environment);
INSERT INTO big SELECT i, CASE WHEN i % 2 = 0 THEN 'regress_coserv_reader' ELSE 'somebody' END,
	format('{0: {1: "vendor %s", 2: "model %s"}, 1: 550(h''01%s'')}', i % 100, i % 5000, lpad(to_hex(i), 16, '0'))::environment
FROM generate_series(1, 100000) i;
INSERT INTO big SELECT 100000 + i, 'regress_coserv_reader', format('{0: {1: "vendor %s"}}', i)::environment FROM generate_series(1, 5) i;
CREATE INDEX big_environment ON big USING gin (e);
VACUUM ANALYZE big;

CREATE ROLE regress_coserv_reader;
GRANT SELECT ON big TO regress_coserv_reader;
ALTER TABLE big ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON big TO regress_coserv_reader USING (owner = current_user);

CREATE FUNCTION show_plans() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	condition text;
	line text;
	n bigint;
BEGIN
	FOREACH condition IN ARRAY ARRAY[
		$q$e @> '{0: {2: "model 8"}}'$q$,
		$q$e <@ '{0: {1: "vendor 3", 2: "model 3"}, 1: 550(h''010000000000000003'')}'$q$,
		$q$e = '{0: {1: "vendor 4"}}'$q$,
		$q$e @@ '{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "vendor 7", 2: "model 7"}], [{2: "model 4"}]]}, 2: 0}}'$q$,
		$q$'{0: "tag:x", 1: {0: 2, 1: {1: [[550(h''010000000000000010'')]]}, 2: 0}}'::coserv @@ e$q$]
	LOOP
		FOR line IN EXECUTE 'EXPLAIN (COSTS off) SELECT * FROM big WHERE ' || condition LOOP
			RETURN NEXT line;
		END LOOP;
		EXECUTE 'SELECT count(*) FROM big WHERE ' || condition INTO n;
		RETURN NEXT format('rows: %s', n);
	END LOOP;
END $$;

SELECT * FROM show_plans();
SET ROLE regress_coserv_reader;
SELECT * FROM show_plans();
RESET ROLE;

DROP FUNCTION show_plans();
DROP TABLE big;
DROP ROLE regress_coserv_reader;
