-- trust anchor stores (CoTS) in answers to queries for trust anchors, where coserv.tas_in_results is on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set acme_key `cat :'srcdir'/data/acme.key`
\set acme_pub `cat :'srcdir'/data/acme.pub`
SELECT coserv.create_store('regress_anchors');
INSERT INTO regress_anchors.authority (name, key, shown_as, activates) VALUES ('acme', :'acme_pub', '560(h''ac'')', true);
-- stores for everything, a vendor, a model of his, somebody else, one instance (keys counted from 1, as older encoders have them), a named store alone
SELECT regress_anchors.load(coserv.sign($$501({0: "anchors", 1: [
	506(<<{1: {0: "keys"}, 4: {3: [[{0: {1: "ACME"}}, [560(h'ab')]]]}}>>),
	507(<<[{2: [], 6: {0: [[2, h'a1']]}}, {2: [{0: {0: {1: "ACME"}}}], 6: {0: [[2, h'a2']]}}, {2: [{2: "x"}, {0: {0: {1: "ACME", 2: "M"}}}], 6: {0: [[2, h'a3']]}},
		{2: [{0: {0: {1: "OTHER"}}}], 6: {0: [[2, h'a4']]}}, {2: [{1: {0: {1: "ACME"}, 1: 560(h'01')}}], 6: {0: [[2, h'a5']]}},
		{2: [{2: "named"}], 6: {0: [[2, h'a6']]}}]>>)]})$$, :'acme_key', 'acme')::bytea) AS manifest \gset
SELECT regress_anchors.load(coserv.sign($$501({0: "more anchors", 1: [507(<<[{2: [{0: {0: {1: "OTHER"}}}], 6: {0: [[2, h'b1']]}}]>>)]})$$, :'acme_key', 'acme',
	not_after => '2098-01-01', detached => true)::bytea, payload => $$501({0: "more anchors", 1: [507(<<[{2: [{0: {0: {1: "OTHER"}}}], 6: {0: [[2, h'b1']]}}]>>)]})$$::coserv.corim::bytea) IS NOT NULL AS detached;
CREATE FUNCTION pg_temp.tas(selector text, artifact int DEFAULT 1, type int DEFAULT 0, as_of timestamptz DEFAULT now()) RETURNS text LANGUAGE sql AS $$
	SELECT regress_anchors.execute(format('{0: "tag:p", 1: {0: %s, 1: %s, 2: %s}}', artifact, selector, type)::coserv.coserv, as_of)::coserv.cbor OPERATOR(coserv.->) 2 OPERATOR(coserv.->>) 4 $$;
CREATE FUNCTION pg_temp.sources(selector text, type int DEFAULT 1) RETURNS bigint LANGUAGE sql AS $$
	SELECT count(*) FROM coserv.cbor_array_elements(
		regress_anchors.execute(format('{0: "tag:p", 1: {0: 1, 1: %s, 2: %s}}', selector, type)::coserv.coserv)::coserv.cbor OPERATOR(coserv.->) 2 OPERATOR(coserv.->) 11) $$;

-- off by default
SELECT pg_temp.tas('{0: [[{1: "ACME"}]]}'), pg_temp.sources('{0: [[{1: "OTHER"}]]}');
SET coserv.tas_in_results = on;
SELECT pg_temp.tas('{0: [[{1: "ACME"}]]}');
SELECT pg_temp.tas('{0: [[{1: "ACME", 2: "N"}]]}');
SELECT pg_temp.tas('{0: [[{1: "OTHER"}]]}');
SELECT pg_temp.tas('{1: [[560(h''01'')]]}');
SELECT pg_temp.tas('{2: [[560(h''01'')]]}');
-- nothing of them where the query asks for something else
SELECT pg_temp.tas('{0: [[{1: "ACME"}]]}', 2), pg_temp.tas('{0: [[{1: "ACME"}]]}', 1, 1);
-- their documents, once each
SELECT pg_temp.sources('{0: [[{1: "ACME"}]]}'), pg_temp.sources('{0: [[{1: "OTHER"}]]}'), pg_temp.sources('{0: [[{1: "OTHER"}]]}', 2);
-- before they were known, expired, revoked
SELECT pg_temp.tas('{0: [[{1: "OTHER"}]]}', as_of => '2020-01-01'), pg_temp.tas('{0: [[{1: "OTHER"}]]}', as_of => '2099-01-01');
SELECT regress_anchors.revoke(manifest => :'manifest', reason => 'test') IS NOT NULL AS revoked;
SELECT pg_temp.tas('{0: [[{1: "OTHER"}]]}');
SELECT pg_temp.tas('{0: [[{1: "ACME"}]]}');
-- where CoTLs are required, a list of stores has no id that one could activate
SELECT regress_anchors.set_policy(require_cotl => true) IS NOT NULL AS required;
SELECT pg_temp.tas('{0: [[{1: "OTHER"}]]}');

-- scope: an authority's trust anchors are for the environments that it may speak about, and its kinds have keys (3) among them
INSERT INTO regress_anchors.authority (name, key, accepts_unsigned, environments, kinds) VALUES
	('bounded', '560(h''01'')', true, ARRAY['{0: {1: "ACME"}}']::coserv.environment[], NULL), ('values only', '560(h''02'')', true, NULL, '{0}'), ('keys', '560(h''03'')', true, NULL, '{3}');
CREATE FUNCTION pg_temp.loads(who text, groups text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	why text;
	place text;
BEGIN
	PERFORM regress_anchors.load(format('501({0: "bounds", 1: [507(<<[{2: [%s], 6: {0: [[2, h''02'']]}}]>>)]})', groups)::coserv.corim::bytea, authority => who);
	RETURN 'loaded';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS why = MESSAGE_TEXT, place = PG_EXCEPTION_DETAIL;
	RETURN SQLSTATE || ' ' || why || ': ' || place;
END $$;
SELECT pg_temp.loads('bounded', '');
SELECT pg_temp.loads('bounded', '{0: {0: {1: "ACME", 2: "M"}}}, {0: {0: {1: "OTHER"}}}');
SELECT pg_temp.loads('bounded', '{0: {0: {1: "ACME", 2: "M"}}}, {2: "named"}');
SELECT pg_temp.loads('bounded', '{1: {0: {1: "OTHER"}}}');
SELECT pg_temp.loads('bounded', '{1: {0: {1: "ACME"}}}, {0: {0: {1: "ACME", 2: "M"}}}');
SELECT pg_temp.loads('values only', '{0: {0: {1: "ACME", 2: "M"}}}');
SELECT pg_temp.loads('keys', '{0: {0: {1: "ACME", 2: "M"}}}');

SELECT coserv.drop_store('regress_anchors');
