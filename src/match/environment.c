/*
 * environment.c - environments: their attributes, and Attribute Path Containment between them (draft-ietf-rats-corim,
 * "Environment Comparison" and the glossary).
 *
 * A class-map is opened into its members; every other member of the environment is one leaf. Keys that no specification here
 * knows are leaves too, compared like the others.
 */
#include "values.h"

#define UUID_SIZE 16

/* The members that have a path of their own: cs_env_path is in the order of their keys. */
#define CLASS_MEMBERS (CS_CLASS_INDEX + 1)

static bool
is_class(const cs_item *key, const cs_item *value)
{
	return cs_is(key, CS_UINT) && key->arg == CS_ENVIRONMENT_CLASS && cs_is(value, CS_MAP);
}

static cs_env_attr
attribute(const cs_item *key, const cs_item *value, bool in_class)
{
	cs_env_attr attr = { .path = CS_PATH_OTHER, .value = cs_item_span(value), .in_class = in_class };

	if (in_class && cs_is(key, CS_UINT) && key->arg < CLASS_MEMBERS)
		attr.path = (cs_env_path) (CS_PATH_CLASS_ID + key->arg);
	else if (!in_class && cs_is(key, CS_UINT) && key->arg == CS_ENVIRONMENT_INSTANCE)
		attr.path = CS_PATH_INSTANCE;
	else if (!in_class && cs_is(key, CS_UINT) && key->arg == CS_ENVIRONMENT_GROUP)
		attr.path = CS_PATH_GROUP;
	else
	{
		attr.value.data = key->p;
		attr.value.len = (size_t) (cs_item_end(value) - key->p);
	}
	return attr;
}

size_t
cs_env_attrs(const cs_item *environment, cs_env_attr *attrs, size_t max)
{
	size_t count = 0;
	cs_iter outer, inner;
	cs_item key, value, member, leaf;

	if (!cs_is(environment, CS_MAP))
		return 0;
	outer = cs_iterate(environment);
	while (cs_next_pair(&outer, &key, &value))
	{
		if (!is_class(&key, &value))
		{
			if (count < max)
				attrs[count] = attribute(&key, &value, false);
			count++;
			continue;
		}
		inner = cs_iterate(&value);
		while (cs_next_pair(&inner, &member, &leaf))
		{
			if (count < max)
				attrs[count] = attribute(&member, &leaf, true);
			count++;
		}
	}
	return count;
}

static void
name_member(cs_mismatch *why, const cs_item *key, bool in_class)
{
	int64_t number;

	if (why == NULL)
		return;
	if (in_class && cs_is(key, CS_UINT) && key->arg < CLASS_MEMBERS)
		cs_mismatch_within(why, "class.%s", cs_rule_member_name(&cs_rule_class_map, (int64_t) key->arg));
	else if (!in_class && cs_is(key, CS_UINT) && key->arg <= CS_ENVIRONMENT_GROUP)
		cs_mismatch_within(why, "%s", cs_rule_member_name(&cs_rule_environment_map, (int64_t) key->arg));
	else if (cs_int64(key, &number))
		cs_mismatch_within(why, "%s%lld", in_class ? "class." : "", (long long) number);
	else
		cs_mismatch_within(why, "%s?", in_class ? "class." : "");
}

/* Every member of condition is in entry; classes are left to the caller, who is told where they lie. */
static bool
members_match(const cs_item *entry, const cs_item *condition, bool in_class, cs_mismatch *why)
{
	cs_map_cursor known = cs_map_cursor_at(entry);
	cs_iter it = cs_iterate(condition);
	cs_item key, want, have;

	while (cs_next_pair(&it, &key, &want))
	{
		if (!in_class && is_class(&key, &want))
			continue;
		if (!cs_map_cursor_find(&known, &key, &have))
			cs_mismatched(why, "no such attribute", &want, NULL);
		else if (cs_same_item(&want, &have))
			continue;
		else
			cs_mismatched(why, "values differ", &want, &have);
		name_member(why, &key, in_class);
		return false;
	}
	return true;
}

bool
cs_env_compare(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_item want, have;

	if (!cs_is(entry, CS_MAP) || !cs_is(condition, CS_MAP))
		return cs_same_item(entry, condition) || cs_mismatched(why, "not an environment", condition, entry);
	if (cs_map_get(condition, CS_ENVIRONMENT_CLASS, &want) && cs_is(&want, CS_MAP) && cs_count(&want) > 0)
	{
		if (!cs_map_get(entry, CS_ENVIRONMENT_CLASS, &have) || !cs_is(&have, CS_MAP))
		{
			cs_mismatched(why, "no such attribute", &want, NULL);
			cs_mismatch_within(why, "class");
			return false;
		}
		if (!members_match(&have, &want, true, why))
			return false;
	}
	return members_match(entry, condition, false, why);
}

bool
cs_env_satisfies(const cs_item *entry, const cs_item *condition)
{
	return cs_env_compare(entry, condition, NULL);
}

bool
cs_oid_content(const cs_item *oid, cs_span *out)
{
	cs_item inner = cs_tag_content(oid);

	if (!cs_plain_string(&inner, CS_BSTR, out))
		return false;
	if (out->len < 3 || out->len > 129 || out->data[0] != 0x06 || out->data[1] != out->len - 2)
		return true;
	out->data += 2;
	out->len -= 2;
	return true;
}

static void
put_tagged_bytes(cs_buf *out, uint64_t tag, cs_span content)
{
	cs_put_tag(out, tag);
	cs_put_bytes(out, content.data, content.len);
}

/* An identifier in its current form, or as it is. */
static void
put_identifier(cs_buf *out, const cs_item *value)
{
	cs_span content;
	cs_item inner;

	if (cs_is_tag(value, CS_TAG_OID) && cs_oid_content(value, &content))
		put_tagged_bytes(out, CS_TAG_OID, content);
	else if ((cs_is_tag(value, CS_TAG_PSA_600) || cs_is_tag(value, CS_TAG_IMPL_ID)) &&
		(inner = cs_tag_content(value), cs_plain_string(&inner, CS_BSTR, &content)))
		put_tagged_bytes(out, CS_TAG_BYTES, content);
	else if (cs_plain_string(value, CS_BSTR, &content) && content.len == UUID_SIZE)
		put_tagged_bytes(out, CS_TAG_UUID, content);
	else
		cs_put_item(out, value);
}

/* Copies a deterministic map; in the environment itself, class is opened. */
static void
put_canonical(cs_buf *out, const cs_item *map, bool in_class)
{
	cs_iter it = cs_iterate(map);
	cs_item key, value;

	cs_put_map(out, cs_count(map));
	while (cs_next_pair(&it, &key, &value))
	{
		cs_put_item(out, &key);
		if (!in_class && is_class(&key, &value))
			put_canonical(out, &value, true);
		else if (cs_is(&key, CS_UINT) && key.arg <= CS_ENVIRONMENT_GROUP && (!in_class || key.arg == 0))
			put_identifier(out, &value);
		else
			cs_put_item(out, &value);
	}
}

bool
cs_env_canonical(cs_ctx *ctx, const cs_item *environment, cs_buf *out)
{
	cs_buf plain;
	cs_item map;

	cs_buf_init(&plain, ctx);
	if (!cs_deterministic(ctx, environment, &plain) || !cs_buf_ok(&plain))
		return false;
	map = cs_item_at(plain.data, plain.len);
	if (cs_is(&map, CS_MAP))
		put_canonical(out, &map, false);
	else
		cs_put_item(out, &map);
	return cs_buf_ok(out);
}
