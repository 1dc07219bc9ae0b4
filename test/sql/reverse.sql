-- Reverse look-up: who states a digest, a key or a value; an index scan and a sequential scan give the same rows; the index is used.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
CREATE EXTENSION IF NOT EXISTS coserv;
SET search_path = coserv, public;
SET max_parallel_workers_per_gather = 0;
SET jit = off;
\getenv srcdir PG_ABS_SRCDIR
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set certifier_pub `cat :'srcdir'/data/certifier.pub`
SELECT create_store('regress_reverse');
INSERT INTO regress_reverse.authority (name, key, accepts_unsigned) VALUES ('acme', :'acme_pub', true), ('certifier', :'certifier_pub', true);
CREATE FUNCTION public.load(id text, triples text, authority text DEFAULT 'acme') RETURNS boolean LANGUAGE sql VOLATILE AS $$
	SELECT regress_reverse.load(format('501({0: "%1$s", 3: 111(h''6086480186f84d010f06''), 1: [506(<<{1: {0: "%1$s"}, 4: %2$s}>>)]})', id, triples)::coserv.corim::bytea, authority) IS NOT NULL
$$;

-- every kind of triple, and every place in it
SELECT load('acme', $${
	0: [[{0: {1: "reference"}}, [{0: "a", 1: {2: [[1, h'd1'], [7, h'd2']], 11: "shared"}}, {0: "b", 1: {2: [["sha-256", h'd3']]}}]],
		[{0: {1: "chunked"}}, [{0: "c", 1: {2: [[1, (_ h'd4', h'd4')]]}}]],
		[{0: {1: "registers"}}, [{1: {14: {0: [[1, h'd1']], 1: [[7, h'd5']]}}}]],
		[{0: {1: "profile"}}, [{1: {-83: [[7, h'd6']], -101: 560(h'0123'), -84: 60020([6, [[1, h'd7']]]), -88: 60020([7, [[1, h'd7d7']]])}}]],
		[{0: {1: "values"}}, [{0: "v", 1: {0: {0: "1.0", 1: 16384}, 1: 552(5), 3: {3: false, 7: true}, 4: 560(h'0102'), 8: "SN-1", 9: h'0102030405060708',
			10: h'31fb5abf023e4992aa4e95f9c1503bfa', 6: h'08002b010203', 7: h'c0000201', 15: 564([1, 10])}, 2: [560(h'0a'), 560(h'0b')]}]],
		[{0: {1: "masked"}}, [{1: {4: 563([h'0102', h'ff00'])}}, {1: {4: 560(h'0102'), 5: h'ff00'}}]],
		[{0: {1: "single"}}, {1: {2: [1, h'd8']}}]],
	1: [[{0: {1: "endorsed"}}, [{1: {2: [[1, h'd1']], 13: [560(h'aa'), 559([1, h'ab'])]}}]]],
	8: [[[{0: {1: "series"}}, [{1: {2: [[1, h'e0']]}}]], [[[{1: {2: [[1, h'e1']]}}], [{1: {2: [[1, h'e2']]}}]]]]],
	10: [[[[{0: {1: "if"}}, [{1: {2: [[1, h'e3']]}}]]], [[{0: {1: "then"}}, [{1: {2: [[1, h'e4']]}}]]]]]}$$),
	load('certifier', $${0: [[{0: {1: "reference"}}, [{0: "a", 1: {2: [[7, h'd1']], 11: "shared"}}]]]}$$, 'certifier');
