/*
 * integrity_registers.c - registers by their identifier (draft-ietf-rats-corim, "Comparison for Integrity Registers"). The type
 * of the identifier matters: 5 is not "5". The condition may name a subset of the registers.
 */
#include "values.h"

bool
cs_integrity_registers_satisfy(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_map_cursor registers = cs_map_cursor_at(entry);
	cs_iter it;
	cs_item id, want, have;

	if (!cs_is(entry, CS_MAP) || !cs_is(condition, CS_MAP) || cs_count(condition) == 0)
		return cs_mismatched(why, "not integrity registers", condition, entry);
	it = cs_iterate(condition);
	while (cs_next_pair(&it, &id, &want))
	{
		bool good;

		if (!cs_map_cursor_find(&registers, &id, &have))
			good = cs_mismatched(why, "no such register", &want, NULL);
		else
			good = cs_digests_satisfy(&have, &want, why);
		if (good)
			continue;
		if (cs_is(&id, CS_UINT))
			cs_mismatch_within(why, "[%llu]", (unsigned long long) id.arg);
		else if (cs_is(&id, CS_TSTR))
			cs_mismatch_within(why, "[\"%.*s\"]", id.arg > 64 ? 64 : (int) id.arg, (const char *) id.content);
		return false;
	}
	return true;
}
