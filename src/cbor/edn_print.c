/*
 * edn_print.c - CBOR to extended diagnostic notation, so that it parses back to the same bytes (edn.h); on one line, or one
 * element a line with the names that the tables of a specification give.
 */
#include "edn.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "floats.h"
#include "head.h"
#include "text.h"

#define LINE_WIDTH 100
#define LEAF_MAX 32 /* more elements than this are never tried on one line */

typedef struct printer
{
	cs_ctx *ctx;
	cs_buf *out;
	const cs_edn_notes *notes;
	uint64_t ticks;
	uint32_t depth; /* of nesting, against the limit */
	uint32_t level; /* of indentation: tags and << >> add none */
	bool pretty;
} printer;

static const uint8_t *print_item(printer *pr, const uint8_t *p, const uint8_t *limit, const void *state, bool embedded);

/* Underscore and digit where a head is longer than it need be. */
static void
print_indicator(printer *pr, const cs_item *item)
{
	if (!item->indefinite && !cs_head_is_shortest(item))
		cs_put_fmt(pr->out, "_%d", item->info - 24);
}

static void
print_bytes(printer *pr, const cs_item *item)
{
	cs_put_str(pr->out, "h'");
	cs_put_hex(pr->out, item->content, (size_t) item->arg);
	cs_put_byte(pr->out, '\'');
	print_indicator(pr, item);
}

static void
print_escape(cs_buf *out, uint8_t c)
{
	static const char controls[] = "\b\f\n\r\t";
	const char *letter = c != 0 ? strchr(controls, c) : NULL;

	if (letter != NULL)
		cs_put_raw(out, (uint8_t[]) { '\\', (uint8_t) "bfnrt"[letter - controls] }, 2);
	else if (c == '"' || c == '\\')
		cs_put_raw(out, (uint8_t[]) { '\\', c }, 2);
	else
	{
		cs_put_str(out, "\\u00");
		cs_put_hex(out, &c, 1);
	}
}

static void
print_text(printer *pr, const cs_item *item)
{
	const uint8_t *p = item->content;
	const uint8_t *end = p + item->arg;

	cs_put_byte(pr->out, '"');
	while (p < end)
	{
		const uint8_t *run = p;

		while (p < end && *p >= 0x20 && *p != '"' && *p != '\\' && *p != 0x7f)
			p++;
		cs_put_raw(pr->out, run, (size_t) (p - run));
		if (p < end)
			print_escape(pr->out, *p++);
	}
	cs_put_byte(pr->out, '"');
	print_indicator(pr, item);
}

static void
print_string(printer *pr, const cs_item *item)
{
	if (item->major == CS_BSTR)
		print_bytes(pr, item);
	else
		print_text(pr, item);
}

static const uint8_t *
print_chunks(printer *pr, const cs_item *string)
{
	cs_iter it = cs_iterate(string);
	const uint8_t *end = string->content;
	cs_item chunk;

	if (*end == 0xff)
	{
		cs_put_str(pr->out, string->major == CS_BSTR ? "''_" : "\"\"_");
		return end + 1;
	}
	for (const char *before = "(_ "; cs_next(&it, &chunk); before = ", ")
	{
		cs_tick(pr->ctx, &pr->ticks);
		cs_put_str(pr->out, before);
		print_string(pr, &chunk);
		end = chunk.content + chunk.arg;
	}
	cs_put_byte(pr->out, ')');
	return end + 1;
}

/* The shortest decimal that reads back as the same number, in a form that is no integer. */
static void
print_decimal(cs_buf *out, double value)
{
	char text[40];
	int digits = fabs(value) < DBL_MIN ? 1 : 15;
	char *exponent;

	do
		snprintf(text, sizeof(text), "%.*g", digits, value);
	while (strtod(text, NULL) != value && digits++ < 17);
	exponent = strchr(text, 'e');
	if (strchr(text, '.') != NULL)
		cs_put_str(out, text);
	else
		cs_put_fmt(
			out, "%.*s.0%s", (int) (exponent != NULL ? exponent - text : (long) strlen(text)), text, exponent != NULL ? exponent : "");
}

static void
print_float(printer *pr, const cs_item *item)
{
	double value = cs_float_value(item->info, item->arg);
	uint64_t bits;

	if (isnan(value))
	{
		cs_float_as(value, item->info, &bits);
		if (bits != item->arg)
		{
			cs_put_str(pr->out, "float'");
			cs_put_hex(pr->out, item->p + 1, (size_t) (item->content - item->p - 1));
			cs_put_byte(pr->out, '\'');
			return;
		}
		cs_put_str(pr->out, "NaN");
	}
	else if (isinf(value))
		cs_put_str(pr->out, value < 0 ? "-Infinity" : "Infinity");
	else
		print_decimal(pr->out, value);
	if (cs_float_shortest(value, &bits) != item->info)
		cs_put_fmt(pr->out, "_%d", item->info - 24);
}

