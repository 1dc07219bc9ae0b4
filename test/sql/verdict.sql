-- What Reference Values say of each element of Evidence: corroborated, contradicted, or unspoken of
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
SELECT coserv.create_store('regress_verdict');
INSERT INTO regress_verdict.authority (name, key, accepts_unsigned) VALUES ('acme', '560(h''ac'')', true);
CREATE FUNCTION pg_temp.load(id text, triples text) RETURNS bool LANGUAGE sql AS
	$$ SELECT regress_verdict.load(format('501({0: "%1$s", 1: [506(<<{1: {0: "%1$s"}, 4: {%2$s}}>>)]})', id, triples)::coserv.corim::bytea, 'acme') IS NOT NULL $$;
CREATE FUNCTION pg_temp.evidence(elements text, environment text DEFAULT '{0: {1: "ACME", 2: "M"}}') RETURNS coserv.cbor LANGUAGE sql AS
	$$ SELECT format('{"environment": %2$s, "element-list": [%1$s], "cmtype": 2, "authority": [560(h''a7'')]}', elements, environment)::coserv.cbor $$;
CREATE FUNCTION pg_temp.show(evidence coserv.cbor) RETURNS TABLE (mkey coserv.cbor, mval coserv.cbor, standing text, by_document text, by_authority coserv.cbor, speakers bigint, path text, reason text, wanted coserv.cbor, found coserv.cbor)
	LANGUAGE sql AS $$ SELECT v.mkey, v.mval, v.standing, m.corim_id, v.authority, v.speakers, v.path, v.reason, v.wanted, v.found
		FROM regress_verdict.verdict(evidence) v LEFT JOIN regress_verdict.manifest m ON m.id = v.manifest ORDER BY v.mkey::text, v.mval::text $$;
SELECT pg_temp.load('old', '0: [[{0: {1: "ACME"}}, [{0: "boot", 1: {1: 1, 11: "loader"}}]]], 1: [[{0: {1: "ACME"}}, [{0: "boot", 1: {11: "endorsed"}}]]]');
SELECT pg_temp.load('far', '0: [[{0: {1: "ACME"}}, [{0: "boot", 1: {1: 5, 11: "other"}}]]]');

-- svn 99 against a reference of 1: an endorsement is no corroboration, and the mismatch is told, of the reference that differs least
SELECT cmtype, count(*) FROM regress_verdict.appraise(pg_temp.evidence('{"element-id": "boot", "element-claims": {1: 99, 11: "loader"}}')) GROUP BY 1 ORDER BY 1;
SELECT * FROM pg_temp.show(pg_temp.evidence('{"element-id": "boot", "element-claims": {1: 99, 11: "loader"}}'));
-- corroborated by one, whatever others say
SELECT * FROM pg_temp.show(pg_temp.evidence('{"element-id": "boot", "element-claims": {1: 1, 11: "loader"}}'));
-- spoken of by nobody: another element, none, another environment
SELECT * FROM pg_temp.show(pg_temp.evidence('{"element-id": "app", "element-claims": {1: 1}}, {"element-claims": {1: 1}}'));
SELECT * FROM pg_temp.show(pg_temp.evidence('{"element-id": "boot", "element-claims": {1: 1, 11: "loader"}}', '{0: {1: "OTHER"}}'));
-- an attribute that is not there
SELECT * FROM pg_temp.show(pg_temp.evidence('{"element-id": "boot", "element-claims": {1: 1}}'));
-- several elements of one id: each has its own
SELECT * FROM pg_temp.show(pg_temp.evidence('{"element-id": "boot", "element-claims": {1: 1, 11: "loader"}}, {"element-id": "boot", "element-claims": {1: 2, 11: "loader"}}'));
-- a triple of two elements, of which one is not there: the other is not corroborated
SELECT pg_temp.load('pair', '0: [[{0: {1: "PAIR"}}, [{0: "a", 1: {1: 1}}, {0: "b", 1: {1: 1}}]]]');
SELECT * FROM pg_temp.show(pg_temp.evidence('{"element-id": "a", "element-claims": {1: 1}}, {"element-id": "b", "element-claims": {1: 2}}', '{0: {1: "PAIR"}}'));
-- under another authority than the reference wants
SELECT pg_temp.load('authorized', '0: [[{0: {1: "KEYS"}}, [{0: "a", 1: {1: 1}, 2: [560(h''a7'')]}, {0: "b", 1: {1: 1}, 2: [560(h''ff'')]}]]]');
SELECT mkey, standing, path, reason, wanted FROM pg_temp.show(pg_temp.evidence('{"element-id": "a", "element-claims": {1: 1}}, {"element-id": "b", "element-claims": {1: 1}}', '{0: {1: "KEYS"}}'));
SELECT count(*) FROM regress_verdict.verdict(NULL);
SELECT count(*) FROM regress_verdict.verdict('{}');
SELECT coserv.drop_store('regress_verdict');
