-- pg_temp.write_secret(path, content): a file that the server's account alone can read, put in place of another one by a rename.
CREATE FUNCTION pg_temp.write_secret(path text, content text) RETURNS void LANGUAGE plpgsql AS $fn$
BEGIN
	EXECUTE format('COPY (SELECT pg_catalog.unnest(pg_catalog.string_to_array(%L, E''\n''))) TO PROGRAM %L', content,
		format('umask 077; cat >''%s.new'' && mv ''%s.new'' ''%s''', path, path, path));
END $fn$;
