-- What Attesters send, made into Environment-Claims Tuples (doc/evidence.md).

CREATE FUNCTION evidence(format text, evidence bytea, keys crypto_key[] DEFAULT NULL, certificates bytea DEFAULT NULL,
						 signature bytea DEFAULT NULL, registers bytea DEFAULT NULL, event_log bytea DEFAULT NULL,
						 expected_nonce bytea DEFAULT NULL, at timestamptz DEFAULT pg_catalog.now(), unverified boolean DEFAULT false,
						 key_environments environment[] DEFAULT NULL, known_environment environment DEFAULT NULL,
						 OUT ect integer, OUT environment environment, OUT element measurement, OUT authority cbor, OUT profile text,
						 OUT verified_keys crypto_key[], OUT nonce bytea, OUT notes text[]) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL SAFE COST 10000 ROWS 10 AS 'MODULE_PATHNAME', 'coserv_evidence';
COMMENT ON FUNCTION evidence(text, bytea, crypto_key[], bytea, bytea, bytea, bytea, bytea, timestamptz, boolean, environment[], environment) IS 'What an Attester sent, verified with keys and made into Evidence ECTs, one row an element; key_environments binds each key to Evidence of an environment; known_environment is what the Evidence is of, where it does not say it itself; unverified makes ECTs without authority of what does not verify';

CREATE FUNCTION evidence_ects(format text, evidence bytea, keys crypto_key[] DEFAULT NULL, certificates bytea DEFAULT NULL,
							  signature bytea DEFAULT NULL, registers bytea DEFAULT NULL, event_log bytea DEFAULT NULL,
							  expected_nonce bytea DEFAULT NULL, at timestamptz DEFAULT pg_catalog.now(), unverified boolean DEFAULT false,
							  key_environments environment[] DEFAULT NULL, known_environment environment DEFAULT NULL) RETURNS cbor
	LANGUAGE c STABLE PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME', 'coserv_evidence_ects';
COMMENT ON FUNCTION evidence_ects(text, bytea, crypto_key[], bytea, bytea, bytea, bytea, bytea, timestamptz, boolean, environment[], environment) IS 'The same as an array of ECTs, which appraise() takes';

CREATE FUNCTION evidence_formats(OUT format text, OUT title text, OUT media_type text, OUT source text, OUT takes text, OUT refused text)
	RETURNS SETOF record
	LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 20 AS 'MODULE_PATHNAME', 'coserv_evidence_formats';
COMMENT ON FUNCTION evidence_formats() IS 'Formats of Evidence: by which name a CMW calls them, by whose mapping they become ECTs, what they take beside keys, and why those are refused that are';
