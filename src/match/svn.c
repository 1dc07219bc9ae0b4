/*
 * svn.c - security version numbers (draft-ietf-rats-corim, "Comparison for svn entries").
 */
#include "values.h"

bool
cs_svn_read(const cs_item *item, uint64_t *value, bool *minimum)
{
	cs_item inner = *item;

	*minimum = cs_is_tag(item, CS_TAG_MIN_SVN);
	if (*minimum || cs_is_tag(item, CS_TAG_SVN))
		inner = cs_tag_content(item);
	if (!cs_is(&inner, CS_UINT))
		return false;
	*value = inner.arg;
	return true;
}

bool
cs_svn_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	uint64_t have, want;
	bool have_minimum, want_minimum;

	if (!cs_svn_read(entry, &have, &have_minimum) || !cs_svn_read(condition, &want, &want_minimum))
		return cs_mismatched(why, "not a security version number", condition, entry);
	if (have_minimum && !want_minimum)
		return cs_mismatched(why, "a minimum is not an exact version", condition, entry);
	if (want_minimum && !have_minimum)
		return want <= have || cs_mismatched(why, "below the minimum", condition, entry);
	return want == have || cs_mismatched(why, "versions differ", condition, entry);
}
