/*
 * item.h - reading CBOR (RFC 8949).
 *
 * cs_check() makes sure, once, that bytes are one well-formed item within the limits; every other function here may then
 * be used on them, allocates nothing unless it takes a cs_ctx, and cannot fail on account of the bytes. A cs_item is a
 * view: it owns nothing and lives as long as the bytes.
 *
 * Heads are decoded by libcbor's streaming decoder, but for those that there is nothing to decode in: an argument that stands in the
 * head's one byte. Every length is compared with what is left before it is believed, and the heads that libcbor refuses although they
 * are well-formed (tags 6 to 20 in one byte up to 0.10, upstream issue 307; unassigned simple values) are read before it sees them.
 */
#ifndef CS_ITEM_H
#define CS_ITEM_H

#include "core.h"

typedef enum cs_major
{
	CS_UINT = 0,
	CS_NINT = 1,
	CS_BSTR = 2,
	CS_TSTR = 3,
	CS_ARRAY = 4,
	CS_MAP = 5,
	CS_TAG = 6,
	CS_SIMPLE = 7
} cs_major;

typedef struct cs_item
{
	const uint8_t *p;		/* first byte of its head */
	const uint8_t *content; /* first byte behind its head: string bytes, first child, tag content */
	const uint8_t *limit;	/* end of the buffer it lies in */
	uint64_t arg;			/* value, length, count (pairs for a map), tag number, simple value or float bits */
	uint8_t major;			/* cs_major */
	uint8_t info;			/* additional information, the low five bits of the first byte */
	bool indefinite;		/* string, array or map of indefinite length; arg is 0 then */
} cs_item;

/*
 * Exactly one well-formed item (RFC 8949 section 5.3.1; Appendix C), nothing behind it, text strings valid UTF-8.
 * Errors: CS_MALFORMED with the offset, CS_LIMIT. Duplicate keys and non-minimal heads are well-formed: they pass.
 */
extern bool cs_check(cs_ctx *ctx, const uint8_t *data, size_t len);
/* The same for one item at the start of data; *used gets its length (CBOR sequences). */
extern bool cs_check_prefix(cs_ctx *ctx, const uint8_t *data, size_t len, size_t *used);

/* The item that starts at data; data[0..len) must have passed cs_check or lie inside what has. len > 0. */
extern cs_item cs_item_at(const uint8_t *data, size_t len);
extern const uint8_t *cs_item_end(const cs_item *item); /* one past its last byte */
/* The same where that needs no look at what follows, else NULL: for items without children, strings of definite length. */
static inline const uint8_t *
cs_leaf_end(const cs_item *item)
{
	if (item->indefinite || (item->major >= CS_ARRAY && item->major <= CS_TAG && (item->arg > 0 || item->major == CS_TAG)))
		return NULL;
	return item->major == CS_BSTR || item->major == CS_TSTR ? item->content + item->arg : item->content;
}
extern size_t cs_item_size(const cs_item *item);
static inline cs_span
cs_item_span(const cs_item *item)
{
	return (cs_span) { item->p, cs_item_size(item) };
}

/* Children of an array, keys and values in turn of a map, the content of a tag, the chunks of an indefinite string. */
typedef struct cs_iter
{
	const uint8_t *next;
	const uint8_t *limit;
	uint64_t left; /* items still to come when definite; else 0 only behind the break */
	bool indefinite;
	const uint8_t *unskipped; /* the last child, while nobody has asked for what is behind it */
} cs_iter;

/* How many items follow a head of definite length before its item is complete. */
static inline uint64_t
cs_children(const cs_item *item)
{
	switch (item->major)
	{
		case CS_ARRAY:
			return item->arg;
		case CS_MAP:
			return item->arg * 2;
		case CS_TAG:
			return 1;
		default:
			return 0;
	}
}

static inline cs_iter
cs_iterate(const cs_item *item)
{
	return (cs_iter) { item->content, item->limit, item->indefinite ? UINT64_MAX : cs_children(item), item->indefinite, NULL };
}

extern bool cs_next(cs_iter *it, cs_item *child); /* false at the end */

/* Who has walked the last child to its end spares the iterator from skipping it; NULL: nobody has. */
static inline void
cs_iter_resume(cs_iter *it, const uint8_t *end)
{
	if (it->unskipped == NULL || end == NULL)
		return;
	it->next = end;
	it->unskipped = NULL;
}

/* One past the container's last byte when the iterator has come there, else NULL. */
static inline const uint8_t *
cs_iter_end(const cs_iter *it)
{
	return it->left == 0 && it->unskipped == NULL ? it->next : NULL;
}

extern bool cs_next_pair(cs_iter *it, cs_item *key, cs_item *value);
extern uint64_t cs_count(const cs_item *container); /* elements of an array, pairs of a map; counts when indefinite */
extern cs_item cs_tag_content(const cs_item *tag);

/* First value under a key; false when the item is no map or the key is absent. */
extern bool cs_map_get(const cs_item *map, int64_t key, cs_item *value);
extern bool cs_map_get_text(const cs_item *map, const char *key, cs_item *value);
extern bool cs_array_get(const cs_item *array, uint64_t index, cs_item *value);

static inline bool
cs_is(const cs_item *i, cs_major m)
{
	return i->major == m;
}
static inline bool
cs_is_tag(const cs_item *i, uint64_t number)
{
	return i->major == CS_TAG && i->arg == number;
}
extern bool cs_is_null(const cs_item *item);
extern bool cs_is_bool(const cs_item *item, bool *value);
extern bool cs_is_float(const cs_item *item, double *value); /* half, single or double */
extern bool cs_int64(const cs_item *item, int64_t *value);	 /* false when no integer or out of range */
extern bool cs_uint64(const cs_item *item, uint64_t *value);

/* Content of a byte or text string; joins the chunks of an indefinite one in memory of ctx. */
extern bool cs_string(cs_ctx *ctx, const cs_item *item, cs_span *out);
/* True when item is a definite or indefinite text string equal to text. Allocates nothing. */
extern bool cs_text_is(const cs_item *item, const char *text);
extern bool cs_utf8_valid(const uint8_t *data, size_t len);
extern size_t cs_utf8_prefix(const uint8_t *data, size_t len); /* bytes before the first character that is not well-formed */

#endif
