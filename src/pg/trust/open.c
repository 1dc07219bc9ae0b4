/*
 * open.c - a document taken apart and validated, whatever form it is signed in: COSE_Sign1 around a CoRIM, detached or in a hash
 * envelope (draft-ietf-rats-corim section 4.2, RFC 9995), COSE_Sign, and a signed collection (section 4.3.1 of the draft).
 */
#include "verify.h"

#include "codepoints/digest_alg.h"
#include "model/rules.h"

#define COLLECTION_CONTENT "application/cmw+cbor"

static const cs_span nothing = { NULL, 0 };

static void
note_legacy(cs_verified *v, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count && v->legacy_count < lengthof(v->legacy); i++)
	{
		bool known = false;

		for (size_t j = 0; j < v->legacy_count; j++)
			known |= strcmp(v->legacy[j], names[i]) == 0;
		if (!known)
			v->legacy[v->legacy_count++] = names[i];
	}
}

/* ---- headers ---- */

static bool
parse_signatures(cs_ctx *ctx, cs_verified *out)
{
	cs_sign sign;

	if (out->envelope.envelope == CS_ENV_SIGN)
	{
		if (!cs_sign_parse(ctx, &out->envelope.cose, &sign))
			return false;
		out->sign1 = sign.body;
		out->signatures = sign.signatures;
		out->signature_count = sign.count;
		return true;
	}
	if (!cs_sign1_parse(ctx, &out->envelope.cose, &out->sign1))
		return false;
	out->signatures = cs_memdup(ctx, &out->sign1, sizeof(out->sign1));
	out->signature_count = 1;
	return out->signatures != NULL;
}

bool
cs_open_signatures(cs_ctx *ctx, cs_span document, cs_verified *out)
{
	memset(out, 0, sizeof(*out));
	return cs_check(ctx, document.data, document.len) && cs_document_open(ctx, document.data, document.len, true, &out->envelope) &&
		out->envelope.envelope != CS_ENV_UNSIGNED && parse_signatures(ctx, out);
}

bool
cs_is_collection(const cs_verified *document)
{
	static const char type[] = COLLECTION_CONTENT;
	const cs_sign1 *sign1 = &document->sign1;
	cs_item value;

	if (document->envelope.envelope != CS_ENV_SIGN1 || !sign1->has_protected ||
		!cs_map_get(&sign1->protected_map, CS_HEADER_CONTENT_TYPE, &value) || !cs_is(&value, CS_TSTR) || value.indefinite)
		return false;
	/* parameters may follow: cmwc_t */
	return value.arg >= sizeof(type) - 1 && memcmp(value.content, type, sizeof(type) - 1) == 0 &&
		(value.arg == sizeof(type) - 1 || value.content[sizeof(type) - 1] == ';' || value.content[sizeof(type) - 1] == ' ');
}

/* "The signing operation MUST include either a CWT-Claims or a corim-meta" (section 4.3.1) */
static bool
check_collection_header(cs_ctx *ctx, const cs_sign1 *sign1)
{
	cs_item value;

	return cs_map_get(&sign1->protected_map, CS_HEADER_CORIM_META, &value) ||
		cs_map_get(&sign1->protected_map, CS_HEADER_CWT_CLAIMS, &value) ||
		cs_fail(ctx, CS_INVALID, "a signed collection needs corim-meta (8) or CWT-Claims (15) in its protected header");
}

/* The protected header: that of a COSE_Sign may be empty (doc/legacy.md). */
static bool
check_header(cs_ctx *ctx, bool accept_legacy, const cs_verified *document)
{
	const cs_sign1 *sign1 = &document->sign1;
	cs_walk walk = { .ctx = ctx, .accept_legacy = accept_legacy };

	if (document->envelope.envelope == CS_ENV_SIGN)
		return true;
	if (!sign1->has_protected || !sign1->has_alg)
		return cs_fail(ctx, CS_INVALID, "the protected header names no algorithm");
	if (cs_is_collection(document))
		return check_collection_header(ctx, sign1);
	return cs_walk_rule(&walk, &cs_rule_protected_corim_header_map, &sign1->protected_map);
}

/* ---- collections ---- */

bool
cs_collection_open(cs_ctx *ctx, const cs_verified *document, cs_item *members)
{
	cs_span payload = document->sign1.payload;
	cs_walk walk = { .ctx = ctx, .accept_legacy = true };

	if (document->sign1.detached)
		return cs_fail(ctx, CS_UNSUPPORTED, "a signed collection with a detached payload is not supported");
	if (!cs_check(ctx, payload.data, payload.len))
		return false;
	*members = cs_item_at(payload.data, payload.len);
	return cs_walk_rule(&walk, cs_rule_by_name("corim-cbor-collection"), members);
}

bool
cs_next_member(cs_ctx *ctx, cs_iter *it, cs_item *label, cs_span *member)
{
	cs_item record, value;

	while (cs_next_pair(it, label, &record))
		if (cs_is(&record, CS_ARRAY) && cs_array_get(&record, 1, &value) && cs_is(&value, CS_BSTR))
			return cs_string(ctx, &value, member);
	return false;
}

static bool
require_member(cs_ctx *ctx, const cs_verified *document, cs_span payload)
{
	cs_item members, label;
	cs_span member;
	cs_iter it;

	if (!cs_collection_open(ctx, document, &members))
		return false;
	if (payload.data == NULL)
	{
		cs_fail(ctx, CS_INVALID, "the document is a collection of CoRIMs, and none of them was named");
		return cs_fail_hint(ctx, "Load it with load_collection(document), which loads each of its members.");
	}
	it = cs_iterate(&members);
	while (cs_next_member(ctx, &it, &label, &member))
		if (cs_span_eq(member, payload))
			return true;
	return cs_fail(ctx, CS_BAD_SIGNATURE, "the payload is no member of the signed collection");
}

