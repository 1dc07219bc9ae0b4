-- http() beyond the draft: the form of problems, headers as servers hand them on, how long an answer is fresh, coserv.log_answers; and
-- provision(), by which documents are handed in over HTTP.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
SET search_path = pg_catalog, coserv, pg_temp;
\getenv srcdir PG_ABS_SRCDIR
\set acme_key `cat :'srcdir'/data/acme.key`
\set acme_pub `cat :'srcdir'/data/acme.pub`
\set certifier_pub `cat :'srcdir'/data/certifier.pub`
\set stranger_key `cat :'srcdir'/data/stranger.key`
SELECT create_store('regress_http');
INSERT INTO regress_http.authority (name, key, accepts_unsigned) VALUES ('acme', :'acme_pub', false), ('regress_supplier', :'certifier_pub', true);
CREATE FUNCTION pg_temp.path(coserv) RETURNS text LANGUAGE sql AS $$ SELECT '/coserv/' || rtrim(translate(encode($1::bytea, 'base64'), E'+/\n', '-_'), '=') $$;
CREATE FUNCTION pg_temp.document(id text, tag text, vendor text) RETURNS bytea LANGUAGE sql AS $$
	SELECT format('501({0: "%s", 1: [506(<<{1: {0: "%s"}, 4: {0: [[{0: {1: "%s"}}, [{1: {1: 1}}]]]}}>>)], 3: 32("tag:acme.example,2026:p")})', id, tag, vendor)::corim::bytea $$;
\set query '{0: "tag:acme.example,2026:p", 1: {0: 2, 1: {0: [[{1: "V"}]]}, 2: 0}}'
SELECT regress_http.load(sign(pg_temp.document('first', 't', 'V')::corim, :'acme_key', 'acme')::bytea) AS first \gset

-- the form of problems: CBOR for who reads it or says nothing, JSON, or words for a person
SELECT v.accept, status, headers ->> 'Content-Type' AS type, headers ->> 'Cache-Control' AS cache,
	CASE WHEN headers ->> 'Content-Type' LIKE '%cbor' THEN body::cbor::text ELSE convert_from(body, 'UTF8') END AS body
FROM (VALUES (NULL), ('*/*'), ('text/html, */*;q=0.8'), ('application/json'), ('application/problem+json'), ('application/coserv+cose'), ('application/json, application/coserv+cbor')) v(accept),
	regress_http.http('GET', '/nowhere', jsonb_build_object('accept', v.accept));
SELECT status, headers, replace(convert_from(body, 'UTF8'), version(), '(version)') AS body FROM regress_http.http('GET', '/');
SELECT status, headers ->> 'Allow' AS allow FROM regress_http.http('PUT', '/');

-- headers in any case, as lists, absent
SELECT h.headers AS request, a.status, a.headers ->> 'Content-Type' AS type
FROM (VALUES ('{"accept": "application/coserv-discovery+cbor"}'), ('{"ACCEPT": "application/coserv-discovery+cbor"}'), ('{"Accept": ["text/html", "application/coserv-discovery+cbor"]}'),
	('{"accept": null}'), ('{"accept": [null, 1, {"x": "text/html"}]}'), ('{"x": {"accept": "text/html"}}'), ('[]'), ('{"Accept": "text/html", "accept": "application/coserv-discovery+json"}'),
	('null'), (NULL)) h(headers),
	regress_http.http('GET', '/.well-known/coserv-configuration', h.headers::jsonb) a ORDER BY h.headers COLLATE "C";
SELECT regress_http.http(NULL, '/', '{}');
SELECT regress_http.http('GET', NULL, '{}');

-- a store behind a prefix says so; what is no path counts for none
SELECT p.prefix, convert_from(body, 'UTF8')::jsonb -> 'api-endpoints' AS endpoints
FROM (VALUES ('/rim'), ('//evil.example'), ('http://evil.example'), ('/a"b'), ('')) p(prefix),
	regress_http.http('GET', '/.well-known/coserv-configuration', jsonb_build_object('X-Forwarded-Prefix', p.prefix));

-- an answer is fresh for a shorter time than it is valid
SELECT status, (headers ->> 'Cache-Control') = 'max-age=450' AS an_eighth_of_an_hour FROM regress_http.http('GET', pg_temp.path(:'query'));
SET coserv.result_ttl = 4;
SELECT substring(headers ->> 'Cache-Control' FROM '^max-age=(\d+)$')::int <= 1 AS short FROM regress_http.http('GET', pg_temp.path(:'query'));
RESET coserv.result_ttl;

