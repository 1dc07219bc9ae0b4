/*
 * schema_ahead.c - looking ahead: which alternatives of a choice an item may be, told by major type and tag, and where that is
 * not enough by the shape below. Needs no context: annotations use it too.
 */
#include "schema_walk.h"

static bool
in_range(const cs_rule *rule, const cs_item *item)
{
	int64_t arg = (int64_t) item->arg;

	if (arg < 0)
		return cs_is(item, CS_UINT) ? rule->max == INT64_MAX : rule->min == INT64_MIN;
	if (cs_is(item, CS_NINT))
		arg = -1 - arg;
	return arg >= rule->min && arg <= rule->max;
}

static bool
is_integer(const cs_item *item)
{
	return cs_is(item, CS_UINT) || cs_is(item, CS_NINT);
}

static bool __attribute__((noinline))
is_number(const cs_item *item)
{
	double value;

	return is_integer(item) || cs_is_float(item, &value);
}

static bool __attribute__((noinline))
is_time(const cs_rule *rule, const cs_item *item)
{
	cs_item content;

	if (!cs_is(item, CS_TAG))
		return rule->tag == 1 && is_number(item);
	if (item->arg != rule->tag)
		return false;
	content = cs_tag_content(item);
	return rule->tag == 0 ? cs_is(&content, CS_TSTR) : is_number(&content);
}

static const cs_field *__attribute__((noinline))
find_field(const cs_rule *rule, const cs_item *key)
{
	int64_t number;
	bool integer = cs_int64(key, &number);

	for (size_t i = 0; i < rule->field_count; i++)
	{
		const cs_field *field = &rule->fields[i];

		if (field->text ? cs_text_is(key, field->text) : integer && field->key == number)
			return field;
	}
	return NULL;
}

const cs_field *
cs_rule_field(const cs_rule *rule, const cs_item *key)
{
	const cs_field *field = cs_is(key, CS_UINT) && key->arg < rule->field_count ? &rule->fields[key->arg] : NULL;

	/* Most tables have keys from 0 on. */
	return field != NULL && field->key == (int64_t) key->arg && !field->text ? field : find_field(rule, key);
}

/* Every required member there, and none that the table does not allow. */
static bool
struct_shape(const cs_rule *rule, const cs_item *item)
{
	cs_iter it = cs_iterate(item);
	cs_item key, value;
	size_t required = 0;

	for (size_t i = 0; i < rule->field_count; i++)
		required += !rule->fields[i].optional;
	while (cs_next_pair(&it, &key, &value))
	{
		const cs_field *field = cs_rule_field(rule, &key);

		if (field == NULL && !rule->extensible)
			return false;
		if (field != NULL && !field->optional && required > 0)
			required--;
	}
	return required == 0;
}

static bool
record_shape(const cs_rule *rule, const cs_item *item, int levels)
{
	cs_iter it = cs_iterate(item);
	cs_item child;
	size_t i = 0;

	for (; cs_next(&it, &child); i++)
	{
		if (i >= rule->field_count)
			return rule->extensible;
		if (!cs_rule_looks_like(rule->fields[i].rule, &child, levels - 1))
			return false;
	}
	return i >= rule->field_count || rule->fields[i].optional;
}

static bool __attribute__((noinline))
shape(const cs_rule *rule, const cs_item *item, int levels)
{
	cs_item child;

	if (rule->suits && !rule->suits(item))
		return false;
	switch (rule->kind)
	{
		case CS_TAGGED:
			child = cs_tag_content(item);
			return cs_rule_looks_like(rule->of, &child, levels - 1);
		case CS_RECORD:
		case CS_SEQUENCE:
			return record_shape(rule, item, levels);
		case CS_LIST:
			return cs_array_get(item, 0, &child) ? cs_rule_looks_like(rule->of, &child, levels - 1) : rule->min == 0;
		case CS_STRUCT:
			return struct_shape(rule, item);
		default:
			return true;
	}
}

/* Asked many times for each item: it has nothing on the stack. */
static inline bool
head(const cs_rule *rule, const cs_item *item)
{
	switch (rule->kind)
	{
		case CS_ANY:
			return true;
		case CS_INTEGER:
			return is_integer(item) && in_range(rule, item);
		case CS_BYTES:
			return cs_is(item, CS_BSTR);
		case CS_TEXT:
			return cs_is(item, CS_TSTR);
		case CS_BOOL:
			return cs_is(item, CS_SIMPLE) && (item->info == 20 || item->info == 21);
		case CS_NULL:
			return cs_is_null(item);
		case CS_NUMBER:
			return is_number(item);
		case CS_TIME:
			return is_time(rule, item);
		case CS_TAGGED:
			return cs_is_tag(item, rule->tag);
		case CS_RECORD:
		case CS_LIST:
		case CS_SEQUENCE:
			return cs_is(item, CS_ARRAY);
		case CS_STRUCT:
		case CS_TABLE:
			return cs_is(item, CS_MAP);
		case CS_CHOICE:
			break;
	}
	return false;
}

static bool __attribute__((noinline))
any_looks_like(const cs_rule *rule, const cs_item *item, int levels)
{
	for (size_t i = 0; i < rule->choice_count; i++)
		if (cs_rule_looks_like(rule->choices[i], item, levels))
			return true;
	return rule->extensible && cs_is(item, CS_TAG);
}

bool
cs_rule_looks_like(const cs_rule *rule, const cs_item *item, int levels)
{
	if (rule->kind == CS_CHOICE)
		return any_looks_like(rule, item, levels);
	return head(rule, item) && (levels <= 0 || shape(rule, item, levels));
}

bool
cs_rule_may_be(const cs_rule *rule, const cs_item *item)
{
	return cs_rule_looks_like(rule, item, CS_LOOK_AHEAD);
}
