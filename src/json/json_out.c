/*
 * json_out.c - an item as JSON (json.h). Each value takes the first of four forms that will be read back as what it is: plain; by the name
 * of its alternative; by its tag number or as a string of its major type; diagnostic notation. Objects are in json_out_object.c, numbers
 * and strings in json_out_scalar.c.
 *
 * Whether a plain form will do is decided from the head of an item, before its children are written, so that nothing is written twice.
 */
#include "json.h"

#include <string.h>

#include "json_out.h"
#include "model/schema_walk.h"

static bool put_plain(cs_json_writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *item);

static bool
fail_depth(cs_json_writer *w)
{
	return cs_fail(w->ctx, CS_LIMIT, "data items are nested more than %u deep", cs_depth_limit(w->ctx));
}

/* ---- embedded CBOR ---- */

/* Its deterministic encoding, checked within the depth that is left; false when it has none. */
static bool __attribute__((noinline))
open_embedded(cs_json_writer *w, cs_span bytes, cs_buf *canonical)
{
	cs_error error = w->ctx->error;
	uint32_t max_depth = w->ctx->limits.max_depth;
	cs_ctx sub = *w->ctx; /* a hook may jump out of cs_check: the caller's limits stay what they are */
	cs_item item;

	if (bytes.len == 0 || w->depth >= cs_depth_limit(w->ctx))
		return false;
	sub.limits.max_depth = (max_depth < CS_HARD_MAX_DEPTH ? max_depth : CS_HARD_MAX_DEPTH) - w->depth;
	if (!cs_check(&sub, bytes.data, bytes.len))
		return false;
	item = cs_item_at(bytes.data, bytes.len);
	cs_buf_init(canonical, w->ctx);
	if (cs_deterministic(w->ctx, &item, canonical) && cs_buf_ok(canonical))
		return true;
	w->ctx->error = error;
	return false;
}

/* What was written from start on, the content of a byte string, will be read as that by rules. */
static bool
is_read_as_embedded(const cs_json_rules *rules, const cs_json_rules *inside, const cs_rule *rule, cs_json_form form, const uint8_t *json)
{
	cs_json_shape shape = { .kind = *json == '{' ? CS_JSON_OBJECT : CS_JSON_ARRAY };
	cs_json_rules same_name;
	const cs_rule *reader = cs_json_pick(rules, &shape);

	if ((*json != '{' && *json != '[') || reader == NULL || !cs_json_is_embedded(reader) || !cs_json_has_types(rules))
		return false;
	if (form == CS_JSON_PLAIN)
		return cs_json_has_types(inside);
	return form == CS_JSON_NAMED && !cs_json_named(rules, cs_rule_type_name(rule), NULL, &same_name) &&
		(rule->legacy == NULL ||
			!cs_json_named(
				rules, cs_rule_type_name(rule), &(cs_span) { (const uint8_t *) rule->legacy, strlen(rule->legacy) }, &same_name));
}

static void
put_encoded(cs_json_writer *w, cs_span bytes)
{
	if (!cs_buf_ok(w->out))
		return;
	w->out->len--; /* the brace */
	cs_put_fmt(w->out, "%s\"" CS_JSON_ENCODED "\":\"", w->out->data[w->out->len - 1] == '{' ? "" : ",");
	(void) cs_json_put_bytes(w->ctx, &cs_rule_bytes, bytes, w->out);
	cs_put_str(w->out, "\"}");
}

/* As what is in it; where that would not give the same bytes again, with the bytes beside it. False: better as bytes. */
static bool
put_embedded(cs_json_writer *w, const cs_json_rules *rules, cs_span bytes)
{
	size_t start = w->out->len;
	cs_json_rules inside;
	cs_buf canonical;
	cs_item content;
	const cs_rule *rule;
	cs_json_form form;

	if (!open_embedded(w, bytes, &canonical))
		return false;
	content = cs_item_at(canonical.data, canonical.len);
	cs_json_in_bytes(rules, &inside);
	rule = cs_json_resolve(w->ctx, &inside, &content);
	form = cs_json_put_item(w, &inside, &content);
	if (form == CS_JSON_FAILED || !cs_buf_ok(w->out) || !rule || !is_read_as_embedded(rules, &inside, rule, form, w->out->data + start))
		return false;
	if (!cs_span_eq(cs_buf_span(&canonical), bytes))
	{
		if (w->out->data[start] != '{')
			return false;
		put_encoded(w, bytes);
	}
	w->ctx->release(w->ctx->actx, canonical.data);
	return true;
}

