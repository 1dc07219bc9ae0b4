-- Reverse look-up over all members: who states this digest, key or value (doc/views.md). Each member finds triples by its index, and their
-- measurements and keys are looked at here; files in CoSWID tags they look at themselves.

CREATE FUNCTION @store@.mentions(digest bytea, as_of timestamptz DEFAULT NULL)
	RETURNS TABLE (@mention_types@, member text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT @mention_columns@, t.member
		FROM coserv.federation_triples(@store_literal@::pg_catalog.regnamespace, 'digest', mentions.digest,
				NULL::pg_catalog.int2[], mentions.as_of) t,
			LATERAL coserv.measurements(t.content, t.kind) v
		WHERE v.measurement::coserv.cbor OPERATOR(coserv.@@) mentions.digest
		UNION ALL
		SELECT @CS_TRIPLE_COSWID@::pg_catalog.int2, coserv.triple_kind(@CS_TRIPLE_COSWID@::pg_catalog.int2), f.source, NULL::integer, @environment_of_f@,
			NULL::coserv.crypto_key, @measurement_nulls name=f.path version=f.version digest_alg=f.digest_alg digest=f.digest@,
			f.authority, f.profile, f.not_before, f.not_after, f.manifest, f.ordinal, f.position, f.member
		FROM (SELECT f.*, pg_catalog.min(f.member) OVER (PARTITION BY f.manifest) AS first
			FROM coserv.federation_files(@store_literal@::pg_catalog.regnamespace, mentions.digest, mentions.as_of) f) f
		WHERE f.member OPERATOR(pg_catalog.=) f.first;
	END;
COMMENT ON FUNCTION @store@.mentions(bytea, timestamptz) IS 'Who speaks of a digest, under any algorithm, at which member: measurements of every kind of triple, and files of linked CoSWID tags';

CREATE FUNCTION @store@.vouchers(digest bytea, as_of timestamptz DEFAULT NULL)
	RETURNS TABLE (@mention_types@, member text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT m.* FROM @store@.mentions(vouchers.digest, vouchers.as_of) m WHERE m.role NOT IN ('condition', 'common');
	END;
COMMENT ON FUNCTION @store@.vouchers(bytea, timestamptz) IS 'Who states a digest, under any algorithm, at which member: measurements of every kind of triple, and files of linked CoSWID tags';

CREATE FUNCTION @store@.mentions_of_key(key coserv.crypto_key, as_of timestamptz DEFAULT NULL)
	RETURNS TABLE (@mention_types@, member text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		WITH triples AS MATERIALIZED (SELECT t.* FROM coserv.federation_triples(@store_literal@::pg_catalog.regnamespace, 'key', mentions_of_key.key::pg_catalog.bytea,
				NULL::pg_catalog.int2[], mentions_of_key.as_of) t)
		SELECT @mention_key_columns@, t.member
		FROM triples t, LATERAL coserv.keys(t.content) k
		WHERE t.kind IN (@CS_TRIPLE_IDENTITY@, @CS_TRIPLE_ATTEST_KEY@) AND k.key::coserv.cbor OPERATOR(coserv.@@) mentions_of_key.key
		UNION ALL
		SELECT @mention_columns@, t.member
		FROM triples t, LATERAL coserv.measurements(t.content, t.kind) v
		WHERE v.measurement::coserv.cbor OPERATOR(coserv.@@) mentions_of_key.key;
	END;
COMMENT ON FUNCTION @store@.mentions_of_key(coserv.crypto_key, timestamptz) IS 'Who speaks of a key, at which member: as an identity or attestation key, or in cryptokeys; a certificate is also found by its key and by thumbprints of both';

CREATE FUNCTION @store@.vouchers_of_key(key coserv.crypto_key, as_of timestamptz DEFAULT NULL)
	RETURNS TABLE (@mention_types@, member text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT m.* FROM @store@.mentions_of_key(vouchers_of_key.key, vouchers_of_key.as_of) m WHERE m.role NOT IN ('condition', 'common');
	END;
COMMENT ON FUNCTION @store@.vouchers_of_key(coserv.crypto_key, timestamptz) IS 'Who states a key, at which member: as an identity or attestation key, or in cryptokeys; a certificate is also found by its key and by thumbprints of both';

CREATE FUNCTION @store@.mentions_of(measurement coserv.measurement, as_of timestamptz DEFAULT NULL)
	RETURNS TABLE (@mention_types@, member text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT @mention_columns@, t.member
		FROM coserv.federation_triples(@store_literal@::pg_catalog.regnamespace, 'measurement', mentions_of.measurement::pg_catalog.bytea,
				NULL::pg_catalog.int2[], mentions_of.as_of) t,
			LATERAL coserv.measurements(t.content, t.kind) v
		WHERE v.measurement::coserv.cbor OPERATOR(coserv.@@) mentions_of.measurement;
	END;
COMMENT ON FUNCTION @store@.mentions_of(coserv.measurement, timestamptz) IS 'Who speaks of all of these values, at which member, as a statement or as a condition of one; mkey and authorized-by count where they are given';

CREATE FUNCTION @store@.vouchers_of(measurement coserv.measurement, as_of timestamptz DEFAULT NULL)
	RETURNS TABLE (@mention_types@, member text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT m.* FROM @store@.mentions_of(vouchers_of.measurement, vouchers_of.as_of) m WHERE m.role NOT IN ('condition', 'common');
	END;
COMMENT ON FUNCTION @store@.vouchers_of(coserv.measurement, timestamptz) IS 'Who states all of these values, at which member; mkey and authorized-by count where they are given';
