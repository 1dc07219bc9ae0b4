/*
 * profiles_arm.c - Arm's profiles: PSA (draft-fdb-rats-psa-endorsements, and the example of draft-ietf-rats-corim), CCA platform and CCA
 * realm (draft-ydb-rats-cca-endorsements). CCA adds no member: its measurement keys are texts. What they demand of triples beyond the CDDL
 * of CoRIM is the second half of this file; documents of their first drafts, which have other identifiers, are held to none of it.
 */
#include "profiles.h"

#define PSA "draft-fdb-rats-psa-endorsements"
#define CCA "draft-ydb-rats-cca-endorsements"

/* ---- what triples must be ---- */

#define IMPLEMENTATION_ID 32
#define INSTANCE_ID 33
#define UEID_RAND 1

static bool
is_hash(const cs_item *bytes)
{
	return !bytes->indefinite && (bytes->arg == 32 || bytes->arg == 48 || bytes->arg == 64);
}

static bool
check_hash(cs_ctx *ctx, const cs_item *bytes)
{
	return is_hash(bytes) || cs_fail(ctx, CS_INVALID, "a hash has 32, 48 or 64 bytes");
}

static bool
check_instance(cs_ctx *ctx, const cs_item *bytes)
{
	return (!bytes->indefinite && bytes->arg == INSTANCE_ID && bytes->content[0] == UEID_RAND) ||
		cs_fail(ctx, CS_INVALID, "an instance id is a UEID of type RAND: 01 and 32 bytes");
}

/* The only one, "psa.software-component" and the like. */
static bool
has_mkey(const cs_item *measurement, const char *name)
{
	cs_item mkey;

	return cs_is(measurement, CS_MAP) && cs_map_get(measurement, CS_MEASUREMENT_MKEY, &mkey) && cs_text_is(&mkey, name);
}

static size_t
count_mkey(const cs_item *measurements, const char *name)
{
	cs_iter it;
	cs_item measurement;
	size_t count = 0;

	for (it = cs_iterate(measurements); cs_next(&it, &measurement);)
		count += has_mkey(&measurement, name);
	return count;
}

static BYTES(hash, "hash-type", CCA, .check = check_hash);
static TAGGED(tagged_hash, "tagged-bytes", CCA, CS_TAG_BYTES, hash);

/* environments: an implementation id, and for keys an instance id */
static BYTES_SIZE(implementation_id, "implementation-id-type", CCA, IMPLEMENTATION_ID, IMPLEMENTATION_ID);
static TAGGED(tagged_implementation_id, "impl-id-tagged-bytes", CCA, CS_TAG_BYTES, implementation_id);
static const cs_field class_fields[] = {
	FIELD(CS_CLASS_CLASS_ID, "class-id", tagged_implementation_id),
};
static STRUCT(class, "class-map", CCA, class_fields, .extensible = true);
static const cs_field environment_fields[] = {
	FIELD(CS_ENVIRONMENT_CLASS, "class", class),
};
static STRUCT(environment, "environment-map", CCA, environment_fields, .extensible = true);

static BYTES(instance_id, "eat-ueid-rand-type", CCA, .check = check_instance);
static TAGGED(tagged_instance_id, "inst-id-tagged-ueid", CCA, CS_TAG_UEID, instance_id);
static const cs_field instance_fields[] = {
	FIELD(CS_ENVIRONMENT_CLASS, "class", class),
	FIELD(CS_ENVIRONMENT_INSTANCE, "instance", tagged_instance_id),
};
static STRUCT(instance, "environment-map", CCA, instance_fields, .extensible = true);

/* one key, as text */
static TAGGED(key, "tagged-pkix-base64-key-type", CCA, CS_TAG_PKIX_BASE64_KEY, cs_rule_text);
static RULE(one_key, CS_LIST, "key-list", CCA, .min = 1, .max = 1, .of = &key);
static const cs_field key_fields[] = {
	AT("environment", instance),
	AT("key-list", one_key),
};
static RECORD(attest_key, "attest-key-triple-record", CCA, key_fields, .extensible = true);

