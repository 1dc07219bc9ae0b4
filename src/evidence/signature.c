/*
 * signature.c - who signed Evidence, and whether the caller trusts him: with a key of the caller's, or with one that certificates lead
 * from to a key of the caller's. Signatures and paths are verified once a statement and key, however many ECTs there are; which of the
 * keys counts is asked for each of them.
 *
 * Authority is the key that signed and each issuer up to the caller's key, as tagged COSE_Keys (draft-ietf-rats-evidence-trans,
 * "Authority field in DICE/SPDM ECTs").
 */
#include <stdio.h>
#include <string.h>

#include "job.h"
#include "match/match.h"

static const cs_span nothing = { NULL, 0 };

static bool
no_memory(const cs_job *job)
{
	return job->ctx->error.code == CS_NO_MEMORY;
}

/* Nothing of OpenSSL is open between one key and the next. */
static void
interrupt(cs_job *job)
{
	if (job->ctx->interrupt != NULL)
		job->ctx->interrupt(job->ctx->actx);
}

/* ---- a key, a certificate ---- */

static bool
verifies(cs_job *job, const cs_statement *statement, const cs_key *key)
{
	if (statement->sign1)
		return cs_sign1_verify(job->ctx, statement->sign1, nothing, nothing, key);
	return cs_signature_verify(job->ctx, statement->alg, statement->message, statement->signature, key);
}

/* The certificate whose key signed; *found false when it is none of them. False for lack of memory alone. */
static bool
find_leaf(cs_job *job, const cs_statement *statement, size_t *leaf, bool *found)
{
	*found = false;
	for (size_t i = 0; i < statement->cert_count && !*found; i++)
	{
		cs_key key;

		if (cs_key_from_cert(job->ctx, statement->certs[i], &key) && verifies(job, statement, &key))
		{
			*leaf = i;
			*found = true;
		}
		else if (job->ctx->error.code == CS_NO_MEMORY)
			return false;
	}
	return true;
}

/* A key behind those that are there, but for the last one again: a root comes in several certificates. */
static bool
put_key(cs_job *job, cs_span spki, cs_buf *keys, cs_span *last, uint64_t *count)
{
	cs_buf key;

	cs_buf_init(&key, job->ctx);
	if (!cs_put_spki(job->ctx, spki, &key))
		return false;
	if (cs_span_eq(*last, cs_buf_span(&key)))
		return true;
	*last = cs_buf_span(&key);
	cs_put_raw(keys, key.data, key.len);
	++*count;
	return cs_buf_ok(keys);
}

/*
 * The path's certificates up to the one that anchor names, and anchor's own key where it is none of them. What is behind the anchor has
 * no part in the trust, and gives no authority. speaks: the first one's key signed; else it is the first's issuers who speak.
 */
static bool
put_authority(cs_job *job, const cs_span *path, size_t count, bool speaks, const cs_item *anchor, cs_attester *out)
{
	cs_buf keys, authority;
	cs_span last = nothing;
	uint64_t members = 0;
	bool named = false;
	cs_key key;

	cs_buf_init(&keys, job->ctx);
	for (size_t i = 0; i < count && !named; i++)
	{
		if (!cs_key_names(job->ctx, anchor, path + i, count - i, &named))
			named = false;
		if (i == 0 && !speaks && !named)
			continue;
		if (!cs_key_from_cert(job->ctx, path[i], &key) || !put_key(job, key.spki, &keys, &last, &members))
			return false;
	}
	if (!named && cs_key_read(job->ctx, anchor, &key) && !put_key(job, key.spki, &keys, &last, &members))
		return false;
	cs_buf_init(&authority, job->ctx);
	cs_put_array(&authority, members);
	cs_put_raw(&authority, keys.data, keys.len);
	out->authority = cs_buf_span(&authority);
	return cs_buf_ok(&keys) && cs_buf_ok(&authority);
}

/* ---- each key of the caller's ---- */

static bool
not_verified(cs_job *job, cs_attester *out, const char *why)
{
	out->verified = false;
	out->why = cs_strndup(job->ctx, why, cs_utf8_prefix((const uint8_t *) why, strlen(why)));
	return out->why != NULL;
}

