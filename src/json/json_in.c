/*
 * json_in.c - JSON back to an item (json.h). Every value is read by the rules that can hold where it stands; which of them it is,
 * json_rules.c tells. Objects are in json_in_object.c, numbers and strings in json_in_scalar.c. Errors name the place as a jsonpath, so
 * that it can be pasted into one.
 */
#include "json.h"

#include <string.h>

#include "json_in.h"
#include "model/schema_walk.h"

static bool read_content(cs_json_reader *r, const cs_json_rules *rules, const cs_json_place *at, cs_buf *out);

/* ---- escape forms ---- */

static bool
read_escape(cs_json_reader *r, const cs_json *edn, const cs_json_place *at, cs_buf *out)
{
	cs_json_place here = { .up = at, .json = edn };

	if (at->json->count != 1 || edn->kind != CS_JSON_STRING)
		return cs_json_fail(r, at, CS_INVALID, "\"" CS_JSON_CBOR "\" is a string of diagnostic notation, and alone in its object");
	return cs_json_read_notation(r, edn->text, &here, out);
}

static cs_json *
typed_value(cs_json_reader *r, const cs_json_place *at, const cs_json **legacy)
{
	cs_json *value = cs_json_get(at->json, CS_JSON_VALUE);

	*legacy = cs_json_get(at->json, CS_JSON_LEGACY);
	if (value == NULL || at->json->count != (*legacy ? 3u : 2u) || (*legacy && (*legacy)->kind != CS_JSON_STRING))
	{
		cs_json_fail(r, at, CS_INVALID,
			"\"" CS_JSON_TYPE "\" wants \"" CS_JSON_VALUE "\" beside it, perhaps the string \"" CS_JSON_LEGACY "\", and nothing else");
		return NULL;
	}
	return value;
}

/* {"type": 60010, "value": ...} */
static bool
read_tag(cs_json_reader *r, const cs_json_rules *rules, const cs_json *type, const cs_json_place *at, cs_buf *out)
{
	cs_json_place here = { .up = at };
	const cs_json *legacy;
	cs_json_rules inside;
	uint64_t tag;
	cs_buf number;
	cs_item item;

	here.json = typed_value(r, at, &legacy);
	if (here.json == NULL)
		return false;
	cs_buf_init(&number, r->ctx);
	if (!cs_json_is_integer(type->text) || !cs_json_read_notation(r, type->text, at, &number))
		return cs_json_fail(r, at, CS_INVALID, "a tag is an unsigned integer");
	item = cs_item_at(number.data, number.len);
	if (!cs_uint64(&item, &tag))
		return cs_json_fail(r, at, CS_INVALID, "a tag is an unsigned integer");
	cs_put_tag(out, tag);
	cs_json_in_tag(rules, tag, &inside);
	return cs_json_read_value(r, &inside, &here, out);
}

/* {"type": "bstr" or "tstr", "value": "..."} */
static bool
read_any_string(cs_json_reader *r, const cs_rule *rule, const cs_json_place *at, cs_buf *out)
{
	cs_json_place here = { .up = at };
	const cs_json *legacy;

	here.json = typed_value(r, at, &legacy);
	if (here.json == NULL)
		return false;
	if (here.json->kind != CS_JSON_STRING)
		return cs_json_fail(r, &here, CS_INVALID, "expected %s", cs_json_wants(rule));
	return cs_json_read_string(r, rule, &here, out);
}

static bool
read_named(cs_json_reader *r, const cs_json_rules *named, const cs_json_place *at, cs_buf *out)
{
	cs_json_place here = { .up = at };
	const cs_json *legacy;
	cs_json_rules inside;

	here.json = typed_value(r, at, &legacy);
	if (here.json == NULL)
		return false;
	if (named->rule[0]->kind != CS_TAGGED)
		return cs_json_read_value(r, named, &here, out);
	cs_put_tag(out, named->rule[0]->tag);
	cs_json_in_tag(named, named->rule[0]->tag, &inside);
	return cs_json_read_value(r, &inside, &here, out);
}

