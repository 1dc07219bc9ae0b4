/*
 * search_keys.c - the keys by which measurements and crypto keys are found (search_keys.h).
 */
#include "search_keys.h"

#include "common/hashfn.h"

#include "cose/key_identity.h"
#include "match/values.h"
#include "miscadmin.h"

/* Seeds of the hashes. They are on disk: changing one takes a new operator class. */
#define SEED_DIGEST UINT64CONST(0x646967657374)
#define SEED_KEY UINT64CONST(0x6b6579)
#define SEED_VALUE(codepoint) (UINT64CONST(0x76616c7565) << 16 ^ (uint64) (codepoint))

void
cs_search_keys_init(cs_search_keys *keys, cs_ctx *ctx, bool of_condition)
{
	memset(keys, 0, sizeof(*keys));
	keys->ctx = ctx;
	keys->of_condition = of_condition;
}

static void
add(cs_search_keys *keys, cs_span bytes, uint64 seed)
{
	if (keys->count == keys->capacity)
	{
		int capacity = keys->capacity == 0 ? 16 : keys->capacity * 2;

		keys->values = keys->values == NULL ? palloc(sizeof(Datum) * capacity) : repalloc(keys->values, sizeof(Datum) * capacity);
		keys->groups = keys->groups == NULL ? palloc(sizeof(int) * capacity) : repalloc(keys->groups, sizeof(int) * capacity);
		keys->capacity = capacity;
	}
	keys->values[keys->count] = Int64GetDatum((int64) hash_bytes_extended(bytes.data, (int) bytes.len, seed));
	keys->groups[keys->count++] = keys->group_count;
}

/* The content of a string, all of anything else. Both are in deterministic encoding. */
static cs_span
significant(const cs_item *item)
{
	cs_span content;

	if (cs_plain_string(item, CS_BSTR, &content) || cs_plain_string(item, CS_TSTR, &content))
		return content;
	return cs_item_span(item);
}

/* A group of one key. */
static void
add_value(cs_search_keys *keys, int64 codepoint, const cs_item *value)
{
	add(keys, significant(value), SEED_VALUE(codepoint));
	keys->group_count++;
}

void
cs_search_digest(cs_search_keys *keys, cs_span value)
{
	add(keys, value, SEED_DIGEST);
}

void
cs_search_identity(cs_search_keys *keys, cs_span identity)
{
	add(keys, identity, SEED_KEY);
}

static bool
add_digest(cs_span value, void *data)
{
	cs_search_digest(data, value);
	return true;
}

/* --- digests --- */

typedef bool (*each_digest)(cs_span value, void *data);

static bool
list_digests(const cs_item *list, each_digest each, void *data)
{
	cs_digest_iter it;
	cs_digest digest;

	if (!cs_digest_iterate(list, &it))
		return true;
	while (cs_digest_next(&it, &digest))
		if (!each(digest.value, data))
			return false;
	return true;
}

/* Of a value that the standard does not name: a list of digests, or a set that the Evidence's must be in. */
static bool
other_digests(const cs_item *value, each_digest each, void *data)
{
	cs_item list = *value;
	int64 operator;

	if (cs_is_tag(value, CS_TAG_SET_DIGEST_EXPRESSION) && (!cs_expression_set(value, &operator, & list) || operator!= CS_OPERATOR_MEM))
		return true;
	return list_digests(&list, each, data);
}

static bool
register_digests(const cs_item *registers, each_digest each, void *data)
{
	cs_iter it = cs_iterate(registers);
	cs_item id, list;

	if (!cs_is(registers, CS_MAP))
		return true;
	while (cs_next_pair(&it, &id, &list))
		if (!list_digests(&list, each, data))
			return false;
	return true;
}

/* The standard's row for a key; NULL for what the standard does not name. */
static const cs_field *
standard_value(const cs_item *key)
{
	int64 codepoint;

	return cs_int64(key, &codepoint) ? cs_rule_member(&cs_rule_measurement_values_map, codepoint) : NULL;
}

/* Those of one value: where digests are compared, and of any that the standard does not name. */
static bool
value_digests(const cs_item *key, const cs_item *value, each_digest each, void *data)
{
	const cs_field *field = standard_value(key);

	if (field == NULL)
		return other_digests(value, each, data);
	if (field->comparison == CS_COMPARE_REGISTERS)
		return register_digests(value, each, data);
	return field->comparison != CS_COMPARE_DIGESTS || list_digests(value, each, data);
}

bool
cs_measurement_digests(const cs_item *measurement, each_digest each, void *data)
{
	cs_item mval, key, value;
	cs_iter it;

	if (!cs_map_get(measurement, CS_MEASUREMENT_MVAL, &mval) || !cs_is(&mval, CS_MAP))
		return true;
	for (it = cs_iterate(&mval); cs_next_pair(&it, &key, &value);)
		if (!value_digests(&key, &value, each, data))
			return false;
	return true;
}

/* --- values --- */

/* What is no list of digests is let be: no key of it could be found, and the comparison refuses it. */
static void
add_digests(cs_search_keys *keys, const cs_item *list)
{
	int before = keys->count;

	list_digests(list, add_digest, keys);
	if (keys->count > before)
		keys->group_count++;
}