SELECT d AS digest, kind, role, number, vendor, mkey, authority
FROM unnest(ARRAY['\xd1', '\xd2', '\xd3', '\xd4d4', '\xd5', '\xd6', '\xd7', '\xd7d7', '\xd8', '\xe0', '\xe1', '\xe2', '\xe3', '\xe4', '\xff', '']::bytea[]) d, LATERAL regress_reverse.mentions(d)
ORDER BY d, authority, ordinal, position;
-- a condition vouches for nothing: it asks
SELECT v.role, v.kind_name, count(*) FROM unnest(ARRAY['\xd1', '\xd2', '\xe0', '\xe1', '\xe2', '\xe3', '\xe4']::bytea[]) d, LATERAL regress_reverse.vouchers(d) v GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) FROM regress_reverse.vouchers('\xe3');
SELECT role, kind_name FROM regress_reverse.mentions('\xe3');
-- by values: CoRIM's rules, and what no rule is known for by itself
SELECT m AS asked, count(v.manifest), min(v.vendor) AS vendor, min(v.mkey) AS mkey, min(v.authority) AS authority
FROM unnest(ARRAY['{1: {2: [[1, h''d1'']]}}', '{0: "a", 1: {2: [[1, h''d1'']]}}', '{0: "a", 1: {2: [[7, h''d1'']]}}', '{0: "a", 1: {2: [[1, h''d1''], [7, h''dd'']]}}', '{1: {11: "shared"}}', '{1: {2: [[1, h''d2'']], 11: "shared"}}',
	'{1: {-101: 560(h''0123'')}}', '{1: {-101: h''0123''}}', '{1: {-84: 60020([6, [[1, h''d7'']]])}}', '{1: {-83: [[7, h''d6'']]}}',
	'{1: {0: {0: "1.0", 1: "semver"}}}', '{1: {0: {0: "1.0"}}}', '{1: {1: 5}}', '{1: {1: 553(5)}}', '{1: {1: 553(6)}}', '{1: {3: {7: true}}}', '{1: {3: {7: false}}}',
	'{1: {4: 560(h''0102'')}}', '{1: {4: 563([h''0100'', h''ff00''])}}', '{1: {4: 563([h''0102'', h''ff00''])}}', '{1: {4: 560(h''0102''), 5: h''ff00''}}', '{1: {8: "SN-1"}}', '{1: {9: h''0102030405060708''}}',
	'{1: {10: h''31fb5abf023e4992aa4e95f9c1503bfa''}}', '{1: {6: h''08002b010203''}}', '{1: {7: h''c0000201''}}', '{1: {15: 564([0, 11])}}', '{1: {15: 5}}',
	'{1: {14: {1: [[7, h''d5'']]}}}', '{1: {14: {0: [[7, h''d5'']]}}}', '{1: {13: [560(h''aa'')]}}', '{1: {8: "SN-1"}, 2: [560(h''0b'')]}', '{1: {8: "SN-1"}, 2: [560(h''0c'')]}',
	'{0: "v", 1: {8: "SN-1"}}', '{0: "w", 1: {8: "SN-1"}}', '{1: {8: "SN-2"}}']::measurement[]) WITH ORDINALITY AS a (m, n)
	LEFT JOIN LATERAL regress_reverse.vouchers_of(m) v ON true
GROUP BY n, m ORDER BY n;
-- as of a moment
SELECT count(*) FROM regress_reverse.vouchers('\xd1', as_of => '2000-01-01');
SELECT count(*) FROM regress_reverse.vouchers_of('{1: {8: "SN-1"}}', '2000-01-01');
SELECT count(*) FROM regress_reverse.vouchers_of_key('560(h''aa'')', '2000-01-01');

-- keys: in every encoding, by certificate, by thumbprint
SELECT decode('MIIBbjCCARWgAwIBAgIULCRSLX3c6gpCbHARY8hbVWBY1U8wCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBeDAgFw0yNjExMjIwMDQzMjNaGA8yMTI2MTAyOTAwNDMyM1owDDEKMAgGA1UEAwwBeDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDH/uC+IAah2gLn+GoLPnRnK5APFK7MK1+pjh5B3D14v4b38AgMDPCVYC1XuR3iL2x2cpxH/qyo9KLnZHjlqEdCjUzBRMB0GA1UdDgQWBBRfrnSDDfla6UEADmSg2sKG+z/AxTAfBgNVHSMEGDAWgBRfrnSDDfla6UEADmSg2sKG+z/AxTAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0cAMEQCICVeNgj0h0YN58mFpCHijVU6yg4yt7zjJcDNacLZuTaFAiAB3VsDLZJVt4/sy25TX/GrK57PhxrktZhR/+es2+VuxA==', 'base64') AS der \gset
SELECT crypto_key(E'-----BEGIN CERTIFICATE-----\n' || encode(:'der', 'base64') || E'\n-----END CERTIFICATE-----\n') AS certificate \gset
SELECT load('keys', format($${2: [[{1: 560(h'01')}, [%1$s]], [{1: 560(h'02')}, [562(h'%2$s')]], [{1: 560(h'03')}, [559([1, h'%3$s'])]], [{1: 560(h'04')}, [559([-44, h'%4$s'])]],
		[{1: 560(h'05')}, [560(h'aa')]]],
	3: [[{1: 560(h'06')}, [{0: "%5$s"}]], [{1: 560(h'07')}, [558({1: 1, -1: 6, -2: h'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'})]],
		[{1: 560(h'08')}, [554("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----")]],
		[{1: 560(h'09')}, [557([1, h'%6$s'])]]]}$$,
	:'certificate', encode(:'der', 'hex'), encode(sha256(:'der'), 'hex'), encode(sha512(:'der'), 'hex'), encode(:'der', 'base64'),
	encode(sha256(decode('MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=', 'base64')), 'hex')));
