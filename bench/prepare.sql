-- Signed CoRIMs for bench/run, made before any clock runs: :documents of 100 reference values each.
CREATE EXTENSION coserv;
SELECT coserv.create_store('rim');
INSERT INTO rim.authority (name, key) VALUES ('bench', :'pem');
CREATE TABLE bench_document (document bytea);
ALTER TABLE bench_document ALTER COLUMN document SET STORAGE EXTERNAL;

-- class-id is 560(h'NNNNNNNN') where N is the number of the environment.
CREATE FUNCTION bench_triple(n int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT format('[{0: {0: 560(h''%s''), 1: "ACME", 2: "Roadrunner"}}, [{0: "firmware", 1: {2: [[1, h''%s'']]}}]]',
		lpad(to_hex(n), 8, '0'), encode(sha256(n::text::bytea), 'hex'))
$$;
CREATE FUNCTION bench_corim(d int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT format('501({0: "bench-%1$s", 1: [506(<<{1: {0: "bench-%1$s"}, 4: {0: [%2$s]}}>>)]})', d, string_agg(bench_triple((d - 1) * 100 + i), ', '))
	FROM generate_series(1, 100) AS i
$$;
INSERT INTO bench_document SELECT coserv.sign(bench_corim(d)::coserv.corim, :'key', 'bench')::bytea FROM generate_series(1, :documents) AS d;
VACUUM ANALYZE bench_document;
