-- Typed columns for applications: one row a measurement or a key, of everything that counts now. A reader needs SELECT on
-- the tables below, and their row-level security applies.

CREATE VIEW @store@.current_triple WITH (security_invoker = true) AS
	SELECT t.kind, t.environment,
		coserv.environment_vendor(t.environment) AS vendor,
		coserv.environment_model(t.environment) AS model,
		coserv.environment_class_id(t.environment) AS class_id,
		coserv.environment_layer(t.environment) AS layer,
		coserv.environment_index(t.environment) AS index,
		coserv.environment_instance(t.environment) AS instance,
		coserv.environment_group(t.environment) AS group_id,
		t.content AS triple, t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal
	FROM @store@.triples_at(pg_catalog.now()) t;
COMMENT ON VIEW @store@.current_triple IS 'Every triple that counts now, its environment as columns';

CREATE VIEW @store@.reference_value WITH (security_invoker = true) AS
	SELECT t.environment, t.vendor, t.model, t.class_id, t.layer, t.index, t.instance, t.group_id,
		v.mkey, v.name, v.version, v.svn, v.min_svn, v.digest_alg, v.digest, v.raw_value, v.raw_value_mask, v.serial_number,
		v.authorized_by, v.measurement, t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal, v.position
	FROM @store@.current_triple t, LATERAL coserv.measurements(t.triple) v
	WHERE t.kind = 0;
COMMENT ON VIEW @store@.reference_value IS 'Reference values: one row a measurement';

CREATE VIEW @store@.endorsed_value WITH (security_invoker = true) AS
	SELECT t.environment, t.vendor, t.model, t.class_id, t.layer, t.index, t.instance, t.group_id,
		v.mkey, v.name, v.version, v.svn, v.min_svn, v.digest_alg, v.digest, v.raw_value, v.raw_value_mask, v.serial_number,
		v.authorized_by, v.measurement, t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal, v.position
	FROM @store@.current_triple t, LATERAL coserv.measurements(t.triple) v
	WHERE t.kind = 1;
COMMENT ON VIEW @store@.endorsed_value IS 'Unconditionally endorsed values: one row a measurement';

CREATE VIEW @store@.attest_key WITH (security_invoker = true) AS
	SELECT t.environment, t.vendor, t.model, t.class_id, t.layer, t.index, t.instance, t.group_id,
		k.key, k.key_type, k.mkey, k.authorized_by, t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal, k.position
	FROM @store@.current_triple t, LATERAL coserv.keys(t.triple) k
	WHERE t.kind = 3;
COMMENT ON VIEW @store@.attest_key IS 'Attestation keys: one row a key';

CREATE VIEW @store@.identity_key WITH (security_invoker = true) AS
	SELECT t.environment, t.vendor, t.model, t.class_id, t.layer, t.index, t.instance, t.group_id,
		k.key, k.key_type, k.mkey, k.authorized_by, t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal, k.position
	FROM @store@.current_triple t, LATERAL coserv.keys(t.triple) k
	WHERE t.kind = 2;
COMMENT ON VIEW @store@.identity_key IS 'Device identity keys: one row a key';
