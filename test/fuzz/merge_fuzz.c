/*
 * merge_fuzz.c - bytes as results one behind the other: what merges follows the CDDL, is the same in the other order, and stays what it is
 * when it is merged again, alone and with each of its parts.
 */
#include "model/corim.h"
#include "query/merge.h"

#include <stdlib.h>

#define MOST 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool condition)
{
	if (!condition)
		abort();
}

static bool
merge(cs_ctx *ctx, const cs_span *results, size_t count, bool backwards, cs_buf *out)
{
	cs_merge *m = cs_merge_new(ctx);

	cs_buf_init(out, ctx);
	require(m != NULL);
	for (size_t i = 0; i < count; i++)
	{
		cs_span one = results[backwards ? count - 1 - i : i];

		if (!cs_merge_add(m, one.data, one.len, CS_QUERY_LEGACY))
			return false;
	}
	return cs_merge_finish(m, out);
}

static size_t
split(cs_ctx *ctx, const uint8_t *data, size_t size, cs_span *results)
{
	size_t count = 0, used;

	while (size > 0 && count < MOST && cs_check_prefix(ctx, data, size, &used))
	{
		results[count++] = (cs_span) { data, used };
		data += used;
		size -= used;
	}
	return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cs_arena arena;
	cs_ctx ctx;
	cs_span results[MOST + 1];
	size_t count;
	cs_buf merged, again;

	cs_arena_init(&arena, &ctx);
	count = split(&ctx, data, size, results);
	if (merge(&ctx, results, count, false, &merged))
	{
		require(cs_validate(&ctx, &cs_rule_coserv, merged.data, merged.len, true));
		require(merge(&ctx, results, count, true, &again) && cs_span_eq(cs_buf_span(&merged), cs_buf_span(&again)));
		results[count] = cs_buf_span(&merged);
		require(merge(&ctx, &results[count], 1, false, &again) && cs_span_eq(cs_buf_span(&merged), cs_buf_span(&again)));
		require(merge(&ctx, results, count + 1, false, &again) && cs_span_eq(cs_buf_span(&merged), cs_buf_span(&again)));
	}
	else
		require(ctx.error.code != CS_OK && ctx.error.message[0] != '\0');
	cs_arena_free(&arena);
	return 0;
}
