/*
 * google_launch.c - Google's launch endorsements of its virtual firmware (gce-tcb-verifier, proto/endorsement.proto): a protobuf
 * VMLaunchEndorsement {1 serialized_uefi_golden, 2 signature}, signed with RSA-PSS over the bytes of field 1, in which the certificate is.
 * Measurements of SEV-SNP by the number of VMSAs, and of TDX (doc/vendors.md).
 */
#include <stdio.h>
#include <string.h>

#include "cose/certs.h"
#include "intel.h"
#include "protobuf.h"
#include "snp.h"

#define SIGNER "GCE-uefi-signer"
#define MAX_MEASUREMENTS 1024
#define INTEL_OID "\x60\x86\x48\x01\x86\xf8\x4d\x01\x10\x01" /* 2.16.840.1.113741.1.16.1 */
#define MRTEE (-83)

typedef struct golden
{
	uint64_t seconds;
	cs_span commit;
	cs_span cert;
	cs_span digest; /* of the UEFI image, SHA-384 */
	cs_span ca_bundle;
	bool has_svn;
	uint64_t svn; /* of SEV-SNP */
	cs_span *snp; /* measurements */
	size_t snp_count;
	cs_span *tdx;
	size_t tdx_count;
} golden;

static bool
bad(cs_ctx *ctx, const char *path, const char *what)
{
	cs_fail(ctx, CS_MALFORMED, "launch endorsement: %s", what);
	snprintf(ctx->error.path, sizeof(ctx->error.path), "%s", path);
	return false;
}

/* ---- the envelope ---- */

static bool
read_envelope(cs_span document, cs_span *signed_part, cs_span *signature)
{
	cs_pb_field field;
	bool broken;

	*signed_part = *signature = (cs_span) { NULL, 0 };
	while (cs_pb_next(&document, &field, &broken))
	{
		cs_span *to = field.number == 1 ? signed_part : field.number == 2 ? signature : NULL;

		if (to == NULL)
			continue;
		if (field.wire != CS_PB_LEN || to->data != NULL)
			return false;
		*to = field.bytes;
	}
	return !broken && signed_part->len > 0 && signature->len > 0;
}

/* The head of field 1 is an integer in CBOR, a line feed in text: no document begins so. */
static bool
is_launch_endorsement(cs_span document)
{
	cs_span signed_part, signature;

	return document.len > 0 && document.data[0] == 0x0a && read_envelope(document, &signed_part, &signature);
}

/* ---- the golden measurement ---- */

static bool
add_measurement(cs_ctx *ctx, const char *path, cs_span measurement, cs_span **list, size_t *count)
{
	if (measurement.len != 48)
		return bad(ctx, path, "a measurement has not 48 bytes");
	if (*count == MAX_MEASUREMENTS)
		return cs_fail(ctx, CS_LIMIT, "launch endorsement has more than %d measurements", MAX_MEASUREMENTS);
	if (*list == NULL && (*list = cs_alloc(ctx, MAX_MEASUREMENTS, sizeof(cs_span))) == NULL)
		return false;
	(*list)[(*count)++] = measurement;
	return true;
}

/* The bytes of one field of a message, the last where it comes twice, as protobuf has it; data NULL: there is none. */
static bool
bytes_of(cs_ctx *ctx, const char *path, cs_span message, uint32_t number, cs_span *out)
{
	cs_pb_field field;
	bool broken;

	*out = (cs_span) { NULL, 0 };
	while (cs_pb_next(&message, &field, &broken))
		if (field.number == number && field.wire == CS_PB_LEN)
			*out = field.bytes;
	return !broken || bad(ctx, path, "what stands there is no message");
}

static bool
read_snp(cs_ctx *ctx, cs_span message, golden *out)
{
	cs_pb_field field;
	cs_span measurement;
	bool broken;

	while (cs_pb_next(&message, &field, &broken))
	{
		if (field.number == 1 && field.wire == CS_PB_VARINT)
		{
			out->has_svn = true;
			out->svn = field.value;
		}
		if (field.number == 2 && field.wire == CS_PB_LEN &&
			(!bytes_of(ctx, "golden.sev_snp.measurements", field.bytes, 2, &measurement) ||
				!add_measurement(ctx, "golden.sev_snp.measurements", measurement, &out->snp, &out->snp_count)))
			return false;
	}
	return !broken || bad(ctx, "golden.sev_snp", "what stands there is no message");
}

