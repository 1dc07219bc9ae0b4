-- Readers that are limited to authorities and environments (doc/lifecycle.md, "Tenants"). limit_reader() says who, and sets policies of
-- row-level security on the tables of the store, which all follow reader_row: what each such role may read, written by a trigger when a
-- document or a revocation comes. Without a limit there are no policies, and nothing is written. Region-local: never publish these two.

CREATE TABLE @store@.reader_limit (
	role regrole PRIMARY KEY,
	authorities text[],
	environments coserv.environment[],
	CHECK (pg_catalog.num_nonnulls(authorities, environments) > 0)
);
COMMENT ON TABLE @store@.reader_limit IS 'Roles that read a part of the store; written by limit_reader()';
COMMENT ON COLUMN @store@.reader_limit.authorities IS 'It reads the documents of these; NULL: of any';
COMMENT ON COLUMN @store@.reader_limit.environments IS 'It reads documents of which every environment contains one of these; NULL: any';

CREATE TABLE @store@.reader_row (
	id uuid NOT NULL,
	role regrole NOT NULL,
	PRIMARY KEY (id, role)
);
CREATE INDEX reader_row_role ON @store@.reader_row (role);
COMMENT ON TABLE @store@.reader_row IS 'What a limited role may read, a row a manifest or revocation (derived)';

-- A document is signed as a whole, so it is read as a whole or not at all. Trust anchors and software tags name no environment that could
-- be compared: only CoMIDs lie within environments.
CREATE FUNCTION @store@.is_within(manifest uuid, environments coserv.environment[]) RETURNS boolean
	LANGUAGE sql STABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT NOT EXISTS (SELECT FROM @store@.tag g WHERE g.manifest = is_within.manifest AND g.kind <> 'comid')
			AND NOT EXISTS (SELECT FROM (SELECT t.environment FROM @store@.triple t WHERE t.manifest = is_within.manifest
					UNION ALL SELECT t.environment FROM @store@.triple_environment t WHERE t.manifest = is_within.manifest) s
				WHERE NOT EXISTS (SELECT FROM pg_catalog.unnest(is_within.environments) e WHERE s.environment OPERATOR(coserv.@>) e));
	END;
COMMENT ON FUNCTION @store@.is_within(uuid, coserv.environment[]) IS 'Whether a manifest speaks of nothing but environments that contain one of these';

CREATE FUNCTION @store@.readable_manifests() RETURNS TABLE (id uuid, role regrole)
	LANGUAGE sql STABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT m.id, l.role FROM @store@.manifest m, @store@.reader_limit l
		WHERE (l.authorities IS NULL OR EXISTS (SELECT FROM @store@.authority a WHERE a.id = m.authority_id AND a.name = ANY (l.authorities)))
			AND (l.environments IS NULL OR (m.forgotten IS NULL AND @store@.is_within(m.id, l.environments)));
	END;
COMMENT ON FUNCTION @store@.readable_manifests() IS 'What limited roles may read of the manifests';

CREATE FUNCTION @store@.readable_revocations() RETURNS TABLE (id uuid, manifest uuid, authority uuid, role regrole)
	LANGUAGE sql STABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT r.id, COALESCE(o.manifest, r.manifest), COALESCE(o.authority_id, r.authority_id), l.role
		FROM @store@.reader_limit l, @store@.revocation r LEFT JOIN @store@.revocation o ON o.id = r.undoes
		WHERE EXISTS (SELECT FROM @store@.reader_row v WHERE v.role = l.role AND v.id = COALESCE(o.manifest, r.manifest))
			OR EXISTS (SELECT FROM @store@.authority a WHERE a.id = COALESCE(o.authority_id, r.authority_id) AND a.name = ANY (l.authorities))
			OR EXISTS (SELECT FROM @store@.manifest m, @store@.reader_row v
				WHERE m.authority_id = COALESCE(o.authority_id, r.authority_id) AND v.id = m.id AND v.role = l.role);
	END;
COMMENT ON FUNCTION @store@.readable_revocations() IS 'What limited roles may read of the revocations: those of what they read';

CREATE FUNCTION @store@.limit_reader(role regrole, authorities text[] DEFAULT NULL, environments coserv.environment[] DEFAULT NULL) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	RETURN coserv.limit_reader(@store_literal@::pg_catalog.regnamespace, role, authorities, environments);
COMMENT ON FUNCTION @store@.limit_reader(regrole, text[], coserv.environment[]) IS 'Let a role, and whoever inherits it, read what these authorities say, of these environments alone, and nothing else of the store; NULL for both lifts the limit';
