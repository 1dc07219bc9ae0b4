/*
 * encode.c - ECTs as the drafts print them (draft-ietf-rats-corim, "ECT"), in deterministic encoding.
 */
#include "acs.h"

bool
cs_acs_canonical(cs_ctx *ctx, const cs_item *item, cs_span *out)
{
	cs_buf buf;

	cs_buf_init(&buf, ctx);
	if (!cs_deterministic(ctx, item, &buf) || !cs_buf_ok(&buf))
		return false;
	*out = cs_buf_span(&buf);
	return true;
}

bool
cs_acs_canonical_environment(cs_ctx *ctx, const cs_item *item, cs_span *out)
{
	cs_buf buf;

	cs_buf_init(&buf, ctx);
	if (!cs_env_canonical(ctx, item, &buf) || !cs_buf_ok(&buf))
		return false;
	*out = cs_buf_span(&buf);
	return true;
}

bool
cs_acs_profile_text(cs_ctx *ctx, const cs_item *profile, cs_buf *out)
{
	cs_item one = *profile, content;

	if (cs_is(profile, CS_ARRAY) && cs_count(profile) == 1)
		cs_array_get(profile, 0, &one);
	content = cs_is_tag(&one, CS_TAG_URI) || cs_is_tag(&one, CS_TAG_OID) ? cs_tag_content(&one) : one;
	if (cs_is(&content, CS_TSTR) || cs_is(&content, CS_BSTR))
		return cs_profile_text(ctx, &one, out);
	cs_put_item(out, &one);
	return cs_buf_ok(out);
}

static void
put_member(cs_buf *buf, const char *key, cs_span value)
{
	if (value.len == 0)
		return;
	cs_put_cstr(buf, key);
	cs_put_raw(buf, value.data, value.len);
}

static void
put_number(cs_buf *buf, const char *key, int value)
{
	if (value < 0)
		return;
	cs_put_cstr(buf, key);
	cs_put_int(buf, value);
}

bool
cs_acs_encode(cs_ctx *ctx, const ect_parts *parts, cs_span *out)
{
	uint64_t count = (parts->cmtype >= 0) + (parts->key_type >= 0) + (parts->environment.len > 0) + (parts->element_list.len > 0) +
		(parts->authority.len > 0) + (parts->profile.len > 0) + (parts->key_id.len > 0) + (parts->key_list.len > 0) +
		(parts->members.len > 0) + (parts->trustees.len > 0);
	cs_buf buf;

	/* The order of the keys' encodings: by length, then by letter. */
	cs_buf_init(&buf, ctx);
	cs_put_map(&buf, count);
	put_number(&buf, "cmtype", parts->cmtype);
	put_member(&buf, "key-id", parts->key_id);
	put_member(&buf, "members", parts->members);
	put_member(&buf, "profile", parts->profile);
	put_member(&buf, "key-list", parts->key_list);
	put_number(&buf, "key-type", parts->key_type);
	put_member(&buf, "trustees", parts->trustees);
	put_member(&buf, "authority", parts->authority);
	put_member(&buf, "environment", parts->environment);
	put_member(&buf, "element-list", parts->element_list);
	*out = cs_buf_span(&buf);
	return cs_buf_ok(&buf);
}

void
cs_acs_elements_start(cs_ctx *ctx, element_builder *builder)
{
	cs_set_init(&builder->seen, ctx);
	cs_buf_init(&builder->body, ctx);
}

bool
cs_acs_elements_add(element_builder *builder, cs_span id, cs_span claims)
{
	size_t number;
	bool fresh;
	cs_buf buf;

	cs_buf_init(&buf, builder->seen.ctx);
	cs_put_map(&buf, 1 + (id.len > 0));
	put_member(&buf, "element-id", id);
	put_member(&buf, "element-claims", claims);
	if (!cs_buf_ok(&buf) || !cs_set_add(&builder->seen, cs_buf_span(&buf), false, &number, &fresh))
		return false;
	if (fresh)
		cs_put_raw(&builder->body, buf.data, buf.len);
	return cs_buf_ok(&builder->body);
}

bool
cs_acs_elements_finish(element_builder *builder, cs_span *out)
{
	cs_buf buf;

	cs_buf_init(&buf, builder->seen.ctx);
	cs_put_array(&buf, builder->seen.count);
	cs_put_raw(&buf, builder->body.data, builder->body.len);
	*out = cs_buf_span(&buf);
	return cs_buf_ok(&buf);
}

bool
cs_acs_unique_array(cs_ctx *ctx, const cs_span *items, size_t count, cs_span *out)
{
	cs_set seen;
	cs_buf buf;
	size_t number;

	cs_set_init(&seen, ctx);
	for (size_t i = 0; i < count; i++)
	{
		if (!cs_set_add(&seen, items[i], false, &number, NULL))
			return false;
	}
	cs_buf_init(&buf, ctx);
	cs_put_array(&buf, seen.count);
	for (size_t i = 0; i < seen.count; i++)
		cs_put_raw(&buf, seen.members[i].data, seen.members[i].len);
	*out = cs_buf_span(&buf);
	return cs_buf_ok(&buf);
}
