/*
 * json_fuzz.c - JSON both ways. CBOR: what is written as JSON reads back to the deterministic encoding, for any rule, whether the item
 * keeps it or not. JSON: what is read can be written, and that reads to the same.
 */
#include "json/json.h"
#include "model/rules.h"

#include <stdlib.h>
#include <string.h>

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static bool
write_and_read(cs_ctx *ctx, const cs_rule *rule, const cs_item *item, cs_buf *json, cs_buf *back)
{
	cs_buf_init(json, ctx);
	cs_buf_init(back, ctx);
	if (!cs_json_write(ctx, rule, item, json))
	{
		must(ctx->error.code == CS_LIMIT || (ctx->error.code == CS_INVALID && strstr(ctx->error.message, "duplicate")));
		return false;
	}
	must(memchr(json->data, 0, json->len) == NULL);
	/* Its levels and values may be too many for the limits that the item kept. */
	if (cs_json_read(ctx, rule, cs_buf_span(json), back))
		return true;
	must(ctx->error.code == CS_LIMIT);
	return false;
}

static void
cbor(cs_ctx *ctx, const cs_rule *rule, const uint8_t *data, size_t size)
{
	cs_item item;
	cs_buf json, back, canonical;

	if (size == 0 || !cs_check(ctx, data, size))
		return;
	item = cs_item_at(data, size);
	if (!write_and_read(ctx, rule, &item, &json, &back))
		return;
	cs_buf_init(&canonical, ctx);
	must(cs_deterministic(ctx, &item, &canonical));
	must(cs_span_eq(cs_buf_span(&back), cs_buf_span(&canonical)) || cs_span_eq(cs_buf_span(&back), cs_item_span(&item)));
}

static void
text(cs_ctx *ctx, const cs_rule *rule, const uint8_t *data, size_t size)
{
	cs_buf first, json, back;
	cs_item item;

	cs_buf_init(&first, ctx);
	if (!cs_json_read(ctx, rule, (cs_span) { data, size }, &first))
	{
		must(ctx->error.code != CS_OK && ctx->error.message[0] != '\0');
		return;
	}
	must(cs_check(ctx, first.data, first.len));
	item = cs_item_at(first.data, first.len);
	if (write_and_read(ctx, rule, &item, &json, &back))
		must(cs_span_eq(cs_buf_span(&back), cs_item_span(&item)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "corim", "coserv-any", "environment-map", "measurement-map", "concise-mid-tag", "concise-swid-tag",
		"cbor-cmw", "evidence", "concise-ta-stores", "any" };
	cs_arena arena;
	cs_ctx ctx;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		const cs_rule *rule = i == 0 ? &cs_rule_corim_document : cs_rule_by_name(names[i]);

		cs_arena_init(&arena, &ctx);
		ctx.limits.max_size = 1 << 20;
		cbor(&ctx, rule, data, size);
		text(&ctx, rule, data, size);
		cs_arena_free(&arena);
	}
	return 0;
}
