-- Kept Evidence appraised anew, as far as a change can touch it (doc/evidence.md, "Evidence kept").

-- Whatever names an environment of the ACS is looked at, so that the next of these moments is the first at which another may count.
CREATE FUNCTION @store@.holds_until(environments coserv.environment[], verified_keys coserv.crypto_key[], after timestamptz)
	RETURNS TABLE (holds_until timestamptz)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		WITH named AS MATERIALIZED (
			SELECT t.manifest, t.tag, t.kind, t.content FROM pg_catalog.unnest(environments) e (environment),
				LATERAL (SELECT t.* FROM @store@.triple t WHERE t.live AND NOT t.@conditional@ AND t.environment OPERATOR(coserv.<@) e.environment
					UNION ALL SELECT t.* FROM @store@.triple t WHERE t.live AND t.@conditional@ AND t.environment OPERATOR(coserv.<@) e.environment OFFSET 0) t
			UNION ALL
			SELECT t.manifest, t.tag, t.kind, t.content FROM pg_catalog.unnest(environments) e (environment),
				LATERAL (SELECT x.* FROM @store@.triple_environment x WHERE x.live AND NOT x.@conditional@ AND x.environment OPERATOR(coserv.<@) e.environment
					UNION ALL SELECT x.* FROM @store@.triple_environment x WHERE x.live AND x.@conditional@ AND x.environment OPERATOR(coserv.<@) e.environment OFFSET 0) x,
				@store@.triple t
			WHERE t.manifest = x.manifest AND t.ordinal = x.ordinal
		), tags AS MATERIALIZED (
			SELECT n.manifest, n.tag FROM named n
			UNION
			SELECT g.manifest, g.ordinal FROM named n, LATERAL coserv.coswid_tag_ids(n.content) l, @store@.tag g
			WHERE n.kind = @CS_TRIPLE_COSWID@ AND g.tag_id = l.tag_id AND g.kind = 'coswid' AND g.live
		), counting AS (
			SELECT l.counts, a.counts AS of_authority, t.counts AS of_tag, t.activated
			FROM tags g,
				LATERAL (SELECT l.counts, l.authority FROM @store@.manifest_life l WHERE l.manifest = g.manifest ORDER BY l.known_at DESC LIMIT 1) l,
				LATERAL (SELECT a.counts FROM @store@.authority_life a WHERE a.authority = l.authority ORDER BY a.known_at DESC LIMIT 1) a
				LEFT JOIN LATERAL (SELECT t.counts, t.activated FROM @store@.tag_life t
					WHERE t.manifest = g.manifest AND t.ordinal = g.tag ORDER BY t.known_at DESC LIMIT 1) t ON true
		)
		SELECT LEAST(pg_catalog.min(b.at), (SELECT pg_catalog.min(v.not_after) FROM pg_catalog.unnest(verified_keys) k (key), LATERAL coserv.key_validity(k.key) v
				WHERE v.not_after > after))
		FROM (SELECT c.counts FROM counting c UNION SELECT c.of_authority FROM counting c UNION SELECT c.of_tag FROM counting c
				UNION SELECT c.activated FROM counting c) c,
			LATERAL pg_catalog.unnest(c.counts) r (range), LATERAL (VALUES (pg_catalog.lower(r.range)), (pg_catalog.upper(r.range))) b (at)
		WHERE b.at > after AND b.at < 'infinity'::timestamptz;
	END;
COMMENT ON FUNCTION @store@.holds_until(coserv.environment[], coserv.crypto_key[], timestamptz) IS 'When the next statement, authority or tag that names one of these environments begins or ends to count, or the next of these certificates ends';