static bool
put_byte_string(cs_json_writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *item)
{
	size_t start = w->out->len;
	cs_span bytes;

	if (!cs_string(w->ctx, item, &bytes))
		return false;
	if (cs_json_is_embedded(rule) &&
		(cs_json_is_read_by(rules, CS_JSON_OBJECT, CS_JSON_KIND(CS_BYTES)) ||
			cs_json_is_read_by(rules, CS_JSON_ARRAY, CS_JSON_KIND(CS_BYTES))))
	{
		if (put_embedded(w, rules, bytes))
			return true;
		if (!cs_buf_ok(w->out))
			return false;
		w->out->len = start;
	}
	return cs_json_write_bytes(w, rules, bytes);
}

/* ---- arrays ---- */

static bool
put_list(cs_json_writer *w, const cs_json_rules *rules, const cs_item *item)
{
	cs_iter it = cs_iterate(item);
	cs_json_rules inside;
	cs_item child;
	bool first = true;

	if (!cs_json_is_read_by(rules, CS_JSON_ARRAY, CS_JSON_KIND(CS_LIST) | CS_JSON_KIND(CS_ANY)))
		return false;
	cs_json_in_list(rules, &inside);
	cs_put_byte(w->out, '[');
	while (cs_next(&it, &child))
	{
		if (!first)
			cs_put_byte(w->out, ',');
		first = false;
		if (cs_json_put_item(w, &inside, &child) == CS_JSON_FAILED)
			return false;
	}
	cs_put_byte(w->out, ']');
	return true;
}

/* ---- tags ---- */

/* Without its tag, where the reader puts that back (cs_json_pick). */
static bool
put_unsaid(cs_json_writer *w, const cs_json_rules *rules, const cs_item *item)
{
	cs_item content = cs_tag_content(item);
	cs_json_rules inside;
	const cs_rule *rule, *reader;

	cs_json_in_tag(rules, item->arg, &inside);
	rule = cs_json_resolve(w->ctx, &inside, &content);
	if (rule == NULL)
		return false;
	reader = cs_json_object_rule(rules, rule, &content);
	return reader && reader->kind == CS_TAGGED && reader->tag == item->arg && put_plain(w, &inside, rule, &content);
}

/* Any item: what JSON has a notation for. */
static bool
put_any(cs_json_writer *w, const cs_json_rules *rules, const cs_item *item)
{
	double number;
	bool value;

	switch ((cs_major) item->major)
	{
		case CS_UINT:
		case CS_NINT:
			return cs_json_put_integer(w, rules, &cs_rule_int, item);
		case CS_TSTR:
			return cs_json_put_text(w, rules, item);
		case CS_ARRAY:
			return put_list(w, rules, item);
		case CS_MAP:
			return cs_json_put_object(w, rules, &cs_rule_any, item);
		case CS_TAG:
			return cs_json_is_read_by(rules, CS_JSON_NUMBER, CS_JSON_KIND(CS_ANY)) && cs_json_put_bignum(w, item);
		case CS_BSTR:
			return false;
		case CS_SIMPLE:
			break;
	}
	if (cs_is_bool(item, &value))
		cs_put_str(w->out, value ? "true" : "false");
	else if (cs_is_null(item))
		cs_put_str(w->out, "null");
	else
		return cs_is_float(item, &number) && cs_json_put_number(w, rules, item);
	return true;
}

