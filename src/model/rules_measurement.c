/*
 * rules_measurement.c - measurement-map and every value that a measurement-values-map has a codepoint for
 * (draft-ietf-rats-corim sections 5.1.4.5 to 5.1.4.8).
 */
#include "cbor/number.h"
#include "rules.h"

#define MEASUREMENT "draft-ietf-rats-corim section 5.1.4."

/* ---- keys of measured elements ---- */

/* Measurement keys of PSA's and CCA's first drafts; draft-birkholz-rats-corim gave 600 to what 601 became. */
static const cs_field psa_refval_id_fields[] = {
	OPT(1, "measurement-type", cs_rule_text),
	OPT(4, "version", cs_rule_text),
	FIELD(5, "signer-id", cs_rule_bytes),
};
static STRUCT(psa_refval_id, "psa-refval-id", "draft-tschofenig-rats-psa-endorsements", psa_refval_id_fields, .extensible = true);
static TAGGED(
	tag_601, "tagged-psa-refval-id", "draft-tschofenig-rats-psa-endorsements", CS_TAG_PSA_REFVAL_ID, psa_refval_id, .legacy = "tag-601");
static TAGGED(tag_600, "tagged-psa-refval-id", "draft-birkholz-rats-corim", CS_TAG_PSA_600, psa_refval_id, .legacy = "tag-600");
static const cs_field cca_config_id_fields[] = {
	FIELD(1, "label", cs_rule_text),
};
static STRUCT(cca_config_id_map, "cca-platform-config-id", "draft-ydb-rats-cca-endorsements", cca_config_id_fields);
static const cs_rule *const cca_config_id_choices[] = { &cs_rule_text, &cca_config_id_map };
static CHOICE(cca_config_id, "cca-platform-config-id", "draft-ydb-rats-cca-endorsements", cca_config_id_choices);
static TAGGED(tag_602, "tagged-cca-platform-config-id", "draft-ydb-rats-cca-endorsements", CS_TAG_CCA_PLATFORM_CONFIG_ID, cca_config_id,
	.legacy = "tag-602");

UINT(cs_rule_mkey_number, "uint", MEASUREMENT "5.1");
static const cs_rule *const measured_element_choices[] = { &cs_rule_tagged_oid_type, &cs_rule_tagged_uuid_type, &cs_rule_mkey_number,
	&cs_rule_text, &tag_600, &tag_601, &tag_602 };
CHOICE(
	cs_rule_measured_element_type_choice, "measured-element-type-choice", MEASUREMENT "5.1", measured_element_choices, .extensible = true);

/* ---- values ---- */

static const cs_field version_fields[] = {
	FIELD(CS_VERSION_VERSION, "version", cs_rule_text),
	OPT(CS_VERSION_VERSION_SCHEME, "version-scheme", cs_rule_version_scheme),
};
STRUCT(cs_rule_version_map, "version-map", MEASUREMENT "5.3", version_fields);

static UINT(svn, "svn", MEASUREMENT "5.4");
static TAGGED(tagged_svn, "tagged-svn", MEASUREMENT "5.4", CS_TAG_SVN, svn);
static TAGGED(tagged_min_svn, "tagged-min-svn", MEASUREMENT "5.4", CS_TAG_MIN_SVN, svn);
static const cs_rule *const svn_choices[] = { &svn, &tagged_svn, &tagged_min_svn };
static CHOICE(svn_type_choice, "svn-type-choice", MEASUREMENT "5.4", svn_choices);

