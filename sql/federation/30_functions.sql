-- The reading functions of a store, over all members.

CREATE FUNCTION @store@.execute(query coserv.coserv, as_of timestamptz DEFAULT NULL) RETURNS coserv.coserv
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	RETURN coserv.execute(@store_literal@::pg_catalog.regnamespace, query, as_of);
COMMENT ON FUNCTION @store@.execute(coserv.coserv, timestamptz) IS 'The CoSERV result of a query over all members, unsigned';

CREATE FUNCTION @store@.execute_now(query coserv.coserv, OUT result coserv.coserv, OUT moment timestamptz)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT r.result, r.moment FROM coserv.execute_now(@store_literal@::pg_catalog.regnamespace, query) r;
	END;
COMMENT ON FUNCTION @store@.execute_now(coserv.coserv) IS 'The CoSERV result of a query now, unsigned, and the earliest moment of a member that was asked';

CREATE FUNCTION @store@.execute_bytes(query coserv.coserv, as_of timestamptz DEFAULT NULL) RETURNS bytea
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	RETURN coserv.execute(@store_literal@::pg_catalog.regnamespace, query, as_of)::pg_catalog.bytea;
COMMENT ON FUNCTION @store@.execute_bytes(coserv.coserv, timestamptz) IS 'The same as plain bytes, for drivers that do not know the type coserv';

CREATE FUNCTION @store@.execute_json(query coserv.coserv, as_of timestamptz DEFAULT NULL) RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	RETURN coserv.execute(@store_literal@::pg_catalog.regnamespace, query, as_of)::pg_catalog.jsonb;
COMMENT ON FUNCTION @store@.execute_json(coserv.coserv, timestamptz) IS 'The same as JSON with the names of the standards (doc/json.md)';

CREATE FUNCTION @store@.execute_members(query coserv.coserv, moments jsonb DEFAULT NULL, allow_missing boolean DEFAULT false,
	OUT result coserv.coserv, OUT members jsonb)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT r.result, r.members FROM coserv.execute_members(@store_literal@::pg_catalog.regnamespace, query, moments, allow_missing) r;
	END;
COMMENT ON FUNCTION @store@.execute_members(coserv.coserv, jsonb, boolean) IS 'The CoSERV result of a query, unsigned, and of each member what it is: the moment that it answered as of (moments asks it as of that again), that it was not asked since it could not match, or, with allow_missing, why its part is missing';

CREATE FUNCTION @store@.execute_signed(query coserv.coserv) RETURNS bytea
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED
	RETURN coserv.execute_signed(@store_literal@::pg_catalog.regnamespace, query);
COMMENT ON FUNCTION @store@.execute_signed(coserv.coserv) IS 'The CoSERV result of a query, now, in a COSE_Sign1, signed with the key that coserv.signing_keys_file binds to this federation and its members';

CREATE FUNCTION @store@.quads(query coserv.coserv, as_of timestamptz DEFAULT NULL)
	RETURNS TABLE (authority text, shown_as coserv.crypto_key, kind smallint, kind_name text, environment coserv.environment, triple coserv.cbor, profile text,
				   not_before timestamptz, not_after timestamptz, manifest uuid, ordinal integer)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT q.authority, q.shown_as, q.kind, coserv.triple_kind(q.kind), q.environment,
			q.triple, q.profile, q.not_before, q.not_after, q.manifest, q.ordinal
		FROM coserv.quads(@store_literal@::pg_catalog.regnamespace, query, as_of) q;
	END;
COMMENT ON FUNCTION @store@.quads(coserv.coserv, timestamptz) IS 'What a CoSERV query by environment selects, one row a triple with its authority: by the member''s name for it, and as results show it';

CREATE FUNCTION @store@.discovery(format text DEFAULT 'json') RETURNS bytea
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	RETURN coserv.discovery(@store_literal@::pg_catalog.regnamespace, format);
COMMENT ON FUNCTION @store@.discovery(text) IS 'The CoSERV discovery document, as json or cbor: profiles of all members';

CREATE FUNCTION @store@.http(method text, path text, request_headers jsonb DEFAULT '{}', OUT status integer, OUT headers jsonb, OUT body bytea)
	LANGUAGE sql VOLATILE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT r.status, r.headers, r.body FROM coserv.http(@store_literal@::pg_catalog.regnamespace, method, path, request_headers) AS r;
	END;
COMMENT ON FUNCTION @store@.http(text, text, jsonb) IS 'The whole HTTP binding of CoSERV: a request in, status, headers and body out';

