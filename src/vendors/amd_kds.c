/*
 * amd_kds.c - certificates of AMD's Key Distribution Service (VCEK certificate and KDS interface specification, revision 1.00): a VCEK or
 * VLEK, which becomes the attest key of its chip or CSP (draft-deeglaze-amd-sev-snp-corim-profile, "VEK Certificate"), and the CAs of a
 * product, which become trust anchors (doc/vendors.md).
 */
#include <stdio.h>
#include <string.h>

#include "cbor/text.h"
#include "cose/certs.h"
#include "snp.h"

#define OID_BOOT_LOADER_SPL "1.3.6.1.4.1.3704.1.3.1" /* in every VCEK and VLEK */
#define OID_HWID "1.3.6.1.4.1.3704.1.4"
#define OID_CSP_ID "1.3.6.1.4.1.3704.1.5"
#define PEM "-----BEGIN CERTIFICATE-----"
#define MAX_HWID 64
#define MAX_CSP_ID 256
#define MAX_PRODUCT 32

/* The extension's OID as DER has it, to tell a VEK from any other certificate. */
static const uint8_t vek_oid[] = { 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x01, 0x03, 0x01 };

static bool
is_kds(cs_span document)
{
	size_t pem = sizeof(PEM) - 1;

	if (document.len > pem && memcmp(document.data, PEM, pem) == 0)
		return true;
	return document.len > 2 && document.data[0] == 0x30 && memmem(document.data, document.len, vek_oid, sizeof(vek_oid)) != NULL;
}

/* ---- a VCEK or VLEK ---- */

/* KDS writes them with or without their type and length. */
static cs_span
unwrapped(cs_span value, uint8_t tag)
{
	if (value.len > 2 && value.data[0] == tag && value.data[1] < 0x80 && (size_t) value.data[1] + 2 == value.len)
		return (cs_span) { value.data + 2, value.len - 2 };
	return value;
}

static bool
read_instance(cs_ctx *ctx, cs_span cert, int *class, cs_span *instance)
{
	cs_span hwid, csp;

	if (!cs_certificate_extension(ctx, cert, OID_HWID, &hwid) || !cs_certificate_extension(ctx, cert, OID_CSP_ID, &csp))
		return false;
	if ((hwid.data == NULL) == (csp.data == NULL))
		return cs_fail(ctx, CS_INVALID, "the certificate names neither a chip nor a CSP, or both");
	*class = csp.data ? CS_SNP_BY_CSP : CS_SNP_BY_CHIP;
	*instance = csp.data ? unwrapped(csp, 0x16) : unwrapped(hwid, 0x04);
	return (instance->len > 0 && instance->len <= (csp.data ? MAX_CSP_ID : MAX_HWID)) ||
		cs_fail(ctx, CS_INVALID, "what the certificate names its chip or CSP by is empty or too long");
}

/* [{0: {0: class-id}, 1: 560(instance)}, [562(certificate)]] */
static void
put_attest_key(cs_buf *out, int class, cs_span instance, cs_span cert)
{
	cs_put_uint(out, CS_TRIPLE_ATTEST_KEY);
	cs_put_array(out, 1);
	cs_put_array(out, 2);
	cs_put_map(out, 2);
	cs_put_uint(out, CS_ENVIRONMENT_CLASS);
	cs_snp_put_class_id(out, class);
	cs_put_uint(out, CS_ENVIRONMENT_INSTANCE);
	cs_put_tag(out, CS_TAG_BYTES);
	cs_put_bytes(out, instance.data, instance.len);
	cs_put_array(out, 1);
	cs_put_tag(out, CS_TAG_PKIX_ASN1DER_CERT);
	cs_put_bytes(out, cert.data, cert.len);
}

/* ---- names ---- */

typedef struct name
{
	char text[2 * MAX_CSP_ID + 96];
	int len;
} name;

static void
add_hex(name *id, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		id->len += snprintf(id->text + id->len, sizeof(id->text) - (size_t) id->len, "%02x", bytes[i]);
}

/* The start of the digest of the key: no two keys are one tag, so that none supersedes another. */
static bool
add_key(cs_ctx *ctx, name *id, cs_span spki)
{
	uint8_t digest[32];

	if (!cs_sha256(ctx, spki, digest))
		return false;
	add_hex(id, digest, 16);
	return true;
}

