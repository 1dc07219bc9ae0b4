/*
 * microsoft_uvm.c - Microsoft's endorsements of utility VMs (UVM): a COSE_Sign1 around JSON, whose issuer is a did:x509 (the DID method of
 * that name, version 0: a CA of the chain by its SHA-256, and a purpose that the signer's certificate names); a launch measurement and its
 * guest SVN (doc/vendors.md).
 */
#include <stdio.h>
#include <string.h>

#include "cose/certs.h"
#include "formats.h"
#include "snp.h"

#define MEASUREMENT "x-ms-sevsnpvm-launchmeasurement"
#define GUEST_SVN "x-ms-sevsnpvm-guestsvn"
#define DID "did:x509:0:sha256:"
#define EKU "::eku:"
#define MAX_FEED 128
#define MAX_OID 128

static bool
holds(cs_span document, const char *text)
{
	return memmem(document.data, document.len, text, strlen(text)) != NULL;
}

/* The protected header names JSON as what is signed, also where that stands apart; a CoRIM's names another type. */
static bool
names_json(cs_span document)
{
	cs_item item, protected;
	cs_ctx ctx;

	/* cs_check allocates nothing, so that a context without an allocator will do */
	memset(&ctx, 0, sizeof(ctx));
	ctx.limits = (cs_limits) { CS_DEFAULT_MAX_DEPTH, CS_DEFAULT_MAX_ITEMS, CS_DEFAULT_MAX_SIZE };
	if (!cs_check(&ctx, document.data, document.len))
		return false;
	item = cs_item_at(document.data, document.len);
	item = cs_tag_content(&item);
	return cs_is(&item, CS_ARRAY) && cs_array_get(&item, 0, &protected) && cs_is(&protected, CS_BSTR) && !protected.indefinite &&
		holds((cs_span) { protected.content, (size_t) protected.arg }, "application/json");
}

static bool
is_uvm(cs_span document)
{
	return document.len > 0 && document.data[0] == 0xd2 && holds(document, DID) &&
		(holds(document, "\"" MEASUREMENT "\"") || names_json(document));
}

/* ---- headers: iss and feed, as texts of their own, or as claims 1 and 2 of CWT Claims (15) ---- */

static bool
read_header(cs_ctx *ctx, const cs_sign1 *sign1, const char *label, int64_t claim, cs_span *out)
{
	cs_item claims, value;

	if (!cs_map_get_text(&sign1->protected_map, label, &value) &&
		!(cs_map_get(&sign1->protected_map, CS_HEADER_CWT_CLAIMS, &claims) && cs_is(&claims, CS_MAP) && cs_map_get(&claims, claim, &value)))
		return cs_fail(ctx, CS_INVALID, "the protected header of a UVM endorsement has no %s", label);
	if (!cs_is(&value, CS_TSTR))
		return cs_fail(ctx, CS_INVALID, "%s in the protected header is no text", label);
	return cs_string(ctx, &value, out) &&
		((out->len > 0 && out->len <= 1024) || cs_fail(ctx, CS_INVALID, "%s in the protected header is too long, or empty", label));
}

static bool
read_headers(cs_ctx *ctx, const cs_sign1 *sign1, cs_span *iss, cs_span *feed)
{
	cs_item value;

	if (!sign1->has_protected || !sign1->has_alg)
		return cs_fail(ctx, CS_INVALID, "the protected header names no algorithm");
	if (cs_map_get(&sign1->protected_map, CS_HEADER_PAYLOAD_HASH_ALG, &value) || sign1->detached)
	{
		cs_fail(ctx, CS_UNSUPPORTED, "a UVM endorsement whose payload is apart is not read");
		return cs_fail_hint(ctx, "Load one that holds its payload, as those in the UVM's reference_info.cose do.");
	}
	if (!read_header(ctx, sign1, "iss", CS_CLAIM_ISS, iss) || !read_header(ctx, sign1, "feed", CS_CLAIM_SUB, feed))
		return false;
	if (feed->len > MAX_FEED || memchr(feed->data, 0, feed->len) != NULL)
		return cs_fail(ctx, CS_INVALID, "feed in the protected header is longer than %d bytes", MAX_FEED);
	return true;
}

/* ---- did:x509 ---- */

typedef struct did
{
	cs_span fingerprint; /* of a CA in the chain */
	char purpose[MAX_OID];
} did;

static bool
bad_did(cs_ctx *ctx, cs_span iss)
{
	cs_fail(ctx, CS_UNSUPPORTED, "iss is no did:x509 of one CA and one purpose (eku)");
	return cs_fail_found(ctx, "%.*s", (int) (iss.len < 120 ? iss.len : 120), (const char *) iss.data);
}

static bool
read_did(cs_ctx *ctx, cs_span iss, did *out)
{
	const size_t start = sizeof(DID) - 1, hash = 43, eku = sizeof(EKU) - 1; /* a SHA-256 in base64url without padding */
	cs_span text, oid;

	if (iss.len <= start + hash + eku || memcmp(iss.data, DID, start) != 0 || memcmp(iss.data + start + hash, EKU, eku) != 0)
		return bad_did(ctx, iss);
	text = (cs_span) { iss.data + start, hash };
	oid = (cs_span) { iss.data + start + hash + eku, iss.len - start - hash - eku };
	if (oid.len >= sizeof(out->purpose))
		return bad_did(ctx, iss);
	memcpy(out->purpose, oid.data, oid.len);
	out->purpose[oid.len] = '\0';
	if (strspn(out->purpose, "0123456789.") != oid.len)
		return bad_did(ctx, iss);
	return cs_base64_text(ctx, text, &out->fingerprint) && (out->fingerprint.len == 32 || bad_did(ctx, iss));
}

