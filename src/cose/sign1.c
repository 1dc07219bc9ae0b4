/*
 * sign1.c - a COSE_Sign1 taken apart (RFC 9052 section 4.2) and its headers checked (section 3): what must be known before anybody
 * asks whether the signature holds.
 */
#include <string.h>

#include "internal.h"

enum
{
	HEADER_ALG = 1, HEADER_CRIT = 2, HEADER_KID = 4, HEADER_X5CHAIN = 33, HEADER_X5T = 34
};

static bool
invalid(cs_ctx *ctx, const char *path, const char *message)
{
	return cs_cose_fail(ctx, CS_INVALID, path, NULL, "%s", message);
}

/* Labels are integers or text, once each in one map (section 3). */
static bool
check_labels(cs_ctx *ctx, const cs_item *map, const char *path)
{
	cs_iter		it = cs_iterate(map);
	cs_item		key,
				value;

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
	cs_iter		it = cs_iterate(map);
	cs_item		other,
				value;
	int64_t		a,
				b;
	bool		number = cs_int64(key, &a);

	while (cs_next_pair(&it, &other, &value))
		if (number ? cs_int64(&other, &b) && a == b : cs_span_eq(cs_item_span(key), cs_item_span(&other)))
			return true;
	return false;
}

static bool
understood(const cs_item *label)
{
	static const int64_t known[] = {1, 2, 3, 4, 8, 15, 33, 34, 258, 259, 260};
	int64_t		number;

	if (!cs_int64(label, &number))
		return false;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i] == number)
			return true;
	return false;
}

