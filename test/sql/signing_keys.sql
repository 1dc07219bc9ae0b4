-- The keys that sign results: whom they are bound to, who can have what signed, states, files that change and files that are wrong.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
SET search_path = public, coserv;
\getenv srcdir PG_ABS_SRCDIR
\set acme_key `cat :'srcdir'/data/acme.key`
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set certifier_key `cat :'srcdir'/data/certifier.key`
\set stranger_key `cat :'srcdir'/data/stranger.key`
\set secrets :srcdir '/lib/secrets.sql'
\i :secrets
CREATE ROLE regress_keys_owner;
CREATE ROLE regress_keys_other;
CREATE ROLE regress_keys_reader;
SELECT current_database() AS db, current_user AS superuser, current_setting('data_directory') || '/regress_keys' AS keys \gset
GRANT CREATE ON DATABASE :"db" TO regress_keys_owner;
SELECT pg_temp.write_secret(:'keys' || '.acme', :'acme_key'), pg_temp.write_secret(:'keys' || '.certifier', :'certifier_key');

-- The file, from lines without the database.
CREATE FUNCTION pg_temp.bind(VARIADIC lines text[]) RETURNS void LANGUAGE sql
	AS $$SELECT pg_temp.write_secret(current_setting('coserv.signing_keys_file'), string_agg(format('"%s" %s', current_database(),
		replace(line, '@', current_setting('coserv.signing_keys_file') || '.')), E'\n' ORDER BY n)) FROM unnest(lines) WITH ORDINALITY l(line, n)$$;
\set query '''{0: "tag:p", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}}''::coserv.coserv'
-- A byte string that holds text.
CREATE FUNCTION pg_temp.text_of(bytes cbor) RETURNS text LANGUAGE sql
	RETURN convert_from(decode(substring(cbor_diag(bytes) FROM 'h''(.*)'''), 'hex'), 'UTF8');
-- The kid under which a store signs, as its text.
CREATE FUNCTION pg_temp.signs(store text) RETURNS text LANGUAGE plpgsql
	AS $fn$BEGIN
		RETURN pg_temp.text_of(cbor_embedded(coserv.execute_signed(store::regnamespace, '{0: "tag:p", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}}')::cbor -> 0) -> 4);
	EXCEPTION WHEN OTHERS THEN
		RETURN format('%s: %s', SQLSTATE, CASE SQLSTATE WHEN '42501' THEN 'not allowed' ELSE SQLERRM END);
	END$fn$;
CREATE FUNCTION pg_temp.path(query coserv.coserv) RETURNS text LANGUAGE sql
	RETURN '/coserv/' || rtrim(translate(encode(query::bytea, 'base64'), E'+/\n', '-_'), '=');
-- What is answered to who takes anything, to who takes only signed results, and how discovery looks.
CREATE FUNCTION pg_temp.over_http(store text, OUT anything text, OUT signed text, OUT discovery text) LANGUAGE sql
	AS $$SELECT (SELECT status || ' ' || split_part(headers ->> 'Content-Type', ';', 1) FROM coserv.http(store::regnamespace, 'GET', pg_temp.path('{0: "tag:p", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}}'), '{}')),
		(SELECT status || coalesce(', again in ' || (headers ->> 'Retry-After'), '') FROM coserv.http(store::regnamespace, 'GET', pg_temp.path('{0: "tag:p", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}}'), '{"accept": "application/coserv+cose"}')),
		(SELECT status || ', ' || (headers ->> 'Cache-Control') || ', keys ' || coalesce(jsonb_array_length(convert_from(body, 'UTF8')::jsonb -> 'result-verification-key'), 0)
			FROM coserv.http(store::regnamespace, 'GET', '/.well-known/coserv-configuration', '{"accept": "application/coserv-discovery+json"}'))$$;

