-- growth.sql - what grows how: for each grammar a store or an input of size n is made, and one statement over it is timed, for n, 2n and 4n
-- (bench/growth). Everything is rolled back. $n stands for the size, input.v for what "make" answers. bound: the setting that ends it.
SET client_min_messages = error;
SET search_path = pg_catalog, coserv, pg_temp;
SET jit = off;
CREATE TEMP TABLE grammar (number int GENERATED ALWAYS AS IDENTITY, name text, start int, make text, run text, bound text);
CREATE TEMP TABLE growth (number int, n int, ms float8, state text);

CREATE FUNCTION pg_temp.list(element text, n bigint, separator text DEFAULT ', ', step int DEFAULT 1) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(replace(replace(element, '#hex', lpad(to_hex(i), 8, '0')), '#', i::text), separator ORDER BY i * step) FROM generate_series(1, n) i $$;
CREATE FUNCTION pg_temp.corim(id text, triples text) RETURNS corim LANGUAGE sql AS $$
	SELECT format('501({0: "%s", 1: [506(<<{1: {0: "%s"}, 4: {0: [%s]}}>>)]})', id, id, triples)::corim $$;
CREATE FUNCTION pg_temp.thumbprint(i bigint) RETURNS crypto_key LANGUAGE sql AS $$
	SELECT format('557([1, h''%s''])', encode(sha256(i::text::bytea), 'hex'))::cbor::crypto_key $$;
-- n other authorities before anybody else's name: thumbprints, or keys (Ed25519), which have to be tried
CREATE FUNCTION pg_temp.authorities(n bigint, keys boolean DEFAULT false) RETURNS void LANGUAGE sql AS $$
	INSERT INTO rim.authority (name, key) SELECT format('a%s', i), CASE WHEN keys
		THEN format('558({1: 1, -1: 6, -2: h''%s''})', encode(sha256(i::text::bytea), 'hex'))::cbor::crypto_key ELSE pg_temp.thumbprint(i) END
	FROM generate_series(1, n) i $$;
CREATE FUNCTION pg_temp.loaded(n bigint, who text, triples text) RETURNS bigint LANGUAGE sql AS $$
	SELECT count(rim.load(pg_temp.corim(who || i, replace(replace(triples, '#hex', lpad(to_hex(i), 8, '0')), '#', i::text))::bytea, who)) FROM generate_series(1, n) i $$;

