/*
 * raw_value.c - raw values under a mask (draft-ietf-rats-corim, "Comparison for raw-value entries").
 *
 * The entry is plain bytes; the condition may be 563([value, mask]), or plain with the old mask of key 5 beside it.
 */
#include "values.h"

bool
cs_raw_value_read(const cs_item *item, cs_span *out)
{
	cs_item inner = *item;

	if (cs_is_tag(item, CS_TAG_BYTES))
		inner = cs_tag_content(item);
	return cs_plain_string(&inner, CS_BSTR, out);
}

bool
cs_raw_value_read_masked(const cs_item *item, cs_span *value, cs_span *mask)
{
	cs_item pair = cs_tag_content(item), first, second;

	return cs_is(&pair, CS_ARRAY) && cs_count(&pair) == 2 && cs_array_get(&pair, 0, &first) && cs_plain_string(&first, CS_BSTR, value) &&
		cs_array_get(&pair, 1, &second) && cs_plain_string(&second, CS_BSTR, mask);
}

static bool
same_under_mask(cs_span have, cs_span want, cs_span mask)
{
	uint8_t differ = 0;

	for (size_t i = 0; i < have.len; i++)
		differ |= (have.data[i] ^ want.data[i]) & mask.data[i];
	return differ == 0;
}

bool
cs_raw_value_satisfies(const cs_item *entry, const cs_item *condition, const cs_item *mask, cs_mismatch *why)
{
	cs_span have, want, bits = { NULL, 0 };
	bool masked = cs_is_tag(condition, CS_TAG_MASKED_RAW_VALUE);

	if (!cs_raw_value_read(entry, &have))
		return cs_mismatched(why, "not a plain raw value", condition, entry);
	if (masked && mask != NULL)
		return cs_mismatched(why, "two masks", condition, entry);
	if (masked ? !cs_raw_value_read_masked(condition, &want, &bits) : !cs_raw_value_read(condition, &want))
		return cs_mismatched(why, "not a raw value", condition, entry);
	if (mask != NULL && !cs_plain_string(mask, CS_BSTR, &bits))
		return cs_mismatched(why, "not a mask", condition, entry);
	masked = masked || mask != NULL;
	if (have.len != want.len)
		return cs_mismatched(why, "lengths differ", condition, entry);
	if (masked && bits.len != want.len)
		return cs_mismatched(why, "the mask has another length than the value", condition, entry);
	if (masked ? !same_under_mask(have, want, bits) : !cs_span_eq(have, want))
		return cs_mismatched(why, masked ? "bits under the mask differ" : "values differ", condition, entry);
	return true;
}

bool
cs_mask_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	return cs_raw_value_satisfies(entry, condition, NULL, why);
}
