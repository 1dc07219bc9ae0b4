-- Files of CoSWID tags as Reference Values (doc/conformance.md, decision 94).

CREATE FUNCTION @store@.measured_files(environment coserv.environment, paths text[], as_of timestamptz)
	RETURNS TABLE (manifest uuid, ordinal integer, environment coserv.environment, path text, digest_alg text, digest bytea,
				   shown_as coserv.crypto_key, profile text, authority_id uuid)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT DISTINCT ON (t.manifest, t.ordinal, f.path, f.digest_alg, f.digest) t.manifest, t.ordinal, t.environment, f.path, f.digest_alg, f.digest, t.shown_as, t.profile,
			t.authority_id
		FROM (SELECT t.* FROM @store@.triples_at(as_of) t
				WHERE t.kind = @CS_TRIPLE_COSWID@ AND t.environment OPERATOR(coserv.<@) measured_files.environment OFFSET 0) t,
			LATERAL (SELECT f.* FROM @store@.coswid_files_at(as_of) f WHERE f.manifest = t.manifest AND f.ordinal = t.ordinal OFFSET 0) f
		WHERE f.path = ANY (paths) AND f.digest IS NOT NULL
		ORDER BY 1, 2, 4, 5, 6;
	END;
COMMENT ON FUNCTION @store@.measured_files(coserv.environment, text[], timestamptz) IS 'Hashes of files at these paths, of the CoSWID tags that are linked to a part of the environment at a moment';
