-- Reverse look-up: who states this digest, key or value, of everything that counts at a moment (doc/views.md). Rows are those of
-- reference_value, with the kind of the triple and the role in it. The index leads to chunks of a document's triples, which are
-- rechecked; a CoSWID's files are found by its keys, and then by the links to its tag.

CREATE TABLE @store@.search_key (
	manifest uuid NOT NULL,
	tag integer,
	first integer,
	last integer,
	keys bigint[] NOT NULL
);
CREATE INDEX search_key_manifest ON @store@.search_key (manifest);
CREATE INDEX search_key_keys ON @store@.search_key USING gin (keys coserv.search_key_ops) WITH (gin_pending_list_limit = 64);
CREATE INDEX triple_coswid ON @store@.triple (manifest, ordinal) WHERE kind = @CS_TRIPLE_COSWID@;
COMMENT ON TABLE @store@.search_key IS 'What reverse look-up searches: hashes of the values and keys in a run of a manifest''s triples, or of the files in a CoSWID, a row each (derived)';
COMMENT ON COLUMN @store@.search_key.tag IS 'The CoSWID''s position; NULL: triples';
COMMENT ON COLUMN @store@.search_key.first IS 'Ordinal of the first triple';
COMMENT ON COLUMN @store@.search_key.last IS 'Ordinal of the last triple';
COMMENT ON COLUMN @store@.search_key.keys IS 'coserv.document_search_keys';

CREATE FUNCTION @store@.coswid_files_at(as_of timestamptz)
	RETURNS TABLE (environment coserv.environment, tag_id text, tag_version numeric, software_name text, software_version text, source text,
				   path text, name text, size numeric, version text, digest_alg text, digest bytea, key boolean,
				   authority text, profile text, not_before timestamptz, not_after timestamptz, manifest uuid, ordinal integer,
				   tag_manifest uuid, tag_ordinal integer, "position" integer)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT t.environment, l.tag_id, g.tag_version, f.software_name, f.software_version, f.source,
			f.path, f.name, f.size, f.version, f.digest_alg, f.digest, f.key,
			t.authority, t.profile, GREATEST(t.not_before, g.not_before), LEAST(t.not_after, g.not_after), t.manifest, t.ordinal,
			g.manifest, g.ordinal, f.position
		FROM @store@.triples_at(as_of) t, LATERAL coserv.coswid_tag_ids(t.content) l,
			LATERAL (SELECT g.manifest, g.ordinal, g.tag_version, d.document, d.payload, g.not_before, g.not_after
				FROM (SELECT g.* FROM @store@.tags_at(as_of) g WHERE g.tag_id = l.tag_id AND g.authority_id = t.authority_id AND g.kind = 'coswid' OFFSET 0) g,
					LATERAL coserv.document(@store_literal@::pg_catalog.regnamespace, g.manifest) d OFFSET 0) g,
			LATERAL coserv.coswid_files(coserv.tag_content(g.document, g.ordinal, g.payload)) f
		WHERE t.kind = @CS_TRIPLE_COSWID@;
	END;
COMMENT ON FUNCTION @store@.coswid_files_at(timestamptz) IS 'Files of the CoSWID tags that are linked to an environment at a moment, both tags and links counting then';

CREATE FUNCTION @store@.mentions(digest bytea, as_of timestamptz DEFAULT NULL)
	RETURNS TABLE (@mention_types@)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT @mention_columns@
		FROM (SELECT s.manifest, s.first, s.last FROM @store@.search_key s WHERE s.tag IS NULL AND s.keys OPERATOR(coserv.@@) mentions.digest OFFSET 0) s,
			LATERAL (SELECT t.* FROM @store@.triples_at(as_of) t
				WHERE t.manifest = s.manifest AND t.ordinal BETWEEN s.first AND s.last AND t.content OPERATOR(coserv.@@) mentions.digest OFFSET 0) t,
			LATERAL coserv.measurements(t.content, t.kind) v
		WHERE v.measurement::coserv.cbor OPERATOR(coserv.@@) mentions.digest
		UNION ALL
		SELECT t.kind, coserv.triple_kind(t.kind), f.source, NULL::integer, t.environment, coserv.environment_vendor(t.environment),
			coserv.environment_model(t.environment), coserv.environment_class_id(t.environment),
			coserv.environment_layer(t.environment), coserv.environment_index(t.environment),
			coserv.environment_instance(t.environment), coserv.environment_group(t.environment), NULL::coserv.crypto_key,
			@measurement_nulls name=f.path version=f.version digest_alg=f.digest_alg digest=f.digest@,
			t.authority, t.profile, GREATEST(t.not_before, g.not_before), LEAST(t.not_after, g.not_after),
			t.manifest, t.ordinal, f.position
		FROM (SELECT s.manifest, s.tag FROM @store@.search_key s
				WHERE s.tag IS NOT NULL AND s.keys OPERATOR(coserv.@@) mentions.digest OFFSET 0) s,
			LATERAL (SELECT g.manifest, g.ordinal, g.tag_id, g.authority_id, d.document, d.payload, g.not_before, g.not_after
				FROM (SELECT g.* FROM @store@.tags_at(as_of) g WHERE g.manifest = s.manifest AND g.ordinal = s.tag OFFSET 0) g,
					LATERAL coserv.document(@store_literal@::pg_catalog.regnamespace, g.manifest) d OFFSET 0) g,
			LATERAL (SELECT f.* FROM coserv.coswid_files(coserv.tag_content(g.document, g.ordinal, g.payload)) f
				WHERE f.digest = mentions.digest OFFSET 0) f,
			LATERAL (SELECT t.* FROM @store@.triples_at(as_of) t
				WHERE t.kind = @CS_TRIPLE_COSWID@ AND t.authority_id = g.authority_id
					AND EXISTS (SELECT FROM coserv.coswid_tag_ids(t.content) l WHERE l.tag_id = g.tag_id) OFFSET 0) t;
	END;
