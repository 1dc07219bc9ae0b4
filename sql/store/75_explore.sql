-- What the page that looks into a store shows (doc/explore.md), each view's data from one function that answers jsonb, with the rights of
-- the caller. Each looks at as much as a person can read: what is cut says so ("more"), and the whole is a view or a function away.

CREATE INDEX triple_domain ON @store@.triple (manifest, ordinal) WHERE kind IN (@CS_TRIPLE_DEPENDENCY@, @CS_TRIPLE_MEMBERSHIP@);

-- From when on an epoch was answered by, by the clock; NULL: only while the clock ran ahead, and what came then is no past.
CREATE FUNCTION @store@.answered_from(known_at timestamptz) RETURNS timestamptz
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT c.at FROM (SELECT coserv.clock_of(@store_literal@::pg_catalog.regnamespace, answered_from.known_at) AS at OFFSET 0) c
		WHERE coserv.known_by(@store_literal@::pg_catalog.regnamespace, c.at) = answered_from.known_at;
	END;
COMMENT ON FUNCTION @store@.answered_from(timestamptz) IS 'When known_at of an epoch was by the clock; NULL: it was answered by only while the clock ran ahead';

CREATE FUNCTION @store@.counted(manifest uuid, ordinal integer) RETURNS tstzmultirange
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		WITH statement AS (
			SELECT l.authority, l.counts, pg_catalog.tstzrange(l.at, pg_catalog.lead(l.at) OVER (ORDER BY l.at)) AS span
			FROM (SELECT l.authority, l.counts, @store@.answered_from(l.known_at) AS at FROM @store@.manifest_life l WHERE l.manifest = counted.manifest OFFSET 0) l
			WHERE l.at IS NOT NULL
		), said AS (
			SELECT a.authority, a.counts, pg_catalog.tstzrange(a.at, pg_catalog.lead(a.at) OVER (PARTITION BY a.authority ORDER BY a.at)) AS span
			FROM (SELECT a.authority, a.counts, @store@.answered_from(a.known_at) AS at FROM @store@.authority_life a
				WHERE a.authority IN (SELECT s.authority FROM statement s) OFFSET 0) a
			WHERE a.at IS NOT NULL
		), tag AS (
			SELECT e.counts, e.activated, pg_catalog.tstzrange(e.at, pg_catalog.lead(e.at) OVER (ORDER BY e.at)) AS span
			FROM (SELECT '-infinity'::timestamptz AS at, '{(,)}'::tstzmultirange AS counts, '{}'::tstzmultirange AS activated
				UNION ALL SELECT @store@.answered_from(g.known_at), g.counts, g.activated FROM @store@.tag_life g
					WHERE g.manifest = counted.manifest AND g.ordinal = counted.ordinal) e
			WHERE e.at IS NOT NULL
		), rule AS (
			SELECT e.require_cotl, pg_catalog.tstzrange(e.at, pg_catalog.lead(e.at) OVER (ORDER BY e.at)) AS span
			FROM (SELECT '-infinity'::timestamptz AS at, false AS require_cotl
				UNION ALL SELECT p.at, n.require_cotl FROM (SELECT DISTINCT @store@.answered_from(p.known_at) AS at FROM @store@.policy p) p,
					LATERAL @store@.at(p.at) n WHERE p.at IS NOT NULL) e
		)
		SELECT COALESCE(pg_catalog.range_agg(r.span), '{}'::tstzmultirange)
		FROM statement s JOIN said a ON a.authority = s.authority, tag g, rule p,
			LATERAL pg_catalog.unnest(s.counts * a.counts * CASE WHEN p.require_cotl THEN g.activated ELSE g.counts END
				* pg_catalog.tstzmultirange(s.span * a.span * g.span * p.span)) AS r (span);
	END;
COMMENT ON FUNCTION @store@.counted(uuid, integer) IS 'When a tag of a manifest counted, as it was answered then, and when it will count, as it is foreseen now';

CREATE FUNCTION @store@.explore_ranges(ranges tstzmultirange) RETURNS jsonb
	LANGUAGE sql STABLE STRICT PARALLEL SAFE
	BEGIN ATOMIC
		SELECT COALESCE(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(coserv.rfc3339(pg_catalog.lower(r.span)), coserv.rfc3339(pg_catalog.upper(r.span)))
			ORDER BY r.span), '[]'::jsonb)
		FROM pg_catalog.unnest(ranges) AS r (span);
	END;
