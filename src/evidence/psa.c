/*
 * psa.c - the PSA attestation token: RFC 9783, the profile http://arm.com/psa/2.0.0 before it, and PSA_IOT_PROFILE_1, whose claims have
 * private keys. What they become: draft-fdb-rats-psa-endorsements, "Reference Values".
 */
#include "job.h"

enum
{
	SHA_256 = 1 /* named information; of components that name no algorithm */
};

/* The keys of the claims in one profile. */
typedef struct profile
{
	int64_t profile;
	int64_t lifecycle;
	int64_t implementation;
	int64_t instance;
	int64_t nonce;
	int64_t components;
	int64_t no_components; /* 0: the profile has no such claim */
} profile;

static const profile rfc9783 = { 265, 2395, 2396, 256, 10, 2399, 0 };
static const profile iot_1 = { -75000, -75002, -75003, -75009, -75008, -75006, -75007 };

/* "the profile decides the key numbers": tokens of PSA_IOT_PROFILE_1 may leave the claim out, those of later ones may not. */
static bool
choose(cs_job *job, const cs_item *claims, const profile **out)
{
	static const char *const known[] = { "tag:psacertified.org,2023:psa#tfm", "tag:psacertified.org,2019:psa#legacy",
		"http://arm.com/psa/2.0.0" };
	cs_item value;

	*out = &rfc9783;
	if (cs_map_get(claims, rfc9783.profile, &value))
	{
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (cs_text_is(&value, known[i]))
				return true;
		return cs_fail(job->ctx, CS_UNSUPPORTED, "profile of the PSA token is not known");
	}
	*out = &iot_1;
	if (cs_map_get(claims, iot_1.profile, &value) && !cs_text_is(&value, "PSA_IOT_PROFILE_1"))
		return cs_fail(job->ctx, CS_UNSUPPORTED, "profile of the PSA token is not known");
	return true;
}

/* Claims of the other profile's keys would be read by one Verifier and passed over by another. */
static bool
check_one_profile(cs_job *job, const cs_item *claims, const profile *other)
{
	const int64_t keys[] = { other->implementation, other->instance, other->nonce, other->components, other->lifecycle };
	cs_item value;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (cs_map_get(claims, keys[i], &value))
			return cs_fail(job->ctx, CS_INVALID, "PSA token has claims of two profiles (%lld)", (long long) keys[i]);
	return true;
}

static bool
read_nonce(cs_job *job, const cs_item *claims, const profile *p, cs_span *nonce)
{
	if (!cs_claim_bytes(job, claims, p->nonce, true, "nonce", nonce))
		return false;
	return nonce->len == 32 || nonce->len == 48 || nonce->len == 64 ||
		cs_fail(job->ctx, CS_INVALID, "nonce of the token has not 32, 48 or 64 bytes");
}

/* A range of lifecycle states is asked for by int-range (RFC 9783 section 4.3.1); mkey and codepoint are ours. */
static bool
add_lifecycle(cs_job *job, cs_evidence_ect *ect, const cs_item *claims, const profile *p)
{
	cs_item value;
	cs_mval mval;

	if (!cs_map_get(claims, p->lifecycle, &value) || !cs_is(&value, CS_UINT) || value.arg > 0xffff)
		return cs_fail(job->ctx, CS_INVALID, "security lifecycle of the token is missing or no number of 16 bits");
	cs_mval_start(job, &mval);
	cs_mval_uint(&mval, CS_MVAL_INT_RANGE, value.arg);
	return cs_ect_element_text(job, ect, "psa.security-lifecycle", &mval);
}

static bool
add_claims(cs_job *job, const cs_item *claims, const profile *p, cs_span environment, const cs_attester *signer)
{
	cs_evidence_ect *ect;
	cs_item list, value;
	cs_span uri;

	if (!cs_profile_uri(job, "tag:arm.com,2025:psa#1.0.0", &uri))
		return false;
	ect = cs_ect_add(job, environment, uri, signer);
	if (!ect)
		return false;
	if (cs_map_get(claims, p->components, &list))
	{
		if (!cs_arm_components(job, ect, &list, "psa.software-component", SHA_256))
			return false;
	}
	else if (p->no_components == 0 || !cs_map_get(claims, p->no_components, &value) || !cs_is(&value, CS_UINT) || value.arg != 1)
		return cs_fail(job->ctx, CS_INVALID, "PSA token has no software components");
	else if (!cs_ect_note(job, ect, "the token says that it has no software measurements"))
		return false;
	return add_lifecycle(job, ect, claims, p);
}

/* What is signed, or the claims-set alone, which nobody has signed. */
static bool
open_token(cs_job *job, cs_span bytes, cs_sign1 *sign1, bool *is_signed, bool *is_mac, cs_item *claims)
{
	cs_item item, payload;
	cs_span content;

	if (!cs_check(job->ctx, bytes.data, bytes.len))
		return false;
	item = cs_item_at(bytes.data, bytes.len);
	while (cs_is_tag(&item, 61))
		item = cs_tag_content(&item);
	*is_mac = cs_is_tag(&item, 17);
	*is_signed = !*is_mac && !cs_is(&item, CS_MAP);
	if (*is_mac && job->given->unverified)
	{
		item = cs_tag_content(&item);
		if (!cs_is(&item, CS_ARRAY) || !cs_array_get(&item, 2, &payload) || !cs_is(&payload, CS_BSTR))
			return cs_fail(job->ctx, CS_INVALID, "COSE_Mac0 has no payload");
		return cs_string(job->ctx, &payload, &content) && cs_claims_open(job, content, "PSA token", claims);
	}
	if (cs_is(&item, CS_MAP))
		return cs_claims_open(job, cs_item_span(&item), "PSA token", claims);
	return cs_job_sign1(job, &item, sign1) && cs_claims_open(job, sign1->payload, "PSA token", claims);
}

bool
cs_evidence_psa(cs_job *job, cs_span bytes, const cs_attester *by)
{
	cs_statement statement = { .sign1 = NULL };
	cs_span implementation, instance, nonce, environment, *certs;
	bool is_signed, is_mac;
	cs_attester signer;
	cs_sign1 sign1;
	cs_item claims;
	const profile *p;

	(void) by; /* a token says itself who signed it */
	if (!open_token(job, bytes, &sign1, &is_signed, &is_mac, &claims) || !choose(job, &claims, &p) ||
		!check_one_profile(job, &claims, p == &rfc9783 ? &iot_1 : &rfc9783) ||
		!cs_claim_bytes(job, &claims, p->implementation, true, "implementation id", &implementation) ||
		!cs_claim_bytes(job, &claims, p->instance, true, "instance id", &instance) || !read_nonce(job, &claims, p, &nonce) ||
		!cs_arm_environment(job, implementation, instance, &environment))
		return false;
	if (is_signed)
	{
		statement.sign1 = &sign1;
		if (!cs_job_x5chain(job, &sign1, &certs, &statement.cert_count))
			return false;
		statement.certs = certs;
		if (!cs_attester_find(job, environment, &statement, &signer))
			return false;
	}
	else if (!cs_attester_none(
				 job, is_mac ? "a COSE_Mac0 cannot be verified with a public key" : "claims of the token are not signed", &signer))
		return false;
	return cs_attester_nonce(job, &signer, nonce, false) && add_claims(job, &claims, p, environment, &signer);
}
