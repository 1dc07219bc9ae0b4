/*
 * measurement.c - measurement-values-map and measurement-map (draft-ietf-rats-corim, "Element Map Comparison", "Measurement
 * Values Map Comparison"): which rule compares which codepoint. A profile's own rule goes before the standard one; a codepoint
 * that has neither matches nothing (spec-notes decision 32).
 */
#include "profile.h"
#include "values.h"

#define KEY_RAW_VALUE 4
#define KEY_RAW_VALUE_MASK 5

static const struct
{
	const char *name;
	cs_value_rule satisfies; /* NULL: see cs_value_satisfies */
} values[] = {
	[0] = { "version", cs_version_satisfies },
	[1] = { "svn", cs_svn_satisfies },
	[2] = { "digests", cs_digests_satisfy },
	[3] = { "flags", cs_flags_satisfy },
	[4] = { "raw-value", NULL },
	[5] = { "raw-value-mask", NULL },
	[6] = { "mac-addr", cs_equal_satisfies },
	[7] = { "ip-addr", cs_equal_satisfies },
	[8] = { "serial-number", cs_equal_satisfies },
	[9] = { "ueid", cs_equal_satisfies },
	[10] = { "uuid", cs_equal_satisfies },
	[11] = { "name", cs_equal_satisfies },
	[13] = { "cryptokeys", cs_cryptokeys_satisfy },
	[14] = { "integrity-registers", cs_integrity_registers_satisfy },
	[15] = { "int-range", cs_int_range_satisfies },
};
#define VALUE_COUNT (int64_t) (sizeof values / sizeof values[0])

static const cs_profile_value *
profile_value(const cs_profile *profile, int64_t codepoint)
{
	for (; profile != NULL; profile = profile->base)
		for (size_t i = 0; i < profile->value_count; i++)
			if (profile->values[i].codepoint == codepoint)
				return &profile->values[i];
	return NULL;
}

/* What a codepoint is called in a path. */
static void
within_member(const cs_profile *profile, int64_t codepoint, cs_mismatch *why)
{
	const char *name = profile != NULL ? cs_profile_member_name(profile->names, &cs_rule_measurement_values_map, codepoint) : NULL;

	if (name == NULL && codepoint >= 0 && codepoint < VALUE_COUNT)
		name = values[codepoint].name;
	if (name != NULL)
		cs_mismatch_within(why, "%s", name);
	else
		cs_mismatch_within(why, "%lld", (long long) codepoint);
}

static bool
standard_satisfies(int64_t codepoint, const cs_item *entry, const cs_item *condition, const cs_item *mask, cs_mismatch *why)
{
	if (codepoint == KEY_RAW_VALUE)
		return cs_raw_value_satisfies(entry, condition, mask, why);
	if (codepoint < 0 || codepoint >= VALUE_COUNT || values[codepoint].satisfies == NULL)
		return cs_mismatched(why, "no rule of comparison for this codepoint", condition, entry);
	return values[codepoint].satisfies(entry, condition, why);
}

bool
cs_value_satisfies(
	const cs_profile *profile, int64_t codepoint, const cs_item *entry, const cs_item *condition, const cs_item *mask, cs_mismatch *why)
{
	const cs_profile_value *own = profile_value(profile, codepoint);

	if (own != NULL ? own->satisfies(entry, condition, why) : standard_satisfies(codepoint, entry, condition, mask, why))
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
	masked = cs_map_get(condition, KEY_RAW_VALUE_MASK, &mask);
	entry_masked = cs_map_get(entry, KEY_RAW_VALUE_MASK, &entry_mask);
	it = cs_iterate(condition);
	while (cs_next_pair(&it, &key, &want))
	{
		if (!cs_int64(&key, &codepoint))
			return fail_member(profile, &key, &want, NULL, "no rule of comparison for this codepoint", why);
		/* The mask belongs to the raw-value before it, which the entry has without one. */
		if (codepoint == KEY_RAW_VALUE_MASK && cs_map_get(condition, KEY_RAW_VALUE, &have))
			continue;
		if (!cs_map_cursor_find(&known, &key, &have))
			return fail_member(profile, &key, &want, NULL, "no such attribute", why);
		if (codepoint == KEY_RAW_VALUE && entry_masked)
			return fail_member(profile, &key, &want, &have, "not a plain raw value", why);
		if (!cs_value_satisfies(profile, codepoint, &have, &want, masked && codepoint == KEY_RAW_VALUE ? &mask : NULL, why))
			return false;
	}
	return true;
}

static bool
same_mkey(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_item have, want;
	bool has = cs_map_get(entry, CS_MEASUREMENT_MKEY, &have), wants = cs_map_get(condition, CS_MEASUREMENT_MKEY, &want);

	if (has == wants && (!has || cs_same_item(&have, &want)))
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
