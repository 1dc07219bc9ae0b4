-- Signed forms, chains and CRLs.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set acme_key `cat :'srcdir'/data/acme.key`
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set certifier_pub `cat :'srcdir'/data/certifier.pub`
\set leaf_key `cat :'srcdir'/data/pki/leaf.key`
\set revoked_key `cat :'srcdir'/data/pki/revoked.key`
\set old_key `cat :'srcdir'/data/pki/old.key`
\set root `cat :'srcdir'/data/pki/root.crt`
\set middle `cat :'srcdir'/data/pki/middle.crt`
\set leaf `cat :'srcdir'/data/pki/leaf.crt`
\set revoked `cat :'srcdir'/data/pki/revoked.crt`
\set old `cat :'srcdir'/data/pki/old.crt`
\set rsa_pub `cat :'srcdir'/data/pki/rsa.pub`
\set middle_crl `cat :'srcdir'/data/pki/middle.crl`
\set later_crl `cat :'srcdir'/data/pki/later.crl`
\set other_crl `cat :'srcdir'/data/pki/other-root.crl`
\set payload `cat :'srcdir'/data/forms/payload.hex`
\set sign `cat :'srcdir'/data/forms/sign.hex`
\set sign_a0 `cat :'srcdir'/data/forms/sign-a0.hex`
\set sign_detached `cat :'srcdir'/data/forms/sign-detached.hex`
\set sign_without_alg `cat :'srcdir'/data/forms/sign-without-alg.hex`
\set envelope_location `cat :'srcdir'/data/forms/envelope-location.hex`
\set p384_key `cat :'srcdir'/data/purposes/p384.key`
\set p256_pub `cat :'srcdir'/data/purposes/p256.pub`
\set sign_unknown `cat :'srcdir'/data/forms/sign-unknown.hex`
\set detached_digest `cat :'srcdir'/data/forms/detached-digest.hex`
\set crit_known `cat :'srcdir'/data/forms/crit-known.hex`
\set collection `cat :'srcdir'/data/forms/collection.hex`
\set rs256 `cat :'srcdir'/data/forms/rs256.hex`
\set bag `cat :'srcdir'/data/forms/bag.hex`
\set bag_x5t `cat :'srcdir'/data/forms/bag-x5t.hex`
\set x5t `cat :'srcdir'/data/forms/x5t.hex`
CREATE FUNCTION pg_temp.der(pem text) RETURNS bytea LANGUAGE sql AS
	$$ SELECT decode(regexp_replace(pem, '-----[^-]+-----|\s', '', 'g'), 'base64') $$;
CREATE FUNCTION pg_temp.hex(h text) RETURNS bytea LANGUAGE sql AS $$ SELECT decode(trim(h, E' \n'), 'hex') $$;
-- a small CoRIM of that id
CREATE FUNCTION pg_temp.corim(id text) RETURNS coserv.corim LANGUAGE sql AS
	$$ SELECT format('501({0: "%1$s", 1: [506(<<{1: {0: "%1$s tag"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {11: "%1$s"}}]]]}}>>)]})', id)::coserv.corim $$;
SELECT coserv.create_store('regress_signed');
INSERT INTO regress_signed.authority (name, key, accepts_cose_sign) VALUES ('acme', :'acme_pub', true);

-- COSE_Sign: one signature of an authority that accepts it; a header of its own, or none
SELECT regress_signed.load(pg_temp.hex(:'sign'));
SELECT regress_signed.load(pg_temp.hex(:'sign_a0'));
SELECT regress_signed.load(pg_temp.hex(:'sign_detached'), payload => pg_temp.hex(:'payload'));
SELECT regress_signed.load(pg_temp.hex(:'sign_unknown'));
SELECT authority, corim_id, signer_name, not_after, legacy, is_signed FROM regress_signed.manifest ORDER BY id;

-- other forms
SELECT regress_signed.load(pg_temp.hex(:'detached_digest'), payload => pg_temp.hex(:'payload'));
SELECT regress_signed.load(pg_temp.hex(:'crit_known'));

