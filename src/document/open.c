/*
 * open.c - a document taken apart and validated, whatever form it is signed in: COSE_Sign1 around a CoRIM, detached or in a hash
 * envelope (draft-ietf-rats-corim section 4.2, RFC 9995), COSE_Sign, and a signed collection (section 4.3.1 of the draft).
 */
#include "document.h"

#include <stdio.h>
#include <string.h>

#include "model/rules.h"
#include "seems.h"
#include "texts.h"

#define COLLECTION_CONTENT "application/cmw+cbor"
#define LAST_DATE INT64_C(253402300799) /* of cs_put_date_time: the end of 9999 */

static const cs_span nothing = { NULL, 0 };

static void
note_legacy(cs_verified *v, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count && v->legacy_count < sizeof(v->legacy) / sizeof(v->legacy[0]); i++)
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
parse_signatures(cs_ctx *ctx, const cs_cose_reader *how, cs_verified *out)
{
	cs_sign sign;

	if (out->envelope.envelope == CS_ENV_SIGN)
	{
		bool ok = cs_sign_read(ctx, &out->envelope.cose, how, &sign);

		out->sign1 = sign.body;
		out->signatures = sign.signatures;
		out->signature_count = sign.count;
		return ok;
	}
	if (!cs_sign1_read(ctx, &out->envelope.cose, how, &out->sign1))
		return false;
	out->signatures = cs_memdup(ctx, &out->sign1, sizeof(out->sign1));
	out->signature_count = 1;
	return out->signatures != NULL;
}

/* ---- forms of vendors ---- */

static bool
name_signer(cs_ctx *ctx, cs_verified *document)
{
	cs_certificate certificate;

	document->signer.signer_name = document->vendor->issuer;
	if (document->vendor->issuer.len > 0 || document->sign1.cert_count == 0)
		return true;
	if (!cs_certificate_read(ctx, document->sign1.certs[0], &certificate))
		return false;
	document->signer.signer_name = (cs_span) { (const uint8_t *) certificate.subject_text, strlen(certificate.subject_text) };
	return true;
}

/* The outside alone: its signature, and the certificates beside it. */
static bool
open_vendor(cs_ctx *ctx, const cs_vendor_format *format, cs_span document, cs_span chain, cs_verified *out)
{
	cs_vendor_document vendor;

	memset(out, 0, sizeof(*out));
	out->envelope.envelope = CS_ENV_VENDOR;
	if (!cs_vendor_open(ctx, format, document, chain, &vendor))
		return false;
	out->vendor = cs_memdup(ctx, &vendor, sizeof(vendor));
	out->signatures = cs_memdup(ctx, &vendor.signature, sizeof(vendor.signature));
	out->signature_count = 1;
	out->sign1 = vendor.signature;
	return out->vendor != NULL && out->signatures != NULL && name_signer(ctx, out);
}

static bool
open_vendor_content(cs_ctx *ctx, cs_verified *out)
{
	cs_span corim = out->vendor->corim;

	if (!cs_check(ctx, corim.data, corim.len) || !cs_corim_open(ctx, corim.data, corim.len, false, &out->corim) ||
		!cs_check_texts(ctx, corim, &out->corim))
	{
		/* an offset into what nobody has seen helps nobody */
		ctx->error.has_offset = false;
		return false;
	}
	out->validity = out->corim.validity;
	return true;
}

cs_span
cs_content_of(cs_span document, cs_span payload)
{
	return payload.data != NULL && cs_vendor_format_of(document) == NULL ? payload : document;
}

