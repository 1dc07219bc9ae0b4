-- Revoking, what would change, what lapses, what contradicts itself. Compiling these statements just in time takes longer than they do.

CREATE INDEX manifest_not_after ON @store@.manifest (not_after) WHERE not_after IS NOT NULL;

CREATE FUNCTION @store@.revoke(manifest uuid DEFAULT NULL, authority text DEFAULT NULL, tag_id text DEFAULT NULL, tag_version numeric DEFAULT NULL,
							   reason text DEFAULT NULL, effective_from timestamptz DEFAULT pg_catalog.now()) RETURNS uuid
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	RETURN coserv.revoke(@store_literal@::pg_catalog.regnamespace, manifest, authority, tag_id, tag_version, reason, effective_from);
COMMENT ON FUNCTION @store@.revoke(uuid, text, text, numeric, text, timestamptz) IS 'Revoke a manifest, an authority, or a tag of an authority (one version, or all), with a reason; answers the revocation''s id';

CREATE FUNCTION @store@.unrevoke(revocation uuid, reason text) RETURNS uuid
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	RETURN coserv.unrevoke(@store_literal@::pg_catalog.regnamespace, revocation, reason);
COMMENT ON FUNCTION @store@.unrevoke(uuid, text) IS 'Take a revocation back, by another row';

CREATE FUNCTION @store@.forget(manifest uuid, reason text) RETURNS uuid
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	RETURN coserv.forget(@store_literal@::pg_catalog.regnamespace, manifest, reason);
COMMENT ON FUNCTION @store@.forget(uuid, text) IS 'Revoke a manifest and erase its bytes and all that was read from them, when this transaction commits and for good; id and reason stay, and past answers lose it. Answers the revocation''s id; for the owner of the store';

CREATE FUNCTION @store@.erase_for_others(allowed boolean) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		INSERT INTO @store@.erasing (for_others) VALUES (erase_for_others.allowed)
			ON CONFLICT (only_row) DO UPDATE SET for_others = EXCLUDED.for_others;
		SELECT coserv.retry(@store_literal@::pg_catalog.regnamespace);
	END;
COMMENT ON FUNCTION @store@.erase_for_others(boolean) IS 'Whether this region erases what another one forgets, also what it has hidden until now; without that, it hides';

CREATE FUNCTION @store@.forgotten_at(as_of timestamptz) RETURNS TABLE (manifest uuid, reason text, known_at timestamptz)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT m.id, r.reason, r.known_at
		FROM @store@.at_known(forgotten_at.as_of) n, @store@.manifest m JOIN @store@.revocation r ON r.id = m.forgotten,
			LATERAL (SELECT l.counts, l.authority FROM @store@.manifest_life l WHERE l.manifest = m.id AND l.known_at <= n.known ORDER BY l.known_at DESC LIMIT 1) l,
			LATERAL (SELECT a.counts FROM @store@.authority_life a WHERE a.authority = l.authority AND a.known_at <= n.known ORDER BY a.known_at DESC LIMIT 1) a
		WHERE m.forgotten IS NOT NULL AND GREATEST(r.known_at, r.effective_from) > n.at -- else it had ended by then
			AND NOT pg_catalog.isempty(l.counts * a.counts * pg_catalog.tstzmultirange(pg_catalog.tstzrange(n.at, NULL)));
	END;
COMMENT ON FUNCTION @store@.forgotten_at(timestamptz) IS 'Manifests that counted at a past moment, or were to count from a later one on, and were forgotten since: what they said, and when an answer was to end by them, is missing from what is answered as of then';

CREATE FUNCTION @store@.set_policy(require_cotl boolean DEFAULT NULL, refuse_older boolean DEFAULT NULL, notify boolean DEFAULT NULL,
	generation integer DEFAULT NULL) RETURNS uuid
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		INSERT INTO @store@.policy (require_cotl, refuse_older, notify, generation)
			VALUES (set_policy.require_cotl, set_policy.refuse_older, set_policy.notify, set_policy.generation) RETURNING id;
	END;
COMMENT ON FUNCTION @store@.set_policy(boolean, boolean, boolean, integer) IS 'Set the policies of the store: does a tag count only while a CoTL activates it, is a tag refused that is older than one that is there, are commits announced by NOTIFY, which generation of Intel''s documents answers? What is NULL stays as it is';

