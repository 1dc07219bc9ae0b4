/*
 * schema.c - the walker: one pass over an item by the tables of rules_*.c, which validates it, names places in it and tells a
 * visitor what it meets. What it knows of the encodings is in the kinds of cs_kind; everything else is in the tables.
 */
#include "schema_walk.h"

#include <string.h>

static bool walk_item(cs_walk *walk, const cs_rule *rule, const char *name, const cs_item *item);

/* The bound on depth and the hook that lets a long walk be cancelled. */
static bool __attribute__((noinline))
too_deep(cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	cs_fail(walk->ctx, CS_LIMIT, "CBOR is nested deeper than %u levels", cs_depth_limit(walk->ctx));
	cs_walk_locate(walk, rule, item);
	return false;
}

static inline bool
tick(cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	cs_tick(walk->ctx, &walk->steps);
	return walk->depth <= cs_depth_limit(walk->ctx) || too_deep(walk, rule, item);
}

static bool
emit(cs_walk *walk, cs_event event, const cs_rule *rule, const char *name, const cs_item *item)
{
	return walk->quiet > 0 || walk->visit == NULL || walk->visit(walk, event, rule, name, item);
}

/* A legacy form was chosen: tell, or refuse it. Trials only ask whether the form is there. */
static bool
legacy(cs_walk *walk, const cs_rule *rule, const char *name, const cs_item *item)
{
	if (walk->trial > 0)
		return true;
	if (walk->accept_legacy)
		return emit(walk, CS_LEGACY, rule, name, item);
	cs_fail(walk->ctx, CS_LEGACY_REFUSED, "legacy form \"%s\" is not accepted", name);
	cs_fail_hint(walk->ctx, "coserv.accept_legacy lets forms of earlier drafts in; doc/legacy.md describes them.");
	return cs_walk_fault(walk, rule, item);
}

static bool
walk_child(cs_walk *walk, cs_walk_frame *frame, const cs_rule *rule, const char *name, const cs_item *item)
{
	bool ok;

	frame->up = walk->frame;
	frame->item = item;
	frame->rule = rule;
	walk->frame = frame;
	walk->depth++;
	ok = walk_item(walk, rule, name, item);
	walk->depth--;
	walk->frame = frame->up;
	return ok;
}

/* What no table knows: noted with its own path where the container is open, a fault of the container where it is closed. */
static bool
walk_unknown(cs_walk *walk, cs_walk_frame *frame, const cs_rule *rule, const cs_item *item)
{
	char text[80];
	bool ok;

	walk->end = cs_leaf_end(item);
	if (!rule->extensible)
	{
		cs_describe(frame->key, text, sizeof(text));
		cs_fail(walk->ctx, CS_INVALID, "%s has no member %s", rule->name, text);
		return cs_walk_fault(walk, rule, frame->key);
	}
	frame->up = walk->frame;
	frame->item = item;
	frame->rule = rule;
	walk->frame = frame;
	ok = emit(walk, CS_UNKNOWN, rule, NULL, item);
	walk->frame = frame->up;
	return ok;
}

/* ---- strings ---- */

static uint64_t
string_size(const cs_item *item)
{
	cs_iter it;
	cs_item chunk;
	uint64_t size = 0;

	if (!item->indefinite)
		return item->arg;
	for (it = cs_iterate(item); cs_next(&it, &chunk);)
		size += chunk.arg;
	return size;
}

static bool
size_fits(const cs_rule *rule, uint64_t size)
{
	return size >= (uint64_t) rule->min && (rule->max < 0 || size <= (uint64_t) rule->max);
}

static bool
walk_string(cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	if (!size_fits(rule, string_size(item)))
		return cs_walk_expected(walk, rule, item);
	return rule->literal == NULL || cs_text_is(item, rule->literal) || cs_walk_expected(walk, rule, item);
}

