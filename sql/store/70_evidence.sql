-- Evidence as Attesters send it, appraised over this store (doc/evidence.md). A parsed body depends on no operator class, and pg_upgrade makes
-- functions first: what is sorted and grouped here is bytea.

CREATE FUNCTION @store@.evidence_keys(format text, evidence bytea, certificates bytea DEFAULT NULL, signature bytea DEFAULT NULL,
	registers bytea DEFAULT NULL, event_log bytea DEFAULT NULL, as_of timestamptz DEFAULT @store@.moment(),
	known_environment coserv.environment DEFAULT NULL)
	RETURNS TABLE (key coserv.crypto_key, environment coserv.environment, manifest uuid, ordinal integer)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT DISTINCT ON (k.key::bytea, t.environment::bytea, t.manifest, t.ordinal) k.key, t.environment, t.manifest, t.ordinal
		FROM (SELECT DISTINCT ON (e.environment::bytea) e.environment
				FROM coserv.evidence(format, evidence, certificates => certificates, signature => signature, registers => registers,
					event_log => event_log, at => as_of, unverified => true, known_environment => known_environment) e) c,
			LATERAL (SELECT t.* FROM @store@.triples_at(as_of) t
				WHERE t.kind = @CS_TRIPLE_ATTEST_KEY@ AND t.environment OPERATOR(coserv.<@) c.environment OFFSET 0) t,
			LATERAL coserv.keys(t.content) k
		WHERE k.mkey IS NULL AND k.authorized_by IS NULL;
	END;
COMMENT ON FUNCTION @store@.evidence_keys(text, bytea, bytea, bytea, bytea, bytea, timestamptz, coserv.environment) IS 'Keys of attest-key triples that may have signed this Evidence, by the environment that it claims: it is not verified here';

-- What was sent, verified with keys and with those of attest-key triples: e.ects, and e.verified_keys, what signed it.
-- @begin verified_evidence
		FROM (SELECT pg_catalog.array_agg(u.key) AS keys, pg_catalog.array_agg(u.environment) AS environments
				FROM (SELECT k.key, NULL::coserv.environment AS environment FROM pg_catalog.unnest(keys) AS k (key)
						UNION ALL
						SELECT f.key, f.environment
						FROM @store@.evidence_keys(format, evidence, certificates, signature, registers, event_log, as_of, known_environment) f) u) t,
			LATERAL (SELECT coserv.evidence_ects(format, evidence, t.keys, certificates, signature, registers, event_log, expected_nonce,
						as_of, false, t.environments, known_environment) AS ects,
					ARRAY(SELECT DISTINCT ON (v.key::bytea) v.key
						FROM coserv.evidence(format, evidence, t.keys, certificates, signature, registers, event_log, expected_nonce,
							as_of, false, t.environments, known_environment) e, LATERAL pg_catalog.unnest(e.verified_keys) AS v (key)
						ORDER BY v.key::bytea) AS verified_keys
				OFFSET 0) e
-- @end

CREATE FUNCTION @store@.appraise_evidence(format text, evidence bytea, keys coserv.crypto_key[] DEFAULT NULL, certificates bytea DEFAULT NULL,
	signature bytea DEFAULT NULL, registers bytea DEFAULT NULL, event_log bytea DEFAULT NULL, expected_nonce bytea DEFAULT NULL,
	as_of timestamptz DEFAULT @store@.moment(), verifier coserv.crypto_key[] DEFAULT NULL,
	known_environment coserv.environment DEFAULT NULL)
	RETURNS TABLE (ect coserv.cbor, cmtype text, environment coserv.environment, authority coserv.cbor, profile text,
				   manifest uuid, ordinal integer, round integer)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT a.*
		@verified_evidence@,
			LATERAL coserv.appraise(@store_literal@::pg_catalog.regnamespace, e.ects, as_of, e.verified_keys, verifier) a;
	END;
COMMENT ON FUNCTION @store@.appraise_evidence(text, bytea, coserv.crypto_key[], bytea, bytea, bytea, bytea, bytea, timestamptz, coserv.crypto_key[], coserv.environment) IS 'The final ACS for what an Attester sent: verified with keys and with those of attest-key triples for its environment, then appraised';

CREATE FUNCTION @store@.keep_evidence(attester text, format text, evidence bytea, keys coserv.crypto_key[] DEFAULT NULL, certificates bytea DEFAULT NULL,
	signature bytea DEFAULT NULL, registers bytea DEFAULT NULL, event_log bytea DEFAULT NULL, expected_nonce bytea DEFAULT NULL,
	verifier coserv.crypto_key[] DEFAULT NULL, known_environment coserv.environment DEFAULT NULL) RETURNS SETOF @store@.appraisal
	LANGUAGE sql VOLATILE PARALLEL UNSAFE
	BEGIN ATOMIC
		SELECT k.*
		FROM (SELECT @store@.moment() AS as_of OFFSET 0) now, LATERAL (SELECT e.ects, e.verified_keys
			@verified_evidence@) e,
			LATERAL @store@.keep_appraisal(attester, e.ects, e.verified_keys, verifier) k;
	END;
COMMENT ON FUNCTION @store@.keep_evidence(text, text, bytea, coserv.crypto_key[], bytea, bytea, bytea, bytea, bytea, coserv.crypto_key[], coserv.environment) IS 'Verify what an Attester sent, as appraise_evidence() does, appraise it and keep it: its ECTs and not its bytes, nonce or signature';