INSERT INTO grammar (name, start, make, run, bound) VALUES
	('EDN: reading an array of numbers', 20000, $$'[' || pg_temp.list('#', $n) || ']'$$, 'SELECT v::cbor FROM input', NULL),
	('EDN: reading integers of 9,999 digits', 50, $$'[' || pg_temp.list(repeat('7', 9990), $n) || ']'$$, 'SELECT v::cbor FROM input', NULL),
	('EDN: reading a text of escapes', 100000, $$'"' || repeat('\u0001', $n) || '"'$$, 'SELECT v::cbor FROM input', NULL),
	('EDN: writing a text of escapes', 100000, $$('"' || repeat('\u0001', $n) || '"')::cbor$$, 'SELECT length(cbor_diag(v)) FROM input', NULL),
	('EDN: writing pretty, with arrays in arrays', 5000, $$('[' || pg_temp.list('[#, [#, #]]', $n) || ']')::cbor$$, 'SELECT length(cbor_pretty(v)) FROM input', NULL),
	('EDN: literals that are put together', 20000, $$'"a"' || repeat(' + "a"', $n)$$, 'SELECT v::cbor FROM input', NULL),
	('cbor: a map the wrong way round, made deterministic', 20000, $$('{' || pg_temp.list('#: 0', $n, ', ', -1) || '}')::cbor$$, 'SELECT deterministic(v) FROM input', NULL),
	('cbor: chunks of a string', 50000, $$('(_ ' || pg_temp.list('h''00''', $n) || ')')::cbor$$, 'SELECT deterministic(v) FROM input', NULL),
	('cbor @>: numbers, the other way round', 10000, $$ARRAY['[' || pg_temp.list('#', $n) || ']', '[' || pg_temp.list('#', $n, ', ', -1) || ']']::cbor[]$$, 'SELECT v[1] @> v[2] FROM input', NULL),
	('cbor @>: equal maps, the other way round', 5000, $$ARRAY['[' || pg_temp.list('{"a": #}', $n) || ']', '[' || pg_temp.list('{"a": #}', $n, ', ', -1) || ']']::cbor[]$$, 'SELECT v[1] @> v[2] FROM input', NULL),
	('cbor @>: maps inside maps', 200, $$ARRAY['[' || pg_temp.list('{"a": #, "b": 1}', $n) || ']', '[' || pg_temp.list('{"a": #}', $n) || ']']::cbor[]$$, 'SELECT v[1] @> v[2] FROM input', 'max_items'),
	('cbor to jsonb', 5000, $$('{' || pg_temp.list('"k#": [#, h''00'']', $n) || '}')::cbor$$, 'SELECT v::jsonb FROM input', NULL),
	('jsonb to cbor', 5000, $$('{' || pg_temp.list('"k#": [#, 1.5]', $n) || '}')::jsonb$$, 'SELECT v::cbor FROM input', NULL),
	('measurement @>: digests', 2000, $$('{1: {2: [' || pg_temp.list('[-#, h''00'']', $n) || ']}}')::measurement$$, 'SELECT v @> v FROM input', NULL),
	('measurement @>: integrity registers', 2000, $$('{1: {14: {' || pg_temp.list('"r#": [[1, h''00'']]', $n) || '}}}')::measurement$$, 'SELECT v @> v FROM input', NULL),
	('corim: inspecting triples', 500, $$pg_temp.corim('x', pg_temp.list('[{0: {1: "V#"}}, [{0: #, 1: {1: 1}}]]', $n))::bytea$$, 'SELECT count(*) FROM inspect((SELECT v FROM input))', NULL),
	('corim: describing triples', 500, $$pg_temp.corim('x', pg_temp.list('[{0: {1: "V#"}}, [{0: #, 1: {1: 1}}]]', $n))$$, 'SELECT length(describe(v::cbor)) FROM input', NULL),
	('corim to jsonb and back', 500, $$pg_temp.corim('x', pg_temp.list('[{0: {1: "V#"}}, [{0: #, 1: {1: 1}}]]', $n))$$, 'SELECT v::jsonb::corim FROM input', NULL),
	('load: triples', 500, $$pg_temp.corim('x', pg_temp.list('[{0: {1: "V#"}}, [{0: #, 1: {1: 1}}]]', $n))::bytea$$, $$SELECT rim.load(v, 'A') FROM input$$, NULL),
	('load: measurements of one environment', 1000, $$pg_temp.corim('x', '[{0: {1: "V"}}, [' || pg_temp.list('{0: #, 1: {1: 1}}', $n) || ']]')::bytea$$, $$SELECT rim.load(v, 'A') FROM input$$, NULL),
	('load: tags', 500, $$('501({0: "x", 1: [' || pg_temp.list('506(<<{1: {0: "t#"}, 4: {0: [[{0: {1: "V"}}, [{0: 7, 1: {1: 1}}]]]}}>>)', $n) || ']})')::corim::bytea$$, $$SELECT rim.load(v, 'A') FROM input$$, NULL),
	('load: documents, one after the other', 50, $$true$$, $$SELECT pg_temp.loaded($n, 'A', '[{0: {1: "V"}}, [{0: #, 1: {1: 1}}]]')$$, NULL),
	('load: n environments of a scope, n triples', 500, $$pg_temp.corim('x', pg_temp.list('[{0: {1: "V", 2: "M#"}}, [{0: 7, 1: {1: 1}}]]', $n))::bytea FROM (UPDATE_SCOPE) u$$, $$SELECT rim.load(v, 'A') FROM input$$, NULL),
	('load: a document that names its authority among n', 500, $$coserv.sign(pg_temp.corim('x', '[{0: {1: "V"}}, [{0: 7, 1: {1: 1}}]]'), current_setting('bench.key'), 'A')::bytea FROM pg_temp.authorities($n)$$, 'SELECT rim.load(v) FROM input', NULL),
	('load: a document without kid among n keys', 50, $$coserv.sign(pg_temp.corim('x', '[{0: {1: "V"}}, [{0: 7, 1: {1: 1}}]]'), current_setting('bench.key'), 'z')::bytea FROM pg_temp.authorities($n, true)$$, 'SELECT rim.load(v) FROM input', 'max_authorities_tried'),
	('load: a stranger''s certificate among n keys', 20, $$coserv.sign(pg_temp.corim('x', '[{0: {1: "V"}}, [{0: 7, 1: {1: 1}}]]'), current_setting('bench.leaf_key'), 'z', ARRAY[current_setting('bench.leaf'), current_setting('bench.middle')]::bytea[])::bytea
		FROM pg_temp.authorities($n, true)$$, 'SELECT rim.load(v) FROM input', 'max_authorities_tried'),
	('execute: selectors', 500, $$('{0: "tag:x", 1: {0: 2, 1: {0: [' || pg_temp.list('[{1: "V#"}]', $n) || ']}, 2: 0}}')::coserv.coserv$$, 'SELECT rim.execute(v) FROM input', NULL),
	('execute: selectors of as many triples', 200, $$('{0: "tag:x", 1: {0: 2, 1: {0: [' || pg_temp.list('[{1: "V#"}]', $n) || ']}, 2: 0}}')::coserv.coserv
		FROM rim.load(pg_temp.corim('x', pg_temp.list('[{0: {1: "V#"}}, [{0: #, 1: {1: 1}}]]', $n))::bytea, 'A')$$, 'SELECT rim.execute(v) FROM input', NULL),
	('execute: names of RIMs', 200, $$('{0: "tag:x", 1: {3: [' || pg_temp.list('[2, "x#"]', $n) || ']}}')::coserv.coserv$$, 'SELECT rim.execute(v) FROM input', NULL),
	('execute: triples that are selected', 500, $$'{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}}'::coserv.coserv FROM rim.load(pg_temp.corim('x', pg_temp.list('[{0: {1: "V"}}, [{0: #, 1: {1: 1}}]]', $n))::bytea, 'A')$$, 'SELECT rim.execute(v) FROM input', NULL),
	('appraise: entries of Evidence', 200, $$('[' || pg_temp.list('{"cmtype": 2, "profile": 32("tag:x"), "authority": [560(h''01'')], "environment": {0: {1: "V#"}}, "element-list": [{"element-id": 7, "element-claims": {1: 1}}]}', $n) || ']')::cbor$$, 'SELECT count(*) FROM rim.appraise((SELECT v FROM input))', 'max_ects'),
	('appraise: elements of one entry', 500, $$('{"cmtype": 2, "profile": 32("tag:x"), "authority": [560(h''01'')], "environment": {0: {1: "V"}}, "element-list": [' || pg_temp.list('{"element-id": #, "element-claims": {1: 1}}', $n) || ']}')::cbor$$, 'SELECT count(*) FROM rim.appraise((SELECT v FROM input))', NULL),
	('http: an Accept of many types', 5000, $$jsonb_build_object('Accept', pg_temp.list('a/b#;q=0.1', $n))$$, $$SELECT rim.http('GET', '/coserv/ogB4', v) FROM input$$, NULL),
	('keys: blocks of PEM', 1000, $$repeat(E'-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', $n)$$, 'SELECT v::crypto_key FROM input', NULL),
	('conflicts: two authorities that agree', 200, $$pg_temp.loaded($n, 'A', '[{0: {1: "V"}}, [{0: #, 1: {1: 1}}]]') + pg_temp.loaded($n, 'B', '[{0: {1: "V"}}, [{0: #, 1: {1: 1}}]]')$$, 'SELECT count(*) FROM rim.conflicts()', NULL),
	('conflicts: two authorities that differ in every value of one element', 50, $$pg_temp.loaded($n, 'A', '[{0: {1: "V"}}, [{0: 7, 1: {1: #}}]]') + pg_temp.loaded($n, 'B', '[{0: {1: "V"}}, [{0: 7, 1: {1: 1#0000}}]]')$$, 'SELECT count(*) FROM rim.conflicts()', 'max_items'),
	('check: triples', 200, $$rim.load(pg_temp.corim('x', pg_temp.list('[{0: {1: "V#"}}, [{0: #, 1: {1: 1}}]]', $n))::bytea, 'A')$$, 'SELECT count(*) FROM rim.check()', NULL);
