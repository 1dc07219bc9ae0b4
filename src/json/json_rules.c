/*
 * json_rules.c - what a JSON value stands for (json_rules.h): told by its kind, by the names of its members, and by nothing else.
 */
#include "json_rules.h"
#include "model/schema_walk.h"

#include <string.h>

void
cs_json_rules_add(cs_json_rules *rules, const cs_rule *rule)
{
	if (rule->kind == CS_CHOICE)
	{
		for (size_t i = 0; i < rule->choice_count; i++)
			cs_json_rules_add(rules, rule->choices[i]);
		return;
	}
	for (uint32_t i = 0; i < rules->count; i++)
		if (rules->rule[i] == rule)
			return;
	/* One too many is never picked, and so written in an escape form. */
	if (rules->count < CS_JSON_ALTERNATIVES)
		rules->rule[rules->count++] = rule;
}

cs_json_rules
cs_json_rules_of(const cs_rule *rule)
{
	cs_json_rules rules = { .count = 0 };

	cs_json_rules_add(&rules, rule);
	return rules;
}

static bool
usable(const cs_json_rules *rules, const cs_rule *rule)
{
	return rules->legacy || rule->legacy == NULL;
}

static bool
is_record(const cs_rule *rule)
{
	return rule->kind == CS_RECORD || rule->kind == CS_SEQUENCE;
}

static bool
has_fields(const cs_rule *rule)
{
	return rule->kind == CS_STRUCT || is_record(rule);
}

bool
cs_json_is_embedded(const cs_rule *rule)
{
	return rule->kind == CS_BYTES && rule->of != NULL;
}

/* ---- tags that go unsaid ---- */

static bool
all_have_fields(const cs_rule *rule)
{
	cs_json_rules inside = cs_json_rules_of(rule);
	uint32_t n = 0;

	for (uint32_t i = 0; i < inside.count; i++)
	{
		if (!usable(&inside, inside.rule[i]))
			continue;
		if (!has_fields(inside.rule[i]))
			return false;
		n++;
	}
	return n > 0;
}

/*
 * A tag goes unsaid where it is the only alternative (a URI), and where every alternative is an object whose members tell which it is (an
 * unsigned document, a signed one).
 */
static bool
tags_go_unsaid(const cs_json_rules *rules)
{
	uint32_t n = 0, tagged = 0, told = 0;

	for (uint32_t i = 0; i < rules->count; i++)
	{
		const cs_rule *rule = rules->rule[i];

		if (!usable(rules, rule))
			continue;
		n++;
		tagged += rule->kind == CS_TAGGED;
		told += rule->kind == CS_TAGGED ? all_have_fields(rule->of) : has_fields(rule);
	}
	return tagged > 0 && (n == 1 || told == n);
}

/* ---- picking ---- */

static const cs_rule *
first_of(const cs_json_rules *rules, uint32_t kinds)
{
	for (uint32_t i = 0; i < rules->count; i++)
		if (usable(rules, rules->rule[i]) && (kinds >> rules->rule[i]->kind & 1))
			return rules->rule[i];
	return NULL;
}

static const cs_rule *
first_embedded(const cs_json_rules *rules)
{
	for (uint32_t i = 0; i < rules->count; i++)
		if (usable(rules, rules->rule[i]) && cs_json_is_embedded(rules->rule[i]))
			return rules->rule[i];
	return NULL;
}

#define KIND(kind) (UINT32_C(1) << (kind))

static const cs_rule *
pick_number(const cs_json_rules *rules)
{
	for (uint32_t i = 0; i < rules->count; i++)
	{
		const cs_rule *rule = rules->rule[i];

		if (usable(rules, rule) &&
			(rule->kind == CS_TIME ? rule->tag == 1 : KIND(rule->kind) & (KIND(CS_INTEGER) | KIND(CS_NUMBER) | KIND(CS_ANY))))
			return rule;
	}
	return NULL;
}

/* Names of enumerations come before text, and text before what is written as text. */
static const cs_rule *
pick_string(const cs_json_rules *rules, cs_span text)
{
	const cs_rule *found;

	for (uint32_t i = 0; i < rules->count; i++)
		if (usable(rules, rules->rule[i]) && cs_json_enumerated(rules->rule[i], text) >= 0)
			return rules->rule[i];
	found = first_of(rules, KIND(CS_TEXT) | KIND(CS_ANY));
	if (found == NULL)
		found = first_of(rules, KIND(CS_TIME));
	return found ? found : first_of(rules, KIND(CS_BYTES));
}

