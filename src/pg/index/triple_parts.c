/*
 * triple_parts.c - the measurements and keys in a triple (triple_parts.h).
 */
#include "triple_parts.h"

#include "cbor/deterministic.h"

#define VERIFICATION_KEY 0

/* A list, or the one item that legacy forms have in its place. */
static cs_iter
iterate_list(const cs_item *list, cs_major single)
{
	if (cs_is(list, CS_ARRAY))
		return cs_iterate(list);
	return (cs_iter) { .next = list->p, .limit = list->limit, .left = cs_is(list, single) ? 1 : 0 };
}

/* Measurements of record[at]; the part's role, number and environment are set. */
static bool
measurements_at(const cs_item *record, uint64_t at, cs_part *part, cs_each_part each, void *data)
{
	cs_item list;
	cs_iter it;

	part->position = 0;
	if (!cs_is(record, CS_ARRAY) || !cs_array_get(record, at, &list))
		return true;
	for (it = iterate_list(&list, CS_MAP); cs_next(&it, &part->item); part->position++)
		if (cs_is(&part->item, CS_MAP) && !each(part, data))
			return false;
	return true;
}

static void
set_environment(const cs_item *record, cs_part *part)
{
	if (!cs_is(record, CS_ARRAY) || !cs_array_get(record, 0, &part->environment) || !cs_is(&part->environment, CS_MAP))
		part->environment.p = NULL;
}

/* [ + [environment, measurements] ] at triple[at] */
static bool
stateful_environments(const cs_item *triple, uint64_t at, const char *role, cs_each_part each, void *data)
{
	cs_part part = { .role = role };
	cs_item list, record;
	cs_iter it;

	if (!cs_array_get(triple, at, &list) || !cs_is(&list, CS_ARRAY))
		return true;
	for (it = cs_iterate(&list); cs_next(&it, &record); part.number++)
	{
		set_environment(&record, &part);
		if (!measurements_at(&record, 1, &part, each, data))
			return false;
	}
	return true;
}

/* [[environment, measurements, ? authorized-by], [ + [condition, addition] ]] */
static bool
series(const cs_item *triple, cs_each_part each, void *data)
{
	cs_part part = { .role = "common", .number = -1 };
	cs_item common, list, record;
	cs_iter it;

	if (!cs_array_get(triple, 0, &common) || !cs_array_get(triple, 1, &list) || !cs_is(&list, CS_ARRAY))
		return true;
	set_environment(&common, &part);
	if (!cs_is(&common, CS_ARRAY) || !cs_array_get(&common, 2, &part.authority))
		part.authority.p = NULL;
	if (!measurements_at(&common, 1, &part, each, data))
		return false;
	part.number = 0;
	for (it = cs_iterate(&list); cs_next(&it, &record); part.number++)
	{
		part.role = "condition";
		if (!measurements_at(&record, 0, &part, each, data))
			return false;
		part.role = "addition";
		if (!measurements_at(&record, 1, &part, each, data))
			return false;
	}
	return true;
}

bool
cs_triple_measurements(const cs_item *triple, int kind, cs_each_part each, void *data)
{
	cs_part part = { .role = kind == CS_TRIPLE_ENDORSED ? "endorsed" : "reference", .number = -1 };

	if (!cs_is(triple, CS_ARRAY))
		return true;
	switch (kind)
	{
		case CS_TRIPLE_REFERENCE:
		case CS_TRIPLE_ENDORSED:
			set_environment(triple, &part);
			return measurements_at(triple, 1, &part, each, data);
		case CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES:
			return series(triple, each, data);
		case CS_TRIPLE_CONDITIONAL_ENDORSEMENT:
			return stateful_environments(triple, 0, "condition", each, data) && stateful_environments(triple, 1, "endorsement", each, data);
		default:
			return true;
	}
}

/* [environment, [ + key ], ? conditions] */
bool
cs_triple_keys(const cs_item *triple, cs_each_part each, void *data)
{
	cs_part part = { .role = "key", .number = -1 };
	cs_item list;
	cs_iter it;

	if (!cs_is(triple, CS_ARRAY) || !cs_array_get(triple, 1, &list) || !cs_is(&list, CS_ARRAY))
		return true;
	set_environment(triple, &part);
	for (it = cs_iterate(&list); cs_next(&it, &part.item); part.position++)
		if (!each(&part, data))
			return false;
	return true;
}

/* --- by shape --- */

static bool
is_measurement(const cs_item *item)
{
	cs_item mval;

	/* an environment-map has a tagged instance under this key */
	return cs_map_get(item, CS_MEASUREMENT_MVAL, &mval) && cs_is(&mval, CS_MAP);
}

static bool
is_key(const cs_item *item)
{
	cs_item key;

	return cs_is(item, CS_TAG) || (cs_map_get(item, VERIFICATION_KEY, &key) && cs_is(&key, CS_TSTR) && !is_measurement(item));
}

/* The kind whose records look like this; -1 when it has neither measurements nor keys. */
static int
kind_by_shape(const cs_item *item)
{
	cs_item first, second;

	if (!cs_is(item, CS_ARRAY) || !cs_array_get(item, 0, &first) || !cs_array_get(item, 1, &second))
		return -1;
	if (cs_is(&first, CS_ARRAY))
		return !cs_array_get(&first, 0, &first) ? -1
			: cs_is(&first, CS_ARRAY)			? CS_TRIPLE_CONDITIONAL_ENDORSEMENT
												: CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES;
	if (cs_is(&second, CS_ARRAY) && !cs_array_get(&second, 0, &second))
		return -1;
	return is_measurement(&second) ? CS_TRIPLE_REFERENCE : is_key(&second) ? CS_TRIPLE_ATTEST_KEY : -1;
}

bool
cs_parts(const cs_item *item, cs_each_part measurement, cs_each_part key, void *data)
{
	cs_part alone = { .number = -1, .item = *item };
	int kind;

	if (is_measurement(item))
	{
		alone.role = "reference";
		return measurement == NULL || measurement(&alone, data);
	}
	if (is_key(item))
	{
		alone.role = "key";
		return key == NULL || key(&alone, data);
	}
	kind = kind_by_shape(item);
	if (kind == CS_TRIPLE_ATTEST_KEY)
		return key == NULL || cs_triple_keys(item, key, data);
	return measurement == NULL || cs_triple_measurements(item, kind, measurement, data);
}

bool
cs_part_key(cs_ctx *ctx, const cs_item *key, cs_buf *out)
{
	cs_item text;

	if (cs_is(key, CS_TAG))
		return cs_deterministic(ctx, key, out);
	if (!cs_map_get(key, VERIFICATION_KEY, &text) || !cs_is(&text, CS_TSTR))
		return false;
	cs_put_tag(out, CS_TAG_PKIX_BASE64_KEY);
	return cs_deterministic(ctx, &text, out);
}
