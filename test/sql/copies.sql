-- Several documents of one statement: a store takes eight of them from its own loaders, and all that other regions have taken; the one with
-- the smallest digest answers, in every region.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set acme_key `cat :'srcdir'/data/acme.key`
\set acme_pub `cat :'srcdir'/data/acme.pub`
SELECT coserv.create_store('regress_here'), coserv.create_store('regress_there');
INSERT INTO regress_here.authority (name, key) VALUES ('acme', :'acme_pub');
INSERT INTO regress_there.authority (name, key) VALUES ('acme', :'acme_pub');

-- The same statement with something else in the header that nobody signs.
CREATE FUNCTION pg_temp.copy(document bytea, n int) RETURNS bytea LANGUAGE sql AS $$
	SELECT decode(regexp_replace(encode(document, 'hex'), 'a0(5[89][0-9a-f]{2,4}d901f5)', format('a119ff00%s\1', lpad(to_hex(n), 2, '0'))), 'hex') $$;
SELECT coserv.sign('501({0: "c", 1: [506(<<{1: {0: "c"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {1: 1}}]]]}}>>)]})'::coserv.corim,
	:'acme_key', 'acme')::bytea AS signed \gset
CREATE TEMP TABLE copy AS SELECT n, pg_temp.copy(:'signed', n) AS document FROM generate_series(1, 12) AS n;
SELECT count(DISTINCT document) FROM copy;

SELECT count(DISTINCT regress_here.load(document)), 'eight of them' FROM copy WHERE n <= 8;
SELECT regress_here.load(document) FROM copy WHERE n = 9;
SELECT count(DISTINCT regress_there.load(document)) FROM copy WHERE n > 4;
SELECT count(*) FROM regress_there.manifest_document;

SET session_replication_role = replica;
CREATE TEMP TABLE before AS SELECT * FROM regress_here.truth;
INSERT INTO regress_here.truth SELECT * FROM regress_there.truth ORDER BY id;
INSERT INTO regress_there.truth SELECT * FROM before ORDER BY id DESC;
RESET session_replication_role;
SELECT (SELECT count(*) FROM regress_here.set_aside) AS here, (SELECT count(*) FROM regress_there.set_aside) AS there,
	(SELECT truth FROM regress_here.manifest) = (SELECT truth FROM regress_there.manifest) AS same,
	(SELECT digest FROM regress_here.manifest) = (SELECT sha256(document) FROM copy ORDER BY 1 LIMIT 1) AS smallest,
	(SELECT count(*) FROM regress_here.manifest_document) AS further, (SELECT count(*) FROM regress_here.check()) AS wrong;
-- one that is there is there, and no more are taken here
SELECT count(DISTINCT regress_here.load(document)) FROM copy;
SELECT regress_here.load(pg_temp.copy(:'signed', 20));

SELECT coserv.drop_store('regress_here'), coserv.drop_store('regress_there');
