-- What somebody may try, each refused with its own SQLSTATE or message, and nothing changed.
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
\set agreement_key `cat :'srcdir'/data/pki/agreement.key`
\set old_key `cat :'srcdir'/data/pki/old.key`
\set revoked_key `cat :'srcdir'/data/pki/revoked.key`
\set under_key `cat :'srcdir'/data/pki/under-leaf.key`
\set other_key `cat :'srcdir'/data/pki/other.key`
\set root `cat :'srcdir'/data/pki/root.crt`
\set middle `cat :'srcdir'/data/pki/middle.crt`
\set leaf `cat :'srcdir'/data/pki/leaf.crt`
\set agreement `cat :'srcdir'/data/pki/agreement.crt`
\set old `cat :'srcdir'/data/pki/old.crt`
\set revoked `cat :'srcdir'/data/pki/revoked.crt`
\set under `cat :'srcdir'/data/pki/under-leaf.crt`
\set other `cat :'srcdir'/data/pki/other.crt`
\set other_root `cat :'srcdir'/data/pki/other-root.crt`
\set middle_crl `cat :'srcdir'/data/pki/middle.crl`
\set rsa_pub `cat :'srcdir'/data/pki/rsa.pub`
\set payload `cat :'srcdir'/data/forms/payload.hex`
\set sign `cat :'srcdir'/data/forms/sign.hex`
\set sign_strangers `cat :'srcdir'/data/forms/sign-strangers.hex`
\set sign_detached `cat :'srcdir'/data/forms/sign-detached.hex`
\set detached_digest `cat :'srcdir'/data/forms/detached-digest.hex`
\set weak_digest `cat :'srcdir'/data/forms/weak-digest.hex`
\set crit `cat :'srcdir'/data/forms/crit.hex`
\set differ `cat :'srcdir'/data/forms/differ.hex`
\set differ_time `cat :'srcdir'/data/forms/differ-time.hex`
\set nobody `cat :'srcdir'/data/forms/nobody.hex`
\set alg_swapped `cat :'srcdir'/data/forms/alg-swapped.hex`
\set alg_unprotected `cat :'srcdir'/data/forms/alg-unprotected.hex`
\set rs256 `cat :'srcdir'/data/forms/rs256.hex`
\set bag_other_x5t `cat :'srcdir'/data/forms/bag-other-x5t.hex`
\set other_x5t `cat :'srcdir'/data/forms/other-x5t.hex`
\set collection `cat :'srcdir'/data/forms/collection.hex`
\set collection_nobody `cat :'srcdir'/data/forms/collection-nobody.hex`
CREATE FUNCTION pg_temp.der(pem text) RETURNS bytea LANGUAGE sql AS
	$$ SELECT decode(regexp_replace(pem, '-----[^-]+-----|\s', '', 'g'), 'base64') $$;
CREATE FUNCTION pg_temp.hex(h text) RETURNS bytea LANGUAGE sql AS $$ SELECT decode(trim(h, E' \n'), 'hex') $$;
CREATE FUNCTION pg_temp.corim(id text, vendor text DEFAULT 'ACME', kind int DEFAULT 0, profile text DEFAULT NULL) RETURNS coserv.corim LANGUAGE sql AS
	$$ SELECT format('501({0: "%1$s", 1: [506(<<{1: {0: "%1$s tag"}, 4: {%3$s: [[{0: {1: "%2$s"}}, [{1: {11: "%1$s"}}]]]}}>>)]%4$s})',
		id, vendor, kind, ', 3: 32("' || profile || '")')::coserv.corim $$;
CREATE FUNCTION pg_temp.versioned(version int) RETURNS coserv.corim LANGUAGE sql AS
	$$ SELECT format('501({0: "boot %1$s", 1: [506(<<{1: {0: "boot", 1: %1$s}, 4: {0: [[{0: {1: "ACME"}}, [{1: {1: %1$s}}]]]}}>>)]})', version)::coserv.corim $$;