-- What other manifests state, this act cannot take away or add: they are the same before and after. They are looked up row by row (OFFSET 0):
-- a join would read the whole store for the few rows that change.
CREATE FUNCTION @store@.impact(document bytea, payload bytea, chain bytea, manifest uuid, authority text, tag_id text, tag_version numeric, as_of timestamptz)
	RETURNS TABLE (change text, environment coserv.environment, kind smallint, kind_name text, by_authority text, triple coserv.cbor, of_manifest uuid,
				   attester text, before coserv.cbor, after coserv.cbor)
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET jit = off
	BEGIN ATOMIC
		WITH after AS MATERIALIZED (
			SELECT a.*
			FROM coserv.triples_after(@store_literal@::pg_catalog.regnamespace, impact.document, impact.payload, impact.chain, impact.manifest,
				impact.authority, impact.tag_id, impact.tag_version, impact.as_of) a
		), concerned AS MATERIALIZED (
			SELECT DISTINCT a.of_manifest FROM after a WHERE a.attester IS NULL
		), before AS MATERIALIZED (
			SELECT c.of_manifest, t.kind, t.environment, t.authority AS of_authority, t.content AS triple
			FROM concerned c,
				LATERAL (SELECT * FROM @store@.triples_at(impact.as_of) t WHERE t.manifest = c.of_manifest OFFSET 0) t
		), changed AS (
			SELECT 'lost' AS change, b.environment, b.kind, b.of_authority, b.triple, b.of_manifest FROM before b
			WHERE NOT EXISTS (SELECT FROM after a WHERE a.triple OPERATOR(coserv.=) b.triple AND a.environment OPERATOR(coserv.=) b.environment AND a.kind = b.kind
				AND a.of_authority = b.of_authority)
			UNION ALL
			SELECT 'gained', a.environment, a.kind, a.of_authority, a.triple, a.of_manifest FROM after a
			WHERE a.kind IS NOT NULL AND NOT EXISTS (SELECT FROM before b WHERE b.triple OPERATOR(coserv.=) a.triple AND b.environment OPERATOR(coserv.=) a.environment
				AND b.kind = a.kind AND b.of_authority = a.of_authority)
		), judged AS MATERIALIZED (
			SELECT j.attester, j.environment, j.verdict, j.digest
			FROM (SELECT pg_catalog.array_agg(DISTINCT a.attester) AS attesters FROM after a WHERE a.attester IS NOT NULL) t,
				LATERAL @store@.appraisals_of(t.attesters, impact.as_of) j
			WHERE t.attesters IS NOT NULL
		), would AS (
			SELECT a.attester, a.environment, a.verdict, a.digest FROM after a WHERE a.attester IS NOT NULL
		)
		SELECT r.* FROM (
		SELECT c.change, c.environment, c.kind, coserv.triple_kind(c.kind), c.of_authority, c.triple, c.of_manifest, NULL::text, NULL::coserv.cbor, NULL::coserv.cbor
		FROM changed c
		WHERE NOT EXISTS (SELECT FROM @store@.triples_at(impact.as_of) t
			WHERE t.environment OPERATOR(coserv.=) c.environment AND t.kind = c.kind AND t.authority = c.of_authority AND t.content OPERATOR(coserv.=) c.triple
				AND t.manifest NOT IN (SELECT n.of_manifest FROM concerned n) OFFSET 0)
		UNION ALL
		SELECT 'attester', COALESCE(b.environment, a.environment), NULL, NULL, NULL, NULL, NULL, COALESCE(b.attester, a.attester), b.verdict, a.verdict
		FROM judged b FULL JOIN would a ON a.attester = b.attester AND COALESCE(a.environment::bytea, '') = COALESCE(b.environment::bytea, '')
		WHERE a.digest IS DISTINCT FROM b.digest
		) r (change, environment, kind, kind_name, of_authority, triple, of_manifest, attester, before, after)
		ORDER BY r.attester COLLATE "C" NULLS FIRST, r.environment::bytea, r.kind, r.of_authority, r.change DESC, r.triple::bytea;
	END;
COMMENT ON FUNCTION @store@.impact(bytea, bytea, bytea, uuid, text, text, numeric, timestamptz) IS 'Which values environments would lose and gain if a document were loaded (document, authority) or something revoked (manifest, or authority and tag), and of which kept Evidence another would be said (change attester: before, after); does neither';