-- a signature of a COSE_Sign without alg: the key's curve fixes it; an RSA key fixes none, and says so
SELECT regress_signed.load(pg_temp.hex(:'sign_without_alg')) AS without_alg \gset
SELECT authority, legacy FROM regress_signed.manifest WHERE id = :'without_alg';
UPDATE regress_signed.authority SET accepts_legacy = false;
SELECT regress_signed.load(pg_temp.hex(:'sign_without_alg'));
UPDATE regress_signed.authority SET accepts_legacy = true, accepts_cose_sign = false;
SELECT regress_signed.load(pg_temp.hex(:'sign_without_alg'));
UPDATE regress_signed.authority SET accepts_cose_sign = true;
INSERT INTO regress_signed.authority (name, key, accepts_cose_sign) VALUES ('rsa', :'rsa_pub', true);
SELECT regress_signed.load(pg_temp.hex(:'sign_without_alg'), authority => 'rsa');
DELETE FROM regress_signed.authority WHERE name = 'rsa';

-- what a hash envelope may not have unprotected (RFC 9995)
SELECT regress_signed.load(pg_temp.hex(:'envelope_location'), payload => pg_temp.hex(:'payload'));

-- a signature of a key on one curve is no document that was altered, where the authority's key is on another
INSERT INTO regress_signed.authority (name, key) VALUES ('curves', :'p256_pub');
SELECT regress_signed.load(coserv.sign(pg_temp.corim('curves'), :'p384_key', 'curves')::bytea);
DELETE FROM regress_signed.authority WHERE name = 'curves';

-- RS256, where a setting lets it in
INSERT INTO regress_signed.authority (name, key) VALUES ('rsa', :'rsa_pub');
SELECT regress_signed.load(pg_temp.hex(:'rs256'));
SET coserv.accept_rs = on;
SELECT regress_signed.load(pg_temp.hex(:'rs256'));
RESET coserv.accept_rs;

-- a signed collection: each member is a manifest, which keeps the collection that was signed
SELECT ordinal, label, length(content) FROM coserv.collection_members(pg_temp.hex(:'collection'));
SELECT * FROM regress_signed.load_collection(pg_temp.hex(:'collection'));
SELECT * FROM regress_signed.load_collection(pg_temp.hex(:'collection'));
SELECT id, corim_id, authority, regress_signed.document(id) = pg_temp.hex(:'collection') AS collection_kept FROM regress_signed.manifest WHERE corim_id IN ('one', 'two') ORDER BY corim_id;
SELECT c.corim_id, c.is_signed, c.document::coserv.corim FROM regress_signed.manifests_at(now()) c WHERE corim_id IN ('one', 'two') ORDER BY 1;
SELECT * FROM coserv.collection_members(pg_temp.hex(:'sign'));

-- chains: to the root, an intermediate, a thumbprint, a bare key
SELECT coserv.drop_store('regress_signed') \g /dev/null
SELECT coserv.create_store('regress_signed') \g /dev/null
SELECT array_agg(pg_temp.der(c))::text AS chain FROM unnest(ARRAY[:'leaf', :'middle']) AS c \gset
SELECT array_agg(pg_temp.der(c))::text AS revoked_chain FROM unnest(ARRAY[:'revoked', :'middle']) AS c \gset
SELECT array_agg(pg_temp.der(c))::text AS old_chain FROM unnest(ARRAY[:'old', :'middle']) AS c \gset
INSERT INTO regress_signed.authority (name, key) VALUES ('acme', :'root');
SELECT regress_signed.load(coserv.sign(pg_temp.corim('one'), :'leaf_key', 'acme', :'chain'::bytea[])::bytea) AS one \gset
SELECT authority, not_before, not_after FROM regress_signed.manifest;
SELECT ordinal, issuer_name, subject, encode(serial, 'hex') AS serial, not_before, not_after FROM regress_signed.certificate ORDER BY ordinal;
SELECT ordinal, subject FROM coserv.certificates(coserv.sign(pg_temp.corim('one'), :'leaf_key', 'acme', :'chain'::bytea[])::bytea);

-- an unprotected x5bag counts only with an x5t that is protected (RFC 9360); what is of others in it leads nowhere
SELECT regress_signed.load(pg_temp.hex(:'bag'));
SELECT regress_signed.load(pg_temp.hex(:'bag_x5t')) AS bag \gset
SELECT ordinal, issuer_name, subject FROM regress_signed.certificate WHERE manifest = :'bag' ORDER BY ordinal;

