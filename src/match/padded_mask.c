/*
 * padded_mask.c - masked values of Intel's (draft-cds-rats-intel-corim-profile, "Masked Values"): a mask that is shorter than the longest
 * value goes on with zeros, a longer one is cut. A bit that the mask asks for and one of the values has not is no match.
 */
#include "values.h"

static bool
agree_at(cs_span have, cs_span want, cs_span mask, size_t i)
{
	uint8_t bits = i < mask.len ? mask.data[i] : 0;

	if (bits == 0)
		return true;
	return i < have.len && i < want.len && ((have.data[i] ^ want.data[i]) & bits) == 0;
}

bool
cs_padded_mask_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_span have, want, mask;
	size_t longest;

	if (!cs_is_tag(condition, CS_TAG_MASKED_RAW_VALUE))
		return cs_raw_value_satisfies(entry, condition, NULL, why);
	if (!cs_raw_value_read(entry, &have))
		return cs_mismatched(why, "not a plain raw value", condition, entry);
	if (!cs_raw_value_read_masked(condition, &want, &mask))
		return cs_mismatched(why, "not a raw value", condition, entry);
	longest = have.len > want.len ? have.len : want.len;
	for (size_t i = 0; i < longest; i++)
		if (!agree_at(have, want, mask, i))
			return cs_mismatched(why, "bits under the mask differ", condition, entry);
	return true;
}
