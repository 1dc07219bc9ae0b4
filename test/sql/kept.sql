-- Evidence kept, and appraised anew where a change can touch it
\set VERBOSITY terse
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE EXTENSION IF NOT EXISTS coserv;
SELECT coserv.create_store('regress_kept');
INSERT INTO regress_kept.authority (name, key, accepts_unsigned) VALUES ('acme', '560(h''ac'')', true), ('other', '560(h''0e'')', true);
CREATE FUNCTION pg_temp.document(id text, triples text, version int DEFAULT 0, validity text DEFAULT '') RETURNS bytea LANGUAGE sql AS
	$$ SELECT format('501({0: "%1$s %3$s", 1: [506(<<{1: {0: "%1$s", 1: %3$s}, 4: {%2$s}}>>)]%4$s})', id, triples, version, validity)::coserv.corim::bytea $$;
CREATE FUNCTION pg_temp.load(id text, triples text, version int DEFAULT 0, validity text DEFAULT '', who text DEFAULT 'acme') RETURNS uuid LANGUAGE sql AS
	$$ SELECT regress_kept.load(pg_temp.document(id, triples, version, validity), who) $$;
CREATE FUNCTION pg_temp.reference(digest text, vendor text DEFAULT 'ACME', mkey text DEFAULT '0: "boot", ') RETURNS text LANGUAGE sql AS
	$$ SELECT format('0: [[{0: {1: "%s"}}, [{%s1: {2: [[1, h''%s'']]}}]]]', vendor, mkey, digest) $$;
CREATE FUNCTION pg_temp.evidence(digest text, more text DEFAULT '', vendor text DEFAULT 'ACME', instance int DEFAULT 1) RETURNS coserv.cbor LANGUAGE sql AS
	$$ SELECT format('{"environment": {0: {1: "%s"}, 1: 560(h''%s'')}, "element-list": [{"element-id": "boot", "element-claims": {2: [[1, h''%s'']]}}%s], "cmtype": 2, "authority": [560(h''a7'')]}',
		vendor, lpad(to_hex(instance), 8, '0'), digest, more)::coserv.cbor $$;
CREATE FUNCTION pg_temp.standings(verdict coserv.cbor) RETURNS text LANGUAGE sql AS
	$$ SELECT string_agg(e OPERATOR(coserv.->>) 'standing'::text, ', ' ORDER BY n) FROM coserv.cbor_array_elements(verdict) WITH ORDINALITY AS v (e, n) $$;
CREATE FUNCTION pg_temp.last() RETURNS TABLE (attester text, standings text, documents text) LANGUAGE sql AS
	$$ SELECT a.attester, pg_temp.standings(a.verdict), (SELECT string_agg(m.corim_id, ', ' ORDER BY m.corim_id) FROM regress_kept.manifest m WHERE m.id = ANY (a.manifests))
		FROM regress_kept.appraisals() a ORDER BY a.attester, a.ordinal $$;
CREATE FUNCTION pg_temp.again() RETURNS TABLE (attester text, before text, after text) LANGUAGE sql AS
	$$ SELECT r.attester, pg_temp.standings(r.before), pg_temp.standings(r.after) FROM regress_kept.reappraise() r $$;

-- off, unless a store asks for it
SELECT * FROM regress_kept.keep_appraisal('device 1', pg_temp.evidence('aa'));
SELECT count(*) FROM regress_kept.reappraise();
SELECT regress_kept.keep_evidence_for('0');
SELECT regress_kept.keep_evidence_for('90 days');

-- what is kept of an appraisal: what came out, and whose documents took part
SELECT pg_temp.load('one', pg_temp.reference('aa')) AS one \gset
SELECT attester, ordinal, environment, pg_temp.standings(verdict), manifests = ARRAY[:'one']::uuid[] AS manifests, length(digest) FROM regress_kept.keep_appraisal('device 1', pg_temp.evidence('aa'));
SELECT pg_temp.standings(verdict) FROM regress_kept.keep_appraisal('device 2', pg_temp.evidence('bb', instance => 2));
SELECT pg_temp.standings(verdict) FROM regress_kept.keep_appraisal('device 3', pg_temp.evidence('aa', ', {"element-id": "app", "element-claims": {2: [[1, h''cc'']]}}', instance => 3));
SELECT pg_temp.standings(verdict) FROM regress_kept.keep_appraisal('elsewhere', pg_temp.evidence('aa', vendor => 'OTHER'));
SELECT v OPERATOR(coserv.->>) 'path'::text AS path, v OPERATOR(coserv.->>) 'reason'::text AS reason, (v OPERATOR(coserv.->>) 'manifest'::text)::uuid = :'one' AS of_one
FROM regress_kept.appraisals() a, coserv.cbor_array_elements(a.verdict) v WHERE a.attester = 'device 2';
SELECT * FROM pg_temp.last();
SELECT * FROM pg_temp.again();