static bool
read_tdx(cs_ctx *ctx, cs_span message, golden *out)
{
	cs_pb_field field;
	cs_span measurement;
	bool broken;

	while (cs_pb_next(&message, &field, &broken))
		if (field.number == 2 && field.wire == CS_PB_LEN &&
			(!bytes_of(ctx, "golden.tdx.measurements", field.bytes, 3, &measurement) ||
				!add_measurement(ctx, "golden.tdx.measurements", measurement, &out->tdx, &out->tdx_count)))
			return false;
	return !broken || bad(ctx, "golden.tdx", "what stands there is no message");
}

static bool
read_seconds(cs_ctx *ctx, cs_span message, uint64_t *out)
{
	cs_pb_field field;
	bool broken;

	while (cs_pb_next(&message, &field, &broken))
		if (field.number == 1 && field.wire == CS_PB_VARINT)
			*out = field.value;
	if (broken || *out > INT64_MAX)
		return bad(ctx, "golden.timestamp", "it is no time");
	return true;
}

static bool
read_member(cs_ctx *ctx, const cs_pb_field *field, golden *out)
{
	switch (field->number)
	{
		case 1:
			return read_seconds(ctx, field->bytes, &out->seconds);
		case 3:
			out->commit = field->bytes;
			return true;
		case 4:
			out->cert = field->bytes;
			return true;
		case 5:
			out->digest = field->bytes;
			return true;
		case 6:
			out->ca_bundle = field->bytes;
			return true;
		case 7:
			return read_snp(ctx, field->bytes, out);
		case 8:
			return read_tdx(ctx, field->bytes, out);
		default:
			return true;
	}
}

/* A message that comes twice would be merged: nobody writes that, and readers differ. */
static bool
read_golden(cs_ctx *ctx, cs_span message, golden *out)
{
	uint32_t seen = 0;
	cs_pb_field field;
	bool broken;

	memset(out, 0, sizeof(*out));
	while (cs_pb_next(&message, &field, &broken))
	{
		if (field.number > 8 || field.wire != CS_PB_LEN)
			continue;
		if (seen & 1u << field.number)
			return bad(ctx, "golden", "a member comes twice");
		seen |= 1u << field.number;
		if (!read_member(ctx, &field, out))
			return false;
	}
	if (broken)
		return bad(ctx, "golden", "what stands there is no message");
	if (out->digest.len != 48)
		return bad(ctx, "golden.digest", "it is no SHA-384");
	if (out->cert.len == 0)
		return bad(ctx, "golden.cert", "there is no certificate");
	return out->snp_count + out->tdx_count > 0 || bad(ctx, "golden", "there is no measurement");
}

/* ---- what it becomes ---- */

static void
put_mrtd(cs_buf *out, cs_span mrtd)
{
	cs_put_array(out, 2);
	cs_put_class(out, CS_INTEL_VENDOR, "TDX TD");
	cs_put_array(out, 1);
	cs_put_map(out, 1);
	cs_put_uint(out, CS_MEASUREMENT_MVAL);
	cs_put_map(out, 1);
	cs_put_int(out, MRTEE);
	cs_put_array(out, 2);
	cs_put_uint(out, CS_ALG_SHA384);
	cs_put_bytes(out, mrtd.data, mrtd.len);
}

/* [environment, [{0: "gce", 1: {0: {0: commit}, 1: svn, 2: [[7, digest of the image]]}}]] */
static void
put_endorsed(cs_buf *out, const golden *g, int class)
{
	bool commit = g->commit.len > 0 && g->commit.len <= 64;

	cs_put_array(out, 2);
	cs_snp_put_environment(out, class);
	cs_put_array(out, 1);
	cs_put_map(out, 2);
	cs_put_uint(out, CS_MEASUREMENT_MKEY);
	cs_put_cstr(out, "gce");
	cs_put_uint(out, CS_MEASUREMENT_MVAL);
	cs_put_map(out, 1 + (commit ? 1 : 0) + (g->has_svn ? 1 : 0));
	if (commit)
	{
		char hex[129] = "";

		for (size_t i = 0; i < g->commit.len; i++)
			snprintf(hex + 2 * i, 3, "%02x", g->commit.data[i]);
		cs_put_uint(out, CS_MVAL_VERSION);
		cs_put_map(out, 1);
		cs_put_uint(out, CS_VERSION_VERSION);
		cs_put_cstr(out, hex);
	}
	if (g->has_svn)
	{
		cs_put_uint(out, CS_MVAL_SVN);
		cs_put_tag(out, CS_TAG_SVN);
		cs_put_uint(out, g->svn);
	}
	cs_put_uint(out, CS_MVAL_DIGESTS);
	cs_put_array(out, 1);
	cs_put_array(out, 2);
	cs_put_uint(out, CS_ALG_SHA384);
	cs_put_bytes(out, g->digest.data, g->digest.len);
}

