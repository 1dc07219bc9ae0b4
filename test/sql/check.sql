-- check() and verify(): nothing of a store as it was loaded, and whatever somebody does to its tables behind the triggers.
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
\set leaf_key `cat :'srcdir'/data/pki/leaf.key`
\set root `cat :'srcdir'/data/pki/root.crt`
\set middle `cat :'srcdir'/data/pki/middle.crt`
\set leaf `cat :'srcdir'/data/pki/leaf.crt`
\set middle_crl `cat :'srcdir'/data/pki/middle.crl`
\set payload `cat :'srcdir'/data/forms/payload.hex`
\set sign_detached `cat :'srcdir'/data/forms/sign-detached.hex`
\set collection `cat :'srcdir'/data/forms/collection.hex`
\set bag `cat :'srcdir'/data/forms/bag-x5t.hex`
CREATE FUNCTION pg_temp.der(pem text) RETURNS bytea LANGUAGE sql AS
	$$ SELECT decode(regexp_replace(pem, '-----[^-]+-----|\s', '', 'g'), 'base64') $$;
CREATE FUNCTION pg_temp.hex(h text) RETURNS bytea LANGUAGE sql AS $$ SELECT decode(trim(h, E' \n'), 'hex') $$;
CREATE FUNCTION pg_temp.corim(id text) RETURNS coserv.corim LANGUAGE sql AS
	$$ SELECT format('501({0: "%1$s", 1: [506(<<{1: {0: "%1$s tag"}, 3: [{0: "older", 1: 1}], 4: {0: [[{0: {1: "ACME"}}, [{1: {11: "%1$s"}}]], [{0: {1: "ACME"}}, [{1: {11: "%1$s"}}]]],
		10: [[[[{0: {1: "%1$s"}}, [{1: {1: 1}}]], [{0: {1: "other"}}, [{1: {1: 1}}]]], [[{0: {1: "E"}}, [{1: {1: 1}}]]]]]}}>>)], 3: 32("tag:%1$s")})', id)::coserv.corim $$;
SELECT coserv.create_store('regress_check');
INSERT INTO regress_check.authority (name, key, accepts_cose_sign, accepts_unsigned) VALUES
	('acme', :'acme_pub', true, false), ('certifier', :'certifier_pub', false, true), ('root', :'root', false, false);

-- a document of every form
SELECT regress_check.load(coserv.sign(pg_temp.corim('signed'), :'acme_key', 'acme', not_after => '2100-01-01')::bytea) AS signed \gset
SELECT regress_check.load(coserv.sign(pg_temp.corim('other'), :'acme_key', 'acme')::bytea) AS other \gset
SELECT regress_check.load(pg_temp.corim('unsigned')::bytea, authority => 'certifier') AS unsigned \gset
SELECT regress_check.load(coserv.sign(pg_temp.corim('detached'), :'acme_key', 'acme', detached => true)::bytea, payload => pg_temp.corim('detached')::bytea) AS detached \gset
SELECT regress_check.load(coserv.sign(pg_temp.corim('hash'), :'acme_key', 'acme', hash_envelope => true)::bytea, payload => pg_temp.corim('hash')::bytea) AS hash \gset
SELECT regress_check.load(coserv.sign(pg_temp.corim('chain'), :'leaf_key', 'acme', x5chain => ARRAY[pg_temp.der(:'leaf'), pg_temp.der(:'middle')])::bytea) AS chain \gset
SELECT regress_check.load(pg_temp.hex(:'bag')) AS bag \gset
SELECT regress_check.load(pg_temp.hex(:'sign_detached'), payload => pg_temp.hex(:'payload')) IS NOT NULL AS cose_sign;
SELECT regress_check.load('501({0: "older", 1: [506(<<{1: {0: "older tag"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {11: "older"}}]]]}}>>)], 3: [32("tag:older")]})'::coserv.corim::bytea, authority => 'certifier') IS NOT NULL AS legacy;
SELECT count(*) FROM regress_check.load_collection(pg_temp.hex(:'collection'));
INSERT INTO regress_check.crl (authority, der, chain) VALUES ('root', pg_temp.der(:'middle_crl'), ARRAY[pg_temp.der(:'middle')]);
SELECT count(*) > 0 AS certificates, (SELECT count(*) > 0 FROM regress_check.crl_entry) AS revoked FROM regress_check.certificate;

