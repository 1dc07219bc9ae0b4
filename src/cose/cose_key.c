/*
 * cose_key.c - COSE_Key (RFC 9052 section 7, RFC 9053 section 7) for the key types that verify signatures.
 */
#include <string.h>

#include "internal.h"

/* COSE Key Parameters. */
enum
{
	KEY_KTY = 1,
	KEY_KID = 2,
	KEY_ALG = 3,
	KEY_OPS = 4,
	KEY_CRV = -1,
	KEY_X = -2,
	KEY_Y = -3,
	KEY_D = -4, /* OKP and EC2 */
	KEY_N = -1,
	KEY_E = -2,
	KEY_RSA_D = -3, /* RSA */
	OP_SIGN = 1,
	OP_VERIFY = 2
};

static bool
bad(cs_ctx *ctx, const char *message)
{
	return cs_cose_fail(ctx, CS_BAD_KEY, "COSE_Key", NULL, "%s", message);
}

/* A byte string of exactly size bytes. */
static bool
get_fixed(cs_ctx *ctx, const cs_item *map, int64_t label, uint8_t *out, size_t size)
{
	cs_item value;
	cs_span bytes;

	if (!cs_map_get(map, label, &value) || !cs_is(&value, CS_BSTR))
		return bad(ctx, label == KEY_X ? "COSE_Key has no x (-2) that is a byte string" : "COSE_Key has no y (-3)");
	if (!cs_string(ctx, &value, &bytes))
		return false;
	if (bytes.len != size)
	{
		cs_cose_fail(
			ctx, CS_BAD_KEY, "COSE_Key", NULL, "coordinate %s of COSE_Key has the wrong length for its curve", label == KEY_X ? "x" : "y");
		return cs_fail_found(ctx, "%zu bytes where %zu are wanted", bytes.len, size);
	}
	memcpy(out, bytes.data, size);
	return true;
}

/* An unsigned big number without leading zeros (RFC 8230 section 4: none there, and none are minded). */
static bool
get_number(cs_ctx *ctx, const cs_item *map, int64_t label, uint8_t *out, size_t room, size_t *len)
{
	cs_item value;
	cs_span bytes;

	if (!cs_map_get(map, label, &value) || !cs_is(&value, CS_BSTR))
		return bad(ctx, label == KEY_N ? "COSE_Key has no n (-1) that is a byte string" : "COSE_Key has no e (-2) that is a byte string");
	if (!cs_string(ctx, &value, &bytes))
		return false;
	while (bytes.len > 0 && bytes.data[0] == 0)
	{
		bytes.data++;
		bytes.len--;
	}
	if (bytes.len == 0 || bytes.len > room)
		return bad(ctx, "RSA number of COSE_Key is zero or too long");
	memcpy(out, bytes.data, bytes.len);
	*len = bytes.len;
	return true;
}

static bool
read_curve(cs_ctx *ctx, const cs_item *map, cs_public *out)
{
	cs_item value;
	cs_span name;
	int64_t id;

	if (!cs_map_get(map, KEY_CRV, &value))
		return bad(ctx, "COSE_Key has no crv (-1)");
	if (cs_int64(&value, &id))
		out->curve = cs_curve_by_id(id);
	else if (cs_is(&value, CS_TSTR))
	{
		if (!cs_string(ctx, &value, &name))
			return false;
		out->curve = cs_curve_by_name(name);
	}
	if (!out->curve || out->curve->kty != out->kty)
		return bad(ctx, "curve of COSE_Key is not one that verifies signatures");
	return true;
}

static bool
read_ec2(cs_ctx *ctx, const cs_item *map, cs_public *out)
{
	cs_item y;
	bool sign;

	if (!read_curve(ctx, map, out) || !get_fixed(ctx, map, KEY_X, out->x, out->curve->size))
		return false;
	if (cs_map_get(map, KEY_Y, &y) && cs_is_bool(&y, &sign))
		return cs_public_decompress(ctx, out, sign);
	return get_fixed(ctx, map, KEY_Y, out->y, out->curve->size);
}

static bool
read_type(cs_ctx *ctx, const cs_item *map, int *kty)
{
	cs_item value;
	int64_t number;

	if (!cs_map_get(map, KEY_KTY, &value))
		return bad(ctx, "COSE_Key has no kty (1)");
	if (cs_text_is(&value, "OKP"))
		number = CS_KTY_OKP;
	else if (cs_text_is(&value, "EC2"))
		number = CS_KTY_EC2;
	else if (cs_text_is(&value, "RSA"))
		number = CS_KTY_RSA;
	else if (!cs_int64(&value, &number) || number < CS_KTY_OKP || number > CS_KTY_RSA)
		return bad(ctx, "key type of COSE_Key is none of OKP, EC2 and RSA");
	*kty = (int) number;
	return true;
}