static void
add_registers(cs_search_keys *keys, const cs_item *registers)
{
	cs_iter it = cs_iterate(registers);
	cs_item id, list;

	if (!cs_is(registers, CS_MAP))
		return;
	while (cs_next_pair(&it, &id, &list))
		add_digests(keys, &list);
}

/* 560(bytes) or bytes; what is masked holds without being equal. */
static void
add_raw_value(cs_search_keys *keys, const cs_item *mval, const cs_item *value)
{
	cs_item inner = *value;
	cs_item mask;

	if (cs_is_tag(value, CS_TAG_MASKED_RAW_VALUE) || cs_map_get(mval, CS_MVAL_RAW_VALUE_MASK, &mask))
		return;
	if (cs_is_tag(value, CS_TAG_BYTES))
		inner = cs_tag_content(value);
	add_value(keys, CS_MVAL_RAW_VALUE, &inner);
}

static void
add_cryptokey(cs_search_keys *keys, const cs_item *key)
{
	cs_buf identity;

	cs_buf_init(&identity, keys->ctx);
	if (cs_key_identity(keys->ctx, key, &identity))
		cs_search_identity(keys, cs_buf_span(&identity));
	else
		keys->failed = true;
	keys->group_count++;
}

static void
add_cryptokeys(cs_search_keys *keys, const cs_item *list)
{
	cs_iter it = cs_iterate(list);
	cs_item key;

	if (!cs_is(list, CS_ARRAY))
		add_cryptokey(keys, list);
	else
		while (cs_next(&it, &key))
			add_cryptokey(keys, &key);
}

/* What no standard names: the value as it is, and what a list of digests says besides. */
static void
add_other(cs_search_keys *keys, const cs_item *key, const cs_item *value)
{
	cs_span pair = { key->p, (size_t) (cs_item_end(value) - key->p) };

	add(keys, pair, SEED_VALUE(-1));
	keys->group_count++;
	if (!keys->of_condition)
		other_digests(value, add_digest, keys);
}

/* A number as a float: what is equal has the same one, whichever form it has. */
static bool
as_float(const cs_item *value, double *out)
{
	if (cs_is(value, CS_UINT))
		*out = (double) value->arg;
	else if (cs_is(value, CS_NINT))
		*out = value->arg == UINT64_MAX ? -0x1p64 : -(double) (value->arg + 1);
	else
		return cs_is_float(value, out);
	return true;
}

static void
add_bare(cs_search_keys *keys, int64 codepoint, const cs_item *value)
{
	cs_span bytes = significant(value);
	double number;

	if (as_float(value, &number))
	{
		if (number == 0)
			number = 0; /* no minus zero */
		bytes = (cs_span) { (const uint8_t *) &number, sizeof(number) };
	}
	add(keys, bytes, SEED_VALUE(codepoint));
}

/*
 * bool, number, text, bytes. A set is found by each member, and any member satisfies it: one group, on either side, with the set itself. A
 * range holds without being equal.
 */
static void
add_matcher(cs_search_keys *keys, int64 codepoint, const cs_item *value)
{
	cs_item set, member;
	cs_iter it;

	if (cs_is_tag(value, CS_TAG_NUMBER_RANGE))
		return;
	add_bare(keys, codepoint, value);
	if (cs_is_tag(value, CS_TAG_SET))
	{
		set = cs_tag_content(value);
		for (it = cs_iterate(&set); cs_is(&set, CS_ARRAY) && cs_next(&it, &member);)
			add_bare(keys, codepoint, &member);
	}
	keys->group_count++;
}

/* By the comparison of the standard's row: what must be equal where it matches makes a key. */
void
cs_search_member(cs_search_keys *keys, const cs_item *mval, const cs_item *key, const cs_item *value)
{
	const cs_field *field = standard_value(key);
	cs_item part = *value;

	switch (field == NULL ? CS_COMPARE_NOT : field->comparison)
	{
		case CS_COMPARE_NOT:
			if (field == NULL) /* else the mask of old */
				add_other(keys, key, value);
			break;
		case CS_COMPARE_DIGESTS:
			add_digests(keys, value);
			break;
		case CS_COMPARE_REGISTERS:
			add_registers(keys, value);
			break;
		case CS_COMPARE_MASK:
			add_raw_value(keys, mval, value);
			break;
		case CS_COMPARE_KEYS:
			add_cryptokeys(keys, value);
			break;
		case CS_COMPARE_VERSION:
			add_value(keys, field->key, cs_map_get(value, CS_VERSION_VERSION, &part) ? &part : value);
			break;
		case CS_COMPARE_MATCHER:
			add_matcher(keys, field->key, value);
			break;
		case CS_COMPARE_EQUAL:
			/* an IP address in a tag or without one */
			if (cs_is(value, CS_TAG))
				part = cs_tag_content(value);
			add_value(keys, field->key, &part);
			break;
		default:
			break;
	}
}

void
cs_search_measurement(cs_search_keys *keys, const cs_item *measurement)
{
	cs_item mval, key, value;
	cs_iter it;

	if (!cs_map_get(measurement, CS_MEASUREMENT_MVAL, &mval) || !cs_is(&mval, CS_MAP))
		return;
	for (it = cs_iterate(&mval); cs_next_pair(&it, &key, &value);)
	{
		CHECK_FOR_INTERRUPTS();
		cs_search_member(keys, &mval, &key, &value);
	}
}
