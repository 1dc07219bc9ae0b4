-- Tenants: a limited reader walks every relation and every function of a store, with what he would have to ask for if he knew it, and finds
-- nothing of the others; what he may read he reads by the same indexes.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET jit = off;
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set acme_key `cat :'srcdir'/data/acme.key`
\set stranger_pub `cat :'srcdir'/data/stranger.pub`
\set stranger_key `cat :'srcdir'/data/stranger.key`
\set root `cat :'srcdir'/data/pki/root.crt`
\set middle `cat :'srcdir'/data/pki/middle.crt`
\set leaf `cat :'srcdir'/data/pki/leaf.crt`
\set leaf_key `cat :'srcdir'/data/pki/leaf.key`
\set middle_crl `cat :'srcdir'/data/pki/middle.crl`
CREATE FUNCTION pg_temp.der(pem text) RETURNS bytea LANGUAGE sql AS
	$$ SELECT decode(regexp_replace(pem, '-----[^-]+-----|\s', '', 'g'), 'base64') $$;
CREATE ROLE regress_tenant_a;
CREATE ROLE regress_tenant_b;
CREATE ROLE regress_tenant_member IN ROLE regress_tenant_a;
CREATE ROLE regress_tenant_env;
CREATE ROLE regress_tenant_all;
SELECT coserv.create_store('regress_tenants');
SELECT regress_tenants.grant_reader(r::regrole) FROM unnest(ARRAY['regress_tenant_a', 'regress_tenant_b', 'regress_tenant_env', 'regress_tenant_all']) r \g /dev/null
INSERT INTO regress_tenants.authority (name, key, note) VALUES ('A', :'acme_pub', 'note of A'), ('SECRET', :'stranger_pub', 'SECRET note');

-- Whatever the others say has this mark in it; their key is looked for as well.
CREATE FUNCTION pg_temp.document(mark text, version int DEFAULT 0) RETURNS coserv.corim LANGUAGE sql AS $$
	SELECT replace(replace(replace('501({0: "$ document #", 1: [506(<<{1: {0: "$ tag", 1: #}, 4: {
		0: [[{0: {1: "$ Inc.", 2: "$ model"}}, [{0: "$ key", 1: {0: {0: "$ version #"}, 2: [[1, h''%'']], 11: "$ name"}}]]],
		1: [[{0: {1: "$ Inc.", 2: "$ model"}}, [{1: {11: "$ endorsed"}}]]],
		2: [[{0: {1: "$ Inc."}}, [559([1, h''%''])]]],
		3: [[{0: {1: "$ Inc."}}, [559([1, h''%''])]]],
		5: [[{0: {1: "$ Inc."}}, [{0: {1: "$ Inc.", 2: "$ member"}}]]],
		10: [[[[{0: {1: "$ Inc."}}, [{1: {11: "$ condition"}}]]], [[{0: {1: "$ Inc."}}, [{1: {11: "$ endorsement"}}]]]]]}}>>)]})', '$', mark), '#', version::text), '%', encode(rpad(mark, 32, '.')::bytea, 'hex'))::coserv.corim $$;
CREATE FUNCTION pg_temp.swid(mark text) RETURNS coserv.corim LANGUAGE sql AS $$
	SELECT replace(replace('501({0: "$ swid", 1: [505(<<{0: "$ swid", 12: 0, 1: "$ software", 13: "1", 2: {31: "$ entity", 33: 1}, 6: {17: {24: "$ file", 7: [1, h''%'']}}}>>),
		506(<<{1: {0: "$ link"}, 4: {6: [[{0: {1: "$ Inc."}}, ["$ swid"]]]}}>>)]})', '$', mark), '%', encode(rpad(mark, 32, '.')::bytea, 'hex'))::coserv.corim $$;
CREATE TEMP TABLE made AS
	SELECT 'A' AS who, regress_tenants.load(coserv.sign(pg_temp.document('acme'), :'acme_key', 'A')::bytea) AS id
	UNION ALL SELECT 'A', regress_tenants.load(coserv.sign(pg_temp.swid('acme'), :'acme_key', 'A')::bytea)
	UNION ALL SELECT 'SECRET', regress_tenants.load(coserv.sign(pg_temp.document('SECRET'), :'stranger_key', 'SECRET')::bytea)
	UNION ALL SELECT 'SECRET', regress_tenants.load(coserv.sign(pg_temp.swid('SECRET'), :'stranger_key', 'SECRET')::bytea);
