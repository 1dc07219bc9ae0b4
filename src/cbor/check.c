/*
 * check.c - is this one well-formed item (RFC 8949 section 5.3.1 and appendix C) within the limits? After this nobody asks again.
 * Iterative: a frame a level on the stack, whose number the limit bounds.
 */
#include "head.h"

#include <string.h>

typedef struct frame
{
	uint64_t left; /* items to come when definite; items seen when indefinite */
	uint8_t major; /* what is open: CS_ARRAY, CS_MAP, CS_TAG, or the type of a string's chunks */
	bool indefinite;
} frame;

typedef struct check
{
	cs_ctx *ctx;
	const uint8_t *data;
	uint64_t items;
	uint64_t ticks;
	uint32_t depth; /* frames in use */
	uint32_t depth_limit;
	frame frames[CS_HARD_MAX_DEPTH + 1]; /* and one for the chunks of a string at the bottom */
} check;

static const char *const major_names[] = { "unsigned integer", "negative integer", "byte string", "text string", "array", "map", "tag",
	"simple value" };

static bool
fail_head(check *c, const cs_item *item, cs_head_status status)
{
	size_t offset = (size_t) (item->p - c->data);

	if (status == CS_HEAD_SHORT)
	{
		cs_fail_at(c->ctx, CS_MALFORMED, offset, "CBOR ends in the middle of an item");
		return cs_fail_found(
			c->ctx, "head 0x%02x (%s) with %zu bytes left", item->p[0], major_names[item->major], (size_t) (item->limit - item->p));
	}
	cs_fail_at(c->ctx, CS_MALFORMED, offset, "invalid CBOR head");
	return cs_fail_found(c->ctx, "0x%02x (%s, additional information %d)", item->p[0], major_names[item->major], item->info);
}

static bool
open_frame(check *c, const cs_item *item, uint64_t left)
{
	bool string = item->major == CS_BSTR || item->major == CS_TSTR;
	frame *f;

	if (!string && c->depth >= c->depth_limit)
		return cs_fail_at(c->ctx, CS_LIMIT, (size_t) (item->p - c->data), "CBOR is nested deeper than %u levels", c->depth_limit);
	f = &c->frames[c->depth++];
	f->left = left;
	f->major = item->major;
	f->indefinite = item->indefinite;
	return true;
}

/* An item is complete: so may be what it lies in. */
static inline void
close_item(check *c)
{
	while (c->depth > 0)
	{
		frame *f = &c->frames[c->depth - 1];

		if (f->indefinite)
		{
			f->left++;
			return;
		}
		if (--f->left > 0)
			return;
		c->depth--;
	}
}

static bool
check_break(check *c, const cs_item *item)
{
	size_t offset = (size_t) (item->p - c->data);
	frame *f = c->depth > 0 ? &c->frames[c->depth - 1] : NULL;

	if (f == NULL || !f->indefinite)
		return cs_fail_at(c->ctx, CS_MALFORMED, offset, "break outside of an item of indefinite length");
	if (f->major == CS_MAP && f->left % 2 != 0)
		return cs_fail_at(c->ctx, CS_MALFORMED, offset, "map ends after a key without a value");
	c->depth--;
	close_item(c);
	return true;
}

static bool
check_string(check *c, const cs_item *item)
{
	size_t bad;

	if (item->indefinite)
		return open_frame(c, item, 0);
	if (item->major == CS_TSTR && (bad = cs_utf8_prefix(item->content, (size_t) item->arg)) != item->arg)
	{
		cs_fail_at(c->ctx, CS_MALFORMED, (size_t) (item->content - c->data) + bad, "invalid UTF-8");
		return cs_fail_found(c->ctx, "byte 0x%02x in a text string", item->content[bad]);
	}
	close_item(c);
	return true;
}

/* Each element takes a byte at least: a count that cannot be true is refused before anybody counts to it. */
static bool
check_container(check *c, const cs_item *item)
{
	uint64_t room = (uint64_t) (item->limit - item->content);
	uint64_t each = item->major == CS_MAP ? 2 : 1;
	uint64_t count = item->major == CS_TAG ? 1 : item->arg;

	if (item->indefinite)
		return open_frame(c, item, 0);
	if (count > room / each)
	{
		cs_fail_at(c->ctx, CS_MALFORMED, (size_t) (item->p - c->data), "CBOR ends in the middle of an item");
		return cs_fail_found(
			c->ctx, "%s of %llu with %llu bytes left", major_names[item->major], (unsigned long long) count, (unsigned long long) room);
	}
	if (count > 0)
		return open_frame(c, item, count * each);
	close_item(c);
	return true;
}

