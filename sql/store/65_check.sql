-- Does the store still hold what was put into it? The triggers see to it; this finds what passed them by: a disk that fails, a hand at the
-- tables. Both run with the rights of who calls them, a manifest at a time; a row of a subquery is a record, as verify_manifest() takes it,
-- and nothing more exact. check() is not compiled just in time: that takes longer than it
-- saves, and cannot be cancelled.

CREATE FUNCTION @store@.verify(manifest uuid DEFAULT NULL) RETURNS TABLE (manifest uuid, verified boolean, problem text, detail text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT m.id, v.verified, v.problem, v.detail
		FROM (SELECT m.id, m.authority_id, m.truth, m.digest, m.is_signed, m.is_answered_signed, m.corim_id, m.profile, m.signer_name, m.not_before,
				m.not_after, m.legacy, m.withdrawn, m.forgotten, m.signer FROM @store@.manifest m
				WHERE CASE WHEN verify.manifest IS NULL THEN m.withdrawn IS NULL AND m.forgotten IS NULL ELSE m.id = verify.manifest END) m,
			LATERAL coserv.verify_manifest(@store_literal@::pg_catalog.regnamespace, m) v
		WHERE verify.manifest IS NOT NULL OR NOT v.verified;
	END;
COMMENT ON FUNCTION @store@.verify(uuid) IS 'Manifests that do not verify any more as they were stored, and why: document, signature or computed columns were changed; of one manifest, a row in any case';

CREATE FUNCTION @store@.overlooked() RETURNS TABLE (id uuid, kind smallint)
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		SELECT t.id, t.kind FROM @store@.truth t
		WHERE NOT EXISTS (SELECT FROM @store@.set_aside s WHERE s.id = t.id) AND NOT EXISTS (SELECT FROM @store@.taken_back b WHERE t.id = ANY (b.truths))
			AND CASE t.kind
				WHEN 1 THEN NOT EXISTS (SELECT FROM @store@.manifest m WHERE m.truth = t.id) AND NOT EXISTS (SELECT FROM @store@.manifest_document d WHERE d.truth = t.id)
				WHEN 2 THEN NOT EXISTS (SELECT FROM @store@.authority a WHERE a.id = coserv.truth_authority(t.body) AND (a.moment, a.truth) >= (t.moment, t.id))
					AND NOT EXISTS (SELECT FROM @store@.authority_removed a WHERE a.id = coserv.truth_authority(t.body) AND (a.moment, a.truth) >= (t.moment, t.id))
				WHEN 3 THEN NOT EXISTS (SELECT FROM @store@.revocation r WHERE r.id = t.id)
				WHEN 4 THEN NOT EXISTS (SELECT FROM @store@.policy p WHERE p.id = t.id)
				WHEN 5 THEN NOT EXISTS (SELECT FROM @store@.profile p WHERE p.id = t.id)
				WHEN 6 THEN NOT EXISTS (SELECT FROM @store@.crl l WHERE l.id = t.id)
				WHEN 7 THEN NOT EXISTS (SELECT FROM @store@.taken_back b WHERE b.id = t.id)
				ELSE true
			END;
	END;
COMMENT ON FUNCTION @store@.overlooked() IS 'Rows of truth of which nothing was made, and that were not set aside: they came while the store''s triggers did not run, and answer nothing (coserv.mend_store)';

CREATE FUNCTION @store@.check() RETURNS TABLE (manifest uuid, derived_table text, missing bigint, extra bigint)
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		SELECT m.id, d.derived_table, d.missing, d.extra
		FROM (SELECT m.id, m.authority_id AS authority, m.truth, d.payload,
					CASE WHEN coserv.is_document(d.document, d.payload) THEN d.document END AS document
				FROM @store@.manifest m LEFT JOIN LATERAL coserv.document(@store_literal@::pg_catalog.regnamespace, m.id) d ON true OFFSET 0) m,
			LATERAL (SELECT CASE WHEN m.document IS NOT NULL THEN coserv.content_of(m.document, m.payload) END AS corim OFFSET 0) c,
			LATERAL (SELECT r.derived_table, pg_catalog.sum(GREATEST(r.n, 0))::bigint AS missing, pg_catalog.sum(GREATEST(-r.n, 0))::bigint AS extra
				FROM (SELECT s.derived_table, pg_catalog.sum(s.n) AS n FROM (
					SELECT 'tag' AS derived_table, 1 AS n, ROW(t.ordinal, t.kind, t.tag_id, t.tag_version, m.authority, t.not_before, t.not_after)::text AS says
						FROM coserv.tags(c.corim) t
					UNION ALL SELECT 'tag', -1, ROW(t.ordinal, t.kind, t.tag_id, t.tag_version, t.authority, t.not_before, t.not_after)::text
						FROM @store@.tag t WHERE t.manifest = m.id
					UNION ALL SELECT 'tag_link', 1, ROW(t.ordinal, t.relation, t.tag_id, t.tag_version)::text FROM coserv.tag_links(c.corim) t
					UNION ALL SELECT 'tag_link', -1, ROW(t.ordinal, t.relation, t.tag_id, t.tag_version)::text
						FROM @store@.tag_link t WHERE t.manifest = m.id
					UNION ALL SELECT 'triple', 1, ROW(t.ordinal, t.tag, t.kind, t.environment::bytea, t.content::bytea, t.current::bytea)::text FROM coserv.triples(c.corim) t
					UNION ALL SELECT 'triple', -1, ROW(t.ordinal, t.tag, t.kind, t.environment::bytea, t.content::bytea, t.current::bytea)::text
						FROM @store@.triple t WHERE t.manifest = m.id
					UNION ALL SELECT 'triple_environment', 1, ROW(t.ordinal, t.kind, t.environment::bytea)::text FROM coserv.triple_environments(c.corim) t
					UNION ALL SELECT 'triple_environment', -1, ROW(t.ordinal, t.kind, t.environment::bytea)::text
						FROM @store@.triple_environment t WHERE t.manifest = m.id
					UNION ALL SELECT 'triple_condition', 1, ROW(t.ordinal, t.anchor, t.key, t.minimum)::text FROM coserv.triple_conditions(c.corim) t
					UNION ALL SELECT 'triple_condition', -1, ROW(t.ordinal, t.anchor, t.key, t.minimum)::text
						FROM @store@.triple_condition t WHERE t.manifest = m.id
					UNION ALL SELECT 'search_key', 1, ROW(t.tag, t.first, t.last, t.keys)::text FROM coserv.document_search_keys(c.corim) t
					UNION ALL SELECT 'search_key', -1, ROW(t.tag, t.first, t.last, t.keys)::text
						FROM @store@.search_key t WHERE t.manifest = m.id
					UNION ALL SELECT 'certificate', 1, ROW(t.ordinal, t.issuer, t.serial, t.issuer_name, t.subject, t.not_before, t.not_after)::text
						FROM coserv.certificates(m.document, m.payload) t
					UNION ALL SELECT 'certificate', -1, ROW(t.ordinal, t.issuer, t.serial, t.issuer_name, t.subject, t.not_before, t.not_after)::text
						FROM @store@.certificate t WHERE t.manifest = m.id AND t.truth = m.truth) s
					GROUP BY s.derived_table, s.says HAVING pg_catalog.sum(s.n) <> 0) r
				GROUP BY r.derived_table) d
		UNION ALL
		SELECT l.id, 'crl_entry', d.missing, d.extra
		FROM (SELECT l.id, l.authority_id AS authority, CASE WHEN coserv.is_crl(l.der) THEN l.der END AS der FROM @store@.crl l OFFSET 0) l,
			LATERAL (SELECT pg_catalog.sum(GREATEST(r.n, 0))::bigint AS missing, pg_catalog.sum(GREATEST(-r.n, 0))::bigint AS extra
				FROM (SELECT pg_catalog.sum(s.n) AS n FROM (
					SELECT 1 AS n, ROW(l.authority, e.issuer, e.serial, e.revoked_at, e.reason)::text AS says FROM coserv.crl_entries(l.der) e
					UNION ALL SELECT -1, ROW(e.authority, e.issuer, e.serial, e.revoked_at, e.reason)::text
						FROM @store@.crl_entry e WHERE e.crl = l.id) s
					GROUP BY s.says HAVING pg_catalog.sum(s.n) <> 0) r) d
		WHERE d.missing IS NOT NULL
		UNION ALL
		SELECT o.manifest, o.derived_table, 0, pg_catalog.count(*)
		FROM (SELECT 'tag' AS derived_table, t.manifest FROM @store@.tag t
			UNION ALL SELECT 'tag_link', t.manifest FROM @store@.tag_link t
			UNION ALL SELECT 'triple', t.manifest FROM @store@.triple t
			UNION ALL SELECT 'triple_environment', t.manifest FROM @store@.triple_environment t
			UNION ALL SELECT 'triple_condition', t.manifest FROM @store@.triple_condition t
			UNION ALL SELECT 'search_key', t.manifest FROM @store@.search_key t
			UNION ALL SELECT 'certificate', t.manifest FROM @store@.certificate t
			UNION ALL SELECT 'manifest_life', t.manifest FROM @store@.manifest_life t
			UNION ALL SELECT 'tag_life', t.manifest FROM @store@.tag_life t
			UNION ALL SELECT 'cotl_life', t.manifest FROM @store@.cotl_life t) o
		WHERE NOT EXISTS (SELECT FROM @store@.manifest m WHERE m.id = o.manifest)
		GROUP BY o.manifest, o.derived_table
		UNION ALL
		SELECT m.id, 'manifest_life', 1, 0 FROM @store@.manifest m WHERE NOT EXISTS (SELECT FROM @store@.manifest_life l WHERE l.manifest = m.id)
			AND NOT EXISTS (SELECT FROM @store@.unsettled u WHERE u.id = m.id)
		UNION ALL
		SELECT e.crl, 'crl_entry', 0, pg_catalog.count(*) FROM @store@.crl_entry e
		WHERE NOT EXISTS (SELECT FROM @store@.crl l WHERE l.id = e.crl)
		GROUP BY e.crl
		UNION ALL
		SELECT NULL, 'truth', pg_catalog.count(*), 0 FROM @store@.overlooked() o
		WHERE pg_catalog.has_table_privilege((SELECT c.oid FROM pg_catalog.pg_class c
			WHERE c.relnamespace = @store_literal@::pg_catalog.regnamespace AND c.relname = 'truth'), 'SELECT')
		HAVING pg_catalog.count(*) > 0
		UNION ALL
		SELECT NULL, pg_catalog.format('trigger %s of %s', t.tgname, c.relname), 1, 0
		FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
		WHERE c.relnamespace = @store_literal@::pg_catalog.regnamespace AND NOT t.tgisinternal AND t.tgenabled <> 'A' AND p.pronamespace = 'coserv'::pg_catalog.regnamespace;
	END;
COMMENT ON FUNCTION @store@.check() IS 'Derived tables that do not hold what the documents say, of each manifest (of crl_entry: of each CRL): how many rows are missing, and how many are extra; a changed row is both; of no manifest: rows of truth that were overlooked, and triggers that do not run in replication workers (coserv.mend_store)';
