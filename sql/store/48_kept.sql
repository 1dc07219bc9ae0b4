-- Evidence kept, if the store is asked to (keep_evidence_for): who sent what, and how it was appraised each time. Of this region, and about
-- devices: never publish these. Nothing here is signed for or on the audit; what answers queries does not look at it.

CREATE TABLE @store@.retention (
	id smallint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
	period interval NOT NULL CHECK (period > '0'::interval),
	cursor text NOT NULL
);
COMMENT ON TABLE @store@.retention IS 'For how long Evidence is kept: one row; none: none is';
COMMENT ON COLUMN @store@.retention.cursor IS 'What reappraise() has seen of the store';

CREATE TABLE @store@.attester (
	name text PRIMARY KEY CHECK (pg_catalog.octet_length(name) BETWEEN 1 AND 255),
	evidence coserv.cbor NOT NULL,
	verified_keys coserv.crypto_key[],
	verifier coserv.crypto_key[],
	kept_at timestamptz NOT NULL,
	kept_by text NOT NULL DEFAULT current_user,
	holds_until timestamptz,
	cursor text NOT NULL,
	seen_from xid8 NOT NULL DEFAULT pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot()),
	transaction xid8 NOT NULL DEFAULT pg_catalog.pg_current_xact_id()
);
CREATE INDEX attester_kept_at ON @store@.attester (kept_at);
CREATE INDEX attester_holds_until ON @store@.attester (holds_until) WHERE holds_until IS NOT NULL;
CREATE INDEX attester_transaction ON @store@.attester (transaction);
COMMENT ON TABLE @store@.attester IS 'Attesters of which Evidence is kept: the last of each, as ECTs and without its signature';
COMMENT ON COLUMN @store@.attester.name IS 'What who keeps it calls it';
COMMENT ON COLUMN @store@.attester.verified_keys IS 'As appraise() takes them; public keys and certificates';
COMMENT ON COLUMN @store@.attester.holds_until IS 'When the next thing that it names begins or ends to count, as is foreseen; NULL: never';
COMMENT ON COLUMN @store@.attester.cursor IS 'What the last appraisal has seen of the store, at least';
COMMENT ON COLUMN @store@.attester.seen_from IS 'It has seen all that transactions before this one have committed';
COMMENT ON COLUMN @store@.attester.transaction IS 'Who wrote the row last: reappraise() looks whether it was there the last time';

CREATE TABLE @store@.attester_environment (
	attester text NOT NULL,
	environment coserv.environment NOT NULL,
	offers coserv.cbor NOT NULL,
	keys bigint[] NOT NULL
);
CREATE INDEX attester_environment_attester ON @store@.attester_environment (attester);
CREATE INDEX attester_environment_gin ON @store@.attester_environment
	USING gin (environment coserv.environment_ops, offers coserv.triple_ops, keys pg_catalog.array_ops) WITH (fastupdate = off);
COMMENT ON TABLE @store@.attester_environment IS 'Environments of the last final ACS of each attester, by which a triple finds those that it could touch (derived)';
COMMENT ON COLUMN @store@.attester_environment.offers IS '[environment, all of its elements], as a reference triple has them';
COMMENT ON COLUMN @store@.attester_environment.keys IS 'coserv.touches, coserv.file_key: elements that nobody speaks of, that are contradicted, that may be files';

CREATE TABLE @store@.appraisal (
	attester text NOT NULL,
	moment timestamptz NOT NULL,
	ordinal integer NOT NULL,
	environment coserv.environment,
	verdict coserv.cbor NOT NULL,
	manifests uuid[] NOT NULL,
	digest bytea NOT NULL,
	appraised_by text NOT NULL DEFAULT current_user,
	PRIMARY KEY (attester, moment, ordinal)
);
CREATE INDEX appraisal_moment ON @store@.appraisal (moment);
COMMENT ON TABLE @store@.appraisal IS 'How kept Evidence was appraised: at each moment a row an environment of the final ACS';
COMMENT ON COLUMN @store@.appraisal.verdict IS 'What verdict() says of each element: mkey, standing, manifest, ordinal, path, reason';
COMMENT ON COLUMN @store@.appraisal.manifests IS 'Whose triples took part';
COMMENT ON COLUMN @store@.appraisal.digest IS 'Of the verdict and of the ECTs: another one, another outcome, whoever''s document says so';

