-- Documents and their parts as JSON with the standards' names, and back (doc/json.md). Explicit only: the casts to json are what makes
-- to_jsonb(), row_to_json() and jsonb_build_object() show these types as what they are.

CREATE FUNCTION corim_to_jsonb(corim) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'cs_corim_to_jsonb'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION corim_to_jsonb(corim) IS 'the document as JSON with the standards'' names; nothing is lost but the encoding';

CREATE FUNCTION corim_to_json(corim) RETURNS json
	AS 'MODULE_PATHNAME', 'cs_corim_to_json'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION corim_to_json(corim) IS 'the document as JSON with the standards'' names, members in the order of the document';

CREATE FUNCTION corim(jsonb) RETURNS corim
	AS 'MODULE_PATHNAME', 'cs_corim_from_jsonb'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION corim(jsonb) IS 'a CoRIM document from JSON with the standards'' names, in deterministic encoding; validates it';

CREATE CAST (corim AS jsonb) WITH FUNCTION corim_to_jsonb(corim);
COMMENT ON CAST (corim AS jsonb) IS 'JSON with the standards'' names';

CREATE CAST (corim AS json) WITH FUNCTION corim_to_json(corim);
COMMENT ON CAST (corim AS json) IS 'JSON with the standards'' names';

CREATE CAST (jsonb AS corim) WITH FUNCTION corim(jsonb);
COMMENT ON CAST (jsonb AS corim) IS 'from JSON with the standards'' names';

CREATE FUNCTION coserv_to_jsonb(coserv) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'cs_coserv_to_jsonb'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION coserv_to_jsonb(coserv) IS 'the query or result as JSON with the standards'' names; nothing is lost but the encoding';

CREATE FUNCTION coserv_to_json(coserv) RETURNS json
	AS 'MODULE_PATHNAME', 'cs_coserv_to_json'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION coserv_to_json(coserv) IS 'the query or result as JSON with the standards'' names, members in the order of the document';

CREATE FUNCTION coserv(jsonb) RETURNS coserv
	AS 'MODULE_PATHNAME', 'cs_coserv_from_jsonb'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION coserv(jsonb) IS 'a CoSERV query or result from JSON with the standards'' names, in deterministic encoding; validates it';

CREATE CAST (coserv AS jsonb) WITH FUNCTION coserv_to_jsonb(coserv);
COMMENT ON CAST (coserv AS jsonb) IS 'JSON with the standards'' names';

CREATE CAST (coserv AS json) WITH FUNCTION coserv_to_json(coserv);
COMMENT ON CAST (coserv AS json) IS 'JSON with the standards'' names';

CREATE CAST (jsonb AS coserv) WITH FUNCTION coserv(jsonb);
COMMENT ON CAST (jsonb AS coserv) IS 'from JSON with the standards'' names';

CREATE FUNCTION environment_to_jsonb(environment) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'cs_environment_to_jsonb'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION environment_to_jsonb(environment) IS 'the environment as JSON with the standards'' names; nothing is lost but the encoding';

CREATE FUNCTION environment_to_json(environment) RETURNS json
	AS 'MODULE_PATHNAME', 'cs_environment_to_json'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION environment_to_json(environment) IS 'the environment as JSON with the standards'' names, members in the order of the document';

CREATE FUNCTION environment(jsonb) RETURNS environment
	AS 'MODULE_PATHNAME', 'cs_environment_from_jsonb'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION environment(jsonb) IS 'an environment-map from JSON with the standards'' names, in deterministic encoding; validates it';

CREATE CAST (environment AS jsonb) WITH FUNCTION environment_to_jsonb(environment);
COMMENT ON CAST (environment AS jsonb) IS 'JSON with the standards'' names';

CREATE CAST (environment AS json) WITH FUNCTION environment_to_json(environment);
COMMENT ON CAST (environment AS json) IS 'JSON with the standards'' names';

CREATE CAST (jsonb AS environment) WITH FUNCTION environment(jsonb);
COMMENT ON CAST (jsonb AS environment) IS 'from JSON with the standards'' names';

CREATE FUNCTION measurement_to_jsonb(measurement) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'cs_measurement_to_jsonb'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION measurement_to_jsonb(measurement) IS 'the measurement as JSON with the standards'' names; nothing is lost but the encoding';

CREATE FUNCTION measurement_to_json(measurement) RETURNS json
	AS 'MODULE_PATHNAME', 'cs_measurement_to_json'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION measurement_to_json(measurement) IS 'the measurement as JSON with the standards'' names, members in the order of the document';

CREATE FUNCTION measurement(jsonb) RETURNS measurement
	AS 'MODULE_PATHNAME', 'cs_measurement_from_jsonb'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION measurement(jsonb) IS 'a measurement-map from JSON with the standards'' names, in deterministic encoding; validates it';

CREATE CAST (measurement AS jsonb) WITH FUNCTION measurement_to_jsonb(measurement);
COMMENT ON CAST (measurement AS jsonb) IS 'JSON with the standards'' names';

CREATE CAST (measurement AS json) WITH FUNCTION measurement_to_json(measurement);
COMMENT ON CAST (measurement AS json) IS 'JSON with the standards'' names';

CREATE CAST (jsonb AS measurement) WITH FUNCTION measurement(jsonb);
COMMENT ON CAST (jsonb AS measurement) IS 'from JSON with the standards'' names';

-- Any item by the rule that it is of: triples, tags, keys. Without a rule, cbor goes to JSON by RFC 8949 section 6.

CREATE FUNCTION cbor_to_jsonb(cbor, rule text) RETURNS jsonb
	AS 'MODULE_PATHNAME', 'cs_cbor_to_jsonb_as'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION cbor_to_jsonb(cbor, text) IS 'an item as JSON with the names that a CDDL rule gives to its parts';

CREATE FUNCTION cbor(jsonb, rule text) RETURNS cbor
	AS 'MODULE_PATHNAME', 'cs_cbor_from_jsonb_as'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200;
COMMENT ON FUNCTION cbor(jsonb, text) IS 'an item from JSON with the names that a CDDL rule gives to its parts; validates it by the rule';

-- Text of jsonb as it is: functions that judge documents say what it seems to be, and sign() makes a CoRIM of it.
CREATE FUNCTION document(jsonb) RETURNS document
	AS 'MODULE_PATHNAME', 'cs_document_from_jsonb'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10;
COMMENT ON FUNCTION document(jsonb) IS 'the JSON text of a document, as a function that judges it is to have it';

CREATE CAST (jsonb AS document) WITH FUNCTION document(jsonb) AS IMPLICIT;
COMMENT ON CAST (jsonb AS document) IS 'the JSON text itself';
