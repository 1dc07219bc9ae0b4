/*
 * sign.c - making a COSE_Sign1 (RFC 9052 section 4.4).
 */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include "internal.h"

enum
{
	SIGNATURE_BYTES = CS_RSA_MAX_BYTES
};

/* r and s side by side from OpenSSL's DER, in place. Region. */
static bool
ecdsa_raw(uint8_t *signature, size_t *len, size_t size)
{
	const uint8_t *p = signature;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long) *len);
	bool ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), signature, (int) size) == (int) size &&
		BN_bn2binpad(ECDSA_SIG_get0_s(sig), signature + size, (int) size) == (int) size;

	ECDSA_SIG_free(sig);
	*len = 2 * size;
	return ok;
}

static bool
set_padding(EVP_PKEY_CTX *pctx, const cs_algorithm *algorithm)
{
	return algorithm->scheme != CS_PSS ||
		(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
			EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST) == 1);
}

/* Region. One signature in OpenSSL's form, made or checked. */
static bool
run(const cs_private *key, EVP_PKEY *pkey, bool check, cs_span message, uint8_t *signature, size_t *len)
{
	EVP_PKEY_CTX *pctx = NULL;
	EVP_MD_CTX *mctx = EVP_MD_CTX_new();
	bool ok = false;

	if (mctx && check)
		ok = EVP_DigestVerifyInit_ex(mctx, &pctx, key->algorithm->md, NULL, NULL, pkey, NULL) == 1 && set_padding(pctx, key->algorithm) &&
			EVP_DigestVerify(mctx, signature, *len, message.data, message.len) == 1;
	else if (mctx)
		ok = EVP_DigestSignInit_ex(mctx, &pctx, key->algorithm->md, NULL, NULL, pkey, NULL) == 1 && set_padding(pctx, key->algorithm) &&
			EVP_DigestSign(mctx, signature, len, message.data, message.len) == 1;
	EVP_MD_CTX_free(mctx);
	return ok;
}

/* Region. NULL when done. The signature is checked before it leaves: halves that do not belong together and faults show here. */
static const char *
sign(const cs_private *key, cs_span message, uint8_t *signature, size_t *len, cs_reason *reason)
{
	const char *wrong = NULL;
	EVP_PKEY *pkey;

	cs_ossl_enter();
	pkey = cs_private_load(key);
	*len = SIGNATURE_BYTES;
	if (!pkey || !run(key, pkey, false, message, signature, len))
		wrong = "OpenSSL cannot sign with this key";
	else if (!run(key, pkey, true, message, signature, len))
		wrong = "private and public half of the key do not belong together";
	else if (key->algorithm->scheme == CS_ECDSA && !ecdsa_raw(signature, len, key->public_half.curve->size))
		wrong = "signature of OpenSSL cannot be read";
	EVP_PKEY_free(pkey);
	cs_ossl_leave(reason);
	return wrong;
}

/* A map that the caller gives, empty when its span is; alg is ours to say. */
static bool
open_map(cs_ctx *ctx, cs_span given, const char *which, cs_item *map)
{
	static const uint8_t empty[] = { 0xa0 };
	cs_item alg;

	if (given.len == 0)
		given = (cs_span) { empty, 1 };
	if (!cs_check(ctx, given.data, given.len))
		return false;
	*map = cs_item_at(given.data, given.len);
	if (!cs_is(map, CS_MAP) || cs_map_get(map, CS_HEADER_ALG, &alg))
		return cs_cose_fail(ctx, CS_INVALID, which, NULL, "header is no map, or holds alg already");
	return true;
}

/* {1: alg, ...} in deterministic order. */
static bool
put_protected(cs_ctx *ctx, const cs_item *given, int64_t alg, cs_buf *out)
{
	cs_iter it = cs_iterate(given);
	cs_item key, value, joined;
	cs_buf map;

	cs_buf_init(&map, ctx);
	cs_put_map(&map, cs_count(given) + 1);
	cs_put_uint(&map, CS_HEADER_ALG);
	cs_put_int(&map, alg);
	while (cs_next_pair(&it, &key, &value))
	{
		cs_put_item(&map, &key);
		cs_put_item(&map, &value);
	}
	if (!cs_buf_ok(&map))
		return false;
	joined = cs_item_at(map.data, map.len);
	return cs_deterministic(ctx, &joined, out) && cs_buf_ok(out);
}

static bool
put_sign1(cs_ctx *ctx, cs_span body, const cs_item *unprotected, const cs_span *payload, cs_span signature, cs_buf *out)
{
	size_t start = out->len;
	cs_item item;
	cs_sign1 parsed;

	cs_put_tag(out, CS_TAG_COSE_SIGN1);
	cs_put_array(out, 4);
	cs_put_bytes(out, body.data, body.len);
	if (!cs_deterministic(ctx, unprotected, out))
		return false;
	if (payload)
		cs_put_bytes(out, payload->data, payload->len);
	else
		cs_put_null(out);
	cs_put_bytes(out, signature.data, signature.len);
	if (!cs_buf_ok(out))
		return false;
	item = cs_item_at(out->data + start, out->len - start);
	return cs_sign1_parse(ctx, &item, &parsed); /* nothing leaves that would not be let in */
}

/* With the key open: it is wiped behind this, whatever happens here. */
static bool
sign_open(cs_ctx *ctx, cs_private *key, const cs_item maps[2], cs_span payload, bool detached, cs_buf *out)
{
	uint8_t signature[SIGNATURE_BYTES];
	const char *wrong;
	cs_reason reason;
	cs_span message;
	cs_buf body;
	size_t len;

	cs_buf_init(&body, ctx);
	if (!put_protected(ctx, &maps[0], key->algorithm->id, &body) ||
		!cs_sig_structure(ctx, cs_buf_span(&body), NULL, (cs_span) { NULL, 0 }, payload, &message))
		return false;
	wrong = sign(key, message, signature, &len, &reason);
	if (wrong)
		return cs_cose_fail(ctx, CS_BAD_KEY, NULL, &reason, "%s", wrong);
	return put_sign1(ctx, cs_buf_span(&body), &maps[1], detached ? NULL : &payload, (cs_span) { signature, len }, out);
}

bool
cs_sign1_sign(cs_ctx *ctx, cs_span private_key, cs_span protected_map, cs_span unprotected_map, cs_span payload, bool detached, cs_buf *out)
{
	cs_item maps[2];
	cs_private key;
	bool ok;

	if (!open_map(ctx, protected_map, "protected", &maps[0]) || !open_map(ctx, unprotected_map, "unprotected", &maps[1]) ||
		!cs_private_open(ctx, private_key, &key))
		return false;
	ok = sign_open(ctx, &key, maps, payload, detached, out);
	OPENSSL_cleanse(&key, sizeof(key));
	return ok;
}
