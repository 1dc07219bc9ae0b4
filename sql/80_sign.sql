-- Signing.

CREATE FUNCTION sign(document corim, private_key text, signer_name text, x5chain bytea[] DEFAULT NULL,
					 not_before timestamptz DEFAULT NULL, not_after timestamptz DEFAULT NULL, metadata text DEFAULT NULL,
					 hash_envelope boolean DEFAULT false, detached boolean DEFAULT false, kid bytea DEFAULT NULL,
					 signer_uri text DEFAULT NULL) RETURNS corim
	LANGUAGE c VOLATILE PARALLEL SAFE COST 10000 AS 'MODULE_PATHNAME', 'coserv_sign';
COMMENT ON FUNCTION sign(corim, text, text, bytea[], timestamptz, timestamptz, text, boolean, boolean, bytea, text) IS 'An unsigned CoRIM in a COSE_Sign1, or signed apart from it (detached, hash_envelope); metadata: cwt-claims, corim-meta or both (default: both, or cwt-claims where not_before has no not_after); private_key is PEM or JWK: pass it as a parameter, so that no log has it';

CREATE FUNCTION public_key() RETURNS crypto_key
	LANGUAGE c STABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'coserv_public_key';
COMMENT ON FUNCTION public_key() IS 'Public half of the key that signs results (coserv.signing_key_file); NULL when there is none';