SELECT what, kind, role, instance, vendor, left(v.key::text, 4) AS key
FROM (VALUES (1, 'certificate', :'certificate'::crypto_key), (2, 'its DER', format('562(h''%s'')', encode(:'der', 'hex'))::crypto_key),
		(3, 'its thumbprint', format('559(["sha-256", h''%s''])', encode(sha256(:'der'), 'hex'))::crypto_key),
		(4, 'COSE_Key', '558({1: 1, -1: 6, -2: h''d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a''})'),
		(5, 'PEM', E'-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n'::text::crypto_key),
		(6, 'bytes', '560(h''aa'')'), (7, 'other bytes', '560(h''bb'')'), (8, 'no key at all', '554("nonsense")')) AS a (n, what, k), LATERAL regress_reverse.vouchers_of_key(k) v
ORDER BY n, kind, instance;

-- files of CoSWID tags: found by the index over documents, and through links of the same authority
SELECT regress_reverse.load($$501({0: "swid", 1: [505(<<{0: "swid", 1: "software", 12: 0, 2: {31: "ACME", 33: 1}, 6: {16: {24: "bin", 26: {17: [{24: "tool", 7: [1, h'f1']}, {24: "other", 7: [1, h'f2']}]}}}}>>)]})$$::corim::bytea, 'acme') IS NOT NULL AS swid,
	load('link', '{6: [[{0: {1: "installed"}}, ["swid"]]]}'), load('foreign link', '{6: [[{0: {1: "foreign"}}, ["swid"]]]}', 'certifier');
SELECT kind, role, vendor, name, digest_alg, digest FROM regress_reverse.vouchers('\xf1');
SELECT k.tag, k.first, k.last, cardinality(k.keys), k.keys @@ '\xf1'::bytea AS is_in, k.keys @@ '\xf3'::bytea AS another FROM regress_reverse.manifest m JOIN regress_reverse.search_key k ON k.manifest = m.id WHERE corim_id = 'swid';
-- what is revoked vouches for nothing
INSERT INTO regress_reverse.revocation (authority, reason) VALUES ('certifier', 'test');
SELECT authority, count(*) FROM regress_reverse.vouchers('\xd1') GROUP BY 1;
INSERT INTO regress_reverse.revocation (authority, tag_id, reason) VALUES ('acme', 'swid', 'test');
SELECT count(*) FROM regress_reverse.vouchers('\xf1');

-- @@ over anything
SELECT c, c @@ '\x01'::bytea AS digest, c @@ '{1: {11: "x"}}'::measurement AS measurement, c @@ '560(h''01'')'::crypto_key AS key
FROM unnest(ARRAY['1', '[]', '[[]]', '[{}, []]', '[[[]], []]', '[{}, [{1: {2: [[1, h''01'']]}}]]', '{1: {2: [[1, h''01'']], 11: "x"}}', '{1: {11: "x", 11: "x"}}', '560(h''01'')', '[{}, [560(h''01'')]]',
	'[{}, [560(h''01'')], {}]', '[{}, [{0: "k"}]]', '[{}, [{0: {1: "x"}}]]', '[{1: 560(h''01'')}, [{1: 560(h''01'')}]]', '[[[{}, [{1: {11: "x"}}]]], []]', '[[{}, []], [[[], [{1: {11: "x"}}]]]]', '[[{}, {1: {11: "x"}}], 1]']::cbor[]) c;
