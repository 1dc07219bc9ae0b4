/*
 * profiles_intel.c - the names of Intel's profiles: the Intel Profile for Remote Attestation (draft-cds-rats-intel-corim-profile),
 * and Platform Ownership Endorsements (draft-bzb-rats-intel-poe-endorsements).
 */
#include "profiles.h"

#define INTEL "draft-cds-rats-intel-corim-profile"
#define POE "draft-bzb-rats-intel-poe-endorsements"

/* ---- expressions: [operator, operand] in a tag ---- */

static const char *const operator_names[] = { [CS_OPERATOR_EQ] = "eq",
	[CS_OPERATOR_GT] = "gt",
	[CS_OPERATOR_GE] = "ge",
	[CS_OPERATOR_LT] = "lt",
	[CS_OPERATOR_LE] = "le",
	[CS_OPERATOR_MEM] = "mem",
	[CS_OPERATOR_NMEM] = "nmem" };
static INTEGER(operator, "operator", INTEL, 0, INT64_MAX, NAMED(operator_names));

static const cs_field numeric_fields[] = {
	AT("operator", operator),
	AT("reference-value", cs_rule_number),
};
static RECORD(numeric_expression, "numeric-expression", INTEL, numeric_fields);
static TAGGED(tagged_numeric, "tagged-numeric-expression", INTEL, CS_TAG_NUMERIC_EXPRESSION, numeric_expression);

static LIST(set_digest, "set-digest-type", INTEL, 0, cs_rule_digest);
static const cs_field set_digest_fields[] = {
	AT("operator", operator),
	AT("set", set_digest),
};
static RECORD(set_digest_expression, "set-digest-expression", INTEL, set_digest_fields);
static TAGGED(tagged_set_digest, "tagged-set-digest-expression", INTEL, CS_TAG_SET_DIGEST_EXPRESSION, set_digest_expression);

static LIST(set_tstr, "set-tstr-type", INTEL, 0, cs_rule_text);
static const cs_field set_tstr_fields[] = {
	AT("operator", operator),
	AT("set", set_tstr),
};
static RECORD(set_tstr_expression, "set-tstr-expression", INTEL, set_tstr_fields);
static TAGGED(tagged_set_tstr, "tagged-set-tstr-expression", INTEL, CS_TAG_SET_TSTR_EXPRESSION, set_tstr_expression);

/* ---- values. Tags of other drafts (etime 1001, period 1003, expressions of earlier versions) are kept. ---- */

static TAGGED(tee_time, "time", INTEL, CS_TAG_EPOCH_TIME, cs_rule_number);
static const cs_rule *const date_choices[] = { &cs_rule_text, &cs_rule_number, &cs_rule_tdate, &tee_time };
static CHOICE(date, "tee-date-type", INTEL, date_choices, .extensible = true);

static TAGGED(min_svn, "tagged-min-svn", "draft-ietf-rats-corim section 5.1.4.5.4", CS_TAG_MIN_SVN, cs_rule_uint);
static TAGGED(tagged_svn, "tagged-svn", "draft-ietf-rats-corim section 5.1.4.5.4", CS_TAG_SVN, cs_rule_uint);
static const cs_rule *const svn_choices[] = { &cs_rule_uint, &tagged_numeric, &min_svn, &tagged_svn };
static CHOICE(svn, "tee-svn-type", INTEL, svn_choices, .extensible = true);