-- who may make a store: who may create schemas in the database, or owns the schema; nobody in a temporary one, nor in the system's
SET ROLE regress_keys_other;
SELECT coserv.create_store('regress_keys_new');
CREATE TEMP TABLE anything ();
SELECT coserv.create_store('pg_temp');
SELECT nspname AS temp FROM pg_namespace WHERE oid = pg_my_temp_schema() \gset
\set VERBOSITY sqlstate
SELECT coserv.create_store(:'temp');
\set VERBOSITY default
SELECT coserv.create_store('pg_catalog');
SELECT coserv.create_store('information_schema');
SELECT coserv.create_store('coserv');
RESET ROLE;
\set VERBOSITY sqlstate
SELECT coserv.create_store('pg_temp');
SELECT coserv.create_store('pg_toast');
\set VERBOSITY default
CREATE SCHEMA regress_keys_given;
GRANT CREATE, USAGE ON SCHEMA regress_keys_given TO regress_keys_other;
SET ROLE regress_keys_other;
SELECT coserv.create_store('regress_keys_given');
RESET ROLE;
ALTER SCHEMA regress_keys_given OWNER TO regress_keys_other;
SET ROLE regress_keys_other;
SELECT coserv.create_store('regress_keys_given');
RESET ROLE;
SET ROLE regress_keys_owner;
SELECT coserv.create_store('regress_keys_rim');
SELECT regress_keys_rim.grant_reader('regress_keys_reader');
INSERT INTO regress_keys_rim.authority (name, key, accepts_unsigned) VALUES ('acme', :'acme_pub', true);
SELECT regress_keys_rim.load('501({0: "c", 1: [506(<<{1: {0: "t"}, 4: {0: [[{0: {1: "V"}}, [{1: {11: "v"}}]]]}}>>)]})'::corim::bytea, 'acme') IS NOT NULL AS loaded;
RESET ROLE;

-- without a file nothing is signed, and everything else goes on
SELECT regress_keys_rim.execute_signed(:query);
SELECT * FROM pg_temp.over_http('regress_keys_rim');
SELECT * FROM result_verification_keys('regress_keys_rim');

-- a key signs for the store that it is bound to, whoever asks, and for no other: no store of another name, of another owner
SET coserv.signing_keys_file = :'keys';
SELECT pg_temp.bind('regress_keys_rim regress_keys_owner signing @acme');
SELECT pg_temp.signs('regress_keys_rim'), pg_temp.signs('regress_keys_given');
SET ROLE regress_keys_reader;
SELECT pg_temp.signs('regress_keys_rim'), pg_temp.signs('regress_keys_given');
SET ROLE regress_keys_other;
SELECT pg_temp.signs('regress_keys_rim'), pg_temp.signs('regress_keys_given');
INSERT INTO regress_keys_given.authority (name, key, accepts_unsigned) VALUES ('ACME', :'acme_pub', true);
SELECT regress_keys_given.load('501({0: "forged", 1: [506(<<{1: {0: "t"}, 4: {0: [[{0: {1: "V"}}, [{1: {11: "forged"}}]]]}}>>)]})'::corim::bytea, 'ACME') IS NOT NULL AS loaded;
SELECT regress_keys_given.execute_signed(:query);
RESET ROLE;
SELECT * FROM pg_temp.over_http('regress_keys_rim');
SELECT * FROM pg_temp.over_http('regress_keys_given');
ALTER SCHEMA regress_keys_rim RENAME TO regress_keys_aside;
ALTER SCHEMA regress_keys_given RENAME TO regress_keys_rim;
SELECT pg_temp.signs('regress_keys_rim'), pg_temp.signs('regress_keys_aside');
ALTER SCHEMA regress_keys_rim RENAME TO regress_keys_given;
ALTER SCHEMA regress_keys_aside RENAME TO regress_keys_rim;
ALTER SCHEMA regress_keys_rim OWNER TO regress_keys_other;
SELECT pg_temp.signs('regress_keys_rim');
ALTER SCHEMA regress_keys_rim OWNER TO regress_keys_owner;
SELECT pg_temp.write_secret(:'keys', format('another regress_keys_rim regress_keys_owner signing %s.acme', :'keys'));
SELECT pg_temp.signs('regress_keys_rim') AS of_another_database;