-- one bit of the first occurrence of part flipped
CREATE FUNCTION pg_temp.bend(document bytea, part bytea) RETURNS bytea LANGUAGE sql AS
	$$ SELECT set_byte(document, position(part in document) - 1, get_byte(document, position(part in document) - 1) # 1) $$;

CREATE ROLE regress_attack_keeper;
CREATE ROLE regress_attack_loader;
CREATE ROLE regress_attack_reader;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_attack_keeper', current_database()) \gexec
SET ROLE regress_attack_keeper;
SELECT coserv.create_store('regress_attacks');
INSERT INTO regress_attacks.authority (name, key, environments, profiles, kinds, tag_ids) VALUES
	('acme', :'acme_pub', ARRAY['{0: {1: "ACME"}}'::coserv.environment], NULL, NULL, NULL),
	('certifier', :'certifier_pub', NULL, ARRAY['tag:certifier.example,2026:p'], ARRAY[1::smallint], ARRAY['certified%']);
INSERT INTO regress_attacks.authority (name, key) VALUES ('root', :'root'), ('rsa', :'rsa_pub'), ('pinned', :'leaf');
SELECT regress_attacks.load(coserv.sign(pg_temp.corim('good'), :'acme_key', 'acme', metadata => 'cwt-claims')::bytea) AS good_id \gset
SELECT regress_attacks.document(id) AS good FROM regress_attacks.manifest \gset
SELECT regress_attacks.load(coserv.sign(pg_temp.versioned(2), :'acme_key', 'acme')::bytea) IS NOT NULL AS newer;
SELECT regress_attacks.set_policy(refuse_older => true) IS NOT NULL AS set;
INSERT INTO regress_attacks.crl (authority, der, chain) VALUES ('root', pg_temp.der(:'middle_crl'), ARRAY[pg_temp.der(:'middle')]);
CREATE VIEW regress_attacks.everything AS
	SELECT (SELECT count(*) FROM regress_attacks.authority) AS authorities, (SELECT count(*) FROM regress_attacks.manifest) AS manifests,
		(SELECT count(*) FROM regress_attacks.revocation) AS revocations, (SELECT count(*) FROM regress_attacks.crl) AS crls,
		(SELECT count(*) FROM regress_attacks.tag) AS tags, (SELECT count(*) FROM regress_attacks.triple) AS triples,
		(SELECT count(*) FROM regress_attacks.certificate) AS certificates;
SELECT * FROM regress_attacks.everything;

CREATE TEMP TABLE attack (n serial, what text, document bytea, authority text, payload bytea);
CREATE FUNCTION pg_temp.attack(what text, document bytea, authority text DEFAULT NULL, payload bytea DEFAULT NULL) RETURNS void LANGUAGE sql AS
	$$ INSERT INTO attack (what, document, authority, payload) VALUES ($1, $2, $3, $4) $$;
CREATE FUNCTION pg_temp.attempt(document bytea, authority text, payload bytea, OUT state text, OUT message text, OUT detail text, OUT hint text)
	LANGUAGE plpgsql AS $$
BEGIN
	PERFORM regress_attacks.load(document, authority, payload);
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
END $$;
\o /dev/null
SELECT pg_temp.attack('changed payload, header, signature', pg_temp.bend(:'good', 'ACME'));
SELECT pg_temp.attack('changed payload, header, signature', pg_temp.bend(:'good', 'acme'), authority => 'acme');
SELECT pg_temp.attack('changed payload, header, signature', pg_temp.bend(:'good', substr(:'good'::bytea, length(:'good'::bytea) - 20)));
SELECT pg_temp.attack('changed payload, header, signature', substr(:'good'::bytea, 1, length(:'good'::bytea) - 1));
SELECT pg_temp.attack('algorithm swapped, unprotected, legacy', pg_temp.hex(:'alg_swapped'));
SELECT pg_temp.attack('algorithm swapped, unprotected, legacy', pg_temp.hex(:'alg_unprotected'));
SELECT pg_temp.attack('algorithm swapped, unprotected, legacy', pg_temp.hex(:'rs256'));
SELECT pg_temp.attack('key of another authority, of nobody', coserv.sign(pg_temp.corim('x'), :'certifier_key', 'acme')::bytea, authority => 'acme');
SELECT pg_temp.attack('key of another authority, of nobody', coserv.sign(pg_temp.corim('x'), :'stranger_key', 'acme')::bytea);
SELECT pg_temp.attack('key of another authority, of nobody', coserv.sign(pg_temp.corim('x'), :'stranger_key', 'whoever')::bytea);
SELECT pg_temp.attack('scope left: environment, profile, kind, tag id', coserv.sign(pg_temp.corim('x', vendor => 'Rival'), :'acme_key', 'acme')::bytea);
SELECT pg_temp.attack('scope left: environment, profile, kind, tag id', coserv.sign(pg_temp.corim('certified', kind => 1), :'certifier_key', 'certifier')::bytea);
SELECT pg_temp.attack('scope left: environment, profile, kind, tag id', coserv.sign(pg_temp.corim('certified', kind => 1, profile => 'tag:other'), :'certifier_key', 'certifier')::bytea);
SELECT pg_temp.attack('scope left: environment, profile, kind, tag id', coserv.sign(pg_temp.corim('certified', kind => 0, profile => 'tag:certifier.example,2026:p'), :'certifier_key', 'certifier')::bytea);
SELECT pg_temp.attack('scope left: environment, profile, kind, tag id', coserv.sign(pg_temp.corim('x', kind => 1, profile => 'tag:certifier.example,2026:p'), :'certifier_key', 'certifier')::bytea);
SELECT pg_temp.attack('expired, not yet valid', coserv.sign(pg_temp.corim('x'), :'acme_key', 'acme', not_after => '2020-01-01')::bytea);
SELECT pg_temp.attack('expired, not yet valid', coserv.sign(pg_temp.corim('x'), :'acme_key', 'acme', not_before => '2099-01-01')::bytea);
SELECT pg_temp.attack('chains: another root, a gap, wrong key usage, expired, below a certificate that is no CA, of somebody else, revoked', coserv.sign(pg_temp.corim('x'), :'other_key', 'root', ARRAY[pg_temp.der(:'other'), pg_temp.der(:'other_root')])::bytea);
SELECT pg_temp.attack('chains: another root, a gap, wrong key usage, expired, below a certificate that is no CA, of somebody else, revoked', coserv.sign(pg_temp.corim('x'), :'leaf_key', 'root', ARRAY[pg_temp.der(:'leaf')])::bytea, authority => 'root');
SELECT pg_temp.attack('chains: another root, a gap, wrong key usage, expired, below a certificate that is no CA, of somebody else, revoked', coserv.sign(pg_temp.corim('x'), :'agreement_key', 'root', ARRAY[pg_temp.der(:'agreement'), pg_temp.der(:'middle')])::bytea);
SELECT pg_temp.attack('chains: another root, a gap, wrong key usage, expired, below a certificate that is no CA, of somebody else, revoked', coserv.sign(pg_temp.corim('x'), :'old_key', 'root', ARRAY[pg_temp.der(:'old'), pg_temp.der(:'middle')])::bytea);
SELECT pg_temp.attack('chains: another root, a gap, wrong key usage, expired, below a certificate that is no CA, of somebody else, revoked', coserv.sign(pg_temp.corim('x'), :'under_key', 'root', ARRAY[pg_temp.der(:'under'), pg_temp.der(:'leaf'), pg_temp.der(:'middle')])::bytea);
SELECT pg_temp.attack('chains: another root, a gap, wrong key usage, expired, below a certificate that is no CA, of somebody else, revoked', coserv.sign(pg_temp.corim('x'), :'stranger_key', 'root', ARRAY[pg_temp.der(:'leaf'), pg_temp.der(:'middle')])::bytea);
SELECT pg_temp.attack('chains: another root, a gap, wrong key usage, expired, below a certificate that is no CA, of somebody else, revoked', coserv.sign(pg_temp.corim('x'), :'revoked_key', 'root', ARRAY[pg_temp.der(:'revoked'), pg_temp.der(:'middle')])::bytea);
SELECT pg_temp.attack('chains: another root, a gap, wrong key usage, expired, below a certificate that is no CA, of somebody else, revoked', pg_temp.hex(:'bag_other_x5t'));
SELECT pg_temp.attack('chains: another root, a gap, wrong key usage, expired, below a certificate that is no CA, of somebody else, revoked', pg_temp.hex(:'other_x5t'), authority => 'pinned');
SELECT pg_temp.attack('detached: no payload, the wrong one, one too many', coserv.sign(pg_temp.corim('x'), :'acme_key', 'acme', detached => true)::bytea);
SELECT pg_temp.attack('detached: no payload, the wrong one, one too many', coserv.sign(pg_temp.corim('x'), :'acme_key', 'acme', detached => true)::bytea, payload => pg_temp.corim('y')::bytea);
SELECT pg_temp.attack('detached: no payload, the wrong one, one too many', coserv.sign(pg_temp.corim('x'), :'acme_key', 'acme')::bytea, payload => pg_temp.corim('y')::bytea);
SELECT pg_temp.attack('detached: no payload, the wrong one, one too many', pg_temp.corim('x')::bytea, 'acme', pg_temp.corim('y')::bytea);
SELECT pg_temp.attack('hash envelope: no payload, another digest, a digest that is too short', coserv.sign(pg_temp.corim('x'), :'acme_key', 'acme', hash_envelope => true)::bytea);
SELECT pg_temp.attack('hash envelope: no payload, another digest, a digest that is too short', coserv.sign(pg_temp.corim('x'), :'acme_key', 'acme', hash_envelope => true)::bytea, payload => pg_temp.corim('y')::bytea);
SELECT pg_temp.attack('hash envelope: no payload, another digest, a digest that is too short', pg_temp.hex(:'detached_digest'), payload => pg_temp.corim('y')::bytea);
SELECT pg_temp.attack('hash envelope: no payload, another digest, a digest that is too short', pg_temp.hex(:'weak_digest'), payload => pg_temp.hex(:'payload'));
SELECT pg_temp.attack('COSE_Sign: where it is not accepted, of nobody', pg_temp.hex(:'sign'));
SELECT pg_temp.attack('COSE_Sign: where it is not accepted, of nobody', pg_temp.hex(:'sign_strangers'), authority => 'acme');
SELECT pg_temp.attack('headers: CWT claims and corim-meta that differ, neither of them, crit', pg_temp.hex(:'differ'));
SELECT pg_temp.attack('headers: CWT claims and corim-meta that differ, neither of them, crit', pg_temp.hex(:'differ_time'));
SELECT pg_temp.attack('headers: CWT claims and corim-meta that differ, neither of them, crit', pg_temp.hex(:'nobody'));
SELECT pg_temp.attack('headers: CWT claims and corim-meta that differ, neither of them, crit', pg_temp.hex(:'crit'));
SELECT pg_temp.attack('replayed older version', coserv.sign(pg_temp.versioned(1), :'acme_key', 'acme')::bytea);
\o
SELECT n, what, state, message, detail, hint FROM attack, LATERAL pg_temp.attempt(document, authority, payload) ORDER BY n;
\echo -- collections: as a document, a member that is none, a signer who is not named
SELECT regress_attacks.load(pg_temp.hex(:'collection'));
\echo :LAST_ERROR_SQLSTATE
SELECT regress_attacks.load(pg_temp.hex(:'collection'), payload => pg_temp.corim('y')::bytea);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM regress_attacks.load_collection(pg_temp.hex(:'collection_nobody'));
\echo :LAST_ERROR_SQLSTATE
\echo -- a duplicate under another id is the same manifest
INSERT INTO regress_attacks.manifest (id, document) VALUES ('00000000-0000-4000-8000-000000000001', :'good');
\echo :LAST_ERROR_SQLSTATE
\echo -- what is there is not changed or taken away
UPDATE regress_attacks.manifest SET payload = 'x';
\echo :LAST_ERROR_SQLSTATE
UPDATE regress_attacks.crl SET der = der;
\echo :LAST_ERROR_SQLSTATE
DELETE FROM regress_attacks.crl;
\echo :LAST_ERROR_SQLSTATE

\echo -- roles: a reader loads, a loader administers, an administrator who may not rewrite history
GRANT USAGE ON SCHEMA regress_attacks TO regress_attack_loader, regress_attack_reader;
GRANT INSERT (document, authority, payload), SELECT (id) ON regress_attacks.manifest TO regress_attack_loader;
GRANT SELECT ON ALL TABLES IN SCHEMA regress_attacks TO regress_attack_reader;
SET ROLE regress_attack_reader;
SELECT regress_attacks.load(:'good'::bytea || '\x00');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO regress_attacks.crl (authority, der) VALUES ('root', 'x');
\echo :LAST_ERROR_SQLSTATE
SET ROLE regress_attack_loader;
INSERT INTO regress_attacks.authority (name, key) VALUES ('mine', :'acme_pub');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO regress_attacks.revocation (manifest, reason) VALUES (:'good_id', 'mine');
\echo :LAST_ERROR_SQLSTATE
DELETE FROM regress_attacks.manifest;
\echo :LAST_ERROR_SQLSTATE
INSERT INTO regress_attacks.certificate VALUES (:'good_id', :'good_id', 0, 'x', 'x', 'x', 'x', now(), now());
\echo :LAST_ERROR_SQLSTATE
SET ROLE regress_attack_keeper;

SELECT * FROM regress_attacks.everything;
\echo -- the same through try_load: each refused as a row, and on record
SELECT count(*) AS refusals FROM regress_attacks.audit WHERE action = 'refuse';
SELECT count(*) AS attacks, count(*) FILTER (WHERE t.sqlstate = a.state AND t.refused = a.message AND t.id IS NULL) AS refused_alike
FROM attack, LATERAL pg_temp.attempt(document, authority, payload) a, LATERAL regress_attacks.try_load(document, authority, payload) t;
SELECT count(*) AS refusals, bool_and(digest IS NOT NULL AND detail IS NOT NULL) AS each_with_digest_and_reason FROM regress_attacks.audit WHERE action = 'refuse';
SELECT * FROM regress_attacks.everything;
-- and what a loader may do works: detached too
SET ROLE regress_attack_loader;
SELECT regress_attacks.load(coserv.sign(pg_temp.corim('x'), :'acme_key', 'acme', detached => true)::bytea, payload => pg_temp.corim('x')::bytea) IS NOT NULL AS loaded;
SELECT regress_attacks.load(coserv.sign(pg_temp.corim('x'), :'leaf_key', 'root', ARRAY[pg_temp.der(:'leaf'), pg_temp.der(:'middle')])::bytea) IS NOT NULL AS loaded;
-- without the policy the older version is history from the start, and answers nothing; a CoRIM that was revoked stays so when it is loaded again
SET ROLE regress_attack_keeper;
SELECT regress_attacks.set_policy(refuse_older => false) IS NOT NULL AS set;
SET client_min_messages = notice;
SET ROLE regress_attack_loader;
SELECT regress_attacks.load(coserv.sign(pg_temp.versioned(1), :'acme_key', 'acme')::bytea) IS NOT NULL AS loaded;
SET client_min_messages = warning;
SET ROLE regress_attack_keeper;
SELECT name, svn FROM regress_attacks.reference_value WHERE authority = 'acme' ORDER BY 1, 2;
SELECT regress_attacks.revoke(manifest => :'good_id', reason => 'recalled') IS NOT NULL AS revoked;
SELECT regress_attacks.load(:'good') = :'good_id' AS loaded_again;
SELECT name, svn FROM regress_attacks.reference_value WHERE authority = 'acme' ORDER BY 1, 2;
RESET ROLE;
DROP FUNCTION pg_temp.attack, pg_temp.attempt;
DROP TABLE attack;
SELECT coserv.drop_store('regress_attacks');
SELECT format('REVOKE CREATE ON DATABASE %I FROM regress_attack_keeper', current_database()) \gexec
DROP ROLE regress_attack_keeper, regress_attack_loader, regress_attack_reader;
