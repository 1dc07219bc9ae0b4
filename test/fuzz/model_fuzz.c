/*
 * model_fuzz.c - bytes as a CoRIM document: envelope, payload, tags, triples, every fault, annotated notation. What must hold:
 * a walk that goes on after faults finds one exactly where a walk that stops at the first does; triples that are handed out keep
 * their own rule; what is printed parses back to the same bytes.
 */
#include "model/corim.h"

#include <stdlib.h>
#include <string.h>

extern int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static bool
no_visit(cs_walk *walk, cs_event event, const cs_rule *rule, const char *name, const cs_item *item)
{
	char path[CS_PATH_MAX];

	(void) name;
	must(rule != NULL && item != NULL);
	if (event == CS_FAULT)
		must(walk->ctx->error.code != CS_OK && walk->ctx->error.message[0]);
	cs_walk_path(walk, path, sizeof(path));
	return true;
}

static void
walk_both_ways(cs_ctx *ctx, const cs_rule *rule, const cs_item *item)
{
	cs_walk stops = { .ctx = ctx, .accept_legacy = true };
	cs_walk goes_on = { .ctx = ctx, .accept_legacy = true, .all_faults = true, .visit = no_visit };
	bool ok = cs_walk_rule(&stops, rule, item);
	bool limit = !ok && ctx->error.code != CS_INVALID;

	must(ok || limit || (ctx->error.path[0] && ctx->error.rule[0]));
	must(cs_walk_rule(&goes_on, rule, item) == ok || limit);
}

static bool
take_environment(cs_ctx *ctx, const cs_item *environment, void *data)
{
	cs_walk walk = { .ctx = ctx, .accept_legacy = true };

	(void) data;
	must(cs_walk_rule(&walk, &cs_rule_environment_map, environment));
	return true;
}

static bool
take_triple(cs_ctx *ctx, const cs_triple *triple, void *data)
{
	const cs_rule *rule = cs_rule_triple(triple->kind);
	cs_walk walk = { .ctx = ctx, .accept_legacy = true };

	if (rule == NULL)
		return true;
	must(triple->has_environment && cs_walk_rule(&walk, rule, &triple->record));
	return take_environment(ctx, &triple->environment, data) && cs_triple_environments(ctx, triple, take_environment, data);
}

static void
open_payload(cs_ctx *ctx, cs_span bytes)
{
	cs_corim corim;
	cs_buf text;

	if (!cs_check(ctx, bytes.data, bytes.len) || !cs_corim_open(ctx, bytes.data, bytes.len, true, &corim))
		return;
	cs_buf_init(&text, ctx);
	(void) cs_id_text(ctx, &corim.id, &text);
	if (corim.has_profile)
		(void) cs_profile_text(ctx, &corim.profile, &text);
	must(cs_corim_triples(ctx, &corim, take_triple, NULL));
}

static void
open_document(cs_ctx *ctx, const uint8_t *data, size_t size)
{
	cs_document doc;
	cs_item part;
	cs_span bytes;
	cs_signer_meta meta;

	if (!cs_document_open(ctx, data, size, true, &doc))
		return;
	if (doc.envelope == CS_ENV_UNSIGNED)
	{
		open_payload(ctx, cs_item_span(&doc.payload));
		return;
	}
	if (cs_array_get(&doc.cose, 0, &part) && cs_is(&part, CS_BSTR) && cs_string(ctx, &part, &bytes) && cs_check(ctx, bytes.data, bytes.len))
	{
		part = cs_item_at(bytes.data, bytes.len);
		(void) cs_signer_meta_read(ctx, &part, &meta);
	}
	if (cs_array_get(&doc.cose, 2, &part) && cs_is(&part, CS_BSTR) && cs_string(ctx, &part, &bytes))
		open_payload(ctx, bytes);
}

static void
print_and_parse(cs_ctx *ctx, const cs_rule *rule, const cs_item *item, size_t size)
{
	cs_edn_notes notes = cs_rule_notes(rule);
	cs_edn_style style = { true, &notes };
	cs_buf text, back;

	cs_buf_init(&text, ctx);
	cs_buf_init(&back, ctx);
	if (!cs_edn_print(ctx, item, &style, &text))
		return;
	if (cs_edn_parse(ctx, (const char *) text.data, text.len, &back))
		must(back.len == size && memcmp(back.data, item->p, size) == 0);
	else
		must(ctx->error.code == CS_LIMIT);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const cs_rule *rules[] = { &cs_rule_corim_document, &cs_rule_concise_mid_tag, &cs_rule_measurement_map, &cs_rule_environment_map };
	cs_arena arena;
	cs_ctx ctx;
	cs_item item;

	cs_arena_init(&arena, &ctx);
	ctx.limits.max_size = 1 << 20;
	if (size > 0 && cs_check(&ctx, data, size))
	{
		item = cs_item_at(data, size);
		for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
			walk_both_ways(&ctx, rules[i], &item);
		open_document(&ctx, data, size);
		print_and_parse(&ctx, rules[size % 2], &item, size);
	}
	cs_arena_free(&arena);
	return 0;
}
