/*
 * inspect_corpus_table_test.c - doc/corpus.md: the verdict on every file of the corpus ($COSERV_CORPUS, else ../shared/corpus beside the
 * checkout). The table is made afresh and must be the one that is committed; --write writes it.
 */
#include "model/corim.h"
#include "inspect/inspect.h"
#include "json/json.h"
#include "model/profile.h"
#include "model/rules.h"

#include "model_corpus_reasons.h"
#include "tap.h"

#include <stdlib.h>

#define DEFAULT_CORPUS "../../../shared/corpus"
#define PAGE "../../doc/corpus.md"
#define MAX_FILE (8 * 1024 * 1024)
#define MAX_FILES 2000
#define MAX_FORMS 16

typedef enum verdict
{
	CURRENT,
	LEGACY,
	REFUSED,
	VERDICTS
} verdict;

static const char *const verdict_names[] = { "current", "legacy", "refused" };

static const char *const folders[] = { "corim", "signed", "comid", "coswid", "cotl", "coserv-query", "coserv-result", "discovery" };

#define FOLDERS (sizeof(folders) / sizeof(folders[0]))

typedef struct file_row
{
	char *name; /* folder/file */
	size_t folder;
	char *deviations; /* COVERAGE.tsv; NULL when the file is not in it */
	verdict verdict;
	const char *forms[MAX_FORMS];
	size_t form_count;
	cs_error error;
	bool described;
	bool json;
} file_row;

static const char *corpus;
static uint8_t file_bytes[MAX_FILE];
static file_row files[MAX_FILES];
static size_t file_count;
static size_t counts[FOLDERS][VERDICTS];

/* ---- reading one file ---- */

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

static const cs_rule *
rule_of(cs_ctx *ctx, const file_row *row, const cs_item *item)
{
	const char *folder = folders[row->folder];

	if (strcmp(folder, "comid") == 0 && !cs_is(item, CS_TAG))
		return &cs_rule_concise_mid_tag;
	if (strcmp(folder, "coswid") == 0)
		return strstr(row->name, "abbreviated") ? &cs_rule_abbreviated_swid_tag : &cs_rule_concise_swid_tag;
	if (strcmp(folder, "cotl") == 0 && !cs_is(item, CS_TAG))
		return &cs_rule_concise_tl_tag;
	if (strncmp(folder, "coserv", 6) == 0)
		return &cs_rule_coserv_any;
	if (strcmp(folder, "discovery") == 0)
		return &cs_rule_discovery;
	if (strcmp(folder, "corim") == 0)
		return &cs_rule_corim_document;
	return cs_document_rule(ctx, item);
}

static bool
collect(cs_walk *walk, cs_event event, const cs_rule *rule, const char *name, const cs_item *item)
{
	file_row *row = walk->data;

	(void) rule;
	(void) item;
	for (size_t i = 0; event == CS_LEGACY && i < row->form_count; i++)
		if (strcmp(row->forms[i], name) == 0)
			return true;
	if (event == CS_LEGACY && row->form_count < MAX_FORMS)
		row->forms[row->form_count++] = name;
	return true;
}

static bool
read_by(cs_ctx *ctx, const cs_rule *rule, const cs_item *item, bool accept_legacy, file_row *row)
{
	cs_walk walk = { .ctx = ctx, .accept_legacy = accept_legacy, .visit = row ? collect : NULL, .data = row };

	return cs_walk_rule(&walk, rule, item);
}

static bool
describes(cs_ctx *ctx, const cs_rule *rule, const cs_item *item)
{
	cs_edn_notes notes = cs_rule_notes_for(rule, cs_profile_of_document(ctx, item));
	cs_edn_style style = { true, &notes };
	cs_buf text, back;

	cs_buf_init(&text, ctx);
	cs_buf_init(&back, ctx);
	return cs_edn_print(ctx, item, &style, &text) && cs_edn_parse(ctx, (const char *) text.data, text.len, &back) &&
		cs_span_eq(cs_buf_span(&back), cs_item_span(item));
}