UPDATE grammar SET make = replace(make, 'UPDATE_SCOPE', $$SELECT pg_temp.scope($n)$$);
CREATE FUNCTION pg_temp.scope(n bigint) RETURNS void LANGUAGE sql AS $$
	UPDATE rim.authority SET environments = (SELECT array_agg(format('{0: {1: "V", 2: "M%s"}}', i)::environment) FROM generate_series(1, n) i) WHERE name = 'A' $$;

\ir cpu.sql

-- one run of the statement, and what it did is gone then
CREATE FUNCTION pg_temp.once(run text, OUT ms float8, OUT state text) LANGUAGE plpgsql AS $$
DECLARE started float8;
BEGIN
	started := public.bench_cpu() / 1000;
	state := 'ok';
	BEGIN
		EXECUTE run;
		ms := public.bench_cpu() / 1000 - started;
		RAISE EXCEPTION USING errcode = 'GROW0';
	EXCEPTION WHEN sqlstate 'GROW0' THEN
		NULL;
	WHEN OTHERS THEN
		ms := public.bench_cpu() / 1000 - started;
		state := sqlstate;
	END;
END $$;
-- the median of so many runs over the same input, which is gone then, too
CREATE FUNCTION pg_temp.median(g pg_temp.grammar, n bigint, times int, OUT ms float8, OUT state text) LANGUAGE plpgsql AS $$
DECLARE all_ms float8[]; r record;
BEGIN
	BEGIN
		EXECUTE 'CREATE TEMP TABLE input AS SELECT * FROM (SELECT ' || replace(g.make, '$n', n::text) || ') AS s (v)';
		FOR i IN 1 .. times LOOP
			SELECT * INTO r FROM pg_temp.once(replace(g.run, '$n', n::text));
			all_ms := all_ms || r.ms;
			state := r.state;
		END LOOP;
		RAISE EXCEPTION USING errcode = 'GROW0';
	EXCEPTION WHEN sqlstate 'GROW0' THEN
		ms := (SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY u) FROM unnest(all_ms) u);
	END;
END $$;
-- from a size on that takes 20 ms, so that what is measured is no constant; where 16 times the first size takes less, it is nearly one
CREATE FUNCTION pg_temp.measure(g pg_temp.grammar) RETURNS void LANGUAGE plpgsql AS $$
DECLARE n bigint := g.start; r record;
BEGIN
	LOOP
		SELECT * INTO r FROM pg_temp.median(g, n, 3);
		EXIT WHEN r.ms >= 20 OR n >= 16 * g.start;
		n := 2 * n;
	END LOOP;
	INSERT INTO growth SELECT g.number, n * k, o.ms, o.state FROM unnest(ARRAY[1, 2, 4]) k, LATERAL pg_temp.median(g, n * k, 5) o;
END $$;
