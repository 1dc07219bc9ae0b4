-- One line each over the extension's own functions, so that an upgrade of the extension upgrades them.

CREATE FUNCTION @store@.load(document coserv.document, authority text DEFAULT NULL, payload bytea DEFAULT NULL,
	chain coserv.document DEFAULT NULL) RETURNS uuid
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	RETURN coserv.load(@store_literal@::pg_catalog.regnamespace, document::pg_catalog.bytea, authority, payload, chain::pg_catalog.bytea);
COMMENT ON FUNCTION @store@.load(coserv.document, text, bytea, coserv.document) IS 'Verify, validate and store a CoRIM, or a document in a vendor''s form (doc/vendors.md); answers its id, also when it is already there. payload: what document signs and does not hold; chain: the certificates that came beside a vendor''s document';

CREATE FUNCTION @store@.load_collection(document coserv.document, authority text DEFAULT NULL) RETURNS SETOF uuid
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		SELECT coserv.load(@store_literal@::pg_catalog.regnamespace, document::pg_catalog.bytea, authority, m.content, NULL::pg_catalog.bytea)
		FROM coserv.collection_members(document::pg_catalog.bytea) m ORDER BY m.ordinal;
	END;
COMMENT ON FUNCTION @store@.load_collection(coserv.document, text) IS 'Load each CoRIM of a signed collection, all or none; answers their ids in its order';

CREATE FUNCTION @store@.document(manifest uuid) RETURNS bytea
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	RETURN (SELECT d.document FROM coserv.document(@store_literal@::pg_catalog.regnamespace, manifest) d);
COMMENT ON FUNCTION @store@.document(uuid) IS 'The document of a manifest, byte for byte as it came';

CREATE FUNCTION @store@.execute(query coserv.coserv, as_of timestamptz DEFAULT NULL) RETURNS coserv.coserv
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	RETURN coserv.execute(@store_literal@::pg_catalog.regnamespace, query, as_of);
COMMENT ON FUNCTION @store@.execute(coserv.coserv, timestamptz) IS 'The CoSERV result of a query, unsigned';

CREATE FUNCTION @store@.execute_now(query coserv.coserv, OUT result coserv.coserv, OUT moment timestamptz)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT r.result, r.moment FROM coserv.execute_now(@store_literal@::pg_catalog.regnamespace, query) r;
	END;
COMMENT ON FUNCTION @store@.execute_now(coserv.coserv) IS 'The CoSERV result of a query now, unsigned, and its moment: as_of that moment, execute() gives the same bytes';

CREATE FUNCTION @store@.execute_bytes(query coserv.coserv, as_of timestamptz DEFAULT NULL) RETURNS bytea
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	RETURN coserv.execute(@store_literal@::pg_catalog.regnamespace, query, as_of)::pg_catalog.bytea;
COMMENT ON FUNCTION @store@.execute_bytes(coserv.coserv, timestamptz) IS 'The same as plain bytes, for drivers that do not know the type coserv';

CREATE FUNCTION @store@.execute_json(query coserv.coserv, as_of timestamptz DEFAULT NULL) RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	RETURN coserv.execute(@store_literal@::pg_catalog.regnamespace, query, as_of)::pg_catalog.jsonb;
COMMENT ON FUNCTION @store@.execute_json(coserv.coserv, timestamptz) IS 'The same as JSON with the names of the standards (doc/json.md)';

CREATE FUNCTION @store@.execute_signed(query coserv.coserv) RETURNS bytea
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED
	RETURN coserv.execute_signed(@store_literal@::pg_catalog.regnamespace, query);
COMMENT ON FUNCTION @store@.execute_signed(coserv.coserv) IS 'The CoSERV result of a query, now, in a COSE_Sign1, signed with the key that coserv.signing_keys_file binds to this store';

CREATE FUNCTION @store@.quads(query coserv.coserv, as_of timestamptz DEFAULT NULL)
	RETURNS TABLE (authority text, shown_as coserv.crypto_key, kind smallint, kind_name text, environment coserv.environment, triple coserv.cbor, profile text,
				   not_before timestamptz, not_after timestamptz, manifest uuid, ordinal integer)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT q.authority, q.shown_as, q.kind, coserv.triple_kind(q.kind), q.environment,
			q.triple, q.profile, q.not_before, q.not_after, q.manifest, q.ordinal
		FROM coserv.quads(@store_literal@::pg_catalog.regnamespace, query, as_of) q;
	END;
COMMENT ON FUNCTION @store@.quads(coserv.coserv, timestamptz) IS 'What a CoSERV query by environment selects, one row a triple with its authority: by name, and as results show it';

CREATE FUNCTION @store@.appraise(evidence coserv.cbor, as_of timestamptz DEFAULT NULL, verified_keys coserv.crypto_key[] DEFAULT NULL,
	verifier coserv.crypto_key[] DEFAULT NULL)
	RETURNS TABLE (ect coserv.cbor, cmtype text, environment coserv.environment, authority coserv.cbor, profile text,
				   manifest uuid, ordinal integer, round integer)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT * FROM coserv.appraise(@store_literal@::pg_catalog.regnamespace, evidence, as_of, verified_keys, verifier);
	END;
COMMENT ON FUNCTION @store@.appraise(coserv.cbor, timestamptz, coserv.crypto_key[], coserv.crypto_key[]) IS 'The final ACS for Evidence given as ECTs: one row an ECT, with the triple that added it; verified_keys are the keys and certificate chains that the Verifier has seen used, verifier says who that is (doc/trust.md)';

CREATE FUNCTION @store@.verdict(evidence coserv.cbor, as_of timestamptz DEFAULT NULL, verified_keys coserv.crypto_key[] DEFAULT NULL,
	verifier coserv.crypto_key[] DEFAULT NULL)
	RETURNS TABLE (environment coserv.environment, mkey coserv.cbor, mval coserv.cbor, standing text, manifest uuid, ordinal integer,
				   authority coserv.cbor, speakers bigint, path text, reason text, wanted coserv.cbor, found coserv.cbor)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT * FROM coserv.verdict(@store_literal@::pg_catalog.regnamespace, evidence, as_of, verified_keys, verifier);
	END;
COMMENT ON FUNCTION @store@.verdict(coserv.cbor, timestamptz, coserv.crypto_key[], coserv.crypto_key[]) IS 'What Reference Values say of each element of Evidence: corroborated and by whom, contradicted by the one that differs least and where, or unspoken of';

CREATE FUNCTION @store@.discovery(format text DEFAULT 'json') RETURNS bytea
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	RETURN coserv.discovery(@store_literal@::pg_catalog.regnamespace, format);
COMMENT ON FUNCTION @store@.discovery(text) IS 'The CoSERV discovery document, as json or cbor';

CREATE FUNCTION @store@.http(method text, path text, request_headers jsonb DEFAULT '{}') RETURNS coserv.http_response
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED
	RETURN coserv.http(@store_literal@::pg_catalog.regnamespace, method, path, request_headers);
COMMENT ON FUNCTION @store@.http(text, text, jsonb) IS 'The whole HTTP binding of CoSERV: a request in, status, headers and body out';
