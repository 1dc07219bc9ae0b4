/*
 * x509.c - certificates and their chains (RFC 5280) through OpenSSL's path validation, with one trust anchor and a time that the
 * caller names. Revoked certificates are the store's business: crl.c reads what CRLs say.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/x509v3.h>

#include "internal.h"

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

#define ANY_PURPOSE "2.5.29.37.0"

static bool
is_purpose(const char *oid, const char *const *purposes)
{
	for (; purposes && *purposes; purposes++)
		if (strcmp(oid, *purposes) == 0)
			return true;
	return strcmp(oid, ANY_PURPOSE) == 0;
}

/* Does extended key usage, where there is one, let the key sign? Region. *first: the first purpose that it names. */
static bool
purpose_allows(X509 *cert, const char *const *purposes, char first[64])
{
	int critical;
	EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(cert, NID_ext_key_usage, &critical, NULL);
	bool yes = usage == NULL && critical == -1; /* none; -2 is one twice, else it cannot be read */

	first[0] = '\0';
	for (int i = 0; usage && !yes && i < sk_ASN1_OBJECT_num(usage); i++)
	{
		char oid[64];

		yes = OBJ_obj2txt(oid, sizeof(oid), sk_ASN1_OBJECT_value(usage, i), 1) > 0 && is_purpose(oid, purposes);
		if (i == 0)
			snprintf(first, 64, "%s", oid);
	}
	EXTENDED_KEY_USAGE_free(usage);
	return yes;
}

/* Certificates with these extensions are of a device's attestation key. */
static const char *const device_extensions[] = {
	"1.2.840.113741.1.13.1",  /* Intel SGX PCK Certificate and CRL Profile, section 1.3.5 */
	"1.3.6.1.4.1.3704.1.3.1", /* AMD: blSPL (VCEK certificate specification, revision 1.00, section 3.1) */
};

/* Region. */
static bool
is_device_key(const X509 *cert)
{
	bool yes = false;

	for (size_t i = 0; !yes && i < sizeof(device_extensions) / sizeof(device_extensions[0]); i++)
	{
		ASN1_OBJECT *oid = OBJ_txt2obj(device_extensions[i], 1);

		yes = oid && X509_get_ext_by_OBJ(cert, oid, -1) >= 0;
		ASN1_OBJECT_free(oid);
	}
	return yes;
}

/* What OpenSSL leaves open: may this certificate's key sign documents? That the others are CAs it checks itself. Region. */
static bool
check_usage(X509 *cert, cs_reason *why)
{
	if (X509_get_key_usage(cert) & KU_DIGITAL_SIGNATURE)
		return true;
	snprintf(why->text, sizeof(why->text), "key usage of the first certificate does not allow digital signatures");
	return false;
}

static bool
check_purpose(X509 *cert, const char *const *purposes, cs_reason *why)
{
	char purpose[64];

	if (is_device_key(cert))
	{
		snprintf(
			why->text, sizeof(why->text), "the first certificate is of a device's attestation key, which signs Evidence and no document");
		return false;
	}
	if (purpose_allows(cert, purposes, purpose))
		return true;
	snprintf(why->text, sizeof(why->text), "extended key usage of the signer's certificate names %.64s, and no purpose that is allowed",
		purpose[0] ? purpose : "nothing that can be read");
	why->hint = "Have the signer certified without extended key usage, or name the purpose in key_purposes of the authority.";
	return false;
}

/* Region. Why a key of the path vouches for nothing, or NULL. */
static const char *
weak_key(STACK_OF(X509) *chain)
{
	const char *weak = NULL;

	for (int i = 0; !weak && i < sk_X509_num(chain); i++)
	{
		EVP_PKEY *key = X509_get0_pubkey(sk_X509_value(chain, i));

		weak = key ? cs_pkey_weakness(key) : "key of a certificate cannot be read";
	}
	return weak;
}

/* What a path is for. */
enum
{
	PATH_SIGNS = 1,	 /* the first certificate's key must be one that signs */
	PATH_DEVICE = 2, /* certificates of a device, whose DICE extensions the Verifier has processed */
	PATH_PURPOSE = 4 /* the first certificate's extended key usage must allow it, or name a purpose of the anchor's */
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

	unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_POLICY_CHECK | (at == CS_ANY_TIME ? X509_V_FLAG_NO_CHECK_TIME : 0);