INSERT INTO regress_tenants.authority (name, key) VALUES ('SECRET root', :'root');
INSERT INTO made SELECT 'SECRET', regress_tenants.load(coserv.sign(pg_temp.document('SECRET chain'), :'leaf_key', 'SECRET chain', ARRAY[pg_temp.der(:'leaf'), pg_temp.der(:'middle')])::bytea);

SELECT regress_tenants.limit_reader('regress_tenant_a', ARRAY['A']), regress_tenants.limit_reader('regress_tenant_b', ARRAY['SECRET', 'SECRET root']),
	regress_tenants.limit_reader('regress_tenant_env', environments => ARRAY['{0: {1: "acme Inc."}}'::coserv.environment]) \g /dev/null
-- after the limits too
INSERT INTO made SELECT 'A', regress_tenants.load(coserv.sign(pg_temp.document('acme', 1), :'acme_key', 'A')::bytea);
INSERT INTO made SELECT 'SECRET', regress_tenants.load(coserv.sign(pg_temp.document('SECRET', 1), :'stranger_key', 'SECRET')::bytea);
INSERT INTO regress_tenants.revocation (authority, tag_id, reason) VALUES ('SECRET', 'SECRET gone', 'SECRET reason'), ('A', 'gone', 'reason of A');
SELECT regress_tenants.unrevoke(id, reason || ' undone') FROM regress_tenants.revocation \g /dev/null
GRANT SELECT ON made TO PUBLIC;

-- What he would ask for, by type
CREATE TEMP TABLE asked (type regtype, value text);
INSERT INTO asked VALUES ('text', 'SECRET'), ('text', 'SECRET tag'), ('text', 'json'), ('text', 'GET'), ('interval', '100 years'), ('timestamptz', 'now'),
	('bytea', '\x5345435245542e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e'), ('coserv.measurement', '{0: "SECRET key", 1: {11: "SECRET name"}}'),
	('coserv.crypto_key', '559([1, h''5345435245542e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e2e''])'), ('coserv.environment[]', '{"{0: {1: \"SECRET Inc.\"}}"}'),
	('coserv.coserv', '{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "SECRET Inc."}]]}, 2: 2}}'), ('coserv.coserv', '{0: "tag:x", 1: {0: 0, 1: {0: [[{1: "SECRET Inc."}]]}, 2: 2}}'), ('coserv.coserv', '{0: "tag:x", 1: {3: [[2, "SECRET document 1"], [0, "SECRET tag"]]}}'),
	('coserv.cbor', '{"cmtype": 2, "profile": 32("tag:x"), "authority": [560(h''01'')], "environment": {0: {1: "SECRET Inc.", 2: "SECRET model"}}, "element-list": [{"element-id": "SECRET key", "element-claims": {11: "SECRET name"}}]}');
INSERT INTO asked SELECT 'uuid', id FROM made WHERE who = 'SECRET';
CREATE FUNCTION pg_temp.path(query text) RETURNS text LANGUAGE sql AS $$
	SELECT '/coserv/' || rtrim(translate(encode(query::coserv.coserv::bytea, 'base64'), E'+/\n', '-_'), '=') $$;
GRANT SELECT ON asked TO PUBLIC;
-- The mark in text, in hexadecimal (as bytea is shown), in base64 at each offset; and the id of a document
CREATE FUNCTION pg_temp.tells(t text) RETURNS boolean LANGUAGE sql AS $$
	SELECT t ~ 'SECRET|534543524554|U0VDUkVU|NFQ1JFV|TRUNSRV' OR EXISTS (SELECT FROM pg_temp.made WHERE who = 'SECRET' AND position(id::text IN t) > 0) $$;
CREATE FUNCTION pg_temp.of_nobody(list text) RETURNS text LANGUAGE sql AS $$
	SELECT replace(replace(coalesce((SELECT replace(list, id::text, '00000000-0000-4000-8000-000000000000') FROM pg_temp.made WHERE who = 'SECRET' AND position(id::text IN list) > 0 LIMIT 1), list),
		'SECRET', 'NOBODY'), '534543524554', '4e4f424f4459') $$;
