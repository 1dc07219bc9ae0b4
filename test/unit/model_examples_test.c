/*
 * model_examples_test.c - the project's own examples: each file of examples/ fits its rule, without a legacy form, and
 * encodes deterministically (a query has to; the others set an example).
 */
#include "model_vectors.h"

#include "cbor/deterministic.h"

static const struct
{
	const char *file;
	const char *rule;
}			examples[] = {
	{"acme-firmware.edn", "tagged-unsigned-corim-map"},
	{"acme-keys.edn", "tagged-unsigned-corim-map"},
	{"certifier.edn", "tagged-unsigned-corim-map"},
	{"psa-manufacturer.edn", "tagged-unsigned-corim-map"},
	{"psa-certifier.edn", "tagged-unsigned-corim-map"},
	{"psa-evidence.edn", "evidence"},
	{"psa-acs.edn", "ACS"},
	{"query-class.edn", "coserv"},
	{"query-instance.edn", "coserv"},
	{"query-rim.edn", "coserv"},
};
#define EXAMPLES (sizeof(examples) / sizeof(examples[0]))

static void
check_example(cs_ctx *ctx, size_t i, const char *text, size_t len)
{
	const char *legacy;
	cs_buf		bytes;

	if (!CHECK(edn_bytes(ctx, text, len, &bytes), "%s is EDN", examples[i].file) ||
		!CHECK(walk_bytes(ctx, cs_rule_by_name(examples[i].rule), bytes.data, bytes.len, false, &legacy), "%s is a %s",
			   examples[i].file, examples[i].rule))
		print_error(&ctx->error);
	else if (!CHECK(cs_require_deterministic(ctx, bytes.data, bytes.len), "%s is deterministic", examples[i].file))
		print_error(&ctx->error);
}

/* An example that no row names would never be looked at. */
static void
check_all_named(void)
{
	DIR		   *dir = opendir("../../examples");
	struct dirent *entry;

	if (!CHECK(dir != NULL, "examples/ is there"))
		return;
	while ((entry = readdir(dir)))
	{
		const char *end = strrchr(entry->d_name, '.');
		bool		named = false;

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
		char		path[256];
		cs_arena	arena;
		cs_ctx		ctx;
		size_t		len;
		uint8_t    *text;

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
	return tap_done();
}
