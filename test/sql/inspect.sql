-- coserv.inspect: all faults of a document, legacy forms, what is kept and what is notable; anything goes in.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
RESET client_min_messages;
SET search_path = coserv, public;
CREATE FUNCTION pg_temp.show(text) RETURNS TABLE (severity text, "at" bigint, path text, rule text, message text, found text, section text)
	LANGUAGE sql AS 'SELECT severity, "offset", path, rule, message, found, section FROM coserv.inspect($1::coserv.cbor::bytea)';

-- a good document has nothing to tell
SELECT count(*) FROM pg_temp.show('501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}} >>)]})');

-- all of its faults, each with its place, and not the first alone
SELECT severity, "at", path, rule, message, found FROM pg_temp.show(
	'501({0: 17, 1: [506(<< {1: {0: "a", 1: -1}, 4: {0: [[{0: {}}, []], [{0: {1: 2}}, [{1: {1: "x", 8: 8}}]]]}} >>)], 4: {0: 1(5)}})');

-- where and by what: section of the specification
SELECT DISTINCT section FROM pg_temp.show('501({1: [506(<< {1: {0: "a"}, 4: {}} >>)]})') ORDER BY 1;

-- a duplicate key
SELECT severity, "at", message FROM pg_temp.show('501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V", 1: "W"}}, [{1: {1: 1}}]]]}} >>)]})');

-- legacy forms by name, each once with a count
SELECT severity, "at", message FROM pg_temp.show(
	'500({0: "id", 3: "http://example.com", 1: [''a'', << 506({1: {0: "a"}, 4: {0: [[{0: {0: 600(h''00'')}}, {1: {1: 1}}],
	[{0: {0: 600(h''00''), 1: "V"}}, {1: {1: 1}}]]}}) >>]})');
SELECT severity, "at", message FROM pg_temp.show(
	'{0: "id", 3: "http://example.com", 1: [<< 506({1: {0: "a"}, 4: {0: [[{0: {0: 600(h''00'')}}, {1: {1: 1}}],
	[{0: {0: 600(h''00''), 1: "V"}}, {1: {1: 1}}]]}}) >>]}');

-- what is not known is kept, and said
SELECT severity, "at", path, rule, message FROM pg_temp.show(
	'501({0: "id", 9: 1, 3: 32("tag:example.com,2026:x"), 1: [999("new"), 506(<< {1: {0: "a"}, 4: {0: [[{0: {0: 888(1)}}, [{1: {-5: 1, 77: 2}}]], [{0: {1: "V"}}, [{1: {-5: 1}}]]]}} >>)]})');

-- a profile that is known: its members have names, and rules of their own
SELECT severity, path, rule, message, found FROM pg_temp.show(
	'501({0: "id", 3: 111(h''6086480186f84d011001''), 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}},
	[{1: {-70: 5, -73: 60010([2, 6]), -86: 60010([2, "six"]), -88: ["UpToDate"], -91: [554(1)], -125: [1, 2], -500: 1}}]]]}} >>)]})');
SELECT severity, path, message FROM pg_temp.show(
	'501({0: "id", 3: "tag:intel.com,2026:tee.poe#1.0", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {-101: h''0011''}}]]]}} >>)]})');

-- not in deterministic encoding
SELECT severity, "at", path, message FROM inspect('\xd901f5bf01818018190005ff'::bytea) AS t(severity, path, "at", rule, message, found, section);
SELECT severity, "at", message FROM pg_temp.show('501({1: [506(<< {4: {0: [[{0: {1: "V"}}, [{1: {1: 1_0, 15: 5}}]]]}, 1: {0: "a"}} >>)], 0_0: "id", 7: [_ 1.5_3]})');

-- tags inside: the same id
SELECT severity, path, rule, message, found FROM pg_temp.show(
	'501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}} >>), 506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}} >>),
	506(<< {1: {0: "a", 1: 3}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}} >>), 508(<< {0: {0: "a"}, 1: [{0: "a"}], 2: {1: 1(1000000)}} >>)]})');

