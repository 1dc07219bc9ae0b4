-- Whose a statement is, where its signature leads to several authorities: the first in one order, whatever came first, whatever is said,
-- taken back or undone meanwhile; the same in every store that is given the same truth, in any order. What was answered stays.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO';
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS coserv;
\getenv srcdir PG_ABS_SRCDIR
\set root `cat :'srcdir'/data/pki/root.crt`
\set middle `cat :'srcdir'/data/pki/middle.crt`
\set leaf `cat :'srcdir'/data/pki/leaf.crt`
\set leaf_key `cat :'srcdir'/data/pki/leaf.key`
\set leaf_pub `openssl x509 -in "$PG_ABS_SRCDIR/data/pki/leaf.crt" -noout -pubkey`
\set middle_pub `openssl x509 -in "$PG_ABS_SRCDIR/data/pki/middle.crt" -noout -pubkey`
\set revoked `cat :'srcdir'/data/pki/revoked.crt`
\set revoked_key `cat :'srcdir'/data/pki/revoked.key`
\set acme_key `cat :'srcdir'/data/acme.key`
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set crl `cat :'srcdir'/data/pki/middle.crl`
\set later `cat :'srcdir'/data/pki/later.crl`
CREATE SCHEMA regress_owners_tools;
SET search_path = regress_owners_tools;
CREATE FUNCTION der(pem text) RETURNS bytea LANGUAGE sql AS
	$$ SELECT decode(regexp_replace(pem, '-----[^-]+-----|\s', '', 'g'), 'base64') $$;
-- id, version and what its tag replaces
CREATE FUNCTION signed(id text, key text, VARIADIC chain text[]) RETURNS bytea LANGUAGE sql AS
	$$ SELECT coserv.sign(format('501({0: "%1$s", 1: [506(<<{1: {0: "%2$s tag", 1: %3$s}%4$s, 4: {0: [[{0: {1: "ACME"}}, [{1: {11: "%1$s"}}]]]}}>>)]})', id, split_part(id, '/', 1),
			split_part(id || '/0', '/', 2), CASE WHEN id LIKE '%/%/%' THEN format(', 3: [{0: "%s tag", 1: 1}]', split_part(id, '/', 3)) END)::coserv.corim, key,
		'ACME', (SELECT array_agg(regress_owners_tools.der(c)) FROM unnest(chain) AS c WHERE c <> ''))::bytea $$;
-- the same statement with certificates beside it, in the header that nobody signed
CREATE FUNCTION beside(document bytea, VARIADIC chain text[]) RETURNS bytea LANGUAGE sql AS
	$$ SELECT substr(document, 1, h.at) || '\xa1182181'::bytea || string_agg('\x59'::bytea || decode(lpad(to_hex(length(regress_owners_tools.der(c))), 4, '0'), 'hex') || regress_owners_tools.der(c), '' ORDER BY n) || substr(document, h.at + 2)
	   FROM (SELECT 2 + CASE get_byte(document, 2) WHEN 88 THEN 2 + get_byte(document, 3) ELSE 1 + get_byte(document, 2) - 64 END AS at) h, unnest(chain) WITH ORDINALITY AS x (c, n)
	   WHERE get_byte(document, h.at) = 160 GROUP BY h.at $$;
CREATE FUNCTION beside2(document bytea, VARIADIC chain text[]) RETURNS bytea LANGUAGE sql AS
	$$ SELECT overlay(regress_owners_tools.beside(document, VARIADIC chain) PLACING '\x82'::bytea FROM position('\xa1182181'::bytea IN regress_owners_tools.beside(document, VARIADIC chain)) + 3) $$;
CREATE TABLE keys (name text PRIMARY KEY, key coserv.crypto_key);
INSERT INTO keys VALUES ('root', :'root'), ('middle', :'middle'), ('leaf', :'leaf'), ('leaf key', :'leaf_pub'), ('middle key', :'middle_pub'), ('acme', :'acme_pub'),
	('acme, in another form', (SELECT format('{1: 1, -1: 6, -2: h''%s''}', encode(substr(der(:'acme_pub'), 13), 'hex')))::coserv.crypto_key);
