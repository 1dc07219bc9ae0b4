/*
 * corim.c - the inside of a CoRIM: a validated corim-map taken apart into tags and triples (draft-ietf-rats-corim sections 4.1
 * and 5.1.4). Nothing is looked at here that the tables have not passed.
 */
#include "corim.h"
#include "codepoints/digest_alg.h"
#include "never.h"
#include "rules.h"

#include <stdio.h>
#include <string.h>

const char *
cs_tag_kind_name(cs_tag_kind kind)
{
	static const char *const names[] = { "comid", "coswid", "cotl", "cots", "other" };

	return names[kind];
}

const char *
cs_triple_kind_name(int64_t kind)
{
	for (size_t i = 0; i < cs_rule_triples_map.field_count; i++)
		if (cs_rule_triples_map.fields[i].key == kind)
			return cs_rule_triples_map.fields[i].name;
	return NULL;
}

/* ---- legacy forms, and what can never match: each once ---- */

static bool
collect_doubt(cs_walk *walk, const char *message)
{
	cs_corim *corim = walk->data;
	cs_doubt *doubt;

	for (size_t i = 0; i < corim->doubt_count; i++)
		if (strcmp(corim->doubts[i].message, message) == 0)
		{
			corim->doubts[i].times++;
			return true;
		}
	if (corim->doubt_count == CS_MAX_DOUBTS)
		return true;
	if (corim->doubts == NULL)
		corim->doubts = cs_alloc(walk->ctx, CS_MAX_DOUBTS, sizeof(cs_doubt));
	if (corim->doubts == NULL)
		return false;
	doubt = &corim->doubts[corim->doubt_count++];
	snprintf(doubt->message, sizeof(doubt->message), "%s", message);
	cs_walk_path(walk, doubt->path, sizeof(doubt->path));
	doubt->times = 1;
	return true;
}

static void
note_digest(cs_corim *corim, const cs_item *digest)
{
	const cs_digest_alg *alg;
	cs_item name;

	if (!cs_array_get(digest, 0, &name) || (alg = cs_digest_alg_of(&name)) == NULL || alg->named_information == 0)
		return;
	corim->has_unnumbered_digests |= !cs_is(&name, CS_UINT) || name.arg != (uint64_t) alg->named_information;
	corim->has_unnamed_digests |= !cs_text_is(&name, alg->names[0]);
}

static bool
collect(cs_walk *walk, cs_event event, const cs_rule *rule, const char *name, const cs_item *item)
{
	cs_corim *corim = walk->data;
	char message[CS_TEXT_MAX];

	if (event == CS_ENTER && rule == &cs_rule_digest)
		note_digest(corim, item);
	if (event == CS_ENTER)
		return !cs_never(rule, item, message) || collect_doubt(walk, message);
	if (event != CS_LEGACY)
		return true;
	for (size_t i = 0; i < corim->legacy_count; i++)
		if (strcmp(corim->legacy[i], name) == 0)
			return true;
	if (corim->legacy_count < CS_MAX_LEGACY)
		corim->legacy[corim->legacy_count++] = name;
	return true;
}

/* ---- tags ---- */

/* The map below any nesting of the tag, byte strings included: 506(bstr), 506(map), bstr of either. */
static bool
open_tag(cs_ctx *ctx, const cs_item *item, cs_tag *out)
{
	cs_span bytes;

	out->content = *item;
	for (;;)
	{
		if (cs_is(&out->content, CS_TAG) && out->number == 0)
		{
			out->number = out->content.arg;
			out->content = cs_tag_content(&out->content);
		}
		else if (cs_is(&out->content, CS_BSTR) &&
			(out->number == 0 || (out->number >= CS_TAG_CONCISE_SWID_TAG && out->number <= CS_TAG_CONCISE_TL_TAG)))
		{
			if (!cs_string(ctx, &out->content, &bytes))
				return false;
			out->content = cs_item_at(bytes.data, bytes.len);
		}
		else
			return true;
	}
}