COMMENT ON FUNCTION @store@.mentions(bytea, timestamptz) IS 'Who speaks of a digest at a moment, under any algorithm: measurements of every kind of triple, and files of linked CoSWID tags';

CREATE FUNCTION @store@.vouchers(digest bytea, as_of timestamptz DEFAULT NULL)
	RETURNS TABLE (@mention_types@)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT m.* FROM @store@.mentions(vouchers.digest, vouchers.as_of) m WHERE m.role NOT IN ('condition', 'common');
	END;
COMMENT ON FUNCTION @store@.vouchers(bytea, timestamptz) IS 'Who states a digest at a moment, under any algorithm: measurements of every kind of triple, and files of linked CoSWID tags';

CREATE FUNCTION @store@.mentions_of_key(key coserv.crypto_key, as_of timestamptz DEFAULT NULL)
	RETURNS TABLE (@mention_types@)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT @mention_key_columns@
		FROM (SELECT s.manifest, s.first, s.last FROM @store@.search_key s WHERE s.tag IS NULL AND s.keys OPERATOR(coserv.@@) mentions_of_key.key OFFSET 0) s,
			LATERAL (SELECT t.* FROM @store@.triples_at(as_of) t
				WHERE t.manifest = s.manifest AND t.ordinal BETWEEN s.first AND s.last AND t.kind IN (@CS_TRIPLE_IDENTITY@, @CS_TRIPLE_ATTEST_KEY@) AND t.content OPERATOR(coserv.@@) mentions_of_key.key OFFSET 0) t,
			LATERAL coserv.keys(t.content) k
		WHERE k.key::coserv.cbor OPERATOR(coserv.@@) mentions_of_key.key
		UNION ALL
		SELECT @mention_columns@
		FROM (SELECT s.manifest, s.first, s.last FROM @store@.search_key s WHERE s.tag IS NULL AND s.keys OPERATOR(coserv.@@) mentions_of_key.key OFFSET 0) s,
			LATERAL (SELECT t.* FROM @store@.triples_at(as_of) t
				WHERE t.manifest = s.manifest AND t.ordinal BETWEEN s.first AND s.last AND t.content OPERATOR(coserv.@@) mentions_of_key.key OFFSET 0) t,
			LATERAL coserv.measurements(t.content, t.kind) v
		WHERE v.measurement::coserv.cbor OPERATOR(coserv.@@) mentions_of_key.key;
	END;
COMMENT ON FUNCTION @store@.mentions_of_key(coserv.crypto_key, timestamptz) IS 'Who speaks of a key at a moment: as an identity or attestation key, or in cryptokeys; a certificate is also found by its key and by thumbprints of both';

CREATE FUNCTION @store@.vouchers_of_key(key coserv.crypto_key, as_of timestamptz DEFAULT NULL)
	RETURNS TABLE (@mention_types@)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT m.* FROM @store@.mentions_of_key(vouchers_of_key.key, vouchers_of_key.as_of) m WHERE m.role NOT IN ('condition', 'common');
	END;
COMMENT ON FUNCTION @store@.vouchers_of_key(coserv.crypto_key, timestamptz) IS 'Who states a key at a moment: as an identity or attestation key, or in cryptokeys; a certificate is also found by its key and by thumbprints of both';

CREATE FUNCTION @store@.mentions_of(measurement coserv.measurement, as_of timestamptz DEFAULT NULL)
	RETURNS TABLE (@mention_types@)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT @mention_columns@
		FROM (SELECT s.manifest, s.first, s.last FROM @store@.search_key s WHERE s.tag IS NULL AND s.keys OPERATOR(coserv.@@) mentions_of.measurement OFFSET 0) s,
			LATERAL (SELECT t.* FROM @store@.triples_at(as_of) t
				WHERE t.manifest = s.manifest AND t.ordinal BETWEEN s.first AND s.last AND t.content OPERATOR(coserv.@@) mentions_of.measurement OFFSET 0) t,
			LATERAL coserv.measurements(t.content, t.kind) v
		WHERE v.measurement::coserv.cbor OPERATOR(coserv.@@) mentions_of.measurement;
	END;
COMMENT ON FUNCTION @store@.mentions_of(coserv.measurement, timestamptz) IS 'Who speaks of all of these values at a moment, as a statement or as a condition of one; mkey and authorized-by count where they are given';

CREATE FUNCTION @store@.vouchers_of(measurement coserv.measurement, as_of timestamptz DEFAULT NULL)
	RETURNS TABLE (@mention_types@)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT m.* FROM @store@.mentions_of(vouchers_of.measurement, vouchers_of.as_of) m WHERE m.role NOT IN ('condition', 'common');
	END;
COMMENT ON FUNCTION @store@.vouchers_of(coserv.measurement, timestamptz) IS 'Who states all of these values at a moment; mkey and authorized-by count where they are given';
