-- Why an appraisal came out as it did.

CREATE FUNCTION explain(store regnamespace, evidence cbor, as_of timestamptz DEFAULT NULL,
						verified_keys crypto_key[] DEFAULT NULL, verifier crypto_key[] DEFAULT NULL,
						with_document bytea DEFAULT NULL, authority text DEFAULT NULL, payload bytea DEFAULT NULL,
						without_manifest uuid DEFAULT NULL,
						OUT manifest uuid, OUT ordinal integer, OUT kind smallint, OUT condition integer, OUT matched boolean,
						OUT path text, OUT reason text, OUT wanted cbor, OUT found cbor, OUT environment environment,
						OUT differing integer) RETURNS SETOF record
	LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000 ROWS 10 AS 'MODULE_PATHNAME', 'coserv_explain';
COMMENT ON FUNCTION explain(regnamespace, cbor, timestamptz, crypto_key[], crypto_key[], bytea, text, bytea, uuid) IS 'Each condition that an appraisal over a store tried, and why it did not match; also as if a document were loaded or a manifest revoked';

-- A value as a sentence has it: versions without their tag, long ones cut.
CREATE FUNCTION explained_value(cbor) RETURNS text
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	BEGIN ATOMIC
		SELECT CASE WHEN pg_catalog.length(v.shown) > 80 THEN pg_catalog.left(v.shown, 77) || '...' ELSE v.shown END
		FROM (SELECT pg_catalog.regexp_replace(coserv.cbor_diag($1), '^55[23]\((.*)\)$', '\1') AS shown) v;
	END;
COMMENT ON FUNCTION explained_value(cbor) IS 'A value as explanation() shows it';

CREATE FUNCTION explanation(path text, reason text, wanted cbor, found cbor, who text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT CASE
			WHEN reason IS NULL THEN NULL
			WHEN n.name = 'element-id' THEN pg_catalog.format('there is no element %s, which %s wants', COALESCE(w.wanted, 'without mkey'), who)
			WHEN wanted IS NULL OR n.name IS NULL OR n.name ~ '^key-list' THEN pg_catalog.concat_ws(' of ', n.name, who) || ': ' || reason
			WHEN found IS NULL THEN pg_catalog.format('%s is absent, %s wants %s', n.name, who, w.wanted)
			WHEN reason = 'below the minimum' THEN pg_catalog.format('%s is %s, %s accepts from %s', n.name, w.found, who, w.wanted)
			ELSE pg_catalog.format('%s is %s, %s has %s', n.name, w.found, who, w.wanted) END
		FROM (SELECT NULLIF(pg_catalog.regexp_replace(path, '^(element-list\[[0-9]+\]\.)?(element-claims\.|environment\.)?', ''), '') AS name) n,
			(SELECT coserv.explained_value(wanted) AS wanted, coserv.explained_value(found) AS found) w;
	END;
COMMENT ON FUNCTION explanation(text, text, cbor, cbor, text) IS 'One sentence for a row of explain() or verdict(), with who says otherwise';
