/*
 * document.c - the outside of a CoRIM document: envelopes, and what a protected header says of the signer
 * (draft-ietf-rats-corim sections 4.1 and 4.2).
 */
#include "corim.h"
#include "rules.h"

#include <string.h>

/* ---- envelopes ---- */

typedef struct opening
{
	cs_ctx *ctx;
	const uint8_t *origin;
	bool accept_legacy;
	cs_document *out;
} opening;

static bool
note_legacy(const opening *o, const cs_item *item, const char *name)
{
	if (!o->accept_legacy)
	{
		cs_fail_at(o->ctx, CS_LEGACY_REFUSED, (size_t) (item->p - o->origin), "legacy form \"%s\" is not accepted", name);
		return cs_fail_hint(o->ctx, "coserv.accept_legacy lets forms of earlier drafts in; doc/legacy.md describes them.");
	}
	if (o->out->legacy_count < CS_MAX_LEGACY)
		o->out->legacy[o->out->legacy_count++] = name;
	return true;
}

static bool
no_document(const opening *o, const cs_item *item, const char *wanted)
{
	char found[CS_TEXT_MAX];

	cs_describe(item, found, sizeof(found));
	cs_fail_at(o->ctx, CS_INVALID, (size_t) (item->p - o->origin), "not a CoRIM document: %s", wanted);
	return cs_fail_found(o->ctx, "%s", found);
}

/* COSE_Sign1 and COSE_Sign are both arrays of four; src/cose looks into them. */
static bool
open_cose(const opening *o, cs_envelope envelope, const cs_item *item)
{
	o->out->envelope = envelope;
	o->out->cose = cs_tag_content(item);
	if (cs_is(&o->out->cose, CS_ARRAY) && cs_count(&o->out->cose) == 4)
		return true;
	return no_document(o, &o->out->cose,
		envelope == CS_ENV_SIGN1 ? "tag 18 should hold a COSE_Sign1, an array of 4 elements"
								 : "tag 98 should hold a COSE_Sign, an array of 4 elements");
}

static bool
open_unsigned(const opening *o, const cs_item *payload, const cs_item *map)
{
	o->out->envelope = CS_ENV_UNSIGNED;
	o->out->payload = *payload;
	o->out->corim = *map;
	return cs_is(map, CS_MAP) || no_document(o, map, "tag 501 should hold a map");
}

bool
cs_document_open(cs_ctx *ctx, const uint8_t *data, size_t len, bool accept_legacy, cs_document *out)
{
	opening o = { ctx, data, accept_legacy, out };
	cs_item item = cs_item_at(data, len), content;
	bool in_500 = cs_is_tag(&item, CS_TAG_CORIM_500);

	memset(out, 0, sizeof(*out));
	if (in_500)
	{
		if (!note_legacy(&o, &item, "tag-500"))
			return false;
		item = cs_tag_content(&item);
	}
	if (cs_is_tag(&item, CS_TAG_SIGNED_CORIM_502))
	{
		if (!note_legacy(&o, &item, "tag-502"))
			return false;
		item = cs_tag_content(&item);
		if (!cs_is_tag(&item, CS_TAG_COSE_SIGN1) && !cs_is_tag(&item, CS_TAG_COSE_SIGN))
			return no_document(&o, &item, "tag 502 should hold tag 18 (COSE_Sign1)");
	}
	if (cs_is_tag(&item, CS_TAG_COSE_SIGN1))
		return open_cose(&o, CS_ENV_SIGN1, &item);
	if (cs_is_tag(&item, CS_TAG_COSE_SIGN))
		return note_legacy(&o, &item, "cose-sign") && open_cose(&o, CS_ENV_SIGN, &item);
	if (cs_is_tag(&item, CS_TAG_UNSIGNED_CORIM_MAP))
	{
		content = cs_tag_content(&item);
		return open_unsigned(&o, &item, &content);
	}
	if (cs_is(&item, CS_MAP) && !in_500)
		return note_legacy(&o, &item, "untagged-corim-map") && open_unsigned(&o, &item, &item);
	return no_document(&o, &item, "tag 501 (unsigned) or 18 (signed) was expected");
}

/* ---- signer metadata ---- */

