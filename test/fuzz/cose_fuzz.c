/*
 * cose_fuzz.c - libFuzzer target of the cose room: bytes as a COSE_Sign1 or COSE_Sign that is parsed, verified and asked for its chain
 * and its certificates, and bytes as a key that is imported. Nothing verifies with the fixed key, the certificate that is said to have
 * signed did, and what is imported goes in again and comes out the same.
 */
#include <stdlib.h>
#include <string.h>

#include "cose/cose.h"

static const char key_text[] = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"Ze2loSV3wrroKUN_4zhwGhCqo3Xhu1td4QjeQ5wIVR0\","
							   "\"y\":\"HlLtdXARY_f55A3fnzQbPcm6hgr34Mp8p-nuzQCE0Zw\"}";

static void
fuzz_key(cs_ctx *ctx, const uint8_t *data, size_t size, cs_key *out)
{
	cs_buf once, twice;
	cs_item item;

	cs_buf_init(&once, ctx);
	cs_buf_init(&twice, ctx);
	if (!cs_key_import(ctx, data, size, &once))
		return;
	if (!cs_key_import(ctx, once.data, once.len, &twice) || !cs_span_eq(cs_buf_span(&once), cs_buf_span(&twice)))
		abort();
	item = cs_item_at(once.data, once.len);
	if (out && !cs_key_read(ctx, &item, out))
		abort();
}

/* Of a COSE_Sign1 or of one signature of a COSE_Sign: x5chain, x5bag, x5t and the one whose key made the signature. */
static void
fuzz_certs(cs_ctx *ctx, const cs_sign1 *sign1, cs_span payload, bool accept_rs)
{
	cs_span none = { NULL, 0 }, *certs;
	size_t count;
	cs_key key;

	if (!cs_sign1_certs(ctx, sign1, payload, accept_rs, &certs, &count) || count == 0)
		return;
	if (!cs_sign1_x5t_is(ctx, sign1, certs[0]) || !cs_key_from_cert(ctx, certs[0], &key))
		abort();
	key.accept_rs = accept_rs;
	if (!cs_sign1_verify(ctx, sign1, payload, none, &key))
		abort();
}

static void
fuzz_signature(cs_ctx *ctx, const cs_item *item, const cs_sign1 *sign1, const cs_key *fixed)
{
	static const uint8_t apart[] = "apart";
	cs_span none = { NULL, 0 }, payload = { apart, sizeof(apart) - 1 }, *certs;
	size_t count;
	cs_key key;
	bool yes;

	if (cs_sign1_verify(ctx, sign1, payload, none, fixed))
		abort();
	fuzz_certs(ctx, sign1, payload, false);
	fuzz_certs(ctx, sign1, payload, true);
	if (!cs_sign1_x5chain(ctx, sign1, &certs, &count) || count == 0)
		return;
	if (cs_chain_verify(ctx, certs, count, fixed, INT64_C(1800000000)))
		abort();
	cs_key_names(ctx, item, certs, count, &yes);
	if (cs_key_from_cert(ctx, certs[0], &key))
		cs_sign1_verify(ctx, sign1, payload, none, &key);
}

static void
fuzz_signed(cs_ctx *ctx, const uint8_t *data, size_t size)
{
	cs_sign1 sign1;
	cs_sign sign;
	cs_item item;
	cs_key key;

	if (!cs_check(ctx, data, size))
		return;
	item = cs_item_at(data, size);
	while (cs_is(&item, CS_TAG) && item.arg >= 500 && item.arg <= 502)
		item = cs_tag_content(&item);
	fuzz_key(ctx, (const uint8_t *) key_text, sizeof(key_text) - 1, &key);
	if (cs_sign1_parse(ctx, &item, &sign1))
		fuzz_signature(ctx, &item, &sign1, &key);
	if (!cs_sign_parse(ctx, &item, &sign))
		return;
	if (sign.count == 0)
		abort();
	for (size_t i = 0; i < sign.count; i++)
		fuzz_signature(ctx, &item, &sign.signatures[i], &key);
}

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cs_arena arena;
	cs_ctx ctx;

	cs_arena_init(&arena, &ctx);
	ctx.limits.max_size = 1 << 20;
	fuzz_signed(&ctx, data, size);
	fuzz_key(&ctx, data, size, NULL);
	cs_arena_free(&arena);
	return 0;
}
