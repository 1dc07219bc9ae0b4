-- merge(): results of one query from several stores as one, as function and aggregate.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
SET search_path = pg_catalog, coserv, pg_temp;
SET timezone = 'UTC';
SELECT coserv.create_store(s) FROM unnest(ARRAY['regress_merge_a', 'regress_merge_b', 'regress_merge_all']) s;
CREATE FUNCTION pg_temp.load(store text, id text, value text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SELECT %I.load(%L, ''A'')', store, format('501({0: "%s", 1: [506(<<{1: {0: "%s"}, 4: {0: [[{0: {1: "V"}}, [{1: {11: "%s"}}]]]}}>>)]})', id, id, value));
END $$;
DO $$
BEGIN
	FOR i IN 1..3 LOOP
		EXECUTE format('INSERT INTO %I.authority (name, key, accepts_unsigned) VALUES (''A'', %L, true)', (ARRAY['regress_merge_a', 'regress_merge_b', 'regress_merge_all'])[i],
			'-----BEGIN PUBLIC KEY-----' || E'\n' || 'MCowBQYDK2VwAyEAqyHvLgF2/qqdYMOPg27dxin3+Sjnx3sTNp6FyBepD38=' || E'\n' || '-----END PUBLIC KEY-----');
	END LOOP;
END $$;
SELECT pg_temp.load('regress_merge_' || store, id, value) FROM (VALUES ('a', 'one', 'x'), ('a', 'two', 'y'), ('b', 'two', 'y'), ('b', 'three', 'z'),
	('all', 'one', 'x'), ('all', 'two', 'y'), ('all', 'three', 'z')) v(store, id, value);
CREATE FUNCTION pg_temp.query(artifact int, result int) RETURNS coserv.coserv LANGUAGE sql AS $$
	SELECT format('{0: "tag:x", 1: {0: %s, 1: {0: [[{1: "V"}]]}, 2: %s}}', artifact, result)::coserv.coserv $$;
\set rims '{0: "tag:x", 1: {3: [[2, "one"], [0, "two"], [2, "three"]]}}'

-- what two stores say is what one says that holds it all, but for the order
SELECT a, r, coserv.merge(ARRAY[regress_merge_a.execute(q, '2090-01-01'), NULL, regress_merge_b.execute(q, '2090-01-01')])
	= coserv.merge(ARRAY[regress_merge_all.execute(q, '2090-01-01')]) AS same
FROM generate_series(0, 2) a, generate_series(0, 2) r, LATERAL (SELECT pg_temp.query(a, r)) q(q);
SELECT coserv.merge(ARRAY[regress_merge_a.execute(:'rims', '2090-01-01'), regress_merge_b.execute(:'rims', '2090-01-01')]) = regress_merge_all.execute(:'rims', '2090-01-01') AS same;
SELECT coserv.describe(coserv.merge(ARRAY[regress_merge_a.execute(q, '2090-01-01'), regress_merge_b.execute(q, '2091-01-01')])) FROM pg_temp.query(2, 0) q;

-- an aggregate, grouped, in any order, over a window, of nulls
SELECT v.g, coserv.merge(v.r) = coserv.merge(ARRAY[regress_merge_all.execute(pg_temp.query(2, v.g), '2090-01-01')]) AS same
FROM (SELECT g, s.r FROM generate_series(0, 1) g, LATERAL (VALUES (regress_merge_b.execute(pg_temp.query(2, g), '2090-01-01')), (NULL),
	(regress_merge_a.execute(pg_temp.query(2, g), '2090-01-01'))) s(r)) v GROUP BY v.g ORDER BY v.g;
SELECT n, pg_catalog.length(coserv.merge(r) OVER (ORDER BY n)::bytea) FROM (VALUES (1, regress_merge_a.execute(pg_temp.query(2, 0), '2090-01-01')),
	(2, regress_merge_b.execute(pg_temp.query(2, 0), '2090-01-01')), (3, regress_merge_a.execute(pg_temp.query(2, 0), '2090-01-01'))) v(n, r);
SELECT coserv.merge(NULL::coserv.coserv[]) IS NULL AS null_array, coserv.merge('{}'::coserv.coserv[]) IS NULL AS none, coserv.merge('{NULL}'::coserv.coserv[]) IS NULL AS nulls;
SELECT coserv.merge(r) IS NULL AS no_rows FROM (SELECT NULL::coserv.coserv AS r WHERE false) none;
SELECT coserv.merge(r) IS NULL AS null_rows FROM (VALUES (NULL::coserv.coserv)) v(r);

-- what does not fit together
SELECT coserv.merge(ARRAY[pg_temp.query(2, 0)]);
\echo :LAST_ERROR_SQLSTATE
SELECT coserv.merge(ARRAY[regress_merge_a.execute(pg_temp.query(2, 0)), regress_merge_b.execute(pg_temp.query(2, 1))]);
SELECT coserv.merge(ARRAY['{0: "tag:x", 1: {3: [[2, "a"]]}, 2: {5: {}, 10: 0("2030-01-01T00:00:00Z")}}',
	'{0: "tag:y", 1: {3: [[2, "a"]]}, 2: {5: {}, 10: 0("2030-01-01T00:00:00Z")}}']::coserv.coserv[]);
SELECT coserv.merge(ARRAY['{0: "tag:x", 1: {3: [[2, "a"]]}, 2: {5: {"a": ["application/rim+cose", h''01'']}, 10: 0("2030-01-01T00:00:00Z")}}',
	'{0: "tag:x", 1: {3: [[2, "a"]]}, 2: {5: {"a": ["application/rim+cose", h''02'']}, 10: 0("2030-01-01T00:00:00Z")}}']::coserv.coserv[]);
\echo :LAST_ERROR_SQLSTATE
SELECT coserv.merge(ARRAY['18([<<{1: -7, 3: "application/coserv+cbor"}>>, {}, <<{0: "tag:x", 1: {3: [[2, "a"]]}, 2: {5: {}, 10: 0("2030-01-01T00:00:00Z")}}>>, h''00''])']::coserv.coserv[]);
\echo :LAST_ERROR_SQLSTATE
SELECT coserv.drop_store(s) FROM unnest(ARRAY['regress_merge_a', 'regress_merge_b', 'regress_merge_all']) s;
