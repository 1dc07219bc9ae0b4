-- A store to look into, for the tests of the page: two versions, a revocation, a conflict, domains, a chain, a device's token, what lapses
-- soon, and names that are markup. Read in the folder test; the database is empty.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;
\set acme_pub `cat data/acme.pub`
\set acme_key `cat data/acme.key`
\set stranger_pub `cat data/stranger.pub`
\set stranger_key `cat data/stranger.key`
\set root `cat data/pki/root.crt`
\set middle `cat data/pki/middle.crt`
\set leaf `cat data/pki/leaf.crt`
\set leaf_key `cat data/pki/leaf.key`
\set device_token `cat ../examples/device-token.edn`
CREATE EXTENSION coserv;
SELECT coserv.create_store('rim');
CREATE FUNCTION der(pem text) RETURNS bytea LANGUAGE sql AS $$ SELECT decode(regexp_replace(pem, '-----[^-]+-----|\s', '', 'g'), 'base64') $$;
CREATE FUNCTION document(id text, tag text, version int, triples text, validity text DEFAULT '') RETURNS coserv.corim LANGUAGE sql AS
	$$ SELECT format('501({0: "%s", 1: [506(<<{1: {0: "%s", 1: %s}, 4: %s}>>)]%s})', id, tag, version, triples, validity)::coserv.corim $$;
CREATE FUNCTION said(vendor text, digest text) RETURNS text LANGUAGE sql AS
	$$ SELECT format('{0: [[{0: {1: "%s", 2: "Model m"}}, [{0: "firmware", 1: {2: [[1, h''%s'']]}}]]]}', vendor, repeat(digest, 32)) $$;
INSERT INTO rim.authority (name, key, note) VALUES ('ACME', :'acme_pub', '<script>document.title = "run"</script>'), ('Other', :'stranger_pub', NULL), ('Root', :'root', NULL);
CREATE TABLE made (name text, id uuid);
INSERT INTO made SELECT 'old', rim.load(coserv.sign(document('acme/1', '<script>alert(1)</script>', 0, said('Widget AG', '01')), :'acme_key', 'acme')::bytea);
INSERT INTO made SELECT 'new', rim.load(coserv.sign(document('acme/2', '<script>alert(1)</script>', 1, said('Widget AG', '02')), :'acme_key', 'acme')::bytea);
INSERT INTO made SELECT 'other', rim.load(coserv.sign(document('other/1', 'other', 0, said('Widget AG', '03')), :'stranger_key', 'other')::bytea);
INSERT INTO made SELECT 'hostile', rim.load(coserv.sign(document('<img src=x onerror=alert(2)>', '</script><b>', 0, said('<img src=x onerror=alert(3)>', '06')), :'acme_key', 'acme')::bytea);
INSERT INTO made SELECT 'domains', rim.load(coserv.sign(document('acme/domains', 'domains', 0,
	'{5: [[{0: {1: "Platform"}}, [{0: {1: "Widget AG", 2: "Model m"}}, {0: {1: "Inner"}}]], [{0: {1: "Inner"}}, [{0: {1: "Innermost"}}]]], 4: [[{0: {1: "Inner"}}, [{0: {1: "Trusted"}}]]]}'), :'acme_key', 'acme')::bytea);
INSERT INTO made SELECT 'chain', rim.load(coserv.sign(document('root/chain', 'chain', 0, said('Chain', '04')), :'leaf_key', 'leaf', ARRAY[der(:'leaf'), der(:'middle')])::bytea);
INSERT INTO made SELECT 'token', rim.load(coserv.sign(:'device_token'::coserv.corim, :'acme_key', 'acme')::bytea);
INSERT INTO made SELECT 'lapsing', rim.load(coserv.sign(document('acme/lapsing', 'lapsing', 0, said('Lapsing', '07'),
	format(', 4: {1: 1(%s)}', extract(epoch FROM now() + interval '20 days')::bigint)), :'acme_key', 'acme')::bytea);
INSERT INTO made SELECT 'revoked', rim.load(coserv.sign(document('acme/revoked', 'gone', 0, said('Gone', '05')), :'acme_key', 'acme')::bytea);
SELECT rim.revoke(manifest => (SELECT id FROM made WHERE name = 'revoked'), reason => 'a <b>bad</b> build') IS NOT NULL;
