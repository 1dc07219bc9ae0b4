/*
 * profile_arm.c - Arm's profiles. PSA (draft-fdb-rats-psa-endorsements; psa-sac-ext in draft-ietf-rats-corim) adds the number
 * of a PSA Certified certificate; CCA adds no value of its own.
 */
#include "profiles.h"
#include "values.h"

static const char *const psa_ids[] = {
	"tag:arm.com,2025:psa*",
	"http://arm.com/psa/iot/1",
	"http://arm.com/psa/2.0.0",
	NULL
};

static const cs_profile_value psa_values[] = {
	{100, "psa-cert-num", cs_equal_satisfies},
};

const cs_profile cs_profile_psa = {"psa", psa_ids, psa_values, CS_LENGTH_OF(psa_values)};

static const char *const cca_ids[] = {
	"tag:arm.com,2025:cca_platform*",
	"tag:arm.com,2025:cca_realm*",
	"http://arm.com/cca/ssd/1",
	"http://arm.com/cca/realm/1",
	NULL
};

const cs_profile cs_profile_cca = {"cca", cca_ids, NULL, 0};