/* JSON and back: to the same canonical bytes, of what is signed to the same bytes. */
static bool
json_and_back(cs_ctx *ctx, const cs_rule *rule, const cs_item *item)
{
	cs_buf json, back, canonical;

	cs_buf_init(&json, ctx);
	cs_buf_init(&back, ctx);
	cs_buf_init(&canonical, ctx);
	if (!cs_json_write(ctx, rule, item, &json) || !cs_json_read(ctx, rule, cs_buf_span(&json), &back))
		return false;
	return cs_span_eq(cs_buf_span(&back), cs_item_span(item)) ||
		(cs_deterministic(ctx, item, &canonical) && cs_span_eq(cs_buf_span(&back), cs_buf_span(&canonical)));
}

static void
judge(file_row *row)
{
	const cs_rule *rule = NULL;
	cs_arena arena;
	cs_ctx ctx;
	cs_item item;
	size_t len;

	cs_arena_init(&arena, &ctx);
	row->verdict = REFUSED;
	if (!read_file(row->name, &len))
		cs_fail(&ctx, CS_MALFORMED, "the file cannot be read");
	else if (cs_check(&ctx, file_bytes, len))
	{
		item = cs_item_at(file_bytes, len);
		rule = rule_of(&ctx, row, &item);
		if (rule == NULL)
			cs_fail(&ctx, CS_INVALID, "no document that is known here");
		else if (read_by(&ctx, rule, &item, false, NULL))
			row->verdict = CURRENT;
		else if (read_by(&ctx, rule, &item, true, row))
			row->verdict = LEGACY;
	}
	row->error = ctx.error;
	if (rule != NULL)
	{
		row->described = describes(&ctx, rule, &item);
		row->json = row->verdict == REFUSED || json_and_back(&ctx, rule, &item);
	}
	counts[row->folder][row->verdict]++;
	cs_arena_free(&arena);
}

/* ---- the list of files ---- */

static char *
copy(const char *text)
{
	char *result = malloc(strlen(text) + 1);

	return strcpy(result, text);
}

/* The n-th column of a line of tab-separated values, without quotes. */
static bool
column(const char *line, int n, char *out, size_t size)
{
	size_t len;

	for (; n > 0; n--)
	{
		line = strchr(line, '\t');
		if (line++ == NULL)
			return false;
	}
	len = strcspn(line, "\t\r\n");
	snprintf(out, size, "%.*s", (int) len, line);
	return true;
}

static size_t
folder_of(const char *name)
{
	for (size_t i = 0; i < FOLDERS; i++)
		if (strncmp(name, folders[i], strlen(folders[i])) == 0 && name[strlen(folders[i])] == '/')
			return i;
	return FOLDERS;
}

static int
compare_rows(const void *a, const void *b)
{
	const file_row *left = a;
	const file_row *right = b;

	if (left->folder != right->folder)
		return left->folder < right->folder ? -1 : 1;
	return strcmp(left->name, right->name);
}

/* CBOR files of the folders above; keys are no documents, and JSON is not read here. */
static bool
is_document(const char *name)
{
	size_t len = strlen(name);

	return folder_of(name) < FOLDERS && len > 5 && strcmp(name + len - 5, ".cbor") == 0 && !strstr(name, "sample_key") &&
		!strstr(name, "/keys/") && !strstr(name, "/certs/");
}

static bool
list_files(void)
{
	char line[32768], name[1024];
	FILE *list;

	snprintf(name, sizeof(name), "%s/MANIFEST.tsv", corpus);
	list = fopen(name, "r");
	if (list == NULL)
		return false;
	while (fgets(line, sizeof(line), list) && file_count < MAX_FILES)
		if (column(line, 0, name, sizeof(name)) && is_document(name))
			files[file_count++] = (file_row) { .name = copy(name), .folder = folder_of(name) };
	fclose(list);
	qsort(files, file_count, sizeof(files[0]), compare_rows);
	return true;
}