/* crit (section 3.1). A text under label 2 is no crit: signed CoSERV results were written so (decision 1 of doc/conformance.md). */
static bool
check_crit(cs_ctx *ctx, const cs_sign1 *sign1)
{
	cs_item		crit,
				label;
	cs_iter		it;
	int64_t		number;

	if (cs_map_get(&sign1->unprotected, HEADER_CRIT, &crit))
		return invalid(ctx, "COSE_Sign1.unprotected.crit", "crit stands in the unprotected header");
	if (!sign1->has_protected || !cs_map_get(&sign1->protected_map, HEADER_CRIT, &crit) || cs_is(&crit, CS_TSTR))
		return true;
	if (!cs_is(&crit, CS_ARRAY) || cs_count(&crit) == 0)
		return invalid(ctx, "COSE_Sign1.protected.crit", "crit is not an array of at least one label");
	it = cs_iterate(&crit);
	while (cs_next(&it, &label))
	{
		if (!cs_is(&label, CS_UINT) && !cs_is(&label, CS_NINT) && !cs_is(&label, CS_TSTR))
			return invalid(ctx, "COSE_Sign1.protected.crit", "crit holds something that is no label");
		if (!map_has(&sign1->protected_map, &label))
			return invalid(ctx, "COSE_Sign1.protected.crit", "crit names a parameter that the protected header does not hold");
		if (understood(&label))
			continue;
		cs_cose_fail(ctx, CS_UNSUPPORTED, "COSE_Sign1.protected.crit", NULL,
					 "crit names a header parameter that is not understood");
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
		return invalid(ctx, "COSE_Sign1.protected", "protected header of COSE_Sign1 is no byte string");
	if (!cs_string(ctx, item, &out->protected_raw))
		return false;
	if (out->protected_raw.len == 0)
		return true;
	if (!cs_check(ctx, out->protected_raw.data, out->protected_raw.len))
	{
		ctx->error.has_offset = false;	/* it would count from the start of the byte string */
		strcpy(ctx->error.path, "COSE_Sign1.protected");
		return false;
	}
	out->protected_map = cs_item_at(out->protected_raw.data, out->protected_raw.len);
	if (!cs_is(&out->protected_map, CS_MAP))
		return invalid(ctx, "COSE_Sign1.protected", "protected header of COSE_Sign1 is no map");
	out->has_protected = cs_count(&out->protected_map) > 0;
	if (out->has_protected)
		out->protected_bytes = out->protected_raw;
	return check_labels(ctx, &out->protected_map, "COSE_Sign1.protected");
}

static bool
read_unprotected(cs_ctx *ctx, cs_sign1 *out)
{
	cs_iter		it;
	cs_item		key,
				value;

	if (!cs_is(&out->unprotected, CS_MAP))
		return invalid(ctx, "COSE_Sign1.unprotected", "unprotected header of COSE_Sign1 is no map");
	if (!check_labels(ctx, &out->unprotected, "COSE_Sign1.unprotected"))
		return false;
	it = cs_iterate(&out->unprotected);
	while (out->has_protected && cs_next_pair(&it, &key, &value))
		if (map_has(&out->protected_map, &key))
			return invalid(ctx, "COSE_Sign1.unprotected", "a header parameter is both protected and unprotected");
	return true;
}

static bool
read_alg(cs_ctx *ctx, cs_sign1 *out)
{
	cs_item		alg;

	if (!out->has_protected || !cs_map_get(&out->protected_map, HEADER_ALG, &alg))
		return true;
	if (cs_int64(&alg, &out->alg))
	{
		out->has_alg = true;
		return true;
	}
	if (cs_is(&alg, CS_TSTR))
		return cs_cose_fail(ctx, CS_UNSUPPORTED, "COSE_Sign1.protected.alg", NULL, "signature algorithm is not known");
	return invalid(ctx, "COSE_Sign1.protected.alg", "alg is neither an integer nor a text");
}

static bool
header(const cs_sign1 *sign1, int64_t label, cs_item *value)
{
	return (sign1->has_protected && cs_map_get(&sign1->protected_map, label, value)) ||
		cs_map_get(&sign1->unprotected, label, value);
}

static bool
read_kid(cs_ctx *ctx, cs_sign1 *out)
{
	cs_item		kid;

	if (!header(out, HEADER_KID, &kid))
		return true;
	if (!cs_is(&kid, CS_BSTR))
		return invalid(ctx, "COSE_Sign1.kid", "kid is no byte string");
	return cs_string(ctx, &kid, &out->kid);
}

bool
cs_sign1_parse(cs_ctx *ctx, const cs_item *item, cs_sign1 *out)
{
	cs_item		array = cs_is_tag(item, 18) ? cs_tag_content(item) : *item;
	cs_item		part[4];

	memset(out, 0, sizeof(*out));
	if (!cs_is(&array, CS_ARRAY) || cs_count(&array) != 4)
		return invalid(ctx, "COSE_Sign1", "COSE_Sign1 is not an array of four");
	for (uint64_t i = 0; i < 4; i++)
		cs_array_get(&array, i, &part[i]);
	out->unprotected = part[1];
	if (!read_protected(ctx, &part[0], out) || !read_unprotected(ctx, out))
		return false;
	out->detached = cs_is_null(&part[2]);
	if (!out->detached && !cs_is(&part[2], CS_BSTR))
		return invalid(ctx, "COSE_Sign1.payload", "payload of COSE_Sign1 is neither a byte string nor nil");
	if (!out->detached && !cs_string(ctx, &part[2], &out->payload))
		return false;
	if (!cs_is(&part[3], CS_BSTR))
		return invalid(ctx, "COSE_Sign1.signature", "signature of COSE_Sign1 is no byte string");
	return cs_string(ctx, &part[3], &out->signature) && check_crit(ctx, out) && read_alg(ctx, out) && read_kid(ctx, out);
}

/* x5t (RFC 9360 section 2), where it stands beside a chain, must be the digest of its first certificate. */
static bool
check_x5t(cs_ctx *ctx, const cs_sign1 *sign1, cs_span leaf)
{
	cs_item		x5t,
				alg,
				value;
	cs_span		want;
	cs_buf		got;

	if (!header(sign1, HEADER_X5T, &x5t))
		return true;
	if (!cs_is(&x5t, CS_ARRAY) || cs_count(&x5t) != 2 || !cs_array_get(&x5t, 0, &alg) || !cs_array_get(&x5t, 1, &value) ||
		!cs_is(&value, CS_BSTR))
		return invalid(ctx, "COSE_Sign1.x5t", "x5t is not an algorithm and a byte string");
	cs_buf_init(&got, ctx);
	if (!cs_string(ctx, &value, &want) || !cs_digest(ctx, &alg, leaf, &got))
		return false;
	return cs_span_eq(want, cs_buf_span(&got)) ||
		cs_cose_fail(ctx, CS_BAD_SIGNATURE, "COSE_Sign1.x5t", NULL, "x5t is not the digest of the first certificate of x5chain");
}

bool
cs_sign1_x5chain(cs_ctx *ctx, const cs_sign1 *sign1, cs_span **certs, size_t *count)
{
	cs_item		chain,
				cert;
	uint64_t	n;

	*certs = NULL;
	*count = 0;
	if (!header(sign1, HEADER_X5CHAIN, &chain))
		return true;
	n = cs_is(&chain, CS_BSTR) ? 1 : cs_is(&chain, CS_ARRAY) ? cs_count(&chain) : 0;
	if (n == 0)
		return invalid(ctx, "COSE_Sign1.x5chain", "x5chain is neither a certificate nor an array of them");
	if (n > ctx->limits.max_depth)
		return cs_cose_fail(ctx, CS_LIMIT, "COSE_Sign1.x5chain", NULL, "x5chain is longer than the limit on depth");
	*certs = cs_alloc(ctx, (size_t) n, sizeof(cs_span));
	if (!*certs)
		return false;
	for (; *count < n; (*count)++)
	{
		cert = chain;
		if (cs_is(&chain, CS_ARRAY))
			cs_array_get(&chain, *count, &cert);
		if (!cs_is(&cert, CS_BSTR))
			return invalid(ctx, "COSE_Sign1.x5chain", "x5chain holds something that is no byte string");
		if (!cs_string(ctx, &cert, &(*certs)[*count]))
			return false;
	}
	return check_x5t(ctx, sign1, (*certs)[0]);
}
