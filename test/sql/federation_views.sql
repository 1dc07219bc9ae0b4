-- Views, reverse look-up and changes of federations: what several stores hold is answered row by row as one store does that holds it all.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
SET search_path = pg_catalog, coserv, pg_temp;
SET timezone = 'UTC';

CREATE TABLE pg_temp.authority AS SELECT i, 'A' || i AS name, ('554("key ' || i || '")')::crypto_key AS key FROM generate_series(0, 4) i;
CREATE TABLE pg_temp.store AS SELECT i, 'regress_views' || i AS name FROM generate_series(0, 2) i UNION ALL SELECT NULL, 'regress_views_one';
SELECT count(create_store(name)) FROM pg_temp.store;
DO $$
DECLARE s record; a record;
BEGIN
	FOR s IN SELECT * FROM pg_temp.store LOOP
		FOR a IN SELECT * FROM pg_temp.authority LOOP
			EXECUTE format('INSERT INTO %I.authority (name, key, accepts_unsigned) VALUES (%L, %L, true)', s.name, a.name, a.key);
		END LOOP;
	END LOOP;
END $$;

-- random documents of all kinds of triples, each at home at one member of each federation, and at one store
SET client_min_messages = error; -- environments and digests that are alike
SELECT setseed(0.25);
CREATE FUNCTION pg_temp.environment(n int) RETURNS text LANGUAGE sql AS $$
	SELECT CASE n % 3 WHEN 0 THEN format('{0: {1: "V%s"}}', n) WHEN 1 THEN format('{0: {0: 560(h''%s''), 1: "V0", 2: "M%s"}}', lpad(to_hex(n), 4, '0'), n)
		ELSE format('{1: 550(h''02%s'')}', lpad(to_hex(n), 12, '0')) END $$;
CREATE FUNCTION pg_temp.measured(n int) RETURNS text LANGUAGE sql AS $$
	SELECT format('[{1: {1: %s, 2: [[1, h''%s'']]}}, {0: "m", 1: {11: "n%s"}, 2: [560(h''0%s'')]}]', n % 3, repeat(lpad(to_hex(n % 5), 2, '0'), 32), n % 4, n % 3) $$;
CREATE TABLE pg_temp.said AS
	SELECT d, (random() * 4)::int AS authority, format('501({0: "doc-%s", 1: [506(<<{1: {0: "tag-%s"}, 4: {%s: [%s]}}>>)]%s})', d, d, k.kind,
		string_agg(CASE
			WHEN k.kind IN (2, 3) THEN format('[%s, [560(h''%s''), 554("key of %s")], {0: "m%s", 1: [560(h''0%s'')]}]', e, lpad(to_hex(d % 7), 4, '0'), d % 7, t, t)
			WHEN k.kind IN (4, 5) THEN format('[%s, [%s, {2: 560(h''%s'')}]]', e, pg_temp.environment(d), lpad(to_hex(d), 4, '0'))
			WHEN k.kind = 6 THEN format('[%s, ["swid-%s", "swid-x"]]', e, d)
			WHEN k.kind = 8 THEN format('[[%s, %s], [[%s, %s]]]', e, pg_temp.measured(d + t), pg_temp.measured(d), pg_temp.measured(t))
			WHEN k.kind = 10 THEN format('[[[%s, %s]], [[%s, %s]]]', e, pg_temp.measured(d), e, pg_temp.measured(t))
			ELSE format('[%s, %s]', e, pg_temp.measured(d + t)) END, ', '),
		CASE d % 3 WHEN 0 THEN ', 3: 32("tag:x")' WHEN 1 THEN ', 4: {0: 1(1700000000), 1: 1(4000000000)}' ELSE '' END) AS document
	FROM generate_series(1, 90) d, LATERAL (SELECT (ARRAY[0, 1, 2, 3, 4, 5, 6, 8, 10])[1 + d % 9] AS kind) k, LATERAL generate_series(1, 1 + d % 3) t,
		LATERAL (SELECT pg_temp.environment((d * 5 + t * 3) % 12) AS e) e
	GROUP BY d, k.kind;
