/*
 * verify.c - Sig_structure (RFC 9052 section 4.4) and the verification of one signature over it (RFC 9053 section 2).
 */
#include <string.h>

#include <openssl/rsa.h>

#include "certs.h"
#include "internal.h"

/* The head of a byte string of len bytes: that of an unsigned integer, with another major type. */
static void
put_bytes_head(cs_buf *buf, size_t len)
{
	size_t at = buf->len;

	cs_put_uint(buf, len);
	if (cs_buf_ok(buf))
		buf->data[at] |= CS_BSTR << 5;
}

/* Made outside of cs_buf, whose bound a document of the greatest size would pass by the few bytes that are added here. */
static bool
concatenate(cs_ctx *ctx, const cs_span *parts, int count, cs_span *out)
{
	size_t total = 0;
	uint8_t *p;

	for (int i = 0; i < count; i++)
		if (__builtin_add_overflow(total, parts[i].len, &total))
			return cs_fail(ctx, CS_LIMIT, "signed bytes are too long");
	p = cs_alloc(ctx, total, 1);
	if (!p)
		return false;
	*out = (cs_span) { p, total };
	for (int i = 0; i < count; i++)
	{
		if (parts[i].len > 0)
			memcpy(p, parts[i].data, parts[i].len);
		p += parts[i].len;
	}
	return true;
}

bool
cs_sig_structure(cs_ctx *ctx, cs_span body_protected, const cs_span *sign_protected, cs_span external_aad, cs_span payload, cs_span *out)
{
	cs_span strings[4], parts[8];
	int count = 0;
	size_t from = 0;
	cs_buf heads;

	strings[count++] = body_protected;
	if (sign_protected)
		strings[count++] = *sign_protected;
	strings[count++] = external_aad;
	strings[count++] = payload;
	cs_buf_init(&heads, ctx);
	cs_put_array(&heads, (uint64_t) count + 1);
	cs_put_cstr(&heads, sign_protected ? "Signature" : "Signature1");
	for (int i = 0; i < count; i++)
	{
		put_bytes_head(&heads, strings[i].len);
		parts[2 * i].len = heads.len;
		parts[2 * i + 1] = strings[i];
	}
	if (!cs_buf_ok(&heads))
		return false;
	for (int i = 0; i < count; i++)
	{
		size_t end = parts[2 * i].len;

		parts[2 * i] = (cs_span) { heads.data + from, end - from };
		from = end;
	}
	return concatenate(ctx, parts, 2 * count, out);
}

/* ECDSA in COSE is r and s side by side, in OpenSSL a DER SEQUENCE of both. */
static cs_span
ecdsa_der(cs_der *der, cs_span raw)
{
	cs_der_init(der);
	cs_der_uint(der, raw.data + raw.len / 2, raw.len / 2);
	cs_der_uint(der, raw.data, raw.len / 2);
	cs_der_wrap(der, 0x30, CS_DER_BYTES);
	return cs_der_span(der);
}

/* The length that the key makes of a signature: other lengths are no signature of it. */
static size_t
signature_size(const cs_algorithm *algorithm, const cs_public *key)
{
	if (algorithm->scheme == CS_ECDSA || algorithm->scheme == CS_EDDSA)
		return 2 * key->curve->size;
	return key->n_len;
}

/* A key on one curve and a signature of one on another is no document that was altered: say whose lengths these are. */
static bool
found_length(cs_ctx *ctx, size_t found, size_t wanted, const cs_public *key)
{
	const cs_curve *other = key->kty == CS_KTY_EC2 ? cs_curve_by_size(found / 2) : NULL;

	if (key->kty == CS_KTY_RSA)
		return cs_fail_found(ctx, "%zu bytes where an RSA key of %zu bits makes %zu", found, key->n_len * 8, wanted);
	cs_fail_found(ctx, "%zu bytes%s%s%s, where a key on %s makes %zu", found, other ? " (of a key on " : "", other ? other->name : "",
		other ? ")" : "", key->curve->name, wanted);
	return cs_fail_hint(ctx, "The signature is of another key than this one.");
}

static bool
set_padding(EVP_PKEY_CTX *pctx, const cs_algorithm *algorithm)
{
	if (algorithm->scheme == CS_PKCS1)
		return EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PADDING) == 1;
	if (algorithm->scheme == CS_PSS) /* MGF1 takes the same hash unless it is told otherwise */
		return EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
			EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST) == 1;
	return true;
}

