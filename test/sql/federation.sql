-- Federations of stores of this database: what several stores hold is answered byte for byte as one store does that holds it all, for random
-- documents over 1, 2, 3 and 5 members; who is believed for what; who is asked; moments; keys that sign; rights.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
SET search_path = pg_catalog, coserv, pg_temp;
SET timezone = 'UTC';
\getenv srcdir PG_ABS_SRCDIR
\set stranger_key `cat :'srcdir'/data/stranger.key`

-- nine authorities, which sign nothing here: what they say is loaded in their name
CREATE TABLE pg_temp.authority AS SELECT i, 'A' || i AS name, ('554("key ' || i || '")')::crypto_key AS key, i % 5 AS home FROM generate_series(0, 8) i;
CREATE TABLE pg_temp.member AS SELECT i, 'regress_member' || i AS store FROM generate_series(0, 4) i;
SELECT count(create_store(store)) FROM pg_temp.member;
SELECT create_store('regress_one');
DO $$
DECLARE s text; a record;
BEGIN
	FOR s IN SELECT store FROM pg_temp.member UNION ALL SELECT 'regress_one' LOOP
		FOR a IN SELECT * FROM pg_temp.authority LOOP
			EXECUTE format('INSERT INTO %I.authority (name, key, accepts_unsigned) VALUES (%L, %L, true)', s, a.name, a.key);
		END LOOP;
	END LOOP;
END $$;

-- a random document: of one of few environments, of some kind, with or without a profile
SET client_min_messages = error; -- the same tags with other content
SELECT setseed(0.5);
CREATE FUNCTION pg_temp.environment(n int) RETURNS text LANGUAGE sql AS $$
	SELECT CASE n % 3 WHEN 0 THEN format('{0: {1: "V%s"}}', n) WHEN 1 THEN format('{0: {0: 560(h''%s''), 1: "V%s"}}', lpad(to_hex(n), 4, '0'), n)
		ELSE format('{1: 550(h''02%s'')}', lpad(to_hex(n), 12, '0')) END $$;
CREATE TABLE pg_temp.said AS
	SELECT d, (random() * 8)::int AS authority, format('501({0: "doc-%s", 1: [506(<<{1: {0: "tag-%s"}, 4: {%s: [%s]}}>>)]%s})', d, d % 40, k.kind,
		string_agg(CASE k.kind
			WHEN 3 THEN format('[%s, [560(h''%s'')]]', e.environment, lpad(to_hex(d), 4, '0'))
			WHEN 10 THEN format('[[[%s, [{1: {1: %s}}]]], [[%s, [{1: {1: %s}}]]]]', e.environment, t % 3, e.environment, d)
			ELSE format('[%s, [{1: {1: %s, 11: "n%s"}}]]', e.environment, t % 3, (random() * 20)::int) END, ', '),
		CASE d % 3 WHEN 0 THEN ', 3: 32("tag:x")' WHEN 1 THEN ', 3: 32("tag:y")' ELSE '' END) AS document
	FROM generate_series(1, 120) d, LATERAL (SELECT (ARRAY[0, 0, 1, 3, 10])[1 + (d % 5)] AS kind) k, LATERAL generate_series(1, 1 + d % 4) t,
		LATERAL (SELECT pg_temp.environment((d * 7 + t * 3) % 12) AS environment) e
	GROUP BY d, k.kind;
SELECT count(regress_one.load(s.document::document, a.name)) FROM pg_temp.said s JOIN pg_temp.authority a ON a.i = s.authority;