static void
print_simple(printer *pr, const cs_item *item)
{
	static const char *const names[] = { "false", "true", "null", "undefined" };

	if (item->info >= CS_HALF)
		print_float(pr, item);
	else if (item->arg >= 20 && item->arg <= 23)
		cs_put_str(pr->out, names[item->arg - 20]);
	else
		cs_put_fmt(pr->out, "simple(%u)", (unsigned) item->arg);
}

static void
print_integer(printer *pr, const cs_item *item)
{
	cs_put_decimal(pr->out, item);
	print_indicator(pr, item);
}

/* Slashes in a comment would end it. */
static void
print_comment(printer *pr, const char *text)
{
	cs_put_str(pr->out, "/ ");
	for (; *text != '\0'; text++)
		cs_put_byte(pr->out, (uint8_t) (*text == '/' ? '|' : *text));
	cs_put_str(pr->out, " /");
}

/* Ask for the name of a child, and print it. */
static const void *
print_note(printer *pr, const void *state, const cs_item *key, uint64_t index, const cs_item *child, bool *embedded)
{
	const char *name = NULL;

	*embedded = false;
	if (pr->notes == NULL || pr->notes->note == NULL || state == NULL)
		return NULL;
	state = pr->notes->note(pr->notes, state, key, index, child, &name, embedded);
	if (name == NULL)
		return state;
	print_comment(pr, name);
	cs_put_byte(pr->out, ' ');
	return state;
}

/* A new line for an element, or what stands between two on one line. */
static void
print_break(printer *pr, bool first)
{
	if (!first)
		cs_put_byte(pr->out, ',');
	if (pr->pretty)
	{
		cs_put_byte(pr->out, '\n');
		for (uint32_t i = 0; i < pr->level; i++)
			cs_put_str(pr->out, "  ");
	}
	else if (!first)
		cs_put_byte(pr->out, ' ');
}

/* Is there an element at p? */
static bool
has_element(const cs_item *container, uint64_t seen, const uint8_t *p)
{
	return container->indefinite ? *p != 0xff : seen < container->arg;
}

static const uint8_t *
print_elements(printer *pr, const cs_item *array, const void *state)
{
	const uint8_t *p = array->content;
	uint64_t index = 0;

	for (; p != NULL && has_element(array, index, p); index++)
	{
		cs_item child = cs_item_at(p, (size_t) (array->limit - p));
		const void *child_state;
		bool embedded;

		print_break(pr, index == 0);
		child_state = print_note(pr, state, NULL, index, &child, &embedded);
		p = print_item(pr, p, array->limit, child_state, embedded);
	}
	return p;
}

static const uint8_t *
print_pairs(printer *pr, const cs_item *map, const void *state)
{
	const uint8_t *p = map->content;
	uint64_t index = 0;

	for (; p != NULL && has_element(map, index, p); index++)
	{
		cs_item key = cs_item_at(p, (size_t) (map->limit - p));
		const void *value_state = NULL;
		bool embedded = false;

		print_break(pr, index == 0);
		if (pr->notes != NULL && state != NULL)
		{
			const uint8_t *end = cs_item_end(&key);
			cs_item value = cs_item_at(end, (size_t) (map->limit - end));

			value_state = print_note(pr, state, &key, index, &value, &embedded);
		}
		p = print_item(pr, p, map->limit, NULL, false);
		cs_put_str(pr->out, ": ");
		if (p != NULL)
			p = print_item(pr, p, map->limit, value_state, embedded);
	}
	return p;
}

/* Brackets around the elements; the last of them stands on a line of its own when pretty. */
static const uint8_t *
print_container(printer *pr, const cs_item *item, const void *state)
{
	bool array = item->major == CS_ARRAY;
	bool empty = !has_element(item, 0, item->content);
	bool marked = item->indefinite || !cs_head_is_shortest(item);
	const uint8_t *p;

	cs_put_byte(pr->out, array ? '[' : '{');
	if (item->indefinite)
		cs_put_byte(pr->out, '_');
	print_indicator(pr, item);
	if (marked && (!pr->pretty || empty))
		cs_put_byte(pr->out, ' ');
	pr->level++;
	p = array ? print_elements(pr, item, state) : print_pairs(pr, item, state);
	pr->level--;
	if (!empty && pr->pretty)
		print_break(pr, true);
	cs_put_byte(pr->out, array ? ']' : '}');
	return p != NULL && item->indefinite ? p + 1 : p;
}

/* A short array without containers, maybe tagged elements: does it fit on the rest of the line? */
static bool
is_leaf_array(const cs_item *array)
{
	cs_iter it = cs_iterate(array);
	cs_item child;

	if (array->major != CS_ARRAY || (!array->indefinite && array->arg > LEAF_MAX))
		return false;
	for (int i = 0; cs_next(&it, &child); i++)
	{
		while (child.major == CS_TAG)
			child = cs_tag_content(&child);
		if (i == LEAF_MAX || child.major == CS_ARRAY || child.major == CS_MAP || cs_item_size(&child) > LINE_WIDTH)
			return false;
	}
	return true;
}