/* "Any of" them will do: a triple each. */
static void
put_triples(cs_buf *out, const golden *g)
{
	cs_put_uint(out, CS_TRIPLE_REFERENCE);
	cs_put_array(out, g->snp_count + g->tdx_count);
	for (size_t i = 0; i < g->snp_count; i++)
		cs_snp_put_measurement(out, CS_SNP_BY_CHIP, g->snp[i]);
	for (size_t i = 0; i < g->tdx_count; i++)
		put_mrtd(out, g->tdx[i]);
	if (g->snp_count == 0)
		return;
	cs_put_uint(out, CS_TRIPLE_CONDITIONAL_ENDORSEMENT);
	cs_put_array(out, g->snp_count);
	for (size_t i = 0; i < g->snp_count; i++)
	{
		cs_put_array(out, 2);
		cs_put_array(out, 1);
		cs_snp_put_measurement(out, CS_SNP_BY_CHIP, g->snp[i]);
		cs_put_array(out, 1);
		put_endorsed(out, g, CS_SNP_BY_CHIP);
	}
}

static bool
finish(cs_ctx *ctx, const golden *g, cs_vendor_document *out)
{
	char id[32 + 96];
	cs_derived derived = { .tag_id = id, .tag_version = g->seconds, .kinds = g->snp_count > 0 ? 2 : 1 };
	int len = snprintf(id, sizeof(id), "google-launch/");
	cs_buf triples;

	for (size_t i = 0; i < g->digest.len; i++)
		len += snprintf(id + len, sizeof(id) - (size_t) len, "%02x", g->digest.data[i]);
	if (g->tdx_count > 0)
	{
		derived.profile_oid = INTEL_OID;
		derived.profile_oid_len = sizeof(INTEL_OID) - 1;
	}
	else
		derived.profile_uri = CS_SNP_PROFILE;
	cs_buf_init(&triples, ctx);
	put_triples(&triples, g);
	derived.triples = cs_buf_span(&triples);
	return cs_buf_ok(&triples) && cs_derived_corim(ctx, &derived, &out->corim);
}

/* The signer's certificate, and the bundle behind it. */
static bool
add_certs(cs_ctx *ctx, const golden *g, cs_vendor_document *out)
{
	cs_span *bundle = NULL, *all;
	size_t count = 0;

	if (g->ca_bundle.len > 0 && !cs_certs_split(ctx, g->ca_bundle, &bundle, &count))
		return false;
	all = cs_alloc(ctx, count + 1, sizeof(cs_span));
	if (all == NULL)
		return false;
	all[0] = g->cert;
	for (size_t i = 0; i < count; i++)
		all[i + 1] = bundle[i];
	out->signature.certs = all;
	out->signature.cert_count = count + 1;
	return true;
}

static bool
open_launch_endorsement(cs_ctx *ctx, cs_span document, cs_vendor_document *out)
{
	cs_span signed_part, signature;
	golden g;

	if (!read_envelope(document, &signed_part, &signature))
		return bad(ctx, "", "fields 1 and 2 were expected, once each");
	out->signature.alg = CS_ALG_PS256;
	out->signature.payload = signed_part;
	out->signature.signature = signature;
	return read_golden(ctx, signed_part, &g) && add_certs(ctx, &g, out) && finish(ctx, &g, out);
}

static bool
may_sign(cs_ctx *ctx, const cs_vendor_document *document, const cs_span *certs, size_t count, const char *const *purposes, bool *yes)
{
	cs_span name;

	(void) document;
	(void) count;
	(void) purposes;
	if (!cs_certificate_common_name(ctx, certs[0], &name))
		return false;
	*yes = cs_span_eq(name, (cs_span) { (const uint8_t *) SIGNER, sizeof(SIGNER) - 1 });
	return true;
}

const cs_vendor_format cs_vendor_google_launch = {
	.name = "google-launch",
	.media_type = "application/x.google-launch-endorsement+protobuf",
	.signer = SIGNER,
	.is = is_launch_endorsement,
	.open = open_launch_endorsement,
	.may_sign = may_sign,
};
