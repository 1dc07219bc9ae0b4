-- Stores m1 to m:members, each with an authority of its own, :environments environments of the vendor "Vk" and one of the vendor "COMMON", in
-- documents of 1000; federations fN and bN over the first N of them: in fN any member may say anything of its authority, in bN each speaks of
-- its vendor alone.
CREATE EXTENSION coserv;
CREATE EXTENSION postgres_fdw;
CREATE FUNCTION bench_document(k int, d int) RETURNS coserv.document LANGUAGE sql AS $$
	SELECT format('501({0: "m%1$s-%2$s", 1: [506(<<{1: {0: "m%1$s-%2$s"}, 4: {0: [%3$s]}}>>)]})', k, d,
		string_agg(format('[{0: {0: 560(h''%s%s''), 1: "V%s"}}, [{0: "firmware", 1: {2: [[1, h''%s'']]}}]]', lpad(to_hex(k), 2, '0'), lpad(to_hex((d - 1) * 1000 + i), 6, '0'), k,
			encode(sha256((k * 10000000 + d * 1000 + i)::text::bytea), 'hex')), ', ')
		|| CASE WHEN d = 1 THEN format(', [{0: {1: "COMMON"}}, [{0: "firmware", 1: {1: %s}}]]', k) ELSE '' END)::coserv.document
	FROM generate_series(1, 1000) i $$;
CREATE FUNCTION bench_make(k int, documents int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM coserv.create_store('m' || k);
	EXECUTE format('INSERT INTO m%s.authority (name, key, accepts_unsigned) VALUES (''bench %s'', %L, true)', k, k, format('554("bench %s")', k));
	EXECUTE format('SELECT count(m%s.load(bench_document(%s, d), ''bench %s'')) FROM generate_series(1, %s) d', k, k, k, documents);
END $$;
CREATE FUNCTION bench_federate(name text, members text[], bounded boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM coserv.create_federation(name, members);
	FOR k IN 1..cardinality(members) LOOP
		EXECUTE format('INSERT INTO %I.placement (authority, member, environments) VALUES (coserv.authority_id(%L), %L, %L)', name, format('554("bench %s")', k), members[k],
			CASE WHEN bounded THEN ARRAY[format('{0: {1: "V%s"}}', k)::coserv.environment] END);
	END LOOP;
END $$;
-- the n-th environment of member k, by class-id and vendor; and what all of them have
CREATE FUNCTION bench_query(k int, n int) RETURNS coserv.coserv LANGUAGE sql IMMUTABLE AS $$
	SELECT ('\xa200781a7461673a6578616d706c652e636f6d2c323032353a62656e636801a3000201a1008181a200d9023044' || pg_catalog.lpad(pg_catalog.to_hex(k), 2, '0')
		|| pg_catalog.lpad(pg_catalog.to_hex(n), 6, '0') || '01625631' || '0200')::bytea::coserv.coserv $$;
CREATE FUNCTION bench_common() RETURNS coserv.coserv LANGUAGE sql IMMUTABLE AS $$
	SELECT '{0: "tag:example.com,2025:bench", 1: {0: 2, 1: {0: [[{1: "COMMON"}]]}, 2: 0}}'::coserv.coserv $$;
\ir cpu.sql
CREATE FUNCTION bench_turn(store regnamespace, common boolean, documents int, times int) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	begun float8 := bench_cpu();
	q coserv.coserv;
	r coserv.coserv;
BEGIN
	FOR i IN 1..times LOOP
		q := CASE WHEN common THEN bench_common() ELSE bench_query(1, (i::bigint * 7919 % (documents * 1000) + 1)::int) END;
		IF store IS NOT NULL THEN
			r := coserv.execute(store, q);
		END IF;
	END LOOP;
	RETURN (bench_cpu() - begun) / times;
END $$;
-- Microseconds of this backend for a call of each, less a turn that asks nothing: the least of ten turns, in which one is asked after another,
-- so that what else the machine does is the same for all. common: what all members have.
CREATE FUNCTION bench_took(stores regnamespace[], common boolean, documents int, times int) RETURNS float8[] LANGUAGE plpgsql AS $$
DECLARE
	took float8[] := array_fill('infinity'::float8, ARRAY[cardinality(stores)]);
	nothing float8 := 'infinity';
BEGIN
	FOR turn IN 0..9 LOOP
		nothing := least(nothing, bench_turn(NULL, common, documents, times));
		FOR i IN 1..cardinality(stores) LOOP
			took[i] := least(took[i], bench_turn(stores[i], common, documents, times));
		END LOOP;
	END LOOP;
	RETURN ARRAY(SELECT t - nothing FROM unnest(took) WITH ORDINALITY u(t, i) ORDER BY i);
END $$;
-- Milliseconds of a statement, the median of 21 after one that is not counted.
CREATE FUNCTION bench_latency(store regnamespace, common boolean) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	begun timestamptz;
	r coserv.coserv;
	took float8[] := '{}';
BEGIN
	FOR i IN 0..21 LOOP
		begun := clock_timestamp();
		r := coserv.execute(store, CASE WHEN common THEN bench_common() ELSE bench_query(1, i + 1) END);
		IF i > 0 THEN
			took := took || (extract(epoch FROM clock_timestamp() - begun) * 1000)::float8;
		END IF;
	END LOOP;
	RETURN (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY t) FROM unnest(took) t);
END $$;
