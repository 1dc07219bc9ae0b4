/*
 * x509.c - certificates and their chains (RFC 5280) through OpenSSL's path validation, with one trust anchor and a time that the
 * caller names. Revoked certificates are the store's business: crl.c reads what CRLs say.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/x509v3.h>

#include "internal.h"

/* Exactly one certificate. Region. */
X509 *
cs_x509_load(cs_span der)
{
	const uint8_t *p = der.data;
	X509 *cert = der.len > INT32_MAX ? NULL : d2i_X509(NULL, &p, (long) der.len);

	if (cert && p != der.data + der.len)
	{
		X509_free(cert);
		return NULL;
	}
	return cert;
}

/* Seconds since 1970, proleptic Gregorian: days of whole eras of 400 years, then of the year that starts in March. */
bool
cs_asn1_seconds(const ASN1_TIME *time, int64_t *out)
{
	struct tm tm;
	int64_t year, days;
	int month;

	if (ASN1_TIME_to_tm(time, &tm) != 1)
		return false;
	month = (tm.tm_mon + 10) % 12; /* March is 0 */
	year = (int64_t) tm.tm_year + 1900 - (month >= 10);
	days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + tm.tm_mday - 1 - 719468;
	*out = days * 86400 + tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
	return true;
}

bool
cs_cert_read(cs_span der, uint8_t *spki, cs_cert_facts *out, cs_reason *reason)
{
	bool ok = false;
	X509 *cert;

	cs_ossl_enter();
	cert = cs_x509_load(der);
	if (cert)
	{
		int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), NULL);

		ok = len > 0 && (size_t) len <= der.len && i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &spki) == len &&
			cs_asn1_seconds(X509_get0_notBefore(cert), &out->not_before) && cs_asn1_seconds(X509_get0_notAfter(cert), &out->not_after);
		out->spki_len = ok ? (size_t) len : 0;
	}
	X509_free(cert);
	cs_ossl_leave(reason);
	return ok;
}

bool
cs_x509_may_issue(X509 *issuer, X509 *cert)
{
	return X509_check_issued(issuer, cert) == X509_V_OK;
}

/* Is cert signed with the key of issuer, and does it name it as its issuer? Region. */
static bool
certifies(cs_span issuer_der, cs_span cert_der)
{
	X509 *issuer = cs_x509_load(issuer_der), *cert = cs_x509_load(cert_der);
	bool ok = issuer && cert && X509_check_issued(issuer, cert) == X509_V_OK && X509_verify(cert, X509_get0_pubkey(issuer)) == 1;

	X509_free(issuer);
	X509_free(cert);
	return ok;
}

bool
cs_chain_in_order(cs_ctx *ctx, const cs_span *certs, size_t count)
{
	for (size_t i = 0; i + 1 < count; i++)
	{
		cs_reason reason;
		bool ok;

		cs_ossl_enter();
		ok = certifies(certs[i + 1], certs[i]);
		cs_ossl_leave(&reason);
		if (ok)
			continue;
		cs_cose_fail(ctx, CS_BAD_KEY, "crypto-key", &reason, "certificate %zu of the chain does not certify the one before it", i + 1);
		return cs_fail_hint(ctx, "put the certificate of the key first, then that of its issuer, and so on");
	}
	return true;
}

/*
 * The anchor is a bare key: the first certificate that has this key, or is signed with it, stands for it. Who made up a
 * certificate around the key gains nothing: what it certifies, or the document itself, must still be signed with that key.
 */
static X509 *
find_trusted(STACK_OF(X509) *chain, cs_span spki)
{
	const uint8_t *p = spki.data;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long) spki.len);
	X509 *found = NULL;

	for (int i = 0; key && !found && i < sk_X509_num(chain); i++)
	{
		X509 *cert = sk_X509_value(chain, i);
		EVP_PKEY *own = X509_get0_pubkey(cert);

		if ((own && EVP_PKEY_eq(own, key) == 1) || X509_verify(cert, key) == 1)
			found = cert;
	}
	EVP_PKEY_free(key);
	if (found)
		X509_up_ref(found);
	return found;
}

