/*
 * inspect_walk.c - what an inspection sees of each item: faults, legacy forms, members that nobody knows, values of the document's
 * profile, tags that come twice, lists of tags that no longer hold.
 */
#include "inspect_parts.h"
#include "model/never.h"

#include <stdio.h>
#include <string.h>

#define ENVELOPE_DEPTH 8 /* 500(502(18([protected, unprotected, << ... >>, signature]))) */

static cs_place
place_of(const cs_walk *walk, const cs_rule *rule, const cs_item *item, char path[CS_PATH_MAX])
{
	cs_walk_path(walk, path, CS_PATH_MAX);
	return (cs_place) { path, item->p, rule->name, rule->section, NULL };
}

/* ---- members that the table does not have ---- */

static bool
visit_value(cs_walk *walk, cs_event event, const cs_rule *rule, const char *name, const cs_item *item)
{
	cs_inspector *in = walk->data;
	char path[CS_PATH_MAX];
	cs_place place;

	(void) name;
	if (event != CS_FAULT)
		return true;
	place = place_of(walk, rule, item, path);
	place.path = in->ctx->error.path;
	place.found = in->ctx->error.found;
	return cs_inspect_add(
		in, CS_SEVERITY_WARNING, &place, "%s is not as profile %s has it: %s", in->member, in->profile->name, in->ctx->error.message);
}

/* Is an item, which has that name, as the profile says? */
static bool
check_profile(cs_walk *walk, const char *name, const cs_rule *rule, const cs_item *item)
{
	cs_inspector *in = walk->data;
	cs_walk inner = { .ctx = in->ctx,
		.visit = visit_value,
		.data = in,
		.accept_legacy = true,
		.all_faults = true,
		.origin = walk->origin,
		.profile = walk->profile,
		.frame = walk->frame,
		.depth = walk->depth };

	in->member = name;
	(void) cs_walk_rule(&inner, rule, item);
	return !in->full && !in->no_memory;
}

static bool
unknown_member(cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	cs_inspector *in = walk->data;
	const cs_walk_frame *frame = walk->frame;
	bool value = rule == &cs_rule_measurement_values_map;
	char path[CS_PATH_MAX], key[80];
	cs_place place = place_of(walk, rule, item, path);
	const cs_field *field;
	int64_t number;

	if (rule->kind == CS_CHOICE)
		return cs_inspect_add(in, CS_SEVERITY_NOTE, &place, "tag %llu is not known as %s: it is kept, and matches nothing",
			(unsigned long long) item->arg, rule->name);
	if (frame->step != CS_STEP_KEY)
		return cs_inspect_add(
			in, CS_SEVERITY_NOTE, &place, "element %llu of %s is not known: it is kept", (unsigned long long) frame->index, rule->name);
	field = cs_int64(frame->key, &number) ? cs_profile_member(in->profile, rule, number) : NULL;
	if (field != NULL)
		return check_profile(walk, field->name, field->rule, item);
	/* What a kty defines (RFC 9053 section 7) is src/cose's to know. */
	if (rule == &cs_rule_cose_key && cs_is(frame->key, CS_NINT))
		return true;
	cs_describe(frame->key, key, sizeof(key));
	return cs_inspect_add(
		in, CS_SEVERITY_NOTE, &place, "member %s of %s is not known: it is kept%s", key, rule->name, value ? ", and matches nothing" : "");
}

/* ---- tags ---- */

/* Its alternatives, as a choice makes no events. */
static bool
is_coswid(const cs_rule *rule)
{
	for (size_t i = 0; i < cs_rule_concise_swid_tag.choice_count; i++)
		if (rule == cs_rule_concise_swid_tag.choices[i])
			return true;
	return false;
}

static bool
is_tag_rule(const cs_rule *rule)
{
	return rule == &cs_rule_concise_mid_tag || is_coswid(rule) || rule == &cs_rule_concise_tl_tag;
}