/* A key of the caller's that signed. One in a certificate must hold, and so must the chain that stands behind it. */
static bool
judge_key(cs_job *job, const cs_item *item, const cs_key *key, cs_attester *out)
{
	cs_buf authority;

	out->spki = key->spki;
	out->cert = key->cert;
	if (key->cert.len > 0)
	{
		cs_device_key verdict;

		if (!cs_device_key_verified(job->ctx, item, item, CS_KEY_TYPE_ATTEST_KEY, job->given->at, &verdict))
			return false;
		if (!verdict.verified)
			return not_verified(job, out, verdict.reason);
	}
	cs_buf_init(&authority, job->ctx);
	cs_put_array(&authority, 1);
	if (!cs_put_spki(job->ctx, key->spki, &authority))
		return false;
	out->verified = true;
	out->key = cs_item_span(item);
	out->authority = cs_buf_span(&authority);
	return true;
}

/* Does the path of the certificate that speaks lead to this key? */
static bool
judge_path(cs_job *job, const cs_signers *signers, const cs_item *item, cs_attester *out)
{
	cs_device_key verdict;
	cs_buf key;

	out->spki = signers->spki;
	out->cert = signers->path[0];
	if (!cs_device_certs_verified(job->ctx, item, signers->path, signers->path_len,
			signers->speaks ? CS_KEY_TYPE_ATTEST_KEY : CS_NO_PURPOSE, job->given->at, &verdict))
		return false;
	if (!verdict.verified)
		return not_verified(job, out, verdict.reason);
	cs_buf_init(&key, job->ctx);
	cs_put_certs(job->ctx, signers->path, signers->path_len, &key);
	out->key = cs_buf_span(&key);
	out->verified = true;
	return cs_buf_ok(&key) && put_authority(job, signers->path, signers->path_len, signers->speaks, item, out);
}

static bool
judge(cs_job *job, const cs_signers *signers, const cs_statement *statement, const cs_item *item, cs_attester *out)
{
	cs_key key;

	*out = (cs_attester) { .verified = false };
	if (statement && cs_key_read(job->ctx, item, &key) && verifies(job, statement, &key))
		return judge_key(job, item, &key, out);
	if (no_memory(job))
		return false;
	if (signers->path_len > 0)
		return judge_path(job, signers, item, out);
	out->why = "signature does not verify";
	return true;
}

static bool
judge_all(cs_job *job, const cs_statement *statement, cs_signers *signers)
{
	const cs_evidence_given *given = job->given;

	signers->of_key = cs_alloc(job->ctx, given->key_count + 1, sizeof(cs_attester));
	if (!signers->of_key)
		return false;
	for (size_t i = 0; i < given->key_count; i++)
	{
		interrupt(job);
		if (!judge(job, signers, statement, &given->keys[i].key, &signers->of_key[i]))
			return false;
	}
	return true;
}

/* The path of certs[first], whose key is one that can be read. */
static bool
open_path(cs_job *job, const cs_span *certs, size_t count, size_t first, cs_signers *out)
{
	cs_key key;

	out->path = cs_alloc(job->ctx, count + 1, sizeof(cs_span));
	if (!out->path || !cs_certs_path(job->ctx, certs, count, first, out->path, &out->path_len))
		return false;
	if (!cs_key_from_cert(job->ctx, out->path[0], &key))
	{
		out->path_len = 0;
		return false;
	}
	out->spki = key.spki;
	return true;
}

bool
cs_signers_find(cs_job *job, const cs_statement *statement, cs_signers *out)
{
	size_t leaf;
	bool found;

	interrupt(job);
	*out = (cs_signers) { .speaks = true, .cert_count = statement->cert_count };
	if (!find_leaf(job, statement, &leaf, &found) || (found && !open_path(job, statement->certs, statement->cert_count, leaf, out)))
		return false;
	return judge_all(job, statement, out);
}

bool
cs_signers_of_certs(cs_job *job, const cs_span *certs, size_t count, cs_signers *out)
{
	interrupt(job);
	*out = (cs_signers) { .cert_count = count };
	if (!open_path(job, certs, count, 0, out))
	{
		cs_attester nobody = { .verified = false };

		if (no_memory(job) || !cs_attester_doubts(job, &nobody))
			return false;
		out->why = nobody.why;
	}
	return judge_all(job, NULL, out);
}

/* ---- which of the keys counts for an environment ---- */

static bool
counts(const cs_evidence_key *key, cs_span environment)
{
	cs_item item;

	if (!key->is_bound)
		return true;
	if (environment.len == 0)
		return false;
	item = cs_item_at(environment.data, environment.len);
	return cs_env_satisfies(&item, &key->environment);
}

