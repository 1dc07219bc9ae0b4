/*
 * json_out.c - an item as JSON (json.h). Each value takes the first of four forms that will be read back as what it is: plain; by the name of
 * its alternative; by its tag number or as a string of its major type; diagnostic notation.
 *
 * Whether a plain form will do is decided from the head of an item, before its children are written, so that nothing is written twice.
 */
#include "json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_rules.h"
#include "schema_walk.h"

#define MAX_BIGNUM 64			/* bytes of a bignum that is shown as a number */

typedef struct writer
{
	cs_ctx	   *ctx;
	cs_buf	   *out;
	uint64_t	ticks;
	uint32_t	depth;
} writer;

typedef enum form
{
	FAILED, PLAIN, NAMED, OTHER
} form;

static form put_item(writer *w, const cs_json_rules *rules, const cs_item *item);
static bool put_plain(writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *item);

static bool
fail_depth(writer *w)
{
	return cs_fail(w->ctx, CS_LIMIT, "data items are nested more than %u deep", cs_depth_limit(w->ctx));
}

/* ---- scalars ---- */

static bool
is_read_by(const cs_json_rules *rules, cs_json_kind kind, uint32_t kinds)
{
	cs_json_shape shape = {.kind = kind};
	const cs_rule *rule = cs_json_pick(rules, &shape);

	return rule && (kinds >> rule->kind & 1);
}

#define KIND(kind) (UINT32_C(1) << (kind))

static const cs_rule *
string_rule(const cs_json_rules *rules, cs_span text)
{
	cs_json_shape shape = {.kind = CS_JSON_STRING, .text = text};

	return cs_json_pick(rules, &shape);
}

static void
put_decimal(cs_buf *out, const cs_item *item)
{
	if (cs_is(item, CS_UINT))
		cs_put_fmt(out, "%llu", (unsigned long long) item->arg);
	else if (item->arg == UINT64_MAX)
		cs_put_str(out, "-18446744073709551616");
	else
		cs_put_fmt(out, "-%llu", (unsigned long long) item->arg + 1);
}

static bool
put_integer(writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *item)
{
	const char *name = cs_is(item, CS_UINT) && item->arg < rule->value_name_count ? rule->value_names[item->arg] : NULL;

	if (name)
	{
		cs_span		text = {(const uint8_t *) name, strlen(name)};
		const cs_rule *reader = string_rule(rules, text);

		if (reader && cs_json_enumerated(reader, text) == (int64_t) item->arg)
		{
			cs_put_json_string(w->out, text);
			return true;
		}
	}
	if (!is_read_by(rules, CS_JSON_NUMBER, KIND(CS_INTEGER) | KIND(CS_NUMBER) | KIND(CS_ANY)))
		return false;
	put_decimal(w->out, item);
	return true;
}

