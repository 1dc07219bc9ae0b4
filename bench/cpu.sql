-- Microseconds of a processor that this backend has had: a machine that is busy elsewhere changes it little. The kernel brings its account up
-- to date when a process sleeps, however shortly, and else every few milliseconds.
CREATE FUNCTION public.bench_cpu() RETURNS float8 LANGUAGE plpgsql VOLATILE AS $$
BEGIN
	PERFORM pg_catalog.pg_sleep(0.0002);
	RETURN split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::float8 / 1000;
END $$;