COMMENT ON FUNCTION @store@.explore_ranges(tstzmultirange) IS 'Ranges of time as [[from, until], ...]; null: without an end';

-- Documents as lists show them. Those that were not known at a moment are no rows of manifests_at.
CREATE FUNCTION @store@.explore_manifests(manifests uuid[]) RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		SELECT COALESCE(pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('id', m.id, 'corim_id', m.corim_id, 'authority', m.authority,
			'profile', m.profile, 'known_at', coserv.rfc3339(k.known_at), 'counts', n.id IS NOT NULL,
			'until', coserv.rfc3339(n.not_after))) ORDER BY k.known_at DESC, m.id), '[]'::jsonb)
		FROM (SELECT m.id, m.corim_id, m.authority, m.profile FROM @store@.manifest m WHERE m.id = ANY (manifests)) m
			LEFT JOIN LATERAL (SELECT n.id, n.not_after FROM @store@.manifests_at(NULL::timestamptz) n WHERE n.id = m.id OFFSET 0) n ON true
			LEFT JOIN LATERAL (SELECT pg_catalog.min(l.known_at) AS known_at FROM @store@.manifest_life l WHERE l.manifest = m.id) k ON true;
	END;
COMMENT ON FUNCTION @store@.explore_manifests(uuid[]) IS 'Documents in short: [{id, corim_id, authority, profile, known_at, counts, until}], the last that came first; counts: now, not_after: until when';

CREATE FUNCTION @store@.latest_manifests(most integer) RETURNS uuid[]
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		SELECT ARRAY(SELECT DISTINCT l.manifest
			FROM (SELECT l.manifest FROM @store@.manifest_life l ORDER BY l.known_at DESC, l.manifest LIMIT most) l ORDER BY l.manifest);
	END;
COMMENT ON FUNCTION @store@.latest_manifests(integer) IS 'Those of which something was said last: they came, were revoked or superseded; that many at most';

CREATE FUNCTION @store@.explore_overview() RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		SELECT pg_catalog.jsonb_build_object('store', @store_literal@, 'moment', coserv.rfc3339(@store@.moment()), 'standby', pg_catalog.pg_is_in_recovery(),
			'version', (SELECT e.extversion FROM pg_catalog.pg_extension e WHERE e.extname = 'coserv'),
			'require_cotl', COALESCE((SELECT n.require_cotl FROM @store@.at(NULL::timestamptz) n), false),
			'authorities', COALESCE((SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('name', a.name, 'key', coserv.describe(a.key),
					'valid_from', coserv.rfc3339(a.valid_from), 'valid_until', coserv.rfc3339(a.valid_until),
					'accepts_unsigned', a.accepts_unsigned, 'note', a.note, 'documents', COALESCE(c.documents, 0))) ORDER BY a.name, a.id)
				FROM (SELECT a.* FROM @store@.authority a ORDER BY a.name, a.id LIMIT 200) a
					LEFT JOIN (SELECT m.authority_id, pg_catalog.count(*) AS documents FROM @store@.manifest m GROUP BY m.authority_id) c ON c.authority_id = a.id),
				'[]'::jsonb),
			'latest', @store@.explore_manifests(@store@.latest_manifests(10)));
	END;
COMMENT ON FUNCTION @store@.explore_overview() IS 'What a store is: its moment, authorities with how many documents each has there, and what came last';