CREATE FUNCTION pg_temp.load(members int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE s record;
BEGIN
	PERFORM create_federation('regress_views_fed' || members, ARRAY(SELECT name FROM pg_temp.store WHERE i < members));
	EXECUTE format('INSERT INTO %I.placement (authority, member) SELECT authority_id(key), ''regress_views'' || i %% %s FROM pg_temp.authority', 'regress_views_fed' || members, members);
	FOR s IN SELECT x.document, a.name FROM pg_temp.said x JOIN pg_temp.authority a ON a.i = x.authority LOOP
		EXECUTE format('SELECT %I.load(%L::document, %L)', 'regress_views_fed' || members, s.document, s.name);
	END LOOP;
END $$;
INSERT INTO pg_temp.said SELECT 100 + a, a, format('501({0: "files-%1$s", 1: [505(<<{0: "software", 12: %1$s, 1: "software", 2: {31: "maker", 33: 1}, 6: {17: [{24: "file", 11: "1.%1$s", 7: [1, h''%2$s'']}, {24: "other", 7: [1, h''%3$s'']}]}}>>),
	506(<<{1: {0: "links-%1$s"}, 4: {6: [[{0: {1: "V0"}}, ["software"]], [{0: {1: "V%1$s"}}, ["software", "swid-x"]]]}}>>)], 4: {0: 1(1700000000), 1: 1(390000000%1$s)}})', a, repeat('0' || a % 3, 32), repeat('fe', 32))
	FROM generate_series(0, 4) a;
SELECT count(pg_temp.load(n)) FROM unnest(ARRAY[1, 2, 3]) n;
SELECT count(regress_views_one.load(s.document::document, a.name)) FROM pg_temp.said s JOIN pg_temp.authority a ON a.i = s.authority;
SET client_min_messages = warning;

