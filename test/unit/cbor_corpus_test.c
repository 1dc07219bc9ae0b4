/*
 * cbor_corpus_test.c - vectors and files that nobody here wrote: what is well-formed passes, goes to EDN and back to the same bytes, and
 * has a deterministic encoding; what is not is refused with an offset. libcbor's cbor_load gives a second opinion.
 *
 * The corpus is argv[1], COSERV_CORPUS, or ../shared/corpus beside the checkout; without it the test says so and passes.
 */
#include "cbor_support.h"

#include <cbor.h>
#include <dirent.h>

static char corpus[4096];

/* A whole file in memory of the context; data is NULL when it cannot be read. */
static cs_span
read_file(const char *dir, const char *name)
{
	char path[8192];
	FILE *file;
	cs_buf buf;
	char chunk[65536];
	size_t len;

	snprintf(path, sizeof(path), "%s/%s/%s", corpus, dir, name);
	file = fopen(path, "rb");
	if (file == NULL)
		return (cs_span) { NULL, 0 };
	cs_buf_init(&buf, &ctx);
	while ((len = fread(chunk, 1, sizeof(chunk), file)) > 0)
		cs_put_raw(&buf, chunk, len);
	fclose(file);
	return cs_buf_span(&buf);
}

/* The value of a member of a JSON object on one line, as far as its closing quote or comma. */
static const char *
member(const char *line, const char *name)
{
	char pattern[64];
	const char *at;

	snprintf(pattern, sizeof(pattern), "\"%s\": ", name);
	at = strstr(line, pattern);
	return at != NULL ? at + strlen(pattern) : "";
}

static bool
round_trip(cs_span bytes, const cs_edn_style *style)
{
	cs_item item = item_of(bytes);
	cs_buf text;
	cs_buf back;

	cs_buf_init(&text, &ctx);
	cs_buf_init(&back, &ctx);
	return cs_edn_print(&ctx, &item, style, &text) && cs_edn_parse(&ctx, (const char *) text.data, text.len, &back) &&
		cs_span_eq(cs_buf_span(&back), bytes);
}

static const void *
note(const cs_edn_notes *notes, const void *state, const cs_item *key, uint64_t index, const cs_item *child, const char **name,
	bool *embedded)
{
	(void) notes;
	(void) index;
	*name = key != NULL ? "member" : NULL;
	*embedded = child->major == CS_BSTR;
	return state;
}

/* Deterministic encoding of deterministic encoding is itself; false only when that breaks. */
static bool
deterministic(cs_span bytes)
{
	cs_item item = item_of(bytes);
	cs_buf once;
	cs_buf twice;

	cs_buf_init(&once, &ctx);
	cs_buf_init(&twice, &ctx);
	if (!cs_deterministic(&ctx, &item, &once))
		return strcmp(ctx.error.message, "duplicate map key") == 0;
	item = item_of(cs_buf_span(&once));
	return cs_require_deterministic(&ctx, once.data, once.len) && cs_deterministic(&ctx, &item, &twice) &&
		cs_span_eq(cs_buf_span(&once), cs_buf_span(&twice));
}

static bool
good(cs_span bytes, const char *name)
{
	static const cs_edn_notes notes = { .root = &notes, .note = note };
	static const cs_edn_style pretty = { true, NULL };
	static const cs_edn_style annotated = { true, &notes };
	const char *broken = NULL;
	cs_item item;

	if (!cs_check(&ctx, bytes.data, bytes.len))
		broken = "is refused";
	else
	{
		item = item_of(bytes);
		if (cs_item_end(&item) != bytes.data + bytes.len)
			broken = "has another end";
		else if (!round_trip(bytes, NULL) || !round_trip(bytes, &pretty) || !round_trip(bytes, &annotated))
			broken = "does not come back from EDN";
		else if (!deterministic(bytes))
			broken = "has no deterministic encoding";
	}
	if (broken != NULL)
		printf("# %s %s: %s at %zu, %s\n", name, broken, ctx.error.message, ctx.error.offset, ctx.error.found);
	return broken == NULL;
}

static bool
bad(cs_span bytes, const char *name)
{
	bool ok =
		!cs_check(&ctx, bytes.data, bytes.len) && ctx.error.code == CS_MALFORMED && ctx.error.has_offset && ctx.error.offset <= bytes.len;

	if (!ok)
		printf("# %s passes, or %s at %zu\n", name, ctx.error.message, ctx.error.offset);
	return ok;
}

/* Heads that libcbor (0.8.0) refuses although they are well-formed: tags 6 to 20 in one byte, unassigned simple values. */
static bool
has_refused_head(const cs_item *item)
{
	cs_iter it = cs_iterate(item);
	cs_item child;

	if ((item->major == CS_TAG && item->info >= 6 && item->info <= 20) ||
		(item->major == CS_SIMPLE && (item->info < 20 || item->info == 24)))
		return true;
	while (cs_next(&it, &child))
	{
		if (has_refused_head(&child))
			return true;
	}
	return false;
}

/* Does a length of four or eight bytes stand anywhere? cbor_load would allocate what it claims. */
static bool
may_claim(cs_span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
	{
		if ((bytes.data[i] & 31) == 26 || (bytes.data[i] & 31) == 27)
			return true;
	}
	return false;
}

/*
 * Does cbor_load agree? It refuses the heads of has_refused_head, takes text that is not UTF-8, and reads one item however many bytes
 * follow; the last is set right here by comparing what it read.
 */
