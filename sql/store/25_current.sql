-- What counts at a moment: one definition, inlined into everything that reads a store. "LATERAL (... OFFSET 0)" keeps the joins
-- nested loops from the few selected rows outwards, whatever the planner believes of the selectivity of @@ or <@.

CREATE FUNCTION @store@.revocations_at(as_of timestamptz)
	RETURNS TABLE (id uuid, manifest uuid, authority text, tag_id text, tag_version numeric, effective_from timestamptz, reason text)
	LANGUAGE sql STABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT r.id, r.manifest, r.authority, r.tag_id, r.tag_version, r.effective_from, r.reason
		FROM @store@.revocation r
		WHERE r.known_at <= as_of AND r.effective_from <= as_of
			AND NOT EXISTS (SELECT FROM @store@.revocation u WHERE u.undoes = r.id AND u.known_at <= as_of AND u.effective_from <= as_of);
	END;
COMMENT ON FUNCTION @store@.revocations_at(timestamptz) IS 'Revocations that are known, in effect and not taken back at a moment';

CREATE FUNCTION @store@.manifests_at(as_of timestamptz)
	RETURNS TABLE (id uuid, document bytea, authority text, shown_as coserv.crypto_key, is_signed boolean, corim_id text, profile text,
				   not_before timestamptz, not_after timestamptz, known_at timestamptz)
	LANGUAGE sql STABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT m.id, CASE WHEN m.payload IS NULL THEN m.document ELSE coserv.conveyed(m.document, m.payload) END, m.authority, m.shown_as,
			CASE WHEN m.payload IS NULL THEN m.is_signed ELSE coserv.is_conveyed_signed(m.document) END, m.corim_id, m.profile,
			m.not_before, m.not_after, m.known_at
		FROM @store@.manifest m
		WHERE m.refused IS NULL AND m.known_at <= as_of
			AND (m.not_before IS NULL OR m.not_before <= as_of) AND (m.not_after IS NULL OR m.not_after > as_of)
			AND NOT EXISTS (SELECT FROM @store@.revocations_at(as_of) r WHERE r.manifest = m.id)
			AND NOT EXISTS (SELECT FROM @store@.revocations_at(as_of) r WHERE r.authority = m.authority AND r.tag_id IS NULL);
	END;
COMMENT ON FUNCTION @store@.manifests_at(timestamptz) IS 'Manifests that count at a moment: known, valid and not revoked then';

CREATE FUNCTION @store@.unrevoked_tags_at(as_of timestamptz)
	RETURNS TABLE (manifest uuid, ordinal integer, kind text, tag_id text, tag_version numeric, authority text,
				   not_before timestamptz, not_after timestamptz)
	LANGUAGE sql STABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT g.manifest, g.ordinal, g.kind, g.tag_id, g.tag_version, g.authority, g.not_before, g.not_after
		FROM @store@.tag g
		WHERE NOT EXISTS (SELECT FROM @store@.revocations_at(as_of) r
				WHERE r.authority = g.authority AND r.tag_id = g.tag_id AND (r.tag_version IS NULL OR r.tag_version = g.tag_version));
	END;
COMMENT ON FUNCTION @store@.unrevoked_tags_at(timestamptz) IS 'Tags that are not revoked by their id at a moment; whether their manifest counts is another question';

-- Whether what a manifest says of other tags is heard: known, begun and not revoked. That it has expired does not matter: a newer version
-- hides the older ones all the same (doc/conformance.md, decision 26).
CREATE FUNCTION @store@.heard_manifests_at(as_of timestamptz) RETURNS TABLE (id uuid, authority text)
	LANGUAGE sql STABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT m.id, m.authority FROM @store@.manifest m
		WHERE m.refused IS NULL AND m.known_at <= as_of AND (m.not_before IS NULL OR m.not_before <= as_of)
			AND NOT EXISTS (SELECT FROM @store@.revocations_at(as_of) r WHERE r.manifest = m.id);
	END;
COMMENT ON FUNCTION @store@.heard_manifests_at(timestamptz) IS 'Manifests that are known, begun and not revoked at a moment, expired or not';

-- Within one authority (doc/conformance.md, decision 26).
CREATE FUNCTION @store@.newest_tags_at(as_of timestamptz)
	RETURNS TABLE (manifest uuid, ordinal integer, kind text, tag_id text, tag_version numeric, authority text,
				   not_before timestamptz, not_after timestamptz)
	LANGUAGE sql STABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT g.manifest, g.ordinal, g.kind, g.tag_id, g.tag_version, g.authority, g.not_before, g.not_after
		FROM @store@.unrevoked_tags_at(as_of) g
		WHERE NOT EXISTS (SELECT FROM @store@.unrevoked_tags_at(as_of) n,
				LATERAL (SELECT FROM @store@.heard_manifests_at(as_of) m WHERE m.id = n.manifest OFFSET 0) m
				WHERE n.tag_id = g.tag_id AND n.authority = g.authority AND n.kind = g.kind AND n.tag_version > g.tag_version);
	END;
COMMENT ON FUNCTION @store@.newest_tags_at(timestamptz) IS 'Unrevoked tags of which no newer version is known at a moment, within one authority';

