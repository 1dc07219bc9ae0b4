-- A store: made and owned by a role without superuser, loaded, queried, dropped.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set acme_key `cat :'srcdir'/data/acme.key`
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set certifier_key `cat :'srcdir'/data/certifier.key`
\set certifier_pub `cat :'srcdir'/data/certifier.pub`
\set stranger_key `cat :'srcdir'/data/stranger.key`
\set firmware `cat :'srcdir'/../examples/acme-firmware.edn`
\set keys `cat :'srcdir'/../examples/acme-keys.edn`
\set certificate `cat :'srcdir'/../examples/certifier.edn`
\set by_class `cat :'srcdir'/../examples/query-class.edn`
\set by_instance `cat :'srcdir'/../examples/query-instance.edn`
\set by_rim `cat :'srcdir'/../examples/query-rim.edn`

CREATE ROLE regress_keeper;
CREATE ROLE regress_loader;
CREATE ROLE regress_reader;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_keeper', current_database()) \gexec

SET ROLE regress_keeper;
SELECT coserv.create_store('regress_rim');
SELECT coserv.create_store('regress_rim');
SELECT tableowner, count(*) FROM pg_tables WHERE schemaname = 'regress_rim' GROUP BY 1;
SELECT coserv.create_store('');
SELECT coserv.execute('public', :'by_class');

-- a name that needs quoting, in SQL and in a literal
SELECT coserv.create_store('a "store"''s name');
SELECT "a ""store""'s name".http('GET', '/nowhere');
SELECT coserv.drop_store('a "store"''s name');
SELECT coserv.drop_store('pg_catalog');

-- whom the store trusts
INSERT INTO regress_rim.authority (name, key) VALUES ('acme', :'acme_pub'), ('certifier', :'certifier_pub');
INSERT INTO regress_rim.authority (name, key) VALUES ('private', :'acme_key');

-- loading
SELECT coserv.sign(:'firmware', :'acme_key', 'acme', not_before => '2026-01-01', not_after => '2099-01-01')::bytea AS signed \gset
SELECT regress_rim.load(:'signed') AS id \gset
SELECT :'id';
SELECT regress_rim.load(:'signed') = :'id' AS same_id;
SELECT id = :'id' AS same_id, regress_rim.document(id) = :'signed' AS same_bytes, digest = sha256(:'signed') AS digest, authority, is_signed, corim_id, profile, signer_name,
	not_before AT TIME ZONE 'UTC' AS not_before, not_after AT TIME ZONE 'UTC' AS not_after, legacy, withdrawn, loaded_by
FROM regress_rim.manifest;
INSERT INTO regress_rim.manifest (document) VALUES (:'signed');
INSERT INTO regress_rim.manifest (document) VALUES (coserv.sign(:'keys', :'acme_key', 'acme')::bytea);
CREATE TEMP TABLE given (line text);
INSERT INTO given SELECT encode(coserv.sign(:'certificate', :'certifier_key', 'certifier')::bytea, 'hex');
SELECT line AS certified FROM given \gset
DROP TABLE given;
COPY regress_rim.manifest (document) FROM stdin;
\\xd28458
\.
INSERT INTO regress_rim.manifest (document, corim_id, withdrawn, loaded_by) VALUES (decode(:'certified', 'hex'), 'forged', 'forged', 'nobody');
SELECT corim_id, authority, withdrawn, loaded_by FROM regress_rim.manifest WHERE authority = 'certifier';
SELECT kind, tag_id, tag_version FROM regress_rim.tag ORDER BY tag_id;
SELECT m.corim_id, t.ordinal, t.kind, t.environment FROM regress_rim.triple t JOIN regress_rim.manifest m ON m.id = t.manifest ORDER BY 1, 2;

