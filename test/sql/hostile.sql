-- What was made to hurt: each is an error or an answer within seconds of the backend's own time, and holds no memory. Bounds are generous,
-- so that this is no timed test; "slow" and "held" stay empty.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
SET search_path = pg_catalog, coserv, pg_temp;
SELECT coserv.create_store('regress_hostile');
\getenv srcdir PG_ABS_SRCDIR
\set acme_key `cat :'srcdir'/data/acme.key`
\set acme_pub `cat :'srcdir'/data/acme.pub`
INSERT INTO regress_hostile.authority (name, key, accepts_unsigned) VALUES ('acme', :'acme_pub', true);

SELECT regress_hostile.load('501({0: "x", 1: [506(<<{1: {0: "t"}, 4: {0: [[{0: {1: "V"}}, [{0: 7, 1: {1: 1}}]]]}}>>)]})'::corim::bytea, 'acme');
CREATE TEMP TABLE outcome (ordinal int GENERATED ALWAYS AS IDENTITY, what text, state text, message text, took interval, held bigint);
CREATE FUNCTION pg_temp.memory() RETURNS bigint LANGUAGE sql AS $$ SELECT sum(total_bytes) FROM pg_backend_memory_contexts WHERE name NOT IN ('MessageContext', 'ExecutorState', 'ExprContext', 'SPI Proc') $$;
-- Seconds that this backend has run for: on a machine that has no time for it, the clock says nothing. Without /proc, the clock.
CREATE FUNCTION pg_temp.ran() RETURNS interval LANGUAGE sql AS $$
	SELECT coalesce((f[12]::int + f[13]::int) * interval '10 ms', clock_timestamp() - '2000-01-01')
	FROM string_to_array(regexp_replace(pg_read_file('/proc/self/stat', 0, 10000, true), '^.*\) ', ''), ' ') AS f $$;
-- sql takes the input as $1. What is slow or holds memory is so each time: the best of three counts.
CREATE FUNCTION pg_temp.attempt(what text, sql text, input anyelement) RETURNS void LANGUAGE plpgsql AS $$
DECLARE started interval; before bigint; took interval; held bigint; state text; message text; n bigint;
BEGIN
	FOR i IN 1 .. 3 LOOP
		state := '00000';
		message := '';
		before := pg_temp.memory();
		started := pg_temp.ran();
		BEGIN
			EXECUTE 'SELECT count(x::text) FROM (' || sql || ') AS s(x)' INTO n USING input;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
		END;
		took := least(took, pg_temp.ran() - started);
		held := least(held, pg_temp.memory() - before);
		EXIT WHEN took <= interval '10 s' AND held <= 262144;
	END LOOP;
	INSERT INTO pg_temp.outcome (what, state, message, took, held) VALUES (what, state, left(message, 110), took, held);
END $$;
CREATE FUNCTION pg_temp.path() RETURNS text LANGUAGE sql AS $$
	SELECT '/coserv/' || rtrim(translate(encode('{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "x"}]]}, 2: 0}}'::coserv.coserv::bytea, 'base64'), E'+/\n', '-_'), '=') $$;
CREATE FUNCTION pg_temp.hex(text) RETURNS bytea LANGUAGE sql AS $$ SELECT decode($1, 'hex') $$;
\o /dev/null
-- caches fill at the first use
SELECT pg_temp.attempt('warm up', 'SELECT ($1::cbor)::environment UNION ALL SELECT 1', '\x00'::bytea);
SELECT pg_temp.attempt('warm up', 'SELECT regress_hostile.load($1, ''acme'')', '\xd901f5a0'::bytea);
SELECT pg_temp.attempt('warm up', 'SELECT status FROM regress_hostile.http(''GET'', $1)', '/coserv/'::text);
SELECT pg_temp.attempt('warm up', 'SELECT regress_hostile.execute($1::coserv.coserv)', '{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "x"}]]}, 2: 0}}'::text);
SELECT pg_temp.attempt('warm up', 'SELECT cmtype FROM regress_hostile.appraise($1::cbor)',
	'{"cmtype": 2, "profile": 32("tag:x"), "authority": [560(h''01'')], "environment": {0: {1: "V"}}, "element-list": [{"element-id": 7, "element-claims": {1: 1}}]}'::text);
DELETE FROM outcome;