	if (X509_STORE_add_cert(store, trusted) != 1 || X509_STORE_CTX_init(sctx, store, sk_X509_value(chain, 0), chain) != 1)
		return false;
	if (purpose & PATH_DEVICE)
		X509_STORE_CTX_set_verify_cb(sctx, verify_device);
	param = X509_STORE_CTX_get0_param(sctx);
	if (at != CS_ANY_TIME)
		X509_VERIFY_PARAM_set_time(param, (time_t) at);
	X509_VERIFY_PARAM_set_auth_level(param, 2);
	/* whatever policy they agree on will do: OpenSSL's user-initial-policy-set (RFC 5280 section 6.1.1) is empty otherwise */
	return X509_VERIFY_PARAM_set_flags(param, flags) == 1 && X509_VERIFY_PARAM_add0_policy(param, OBJ_nid2obj(NID_any_policy)) == 1;
}

/* Region. When does every certificate of the path hold? Why not, where one says no time. */
static const char *
measure(STACK_OF(X509) *chain, cs_path *path)
{
	*path = (cs_path) { .not_before = INT64_MIN, .not_after = INT64_MAX };
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

/* Region. How far the anchor is: a chain that is trusted may go on behind it. */
static int
length_to(STACK_OF(X509) *chain, const X509 *trusted)
{
	int count = sk_X509_num(chain);

	for (int i = 0; i < count; i++)
		if (X509_cmp(sk_X509_value(chain, i), trusted) == 0)
			return i + 1;
	return count;
}

/* Region. What is ours to ask of a path that OpenSSL lets pass: NULL, or what is wrong. */
static const char *
check_path(STACK_OF(X509) *chain, unsigned purpose, const char *const *purposes, cs_path *path, cs_reason *why)
{
	const char *weak = weak_key(chain);
	X509 *signer = sk_X509_value(chain, 0);

	if (weak)
		return weak;
	if ((purpose & PATH_SIGNS) && !check_usage(signer, why))
		return why->text;
	if ((purpose & PATH_PURPOSE) && !check_purpose(signer, purposes, why))
		return why->text;
	return measure(chain, path);
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
		wrong = X509_verify_cert(sctx) == 1 ? check_path(X509_STORE_CTX_get0_chain(sctx), purpose, anchor->purposes, path, why)
											: X509_verify_cert_error_string(X509_STORE_CTX_get_error(sctx));
	if (wrong && wrong != why->text)
		snprintf(why->text, sizeof(why->text), "%s", wrong);
	if (!wrong)
		path->length = length_to(X509_STORE_CTX_get0_chain(sctx), trusted);
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
fail_for(cs_ctx *ctx, const cs_reason *why)
{
	cs_fail_found(ctx, "%s", why->text);
	return why->hint && cs_fail_hint(ctx, "%s", why->hint);
}

static bool
find_path(cs_ctx *ctx, const cs_span *certs, size_t count, const cs_key *anchor, int64_t at, unsigned purpose, cs_path *path)
{
	STACK_OF(X509) *chain;
	cs_reason why = { "", NULL }, queue;
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
	return fail_for(ctx, &why);
}

bool
cs_cert_may_sign(cs_ctx *ctx, cs_span cert, const char *const *purposes)
{
	cs_reason why = { "", NULL }, queue;
	X509 *x509;
	bool readable, ok;

	cs_ossl_enter();
	x509 = cs_x509_load(cert);
	readable = x509 != NULL;
	ok = readable && check_usage(x509, &why) && check_purpose(x509, purposes, &why);
	X509_free(x509);
	cs_ossl_leave(&queue);
	if (ok)
		return true;
	if (!readable)
		return cs_cose_fail(ctx, CS_BAD_KEY, "certificate", &queue, "certificate cannot be read");
	cs_cose_fail(ctx, CS_BAD_SIGNATURE, "certificate", NULL, "the certificate's key may not sign documents");
	return fail_for(ctx, &why);
}

/* Region. */
static bool
names_purpose(X509 *cert, const char *purpose)
{
	EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(cert, NID_ext_key_usage, NULL, NULL);
	bool yes = false;

	for (int i = 0; usage && !yes && i < sk_ASN1_OBJECT_num(usage); i++)
	{
		char oid[64];

		yes = OBJ_obj2txt(oid, sizeof(oid), sk_ASN1_OBJECT_value(usage, i), 1) > 0 && strcmp(oid, purpose) == 0;
	}
	EXTENDED_KEY_USAGE_free(usage);
	return yes;
}

bool
cs_cert_has_purpose(cs_ctx *ctx, cs_span cert, const char *purpose, bool *yes)
{
	cs_reason queue;
	X509 *x509;
	bool readable;

	cs_ossl_enter();
	x509 = cs_x509_load(cert);
	readable = x509 != NULL;
	*yes = readable && names_purpose(x509, purpose);
	X509_free(x509);
	cs_ossl_leave(&queue);
	return readable || cs_cose_fail(ctx, CS_BAD_KEY, "certificate", &queue, "certificate cannot be read");
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
	return find_path(ctx, certs, count, anchor, at, PATH_SIGNS | PATH_PURPOSE, path);
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
