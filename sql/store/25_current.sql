-- What counts at a moment: one definition, inlined into everything that reads a store. Each statement, authority and tag is looked up once, in
-- what was foreseen of it at that moment. "LATERAL (... OFFSET 0)" keeps the joins nested loops from the few selected rows outwards, whatever
-- the planner believes of the selectivity of @@ or <@.

CREATE FUNCTION @store@.moment() RETURNS timestamptz
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	RETURN coserv.moment(@store_literal@::pg_catalog.regnamespace);
COMMENT ON FUNCTION @store@.moment() IS 'The moment that now is: as_of this moment, everything gives the answer that it gives now';

-- What is known by a moment has known_at up to it, but for what was learnt while the clock of this region ran ahead (end_clock_ahead): that is
-- known by all moments from the one on at which that ended.
CREATE FUNCTION @store@.at_known(as_of timestamptz) RETURNS TABLE (at timestamptz, known timestamptz, require_cotl boolean)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT k.at, k.known, (SELECT p.require_cotl FROM @store@.policy p WHERE p.known_at OPERATOR(pg_catalog.<=) k.known
			ORDER BY p.moment DESC, p.id DESC LIMIT 1)
		FROM (SELECT n.at, coserv.known_by(@store_literal@::pg_catalog.regnamespace, n.at) AS known
			FROM (SELECT COALESCE(as_of, coserv.moment(@store_literal@::pg_catalog.regnamespace)) AS at OFFSET 0) n OFFSET 0) k;
	END;
COMMENT ON FUNCTION @store@.at_known(timestamptz) IS 'A moment, NULL being now, the last known_at of what is known by it, and whether a tag needed a CoTL then';

CREATE FUNCTION @store@.at(as_of timestamptz) RETURNS TABLE (at timestamptz, require_cotl boolean)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT n.at, n.require_cotl FROM @store@.at_known(as_of) n;
	END;
COMMENT ON FUNCTION @store@.at(timestamptz) IS 'A moment, NULL being now, and whether a tag needed a CoTL then';

