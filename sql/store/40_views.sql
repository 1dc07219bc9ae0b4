-- Typed columns for applications: one row a measurement, a key, a member or a file, of everything that counts now (doc/views.md). A reader
-- needs SELECT on the tables below, and their row-level security applies.

CREATE VIEW @store@.current_triple WITH (security_invoker = true) AS
	SELECT t.kind, coserv.triple_kind(t.kind) AS kind_name, t.environment,
		coserv.environment_vendor(t.environment) AS vendor,
		coserv.environment_model(t.environment) AS model,
		coserv.environment_class_id(t.environment) AS class_id,
		coserv.environment_layer(t.environment) AS layer,
		coserv.environment_index(t.environment) AS index,
		coserv.environment_instance(t.environment) AS instance,
		coserv.environment_group(t.environment) AS group_id,
		t.content AS triple, t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal
	FROM @store@.triples_now(NULL::timestamptz) t;
COMMENT ON VIEW @store@.current_triple IS 'Every triple that counts now, its environment as columns';
COMMENT ON COLUMN @store@.current_triple.kind IS 'Key in the triples-map: @triple_kinds@';
COMMENT ON COLUMN @store@.current_triple.environment IS 'Its subject; of 8 and 10 the first condition''s environment. Compare with @>, which an index serves';
COMMENT ON COLUMN @store@.current_triple.class_id IS 'UUIDs in canonical form, OIDs dotted, other bytes hexadecimal; so instance and group_id';
COMMENT ON COLUMN @store@.current_triple.not_after IS 'It counts until then: of the manifest, its signature and certificates, and the CoTL that activates it';

CREATE VIEW @store@.reference_value WITH (security_invoker = true) AS
	SELECT t.environment, t.vendor, t.model, t.class_id, t.layer, t.index, t.instance, t.group_id,
		@measurement_columns v@,
		t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal, v.position
	FROM @store@.current_triple t, LATERAL coserv.measurements(t.triple, t.kind) v
	WHERE t.kind = @CS_TRIPLE_REFERENCE@;
COMMENT ON VIEW @store@.reference_value IS 'Reference values: one row a measurement';
COMMENT ON COLUMN @store@.reference_value.environment IS 'Compare with @>, which an index serves';
@measurement_comments reference_value@

CREATE VIEW @store@.endorsed_value WITH (security_invoker = true) AS
	SELECT t.environment, t.vendor, t.model, t.class_id, t.layer, t.index, t.instance, t.group_id,
		@measurement_columns v@,
		t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal, v.position
	FROM @store@.current_triple t, LATERAL coserv.measurements(t.triple, t.kind) v
	WHERE t.kind = @CS_TRIPLE_ENDORSED@;
COMMENT ON VIEW @store@.endorsed_value IS 'Unconditionally endorsed values: one row a measurement';
COMMENT ON COLUMN @store@.endorsed_value.environment IS 'Compare with @>, which an index serves';
@measurement_comments endorsed_value@

CREATE VIEW @store@.attest_key WITH (security_invoker = true) AS
	SELECT t.environment, t.vendor, t.model, t.class_id, t.layer, t.index, t.instance, t.group_id,
		k.key, k.key_type, k.mkey, k.authorized_by,
		t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal, k.position
	FROM @store@.current_triple t, LATERAL coserv.keys(t.triple) k
	WHERE t.kind = @CS_TRIPLE_ATTEST_KEY@;
COMMENT ON VIEW @store@.attest_key IS 'Attestation keys: one row a key';
COMMENT ON COLUMN @store@.attest_key.key_type IS 'pkix-base64-key, pkix-base64-cert, cose-key, key-thumbprint, cert-thumbprint, ...';
COMMENT ON COLUMN @store@.attest_key.mkey IS 'The measured element that holds the key; NULL: the environment';
COMMENT ON COLUMN @store@.attest_key.authorized_by IS 'Keys that must have stated what the key is looked up by';

