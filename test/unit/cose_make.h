/* cose_make.h - keys and certificates made on the spot, with OpenSSL itself. */
#ifndef COSE_MAKE_H
#define COSE_MAKE_H

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "cose_test.h"

static inline cs_span
bio_span(BIO *bio)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);
	cs_span span = { cs_memdup(&ctx, data, (size_t) len), (size_t) len };

	BIO_free(bio);
	return span;
}

/* "P-256" and so on, "ED25519", "ED448", "X25519", "RSA2048"... */
static inline EVP_PKEY *
make_key(const char *kind)
{
	EVP_PKEY *key;

	if (strncmp(kind, "RSA", 3) == 0)
		key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t) atoi(kind + 3));
	else if (strchr(kind, '-') || strncmp(kind, "secp", 4) == 0)
		key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", kind);
	else
		key = EVP_PKEY_Q_keygen(NULL, NULL, kind);
	if (!key)
		abort();
	return key;
}

/* A key on P-256 that goes out with all parameters of the curve in place of its name. */
static inline EVP_PKEY *
make_explicit_key(void)
{
	EVP_PKEY *key = make_key("P-256");

	if (EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, "explicit") != 1)
		abort();
	return key;
}

/* n of a true key with another e, and d: NULL for the public half alone. */
static inline EVP_PKEY *
make_rsa_key_of(const char *e, const char *d)
{
	EVP_PKEY *pair = make_key("RSA2048"), *key = NULL;
	EVP_PKEY_CTX *pctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *n = NULL, *exponent = NULL, *secret = NULL;
	OSSL_PARAM *params;

	if (EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_RSA_N, &n) != 1 || !BN_dec2bn(&exponent, e) || (d && !BN_dec2bn(&secret, d)))
		abort();
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent);
	if (d)
		OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_D, secret);
	params = OSSL_PARAM_BLD_to_param(build);
	if (EVP_PKEY_fromdata_init(pctx) != 1 || EVP_PKEY_fromdata(pctx, &key, d ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) != 1)
		abort();
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_free(n);
	BN_free(exponent);
	BN_free(secret);
	EVP_PKEY_CTX_free(pctx);
	EVP_PKEY_free(pair);
	return key;
}

static inline EVP_PKEY *
make_raw_key(const char *kind, const uint8_t *bytes, size_t len)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key_ex(NULL, kind, NULL, bytes, len);

	if (!key)
		abort();
	return key;
}

static inline cs_span
private_pem(EVP_PKEY *key, bool traditional)
{
	BIO *bio = BIO_new(BIO_s_mem());

	if (traditional)
		PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL);
	else
		PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	return bio_span(bio);
}

static inline cs_span
encrypted_pem(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_PKCS8PrivateKey(bio, key, EVP_aes_128_cbc(), "secret", 6, NULL, NULL);
	return bio_span(bio);
}

static inline cs_span
public_pem(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_PUBKEY(bio, key);
	return bio_span(bio);
}

static inline cs_span
public_der(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	i2d_PUBKEY_bio(bio, key);
	return bio_span(bio);
}

static inline cs_span
join(cs_span a, cs_span b)
{
	uint8_t *out = cs_alloc(&ctx, a.len + b.len, 1);

	memcpy(out, a.data, a.len);
	memcpy(out + a.len, b.data, b.len);
	return (cs_span) { out, a.len + b.len };
}

#define MADE_FROM INT64_C(1700000000) /* made certificates hold from here */
#define MADE_TO INT64_C(1800000000)

static inline void
add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX v3;
	X509_EXTENSION *extension;
	CONF *conf;

	if (!value)
		return;
	conf = NCONF_new(NULL);
	X509V3_set_ctx(&v3, issuer, cert, NULL, NULL, 0);
	X509V3_set_nconf(&v3, conf); /* of policies: must be there, and may be empty */
	extension = X509V3_EXT_nconf_nid(conf, &v3, nid, value);
	if (!extension || !X509_add_ext(cert, extension, -1))
		abort();
	X509_EXTENSION_free(extension);
	NCONF_free(conf);
}

/* A critical extension that OpenSSL does not know. */
static inline void
add_critical(X509 *cert, const char *oid)
{
	static const uint8_t null[] = { 0x05, 0x00 };
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *extension;

	ASN1_OCTET_STRING_set(value, null, sizeof(null));
	extension = X509_EXTENSION_create_by_OBJ(NULL, object, 1, value);
	if (!extension || !X509_add_ext(cert, extension, -1))
		abort();
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(value);
	ASN1_OBJECT_free(object);
}

/* What a certificate says beside its names and its key, in the words of openssl.cnf; critical is an OID. NULL: nothing. */
typedef struct cert_extensions
{
	const char *constraints, *usage, *purposes, *critical, *policies, *policy_constraints;
} cert_extensions;

static inline cs_span
make_cert_saying(
	const char *subject, EVP_PKEY *key, const char *issuer, EVP_PKEY *issuer_key, const cert_extensions *says, const EVP_MD *md)
{
	X509 *cert = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());

	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1 + subject[0]);
	ASN1_TIME_set(X509_getm_notBefore(cert), (time_t) MADE_FROM);
	ASN1_TIME_set(X509_getm_notAfter(cert), (time_t) MADE_TO);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC, (const uint8_t *) subject, -1, -1, 0);
	X509_NAME_add_entry_by_txt(X509_get_issuer_name(cert), "CN", MBSTRING_ASC, (const uint8_t *) issuer, -1, -1, 0);
	X509_set_pubkey(cert, key);
	add_extension(cert, cert, NID_basic_constraints, says->constraints);
	add_extension(cert, cert, NID_key_usage, says->usage);
	add_extension(cert, cert, NID_ext_key_usage, says->purposes);
	add_extension(cert, cert, NID_certificate_policies, says->policies);
	add_extension(cert, cert, NID_policy_constraints, says->policy_constraints);
	if (says->critical)
		add_critical(cert, says->critical);
	if (!X509_sign(cert, issuer_key, md))
		abort();
	i2d_X509_bio(bio, cert);
	X509_free(cert);
	return bio_span(bio);
}

/* A DER certificate. */
static inline cs_span
make_cert_for(const char *subject, EVP_PKEY *key, const char *issuer, EVP_PKEY *issuer_key, const char *constraints, const char *usage,
	const char *purposes, const char *critical, const EVP_MD *md)
{
	cert_extensions says = { constraints, usage, purposes, critical, NULL, NULL };

	return make_cert_saying(subject, key, issuer, issuer_key, &says, md);
}

static inline cs_span
make_cert(const char *subject, EVP_PKEY *key, const char *issuer, EVP_PKEY *issuer_key, const char *constraints, const char *usage,
	const EVP_MD *md)
{
	return make_cert_for(subject, key, issuer, issuer_key, constraints, usage, NULL, NULL, md);
}

static inline cs_span
cert_pem(cs_span der)
{
	const uint8_t *p = der.data;
	X509 *cert = d2i_X509(NULL, &p, (long) der.len);
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_X509(bio, cert);
	X509_free(cert);
	return bio_span(bio);
}

#endif
