-- Parameters as drivers send them: each function of a store that takes one of our types takes bytea, text, varchar and an untyped parameter
-- in its place; and nothing of PostgreSQL's own resolves otherwise for it.
\set VERBOSITY terse
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE EXTENSION IF NOT EXISTS coserv;
SELECT coserv.create_store('regress_drivers');

-- each argument of one of our types in turn, the others untyped or left out
CREATE FUNCTION pg_temp.refused(source text) RETURNS TABLE (function regprocedure, argument text, message text) LANGUAGE plpgsql AS $$
DECLARE
	f record;
	given text;
BEGIN
	FOR f IN SELECT p.oid::regprocedure AS signature, p.oid, p.proname, a.n, t.typname, p.pronargs - p.pronargdefaults AS required,
			p.proargnames[a.n] AS name
		FROM pg_proc p, unnest(p.proargtypes) WITH ORDINALITY a(type, n), pg_type t
		WHERE p.pronamespace = 'regress_drivers'::regnamespace AND t.oid = a.type AND t.typnamespace = 'coserv'::regnamespace AND t.typelem = 0
			AND p.prokind = 'f'
		ORDER BY p.proname, a.n
	LOOP
		SELECT string_agg('$' || n, ', ' ORDER BY n) INTO given FROM generate_series(1, greatest(f.required, f.n::int)) n;
		BEGIN
			EXECUTE format('PREPARE call (%s) AS SELECT regress_drivers.%I(%s)',
				(SELECT string_agg(CASE n WHEN f.n THEN source ELSE 'unknown' END, ', ' ORDER BY n)
					FROM generate_series(1, greatest(f.required, f.n::int)) n), f.proname, given);
			DEALLOCATE call;
		EXCEPTION WHEN OTHERS THEN
			function := f.signature; argument := f.name; message := SQLERRM;
			RETURN NEXT;
		END;
	END LOOP;
END $$;
SELECT source, r.* FROM unnest('{bytea,text,varchar,unknown}'::text[]) source, pg_temp.refused(source) r;
SELECT count(*) >= 15 AS functions_asked FROM pg_proc p, unnest(p.proargtypes) a(type), pg_type t
WHERE p.pronamespace = 'regress_drivers'::regnamespace AND t.oid = a.type AND t.typnamespace = 'coserv'::regnamespace;

-- the same document and query in each of the four, and what comes back
INSERT INTO regress_drivers.authority (name, key, accepts_unsigned) VALUES ('A', '-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAqyHvLgF2/qqdYMOPg27dxin3+Sjnx3sTNp6FyBepD38=
-----END PUBLIC KEY-----', true);
\set document '501({0: "driver", 1: [506(<<{1: {0: "driver"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {1: 552(7)}}]]]}}>>)]})'
\set query '{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 0}}'
PREPARE load_text (text) AS SELECT regress_drivers.load($1, 'A');
PREPARE load_varchar (varchar) AS SELECT regress_drivers.load($1, 'A');
PREPARE load_bytea (bytea) AS SELECT regress_drivers.load($1, 'A');
PREPARE load_untyped AS SELECT regress_drivers.load($1, 'A');
CREATE TEMP TABLE loaded (id uuid);
INSERT INTO loaded SELECT regress_drivers.load(:'document', 'A');
SELECT (:'document'::coserv.corim::bytea) AS bytes \gset
EXECUTE load_text(:'document') \gset
SELECT :'load' = id::text AS same FROM loaded;
EXECUTE load_varchar(:'document') \gset
SELECT :'load' = id::text AS same FROM loaded;
EXECUTE load_bytea(:'bytes') \gset
SELECT :'load' = id::text AS same FROM loaded;
EXECUTE load_untyped(:'bytes') \gset
SELECT :'load' = id::text AS same FROM loaded;
PREPARE ask_text (text) AS SELECT regress_drivers.execute_bytes($1, '2090-01-01') = regress_drivers.execute($1::coserv.coserv, '2090-01-01')::bytea AS bytes;
EXECUTE ask_text(:'query');
PREPARE ask_bytea (bytea) AS SELECT regress_drivers.execute_json($1, '2090-01-01') -> 'results' AS json;
EXECUTE ask_bytea(:'query'::coserv.coserv::bytea);
-- a signed CoRIM goes from one function into the next
SELECT regress_drivers.load(:'document'::coserv.corim, 'A') = id AS same FROM loaded;
-- text that is no EDN stands for its own bytes, so that the function says what it is; what looks like EDN must be
SELECT regress_drivers.load('GIF89a');
SELECT regress_drivers.load('501({0: "driver", )');
SELECT sqlstate FROM regress_drivers.try_load('zzz');

-- what resolves without coserv in the search_path resolves to the same type with it
CREATE FUNCTION pg_temp.type_of(expression text, path text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE answer text;
BEGIN
	PERFORM set_config('search_path', path, true);
	EXECUTE 'SELECT pg_catalog.pg_typeof(' || expression || ')' INTO answer;
	RETURN answer;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
WITH sources (source) AS (VALUES ('NULL::text'), ('NULL::varchar'), ('NULL::bytea'), ('NULL::bpchar'), ('NULL::name'), ('NULL::jsonb'), ('NULL')),
	operators AS (SELECT DISTINCT oprname FROM pg_operator WHERE oprnamespace = 'pg_catalog'::regnamespace AND oprkind = 'b'
		AND oprname IN (SELECT oprname FROM pg_operator WHERE oprnamespace = 'coserv'::regnamespace)),
	expressions AS (SELECT format('%s %s %s', l.source, oprname, r.source) AS expression FROM operators, sources l, sources r)
SELECT count(*) > 200 AS asked, count(*) FILTER (WHERE without !~ '^[0-9A-Z]{5}$' AND without <> with_it) AS otherwise
FROM expressions, pg_temp.type_of(expression, 'pg_catalog') without, pg_temp.type_of(expression, 'pg_catalog, coserv') with_it;

SELECT coserv.drop_store('regress_drivers');