-- what a document would change, and what it does: no other attester is looked at
CREATE FUNCTION pg_temp.impact(i bytea) RETURNS TABLE (change text, environment coserv.environment, attester text, before text, after text) LANGUAGE sql AS
	$$ SELECT change, environment, attester, pg_temp.standings(before), pg_temp.standings(after) FROM regress_kept.impact_of_load(i, 'acme') $$;
SELECT * FROM pg_temp.impact(pg_temp.document('two', pg_temp.reference('bb')));
SELECT pg_temp.load('two', pg_temp.reference('bb')) AS two \gset
SELECT attester FROM regress_kept.touched_attesters((SELECT max(known_at) FROM regress_kept.settled)) ORDER BY 1;
SELECT * FROM pg_temp.again();
SELECT * FROM pg_temp.again();
-- a value that nobody has is spoken of: what was unspoken is contradicted, what was said is said still
SELECT * FROM pg_temp.impact(pg_temp.document('three', pg_temp.reference('dd', mkey => '0: "app", ') ));
SELECT * FROM pg_temp.impact(pg_temp.document('four', pg_temp.reference('dd')));
-- the same under another authority: another outcome, since the final ACS has it too
SELECT change, attester, pg_temp.standings(before) AS before, pg_temp.standings(after) AS after FROM regress_kept.impact_of_load(pg_temp.document('two', pg_temp.reference('bb')), 'other');
-- the same document with the same values in another version changes nothing
SELECT * FROM pg_temp.impact(pg_temp.document('two', pg_temp.reference('bb'), 1));
-- endorsements, by environment and by condition
SELECT * FROM pg_temp.impact(pg_temp.document('endorsed', '1: [[{0: {1: "OTHER"}}, [{1: {11: "x"}}]]]'));
SELECT change, attester FROM pg_temp.impact(pg_temp.document('condition', '10: [[[[{0: {1: "ACME"}}, [{0: "boot", 1: {2: [[1, h''bb'']]}}]]], [[{0: {1: "ACME"}}, [{1: {11: "x"}}]]]]]')) WHERE change = 'attester';
SELECT change, attester FROM pg_temp.impact(pg_temp.document('series', '8: [[[{0: {1: "ACME"}}, []], [[[{0: "boot", 1: {2: [[1, h''cc'']]}}], [{1: {11: "x"}}]], [[{0: "boot", 1: {2: [[1, h''bb'']]}}], [{1: {11: "y"}}]]]]]')) WHERE change = 'attester';
-- a revocation: what it corroborated, and what it alone contradicted
SELECT change, attester, pg_temp.standings(before) AS before, pg_temp.standings(after) AS after FROM regress_kept.impact_of_revocation(manifest => :'one') WHERE change = 'attester';
SELECT change, attester, pg_temp.standings(before) AS before, pg_temp.standings(after) AS after FROM regress_kept.impact_of_revocation(authority => 'acme') WHERE change = 'attester';
SELECT * FROM pg_temp.last();
SELECT regress_kept.revoke(manifest => :'one', reason => 'test') IS NOT NULL AS revoked;
SELECT * FROM pg_temp.again();
SELECT * FROM pg_temp.last();

-- time alone: what begins and ends is foreseen
SELECT name, holds_until FROM regress_kept.attester WHERE holds_until IS NOT NULL;
SELECT pg_temp.load('brief', pg_temp.reference('aa'), validity => ', 4: {0: 1(4000000000), 1: 1(4100000000)}') IS NOT NULL AS loaded;
SELECT * FROM pg_temp.again();
SELECT name, holds_until FROM regress_kept.attester WHERE holds_until IS NOT NULL ORDER BY name;
SELECT what, name, bound, expires FROM regress_kept.expiring('100 years') WHERE what = 'attester' ORDER BY name;
SELECT change, attester, pg_temp.standings(before) AS before, pg_temp.standings(after) AS after
FROM regress_kept.impact_of_load(pg_temp.document('brief', pg_temp.reference('ee'), 1), 'acme', as_of => '2096-10-15') WHERE change = 'attester';

