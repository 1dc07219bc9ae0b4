/*
 * x5.c - the certificates that come with a signature: x5chain, x5bag and x5t (RFC 9360 section 2).
 */
#include <string.h>

#include "internal.h"

static bool
invalid(cs_ctx *ctx, const char *path, const char *message)
{
	return cs_cose_fail(ctx, CS_INVALID, path, NULL, "%s", message);
}

/* What x5t says of a certificate; *there false when the header has none. */
static bool
x5t_names(cs_ctx *ctx, const cs_sign1 *sign1, cs_span cert, bool *there, bool *yes)
{
	cs_item x5t, alg, value;
	cs_span want;
	cs_buf got;

	*there = cs_sign1_header(sign1, CS_HEADER_X5T, &x5t);
	*yes = false;
	if (!*there)
		return true;
	if (!cs_is(&x5t, CS_ARRAY) || cs_count(&x5t) != 2 || !cs_array_get(&x5t, 0, &alg) || !cs_array_get(&x5t, 1, &value) ||
		!cs_is(&value, CS_BSTR))
		return invalid(ctx, CS_COSE_PATH(sign1, "x5t"), "x5t is not an algorithm and a byte string");
	cs_buf_init(&got, ctx);
	if (!cs_string(ctx, &value, &want) || !cs_digest(ctx, &alg, cert, &got))
		return false;
	*yes = cs_span_eq(want, cs_buf_span(&got));
	return true;
}

bool
cs_sign1_x5t_is(cs_ctx *ctx, const cs_sign1 *sign1, cs_span cert)
{
	bool there, yes;

	return x5t_names(ctx, sign1, cert, &there, &yes) &&
		(!there || yes ||
			cs_cose_fail(ctx, CS_BAD_SIGNATURE, CS_COSE_PATH(sign1, "x5t"), NULL, "x5t is not the digest of the signer's certificate"));
}

static bool
is_protected(const cs_sign1 *sign1, int64_t label)
{
	cs_item unused;

	return sign1->has_protected && cs_map_get(&sign1->protected_map, label, &unused);
}

/*
 * COSE_X509: one certificate, or an array of them. The end-entity certificate must be integrity protected (RFC 9360 section 2): what
 * stands in the unprotected header counts only where an x5t in the protected one says which it is.
 */
static bool
read_certificates(cs_ctx *ctx, const cs_sign1 *sign1, int64_t label, const char *path, cs_span **certs, size_t *count)
{
	cs_item list, cert;
	uint64_t n;

	*certs = NULL;
	*count = 0;
	if (!cs_sign1_header(sign1, label, &list) || (!is_protected(sign1, label) && !is_protected(sign1, CS_HEADER_X5T)))
		return true;
	n = cs_is(&list, CS_BSTR) ? 1 : cs_is(&list, CS_ARRAY) ? cs_count(&list) : 0;
	if (n == 0)
		return invalid(ctx, path, "header is neither a certificate nor an array of them");
	if (n > ctx->limits.max_depth)
		return cs_cose_fail(ctx, CS_LIMIT, path, NULL, "there are more certificates than the limit on depth");
	*certs = cs_alloc(ctx, (size_t) n, sizeof(cs_span));
	if (!*certs)
		return false;
	for (; *count < n; (*count)++)
	{
		cert = list;
		if (cs_is(&list, CS_ARRAY))
			cs_array_get(&list, *count, &cert);
		if (!cs_is(&cert, CS_BSTR))
			return invalid(ctx, path, "header holds something that is no byte string");
		if (!cs_string(ctx, &cert, &(*certs)[*count]))
			return false;
	}
	return true;
}

bool
cs_sign1_x5chain(cs_ctx *ctx, const cs_sign1 *sign1, cs_span **certs, size_t *count)
{
	if (sign1->kind == CS_COSE_NONE)
	{
		*certs = sign1->certs;
		*count = sign1->cert_count;
		return true;
	}
	return read_certificates(ctx, sign1, CS_HEADER_X5CHAIN, CS_COSE_PATH(sign1, "x5chain"), certs, count) &&
		(*count == 0 || cs_sign1_x5t_is(ctx, sign1, (*certs)[0]));
}

/* Region. */
static bool
all_readable(const cs_span *certs, size_t count)
{
	STACK_OF(X509) *all = cs_x509_load_all(certs, count);
	bool ok = all != NULL;

	sk_X509_pop_free(all, X509_free);
	return ok;
}

static bool
check_readable(cs_ctx *ctx, const cs_span *certs, size_t count, const char *path)
{
	cs_reason reason;
	bool ok;

	cs_ossl_enter();
	ok = all_readable(certs, count);
	cs_ossl_leave(&reason);
	return ok || cs_cose_fail(ctx, CS_BAD_KEY, path, &reason, "a certificate cannot be read");
}

