/*
 * schema_notes.c - the standard's names as comments in diagnostic notation, from the same tables that validate. The state of an
 * item is its rule; what no table knows has none, and neither has anything below it.
 */
#include "profile.h"
#include "schema_walk.h"

/* The alternative that an item is: by the look-ahead of the walker, without its trials. */
static const cs_rule *
resolve(const cs_rule *rule, const cs_item *item)
{
	while (rule != NULL && rule->kind == CS_CHOICE)
	{
		const cs_rule *found = NULL;

		for (int levels = CS_LOOK_AHEAD; found == NULL && levels >= 0; levels -= CS_LOOK_AHEAD)
			for (size_t i = 0; found == NULL && i < rule->choice_count; i++)
				if (cs_rule_looks_like(rule->choices[i], item, levels))
					found = rule->choices[i];
		rule = found;
	}
	return rule != NULL && cs_rule_looks_like(rule, item, 0) ? rule : NULL;
}

static const cs_rule *
child_rule(const cs_profile *profile, const cs_rule *rule, const cs_item *key, uint64_t index, const cs_item *child, const char **name);

/* Only the root can still be a choice: the alternative that can have such a child. */
static const cs_rule *
child_of_choice(const cs_profile *profile, const cs_rule *rule, const cs_item *key, uint64_t index, const cs_item *child, const char **name)
{
	for (size_t i = 0; i < rule->choice_count; i++)
	{
		const cs_rule *found = child_rule(profile, rule->choices[i], key, index, child, name);

		if (found != NULL && cs_rule_may_be(found, child))
			return found;
	}
	*name = NULL;
	return NULL;
}

/* A member of a map, by its table or else by the profile. */
static const cs_field *
member(const cs_profile *profile, const cs_rule *rule, const cs_item *key)
{
	const cs_field *field = cs_rule_field(rule, key);
	int64_t number;

	return field == NULL && cs_int64(key, &number) ? cs_profile_member(profile, rule, number) : field;
}

static const cs_rule *
child_rule(const cs_profile *profile, const cs_rule *rule, const cs_item *key, uint64_t index, const cs_item *child, const char **name)
{
	const cs_field *field = NULL;

	*name = NULL;
	switch (rule->kind)
	{
		case CS_CHOICE:
			return child_of_choice(profile, rule, key, index, child, name);
		case CS_STRUCT:
			field = key != NULL ? member(profile, rule, key) : NULL;
			break;
		case CS_RECORD:
		case CS_SEQUENCE:
			field = key == NULL && index < rule->field_count ? &rule->fields[index] : NULL;
			break;
		case CS_TABLE:
			return key != NULL ? rule->of : NULL;
		case CS_LIST:
			return key == NULL ? rule->of : NULL;
		case CS_TAGGED:
		case CS_BYTES:
			return key == NULL && index == 0 ? rule->of : NULL;
		default:
			return NULL;
	}
	if (field == NULL)
		return NULL;
	*name = field->name;
	return field->rule;
}

/* Where no field names it: a map or record behind a tag or in a byte string by its rule. */
static const char *
own_name(const cs_rule *parent, const cs_rule *rule)
{
	if (parent->kind != CS_TAGGED && parent->kind != CS_BYTES)
		return NULL;
	return rule->kind == CS_STRUCT || rule->kind == CS_RECORD || rule->kind == CS_SEQUENCE ? rule->name : NULL;
}

static const void *
note(const cs_edn_notes *notes, const void *state, const cs_item *key, uint64_t index, const cs_item *child, const char **name,
	bool *embedded)
{
	const cs_rule *parent = state;
	const char *field_name = NULL;
	const cs_rule *rule = parent != NULL ? child_rule(notes->data, parent, key, index, child, &field_name) : NULL;

	if (rule != NULL)
		rule = resolve(rule, child);
	if (rule != NULL && field_name == NULL)
		field_name = own_name(parent, rule);
	if (name != NULL)
		*name = field_name;
	if (embedded != NULL)
		*embedded = rule != NULL && rule->kind == CS_BYTES && rule->of != NULL;
	return rule;
}

/* An enumerated value by its name, a number as measurement key by the profile's. */
static const char *
value_name(const cs_edn_notes *notes, const void *state, const cs_item *item)
{
	const cs_rule *rule = state;
	uint64_t value;

	if (rule->value_name != NULL)
		return rule->value_name(item);
	if (!cs_uint64(item, &value))
		return NULL;
	if (rule == &cs_rule_mkey_number)
		return cs_profile_mkey_name(notes->data, value);
	return value <= INT64_MAX ? cs_rule_value_name(rule, (int64_t) value) : NULL;
}

cs_edn_notes
cs_rule_notes_for(const cs_rule *rule, const cs_profile *profile)
{
	return (cs_edn_notes) { rule, note, value_name, profile };
}

cs_edn_notes
cs_rule_notes(const cs_rule *rule)
{
	return cs_rule_notes_for(rule, NULL);
}