CREATE FUNCTION @store@.revocations_at(as_of timestamptz)
	RETURNS TABLE (id uuid, manifest uuid, authority text, tag_id text, tag_version numeric, effective_from timestamptz, reason text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT r.id, r.manifest, r.authority, r.tag_id, r.tag_version, r.effective_from, r.reason
		FROM @store@.at_known(as_of) n, @store@.revocation r
		WHERE r.known_at OPERATOR(pg_catalog.<=) n.known AND r.effective_from OPERATOR(pg_catalog.<=) n.at
			AND NOT EXISTS (SELECT FROM @store@.revocation u WHERE u.undoes OPERATOR(pg_catalog.=) r.id AND NOT r.forgets
				AND u.known_at OPERATOR(pg_catalog.<=) n.known AND u.effective_from OPERATOR(pg_catalog.<=) n.at);
	END;
COMMENT ON FUNCTION @store@.revocations_at(timestamptz) IS 'Revocations that are known, in effect and not taken back at a moment';

CREATE FUNCTION @store@.manifests_at(as_of timestamptz)
	RETURNS TABLE (id uuid, document bytea, authority text, shown_as coserv.crypto_key, is_signed boolean, corim_id text, profile text,
				   not_before timestamptz, not_after timestamptz, known_at timestamptz, truth uuid)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT m.id, (SELECT CASE WHEN d.payload IS NULL THEN d.document ELSE coserv.conveyed(d.document, d.payload) END
				FROM coserv.document(@store_literal@::pg_catalog.regnamespace, m.id) d),
			a.name, a.shown_as, m.is_answered_signed, m.corim_id, m.profile, m.not_before, CASE WHEN u.until OPERATOR(pg_catalog.<) 'infinity'::timestamptz THEN u.until END, k.known_at, l.truth
		FROM @store@.at_known(as_of) n, @store@.manifest m,
			LATERAL (SELECT l.counts, l.authority, l.truth FROM @store@.manifest_life l
				WHERE l.manifest OPERATOR(pg_catalog.=) m.id AND l.known_at OPERATOR(pg_catalog.<=) n.known ORDER BY l.known_at DESC LIMIT 1) l,
			LATERAL (SELECT a.counts, a.name, a.shown_as FROM @store@.authority_life a
				WHERE a.authority OPERATOR(pg_catalog.=) l.authority AND a.known_at OPERATOR(pg_catalog.<=) n.known ORDER BY a.known_at DESC LIMIT 1) a,
			LATERAL (SELECT coserv.counts_until(n.at, false, l.counts, a.counts, NULL::tstzmultirange, NULL::tstzmultirange) AS until OFFSET 0) u,
			LATERAL (SELECT l.known_at FROM @store@.manifest_life l WHERE l.manifest OPERATOR(pg_catalog.=) m.id ORDER BY l.known_at LIMIT 1) k
		WHERE u.until IS NOT NULL;
	END;
COMMENT ON FUNCTION @store@.manifests_at(timestamptz) IS 'Manifests that count at a moment: known, valid and not revoked then; not_after says until when';

CREATE FUNCTION @store@.tags_at(as_of timestamptz)
	RETURNS TABLE (manifest uuid, ordinal integer, kind text, tag_id text, tag_version numeric, authority text, authority_id uuid,
				   shown_as coserv.crypto_key, is_signed boolean, profile text, not_before timestamptz, not_after timestamptz, truth uuid)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT g.manifest, g.ordinal, g.kind, g.tag_id, g.tag_version, a.name, l.authority, a.shown_as, m.is_answered_signed, m.profile,
			m.not_before, CASE WHEN u.until OPERATOR(pg_catalog.<) 'infinity'::timestamptz THEN u.until END, l.truth
		FROM @store@.at_known(as_of) n, @store@.tag g,
			LATERAL (SELECT m.is_answered_signed, m.profile, m.not_before FROM @store@.manifest m WHERE m.id OPERATOR(pg_catalog.=) g.manifest OFFSET 0) m,
			LATERAL (SELECT l.counts, l.authority, l.truth FROM @store@.manifest_life l
				WHERE l.manifest OPERATOR(pg_catalog.=) g.manifest AND l.known_at OPERATOR(pg_catalog.<=) n.known ORDER BY l.known_at DESC LIMIT 1) l,
			LATERAL (SELECT a.counts, a.name, a.shown_as FROM @store@.authority_life a
				WHERE a.authority OPERATOR(pg_catalog.=) l.authority AND a.known_at OPERATOR(pg_catalog.<=) n.known ORDER BY a.known_at DESC LIMIT 1) a
			LEFT JOIN LATERAL (SELECT t.counts, t.activated FROM @store@.tag_life t WHERE t.manifest OPERATOR(pg_catalog.=) g.manifest
				AND t.ordinal OPERATOR(pg_catalog.=) g.ordinal AND t.known_at OPERATOR(pg_catalog.<=) n.known ORDER BY t.known_at DESC LIMIT 1) t ON true,
			LATERAL (SELECT coserv.counts_until(n.at, n.require_cotl, l.counts, a.counts, t.counts, t.activated) AS until OFFSET 0) u
		WHERE u.until IS NOT NULL;
	END;
COMMENT ON FUNCTION @store@.tags_at(timestamptz) IS 'Tags that count at a moment: of manifests that do, and neither superseded, replaced nor revoked; activated where the policy asks for it';

-- Triples in parts, as the indexes by environment have them (10_tables.sql).
-- @begin triple_row
SELECT t.manifest, t.ordinal, t.tag, t.kind, t.environment, t.content, t.current FROM @store@.triple t
-- @end
-- @begin triples_live
@triple_row@ WHERE t.live AND NOT t.@conditional@ UNION ALL @triple_row@ WHERE t.live AND t.@conditional@
-- @end

-- What both of the next answer, and what has to count for a triple t at a moment n.at, until u.until.
-- @begin triple_table
	RETURNS TABLE (manifest uuid, ordinal integer, tag integer, kind smallint, environment coserv.environment, content coserv.cbor,
				   authority text, shown_as coserv.crypto_key, profile text, not_before timestamptz, not_after timestamptz,
				   is_signed boolean, truth uuid, authority_id uuid, current coserv.cbor)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT t.manifest, t.ordinal, t.tag, t.kind, t.environment, t.content, a.name, a.shown_as, m.profile, m.not_before,
			CASE WHEN u.until OPERATOR(pg_catalog.<) 'infinity'::timestamptz THEN u.until END, m.is_answered_signed, l.truth, l.authority, t.current
-- @end
-- @begin triple_life
			LATERAL (SELECT m.is_answered_signed, m.profile, m.not_before FROM @store@.manifest m WHERE m.id OPERATOR(pg_catalog.=) t.manifest OFFSET 0) m,
			LATERAL (SELECT l.counts, l.authority, l.truth FROM @store@.manifest_life l
				WHERE l.manifest OPERATOR(pg_catalog.=) t.manifest AND l.known_at OPERATOR(pg_catalog.<=) n.known ORDER BY l.known_at DESC LIMIT 1) l,
			LATERAL (SELECT a.counts, a.name, a.shown_as FROM @store@.authority_life a
				WHERE a.authority OPERATOR(pg_catalog.=) l.authority AND a.known_at OPERATOR(pg_catalog.<=) n.known ORDER BY a.known_at DESC LIMIT 1) a
			LEFT JOIN LATERAL (SELECT g.counts, g.activated FROM @store@.tag_life g WHERE g.manifest OPERATOR(pg_catalog.=) t.manifest
				AND g.ordinal OPERATOR(pg_catalog.=) t.tag AND g.known_at OPERATOR(pg_catalog.<=) n.known ORDER BY g.known_at DESC LIMIT 1) g ON true,
			LATERAL (SELECT coserv.counts_until(n.at, n.require_cotl, l.counts, a.counts, g.counts, g.activated) AS until OFFSET 0) u
-- @end

CREATE FUNCTION @store@.triples_at(as_of timestamptz)
	@triple_table@
		FROM @store@.at_known(as_of) n,
			(@triples_live@ UNION ALL @triple_row@ WHERE NOT t.live) t,
			@triple_life@
		WHERE u.until IS NOT NULL;
	END;
COMMENT ON FUNCTION @store@.triples_at(timestamptz) IS 'Triples that count at a moment, each with its authority, profile and validity';

-- The same for the present: what cannot count any more is not looked at.
CREATE FUNCTION @store@.triples_now(as_of timestamptz)
	@triple_table@
		FROM @store@.at_known(as_of) n, (@triples_live@) t,
			@triple_life@
		WHERE u.until IS NOT NULL;
	END;
COMMENT ON FUNCTION @store@.triples_now(timestamptz) IS 'triples_at for a moment from moment() on, or NULL: now';