CREATE FUNCTION @store@.impact_of_load(document coserv.document, authority text DEFAULT NULL, payload bytea DEFAULT NULL,
									   chain coserv.document DEFAULT NULL, as_of timestamptz DEFAULT NULL)
	RETURNS TABLE (change text, environment coserv.environment, kind smallint, kind_name text, by_authority text, triple coserv.cbor, of_manifest uuid,
				   attester text, before coserv.cbor, after coserv.cbor)
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		SELECT * FROM @store@.impact(document::pg_catalog.bytea, payload, chain::pg_catalog.bytea, NULL::uuid, authority, NULL::text, NULL::numeric, as_of);
	END;
COMMENT ON FUNCTION @store@.impact_of_load(coserv.document, text, bytea, coserv.document, timestamptz) IS 'Which values environments would lose and gain if a document were loaded (the arguments are those of load), at a moment from now on, and of which kept Evidence another would be said';

CREATE FUNCTION @store@.impact_of_revocation(manifest uuid DEFAULT NULL, authority text DEFAULT NULL, tag_id text DEFAULT NULL,
											 tag_version numeric DEFAULT NULL, as_of timestamptz DEFAULT NULL)
	RETURNS TABLE (change text, environment coserv.environment, kind smallint, kind_name text, by_authority text, triple coserv.cbor, of_manifest uuid,
				   attester text, before coserv.cbor, after coserv.cbor)
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		SELECT * FROM @store@.impact(NULL::bytea, NULL::bytea, NULL::bytea, manifest, authority, tag_id, tag_version, as_of);
	END;
COMMENT ON FUNCTION @store@.impact_of_revocation(uuid, text, text, numeric, timestamptz) IS 'Which values environments would lose and gain if a manifest, an authority or a tag were revoked now, at a moment from now on, and of which kept Evidence another would be said';

-- A manifest's validity is the narrowest of what bounds it: bound names what ends then.
CREATE FUNCTION @store@.expiring(within interval)
	RETURNS TABLE (what text, name text, bound text, expires timestamptz, by_authority text, of_manifest uuid)
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		SELECT 'manifest' AS what, m.corim_id, b.bound, e.at AS expires, m.authority, m.id
		FROM @store@.manifest x JOIN @store@.authority a ON a.id = x.authority_id,
			LATERAL (SELECT LEAST(x.not_after, pg_catalog.date_trunc('second', a.valid_until)) AS at OFFSET 0) e,
			LATERAL (SELECT m.id, m.corim_id, m.authority FROM @store@.manifests_at(NULL::timestamptz) m WHERE m.id = x.id OFFSET 0) m,
			LATERAL (SELECT COALESCE(pg_catalog.string_agg(DISTINCT v.bound, ', ' ORDER BY v.bound), 'authority') AS bound
				FROM (SELECT v.bound, v.not_after
						FROM coserv.document(@store_literal@::pg_catalog.regnamespace, m.id) d, LATERAL coserv.validities(d.document, d.payload) v
					UNION ALL SELECT 'certificate', c.not_after FROM @store@.certificate c WHERE c.manifest = m.id
					UNION ALL SELECT 'authority', pg_catalog.date_trunc('second', a.valid_until)
					UNION ALL SELECT 'authority''s certificate', k.not_after FROM coserv.key_validity(a.key) k) v
				WHERE v.not_after = e.at) b
		WHERE e.at < @store@.moment() + within
		UNION ALL
		SELECT 'cotl', g.tag_id, 'tl-validity', g.not_after, m.authority, g.manifest
		FROM @store@.tag g,
			LATERAL (SELECT m.authority FROM @store@.manifests_at(NULL::timestamptz) m WHERE m.id = g.manifest OFFSET 0) m
		WHERE g.kind = 'cotl' AND g.not_after > @store@.moment() AND g.not_after < @store@.moment() + within
			AND COALESCE((SELECT t.counts FROM @store@.tag_life t WHERE t.manifest = g.manifest AND t.ordinal = g.ordinal
				ORDER BY t.known_at DESC LIMIT 1), '{(,)}'::pg_catalog.tstzmultirange) @> @store@.moment()
		UNION ALL
		SELECT 'authority', a.name, 'valid_until', a.valid_until, a.name, NULL
		FROM @store@.authority a
		WHERE a.valid_until > @store@.moment() AND a.valid_until < @store@.moment() + within
		UNION ALL
		SELECT 'certificate', a.name, 'notAfter', k.not_after, a.name, NULL
		FROM @store@.authority a, LATERAL coserv.key_validity(a.key) k
		WHERE k.not_after > @store@.moment() AND k.not_after < @store@.moment() + within
		UNION ALL
		SELECT 'crl', c.issuer, 'nextUpdate', c.next_update, c.authority, NULL
		FROM @store@.crl c
		WHERE c.next_update > @store@.moment() AND c.next_update < @store@.moment() + within
			AND NOT EXISTS (SELECT FROM @store@.crl n WHERE n.authority_id = c.authority_id AND n.issuer = c.issuer
				AND n.next_update > c.next_update)
		UNION ALL
		SELECT 'attester', k.attester, 'appraisal', k.holds_until, NULL, NULL
		FROM @store@.expiring_attesters(@store@.moment() + within) k
		WHERE pg_catalog.has_table_privilege((SELECT c.oid FROM pg_catalog.pg_class c
			WHERE c.relnamespace = @store_literal@::pg_catalog.regnamespace AND c.relname = 'attester'), 'SELECT')
		ORDER BY expires, what, 2;
	END;