static cs_tag_kind
kind_of(uint64_t number)
{
	switch (number)
	{
		case CS_TAG_CONCISE_SWID_TAG:
			return CS_TAG_COSWID;
		case CS_TAG_CONCISE_MID_TAG:
			return CS_TAG_COMID;
		case CS_TAG_CONCISE_TA_STORES:
			return CS_TAG_COTS;
		case CS_TAG_CONCISE_TL_TAG:
			return CS_TAG_COTL;
		default:
			return CS_TAG_OTHER;
	}
}

static void
read_identity(const cs_item *identity, cs_tag *out)
{
	out->has_id = cs_map_get(identity, CS_IDENTITY_TAG_ID, &out->tag_id);
	out->has_tag_version = cs_map_get(identity, CS_IDENTITY_TAG_VERSION, &out->tag_version);
}

/* A CoSWID's tag-version is an integer under key 12 (RFC 9393 section 2.3); none of the others has it at the top. */
static void
read_tag_identity(cs_tag *tag)
{
	cs_item value;

	switch (tag->kind)
	{
		case CS_TAG_COMID:
			if (cs_map_get(&tag->content, CS_COMID_TAG_IDENTITY, &value))
				read_identity(&value, tag);
			break;
		case CS_TAG_COTL:
			if (cs_map_get(&tag->content, CS_COTL_TAG_IDENTITY, &value))
				read_identity(&value, tag);
			break;
		case CS_TAG_COTS:
			/* Only where the content is one store: a list of stores has an identity for each. */
			if (cs_map_get(&tag->content, 1, &value))
				read_identity(&value, tag);
			break;
		case CS_TAG_COSWID:
			tag->has_id = cs_map_get(&tag->content, CS_SWID_TAG_ID, &tag->tag_id);
			tag->has_tag_version = cs_map_get(&tag->content, CS_SWID_TAG_VERSION, &tag->tag_version);
			break;
		case CS_TAG_OTHER:
			break;
	}
}

static void
read_links(cs_tag *tag)
{
	int64_t key = tag->kind == CS_TAG_COMID ? CS_COMID_LINKED_TAGS : CS_COTL_TAGS_LIST;

	tag->has_links = (tag->kind == CS_TAG_COMID || tag->kind == CS_TAG_COTL) && cs_map_get(&tag->content, key, &tag->links) &&
		cs_is(&tag->links, CS_ARRAY);
}

static bool
read_tags(cs_ctx *ctx, const cs_item *list, cs_corim *out)
{
	cs_iter it = cs_iterate(list);
	cs_item item;

	out->tags = cs_alloc(ctx, (size_t) cs_count(list), sizeof(cs_tag));
	if (out->tags == NULL)
		return false;
	while (cs_next(&it, &item))
	{
		cs_tag *tag = &out->tags[out->tag_count++];

		memset(tag, 0, sizeof(*tag));
		if (!open_tag(ctx, &item, tag))
			return false;
		tag->kind = kind_of(tag->number);
		read_tag_identity(tag);
		read_links(tag);
	}
	return true;
}

/* ---- the corim-map ---- */

/* A list of profiles is a legacy form; its first is the one that names the CoRIM's. */
static void
read_profile(cs_corim *out)
{
	out->has_profile = cs_map_get(&out->map, CS_CORIM_PROFILE, &out->profile);
	if (out->has_profile && cs_is(&out->profile, CS_ARRAY))
		out->has_profile = cs_array_get(&out->profile, 0, &out->profile);
}

bool
cs_corim_open(cs_ctx *ctx, const uint8_t *data, size_t len, bool accept_legacy, cs_corim *out)
{
	cs_walk walk = { .ctx = ctx, .visit = collect, .data = out, .accept_legacy = accept_legacy };
	cs_item item = cs_item_at(data, len), value;

	memset(out, 0, sizeof(*out));
	if (!cs_walk_rule(&walk, &cs_rule_tagged_unsigned_corim_map, &item))
		return false;
	for (out->map = item; cs_is(&out->map, CS_TAG);)
		out->map = cs_tag_content(&out->map);
	(void) cs_map_get(&out->map, CS_CORIM_ID, &out->id);
	read_profile(out);
	if (cs_map_get(&out->map, CS_CORIM_RIM_VALIDITY, &value) && !cs_validity_read(ctx, &value, &out->validity))
		return false;
	return !cs_map_get(&out->map, CS_CORIM_TAGS, &value) || read_tags(ctx, &value, out);
}

