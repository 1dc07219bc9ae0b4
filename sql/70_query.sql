-- Asking a store. Each store has one-line functions of its own over these.

CREATE FUNCTION execute(store regnamespace, query coserv, as_of timestamptz DEFAULT NULL) RETURNS coserv
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'coserv_execute';
COMMENT ON FUNCTION execute(regnamespace, coserv, timestamptz) IS 'The CoSERV result of a query over a store, unsigned';

CREATE FUNCTION execute_now(store regnamespace, query coserv, OUT result coserv, OUT moment timestamptz)
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'coserv_execute_now';
COMMENT ON FUNCTION execute_now(regnamespace, coserv) IS 'The CoSERV result of a query over a store now, unsigned, and its moment: as_of that moment, execute() gives the same bytes';

CREATE FUNCTION execute_members(federation regnamespace, query coserv, moments jsonb DEFAULT NULL, allow_missing boolean DEFAULT false,
								OUT result coserv, OUT members jsonb)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 AS 'MODULE_PATHNAME', 'coserv_execute_members';
COMMENT ON FUNCTION execute_members(regnamespace, coserv, jsonb, boolean) IS 'The CoSERV result of a query over a federation, unsigned, and of each member the moment that it is of, that it was not asked, or why its part is missing; moments: as of which members are asked, as this told them';

CREATE FUNCTION execute_signed(store regnamespace, query coserv) RETURNS bytea
	LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED COST 10000 AS 'MODULE_PATHNAME', 'coserv_execute_signed';
COMMENT ON FUNCTION execute_signed(regnamespace, coserv) IS 'The CoSERV result of a query over a store, now, in a COSE_Sign1; an error where no key is bound to the store (coserv.signing_keys_file)';

CREATE FUNCTION quads(store regnamespace, query coserv, as_of timestamptz DEFAULT NULL,
					  OUT authority text, OUT shown_as crypto_key, OUT kind smallint, OUT environment environment,
					  OUT triple cbor, OUT profile text,
					  OUT not_before timestamptz, OUT not_after timestamptz, OUT manifest uuid, OUT ordinal integer) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'coserv_quads';
COMMENT ON FUNCTION quads(regnamespace, coserv, timestamptz) IS 'What a CoSERV query by environment selects in a store, one row a triple with its authority';

CREATE FUNCTION appraise(store regnamespace, evidence cbor, as_of timestamptz DEFAULT NULL,
						 verified_keys crypto_key[] DEFAULT NULL, verifier crypto_key[] DEFAULT NULL,
						 OUT ect cbor, OUT cmtype text, OUT environment environment, OUT authority cbor, OUT profile text,
						 OUT manifest uuid, OUT ordinal integer, OUT round integer) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10 AS 'MODULE_PATHNAME', 'coserv_appraise';
COMMENT ON FUNCTION appraise(regnamespace, cbor, timestamptz, crypto_key[], crypto_key[]) IS 'The final ACS for Evidence over a store, one row an ECT; verified_keys verify those of attest-key and identity triples, under the joint authority of signer and verifier';

CREATE FUNCTION verdict(store regnamespace, evidence cbor, as_of timestamptz DEFAULT NULL,
						verified_keys crypto_key[] DEFAULT NULL, verifier crypto_key[] DEFAULT NULL,
						OUT environment environment, OUT mkey cbor, OUT mval cbor, OUT standing text, OUT manifest uuid, OUT ordinal integer,
						OUT authority cbor, OUT speakers bigint, OUT path text, OUT reason text, OUT wanted cbor, OUT found cbor) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10 AS 'MODULE_PATHNAME', 'coserv_verdict';
COMMENT ON FUNCTION verdict(regnamespace, cbor, timestamptz, crypto_key[], crypto_key[]) IS 'What the Reference Values of a store say of each element of Evidence: corroborated, contradicted (by the one that differs least, and where), or unspoken of';

CREATE FUNCTION discovery(store regnamespace, format text DEFAULT 'json') RETURNS bytea
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'coserv_discovery';
COMMENT ON FUNCTION discovery(regnamespace, text) IS 'The CoSERV discovery document of a store, as json or cbor';

-- A type of its own rather than OUT parameters: a store's http() is inlined then, and costs nothing itself.
CREATE TYPE http_response AS (status integer, headers jsonb, body bytea);
COMMENT ON TYPE http_response IS 'What http() answers: status code, headers by their names, content';

CREATE FUNCTION http(store regnamespace, method text, path text, request_headers jsonb DEFAULT '{}') RETURNS http_response
	LANGUAGE c VOLATILE PARALLEL RESTRICTED COST 10000 AS 'MODULE_PATHNAME', 'coserv_http';
COMMENT ON FUNCTION http(regnamespace, text, text, jsonb) IS 'The HTTP binding of CoSERV over a store: a request in, status, headers and body out';

-- Results of one query from several stores as one.

CREATE FUNCTION merge(results coserv[]) RETURNS coserv
	LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'coserv_merge';
COMMENT ON FUNCTION merge(coserv[]) IS 'Unsigned results of one query as one result: all quads, source artifacts and RIMs once, in the order of their bytes, and the earliest expiry; nulls are passed over, and of no result there is none';

CREATE FUNCTION merge_add(internal, coserv) RETURNS internal
	LANGUAGE c STABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'coserv_merge_add';
COMMENT ON FUNCTION merge_add(internal, coserv) IS 'implementation of the aggregate merge';

CREATE FUNCTION merge_finish(internal) RETURNS coserv
	LANGUAGE c STABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'coserv_merge_finish';
COMMENT ON FUNCTION merge_finish(internal) IS 'implementation of the aggregate merge';

CREATE AGGREGATE merge(coserv) (SFUNC = merge_add, STYPE = internal, FINALFUNC = merge_finish, PARALLEL = SAFE);
COMMENT ON AGGREGATE merge(coserv) IS 'Unsigned results of one query, a row each, as one result';