SELECT '\x01'::bytea @@ '[{}, [{1: {2: [[1, h''01'']]}}]]'::cbor AS digest, '{1: {11: "x"}}'::measurement @@ '[{}, [{1: {11: "x"}}]]'::cbor AS measurement,
	'560(h''01'')'::crypto_key @@ '[{}, [560(h''01'')]]'::cbor AS key;

-- sets by their members, numbers by their value, a range by itself
SELECT asked, (SELECT array_agg(s.stored ORDER BY s.n) FROM unnest(ARRAY['{1: {17: 1}}', '{1: {17: 566([1, 2.5])}}', '{1: {17: 565([1, 2])}}', '{1: {18: "a"}}', '{1: {18: 566(["a", "b"])}}']) WITH ORDINALITY s(stored, n)
	WHERE s.stored::cbor @@ asked::measurement) AS stated_by
FROM unnest(ARRAY['{1: {17: 1}}', '{1: {17: 1.0}}', '{1: {17: 2.5}}', '{1: {17: 2}}', '{1: {17: 565([1, 2])}}', '{1: {18: "a"}}', '{1: {18: "b"}}', '{1: {18: "c"}}', '{1: {18: 566(["a", "b"])}}']) asked;

SELECT k, k @@ '{1: {8: "x"}}'::measurement AS measurement, k @@ '{1: {1: 1}}'::measurement AS no_keys, k @@ '560(h''01'')'::crypto_key AS key, '\x01'::bytea @@ k AS digest, '{1: {8: "x"}}'::measurement @@ k AS measurement, '560(h''01'')'::crypto_key @@ k AS key
FROM unnest(ARRAY['{}', '{1,NULL,2}', '{{1,2},{3,4}}']) a, LATERAL (SELECT a::bigint[] AS k) b;

