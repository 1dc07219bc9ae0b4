-- Signed CoRIMs for bench/reverse: :documents of 100 triples of ten measurements each, numbered from 1, and 500 of 100 triples of one,
-- numbered downwards from -1. A measurement's digest is that of "document triple measurement"; the first of a triple has a serial number.
CREATE EXTENSION coserv;
SELECT coserv.create_store('rim'), coserv.create_store('with_index'), coserv.create_store('without');
INSERT INTO rim.authority (name, key) VALUES ('bench', :'pem');
INSERT INTO with_index.authority (name, key) VALUES ('bench', :'pem');
INSERT INTO without.authority (name, key) VALUES ('bench', :'pem');
DROP INDEX without.search_key_keys;
CREATE TABLE bench_load (store text, ms float);
CREATE TABLE bench_document (d int, document bytea);
ALTER TABLE bench_document ALTER COLUMN document SET STORAGE EXTERNAL;

CREATE FUNCTION bench_triple(d int, t int, size int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT format('[{0: {0: 560(h''%s%s''), 1: "ACME", 2: "Roadrunner"}}, [%s]]', lpad(to_hex(abs(d)), 6, '0'), lpad(to_hex(t), 4, '0'),
		string_agg(format('{0: %s, 1: {2: [[1, h''%s'']]%s}}', m, encode(sha256(convert_to(format('%s %s %s', d, t, m), 'UTF8')), 'hex'),
			CASE WHEN m = 1 THEN format(', 8: "%s-%s"', d, t) ELSE '' END), ', '))
	FROM generate_series(1, size) AS m
$$;
CREATE FUNCTION bench_corim(d int, size int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT format('501({0: "bench-%1$s", 1: [506(<<{1: {0: "bench-%1$s"}, 4: {0: [%2$s]}}>>)]})', d, string_agg(bench_triple(d, t, size), ', '))
	FROM generate_series(1, 100) AS t
$$;
INSERT INTO bench_document SELECT d, coserv.sign(bench_corim(d, 10)::coserv.corim, :'key', 'bench')::bytea FROM generate_series(1, :documents) AS d;
INSERT INTO bench_document SELECT -d, coserv.sign(bench_corim(-d, 1)::coserv.corim, :'key', 'bench')::bytea FROM generate_series(1, 500) AS d;
CREATE INDEX ON bench_document (d);
CREATE TABLE bench_id AS SELECT d, overlay(overlay(encode(substring(sha256(document) FROM 1 FOR 16), 'hex')
	PLACING '8' FROM 13 FOR 1) PLACING to_hex((get_byte(sha256(document), 8) & 63 | 128) >> 4) FROM 17 FOR 1)::uuid AS id FROM bench_document;
CREATE UNIQUE INDEX ON bench_id (d);
VACUUM ANALYZE bench_document, bench_id;
CHECKPOINT;