CREATE TABLE documents (name text PRIMARY KEY, document bytea);
INSERT INTO documents VALUES ('chain', signed('chain', :'leaf_key', :'leaf', :'middle')), ('other', signed('other', :'leaf_key', :'leaf', :'middle')),
	('short', signed('short', :'leaf_key', :'leaf')), ('key', signed('key', :'leaf_key', '')), ('acme', signed('acme', :'acme_key', '')),
	('revoked', signed('revoked', :'revoked_key', :'revoked', :'middle')), ('newer', signed('chain/1', :'leaf_key', :'leaf', :'middle')),
	('newer still', signed('chain/2', :'leaf_key', :'leaf')), ('in place', signed('in place/0/other', :'leaf_key', :'leaf', :'middle'));
INSERT INTO documents SELECT 'key, beside the leaf', beside(document, :'leaf') FROM documents WHERE name = 'key';
INSERT INTO documents SELECT 'key, beside the chain', beside2(document, :'leaf', :'middle') FROM documents WHERE name = 'key';
CREATE TABLE crls (name text PRIMARY KEY, der bytea);
INSERT INTO crls VALUES ('middle', der(:'crl')), ('later', der(:'later'));

SELECT coserv.create_store('regress_owners');
CREATE VIEW counts AS SELECT g.tag_id, g.authority FROM regress_owners.tags_at(NULL) g;
CREATE FUNCTION add(VARIADIC names text[]) RETURNS void LANGUAGE sql AS
	$$ INSERT INTO regress_owners.authority (name, key) SELECT k.name, k.key FROM regress_owners_tools.keys k WHERE k.name = ANY (names) $$;
CREATE FUNCTION load(VARIADIC names text[]) RETURNS bigint LANGUAGE sql AS
	$$ SELECT count(regress_owners.load(d.document)) FROM regress_owners_tools.documents d WHERE d.name = ANY (names) $$;

