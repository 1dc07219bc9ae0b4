/*
 * quote.c - SGX and TDX quotes (Intel SGX DCAP ECDSA Quote Library API, versions 3 to 5): a report, signed by an attestation key, whose
 * hash is in the report of a quoting enclave, which a PCK certificate's key signed. What they become:
 * draft-cds-rats-intel-corim-profile and its examples of Concise Evidence; what those leave open is coserv's (doc/evidence.md).
 */
#include <stdio.h>
#include <string.h>

#include "event_log.h"

enum
{
	HEADER = 48,
	ENCLAVE_REPORT = 384,
	TD_REPORT_10 = 584,
	TD_REPORT_15 = 648,
	TEE_SGX = 0,
	TEE_TDX = 0x81,
	ECDSA_P256 = 2,
	CERTS_PEM = 5,
	CERTS_QE_REPORT = 6,
	COMPONENTS = 16,
	PCESVN = 17 /* behind the components, in an arc of its own */
};

#define VENDOR "Intel Corporation"
#define OID_SGX_EXTENSIONS "1.2.840.113741.1.13.1"

typedef struct quote
{
	uint64_t version;
	uint64_t tee;
	cs_span signed_part; /* header and body, with the body's descriptor */
	cs_span body;
	cs_span signature;
	cs_span key; /* x || y */
	cs_span qe_report;
	cs_span qe_signature;
	cs_span qe_auth;
	uint64_t certs_type;
	cs_span certs;
	bool trailing; /* bytes other than zeros follow */
} quote;

static bool
malformed(cs_job *job, const char *what)
{
	return cs_fail(job->ctx, CS_MALFORMED, "quote: %s", what);
}

/* ---- reading ---- */

static bool
open_header(cs_job *job, cs_bytes *in, quote *q)
{
	uint64_t key_type;

	q->version = cs_bytes_le(in, 2);
	key_type = cs_bytes_le(in, 2);
	q->tee = cs_bytes_le(in, 4);
	(void) cs_bytes_take(in, HEADER - 8);
	if (in->failed)
		return malformed(job, "it ends inside its header");
	if (q->version < 3 || q->version > 5)
		return cs_fail(job->ctx, CS_UNSUPPORTED, "version %llu of quotes is not read", (unsigned long long) q->version);
	if (key_type != ECDSA_P256)
		return cs_fail(job->ctx, CS_UNSUPPORTED, "attestation key of the quote is not ECDSA P-256");
	if (q->tee != TEE_SGX && (q->tee != TEE_TDX || q->version == 3))
		return cs_fail(job->ctx, CS_UNSUPPORTED, "quote is of another TEE than SGX and TDX");
	return true;
}

/* Version 5 says of what type and size the body is; in those before, the TEE says it. */
static bool
open_body(cs_job *job, cs_span whole, cs_bytes *in, quote *q)
{
	static const uint64_t sizes[] = { 0, ENCLAVE_REPORT, TD_REPORT_10, TD_REPORT_15 };
	uint64_t type = q->tee == TEE_SGX ? 1 : 2, size;

	if (q->version == 5)
	{
		type = cs_bytes_le(in, 2);
		size = cs_bytes_le(in, 4);
		if (!in->failed && (type < 1 || type > 3 || size != sizes[type] || (type == 1) != (q->tee == TEE_SGX)))
			return malformed(job, "type and size of its body do not agree");
	}
	q->body = cs_bytes_take(in, in->failed ? 0 : (size_t) sizes[type]);
	if (in->failed)
		return malformed(job, "it ends inside its body");
	q->signed_part = (cs_span) { whole.data, (size_t) (in->p - whole.data) };
	return true;
}

/* Version 4 wraps what version 3 has behind the key into certification data of type 6. */
static bool
open_signature(cs_job *job, cs_bytes *in, quote *q)
{
	cs_bytes data = cs_bytes_of(cs_bytes_take(in, (size_t) cs_bytes_le(in, 4)));
	uint64_t type;

	q->signature = cs_bytes_take(&data, 64);
	q->key = cs_bytes_take(&data, 64);
	if (q->version > 3)
	{
		type = cs_bytes_le(&data, 2);
		data = cs_bytes_of(cs_bytes_take(&data, (size_t) cs_bytes_le(&data, 4)));
		if (data.p != NULL && type != CERTS_QE_REPORT)
			return cs_fail(job->ctx, CS_UNSUPPORTED, "certification data of the quote are of type %llu, not 6", (unsigned long long) type);
	}
	q->qe_report = cs_bytes_take(&data, ENCLAVE_REPORT);
	q->qe_signature = cs_bytes_take(&data, 64);
	q->qe_auth = cs_bytes_take(&data, (size_t) cs_bytes_le(&data, 2));
	q->certs_type = cs_bytes_le(&data, 2);
	q->certs = cs_bytes_take(&data, (size_t) cs_bytes_le(&data, 4));
	return (!in->failed && !data.failed && q->qe_report.data) || malformed(job, "it ends inside its signature data");
}

