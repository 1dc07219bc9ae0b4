-- environment: an environment-map (draft-ietf-rats-corim section 5.1.4.1) in the one form in which environments are compared.
CREATE TYPE environment;

CREATE FUNCTION environment_in(cstring) RETURNS environment
	AS 'MODULE_PATHNAME', 'cs_environment_in'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION environment_in(cstring) IS 'I/O: EDN or \x and hexadecimal digits to environment';

CREATE FUNCTION environment_out(environment) RETURNS cstring
	AS 'MODULE_PATHNAME', 'cs_value_out'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION environment_out(environment) IS 'I/O: environment to EDN on one line';

CREATE FUNCTION environment_recv(internal) RETURNS environment
	AS 'MODULE_PATHNAME', 'cs_environment_recv'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION environment_recv(internal) IS 'I/O: CBOR to environment';

CREATE FUNCTION environment_send(environment) RETURNS bytea
	AS 'MODULE_PATHNAME', 'cs_value_send'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1;
COMMENT ON FUNCTION environment_send(environment) IS 'I/O: environment to CBOR';

CREATE TYPE environment (
	INPUT = environment_in, OUTPUT = environment_out, RECEIVE = environment_recv, SEND = environment_send,
	INTERNALLENGTH = VARIABLE, ALIGNMENT = int4, STORAGE = extended
);
COMMENT ON TYPE environment IS 'a CoMID environment-map, in deterministic encoding';

-- Casts: to bytes and to cbor nothing changes; the other way the value is checked.

CREATE FUNCTION environment(bytea) RETURNS environment
	AS 'MODULE_PATHNAME', 'cs_environment_from'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION environment(bytea) IS 'environment from the bytes of its CBOR';

CREATE CAST (environment AS bytea) WITHOUT FUNCTION AS ASSIGNMENT;
COMMENT ON CAST (environment AS bytea) IS 'the CBOR itself';

CREATE CAST (bytea AS environment) WITH FUNCTION environment(bytea) AS IMPLICIT;
COMMENT ON CAST (bytea AS environment) IS 'checks that the bytes are such a value';

CREATE CAST (text AS environment) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (text AS environment) IS 'EDN, or \x and hexadecimal digits';

CREATE CAST (varchar AS environment) WITH INOUT AS IMPLICIT;
COMMENT ON CAST (varchar AS environment) IS 'EDN, or \x and hexadecimal digits';

CREATE FUNCTION environment(cbor) RETURNS environment
	AS 'MODULE_PATHNAME', 'cs_environment_from'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION environment(cbor) IS 'environment from any CBOR that is one';

CREATE CAST (environment AS cbor) WITHOUT FUNCTION AS ASSIGNMENT;
COMMENT ON CAST (environment AS cbor) IS 'the same item';

CREATE CAST (cbor AS environment) WITH FUNCTION environment(cbor) AS ASSIGNMENT;
COMMENT ON CAST (cbor AS environment) IS 'checks that the item is such a value';

-- Equality is equality of bytes, for they are in deterministic encoding.

CREATE FUNCTION environment_eq(environment, environment) RETURNS boolean
	AS 'byteaeq'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION environment_eq(environment, environment) IS 'implementation of = operator';

CREATE FUNCTION environment_ne(environment, environment) RETURNS boolean
	AS 'byteane'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION environment_ne(environment, environment) IS 'implementation of <> operator';

CREATE FUNCTION environment_lt(environment, environment) RETURNS boolean
	AS 'bytealt'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION environment_lt(environment, environment) IS 'implementation of < operator';

CREATE FUNCTION environment_le(environment, environment) RETURNS boolean
	AS 'byteale'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION environment_le(environment, environment) IS 'implementation of <= operator';

CREATE FUNCTION environment_gt(environment, environment) RETURNS boolean
	AS 'byteagt'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION environment_gt(environment, environment) IS 'implementation of > operator';

CREATE FUNCTION environment_ge(environment, environment) RETURNS boolean
	AS 'byteage'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION environment_ge(environment, environment) IS 'implementation of >= operator';

CREATE FUNCTION environment_cmp(environment, environment) RETURNS integer
	AS 'byteacmp'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION environment_cmp(environment, environment) IS 'less-equal-greater, by bytes';

CREATE FUNCTION environment_hash(environment) RETURNS integer
	AS 'hashvarlena'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION environment_hash(environment) IS 'hash';

CREATE FUNCTION environment_hash_extended(environment, bigint) RETURNS bigint
	AS 'hashvarlenaextended'
	LANGUAGE internal IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1;
