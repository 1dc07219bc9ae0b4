-- What the drafts ask of a CoRIM store and of a CoSERV service and only a store can show: doc/conformance.md names these statements.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET timezone = 'UTC';
CREATE EXTENSION IF NOT EXISTS coserv;
SET search_path = public, coserv;
\getenv srcdir PG_ABS_SRCDIR
\set acme_key `cat :'srcdir'/data/acme.key`
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set certifier_key `cat :'srcdir'/data/certifier.key`
\set certifier_pub `cat :'srcdir'/data/certifier.pub`
\set secrets :srcdir '/lib/secrets.sql'
SELECT create_store('regress_conf');
INSERT INTO regress_conf.authority (name, key, accepts_unsigned) VALUES ('acme', :'acme_pub', true), ('certifier', :'certifier_pub', false);

-- A CoMID with one Reference Value, the name of what vendor V makes; more: further members of the CoMID.
CREATE FUNCTION pg_temp.comid(tag text, version int, name text, more text DEFAULT '') RETURNS text LANGUAGE sql
	RETURN format('506(<<{1: {0: "%s", 1: %s}, %s 4: {0: [[{0: {1: "V"}}, [{1: {11: "%s"}}]]]}}>>)', tag, version, more, name);
-- more: further members of the corim-map
CREATE FUNCTION pg_temp.corim_with(id text, tags text, more text DEFAULT '') RETURNS coserv.corim LANGUAGE sql
	RETURN format('501({0: "%s", 1: [%s] %s})', id, tags, more)::coserv.corim;
-- The names that are answered when somebody asks about vendor V.
CREATE FUNCTION pg_temp.names(as_of timestamptz DEFAULT now()) RETURNS text LANGUAGE sql VOLATILE
	AS $$SELECT string_agg(triple -> 1 -> 0 -> 1 ->> 11, ' ' ORDER BY triple -> 1 -> 0 -> 1 ->> 11)
		FROM regress_conf.quads('{0: "tag:p", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}}', as_of)$$;
-- What a query by RIM identifier is answered with: key, media type, and whose document it is, byte for byte.
CREATE FUNCTION pg_temp.rims(selectors text, as_of timestamptz DEFAULT now()) RETURNS TABLE (key cbor, media_type text, document text) LANGUAGE sql VOLATILE
	AS $$SELECT e.key, e.value ->> 0, m.corim_id
		FROM cbor_each(regress_conf.execute(format('{0: "tag:p", 1: {3: [%s]}}', selectors)::coserv.coserv, as_of)::cbor -> 2 -> 5) e
		LEFT JOIN regress_conf.manifest m ON regress_conf.document(m.id) = cbor_embedded(e.value -> 1)::bytea$$;
-- The path under which a query is asked over HTTP.
CREATE FUNCTION pg_temp.path(query coserv.coserv) RETURNS text LANGUAGE sql
	RETURN '/coserv/' || rtrim(translate(encode(query::bytea, 'base64'), E'+/\n', '-_'), '=');

-- CoSERV "Results for Queries by RIM Identifier": by CoRIM, CoMID and CoSWID identifier, whole documents, the newest revision only
SELECT regress_conf.load(coserv.sign(pg_temp.corim_with('one', pg_temp.comid('tag', 1, 'n1')), :'acme_key', 'acme')::bytea) AS one \gset
SELECT regress_conf.load(coserv.sign(pg_temp.corim_with('two', pg_temp.comid('tag', 2, 'n2') || ', 505(<<{0: "swid", 12: 0, 1: "s", 2: {31: "V", 33: 1}}>>)'),
	:'acme_key', 'acme', not_after => '2099-01-01')::bytea) AS two \gset
