-- What has changed since a cursor (doc/changes.md): the epochs of life that commits have written which the cursor has not seen. What time
-- alone changes is foreseen in these already, and writes none: expiring().

CREATE INDEX settled_transaction ON @store@.settled (transaction);
CREATE INDEX authority_life_known_at ON @store@.authority_life (known_at);
CREATE INDEX manifest_life_known_at ON @store@.manifest_life (known_at);
CREATE INDEX tag_life_known_at ON @store@.tag_life (known_at);

CREATE FUNCTION @store@.cursor() RETURNS text
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	RETURN coserv.cursor(@store_literal@::pg_catalog.regnamespace);
COMMENT ON FUNCTION @store@.cursor() IS 'What the statement sees of the store, as text: ask for it before what is kept, and changes() of it later';

-- The moments that a cursor has not seen. A row of another cluster (of a dump) was not written by the transaction that it names.
CREATE FUNCTION @store@.moments_since(since text) RETURNS TABLE (moment timestamptz)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT s.known_at FROM coserv.cursor_of(@store_literal@::pg_catalog.regnamespace, since) c, @store@.settled s
		WHERE s.known_at OPERATOR(pg_catalog.>) c.moment
		UNION
		SELECT s.known_at FROM coserv.cursor_of(@store_literal@::pg_catalog.regnamespace, since) c, @store@.settled s
		WHERE s.transaction OPERATOR(pg_catalog.>=) pg_catalog.pg_snapshot_xmin(c.seen) AND s.known_at OPERATOR(pg_catalog.<=) c.moment
			AND NOT pg_catalog.pg_visible_in_snapshot(s.transaction, c.seen)
			AND s.xmin OPERATOR(pg_catalog.=) s.transaction::pg_catalog.xid;
	END;
COMMENT ON FUNCTION @store@.moments_since(text) IS 'Moments from which something is known that a cursor has not seen; NULL: all';

