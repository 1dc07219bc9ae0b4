-- What keeps a store honest over time: the audit, loading that answers refusals, revocation, what would change, who may do what.

CREATE FUNCTION audit() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'coserv_audit';
COMMENT ON FUNCTION audit() IS 'AFTER trigger of a store''s truth tables: puts what was done on record';

CREATE FUNCTION audit_guard() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'coserv_audit_guard';
COMMENT ON FUNCTION audit_guard() IS 'BEFORE trigger of a store''s audit: it is only added to, and only by the store itself';

CREATE FUNCTION seal_audit(store regnamespace, OUT seal bigint, OUT root bytea, OUT rows bigint)
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 10000 AS 'MODULE_PATHNAME', 'coserv_seal_audit';
COMMENT ON FUNCTION seal_audit(regnamespace) IS 'Chain what has been committed to a store''s audit since the last seal; nulls and 0 where there is nothing';

CREATE FUNCTION verify_audit(store regnamespace, OUT seal bigint, OUT problem text, OUT expected bytea, OUT found bytea) RETURNS SETOF record
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 1000 ROWS 1 AS 'MODULE_PATHNAME', 'coserv_verify_audit';
COMMENT ON FUNCTION verify_audit(regnamespace) IS 'Seals of a store''s audit that do not hold, and why; no row where all do';

CREATE FUNCTION try_load(store regnamespace, document bytea, authority text DEFAULT NULL, payload bytea DEFAULT NULL, chain bytea DEFAULT NULL,
						 OUT id uuid, OUT refused text, OUT sqlstate text, OUT detail text, OUT hint text,
						 OUT profile text, OUT corim_id text, OUT authority_name text)
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000 AS 'MODULE_PATHNAME', 'coserv_try_load';
COMMENT ON FUNCTION try_load(regnamespace, bytea, text, bytea, bytea) IS 'load() that answers a refusal as a row, and puts it on record without the document; with profile and id of the CoRIM, as far as it can be read, and the authority: whose it is, or who was named';

CREATE PROCEDURE load_all(store regnamespace, query text, batch integer DEFAULT 1000, every interval DEFAULT '10 s',
						  INOUT done bigint DEFAULT 0, INOUT refused bigint DEFAULT 0)
	LANGUAGE c AS 'MODULE_PATHNAME', 'coserv_load_all';
COMMENT ON PROCEDURE load_all(regnamespace, text, integer, interval, bigint, bigint) IS 'try_load() every document (bytea; and authority text, payload bytea, chain bytea) that a query gives, commit every so many, say how far it is every so often';

CREATE FUNCTION revoke(store regnamespace, manifest uuid, authority text, tag_id text, tag_version numeric, reason text, effective_from timestamptz)
	RETURNS uuid
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'coserv_revoke';
COMMENT ON FUNCTION revoke(regnamespace, uuid, text, text, numeric, text, timestamptz) IS 'Revoke a manifest, an authority or a tag of an authority that a store has';

CREATE FUNCTION forget(store regnamespace, manifest uuid, reason text) RETURNS uuid
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'coserv_forget_manifest';
COMMENT ON FUNCTION forget(regnamespace, uuid, text) IS 'Revoke a manifest of a store and erase it, for good';

CREATE FUNCTION unrevoke(store regnamespace, revocation uuid, reason text) RETURNS uuid
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 AS 'MODULE_PATHNAME', 'coserv_unrevoke';
COMMENT ON FUNCTION unrevoke(regnamespace, uuid, text) IS 'Take a revocation of a store back, by another row';

CREATE FUNCTION triples_after(store regnamespace, document bytea, payload bytea, chain bytea, manifest uuid, authority text, tag_id text,
							  tag_version numeric, as_of timestamptz, OUT of_manifest uuid, OUT kind smallint,
							  OUT environment environment, OUT of_authority text, OUT triple cbor, OUT attester text, OUT verdict cbor,
							  OUT digest bytea) RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 1000 ROWS 1000 AS 'MODULE_PATHNAME', 'coserv_triples_after';
COMMENT ON FUNCTION triples_after(regnamespace, bytea, bytea, bytea, uuid, text, text, numeric, timestamptz) IS 'What would count, of every manifest that is concerned, after loading a document or after a revocation, and how kept Evidence would be appraised that this could touch, where the caller may read it; does neither';

CREATE FUNCTION values_agree(codepoint bigint, a cbor, b cbor, profile text) RETURNS boolean
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'coserv_values_agree';
COMMENT ON FUNCTION values_agree(bigint, cbor, cbor, text) IS 'Does either of two values of a measurement satisfy the other, by CoRIM''s rules of comparison?';

CREATE FUNCTION require_comparisons(comparisons numeric) RETURNS boolean
	LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'coserv_require_comparisons';
COMMENT ON FUNCTION require_comparisons(numeric) IS 'True; an error when that many comparisons are more than coserv.max_items';

CREATE FUNCTION series_shadowed(triple cbor, profile text, OUT item integer, OUT by integer, OUT record cbor) RETURNS SETOF record
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 ROWS 1 AS 'MODULE_PATHNAME', 'coserv_series_shadowed';
COMMENT ON FUNCTION series_shadowed(cbor, text) IS 'Items of a conditional endorsement series that can never fire, as an earlier one holds whenever they do';

CREATE FUNCTION validities(document bytea, payload bytea, OUT bound text, OUT not_before timestamptz, OUT not_after timestamptz) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL SAFE COST 1000 ROWS 2 AS 'MODULE_PATHNAME', 'coserv_validities';
COMMENT ON FUNCTION validities(bytea, bytea) IS 'What a CoRIM document says of its own validity: rim and signature; verifies no signature';

CREATE FUNCTION key_validity(key crypto_key, OUT not_before timestamptz, OUT not_after timestamptz)
	LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'coserv_key_validity';
COMMENT ON FUNCTION key_validity(crypto_key) IS 'Validity of the certificate that a key is; nulls where it is none';

CREATE FUNCTION grant_role(store regnamespace, role regrole, as_what text, granting boolean) RETURNS void
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'coserv_grant_role';
COMMENT ON FUNCTION grant_role(regnamespace, regrole, text, boolean) IS 'GRANT or REVOKE what a reader, a verifier, a loader, an auditor or an administrator of a store needs, with the rights of the caller';

CREATE FUNCTION limit_reader(store regnamespace, role regrole, authorities text[], environments environment[]) RETURNS void
	LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'coserv_limit_reader';
COMMENT ON FUNCTION limit_reader(regnamespace, regrole, text[], environment[]) IS 'Limit what a role reads of a store to authorities and environments, by policies of row-level security; NULL for both lifts the limit';

CREATE FUNCTION reader_rows() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'coserv_reader_rows';
COMMENT ON FUNCTION reader_rows() IS 'AFTER trigger of a store''s tables manifest and revocation, while readers are limited: writes what each may read, as the tables'' owner';
