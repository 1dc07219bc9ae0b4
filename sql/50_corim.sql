-- corim: a whole CoRIM document, byte for byte as it was signed; only its envelope is checked on input.
CREATE TYPE corim;

CREATE FUNCTION corim_in(cstring) RETURNS corim
	AS 'MODULE_PATHNAME', 'cs_corim_in'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION corim_in(cstring) IS 'I/O: EDN or \x and hexadecimal digits to corim';

CREATE FUNCTION corim_out(corim) RETURNS cstring
	AS 'MODULE_PATHNAME', 'cs_value_out'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION corim_out(corim) IS 'I/O: corim to EDN on one line';

CREATE FUNCTION corim_recv(internal) RETURNS corim
	AS 'MODULE_PATHNAME', 'cs_corim_recv'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION corim_recv(internal) IS 'I/O: CBOR to corim';

CREATE FUNCTION corim_send(corim) RETURNS bytea
	AS 'MODULE_PATHNAME', 'cs_value_send'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION corim_send(corim) IS 'I/O: corim to CBOR';

CREATE TYPE corim (
	INPUT = corim_in, OUTPUT = corim_out, RECEIVE = corim_recv, SEND = corim_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = extended
);
COMMENT ON TYPE corim IS 'a whole CoRIM document, signed or not, kept byte for byte; its content is validated when it is loaded';

-- Casts: to bytes and to cbor nothing changes; the other way the value is checked.

CREATE FUNCTION corim(bytea) RETURNS corim
	AS 'MODULE_PATHNAME', 'cs_corim_from'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION corim(bytea) IS 'corim from the bytes of its CBOR';

CREATE CAST (corim AS bytea) WITHOUT FUNCTION AS ASSIGNMENT;
COMMENT ON CAST (corim AS bytea) IS 'the CBOR itself';

CREATE CAST (bytea AS corim) WITH FUNCTION corim(bytea) AS IMPLICIT;
COMMENT ON CAST (bytea AS corim) IS 'checks that the bytes are such a value';

CREATE CAST (text AS corim) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS corim) IS 'EDN, or \x and hexadecimal digits';

CREATE CAST (varchar AS corim) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS corim) IS 'EDN, or \x and hexadecimal digits';

CREATE FUNCTION corim(cbor) RETURNS corim
	AS 'MODULE_PATHNAME', 'cs_corim_from'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION corim(cbor) IS 'corim from any CBOR that is one';

CREATE CAST (corim AS cbor) WITHOUT FUNCTION AS ASSIGNMENT;
COMMENT ON CAST (corim AS cbor) IS 'the same item';

CREATE CAST (cbor AS corim) WITH FUNCTION corim(cbor) AS ASSIGNMENT;
COMMENT ON CAST (cbor AS corim) IS 'checks that the item is such a value';

-- Equality is equality of bytes.

CREATE FUNCTION corim_eq(corim, corim) RETURNS boolean
	AS 'byteaeq'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION corim_eq(corim, corim) IS 'implementation of = operator';

CREATE FUNCTION corim_ne(corim, corim) RETURNS boolean
	AS 'byteane'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION corim_ne(corim, corim) IS 'implementation of <> operator';

CREATE FUNCTION corim_lt(corim, corim) RETURNS boolean
	AS 'bytealt'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION corim_lt(corim, corim) IS 'implementation of < operator';

CREATE FUNCTION corim_le(corim, corim) RETURNS boolean
	AS 'byteale'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION corim_le(corim, corim) IS 'implementation of <= operator';

CREATE FUNCTION corim_gt(corim, corim) RETURNS boolean
	AS 'byteagt'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION corim_gt(corim, corim) IS 'implementation of > operator';

CREATE FUNCTION corim_ge(corim, corim) RETURNS boolean
	AS 'byteage'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION corim_ge(corim, corim) IS 'implementation of >= operator';

CREATE FUNCTION corim_cmp(corim, corim) RETURNS integer
	AS 'byteacmp'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION corim_cmp(corim, corim) IS 'less-equal-greater, by bytes';

CREATE FUNCTION corim_hash(corim) RETURNS integer
	AS 'hashvarlena'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION corim_hash(corim) IS 'hash';

CREATE FUNCTION corim_hash_extended(corim, bigint) RETURNS bigint
	AS 'hashvarlenaextended'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION corim_hash_extended(corim, bigint) IS 'hash with a seed';

CREATE OPERATOR = (
	LEFTARG = corim, RIGHTARG = corim, FUNCTION = corim_eq, COMMUTATOR = =, NEGATOR = <>,
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (corim, corim) IS 'equal byte for byte';

CREATE OPERATOR <> (
	LEFTARG = corim, RIGHTARG = corim, FUNCTION = corim_ne, COMMUTATOR = <>, NEGATOR = =,
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (corim, corim) IS 'not equal byte for byte';

CREATE OPERATOR < (
	LEFTARG = corim, RIGHTARG = corim, FUNCTION = corim_lt, COMMUTATOR = >, NEGATOR = >=,
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (corim, corim) IS 'less than, in the order of bytes';

CREATE OPERATOR <= (
	LEFTARG = corim, RIGHTARG = corim, FUNCTION = corim_le, COMMUTATOR = >=, NEGATOR = >,
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (corim, corim) IS 'less than or equal, in the order of bytes';

CREATE OPERATOR > (
	LEFTARG = corim, RIGHTARG = corim, FUNCTION = corim_gt, COMMUTATOR = <, NEGATOR = <=,
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (corim, corim) IS 'greater than, in the order of bytes';

CREATE OPERATOR >= (
	LEFTARG = corim, RIGHTARG = corim, FUNCTION = corim_ge, COMMUTATOR = <=, NEGATOR = <,
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (corim, corim) IS 'greater than or equal, in the order of bytes';

CREATE OPERATOR CLASS corim_ops DEFAULT FOR TYPE corim USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 corim_cmp(corim, corim),
	FUNCTION 2 (corim, corim) pg_catalog.bytea_sortsupport(internal),
	FUNCTION 4 (corim, corim) pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS corim_ops USING btree IS 'order of corim values; a key has at most 2704 bytes';
COMMENT ON OPERATOR FAMILY corim_ops USING btree IS 'order of corim values';

CREATE OPERATOR CLASS corim_ops DEFAULT FOR TYPE corim USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 corim_hash(corim), FUNCTION 2 corim_hash_extended(corim, bigint);
COMMENT ON OPERATOR CLASS corim_ops USING hash IS 'equality of corim values';
COMMENT ON OPERATOR FAMILY corim_ops USING hash IS 'equality of corim values';

CREATE FUNCTION describe(corim) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_corim_describe'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION describe(corim) IS 'EDN with one element a line and the standards'' names';
