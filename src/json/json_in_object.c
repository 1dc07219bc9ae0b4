/*
 * json_in_object.c - JSON objects back to maps, and to arrays with named positions: which key a name stands for, and by which rules its
 * value is read. A map that names a profile lends its names to all that is inside, so the profile is read before the members.
 */
#include <stdio.h>
#include <string.h>

#include "json_in.h"
#include "model/schema_walk.h"

/* ---- names ---- */

static const cs_field *
field_of(const cs_rule *rule, cs_span name)
{
	for (size_t i = 0; rule->kind == CS_STRUCT && i < rule->field_count; i++)
		if (cs_json_is(name, rule->fields[i].name))
			return &rule->fields[i];
	return NULL;
}

static void
put_field_key(const cs_field *field, cs_buf *out)
{
	if (field->text)
		cs_put_cstr(out, field->text);
	else
		cs_put_int(out, field->key);
}

static bool
fail_name(cs_json_reader *r, const cs_json_place *at)
{
	cs_span name = at->json->name;

	r->ctx->error.found[0] = '\0';
	return cs_fail_found(r->ctx, "\"%.*s\"", (int) (name.len < 60 ? name.len : 60), (const char *) name.data);
}

/* A name of another profile is a mistake, and no text key. */
static bool
fail_other_profile(cs_json_reader *r, const cs_rule *rule, const cs_profile *owner, const cs_json_place *at)
{
	cs_span name = at->json->name;
	const cs_field *field = cs_profile_member_named(owner, rule, (const char *) name.data, name.len);

	cs_json_fail(r, at, CS_INVALID, "this is a name of profile %s, which the document does not have", owner->name);
	cs_fail_hint(r->ctx, "Members go by their names where the document's \"profile\" says whose they are; elsewhere the key is \"%lld\".",
		(long long) field->key);
	return fail_name(r, at);
}

/* A key that no name stands for: digits, diagnostic notation, or a text that is itself. */
static bool
read_nameless(cs_json_reader *r, const cs_json_place *at, bool *escaped, cs_buf *out)
{
	static const char prefix[] = CS_JSON_KEY;
	cs_span name = at->json->name;

	*escaped = name.len >= sizeof(prefix) - 1 && memcmp(name.data, prefix, sizeof(prefix) - 1) == 0;
	if (*escaped)
		name = (cs_span) { name.data + sizeof(prefix) - 1, name.len - (sizeof(prefix) - 1) };
	if (*escaped || cs_json_is_integer(name))
		return cs_json_read_notation(r, name, at, out);
	cs_put_text(out, (const char *) name.data, name.len);
	return cs_buf_ok(out);
}

/* Appends a key, and tells what can stand under it. By its number, a profile's member is read as any item. */
static bool
read_key(cs_json_reader *r, const cs_json_rules *rules, const cs_rule *rule, const cs_json_place *at, cs_json_rules *inside, cs_buf *out)
{
	cs_span name = at->json->name;
	size_t start = out->len;
	const cs_field *field = field_of(rule, name);
	const cs_profile *owner = NULL;
	bool escaped;
	cs_item key;

	if (field == NULL && rule->kind == CS_STRUCT)
		owner = cs_profile_with(rule, (const char *) name.data, name.len);
	if (field || (owner && (field = cs_profile_member_named(r->profile, rule, (const char *) name.data, name.len)) != NULL))
	{
		put_field_key(field, out);
		if (owner)
			*inside = cs_json_rules_of(field->rule);
		else
			cs_json_in_field(rules, rule, field, inside);
		return true;
	}
	if (owner)
		return fail_other_profile(r, rule, owner, at);
	*inside = cs_json_rules_of(rule->kind == CS_TABLE ? rule->of : &cs_rule_any);
	if (!read_nameless(r, at, &escaped, out))
		return false;
	if (rule->kind != CS_STRUCT || !cs_buf_ok(out))
		return cs_buf_ok(out);
	key = cs_item_at(out->data + start, out->len - start);
	field = cs_rule_field(rule, &key);
	if (field)
		cs_json_in_field(rules, rule, field, inside);
	if (field || escaped || rule->extensible)
		return true;
	cs_json_fail(r, at, CS_INVALID, "%s has no member of this name", rule->name);
	return fail_name(r, at);
}