/* Bytes that ought to be CBOR: well-formed within the depth that is left. */
static bool __attribute__((noinline))
check_embedded(cs_walk *walk, const cs_rule *rule, const cs_item *item, cs_span bytes)
{
	cs_ctx sub = *walk->ctx; /* a hook may jump out of cs_check: the caller's limits stay what they are */

	sub.limits.max_depth = cs_depth_limit(walk->ctx) - walk->depth - 1;
	if (bytes.len > 0 && cs_check(&sub, bytes.data, bytes.len))
		return true;
	if (bytes.len > 0 && sub.error.code != CS_MALFORMED)
	{
		walk->ctx->error = sub.error;
		cs_walk_locate(walk, rule, item);
		return false;
	}
	cs_fail(walk->ctx, CS_INVALID, "byte string should hold CBOR: %.200s", bytes.len > 0 ? sub.error.message : "it is empty");
	if (!cs_walk_fault(walk, rule, item))
		return false;
	walk->skip = true;
	return true;
}

static bool
walk_embedded(cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	cs_walk_frame frame = { .step = CS_STEP_RULE };
	cs_span bytes;
	cs_item content;
	bool deep, ok;

	/* What is inside lies a level below. */
	walk->depth++;
	deep = !tick(walk, rule, item);
	walk->depth--;
	if (deep)
		return false;
	if (!cs_string(walk->ctx, item, &bytes))
		return false;
	if (!check_embedded(walk, rule, item, bytes))
		return false;
	if (walk->skip)
	{
		walk->skip = false;
		return true;
	}
	content = cs_item_at(bytes.data, bytes.len);
	ok = walk_child(walk, &frame, rule->of, NULL, &content);
	walk->end = cs_leaf_end(item); /* not where its content ends */
	return ok;
}

/* ---- arrays ---- */

static size_t
required_fields(const cs_rule *rule)
{
	size_t n = 0;

	for (size_t i = 0; i < rule->field_count; i++)
		if (!rule->fields[i].optional)
			n = i + 1;
	return n;
}

static bool
walk_record(cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	uint64_t count = cs_count(item);
	cs_iter it = cs_iterate(item);
	cs_item child;

	if ((count < required_fields(rule) || (count > rule->field_count && !rule->extensible)) && !cs_walk_expected(walk, rule, item))
		return false;
	for (uint64_t i = 0; cs_next(&it, &child); i++)
	{
		const cs_field *field = i < rule->field_count ? &rule->fields[i] : NULL;
		cs_walk_frame frame = { .step = field ? CS_STEP_NAME : CS_STEP_INDEX, .name = field ? field->name : NULL, .index = i };

		/* One too many for a closed record was told above. */
		if (field == NULL && !rule->extensible)
			break;
		if (field ? !walk_child(walk, &frame, field->rule, field->name, &child) : !walk_unknown(walk, &frame, rule, &child))
			return false;
		cs_iter_resume(&it, walk->end);
	}
	walk->end = cs_iter_end(&it);
	return true;
}

static bool
walk_list(cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	cs_iter it = cs_iterate(item);
	cs_item child;

	if (!size_fits(rule, cs_count(item)) && !cs_walk_expected(walk, rule, item))
		return false;
	for (uint64_t i = 0; cs_next(&it, &child); i++)
	{
		cs_walk_frame frame = { .step = CS_STEP_INDEX, .index = i };

		if (!walk_child(walk, &frame, rule->of, NULL, &child))
			return false;
		cs_iter_resume(&it, walk->end);
	}
	walk->end = cs_iter_end(&it);
	return true;
}

/* ---- maps ---- */

static bool
walk_missing(cs_walk *walk, const cs_rule *rule, const cs_item *item, const uint8_t *seen)
{
	for (size_t i = 0; i < rule->field_count; i++)
	{
		const cs_field *field = &rule->fields[i];

		if (field->optional || seen[i])
			continue;
		if (field->text)
			cs_fail(walk->ctx, CS_INVALID, "member \"%s\" is missing", field->text);
		else
			cs_fail(walk->ctx, CS_INVALID, "member %s (%lld) is missing", field->name, (long long) field->key);
		if (!cs_walk_fault(walk, rule, item))
			return false;
	}
	return true;
}