/* What {"type": ...} says; done: it was read, well or not. Else the type is one of the content of a byte string. */
static bool
read_typed(cs_json_reader *r, const cs_json_rules *rules, const cs_json_place *at, cs_buf *out, bool *done)
{
	const cs_json *type = cs_json_get(at->json, CS_JSON_TYPE);
	const cs_json *legacy = cs_json_get(at->json, CS_JSON_LEGACY);
	cs_json_shape shape = { .kind = CS_JSON_OBJECT };
	const cs_rule *plain = cs_json_pick(rules, &shape);
	cs_json_rules named;

	*done = true;
	if (type->kind == CS_JSON_NUMBER)
		return read_tag(r, rules, type, at, out);
	if (type->kind == CS_JSON_STRING && cs_json_named(rules, type->text, legacy ? &legacy->text : NULL, &named))
		return read_named(r, &named, at, out);
	if (type->kind == CS_JSON_STRING && cs_json_is(type->text, CS_JSON_BSTR))
		return read_any_string(r, &cs_rule_bytes, at, out);
	if (type->kind == CS_JSON_STRING && cs_json_is(type->text, CS_JSON_TSTR))
		return read_any_string(r, &cs_rule_text, at, out);
	*done = plain == NULL || !cs_json_is_embedded(plain);
	if (!*done)
		return true;
	cs_json_fail_expected(r, rules, at);
	if (type->kind == CS_JSON_STRING && type->text.len < 60)
	{
		r->ctx->error.found[0] = '\0';
		cs_fail_found(r->ctx, "the type \"%.*s\"%s", (int) type->text.len, (const char *) type->text.data,
			legacy ? " of an unknown legacy form" : "");
	}
	return false;
}

/* ---- embedded CBOR ---- */

/* The bytes that "encoded" gives must say what stands beside it: else one of the two would be lost unseen. */
static bool
take_encoded(cs_json_reader *r, const cs_json *encoded, const cs_buf *canonical, const cs_json_place *at, cs_buf *bytes)
{
	cs_json_place here = { .up = at, .json = encoded };
	cs_buf again;
	cs_item item;

	cs_buf_init(bytes, r->ctx);
	if (encoded->kind != CS_JSON_STRING || !cs_json_get_bytes(r->ctx, &cs_rule_bytes, encoded->text, bytes))
		return cs_buf_ok(bytes) && cs_json_fail(r, &here, CS_INVALID, "expected hexadecimal digits");
	cs_buf_init(&again, r->ctx);
	if (!cs_check(r->ctx, bytes->data, bytes->len))
		return cs_json_locate(r, &here);
	item = cs_item_at(bytes->data, bytes->len);
	if (!cs_deterministic(r->ctx, &item, &again) || !cs_buf_ok(&again))
		return cs_json_locate(r, &here);
	if (cs_span_eq(cs_buf_span(&again), cs_buf_span(canonical)))
		return true;
	cs_json_fail(r, &here, CS_INVALID, "\"" CS_JSON_ENCODED "\" is not an encoding of what stands beside it");
	return cs_fail_hint(r->ctx, "Take \"" CS_JSON_ENCODED "\" out after changing a document; a signature over it does not hold any more.");
}

static cs_json *
unlink_encoded(cs_json *json)
{
	cs_json **link = &json->first;

	if (json->kind != CS_JSON_OBJECT)
		return NULL;
	for (; *link != NULL; link = &(*link)->next)
		if (cs_json_is((*link)->name, CS_JSON_ENCODED))
		{
			cs_json *found = *link;

			*link = found->next;
			json->count--;
			return found;
		}
	return NULL;
}

/* Checks what was put together, and makes it canonical. */
static bool
finish(cs_json_reader *r, const cs_buf *assembled, const cs_json_place *at, cs_buf *canonical)
{
	cs_item item;

	if (!cs_buf_ok(assembled))
		return false;
	if (!cs_check(r->ctx, assembled->data, assembled->len))
		return cs_json_locate(r, at);
	item = cs_item_at(assembled->data, assembled->len);
	return (cs_deterministic(r->ctx, &item, canonical) && cs_buf_ok(canonical)) || cs_json_locate(r, at);
}

/* The content of a byte string. */
static bool
read_embedded(cs_json_reader *r, const cs_json_rules *rules, const cs_json_place *at, cs_buf *out)
{
	/* A tree is read once: nobody misses what is taken out. */
	cs_json *encoded = unlink_encoded((cs_json *) (uintptr_t) at->json);
	cs_json_rules inside;
	cs_buf assembled, canonical, bytes;

	cs_buf_init(&assembled, r->ctx);
	cs_buf_init(&canonical, r->ctx);
	cs_json_in_bytes(rules, &inside);
	if (!read_content(r, &inside, at, &assembled) || !finish(r, &assembled, at, &canonical))
		return false;
	if (encoded && !take_encoded(r, encoded, &canonical, at, &bytes))
		return false;
	if (encoded)
		cs_put_bytes(out, bytes.data, bytes.len);
	else
		cs_put_bytes(out, canonical.data, canonical.len);
	return true;
}

/* ---- arrays ---- */