-- coserv.log_answers
SELECT count(*) FROM regress_http.answer;
SET coserv.log_answers = on;
SELECT status, headers ? 'X-Coserv-Answer' AS told, body FROM regress_http.http('GET', pg_temp.path(:'query')) \gset logged_
SELECT :logged_status AS status, :'logged_told' AS told;
SELECT who = current_user AS mine, at <= now() AS earlier, query = :'query'::coserv::bytea AS query, digest = sha256(:'logged_body') AS digest, is_signed FROM regress_http.answer;
BEGIN READ ONLY;
SELECT status, headers ->> 'X-Coserv-Answer' = encode(sha256(body), 'hex') AS told FROM regress_http.http('GET', pg_temp.path(:'query'));
COMMIT;
ALTER TABLE regress_http.answer ADD CONSTRAINT never CHECK (false) NOT VALID;
SELECT status, headers ? 'X-Coserv-Answer' AS told FROM regress_http.http('GET', pg_temp.path(:'query'));
SELECT status, headers ? 'X-Coserv-Answer' AS told FROM regress_http.http('GET', '/nowhere');
SELECT count(*) FROM regress_http.answer;
RESET coserv.log_answers;

-- ---- provision() ----
CREATE ROLE regress_gateway NOINHERIT;
CREATE ROLE regress_supplier;
CREATE ROLE regress_security;
CREATE ROLE regress_outsider;
GRANT USAGE ON SCHEMA regress_http TO regress_gateway;
GRANT regress_supplier, regress_security TO regress_gateway;
SELECT regress_http.grant_loader('regress_supplier');
SELECT regress_http.grant_administrator('regress_security');
SELECT sign(pg_temp.document('second', 'u', 'W')::corim, :'acme_key', 'acme')::bytea AS good, sign(pg_temp.document('third', 'w', 'W')::corim, :'stranger_key', 'stranger')::bytea AS bad,
	pg_temp.document('fourth', 'x', 'X') AS unsigned \gset
CREATE FUNCTION pg_temp.ask(method text, path text, identity text, type text DEFAULT NULL, content bytea DEFAULT '', OUT status int, OUT type_ text, OUT said text) LANGUAGE sql AS $$
	SELECT p.status, p.headers ->> 'Content-Type',
		CASE WHEN p.headers ->> 'Content-Type' LIKE '%cbor' THEN p.body::cbor::text
			ELSE regexp_replace(regexp_replace(convert_from(p.body, 'UTF8'), '[0-9a-f]{8}-[0-9a-f-]{27}', '(uuid)', 'g'), '\d{4}-\d\d-\d\dT[0-9:.+-]+Z?', '(time)', 'g') END
	FROM regress_http.provision(method, path, jsonb_build_object('content-type', type), content, identity) p $$;
