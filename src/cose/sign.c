/*
 * sign.c - making a COSE_Sign1 (RFC 9052 section 4.4), here or with a signature that is made elsewhere.
 */
#include "internal.h"

#include <string.h>

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

bool
cs_signer_sign1(
	cs_ctx *ctx, const cs_signer *signer, cs_span protected_map, cs_span unprotected_map, cs_span payload, bool detached, cs_buf *out)
{
	uint8_t signature[CS_SIGNATURE_BYTES];
	size_t len = sizeof(signature);
	cs_item maps[2];
	const char *wrong;
	cs_reason reason;
	cs_span message;
	cs_buf body;

	cs_buf_init(&body, ctx);
	if (!open_map(ctx, protected_map, "protected", &maps[0]) || !open_map(ctx, unprotected_map, "unprotected", &maps[1]) ||
		!put_protected(ctx, &maps[0], signer->algorithm->id, &body) ||
		!cs_sig_structure(ctx, cs_buf_span(&body), NULL, (cs_span) { NULL, 0 }, payload, &message))
		return false;
	cs_ossl_enter();
	wrong = cs_signer_run(signer, message, signature, &len);
	cs_ossl_leave(&reason);
	if (wrong)
		return cs_cose_fail(ctx, CS_BAD_KEY, NULL, &reason, "%s", wrong);
	return put_sign1(ctx, cs_buf_span(&body), &maps[1], detached ? NULL : &payload, (cs_span) { signature, len }, out);
}

/* ---- signed elsewhere ---- */

bool
cs_key_algorithm(cs_ctx *ctx, const cs_key *key, int64_t *alg)
{
	cs_public public_key;

	*alg = key->alg;
	if (*alg != 0)
		return true;
	if (!cs_public_of_spki(ctx, key->spki, &public_key))
		return false;
	*alg = cs_default_algorithm(&public_key);
	return true;
}

bool
cs_sign1_draft(cs_ctx *ctx, int64_t alg, cs_span protected_map, cs_span unprotected_map, cs_span payload, bool detached, cs_buf *out)
{
	cs_item maps[2];
	cs_buf body;

	cs_buf_init(&body, ctx);
	return open_map(ctx, protected_map, "protected", &maps[0]) && open_map(ctx, unprotected_map, "unprotected", &maps[1]) &&
		put_protected(ctx, &maps[0], alg, &body) &&
		put_sign1(ctx, cs_buf_span(&body), &maps[1], detached ? NULL : &payload, (cs_span) { NULL, 0 }, out);
}

bool
cs_sign1_to_be_signed(cs_ctx *ctx, const cs_sign1 *draft, cs_span payload, cs_span *message)
{
	if (draft->signature.len != 0)
		return cs_cose_fail(ctx, CS_INVALID, CS_COSE_PATH(draft, "signature"), NULL, "it is signed already");
	if (draft->detached && payload.data == NULL)
		return cs_cose_fail(ctx, CS_INVALID, CS_COSE_PATH(draft, "payload"), NULL, "payload is detached and none was given");
	return cs_sig_structure(ctx, draft->protected_bytes, NULL, (cs_span) { NULL, 0 }, draft->detached ? payload : draft->payload, message);
}

/* The DER of r and s as COSE has them; false where it is none. */
static bool
raw_of_der(cs_span der, size_t size, uint8_t raw[CS_SIGNATURE_BYTES], size_t *len)
{
	cs_reason reason;
	bool ok;

	if (der.len > CS_SIGNATURE_BYTES || 2 * size > CS_SIGNATURE_BYTES)
		return false;
	memcpy(raw, der.data, der.len);
	*len = der.len;
	cs_ossl_enter();
	ok = cs_ecdsa_raw(raw, len, size);
	cs_ossl_leave(&reason);
	return ok;
}

bool
cs_sign1_complete(cs_ctx *ctx, const cs_sign1 *draft, cs_span payload, cs_span signature, const cs_key *key, cs_buf *out)
{
	uint8_t raw[CS_SIGNATURE_BYTES];
	cs_sign1 complete = *draft;
	cs_public public_key;
	size_t len;

	if (draft->signature.len != 0)
		return cs_cose_fail(ctx, CS_INVALID, CS_COSE_PATH(draft, "signature"), NULL, "it is signed already");
	if (!cs_public_of_spki(ctx, key->spki, &public_key))
		return false;
	complete.signature = signature;
	if (public_key.kty == CS_KTY_EC2 && signature.len != 2 * public_key.curve->size &&
		raw_of_der(signature, public_key.curve->size, raw, &len))
		complete.signature = (cs_span) { raw, len };
	return cs_sign1_verify(ctx, &complete, payload, (cs_span) { NULL, 0 }, key) &&
		put_sign1(ctx, draft->protected_raw, &draft->unprotected, draft->detached ? NULL : &draft->payload, complete.signature, out);
}