-- the nearest: whoever is named, whichever came first; what was answered stays
SELECT add('root'), load('chain', 'other');
SELECT * FROM counts ORDER BY 1;
SELECT regress_owners.moment() AS of_root \gset
SELECT add('middle');
SELECT * FROM counts ORDER BY 1;
SELECT tag_id, authority FROM regress_owners.tags_at(:'of_root') ORDER BY 1;
SELECT regress_owners.load(document, authority => 'root') IS NOT NULL AS vouches FROM documents WHERE name = 'chain';
SELECT add('leaf');
SELECT * FROM counts ORDER BY 1;
SELECT add('leaf key');
SELECT * FROM counts ORDER BY 1;
-- removed, each gives way to the next; said again, it has them again
DELETE FROM regress_owners.authority WHERE name IN ('leaf key', 'leaf');
SELECT * FROM counts ORDER BY 1;
SELECT add('leaf');
SELECT * FROM counts ORDER BY 1;
DELETE FROM regress_owners.authority WHERE name = 'leaf';
-- narrowed: what it may not say is the next one's; widened: its own again
UPDATE regress_owners.authority SET tag_ids = '{chain%}' WHERE name = 'middle';
SELECT * FROM counts ORDER BY 1;
UPDATE regress_owners.authority SET tag_ids = NULL WHERE name = 'middle';
SELECT * FROM counts ORDER BY 1;
-- revoked, and that undone; a revocation to come counts at once, as the others speak longer
SELECT regress_owners.revoke(authority => 'middle', reason => 'test') AS revocation \gset
SELECT * FROM counts ORDER BY 1;
SELECT regress_owners.moment() AS of_root_again \gset
SELECT regress_owners.unrevoke(:'revocation', 'test') IS NOT NULL AS undone;
SELECT * FROM counts ORDER BY 1;
SELECT tag_id, authority FROM regress_owners.tags_at(:'of_root_again') ORDER BY 1;
INSERT INTO regress_owners.revocation (authority, reason, effective_from) VALUES ('middle', 'test', '2098-01-01') RETURNING id AS revocation \gset
SELECT * FROM counts ORDER BY 1;
SELECT regress_owners.unrevoke(:'revocation', 'test') IS NOT NULL AS undone;
-- who speaks longer goes before who is nearer
UPDATE regress_owners.authority SET valid_until = '2098-01-01' WHERE name = 'middle';
SELECT * FROM counts ORDER BY 1;
UPDATE regress_owners.authority SET valid_until = '2097-01-01' WHERE name = 'root';
SELECT * FROM counts ORDER BY 1;
-- a successor who is announced takes nothing from who speaks until then
UPDATE regress_owners.authority SET valid_from = '2096-01-01' WHERE name = 'middle';
SELECT * FROM counts ORDER BY 1;
SELECT load('revoked');
SELECT regress_owners.revoke(authority => 'root', reason => 'test') AS revocation \gset
SELECT * FROM counts ORDER BY 1;
SELECT tag_id, authority FROM regress_owners.tags_at('2096-02-01') ORDER BY 1;
SELECT regress_owners.unrevoke(:'revocation', 'test') IS NOT NULL AS undone;
SELECT * FROM counts ORDER BY 1;
-- and has it, once he has begun and the other has ended, from when something is said
SELECT now() + '2 seconds' AS handover \gset
UPDATE regress_owners.authority SET valid_from = CASE name WHEN 'middle' THEN :'handover'::timestamptz END, valid_until = CASE name WHEN 'root' THEN :'handover'::timestamptz END;
SELECT pg_sleep(extract(epoch FROM :'handover'::timestamptz - clock_timestamp()) + 0.1) \g /dev/null
SELECT * FROM counts ORDER BY 1;
INSERT INTO regress_owners.authority (name, key, tag_ids) SELECT 'leaf', key, '{none}' FROM keys WHERE name = 'leaf';
SELECT * FROM counts ORDER BY 1;
DELETE FROM regress_owners.authority WHERE name = 'leaf';
SELECT * FROM counts ORDER BY 1;
-- for ever again, both
UPDATE regress_owners.authority SET valid_from = NULL, valid_until = NULL;
-- a CRL concerns the documents of the authority that it stands beside, as long as they are its
SELECT load('revoked');
INSERT INTO regress_owners.crl (authority, der) SELECT 'middle', der FROM crls WHERE name = 'middle';
SELECT * FROM counts ORDER BY 1;
DELETE FROM regress_owners.authority WHERE name = 'middle';
SELECT * FROM counts ORDER BY 1;
SELECT add('middle');
SELECT * FROM counts ORDER BY 1;
-- a revocation of a tag is of one authority's: who brings another is told
SELECT regress_owners.revoke(authority => 'middle', tag_id => 'other tag', reason => 'test') IS NOT NULL AS revoked;
SET client_min_messages = warning;
SELECT add('leaf');
SET client_min_messages = error;
SELECT * FROM counts ORDER BY 1;
SELECT regress_owners.revoke(authority => 'leaf', tag_id => 'other tag', reason => 'test') IS NOT NULL AS revoked;
SELECT * FROM counts ORDER BY 1;
SET client_min_messages = warning;
DELETE FROM regress_owners.authority WHERE name = 'leaf';
SET client_min_messages = error;
SELECT * FROM counts ORDER BY 1;
-- documents of one statement that lead to different authorities: the first answers that leads to whose it is
SELECT load('key');
SELECT load('key, beside the leaf');
SELECT add('leaf key'), load('key');
SELECT authority, d.name FROM regress_owners.manifest m, regress_owners.truth t, documents d WHERE t.id = m.truth AND (coserv.truth_document(t.body)).document = d.document AND d.name LIKE 'key%';
SELECT load('key, beside the leaf', 'key, beside the chain');
DELETE FROM regress_owners.authority WHERE name = 'leaf key';
SELECT authority, d.name FROM regress_owners.manifest m, regress_owners.truth t, documents d WHERE t.id = m.truth AND (coserv.truth_document(t.body)).document = d.document AND d.name LIKE 'key%';
SELECT * FROM regress_owners.check();
SELECT * FROM regress_owners.verify();
SELECT coserv.drop_store('regress_owners'), coserv.create_store('regress_owners');

