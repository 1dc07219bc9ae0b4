-- Files of linked CoSWID tags corroborate measured files
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
SELECT coserv.create_store('regress_coswid');
INSERT INTO regress_coswid.authority (name, key, accepts_unsigned) VALUES ('acme', '560(h''ac'')', true), ('other', '560(h''0e'')', true);
CREATE FUNCTION pg_temp.load(id text, tags text, authority text) RETURNS bool LANGUAGE sql AS
	$$ SELECT regress_coswid.load(format('501({0: "%s", 1: [%s]})', id, tags)::coserv.corim::bytea, authority) IS NOT NULL $$;
CREATE FUNCTION pg_temp.evidence(elements text, environment text DEFAULT '{0: {1: "ACME", 2: "M"}}') RETURNS coserv.cbor LANGUAGE sql AS
	$$ SELECT format('{"environment": %2$s, "element-list": [%1$s], "cmtype": 2, "authority": [560(h''a7'')]}', elements, environment)::coserv.cbor $$;
CREATE FUNCTION pg_temp.show(evidence coserv.cbor) RETURNS TABLE (mval coserv.cbor, standing text, corim text, reason text, wanted coserv.cbor)
	LANGUAGE sql AS $$ SELECT v.mval, v.standing, m.corim_id, v.reason, v.wanted FROM regress_coswid.verdict(evidence) v
		LEFT JOIN regress_coswid.manifest m ON m.id = v.manifest ORDER BY v.mkey::text, v.mval::text $$;

-- a link without its tag says nothing
SELECT pg_temp.load('link', '506(<<{1: {0: "link"}, 4: {6: [[{0: {1: "ACME"}}, ["firmware"]]]}}>>)', 'acme');
SELECT mval, standing FROM pg_temp.show(pg_temp.evidence('{"element-claims": {2: [[1, h''aa'']], 11: "/opt/app"}}'));
SELECT pg_temp.load('firmware', $$505(<<{0: "firmware", 12: 0, 1: "app", 13: "1", 2: {31: "ACME", 33: 1},
	6: {16: {24: "/opt", 26: {17: [{24: "app", 7: [1, h'aa']}, {24: "lib", 7: [7, h'bb']}, {24: "unhashed"}]}}}}>>)$$, 'acme');

-- by name, by mkey, under a digest of another algorithm, of another content, of no file that is there, without digests
SELECT * FROM pg_temp.show(pg_temp.evidence('{"element-claims": {2: [[1, h''aa'']], 11: "/opt/app"}}'));
SELECT * FROM pg_temp.show(pg_temp.evidence('{"element-id": "/opt/lib", "element-claims": {2: [[1, h''00''], [7, h''bb'']]}}'));
SELECT * FROM pg_temp.show(pg_temp.evidence('{"element-claims": {2: [[7, h''aa'']], 11: "/opt/app"}}'));
SELECT * FROM pg_temp.show(pg_temp.evidence('{"element-claims": {2: [[1, h''ab'']], 11: "/opt/app"}}, {"element-claims": {2: [[7, h''bb'']], 11: "/opt/lib"}}'));
SELECT * FROM pg_temp.show(pg_temp.evidence('{"element-claims": {2: [[1, h''aa'']], 11: "/opt/no"}}, {"element-claims": {2: [[1, h''aa'']]}}, {"element-claims": {11: "/opt/app"}}, {"element-claims": {2: [[1, h''aa'']], 11: "/opt/unhashed"}}'));
SELECT * FROM pg_temp.show(pg_temp.evidence('{"element-claims": {2: [[1, h''aa'']], 11: "/opt/app\u0000"}}, {"element-id": 7, "element-claims": {2: [[1, h''aa'']]}}'));
-- of another environment
SELECT standing FROM pg_temp.show(pg_temp.evidence('{"element-claims": {2: [[1, h''aa'']], 11: "/opt/app"}}', '{0: {1: "OTHER"}}'));
-- what is added to the ACS is what was compared, under the authority of the link
SELECT cmtype, ect, authority FROM regress_coswid.appraise(pg_temp.evidence('{"element-id": "f", "element-claims": {1: 7, 2: [[1, h''aa'']], 11: "/opt/app"}}')) WHERE round > 0;
SELECT explanation, kind_name, matched FROM regress_coswid.explain(pg_temp.evidence('{"element-claims": {2: [[1, h''ab'']], 11: "/opt/app"}}'));
-- what was found where the software is installed is as good; the tag of another authority is not
SELECT pg_temp.load('found', $$506(<<{1: {0: "found"}, 4: {6: [[{0: {1: "FOUND"}}, ["found", "theirs"]]]}}>>),
	505(<<{0: "found", 12: 0, 1: "app", 13: "1", 2: {31: "ACME", 33: 1}, 3: {35: 1(0), 23: "/found", 17: {24: "x", 7: [1, h'cc']}}}>>)$$, 'acme');
SELECT pg_temp.load('theirs', $$505(<<{0: "theirs", 12: 0, 1: "app", 13: "1", 2: {31: "X", 33: 1}, 6: {17: {24: "y", 7: [1, h'dd']}}}>>)$$, 'other');
SELECT mval, standing FROM pg_temp.show(pg_temp.evidence('{"element-claims": {2: [[1, h''cc'']], 11: "/found/x"}}, {"element-claims": {2: [[1, h''dd'']], 11: "y"}}', '{0: {1: "FOUND"}}'));
-- a newer version of the tag has other files; revoked, the older one counts again; as of then, as it was
SELECT regress_coswid.moment() AS before \gset
SELECT pg_temp.load('newer', $$505(<<{0: "firmware", 12: 1, 1: "app", 13: "2", 2: {31: "ACME", 33: 1}, 6: {17: {24: "/opt/app", 7: [1, h'ee']}}}>>)$$, 'acme');
SELECT standing FROM pg_temp.show(pg_temp.evidence('{"element-claims": {2: [[1, h''aa'']], 11: "/opt/app"}}'));
SELECT standing FROM regress_coswid.verdict(pg_temp.evidence('{"element-claims": {2: [[1, h''aa'']], 11: "/opt/app"}}'), :'before');
SELECT count(*) FROM regress_coswid.revoke(manifest => (SELECT id FROM regress_coswid.manifest WHERE corim_id = 'newer'), reason => 'test');
SELECT standing FROM pg_temp.show(pg_temp.evidence('{"element-claims": {2: [[1, h''aa'']], 11: "/opt/app"}}'));
SELECT coserv.drop_store('regress_coswid');
