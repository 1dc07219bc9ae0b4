/*
 * sign1.c - a COSE_Sign1 or a COSE_Sign taken apart (RFC 9052 section 4) and its headers checked (section 3): what must be known
 * before anybody asks whether a signature holds.
 */
#include <string.h>

#include "internal.h"

static bool
invalid(cs_ctx *ctx, const char *path, const char *message)
{
	return cs_cose_fail(ctx, CS_INVALID, path, NULL, "%s", message);
}

/* Labels are integers or text, once each in one map (section 3). */
static bool
check_labels(cs_ctx *ctx, const cs_item *map, const char *path)
{
	cs_iter it = cs_iterate(map);
	cs_item key, value;

	if (!cs_require_unique_keys(ctx, map))
		return false;
	while (cs_next_pair(&it, &key, &value))
		if (!cs_is(&key, CS_UINT) && !cs_is(&key, CS_NINT) && !cs_is(&key, CS_TSTR))
			return invalid(ctx, path, "label of a COSE header parameter is neither an integer nor a text");
	return true;
}

static bool
map_has(const cs_item *map, const cs_item *key)
{
	cs_iter it = cs_iterate(map);
	cs_item other, value;
	int64_t a, b;
	bool number = cs_int64(key, &a);

	while (cs_next_pair(&it, &other, &value))
		if (number ? cs_int64(&other, &b) && a == b : cs_span_eq(cs_item_span(key), cs_item_span(&other)))
			return true;
	return false;
}

static bool
understood(const cs_item *label)
{
	static const int64_t known[] = { CS_HEADER_ALG, CS_HEADER_CRIT, CS_HEADER_CONTENT_TYPE, CS_HEADER_KID, CS_HEADER_CORIM_META,
		CS_HEADER_CWT_CLAIMS, CS_HEADER_X5BAG, CS_HEADER_X5CHAIN, CS_HEADER_X5T, CS_HEADER_PAYLOAD_HASH_ALG,
		CS_HEADER_PREIMAGE_CONTENT_TYPE, CS_HEADER_PAYLOAD_LOCATION };
	int64_t number;

	if (!cs_int64(label, &number))
		return false;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == number)
			return true;
	return false;
}

/* crit (section 3.1). A text under label 2 is no crit: signed CoSERV results were written so (doc/conformance.md, decision 1). */
static bool
check_crit(cs_ctx *ctx, const cs_sign1 *sign1)
{
	cs_item crit, label;
	cs_iter it;
	int64_t number;

	if (cs_map_get(&sign1->unprotected, CS_HEADER_CRIT, &crit))
		return invalid(ctx, CS_COSE_PATH(sign1, "unprotected.crit"), "crit stands in the unprotected header");
	if (!sign1->has_protected || !cs_map_get(&sign1->protected_map, CS_HEADER_CRIT, &crit) || cs_is(&crit, CS_TSTR))
		return true;
	if (!cs_is(&crit, CS_ARRAY) || cs_count(&crit) == 0)
		return invalid(ctx, CS_COSE_PATH(sign1, "protected.crit"), "crit is not an array of at least one label");
	it = cs_iterate(&crit);
	while (cs_next(&it, &label))
	{
		if (!cs_is(&label, CS_UINT) && !cs_is(&label, CS_NINT) && !cs_is(&label, CS_TSTR))
			return invalid(ctx, CS_COSE_PATH(sign1, "protected.crit"), "crit holds something that is no label");
		if (!map_has(&sign1->protected_map, &label))
			return invalid(ctx, CS_COSE_PATH(sign1, "protected.crit"), "crit names a parameter that the protected header does not hold");
		if (understood(&label))
			continue;
		cs_cose_fail(
			ctx, CS_UNSUPPORTED, CS_COSE_PATH(sign1, "protected.crit"), NULL, "crit names a header parameter that is not understood");
		if (cs_int64(&label, &number))
			cs_fail_found(ctx, "label %lld", (long long) number);
		return false;
	}
	return true;
}

static bool
read_protected(cs_ctx *ctx, const cs_item *item, cs_sign1 *out)
{
	if (!cs_is(item, CS_BSTR))
		return invalid(ctx, CS_COSE_PATH(out, "protected"), "protected header is no byte string");
	if (!cs_string(ctx, item, &out->protected_raw))
		return false;
	if (out->protected_raw.len == 0)
		return true;
	if (!cs_check(ctx, out->protected_raw.data, out->protected_raw.len))
	{
		ctx->error.has_offset = false; /* it would count from the start of the byte string */
		strcpy(ctx->error.path, CS_COSE_PATH(out, "protected"));
		return false;
	}
	out->protected_map = cs_item_at(out->protected_raw.data, out->protected_raw.len);
	if (!cs_is(&out->protected_map, CS_MAP))
		return invalid(ctx, CS_COSE_PATH(out, "protected"), "protected header is no map");
	out->has_protected = cs_count(&out->protected_map) > 0;
	if (out->has_protected)
		out->protected_bytes = out->protected_raw;
	return check_labels(ctx, &out->protected_map, CS_COSE_PATH(out, "protected"));
}

static bool
read_unprotected(cs_ctx *ctx, cs_sign1 *out)
{
	cs_iter it;
	cs_item key, value;

	if (!cs_is(&out->unprotected, CS_MAP))
		return invalid(ctx, CS_COSE_PATH(out, "unprotected"), "unprotected header is no map");
	if (!check_labels(ctx, &out->unprotected, CS_COSE_PATH(out, "unprotected")))
		return false;
	it = cs_iterate(&out->unprotected);
	while (out->has_protected && cs_next_pair(&it, &key, &value))
		if (map_has(&out->protected_map, &key))
			return invalid(ctx, CS_COSE_PATH(out, "unprotected"), "a header parameter is both protected and unprotected");
	return true;
}

