-- coserv: a CoSERV query or result, signed or not (draft-ietf-rats-coserv), byte for byte.
CREATE TYPE coserv;

CREATE FUNCTION coserv_in(cstring) RETURNS coserv
	AS 'MODULE_PATHNAME', 'cs_coserv_in'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION coserv_in(cstring) IS 'I/O: EDN or \x and hexadecimal digits to coserv';

CREATE FUNCTION coserv_out(coserv) RETURNS cstring
	AS 'MODULE_PATHNAME', 'cs_value_out'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION coserv_out(coserv) IS 'I/O: coserv to EDN on one line';

CREATE FUNCTION coserv_recv(internal) RETURNS coserv
	AS 'MODULE_PATHNAME', 'cs_coserv_recv'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION coserv_recv(internal) IS 'I/O: CBOR to coserv';

CREATE FUNCTION coserv_send(coserv) RETURNS bytea
	AS 'MODULE_PATHNAME', 'cs_value_send'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION coserv_send(coserv) IS 'I/O: coserv to CBOR';

CREATE TYPE coserv (
	INPUT = coserv_in, OUTPUT = coserv_out, RECEIVE = coserv_recv, SEND = coserv_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = extended
);
COMMENT ON TYPE coserv IS 'a CoSERV query or result, signed or not, kept byte for byte';

-- Casts: to bytes and to cbor nothing changes; the other way the value is checked.

CREATE FUNCTION coserv(bytea) RETURNS coserv
	AS 'MODULE_PATHNAME', 'cs_coserv_from'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION coserv(bytea) IS 'coserv from the bytes of its CBOR';

CREATE CAST (coserv AS bytea) WITHOUT FUNCTION AS ASSIGNMENT;
COMMENT ON CAST (coserv AS bytea) IS 'the CBOR itself';

CREATE CAST (bytea AS coserv) WITH FUNCTION coserv(bytea) AS IMPLICIT;
COMMENT ON CAST (bytea AS coserv) IS 'checks that the bytes are such a value';

CREATE CAST (text AS coserv) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS coserv) IS 'EDN, or \x and hexadecimal digits';

CREATE CAST (varchar AS coserv) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS coserv) IS 'EDN, or \x and hexadecimal digits';

CREATE FUNCTION coserv(cbor) RETURNS coserv
	AS 'MODULE_PATHNAME', 'cs_coserv_from'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION coserv(cbor) IS 'coserv from any CBOR that is one';

CREATE CAST (coserv AS cbor) WITHOUT FUNCTION AS ASSIGNMENT;
COMMENT ON CAST (coserv AS cbor) IS 'the same item';

CREATE CAST (cbor AS coserv) WITH FUNCTION coserv(cbor) AS ASSIGNMENT;
COMMENT ON CAST (cbor AS coserv) IS 'checks that the item is such a value';

-- Equality is equality of bytes.

CREATE FUNCTION coserv_eq(coserv, coserv) RETURNS boolean
	AS 'byteaeq'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION coserv_eq(coserv, coserv) IS 'implementation of = operator';

CREATE FUNCTION coserv_ne(coserv, coserv) RETURNS boolean
	AS 'byteane'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION coserv_ne(coserv, coserv) IS 'implementation of <> operator';

CREATE FUNCTION coserv_lt(coserv, coserv) RETURNS boolean
	AS 'bytealt'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION coserv_lt(coserv, coserv) IS 'implementation of < operator';

CREATE FUNCTION coserv_le(coserv, coserv) RETURNS boolean
	AS 'byteale'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION coserv_le(coserv, coserv) IS 'implementation of <= operator';

CREATE FUNCTION coserv_gt(coserv, coserv) RETURNS boolean
	AS 'byteagt'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION coserv_gt(coserv, coserv) IS 'implementation of > operator';

CREATE FUNCTION coserv_ge(coserv, coserv) RETURNS boolean
	AS 'byteage'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION coserv_ge(coserv, coserv) IS 'implementation of >= operator';

CREATE FUNCTION coserv_cmp(coserv, coserv) RETURNS integer
	AS 'byteacmp'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION coserv_cmp(coserv, coserv) IS 'less-equal-greater, by bytes';

CREATE FUNCTION coserv_hash(coserv) RETURNS integer
	AS 'hashvarlena'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION coserv_hash(coserv) IS 'hash';

CREATE FUNCTION coserv_hash_extended(coserv, bigint) RETURNS bigint
	AS 'hashvarlenaextended'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION coserv_hash_extended(coserv, bigint) IS 'hash with a seed';

CREATE OPERATOR = (
	LEFTARG = coserv, RIGHTARG = coserv, FUNCTION = coserv_eq, COMMUTATOR = =, NEGATOR = <>,
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (coserv, coserv) IS 'equal byte for byte';

CREATE OPERATOR <> (
	LEFTARG = coserv, RIGHTARG = coserv, FUNCTION = coserv_ne, COMMUTATOR = <>, NEGATOR = =,
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (coserv, coserv) IS 'not equal byte for byte';

CREATE OPERATOR < (
	LEFTARG = coserv, RIGHTARG = coserv, FUNCTION = coserv_lt, COMMUTATOR = >, NEGATOR = >=,
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (coserv, coserv) IS 'less than, in the order of bytes';

CREATE OPERATOR <= (
	LEFTARG = coserv, RIGHTARG = coserv, FUNCTION = coserv_le, COMMUTATOR = >=, NEGATOR = >,
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (coserv, coserv) IS 'less than or equal, in the order of bytes';

CREATE OPERATOR > (
	LEFTARG = coserv, RIGHTARG = coserv, FUNCTION = coserv_gt, COMMUTATOR = <, NEGATOR = <=,
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (coserv, coserv) IS 'greater than, in the order of bytes';

CREATE OPERATOR >= (
	LEFTARG = coserv, RIGHTARG = coserv, FUNCTION = coserv_ge, COMMUTATOR = <=, NEGATOR = <,
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (coserv, coserv) IS 'greater than or equal, in the order of bytes';

CREATE OPERATOR CLASS coserv_ops DEFAULT FOR TYPE coserv USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 coserv_cmp(coserv, coserv),
	FUNCTION 2 (coserv, coserv) pg_catalog.bytea_sortsupport(internal),
	FUNCTION 4 (coserv, coserv) pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS coserv_ops USING btree IS 'order of coserv values; a key has at most 2704 bytes';
COMMENT ON OPERATOR FAMILY coserv_ops USING btree IS 'order of coserv values';

CREATE OPERATOR CLASS coserv_ops DEFAULT FOR TYPE coserv USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 coserv_hash(coserv), FUNCTION 2 coserv_hash_extended(coserv, bigint);
COMMENT ON OPERATOR CLASS coserv_ops USING hash IS 'equality of coserv values';
COMMENT ON OPERATOR FAMILY coserv_ops USING hash IS 'equality of coserv values';

CREATE FUNCTION describe(coserv) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_coserv_describe'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION describe(coserv) IS 'EDN with one element a line and the standard''s names';