SELECT * FROM pg_temp.rims('[2, "one"], [0, "tag"], [1, "swid"], [2, "nowhere"], [1, "tag"]') ORDER BY key;
SELECT regress_conf.execute('{0: "tag:p", 1: {3: [[2, "nowhere"]]}}', '2089-01-01')::text;
-- an older revision that arrives late is history, and whoever loads it is told
SET client_min_messages = notice;
SELECT regress_conf.load(coserv.sign(pg_temp.corim_with('late', pg_temp.comid('tag', 0, 'n0')), :'acme_key', 'acme')::bytea) IS NOT NULL AS loaded;
SET client_min_messages = warning;
SELECT pg_temp.names();
SELECT * FROM pg_temp.rims('[0, "tag"]');
-- outside its validity a RIM is not in a result
SELECT * FROM pg_temp.rims('[1, "swid"]', '2098-12-31');
SELECT * FROM pg_temp.rims('[1, "swid"]', '2099-01-01');
-- what was conveyed unsigned is answered as what it is
SELECT regress_conf.load(pg_temp.corim_with('plain', pg_temp.comid('plain', 0, 'p'))::bytea, authority => 'acme') AS plain \gset
SELECT * FROM pg_temp.rims('[0, "plain"]');

-- CoRIM "Linked Tag": what a tag replaces is disregarded, and what it supplements is not; only within one authority
SELECT regress_conf.load(coserv.sign(pg_temp.corim_with('r1', pg_temp.comid('new', 0, 'new', '3: [{0: "plain", 1: 1}, {0: "tag", 1: 0}],')), :'acme_key', 'acme')::bytea) AS new \gset
SELECT regress_conf.load(coserv.sign(pg_temp.corim_with('r2', pg_temp.comid('other', 0, 'other', '3: [{0: "tag", 1: 1}],')), :'certifier_key', 'certifier')::bytea) AS other \gset
SELECT pg_temp.names();

-- CoRIM "CoRIM Selection": what was revoked is discarded: a document, a tag, an authority; and taken back
INSERT INTO regress_conf.revocation (manifest, reason) VALUES (:'other', 'wrong');
SELECT pg_temp.names();
SELECT * FROM pg_temp.rims('[2, "r2"], [0, "other"]');
INSERT INTO regress_conf.revocation (undoes, reason) SELECT id, 'mistaken' FROM regress_conf.revocation;
INSERT INTO regress_conf.revocation (authority, tag_id, reason) VALUES ('acme', 'new', 'wrong');
SELECT pg_temp.names();
-- a tag that was revoked by its id is not answered by name either
SELECT * FROM pg_temp.rims('[0, "new"]');
INSERT INTO regress_conf.revocation (authority, reason) VALUES ('acme', 'key lost');
SELECT pg_temp.names();
SELECT * FROM pg_temp.rims('[2, "one"], [0, "tag"]');
SELECT regress_conf.load(coserv.sign(pg_temp.corim_with('after', pg_temp.comid('after', 0, 'a')), :'acme_key', 'acme')::bytea);
SELECT drop_store('regress_conf');

-- CoRIM "CoTL": where CoTLs are required a tag counts while one activates it; all of its tags or none; within its validity
SELECT create_store('regress_conf');
INSERT INTO regress_conf.authority (name, key) VALUES ('acme', :'acme_pub');
INSERT INTO regress_conf.policy (require_cotl) VALUES (true);
SELECT regress_conf.load(coserv.sign(pg_temp.corim_with('a', pg_temp.comid('a', 3, 'a')), :'acme_key', 'acme')::bytea) IS NOT NULL AS loaded;
SELECT pg_temp.names() AS nothing;
SELECT regress_conf.load(coserv.sign(pg_temp.corim_with('l', '508(<<{0: {0: "l"}, 1: [{0: "a", 1: 3}, {0: "b"}], 2: {1: 1(4070908800)}}>>)'), :'acme_key', 'acme')::bytea) IS NOT NULL AS loaded;
SELECT pg_temp.names() AS one_tag_is_missing;
SELECT regress_conf.load(coserv.sign(pg_temp.corim_with('b', pg_temp.comid('b', 7, 'b')), :'acme_key', 'acme')::bytea) IS NOT NULL AS loaded;
SELECT pg_temp.names() AS both, pg_temp.names('2098-12-31') AS as_long_as_it_holds, pg_temp.names('2099-01-01') AS and_no_longer;
SELECT regress_conf.execute('{0: "tag:p", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}}', '2098-12-31 23:50:00+00')::cbor -> 2 ->> 10 AS expires_with_the_cotl;
INSERT INTO regress_conf.policy (require_cotl) VALUES (false);
SELECT pg_temp.names('2099-01-01') AS required_no_more;

