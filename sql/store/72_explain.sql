-- Why an appraisal came out as it did, for people.

CREATE FUNCTION @store@.nearest_environment(environment coserv.environment, as_of timestamptz DEFAULT NULL)
	RETURNS TABLE (named coserv.environment, differing integer, path text, wanted coserv.cbor, found coserv.cbor, manifest uuid, ordinal integer)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT t.environment, d.differing, d.path, d.wanted, d.found, t.manifest, t.ordinal
		FROM (SELECT DISTINCT ON (t.environment::pg_catalog.bytea) t.environment, t.manifest, t.ordinal
				FROM coserv.environment_attributes(nearest_environment.environment) AS a (attribute),
					LATERAL (SELECT t.* FROM @store@.triples_at(as_of) t
						WHERE t.environment OPERATOR(coserv.@>) a.attribute AND t.kind IN (@CS_TRIPLE_REFERENCE@, @CS_TRIPLE_COSWID@) OFFSET 0) t
				ORDER BY t.environment::pg_catalog.bytea, t.manifest, t.ordinal) t,
			LATERAL coserv.environment_mismatch(nearest_environment.environment, t.environment) d
		ORDER BY d.differing, d.agreeing DESC, t.environment::pg_catalog.bytea
		LIMIT 1;
	END;
COMMENT ON FUNCTION @store@.nearest_environment(coserv.environment, timestamptz) IS 'Of the environments that Reference Values and CoSWID links name, the one whose attributes differ least from this one, and the first that differs; it shares an attribute at least';

-- A condition is tried again when the ACS has grown: the last time counts.
CREATE FUNCTION @store@.explain(evidence coserv.cbor, as_of timestamptz DEFAULT NULL, verified_keys coserv.crypto_key[] DEFAULT NULL,
	verifier coserv.crypto_key[] DEFAULT NULL, with_document coserv.document DEFAULT NULL, authority text DEFAULT NULL,
	payload bytea DEFAULT NULL, without_manifest uuid DEFAULT NULL)
	RETURNS TABLE (explanation text, differing integer, manifest uuid, ordinal integer, kind smallint, kind_name text, condition integer,
				   matched boolean, path text, reason text, wanted coserv.cbor, found coserv.cbor, environment coserv.environment,
				   matched_before boolean)
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		WITH after AS MATERIALIZED (
			SELECT DISTINCT ON (k.key) k.key, x.*
			FROM coserv.explain(@store_literal@::pg_catalog.regnamespace, evidence, as_of, verified_keys, verifier, with_document::pg_catalog.bytea,
					explain.authority, payload, without_manifest) WITH ORDINALITY AS x,
				LATERAL (SELECT pg_catalog.concat_ws(' ', x.manifest, x.ordinal, x.kind, x.condition,
				CASE WHEN x.condition IS NULL THEN pg_catalog.concat_ws(' ', x.path, x.reason, x.environment) END) AS key OFFSET 0) k
			ORDER BY k.key, x.ordinality DESC
		), before AS MATERIALIZED (
			SELECT DISTINCT ON (k.key) k.key, x.*
			FROM (SELECT WHERE with_document IS NOT NULL OR without_manifest IS NOT NULL) asked,
				LATERAL coserv.explain(@store_literal@::pg_catalog.regnamespace, evidence, as_of, verified_keys, verifier, NULL::bytea, NULL::text,
					NULL::bytea, NULL::uuid) WITH ORDINALITY AS x,
				LATERAL (SELECT pg_catalog.concat_ws(' ', x.manifest, x.ordinal, x.kind, x.condition,
				CASE WHEN x.condition IS NULL THEN pg_catalog.concat_ws(' ', x.path, x.reason, x.environment) END) AS key OFFSET 0) k
			ORDER BY k.key, x.ordinality DESC
		), rows AS (
			SELECT COALESCE(a.manifest, b.manifest) AS manifest, COALESCE(a.ordinal, b.ordinal) AS ordinal, COALESCE(a.kind, b.kind) AS kind,
				COALESCE(a.condition, b.condition) AS condition, COALESCE(a.matched, false) AS matched, a.path,
				CASE WHEN a.key IS NULL THEN 'would not count' ELSE a.reason END AS reason, a.wanted, a.found,
				COALESCE(a.environment, b.environment) AS environment, a.differing,
				CASE WHEN with_document IS NOT NULL OR without_manifest IS NOT NULL THEN COALESCE(b.matched, false) END AS matched_before,
				a.kind = @CS_TRIPLE_REFERENCE@ AND a.manifest IS NULL AS unspoken
			FROM after a FULL JOIN (SELECT * FROM before WHERE matched) b ON b.key = a.key
		)
		SELECT CASE WHEN r.unspoken THEN pg_catalog.concat_ws('; ', r.reason, CASE WHEN n.path IS NOT NULL THEN 'the nearest: ' || coserv.explanation(n.path, 'values differ'::text, n.wanted, n.found, w.who) END)
				ELSE coserv.explanation(r.path, r.reason, r.wanted, r.found, w.who) END,
			COALESCE(n.differing, r.differing), s.id, COALESCE(r.ordinal, n.ordinal), r.kind, coserv.triple_kind(r.kind), r.condition, r.matched,
			COALESCE(r.path, 'environment.' || n.path), r.reason, COALESCE(r.wanted, n.wanted), COALESCE(r.found, n.found), r.environment, r.matched_before
		FROM rows r
			LEFT JOIN LATERAL @store@.nearest_environment(CASE WHEN r.unspoken THEN r.environment END, COALESCE(as_of, @store@.moment())) n ON true
			LEFT JOIN LATERAL (SELECT COALESCE(r.manifest, n.manifest) AS id OFFSET 0) s ON true
			LEFT JOIN LATERAL (SELECT m.corim_id FROM @store@.manifest m WHERE m.id = s.id OFFSET 0) m ON true,
			LATERAL (SELECT 'manifest ' || COALESCE(m.corim_id, s.id::text) AS who OFFSET 0) w
		ORDER BY r.matched, COALESCE(n.differing, r.differing) NULLS LAST, 3, 4, 7, 9, r.reason, r.environment::pg_catalog.bytea;
	END;