CREATE VIEW @store@.identity_key WITH (security_invoker = true) AS
	SELECT t.environment, t.vendor, t.model, t.class_id, t.layer, t.index, t.instance, t.group_id,
		k.key, k.key_type, k.mkey, k.authorized_by,
		t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal, k.position
	FROM @store@.current_triple t, LATERAL coserv.keys(t.triple) k
	WHERE t.kind = @CS_TRIPLE_IDENTITY@;
COMMENT ON VIEW @store@.identity_key IS 'Device identity keys: one row a key';
COMMENT ON COLUMN @store@.identity_key.key_type IS 'pkix-base64-key, pkix-base64-cert, cose-key, key-thumbprint, cert-thumbprint, ...';
COMMENT ON COLUMN @store@.identity_key.mkey IS 'The measured element that holds the key; NULL: the environment';
COMMENT ON COLUMN @store@.identity_key.authorized_by IS 'Keys that must have stated what the key is looked up by';

CREATE VIEW @store@.conditional_endorsement WITH (security_invoker = true) AS
	SELECT v.role, v.number, v.environment,
		coserv.environment_vendor(v.environment) AS vendor,
		coserv.environment_model(v.environment) AS model,
		coserv.environment_class_id(v.environment) AS class_id,
		coserv.environment_layer(v.environment) AS layer,
		coserv.environment_index(v.environment) AS index,
		coserv.environment_instance(v.environment) AS instance,
		coserv.environment_group(v.environment) AS group_id,
		@measurement_columns v@,
		t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal, v.position
	FROM @store@.current_triple t, LATERAL coserv.measurements(t.triple, t.kind) v
	WHERE t.kind = @CS_TRIPLE_CONDITIONAL_ENDORSEMENT@;
COMMENT ON VIEW @store@.conditional_endorsement IS 'Conditional endorsements: one row a measurement of a condition and of an endorsement';
COMMENT ON COLUMN @store@.conditional_endorsement.role IS 'condition or endorsement: the endorsements hold where all conditions of the triple (manifest, ordinal) do';
COMMENT ON COLUMN @store@.conditional_endorsement.number IS 'Which condition or endorsement of the triple, from 0; each has an environment of its own';
@measurement_comments conditional_endorsement@

CREATE VIEW @store@.conditional_endorsement_series WITH (security_invoker = true) AS
	SELECT v.role, v.number, t.environment, t.vendor, t.model, t.class_id, t.layer, t.index, t.instance, t.group_id, v.common_authorized_by,
		@measurement_columns v@,
		t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal, v.position
	FROM @store@.current_triple t, LATERAL coserv.measurements(t.triple, t.kind) v
	WHERE t.kind = @CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES@;
COMMENT ON VIEW @store@.conditional_endorsement_series IS 'Conditional endorsement series: one row a measurement of the common condition, of an item''s condition and of its addition';
COMMENT ON COLUMN @store@.conditional_endorsement_series.role IS 'common, condition or addition: the first item whose condition holds beside the common one adds its addition';
COMMENT ON COLUMN @store@.conditional_endorsement_series.number IS 'Which item of the series, from 0; NULL: the common condition';
COMMENT ON COLUMN @store@.conditional_endorsement_series.common_authorized_by IS 'authorized-by of the common condition, which goes before the measurements'' own';
COMMENT ON COLUMN @store@.conditional_endorsement_series.environment IS 'Compare with @>, which an index serves';
@measurement_comments conditional_endorsement_series@

CREATE VIEW @store@.domain_membership WITH (security_invoker = true) AS
	SELECT t.environment, t.vendor, t.model, t.class_id, t.layer, t.index, t.instance, t.group_id,
		e.environment AS member_environment,
		coserv.environment_vendor(e.environment) AS member_vendor,
		coserv.environment_model(e.environment) AS member_model,
		coserv.environment_class_id(e.environment) AS member_class_id,
		coserv.environment_layer(e.environment) AS member_layer,
		coserv.environment_index(e.environment) AS member_index,
		coserv.environment_instance(e.environment) AS member_instance,
		coserv.environment_group(e.environment) AS member_group_id,
		t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal, e.position
	FROM @store@.current_triple t, LATERAL coserv.environments(t.triple) e
	WHERE t.kind = @CS_TRIPLE_MEMBERSHIP@;
