/*
 * version.c - version-map and everything else that is compared as a whole (draft-ietf-rats-corim, "Comparison for version
 * entries"). A version-scheme has a number and a name (RFC 9393 section 6.2.3, CoSWID Version Scheme Values); both mean the same.
 */
#include "values.h"

static const struct
{
	int64_t number;
	const char *name;
} schemes[] = {
	{ 1, "multipartnumeric" },
	{ 2, "multipartnumeric+suffix" },
	{ 3, "alphanumeric" },
	{ 4, "decimal" },
	{ 16384, "semver" },
};

bool
cs_equal_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	return cs_same_item(entry, condition) || cs_mismatched(why, "values differ", condition, entry);
}

const char *
cs_version_scheme_name(const cs_item *scheme)
{
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
	{
		int64_t number;

		if (cs_text_is(scheme, schemes[i].name) || (cs_int64(scheme, &number) && number == schemes[i].number))
			return schemes[i].name;
	}
	return NULL;
}

static bool
same_scheme(const cs_item *a, const cs_item *b)
{
	const char *name = cs_version_scheme_name(a);

	return name != NULL ? name == cs_version_scheme_name(b) : cs_same_item(a, b);
}

bool
cs_version_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_item have, want, have_scheme, want_scheme;

	if (cs_same_item(entry, condition))
		return true;
	if (!cs_map_get(entry, 0, &have) || !cs_map_get(condition, 0, &want) || !cs_same_item(&have, &want) ||
		!cs_map_get(entry, 1, &have_scheme) || !cs_map_get(condition, 1, &want_scheme) || !same_scheme(&have_scheme, &want_scheme) ||
		cs_count(entry) != 2 || cs_count(condition) != 2)
		return cs_mismatched(why, "versions differ", condition, entry);
	return true;
}