-- Each epoch beside the one before it. Of a statement, of a tag of it (ordinal), or of its authority.
CREATE FUNCTION @store@.epochs_at(moment timestamptz)
	RETURNS TABLE (manifest uuid, ordinal integer, authority uuid, counts tstzmultirange, before tstzmultirange, is_first boolean,
				   activation text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT l.manifest, NULL::integer, l.authority, l.counts,
			p.counts OPERATOR(pg_catalog.*) pg_catalog.tstzmultirange(pg_catalog.tstzrange((SELECT coserv.clock_of(@store_literal@::pg_catalog.regnamespace, epochs_at.moment)), NULL)), p.counts IS NULL, NULL::text
		FROM @store@.manifest_life l LEFT JOIN LATERAL (SELECT p.counts FROM @store@.manifest_life p
				WHERE p.manifest = l.manifest AND p.known_at < l.known_at ORDER BY p.known_at DESC LIMIT 1) p ON true
		WHERE l.known_at = epochs_at.moment
		UNION ALL
		SELECT l.manifest, l.ordinal, g.authority, l.counts, n.before, false,
			CASE WHEN l.counts <> n.before OR l.activated = n.activated THEN NULL
				WHEN l.activated @> n.activated THEN 'activated' ELSE 'deactivated' END
		FROM @store@.tag_life l,
			LATERAL (SELECT g.authority FROM @store@.tag g WHERE g.manifest = l.manifest AND g.ordinal = l.ordinal OFFSET 0) g
			LEFT JOIN LATERAL (SELECT p.counts, p.activated FROM @store@.tag_life p
				WHERE p.manifest = l.manifest AND p.ordinal = l.ordinal AND p.known_at < l.known_at ORDER BY p.known_at DESC LIMIT 1) p ON true,
			LATERAL (SELECT COALESCE(p.counts, '{(,)}') OPERATOR(pg_catalog.*) r.on_from AS before,
					COALESCE(p.activated, '{}') OPERATOR(pg_catalog.*) r.on_from AS activated
				FROM (SELECT pg_catalog.tstzmultirange(pg_catalog.tstzrange((SELECT coserv.clock_of(@store_literal@::pg_catalog.regnamespace, epochs_at.moment)), NULL)) AS on_from) r OFFSET 0) n
		WHERE l.known_at = epochs_at.moment
		UNION ALL
		SELECT NULL::uuid, NULL::integer, l.authority, l.counts,
			p.counts OPERATOR(pg_catalog.*) pg_catalog.tstzmultirange(pg_catalog.tstzrange((SELECT coserv.clock_of(@store_literal@::pg_catalog.regnamespace, epochs_at.moment)), NULL)), p.counts IS NULL, NULL::text
		FROM @store@.authority_life l LEFT JOIN LATERAL (SELECT p.counts FROM @store@.authority_life p
				WHERE p.authority = l.authority AND p.known_at < l.known_at ORDER BY p.known_at DESC LIMIT 1) p ON true
		WHERE l.known_at = epochs_at.moment;
	END;
COMMENT ON FUNCTION @store@.epochs_at(timestamptz) IS 'What was foreseen from a moment on, and what had been foreseen before of the time from then on';

-- Software tags and trust anchors name no environment: what they bear on is found by links and groups.
CREATE FUNCTION @store@.environments_of(manifest uuid, tag integer) RETURNS coserv.environment[]
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT CASE WHEN NOT EXISTS (SELECT FROM @store@.tag g WHERE g.manifest = environments_of.manifest
				AND (environments_of.tag IS NULL OR g.ordinal = environments_of.tag) AND g.kind NOT IN ('comid', 'cotl'))
				AND EXISTS (SELECT FROM @store@.tag g WHERE g.manifest = environments_of.manifest)
			THEN ARRAY(SELECT d.bytes::coserv.environment FROM
				(SELECT DISTINCT e.environment::pg_catalog.bytea AS bytes
					FROM (SELECT t.environment FROM @store@.triple t
							WHERE t.manifest = environments_of.manifest AND (environments_of.tag IS NULL OR t.tag = environments_of.tag)
						UNION ALL SELECT x.environment FROM @store@.triple_environment x, @store@.triple t
							WHERE x.manifest = environments_of.manifest AND t.manifest = x.manifest AND t.ordinal = x.ordinal
								AND (environments_of.tag IS NULL OR t.tag = environments_of.tag)) e
					WHERE e.environment IS NOT NULL) d ORDER BY d.bytes) END;
	END;
COMMENT ON FUNCTION @store@.environments_of(uuid, integer) IS 'Environments that a statement, or one tag of it, names; NULL: it may bear on any, or was forgotten';

CREATE FUNCTION @store@.changes_of(since text)
	RETURNS TABLE (statement uuid, what text, known_at timestamptz, environments coserv.environment[], name text, by_authority text,
				   counts tstzmultirange, cursor text, authority_id uuid)
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		WITH moments AS MATERIALIZED (
			SELECT s.moment FROM @store@.moments_since(changes_of.since) s
		), epochs AS MATERIALIZED (
			SELECT k.moment, e.manifest, e.ordinal, e.authority, e.counts, g.tag_id, CASE
				WHEN e.is_first THEN 'new'
				WHEN e.activation IS NOT NULL THEN e.activation
				WHEN e.counts = e.before THEN 'changed'
				WHEN e.counts @> e.before THEN 'restored'
				WHEN EXISTS (SELECT FROM @store@.revocation r WHERE r.known_at = k.moment AND (r.manifest = e.manifest AND e.ordinal IS NULL
					OR r.authority_id = e.authority AND (e.manifest IS NULL AND r.tag_id IS NULL
						OR r.tag_id = g.tag_id AND (r.tag_version IS NULL OR r.tag_version = g.tag_version)))) THEN 'revoked'
				WHEN e.ordinal IS NOT NULL THEN 'superseded'
				ELSE 'withdrawn' END AS what
			FROM moments k, LATERAL @store@.epochs_at(k.moment) e
				LEFT JOIN LATERAL (SELECT g.tag_id, g.tag_version FROM @store@.tag g WHERE g.manifest = e.manifest AND g.ordinal = e.ordinal OFFSET 0) g ON true
		), changed AS (
			SELECT m.id AS statement, e.what, e.moment, @store@.environments_of(m.id, e.ordinal) AS environments,
				CASE WHEN e.ordinal IS NULL THEN m.corim_id ELSE e.tag_id END AS name, m.authority, e.counts,
				m.authority_id
			FROM epochs e, LATERAL (SELECT m.id, m.corim_id, m.authority, m.authority_id FROM @store@.manifest m WHERE m.id = e.manifest OFFSET 0) m
			UNION ALL
			SELECT m.id, e.what, e.moment, @store@.environments_of(m.id, NULL::integer), m.corim_id, m.authority, e.counts, m.authority_id
			FROM epochs e, LATERAL (SELECT m.id, m.corim_id, m.authority, m.authority_id FROM @store@.manifest m WHERE m.authority_id = e.authority OFFSET 0) m
			WHERE e.manifest IS NULL AND e.what <> 'new'
			UNION ALL
			SELECT NULL, e.what, e.moment, '{}', l.name, l.name, e.counts, e.authority
			FROM epochs e JOIN @store@.authority_life l ON l.authority = e.authority AND l.known_at = e.moment
			WHERE e.manifest IS NULL
			UNION ALL
			SELECT NULL, 'policy', k.moment,
				CASE WHEN b.require_cotl IS DISTINCT FROM n.require_cotl THEN NULL ELSE '{}'::coserv.environment[] END, NULL, NULL, NULL, NULL
			FROM moments k, LATERAL @store@.at(coserv.clock_of(@store_literal@::pg_catalog.regnamespace, k.moment)) n,
				LATERAL @store@.at(coserv.clock_of(@store_literal@::pg_catalog.regnamespace, k.moment) - '1 us'::interval) b
			WHERE EXISTS (SELECT FROM @store@.policy p WHERE p.known_at = k.moment)
			UNION ALL
			SELECT NULL, 'profile', k.moment, NULL, p.profile, NULL, NULL, NULL
			FROM moments k JOIN @store@.profile p ON p.known_at = k.moment
			UNION ALL
			SELECT NULL, 'crl', k.moment, NULL, c.issuer, c.authority, NULL, c.authority_id
			FROM moments k JOIN @store@.crl c ON c.known_at = k.moment
		)
		SELECT c.statement, c.what, coserv.clock_of(@store_literal@::pg_catalog.regnamespace, c.moment), c.environments, c.name, c.authority, c.counts,
			coserv.cursor(@store_literal@::pg_catalog.regnamespace), c.authority_id
		FROM changed c
		ORDER BY c.moment, c.statement, c.what, c.name;
	END;
COMMENT ON FUNCTION @store@.changes_of(text) IS 'What changes() answers, and the id of the authority that each change is of; NULL: of none';

CREATE FUNCTION @store@.changes(since text DEFAULT NULL)
	RETURNS TABLE (statement uuid, what text, known_at timestamptz, environments coserv.environment[], name text, by_authority text,
				   counts tstzmultirange, cursor text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT c.statement, c.what, c.known_at, c.environments, c.name, c.by_authority, c.counts, c.cursor
		FROM @store@.changes_of(changes.since) c;
	END;
COMMENT ON FUNCTION @store@.changes(text) IS 'What has changed since a cursor, whoever committed late: statements and tags that are new, changed, restored, revoked, superseded, withdrawn, activated or deactivated, authorities (statement NULL), policies, profiles and CRLs, and which environments that concerns (NULL: any); cursor goes on from here; since NULL: all that ever was';

-- What NOTIFY coserv_changes says where the policy asks for it; NULL: nothing that counts has changed. It may hold 7,999 bytes.
CREATE FUNCTION @store@.announcement(moment timestamptz) RETURNS text
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT CASE WHEN x.changes = 0 THEN NULL WHEN pg_catalog.octet_length(w.said) < 7900 THEN w.said
			ELSE pg_catalog.json_build_object('store', n.nspname, 'profiles', NULL::text, 'changes', x.changes)::text END
		FROM pg_catalog.pg_namespace n,
			(SELECT pg_catalog.count(*) AS changes, pg_catalog.bool_or(c.is_any) AS is_any,
				pg_catalog.array_agg(DISTINCT c.profile) FILTER (WHERE NOT c.is_any) AS profiles
				FROM (SELECT m.profile, false AS is_any FROM @store@.epochs_at(announcement.moment) e,
						LATERAL (SELECT m.profile FROM @store@.manifest m WHERE m.id = e.manifest OFFSET 0) m
					UNION ALL SELECT NULL, true FROM @store@.epochs_at(announcement.moment) e WHERE e.manifest IS NULL
					UNION ALL SELECT NULL, true FROM @store@.policy p WHERE p.known_at = announcement.moment
					UNION ALL SELECT p.profile, false FROM @store@.profile p WHERE p.known_at = announcement.moment
					UNION ALL SELECT NULL, true FROM @store@.crl p WHERE p.known_at = announcement.moment) c) x,
			LATERAL (SELECT pg_catalog.json_build_object('store', n.nspname, 'profiles', CASE WHEN NOT x.is_any THEN x.profiles END,
				'changes', x.changes)::text AS said) w
		WHERE n.oid = @store_literal@::pg_catalog.regnamespace;
	END;
COMMENT ON FUNCTION @store@.announcement(timestamptz) IS 'What NOTIFY coserv_changes says of a moment, under 8,000 bytes: store, profiles (NULL: any; a null among them: without profile), how many changes';
