-- The views of a store (doc/views.md) over all members. Each is a function too, of the same name: of the environments that contain one
-- (NULL: of all), as of a moment (NULL: each member's now). The members find them by their indexes; a condition on a view they do not see.

-- @begin view_arguments
environment coserv.environment DEFAULT NULL, as_of timestamptz DEFAULT NULL
-- @end
-- @begin triples_of
coserv.federation_triples(@store_literal@::pg_catalog.regnamespace, 'environment',
-- @end
-- @begin environment_of_e
e.environment, coserv.environment_vendor(e.environment), coserv.environment_model(e.environment), coserv.environment_class_id(e.environment),
			coserv.environment_layer(e.environment), coserv.environment_index(e.environment), coserv.environment_instance(e.environment),
			coserv.environment_group(e.environment)
-- @end
-- @begin source_types
authority text, profile text, not_before timestamptz, not_after timestamptz, manifest uuid, ordinal integer, "position" integer, member text
-- @end
-- @begin source_of_t
t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal
-- @end

CREATE FUNCTION @store@.current_triple(@view_arguments@)
	RETURNS TABLE (kind smallint, kind_name text, @environment_types@, triple coserv.cbor,
				   authority text, profile text, not_before timestamptz, not_after timestamptz, manifest uuid, ordinal integer, member text)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT t.kind, coserv.triple_kind(t.kind), @environment_of_t@,
			t.content, @source_of_t@, t.member
		FROM @triples_of@ current_triple.environment::pg_catalog.bytea, NULL::pg_catalog.int2[], current_triple.as_of) t;
	END;
COMMENT ON FUNCTION @store@.current_triple(coserv.environment, timestamptz) IS 'Every triple of environments that contain one, its environment as columns';

CREATE FUNCTION @store@.reference_value(@view_arguments@)
	RETURNS TABLE (@environment_types@,
				   @measurement_types@,
				   @source_types@)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT @environment_of_t@,
			@measurement_columns v@, @source_of_t@, v.position, t.member
		FROM @triples_of@ reference_value.environment::pg_catalog.bytea,
				ARRAY[@CS_TRIPLE_REFERENCE@]::pg_catalog.int2[], reference_value.as_of) t,
			LATERAL coserv.measurements(t.content, t.kind) v;
	END;
COMMENT ON FUNCTION @store@.reference_value(coserv.environment, timestamptz) IS 'Reference values: one row a measurement';

CREATE FUNCTION @store@.endorsed_value(@view_arguments@)
	RETURNS TABLE (@environment_types@,
				   @measurement_types@,
				   @source_types@)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT @environment_of_t@,
			@measurement_columns v@, @source_of_t@, v.position, t.member
		FROM @triples_of@ endorsed_value.environment::pg_catalog.bytea,
				ARRAY[@CS_TRIPLE_ENDORSED@]::pg_catalog.int2[], endorsed_value.as_of) t,
			LATERAL coserv.measurements(t.content, t.kind) v;
	END;
COMMENT ON FUNCTION @store@.endorsed_value(coserv.environment, timestamptz) IS 'Unconditionally endorsed values: one row a measurement';

CREATE FUNCTION @store@.attest_key(@view_arguments@)
	RETURNS TABLE (@environment_types@, key coserv.crypto_key, key_type text, mkey text, authorized_by coserv.crypto_key[],
				   @source_types@)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT @environment_of_t@,
			k.key, k.key_type, k.mkey, k.authorized_by, @source_of_t@, k.position, t.member
		FROM @triples_of@ attest_key.environment::pg_catalog.bytea,
				ARRAY[@CS_TRIPLE_ATTEST_KEY@]::pg_catalog.int2[], attest_key.as_of) t,
			LATERAL coserv.keys(t.content) k;
	END;
COMMENT ON FUNCTION @store@.attest_key(coserv.environment, timestamptz) IS 'Attestation keys: one row a key';

