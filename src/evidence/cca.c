/*
 * cca.c - the Arm CCA attestation token: a platform token and a realm token, which the first is bound to (draft-ffm-rats-cca-token).
 * What they become: draft-ydb-rats-cca-endorsements.
 *
 * The platform's challenge is the hash of the realm's attestation key (RAK), by which the platform vouches for that key. A realm token
 * that the platform token at hand does not vouch for is worth nothing, and neither is the pair: who holds one good platform token could
 * put any realm beside it.
 */
#include <string.h>

#include "job.h"

enum
{
	TAG_CCA = 399,
	MEMBER_PLATFORM = 44234,
	MEMBER_REALM = 44241,
	CLAIM_CHALLENGE = 10,
	CLAIM_INSTANCE = 256,
	CLAIM_PROFILE = 265,
	CLAIM_LIFECYCLE = 2395,
	CLAIM_IMPLEMENTATION = 2396,
	CLAIM_COMPONENTS = 2399,
	CLAIM_CONFIG = 2401,
	CLAIM_PLATFORM_HASH = 2402,
	CLAIM_RPV = 44235,
	CLAIM_REALM_HASH = 44236,
	CLAIM_RAK = 44237,
	CLAIM_RIM = 44238,
	CLAIM_REMS = 44239,
	CLAIM_RAK_HASH = 44240
};

typedef struct part
{
	cs_sign1 sign1;
	cs_item claims;
	cs_span environment;
	cs_attester signer;
} part;

static bool
invalid(cs_job *job, const char *what)
{
	return cs_fail(job->ctx, CS_INVALID, "CCA token: %s", what);
}

/* A member of the collection: a COSE_Sign1 in a byte string, or, as earlier drafts had it, as it is. */
static bool
open_part(cs_job *job, const cs_item *map, int64_t key, const char *what, part *out)
{
	cs_item member;
	cs_span bytes;

	if (!cs_map_get(map, key, &member))
		return cs_fail(job->ctx, CS_INVALID, "CCA token has no %s token", what);
	if (cs_is(&member, CS_BSTR))
	{
		if (!cs_string(job->ctx, &member, &bytes) || !cs_check(job->ctx, bytes.data, bytes.len))
			return false;
		member = cs_item_at(bytes.data, bytes.len);
	}
	return cs_job_sign1(job, &member, &out->sign1) && cs_claims_open(job, out->sign1.payload, what, &out->claims);
}

/* A hash algorithm that a claim names. */
static bool
hash_claim(cs_job *job, const cs_item *claims, int64_t key, uint64_t *alg)
{
	cs_span name;

	if (!cs_claim_text(job, claims, key, true, "hash algorithm", &name))
		return false;
	*alg = cs_digest_number(job, name);
	return *alg != 0 || cs_fail(job->ctx, CS_UNSUPPORTED, "hash algorithm of the CCA token is not known");
}

static bool
check_profile(cs_job *job, const cs_item *claims, const char *const *known, size_t count)
{
	cs_item value;

	if (!cs_map_get(claims, CLAIM_PROFILE, &value))
		return true;
	for (size_t i = 0; i < count; i++)
		if (cs_text_is(&value, known[i]))
			return true;
	return cs_fail(job->ctx, CS_UNSUPPORTED, "profile of the CCA token is not known");
}

/* ---- platform ---- */

static bool
open_platform(cs_job *job, part *platform)
{
	static const char *const profiles[] = { "http://arm.com/CCA-SSD/1.0.0", "tag:arm.com,2023:cca_platform#1.0.0" };
	cs_span implementation, instance, challenge;
	cs_item value;

	if (!check_profile(job, &platform->claims, profiles, 2) ||
		!cs_claim_bytes(job, &platform->claims, CLAIM_IMPLEMENTATION, true, "implementation id", &implementation) ||
		!cs_claim_bytes(job, &platform->claims, CLAIM_INSTANCE, true, "instance id", &instance) ||
		!cs_claim_bytes(job, &platform->claims, CLAIM_CHALLENGE, true, "challenge", &challenge))
		return false;
	if (!cs_map_get(&platform->claims, CLAIM_PROFILE, &value))
		return invalid(job, "the platform token has no profile");
	return cs_arm_environment(job, implementation, instance, &platform->environment);
}

