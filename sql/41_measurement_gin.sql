-- GIN over measurements: 64-bit hashes of what must be equal (src/pg/index/search_keys.h).
CREATE FUNCTION measurement_extract_value(measurement, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'cs_measurement_extract_value'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION measurement_extract_value(measurement, internal) IS 'GIN support';

CREATE FUNCTION measurement_extract_query(measurement, internal, int2, internal, internal, internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'cs_measurement_extract_query'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION measurement_extract_query(measurement, internal, int2, internal, internal, internal, internal) IS 'GIN support';

CREATE FUNCTION measurement_consistent(internal, int2, measurement, int4, internal, internal, internal, internal) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_measurement_consistent'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION measurement_consistent(internal, int2, measurement, int4, internal, internal, internal, internal) IS 'GIN support';

CREATE FUNCTION measurement_tri_consistent(internal, int2, measurement, int4, internal, internal, internal) RETURNS "char"
	AS 'MODULE_PATHNAME', 'cs_measurement_tri_consistent'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION measurement_tri_consistent(internal, int2, measurement, int4, internal, internal, internal) IS 'GIN support';

CREATE OPERATOR CLASS measurement_ops DEFAULT FOR TYPE measurement USING gin AS
	OPERATOR 1 @> (measurement, measurement),
	FUNCTION 1 (measurement, measurement) pg_catalog.btint8cmp(bigint, bigint),
	FUNCTION 2 (measurement, measurement) measurement_extract_value(measurement, internal),
	FUNCTION 3 (measurement, measurement) measurement_extract_query(measurement, internal, int2, internal, internal, internal, internal),
	FUNCTION 4 (measurement, measurement) measurement_consistent(internal, int2, measurement, int4, internal, internal, internal, internal),
	FUNCTION 6 (measurement, measurement) measurement_tri_consistent(internal, int2, measurement, int4, internal, internal, internal),
	STORAGE bigint;
COMMENT ON OPERATOR CLASS measurement_ops USING gin IS 'entries that satisfy a condition';
COMMENT ON OPERATOR FAMILY measurement_ops USING gin IS 'entries that satisfy a condition';
