-- Handing documents in over HTTP, as clients of Veraison's provisioning API do it: submit (its API of 2026), activate and deactivate by RIM
-- identifier (its endorsement lifecycle management), and what that lacks: list, show, revoke. The identity that a gateway vouches for is the
-- name of a role, which the session becomes for the rest of its transaction: its grants decide, and the audit has its name.

-- Every function has a search_path of its own and calls others with arguments of their very types, so that nobody's overload is called.
-- Refusals inside are SQLSTATE PHnnn, with the status of HTTP for nnn.
CREATE FUNCTION provision_become(identity text) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF identity IS NULL OR identity = '' THEN
		RAISE EXCEPTION USING ERRCODE = 'PH401', MESSAGE = 'Unauthorized', DETAIL = 'Nobody vouches for who sends this.';
	END IF;
	IF (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = session_user) THEN
		RAISE EXCEPTION USING ERRCODE = 'PH403', MESSAGE = 'Forbidden', DETAIL = 'A superuser does not stand in for others.',
			HINT = 'Let the gateway connect as a role that is a member of its users'' roles and nothing else.';
	END IF;
	IF octet_length(identity) > 63 OR lower(identity) = 'none' OR NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = identity::name)
		OR NOT pg_has_role(session_user, identity::name, 'MEMBER') THEN
		RAISE EXCEPTION USING ERRCODE = 'PH403', MESSAGE = 'Forbidden', DETAIL = format('There is no user "%s" here.', identity);
	END IF;
	PERFORM set_config('role', identity, true);
END $$;
COMMENT ON FUNCTION provision_become(text) IS 'Become the role that an identity names, until the transaction ends; provision() calls it';

-- Bytes that percent signs stand before as hexadecimal digits (RFC 3986 section 2.1).
CREATE FUNCTION provision_unescape(escaped text) RETURNS bytea
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	BEGIN ATOMIC
		SELECT COALESCE(pg_catalog.string_agg(CASE WHEN m.part[1] ~ '^%..' THEN pg_catalog.decode(pg_catalog.substr(m.part[1], 2), 'hex')
			ELSE pg_catalog.convert_to(m.part[1], 'UTF8') END, ''::bytea ORDER BY m.n), ''::bytea)
		FROM pg_catalog.regexp_matches(escaped, '(%[0-9A-Fa-f]{2}|[^%]+|%)', 'g') WITH ORDINALITY AS m (part, n);
	END;
COMMENT ON FUNCTION provision_unescape(text) IS 'Text with its percent escapes undone; provision() calls it';

-- One member of a query string, its escapes undone; NULL: none.
CREATE FUNCTION provision_parameter(path text, name text) RETURNS text
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	pair text;
BEGIN
	FOREACH pair IN ARRAY string_to_array(split_part(path, '?', 2), '&') LOOP
		IF starts_with(pair, name || '=') THEN
			RETURN convert_from(coserv.provision_unescape(replace(substr(pair, length(name) + 2), '+', ' ')), 'UTF8');
		END IF;
	END LOOP;
	RETURN NULL;
END $$;
COMMENT ON FUNCTION provision_parameter(text, text) IS 'One member of the query string of a path; provision() calls it';

-- What documents are sent as: CoRIMs', and those of the forms of vendors.
CREATE FUNCTION provision_media_types() RETURNS text[]
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT ARRAY['application/rim+cose', 'application/rim+cbor'] OPERATOR(pg_catalog.||) pg_catalog.array_agg(f.media_type ORDER BY f.format) FROM coserv.vendor_formats() f;
	END;
COMMENT ON FUNCTION provision_media_types() IS 'Media types under which documents are handed in; provision() calls it';

-- Certificates come beside a document as Intel's service sends them: PEM, its escapes percent signs, in TCB-Info-Issuer-Chain and its like.
CREATE FUNCTION provision_chain(request_headers jsonb) RETURNS bytea
	LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	chains constant text[] := ARRAY(SELECT h.value FROM jsonb_each_text(request_headers) h WHERE lower(h.key) LIKE '%-issuer-chain');
BEGIN
	IF cardinality(chains) > 1 THEN
		RAISE EXCEPTION USING ERRCODE = 'PH400', MESSAGE = 'Two chains', DETAIL = 'Of headers that end in -Issuer-Chain, one says what belongs to the document.';
	END IF;
	RETURN coserv.provision_unescape(chains[1]);
