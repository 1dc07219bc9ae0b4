-- crypto_key: a $crypto-key-type-choice (draft-ietf-rats-corim section 5.1.4.1.4) in deterministic encoding.
CREATE TYPE crypto_key;

CREATE FUNCTION crypto_key_in(cstring) RETURNS crypto_key
	AS 'MODULE_PATHNAME', 'cs_crypto_key_in'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION crypto_key_in(cstring) IS 'I/O: EDN or \x and hexadecimal digits to crypto_key';

CREATE FUNCTION crypto_key_out(crypto_key) RETURNS cstring
	AS 'MODULE_PATHNAME', 'cs_value_out'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION crypto_key_out(crypto_key) IS 'I/O: crypto_key to EDN on one line';

CREATE FUNCTION crypto_key_recv(internal) RETURNS crypto_key
	AS 'MODULE_PATHNAME', 'cs_crypto_key_recv'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION crypto_key_recv(internal) IS 'I/O: CBOR to crypto_key';

CREATE FUNCTION crypto_key_send(crypto_key) RETURNS bytea
	AS 'MODULE_PATHNAME', 'cs_value_send'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crypto_key_send(crypto_key) IS 'I/O: crypto_key to CBOR';

CREATE TYPE crypto_key (
	INPUT = crypto_key_in, OUTPUT = crypto_key_out, RECEIVE = crypto_key_recv, SEND = crypto_key_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = extended
);
COMMENT ON TYPE crypto_key IS 'a public key, certificate, chain or thumbprint, in deterministic encoding; text goes in as EDN, PEM, JWK or COSE_Key';

-- Casts: to bytes and to cbor nothing changes; the other way the value is checked.

CREATE FUNCTION crypto_key(bytea) RETURNS crypto_key
	AS 'MODULE_PATHNAME', 'cs_crypto_key_from_bytea'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION crypto_key(bytea) IS 'crypto_key from the bytes of its CBOR, of a DER key or certificate, or of a COSE_Key';

CREATE CAST (crypto_key AS bytea) WITHOUT FUNCTION AS ASSIGNMENT;
COMMENT ON CAST (crypto_key AS bytea) IS 'the CBOR itself';

CREATE CAST (bytea AS crypto_key) WITH FUNCTION crypto_key(bytea) AS IMPLICIT;
COMMENT ON CAST (bytea AS crypto_key) IS 'checks that the bytes are such a value';

CREATE FUNCTION crypto_key(cbor) RETURNS crypto_key
	AS 'MODULE_PATHNAME', 'cs_crypto_key_from'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION crypto_key(cbor) IS 'crypto_key from any CBOR that is one';

CREATE CAST (crypto_key AS cbor) WITHOUT FUNCTION AS ASSIGNMENT;
COMMENT ON CAST (crypto_key AS cbor) IS 'the same item';

CREATE CAST (cbor AS crypto_key) WITH FUNCTION crypto_key(cbor) AS ASSIGNMENT;
COMMENT ON CAST (cbor AS crypto_key) IS 'checks that the item is such a value';

CREATE CAST (text AS crypto_key) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS crypto_key) IS 'PEM, JWK, COSE_Key or EDN';

CREATE CAST (varchar AS crypto_key) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS crypto_key) IS 'the same as of text: a driver says which of the two it sends';

-- Equality is equality of bytes: two forms of one key are not equal.

CREATE FUNCTION crypto_key_eq(crypto_key, crypto_key) RETURNS boolean
	AS 'byteaeq'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crypto_key_eq(crypto_key, crypto_key) IS 'implementation of = operator';

CREATE FUNCTION crypto_key_ne(crypto_key, crypto_key) RETURNS boolean
	AS 'byteane'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crypto_key_ne(crypto_key, crypto_key) IS 'implementation of <> operator';

CREATE FUNCTION crypto_key_lt(crypto_key, crypto_key) RETURNS boolean
	AS 'bytealt'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crypto_key_lt(crypto_key, crypto_key) IS 'implementation of < operator';

CREATE FUNCTION crypto_key_le(crypto_key, crypto_key) RETURNS boolean
	AS 'byteale'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crypto_key_le(crypto_key, crypto_key) IS 'implementation of <= operator';