-- as it was loaded: nothing; also when an authority no longer counts, and where nothing may be written
SELECT * FROM regress_check.check();
SELECT * FROM regress_check.verify();
SELECT * FROM regress_check.verify(:'signed');
SELECT * FROM regress_check.verify('00000000-0000-8000-8000-000000000000');
SELECT regress_check.revoke(authority => 'acme', reason => 'test') IS NOT NULL AS revoked;
BEGIN READ ONLY;
SELECT (SELECT count(*) FROM regress_check.check()) AS checked, (SELECT count(*) FROM regress_check.verify()) AS verified;
COMMIT;
-- settings that only concern what is loaded
SET coserv.accept_legacy = off;
SELECT count(*) FILTER (WHERE legacy <> '{}') AS legacy, (SELECT count(*) FROM regress_check.check()) AS checked, (SELECT count(*) FROM regress_check.verify()) AS verified FROM regress_check.manifest;
RESET coserv.accept_legacy;

-- Each of what follows is done behind the triggers, by who owns the tables, and is taken back again.
CREATE FUNCTION pg_temp.name(id uuid) RETURNS text LANGUAGE sql AS
	$$ SELECT COALESCE((SELECT corim_id FROM regress_check.manifest WHERE manifest.id = $1), (SELECT 'the CRL' FROM regress_check.crl WHERE crl.id = $1), 'no manifest') $$;
CREATE FUNCTION pg_temp.behind(act text) RETURNS TABLE (found text, of text, what text, how text) LANGUAGE plpgsql AS $$
BEGIN
	SET LOCAL session_replication_role = replica;
	ALTER TABLE regress_check.manifest DISABLE TRIGGER USER;
	ALTER TABLE regress_check.truth DISABLE TRIGGER USER;
	ALTER TABLE regress_check.crl DISABLE TRIGGER USER;
	ALTER TABLE regress_check.authority DISABLE TRIGGER USER;
	EXECUTE act;
	CREATE TEMP TABLE result AS
		SELECT 'check' AS found, pg_temp.name(c.manifest) AS of, c.derived_table AS what, format('missing %s, extra %s', c.missing, c.extra) AS how FROM regress_check.check() c WHERE c.derived_table NOT LIKE 'trigger %'
		UNION ALL SELECT 'verify', pg_temp.name(v.manifest), v.problem, v.detail FROM regress_check.verify() v;
	-- the error takes back what was done; the result comes with it
	RAISE EXCEPTION USING ERRCODE = 'P0099', MESSAGE = (SELECT jsonb_agg(r) FROM result r);
EXCEPTION WHEN SQLSTATE 'P0099' THEN
	RETURN QUERY SELECT r.* FROM jsonb_to_recordset(SQLERRM::jsonb) AS r (found text, of text, what text, how text) ORDER BY 1, 2, 3, 4;
END $$;
\set behind 'SELECT * FROM pg_temp.behind($act$'