-- CoSERV "Artifacts": source artifacts are the documents, byte for byte
SELECT m.corim_id, s ->> 0 AS media_type
FROM cbor_array_elements(regress_conf.execute('{0: "tag:p", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 1}}')::cbor -> 2 -> 11) s
JOIN regress_conf.manifest m ON regress_conf.document(m.id) = cbor_embedded(s -> 1)::bytea ORDER BY 1;

-- CoSERV "Request Response over HTTP"
\set query '{0: "tag:acme.example,2026:p", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}}'
SELECT status, headers - 'ETag' - 'Cache-Control' AS headers, body = regress_conf.execute(:'query')::bytea AS same,
	headers ->> 'ETag' ~ '^"[0-9a-f]{32}"$' AS strong_etag
FROM regress_conf.http('GET', pg_temp.path(:'query'), '{"accept": "application/coserv+cbor; profile=\"tag:acme.example,2026:p\""}');
-- fresh no longer than the result is valid
SELECT date_trunc('second', now()) + split_part(headers ->> 'Cache-Control', '=', 2)::int * interval '1 s' <= substring(body::cbor -> 2 ->> 10 from '"(.*)"')::timestamptz AS fresh_while_valid
FROM regress_conf.http('GET', pg_temp.path(:'query'));
-- 304, 406 for other types and profiles, 400 for what is no query, 404, 405: problem details with title and detail
SELECT (r.n).status, (r.n).headers - 'ETag' - 'Cache-Control' AS headers, length((r.n).body) AS length
FROM (SELECT regress_conf.http('GET', pg_temp.path(:'query'), jsonb_build_object('if-none-match', h.headers ->> 'ETag')) AS n
	FROM regress_conf.http('GET', pg_temp.path(:'query')) h) r;
SELECT status, headers ->> 'Content-Type' AS type, body::cbor
FROM (VALUES (pg_temp.path(:'query'), 'application/coserv+cbor; profile="tag:acme.example,2026:q"'), (pg_temp.path(:'query'), 'text/html, application/concise-problem-details+cbor'), (pg_temp.path(:'query'), 'application/coserv+cose'),
	('/coserv/AAAA', 'application/coserv+cbor'), ('/coserv/====', 'application/coserv+cbor'), ('/coserv/ogB', 'application/coserv+cose'), ('/nowhere', ''),
	('/.well-known/coserv-configuration', 'text/html, application/concise-problem-details+cbor'), ('/.well-known/coserv-configuration?x', 'application/coserv-discovery+cbor')) v(path, accept),
	regress_conf.http('GET', v.path, jsonb_build_object('accept', v.accept));
SELECT status, headers, body::cbor FROM regress_conf.http('POST', pg_temp.path(:'query'));
-- 406 for a profile that no document has, once every document has one
SELECT drop_store('regress_conf');
SELECT create_store('regress_conf');
INSERT INTO regress_conf.authority (name, key) VALUES ('acme', :'acme_pub');
SELECT regress_conf.load(coserv.sign(pg_temp.corim_with('p', pg_temp.comid('a', 0, 'a'), ', 3: 32("tag:acme.example,2026:p")'), :'acme_key', 'acme')::bytea) IS NOT NULL AS loaded;
SELECT status, body::cbor FROM regress_conf.http('GET', pg_temp.path('{0: "tag:acme.example,2026:q", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}}'));