CREATE FUNCTION @store@.identity_key(@view_arguments@)
	RETURNS TABLE (@environment_types@, key coserv.crypto_key, key_type text, mkey text, authorized_by coserv.crypto_key[],
				   @source_types@)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT @environment_of_t@,
			k.key, k.key_type, k.mkey, k.authorized_by, @source_of_t@, k.position, t.member
		FROM @triples_of@ identity_key.environment::pg_catalog.bytea,
				ARRAY[@CS_TRIPLE_IDENTITY@]::pg_catalog.int2[], identity_key.as_of) t,
			LATERAL coserv.keys(t.content) k;
	END;
COMMENT ON FUNCTION @store@.identity_key(coserv.environment, timestamptz) IS 'Device identity keys: one row a key';

CREATE FUNCTION @store@.conditional_endorsement(@view_arguments@)
	RETURNS TABLE (role text, number integer, @environment_types@,
				   @measurement_types@,
				   @source_types@)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT v.role, v.number, @environment_of_v@,
			@measurement_columns v@, @source_of_t@, v.position, t.member
		FROM @triples_of@ conditional_endorsement.environment::pg_catalog.bytea,
				ARRAY[@CS_TRIPLE_CONDITIONAL_ENDORSEMENT@]::pg_catalog.int2[], conditional_endorsement.as_of) t,
			LATERAL coserv.measurements(t.content, t.kind) v;
	END;
COMMENT ON FUNCTION @store@.conditional_endorsement(coserv.environment, timestamptz) IS 'Conditional endorsements whose first condition is of such an environment: one row a measurement of a condition and of an endorsement';

CREATE FUNCTION @store@.conditional_endorsement_series(@view_arguments@)
	RETURNS TABLE (role text, number integer, @environment_types@, common_authorized_by coserv.crypto_key[],
				   @measurement_types@,
				   @source_types@)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT v.role, v.number, @environment_of_t@, v.common_authorized_by,
			@measurement_columns v@, @source_of_t@, v.position, t.member
		FROM @triples_of@ conditional_endorsement_series.environment::pg_catalog.bytea,
				ARRAY[@CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES@]::pg_catalog.int2[], conditional_endorsement_series.as_of) t,
			LATERAL coserv.measurements(t.content, t.kind) v;
	END;
COMMENT ON FUNCTION @store@.conditional_endorsement_series(coserv.environment, timestamptz) IS 'Conditional endorsement series: one row a measurement of the common condition, of an item''s condition and of its addition';

CREATE FUNCTION @store@.domain_membership(@view_arguments@)
	RETURNS TABLE (@environment_types@,
				   member_environment coserv.environment, member_vendor text, member_model text, member_class_id text, member_layer bigint,
				   member_index bigint, member_instance text, member_group_id text,
				   @source_types@)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT @environment_of_t@,
			@environment_of_e@, @source_of_t@, e.position, t.member
		FROM @triples_of@ domain_membership.environment::pg_catalog.bytea,
				ARRAY[@CS_TRIPLE_MEMBERSHIP@]::pg_catalog.int2[], domain_membership.as_of) t,
			LATERAL coserv.environments(t.content) e;
	END;
COMMENT ON FUNCTION @store@.domain_membership(coserv.environment, timestamptz) IS 'Domain memberships: one row a member';

CREATE FUNCTION @store@.trust_dependency(@view_arguments@)
	RETURNS TABLE (@environment_types@,
				   trustee_environment coserv.environment, trustee_vendor text, trustee_model text, trustee_class_id text, trustee_layer bigint,
				   trustee_index bigint, trustee_instance text, trustee_group_id text,
				   @source_types@)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT @environment_of_t@,
			@environment_of_e@, @source_of_t@, e.position, t.member
		FROM @triples_of@ trust_dependency.environment::pg_catalog.bytea,
				ARRAY[@CS_TRIPLE_DEPENDENCY@]::pg_catalog.int2[], trust_dependency.as_of) t,
			LATERAL coserv.environments(t.content) e;
	END;
