-- Who states what: search of triples as they are stored (and of a measurement-map or key that stands alone), by measurement, by key and
-- by digest. Total, for they are LEAKPROOF: an index serves under row-level security, too.

CREATE FUNCTION triple_states(cbor, measurement) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_triple_states'
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 100;
COMMENT ON FUNCTION triple_states(cbor, measurement) IS 'implementation of @@ operator';

CREATE FUNCTION triple_stated(measurement, cbor) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_triple_stated'
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 100;
COMMENT ON FUNCTION triple_stated(measurement, cbor) IS 'implementation of @@ operator';

CREATE FUNCTION triple_states_key(cbor, crypto_key) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_triple_states_key'
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 100;
COMMENT ON FUNCTION triple_states_key(cbor, crypto_key) IS 'implementation of @@ operator';

CREATE FUNCTION triple_stated_key(crypto_key, cbor) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_triple_stated_key'
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 100;
COMMENT ON FUNCTION triple_stated_key(crypto_key, cbor) IS 'implementation of @@ operator';

CREATE FUNCTION triple_states_digest(cbor, bytea) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_triple_states_digest'
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 100;
COMMENT ON FUNCTION triple_states_digest(cbor, bytea) IS 'implementation of @@ operator';

CREATE FUNCTION triple_stated_digest(bytea, cbor) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_triple_stated_digest'
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 100;
COMMENT ON FUNCTION triple_stated_digest(bytea, cbor) IS 'implementation of @@ operator';

CREATE FUNCTION triplesel(internal, oid, internal, integer) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cs_triple_sel'
	LANGUAGE c STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION triplesel(internal, oid, internal, integer) IS 'restriction selectivity of @@ on triples';

