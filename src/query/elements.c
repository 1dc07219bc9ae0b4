/*
 * elements.c - lists of encoded elements without doubles (elements.h).
 */
#include "elements.h"

#include <string.h>

#include "cbor/sort.h"

struct cs_element
{
	size_t start; /* in the list's buffer */
	size_t key_len;
	size_t len;
	bool dropped;
};

void
cs_elements_init(cs_elements *list, cs_ctx *ctx)
{
	*list = (cs_elements) { .count = 0 };
	cs_buf_init(&list->bytes, ctx);
}

bool
cs_elements_close(cs_elements *list, size_t start, size_t key_len)
{
	size_t len = list->bytes.len - start;

	if (!cs_buf_ok(&list->bytes))
		return false;
	if (list->count == list->capacity)
	{
		size_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
		cs_element *grown = cs_resize(list->bytes.ctx, list->elements, list->capacity, capacity, sizeof(cs_element));

		if (grown == NULL)
			return false;
		list->elements = grown;
		list->capacity = capacity;
	}
	list->elements[list->count++] = (cs_element) { start, key_len == 0 ? len : key_len, len, false };
	return true;
}

/* One element while sorting: what it is compared by, and which it is. */
typedef struct sortable
{
	cs_span key;
	size_t index;
} sortable;

/* Bytewise, the shorter first where one is the start of the other; then the order in which they were added. */
static int
compare_sortable(const void *pa, const void *pb)
{
	const sortable *a = pa;
	const sortable *b = pb;
	size_t n = a->key.len < b->key.len ? a->key.len : b->key.len;
	int order = n == 0 ? 0 : memcmp(a->key.data, b->key.data, n);

	if (order != 0)
		return order;
	if (a->key.len != b->key.len)
		return a->key.len < b->key.len ? -1 : 1;
	return (a->index > b->index) - (a->index < b->index);
}

static cs_span
whole(const cs_elements *list, size_t index)
{
	return (cs_span) { list->bytes.data + list->elements[index].start, list->elements[index].len };
}

static bool
refuse(cs_ctx *ctx, cs_span key)
{
	cs_item label = cs_item_at(key.data, key.len);

	cs_fail(ctx, CS_INVALID, "there are different elements under one key");
	return cs_is(&label, CS_TSTR) && !label.indefinite && cs_fail_found(ctx, "\"%.*s\"", (int) label.arg, (const char *) label.content);
}

/* Marks what is there twice. Returns the elements by key, and how many of them are left. */
static sortable *
sort_and_drop(cs_elements *list, bool alone, size_t *left)
{
	cs_ctx *ctx = list->bytes.ctx;
	sortable *sorted = cs_alloc(ctx, list->count, sizeof(sortable));

	*left = list->count;
	if (sorted == NULL)
		return NULL;
	for (size_t i = 0; i < list->count; i++)
		sorted[i] = (sortable) { { list->bytes.data + list->elements[i].start, list->elements[i].key_len }, i };
	if (!cs_sort(ctx, sorted, list->count, sizeof(sortable), compare_sortable))
		return NULL;
	for (size_t i = 1; i < list->count; i++)
	{
		if (!cs_span_eq(sorted[i].key, sorted[i - 1].key))
			continue;
		if (alone && !cs_span_eq(whole(list, sorted[i].index), whole(list, sorted[i - 1].index)))
		{
			refuse(ctx, sorted[i].key);
			return NULL;
		}
		list->elements[sorted[i].index].dropped = true;
		(*left)--;
	}
	return sorted;
}

static void
put_element(cs_buf *out, const cs_elements *list, size_t index)
{
	cs_span element = whole(list, index);

	if (!list->elements[index].dropped)
		cs_put_raw(out, element.data, element.len);
}

bool
cs_elements_put(cs_elements *list, cs_buf *out, cs_major container, cs_elements_order order)
{
	sortable *sorted = NULL;
	size_t left = 0;

	if (list->count > 0 && (sorted = sort_and_drop(list, order == CS_BY_KEY_ALONE, &left)) == NULL)
		return false;
	if (container == CS_MAP)
		cs_put_map(out, left);
	else
		cs_put_array(out, left);
	for (size_t i = 0; i < list->count; i++)
		put_element(out, list, order == CS_AS_ADDED ? i : sorted[i].index);
	return cs_buf_ok(out);
}