-- x5t alone names the certificate that the authority pinned
SELECT coserv.drop_store('regress_signed') \g /dev/null
SELECT coserv.create_store('regress_signed') \g /dev/null
INSERT INTO regress_signed.authority (name, key) VALUES ('pinned', :'leaf');
SELECT regress_signed.load(pg_temp.hex(:'x5t'));
SELECT authority, not_after FROM regress_signed.manifest WHERE regress_signed.document(id) = pg_temp.hex(:'x5t');

-- a thumbprint of the intermediate
SELECT coserv.drop_store('regress_signed') \g /dev/null
SELECT coserv.create_store('regress_signed') \g /dev/null
INSERT INTO regress_signed.authority (name, key) VALUES ('acme', format('559(["SHA256", h''%s''])', encode(sha256(pg_temp.der(:'middle')), 'hex')));
SELECT regress_signed.load(coserv.sign(pg_temp.corim('one'), :'leaf_key', 'acme', :'chain'::bytea[])::bytea) IS NOT NULL AS loaded;

-- the signer's name against his certificate: CN, O, and names of subjectAltName
SELECT coserv.drop_store('regress_signed') \g /dev/null
SELECT coserv.create_store('regress_signed') \g /dev/null
INSERT INTO regress_signed.authority (name, key, check_issuer) VALUES ('named', :'root', true), ('acme', :'acme_pub', true);
SELECT name, regress_signed.load(coserv.sign(pg_temp.corim('named'), :'leaf_key', name, :'chain'::bytea[])::bytea) IS NOT NULL AS loaded
FROM unnest(ARRAY['acme', 'ACME Inc.', 'https://acme.example/signing', 'acme.example']) AS name;
SELECT regress_signed.load(coserv.sign(pg_temp.corim('named'), :'leaf_key', 'evil', :'chain'::bytea[])::bytea);
SELECT regress_signed.load(coserv.sign(pg_temp.corim('named'), :'leaf_key', 'Acme', :'chain'::bytea[])::bytea);
SELECT regress_signed.load(coserv.sign(pg_temp.corim('named'), :'acme_key', 'acme')::bytea);

-- kid: the key that has it is tried first, and beyond the bound; whose it is, of two forms of one key, does not go by it
SELECT coserv.drop_store('regress_signed') \g /dev/null
SELECT coserv.create_store('regress_signed') \g /dev/null
INSERT INTO regress_signed.authority (name, key) VALUES ('a first by name', :'acme_pub');
INSERT INTO regress_signed.authority (name, key) SELECT 'second', format('{1: 1, -1: 6, 2: ''acme-2'', -2: h''%s''}', encode(substr(pg_temp.der(:'acme_pub'), 13), 'hex'));
SELECT regress_signed.load(coserv.sign(pg_temp.corim('kid'), :'acme_key', 'acme', kid => 'acme-2')::bytea) AS second \gset
SELECT regress_signed.load(coserv.sign(pg_temp.corim('kid'), :'acme_key', 'acme', kid => 'acme-3')::bytea) AS first \gset
SELECT authority FROM regress_signed.manifest WHERE id = :'first';
SELECT authority FROM regress_signed.manifest WHERE id = :'second';
SET coserv.max_authorities_tried = 0;
SELECT regress_signed.load(coserv.sign(pg_temp.corim('kid, alone'), :'acme_key', 'someone', kid => 'acme-2')::bytea) IS NOT NULL AS loaded;
SELECT regress_signed.load(coserv.sign(pg_temp.corim('kid, unknown'), :'acme_key', 'someone', kid => 'acme-3')::bytea);
RESET coserv.max_authorities_tried;
-- and it is not taken for unique: another key that has it too is passed over
INSERT INTO regress_signed.authority (name, key) SELECT 'a namesake', format('{1: 1, -1: 6, 2: ''acme-2'', -2: h''%s''}', encode(substr(pg_temp.der(:'certifier_pub'), 13), 'hex'));
SELECT regress_signed.load(coserv.sign(pg_temp.corim('not unique'), :'acme_key', 'acme', kid => 'acme-2')::bytea) AS third \gset
SELECT authority FROM regress_signed.manifest WHERE id = :'third';
SELECT regress_signed.load(coserv.sign(pg_temp.corim('nobody'), :'leaf_key', 'acme', kid => 'acme-2')::bytea);