static bool
walk_struct(cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	uint8_t seen[CS_MAX_FIELDS] = { 0 };
	cs_iter it = cs_iterate(item);
	cs_item key, value;
	uint64_t count = 0;
	cs_key_order order = { 0 };

	for (; cs_next_pair(&it, &key, &value); count++)
	{
		const cs_field *field = cs_rule_field(rule, &key);
		cs_walk_frame frame = { .step = field ? CS_STEP_NAME : CS_STEP_KEY, .name = field ? field->name : NULL, .key = &key };

		if (!cs_walk_next_key(walk, rule, item, &key, &order))
			return false;
		if (field)
			seen[field - rule->fields] = 1;
		if (field ? !walk_child(walk, &frame, field->rule, field->name, &value) : !walk_unknown(walk, &frame, rule, &value))
			return false;
		cs_iter_resume(&it, walk->end);
	}
	walk->end = cs_iter_end(&it);
	if (count == 0 && rule->non_empty)
	{
		cs_fail(walk->ctx, CS_INVALID, "%s needs at least one member", rule->name);
		return cs_walk_fault(walk, rule, item);
	}
	return walk_missing(walk, rule, item, seen);
}

static bool
walk_table(cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	cs_iter it = cs_iterate(item);
	cs_item key, value;
	cs_key_order order = { 0 };

	if (!size_fits(rule, cs_count(item)) && !cs_walk_expected(walk, rule, item))
		return false;
	while (cs_next_pair(&it, &key, &value))
	{
		cs_walk_frame frame = { .step = CS_STEP_KEY, .key = &key };
		bool ok;

		if (!cs_walk_next_key(walk, rule, item, &key, &order))
			return false;
		/* A visitor sees the values; a key shows in their path. */
		walk->quiet++;
		ok = walk_child(walk, &frame, rule->key, NULL, &key);
		walk->quiet--;
		if (!ok || !walk_child(walk, &frame, rule->of, NULL, &value))
			return false;
		cs_iter_resume(&it, walk->end);
	}
	walk->end = cs_iter_end(&it);
	return true;
}

/* ---- choices ---- */

/* Walks without the visitor, for the error only. Faults end a trial. */
static bool
trial(cs_walk *walk, const cs_rule *rule, const char *name, const cs_item *item)
{
	bool ok;

	walk->trial++;
	walk->quiet++;
	ok = walk_item(walk, rule, name, item);
	walk->quiet--;
	walk->trial--;
	return ok;
}

static bool
fatal(const cs_error *error)
{
	return error->code != CS_INVALID && error->code != CS_LEGACY_REFUSED;
}

/* Look-ahead left several alternatives: the first that a trial accepts; when none does, the error of the one that got furthest. */
static bool __attribute__((noinline))
walk_trials(cs_walk *walk, const cs_rule *rule, int levels, const char *name, const cs_item *item)
{
	cs_error best = { .code = CS_OK };

	for (size_t i = 0; i < rule->choice_count; i++)
	{
		const cs_rule *alternative = rule->choices[i];

		if (!cs_rule_looks_like(alternative, item, levels))
			continue;
		if (trial(walk, alternative, name, item))
			return walk->trial > 0 || walk_item(walk, alternative, name, item);
		if (fatal(&walk->ctx->error))
			return false;
		if (best.code == CS_OK || (walk->ctx->error.has_offset && walk->ctx->error.offset > best.offset))
			best = walk->ctx->error;
	}
	walk->ctx->error = best;
	walk->end = NULL;
	return cs_walk_report(walk, rule, item);
}

/* Two alternatives of one shape, of which an item suits one: when it is this, it is not that. */
static bool
rules_out(const cs_rule *this, const cs_rule *that)
{
	return this->suits && that->suits && this->kind == that->kind && this->fields == that->fields && this->of == that->of;
}

static size_t
candidates(const cs_rule *rule, const cs_item *item, int levels, const cs_rule **first)
{
	size_t n = 0;

	for (size_t i = 0; i < rule->choice_count; i++)
	{
		if (levels > 0 && n > 0 && rules_out(*first, rule->choices[i]))
			continue;
		if (cs_rule_looks_like(rule->choices[i], item, levels) && n++ == 0)
			*first = rule->choices[i];
	}
	return n;
}

static bool
walk_choice(cs_walk *walk, const cs_rule *rule, const char *name, const cs_item *item)
{
	const cs_rule *first = NULL;
	int levels = 0;
	size_t n = candidates(rule, item, levels, &first);

	if (n > 1)
	{
		const cs_rule *deeper = NULL;
		size_t m = candidates(rule, item, CS_LOOK_AHEAD, &deeper);

		if (m > 0)
		{
			n = m;
			first = deeper;
			levels = CS_LOOK_AHEAD;
		}
	}
	if (n == 1)
		return walk_item(walk, first, name, item);
	if (n > 1)
		return walk_trials(walk, rule, levels, name, item);
	if (rule->extensible && cs_is(item, CS_TAG))
		return emit(walk, CS_UNKNOWN, rule, name, item);
	return cs_walk_expected(walk, rule, item);
}

