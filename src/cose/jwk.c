/*
 * jwk.c - JSON Web Key (RFC 7517, RFC 7518 section 6, RFC 8037) read into its members, and made into a COSE_Key.
 */
#include <string.h>

#include "cbor/json.h"
#include "internal.h"

static const struct
{
	const char *name;
	size_t offset; /* of its cs_span */
} members[] = {
	{ "kty", offsetof(cs_jwk, kty) },
	{ "crv", offsetof(cs_jwk, crv) },
	{ "x", offsetof(cs_jwk, x) },
	{ "y", offsetof(cs_jwk, y) },
	{ "n", offsetof(cs_jwk, n) },
	{ "e", offsetof(cs_jwk, e) },
	{ "alg", offsetof(cs_jwk, alg) },
	{ "use", offsetof(cs_jwk, use) },
	{ "kid", offsetof(cs_jwk, kid) },
	{ "d", offsetof(cs_jwk, d) },
	{ "p", offsetof(cs_jwk, p) },
	{ "q", offsetof(cs_jwk, q) },
	{ "dp", offsetof(cs_jwk, dp) },
	{ "dq", offsetof(cs_jwk, dq) },
	{ "qi", offsetof(cs_jwk, qi) },
	{ "k", offsetof(cs_jwk, k) },
};

static bool
bad(cs_ctx *ctx, const char *message)
{
	return cs_cose_fail(ctx, CS_BAD_KEY, "JWK", NULL, "%s", message);
}

bool
cs_text_looks_like_jwk(cs_span text)
{
	size_t i = 0;
	int seen = 0;

	for (; i < text.len && seen < 2; i++)
	{
		uint8_t c = text.data[i];

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
			continue;
		if (c != (seen == 0 ? '{' : '"') && !(seen == 1 && c == '}'))
			return false;
		seen++;
	}
	return seen == 2;
}

static cs_span *
member_of(cs_jwk *jwk, cs_span name)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (cs_json_is(name, members[i].name))
			return (cs_span *) ((char *) jwk + members[i].offset);
	return NULL;
}

/* key_ops; any other array is passed over, as long as it is one of strings. */
static bool
read_array(cs_ctx *ctx, const cs_json *array, cs_jwk *out)
{
	bool ops = cs_json_is(array->name, "key_ops");

	if (ops && out->has_ops)
		return bad(ctx, "JWK has key_ops twice");
	out->has_ops |= ops;
	for (const cs_json *value = array->first; value != NULL; value = value->next)
	{
		if (value->kind != CS_JSON_STRING)
			return bad(ctx, "member of JWK is not of the type that it should be");
		if (ops && cs_json_is(value->text, "verify"))
			out->may_verify = true;
		if (ops && cs_json_is(value->text, "sign"))
			out->may_sign = true;
	}
	return true;
}

static bool
read_member(cs_ctx *ctx, const cs_json *json, cs_jwk *out)
{
	cs_span *member = member_of(out, json->name);

	if (json->kind == CS_JSON_ARRAY && cs_json_is(json->name, "keys"))
	{
		bad(ctx, "this is a JWK Set, and one key is wanted");
		return cs_fail_hint(ctx, "give one element of its \"keys\"");
	}
	if (member && member->data)
		return bad(ctx, "JWK has a member twice");
	if (json->kind == CS_JSON_OBJECT || (member && json->kind != CS_JSON_STRING) ||
		(cs_json_is(json->name, "key_ops") && json->kind != CS_JSON_ARRAY))
		return bad(ctx, "member of JWK is not of the type that it should be");
	if (json->kind == CS_JSON_ARRAY)
		return read_array(ctx, json, out);
	if (member)
		*member = json->text;
	return true;
}

bool
cs_jwk_parse(cs_ctx *ctx, cs_span text, cs_jwk *out)
{
	cs_json *json;

	memset(out, 0, sizeof(*out));
	if (!cs_json_parse(ctx, text, &json))
		return false;
	if (json->kind != CS_JSON_OBJECT)
		return bad(ctx, "JWK is not an object");
	for (const cs_json *member = json->first; member != NULL; member = member->next)
		if (!read_member(ctx, member, out))
			return false;
	if (!out->has_ops)
		out->may_verify = out->may_sign = !out->use.data || cs_json_is(out->use, "sig");
	return true;
}

