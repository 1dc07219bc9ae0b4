/*
 * flags.c - flags-map, flag by flag (Attribute Path Containment; doc/conformance.md, decision 30). A flag that no specification here knows
 * matches nothing; nor do flags of older drafts, which are no map: no rule of comparison is about them ("if the processor is unable to
 * determine the applicable comparison algorithm", section "Comparison of a Single Measurement Values Map Attribute").
 */
#include "values.h"

/* The standard's name; its number where it has none. */
static void
name_flag(cs_mismatch *why, const cs_item *key, const cs_field *flag)
{
	int64_t number;

	if (flag != NULL)
		cs_mismatch_within(why, ".%s", flag->name);
	else if (cs_int64(key, &number))
		cs_mismatch_within(why, ".%lld", (long long) number);
	else
		cs_mismatch_within(why, ".?");
}

bool
cs_flags_satisfy(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_map_cursor flags = cs_map_cursor_at(entry);
	cs_iter it;
	cs_item key, want, have;
	bool wanted, known;
	int64_t number;

	if (!cs_is(condition, CS_MAP) || !cs_is(entry, CS_MAP))
		return cs_mismatched(why, "flags are no map", condition, entry);
	if (cs_count(condition) == 0)
		return cs_mismatched(why, "no flags", condition, entry);
	it = cs_iterate(condition);
	while (cs_next_pair(&it, &key, &want))
	{
		const cs_field *flag = cs_int64(&key, &number) ? cs_rule_member(&cs_rule_flags_map, number) : NULL;
		const char *reason = NULL;
		bool there = cs_map_cursor_find(&flags, &key, &have);

		if (flag == NULL || !cs_is_bool(&want, &wanted))
			reason = "unknown flag";
		else if (!there)
			reason = "no such flag";
		else if (!cs_is_bool(&have, &known) || known != wanted)
			reason = "flags differ";
		if (reason != NULL)
		{
			cs_mismatched(why, reason, &want, there ? &have : NULL);
			name_flag(why, &key, flag);
			return false;
		}
	}
	return true;
}
