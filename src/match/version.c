/*
 * version.c - version-map and everything else that is compared as a whole (draft-ietf-rats-corim, "Comparison for version
 * entries"). A version-scheme has a number and a name (RFC 9393 section 6.2.3, CoSWID Version Scheme Values); both mean the same.
 */
#include "codepoints/version_scheme.h"
#include "values.h"

bool
cs_equal_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	return cs_same_item(entry, condition) || cs_mismatched(why, "values differ", condition, entry);
}

static bool
same_scheme(const cs_item *a, const cs_item *b)
{
	const cs_version_scheme *known = cs_version_scheme_of(a);

	return known != NULL ? known == cs_version_scheme_of(b) : cs_same_item(a, b);
}

bool
cs_version_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_item have, want, have_scheme, want_scheme;

	if (cs_same_item(entry, condition))
		return true;
	if (!cs_map_get(entry, CS_VERSION_VERSION, &have) || !cs_map_get(condition, CS_VERSION_VERSION, &want) || !cs_same_item(&have, &want) ||
		!cs_map_get(entry, CS_VERSION_VERSION_SCHEME, &have_scheme) || !cs_map_get(condition, CS_VERSION_VERSION_SCHEME, &want_scheme) ||
		!same_scheme(&have_scheme, &want_scheme) || cs_count(entry) != 2 || cs_count(condition) != 2)
		return cs_mismatched(why, "versions differ", condition, entry);
	return true;
}