CREATE FUNCTION @store@.appraise(evidence coserv.cbor, as_of timestamptz DEFAULT NULL, verified_keys coserv.crypto_key[] DEFAULT NULL,
	verifier coserv.crypto_key[] DEFAULT NULL)
	RETURNS TABLE (ect coserv.cbor, cmtype text, environment coserv.environment, authority coserv.cbor, profile text,
				   manifest uuid, ordinal integer, round integer)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT * FROM coserv.appraise(@store_literal@::pg_catalog.regnamespace, evidence, as_of, verified_keys, verifier);
	END;
COMMENT ON FUNCTION @store@.appraise(coserv.cbor, timestamptz, coserv.crypto_key[], coserv.crypto_key[]) IS 'The final ACS for Evidence given as ECTs, with what all members say of each environment that comes up, decided here: endorsements of different members enable each other';

CREATE FUNCTION @store@.verdict(evidence coserv.cbor, as_of timestamptz DEFAULT NULL, verified_keys coserv.crypto_key[] DEFAULT NULL,
	verifier coserv.crypto_key[] DEFAULT NULL)
	RETURNS TABLE (environment coserv.environment, mkey coserv.cbor, mval coserv.cbor, standing text, manifest uuid, ordinal integer,
				   authority coserv.cbor, speakers bigint, path text, reason text, wanted coserv.cbor, found coserv.cbor)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT * FROM coserv.verdict(@store_literal@::pg_catalog.regnamespace, evidence, as_of, verified_keys, verifier);
	END;
COMMENT ON FUNCTION @store@.verdict(coserv.cbor, timestamptz, coserv.crypto_key[], coserv.crypto_key[]) IS 'What Reference Values of all members say of each element of Evidence: corroborated and by whom, contradicted by the one that differs least and where, or unspoken of';

CREATE FUNCTION @store@.explain(evidence coserv.cbor, as_of timestamptz DEFAULT NULL, verified_keys coserv.crypto_key[] DEFAULT NULL,
	verifier coserv.crypto_key[] DEFAULT NULL)
	RETURNS TABLE (explanation text, differing integer, manifest uuid, ordinal integer, kind smallint, kind_name text, condition integer,
				   matched boolean, path text, reason text, wanted coserv.cbor, found coserv.cbor, environment coserv.environment)
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		WITH tried AS MATERIALIZED (
			SELECT DISTINCT ON (k.key) x.*
			FROM coserv.explain(@store_literal@::pg_catalog.regnamespace, evidence, as_of, verified_keys, verifier, NULL::bytea, NULL::text,
					NULL::bytea, NULL::uuid) WITH ORDINALITY AS x,
				LATERAL (SELECT pg_catalog.concat_ws(' ', x.manifest, x.ordinal, x.kind, x.condition,
				CASE WHEN x.condition IS NULL THEN pg_catalog.concat_ws(' ', x.path, x.reason, x.environment) END) AS key OFFSET 0) k
			ORDER BY k.key, x.ordinality DESC
		)
		SELECT CASE WHEN NOT r.matched THEN coserv.explanation(r.path, r.reason, r.wanted, r.found, 'manifest ' || r.manifest::text) END,
			r.differing, r.manifest, r.ordinal, r.kind, coserv.triple_kind(r.kind), r.condition, r.matched, r.path, r.reason, r.wanted, r.found, r.environment
		FROM tried r
		ORDER BY r.matched, r.differing NULLS LAST, 3, 4, 7, 9, r.reason, r.environment::pg_catalog.bytea;
	END;
COMMENT ON FUNCTION @store@.explain(coserv.cbor, timestamptz, coserv.crypto_key[], coserv.crypto_key[]) IS 'Each condition of any member that an appraisal tried, the nearest miss first: matched, or the first path that did not, what was wanted and what was there';

CREATE FUNCTION @store@.load(document coserv.document, authority text DEFAULT NULL, payload bytea DEFAULT NULL,
	chain coserv.document DEFAULT NULL) RETURNS uuid
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	RETURN coserv.federation_load(@store_literal@::pg_catalog.regnamespace, document::pg_catalog.bytea, authority, payload, chain::pg_catalog.bytea);
COMMENT ON FUNCTION @store@.load(coserv.document, text, bytea, coserv.document) IS 'Load a CoRIM, or a document in a vendor''s form with the chain that came beside it, at the member at which its authority is placed, with the caller''s rights there: those of a reader and a loader; answers its id. While an authority is placed at several, at the one since last. At another server it is loaded in a transaction there, which commits just before the one here; a transaction loads at one server';