static bool
fits(const cs_rule *rule, const cs_json_shape *shape)
{
	cs_json_rules inside;

	if (shape->has == NULL)
		return false;
	if (rule->kind == CS_TAGGED)
	{
		inside = cs_json_rules_of(rule->of);
		for (uint32_t i = 0; i < inside.count; i++)
			if (usable(&inside, inside.rule[i]) && fits(inside.rule[i], shape))
				return true;
		return false;
	}
	for (size_t i = 0; has_fields(rule) && i < rule->field_count; i++)
		if (shape->has(shape, rule->fields[i].name))
			return true;
	return false;
}

/* The first that has a member of that name, else a table, else the only one there is. */
static const cs_rule *
pick_object(const cs_json_rules *rules, const cs_json_shape *shape)
{
	bool unsaid = tags_go_unsaid(rules);
	const cs_rule *first = NULL, *found;
	uint32_t n = 0;

	for (uint32_t i = 0; i < rules->count; i++)
	{
		const cs_rule *rule = rules->rule[i];

		if (!usable(rules, rule) || !(has_fields(rule) || (unsaid && rule->kind == CS_TAGGED)))
			continue;
		if (fits(rule, shape))
			return rule;
		if (n++ == 0)
			first = rule;
	}
	found = first_of(rules, KIND(CS_TABLE) | KIND(CS_ANY));
	if (found || first)
		return found ? found : first;
	return first_embedded(rules);
}

const cs_rule *
cs_json_pick(const cs_json_rules *rules, const cs_json_shape *shape)
{
	const cs_rule *found = NULL;

	switch (shape->kind)
	{
		case CS_JSON_NULL:
			found = first_of(rules, KIND(CS_NULL) | KIND(CS_ANY));
			break;
		case CS_JSON_BOOL:
			found = first_of(rules, KIND(CS_BOOL) | KIND(CS_ANY));
			break;
		case CS_JSON_NUMBER:
			found = pick_number(rules);
			break;
		case CS_JSON_STRING:
			found = pick_string(rules, shape->text);
			break;
		case CS_JSON_ARRAY:
			found = first_of(rules, KIND(CS_LIST) | KIND(CS_ANY));
			if (found == NULL)
				found = first_embedded(rules);
			break;
		case CS_JSON_OBJECT:
			return pick_object(rules, shape);
	}
	return found == NULL && tags_go_unsaid(rules) ? first_of(rules, KIND(CS_TAGGED)) : found;
}

/* Byte strings: better as what is in them, where there is something. */
static const cs_rule *
first_of_bytes(const cs_json_rules *rules, const cs_item *item, int levels, const cs_rule *first)
{
	for (uint32_t i = 0; i < rules->count; i++)
		if (cs_json_is_embedded(rules->rule[i]) && cs_rule_looks_like(rules->rule[i], item, levels))
			return rules->rule[i];
	return first;
}

/* Of those that look alike, the first that holds. */
static const cs_rule *
first_valid(cs_ctx *ctx, const cs_json_rules *rules, const cs_item *item, int levels, const cs_rule *first)
{
	cs_error error = ctx->error;
	const cs_rule *found = NULL;

	for (uint32_t i = 0; found == NULL && i < rules->count; i++)
	{
		cs_walk walk = { .ctx = ctx, .accept_legacy = true };

		if (cs_rule_looks_like(rules->rule[i], item, levels) && cs_walk_rule(&walk, rules->rule[i], item))
			found = rules->rule[i];
	}
	ctx->error = error;
	return found ? found : first;
}

const cs_rule *
cs_json_resolve(cs_ctx *ctx, const cs_json_rules *rules, const cs_item *item)
{
	for (int levels = CS_LOOK_AHEAD; levels >= 0; levels -= CS_LOOK_AHEAD)
	{
		const cs_rule *first = NULL;
		uint32_t n = 0;

		for (uint32_t i = 0; i < rules->count; i++)
			if (cs_rule_looks_like(rules->rule[i], item, levels) && n++ == 0)
				first = rules->rule[i];
		if (n > 1)
			return cs_is(item, CS_BSTR) ? first_of_bytes(rules, item, levels, first) : first_valid(ctx, rules, item, levels, first);
		if (n == 1)
			return first;
	}
	return NULL;
}

/* ---- names ---- */

static bool
is_named(const cs_rule *rule, cs_span name, const cs_span *legacy)
{
	if (legacy ? rule->legacy == NULL || !cs_json_is(*legacy, rule->legacy) : rule->legacy != NULL)
		return false;
	return cs_span_eq(cs_rule_type_name(rule), name);
}

