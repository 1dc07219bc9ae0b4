/*
 * internal.h - what the files of this room share and no other room sees.
 *
 * A "region" is the code between opening OpenSSL handles and freeing them. It works on plain memory that was got before, gives
 * back a cs_reason, and never calls the allocator, the interrupt hook or anything else that may jump out.
 */
#ifndef CS_COSE_INTERNAL_H
#define CS_COSE_INTERNAL_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "codepoints/digest_alg.h"
#include "cbor/text.h"
#include "cose.h"

/* COSE Key Types (RFC 9053 section 7). */
enum
{
	CS_KTY_OKP = 1,
	CS_KTY_EC2 = 2,
	CS_KTY_RSA = 3
};

enum
{
	CS_RSA_MIN_BITS = 2048,
	CS_RSA_MAX_BYTES = 2048, /* 16384 bits, OpenSSL's own bound */
	CS_RSA_EXPONENT_BYTES = 8,
	CS_COORDINATE_BYTES = 66, /* P-521 */
	CS_DER_BYTES = 10240,	  /* an RSA private key of that size */
	CS_THUMBPRINT_MIN = 16	  /* bytes: shorter digests are forged too cheaply to name a key */
};

/* ---- alg.c ---- */

typedef struct cs_curve
{
	int64_t id; /* IANA COSE Elliptic Curves */
	int kty;
	const char *name;  /* JWK crv */
	const char *group; /* OpenSSL's name of the group (EC2) or key type (OKP) */
	size_t size;	   /* bytes of a coordinate or an OKP key */
	uint8_t oid[11];   /* DER, head included: the namedCurve, or the algorithm of an OKP key */
	size_t oid_len;
} cs_curve;

extern const cs_curve *cs_curve_by_id(int64_t id);
extern const cs_curve *cs_curve_by_name(cs_span name);
extern const cs_curve *cs_curve_by_size(size_t size); /* of a coordinate: of the curves of ECDSA that have it, the first */
extern const cs_curve *cs_curve_by_group(int kty, const char *group);

/* ---- ossl.c ---- */

typedef struct cs_reason
{
	char text[160];	  /* empty when OpenSSL said nothing */
	const char *hint; /* a literal, or NULL */
} cs_reason;