/* The TCB as KDS is asked for it: blSPL, teeSPL, snpSPL, ucodeSPL and, from Turin on, fmcSPL. */
static bool
add_tcb(cs_ctx *ctx, cs_span cert, name *id)
{
	static const char *const oids[] = { OID_BOOT_LOADER_SPL, "1.3.6.1.4.1.3704.1.3.2", "1.3.6.1.4.1.3704.1.3.3", "1.3.6.1.4.1.3704.1.3.8",
		"1.3.6.1.4.1.3704.1.3.9" };

	for (size_t i = 0; i < sizeof(oids) / sizeof(oids[0]); i++)
	{
		cs_span value;

		if (!cs_certificate_extension(ctx, cert, oids[i], &value))
			return false;
		if (value.data == NULL && i == 4)
			continue;
		value = unwrapped(value, 0x02);
		if (value.len < 1 || value.len > 2 || (value.len == 2 && value.data[0] != 0))
			return cs_fail(ctx, CS_INVALID, "extension %s of the certificate is no SPL", oids[i]);
		id->len += snprintf(id->text + id->len, sizeof(id->text) - (size_t) id->len, "%s%u", i ? "." : "", value.data[value.len - 1]);
	}
	id->text[id->len++] = '/';
	return true;
}

/* amd-vcek/<hwid>/<TCB>/<key>, amd-vlek/<CSP>/<TCB>/<key> */
static bool
name_of(cs_ctx *ctx, cs_span cert, int class, cs_span instance, cs_span spki, name *id)
{
	id->len = snprintf(id->text, sizeof(id->text), "%s/", class == CS_SNP_BY_CSP ? "amd-vlek" : "amd-vcek");
	if (class == CS_SNP_BY_CHIP)
		add_hex(id, instance.data, instance.len);
	else if (memchr(instance.data, 0, instance.len) != NULL || !cs_utf8_valid(instance.data, instance.len))
		return cs_fail(ctx, CS_INVALID, "the name of the CSP is no text");
	else
		id->len +=
			snprintf(id->text + id->len, sizeof(id->text) - (size_t) id->len, "%.*s", (int) instance.len, (const char *) instance.data);
	id->text[id->len++] = '/';
	return add_tcb(ctx, cert, id) && add_key(ctx, id, spki);
}

static bool
make_vek(cs_ctx *ctx, cs_span cert, const cs_certificate *facts, cs_vendor_document *out)
{
	name id;
	cs_derived derived = { .tag_id = id.text,
		.profile_uri = CS_SNP_PROFILE,
		.has_validity = true,
		.not_before = facts->not_before,
		.not_after = facts->not_after,
		.kinds = 1 };
	cs_span instance = { NULL, 0 };
	cs_buf triples;
	cs_key key;
	int class = CS_SNP_BY_CHIP;

	if (!read_instance(ctx, cert, &class, &instance) || !cs_key_from_cert(ctx, cert, &key) ||
		!name_of(ctx, cert, class, instance, key.spki, &id))
		return false;
	derived.tag_version = facts->not_before > 0 ? (uint64_t) facts->not_before : 0;
	cs_buf_init(&triples, ctx);
	put_attest_key(&triples, class, instance, cert);
	derived.triples = cs_buf_span(&triples);
	return cs_buf_ok(&triples) && cs_derived_corim(ctx, &derived, &out->corim);
}

/* ---- the CAs of a product ---- */

/* [0, certificate] (draft-ietf-rats-concise-ta-stores, trust-anchor) */
static void
put_anchor(cs_buf *out, cs_span cert)
{
	cs_put_array(out, 2);
	cs_put_uint(out, 0);
	cs_put_bytes(out, cert.data, cert.len);
}

/* One store: for environments by chip, or of the CA of VLEKs by CSP; the ARK an anchor, the ASK a CA. */
static void
put_store(cs_buf *out, int class, cs_span ask, cs_span ark)
{
	cs_put_uint(out, 2);
	cs_put_array(out, 1);
	cs_put_map(out, 1);
	cs_put_uint(out, 0);
	cs_snp_put_environment(out, class);
	cs_put_uint(out, 3);
	cs_put_array(out, 1);
	cs_put_cstr(out, "eat");
	cs_put_uint(out, 6);
	cs_put_map(out, 2);
	cs_put_uint(out, 0);
	cs_put_array(out, 1);
	put_anchor(out, ark);
	cs_put_uint(out, 1);
	cs_put_array(out, 1);
	cs_put_bytes(out, ask.data, ask.len);
}

