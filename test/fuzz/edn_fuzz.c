/*
 * edn_fuzz.c - any text into the parser of extended diagnostic notation; what it takes is well-formed CBOR, and prints as text that parses
 * to the same bytes.
 */
#include "cbor/edn.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool condition)
{
	if (!condition)
		abort();
}

static void
round_trip(cs_ctx *ctx, cs_span bytes, bool pretty)
{
	cs_edn_style style = { pretty, NULL };
	cs_item item = cs_item_at(bytes.data, bytes.len);
	cs_buf text;
	cs_buf back;

	cs_buf_init(&text, ctx);
	cs_buf_init(&back, ctx);
	require(cs_edn_print(ctx, &item, &style, &text) && cs_utf8_valid(text.data, text.len));
	require(cs_edn_parse(ctx, (const char *) text.data, text.len, &back));
	require(cs_span_eq(bytes, cs_buf_span(&back)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cs_arena arena;
	cs_ctx ctx;
	cs_buf out;

	cs_arena_init(&arena, &ctx);
	cs_buf_init(&out, &ctx);
	if (cs_edn_parse(&ctx, (const char *) data, size, &out))
	{
		require(cs_check(&ctx, out.data, out.len));
		round_trip(&ctx, cs_buf_span(&out), false);
		round_trip(&ctx, cs_buf_span(&out), true);
	}
	else
	{
		require(ctx.error.code == CS_LIMIT || (ctx.error.has_offset && ctx.error.offset <= size));
		require(ctx.error.code == CS_MALFORMED || ctx.error.code == CS_LIMIT || ctx.error.code == CS_UNSUPPORTED);
	}
	cs_arena_free(&arena);
	return 0;
}
