/*
 * corim.c - the CoRIM that a vendor's document becomes: one CoMID or one trust anchor store, in deterministic encoding (formats.h).
 */
#include "formats.h"
#include "model/corim.h"

#define REPLACES 1 /* tag-rel (draft-ietf-rats-corim section 5.1.3) */

void
cs_put_class(cs_buf *buf, const char *vendor, const char *model)
{
	cs_put_map(buf, 1);
	cs_put_uint(buf, CS_ENVIRONMENT_CLASS);
	cs_put_map(buf, 2);
	cs_put_uint(buf, CS_CLASS_VENDOR);
	cs_put_cstr(buf, vendor);
	cs_put_uint(buf, CS_CLASS_MODEL);
	cs_put_cstr(buf, model);
}

static void
put_links(cs_buf *buf, const cs_derived *derived)
{
	if (derived->replaces_count == 0)
		return;
	cs_put_uint(buf, CS_COMID_LINKED_TAGS);
	cs_put_array(buf, derived->replaces_count);
	for (size_t i = 0; i < derived->replaces_count; i++)
	{
		cs_put_map(buf, 2);
		cs_put_uint(buf, CS_LINK_LINKED_TAG_ID);
		cs_put_cstr(buf, derived->replaces[i]);
		cs_put_uint(buf, CS_LINK_TAG_REL);
		cs_put_uint(buf, REPLACES);
	}
}

static void
put_identity(cs_buf *buf, const cs_derived *derived)
{
	cs_put_map(buf, 2);
	cs_put_uint(buf, CS_IDENTITY_TAG_ID);
	cs_put_cstr(buf, derived->tag_id);
	cs_put_uint(buf, CS_IDENTITY_TAG_VERSION);
	cs_put_uint(buf, derived->tag_version);
}

/* concise-ta-stores (draft-ietf-rats-concise-ta-stores section 3.1.1) */
static void
put_cots(cs_buf *buf, const cs_derived *derived)
{
	cs_put_array(buf, 1);
	cs_put_map(buf, 4);
	cs_put_uint(buf, 1);
	put_identity(buf, derived);
	cs_put_raw(buf, derived->store.data, derived->store.len);
}

static void
put_comid(cs_buf *buf, const cs_derived *derived)
{
	cs_put_map(buf, derived->replaces_count > 0 ? 3 : 2);
	cs_put_uint(buf, CS_COMID_TAG_IDENTITY);
	put_identity(buf, derived);
	put_links(buf, derived);
	cs_put_uint(buf, CS_COMID_TRIPLES);
	cs_put_map(buf, derived->kinds);
	cs_put_raw(buf, derived->triples.data, derived->triples.len);
}

static void
put_profile(cs_buf *buf, const cs_derived *derived)
{
	cs_put_uint(buf, CS_CORIM_PROFILE);
	cs_put_tag(buf, derived->profile_uri ? CS_TAG_URI : CS_TAG_OID);
	if (derived->profile_uri)
		cs_put_cstr(buf, derived->profile_uri);
	else
		cs_put_bytes(buf, derived->profile_oid, derived->profile_oid_len);
}

static void
put_validity(cs_buf *buf, const cs_derived *derived)
{
	cs_put_uint(buf, CS_CORIM_RIM_VALIDITY);
	cs_put_map(buf, 2);
	cs_put_uint(buf, CS_VALIDITY_NOT_BEFORE);
	cs_put_tag(buf, CS_TAG_EPOCH_TIME);
	cs_put_int(buf, derived->not_before);
	cs_put_uint(buf, CS_VALIDITY_NOT_AFTER);
	cs_put_tag(buf, CS_TAG_EPOCH_TIME);
	cs_put_int(buf, derived->not_after);
}

bool
cs_derived_corim(cs_ctx *ctx, const cs_derived *derived, cs_span *corim)
{
	bool cots = derived->store.len > 0;
	cs_buf tag, out;

	if (derived->has_validity && derived->not_after < derived->not_before)
		return cs_fail(ctx, CS_INVALID, "the validity of the document ends before it begins");
	cs_buf_init(&tag, ctx);
	if (cots)
		put_cots(&tag, derived);
	else
		put_comid(&tag, derived);
	if (!cs_buf_ok(&tag))
		return false;
	cs_buf_init(&out, ctx);
	cs_put_tag(&out, CS_TAG_UNSIGNED_CORIM_MAP);
	cs_put_map(&out, 3 + (derived->has_validity ? 1 : 0));
	cs_put_uint(&out, CS_CORIM_ID);
	cs_put_cstr(&out, derived->tag_id);
	cs_put_uint(&out, CS_CORIM_TAGS);
	cs_put_array(&out, 1);
	cs_put_tag(&out, cots ? CS_TAG_CONCISE_TA_STORES : CS_TAG_CONCISE_MID_TAG);
	cs_put_bytes(&out, tag.data, tag.len);
	put_profile(&out, derived);
	if (derived->has_validity)
		put_validity(&out, derived);
	*corim = cs_buf_span(&out);
	return cs_buf_ok(&out);
}
