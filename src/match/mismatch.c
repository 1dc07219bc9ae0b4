/*
 * mismatch.c - why a comparison failed, and walking two sorted maps side by side.
 */
#include <stdio.h>
#include <string.h>

#include "values.h"

bool
cs_mismatched(cs_mismatch *why, const char *reason, const cs_item *wanted, const cs_item *found)
{
	if (why != NULL)
	{
		why->path[0] = '\0';
		why->wanted = wanted ? cs_item_span(wanted) : (cs_span) { NULL, 0 };
		why->found = found ? cs_item_span(found) : (cs_span) { NULL, 0 };
		why->reason = reason;
	}
	return false;
}

void
cs_mismatch_within(cs_mismatch *why, const char *fmt, ...)
{
	char name[CS_PATH_MAX];
	size_t len, kept;
	va_list args;

	if (why == NULL)
		return;
	va_start(args, fmt);
	vsnprintf(name, sizeof name, fmt, args);
	va_end(args);
	len = strlen(name);
	kept = strlen(why->path);
	if (kept > CS_PATH_MAX - 1 - len)
		kept = CS_PATH_MAX - 1 - len;
	memmove(why->path + len, why->path, kept);
	memcpy(why->path, name, len);
	why->path[len + kept] = '\0';
}

/* Bytewise order of two keys' encodings, which is the order of a deterministic map. */
static int
key_order(const cs_item *a, const cs_item *b)
{
	cs_span x = cs_item_span(a), y = cs_item_span(b);
	int order = memcmp(x.data, y.data, x.len < y.len ? x.len : y.len);

	if (order != 0)
		return order;
	return (x.len > y.len) - (x.len < y.len);
}

static void
cursor_step(cs_map_cursor *cursor)
{
	cursor->at_end = !cs_next_pair(&cursor->it, &cursor->key, &cursor->value);
}

cs_map_cursor
cs_map_cursor_at(const cs_item *map)
{
	cs_map_cursor cursor = { .at_end = true };

	if (cs_is(map, CS_MAP))
	{
		cursor.it = cs_iterate(map);
		cursor_step(&cursor);
	}
	return cursor;
}

bool
cs_map_cursor_find(cs_map_cursor *cursor, const cs_item *key, cs_item *value)
{
	while (!cursor->at_end)
	{
		int order = key_order(&cursor->key, key);

		if (order > 0)
			return false;
		if (order == 0)
		{
			*value = cursor->value;
			return true;
		}
		cursor_step(cursor);
	}
	return false;
}
