/*
 * sign1.c - a COSE_Sign1 or a COSE_Sign taken apart (RFC 9052 section 4) and its headers checked (section 3): what must be known
 * before anybody asks whether a signature holds.
 */
#include <stdio.h>
#include <string.h>

#include "codepoints/digest_alg.h"
#include "internal.h"

#define MIN_DIGEST 32 /* bytes: 256 bits */

/* ---- where a fault is ---- */

/* From the start of the document, where the item is in it; what a chunked protected header holds stands at that header. */
static void
locate(cs_ctx *ctx, const cs_sign1 *sign1, const uint8_t *p)
{
	uintptr_t at = (uintptr_t) p, header = (uintptr_t) sign1->protected_raw.data, origin = (uintptr_t) sign1->origin;
	bool chunked = sign1->protected_item.indefinite && at >= header && at - header < sign1->protected_raw.len;

	ctx->error.has_offset = true;
	ctx->error.offset = (chunked ? (uintptr_t) sign1->protected_item.p : at) - origin;
}

static bool
fail_at(cs_ctx *ctx, const cs_sign1 *sign1, cs_code code, const cs_item *item, const char *path, const char *message)
{
	cs_cose_fail(ctx, code, path, NULL, "%s", message);
	locate(ctx, sign1, item->p);
	return false;
}

static bool
invalid(cs_ctx *ctx, const cs_sign1 *sign1, const cs_item *item, const char *path, const char *message)
{
	return fail_at(ctx, sign1, CS_INVALID, item, path, message);
}

/* Whoever asks for every fault is told of this one; false always. */
static bool
tell(cs_ctx *ctx, const cs_cose_reader *how)
{
	if (how->fault != NULL && ctx->error.code != CS_NO_MEMORY)
		how->fault(ctx, how->data);
	return false;
}

/* ---- labels ---- */

/* Labels are integers or text, once each in one map (section 3). */
static bool
check_map(cs_ctx *ctx, const cs_sign1 *sign1, const cs_item *map, const char *path)
{
	cs_iter it = cs_iterate(map);
	cs_item key, value;

	if (!cs_require_unique_keys(ctx, map))
	{
		if (ctx->error.path[0] == '\0')
			snprintf(ctx->error.path, sizeof(ctx->error.path), "%s", path);
		locate(ctx, sign1, map->p);
		return false;
	}
	while (cs_next_pair(&it, &key, &value))
		if (!cs_is(&key, CS_UINT) && !cs_is(&key, CS_NINT) && !cs_is(&key, CS_TSTR))
			return invalid(ctx, sign1, &key, path, "label of a COSE header parameter is neither an integer nor a text");
	return true;
}

static bool
check_protected_labels(cs_ctx *ctx, cs_sign1 *sign1)
{
	return !sign1->has_protected || check_map(ctx, sign1, &sign1->protected_map, CS_COSE_PATH(sign1, "protected"));
}