END $$;
COMMENT ON FUNCTION provision_chain(jsonb) IS 'The chain in a request''s headers, or NULL; provision() calls it';

CREATE FUNCTION provision_discovery(request_headers jsonb, prefix text, OUT status integer, OUT headers jsonb, OUT body bytea)
	LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	accept constant text := coalesce(request_headers ->> 'accept', '*/*');
	base constant text := prefix || '/endorsement-provisioning/v1';
BEGIN
	IF accept !~* '\*/\*|application/\*|application/json|application/vnd\.veraison\.discovery\+json' THEN
		RAISE EXCEPTION USING ERRCODE = 'PH406', MESSAGE = 'Not acceptable', DETAIL = 'This is application/vnd.veraison.discovery+json.';
	END IF;
	status := 200;
	headers := '{"Content-Type": "application/vnd.veraison.discovery+json", "Cache-Control": "max-age=60"}';
	body := convert_to(jsonb_build_object('media-types', to_jsonb(coserv.provision_media_types()),
		'version', coserv.version(), 'service-state', 'READY', 'api-endpoints', jsonb_build_object(
			'provisioningSubmit', base || '/submit', 'provisioningActivate', base || '/activate',
			'provisioningDeactivate', base || '/deactivate', 'provisioningDocuments', base || '/documents'))::text, 'UTF8');
END $$;
COMMENT ON FUNCTION provision_discovery(jsonb, text) IS 'What clients of Veraison''s provisioning API read first; provision() calls it';

-- A refused document is an answer, not an error: status 200 with "failed", as its clients have it.
CREATE FUNCTION provision_submit(store regnamespace, path text, media_type text, chain bytea, content bytea, identity text, prefix text,
								 OUT status integer, OUT headers jsonb, OUT body bytea)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	is_unsigned constant boolean := media_type IN ('application/rim+cbor', 'application/corim-unsigned+cbor');
	forms constant text[] := ARRAY(SELECT split_part(f.media_type, ';', 1) FROM coserv.vendor_formats() f);
	form constant text := split_part(coserv.media_type(content, true), ';', 1); -- of a vendor's form, its own
	loaded uuid;
	refused text;
	state text;
	detail text;
	hint text;
	failure text;
BEGIN
	headers := '{"Content-Type": "application/vnd.veraison.provisioning-session+json", "Cache-Control": "no-store"}';
	IF NOT (is_unsigned OR media_type IN ('application/rim+cose', 'application/corim-signed+cbor') OR media_type = ANY (forms)) THEN
		RAISE EXCEPTION USING ERRCODE = 'PH415', MESSAGE = 'Unsupported media type',
			DETAIL = 'Documents are application/rim+cose (signed), application/rim+cbor (unsigned), or of a vendor''s form (doc/vendors.md).';
	END IF;
	IF octet_length(content) = 0 THEN
		RAISE EXCEPTION USING ERRCODE = 'PH400', MESSAGE = 'Empty body', DETAIL = 'The document is the body of the request.';
	END IF;
	IF (media_type = ANY (forms) OR form = ANY (forms)) AND media_type <> form THEN
		RAISE EXCEPTION USING ERRCODE = 'PH415', MESSAGE = 'Unsupported media type',
			DETAIL = format('The document is %s.', CASE WHEN form = ANY (forms) THEN form ELSE 'of none of the forms of vendors' END);
	END IF;
	BEGIN
		SELECT t.id, t.refused, t.sqlstate, t.detail, t.hint INTO loaded, refused, state, detail, hint FROM coserv.try_load(store, content,
			coalesce(coserv.provision_parameter(path, 'authority'), CASE WHEN is_unsigned THEN identity END), NULL::bytea, chain) t;
		failure := rtrim(refused || '. ' || concat_ws(' ', detail, hint));
	EXCEPTION WHEN query_canceled THEN
		failure := format('not loaded within %s: hand it in again, or let an operator load it with SQL', current_setting('statement_timeout'));
	END;
	IF state = '42501' THEN
		RAISE EXCEPTION USING ERRCODE = 'PH403', MESSAGE = 'Forbidden', DETAIL = failure;
	END IF;
	status := 200;
	IF failure IS NULL THEN
		headers := headers || jsonb_build_object('Location', format('%s/endorsement-provisioning/v1/documents/%s', prefix, loaded));
	END IF;
	body := convert_to((jsonb_build_object('status', CASE WHEN failure IS NULL THEN 'success' ELSE 'failed' END,
		'expiry', to_char((now() + interval '1 hour') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))
		|| CASE WHEN failure IS NULL THEN '{}' ELSE jsonb_build_object('failure-reason', failure) END)::text, 'UTF8');
