-- Digests one by one, and what try_load says of a document beside its id
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set acme_key `cat :'srcdir'/data/acme.key`
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set stranger_key `cat :'srcdir'/data/stranger.key`

SELECT * FROM coserv.digests('[[1, h''aa''], ["sha-384", h''bb''], [99, h''cc'']]');
SELECT * FROM coserv.digests('[7, h''aa'']');
SELECT * FROM coserv.digests('{0: [[1, h''aa'']], "boot": [[7, h''bb''], [8, h''cc'']]}');
SELECT count(*) FROM unnest(ARRAY['7', '"x"', '[]', '[[1]]', '[1, 2, 3]', '{0: 1}', '{}', NULL]::coserv.cbor[]) v, coserv.digests(v);
SELECT coserv.digest_values('[[1, h''aa''], [7, h''bb'']]'), coserv.digest_values('[]'), coserv.digest_values('{0: [[1, h''aa'']], 1: [[1, h''00'']]}'),
	coserv.digest_values(NULL);

SELECT coserv.create_store('regress_missing');
INSERT INTO regress_missing.authority (name, key) VALUES ('acme', :'acme_pub');
CREATE FUNCTION pg_temp.corim(id text) RETURNS coserv.corim LANGUAGE sql AS
	$$ SELECT format('501({0: "%1$s", 3: 32("tag:acme.example,2026:p"), 1: [506(<<{1: {0: "%1$s"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {2: [[7, h''00''], [1, h''aa'']]}}]]]}}>>)]})', id)::coserv.corim $$;
CREATE FUNCTION pg_temp.bend(document bytea) RETURNS bytea LANGUAGE sql AS
	$$ SELECT overlay(document PLACING 'EMCA'::bytea FROM position('ACME'::bytea IN document)) $$;
-- loaded, once more, refused as its signer is nobody's, and in the name of an authority that did not sign it
SELECT id IS NOT NULL AS loaded, profile, corim_id, authority_name FROM regress_missing.try_load(coserv.sign(pg_temp.corim('one'), :'acme_key', 'maker Ltd')::bytea);
SELECT id IS NOT NULL AS loaded, profile, corim_id, authority_name FROM regress_missing.try_load(coserv.sign(pg_temp.corim('one'), :'acme_key', 'maker Ltd')::bytea);
SELECT refused, profile, corim_id, authority_name FROM regress_missing.try_load(coserv.sign(pg_temp.corim('two'), :'stranger_key', 'stranger')::bytea);
SELECT refused, profile, corim_id, authority_name FROM regress_missing.try_load(coserv.sign(pg_temp.corim('two'), :'stranger_key', 'stranger')::bytea, 'acme');
SELECT sqlstate, profile, corim_id, authority_name FROM regress_missing.try_load('\x00', 'acme');

-- altered: the signer is known by the documents that are here, or by a kid; a stranger is not
SELECT refused, detail, hint FROM regress_missing.try_load(pg_temp.bend(coserv.sign(pg_temp.corim('three'), :'acme_key', 'maker Ltd')::bytea));
SELECT refused, detail, hint FROM regress_missing.try_load(coserv.sign(pg_temp.corim('four'), :'stranger_key', 'nobody')::bytea);
SELECT digest_alg, digest FROM regress_missing.reference_value;
SELECT d.digest_alg, d.digest FROM regress_missing.reference_value r, coserv.digests(r.digests) d;
SELECT coserv.drop_store('regress_missing');