static bool
open_quote(cs_job *job, cs_span bytes, quote *q)
{
	cs_bytes in = cs_bytes_of(bytes);

	memset(q, 0, sizeof(*q));
	if (!open_header(job, &in, q) || !open_body(job, bytes, &in, q) || !open_signature(job, &in, q))
		return false;
	q->trailing = !cs_all_zero((cs_span) { in.p, in.left });
	return true;
}

/* ---- the PCK certificate ---- */

typedef struct pck
{
	bool found;
	cs_span cert;
	uint8_t svns[COMPONENTS];
	uint64_t pcesvn;
	cs_span fmspc;	  /* 6 bytes */
	cs_span pceid;	  /* 2 bytes */
	cs_span instance; /* 16 bytes, of multi-package platforms; else empty */
} pck;

/* The number at the end of an OID below 1.2.840.113741.1.13.1, of one or two arcs; 0 when it is none of those. */
static unsigned
arc_of(cs_span oid, size_t depth)
{
	static const uint8_t base[] = { 0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01 };

	if (oid.len != sizeof(base) + depth || memcmp(oid.data, base, sizeof(base)) != 0 || oid.data[oid.len - 1] > 0x7f)
		return 0;
	return depth == 1 || oid.data[sizeof(base)] == 2 ? oid.data[oid.len - 1] : 0;
}

/* The next SEQUENCE { OID, value }. */
static bool
next_pair(cs_span *in, cs_span *oid, cs_tlv *value)
{
	cs_tlv pair, name;

	if (!cs_der_next(in, &pair) || pair.tag != 0x30 || !cs_der_next(&pair.content, &name) || name.tag != 0x06 ||
		!cs_der_next(&pair.content, value))
		return false;
	*oid = name.content;
	return true;
}

/* An INTEGER from 0 to 65535. */
static bool
der_small(cs_span content, uint64_t *out)
{
	*out = 0;
	if (content.len < 1 || content.len > 3 || content.data[0] > 0x7f || (content.len == 3 && content.data[0] != 0))
		return false;
	for (size_t i = 0; i < content.len; i++)
		*out = *out << 8 | content.data[i];
	return true;
}

static bool
read_tcb(cs_span tcb, pck *out)
{
	unsigned seen = 0;
	cs_tlv value;
	cs_span oid;

	while (tcb.len > 0)
	{
		unsigned arc;

		if (!next_pair(&tcb, &oid, &value))
			return false;
		arc = arc_of(oid, 2);
		if (arc == PCESVN && (value.tag != 0x02 || !der_small(value.content, &out->pcesvn)))
			return false;
		if (arc == PCESVN)
			seen |= 1u << COMPONENTS;
		if (arc < 1 || arc > COMPONENTS)
			continue;
		if (value.tag != 0x02 || value.content.len < 1 || value.content.len > 2 || (value.content.len == 2 && value.content.data[0] != 0))
			return false;
		out->svns[arc - 1] = value.content.data[value.content.len - 1];
		seen |= 1u << (arc - 1);
	}
	return seen == 0x1ffff;
}

/* Intel SGX PCK Certificate and CRL Profile, section 1.3.5 "SGX Extensions". */
static bool
read_extensions(cs_span der, pck *out)
{
	cs_tlv all, value;
	bool tcb = false;
	cs_span oid;

	if (!cs_der_next(&der, &all) || all.tag != 0x30)
		return false;
	while (all.content.len > 0)
	{
		unsigned arc;

		if (!next_pair(&all.content, &oid, &value))
			return false;
		arc = arc_of(oid, 1);
		if (arc == 2 && value.tag == 0x30)
			tcb = read_tcb(value.content, out);
		else if (arc == 3 && value.tag == 0x04)
			out->pceid = value.content;
		else if (arc == 4 && value.tag == 0x04)
			out->fmspc = value.content;
		else if (arc == 6 && value.tag == 0x04)
			out->instance = value.content;
	}
	return tcb && out->pceid.len == 2 && out->fmspc.len == 6;
}

