/*
 * texts.c - identifiers of a document that a store keeps as text: those that cannot be are faults of the document, told where they stand.
 */
#include "texts.h"

#include <stdio.h>
#include <string.h>

/* Where an error is, when that is inside of what is read: a tag may have come in chunks. */
static bool
fail_at(cs_ctx *ctx, cs_span content, const cs_item *item, const char *path)
{
	uintptr_t at = (uintptr_t) item->p, start = (uintptr_t) content.data;

	ctx->error.has_offset = at >= start && at - start < content.len;
	ctx->error.offset = ctx->error.has_offset ? (size_t) (at - start) : 0;
	snprintf(ctx->error.path, sizeof(ctx->error.path), "%s", path);
	return false;
}

/* PostgreSQL's text has no U+0000. */
static bool
check_text(cs_ctx *ctx, cs_span content, const cs_item *item, bool read, const cs_buf *text, const char *path)
{
	if (!read || !cs_buf_ok(text))
		return ctx->error.code != CS_NO_MEMORY && fail_at(ctx, content, item, path);
	if (text->len == 0 || memchr(text->data, 0, text->len) == NULL)
		return true;
	cs_fail(ctx, CS_INVALID, "an identifier holds the character U+0000, which cannot be kept");
	return fail_at(ctx, content, item, path);
}

static bool
check_id(cs_ctx *ctx, cs_span content, const cs_item *id, const char *path)
{
	cs_buf text;
	bool read;

	cs_buf_init(&text, ctx);
	read = cs_id_text(ctx, id, &text);
	return check_text(ctx, content, id, read, &text, path);
}

static bool
check_links(cs_ctx *ctx, cs_span content, const cs_tag *tag)
{
	const char *path = tag->kind == CS_TAG_COTL ? "concise-tl-tag.tags-list" : "concise-mid-tag.linked-tags";
	cs_item link, id;
	cs_iter it;

	if (!tag->has_links)
		return true;
	it = cs_iterate(&tag->links);
	while (cs_next(&it, &link))
		if (cs_map_get(&link, CS_IDENTITY_TAG_ID, &id) && !check_id(ctx, content, &id, path))
			return false;
	return true;
}

bool
cs_check_texts(cs_ctx *ctx, cs_span content, const cs_corim *corim)
{
	cs_buf text;
	bool read;

	if (!check_id(ctx, content, &corim->id, "corim-map.id"))
		return false;
	cs_buf_init(&text, ctx);
	read = !corim->has_profile || cs_profile_text(ctx, &corim->profile, &text);
	if (corim->has_profile && !check_text(ctx, content, &corim->profile, read, &text, "corim-map.profile"))
		return false;
	for (size_t i = 0; i < corim->tag_count; i++)
		if ((corim->tags[i].has_id && !check_id(ctx, content, &corim->tags[i].tag_id, "corim-map.tags.tag-id")) ||
			!check_links(ctx, content, &corim->tags[i]))
			return false;
	return true;
}
