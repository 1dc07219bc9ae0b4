/*
 * conditions.c - what conditions ask for, and what an ACS holds, as keys (conditions.h). By which comparisons an element satisfies a
 * condition is in src/match; of which parts the condition of a triple consists, in src/appraise/relation.c.
 */
#include "conditions.h"

#include "common/hashfn.h"
#include "miscadmin.h"

#include "environment_keys.h"
#include "match/values.h"
#include "model/corim.h"
#include "search_keys.h"

/* Seeds of the hashes. They are on disk. */
#define SEED_ELEMENT UINT64CONST(0x656c656d656e74)
#define SEED_AUTHORITY UINT64CONST(0x617574686f72)
#define SEED_SVN UINT64CONST(0x73766e)
#define SEED_MINIMUM UINT64CONST(0x6d696e)

/* Of what conditions ask for, the lower, the fewer ask for the same. */
typedef enum rarity
{
	RARITY_DIGEST,
	RARITY_KEY,
	RARITY_VALUE,
	RARITY_SVN,
	RARITY_VERSION,
	RARITY_MINIMUM,
	RARITY_NAME,
	RARITY_AUTHORITY,
	RARITY_ELEMENT,
	RARITY_NOTHING, /* an environment alone */
	RARITY_NONE
} rarity;

/* What is taken of a condition: one of the keys. */
typedef struct choice
{
	rarity rarity;
	uint64 anchor;
	uint64 *keys;
	int count;
	int64 minimum;
} choice;

static uint64
hash_of(cs_span bytes, uint64 seed)
{
	return hash_bytes_extended(bytes.data, (int) bytes.len, seed);
}

static uint64
hash_of_number(uint64 number, uint64 seed)
{
	return hash_of((cs_span) { (const uint8_t *) &number, sizeof(number) }, seed);
}

/* Of a value, as an element of this id has it. */
static uint64
in_element(cs_span id, uint64 key)
{
	return hash_combine64(key, hash_of(id, SEED_ELEMENT));
}

/* A number of 64 bits as one with a sign, in the same order. */
static int64
ordered(uint64 number)
{
	return (int64) (number ^ (UINT64CONST(1) << 63));
}

static cs_span
id_of(cs_ctx *ctx, const cs_item *measurement)
{
	cs_span id = { NULL, 0 };
	cs_item mkey;

	if (cs_map_get(measurement, CS_MEASUREMENT_MKEY, &mkey))
		cs_pg_require(cs_mkey_canonical(ctx, &mkey, &id), ctx, "mkey");
	return id;
}

/* The standard's row, which no profile can replace; NULL for what only a profile knows. */
static const cs_field *
standard_value(const cs_item *key)
{
	int64_t codepoint;

	return cs_int64(key, &codepoint) ? cs_rule_member(&cs_rule_measurement_values_map, codepoint) : NULL;
}

static rarity
rarity_of(const cs_field *field)
{
	switch (field->comparison)
	{
		case CS_COMPARE_DIGESTS:
		case CS_COMPARE_REGISTERS:
			return RARITY_DIGEST;
		case CS_COMPARE_KEYS:
			return RARITY_KEY;
		case CS_COMPARE_VERSION:
			return RARITY_VERSION;
		default:
			return field->key == CS_MVAL_NAME ? RARITY_NAME : RARITY_VALUE;
	}
}

/* --- what is asked for --- */

typedef struct asking
{
	cs_ctx ctx;
	cs_asks *asks;
	choice best; /* of what is needed together */
} asking;

/* Is there anything rarer yet? Else there is room for so many keys. */
static bool
is_rarer(asking *a, rarity rarity, uint64 anchor, int count, int64 minimum)
{
	if (rarity >= a->best.rarity)
		return false;
	a->best = (choice) { rarity, anchor, palloc(sizeof(uint64) * (Size) count), count, minimum };
	return true;
}

static void
offer(asking *a, rarity rarity, uint64 anchor, uint64 key, int64 minimum)
{
	if (is_rarer(a, rarity, anchor, 1, minimum))
		a->best.keys[0] = key;
}

/* An svn is asked for as a number, or as the least. */
static void
offer_svn(asking *a, uint64 anchor, cs_span id, const cs_item *value)
{
	uint64_t number;
	bool minimum;

	if (!cs_svn_read(value, &number, &minimum))
		return;
	if (minimum)
		offer(a, RARITY_MINIMUM, anchor, in_element(id, SEED_MINIMUM), ordered(number));
	else
		offer(a, RARITY_SVN, anchor, in_element(id, hash_of_number(number, SEED_SVN)), 0);
}