/* Among the certificates, the one that says of which platform and TCB it is. */
static bool
find_pck(cs_job *job, const cs_statement *statement, pck *out)
{
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < statement->cert_count && !out->found; i++)
	{
		cs_span value;

		if (!cs_certificate_extension(job->ctx, statement->certs[i], OID_SGX_EXTENSIONS, &value))
			return false;
		out->found = value.data && read_extensions(value, out);
		out->cert = statement->certs[i];
	}
	return true;
}

/* ---- who signed ---- */

typedef struct chain
{
	cs_statement statement; /* the QE report, signed with the PCK's key */
	cs_span key;			/* 558: the attestation key */
	bool bound;				/* the QE report has the attestation key's hash */
} chain;

static bool
attestation_key(cs_job *job, const quote *q, cs_span *out)
{
	cs_buf buf;

	cs_buf_init(&buf, job->ctx);
	cs_put_tag(&buf, CS_TAG_COSE_KEY);
	cs_put_map(&buf, 4);
	cs_put_int(&buf, 1);
	cs_put_int(&buf, 2);
	cs_put_int(&buf, -1);
	cs_put_int(&buf, 1);
	cs_put_int(&buf, -2);
	cs_put_bytes(&buf, q->key.data, 32);
	cs_put_int(&buf, -3);
	cs_put_bytes(&buf, q->key.data + 32, 32);
	*out = cs_buf_span(&buf);
	return cs_buf_ok(&buf);
}

static bool
open_chain(cs_job *job, const quote *q, chain *out)
{
	cs_span data = q->qe_report, certs = { NULL, 0 };
	uint8_t hash[32];
	cs_buf hashed;
	cs_span *list;

	cs_buf_init(&hashed, job->ctx);
	cs_put_raw(&hashed, q->key.data, q->key.len);
	cs_put_raw(&hashed, q->qe_auth.data, q->qe_auth.len);
	if (!cs_buf_ok(&hashed) || !cs_sha256(job->ctx, cs_buf_span(&hashed), hash))
		return false;
	data = (cs_span) { data.data + ENCLAVE_REPORT - 64, 64 };
	out->bound = memcmp(data.data, hash, 32) == 0 && cs_all_zero((cs_span) { data.data + 32, 32 });
	if (q->certs_type == CERTS_PEM)
		certs = q->certs;
	while (certs.len > 0 && certs.data[certs.len - 1] == 0)
		certs.len--;
	out->statement = (cs_statement) { .alg = CS_ALG_ES256, .message = q->qe_report, .signature = q->qe_signature };
	if (!cs_job_certs(job, certs, &list, &out->statement.cert_count) || !attestation_key(job, q, &out->key))
		return false;
	out->statement.certs = list;
	return true;
}

static bool
sign_qe(cs_job *job, const chain *c, cs_span environment, cs_attester *out)
{
	return cs_attester_find(job, environment, &c->statement, out) &&
		(c->bound ||
			cs_attester_doubt(
				job, out, CS_BAD_SIGNATURE, "attestation key of the quote is not the one in the report of its quoting enclave"));
}

static bool
sign_body(cs_job *job, const quote *q, const chain *c, cs_span environment, cs_attester *out)
{
	cs_statement statement = { .alg = CS_ALG_ES256, .message = q->signed_part, .signature = q->signature };
	cs_attester qe;

	return sign_qe(job, c, environment, &qe) && cs_attester_vouched(job, &statement, c->key, &qe, out);
}

/* ---- ECTs ---- */

static bool
environment_of(cs_job *job, const char *model, cs_span *out)
{
	cs_environment_parts parts = CS_NO_ENVIRONMENT;

	parts.vendor = (cs_span) { (const uint8_t *) VENDOR, strlen(VENDOR) };
	parts.model = (cs_span) { (const uint8_t *) model, strlen(model) };
	return cs_put_environment(job, &parts, out);
}

static cs_evidence_ect *
add(cs_job *job, cs_span environment, const cs_attester *signer)
{
	/* 111(2.16.840.1.113741.1.16.1) */
	static const uint8_t profile[] = { 0xd8, 0x6f, 0x4a, 0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x4d, 0x01, 0x10, 0x01 };

	return cs_ect_add(job, environment, (cs_span) { profile, sizeof(profile) }, signer);
}

