/*
 * elements.h - a list of encoded elements, in one buffer, that comes out as an array or map with nothing in it twice.
 *
 * Equal elements are found by sorting at the end, so that no document can make the search slow.
 */
#ifndef CS_ELEMENTS_H
#define CS_ELEMENTS_H

#include "cbor/writer.h"

typedef struct cs_element cs_element;

typedef struct cs_elements
{
	cs_buf bytes; /* elements are put here, one behind the other */
	cs_element *elements;
	size_t count;
	size_t capacity;
} cs_elements;

typedef enum cs_elements_order
{
	CS_AS_ADDED,
	CS_BY_KEY,		/* bytewise, the shorter first where one is the start of the other; the first one under a key counts */
	CS_BY_KEY_ALONE /* the same; two that differ under one key are CS_INVALID */
} cs_elements_order;

/* The list's memory is ctx's. */
extern void cs_elements_init(cs_elements *list, cs_ctx *ctx);
/* What was put into list->bytes since start is one element. key_len: how much of it, from its start, makes it unique; 0: all of it. */
extern bool cs_elements_close(cs_elements *list, size_t start, size_t key_len);
/* container: CS_ARRAY, or CS_MAP where each element is a key and a value. */
extern bool cs_elements_put(cs_elements *list, cs_buf *out, cs_major container, cs_elements_order order);

#endif