static bool
check_item(check *c, const cs_item *item)
{
	frame *f = c->depth > 0 ? &c->frames[c->depth - 1] : NULL;

	if (cs_head_is_break(item))
		return check_break(c, item);
	if (++c->items > c->ctx->limits.max_items)
		return cs_fail_at(c->ctx, CS_LIMIT, (size_t) (item->p - c->data), "CBOR has more than %llu data items",
			(unsigned long long) c->ctx->limits.max_items);
	if (f != NULL && (f->major == CS_BSTR || f->major == CS_TSTR) && (item->major != f->major || item->indefinite))
	{
		cs_fail_at(c->ctx, CS_MALFORMED, (size_t) (item->p - c->data), "chunk of a %s is not a %s of definite length",
			major_names[f->major], major_names[f->major]);
		return cs_fail_found(c->ctx, "%s%s", major_names[item->major], item->indefinite ? " of indefinite length" : "");
	}
	switch (item->major)
	{
		case CS_BSTR:
		case CS_TSTR:
			return check_string(c, item);
		case CS_ARRAY:
		case CS_MAP:
		case CS_TAG:
			return check_container(c, item);
		default:
			close_item(c);
			return true;
	}
}

/*
 * A head of one byte holds its argument itself, so that there is nothing to ask libcbor, and most items are integers and strings with
 * such heads inside an array, map or tag. The end of the item, or NULL: it is another one, or one that has a fault.
 */
static inline const uint8_t *
check_short(check *c, const uint8_t *p, const uint8_t *limit)
{
	uint8_t major = p[0] >> 5;
	uint8_t size = major <= CS_NINT ? 0 : p[0] & 31;

	if ((p[0] & 31) >= 24 || major > CS_TSTR || c->depth == 0 || c->frames[c->depth - 1].major < CS_ARRAY ||
		c->items >= c->ctx->limits.max_items || size >= limit - p || (major == CS_TSTR && cs_utf8_prefix(p + 1, size) != size))
		return NULL;
	c->items++;
	close_item(c);
	return p + 1 + size;
}

/* The same of an array, map or tag, as an item. */
static inline bool
read_short(const uint8_t *p, const uint8_t *limit, cs_item *item)
{
	*item = (cs_item) { .p = p, .content = p + 1, .limit = limit, .arg = p[0] & 31, .major = p[0] >> 5, .info = p[0] & 31 };
	return item->info < 24 && item->major >= CS_ARRAY;
}

bool
cs_check_prefix(cs_ctx *ctx, const uint8_t *data, size_t len, size_t *used)
{
	const uint8_t *limit = data + len;
	const uint8_t *p = data;
	check c;

	c.ctx = ctx;
	c.data = data;
	c.items = c.ticks = 0;
	c.depth = 0;
	c.depth_limit = cs_depth_limit(ctx);
	do
	{
		cs_item item;
		cs_head_status status;
		const uint8_t *end;

		if (p == limit)
			return cs_fail_at(ctx, CS_MALFORMED, len, len == 0 ? "CBOR is empty" : "CBOR ends in the middle of an item");
		cs_tick(ctx, &c.ticks);
		end = check_short(&c, p, limit);
		if (end != NULL)
		{
			p = end;
			continue;
		}
		status = read_short(p, limit, &item) ? CS_HEAD_OK : cs_head_read(p, limit, &item);
		if (status != CS_HEAD_OK)
			return fail_head(&c, &item, status);
		if (!check_item(&c, &item))
			return false;
		p = item.content;
		if ((item.major == CS_BSTR || item.major == CS_TSTR) && !item.indefinite)
			p += item.arg;
	} while (c.depth > 0);
	*used = (size_t) (p - data);
	return true;
}

bool
cs_check(cs_ctx *ctx, const uint8_t *data, size_t len)
{
	size_t used;

	if (len > ctx->limits.max_size)
		return cs_fail(ctx, CS_LIMIT, "CBOR is larger than %llu bytes", (unsigned long long) ctx->limits.max_size);
	if (!cs_check_prefix(ctx, data, len, &used))
		return false;
	if (used != len)
	{
		cs_fail_at(ctx, CS_MALFORMED, used, "bytes follow the end of the CBOR item");
		return cs_fail_found(ctx, "%zu bytes", len - used);
	}
	return true;
}

/* Length of a character that is well-formed by Unicode's table 3-7 (no surrogates, no overlong forms), or 0. */
static size_t
utf8_char(const uint8_t *p, size_t left)
{
	uint8_t low = 0x80;
	uint8_t high = 0xbf;
	size_t len;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	len = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (left < len || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
	{
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	return len;
}

size_t
cs_utf8_prefix(const uint8_t *data, size_t len)
{
	size_t at = 0;

	while (at < len)
	{
		uint64_t eight;
		size_t step;

		if (len - at >= sizeof(eight))
		{
			memcpy(&eight, data + at, sizeof(eight));
			if ((eight & UINT64_C(0x8080808080808080)) == 0)
			{
				at += sizeof(eight);
				continue;
			}
		}
		step = utf8_char(data + at, len - at);
		if (step == 0)
			return at;
		at += step;
	}
	return len;
}

bool
cs_utf8_valid(const uint8_t *data, size_t len)
{
	return cs_utf8_prefix(data, len) == len;
}
