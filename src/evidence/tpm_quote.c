/*
 * tpm_quote.c - TPM 2.0 quotes: TPMS_ATTEST and its TPMT_SIGNATURE (TPM 2.0 Library, Part 2, sections 10.12.8 and 11.3.4), and the PCR
 * values that its digest is of. The mapping is coserv's; mkey and digests are those of Parsec's and EnactTrust's CoRIMs.
 */
#include <string.h>

#include "event_log.h"

enum
{
	ATTEST_MAGIC = 0xff544347, /* TPM_GENERATED_VALUE */
	ATTEST_QUOTE = 0x8018,
	RSASSA = 0x0014,
	RSAPSS = 0x0016,
	ECDSA = 0x0018,
	MAX_SELECTIONS = 8
};

typedef struct selection
{
	uint64_t alg;
	uint32_t pcrs; /* a bit each */
} selection;

typedef struct quote
{
	cs_span attest;
	cs_span extra_data;
	selection selections[MAX_SELECTIONS];
	size_t selection_count;
	cs_span pcr_digest;
	int64_t sig_alg; /* COSE */
	uint64_t hash;	 /* of the signature, and of the digest of PCRs */
	cs_span signature;
} quote;

static bool
malformed(cs_job *job, const char *what)
{
	return cs_fail(job->ctx, CS_MALFORMED, "TPM quote: %s", what);
}

static cs_span
sized(cs_bytes *in)
{
	return cs_bytes_take(in, (size_t) cs_bytes_be(in, 2));
}

static bool
read_selections(cs_job *job, cs_bytes *in, quote *q)
{
	uint64_t count = cs_bytes_be(in, 4);

	if (in->failed || count > MAX_SELECTIONS)
		return malformed(job, "it selects PCRs of too many banks");
	for (uint64_t i = 0; i < count; i++)
	{
		selection *s = &q->selections[i];
		cs_span bits;

		s->alg = cs_bytes_be(in, 2);
		bits = cs_bytes_take(in, (size_t) cs_bytes_be(in, 1));
		if (in->failed || bits.len > 4)
			return malformed(job, "it ends inside its selection, or selects PCRs beyond 31");
		s->pcrs = (uint32_t) cs_le(bits);
	}
	q->selection_count = (size_t) count;
	return true;
}

/* in stands behind the attest when this returns. */
static bool
read_attest(cs_job *job, cs_bytes *in, quote *q)
{
	const uint8_t *start = in->p;

	if (cs_bytes_be(in, 4) != ATTEST_MAGIC || cs_bytes_be(in, 2) != ATTEST_QUOTE)
		return malformed(job, "it is not what a TPM made as a quote");
	(void) sized(in); /* qualifiedSigner */
	q->extra_data = sized(in);
	(void) cs_bytes_take(in, 17 + 8); /* clockInfo, firmwareVersion */
	if (!read_selections(job, in, q))
		return false;
	q->pcr_digest = sized(in);
	q->attest = (cs_span) { start, (size_t) (in->p - start) };
	return !in->failed || malformed(job, "it ends inside its attestation");
}

static int64_t
cose_alg(uint64_t scheme, uint64_t hash)
{
	static const int64_t algs[3][3] = { { CS_ALG_RS256, CS_ALG_RS384, CS_ALG_RS512 }, { CS_ALG_PS256, CS_ALG_PS384, CS_ALG_PS512 },
		{ CS_ALG_ES256, CS_ALG_ES384, CS_ALG_ES512 } };
	int row = scheme == RSASSA ? 0 : scheme == RSAPSS ? 1 : scheme == ECDSA ? 2 : -1;

	if (row < 0 || hash < CS_TPM_SHA256 || hash > CS_TPM_SHA512)
		return 0;
	return algs[row][hash - CS_TPM_SHA256];
}

/* r and s, each without leading zeros, as COSE has them: as long as the coordinates of the curve that belongs to the hash. */
static bool
ecdsa(cs_job *job, cs_span r, cs_span s, uint64_t hash, cs_span *out)
{
	size_t size = hash == CS_TPM_SHA256 ? 32 : hash == CS_TPM_SHA384 ? 48 : 66;
	uint8_t *both = cs_alloc(job->ctx, 2, size);

	if (!both)
		return false;
	if (r.len == 0 || s.len == 0 || r.len > size || s.len > size)
		return malformed(job, "its signature is longer than the curve");
	memset(both, 0, 2 * size);
	memcpy(both + size - r.len, r.data, r.len);
	memcpy(both + 2 * size - s.len, s.data, s.len);
	*out = (cs_span) { both, 2 * size };
	return true;
}