static void
put_digest(cs_mval *mval, int64_t codepoint, uint64_t alg, cs_span value)
{
	cs_mval_key(mval, codepoint);
	cs_put_array(&mval->body, 2);
	cs_put_uint(&mval->body, alg);
	cs_put_bytes(&mval->body, value.data, value.len);
}

static bool
add_raw(cs_job *job, cs_evidence_ect *ect, const char *mkey, cs_span value)
{
	cs_mval mval;

	cs_mval_start(job, &mval);
	cs_mval_bytes(&mval, CS_MVAL_RAW_VALUE, CS_TAG_BYTES, value);
	return cs_ect_element_text(job, ect, mkey, &mval);
}

static cs_span
slice(cs_span body, size_t from, size_t len)
{
	return (cs_span) { body.data + from, len };
}

/* Offsets in a TD report, version 1.0 and the start of 1.5. */
enum
{
	TD_TEE_TCB_SVN = 0,
	TD_MRSEAM = 16,
	TD_MRSIGNERSEAM = 64,
	TD_SEAM_ATTRIBUTES = 112,
	TD_ATTRIBUTES = 120,
	TD_XFAM = 128,
	TD_MRTD = 136,
	TD_MRCONFIGID = 184,
	TD_MROWNER = 232,
	TD_MROWNERCONFIG = 280,
	TD_RTMR0 = 328,
	TD_REPORT_DATA = 520,
	TD_TEE_TCB_SVN_2 = 584,
	TD_MRSERVICETD = 600
};

static cs_span
report_data(const quote *q)
{
	return q->tee == TEE_SGX ? slice(q->body, ENCLAVE_REPORT - 64, 64) : slice(q->body, TD_REPORT_DATA, 64);
}

/* An enclave's report: MISCSELECT, ATTRIBUTES, MRENCLAVE, MRSIGNER, ISVPRODID, ISVSVN. */
static bool
put_enclave(cs_job *job, cs_evidence_ect *ect, cs_span report)
{
	cs_mval mval;

	cs_mval_start(job, &mval);
	cs_mval_bytes(&mval, -81, 0, slice(report, 16, 4));
	cs_mval_bytes(&mval, -82, 0, slice(report, 48, 16));
	put_digest(&mval, -83, 1, slice(report, 64, 32));
	put_digest(&mval, -84, 1, slice(report, 128, 32));
	cs_mval_uint(&mval, -85, cs_le(slice(report, 256, 2)));
	cs_mval_uint(&mval, -73, cs_le(slice(report, 258, 2)));
	cs_mval_flag(&mval, 3, report.data[48] >> 1 & 1); /* ATTRIBUTES.DEBUG */
	return cs_ect_element(job, ect, (cs_span) { NULL, 0 }, &mval);
}

static bool
add_enclave(cs_job *job, const quote *q, const chain *c)
{
	cs_evidence_ect *ect;
	cs_span environment;
	cs_attester signer;

	if (!environment_of(job, "SGX enclave", &environment) || !sign_body(job, q, c, environment, &signer) ||
		!cs_attester_nonce(job, &signer, report_data(q), true))
		return false;
	ect = add(job, environment, &signer);
	return ect && put_enclave(job, ect, q->body) && add_raw(job, ect, "cpusvn", slice(q->body, 0, 16)) &&
		add_raw(job, ect, "report_data", report_data(q));
}

static bool
put_td(cs_job *job, cs_evidence_ect *ect, cs_span body)
{
	cs_mval mval;

	cs_mval_start(job, &mval);
	cs_mval_bytes(&mval, -82, 0, slice(body, TD_ATTRIBUTES, 8));
	put_digest(&mval, -83, 7, slice(body, TD_MRTD, 48));
	cs_mval_flag(&mval, 3, body.data[TD_ATTRIBUTES] & 1); /* TDATTRIBUTES.DEBUG */
	cs_mval_key(&mval, CS_MVAL_INTEGRITY_REGISTERS);
	cs_put_map(&mval.body, 4);
	for (uint64_t i = 0; i < 4; i++)
	{
		cs_put_uint(&mval.body, i);
		cs_put_array(&mval.body, 1);
		cs_put_array(&mval.body, 2);
		cs_put_uint(&mval.body, 7);
		cs_put_bytes(&mval.body, body.data + TD_RTMR0 + 48 * i, 48);
	}
	return cs_ect_element(job, ect, (cs_span) { NULL, 0 }, &mval);
}

/* A CCEL counts registers of measurements from 1: 1 is RTMR0 (UEFI specification, section 38.4.1). The log is true where it replays to
 * all that it names. */