static bool
add_platform(cs_job *job, const part *platform)
{
	cs_item list, lifecycle;
	cs_evidence_ect *ect;
	cs_span uri, config;
	uint64_t alg;
	cs_mval mval;

	if (!cs_profile_uri(job, "tag:arm.com,2025:cca_platform#1.0.0", &uri) ||
		!hash_claim(job, &platform->claims, CLAIM_PLATFORM_HASH, &alg) ||
		!cs_claim_bytes(job, &platform->claims, CLAIM_CONFIG, true, "platform config", &config))
		return false;
	ect = cs_ect_add(job, platform->environment, uri, &platform->signer);
	if (!ect)
		return false;
	if (!cs_map_get(&platform->claims, CLAIM_COMPONENTS, &list) || !cs_map_get(&platform->claims, CLAIM_LIFECYCLE, &lifecycle) ||
		!cs_is(&lifecycle, CS_UINT))
		return invalid(job, "the platform token has no software components or no lifecycle");
	if (!cs_arm_components(job, ect, &list, "cca.software-component", alg))
		return false;
	cs_mval_start(job, &mval);
	cs_mval_bytes(&mval, CS_MVAL_RAW_VALUE, CS_TAG_BYTES, config);
	if (!cs_ect_element_text(job, ect, "cca.platform-config", &mval))
		return false;
	cs_mval_start(job, &mval);
	cs_mval_uint(&mval, CS_MVAL_INT_RANGE, lifecycle.arg);
	return cs_ect_element_text(job, ect, "cca.security-lifecycle", &mval);
}

/* ---- realm ---- */

static bool
open_realm(cs_job *job, part *realm)
{
	static const char *const profiles[] = { "tag:arm.com,2023:realm#1.0.0" };
	cs_environment_parts parts = CS_NO_ENVIRONMENT;
	cs_span rim;

	return check_profile(job, &realm->claims, profiles, 1) &&
		cs_claim_bytes(job, &realm->claims, CLAIM_RIM, true, "initial measurement", &rim) &&
		cs_tagged_bytes(job, CS_TAG_BYTES, rim, &parts.class_id) && cs_put_environment(job, &parts, &realm->environment);
}

static bool
add_register(cs_job *job, cs_evidence_ect *ect, const char *mkey, uint64_t alg, cs_span value)
{
	cs_mval mval;

	cs_mval_start(job, &mval);
	cs_mval_digest(&mval, alg, value);
	return cs_ect_element_text(job, ect, mkey, &mval);
}

static bool
add_realm(cs_job *job, const part *realm)
{
	static const char *const names[] = { "cca.rem0", "cca.rem1", "cca.rem2", "cca.rem3" };
	cs_span uri, rim, rem, rpv;
	cs_evidence_ect *ect;
	cs_item list, item;
	uint64_t alg;
	cs_mval mval;

	if (!cs_profile_uri(job, "tag:arm.com,2025:cca_realm#1.0.0", &uri) || !hash_claim(job, &realm->claims, CLAIM_REALM_HASH, &alg) ||
		!cs_claim_bytes(job, &realm->claims, CLAIM_RIM, true, "initial measurement", &rim) ||
		!cs_claim_bytes(job, &realm->claims, CLAIM_RPV, true, "personalization value", &rpv))
		return false;
	ect = cs_ect_add(job, realm->environment, uri, &realm->signer);
	if (!ect || !add_register(job, ect, "cca.rim", alg, rim))
		return false;
	if (!cs_map_get(&realm->claims, CLAIM_REMS, &list) || !cs_is(&list, CS_ARRAY) || cs_count(&list) != 4)
		return invalid(job, "the realm has not four extensible measurements");
	for (uint64_t i = 0; i < 4; i++)
	{
		if (!cs_array_get(&list, i, &item) || !cs_is(&item, CS_BSTR))
			return invalid(job, "an extensible measurement is no byte string");
		if (!cs_string(job->ctx, &item, &rem) || !add_register(job, ect, names[i], alg, rem))
			return false;
	}
	cs_mval_start(job, &mval);
	cs_mval_bytes(&mval, CS_MVAL_RAW_VALUE, CS_TAG_BYTES, rpv);
	return cs_ect_element_text(job, ect, "cca.rpv", &mval);
}

/* ---- both ---- */