static const cs_field flags_fields[] = {
	OPT(0, "is-configured", cs_rule_bool),
	OPT(1, "is-secure", cs_rule_bool),
	OPT(2, "is-recovery", cs_rule_bool),
	OPT(3, "is-debug", cs_rule_bool),
	OPT(4, "is-replay-protected", cs_rule_bool),
	OPT(5, "is-integrity-protected", cs_rule_bool),
	OPT(6, "is-runtime-meas", cs_rule_bool),
	OPT(7, "is-immutable", cs_rule_bool),
	OPT(8, "is-tcb", cs_rule_bool),
	OPT(9, "is-confidentiality-protected", cs_rule_bool),
	OPT(10, "is-runtime-updatable", cs_rule_bool),
};
STRUCT(cs_rule_flags_map, "flags-map", MEASUREMENT "5.5", flags_fields, .extensible = true, .non_empty = true);
static UINT(flag_bits, "op-flags", "draft-birkholz-rats-corim", .legacy = "flag-bits");
static BYTES_SIZE(flag_byte, "op-flags", "draft-birkholz-rats-corim", 1, 8, .legacy = "flag-bits");
static const cs_rule *const flags_choices[] = { &cs_rule_flags_map, &flag_bits, &flag_byte };
static CHOICE(flags_choice, "flags-map", MEASUREMENT "5.5", flags_choices);

static const cs_field masked_raw_value_fields[] = {
	AT("value", cs_rule_bytes),
	AT("mask", cs_rule_bytes),
};
RECORD(cs_rule_masked_raw_value, "masked-raw-value", MEASUREMENT "5.6", masked_raw_value_fields);
static TAGGED(tagged_masked_raw_value, "tagged-masked-raw-value", MEASUREMENT "5.6", CS_TAG_MASKED_RAW_VALUE, cs_rule_masked_raw_value);
static BYTES(untagged_raw_value, "raw-value-type-choice", MEASUREMENT "5.6", .legacy = "untagged-raw-value");
static const cs_rule *const raw_value_choices[] = { &cs_rule_tagged_bytes, &tagged_masked_raw_value, &untagged_raw_value };
static CHOICE(raw_value_type_choice, "raw-value-type-choice", MEASUREMENT "5.6", raw_value_choices, .extensible = true);

static BYTES_SIZE(eui48, "eui48-addr-type", MEASUREMENT "5.7", 6, 6);
static BYTES_SIZE(eui64, "eui64-addr-type", MEASUREMENT "5.7", 8, 8);
static const cs_rule *const mac_addr_choices[] = { &eui48, &eui64 };
static CHOICE(mac_addr_type_choice, "mac-addr-type-choice", MEASUREMENT "5.7", mac_addr_choices);

/* The text has RFC 9164's types "with the CBOR tag removed"; tools that read that document the other way write the tags. */
static BYTES_SIZE(ipv4, "ipv4-address", MEASUREMENT "5.7", 4, 4);
static BYTES_SIZE(ipv6, "ipv6-address", MEASUREMENT "5.7", 16, 16);
static TAGGED(tagged_ipv4, "ipv4-address", "RFC 9164 section 5", CS_TAG_IPV4, ipv4);
static TAGGED(tagged_ipv6, "ipv6-address", "RFC 9164 section 5", CS_TAG_IPV6, ipv6);
static const cs_rule *const ip_addr_choices[] = { &ipv4, &ipv6, &tagged_ipv4, &tagged_ipv6 };
static CHOICE(ip_addr_type_choice, "ip-addr-type-choice", MEASUREMENT "5.7", ip_addr_choices);

static const cs_rule *const register_id_choices[] = { &cs_rule_uint, &cs_rule_text };
static CHOICE(register_id, "integrity-register-id-type-choice", MEASUREMENT "7", register_id_choices);
static TABLE(integrity_registers, "integrity-registers", MEASUREMENT "7", 1, register_id, cs_rule_digests_type);

/* Of int-range and number-range; NaN is no bound (doc/conformance.md, decision 33). */
static bool
check_range(cs_ctx *ctx, const cs_item *item)
{
	cs_item bounds[2];
	bool open[2];
	int order;

	for (uint64_t i = 0; i < 2; i++)
	{
		if (!cs_array_get(item, i, &bounds[i]))
			return true;
		open[i] = cs_is_null(&bounds[i]);
		if (!open[i] && !cs_number_compare(&bounds[i], &bounds[i], &order))
			return cs_fail(ctx, CS_INVALID, "bound of a range is not a number");
	}
	return open[0] || open[1] || !cs_number_compare(&bounds[0], &bounds[1], &order) || order <= 0 ||
		cs_fail(ctx, CS_INVALID, "range has its minimum above its maximum");
}

