-- Views with typed columns: each column from a vector of its own, through a store; legacy forms and extensions give what is sensible.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set certifier_pub `cat :'srcdir'/data/certifier.pub`
SELECT coserv.create_store('regress_views');
INSERT INTO regress_views.authority (name, key, accepts_unsigned) VALUES ('acme', :'acme_pub', true), ('certifier', :'certifier_pub', true);

-- an unsigned CoRIM with one CoMID of these triples
CREATE FUNCTION corim(id text, triples text) RETURNS bytea LANGUAGE sql STABLE AS $$
	SELECT format('501({0: "%1$s", 1: [506(<<{1: {0: "%1$s"}, 4: %2$s}>>)]})', id, triples)::coserv.corim::bytea
$$;
CREATE FUNCTION load(id text, triples text, authority text DEFAULT 'acme') RETURNS boolean LANGUAGE sql VOLATILE AS $$
	SELECT regress_views.load(corim(id, triples), authority) IS NOT NULL
$$;

-- every codepoint of a measurement
SELECT load('values', $${0: [
	[{0: {1: "values"}}, [
		{0: "version", 1: {0: {0: "1.2.3", 1: 16384}}},
		{0: "version, scheme by name", 1: {0: {0: "7", 1: "decimal"}}},
		{0: "version, scheme of its own", 1: {0: {0: "a", 1: -7}}},
		{0: "version alone", 1: {0: {0: "b"}}},
		{0: "svn", 1: {1: 5}},
		{0: "svn, tagged", 1: {1: 552(18446744073709551615)}},
		{0: "min-svn", 1: {1: 553(6)}},
		{0: "digests", 1: {2: [[1, h'01'], [-44, h'02']]}},
		{0: "digest by name", 1: {2: [["SHA-384", h'03']]}},
		{0: "digest, unknown algorithm", 1: {2: [["md4", h'04']]}},
		{0: "digest, unknown number", 1: {2: [[99, (_ h'05', h'06')]]}},
		{0: "flags", 1: {3: {0: true, 3: false, 10: true, 77: "x", -1: [1]}}},
		{0: "raw-value", 1: {4: 560(h'0102')}},
		{0: "masked raw-value", 1: {4: 563([h'0102', h'ff00'])}},
		{0: "masked raw-value of old", 1: {4: 560(h'0102'), 5: h'00ff'}},
		{0: "EUI-48", 1: {6: h'08002b010203'}},
		{0: "EUI-64", 1: {6: h'08002bfffe010203'}},
		{0: "IPv4", 1: {7: h'c0000201'}},
		{0: "IPv6", 1: {7: h'20010db8000000000000000000000001'}},
		{0: "IPv4, tagged", 1: {7: 52(h'c0000202')}},
		{0: "serial-number", 1: {8: "SN-1"}},
		{0: "ueid", 1: {9: h'0102030405060708'}},
		{0: "uuid", 1: {10: h'31fb5abf023e4992aa4e95f9c1503bfa'}},
		{0: "name", 1: {11: "a name"}},
		{0: "cryptokeys", 1: {13: [560(h'01'), 559([1, h'02'])]}},
		{0: "integrity-registers", 1: {14: {5: [[1, h'01']], "5": [[1, h'02']]}}},
		{0: "an integer", 1: {15: -5}},
		{0: "range", 1: {15: 564([1, 10])}},
		{0: "range, open below", 1: {15: 564([null, 10])}},
		{0: "range, open above", 1: {15: 564([1, null])}},
		{0: "range, open", 1: {15: 564([null, null])}},
		{0: "range to the largest", 1: {15: 564([1, 9223372036854775806])}},
		{0: "range beyond int8", 1: {15: 564([1, 9223372036854775807])}},
		{0: "range far beyond int8", 1: {15: 564([-18446744073709551616, 18446744073709551615])}},
		{0: "authorized-by", 1: {1: 1}, 2: [560(h'0a'), 560(h'0b')]},
		{0: "bool", 1: {16: false}},
		{0: "number", 1: {17: -18446744073709551616}}, {0: "number, float", 1: {17: 1.5}}, {0: "number, NaN", 1: {17: NaN}},
		{0: "number, range", 1: {17: 565([1, 2.5])}}, {0: "number, open range", 1: {17: 565([null, -1])}}, {0: "number, set", 1: {17: 566([1, 2.5])}},
		{0: "text", 1: {18: "a"}}, {0: "text, set", 1: {18: 566(["b", "a"])}},
		{0: "bytes", 1: {19: h'0a'}}, {0: "bytes, set", 1: {19: 566([h'', (_ h'0a', h'0b')])}},
		{0: "other", 1: {1: 1, 12: "twelve", 100: 5, -101: h'abcd', 99: {1: 2}}}
	]]]}$$);