/* ---- triples ---- */

bool
cs_triple_subject(int64_t kind, const cs_item *record, cs_item *environment)
{
	cs_item first;

	if (cs_rule_triple(kind) == NULL || !cs_array_get(record, 0, &first))
		return false;
	if (kind == CS_TRIPLE_CONDITIONAL_ENDORSEMENT && !cs_array_get(&first, 0, &first))
		return false;
	if ((kind == CS_TRIPLE_CONDITIONAL_ENDORSEMENT || kind == CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES) && !cs_array_get(&first, 0, &first))
		return false;
	*environment = first;
	return cs_is(environment, CS_MAP);
}

typedef struct triple_walk
{
	cs_ctx *ctx;
	bool (*each)(cs_ctx *ctx, const cs_triple *triple, void *data);
	void *data;
	cs_triple triple;
	uint64_t ticks;
} triple_walk;

static bool
walk_list(triple_walk *walk, const cs_item *list)
{
	cs_iter it = cs_iterate(list);

	while (cs_next(&it, &walk->triple.record))
	{
		cs_tick(walk->ctx, &walk->ticks);
		walk->triple.has_environment = cs_triple_subject(walk->triple.kind, &walk->triple.record, &walk->triple.environment);
		if (!walk->each(walk->ctx, &walk->triple, walk->data))
			return false;
		walk->triple.ordinal++;
	}
	return true;
}

static bool
walk_comid(triple_walk *walk, const cs_item *comid)
{
	cs_item triples, key, list;
	cs_iter it;

	if (!cs_map_get(comid, CS_COMID_TRIPLES, &triples))
		return true;
	for (it = cs_iterate(&triples); cs_next_pair(&it, &key, &list);)
		if (cs_int64(&key, &walk->triple.kind) && cs_is(&list, CS_ARRAY) && !walk_list(walk, &list))
			return false;
	return true;
}

bool
cs_corim_triples(cs_ctx *ctx, const cs_corim *corim, bool (*each)(cs_ctx *ctx, const cs_triple *triple, void *data), void *data)
{
	triple_walk walk = { .ctx = ctx, .each = each, .data = data };

	for (size_t i = 0; i < corim->tag_count; i++)
	{
		walk.triple.tag = i;
		if (corim->tags[i].kind == CS_TAG_COMID && !walk_comid(&walk, &corim->tags[i].content))
			return false;
	}
	return true;
}

typedef bool (*each_environment)(cs_ctx *ctx, const cs_item *environment, void *data);

/* First elements of a list's records, from one on. */
static bool
first_of_each(cs_ctx *ctx, const cs_item *list, uint64_t from, each_environment each, void *data)
{
	cs_iter it = cs_iterate(list);
	cs_item record, environment;

	for (uint64_t i = 0; cs_next(&it, &record); i++)
		if (i >= from && cs_array_get(&record, 0, &environment) && !each(ctx, &environment, data))
			return false;
	return true;
}

static bool
each_of(cs_ctx *ctx, const cs_item *list, each_environment each, void *data)
{
	cs_iter it = cs_iterate(list);
	cs_item environment;

	while (cs_next(&it, &environment))
		if (!each(ctx, &environment, data))
			return false;
	return true;
}

bool
cs_triple_environments(cs_ctx *ctx, const cs_triple *triple, bool (*each)(cs_ctx *ctx, const cs_item *environment, void *data), void *data)
{
	cs_item first, second;

	if (!cs_array_get(&triple->record, 0, &first) || !cs_array_get(&triple->record, 1, &second))
		return true;
	switch (triple->kind)
	{
		case CS_TRIPLE_DEPENDENCY:
		case CS_TRIPLE_MEMBERSHIP:
			return each_of(ctx, &second, each, data);
		case CS_TRIPLE_CONDITIONAL_ENDORSEMENT:
			return first_of_each(ctx, &first, 1, each, data) && first_of_each(ctx, &second, 0, each, data);
		default:
			return true;
	}
}
