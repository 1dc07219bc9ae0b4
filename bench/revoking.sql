-- What revocations cost: an authority that has said 100,000 statements, and answers beside what does not concern them. Statements are copies of
-- one that was loaded, as rows: what a commit foresees goes by these. Prints name, milliseconds (or ratio), target. Needs bench.key, bench.pub.
CREATE EXTENSION IF NOT EXISTS coserv;
SELECT coserv.create_store('rim') \g /dev/null
INSERT INTO rim.authority (name, key) VALUES ('ACME', current_setting('bench.pub')::coserv.crypto_key);
SELECT rim.load(coserv.sign('501({0: "one", 1: [506(<<{1: {0: "one"}, 4: {0: [[{0: {1: "ACME", 2: "one"}}, [{1: {1: 1}}]]]}}>>)]})'::coserv.corim, current_setting('bench.key'), 'ACME')::bytea) AS one \gset
CREATE FUNCTION pg_temp.query(model text) RETURNS coserv.coserv LANGUAGE sql AS $$
	SELECT format('{0: "tag:example.com,2026:b", 1: {0: 2, 1: {0: [[{1: "ACME", 2: "%s"}]]}, 2: 0}}', model)::coserv.coserv $$;
-- the best of five runs of 200 answers, so that what else the machine does counts little
CREATE FUNCTION pg_temp.answers_ms() RETURNS float8 LANGUAGE plpgsql AS $$
DECLARE best float8 := 'infinity'; begun timestamptz;
BEGIN
	FOR i IN 1..5 LOOP
		begun := clock_timestamp();
		PERFORM sum(octet_length(rim.execute_bytes(pg_temp.query(CASE WHEN n > 0 THEN 'one' END)))) FROM generate_series(1, 200) AS n;
		best := least(best, extract(epoch FROM clock_timestamp() - begun) * 1000);
	END LOOP;
	RETURN best;
END $$;
CREATE TEMP TABLE measured (n serial, name text, value float8, target text);
SELECT pg_temp.answers_ms() AS base \gset
INSERT INTO measured (name, value, target) VALUES ('200 answers, ms', :base, NULL);

-- 10,000 revocations of other tags, a policy, 1,000 authorities
INSERT INTO rim.revocation (authority, tag_id, reason) SELECT 'ACME', 'gone-' || i, 'bench' FROM generate_series(1, 10000) AS i;
INSERT INTO rim.policy (refuse_older) VALUES (true);
INSERT INTO rim.authority (name, key) SELECT 'other ' || i, format('560(h''%s'')', lpad(to_hex(i), 8, '0'))::coserv.crypto_key FROM generate_series(1, 1000) AS i;
VACUUM ANALYZE;
SELECT pg_temp.answers_ms() AS beside \gset
INSERT INTO measured (name, value, target) VALUES ('the same beside 10,000 revocations, a policy and 1,000 authorities, ratio', :beside / :base, 'at most 1.3');

-- 100,000 statements of ACME
ALTER TABLE rim.manifest DISABLE TRIGGER USER;
CREATE TEMP TABLE copy AS SELECT gen_random_uuid() AS id, i FROM generate_series(1, 100000) AS i;
SELECT string_agg(quote_ident(attname), ', ') AS columns FROM pg_attribute WHERE attrelid = 'rim.manifest'::regclass AND attnum > 1 AND NOT attisdropped \gset
INSERT INTO rim.manifest (id, :columns) SELECT c.id, m.* FROM copy c, (SELECT :columns FROM rim.manifest WHERE id = :'one') m;
INSERT INTO rim.manifest_life SELECT c.id, l.known_at, l.counts, l.authority, l.truth FROM copy c, rim.manifest_life l WHERE l.manifest = :'one';
INSERT INTO rim.tag (manifest, ordinal, kind, tag_id, tag_version, authority) SELECT c.id, 0, 'comid', 'copy-' || c.i, 0, g.authority FROM copy c, rim.tag g WHERE g.manifest = :'one';
INSERT INTO rim.triple (manifest, ordinal, tag, kind, environment, content)
	SELECT c.id, 0, 0, 0, format('{0: {1: "ACME", 2: "copy-%s"}}', c.i)::coserv.environment, t.content FROM copy c, rim.triple t WHERE t.manifest = :'one';
ALTER TABLE rim.manifest ENABLE ALWAYS TRIGGER manifest_verify;
ALTER TABLE rim.manifest ENABLE ALWAYS TRIGGER manifest_derive;
ALTER TABLE rim.manifest ENABLE ALWAYS TRIGGER audit;
VACUUM ANALYZE;
SELECT clock_timestamp() AS begun \gset
SELECT rim.revoke(authority => 'ACME', reason => 'bench') AS revocation \gset
INSERT INTO measured (name, value, target) SELECT 'revoking an authority with ' || count(*) || ' statements, ms', extract(epoch FROM clock_timestamp() - :'begun') * 1000, 'under 5000'
	FROM rim.manifest m, rim.authority a WHERE a.name = 'ACME' AND m.authority_id = a.id GROUP BY a.id;
SELECT 1 / (count(*) = 0)::int FROM rim.quads(pg_temp.query('copy-7')) \g /dev/null
SELECT clock_timestamp() AS begun \gset
SELECT rim.unrevoke(:'revocation', 'bench') IS NOT NULL AS undone \g /dev/null
INSERT INTO measured (name, value, target) VALUES ('taking that back, ms', extract(epoch FROM clock_timestamp() - :'begun') * 1000, 'under 5000');
SELECT name, round(value::numeric, 2) AS value, target FROM measured ORDER BY n;