END $$;
COMMENT ON FUNCTION provision_submit(regnamespace, text, text, bytea, bytea, text, text) IS 'Load a document that was handed in; provision() calls it';

-- The name of a RIM in an ELM query: text, or a UUID as bytes, bare or in tag 37.
CREATE FUNCTION provision_rim_name(id cbor) RETURNS text
	LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	RETURN CASE
		WHEN coserv.cbor_typeof(id) = 'text' THEN coserv.cbor_diag(id)::jsonb #>> '{}'
		WHEN octet_length(id::bytea) = 17 THEN encode(substr(id::bytea, 2), 'hex')::uuid::text
		WHEN octet_length(id::bytea) = 19 AND coserv.cbor_tag(id) = 37 THEN encode(substr(id::bytea, 4), 'hex')::uuid::text END;
END $$;
COMMENT ON FUNCTION provision_rim_name(cbor) IS 'The name of a RIM as manifests and tags have it; provision() calls it';

-- All of the query or nothing. Activating takes back what deactivating did, and nothing that was revoked otherwise.
CREATE FUNCTION provision_switch(store regnamespace, media_type text, content bytea, identity text, active boolean) RETURNS void
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	query coserv.cbor;
	item coserv.cbor;
	name text;
	is_corim boolean;
	manifests uuid[];
	authorities text[];
	found record;
	there boolean := false;
