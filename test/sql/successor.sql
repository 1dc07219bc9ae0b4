-- What an authority may not say any more is tried under others that may speak for it: revoked, removed or with a narrower scope, in
-- whatever order they come.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set root `cat :'srcdir'/data/pki/root.crt`
\set middle `cat :'srcdir'/data/pki/middle.crt`
\set leaf `cat :'srcdir'/data/pki/leaf.crt`
\set leaf_key `cat :'srcdir'/data/pki/leaf.key`
\set acme_key `cat :'srcdir'/data/acme.key`
\set acme_pub `cat :'srcdir'/data/acme.pub`
CREATE FUNCTION pg_temp.der(pem text) RETURNS bytea LANGUAGE sql AS
	$$ SELECT decode(regexp_replace(pem, '-----[^-]+-----|\s', '', 'g'), 'base64') $$;
CREATE FUNCTION pg_temp.signed(id text, key text, VARIADIC chain text[]) RETURNS bytea LANGUAGE sql AS
	$$ SELECT coserv.sign(format('501({0: "%1$s", 1: [506(<<{1: {0: "%1$s tag"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {11: "%1$s"}}]]]}}>>)]})', id)::coserv.corim, key,
		'ACME', (SELECT array_agg(pg_temp.der(c)) FROM unnest(chain) AS c WHERE c <> ''))::bytea $$;
SELECT coserv.create_store('regress_successor');
CREATE VIEW pg_temp.counts AS SELECT g.tag_id, g.authority, a.name IS NOT NULL AS there FROM regress_successor.tags_at(NULL) g LEFT JOIN regress_successor.authority a ON a.id = g.authority_id;

-- revoked, and the next one inserted: the documents are his, of the same statements, from then on and not before
INSERT INTO regress_successor.authority (name, key) VALUES ('root', :'root'), ('acme', :'acme_pub');
SELECT regress_successor.load(pg_temp.signed('by certificate', :'leaf_key', :'leaf', :'middle')) AS id \gset
SELECT regress_successor.load(pg_temp.signed('by key', :'acme_key', '')) IS NOT NULL AS loaded;
SELECT * FROM pg_temp.counts ORDER BY 1;
SELECT regress_successor.revoke(authority => 'root', reason => 'its key was lost') AS revocation \gset
SELECT regress_successor.moment() AS between \gset
SELECT * FROM pg_temp.counts ORDER BY 1;
INSERT INTO regress_successor.authority (name, key) VALUES ('middle', :'middle');
SELECT * FROM pg_temp.counts ORDER BY 1;
SELECT regress_successor.load(pg_temp.signed('by certificate', :'leaf_key', :'leaf', :'middle')) = :'id' AS same;
SELECT tag_id FROM regress_successor.tags_at(:'between');
SELECT * FROM regress_successor.check();
SELECT * FROM regress_successor.verify();
SELECT action, detail::text FROM regress_successor.audit ORDER BY id DESC LIMIT 1;
-- taking the revocation back: middle is nearer to the signer than root is
SELECT regress_successor.unrevoke(:'revocation', 'found again') IS NOT NULL AS undone;
SELECT * FROM pg_temp.counts ORDER BY 1;

-- the other is there already: revoked, removed, narrowed
SELECT regress_successor.revoke(authority => 'middle', reason => 'its key, too') IS NOT NULL AS revoked;
SELECT * FROM pg_temp.counts ORDER BY 1;
UPDATE regress_successor.authority SET tag_ids = '{none}' WHERE name = 'root';
SELECT * FROM pg_temp.counts ORDER BY 1;
INSERT INTO regress_successor.authority (name, key) VALUES ('leaf', :'leaf');
SELECT * FROM pg_temp.counts ORDER BY 1;
UPDATE regress_successor.authority SET tag_ids = NULL WHERE name = 'root';
DELETE FROM regress_successor.authority WHERE name = 'leaf';
SELECT * FROM pg_temp.counts ORDER BY 1;
-- nobody may: it stays lost, and says whose it was; who removes an authority is told what becomes of what it said
SET client_min_messages = notice;
DELETE FROM regress_successor.authority WHERE name = 'root';
DELETE FROM regress_successor.authority WHERE name = 'middle';
SET client_min_messages = warning;
SELECT * FROM pg_temp.counts ORDER BY 1;
SELECT authority, withdrawn FROM regress_successor.manifest WHERE id = :'id';
-- another form of the same key
SELECT regress_successor.revoke(authority => 'acme', reason => 'test') IS NOT NULL AS revoked;
INSERT INTO regress_successor.authority (name, key) VALUES ('acme, in another form',
	(SELECT format('{1: 1, -1: 6, -2: h''%s''}', encode(substr(pg_temp.der(:'acme_pub'), 13), 'hex')))::coserv.crypto_key);
SELECT * FROM pg_temp.counts ORDER BY 1;

-- the same in a region where all of it comes at once, in another order: what is revoked comes before the documents
CREATE TABLE pg_temp.truth AS TABLE regress_successor.truth;
SELECT coserv.create_store('regress_successors');
SET session_replication_role = replica;
SET client_min_messages = error;
INSERT INTO regress_successors.truth SELECT * FROM pg_temp.truth ORDER BY kind DESC, moment DESC;
RESET session_replication_role;
SET client_min_messages = warning;
SELECT tag_id, authority FROM regress_successor.tags_at(NULL) EXCEPT SELECT tag_id, authority FROM regress_successors.tags_at(NULL);
SELECT count(*) FROM regress_successors.check();
SELECT coserv.drop_store('regress_successor'), coserv.drop_store('regress_successors');
