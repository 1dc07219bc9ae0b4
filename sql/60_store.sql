-- Stores: making them, the triggers on their truth tables, and what a document holds as rows.

CREATE FUNCTION create_store(name text) RETURNS regnamespace
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'coserv_create_store';
COMMENT ON FUNCTION create_store(text) IS 'Make a store: a schema with ordinary tables, triggers, views and functions that belong to the caller, who may create schemas in this database or owns the schema';

CREATE FUNCTION drop_store(name text) RETURNS void
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'coserv_drop_store';
COMMENT ON FUNCTION drop_store(text) IS 'Drop a store''s schema with everything in it';

CREATE FUNCTION upgrade_store(name text) RETURNS integer
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'coserv_upgrade_store';
COMMENT ON FUNCTION upgrade_store(text) IS 'Bring a store that an older version made to the form of this one: tables by steps, functions, views, triggers, comments and the grants of its roles as they would be made now; answers the form that it had';

CREATE FUNCTION store_form(store regnamespace) RETURNS integer
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'coserv_store_form';
COMMENT ON FUNCTION store_form(regnamespace) IS 'The form of a store''s tables; NULL where the schema does not say';

CREATE FUNCTION stores() RETURNS TABLE (store regnamespace, owner regrole, form integer)
	LANGUAGE sql STABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT n.oid::regnamespace, n.nspowner::regrole, @extschema@.store_form(n.oid::regnamespace)
		FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
			JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
		WHERE p.pronamespace = '@extschema@'::pg_catalog.regnamespace AND p.proname = 'truth_guard' AND c.relname = 'truth'
		ORDER BY n.nspname;
	END;
COMMENT ON FUNCTION stores() IS 'The stores of this database, whose they are, and the form of their tables';

CREATE FUNCTION upgrade_stores() RETURNS TABLE (store regnamespace, form integer, refused text)
	LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	problem text;
BEGIN
	FOR store, form IN SELECT s.store, s.form FROM @extschema@.stores() s WHERE pg_has_role(s.owner, 'USAGE')
	LOOP
		BEGIN
			PERFORM @extschema@.upgrade_store(n.nspname) FROM pg_namespace n WHERE n.oid = upgrade_stores.store;
			refused := NULL;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS refused = MESSAGE_TEXT, problem = PG_EXCEPTION_DETAIL;
			refused := concat_ws(' ', refused, nullif(format('(%s)', problem), '()'));
		END;
		RETURN NEXT;
	END LOOP;
END $$;
COMMENT ON FUNCTION upgrade_stores() IS 'upgrade_store() for each store of this database that the caller owns: the form that it had, or why it was refused and stays as it was';

CREATE FUNCTION @extschema@.version() RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'coserv_version';
COMMENT ON FUNCTION @extschema@.version() IS 'Version of the loaded library';

CREATE FUNCTION manifest_verify() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'coserv_manifest_verify';
COMMENT ON FUNCTION manifest_verify() IS 'BEFORE trigger of a store''s table manifest: verifies the document and computes the other columns';

CREATE FUNCTION manifest_derive() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'coserv_manifest_derive';
COMMENT ON FUNCTION manifest_derive() IS 'AFTER trigger of a store''s table manifest: writes the derived tables';

CREATE FUNCTION truth_guard() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'coserv_truth_guard';
COMMENT ON FUNCTION truth_guard() IS 'BEFORE trigger of a store''s table truth: it is written by the other tables'' triggers and by replication workers alone, and never changed';

CREATE FUNCTION truth_arrives() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'coserv_truth_arrives';
COMMENT ON FUNCTION truth_arrives() IS 'AFTER trigger of a store''s table truth: makes of a row that arrived what it says, or sets it aside';

CREATE FUNCTION forget() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'coserv_forget';
COMMENT ON FUNCTION forget() IS 'AFTER statement trigger of what sessions keep of a store: it makes them forget it';

