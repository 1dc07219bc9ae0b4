-- What bench/run measures with: microseconds of this backend's CPU time, of calls that differ, in turns.
\ir cpu.sql
-- reference values of class n, by its class-id, and by vendor and model too
CREATE FUNCTION bench_query(n int) RETURNS coserv.coserv LANGUAGE sql IMMUTABLE AS $$
	SELECT ('\xa200781a7461673a6578616d706c652e636f6d2c323032353a62656e636801a3000201a1008181a100d9023044'
		|| pg_catalog.lpad(pg_catalog.to_hex(n), 8, '0') || '0200')::bytea::coserv.coserv
$$;
CREATE FUNCTION bench_full(n int) RETURNS coserv.coserv LANGUAGE sql IMMUTABLE AS $$
	SELECT ('\xa200781a7461673a6578616d706c652e636f6d2c323032353a62656e636801a3000201a1008181a300d9023044'
		|| pg_catalog.lpad(pg_catalog.to_hex(n), 8, '0') || '016441434d45026a526f616472756e6e65720200')::bytea::coserv.coserv
$$;
CREATE FUNCTION bench_evidence(class_id text) RETURNS coserv.cbor LANGUAGE sql STABLE AS $$
	SELECT format('{"cmtype": 2, "authority": [560(h''aa'')], "environment": {0: {0: 560(h''%s'')}}, "element-list": [%s]}', class_id,
		(SELECT string_agg(format('{"element-id": "m%s", "element-claims": {1: %s}}', i, i), ', ') FROM generate_series(1, 8) i))::coserv.cbor
$$;

-- One kind of call, each in a statement of its own; what a turn of nothing takes is taken off.
CREATE FUNCTION bench_turn(what text, count int, times int) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	begun float8 := bench_cpu();
	moment timestamptz := max(known_at) - interval '1 microsecond' FROM rim.settled; -- but for the last document all is known
	q coserv.coserv;
	r coserv.coserv;
	b bytea;
	n bigint;
	k int;
BEGIN
	FOR i IN 1..times LOOP
		k := (i::bigint * 7919 % count + 1)::int;
		q := CASE WHEN what LIKE '%full' THEN bench_full(k) ELSE bench_query(k) END;
		IF what = 'key' THEN
			SELECT answer INTO b FROM bench_answer WHERE id = k;
		ELSIF what = 'key of all' THEN
			SELECT answer INTO b FROM bench_every_answer WHERE id = k;
		ELSIF what LIKE 'execute_signed%' THEN
			b := rim.execute_signed(q);
		ELSIF what = 'execute past' THEN
			r := rim.execute(q, moment);
		ELSIF what LIKE 'execute%' THEN
			r := rim.execute(q);
		ELSIF what LIKE 'select%' THEN
			SELECT pg_catalog.count(*) INTO n FROM rim.triple t WHERE t.live AND t.kind = 0 AND t.environment OPERATOR(coserv.@@) q;
		ELSIF what = 'jsonb' THEN
			SELECT answer INTO b FROM bench_jsonb WHERE environment @> pg_catalog.jsonb_build_object('class-id', pg_catalog.lpad(pg_catalog.to_hex(k), 8, '0'));
		END IF;
	END LOOP;
	RETURN (bench_cpu() - begun) / times;
END $$;
CREATE FUNCTION bench_took(what text, count int, times int) RETURNS float8 LANGUAGE sql VOLATILE AS $$
	SELECT bench_turn(what, count, times * n) - bench_turn(CASE WHEN what LIKE '%full' THEN 'nothing full' ELSE 'nothing' END, count, times * n)
	FROM (VALUES (CASE WHEN what LIKE 'execute%' THEN 1 ELSE 4 END)) t (n)
$$;
-- The median of seven, each of turns one behind the other: the first by the second. extra is added to the first.
CREATE FUNCTION bench_ratio(first text, second text, count int, times int, extra float8 DEFAULT 0) RETURNS float8 LANGUAGE sql VOLATILE AS $$
	SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY (bench_took(first, count, times) + extra) / bench_took(second, count, times))
	FROM generate_series(1, 7)
$$;
CREATE FUNCTION bench_median(what text, count int, times int) RETURNS float8 LANGUAGE sql VOLATILE AS $$
	SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY bench_took(what, count, times)) FROM generate_series(1, 7)
$$;
-- Of a statement, once for each turn; the first turn is not counted.
CREATE FUNCTION bench_statement(statement text) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	took float8[] := '{}';
	begun float8;
BEGIN
	FOR i IN 0..5 LOOP
		begun := bench_cpu();
		EXECUTE statement;
		IF i > 0 THEN
			took := took || bench_cpu() - begun;
		END IF;
	END LOOP;
	RETURN (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY t) FROM unnest(took) t);
END $$;

-- The answers themselves, ready in a row of a table, of as many as are asked about, and of all; and a table as somebody without coserv would make it.
CREATE TABLE bench_answer (id int PRIMARY KEY, answer bytea NOT NULL);
CREATE TABLE bench_every_answer (id int PRIMARY KEY, answer bytea NOT NULL);
CREATE TABLE bench_jsonb (environment jsonb NOT NULL, answer bytea NOT NULL);

-- Conditional endorsements, each conditions in a triple of its own: of distinct classes, or all of one, which differ in the svn that they ask for.
CREATE FUNCTION bench_conditional(store regnamespace, conditions int, of_one_class boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	size int := least(1000, conditions);
BEGIN
	EXECUTE format('INSERT INTO %s.authority (name, key, accepts_unsigned) VALUES (''c'', ''560(h''''0c'''')'', true)', store);
	FOR d IN 0..conditions / size - 1 LOOP
		EXECUTE format('SELECT %s.load($1::coserv.document, ''c'')', store) USING (SELECT format('501({0: "c-%s", 1: [506(<<{1: {0: "c-%s"}, 4: {10: [%s]}}>>)]})', d, d,
			string_agg(format('[[[{0: {0: 560(h''%s'')}}, [{0: "m1", 1: {1: %s}}]]], [[{0: {0: 560(h''%s'')}}, [{0: "m1", 1: {11: "e"}}]]]]', c, s, c), ', '))::coserv.corim::bytea
			FROM (SELECT CASE WHEN of_one_class THEN '000001' ELSE lpad(to_hex(d * size + i), 6, '0') END AS c,
				CASE WHEN of_one_class THEN d * size + i ELSE 1 END AS s FROM generate_series(1, size) i) t);
	END LOOP;
END $$;
