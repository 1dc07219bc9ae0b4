/*
 * read.c - how fast documents are read: by libcbor's cbor_load into its tree (the tags, which are CBOR in byte strings, loaded as
 * well), by cs_check (well-formed, in bounds, UTF-8; the document and its tags), and by cs_corim_open (that, and every rule of the
 * tables). Takes files, each an unsigned CoRIM; prints bytes and the microseconds that one pass over all of them takes, each way.
 */
#include <cbor.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "model/corim.h"

typedef struct document
{
	uint8_t *data;
	size_t len;
	cs_span *tags; /* the content of each */
	size_t tag_count;
} document;

static document *documents;
static int count;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void
read_file(const char *name, document *d)
{
	FILE *f = fopen(name, "rb");

	d->data = malloc(1 << 20);
	if (!f || !d->data || (d->len = fread(d->data, 1, 1 << 20, f)) == 0)
	{
		fprintf(stderr, "cannot read %s\n", name);
		exit(1);
	}
	fclose(f);
}

static void
find_tags(document *d)
{
	cs_arena arena;
	cs_ctx ctx;
	cs_corim corim;

	cs_arena_init(&arena, &ctx);
	if (!cs_check(&ctx, d->data, d->len) || !cs_corim_open(&ctx, d->data, d->len, true, &corim))
	{
		fprintf(stderr, "no CoRIM: %s\n", ctx.error.message);
		exit(1);
	}
	d->tags = calloc(corim.tag_count + 1, sizeof(cs_span));
	for (d->tag_count = 0; d->tag_count < corim.tag_count; d->tag_count++)
		d->tags[d->tag_count] = cs_item_span(&corim.tags[d->tag_count].content);
	cs_arena_free(&arena);
}

static bool
load(const uint8_t *data, size_t len)
{
	struct cbor_load_result result;
	cbor_item_t *item = cbor_load(data, len, &result);

	if (item)
		cbor_decref(&item);
	return result.error.code == CBOR_ERR_NONE;
}

static bool
by_cbor_load(const document *d)
{
	bool ok = load(d->data, d->len);

	for (size_t i = 0; ok && i < d->tag_count; i++)
		ok = load(d->tags[i].data, d->tags[i].len);
	return ok;
}

static bool
by_check(const document *d)
{
	cs_arena arena;
	cs_ctx ctx;
	bool ok;

	cs_arena_init(&arena, &ctx);
	ok = cs_check(&ctx, d->data, d->len);
	for (size_t i = 0; ok && i < d->tag_count; i++)
		ok = cs_check(&ctx, d->tags[i].data, d->tags[i].len);
	cs_arena_free(&arena);
	return ok;
}

static bool
by_corim_open(const document *d)
{
	cs_arena arena;
	cs_ctx ctx;
	cs_corim corim;
	bool ok;

	cs_arena_init(&arena, &ctx);
	ok = cs_check(&ctx, d->data, d->len) && cs_corim_open(&ctx, d->data, d->len, true, &corim);
	cs_arena_free(&arena);
	return ok;
}

/* Microseconds for one pass over all documents: the best of ten batches of passes. */
static double
measure(const char *what, bool (*way)(const document *))
{
	double best = 0;

	for (int batch = 0; batch < 10; batch++)
	{
		double start = now();
		int passes = 0;

		while (now() - start < 100000)
		{
			for (int i = 0; i < count; i++)
				if (!way(&documents[i]))
				{
					fprintf(stderr, "%s cannot read document %d\n", what, i);
					exit(1);
				}
			passes++;
		}
		if (batch == 0 || (now() - start) / passes < best)
			best = (now() - start) / passes;
	}
	return best;
}

int
main(int argc, char **argv)
{
	size_t bytes = 0;

	count = argc - 1;
	documents = calloc((size_t) count + 1, sizeof(document));
	for (int i = 0; i < count; i++)
	{
		read_file(argv[i + 1], &documents[i]);
		find_tags(&documents[i]);
		bytes += documents[i].len;
	}
	printf("%zu %.1f %.1f %.1f\n", bytes, measure("cbor_load", by_cbor_load), measure("cs_check", by_check),
		measure("cs_corim_open", by_corim_open));
	return 0;
}
