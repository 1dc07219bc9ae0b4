-- Forms that a signed document comes in, certificates and CRLs. The triggers belong to the tables of sql/store/12_crl.sql.

CREATE FUNCTION certificates(document bytea, payload bytea DEFAULT NULL, OUT ordinal integer, OUT issuer bytea, OUT serial bytea,
							 OUT issuer_name text, OUT subject text, OUT not_before timestamptz, OUT not_after timestamptz) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL SAFE COST 1000 ROWS 3 AS 'MODULE_PATHNAME', 'coserv_certificates';
COMMENT ON FUNCTION certificates(bytea, bytea) IS 'Certificates that a signed document brings along (x5chain, x5bag), the signer''s first; verifies no chain';

CREATE FUNCTION collection_members(document bytea, OUT ordinal integer, OUT label cbor, OUT content bytea) RETURNS SETOF record
	LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 ROWS 5 AS 'MODULE_PATHNAME', 'coserv_collection_members';
COMMENT ON FUNCTION collection_members(bytea) IS 'CoRIMs of a signed collection (COSE_Sign1 around a CMW), each as 501(corim-map); verifies no signature';

CREATE FUNCTION media_type(document bytea, is_signed boolean) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'coserv_media_type';
COMMENT ON FUNCTION media_type(bytea, boolean) IS 'The media type under which a document is answered: that of its form, where it is in a vendor''s';

CREATE FUNCTION content_of(document bytea, payload bytea) RETURNS bytea
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'coserv_content_of';
COMMENT ON FUNCTION content_of(bytea, bytea) IS 'What the content of a document is read of: its payload, where one was handed in; else, and of a document in a vendor''s form, itself';

CREATE FUNCTION conveyed(document bytea, payload bytea) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'coserv_conveyed';
COMMENT ON FUNCTION conveyed(bytea, bytea) IS 'How a document with a payload apart is answered: a detached payload in its place, a collection''s member alone, a hash envelope as it is';

CREATE FUNCTION is_conveyed_signed(document bytea) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'coserv_is_conveyed_signed';
COMMENT ON FUNCTION is_conveyed_signed(bytea) IS 'Whether conveyed() answers the signature too';

CREATE FUNCTION crl_entries(der bytea, OUT issuer bytea, OUT serial bytea, OUT revoked_at timestamptz, OUT reason smallint) RETURNS SETOF record
	LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 ROWS 100 AS 'MODULE_PATHNAME', 'coserv_crl_entries';
COMMENT ON FUNCTION crl_entries(bytea) IS 'What a DER CRL revokes; verifies no signature';

CREATE FUNCTION crl_reason(reason smallint) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'coserv_crl_reason';
COMMENT ON FUNCTION crl_reason(smallint) IS 'Name of a CRLReason (RFC 5280 section 5.3.1)';

CREATE FUNCTION certificate_revocation_id(manifest uuid, issuer bytea, serial bytea, revoked_at timestamptz) RETURNS uuid
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'coserv_certificate_revocation_id';
COMMENT ON FUNCTION certificate_revocation_id(uuid, bytea, bytea, timestamptz) IS 'Id of the revocation of a manifest by a CRL: the same in every region';

CREATE FUNCTION crl_verify() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'coserv_crl_verify';
COMMENT ON FUNCTION crl_verify() IS 'BEFORE trigger of a store''s table crl: verifies it and computes the other columns; history is kept';

CREATE FUNCTION crl_derive() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'coserv_crl_derive';
COMMENT ON FUNCTION crl_derive() IS 'AFTER trigger of a store''s table crl: writes table crl_entry, and revokes what is signed with a revoked certificate';