CREATE FUNCTION pg_temp.answer(name text, list text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE t text;
BEGIN
	EXECUTE format('SELECT string_agg(x::text, chr(10)) FROM regress_tenants.%I(%s) x', name, list) INTO t;
	RETURN regexp_replace(coalesce(t, ''), '\d\d:\d\d:\d\d[.\d]*', '', 'g');
EXCEPTION WHEN OTHERS THEN
	RETURN replace(sqlerrm, list, '');
END $$;

CREATE FUNCTION pg_temp.walk() RETURNS TABLE (object text, hits bigint) LANGUAGE plpgsql AS $$
DECLARE o record; call record; t text;
BEGIN
	FOR o IN SELECT oid::regclass AS name FROM pg_class WHERE relnamespace = 'regress_tenants'::regnamespace AND relkind IN ('r', 'v', 'm', 'p') LOOP
		object := o.name;
		BEGIN
			EXECUTE format('SELECT count(*) FROM %s x WHERE pg_temp.tells(x::text)', o.name) INTO hits;
		EXCEPTION WHEN insufficient_privilege THEN
			hits := NULL;
		END;
		RETURN NEXT;
	END LOOP;
	FOR o IN SELECT oid, oid::regprocedure AS name, proname, proargtypes::regtype[] AS types, pronargs AS n, pronargs - pronargdefaults AS needed FROM pg_proc
		WHERE pronamespace = 'regress_tenants'::regnamespace LOOP
		object := o.name;
		hits := 0;
		FOR call IN
			WITH RECURSIVE calls (n, arguments) AS (
				SELECT 0, ARRAY[]::text[]
				UNION ALL SELECT c.n + 1, c.arguments || coalesce(format('%L::%s', a.value, o.types[c.n]), format('NULL::%s', o.types[c.n]))
				FROM calls c LEFT JOIN pg_temp.asked a ON a.type = o.types[c.n] WHERE c.n < o.n)
			SELECT format('''GET'', pg_temp.path(%L), ''{"Accept": "application/coserv+cbor"}''::jsonb', value) AS list FROM pg_temp.asked WHERE type = 'coserv.coserv'::regtype AND o.proname = 'http'
			UNION ALL SELECT array_to_string(arguments, ', ') AS list FROM calls WHERE n >= o.needed
			LIMIT 30
		LOOP
			-- an answer repeats what was asked: it tells something when it is another than that to somebody unknown, whose name is as long
			t := pg_temp.answer(o.proname, call.list);
			hits := hits + (length(t) IS DISTINCT FROM length(pg_temp.answer(o.proname, pg_temp.of_nobody(call.list))) OR call.list = pg_temp.of_nobody(call.list) AND pg_temp.tells(t))::int;
		END LOOP;
		RETURN NEXT;
	END LOOP;
END $$;
GRANT USAGE ON SCHEMA coserv TO PUBLIC;
DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %s TO PUBLIC', pg_my_temp_schema()::regnamespace); END $$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_temp TO PUBLIC;
CREATE TEMP TABLE walked (who text, object text, hits bigint);
GRANT ALL ON walked TO PUBLIC;
SET ROLE regress_tenant_all;
INSERT INTO walked SELECT 'all', * FROM pg_temp.walk();
SET ROLE regress_tenant_b;
INSERT INTO walked SELECT 'b', * FROM pg_temp.walk();
SET ROLE regress_tenant_a;
INSERT INTO walked SELECT 'a', * FROM pg_temp.walk();
SET ROLE regress_tenant_env;
INSERT INTO walked SELECT 'env', * FROM pg_temp.walk();
RESET ROLE;
-- who reads all, and whose it is, find it there; nobody else does
SELECT who, count(*) > 35 AS in_many_places, bool_or(object LIKE '%.execute(%') AS execute, bool_or(object LIKE '%.http(%') AS http, bool_or(object LIKE '%.manifest') AS manifest, bool_or(object LIKE '%.vouchers(%') AS vouchers
FROM walked WHERE who IN ('all', 'b') AND hits > 0 GROUP BY who ORDER BY who;
SELECT who, object, hits FROM walked WHERE who NOT IN ('all', 'b') AND hits > 0 ORDER BY 1, 2;

-- his own he reads as ever
SET ROLE regress_tenant_a;
SELECT count(*), min(vendor), max(vendor) FROM regress_tenants.reference_value;
SELECT vendor, version FROM regress_tenants.reference_value;
SELECT count(*) FROM regress_tenants.vouchers(rpad('acme', 32, '.')::bytea);
SELECT name FROM regress_tenants.authority;
SELECT reason FROM regress_tenants.revocation ORDER BY 1;
SELECT role, authorities FROM regress_tenants.reader_limit;
SET ROLE regress_tenant_env;
SELECT vendor, version FROM regress_tenants.reference_value;
SET ROLE regress_tenant_member;
SELECT vendor, version FROM regress_tenants.reference_value;
RESET ROLE;

-- a newer version that goes beyond his environments: the older would seem to count, so he reads neither
SELECT regress_tenants.load(coserv.sign('501({0: "wide", 1: [506(<<{1: {0: "acme tag", 1: 2}, 4: {0: [[{0: {1: "acme Inc."}}, [{1: {11: "x"}}]], [{0: {1: "other"}}, [{1: {11: "x"}}]]]}}>>)]})'::coserv.corim, :'acme_key', 'A')::bytea) \g /dev/null
SET ROLE regress_tenant_env;
SELECT count(*) FROM regress_tenants.reference_value;
SET ROLE regress_tenant_a;
SELECT count(*) FROM regress_tenants.reference_value;
RESET ROLE;

-- the same indexes
CREATE FUNCTION pg_temp.indexes(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
		RETURN QUERY SELECT m[1] FROM regexp_matches(line, 'on (triple_environment_gin|search_key_keys|manifest_pkey|reader_row_pkey|manifest_corim_id)') m;
	END LOOP;
END $$;
SET enable_seqscan = off;
SET ROLE regress_tenant_a;
SELECT DISTINCT * FROM pg_temp.indexes($$SELECT * FROM regress_tenants.reference_value WHERE environment OPERATOR(coserv.@>) '{0: {1: "acme Inc."}}'$$) ORDER BY 1;
SELECT DISTINCT * FROM pg_temp.indexes($$SELECT * FROM regress_tenants.vouchers('\x00')$$) ORDER BY 1;
RESET ROLE;
RESET enable_seqscan;

-- who may limit, and whom; the last limit takes the policies along
SET ROLE regress_tenant_a;
SELECT regress_tenants.limit_reader('regress_tenant_a', ARRAY['SECRET']);
SELECT regress_tenants.limit_reader('regress_tenant_a');
DELETE FROM regress_tenants.reader_limit;
RESET ROLE;
SELECT regress_tenants.limit_reader(NULL, ARRAY['A']);
SELECT count(*) FROM pg_policies WHERE schemaname = 'regress_tenants';
SELECT regress_tenants.limit_reader('regress_tenant_a', ARRAY['A', 'SECRET']);
SET ROLE regress_tenant_a;
SELECT count(*), min(vendor), max(vendor) FROM regress_tenants.reference_value;
RESET ROLE;
-- who is limited to an authority learns that it was removed
SET ROLE regress_tenant_a;
SELECT regress_tenants.cursor() AS before \gset
RESET ROLE;
DELETE FROM regress_tenants.authority WHERE name = 'A';
SET ROLE regress_tenant_a;
SELECT what, by_authority, count(*) > 0 AS told FROM regress_tenants.changes(:'before') GROUP BY 1, 2 ORDER BY 1, 2;
RESET ROLE;
SELECT regress_tenants.limit_reader(r::regrole) FROM unnest(ARRAY['regress_tenant_a', 'regress_tenant_b', 'regress_tenant_env', 'regress_tenant_env']) r \g /dev/null
SELECT count(*) FROM pg_policies WHERE schemaname = 'regress_tenants';
SELECT count(*) FILTER (WHERE relrowsecurity) AS secured FROM pg_class WHERE relnamespace = 'regress_tenants'::regnamespace;
SELECT (SELECT count(*) FROM regress_tenants.reader_limit) + (SELECT count(*) FROM regress_tenants.reader_row) AS left;
SELECT tgrelid::regclass FROM pg_trigger WHERE tgname = 'reader_rows';
SELECT coserv.drop_store('regress_tenants');
DROP ROLE regress_tenant_a, regress_tenant_b, regress_tenant_member, regress_tenant_env, regress_tenant_all;