-- the document: a bit of it, its end, the digest with it, all of another one in its place
:behind UPDATE regress_check.truth SET body = set_byte(body, 100, get_byte(body, 100) # 1) WHERE id = (SELECT truth FROM regress_check.manifest WHERE corim_id = 'signed') $act$);
:behind UPDATE regress_check.truth SET body = substr(body, 1, 100) WHERE id = (SELECT truth FROM regress_check.manifest WHERE corim_id = 'signed') $act$);
:behind UPDATE regress_check.truth t SET body = o.body FROM regress_check.truth o WHERE t.id = (SELECT truth FROM regress_check.manifest WHERE corim_id = 'signed') AND o.id = (SELECT truth FROM regress_check.manifest WHERE corim_id = 'other') $act$);
:behind UPDATE regress_check.manifest m SET truth = o.truth, digest = o.digest FROM regress_check.manifest o WHERE m.corim_id = 'signed' AND o.corim_id = 'other' $act$);
:behind DELETE FROM regress_check.truth WHERE id = (SELECT truth FROM regress_check.manifest WHERE corim_id = 'hash') $act$);
-- columns
:behind UPDATE regress_check.manifest SET not_after = '2200-01-01' WHERE corim_id = 'signed' $act$);
:behind UPDATE regress_check.manifest SET not_before = '2020-01-01', profile = NULL, signer_name = 'nobody', is_signed = true, legacy = '{old}' WHERE corim_id = 'unsigned' $act$);
:behind UPDATE regress_check.manifest SET authority_id = (SELECT id FROM regress_check.authority WHERE name = 'certifier') WHERE corim_id = 'signed' $act$);
:behind UPDATE regress_check.manifest SET authority_id = gen_random_uuid() WHERE corim_id = 'signed' $act$);
:behind UPDATE regress_check.manifest SET authority_id = (SELECT id FROM regress_check.authority WHERE name = 'acme') WHERE corim_id = 'unsigned' $act$);
:behind UPDATE regress_check.manifest SET digest = sha256('') WHERE corim_id = 'signed' $act$);
:behind UPDATE regress_check.manifest SET corim_id = 'SIGNED' WHERE corim_id = 'signed' $act$);
SELECT found, of, what FROM pg_temp.behind($act$ UPDATE regress_check.manifest SET id = '00000000-0000-8000-8000-000000000001' WHERE corim_id = 'unsigned' $act$) WHERE found = 'verify';
-- an authority's key, its narrower scope
:behind UPDATE regress_check.authority a SET key = o.key FROM regress_check.authority o WHERE a.name = 'root' AND o.name = 'certifier' $act$);
:behind UPDATE regress_check.authority SET kinds = '{5}' WHERE name = 'certifier' $act$);

-- a forged row: what nobody signed whom the store trusts, as if somebody had
SELECT coserv.sign(pg_temp.corim('forged'), :'stranger_key', 'acme')::bytea AS forged \gset
SELECT * FROM pg_temp.behind(format($act$ WITH t AS (INSERT INTO regress_check.truth (id, kind, body) VALUES (gen_random_uuid(), 1, '\x840159'::bytea || int2send(length('%s'::bytea)::int2) || '%s' || '\xf6f6') RETURNING id)
	INSERT INTO regress_check.manifest (id, authority, authority_id, scope, truth, digest, is_signed, is_answered_signed, corim_id, profile, signer_name, format, loaded_by, signer)
	SELECT gen_random_uuid(), authority, authority_id, scope, t.id, sha256('%s'), true, true, 'forged', 'tag:forged', 'acme', 'corim', loaded_by, signer
	FROM t, regress_check.manifest m WHERE m.corim_id = 'signed' $act$, :'forged', :'forged', :'forged'));

-- derived rows: taken away, added, changed; in every table
:behind DELETE FROM regress_check.triple t USING regress_check.manifest m WHERE t.manifest = m.id AND m.corim_id = 'signed' AND t.ordinal = 1 $act$);
:behind INSERT INTO regress_check.triple SELECT manifest, 99, tag, kind, environment, content FROM regress_check.triple t, regress_check.manifest m
	WHERE t.manifest = m.id AND m.corim_id = 'signed' AND t.ordinal = 0 $act$);