-- one kid, in the header, in the COSE_Key and in the JWK: the key's thumbprint, or the one that the line gives
SELECT pg_temp.bind('regress_keys_rim regress_keys_owner signing @acme 2026-11', 'regress_keys_rim regress_keys_owner announced @certifier');
SELECT kid, state, pg_temp.text_of(substr(key::bytea, 4)::cbor -> 2) = kid AS of_cose_key FROM result_verification_keys('regress_keys_rim');
SELECT string_agg(k ->> 'kid', ' ') AS of_jwks, pg_temp.signs('regress_keys_rim') AS of_header
FROM jsonb_array_elements(convert_from(regress_keys_rim.discovery('json'), 'UTF8')::jsonb -> 'result-verification-key') k;
SELECT pg_temp.text_of(regress_keys_rim.discovery('cbor')::cbor -> 4 -> n -> 2) AS of_discovery FROM unnest('{0,1}'::int[]) n;

-- a rotation, noticed by this session at each next use: announced, signing, announced until the last result has expired, gone
SELECT pg_temp.bind('regress_keys_rim regress_keys_owner announced @acme old', 'regress_keys_rim regress_keys_owner signing @certifier new');
SELECT pg_temp.signs('regress_keys_rim'), (SELECT string_agg(kid || ' ' || state, ', ') FROM result_verification_keys('regress_keys_rim')) AS listed;
SELECT pg_temp.bind('regress_keys_rim regress_keys_owner withdrawn @acme old', 'regress_keys_rim regress_keys_owner signing @certifier new');
SELECT pg_temp.signs('regress_keys_rim'), (SELECT string_agg(kid || ' ' || state, ', ') FROM result_verification_keys('regress_keys_rim')) AS listed;
SELECT pg_temp.bind('regress_keys_rim regress_keys_owner announced @acme old');
SELECT pg_temp.signs('regress_keys_rim') AS before_it_signs, (SELECT string_agg(kid || ' ' || state, ', ') FROM result_verification_keys('regress_keys_rim')) AS listed;
SELECT * FROM pg_temp.over_http('regress_keys_rim');
-- the file of the key: another one is renamed over it; written into; gone; another file by the setting
SELECT pg_temp.bind('regress_keys_rim regress_keys_owner signing @moving');
SELECT pg_temp.write_secret(:'keys' || '.moving', :'acme_key');
SELECT pg_temp.signs('regress_keys_rim');
SELECT pg_temp.write_secret(:'keys' || '.moving', :'certifier_key');
SELECT pg_temp.signs('regress_keys_rim');
\set program 'cat > ' :keys '.moving'
COPY (SELECT unnest(string_to_array(:'acme_key', E'\n'))) TO PROGRAM :'program';
SELECT pg_temp.signs('regress_keys_rim');
\set program 'read line; rm ' :keys '.moving'
COPY (SELECT 1) TO PROGRAM :'program';
SELECT pg_temp.signs('regress_keys_rim');
SELECT pg_temp.write_secret(:'keys' || '.2', format('%s regress_keys_rim regress_keys_owner signing %s.acme other-file', :'db', :'keys'));
\set keys2 :keys '.2'
SET coserv.signing_keys_file = :'keys2';
SELECT pg_temp.signs('regress_keys_rim');
SET coserv.signing_keys_file = '';
SELECT pg_temp.signs('regress_keys_rim');
SET coserv.signing_keys_file = :'keys';
-- a copy of a withdrawn key is the withdrawn key
SELECT pg_temp.write_secret(:'keys' || '.copy', :'acme_key');
SELECT pg_temp.bind('regress_keys_rim regress_keys_owner withdrawn @acme', 'regress_keys_rim regress_keys_owner signing @copy');
SELECT pg_temp.signs('regress_keys_rim');