/* ---- the profile ---- */

/* Is this the member of field, by its name or by its key? Where the key cannot be read, whoever reads the members says so. */
static bool
is_member(cs_json_reader *r, const cs_rule *rule, const cs_field *field, const cs_json_place *at)
{
	cs_error error = r->ctx->error;
	const cs_field *named = field_of(rule, at->json->name);
	bool escaped, is;
	cs_buf buf;
	cs_item key;

	if (named)
		return named == field;
	cs_buf_init(&buf, r->ctx);
	is = read_nameless(r, at, &escaped, &buf) && cs_buf_ok(&buf);
	if (is)
	{
		key = cs_item_at(buf.data, buf.len);
		is = cs_rule_field(rule, &key) == field;
	}
	r->ctx->error = error;
	return is;
}

/* The profile that the map names, where its table has a member for it; *profile stays where it has none. */
static bool
read_profile(cs_json_reader *r, const cs_json_rules *rules, const cs_rule *rule, const cs_json_place *at, const cs_profile **profile)
{
	const cs_field *field = cs_profile_field(rule);
	cs_json_place here = { .up = at };
	cs_json_rules inside;
	cs_buf value;
	cs_item item;

	if (field == NULL)
		return true;
	*profile = NULL;
	for (here.json = at->json->first; here.json != NULL && !is_member(r, rule, field, &here); here.json = here.json->next)
		;
	if (here.json == NULL)
		return true;
	cs_buf_init(&value, r->ctx);
	cs_json_in_field(rules, rule, field, &inside);
	if (!cs_json_read_value(r, &inside, &here, &value))
		return false;
	if (!cs_check(r->ctx, value.data, value.len))
		return cs_json_locate(r, &here);
	item = cs_item_at(value.data, value.len);
	*profile = cs_profile_of_member(r->ctx, &item);
	return true;
}

/* ---- objects ---- */

static bool
read_members(cs_json_reader *r, const cs_json_rules *rules, const cs_rule *rule, const cs_json_place *at, cs_buf *out)
{
	cs_json_place here = { .up = at };

	cs_put_map(out, at->json->count);
	for (here.json = at->json->first; here.json != NULL; here.json = here.json->next)
	{
		cs_json_rules inside;

		if (!read_key(r, rules, rule, &here, &inside, out) || !cs_json_read_value(r, &inside, &here, out))
			return false;
	}
	return true;
}

bool
cs_json_read_map(cs_json_reader *r, const cs_json_rules *rules, const cs_rule *rule, const cs_json_place *at, cs_buf *out)
{
	const cs_profile *around = r->profile;
	bool ok;

	if (!read_profile(r, rules, rule, at, &r->profile))
		return false;
	ok = read_members(r, rules, rule, at, out);
	r->profile = around;
	return ok;
}

/* The member for one position of a record; behind the named ones by its number. */
static const cs_json *
position(const cs_json *json, const cs_rule *rule, size_t i)
{
	char number[24];

	snprintf(number, sizeof(number), "%zu", i);
	return cs_json_get(json, i < rule->field_count ? rule->fields[i].name : number);
}

bool
cs_json_read_record(cs_json_reader *r, const cs_json_rules *rules, const cs_rule *rule, const cs_json_place *at, cs_buf *out)
{
	cs_json_place here = { .up = at };
	size_t count = at->json->count;

	cs_put_array(out, count);
	for (size_t i = 0; i < count; i++)
	{
		cs_json_rules inside;

		here.json = position(at->json, rule, i);
		if (here.json == NULL && i < rule->field_count)
			return cs_json_fail(r, at, CS_INVALID, "member \"%s\" is missing, or one has a wrong name", rule->fields[i].name);
		if (here.json == NULL)
			return cs_json_fail(r, at, CS_INVALID, "%s has no member of such a name", rule->name);
		if (i < rule->field_count)
			cs_json_in_field(rules, rule, &rule->fields[i], &inside);
		else
			inside = cs_json_rules_of(&cs_rule_any);
		if (!cs_json_read_value(r, &inside, &here, out))
			return false;
	}
	return true;
}