-- With an index on coserv.environment_words(environment) (doc/explore.md) as fast as one types, whatever the size of the store.
CREATE FUNCTION @store@.explore_search(search text, most integer DEFAULT 50) RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		WITH asked AS MATERIALIZED (
			SELECT coserv.environment_search(search) AS words, pg_catalog.lower(pg_catalog.btrim(pg_catalog."left"(search, 1000)) COLLATE "C") AS part
		), found AS MATERIALIZED (
			SELECT f.* FROM (SELECT t.environment, t.kind, t.authority FROM @store@.triples_now(NULL::timestamptz) t
				WHERE coserv.environment_search(search) IS NOT NULL
					AND coserv.environment_words(t.environment) OPERATOR(pg_catalog.@@) (SELECT coserv.environment_search(search))
				LIMIT 10 * explore_search.most) f
			UNION ALL
			SELECT f.* FROM (SELECT t.environment, t.kind, t.authority FROM @store@.triples_now(NULL::timestamptz) t
				WHERE coserv.environment_search(search) IS NULL AND t.environment IS NOT NULL LIMIT 10 * explore_search.most) f
		), environments AS (
			SELECT f.environment::pg_catalog.bytea AS bytes, pg_catalog.count(*) AS triples,
				pg_catalog.jsonb_agg(DISTINCT coserv.triple_kind(f.kind)) AS kinds, pg_catalog.jsonb_agg(DISTINCT f.authority) AS authorities
			FROM found f GROUP BY f.environment::pg_catalog.bytea
		), documents AS MATERIALIZED (
			SELECT m.id FROM asked a, @store@.manifest m
			WHERE a.part <> '' AND pg_catalog.strpos(pg_catalog.lower(pg_catalog.concat_ws(' ', m.id, m.corim_id, m.authority, m.signer_name, m.profile) COLLATE "C"), a.part) > 0
			LIMIT explore_search.most + 1
		)
		SELECT pg_catalog.jsonb_build_object(
			'environments', COALESCE((SELECT pg_catalog.jsonb_agg(coserv.environment_summary(e.bytes::coserv.environment)
					|| pg_catalog.jsonb_build_object('triples', e.triples, 'kinds', e.kinds, 'authorities', e.authorities) ORDER BY e.bytes)
				FROM (SELECT e.* FROM environments e ORDER BY e.bytes LIMIT explore_search.most) e), '[]'::jsonb),
			'more_environments', (SELECT pg_catalog.count(*) FROM environments) > explore_search.most OR (SELECT pg_catalog.count(*) FROM found) >= 10 * explore_search.most,
			'documents', @store@.explore_manifests(ARRAY(SELECT d.id FROM documents d LIMIT explore_search.most)),
			'more_documents', (SELECT pg_catalog.count(*) FROM documents) > explore_search.most);
	END;
COMMENT ON FUNCTION @store@.explore_search(text, integer) IS 'Environments that count now, with a word of vendor, model, class-id, instance or group that each word of the text begins, and documents whose id, CoRIM id, authority, signer or profile has the text; that many of each at most';

CREATE FUNCTION @store@.explore_environment(environment coserv.environment, as_of timestamptz DEFAULT NULL, most integer DEFAULT 200) RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		WITH said AS MATERIALIZED (
			SELECT t.* FROM @store@.triples_at(explore_environment.as_of) t WHERE t.environment OPERATOR(coserv.<@) explore_environment.environment
			LIMIT explore_environment.most + 1
		)
		SELECT coserv.environment_summary(explore_environment.environment) || pg_catalog.jsonb_build_object(
			'described', coserv.describe(explore_environment.environment), 'as_of', coserv.rfc3339(COALESCE(as_of, @store@.moment())),
			'triples', COALESCE((SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('kind', coserv.triple_kind(t.kind), 'authority', t.authority,
					'profile', t.profile, 'manifest', t.manifest, 'corim_id', m.corim_id, 'ordinal', t.ordinal,
					'environment', CASE WHEN t.environment OPERATOR(coserv.<>) explore_environment.environment THEN coserv.environment_summary(t.environment) END,
					'not_before', coserv.rfc3339(t.not_before), 'not_after', coserv.rfc3339(t.not_after),
					'triple', pg_catalog.left(COALESCE(coserv.describe(t.content, coserv.triple_rule(t.kind)), coserv.describe(t.content)), 20000)))
					ORDER BY t.environment OPERATOR(coserv.<>) explore_environment.environment, t.environment::pg_catalog.bytea, t.kind, t.authority, t.manifest, t.ordinal)
				FROM (SELECT s.* FROM said s LIMIT explore_environment.most) t LEFT JOIN @store@.manifest m ON m.id = t.manifest), '[]'::jsonb),
			'more', (SELECT pg_catalog.count(*) FROM said) > explore_environment.most);
	END;
COMMENT ON FUNCTION @store@.explore_environment(coserv.environment, timestamptz, integer) IS 'What is said at a moment of an environment, and of those that contain it, which say less: triples with authority, document, validity and annotated EDN';