-- acts at random; now and then, another store is given the same rows of truth, each by itself and in another order
CREATE FUNCTION one_of(VARIADIC of text[]) RETURNS text LANGUAGE sql AS $$ SELECT of[1 + floor(random() * cardinality(of))::integer] $$;
CREATE FUNCTION instant() RETURNS text LANGUAGE sql AS
	$$ SELECT regress_owners_tools.one_of('now()', 'now()', quote_literal(now() - interval '1 day'), quote_literal(now() + interval '1 day'), quote_literal(now() + interval '2 days')) $$;
CREATE FUNCTION act() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	name text := quote_literal((SELECT k.name FROM regress_owners_tools.keys k ORDER BY random() LIMIT 1));
	document text := quote_literal((SELECT d.name FROM regress_owners_tools.documents d ORDER BY random() LIMIT 1));
	dice double precision := random();
BEGIN
	RETURN CASE
		WHEN dice < 0.25 THEN format('SELECT regress_owners_tools.load(%s)', document)
		WHEN dice < 0.45 THEN format('SELECT regress_owners_tools.add(%s)', name)
		WHEN dice < 0.52 THEN format('DELETE FROM regress_owners.authority WHERE name = %s', name)
		WHEN dice < 0.62 THEN format('INSERT INTO regress_owners.revocation (authority, reason, effective_from) VALUES (%s, ''test'', %s)', name, regress_owners_tools.instant())
		WHEN dice < 0.72 THEN format('INSERT INTO regress_owners.revocation (undoes, reason, effective_from) SELECT id, ''test'', %s FROM regress_owners.revocation WHERE undoes IS NULL ORDER BY random() LIMIT 1', regress_owners_tools.instant())
		WHEN dice < 0.75 THEN format('INSERT INTO regress_owners.revocation (authority, tag_id, reason) VALUES (%s, %s, ''test'')', name, quote_literal(regress_owners_tools.one_of('chain tag', 'other tag')))
		WHEN dice < 0.80 THEN format('INSERT INTO regress_owners.crl (authority, der, chain) SELECT %s, der, ARRAY[regress_owners_tools.der(%L)] FROM regress_owners_tools.crls ORDER BY random() LIMIT 1', regress_owners_tools.one_of('''root''', '''middle''', '''middle key'''), current_setting('regress.middle'))
		ELSE format('UPDATE regress_owners.authority SET %s WHERE name = %s', regress_owners_tools.one_of('tag_ids = NULL', 'tag_ids = ''{chain%}''', 'tag_ids = ''{other%,key%}''',
			'valid_until = NULL', 'valid_from = NULL, valid_until = ' || regress_owners_tools.instant(), 'valid_until = NULL, valid_from = ' || regress_owners_tools.instant(),
			'valid_from = NULL, valid_until = NULL', 'chains_judged_at = now()', 'chains_judged_at = NULL', 'note = ''x''', 'accepts_legacy = false', 'accepts_legacy = true'), name)
	END;
