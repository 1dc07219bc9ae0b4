/*
 * item.c - looking into CBOR that cs_check() has passed (RFC 8949 section 3). Nothing here allocates (but cs_string, to join
 * chunks) or recurses, and nothing can fail on account of the bytes.
 */
#include "head.h"

#include <string.h>

#include "floats.h"

static inline bool
is_string(const cs_item *item)
{
	return item->major == CS_BSTR || item->major == CS_TSTR;
}

/* The argument in 1, 2, 4 or 8 bytes, for additional information 24 to 27; one past its last byte, or NULL when that is past limit. */
static inline const uint8_t *
long_arg(const uint8_t *p, const uint8_t *limit, uint64_t *arg)
{
	size_t size = (size_t) 1 << ((p[0] & 31) - 24);
	uint64_t value = 0;

	if (size >= (size_t) (limit - p))
		return NULL;
	for (size_t i = 1; i <= size; i++)
		value = value << 8 | p[i];
	*arg = value;
	return p + 1 + size;
}

/* A head of more than one byte, or of indefinite length. */
static bool
look_on(const uint8_t *p, const uint8_t *limit, cs_item *item)
{
	item->indefinite = item->info == 31 && item->major >= CS_BSTR && item->major <= CS_MAP;
	item->arg = item->major == CS_SIMPLE ? item->info : 0;
	if (item->info >= 28)
	{
		item->content = p + 1;
		return item->info == 31;
	}
	item->content = long_arg(p, limit, &item->arg);
	return item->content != NULL && (!is_string(item) || item->arg <= (size_t) (limit - item->content));
}

/*
 * A head that has been read before, in cs_check(): looking again takes its bytes as they are, which is what makes walking to and
 * fro cheap. Bounds are kept all the same. False: not a head of checked bytes.
 */
static inline bool
look(const uint8_t *p, const uint8_t *limit, cs_item *item)
{
	item->p = p;
	item->limit = limit;
	item->major = p[0] >> 5;
	item->info = p[0] & 31;
	if (item->info >= 24)
		return look_on(p, limit, item);
	item->indefinite = false;
	item->arg = item->info;
	item->content = p + 1;
	return !is_string(item) || item->arg <= (size_t) (limit - item->content);
}

/* One head, and a step behind it: over the content of a definite string, not over children. */
static inline const uint8_t *
step(const uint8_t *p, const uint8_t *limit, cs_item *item)
{
	if (!look(p, limit, item))
	{
		item->content = limit;
		item->arg = 0;
		return limit;
	}
	return is_string(item) && !item->indefinite ? item->content + item->arg : item->content;
}

/*
 * Step over a head of definite length and over the content of a string; *left counts the items still to come.
 * NULL: it is a break, or of indefinite length.
 */
static inline const uint8_t *
step_over(const uint8_t *p, const uint8_t *limit, uint64_t *left)
{
	uint8_t major = p[0] >> 5;
	uint64_t arg = p[0] & 31;
	uint64_t behind = *left > 0 ? *left - 1 : 0;

	if (arg < 24)
		p++;
	else if (arg >= 28)
		return NULL;
	else if ((p = long_arg(p, limit, &arg)) == NULL)
		return limit;
	switch (major)
	{
		case CS_BSTR:
		case CS_TSTR:
			p = arg <= (size_t) (limit - p) ? p + arg : limit;
			break;
		case CS_ARRAY:
			behind += arg;
			break;
		case CS_MAP:
			behind += 2 * arg;
			break;
		case CS_TAG:
			behind++;
			break;
		default:
			break;
	}
	*left = behind;
	return p;
}

/*
 * One past the last of the items that are left from p on, with an item of indefinite length first. Only those of indefinite length
 * set the count aside: a break ends the innermost of them.
 */
static const uint8_t *__attribute__((noinline))
skip_indefinite(const uint8_t *p, const uint8_t *limit, uint64_t left)
{
	uint64_t outer[CS_HARD_MAX_DEPTH + 1];
	uint32_t open = 0;

	while ((left > 0 || open > 0) && p < limit)
	{
		const uint8_t *behind = step_over(p, limit, &left);

		if (behind != NULL)
		{
			p = behind;
			continue;
		}
		if (*p++ == 0xff)
		{
			if (open == 0)
				return p;
			left = outer[--open];
			continue;
		}
		if (open > CS_HARD_MAX_DEPTH)
			return limit;
		outer[open++] = left > 0 ? left - 1 : 0;
		left = 0;
	}
	return p;
}

/* The end of the item at p < limit: items still to come are counted in one number. */
static inline const uint8_t *
skip(const uint8_t *p, const uint8_t *limit)
{
	uint64_t left = 1;

	do
	{
		const uint8_t *behind = step_over(p, limit, &left);

		if (behind == NULL)
			return skip_indefinite(p, limit, left);
		p = behind;
	} while (left > 0 && p < limit);
	return p;
}

cs_item
cs_item_at(const uint8_t *data, size_t len)
{
	cs_item item;

	step(data, data + len, &item);
	return item;
}

const uint8_t *
cs_item_end(const cs_item *item)
{
	const uint8_t *end = cs_leaf_end(item);

	return end != NULL ? end : skip(item->p, item->limit);
}

size_t
cs_item_size(const cs_item *item)
{
	return (size_t) (cs_item_end(item) - item->p);
}