-- caches: an answer's tag belongs to its key, so nobody is told to go on with what a withdrawn key signed; discovery has its own
SELECT pg_temp.bind('regress_keys_rim regress_keys_owner signing @acme');
SELECT headers ->> 'ETag' AS signed FROM coserv.http('regress_keys_rim', 'GET', pg_temp.path(:query), '{"accept": "application/coserv+cose"}') \gset
SELECT headers ->> 'ETag' AS unsigned FROM coserv.http('regress_keys_rim', 'GET', pg_temp.path(:query), '{"accept": "application/coserv+cbor"}') \gset
SELECT headers ->> 'ETag' AS discovery, headers - 'ETag' AS headers FROM regress_keys_rim.http('GET', '/.well-known/coserv-configuration') \gset
\echo :headers
SELECT ltrim(:'signed', 'W/') <> :'unsigned' AS of_its_form;
SELECT status, headers ->> 'ETag' = :'signed' AS same, length(body) FROM coserv.http('regress_keys_rim', 'GET', pg_temp.path(:query), jsonb_build_object('accept', 'application/coserv+cose', 'if-none-match', :'signed'));
SELECT status, headers ->> 'ETag' = :'discovery' AS same, length(body) FROM regress_keys_rim.http('GET', '/.well-known/coserv-configuration', jsonb_build_object('if-none-match', :'discovery'));
SELECT status FROM regress_keys_rim.http('GET', '/.well-known/coserv-configuration', jsonb_build_object('accept', 'application/coserv-discovery+cbor', 'if-none-match', :'discovery'));
SELECT pg_temp.bind('regress_keys_rim regress_keys_owner signing @certifier');
SELECT status, headers ->> 'ETag' = :'signed' AS same, length(body) > 0 AS again FROM coserv.http('regress_keys_rim', 'GET', pg_temp.path(:query), jsonb_build_object('accept', 'application/coserv+cose', 'if-none-match', :'signed'));
SELECT status FROM coserv.http('regress_keys_rim', 'GET', pg_temp.path(:query), jsonb_build_object('accept', 'application/coserv+cbor', 'if-none-match', :'unsigned'));
SELECT status, headers ->> 'ETag' = :'discovery' AS same FROM regress_keys_rim.http('GET', '/.well-known/coserv-configuration', jsonb_build_object('if-none-match', :'discovery'));
SET coserv.discovery_ttl = 7;
SELECT headers ->> 'Cache-Control' FROM regress_keys_rim.http('GET', '/.well-known/coserv-configuration');
RESET coserv.discovery_ttl;

-- nothing signed is of another moment than now, or outlives the setting
SELECT pronargs, pronargdefaults FROM pg_proc WHERE proname = 'execute_signed' AND pronamespace IN ('coserv'::regnamespace, 'regress_keys_rim'::regnamespace) ORDER BY 1;
\set VERBOSITY sqlstate
SELECT regress_keys_rim.execute_signed(:query, '9999-01-01');
\set VERBOSITY default
SET coserv.result_ttl = 60;
SELECT substring(cbor_diag(cbor_embedded(regress_keys_rim.execute_signed(:query)::cbor -> 2) -> 2 -> 10) FROM '"(.*)"')::timestamptz - now() BETWEEN '0 s' AND '60 s' AS in_time;
RESET coserv.result_ttl;

-- a signature says that the store answered so to who asked: what its owner loads is signed, and what a policy hides from a reader is not in his
SET ROLE regress_keys_owner;
INSERT INTO regress_keys_rim.authority (name, key, accepts_unsigned) VALUES ('invented', '560(h''0001'')', true);
SELECT regress_keys_rim.load('501({0: "d", 1: [506(<<{1: {0: "u"}, 4: {0: [[{0: {1: "V"}}, [{1: {11: "invented"}}]]]}}>>)]})'::corim::bytea, 'invented') IS NOT NULL AS loaded;
SELECT jsonb_array_length((cbor_embedded(regress_keys_rim.execute_signed(:query)::cbor -> 2) -> 2 -> 0)::jsonb) AS quads;
ALTER TABLE regress_keys_rim.manifest ENABLE ROW LEVEL SECURITY;
SET ROLE regress_keys_reader;
SELECT jsonb_array_length((cbor_embedded(regress_keys_rim.execute_signed(:query)::cbor -> 2) -> 2 -> 0)::jsonb) AS quads;
SET ROLE regress_keys_owner;
ALTER TABLE regress_keys_rim.manifest DISABLE ROW LEVEL SECURITY;
RESET ROLE;

