-- Signing.

CREATE FUNCTION sign(document document, private_key text, signer_name text, x5chain bytea[] DEFAULT NULL,
					 not_before timestamptz DEFAULT NULL, not_after timestamptz DEFAULT NULL, metadata text DEFAULT NULL,
					 hash_envelope boolean DEFAULT false, detached boolean DEFAULT false, kid bytea DEFAULT NULL,
					 signer_uri text DEFAULT NULL) RETURNS corim
	LANGUAGE c VOLATILE PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME', 'coserv_sign';
COMMENT ON FUNCTION sign(document, text, text, bytea[], timestamptz, timestamptz, text, boolean, boolean, bytea, text) IS 'An unsigned CoRIM (EDN, bytes, or JSON with the standards'' names) in a COSE_Sign1, or signed apart from it (detached, hash_envelope); metadata: cwt-claims, corim-meta or both (default: both, or cwt-claims where not_before has no not_after); private_key is PEM or JWK: pass it as a parameter, so that no log has it';

CREATE FUNCTION result_verification_keys(store regnamespace, OUT kid text, OUT state text, OUT key crypto_key) RETURNS SETOF record
	LANGUAGE c VOLATILE STRICT PARALLEL RESTRICTED ROWS 2 AS 'MODULE_PATHNAME', 'coserv_result_verification_keys';
COMMENT ON FUNCTION result_verification_keys(regnamespace) IS 'Public halves of the keys that sign a store''s results or are announced, as discovery lists them';