-- 64 MiB: a byte string as long as the limit and one that is longer; items without number; a document that says nothing
SELECT pg_temp.attempt('64 MiB of bytes as CBOR', 'SELECT length($1::cbor::bytea)', '\x5a04000000'::bytea || convert_to(repeat('x', 67108864), 'UTF8'));
SELECT pg_temp.attempt('64 MiB of bytes as CoRIM', 'SELECT length($1::corim::bytea)', '\x5a03fffff0'::bytea || convert_to(repeat('x', 67108848), 'UTF8'));
SELECT pg_temp.attempt('64 MiB of zeros, loaded', 'SELECT regress_hostile.load($1, ''acme'')', pg_temp.hex(repeat('00', 67108864)));
SELECT pg_temp.attempt('64 MiB of items', 'SELECT length($1::cbor::bytea)', '\x9a03fffff0'::bytea || pg_temp.hex(repeat('00', 67108848)));
SELECT pg_temp.attempt('a CoRIM of 64 MiB', 'SELECT regress_hostile.load($1, ''acme'')',
	'\xd901f5a20061780181d901f95a03ffff00'::bytea || convert_to(repeat('x', 67108608), 'UTF8'));
SELECT pg_temp.attempt('the same, inspected', 'SELECT rule FROM coserv.inspect($1)',
	'\xd901f5a20061780181d901f95a03ffff00'::bytea || convert_to(repeat('x', 67108608), 'UTF8'));
SELECT pg_temp.attempt('64 MiB as environment', 'SELECT $1::environment', '\xa100a1017a03fffff0'::bytea || convert_to(repeat('x', 67108848), 'UTF8'));

-- nesting
SELECT pg_temp.attempt('10,000 arrays', 'SELECT $1::cbor', pg_temp.hex(repeat('81', 10000) || '00'));
SELECT pg_temp.attempt('10,000 arrays without an end', 'SELECT $1::cbor', pg_temp.hex(repeat('9f', 10000)));
SELECT pg_temp.attempt('10,000 maps', 'SELECT $1::cbor', pg_temp.hex(repeat('a100', 10000) || '00'));
SELECT pg_temp.attempt('10,000 maps as keys', 'SELECT $1::cbor', pg_temp.hex(repeat('a1', 10000) || repeat('00', 10001)));
SELECT pg_temp.attempt('10,000 tags', 'SELECT $1::cbor', pg_temp.hex(repeat('c1', 10000) || '00'));
SELECT pg_temp.attempt('10,000 tags around a CoRIM', 'SELECT regress_hostile.load($1, ''acme'')', pg_temp.hex(repeat('d901f5', 10000) || 'a0'));
SELECT pg_temp.attempt('10,000 arrays, loaded', 'SELECT regress_hostile.load($1, ''acme'')', pg_temp.hex('d901f5' || repeat('81', 10000) || '00'));
SELECT pg_temp.attempt('10,000 arrays, inspected', 'SELECT * FROM (SELECT count(*) FROM coserv.inspect($1)) s', pg_temp.hex('d901f5' || repeat('81', 10000) || '00'));
SELECT pg_temp.attempt('a million arrays in EDN', 'SELECT $1::cbor', repeat('[', 1000000));
SELECT pg_temp.attempt('a million maps in EDN', 'SELECT $1::cbor', repeat('{1: ', 1000000));
SELECT pg_temp.attempt('a million tags in EDN', 'SELECT $1::cbor', repeat('1(', 1000000));
SELECT pg_temp.attempt('a million embedded sequences in EDN', 'SELECT $1::cbor', repeat('<<', 1000000));
SELECT pg_temp.attempt('a million chunked strings in EDN', 'SELECT $1::cbor', repeat('(_ ', 1000000));
-- embedded CBOR in embedded CBOR, as deep as lengths allow within a few kB
CREATE TEMP TABLE embedded AS
	WITH RECURSIVE nest (n, b) AS (
		SELECT 0, '\x00'::bytea UNION ALL
		SELECT n + 1, '\xd81859'::bytea || pg_temp.hex(lpad(to_hex(length(b)), 4, '0')) || b FROM nest WHERE n < 3000)
	SELECT b FROM nest ORDER BY n DESC LIMIT 1;
SELECT pg_temp.attempt('3,000 embedded items, one in another', 'SELECT cbor_diag($1::cbor)', b) FROM embedded;
SELECT pg_temp.attempt('the same, described', 'SELECT coserv.describe($1::cbor)', b) FROM embedded;
SELECT pg_temp.attempt('the same, as a tag of a CoRIM', 'SELECT regress_hostile.load(''\xd901f5a200617801815903e8''::bytea || substr($1, length($1) - 999), ''acme'')', b) FROM embedded;