static bool
replay(cs_job *job, cs_evidence_ect *ect, cs_span body)
{
	cs_event_log log;
	unsigned named = 0;

	if (!cs_event_log_read(job, job->given->event_log, &log))
		return false;
	for (uint32_t i = 1; i <= 4; i++)
	{
		cs_span rtmr = slice(body, TD_RTMR0 + 48 * (size_t) (i - 1), 48), value;

		if (!cs_event_log_register(&log, CS_TPM_SHA384, i, &value))
			continue;
		named++;
		if (!cs_span_eq(rtmr, value) && !cs_attester_refute(job, ect, "event log does not replay to RTMR%u", i - 1))
			return false;
	}
	if (named == 0)
		return cs_attester_refute(job, ect, "event log has no measurement under SHA-384");
	return cs_ect_note(job, ect, "event log: %zu events replay to %u of the RTMRs", log.event_count, named);
}

static bool
add_td(cs_job *job, const quote *q, const chain *c)
{
	static const struct
	{
		const char *mkey;
		size_t from, len;
	} raw[] = { { "xfam", TD_XFAM, 8 }, { "mrconfigid", TD_MRCONFIGID, 48 }, { "mrowner", TD_MROWNER, 48 },
		{ "mrownerconfig", TD_MROWNERCONFIG, 48 }, { "report_data", TD_REPORT_DATA, 64 }, { "mrservicetd", TD_MRSERVICETD, 48 } };
	cs_evidence_ect *ect;
	cs_span environment;
	cs_attester signer;

	if (!environment_of(job, "TDX TD", &environment) || !sign_body(job, q, c, environment, &signer) ||
		!cs_attester_nonce(job, &signer, report_data(q), true))
		return false;
	ect = add(job, environment, &signer);
	if (!ect || !put_td(job, ect, q->body))
		return false;
	for (size_t i = 0; i < sizeof(raw) / sizeof(raw[0]); i++)
		if (raw[i].from + raw[i].len <= q->body.len && !add_raw(job, ect, raw[i].mkey, slice(q->body, raw[i].from, raw[i].len)))
			return false;
	if (q->trailing && !cs_ect_note(job, ect, "bytes follow the quote, which nobody signed"))
		return false;
	return job->given->event_log.len == 0 || replay(job, ect, q->body);
}

/* The first byte of TEE_TCB_SVN is the module's SVN, the second the major version, by which Intel's TCB info calls it TDX_01 and so on. */
static bool
add_seam(cs_job *job, const quote *q, const chain *c)
{
	cs_span environment, name;
	cs_evidence_ect *ect;
	cs_attester signer;
	char text[16];
	cs_mval mval;

	if (!environment_of(job, "TDX SEAM", &environment) || !sign_body(job, q, c, environment, &signer) ||
		!cs_attester_nonce(job, &signer, report_data(q), true))
		return false;
	ect = add(job, environment, &signer);
	if (!ect)
		return false;
	cs_mval_start(job, &mval);
	cs_mval_bytes(&mval, -82, 0, slice(q->body, TD_SEAM_ATTRIBUTES, 8));
	put_digest(&mval, -83, 7, slice(q->body, TD_MRSEAM, 48));
	put_digest(&mval, -84, 7, slice(q->body, TD_MRSIGNERSEAM, 48));
	cs_mval_uint(&mval, -73, q->body.data[TD_TEE_TCB_SVN]);
	if (q->body.data[TD_TEE_TCB_SVN + 1] > 0)
	{
		snprintf(text, sizeof(text), "TDX_%02X", q->body.data[TD_TEE_TCB_SVN + 1]);
		name = (cs_span) { (const uint8_t *) text, strlen(text) };
		cs_mval_key(&mval, CS_MVAL_NAME);
		cs_put_text(&mval.body, (const char *) name.data, name.len);
	}
	return cs_ect_element(job, ect, (cs_span) { NULL, 0 }, &mval);
}

static bool
add_qe(cs_job *job, const quote *q, const chain *c)
{
	cs_evidence_ect *ect;
	cs_span environment;
	cs_attester signer;

	/* the nonce is the body's, which the attestation key answers */
	if (!environment_of(job, q->tee == TEE_SGX ? "SGX QE TCB" : "TDX QE TCB", &environment) || !sign_qe(job, c, environment, &signer) ||
		!cs_attester_nonce(job, &signer, report_data(q), true))
		return false;
	ect = add(job, environment, &signer);
	return ect && put_enclave(job, ect, q->qe_report);
}