static const cs_rule *const bound_choices[] = { &cs_rule_int, &cs_rule_null };
static CHOICE(bound, "int / null", MEASUREMENT "8", bound_choices);
static const cs_field int_range_fields[] = {
	AT("min", bound),
	AT("max", bound),
};
static RECORD(int_range, "int-range", MEASUREMENT "8", int_range_fields, .check = check_range);
static TAGGED(tagged_int_range, "tagged-int-range", MEASUREMENT "8", CS_TAG_INT_RANGE, int_range);
static const cs_rule *const int_range_choices[] = { &cs_rule_int, &tagged_int_range };
static CHOICE(int_range_type_choice, "int-range-type-choice", MEASUREMENT "8", int_range_choices);

/* Values of no particular meaning, and sets and ranges of them for conditions (draft-ietf-rats-corim, pull requests 622, 715 and 716). */
static const cs_rule *const number_bound_choices[] = { &cs_rule_number, &cs_rule_null };
static CHOICE(number_bound, "number / null", MEASUREMENT "9", number_bound_choices);
static const cs_field number_range_fields[] = {
	AT("min", number_bound),
	AT("max", number_bound),
};
static RECORD(number_range, "number-range", MEASUREMENT "9", number_range_fields, .check = check_range);
static TAGGED(tagged_number_range, "tagged-number-range", MEASUREMENT "9", CS_TAG_NUMBER_RANGE, number_range);
static LIST(number_set, "number-set", MEASUREMENT "9", 2, cs_rule_number);
static TAGGED(tagged_number_set, "tagged-number-set", MEASUREMENT "9", CS_TAG_SET, number_set);
static const cs_rule *const number_matcher_choices[] = { &cs_rule_number, &tagged_number_range, &tagged_number_set };
static CHOICE(number_matcher, "number-matcher", MEASUREMENT "9", number_matcher_choices);
static LIST(text_set, "text-set", MEASUREMENT "9", 2, cs_rule_text);
static TAGGED(tagged_text_set, "tagged-text-set", MEASUREMENT "9", CS_TAG_SET, text_set);
static const cs_rule *const text_matcher_choices[] = { &cs_rule_text, &tagged_text_set };
static CHOICE(text_matcher, "text-matcher", MEASUREMENT "9", text_matcher_choices);
static LIST(bytes_set, "bytes-set", MEASUREMENT "9", 2, cs_rule_bytes);
static TAGGED(tagged_bytes_set, "tagged-bytes-set", MEASUREMENT "9", CS_TAG_SET, bytes_set);
static const cs_rule *const bytes_matcher_choices[] = { &cs_rule_bytes, &tagged_bytes_set };
static CHOICE(bytes_matcher, "bytes-matcher", MEASUREMENT "9", bytes_matcher_choices);

/* ---- measurements ---- */

/* The mask of old stands in one group with the value that it masks. */
static bool
check_measurement_values(cs_ctx *ctx, const cs_item *item)
{
	cs_item value;

	if (!cs_map_get(item, CS_MVAL_RAW_VALUE_MASK, &value) || cs_map_get(item, CS_MVAL_RAW_VALUE, &value))
		return true;
	return cs_fail(ctx, CS_INVALID, "raw-value-mask-DEPRECATED (5) needs a raw-value (4)");
}

