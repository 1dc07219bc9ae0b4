/*
 * claims.c - claims-sets of tokens (RFC 8392, RFC 9711): a map without duplicates, its members by key and type, and digests by name.
 */
#include "codepoints/digest_alg.h"
#include "job.h"

bool
cs_claims_open(cs_job *job, cs_span bytes, const char *what, cs_item *out)
{
	cs_item given;
	cs_buf buf;

	if (!cs_check(job->ctx, bytes.data, bytes.len))
		return false;
	given = cs_item_at(bytes.data, bytes.len);
	if (!cs_is(&given, CS_MAP))
		return cs_fail(job->ctx, CS_INVALID, "%s is no map", what);
	cs_buf_init(&buf, job->ctx);
	if (!cs_deterministic(job->ctx, &given, &buf) || !cs_buf_ok(&buf))
		return false;
	*out = cs_item_at(buf.data, buf.len);
	return true;
}

static bool
claim(cs_job *job, const cs_item *claims, int64_t key, cs_major major, bool needed, const char *name, cs_span *out)
{
	cs_item value;

	*out = (cs_span) { NULL, 0 };
	if (!cs_map_get(claims, key, &value))
		return !needed || cs_fail(job->ctx, CS_INVALID, "claim %s (%lld) is missing", name, (long long) key);
	if (!cs_is(&value, major))
		return cs_fail(job->ctx, CS_INVALID, "claim %s (%lld) is no %s string", name, (long long) key, major == CS_BSTR ? "byte" : "text");
	return cs_string(job->ctx, &value, out);
}

bool
cs_claim_bytes(cs_job *job, const cs_item *claims, int64_t key, bool needed, const char *name, cs_span *out)
{
	return claim(job, claims, key, CS_BSTR, needed, name, out);
}

bool
cs_claim_text(cs_job *job, const cs_item *claims, int64_t key, bool needed, const char *name, cs_span *out)
{
	return claim(job, claims, key, CS_TSTR, needed, name, out);
}

uint64_t
cs_digest_number(cs_job *job, cs_span name)
{
	const cs_digest_alg *alg;
	cs_item item;
	cs_buf buf;

	cs_buf_init(&buf, job->ctx);
	cs_put_text(&buf, (const char *) name.data, name.len);
	if (!cs_buf_ok(&buf))
		return 0;
	item = cs_item_at(buf.data, buf.len);
	alg = cs_digest_alg_of(&item);
	return alg ? (uint64_t) alg->named_information : 0;
}

bool
cs_job_digest(cs_job *job, uint64_t alg, cs_span data, cs_span *out)
{
	cs_buf name, buf;
	cs_item item;

	cs_buf_init(&name, job->ctx);
	cs_put_uint(&name, alg);
	if (!cs_buf_ok(&name))
		return false;
	item = cs_item_at(name.data, name.len);
	cs_buf_init(&buf, job->ctx);
	if (!cs_digest(job->ctx, &item, data, &buf))
		return false;
	*out = cs_buf_span(&buf);
	return true;
}

bool
cs_job_sign1(cs_job *job, const cs_item *item, cs_sign1 *out)
{
	if (cs_is_tag(item, 17))
	{
		cs_fail(job->ctx, CS_UNSUPPORTED, "a COSE_Mac0 cannot be verified with a public key");
		return cs_fail_hint(job->ctx, "who holds the key of the MAC has to verify it");
	}
	if (!cs_sign1_parse(job->ctx, item, out))
		return false;
	return !out->detached || cs_fail(job->ctx, CS_INVALID, "COSE_Sign1 has no payload");
}
