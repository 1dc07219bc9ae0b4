-- Federations: schemas that answer as stores do, from stores of this database and of other servers (doc/federation.md).

CREATE FUNCTION create_federation(name text, members text[] DEFAULT '{}') RETURNS regnamespace
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'coserv_create_federation';
COMMENT ON FUNCTION create_federation(text, text[]) IS 'Make a federation: a schema, which belongs to the caller, that answers as a store does from its members, each ''store'' (a schema of this database) or ''server.store'' (one of a foreign server''s); what is believed of whom stands in its table placement';

CREATE FUNCTION drop_federation(name text) RETURNS void
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'coserv_drop_federation';
COMMENT ON FUNCTION drop_federation(text) IS 'Drop a federation''s schema with everything in it; its members stay';

CREATE FUNCTION authority_id(key crypto_key) RETURNS uuid
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'coserv_authority_id';
COMMENT ON FUNCTION authority_id(crypto_key) IS 'The id of an authority with this key, the same in every store: a UUIDv8 of its SHA-256';

CREATE FUNCTION federation_digest(federation regnamespace) RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'coserv_federation_digest';
COMMENT ON FUNCTION federation_digest(regnamespace) IS 'Of who the members of a federation are and where their servers: a signing key is bound to NAME#DIGEST, so another list of members unbinds it';

-- What a store answers to federations at other servers: rows as they were selected. The first row has the moment alone.

CREATE FUNCTION member_rows(store regnamespace, query bytea, as_of timestamptz, authorities uuid[], form integer,
							OUT manifest uuid, OUT ordinal integer, OUT kind smallint, OUT environment bytea, OUT content bytea, OUT shown_as bytea,
							OUT profile text, OUT not_before timestamptz, OUT not_after timestamptz, OUT is_signed boolean, OUT truth uuid,
							OUT current bytea, OUT authority text, OUT authority_id uuid, OUT moment timestamptz, OUT document bytea,
							OUT media_type text, OUT chain bytea, OUT number integer) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'coserv_member_rows';
COMMENT ON FUNCTION member_rows(regnamespace, bytea, timestamptz, uuid[], integer) IS 'What a CoSERV query by environment selects of these authorities in a store, for a federation at another server';

CREATE FUNCTION member_relations(store regnamespace, asked bytea, as_of timestamptz, authorities uuid[], form integer,
							OUT manifest uuid, OUT ordinal integer, OUT kind smallint, OUT environment bytea, OUT content bytea, OUT shown_as bytea,
							OUT profile text, OUT not_before timestamptz, OUT not_after timestamptz, OUT is_signed boolean, OUT truth uuid,
							OUT current bytea, OUT authority text, OUT authority_id uuid, OUT moment timestamptz, OUT document bytea,
							OUT media_type text, OUT chain bytea, OUT number integer) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'coserv_member_relations';
COMMENT ON FUNCTION member_relations(regnamespace, bytea, timestamptz, uuid[], integer) IS 'Triples of these authorities that an appraisal of Evidence of some environments (an array of environment-map) may use, each once, with the number of an environment that finds it; for a federation at another server';

CREATE FUNCTION member_triples(store regnamespace, asked bytea, as_of timestamptz, authorities uuid[], form integer, what text, kinds smallint[],
							OUT manifest uuid, OUT ordinal integer, OUT kind smallint, OUT environment bytea, OUT content bytea, OUT shown_as bytea,
							OUT profile text, OUT not_before timestamptz, OUT not_after timestamptz, OUT is_signed boolean, OUT truth uuid,
							OUT current bytea, OUT authority text, OUT authority_id uuid, OUT moment timestamptz, OUT document bytea,
							OUT media_type text, OUT chain bytea, OUT number integer) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'coserv_member_triples';
COMMENT ON FUNCTION member_triples(regnamespace, bytea, timestamptz, uuid[], integer, text, smallint[]) IS 'Triples of these authorities and kinds (NULL: of all) of environments that contain one, or that speak of a digest, a key or values (what: all, environment, digest, key, measurement), for a federation at another server';

CREATE FUNCTION federation_triples(federation regnamespace, what text, asked bytea, kinds smallint[], as_of timestamptz,
	OUT kind smallint, OUT environment environment, OUT content cbor, OUT authority text, OUT profile text, OUT not_before timestamptz,
	OUT not_after timestamptz, OUT manifest uuid, OUT ordinal integer, OUT member text) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 100 AS 'MODULE_PATHNAME', 'coserv_federation_triples';
COMMENT ON FUNCTION federation_triples(regnamespace, text, bytea, smallint[], timestamptz) IS 'The same of all members of a federation that are believed, each triple once';