bool
cs_open_signatures(cs_ctx *ctx, cs_span document, cs_span payload, cs_verified *out)
{
	cs_cose_reader how = { .origin = document.data };
	const cs_vendor_format *format = cs_vendor_format_of(document);

	if (format != NULL)
		return open_vendor(ctx, format, document, payload, out);
	memset(out, 0, sizeof(*out));
	return cs_check(ctx, document.data, document.len) && cs_document_open(ctx, document.data, document.len, true, &out->envelope) &&
		out->envelope.envelope != CS_ENV_UNSIGNED && parse_signatures(ctx, &how, out);
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

/* An error whose offset counts from the start of what the string holds: from the start of the document, false. */
static bool
relocate(cs_ctx *ctx, const uint8_t *origin, const cs_item *string, cs_span content)
{
	if (!ctx->error.has_offset)
		return false;
	if (string->indefinite)
		ctx->error.offset = (size_t) (string->p - origin);
	else
		ctx->error.offset += (size_t) (content.data - origin);
	return false;
}

static bool
fail_in_header(cs_ctx *ctx, const cs_sign1 *sign1, const char *message)
{
	cs_fail_at(ctx, CS_INVALID, (size_t) (sign1->protected_item.p - sign1->origin), "%s", message);
	snprintf(ctx->error.path, sizeof(ctx->error.path), "%s", CS_COSE_PATH(sign1, "protected"));
	return false;
}

/* The protected header: that of a COSE_Sign may be empty (doc/legacy.md). */
static bool
check_header(cs_ctx *ctx, bool accept_legacy, const cs_verified *document)
{
	const cs_sign1 *sign1 = &document->sign1;
	cs_walk walk = { .ctx = ctx, .accept_legacy = accept_legacy };
	cs_item value;

	if (document->envelope.envelope == CS_ENV_SIGN)
		return true;
	if (!sign1->has_protected || !sign1->has_alg)
		return fail_in_header(ctx, sign1, "the protected header names no algorithm");
	if (!cs_is_collection(document))
		return cs_walk_rule(&walk, &cs_rule_protected_corim_header_map, &sign1->protected_map) ||
			relocate(ctx, sign1->origin, &sign1->protected_item, sign1->protected_raw);
	/* "The signing operation MUST include either a CWT-Claims or a corim-meta" (section 4.3.1) */
	return cs_map_get(&sign1->protected_map, CS_HEADER_CORIM_META, &value) ||
		cs_map_get(&sign1->protected_map, CS_HEADER_CWT_CLAIMS, &value) ||
		fail_in_header(ctx, sign1, "a signed collection needs corim-meta (8) or CWT-Claims (15) in its protected header");
}

static bool
read_signer(cs_ctx *ctx, const cs_sign1 *sign1, cs_signer_meta *out)
{
	if (!sign1->has_protected)
		return true;
	if (cs_signer_meta_read(ctx, &sign1->protected_map, out))
		return out->signer_name.len == 0 || memchr(out->signer_name.data, 0, out->signer_name.len) == NULL ||
			fail_in_header(ctx, sign1, "the signer's name holds the character U+0000, which cannot be kept");
	if (ctx->error.path[0] == '\0')
		snprintf(ctx->error.path, sizeof(ctx->error.path), "%s", CS_COSE_PATH(sign1, "protected"));
	return relocate(ctx, sign1->origin, &sign1->protected_item, sign1->protected_raw);
}

/* What a COSE_Sign says of its signer in its own header, or each signature in its own: all of it must be readable. */
static bool
check_signer(cs_ctx *ctx, cs_verified *document)
{
	cs_signer_meta meta;

	if (!read_signer(ctx, &document->sign1, &document->signer))
		return false;
	if (document->envelope.envelope != CS_ENV_SIGN || document->signer.has_meta || document->signer.has_claims)
		return true;
	for (size_t i = 0; i < document->signature_count; i++)
		if (!read_signer(ctx, &document->signatures[i], &meta))
			return false;
	return true;
}

/* Signatures of OCP SAFE name no algorithm: their key's fixes it. */
static void
note_signatures(cs_verified *document)
{
	static const char *const name = "signature-without-alg";

	for (size_t i = 0; document->envelope.envelope == CS_ENV_SIGN && i < document->signature_count; i++)
		if (!document->signatures[i].has_alg)
			note_legacy(document, &name, 1);
}

/* ---- collections ---- */

bool
cs_collection_open(cs_ctx *ctx, const cs_verified *document, cs_item *members)
{
	cs_span bytes = document->sign1.payload;
	cs_walk walk = { .ctx = ctx, .accept_legacy = true };
	cs_item payload;

	if (document->sign1.detached)
		return cs_fail(ctx, CS_UNSUPPORTED, "a signed collection with a detached payload is not supported");
	cs_array_get(&document->envelope.cose, 2, &payload);
	if (!cs_check(ctx, bytes.data, bytes.len))
		return relocate(ctx, document->sign1.origin, &payload, bytes);
	*members = cs_item_at(bytes.data, bytes.len);
	return cs_walk_rule(&walk, cs_rule_by_name("corim-cbor-collection"), members) || relocate(ctx, document->sign1.origin, &payload, bytes);
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
require_member(cs_ctx *ctx, cs_verified *document, cs_span payload)
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
	document->member = payload;
	it = cs_iterate(&members);
	while (cs_next_member(ctx, &it, &label, &member))
		if (cs_span_eq(member, payload))
			return true;
	return cs_fail(ctx, CS_BAD_SIGNATURE, "the payload is no member of the signed collection");
}

/* ---- payloads ---- */

/* The shortest digest, in bytes, that stands for a CoRIM. */
/* payload_hash_alg (258): what is signed is the digest of the CoRIM. */
static bool
check_pre_image(cs_ctx *ctx, const cs_item *alg, cs_span payload, cs_verified *out)
{
	cs_span digest;
	cs_buf buf;

	if (payload.data == NULL)
	{
		cs_fail(ctx, CS_INVALID, "the document is a hash envelope, and the CoRIM whose digest it signs was not given");
		return cs_fail_hint(ctx, "Hand the CoRIM in: load(document, payload => ...).");
	}
	cs_buf_init(&buf, ctx);
	if (!cs_digest(ctx, alg, payload, &buf) || !cs_buf_ok(&buf))
		return false;
	digest = cs_buf_span(&buf);
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

bool
cs_wants_payload(const cs_verified *document)
{
	const cs_sign1 *sign1 = &document->sign1;
	cs_item alg;

	return document->envelope.envelope != CS_ENV_UNSIGNED && document->vendor == NULL &&
		(sign1->detached || cs_is_collection(document) ||
			(sign1->has_protected && cs_map_get(&sign1->protected_map, CS_HEADER_PAYLOAD_HASH_ALG, &alg)));
}

bool
cs_open_envelope(cs_ctx *ctx, cs_span document, bool accept_legacy, const cs_cose_reader *how, cs_verified *out)
{
	cs_cose_reader reader = *how;
	const cs_vendor_format *format = cs_vendor_format_of(document);

	if (format != NULL)
		return open_vendor(ctx, format, document, nothing, out);
	reader.origin = document.data;
	memset(out, 0, sizeof(*out));
	if (!cs_check(ctx, document.data, document.len) || !cs_document_open(ctx, document.data, document.len, accept_legacy, &out->envelope))
	{
		if (ctx->error.hint[0] == '\0')
			(void) cs_seems(document, ctx->error.hint);
		return false;
	}
	note_legacy(out, out->envelope.legacy, out->envelope.legacy_count);
	if (out->envelope.envelope == CS_ENV_UNSIGNED)
		return true;
	if (!parse_signatures(ctx, &reader, out) || !check_header(ctx, accept_legacy, out) || !check_signer(ctx, out))
		return false;
	note_signatures(out);
	out->validity = out->signer.validity;
	return true;
}

/* content is of the document, or apart: of what it holds, errors are in the document. */
static bool
open_content(cs_ctx *ctx, cs_span content, bool accept_legacy, cs_verified *out)
{
	bool is_signed = out->envelope.envelope != CS_ENV_UNSIGNED, inside = is_signed && content.data == out->sign1.payload.data;
	cs_item payload;

	if ((is_signed && !cs_check(ctx, content.data, content.len)) ||
		!cs_corim_open(ctx, content.data, content.len, accept_legacy, &out->corim) || !cs_check_texts(ctx, content, &out->corim))
		return inside && cs_array_get(&out->envelope.cose, 2, &payload) && relocate(ctx, out->sign1.origin, &payload, content);
	note_legacy(out, out->corim.legacy, out->corim.legacy_count);
	out->validity = out->corim.validity;
	if (is_signed)
		cs_narrow(&out->validity, &out->signer.validity);
	return true;
}

bool
cs_open_with_payload(cs_ctx *ctx, cs_span document, cs_span payload, bool accept_legacy, cs_verified *out)
{
	const cs_vendor_format *format = cs_vendor_format_of(document);
	cs_span content;

	if (format != NULL)
		return open_vendor(ctx, format, document, payload, out) && open_vendor_content(ctx, out);
	if (!cs_open_envelope(ctx, document, accept_legacy, &(cs_cose_reader) { 0 }, out))
		return false;
	if (out->envelope.envelope != CS_ENV_UNSIGNED)
		return find_content(ctx, payload, out, &content) && open_content(ctx, content, accept_legacy, out);
	if (payload.data != NULL)
		return cs_fail(ctx, CS_INVALID, "a payload was given for a document that holds its own");
	content = cs_item_span(&out->envelope.payload);
	if (open_content(ctx, content, accept_legacy, out))
		return true;
	if (ctx->error.has_offset)
		ctx->error.offset += (size_t) (content.data - document.data);
	return false;
}

bool
cs_open_document(cs_ctx *ctx, cs_span document, bool accept_legacy, cs_verified *out)
{
	return cs_open_with_payload(ctx, document, nothing, accept_legacy, out);
}

/* ---- validity ---- */

static bool
expired(cs_ctx *ctx, const char *what, int64_t at)
{
	cs_buf text;

	cs_buf_init(&text, ctx);
	if (at < 0 || at > LAST_DATE)
		cs_put_fmt(&text, "%lld", (long long) at);
	else
		cs_put_date_time(&text, at);
	return cs_buf_ok(&text) && cs_fail(ctx, CS_EXPIRED, "the document %s %.*s", what, (int) text.len, (const char *) text.data);
}

bool
cs_require_valid(cs_ctx *ctx, const cs_verified *document, int64_t now)
{
	const cs_validity *v = &document->validity;
	const cs_validity *signature = &document->signer.validity;

	if (v->has_not_after && v->not_after <= now)
		return expired(ctx, "expired on", v->not_after);
	/* a RIM may be loaded before it begins to hold; a signature that does not hold yet verifies nothing */
	if (signature->has_not_before && signature->not_before > now)
		return expired(ctx, "has a signature that is not valid before", signature->not_before);
	return true;
}
