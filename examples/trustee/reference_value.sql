-- Reference values of a coserv store for Trustee's rvps (Confidential Containers) over its own PostgreSQL back end, by configuration alone
-- (doc/consumers.md). Run by the owner of the store, once; psql -v store=rim, which is the default.
--
-- rvps asks for a key, unqualified: the role that it connects as has the schema trustee as its search_path. It finds nothing to write to:
-- reference values come as signed documents, through the store.
\if :{?store}
\else
\set store rim
\endif

CREATE SCHEMA trustee;

-- The id of a measurement as rvps' own corim extractor makes it: what is there of vendor, model, mkey, name and serial number.
CREATE FUNCTION trustee.id_of(environment coserv.environment, measurement coserv.cbor, mkey text, name text, serial_number text, what text) RETURNS text
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	RETURN concat_ws('/', coserv.environment_vendor(environment), coserv.environment_model(environment),
		CASE WHEN measurement OPERATOR(coserv.->) 0::bigint IS NULL THEN NULL
			WHEN coserv.cbor_typeof(measurement OPERATOR(coserv.->) 0::bigint) = 'text' THEN mkey
			WHEN coserv.cbor_typeof(measurement OPERATOR(coserv.->) 0::bigint) = 'integer' THEN 'claim' || mkey
			WHEN mkey ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN mkey END,
		name, serial_number, what);

-- What a reference triple says under which id. A raw value under a mask is left out: a policy that compares it whole would refuse what is good.
CREATE FUNCTION trustee.values_of(triple coserv.cbor, OUT id text, OUT value text) RETURNS SETOF record
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT trustee.id_of(m.environment, m.measurement::coserv.cbor, m.mkey, m.name, m.serial_number, v.what), v.value
		FROM coserv.measurements(triple, 0::smallint) m,
			LATERAL (SELECT 'digests' AS what, encode(d.digest, 'hex') AS value FROM coserv.digests(m.digests) d
				UNION ALL
				SELECT 'raw_bytes', encode(m.raw_value, 'hex') WHERE m.raw_value IS NOT NULL AND m.raw_value_mask IS NULL) v;
	END;

-- Which triples an id is found in: kept as triples are derived, by whatever load or replication brings them.
CREATE TABLE trustee.known_id (id text, manifest uuid, ordinal integer, PRIMARY KEY (id, manifest, ordinal));
CREATE INDEX known_id_manifest ON trustee.known_id (manifest, ordinal);

CREATE FUNCTION trustee.know() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_OP = 'DELETE' THEN
		DELETE FROM trustee.known_id WHERE manifest = OLD.manifest AND ordinal = OLD.ordinal;
	ELSE
		INSERT INTO trustee.known_id SELECT DISTINCT v.id, NEW.manifest, NEW.ordinal FROM trustee.values_of(NEW.content) v;
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER trustee_know AFTER INSERT ON :"store".triple FOR EACH ROW WHEN (NEW.kind = 0) EXECUTE FUNCTION trustee.know();
CREATE TRIGGER trustee_forget AFTER DELETE ON :"store".triple FOR EACH ROW WHEN (OLD.kind = 0) EXECUTE FUNCTION trustee.know();
ALTER TABLE :"store".triple ENABLE ALWAYS TRIGGER trustee_know, ENABLE ALWAYS TRIGGER trustee_forget;
INSERT INTO trustee.known_id
	SELECT DISTINCT v.id, t.manifest, t.ordinal FROM :"store".triple t, trustee.values_of(t.content) v WHERE t.kind = 0;

-- Ids that an operator's policies use ("snp_launch_measurement"), and what each stands for. list: every value that counts; only: the value where
-- there is exactly one; floor: the greatest of the svns, as a number, for a policy that accepts from it on.
CREATE TABLE trustee.chosen_id (
	id text PRIMARY KEY,
	environment coserv.environment NOT NULL,
	mkey text,
	what text NOT NULL CHECK (what IN ('digests', 'raw_value', 'svn', 'version')),
	form text NOT NULL CHECK (form IN ('list', 'only', 'floor')),
	CHECK (form <> 'floor' OR what = 'svn')
);

CREATE VIEW trustee.chosen_value WITH (security_invoker = true) AS
	SELECT i.id, v.value, v.not_after
	FROM trustee.chosen_id i,
		LATERAL (SELECT CASE i.form WHEN 'list' THEN jsonb_agg(DISTINCT s.value) WHEN 'floor' THEN to_jsonb(max(s.value::text::numeric) FILTER (WHERE i.what = 'svn'))
				ELSE CASE WHEN count(DISTINCT s.value) = 1 THEN min(s.value::text)::jsonb END END AS value, min(t.not_after) AS not_after
			FROM (SELECT t.* FROM :"store".current_triple t WHERE t.kind = 0 AND t.environment OPERATOR(coserv.@>) i.environment OFFSET 0) t,
				LATERAL coserv.measurements(t.triple, t.kind) m,
				LATERAL (SELECT to_jsonb(encode(d.digest, 'hex')) AS value FROM coserv.digests(m.digests) d WHERE i.what = 'digests'
					UNION ALL SELECT to_jsonb(encode(m.raw_value, 'hex')) WHERE i.what = 'raw_value' AND m.raw_value_mask IS NULL
					UNION ALL SELECT to_jsonb(COALESCE(m.svn, m.min_svn)) WHERE i.what = 'svn'
					UNION ALL SELECT to_jsonb(m.version) WHERE i.what = 'version') s
			WHERE m.mkey IS NOT DISTINCT FROM i.mkey AND s.value IS NOT NULL AND s.value <> 'null') v
	WHERE v.value IS NOT NULL;

CREATE VIEW trustee.derived_value WITH (security_invoker = true) AS
	SELECT k.id, CASE WHEN k.id LIKE '%digests' THEN jsonb_agg(DISTINCT v.value)
			WHEN count(DISTINCT v.value) = 1 THEN to_jsonb(min(v.value)) END AS value, min(t.not_after) AS not_after
	FROM trustee.known_id k,
		LATERAL (SELECT t.content, t.not_after FROM :"store".triples_at(NULL) t WHERE t.manifest = k.manifest AND t.ordinal = k.ordinal OFFSET 0) t,
		LATERAL trustee.values_of(t.content) v
	WHERE v.id = k.id
	GROUP BY k.id;

-- What rvps reads: SELECT (value) FROM reference_value WHERE key = $1, and SELECT (key) FROM reference_value.
CREATE VIEW trustee.reference_value WITH (security_invoker = true) AS
	SELECT r.id AS key, convert_to(jsonb_build_object('version', '0.1.0', 'name', r.id, 'value', r.value, 'expiration',
		COALESCE(to_char(r.not_after AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), '9999-12-31T23:59:59Z'))::text, 'UTF8') AS value
	FROM (SELECT c.id, c.value, c.not_after FROM trustee.chosen_value c
		UNION ALL
		SELECT d.id, d.value, d.not_after FROM trustee.derived_value d
		WHERE d.value IS NOT NULL AND NOT EXISTS (SELECT FROM trustee.chosen_id c WHERE c.id = d.id)) r;

-- The role that rvps connects as: SELECT trustee.allow('rvps').
CREATE FUNCTION trustee.allow(role regrole) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('GRANT USAGE ON SCHEMA trustee TO %1$s; GRANT SELECT ON ALL TABLES IN SCHEMA trustee TO %1$s; ALTER ROLE %1$s SET search_path = trustee',
		role);
END $$;
SELECT format('COMMENT ON SCHEMA trustee IS %L', 'Reference values of ' || :'store' || ' as rvps of Trustee reads them') \gexec