CREATE FUNCTION @store@.explore_document(manifest uuid) RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		SELECT pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('id', m.id, 'corim_id', m.corim_id, 'profile', m.profile, 'authority', m.authority, 'is_signed', m.is_signed,
				'signer_name', m.signer_name, 'digest', pg_catalog.encode(m.digest, 'hex'::text), 'withdrawn', m.withdrawn, 'loaded_by', m.loaded_by,
				'not_before', coserv.rfc3339(m.not_before), 'not_after', coserv.rfc3339(m.not_after),
				'known_at', coserv.rfc3339((SELECT pg_catalog.min(l.known_at) FROM @store@.manifest_life l WHERE l.manifest = m.id)),
				'authority_key', (SELECT coserv.describe(a.key) FROM @store@.authority a WHERE a.id = m.authority_id)))
			|| pg_catalog.jsonb_build_object(
				'legacy', m.legacy,
				'counts', EXISTS (SELECT FROM @store@.manifests_at(NULL::timestamptz) n WHERE n.id = m.id),
				'bytes', pg_catalog.octet_length(d.document),
				'edn', CASE WHEN pg_catalog.octet_length(d.document) <= 4194304 THEN pg_catalog.left(e.edn, 400000) END,
				'edn_cut', pg_catalog.octet_length(d.document) > 4194304 OR pg_catalog.length(e.edn) > 400000,
				'chain', COALESCE((SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('subject', c.subject, 'issuer', c.issuer_name,
						'serial', pg_catalog.encode(c.serial, 'hex'::text),
						'not_before', coserv.rfc3339(c.not_before), 'not_after', coserv.rfc3339(c.not_after)) ORDER BY c.ordinal)
					FROM @store@.certificate c WHERE c.manifest = m.id AND c.truth = m.truth), '[]'::jsonb),
				'validities', COALESCE((SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('bound', v.bound,
						'not_before', coserv.rfc3339(v.not_before), 'not_after', coserv.rfc3339(v.not_after)) ORDER BY v.bound)
					FROM coserv.validities(d.document, d.payload) v), '[]'::jsonb),
				'tags', COALESCE((SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('ordinal', g.ordinal, 'kind', g.kind, 'tag_id', g.tag_id,
						'tag_version', g.tag_version, 'counts', @store@.explore_ranges(@store@.counted(g.manifest, g.ordinal))) ORDER BY g.ordinal)
					FROM (SELECT g.* FROM @store@.tag g WHERE g.manifest = m.id ORDER BY g.ordinal LIMIT 200) g), '[]'::jsonb),
				'revocations', COALESCE((SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('of',
						CASE WHEN r.manifest IS NOT NULL THEN 'document' WHEN r.tag_id IS NOT NULL THEN 'tag' ELSE 'authority' END,
						'tag_id', r.tag_id, 'reason', r.reason, 'effective_from', coserv.rfc3339(r.effective_from), 'revoked_by', r.revoked_by,
						'undone', (SELECT u.reason FROM @store@.revocation u WHERE u.undoes = r.id ORDER BY u.effective_from, u.id LIMIT 1))) ORDER BY r.effective_from, r.id)
					FROM @store@.revocation r WHERE r.manifest = m.id OR (r.authority_id = m.authority_id AND (r.tag_id IS NULL OR EXISTS (SELECT FROM @store@.tag g
						WHERE g.manifest = m.id AND g.tag_id = r.tag_id AND g.tag_version = COALESCE(r.tag_version, g.tag_version))))), '[]'::jsonb),
				'environments', COALESCE((SELECT pg_catalog.jsonb_agg(coserv.environment_summary(t.bytes::coserv.environment) ORDER BY t.bytes)
					FROM (SELECT DISTINCT t.environment::pg_catalog.bytea AS bytes
						FROM (SELECT t.environment FROM @store@.triple t WHERE t.manifest = m.id AND t.environment IS NOT NULL ORDER BY t.ordinal LIMIT 100) t) t), '[]'::jsonb))
		FROM @store@.manifest m
			LEFT JOIN LATERAL coserv.document(@store_literal@::pg_catalog.regnamespace, m.id) d ON true,
			LATERAL (SELECT CASE WHEN pg_catalog.octet_length(d.document) > 4194304 THEN NULL
				WHEN d.payload IS NULL AND coserv.is_document(d.document, NULL::bytea)
					THEN coserv.describe(@store_literal@::pg_catalog.regnamespace, d.document::coserv.corim, NULL::timestamptz)
				ELSE pg_catalog.concat_ws(E'\n', coserv.describe(d.document::coserv.cbor), coserv.describe(d.payload::coserv.cbor)) END AS edn OFFSET 0) e
		WHERE m.id = explore_document.manifest;
	END;
COMMENT ON FUNCTION @store@.explore_document(uuid) IS 'A document: who signed it, with which certificates, what bounds it, when each of its tags counted and will count, what was revoked, and its annotated EDN; NULL: there is none, or the caller may not read it';