static bool
agrees(cs_span bytes, const char *name)
{
	struct cbor_load_result result;
	cbor_item_t *loaded;
	bool mine = cs_check(&ctx, bytes.data, bytes.len);
	bool theirs;

	if (!mine && (may_claim(bytes) || strcmp(ctx.error.message, "invalid UTF-8") == 0))
		return true;
	loaded = cbor_load(bytes.data, bytes.len, &result);
	theirs = loaded != NULL && result.error.code == CBOR_ERR_NONE && result.read == bytes.len;
	if (loaded != NULL)
		cbor_decref(&loaded);
	if (mine && !theirs)
	{
		cs_item item = item_of(bytes);

		theirs = has_refused_head(&item);
	}
	if (mine != theirs)
		printf("# %s is %s here, libcbor disagrees\n", name, mine ? "well-formed" : "refused");
	return mine == theirs;
}

/* Each line of a file of vectors: how many hold of how many. */
static void
check_vectors(const char *dir, const char *name, bool (*holds)(cs_span, const char *), const char *what)
{
	cs_span file = read_file(dir, name);
	char *text = cs_strndup(&ctx, file.data, file.len);
	int held = 0;
	int all = 0;

	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
	{
		const char *hex = member(line, "hex") + 1;
		char *digits = cs_strndup(&ctx, hex, strcspn(hex, "\""));
		char vector[64];

		snprintf(vector, sizeof(vector), "%.63s", digits);
		all++;
		held += holds(unhex(digits), vector);
	}
	CHECK(all > 0 && held == all, "%s/%s: %d of %d vectors %s", dir, name, held, all, what);
}

/* Bad UTF-8 is refused; all else that a stricter decoder would not have is well-formed. */
static bool
invalid(cs_span bytes, const char *name)
{
	bool ok = cs_check(&ctx, bytes.data, bytes.len);

	return ok ? good(bytes, name) : strcmp(ctx.error.message, "invalid UTF-8") == 0;
}

static bool
has_bad_utf8(const char *line)
{
	return strstr(member(line, "flags"), "bad-utf8") != NULL;
}

static void
check_invalid(void)
{
	cs_span file = read_file("cbor-bad", "well-formed-but-invalid.jsonl");
	char *text = cs_strndup(&ctx, file.data, file.len);

	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
	{
		const char *hex = member(line, "hex") + 1;
		char *digits = cs_strndup(&ctx, hex, strcspn(hex, "\""));
		cs_span bytes = unhex(digits);

		CHECK(invalid(bytes, digits) && cs_check(&ctx, bytes.data, bytes.len) == !has_bad_utf8(line), "%s is %s", digits,
			has_bad_utf8(line) ? "refused for its UTF-8" : "well-formed, though invalid");
	}
}

static void
check_files(const char *dir, bool (*holds)(cs_span, const char *), const char *what)
{
	char path[8192];
	DIR *entries;
	struct dirent *entry;
	int held = 0;
	int all = 0;

	snprintf(path, sizeof(path), "%s/%s", corpus, dir);
	entries = opendir(path);
	while (entries != NULL && (entry = readdir(entries)) != NULL)
	{
		size_t len = strlen(entry->d_name);

		if (len < 5 || strcmp(entry->d_name + len - 5, ".cbor") != 0)
			continue;
		all++;
		held += holds(read_file(dir, entry->d_name), entry->d_name);
	}
	if (entries != NULL)
		closedir(entries);
	CHECK(all > 0 && held == all, "%s: %d of %d files %s", dir, held, all, what);
}

int
main(int argc, char **argv)
{
	static const char *const dirs[] = { "cbor-good", "comid", "corim", "coserv-query", "coserv-result", "coswid", "cotl", "signed" };
	const char *place = argc > 1 ? argv[1] : getenv("COSERV_CORPUS");
	char probe[8192];
	FILE *file = NULL;
	const char *const places[] = { place, "../../../shared/corpus", "../shared/corpus" };

	for (size_t i = 0; i < COUNT(places) && file == NULL; i++)
	{
		if (places[i] == NULL)
			continue;
		snprintf(corpus, sizeof(corpus), "%s", places[i]);
		snprintf(probe, sizeof(probe), "%s/cbor-good/vectors.jsonl", corpus);
		file = fopen(probe, "rb");
		if (place != NULL)
			break;
	}
	if (file == NULL)
	{
		printf("ok 1 # SKIP no corpus (COSERV_CORPUS)\n1..1\n");
		return 0;
	}
	fclose(file);
	start_tests();
	ctx.limits.max_depth = CS_HARD_MAX_DEPTH;
	check_vectors("cbor-good", "vectors.jsonl", good, "pass");
	check_vectors("cbor-bad", "not-well-formed.jsonl", bad, "are refused");
	check_invalid();
	for (size_t i = 0; i < COUNT(dirs); i++)
		check_files(dirs[i], good, "pass");
	check_files("cbor-bad", bad, "are refused");
	check_vectors("cbor-good", "vectors.jsonl", agrees, "seem so to libcbor too");
	check_vectors("cbor-bad", "not-well-formed.jsonl", agrees, "seem so to libcbor too");
	check_files("cbor-good", agrees, "seem so to libcbor too");
	check_files("cbor-bad", agrees, "seem so to libcbor too");
	return end_tests();
}
