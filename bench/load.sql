-- What bench/load loads: bench_document (series, size, d, document), made by bench/load.
CREATE EXTENSION coserv;
SELECT coserv.create_store('rim');
INSERT INTO rim.authority (name, key) VALUES ('bench', :'pem');
CREATE TABLE bench_document (series int, size int, d int, document bytea);
ALTER TABLE bench_document ALTER COLUMN document SET STORAGE EXTERNAL;

-- Each class-id is 16 bytes like a UUID's or a digest's, of the series and the number of the environment.
CREATE FUNCTION bench_triple(series int, n int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT format('[{0: {0: 560(h''%s''), 1: "ACME", 2: "Roadrunner"}}, [{0: "firmware", 1: {2: [[1, h''%s'']]}}]]',
		md5(format('%s %s', series, n)), encode(sha256(format('%s %s', series, n)::bytea), 'hex'))
$$;
CREATE FUNCTION bench_corim(series int, size int, d int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT format('501({0: "bench-%1$s-%2$s", 1: [506(<<{1: {0: "bench-%1$s-%2$s"}, 4: {0: [%3$s]}}>>)]})', series, d,
		string_agg(bench_triple(series, (d - 1) * size + i), ', '))
	FROM generate_series(1, size) AS i
$$;