-- files of a CoSWID that a triple links
SELECT pg_temp.standings(verdict) FROM regress_kept.keep_appraisal('files', '{"environment": {0: {1: "FILES"}}, "element-list": [{"element-id": "/bin/x", "element-claims": {2: [[1, h''11'']]}}], "cmtype": 2, "authority": [560(h''a7'')]}');
SELECT pg_temp.load('link', '6: [[{0: {1: "FILES"}}, ["swid"]]]') IS NOT NULL AS loaded;
SELECT * FROM pg_temp.again();
SELECT regress_kept.load('501({0: "swid", 1: [505(<<{0: "swid", 12: 0, 1: "software", 13: "1", 2: {31: "entity", 33: 1}, 6: {17: [{24: "/bin/x", 7: [1, h''11'']}]}}>>)]})'::coserv.corim::bytea, 'acme') IS NOT NULL AS loaded;
SELECT * FROM pg_temp.again();

-- what an authority said, a policy, a profile
SELECT count(*) FROM regress_kept.touched_attesters((SELECT max(known_at) FROM regress_kept.settled));
UPDATE regress_kept.authority SET valid_until = '2099-01-01' WHERE name = 'acme';
SELECT count(*) FROM regress_kept.touched_attesters((SELECT max(known_at) FROM regress_kept.settled));
SELECT * FROM pg_temp.again();
SELECT name, holds_until FROM regress_kept.attester ORDER BY name;
SELECT regress_kept.set_policy(notify => true) IS NOT NULL AS set;
SELECT count(*) FROM regress_kept.touched_attesters((SELECT max(known_at) FROM regress_kept.settled));
SELECT regress_kept.set_policy(require_cotl => true) IS NOT NULL AS set;
SELECT count(*) FROM regress_kept.touched_attesters((SELECT max(known_at) FROM regress_kept.settled));
SELECT * FROM pg_temp.again();
SELECT regress_kept.set_policy(require_cotl => false) IS NOT NULL AS set;
SELECT * FROM pg_temp.again();

-- whoever reappraises in one transaction with what he loads; what is rolled back is not kept
BEGIN;
SELECT pg_temp.load('five', pg_temp.reference('aa')) IS NOT NULL AS loaded;
SELECT * FROM pg_temp.again();
COMMIT;
SELECT * FROM pg_temp.again();
BEGIN;
SELECT pg_temp.standings(verdict) FROM regress_kept.keep_appraisal('device 9', pg_temp.evidence('aa', instance => 9));
ROLLBACK;
SELECT count(*) FROM regress_kept.attester WHERE name = 'device 9';

-- the same by index as all of it; every kept appraisal is what an appraisal says now
SELECT count(*) FROM regress_kept.reappraise(everything => true);
SELECT attester FROM regress_kept.appraisals() k WHERE NOT EXISTS (SELECT FROM regress_kept.appraisals_of(ARRAY[k.attester], NULL) n WHERE n.digest = k.digest);

-- Evidence as it came: verified, and what is kept of it is neither its bytes nor its nonce
\getenv srcdir PG_ABS_SRCDIR
\set psa `tr -d '[:space:]' < "$PG_ABS_SRCDIR/data/evidence/psa.hex"`
\set acme_pub `cat :'srcdir'/data/acme.pub`
SELECT pg_temp.standings(verdict) FROM regress_kept.keep_evidence('psa device', 'psa', decode(:'psa', 'hex'), keys => ARRAY[:'acme_pub']::coserv.crypto_key[]);
SELECT count(*) FROM regress_kept.keep_evidence('psa device', 'psa', decode(:'psa', 'hex'), keys => ARRAY[:'acme_pub']::coserv.crypto_key[], expected_nonce => '\x00');
SELECT count(*) FROM regress_kept.attester a WHERE position(decode(repeat('07', 32), 'hex') IN a.evidence::bytea) > 0;