CREATE FUNCTION @store@.explore_timeline(search text DEFAULT NULL, most integer DEFAULT 100) RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		WITH asked AS MATERIALIZED (
			SELECT COALESCE(pg_catalog.lower(pg_catalog.btrim(pg_catalog."left"(search, 1000)) COLLATE "C"), '') AS part
		), chosen AS MATERIALIZED (
			SELECT c.* FROM (SELECT g.manifest, g.ordinal FROM @store@.tag g
				WHERE (SELECT a.part FROM asked a) = '' AND g.manifest = ANY (@store@.latest_manifests(explore_timeline.most))
				ORDER BY g.manifest, g.ordinal LIMIT explore_timeline.most + 1) c
			UNION ALL
			SELECT c.* FROM (SELECT g.manifest, g.ordinal FROM asked a, @store@.tag g JOIN @store@.manifest m ON m.id = g.manifest
				WHERE a.part <> '' AND pg_catalog.strpos(pg_catalog.lower(pg_catalog.concat_ws(' ', m.id, g.tag_id, m.corim_id, m.authority) COLLATE "C"), a.part) > 0
				LIMIT explore_timeline.most + 1) c
		)
		SELECT pg_catalog.jsonb_build_object('moment', coserv.rfc3339(@store@.moment()),
			'tags', COALESCE((SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('manifest', m.id, 'corim_id', m.corim_id, 'authority', m.authority,
					'kind', g.kind, 'tag_id', g.tag_id, 'tag_version', g.tag_version))
					|| pg_catalog.jsonb_build_object('counts', @store@.explore_ranges(@store@.counted(g.manifest, g.ordinal)))
					ORDER BY m.authority, g.tag_id, g.tag_version, g.manifest, g.ordinal)
				FROM (SELECT c.* FROM chosen c LIMIT explore_timeline.most) c, @store@.tag g, @store@.manifest m
				WHERE g.manifest = c.manifest AND g.ordinal = c.ordinal AND m.id = c.manifest), '[]'::jsonb),
			'more', (SELECT pg_catalog.count(*) FROM chosen) > explore_timeline.most);
	END;
COMMENT ON FUNCTION @store@.explore_timeline(text, integer) IS 'When tags counted and will count: of those that have the text in their id, or in the CoRIM id or authority of their document; without one of the last that came';

CREATE FUNCTION @store@.explore_vouchers(digest bytea, as_of timestamptz DEFAULT NULL, most integer DEFAULT 200) RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		WITH said AS MATERIALIZED (
			SELECT v.kind_name, v.role, v.environment, v.mkey, v.digest_alg, v.name, v.authority, v.profile, v.not_before, v.not_after, v.manifest, v.ordinal
			FROM @store@.mentions(explore_vouchers.digest, explore_vouchers.as_of) v LIMIT explore_vouchers.most + 1
		)
		SELECT pg_catalog.jsonb_build_object('digest', pg_catalog.encode(explore_vouchers.digest, 'hex'::text), 'as_of', coserv.rfc3339(COALESCE(as_of, @store@.moment())),
			'mentions', COALESCE((SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('vouches', s.role NOT IN ('condition', 'common'), 'kind', s.kind_name, 'role', s.role,
					'environment', coserv.environment_summary(s.environment), 'mkey', s.mkey, 'name', s.name, 'authority', s.authority, 'profile', s.profile,
					'not_before', coserv.rfc3339(s.not_before), 'not_after', coserv.rfc3339(s.not_after), 'manifest', s.manifest, 'corim_id', m.corim_id, 'ordinal', s.ordinal))
					ORDER BY s.role IN ('condition', 'common'), s.authority, s.environment::pg_catalog.bytea, s.manifest, s.ordinal)
				FROM (SELECT s.* FROM said s LIMIT explore_vouchers.most) s LEFT JOIN @store@.manifest m ON m.id = s.manifest), '[]'::jsonb),
			'more', (SELECT pg_catalog.count(*) FROM said) > explore_vouchers.most);
	END;
COMMENT ON FUNCTION @store@.explore_vouchers(bytea, timestamptz, integer) IS 'Who speaks of a digest at a moment: first those who state it (vouches), then conditions that name it';

CREATE FUNCTION @store@.explore_formats() RETURNS jsonb
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
	BEGIN ATOMIC
		SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('format', f.format, 'title', f.title, 'media_type', f.media_type,
			'source', f.source, 'takes', f.takes)))
		FROM coserv.evidence_formats() f WHERE f.refused IS NULL;
	END;
