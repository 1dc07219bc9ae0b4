/*
 * snp.c - the AMD SEV-SNP attestation report (AMD 56860, ATTESTATION_REPORT), signed by a VCEK or VLEK whose certificate says of which chip
 * and TCB it is. What it becomes: draft-deeglaze-amd-sev-snp-corim-profile, "AMD SEV-SNP Evidence Translation".
 */
#include <stdio.h>
#include <string.h>

#include "job.h"

enum
{
	REPORT_SIZE = 0x4a0,
	SIGNED_SIZE = 0x2a0,
	SIGNATURE_HALF = 72, /* bytes of r and of s, little-endian */
	COORDINATE = 48,
	TURIN_FAMILY = 0x1a,
	ECDSA_P384_SHA384 = 1
};

#define PROFILE "tag:amd.com,2025:snp-corim-profile"
#define OID_HWID "1.3.6.1.4.1.3704.1.4"
#define OID_CSP_ID "1.3.6.1.4.1.3704.1.5"

typedef struct report
{
	cs_span bytes;
	uint64_t version;
	bool author_key;
	bool mask_chip;
	bool vlek;
	bool turin;	  /* of the family whose TCB has another layout, and whose chip id has 8 bytes */
	cs_span chip; /* CHIP_ID as instance; empty where it is masked */
	cs_span csp;  /* CSP_ID of the VLEK's certificate; empty where there is none */
} report;

static cs_span
slice(const report *r, size_t from, size_t to)
{
	return (cs_span) { r->bytes.data + from, to - from };
}

static bool
invalid(cs_job *job, const char *what)
{
	return cs_fail(job->ctx, CS_INVALID, "SEV-SNP report: %s", what);
}

static bool
open_report(cs_job *job, cs_span bytes, report *r)
{
	uint64_t flags, signing_key;

	memset(r, 0, sizeof(*r));
	if (bytes.len < REPORT_SIZE)
		return cs_fail(job->ctx, CS_MALFORMED, "SEV-SNP report is shorter than 1184 bytes");
	if (!cs_all_zero((cs_span) { bytes.data + REPORT_SIZE, bytes.len - REPORT_SIZE }))
		return invalid(job, "bytes follow its end");
	r->bytes = (cs_span) { bytes.data, REPORT_SIZE };
	r->version = cs_le(slice(r, 0, 4));
	if (r->version != 2 && r->version != 3 && r->version != 5)
		return cs_fail(job->ctx, CS_UNSUPPORTED, "version %llu of SEV-SNP reports is not read", (unsigned long long) r->version);
	if (cs_le(slice(r, 0x34, 0x38)) != ECDSA_P384_SHA384)
		return cs_fail(job->ctx, CS_UNSUPPORTED, "signature algorithm of the SEV-SNP report is not ECDSA P-384 with SHA-384");
	flags = cs_le(slice(r, 0x48, 0x4c));
	signing_key = flags >> 2 & 7;
	if (signing_key > 1)
		return cs_fail(job->ctx, CS_UNTRUSTED, "SEV-SNP report is not signed by a VCEK or VLEK");
	r->author_key = flags & 1;
	r->mask_chip = flags & 2;
	r->vlek = signing_key == 1;
	r->turin = r->version >= 3 && r->bytes.data[0x188] >= TURIN_FAMILY;
	if (r->mask_chip)
		return true;
	r->chip = slice(r, 0x1a0, 0x1e0);
	if (r->turin && cs_all_zero((cs_span) { r->chip.data + 8, r->chip.len - 8 }))
		r->chip.len = 8;
	return true;
}

/* ---- the signer ---- */

/* r and s, little-endian in 72 bytes each, as COSE has them. */
static bool
signature_of(cs_job *job, const report *r, uint8_t out[2 * COORDINATE])
{
	for (size_t half = 0; half < 2; half++)
	{
		cs_span number = slice(r, SIGNED_SIZE + half * SIGNATURE_HALF, SIGNED_SIZE + (half + 1) * SIGNATURE_HALF);

		if (!cs_all_zero((cs_span) { number.data + COORDINATE, SIGNATURE_HALF - COORDINATE }))
			return invalid(job, "its signature is longer than the curve");
		for (size_t i = 0; i < COORDINATE; i++)
			out[half * COORDINATE + i] = number.data[COORDINATE - 1 - i];
	}
	return true;
}

/* A certificate of the table, as DER or PEM. */
static bool
put_entry(cs_job *job, cs_span entry, cs_buf *der)
{
	cs_span *certs;
	size_t count;

	if (entry.len == 0 || (entry.data[0] != 0x30 && entry.data[0] != '-'))
		return true;
	if (!cs_certs_split(job->ctx, entry, &certs, &count))
		return false;
	for (size_t i = 0; i < count; i++)
		cs_put_raw(der, certs[i].data, certs[i].len);
	return cs_buf_ok(der);
}

