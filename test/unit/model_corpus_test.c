/*
 * model_corpus_test.c - files that nobody here wrote ($COSERV_CORPUS, else ../shared/corpus beside the checkout), read where they
 * lie: none that its COVERAGE.tsv calls compatible with the current draft is refused, none does harm, and all triples of the
 * good ones are found.
 */
#include "model/corim.h"
#include "model/rules.h"

#include "model_corpus_reasons.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_CORPUS "../../../shared/corpus"
#define MAX_FILE (8 * 1024 * 1024)
#define COLUMNS 18

enum
{
	COL_FILE = 0,
	COL_OUTER = 2,
	COL_TRIPLES = 4,
	COL_GUESS = 17
};
static const int64_t triple_columns[] = { 0, 1, 2, 3, 4, 5, 6, 8, 10 };

#define TRIPLE_COLUMNS (sizeof(triple_columns) / sizeof(triple_columns[0]))

static const char *corpus;
static uint8_t file_bytes[MAX_FILE];

static bool
read_file(const char *name, size_t *len)
{
	char path[1024];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", corpus, name);
	file = fopen(path, "rb");
	if (file == NULL)
		return false;
	*len = fread(file_bytes, 1, sizeof(file_bytes), file);
	fclose(file);
	return true;
}

static bool
count_triple(cs_ctx *ctx, const cs_triple *triple, void *data)
{
	uint64_t *counts = data;

	(void) ctx;
	for (size_t i = 0; i < TRIPLE_COLUMNS; i++)
		counts[i] += triple_columns[i] == triple->kind && triple->has_environment;
	return true;
}

/* Annotated notation of anything must parse back to the same bytes. */
static bool
prints(cs_ctx *ctx, const cs_rule *rule, const cs_item *item, size_t len)
{
	cs_edn_notes notes = cs_rule_notes(rule);
	cs_edn_style style = { true, &notes };
	cs_buf text, back;

	cs_buf_init(&text, ctx);
	cs_buf_init(&back, ctx);
	return cs_edn_print(ctx, item, &style, &text) && cs_edn_parse(ctx, (const char *) text.data, text.len, &back) && back.len == len &&
		memcmp(back.data, item->p, len) == 0;
}

static bool
open_bytes(cs_ctx *ctx, cs_span bytes, bool accept_legacy, uint64_t *counts)
{
	cs_corim corim;

	return cs_check(ctx, bytes.data, bytes.len) && cs_corim_open(ctx, bytes.data, bytes.len, accept_legacy, &corim) &&
		cs_corim_triples(ctx, &corim, count_triple, counts);
}

/* Envelope, payload, triples. A payload that is not there (hash envelope, detached) is no fault. */
static bool
open_document(cs_ctx *ctx, size_t len, bool accept_legacy, uint64_t *counts)
{
	cs_document doc;
	cs_item header, part;
	cs_signer_meta meta;
	cs_span bytes;

	if (!cs_document_open(ctx, file_bytes, len, accept_legacy, &doc))
		return false;
	if (doc.envelope == CS_ENV_UNSIGNED)
		return open_bytes(ctx, cs_item_span(&doc.payload), accept_legacy, counts);
	if (!cs_array_get(&doc.cose, 0, &part) || !cs_is(&part, CS_BSTR) || !cs_string(ctx, &part, &bytes))
		return cs_fail(ctx, CS_INVALID, "no protected header");
	if (bytes.len > 0)
	{
		if (!cs_check(ctx, bytes.data, bytes.len))
			return false;
		header = cs_item_at(bytes.data, bytes.len);
		if (!cs_signer_meta_read(ctx, &header, &meta))
			return false;
		if (cs_map_get(&header, 258, &part))
			return true;
	}
	if (!cs_array_get(&doc.cose, 2, &part) || !cs_is(&part, CS_BSTR))
		return true;
	return cs_string(ctx, &part, &bytes) && open_bytes(ctx, bytes, accept_legacy, counts);
}

