/*
 * profile.c - the profiles that are known, and finding one by its identifier.
 */
#include <string.h>

#include "profiles.h"

static const cs_profile *const profiles[] = {
	&cs_profile_psa,
	&cs_profile_cca,
	&cs_profile_intel,
};

static bool
is_id(const char *id, const char *text, size_t len)
{
	size_t		size = strlen(id);

	if (size > 0 && id[size - 1] == '*')
		return len >= size - 1 && memcmp(id, text, size - 1) == 0;
	return len == size && memcmp(id, text, size) == 0;
}

const cs_profile *
cs_profile_find(const char *text, size_t len)
{
	for (size_t i = 0; i < CS_LENGTH_OF(profiles); i++)
	{
		for (const char *const *id = profiles[i]->ids; *id != NULL; id++)
		{
			if (is_id(*id, text, len))
				return profiles[i];
		}
	}
	return NULL;
}