/* Whole numbers would be read as integers. */
static bool
put_float(writer *w, double value)
{
	char		text[32];

	if (!isfinite(value) || value == floor(value))
		return false;
	/* 17 digits always do, and mostly fewer. */
	for (int digits = 15; digits <= 17; digits++)
	{
		snprintf(text, sizeof(text), "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	cs_put_str(w->out, text);
	return true;
}

static bool
put_number(writer *w, const cs_json_rules *rules, const cs_item *item)
{
	double		value;

	if (!cs_is_float(item, &value))
		return put_integer(w, rules, &cs_rule_int, item);
	return is_read_by(rules, CS_JSON_NUMBER, KIND(CS_NUMBER) | KIND(CS_ANY)) && put_float(w, value);
}

/* 0("...") as its text; 1(seconds) as RFC 3339, or as a number where there is no such text. */
static bool
put_time(writer *w, const cs_json_rules *rules, const cs_item *item)
{
	const cs_rule *reader = string_rule(rules, (cs_span) {(const uint8_t *) "", 0});
	cs_item		content;
	cs_span		text;
	double		value;
	int64_t		seconds;

	if (reader == NULL || reader->kind != CS_TIME || !cs_is_tag(item, reader->tag))
		return false;
	content = cs_tag_content(item);
	if (cs_is(&content, CS_TSTR))
	{
		if (!cs_string(w->ctx, &content, &text) || memchr(text.data, 0, text.len))
			return false;
		cs_put_json_string(w->out, text);
		return true;
	}
	if (cs_int64(&content, &seconds) && seconds >= 0 && seconds <= CS_JSON_LAST_SECOND)
	{
		cs_put_byte(w->out, '"');
		cs_put_date_time(w->out, seconds);
		cs_put_byte(w->out, '"');
		return true;
	}
	if (cs_is_float(&content, &value))
		return put_float(w, value);
	put_decimal(w->out, &content);
	return true;
}

static bool
put_text(writer *w, const cs_json_rules *rules, const cs_item *item)
{
	cs_span		text;
	const cs_rule *reader;

	if (!cs_string(w->ctx, item, &text) || memchr(text.data, 0, text.len))
		return false;
	reader = string_rule(rules, text);
	if (reader == NULL || !(KIND(reader->kind) & (KIND(CS_TEXT) | KIND(CS_ANY))))
		return false;
	cs_put_json_string(w->out, text);
	return true;
}

static bool
put_bytes(writer *w, const cs_json_rules *rules, cs_span bytes)
{
	const cs_rule *rule = string_rule(rules, (cs_span) {(const uint8_t *) "", 0});
	size_t		start = w->out->len + 1;

	if (rule == NULL || rule->kind != CS_BYTES)
		return false;
	cs_put_byte(w->out, '"');
	if (!cs_json_put_bytes(w->ctx, rule, bytes, w->out))
		return false;
	cs_put_byte(w->out, '"');
	return cs_buf_ok(w->out) &&
		string_rule(rules, (cs_span) {w->out->data + start, w->out->len - 1 - start}) == rule;
}

/* ---- embedded CBOR ---- */

/* Its deterministic encoding, checked within the depth that is left; false when it has none. */
static bool __attribute__((noinline))
open_embedded(writer *w, cs_span bytes, cs_buf *canonical)
{
	cs_error	error = w->ctx->error;
	uint32_t	max_depth = w->ctx->limits.max_depth;
	cs_ctx		sub = *w->ctx;	/* a hook may jump out of cs_check: the caller's limits stay what they are */
	cs_item		item;

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
is_read_as_embedded(const cs_json_rules *rules, const cs_json_rules *inside, const cs_rule *rule, form form, const uint8_t *json)
{
	cs_json_shape shape = {.kind = *json == '{' ? CS_JSON_OBJECT : CS_JSON_ARRAY};
	cs_json_rules same_name;
	const cs_rule *reader = cs_json_pick(rules, &shape);

	if ((*json != '{' && *json != '[') || reader == NULL || !cs_json_is_embedded(reader) || !cs_json_has_types(rules))
		return false;
	if (form == PLAIN)
		return cs_json_has_types(inside);
	return form == NAMED && !cs_json_named(rules, cs_json_type_name(rule), NULL, &same_name) &&
		(rule->legacy == NULL ||
		 !cs_json_named(rules, cs_json_type_name(rule), &(cs_span) {(const uint8_t *) rule->legacy, strlen(rule->legacy)},
						&same_name));
}

static void
put_encoded(writer *w, cs_span bytes)
{
	if (!cs_buf_ok(w->out))
		return;
	w->out->len--;				/* the brace */
	cs_put_fmt(w->out, "%s\"" CS_JSON_ENCODED "\":\"", w->out->data[w->out->len - 1] == '{' ? "" : ",");
	(void) cs_json_put_bytes(w->ctx, &cs_rule_bytes, bytes, w->out);
	cs_put_str(w->out, "\"}");
}

/* As what is in it; where that would not give the same bytes again, with the bytes beside it. False: better as bytes. */
static bool
put_embedded(writer *w, const cs_json_rules *rules, cs_span bytes)
{
	size_t		start = w->out->len;
	cs_json_rules inside;
	cs_buf		canonical;
	cs_item		content;
	const cs_rule *rule;
	form		form;

	if (!open_embedded(w, bytes, &canonical))
		return false;
	content = cs_item_at(canonical.data, canonical.len);
	cs_json_in_bytes(rules, &inside);
	rule = cs_json_resolve(w->ctx, &inside, &content);
	form = put_item(w, &inside, &content);
	if (form == FAILED || !cs_buf_ok(w->out) || !rule ||
		!is_read_as_embedded(rules, &inside, rule, form, w->out->data + start))
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
put_byte_string(writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *item)
{
	size_t		start = w->out->len;
	cs_span		bytes;

	if (!cs_string(w->ctx, item, &bytes))
		return false;
	if (cs_json_is_embedded(rule) && (is_read_by(rules, CS_JSON_OBJECT, KIND(CS_BYTES)) || is_read_by(rules, CS_JSON_ARRAY, KIND(CS_BYTES))))
	{
		if (put_embedded(w, rules, bytes))
			return true;
		if (!cs_buf_ok(w->out))
			return false;
		w->out->len = start;
	}
	return put_bytes(w, rules, bytes);
}

/* ---- arrays and maps ---- */

static bool
put_list(writer *w, const cs_json_rules *rules, const cs_item *item)
{
	cs_iter		it = cs_iterate(item);
	cs_json_rules inside;
	cs_item		child;
	bool		first = true;

	if (!is_read_by(rules, CS_JSON_ARRAY, KIND(CS_LIST) | KIND(CS_ANY)))
		return false;
	cs_json_in_list(rules, &inside);
	cs_put_byte(w->out, '[');
	while (cs_next(&it, &child))
	{
		if (!first)
			cs_put_byte(w->out, ',');
		first = false;
		if (put_item(w, &inside, &child) == FAILED)
			return false;
	}
	cs_put_byte(w->out, ']');
	return true;
}

/* Can a member of that name be there? For shape->data, an item, by shape->rule. */
static bool
has_member(const cs_json_shape *shape, const char *name)
{
	const cs_item *item = shape->data;
	const cs_rule *rule = shape->rule;
	cs_item		value;

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

static const cs_rule *
object_rule(const cs_json_rules *rules, const cs_rule *rule, const cs_item *item)
{
	cs_json_shape shape = {.kind = CS_JSON_OBJECT, .data = item, .rule = rule};

	if (rule->kind == CS_STRUCT || rule->kind == CS_RECORD || rule->kind == CS_SEQUENCE)
		shape.has = has_member;
	return cs_json_pick(rules, &shape);
}

/* The members of item are the same to both tables. */
static bool
agree(const cs_rule *a, const cs_rule *b, const cs_item *item)
{
	cs_iter		it = cs_iterate(item);
	cs_item		key,
				value;

	if (a == b || (a->kind == b->kind && a->fields == b->fields && a->kind != CS_TABLE))
		return true;
	if ((a->kind == CS_STRUCT) != (b->kind == CS_STRUCT) || a->kind == CS_TABLE || b->kind == CS_TABLE)
		return false;
	if (a->kind != CS_STRUCT)
	{
		uint64_t	count = cs_count(item);

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
		(key.len >= sizeof(prefix) - 1 && memcmp(key.data, prefix, sizeof(prefix) - 1) == 0) ||
		cs_json_is_integer(key) || cs_json_names_field(rules, key);
}

/* A key that no table names: plain only in a map that may have any. */
static bool
put_key(writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *key)
{
	bool		open = rule->kind != CS_STRUCT || rule->extensible;
	cs_edn_style style = {.pretty = false};
	cs_span		text;
	cs_buf		edn;

	if (open && (cs_is(key, CS_UINT) || cs_is(key, CS_NINT)))
	{
		cs_put_byte(w->out, '"');
		put_decimal(w->out, key);
		cs_put_byte(w->out, '"');
		return true;
	}
	if (open && cs_is(key, CS_TSTR))
	{
		if (!cs_string(w->ctx, key, &text))
			return false;
		if (!memchr(text.data, 0, text.len) && !has_meaning(rules, text))
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
put_member(writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *key, const cs_item *value)
{
	const cs_field *field = rule->kind == CS_STRUCT ? cs_rule_field(rule, key) : NULL;
	cs_json_rules inside;

	if (field)
		cs_put_json_string(w->out, (cs_span) {(const uint8_t *) field->name, strlen(field->name)});
	else if (!put_key(w, rules, rule, key))
		return false;
	cs_put_byte(w->out, ':');
	if (field)
		cs_json_in_field(rules, rule, field, &inside);
	else
		inside = cs_json_rules_of(rule->kind == CS_TABLE ? rule->of : &cs_rule_any);
	return put_item(w, &inside, value) != FAILED;
}

static bool
put_map(writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *item)
{
	cs_iter		it = cs_iterate(item);
	cs_item		key,
				value;
	bool		first = true;

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

/* An array with named positions; what lies behind them goes by its position. */
static bool
put_record(writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *item)
{
	cs_iter		it = cs_iterate(item);
	cs_item		child;

	cs_put_byte(w->out, '{');
	for (size_t i = 0; cs_next(&it, &child); i++)
	{
		cs_json_rules inside;

		if (i > 0)
			cs_put_byte(w->out, ',');
		if (i < rule->field_count)
		{
			const cs_field *field = &rule->fields[i];

			cs_put_json_string(w->out, (cs_span) {(const uint8_t *) field->name, strlen(field->name)});
			cs_json_in_field(rules, rule, field, &inside);
		}
		else
		{
			cs_put_fmt(w->out, "\"%zu\"", i);
			inside = cs_json_rules_of(&cs_rule_any);
		}
		cs_put_byte(w->out, ':');
		if (put_item(w, &inside, &child) == FAILED)
			return false;
	}
	cs_put_byte(w->out, '}');
	return true;
}

static bool
put_object(writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *item)
{
	const cs_rule *reader = object_rule(rules, rule, item);

	if (reader == NULL || reader->kind == CS_TAGGED || reader->kind == CS_BYTES || !agree(rule, reader, item))
		return false;
	return rule->kind == CS_RECORD || rule->kind == CS_SEQUENCE ? put_record(w, rules, reader, item)
		: put_map(w, rules, reader, item);
}

/* ---- tags ---- */

/* Without its tag, where the reader puts that back (cs_json_pick). */
static bool
put_unsaid(writer *w, const cs_json_rules *rules, const cs_item *item)
{
	cs_item		content = cs_tag_content(item);
	cs_json_rules inside;
	const cs_rule *rule,
			   *reader;

	cs_json_in_tag(rules, item->arg, &inside);
	rule = cs_json_resolve(w->ctx, &inside, &content);
	if (rule == NULL)
		return false;
	reader = object_rule(rules, rule, &content);
	return reader && reader->kind == CS_TAGGED && reader->tag == item->arg && put_plain(w, &inside, rule, &content);
}

/* The decimal digits of a bignum that would be read from them: one that does not fit into 64 bits and has no leading zeros. */
static bool
put_bignum(writer *w, const cs_item *item)
{
	uint8_t		bytes[MAX_BIGNUM + 1] = {0};
	char		digits[MAX_BIGNUM * 3];
	size_t		at = sizeof(digits);
	cs_item		content = cs_tag_content(item);
	size_t		len = (size_t) content.arg + 1,
				first = 0;

	if (item->arg < 2 || item->arg > 3 || !cs_is(&content, CS_BSTR) || content.indefinite || content.arg <= 8 ||
		content.arg > MAX_BIGNUM || content.content[0] == 0)
		return false;
	memcpy(bytes + 1, content.content, (size_t) content.arg);
	/* tag 3 holds -1 - n */
	for (size_t i = len; item->arg == 3 && ++bytes[--i] == 0;)
		;
	while (first < len)
	{
		unsigned	rest = 0;

		for (size_t i = first; i < len; i++)
		{
			rest = rest << 8 | bytes[i];
			bytes[i] = (uint8_t) (rest / 10);
			rest %= 10;
		}
		digits[--at] = (char) ('0' + rest);
		while (first < len && bytes[first] == 0)
			first++;
	}
	cs_put_str(w->out, item->arg == 3 ? "-" : "");
	cs_put_raw(w->out, digits + at, sizeof(digits) - at);
	return true;
}

/* Any item: what JSON has a notation for. */
static bool
put_any(writer *w, const cs_json_rules *rules, const cs_item *item)
{
	double		number;
	bool		value;

	switch ((cs_major) item->major)
	{
		case CS_UINT:
		case CS_NINT:
			return put_integer(w, rules, &cs_rule_int, item);
		case CS_TSTR:
			return put_text(w, rules, item);
		case CS_ARRAY:
			return put_list(w, rules, item);
		case CS_MAP:
			return put_object(w, rules, &cs_rule_any, item);
		case CS_TAG:
			return is_read_by(rules, CS_JSON_NUMBER, KIND(CS_ANY)) && put_bignum(w, item);
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
		return cs_is_float(item, &number) && put_number(w, rules, item);
	return true;
}

static bool
put_plain(writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *item)
{
	bool		value;

	switch (rule->kind)
	{
		case CS_ANY:
			return put_any(w, rules, item);
		case CS_INTEGER:
			return put_integer(w, rules, rule, item);
		case CS_BYTES:
			return put_byte_string(w, rules, rule, item);
		case CS_TEXT:
			return put_text(w, rules, item);
		case CS_BOOL:
			if (!is_read_by(rules, CS_JSON_BOOL, KIND(CS_BOOL) | KIND(CS_ANY)))
				return false;
			cs_put_str(w->out, cs_is_bool(item, &value) && value ? "true" : "false");
			return true;
		case CS_NULL:
			if (!is_read_by(rules, CS_JSON_NULL, KIND(CS_NULL) | KIND(CS_ANY)))
				return false;
			cs_put_str(w->out, "null");
			return true;
		case CS_NUMBER:
			return put_number(w, rules, item);
		case CS_TIME:
			return put_time(w, rules, item);
		case CS_TAGGED:
			return put_unsaid(w, rules, item);
		case CS_LIST:
			return put_list(w, rules, item);
		case CS_RECORD:
		case CS_SEQUENCE:
		case CS_STRUCT:
		case CS_TABLE:
			return put_object(w, rules, rule, item);
		case CS_CHOICE:
			break;
	}
	return false;
}

/* ---- the forms ---- */

static void
put_type(writer *w, cs_span name, const char *legacy)
{
	cs_put_str(w->out, "{\"" CS_JSON_TYPE "\":");
	cs_put_json_string(w->out, name);
	if (legacy)
	{
		cs_put_str(w->out, ",\"" CS_JSON_LEGACY "\":");
		cs_put_json_string(w->out, (cs_span) {(const uint8_t *) legacy, strlen(legacy)});
	}
	cs_put_str(w->out, ",\"" CS_JSON_VALUE "\":");
}

static bool
put_named(writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *item)
{
	const char *legacy = rule->kind == CS_TIME && !cs_is(item, CS_TAG) ? "untagged-time" : rule->legacy;
	cs_span		name = cs_json_type_name(rule);
	cs_span		legacy_name = {(const uint8_t *) legacy, legacy ? strlen(legacy) : 0};
	cs_json_rules named,
				inside;
	cs_item		content;

	if (!cs_json_has_types(rules) || !cs_json_named(rules, name, legacy ? &legacy_name : NULL, &named))
		return false;
	put_type(w, name, legacy);
	if (named.rule[0]->kind == CS_TAGGED)
	{
		if (!cs_is_tag(item, named.rule[0]->tag))
			return false;
		content = cs_tag_content(item);
		cs_json_in_tag(&named, item->arg, &inside);
		if (put_item(w, &inside, &content) == FAILED)
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
put_generic(writer *w, const cs_json_rules *rules, const cs_item *item)
{
	cs_json_rules inside;
	cs_item		content;
	cs_span		text;

	if (!cs_json_has_types(rules))
		return false;
	if (cs_is(item, CS_TAG))
	{
		cs_put_fmt(w->out, "{\"" CS_JSON_TYPE "\":%llu,\"" CS_JSON_VALUE "\":", (unsigned long long) item->arg);
		content = cs_tag_content(item);
		cs_json_in_tag(rules, item->arg, &inside);
		if (put_item(w, &inside, &content) == FAILED)
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
put_escape(writer *w, const cs_item *item)
{
	cs_edn_style style = {.pretty = false};
	cs_buf		edn;

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
again(writer *w, size_t start)
{
	if (!cs_buf_ok(w->out) || w->ctx->error.code != CS_OK)
		return false;
	w->out->len = start;
	return true;
}

static form
put_item(writer *w, const cs_json_rules *rules, const cs_item *item)
{
	size_t		start = w->out->len;
	const cs_rule *rule = cs_json_resolve(w->ctx, rules, item);
	form		form = FAILED;

	cs_tick(w->ctx, &w->ticks);
	if (!again(w, start) || (w->depth >= cs_depth_limit(w->ctx) && !fail_depth(w)))
		return FAILED;
	/* The hook of the backend looks after its stack. */
	if (++w->depth % 64 == 0 && w->ctx->interrupt)
		w->ctx->interrupt(w->ctx->actx);
	if (rule && put_plain(w, rules, rule, item))
		form = PLAIN;
	else if (again(w, start) && rule && put_named(w, rules, rule, item))
		form = NAMED;
	else if (again(w, start) && (put_generic(w, rules, item) || (again(w, start) && put_escape(w, item))))
		form = OTHER;
	w->depth--;
	return cs_buf_ok(w->out) && w->ctx->error.code == CS_OK ? form : FAILED;
}

/* Tags 18 and 98, perhaps in 500 or 502. */
static bool
is_signed(const cs_item *item)
{
	cs_item		inside = *item;

	while (cs_is_tag(&inside, 500) || cs_is_tag(&inside, 502))
		inside = cs_tag_content(&inside);
	return cs_is_tag(&inside, 18) || cs_is_tag(&inside, 98);
}

bool
cs_json_write(cs_ctx *ctx, const cs_rule *rule, const cs_item *item, cs_buf *out)
{
	writer		w = {.ctx = ctx, .out = out};
	cs_json_rules rules = cs_json_rules_of(rule);
	cs_buf		canonical;
	cs_item		root;

	ctx->error = (cs_error) {.code = CS_OK};
	cs_buf_init(&canonical, ctx);
	if (!cs_deterministic(ctx, item, &canonical) || !cs_buf_ok(&canonical))
		return false;
	root = cs_item_at(canonical.data, canonical.len);
	if (put_item(&w, &rules, &root) == FAILED)
		return false;
	if (is_signed(item) && !cs_span_eq(cs_item_span(item), cs_buf_span(&canonical)))
		put_encoded(&w, cs_item_span(item));
	return cs_buf_ok(out);
}