/* A table of GUID, offset and length, ended by zeros (GHCB specification, "SNP Extended Guest Request"): the certificates in it. */
static bool
certs_of_table(cs_job *job, cs_span table, cs_span *out)
{
	cs_bytes in = cs_bytes_of(table);
	cs_buf der;

	cs_buf_init(&der, job->ctx);
	for (size_t entries = 0;; entries++)
	{
		cs_span guid = cs_bytes_take(&in, 16);
		uint64_t offset = cs_bytes_le(&in, 4), len = cs_bytes_le(&in, 4);

		if (in.failed)
			return cs_fail(job->ctx, CS_MALFORMED, "table of certificates ends inside an entry");
		if (cs_all_zero(guid))
			break;
		if (entries == job->ctx->limits.max_depth)
			return cs_fail(job->ctx, CS_LIMIT, "there are more certificates than the limit on depth");
		if (offset > table.len || len > table.len - offset)
			return cs_fail(job->ctx, CS_MALFORMED, "an entry of the table of certificates points behind its end");
		if (!put_entry(job, (cs_span) { table.data + offset, (size_t) len }, &der))
			return false;
	}
	*out = cs_buf_span(&der);
	return true;
}

/* The caller's certificates are such a table too, where they begin as none of the others does. */
static bool
is_table(cs_span bytes)
{
	return bytes.len > 24 && bytes.data[0] != 0x30 && bytes.data[0] != '-' && cs_le((cs_span) { bytes.data + 16, 4 }) < bytes.len &&
		cs_le((cs_span) { bytes.data + 20, 4 }) <= bytes.len - cs_le((cs_span) { bytes.data + 16, 4 });
}

static bool
certs_of(cs_job *job, cs_span table, cs_span **certs, size_t *count)
{
	cs_evidence_given given = *job->given;
	cs_job other = *job;
	cs_span der = { NULL, 0 };

	if (table.len == 0 && is_table(given.certificates))
	{
		table = given.certificates;
		given.certificates = der;
	}
	if (table.len > 0 && !certs_of_table(job, table, &der))
		return false;
	other.given = &given;
	return cs_job_certs(&other, der, certs, count);
}

/* An INTEGER of one byte in an extension; -1 when it is not there. */
static bool
spl_of(cs_job *job, cs_span cert, const char *oid, int *out)
{
	cs_span value;
	cs_tlv tlv;

	*out = -1;
	if (!cs_certificate_extension(job->ctx, cert, oid, &value))
		return false;
	if (value.data && cs_der_next(&value, &tlv) && tlv.tag == 0x02 && tlv.content.len > 0 && tlv.content.len <= 2 &&
		(tlv.content.len == 1 || tlv.content.data[0] == 0))
		*out = tlv.content.data[tlv.content.len - 1];
	return true;
}

/* KDS writes hwid and csp_id with or without their type and length. */
static bool
identity_of(cs_job *job, cs_span cert, const char *oid, uint8_t tag, cs_span *out)
{
	cs_span rest;
	cs_tlv tlv;

	if (!cs_certificate_extension(job->ctx, cert, oid, out))
		return false;
	rest = *out;
	if (out->len > 2 && cs_der_next(&rest, &tlv) && tlv.tag == tag && rest.len == 0)
		*out = tlv.content;
	return true;
}

/* Where the components stand in a TCB, and by which extension a certificate says them. */
static const struct
{
	const char *oid;
	int at[2]; /* byte in the TCB up to Genoa, and from Turin on; -1: it has none */
} components[] = {
	{ "1.3.6.1.4.1.3704.1.3.1", { 0, 1 } },	 /* boot loader */
	{ "1.3.6.1.4.1.3704.1.3.2", { 1, 2 } },	 /* TEE */
	{ "1.3.6.1.4.1.3704.1.3.3", { 6, 3 } },	 /* SNP firmware */
	{ "1.3.6.1.4.1.3704.1.3.8", { 7, 7 } },	 /* microcode */
	{ "1.3.6.1.4.1.3704.1.3.9", { -1, 0 } }, /* FMC */
};

/* The key is derived from the chip's secret and its TCB: the certificate must be of the REPORTED_TCB, and of the chip. */
static bool
check_cert(cs_job *job, const report *r, cs_attester *signer)
{
	cs_span tcb = slice(r, 0x180, 0x188), hwid;
	int value;

	for (size_t i = 0; i < sizeof(components) / sizeof(components[0]); i++)
	{
		int at = components[i].at[r->turin];

		if (!spl_of(job, signer->cert, components[i].oid, &value))
			return false;
		if (at >= 0 && value >= 0 && value != tcb.data[at])
			return cs_attester_doubt(job, signer, CS_BAD_SIGNATURE, "certificate of the signer is of another TCB than the report");
	}
	if (!identity_of(job, signer->cert, OID_HWID, 0x04, &hwid))
		return false;
	if (r->vlek || r->chip.len == 0 || hwid.len == 0)
		return true;
	return (hwid.len <= 64 && memcmp(hwid.data, r->chip.data, hwid.len < r->chip.len ? hwid.len : r->chip.len) == 0) ||
		cs_attester_doubt(job, signer, CS_BAD_SIGNATURE, "certificate of the signer is of another chip than the report");
}