CREATE OPERATOR @@ (
	LEFTARG = cbor, RIGHTARG = measurement, FUNCTION = triple_states, COMMUTATOR = @@, RESTRICT = triplesel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR @@ (cbor, measurement) IS 'a measurement of the triple states every value of the right';

CREATE OPERATOR @@ (
	LEFTARG = measurement, RIGHTARG = cbor, FUNCTION = triple_stated, COMMUTATOR = @@, RESTRICT = triplesel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR @@ (measurement, cbor) IS 'every value of the left is stated by a measurement of the triple';

CREATE OPERATOR @@ (
	LEFTARG = cbor, RIGHTARG = crypto_key, FUNCTION = triple_states_key, COMMUTATOR = @@, RESTRICT = triplesel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR @@ (cbor, crypto_key) IS 'the triple states this key, its certificate''s key, or a thumbprint of either';

CREATE OPERATOR @@ (
	LEFTARG = crypto_key, RIGHTARG = cbor, FUNCTION = triple_stated_key, COMMUTATOR = @@, RESTRICT = triplesel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR @@ (crypto_key, cbor) IS 'this key, its certificate''s key, or a thumbprint of either is stated by the triple';

CREATE OPERATOR @@ (
	LEFTARG = cbor, RIGHTARG = bytea, FUNCTION = triple_states_digest, COMMUTATOR = @@, RESTRICT = triplesel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR @@ (cbor, bytea) IS 'a measurement of the triple has a digest of this value, under any algorithm';

CREATE OPERATOR @@ (
	LEFTARG = bytea, RIGHTARG = cbor, FUNCTION = triple_stated_digest, COMMUTATOR = @@, RESTRICT = triplesel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR @@ (bytea, cbor) IS 'a digest of this value is in a measurement of the triple, under any algorithm';

CREATE FUNCTION triple_extract_value(cbor, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'cs_triple_extract_value'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION triple_extract_value(cbor, internal) IS 'GIN support';

CREATE FUNCTION triple_extract_query(cbor, internal, int2, internal, internal, internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'cs_triple_extract_query'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION triple_extract_query(cbor, internal, int2, internal, internal, internal, internal) IS 'GIN support; the query is a measurement, crypto_key or bytea';

CREATE FUNCTION triple_consistent(internal, int2, cbor, int4, internal, internal, internal, internal) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_measurement_consistent'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION triple_consistent(internal, int2, cbor, int4, internal, internal, internal, internal) IS 'GIN support';

CREATE FUNCTION triple_tri_consistent(internal, int2, cbor, int4, internal, internal, internal) RETURNS "char"
	AS 'MODULE_PATHNAME', 'cs_measurement_tri_consistent'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION triple_tri_consistent(internal, int2, cbor, int4, internal, internal, internal) IS 'GIN support';

CREATE OPERATOR CLASS triple_ops FOR TYPE cbor USING gin AS
	OPERATOR 1 @@ (cbor, measurement),
	OPERATOR 2 @@ (cbor, crypto_key),
	OPERATOR 3 @@ (cbor, bytea),
	FUNCTION 1 (cbor, cbor) pg_catalog.btint8cmp(bigint, bigint),
	FUNCTION 2 (cbor, cbor) triple_extract_value(cbor, internal),
	FUNCTION 3 (cbor, cbor) triple_extract_query(cbor, internal, int2, internal, internal, internal, internal),
	FUNCTION 4 (cbor, cbor) triple_consistent(internal, int2, cbor, int4, internal, internal, internal, internal),
	FUNCTION 6 (cbor, cbor) triple_tri_consistent(internal, int2, cbor, int4, internal, internal, internal),
	STORAGE bigint;
COMMENT ON OPERATOR CLASS triple_ops USING gin IS 'triples by the measurements and keys in them';
COMMENT ON OPERATOR FAMILY triple_ops USING gin IS 'triples by the measurements and keys in them';

-- The same keys for a store's table search_key, of many triples in one array.

CREATE FUNCTION document_search_keys(document bytea, OUT tag integer, OUT first integer, OUT last integer, OUT keys bigint[]) RETURNS SETOF record
	LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 ROWS 2 AS 'MODULE_PATHNAME', 'coserv_document_search_keys';
COMMENT ON FUNCTION document_search_keys(bytea) IS 'Search keys of a CoRIM document in chunks: of the triples from first to last, or of the files in the CoSWID of a tag';

CREATE FUNCTION keys_state(bigint[], measurement) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_keys_state'
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 100;
COMMENT ON FUNCTION keys_state(bigint[], measurement) IS 'implementation of @@ operator';

CREATE FUNCTION keys_stated(measurement, bigint[]) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_keys_stated'
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 100;
COMMENT ON FUNCTION keys_stated(measurement, bigint[]) IS 'implementation of @@ operator';

CREATE OPERATOR @@ (
	LEFTARG = bigint[], RIGHTARG = measurement, FUNCTION = keys_state, COMMUTATOR = @@, RESTRICT = triplesel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR @@ (bigint[], measurement) IS 'of triples with these search keys, one may state this measurement';

CREATE OPERATOR @@ (
	LEFTARG = measurement, RIGHTARG = bigint[], FUNCTION = keys_stated, COMMUTATOR = @@, RESTRICT = triplesel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR @@ (measurement, bigint[]) IS 'this measurement may be stated by one of the triples with these search keys';

CREATE FUNCTION keys_state_key(bigint[], crypto_key) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_keys_state_key'
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 100;
COMMENT ON FUNCTION keys_state_key(bigint[], crypto_key) IS 'implementation of @@ operator';

CREATE FUNCTION keys_stated_key(crypto_key, bigint[]) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_keys_stated_key'
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 100;
COMMENT ON FUNCTION keys_stated_key(crypto_key, bigint[]) IS 'implementation of @@ operator';

CREATE OPERATOR @@ (
	LEFTARG = bigint[], RIGHTARG = crypto_key, FUNCTION = keys_state_key, COMMUTATOR = @@, RESTRICT = triplesel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR @@ (bigint[], crypto_key) IS 'of triples with these search keys, one may state this key';

CREATE OPERATOR @@ (
	LEFTARG = crypto_key, RIGHTARG = bigint[], FUNCTION = keys_stated_key, COMMUTATOR = @@, RESTRICT = triplesel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR @@ (crypto_key, bigint[]) IS 'this key may be stated by one of the triples with these search keys';

CREATE FUNCTION keys_state_digest(bigint[], bytea) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_keys_state_digest'
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 100;
COMMENT ON FUNCTION keys_state_digest(bigint[], bytea) IS 'implementation of @@ operator';

CREATE FUNCTION keys_stated_digest(bytea, bigint[]) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_keys_stated_digest'
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 100;
COMMENT ON FUNCTION keys_stated_digest(bytea, bigint[]) IS 'implementation of @@ operator';

CREATE OPERATOR @@ (
	LEFTARG = bigint[], RIGHTARG = bytea, FUNCTION = keys_state_digest, COMMUTATOR = @@, RESTRICT = triplesel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR @@ (bigint[], bytea) IS 'of triples with these search keys, one may state this digest';

CREATE OPERATOR @@ (
	LEFTARG = bytea, RIGHTARG = bigint[], FUNCTION = keys_stated_digest, COMMUTATOR = @@, RESTRICT = triplesel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR @@ (bytea, bigint[]) IS 'this digest may be stated by one of the triples with these search keys';

CREATE FUNCTION keys_extract_value(bigint[], internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'cs_keys_extract_value'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION keys_extract_value(bigint[], internal) IS 'GIN support';

CREATE FUNCTION keys_extract_query(bigint[], internal, int2, internal, internal, internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME', 'cs_triple_extract_query'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION keys_extract_query(bigint[], internal, int2, internal, internal, internal, internal) IS 'GIN support; the query is a measurement, crypto_key or bytea';

CREATE FUNCTION keys_consistent(internal, int2, bigint[], int4, internal, internal, internal, internal) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_measurement_consistent'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION keys_consistent(internal, int2, bigint[], int4, internal, internal, internal, internal) IS 'GIN support';

CREATE FUNCTION keys_tri_consistent(internal, int2, bigint[], int4, internal, internal, internal) RETURNS "char"
	AS 'MODULE_PATHNAME', 'cs_measurement_tri_consistent'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION keys_tri_consistent(internal, int2, bigint[], int4, internal, internal, internal) IS 'GIN support';

CREATE OPERATOR CLASS search_key_ops FOR TYPE bigint[] USING gin AS
	OPERATOR 1 @@ (bigint[], measurement),
	OPERATOR 2 @@ (bigint[], crypto_key),
	OPERATOR 3 @@ (bigint[], bytea),
	FUNCTION 1 (bigint[], bigint[]) pg_catalog.btint8cmp(bigint, bigint),
	FUNCTION 2 (bigint[], bigint[]) keys_extract_value(bigint[], internal),
	FUNCTION 3 (bigint[], bigint[]) keys_extract_query(bigint[], internal, int2, internal, internal, internal, internal),
	FUNCTION 4 (bigint[], bigint[]) keys_consistent(internal, int2, bigint[], int4, internal, internal, internal, internal),
	FUNCTION 6 (bigint[], bigint[]) keys_tri_consistent(internal, int2, bigint[], int4, internal, internal, internal),
	STORAGE bigint;
COMMENT ON OPERATOR CLASS search_key_ops USING gin IS 'search keys of many triples by what one of them may state';
COMMENT ON OPERATOR FAMILY search_key_ops USING gin IS 'search keys of many triples by what one of them may state';
