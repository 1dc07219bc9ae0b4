/*
 * profiles_arm.c - the names of Arm's profiles: PSA (draft-fdb-rats-psa-endorsements, and the example of draft-ietf-rats-corim),
 * CCA platform and CCA realm (draft-ydb-rats-cca-endorsements). CCA adds no member: its measurement keys are texts.
 */
#include "profiles.h"

#define PSA "draft-fdb-rats-psa-endorsements"

static TEXT(psa_cert_num, "psa-cert-num-type", PSA);
static const cs_field psa_mval[] = {
	VALUE(100, "psa-cert-num", psa_cert_num, EQUAL),
};
static const cs_profile_extension psa_extensions[] = {
	EXTENDS(cs_rule_measurement_values_map, psa_mval),
};
static const char *const psa_ids[] = { "tag:arm.com,2025:psa*", "http://arm.com/psa/iot/1", "http://arm.com/psa/2.0.0", NULL };
const cs_profile cs_profile_psa = {
	.name = "psa", .title = "Arm PSA Endorsements", .ids = psa_ids, .source = PSA, EXTENSIONS(psa_extensions)
};

static const char *const cca_platform_ids[] = { "tag:arm.com,2025:cca_platform*", "http://arm.com/cca/ssd/1", NULL };
const cs_profile cs_profile_cca_platform = {
	.name = "cca-platform", .title = "Arm CCA Platform Endorsements", .ids = cca_platform_ids, .source = "draft-ydb-rats-cca-endorsements"
};

static const char *const cca_realm_ids[] = { "tag:arm.com,2025:cca_realm*", "http://arm.com/cca/realm/1", NULL };
const cs_profile cs_profile_cca_realm = {
	.name = "cca-realm", .title = "Arm CCA Realm Endorsements", .ids = cca_realm_ids, .source = "draft-ydb-rats-cca-endorsements"
};
