-- What counts: newer versions, replaced tags, CoTLs, revocations, and what bounds a result's expiry.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set acme_key `cat :'srcdir'/data/acme.key`
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set certifier_key `cat :'srcdir'/data/certifier.key`
\set certifier_pub `cat :'srcdir'/data/certifier.pub`
SELECT coserv.create_store('regress_sup');
INSERT INTO regress_sup.authority (name, key) VALUES ('acme', :'acme_pub'), ('certifier', :'certifier_pub');
PREPARE who(timestamptz) AS
	SELECT g.tag_id, g.tag_version, t.authority, t.not_after FROM regress_sup.triples_at($1) t
	JOIN regress_sup.tag g ON g.manifest = t.manifest AND g.ordinal = t.tag ORDER BY 1, 2, 3;

-- A CoRIM with one CoMID: id, tag id, version, more members of the CoMID, more members of the CoRIM.
CREATE FUNCTION pg_temp.doc(id text, tag text, version int, tag_more text DEFAULT '', rim_more text DEFAULT '') RETURNS text LANGUAGE sql AS $$
	SELECT format('501({0: "%s", 1: [506(<<{1: {0: "%s", 1: %s}%s, 4: {0: [[{0: {1: "ACME", 2: "%s"}}, [{1: {1: %s}}]]]}}>>)]%s})',
				  id, tag, version, tag_more, tag, version, rim_more) $$;

SELECT regress_sup.load(coserv.sign(pg_temp.doc('a1', 'a', 1)::coserv.corim, :'acme_key', 'acme')::bytea) IS NOT NULL;
SELECT regress_sup.load(coserv.sign(pg_temp.doc('a3', 'a', 3)::coserv.corim, :'acme_key', 'acme')::bytea) IS NOT NULL;
EXECUTE who(now());
-- an older one after a newer one is history, and whoever loads it is told; another authority's versions are its own
SELECT regress_sup.load(coserv.sign(pg_temp.doc('a2', 'a', 2)::coserv.corim, :'acme_key', 'acme')::bytea) IS NOT NULL;
SELECT regress_sup.load(coserv.sign(pg_temp.doc('c9', 'a', 9)::coserv.corim, :'certifier_key', 'certifier')::bytea) IS NOT NULL;
EXECUTE who(now());
-- a newer one that begins later does not hide the older before, and bounds its results; it has expired: it still hides it
SELECT regress_sup.load(coserv.sign(pg_temp.doc('a4', 'a', 4, '', ', 4: {0: 1(4070908800), 1: 1(4102444800)}')::coserv.corim, :'acme_key', 'acme')::bytea) IS NOT NULL;
EXECUTE who(now());
EXECUTE who('2099-06-01');
EXECUTE who('2101-01-01');
-- replaces: by tag id, within the authority
SELECT regress_sup.load(coserv.sign(pg_temp.doc('b1', 'b', 0, ', 3: [{0: "a", 1: 1}]')::coserv.corim, :'acme_key', 'acme')::bytea) AS b1 \gset
EXECUTE who(now());
-- supplements changes nothing
SELECT regress_sup.load(coserv.sign(pg_temp.doc('d1', 'd', 0, ', 3: [{0: "b", 1: 0}]')::coserv.corim, :'acme_key', 'acme')::bytea) IS NOT NULL;
-- revoking the manifest that replaced it brings it back; taking that back takes it away again
INSERT INTO regress_sup.revocation (manifest, reason) VALUES (:'b1', 'wrong build') RETURNING id AS r1 \gset
EXECUTE who(now());
INSERT INTO regress_sup.revocation (undoes, reason) VALUES (:'r1', 'it was right');
EXECUTE who(now());
-- a version of a tag; a whole tag from a date on: what is known to come bounds the results
INSERT INTO regress_sup.revocation (authority, tag_id, tag_version, reason) VALUES ('certifier', 'a', 8, 'another version');
INSERT INTO regress_sup.revocation (authority, tag_id, reason, effective_from) VALUES ('certifier', 'a', 'ends', '2088-01-01');
EXECUTE who(now());
EXECUTE who('2088-01-01');
SELECT coserv.describe(regress_sup.execute('{0: "x", 1: {0: 2, 1: {0: [[{1: "ACME", 2: "a"}]]}, 2: 0}}', '2087-12-31 23:59:00+00')) ~ '2088-01-01T00:00:00Z' AS expires_then;
-- a whole authority
INSERT INTO regress_sup.revocation (authority, reason) VALUES ('acme', 'key leaked') RETURNING id AS r2 \gset
EXECUTE who(now());
SELECT regress_sup.load(coserv.sign(pg_temp.doc('e1', 'e', 0)::coserv.corim, :'acme_key', 'acme')::bytea);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO regress_sup.revocation (undoes, reason) VALUES (:'r2', 'it had not');