static bool
begins_with(cs_span name, const char *prefix)
{
	size_t len = strlen(prefix);

	return name.len >= len && memcmp(name.data, prefix, len) == 0;
}

static bool
make_ca(cs_ctx *ctx, cs_span ask, cs_span ark, const cs_certificate *facts, cs_vendor_document *out)
{
	name id = { .len = 0 };
	cs_derived derived = { .tag_id = id.text,
		.profile_uri = CS_SNP_PROFILE,
		.has_validity = true,
		.not_before = facts->not_before,
		.not_after = facts->not_after };
	cs_span called;
	cs_buf store;
	cs_key key;

	if (!cs_certificate_common_name(ctx, ask, &called))
		return false;
	if (!begins_with(called, "SEV-") || called.len > MAX_PRODUCT)
	{
		cs_fail(ctx, CS_UNSUPPORTED, "the first certificate is neither a VCEK or VLEK nor the CA of AMD that issues them");
		return cs_fail_found(ctx, "%.120s", facts->subject_text);
	}
	id.len = snprintf(id.text, sizeof(id.text), "amd-ca/%.*s/", (int) called.len, (const char *) called.data);
	if (!cs_key_from_cert(ctx, ask, &key) || !add_key(ctx, &id, key.spki))
		return false;
	derived.tag_version = facts->not_before > 0 ? (uint64_t) facts->not_before : 0;
	cs_buf_init(&store, ctx);
	put_store(&store, begins_with(called, "SEV-VLEK") ? CS_SNP_BY_CSP : CS_SNP_BY_CHIP, ask, ark);
	derived.store = cs_buf_span(&store);
	return cs_buf_ok(&store) && cs_derived_corim(ctx, &derived, &out->corim);
}

/* ---- the form ---- */

/* The certificate that it is about, signed by whom the others are of: those behind it, or those beside it. */
static bool
open_kds(cs_ctx *ctx, cs_span document, cs_vendor_document *out)
{
	cs_certificate_parts parts;
	cs_certificate facts;
	cs_span *certs, extension;
	size_t count;

	if (!cs_certs_split(ctx, document, &certs, &count))
		return false;
	if (count == 0)
		return cs_fail(ctx, CS_INVALID, "there is no certificate in it");
	if (!cs_certificate_take_apart(ctx, certs[0], &parts) || !cs_certificate_read(ctx, certs[0], &facts) ||
		!cs_certificate_extension(ctx, certs[0], OID_BOOT_LOADER_SPL, &extension))
		return false;
	if (parts.alg != CS_ALG_PS384)
	{
		cs_fail(ctx, CS_UNSUPPORTED, "the certificate is not signed with RSA-PSS and SHA-384, as AMD's are");
		return cs_fail_hint(
			ctx, "Others' are no documents: whom you trust is in table authority, and a chain stands beside what it signs.");
	}
	out->signature.alg = parts.alg;
	out->signature.payload = parts.tbs;
	out->signature.signature = parts.signature;
	out->signature.certs = certs + 1;
	out->signature.cert_count = count - 1;
	if (extension.data)
		return make_vek(ctx, certs[0], &facts, out);
	if (count < 2)
		return cs_fail(ctx, CS_INVALID, "a CA of AMD comes with its root behind it");
	return make_ca(ctx, certs[0], certs[1], &facts, out);
}

/* ASK or ASVK of a VEK, ARK of these. */
static bool
may_sign(cs_ctx *ctx, const cs_vendor_document *document, const cs_span *certs, size_t count, const char *const *purposes, bool *yes)
{
	cs_span name;

	(void) document;
	(void) count;
	(void) purposes;
	if (!cs_certificate_common_name(ctx, certs[0], &name))
		return false;
	*yes = begins_with(name, "SEV-") || begins_with(name, "ARK-");
	return true;
}

const cs_vendor_format cs_vendor_amd_kds = {
	.name = "amd-kds",
	.media_type = "application/x.amd-kds-certificate",
	.signer = "AMD's ASK, ASVK or ARK",
	.certified = true,
	.is = is_kds,
	.open = open_kds,
	.may_sign = may_sign,
};