/* What equals: each group of keys is needed, of which one is taken (search_keys.h). */
static void
offer_value(asking *a, uint64 anchor, cs_span id, const cs_field *field, cs_search_keys *keys)
{
	int count = 0;

	while (count < keys->count && keys->groups[count] == keys->groups[0])
		count++;
	if (count > 0 && !keys->failed && is_rarer(a, rarity_of(field), anchor, count, 0))
		for (int i = 0; i < count; i++)
			a->best.keys[i] = in_element(id, (uint64) DatumGetInt64(keys->values[i]));
}

static void
offer_member(asking *a, uint64 anchor, cs_span id, const cs_item *mval, const cs_item *key, const cs_item *value)
{
	const cs_field *field = standard_value(key);
	cs_search_keys keys;

	if (field == NULL)
		return;
	if (field->comparison == CS_COMPARE_SVN)
	{
		offer_svn(a, anchor, id, value);
		return;
	}
	cs_search_keys_init(&keys, &a->ctx, true);
	cs_search_member(&keys, mval, key, value);
	offer_value(a, anchor, id, field, &keys);
}

/* Every one of these keys must be the Attester's, so the first. */
static void
offer_authority(asking *a, uint64 anchor, const cs_item *authority)
{
	cs_item key = *authority;

	if (!cs_is(authority, CS_ARRAY) || cs_array_get(authority, 0, &key))
		offer(a, RARITY_AUTHORITY, anchor, hash_of(cs_item_span(&key), SEED_AUTHORITY), 0);
}

static void
offer_measurement(asking *a, uint64 anchor, const cs_item *measurement)
{
	cs_span id = id_of(&a->ctx, measurement);
	cs_item mval, key, value, authority;
	cs_iter it;

	offer(a, RARITY_ELEMENT, anchor, in_element(id, 0), 0);
	if (cs_map_get(measurement, CS_MEASUREMENT_MVAL, &mval) && cs_is(&mval, CS_MAP))
		for (it = cs_iterate(&mval); cs_next_pair(&it, &key, &value);)
			offer_member(a, anchor, id, &mval, &key, &value);
	if (cs_map_get(measurement, CS_MEASUREMENT_AUTHORIZED_BY, &authority))
		offer_authority(a, anchor, &authority);
}

/* A list of measurements, or one that is in none (a legacy form). */
static void
offer_measurements(asking *a, uint64 anchor, const cs_item *list)
{
	cs_item measurement;
	cs_iter it;

	if (cs_is(list, CS_MAP))
		offer_measurement(a, anchor, list);
	else if (cs_is(list, CS_ARRAY))
		for (it = cs_iterate(list); cs_next(&it, &measurement);)
		{
			CHECK_FOR_INTERRUPTS();
			offer_measurement(a, anchor, &measurement);
		}
}

/* An environment has to be there, whatever else has. */
static uint64
offer_environment(asking *a, const cs_item *environment)
{
	cs_environment_keys keys;
	cs_item canonical;
	uint64 anchor;
	cs_buf buf;

	cs_buf_init(&buf, &a->ctx);
	cs_pg_require(cs_env_canonical(&a->ctx, environment, &buf), &a->ctx, "environment");
	canonical = cs_item_at(buf.data, buf.len);
	keys = cs_environment_keys_of(&canonical);
	anchor = keys.count == 0 ? CS_ENVIRONMENT_EMPTY_KEY : keys.values[keys.anchor];
	offer(a, RARITY_NOTHING, anchor, CS_ASKS_NOTHING, 0);
	return anchor;
}

/* [environment, claims-list, ...]; or the environment alone (a legacy form of a series' common condition) */
static uint64
offer_condition(asking *a, const cs_item *condition)
{
	cs_item environment = *condition, claims;
	bool is_record = cs_is(condition, CS_ARRAY);
	uint64 anchor;

	if (is_record && !cs_array_get(condition, 0, &environment))
		return CS_ENVIRONMENT_EMPTY_KEY;
	anchor = offer_environment(a, &environment);
	if (is_record && cs_array_get(condition, 1, &claims))
		offer_measurements(a, anchor, &claims);
	return anchor;
}