\pset null '-'
SELECT mkey, version, version_scheme FROM regress_views.reference_value WHERE version IS NOT NULL ORDER BY position;
SELECT mkey, svn, min_svn FROM regress_views.reference_value WHERE num_nonnulls(svn, min_svn) > 0 ORDER BY position;
SELECT mkey, digest_alg, digest, digests FROM regress_views.reference_value WHERE digests IS NOT NULL ORDER BY position;
SELECT mkey, flags, flags -> 'is-configured' AS is_configured FROM regress_views.reference_value WHERE flags IS NOT NULL ORDER BY position;
SELECT mkey, raw_value, raw_value_mask FROM regress_views.reference_value WHERE raw_value IS NOT NULL ORDER BY position;
SELECT mkey, mac, mac = '08:00:2b:01:02:03' AS same FROM regress_views.reference_value WHERE mac IS NOT NULL ORDER BY position;
SELECT mkey, ip, family(ip), ip << '192.0.2.0/24' AS inside FROM regress_views.reference_value WHERE ip IS NOT NULL ORDER BY position;
SELECT mkey, serial_number, ueid, uuid, name FROM regress_views.reference_value WHERE num_nonnulls(serial_number, ueid, uuid, name) > 0 ORDER BY position;
SELECT mkey, cryptokeys, cryptokeys[2], integrity_registers FROM regress_views.reference_value WHERE num_nonnulls(cryptokeys, integrity_registers) > 0 ORDER BY position;
SELECT mkey, int_range, 5::bigint <@ int_range AS has_5, coserv.cbor_diag(measurement::coserv.cbor) FROM regress_views.reference_value WHERE mkey ~ 'range|integer' ORDER BY position;
SELECT mkey, bool_value, number_value, number_range, number_set, text_value, text_set, bytes_value, bytes_set FROM regress_views.reference_value
	WHERE num_nonnulls(bool_value, number_value, number_range, number_set, text_value, text_set, bytes_value, bytes_set) > 0 ORDER BY position;
SELECT mkey, authorized_by FROM regress_views.reference_value WHERE authorized_by IS NOT NULL;
SELECT mkey, other, svn FROM regress_views.reference_value WHERE other IS NOT NULL;
SELECT count(*) FROM regress_views.reference_value;

-- keys of measurements and parts of environments
SELECT load('environments', $${0: [
	[{0: {0: 37(h'31fb5abf023e4992aa4e95f9c1503bfa'), 1: "V", 2: "M", 3: 1, 4: 2}, 1: 550(h'02deadbeefdead'), 2: 560(h'0c')}, [{0: 37(h'31fb5abf023e4992aa4e95f9c1503bfa'), 1: {1: 1}}]],
	[{0: {0: 111(h'2b0601'), 1: "with \u0000 in it", 3: 18446744073709551615}}, [{0: 111(h'2b0602'), 1: {11: "name \u0000"}}, {0: 7, 1: {1: 1}}, {1: {1: 1}}]]
	], 1: [[{0: {1: "endorsed"}}, [{1: {11: "endorsed name"}}]]]}$$);
SELECT vendor, model, class_id, layer, index, instance, group_id, mkey, name FROM regress_views.reference_value WHERE vendor <> 'values' ORDER BY ordinal, position;
SELECT environment, mkey, name, authority, profile, not_before, not_after, manifest IS NOT NULL AS manifest, ordinal, position FROM regress_views.endorsed_value;