/* A CoMID alone, or in its tag. */
static bool
open_comid(cs_ctx *ctx, size_t len, bool accept_legacy)
{
	cs_item item = cs_item_at(file_bytes, len);
	cs_walk walk = { .ctx = ctx, .accept_legacy = accept_legacy };

	return cs_walk_rule(&walk, cs_is(&item, CS_TAG) ? cs_rule_by_name("concise-tag-type-choice") : &cs_rule_concise_mid_tag, &item);
}

typedef struct tally
{
	int current, taken, older, older_taken;
} tally;

/* The lint counts the triples of what it understands: ask for the same number of each kind. */
static bool
same_counts(char **columns, const uint64_t *counts)
{
	for (size_t i = 0; i < TRIPLE_COLUMNS; i++)
		if (strtoull(columns[COL_TRIPLES + i], NULL, 10) != counts[i])
			return false;
	return true;
}

static void
test_file(char **columns, tally *sum)
{
	const char *name = columns[COL_FILE];
	bool comid = strncmp(name, "comid/", 6) == 0;
	bool current = strncmp(columns[COL_GUESS], "current (", 9) == 0;
	const struct corpus_wrong *known = corpus_wrong_find(name);
	const char *fault = known ? known->message : NULL;
	uint64_t counts[TRIPLE_COLUMNS] = { 0 };
	cs_arena arena;
	cs_ctx ctx;
	cs_item item;
	size_t len;
	bool ok;

	cs_arena_init(&arena, &ctx);
	if (!CHECK(read_file(name, &len) && cs_check(&ctx, file_bytes, len), "%s is CBOR", name))
		return;
	item = cs_item_at(file_bytes, len);
	ok = comid ? open_comid(&ctx, len, true) : open_document(&ctx, len, true, counts);
	if (fault)
		CHECK(!ok && strstr(ctx.error.message, fault), "%s is refused: %s", name, fault);
	else if (current)
		CHECK(ok, "%s is taken", name);
	else if (!ok)
		CHECK(ctx.error.code == CS_INVALID || ctx.error.code == CS_MALFORMED, "%s is refused in order", name);
	if (current && !fault && !ok)
		printf("# %s at %s, offset %zu, found %s\n", ctx.error.message, ctx.error.path, ctx.error.offset, ctx.error.found);
	if (ok && !comid && current)
		CHECK(same_counts(columns, counts), "%s has the triples that the list says", name);
	CHECK(prints(&ctx, comid ? &cs_rule_concise_mid_tag : &cs_rule_corim_document, &item, len), "%s in annotated notation and back", name);
	*(current ? &sum->current : &sum->older) += 1;
	*(current ? &sum->taken : &sum->older_taken) += ok;
	cs_arena_free(&arena);
}

static size_t
split(char *line, char **columns)
{
	size_t n = 0;

	line[strcspn(line, "\r\n")] = '\0';
	for (char *at = line; at != NULL && n < COLUMNS; n++)
	{
		columns[n] = at;
		at = strchr(at, '\t');
		if (at)
			*at++ = '\0';
	}
	return n;
}

int
main(void)
{
	char path[1024], line[16384];
	char *columns[COLUMNS];
	FILE *list;
	tally sum = { 0 };

	corpus = getenv("COSERV_CORPUS");
	if (corpus == NULL)
		corpus = DEFAULT_CORPUS;
	snprintf(path, sizeof(path), "%s/COVERAGE.tsv", corpus);
	list = fopen(path, "r");
	if (list == NULL)
	{
		printf("1..0 # SKIP no corpus at %s (COSERV_CORPUS names another place)\n", corpus);
		return 0;
	}
	while (fgets(line, sizeof(line), list))
		if (split(line, columns) == COLUMNS &&
			(strncmp(line, "corim/", 6) == 0 || strncmp(line, "comid/", 6) == 0 || strncmp(line, "signed/", 7) == 0))
			test_file(columns, &sum);
	fclose(list);
	printf("# current: %d of %d taken; older or deviating: %d of %d taken\n", sum.taken, sum.current, sum.older_taken, sum.older);
	CHECK(sum.current > 0 && sum.older > 0, "the corpus has files of both sorts");
	return tap_done();
}
