\ir cpu.sql
CREATE FUNCTION bench_query(n int) RETURNS coserv.coserv LANGUAGE sql IMMUTABLE AS $$
	SELECT ('\xa200781a7461673a6578616d706c652e636f6d2c323032353a62656e636801a3000201a1008181a100d9023044'
		|| pg_catalog.lpad(pg_catalog.to_hex(n), 8, '0') || '0200')::bytea::coserv.coserv
$$;
-- Microseconds of one call, over answers that differ; sql has i for which.
CREATE FUNCTION bench_time(sql text, count int, times int) RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE
	run text := format('SELECT count(%s) FROM (SELECT (i::bigint * 7919 %%%% %s + 1)::int AS i FROM generate_series(1, %%s) i) s', sql, count);
	begin_at float8;
BEGIN
	EXECUTE format(run, 200);
	begin_at := bench_cpu();
	EXECUTE format(run, times);
	RETURN (bench_cpu() - begin_at) / times;
END $$;
\pset tuples_only off
\pset footer off
\pset format aligned
\pset border 2
CREATE TEMP TABLE took AS SELECT :'signature'::float8 AS signature,
	bench_time('(SELECT answer FROM bench_answer a WHERE a.id = i)', :count, :times * 10) AS by_key,
	bench_time('rim.execute(bench_query(i))', :count, :times) AS execute,
	bench_time('rim.execute_signed(bench_query(i))', :count, :times) AS execute_signed,
	bench_time('rim.discovery(CASE i WHEN 0 THEN ''cbor'' ELSE ''json'' END)', :count, :times) AS discovery;
SELECT round(by_key::numeric, 1) AS "SELECT by key", round(signature::numeric, 1) AS "EVP_DigestSign", round(execute::numeric, 1) AS execute,
	round(execute_signed::numeric, 1) AS execute_signed, round((execute_signed - execute)::numeric, 1) AS "signing alone", round(discovery::numeric, 1) AS discovery,
	round(((by_key + signature) / execute_signed)::numeric, 2) AS "(SELECT + sign) / execute_signed",
	round(((execute + signature) / execute_signed)::numeric, 2) AS "(execute + sign) / execute_signed"
FROM took;