/* alg binds the key (RFC 9052 section 7.1), key_ops must let it verify. */
static bool
read_use(cs_ctx *ctx, const cs_item *map, int64_t *alg)
{
	cs_item value, op;
	cs_iter it;
	int64_t number;

	*alg = 0;
	if (cs_map_get(map, KEY_ALG, &value) && (!cs_int64(&value, alg) || !cs_algorithm_by_id(*alg)))
		return bad(ctx, "alg (3) of COSE_Key is not a signature algorithm that is known");
	if (!cs_map_get(map, KEY_OPS, &value))
		return true;
	if (!cs_is(&value, CS_ARRAY))
		return bad(ctx, "key_ops (4) of COSE_Key is no array");
	it = cs_iterate(&value);
	while (cs_next(&it, &op))
		if (cs_text_is(&op, "verify") || (cs_int64(&op, &number) && number == OP_VERIFY))
			return true;
	return bad(ctx, "key_ops (4) of COSE_Key does not let it verify");
}

bool
cs_cose_key_public(cs_ctx *ctx, const cs_item *map, cs_public *out, int64_t *alg)
{
	const cs_algorithm *algorithm;
	cs_item value;
	bool ok;

	memset(out, 0, sizeof(*out));
	if (!cs_is(map, CS_MAP))
		return bad(ctx, "COSE_Key is no map");
	if (!cs_require_unique_keys(ctx, map) || !read_type(ctx, map, &out->kty))
		return false;
	if (cs_map_get(map, out->kty == CS_KTY_RSA ? KEY_RSA_D : KEY_D, &value))
	{
		bad(ctx, "COSE_Key holds a private key");
		return cs_fail_hint(ctx, "take the private parameters out: only public keys are kept");
	}
	if (!read_use(ctx, map, alg))
		return false;
	if (out->kty == CS_KTY_RSA)
		ok = get_number(ctx, map, KEY_N, out->n, sizeof(out->n), &out->n_len) &&
			get_number(ctx, map, KEY_E, out->e, sizeof(out->e), &out->e_len);
	else if (out->kty == CS_KTY_EC2)
		ok = read_ec2(ctx, map, out);
	else
		ok = read_curve(ctx, map, out) && get_fixed(ctx, map, KEY_X, out->x, out->curve->size);
	if (!ok)
		return false;
	algorithm = *alg ? cs_algorithm_by_id(*alg) : NULL;
	if (algorithm && cs_algorithm_misfit(algorithm, out))
		return bad(ctx, "alg (3) of COSE_Key does not fit its key");
	return true;
}

/* Deterministic order: 1, 2, 3, 4, -1, -2, -3 (RFC 8949 section 4.2.1). */
void
cs_put_cose_key(cs_buf *buf, const cs_public *key, cs_span kid, int64_t alg, bool verify_only)
{
	cs_put_map(buf, (key->kty == CS_KTY_EC2 ? 4 : 3) + (kid.len > 0) + (alg != 0) + verify_only);
	cs_put_uint(buf, KEY_KTY);
	cs_put_int(buf, key->kty);
	if (kid.len > 0)
	{
		cs_put_uint(buf, KEY_KID);
		cs_put_bytes(buf, kid.data, kid.len);
	}
	if (alg != 0)
	{
		cs_put_uint(buf, KEY_ALG);
		cs_put_int(buf, alg);
	}
	if (verify_only)
	{
		cs_put_uint(buf, KEY_OPS);
		cs_put_array(buf, 1);
		cs_put_int(buf, OP_VERIFY);
	}
	cs_put_int(buf, KEY_CRV); /* and KEY_N */
	if (key->kty == CS_KTY_RSA)
		cs_put_bytes(buf, key->n, key->n_len);
	else
		cs_put_int(buf, key->curve->id);
	cs_put_int(buf, KEY_X); /* and KEY_E */
	if (key->kty == CS_KTY_RSA)
		cs_put_bytes(buf, key->e, key->e_len);
	else
		cs_put_bytes(buf, key->x, key->curve->size);
	if (key->kty == CS_KTY_EC2)
	{
		cs_put_int(buf, KEY_Y);
		cs_put_bytes(buf, key->y, key->curve->size);
	}
}
