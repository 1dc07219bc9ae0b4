/*
 * mkey.c - keys of measurements: the same where the deterministic encoding is, but for OIDs in tag 111, which real files write with the DER
 * header and without it, as class-ids are (doc/legacy.md, "der-oid").
 */
#include "values.h"

bool
cs_mkey_same(const cs_item *a, const cs_item *b)
{
	cs_span left, right;

	if (cs_same_item(a, b))
		return true;
	return cs_is_tag(a, CS_TAG_OID) && cs_is_tag(b, CS_TAG_OID) && cs_oid_content(a, &left) && cs_oid_content(b, &right) &&
		cs_span_eq(left, right);
}

bool
cs_mkey_canonical(cs_ctx *ctx, const cs_item *mkey, cs_span *out)
{
	cs_span content;
	cs_item inner;
	cs_buf buf;

	*out = cs_item_span(mkey);
	if (!cs_is_tag(mkey, CS_TAG_OID) || !cs_oid_content(mkey, &content))
		return true;
	inner = cs_tag_content(mkey);
	if (content.len == inner.arg)
		return true;
	cs_buf_init(&buf, ctx);
	cs_put_tag(&buf, CS_TAG_OID);
	cs_put_bytes(&buf, content.data, content.len);
	*out = cs_buf_span(&buf);
	return cs_buf_ok(&buf);
}
