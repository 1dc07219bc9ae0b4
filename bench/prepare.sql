-- Signed CoRIMs for bench/run, made before any clock runs: :documents of 100 reference values each, :singles of one.
CREATE EXTENSION coserv;
SELECT coserv.create_store('rim');
INSERT INTO rim.authority (name, key) VALUES ('bench', :'pem');
CREATE TABLE bench_document (triples int, document bytea);
ALTER TABLE bench_document ALTER COLUMN document SET STORAGE EXTERNAL;
CREATE TABLE bench_impact (document bytea);
ALTER TABLE bench_impact ALTER COLUMN document SET STORAGE EXTERNAL;

-- class-id is 560(h'00NNNNNN') where N is the number of the environment; those of the single ones begin with 01.
CREATE FUNCTION bench_triple(series int, n int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT format('[{0: {0: 560(h''%s%s''), 1: "ACME", 2: "Roadrunner"}}, [{0: "firmware", 1: {2: [[1, h''%s'']]}}]]',
		lpad(to_hex(series), 2, '0'), lpad(to_hex(n), 6, '0'), encode(sha256(n::text::bytea), 'hex'))
$$;
CREATE FUNCTION bench_corim(series int, size int, d int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT format('501({0: "bench-%1$s-%2$s", 1: [506(<<{1: {0: "bench-%1$s-%2$s"}, 4: {0: [%3$s]}}>>)]})', series, d,
		string_agg(bench_triple(series, (d - 1) * size + i), ', '))
	FROM generate_series(1, size) AS i
$$;
INSERT INTO bench_document
	SELECT 100, coserv.sign(bench_corim(0, 100, d)::coserv.corim, :'key', 'bench')::bytea FROM generate_series(1, :documents) AS d;
INSERT INTO bench_document
	SELECT 1, coserv.sign(bench_corim(1, 1, d)::coserv.corim, :'key', 'bench')::bytea FROM generate_series(1, :singles) AS d;
VACUUM ANALYZE bench_document;
CHECKPOINT;
