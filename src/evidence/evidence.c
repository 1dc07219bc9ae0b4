/*
 * evidence.c - the formats, one row each, and what holds for all of them.
 */
#include <string.h>

#include "job.h"

typedef struct format
{
	cs_evidence_format public_part;
	int64_t content_format; /* CoAP Content-Format; -1: none */
	cs_format_reader read;	/* NULL where it is refused */
} format;

#define READ(n, t, m, s, k, cf, r) { { (n), (t), (m), (s), (k), NULL }, (cf), (r) }
#define REFUSED(n, t, why) { { (n), (t), NULL, NULL, NULL, (why) }, -1, NULL }

static const format formats[] = {
	READ("concise-evidence", "TCG DICE Concise Evidence: 571, spdm-toc (570), or an EAT that measures by them", CS_TYPE_CONCISE_EVIDENCE,
		"draft-ietf-rats-evidence-trans", "certificates", CS_FORMAT_CONCISE_EVIDENCE, cs_evidence_concise),
	READ("cmw", "Conceptual Message Wrapper around any format here, in CBOR or JSON", "application/cmw+cbor", "draft-ietf-rats-msg-wrap",
		"certificates", -1, cs_evidence_cmw),
	READ("psa", "PSA attestation token (RFC 9783, PSA 2.0.0, PSA_IOT_PROFILE_1)", "application/psa-attestation-token",
		"draft-fdb-rats-psa-endorsements", "certificates", -1, cs_evidence_psa),
	READ("cca", "Arm CCA attestation token, platform and realm", "application/eat-collection", "draft-ydb-rats-cca-endorsements",
		"certificates", -1, cs_evidence_cca),
	READ("sev-snp", "AMD SEV-SNP attestation report, versions 2, 3 and 5, also as configfs-tsm gives it in CBOR",
		"application/vnd.amd.sev-snp.attestation-report", "draft-deeglaze-amd-sev-snp-corim-profile", "certificates", 10572,
		cs_evidence_snp),
	READ("dice", "Certificates of a device with DICE Evidence: TcbInfo, MultiTcbInfo, Ueid, CMW", "application/pem-certificate-chain",
		"draft-ietf-rats-evidence-trans", "certificates", -1, cs_evidence_dice),
	READ("sgx", "Intel SGX quote, versions 3 to 5", NULL, "draft-cds-rats-intel-corim-profile", "certificates", -1, cs_evidence_sgx),
	READ("tdx", "Intel TDX quote, versions 4 and 5", NULL, "draft-cds-rats-intel-corim-profile", "certificates, event_log", -1,
		cs_evidence_tdx),
	READ("tpm-quote", "TPM 2.0 quote: TPMS_ATTEST and TPMT_SIGNATURE", NULL, "coserv",
		"certificates, signature, registers, event_log, known_environment", -1, cs_evidence_tpm_quote),
	READ("tcg-event-log", "TCG event log or CCEL, replayed; alone it is not signed", NULL, "coserv", "known_environment", -1,
		cs_evidence_event_log),
	READ("nvidia", "NVIDIA GPU or switch attestation report: SPDM 1.1 GET_MEASUREMENTS and MEASUREMENTS", NULL, "coserv", "certificates",
		-1, cs_evidence_nvidia),
	READ("spdm", "SPDM measurement blocks; alone they are not signed", NULL, "draft-ietf-rats-evidence-trans", "known_environment", -1,
		cs_evidence_spdm),
	READ("measured-component", "Measured component; alone it is not signed", CS_TYPE_MEASURED_COMPONENT, "coserv", "known_environment", -1,
		cs_evidence_component_format),
	READ("aws-nitro", "AWS Nitro Enclaves attestation document", NULL, "coserv", "certificates", -1, cs_evidence_nitro),
	REFUSED("td-report", "Intel TDREPORT", "a TDREPORT is MACed with a key that never leaves its platform: a quote over it is Evidence"),
	REFUSED("hygon-csv", "Hygon CSV attestation report", "its SM2 and SM3 are not read"),
	REFUSED("open-dice", "Open DICE certificates (Google), X.509 or CWT", "no draft says what they become"),
	REFUSED("parsec", "Parsec key and platform attestation tokens", "its wrapper is not read: take the TPM quote out of it"),
	REFUSED("ima-log", "Linux IMA measurement list", "its replay to PCR 10 is not done"),
};