bool
cs_next(cs_iter *it, cs_item *child)
{
	const uint8_t *behind;

	if (it->left == 0)
		return false;
	if (it->unskipped != NULL)
	{
		it->next = skip(it->unskipped, it->limit);
		it->unskipped = NULL;
	}
	if (it->next >= it->limit)
		return false;
	if (it->indefinite && *it->next == 0xff)
	{
		it->next++;
		it->left = 0;
		return false;
	}
	behind = step(it->next, it->limit, child);
	if (child->indefinite || (child->major >= CS_ARRAY && child->major <= CS_TAG))
		it->unskipped = it->next;
	else
		it->next = behind;
	if (!it->indefinite)
		it->left--;
	return true;
}

bool
cs_next_pair(cs_iter *it, cs_item *key, cs_item *value)
{
	return cs_next(it, key) && cs_next(it, value);
}

uint64_t
cs_count(const cs_item *container)
{
	cs_iter it;
	cs_item child;
	uint64_t count = 0;

	if (!container->indefinite)
		return container->major == CS_ARRAY || container->major == CS_MAP ? container->arg : 0;
	it = cs_iterate(container);
	while (cs_next(&it, &child))
		count++;
	return container->major == CS_MAP ? count / 2 : count;
}

cs_item
cs_tag_content(const cs_item *tag)
{
	return cs_item_at(tag->content, (size_t) (tag->limit - tag->content));
}

bool
cs_map_get(const cs_item *map, int64_t key, cs_item *value)
{
	uint8_t major = key < 0 ? CS_NINT : CS_UINT;
	uint64_t arg = key < 0 ? ~(uint64_t) key : (uint64_t) key;
	const uint8_t *p = map->content;
	cs_item k;

	if (map->major != CS_MAP)
		return false;
	for (uint64_t left = map->arg; (left > 0 || map->indefinite) && p < map->limit && !(map->indefinite && *p == 0xff); left--)
	{
		(void) step(p, map->limit, &k);
		p = skip(p, map->limit);
		if (p >= map->limit)
			return false;
		if (k.major == major && k.arg == arg)
		{
			(void) step(p, map->limit, value);
			return true;
		}
		p = skip(p, map->limit);
	}
	return false;
}

bool
cs_map_get_text(const cs_item *map, const char *key, cs_item *value)
{
	cs_iter it = cs_iterate(map);
	cs_item k;

	if (map->major != CS_MAP)
		return false;
	while (cs_next_pair(&it, &k, value))
	{
		if (cs_text_is(&k, key))
			return true;
	}
	return false;
}

bool
cs_array_get(const cs_item *array, uint64_t index, cs_item *value)
{
	cs_iter it = cs_iterate(array);

	if (array->major != CS_ARRAY)
		return false;
	while (cs_next(&it, value))
	{
		if (index-- == 0)
			return true;
	}
	return false;
}

bool
cs_is_null(const cs_item *item)
{
	return item->major == CS_SIMPLE && item->info == 22;
}

bool
cs_is_bool(const cs_item *item, bool *value)
{
	if (item->major != CS_SIMPLE || (item->info != 20 && item->info != 21))
		return false;
	*value = item->info == 21;
	return true;
}

bool
cs_is_float(const cs_item *item, double *value)
{
	if (item->major != CS_SIMPLE || item->info < CS_HALF || item->info > CS_DOUBLE)
		return false;
	*value = cs_float_value(item->info, item->arg);
	return true;
}

bool
cs_int64(const cs_item *item, int64_t *value)
{
	if (item->major > CS_NINT || item->arg > INT64_MAX)
		return false;
	*value = item->major == CS_UINT ? (int64_t) item->arg : -1 - (int64_t) item->arg;
	return true;
}

bool
cs_uint64(const cs_item *item, uint64_t *value)
{
	if (item->major != CS_UINT)
		return false;
	*value = item->arg;
	return true;
}

bool
cs_string(cs_ctx *ctx, const cs_item *item, cs_span *out)
{
	cs_iter it;
	cs_item chunk;
	uint8_t *to;
	size_t len = 0;

	if (!is_string(item))
		return cs_fail(ctx, CS_INVALID, "item is not a string");
	if (!item->indefinite)
	{
		*out = (cs_span) { item->content, (size_t) item->arg };
		return true;
	}
	for (it = cs_iterate(item); cs_next(&it, &chunk);)
		len += (size_t) chunk.arg;
	to = cs_alloc(ctx, len, 1);
	if (to == NULL)
		return false;
	*out = (cs_span) { to, len };
	for (it = cs_iterate(item); cs_next(&it, &chunk);)
	{
		if (chunk.arg > 0)
			memcpy(to, chunk.content, (size_t) chunk.arg);
		to += chunk.arg;
	}
	return true;
}

/* Does text go on with this string? Moves behind it. */
static bool
text_begins(const char **text, const cs_item *string)
{
	for (size_t i = 0; i < string->arg; i++, (*text)++)
	{
		if (**text == '\0' || (uint8_t) **text != string->content[i])
			return false;
	}
	return true;
}

bool
cs_text_is(const cs_item *item, const char *text)
{
	cs_iter it;
	cs_item chunk;

	if (item->major != CS_TSTR)
		return false;
	if (!item->indefinite)
		return text_begins(&text, item) && *text == '\0';
	for (it = cs_iterate(item); cs_next(&it, &chunk);)
	{
		if (!text_begins(&text, &chunk))
			return false;
	}
	return *text == '\0';
}
