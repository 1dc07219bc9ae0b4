/*
 * state.c - does the state of a stateful selector agree with a triple? (draft-ietf-rats-coserv section 3.3.1, doc/conformance.md, decision
 * 16)
 *
 * The state is the Attester's ("the current known state of the Target Environment"): it is the entry, what the artifact says is the
 * condition, and values are compared by CoRIM's rules (match.h). Reference and endorsed values are asked about what the state names, and
 * about nothing else; a conditional endorsement or a key asks for all that it names. What a query knows carries the authority that its own
 * measurements name (authorized-by), and no other.
 */
#include "query.h"

static bool
measurement_agrees(const cs_profile *profile, const cs_item *entry, const cs_item *condition)
{
	cs_item authority;
	bool has_authority = cs_map_get(entry, CS_MEASUREMENT_AUTHORIZED_BY, &authority);

	return cs_measurement_satisfies(profile, entry, condition, has_authority ? &authority : NULL, NULL);
}

/* Each of conditions is satisfied by one of entries (both arrays of measurement-map). */
static bool
all_satisfied(cs_ctx *ctx, const cs_profile *profile, const cs_item *entries, const cs_item *conditions)
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

static bool
names(const cs_item *map, const cs_item *key)
{
	cs_item value;
	int64_t number;

	if (!cs_int64(key, &number))
		return false;
	/* the mask of old belongs to the value that it masks */
	return cs_map_get(map, number == CS_MVAL_RAW_VALUE_MASK ? CS_MVAL_RAW_VALUE : number, &value);
}

/* The members of an artifact's mval that the state names; false when it lacks one of them. */
static bool
put_named(cs_buf *out, const cs_item *state, const cs_item *said)
{
	cs_item key, value;
	cs_iter it;
	uint64_t count = 0;

	for (it = cs_iterate(state); cs_next_pair(&it, &key, &value);)
		if (!names(said, &key))
			return false;
	for (it = cs_iterate(said); cs_next_pair(&it, &key, &value);)
		count += names(state, &key);
	cs_put_map(out, count);
	for (it = cs_iterate(said); cs_next_pair(&it, &key, &value);)
		if (names(state, &key))
		{
			cs_put_item(out, &key);
			cs_put_item(out, &value);
		}
	return true;
}

/* A claim of an artifact as a condition on what one measurement of the state names: values, and authorities where it names any. */
static bool
claim_agrees(cs_ctx *ctx, const cs_profile *profile, const cs_item *state, const cs_item *claim)
{
	cs_item mkey, known, said, keys, value, condition;
	bool has_mkey = cs_map_get(claim, CS_MEASUREMENT_MKEY, &mkey);
	bool has_keys = cs_map_get(state, CS_MEASUREMENT_AUTHORIZED_BY, &value) && cs_map_get(claim, CS_MEASUREMENT_AUTHORIZED_BY, &keys);
	cs_buf buf;

	if (!cs_map_get(state, CS_MEASUREMENT_MVAL, &known) || !cs_map_get(claim, CS_MEASUREMENT_MVAL, &said))
		return false;
	cs_buf_init(&buf, ctx);
	cs_put_map(&buf, 1 + (uint64_t) has_mkey + (uint64_t) has_keys);
	if (has_mkey)
	{
		cs_put_int(&buf, CS_MEASUREMENT_MKEY);
		cs_put_item(&buf, &mkey);
	}
	cs_put_int(&buf, CS_MEASUREMENT_MVAL);
	if (!put_named(&buf, &known, &said))
		return false;
	if (has_keys)
	{
		cs_put_int(&buf, CS_MEASUREMENT_AUTHORIZED_BY);
		cs_put_item(&buf, &keys);
	}
	if (!cs_buf_ok(&buf))
		return false;
	condition = cs_item_at(buf.data, buf.len);
	return measurement_agrees(profile, state, &condition);
}

/* Each measurement of the state is what one of the claims says. */
static bool
state_found(cs_ctx *ctx, const cs_profile *profile, const cs_item *known, const cs_item *claims)
{
	cs_iter states = cs_iterate(known);
	cs_item state;

	while (cs_next(&states, &state))
	{
		cs_iter said = cs_iterate(claims);
		cs_item claim;
		bool found = false;

		while (!found && cs_next(&said, &claim))
		{
			found = claim_agrees(ctx, profile, &state, &claim);
			if (ctx->interrupt != NULL)
				ctx->interrupt(ctx->actx);
		}
		if (!found)
			return false;
	}
	return true;
}

/* stateful: [environment, claims-list, ...]. A condition on another environment says nothing about this query. */
static bool
condition_agrees(cs_ctx *ctx, const cs_profile *profile, const cs_selector *selector, const cs_item *stateful, const cs_item *known)
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
	cs_ctx *ctx, const cs_profile *profile, const cs_selector *selector, const cs_item *record, const cs_item *known)
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
 * Only source artifacts ask (doc/conformance.md, decision 3). */
static bool
series_agrees(cs_ctx *ctx, const cs_profile *profile, const cs_selector *selector, const cs_item *record, const cs_item *known)
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
	has_mkey = cs_map_get(&conditions, CS_KEY_CONDITION_MKEY, &wanted_mkey);
	has_keys = cs_map_get(&conditions, CS_KEY_CONDITION_AUTHORIZED_BY, &wanted_keys);
	while (cs_next(&it, &measurement))
	{
		cs_item value;

		if (has_mkey && (!cs_map_get(&measurement, CS_MEASUREMENT_MKEY, &value) || !cs_mkey_same(&value, &wanted_mkey)))
			continue;
		if (!has_keys)
			return true;
		if (cs_map_get(&measurement, CS_MEASUREMENT_AUTHORIZED_BY, &value) && cs_authority_satisfies(&value, &wanted_keys))
			return true;
	}
	return false;
}

bool
cs_query_state_agrees(cs_ctx *ctx, const cs_selector *selector, int64_t kind, const cs_item *record, const cs_profile *profile)
{
	cs_item measurements;
	cs_item claims;

	if (selector->measurements.len == 0)
		return true;
	measurements = cs_item_at(selector->measurements.data, selector->measurements.len);
	switch (kind)
	{
		case CS_TRIPLE_REFERENCE: /* reference-triple-record: [ref-env, ref-claims] */
		case CS_TRIPLE_ENDORSED:  /* endorsed-triple-record: [condition, endorsement] */
			return cs_array_get(record, 1, &claims) && state_found(ctx, profile, &measurements, &claims);
		case CS_TRIPLE_IDENTITY:
		case CS_TRIPLE_ATTEST_KEY:
			return key_agrees(record, &measurements);
		case CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES:
			return series_agrees(ctx, profile, selector, record, &measurements);
		case CS_TRIPLE_CONDITIONAL_ENDORSEMENT:
			return conditional_endorsement_agrees(ctx, profile, selector, record, &measurements);
		default:
			return true; /* the other kinds say nothing about state */
	}
}