-- random measurements over small domains, so that there are many hits, and conditions that make no keys
CREATE FUNCTION public.one_of(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT choices[1 + floor(random() * cardinality(choices))::int]
$$;
CREATE FUNCTION public.random_digests() RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT one_of(format('[[1, h''0%s'']]', floor(random() * 4)), format('[[7, h''0%s'']]', floor(random() * 4)), format('[["sha-256", h''0%s''], [7, h''0%s'']]', floor(random() * 4), floor(random() * 4)),
		format('[["md4", h''0%s'']]', floor(random() * 3)))
$$;
CREATE FUNCTION public.random_value(codepoint int) RETURNS text LANGUAGE sql VOLATILE AS $$
	SELECT codepoint || ': ' || CASE codepoint
		WHEN 0 THEN one_of('{0: "1"}', '{0: "2"}', '{0: "1", 1: 16384}', '{0: "1", 1: "semver"}')
		WHEN 1 THEN one_of('1', '552(1)', '553(1)', '2', '553(2)', '552(3)')
		WHEN 2 THEN random_digests()
		WHEN 3 THEN one_of('{0: true}', '{0: false}', '{0: true, 3: true}', '{3: true}')
		WHEN 4 THEN one_of('560(h''0102'')', '560(h''0103'')', '563([h''0102'', h''ff00''])', '560(h''0102''), 5: h''ff00''', 'h''0102''')
		WHEN 7 THEN one_of('h''c0000201''', '52(h''c0000201'')', 'h''c0000202''')
		WHEN 11 THEN one_of('"x"', '"y"', '"z"')
		WHEN 13 THEN one_of('[560(h''01'')]', '[560(h''01''), 560(h''02'')]', '[560(h''02'')]', '[559([1, h''01''])]')
		WHEN 14 THEN one_of('{0: ' || random_digests() || '}', '{0: ' || random_digests() || ', "0": ' || random_digests() || '}', '{"0": ' || random_digests() || '}')
		WHEN 15 THEN one_of('1', '5', '564([1, 10])', '564([null, 5])', '564([2, null])')
		WHEN 17 THEN one_of('1', '1.0', '2.5', '565([1, 2])', '566([1, 2.5])', '566([2, 3])')
		WHEN 18 THEN one_of('"x"', '"y"', '566(["x", "y"])', '566(["y", "z"])')
		ELSE one_of('1', '2', '[[1, h''01'']]', '{1: 2}', '560(h''01'')') END
$$;
CREATE FUNCTION public.random_measurement(chance float) RETURNS measurement LANGUAGE sql VOLATILE AS $$
	WITH v AS MATERIALIZED (SELECT random_value(c) AS v, random() < chance AS taken FROM unnest(ARRAY[0, 1, 2, 3, 4, 7, 11, 13, 14, 15, 17, 18, 100, -101]) c)
	SELECT (one_of('{', '{', '{0: "a", ', '{0: 1, ') || '1: {' || coalesce(string_agg(v, ', ') FILTER (WHERE taken), random_value(2)) || '}' || one_of('', '', '', ', 2: [560(h''01'')]') || '}')::measurement FROM v
$$;
CREATE FUNCTION public.random_triple() RETURNS cbor LANGUAGE sql VOLATILE AS $$
	SELECT CASE floor(random() * 5)
		WHEN 0 THEN format('[[[{0: {1: "x"}}, [%s]]], [[{0: {1: "x"}}, [%s]]]]', random_measurement(0.3), random_measurement(0.3))
		WHEN 1 THEN format('[[{0: {1: "x"}}, []], [[[%s], [%s, %s]]]]', random_measurement(0.3), random_measurement(0.3), random_measurement(0.3))
		WHEN 2 THEN format('[{0: {1: "x"}}, [%s]]', one_of('560(h''01'')', '560(h''02'')', '559([1, h''01''])', '559([7, h''02'']), 560(h''02'')', '{0: "k"}'))
		WHEN 3 THEN format('[{0: {1: "x"}}, %s]', random_measurement(0.4))
		ELSE format('[{0: {1: "x"}}, [%s, %s]]', random_measurement(0.4), random_measurement(0.3)) END::cbor
$$;
SELECT setseed(0.42);
CREATE TABLE public.small (id int, m measurement, c cbor);
INSERT INTO small SELECT i, random_measurement(0.4), random_triple() FROM generate_series(1, 500) i;
CREATE INDEX small_measurement ON small USING gin (m);
CREATE INDEX small_triple ON small USING gin (c triple_ops);
-- more rows, through the pending list; and one without a deterministic encoding, and one that is no triple
INSERT INTO small SELECT i, random_measurement(0.4), random_triple() FROM generate_series(3001, 3250) i;
INSERT INTO small VALUES (4001, '{1: {1: 1}}', '[{}, [{1: {11: "x", 11: "x"}}]]'), (4002, '{1: {1: 1}}', '1'), (4003, NULL, NULL);
ANALYZE small;
CREATE FUNCTION public.ids(condition text, by_index boolean) RETURNS int[] LANGUAGE plpgsql AS $$
DECLARE
	result int[];
BEGIN
	PERFORM set_config('enable_seqscan', CASE WHEN by_index THEN 'off' ELSE 'on' END, true),
		set_config('enable_bitmapscan', CASE WHEN by_index THEN 'on' ELSE 'off' END, true);
	EXECUTE 'SELECT array_agg(id ORDER BY id) FROM small WHERE ' || condition INTO result;
	RETURN result;
END $$;
CREATE TABLE public.tried (what text, condition text, rows int, same boolean);
DO $$
DECLARE
	what text;
	condition text;
	by_scan int[];
BEGIN
	FOREACH what IN ARRAY ARRAY['m @> measurement', 'c @@ measurement', 'c @@ bytea', 'c @@ crypto_key'] LOOP
		FOR i IN 1..300 LOOP
			condition := CASE what
				WHEN 'm @> measurement' THEN format('m @> %L', random_measurement(0.12))
				WHEN 'c @@ measurement' THEN format('c @@ %L::measurement', random_measurement(0.12))
				WHEN 'c @@ bytea' THEN format('c @@ %L::bytea', one_of('\x00', '\x01', '\x02', '\x03', '\x04', ''))
				ELSE format('c @@ %L::crypto_key', one_of('560(h''01'')', '560(h''02'')', '559([1, h''01''])', '559(["sha-256", h''02''])', '554("k")', '560(h''03'')')) END;
			by_scan := ids(condition, false);
			INSERT INTO tried VALUES (what, condition, coalesce(cardinality(by_scan), 0), by_scan IS NOT DISTINCT FROM ids(condition, true));
		END LOOP;
	END LOOP;
END $$;
SELECT what, count(*) AS queries, count(*) FILTER (WHERE rows > 0) > 100 AS many_hit, sum(rows) > 1000 AS many_rows, count(*) FILTER (WHERE NOT same) AS different
FROM tried GROUP BY what ORDER BY what;
SELECT what, condition FROM tried WHERE NOT same LIMIT 5;
-- no keys: the whole index, every row rechecked
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT id FROM small WHERE m @> '{1: {1: 553(1)}}';
SELECT count(*) > 0 AS some FROM small WHERE m @> '{1: {1: 553(1)}}';
SELECT count(*) > 0 AS some FROM small WHERE c @@ '{1: {3: {0: true}}}'::measurement;
RESET enable_seqscan;
DROP TABLE small, tried;

-- 100,000 measurements in a store: the index, under row-level security too
INSERT INTO regress_reverse.manifest (document, authority)
	SELECT format('501({0: "many-%1$s", 1: [506(<<{1: {0: "many-%1$s"}, 4: {0: [%2$s]}}>>)]})', d, string_agg(format('[{0: {1: "many"}}, [%s]]', m), ', '))::corim::bytea, 'acme'
	FROM generate_series(1, 40) d, generate_series(1, 250) t,
		LATERAL (SELECT string_agg(format('{0: %s, 1: {2: [[1, h''%s'']]}}', i, md5(format('%s %s %s', d, t, i))), ', ') AS m FROM generate_series(1, 10) i) m
	GROUP BY d;
VACUUM ANALYZE regress_reverse.triple, regress_reverse.manifest, regress_reverse.search_key;
-- every triple is in one chunk
SELECT count(*) AS chunks, sum(last - first + 1) AS triples, max(last - first + 1) AS longest, max(cardinality(keys)) AS keys FROM regress_reverse.search_key;
SELECT sum((SELECT count(*) FROM measurements(content))) FROM regress_reverse.triple WHERE manifest IN (SELECT id FROM regress_reverse.manifest WHERE corim_id ~ '^many');
CREATE FUNCTION public.index_in_plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		IF line ~ 'search_key_keys|Scan on search_key|Scan on triple\M' THEN
			RETURN NEXT regexp_replace(line, '^\s*(->)?\s*', '');
		END IF;
	END LOOP;
END $$;
SELECT index_in_plan($$SELECT * FROM regress_reverse.vouchers('\x00112233445566778899aabbccddeeff')$$);
SELECT index_in_plan($$SELECT * FROM regress_reverse.vouchers_of('{1: {8: "SN-1"}}')$$);
SELECT index_in_plan($$SELECT * FROM regress_reverse.vouchers_of_key('560(h''aa'')')$$);
SELECT vendor, mkey, corim_id FROM regress_reverse.vouchers(decode(md5('7 77 7'), 'hex')) v JOIN regress_reverse.manifest m ON m.id = v.manifest;
CREATE ROLE regress_reverse_reader;
GRANT USAGE ON SCHEMA regress_reverse TO regress_reverse_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA regress_reverse TO regress_reverse_reader;
ALTER TABLE regress_reverse.triple ENABLE ROW LEVEL SECURITY;
CREATE POLICY reference_only ON regress_reverse.triple TO regress_reverse_reader USING (kind = 0);
SET ROLE regress_reverse_reader;
SELECT index_in_plan($$SELECT * FROM regress_reverse.vouchers_of('{1: {8: "SN-1"}}')$$);
SELECT kind, role, vendor FROM regress_reverse.vouchers('\xd1') ORDER BY ordinal;
SELECT count(*) FROM regress_reverse.mentions('\xe3');
RESET ROLE;
SELECT count(regress_reverse.revoke(manifest => id, reason => 'test')) > 0 AS revoked FROM regress_reverse.manifest WHERE corim_id ~ '^many';
SELECT count(*) FROM regress_reverse.vouchers(decode(md5('7 77 7'), 'hex'));
SELECT drop_store('regress_reverse');
DROP ROLE regress_reverse_reader;
DROP FUNCTION index_in_plan, ids, random_triple, random_measurement, random_value, random_digests, one_of, public.load;
