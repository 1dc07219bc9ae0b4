/*
 * profile_azure.c - Azure's profile as its tools have it: the status of a TCB is a word.
 */
#include "profiles.h"
#include "values.h"

static const cs_profile_value azure_values[] = {
	{ -700, cs_equal_satisfies },
};

const cs_profile cs_profile_azure = { &cs_profile_names_azure, azure_values, CS_LENGTH_OF(azure_values), NULL };