static bool
put_plain(cs_json_writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *item)
{
	bool value;

	switch (rule->kind)
	{
		case CS_ANY:
			return put_any(w, rules, item);
		case CS_INTEGER:
			return cs_json_put_integer(w, rules, rule, item);
		case CS_BYTES:
			return put_byte_string(w, rules, rule, item);
		case CS_TEXT:
			return cs_json_put_text(w, rules, item);
		case CS_BOOL:
			if (!cs_json_is_read_by(rules, CS_JSON_BOOL, CS_JSON_KIND(CS_BOOL) | CS_JSON_KIND(CS_ANY)))
				return false;
			cs_put_str(w->out, cs_is_bool(item, &value) && value ? "true" : "false");
			return true;
		case CS_NULL:
			if (!cs_json_is_read_by(rules, CS_JSON_NULL, CS_JSON_KIND(CS_NULL) | CS_JSON_KIND(CS_ANY)))
				return false;
			cs_put_str(w->out, "null");
			return true;
		case CS_NUMBER:
			return cs_json_put_number(w, rules, item);
		case CS_TIME:
			return cs_json_write_time(w, rules, item);
		case CS_TAGGED:
			return put_unsaid(w, rules, item);
		case CS_LIST:
			return put_list(w, rules, item);
		case CS_RECORD:
		case CS_SEQUENCE:
		case CS_STRUCT:
		case CS_TABLE:
			return cs_json_put_object(w, rules, rule, item);
		case CS_CHOICE:
			break;
	}
	return false;
}

/* ---- the forms ---- */

static void
put_type(cs_json_writer *w, cs_span name, const char *legacy)
{
	cs_put_str(w->out, "{\"" CS_JSON_TYPE "\":");
	cs_put_json_string(w->out, name);
	if (legacy)
	{
		cs_put_str(w->out, ",\"" CS_JSON_LEGACY "\":");
		cs_put_json_string(w->out, (cs_span) { (const uint8_t *) legacy, strlen(legacy) });
	}
	cs_put_str(w->out, ",\"" CS_JSON_VALUE "\":");
}

static bool
put_named(cs_json_writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *item)
{
	const char *legacy = rule->kind == CS_TIME && !cs_is(item, CS_TAG) ? "untagged-time" : rule->legacy;
	cs_span name = cs_rule_type_name(rule);
	cs_span legacy_name = { (const uint8_t *) legacy, legacy ? strlen(legacy) : 0 };
	cs_json_rules named, inside;
	cs_item content;

	if (!cs_json_has_types(rules) || !cs_json_named(rules, name, legacy ? &legacy_name : NULL, &named))
		return false;
	put_type(w, name, legacy);
	if (named.rule[0]->kind == CS_TAGGED)
	{
		if (!cs_is_tag(item, named.rule[0]->tag))
			return false;
		content = cs_tag_content(item);
		cs_json_in_tag(&named, item->arg, &inside);
		if (cs_json_put_item(w, &inside, &content) == CS_JSON_FAILED)
			return false;
	}
	else
	{
		rule = cs_json_resolve(w->ctx, &named, item);
		if (rule == NULL || !put_plain(w, &named, rule, item))
			return false;
	}
	cs_put_byte(w->out, '}');
	return true;
}

/* By what every item has: a tag's number, or that it is a string. */
static bool
put_generic(cs_json_writer *w, const cs_json_rules *rules, const cs_item *item)
{
	cs_json_rules inside;
	cs_item content;
	cs_span text;

	if (!cs_json_has_types(rules))
		return false;
	if (cs_is(item, CS_TAG))
	{
		cs_put_fmt(w->out, "{\"" CS_JSON_TYPE "\":%llu,\"" CS_JSON_VALUE "\":", (unsigned long long) item->arg);
		content = cs_tag_content(item);
		cs_json_in_tag(rules, item->arg, &inside);
		if (cs_json_put_item(w, &inside, &content) == CS_JSON_FAILED)
			return false;
		cs_put_byte(w->out, '}');
		return true;
	}
	if ((!cs_is(item, CS_TSTR) && !cs_is(item, CS_BSTR)) || !cs_string(w->ctx, item, &text))
		return false;
	if (cs_is(item, CS_TSTR))
	{
		if (memchr(text.data, 0, text.len))
			return false;
		cs_put_str(w->out, "{\"" CS_JSON_TYPE "\":\"" CS_JSON_TSTR "\",\"" CS_JSON_VALUE "\":");
		cs_put_json_string(w->out, text);
		cs_put_byte(w->out, '}');
		return true;
	}
	cs_put_str(w->out, "{\"" CS_JSON_TYPE "\":\"" CS_JSON_BSTR "\",\"" CS_JSON_VALUE "\":\"");
	(void) cs_json_put_bytes(w->ctx, &cs_rule_bytes, text, w->out);
	cs_put_str(w->out, "\"}");
	return true;
}

