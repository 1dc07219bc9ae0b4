/*
 * state.c - does the state of a stateful selector agree with a triple? (draft-ietf-rats-coserv section 3.3.1, decision 16)
 *
 * Values are compared by CoRIM's rules (match.h). Which side asks depends on the triple: of reference and endorsed values
 * the query asks; a conditional endorsement or a key asks, and the query's measurements are what is known. What a query knows
 * carries the authority that its own measurements name (authorized-by), and no other.
 */
#include "query.h"

enum
{
	MEASUREMENT_MKEY = 0,
	MEASUREMENT_AUTHORIZED_BY = 2,
	KEY_CONDITION_MKEY = 0,
	KEY_CONDITION_AUTHORIZED_BY = 1
};

static bool
measurement_agrees(const struct cs_profile *profile, const cs_item *entry, const cs_item *condition)
{
	cs_item authority;
	bool has_authority = cs_map_get(entry, MEASUREMENT_AUTHORIZED_BY, &authority);

	return cs_measurement_satisfies(profile, entry, condition, has_authority ? &authority : NULL, NULL);
}

/* Each of conditions is satisfied by one of entries (both arrays of measurement-map). */
static bool
all_satisfied(cs_ctx *ctx, const struct cs_profile *profile, const cs_item *entries, const cs_item *conditions)
{
	cs_iter wanted = cs_iterate(conditions);
	cs_item condition;

	while (cs_next(&wanted, &condition))
	{
		cs_iter known = cs_iterate(entries);
		cs_item entry;
		bool found = false;

		while (!found && cs_next(&known, &entry))
			found = measurement_agrees(profile, &entry, &condition);
		if (!found)
			return false;
		if (ctx->interrupt != NULL)
			ctx->interrupt(ctx->actx);
	}
	return true;
}

/* stateful: [environment, claims-list, ...]. A condition on another environment says nothing about this query. */
static bool
condition_agrees(cs_ctx *ctx, const struct cs_profile *profile, const cs_selector *selector, const cs_item *stateful, const cs_item *known)
{
	cs_item environment;
	cs_item claims;
	cs_buf canonical;

	cs_buf_init(&canonical, ctx);
	if (!cs_array_get(stateful, 0, &environment) || !cs_env_canonical(ctx, &environment, &canonical))
		return false;
	environment = cs_item_at(canonical.data, canonical.len);
	if (!cs_selector_selects(selector, &environment))
		return true;
	return !cs_array_get(stateful, 1, &claims) || all_satisfied(ctx, profile, known, &claims);
}

/* conditional-endorsement-triple-record: [conditions, endorsements] */
static bool
conditional_endorsement_agrees(
	cs_ctx *ctx, const struct cs_profile *profile, const cs_selector *selector, const cs_item *record, const cs_item *known)
{
	cs_item conditions;
	cs_item stateful;
	cs_iter it;

	if (!cs_array_get(record, 0, &conditions))
		return false;
	it = cs_iterate(&conditions);
	while (cs_next(&it, &stateful))
		if (!condition_agrees(ctx, profile, selector, &stateful, known))
			return false;
	return true;
}

/* conditional-endorsement-series-triple-record: [common-condition, [+ [selection, addition]]]; some item of the series applies.
 * Only source artifacts ask (decision 3). */
static bool
series_agrees(cs_ctx *ctx, const struct cs_profile *profile, const cs_selector *selector, const cs_item *record, const cs_item *known)
{
	cs_item common;
	cs_item series;
	cs_item item;
	cs_item selection;
	cs_iter it;

	if (!cs_array_get(record, 0, &common) || !cs_array_get(record, 1, &series) || !condition_agrees(ctx, profile, selector, &common, known))
		return false;
	it = cs_iterate(&series);
	while (cs_next(&it, &item))
		if (cs_array_get(&item, 0, &selection) && all_satisfied(ctx, profile, known, &selection))
			return true;
	return false;
}

static bool
same_mkey(const cs_item *a, const cs_item *b)
{
	return cs_span_eq(cs_item_span(a), cs_item_span(b));
}

/* identity- and attest-key-triple-record: [environment, key-list, ? {0: mkey, 1: authorized-by}]: what the conditions name is
 * in one of the query's measurements. */
static bool
key_agrees(const cs_item *record, const cs_item *known)
{
	cs_item conditions;
	cs_item wanted_mkey;
	cs_item wanted_keys;
	cs_item measurement;
	cs_iter it = cs_iterate(known);
	bool has_mkey;
	bool has_keys;

	if (!cs_array_get(record, 2, &conditions))
		return true;
	has_mkey = cs_map_get(&conditions, KEY_CONDITION_MKEY, &wanted_mkey);
	has_keys = cs_map_get(&conditions, KEY_CONDITION_AUTHORIZED_BY, &wanted_keys);
	while (cs_next(&it, &measurement))
	{
		cs_item value;

		if (has_mkey && (!cs_map_get(&measurement, MEASUREMENT_MKEY, &value) || !same_mkey(&value, &wanted_mkey)))
			continue;
		if (!has_keys)
			return true;
		if (cs_map_get(&measurement, MEASUREMENT_AUTHORIZED_BY, &value) && cs_authority_satisfies(&value, &wanted_keys))
			return true;
	}
	return false;
}

bool
cs_query_state_agrees(cs_ctx *ctx, const cs_selector *selector, int64_t kind, const cs_item *record, const struct cs_profile *profile)
{
	cs_item measurements;
	cs_item claims;

	if (selector->measurements.len == 0)
		return true;
	measurements = cs_item_at(selector->measurements.data, selector->measurements.len);
	switch (kind)
	{
		case 0: /* reference-triple-record: [ref-env, ref-claims] */
		case 1: /* endorsed-triple-record: [condition, endorsement] */
			return cs_array_get(record, 1, &claims) && all_satisfied(ctx, profile, &claims, &measurements);
		case 2:
		case 3:
			return key_agrees(record, &measurements);
		case 8:
			return series_agrees(ctx, profile, selector, record, &measurements);
		case 10:
			return conditional_endorsement_agrees(ctx, profile, selector, record, &measurements);
		default:
			return true; /* the other kinds say nothing about state */
	}
}
