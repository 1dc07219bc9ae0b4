-- The type environment: input, deterministic form, attributes, containment, selection by CoSERV queries.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
RESET client_min_messages;
SET search_path = coserv, public;

-- stored in deterministic encoding, whatever came
SELECT '{1: 550(h''02deadbeefdead''), 0: {2: "Rocket", 1: "ACME", 0: 37(h''31fb5abf023e4992aa4e95f9c1503bfa'')}}'::environment;
SELECT '{_ 0: {1_1: "ACME"}}'::environment, '\xa100a1016441434d45'::environment;
SELECT e::bytea, e::cbor, environment_send(e) FROM (SELECT '{0: {1: "A"}}'::environment e) s;
SELECT '{0: {1: "A"}}'::cbor::environment, '\xa200a101614102d825500102030405060708090a0b0c0d0e0f10'::bytea::environment;
SELECT describe('{0: {0: 560(h''c0ffee''), 1: "ACME", 3: 1}, 2: 37(h''31fb5abf023e4992aa4e95f9c1503bfa'')}'::environment);

-- identifiers of older drafts in their current form
SELECT e::environment, e::environment::text::environment = e::environment AS stable FROM unnest(ARRAY[
	'{0: {0: 111(h''06062b0601040101'')}}', '{0: {0: 600(h''0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20'')}}']) e;
SELECT '{0: {0: 111(h''06062b0601040101'')}}'::environment @@ '{0: "tag:x", 1: {0: 2, 1: {0: [[{0: 111(h''2b0601040101'')}]]}, 2: 0}}' AS new_query,
	'{0: {0: 111(h''2b0601040101'')}}'::environment @@ '{0: "tag:x", 1: {0: 2, 1: {0: [[{0: 111(h''06062b0601040101'')}]]}, 2: 0}}' AS old_query;

-- refused
SELECT '{}'::environment;
SELECT '{0: {}}'::environment;
SELECT '{0: {1: 5}}'::environment;
\echo :LAST_ERROR_SQLSTATE
SELECT '{0: {3: -1}}'::environment;
SELECT '{0: {1: "A"}, 0: {1: "B"}}'::environment;
SELECT '\xa100a10105'::bytea::environment;
SELECT '[1]'::cbor::environment;
SELECT '{0: {1: "A"'::environment;
\echo :LAST_ERROR_SQLSTATE
SET coserv.accept_legacy = off;
SELECT '{0: {0: 600(h''0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20'')}}'::environment;
\echo :LAST_ERROR_SQLSTATE
RESET coserv.accept_legacy;
SELECT environment_class_id('{0: {0: 600(h''0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20'')}}');

-- soft errors, where the server has them (16 and later)
DO $$
DECLARE
	answer boolean[];
BEGIN
	IF current_setting('server_version_num')::int < 160000 THEN
		RETURN;
	END IF;
	EXECUTE $q$SELECT array_agg(pg_input_is_valid(i, t) ORDER BY t, i) FROM (VALUES ('coserv.environment', '{0: {1: "A"}}'), ('coserv.environment', '{0: {1: 5}}'),
		('coserv.environment', '{'), ('coserv.crypto_key', '5'), ('coserv.cbor', '5'), ('coserv.corim', '5'), ('coserv.coserv', '5'), ('coserv.measurement', '5')) v (t, i)$q$
		INTO answer;
	ASSERT answer = ARRAY[true, false, false, false, false, true, false, false], answer::text;
END $$;

-- attributes
CREATE TABLE env_attrs (id int, e environment);
INSERT INTO env_attrs VALUES
	(1, '{0: {0: 37(h''31fb5abf023e4992aa4e95f9c1503bfa''), 1: "ACME", 2: "Rocket", 3: 2, 4: 7}, 1: 550(h''02deadbeefdead''), 2: 560(h''0a'')}'),
	(2, '{0: {0: 111(h''2b0601040182371502'')}, 1: 37(h''00112233445566778899aabbccddeeff'')}'),
	(3, '{0: {0: 560(h''c0ffee'')}, 2: 37(h''00112233445566778899aabbccddeeff'')}'),
	(4, '{1: 560(h''0102'')}'),
	(5, '{0: {1: "ü", 3: 18446744073709551615}}');