static bool
read_array(cs_json_reader *r, const cs_json_rules *rules, const cs_json_place *at, cs_buf *out)
{
	cs_json_rules inside;
	cs_json_place here = { .up = at };

	cs_json_in_list(rules, &inside);
	cs_put_array(out, at->json->count);
	for (here.json = at->json->first; here.json != NULL; here.json = here.json->next, here.index++)
		if (!cs_json_read_value(r, &inside, &here, out))
			return false;
	return true;
}

/* ---- any value ---- */

static bool
has_member(const cs_json_shape *shape, const char *name)
{
	return cs_json_get(shape->data, name) != NULL;
}

/* One whose tag goes unsaid. */
static bool
read_unsaid(cs_json_reader *r, const cs_rule *rule, const cs_json_rules *rules, const cs_json_place *at, cs_buf *out)
{
	cs_json_rules inside;

	cs_put_tag(out, rule->tag);
	cs_json_in_tag(rules, rule->tag, &inside);
	return read_content(r, &inside, at, out);
}

static bool
read_plain(cs_json_reader *r, const cs_json_rules *rules, const cs_json_place *at, cs_buf *out)
{
	const cs_json *json = at->json;
	cs_json_shape shape = { .kind = json->kind, .text = json->text, .has = has_member, .data = json };
	const cs_rule *rule;

	if (json->kind == CS_JSON_STRING && rules->count == 1 && rules->rule[0] == &cs_rule_mkey_number)
		return cs_json_read_mkey(r, at, out);
	rule = cs_json_pick(rules, &shape);
	if (rule == NULL)
		return cs_json_fail_expected(r, rules, at);
	if (rule->kind == CS_TAGGED)
		return read_unsaid(r, rule, rules, at, out);
	switch (json->kind)
	{
		case CS_JSON_NULL:
			cs_put_null(out);
			return true;
		case CS_JSON_BOOL:
			cs_put_bool(out, json->boolean);
			return true;
		case CS_JSON_NUMBER:
			return cs_json_read_number(r, rule, at, out);
		case CS_JSON_STRING:
			return cs_json_read_string(r, rule, at, out);
		case CS_JSON_ARRAY:
			return rule->kind == CS_BYTES ? read_embedded(r, rules, at, out) : read_array(r, rules, at, out);
		case CS_JSON_OBJECT:
			break;
	}
	if (rule->kind == CS_BYTES)
		return read_embedded(r, rules, at, out);
	if (rule->kind == CS_RECORD || rule->kind == CS_SEQUENCE)
		return cs_json_read_record(r, rules, rule, at, out);
	return cs_json_read_map(r, rules, rule, at, out);
}

/* The same place once more: the content of a byte string, or of a tag that went unsaid. */
static bool
read_content(cs_json_reader *r, const cs_json_rules *rules, const cs_json_place *at, cs_buf *out)
{
	const cs_json *cbor = cs_json_get(at->json, CS_JSON_CBOR);
	bool done;

	if (cbor)
		return read_escape(r, cbor, at, out);
	if (cs_json_has_types(rules) && cs_json_get(at->json, CS_JSON_TYPE))
	{
		if (!read_typed(r, rules, at, out, &done))
			return false;
		if (done)
			return true;
	}
	return read_plain(r, rules, at, out);
}

bool
cs_json_read_value(cs_json_reader *r, const cs_json_rules *rules, const cs_json_place *at, cs_buf *out)
{
	bool ok;

	cs_tick(r->ctx, &r->ticks);
	/* The hook of the backend looks after its stack. */
	if (++r->depth % 64 == 0 && r->ctx->interrupt)
		r->ctx->interrupt(r->ctx->actx);
	ok = cs_buf_ok(out) && read_content(r, rules, at, out) && cs_buf_ok(out);
	r->depth--;
	return ok;
}

bool
cs_json_read(cs_ctx *ctx, const cs_rule *rule, cs_span json, cs_buf *out)
{
	cs_json_reader r = { .ctx = ctx };
	cs_json_rules rules = cs_json_rules_of(rule);
	cs_json_place root = { .up = NULL };
	cs_json *tree, *encoded;
	cs_buf assembled, canonical, bytes;

	if (!cs_json_parse(ctx, json, &tree))
		return false;
	root.json = tree;
	encoded = unlink_encoded(tree);
	cs_buf_init(&assembled, ctx);
	cs_buf_init(&canonical, ctx);
	if (!cs_json_read_value(&r, &rules, &root, &assembled) || !finish(&r, &assembled, &root, &canonical))
		return false;
	if (encoded && !take_encoded(&r, encoded, &canonical, &root, &bytes))
		return false;
	if (encoded)
		cs_put_raw(out, bytes.data, bytes.len);
	else
		cs_put_raw(out, canonical.data, canonical.len);
	return cs_buf_ok(out);
}
