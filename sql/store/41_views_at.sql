-- The views that are asked most, as of any moment: functions that answer rows of the view, of what counted then.

CREATE FUNCTION @store@.current_triple_at(as_of timestamptz) RETURNS SETOF @store@.current_triple
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT t.kind, coserv.triple_kind(t.kind), t.environment,
			coserv.environment_vendor(t.environment),
			coserv.environment_model(t.environment),
			coserv.environment_class_id(t.environment),
			coserv.environment_layer(t.environment),
			coserv.environment_index(t.environment),
			coserv.environment_instance(t.environment),
			coserv.environment_group(t.environment),
			t.content, t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal
		FROM @store@.triples_at(current_triple_at.as_of) t;
	END;
COMMENT ON FUNCTION @store@.current_triple_at(timestamptz) IS 'The view current_triple as it was at a moment';

CREATE FUNCTION @store@.reference_value_at(as_of timestamptz) RETURNS SETOF @store@.reference_value
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT t.environment, t.vendor, t.model, t.class_id, t.layer, t.index, t.instance, t.group_id,
			@measurement_columns v@,
			t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal, v.position
		FROM @store@.current_triple_at(reference_value_at.as_of) t, LATERAL coserv.measurements(t.triple, t.kind) v
		WHERE t.kind OPERATOR(pg_catalog.=) @CS_TRIPLE_REFERENCE@::pg_catalog.int2;
	END;
COMMENT ON FUNCTION @store@.reference_value_at(timestamptz) IS 'The view reference_value as it was at a moment';

CREATE FUNCTION @store@.endorsed_value_at(as_of timestamptz) RETURNS SETOF @store@.endorsed_value
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT t.environment, t.vendor, t.model, t.class_id, t.layer, t.index, t.instance, t.group_id,
			@measurement_columns v@,
			t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal, v.position
		FROM @store@.current_triple_at(endorsed_value_at.as_of) t, LATERAL coserv.measurements(t.triple, t.kind) v
		WHERE t.kind OPERATOR(pg_catalog.=) @CS_TRIPLE_ENDORSED@::pg_catalog.int2;
	END;
COMMENT ON FUNCTION @store@.endorsed_value_at(timestamptz) IS 'The view endorsed_value as it was at a moment';

CREATE FUNCTION @store@.attest_key_at(as_of timestamptz) RETURNS SETOF @store@.attest_key
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT t.environment, t.vendor, t.model, t.class_id, t.layer, t.index, t.instance, t.group_id,
			k.key, k.key_type, k.mkey, k.authorized_by,
			t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal, k.position
		FROM @store@.current_triple_at(attest_key_at.as_of) t, LATERAL coserv.keys(t.triple) k
		WHERE t.kind OPERATOR(pg_catalog.=) @CS_TRIPLE_ATTEST_KEY@::pg_catalog.int2;
	END;
COMMENT ON FUNCTION @store@.attest_key_at(timestamptz) IS 'The view attest_key as it was at a moment';

CREATE FUNCTION @store@.identity_key_at(as_of timestamptz) RETURNS SETOF @store@.identity_key
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT t.environment, t.vendor, t.model, t.class_id, t.layer, t.index, t.instance, t.group_id,
			k.key, k.key_type, k.mkey, k.authorized_by,
			t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal, k.position
		FROM @store@.current_triple_at(identity_key_at.as_of) t, LATERAL coserv.keys(t.triple) k
		WHERE t.kind OPERATOR(pg_catalog.=) @CS_TRIPLE_IDENTITY@::pg_catalog.int2;
	END;
COMMENT ON FUNCTION @store@.identity_key_at(timestamptz) IS 'The view identity_key as it was at a moment';