SET SESSION AUTHORIZATION regress_gateway;
SET search_path = pg_catalog, coserv, pg_temp;
SELECT status, headers, convert_from(body, 'UTF8')::jsonb - 'version' AS body FROM regress_http.provision('GET', '/.well-known/veraison/provisioning', '{"x-forwarded-prefix": "/rim"}', '', NULL);
SELECT status FROM regress_http.provision('GET', '/.well-known/veraison/provisioning', '{"accept": "text/html"}', '', NULL);
\set submit '/endorsement-provisioning/v1/submit'
\set rim 'application/rim+cose; profile="tag:acme.example,2026:p"'
-- who: nobody, somebody of whom nothing is known, no member, a role that is nobody's, one that may not load
SELECT * FROM pg_temp.ask('POST', :'submit', NULL, :'rim', :'good');
SELECT i.identity, a.* FROM unnest('{nobody,regress_outsider,NONE,regress_security}'::text[]) i(identity), pg_temp.ask('POST', :'submit', i.identity, :'rim', :'good') a;
SELECT a.status FROM pg_temp.ask('POST', :'submit', repeat('x', 64), :'rim', :'good') a;
SELECT * FROM pg_temp.ask('POST', :'submit', 'regress_supplier', :'rim', :'good');
SELECT current_user;
BEGIN;
SELECT a.status, current_user FROM pg_temp.ask('POST', :'submit', 'regress_supplier', :'rim', :'good') a;
SELECT current_user;
ROLLBACK;
-- what: refused documents, empty ones, other types, unsigned ones under the identity's own name
SELECT * FROM pg_temp.ask('POST', :'submit', 'regress_supplier', :'rim', :'bad');
SELECT * FROM pg_temp.ask('POST', :'submit', 'regress_supplier', :'rim', '\x00');
SELECT * FROM pg_temp.ask('POST', :'submit', 'regress_supplier', :'rim', '');
SELECT * FROM pg_temp.ask('POST', :'submit', 'regress_supplier', 'text/plain', :'good');
SELECT * FROM pg_temp.ask('GET', :'submit', 'regress_supplier', :'rim', :'good');
SELECT * FROM pg_temp.ask('POST', :'submit', 'regress_supplier', 'application/rim+cbor; profile=x', :'unsigned');
SELECT * FROM pg_temp.ask('POST', :'submit' || '?authority=ac%6De', 'regress_supplier', 'application/rim+cbor', pg_temp.document('fifth', 'y', 'Y'));
SELECT * FROM pg_temp.ask('GET', '/elsewhere', 'regress_supplier');
-- activate and deactivate: by CoRIM, by CoMID, all or nothing, as often as one likes
\set elm 'application/vnd.veraison.elm-v1+cbor'
\set down '/endorsement-provisioning/v1/deactivate'
\set up '/endorsement-provisioning/v1/activate'
SELECT * FROM pg_temp.ask('POST', :'down', 'regress_supplier', :'elm', '{3: [[2, "first"]]}'::cbor::bytea);
SELECT * FROM pg_temp.ask('POST', :'down', 'regress_security', :'elm', '{3: [[2, "first"], [0, "u"]]}'::cbor::bytea);
SELECT * FROM pg_temp.ask('POST', :'down', 'regress_security', :'elm', '{3: [[2, "first"], [0, "u"]]}'::cbor::bytea);
RESET SESSION AUTHORIZATION;
SELECT corim_id FROM regress_http.manifests_at(now()) ORDER BY 1;
SELECT manifest IS NOT NULL AS of_manifest, authority, tag_id, reason, revoked_by FROM regress_http.revocation ORDER BY manifest;
SET SESSION AUTHORIZATION regress_gateway;
SELECT * FROM pg_temp.ask('POST', :'up', 'regress_security', :'elm', '{3: [[2, "first"], [0, "u"]]}'::cbor::bytea);
SELECT * FROM pg_temp.ask('POST', :'up', 'regress_security', :'elm', '{3: [[2, "first"], [0, "u"]]}'::cbor::bytea);
SELECT e.query, a.* FROM (VALUES ('{3: [[2, "first"], [2, "nowhere"]]}'), ('{3: [[2, "nowhere"]]}'), ('{3: [[1, "first"]]}'), ('{0: "p", 1: 2, 2: {}}'), ('[]')) e(query),
	pg_temp.ask('POST', :'down', 'regress_security', :'elm', e.query::cbor::bytea) a;
SELECT * FROM pg_temp.ask('POST', :'down', 'regress_security', :'elm', '\xff');
SELECT * FROM pg_temp.ask('POST', :'down', 'regress_security', 'application/cbor', '\xa0');
SELECT * FROM pg_temp.ask('POST', :'up', 'regress_security', :'elm', '{3: [[2, "first"]]}'::cbor::bytea);
-- list, show, revoke
\set documents '/endorsement-provisioning/v1/documents'
SELECT status, jsonb_pretty(said::jsonb) FROM pg_temp.ask('GET', :'documents', 'regress_security');
SELECT * FROM pg_temp.ask('GET', :'documents', 'regress_supplier');
SELECT status, headers, length(body) > 100 AS whole FROM regress_http.provision('GET', :'documents' || '/' || :'first', '{}', '', 'regress_security');
SELECT * FROM pg_temp.ask('GET', :'documents' || '/00000000-0000-0000-0000-000000000000', 'regress_security');
SELECT * FROM pg_temp.ask('POST', :'documents' || '/00000000-0000-0000-0000-000000000000/revoke', 'regress_security');
SELECT * FROM pg_temp.ask('GET', :'documents' || '/' || :'first' || '/revoke', 'regress_security');
SELECT * FROM pg_temp.ask('POST', :'documents' || '/' || :'first' || '/revoke', 'regress_security', 'text/plain', 'key lost');
SELECT * FROM pg_temp.ask('POST', :'up', 'regress_security', :'elm', '{3: [[2, "first"]]}'::cbor::bytea);
SELECT jsonb_array_length(said::jsonb) AS documents, said::jsonb @> '[{"revoked": "key lost"}]' AS revoked FROM pg_temp.ask('GET', :'documents', 'regress_security');
-- a superuser stands in for nobody
RESET SESSION AUTHORIZATION;
SELECT * FROM pg_temp.ask('POST', :'submit', 'regress_supplier', :'rim', :'good');
-- the audit has the identity
SELECT DISTINCT who, action, session FROM regress_http.audit WHERE who LIKE 'regress%' ORDER BY 1, 2;
-- figures
SELECT name, value FROM regress_http.metrics();
SELECT drop_store('regress_http');
DROP ROLE regress_gateway, regress_supplier, regress_security, regress_outsider;
