/*
 * profile_arm.c - Arm's PSA profile (draft-fdb-rats-psa-endorsements; psa-sac-ext in draft-ietf-rats-corim): the number of a PSA
 * Certified certificate. CCA adds no value of its own.
 */
#include "profiles.h"
#include "values.h"

static const cs_profile_value psa_values[] = {
	{ 100, cs_equal_satisfies },
};

const cs_profile cs_profile_psa = { &cs_profile_names_psa, psa_values, CS_LENGTH_OF(psa_values), NULL };