/* What OpenSSL leaves open: may the first certificate's key sign documents? That the others are CAs it checks itself. */
static const char *
check_usage(STACK_OF(X509) *chain)
{
	if (!(X509_get_key_usage(sk_X509_value(chain, 0)) & KU_DIGITAL_SIGNATURE))
		return "key usage of the first certificate does not allow digital signatures";
	return NULL;
}

/* What a path is for. */
enum
{
	PATH_SIGNS = 1, /* the first certificate's key must be one that signs */
	PATH_DEVICE = 2 /* certificates of a device, whose DICE extensions the Verifier has processed */
};

#define DICE_ARC "2.23.133.5.4." /* tcg-dice: TcbInfo, Ueid, CWT claims, MultiTcbInfo, ... */

/* Is every critical extension that OpenSSL does not know one of DICE? */
static bool
only_dice_is_unknown(const X509 *cert)
{
	for (int i = X509_get_ext_by_critical(cert, 1, -1); i >= 0; i = X509_get_ext_by_critical(cert, 1, i))
	{
		X509_EXTENSION *extension = X509_get_ext(cert, i);
		char oid[64];

		if (X509_supported_extension(extension))
			continue;
		if (OBJ_obj2txt(oid, sizeof(oid), X509_EXTENSION_get_object(extension), 1) <= 0 ||
			strncmp(oid, DICE_ARC, sizeof(DICE_ARC) - 1) != 0)
			return false;
	}
	return true;
}

/* RFC 5280 section 4.2: a critical extension must be recognized, and those of DICE are what the Verifier makes Evidence of. */
static int
verify_device(int ok, X509_STORE_CTX *sctx)
{
	X509 *cert = X509_STORE_CTX_get_current_cert(sctx);

	if (ok || X509_STORE_CTX_get_error(sctx) != X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION || !cert || !only_dice_is_unknown(cert))
		return ok;
	X509_STORE_CTX_set_error(sctx, X509_V_OK);
	return 1;
}

/* Level 2: 112 bits of security, that is RSA from 2048 bits on and no SHA-1. */
static bool
set_up(X509_STORE_CTX *sctx, X509_STORE *store, X509 *trusted, STACK_OF(X509) *chain, int64_t at, unsigned purpose)
{
	X509_VERIFY_PARAM *param;

	unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN | (at == CS_ANY_TIME ? X509_V_FLAG_NO_CHECK_TIME : 0);

	if (X509_STORE_add_cert(store, trusted) != 1 || X509_STORE_CTX_init(sctx, store, sk_X509_value(chain, 0), chain) != 1)
		return false;
	if (purpose & PATH_DEVICE)
		X509_STORE_CTX_set_verify_cb(sctx, verify_device);
	param = X509_STORE_CTX_get0_param(sctx);
	if (at != CS_ANY_TIME)
		X509_VERIFY_PARAM_set_time(param, (time_t) at);
	X509_VERIFY_PARAM_set_auth_level(param, 2);
	return X509_VERIFY_PARAM_set_flags(param, flags) == 1;
}

/* Region. When does every certificate of the path hold? Why not, where one says no time. */
static const char *
measure(STACK_OF(X509) *chain, cs_path *path)
{
	*path = (cs_path) { INT64_MIN, INT64_MAX };
	for (int i = 0; i < sk_X509_num(chain); i++)
	{
		X509 *cert = sk_X509_value(chain, i);
		int64_t from, to;

		if (!cs_asn1_seconds(X509_get0_notBefore(cert), &from) || !cs_asn1_seconds(X509_get0_notAfter(cert), &to))
			return "validity of a certificate cannot be read";
		if (from > path->not_before)
			path->not_before = from;
		if (to < path->not_after)
			path->not_after = to;
	}
	return NULL;
}

