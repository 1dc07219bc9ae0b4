-- The type crypto_key: every form in which people have a key at hand.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
RESET client_min_messages;
SET search_path = coserv, public;

\set pem '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n-----END PUBLIC KEY-----\n'
CREATE TABLE keys (form text, k crypto_key);
INSERT INTO keys VALUES ('PEM', :'pem');
INSERT INTO keys VALUES ('EDN', '557([1, h''4d1b9b1cb7ac3ef05b6d1b5ce4b4bbd2f1fb6a2f2e2a1aeb5b1bbb3a4a3d2c1f''])');
INSERT INTO keys VALUES ('bytes', '560(h''c0ffee'')');
INSERT INTO keys VALUES ('JWK', '{"kty": "EC", "crv": "P-256", "x": "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY", "y": "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU"}');
INSERT INTO keys VALUES ('COSE_Key', '{1: 2, -1: 1, -2: h''6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296'', -3: h''4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5''}');
INSERT INTO keys VALUES ('DER', decode('3059301306072a8648ce3d020106082a8648ce3d030107034200046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5', 'hex'));
INSERT INTO keys SELECT 'text column', :'pem'::text;
SELECT form, crypto_key_type(k), k FROM keys ORDER BY form COLLATE "C";
SELECT crypto_key_text(k) FROM keys WHERE form = 'bytes';
SELECT form FROM keys WHERE k::text::crypto_key <> k OR k::bytea::crypto_key <> k OR k::cbor::crypto_key <> k;
SELECT a.form, b.form FROM keys a JOIN keys b ON a.k = b.k AND a.form < b.form COLLATE "C" ORDER BY 1, 2;
SELECT describe(k) FROM keys WHERE form = 'COSE_Key';

-- refused: private keys, what is no key
INSERT INTO keys VALUES ('private', '{"kty": "EC", "crv": "P-256", "x": "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY", "y": "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU", "d": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"}');
\echo :LAST_ERROR_SQLSTATE
SELECT '-----BEGIN NONSENSE-----'::crypto_key;
SELECT '5'::crypto_key;
SELECT '\x00'::bytea::crypto_key;
-- the choice can be extended: a tag that is not known is kept, and is no key to verify with
SELECT k, crypto_key_type(k) FROM (SELECT '70000(5)'::crypto_key k) s;
DROP TABLE keys;

-- what people have at hand: text around PEM, a line of OpenSSH; and what is none is said to be what it is
SELECT E'# the key of ACME\n-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\nuntil 2030\n'::coserv.crypto_key
	= E'-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n'::coserv.crypto_key AS same;
SELECT 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBm/RAlphM3+hUG6wWfcO5bIUIaqMLa2ywxcOK1wMWbh acme@example'::coserv.crypto_key
	= E'-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n'::coserv.crypto_key AS same;
SELECT E'-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n'::coserv.crypto_key;