static void
put_components(cs_mval *mval, const uint8_t *svns)
{
	cs_mval_key(mval, -125);
	cs_put_array(&mval->body, COMPONENTS);
	for (size_t i = 0; i < COMPONENTS; i++)
		cs_put_uint(&mval->body, svns[i]);
}

static bool
add_components(cs_job *job, cs_evidence_ect *ect, const char *mkey, cs_span svns)
{
	cs_mval mval;

	cs_mval_start(job, &mval);
	put_components(&mval, svns.data);
	return cs_ect_element_text(job, ect, mkey, &mval);
}

static bool
put_platform(cs_job *job, cs_evidence_ect *ect, const quote *q, const pck *p)
{
	char pceid[8];
	cs_mval mval;

	snprintf(pceid, sizeof(pceid), "%02X%02X", p->pceid.data[0], p->pceid.data[1]);
	cs_mval_start(job, &mval);
	cs_mval_key(&mval, -71);
	cs_put_cstr(&mval.body, q->tee == TEE_SGX ? "SGX" : "TDX");
	cs_mval_key(&mval, -80);
	cs_put_cstr(&mval.body, pceid);
	put_components(&mval, p->svns);
	if (p->instance.len == 16)
		cs_mval_bytes(&mval, -101, 0, p->instance);
	if (!cs_ect_element(job, ect, (cs_span) { NULL, 0 }, &mval))
		return false;
	cs_mval_start(job, &mval);
	cs_mval_uint(&mval, -73, p->pcesvn);
	if (!cs_ect_element_text(job, ect, "pcesvn", &mval))
		return false;
	if (q->tee == TEE_TDX && !add_components(job, ect, "tee_tcb_svn", slice(q->body, TD_TEE_TCB_SVN, COMPONENTS)))
		return false;
	return q->body.len != TD_REPORT_15 || add_components(job, ect, "tee_tcb_svn_2", slice(q->body, TD_TEE_TCB_SVN_2, COMPONENTS));
}

/* What the PCK certificate says of the platform: its SVNs, where those of the report are raw and not comparable one by one. */
static bool
add_platform(cs_job *job, const quote *q, const chain *c)
{
	char model[16] = "";
	cs_evidence_ect *ect;
	cs_span environment;
	cs_attester qe, signer;
	bool same = false;
	pck p;

	if (!find_pck(job, &c->statement, &p))
		return false;
	if (!p.found)
		return cs_ect_note(job, job->out->ects[job->out->count - 1], "no PCK certificate says of which platform and TCB it is");
	for (size_t i = 0; i < p.fmspc.len; i++)
		snprintf(model + 2 * i, 3, "%02X", p.fmspc.data[i]);
	/* the TCB of TDX is in the body: the platform speaks with both signatures, under the authority of the PCK */
	if (!environment_of(job, model, &environment) || !sign_body(job, q, c, environment, &signer) || !sign_qe(job, c, environment, &qe))
		return false;
	if (signer.verified)
		signer = qe;
	if (signer.verified && !cs_attester_has_cert(job, &qe, p.cert, &same))
		return false;
	if (signer.verified && !same &&
		!cs_attester_doubt(job, &signer, CS_BAD_SIGNATURE, "quoting enclave is not signed with the key of the PCK certificate"))
		return false;
	if (!cs_attester_nonce(job, &signer, report_data(q), true))
		return false;
	ect = add(job, environment, &signer);
	return ect && put_platform(job, ect, q, &p);
}

static bool
read_quote(cs_job *job, cs_span bytes, uint64_t tee)
{
	quote q;
	chain c;

	if (!open_quote(job, bytes, &q))
		return false;
	if (q.tee != tee)
		return cs_fail(job->ctx, CS_INVALID, "quote is of the other TEE (%s)", q.tee == TEE_SGX ? "SGX" : "TDX");
	if (!open_chain(job, &q, &c))
		return false;
	if (tee == TEE_SGX ? !add_enclave(job, &q, &c) : !add_td(job, &q, &c) || !add_seam(job, &q, &c))
		return false;
	return add_qe(job, &q, &c) && add_platform(job, &q, &c);
}

bool
cs_evidence_sgx(cs_job *job, cs_span bytes, const cs_attester *by)
{
	(void) by; /* a quote says itself who signed it */
	return read_quote(job, bytes, TEE_SGX);
}

bool
cs_evidence_tdx(cs_job *job, cs_span bytes, const cs_attester *by)
{
	(void) by;
	return read_quote(job, bytes, TEE_TDX);
}
