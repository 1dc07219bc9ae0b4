-- measurement: a measurement-map (draft-ietf-rats-corim section 5.1.4.2) in deterministic encoding.
CREATE TYPE measurement;

CREATE FUNCTION measurement_in(cstring) RETURNS measurement
	AS 'MODULE_PATHNAME', 'cs_measurement_in'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION measurement_in(cstring) IS 'I/O: EDN or \x and hexadecimal digits to measurement';

CREATE FUNCTION measurement_out(measurement) RETURNS cstring
	AS 'MODULE_PATHNAME', 'cs_value_out'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION measurement_out(measurement) IS 'I/O: measurement to EDN on one line';

CREATE FUNCTION measurement_recv(internal) RETURNS measurement
	AS 'MODULE_PATHNAME', 'cs_measurement_recv'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION measurement_recv(internal) IS 'I/O: CBOR to measurement';

CREATE FUNCTION measurement_send(measurement) RETURNS bytea
	AS 'MODULE_PATHNAME', 'cs_value_send'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION measurement_send(measurement) IS 'I/O: measurement to CBOR';

CREATE TYPE measurement (
	INPUT = measurement_in, OUTPUT = measurement_out, RECEIVE = measurement_recv, SEND = measurement_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = extended
);
COMMENT ON TYPE measurement IS 'a CoMID measurement-map, in deterministic encoding';

-- Casts: to bytes and to cbor nothing changes; the other way the value is checked.

CREATE FUNCTION measurement(bytea) RETURNS measurement
	AS 'MODULE_PATHNAME', 'cs_measurement_from'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION measurement(bytea) IS 'measurement from the bytes of its CBOR';

CREATE CAST (measurement AS bytea) WITHOUT FUNCTION AS ASSIGNMENT;
COMMENT ON CAST (measurement AS bytea) IS 'the CBOR itself';

CREATE CAST (bytea AS measurement) WITH FUNCTION measurement(bytea) AS IMPLICIT;
COMMENT ON CAST (bytea AS measurement) IS 'checks that the bytes are such a value';

CREATE CAST (text AS measurement) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS measurement) IS 'EDN, or \x and hexadecimal digits';

CREATE CAST (varchar AS measurement) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS measurement) IS 'EDN, or \x and hexadecimal digits';

CREATE FUNCTION measurement(cbor) RETURNS measurement
	AS 'MODULE_PATHNAME', 'cs_measurement_from'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION measurement(cbor) IS 'measurement from any CBOR that is one';

CREATE CAST (measurement AS cbor) WITHOUT FUNCTION AS ASSIGNMENT;
COMMENT ON CAST (measurement AS cbor) IS 'the same item';

CREATE CAST (cbor AS measurement) WITH FUNCTION measurement(cbor) AS ASSIGNMENT;
COMMENT ON CAST (cbor AS measurement) IS 'checks that the item is such a value';

-- Equality is equality of bytes, for they are in deterministic encoding.

CREATE FUNCTION measurement_eq(measurement, measurement) RETURNS boolean
	AS 'byteaeq'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION measurement_eq(measurement, measurement) IS 'implementation of = operator';

CREATE FUNCTION measurement_ne(measurement, measurement) RETURNS boolean
	AS 'byteane'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION measurement_ne(measurement, measurement) IS 'implementation of <> operator';

CREATE FUNCTION measurement_lt(measurement, measurement) RETURNS boolean
	AS 'bytealt'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION measurement_lt(measurement, measurement) IS 'implementation of < operator';

CREATE FUNCTION measurement_le(measurement, measurement) RETURNS boolean
	AS 'byteale'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION measurement_le(measurement, measurement) IS 'implementation of <= operator';

CREATE FUNCTION measurement_gt(measurement, measurement) RETURNS boolean
	AS 'byteagt'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION measurement_gt(measurement, measurement) IS 'implementation of > operator';

CREATE FUNCTION measurement_ge(measurement, measurement) RETURNS boolean
	AS 'byteage'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION measurement_ge(measurement, measurement) IS 'implementation of >= operator';

CREATE FUNCTION measurement_cmp(measurement, measurement) RETURNS integer
	AS 'byteacmp'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION measurement_cmp(measurement, measurement) IS 'less-equal-greater, by bytes';

CREATE FUNCTION measurement_hash(measurement) RETURNS integer
	AS 'hashvarlena'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION measurement_hash(measurement) IS 'hash';