COMMENT ON FUNCTION @store@.explore_formats() IS 'The formats of Evidence that are read, and what each takes beside keys';

CREATE FUNCTION @store@.explore_appraisal(format text, evidence bytea, keys coserv.crypto_key[] DEFAULT NULL, certificates bytea DEFAULT NULL,
	signature bytea DEFAULT NULL, registers bytea DEFAULT NULL, event_log bytea DEFAULT NULL, expected_nonce bytea DEFAULT NULL,
	as_of timestamptz DEFAULT @store@.moment(), known_environment coserv.environment DEFAULT NULL) RETURNS jsonb
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET jit = off
	BEGIN ATOMIC
		WITH verified AS MATERIALIZED (
			SELECT e.ects, e.verified_keys
			@verified_evidence@
		)
		SELECT pg_catalog.jsonb_build_object('format', format, 'as_of', coserv.rfc3339(as_of),
				'signers', COALESCE((SELECT pg_catalog.jsonb_agg(coserv.describe(k.key) ORDER BY k.key::pg_catalog.bytea)
					FROM pg_catalog.unnest(v.verified_keys) AS k (key)), '[]'::jsonb),
				'acs', COALESCE((SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('cmtype', a.cmtype, 'ect', pg_catalog.left(coserv.describe(a.ect, 'ECT'::text), 20000),
						'manifest', a.manifest, 'corim_id', m.corim_id, 'authority', m.authority, 'round', a.round)) ORDER BY a.round, a.n)
					FROM coserv.appraise(@store_literal@::pg_catalog.regnamespace, v.ects, as_of, v.verified_keys, NULL::coserv.crypto_key[])
							WITH ORDINALITY AS a (ect, cmtype, environment, authority, profile, manifest, ordinal, round, n)
						LEFT JOIN @store@.manifest m ON m.id = a.manifest), '[]'::jsonb))
			|| @store@.explain_tree(v.ects, as_of, v.verified_keys, NULL::coserv.crypto_key[])
		FROM verified v;
	END;
COMMENT ON FUNCTION @store@.explore_appraisal(text, bytea, coserv.crypto_key[], bytea, bytea, bytea, bytea, bytea, timestamptz, coserv.environment) IS 'What an Attester sent, verified as by appraise_evidence(): the final ACS, and explain_tree(), the nearest miss first';

CREATE FUNCTION @store@.explore_claims(format text, evidence bytea, certificates bytea DEFAULT NULL, signature bytea DEFAULT NULL, registers bytea DEFAULT NULL,
	event_log bytea DEFAULT NULL, as_of timestamptz DEFAULT @store@.moment(), known_environment coserv.environment DEFAULT NULL) RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		SELECT COALESCE(pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('environment', coserv.environment_summary(e.environment),
			'element', coserv.describe(e.element), 'notes', e.notes) ORDER BY e.n), '[]'::jsonb)
		FROM (SELECT e.*, pg_catalog.row_number() OVER () AS n
			FROM coserv.evidence(format, evidence, NULL::coserv.crypto_key[], certificates, signature, registers, event_log, NULL::bytea, as_of, true,
				NULL::coserv.environment[], known_environment) e LIMIT 500) e;
	END;
COMMENT ON FUNCTION @store@.explore_claims(text, bytea, bytea, bytea, bytea, bytea, timestamptz, coserv.environment) IS 'What Evidence claims, whether it verifies or not: for who looks why it does not';