END $$;
CREATE TABLE differences (round integer, moment interval, store text, tag_id text, authority text, truth uuid, not_after timestamptz);
CREATE TABLE seen (round integer, tag_id text, authority text);
CREATE FUNCTION compare(round integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	after interval;
	base timestamptz := clock_timestamp() + interval '1 second';
BEGIN
	INSERT INTO regress_owners_tools.seen SELECT round, g.tag_id, g.authority FROM regress_owners.tags_at(NULL) g;
	FOREACH after IN ARRAY '{0 s,23 h,36 h,60 h}'::interval[] LOOP
		INSERT INTO regress_owners_tools.differences SELECT round, after, 'here', g.tag_id, g.authority, g.truth, g.not_after FROM regress_owners.tags_at(base + after) g
			EXCEPT SELECT round, after, 'here', g.tag_id, g.authority, g.truth, g.not_after FROM regress_owners_2.tags_at(base + after) g;
		INSERT INTO regress_owners_tools.differences SELECT round, after, 'there', g.tag_id, g.authority, g.truth, g.not_after FROM regress_owners_2.tags_at(base + after) g
			EXCEPT SELECT round, after, 'there', g.tag_id, g.authority, g.truth, g.not_after FROM regress_owners.tags_at(base + after) g;
	END LOOP;
	INSERT INTO regress_owners_tools.differences SELECT round, NULL::interval, 'check', derived_table FROM regress_owners.check() UNION ALL SELECT round, NULL::interval, 'check 2', derived_table FROM regress_owners_2.check();
	INSERT INTO regress_owners_tools.differences SELECT round, NULL::interval, 'verify', problem, detail FROM regress_owners.verify() UNION ALL SELECT round, NULL::interval, 'verify 2', problem, detail FROM regress_owners_2.verify();
END $$;
\if :{?seed}
\else
\set seed 0.12
\endif
SELECT set_config('regress.middle', :'middle', false) IS NOT NULL AS set, setseed(:seed);
CREATE PROCEDURE acts(rounds integer) LANGUAGE plpgsql AS $$
DECLARE
	act text;
	row record;
	moments timestamptz[] := '{}';
	answers text[] := '{}';
BEGIN
	FOR round IN 1 .. rounds LOOP
		FOR n IN 1 .. 12 LOOP
			act := regress_owners_tools.act();
			BEGIN
				EXECUTE act;
			EXCEPTION WHEN OTHERS THEN
				IF SQLSTATE NOT IN ('23505', '23503', 'RA001', 'RA002', 'RA003', 'RA004', 'RA005', 'RA006', 'RA007', '55000') THEN
					RAISE EXCEPTION '%: %', act, SQLERRM;
				END IF;
			END;
			COMMIT;
			moments := moments || regress_owners.moment();
			answers := answers || (SELECT string_agg(concat_ws('/', g.tag_id, g.authority, g.not_after, g.truth), ' ' ORDER BY g.tag_id, g.manifest) FROM regress_owners.tags_at(moments[cardinality(moments)]) g);
		END LOOP;
		PERFORM coserv.create_store('regress_owners_2');
		COMMIT;
		FOR row IN SELECT * FROM regress_owners.truth ORDER BY random() LOOP
			SET session_replication_role = replica;
			INSERT INTO regress_owners_2.truth VALUES (row.id, row.kind, row.moment, row.body);
			COMMIT;
		END LOOP;
		RESET session_replication_role;
		PERFORM regress_owners_tools.compare(round);
		PERFORM coserv.drop_store('regress_owners_2');
		COMMIT;
	END LOOP;
	INSERT INTO regress_owners_tools.differences SELECT NULL::integer, NULL::interval, 'past', a.answer, a.now FROM (SELECT x.answer, (SELECT string_agg(concat_ws('/', g.tag_id, g.authority, g.not_after, g.truth), ' ' ORDER BY g.tag_id, g.manifest) FROM regress_owners.tags_at(x.moment) g) AS now
		FROM unnest(moments, answers) AS x (moment, answer)) a WHERE a.answer IS DISTINCT FROM a.now;
END $$;
\if :{?rounds}
\else
\set rounds 5
\endif
CALL acts(:rounds);
SELECT * FROM differences ORDER BY 1, 2, 3, 4 LIMIT 20;
SELECT count(DISTINCT authority) > 1 AS several FROM seen;
SELECT coserv.drop_store('regress_owners');
DROP SCHEMA regress_owners_tools CASCADE;
