-- What an act or a question costs goes by what it concerns, not by what the store holds: nothing here goes through one of the store's tables.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
SELECT coserv.create_store('regress_many');
\getenv srcdir PG_ABS_SRCDIR
\set acme_key `cat :'srcdir'/data/acme.key`
\set acme_pub `cat :'srcdir'/data/acme.pub`
INSERT INTO regress_many.authority (name, key, accepts_unsigned) VALUES ('M', :'acme_pub', false), ('N', '560(h''6e'')', true);
SELECT set_config('regress.key', :'acme_key', false) \g /dev/null

CREATE FUNCTION pg_temp.document(n int, version int DEFAULT 1) RETURNS coserv.document LANGUAGE sql AS $$
	SELECT format('501({0: "m-%1$s-%2$s", 1: [506(<<{1: {0: "m-%1$s", 1: %2$s}, 4: {
		0: [[{0: {0: 560(h''%3$s''), 1: "Maker %5$s"}}, [{0: 0, 1: {1: %1$s, 2: [[1, h''%4$s'']]}}]]],
		2: [[{0: {0: 560(h''%3$s''), 1: "Maker %5$s"}}, [554("key %1$s")]]]}}>>)]})', n, version, lpad(to_hex(n), 8, '0'), encode(sha256(n::text::bytea), 'hex'), n / 10)
		::coserv.corim::bytea::coserv.document $$;
CREATE FUNCTION pg_temp.signed(document coserv.document) RETURNS coserv.document LANGUAGE sql AS $$
	SELECT coserv.sign(document::bytea::coserv.corim, current_setting('regress.key'), 'M')::bytea::coserv.document $$;
CREATE FUNCTION pg_temp.linked(n int, version int DEFAULT 1) RETURNS coserv.document LANGUAGE sql AS $$
	SELECT format('501({0: "l-%1$s-%2$s", 1: [506(<<{1: {0: "l-%1$s", 1: %2$s}, 3: [{0: "m-%3$s", 1: 1}], 4: {
		0: [[{0: {1: "Linked"}}, [{1: {1: 1}}]]]}}>>)]})', n, version, n - 8870)::coserv.corim::bytea::coserv.document $$;
CREATE FUNCTION pg_temp.query(n int) RETURNS text LANGUAGE sql AS $$
	SELECT format('{0: "tag:coserv,1", 1: {0: 2, 1: {0: [[{0: 560(h''%s'')}]]}, 2: 0}}', lpad(to_hex(n), 8, '0')) $$;
CREATE FUNCTION pg_temp.rim(n int) RETURNS text LANGUAGE sql AS $$ SELECT format('{0: "tag:coserv,1", 1: {3: [[2, "m-%s-1"]]}}', n) $$;
CREATE FUNCTION pg_temp.manifest(n int, version int DEFAULT 1) RETURNS uuid LANGUAGE sql AS $$
	SELECT id FROM regress_many.manifest WHERE corim_id = format('m-%s-%s', n, version) $$;
CREATE FUNCTION pg_temp.environment(n int) RETURNS coserv.environment LANGUAGE sql AS $$
	SELECT format('{0: {0: 560(h''%s''), 1: "Maker %s"}}', lpad(to_hex(n), 8, '0'), n / 10)::coserv.environment $$;
CREATE FUNCTION pg_temp.evidence(n int) RETURNS coserv.cbor LANGUAGE sql AS $$
	SELECT format('{"environment": %s, "element-list": [{"element-id": 0, "element-claims": {1: %s, 2: [[1, h''%s'']]}}], "cmtype": 2, "authority": [560(h''a7'')]}',
		pg_temp.environment(n), n, encode(sha256(n::text::bytea), 'hex'))::coserv.cbor $$;