CREATE FUNCTION @store@.explore_domains(environment coserv.environment DEFAULT NULL, as_of timestamptz DEFAULT NULL, most integer DEFAULT 300) RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		WITH places AS MATERIALIZED (
			SELECT p.* FROM (SELECT t.manifest, t.ordinal FROM @store@.triple t
				WHERE explore_domains.environment IS NULL AND t.kind IN (@CS_TRIPLE_DEPENDENCY@, @CS_TRIPLE_MEMBERSHIP@)
				ORDER BY t.manifest, t.ordinal LIMIT 10 * explore_domains.most) p
			UNION
			SELECT t.manifest, t.ordinal FROM @store@.triple t
			WHERE t.environment OPERATOR(coserv.=) explore_domains.environment AND t.live AND t.kind IN (@CS_TRIPLE_DEPENDENCY@, @CS_TRIPLE_MEMBERSHIP@)
			UNION
			SELECT t.manifest, t.ordinal FROM @store@.triple_environment t WHERE t.environment OPERATOR(coserv.=) explore_domains.environment AND t.live AND t.kind IN (@CS_TRIPLE_DEPENDENCY@, @CS_TRIPLE_MEMBERSHIP@)
		), edges AS MATERIALIZED (
			SELECT DISTINCT ON (t.environment::pg_catalog.bytea, e.environment::pg_catalog.bytea, t.kind, t.authority)
				t.environment::pg_catalog.bytea AS domain, e.environment::pg_catalog.bytea AS other, t.kind, t.authority, t.manifest
			FROM places p,
				LATERAL (SELECT t.* FROM @store@.triples_at(as_of) t WHERE t.manifest = p.manifest AND t.ordinal = p.ordinal
					AND t.kind IN (@CS_TRIPLE_DEPENDENCY@, @CS_TRIPLE_MEMBERSHIP@) OFFSET 0) t,
				LATERAL coserv.environments(t.content) e
			ORDER BY t.environment::pg_catalog.bytea, e.environment::pg_catalog.bytea, t.kind, t.authority, t.manifest LIMIT explore_domains.most + 1
		), shown AS MATERIALIZED (
			SELECT e.* FROM edges e LIMIT explore_domains.most
		)
		SELECT pg_catalog.jsonb_build_object('as_of', coserv.rfc3339(COALESCE(as_of, @store@.moment())),
			'nodes', COALESCE((SELECT pg_catalog.jsonb_agg(coserv.environment_summary(n.bytes::coserv.environment) ORDER BY n.bytes)
				FROM (SELECT s.domain AS bytes FROM shown s UNION SELECT s.other FROM shown s) n), '[]'::jsonb),
			'edges', COALESCE((SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('domain', pg_catalog.encode(s.domain, 'hex'::text), 'other', pg_catalog.encode(s.other, 'hex'::text),
					'kind', coserv.triple_kind(s.kind), 'authority', s.authority, 'manifest', s.manifest, 'corim_id', m.corim_id) ORDER BY s.domain, s.other, s.kind, s.authority)
				FROM shown s LEFT JOIN @store@.manifest m ON m.id = s.manifest), '[]'::jsonb),
			'more', (SELECT pg_catalog.count(*) FROM edges) > explore_domains.most);
	END;
COMMENT ON FUNCTION @store@.explore_domains(coserv.environment, timestamptz, integer) IS 'Domains as a graph at a moment: environments, and edges from each domain to its members (membership) and from each environment to what it trusts (dependency); of one environment, its neighbours';

CREATE FUNCTION @store@.explore_lapsing(within interval DEFAULT '30 days', most integer DEFAULT 200) RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		SELECT pg_catalog.jsonb_build_object('moment', coserv.rfc3339(@store@.moment()),
			'lapsing', COALESCE(pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('what', x.what, 'name', x.name, 'bound', x.bound,
				'expires', coserv.rfc3339(x.expires), 'authority', x.by_authority, 'manifest', x.of_manifest)) ORDER BY x.n) FILTER (WHERE x.n <= explore_lapsing.most), '[]'::jsonb),
			'more', pg_catalog.count(*) > explore_lapsing.most)
		FROM (SELECT x.* FROM @store@.expiring(explore_lapsing.within) WITH ORDINALITY AS x (what, name, bound, expires, by_authority, of_manifest, n)
			LIMIT explore_lapsing.most + 1) x;
	END;
COMMENT ON FUNCTION @store@.explore_lapsing(interval, integer) IS 'What lapses soon (expiring), the first that does first';