COMMENT ON FUNCTION @store@.trust_dependency(coserv.environment, timestamptz) IS 'Trust dependencies: one row a trustee';

CREATE FUNCTION @store@.coswid_link(@view_arguments@)
	RETURNS TABLE (@environment_types@, tag_id text,
				   @source_types@)
	LANGUAGE sql STABLE PARALLEL RESTRICTED
	BEGIN ATOMIC
		SELECT @environment_of_t@,
			c.tag_id, @source_of_t@, c.position, t.member
		FROM @triples_of@ coswid_link.environment::pg_catalog.bytea,
				ARRAY[@CS_TRIPLE_COSWID@]::pg_catalog.int2[], coswid_link.as_of) t,
			LATERAL coserv.coswid_tag_ids(t.content) c;
	END;
COMMENT ON FUNCTION @store@.coswid_link(coserv.environment, timestamptz) IS 'CoSWID tags that are linked to an environment: one row a tag id';

-- All of it, now.

CREATE VIEW @store@.current_triple WITH (security_invoker = true) AS SELECT t.* FROM @store@.current_triple() t;
COMMENT ON VIEW @store@.current_triple IS 'What current_triple() answers now, of all environments: a condition is looked at when all of it is here';

CREATE VIEW @store@.reference_value WITH (security_invoker = true) AS SELECT t.* FROM @store@.reference_value() t;
COMMENT ON VIEW @store@.reference_value IS 'What reference_value() answers now, of all environments: a condition is looked at when all of it is here';

CREATE VIEW @store@.endorsed_value WITH (security_invoker = true) AS SELECT t.* FROM @store@.endorsed_value() t;
COMMENT ON VIEW @store@.endorsed_value IS 'What endorsed_value() answers now, of all environments: a condition is looked at when all of it is here';

CREATE VIEW @store@.attest_key WITH (security_invoker = true) AS SELECT t.* FROM @store@.attest_key() t;
COMMENT ON VIEW @store@.attest_key IS 'What attest_key() answers now, of all environments: a condition is looked at when all of it is here';

CREATE VIEW @store@.identity_key WITH (security_invoker = true) AS SELECT t.* FROM @store@.identity_key() t;
COMMENT ON VIEW @store@.identity_key IS 'What identity_key() answers now, of all environments: a condition is looked at when all of it is here';

CREATE VIEW @store@.conditional_endorsement WITH (security_invoker = true) AS SELECT t.* FROM @store@.conditional_endorsement() t;
COMMENT ON VIEW @store@.conditional_endorsement IS 'What conditional_endorsement() answers now, of all environments: a condition is looked at when all of it is here';

CREATE VIEW @store@.conditional_endorsement_series WITH (security_invoker = true) AS SELECT t.* FROM @store@.conditional_endorsement_series() t;
COMMENT ON VIEW @store@.conditional_endorsement_series IS 'What conditional_endorsement_series() answers now, of all environments: a condition is looked at when all of it is here';

CREATE VIEW @store@.domain_membership WITH (security_invoker = true) AS SELECT t.* FROM @store@.domain_membership() t;
COMMENT ON VIEW @store@.domain_membership IS 'What domain_membership() answers now, of all environments: a condition is looked at when all of it is here';

CREATE VIEW @store@.trust_dependency WITH (security_invoker = true) AS SELECT t.* FROM @store@.trust_dependency() t;
COMMENT ON VIEW @store@.trust_dependency IS 'What trust_dependency() answers now, of all environments: a condition is looked at when all of it is here';

CREATE VIEW @store@.coswid_link WITH (security_invoker = true) AS SELECT t.* FROM @store@.coswid_link() t;
COMMENT ON VIEW @store@.coswid_link IS 'What coswid_link() answers now, of all environments: a condition is looked at when all of it is here';