/* TPMT_SIGNATURE, or the bytes of an RSASSA signature over SHA-256 alone, as some libraries hand them on. */
static bool
read_signature(cs_job *job, cs_span bytes, quote *q)
{
	cs_bytes in = cs_bytes_of(bytes);
	uint64_t scheme = cs_bytes_be(&in, 2);
	cs_span r, s;

	q->hash = cs_bytes_be(&in, 2);
	q->sig_alg = cose_alg(scheme, q->hash);
	r = sized(&in);
	s = scheme == ECDSA ? sized(&in) : (cs_span) { NULL, 0 };
	if (!in.failed && in.left == 0 && q->sig_alg != 0)
	{
		q->signature = r;
		return scheme != ECDSA || ecdsa(job, r, s, q->hash, &q->signature);
	}
	if (bytes.len < 256 || bytes.len > 1024)
		return cs_fail(job->ctx, CS_UNSUPPORTED, "signature of the TPM quote is not RSASSA, RSAPSS or ECDSA with SHA-256 to SHA-512");
	q->hash = CS_TPM_SHA256;
	q->sig_alg = CS_ALG_RS256;
	q->signature = bytes;
	return true;
}

/* TPMS_ATTEST, with or without the length of a TPM2B_ATTEST before it, and behind it the signature where it does not stand apart. */
static bool
open_quote(cs_job *job, cs_span bytes, quote *q)
{
	cs_bytes in = cs_bytes_of(bytes);

	memset(q, 0, sizeof(*q));
	if (bytes.len > 6 && cs_bytes_be(&(cs_bytes) { bytes.data, 4, false }, 4) != ATTEST_MAGIC)
	{
		cs_span inner = sized(&in);
		cs_bytes attest = cs_bytes_of(inner);

		if (in.failed || !read_attest(job, &attest, q))
			return in.failed ? malformed(job, "it is not what a TPM made as a quote") : false;
		if (attest.left > 0)
			return malformed(job, "bytes follow its attestation");
	}
	else if (!read_attest(job, &in, q))
		return false;
	if ((in.left > 0) == (job->given->signature.len > 0))
		return cs_fail(job->ctx, CS_INVALID, "TPM quote needs a signature: behind it, or apart");
	return read_signature(job, in.left > 0 ? (cs_span) { in.p, in.left } : job->given->signature, q);
}

/* ---- the PCR values: in the order of the selection, of the caller or replayed from the log ---- */

static bool
append_value(cs_job *job, const cs_event_log *log, const selection *s, uint32_t pcr, cs_bytes *given, cs_buf *values)
{
	uint8_t initial[64];
	size_t size;
	cs_span value;

	if (!cs_tpm_hash(s->alg, &size))
		return cs_fail(job->ctx, CS_UNSUPPORTED, "a bank of the quote has a hash that is not known");
	if (given)
		value = cs_bytes_take(given, size);
	else if (!cs_event_log_register(log, s->alg, pcr, &value))
	{
		/* what no event extended has its initial value: zeros, and ones from 17 to 22 */
		memset(initial, pcr >= 17 && pcr <= 22 ? 0xff : 0, sizeof(initial));
		value = (cs_span) { initial, size };
	}
	cs_put_raw(values, value.data, value.len);
	return true;
}

static bool
collect(cs_job *job, const quote *q, cs_buf *values)
{
	cs_bytes registers = cs_bytes_of(job->given->registers);
	bool given = job->given->registers.len > 0;
	cs_event_log log;

	cs_buf_init(values, job->ctx);
	if (!given && job->given->event_log.len == 0)
		return true;
	if (!given && !cs_event_log_read(job, job->given->event_log, &log))
		return false;
	for (size_t i = 0; i < q->selection_count; i++)
		for (uint32_t pcr = 0; pcr < 32; pcr++)
			if ((q->selections[i].pcrs >> pcr & 1) && !append_value(job, &log, &q->selections[i], pcr, given ? &registers : NULL, values))
				return false;
	if (given && (registers.failed || registers.left > 0))
		return cs_fail(job->ctx, CS_INVALID, "registers are not the values of the selected PCRs, one behind the other");
	return cs_buf_ok(values);
}

