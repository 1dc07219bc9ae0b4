-- What triples and CoSWID tags say, as rows with typed columns: behind the views of a store, and for any triple at hand.

CREATE FUNCTION triple_kind(kind smallint) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE kind @triple_kind_cases@ END;
COMMENT ON FUNCTION triple_kind(smallint) IS 'The word for a kind of triple (key in the triples-map): @triple_kinds@; NULL for others';

CREATE FUNCTION measurements(triple cbor, kind smallint DEFAULT 0,
							 OUT "position" integer, OUT role text, OUT number integer, OUT environment environment,
							 OUT common_authorized_by crypto_key[],
							 @measurement_out@) RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 3 AS 'MODULE_PATHNAME', 'coserv_measurements';
COMMENT ON FUNCTION measurements(cbor, smallint) IS 'Measurements of a triple of kind 0, 1, 8 or 10 as typed columns, one row each; doc/views.md says what is in them';

CREATE FUNCTION keys(triple cbor, OUT "position" integer, OUT key crypto_key, OUT key_type text, OUT mkey text,
					 OUT authorized_by crypto_key[]) RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 2 AS 'MODULE_PATHNAME', 'coserv_keys';
COMMENT ON FUNCTION keys(cbor) IS 'Keys of an attest-key or identity triple, one row each; mkey and authorized_by are the triple''s conditions';

CREATE FUNCTION environments(triple cbor, OUT "position" integer, OUT environment environment) RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 3 AS 'MODULE_PATHNAME', 'coserv_environments';
COMMENT ON FUNCTION environments(cbor) IS 'Members of a domain membership triple, or trustees of a trust dependency triple, one row each';

CREATE FUNCTION coswid_tag_ids(triple cbor, OUT "position" integer, OUT tag_id text) RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 2 AS 'MODULE_PATHNAME', 'coserv_coswid_tag_ids';
COMMENT ON FUNCTION coswid_tag_ids(cbor) IS 'Tag ids that a CoSWID triple links to its environment, one row each, as the table tag has them';

CREATE FUNCTION tag_content(document bytea, ordinal integer, payload bytea DEFAULT NULL) RETURNS cbor
	LANGUAGE c STABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'coserv_tag_content';
COMMENT ON FUNCTION tag_content(bytea, integer, bytea) IS 'The map in a tag of a CoRIM document, by its position from 0; payload is what the document does not hold itself; validates the document and verifies no signature';

CREATE FUNCTION coswid_files(tag cbor, OUT "position" integer, OUT software_name text, OUT software_version text, OUT source text,
							 OUT path text, OUT name text, OUT size numeric, OUT version text, OUT digest_alg text, OUT digest bytea,
							 OUT key boolean) RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 20 AS 'MODULE_PATHNAME', 'coserv_coswid_files';
COMMENT ON FUNCTION coswid_files(cbor) IS 'Files in the payload or evidence of a concise-swid-tag (RFC 9393), those in its directories too, one row each';

CREATE FUNCTION digests(value cbor, OUT register text, OUT "position" integer, OUT digest_alg text, OUT digest bytea) RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 2 AS 'MODULE_PATHNAME', 'coserv_digests';
COMMENT ON FUNCTION digests(cbor) IS 'Each digest of a value of digests (2), or of integrity registers (14) with its register, one row each; the algorithm by its registered name, else as it is';

CREATE FUNCTION digest_values(value cbor) RETURNS bytea[]
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	BEGIN ATOMIC
		SELECT COALESCE(pg_catalog.array_agg(d.digest ORDER BY d.register, d."position"), '{}') FROM coserv.digests(value) d;
	END;
COMMENT ON FUNCTION digest_values(cbor) IS 'The digests of a value of digests (2) or integrity registers (14), without their algorithms';