bool
cs_json_named(const cs_json_rules *rules, cs_span name, const cs_span *legacy, cs_json_rules *out)
{
	*out = (cs_json_rules) { .legacy = legacy != NULL };
	for (int tagged = 1; tagged >= 0 && out->count == 0; tagged--)
		for (uint32_t i = 0; i < rules->count; i++)
			if ((rules->rule[i]->kind == CS_TAGGED) == tagged && is_named(rules->rule[i], name, legacy))
				cs_json_rules_add(out, rules->rule[i]);
	/* The one legacy form that is no rule of its own. */
	for (uint32_t i = 0; out->count == 0 && legacy && i < rules->count; i++)
		if (rules->rule[i]->kind == CS_TIME && cs_json_is(*legacy, "untagged-time") && cs_span_eq(cs_rule_type_name(rules->rule[i]), name))
			cs_json_rules_add(out, &cs_rule_number);
	return out->count > 0;
}

static bool
field_named(const cs_rule *rule, cs_span name)
{
	if (rule->kind == CS_TAGGED)
	{
		cs_json_rules inside = cs_json_rules_of(rule->of);

		for (uint32_t i = 0; i < inside.count; i++)
			if (inside.rule[i]->kind != CS_TAGGED && field_named(inside.rule[i], name))
				return true;
		return false;
	}
	for (size_t i = 0; has_fields(rule) && i < rule->field_count; i++)
		if (cs_json_is(name, rule->fields[i].name))
			return true;
	return false;
}

bool
cs_json_names_field(const cs_json_rules *rules, cs_span name)
{
	for (uint32_t i = 0; i < rules->count; i++)
		if (field_named(rules->rule[i], name))
			return true;
	return false;
}

bool
cs_json_has_types(const cs_json_rules *rules)
{
	cs_span type = { (const uint8_t *) CS_JSON_TYPE, sizeof(CS_JSON_TYPE) - 1 };

	for (uint32_t i = 0; i < rules->count; i++)
		if (has_fields(rules->rule[i]) && field_named(rules->rule[i], type))
			return false;
	return true;
}

bool
cs_json_is_integer(cs_span text)
{
	size_t i = text.len > 0 && text.data[0] == '-';

	if (i == text.len || (text.data[i] == '0' && text.len > 1))
		return false;
	for (; i < text.len; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return false;
	return true;
}

int64_t
cs_json_enumerated(const cs_rule *rule, cs_span name)
{
	return rule->kind == CS_INTEGER ? cs_rule_value_named(rule, name) : -1;
}

/* ---- inside ---- */

static void
or_any(cs_json_rules *out)
{
	if (out->count == 0)
		cs_json_rules_add(out, &cs_rule_any);
}

static void
inside_kind(const cs_json_rules *rules, cs_kind kind, uint64_t tag, cs_json_rules *out)
{
	*out = (cs_json_rules) { .count = 0 };
	for (uint32_t i = 0; i < rules->count; i++)
	{
		const cs_rule *rule = rules->rule[i];

		if (rule->kind == kind && usable(rules, rule) && rule->of && (kind != CS_TAGGED || rule->tag == tag))
			cs_json_rules_add(out, rule->of);
	}
	or_any(out);
}

void
cs_json_in_tag(const cs_json_rules *rules, uint64_t tag, cs_json_rules *out)
{
	inside_kind(rules, CS_TAGGED, tag, out);
}

void
cs_json_in_list(const cs_json_rules *rules, cs_json_rules *out)
{
	inside_kind(rules, CS_LIST, 0, out);
}

void
cs_json_in_bytes(const cs_json_rules *rules, cs_json_rules *out)
{
	inside_kind(rules, CS_BYTES, 0, out);
}

static bool
same_field(const cs_rule *a, const cs_field *field, const cs_rule *b, const cs_field *other)
{
	if (strcmp(field->name, other->name) != 0)
		return false;
	if (is_record(a))
		return field - a->fields == other - b->fields;
	return (field->text != NULL) == (other->text != NULL) && (field->text || field->key == other->key);
}

/* Alternatives that have the same member (a CoRIM and its hash envelope) are read as one. */
void
cs_json_in_field(const cs_json_rules *rules, const cs_rule *rule, const cs_field *field, cs_json_rules *out)
{
	*out = (cs_json_rules) { .count = 0 };
	for (uint32_t i = 0; i < rules->count; i++)
	{
		const cs_rule *other = rules->rule[i];

		if (!usable(rules, other) || !has_fields(other) || is_record(other) != is_record(rule))
			continue;
		for (size_t k = 0; k < other->field_count; k++)
			if (same_field(rule, field, other, &other->fields[k]))
				cs_json_rules_add(out, other->fields[k].rule);
	}
	or_any(out);
}