-- CRLs: verified when they are inserted, by certificates that lead to the authority
SELECT coserv.drop_store('regress_signed') \g /dev/null
SELECT coserv.create_store('regress_signed') \g /dev/null
INSERT INTO regress_signed.authority (name, key) VALUES ('acme', :'root'), ('certifier', :'certifier_pub');
SELECT * FROM coserv.crl_entries(pg_temp.der(:'later_crl'));
SELECT regress_signed.load(coserv.sign(pg_temp.corim('before'), :'revoked_key', 'acme', :'revoked_chain'::bytea[])::bytea) AS before \gset
SELECT regress_signed.load(coserv.sign(pg_temp.corim('good'), :'leaf_key', 'acme', :'chain'::bytea[])::bytea) AS good \gset
INSERT INTO regress_signed.crl (authority, der) VALUES ('acme', pg_temp.der(:'middle_crl'));
INSERT INTO regress_signed.crl (authority, der, chain) VALUES ('acme', pg_temp.der(:'middle_crl'), ARRAY[pg_temp.der(:'leaf'), pg_temp.der(:'middle')]);
INSERT INTO regress_signed.crl (authority, der, chain) VALUES ('certifier', pg_temp.der(:'middle_crl'), ARRAY[pg_temp.der(:'middle')]);
INSERT INTO regress_signed.crl (authority, der, chain) VALUES ('acme', pg_temp.der(:'other_crl'), ARRAY[pg_temp.der(:'middle')]);
INSERT INTO regress_signed.crl (authority, der, chain) VALUES ('acme', set_byte(pg_temp.der(:'middle_crl'), 150, get_byte(pg_temp.der(:'middle_crl'), 150) # 1), ARRAY[pg_temp.der(:'middle')]);
INSERT INTO regress_signed.crl (authority, der) VALUES ('acme', '\x00');
INSERT INTO regress_signed.crl (authority, der) VALUES ('nobody', pg_temp.der(:'middle_crl'));
SELECT count(*) FROM regress_signed.revocation;
INSERT INTO regress_signed.crl (authority, der, chain, issuer, added_by) VALUES
	('acme', pg_temp.der(:'middle_crl'), ARRAY[pg_temp.der(:'middle')], 'forged', 'nobody');
SELECT id, authority, issuer, this_update, next_update, added_by = current_user AS added_by FROM regress_signed.crl;
SELECT id, manifest = :'before' AS of_the_right_one, effective_from, reason FROM regress_signed.revocation;
SELECT corim_id FROM regress_signed.manifests_at(now());
SELECT regress_signed.load(coserv.sign(pg_temp.corim('after'), :'revoked_key', 'acme', :'revoked_chain'::bytea[])::bytea);
\echo :LAST_ERROR_SQLSTATE
-- the next CRL says the same once, and one thing more
INSERT INTO regress_signed.crl (authority, der, chain) VALUES ('acme', pg_temp.der(:'later_crl'), ARRAY[pg_temp.der(:'middle')]);
SELECT effective_from, reason FROM regress_signed.revocation ORDER BY 1;
SELECT count(*) FROM regress_signed.manifests_at(now());
-- a row that takes it back
INSERT INTO regress_signed.revocation (undoes, reason) SELECT id, 'renewed' FROM regress_signed.revocation WHERE manifest = :'good';
SELECT corim_id FROM regress_signed.manifests_at(now() + interval '1 second');
-- history is kept
UPDATE regress_signed.crl SET issuer = NULL;
DELETE FROM regress_signed.crl;
INSERT INTO regress_signed.crl (authority, der, chain) VALUES ('acme', pg_temp.der(:'later_crl'), ARRAY[pg_temp.der(:'middle')]);
-- it stands beside one authority: what another vouches for is that one's
INSERT INTO regress_signed.authority (name, key) VALUES ('a second opinion', :'middle');
SELECT regress_signed.load(coserv.sign(pg_temp.corim('opinion'), :'revoked_key', 'acme', :'revoked_chain'::bytea[])::bytea) IS NOT NULL AS loaded;
SELECT authority FROM regress_signed.manifest WHERE corim_id = 'opinion';

SELECT coserv.drop_store('regress_signed');
