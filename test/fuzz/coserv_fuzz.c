/*
 * coserv_fuzz.c - bytes as a CoSERV query: what can be read selects its own environments, and its answer follows the CDDL.
 */
#include "query/result.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool condition)
{
	if (!condition)
		abort();
}

/* Every selector's environment is an environment that the query selects, as the operator reads it, too. */
static void
select_own(cs_ctx *ctx, const cs_query *query, const uint8_t *data, size_t size)
{
	cs_query again;

	require(cs_query_read_selectors(ctx, data, size, &again));
	require(again.selector_count == query->selector_count);
	for (size_t i = 0; i < query->selector_count; i++)
	{
		cs_span span = query->selectors[i].environment;
		cs_item environment = cs_item_at(span.data, span.len);

		require(cs_query_selects(query, &environment));
		require(cs_query_selects(&again, &environment));
		require(cs_env_satisfies(&environment, &environment));
	}
}

/* A triple about the first environment, in the state that was asked for: any kind must give an answer. */
static void
ask_states(cs_ctx *ctx, const cs_query *query)
{
	static const int64_t kinds[] = { 0, 1, 2, 3, 8, 10, -1 };
	cs_buf buf;
	cs_item record;

	for (size_t i = 0; i < query->selector_count && i < 8; i++)
	{
		const cs_selector *selector = &query->selectors[i];

		if (selector->measurements.len == 0)
			continue;
		cs_buf_init(&buf, ctx);
		cs_put_array(&buf, 2);
		cs_put_raw(&buf, selector->environment.data, selector->environment.len);
		cs_put_raw(&buf, selector->measurements.data, selector->measurements.len);
		if (!cs_buf_ok(&buf))
			return;
		record = cs_item_at(buf.data, buf.len);
		for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
			cs_query_state_agrees(ctx, selector, kinds[k], &record, NULL);
	}
}

static void
answer(cs_ctx *ctx, const cs_query *query)
{
	static const uint8_t document[] = { 0xd9, 0x01, 0xf5, 0xa0 };
	cs_result *result = cs_result_new(ctx, query);
	cs_span span = { document, sizeof(document) };
	cs_buf buf;
	int64_t expiry;

	if (result == NULL)
		return;
	for (size_t i = 0; i < query->rim_count; i++)
		cs_result_add_rim(result, &query->rims[i], "application/rim+cbor", span);
	require(cs_result_add_source(result, "application/rim+cbor", span));
	cs_buf_init(&buf, ctx);
	if (cs_result_finish(result, INT64_C(1800000000), 3600, &buf, &expiry))
		require(cs_validate(ctx, &cs_rule_coserv, buf.data, buf.len, true));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int lax = 0; lax < 2; lax++)
	{
		cs_arena arena;
		cs_ctx ctx;
		cs_query query;

		cs_arena_init(&arena, &ctx);
		if (cs_query_read(&ctx, data, size, CS_QUERY_LEGACY | (lax ? CS_QUERY_LAX : 0), &query))
		{
			select_own(&ctx, &query, data, size);
			ask_states(&ctx, &query);
			answer(&ctx, &query);
		}
		else
			require(ctx.error.code != CS_OK && ctx.error.message[0] != '\0');
		cs_arena_free(&arena);
	}
	return 0;
}
