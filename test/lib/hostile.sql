-- Hostile calls (t/080_hostile.pl): values of every type that an argument may have, as tables hostile.v_TYPE (id, big, v), and calls of every
-- function, operator and cast of the extension and of the store rim with them, as hostile.call (id, statement). Variables: calls, seed, and large: which share of the values is.
SET client_min_messages = error;
SET search_path = pg_catalog, pg_temp;
SET jit = off;
CREATE SCHEMA hostile;
SELECT set_config('hostile.large', :'large', false) \g /dev/null
SELECT setseed(:seed) \g /dev/null

CREATE FUNCTION hostile.hex(text) RETURNS bytea LANGUAGE sql AS $$ SELECT decode($1, 'hex') $$;

-- A table for each type; what does not become such a value is left out.
CREATE FUNCTION hostile.table_for(type regtype) RETURNS regclass LANGUAGE plpgsql AS $$
DECLARE name text := 'v_' || trim(leading '_' FROM (SELECT typname FROM pg_type WHERE oid = type)) || CASE WHEN (SELECT typcategory FROM pg_type WHERE oid = type) = 'A' THEN '_array' ELSE '' END;
BEGIN
	IF to_regclass(format('hostile.%I', name)) IS NULL THEN
		EXECUTE format('CREATE TABLE hostile.%I (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, big boolean NOT NULL, v %s)', name, type);
		IF (SELECT typstorage FROM pg_type WHERE oid = type) IN ('x', 'm') THEN
			EXECUTE format('ALTER TABLE hostile.%I ALTER v SET STORAGE EXTERNAL', name);
		END IF;
	END IF;
	RETURN to_regclass(format('hostile.%I', name));
END $$;
CREATE FUNCTION hostile.add(type regtype, value anyelement) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('INSERT INTO %s (big, v) SELECT coalesce(pg_column_size($1) > 1000000, false), $1::%s', hostile.table_for(type), type) USING value;
EXCEPTION WHEN OTHERS THEN
	IF sqlstate LIKE '57%' OR sqlstate LIKE 'XX%' THEN RAISE; END IF;
END $$;

-- bytes: documents as they are, and each changed in some bytes; what claims more than is there; what is large
CREATE TEMP TABLE document AS
	SELECT v::bytea AS b FROM (VALUES
		('501({0: "x", 1: [506(<<{1: {0: "t"}, 4: {0: [[{0: {1: "V"}}, [{0: 7, 1: {1: 1, 2: [[1, h''0011'']]}}]]], 3: [[{0: {1: "V"}}, [560(h''01'')]]]}}>>)]})'::coserv.cbor),
		('{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}}'), ('{0: {1: "V", 2: "M"}, 1: 550(h''0102'')}'), ('{0: 7, 1: {1: 553(4), 2: [[1, h''00'']], 4: 560(h''ff'')}}'),
		('[{0: {1: "V"}}, [{0: 7, 1: {1: 1}}, {1: {11: "x"}}]]'), ('{"cmtype": 2, "profile": 32("tag:x"), "authority": [560(h''01'')], "environment": {0: {1: "V"}}, "element-list": [{"element-id": 7, "element-claims": {1: 1}}]}'),
		('18([h''a10126'', {}, h''00'', h''00''])'), ('554("x")'), ('560(h''0102030405060708'')'), ('557([1, h''00''])'), ('1(1.5)'), ('[1, [2, 3], {"a": {1: 2}}, h''00'', (_ "a", "b"), 2(h''010000000000000000'')]')) AS d(v)
	UNION ALL SELECT document FROM rim.manifest;
SELECT hostile.add('bytea', b) FROM document \g /dev/null
SELECT hostile.add('bytea', set_byte(b, (random() * (length(b) - 1))::int, (random() * 255)::int)) FROM document, generate_series(1, 8) \g /dev/null
SELECT hostile.add('bytea', substr(b, 1, (random() * length(b))::int)) FROM document, generate_series(1, 2) \g /dev/null
SELECT hostile.add('bytea', hostile.hex(x)) FROM unnest(ARRAY['', '00', 'ff', 'f97c00', '9bffffffffffffffff', 'bb8000000000000000', '5b8000000000000000', '5f5b7fffffffffffffff', '3084ffffffff', '30820122300d',
	repeat('81', 1000) || '00', repeat('d818', 500) || '40', 'a2' || repeat('0000', 2), 'd901f5a0', '7f' || repeat('6161', 1000) || 'ff']) x \g /dev/null
