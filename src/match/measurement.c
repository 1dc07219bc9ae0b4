/*
 * measurement.c - measurement-values-map and measurement-map (draft-ietf-rats-corim, "Element Map Comparison", "Measurement
 * Values Map Comparison"): each codepoint by the comparison that its row in the model names, the profile's row before the standard's; a
 * codepoint that has none matches nothing (doc/conformance.md, decision 32).
 */
#include "values.h"

/* What a codepoint is called in a path. */
static void
within_member(const cs_profile *profile, int64_t codepoint, cs_mismatch *why)
{
	const char *name = cs_profile_member_name(profile, &cs_rule_measurement_values_map, codepoint);

	if (name == NULL)
		name = cs_rule_member_name(&cs_rule_measurement_values_map, codepoint);
	if (name != NULL)
		cs_mismatch_within(why, "%s", name);
	else
		cs_mismatch_within(why, "%lld", (long long) codepoint);
}

static bool
compare(cs_comparison comparison, const cs_item *entry, const cs_item *condition, const cs_item *mask, cs_mismatch *why)
{
	const cs_comparing *how = cs_comparing_of(comparison);

	if (how == NULL)
		return cs_mismatched(why, "no rule of comparison for this codepoint", condition, entry);
	if (mask != NULL)
		return cs_raw_value_satisfies(entry, condition, mask, why);
	return how->satisfies(entry, condition, why);
}

bool
cs_value_satisfies(
	const cs_profile *profile, int64_t codepoint, const cs_item *entry, const cs_item *condition, const cs_item *mask, cs_mismatch *why)
{
	if (compare(cs_profile_comparison(profile, codepoint), entry, condition, mask, why))
		return true;
	within_member(profile, codepoint, why);
	return false;
}

/* A member of the condition that the entry does not have, or that cannot be compared. */
static bool
fail_member(const cs_profile *profile, const cs_item *key, const cs_item *want, const cs_item *have, const char *reason, cs_mismatch *why)
{
	int64_t codepoint;

	cs_mismatched(why, reason, want, have);
	if (!cs_int64(key, &codepoint))
		cs_mismatch_within(why, "?");
	else
		within_member(profile, codepoint, why);
	return false;
}

bool
cs_mval_satisfies(const cs_profile *profile, const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_map_cursor known = cs_map_cursor_at(entry);
	cs_item key, want, have, mask, entry_mask;
	bool masked, entry_masked;
	int64_t codepoint;
	cs_iter it;

	if (!cs_is(entry, CS_MAP) || !cs_is(condition, CS_MAP) || cs_count(condition) == 0)
		return cs_mismatched(why, "no values to compare", condition, entry);
	masked = cs_map_get(condition, CS_MVAL_RAW_VALUE_MASK, &mask);
	entry_masked = cs_map_get(entry, CS_MVAL_RAW_VALUE_MASK, &entry_mask);
	it = cs_iterate(condition);
	while (cs_next_pair(&it, &key, &want))
	{
		if (!cs_int64(&key, &codepoint))
			return fail_member(profile, &key, &want, NULL, "no rule of comparison for this codepoint", why);
		/* The mask belongs to the raw-value before it, which the entry has without one. */
		if (codepoint == CS_MVAL_RAW_VALUE_MASK && cs_map_get(condition, CS_MVAL_RAW_VALUE, &have))
			continue;
		if (!cs_map_cursor_find(&known, &key, &have))
			return fail_member(profile, &key, &want, NULL, "no such attribute", why);
		if (codepoint == CS_MVAL_RAW_VALUE && entry_masked)
			return fail_member(profile, &key, &want, &have, "not a plain raw value", why);
		if (!cs_value_satisfies(profile, codepoint, &have, &want, masked && codepoint == CS_MVAL_RAW_VALUE ? &mask : NULL, why))
			return false;
	}
	return true;
}

static bool
same_mkey(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_item have, want;
	bool has = cs_map_get(entry, CS_MEASUREMENT_MKEY, &have), wants = cs_map_get(condition, CS_MEASUREMENT_MKEY, &want);

	if (has == wants && (!has || cs_mkey_same(&have, &want)))
		return true;
	cs_mismatched(why, "keys differ", wants ? &want : NULL, has ? &have : NULL);
	cs_mismatch_within(why, "mkey");
	return false;
}

bool
cs_measurement_satisfies(
	const cs_profile *profile, const cs_item *entry, const cs_item *condition, const cs_item *authority, cs_mismatch *why)
{
	cs_item have, want;

	if (!same_mkey(entry, condition, why))
		return false;
	if (cs_map_get(condition, CS_MEASUREMENT_AUTHORIZED_BY, &want) && (authority == NULL || !cs_authority_satisfies(authority, &want)))
	{
		cs_mismatched(why, "not stated by this authority", &want, authority);
		cs_mismatch_within(why, "authorized-by");
		return false;
	}
	if (!cs_map_get(condition, CS_MEASUREMENT_MVAL, &want) || !cs_map_get(entry, CS_MEASUREMENT_MVAL, &have))
	{
		cs_mismatched(why, "no values to compare", NULL, NULL);
		cs_mismatch_within(why, "mval");
		return false;
	}
	if (cs_mval_satisfies(profile, &have, &want, why))
		return true;
	cs_mismatch_within(why, "mval%s", why != NULL && why->path[0] != '\0' ? "." : "");
	return false;
}