BEGIN
	IF media_type <> 'application/vnd.veraison.elm-v1+cbor' THEN
		RAISE EXCEPTION USING ERRCODE = 'PH415', MESSAGE = 'Unsupported media type', DETAIL = 'Such queries are application/vnd.veraison.elm-v1+cbor.';
	END IF;
	query := coserv.cbor(content);
	IF coserv.cbor_typeof(query) <> 'map' OR (query OPERATOR(coserv.->) 3::bigint) IS NULL THEN
		RAISE EXCEPTION USING ERRCODE = 'PH501', MESSAGE = 'Not implemented', DETAIL = 'Queries are by RIM identifier: {3: [[type, id], ...]}.';
	END IF;
	FOR item IN SELECT e FROM coserv.cbor_array_elements(query OPERATOR(coserv.->) 3::bigint) AS e LOOP
		name := coserv.provision_rim_name(item OPERATOR(coserv.->) 1::bigint);
		is_corim := (item OPERATOR(coserv.->>) 0::bigint) = '2';
		IF name IS NULL OR NOT (is_corim OR (item OPERATOR(coserv.->>) 0::bigint) = '0') THEN
			RAISE EXCEPTION USING ERRCODE = 'PH400', MESSAGE = 'Invalid query', DETAIL = 'A RIM is [0, id] for a CoMID or [2, id] for a CoRIM.';
		END IF;
		manifests := NULL;
		authorities := NULL;
		IF is_corim THEN
			EXECUTE format('SELECT array_agg(m.id ORDER BY m.id) FROM %s.manifest m WHERE m.corim_id = $1', store) INTO manifests USING name;
		ELSE
			EXECUTE format('SELECT array_agg(DISTINCT m.authority) FROM %1$s.tag g, %1$s.manifests_at(NULL) m
				WHERE m.id = g.manifest AND g.kind = ''comid'' AND g.tag_id = $1', store) INTO authorities USING name;
		END IF;
		there := there OR manifests IS NOT NULL OR authorities IS NOT NULL;
		IF active THEN
			FOR found IN EXECUTE format('SELECT r.id, r.reason FROM %s.revocations_at(NULL) r
				WHERE r.manifest = ANY ($1) OR (r.authority = ANY ($2) AND r.tag_id = $3) ORDER BY r.id', store) USING manifests, authorities, name
			LOOP
				IF found.reason NOT LIKE 'deactivated by %' THEN
					RAISE EXCEPTION USING ERRCODE = 'PH409', MESSAGE = 'Revoked', DETAIL = format('"%s" was revoked: %s', name, found.reason),
						HINT = 'Who revoked it takes that back with unrevoke().';
				END IF;
				EXECUTE format('SELECT %s.unrevoke($1, $2)', store) USING found.id, 'activated by ' || identity;
			END LOOP;
		ELSE
			FOR found IN EXECUTE format('SELECT i.manifest, NULL::text AS authority FROM unnest($1) AS i (manifest)
					WHERE NOT EXISTS (SELECT FROM %1$s.revocations_at(NULL) r WHERE r.manifest = i.manifest)
				UNION ALL SELECT NULL, i.authority FROM unnest($2) AS i (authority)
					WHERE NOT EXISTS (SELECT FROM %1$s.revocations_at(NULL) r WHERE r.authority = i.authority AND r.tag_id = $3)
				ORDER BY 1, 2', store) USING manifests, authorities, name
			LOOP
				EXECUTE format('SELECT %s.revoke($1, $2, $3, NULL::numeric, $4, now())', store)
					USING found.manifest, found.authority, CASE WHEN found.authority IS NOT NULL THEN name END, 'deactivated by ' || identity;
			END LOOP;
		END IF;
	END LOOP;
	IF NOT there THEN
		RAISE EXCEPTION USING ERRCODE = 'PH404', MESSAGE = 'Not found', DETAIL = 'No document here has that identifier.';
	END IF;
END $$;
COMMENT ON FUNCTION provision_switch(regnamespace, text, bytea, text, boolean) IS 'Deactivate CoRIMs and CoMIDs by their identifiers, or activate them again; provision() calls it';

-- Documents that count, or that are revoked; a thousand at a time, by id.
CREATE FUNCTION provision_list(store regnamespace, after uuid) RETURNS jsonb
	LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	documents jsonb;
BEGIN
	EXECUTE format('SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(d)) ORDER BY d.id), ''[]'') FROM (
		SELECT a.* FROM (
			SELECT m.id, m.corim_id AS "corim-id", m.profile, m.authority, m.is_signed AS "is-signed", m.not_before AS "not-before",
				m.not_after AS "not-after", m.known_at AS "known-at", NULL AS revoked
			FROM %1$s.manifests_at(NULL) m
			UNION ALL SELECT m.id, m.corim_id, m.profile, NULL, NULL, NULL, NULL, NULL, string_agg(DISTINCT r.reason, ''; '' ORDER BY r.reason)
			FROM %1$s.manifest m, %1$s.revocations_at(NULL) r WHERE r.manifest = m.id GROUP BY m.id, m.corim_id, m.profile) a
		WHERE $1 IS NULL OR a.id > $1 ORDER BY a.id LIMIT 1000) d', store) INTO documents USING after;
	RETURN documents;
END $$;
COMMENT ON FUNCTION provision_list(regnamespace, uuid) IS 'Documents of a store as JSON; provision() calls it';

CREATE FUNCTION provision_documents(store regnamespace, method text, path text, content bytea, identity text,
									OUT status integer, OUT headers jsonb, OUT body bytea)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	route constant text[] := string_to_array(split_part(path, '?', 1), '/'); -- '', 'endorsement-provisioning', 'v1', 'documents', id, 'revoke'
	id constant uuid := route[5];
	wanted constant text := CASE WHEN route[6] IS NULL THEN 'GET' ELSE 'POST' END;
	found record;
	revocation uuid;
BEGIN
	IF method <> wanted THEN
		RAISE EXCEPTION USING ERRCODE = 'PH405', MESSAGE = 'Method not allowed', DETAIL = format('This is for %s.', wanted), HINT = wanted;
	END IF;
	status := 200;
	headers := '{"Content-Type": "application/json", "Cache-Control": "no-store"}';
	IF id IS NULL THEN
		body := convert_to(coserv.provision_list(store, coserv.provision_parameter(path, 'after')::uuid)::text, 'UTF8');
	ELSIF route[6] = 'revoke' THEN
		EXECUTE format('SELECT %s.revoke($1, NULL::text, NULL::text, NULL::numeric, $2, now())', store) INTO revocation
			USING id, coalesce(nullif(convert_from(content, 'UTF8'), ''), format('revoked by %s', identity));
		body := convert_to(jsonb_build_object('revocation', revocation)::text, 'UTF8');
	ELSE
		EXECUTE format('SELECT m.document, m.is_signed FROM %s.manifests_at(NULL) m WHERE m.id = $1', store) INTO found USING id;
		IF found.document IS NULL THEN
			RAISE EXCEPTION USING ERRCODE = 'PH404', MESSAGE = 'Not found', DETAIL = 'No document with that id counts here.';
		END IF;
		headers := jsonb_build_object('Content-Type', coserv.media_type(found.document, found.is_signed));
		body := found.document;
	END IF;
END $$;
COMMENT ON FUNCTION provision_documents(regnamespace, text, text, bytea, text) IS 'List, show and revoke documents; provision() calls it';

CREATE FUNCTION provision(store regnamespace, method text, path text, request_headers jsonb, content bytea, identity text,
						  OUT status integer, OUT headers jsonb, OUT body bytea)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	base constant text := '/endorsement-provisioning/v1';
	route constant text := split_part(path, '?', 1);
	prefix constant text := coalesce(request_headers ->> 'x-forwarded-prefix', '');
	media_type constant text := lower(btrim(split_part(coalesce(request_headers ->> 'content-type', ''), ';', 1)));
	lifecycle constant boolean := route IN (base || '/activate', base || '/deactivate');
	state text;
	title text;
	detail text;
	hint text;
BEGIN
	BEGIN
		IF route = '/.well-known/veraison/provisioning' AND method IN ('GET', 'HEAD') THEN
			SELECT d.* INTO status, headers, body FROM coserv.provision_discovery(request_headers, prefix) d;
			RETURN;
		END IF;
		PERFORM coserv.provision_become(identity);
		IF route = base || '/documents' OR route ~ ('^' || base || '/documents/[0-9a-f-]{36}(/revoke)?$') THEN
			SELECT d.* INTO status, headers, body FROM coserv.provision_documents(store, replace(method, 'HEAD', 'GET'), path, content, identity) d;
		ELSIF method <> 'POST' AND (lifecycle OR route = base || '/submit') THEN
			RAISE EXCEPTION USING ERRCODE = 'PH405', MESSAGE = 'Method not allowed', DETAIL = 'This is for POST.', HINT = 'POST';
		ELSIF route = base || '/submit' THEN
			SELECT s.* INTO status, headers, body FROM coserv.provision_submit(store, path, media_type, coserv.provision_chain(request_headers),
				content, identity, prefix) s;
		ELSIF lifecycle THEN
			PERFORM coserv.provision_switch(store, media_type, content, identity, route = base || '/activate');
			status := 204;
			headers := '{"Cache-Control": "no-store"}';
		ELSE
			RAISE EXCEPTION USING ERRCODE = 'PH404', MESSAGE = 'Not found', DETAIL = 'Begin at /.well-known/veraison/provisioning.';
		END IF;
		RETURN;
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, title = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
		status := CASE WHEN state LIKE 'PH%' THEN substr(state, 3)::integer WHEN state = '42501' THEN 403 WHEN state = '42704' THEN 404
			WHEN left(state, 2) IN ('22', '23', '0A', '54', 'RA', 'P0', '42') THEN 400 END;
		IF status IS NULL THEN
			RAISE;
		END IF;
	END;
	headers := '{"Cache-Control": "no-store"}' || CASE status
		WHEN 401 THEN '{"WWW-Authenticate": "Basic realm=\"coserv\""}'::jsonb
		WHEN 405 THEN jsonb_build_object('Allow', hint)
		WHEN 415 THEN jsonb_build_object('Accept', CASE WHEN lifecycle THEN 'application/vnd.veraison.elm-v1+cbor'
			ELSE array_to_string(coserv.provision_media_types(), ', ') END)
		ELSE '{}' END;
	IF state NOT LIKE 'PH%' THEN
		detail := title || coalesce('. ' || nullif(detail, ''), '');
		title := CASE status WHEN 403 THEN 'Forbidden' WHEN 404 THEN 'Not found' ELSE 'Refused' END;
	END IF;
	detail := detail || CASE WHEN status <> 405 THEN coalesce(' ' || nullif(hint, ''), '') ELSE '' END;
	headers := headers || jsonb_build_object('Content-Type',
		CASE WHEN lifecycle THEN 'application/concise-problem-details+cbor' ELSE 'application/problem+json' END);
	body := CASE WHEN lifecycle THEN format('{-1: %s, -2: %s}', to_json(title), to_json(detail))::coserv.cbor::bytea
		ELSE convert_to(jsonb_build_object('title', title, 'status', status, 'detail', detail)::text, 'UTF8') END;
END $$;
COMMENT ON FUNCTION provision(regnamespace, text, text, jsonb, bytea, text) IS 'Veraison''s provisioning API over a store, and listing, showing and revoking: a request with its document and the role that sends it in, status, headers and body out';