/* CoMID and CoTL keep a tag-identity-map under 1 and 0, CoSWID its id under 0 and its version under 12. */
static bool
identity_of(const cs_rule *rule, const cs_item *tag, cs_item *id, cs_item *version)
{
	cs_item map, number;
	bool coswid = is_coswid(rule);

	*version = (cs_item) { .major = CS_UINT };
	if (coswid)
		map = *tag;
	else if (!cs_map_get(tag, rule == &cs_rule_concise_mid_tag ? CS_COMID_TAG_IDENTITY : CS_COTL_TAG_IDENTITY, &map))
		return false;
	if (cs_map_get(&map, coswid ? CS_SWID_TAG_VERSION : CS_IDENTITY_TAG_VERSION, &number))
		*version = number;
	return cs_map_get(&map, coswid ? CS_SWID_TAG_ID : CS_IDENTITY_TAG_ID, id);
}

static bool
remember_tag(cs_walk *walk, const cs_rule *rule, const cs_item *tag)
{
	cs_inspector *in = walk->data;
	cs_seen_tag *seen;
	char path[CS_PATH_MAX];
	cs_item id;
	cs_item version;
	cs_buf canonical;

	if (!identity_of(rule, tag, &id, &version))
		return true;
	if (in->tag_count == in->tag_capacity)
	{
		size_t more = in->tag_capacity ? in->tag_capacity * 2 : 16;
		cs_seen_tag *larger = cs_resize(in->ctx, in->tags, in->tag_capacity, more, sizeof(*larger));

		if (larger == NULL)
			return !(in->no_memory = true);
		in->tags = larger;
		in->tag_capacity = more;
	}
	cs_buf_init(&canonical, in->ctx);
	if (!cs_deterministic(in->ctx, &id, &canonical) || !cs_buf_ok(&canonical))
		return in->ctx->error.code != CS_NO_MEMORY || !(in->no_memory = true);
	cs_walk_path(walk, path, sizeof(path));
	seen = &in->tags[in->tag_count];
	*seen = (cs_seen_tag) { is_coswid(rule) ? &cs_rule_concise_swid_tag : rule, cs_buf_span(&canonical), version, 0,
		cs_strndup(in->ctx, path, strlen(path)) };
	if (seen->path == NULL)
		return !(in->no_memory = true);
	if (id.p >= in->document.data && id.p < in->document.data + in->document.len)
		seen->offset = (size_t) (id.p - in->document.data);
	in->tag_count++;
	return true;
}

/* A list of tags whose validity is over activates nothing. */
static bool
check_tag_list(cs_walk *walk, const cs_rule *rule, const cs_item *tag)
{
	cs_inspector *in = walk->data;
	char path[CS_PATH_MAX];
	cs_place place = place_of(walk, rule, tag, path);
	cs_validity validity;
	cs_item map;

	if (!cs_map_get(tag, CS_COTL_TL_VALIDITY, &map) || !cs_is(&map, CS_MAP) || !cs_validity_read(in->ctx, &map, &validity))
		return true;
	if (validity.has_not_after && validity.not_after <= in->now)
		return cs_inspect_add(in, CS_SEVERITY_WARNING, &place, "the validity of this list of tags is over: it activates nothing");
	return true;
}

/* Is there a link (4) with that rel (40), which RFC 9393 section 4.4 names and numbers? */
static bool
has_link(cs_ctx *ctx, const cs_item *tag, uint64_t number, const char *name)
{
	cs_item links, link, rel;
	cs_iter it;
	cs_span text;

	if (!cs_map_get(tag, 4, &links))
		return false;
	it = cs_is(&links, CS_ARRAY) ? cs_iterate(&links) : (cs_iter) { .next = links.p, .limit = links.limit, .left = 1 };
	while (cs_next(&it, &link))
		if (cs_is(&link, CS_MAP) && cs_map_get(&link, 40, &rel) &&
			((cs_is(&rel, CS_UINT) && rel.arg == number) ||
				(cs_is(&rel, CS_TSTR) && cs_string(ctx, &rel, &text) && text.len == strlen(name) &&
					memcmp(text.data, name, text.len) == 0)))
			return true;
	return false;
}

