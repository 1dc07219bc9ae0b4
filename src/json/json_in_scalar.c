/*
 * json_in_scalar.c - where a JSON value stands and what it should have been; numbers, strings and times.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_in.h"

/* ---- errors ---- */

static bool
is_identifier(cs_span name)
{
	for (size_t i = 0; i < name.len; i++)
	{
		uint8_t c = name.data[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';

		if (!letter && (i == 0 || c < '0' || c > '9'))
			return false;
	}
	return name.len > 0;
}

static size_t
put_path(const cs_json_place *at, char *path, size_t size)
{
	size_t len;
	int n, width;

	if (at->up == NULL)
		return (size_t) snprintf(path, size, "$");
	len = put_path(at->up, path, size);
	if (len + 1 >= size)
		return len;
	width = at->json->name.len < 60 ? (int) at->json->name.len : 60;
	if (at->json->name.data == NULL)
		n = snprintf(path + len, size - len, "[%llu]", (unsigned long long) at->index);
	else
		n = snprintf(
			path + len, size - len, is_identifier(at->json->name) ? ".%.*s" : ".\"%.*s\"", width, (const char *) at->json->name.data);
	len += (size_t) n;
	if (len < size)
		return len;
	/* Cut, and not in half a character. */
	for (len = size - 1; len > 0 && ((uint8_t) path[len - 1] & 0x80); len--)
		path[len - 1] = '\0';
	return size;
}

/* Adds the place and what stands there to the error; returns false. */
bool
cs_json_locate(cs_json_reader *r, const cs_json_place *at)
{
	static const char *const kinds[] = { "null", "a boolean", "a number", "a string", "an array", "an object" };
	cs_error *error = &r->ctx->error;
	const cs_json *json = at->json;

	error->has_offset = false;
	put_path(at, error->path, sizeof(error->path));
	if (error->found[0])
		return false;
	if (json->kind == CS_JSON_NUMBER && json->text.len < 40)
		snprintf(error->found, sizeof(error->found), "%.*s", (int) json->text.len, (const char *) json->text.data);
	else if (json->kind == CS_JSON_STRING && json->text.len < 80)
		snprintf(error->found, sizeof(error->found), "\"%.*s\"", (int) json->text.len, (const char *) json->text.data);
	else
		snprintf(error->found, sizeof(error->found), "%s", kinds[json->kind]);
	return false;
}

bool
cs_json_fail(cs_json_reader *r, const cs_json_place *at, cs_code code, const char *fmt, ...)
{
	char message[CS_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	cs_fail(r->ctx, code, "%s", message);
	return cs_json_locate(r, at);
}

const char *
cs_json_wants(const cs_rule *rule)
{
	switch (rule->kind)
	{
		case CS_INTEGER:
			return cs_rule_enumerates(rule) ? "an integer or its name" : "an integer";
		case CS_BYTES:
			return rule->of ? "an object" : cs_json_bytes_notation(rule);
		case CS_TEXT:
			return "a string";
		case CS_BOOL:
			return "true or false";
		case CS_NULL:
			return "null";
		case CS_NUMBER:
			return "a number";
		case CS_TIME:
			return "a time (2026-01-31T12:00:00Z)";
		case CS_LIST:
			return "an array";
		default:
			return "an object";
	}
}

/* Beside text, bytes have no plain form. */
static bool
needs_type(const cs_json_rules *rules, const cs_rule *rule)
{
	cs_json_shape shape = { .kind = CS_JSON_STRING };
	const cs_rule *plain = cs_json_pick(rules, &shape);

	return rule->kind == CS_TAGGED || (rule->kind == CS_BYTES && rule->of == NULL && plain && plain->kind == CS_TEXT);
}

/* The plain forms and the types that could stand there. */
bool
cs_json_fail_expected(cs_json_reader *r, const cs_json_rules *rules, const cs_json_place *at)
{
	char text[CS_TEXT_MAX] = "";
	size_t len = 0;

	for (int tagged = 0; tagged < 2; tagged++)
	{
		const char *between = tagged ? ", or the type " : "";

		for (uint32_t i = 0; i < rules->count && len < sizeof(text); i++)
		{
			const cs_rule *rule = rules->rule[i];
			cs_span name = cs_rule_type_name(rule);

			if ((rule->legacy && !rules->legacy) || needs_type(rules, rule) != tagged)
				continue;
			if (tagged)
				len += (size_t) snprintf(text + len, sizeof(text) - len, "%s\"%.*s\"", len > 0 ? between : between + 5, (int) name.len,
					(const char *) name.data);
			else
				len += (size_t) snprintf(text + len, sizeof(text) - len, "%s%s", between, cs_json_wants(rule));
			between = ", ";
		}
	}
	return cs_json_fail(r, at, CS_INVALID, "expected %s", text);
}

/* ---- scalars ---- */

/* By the reader of diagnostic notation, which knows integers of any size. */
bool
cs_json_read_notation(cs_json_reader *r, cs_span text, const cs_json_place *at, cs_buf *out)
{
	return cs_edn_parse(r->ctx, (const char *) text.data, text.len, out) || cs_json_locate(r, at);
}

/* Where digits stop counting: "12.000" is the integer 12. False when what is behind the point counts, or there is an exponent. */
static bool
whole_part(cs_span text, cs_span *whole)
{
	size_t i = 0;

	while (i < text.len && text.data[i] != '.' && (text.data[i] | 32) != 'e')
		i++;
	*whole = (cs_span) { text.data, i };
	while (i < text.len && (text.data[i] == '.' || text.data[i] == '0'))
		i++;
	return i == text.len;
}

bool
cs_json_read_number(cs_json_reader *r, const cs_rule *rule, const cs_json_place *at, cs_buf *out)
{
	cs_span text = at->json->text, whole;
	char *copy;
	double value;

	if (rule->kind == CS_TIME)
		cs_put_tag(out, CS_TAG_EPOCH_TIME);
	if (whole_part(text, &whole))
		return cs_json_read_notation(r, whole, at, out);
	copy = cs_strndup(r->ctx, text.data, text.len);
	if (copy == NULL)
		return false;
	value = strtod(copy, NULL);
	if (!isfinite(value))
		return cs_json_fail(r, at, CS_INVALID, "number is out of range");
	/* With an exponent it may be whole after all. */
	if (memchr(text.data, 'e', text.len) || memchr(text.data, 'E', text.len))
	{
		if (value == floor(value) && fabs(value) > 9007199254740992.0)
			return cs_json_fail(r, at, CS_INVALID, "a whole number of this size is written without exponent");
		if (value == floor(value))
		{
			cs_put_int(out, (int64_t) value);
			return true;
		}
	}
	if (rule->kind == CS_INTEGER)
		return cs_json_fail(r, at, CS_INVALID, "%s should be an integer", rule->name);
	cs_put_float(out, value);
	return true;
}

bool
cs_json_read_string(cs_json_reader *r, const cs_rule *rule, const cs_json_place *at, cs_buf *out)
{
	cs_span text = at->json->text;
	int64_t seconds;
	cs_buf bytes;

	switch (rule->kind)
	{
		case CS_INTEGER:
			cs_put_int(out, cs_json_enumerated(rule, text));
			return true;
		case CS_TIME:
			cs_put_tag(out, rule->tag);
			if (rule->tag == 0)
				break;
			if (!cs_json_get_time(r->ctx, text, &seconds))
				return cs_json_fail(r, at, CS_INVALID, "expected a time in whole seconds, as in 2026-01-31T12:00:00Z");
			cs_put_int(out, seconds);
			return true;
		case CS_BYTES:
			cs_buf_init(&bytes, r->ctx);
			if (!cs_json_get_bytes(r->ctx, rule, text, &bytes))
				return cs_buf_ok(&bytes) && cs_json_fail(r, at, CS_INVALID, "expected %s", cs_json_bytes_notation(rule));
			cs_put_bytes(out, bytes.data, bytes.len);
			return true;
		default:
			break;
	}
	cs_put_text(out, (const char *) text.data, text.len);
	return true;
}

bool
cs_json_read_mkey(cs_json_reader *r, const cs_json_place *at, cs_buf *out)
{
	cs_span text = at->json->text;
	uint64_t mkey;

	if (!cs_profile_mkey_named(r->profile, (const char *) text.data, text.len, &mkey))
		return cs_json_fail(r, at, CS_INVALID, "expected an integer%s%s", r->profile ? ", or what it is called by profile " : "",
			r->profile ? r->profile->name : "");
	cs_put_uint(out, mkey);
	return true;
}