static const cs_rule *const text_or_uint_choices[] = { &cs_rule_text, &cs_rule_uint };
static CHOICE(pceid, "tee-pceid-type", INTEL, text_or_uint_choices);
static const cs_rule *const uint_or_bytes_choices[] = { &cs_rule_uint, &cs_rule_bytes };
static CHOICE(isvprodid, "tee-isvprodid-type", INTEL, uint_or_bytes_choices, .extensible = true);
static const cs_rule *const masked_choices[] = { &cs_rule_bytes, &cs_rule_tagged_bytes };
static CHOICE(masked, "masked-value-type", INTEL, masked_choices, .extensible = true);
static const cs_rule *const digest_choices[] = { &cs_rule_digest, &cs_rule_digests_type, &tagged_set_digest };
static CHOICE(tee_digest, "tee-digest-type", INTEL, digest_choices, .extensible = true);
static const cs_rule *const texts_choices[] = { &set_tstr, &tagged_set_tstr, &cs_rule_text };
static CHOICE(texts, "set-tstr-type", INTEL, texts_choices, .extensible = true);
static LIST(cryptokeys, "tee-cryptokeys", INTEL, 1, cs_rule_crypto_key);
static RULE(comp_svn, CS_LIST, "tee-tcb-comp-svn-type", INTEL, .min = 16, .max = 16, .of = &svn);

static const cs_field intel_mval[] = {
	VALUE(-70, "tee.vendor", cs_rule_text, EXPRESSION),
	VALUE(-71, "tee.model", cs_rule_text, EXPRESSION),
	VALUE(-72, "tee.tcbdate", date, INSTANT),
	VALUE(-73, "tee.isvsvn", svn, EXPRESSION),
	VALUE(-77, "tee.instance-id", isvprodid, EXPRESSION),
	VALUE(-80, "tee.pceid", pceid, EXPRESSION),
	VALUE(-81, "tee.miscselect", masked, PADDED_MASK),
	VALUE(-82, "tee.attributes", masked, PADDED_MASK),
	VALUE(-83, "tee.mrtee", tee_digest, DIGEST_SET),
	VALUE(-84, "tee.mrsigner", tee_digest, DIGEST_SET),
	VALUE(-85, "tee.isvprodid", isvprodid, EXPRESSION),
	VALUE(-86, "tee.tcb-eval-num", svn, EXPRESSION),
	VALUE(-88, "tee.tcbstatus", texts, TEXT_SET),
	VALUE(-89, "tee.advisory-ids", texts, TEXT_SET),
	VALUE(-90, "tee.epoch", date, INSTANT),
	VALUE(-91, "tee.cryptokeys", cryptokeys, KEYS),
	VALUE(-101, "tee.platform-instance-id", cs_rule_bytes, EXPRESSION),
	VALUE(-125, "tee.tcb-comp-svn", comp_svn, EXPRESSION_SVNS),
};
static const cs_profile_extension intel_extensions[] = {
	EXTENDS(cs_rule_measurement_values_map, intel_mval),
};
static const char *const intel_ids[] = { "2.16.840.1.113741.1.16.1", NULL };

const cs_profile cs_profile_intel = {
	.name = "intel", .title = "Intel Profile for Remote Attestation", .ids = intel_ids, .source = INTEL, EXTENSIONS(intel_extensions)
};

static bool
is_piid(const cs_item *item)
{
	return !item->indefinite && (item->arg == 16 || item->arg == 32);
}

static bool
check_piid(cs_ctx *ctx, const cs_item *item)
{
	return is_piid(item) || cs_fail(ctx, CS_INVALID, "a platform instance id has 16 or 32 bytes");
}

static BYTES(piid, "tee-platform-instance-id-type", POE, .check = check_piid);
static RULE(owner_name, CS_TEXT, "tee-owner-name-type", POE, .min = 1, .max = 1024);
/* Byte for byte: "a length mismatch is a non-match". */
static const cs_field poe_mval[] = {
	VALUE(-101, "tee.platform-instance-id", piid, EQUAL),
	VALUE(-401, "tee.owner-name", owner_name, EQUAL),
};
static const cs_profile_extension poe_extensions[] = {
	EXTENDS(cs_rule_measurement_values_map, poe_mval),
};
static const char *const poe_ids[] = { "tag:intel.com,2026:tee.poe#1.*", NULL };

const cs_profile cs_profile_poe = {
	.name = "poe", .title = "Intel Platform Ownership Endorsements", .ids = poe_ids, .source = POE, EXTENSIONS(poe_extensions)
};
