-- The type coserv: queries and results, byte for byte, validated by their CDDL.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
RESET client_min_messages;
SET search_path = coserv, public;

CREATE TABLE queries (q coserv);
INSERT INTO queries VALUES
	('{0: "tag:example.com,2025:cc-platform#1.0.0", 1: {0: 2, 1: {0: [[{0: 560(h''00112233''), 1: "Example Vendor"}]]}, 2: 0}}'),
	('{0: h''2b0601'', 1: {0: 1, 1: {1: [[550(h''02deadbeefdead'')]]}, 2: 1}}'),
	('{0: "tag:x", 1: {0: 0, 1: {2: [[560(h''01'')], [560(h''02'')]]}, 2: 2}}'),
	('{1: {2: 0, 1: {0: [[{1: "A"}]]}, 0: 2}, 0: "tag:x"}');
-- a result, and a signed query
INSERT INTO queries VALUES
	('{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "A"}]]}, 2: 0}, 2: {0: [], 10: 0("2030-01-01T00:00:00Z")}}'),
	('18([<<{1: -7, 3: "application/coserv+cbor"}>>, {}, <<{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "A"}]]}, 2: 0}}>>, h''00''])');
SELECT q FROM queries;
SELECT bool_and(q::text::coserv = q), bool_and(q::bytea::coserv = q), bool_and(q::cbor::coserv = q), bool_and(coserv_send(q) = q::bytea) FROM queries;
SELECT describe(q) FROM queries LIMIT 1;

SELECT '{0: "tag:x"}'::coserv;
SELECT '{0: "tag:x", 1: {0: 9, 1: {0: [[{1: "A"}]]}, 2: 0}}'::coserv;
\echo :LAST_ERROR_SQLSTATE
SELECT '{0: "tag:x", 1: {0: 2, 1: {0: []}, 2: 0}}'::coserv;
SELECT '{0: "tag:x", 1: {0: 2, 1: {0: [[{1: 7}]]}, 2: 0}}'::coserv;
SELECT '5'::coserv;
-- a result selects as the query that it echoes; what is signed selects nothing
SELECT '{0: {1: "A"}}'::environment @@ q AS selected, q FROM queries ORDER BY q;
DROP TABLE queries;