/* What is offered from here on has to be there together. */
static void
begin(asking *a)
{
	a->best = (choice) { .rarity = RARITY_NONE };
}

static void
add_ask(cs_asks *asks, uint64 anchor, uint64 key, int64 minimum)
{
	if (asks->count == asks->capacity)
	{
		asks->capacity = asks->capacity == 0 ? 8 : asks->capacity * 2;
		asks->all = asks->all == NULL ? palloc(sizeof(cs_ask) * (Size) asks->capacity)
									  : repalloc(asks->all, sizeof(cs_ask) * (Size) asks->capacity);
	}
	asks->all[asks->count++] = (cs_ask) { anchor, key, minimum };
}

static void
take_best(asking *a)
{
	for (int i = 0; i < a->best.count; i++)
		add_ask(a->asks, a->best.anchor, a->best.keys[i], a->best.minimum);
}

/* --- of each kind of triple --- */

/* [environment, claims-list]: all of it */
static void
ask_for_claims(asking *a, const cs_item *record)
{
	begin(a);
	offer_condition(a, record);
	take_best(a);
}

/* [[[environment, claims-list], ...], ...]: all conditions must be met */
static void
ask_for_conditions(asking *a, const cs_item *record)
{
	cs_item list, condition;
	cs_iter it;

	begin(a);
	if (cs_array_get(record, 0, &list) && cs_is(&list, CS_ARRAY))
		for (it = cs_iterate(&list); cs_next(&it, &condition);)
			offer_condition(a, &condition);
	take_best(a);
}

/* [[environment, claims-list, ? authorized-by], [[condition, addition], ...]]: one of the items */
static void
ask_for_series(asking *a, const cs_item *record)
{
	cs_item common, series, item, own, authority;
	cs_iter it;

	if (!cs_array_get(record, 0, &common) || !cs_array_get(record, 1, &series) || !cs_is(&series, CS_ARRAY))
		return;
	for (it = cs_iterate(&series); cs_next(&it, &item);)
	{
		uint64 anchor;

		CHECK_FOR_INTERRUPTS();
		begin(a);
		anchor = offer_condition(a, &common);
		if (cs_is(&common, CS_ARRAY) && cs_array_get(&common, 2, &authority))
			offer_authority(a, anchor, &authority);
		else if (cs_is(&item, CS_ARRAY) && cs_array_get(&item, 0, &own))
			offer_measurements(a, anchor, &own);
		take_best(a);
	}
}

/* [environment, key-list, ? {0: mkey, 1: authorized-by}] */
static void
ask_for_keys(asking *a, const cs_item *record)
{
	cs_item environment, conditions, mkey, authority;
	cs_span id;
	uint64 anchor;

	if (!cs_array_get(record, 0, &environment))
		return;
	begin(a);
	anchor = offer_environment(a, &environment);
	if (cs_array_get(record, 2, &conditions) && cs_map_get(&conditions, CS_KEY_CONDITION_MKEY, &mkey))
	{
		cs_pg_require(cs_mkey_canonical(&a->ctx, &mkey, &id), &a->ctx, "mkey");
		offer(a, RARITY_ELEMENT, anchor, in_element(id, 0), 0);
	}
	if (cs_array_get(record, 2, &conditions) && cs_map_get(&conditions, CS_KEY_CONDITION_AUTHORIZED_BY, &authority))
		offer_authority(a, anchor, &authority);
	take_best(a);
}

/* [domain-id, members]: all members must be there; [environment, ...] of the other kinds */
static void
ask_for_environment(asking *a, int64 kind, const cs_item *record)
{
	cs_item environment, list;

	if (kind == CS_TRIPLE_MEMBERSHIP ? !cs_array_get(record, 1, &list) || !cs_is(&list, CS_ARRAY) || !cs_array_get(&list, 0, &environment)
									 : !cs_array_get(record, 0, &environment))
		return;
	begin(a);
	offer_environment(a, &environment);
	take_best(a);
}

static void
ask(asking *a, int64 kind, const cs_item *record)
{
	switch (kind)
	{
		case CS_TRIPLE_REFERENCE:
			ask_for_claims(a, record);
			break;
		case CS_TRIPLE_CONDITIONAL_ENDORSEMENT:
			ask_for_conditions(a, record);
			break;
		case CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES:
			ask_for_series(a, record);
			break;
		case CS_TRIPLE_IDENTITY:
		case CS_TRIPLE_ATTEST_KEY:
			ask_for_keys(a, record);
			break;
		default:
			ask_for_environment(a, kind, record);
	}
}