-- validity: expired, not yet
SELECT severity, "at", message FROM pg_temp.show('501({0: "id", 4: {1: 1(1000000000)}, 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}} >>)]})');
SELECT severity, "at", message FROM pg_temp.show('501({0: "id", 4: {0: 1(5000000000), 1: 1(6000000000)}, 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}} >>)]})');
SELECT severity, "at", message FROM pg_temp.show('501({0: "id", 4: {0: 1(5000000000), 1: 1(4000000000)}, 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}} >>)]})');

-- signatures: what is missing, and what does not agree
SELECT severity, path, rule, message, found FROM pg_temp.show('18([<< {2: [1]} >>, {}, << 501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}} >>)]}) >>, h''00''])');
SELECT severity, path, rule, message, found FROM pg_temp.show('18([<< {1: -7, 3: "application/rim+cbor", 8: << {0: {0: "ACME"}, 1: {1: 1(1000000000)}} >>, 15: {1: "Other"}} >>, {4: ''key''}, null, h''00''])');
SELECT severity, message FROM pg_temp.show('18([<< {1: -7, 3: "application/rim+cbor", 4: ''k'', 8: << {0: {0: "ACME"}, 1: {1: 1(1000000000)}} >>} >>, {}, null, h''00''])');
SELECT severity, message FROM pg_temp.show('18([<< {1: -7, 258: -16, 259: "application/rim+cbor", 15: {1: "ACME", 5: 5000000000}} >>, {}, h''00'', h''00''])');

-- each fault of COSE headers that load() refuses, at its place in the document
SELECT what, severity, "at", message FROM (VALUES
	('kid that is no bytes', '{1: -7, 3: "application/rim+cbor", 4: "key", 15: {1: "ACME"}}', '{}'),
	('kid that is no bytes, unprotected', '{1: -7, 3: "application/rim+cbor", 15: {1: "ACME"}}', '{4: 5}'),
	('crit of nothing', '{1: -7, 2: [], 3: "application/rim+cbor", 15: {1: "ACME"}}', '{}'),
	('crit that is not understood', '{1: -7, 2: [99], 3: "application/rim+cbor", 15: {1: "ACME"}, 99: 0}', '{}'),
	('crit, unprotected', '{1: -7, 3: "application/rim+cbor", 15: {1: "ACME"}}', '{2: [3]}'),
	('unknown alg', '{1: -99, 3: "application/rim+cbor", 15: {1: "ACME"}}', '{}'),
	('missing alg', '{3: "application/rim+cbor", 15: {1: "ACME"}}', '{}'),
	('alg that is unprotected', '{3: "application/rim+cbor", 15: {1: "ACME"}}', '{1: -7}'),
	('x5chain that is none', '{1: -7, 3: "application/rim+cbor", 15: {1: "ACME"}, 33: 5}', '{}'),
	('x5chain of no certificate', '{1: -7, 3: "application/rim+cbor", 15: {1: "ACME"}, 33: h''0102''}', '{}'),
	('x5bag of no certificate', '{1: -7, 3: "application/rim+cbor", 15: {1: "ACME"}, 32: [h''0102'']}', '{}'),
	('x5t that is none', '{1: -7, 3: "application/rim+cbor", 15: {1: "ACME"}, 34: [5]}', '{}'),
	('a label twice', '{1: -7, 1: -8, 3: "application/rim+cbor", 15: {1: "ACME"}}', '{}'),
	('a label twice, unprotected', '{1: -7, 3: "application/rim+cbor", 15: {1: "ACME"}}', '{5: 1, 5: 1}'),
	('a label in both', '{1: -7, 3: "application/rim+cbor", 15: {1: "ACME"}}', '{3: 0}'),
	('a label that is none', '{1: -7, 1.5: 0, 3: "application/rim+cbor", 15: {1: "ACME"}}', '{}'),
	('a location that is unprotected', '{1: -7, 258: -16, 259: "application/rim+cbor", 15: {1: "ACME"}}', '{260: "https://x"}'),
	('a short digest', '{1: -7, 258: -15, 259: "application/rim+cbor", 15: {1: "ACME"}}', '{}'),
	('corim-meta that is none', '{1: -7, 3: "application/rim+cbor", 8: << {0: 5} >>}', '{}'),
	('none of these', '{1: -7, 3: "application/rim+cbor", 15: {1: "ACME"}}', '{}')) AS header (what, protected, unprotected)
