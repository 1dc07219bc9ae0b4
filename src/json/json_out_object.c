/*
 * json_out_object.c - maps, and arrays with named positions, as JSON objects: which rule will read the object, what its members are called,
 * and by which rules their values are written. A map that names a profile lends its names to all that is inside.
 */
#include <string.h>

#include "cbor/text.h"
#include "json_out.h"
#include "model/schema_walk.h"

/* Can a member of that name be there? For shape->data, an item, by shape->rule. */
static bool
has_member(const cs_json_shape *shape, const char *name)
{
	const cs_item *item = shape->data;
	const cs_rule *rule = shape->rule;
	cs_item value;

	for (size_t i = 0; i < rule->field_count; i++)
	{
		const cs_field *field = &rule->fields[i];

		if (strcmp(field->name, name) != 0)
			continue;
		if (rule->kind != CS_STRUCT)
			return cs_array_get(item, i, &value);
		if (field->text ? cs_map_get_text(item, field->text, &value) : cs_map_get(item, field->key, &value))
			return true;
	}
	return rule->kind == CS_STRUCT && cs_map_get_text(item, name, &value);
}

const cs_rule *
cs_json_object_rule(const cs_json_rules *rules, const cs_rule *rule, const cs_item *item)
{
	cs_json_shape shape = { .kind = CS_JSON_OBJECT, .data = item, .rule = rule };

	if (rule->kind == CS_STRUCT || rule->kind == CS_RECORD || rule->kind == CS_SEQUENCE)
		shape.has = has_member;
	return cs_json_pick(rules, &shape);
}

/* The members of item are the same to both tables. */
static bool
agree(const cs_rule *a, const cs_rule *b, const cs_item *item)
{
	cs_iter it = cs_iterate(item);
	cs_item key, value;

	if (a == b || (a->kind == b->kind && a->fields == b->fields && a->kind != CS_TABLE))
		return true;
	if ((a->kind == CS_STRUCT) != (b->kind == CS_STRUCT) || a->kind == CS_TABLE || b->kind == CS_TABLE)
		return false;
	if (a->kind != CS_STRUCT)
	{
		uint64_t count = cs_count(item);

		for (size_t i = 0; i < count && (i < a->field_count || i < b->field_count); i++)
			if (i >= a->field_count || i >= b->field_count || strcmp(a->fields[i].name, b->fields[i].name) != 0)
				return false;
		return true;
	}
	while (cs_next_pair(&it, &key, &value))
	{
		const cs_field *left = cs_rule_field(a, &key);
		const cs_field *right = cs_rule_field(b, &key);

		if ((left == NULL) != (right == NULL) || (left && strcmp(left->name, right->name) != 0))
			return false;
	}
	return true;
}

static bool
has_meaning(const cs_json_rules *rules, cs_span key)
{
	static const char prefix[] = CS_JSON_KEY;

	return cs_json_is(key, CS_JSON_CBOR) || cs_json_is(key, CS_JSON_TYPE) || cs_json_is(key, CS_JSON_ENCODED) ||
		(key.len >= sizeof(prefix) - 1 && memcmp(key.data, prefix, sizeof(prefix) - 1) == 0) || cs_json_is_integer(key) ||
		cs_json_names_field(rules, key);
}

/* The profile's row for a key that the standard's table does not have, when its name will be read as that key. */
static const cs_field *
profile_field(const cs_json_writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *key)
{
	const cs_field *field;
	cs_span name;
	int64_t number;

	if (rule->kind != CS_STRUCT || !cs_int64(key, &number))
		return NULL;
	field = cs_profile_member(w->profile, rule, number);
	if (field == NULL)
		return NULL;
	name = (cs_span) { (const uint8_t *) field->name, strlen(field->name) };
	if (has_meaning(rules, name) || cs_profile_member_named(w->profile, rule, field->name, name.len) != field)
		return NULL;
	return field;
}

/* Is the value as the profile has it? One that is not stays under its number, in the form of any item. */
static bool
holds(const cs_json_writer *w, const cs_rule *rule, const cs_item *value)
{
	cs_error error = w->ctx->error;
	cs_walk walk = { .ctx = w->ctx, .accept_legacy = true, .depth = w->depth };
	bool ok = cs_walk_rule(&walk, rule, value);

	w->ctx->error = error;
	return ok;
}