-- as it was known before; retention; forgetting
SELECT count(DISTINCT attester) FROM regress_kept.appraisals((SELECT min(moment) FROM regress_kept.appraisal));
SELECT regress_kept.forget_evidence('psa device'), regress_kept.forget_evidence('nobody');
SELECT (SELECT count(*) FROM regress_kept.attester_environment WHERE attester = 'psa device'), (SELECT count(*) FROM regress_kept.appraisal WHERE attester = 'psa device');
SELECT regress_kept.forget_evidence();
UPDATE regress_kept.attester SET kept_at = kept_at - interval '91 days' WHERE name LIKE 'device%';
SELECT regress_kept.forget_evidence();
SELECT name FROM regress_kept.attester ORDER BY 1;

-- who may keep, read and forget it: readers and loaders know nothing of it, limited readers neither
CREATE ROLE regress_kept_reader;
CREATE ROLE regress_kept_verifier;
CREATE ROLE regress_kept_limited;
GRANT USAGE ON SCHEMA coserv TO PUBLIC;
DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %s TO PUBLIC', pg_my_temp_schema()::regnamespace); END $$;
SELECT regress_kept.grant_reader('regress_kept_reader'), regress_kept.grant_loader('regress_kept_reader'), regress_kept.grant_verifier('regress_kept_verifier') \g /dev/null
SET ROLE regress_kept_reader;
SELECT count(*) FROM regress_kept.attester;
SELECT * FROM regress_kept.keep_appraisal('mine', pg_temp.evidence('aa'));
SELECT * FROM regress_kept.reappraise();
SELECT what FROM regress_kept.expiring('100 years') WHERE what = 'attester';
SELECT DISTINCT change FROM regress_kept.impact_of_load(pg_temp.document('five', pg_temp.reference('a0'), 1), 'acme');
SET ROLE regress_kept_verifier;
SELECT pg_temp.standings(verdict) FROM regress_kept.keep_appraisal('mine', pg_temp.evidence('aa'));
SELECT count(*) FROM regress_kept.reappraise();
SELECT name, kept_by FROM regress_kept.attester ORDER BY 1;
SELECT regress_kept.forget_evidence('mine');
SELECT regress_kept.keep_evidence_for(NULL);
RESET ROLE;
SELECT regress_kept.grant_verifier('regress_kept_limited'), regress_kept.limit_reader('regress_kept_limited', ARRAY['acme']) \g /dev/null
SET ROLE regress_kept_limited;
SELECT (SELECT count(*) FROM regress_kept.attester), (SELECT count(*) FROM regress_kept.attester_environment), (SELECT count(*) FROM regress_kept.appraisal), (SELECT count(*) FROM regress_kept.retention);
SELECT pg_temp.standings(verdict) FROM regress_kept.keep_appraisal('mine', pg_temp.evidence('aa'));
RESET ROLE;
SELECT regress_kept.limit_reader('regress_kept_limited') \g /dev/null

-- no more: everything that was kept is gone
SELECT regress_kept.keep_evidence_for(NULL);
SELECT (SELECT count(*) FROM regress_kept.attester), (SELECT count(*) FROM regress_kept.attester_environment), (SELECT count(*) FROM regress_kept.appraisal), (SELECT count(*) FROM regress_kept.retention);
SELECT coserv.drop_store('regress_kept');
DROP ROLE regress_kept_reader, regress_kept_verifier, regress_kept_limited;

-- whatever comes, goes and is replaced: what is found by index is what all of it shows
SET client_min_messages = error;
SELECT coserv.create_store('regress_kept_random');
INSERT INTO regress_kept_random.authority (name, key, accepts_unsigned) SELECT format('a%s', n), format('560(h''%s'')', lpad(n::text, 4, '0'))::coserv.crypto_key, true FROM generate_series(1, 3) n;
SELECT regress_kept_random.keep_evidence_for('1 day') \g /dev/null
CREATE FUNCTION pg_temp.one_of(VARIADIC list text[]) RETURNS text LANGUAGE sql VOLATILE AS 'SELECT list[1 + floor(random() * cardinality(list))::int]';
CREATE FUNCTION pg_temp.somewhere() RETURNS text LANGUAGE sql VOLATILE AS
	$$ SELECT pg_temp.one_of('{0: {1: "A"}}', '{0: {1: "A", 2: "M"}}', '{0: {2: "M"}}', '{0: {1: "B"}}', '{0: {1: "B"}, 1: 560(h''01'')}') $$;