/* RFC 9393 section 2.4: without a link, nobody knows what a patch patches or a supplemental tag supplements. */
static bool
check_links(cs_walk *walk, const cs_rule *rule, const cs_item *tag)
{
	static const struct
	{
		int64_t key;
		const char *what;
		uint64_t number;
		const char *rel;
	} wanted[] = { { 9, "patch", 7, "patches" }, { 11, "supplemental", 11, "supplemental" } };
	cs_inspector *in = walk->data;
	char path[CS_PATH_MAX];
	cs_place place = place_of(walk, rule, tag, path);

	place.section = "RFC 9393 section 2.4";
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
	{
		cs_item value;
		bool yes;

		if (cs_map_get(tag, wanted[i].key, &value) && cs_is_bool(&value, &yes) && yes &&
			!has_link(in->ctx, tag, wanted[i].number, wanted[i].rel) &&
			!cs_inspect_add(in, CS_SEVERITY_WARNING, &place, "a %s tag has no link (4) whose rel is \"%s\"", wanted[i].what, wanted[i].rel))
			return false;
	}
	return true;
}

/* ---- events ---- */

static bool
visit_fault(cs_walk *walk, const cs_rule *rule)
{
	return cs_inspect_add_error(walk->data, rule->section);
}

static bool
visit_legacy(cs_walk *walk, const cs_rule *rule, const char *name, const cs_item *item)
{
	char path[CS_PATH_MAX];
	cs_place place = place_of(walk, rule, item, path);

	return cs_inspect_add(walk->data, CS_SEVERITY_LEGACY, &place, "legacy form \"%s\"", name);
}

/* Kinds whose content the walk does not enter. */
static bool
is_opaque(const cs_rule *rule)
{
	return rule->kind == CS_ANY || rule->kind == CS_TIME;
}

static bool
visit_item(cs_walk *walk, const cs_rule *rule, const cs_item *item)
{
	const cs_inspector *in = walk->data;
	const cs_rule *narrower = cs_profile_narrower(in->profile, rule);
	char message[CS_TEXT_MAX];

	if (cs_never(rule, item, message))
	{
		char path[CS_PATH_MAX];
		cs_place place = place_of(walk, rule, item, path);

		if (!cs_inspect_add(walk->data, CS_SEVERITY_WARNING, &place, "%s", message))
			return false;
	}
	if (narrower != NULL && !check_profile(walk, rule->name, narrower, item))
		return false;
	if (!cs_inspect_encoding(walk->data, walk, rule, item, is_opaque(rule)))
		return false;
	if (!cs_inspect_current(walk->data, walk, rule, item))
		return false;
	if (is_tag_rule(rule) && cs_is(item, CS_MAP) && !remember_tag(walk, rule, item))
		return false;
	if (is_coswid(rule) && cs_is(item, CS_MAP) && !check_links(walk, rule, item))
		return false;
	return rule != &cs_rule_concise_tl_tag || !cs_is(item, CS_MAP) || check_tag_list(walk, rule, item);
}

static bool
visit(cs_walk *walk, cs_event event, const cs_rule *rule, const char *name, const cs_item *item)
{
	switch (event)
	{
		case CS_ENTER:
			return visit_item(walk, rule, item);
		case CS_LEAVE:
			return true;
		case CS_UNKNOWN:
			return cs_inspect_encoding(walk->data, walk, rule, item, true) && unknown_member(walk, rule, item);
		case CS_LEGACY:
			return visit_legacy(walk, rule, name, item);
		case CS_FAULT:
			return visit_fault(walk, rule);
	}
	return true;
}

bool
cs_inspect_walk(cs_inspector *in, const cs_rule *rule, const cs_item *item)
{
	cs_walk walk = { .ctx = in->ctx,
		.visit = visit,
		.data = in,
		.accept_legacy = true,
		.all_faults = true,
		.origin = in->document.data,
		.profile = in->profile };
	bool ok;

	/* load() counts the levels of what an envelope holds from there, and has the last word (cs_inspect_verdict) */
	in->ctx->limits.max_depth += ENVELOPE_DEPTH;
	ok = cs_walk_rule(&walk, rule, item);
	in->ctx->limits.max_depth -= ENVELOPE_DEPTH;
	/* What ends a walk before its end is no fault of an item: a bound, or the inspection's own. */
	if (ok || in->full || in->no_memory)
		return !in->no_memory;
	if (in->ctx->error.code == CS_NO_MEMORY)
		return false;
	return cs_inspect_has_error(in, in->ctx->error.message) || cs_inspect_add_error(in, NULL);
}