-- conflicts() looks at everything, which takes its time; a page looks at what is new, or at one document.
CREATE FUNCTION @store@.explore_conflicts(manifest uuid DEFAULT NULL, most integer DEFAULT 200) RETURNS jsonb
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		WITH looked_at AS MATERIALIZED (
			SELECT CASE WHEN explore_conflicts.manifest IS NULL THEN @store@.latest_manifests(20) ELSE ARRAY[explore_conflicts.manifest] END AS manifests
		), found AS MATERIALIZED (
			SELECT x.*
			FROM looked_at k, LATERAL @store@.conflicts_about(ARRAY(SELECT t.environment FROM @store@.triple t
					WHERE t.manifest = ANY (k.manifests) AND t.environment IS NOT NULL ORDER BY t.manifest, t.ordinal LIMIT 2000))
				WITH ORDINALITY AS x (conflict, environment, kind, kind_name, mkey, codepoint, by_authority, value, other, of_manifest, ordinal, n)
			LIMIT explore_conflicts.most + 1
		)
		SELECT pg_catalog.jsonb_build_object('documents', @store@.explore_manifests((SELECT k.manifests FROM looked_at k)),
			'conflicts', COALESCE((SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('conflict', f.conflict, 'environment', coserv.environment_summary(f.environment),
					'kind', f.kind_name, 'mkey', coserv.cbor_diag(f.mkey), 'codepoint', f.codepoint, 'authority', f.by_authority, 'value', pg_catalog.left(coserv.cbor_diag(f.value), 2000),
					'other', f.other, 'manifest', f.of_manifest, 'ordinal', f.ordinal)) ORDER BY f.n) FILTER (WHERE f.n <= explore_conflicts.most)
				FROM found f), '[]'::jsonb),
			'more', (SELECT pg_catalog.count(*) FROM found) > explore_conflicts.most);
	END;
COMMENT ON FUNCTION @store@.explore_conflicts(uuid, integer) IS 'Conflicts in what is said of the environments of one document, or of the last 20 that came; conflicts() looks at the whole store';

CREATE FUNCTION @store@.explore(what text, arguments jsonb DEFAULT '{}') RETURNS jsonb
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET jit = off
	BEGIN ATOMIC
		SELECT CASE what
			WHEN 'overview' THEN @store@.explore_overview()
			WHEN 'search' THEN @store@.explore_search(COALESCE(arguments ->> 'search', ''), 50)
			WHEN 'environment' THEN @store@.explore_environment(a.environment, a.as_of, 200)
			WHEN 'document' THEN @store@.explore_document((arguments ->> 'manifest')::uuid)
			WHEN 'timeline' THEN @store@.explore_timeline(arguments ->> 'search', 100)
			WHEN 'vouchers' THEN @store@.explore_vouchers(pg_catalog.decode(arguments ->> 'digest', 'hex'::text), a.as_of, 200)
			WHEN 'formats' THEN @store@.explore_formats()
			WHEN 'appraisal' THEN @store@.explore_appraisal(arguments ->> 'format', b.evidence, b.keys, b.certificates, b.signature, b.registers, b.event_log,
				b.expected_nonce, COALESCE(a.as_of, @store@.moment()), a.environment)
			WHEN 'claims' THEN @store@.explore_claims(arguments ->> 'format', b.evidence, b.certificates, b.signature, b.registers, b.event_log,
				COALESCE(a.as_of, @store@.moment()), a.environment)
			WHEN 'domains' THEN @store@.explore_domains(a.environment, a.as_of, 300)
			WHEN 'lapsing' THEN @store@.explore_lapsing(COALESCE((arguments ->> 'within')::interval, '30 days'::interval), 200)
			WHEN 'conflicts' THEN @store@.explore_conflicts((arguments ->> 'manifest')::uuid, 200)
			END
		FROM (SELECT (arguments ->> 'as_of')::timestamptz AS as_of,
				CASE WHEN arguments ->> 'environment' ~ '^([0-9a-fA-F]{2})+$' THEN pg_catalog.decode(arguments ->> 'environment', 'hex'::text)::coserv.environment
					ELSE (arguments ->> 'environment')::coserv.environment END AS environment) a,
			(SELECT pg_catalog.decode(arguments ->> 'evidence', 'base64'::text) AS evidence,
				(SELECT pg_catalog.array_agg(k.key::coserv.crypto_key) FROM pg_catalog.jsonb_array_elements_text(arguments -> 'keys') AS k (key)) AS keys,
				pg_catalog.decode(arguments ->> 'certificates', 'base64'::text) AS certificates, pg_catalog.decode(arguments ->> 'signature', 'base64'::text) AS signature,
				pg_catalog.decode(arguments ->> 'registers', 'base64'::text) AS registers, pg_catalog.decode(arguments ->> 'event_log', 'base64'::text) AS event_log,
				pg_catalog.decode(arguments ->> 'expected_nonce', 'base64'::text) AS expected_nonce) b;
	END;
COMMENT ON FUNCTION @store@.explore(text, jsonb) IS 'What the page asks (doc/explore.md): the answer of explore_WHAT() with these arguments, bytes in base64, digests and environments in hexadecimal, these also in EDN; NULL: there is no such view, or nothing there to show';