static bool
get_fixed(cs_ctx *ctx, cs_span value, uint8_t *out, size_t size)
{
	size_t len;

	if (!value.data)
		return bad(ctx, "JWK has no x, or no y");
	if (!cs_secret_base64url_decode(value, out, size, &len) || len != size)
		return bad(ctx, "coordinate of JWK is not base64url of the length that its curve wants");
	return true;
}

static bool
get_number(cs_ctx *ctx, cs_span value, uint8_t *out, size_t room, size_t *len)
{
	if (!value.data)
		return bad(ctx, "JWK has no n, or no e");
	if (!cs_secret_base64url_decode(value, out, room, len) || *len == 0)
		return bad(ctx, "RSA number of JWK is not base64url, or too long");
	if (out[0] == 0)
		return bad(ctx, "RSA number of JWK has leading zeros (RFC 7518 section 2)");
	return true;
}

static bool
read_ecc(cs_ctx *ctx, const cs_jwk *jwk, int kty, cs_public *out)
{
	out->kty = kty;
	out->curve = jwk->crv.data ? cs_curve_by_name(jwk->crv) : NULL;
	if (!out->curve || out->curve->kty != kty)
		return bad(ctx, "curve of JWK is not one that verifies signatures");
	return get_fixed(ctx, jwk->x, out->x, out->curve->size) && (kty == CS_KTY_OKP || get_fixed(ctx, jwk->y, out->y, out->curve->size));
}

/* JOSE binds the curve to the hash (RFC 7518 section 3.4), as COSE does not. */
static bool
jose_curve_fits(const cs_algorithm *algorithm, const cs_public *key)
{
	switch (algorithm->id)
	{
		case CS_ALG_ES256:
			return key->curve->id == 1;
		case CS_ALG_ES384:
			return key->curve->id == 2;
		case CS_ALG_ES512:
			return key->curve->id == 3;
		default:
			return true;
	}
}

bool
cs_jwk_public(cs_ctx *ctx, const cs_jwk *jwk, cs_public *out, const cs_algorithm **algorithm)
{
	bool ok;

	memset(out, 0, sizeof(*out));
	*algorithm = NULL;
	if (!jwk->kty.data)
		return bad(ctx, "JWK has no kty");
	if (cs_json_is(jwk->kty, "EC"))
		ok = read_ecc(ctx, jwk, CS_KTY_EC2, out);
	else if (cs_json_is(jwk->kty, "OKP"))
		ok = read_ecc(ctx, jwk, CS_KTY_OKP, out);
	else if (cs_json_is(jwk->kty, "RSA"))
	{
		out->kty = CS_KTY_RSA;
		ok = get_number(ctx, jwk->n, out->n, sizeof(out->n), &out->n_len) && get_number(ctx, jwk->e, out->e, sizeof(out->e), &out->e_len);
	}
	else
		ok = bad(ctx, "key type of JWK is none of EC, OKP and RSA");
	if (!ok || !jwk->alg.data)
		return ok;
	*algorithm = cs_algorithm_by_name(jwk->alg);
	if (!*algorithm || cs_algorithm_misfit(*algorithm, out) || !jose_curve_fits(*algorithm, out))
		return bad(ctx, "alg of JWK is not a signature algorithm that is known and fits its key");
	return true;
}

bool
cs_jwk_to_cose_key(cs_ctx *ctx, cs_span text, cs_buf *out)
{
	const cs_algorithm *algorithm;
	cs_public key;
	cs_jwk jwk;

	if (!cs_jwk_parse(ctx, text, &jwk))
		return false;
	if (jwk.d.data || jwk.k.data)
	{
		bad(ctx, "JWK holds a private or symmetric key");
		return cs_fail_hint(ctx, "take its private members out (d, p, q, dp, dq, qi): only public keys are kept");
	}
	if (!jwk.may_verify)
		return bad(ctx, "key_ops or use of JWK do not let it verify");
	if (!cs_jwk_public(ctx, &jwk, &key, &algorithm))
		return false;
	cs_put_cose_key(out, &key, jwk.kid, algorithm ? algorithm->id : 0, jwk.has_ops);
	return cs_buf_ok(out);
}