/* environment as keys are bound to it: in the form in which environments are compared */
static bool
canonical(cs_job *job, cs_span environment, cs_span *out)
{
	cs_item item;
	cs_buf buf;

	*out = nothing;
	if (environment.len == 0)
		return true;
	item = cs_item_at(environment.data, environment.len);
	cs_buf_init(&buf, job->ctx);
	if (!cs_env_canonical(job->ctx, &item, &buf) || !cs_buf_ok(&buf))
		return false;
	*out = cs_buf_span(&buf);
	return true;
}

/* Nobody: why, of the last key that counts. */
static bool
choose_none(cs_job *job, const cs_signers *signers, const cs_attester *last, cs_attester *out)
{
	*out = (cs_attester) { .spki = signers->spki, .cert = signers->path_len > 0 ? signers->path[0] : nothing };
	if (signers->why)
		cs_fail(job->ctx, CS_UNTRUSTED, "%.200s", signers->why);
	else if (signers->path_len > 0)
	{
		cs_fail(job->ctx, CS_UNTRUSTED, "certificates of the evidence lead to no key that was given");
		cs_fail_found(job->ctx, "%s", last ? last->why : "no key was given");
		cs_fail_hint(job->ctx, "keys names whom you trust: the root or an issuer of these certificates, or its thumbprint");
	}
	else if (last && last->spki.len > 0)
	{
		cs_fail(job->ctx, CS_UNTRUSTED, "certificate of the key that signed does not hold");
		cs_fail_found(job->ctx, "%s", last->why);
	}
	else if (last || signers->cert_count > 0)
		cs_fail(job->ctx, CS_BAD_SIGNATURE, "signature of the evidence verifies with no key that was given and with no certificate");
	else
	{
		cs_fail(job->ctx, CS_UNTRUSTED, "no key was given that could verify this evidence");
		cs_fail_hint(job->ctx, "keys names whom you trust: the key that signs, or one that the signer's certificates lead to");
	}
	return cs_attester_doubts(job, out);
}

bool
cs_signers_choose(cs_job *job, const cs_signers *signers, cs_span environment, cs_attester *out)
{
	const cs_attester *last = NULL;
	cs_span claimed;

	if (!canonical(job, environment, &claimed))
		return false;
	for (size_t i = 0; i < job->given->key_count; i++)
	{
		const cs_attester *one = &signers->of_key[i];

		if (!counts(&job->given->keys[i], claimed))
			continue;
		if (one->verified)
		{
			*out = *one;
			return true;
		}
		if (!last || one->spki.len > 0)
			last = one;
	}
	return choose_none(job, signers, last, out);
}

bool
cs_attester_find(cs_job *job, cs_span environment, const cs_statement *statement, cs_attester *out)
{
	cs_signers signers;

	return cs_signers_find(job, statement, &signers) && cs_signers_choose(job, &signers, environment, out);
}

bool
cs_attester_has_cert(cs_job *job, const cs_attester *signer, cs_span cert, bool *yes)
{
	cs_key key;

	*yes = false;
	if (!cs_key_from_cert(job->ctx, cert, &key))
		return false;
	*yes = cs_span_eq(key.spki, signer->spki);
	return true;
}

bool
cs_attester_vouched(cs_job *job, const cs_statement *statement, cs_span crypto_key, const cs_attester *from, cs_attester *out)
{
	cs_item item = cs_item_at(crypto_key.data, crypto_key.len);
	cs_buf authority, own;
	cs_item issuers;
	cs_key key;

	*out = (cs_attester) { .verified = false };
	if (!cs_key_read(job->ctx, &item, &key) || !verifies(job, statement, &key))
		return cs_attester_doubts(job, out);
	out->spki = key.spki;
	if (!from->verified)
		return cs_attester_doubt(job, out, CS_UNTRUSTED, "what vouches for the key is not verified: %.150s", from->why ? from->why : "");
	cs_buf_init(&own, job->ctx);
	cs_buf_init(&authority, job->ctx);
	issuers = cs_item_at(from->authority.data, from->authority.len);
	cs_put_array(&authority, 1 + cs_count(&issuers));
	if (!cs_put_spki(job->ctx, key.spki, &own) || !cs_put_spki(job->ctx, key.spki, &authority))
		return false;
	cs_put_raw(&authority, issuers.content, from->authority.len - (size_t) (issuers.content - issuers.p));
	out->verified = true;
	out->key = cs_buf_span(&own);
	out->authority = cs_buf_span(&authority);
	return cs_buf_ok(&own) && cs_buf_ok(&authority);
}