-- federations of 1, 2, 3 and 5 members, each authority placed at one of them; documents are loaded where their authority is
CREATE FUNCTION pg_temp.make(name text, members int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE s record;
BEGIN
	PERFORM create_federation(name, ARRAY(SELECT store FROM pg_temp.member WHERE i < members ORDER BY i DESC));
	EXECUTE format('INSERT INTO %I.placement (authority, member) SELECT authority_id(key), ''regress_member'' || i %% %s FROM pg_temp.authority', name, members);
	FOR s IN SELECT x.document, a.name, 'regress_member' || a.i % members AS store FROM pg_temp.said x JOIN pg_temp.authority a ON a.i = x.authority LOOP
		EXECUTE format('SELECT %I.load(%L::document, %L)', s.store, s.document, s.name);
	END LOOP;
END $$;
SELECT count(pg_temp.make('regress_fed' || n, n)) FROM unnest(ARRAY[1, 2, 3, 5]) n;
SET client_min_messages = warning;

CREATE TABLE pg_temp.query AS
	SELECT format('{0: "tag:%s", 1: {0: %s, 1: {%s}, 2: %s}}', p, artifact, selector, result)::coserv AS q, result
	FROM unnest(ARRAY['x', 'y', 'z']) p, generate_series(0, 2) artifact, generate_series(0, 2) result, (VALUES ('0: [[{1: "V0"}]]'), ('0: [[{1: "V3"}], [{1: "V6"}]]'),
		('0: [[{0: 560(h''0004'')}], [{1: "V9"}]]'), ('1: [[550(h''02000000000005'')]]'), ('0: [[{1: "V1"}, [{1: {1: 1}}]]]'), ('0: [[{1: "nobody"}]]')) v(selector);
INSERT INTO pg_temp.query
	SELECT format('{0: "tag:%s", 1: {3: [[2, "doc-%s"], [0, "tag-%s"], [2, "none"]]}}', p, d, d % 40)::coserv, 3 FROM unnest(ARRAY['x', 'y', 'z']) p, generate_series(1, 120, 7) d;
SELECT n, q.result, count(*), count(*) FILTER (WHERE same) AS same, bool_or(told > 60) AS some_say_something
FROM unnest(ARRAY[1, 2, 3, 5]) n, pg_temp.query q, LATERAL (SELECT coserv.execute(('regress_fed' || n)::regnamespace, q.q, '2090-01-01') = regress_one.execute(q.q, '2090-01-01') AS same,
	length(regress_one.execute(q.q, '2090-01-01')::bytea) AS told OFFSET 0) v
GROUP BY n, q.result ORDER BY n, q.result;
SELECT n, count(*) FILTER (WHERE NOT EXISTS (
	SELECT * FROM coserv.quads(('regress_fed' || n)::regnamespace, q.q, '2090-01-01') EXCEPT SELECT authority, shown_as, kind, environment, triple, profile, not_before, not_after, manifest, ordinal
	FROM regress_one.quads(q.q, '2090-01-01'))) AS nothing_more, count(*) FROM unnest(ARRAY[1, 2, 3, 5]) n, pg_temp.query q WHERE q.result < 3 GROUP BY n ORDER BY n;
SELECT regress_fed5.discovery('cbor') = regress_one.discovery('cbor') AS same_discovery;
CREATE FUNCTION pg_temp.path(coserv) RETURNS text LANGUAGE sql AS $$ SELECT '/coserv/' || rtrim(translate(encode($1::bytea, 'base64'), E'+/\n', '-_'), '=') $$;
SELECT count(*), count(*) FILTER (WHERE a.status = b.status AND a.headers ->> 'Content-Type' = b.headers ->> 'Content-Type') AS same_answer
FROM pg_temp.query q, regress_fed3.http('GET', pg_temp.path(q.q)) a, regress_one.http('GET', pg_temp.path(q.q)) b;

-- Evidence is decided here, by what all members say: the ACS, each element's standing and each condition are those of one store
CREATE TABLE pg_temp.evidence AS SELECT format('{"environment": %s, "element-list": [%s], "cmtype": 2, "authority": [560(h''a7'')]}', pg_temp.environment(n),
		string_agg(format('{"element-claims": {1: %s, 11: "n%s"}}', m % 3, m), ', '))::cbor AS e, n
	FROM generate_series(0, 11) n, generate_series(0, 20) m GROUP BY n;
CREATE FUNCTION pg_temp.digest(schema text, what text, e cbor) RETURNS text LANGUAGE plpgsql AS $$
DECLARE result text;
BEGIN
	EXECUTE format('SELECT md5(string_agg(x::text, E''\n'' ORDER BY n)) || '' '' || count(*) FROM coserv.%I(%L::regnamespace, %L::cbor, ''2090-01-01'') WITH ORDINALITY AS x (%s)', what, schema, e,
		CASE what WHEN 'appraise' THEN 'a, b, c, d, e, f, g, h, n' WHEN 'verdict' THEN 'a, b, c, d, e, f, g, h, i, j, k, l, n' ELSE 'a, b, c, d, e, f, g, h, i, j, k, n' END) INTO result;
	RETURN result;
END $$;
SELECT what, fed, count(*), count(*) FILTER (WHERE pg_temp.digest('regress_fed' || fed, what, e) = pg_temp.digest('regress_one', what, e)) AS same,
	sum(split_part(pg_temp.digest('regress_one', what, e), ' ', 2)::int) > 100 AS much
FROM unnest(ARRAY['appraise', 'verdict', 'explain']) what, unnest(ARRAY[1, 2, 3, 5]) fed, pg_temp.evidence GROUP BY what, fed ORDER BY what, fed;
-- ... endorsements of different members enable each other, round by round
CREATE FUNCTION pg_temp.chain(authority int, id text, triples text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE s text;
BEGIN
	FOREACH s IN ARRAY ARRAY['regress_one', 'regress_member' || authority % 3] LOOP
		EXECUTE format('SELECT %I.load(%L::document, %L)', s, format('501({0: "%1$s", 1: [506(<<{1: {0: "%1$s"}, 4: {%2$s}}>>)]})', id, triples), 'A' || authority);
	END LOOP;
END $$;
SELECT pg_temp.chain(0, 'chain-0', '0: [[{0: {1: "CHAIN"}}, [{1: {11: "boot"}}]]]'),
	pg_temp.chain(1, 'chain-1', '10: [[[[{0: {1: "CHAIN"}}, [{1: {11: "boot"}}]]], [[{0: {1: "NEXT"}}, [{1: {11: "loader"}}]]]]]'),
	pg_temp.chain(2, 'chain-2', '10: [[[[{0: {1: "NEXT"}}, [{1: {11: "loader"}}]]], [[{0: {1: "LAST"}}, [{1: {11: "kernel"}}]]]]]');
\set chain '{"environment": {0: {1: "CHAIN"}}, "element-list": [{"element-claims": {11: "boot"}}], "cmtype": 2, "authority": [560(h\'a7\')]}'
SELECT cmtype, environment, round FROM regress_fed3.appraise(:'chain', '2090-01-01') ORDER BY round, environment, cmtype;
SELECT pg_temp.digest('regress_fed3', 'appraise', :'chain') = pg_temp.digest('regress_one', 'appraise', :'chain') AS same;
SELECT regexp_replace(explanation, '[0-9a-f-]{36}', 'ID') AS explanation, matched FROM regress_fed3.explain('{"environment": {0: {1: "CHAIN"}}, "element-list": [{"element-claims": {11: "other"}}], "cmtype": 2, "authority": [560(h''a7'')]}') ORDER BY 1;
-- ... what would have to be asked of a member besides is an error
SELECT coserv.explain('regress_fed3', :'chain', NULL, NULL, NULL, '\x00');

-- ... files in CoSWID tags, which a member follows from its links: of several versions, in several authorities' names, of parts of the environment
CREATE FUNCTION pg_temp.files(authority int, tag text, version int, files text, triples text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE s text;
BEGIN
	FOREACH s IN ARRAY ARRAY['regress_one', 'regress_member' || authority % 3] LOOP
		EXECUTE format('SELECT %I.load(%L::document, %L)', s, format('501({0: "%1$s-%2$s-%5$s", 1: [505(<<{0: "%1$s", 12: %2$s, 1: "software", 2: {31: "maker", 33: 1}, 6: {17: [%3$s]}}>>),
			506(<<{1: {0: "links-%1$s-%2$s-%5$s"}, 4: {6: [%4$s]}}>>)]})', tag, version, files, triples, authority), 'A' || authority);
	END LOOP;
END $$;
CREATE FUNCTION pg_temp.file(name text, byte text) RETURNS text LANGUAGE sql AS $$ SELECT format('{24: "%s", 7: [1, h''%s'']}', name, repeat(byte, 32)) $$;
SELECT pg_temp.files(0, 'kernel', 1, pg_temp.file('vmlinuz', 'a1') || ', ' || pg_temp.file('initrd', 'a2'), '[{0: {1: "FILES"}}, ["kernel"]]'),
	pg_temp.files(1, 'kernel', 1, pg_temp.file('vmlinuz', 'b1'), '[{0: {1: "FILES"}}, ["kernel"]], [{0: {1: "FILES", 2: "M"}}, ["kernel", "loader"]]'),
	pg_temp.files(2, 'loader', 1, pg_temp.file('grub', 'c1') || ', ' || pg_temp.file('vmlinuz', 'a1'), '[{0: {1: "FILES", 2: "M"}}, ["loader"]]'),
	pg_temp.files(3, 'kernel', 2, pg_temp.file('vmlinuz', 'd2'), '[{0: {1: "FILES"}}, ["kernel"]]');
CREATE TABLE pg_temp.filed AS SELECT format('{"environment": %s, "element-list": [%s], "cmtype": 2, "authority": [560(h''a7'')]}', e.environment, string_agg(format('{"element-claims": {2: [[1, h''%s'']], 11: "%s"}}',
		repeat(f.byte, 32), f.name), ', '))::cbor AS e
	FROM unnest(ARRAY['{0: {1: "FILES"}}', '{0: {1: "FILES", 2: "M"}}', '{0: {1: "OTHER"}}']) e (environment),
		(VALUES ('vmlinuz', 'a1'), ('vmlinuz', 'b1'), ('vmlinuz', 'd2'), ('initrd', 'a2'), ('initrd', 'a3'), ('grub', 'c1'), ('elsewhere', 'a1')) f (name, byte) GROUP BY e.environment;
SELECT what, count(*), count(*) FILTER (WHERE pg_temp.digest('regress_fed3', what, e) = pg_temp.digest('regress_one', what, e)) AS same,
	max(split_part(pg_temp.digest('regress_one', what, e), ' ', 2)::int) > 5 AS some
FROM unnest(ARRAY['appraise', 'verdict', 'explain']) what, pg_temp.filed GROUP BY what ORDER BY what;
SELECT mval::text ~ 'vmlinuz' AS of_the_kernel, standing, count(*) FROM pg_temp.filed, regress_fed3.verdict(e) GROUP BY 1, 2 ORDER BY 1, 2;
UPDATE regress_fed3.placement SET environments = ARRAY['{0: {1: "V0"}}']::environment[] WHERE authority = (SELECT authority_id(key) FROM pg_temp.authority WHERE i = 1);
SELECT count(*) FILTER (WHERE standing = 'corroborated') AS without_those_of_one FROM pg_temp.filed, regress_fed3.verdict(e);
UPDATE regress_fed3.placement SET environments = NULL;

-- who is believed: what another member says in an authority's name is not
SELECT regress_member4.load('501({0: "forged", 1: [506(<<{1: {0: "forged"}, 4: {0: [[{0: {1: "V0"}}, [{1: {11: "forged"}}]]]}}>>)]})'::document, 'A1') IS NOT NULL AS loaded;
\set q '{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "V0"}]]}, 2: 0}}'
SELECT count(*) FILTER (WHERE triple::text LIKE '%forged%') AS believed FROM regress_fed5.quads(:'q');
UPDATE regress_fed5.placement SET member = 'regress_member4' WHERE authority = (SELECT authority_id(key) FROM pg_temp.authority WHERE i = 1);
SELECT count(*) FILTER (WHERE triple::text LIKE '%forged%') AS believed FROM regress_fed5.quads(:'q');
-- ... nor is anybody who is placed nowhere
DELETE FROM regress_fed5.placement WHERE authority = (SELECT authority_id(key) FROM pg_temp.authority WHERE i = 1);
SELECT count(*) FILTER (WHERE triple::text LIKE '%forged%') AS believed FROM regress_fed5.quads(:'q');
-- ... nor of environments or in profiles that are not its own here; and who cannot match is not asked
UPDATE regress_fed5.placement SET environments = ARRAY['{0: {1: "V3"}}']::environment[], profiles = ARRAY['tag:x'] WHERE member <> 'regress_member0';
SELECT m.key AS member, m.value ? 'moment' AS asked FROM regress_fed5.execute_members(:'q') x, jsonb_each(x.members) m ORDER BY 1;
SELECT m.key AS member, m.value ? 'moment' AS asked FROM regress_fed5.execute_members('{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "V3"}]]}, 2: 0}}') x, jsonb_each(x.members) m ORDER BY 1;
SELECT m.key AS member, m.value ? 'moment' AS asked FROM regress_fed5.execute_members('{0: "tag:y", 1: {0: 2, 1: {0: [[{1: "V3"}]]}, 2: 0}}') x, jsonb_each(x.members) m ORDER BY 1;
SELECT count(*) > 0 AS some, bool_and(manifest IN (SELECT id FROM regress_member0.manifest) OR profile = 'tag:x') AS as_placed
FROM regress_fed5.quads('{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "V3"}]]}, 2: 0}}');

-- moments: each member's own, with which it can be asked again
SELECT members AS first, result AS then FROM regress_fed3.execute_members(:'q') \gset
SELECT regress_member0.load('501({0: "later", 1: [506(<<{1: {0: "later"}, 4: {0: [[{0: {1: "V0"}}, [{1: {11: "later"}}]]]}}>>)]})'::document, 'A0') IS NOT NULL AS loaded;
SELECT regress_fed3.execute(:'q') = :'then' AS unchanged, (x.result = :'then') AS again, x.members = :'first' AS same_moments
FROM regress_fed3.execute_members(:'q', :'first') x;
SELECT regress_fed3.execute_members(:'q', '{"nobody": "2026-01-01"}');
SELECT regress_fed3.execute_members(:'q', '{"regress_member0": 5}');
SELECT regress_fed3.execute_members(:'q', '[]');

-- loading goes to the member at which the authority is placed
CREATE FUNCTION pg_temp.has(store text, id text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE result boolean;
BEGIN
	EXECUTE format('SELECT EXISTS (SELECT FROM %I.manifest WHERE corim_id = %L)', store, id) INTO result;
	RETURN result;
END $$;
CREATE FUNCTION pg_temp.document(id text, value text) RETURNS document LANGUAGE sql AS $$
	SELECT format('501({0: "%1$s", 1: [506(<<{1: {0: "%1$s"}, 4: {0: [[{0: {1: "V0"}}, [{1: {11: "%2$s"}}]]]}}>>)]})', id, value)::document $$;
SELECT regress_fed3.load(pg_temp.document('routed', 'routed'), 'A7') IS NOT NULL AS loaded;
SELECT store, pg_temp.has(store, 'routed') FROM pg_temp.member WHERE i < 3 ORDER BY 1;
SELECT regress_fed3.load(sign(pg_temp.document('signed', 'signed')::text::document, :'stranger_key', 'nobody')::bytea);
\echo :LAST_ERROR_SQLSTATE
SELECT regress_fed5.load(pg_temp.document('nowhere', 'nowhere'), 'A1');
\echo :LAST_ERROR_SQLSTATE
SELECT regress_fed3.load('\x00');
\echo :LAST_ERROR_SQLSTATE
-- ... a chain is for a document in a vendor's form (t/086_vendor_forms.pl loads one), which is none of these
SELECT regress_fed3.load(pg_temp.document('routed', 'routed'), 'A7', chain => '\x00');
SELECT regress_fed3.load(pg_temp.document('routed', 'routed'), 'A7', payload => '\x00', chain => '\x00');

-- an authority moves from one member to another, which answer meanwhile as one store does, doubles once
CREATE FUNCTION pg_temp.same() RETURNS TABLE (queries bigint, same bigint) LANGUAGE sql AS $$
	SELECT count(*), count(*) FILTER (WHERE coserv.execute('regress_fed3', q.q, '2090-01-01') = regress_one.execute(q.q, '2090-01-01')) FROM pg_temp.query q $$;
SELECT regress_one.load(pg_temp.document('routed', 'routed'), 'A7') IS NOT NULL AS a, regress_one.load('501({0: "later", 1: [506(<<{1: {0: "later"}, 4: {0: [[{0: {1: "V0"}}, [{1: {11: "later"}}]]]}}>>)]})'::document, 'A0') IS NOT NULL AS b;
SELECT * FROM pg_temp.same();
-- 1. it is placed at both; 2. what counts is copied; 3. from a moment on it is placed at the new one alone
INSERT INTO regress_fed3.placement (authority, member, valid_from) SELECT authority_id(key), 'regress_member2', now() FROM pg_temp.authority WHERE i = 7;
SELECT * FROM pg_temp.same();
SELECT count(regress_member2.load(regress_member1.document(m.id), 'A7')) > 3 AS copied
FROM regress_member1.manifests_at(NULL) c JOIN regress_member1.manifest m ON m.id = c.id JOIN pg_temp.said s ON m.corim_id = 'doc-' || s.d AND s.authority = 7 WHERE m.authority = 'A7';
SELECT * FROM pg_temp.same();
SELECT regress_fed3.load(pg_temp.document('while it moves', 'moves'), 'A7') IS NOT NULL AS loaded, pg_temp.has('regress_member2', 'while it moves') AS at_the_new_one;
SELECT regress_one.load(pg_temp.document('while it moves', 'moves'), 'A7') IS NOT NULL AS a, regress_member2.load(pg_temp.document('routed', 'routed'), 'A7') IS NOT NULL AS b;
SELECT * FROM pg_temp.same();
SELECT clock_timestamp() AS moved \gset
UPDATE regress_fed3.placement SET valid_until = :'moved' WHERE member = 'regress_member1' AND authority = (SELECT authority_id(key) FROM pg_temp.authority WHERE i = 7);
SELECT * FROM pg_temp.same();
-- ... an earlier moment is asked of the old one
UPDATE regress_fed3.placement SET valid_from = :'moved' WHERE member = 'regress_member2' AND authority = (SELECT authority_id(key) FROM pg_temp.authority WHERE i = 7);
SELECT count(*) FILTER (WHERE triple::text LIKE '%moves%') AS not_yet FROM regress_fed3.quads(:'q', :'moved'::timestamptz - '1 us'::interval);
SELECT count(*) FILTER (WHERE triple::text LIKE '%moves%') AS now FROM regress_fed3.quads(:'q');

-- what is no federation, and what cannot be one
SELECT coserv.execute_members('regress_one'::regnamespace, :'q');
\echo :LAST_ERROR_SQLSTATE
SELECT create_federation('regress_fed3');
SELECT create_federation('regress_bad', ARRAY['nowhere']);
SELECT create_federation('regress_bad', ARRAY['pg_catalog']);
SELECT create_federation('regress_bad', ARRAY['a.b.c']);
SELECT drop_federation('regress_one');
SELECT drop_store('regress_fed3');
BEGIN;
UPDATE regress_fed3.member SET store = 'pg_catalog' WHERE name = 'regress_member2';
SELECT regress_fed3.execute(:'q');
ROLLBACK;
-- tables that are called as a federation's are
CREATE SCHEMA regress_bad;
CREATE TABLE regress_bad.member (name int, server int, store int);
CREATE TABLE regress_bad.placement (authority int);
INSERT INTO regress_bad.member VALUES (1, 2, 3);
SELECT coserv.execute('regress_bad', :'q');
\echo :LAST_ERROR_SQLSTATE
DROP TABLE regress_bad.member;
CREATE VIEW regress_bad.member AS SELECT * FROM regress_fed3.member;
SELECT coserv.execute('regress_bad', :'q');
DROP VIEW regress_bad.member;
CREATE TABLE regress_bad.member AS SELECT * FROM regress_fed3.member;
SELECT coserv.execute('regress_bad', :'q');
DROP TABLE regress_bad.placement;
CREATE TABLE regress_bad.placement AS SELECT * FROM regress_fed3.placement;
SELECT coserv.execute('regress_bad', :'q')::bytea = regress_fed3.execute(:'q')::bytea AS same;
UPDATE regress_bad.placement SET environments = ARRAY[NULL]::environment[];
SELECT coserv.execute('regress_bad', :'q');
UPDATE regress_bad.placement SET environments = NULL, valid_until = NULL;
SELECT coserv.execute('regress_bad', :'q');
DROP TABLE regress_bad.placement;
CREATE TABLE regress_bad.placement AS SELECT authority, member, ARRAY['x'] AS environments, profiles, valid_from, valid_until FROM regress_fed3.placement;
SELECT coserv.execute('regress_bad', :'q');
DROP TABLE regress_bad.member, regress_bad.placement;
DROP SCHEMA regress_bad;
SET coserv.tas_in_results = on;
SELECT regress_fed3.execute('{0: "tag:x", 1: {0: 1, 1: {0: [[{1: "V0"}]]}, 2: 0}}');
RESET coserv.tas_in_results;

-- a key is bound to the federation and its members: another list unbinds it
\set acme_key `cat :'srcdir'/data/acme.key`
\set secrets :srcdir '/lib/secrets.sql'
\i :secrets
SELECT current_setting('data_directory') || '/regress_federation' AS keys \gset
SELECT pg_temp.write_secret(:'keys' || '.key', :'acme_key');
SET coserv.signing_keys_file = :'keys';
SELECT pg_temp.write_secret(:'keys', format(E'"%s" regress_fed3#%s "%s" signing %s\n', current_database(), federation_digest('regress_fed3'), current_user, :'keys' || '.key'));
SELECT coserv(execute_signed('regress_fed3', :'q')) IS NOT NULL AS signs;
SELECT kid IS NOT NULL AS kid, state FROM result_verification_keys('regress_fed3');
UPDATE regress_fed3.member SET name = 'renamed' WHERE name = 'regress_member2';
SELECT execute_signed('regress_fed3', :'q');
\echo :LAST_ERROR_SQLSTATE
UPDATE regress_fed3.member SET name = 'regress_member2' WHERE name = 'renamed';
SELECT execute_signed('regress_fed3', :'q') IS NOT NULL AS signs;
SELECT execute_signed('regress_fed2', :'q');
RESET coserv.signing_keys_file;

-- rights are the caller's at each member
CREATE ROLE regress_fed_reader;
GRANT USAGE ON SCHEMA regress_fed3 TO regress_fed_reader;
\set VERBOSITY terse
SELECT regress_member0.grant_reader('regress_fed_reader'), regress_member1.grant_reader('regress_fed_reader');
SET ROLE regress_fed_reader;
SELECT length(regress_fed3.execute(:'q')::bytea) > 60 AS answered;
RESET ROLE;
SELECT regress_member2.grant_reader('regress_fed_reader');
SET ROLE regress_fed_reader;
SELECT length(regress_fed3.execute(:'q')::bytea) > 60 AS answered;
RESET ROLE;
-- ... row-level security of a member holds: what a limited caller may not read there, is not in his answer
SELECT regress_member0.limit_reader('regress_fed_reader', ARRAY['A3']), regress_member1.limit_reader('regress_fed_reader', ARRAY['A4']), regress_member2.limit_reader('regress_fed_reader', ARRAY['A5']);
SELECT count(DISTINCT authority) > 3 AS all_of_them FROM pg_temp.query q, regress_fed3.quads(q.q) WHERE q.result < 3;
GRANT SELECT ON pg_temp.query TO regress_fed_reader;
SET ROLE regress_fed_reader;
SELECT DISTINCT authority FROM pg_temp.query q, regress_fed3.quads(q.q) WHERE q.result < 3 ORDER BY 1;
RESET ROLE;

SELECT count(drop_federation('regress_fed' || n)) FROM unnest(ARRAY[1, 2, 3, 5]) n;
SELECT count(drop_store(store)) FROM pg_temp.member;
SELECT drop_store('regress_one');
DROP OWNED BY regress_fed_reader;
DROP ROLE regress_fed_reader;
