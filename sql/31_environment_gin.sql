-- GIN over environments: 64-bit hashes of each attribute and of the whole (src/pg/index/environment_gin.c).
CREATE FUNCTION environment_extract_value(environment, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'cs_environment_extract_value'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION environment_extract_value(environment, internal) IS 'GIN support';

CREATE FUNCTION environment_extract_query(environment, internal, int2, internal, internal, internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'cs_environment_extract_query'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION environment_extract_query(environment, internal, int2, internal, internal, internal, internal) IS 'GIN support; the query is a coserv for @@';

CREATE FUNCTION environment_consistent(internal, int2, environment, int4, internal, internal, internal, internal) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_environment_consistent'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION environment_consistent(internal, int2, environment, int4, internal, internal, internal, internal) IS 'GIN support';

CREATE FUNCTION environment_tri_consistent(internal, int2, environment, int4, internal, internal, internal) RETURNS "char"
	AS 'MODULE_PATHNAME', 'cs_environment_tri_consistent'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION environment_tri_consistent(internal, int2, environment, int4, internal, internal, internal) IS 'GIN support';

CREATE OPERATOR CLASS environment_ops DEFAULT FOR TYPE environment USING gin AS
	OPERATOR 1 @> (environment, environment),
	OPERATOR 2 <@ (environment, environment),
	OPERATOR 3 = (environment, environment),
	OPERATOR 4 @@ (environment, coserv),
	FUNCTION 1 (environment, environment) pg_catalog.btint8cmp(bigint, bigint),
	FUNCTION 2 (environment, environment) environment_extract_value(environment, internal),
	FUNCTION 3 (environment, environment) environment_extract_query(environment, internal, int2, internal, internal, internal, internal),
	FUNCTION 4 (environment, environment) environment_consistent(internal, int2, environment, int4, internal, internal, internal, internal),
	FUNCTION 6 (environment, environment) environment_tri_consistent(internal, int2, environment, int4, internal, internal, internal),
	STORAGE bigint;
COMMENT ON OPERATOR CLASS environment_ops USING gin IS 'containment, equality and CoSERV selection of environments';
COMMENT ON OPERATOR FAMILY environment_ops USING gin IS 'containment, equality and CoSERV selection of environments';