-- An appraisal that comes out as the one before is no new row, unless always.
CREATE FUNCTION @store@.appraise_kept(attesters text[], always boolean DEFAULT false) RETURNS SETOF @store@.appraisal
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET jit = off SET enable_seqscan = off
	BEGIN ATOMIC
		SELECT FROM @store@.attester a WHERE a.name = ANY (attesters) ORDER BY a.name FOR UPDATE;
		WITH seen AS MATERIALIZED (
			SELECT @store@.cursor() AS cursor, pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot()) AS seen_from
		), judged AS MATERIALIZED (
			SELECT a.name AS attester, j.*
			FROM @store@.attester a, LATERAL coserv.appraisal(@store_literal@::pg_catalog.regnamespace, a.evidence, NULL::timestamptz, a.verified_keys, a.verifier)
				WITH ORDINALITY AS j (moment, environment, verdict, manifests, digest, offers, keys, n)
			WHERE a.name = ANY (attesters)
		), last AS MATERIALIZED (
			SELECT p.attester, p.moment, p.environment, p.digest
			FROM pg_catalog.unnest(attesters) n (name), LATERAL (SELECT pg_catalog.max(q.moment) AS moment FROM @store@.appraisal q WHERE q.attester = n.name) m,
				@store@.appraisal p
			WHERE p.attester = n.name AND p.moment = m.moment
		), changed AS MATERIALIZED (
			SELECT u.attester
			FROM (SELECT j.attester, j.environment::pg_catalog.bytea AS environment, j.digest, 1 AS n FROM judged j
					UNION ALL SELECT l.attester, l.environment::pg_catalog.bytea, l.digest, -1 FROM last l) u
			GROUP BY u.attester, u.environment, u.digest HAVING always OR pg_catalog.sum(u.n) <> 0
		), gone AS (
			DELETE FROM @store@.attester_environment e
			WHERE e.attester = ANY (attesters) AND NOT EXISTS (SELECT FROM judged j WHERE j.attester = e.attester
				AND j.environment::pg_catalog.bytea = e.environment::pg_catalog.bytea AND j.offers OPERATOR(coserv.=) e.offers AND j.keys = e.keys)
		), came AS (
			INSERT INTO @store@.attester_environment (attester, environment, offers, keys)
			SELECT j.attester, j.environment, j.offers, j.keys FROM judged j
			WHERE j.environment IS NOT NULL AND NOT EXISTS (SELECT FROM @store@.attester_environment e WHERE e.attester = j.attester
				AND j.environment::pg_catalog.bytea = e.environment::pg_catalog.bytea AND j.offers OPERATOR(coserv.=) e.offers AND j.keys = e.keys)
		), noted AS (
			UPDATE @store@.attester a SET cursor = s.cursor, seen_from = s.seen_from, transaction = pg_catalog.pg_current_xact_id(), holds_until = h.holds_until
			FROM seen s, (SELECT j.attester, pg_catalog.array_agg(j.environment) AS environments, pg_catalog.min(j.moment) AS moment
					FROM judged j WHERE j.environment IS NOT NULL GROUP BY j.attester) j, @store@.attester k,
				LATERAL @store@.holds_until(j.environments, k.verified_keys, j.moment) h
			WHERE a.name = j.attester AND k.name = j.attester
		)
		INSERT INTO @store@.appraisal (attester, moment, ordinal, environment, verdict, manifests, digest)
			SELECT j.attester, GREATEST(j.moment, l.moment + '1 us'::interval), j.n - 1, j.environment, j.verdict, j.manifests, j.digest
			FROM judged j LEFT JOIN (SELECT l.attester, pg_catalog.max(l.moment) AS moment FROM last l GROUP BY l.attester) l ON l.attester = j.attester
			WHERE j.attester IN (SELECT c.attester FROM changed c)
			RETURNING *;
	END;
COMMENT ON FUNCTION @store@.appraise_kept(text[], boolean) IS 'Appraise the kept Evidence of attesters now, and keep how that came out where it is new; answers what is new';

CREATE FUNCTION @store@.keep_appraisal(attester text, evidence coserv.cbor, verified_keys coserv.crypto_key[] DEFAULT NULL,
	verifier coserv.crypto_key[] DEFAULT NULL) RETURNS SETOF @store@.appraisal
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET jit = off
	BEGIN ATOMIC
		INSERT INTO @store@.attester (name, evidence, verified_keys, verifier, kept_at, cursor)
			SELECT attester, evidence, verified_keys, verifier, pg_catalog.now(), @store@.cursor()
			WHERE COALESCE((SELECT r.period FROM @store@.retention r), coserv.keep_nothing()) IS NOT NULL
			ON CONFLICT (name) DO UPDATE SET evidence = excluded.evidence, verified_keys = excluded.verified_keys, verifier = excluded.verifier,
				kept_at = excluded.kept_at, kept_by = current_user;
		SELECT * FROM @store@.appraise_kept(ARRAY[attester], true);
	END;
