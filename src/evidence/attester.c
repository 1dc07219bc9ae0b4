/*
 * attester.c - what is known of who signed: doubts, the nonce, the certificates at hand. Who signed is found in signature.c.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "job.h"

static const cs_span nothing = { NULL, 0 };

/* Errors that say of a signer that he is not trusted; others end the reading. */
static bool
is_doubt(cs_code code)
{
	return code == CS_BAD_SIGNATURE || code == CS_UNTRUSTED || code == CS_EXPIRED || code == CS_BAD_KEY || code == CS_UNSUPPORTED;
}

/* What ctx->error says becomes the signer's doubt, where the caller takes what is not verified. */
bool
cs_attester_doubts(cs_job *job, cs_attester *signer)
{
	char text[CS_TEXT_MAX];

	if (!job->given->unverified || !is_doubt(job->ctx->error.code))
		return false;
	snprintf(text, sizeof(text), "%.150s%s%.90s", job->ctx->error.message, job->ctx->error.found[0] ? ": " : "", job->ctx->error.found);
	signer->verified = false;
	signer->authority = signer->key = nothing;
	signer->why = cs_strndup(job->ctx, text, cs_utf8_prefix((const uint8_t *) text, strlen(text)));
	return signer->why != NULL;
}

bool
cs_attester_doubt(cs_job *job, cs_attester *signer, cs_code code, const char *fmt, ...)
{
	char text[CS_TEXT_MAX];
	va_list args;

	if (!signer->verified && signer->why)
		return true;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	cs_fail(job->ctx, code, "%s", text);
	return cs_attester_doubts(job, signer);
}

bool
cs_attester_refute(cs_job *job, cs_evidence_ect *ect, const char *fmt, ...)
{
	char text[CS_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!job->given->unverified)
		return cs_fail(job->ctx, CS_BAD_SIGNATURE, "%s", text);
	ect->authority = ect->verified_key = nothing;
	return cs_ect_note(job, ect, "not verified: %s", text);
}

bool
cs_attester_none(cs_job *job, const char *why, cs_attester *out)
{
	*out = (cs_attester) { .verified = false };
	return cs_attester_doubt(job, out, CS_UNTRUSTED, "%s", why);
}

bool
cs_attester_nonce(cs_job *job, cs_attester *signer, cs_span nonce, bool padded)
{
	const cs_evidence_given *given = job->given;

	signer->has_nonce = true;
	signer->nonce = nonce;
	if (!given->has_nonce || cs_span_eq(nonce, given->nonce))
		return true;
	if (padded && given->nonce.len > 0 && given->nonce.len < nonce.len && memcmp(nonce.data, given->nonce.data, given->nonce.len) == 0 &&
		cs_all_zero((cs_span) { nonce.data + given->nonce.len, nonce.len - given->nonce.len }))
		return true;
	return cs_attester_doubt(job, signer, CS_EXPIRED, "nonce of the evidence is another than the one that was asked for");
}

bool
cs_job_certs(cs_job *job, cs_span evidence_certs, cs_span **certs, size_t *count)
{
	cs_span *own = NULL, *given = NULL;
	size_t own_count = 0, given_count = 0;

	if (evidence_certs.len > 0 && !cs_certs_split(job->ctx, evidence_certs, &own, &own_count))
		return false;
	if (job->given->certificates.len > 0 && !cs_certs_split(job->ctx, job->given->certificates, &given, &given_count))
		return false;
	if (own_count + given_count > job->ctx->limits.max_depth)
		return cs_fail(job->ctx, CS_LIMIT, "there are more certificates than the limit on depth");
	*certs = cs_alloc(job->ctx, own_count + given_count + 1, sizeof(cs_span));
	if (!*certs)
		return false;
	if (own_count > 0)
		memcpy(*certs, own, own_count * sizeof(cs_span));
	if (given_count > 0)
		memcpy(*certs + own_count, given, given_count * sizeof(cs_span));
	*count = own_count + given_count;
	return true;
}

bool
cs_job_x5chain(cs_job *job, const cs_sign1 *sign1, cs_span **certs, size_t *count)
{
	cs_span *own, *all;
	size_t own_count;

	if (!cs_sign1_x5chain(job->ctx, sign1, &own, &own_count) || !cs_job_certs(job, nothing, certs, count))
		return false;
	if (own_count == 0)
		return true;
	all = cs_alloc(job->ctx, own_count + *count, sizeof(cs_span));
	if (!all)
		return false;
	memcpy(all, own, own_count * sizeof(cs_span));
	if (*count > 0)
		memcpy(all + own_count, *certs, *count * sizeof(cs_span));
	*certs = all;
	*count += own_count;
	return true;
}