CREATE FUNCTION crypto_key_gt(crypto_key, crypto_key) RETURNS boolean
	AS 'byteagt'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crypto_key_gt(crypto_key, crypto_key) IS 'implementation of > operator';

CREATE FUNCTION crypto_key_ge(crypto_key, crypto_key) RETURNS boolean
	AS 'byteage'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crypto_key_ge(crypto_key, crypto_key) IS 'implementation of >= operator';

CREATE FUNCTION crypto_key_cmp(crypto_key, crypto_key) RETURNS integer
	AS 'byteacmp'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crypto_key_cmp(crypto_key, crypto_key) IS 'less-equal-greater, by bytes';

CREATE FUNCTION crypto_key_hash(crypto_key) RETURNS integer
	AS 'hashvarlena'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crypto_key_hash(crypto_key) IS 'hash';

CREATE FUNCTION crypto_key_hash_extended(crypto_key, bigint) RETURNS bigint
	AS 'hashvarlenaextended'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crypto_key_hash_extended(crypto_key, bigint) IS 'hash with a seed';

CREATE OPERATOR = (
	LEFTARG = crypto_key, RIGHTARG = crypto_key, FUNCTION = crypto_key_eq, COMMUTATOR = =, NEGATOR = <>,
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (crypto_key, crypto_key) IS 'equal in form and content';

CREATE OPERATOR <> (
	LEFTARG = crypto_key, RIGHTARG = crypto_key, FUNCTION = crypto_key_ne, COMMUTATOR = <>, NEGATOR = =,
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (crypto_key, crypto_key) IS 'not equal in form and content';

CREATE OPERATOR < (
	LEFTARG = crypto_key, RIGHTARG = crypto_key, FUNCTION = crypto_key_lt, COMMUTATOR = >, NEGATOR = >=,
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (crypto_key, crypto_key) IS 'less than, in the order of bytes';

CREATE OPERATOR <= (
	LEFTARG = crypto_key, RIGHTARG = crypto_key, FUNCTION = crypto_key_le, COMMUTATOR = >=, NEGATOR = >,
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (crypto_key, crypto_key) IS 'less than or equal, in the order of bytes';

CREATE OPERATOR > (
	LEFTARG = crypto_key, RIGHTARG = crypto_key, FUNCTION = crypto_key_gt, COMMUTATOR = <, NEGATOR = <=,
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (crypto_key, crypto_key) IS 'greater than, in the order of bytes';

CREATE OPERATOR >= (
	LEFTARG = crypto_key, RIGHTARG = crypto_key, FUNCTION = crypto_key_ge, COMMUTATOR = <=, NEGATOR = <,
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (crypto_key, crypto_key) IS 'greater than or equal, in the order of bytes';

CREATE OPERATOR CLASS crypto_key_ops DEFAULT FOR TYPE crypto_key USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 crypto_key_cmp(crypto_key, crypto_key),
	FUNCTION 2 (crypto_key, crypto_key) pg_catalog.bytea_sortsupport(internal),
	FUNCTION 4 (crypto_key, crypto_key) pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS crypto_key_ops USING btree IS 'order of crypto_key values; a key has at most 2704 bytes';
COMMENT ON OPERATOR FAMILY crypto_key_ops USING btree IS 'order of crypto_key values';

CREATE OPERATOR CLASS crypto_key_ops DEFAULT FOR TYPE crypto_key USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 crypto_key_hash(crypto_key), FUNCTION 2 crypto_key_hash_extended(crypto_key, bigint);
COMMENT ON OPERATOR CLASS crypto_key_ops USING hash IS 'equality of crypto_key values';
COMMENT ON OPERATOR FAMILY crypto_key_ops USING hash IS 'equality of crypto_key values';

CREATE FUNCTION crypto_key_type(crypto_key) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_crypto_key_type'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION crypto_key_type(crypto_key) IS 'which choice it is: pkix-base64-key, cose-key, key-thumbprint, ...';

CREATE FUNCTION crypto_key_text(crypto_key) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_crypto_key_text'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION crypto_key_text(crypto_key) IS 'what is inside its tag: PEM, hexadecimal digits, or EDN';

CREATE FUNCTION describe(crypto_key) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_crypto_key_describe'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION describe(crypto_key) IS 'EDN with one element a line and the standard''s names';