LEFT JOIN LATERAL pg_temp.show(format('18([<< %s >>, %s, << 501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}} >>)]}) >>, h''%s''])',
	protected, unprotected, repeat('00', 64))) ON severity = 'error';
-- a COSE_Sign: its signatures as well
SELECT severity, "at", message FROM pg_temp.show(format('98([h'''', {}, << 501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}} >>)]}) >>,
	[[<< {1: -8, 4: 5} >>, {}, h''%1$s''], [h'''', {}, h''%1$s'']]])', repeat('00', 64)));
SELECT severity, "at", message FROM pg_temp.show(format('98([h'''', {}, << 501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}} >>)]}) >>,
	[[<< {1: -99} >>, {}, h''%1$s''], [h'''', {}, h''%1$s'']]])', repeat('00', 64)));
-- a collection: its members are looked at
SELECT extra, severity, message FROM unnest(ARRAY['3: 32("tag:x")', '4: 5']) AS extra, LATERAL pg_temp.show(format('18([<< {1: -8, 3: "application/cmw+cbor", 15: {1: "ACME"}} >>, {4: h''00''},
	<< {"__cmwc_t": "tag:rfc-editor.org,2026:corim", "one": ["application/rim+cbor", << 501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}} >>)], %2$s}) >>]} >>, h''%1$s''])',
	repeat('00', 64), extra));

-- other documents: a query, a result that is over, a CoMID alone, and what is none
SELECT severity, "at", rule, message, found FROM pg_temp.show('{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 7}}');
SELECT severity, "at", message FROM pg_temp.show('{1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}, 0: "tag:x"}');
SELECT severity, "at", message FROM pg_temp.show('{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}, 2: {0: [], 10: 0("2020-01-01T00:00:00Z")}}');
SELECT severity, rule, message FROM pg_temp.show('{1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}}');
SELECT severity, rule, message, found FROM pg_temp.show('17');
SELECT severity, rule, message, found FROM pg_temp.show('32("x")');

-- garbage: a row with the offset, never an error
SELECT severity, "offset", path, message, found, section FROM inspect('');
SELECT severity, "offset", message, found FROM inspect('\xd901f5a2');
SELECT severity, "offset", message, found FROM inspect('\x0102');
SELECT severity, "offset", message, found FROM inspect('\x1c');
SELECT severity, "offset", message, found FROM inspect(decode(repeat('81', 2000), 'hex'));
SELECT severity, "offset", message, found FROM inspect('\x9bffffffffffffffff');
SELECT severity, "offset", message, found FROM inspect('\xd901f5bbffffffffffffffff');
SELECT severity, "offset", message FROM inspect('GIF89a');
SELECT count(*) > 0 FROM (SELECT (inspect(substr(d, 1, n))).* FROM
	(SELECT '501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}} >>)]})'::cbor::bytea AS d) s, generate_series(0, 40) n) t;
-- and bounded: a document with more faults than anybody reads
SELECT severity, count(*), max(message) FILTER (WHERE severity = 'note') FROM inspect(('501({0: "id", 1: [' || repeat('1, ', 5000) || '1]})')::cbor::bytea) GROUP BY 1 ORDER BY 1;
SELECT count(*), max(message) FILTER (WHERE "offset" IS NULL) FROM inspect(('501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}} >>)], '
	|| (SELECT string_agg(n || ': 0', ', ') FROM generate_series(10, 600) n) || '})')::cbor::bytea);
SELECT inspect(NULL);

-- co-constraints of CoSWID: a patch is not supplemental, says what it patches; primary tags have a version
SELECT severity, path, message, section FROM pg_temp.show('{0: "t", 12: 0, 1: "n", 2: {31: "ACME", 33: 1}, 9: true, 11: true}');
SELECT severity, message, section FROM pg_temp.show('{0: "t", 12: 0, 1: "n", 2: {31: "ACME", 33: 1}, 9: true, 4: {38: 32("a:b"), 40: 11}}');
SELECT severity, message, section FROM pg_temp.show('{0: "t", 12: 0, 1: "n", 2: {31: "ACME", 33: 1}, 9: true, 4: [{38: 32("a:b"), 40: "see"}, {38: 32("a:b"), 40: 7}]}');
SELECT severity, message, section FROM pg_temp.show('{0: "t", 12: 0, 1: "n", 2: {31: "ACME", 33: 1}, 11: true}');
SELECT severity, message, section FROM pg_temp.show('{0: "t", 12: 0, 1: "n", 2: {31: "ACME", 33: 1}, 11: true, 4: {38: 32("a:b"), 40: "supplemental"}}');
SELECT severity, message, section FROM pg_temp.show('{0: "t", 12: 0, 1: "n", 2: {31: "ACME", 33: 1}}');