bool
cs_sign1_check_x5(cs_ctx *ctx, const cs_sign1 *sign1)
{
	cs_span none = { NULL, 0 }, *chain, *bag;
	size_t chained, bagged;
	bool there, yes;
	cs_key key;

	/* as it names nothing by a digest that is not known, it is no fault by itself */
	if (!x5t_names(ctx, sign1, none, &there, &yes) && ctx->error.code != CS_UNSUPPORTED)
		return false;
	if (!cs_sign1_x5chain(ctx, sign1, &chain, &chained) ||
		!read_certificates(ctx, sign1, CS_HEADER_X5BAG, CS_COSE_PATH(sign1, "x5bag"), &bag, &bagged))
		return false;
	return (chained == 0 ||
			   (check_readable(ctx, chain, chained, CS_COSE_PATH(sign1, "x5chain")) && cs_key_from_cert(ctx, chain[0], &key))) &&
		(bagged == 0 || check_readable(ctx, bag, bagged, CS_COSE_PATH(sign1, "x5bag")));
}

static bool
made_by(cs_ctx *ctx, const cs_sign1 *sign1, cs_span payload, bool accept_rs, cs_span cert)
{
	cs_span no_aad = { NULL, 0 };
	cs_key key;

	if (!cs_key_from_cert(ctx, cert, &key))
		return false;
	key.accept_rs = accept_rs;
	return cs_sign1_verify(ctx, sign1, payload, no_aad, &key);
}

/* Which of the bag is the signer's: the one that x5t names, else the one that verifies. */
static bool
find_signer(cs_ctx *ctx, const cs_sign1 *sign1, cs_span payload, bool accept_rs, const cs_span *bag, size_t count, size_t *which)
{
	for (size_t i = 0; i < count; i++)
	{
		bool there, yes;

		if (!x5t_names(ctx, sign1, bag[i], &there, &yes))
			return false;
		*which = i;
		if (there ? yes : made_by(ctx, sign1, payload, accept_rs, bag[i]))
			return true;
		/* what the message asks of every certificate alike is its own error; that one of them does not fit is none */
		if (!there && ctx->error.code == CS_INVALID)
			return false;
	}
	return cs_cose_fail(ctx, CS_BAD_SIGNATURE, CS_COSE_PATH(sign1, "x5bag"), NULL, "no certificate of x5bag is the signer's");
}

/* Region. Marks what leads on by name from what is kept already, which must be at least one. False: one cannot be read. */
static bool
mark_issuers(const cs_span *certs, size_t count, bool *keep)
{
	STACK_OF(X509) *all = cs_x509_load_all(certs, count);
	bool more = all != NULL;

	while (more)
	{
		more = false;
		for (size_t i = 0; i < count; i++)
			for (size_t j = 0; keep[i] && j < count; j++)
				if (!keep[j] && cs_x509_may_issue(sk_X509_value(all, (int) j), sk_X509_value(all, (int) i)))
					keep[j] = more = true;
	}
	sk_X509_pop_free(all, X509_free);
	return all != NULL;
}

/* Drops what stands behind the first kept ones and leads nowhere: a bag may hold anything. */
static bool
drop_strangers(cs_ctx *ctx, const cs_sign1 *sign1, cs_span *certs, size_t kept, size_t *count)
{
	bool *keep = cs_alloc(ctx, *count, sizeof(bool));
	cs_reason reason;
	bool ok;

	if (!keep)
		return false;
	for (size_t i = 0; i < *count; i++)
		keep[i] = i < kept;
	cs_ossl_enter();
	ok = mark_issuers(certs, *count, keep);
	cs_ossl_leave(&reason);
	if (!ok)
		return cs_cose_fail(ctx, CS_BAD_KEY, CS_COSE_PATH(sign1, "x5bag"), &reason, "a certificate cannot be read");
	for (size_t i = kept; i < *count; i++)
		if (keep[i])
			certs[kept++] = certs[i];
	*count = kept;
	return true;
}

static bool
contains(const cs_span *certs, size_t count, cs_span cert)
{
	for (size_t i = 0; i < count; i++)
		if (cs_span_eq(certs[i], cert))
			return true;
	return false;
}

bool
cs_sign1_certs(cs_ctx *ctx, const cs_sign1 *sign1, cs_span payload, bool accept_rs, cs_span **certs, size_t *count)
{
	cs_span *chain, *bag, *all;
	size_t chained, bagged, signer = 0;

	*certs = NULL;
	*count = 0;
	if (!cs_sign1_x5chain(ctx, sign1, &chain, &chained) ||
		!read_certificates(ctx, sign1, CS_HEADER_X5BAG, CS_COSE_PATH(sign1, "x5bag"), &bag, &bagged))
		return false;
	if (chained + bagged == 0)
		return true;
	all = cs_alloc(ctx, chained + bagged, sizeof(cs_span));
	if (!all || (chained == 0 && !find_signer(ctx, sign1, payload, accept_rs, bag, bagged, &signer)))
		return false;
	for (size_t i = 0; i < chained; i++)
		all[(*count)++] = chain[i];
	if (chained == 0)
		all[(*count)++] = bag[signer];
	chained = *count;
	for (size_t i = 0; i < bagged; i++)
		if (!contains(all, *count, bag[i]))
			all[(*count)++] = bag[i];
	if (*count > ctx->limits.max_depth)
		return cs_cose_fail(ctx, CS_LIMIT, CS_COSE_PATH(sign1, "x5bag"), NULL, "there are more certificates than the limit on depth");
	*certs = all;
	return made_by(ctx, sign1, payload, accept_rs, all[0]) && (*count == chained || drop_strangers(ctx, sign1, all, chained, count));
}