/* Region. True when the chain holds; else why has the reason. */
static bool
validate(STACK_OF(X509) *chain, const cs_key *anchor, int64_t at, unsigned purpose, cs_path *path, cs_reason *why)
{
	X509 *trusted = anchor->cert.len > 0 ? cs_x509_load(anchor->cert) : find_trusted(chain, anchor->spki);
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *sctx = X509_STORE_CTX_new();
	const char *wrong = "cannot set up path validation";

	if (!trusted)
		wrong = "no certificate in the chain has the key of the anchor or is signed with it";
	else if (store && sctx && set_up(sctx, store, trusted, chain, at, purpose))
	{
		if (X509_verify_cert(sctx) == 1)
		{
			wrong = purpose & PATH_SIGNS ? check_usage(X509_STORE_CTX_get0_chain(sctx)) : NULL;
			if (!wrong)
				wrong = measure(X509_STORE_CTX_get0_chain(sctx), path);
		}
		else
			wrong = X509_verify_cert_error_string(X509_STORE_CTX_get_error(sctx));
	}
	snprintf(why->text, sizeof(why->text), "%s", wrong ? wrong : "");
	X509_STORE_CTX_free(sctx);
	X509_STORE_free(store);
	X509_free(trusted);
	return wrong == NULL;
}

/* Region. NULL when one of them cannot be read. */
STACK_OF(X509) *
cs_x509_load_all(const cs_span *certs, size_t count)
{
	STACK_OF(X509) *chain = sk_X509_new_null();

	for (size_t i = 0; chain && i < count; i++)
	{
		X509 *cert = cs_x509_load(certs[i]);

		if (cert && sk_X509_push(chain, cert) > 0)
			continue;
		X509_free(cert);
		sk_X509_pop_free(chain, X509_free);
		chain = NULL;
	}
	return chain;
}

static bool
find_path(cs_ctx *ctx, const cs_span *certs, size_t count, const cs_key *anchor, int64_t at, unsigned purpose, cs_path *path)
{
	STACK_OF(X509) *chain;
	cs_reason why = { "" }, queue;
	bool ok = false;

	if (count == 0)
		return cs_cose_fail(ctx, CS_INVALID, "x5chain", NULL, "certificate chain is empty");
	if (count > ctx->limits.max_depth)
		return cs_cose_fail(ctx, CS_LIMIT, "x5chain", NULL, "certificate chain is longer than the limit on depth");
	cs_ossl_enter();
	chain = cs_x509_load_all(certs, count);
	if (chain)
		ok = validate(chain, anchor, at, purpose, path, &why);
	else
		snprintf(why.text, sizeof(why.text), "a certificate cannot be read");
	sk_X509_pop_free(chain, X509_free);
	cs_ossl_leave(&queue);
	if (ok)
		return true;
	cs_cose_fail(ctx, CS_BAD_SIGNATURE, "x5chain", NULL, "certificate chain does not lead to the trust anchor");
	return cs_fail_found(ctx, "%s", why.text);
}

bool
cs_chain_verify(cs_ctx *ctx, const cs_span *certs, size_t count, const cs_key *anchor, int64_t at)
{
	cs_path path;

	return cs_chain_path(ctx, certs, count, anchor, at, &path);
}

bool
cs_chain_path(cs_ctx *ctx, const cs_span *certs, size_t count, const cs_key *anchor, int64_t at, cs_path *path)
{
	return find_path(ctx, certs, count, anchor, at, PATH_SIGNS, path);
}

bool
cs_issuer_path(cs_ctx *ctx, const cs_span *certs, size_t count, const cs_key *anchor, int64_t at, cs_path *path)
{
	return find_path(ctx, certs, count, anchor, at, 0, path);
}

bool
cs_device_path(cs_ctx *ctx, const cs_span *certs, size_t count, const cs_key *anchor, int64_t at, bool used)
{
	cs_path path;

	return find_path(ctx, certs, count, anchor, at, PATH_DEVICE | (used ? PATH_SIGNS : 0), &path);
}