/* ---- the ECT ---- */

static bool
environment_of(cs_job *job, const report *r, cs_span *out)
{
	static const uint8_t by_chip[] = { 0xd8, 0x6f, 0x49, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x03,
		0x01 }; /* 111(1.3.6.1.4.1.3704.3.1) */
	static const uint8_t by_csp[] = { 0xd8, 0x6f, 0x49, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x9c, 0x78, 0x03, 0x02 };
	cs_environment_parts parts = CS_NO_ENVIRONMENT;
	cs_span instance = r->vlek ? r->csp : r->chip;

	parts.class_id = (cs_span) { r->vlek ? by_csp : by_chip, sizeof(by_chip) };
	return (instance.len == 0 || cs_tagged_bytes(job, CS_TAG_BYTES, instance, &parts.instance)) && cs_put_environment(job, &parts, out);
}

typedef enum field_kind
{
	RAW,
	NUMBER,
	SVN,
	TCB,
	DIGEST,
	DECIMAL,
	FIRMWARE
} field_kind;

/* The table of the draft: mkey, slice, and what it becomes. */
static const struct
{
	uint64_t mkey;
	uint16_t from, to;
	field_kind kind;
	uint8_t since; /* version */
} fields[] = {
	{ 0, 0x000, 0x004, DECIMAL, 2 },	 /* VERSION */
	{ 1, 0x004, 0x008, SVN, 2 },		 /* GUEST_SVN */
	{ 2, 0x008, 0x010, RAW, 2 },		 /* POLICY */
	{ 3, 0x010, 0x020, RAW, 2 },		 /* FAMILY_ID */
	{ 4, 0x020, 0x030, RAW, 2 },		 /* IMAGE_ID */
	{ 5, 0x030, 0x034, NUMBER, 2 },		 /* VMPL */
	{ 6, 0x038, 0x040, TCB, 2 },		 /* CURRENT_TCB */
	{ 7, 0x040, 0x048, RAW, 2 },		 /* PLATFORM_INFO */
	{ 640, 0x050, 0x090, RAW, 2 },		 /* REPORT_DATA */
	{ 641, 0x090, 0x0c0, DIGEST, 2 },	 /* MEASUREMENT */
	{ 642, 0x0c0, 0x0e0, DIGEST, 2 },	 /* HOST_DATA */
	{ 643, 0x0e0, 0x110, DIGEST, 2 },	 /* ID_KEY_DIGEST */
	{ 644, 0x110, 0x140, DIGEST, 2 },	 /* AUTHOR_KEY_DIGEST */
	{ 645, 0x140, 0x160, RAW, 2 },		 /* REPORT_ID */
	{ 646, 0x160, 0x180, RAW, 2 },		 /* REPORT_ID_MA */
	{ 647, 0x180, 0x188, TCB, 2 },		 /* REPORTED_TCB */
	{ 648, 0x188, 0x189, NUMBER, 3 },	 /* CPUID_FAM_ID */
	{ 649, 0x189, 0x18a, NUMBER, 3 },	 /* CPUID_MOD_ID */
	{ 650, 0x18a, 0x18b, NUMBER, 3 },	 /* CPUID_STEP */
	{ 3328, 0x1a0, 0x1e0, RAW, 2 },		 /* CHIP_ID */
	{ 3329, 0x1e0, 0x1e8, TCB, 2 },		 /* COMMITTED_TCB */
	{ 3330, 0x1e8, 0x1eb, FIRMWARE, 2 }, /* CurrentVersion: build, minor, major */
	{ 3936, 0x1ec, 0x1ef, FIRMWARE, 2 }, /* CommittedVersion */
	{ 3968, 0x1f0, 0x1f8, TCB, 2 },		 /* LAUNCH_TCB */
};

/* "only if": a field that a flag takes away, or that is all zeros where the draft says so. */
static bool
is_there(const report *r, uint64_t mkey, cs_span value)
{
	if (mkey == 644)
		return r->author_key;
	if (mkey == 646)
		return !cs_all_zero(value);
	return mkey != 3328 || !r->mask_chip;
}