CREATE FUNCTION said_guard() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'coserv_said_guard';
COMMENT ON FUNCTION said_guard() IS 'BEFORE trigger of a store''s tables authority, revocation, policy and profile: history is kept';

CREATE FUNCTION said() RETURNS trigger
	LANGUAGE c AS 'MODULE_PATHNAME', 'coserv_said';
COMMENT ON FUNCTION said() IS 'AFTER trigger of a store''s tables authority, revocation, policy, profile and crl: says it in truth, and at the commit since when it is known';

CREATE FUNCTION truth_document(body bytea, OUT document bytea, OUT payload bytea)
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'coserv_truth_document';
COMMENT ON FUNCTION truth_document(bytea) IS 'The document, and the payload that was handed in beside it, of a row of truth';

CREATE FUNCTION truth_authority(body bytea) RETURNS uuid
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'coserv_truth_authority';
COMMENT ON FUNCTION truth_authority(bytea) IS 'The id of the authority that a row of truth says something of; NULL for any other bytes';

CREATE FUNCTION retry(store regnamespace) RETURNS void
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'coserv_retry';
COMMENT ON FUNCTION retry(regnamespace) IS 'Try what was set aside again, when this transaction commits';

CREATE FUNCTION end_clock_ahead(store regnamespace, reason text) RETURNS bigint
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'coserv_end_clock_ahead';
COMMENT ON FUNCTION end_clock_ahead(regnamespace, text) IS 'Say again what was said in a store with a moment too far ahead, and take these moments back';

CREATE FUNCTION mend_store(store regnamespace) RETURNS bigint
	LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	off record;
	overlooked bigint;
BEGIN
	FOR off IN SELECT t.tgrelid::regclass AS of_table, t.tgname AS name FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
		WHERE c.relnamespace = store AND NOT t.tgisinternal AND t.tgenabled <> 'A' AND p.pronamespace = '@extschema@'::regnamespace
	LOOP
		EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', off.of_table, off.name);
	END LOOP;
	EXECUTE format('INSERT INTO %1$s.set_aside (id, kind, reason, since) SELECT o.id, o.kind, %2$L, clock_timestamp() FROM %1$s.overlooked() o ON CONFLICT (id) DO NOTHING',
		store, 'it came while the store''s triggers did not run');
	GET DIAGNOSTICS overlooked = ROW_COUNT;
	PERFORM @extschema@.retry(store);
	RETURN overlooked;
END $$;
COMMENT ON FUNCTION mend_store(regnamespace) IS 'After a restore with --disable-triggers: the store''s triggers run in replication workers again, and what came meanwhile is looked at when this transaction commits; answers how many rows that are';

CREATE FUNCTION document(store regnamespace, manifest uuid, OUT document bytea, OUT payload bytea)
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 1000 AS 'MODULE_PATHNAME', 'coserv_document';
COMMENT ON FUNCTION document(regnamespace, uuid) IS 'The document of a manifest that the caller may read, and the payload that was handed in beside it, byte for byte';

CREATE FUNCTION moment(store regnamespace) RETURNS timestamptz
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'coserv_moment';
COMMENT ON FUNCTION moment(regnamespace) IS 'The moment that now is in a store: the statement''s start, or the last moment from which something that is visible is known, where that is later';

CREATE FUNCTION known_by(store regnamespace, at timestamptz) RETURNS timestamptz
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'coserv_known_by';
COMMENT ON FUNCTION known_by(regnamespace, timestamptz) IS 'The last known_at of what a store knows by a moment: the moment itself, but where its clock ran ahead before that';

CREATE FUNCTION clock_of(store regnamespace, known_at timestamptz) RETURNS timestamptz
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'coserv_clock_of';
COMMENT ON FUNCTION clock_of(regnamespace, timestamptz) IS 'When known_at was by the clock: known_at itself, but for a while after the clock ran ahead';

CREATE FUNCTION cursor(store regnamespace) RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'coserv_cursor';
COMMENT ON FUNCTION cursor(regnamespace) IS 'What the statement sees of a store, as text: where changes() goes on from';

