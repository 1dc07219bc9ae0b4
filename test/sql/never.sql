-- Values that are valid and can never do what their author means: warnings of inspect(), notices of load().
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
SELECT coserv.create_store('regress_never');
INSERT INTO regress_never.authority (name, key, accepts_unsigned) VALUES ('me', '560(h''00'')', true);
CREATE FUNCTION pg_temp.document(id text, measurements text, extra text DEFAULT '') RETURNS bytea LANGUAGE sql AS $$
	SELECT format('501({0: "%1$s", 1: [506(<<{1: {0: "%1$s"}, 4: {0: [[{0: {1: "ACME"}}, [%2$s]]]}}>>)]%3$s})', id, measurements, extra)::coserv.corim::bytea $$;
CREATE TABLE pg_temp.given AS SELECT what, pg_temp.document(what, measurements, extra) AS document FROM (VALUES
	('short digest', '{1: {2: [[1, h''00112233'']]}}', ''),
	('long digest', format('{1: {2: [["sha-256", h''%s'']]}}', repeat('00', 48)), ''),
	('unknown name', format('{1: {2: [["sha265", h''%s'']]}}', repeat('00', 32)), ''),
	('unknown number', format('{1: {2: [[99, h''%s'']]}}', repeat('00', 32)), ''),
	('in a register', '{1: {14: {0: [[-43, h''00'']]}}}', ''),
	('of a key', '{1: {13: [557([1, h''00''])]}}', ''),
	('short mask', '{1: {4: 563([h''00112233'', h''ff''])}}', ''),
	('short mask beside', '{1: {4: 560(h''00112233''), 5: h''ff''}}', ''),
	('milliseconds', '{1: {1: 1}}', ', 4: {0: 1(1000000000), 1: 1(1800000000000)}'),
	('twice', '{1: {2: [[1, h''00112233'']]}}, {0: "b", 1: {2: [[1, h''00112233'']]}}', ''),
	('right', format('{1: {2: [["SHA-256", h''%1$s''], [-43, h''%1$s%2$s'']], 4: 563([h''0011'', h''ffff''])}}', repeat('00', 32), repeat('00', 16)), ', 4: {1: 1(4000000000)}')
	) AS v (what, measurements, extra);
SELECT what, severity, path, message FROM pg_temp.given LEFT JOIN LATERAL coserv.inspect(document) ON severity = 'warning' ORDER BY what, path;
RESET client_min_messages;
SELECT what, regress_never.load(document, authority => 'me') IS NOT NULL AS loaded FROM (SELECT * FROM pg_temp.given ORDER BY what) AS g;
SET client_min_messages = warning;

-- times of a signature: corim-meta and CWT claims
SELECT severity, path, message FROM coserv.inspect(format('18([<< {1: -7, 3: "application/rim+cbor", 4: h''00'', 8: << {0: {0: "ACME"}, 1: {1: 1(1800000000000)}} >>, 15: {1: "ACME", 4: 1800000000000}} >>, {},
	<< 501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}} >>)]}) >>, h''%s''])', repeat('00', 64))::coserv.cbor::bytea);
SELECT coserv.drop_store('regress_never');
