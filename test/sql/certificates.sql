-- What a certificate's key may be used for, and keys that anybody could sign for. The certificates are made by openssl (test/data/make_purposes.sh).
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set dir :srcdir '/data/purposes/'
\set root `cat :'dir'root.crt`
\set tls `cat :'dir'tls.crt`
\set tls_key `cat :'dir'tls.key`
\set tls_pub `cat :'dir'tls.pub`
\set code `cat :'dir'code.crt`
\set code_key `cat :'dir'code.key`
\set any `cat :'dir'any.crt`
\set any_key `cat :'dir'any.key`
\set plain `cat :'dir'plain.crt`
\set plain_key `cat :'dir'plain.key`
\set policy `cat :'dir'policy.crt`
\set bound `cat :'dir'bound.crt`
\set bound_key `cat :'dir'bound.key`
\set unbound `cat :'dir'unbound.crt`
\set unbound_key `cat :'dir'unbound.key`
\set explicit `cat :'dir'explicit.crt`
\set explicit_pub `cat :'dir'explicit.pub`
\set under `cat :'dir'under.crt`
\set under_key `cat :'dir'under.key`
\set e1 `cat :'dir'e1.pub`
\set e3 `cat :'dir'e3.pub`
CREATE FUNCTION pg_temp.der(pem text) RETURNS bytea LANGUAGE sql AS
	$$ SELECT decode(regexp_replace(pem, '-----[^-]+-----|\s', '', 'g'), 'base64') $$;
-- a document signed with that key, with the certificates that lead on from it
CREATE FUNCTION pg_temp.signed(id text, key text, VARIADIC chain text[]) RETURNS bytea LANGUAGE sql AS
	$$ SELECT coserv.sign(format('501({0: "%1$s", 1: [506(<<{1: {0: "%1$s tag"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {11: "%1$s"}}]]]}}>>)]})', id)::coserv.corim, key,
		'ACME', (SELECT array_agg(pg_temp.der(c)) FROM unnest(chain) AS c WHERE c <> ''))::bytea $$;
SELECT coserv.create_store('regress_certificates');
INSERT INTO regress_certificates.authority (name, key) VALUES ('ACME', :'root');

-- extended key usage (RFC 5280 section 4.2.1.12): none, or anyExtendedKeyUsage, or a purpose that the authority names
SELECT regress_certificates.load(pg_temp.signed('plain', :'plain_key', :'plain')) IS NOT NULL AS loaded;
SELECT regress_certificates.load(pg_temp.signed('any', :'any_key', :'any')) IS NOT NULL AS loaded;
SELECT regress_certificates.load(pg_temp.signed('tls', :'tls_key', :'tls')) IS NOT NULL AS loaded;
SELECT regress_certificates.load(pg_temp.signed('code', :'code_key', :'code')) IS NOT NULL AS loaded;
UPDATE regress_certificates.authority SET key_purposes = '{1.3.6.1.5.5.7.3.3}';
SELECT regress_certificates.load(pg_temp.signed('code', :'code_key', :'code')) IS NOT NULL AS loaded;
SELECT regress_certificates.load(pg_temp.signed('tls', :'tls_key', :'tls')) IS NOT NULL AS loaded;
\set VERBOSITY terse
UPDATE regress_certificates.authority SET key_purposes = '{codeSigning}';
UPDATE regress_certificates.authority SET key_purposes = '{1.3.6.1.5.5.7.3.3,NULL}';
UPDATE regress_certificates.authority SET key_purposes = '{1.3.6..1}';
\set VERBOSITY default

-- the same of a certificate that is pinned, with and without the document bringing it along, and of its thumbprint
SELECT coserv.drop_store('regress_certificates') \g /dev/null
SELECT coserv.create_store('regress_certificates') \g /dev/null
INSERT INTO regress_certificates.authority (name, key) VALUES ('ACME', :'tls');
SELECT regress_certificates.load(pg_temp.signed('tls', :'tls_key', '')) IS NOT NULL AS loaded;
SELECT regress_certificates.load(pg_temp.signed('tls', :'tls_key', :'tls')) IS NOT NULL AS loaded;
INSERT INTO regress_certificates.authority (name, key) VALUES ('by thumbprint', format('559(["sha-256", h''%s''])', encode(sha256(pg_temp.der(:'tls')), 'hex')));
SELECT regress_certificates.load(pg_temp.signed('tls', :'tls_key', :'tls'), authority => 'by thumbprint') IS NOT NULL AS loaded;
UPDATE regress_certificates.authority SET key_purposes = '{1.3.6.1.5.5.7.3.1}' WHERE name = 'ACME';
SELECT regress_certificates.load(pg_temp.signed('tls', :'tls_key', '')) IS NOT NULL AS loaded;
-- a bare key that is trusted is trusted, whatever is certified of it
SELECT coserv.drop_store('regress_certificates') \g /dev/null
SELECT coserv.create_store('regress_certificates') \g /dev/null
INSERT INTO regress_certificates.authority (name, key) VALUES ('ACME', :'tls_pub');
SELECT regress_certificates.load(pg_temp.signed('tls', :'tls_key', :'tls')) IS NOT NULL AS loaded;

-- requireExplicitPolicy (RFC 5280 section 4.2.1.11)
SELECT coserv.drop_store('regress_certificates') \g /dev/null
SELECT coserv.create_store('regress_certificates') \g /dev/null
INSERT INTO regress_certificates.authority (name, key) VALUES ('ACME', :'root');
SELECT regress_certificates.load(pg_temp.signed('bound', :'bound_key', :'bound', :'policy')) IS NOT NULL AS loaded;
SELECT regress_certificates.load(pg_temp.signed('unbound', :'unbound_key', :'unbound', :'policy')) IS NOT NULL AS loaded;

-- explicit parameters of an elliptic curve (RFC 5480 section 2.1.1): of an issuer, of an authority
SELECT regress_certificates.load(pg_temp.signed('under', :'under_key', :'under', :'explicit')) IS NOT NULL AS loaded;
INSERT INTO regress_certificates.authority (name, key) VALUES ('explicit', :'explicit');
INSERT INTO regress_certificates.authority (name, key) VALUES ('explicit', :'explicit_pub');

-- exponents of RSA (RFC 8017 section 3.1)
INSERT INTO regress_certificates.authority (name, key) VALUES ('e1', :'e1');
INSERT INTO regress_certificates.authority (name, key) VALUES ('e3', :'e3');

-- points of small order (RFC 8032): whose signatures hold for any message
INSERT INTO regress_certificates.authority (name, key) VALUES ('small', '{1: 1, -1: 6, -2: h''0100000000000000000000000000000000000000000000000000000000000000''}');
INSERT INTO regress_certificates.authority (name, key) VALUES ('small', '{1: 1, -1: 6, -2: h''c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa''}');
INSERT INTO regress_certificates.authority (name, key) VALUES ('small', '{"kty": "OKP", "crv": "Ed25519", "x": "7P_______________________________________38"}');
SELECT name FROM regress_certificates.authority ORDER BY 1;
SELECT coserv.drop_store('regress_certificates');