-- the switch: what is named above is refused while it is off
CREATE FUNCTION pg_temp.loads(document text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	d text;
BEGIN
	PERFORM coserv_inspect.load(document::coserv.cbor::bytea, authority => 'me');
	RETURN 'loaded';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS d = PG_EXCEPTION_DETAIL;
	RETURN SQLSTATE || ' ' || SQLERRM || ': ' || d;
END $$;
SET client_min_messages = warning;
SELECT create_store('coserv_inspect');
INSERT INTO coserv_inspect.authority (name, key, accepts_unsigned) VALUES ('me', '560(h''00'')', true);
SET coserv.accept_legacy = off;
SELECT pg_temp.loads('501({0: "id", 3: "http://example.com", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}} >>)]})');
SELECT pg_temp.loads('501({0: "id", 1: [506({1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}})]})');
SELECT pg_temp.loads('501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {0: 600(h''00'')}}, {1: {1: 1}}]]}} >>)]})');
SELECT severity, message FROM pg_temp.show('501({0: "id", 1: [506({1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}})]})');
RESET coserv.accept_legacy;
SELECT pg_temp.loads('501({0: "id", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {0: 600(h''00'')}}, {1: {1: 1}}]]}} >>)]})');
SELECT legacy FROM coserv_inspect.manifest;

-- what a profile demands of triples beyond the CDDL: a warning, and an error where the authority says so
CREATE FUNCTION pg_temp.arm(profile text, triples text) RETURNS text LANGUAGE sql AS $$
	SELECT format('501({0: "arm", 1: [506(<< {1: {0: "a"}, 4: %s} >>)], 3: 32("tag:arm.com,2025:%s")})', triples, profile) $$;
\set good '{0: [[{0: {0: 560(h\'0101010101010101010101010101010101010101010101010101010101010101\')}}, [{0: "psa.software-component", 1: {2: [["sha-256", h\'0202020202020202020202020202020202020202020202020202020202020202\']], 13: [560(h\'0303030303030303030303030303030303030303030303030303030303030303\')]}}]]]}'
\set bad '{0: [[{0: {0: 560(h\'01010101010101010101010101010101010101010101010101010101010101\')}}, [{0: "psa.software-component", 1: {2: [[1, h\'0202020202020202020202020202020202020202020202020202020202020202\']]}}]]], 3: [[{0: {0: 560(h\'0101010101010101010101010101010101010101010101010101010101010101\')}, 1: 550(h\'010101010101010101010101010101010101010101010101010101010101010101\')}, [554("a"), 554("b")]]]}'
SELECT severity, path, message FROM pg_temp.show(pg_temp.arm('psa#1.0.0', :'good'));
SELECT severity, path, message FROM pg_temp.show(pg_temp.arm('psa#1.0.0', :'bad')) ORDER BY 1, 2, 3;
SELECT pg_temp.loads(pg_temp.arm('psa#1.0.0', :'bad'));
UPDATE coserv_inspect.authority SET strict_profile = true;
SELECT pg_temp.loads(pg_temp.arm('psa#1.0.0', replace(:'bad', '"a"', '"c"')));
SELECT pg_temp.loads(pg_temp.arm('psa#1.0.0', :'good'));
SELECT pg_temp.loads(pg_temp.arm('cca_platform#1.0.0', :'good'));
-- of a profile that is not built in nothing is known
SELECT pg_temp.loads('501({0: "own", 1: [506(<< {1: {0: "a"}, 4: {0: [[{0: {1: "V"}}, [{1: {1: 1}}]]]}} >>)], 3: 32("tag:example.com,2026:own")})');
SELECT drop_store('coserv_inspect');