\if :with_large
SELECT hostile.add('bytea', b) FROM (VALUES
	('\x7a03938700'::bytea || hostile.hex(repeat('01', 60000000))), ('\x7a03938700' || hostile.hex(repeat('c3bf', 30000000))), ('\x5a03938700' || hostile.hex(repeat('22', 60000000))),
	('\x9a003d0900' || hostile.hex(repeat('00', 4000000))), ('\x9a001e8480' || hostile.hex(repeat('fb3fb999999999999a', 2000000))),
	('\xba000f4240' || hostile.hex((SELECT string_agg('1a' || lpad(to_hex(2000000 - i), 8, '0') || '00', '') FROM generate_series(1, 1000000) AS i))),
	('\x9a000186a0' || hostile.hex((SELECT string_agg('81a11a' || lpad(to_hex(2000000 - i), 8, '0') || '8100', '') FROM generate_series(1, 100000) AS i))),
	('\x9a00000fa0' || hostile.hex(repeat('c2591388' || repeat('ff', 5000), 4000))), ('\xc25a03938700' || hostile.hex(repeat('ff', 60000000))),
	('\x5f' || hostile.hex(repeat('41ff', 2000000)) || '\xff'), (hostile.hex(repeat('30820400', 10000000))), ('\x3083e4e1bf' || hostile.hex(repeat('3003020101', 3000000))),
	(convert_to(E'-----BEGIN CERTIFICATE-----\n' || repeat(repeat('A', 64) || E'\n', 600000) || E'-----END CERTIFICATE-----\n', 'UTF8')),
	('\xd901f5a20061780181d901fa5a03938500' || hostile.hex(repeat('00', 59999488))),
	('\xd28440a05a03938700' || hostile.hex(repeat('00', 60000000)) || '\x4100')) AS v(b) \g /dev/null
\endif

-- text: EDN, JSON, PEM, names, queries, requests
SELECT hostile.add('text', t) FROM unnest(ARRAY['', ' ', 'x', 'V', 'rim', 'json', 'cbor', 'GET', '/', '/.well-known/coserv-configuration', 'corim-map', 'concise-mid-tag', 'environment-map', 'cwt-claims', 'reader', 'ACME', 'sha-256',
	'SELECT 1', 'SELECT document FROM rim.manifest', 'SELECT v FROM hostile.v_bytea', '%s%n', E'\n', repeat('é', 500), '{"a": [1, -2.5e300, 1e131071, "\u0000x"]}', '{1: [2, (_ h''00''), 3.5_3, <<1>>]}', '\x8100', '\xzz',
	'/coserv/ogB4', 'h''00', repeat('[', 5000), repeat('<<', 5000), '-----BEGIN PUBLIC KEY-----', E'-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n', '{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}', repeat('9', 9999)]) t \g /dev/null
