/*
 * arm.c - what PSA and CCA tokens have in common: the environment by implementation and instance id, and software components
 * (RFC 9783 section 4.4; draft-fdb-rats-psa-endorsements and draft-ydb-rats-cca-endorsements for what they become).
 */
#include "job.h"

bool
cs_profile_uri(cs_job *job, const char *uri, cs_span *out)
{
	cs_buf buf;

	cs_buf_init(&buf, job->ctx);
	cs_put_tag(&buf, CS_TAG_URI);
	cs_put_cstr(&buf, uri);
	*out = cs_buf_span(&buf);
	return cs_buf_ok(&buf);
}

bool
cs_arm_environment(cs_job *job, cs_span implementation, cs_span instance, cs_span *out)
{
	cs_environment_parts parts = CS_NO_ENVIRONMENT;

	if (implementation.len != 32)
		return cs_fail(job->ctx, CS_INVALID, "implementation id has not 32 bytes");
	if (instance.len != 33 || instance.data[0] != 1)
		return cs_fail(job->ctx, CS_INVALID, "instance id is no UEID of type RAND with 33 bytes");
	return cs_tagged_bytes(job, CS_TAG_BYTES, implementation, &parts.class_id) &&
		cs_tagged_bytes(job, CS_TAG_UEID, instance, &parts.instance) && cs_put_environment(job, &parts, out);
}

/* A text member: copied under codepoint, in a map {0: text} where the codepoint is version. */
static void
put_text(cs_mval *mval, int64_t codepoint, const cs_item *text)
{
	cs_mval_key(mval, codepoint);
	if (codepoint == CS_MVAL_VERSION)
	{
		cs_put_map(&mval->body, 1);
		cs_put_uint(&mval->body, 0);
	}
	cs_put_item(&mval->body, text);
}

/* RFC 9783 has a hash algorithm's name in the measurement description; PSA_IOT_PROFILE_1 has any text, which then names the algorithm
 * as it is: what is not known is compared by its encoding (decision 31). */
static bool
put_digest(cs_job *job, const cs_item *map, uint64_t default_alg, cs_span value, cs_mval *mval)
{
	cs_span name;
	uint64_t alg;

	if (!cs_claim_text(job, map, 6, false, "measurement description", &name))
		return false;
	alg = name.data ? cs_digest_number(job, name) : default_alg;
	if (alg != 0)
	{
		cs_mval_digest(mval, alg, value);
		return true;
	}
	cs_mval_key(mval, CS_MVAL_DIGESTS);
	cs_put_array(&mval->body, 1);
	cs_put_array(&mval->body, 2);
	cs_put_text(&mval->body, (const char *) name.data, name.len);
	cs_put_bytes(&mval->body, value.data, value.len);
	return true;
}

static bool
component(cs_job *job, cs_evidence_ect *ect, const cs_item *map, const char *mkey, uint64_t default_alg)
{
	cs_item name, version;
	cs_span value, signer;
	cs_mval mval;

	if (!cs_is(map, CS_MAP))
		return cs_fail(job->ctx, CS_INVALID, "a software component is no map");
	cs_mval_start(job, &mval);
	if (!cs_claim_bytes(job, map, 2, true, "measurement value", &value) || !cs_claim_bytes(job, map, 5, true, "signer id", &signer) ||
		!put_digest(job, map, default_alg, value, &mval))
		return false;
	if (cs_map_get(map, 1, &name) && cs_is(&name, CS_TSTR))
		put_text(&mval, CS_MVAL_NAME, &name);
	if (cs_map_get(map, 4, &version) && cs_is(&version, CS_TSTR))
		put_text(&mval, CS_MVAL_VERSION, &version);
	cs_mval_key(&mval, CS_MVAL_CRYPTOKEYS);
	cs_put_array(&mval.body, 1);
	cs_put_tag(&mval.body, CS_TAG_BYTES);
	cs_put_bytes(&mval.body, signer.data, signer.len);
	return cs_ect_element_text(job, ect, mkey, &mval);
}

bool
cs_arm_components(cs_job *job, cs_evidence_ect *ect, const cs_item *list, const char *mkey, uint64_t default_alg)
{
	cs_iter it = cs_iterate(list);
	cs_item map;

	if (!cs_is(list, CS_ARRAY) || cs_count(list) == 0)
		return cs_fail(job->ctx, CS_INVALID, "software components are no list of at least one");
	while (cs_next(&it, &map))
	{
		if (!component(job, ect, &map, mkey, default_alg))
			return false;
	}
	return true;
}