static bool
add_values(cs_job *job, cs_evidence_ect *ect, const quote *q, cs_span values)
{
	for (size_t i = 0; i < q->selection_count; i++)
		for (uint32_t pcr = 0; pcr < 32; pcr++)
		{
			size_t size = 0;
			cs_mval mval;

			if (!(q->selections[i].pcrs >> pcr & 1))
				continue;
			(void) cs_tpm_hash(q->selections[i].alg, &size);
			cs_mval_start(job, &mval);
			cs_mval_key(&mval, CS_MVAL_DIGESTS);
			cs_put_array(&mval.body, 1);
			cs_put_array(&mval.body, 2);
			cs_put_tpm_hash(&mval.body, q->selections[i].alg);
			cs_put_bytes(&mval.body, values.data, size);
			values = (cs_span) { values.data + size, values.len - size };
			if (!cs_ect_element_uint(job, ect, pcr, &mval))
				return false;
		}
	return true;
}

/* ---- who it is of ---- */

/* The caller says what machine it is of, or it is of the key that signed: instance 557 of its SPKI. */
static bool
environment_of(cs_job *job, const cs_attester *signer, cs_span *out)
{
	cs_environment_parts parts = CS_NO_ENVIRONMENT;
	uint8_t hash[32];
	cs_buf buf;

	*out = job->given->environment;
	if (out->len > 0)
		return true;
	if (!signer || signer->spki.len == 0)
		return cs_fail(job->ctx, CS_INVALID, "TPM quote does not say what it is of: name its environment");
	cs_buf_init(&buf, job->ctx);
	if (!cs_sha256(job->ctx, signer->spki, hash))
		return false;
	cs_put_tag(&buf, CS_TAG_KEY_THUMBPRINT);
	cs_put_array(&buf, 2);
	cs_put_uint(&buf, 1);
	cs_put_bytes(&buf, hash, sizeof(hash));
	parts.instance = cs_buf_span(&buf);
	return cs_buf_ok(&buf) && cs_put_environment(job, &parts, out);
}

static bool
check_values(cs_job *job, const quote *q, cs_span values, cs_attester *signer)
{
	uint8_t hash[64];
	size_t size;

	if (!cs_tpm_hash(q->hash, &size) || !cs_tpm_digest(job, q->hash, values, hash))
		return false;
	return (q->pcr_digest.len == size && memcmp(q->pcr_digest.data, hash, size) == 0) ||
		cs_attester_doubt(job, signer, CS_BAD_SIGNATURE, "values of the PCRs are not those that the TPM quoted");
}

bool
cs_evidence_tpm_quote(cs_job *job, cs_span bytes, const cs_attester *by)
{
	cs_statement statement;
	cs_evidence_ect *ect;
	cs_span environment, *certs;
	cs_attester signer;
	cs_buf values;
	size_t count;
	quote q;

	(void) by; /* a quote is signed by its AK */
	if (!open_quote(job, bytes, &q) || !collect(job, &q, &values) || !cs_job_certs(job, (cs_span) { NULL, 0 }, &certs, &count))
		return false;
	statement = (cs_statement) { .alg = q.sig_alg, .message = q.attest, .signature = q.signature, .certs = certs, .cert_count = count };
	if (!cs_attester_find(job, job->given->environment, &statement, &signer) || !environment_of(job, &signer, &environment))
		return false;
	if (values.len > 0 && !check_values(job, &q, cs_buf_span(&values), &signer))
		return false;
	if (!cs_attester_nonce(job, &signer, q.extra_data, false))
		return false;
	ect = cs_ect_add(job, environment, (cs_span) { NULL, 0 }, &signer);
	if (!ect)
		return false;
	if (values.len > 0)
		return add_values(job, ect, &q, cs_buf_span(&values));
	return cs_ect_note(job, ect, "values of the PCRs are not at hand: the quote has their digest alone");
}
