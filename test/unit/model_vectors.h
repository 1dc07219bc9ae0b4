/*
 * model_vectors.h - what the tests of the tables share: a vector is EDN, a rule and a verdict; a corpus is a directory of files
 * that nobody here wrote, with the exceptions named. A test that finds no corpus says so.
 */
#ifndef MODEL_VECTORS_H
#define MODEL_VECTORS_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/schema.h"
#include "tap.h"

typedef struct vector
{
	const char *rule;
	const char *edn;
	const char *legacy; /* accepted as this legacy form, and refused without accept_legacy */
	const char *path;	/* refused: where, by which rule, and what was found (NULL: not looked at) */
	const char *broken;
	const char *found;
	cs_code code;
} vector;

#define GOOD(r, e) { .rule = (r), .edn = (e) }
#define OLD(r, e, name) { .rule = (r), .edn = (e), .legacy = (name) }
#define BAD(r, e, p, b, f) { .rule = (r), .edn = (e), .path = (p), .broken = (b), .found = (f), .code = CS_INVALID }

/* The first legacy form met, in walk->data. */
static bool
note_legacy(cs_walk *walk, cs_event event, const cs_rule *rule, const char *name, const cs_item *item)
{
	const char **legacy = walk->data;

	(void) rule;
	(void) item;
	if (event == CS_LEGACY && *legacy == NULL)
		*legacy = name;
	return true;
}

static bool
walk_bytes(cs_ctx *ctx, const cs_rule *rule, const uint8_t *data, size_t len, bool accept_legacy, const char **legacy)
{
	cs_walk walk = { .ctx = ctx, .visit = note_legacy, .data = legacy, .accept_legacy = accept_legacy };
	cs_item item;

	*legacy = NULL;
	memset(&ctx->error, 0, sizeof(ctx->error));
	if (!cs_check(ctx, data, len))
		return false;
	item = cs_item_at(data, len);
	return cs_walk_rule(&walk, rule, &item);
}

static inline void
print_error(const cs_error *error)
{
	printf("# %s: %s; path %s; rule %s; found %s; offset %zu\n", cs_code_name(error->code), error->message, error->path, error->rule,
		error->found, error->offset);
}

static inline bool
edn_bytes(cs_ctx *ctx, const char *edn, size_t len, cs_buf *out)
{
	cs_buf_init(out, ctx);
	return cs_edn_parse(ctx, edn, len, out) && cs_buf_ok(out);
}

static inline void
check_accepted(cs_ctx *ctx, const vector *v, const cs_rule *rule, const cs_buf *bytes)
{
	const char *legacy;

	if (!CHECK(walk_bytes(ctx, rule, bytes->data, bytes->len, v->legacy != NULL, &legacy), "%s takes %.80s", v->rule, v->edn))
		print_error(&ctx->error);
	if (v->legacy == NULL)
		return;
	CHECK(legacy && strcmp(legacy, v->legacy) == 0, "... as the legacy form %s (%s)", v->legacy, legacy ? legacy : "none");
	CHECK(!walk_bytes(ctx, rule, bytes->data, bytes->len, false, &legacy) && ctx->error.code == CS_LEGACY_REFUSED,
		"... and refuses it where legacy forms are refused");
}

static inline void
check_refused(cs_ctx *ctx, const vector *v, const cs_rule *rule, const cs_buf *bytes)
{
	const char *legacy;
	const cs_error *e = &ctx->error;

	if (!CHECK(!walk_bytes(ctx, rule, bytes->data, bytes->len, true, &legacy) && e->code == v->code &&
				(v->path == NULL || strcmp(e->path, v->path) == 0) && (v->broken == NULL || strcmp(e->rule, v->broken) == 0) &&
				(v->found == NULL || strcmp(e->found, v->found) == 0),
			"%s refuses %.80s", v->rule, v->edn))
	{
		print_error(e);
		printf("# wanted: %s; path %s; rule %s; found %s\n", cs_code_name(v->code), v->path ? v->path : "", v->broken ? v->broken : "",
			v->found ? v->found : "");
	}
}

