/*
 * int_range.c - integers and ranges of them (draft-ietf-rats-corim, "Comparison for int-range entries"): 564([min, max]), both
 * inclusive, null is open. An untagged pair is a legacy form.
 */
#include "values.h"

typedef struct range
{
	cs_item min;
	cs_item max;
	bool open_min;
	bool open_max;
	bool single; /* an int; min and max are it */
} range;

static bool
read_range(const cs_item *item, range *out)
{
	cs_item pair = *item;

	*out = (range) { .min = *item, .max = *item, .single = cs_is_int(item) };
	if (out->single)
		return true;
	if (cs_is_tag(item, CS_TAG_INT_RANGE))
		pair = cs_tag_content(item);
	if (!cs_is(&pair, CS_ARRAY) || cs_count(&pair) != 2)
		return false;
	cs_array_get(&pair, 0, &out->min);
	cs_array_get(&pair, 1, &out->max);
	out->open_min = cs_is_null(&out->min);
	out->open_max = cs_is_null(&out->max);
	if ((!out->open_min && !cs_is_int(&out->min)) || (!out->open_max && !cs_is_int(&out->max)))
		return false;
	return out->open_min || out->open_max || cs_int_compare(&out->min, &out->max) <= 0;
}

bool
cs_int_range_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	range have, want;

	if (!read_range(entry, &have) || !read_range(condition, &want))
		return cs_mismatched(why, "not an integer or a range", condition, entry);
	if (want.single && !have.single && (have.open_min || have.open_max))
		return cs_mismatched(why, "a range is not one integer", condition, entry);
	if (!want.open_min && (have.open_min || cs_int_compare(&have.min, &want.min) < 0))
		return cs_mismatched(why, want.single ? "integers differ" : "below the range", condition, entry);
	if (!want.open_max && (have.open_max || cs_int_compare(&have.max, &want.max) > 0))
		return cs_mismatched(why, want.single ? "integers differ" : "above the range", condition, entry);
	return true;
}