COMMENT ON FUNCTION environment_hash_extended(environment, bigint) IS 'hash with a seed';

CREATE OPERATOR = (
	LEFTARG = environment, RIGHTARG = environment, FUNCTION = environment_eq, COMMUTATOR = =, NEGATOR = <>,
	RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (environment, environment) IS 'equal in every attribute';

CREATE OPERATOR <> (
	LEFTARG = environment, RIGHTARG = environment, FUNCTION = environment_ne, COMMUTATOR = <>, NEGATOR = =,
	RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (environment, environment) IS 'not equal in every attribute';

CREATE OPERATOR < (
	LEFTARG = environment, RIGHTARG = environment, FUNCTION = environment_lt, COMMUTATOR = >, NEGATOR = >=,
	RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (environment, environment) IS 'less than, in the order of bytes';

CREATE OPERATOR <= (
	LEFTARG = environment, RIGHTARG = environment, FUNCTION = environment_le, COMMUTATOR = >=, NEGATOR = >,
	RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (environment, environment) IS 'less than or equal, in the order of bytes';

CREATE OPERATOR > (
	LEFTARG = environment, RIGHTARG = environment, FUNCTION = environment_gt, COMMUTATOR = <, NEGATOR = <=,
	RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (environment, environment) IS 'greater than, in the order of bytes';

CREATE OPERATOR >= (
	LEFTARG = environment, RIGHTARG = environment, FUNCTION = environment_ge, COMMUTATOR = <=, NEGATOR = <,
	RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (environment, environment) IS 'greater than or equal, in the order of bytes';

CREATE OPERATOR CLASS environment_ops DEFAULT FOR TYPE environment USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 environment_cmp(environment, environment),
	FUNCTION 2 (environment, environment) pg_catalog.bytea_sortsupport(internal),
	FUNCTION 4 (environment, environment) pg_catalog.btequalimage(oid);
COMMENT ON OPERATOR CLASS environment_ops USING btree IS 'order of environment values; a key has at most 2704 bytes';
COMMENT ON OPERATOR FAMILY environment_ops USING btree IS 'order of environment values';

CREATE OPERATOR CLASS environment_ops DEFAULT FOR TYPE environment USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 environment_hash(environment), FUNCTION 2 environment_hash_extended(environment, bigint);
COMMENT ON OPERATOR CLASS environment_ops USING hash IS 'equality of environment values';
COMMENT ON OPERATOR FAMILY environment_ops USING hash IS 'equality of environment values';

-- Containment and selection: total functions, so that row-level security does not keep them from an index.

CREATE FUNCTION environment_contains(environment, environment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_environment_contains'
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 2;
COMMENT ON FUNCTION environment_contains(environment, environment) IS 'implementation of @> operator';

CREATE FUNCTION environment_contained(environment, environment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_environment_contained'
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 2;
COMMENT ON FUNCTION environment_contained(environment, environment) IS 'implementation of <@ operator';

CREATE FUNCTION environment_selected(environment, coserv) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_environment_selected'
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 10;
COMMENT ON FUNCTION environment_selected(environment, coserv) IS 'implementation of @@ operator';

CREATE FUNCTION environment_selects(coserv, environment) RETURNS boolean
	AS 'MODULE_PATHNAME', 'cs_environment_selects'
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 10;
COMMENT ON FUNCTION environment_selects(coserv, environment) IS 'implementation of @@ operator';

CREATE FUNCTION environmentsel(internal, oid, internal, integer) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cs_environment_sel'
	LANGUAGE c STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION environmentsel(internal, oid, internal, integer) IS 'restriction selectivity of @>, <@ and @@ on environments';

CREATE FUNCTION environmentjoinsel(internal, oid, internal, smallint, internal) RETURNS double precision
	AS 'MODULE_PATHNAME', 'cs_environment_join_sel'
	LANGUAGE c STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION environmentjoinsel(internal, oid, internal, smallint, internal) IS 'join selectivity of @>, <@ and @@ on environments';

CREATE OPERATOR @> (
	LEFTARG = environment, RIGHTARG = environment, FUNCTION = environment_contains, COMMUTATOR = <@,
	RESTRICT = environmentsel, JOIN = environmentjoinsel
);
COMMENT ON OPERATOR @> (environment, environment) IS 'every attribute of the right is in the left, with the same value (Attribute Path Containment)';

CREATE OPERATOR <@ (
	LEFTARG = environment, RIGHTARG = environment, FUNCTION = environment_contained, COMMUTATOR = @>,
	RESTRICT = environmentsel, JOIN = environmentjoinsel
);
COMMENT ON OPERATOR <@ (environment, environment) IS 'every attribute of the left is in the right, with the same value (Attribute Path Containment)';

CREATE OPERATOR @@ (
	LEFTARG = environment, RIGHTARG = coserv, FUNCTION = environment_selected, COMMUTATOR = @@,
	RESTRICT = environmentsel, JOIN = environmentjoinsel
);
COMMENT ON OPERATOR @@ (environment, coserv) IS 'the query''s environment selector selects the environment';

CREATE OPERATOR @@ (
	LEFTARG = coserv, RIGHTARG = environment, FUNCTION = environment_selects, COMMUTATOR = @@,
	RESTRICT = environmentsel, JOIN = environmentjoinsel
);
COMMENT ON OPERATOR @@ (coserv, environment) IS 'the query''s environment selector selects the environment';

-- Attributes one by one; NULL where the environment does not have them.

CREATE FUNCTION environment_mismatch(entry environment, condition environment, OUT differing integer, OUT agreeing integer,
	OUT path text, OUT wanted cbor, OUT found cbor) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'cs_environment_mismatch'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 ROWS 1;
COMMENT ON FUNCTION environment_mismatch(environment, environment) IS 'Why entry does not have every attribute of condition: how many it lacks or has otherwise, how many it has, and the first that differs; no row where it has them all';

CREATE FUNCTION environment_attributes(environment) RETURNS SETOF environment
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 5
	BEGIN ATOMIC
		SELECT pg_catalog.format('{0: {%s: %s}}', coserv.cbor_diag(a.key), coserv.cbor_diag(a.value))::coserv.environment
		FROM coserv.cbor_each($1::coserv.cbor OPERATOR(coserv.->) 0::bigint) a
		UNION ALL
		SELECT pg_catalog.format('{%s: %s}', coserv.cbor_diag(a.key), coserv.cbor_diag(a.value))::coserv.environment
		FROM coserv.cbor_each($1::coserv.cbor) a WHERE a.key OPERATOR(coserv.<>) '0'::coserv.cbor;
	END;
COMMENT ON FUNCTION environment_attributes(environment) IS 'Each attribute of an environment, as an environment of it alone';

CREATE FUNCTION environment_class(environment) RETURNS environment
	AS 'MODULE_PATHNAME', 'cs_environment_class'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION environment_class(environment) IS 'the environment of the class alone';

CREATE FUNCTION environment_class_id(environment) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_environment_class_id'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION environment_class_id(environment) IS 'class-id: a UUID, a dotted OID, hexadecimal digits';

CREATE FUNCTION environment_class_id_type(environment) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_environment_class_id_type'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION environment_class_id_type(environment) IS 'which choice class-id is: uuid, oid, bytes, ...';

CREATE FUNCTION environment_vendor(environment) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_environment_vendor'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION environment_vendor(environment) IS 'vendor';

CREATE FUNCTION environment_model(environment) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_environment_model'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION environment_model(environment) IS 'model';

CREATE FUNCTION environment_layer(environment) RETURNS bigint
	AS 'MODULE_PATHNAME', 'cs_environment_layer'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION environment_layer(environment) IS 'layer; NULL beyond 63 bits';

CREATE FUNCTION environment_index(environment) RETURNS bigint
	AS 'MODULE_PATHNAME', 'cs_environment_index'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION environment_index(environment) IS 'index; NULL beyond 63 bits';

CREATE FUNCTION environment_instance(environment) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_environment_instance'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION environment_instance(environment) IS 'instance: a UUID, hexadecimal digits, a key';

CREATE FUNCTION environment_instance_type(environment) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_environment_instance_type'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION environment_instance_type(environment) IS 'which choice instance is: ueid, uuid, bytes, a kind of key';

CREATE FUNCTION environment_group(environment) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_environment_group'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION environment_group(environment) IS 'group: a UUID, hexadecimal digits';

CREATE FUNCTION environment_group_type(environment) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_environment_group_type'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2;
COMMENT ON FUNCTION environment_group_type(environment) IS 'which choice group is: uuid, bytes';

CREATE FUNCTION describe(environment) RETURNS text
	AS 'MODULE_PATHNAME', 'cs_environment_describe'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100;
COMMENT ON FUNCTION describe(environment) IS 'EDN with one element a line and the standard''s names';
