-- What ships as SQL calls the functions and operators that it names, whoever adds others of the same name: else who owns schema coserv, or
-- may create in a store's, has his own code run by a superuser. Here somebody has set traps (test/lib/overloads.sql) before a store is made.
-- What is listed under "caller" needs a cast, or an argument that it leaves to a default.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
SET search_path = pg_catalog, pg_temp;
SET jit = off;
\getenv srcdir PG_ABS_SRCDIR
\set statements `sed '/^#include/d' "$PG_ABS_SRCDIR"/../src/pg/base/statements.c | ${CC:-cc} -E -P -x c - | perl "$PG_ABS_SRCDIR"/lib/statements.pl`
-- whatever is added goes when the test ends
BEGIN;
\set ECHO none
\i :srcdir/lib/overloads.sql
\set ECHO all
\o /dev/null
SELECT regress_trap.add_functions((SELECT array_agg(oid) FROM pg_proc WHERE pronamespace = 'coserv'::regnamespace)),
	regress_trap.add_operators('coserv', 'coserv', false);
\o

-- In the store too, as each of its functions is made, for those that are made after it.
CREATE FUNCTION regress_trap.on_create() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
	IF current_setting('regress_trap.busy', true) = 'yes' THEN
		RETURN;
	END IF;
	PERFORM set_config('regress_trap.busy', 'yes', true);
	PERFORM regress_trap.add_functions(CASE WHEN tg_tag = 'CREATE TABLE'
			THEN (SELECT array_agg(oid) FROM pg_proc WHERE pronamespace = 'coserv'::regnamespace AND 'record'::regtype = ANY (proargtypes))
			ELSE ARRAY[objid] END)
		FROM pg_event_trigger_ddl_commands() WHERE object_type IN ('function', 'table') AND schema_name = 'regress_overloads';
	PERFORM set_config('regress_trap.busy', 'no', true);
END $$;
CREATE EVENT TRIGGER regress_trap ON ddl_command_end WHEN tag IN ('CREATE FUNCTION', 'CREATE TABLE') EXECUTE FUNCTION regress_trap.on_create();
SELECT coserv.create_store('regress_overloads');
-- its policies too
SELECT coserv.limit_reader('regress_overloads'::regnamespace, current_user::regrole, ARRAY['x'], NULL::coserv.environment[]);
DROP EVENT TRIGGER regress_trap;
SELECT count(*) > 1000 AS traps FROM regress_trap.trap;
SELECT * FROM regress_trap.trapped ORDER BY 1, 2;

-- A body that is no parsed tree would be resolved by whoever calls it; what is written in PL/pgSQL has a search_path of its own.
SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
WHERE pronamespace IN ('coserv'::regnamespace, 'regress_overloads'::regnamespace) AND lanname NOT IN ('c', 'internal') AND prosqlbody IS NULL
	AND NOT (lanname = 'plpgsql' AND 'search_path=pg_catalog, pg_temp' = ANY (coalesce(proconfig, '{}')))
	AND p.oid <> 'coserv.wait_for_replay(pg_lsn, interval)'::regprocedure	-- it commits, so it can set nothing
	AND NOT EXISTS (SELECT FROM regress_trap.trap t WHERE t.object = p.oid);

-- The statements of the library, which run with the search_path of whoever calls, and in triggers with the rights of the tables' owner:
-- somebody has put his own = and all others before those of pg_catalog.
CREATE SCHEMA regress_path;
\o /dev/null
SELECT regress_trap.add_operators('pg_catalog', 'regress_path', true);
\o
CREATE FUNCTION regress_trap.statements(list jsonb) RETURNS SETOF text LANGUAGE plpgsql SET search_path = regress_path, pg_catalog AS $$
DECLARE s record;
BEGIN
	FOR s IN SELECT x.name, x.sql, x.types FROM pg_catalog.jsonb_to_recordset(list) AS x (name text, sql text, types text[]) LOOP
		EXECUTE pg_catalog.format('CREATE FUNCTION regress_trap.%I(%s) RETURNS void BEGIN ATOMIC %s; END', s.name, pg_catalog.array_to_string(s.types, ', '),
			pg_catalog.replace(pg_catalog.replace(s.sql, '@store@', 'regress_overloads'), '@store_literal@', '''regress_overloads'''));
	END LOOP;
END $$;
SELECT * FROM regress_trap.statements(:'statements');
SELECT count(*) = jsonb_array_length(:'statements') AS all_statements FROM pg_proc WHERE pronamespace = 'regress_trap'::regnamespace AND proname LIKE 'CS\_STMT\_%';
SELECT * FROM regress_trap.trapped ORDER BY 1, 2;
-- functions without their schema
SELECT s ->> 'name' AS statement, m[1] AS calls FROM jsonb_array_elements(:'statements') s,
	regexp_matches(s ->> 'sql', '(?<![.\w@])([a-z_]+)\(', 'g') m WHERE m[1] NOT IN ('coalesce', 'least', 'exists');

-- Other statements in C are GRANTs, the store's template above, what an upgrade asks the catalogs of (pg_catalog is its search_path) and what the
-- caller hands in: whoever adds one puts it into statements.c.
\set others `cd -P "$PG_ABS_SRCDIR"/.. && cd src/pg && grep -rlE 'SPI_(prepare|execute)(_cursor|_with_args|_extended|_ext)?[(]' --include='*.c' . | LC_ALL=C sort | tr '\n' ' '`
\echo :others

-- The traps do catch.
CREATE FUNCTION regress_trap.bait(c coserv.cbor) RETURNS coserv.cbor RETURN c OPERATOR(coserv.->) 0;
CREATE FUNCTION regress_trap.bait_literal(c coserv.cbor) RETURNS boolean RETURN coserv.cbor_contains(c, '1');
CREATE VIEW regress_trap.bait_row AS SELECT v.problem FROM regress_overloads.manifest m, coserv.verify_manifest('regress_overloads'::regnamespace, m) v;
SET LOCAL search_path = regress_path, pg_catalog;
CREATE FUNCTION regress_trap.bait_path(timestamptz) RETURNS timestamptz RETURN nullif($1, 'infinity');
SET LOCAL search_path = pg_catalog, pg_temp;
SELECT * FROM regress_trap.trapped WHERE caller LIKE '%bait%' ORDER BY 1, 2;
ROLLBACK;
