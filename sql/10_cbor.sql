-- cbor: any well-formed CBOR item (RFC 8949), byte for byte as it came; EDN is its text form.
CREATE TYPE cbor;

CREATE FUNCTION cbor_in(cstring) RETURNS cbor
	AS 'MODULE_PATHNAME', 'cs_cbor_in'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION cbor_in(cstring) IS 'I/O: EDN or \x and hexadecimal digits to cbor';

CREATE FUNCTION cbor_out(cbor) RETURNS cstring
	AS 'MODULE_PATHNAME', 'cs_value_out'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION cbor_out(cbor) IS 'I/O: cbor to EDN on one line';

CREATE FUNCTION cbor_recv(internal) RETURNS cbor
	AS 'MODULE_PATHNAME', 'cs_cbor_recv'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION cbor_recv(internal) IS 'I/O: CBOR to cbor';

CREATE FUNCTION cbor_send(cbor) RETURNS bytea
	AS 'MODULE_PATHNAME', 'cs_value_send'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION cbor_send(cbor) IS 'I/O: cbor to CBOR';

CREATE TYPE cbor (
	INPUT = cbor_in, OUTPUT = cbor_out, RECEIVE = cbor_recv, SEND = cbor_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = extended
);
COMMENT ON TYPE cbor IS 'any well-formed CBOR item, kept byte for byte';

-- Casts: to bytes and to cbor nothing changes; the other way the value is checked.

CREATE FUNCTION cbor(bytea) RETURNS cbor
	AS 'MODULE_PATHNAME', 'cs_cbor_from'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION cbor(bytea) IS 'cbor from the bytes of its CBOR';

CREATE CAST (cbor AS bytea) WITHOUT FUNCTION AS ASSIGNMENT;
COMMENT ON CAST (cbor AS bytea) IS 'the CBOR itself';

CREATE CAST (bytea AS cbor) WITH FUNCTION cbor(bytea) AS IMPLICIT;
COMMENT ON CAST (bytea AS cbor) IS 'checks that the bytes are such a value';

-- Implicit, so that a driver's parameter of type bytea, text or varchar is taken where one of this type is asked for.
CREATE CAST (text AS cbor) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS cbor) IS 'EDN, or \x and hexadecimal digits';

CREATE CAST (varchar AS cbor) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS cbor) IS 'EDN, or \x and hexadecimal digits';

-- To and from JSON by the advice of RFC 8949 section 6.

CREATE FUNCTION cbor_to_jsonb(cbor) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'cs_cbor_to_jsonb'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION cbor_to_jsonb(cbor) IS 'JSON of a CBOR item: byte strings become base64url, tags are left out, what JSON cannot say becomes null';

CREATE FUNCTION cbor(jsonb) RETURNS cbor
	AS 'MODULE_PATHNAME', 'cs_cbor_from_jsonb'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION cbor(jsonb) IS 'CBOR of JSON: whole numbers become integers, others floats';

CREATE CAST (cbor AS jsonb) WITH FUNCTION cbor_to_jsonb(cbor);
COMMENT ON CAST (cbor AS jsonb) IS 'RFC 8949 section 6.1; loses what JSON cannot say';

CREATE CAST (jsonb AS cbor) WITH FUNCTION cbor(jsonb);
COMMENT ON CAST (jsonb AS cbor) IS 'RFC 8949 section 6.2';

-- Comparison by deterministic encoding: two encodings of one value are equal.

CREATE FUNCTION cbor_eq(cbor, cbor) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_cbor_eq'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION cbor_eq(cbor, cbor) IS 'implementation of = operator';

CREATE FUNCTION cbor_ne(cbor, cbor) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_cbor_ne'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION cbor_ne(cbor, cbor) IS 'implementation of <> operator';

CREATE FUNCTION cbor_lt(cbor, cbor) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_cbor_lt'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION cbor_lt(cbor, cbor) IS 'implementation of < operator';

CREATE FUNCTION cbor_le(cbor, cbor) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_cbor_le'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION cbor_le(cbor, cbor) IS 'implementation of <= operator';

CREATE FUNCTION cbor_gt(cbor, cbor) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_cbor_gt'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION cbor_gt(cbor, cbor) IS 'implementation of > operator';

CREATE FUNCTION cbor_ge(cbor, cbor) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_cbor_ge'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION cbor_ge(cbor, cbor) IS 'implementation of >= operator';

CREATE FUNCTION cbor_cmp(cbor, cbor) RETURNS integer
	AS 'MODULE_PATHNAME', 'cs_cbor_cmp'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION cbor_cmp(cbor, cbor) IS 'less-equal-greater, by the bytes of the deterministic encodings';

