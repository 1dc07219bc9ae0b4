/*
 * cose_fuzz.c - libFuzzer target of the cose room: bytes as a COSE_Sign1 that is parsed, verified and asked for its chain, and bytes as
 * a key that is imported. Nothing verifies with the fixed key, and what is imported goes in again and comes out the same.
 */
#include <stdlib.h>
#include <string.h>

#include "cose/cose.h"

static const char key_text[] = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"Ze2loSV3wrroKUN_4zhwGhCqo3Xhu1td4QjeQ5wIVR0\","
"\"y\":\"HlLtdXARY_f55A3fnzQbPcm6hgr34Mp8p-nuzQCE0Zw\"}";

static void
fuzz_key(cs_ctx *ctx, const uint8_t *data, size_t size, cs_key *out)
{
	cs_buf		once,
				twice;
	cs_item		item;

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

static void
fuzz_sign1(cs_ctx *ctx, const uint8_t *data, size_t size)
{
	cs_span		none = {NULL, 0},
			   *certs;
	cs_sign1	sign1;
	cs_item		item;
	cs_key		key;
	size_t		count;
	bool		yes;

	if (!cs_check(ctx, data, size))
		return;
	item = cs_item_at(data, size);
	while (cs_is(&item, CS_TAG) && item.arg >= 500 && item.arg <= 502)
		item = cs_tag_content(&item);
	if (!cs_sign1_parse(ctx, &item, &sign1))
		return;
	fuzz_key(ctx, (const uint8_t *) key_text, sizeof(key_text) - 1, &key);
	if (cs_sign1_verify(ctx, &sign1, none, none, &key))
		abort();
	if (!cs_sign1_x5chain(ctx, &sign1, &certs, &count) || count == 0)
		return;
	if (cs_chain_verify(ctx, certs, count, &key, INT64_C(1800000000)))
		abort();
	cs_key_names(ctx, &item, certs, count, &yes);
	if (cs_key_from_cert(ctx, certs[0], &key))
		cs_sign1_verify(ctx, &sign1, none, none, &key);
}

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cs_arena	arena;
	cs_ctx		ctx;

	cs_arena_init(&arena, &ctx);
	ctx.limits.max_size = 1 << 20;
	fuzz_sign1(&ctx, data, size);
	fuzz_key(&ctx, data, size, NULL);
	cs_arena_free(&arena);
	return 0;
}