/* Where the next character would stand; more than a line is as good as any. */
static size_t
column(const cs_buf *out)
{
	size_t at = out->len;
	size_t count = 0;

	while (at > 0 && count <= LINE_WIDTH && out->data[at - 1] != '\n')
	{
		at--;
		count += (out->data[at] & 0xc0) != 0x80;
	}
	return count;
}

static const uint8_t *
print_array_or_map(printer *pr, const cs_item *item, const void *state)
{
	size_t begin = pr->out->len;
	const uint8_t *p;

	if (!pr->pretty || !is_leaf_array(item))
		return print_container(pr, item, state);
	pr->pretty = false;
	p = print_container(pr, item, state);
	pr->pretty = true;
	if (p == NULL || !cs_buf_ok(pr->out) || column(pr->out) < LINE_WIDTH)
		return p;
	pr->out->len = begin;
	return print_container(pr, item, state);
}

static const uint8_t *
print_tag(printer *pr, const cs_item *tag, const void *state)
{
	cs_item content = cs_tag_content(tag);
	const void *content_state;
	const uint8_t *p;
	bool embedded;

	cs_put_fmt(pr->out, "%llu", (unsigned long long) tag->arg);
	print_indicator(pr, tag);
	cs_put_byte(pr->out, '(');
	content_state = print_note(pr, state, NULL, 0, &content, &embedded);
	p = print_item(pr, tag->content, tag->limit, content_state, embedded);
	cs_put_byte(pr->out, ')');
	return p;
}

/* Is there one well-formed item in a byte string, no deeper than what is left to the printer? The error that says no is nobody's. */
static bool
holds_item(printer *pr, const cs_item *string)
{
	cs_ctx quiet = *pr->ctx;
	uint32_t limit = cs_depth_limit(pr->ctx);

	if (string->indefinite || string->arg == 0 || pr->depth >= limit)
		return false;
	quiet.limits.max_depth = limit - pr->depth - 1;
	return cs_check(&quiet, string->content, (size_t) string->arg);
}

static const uint8_t *
print_embedded(printer *pr, const cs_item *string, const void *state)
{
	const uint8_t *end = string->content + string->arg;
	cs_item item = cs_item_at(string->content, (size_t) string->arg);
	const void *item_state;
	bool embedded;

	cs_put_str(pr->out, "<< ");
	item_state = print_note(pr, state, NULL, 0, &item, &embedded);
	if (print_item(pr, string->content, end, item_state, embedded) == NULL)
		return NULL;
	cs_put_str(pr->out, " >>");
	print_indicator(pr, string);
	return end;
}

/* Ask for the name of a value, and print it. */
static void
print_value_name(printer *pr, const void *state, const cs_item *item)
{
	const char *name = NULL;

	if (pr->notes != NULL && pr->notes->value != NULL && state != NULL)
		name = pr->notes->value(pr->notes, state, item);
	if (name == NULL)
		return;
	cs_put_byte(pr->out, ' ');
	print_comment(pr, name);
}

static const uint8_t *
print_leaf(printer *pr, const cs_item *item)
{
	if (item->major == CS_UINT || item->major == CS_NINT)
		print_integer(pr, item);
	else if (item->major == CS_SIMPLE)
		print_simple(pr, item);
	else if (item->indefinite)
		return print_chunks(pr, item);
	else
	{
		print_string(pr, item);
		return item->content + item->arg;
	}
	return item->content;
}

/* The end of the item at p, or NULL when that failed. */
static const uint8_t *
print_item(printer *pr, const uint8_t *p, const uint8_t *limit, const void *state, bool embedded)
{
	cs_item item = cs_item_at(p, (size_t) (limit - p));

	cs_tick(pr->ctx, &pr->ticks);
	if (!cs_buf_ok(pr->out))
		return NULL;
	embedded = embedded && item.major == CS_BSTR && holds_item(pr, &item);
	if (!embedded && (item.major < CS_ARRAY || item.major == CS_SIMPLE))
	{
		p = print_leaf(pr, &item);
		print_value_name(pr, state, &item);
		return p;
	}
	if (pr->depth >= cs_depth_limit(pr->ctx))
	{
		cs_fail(pr->ctx, CS_LIMIT, "CBOR is nested deeper than %u levels", cs_depth_limit(pr->ctx));
		return NULL;
	}
	pr->depth++;
	if (embedded)
		p = print_embedded(pr, &item, state);
	else if (item.major == CS_TAG)
		p = print_tag(pr, &item, state);
	else
		p = print_array_or_map(pr, &item, state);
	pr->depth--;
	return p;
}

bool
cs_edn_print(cs_ctx *ctx, const cs_item *item, const cs_edn_style *style, cs_buf *out)
{
	printer pr = { ctx, out, style != NULL ? style->notes : NULL, 0, 0, 0, style != NULL && style->pretty };
	const void *root = pr.notes != NULL ? pr.notes->root : NULL;

	return print_item(&pr, item->p, item->limit, root, false) != NULL && cs_buf_ok(out);
}