CREATE FUNCTION pg_temp.something() RETURNS text LANGUAGE sql VOLATILE AS
	$$ SELECT format('{0: "%s", 1: {%s}}', pg_temp.one_of('k1', 'k2'), pg_temp.one_of('1: 1', '1: 553(2)', '2: [[1, h''aa'']]', '2: [[1, h''bb'']]', '2: [[1, h''aa'']], 11: "n"', '11: "m"', '1: 2, 2: [[1, h''cc'']]')) $$;
CREATE FUNCTION pg_temp.triples() RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT format(pg_temp.one_of('0: [[%1$s, [%3$s]]]', '0: [[%1$s, [%3$s]], [%2$s, [%4$s, %3$s]]]', '1: [[%1$s, [%3$s]]]',
	'10: [[[[%1$s, [%3$s]]], [[%2$s, [%4$s]]]]]', '8: [[[%1$s, [%4$s]], [[[%3$s], [{0: "k3", 1: {11: "x"}}]]]]]', '5: [[%1$s, [%2$s]]]', '6: [[%1$s, ["swid"]]]', '3: [[%1$s, [560(h''aa'')]]]'),
	pg_temp.somewhere(), pg_temp.somewhere(), pg_temp.something(), pg_temp.something()) $$;
DO $$
DECLARE act int; wrong bigint := 0; changed bigint := 0; n bigint;
BEGIN
	FOR device IN 1 .. 16 LOOP
		PERFORM regress_kept_random.keep_appraisal('device ' || device, format('{"environment": %s, "element-list": [%s], "cmtype": 2, "authority": [560(h''a7'')]}',
			pg_temp.one_of('{0: {1: "A", 2: "M"}}', '{0: {1: "A", 2: "M"}, 1: 560(h''01'')}', '{0: {1: "B", 2: "M"}, 1: 560(h''01'')}', '{0: {1: "B", 2: "N"}}'),
			(SELECT string_agg(format('{"element-id": "%s", "element-claims": {%s}}', k, v), ', ') FROM (SELECT pg_temp.one_of('k1', 'k2', 'k3') AS k,
				pg_temp.one_of('1: 1', '1: 552(3)', '2: [[1, h''aa'']]', '2: [[1, h''bb'']], 11: "n"', '2: [[1, h''aa'']], 11: "m"', '1: 552(2), 2: [[1, h''cc'']]') AS v FROM generate_series(1, 3) g) e))::coserv.cbor);
	END LOOP;
	COMMIT;
	FOR act IN 1 .. 50 LOOP
		BEGIN
			CASE floor(random() * 6)::int
				WHEN 0 THEN PERFORM regress_kept_random.revoke(manifest => (SELECT id FROM regress_kept_random.manifest ORDER BY random() LIMIT 1), reason => 'random') WHERE EXISTS (SELECT FROM regress_kept_random.manifest);
				WHEN 1 THEN PERFORM regress_kept_random.unrevoke((SELECT id FROM regress_kept_random.revocation r WHERE undoes IS NULL AND NOT EXISTS (SELECT FROM regress_kept_random.revocation u WHERE u.undoes = r.id) ORDER BY random() LIMIT 1), 'random');
				WHEN 2 THEN UPDATE regress_kept_random.authority SET valid_until = CASE WHEN valid_until IS NULL THEN now() - interval '1 hour' END WHERE name = 'a3';
				ELSE PERFORM regress_kept_random.load(pg_temp.document('d' || floor(random() * 12), pg_temp.triples(), floor(random() * 20)::int), 'a' || 1 + floor(random() * 3)::int);
			END CASE;
		EXCEPTION WHEN OTHERS THEN NULL; -- one that may not be loaded
		END;
		COMMIT;
		SELECT count(*) INTO n FROM regress_kept_random.reappraise();
		changed := changed + n;
		COMMIT;
		SELECT count(*) INTO n FROM regress_kept_random.reappraise(everything => true);
		wrong := wrong + n;
		COMMIT;
	END LOOP;
	RAISE INFO '% were overlooked, others were found: %', wrong, changed > 20;
END $$;
SELECT coserv.drop_store('regress_kept_random');