static bool
check_unprotected_labels(cs_ctx *ctx, cs_sign1 *sign1)
{
	return check_map(ctx, sign1, &sign1->unprotected, CS_COSE_PATH(sign1, "unprotected"));
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
check_both(cs_ctx *ctx, cs_sign1 *sign1)
{
	cs_iter it = cs_iterate(&sign1->unprotected);
	cs_item key, value;

	while (sign1->has_protected && cs_next_pair(&it, &key, &value))
		if (map_has(&sign1->protected_map, &key))
			return invalid(ctx, sign1, &key, CS_COSE_PATH(sign1, "unprotected"), "a header parameter is both protected and unprotected");
	return true;
}

static bool
protected_header(const cs_sign1 *sign1, int64_t label, cs_item *value)
{
	return sign1->has_protected && cs_map_get(&sign1->protected_map, label, value);
}

bool
cs_sign1_header(const cs_sign1 *sign1, int64_t label, cs_item *value)
{
	return sign1->kind != CS_COSE_NONE &&
		((sign1->has_protected && cs_map_get(&sign1->protected_map, label, value)) || cs_map_get(&sign1->unprotected, label, value));
}

/* ---- crit ---- */

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

static bool
check_critical(cs_ctx *ctx, const cs_sign1 *sign1, const cs_item *label)
{
	const char *path = CS_COSE_PATH(sign1, "protected.crit");
	int64_t number;

	if (!cs_is(label, CS_UINT) && !cs_is(label, CS_NINT) && !cs_is(label, CS_TSTR))
		return invalid(ctx, sign1, label, path, "crit holds something that is no label");
	if (!map_has(&sign1->protected_map, label))
		return invalid(ctx, sign1, label, path, "crit names a parameter that the protected header does not hold");
	if (understood(label))
		return true;
	fail_at(ctx, sign1, CS_UNSUPPORTED, label, path, "crit names a header parameter that is not understood");
	if (cs_int64(label, &number))
		cs_fail_found(ctx, "label %lld", (long long) number);
	return false;
}

/* crit (section 3.1). A text under label 2 is no crit: signed CoSERV results were written so (doc/conformance.md, decision 1). */
static bool
check_crit(cs_ctx *ctx, cs_sign1 *sign1)
{
	cs_item crit, label;
	cs_iter it;

	if (cs_map_get(&sign1->unprotected, CS_HEADER_CRIT, &crit))
		return invalid(ctx, sign1, &crit, CS_COSE_PATH(sign1, "unprotected.crit"), "crit stands in the unprotected header");
	if (!protected_header(sign1, CS_HEADER_CRIT, &crit) || cs_is(&crit, CS_TSTR))
		return true;
	if (!cs_is(&crit, CS_ARRAY) || cs_count(&crit) == 0)
		return invalid(ctx, sign1, &crit, CS_COSE_PATH(sign1, "protected.crit"), "crit is not an array of at least one label");
	it = cs_iterate(&crit);
	while (cs_next(&it, &label))
		if (!check_critical(ctx, sign1, &label))
			return false;
	return true;
}

/* ---- alg, kid, certificates ---- */

static bool
read_alg(cs_ctx *ctx, cs_sign1 *sign1)
{
	const char *path = CS_COSE_PATH(sign1, "protected.alg");
	cs_item alg;

	if (!protected_header(sign1, CS_HEADER_ALG, &alg))
		return true;
	sign1->has_alg = cs_int64(&alg, &sign1->alg);
	if (!sign1->has_alg && !cs_is(&alg, CS_TSTR))
		return invalid(ctx, sign1, &alg, path, "alg is neither an integer nor a text");
	if (sign1->has_alg && cs_algorithm_by_id(sign1->alg))
		return true;
	fail_at(ctx, sign1, CS_UNSUPPORTED, &alg, path, "signature algorithm is not known");
	if (sign1->has_alg)
		cs_fail_found(ctx, "alg %lld", (long long) sign1->alg);
	return false;
}

static bool
read_kid(cs_ctx *ctx, cs_sign1 *sign1)
{
	cs_item kid;

	if (!cs_sign1_header(sign1, CS_HEADER_KID, &kid))
		return true;
	if (!cs_is(&kid, CS_BSTR))
		return invalid(ctx, sign1, &kid, CS_COSE_PATH(sign1, "kid"), "kid is no byte string");
	return cs_string(ctx, &kid, &sign1->kid);
}

static bool
check_certificates(cs_ctx *ctx, cs_sign1 *sign1)
{
	cs_item header;

	if (cs_sign1_check_x5(ctx, sign1))
		return true;
	if (cs_sign1_header(sign1, CS_HEADER_X5CHAIN, &header) || cs_sign1_header(sign1, CS_HEADER_X5BAG, &header) ||
		cs_sign1_header(sign1, CS_HEADER_X5T, &header))
		locate(ctx, sign1, header.p);
	return false;
}

/* ---- hash envelope ---- */

/*
 * RFC 9995 section 4: payload_hash_alg is protected, payload_preimage_content_type and payload_location are where they are, and there is
 * no content type, as the payload is a digest.
 */
static bool
check_envelope_headers(cs_ctx *ctx, cs_sign1 *sign1)
{
	const char *path = CS_COSE_PATH(sign1, "unprotected");
	cs_item value, hash_alg;

	if (cs_map_get(&sign1->unprotected, CS_HEADER_PAYLOAD_HASH_ALG, &value))
		return invalid(ctx, sign1, &value, path, "payload_hash_alg (258) stands in the unprotected header");
	if (!protected_header(sign1, CS_HEADER_PAYLOAD_HASH_ALG, &hash_alg))
		return true;
	if (cs_map_get(&sign1->unprotected, CS_HEADER_PREIMAGE_CONTENT_TYPE, &value))
		return invalid(ctx, sign1, &value, path, "payload_preimage_content_type (259) of a hash envelope stands in the unprotected header");
	if (cs_map_get(&sign1->unprotected, CS_HEADER_PAYLOAD_LOCATION, &value))
		return invalid(ctx, sign1, &value, path, "payload_location (260) of a hash envelope stands in the unprotected header");
	if (cs_sign1_header(sign1, CS_HEADER_CONTENT_TYPE, &value))
		return invalid(ctx, sign1, &value, CS_COSE_PATH(sign1, "content type"), "content type (3) has no place in a hash envelope");
	return true;
}

/* COSE algorithms (RFC 9054) that are no shorter than 256 bits: named information's numbers mean something else here. */
static bool
check_hash_alg(cs_ctx *ctx, cs_sign1 *sign1)
{
	const cs_digest_alg *known;
	cs_item alg;

	if (!protected_header(sign1, CS_HEADER_PAYLOAD_HASH_ALG, &alg))
		return true;
	known = cs_digest_alg_of(&alg);
	if (cs_digest_alg_is_cose(known, &alg) && known->size >= MIN_DIGEST)
		return true;
	fail_at(ctx, sign1, CS_UNSUPPORTED, &alg, CS_COSE_PATH(sign1, "protected"), "hash algorithm of the hash envelope is not supported");
	return cs_fail_hint(ctx, "Those are SHA-256 (-16), SHA-512/256 (-17), SHA-384 (-43) and SHA-512 (-44).");
}

/* ---- both headers ---- */

static bool
read_protected(cs_ctx *ctx, const cs_item *item, cs_sign1 *out)
{
	const char *path = CS_COSE_PATH(out, "protected");

	out->protected_item = *item;
	if (!cs_is(item, CS_BSTR))
		return invalid(ctx, out, item, path, "protected header is no byte string");
	if (!cs_string(ctx, item, &out->protected_raw))
		return false;
	if (out->protected_raw.len == 0)
		return true;
	if (!cs_check(ctx, out->protected_raw.data, out->protected_raw.len))
	{
		locate(ctx, out, item->indefinite || !ctx->error.has_offset ? item->p : out->protected_raw.data + ctx->error.offset);
		snprintf(ctx->error.path, sizeof(ctx->error.path), "%s", path);
		return false;
	}
	out->protected_map = cs_item_at(out->protected_raw.data, out->protected_raw.len);
	if (!cs_is(&out->protected_map, CS_MAP))
		return invalid(ctx, out, item, path, "protected header is no map");
	out->has_protected = cs_count(&out->protected_map) > 0;
	if (out->has_protected)
		out->protected_bytes = out->protected_raw;
	return true;
}

/* What must hold of headers that are maps. One fault keeps no other from being told. */
static bool (*const checks[])(cs_ctx *ctx, cs_sign1 *sign1) = { check_protected_labels, check_unprotected_labels, check_both, check_crit,
	read_alg, read_kid, check_certificates, check_envelope_headers, check_hash_alg };

/* Both headers, and what they say of crit, alg, kid and certificates. False as well when faults were told. */
static bool
read_headers(cs_ctx *ctx, const cs_item *protected, const cs_item *unprotected, const cs_cose_reader *how, cs_sign1 *out)
{
	bool good = true;

	out->unprotected = *unprotected;
	if (!read_protected(ctx, protected, out))
		return tell(ctx, how);
	if (!cs_is(unprotected, CS_MAP))
	{
		invalid(ctx, out, unprotected, CS_COSE_PATH(out, "unprotected"), "unprotected header is no map");
		return tell(ctx, how);
	}
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
	{
		if (checks[i](ctx, out))
			continue;
		good = false;
		tell(ctx, how);
		if (how->fault == NULL || ctx->error.code == CS_NO_MEMORY)
			break;
	}
	return good;
}

/* ---- structures ---- */

static bool
read_payload(cs_ctx *ctx, const cs_item *payload, cs_sign1 *out)
{
	out->detached = cs_is_null(payload);
	if (!out->detached && !cs_is(payload, CS_BSTR))
		return invalid(ctx, out, payload, CS_COSE_PATH(out, "payload"), "payload is neither a byte string nor nil");
	return out->detached || cs_string(ctx, payload, &out->payload);
}

static bool
read_signature(cs_ctx *ctx, const cs_item *signature, cs_sign1 *out)
{
	if (!cs_is(signature, CS_BSTR))
		return invalid(ctx, out, signature, CS_COSE_PATH(out, "signature"), "signature is no byte string");
	return cs_string(ctx, signature, &out->signature);
}

/* Each part has its faults told, whatever the one before has; what is no structure at all comes before what is not understood. */
static bool
read_parts(cs_ctx *ctx, const cs_item *part, bool has_payload, const cs_cose_reader *how, cs_sign1 *out)
{
	bool payload = !has_payload || read_payload(ctx, &part[2], out) || tell(ctx, how), signature;

	if (!payload && how->fault == NULL)
		return false;
	signature = out->kind == CS_COSE_SIGN || read_signature(ctx, &part[has_payload ? 3 : 2], out) || tell(ctx, how);
	if (!signature && how->fault == NULL)
		return false;
	return read_headers(ctx, &part[0], &part[1], how, out) && payload && signature;
}

static bool
parts_of(cs_ctx *ctx, const cs_item *array, const char *name, int count, const cs_cose_reader *how, cs_sign1 *out, cs_item *part)
{
	if (!cs_is(array, CS_ARRAY) || cs_count(array) != (uint64_t) count)
	{
		cs_cose_fail(ctx, CS_INVALID, name, NULL, "%s is not an array of %s", name, count == 4 ? "four" : "three");
		locate(ctx, out, array->p);
		return tell(ctx, how);
	}
	for (int i = 0; i < count; i++)
		cs_array_get(array, (uint64_t) i, &part[i]);
	return true;
}

static void
begin(cs_cose_kind kind, const cs_item *item, const cs_cose_reader *how, cs_sign1 *out)
{
	memset(out, 0, sizeof(*out));
	out->kind = kind;
	out->origin = how->origin != NULL ? how->origin : item->p;
}

bool
cs_sign1_read(cs_ctx *ctx, const cs_item *item, const cs_cose_reader *how, cs_sign1 *out)
{
	cs_item array = cs_is_tag(item, CS_TAG_COSE_SIGN1) ? cs_tag_content(item) : *item;
	cs_item part[4];

	begin(CS_COSE_SIGN1, item, how, out);
	return parts_of(ctx, &array, "COSE_Sign1", 4, how, out, part) && read_parts(ctx, part, true, how, out);
}

bool
cs_sign1_parse(cs_ctx *ctx, const cs_item *item, cs_sign1 *out)
{
	return cs_sign1_read(ctx, item, &(cs_cose_reader) { 0 }, out);
}

/* A COSE_Signature: [protected, unprotected, signature]. */
static bool
read_one_of_many(cs_ctx *ctx, const cs_item *item, const cs_sign1 *body, const cs_cose_reader *how, cs_sign1 *out)
{
	cs_item part[3];

	begin(CS_COSE_SIGNATURE, item, how, out);
	out->origin = body->origin;
	out->body_bytes = body->protected_bytes;
	out->body_raw = body->protected_raw;
	out->detached = body->detached;
	out->payload = body->payload;
	return parts_of(ctx, item, "COSE_Signature", 3, how, out, part) && read_parts(ctx, part, false, how, out);
}

static bool
read_signatures(cs_ctx *ctx, const cs_item *list, const cs_cose_reader *how, cs_sign *out)
{
	cs_iter it = cs_iterate(list);
	cs_item signature;
	bool good = true;

	out->signatures = cs_alloc(ctx, (size_t) cs_count(list), sizeof(cs_sign1));
	if (!out->signatures)
		return false;
	while (cs_next(&it, &signature))
	{
		/* those that are not understood are passed over, and told only when no other is left: the last one's reason */
		const cs_cose_reader *quiet = &(cs_cose_reader) { .origin = out->body.origin };

		if (read_one_of_many(ctx, &signature, &out->body, quiet, &out->signatures[out->count]))
			out->count++;
		else if (ctx->error.code != CS_UNSUPPORTED)
		{
			good = tell(ctx, how);
			if (how->fault == NULL || ctx->error.code == CS_NO_MEMORY)
				return false;
		}
	}
	if (good && out->count == 0)
		return tell(ctx, how);
	return good;
}

bool
cs_sign_read(cs_ctx *ctx, const cs_item *item, const cs_cose_reader *how, cs_sign *out)
{
	cs_item array = cs_is_tag(item, CS_TAG_COSE_SIGN) ? cs_tag_content(item) : *item;
	cs_item part[4];
	bool body;

	memset(out, 0, sizeof(*out));
	begin(CS_COSE_SIGN, item, how, &out->body);
	if (!parts_of(ctx, &array, "COSE_Sign", 4, how, &out->body, part))
		return false;
	body = read_parts(ctx, part, true, how, &out->body);
	if (!body && how->fault == NULL)
		return false;
	if (!cs_is(&part[3], CS_ARRAY) || cs_count(&part[3]) == 0)
		invalid(ctx, &out->body, &part[3], "COSE_Sign.signatures", "signatures are not an array of at least one");
	else if (cs_count(&part[3]) > ctx->limits.max_depth)
		fail_at(ctx, &out->body, CS_LIMIT, &part[3], "COSE_Sign.signatures", "there are more signatures than the limit on depth");
	else
		return read_signatures(ctx, &part[3], how, out) && body;
	return tell(ctx, how);
}

bool
cs_sign_parse(cs_ctx *ctx, const cs_item *item, cs_sign *out)
{
	return cs_sign_read(ctx, item, &(cs_cose_reader) { 0 }, out);
}