/* software components */
static const cs_field version_fields[] = {
	FIELD(0, "version", cs_rule_text),
};
static STRUCT(version, "swcomp-version-map", CCA, version_fields);
static const cs_field digest_fields[] = {
	AT("alg", cs_rule_text),
	AT("val", hash),
};
static RECORD(digest, "digest", CCA, digest_fields);
static LIST(digests, "digests-type", CCA, 1, digest);
static RULE(signer_id, CS_LIST, "cryptokeys", CCA, .min = 1, .max = 1, .of = &tagged_hash);
static const cs_field component_fields[] = {
	OPT(CS_MVAL_VERSION, "version", version),
	FIELD(CS_MVAL_DIGESTS, "digests", digests),
	OPT(CS_MVAL_NAME, "name", cs_rule_text),
	FIELD(CS_MVAL_CRYPTOKEYS, "cryptokeys", signer_id),
};
static STRUCT(component, "swcomp-measurement-values-map", CCA, component_fields);

static bool
is_component(const cs_item *measurement)
{
	return has_mkey(measurement, "cca.software-component");
}

static const cs_field cca_component_fields[] = {
	FIELD(CS_MEASUREMENT_MKEY, "mkey", cs_rule_text),
	FIELD(CS_MEASUREMENT_MVAL, "mval", component),
};
static STRUCT(cca_component, "cca-swcomp-measurement-map", CCA, cca_component_fields, .suits = is_component);

/* PSA: nothing but software components */
static LITERAL(psa_mkey, "psa-swcomp-mkey", PSA, "psa.software-component");
static const cs_field psa_component_fields[] = {
	FIELD(CS_MEASUREMENT_MKEY, "mkey", psa_mkey),
	FIELD(CS_MEASUREMENT_MVAL, "mval", component),
};
static STRUCT(psa_component, "psa-swcomp-measurement-map", PSA, psa_component_fields);
static LIST(psa_components, "measurements", PSA, 1, psa_component);
static const cs_field psa_reference_fields[] = {
	AT("ref-env", environment),
	AT("ref-claims", psa_components),
};
static RECORD(psa_reference, "reference-triple-record", PSA, psa_reference_fields);

/* CCA platform: software components, and perhaps its configuration */
static bool
is_config(const cs_item *measurement)
{
	return has_mkey(measurement, "cca.platform-config");
}

static TAGGED(masked, "cca-config-tagged-masked-raw-value", CCA, CS_TAG_MASKED_RAW_VALUE, cs_rule_masked_raw_value);
static const cs_field config_values_fields[] = {
	FIELD(CS_MVAL_RAW_VALUE, "raw-value", masked),
};
static STRUCT(config_values, "cca-config-measurement-values-map", CCA, config_values_fields);
static const cs_field config_fields[] = {
	FIELD(CS_MEASUREMENT_MKEY, "mkey", cs_rule_text),
	FIELD(CS_MEASUREMENT_MVAL, "mval", config_values),
};
static STRUCT(config, "cca-config-measurement-map", CCA, config_fields, .suits = is_config);

static bool
is_no_platform(const cs_item *measurement)
{
	return !is_component(measurement) && !is_config(measurement);
}

static bool
check_no_platform(cs_ctx *ctx, const cs_item *measurement)
{
	(void) measurement;
	return cs_fail(ctx, CS_INVALID, "mkey is neither \"cca.software-component\" nor \"cca.platform-config\"");
}

static ANY(no_platform, "measurement-map", CCA, .suits = is_no_platform, .check = check_no_platform);
static const cs_rule *const platform_choices[] = { &cca_component, &config, &no_platform };
static CHOICE(platform_measurement, "measurement-map", CCA, platform_choices);

