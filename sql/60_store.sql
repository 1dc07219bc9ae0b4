-- Stores: making them, the triggers on their truth tables, and what a document holds as rows.

CREATE FUNCTION create_store(name text) RETURNS regnamespace
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'coserv_create_store';
COMMENT ON FUNCTION create_store(text) IS 'Make a store: a schema with ordinary tables, triggers, views and functions that belong to the caller, who may create schemas in this database or owns the schema';

CREATE FUNCTION drop_store(name text) RETURNS void
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'coserv_drop_store';
COMMENT ON FUNCTION drop_store(text) IS 'Drop a store''s schema with everything in it';

CREATE FUNCTION @extschema@.version() RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'coserv_version';
COMMENT ON FUNCTION @extschema@.version() IS 'Version of the loaded library';

CREATE FUNCTION manifest_verify() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'coserv_manifest_verify';
COMMENT ON FUNCTION manifest_verify() IS 'BEFORE trigger of a store''s table manifest: verifies the document and computes the other columns';

CREATE FUNCTION manifest_derive() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'coserv_manifest_derive';
COMMENT ON FUNCTION manifest_derive() IS 'AFTER trigger of a store''s table manifest: writes the derived tables';

CREATE FUNCTION authority_change() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'coserv_authority_change';
COMMENT ON FUNCTION authority_change() IS 'AFTER trigger of a store''s table authority: tries again what was set aside';

CREATE FUNCTION truth_guard() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'coserv_truth_guard';
COMMENT ON FUNCTION truth_guard() IS 'BEFORE trigger of a store''s truth tables: history is kept';

CREATE FUNCTION settle() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'coserv_settle';
COMMENT ON FUNCTION settle() IS 'Trigger of a store''s truth tables at commit: writes since when a row is known';

CREATE FUNCTION load(store regnamespace, document bytea, authority text DEFAULT NULL, payload bytea DEFAULT NULL) RETURNS uuid
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000 AS 'MODULE_PATHNAME', 'coserv_load';
COMMENT ON FUNCTION load(regnamespace, bytea, text, bytea) IS 'Verify, validate and store a CoRIM in a store; answers its id, also when it is already there';

CREATE FUNCTION tag_counts_until(store regnamespace, manifest uuid, tag integer, as_of timestamptz) RETURNS timestamptz
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'coserv_tag_counts_until';
COMMENT ON FUNCTION tag_counts_until(regnamespace, uuid, integer, timestamptz) IS 'Until when a tag of a manifest counts as far as other rows decide it (superseding, revocation, CoTLs): infinity where nothing bounds it, NULL where it does not count';

CREATE FUNCTION tags(document bytea, OUT ordinal integer, OUT kind text, OUT tag_id text, OUT tag_version numeric,
					 OUT not_before timestamptz, OUT not_after timestamptz) RETURNS SETOF record
	LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 ROWS 2 AS 'MODULE_PATHNAME', 'coserv_tags';
COMMENT ON FUNCTION tags(bytea) IS 'Tags of a CoRIM document; validates it and verifies no signature';

CREATE FUNCTION tag_links(document bytea, OUT ordinal integer, OUT relation text, OUT tag_id text, OUT tag_version numeric) RETURNS SETOF record
	LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 ROWS 2 AS 'MODULE_PATHNAME', 'coserv_tag_links';
COMMENT ON FUNCTION tag_links(bytea) IS 'What the tags of a CoRIM document say of other tags: supplements, replaces, activates; validates it and verifies no signature';

CREATE FUNCTION triples(document bytea, OUT ordinal integer, OUT tag integer, OUT kind smallint, OUT environment environment, OUT content cbor)
	RETURNS SETOF record
	LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 ROWS 100 AS 'MODULE_PATHNAME', 'coserv_triples';
COMMENT ON FUNCTION triples(bytea) IS 'Triples of a CoRIM document in document order; validates it and verifies no signature';

CREATE FUNCTION triple_environments(document bytea, OUT ordinal integer, OUT environment environment) RETURNS SETOF record
	LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'coserv_triple_environments';
COMMENT ON FUNCTION triple_environments(bytea) IS 'Environments that the triples of a CoRIM document name besides their subjects';
