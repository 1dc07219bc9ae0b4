/*
 * attester.c - who signed Evidence, and does the caller trust him: with a key of the caller's, or with one that certificates lead from to
 * a key of the caller's. Authority is the key that signed and each issuer up to the caller's key, as tagged COSE_Keys
 * (draft-ietf-rats-evidence-trans, "Authority field in DICE/SPDM ECTs").
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "job.h"
#include "match/match.h"

static const cs_span nothing = { NULL, 0 };

/* Errors that say of a signer that he is not trusted; others end the reading. */
static bool
is_doubt(cs_code code)
{
	return code == CS_BAD_SIGNATURE || code == CS_UNTRUSTED || code == CS_EXPIRED || code == CS_BAD_KEY || code == CS_UNSUPPORTED;
}

/* What ctx->error says becomes the signer's doubt, where the caller takes what is not verified. */
static bool
doubt(cs_job *job, cs_attester *signer)
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
	return doubt(job, signer);
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

/* ---- does the signature verify ---- */

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

/* ---- is the signer trusted ---- */

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

/* certs[0] signed: does it lead to a key of the caller's? Reasons say of the last key that was tried why not. */
static bool
trust_certs(cs_job *job, cs_span environment, const cs_span *certs, size_t count, bool speaks, cs_attester *out)
{
	char reason[CS_TEXT_MAX] = "no key was given";
	cs_buf key;

	for (size_t i = 0; i < job->given->key_count; i++)
	{
		const cs_evidence_key *candidate = &job->given->keys[i];
		cs_device_key verdict;

		if (!counts(candidate, environment))
			continue;
		if (!cs_device_certs_verified(
				job->ctx, &candidate->key, certs, count, speaks ? CS_KEY_TYPE_ATTEST_KEY : CS_NO_PURPOSE, job->given->at, &verdict))
			return false;
		snprintf(reason, sizeof(reason), "%s", verdict.reason);
		if (!verdict.verified)
			continue;
		cs_buf_init(&key, job->ctx);
		cs_put_certs(job->ctx, certs, count, &key);
		out->key = cs_buf_span(&key);
		out->verified = true;
		return cs_buf_ok(&key) && put_authority(job, certs, count, speaks, &candidate->key, out);
	}
	cs_fail(job->ctx, CS_UNTRUSTED, "certificates of the evidence lead to no key that was given");
	cs_fail_found(job->ctx, "%s", reason);
	cs_fail_hint(job->ctx, "keys names whom you trust: the root or an issuer of these certificates, or its thumbprint");
	return doubt(job, out);
}

/* A key of the caller's that signed. One in a certificate must hold, and so must the chain that stands behind it. */
static bool
trust_key(cs_job *job, const cs_item *item, const cs_key *key, cs_attester *out)
{
	cs_buf authority, stated;
	cs_span self;

	if (key->cert.len > 0)
	{
		cs_device_key verdict;

		if (!cs_device_key_verified(job->ctx, item, item, CS_KEY_TYPE_ATTEST_KEY, job->given->at, &verdict))
			return false;
		if (!verdict.verified)
		{
			cs_fail(job->ctx, CS_UNTRUSTED, "certificate of the key that signed does not hold");
			cs_fail_found(job->ctx, "%s", verdict.reason);
			return doubt(job, out);
		}
	}
	self = cs_item_span(item);
	cs_buf_init(&stated, job->ctx);
	cs_put_raw(&stated, self.data, self.len);
	cs_buf_init(&authority, job->ctx);
	cs_put_array(&authority, 1);
	if (!cs_put_spki(job->ctx, key->spki, &authority) || !cs_buf_ok(&stated))
		return false;
	out->verified = true;
	out->spki = key->spki;
	out->cert = key->cert;
	out->key = cs_buf_span(&stated);
	out->authority = cs_buf_span(&authority);
	return cs_buf_ok(&authority);
}

/* The caller's keys, one after the other. *tried counts those that hold a key and count for this environment. */
static bool
try_keys(cs_job *job, cs_span environment, const cs_statement *statement, size_t *tried, bool *found, cs_attester *out)
{
	*tried = 0;
	*found = false;
	for (size_t i = 0; i < job->given->key_count && !*found; i++)
	{
		const cs_evidence_key *candidate = &job->given->keys[i];
		cs_key key;

		if (!counts(candidate, environment))
			continue;
		if (!cs_key_read(job->ctx, &candidate->key, &key))
		{
			if (job->ctx->error.code == CS_NO_MEMORY)
				return false;
			continue;
		}
		++*tried;
		*found = verifies(job, statement, &key);
		if (*found)
			return trust_key(job, &candidate->key, &key, out);
		if (job->ctx->error.code == CS_NO_MEMORY || !is_doubt(job->ctx->error.code))
			return false;
	}
	return true;
}

bool
cs_attester_of_certs(cs_job *job, cs_span environment, const cs_span *certs, size_t count, cs_attester *out)
{
	cs_span *path = cs_alloc(job->ctx, count + 1, sizeof(cs_span)), claimed;
	cs_key key;
	size_t len;

	*out = (cs_attester) { .verified = false };
	if (!path || !canonical(job, environment, &claimed))
		return false;
	if (!cs_certs_path(job->ctx, certs, count, 0, path, &len) || !cs_key_from_cert(job->ctx, path[0], &key))
		return doubt(job, out);
	out->spki = key.spki;
	out->cert = path[0];
	return trust_certs(job, claimed, path, len, false, out);
}

bool
cs_attester_find(cs_job *job, cs_span environment, const cs_statement *statement, cs_attester *out)
{
	size_t leaf, tried, len;
	cs_span claimed, *path;
	bool found;

	*out = (cs_attester) { .verified = false };
	if (!canonical(job, environment, &claimed) || !try_keys(job, claimed, statement, &tried, &found, out))
		return false;
	if (found)
		return true;
	if (!find_leaf(job, statement, &leaf, &found))
		return false;
	if (found)
	{
		cs_key key;

		path = cs_alloc(job->ctx, statement->cert_count + 1, sizeof(cs_span));
		if (!path || !cs_certs_path(job->ctx, statement->certs, statement->cert_count, leaf, path, &len) ||
			!cs_key_from_cert(job->ctx, path[0], &key))
			return false;
		out->spki = key.spki;
		out->cert = path[0];
		return trust_certs(job, claimed, path, len, true, out);
	}
	if (tried > 0 || statement->cert_count > 0)
		cs_fail(job->ctx, CS_BAD_SIGNATURE, "signature of the evidence verifies with no key that was given and with no certificate");
	else
	{
		cs_fail(job->ctx, CS_UNTRUSTED, "no key was given that could verify this evidence");
		cs_fail_hint(job->ctx, "keys names whom you trust: the key that signs, or one that the signer's certificates lead to");
	}
	return doubt(job, out);
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
		return doubt(job, out);
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