extern void cs_ossl_enter(void);			  /* an empty error queue */
extern void cs_ossl_leave(cs_reason *reason); /* what it says, then empty again */
/* cs_fail, with the place and what OpenSSL said (either may be NULL or empty). */
extern bool cs_cose_fail(cs_ctx *ctx, cs_code code, const char *path, const cs_reason *reason, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* ---- x5.c ---- */

/* x5chain, x5bag and x5t are what they should be, as cs_sign1_parse says. */
extern bool cs_sign1_check_x5(cs_ctx *ctx, const cs_sign1 *sign1);

/* ---- der.c: DER written from the end to the front, so that lengths are known when their heads are written ---- */

typedef struct cs_der
{
	uint8_t data[CS_DER_BYTES];
	size_t at; /* first byte written */
	bool full;
} cs_der;

extern void cs_der_init(cs_der *der);
extern void cs_der_raw(cs_der *der, const void *data, size_t len);
extern void cs_der_uint(cs_der *der, const uint8_t *data, size_t len); /* INTEGER from big-endian bytes */
extern void cs_der_wrap(cs_der *der, uint8_t tag, size_t mark);		   /* head for what was written since at was mark */
static inline cs_span
cs_der_span(const cs_der *der)
{
	return (cs_span) { der->data + der->at, CS_DER_BYTES - der->at };
}

/* ---- base64.c ---- */

/* Either alphabet, padded or not, white space passed over. out has room for len * 3 / 4 + 3. False: not base64. */
extern bool cs_base64_decode(cs_ctx *ctx, cs_span text, uint8_t *out, size_t *out_len);
/* JSON members: RFC 4648 section 5 without padding or white space; at most room bytes. */
extern bool cs_secret_base64url_decode(cs_span text, uint8_t *out, size_t room, size_t *out_len);

/* ---- pem.c (RFC 7468) ---- */

typedef struct cs_pem
{
	cs_span label;	/* "PUBLIC KEY" */
	cs_span body;	/* base64 between the lines, headers of RFC 1421 excluded */
	bool encrypted; /* has RFC 1421 headers */
} cs_pem;

/* The next block at or behind *next, which is moved on. False at the end, or with *bad set at a block that has no end. */
extern bool cs_pem_next(cs_span *next, cs_pem *out, bool *bad);
extern bool cs_pem_label_is(const cs_pem *pem, const char *label);
extern void cs_put_pem(cs_buf *buf, const char *label, cs_span der);
extern bool cs_has_pem(cs_span text);
extern bool cs_has_pem_line(cs_span text); /* at the start of a line, as in a file: not within a text of EDN */

/* ---- foreign.c ---- */

/* SubjectPublicKeyInfo of a DER key of PKCS#1. CS_BAD_KEY for what is no public key; for what is not known at all, ctx->error stays. */
extern bool cs_foreign_der(cs_ctx *ctx, cs_span der, cs_span *spki);
extern bool cs_fail_as_private(cs_ctx *ctx, const char *what);
extern bool cs_fail_as_request(cs_ctx *ctx);
/* A line of OpenSSH's id_*.pub and authorized_keys: "ssh-ed25519 AAAA... comment". CS_MALFORMED, CS_BAD_KEY. */
extern bool cs_looks_like_ssh(cs_span text);
extern bool cs_foreign_ssh(cs_ctx *ctx, cs_span text, cs_span *spki);

/* ---- weak_key.c ---- */

/* Region: NULL, or why no signature of this key says anything. */
extern const char *cs_pkey_weakness(EVP_PKEY *pkey);

/* ---- public.c ---- */

typedef struct cs_public
{
	int kty;
	const cs_curve *curve; /* NULL for RSA */
	uint8_t x[CS_COORDINATE_BYTES];
	uint8_t y[CS_COORDINATE_BYTES];
	uint8_t n[CS_RSA_MAX_BYTES];
	uint8_t e[CS_RSA_EXPONENT_BYTES];
	size_t n_len;
	size_t e_len;
} cs_public;

/* Region: NULL when done, else what is wrong with the key. */
extern const char *cs_public_from_pkey(EVP_PKEY *pkey, cs_public *out);
/* Reads and checks a DER SubjectPublicKeyInfo. CS_BAD_KEY. */
extern bool cs_public_of_spki(cs_ctx *ctx, cs_span spki, cs_public *out);
/* What it signs with where nobody says. */
extern int64_t cs_default_algorithm(const cs_public *key);
/* r and s side by side, each size bytes, from OpenSSL's DER, in place. Region. */
extern bool cs_ecdsa_raw(uint8_t *signature, size_t *len, size_t size);
/* Writes one, points uncompressed; the other finds y from x and y's sign (RFC 9053 section 7.1.1). CS_BAD_KEY. */
extern bool cs_public_spki(cs_ctx *ctx, const cs_public *key, cs_span *spki);
extern void cs_der_spki(cs_der *der, const cs_public *key); /* the same without a check */
extern bool cs_public_decompress(cs_ctx *ctx, cs_public *key, bool sign);
/* NULL when the key may be used with the algorithm, else why not (alg.c). */
extern const char *cs_algorithm_misfit(const cs_algorithm *algorithm, const cs_public *key);
/* The same key, whatever its encoding? */
extern bool cs_spki_same(cs_span a, cs_span b);

/* ---- key_cache.c ---- */

/* The key of a DER SubjectPublicKeyInfo, checked, and its components; NULL with what is wrong with it. Region: EVP_PKEY_free. */
extern EVP_PKEY *cs_public_key(cs_span spki, cs_public *components, const char **wrong);

/* ---- cert_cache.c ---- */

/* Exactly one certificate; NULL: it is none. Nobody may change it. Region: X509_free. */
extern X509 *cs_x509_load(cs_span der);

/* ---- cose_key.c ---- */

/* A COSE_Key map; alg 0 when it names none. Refuses private halves and keys that may not verify. */
extern bool cs_cose_key_public(cs_ctx *ctx, const cs_item *map, cs_public *out, int64_t *alg);
/* kid and alg are left out where kid is empty and alg 0. */
extern void cs_put_cose_key(cs_buf *buf, const cs_public *key, cs_span kid, int64_t alg, bool verify_only);

/* ---- jwk.c ---- */

typedef struct cs_jwk
{
	cs_span kty, crv, x, y, n, e, alg, use, kid; /* data NULL when absent */
	cs_span d, p, q, dp, dq, qi, k;
	bool has_ops;
	bool may_verify;
	bool may_sign;
} cs_jwk;

extern bool cs_jwk_parse(cs_ctx *ctx, cs_span text, cs_jwk *out);
/* Public half; algorithm NULL when it names none. Says nothing about d, key_ops and use. */
extern bool cs_jwk_public(cs_ctx *ctx, const cs_jwk *jwk, cs_public *out, const cs_algorithm **algorithm);
/* Public JWK -> COSE_Key map, refusing private halves and keys that may not verify. */
extern bool cs_jwk_to_cose_key(cs_ctx *ctx, cs_span text, cs_buf *out);
extern bool cs_text_looks_like_jwk(cs_span text);

/* ---- key.c ---- */

/* The certificates or the key that a text of 554, 555 or 556 holds; want is the label, bare base64 counts as one block. */
extern bool cs_pem_blocks(cs_ctx *ctx, cs_span text, const char *want, cs_span **der, size_t *count);

/* ---- x509.c ---- */

/* What a DER certificate says, without an error; spki has room for der.len bytes. */
typedef struct cs_cert_facts
{
	size_t spki_len;
	int64_t not_before;
	int64_t not_after;
} cs_cert_facts;

extern bool cs_cert_read(cs_span der, uint8_t *spki, cs_cert_facts *out, cs_reason *reason);
/* Does each certificate certify the one before it (the rule of 556)? CS_BAD_KEY. */
extern bool cs_chain_in_order(cs_ctx *ctx, const cs_span *certs, size_t count);

/* cs_chain_path for certificates of a device: critical extensions of DICE are the Verifier's to process. used: the
 * first one's key signed. */
extern bool cs_device_path(cs_ctx *ctx, const cs_span *certs, size_t count, const cs_key *anchor, int64_t at, bool used);

/* Does the subject of issuer stand as the issuer of cert, and may it have issued it? Region. */
extern bool cs_x509_may_issue(X509 *issuer, X509 *cert);
/* All of them, or NULL when one cannot be read. Region: sk_X509_pop_free. */
extern STACK_OF(X509) *cs_x509_load_all(const cs_span *certs, size_t count);
extern bool cs_asn1_seconds(const ASN1_TIME *time, int64_t *out);

/* ---- certificate.c ---- */

#define CS_NAME_TEXT 1024
extern void cs_x509_name_text(const X509_NAME *name, char *out, size_t room); /* region */

/* ---- verify.c ---- */

/* sign_protected NULL: that of a COSE_Sign1, else of a signature in a COSE_Sign. */
extern bool
cs_sig_structure(cs_ctx *ctx, cs_span body_protected, const cs_span *sign_protected, cs_span external_aad, cs_span payload, cs_span *out);

/* ---- private.c ---- */

typedef struct cs_private
{
	uint8_t der[CS_DER_BYTES]; /* PKCS#8, SEC 1 or PKCS#1: what d2i_AutoPrivateKey takes */
	size_t len;
	const cs_algorithm *algorithm; /* the one it is bound to; NULL when it says none */
	bool states_public;			   /* is there a public half beside it? */
	cs_public public_half;
} cs_private;

/* CS_BAD_KEY. The caller wipes it with OPENSSL_cleanse when it is done. */
extern bool cs_private_read(cs_ctx *ctx, cs_span private_key, cs_private *out);

/* ---- signer.c ---- */

struct cs_signer
{
	OSSL_LIB_CTX *library; /* that pkey is of; NULL: the default one */
	EVP_PKEY *pkey;
	const cs_algorithm *algorithm;
	cs_public public_half;
};

enum
{
	CS_SIGNATURE_BYTES = CS_RSA_MAX_BYTES
};

/* Region. In COSE's form (RFC 9053 section 2.1); len comes as what signature has room for, CS_SIGNATURE_BYTES. NULL when done, else
 * what is wrong. */
extern const char *cs_signer_run(const cs_signer *signer, cs_span message, uint8_t *signature, size_t *len);

#endif
