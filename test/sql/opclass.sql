-- What the catalogs say about the extension's own objects, in the manner of the server's opr_sanity, and its settings.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
RESET client_min_messages;

CREATE TEMP VIEW member AS
	SELECT classid, objid FROM pg_depend
	WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'coserv') AND deptype = 'e';

-- operator classes are whole
SELECT am.amname, opc.opcname, opc.opcintype::regtype, opc.opcdefault, amvalidate(opc.oid)
FROM pg_opclass opc JOIN pg_am am ON am.oid = opc.opcmethod
WHERE opc.oid IN (SELECT objid FROM member WHERE classid = 'pg_opclass'::regclass)
ORDER BY 1, 2, 3;

-- every object has a comment
SELECT pg_describe_object(classid, objid, 0) FROM member
WHERE classid <> 'pg_namespace'::regclass AND obj_description(objid, classid::regclass::name) IS NULL
	AND pg_describe_object(classid, objid, 0) !~ '\[\]$'
ORDER BY 1;

-- what types, operators, casts and operator classes use gives the same answer to the same arguments, in every process
CREATE TEMP VIEW used AS
	SELECT unnest(ARRAY[typinput, typoutput, typreceive, typsend]::oid[]) AS proc FROM pg_type WHERE oid IN (SELECT objid FROM member) AND typtype = 'b' AND typelem = 0
	UNION SELECT oprcode FROM pg_operator WHERE oid IN (SELECT objid FROM member)
	UNION SELECT castfunc FROM pg_cast WHERE oid IN (SELECT objid FROM member) AND castfunc <> 0
	UNION SELECT amproc FROM pg_amproc a JOIN pg_opclass c ON c.opcfamily = a.amprocfamily WHERE c.oid IN (SELECT objid FROM member);
SELECT count(*) > 100 AS many FROM used;
SELECT proc::regprocedure FROM used JOIN pg_proc p ON p.oid = proc
WHERE provolatile <> 'i' OR NOT proisstrict OR proparallel <> 's' OR prosecdef
ORDER BY 1::text;

-- no function of the extension in C or SQL runs with the rights of another, unless it is one that says so in its comment
SELECT objid::regprocedure FROM member JOIN pg_proc p ON p.oid = objid
WHERE classid = 'pg_proc'::regclass AND prosecdef AND obj_description(objid, 'pg_proc') !~ 'rights';

-- operators and their commutators and negators name each other
SELECT o.oid::regoperator, c.oid::regoperator FROM pg_operator o JOIN pg_operator c ON c.oid = o.oprcom
WHERE o.oid IN (SELECT objid FROM member) AND (c.oprcom <> o.oid OR c.oprleft <> o.oprright OR c.oprright <> o.oprleft);
SELECT o.oid::regoperator, n.oid::regoperator FROM pg_operator o JOIN pg_operator n ON n.oid = o.oprnegate
WHERE o.oid IN (SELECT objid FROM member) AND (n.oprnegate <> o.oid OR n.oprleft <> o.oprleft OR n.oprright <> o.oprright);
SELECT oid::regoperator FROM pg_operator
WHERE oid IN (SELECT objid FROM member) AND oprresult = 'bool'::regtype AND (oprrest = 0 OR oprjoin = 0 OR oprcom = 0);

-- total operators are LEAKPROOF; what parses, casts, encodes anew or makes text is not
SELECT format_type(o.oprleft, NULL) AS type, p.proleakproof, string_agg(DISTINCT o.oprname, ' ' ORDER BY o.oprname) AS operators
FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode
WHERE o.oid IN (SELECT objid FROM member) GROUP BY 1, 2 ORDER BY 1, 2;
SELECT objid::regprocedure FROM member JOIN pg_proc p ON p.oid = objid
WHERE classid = 'pg_proc'::regclass AND proleakproof AND NOT EXISTS (SELECT FROM pg_operator WHERE oprcode = p.oid)
ORDER BY objid::regprocedure::text;

-- all types are alike
SELECT typname, typlen, typalign, typstorage, typcategory FROM pg_type
WHERE oid IN (SELECT objid FROM member) AND typtype = 'b' AND typelem = 0 ORDER BY typname;

-- settings, which are there when the library is
SELECT coserv.cbor_typeof('1');
SELECT name, setting, unit, context, min_val, max_val FROM pg_settings WHERE name LIKE 'coserv.%' ORDER BY name;
SET coserv.endpoint = 'coserv';
SET coserv.no_such_setting = 1;
CREATE ROLE regress_coserv_plain;
SET ROLE regress_coserv_plain;
\set VERBOSITY sqlstate
SHOW coserv.signing_keys_file;
\set VERBOSITY default
SELECT count(*) FROM pg_settings WHERE name = 'coserv.signing_keys_file';
SET coserv.max_depth = 1000;
SET coserv.result_ttl = 1000;
SET coserv.accept_legacy = off;
RESET ROLE;
DROP ROLE regress_coserv_plain;

-- no stored body sorts, groups or compares by an operator of ours that it does not name: PostgreSQL records no dependency on the default operator
-- class that it takes then, and pg_upgrade restores the body before it
SELECT coserv.create_store('regress_opclass_bodies');
CREATE VIEW pg_temp.implicit AS
WITH bodies (name, body) AS (
	SELECT p.oid::regprocedure::text, p.prosqlbody::text FROM pg_proc p WHERE p.prosqlbody IS NOT NULL
		AND p.pronamespace IN ('regress_opclass_bodies'::regnamespace, 'coserv'::regnamespace)
	UNION ALL SELECT r.ev_class::regclass::text, r.ev_action::text FROM pg_rewrite r, pg_class c
		WHERE c.oid = r.ev_class AND c.relnamespace = 'regress_opclass_bodies'::regnamespace)
SELECT b.name, o.oid::regoperator AS operator FROM bodies b, LATERAL regexp_matches(b.body, ':(?:eqop|sortop) (\d+)|DISTINCTEXPR :opno (\d+)|NULLIFEXPR :opno (\d+)', 'g') AS m,
	pg_operator o WHERE o.oid = COALESCE(m[1], m[2], m[3])::oid AND o.oprnamespace = 'coserv'::regnamespace GROUP BY 1, 2 ORDER BY 1, 2;
SELECT * FROM pg_temp.implicit;
-- a bait
CREATE FUNCTION regress_opclass_bodies.bait() RETURNS SETOF coserv.environment LANGUAGE sql BEGIN ATOMIC
	SELECT DISTINCT environment FROM regress_opclass_bodies.triple; END;
SELECT * FROM pg_temp.implicit;
SET client_min_messages = warning;
SELECT coserv.drop_store('regress_opclass_bodies');
