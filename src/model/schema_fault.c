/*
 * schema_fault.c - saying where a walk stands and what is wrong there: paths by the standard's names, offsets into the outermost
 * document, what was wanted and what was found.
 */
#include "profile.h"
#include "schema_walk.h"

#include <stdio.h>
#include <string.h>

/* ---- what an item is ---- */

static void
describe_text(const cs_item *item, char *out, size_t size)
{
	char text[48];
	size_t len = item->arg < sizeof(text) - 1 ? (size_t) item->arg : sizeof(text) - 1;

	memcpy(text, item->content, len);
	while (len > 0 && len < item->arg && ((unsigned char) item->content[len] & 0xc0) == 0x80)
		len--;
	text[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if ((unsigned char) text[i] < 0x20 || text[i] == 0x7f)
			text[i] = '?';
	snprintf(out, size, "\"%s\"%s", text, len < item->arg ? "..." : "");
}

static void
describe_bytes(const cs_item *item, char *out, size_t size)
{
	char hex[33];
	size_t len = item->arg < 16 ? (size_t) item->arg : 16;

	for (size_t i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", item->content[i]);
	hex[2 * len] = '\0';
	if (len == item->arg)
		snprintf(out, size, "h'%s'", hex);
	else
		snprintf(out, size, "h'%s'... of %llu bytes", hex, (unsigned long long) item->arg);
}

static void
describe_simple(const cs_item *item, char *out, size_t size)
{
	double number;
	bool value;

	if (cs_is_null(item))
		snprintf(out, size, "null");
	else if (cs_is_bool(item, &value))
		snprintf(out, size, "%s", value ? "true" : "false");
	else if (cs_is_float(item, &number))
		snprintf(out, size, "floating-point number %g", number);
	else
		snprintf(out, size, "simple value %u", (unsigned) item->arg);
}

void
cs_describe(const cs_item *item, char *out, size_t size)
{
	unsigned long long arg = item->arg;

	switch ((cs_major) item->major)
	{
		case CS_UINT:
			snprintf(out, size, "%llu", arg);
			break;
		case CS_NINT:
			if (item->arg < (uint64_t) INT64_MAX)
				snprintf(out, size, "-%llu", arg + 1);
			else
				snprintf(out, size, "integer below -2^63");
			break;
		case CS_BSTR:
			if (item->indefinite)
				snprintf(out, size, "byte string of indefinite length");
			else
				describe_bytes(item, out, size);
			break;
		case CS_TSTR:
			if (item->indefinite)
				snprintf(out, size, "text string of indefinite length");
			else
				describe_text(item, out, size);
			break;
		case CS_ARRAY:
			arg = cs_count(item);
			snprintf(out, size, "array of %llu element%s", arg, arg == 1 ? "" : "s");
			break;
		case CS_MAP:
			arg = cs_count(item);
			snprintf(out, size, "map of %llu member%s", arg, arg == 1 ? "" : "s");
			break;
		case CS_TAG:
			snprintf(out, size, "tag %llu", arg);
			break;
		case CS_SIMPLE:
			describe_simple(item, out, size);
			break;
	}
}

/* ---- where a walk stands ---- */

typedef struct path_text
{
	char *text;
	size_t size;
	size_t len;
} path_text;

static void __attribute__((format(printf, 2, 3)))
path_add(path_text *path, const char *fmt, ...)
{
	va_list args;
	int n;

	if (path->len + 1 >= path->size)
		return;
	va_start(args, fmt);
	n = vsnprintf(path->text + path->len, path->size - path->len, fmt, args);
	va_end(args);
	if (n > 0)
		path->len += (size_t) n;
	if (path->len < path->size)
		return;
	/* Cut, and not in half a character. */
	path->len = path->size - 1;
	while (path->len > 0 && ((unsigned char) path->text[path->len - 1] & 0x80))
		path->len--;
	path->text[path->len] = '\0';
	path->size = path->len;
}

/* A key of a map whose table does not have it: what the profile calls it, if it does. */
static void
path_key(path_text *path, const cs_walk *walk, const cs_walk_frame *frame)
{
	const char *name = NULL;
	char key[80];
	int64_t number;

	if (walk->profile && cs_int64(frame->key, &number))
		name = cs_profile_member_name(walk->profile, frame->up->rule, number);
	if (name)
	{
		path_add(path, "%s%s", path->len > 0 ? "." : "", name);
		return;
	}
	cs_describe(frame->key, key, sizeof(key));
	path_add(path, "[%s]", key);
}

static void
path_frame(path_text *path, const cs_walk *walk, const cs_walk_frame *frame)
{
	const char *dot;

	if (frame == NULL)
		return;
	path_frame(path, walk, frame->up);
	dot = path->len > 0 ? "." : "";
	switch (frame->step)
	{
		case CS_STEP_NONE:
			break;
		case CS_STEP_RULE:
			path_add(path, "%s%s", dot, frame->rule->name);
			break;
		case CS_STEP_NAME:
			path_add(path, "%s%s", dot, frame->name);
			break;
		case CS_STEP_INDEX:
			path_add(path, "[%llu]", (unsigned long long) frame->index);
			break;
		case CS_STEP_KEY:
			path_key(path, walk, frame);
			break;
	}
}

void
cs_walk_path(const cs_walk *walk, char *path, size_t size)
{
	path_text text = { path, size, 0 };

	if (size == 0)
		return;
	path[0] = '\0';
	path_frame(&text, walk, walk->frame);
}

static bool
within(const uint8_t *p, const cs_walk *walk, const cs_item *root)
{
	return (uintptr_t) p >= (uintptr_t) walk->origin && (uintptr_t) p < (uintptr_t) root->limit;
}

/* Embedded CBOR out of a chunked string lies outside the document: its offset is that of the string. */
static bool
offset_of(const cs_walk *walk, const uint8_t *p, size_t *offset)
{
	const cs_walk_frame *root = walk->frame;

	while (root->up)
		root = root->up;
	for (const cs_walk_frame *f = walk->frame; f && !within(p, walk, root->item); f = f->up)
		p = f->item->p;
	if (!within(p, walk, root->item))
		return false;
	*offset = (size_t) (p - walk->origin);
	return true;
}

void
cs_walk_locate(cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	cs_error *error = &walk->ctx->error;

	error->has_offset = offset_of(walk, item->p, &error->offset);
	cs_walk_path(walk, error->path, sizeof(error->path));
	snprintf(error->rule, sizeof(error->rule), "%s", rule->name);
	if (error->found[0] == '\0')
		cs_describe(item, error->found, sizeof(error->found));
}

bool
cs_walk_report(cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	if (!walk->all_faults || walk->trial > 0)
		return false;
	if (walk->faults++ == 0 && walk->first)
		*walk->first = walk->ctx->error;
	return walk->visit == NULL || walk->visit(walk, CS_FAULT, rule, NULL, item);
}

bool
cs_walk_fault(cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	cs_walk_locate(walk, rule, item);
	return cs_walk_report(walk, rule, item);
}

/* ---- what a rule wants ---- */

static void
wants_count(const cs_rule *rule, const char *unit, char *out, size_t size)
{
	long long min = rule->min, max = rule->max;

	if (min == max)
		snprintf(out, size, "%lld %s%s", min, unit, min == 1 ? "" : "s");
	else if (max < 0)
		snprintf(out, size, "at least %lld %s%s", min, unit, min == 1 ? "" : "s");
	else
		snprintf(out, size, "%lld to %lld %ss", min, max, unit);
}

static void
wants_sized(const cs_rule *rule, const char *what, const char *unit, char *out, size_t size)
{
	char count[64];

	if (rule->min == 0 && rule->max < 0)
	{
		snprintf(out, size, "%s", what);
		return;
	}
	wants_count(rule, unit, count, sizeof(count));
	snprintf(out, size, "%s of %s", what, count);
}

static void
wants_integer(const cs_rule *rule, char *out, size_t size)
{
	if (rule->min == INT64_MIN && rule->max == INT64_MAX)
		snprintf(out, size, "an integer");
	else if (rule->min == 0 && rule->max == INT64_MAX)
		snprintf(out, size, "an unsigned integer");
	else if (rule->min == rule->max)
		snprintf(out, size, "%lld", (long long) rule->min);
	else
		snprintf(out, size, "an integer from %lld to %lld", (long long) rule->min, (long long) rule->max);
}

static void
wants_record(const cs_rule *rule, char *out, size_t size)
{
	size_t least = 0;

	while (least < rule->field_count && !rule->fields[least].optional)
		least++;
	if (least == rule->field_count)
		snprintf(out, size, "an array of %zu elements", least);
	else
		snprintf(out, size, "an array of %zu to %zu elements", least, rule->field_count);
}

static void wants(const cs_rule *rule, char *out, size_t size);

/* The alternatives that the draft of today has. */
static void
wants_choice(const cs_rule *rule, char *out, size_t size)
{
	char one[96];
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < rule->choice_count && len < size; i++)
	{
		int n;

		if (rule->choices[i]->legacy)
			continue;
		wants(rule->choices[i], one, sizeof(one));
		n = snprintf(out + len, size - len, "%s%s", len > 0 ? ", " : "", one);
		len += n > 0 ? (size_t) n : 0;
	}
}

static void
wants(const cs_rule *rule, char *out, size_t size)
{
	switch (rule->kind)
	{
		case CS_ANY:
			snprintf(out, size, "any item");
			break;
		case CS_INTEGER:
			wants_integer(rule, out, size);
			break;
		case CS_BYTES:
			wants_sized(rule, "a byte string", "byte", out, size);
			break;
		case CS_TEXT:
			if (rule->literal)
				snprintf(out, size, "the text \"%s\"", rule->literal);
			else
				wants_sized(rule, "a text string", "byte", out, size);
			break;
		case CS_BOOL:
			snprintf(out, size, "true or false");
			break;
		case CS_NULL:
			snprintf(out, size, "null");
			break;
		case CS_NUMBER:
			snprintf(out, size, "a number");
			break;
		case CS_TIME:
			snprintf(out, size, "tag %llu with %s", (unsigned long long) rule->tag, rule->tag == 0 ? "a text string" : "a number");
			break;
		case CS_TAGGED:
			snprintf(out, size, "tag %llu (%s)", (unsigned long long) rule->tag, rule->name);
			break;
		case CS_CHOICE:
			wants_choice(rule, out, size);
			break;
		case CS_RECORD:
		case CS_SEQUENCE:
			wants_record(rule, out, size);
			break;
		case CS_LIST:
			wants_sized(rule, "an array", "element", out, size);
			break;
		case CS_STRUCT:
			snprintf(out, size, "a map");
			break;
		case CS_TABLE:
			wants_sized(rule, "a map", "member", out, size);
			break;
	}
}

bool
cs_walk_expected(cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	char text[200];

	wants(rule, text, sizeof(text));
	if (rule->kind == CS_CHOICE)
		cs_fail(walk->ctx, CS_INVALID, "none of %s", text);
	else
		cs_fail(walk->ctx, CS_INVALID, "%s should be %s", rule->name, text);
	return cs_walk_fault(walk, rule, item);
}