SELECT id, environment_class_id(e), environment_class_id_type(e), environment_vendor(e), environment_model(e), environment_layer(e), environment_index(e)
	FROM env_attrs ORDER BY id;
SELECT id, environment_instance(e), environment_instance_type(e), environment_group(e), environment_group_type(e), environment_class(e)
	FROM env_attrs ORDER BY id;

-- equality and order are those of the bytes
SELECT '{0: {2: "R", 1: "A"}}'::environment = '{0: {1: "A", 2: "R"}}', '{0: {1: "A"}}'::environment = '{0: {1: "B"}}',
	'{0: {1: "A"}}'::environment <> '{0: {1: "B"}}', environment_cmp('{0: {1: "A"}}', '{0: {1: "B"}}') < 0,
	environment_hash('{0: {2: "R", 1: "A"}}') = environment_hash('{0: {1: "A", 2: "R"}}');
SELECT count(*), count(DISTINCT e) FROM (SELECT e FROM env_attrs UNION ALL SELECT e FROM env_attrs) s;

-- Attribute Path Containment: more attributes contain fewer
SELECT l, r, l::environment @> r::environment AS "@>", r::environment <@ l::environment AS "<@", l::environment <@ r::environment AS reverse FROM (VALUES
	('{0: {1: "A", 2: "R"}}', '{0: {1: "A"}}'), ('{0: {1: "A"}}', '{0: {1: "A"}}'), ('{0: {1: "A"}}', '{0: {1: "B"}}'), ('{0: {1: "A"}}', '{0: {2: "A"}}'),
	('{0: {1: "A"}, 1: 560(h''01'')}', '{1: 560(h''01'')}'), ('{0: {1: "A"}, 1: 560(h''01'')}', '{2: 560(h''01'')}'),
	('{0: {1: "A", 3: 0}}', '{0: {1: "A", 4: 0}}'), ('{0: {0: 560(h''01'')}}', '{0: {0: 560(h''0102'')}}'),
	('{0: {1: "A"}, 1: 560(h''01''), 2: 560(h''01'')}', '{0: {1: "A"}, 2: 560(h''01'')}')) v (l, r);

-- selection: each field of an entry that is set must be there and equal; entries are alternatives
SELECT e, q, e::environment @@ q::coserv AS "@@", q::coserv @@ e::environment AS commuted FROM (VALUES
	('{0: {1: "A", 2: "R"}, 1: 560(h''01'')}', '{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "A"}]]}, 2: 0}}'),
	('{0: {1: "A", 2: "R"}}', '{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "A", 2: "R"}]]}, 2: 0}}'),
	('{0: {1: "A", 2: "R"}}', '{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "A", 2: "S"}]]}, 2: 0}}'),
	('{0: {1: "A", 2: "R"}}', '{0: "tag:x", 1: {0: 2, 1: {0: [[{1: "B"}], [{2: "R"}]]}, 2: 0}}'),
	('{0: {1: "A", 2: "R"}}', '{0: "tag:x", 1: {0: 2, 1: {1: [[560(h''01'')]]}, 2: 0}}'),
	('{0: {1: "A"}, 1: 560(h''01'')}', '{0: "tag:x", 1: {0: 2, 1: {1: [[560(h''02'')], [560(h''01'')]]}, 2: 0}}'),
	('{1: 560(h''01'')}', '{0: "tag:x", 1: {0: 2, 1: {2: [[560(h''01'')]]}, 2: 0}}'),
	('{2: 560(h''01'')}', '{0: "tag:x", 1: {0: 2, 1: {2: [[560(h''01'')]]}, 2: 0}}')) v (e, q);
DROP TABLE env_attrs;