static inline void
check_vectors(const vector *vectors, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		const vector *v = &vectors[i];
		const cs_rule *rule = cs_rule_by_name(v->rule);
		cs_arena arena;
		cs_ctx ctx;
		cs_buf bytes;

		cs_arena_init(&arena, &ctx);
		if (rule == NULL)
			CHECK(false, "there is a rule %s", v->rule);
		else if (!edn_bytes(&ctx, v->edn, strlen(v->edn), &bytes))
		{
			CHECK(false, "EDN is well-formed: %.100s", v->edn);
			print_error(&ctx.error);
		}
		else if (v->code == CS_OK)
			check_accepted(&ctx, v, rule, &bytes);
		else
			check_refused(&ctx, v, rule, &bytes);
		cs_arena_free(&arena);
	}
}

/* ---- files ---- */

static inline uint8_t *
read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(1 << 20);

	*len = 0;
	if (file && data)
		*len = fread(data, 1, 1 << 20, file);
	if (file)
		fclose(file);
	if (file && data && *len < 1 << 20)
		return data;
	free(data);
	return NULL;
}

/* COSERV_CORPUS, or where the corpus lies beside the checkout. */
static inline const char *
corpus(void)
{
	const char *dir = getenv("COSERV_CORPUS");

	return dir ? dir : "../../../shared/corpus";
}

/* Files whose name contains this are refused for that reason, or read as that legacy form. */
typedef struct exception
{
	const char *file;
	cs_code code;		/* CS_OK: accepted, with legacy */
	const char *broken; /* rule of the error; NULL: any */
	const char *legacy;
	const char *why;
} exception;

static inline void
check_file(const cs_rule *rule, const char *path, const char *name, const exception *exceptions, size_t count)
{
	const exception *x = NULL;
	const char *legacy;
	cs_arena arena;
	cs_ctx ctx;
	size_t len;
	uint8_t *data = read_file(path, &len);
	bool ok;

	for (size_t i = 0; i < count && x == NULL; i++)
		if (strstr(name, exceptions[i].file))
			x = &exceptions[i];
	cs_arena_init(&arena, &ctx);
	ok = data && walk_bytes(&ctx, rule, data, len, true, &legacy);
	if (x == NULL)
		ok = CHECK(ok && legacy == NULL, "%s: current", name);
	else if (x->code == CS_OK)
		ok = CHECK(ok && legacy && strcmp(legacy, x->legacy) == 0, "%s: legacy, %s", name, x->why);
	else
		ok = CHECK(!ok && ctx.error.code == x->code && (x->broken == NULL || strcmp(ctx.error.rule, x->broken) == 0), "%s: refused, %s",
			name, x->why);
	if (!ok)
	{
		printf("# legacy %s\n", data && legacy ? legacy : "none");
		print_error(&ctx.error);
	}
	cs_arena_free(&arena);
	free(data);
}

/* Every .cbor file of a directory of the corpus whose name contains part (NULL: all) and not without (NULL: nothing). */
static inline void
check_corpus(const char *rule_name, const char *directory, const char *part, const char *without, const exception *exceptions, size_t count)
{
	const cs_rule *rule = cs_rule_by_name(rule_name);
	struct dirent *entry;
	char path[1024];
	DIR *dir;
	size_t files = 0;

	snprintf(path, sizeof(path), "%s/%s", corpus(), directory);
	dir = opendir(path);
	if (dir == NULL || rule == NULL)
	{
		printf("ok %d - # SKIP no corpus at %s (COSERV_CORPUS)\n", ++tap_run, path);
		return;
	}
	while ((entry = readdir(dir)))
	{
		const char *end = strrchr(entry->d_name, '.');

		if (end == NULL || strcmp(end, ".cbor") != 0 || (part && !strstr(entry->d_name, part)) ||
			(without && strstr(entry->d_name, without)))
			continue;
		snprintf(path, sizeof(path), "%s/%s/%s", corpus(), directory, entry->d_name);
		check_file(rule, path, entry->d_name, exceptions, count);
		files++;
	}
	closedir(dir);
	CHECK(files > 0, "%s/%s has files (%zu)", corpus(), directory, files);
}

#endif