-- each row of what a FROM item gives, all of it in one text; a federation's rows tell the member, too
CREATE FUNCTION pg_temp.rows(item text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE result text[];
BEGIN
	EXECUTE format('SELECT coalesce(array_agg(x.line ORDER BY x.line), ''{}'') FROM (SELECT (to_jsonb(v) - ''member'')::text AS line FROM %s v) x', item) INTO result;
	RETURN result;
END $$;
CREATE FUNCTION pg_temp.alike(item text) RETURNS TABLE (federation int, rows int, same boolean) LANGUAGE sql AS $$
	SELECT n, cardinality(o.rows), pg_temp.rows(format(item, 'regress_views_fed' || n)) = o.rows
	FROM unnest(ARRAY[1, 2, 3]) n, (SELECT pg_temp.rows(format(item, 'regress_views_one')) AS rows) o $$;
SELECT v.view, count(*) FILTER (WHERE a.same) AS same, min(a.rows) > 5 AS some
FROM unnest(ARRAY['current_triple', 'reference_value', 'endorsed_value', 'attest_key', 'identity_key', 'conditional_endorsement', 'conditional_endorsement_series',
	'domain_membership', 'trust_dependency', 'coswid_link']) v (view), pg_temp.alike('%I.' || v.view) a
GROUP BY v.view ORDER BY v.view;
-- ... their columns are those of a store's views, and the member
SELECT f.table_name, f.column_name FROM information_schema.columns f LEFT JOIN information_schema.columns o ON o.table_schema = 'regress_views_one'
	AND (o.table_name, o.column_name, o.ordinal_position, o.data_type, o.udt_name) = (f.table_name, f.column_name, f.ordinal_position, f.data_type, f.udt_name)
WHERE f.table_schema = 'regress_views_fed3' AND f.table_name IN (SELECT viewname FROM pg_views WHERE schemaname = 'regress_views_one') AND o.column_name IS NULL ORDER BY 1, 2;
-- ... views that only a store has
SELECT viewname FROM pg_views WHERE schemaname = 'regress_views_one' EXCEPT SELECT viewname FROM pg_views WHERE schemaname = 'regress_views_fed3' ORDER BY 1;
-- ... functions of the same names find by an environment that theirs contain
SELECT v.view, count(*) AS asked, count(*) FILTER (WHERE pg_temp.rows(format('regress_views_fed3.%I(%L)', v.view, e)) = pg_temp.rows(format('(SELECT * FROM regress_views_one.%I WHERE environment @> %L)', v.view, e))) AS same,
	sum(cardinality(pg_temp.rows(format('regress_views_fed3.%I(%L)', v.view, e)))) > 5 AS some
FROM unnest(ARRAY['current_triple', 'reference_value', 'endorsed_value', 'attest_key', 'identity_key', 'conditional_endorsement_series', 'domain_membership', 'trust_dependency', 'coswid_link']) v (view),
	unnest(ARRAY['{0: {1: "V0"}}', '{0: {1: "V0", 2: "M4"}}', '{1: 550(h''02000000000005'')}', '{0: {1: "V9"}}', '{0: {1: "nobody"}}']) e GROUP BY v.view ORDER BY v.view;
SELECT member, count(*) > 5 AS some, bool_and(authority = ANY (ARRAY(SELECT a.name FROM pg_temp.authority a WHERE 'regress_views' || a.i % 3 = t.member))) AS as_placed
FROM regress_views_fed3.current_triple t GROUP BY member ORDER BY member;
-- ... as of a moment
SELECT count(*) AS before FROM regress_views_fed3.reference_value(as_of => '2000-01-01');
SELECT pg_temp.rows('regress_views_fed2.current_triple(as_of => ''2090-01-01'')') = pg_temp.rows('regress_views_one.current_triple_at(''2090-01-01'')') AS same;

-- who states a digest, values, a key
SELECT what, count(*) AS asked, count(*) FILTER (WHERE a.same) AS same, sum(a.rows) > 10 AS some
FROM (SELECT split_part(call, '(', 1) AS what, call FROM unnest(ARRAY['vouchers', 'mentions']) f, LATERAL (
		SELECT f || '(NULL)' AS call UNION ALL
		SELECT format('%s(decode(%L, ''hex''))', f, repeat(lpad(to_hex(n), 2, '0'), 32)) FROM generate_series(0, 5) n
		UNION ALL SELECT format('%s(decode(%L, ''hex''))', f, repeat('fe', 32))
		UNION ALL SELECT format('%s_of(%L)', f, m) FROM unnest(ARRAY['{1: {1: 1}}', '{0: "m", 1: {11: "n2"}}', '{0: "m", 1: {11: "n2"}, 2: [560(h''01'')]}', '{1: {11: "nothing"}}']) m
		UNION ALL SELECT format('%s_of_key(%L)', f, k) FROM unnest(ARRAY['560(h''0003'')', '554("key of 2")', '560(h''ff'')']) k) c) c, pg_temp.alike('%I.' || c.call) a
GROUP BY what ORDER BY what;
SELECT count(DISTINCT member) AS members FROM regress_views_fed3.vouchers(decode(repeat('01', 32), 'hex'));
-- ... files in CoSWID tags among them; where two members have them, once
SELECT role, name, version, environment, authority, member FROM regress_views_fed3.vouchers(decode(repeat('fe', 32), 'hex')) ORDER BY authority, environment;
INSERT INTO regress_views_fed3.placement (authority, member) SELECT authority_id(key), 'regress_views2' FROM pg_temp.authority WHERE i = 1;
SELECT count(regress_views2.load(s.document::document, 'A1')) > 10 AS copied FROM pg_temp.said s WHERE s.authority = 1;
SELECT call, count(*) > 0 AS some, bool_and(a.same) AS same FROM unnest(ARRAY['vouchers(decode(repeat(''fe'', 32), ''hex''))', 'vouchers(decode(repeat(''01'', 32), ''hex''))', 'current_triple', 'coswid_link']) call,
	pg_temp.alike('%I.' || call) a WHERE a.federation = 3 GROUP BY call ORDER BY call;
DELETE FROM regress_views_fed3.placement WHERE member = 'regress_views2' AND authority = (SELECT authority_id(key) FROM pg_temp.authority WHERE i = 1);
-- what has changed: the rows of one store, each of the member that tells it, by the moments there
CREATE FUNCTION pg_temp.changed(schema text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE result text[];
BEGIN
	EXECUTE format('SELECT array_agg(x::text ORDER BY x::text COLLATE "C") FROM (SELECT statement, what, environments, name, by_authority, isempty(counts), upper(counts) FROM %I.changes()) x', schema) INTO result;
	RETURN result;
END $$;
SELECT n, cardinality(o.rows) > 90 AS some, pg_temp.changed('regress_views_fed' || n) = o.rows AS same
FROM unnest(ARRAY[1, 2, 3]) n, (SELECT pg_temp.changed('regress_views_one') AS rows) o ORDER BY n;
SELECT bool_and(c.known_at = o.known_at AND c.counts = o.counts) AS by_its_moments, count(*) > 20 AS some
FROM regress_views_fed3.changes() c JOIN regress_views1.changes() o ON o.statement = c.statement AND o.what = c.what WHERE c.member = 'regress_views1';
SET datestyle = 'German'; -- of counts, too
SELECT bool_and(c.known_at = o.known_at AND c.counts = o.counts) AS by_its_moments FROM regress_views_fed3.changes() c JOIN regress_views1.changes() o ON o.statement = c.statement AND o.what = c.what WHERE c.member = 'regress_views1';
RESET datestyle;
-- ... since a cursor, of all members; a cursor of a row goes on
SELECT regress_views_fed3.cursor() AS since \gset
SELECT count(*) FROM regress_views_fed3.changes(:'since');
CREATE FUNCTION pg_temp.version(n int, authority text) RETURNS uuid LANGUAGE sql AS $$
	SELECT regress_views_fed3.load(format('501({0: "versions-%1$s-%2$s", 1: [506(<<{1: {0: "versions-%2$s", 1: %1$s}, 4: {0: [[{0: {1: "V0"}}, [{1: {11: "%1$s"}}]]]}}>>)]})', n, authority)::document, authority) $$;
SELECT pg_temp.version(1, 'A1') IS NOT NULL AS one, pg_temp.version(1, 'A2') IS NOT NULL AS two, pg_temp.version(2, 'A1') IS NOT NULL AS three;
SELECT what, name, by_authority, environments, member FROM regress_views_fed3.changes(:'since') ORDER BY member, what, name;
SELECT count(DISTINCT cursor), min(cursor) AS since FROM regress_views_fed3.changes(:'since') \gset
SELECT :count AS cursors, count(*) FROM regress_views_fed3.changes(:'since');
SELECT regress_views2.revoke(authority => 'A2', tag_id => 'versions-A2', reason => 'recalled') IS NOT NULL AS revoked, regress_views2.set_policy(notify => true) IS NOT NULL AS policy;
SELECT what, name, by_authority, environments, member FROM regress_views_fed3.changes(:'since') ORDER BY member, what, name;
-- ... not what another member says in an authority's name, though it is seen
SELECT regress_views2.cursor() AS before \gset
SELECT min(cursor) AS since FROM regress_views_fed3.changes(:'since') \gset
SELECT regress_views2.load('501({0: "hearsay", 1: [506(<<{1: {0: "hearsay"}, 4: {0: [[{0: {1: "V0"}}, [{1: {11: "hearsay"}}]]]}}>>)]})'::document, 'A1') IS NOT NULL AS loaded;
SELECT count(*) FROM regress_views_fed3.changes(:'since');
SELECT cursor IS NOT NULL AS to_go_on, what FROM member_changes('regress_views2', :'before', '{}', 1);
-- ... a cursor is of those who are believed, now
INSERT INTO regress_views_fed3.placement (authority, member, valid_until) SELECT authority_id(key), 'regress_views2', now() FROM pg_temp.authority WHERE i = 1;
SELECT count(*) FROM regress_views_fed3.changes(:'since');
UPDATE regress_views_fed3.placement SET valid_until = 'infinity' WHERE valid_until < 'infinity';
SELECT count(*) FROM regress_views_fed3.changes(:'since');
\echo :LAST_ERROR_SQLSTATE
DELETE FROM regress_views_fed3.placement p USING pg_temp.authority a WHERE p.authority = authority_id(a.key) AND a.i = 1 AND p.member = 'regress_views2';
SELECT count(*) FROM regress_views_fed3.changes(:'since');
UPDATE regress_views_fed3.placement SET profiles = '{}' WHERE member = 'regress_views0';
SELECT count(*) FROM regress_views_fed3.changes(:'since');
UPDATE regress_views_fed3.placement SET profiles = NULL WHERE member = 'regress_views0';
SELECT count(*) FROM regress_views_fed3.changes('{}');
SELECT count(*) FROM regress_views_fed3.changes('gA');
SELECT count(*) FROM regress_views_fed3.changes('');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM regress_views_fed3.changes(regress_views0.cursor());

SELECT coserv.federation_triples('regress_views_fed3', 'nothing', NULL, NULL, NULL);
SELECT coserv.federation_triples('regress_views_fed3', 'digest', NULL, NULL, NULL);
SELECT coserv.federation_triples('regress_views_fed3', 'all', NULL, '{NULL}', NULL);
SELECT coserv.federation_triples('regress_views_fed3', 'environment', '\x00', NULL, NULL);
SELECT coserv.federation_triples('regress_views_one', 'all', NULL, NULL, NULL);

-- who is believed, and with whose rights
SELECT regress_views2.load('501({0: "forged", 1: [506(<<{1: {0: "forged"}, 4: {0: [[{0: {1: "V0"}}, [{1: {11: "forged"}}]]]}}>>)]})'::document, 'A1') IS NOT NULL AS loaded;
SELECT count(*) AS believed FROM regress_views_fed3.reference_value WHERE name = 'forged';
UPDATE regress_views_fed3.placement SET environments = ARRAY['{0: {1: "V0"}}']::environment[], profiles = ARRAY['tag:x'] WHERE member = 'regress_views1';
SELECT bool_and(profile = 'tag:x' AND environment @> '{0: {1: "V0"}}') AS as_placed, count(*) > 0 AS some FROM regress_views_fed3.current_triple WHERE member = 'regress_views1';
UPDATE regress_views_fed3.placement SET environments = NULL, profiles = NULL;
CREATE ROLE regress_views_reader;
GRANT USAGE ON SCHEMA regress_views_fed3 TO regress_views_reader;
SELECT regress_views0.grant_reader('regress_views_reader'), regress_views1.grant_reader('regress_views_reader');
\set VERBOSITY terse
SET ROLE regress_views_reader;
SELECT count(*) FROM regress_views_fed3.current_triple();
\set VERBOSITY default
RESET ROLE;
SELECT regress_views2.grant_reader('regress_views_reader'), regress_views1.limit_reader('regress_views_reader', ARRAY['A4']);
SET ROLE regress_views_reader;
SELECT count(*) > 20 AS of_all FROM regress_views_fed3.current_triple();
SELECT member, string_agg(DISTINCT authority, ' ' ORDER BY authority) AS authorities FROM regress_views_fed3.current_triple() GROUP BY member ORDER BY member;
SELECT string_agg(DISTINCT authority, ' ' ORDER BY authority) AS authorities FROM regress_views_fed3.vouchers(decode(repeat('01', 32), 'hex'));
RESET ROLE;

SELECT count(drop_federation('regress_views_fed' || n)) FROM unnest(ARRAY[1, 2, 3]) n;
SELECT count(drop_store(name)) FROM pg_temp.store;
DROP OWNED BY regress_views_reader;
DROP ROLE regress_views_reader;