CREATE TEMP TABLE read_until_now (what text PRIMARY KEY, rows bigint);
CREATE FUNCTION pg_temp.rows_read() RETURNS TABLE (what text, rows bigint) LANGUAGE sql AS $$
	SELECT relname::text, seq_tup_read FROM pg_stat_user_tables WHERE schemaname = 'regress_many'
	UNION ALL SELECT relname || ' by ' || indexrelname, idx_tup_read FROM pg_stat_user_indexes WHERE schemaname = 'regress_many' $$;
-- what was read more than 500 rows of since it was asked last; the statement before it is to flush what is counted
CREATE FUNCTION pg_temp.read_much() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_stat_clear_snapshot();
	RETURN QUERY SELECT r.what || ': ' || r.rows - u.rows FROM pg_temp.rows_read() r JOIN read_until_now u USING (what) WHERE r.rows - u.rows > 500 ORDER BY 1;
	DELETE FROM read_until_now;
	INSERT INTO read_until_now SELECT * FROM pg_temp.rows_read();
END $$;

CREATE FUNCTION pg_temp.ran(statement text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE statement; END $$;
CREATE TEMP TABLE act (number int GENERATED ALWAYS AS IDENTITY, label text, call text, reads boolean DEFAULT false); -- $: another document in each round
INSERT INTO act (label, call) VALUES
	('a new document', 'regress_many.load(pg_temp.signed(pg_temp.document(7000 + $)))'),
	('a newer version', 'regress_many.load(pg_temp.signed(pg_temp.document(10 + $, 2)))'),
	('a document again', 'regress_many.load(pg_temp.signed(pg_temp.document(20 + $)))'),
	('one that is refused', 'regress_many.try_load(pg_temp.document(20 + $), ''N'')'),
	('an answer', 'regress_many.execute(pg_temp.query(30 + $))'),
	('an answer of the past', 'regress_many.execute(pg_temp.query(30 + $), (SELECT moment FROM cursor_before))'),
	('a document by its id', 'regress_many.execute(pg_temp.rim(40 + $))'),
	('its triples', 'regress_many.quads(pg_temp.query(30 + $))'),
	('over HTTP', 'regress_many.http(''GET'', ''/coserv/'' || translate(encode(pg_temp.query(30 + $)::coserv.coserv::bytea, ''base64''), E''+/=\n'', ''-_''))'),
	('who vouches for a digest', 'regress_many.vouchers(sha256((50 + $)::text::bytea))'),
	('an appraisal', 'regress_many.appraise(pg_temp.evidence(60 + $))'),
	('a verdict', 'regress_many.verdict(pg_temp.evidence(60 + $))'),
	('its explanation', 'regress_many.explain(pg_temp.evidence(60 + $))'),
	('the nearest environment', 'regress_many.nearest_environment(pg_temp.environment(60 + $))'),
	('its contradictions', 'regress_many.conflicts_about(ARRAY[pg_temp.environment(60 + $)])'),
	('an appraisal that is kept', 'regress_many.keep_appraisal(''device '' || $, pg_temp.evidence(70 + $))'),
	('a newer version of what it was judged by', 'regress_many.load(pg_temp.signed(pg_temp.document(70 + $, 2)))'),
	('what that changes', 'regress_many.reappraise()'),
	('what loading would change', 'regress_many.impact_of_load(pg_temp.signed(pg_temp.document(80 + $, 2)))'),
	('what revoking a document would change', 'regress_many.impact_of_revocation(pg_temp.manifest(80 + $))'),
	('what revoking a tag would change', 'regress_many.impact_of_revocation(authority => ''M'', tag_id => ''m-'' || 80 + $)'),
	('a document revoked', 'regress_many.revoke(pg_temp.manifest(90 + $), reason => ''$'')'),
	('and that undone', 'regress_many.unrevoke((SELECT id FROM regress_many.revocation WHERE reason = ''$''), ''again'')'),
	('a tag revoked', 'regress_many.revoke(authority => ''M'', tag_id => ''m-'' || 100 + $, reason => ''a tag'')'),
	('a document forgotten', 'regress_many.forget(pg_temp.manifest(110 + $), ''forgotten'')'),
	('what has changed since', 'regress_many.changes((SELECT at FROM cursor_before))'),
	('another authority', 'pg_temp.ran(''INSERT INTO regress_many.authority (name, key, accepts_unsigned) VALUES (''''O$'''', ''''560(h''''''''0$'''''''')'''', true)'')'),
	('what it says', 'regress_many.load(pg_temp.document(8000 + $), ''O$'')'),
	('narrowed', 'pg_temp.ran(''UPDATE regress_many.authority SET kinds = ''''{5}'''' WHERE name = ''''O$'''''')'),
	('widened', 'pg_temp.ran(''UPDATE regress_many.authority SET kinds = NULL WHERE name = ''''O$'''''')'),
	('an authority revoked', 'regress_many.revoke(authority => ''O$'', reason => ''O'')'),
	('an authority removed', 'pg_temp.ran(''DELETE FROM regress_many.authority WHERE name = ''''O$'''''')'),
	('what is set aside tried again', 'coserv.retry(''regress_many'')'),
	('a tag with links', 'regress_many.load(pg_temp.signed(pg_temp.linked(9000 + $)))'),
	('the same, newer', 'regress_many.load(pg_temp.signed(pg_temp.linked(9000 + $, 2)))'),
	('what it replaces, newer', 'regress_many.load(pg_temp.signed(pg_temp.document(130 + $, 2)))'),
	('one by INSERT', 'pg_temp.ran(''INSERT INTO regress_many.manifest (document) SELECT pg_temp.signed(pg_temp.document(9500 + $))::bytea'')'),
	('a page', 'regress_many.explore_document(pg_temp.manifest(120 + $))');
UPDATE act SET reads = true WHERE label ~ '^an answer|^a document by|^its|^over HTTP|^who vouches|^an appraisal$|^a verdict|^the nearest|^what has|^a page';
CREATE TEMP TABLE cursor_before (at text, moment timestamptz);
GRANT SELECT ON cursor_before TO PUBLIC;
-- each act a statement, then what is counted is flushed, then told
\set acts 'SELECT format(''SELECT count(*) AS %I FROM %s'', label, replace(call, ''$'', :''round'')) AS act, ''SELECT pg_stat_force_next_flush()'' AS flush, ''SELECT pg_temp.read_much()'' AS told, reads FROM act ORDER BY number'

SELECT count(regress_many.load(pg_temp.signed(pg_temp.document(n)))) FROM generate_series(1, 6000) n;
SELECT pg_stat_force_next_flush() \g /dev/null
SELECT pg_temp.read_much() \g /dev/null
SELECT regress_many.keep_evidence_for('90 days');
INSERT INTO cursor_before SELECT regress_many.cursor(), regress_many.moment();
\pset format unaligned
\pset footer off
-- with what is known of a table that has grown since it was looked at, then with statistics
\set round 1
SELECT act, flush, told FROM (:acts) a \gexec
VACUUM ANALYZE;
TRUNCATE cursor_before;
INSERT INTO cursor_before SELECT regress_many.cursor(), regress_many.moment();
\set round 2
SELECT act, flush, told FROM (:acts) a \gexec
-- and for a reader who may read a part of it
CREATE ROLE regress_part;
SELECT regress_many.grant_reader('regress_part'), regress_many.limit_reader('regress_part', authorities => ARRAY['M']) \g /dev/null
SELECT pg_stat_force_next_flush() \g /dev/null
SELECT pg_temp.read_much() \g /dev/null
TRUNCATE cursor_before;
INSERT INTO cursor_before SELECT regress_many.cursor(), regress_many.moment();
\set round 3
SELECT 'SET ROLE regress_part' AS who, act, 'RESET ROLE' AS who_again, flush, told FROM (:acts) a WHERE reads \gexec
SELECT coserv.drop_store('regress_many');
DROP ROLE regress_part;
