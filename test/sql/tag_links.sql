-- What a tag's links and versions do to other tags: one that names itself, one of another kind, and one that nobody activates.
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE EXTENSION IF NOT EXISTS coserv;
SELECT coserv.create_store('regress_links');
INSERT INTO regress_links.authority (name, key, accepts_unsigned) VALUES ('one', '560(h''01'')', true);

-- A CoRIM with one CoMID: CoRIM id, tag id, version, more members of the CoMID.
CREATE FUNCTION pg_temp.comid(id text, tag text, version int, more text DEFAULT '') RETURNS uuid LANGUAGE sql AS $$
	SELECT regress_links.load(format('501({0: "%s", 1: [506(<<{1: {0: "%s", 1: %s}%s, 4: {0: [[{0: {1: "ACME", 2: "%s"}}, [{1: {1: %s}}]]]}}>>)]})',
		id, tag, version, more, tag, version)::coserv.corim::bytea, 'one') $$;
-- The tags that count, as "kind id/version".
CREATE FUNCTION pg_temp.tags() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format('%s %s/%s', kind, tag_id, tag_version), ', ' ORDER BY kind, tag_id, tag_version) FROM regress_links.tags_at(NULL) $$;

-- "replaces" (1) with its own id: it counts, and so do its later versions, whatever their links say
SELECT pg_temp.comid('s1', 'self', 1, ', 3: [{0: "self", 1: 1}]') IS NOT NULL AS loaded, pg_temp.tags();
SELECT pg_temp.tags();
SELECT pg_temp.comid('s2', 'self', 2, ', 3: [{0: "self", 1: 1}]') IS NOT NULL AS loaded;
SELECT pg_temp.tags();
SELECT pg_temp.comid('s3', 'self', 3) IS NOT NULL AS loaded;
SELECT pg_temp.tags();

-- a CoMID replaces CoMIDs: a CoSWID of the same id stays, in either order
SELECT regress_links.load('501({0: "w", 1: [505(<<{0: "other", 12: 0, 1: "software", 2: {31: "ACME", 33: 1}}>>)]})'::coserv.corim::bytea, 'one') IS NOT NULL AS loaded;
SELECT pg_temp.comid('o', 'other', 0) IS NOT NULL AS loaded;
SELECT pg_temp.tags();
SELECT pg_temp.comid('r', 'replacing', 0, ', 3: [{0: "other", 1: 1}]') IS NOT NULL AS loaded;
SELECT pg_temp.tags();
-- "supplements" (0) hides nothing
SELECT pg_temp.comid('a', 'supplement', 0, ', 3: [{0: "self", 1: 0}]') IS NOT NULL AS loaded;
SELECT pg_temp.tags();

-- where CoTLs are required: the activated version counts, whatever newer or replacing one nobody activates
SELECT regress_links.load('501({0: "list", 1: [508(<<{0: {0: "list"}, 1: [{0: "self", 1: 2}, {0: "other", 1: 0}], 2: {1: 1(4102444800)}}>>)]})'::coserv.corim::bytea, 'one') IS NOT NULL AS loaded;
SELECT regress_links.set_policy(require_cotl => true) IS NOT NULL AS set;
SELECT pg_temp.tags();
SELECT pg_temp.comid('s4', 'self', 4) IS NOT NULL AS loaded;
SELECT pg_temp.tags();
-- what it replaces is back when its CoTL activates it no more, though that names the other one alone
SELECT pg_temp.comid('old', 'old', 0) IS NOT NULL AS loaded, pg_temp.comid('new', 'new', 0, ', 3: [{0: "old", 1: 1}]') IS NOT NULL AS loaded;
SELECT regress_links.load('501({0: "lists old", 1: [508(<<{0: {0: "lists old"}, 1: [{0: "old"}], 2: {1: 1(4102444800)}}>>)]})'::coserv.corim::bytea, 'one') IS NOT NULL AS loaded;
SELECT pg_temp.tags();
SELECT regress_links.load('501({0: "lists new", 1: [508(<<{0: {0: "lists new"}, 1: [{0: "new"}], 2: {1: 1(4102444800)}}>>)]})'::coserv.corim::bytea, 'one') AS lists_new \gset
SELECT pg_temp.tags();
SELECT regress_links.revoke(:'lists_new', reason => 'test') IS NOT NULL AS revoked;
SELECT pg_temp.tags();
SELECT regress_links.set_policy(require_cotl => false) IS NOT NULL AS set;
SELECT pg_temp.tags();