static LIST(cryptokeys, "cryptokeys", MEASUREMENT "5.2", 1, cs_rule_crypto_key);
static const cs_field measurement_values_fields[] = {
	VALUE(CS_MVAL_VERSION, "version", cs_rule_version_map, VERSION),
	VALUE(CS_MVAL_SVN, "svn", svn_type_choice, SVN),
	VALUE(CS_MVAL_DIGESTS, "digests", cs_rule_digests_type, DIGESTS),
	VALUE(CS_MVAL_FLAGS, "flags", flags_choice, FLAGS),
	VALUE(CS_MVAL_RAW_VALUE, "raw-value", raw_value_type_choice, MASK),
	OPT(CS_MVAL_RAW_VALUE_MASK, "raw-value-mask-DEPRECATED", cs_rule_bytes),
	VALUE(6, "mac-addr", mac_addr_type_choice, EQUAL),
	VALUE(7, "ip-addr", ip_addr_type_choice, EQUAL),
	VALUE(8, "serial-number", cs_rule_text, EQUAL),
	VALUE(9, "ueid", cs_rule_ueid_type, EQUAL),
	VALUE(10, "uuid", cs_rule_uuid_type, EQUAL),
	VALUE(CS_MVAL_NAME, "name", cs_rule_text, EQUAL),
	VALUE(CS_MVAL_CRYPTOKEYS, "cryptokeys", cryptokeys, KEYS),
	VALUE(CS_MVAL_INTEGRITY_REGISTERS, "integrity-registers", integrity_registers, REGISTERS),
	VALUE(CS_MVAL_INT_RANGE, "int-range", int_range_type_choice, INT_RANGE),
	VALUE(16, "bool", cs_rule_bool, MATCHER),
	VALUE(17, "number", number_matcher, MATCHER),
	VALUE(18, "text", text_matcher, MATCHER),
	VALUE(19, "bytes", bytes_matcher, MATCHER),
};
STRUCT(cs_rule_measurement_values_map, "measurement-values-map", MEASUREMENT "5.2", measurement_values_fields, .extensible = true,
	.non_empty = true, .check = check_measurement_values);

static TAGGED(single_key, "crypto-key-type-choice", MEASUREMENT "6", CS_TAG_PKIX_BASE64_KEY, cs_rule_text, .legacy = "single-key");
static const cs_rule *const authorized_by_choices[] = { &cs_rule_key_list, &single_key };
CHOICE(cs_rule_authorized_by, "authorized-by", MEASUREMENT "5", authorized_by_choices);

static const cs_field measurement_fields[] = {
	OPT(CS_MEASUREMENT_MKEY, "mkey", cs_rule_measured_element_type_choice),
	FIELD(CS_MEASUREMENT_MVAL, "mval", cs_rule_measurement_values_map),
	OPT(CS_MEASUREMENT_AUTHORIZED_BY, "authorized-by", cs_rule_authorized_by),
};
STRUCT(cs_rule_measurement_map, "measurement-map", MEASUREMENT "5", measurement_fields);

/* Up to draft-ietf-rats-corim-05 one measurement-map stood where the list of them stands now. */
static LIST(measurement_list, "measurements", MEASUREMENT "5", 1, cs_rule_measurement_map);
static LIST(measurement_list_or_none, "measurements", MEASUREMENT "5", 0, cs_rule_measurement_map);
static STRUCT(single_measurement, "measurement-map", "draft-ietf-rats-corim-05", measurement_fields, .legacy = "single-measurement-map");
static const cs_rule *const measurement_list_choices[] = { &measurement_list, &single_measurement };
CHOICE(cs_rule_measurement_list, "measurements", MEASUREMENT "5", measurement_list_choices);
static const cs_rule *const measurement_list_or_none_choices[] = { &measurement_list_or_none, &single_measurement };
CHOICE(cs_rule_measurement_list_or_none, "measurements", MEASUREMENT "5", measurement_list_or_none_choices);

const cs_rule *const cs_rules_measurement[] = { &cs_rule_measured_element_type_choice, &cs_rule_version_map, &svn, &tagged_svn,
	&tagged_min_svn, &svn_type_choice, &cs_rule_flags_map, &raw_value_type_choice, &tagged_masked_raw_value, &mac_addr_type_choice,
	&ip_addr_type_choice, &integrity_registers, &int_range, &tagged_int_range, &int_range_type_choice, &number_matcher, &text_matcher,
	&bytes_matcher, &cs_rule_measurement_values_map, &cs_rule_measurement_map, NULL };