-- what does not fit
\set VERBOSITY terse
INSERT INTO regress_sup.revocation (reason) VALUES ('nothing');
INSERT INTO regress_sup.revocation (tag_id, reason) VALUES ('a', 'whose?');
INSERT INTO regress_sup.revocation (authority, reason) VALUES ('acme', '');
\set VERBOSITY default
UPDATE regress_sup.revocation SET reason = 'better' WHERE id = :'r1';
DELETE FROM regress_sup.revocation;
UPDATE regress_sup.authority SET note = 'notes may change' WHERE name = 'acme';
UPDATE regress_sup.authority SET key = (SELECT key FROM regress_sup.authority WHERE name = 'certifier') WHERE name = 'acme';
INSERT INTO regress_sup.revocation (authority, reason, known_at, revoked_by) VALUES ('acme', 'not in the past', '2001-01-01', 'nobody') RETURNING known_at > '2020-01-01' AS stamped, revoked_by = current_user AS by_me, id AS r3 \gset
SELECT :'stamped', :'by_me';
INSERT INTO regress_sup.revocation (undoes, reason) VALUES (:'r3', 'a test');

-- CoTL: nothing counts without one, all of its tags or none, as long as it holds
INSERT INTO regress_sup.policy (require_cotl) VALUES (true);
EXECUTE who(now());
SELECT regress_sup.load(coserv.sign('501({0: "list", 1: [508(<<{0: {0: "list-1"}, 1: [{0: "b"}, {0: "z"}], 2: {1: 1(4102444800)}}>>)]})', :'certifier_key', 'certifier')::bytea) IS NOT NULL;
EXECUTE who(now());
SELECT regress_sup.load(coserv.sign(pg_temp.doc('z1', 'z', 0)::coserv.corim, :'acme_key', 'acme')::bytea) IS NOT NULL;
EXECUTE who(now());
EXECUTE who('2100-06-01');
-- one of its tags is revoked: all of them rest
INSERT INTO regress_sup.revocation (authority, tag_id, reason) VALUES ('acme', 'z', 'wrong') RETURNING id AS r4 \gset
EXECUTE who(now());
INSERT INTO regress_sup.revocation (undoes, reason) VALUES (:'r4', 'right');
EXECUTE who(now());
SELECT kind, tag_id, not_before, not_after FROM regress_sup.tag WHERE kind = 'cotl';
SELECT relation, tag_id, tag_version FROM regress_sup.tag_link ORDER BY 1, 2;
INSERT INTO regress_sup.policy (require_cotl) VALUES (false);
EXECUTE who(now());

-- by RIM identifier: the newest version of a tag, also of one that was replaced
SELECT coserv.describe(regress_sup.execute('{0: "x", 1: {3: [[0, "a"]]}}', now() + interval '1 hour')) LIKE '%' || encode(regress_sup.document(id), 'hex') || '%' AS newest
FROM regress_sup.manifest WHERE corim_id = 'c9';

-- the past stays as it was
SELECT count(*) FROM regress_sup.triples_at('2000-01-01');
SELECT count(*) > 0 AS known_then FROM regress_sup.manifest_life m WHERE EXISTS (SELECT FROM regress_sup.manifests_at(m.known_at) k WHERE k.id = m.manifest);

-- an authority whose time is over answers no more
UPDATE regress_sup.authority SET valid_from = '2020-01-01', valid_until = '2099-01-01' WHERE name = 'acme';
EXECUTE who(now());
UPDATE regress_sup.authority SET valid_until = '2020-01-02' WHERE name = 'acme';
EXECUTE who(now());
UPDATE regress_sup.authority SET valid_until = NULL, name = 'ACME Inc.' WHERE name = 'acme';
EXECUTE who(now());

-- one tag, one version, two contents: both count, whoever loads the second is told, and conflicts() tells it too; the same again is no conflict
UPDATE regress_sup.authority SET valid_from = NULL, name = 'acme' WHERE name = 'ACME Inc.';
SELECT regress_sup.load(coserv.sign(pg_temp.doc('t1', 't', 1)::coserv.corim, :'acme_key', 'acme')::bytea) AS t1 \gset
SELECT regress_sup.load(coserv.sign(pg_temp.doc('t2', 't', 1)::coserv.corim, :'acme_key', 'acme')::bytea) IS NOT NULL;
SELECT count(*) FROM regress_sup.conflicts() WHERE conflict = 'same tag, other content';
SELECT regress_sup.load(coserv.sign(replace(pg_temp.doc('t3', 't', 1), '[{1: {1: 1}}]', '[{1: {1: 7}}]')::coserv.corim, :'acme_key', 'acme')::bytea) AS t3 \gset
SELECT conflict, by_authority, other, of_manifest = :'t3' AS of_third FROM regress_sup.conflicts() WHERE conflict = 'same tag, other content' ORDER BY 4;
SELECT regress_sup.revoke(manifest => :'t3', reason => 'wrong') IS NOT NULL;
SELECT count(*) FROM regress_sup.conflicts() WHERE conflict = 'same tag, other content';
-- a revoked manifest's content, signed anew, counts, and whoever loads it is told; where the tag is revoked, it does not
SET client_min_messages = notice;
\set VERBOSITY terse
SELECT regexp_replace(regress_sup.load(coserv.sign(replace(pg_temp.doc('t4', 't', 1), '[{1: {1: 1}}]', '[{1: {1: 7}}]')::coserv.corim, :'acme_key', 'acme')::bytea)::text, '.*', 'loaded');
SET client_min_messages = warning;
SELECT count(*) FROM regress_sup.conflicts() WHERE conflict = 'same tag, other content';
SELECT regress_sup.revoke(authority => 'acme', tag_id => 't', reason => 'wrong') IS NOT NULL;
EXECUTE who(now());
SELECT coserv.drop_store('regress_sup');
