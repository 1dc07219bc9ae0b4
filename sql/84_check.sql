-- Do a store's rows still say what its documents say? For the stores' functions check() and verify().

CREATE FUNCTION verify_manifest(store regnamespace, manifest record, OUT verified boolean, OUT problem text, OUT detail text)
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10000 AS 'MODULE_PATHNAME', 'coserv_verify_manifest';
COMMENT ON FUNCTION verify_manifest(regnamespace, record) IS 'Whether a row of a store''s table manifest verifies as it was stored: digest, id, signature, computed columns; what has expired or was revoked since is no problem';

CREATE FUNCTION is_document(document bytea, payload bytea DEFAULT NULL) RETURNS boolean
	LANGUAGE c STABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'coserv_is_document';
COMMENT ON FUNCTION is_document(bytea, bytea) IS 'Whether tags(), triples(), certificates() and their kin can take a CoRIM document apart; verifies no authority';

CREATE FUNCTION is_crl(der bytea) RETURNS boolean
	LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'coserv_is_crl';
COMMENT ON FUNCTION is_crl(bytea) IS 'Whether crl_entries() can take a DER CRL apart; verifies no signature';
