-- The floor of a query: its answer, ready in a row, found by primary key.
VACUUM ANALYZE;
CREATE TABLE bench_answer (id int PRIMARY KEY, answer bytea NOT NULL);
INSERT INTO bench_answer
	SELECT n, rim.execute(format('{0: "tag:example.com,2025:bench", 1: {0: 2, 1: {0: [[{0: 560(h''%s'')}]]}, 2: 0}}',
		lpad(to_hex(n), 8, '0'))::coserv.coserv)::bytea
	FROM generate_series(1, :count) AS n;
VACUUM ANALYZE bench_answer;
CHECKPOINT;
-- A query that finds nothing would be no measurement.
SELECT 1 / (count(*) FILTER (WHERE length(answer) > 200) = count(*))::int FROM bench_answer;
