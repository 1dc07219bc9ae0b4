/*
 * schema_names.c - what the tables call numbers: enumerated values, members by their keys, types by their tags.
 */
#include "rules.h"

#include <string.h>

/* The index-th that has a name; gaps of an array are passed over with *name NULL. */
static bool
value_at(const cs_rule *rule, size_t index, int64_t *number, const char **name)
{
	if (rule->value_at != NULL)
		return rule->value_at(index, number, name);
	if (index >= rule->value_name_count)
		return false;
	*number = (int64_t) index;
	*name = rule->value_names[index];
	return true;
}

const char *
cs_rule_value_name(const cs_rule *rule, int64_t value)
{
	const char *name;
	int64_t number;

	for (size_t i = 0; value_at(rule, i, &number, &name); i++)
		if (number == value)
			return name;
	return NULL;
}

int64_t
cs_rule_value_named(const cs_rule *rule, cs_span text)
{
	const char *name;
	int64_t number;

	for (size_t i = 0; value_at(rule, i, &number, &name); i++)
		if (name != NULL && strlen(name) == text.len && memcmp(name, text.data, text.len) == 0)
			return number;
	return -1;
}

bool
cs_rule_enumerates(const cs_rule *rule)
{
	return rule->value_at != NULL || rule->value_name_count > 0;
}

const cs_field *
cs_rule_member(const cs_rule *rule, int64_t key)
{
	const cs_field *found = NULL;

	for (size_t i = 0; rule->kind == CS_CHOICE && found == NULL && i < rule->choice_count; i++)
		found = cs_rule_member(rule->choices[i], key);
	for (size_t i = 0; rule->kind == CS_STRUCT && found == NULL && i < rule->field_count; i++)
		if (rule->fields[i].text == NULL && rule->fields[i].key == key)
			found = &rule->fields[i];
	return found;
}

const char *
cs_rule_member_name(const cs_rule *rule, int64_t key)
{
	const cs_field *field = cs_rule_member(rule, key);

	return field != NULL ? field->name : NULL;
}

cs_span
cs_rule_type_name(const cs_rule *rule)
{
	static const char tagged[] = "tagged-", type[] = "-type";
	const char *name = rule->name;
	size_t len;

	if (strncmp(name, tagged, sizeof(tagged) - 1) == 0)
		name += sizeof(tagged) - 1;
	len = strlen(name);
	if (len > sizeof(type) - 1 && strcmp(name + len - (sizeof(type) - 1), type) == 0)
		len -= sizeof(type) - 1;
	return (cs_span) { (const uint8_t *) name, len };
}