-- files that are wrong: nothing is signed and everything else goes on, with a warning that names no path; who takes only signed results waits
SET client_min_messages = error;
CREATE TEMP TABLE wrong (n int, what text, line text);
INSERT INTO wrong VALUES (1, 'no such file', 'regress_keys_rim regress_keys_owner signing @nowhere'),
	(2, 'no key', 'regress_keys_rim regress_keys_owner signing @'), (3, 'a folder', 'regress_keys_rim regress_keys_owner signing /tmp'),
	(4, 'others can read it', 'regress_keys_rim regress_keys_owner signing @open'), (5, 'a device', 'regress_keys_rim regress_keys_owner signing /dev/zero'),
	(6, 'empty', 'regress_keys_rim regress_keys_owner signing @empty'), (7, 'no provider', 'regress_keys_rim regress_keys_owner signing pkcs99:token=x;pin-value=1234'),
	(8, 'state', 'regress_keys_rim regress_keys_owner active @acme'), (9, 'fields', 'regress_keys_rim regress_keys_owner signing'),
	(10, 'more fields', 'regress_keys_rim regress_keys_owner signing @acme kid more'), (11, 'quote', 'regress_keys_rim regress_keys_owner signing "@acme'),
	(12, 'kid', 'regress_keys_rim regress_keys_owner signing @acme "a kid"'), (13, 'two sign', E'regress_keys_rim regress_keys_owner signing @acme\n"DB" regress_keys_rim regress_keys_owner signing @certifier'),
	(14, 'key twice', E'regress_keys_rim regress_keys_owner signing @acme\n"DB" regress_keys_rim regress_keys_owner withdrawn @acme'),
	(15, 'kid twice', E'regress_keys_rim regress_keys_owner signing @acme k\n"DB" regress_keys_rim regress_keys_owner announced @certifier k'),
	(16, 'file URI', 'regress_keys_rim regress_keys_owner signing file:@acme'), (17, 'no PEM', 'regress_keys_rim regress_keys_owner signing @garbage');
SELECT pg_temp.write_secret(:'keys' || '.garbage', 'MC4CAQAwBQYDK2VwBCIEIsecretsecretsecretsecretsecretsec');
SELECT pg_temp.write_secret(:'keys' || '.open', :'acme_key'), pg_temp.write_secret(:'keys' || '.empty', '');
\set program 'read line; chmod 644 ' :keys '.open; : >' :keys '.empty'
COPY (SELECT 1) TO PROGRAM :'program';
CREATE FUNCTION pg_temp.try_line(line text, OUT signs text, OUT http text) LANGUAGE plpgsql AS $$BEGIN
	PERFORM pg_temp.bind(replace(line, 'DB', current_database()));
	signs := replace(pg_temp.signs('regress_keys_rim'), current_setting('data_directory'), 'PATH');
	http := pg_temp.over_http('regress_keys_rim')::text;
END$$;
SELECT n, what, t.* FROM wrong, pg_temp.try_line(line) t ORDER BY n;
SET client_min_messages = warning;
SELECT * FROM pg_temp.over_http('regress_keys_rim');
SET coserv.signing_keys_file = '/nonexistent/keys';
SELECT * FROM pg_temp.over_http('regress_keys_rim');
SELECT regress_keys_rim.execute_signed(:query);
-- a key that is announced and cannot be read is left out; the one that signs goes on
SET coserv.signing_keys_file = :'keys';
SELECT pg_temp.bind('regress_keys_rim regress_keys_owner signing @acme # comment', E'regress_keys_rim   "regress_keys_owner" announced "@no ""where" kid#\n\n  # another');
SELECT * FROM pg_temp.over_http('regress_keys_rim');

-- the path and the keys are not for everybody
SET ROLE regress_keys_reader;
\set VERBOSITY sqlstate
SHOW coserv.signing_keys_file;
SELECT current_setting('coserv.signing_keys_file');
SET coserv.signing_keys_file = '/etc/passwd';
SELECT set_config('coserv.signing_keys_file', '/etc/passwd', false);
\set VERBOSITY default
SELECT name FROM pg_settings WHERE name = 'coserv.signing_keys_file' AND setting IS NOT NULL;
RESET ROLE;
RESET coserv.signing_keys_file;
\set program 'read line; rm -f ' :keys '*'
COPY (SELECT 1) TO PROGRAM :'program';
SELECT coserv.drop_store('regress_keys_rim'), coserv.drop_store('regress_keys_given');
REVOKE CREATE ON DATABASE :"db" FROM regress_keys_owner;
DROP TABLE anything;
DROP ROLE regress_keys_owner, regress_keys_other, regress_keys_reader;