-- keys
SELECT load('keys', $${2: [[{1: 560(h'01')}, [560(h'aa'), 557([1, h'bb'])], {0: "element", 1: [560(h'cc')]}]],
	3: [[{1: 560(h'02')}, [558({1: 1, -1: 6, -2: h'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'})]],
		[{1: 560(h'03')}, [{0: "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}, 9999("unknown")]]]}$$);
SELECT instance, key, key_type, mkey, authorized_by, position FROM regress_views.identity_key ORDER BY ordinal, position;
SELECT instance, key, key_type, mkey, authorized_by, position FROM regress_views.attest_key ORDER BY ordinal, position;

-- relations between environments
SELECT load('relations', $${4: [[{0: {1: "domain"}}, [{0: {1: "trustee 1", 2: "model"}}, {1: 560(h'01')}]]], 5: [[{2: 560(h'05')}, [{0: {0: 560(h'06'), 3: 1, 4: 2}}]]]}$$);
SELECT vendor, trustee_environment, trustee_vendor, trustee_model, trustee_instance, position FROM regress_views.trust_dependency ORDER BY position;
SELECT group_id, member_environment, member_class_id, member_layer, member_index, member_group_id FROM regress_views.domain_membership;

-- conditions
SELECT load('conditions', $${10: [[[[{0: {1: "first"}}, [{0: "a", 1: {1: 1}}, {0: "b", 1: {1: 2}}]], [{0: {1: "second"}}, [{1: {1: 3}}]]],
		[[{0: {1: "third"}}, [{1: {11: "added"}}]], [{0: {1: "fourth"}}, [{1: {11: "added too"}}]]]]],
	8: [[[{0: {1: "common"}}, [{0: "c", 1: {1: 0}}], [560(h'01')]], [[[{0: "s", 1: {1: 1}}], [{1: {11: "one"}}]], [[{0: "s", 1: {1: 2}}], [{1: {11: "two"}}, {1: {11: "two again"}}]]]],
		[[{0: {1: "none in common"}}, []], [[[{1: {1: 1}}], [{1: {11: "one"}}]]]]]}$$);
SELECT role, number, position, vendor, mkey, svn, name FROM regress_views.conditional_endorsement ORDER BY ordinal, role, number, position;
SELECT role, number, position, vendor, common_authorized_by, mkey, svn, name FROM regress_views.conditional_endorsement_series ORDER BY ordinal, number NULLS FIRST, role DESC, position;

-- CoSWID: files in the payload and in directories, evidence; linked by tags of the same authority only
CREATE FUNCTION coswid(id text, version int, content text, authority text) RETURNS boolean LANGUAGE sql VOLATILE AS $$
	SELECT regress_views.load(format('501({0: "%5$s.%2$s of %4$s", 1: [505(<<{0: %1$s, 1: "software", 12: %2$s, 13: "2.0", 2: {31: "ACME", 33: 1}, %3$s}>>)]})',
		CASE WHEN id ~ '^h''' THEN id ELSE format('"%s"', id) END, version, content, authority, md5(id))::coserv.corim::bytea, authority) IS NOT NULL
$$;
SELECT load('links', $${6: [[{0: {1: "linked"}}, ["tag", h'31fb5abf023e4992aa4e95f9c1503bfa', "nowhere"]]]}$$);
SELECT vendor, tag_id, position FROM regress_views.coswid_link ORDER BY position;
SELECT count(*) FROM regress_views.coswid_reference_value;
SELECT coswid('tag', 1, $$6: {17: {24: "old.bin", 7: [1, h'00']}}$$, 'acme'),
	coswid('tag', 2, $$6: {17: [{24: "a.bin", 20: 18446744073709551615, 21: "1.0", 7: [1, h'0a'], 22: true}, {24: "b.bin", 23: "lib", 25: "/opt"}],
		16: {24: "usr", 25: "/", 26: {16: [{24: "bin", 26: {17: {24: "c", 7: [7, h'0c'], 22: false}}}, {23: "/var", 24: "log", 26: {17: [{24: "d"}, {23: "e", 24: "f"}]}}]}}}$$, 'acme'),
	coswid('tag', 3, $$6: {17: {24: "another's.bin", 7: [1, h'0a']}}$$, 'certifier'),
	coswid('h''31fb5abf023e4992aa4e95f9c1503bfa''', 0, $$3: {35: 1(0), 23: "C:/found", 17: {24: "x", 7: [99, h'0d']}}$$, 'acme'),
	coswid('not linked', 0, $$6: {17: {24: "y", 7: [1, h'0a']}}$$, 'acme');
SELECT tag_id, tag_version, source, path, name, size, version, digest_alg, digest, key FROM regress_views.coswid_reference_value ORDER BY tag_id DESC, position;
SELECT DISTINCT vendor, software_name, software_version, authority, manifest <> tag_manifest AS elsewhere, tag_ordinal FROM regress_views.coswid_reference_value;
SELECT coserv.tag_content(regress_views.document(id), 0) OPERATOR(coserv.->) 1 AS software, coserv.tag_content(regress_views.document(id), 1), coserv.tag_content(regress_views.document(id), -1) FROM regress_views.manifest WHERE corim_id ~ '\.2 of acme';
-- a tag that is revoked gives no files; the older version answers again
INSERT INTO regress_views.revocation (authority, tag_id, tag_version, reason) VALUES ('acme', 'tag', 2, 'test');
SELECT tag_id, tag_version, path FROM regress_views.coswid_reference_value ORDER BY 1 DESC;

-- legacy forms
SELECT load('legacy', $${0: [
	[{0: {1: "legacy"}}, {0: "single-measurement-map", 1: {2: [1, h'01']}}],
	[{0: {1: "legacy"}}, [{0: "untagged-raw-value", 1: {4: h'0102'}}, {0: "flag-bits", 1: {3: h'05'}}, {0: "repeated", 1: {2: [[1, h'01'], [1, h'02']]}},
		{0: "single-key", 1: {1: 1}, 2: 554("key")}, {0: 601({1: "BL", 5: h'01'}), 1: {1: 1}}]]]}$$);
SELECT mkey, digest_alg, digest, digests, flags, raw_value, authorized_by FROM regress_views.reference_value WHERE vendor = 'legacy' ORDER BY ordinal, position;

-- the functions take anything
SELECT * FROM unnest(ARRAY['1', '[]', '[1]', '[1, 2]', '[{}, {}]', '[{}, [1, {1: 2}]]', '[[1], [2]]', '[[[1]], [[1, [{}]]]]', '[[{}, 1], [[1, 2], 3]]', '{6: 1, 3: {16: 1, 17: 1}}', '[{}, [[[]]]]']::coserv.cbor[]) c,
	LATERAL (SELECT (SELECT count(*) FROM coserv.measurements(c)) AS reference, (SELECT count(*) FROM coserv.measurements(c, 8::smallint)) AS series,
		(SELECT count(*) FROM coserv.measurements(c, 10::smallint)) AS conditional, (SELECT count(*) FROM coserv.keys(c)) AS keys,
		(SELECT count(*) FROM coserv.environments(c)) AS environments, (SELECT count(*) FROM coserv.coswid_tag_ids(c)) AS tag_ids,
		(SELECT count(*) FROM coserv.coswid_files(c)) AS files) n;
SELECT count(*) FROM coserv.measurements('[{}, [{1: {}}]]', 3::smallint);
SELECT path FROM coserv.coswid_files(format('{6: {16: {24: "%s", 26: {17: {24: "x"}}}}}', repeat('a', 4095))::coserv.cbor);

-- as of now the functions of a moment are the views, and as of a moment before anything was said they are empty
CREATE FUNCTION pg_temp.compare(name text, OUT rows bigint, OUT differ bigint, OUT before bigint) LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SELECT count(*) FROM regress_views.%I', name) INTO rows;
	EXECUTE format('SELECT count(*) FROM ((SELECT v::text FROM regress_views.%1$I v EXCEPT ALL SELECT v::text FROM regress_views.%2$I(now()) v)
		UNION ALL (SELECT v::text FROM regress_views.%2$I(now()) v EXCEPT ALL SELECT v::text FROM regress_views.%1$I v)) d', name, name || '_at') INTO differ;
	EXECUTE format('SELECT count(*) FROM regress_views.%I(''2020-01-01'')', name || '_at') INTO before;
END $$;
SELECT name, rows > 0 AS has_rows, differ, before
FROM unnest('{current_triple,reference_value,endorsed_value,attest_key,identity_key}'::text[]) AS name, pg_temp.compare(name);

-- every view runs with the rights of who asks, and has a comment
SELECT c.relname, c.reloptions, obj_description(c.oid, 'pg_class') IS NOT NULL AS has_comment
FROM pg_class c WHERE c.relnamespace = 'regress_views'::regnamespace AND c.relkind = 'v' ORDER BY 1;

SELECT coserv.drop_store('regress_views');
DROP FUNCTION corim, load, coswid;