COMMENT ON FUNCTION @store@.expiring(interval) IS 'What lapses soon: manifests and what bounds them, CoTLs, authorities, the certificates that they are, CRLs, and appraisals of kept Evidence, of which something that they rest on begins or ends then (since when: reappraise())';

CREATE FUNCTION @store@.tag_content(manifest uuid, ordinal integer) RETURNS bytea
	LANGUAGE sql STABLE STRICT PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT pg_catalog.string_agg(h.hash, ''::bytea ORDER BY h.hash)
		FROM @store@.triple t, LATERAL (SELECT pg_catalog.sha256(pg_catalog.int2send(t.kind) OPERATOR(pg_catalog.||) t.content::bytea) AS hash) h
		WHERE t.manifest OPERATOR(pg_catalog.=) tag_content.manifest AND t.tag OPERATOR(pg_catalog.=) tag_content.ordinal;
	END;
COMMENT ON FUNCTION @store@.tag_content(uuid, integer) IS 'Of two tags with the same triples the same';

-- Of two authorities that speak about one value, those whose statements no statement of the other agrees with. A link is to a CoSWID tag
-- of its own authority, as in coswid_reference_value. Equal values are looked up; those that have no equal are compared with each, which
-- coserv.max_items bounds.
CREATE FUNCTION @store@.conflicts_about(about coserv.environment[])
	RETURNS TABLE (conflict text, environment coserv.environment, kind smallint, kind_name text, mkey coserv.cbor, codepoint bigint, by_authority text,
				   value coserv.cbor, other text, of_manifest uuid, ordinal integer)
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		WITH stated AS MATERIALIZED (
			SELECT t.environment, t.kind, t.authority, t.authority_id, t.profile, t.manifest, t.ordinal, t.content
			FROM @store@.triples_now(NULL::timestamptz) t
			WHERE about IS NULL AND t.kind IN (@CS_TRIPLE_REFERENCE@, @CS_TRIPLE_ENDORSED@, @CS_TRIPLE_COSWID@, @CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES@)
			UNION ALL
			SELECT t.environment, t.kind, t.authority, t.authority_id, t.profile, t.manifest, t.ordinal, t.content
			FROM (SELECT b.bytes::coserv.environment AS environment
					FROM (SELECT DISTINCT u.environment::pg_catalog.bytea AS bytes FROM pg_catalog.unnest(about) AS u (environment)) b OFFSET 0) b,
				-- what a policy hides, only leakproof functions may see: a cast here would be none
				LATERAL (SELECT t.* FROM @store@.triples_now(NULL::timestamptz) t WHERE t.environment OPERATOR(coserv.=) b.environment OFFSET 0) t
			WHERE t.kind IN (@CS_TRIPLE_REFERENCE@, @CS_TRIPLE_ENDORSED@, @CS_TRIPLE_COSWID@, @CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES@)
		), shared AS (
			SELECT s.environment::bytea::coserv.environment AS environment, s.kind FROM stated s WHERE s.kind IN (@CS_TRIPLE_REFERENCE@, @CS_TRIPLE_ENDORSED@)
			GROUP BY s.environment::bytea, s.kind HAVING pg_catalog.min(s.authority) <> pg_catalog.max(s.authority)
		), said AS MATERIALIZED (
			SELECT s.environment, s.kind, COALESCE(coserv.deterministic(m OPERATOR(coserv.->) @CS_MEASUREMENT_MKEY@::bigint), 'null'::coserv.cbor) AS mkey,
				coserv.cbor_diag(v.key) AS codepoint, coserv.deterministic(v.value) AS value, s.authority, s.profile, s.manifest, s.ordinal
			FROM shared h, stated s, LATERAL coserv.cbor_array_elements(s.content OPERATOR(coserv.->) 1::bigint) AS e (m),
				LATERAL coserv.cbor_each(e.m OPERATOR(coserv.->) @CS_MEASUREMENT_MVAL@::bigint) v
			WHERE s.environment OPERATOR(coserv.=) h.environment AND s.kind = h.kind
				AND CASE WHEN coserv.cbor_typeof(v.key) = 'integer' THEN coserv.cbor_diag(v.key)::numeric END
					BETWEEN -9223372036854775808 AND 9223372036854775807
		), stated_values AS MATERIALIZED (
			SELECT DISTINCT ON (d.environment::bytea, d.kind, d.mkey::bytea, d.codepoint, d.value::bytea, d.authority, d.profile)
				d.environment, d.kind, d.mkey, d.codepoint, d.value, d.authority, d.profile
			FROM said d
		), speakers AS (
			SELECT DISTINCT ON (d.environment::bytea, d.kind, d.mkey::bytea, d.codepoint, d.authority) d.environment, d.kind, d.mkey, d.codepoint, d.authority
			FROM said d
		), unequal AS MATERIALIZED (
			SELECT d.environment, d.kind, d.mkey, d.codepoint, d.value, d.authority, d.profile, p.authority AS other
			FROM stated_values d, speakers p
			WHERE p.environment OPERATOR(coserv.=) d.environment AND p.kind = d.kind AND p.mkey OPERATOR(coserv.=) d.mkey AND p.codepoint = d.codepoint AND p.authority <> d.authority
				AND NOT EXISTS (SELECT FROM stated_values o WHERE o.environment OPERATOR(coserv.=) d.environment AND o.kind = d.kind AND o.mkey OPERATOR(coserv.=) d.mkey
					AND o.codepoint = d.codepoint AND o.authority = p.authority AND o.value OPERATOR(coserv.=) d.value)
		), comparisons AS (
			SELECT pg_catalog.sum(u.n * v.n) AS n
			FROM (SELECT d.environment::bytea AS environment, d.kind, d.mkey::bytea AS mkey, d.codepoint, d.other, pg_catalog.count(*) AS n FROM unequal d
					GROUP BY d.environment::bytea, d.kind, d.mkey::bytea, d.codepoint, d.other) u,
				(SELECT d.environment::bytea AS environment, d.kind, d.mkey::bytea AS mkey, d.codepoint, d.authority, pg_catalog.count(*) AS n FROM stated_values d
					GROUP BY d.environment::bytea, d.kind, d.mkey::bytea, d.codepoint, d.authority) v
			WHERE v.environment = u.environment AND v.kind = u.kind AND v.mkey = u.mkey AND v.codepoint = u.codepoint AND v.authority = u.other
		), disagreeing AS (
			SELECT d.environment, d.kind, d.mkey, d.codepoint, d.value, d.authority, d.profile, d.other FROM unequal d
			WHERE (SELECT coserv.require_comparisons(c.n) FROM comparisons c)
				AND NOT EXISTS (SELECT FROM stated_values o WHERE o.environment OPERATOR(coserv.=) d.environment AND o.kind = d.kind AND o.mkey OPERATOR(coserv.=) d.mkey
					AND o.codepoint = d.codepoint AND o.authority = d.other
					AND coserv.values_agree(d.codepoint::bigint, d.value, o.value, COALESCE(d.profile, o.profile)))
		), counted AS MATERIALIZED (
			SELECT g.* FROM @store@.tags_at(NULL::timestamptz) g WHERE about IS NULL
			UNION ALL
			SELECT g.* FROM (SELECT DISTINCT l.tag_id FROM stated s, LATERAL coserv.coswid_tag_ids(s.content) l
					WHERE about IS NOT NULL AND s.kind = @CS_TRIPLE_COSWID@) w,
				LATERAL (SELECT g.* FROM @store@.tags_at(NULL::timestamptz) g WHERE g.tag_id = w.tag_id OFFSET 0) g
		)
		SELECT r.* FROM (
		SELECT 'different values' AS conflict, d.environment, d.kind, coserv.triple_kind(d.kind), CASE WHEN d.mkey OPERATOR(coserv.<>) 'null'::coserv.cbor THEN d.mkey END, d.codepoint::bigint, d.authority,
			d.value, u.other, d.manifest, d.ordinal
		FROM said d, disagreeing u
		WHERE u.environment OPERATOR(coserv.=) d.environment AND u.kind = d.kind AND u.mkey OPERATOR(coserv.=) d.mkey AND u.codepoint = d.codepoint
			AND u.value OPERATOR(coserv.=) d.value AND u.authority = d.authority AND u.profile IS NOT DISTINCT FROM d.profile
		UNION ALL
		SELECT 'never fires', s.environment, s.kind, coserv.triple_kind(s.kind), NULL, NULL, s.authority, x.record, pg_catalog.format('item %s behind item %s', x.item, x.by),
			s.manifest, s.ordinal
		FROM stated s, LATERAL coserv.series_shadowed(s.content, s.profile) x
		WHERE s.kind = @CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES@
		UNION ALL
		SELECT 'unresolved link', s.environment, s.kind, coserv.triple_kind(s.kind), NULL, NULL, s.authority, NULL, l.tag_id, s.manifest, s.ordinal
		FROM stated s, LATERAL coserv.coswid_tag_ids(s.content) l
		WHERE s.kind = @CS_TRIPLE_COSWID@ AND NOT EXISTS (SELECT FROM counted g
			WHERE g.tag_id = l.tag_id AND g.authority_id = s.authority_id AND g.kind = 'coswid')
		UNION ALL
		SELECT 'same tag, other content', NULL, NULL, NULL, NULL, NULL, g.authority, NULL, pg_catalog.format('%s version %s', g.tag_id, g.tag_version), g.manifest, g.ordinal
		FROM counted g WHERE g.kind = 'comid' AND EXISTS (SELECT FROM counted n
			WHERE n.tag_id = g.tag_id AND n.authority_id = g.authority_id AND n.kind = g.kind AND n.tag_version = g.tag_version AND n.manifest <> g.manifest
				AND @store@.tag_content(n.manifest, n.ordinal) IS DISTINCT FROM @store@.tag_content(g.manifest, g.ordinal))
		UNION ALL
		SELECT 'one name, two keys', NULL, NULL, NULL, NULL, NULL, a.name, NULL, a.id::text, NULL, NULL
		FROM @store@.authority a WHERE about IS NULL AND EXISTS (SELECT FROM @store@.authority o WHERE o.name = a.name AND o.id <> a.id)
		) r (conflict, environment, kind, kind_name, mkey, codepoint, by_authority, value, other, of_manifest, ordinal)
		ORDER BY r.conflict, r.environment::bytea, r.kind, r.mkey::bytea, r.codepoint, r.by_authority, r.value::bytea, r.other, r.of_manifest, r.ordinal;
	END;
COMMENT ON FUNCTION @store@.conflicts_about(coserv.environment[]) IS 'conflicts() in what is said about these environments alone; NULL: about all, and in tags and authorities too';

CREATE FUNCTION @store@.conflicts()
	RETURNS TABLE (conflict text, environment coserv.environment, kind smallint, kind_name text, mkey coserv.cbor, codepoint bigint, by_authority text,
				   value coserv.cbor, other text, of_manifest uuid, ordinal integer)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT * FROM @store@.conflicts_about(NULL::coserv.environment[]);
	END;
COMMENT ON FUNCTION @store@.conflicts() IS 'Authorities that say different things about one environment, series items that can never fire as an earlier one always does, links to CoSWID tags that do not count, one tag and version with different content, and names with several keys';