-- Who may not read kept Evidence may ask what would change and what lapses all the same: what reads it is called where he may, and is not
-- inlined (SET) into what asks for his rights before.

CREATE FUNCTION @store@.appraisals_of(attesters text[], as_of timestamptz)
	RETURNS TABLE (attester text, environment coserv.environment, verdict coserv.cbor, digest bytea)
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		SELECT a.name, j.environment, j.verdict, j.digest
		FROM @store@.attester a, LATERAL coserv.appraisal(@store_literal@::pg_catalog.regnamespace, a.evidence, as_of, a.verified_keys, a.verifier) j
		WHERE a.name = ANY (attesters);
	END;
COMMENT ON FUNCTION @store@.appraisals_of(text[], timestamptz) IS 'How the kept Evidence of attesters is appraised at a moment, NULL: now; nothing is written';

CREATE FUNCTION @store@.expiring_attesters(until timestamptz) RETURNS TABLE (attester text, holds_until timestamptz)
	LANGUAGE sql STABLE PARALLEL RESTRICTED SET jit = off
	BEGIN ATOMIC
		SELECT a.name, a.holds_until FROM @store@.attester a WHERE a.holds_until < until;
	END;
COMMENT ON FUNCTION @store@.expiring_attesters(timestamptz) IS 'Attesters for which something that they name begins or ends to count before a moment';

CREATE FUNCTION @store@.keep_evidence_for(period interval) RETURNS void
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		DELETE FROM @store@.appraisal WHERE period IS NULL;
		DELETE FROM @store@.attester_environment WHERE period IS NULL;
		DELETE FROM @store@.attester WHERE period IS NULL;
		DELETE FROM @store@.retention WHERE keep_evidence_for.period IS NULL;
		INSERT INTO @store@.retention (period, cursor)
			SELECT keep_evidence_for.period, coserv.cursor(@store_literal@::pg_catalog.regnamespace) WHERE keep_evidence_for.period IS NOT NULL
			ON CONFLICT (id) DO UPDATE SET period = excluded.period;
	END;
COMMENT ON FUNCTION @store@.keep_evidence_for(interval) IS 'Let the store keep Evidence for so long (forget_evidence() is what forgets it); NULL: keep none, and forget what is kept';

CREATE FUNCTION @store@.forget_evidence(attester text DEFAULT NULL) RETURNS bigint
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		WITH old AS MATERIALIZED (
			SELECT a.name FROM @store@.attester a, @store@.retention r
			WHERE CASE WHEN forget_evidence.attester IS NULL THEN a.kept_at < pg_catalog.now() - r.period ELSE a.name = forget_evidence.attester END
		), environments AS (
			DELETE FROM @store@.attester_environment e USING old WHERE e.attester = old.name
		), appraisals AS (
			DELETE FROM @store@.appraisal p USING @store@.retention r
			WHERE CASE WHEN forget_evidence.attester IS NULL THEN p.moment < pg_catalog.now() - r.period ELSE p.attester = forget_evidence.attester END
		), attesters AS (
			DELETE FROM @store@.attester a USING old WHERE a.name = old.name RETURNING a.name
		)
		SELECT pg_catalog.count(*) FROM attesters;
	END;
COMMENT ON FUNCTION @store@.forget_evidence(text) IS 'Forget one attester, or Evidence and appraisals that are older than they are to be kept; answers how many attesters are forgotten';

CREATE FUNCTION @store@.appraisals(as_of timestamptz DEFAULT NULL) RETURNS SETOF @store@.appraisal
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT p.* FROM @store@.appraisal p
		WHERE p.moment = (SELECT pg_catalog.max(q.moment) FROM @store@.appraisal q
			WHERE q.attester = p.attester AND (as_of IS NULL OR q.moment <= as_of));
	END;
COMMENT ON FUNCTION @store@.appraisals(timestamptz) IS 'The last appraisal of each attester, as it was known at a moment; NULL: now';
