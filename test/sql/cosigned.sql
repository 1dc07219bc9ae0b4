-- A COSE_Sign of several authorities: what each of them signed is a statement of its own, whoever verified first, whichever was known when,
-- whichever is revoked or forgotten, in every region.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set acme `cat :'srcdir'/data/acme.pub`
\set certifier `cat :'srcdir'/data/certifier.pub`
\set both `cat :'srcdir'/data/forms/sign-both.hex`
\set again `cat :'srcdir'/data/forms/sign-both-again.hex`
CREATE FUNCTION pg_temp.hex(h text) RETURNS bytea LANGUAGE sql AS $$ SELECT decode(trim(h, E' \n'), 'hex') $$;
CREATE FUNCTION pg_temp.add(store text, VARIADIC names text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('INSERT INTO %I.authority (name, key, accepts_cose_sign) SELECT n, k.key, true FROM unnest($1) n JOIN pg_temp.keys k ON k.name = n', store) USING names;
END $$;
CREATE TABLE pg_temp.keys (name text, key coserv.crypto_key);
INSERT INTO pg_temp.keys VALUES ('acme', :'acme'), ('certifier', :'certifier');
SELECT coserv.create_store('regress_cosigned'), coserv.create_store('regress_cosigned_2');
CREATE VIEW pg_temp.says AS SELECT t.authority, t.manifest, m.signer_name, t.content::text FROM regress_cosigned.triples_at(NULL) t JOIN regress_cosigned.manifest m ON m.id = t.manifest;

-- whom one knows speaks
SELECT pg_temp.add('regress_cosigned', 'acme');
SELECT regress_cosigned.load(pg_temp.hex(:'both')) AS of_acme \gset
SELECT authority, signer_name, content FROM pg_temp.says;
SELECT regress_cosigned.moment() AS before \gset
-- the other's statement as soon as he is known; as of before, it is not
SELECT pg_temp.add('regress_cosigned', 'certifier');
SELECT authority, signer_name, content FROM pg_temp.says ORDER BY 1;
SELECT authority FROM regress_cosigned.triples_at(:'before');
SELECT manifest AS of_certifier FROM pg_temp.says WHERE authority = 'certifier' \gset
SELECT regress_cosigned.load(pg_temp.hex(:'both'), authority => 'certifier') = :'of_certifier' AS his, regress_cosigned.load(pg_temp.hex(:'both')) IN (:'of_acme', :'of_certifier') AS one;
SELECT count(*) FROM regress_cosigned.truth WHERE kind = 1;
-- answers: both say it, the document is one
SELECT (length(r) - length(replace(r, trim(:'both', E' \n'), ''))) / length(trim(:'both', E' \n')) AS documents FROM (SELECT encode(regress_cosigned.execute(format('{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: %s}}', n)::coserv.coserv)::bytea, 'hex') AS r
	FROM generate_series(0, 2) n) s;
SELECT authority FROM regress_cosigned.quads('{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "ACME"}]]}, 2: 0}}') ORDER BY 1;

-- one of them revoked, removed, without right to it: the other's stays
SELECT regress_cosigned.revoke(authority => 'acme', reason => 'test') AS revocation \gset
SELECT authority, signer_name FROM pg_temp.says;
SELECT regress_cosigned.unrevoke(:'revocation', 'test') IS NOT NULL AS undone;
SELECT authority FROM pg_temp.says ORDER BY 1;
SELECT regress_cosigned.revoke(manifest => :'of_certifier', reason => 'test') IS NOT NULL AS revoked;
SELECT authority FROM pg_temp.says;
DELETE FROM regress_cosigned.authority WHERE name = 'acme';
SELECT authority FROM pg_temp.says;
SELECT pg_temp.add('regress_cosigned', 'acme');
UPDATE regress_cosigned.authority SET tag_ids = '{none}' WHERE name = 'acme';
SELECT authority FROM pg_temp.says;
UPDATE regress_cosigned.authority SET tag_ids = NULL WHERE name = 'acme';
SELECT authority FROM pg_temp.says;

-- another document of the same statements
SELECT regress_cosigned.load(pg_temp.hex(:'again')) IS NOT NULL AS loaded;
SELECT m.authority, count(*) FROM regress_cosigned.manifest m JOIN regress_cosigned.manifest_document d ON d.manifest = m.id GROUP BY 1 ORDER BY 1;
SELECT * FROM regress_cosigned.check();
SELECT * FROM regress_cosigned.verify();

-- the same in a region where all of it comes in another order, documents first
CREATE TABLE pg_temp.truth AS TABLE regress_cosigned.truth;
SET session_replication_role = replica;
SET client_min_messages = error;
INSERT INTO regress_cosigned_2.truth SELECT * FROM pg_temp.truth ORDER BY kind, moment DESC;
RESET session_replication_role;
SET client_min_messages = warning;
SELECT id, authority, signer_name, truth FROM regress_cosigned.manifest EXCEPT SELECT id, authority, signer_name, truth FROM regress_cosigned_2.manifest;
SELECT count(*) FROM regress_cosigned_2.manifest;
SELECT manifest, authority FROM regress_cosigned.triples_at(NULL) EXCEPT SELECT manifest, authority FROM regress_cosigned_2.triples_at(NULL);
SELECT authority FROM regress_cosigned_2.triples_at(NULL);
SELECT count(*) FROM regress_cosigned_2.check();
SELECT coserv.drop_store('regress_cosigned_2'), coserv.create_store('regress_cosigned_2');

-- forgotten: the bytes stay as long as the other's statement needs them, in whatever order it comes
SELECT regress_cosigned.forget(:'of_acme', 'test') IS NOT NULL AS forgotten;
SELECT authority, regress_cosigned.document(id) IS NOT NULL AS there FROM regress_cosigned.manifest WHERE forgotten IS NULL;
SELECT count(*) FROM regress_cosigned.truth WHERE kind = 1 AND body IS NULL;
SELECT regress_cosigned.load(pg_temp.hex(:'both'), authority => 'acme');
SELECT * FROM regress_cosigned.check();
TRUNCATE pg_temp.truth;
INSERT INTO pg_temp.truth TABLE regress_cosigned.truth;
SELECT regress_cosigned_2.erase_for_others(true);
SET session_replication_role = replica;
SET client_min_messages = error;
INSERT INTO regress_cosigned_2.truth SELECT * FROM pg_temp.truth ORDER BY kind DESC, moment DESC;
RESET session_replication_role;
SET client_min_messages = warning;
SELECT authority, forgotten IS NULL AS there FROM regress_cosigned_2.manifest;
SELECT count(*) FROM regress_cosigned_2.truth WHERE kind = 1 AND body IS NULL;
SELECT kind, reason FROM regress_cosigned_2.set_aside;
SELECT regress_cosigned.forget(:'of_certifier', 'test') IS NOT NULL AS forgotten;
SELECT count(*) FROM regress_cosigned.truth WHERE kind = 1 AND body IS NOT NULL;
SELECT * FROM regress_cosigned.check();
SELECT * FROM regress_cosigned.verify();
SELECT coserv.drop_store('regress_cosigned'), coserv.drop_store('regress_cosigned_2'), coserv.create_store('regress_cosigned');
CREATE FUNCTION pg_temp.says_again() RETURNS TABLE (authority text, document boolean) LANGUAGE plpgsql AS
	$$ BEGIN RETURN QUERY EXECUTE 'SELECT t.authority, regress_cosigned.document(t.manifest) IS NOT NULL FROM regress_cosigned.triples_at(NULL) t'; END $$;
-- forgotten before the other is known here: the bytes go, as anybody can put a signature beside another; who has them can load them again
SELECT pg_temp.add('regress_cosigned', 'acme');
SELECT regress_cosigned.load(pg_temp.hex(:'both')) AS of_acme \gset
SELECT regress_cosigned.forget(:'of_acme', 'test') IS NOT NULL AS forgotten;
SELECT count(*) FROM regress_cosigned.truth WHERE kind = 1 AND body IS NULL;
SELECT pg_temp.add('regress_cosigned', 'certifier');
SELECT authority FROM pg_temp.says_again();
SELECT regress_cosigned.load(pg_temp.hex(:'both'), authority => 'acme');
SELECT regress_cosigned.load(pg_temp.hex(:'both'), authority => 'certifier') = :'of_certifier' AS his;
SELECT authority, document FROM pg_temp.says_again();
SELECT * FROM regress_cosigned.check();
SELECT * FROM regress_cosigned.verify();
SELECT coserv.drop_store('regress_cosigned');