COMMENT ON FUNCTION @store@.explain(coserv.cbor, timestamptz, coserv.crypto_key[], coserv.crypto_key[], coserv.document, text, bytea, uuid) IS 'Each condition that an appraisal tried, the nearest miss first: matched, or the first path that did not, what was wanted and what was there; of keys (kinds 2 and 3), which verified_keys verified; environments that no Reference Value names. with_document (of authority): as if it were loaded; without_manifest: as if it were revoked; neither is done';

CREATE FUNCTION @store@.explain_tree(evidence coserv.cbor, as_of timestamptz DEFAULT NULL, verified_keys coserv.crypto_key[] DEFAULT NULL,
	verifier coserv.crypto_key[] DEFAULT NULL) RETURNS jsonb
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		WITH tried AS MATERIALIZED (
			SELECT x.environment::pg_catalog.bytea AS bytes, pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('explanation', x.explanation,
				'matched', x.matched, 'differing', x.differing, 'manifest', x.manifest, 'ordinal', x.ordinal, 'kind', x.kind_name,
				'condition', x.condition, 'path', x.path, 'reason', x.reason, 'wanted', coserv.cbor_diag(x.wanted),
				'found', coserv.cbor_diag(x.found))) ORDER BY x.n) AS rows
			FROM @store@.explain(evidence, as_of, verified_keys, verifier, NULL::coserv.document, NULL::text, NULL::bytea, NULL::uuid) WITH ORDINALITY
				AS x (explanation, differing, manifest, ordinal, kind, kind_name, condition, matched, path, reason, wanted, found, environment, matched_before, n)
			GROUP BY x.environment::pg_catalog.bytea
		), judged AS MATERIALIZED (
			SELECT v.environment::pg_catalog.bytea AS bytes, pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('mkey', coserv.cbor_diag(v.mkey),
				'mval', coserv.cbor_diag(v.mval), 'standing', v.standing, 'manifest', v.manifest, 'ordinal', v.ordinal, 'corim_id', m.corim_id,
				'authority', m.authority, 'speakers', v.speakers,
				'explanation', coserv.explanation(v.path, v.reason, v.wanted, v.found, 'manifest ' || COALESCE(m.corim_id, v.manifest::text)))) ORDER BY v.n) AS rows
			FROM @store@.verdict(evidence, as_of, verified_keys, verifier) WITH ORDINALITY
					AS v (environment, mkey, mval, standing, manifest, ordinal, authority, speakers, path, reason, wanted, found, n)
				LEFT JOIN LATERAL (SELECT m.corim_id, m.authority FROM @store@.manifest m WHERE m.id = v.manifest OFFSET 0) m ON true
			GROUP BY v.environment::pg_catalog.bytea
		)
		SELECT pg_catalog.jsonb_build_object(
			'environments', COALESCE(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('environment', coserv.describe(e.bytes::coserv.environment),
				'elements', COALESCE(j.rows, '[]'), 'conditions', COALESCE(t.rows, '[]')) ORDER BY e.bytes), '[]'),
			'notes', COALESCE((SELECT n.rows FROM tried n WHERE n.bytes IS NULL), '[]'))
		FROM (SELECT j.bytes FROM judged j UNION SELECT t.bytes FROM tried t WHERE t.bytes IS NOT NULL) e
			LEFT JOIN judged j ON j.bytes = e.bytes LEFT JOIN tried t ON t.bytes = e.bytes;
	END;
COMMENT ON FUNCTION @store@.explain_tree(coserv.cbor, timestamptz, coserv.crypto_key[], coserv.crypto_key[]) IS 'verdict() and explain() as one tree for pages and programs: environments, each with its elements and the conditions that were tried on it; values in EDN';