-- keys
SELECT pg_temp.attempt('a million equal keys as environment', 'SELECT $1::environment', pg_temp.hex('ba000f4240' || repeat('01d902304100', 1000000)));
SELECT pg_temp.attempt('a million equal keys as CoRIM', 'SELECT regress_hostile.load($1, ''acme'')', pg_temp.hex('d901f5ba000f4240' || repeat('006161', 1000000)));
SELECT pg_temp.attempt('a million equal keys, made deterministic', 'SELECT length(deterministic($1::cbor)::bytea)', pg_temp.hex('ba000f4240' || repeat('0000', 1000000)));
SELECT pg_temp.attempt('a million equal keys as jsonb', 'SELECT length(($1::cbor)::jsonb::text)', pg_temp.hex('ba000f4240' || repeat('0000', 1000000)));
SELECT pg_temp.attempt('a million equal keys in EDN', 'SELECT length($1::cbor::bytea)', '{' || repeat('0: 0, ', 1000000) || '}');
CREATE TEMP TABLE keys AS SELECT string_agg('1a' || lpad(to_hex(2000000 - i), 8, '0') || '00', '') AS hex FROM generate_series(1, 1000000) AS i;
SELECT pg_temp.attempt('a million keys the wrong way round, made deterministic', 'SELECT length(deterministic($1::cbor)::bytea)', pg_temp.hex('ba000f4240' || hex)) FROM keys;
SELECT pg_temp.attempt('the same as CoRIM', 'SELECT regress_hostile.load($1, ''acme'')', pg_temp.hex('d901f5ba000f4240' || hex)) FROM keys;
SELECT pg_temp.attempt('the same, asked whether it contains itself', 'SELECT $1::cbor @> $1::cbor', pg_temp.hex('ba000186a0' || left(hex, 100000 * 12))) FROM keys;
SELECT pg_temp.attempt('the same, asked whether it is itself', 'SELECT $1::cbor = $1::cbor', pg_temp.hex('ba000f4240' || hex)) FROM keys;
SELECT pg_temp.attempt('the same as CoSERV query', 'SELECT $1::coserv.coserv', pg_temp.hex('ba000f4240' || hex)) FROM keys;
SELECT pg_temp.attempt('the same as measurement', 'SELECT $1::measurement', pg_temp.hex('a101ba000f4240' || hex)) FROM keys;

-- heads that claim 2^63 and more
SELECT pg_temp.attempt('2^63 ' || what, 'SELECT $1::cbor', pg_temp.hex(head || '8000000000000000' || '0000'))
FROM (VALUES ('bytes', '5b'), ('characters', '7b'), ('elements', '9b'), ('pairs', 'bb'), ('in an array', '819b'), ('in a tag', 'c19b'), ('in a chunk', '5f5b')) AS v(what, head);
SELECT pg_temp.attempt('2^64 - 1 ' || what, 'SELECT regress_hostile.load($1, ''acme'')', pg_temp.hex('d901f5' || head || 'ffffffffffffffff' || '0000'))
FROM (VALUES ('bytes', '5b'), ('characters', '7b'), ('elements', '9b'), ('pairs', 'bb')) AS v(what, head);
SELECT pg_temp.attempt('2^63 elements in a COSE_Sign1', 'SELECT regress_hostile.load($1)', '\xd284589b8000000000000000a05b80000000000000004100'::bytea);
SELECT pg_temp.attempt('4 billion elements', 'SELECT $1::cbor', '\x9affffffff00'::bytea);