static void
read_coverage(void)
{
	char line[32768], name[1024], deviations[8192];
	FILE *list;

	snprintf(name, sizeof(name), "%s/COVERAGE.tsv", corpus);
	list = fopen(name, "r");
	while (list && fgets(line, sizeof(line), list))
		for (size_t i = 0; column(line, 0, name, sizeof(name)) && i < file_count; i++)
			if (strcmp(files[i].name, name) == 0 && column(line, 16, deviations, sizeof(deviations)))
				files[i].deviations = copy(deviations);
	if (list)
		fclose(list);
}

/* ---- the table ---- */

static void
put_forms(cs_buf *out, const file_row *row)
{
	for (size_t i = 0; i < row->form_count; i++)
		cs_put_fmt(out, "%s`%s`", i ? ", " : "", row->forms[i]);
}

static void
put_refusal(cs_buf *out, const file_row *row)
{
	if (row->error.path[0])
		cs_put_fmt(out, "`%s`: ", row->error.path);
	cs_put_fmt(out, "%.160s", row->error.message);
	if (row->error.rule[0])
		cs_put_fmt(out, " (%s)", row->error.rule);
}

static void
put_summary(cs_buf *out)
{
	size_t total[VERDICTS] = { 0 };

	cs_put_str(out, "| folder | files | current | legacy | refused |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < FOLDERS; i++)
	{
		cs_put_fmt(out, "| %s | %zu | %zu | %zu | %zu |\n", folders[i], counts[i][CURRENT] + counts[i][LEGACY] + counts[i][REFUSED],
			counts[i][CURRENT], counts[i][LEGACY], counts[i][REFUSED]);
		for (size_t v = 0; v < VERDICTS; v++)
			total[v] += counts[i][v];
	}
	cs_put_fmt(out, "| all | %zu | %zu | %zu | %zu |\n", file_count, total[CURRENT], total[LEGACY], total[REFUSED]);
}

static bool
differs(const file_row *row)
{
	return row->deviations && (row->deviations[0] == '\0') != (row->verdict == CURRENT);
}

/* Everything that the lint reports of a file that is read as current, looked up part by part. */
static bool
put_reasons(cs_buf *out, const file_row *row)
{
	const struct corpus_wrong *wrong = corpus_wrong_find(row->name);
	bool found = false;

	if (row->verdict == REFUSED && wrong)
	{
		cs_put_fmt(out, "coserv: %s", wrong->why);
		return true;
	}
	for (size_t i = 0; i < sizeof(corpus_lint) / sizeof(corpus_lint[0]); i++)
	{
		bool applies = row->verdict == CURRENT ? strstr(row->deviations, corpus_lint[i].says) != NULL : false;

		for (size_t j = 0; row->verdict == LEGACY && j < row->form_count; j++)
			applies |= strcmp(row->forms[j], corpus_lint[i].says) == 0;
		if (row->verdict == REFUSED)
			applies = strstr(row->error.message, corpus_lint[i].says) != NULL;
		if (!applies)
			continue;
		cs_put_fmt(out, "%s%s", found ? "; " : "", corpus_lint[i].why);
		found = true;
	}
	return found;
}

static void
put_differences(cs_buf *out)
{
	cs_put_str(out, "| file | the lint | coserv | who is right, and why |\n|---|---|---|---|\n");
	for (size_t i = 0; i < file_count; i++)
	{
		const file_row *row = &files[i];

		if (!differs(row))
			continue;
		cs_put_fmt(out, "| %s | %.120s | %s", row->name, row->deviations[0] ? row->deviations : "nothing", verdict_names[row->verdict]);
		if (row->verdict == LEGACY)
		{
			cs_put_str(out, ": ");
			put_forms(out, row);
		}
		cs_put_str(out, " | ");
		CHECK(put_reasons(out, row), "%s: the difference to COVERAGE.tsv has a reason", row->name);
		cs_put_str(out, " |\n");
	}
}

static void
put_files(cs_buf *out)
{
	size_t folder = FOLDERS;

	for (size_t i = 0; i < file_count; i++)
	{
		const file_row *row = &files[i];

		if (row->folder != folder)
			cs_put_fmt(out, "\n### %s\n\n", folders[folder = row->folder]);
		cs_put_fmt(out, "- %s: %s", row->name + strlen(folders[folder]) + 1, verdict_names[row->verdict]);
		if (row->verdict != CURRENT)
			cs_put_str(out, ", ");
		if (row->verdict == LEGACY)
			put_forms(out, row);
		if (row->verdict == REFUSED)
			put_refusal(out, row);
		cs_put_str(out, "\n");
	}
}

static void
put_table(cs_buf *out)
{
	cs_put_str(out,
		"# The corpus\n\n"
		"What coserv makes of every CoRIM, CoMID, CoSWID, CoTL, CoSERV and discovery file of the corpus, files that nobody on this\n"
		"project wrote. This page is made by `test/unit/inspect_corpus_table_test.c`, which fails when it is no longer true; run\n"
		"it with `--write` in `test/unit` to make it again.\n\n"
		"*current*: read with `coserv.accept_legacy` off. *legacy*: read as the forms that are named (`doc/legacy.md`), refused with the "
		"name\n"
		"of the first while the setting is off. *refused*: with path, message and rule. Times are not looked at. Every file that is\n"
		"well-formed, the refused ones too, is described in annotated notation, and that parses back to the same bytes. Every file that "
		"is\n"
		"read is turned into JSON and back, to the same canonical bytes, signed ones to the same bytes. What is stored is given back byte "
		"for\n"
		"byte. JSON discovery documents are written, and not read.\n\n");
	put_summary(out);
	cs_put_str(out,
		"\nNothing that is valid by today's CDDL is refused: what the corpus' lint (`COVERAGE.tsv`) calls free of deviations, and coserv "
		"does not\n"
		"read as current, is in the next table, and so is the opposite.\n\n## Where the lint differs\n\n");
	put_differences(out);
	cs_put_str(out, "\n## Files\n");
	put_files(out);
}

/* ---- the test ---- */

static bool
same_as_committed(const cs_buf *table)
{
	uint8_t *committed = malloc(table->len + 2);
	FILE *file = fopen(PAGE, "rb");
	size_t len = file ? fread(committed, 1, table->len + 2, file) : 0;
	bool same = len == table->len && memcmp(committed, table->data, len) == 0;

	if (file)
		fclose(file);
	free(committed);
	return same;
}

static void
write_table(const cs_buf *table)
{
	FILE *file = fopen(PAGE, "wb");

	CHECK(file != NULL && fwrite(table->data, 1, table->len, file) == table->len && fclose(file) == 0, "the table is written");
}

int
main(int argc, char **argv)
{
	cs_arena arena;
	cs_ctx ctx;
	cs_buf table;

	corpus = getenv("COSERV_CORPUS");
	if (corpus == NULL)
		corpus = DEFAULT_CORPUS;
	if (!list_files())
	{
		printf("1..0 # SKIP no corpus at %s (COSERV_CORPUS names another place)\n", corpus);
		return 0;
	}
	read_coverage();
	for (size_t i = 0; i < file_count; i++)
	{
		judge(&files[i]);
		CHECK(
			files[i].described || files[i].error.code == CS_MALFORMED, "%s is described, and that parses back to its bytes", files[i].name);
		CHECK(files[i].json || files[i].error.code == CS_MALFORMED, "%s goes to JSON and back", files[i].name);
	}
	cs_arena_init(&arena, &ctx);
	cs_buf_init(&table, &ctx);
	put_table(&table);
	CHECK(cs_buf_ok(&table), "the table is made");
	if (argc > 1 && strcmp(argv[1], "--write") == 0)
		write_table(&table);
	else
		CHECK(same_as_committed(&table), "doc/corpus.md says what is so (make it with --write)");
	cs_arena_free(&arena);
	return tap_done();
}