:behind UPDATE regress_check.triple SET content = '[{0: {1: "ACME"}}, [{1: {11: "forged"}}]]' FROM regress_check.manifest m WHERE manifest = m.id AND m.corim_id = 'detached' AND ordinal = 0 $act$);
:behind UPDATE regress_check.triple SET environment = '{0: {1: "FORGED"}}' FROM regress_check.manifest m WHERE manifest = m.id AND m.corim_id = 'other' AND ordinal < 2 $act$);
:behind UPDATE regress_check.tag SET authority = (SELECT id FROM regress_check.authority WHERE name = 'certifier'), tag_version = 7 FROM regress_check.manifest m WHERE manifest = m.id AND m.corim_id = 'signed' $act$);
:behind DELETE FROM regress_check.tag_link t USING regress_check.manifest m WHERE t.manifest = m.id AND m.corim_id = 'hash' $act$);
-- the same row twice is one too many, where no key forbids it
:behind INSERT INTO regress_check.tag_link SELECT t.* FROM regress_check.tag_link t, regress_check.manifest m WHERE t.manifest = m.id AND m.corim_id = 'hash' $act$);
:behind UPDATE regress_check.triple_environment SET environment = '{0: {1: "FORGED"}}' FROM regress_check.manifest m WHERE manifest = m.id AND m.corim_id = 'unsigned' $act$);
:behind UPDATE regress_check.search_key SET keys = keys[2:] FROM regress_check.manifest m WHERE manifest = m.id AND m.corim_id = 'unsigned' $act$);
:behind DELETE FROM regress_check.search_key USING regress_check.manifest m WHERE manifest = m.id AND m.corim_id = 'unsigned' $act$);
:behind DELETE FROM regress_check.certificate USING regress_check.manifest m WHERE manifest = m.id AND m.corim_id = 'chain' AND ordinal = 1 $act$);
:behind UPDATE regress_check.certificate SET serial = '\x00' FROM regress_check.manifest m WHERE manifest = m.id AND m.corim_id = 'chain' AND ordinal = 0 $act$);
:behind UPDATE regress_check.crl_entry SET revoked_at = 'infinity' $act$);
:behind UPDATE regress_check.crl SET der = substr(der, 1, 20) $act$);
:behind INSERT INTO regress_check.crl_entry SELECT gen_random_uuid(), authority, issuer, serial, revoked_at, reason FROM regress_check.crl_entry $act$);
-- whose manifest is gone
:behind DELETE FROM regress_check.manifest WHERE corim_id = 'chain' $act$);

-- of one manifest a row in any case; what was withdrawn says why
BEGIN;
ALTER TABLE regress_check.manifest DISABLE TRIGGER USER;
UPDATE regress_check.manifest SET withdrawn = 'somebody said no' WHERE id = :'other';
UPDATE regress_check.manifest SET not_after = NULL WHERE id = :'signed';
SELECT verified, problem, detail FROM regress_check.verify(:'other');
SELECT verified, problem, detail FROM regress_check.verify(:'signed');
SELECT verified, problem, detail FROM regress_check.verify(:'unsigned');
ROLLBACK;

-- a record that is no manifest, a schema that is no store
SELECT * FROM coserv.verify_manifest('regress_check', ROW(1, 2));
SELECT v.* FROM (SELECT id, digest, truth::text AS truth, withdrawn FROM regress_check.manifest LIMIT 1) m, coserv.verify_manifest('regress_check', m) v;
SELECT v.problem FROM regress_check.manifest m, coserv.verify_manifest('pg_catalog', m) v;
SELECT coserv.is_document('\x00'), coserv.is_document(NULL), coserv.is_document('\xd28440a04040'), coserv.is_crl('\x30'), coserv.is_crl(NULL);

-- with the rights of who calls
CREATE ROLE regress_check_reader;
CREATE ROLE regress_check_loader;
SELECT regress_check.grant_reader('regress_check_reader'), regress_check.grant_loader('regress_check_loader');
SET ROLE regress_check_reader;
SELECT (SELECT count(*) FROM regress_check.check()) AS checked, (SELECT count(*) FROM regress_check.verify()) AS verified;
SET ROLE regress_check_loader;
SELECT * FROM regress_check.check();
SELECT * FROM regress_check.verify();
RESET ROLE;

SELECT * FROM regress_check.check();
SELECT * FROM regress_check.verify();
SELECT coserv.drop_store('regress_check');
DROP ROLE regress_check_reader, regress_check_loader;
