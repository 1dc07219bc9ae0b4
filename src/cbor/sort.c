/*
 * sort.c - a merge sort from the bottom up (sort.h).
 */
#include "sort.h"

#include <string.h>

typedef struct sorting
{
	cs_ctx *ctx;
	int (*compare)(const void *, const void *);
	size_t size;
	uint64_t ticks;
} sorting;

static bool
in_order(sorting *s, const uint8_t *first, const uint8_t *second)
{
	cs_tick(s->ctx, &s->ticks);
	return s->compare(first, second) <= 0;
}

static bool
is_sorted(sorting *s, const uint8_t *items, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (!in_order(s, items + (i - 1) * s->size, items + i * s->size))
			return false;
	return true;
}

/* Two runs that stand side by side, left and right, become one in out. */
static void
merge(sorting *s, uint8_t *out, const uint8_t *left, const uint8_t *right, const uint8_t *end)
{
	const uint8_t *middle = right;

	while (left < middle && right < end)
	{
		const uint8_t **least = in_order(s, left, right) ? &left : &right;

		memcpy(out, *least, s->size);
		*least += s->size;
		out += s->size;
	}
	memcpy(out, left, (size_t) (middle - left));
	out += middle - left;
	memcpy(out, right, (size_t) (end - right));
}

bool
cs_sort(cs_ctx *ctx, void *items, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	sorting s = { ctx, compare, size, 0 };
	uint8_t *from = items;
	uint8_t *to;
	uint8_t *spare;

	if (count < 2 || is_sorted(&s, items, count))
		return true;
	to = spare = cs_alloc(ctx, count, size);
	if (spare == NULL)
		return false;
	for (size_t run = 1; run < count; run *= 2)
	{
		uint8_t *other = from;

		for (size_t i = 0; i < count; i += 2 * run)
		{
			size_t middle = i + run < count ? i + run : count;
			size_t end = middle + run < count ? middle + run : count;

			merge(&s, to + i * size, from + i * size, from + middle * size, from + end * size);
		}
		from = to;
		to = other;
	}
	if (from != (uint8_t *) items)
		memcpy(items, from, count * size);
	if (ctx->release != NULL)
		ctx->release(ctx->actx, spare);
	return true;
}
