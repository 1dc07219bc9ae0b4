/*
 * accept_fuzz.c - what an HTTP client sends as text: Accept, If-None-Match, the target, base64url.
 */
#include "cbor/text.h"
#include "query/http.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const cs_offer offers[] = {
	{ "application/coserv+cose", "tag:vendor.com,2025:cc_platform#1.0.0" },
	{ "application/coserv+cbor", "1.2.3" },
	{ "application/coserv-discovery+json", NULL },
};

static void
require(bool condition)
{
	if (!condition)
		abort();
}

/* The answer is the best of what each offer alone would get, and a list may end with an empty element. */
static void
negotiate(const char *text, size_t size)
{
	int all = cs_accept_negotiate(text, size, offers, 3);
	char *longer = malloc(size + 2);

	require(all >= -2 && all < 3);
	for (int i = 0; i < 3; i++)
	{
		int one = cs_accept_negotiate(text, size, &offers[i], 1);

		require((one == -2) == (all == -2));
		require(all != -1 || one == -1);
		require(all != i || one == 0);
	}
	if (longer != NULL && size > 0)
	{
		memcpy(longer, text, size);
		memcpy(longer + size, ",", 2);
		/* A header of blanks accepts everything; a list of empty elements nothing. */
		if (strspn(longer, " \t,") < size)
			require(cs_accept_negotiate(longer, size + 1, offers, 3) == all);
	}
	free(longer);
}

/* What is read is written in the same way: one query has one URL. */
static void
base64url(const char *text, size_t size)
{
	cs_arena arena;
	cs_ctx ctx;
	cs_buf plain;
	cs_buf again;

	cs_arena_init(&arena, &ctx);
	cs_buf_init(&plain, &ctx);
	cs_buf_init(&again, &ctx);
	if (cs_base64url_decode(&ctx, text, size, &plain))
	{
		cs_put_base64(&again, cs_buf_span(&plain), true, 0);
		require(cs_buf_ok(&again) && again.len == size && (size == 0 || memcmp(again.data, text, size) == 0));
	}
	cs_arena_free(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *) data;
	cs_span query;

	negotiate(text, size);
	base64url(text, size);
	cs_etag_matches(text, size, "W/\"a\"");
	if (cs_http_route(text, size, "/coserv/{query}", &query) == CS_ROUTE_QUERY)
		require(query.len > 0 && query.data + query.len == data + size);
	return 0;
}
