-- What bench/explore looks into: :documents signed by :authorities authorities, of 100 reference values each; of each fiftieth environment
-- another authority says something else, of each hundredth document there is a newer version, and of each hundredth environment a domain.
CREATE EXTENSION coserv;
SELECT coserv.create_store('rim');

CREATE FUNCTION bench_environment(n int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT format('{0: {0: 37(h''%s''), 1: "Vendor %s Inc.", 2: "Model %s"}}', md5(n::text), n / 100 % 50, n / 100 % 1000)
$$;
CREATE FUNCTION bench_document(id text, version int, first int, step int, size int, digest text) RETURNS coserv.corim LANGUAGE sql IMMUTABLE AS $$
	SELECT format('501({0: "%1$s/%2$s", 1: [506(<<{1: {0: "%1$s", 1: %2$s}, 4: {0: [%3$s]}}>>)]})', id, version,
		string_agg(format('[%s, [{0: "firmware", 1: {2: [[1, h''%s'']]}}]]', bench_environment(n), encode(sha256((digest || n)::bytea), 'hex')), ', '))::coserv.corim
	FROM generate_series(first, first + (size - 1) * step, step) n
$$;
CREATE FUNCTION bench_domains(first int) RETURNS coserv.corim LANGUAGE sql IMMUTABLE AS $$
	SELECT format('501({0: "domains/%1$s", 1: [506(<<{1: {0: "domains/%1$s"}, 4: {5: [%2$s]}}>>)]})', first,
		string_agg(format('[{0: {1: "Domain %s"}}, [%s]]', n / 1000, bench_environment(n)), ', '))::coserv.corim
	FROM generate_series(first, first + 9900, 100) n
$$;
