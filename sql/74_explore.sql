-- What the page that looks into a store is made of (sql/store/75_explore.sql, doc/explore.md).

CREATE FUNCTION environment_words(environment) RETURNS pg_catalog.tsvector
	AS 'MODULE_PATHNAME', 'cs_environment_words'
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20;
COMMENT ON FUNCTION environment_words(environment) IS 'The words of vendor, model, class-id, instance and group in lower case (of ASCII), each as far as 240 bytes';

-- A word stands quoted, so that nothing in it is an operator; the longest that is compared is shorter than what a word is cut to.
CREATE FUNCTION environment_search(search text) RETURNS pg_catalog.tsquery
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	BEGIN ATOMIC
		SELECT pg_catalog.string_agg('''' || pg_catalog.replace(pg_catalog.replace(pg_catalog.left(w.word, 60), '\', '\\'), '''', '''''') || ''':*', ' & ')::pg_catalog.tsquery
		FROM pg_catalog.regexp_split_to_table(pg_catalog.lower(pg_catalog.left(search, 1000) COLLATE "C"), '\s+') AS w (word)
		WHERE w.word <> '';
	END;
COMMENT ON FUNCTION environment_search(text) IS 'A query for environment_words(): each word of the text begins a word of the environment; NULL where there is none';

CREATE FUNCTION rfc3339(moment timestamptz) RETURNS text
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	BEGIN ATOMIC
		SELECT CASE WHEN pg_catalog.isfinite(moment)
			THEN pg_catalog.to_char(pg_catalog.timezone('UTC'::text, moment), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'::text) END;
	END;
COMMENT ON FUNCTION rfc3339(timestamptz) IS 'A moment in UTC (RFC 3339 section 5.6), whatever the session''s time zone; NULL for infinity';

CREATE FUNCTION environment_summary(environment environment) RETURNS jsonb
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	BEGIN ATOMIC
		SELECT pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
			'id', pg_catalog.encode($1::pg_catalog.bytea, 'hex'::text), 'edn', coserv.cbor_diag($1::coserv.cbor),
			'vendor', coserv.environment_vendor($1), 'model', coserv.environment_model($1),
			'class-id', coserv.environment_class_id($1), 'layer', coserv.environment_layer($1), 'index', coserv.environment_index($1),
			'instance', coserv.environment_instance($1), 'group', coserv.environment_group($1)));
	END;
COMMENT ON FUNCTION environment_summary(environment) IS 'An environment for a page: its CBOR in hexadecimal as id, its EDN, and its attributes as text';

CREATE FUNCTION triple_rule(kind smallint) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN CASE kind WHEN @CS_TRIPLE_DEPENDENCY@ THEN 'trust-dependency' WHEN @CS_TRIPLE_MEMBERSHIP@ THEN 'domain-membership' ELSE coserv.triple_kind(kind) END
		|| '-triple-record';
COMMENT ON FUNCTION triple_rule(smallint) IS 'The CDDL rule of a kind of triple, which describe() takes; NULL for others';