/* A key that no table names: plain only in a map that may have any. */
static bool
put_key(cs_json_writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *key)
{
	bool open = rule->kind != CS_STRUCT || rule->extensible;
	cs_edn_style style = { .pretty = false };
	cs_span text;
	cs_buf edn;

	if (open && (cs_is(key, CS_UINT) || cs_is(key, CS_NINT)))
	{
		cs_put_byte(w->out, '"');
		cs_put_decimal(w->out, key);
		cs_put_byte(w->out, '"');
		return true;
	}
	if (open && cs_is(key, CS_TSTR))
	{
		if (!cs_string(w->ctx, key, &text))
			return false;
		if (!memchr(text.data, 0, text.len) && !has_meaning(rules, text) && !cs_profile_with(rule, (const char *) text.data, text.len))
		{
			cs_put_json_string(w->out, text);
			return true;
		}
	}
	cs_buf_init(&edn, w->ctx);
	cs_put_str(&edn, CS_JSON_KEY);
	if (!cs_edn_print(w->ctx, key, &style, &edn) || !cs_buf_ok(&edn))
		return false;
	cs_put_json_string(w->out, cs_buf_span(&edn));
	w->ctx->release(w->ctx->actx, edn.data);
	return true;
}

static bool
put_member(cs_json_writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *key, const cs_item *value)
{
	const cs_field *field = rule->kind == CS_STRUCT ? cs_rule_field(rule, key) : NULL;
	cs_json_rules inside;

	if (field)
		cs_json_in_field(rules, rule, field, &inside);
	else if ((field = profile_field(w, rules, rule, key)) != NULL && holds(w, field->rule, value))
		inside = cs_json_rules_of(field->rule);
	else
	{
		field = NULL;
		inside = cs_json_rules_of(rule->kind == CS_TABLE ? rule->of : &cs_rule_any);
	}
	if (field)
		cs_put_json_string(w->out, (cs_span) { (const uint8_t *) field->name, strlen(field->name) });
	else if (!put_key(w, rules, rule, key))
		return false;
	cs_put_byte(w->out, ':');
	return cs_json_put_item(w, &inside, value) != CS_JSON_FAILED;
}

static bool
put_members(cs_json_writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *item)
{
	cs_iter it = cs_iterate(item);
	cs_item key, value;
	bool first = true;

	cs_put_byte(w->out, '{');
	while (cs_next_pair(&it, &key, &value))
	{
		if (!first)
			cs_put_byte(w->out, ',');
		first = false;
		if (!put_member(w, rules, rule, &key, &value))
			return false;
	}
	cs_put_byte(w->out, '}');
	return true;
}

static bool
put_map(cs_json_writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *item)
{
	const cs_profile *around = w->profile;
	const cs_field *field = cs_profile_field(rule);
	cs_item profile;
	bool ok;

	if (field)
		w->profile = (field->text ? cs_map_get_text(item, field->text, &profile) : cs_map_get(item, field->key, &profile))
			? cs_profile_of_member(w->ctx, &profile)
			: NULL;
	ok = put_members(w, rules, rule, item);
	w->profile = around;
	return ok;
}

/* An array with named positions; what lies behind them goes by its position. */
static bool
put_record(cs_json_writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *item)
{
	cs_iter it = cs_iterate(item);
	cs_item child;

	cs_put_byte(w->out, '{');
	for (size_t i = 0; cs_next(&it, &child); i++)
	{
		cs_json_rules inside;

		if (i > 0)
			cs_put_byte(w->out, ',');
		if (i < rule->field_count)
		{
			const cs_field *field = &rule->fields[i];

			cs_put_json_string(w->out, (cs_span) { (const uint8_t *) field->name, strlen(field->name) });
			cs_json_in_field(rules, rule, field, &inside);
		}
		else
		{
			cs_put_fmt(w->out, "\"%zu\"", i);
			inside = cs_json_rules_of(&cs_rule_any);
		}
		cs_put_byte(w->out, ':');
		if (cs_json_put_item(w, &inside, &child) == CS_JSON_FAILED)
			return false;
	}
	cs_put_byte(w->out, '}');
	return true;
}

bool
cs_json_put_object(cs_json_writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *item)
{
	const cs_rule *reader = cs_json_object_rule(rules, rule, item);

	if (reader == NULL || reader->kind == CS_TAGGED || reader->kind == CS_BYTES || !agree(rule, reader, item))
		return false;
	return rule->kind == CS_RECORD || rule->kind == CS_SEQUENCE ? put_record(w, rules, reader, item) : put_map(w, rules, reader, item);
}
