-- The type measurement: input, parts, and the rules of comparison as an operator.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
RESET client_min_messages;
SET search_path = coserv, public;

SELECT '{1: {2: [[1, h''aa'']], 1: 552(3)}, 0: "bl2"}'::measurement;
SELECT m::cbor::measurement = m, m::bytea::measurement = m, m::text::measurement = m FROM (SELECT '{1: {1: 552(3)}}'::measurement m) s;
SELECT describe('{0: "bl2", 1: {1: 552(3)}}'::measurement);
SELECT '{0: "a"}'::measurement;
SELECT '{0: "a", 1: {}}'::measurement;
SELECT '{0: "a", 1: {1: "x"}}'::measurement;
\echo :LAST_ERROR_SQLSTATE

SELECT m, measurement_key(m), measurement_key_type(m), measurement_values(m) FROM unnest(ARRAY[
	'{0: "bl2", 1: {1: 552(3)}}', '{0: 7, 1: {11: "n"}}', '{0: 37(h''00112233445566778899aabbccddeeff''), 1: {11: "n"}}',
	'{0: 111(h''2b06''), 1: {11: "n"}}', '{1: {11: "n"}}']::measurement[]) m;

-- the left, as entry, satisfies the right, as condition
SELECT e, c, e::measurement @> c::measurement AS "@>", c::measurement <@ e::measurement AS "<@" FROM (VALUES
	('{0: 1, 1: {1: 552(3)}}', '{0: 1, 1: {1: 552(3)}}'), ('{0: 1, 1: {1: 552(3)}}', '{0: 1, 1: {1: 553(2)}}'), ('{0: 1, 1: {1: 552(1)}}', '{0: 1, 1: {1: 553(2)}}'),
	('{0: 1, 1: {1: 552(3)}}', '{0: 2, 1: {1: 552(3)}}'), ('{0: 1, 1: {1: 552(3)}}', '{1: {1: 552(3)}}'),
	('{1: {2: [[1, h''0101010101010101010101010101010101010101010101010101010101010101'']], 11: "n"}}', '{1: {2: [[1, h''0101010101010101010101010101010101010101010101010101010101010101'']]}}'),
	('{1: {2: [[1, h''0101010101010101010101010101010101010101010101010101010101010101'']]}}', '{1: {2: [[1, h''0201010101010101010101010101010101010101010101010101010101010101'']]}}'),
	('{1: {11: "n"}}', '{1: {11: "m"}}')) v (e, c);
-- nobody vouches for an entry that stands alone
SELECT '{1: {11: "n"}}'::measurement @> '{1: {11: "n"}, 2: [560(h''01'')]}';
-- flag bits of old drafts: no rule compares them
SELECT '{1: {3: 10}}'::measurement @> '{1: {3: 10}}' AS bits, '{1: {3: {1: true, 3: true}}}'::measurement @> '{1: {3: {1: true}}}' AS flags;
SELECT '{1: {11: "n"}}'::measurement = '{1: {11: "n"}}', '{1: {11: "n"}}'::measurement <> '{1: {11: "m"}}';