static bool
has_ca(cs_ctx *ctx, const cs_span *certs, size_t count, cs_span fingerprint, bool *yes)
{
	uint8_t digest[32];

	*yes = false;
	for (size_t i = 1; i < count && !*yes; i++)
	{
		if (!cs_sha256(ctx, certs[i], digest))
			return false;
		*yes = cs_span_eq((cs_span) { digest, sizeof(digest) }, fingerprint);
	}
	return true;
}

/* The DID names a CA of the chain and a purpose of the signer's certificate; the authority has to name that purpose too. */
static bool
may_sign(cs_ctx *ctx, const cs_vendor_document *document, const cs_span *certs, size_t count, const char *const *purposes, bool *yes)
{
	bool ca, purpose, named = false;
	did issuer;

	if (!read_did(ctx, document->issuer, &issuer) || !has_ca(ctx, certs, count, issuer.fingerprint, &ca) ||
		!cs_cert_has_purpose(ctx, certs[0], issuer.purpose, &purpose))
		return false;
	for (size_t i = 0; purposes && purposes[i]; i++)
		named |= strcmp(purposes[i], issuer.purpose) == 0;
	*yes = ca && purpose && named;
	return true;
}

/* ---- content ---- */

static bool
read_svn(cs_ctx *ctx, const cs_json *json, uint64_t *svn)
{
	const cs_json *text = cs_member(ctx, NULL, json, GUEST_SVN, CS_JSON_STRING);

	if (text == NULL)
		return false;
	*svn = 0;
	for (size_t i = 0; i < text->text.len; i++)
		if (text->text.data[i] < '0' || text->text.data[i] > '9' || i > 8)
			return cs_member_fail(ctx, CS_IN(NULL, GUEST_SVN), CS_INVALID, "a whole number in digits was expected");
		else
			*svn = *svn * 10 + (uint64_t) (text->text.data[i] - '0');
	return text->text.len > 0 || cs_member_fail(ctx, CS_IN(NULL, GUEST_SVN), CS_INVALID, "a whole number in digits was expected");
}

/* For reports that a VCEK signs and for those that a VLEK does: the measurement, and what is endorsed of it. */
static void
put_triples(cs_buf *out, cs_span measurement, uint64_t svn, cs_span feed)
{
	cs_put_uint(out, CS_TRIPLE_REFERENCE);
	cs_put_array(out, CS_SNP_CLASSES);
	for (int i = 0; i < CS_SNP_CLASSES; i++)
		cs_snp_put_measurement(out, i, measurement);
	cs_put_uint(out, CS_TRIPLE_CONDITIONAL_ENDORSEMENT);
	cs_put_array(out, CS_SNP_CLASSES);
	for (int i = 0; i < CS_SNP_CLASSES; i++)
	{
		cs_put_array(out, 2);
		cs_put_array(out, 1);
		cs_snp_put_measurement(out, i, measurement);
		cs_put_array(out, 1);
		cs_put_array(out, 2);
		cs_snp_put_environment(out, i);
		cs_put_array(out, 1);
		cs_put_map(out, 2);
		cs_put_uint(out, CS_MEASUREMENT_MKEY);
		cs_put_cstr(out, "uvm");
		cs_put_uint(out, CS_MEASUREMENT_MVAL);
		cs_put_map(out, 2);
		cs_put_uint(out, CS_MVAL_SVN);
		cs_put_tag(out, CS_TAG_SVN);
		cs_put_uint(out, svn);
		cs_put_uint(out, CS_MVAL_NAME);
		cs_put_text(out, (const char *) feed.data, feed.len);
	}
}

static bool
finish(cs_ctx *ctx, cs_span measurement, uint64_t svn, cs_span feed, cs_vendor_document *out)
{
	char id[32 + MAX_FEED + 96 + 2];
	cs_derived derived = { .tag_id = id, .tag_version = svn, .profile_uri = CS_SNP_PROFILE, .kinds = 2 };
	int len = snprintf(id, sizeof(id), "microsoft-uvm/%.*s/", (int) feed.len, (const char *) feed.data);
	cs_buf triples;

	for (size_t i = 0; i < measurement.len; i++)
		len += snprintf(id + len, sizeof(id) - (size_t) len, "%02x", measurement.data[i]);
	cs_buf_init(&triples, ctx);
	put_triples(&triples, measurement, svn, feed);
	derived.triples = cs_buf_span(&triples);
	return cs_buf_ok(&triples) && cs_derived_corim(ctx, &derived, &out->corim);
}

static bool
open_uvm(cs_ctx *ctx, cs_span document, cs_vendor_document *out)
{
	cs_span feed, measurement;
	cs_item item;
	cs_json *json;
	uint64_t svn;
	did unused;

	if (!cs_check(ctx, document.data, document.len))
		return false;
	item = cs_item_at(document.data, document.len);
	if (!cs_sign1_parse(ctx, &item, &out->signature) || !read_headers(ctx, &out->signature, &out->issuer, &feed) ||
		!read_did(ctx, out->issuer, &unused))
		return false;
	return cs_json_parse(ctx, out->signature.payload, &json) && cs_json_require_unique(ctx, json) && read_svn(ctx, json, &svn) &&
		cs_member_hex(ctx, NULL, json, MEASUREMENT, 48, &measurement) && finish(ctx, measurement, svn, feed, out);
}

const cs_vendor_format cs_vendor_microsoft_uvm = {
	.name = "microsoft-uvm",
	.media_type = "application/cose; cose-type=\"cose-sign1\"",
	.signer =
		"whom iss names by a CA of the chain and a purpose (eku) of his certificate, which key_purposes of the authority has to name too",
	.is = is_uvm,
	.open = open_uvm,
	.may_sign = may_sign,
};