CREATE FUNCTION @store@.tags_at(as_of timestamptz)
	RETURNS TABLE (manifest uuid, ordinal integer, kind text, tag_id text, tag_version numeric, authority text,
				   not_before timestamptz, not_after timestamptz)
	LANGUAGE sql STABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT g.manifest, g.ordinal, g.kind, g.tag_id, g.tag_version, g.authority, g.not_before, g.not_after
		FROM @store@.newest_tags_at(as_of) g
		WHERE NOT EXISTS (SELECT FROM @store@.tag_link l, @store@.unrevoked_tags_at(as_of) k,
				LATERAL (SELECT FROM @store@.heard_manifests_at(as_of) m WHERE m.id = l.manifest OFFSET 0) m
				WHERE l.tag_id = g.tag_id AND l.relation = 'replaces' AND (l.manifest, l.ordinal) <> (g.manifest, g.ordinal)
					AND k.manifest = l.manifest AND k.ordinal = l.ordinal AND k.authority = g.authority);
	END;
COMMENT ON FUNCTION @store@.tags_at(timestamptz) IS 'Tags that are neither superseded, replaced nor revoked at a moment; whether their manifest counts is another question';

-- All of a CoTL's tags or none: a CoTL with a tag that is not there, has expired or is revoked activates nothing.
CREATE FUNCTION @store@.activations_at(as_of timestamptz)
	RETURNS TABLE (tag_id text, tag_version numeric, not_after timestamptz, manifest uuid, ordinal integer)
	LANGUAGE sql STABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT l.tag_id, l.tag_version, LEAST(g.not_after, m.not_after), l.manifest, l.ordinal
		FROM @store@.tag_link l,
			LATERAL (SELECT g.* FROM @store@.tags_at(as_of) g WHERE g.manifest = l.manifest AND g.ordinal = l.ordinal OFFSET 0) g,
			LATERAL (SELECT m.* FROM @store@.manifests_at(as_of) m WHERE m.id = l.manifest OFFSET 0) m,
			@store@.authority a
		WHERE l.relation = 'activates' AND a.name = m.authority AND a.activates
			AND (g.not_before IS NULL OR g.not_before <= as_of) AND (g.not_after IS NULL OR g.not_after > as_of)
			AND NOT EXISTS (SELECT FROM @store@.tag_link o
				WHERE o.manifest = l.manifest AND o.ordinal = l.ordinal AND o.relation = 'activates'
					AND NOT EXISTS (SELECT FROM @store@.unrevoked_tags_at(as_of) t,
						LATERAL (SELECT FROM @store@.manifests_at(as_of) k WHERE k.id = t.manifest OFFSET 0) k
						WHERE t.tag_id = o.tag_id AND (o.tag_version IS NULL OR t.tag_version = o.tag_version)));
	END;
COMMENT ON FUNCTION @store@.activations_at(timestamptz) IS 'Tags that a CoTL activates at a moment';

-- Most tags are neither superseded nor revoked, and most stores require no CoTL: whether the long question must be asked at all is a
-- handful of probes into small indexes.
CREATE FUNCTION @store@.triples_at(as_of timestamptz)
	RETURNS TABLE (manifest uuid, ordinal integer, tag integer, kind smallint, environment coserv.environment, content coserv.cbor,
				   authority text, shown_as coserv.crypto_key, profile text, not_before timestamptz, not_after timestamptz,
				   is_signed boolean, document bytea)
	LANGUAGE sql STABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT t.manifest, t.ordinal, t.tag, t.kind, t.environment, t.content, m.authority, m.shown_as, m.profile,
			m.not_before, NULLIF(LEAST(m.not_after, m.until), 'infinity'), m.is_signed, m.document
		FROM @store@.triple t,
			LATERAL (SELECT m.authority, m.shown_as, m.profile, m.not_before, m.not_after, m.is_signed, m.document,
					CASE WHEN EXISTS (SELECT FROM @store@.policy)
							OR EXISTS (SELECT FROM @store@.revocation r WHERE r.manifest = m.id)
							OR EXISTS (SELECT FROM @store@.revocation r WHERE r.authority = m.authority)
							OR EXISTS (SELECT FROM @store@.tag g, @store@.tag n WHERE g.manifest = m.id AND g.ordinal = t.tag
								AND n.tag_id = g.tag_id AND n.authority = g.authority AND n.tag_version > g.tag_version)
							OR EXISTS (SELECT FROM @store@.tag g, @store@.tag_link l WHERE g.manifest = m.id AND g.ordinal = t.tag
								AND l.tag_id = g.tag_id AND l.relation = 'replaces')
						THEN coserv.tag_counts_until(@store_literal@::pg_catalog.regnamespace, m.id, t.tag, as_of)
						ELSE 'infinity'::timestamptz END AS until
				FROM @store@.manifest m
				WHERE m.id = t.manifest AND m.refused IS NULL AND m.known_at <= as_of
					AND (m.not_before IS NULL OR m.not_before <= as_of) AND (m.not_after IS NULL OR m.not_after > as_of) OFFSET 0) m
		WHERE m.until > as_of;
	END;
COMMENT ON FUNCTION @store@.triples_at(timestamptz) IS 'Triples that count at a moment, each with its authority, profile and validity';