static bool
check_platform(cs_ctx *ctx, const cs_item *measurements)
{
	if (count_mkey(measurements, "cca.software-component") == 0)
		return cs_fail(ctx, CS_INVALID, "there is no \"cca.software-component\"");
	return count_mkey(measurements, "cca.platform-config") <= 1 ||
		cs_fail(ctx, CS_INVALID, "there is more than one \"cca.platform-config\"");
}

static LIST(platform_measurements, "measurements", CCA, 1, platform_measurement, .check = check_platform);
static const cs_field platform_reference_fields[] = {
	AT("ref-env", environment),
	AT("ref-claims", platform_measurements),
};
static RECORD(platform_reference, "reference-triple-record", CCA, platform_reference_fields);

/* CCA realm: the class is its initial measurement */
static const cs_field realm_class_fields[] = {
	FIELD(CS_CLASS_CLASS_ID, "class-id", tagged_hash),
};
static STRUCT(realm_class, "class-map", CCA, realm_class_fields, .extensible = true);
static const cs_field realm_environment_fields[] = {
	FIELD(CS_ENVIRONMENT_CLASS, "class", realm_class),
};
static STRUCT(realm_environment, "environment-map", CCA, realm_environment_fields, .extensible = true);

static const cs_field realm_digest_fields[] = {
	AT("alg", cs_rule_int_or_text),
	AT("val", hash),
};
static RECORD(realm_digest, "digest", CCA, realm_digest_fields);
static RULE(realm_digests, CS_LIST, "digests-type", CCA, .min = 1, .max = 1, .of = &realm_digest);
static const cs_field measured_values_fields[] = {
	FIELD(CS_MVAL_DIGESTS, "digests", realm_digests),
};
static STRUCT(measured_values, "measurement-values-map", CCA, measured_values_fields);

static bool
is_measured(const cs_item *measurement)
{
	static const char *const names[] = { "cca.rim", "cca.rem0", "cca.rem1", "cca.rem2", "cca.rem3" };

	for (size_t i = 0; i < CS_LENGTH(names); i++)
		if (has_mkey(measurement, names[i]))
			return true;
	return false;
}

static const cs_field measured_fields[] = {
	FIELD(CS_MEASUREMENT_MKEY, "mkey", cs_rule_text),
	FIELD(CS_MEASUREMENT_MVAL, "mval", measured_values),
};
static STRUCT(measured, "measurement-map", CCA, measured_fields, .suits = is_measured);

static bool
is_personal(const cs_item *measurement)
{
	return has_mkey(measurement, "cca.rpv");
}

static const cs_field personal_values_fields[] = {
	FIELD(CS_MVAL_RAW_VALUE, "raw-value", cs_rule_tagged_bytes),
};
static STRUCT(personal_values, "measurement-values-map", CCA, personal_values_fields);
static const cs_field personal_fields[] = {
	FIELD(CS_MEASUREMENT_MKEY, "mkey", cs_rule_text),
	FIELD(CS_MEASUREMENT_MVAL, "mval", personal_values),
};
static STRUCT(personal, "measurement-map", CCA, personal_fields, .suits = is_personal);

static bool
is_no_realm(const cs_item *measurement)
{
	return !is_measured(measurement) && !is_personal(measurement);
}

static bool
check_no_realm(cs_ctx *ctx, const cs_item *measurement)
{
	(void) measurement;
	return cs_fail(ctx, CS_INVALID, "mkey is none of \"cca.rim\", \"cca.rem0\" to \"cca.rem3\" and \"cca.rpv\"");
}

static ANY(no_realm, "measurement-map", CCA, .suits = is_no_realm, .check = check_no_realm);
static const cs_rule *const realm_choices[] = { &measured, &personal, &no_realm };
static CHOICE(realm_measurement, "measurement-map", CCA, realm_choices);

static bool
check_realm(cs_ctx *ctx, const cs_item *measurements)
{
	return count_mkey(measurements, "cca.rim") > 0 || cs_fail(ctx, CS_INVALID, "there is no \"cca.rim\"");
}

