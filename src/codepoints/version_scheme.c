/*
 * version_scheme.c - the table of version schemes (version_scheme.h). 5 is the draft's of 2026-08-05; 2 has a name in the CDDL that is not
 * the registered one, and both are in use.
 */
#include "version_scheme.h"

static const cs_version_scheme schemes[] = {
	{ 1, "multipartnumeric", "multipartnumeric" },
	{ 2, "multipartnumeric-suffix", "multipartnumeric+suffix" },
	{ 3, "alphanumeric", "alphanumeric" },
	{ 4, "decimal", "decimal" },
	{ 5, "binary", "binary" },
	{ 16384, "semver", "semver" },
};
#define COUNT (sizeof schemes / sizeof schemes[0])

const cs_version_scheme *
cs_version_scheme_of(const cs_item *scheme)
{
	int64_t number;
	bool integer = cs_int64(scheme, &number);

	for (size_t i = 0; i < COUNT; i++)
		if (integer ? number == schemes[i].number : cs_text_is(scheme, schemes[i].name) || cs_text_is(scheme, schemes[i].registered))
			return &schemes[i];
	return NULL;
}

const cs_version_scheme *
cs_version_scheme_at(size_t index)
{
	return index < COUNT ? &schemes[index] : NULL;
}