CREATE FUNCTION cbor_hash(cbor) RETURNS integer
	AS 'MODULE_PATHNAME', 'cs_cbor_hash'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION cbor_hash(cbor) IS 'hash';

CREATE FUNCTION cbor_hash_extended(cbor, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'cs_cbor_hash_extended'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION cbor_hash_extended(cbor, bigint) IS 'hash with a seed';

CREATE OPERATOR = (
	LEFTARG = cbor, RIGHTARG = cbor, FUNCTION = cbor_eq, COMMUTATOR = =, NEGATOR = <>,
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (cbor, cbor) IS 'equal as values, whatever their encoding';

CREATE OPERATOR <> (
	LEFTARG = cbor, RIGHTARG = cbor, FUNCTION = cbor_ne, COMMUTATOR = <>, NEGATOR = =,
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (cbor, cbor) IS 'not equal as values, whatever their encoding';

CREATE OPERATOR < (
	LEFTARG = cbor, RIGHTARG = cbor, FUNCTION = cbor_lt, COMMUTATOR = >, NEGATOR = >=,
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (cbor, cbor) IS 'less than, in the order of the deterministic encodings';

CREATE OPERATOR <= (
	LEFTARG = cbor, RIGHTARG = cbor, FUNCTION = cbor_le, COMMUTATOR = >=, NEGATOR = >,
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (cbor, cbor) IS 'less than or equal, in the order of the deterministic encodings';

CREATE OPERATOR > (
	LEFTARG = cbor, RIGHTARG = cbor, FUNCTION = cbor_gt, COMMUTATOR = <, NEGATOR = <=,
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (cbor, cbor) IS 'greater than, in the order of the deterministic encodings';

CREATE OPERATOR >= (
	LEFTARG = cbor, RIGHTARG = cbor, FUNCTION = cbor_ge, COMMUTATOR = <=, NEGATOR = <,
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (cbor, cbor) IS 'greater than or equal, in the order of the deterministic encodings';

CREATE OPERATOR CLASS cbor_ops DEFAULT FOR TYPE cbor USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 cbor_cmp(cbor, cbor);
COMMENT ON OPERATOR CLASS cbor_ops USING btree IS 'order of cbor values; a key has at most 2704 bytes';
COMMENT ON OPERATOR FAMILY cbor_ops USING btree IS 'order of cbor values';

CREATE OPERATOR CLASS cbor_ops DEFAULT FOR TYPE cbor USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 cbor_hash(cbor), FUNCTION 2 cbor_hash_extended(cbor, bigint);
COMMENT ON OPERATOR CLASS cbor_ops USING hash IS 'equality of cbor values';
COMMENT ON OPERATOR FAMILY cbor_ops USING hash IS 'equality of cbor values';

-- Containment, as for jsonb: maps by key, arrays as sets, tags by number and content.

CREATE FUNCTION cbor_contains(cbor, cbor) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_cbor_contains'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION cbor_contains(cbor, cbor) IS 'implementation of @> operator';

CREATE FUNCTION cbor_contained(cbor, cbor) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_cbor_contained'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION cbor_contained(cbor, cbor) IS 'implementation of <@ operator';

CREATE OPERATOR @> (
	LEFTARG = cbor, RIGHTARG = cbor, FUNCTION = cbor_contains, COMMUTATOR = <@,
	RESTRICT = matchingsel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR @> (cbor, cbor) IS 'contains: every member and element of the right is in the left';

CREATE OPERATOR <@ (
	LEFTARG = cbor, RIGHTARG = cbor, FUNCTION = cbor_contained, COMMUTATOR = @>,
	RESTRICT = matchingsel, JOIN = matchingjoinsel
);
COMMENT ON OPERATOR <@ (cbor, cbor) IS 'is contained by';

-- Parts by key, integers or text; arrays by position from 0, from the end when negative. Tags around a container are looked
-- through; #> and #>> take an array of keys of any kind. (-> with a cbor key would make 'x' in c -> 'x' EDN and no text.)

CREATE FUNCTION cbor_get(cbor, bigint) RETURNS cbor
	AS 'MODULE_PATHNAME', 'cs_cbor_get_int'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION cbor_get(cbor, bigint) IS 'implementation of -> operator';

CREATE FUNCTION cbor_get(cbor, text) RETURNS cbor
	AS 'MODULE_PATHNAME', 'cs_cbor_get_text'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION cbor_get(cbor, text) IS 'implementation of -> operator';

CREATE FUNCTION cbor_get_text(cbor, bigint) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_cbor_get_int_as_text'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION cbor_get_text(cbor, bigint) IS 'implementation of ->> operator';

CREATE FUNCTION cbor_get_text(cbor, text) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_cbor_get_text_as_text'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION cbor_get_text(cbor, text) IS 'implementation of ->> operator';

CREATE FUNCTION cbor_get_path(cbor, cbor) RETURNS cbor
	AS 'MODULE_PATHNAME', 'cs_cbor_get_path'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5;
COMMENT ON FUNCTION cbor_get_path(cbor, cbor) IS 'implementation of #> operator';

CREATE FUNCTION cbor_get_path_text(cbor, cbor) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_cbor_get_path_as_text'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 8;
COMMENT ON FUNCTION cbor_get_path_text(cbor, cbor) IS 'implementation of #>> operator';

CREATE OPERATOR -> (
	LEFTARG = cbor, RIGHTARG = bigint, FUNCTION = cbor_get
);
COMMENT ON OPERATOR -> (cbor, bigint) IS 'value under an integer key, or an element by position';

CREATE OPERATOR -> (
	LEFTARG = cbor, RIGHTARG = text, FUNCTION = cbor_get
);
COMMENT ON OPERATOR -> (cbor, text) IS 'value under a text key';

CREATE OPERATOR ->> (
	LEFTARG = cbor, RIGHTARG = bigint, FUNCTION = cbor_get_text
);
COMMENT ON OPERATOR ->> (cbor, bigint) IS 'value under an integer key, or an element by position, as text';

CREATE OPERATOR ->> (
	LEFTARG = cbor, RIGHTARG = text, FUNCTION = cbor_get_text
);
COMMENT ON OPERATOR ->> (cbor, text) IS 'value under a text key, as text';

CREATE OPERATOR #> (
	LEFTARG = cbor, RIGHTARG = cbor, FUNCTION = cbor_get_path
);
COMMENT ON OPERATOR #> (cbor, cbor) IS 'value at a path, which is an array of keys';

CREATE OPERATOR #>> (
	LEFTARG = cbor, RIGHTARG = cbor, FUNCTION = cbor_get_path_text
);
COMMENT ON OPERATOR #>> (cbor, cbor) IS 'value at a path, which is an array of keys, as text';

-- What it is, and its forms.

CREATE FUNCTION cbor_typeof(cbor) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_cbor_typeof'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION cbor_typeof(cbor) IS 'integer, bytes, text, array, map, tag, boolean, null, undefined, float or simple';

CREATE FUNCTION cbor_tag(cbor) RETURNS numeric
	AS 'MODULE_PATHNAME', 'cs_cbor_tag'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION cbor_tag(cbor) IS 'number of the outermost tag; NULL when there is none';

CREATE FUNCTION cbor_embedded(cbor) RETURNS cbor
	AS 'MODULE_PATHNAME', 'cs_cbor_embedded'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50;
COMMENT ON FUNCTION cbor_embedded(cbor) IS 'the CBOR item inside a byte string, looking through tags; NULL when it is no byte string';

CREATE FUNCTION cbor_bytes(cbor) RETURNS bytea
	AS 'MODULE_PATHNAME', 'cs_cbor_bytes'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION cbor_bytes(cbor) IS 'what is in a byte string, looking through tags; NULL when it is no byte string';

CREATE FUNCTION cbor_each(cbor, OUT key cbor, OUT value cbor) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'cs_cbor_each'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 20;
COMMENT ON FUNCTION cbor_each(cbor) IS 'the pairs of a map, in the order of their encoding';

CREATE FUNCTION cbor_array_elements(cbor) RETURNS SETOF cbor
	AS 'MODULE_PATHNAME', 'cs_cbor_array_elements'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 20;
COMMENT ON FUNCTION cbor_array_elements(cbor) IS 'the elements of an array';

CREATE FUNCTION is_deterministic(cbor) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_cbor_is_deterministic'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION is_deterministic(cbor) IS 'true when the item is in core deterministic encoding (RFC 8949 section 4.2.1)';

CREATE FUNCTION deterministic(cbor) RETURNS cbor
	AS 'MODULE_PATHNAME', 'cs_cbor_deterministic'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION deterministic(cbor) IS 'the item in core deterministic encoding (RFC 8949 section 4.2.1)';

CREATE FUNCTION cbor_diag(cbor) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_cbor_diag'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION cbor_diag(cbor) IS 'EDN on one line, which parses back to the same bytes';

CREATE FUNCTION cbor_pretty(cbor) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_cbor_pretty'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION cbor_pretty(cbor) IS 'EDN with one element a line';

CREATE FUNCTION describe(cbor) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_cbor_describe'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION describe(cbor) IS 'EDN with one element a line and the standards'' names, for any item that one of the standards here describes';

CREATE FUNCTION describe(cbor, rule text) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_cbor_describe_as'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION describe(cbor, text) IS 'EDN with one element a line and the names that a CDDL rule gives to the parts';
