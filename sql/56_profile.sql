-- Profiles: those whose names are built in, and describing a document by those that a store's users added.

CREATE FUNCTION profiles()
	RETURNS TABLE (profile text, title text, id text, rule text, codepoint bigint, name text, comparison text, source text)
	AS 'MODULE_PATHNAME', 'coserv_profiles'
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 ROWS 100;
COMMENT ON FUNCTION profiles() IS 'The profiles that are built in: each id with each member or measurement key that the profile names; an id ending in * stands for any rest';

CREATE FUNCTION describe(store regnamespace, document corim, as_of timestamptz DEFAULT NULL) RETURNS text
	AS 'MODULE_PATHNAME', 'coserv_describe_in_store'
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 500;
COMMENT ON FUNCTION describe(regnamespace, corim, timestamptz) IS 'EDN with one element a line and the standards'' names, those of the store''s own profiles among them';

CREATE FUNCTION is_comparison(comparison text) RETURNS boolean
	AS 'MODULE_PATHNAME', 'coserv_is_comparison'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION is_comparison(text) IS 'Has a rule of comparison this name? doc/profiles.md lists them';

CREATE FUNCTION is_standard_value(codepoint bigint) RETURNS boolean
	AS 'MODULE_PATHNAME', 'coserv_is_standard_value'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION is_standard_value(bigint) IS 'Is this key of the measurement-values-map the standard''s, and so none of a profile''s?';