static bool
read_alg(cs_ctx *ctx, cs_sign1 *out)
{
	cs_item alg;

	if (!out->has_protected || !cs_map_get(&out->protected_map, CS_HEADER_ALG, &alg))
		return true;
	if (cs_int64(&alg, &out->alg))
	{
		out->has_alg = true;
		return true;
	}
	if (cs_is(&alg, CS_TSTR))
		return cs_cose_fail(ctx, CS_UNSUPPORTED, CS_COSE_PATH(out, "protected.alg"), NULL, "signature algorithm is not known");
	return invalid(ctx, CS_COSE_PATH(out, "protected.alg"), "alg is neither an integer nor a text");
}

bool
cs_sign1_header(const cs_sign1 *sign1, int64_t label, cs_item *value)
{
	return (sign1->has_protected && cs_map_get(&sign1->protected_map, label, value)) || cs_map_get(&sign1->unprotected, label, value);
}

static bool
read_kid(cs_ctx *ctx, cs_sign1 *out)
{
	cs_item kid;

	if (!cs_sign1_header(out, CS_HEADER_KID, &kid))
		return true;
	if (!cs_is(&kid, CS_BSTR))
		return invalid(ctx, CS_COSE_PATH(out, "kid"), "kid is no byte string");
	return cs_string(ctx, &kid, &out->kid);
}

/* Both headers, and what they say of crit, alg and kid. */
static bool
read_headers(cs_ctx *ctx, const cs_item *protected, const cs_item *unprotected, cs_sign1 *out)
{
	out->unprotected = *unprotected;
	return read_protected(ctx, protected, out) && read_unprotected(ctx, out) && check_crit(ctx, out) && read_alg(ctx, out) &&
		read_kid(ctx, out);
}

static bool
read_payload(cs_ctx *ctx, const cs_item *payload, cs_sign1 *out)
{
	out->detached = cs_is_null(payload);
	if (!out->detached && !cs_is(payload, CS_BSTR))
		return invalid(ctx, CS_COSE_PATH(out, "payload"), "payload is neither a byte string nor nil");
	return out->detached || cs_string(ctx, payload, &out->payload);
}

static bool
read_signature(cs_ctx *ctx, const cs_item *signature, cs_sign1 *out)
{
	if (!cs_is(signature, CS_BSTR))
		return invalid(ctx, CS_COSE_PATH(out, "signature"), "signature is no byte string");
	return cs_string(ctx, signature, &out->signature);
}

static bool
parts_of(cs_ctx *ctx, const cs_item *array, const char *name, int count, cs_item *part)
{
	if (!cs_is(array, CS_ARRAY) || cs_count(array) != (uint64_t) count)
		return cs_cose_fail(ctx, CS_INVALID, name, NULL, "%s is not an array of %s", name, count == 4 ? "four" : "three");
	for (int i = 0; i < count; i++)
		cs_array_get(array, (uint64_t) i, &part[i]);
	return true;
}

bool
cs_sign1_parse(cs_ctx *ctx, const cs_item *item, cs_sign1 *out)
{
	cs_item array = cs_is_tag(item, CS_TAG_COSE_SIGN1) ? cs_tag_content(item) : *item;
	cs_item part[4];

	memset(out, 0, sizeof(*out));
	out->kind = CS_COSE_SIGN1;
	return parts_of(ctx, &array, "COSE_Sign1", 4, part) && read_headers(ctx, &part[0], &part[1], out) && read_payload(ctx, &part[2], out) &&
		read_signature(ctx, &part[3], out);
}

/* A COSE_Signature: [protected, unprotected, signature]. */
static bool
read_one_of_many(cs_ctx *ctx, const cs_item *item, const cs_sign1 *body, cs_sign1 *out)
{
	cs_item part[3];

	memset(out, 0, sizeof(*out));
	out->kind = CS_COSE_SIGNATURE;
	out->body_bytes = body->protected_bytes;
	out->body_raw = body->protected_raw;
	out->detached = body->detached;
	out->payload = body->payload;
	return parts_of(ctx, item, "COSE_Signature", 3, part) && read_headers(ctx, &part[0], &part[1], out) &&
		read_signature(ctx, &part[2], out);
}

bool
cs_sign_parse(cs_ctx *ctx, const cs_item *item, cs_sign *out)
{
	cs_item array = cs_is_tag(item, CS_TAG_COSE_SIGN) ? cs_tag_content(item) : *item;
	cs_item part[4], signature;
	cs_iter it;

	memset(out, 0, sizeof(*out));
	out->body.kind = CS_COSE_SIGN;
	if (!parts_of(ctx, &array, "COSE_Sign", 4, part) || !read_headers(ctx, &part[0], &part[1], &out->body) ||
		!read_payload(ctx, &part[2], &out->body))
		return false;
	if (!cs_is(&part[3], CS_ARRAY) || cs_count(&part[3]) == 0)
		return invalid(ctx, "COSE_Sign.signatures", "signatures are not an array of at least one");
	if (cs_count(&part[3]) > ctx->limits.max_depth)
		return cs_cose_fail(ctx, CS_LIMIT, "COSE_Sign.signatures", NULL, "there are more signatures than the limit on depth");
	out->signatures = cs_alloc(ctx, (size_t) cs_count(&part[3]), sizeof(cs_sign1));
	if (!out->signatures)
		return false;
	it = cs_iterate(&part[3]);
	while (cs_next(&it, &signature))
	{
		if (read_one_of_many(ctx, &signature, &out->body, &out->signatures[out->count]))
			out->count++;
		else if (ctx->error.code != CS_UNSUPPORTED)
			return false;
	}
	return out->count > 0;
}