CREATE FUNCTION member_files(store regnamespace, asked bytea, as_of timestamptz, authorities uuid[], form integer, paths text[],
							OUT moment timestamptz, OUT manifest uuid, OUT ordinal integer, OUT environment bytea, OUT path text, OUT digest_alg text,
							OUT digest bytea, OUT shown_as bytea, OUT profile text, OUT authority_id uuid, OUT source text, OUT version text, OUT "position" integer,
							OUT authority text, OUT not_before timestamptz, OUT not_after timestamptz) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'coserv_member_files';
COMMENT ON FUNCTION member_files(regnamespace, bytea, timestamptz, uuid[], integer, text[]) IS 'Hashes of files at these paths, in CoSWID tags of these authorities that are linked to a part of an environment, or (paths NULL) of files with a digest, for a federation at another server';

CREATE FUNCTION member_revoked(store regnamespace, manifest uuid, issuer bytea, serial bytea, as_of timestamptz, form integer) RETURNS boolean
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'coserv_member_revoked';
COMMENT ON FUNCTION member_revoked(regnamespace, uuid, bytea, bytea, timestamptz, integer) IS 'Whether a CRL of the authority of a manifest revokes a certificate, by its issuer''s DER Name and its serial number, at a moment; for a federation at another server';

CREATE FUNCTION federation_files(federation regnamespace, digest bytea, as_of timestamptz,
	OUT source text, OUT environment environment, OUT path text, OUT version text, OUT digest_alg text, OUT digest bytea, OUT authority text,
	OUT profile text, OUT not_before timestamptz, OUT not_after timestamptz, OUT manifest uuid, OUT ordinal integer, OUT "position" integer,
	OUT member text) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 10 AS 'MODULE_PATHNAME', 'coserv_federation_files';
COMMENT ON FUNCTION federation_files(regnamespace, bytea, timestamptz) IS 'Files with a digest in linked CoSWID tags, of all members of a federation that are believed; those of a manifest that two have, twice';

CREATE FUNCTION member_rims(store regnamespace, query bytea, as_of timestamptz, authorities uuid[], form integer,
							OUT moment timestamptz, OUT number integer, OUT document bytea, OUT media_type text, OUT chain bytea, OUT not_after timestamptz,
							OUT manifest uuid, OUT not_before timestamptz, OUT tag_version text) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000 ROWS 2 AS 'MODULE_PATHNAME', 'coserv_member_rims';
COMMENT ON FUNCTION member_rims(regnamespace, bytea, timestamptz, uuid[], integer) IS 'What these authorities have under the identifiers of a CoSERV query by RIM identifier, for a federation at another server';

CREATE FUNCTION member_profiles(store regnamespace, form integer) RETURNS SETOF text
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'coserv_member_profiles';
COMMENT ON FUNCTION member_profiles(regnamespace, integer) IS 'Profiles of a store''s documents, for a federation at another server';

CREATE FUNCTION member_changes(store regnamespace, since text, authorities uuid[], form integer, OUT cursor text, OUT statement text, OUT what text,
	OUT known_at text, OUT environments text, OUT name text, OUT by_authority text, OUT counts text) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 100 AS 'MODULE_PATHNAME', 'coserv_member_changes';
COMMENT ON FUNCTION member_changes(regnamespace, text, uuid[], integer) IS 'What has changed in a store since a cursor, of these authorities or of none, and where to go on; for a federation at another server';

CREATE FUNCTION federation_cursor(federation regnamespace) RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 10000 AS 'MODULE_PATHNAME', 'coserv_federation_cursor';
COMMENT ON FUNCTION federation_cursor(regnamespace) IS 'What each member of a federation has told until now: where changes() goes on from';

CREATE FUNCTION federation_changes(federation regnamespace, since text,
	OUT statement uuid, OUT what text, OUT known_at timestamptz, OUT environments environment[], OUT name text, OUT by_authority text,
	OUT counts tstzmultirange, OUT cursor text, OUT member text) RETURNS SETOF record
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 ROWS 100 AS 'MODULE_PATHNAME', 'coserv_federation_changes';
COMMENT ON FUNCTION federation_changes(regnamespace, text) IS 'What has changed at the members of a federation since a cursor (NULL: ever), a row each; cursor goes on from there';

CREATE FUNCTION member_voucher(store regnamespace, document bytea, authority text, beside bytea, form integer) RETURNS uuid
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 10000 AS 'MODULE_PATHNAME', 'coserv_member_voucher';
COMMENT ON FUNCTION member_voucher(regnamespace, bytea, text, bytea, integer) IS 'The id of the authority of a store that vouches for a document, with its payload or chain beside it, for a federation at another server';

CREATE FUNCTION federation_load(federation regnamespace, document bytea, authority text DEFAULT NULL, payload bytea DEFAULT NULL,
	chain bytea DEFAULT NULL) RETURNS uuid
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000 AS 'MODULE_PATHNAME', 'coserv_federation_load';
COMMENT ON FUNCTION federation_load(regnamespace, bytea, text, bytea, bytea) IS 'Verify, validate and store a CoRIM, or a document in a vendor''s form, in the member at which the authority that vouches for it is placed; of several, since last';
