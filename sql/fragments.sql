-- What the templates of stores and of federations have in common; src/pg/store and src/pg/federation see it through sql/expand.awk.

-- @begin environment_types
environment coserv.environment, vendor text, model text, class_id text, layer bigint, index bigint, instance text, group_id text
-- @end
-- @begin environment_of_t
t.environment, coserv.environment_vendor(t.environment), coserv.environment_model(t.environment), coserv.environment_class_id(t.environment),
			coserv.environment_layer(t.environment), coserv.environment_index(t.environment), coserv.environment_instance(t.environment),
			coserv.environment_group(t.environment)
-- @end
-- @begin environment_of_v
v.environment, coserv.environment_vendor(v.environment), coserv.environment_model(v.environment), coserv.environment_class_id(v.environment),
			coserv.environment_layer(v.environment), coserv.environment_index(v.environment), coserv.environment_instance(v.environment),
			coserv.environment_group(v.environment)
-- @end
-- @begin environment_of_f
f.environment, coserv.environment_vendor(f.environment), coserv.environment_model(f.environment), coserv.environment_class_id(f.environment),
			coserv.environment_layer(f.environment), coserv.environment_index(f.environment), coserv.environment_instance(f.environment),
			coserv.environment_group(f.environment)
-- @end

-- What mentions() and its kin answer (doc/views.md), and those columns of it that come of a triple t and a measurement v or a key k of it.
-- @begin mention_types
kind smallint, kind_name text, role text, number integer, @environment_types@, key coserv.crypto_key,
					@measurement_types@,
					authority text, profile text, not_before timestamptz, not_after timestamptz, manifest uuid, ordinal integer,
					"position" integer
-- @end
-- @begin mention_columns
t.kind, coserv.triple_kind(t.kind), v.role, v.number, @environment_of_v@, NULL::coserv.crypto_key,
			@measurement_columns v@, t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal, v.position
-- @end
-- @begin mention_key_columns
t.kind, coserv.triple_kind(t.kind), 'key', NULL::integer, @environment_of_t@, k.key,
			@measurement_nulls mkey=k.mkey authorized_by=k.authorized_by@,
			t.authority, t.profile, t.not_before, t.not_after, t.manifest, t.ordinal, k.position
-- @end
