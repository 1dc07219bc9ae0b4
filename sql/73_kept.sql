-- Kept Evidence: appraised for keeping, and found by what could touch it (sql/store/48_kept.sql, 58_kept.sql).
-- appraisal() answers few rows, but is asked of many Attesters at once: that many keep the planner from comparing each with each.

CREATE FUNCTION appraisal(store regnamespace, evidence cbor, as_of timestamptz DEFAULT NULL,
						  verified_keys crypto_key[] DEFAULT NULL, verifier crypto_key[] DEFAULT NULL,
						  OUT moment timestamptz, OUT environment environment, OUT verdict cbor, OUT manifests uuid[], OUT digest bytea,
						  OUT offers cbor, OUT keys bigint[]) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 1000 AS 'MODULE_PATHNAME', 'coserv_appraisal';
COMMENT ON FUNCTION appraisal(regnamespace, cbor, timestamptz, crypto_key[], crypto_key[]) IS 'The final ACS for Evidence over a store as it is kept: a row an environment, with what verdict() says of its elements, whose triples took part, a digest of both, and what it is found by';

CREATE FUNCTION touches(triple cbor, kind smallint, environment environment,
						OUT environment environment, OUT wanted measurement, OUT unspoken bigint, OUT contradicted bigint, OUT name cbor) RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20 ROWS 2 AS 'MODULE_PATHNAME', 'coserv_touches';
COMMENT ON FUNCTION touches(cbor, smallint, environment) IS 'What kept Evidence must have, in an environment that contains this one, for a triple to touch it: one row is enough; wanted: an element that states this; unspoken, contradicted: or one of the same mkey of which that is said';

CREATE FUNCTION file_key(path text) RETURNS bigint
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'coserv_file_key';
COMMENT ON FUNCTION file_key(text) IS 'What kept Evidence of a file at this path is found by';

CREATE FUNCTION keep_nothing() RETURNS interval
	LANGUAGE c VOLATILE PARALLEL SAFE AS 'MODULE_PATHNAME', 'coserv_keep_nothing';
COMMENT ON FUNCTION keep_nothing() IS 'The error where a store was not asked to keep Evidence';