static LIST(realm_measurements, "measurements", CCA, 1, realm_measurement, .check = check_realm);
static const cs_field realm_reference_fields[] = {
	AT("ref-env", realm_environment),
	AT("ref-claims", realm_measurements),
};
static RECORD(realm_reference, "reference-triple-record", CCA, realm_reference_fields);

/* ---- PSA ---- */

/* "[0-9]{13} - [0-9]{5}" */
static bool
check_cert_num(cs_ctx *ctx, const cs_item *text)
{
	static const char form[] = "0000000000000 - 00000";
	bool good = !text->indefinite && text->arg == sizeof(form) - 1;

	for (size_t i = 0; good && i < sizeof(form) - 1; i++)
		good = form[i] == '0' ? text->content[i] >= '0' && text->content[i] <= '9' : text->content[i] == (uint8_t) form[i];
	return good || cs_fail(ctx, CS_INVALID, "a certificate number is thirteen digits, \" - \" and five digits");
}

static TEXT(psa_cert_num, "psa-cert-num-type", PSA);
static const cs_field psa_mval[] = {
	VALUE(100, "psa-cert-num", psa_cert_num, EQUAL),
};
static const cs_profile_extension psa_extensions[] = {
	EXTENDS(cs_rule_measurement_values_map, psa_mval),
};
static TEXT(checked_cert_num, "psa-cert-num-type", PSA, .check = check_cert_num);
static const cs_field psa_values_fields[] = {
	OPT(100, "psa-cert-num", checked_cert_num),
};
static STRUCT(psa_values, "measurement-values-map", PSA, psa_values_fields, .extensible = true);
static const cs_profile_record psa_records[] = {
	{ &cs_rule_measurement_values_map, &psa_values },
	{ &cs_rule_reference_triple_record, &psa_reference },
	{ &cs_rule_attest_key_triple_record, &attest_key },
};
static const char *const psa_ids[] = { "tag:arm.com,2025:psa*", NULL };
const cs_profile cs_profile_psa = {
	.name = "psa", .title = "Arm PSA Endorsements", .ids = psa_ids, .source = PSA, EXTENSIONS(psa_extensions), RECORDS(psa_records)
};

static const char *const psa_first_ids[] = { "http://arm.com/psa/iot/1", "http://arm.com/psa/2.0.0", NULL };
const cs_profile cs_profile_psa_first = {
	.name = "psa", .title = "Arm PSA Endorsements", .ids = psa_first_ids, .source = PSA, EXTENSIONS(psa_extensions)
};

/* ---- CCA ---- */

static const cs_profile_record platform_records[] = {
	{ &cs_rule_reference_triple_record, &platform_reference },
	{ &cs_rule_attest_key_triple_record, &attest_key },
};
static const char *const cca_platform_ids[] = { "tag:arm.com,2025:cca_platform*", NULL };
const cs_profile cs_profile_cca_platform = {
	.name = "cca-platform", .title = "Arm CCA Platform Endorsements", .ids = cca_platform_ids, .source = CCA, RECORDS(platform_records)
};

static const char *const cca_platform_first_ids[] = { "http://arm.com/cca/ssd/1", NULL };
const cs_profile cs_profile_cca_platform_first = {
	.name = "cca-platform", .title = "Arm CCA Platform Endorsements", .ids = cca_platform_first_ids, .source = CCA
};

static const cs_profile_record realm_records[] = {
	{ &cs_rule_reference_triple_record, &realm_reference },
};
static const char *const cca_realm_ids[] = { "tag:arm.com,2025:cca_realm*", NULL };
const cs_profile cs_profile_cca_realm = {
	.name = "cca-realm", .title = "Arm CCA Realm Endorsements", .ids = cca_realm_ids, .source = CCA, RECORDS(realm_records)
};

static const char *const cca_realm_first_ids[] = { "http://arm.com/cca/realm/1", NULL };
const cs_profile cs_profile_cca_realm_first = {
	.name = "cca-realm", .title = "Arm CCA Realm Endorsements", .ids = cca_realm_first_ids, .source = CCA
};