/* ---- any item ---- */

static bool
walk_tagged(cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	cs_item content = cs_tag_content(item);
	cs_walk_frame frame = { .step = CS_STEP_NONE };

	/* In a list, a map that was tagged names itself: tags[0].concise-mid-tag, key-list[1].COSE_Key. */
	if (walk->frame->step == CS_STEP_INDEX && cs_is(&content, CS_MAP))
		frame.step = CS_STEP_RULE;
	return walk_child(walk, &frame, rule->of, NULL, &content);
}

static bool
walk_time(cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	int64_t seconds;

	if (!cs_is(item, CS_TAG) && !legacy(walk, rule, "untagged-time", item))
		return false;
	if (cs_time_read(walk->ctx, item, false, &seconds))
		return true;
	return cs_walk_fault(walk, rule, item);
}

static bool
walk_content(cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	switch (rule->kind)
	{
		case CS_BYTES:
		case CS_TEXT:
			return walk_string(walk, rule, item) && (rule->of == NULL || walk_embedded(walk, rule, item));
		case CS_TIME:
			return walk_time(walk, rule, item);
		case CS_TAGGED:
			return walk_tagged(walk, rule, item);
		case CS_RECORD:
		case CS_SEQUENCE:
			return walk_record(walk, rule, item);
		case CS_LIST:
			return walk_list(walk, rule, item);
		case CS_STRUCT:
			return walk_struct(walk, rule, item);
		case CS_TABLE:
			return walk_table(walk, rule, item);
		default:
			return true;
	}
}

/* A root or embedded item is named by the rule that it turns out to be of, behind choices and tags. */
static void
name_frames(cs_walk_frame *frame, const cs_rule *rule)
{
	frame->rule = rule;
	while (frame->step == CS_STEP_NONE && frame->up)
	{
		frame = frame->up;
		frame->rule = rule;
	}
}

static bool
walk_item(cs_walk *walk, const cs_rule *rule, const char *name, const cs_item *item)
{
	uint64_t faults = walk->faults;

	name_frames(walk->frame, rule);
	walk->end = cs_leaf_end(item);
	if (!tick(walk, rule, item))
		return false;
	if (rule->kind == CS_CHOICE)
	{
		if (!walk_choice(walk, rule, name, item))
			return false;
	}
	else
	{
		if (!cs_rule_looks_like(rule, item, 0))
			return cs_walk_expected(walk, rule, item);
		if (rule->legacy && !legacy(walk, rule, rule->legacy, item))
			return false;
		if (!emit(walk, CS_ENTER, rule, name, item) || !walk_content(walk, rule, item))
			return false;
	}
	if (rule->check && walk->faults == faults && !rule->check(walk->ctx, item) && !cs_walk_fault(walk, rule, item))
		return false;
	return rule->kind == CS_CHOICE || emit(walk, CS_LEAVE, rule, name, item);
}

bool
cs_walk_rule(cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	/* A walk of a member's value, from within another walk, has the path of the member. */
	cs_walk_frame root = { .up = walk->frame, .step = walk->frame ? CS_STEP_NONE : CS_STEP_RULE, .rule = rule, .item = item };
	const uint8_t *origin = walk->origin;
	cs_error first = { .code = CS_OK };
	bool ok;

	if (walk->origin == NULL)
		walk->origin = item->p;
	walk->first = &first;
	walk->faults = 0;
	walk->frame = &root;
	ok = walk_item(walk, rule, NULL, item);
	walk->frame = root.up;
	walk->origin = origin;
	walk->first = NULL;
	if (ok && first.code != CS_OK)
		walk->ctx->error = first;
	return ok && first.code == CS_OK;
}

bool
cs_validate(cs_ctx *ctx, const cs_rule *rule, const uint8_t *data, size_t len, bool accept_legacy)
{
	cs_walk walk = { .ctx = ctx, .accept_legacy = accept_legacy };
	cs_item item;

	if (!cs_check(ctx, data, len))
		return false;
	item = cs_item_at(data, len);
	return cs_walk_rule(&walk, rule, &item);
}
