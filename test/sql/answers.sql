-- Collected artifacts in current forms: whatever forms a document had, what goes out is read with legacy forms off.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE EXTENSION IF NOT EXISTS coserv;
SELECT coserv.create_store('regress_answers');
INSERT INTO regress_answers.authority (name, key, accepts_unsigned) VALUES ('A', '-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAqyHvLgF2/qqdYMOPg27dxin3+Sjnx3sTNp6FyBepD38=
-----END PUBLIC KEY-----', true);
CREATE FUNCTION pg_temp.load(id text, triples text, profile text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	SELECT regress_answers.load(format('501({0: "%s", 1: [506(<<{1: {0: "%s"}, 4: {%s}}>>)]%s})', id, id, triples,
		', 3: 32("' || profile || '")'), 'A') $$;
CREATE FUNCTION pg_temp.query(class_id text, artifact int DEFAULT 2, result int DEFAULT 0, profile text DEFAULT 'tag:x') RETURNS coserv.coserv
	LANGUAGE sql AS $$ SELECT format('{0: "%s", 1: {0: %s, 1: {0: [[{0: %s}]]}, 2: %s}}', profile, artifact, class_id, result)::coserv.coserv $$;
-- the quads of an answer, and whether our own reader takes it with legacy forms off
CREATE FUNCTION pg_temp.ask(query coserv.coserv) RETURNS TABLE (triple text, current boolean) LANGUAGE plpgsql AS $$
DECLARE answer coserv.coserv := regress_answers.execute(query, '2090-01-01');
BEGIN
	PERFORM set_config('coserv.accept_legacy', 'off', true);
	BEGIN
		current := answer::bytea::coserv.coserv IS NOT NULL;
	EXCEPTION WHEN OTHERS THEN
		current := false;
	END;
	PERFORM set_config('coserv.accept_legacy', 'on', true);
	RETURN QUERY SELECT q.triple::text, ask.current FROM regress_answers.quads(query, '2090-01-01') q ORDER BY 1;
END $$;

SELECT pg_temp.load('psa', '0: [[{0: {0: 600(h''0101010101010101010101010101010101010101010101010101010101010101'')}}, [{0: 601({1: "BL", 4: "1.0",
	5: h''0202020202020202020202020202020202020202020202020202020202020202''}), 1: {2: [[1, h''0303030303030303030303030303030303030303030303030303030303030303'']]}}]]],
	3: [[{0: {0: 600(h''0101010101010101010101010101010101010101010101010101010101010101'')}}, [{0: "MFkw"}]]]', 'http://arm.com/psa/iot/1');
SELECT pg_temp.load('cca', '0: [[{0: {0: 560(h''02'')}}, [{0: 602("cfg"), 1: {4: 560(h''cafe'')}}]]]', 'http://arm.com/cca/ssd/1');
SELECT pg_temp.load('lists', '0: [[{0: {0: 111(h''06032a0304'')}}, {1: {2: ["sha-256", h''0303030303030303030303030303030303030303030303030303030303030303'']}}]]');
SELECT pg_temp.load('order', '0: [[_ {0: {1: "V", 0: 560(h''03'')}}, [{1: {11: (_ "a", "b"), 1: 1}}]]]');
SELECT * FROM pg_temp.ask(pg_temp.query('560(h''0101010101010101010101010101010101010101010101010101010101010101'')', profile => 'http://arm.com/psa/iot/1'));
SELECT * FROM pg_temp.ask(pg_temp.query('560(h''0101010101010101010101010101010101010101010101010101010101010101'')', artifact => 1, profile => 'http://arm.com/psa/iot/1'));
SELECT * FROM pg_temp.ask(pg_temp.query('560(h''02'')', profile => 'http://arm.com/cca/ssd/1'));
SELECT * FROM pg_temp.ask(pg_temp.query('111(h''2a0304'')'));
SELECT * FROM pg_temp.ask(pg_temp.query('560(h''03'')'));

-- what no draft of today can say is left out of collected artifacts, told by inspect(), and in the source artifact
SELECT pg_temp.load('flags', '0: [[{0: {0: 560(h''04'')}}, [{1: {3: 5}}]], [{0: {0: 560(h''04'')}}, [{1: {1: 5}}]]]');
SELECT * FROM pg_temp.ask(pg_temp.query('560(h''04'')'));
SELECT severity, path, message FROM coserv.inspect((SELECT regress_answers.document(id) FROM regress_answers.manifest WHERE corim_id = 'flags')) WHERE severity = 'warning';
SELECT position(regress_answers.document(m.id) IN regress_answers.execute(pg_temp.query('560(h''04'')', result => 1))::bytea) > 0 AS source
FROM regress_answers.manifest m WHERE m.corim_id = 'flags';
SELECT count(*) AS rows_of_the_view FROM regress_answers.reference_value WHERE class_id LIKE '%04%' OR authority = 'A' AND svn = 5;

-- columns mean what they say: a measurement compares as one (a minimum of 5 holds for svn 5), with the operators named where coserv is not in the
-- search_path; kinds have words; quads name who says it
SELECT count(*) FROM regress_answers.reference_value WHERE class_id = '04' AND measurement OPERATOR(coserv.@>) '{1: {1: 553(5)}}';
SELECT count(*) FROM regress_answers.reference_value WHERE class_id = '04' AND measurement OPERATOR(coserv.@>) '{1: {1: 553(6)}}';
SELECT authority, shown_as IS NOT NULL AS shown_as, kind, kind_name FROM regress_answers.quads(pg_temp.query('560(h''04'')'), '2090-01-01');
SELECT k, coserv.triple_kind(k::smallint) FROM generate_series(-1, 11) k;

-- who asks in the old form is answered in it, byte for byte as the triple came
SELECT triple FROM pg_temp.ask(pg_temp.query('600(h''0101010101010101010101010101010101010101010101010101010101010101'')', profile => 'http://arm.com/psa/iot/1'));
SELECT coserv.drop_store('regress_answers');