CREATE FUNCTION measurement_hash_extended(measurement, bigint) RETURNS bigint
	AS 'hashvarlenaextended'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION measurement_hash_extended(measurement, bigint) IS 'hash with a seed';

CREATE OPERATOR = (
	LEFTARG = measurement, RIGHTARG = measurement, FUNCTION = measurement_eq, COMMUTATOR = =, NEGATOR = <>,
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (measurement, measurement) IS 'equal in every part';

CREATE OPERATOR <> (
	LEFTARG = measurement, RIGHTARG = measurement, FUNCTION = measurement_ne, COMMUTATOR = <>, NEGATOR = =,
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (measurement, measurement) IS 'not equal in every part';

CREATE OPERATOR < (
	LEFTARG = measurement, RIGHTARG = measurement, FUNCTION = measurement_lt, COMMUTATOR = >, NEGATOR = >=,
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (measurement, measurement) IS 'less than, in the order of bytes';

CREATE OPERATOR <= (
	LEFTARG = measurement, RIGHTARG = measurement, FUNCTION = measurement_le, COMMUTATOR = >=, NEGATOR = >,
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (measurement, measurement) IS 'less than or equal, in the order of bytes';

CREATE OPERATOR > (
	LEFTARG = measurement, RIGHTARG = measurement, FUNCTION = measurement_gt, COMMUTATOR = <, NEGATOR = <=,
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (measurement, measurement) IS 'greater than, in the order of bytes';

CREATE OPERATOR >= (
	LEFTARG = measurement, RIGHTARG = measurement, FUNCTION = measurement_ge, COMMUTATOR = <=, NEGATOR = <,
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (measurement, measurement) IS 'greater than or equal, in the order of bytes';

CREATE OPERATOR CLASS measurement_ops DEFAULT FOR TYPE measurement USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 measurement_cmp(measurement, measurement),
	FUNCTION 2 (measurement, measurement) pg_catalog.bytea_sortsupport(internal),
	FUNCTION 4 (measurement, measurement) pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS measurement_ops USING btree IS 'order of measurement values; a key has at most 2704 bytes';
COMMENT ON OPERATOR FAMILY measurement_ops USING btree IS 'order of measurement values';

CREATE OPERATOR CLASS measurement_ops DEFAULT FOR TYPE measurement USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 measurement_hash(measurement), FUNCTION 2 measurement_hash_extended(measurement, bigint);
COMMENT ON OPERATOR CLASS measurement_ops USING hash IS 'equality of measurement values';
COMMENT ON OPERATOR FAMILY measurement_ops USING hash IS 'equality of measurement values';

-- The rules of comparison, without a profile: the left is what is known, the right what is asked.

CREATE FUNCTION measurement_satisfies(measurement, measurement) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_measurement_contains'
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5;
COMMENT ON FUNCTION measurement_satisfies(measurement, measurement) IS 'implementation of @> operator';

CREATE FUNCTION measurement_satisfied(measurement, measurement) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_measurement_contained'
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 5;
COMMENT ON FUNCTION measurement_satisfied(measurement, measurement) IS 'implementation of <@ operator';

CREATE OPERATOR @> (
	LEFTARG = measurement, RIGHTARG = measurement, FUNCTION = measurement_satisfies, COMMUTATOR = <@,
	RESTRICT = matchingsel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR @> (measurement, measurement) IS 'the left, as entry, satisfies the right, as condition';

CREATE OPERATOR <@ (
	LEFTARG = measurement, RIGHTARG = measurement, FUNCTION = measurement_satisfied, COMMUTATOR = @>,
	RESTRICT = matchingsel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR <@ (measurement, measurement) IS 'the left, as condition, is satisfied by the right, as entry';

-- Its parts; NULL where there is none.

CREATE FUNCTION measurement_key(measurement) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_measurement_key'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION measurement_key(measurement) IS 'mkey: text, an integer, a UUID, a dotted OID';

CREATE FUNCTION measurement_key_type(measurement) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_measurement_key_type'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION measurement_key_type(measurement) IS 'which choice mkey is: text, integer, uuid, oid, ...';

CREATE FUNCTION measurement_values(measurement) RETURNS cbor
	AS 'MODULE_PATHNAME', 'cs_measurement_values'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION measurement_values(measurement) IS 'mval: the measurement-values-map';

CREATE FUNCTION describe(measurement) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_measurement_describe'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION describe(measurement) IS 'EDN with one element a line and the standard''s names';