COMMENT ON VIEW @store@.domain_membership IS 'Domain memberships: one row a member';
COMMENT ON COLUMN @store@.domain_membership.environment IS 'The domain';

CREATE VIEW @store@.trust_dependency WITH (security_invoker = true) AS
	SELECT t.environment, t.vendor, t.model, t.class_id, t.layer, t.index, t.instance, t.group_id,
		e.environment AS trustee_environment,
		coserv.environment_vendor(e.environment) AS trustee_vendor,
		coserv.environment_model(e.environment) AS trustee_model,
		coserv.environment_class_id(e.environment) AS trustee_class_id,
		coserv.environment_layer(e.environment) AS trustee_layer,
		coserv.environment_index(e.environment) AS trustee_index,
		coserv.environment_instance(e.environment) AS trustee_instance,
		coserv.environment_group(e.environment) AS trustee_group_id,
		t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal, e.position
	FROM @store@.current_triple t, LATERAL coserv.environments(t.triple) e
	WHERE t.kind = @CS_TRIPLE_DEPENDENCY@;
COMMENT ON VIEW @store@.trust_dependency IS 'Trust dependencies: one row a trustee';
COMMENT ON COLUMN @store@.trust_dependency.environment IS 'The domain that trusts';

CREATE VIEW @store@.coswid_link WITH (security_invoker = true) AS
	SELECT t.environment, t.vendor, t.model, t.class_id, t.layer, t.index, t.instance, t.group_id,
		c.tag_id, t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal, c.position
	FROM @store@.current_triple t, LATERAL coserv.coswid_tag_ids(t.triple) c
	WHERE t.kind = @CS_TRIPLE_COSWID@;
COMMENT ON VIEW @store@.coswid_link IS 'CoSWID tags that are linked to an environment: one row a tag id';

CREATE VIEW @store@.coswid_reference_value WITH (security_invoker = true) AS
	SELECT f.environment,
		coserv.environment_vendor(f.environment) AS vendor,
		coserv.environment_model(f.environment) AS model,
		coserv.environment_class_id(f.environment) AS class_id,
		coserv.environment_layer(f.environment) AS layer,
		coserv.environment_index(f.environment) AS index,
		coserv.environment_instance(f.environment) AS instance,
		coserv.environment_group(f.environment) AS group_id,
		f.tag_id, f.tag_version, f.software_name, f.software_version, f.source, f.path, f.name, f.size, f.version,
		f.digest_alg, f.digest, f.key, f.authority, f.profile, f.not_before, f.not_after, f.manifest, f.ordinal,
		f.tag_manifest, f.tag_ordinal, f.position
	FROM @store@.coswid_files_at(NULL::timestamptz) f;
COMMENT ON VIEW @store@.coswid_reference_value IS 'Files of CoSWID tags that are linked to an environment: one row a file in the payload or evidence';
COMMENT ON COLUMN @store@.coswid_reference_value.tag_id IS 'The CoSWIDs, of the same authority as the link';
COMMENT ON COLUMN @store@.coswid_reference_value.source IS 'payload: what the software is; evidence: what was found where it was installed';
COMMENT ON COLUMN @store@.coswid_reference_value.path IS 'Directories and name; NULL beyond 4096 bytes';
COMMENT ON COLUMN @store@.coswid_reference_value.digest IS 'Look it up with vouchers(), which an index serves';
COMMENT ON COLUMN @store@.coswid_reference_value.key IS 'Whether the file is key to the software (RFC 9393)';
COMMENT ON COLUMN @store@.coswid_reference_value.ordinal IS 'Of the linking triple, whose manifest manifest is';
COMMENT ON COLUMN @store@.coswid_reference_value.tag_manifest IS 'The manifest that holds the CoSWID';
COMMENT ON COLUMN @store@.coswid_reference_value.not_after IS 'The earlier of the links and the CoSWIDs';