/* Region: 1 verifies, 0 does not, -1 OpenSSL cannot. */
static int
verify(const cs_algorithm *algorithm, cs_span spki, cs_span message, cs_span signature, cs_reason *reason)
{
	EVP_PKEY_CTX *pctx = NULL;
	EVP_MD_CTX *mctx;
	EVP_PKEY *pkey;
	cs_public unused;
	const char *wrong;
	int result = -1;

	cs_ossl_enter();
	pkey = cs_public_key(spki, &unused, &wrong);
	mctx = EVP_MD_CTX_new();
	if (pkey && mctx && EVP_DigestVerifyInit_ex(mctx, &pctx, algorithm->md, NULL, NULL, pkey, NULL) == 1 && set_padding(pctx, algorithm))
		result = EVP_DigestVerify(mctx, signature.data, signature.len, message.data, message.len) == 1;
	EVP_MD_CTX_free(mctx);
	EVP_PKEY_free(pkey);
	cs_ossl_leave(reason);
	return result;
}

/*
 * A signature of a COSE_Sign without alg (OCP SAFE): the algorithm that the key's curve fixes, as RFC 9864 has it. RSA fixes none, and a
 * COSE_Sign1 has to say.
 */
static int64_t
algorithm_of_key(const cs_sign1 *sign1, const cs_public *key)
{
	if (sign1->kind != CS_COSE_SIGNATURE || key->kty == CS_KTY_RSA)
		return 0;
	switch (key->curve->id)
	{
		case CS_CURVE_P256:
			return CS_ALG_ESP256;
		case CS_CURVE_P384:
			return CS_ALG_ESP384;
		case CS_CURVE_P521:
			return CS_ALG_ESP512;
		case CS_CURVE_ED25519:
			return CS_ALG_ED25519;
		case CS_CURVE_ED448:
			return CS_ALG_ED448;
		case CS_CURVE_SECP256K1:
			return CS_ALG_ES256K;
		default:
			return 0;
	}
}

/* Which algorithm, and may this key be used with it? */
static const cs_algorithm *
choose_algorithm(cs_ctx *ctx, const cs_sign1 *sign1, const cs_key *key, const cs_public *public_key)
{
	int64_t id = sign1->has_alg ? sign1->alg : key->alg != 0 ? key->alg : algorithm_of_key(sign1, public_key);
	const cs_algorithm *algorithm = cs_algorithm_by_id(id);
	const char *misfit;

	if (id == 0)
	{
		cs_cose_fail(ctx, CS_UNSUPPORTED, CS_COSE_PATH(sign1, "protected"), NULL, "protected header names no signature algorithm");
		cs_fail_hint(
			ctx, "An alg in the unprotected header is not believed; a key that names its algorithm (alg of JWK or COSE_Key) can stand in.");
		return NULL;
	}
	if (!algorithm)
	{
		cs_cose_fail(ctx, CS_UNSUPPORTED, CS_COSE_PATH(sign1, "protected.alg"), NULL, "signature algorithm is not known");
		cs_fail_found(ctx, "alg %lld", (long long) id);
		return NULL;
	}
	if (key->alg != 0 && key->alg != algorithm->id)
	{
		cs_cose_fail(ctx, CS_BAD_KEY, NULL, NULL, "key is bound to another algorithm than %s", algorithm->name);
		cs_fail_found(ctx, "%s", cs_alg_name(key->alg) ? cs_alg_name(key->alg) : "an unknown one");
		return NULL;
	}
	if (algorithm->scheme == CS_PKCS1 && !key->accept_rs)
	{
		cs_cose_fail(ctx, CS_UNSUPPORTED, CS_COSE_PATH(sign1, "protected.alg"), NULL, "%s is refused", algorithm->name);
		cs_fail_hint(ctx, "sign with PS256, PS384 or PS512 (RFC 8812 section 2); coserv.accept_rs lets documents of old in");
		return NULL;
	}
	misfit = cs_algorithm_misfit(algorithm, public_key);
	if (misfit)
	{
		cs_cose_fail(ctx, CS_BAD_KEY, NULL, NULL, "key does not fit %s: it is %s", algorithm->name, misfit);
		return NULL;
	}
	return algorithm;
}