-- what is refused, and how
SELECT coserv.sign(:'firmware', :'stranger_key', 'nobody in particular')::bytea AS stranger \gset
SELECT regress_rim.load(:'stranger');
\echo :LAST_ERROR_SQLSTATE
SELECT coserv.sign(:'firmware', :'stranger_key', 'acme')::bytea AS pretender \gset
SELECT regress_rim.load(:'pretender');
\echo :LAST_ERROR_SQLSTATE
SELECT set_byte(:'signed'::bytea, length(:'signed'::bytea) - 1, get_byte(:'signed'::bytea, length(:'signed'::bytea) - 1) # 1) AS bent \gset
SELECT regress_rim.load(:'bent');
\echo :LAST_ERROR_SQLSTATE
SELECT regress_rim.load(:'signed', authority => 'certifier');
SELECT coserv.sign(:'firmware', :'acme_key', 'acme', not_after => '2020-01-01')::bytea AS expired \gset
SELECT regress_rim.load(:'expired');
\echo :LAST_ERROR_SQLSTATE
SELECT coserv.sign(:'firmware', :'acme_key', 'acme', not_before => '2099-01-01')::bytea AS early \gset
SELECT regress_rim.load(:'early');
SELECT regress_rim.load('\xd284');
\echo :LAST_ERROR_SQLSTATE
SELECT regress_rim.load('\x00');
\echo :LAST_ERROR_SQLSTATE
SELECT regress_rim.load('');
SELECT regress_rim.load((:'firmware'::coserv.corim)::bytea);
\echo :LAST_ERROR_SQLSTATE
SELECT regress_rim.load((:'firmware'::coserv.corim)::bytea, authority => 'acme');
SELECT regress_rim.load((:'firmware'::coserv.corim)::bytea, authority => 'nobody');
SELECT regress_rim.load(coserv.sign('501({0: "x", 1: [506(<<{1: {0: "t"}, 4: {0: [[{0: {1: 5}}, [{1: {1: 1}}]]]}}>>)]})', :'acme_key', 'acme')::bytea);
SELECT regress_rim.load(coserv.sign('501({0: "x", 1: [506(<<{1: {0: "t"}, 4: {8: [[[{0: {1: "V"}}, []], [[[{1: {1: 1}}], [{1: {11: "a"}}]], [[{1: {8: "b"}}], [{1: {11: "b"}}]]]]]}}>>)]})', :'acme_key', 'acme')::bytea);
SELECT count(*) FROM regress_rim.manifest;
UPDATE regress_rim.manifest SET document = '\x00' WHERE id = :'id';
UPDATE regress_rim.authority SET key = :'certifier_pub' WHERE name = 'acme';
DELETE FROM regress_rim.manifest WHERE id = :'id';

-- an unsigned document, in the name of an authority that accepts it
INSERT INTO regress_rim.authority (name, key, accepts_unsigned) VALUES ('channel', '559(["sha-256", h''482e829ad29ac6ea6eda2d47d1d93a002bf41d9d88710ba972c36e59038f78b3''])', true);
SELECT regress_rim.load((:'firmware'::coserv.corim)::bytea, authority => 'channel') AS unsigned_id \gset
SELECT is_signed, authority, signer_name FROM regress_rim.manifest WHERE id = :'unsigned_id';
SELECT regress_rim.revoke(manifest => :'unsigned_id', reason => 'test') IS NOT NULL AS revoked;
SELECT count(*) FROM regress_rim.current_triple WHERE manifest = :'unsigned_id';

-- queries; as_of lies ahead, so that the expiry is the same in every run
SELECT coserv.describe(regress_rim.execute(:'by_class', '2089-01-01 00:00:00+00'));
SELECT coserv.describe(regress_rim.execute(:'by_instance', '2099-12-31 23:50:00+00')) ~ '2100-01-01T00:00:00Z' AS expires_with_the_rim;
SELECT md5(regress_rim.execute(:'by_rim', '2089-01-01 00:00:00+00')::bytea) = md5(regress_rim.execute(:'by_rim', '2089-01-01 00:00:00+00')::bytea) AS same_bytes;
SELECT kind, environment, profile, not_after AT TIME ZONE 'UTC' AS not_after, ordinal FROM regress_rim.quads(:'by_class', '2089-01-01');
SELECT * FROM regress_rim.quads(:'by_rim', '2089-01-01');
SELECT coserv.describe(regress_rim.execute(:'by_class', '2000-01-01')) ~ 'rvq / 0: \[\]' AS nothing_before_it_was_loaded;
SELECT count(*) FROM regress_rim.quads(:'by_class', '2100-06-01');
SELECT regress_rim.execute_signed(:'by_class');
-- cut off; not deterministic; a result
SELECT regress_rim.execute('\xa200782374'::bytea::coserv.coserv);
SELECT regress_rim.execute('{1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 0}, 0: "tag:x"}');
SET coserv.lax_queries = on;
SELECT count(*) FROM regress_rim.quads('{1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 0}, 0: "tag:x"}');
RESET coserv.lax_queries;
SELECT regress_rim.execute(regress_rim.execute(:'by_class'));
-- drafts of CoSERV up to -02 had a timestamp in the query: answered and echoed, as the same query of today, while legacy forms are accepted
\set by_class_02 '{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 0("2025-07-01T00:00:00Z"), 3: 0}}'
SELECT (answer::coserv.cbor OPERATOR(coserv.->) 1) OPERATOR(coserv.=) (:'by_class_02'::coserv.cbor OPERATOR(coserv.->) 1) AS echoed,
	(answer::coserv.cbor OPERATOR(coserv.->) 2 OPERATOR(coserv.->) 0) OPERATOR(coserv.=) (today::coserv.cbor OPERATOR(coserv.->) 2 OPERATOR(coserv.->) 0) AS same_values
FROM regress_rim.execute(:'by_class_02', '2089-01-01') answer,
	regress_rim.execute('{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 0}}', '2089-01-01') today;
RESET ROLE;
SET coserv.accept_legacy = off;
SELECT regress_rim.execute(:'by_class_02');
RESET coserv.accept_legacy;
SET ROLE regress_keeper;

-- views
SELECT vendor, model, mkey, version, svn, min_svn, digest_alg, digest, raw_value, raw_value_mask, authority FROM regress_rim.reference_value ORDER BY ordinal, position;
SELECT vendor, model, mkey, name, svn FROM regress_rim.endorsed_value ORDER BY ordinal, position;
SELECT instance, group_id, key_type, mkey FROM regress_rim.attest_key ORDER BY ordinal, position;
SELECT instance, key_type FROM regress_rim.identity_key ORDER BY ordinal, position;

-- a loader may insert and not read; a reader may read and not load
GRANT USAGE ON SCHEMA regress_rim TO regress_loader, regress_reader;
GRANT INSERT (document, authority), SELECT (id) ON regress_rim.manifest TO regress_loader;
GRANT SELECT ON ALL TABLES IN SCHEMA regress_rim TO regress_reader;
SELECT coserv.sign(:'keys', :'certifier_key', 'certifier')::bytea AS second \gset
SET ROLE regress_loader;
SELECT regress_rim.load(:'second') IS NOT NULL AS loaded;
SELECT count(*) FROM regress_rim.triple;
INSERT INTO regress_rim.triple (manifest, ordinal, tag, kind, content) VALUES (:'id', 99, 0, 0, '[]');
INSERT INTO regress_rim.authority (name, key) VALUES ('mine', :'acme_pub');
SET ROLE regress_reader;
SELECT count(*) FROM regress_rim.quads(:'by_class', '2089-01-01');
SELECT regress_rim.load(:'stranger');
INSERT INTO regress_rim.manifest (document) VALUES (:'stranger');
BEGIN READ ONLY;
SELECT count(*) FROM regress_rim.quads(:'by_class', '2089-01-01');
SELECT status FROM regress_rim.http('GET', '/.well-known/coserv-configuration');
COMMIT;

-- row-level security decides what a reader's queries see
SET ROLE regress_keeper;
ALTER TABLE regress_rim.triple ENABLE ROW LEVEL SECURITY;
CREATE POLICY keys_only ON regress_rim.triple TO regress_reader USING (kind IN (2, 3));
SET ROLE regress_reader;
SELECT count(*) FROM regress_rim.quads(:'by_class', '2089-01-01');
SELECT count(*) FROM regress_rim.quads(:'by_instance', '2089-01-01');
SELECT count(*) FROM regress_rim.reference_value;

SET ROLE regress_keeper;
-- the draft's worked appraisal ends in exactly the ACS that the draft prints
\set psa_manufacturer `cat :'srcdir'/../examples/psa-manufacturer.edn`
\set psa_certifier `cat :'srcdir'/../examples/psa-certifier.edn`
\set psa_evidence `cat :'srcdir'/../examples/psa-evidence.edn`
\set psa_acs `cat :'srcdir'/../examples/psa-acs.edn`
SELECT coserv.drop_store('regress_rim') \g /dev/null
SELECT coserv.create_store('regress_rim') \g /dev/null
INSERT INTO regress_rim.authority (name, key, shown_as) VALUES
	('manufacturer', :'acme_pub', '559(["sha-256", h''482e829ad29ac6ea6eda2d47d1d93a002bf41d9d88710ba972c36e59038f78b3''])'),
	('certifier', :'certifier_pub', '559(["sha-256", h''768ff09154f6aacda857cb175ef29cf9d23ef9c38c69efdbf20354dbfd7875b1''])');
SELECT regress_rim.load(coserv.sign(:'psa_manufacturer', :'acme_key', 'manufacturer')::bytea) IS NOT NULL AS manufacturer,
	regress_rim.load(coserv.sign(:'psa_certifier', :'certifier_key', 'certifier')::bytea) IS NOT NULL AS certifier;
SELECT cmtype, environment, profile, round, ordinal FROM regress_rim.appraise(:'psa_evidence');
SELECT count(*) AS ects, count(*) FILTER (WHERE expected.ect IS NOT NULL) AS as_the_draft_prints
FROM regress_rim.appraise(:'psa_evidence') a
FULL JOIN coserv.cbor_array_elements(:'psa_acs') AS expected(ect) ON expected.ect OPERATOR(coserv.=) a.ect;
SELECT kind, condition, matched, path, reason, wanted, found FROM regress_rim.explain(:'psa_evidence') ORDER BY kind, ordinal;
SELECT * FROM regress_rim.appraise('{"environment": 1}');

SELECT coserv.drop_store('regress_rim');
RESET ROLE;
SELECT count(*) FROM pg_namespace WHERE nspname = 'regress_rim';
SELECT format('REVOKE CREATE ON DATABASE %I FROM regress_keeper', current_database()) \gexec
DROP ROLE regress_keeper, regress_loader, regress_reader;
