-- Traps for calls that are not exact (overloads.sql): beside each function and operator of a schema, all those that PostgreSQL could
-- prefer to it in some call: with another type in one place, and without arguments that have defaults. To be included in a transaction.
CREATE SCHEMA regress_trap;
CREATE TABLE regress_trap.trap (class oid, object oid, PRIMARY KEY (class, object));

-- Types that an argument may have in a call where the function has this one: those that become it without being asked, what stands for a
-- bare literal, and rows where it is any record.
CREATE FUNCTION regress_trap.near(type oid) RETURNS SETOF oid LANGUAGE sql AS $$
	SELECT castsource FROM pg_cast WHERE casttarget = type AND castcontext = 'i' AND castsource <> type
	UNION SELECT s.typarray FROM pg_type t JOIN pg_cast ON casttarget = t.typelem AND castcontext = 'i' JOIN pg_type s ON s.oid = castsource
		WHERE t.oid = type AND t.typcategory = 'A' AND s.typarray NOT IN (0, type)
	UNION SELECT p.oid FROM pg_type t JOIN pg_type p ON p.typcategory = t.typcategory AND p.typispreferred AND p.oid <> t.oid WHERE t.oid = type
	UNION SELECT 'text'::regtype WHERE type <> 'text'::regtype
	UNION SELECT reltype FROM pg_class WHERE type = 'record'::regtype AND relkind = 'r' AND relnamespace = to_regnamespace('regress_overloads')
$$;

-- One function that raises an error, with these types in the places of another's arguments and with its columns.
CREATE FUNCTION regress_trap.add_function(schema regnamespace, name name, types oid[], result text, columns text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	called text := format('%s.%I', schema, name);
	arguments text := (SELECT string_agg(format_type(t, NULL), ', ' ORDER BY n) FROM unnest(types) WITH ORDINALITY AS a (t, n));
BEGIN
	IF to_regprocedure(format('%s(%s)', called, arguments)) IS NULL THEN
		EXECUTE format('CREATE FUNCTION %s(%s) RETURNS %s LANGUAGE plpgsql AS $f$BEGIN RAISE EXCEPTION ''trapped''; END$f$', called,
			concat_ws(', ', arguments, columns), result);
		INSERT INTO regress_trap.trap VALUES ('pg_proc'::regclass, to_regprocedure(format('%s(%s)', called, arguments)));
	END IF;
	RETURN called;
END $$;

CREATE FUNCTION regress_trap.add_functions(functions oid[]) RETURNS void LANGUAGE sql AS $$
	SELECT count(regress_trap.add_function(p.pronamespace, p.proname, t.types,
		CASE WHEN p.proretset THEN 'SETOF ' ELSE '' END || format_type(p.prorettype, NULL),
		(SELECT string_agg(format('OUT %I %s', p.proargnames[n], format_type(c, NULL)), ', ' ORDER BY n)
			FROM unnest(p.proallargtypes) WITH ORDINALITY AS a (c, n) WHERE p.proargmodes[n] IN ('o', 't'))))
	FROM pg_proc p,
		LATERAL generate_series(p.pronargs - p.pronargdefaults::integer, p.pronargs) AS k,
		LATERAL (SELECT (p.proargtypes::oid[])[0:k - 1]) AS g (given),
		LATERAL (SELECT given WHERE k < p.pronargs
			UNION SELECT given[1:i - 1] || n || given[i + 1:k] FROM generate_series(1, k) AS i, regress_trap.near(given[i]) AS n) AS t (types)
	WHERE p.oid = ANY (functions) AND p.prokind = 'f' AND NOT ARRAY['internal', 'cstring', 'trigger']::regtype[]::oid[] && (p.proargtypes::oid[] || p.prorettype)
$$;

-- same: also those with the very types, in a schema that stands before the other in search_path
CREATE FUNCTION regress_trap.add_operators(of regnamespace, schema regnamespace, same boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE o record;
BEGIN
	FOR o IN
		SELECT DISTINCT ON (p.oprname, t.types) p.oprname, t.types, format_type(p.oprresult, NULL) AS result
		FROM pg_operator p, LATERAL (
			SELECT ARRAY[p.oprleft, p.oprright] WHERE same
			UNION SELECT ARRAY[n, p.oprright] FROM regress_trap.near(p.oprleft) AS n WHERE NOT same
			UNION SELECT ARRAY[p.oprleft, n] FROM regress_trap.near(p.oprright) AS n WHERE NOT same) AS t (types)
		WHERE p.oprnamespace = of AND p.oprkind = 'b' AND p.oprcode <> 0
			AND NOT EXISTS (SELECT FROM pg_type WHERE oid = ANY (t.types) AND typtype = 'p' AND typname NOT LIKE 'any%' AND typname <> 'record')
			AND NOT EXISTS (SELECT FROM pg_operator e WHERE e.oprnamespace = schema AND e.oprname = p.oprname AND ARRAY[e.oprleft, e.oprright] = t.types)
	LOOP
		EXECUTE format('CREATE OPERATOR %s.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = %s)', schema, o.oprname,
			o.types[1]::regtype, o.types[2]::regtype, regress_trap.add_function('regress_trap', o.result::name, o.types, o.result, NULL));
		INSERT INTO regress_trap.trap SELECT 'pg_operator'::regclass, oid FROM pg_operator
			WHERE oprnamespace = schema AND oprname = o.oprname AND ARRAY[oprleft, oprright] = o.types;
	END LOOP;
END $$;

-- What is in traps: who calls, and what he gets.
CREATE VIEW regress_trap.trapped AS
	SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0) AS caller, pg_describe_object(d.refclassid, d.refobjid, 0) AS calls
	FROM pg_depend d JOIN regress_trap.trap t ON (t.class, t.object) = (d.refclassid, d.refobjid)
	WHERE NOT EXISTS (SELECT FROM regress_trap.trap s WHERE (s.class, s.object) = (d.classid, d.objid));
