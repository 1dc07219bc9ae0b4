/*
 * signer.c - a private key that is held open: read from PEM or JWK, or opened by a URI that a provider of OpenSSL knows, and checked
 * against its public half then. The key itself lives in OpenSSL's memory alone, which is wiped when it is freed.
 */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include "internal.h"

static bool
bad(cs_ctx *ctx, const cs_reason *reason, const char *message)
{
	return cs_cose_fail(ctx, CS_BAD_KEY, NULL, reason, "%s", message);
}

int64_t
cs_default_algorithm(const cs_public *key)
{
	if (key->kty == CS_KTY_RSA)
		return CS_ALG_PS256;
	if (key->kty == CS_KTY_OKP)
		return CS_ALG_EDDSA;
	switch (key->curve->id)
	{
		case 2:
			return CS_ALG_ES384;
		case 3:
			return CS_ALG_ES512;
		case 8:
			return CS_ALG_ES256K;
		default:
			return CS_ALG_ES256;
	}
}

static bool
same_public(const cs_public *a, const cs_public *b)
{
	return a->kty == b->kty && a->curve == b->curve && memcmp(a->x, b->x, sizeof(a->x)) == 0 && memcmp(a->y, b->y, sizeof(a->y)) == 0 &&
		cs_span_eq((cs_span) { a->n, a->n_len }, (cs_span) { b->n, b->n_len }) &&
		cs_span_eq((cs_span) { a->e, a->e_len }, (cs_span) { b->e, b->e_len });
}

static bool
set_padding(EVP_PKEY_CTX *pctx, const cs_algorithm *algorithm)
{
	return algorithm->scheme != CS_PSS ||
		(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
			EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST) == 1);
}

/* Region. A signature in OpenSSL's form. */
static bool
make(const cs_signer *signer, cs_span message, uint8_t *signature, size_t *len)
{
	EVP_PKEY_CTX *pctx = NULL;
	EVP_MD_CTX *mctx = EVP_MD_CTX_new();
	bool ok = mctx && EVP_DigestSignInit_ex(mctx, &pctx, signer->algorithm->md, signer->library, NULL, signer->pkey, NULL) == 1 &&
		set_padding(pctx, signer->algorithm) && EVP_DigestSign(mctx, signature, len, message.data, message.len) == 1;

	EVP_MD_CTX_free(mctx);
	return ok;
}

/* Region. The same, checked with the public half alone, as everybody else will. */
static bool
holds(const cs_signer *signer, EVP_PKEY *public_half, cs_span message, const uint8_t *signature, size_t len)
{
	EVP_PKEY_CTX *pctx = NULL;
	EVP_MD_CTX *mctx = EVP_MD_CTX_new();
	bool ok = mctx && EVP_DigestVerifyInit_ex(mctx, &pctx, signer->algorithm->md, NULL, NULL, public_half, NULL) == 1 &&
		set_padding(pctx, signer->algorithm) && EVP_DigestVerify(mctx, signature, len, message.data, message.len) == 1;

	EVP_MD_CTX_free(mctx);
	return ok;
}

bool
cs_ecdsa_raw(uint8_t *signature, size_t *len, size_t size)
{
	const uint8_t *p = signature;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long) *len);
	bool ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), signature, (int) size) == (int) size &&
		BN_bn2binpad(ECDSA_SIG_get0_s(sig), signature + size, (int) size) == (int) size;

	ECDSA_SIG_free(sig);
	*len = 2 * size;
	return ok;
}

const char *
cs_signer_run(const cs_signer *signer, cs_span message, uint8_t *signature, size_t *len)
{
	if (!make(signer, message, signature, len))
		return "OpenSSL cannot sign with this key";
	if (signer->algorithm->scheme == CS_ECDSA && !cs_ecdsa_raw(signature, len, signer->public_half.curve->size))
		return "signature of OpenSSL cannot be read";
	return NULL;
}

/* Region. Halves that do not belong together show here, and an RSA d that does not belong to its modulus. */
static const char *
try_signature(const cs_signer *signer)
{
	static const uint8_t text[] = "coserv";
	cs_span message = { text, sizeof(text) - 1 };
	uint8_t signature[CS_SIGNATURE_BYTES];
	size_t len = sizeof(signature);
	const char *wrong = NULL;
	EVP_PKEY *public_half;
	const uint8_t *p;
	cs_der spki;

	cs_der_spki(&spki, &signer->public_half);
	p = cs_der_span(&spki).data;
	public_half = d2i_PUBKEY(NULL, &p, (long) cs_der_span(&spki).len);
	if (!public_half || !make(signer, message, signature, &len))
		wrong = "OpenSSL cannot sign with this key";
	else if (!holds(signer, public_half, message, signature, len))
		wrong = "private and public half of the key do not belong together";
	EVP_PKEY_free(public_half);
	return wrong;
}

/* Region. The public half, taken out of the provider that has the key: not every one tells its components. */
static const char *
public_of(EVP_PKEY *pkey, cs_public *out)
{
	const char *wrong = "private key does not tell its public half";
	OSSL_PARAM *params = NULL;
	EVP_PKEY *public_half = NULL;
	EVP_PKEY_CTX *pctx = EVP_PKEY_CTX_new_from_name(NULL, EVP_PKEY_get0_type_name(pkey), NULL);

	if (pctx && EVP_PKEY_todata(pkey, EVP_PKEY_PUBLIC_KEY, &params) == 1 && EVP_PKEY_fromdata_init(pctx) == 1 &&
		EVP_PKEY_fromdata(pctx, &public_half, EVP_PKEY_PUBLIC_KEY, params) == 1)
		wrong = cs_public_from_pkey(public_half, out);
	EVP_PKEY_free(public_half);
	EVP_PKEY_CTX_free(pctx);
	OSSL_PARAM_free(params);
	return wrong;
}