SELECT hostile.add('text', coserv.cbor_diag(v::coserv.cbor)) FROM hostile.v_bytea, LATERAL (SELECT) s WHERE NOT big AND v IN (SELECT b FROM document) \g /dev/null
\if :with_large
SELECT hostile.add('text', t) FROM (VALUES ('"' || repeat('\u0001', 10000000) || '"'), ('"' || repeat('x', 60000000) || '"'), (repeat(' ', 60000000) || '1'), (repeat('/ /', 20000000) || '1'), ('h''' || repeat('0f', 30000000) || ''''),
	('b32''' || repeat('a', 60000000) || ''''), ('[' || repeat(repeat('9', 9999) || ', ', 6000) || '1]'), ('[' || repeat('0x' || repeat('f', 9990) || ', ', 6000) || '1]'), ('[' || repeat('0.1, ', 3000000) || '1]'), (repeat('9', 60000000)),
	('{' || repeat('0: 0, ', 3000000) || '}'), ('[' || repeat('"a" + "b", ', 3000000) || ']'), (E'-----BEGIN PUBLIC KEY-----\n' || repeat(repeat('A', 64) || E'\n', 600000) || E'-----END PUBLIC KEY-----\n'),
	(repeat(E'-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n', 500000)), (repeat('-----BEGIN ', 5000000)), (repeat('-', 50000000)), (E'-----BEGIN X-----\n' || repeat('a: b\n', 8000000)),
	('{"kty": "RSA", "n": "' || repeat('A', 40000000) || '", "e": "AQAB"}'), ('{"keys": [' || repeat('{"kty": "EC"}, ', 1000000) || '1]}'), ('/coserv/' || repeat('ogB4', 10000000)), (repeat('a/b;q=0.1, ', 5000000)), (repeat('x', 60000000)), (repeat('%', 1000000))) AS v(t) \g /dev/null
\endif

-- JSON
SELECT hostile.add('jsonb', t) FROM unnest(ARRAY['null', '{}', '[]', '"x"', '1e131071', '-18446744073709551616', '[1.0, 2.5, -0]', '{"a": {"b": [null, true]}}', '{"Accept": "application/coserv+cose"}', '{"If-None-Match": "*"}', repeat('[', 1000) || repeat(']', 1000)]) t \g /dev/null
SELECT hostile.add('jsonb', v::coserv.corim::jsonb) FROM hostile.v_bytea WHERE v IN (SELECT document FROM rim.manifest) \g /dev/null
\if :with_large
SELECT hostile.add('jsonb', j) FROM (VALUES (('[' || repeat('1e131071, ', 100000) || '1]')), ('[' || repeat('1e-16000, ', 100000) || '1]'), ('[' || repeat(repeat('9', 9999) || ', ', 6000) || '1]'), (to_jsonb(repeat('x', 60000000))::text),
	(to_jsonb(repeat(E'\x01', 20000000))::text), ((SELECT jsonb_object_agg(i, i)::text FROM generate_series(1, 300000) i)), ('[' || repeat('{"a": [1]}, ', 1000000) || '1]'), ('{"Accept": "' || repeat('a/b;q=0.1, ', 3000000) || '"}')) AS v(j) \g /dev/null
\endif

-- the extension's types: from all bytes that are such values, and some that are large in their own way
SELECT hostile.add(t, v) FROM hostile.v_bytea, unnest(ARRAY['coserv.cbor', 'coserv.corim', 'coserv.coserv', 'coserv.environment', 'coserv.measurement']::regtype[]) t
	WHERE NOT big OR t = 'coserv.cbor'::regtype \g /dev/null
SELECT hostile.add('coserv.crypto_key', v::coserv.cbor) FROM hostile.v_bytea, LATERAL (SELECT) s WHERE NOT big AND v IN (SELECT b FROM document) \g /dev/null
SELECT hostile.add('coserv.crypto_key', key) FROM rim.authority \g /dev/null
\if :with_large
SELECT hostile.add('coserv.environment', ('{0: {1: "' || repeat('x', 60000000) || '"}}')::text) \g /dev/null
SELECT hostile.add('coserv.measurement', ('{0: 7, 1: {2: [' || (SELECT string_agg(format('[%s, h''%s'']', i, repeat('ff', 32)), ', ') FROM generate_series(1, 300000) i) || ']}}')::text) \g /dev/null
SELECT hostile.add('coserv.measurement', ('{0: 7, 1: {14: {' || (SELECT string_agg(format('"r%s": [[1, h''00'']]', i), ', ') FROM generate_series(1, 300000) i) || '}}}')::text) \g /dev/null
SELECT hostile.add('coserv.coserv', ('{0: "tag:x", 1: {0: 2, 1: {0: [' || (SELECT string_agg(format('[{1: "%s"}]', i), ', ') FROM generate_series(1, 300000) AS i) || ']}, 2: 0}}')::text) \g /dev/null
SELECT hostile.add('coserv.coserv', ('{0: "tag:x", 1: {3: [' || (SELECT string_agg(format('[2, "%s"]', i), ', ') FROM generate_series(1, 100000) AS i) || ']}}')::text) \g /dev/null
SELECT hostile.add('coserv.crypto_key', ('554("' || repeat('A', 40000000) || '")')::text) \g /dev/null
SELECT hostile.add('coserv.crypto_key', ('560(h''' || repeat('00', 20000000) || ''')')::text) \g /dev/null
SELECT hostile.add(t, ('[' || (SELECT string_agg(format('{"cmtype": 2, "profile": 32("tag:x"), "authority": [560(h''01'')], "environment": {0: {1: "V", 3: %s}}, "element-list": [{"element-id": 7, "element-claims": {1: 1}}]}', i), ', ')
	FROM generate_series(1, 10000) AS i) || ']')::text) FROM unnest(ARRAY['coserv.cbor']::regtype[]) t \g /dev/null
SELECT hostile.add('coserv.cbor', ('[' || (SELECT string_agg(format('[%s, {1: %s}]', i, i), ', ') FROM generate_series(1, 20000) AS i) || ']')::text) \g /dev/null
SELECT hostile.add('coserv.corim', ('501({0: "x", 1: [506(<<{1: {0: "t"}, 4: {0: [' || (SELECT string_agg(format('[{0: {1: "V%s"}}, [{0: 7, 1: {1: 1}}]]', i), ', ') FROM generate_series(1, 100000) i) || ']}}>>)]})')::text) \g /dev/null
\endif

-- everything else
SELECT hostile.add('bigint', n) FROM unnest(ARRAY[-9223372036854775808, -1, 0, 1, 7, 4294967296, 9223372036854775807]) n \g /dev/null
SELECT hostile.add('integer', n) FROM unnest(ARRAY[-2147483648, -1, 0, 1, 2, 1000, 2147483647]) n \g /dev/null
SELECT hostile.add('smallint', n) FROM unnest(ARRAY[-32768, -1, 0, 1, 2, 3, 5, 6, 8, 10, 32767]) n \g /dev/null
SELECT hostile.add('numeric', n) FROM unnest(ARRAY['NaN', 'Infinity', '0', '-1', '18446744073709551615', '1e131071', '1e-16383']) n \g /dev/null
SELECT hostile.add('boolean', b) FROM unnest(ARRAY[true, false]) b \g /dev/null
SELECT hostile.add('timestamptz', t) FROM unnest(ARRAY['-infinity', 'infinity', '4713-01-01 BC', '1970-01-01', 'now', '9999-01-01', '294276-12-31']) t \g /dev/null
SELECT hostile.add('interval', t) FROM unnest(ARRAY['0', '-1 s', '1 s', '178000000 years', '-178000000 years']) t \g /dev/null
SELECT hostile.add('uuid', u) FROM (SELECT id FROM rim.manifest UNION ALL SELECT gen_random_uuid() UNION ALL SELECT '00000000-0000-0000-0000-000000000000') AS v(u) \g /dev/null
SELECT hostile.add('regnamespace', n) FROM unnest(ARRAY['rim', 'rim', 'rim', 'coserv', 'pg_catalog', '0', '4294967295']) n \g /dev/null
SELECT hostile.add('regrole', n) FROM unnest(ARRAY['hostile', 'postgres', '0', '4294967295']) n \g /dev/null
SELECT hostile.add('oid', n) FROM unnest(ARRAY['0', '1', '4294967295']) n \g /dev/null
SELECT hostile.add('double precision', n) FROM unnest(ARRAY['NaN', 'Infinity', '0', '-1e300']) n \g /dev/null
INSERT INTO hostile.v_regnamespace (big, v) VALUES (false, NULL);
-- arrays of them, null and empty ones too
CREATE FUNCTION hostile.add_arrays() RETURNS void LANGUAGE plpgsql AS $$
DECLARE t regtype;
BEGIN
	FOR t IN SELECT DISTINCT a FROM pg_proc, unnest(proargtypes) a JOIN pg_type ON pg_type.oid = a
		WHERE pronamespace IN ('coserv'::regnamespace, 'rim'::regnamespace) AND typcategory = 'A' LOOP
		EXECUTE format('INSERT INTO %s (big, v) SELECT false, ''{}'' UNION ALL SELECT false, ARRAY[NULL::%s] UNION ALL SELECT false, array_agg(v) FROM (SELECT v FROM %s WHERE NOT big ORDER BY random() LIMIT 20) s
			UNION ALL SELECT true, array_agg(v) FROM (SELECT v FROM %3$s, generate_series(1, 2000) WHERE NOT big ORDER BY random() LIMIT 50000) s',
			hostile.table_for(t), (SELECT typelem::regtype FROM pg_type WHERE oid = t), hostile.table_for((SELECT typelem::regtype FROM pg_type WHERE oid = t)));
	END LOOP;
END $$;
SELECT hostile.add_arrays() \g /dev/null

-- One value of a type. A cstring is a text's.
CREATE FUNCTION hostile.argument(type regtype) RETURNS text LANGUAGE plpgsql AS $$
DECLARE t regclass; id int;
BEGIN
	IF type = 'record'::regtype THEN
		RETURN (ARRAY['(SELECT m FROM rim.manifest m LIMIT 1)', 'ROW(1, NULL, ''x'')', 'ROW()', 'NULL::record'])[1 + (random() * 3)::int];
	ELSIF type = 'cstring'::regtype THEN
		RETURN format('textout(%s)', hostile.argument('text'));
	END IF;
	IF random() < 0.03 THEN
		RETURN format('NULL::%s', type);
	END IF;
	t := hostile.table_for(type);
	EXECUTE format('SELECT id FROM %s WHERE big = ($1 < current_setting(''hostile.large'')::float8) ORDER BY random() LIMIT 1', t) INTO id USING random();
	IF id IS NULL THEN
		EXECUTE format('SELECT id FROM %s ORDER BY random() LIMIT 1', t) INTO id;
	END IF;
	RETURN format('(SELECT v FROM %s WHERE id = %s)', t, coalesce(id, 0));
END $$;

-- Out functions are called by name: what is beside them in a cast to text is not ours. Nor is what FROM does with one value: PostgreSQL writes
-- it to a temporary file, where it may be a text of 120 MB, and listens to nobody meanwhile; so FROM is for functions that answer rows.
CREATE TABLE hostile.callable AS
	SELECT row_number() OVER () AS n, c.* FROM (
		SELECT CASE WHEN proretset THEN 'r' ELSE 'f' END AS kind, format('%s.%I', pronamespace::regnamespace, proname) AS name, proargtypes::oid[] AS types, pronargs - pronargdefaults AS needed, prokind = 'p' AS is_procedure
		FROM pg_proc WHERE pronamespace IN ('coserv'::regnamespace, 'rim'::regnamespace) AND 'internal'::regtype <> ALL (proargtypes)
		UNION ALL SELECT 'o', format('OPERATOR(coserv.%s)', oprname), ARRAY[oprleft, oprright], 2, false FROM pg_operator WHERE oprnamespace = 'coserv'::regnamespace
		UNION ALL SELECT 'c', casttarget::regtype::text, ARRAY[castsource], 1, false FROM pg_cast
			WHERE casttarget IN (SELECT oid FROM pg_type WHERE typnamespace = 'coserv'::regnamespace) OR castsource IN (SELECT oid FROM pg_type WHERE typnamespace = 'coserv'::regnamespace)) c;

CREATE FUNCTION hostile.statement(c hostile.callable) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	k int := c.needed + (random() * (coalesce(array_length(c.types, 1), 0) - c.needed))::int;
	a text[] := (SELECT array_agg(hostile.argument(t) ORDER BY n) FROM unnest(c.types) WITH ORDINALITY AS u (t, n) WHERE n <= k);
BEGIN
	RETURN CASE
		WHEN c.is_procedure THEN format('CALL %s(%s)', c.name, array_to_string(a[1:4] || ARRAY['0', '0'], ', '))
		WHEN c.kind = 'r' THEN format('SELECT count(s) FROM %s(%s) s', c.name, array_to_string(a, ', '))
		WHEN c.kind = 'f' THEN format('SELECT count(%s(%s))', c.name, array_to_string(a, ', '))
		WHEN c.kind = 'o' THEN format('SELECT count(s) FROM (SELECT %s %s %s) s', a[1], c.name, a[2])
		ELSE format('SELECT count(s) FROM (SELECT %s::%s) s', a[1], c.name) END;
END $$;
CREATE TABLE hostile.call (id int PRIMARY KEY, statement text);
INSERT INTO hostile.call SELECT i, hostile.statement(c) FROM generate_series(1, :calls) i JOIN hostile.callable c ON c.n = 1 + i % (SELECT count(*) FROM hostile.callable);
GRANT USAGE ON SCHEMA hostile TO hostile;
GRANT SELECT ON ALL TABLES IN SCHEMA hostile TO hostile;
ANALYZE hostile.call;
