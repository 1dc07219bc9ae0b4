/*
 * model_examples_test.c - the project's own examples: each file of examples/ fits its rule, without a legacy form, and
 * encodes deterministically (a query has to; the others set an example). The PSA ones repeat the draft's worked appraisal.
 */
#include "model_vectors.h"

static const struct
{
	const char *file;
	const char *rule;
} examples[] = {
	{ "acme-firmware.edn", "tagged-unsigned-corim-map" },
	{ "acme-keys.edn", "tagged-unsigned-corim-map" },
	{ "device-token.edn", "tagged-unsigned-corim-map" },
	{ "certifier.edn", "tagged-unsigned-corim-map" },
	{ "psa-manufacturer.edn", "tagged-unsigned-corim-map" },
	{ "psa-certifier.edn", "tagged-unsigned-corim-map" },
	{ "psa-evidence.edn", "evidence" },
	{ "psa-acs.edn", "ACS" },
	{ "query-class.edn", "coserv" },
	{ "query-instance.edn", "coserv" },
	{ "query-rim.edn", "coserv" },
};
#define EXAMPLES (sizeof(examples) / sizeof(examples[0]))

static void
check_example(cs_ctx *ctx, size_t i, const char *text, size_t len)
{
	const char *legacy;
	cs_buf bytes;

	if (!CHECK(edn_bytes(ctx, text, len, &bytes), "%s is EDN", examples[i].file) ||
		!CHECK(walk_bytes(ctx, cs_rule_by_name(examples[i].rule), bytes.data, bytes.len, false, &legacy), "%s is a %s", examples[i].file,
			examples[i].rule))
		print_error(&ctx->error);
	else if (!CHECK(cs_require_deterministic(ctx, bytes.data, bytes.len), "%s is deterministic", examples[i].file))
		print_error(&ctx->error);
}

/* ---- the worked appraisal of draft-ietf-rats-corim: the same triples, Evidence and outcome, to the byte ---- */

static bool
deterministic(cs_ctx *ctx, const cs_item *item, cs_buf *out)
{
	cs_buf_init(out, ctx);
	return cs_deterministic(ctx, item, out) && cs_buf_ok(out);
}

/* The triples-map of a CoRIM's first CoMID. */
static bool
first_triples(cs_ctx *ctx, cs_item corim, cs_item *triples)
{
	cs_item map = cs_tag_content(&corim);
	cs_item tags, tag, comid;
	cs_span bytes;

	if (!cs_map_get(&map, 1, &tags) || !cs_array_get(&tags, 0, &tag) || !cs_is_tag(&tag, 506))
		return false;
	tag = cs_tag_content(&tag);
	if (!cs_string(ctx, &tag, &bytes) || !cs_check(ctx, bytes.data, bytes.len))
		return false;
	comid = cs_item_at(bytes.data, bytes.len);
	return cs_map_get(&comid, 4, triples);
}

static bool
example_item(cs_ctx *ctx, const char *file, cs_item *item)
{
	char path[256];
	size_t len;
	uint8_t *text;
	cs_buf bytes;
	bool ok;

	snprintf(path, sizeof(path), "../../examples/%s", file);
	text = read_file(path, &len);
	ok = text && edn_bytes(ctx, (const char *) text, len, &bytes);
	free(text);
	if (ok)
		*item = cs_item_at(bytes.data, bytes.len);
	return ok;
}

static void
check_same(const char *file, const char *draft, int64_t key, const char *text_key)
{
	cs_arena arena;
	cs_ctx ctx;
	size_t len;
	cs_item ours, theirs;
	cs_buf a, b;
	char path[1024];
	uint8_t *data;
	bool ok;

	snprintf(path, sizeof(path), "%s/%s", corpus(), draft);
	data = read_file(path, &len);
	if (data == NULL)
	{
		printf("ok %d - # SKIP no corpus at %s (COSERV_CORPUS)\n", ++tap_run, path);
		return;
	}
	cs_arena_init(&arena, &ctx);
	ok = cs_check(&ctx, data, len) && example_item(&ctx, file, &ours);
	if (ok)
		theirs = cs_item_at(data, len);
	if (ok && key)
		ok = first_triples(&ctx, ours, &ours) && cs_map_get(&theirs, key, &theirs);
	if (ok && text_key)
		ok = cs_map_get_text(&theirs, text_key, &theirs);
	ok = ok && deterministic(&ctx, &ours, &a) && deterministic(&ctx, &theirs, &b);
	CHECK(ok && cs_span_eq(cs_buf_span(&a), cs_buf_span(&b)), "%s says what the draft's %s says", file, draft);
	cs_arena_free(&arena);
	free(data);
}

/* An example that no row names would never be looked at. */
static void
check_all_named(void)
{
	DIR *dir = opendir("../../examples");
	struct dirent *entry;

	if (!CHECK(dir != NULL, "examples/ is there"))
		return;
	while ((entry = readdir(dir)))
	{
		const char *end = strrchr(entry->d_name, '.');
		bool named = false;

		if (end == NULL || strcmp(end, ".edn") != 0)
			continue;
		for (size_t i = 0; i < EXAMPLES; i++)
			named = named || strcmp(entry->d_name, examples[i].file) == 0;
		CHECK(named, "%s has its row in this test", entry->d_name);
	}
	closedir(dir);
}

int
main(void)
{
	for (size_t i = 0; i < EXAMPLES; i++)
	{
		char path[256];
		cs_arena arena;
		cs_ctx ctx;
		size_t len;
		uint8_t *text;

		snprintf(path, sizeof(path), "../../examples/%s", examples[i].file);
		text = read_file(path, &len);
		cs_arena_init(&arena, &ctx);
		if (CHECK(text != NULL, "%s can be read", examples[i].file) &&
			CHECK(cs_rule_by_name(examples[i].rule) != NULL, "there is a rule %s", examples[i].rule))
			check_example(&ctx, i, (const char *) text, len);
		cs_arena_free(&arena);
		free(text);
	}
	check_all_named();
#define DRAFT "ietf-rats-wg-draft-ietf-rats-corim__"
	check_same("psa-manufacturer.edn", "comid/" DRAFT "cddl-examples-comid-psa-refval.cbor", 4, NULL);
	check_same("psa-certifier.edn", "comid/" DRAFT "cddl-examples-comid-psa-endval.cbor", 4, NULL);
	check_same("psa-evidence.edn", "other/" DRAFT "intrep-rel-ae-psa.cbor", 0, "addition");
	check_same("psa-acs.edn", "other/" DRAFT "intrep-acs-psa-2.cbor", 0, NULL);
	return tap_done();
}