COMMENT ON FUNCTION @store@.keep_appraisal(text, coserv.cbor, coserv.crypto_key[], coserv.crypto_key[]) IS 'Appraise Evidence, given as ECTs, as appraise() does, and keep it as the last of an attester, and how it was appraised: a row an environment';

-- What changes with a moment, as far as it concerns triples, is in the epochs that are known from it on.
CREATE FUNCTION @store@.touched_attesters(moment timestamptz) RETURNS TABLE (attester text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off SET enable_seqscan = off
	BEGIN ATOMIC
		WITH epochs AS MATERIALIZED (
			SELECT e.manifest, e.ordinal, e.authority, NOT e.is_first AND (e.activation IS NOT DISTINCT FROM 'deactivated' OR NOT e.counts @> e.before) AS lost
			FROM @store@.epochs_at(touched_attesters.moment) e
		), statements AS MATERIALIZED (
			SELECT e.manifest, e.ordinal, e.lost FROM epochs e WHERE e.manifest IS NOT NULL
			UNION
			SELECT m.id, NULL::integer, e.lost FROM epochs e,
				LATERAL (SELECT m.id FROM @store@.manifest m WHERE m.authority_id = e.authority OFFSET 0) m WHERE e.manifest IS NULL
		), triples AS MATERIALIZED (
			SELECT t.manifest, t.ordinal, t.kind, t.environment::pg_catalog.bytea AS environment, t.content::pg_catalog.bytea AS content, pg_catalog.bool_or(s.lost) AS lost
			FROM statements s, LATERAL (SELECT t.manifest, t.ordinal, t.tag, t.kind, t.environment, t.content FROM @store@.triple t WHERE t.manifest = s.manifest OFFSET 0) t
			WHERE (s.ordinal IS NULL OR t.tag = s.ordinal) AND t.environment IS NOT NULL
			GROUP BY t.manifest, t.ordinal, t.kind, t.environment::pg_catalog.bytea, t.content::pg_catalog.bytea
		), conditions AS MATERIALIZED (
			SELECT c.environment, c.wanted, c.unspoken, CASE WHEN t.lost THEN c.contradicted END AS contradicted, c.name
			FROM triples t, LATERAL coserv.touches(t.content::coserv.cbor, t.kind, t.environment::coserv.environment) c
			UNION ALL
			SELECT x.environment, NULL, NULL, NULL, NULL FROM triples t,
				LATERAL (SELECT x.environment FROM @store@.triple_environment x WHERE x.manifest = t.manifest AND x.ordinal = t.ordinal OFFSET 0) x
			WHERE t.kind IN (@CS_TRIPLE_DEPENDENCY@, @CS_TRIPLE_MEMBERSHIP@)
		)
		SELECT e.attester
		FROM (SELECT DISTINCT c.environment::pg_catalog.bytea AS environment FROM conditions c WHERE c.wanted IS NULL) c,
			LATERAL (SELECT e.attester FROM @store@.attester_environment e WHERE e.environment OPERATOR(coserv.@>) c.environment::coserv.environment OFFSET 0) e
		UNION
		SELECT e.attester
		FROM (SELECT DISTINCT c.environment::pg_catalog.bytea AS environment, c.wanted::pg_catalog.bytea AS wanted FROM conditions c WHERE c.wanted IS NOT NULL) c,
			LATERAL (SELECT e.attester FROM @store@.attester_environment e WHERE e.environment OPERATOR(coserv.@>) c.environment::coserv.environment
				AND e.offers OPERATOR(coserv.@@) c.wanted::coserv.measurement OFFSET 0) e
		UNION
		SELECT e.attester
		FROM (SELECT DISTINCT c.environment::pg_catalog.bytea AS environment, c.unspoken FROM conditions c WHERE c.unspoken IS NOT NULL) c,
			LATERAL (SELECT e.attester FROM @store@.attester_environment e WHERE e.environment OPERATOR(coserv.@>) c.environment::coserv.environment
				AND e.keys OPERATOR(pg_catalog.@>) ARRAY[c.unspoken] OFFSET 0) e
		UNION
		-- contradicted until now, and spoken of by nobody from now on: unless somebody speaks of as much for ever
		SELECT e.attester
		FROM (SELECT DISTINCT c.environment::pg_catalog.bytea AS environment, c.contradicted, c.name::pg_catalog.bytea AS name FROM conditions c WHERE c.contradicted IS NOT NULL) c,
			LATERAL (SELECT e.attester FROM @store@.attester_environment e WHERE e.environment OPERATOR(coserv.@>) c.environment::coserv.environment
				AND e.keys OPERATOR(pg_catalog.@>) ARRAY[c.contradicted] OFFSET 0) e
		WHERE NOT EXISTS (SELECT FROM (SELECT t.kind, t.content, t.environment FROM @store@.triples_at(coserv.clock_of(@store_literal@::pg_catalog.regnamespace, touched_attesters.moment)) t
					WHERE t.environment OPERATOR(coserv.<@) c.environment::coserv.environment AND t.kind = @CS_TRIPLE_REFERENCE@ AND t.not_after IS NULL OFFSET 0) t,
				LATERAL coserv.touches(t.content, t.kind, t.environment) o
			WHERE o.contradicted = c.contradicted AND (o.name IS NULL OR o.name::pg_catalog.bytea = c.name))
		UNION
		SELECT e.attester
		FROM (SELECT DISTINCT coserv.file_key(f.path) AS key
				FROM statements s, LATERAL (SELECT g.manifest, g.ordinal, g.kind FROM @store@.tag g WHERE g.manifest = s.manifest OFFSET 0) g,
					LATERAL coserv.document(@store_literal@::pg_catalog.regnamespace, g.manifest) d,
					LATERAL coserv.coswid_files(coserv.tag_content(d.document, g.ordinal, d.payload)) f
				WHERE (s.ordinal IS NULL OR g.ordinal = s.ordinal) AND g.kind = 'coswid' AND f.path IS NOT NULL) f,
			LATERAL (SELECT e.attester FROM @store@.attester_environment e WHERE e.keys OPERATOR(pg_catalog.@>) ARRAY[f.key] OFFSET 0) e
		UNION
		SELECT a.name FROM @store@.attester a
		WHERE EXISTS (SELECT FROM @store@.profile p WHERE p.known_at = touched_attesters.moment)
			OR (SELECT COALESCE(b.require_cotl, false) FROM @store@.at(coserv.clock_of(@store_literal@::pg_catalog.regnamespace, touched_attesters.moment) - '1 us'::interval) b) <>
				(SELECT COALESCE(n.require_cotl, false) FROM @store@.at(coserv.clock_of(@store_literal@::pg_catalog.regnamespace, touched_attesters.moment)) n)
			OR (a.verified_keys IS NOT NULL AND EXISTS (SELECT FROM @store@.crl c WHERE c.known_at = touched_attesters.moment));
	END;
COMMENT ON FUNCTION @store@.touched_attesters(timestamptz) IS 'Attesters whose appraisal what is known from a moment on could change; found by index, not appraised';

CREATE FUNCTION @store@.reappraise(everything boolean DEFAULT false)
	RETURNS TABLE (attester text, environment coserv.environment, before coserv.cbor, after coserv.cbor)
	LANGUAGE sql VOLATILE PARALLEL UNSAFE SET jit = off
	BEGIN ATOMIC
		SELECT FROM @store@.retention FOR UPDATE;
		WITH seen AS MATERIALIZED (
			SELECT n.cursor AS now, CASE WHEN pg_catalog.split_part(r.cursor, '/', 1) = pg_catalog.split_part(n.cursor, '/', 1) AND NOT everything THEN r.cursor END AS since
			FROM @store@.retention r, (SELECT @store@.cursor() AS cursor OFFSET 0) n
		), due AS MATERIALIZED (
			SELECT t.attester FROM seen s, LATERAL @store@.moments_since(s.since) m, LATERAL @store@.touched_attesters(m.moment) t WHERE s.since IS NOT NULL
			UNION
			SELECT a.name FROM @store@.attester a WHERE a.holds_until <= @store@.moment()
			UNION
			-- not there the last time, and has not seen what was told then
			SELECT a.name FROM seen s, LATERAL coserv.cursor_of(@store_literal@::pg_catalog.regnamespace, s.since) c, @store@.attester a
			WHERE s.since IS NOT NULL AND a.transaction >= pg_catalog.pg_snapshot_xmin(c.seen) AND NOT pg_catalog.pg_visible_in_snapshot(a.transaction, c.seen)
				AND a.seen_from < pg_catalog.pg_snapshot_xmax(c.seen)
				AND CASE WHEN pg_catalog.split_part(a.cursor, '/', 1) = pg_catalog.split_part(s.now, '/', 1)
					THEN EXISTS (SELECT u.moment FROM @store@.moments_since(a.cursor) u EXCEPT SELECT u.moment FROM @store@.moments_since(s.since) u) ELSE true END
			UNION
			SELECT a.name FROM seen s, @store@.attester a WHERE s.since IS NULL
		), marked AS (
			UPDATE @store@.retention SET cursor = s.now FROM seen s
		), before AS MATERIALIZED (
			SELECT p.attester, p.environment::pg_catalog.bytea AS environment, p.verdict, p.digest FROM due d, @store@.appraisal p
			WHERE p.attester = d.attester AND p.moment = (SELECT pg_catalog.max(q.moment) FROM @store@.appraisal q WHERE q.attester = d.attester)
		), after AS MATERIALIZED (
			SELECT k.attester, k.environment::pg_catalog.bytea AS environment, k.verdict, k.digest FROM (SELECT pg_catalog.array_agg(d.attester) AS attesters FROM due d) d, LATERAL @store@.appraise_kept(d.attesters, false) k
			WHERE d.attesters IS NOT NULL
		), changed AS MATERIALIZED (
			SELECT COALESCE(b.attester, a.attester) AS attester, COALESCE(b.environment, a.environment) AS environment, b.verdict AS before, a.verdict AS after
			FROM (SELECT b.* FROM before b WHERE EXISTS (SELECT FROM after a WHERE a.attester = b.attester)) b
				FULL JOIN after a ON a.attester = b.attester AND COALESCE(a.environment, '') = COALESCE(b.environment, '')
			WHERE a.digest IS DISTINCT FROM b.digest
		), named AS MATERIALIZED (
			SELECT c.attester, pg_catalog.sum(pg_catalog.octet_length(pg_catalog.to_json(c.attester)::text) + 2) OVER (ORDER BY c.attester COLLATE "C") / 6000 AS part
			FROM (SELECT DISTINCT c.attester FROM changed c) c
		), told AS MATERIALIZED ( -- asked for below, or it would not be done
			SELECT pg_catalog.pg_notify('coserv_attesters', pg_catalog.json_build_object('store', n.nspname, 'attesters', t.attesters)::text)
			FROM pg_catalog.pg_namespace n, (SELECT pg_catalog.array_agg(x.attester ORDER BY x.attester COLLATE "C") AS attesters FROM named x GROUP BY x.part) t
			WHERE n.oid = @store_literal@::pg_catalog.regnamespace
				AND (SELECT p.notify FROM @store@.policy p ORDER BY p.moment DESC, p.id DESC LIMIT 1)
		)
		SELECT c.attester, c.environment::coserv.environment, c.before, c.after
		FROM changed c, (SELECT pg_catalog.count(*) AS n FROM told) t
		WHERE t.n >= 0
		ORDER BY c.attester COLLATE "C", c.environment;
	END;
COMMENT ON FUNCTION @store@.reappraise(boolean) IS 'Appraise kept Evidence anew where something has come, gone, begun or ended that could touch it since it was appraised (everything: all of it); answers the environments of which another is said now, and names their attesters by NOTIFY coserv_attesters where the policy asks for it';