-- strings
SELECT pg_temp.attempt('64 MiB of text in EDN', 'SELECT length($1::cbor::bytea)', '"' || repeat('x', 67108864) || '"');
SELECT pg_temp.attempt('64 MiB of hex in EDN', 'SELECT length($1::cbor::bytea)', 'h''' || repeat('00', 33554432) || '''');
SELECT pg_temp.attempt('8 MiB of escapes in EDN', 'SELECT length($1::cbor::bytea)', '"' || repeat('\u0041', 1398101) || '"');
SELECT pg_temp.attempt('8 MiB of base64 in EDN', 'SELECT length($1::cbor::bytea)', 'b64''' || repeat('AAAA', 2097152) || '''');
SELECT pg_temp.attempt('8 MiB of comments in EDN', 'SELECT length($1::cbor::bytea)', repeat('/ x / ', 1398101) || '1');
SELECT pg_temp.attempt('8 MiB of a comment without an end', 'SELECT length($1::cbor::bytea)', '/' || repeat('x', 8388608));
SELECT pg_temp.attempt('a million digits in EDN', 'SELECT length($1::cbor::bytea)', repeat('9', 1000000));
SELECT pg_temp.attempt('a million hexadecimal digits in EDN', 'SELECT length($1::cbor::bytea)', '0x' || repeat('9', 1000000));
SELECT pg_temp.attempt('a million digits of a fraction in EDN', 'SELECT length($1::cbor::bytea)', '0.' || repeat('9', 1000000));
SELECT pg_temp.attempt('a bignum of a million bytes', 'SELECT length(cbor_diag($1::cbor))', '\xc25a000f4240'::bytea || pg_temp.hex(repeat('ff', 1000000)));
SELECT pg_temp.attempt('the same as jsonb', 'SELECT length($1::cbor::jsonb::text)', '\xc25a000f4240'::bytea || pg_temp.hex(repeat('ff', 1000000)));
SELECT pg_temp.attempt('a million chunks', 'SELECT length(deterministic($1::cbor)::bytea)', pg_temp.hex('5f' || repeat('40', 1000000) || 'ff'));
SELECT pg_temp.attempt('a million chunks of text', 'SELECT length($1::cbor ->> 0)', pg_temp.hex('817f' || repeat('6161', 1000000) || 'ff'));
SELECT pg_temp.attempt('a million strings put together in EDN', 'SELECT length($1::cbor::bytea)', '"a"' || repeat(' + "a"', 1000000));

-- queries, evidence, HTTP, keys
SELECT pg_temp.attempt('100,000 selectors', 'SELECT regress_hostile.execute($1::coserv.coserv)',
	'{0: "tag:x", 1: {0: 2, 1: {0: [' || (SELECT string_agg(format('[{1: "%s"}]', i), ', ') FROM generate_series(1, 100000) AS i) || ']}, 2: 0}}');
SELECT pg_temp.attempt('20,000 RIM identifiers', 'SELECT regress_hostile.execute($1::coserv.coserv)',
	'{0: "tag:x", 1: {3: [' || (SELECT string_agg(format('[2, "%s"]', i), ', ') FROM generate_series(1, 20000) AS i) || ']}}');
SELECT pg_temp.attempt('100,000 elements of evidence', 'SELECT count(*) FROM regress_hostile.appraise($1::cbor)',
	'{"cmtype": 2, "profile": 32("tag:x"), "authority": [560(h''01'')], "environment": {0: {1: "V"}}, "element-list": [' || (SELECT string_agg(format('{"element-id": %s, "element-claims": {1: 1}}', i), ', ') FROM generate_series(1, 100000) AS i) || ']}');
SELECT pg_temp.attempt('the same, to be compared', 'SELECT count(*) FROM regress_hostile.appraise($1::cbor)',
	'{"cmtype": 2, "profile": 32("tag:x"), "authority": [560(h''01'')], "environment": {0: {1: "V"}}, "element-list": [' || (SELECT string_agg(format('{"element-id": %s, "element-claims": {1: 1}}', i), ', ') FROM generate_series(1, 100000) AS i) || ']}');
SELECT pg_temp.attempt('100,000 equal elements of evidence', 'SELECT count(*) FROM regress_hostile.appraise($1::cbor)',
	'{"cmtype": 2, "profile": 32("tag:x"), "authority": [560(h''01'')], "environment": {0: {1: "V"}}, "element-list": [' || (SELECT string_agg('{"element-id": 7, "element-claims": {1: 1}}', ', ') FROM generate_series(1, 100000) AS i) || ']}');
SELECT pg_temp.attempt('10,000 entries of evidence', 'SELECT count(*) FROM regress_hostile.appraise($1::cbor)',
	'[' || (SELECT string_agg(format('{"cmtype": 2, "profile": 32("tag:x"), "authority": [560(h''01'')], "environment": {0: {1: "V", 3: %s}}, "element-list": [{"element-id": 7, "element-claims": {1: 1}}]}', i), ', ') FROM generate_series(1, 10000) AS i) || ']');
SELECT pg_temp.attempt('1 MB of path', 'SELECT status FROM regress_hostile.http(''GET'', $1)', '/coserv/' || repeat('ogB4', 250000));
SELECT pg_temp.attempt('1 MB of Accept', 'SELECT status FROM regress_hostile.http(''GET'', pg_temp.path(), jsonb_build_object(''Accept'', $1))', repeat('a/b;q=0.1, ', 100000));
SELECT pg_temp.attempt('1 MB of If-None-Match', 'SELECT status FROM regress_hostile.http(''GET'', pg_temp.path(), jsonb_build_object(''If-None-Match'', $1))', repeat('"x", ', 200000));
SELECT pg_temp.attempt('1 MB of PEM', 'SELECT $1::crypto_key', 'x' || E'-----BEGIN PUBLIC KEY-----\n' || repeat(E'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n', 16000) || E'-----END PUBLIC KEY-----\n');
SELECT pg_temp.attempt('a PEM key of 1 MB', 'SELECT $1::crypto_key', E'-----BEGIN PUBLIC KEY-----\n' || repeat(E'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n', 16000) || E'-----END PUBLIC KEY-----\n');
SELECT pg_temp.attempt('deep jsonb', 'SELECT $1::jsonb::cbor', repeat('[', 2000) || repeat(']', 2000));

\o
SELECT what, state, message FROM outcome ORDER BY ordinal;
SELECT what AS slow, took FROM outcome WHERE took > interval '10 s';
SELECT what AS held, held AS bytes FROM outcome WHERE held > 262144;
SELECT coserv.drop_store('regress_hostile');
