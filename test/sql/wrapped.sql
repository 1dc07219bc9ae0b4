-- A document that came wrapped is refused with a hint that says what it seems to be and what to call; here that is called.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS coserv;
SELECT coserv.create_store('regress_wrapped');
INSERT INTO regress_wrapped.authority (name, key, accepts_unsigned) VALUES ('me', '560(h''00'')', true);
CREATE TABLE pg_temp.plain (document bytea, base64 text);
INSERT INTO pg_temp.plain SELECT d, encode(d, 'base64') FROM
	(SELECT '501({0: "wrapped", 1: [506(<<{1: {0: "t"}, 4: {0: [[{0: {1: "ACME"}}, [{1: {11: "a long name > of ? something ~ that needs paddin"}}]]]}}>>)]})'::coserv.corim::bytea) AS c (d);
CREATE FUNCTION pg_temp.attempt(document bytea, OUT refused text, OUT hint text, OUT followed text) LANGUAGE plpgsql AS $$
DECLARE
	call text;
	id uuid;
BEGIN
	PERFORM regress_wrapped.load(document, authority => 'me');
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS refused = RETURNED_SQLSTATE, hint = PG_EXCEPTION_HINT;
	call := substring(hint FROM ' Load (.*)[.]$');
	IF call IS NOT NULL THEN
		EXECUTE format('SELECT regress_wrapped.load(%s, authority => ''me'')', replace(call, 'document', '$1')) INTO id USING document;
		followed := CASE WHEN id = (SELECT m.id FROM regress_wrapped.manifest m WHERE regress_wrapped.document(m.id) = (SELECT p.document FROM pg_temp.plain p)) THEN 'loaded' ELSE 'another' END;
	END IF;
END $$;
SELECT what, (pg_temp.attempt(wrapped)).* FROM pg_temp.plain p, LATERAL (VALUES
	('base64', convert_to(base64, 'UTF8')),
	('base64 in one line, without padding', convert_to(rtrim(translate(base64, E'\n', ''), '='), 'UTF8')),
	('base64url without padding', convert_to(rtrim(translate(base64, E'+/\n', '-_'), '='), 'UTF8')),
	('hexadecimal', convert_to(encode(document, 'hex') || E'\n', 'UTF8')),
	('hexadecimal with \x', convert_to('\x' || encode(document, 'hex'), 'UTF8')),
	('hexadecimal with 0x', convert_to('0x' || upper(encode(document, 'hex')), 'UTF8')),
	('PEM', convert_to(E'-----BEGIN CORIM-----\n' || base64 || E'\n-----END CORIM-----\n', 'UTF8')),
	('JSON', convert_to(document::coserv.corim::jsonb::text, 'UTF8')),
	('JSON of something else', convert_to('{"meta": {"version": 1}, "digests": {}}', 'UTF8')),
	('XML', convert_to('<?xml version="1.0"?><SoftwareIdentity/>', 'UTF8')),
	('EDN', convert_to(document::coserv.corim::text, 'UTF8')),
	('EDN with a comment', convert_to('/ a CoRIM / ' || document::coserv.corim::text, 'UTF8')),
	('a byte order mark', '\xefbbbf' || document),
	('a new line', document || '\x0a'::bytea),
	('a new line of Windows', document || '\x0d0a'::bytea),
	('gzip', '\x1f8b0800'::bytea || document),
	('zip', 'PK\003\004'::bytea || document),
	('zstd', '\x28b52ffd'::bytea || document),
	('xz', '\xfd377a585a00'::bytea || document),
	('UTF-16', '\xfffe'::bytea || document),
	('a certificate', '\x3082010a0282'::bytea || document),
	('nothing that is known', '\xffff'::bytea || document),
	('two documents', document || document)) AS w (what, wrapped);

-- inspect() notes the same
SELECT message FROM coserv.inspect((SELECT convert_to(base64, 'UTF8') FROM pg_temp.plain)) ORDER BY severity;
SELECT severity, message FROM coserv.inspect((SELECT document || '\x0a' FROM pg_temp.plain)) ORDER BY severity;
SELECT coserv.drop_store('regress_wrapped');