/* An empty header given as h'A0' is signed as h'': both ways are tried (cose.h). tried: bit 0 for its own header, bit 1 for the body's. */
static bool
message_of(cs_ctx *ctx, const cs_sign1 *sign1, int tried, cs_span external_aad, cs_span payload, cs_span *message)
{
	bool in_sign = sign1->kind == CS_COSE_SIGNATURE;
	cs_span own = tried & 1 ? sign1->protected_raw : sign1->protected_bytes, body = tried & 2 ? sign1->body_raw : sign1->body_bytes;

	*message = sign1->payload;
	if (sign1->kind == CS_COSE_NONE)
		return true;
	return cs_sig_structure(
		ctx, in_sign ? body : own, in_sign ? &own : NULL, external_aad, sign1->detached ? payload : sign1->payload, message);
}

static bool
is_a_repetition(const cs_sign1 *sign1, int tried)
{
	return ((tried & 1) && cs_span_eq(sign1->protected_bytes, sign1->protected_raw)) ||
		((tried & 2) && cs_span_eq(sign1->body_bytes, sign1->body_raw));
}

bool
cs_sign1_verify(cs_ctx *ctx, const cs_sign1 *sign1, cs_span payload, cs_span external_aad, const cs_key *key)
{
	const cs_algorithm *algorithm;
	cs_public public_key;
	cs_reason reason = { "", NULL };
	cs_span signature = sign1->signature, message;
	cs_der der;

	if (sign1->detached && !payload.data)
		return cs_cose_fail(ctx, CS_INVALID, CS_COSE_PATH(sign1, "payload"), NULL, "payload is detached and none was given");
	if (!cs_public_of_spki(ctx, key->spki, &public_key))
		return false;
	algorithm = choose_algorithm(ctx, sign1, key, &public_key);
	if (!algorithm)
		return false;
	if (signature.len != signature_size(algorithm, &public_key))
	{
		cs_cose_fail(ctx, CS_BAD_SIGNATURE, CS_COSE_PATH(sign1, "signature"), NULL, "signature has the wrong length for its key");
		return found_length(ctx, signature.len, signature_size(algorithm, &public_key), &public_key);
	}
	if (algorithm->scheme == CS_ECDSA)
		signature = ecdsa_der(&der, signature);
	for (int tried = 0; tried < 4; tried++)
	{
		int result;

		if (is_a_repetition(sign1, tried))
			continue;
		if (!message_of(ctx, sign1, tried, external_aad, payload, &message))
			return false;
		result = verify(algorithm, key->spki, message, signature, &reason);
		if (result == 1)
			return true;
		if (result < 0)
			return cs_cose_fail(ctx, CS_BAD_KEY, NULL, &reason, "OpenSSL cannot verify %s with this key", algorithm->name);
	}
	return cs_cose_fail(ctx, CS_BAD_SIGNATURE, CS_COSE_PATH(sign1, "signature"), NULL, "signature does not verify with this key");
}

bool
cs_signature_verify(cs_ctx *ctx, int64_t alg, cs_span message, cs_span signature, const cs_key *key)
{
	const cs_algorithm *algorithm = cs_algorithm_by_id(alg);
	cs_reason reason = { .text = "" };
	cs_public public_key;
	const char *misfit;
	cs_der der;
	int result;

	if (!algorithm)
		return cs_cose_fail(ctx, CS_UNSUPPORTED, NULL, NULL, "signature algorithm is not known");
	if (!cs_public_of_spki(ctx, key->spki, &public_key))
		return false;
	misfit = cs_algorithm_misfit(algorithm, &public_key);
	if (misfit)
		return cs_cose_fail(ctx, CS_BAD_KEY, NULL, NULL, "key does not fit %s: it is %s", algorithm->name, misfit);
	if (signature.len != signature_size(algorithm, &public_key))
		return cs_cose_fail(ctx, CS_BAD_SIGNATURE, NULL, NULL, "signature has the wrong length for its key");
	if (algorithm->scheme == CS_ECDSA)
		signature = ecdsa_der(&der, signature);
	result = verify(algorithm, key->spki, message, signature, &reason);
	if (result < 0)
		return cs_cose_fail(ctx, CS_BAD_KEY, NULL, &reason, "OpenSSL cannot verify %s with this key", algorithm->name);
	return result == 1 || cs_cose_fail(ctx, CS_BAD_SIGNATURE, NULL, NULL, "signature does not verify with this key");
}

bool
cs_sign1_signed(cs_ctx *ctx, const cs_sign1 *sign1, cs_span payload, cs_span *out)
{
	const cs_span no_aad = { NULL, 0 };

	return message_of(ctx, sign1, 0, no_aad, payload, out);
}