-- CoRIM "Profile Types": which profiles are understood, an authority's row says; where it does not, any is loaded
INSERT INTO regress_conf.authority (name, key, profiles) VALUES ('certifier', :'certifier_pub', '{"tag:acme.example,2026:p"}');
SELECT regress_conf.load(coserv.sign(pg_temp.corim_with('q', pg_temp.comid('b', 0, 'b'), ', 3: 32("tag:acme.example,2026:q")'), :'certifier_key', 'certifier')::bytea);

-- CoSERV "Discovery": both formats, of the same content; unsigned results need no key
SELECT status, headers - 'ETag' AS headers, convert_from(body, 'UTF8')::jsonb - 'version' AS document, convert_from(body, 'UTF8')::jsonb ->> 'version' ~ '^\d+\.\d+\.\d+$' AS semver
FROM regress_conf.http('GET', '/.well-known/coserv-configuration', '{"accept": "application/coserv-discovery+json"}');
SELECT status, headers - 'ETag' AS headers, body::cbor -> 2 AS capabilities, body::cbor -> 3 AS endpoints, body::cbor -> 4 AS keys, body::cbor ->> 1 ~ '^\d+\.\d+\.\d+$' AS semver
FROM regress_conf.http('GET', '/.well-known/coserv-configuration', '{"accept": "application/coserv-discovery+cbor"}');
SELECT status, headers ->> 'Content-Type' AS type FROM regress_conf.http('GET', '/.well-known/coserv-configuration');

-- CoSERV "Cryptographic Binding": signed, the payload is the result, and the key is in the discovery document
\i :secrets
SELECT current_setting('data_directory') || '/regress_conformance' AS keys \gset
SELECT pg_temp.write_secret(:'keys' || '.pem', :'acme_key'), pg_temp.write_secret(:'keys', format('%s regress_conf %s signing %s.pem', current_database(), current_user, :'keys'));
SET coserv.signing_keys_file = :'keys';
SELECT status, headers - 'ETag' - 'Cache-Control' AS headers, cbor_tag(body::cbor) AS tag, cbor_embedded(body::cbor -> 0) AS protected, body::cbor -> 1 AS unprotected,
	cbor_embedded(body::cbor -> 2) -> 1 = :'query'::cbor -> 1 AS echo, cbor_embedded(body::cbor -> 2)::coserv.coserv IS NOT NULL AS is_coserv, headers ->> 'ETag' ~ '^W/' AS weak_etag
FROM regress_conf.http('GET', pg_temp.path(:'query'), '{"accept": "application/coserv+cose"}');
SELECT capability, document -> 'result-verification-key' AS keys
FROM (SELECT convert_from(regress_conf.discovery('json'), 'UTF8')::jsonb AS document) d, jsonb_array_elements(document -> 'capabilities') capability;
SELECT regress_conf.discovery('cbor')::cbor -> 4 AS keys, (regress_conf.discovery('cbor')::cbor -> 4 -> 0)::bytea = substr(key::bytea, 4) AS same_key
FROM result_verification_keys('regress_conf');
RESET coserv.signing_keys_file;
\set remove 'read line; rm ' :keys ' ' :keys '.pem'
COPY (SELECT 1) TO PROGRAM :'remove';
-- the endpoint ends with its variable
SET coserv.endpoint = '/v1/coserv';
SELECT drop_store('regress_conf');

-- beyond the CDDL: trust anchor stores in a result as a list of them, or one
SELECT '{0: "tag:p", 1: {0: 1, 1: {0: [[{1: "V"}]]}, 2: 0}, 2: {3: [], 4: [{1: [560(h''00'')], 2: [{2: [], 6: {0: [[2, h''30'']]}}]},'
	'{1: [560(h''00'')], 2: {2: [], 6: {0: [[2, h''30'']]}}}], 10: 0("2030-01-01T00:00:00Z")}}'::coserv IS NOT NULL AS taken;