/* The RAK is 04 || x || y on P-384, or, since the realm token has a profile, the bytes of a COSE_Key. */
static bool
realm_key(cs_job *job, cs_span rak, cs_span *crypto_key)
{
	cs_buf buf;

	cs_buf_init(&buf, job->ctx);
	cs_put_tag(&buf, CS_TAG_COSE_KEY);
	if (rak.len == 97 && rak.data[0] == 4)
	{
		cs_put_map(&buf, 4);
		cs_put_int(&buf, 1);
		cs_put_int(&buf, 2);
		cs_put_int(&buf, -1);
		cs_put_int(&buf, 2);
		cs_put_int(&buf, -2);
		cs_put_bytes(&buf, rak.data + 1, 48);
		cs_put_int(&buf, -3);
		cs_put_bytes(&buf, rak.data + 49, 48);
	}
	else if (!cs_check(job->ctx, rak.data, rak.len))
		return invalid(job, "the realm's public key is neither a point on P-384 nor a COSE_Key");
	else
		cs_put_raw(&buf, rak.data, rak.len);
	*crypto_key = cs_buf_span(&buf);
	return cs_buf_ok(&buf) && cs_validate(job->ctx, &cs_rule_crypto_key, crypto_key->data, crypto_key->len, true);
}

static bool
is_bound(cs_job *job, const part *platform, const part *realm, cs_span rak, bool *bound)
{
	cs_span challenge, hash;
	uint64_t alg;

	if (!hash_claim(job, &realm->claims, CLAIM_RAK_HASH, &alg) || !cs_job_digest(job, alg, rak, &hash) ||
		!cs_claim_bytes(job, &platform->claims, CLAIM_CHALLENGE, true, "challenge", &challenge))
		return false;
	*bound = cs_span_eq(challenge, hash);
	return true;
}

static bool
sign_both(cs_job *job, part *platform, part *realm)
{
	cs_statement statement = { .sign1 = &platform->sign1 };
	cs_span rak, key, challenge, *certs;
	bool bound;

	if (!cs_claim_bytes(job, &realm->claims, CLAIM_RAK, true, "public key", &rak) || !realm_key(job, rak, &key) ||
		!cs_claim_bytes(job, &realm->claims, CLAIM_CHALLENGE, true, "challenge", &challenge) ||
		!is_bound(job, platform, realm, rak, &bound))
		return false;
	if (challenge.len != 64)
		return invalid(job, "the realm's challenge has not 64 bytes");
	if (!cs_job_x5chain(job, &platform->sign1, &certs, &statement.cert_count))
		return false;
	statement.certs = certs;
	if (!cs_attester_find(job, platform->environment, &statement, &platform->signer))
		return false;
	if (!bound &&
		!cs_attester_doubt(job, &platform->signer, CS_BAD_SIGNATURE,
			"platform token is not bound to the realm's key: its challenge is not that key's hash"))
		return false;
	statement = (cs_statement) { .sign1 = &realm->sign1 };
	if (!cs_attester_vouched(job, &statement, key, &platform->signer, &realm->signer) ||
		!cs_attester_nonce(job, &realm->signer, challenge, false))
		return false;
	/* the realm's nonce is that of both: the platform's is the hash of the RAK */
	platform->signer.has_nonce = true;
	platform->signer.nonce = challenge;
	return realm->signer.verified || !platform->signer.verified ||
		cs_attester_doubt(job, &platform->signer, CS_UNTRUSTED, "realm token is not verified: %.150s", realm->signer.why);
}

bool
cs_evidence_cca(cs_job *job, cs_span bytes, const cs_attester *by)
{
	part platform, realm;
	cs_item item, map;
	cs_span content;

	(void) by; /* a token says itself who signed it */
	memset(&platform, 0, sizeof(platform));
	memset(&realm, 0, sizeof(realm));
	if (!cs_check(job->ctx, bytes.data, bytes.len))
		return false;
	item = cs_item_at(bytes.data, bytes.len);
	if (!cs_is_tag(&item, TAG_CCA))
		return invalid(job, "it is no CCA collection (tag 399)");
	map = cs_tag_content(&item);
	content = cs_item_span(&map);
	if (!cs_claims_open(job, content, "CCA collection", &map))
		return false;
	return open_part(job, &map, MEMBER_PLATFORM, "platform", &platform) && open_part(job, &map, MEMBER_REALM, "realm", &realm) &&
		open_platform(job, &platform) && open_realm(job, &realm) && sign_both(job, &platform, &realm) && add_platform(job, &platform) &&
		add_realm(job, &realm);
}
