/*
 * vendors_fuzz.h - what the fuzzers of the vendors room share: bytes as one form. What is read becomes a CoRIM that passes the tables, says
 * nothing that can never match, and comes the same twice; what is not has an error.
 */
#ifndef VENDORS_FUZZ_H
#define VENDORS_FUZZ_H

#include <stdlib.h>

#include "model/corim.h"
#include "vendors/vendors.h"

static void
require(bool condition)
{
	if (!condition)
		abort();
}

static int
fuzz_vendor(const char *name, const uint8_t *data, size_t size)
{
	cs_span document = { data, size };
	cs_vendor_document first, second;
	const cs_vendor_format *format;
	cs_corim corim;
	cs_arena arena;
	cs_ctx ctx;

	cs_arena_init(&arena, &ctx);
	ctx.limits.max_size = 1 << 20;
	format = cs_vendor_format_of(document);
	if (format == NULL || __builtin_strcmp(format->name, name) != 0)
		return 0;
	if (cs_vendor_open(&ctx, format, document, (cs_span) { NULL, 0 }, &first))
	{
		require(cs_check(&ctx, first.corim.data, first.corim.len));
		require(cs_corim_open(&ctx, first.corim.data, first.corim.len, false, &corim));
		require(cs_vendor_open(&ctx, format, document, (cs_span) { NULL, 0 }, &second));
		require(cs_span_eq(first.corim, second.corim));
		require(first.signature.payload.len > 0 && first.signature.signature.len > 0);
	}
	else
		require(ctx.error.code != CS_OK);
	cs_arena_free(&arena);
	return 0;
}

#define FUZZ_VENDOR(format)                                      \
	extern int LLVMFuzzerTestOneInput(const uint8_t *, size_t);  \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) \
	{                                                            \
		return fuzz_vendor(format, data, size);                  \
	}

#endif