#define COUNT (sizeof(formats) / sizeof(formats[0]))

const cs_evidence_format *
cs_evidence_format_at(size_t index)
{
	return index < COUNT ? &formats[index].public_part : NULL;
}

static bool
run(cs_job *job, const format *f, cs_span bytes, const cs_attester *by)
{
	if (f->read)
		return f->read(job, bytes, by);
	cs_fail(job->ctx, CS_UNSUPPORTED, "evidence format \"%s\" is not read", f->public_part.name);
	return cs_fail_found(job->ctx, "%s", f->public_part.refused);
}

/* Parameters of a media type say of a token what its claims say too. */
static bool
type_is(cs_span given, const char *type)
{
	size_t len = strlen(type);

	return given.len >= len && strncasecmp((const char *) given.data, type, len) == 0 && (given.len == len || given.data[len] == ';');
}

bool
cs_evidence_of_type(cs_job *job, cs_span media_type, int64_t content_format, cs_span bytes, const cs_attester *by)
{
	for (size_t i = 0; i < COUNT; i++)
	{
		const char *type = formats[i].public_part.media_type;

		if (content_format >= 0 ? content_format == formats[i].content_format : type && type_is(media_type, type))
			return run(job, &formats[i], bytes, by);
	}
	cs_fail(job->ctx, CS_UNSUPPORTED, "conceptual message is of a type that is not read");
	if (content_format >= 0)
		return cs_fail_found(job->ctx, "content format %lld", (long long) content_format);
	return cs_fail_found(job->ctx, "%.*s", (int) (media_type.len < 100 ? media_type.len : 100), (const char *) media_type.data);
}

/* Evidence that has no nonce answers none. */
static bool
check_nonces(cs_job *job)
{
	for (size_t i = 0; job->given->has_nonce && i < job->out->count; i++)
	{
		cs_evidence_ect *ect = job->out->ects[i];

		if (ect->has_nonce || ect->authority.len == 0)
			continue;
		if (!job->given->unverified)
			return cs_fail(job->ctx, CS_EXPIRED, "evidence has no nonce, and one was asked for");
		ect->authority = ect->verified_key = (cs_span) { NULL, 0 };
		if (!cs_ect_note(job, ect, "not verified: evidence has no nonce, and one was asked for"))
			return false;
	}
	return true;
}

/* What lies within the bounds of nesting in the Evidence may lie beyond them in an ECT, which holds it deeper. */
static bool
check_depth(cs_job *job)
{
	cs_buf ects;

	cs_buf_init(&ects, job->ctx);
	return cs_evidence_put_ects(job->out, &ects) && cs_check(job->ctx, ects.data, ects.len);
}

bool
cs_evidence_read(cs_ctx *ctx, const char *name, const cs_evidence_given *given, cs_evidence *out)
{
	cs_job job = { .ctx = ctx, .given = given, .out = out };

	memset(out, 0, sizeof(*out));
	memset(&ctx->error, 0, sizeof(ctx->error));
	for (size_t i = 0; i < COUNT; i++)
		if (strcmp(name, formats[i].public_part.name) == 0)
			return run(&job, &formats[i], given->evidence, NULL) && check_nonces(&job) && check_depth(&job);
	cs_fail(ctx, CS_UNSUPPORTED, "evidence format is not known");
	cs_fail_found(ctx, "%.100s", name);
	return cs_fail_hint(ctx, "coserv.evidence_formats() lists those that are");
}
