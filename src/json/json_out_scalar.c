/*
 * json_out_scalar.c - numbers, strings and times as JSON, each only where it will be read as what it is.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cbor/bignum.h"
#include "cbor/text.h"
#include "model/corim.h"
#include "json_out.h"
bool
cs_json_is_read_by(const cs_json_rules *rules, cs_json_kind kind, uint32_t kinds)
{
	cs_json_shape shape = { .kind = kind };
	const cs_rule *rule = cs_json_pick(rules, &shape);

	return rule && (kinds >> rule->kind & 1);
}

const cs_rule *
cs_json_string_rule(const cs_json_rules *rules, cs_span text)
{
	cs_json_shape shape = { .kind = CS_JSON_STRING, .text = text };

	return cs_json_pick(rules, &shape);
}

/* A measurement key that the profile has a name for: by that, where the type says that it is a number. */
static bool
put_mkey(cs_json_writer *w, const cs_json_rules *rules, const char *name)
{
	if (rules->count > 1)
		return false;
	cs_put_json_string(w->out, (cs_span) { (const uint8_t *) name, strlen(name) });
	return true;
}

static const char *
mkey_name(const cs_json_writer *w, const cs_item *item)
{
	const char *name = cs_is(item, CS_UINT) ? cs_profile_mkey_name(w->profile, item->arg) : NULL;
	uint64_t mkey;

	return name && cs_profile_mkey_named(w->profile, name, strlen(name), &mkey) && mkey == item->arg ? name : NULL;
}

bool
cs_json_put_integer(cs_json_writer *w, const cs_json_rules *rules, const cs_rule *rule, const cs_item *item)
{
	const char *name = cs_is(item, CS_UINT) && item->arg <= INT64_MAX ? cs_rule_value_name(rule, (int64_t) item->arg) : NULL;

	if (rule == &cs_rule_mkey_number && mkey_name(w, item))
		return put_mkey(w, rules, mkey_name(w, item));
	if (name)
	{
		cs_span text = { (const uint8_t *) name, strlen(name) };
		const cs_rule *reader = cs_json_string_rule(rules, text);

		if (reader && cs_json_enumerated(reader, text) == (int64_t) item->arg)
		{
			cs_put_json_string(w->out, text);
			return true;
		}
	}
	if (!cs_json_is_read_by(rules, CS_JSON_NUMBER, CS_JSON_KIND(CS_INTEGER) | CS_JSON_KIND(CS_NUMBER) | CS_JSON_KIND(CS_ANY)))
		return false;
	cs_put_decimal(w->out, item);
	return true;
}

/* Whole numbers would be read as integers. */
static bool
put_float(cs_json_writer *w, double value)
{
	char text[32];

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

bool
cs_json_put_number(cs_json_writer *w, const cs_json_rules *rules, const cs_item *item)
{
	double value;

	if (!cs_is_float(item, &value))
		return cs_json_put_integer(w, rules, &cs_rule_int, item);
	return cs_json_is_read_by(rules, CS_JSON_NUMBER, CS_JSON_KIND(CS_NUMBER) | CS_JSON_KIND(CS_ANY)) && put_float(w, value);
}

/* 0("...") as its text; 1(seconds) as RFC 3339, or as a number where there is no such text. */
bool
cs_json_write_time(cs_json_writer *w, const cs_json_rules *rules, const cs_item *item)
{
	const cs_rule *reader = cs_json_string_rule(rules, (cs_span) { (const uint8_t *) "", 0 });
	cs_item content;
	cs_span text;
	double value;
	int64_t seconds;

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
	cs_put_decimal(w->out, &content);
	return true;
}

bool
cs_json_put_text(cs_json_writer *w, const cs_json_rules *rules, const cs_item *item)
{
	cs_span text;
	const cs_rule *reader;

	if (!cs_string(w->ctx, item, &text) || memchr(text.data, 0, text.len))
		return false;
	reader = cs_json_string_rule(rules, text);
	if (reader == NULL || !(CS_JSON_KIND(reader->kind) & (CS_JSON_KIND(CS_TEXT) | CS_JSON_KIND(CS_ANY))))
		return false;
	cs_put_json_string(w->out, text);
	return true;
}

bool
cs_json_write_bytes(cs_json_writer *w, const cs_json_rules *rules, cs_span bytes)
{
	const cs_rule *rule = cs_json_string_rule(rules, (cs_span) { (const uint8_t *) "", 0 });
	size_t start = w->out->len + 1;

	if (rule == NULL || rule->kind != CS_BYTES)
		return false;
	cs_put_byte(w->out, '"');
	if (!cs_json_put_bytes(w->ctx, rule, bytes, w->out))
		return false;
	cs_put_byte(w->out, '"');
	return cs_buf_ok(w->out) && cs_json_string_rule(rules, (cs_span) { w->out->data + start, w->out->len - 1 - start }) == rule;
}

/* The decimal digits of a bignum that would be read from them: one that does not fit into 64 bits and has no leading zeros. */
bool
cs_json_put_bignum(cs_json_writer *w, const cs_item *item)
{
	cs_item content = cs_tag_content(item);

	return cs_is(&content, CS_BSTR) && !content.indefinite && content.arg > 8 && content.content[0] != 0 &&
		cs_put_integer_digits(w->out, item);
}