-- What is replaced is still found by its id, its newest version alone: also behind the end of that one, and whether the replacing tag or the
-- newer version came first.
CREATE FUNCTION pg_temp.found(tag text, as_of timestamptz) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(m.corim_id, ' ' ORDER BY m.corim_id) FROM regress_links.manifest m
	WHERE coserv.describe(regress_links.execute(format('{0: "tag:x", 1: {3: [[0, "%s"]]}}', tag)::coserv.coserv, as_of)::coserv.cbor)
		LIKE '%' || encode(regress_links.document(m.id), 'hex') || '%' $$;
SELECT pg_temp.comid('first 1', 'first', 1), pg_temp.comid('over 1', 'over', 1, ', 3: [{0: "first", 1: 1}]'),
	regress_links.load('501({0: "first 2", 1: [506(<<{1: {0: "first", 1: 2}, 4: {0: [[{0: {1: "ACME"}}, [{1: {1: 1}}]]]}}>>)], 4: {1: 1(4000000000)}})'::coserv.corim::bytea, 'one'),
	pg_temp.comid('then 1', 'then', 1), regress_links.load('501({0: "then 2", 1: [506(<<{1: {0: "then", 1: 2}, 4: {0: [[{0: {1: "ACME"}}, [{1: {1: 1}}]]]}}>>)], 4: {1: 1(4000000000)}})'::coserv.corim::bytea, 'one'),
	pg_temp.comid('over 2', 'over 2', 1, ', 3: [{0: "then", 1: 1}]') \gset
SELECT tag, as_of, pg_temp.found(tag, as_of) FROM unnest('{first,then}'::text[]) tag, unnest('{2090-01-01,2098-01-01}'::timestamptz[]) as_of ORDER BY 2, 1;
-- in one commit each
SELECT pg_temp.comid('late 1', 'late', 1) \gset
SELECT pg_temp.comid('over 3', 'over 3', 1, ', 3: [{0: "late", 1: 1}]') \gset
SELECT regress_links.load('501({0: "late 2", 1: [506(<<{1: {0: "late", 1: 2}, 4: {0: [[{0: {1: "ACME"}}, [{1: {1: 1}}]]]}}>>)], 4: {1: 1(4000000000)}})'::coserv.corim::bytea, 'one') \gset
SELECT as_of, pg_temp.found('late', as_of) FROM unnest('{2090-01-01,2098-01-01}'::timestamptz[]) as_of;
-- a version that was withdrawn when a newer one came, and may be said again
SELECT pg_temp.comid('back 1', 'back', 1) \gset
UPDATE regress_links.authority SET tag_ids = '{}' WHERE name = 'one';
UPDATE regress_links.authority SET tag_ids = '{none}' WHERE name = 'one';
SELECT pg_temp.tags();
UPDATE regress_links.authority SET tag_ids = '{back}' WHERE name = 'one';
SELECT pg_temp.comid('back 2', 'back', 2) \gset
SELECT regress_links.revoke(manifest => (SELECT id FROM regress_links.manifest WHERE corim_id = 'back 1'), reason => 'test') AS revocation \gset
SELECT pg_temp.comid('back 3', 'back', 3) \gset
SELECT regress_links.unrevoke(:'revocation', 'test') \gset
SELECT pg_temp.tags();
SELECT * FROM regress_links.check();

SELECT coserv.drop_store('regress_links');
DROP FUNCTION pg_temp.comid, pg_temp.tags;