CREATE FUNCTION cursor_of(store regnamespace, cursor text, OUT moment timestamptz, OUT seen pg_snapshot)
	LANGUAGE c STABLE PARALLEL RESTRICTED COST 100 AS 'MODULE_PATHNAME', 'coserv_cursor_of';
COMMENT ON FUNCTION cursor_of(regnamespace, text) IS 'What was seen of a store at a cursor: the last moment, and which transactions; NULL: nothing yet';

CREATE FUNCTION counts_until(as_of timestamptz, required boolean, manifest tstzmultirange, authority tstzmultirange, tag tstzmultirange,
							 activated tstzmultirange) RETURNS timestamptz
	LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'coserv_counts_until';
COMMENT ON FUNCTION counts_until(timestamptz, boolean, tstzmultirange, tstzmultirange, tstzmultirange, tstzmultirange) IS 'Until when something counts that counts at a moment: infinity where nothing ends it, NULL where it does not count then';

CREATE FUNCTION load(store regnamespace, document bytea, authority text DEFAULT NULL, payload bytea DEFAULT NULL,
					 chain bytea DEFAULT NULL) RETURNS uuid
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000 AS 'MODULE_PATHNAME', 'coserv_load';
COMMENT ON FUNCTION load(regnamespace, bytea, text, bytea, bytea) IS 'Verify, validate and store a CoRIM, or a document in a vendor''s form, in a store; answers its id, also when it is already there';

CREATE FUNCTION tags(document bytea, OUT ordinal integer, OUT kind text, OUT tag_id text, OUT tag_version numeric,
					 OUT not_before timestamptz, OUT not_after timestamptz) RETURNS SETOF record
	LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 ROWS 2 AS 'MODULE_PATHNAME', 'coserv_tags';
COMMENT ON FUNCTION tags(bytea) IS 'Tags of a CoRIM document; validates it and verifies no signature';

CREATE FUNCTION tag_links(document bytea, OUT ordinal integer, OUT relation text, OUT tag_id text, OUT tag_version numeric) RETURNS SETOF record
	LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 ROWS 2 AS 'MODULE_PATHNAME', 'coserv_tag_links';
COMMENT ON FUNCTION tag_links(bytea) IS 'What the tags of a CoRIM document say of other tags: supplements, replaces, activates; validates it and verifies no signature';

CREATE FUNCTION triples(document bytea, OUT ordinal integer, OUT tag integer, OUT kind smallint, OUT environment environment, OUT content cbor,
						OUT current cbor)
	RETURNS SETOF record
	LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 ROWS 100 AS 'MODULE_PATHNAME', 'coserv_triples';
COMMENT ON FUNCTION triples(bytea) IS 'Triples of a CoRIM document in document order; validates it and verifies no signature. current: in current forms, where that is not content; null: there are none';

CREATE FUNCTION triple_environments(document bytea, OUT ordinal integer, OUT environment environment, OUT kind smallint) RETURNS SETOF record
	LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'coserv_triple_environments';
COMMENT ON FUNCTION triple_environments(bytea) IS 'Environments that the triples of a CoRIM document name besides their subjects';

CREATE FUNCTION triple_conditions(document bytea, OUT ordinal integer, OUT anchor bigint, OUT key bigint, OUT minimum bigint) RETURNS SETOF record
	LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'coserv_triple_conditions';
COMMENT ON FUNCTION triple_conditions(bytea) IS 'What the conditional endorsements (10, 8) of a CoRIM document ask of an ACS, as hashes: one of a triple''s rows must be met before it adds anything';

CREATE FUNCTION triple_asks(kind smallint, content cbor, OUT anchor bigint, OUT key bigint, OUT minimum bigint) RETURNS SETOF record
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 1 AS 'MODULE_PATHNAME', 'coserv_triple_asks';
COMMENT ON FUNCTION triple_asks(smallint, cbor) IS 'The same of one triple';
