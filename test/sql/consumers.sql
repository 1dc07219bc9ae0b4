-- What the Verifiers that people run are fed by: the examples of doc/consumers.md, with the statements that they send
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set trustee :srcdir '/../examples/trustee/reference_value.sql'
\set keylime :srcdir '/../examples/keylime/runtime_policy.sql'
\set veraison :srcdir '/../examples/veraison/store_plugin.sql'
\set store regress_consumers
SELECT coserv.create_store('regress_consumers');
INSERT INTO regress_consumers.authority (name, key, accepts_unsigned) VALUES ('acme', '560(h''ac'')', true);
CREATE FUNCTION pg_temp.document(id text, tags text) RETURNS bytea LANGUAGE sql AS
	$$ SELECT format('501({0: "%s", 1: [%s]})', id, tags)::coserv.corim::bytea $$;
CREATE FUNCTION pg_temp.comid(id text, triples text) RETURNS text LANGUAGE sql AS $$ SELECT format('506(<<{1: {0: "%s"}, 4: {%s}}>>)', id, triples) $$;
SELECT regress_consumers.load(pg_temp.document('first', pg_temp.comid('first', $$0: [[{0: {1: "AMD", 2: "SEV-SNP"}},
	[{0: 641, 1: {2: [[7, h'aa01'], [7, h'aa02']]}}, {1: {1: 552(3)}}, {0: "fw", 1: {4: 560(h'0102')}}, {0: "masked", 1: {4: 563([h'01', h'ff'])}},
		{0: 37(h'31fb5abf023e4992aa4e95f9c1503bfa'), 1: {2: [[1, h'bb']], 11: "name", 8: "serial"}}]]]$$)), 'acme') IS NOT NULL AS loaded;

\o /dev/null
\i :trustee
\o
-- the statements of rvps 78962cd, as its client prepares them, by an unqualified name
CREATE ROLE regress_rvps;
SELECT regress_consumers.grant_reader('regress_rvps') \g /dev/null
SELECT trustee.allow('regress_rvps') \g /dev/null
SET ROLE regress_rvps;
SET search_path = trustee;
PREPARE get (text) AS SELECT (value) FROM reference_value WHERE key = $1;
PREPARE list AS SELECT (key) FROM reference_value;
EXECUTE list;
EXECUTE get('__healthcheck__');
SELECT convert_from(value, 'UTF8')::jsonb AS digests FROM reference_value WHERE key = 'AMD/SEV-SNP/claim641/digests';
SELECT convert_from(value, 'UTF8')::jsonb -> 'value' AS raw FROM reference_value WHERE key = 'AMD/SEV-SNP/fw/raw_bytes';
EXECUTE get('AMD/SEV-SNP/masked/raw_bytes');
EXECUTE get('AMD/SEV-SNP/claim641/digests');
INSERT INTO reference_value (key, value) VALUES ('x', '\x') ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value;
DELETE FROM reference_value WHERE key = 'x';
RESET ROLE;

-- ids of an operator: lists, scalars and floors
INSERT INTO trustee.chosen_id VALUES
	('snp_launch_measurement', '{0: {1: "AMD", 2: "SEV-SNP"}}', '641', 'digests', 'list'),
	('snp_snp_svn', '{0: {1: "AMD", 2: "SEV-SNP"}}', NULL, 'svn', 'floor'),
	('firmware', '{0: {1: "AMD"}}', 'fw', 'raw_value', 'only'), ('nothing', '{0: {1: "AMD"}}', 'no', 'svn', 'floor');
SELECT regress_consumers.load(pg_temp.document('second', pg_temp.comid('second', $$0: [[{0: {1: "AMD", 2: "SEV-SNP"}},
	[{0: 641, 1: {2: [[7, h'aa03']]}}, {1: {1: 553(7)}}, {0: "fw", 1: {4: 560(h'0304')}}]]]$$)), 'acme') AS second \gset
SET ROLE regress_rvps;
SELECT key, convert_from(value, 'UTF8')::jsonb -> 'value' AS value FROM reference_value ORDER BY key;
RESET ROLE;
-- a revoked document takes its values with it: the floor that is left is the other's, and without any there is none
SELECT count(*) FROM regress_consumers.revoke(manifest => :'second', reason => 'test');
SELECT key, convert_from(value, 'UTF8')::jsonb -> 'value' AS value FROM reference_value WHERE key IN ('snp_snp_svn', 'firmware') ORDER BY key;
SELECT count(*) FROM regress_consumers.revoke(authority => 'acme', reason => 'test') \gset
SELECT count(*) FROM reference_value;
SELECT count(*) FROM regress_consumers.unrevoke((SELECT id FROM regress_consumers.revocation WHERE authority IS NOT NULL), 'test');
SELECT count(*) FROM reference_value;
SELECT has_table_privilege('public', 'trustee.reference_value', 'SELECT');
RESET search_path;

-- keylime 9b1f6e6: a runtime policy by one statement
SELECT regress_consumers.load(pg_temp.document('files', pg_temp.comid('files', $$6: [[{0: {1: "ACME"}}, ["files"]]], 0: [[{0: {1: "ACME", 2: "VTS"}}, [{1: {1: 1}}]], [{0: {1: "ACME", 2: "VTS"}, 1: 550(h'01020304050607')}, [{1: {1: 2}}]]],
	3: [[{0: {1: "ACME", 2: "VTS"}, 1: 550(h'01020304050607')}, [560(h'11')]]]$$) || $$,
	505(<<{0: "files", 12: 0, 1: "app", 13: "1", 2: {31: "ACME", 33: 1}, 6: {17: [{24: "/usr/bin/app", 7: [1, h'aa']}, {24: "/usr/lib/app", 7: [7, h'bb']}, {24: "relative", 7: [1, h'cc']}]}}>>)$$), 'acme') IS NOT NULL AS loaded;
\i :keylime
\set environment '{0: {1: "OTHER"}}'
\i :keylime

-- Veraison's VTS, services pull request 435
\i :veraison
EXECUTE get_value_triples ('{0: {1: "ACME"}}'::coserv.environment::bytea) \gset
SELECT coserv.cbor_diag(:'triples'::bytea::coserv.cbor);
EXECUTE get_value_triples_exact ('{0: {1: "ACME", 2: "VTS"}}'::coserv.environment::bytea) \gset
SELECT coserv.cbor_diag(:'triples'::bytea::coserv.cbor);
EXECUTE get_value_triples_exact ('{0: {1: "ACME"}}'::coserv.environment::bytea);
EXECUTE get_key_triples ('{0: {1: "ACME"}}'::coserv.environment::bytea) \gset
SELECT coserv.cbor_diag(:'triples'::bytea::coserv.cbor);
EXECUTE get_key_triples_exact ('{0: {1: "ACME"}}'::coserv.environment::bytea);
SELECT rtrim(translate(encode('{0: "tag:acme.example,2026:p", 1: {0: 2, 1: {0: [[{1: "ACME", 2: "VTS"}]]}, 2: 0}}'::coserv.coserv::bytea, 'base64'), E'+/\n', '-_'), '=') AS query \gset
EXECUTE execute_coserv_query (:'query') \gset
SELECT length(:'result'::bytea) > 0 AS answered;
EXECUTE add_corim_bytes ('\x00');
DEALLOCATE ALL;
DROP SCHEMA trustee CASCADE;
SELECT coserv.drop_store('regress_consumers');
DROP ROLE regress_rvps;
