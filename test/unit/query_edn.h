/* query_edn.h - bytes from diagnostic notation, for the tests of the query room. */
#ifndef QUERY_EDN_H
#define QUERY_EDN_H

#include "query/query.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

static cs_arena arena;
static cs_ctx ctx;

static inline cs_span
edn(const char *text)
{
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	if (!cs_edn_parse(&ctx, text, strlen(text), &buf) || !cs_buf_ok(&buf))
	{
		printf("Bail out! the test's own notation is wrong: %s at %zu: %s\n", ctx.error.message, ctx.error.offset, text);
		exit(1);
	}
	return cs_buf_span(&buf);
}

/* The item in deterministic encoding. */
static inline cs_item
canonical(const char *text)
{
	cs_span span = edn(text);
	cs_item item = cs_item_at(span.data, span.len);
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	if (!cs_deterministic(&ctx, &item, &buf) || !cs_buf_ok(&buf))
	{
		printf("Bail out! %s: %s\n", ctx.error.message, text);
		exit(1);
	}
	return cs_item_at(buf.data, buf.len);
}

static inline bool
span_is(cs_span span, const char *text)
{
	return span.len == strlen(text) && (span.len == 0 || memcmp(span.data, text, span.len) == 0);
}

#define PROFILE "\"tag:example.com,2025:cc-platform#1.0.0\""

#endif