/* corim-meta: a byte string that holds a corim-meta-map; as the header was not walked, it is checked here. */
static bool
read_meta(cs_ctx *ctx, const cs_item *header, cs_signer_meta *out)
{
	cs_walk walk = { .ctx = ctx, .accept_legacy = true };
	cs_item bytes, map, signer, value;
	size_t at;
	cs_span span;

	if (!cs_map_get(header, CS_HEADER_CORIM_META, &bytes))
		return true;
	at = (size_t) (bytes.p - header->p);
	if (!cs_is(&bytes, CS_BSTR))
		return cs_fail_at(ctx, CS_INVALID, at, "corim-meta (8) should be a byte string");
	if (!cs_string(ctx, &bytes, &span))
		return false;
	if (span.len == 0 || !cs_check(ctx, span.data, span.len))
		return cs_fail_at(ctx, CS_INVALID, at, "corim-meta (8) does not hold CBOR");
	map = cs_item_at(span.data, span.len);
	/* what comes in chunks is read elsewhere */
	walk.origin = bytes.indefinite ? NULL : header->p;
	if (!cs_walk_rule(&walk, &cs_rule_corim_meta_map, &map))
	{
		if (bytes.indefinite)
			ctx->error.offset = at;
		return false;
	}
	out->has_meta = true;
	/* of several signers, which an older draft allowed, the first has signed (legacy form "signer-list") */
	if (!cs_map_get(&map, 0, &signer) || (cs_is(&signer, CS_ARRAY) && !cs_array_get(&signer, 0, &signer)))
		return true;
	if (cs_map_get(&signer, 0, &value) && cs_is(&value, CS_TSTR) && !cs_string(ctx, &value, &out->signer_name))
		return false;
	if (cs_map_get(&signer, 1, &value))
	{
		if (cs_is_tag(&value, CS_TAG_URI))
			value = cs_tag_content(&value);
		if (!cs_string(ctx, &value, &out->signer_uri))
			return false;
	}
	return !cs_map_get(&map, 1, &value) || cs_validity_read(ctx, &value, &out->validity);
}

typedef struct claims
{
	bool there;
	cs_span issuer;
	cs_validity validity;
} claims;

static bool
read_claims(cs_ctx *ctx, const cs_item *header, claims *out)
{
	cs_walk walk = { .ctx = ctx, .accept_legacy = true, .origin = header->p };
	cs_item map, value;

	if (!cs_map_get(header, CS_HEADER_CWT_CLAIMS, &map))
		return true;
	if (!cs_walk_rule(&walk, &cs_rule_cwt_claims, &map))
		return false;
	out->there = true;
	if (cs_map_get(&map, CS_CLAIM_ISS, &value) && !cs_string(ctx, &value, &out->issuer))
		return false;
	out->validity.has_not_before = cs_map_get(&map, CS_CLAIM_NBF, &value);
	if (out->validity.has_not_before && !cs_time_read(ctx, &value, true, &out->validity.not_before))
		return false;
	out->validity.has_not_after = cs_map_get(&map, CS_CLAIM_EXP, &value);
	return !out->validity.has_not_after || cs_time_read(ctx, &value, false, &out->validity.not_after);
}

static bool
same_validity(const cs_validity *a, const cs_validity *b)
{
	return a->has_not_before == b->has_not_before && a->has_not_after == b->has_not_after &&
		(!a->has_not_before || a->not_before == b->not_before) && (!a->has_not_after || a->not_after == b->not_after);
}

/* "the signer MUST ensure that their contents are semantically identical" (section 4.2.1) */
static bool
check_agreement(cs_ctx *ctx, const cs_signer_meta *meta, const claims *cwt)
{
	if (!cs_span_eq(meta->signer_name, cwt->issuer))
	{
		cs_fail(ctx, CS_INVALID, "corim-meta and CWT-Claims name different signers");
		return cs_fail_found(ctx, "signer-name \"%.*s\", iss \"%.*s\"", (int) (meta->signer_name.len < 80 ? meta->signer_name.len : 80),
			(const char *) meta->signer_name.data, (int) (cwt->issuer.len < 80 ? cwt->issuer.len : 80), (const char *) cwt->issuer.data);
	}
	return same_validity(&meta->validity, &cwt->validity) ||
		cs_fail(ctx, CS_INVALID, "signature-validity of corim-meta and nbf and exp of CWT-Claims differ");
}

bool
cs_signer_meta_read(cs_ctx *ctx, const cs_item *header, cs_signer_meta *out)
{
	claims cwt = { 0 };

	memset(out, 0, sizeof(*out));
	if (!read_meta(ctx, header, out) || !read_claims(ctx, header, &cwt))
		return false;
	out->has_claims = cwt.there;
	if (!cwt.there)
		return true;
	if (out->has_meta)
		return check_agreement(ctx, out, &cwt);
	out->signer_name = cwt.issuer;
	out->validity = cwt.validity;
	return true;
}