static bool
put_escape(cs_json_writer *w, const cs_item *item)
{
	cs_edn_style style = { .pretty = false };
	cs_buf edn;

	cs_buf_init(&edn, w->ctx);
	if (!cs_edn_print(w->ctx, item, &style, &edn) || !cs_buf_ok(&edn))
		return false;
	cs_put_str(w->out, "{\"" CS_JSON_CBOR "\":");
	cs_put_json_string(w->out, cs_buf_span(&edn));
	cs_put_byte(w->out, '}');
	w->ctx->release(w->ctx->actx, edn.data);
	return true;
}

/* Forget what an earlier form wrote; false when that did not only fail to fit. */
static bool
again(cs_json_writer *w, size_t start)
{
	if (!cs_buf_ok(w->out) || w->ctx->error.code != CS_OK)
		return false;
	w->out->len = start;
	return true;
}

cs_json_form
cs_json_put_item(cs_json_writer *w, const cs_json_rules *rules, const cs_item *item)
{
	size_t start = w->out->len;
	const cs_rule *rule = cs_json_resolve(w->ctx, rules, item);
	cs_json_form form = CS_JSON_FAILED;

	cs_tick(w->ctx, &w->ticks);
	if (!again(w, start) || (w->depth >= cs_depth_limit(w->ctx) && !fail_depth(w)))
		return CS_JSON_FAILED;
	/* The hook of the backend looks after its stack. */
	if (++w->depth % 64 == 0 && w->ctx->interrupt)
		w->ctx->interrupt(w->ctx->actx);
	if (rule && put_plain(w, rules, rule, item))
		form = CS_JSON_PLAIN;
	else if (again(w, start) && rule && put_named(w, rules, rule, item))
		form = CS_JSON_NAMED;
	else if (again(w, start) && (put_generic(w, rules, item) || (again(w, start) && put_escape(w, item))))
		form = CS_JSON_OTHER;
	w->depth--;
	return cs_buf_ok(w->out) && w->ctx->error.code == CS_OK ? form : CS_JSON_FAILED;
}

/* Tags 18 and 98, perhaps in 500 or 502. */
static bool
is_signed(const cs_item *item)
{
	cs_item inside = *item;

	while (cs_is_tag(&inside, CS_TAG_CORIM_500) || cs_is_tag(&inside, CS_TAG_SIGNED_CORIM_502))
		inside = cs_tag_content(&inside);
	return cs_is_tag(&inside, CS_TAG_COSE_SIGN1) || cs_is_tag(&inside, CS_TAG_COSE_SIGN);
}

bool
cs_json_write(cs_ctx *ctx, const cs_rule *rule, const cs_item *item, cs_buf *out)
{
	cs_json_writer w = { .ctx = ctx, .out = out };
	cs_json_rules rules = cs_json_rules_of(rule);
	cs_buf canonical;
	cs_item root;

	ctx->error = (cs_error) { .code = CS_OK };
	cs_buf_init(&canonical, ctx);
	if (!cs_deterministic(ctx, item, &canonical) || !cs_buf_ok(&canonical))
		return false;
	root = cs_item_at(canonical.data, canonical.len);
	if (cs_json_put_item(&w, &rules, &root) == CS_JSON_FAILED)
		return false;
	if (is_signed(item) && !cs_span_eq(cs_item_span(item), cs_buf_span(&canonical)))
		put_encoded(&w, cs_item_span(item));
	return cs_buf_ok(out);
}