/* Region. The public half as OpenSSL sees it; stated: what came with the private one, NULL for nothing. */
static const char *
complete(cs_signer *signer, const cs_private *stated)
{
	const char *wrong = public_of(signer->pkey, &signer->public_half);

	if (wrong)
		return wrong;
	if (stated && stated->states_public && !same_public(&signer->public_half, &stated->public_half))
		return "private and public half of the key do not belong together";
	signer->algorithm = stated ? stated->algorithm : NULL;
	if (!signer->algorithm)
		signer->algorithm = cs_algorithm_by_id(cs_default_algorithm(&signer->public_half));
	if (signer->algorithm->scheme == CS_PKCS1)
		return "key is bound to RSASSA-PKCS1-v1_5, with which nothing is signed";
	return try_signature(signer);
}

/* Region. pkey is taken over; library NULL: OpenSSL's default one. */
static const char *
hold(OSSL_LIB_CTX *library, EVP_PKEY *pkey, const cs_private *stated, cs_signer **out)
{
	cs_signer signer = { .library = library, .pkey = pkey };
	const char *wrong = complete(&signer, stated);

	if (!wrong && !(*out = OPENSSL_memdup(&signer, sizeof(signer))))
		wrong = "there is no memory to hold the key";
	if (wrong)
		EVP_PKEY_free(pkey);
	return wrong;
}

bool
cs_signer_open(cs_ctx *ctx, cs_span private_key, cs_signer **out)
{
	const char *wrong = "private key is in no form that OpenSSL can read";
	cs_private key;
	const uint8_t *p = key.der;
	cs_reason reason;
	EVP_PKEY *pkey;

	*out = NULL;
	if (!cs_private_read(ctx, private_key, &key))
		return false;
	cs_ossl_enter();
	pkey = d2i_AutoPrivateKey(NULL, &p, (long) key.len);
	if (pkey)
		wrong = hold(NULL, pkey, &key, out);
	cs_ossl_leave(&reason);
	OPENSSL_cleanse(&key, sizeof(key));
	return !wrong || bad(ctx, &reason, wrong);
}

/*
 * Region. OpenSSL with the provider that is named as the scheme of its URIs is, apart from the one of everybody else in this process: what
 * a module of PKCS#11 does to OpenSSL, which it may use itself, must not reach connections. There is one, and it stays: such modules are
 * initialised once in a process. NULL when there is no such provider.
 */
static OSSL_LIB_CTX *
library_of(const char *scheme)
{
	static OSSL_LIB_CTX *library = NULL;
	OSSL_STORE_LOADER *loader = NULL;

	if (!library && (library = OSSL_LIB_CTX_new()) && !OSSL_PROVIDER_load(library, "default"))
	{
		OSSL_LIB_CTX_free(library);
		library = NULL;
	}
	if (library && (OSSL_PROVIDER_available(library, scheme) || OSSL_PROVIDER_load(library, scheme)))
		loader = OSSL_STORE_LOADER_fetch(library, scheme, NULL);
	OSSL_STORE_LOADER_free(loader);
	return loader ? library : NULL;
}

/* Region. Nobody is asked for a PIN: it is in the URI, or where the URI says. */
static EVP_PKEY *
load_uri(OSSL_LIB_CTX *library, const char *uri)
{
	OSSL_STORE_CTX *store = OSSL_STORE_open_ex(uri, library, NULL, UI_null(), NULL, NULL, NULL, NULL);
	EVP_PKEY *pkey = NULL;

	while (store && !pkey && !OSSL_STORE_eof(store))
	{
		OSSL_STORE_INFO *info = OSSL_STORE_load(store);

		if (!info && OSSL_STORE_error(store))
			break;
		if (info && OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
			pkey = OSSL_STORE_INFO_get1_PKEY(info);
		OSSL_STORE_INFO_free(info);
	}
	OSSL_STORE_close(store);
	return pkey;
}

static bool
no_provider(cs_ctx *ctx, const char *scheme)
{
	cs_fail(ctx, CS_UNSUPPORTED, "OpenSSL has no provider \"%s\", which reads such URIs", scheme);
	return cs_fail_hint(ctx,
		strcmp(scheme, "pkcs11") == 0 ? "install pkcs11-provider (doc/operations.md)" : "install it where OpenSSL looks for its modules");
}

bool
cs_signer_open_uri(cs_ctx *ctx, const char *uri, cs_signer **out)
{
	const char *wrong = "there is no private key behind the URI, or it cannot be used";
	size_t len = strcspn(uri, ":");
	OSSL_LIB_CTX *library;
	EVP_PKEY *pkey;
	cs_reason reason;
	char scheme[32];

	*out = NULL;
	if (uri[len] != ':' || len >= sizeof(scheme))
		return bad(ctx, NULL, "private key has no URI");
	memcpy(scheme, uri, len);
	scheme[len] = '\0';
	cs_ossl_enter();
	library = library_of(scheme);
	pkey = library ? load_uri(library, uri) : NULL;
	if (pkey)
		wrong = hold(library, pkey, NULL, out);
	cs_ossl_leave(&reason);
	return library ? !wrong || bad(ctx, &reason, wrong) : no_provider(ctx, scheme);
}

void
cs_signer_free(cs_signer *signer)
{
	if (signer)
		EVP_PKEY_free(signer->pkey);
	OPENSSL_free(signer);
}