static int
compare_asks(const void *a, const void *b)
{
	const cs_ask *x = a, *y = b;

	if (x->anchor != y->anchor)
		return x->anchor < y->anchor ? -1 : 1;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return (x->minimum > y->minimum) - (x->minimum < y->minimum);
}

void
cs_asks_of(int64 kind, const cs_item *record, cs_asks *asks)
{
	asking a = { .asks = asks };
	cs_item canonical;
	cs_buf buf;
	int count = 0;

	cs_pg_ctx_stored(&a.ctx);
	cs_buf_init(&buf, &a.ctx);
	cs_pg_require(cs_deterministic(&a.ctx, record, &buf) && cs_buf_ok(&buf), &a.ctx, "triple");
	canonical = cs_item_at(buf.data, buf.len);
	if (cs_is(&canonical, CS_ARRAY))
		ask(&a, kind, &canonical);
	if (asks->count > 1)
		qsort(asks->all, (size_t) asks->count, sizeof(cs_ask), compare_asks);
	if (asks->count == 0)
		add_ask(asks, CS_ENVIRONMENT_EMPTY_KEY, CS_ASKS_NOTHING, 0);
	for (int i = 0; i < asks->count; i++)
		if (i == 0 || compare_asks(&asks->all[i], &asks->all[count - 1]) != 0)
			asks->all[count++] = asks->all[i];
	asks->count = count;
}

/* --- what is held --- */

uint64 *
cs_held_anchors(const cs_item *environment, int *count)
{
	cs_environment_keys keys = cs_environment_keys_of(environment);

	keys.values[keys.count] = CS_ENVIRONMENT_EMPTY_KEY;
	*count = (int) keys.count + 1;
	return keys.values;
}

static void
hold(cs_holdings *holdings, uint64 key, int64 most)
{
	if (holdings->count == holdings->capacity)
	{
		holdings->capacity = holdings->capacity == 0 ? 32 : holdings->capacity * 2;
		holdings->all = holdings->all == NULL ? palloc(sizeof(cs_held) * (Size) holdings->capacity)
											  : repalloc(holdings->all, sizeof(cs_held) * (Size) holdings->capacity);
	}
	holdings->all[holdings->count++] = (cs_held) { key, most };
}

/* A minimum meets no number but what is asked for as a minimum. */
static void
hold_svn(cs_holdings *holdings, cs_span id, const cs_item *value)
{
	uint64_t number;
	bool minimum;

	if (!cs_svn_read(value, &number, &minimum))
		return;
	hold(holdings, in_element(id, SEED_MINIMUM), ordered(number));
	if (!minimum)
		hold(holdings, in_element(id, hash_of_number(number, SEED_SVN)), 0);
}

static void
hold_authority(cs_holdings *holdings, const cs_item *authority)
{
	cs_iter it = cs_iterate(authority);
	cs_item key;

	if (!cs_is(authority, CS_ARRAY))
		hold(holdings, hash_of(cs_item_span(authority), SEED_AUTHORITY), 0);
	else
		while (cs_next(&it, &key))
			hold(holdings, hash_of(cs_item_span(&key), SEED_AUTHORITY), 0);
}

void
cs_hold_element(cs_holdings *holdings, cs_span id, const cs_item *claims, const cs_item *authority)
{
	cs_search_keys keys;
	cs_item key, value;
	cs_ctx ctx;
	cs_iter it;

	hold(holdings, in_element(id, 0), 0);
	if (authority != NULL)
		hold_authority(holdings, authority);
	if (!cs_is(claims, CS_MAP))
		return;
	cs_pg_ctx_stored(&ctx);
	cs_search_keys_init(&keys, &ctx, false);
	for (it = cs_iterate(claims); cs_next_pair(&it, &key, &value);)
	{
		const cs_field *field = standard_value(&key);

		CHECK_FOR_INTERRUPTS();
		if (field != NULL && field->comparison == CS_COMPARE_SVN)
			hold_svn(holdings, id, &value);
		else if (field != NULL)
			cs_search_member(&keys, claims, &key, &value);
	}
	for (int i = 0; i < keys.count; i++)
		hold(holdings, in_element(id, (uint64) DatumGetInt64(keys.values[i])), 0);
}
