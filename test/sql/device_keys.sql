-- attest-key and identity triples: keys that the Verifier verified
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set stranger_pub `cat :'srcdir'/data/stranger.pub`
\set certifier_pub `cat :'srcdir'/data/certifier.pub`
\set leaf_key `cat :'srcdir'/data/pki/leaf.key`
\set root `cat :'srcdir'/data/pki/root.crt`
\set middle `cat :'srcdir'/data/pki/middle.crt`
\set leaf `cat :'srcdir'/data/pki/leaf.crt`
\set agreement `cat :'srcdir'/data/pki/agreement.crt`
\set old `cat :'srcdir'/data/pki/old.crt`
\set revoked `cat :'srcdir'/data/pki/revoked.crt`
\set other `cat :'srcdir'/data/pki/other.crt`
\set middle_crl `cat :'srcdir'/data/pki/middle.crl`
CREATE FUNCTION pg_temp.der(pem text) RETURNS bytea LANGUAGE sql AS
	$$ SELECT decode(regexp_replace(pem, '-----[^-]+-----|\s', '', 'g'), 'base64') $$;
CREATE FUNCTION pg_temp.thumbprint(tag integer, der bytea) RETURNS text LANGUAGE sql AS
	$$ SELECT format('%s([1, h''%s''])', tag, encode(sha256(der), 'hex')) $$;
SELECT coserv.create_store('regress_device');
INSERT INTO regress_device.authority (name, key, shown_as) VALUES ('acme', :'root', '560(h''acce'')');
-- an attestation key and the CA that certifies others, by its thumbprint; an identity key of one element, by its own thumbprint
SELECT format('501({0: "keys", 1: [506(<<{1: {0: "keys"}, 4: {3: [[{0: {1: "ACME"}}, [%s, %s]]], 2: [[{0: {1: "ACME"}}, [%s], {0: "boot"}], [{0: {1: "ACME"}}, [%s], {0: "none"}]]}}>>)]})',
	:'acme_pub'::coserv.crypto_key, pg_temp.thumbprint(559, pg_temp.der(:'middle')), pg_temp.thumbprint(557, pg_temp.der(:'certifier_pub')), pg_temp.thumbprint(557, pg_temp.der(:'certifier_pub'))) AS corim \gset
SELECT regress_device.load(coserv.sign(:'corim', :'leaf_key', 'acme', ARRAY[pg_temp.der(:'leaf'), pg_temp.der(:'middle')])::bytea) AS manifest \gset
\set evidence '{"environment": {0: {1: "ACME"}}, "element-list": [{"element-id": "boot", "element-claims": {11: "x"}}], "cmtype": 2, "authority": [560(h\'a77e\')]}'
CREATE FUNCTION pg_temp.keys(evidence coserv.cbor, stated text[]) RETURNS TABLE (ordinal integer, key_type text, key_id text, keys bigint, authority coserv.cbor) LANGUAGE sql AS
	$$ SELECT ordinal, ect OPERATOR(coserv.->>) 'key-type'::text, ect OPERATOR(coserv.->>) 'key-id'::text,
		(SELECT count(*) FROM coserv.cbor_array_elements(ect OPERATOR(coserv.->) 'key-list'::text)), authority
	FROM regress_device.appraise(evidence, verified_keys => stated::coserv.crypto_key[]) WHERE manifest IS NOT NULL ORDER BY 1 $$;

-- the Verifier names none, or one that is in no triple
SELECT count(*) FROM regress_device.appraise(:'evidence');
SELECT count(*) FROM regress_device.appraise(:'evidence', verified_keys => '{}');
SELECT * FROM pg_temp.keys(:'evidence', ARRAY[:'stranger_pub']);
SELECT kind, ordinal, condition, matched, path, reason, wanted FROM regress_device.explain(:'evidence') ORDER BY kind, ordinal, condition, path;
-- each by itself, and all
SELECT * FROM pg_temp.keys(:'evidence', ARRAY[:'acme_pub']);
SELECT * FROM pg_temp.keys(:'evidence', ARRAY[:'certifier_pub']);
SELECT * FROM pg_temp.keys(:'evidence', ARRAY[:'leaf' || :'middle']);
SELECT * FROM pg_temp.keys(:'evidence', ARRAY[:'acme_pub', :'stranger_pub', :'certifier_pub', :'leaf' || :'middle']);
SELECT kind, ordinal, condition, matched, path, reason, manifest = :'manifest' AS names_the_manifest
FROM regress_device.explain(:'evidence', verified_keys => ARRAY[:'acme_pub', :'stranger_pub']::coserv.crypto_key[]) ORDER BY kind, ordinal, condition, path;
-- joint authority; what is added is the Key ECT of the draft
SELECT ect, cmtype, authority, round FROM regress_device.appraise(:'evidence', verified_keys => ARRAY[:'certifier_pub']::coserv.crypto_key[], verifier => '{"560(h''7e'')", "560(h''7f'')"}')
WHERE manifest IS NOT NULL;
-- paths that do not hold: of somebody else, expired, not for signing, revoked
SELECT what, reason FROM (VALUES ('other', :'other'), ('old', :'old' || :'middle'), ('agreement', :'agreement' || :'middle'), ('incomplete', :'leaf'), ('revoked', :'revoked' || :'middle')) AS chain (what, pem),
	regress_device.explain(:'evidence', verified_keys => ARRAY[pem]::coserv.crypto_key[]) WHERE path = 'key-list[1]' AND kind = 3 ORDER BY what;
INSERT INTO regress_device.crl (authority, der, chain) VALUES ('acme', pg_temp.der(:'middle_crl'), ARRAY[pg_temp.der(:'middle')]);
SELECT matched, reason FROM regress_device.explain(:'evidence', verified_keys => ARRAY[:'revoked' || :'middle']::coserv.crypto_key[]) WHERE path = 'key-list[1]';
SELECT * FROM pg_temp.keys(:'evidence', ARRAY[:'revoked' || :'middle']);
SELECT * FROM pg_temp.keys(:'evidence', ARRAY[:'leaf' || :'middle']);
-- nulls
SELECT * FROM regress_device.appraise(:'evidence', verified_keys => ARRAY[NULL]::coserv.crypto_key[]);
SELECT count(*) FROM regress_device.appraise(NULL, verified_keys => ARRAY[:'acme_pub']::coserv.crypto_key[]);
SELECT count(*) FROM regress_device.explain(:'evidence', NULL);
-- revoked with its triple
SELECT count(*) FROM regress_device.revoke(manifest => :'manifest', reason => 'test');
SELECT * FROM pg_temp.keys(:'evidence', ARRAY[:'acme_pub']);

SELECT coserv.drop_store('regress_device');