/* ---- payloads ---- */

/* The shortest digest, in bytes, that stands for a CoRIM. */
#define MIN_DIGEST 32

/* COSE algorithms (RFC 9054): named information's numbers mean something else here. */
static bool
digest_payload(cs_ctx *ctx, const cs_item *alg, cs_span payload, cs_span *digest)
{
	const cs_digest_alg *known = cs_digest_alg_of(alg);
	cs_buf buf;

	cs_buf_init(&buf, ctx);
	if (!cs_digest_alg_is_cose(known, alg) || known->size < MIN_DIGEST)
	{
		cs_fail(ctx, CS_UNSUPPORTED, "hash algorithm of the hash envelope is not supported");
		return cs_fail_hint(ctx, "Those are SHA-256 (-16), SHA-512/256 (-17), SHA-384 (-43) and SHA-512 (-44).");
	}
	if (!cs_digest(ctx, alg, payload, &buf) || !cs_buf_ok(&buf))
		return false;
	*digest = cs_buf_span(&buf);
	return true;
}

/* payload_hash_alg (258): what is signed is the digest of the CoRIM. */
static bool
check_pre_image(cs_ctx *ctx, const cs_item *alg, cs_span payload, cs_verified *out)
{
	cs_span digest;

	if (payload.data == NULL)
	{
		cs_fail(ctx, CS_INVALID, "the document is a hash envelope, and the CoRIM whose digest it signs was not given");
		return cs_fail_hint(ctx, "Hand the CoRIM in: load(document, payload => ...).");
	}
	if (!digest_payload(ctx, alg, payload, &digest))
		return false;
	if (out->sign1.detached)
		out->detached = digest;
	else if (!cs_span_eq(digest, out->sign1.payload))
	{
		cs_fail(ctx, CS_BAD_SIGNATURE, "the payload is not the one whose digest the hash envelope signs");
		return cs_fail_hint(ctx, "It has to be the signed CoRIM byte for byte.");
	}
	return true;
}

/* Where the CoRIM is, and what the signature is over. */
static bool
find_content(cs_ctx *ctx, cs_span payload, cs_verified *out, cs_span *content)
{
	const cs_sign1 *sign1 = &out->sign1;
	cs_item alg;

	*content = payload;
	if (cs_is_collection(out))
		return require_member(ctx, out, payload);
	if (sign1->has_protected && cs_map_get(&sign1->protected_map, CS_HEADER_PAYLOAD_HASH_ALG, &alg))
		return check_pre_image(ctx, &alg, payload, out);
	if (sign1->detached && payload.data == NULL)
	{
		cs_fail(ctx, CS_INVALID, "the document's payload is detached and was not given");
		return cs_fail_hint(ctx, "Hand it in: load(document, payload => ...).");
	}
	if (!sign1->detached && payload.data != NULL)
		return cs_fail(ctx, CS_INVALID, "a payload was given for a document that holds its own");
	if (sign1->detached)
		out->detached = payload;
	else
		*content = sign1->payload;
	return true;
}

static bool
open_signed(cs_ctx *ctx, cs_span payload, bool accept_legacy, cs_verified *out, cs_span *content)
{
	if (!parse_signatures(ctx, out) || !check_header(ctx, accept_legacy, out) || !find_content(ctx, payload, out, content))
		return false;
	return !out->sign1.has_protected || cs_signer_meta_read(ctx, &out->sign1.protected_map, &out->signer);
}

bool
cs_open_with_payload(cs_ctx *ctx, cs_span document, cs_span payload, bool accept_legacy, cs_verified *out)
{
	bool is_signed;
	cs_span content;

	memset(out, 0, sizeof(*out));
	if (!cs_check(ctx, document.data, document.len) || !cs_document_open(ctx, document.data, document.len, accept_legacy, &out->envelope))
		return false;
	is_signed = out->envelope.envelope != CS_ENV_UNSIGNED;
	if (is_signed && !open_signed(ctx, payload, accept_legacy, out, &content))
		return false;
	if (!is_signed && payload.data != NULL)
		return cs_fail(ctx, CS_INVALID, "a payload was given for a document that holds its own");
	if (!is_signed)
		content = cs_item_span(&out->envelope.payload);

	if ((is_signed && !cs_check(ctx, content.data, content.len)) ||
		!cs_corim_open(ctx, content.data, content.len, accept_legacy, &out->corim))
	{
		/* offsets inside the payload become offsets inside the document, unless the payload came in chunks or apart */
		if (ctx->error.has_offset && content.data >= document.data && content.data < document.data + document.len)
			ctx->error.offset += (size_t) (content.data - document.data);
		return false;
	}
	note_legacy(out, out->envelope.legacy, out->envelope.legacy_count);
	note_legacy(out, out->corim.legacy, out->corim.legacy_count);
	out->validity = out->corim.validity;
	if (is_signed)
		cs_narrow(&out->validity, &out->signer.validity);
	return true;
}

bool
cs_open_document(cs_ctx *ctx, cs_span document, bool accept_legacy, cs_verified *out)
{
	return cs_open_with_payload(ctx, document, nothing, accept_legacy, out);
}
