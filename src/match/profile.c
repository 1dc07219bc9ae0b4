/*
 * profile.c - the profiles that have rules of comparison, and finding one by its identifier.
 */
#include "profiles.h"

static const cs_profile *const profiles[] = {
	&cs_profile_psa,
	&cs_profile_intel,
	&cs_profile_poe,
	&cs_profile_azure,
};

const cs_profile *
cs_profile_find(const char *text, size_t len)
{
	const cs_profile_names *names = cs_profile_names_find(text, len);

	for (size_t i = 0; names != NULL && i < CS_LENGTH_OF(profiles); i++)
		if (profiles[i]->names == names)
			return profiles[i];
	return NULL;
}
