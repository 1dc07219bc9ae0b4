-- What Attesters send, made into ECTs: coserv.evidence, and over a store appraise_evidence
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set acme_key `cat :'srcdir'/data/acme.key`
\set stranger_pub `cat :'srcdir'/data/stranger.pub`
\set certifier_key `cat :'srcdir'/data/certifier.key`
\set certifier_pub `cat :'srcdir'/data/certifier.pub`
\set psa `cat :'srcdir'/data/evidence/psa.hex`
\set psa_changed `cat :'srcdir'/data/evidence/psa-changed.hex`
\set psa_stranger `cat :'srcdir'/data/evidence/psa-stranger.hex`
\set psa_mac `cat :'srcdir'/data/evidence/psa-mac.hex`
\set cca `cat :'srcdir'/data/evidence/cca.hex`
\set cca_unbound `cat :'srcdir'/data/evidence/cca-unbound.hex`
\set concise `cat :'srcdir'/data/evidence/concise.hex`
\set cmw `cat :'srcdir'/data/evidence/cmw.hex`

-- the formats, and those that are refused
SELECT format, media_type, takes, refused IS NOT NULL AS refused FROM coserv.evidence_formats();
SELECT * FROM coserv.evidence('no such', '');
SELECT * FROM coserv.evidence(NULL, '');
SELECT * FROM coserv.evidence('psa', NULL);

-- a row an element, with who signed and the nonce
SELECT ect, environment, element, profile, authority, cardinality(verified_keys), nonce, notes
FROM coserv.evidence('psa', decode(:'psa', 'hex'), ARRAY[:'acme_pub']::coserv.crypto_key[]);
-- nobody is trusted, another is, another signed, a MAC, the nonce of another, and the right one
SELECT count(*) FROM coserv.evidence('psa', decode(:'psa', 'hex'));
SELECT count(*) FROM coserv.evidence('psa', decode(:'psa', 'hex'), ARRAY[:'stranger_pub']::coserv.crypto_key[]);
SELECT count(*) FROM coserv.evidence('psa', decode(:'psa_stranger', 'hex'), ARRAY[:'acme_pub']::coserv.crypto_key[]);
SELECT count(*) FROM coserv.evidence('psa', decode(:'psa_mac', 'hex'), ARRAY[:'acme_pub']::coserv.crypto_key[]);
SELECT count(*) FROM coserv.evidence('psa', decode(:'psa', 'hex'), ARRAY[:'acme_pub']::coserv.crypto_key[], expected_nonce => '\x0909');
SELECT count(*) FROM coserv.evidence('psa', decode(:'psa', 'hex'), ARRAY[:'acme_pub']::coserv.crypto_key[], expected_nonce => decode(repeat('07', 32), 'hex'));
-- what does not verify has no authority, and no appraisal takes it
SELECT DISTINCT ect, authority, verified_keys, notes FROM coserv.evidence('psa', decode(:'psa_stranger', 'hex'), ARRAY[:'acme_pub']::coserv.crypto_key[], unverified => true);
SELECT coserv.create_store('regress_evidence');
SELECT count(*) FROM regress_evidence.appraise(coserv.evidence_ects('psa', decode(:'psa_stranger', 'hex'), unverified => true));

-- keys that are bound to environments
SELECT count(*) FROM coserv.evidence('psa', decode(:'psa', 'hex'), ARRAY[:'acme_pub']::coserv.crypto_key[], key_environments => ARRAY['{0: {1: "another"}}']::coserv.environment[]);
SELECT count(*) FROM coserv.evidence('psa', decode(:'psa', 'hex'), ARRAY[:'acme_pub']::coserv.crypto_key[], key_environments => ARRAY['{0: {0: 560(''acme-implementation-id-000000001'')}}']::coserv.environment[]);
SELECT count(*) FROM coserv.evidence('psa', decode(:'psa', 'hex'), ARRAY[:'acme_pub']::coserv.crypto_key[], key_environments => ARRAY[NULL, NULL]::coserv.environment[]);

-- a platform and a realm, which vouch for one another or not at all
SELECT DISTINCT ect, environment, authority, nonce FROM coserv.evidence('cca', decode(:'cca', 'hex'), ARRAY[:'acme_pub']::coserv.crypto_key[]) ORDER BY 1;
SELECT count(*) FROM coserv.evidence('cca', decode(:'cca_unbound', 'hex'), ARRAY[:'acme_pub']::coserv.crypto_key[]);

-- Concise Evidence, and wrappers around any of these
SELECT ect, environment, element FROM coserv.evidence('concise-evidence', decode(:'concise', 'hex'), ARRAY[:'acme_pub']::coserv.crypto_key[]);
SELECT ect, element, cardinality(verified_keys) FROM coserv.evidence('cmw', decode(:'cmw', 'hex'), ARRAY[:'acme_pub']::coserv.crypto_key[]);

-- over a store: keys come from its attest-key triples, and Reference Values corroborate
INSERT INTO regress_evidence.authority (name, key, shown_as) VALUES ('acme', :'certifier_pub', '560(h''acce'')');
SELECT regress_evidence.load(coserv.sign(format($corim$501({0: "keys", 1: [506(<<{1: {0: "keys"}, 4: {
	3: [[{0: {0: 560('acme-implementation-id-000000001')}, 1: 550(h'01%s')}, [%s]]],
	0: [[{0: {0: 560('acme-implementation-id-000000001')}}, [{0: "psa.software-component", 1: {2: [[1, h'%s']], 11: "BL"}}]]]}}>>)]})$corim$,
	encode(sha256('device 1'), 'hex'), :'acme_pub'::coserv.crypto_key, encode(sha256('BL2.1.0'), 'hex'))::coserv.corim, :'certifier_key', 'acme')::bytea) IS NOT NULL;
SELECT key OPERATOR(coserv.=) :'acme_pub'::coserv.crypto_key AS found FROM regress_evidence.evidence_keys('psa', decode(:'psa', 'hex'));
SELECT cmtype, manifest IS NOT NULL AS "by the store", ect OPERATOR(coserv.->) 'element-list'::text AS elements, ect OPERATOR(coserv.->>) 'key-type'::text AS key_type
FROM regress_evidence.appraise_evidence('psa', decode(:'psa', 'hex')) ORDER BY round, 2, 1;
-- one value is another: nothing corroborates it
SELECT cmtype, count(*) FROM regress_evidence.appraise_evidence('psa', decode(:'psa_changed', 'hex')) GROUP BY 1 ORDER BY 1;
-- another signed it: the key of the device's triple did not
SELECT count(*) FROM regress_evidence.appraise_evidence('psa', decode(:'psa_stranger', 'hex'));
-- the nonce of another
SELECT count(*) FROM regress_evidence.appraise_evidence('psa', decode(:'psa', 'hex'), expected_nonce => '\x00');

-- CBOR as bytes
SELECT coserv.cbor_bytes('h''0102''');
SELECT coserv.cbor_bytes('560(h''0102'')'), coserv.cbor_bytes('"text"'), coserv.cbor_bytes('1'), coserv.cbor_bytes('(_ h''01'', h''02'')'), coserv.cbor_bytes(NULL);
SELECT coserv.drop_store('regress_evidence');