static void
put_value(cs_mval *mval, field_kind kind, cs_span value)
{
	char text[40];

	switch (kind)
	{
		case RAW:
			cs_mval_bytes(mval, CS_MVAL_RAW_VALUE, CS_TAG_BYTES, value);
			break;
		case NUMBER:
			cs_mval_uint(mval, CS_MVAL_INT_RANGE, cs_le(value));
			break;
		case SVN:
			cs_mval_key(mval, CS_MVAL_SVN);
			cs_put_uint(&mval->body, cs_le(value));
			break;
		case TCB:
			cs_mval_svn(mval, cs_le(value));
			break;
		case DIGEST:
			cs_mval_digest(mval, 7, value);
			break;
		case DECIMAL:
			snprintf(text, sizeof(text), "%llu", (unsigned long long) cs_le(value));
			cs_mval_version(mval, text, 4);
			break;
		case FIRMWARE:
			snprintf(text, sizeof(text), "%u.%u.%u", value.data[2], value.data[1], value.data[0]);
			cs_mval_version(mval, text, 16384);
			break;
	}
}

static bool
add_report(cs_job *job, const report *r, cs_span environment, const cs_attester *signer)
{
	cs_evidence_ect *ect;
	cs_span uri;
	cs_mval mval;

	if (!cs_profile_uri(job, PROFILE, &uri))
		return false;
	ect = cs_ect_add(job, environment, uri, signer);
	if (!ect)
		return false;
	cs_mval_start(job, &mval);
	cs_mval_flag(&mval, 3, r->bytes.data[0x0a] >> 3 & 1); /* POLICY bit 19: debug is allowed */
	if (!cs_ect_element(job, ect, (cs_span) { NULL, 0 }, &mval))
		return false;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
	{
		cs_span value = fields[i].mkey == 3328 ? r->chip : slice(r, fields[i].from, fields[i].to);

		if (r->version < fields[i].since || !is_there(r, fields[i].mkey, value))
			continue;
		cs_mval_start(job, &mval);
		put_value(&mval, fields[i].kind, value);
		if (!cs_ect_element_uint(job, ect, fields[i].mkey, &mval))
			return false;
	}
	return true;
}

/* The CSP_ID is in the VLEK's certificate alone. */
static bool
find_csp(cs_job *job, const cs_span *certs, size_t count, report *r)
{
	for (size_t i = 0; r->vlek && i < count && r->csp.len == 0; i++)
		if (!identity_of(job, certs[i], OID_CSP_ID, 0x16, &r->csp))
			return false;
	return true;
}

/* {outblob, auxblob, ...} of Linux's configfs-tsm, as CBOR */
static bool
unwrap(cs_job *job, cs_span *bytes, cs_span *table)
{
	cs_item map, value;

	*table = (cs_span) { NULL, 0 };
	if (bytes->len == 0 || bytes->data[0] >> 5 != CS_MAP)
		return true;
	if (!cs_claims_open(job, *bytes, "report of configfs-tsm", &map))
		return false;
	if (cs_map_get_text(&map, "auxblob", &value) && cs_is(&value, CS_BSTR) && !cs_string(job->ctx, &value, table))
		return false;
	if (!cs_map_get_text(&map, "outblob", &value) || !cs_is(&value, CS_BSTR))
		return invalid(job, "there is no outblob in the map");
	return cs_string(job->ctx, &value, bytes);
}

bool
cs_evidence_snp(cs_job *job, cs_span bytes, const cs_attester *by)
{
	uint8_t signature[2 * COORDINATE];
	cs_span environment, table, *certs, signer_csp;
	cs_statement statement;
	cs_attester signer;
	size_t count;
	report r;

	(void) by; /* a report says itself who signed it */
	if (!unwrap(job, &bytes, &table) || !open_report(job, bytes, &r) || !signature_of(job, &r, signature) ||
		!certs_of(job, table, &certs, &count) || !find_csp(job, certs, count, &r) || !environment_of(job, &r, &environment))
		return false;
	statement = (cs_statement) { .alg = CS_ALG_ES384,
		.message = slice(&r, 0, SIGNED_SIZE),
		.signature = { signature, sizeof(signature) },
		.certs = certs,
		.cert_count = count };
	if (!cs_attester_find(job, environment, &statement, &signer))
		return false;
	if (signer.cert.len > 0 && !check_cert(job, &r, &signer))
		return false;
	if (signer.cert.len > 0 && r.vlek)
	{
		if (!identity_of(job, signer.cert, OID_CSP_ID, 0x16, &signer_csp))
			return false;
		if (!cs_span_eq(signer_csp, r.csp) &&
			!cs_attester_doubt(job, &signer, CS_BAD_SIGNATURE, "certificate of the signer is of another provider than the others"))
			return false;
	}
	return cs_attester_nonce(job, &signer, slice(&r, 0x50, 0x90), true) && add_report(job, &r, environment, &signer);
}
