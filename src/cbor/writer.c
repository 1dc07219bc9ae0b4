/*
 * writer.c - a growing buffer that remembers its first failure, and CBOR heads in their shortest form into it
 * (RFC 8949 section 4.2.1), by libcbor's streaming encoders.
 */
#include "writer.h"

#include <cbor.h>
#include <stdio.h>
#include <string.h>

#include "floats.h"

#define CS_HEAD_MAX 9
#define FORMAT_WORK 64 /* what printf does beside writing, in bytes that could be copied meanwhile */

void
cs_buf_init(cs_buf *buf, cs_ctx *ctx)
{
	buf->ctx = ctx;
	buf->data = NULL;
	buf->len = 0;
	buf->capacity = 0;
	buf->failed = false;
}

bool
cs_buf_ok(const cs_buf *buf)
{
	return !buf->failed;
}

static bool
grow(cs_buf *buf, size_t more)
{
	size_t wanted;
	size_t capacity = buf->capacity < 64 ? 64 : buf->capacity;
	uint8_t *data;

	if (__builtin_add_overflow(buf->len, more, &wanted) || wanted > buf->ctx->limits.max_size)
	{
		buf->failed = true;
		return cs_fail(buf->ctx, CS_LIMIT, "output is larger than %llu bytes", (unsigned long long) buf->ctx->limits.max_size);
	}
	while (capacity < wanted)
		capacity = capacity > SIZE_MAX / 2 ? wanted : capacity * 2;
	data = cs_resize(buf->ctx, buf->data, buf->capacity, capacity, 1);
	if (data == NULL)
	{
		buf->failed = true;
		return false;
	}
	buf->data = data;
	buf->capacity = capacity;
	return true;
}

/* Where the next bytes go; NULL once the buffer has failed. */
static uint8_t *
reserve(cs_buf *buf, size_t more)
{
	if (buf->failed)
		return NULL;
	if (more > buf->ctx->limits.max_size - buf->len || more > buf->capacity - buf->len)
	{
		if (!grow(buf, more))
			return NULL;
	}
	return buf->data + buf->len;
}

void
cs_put_raw(cs_buf *buf, const void *data, size_t len)
{
	uint8_t *to;

	if (len == 0)
		return;
	cs_work(buf->ctx, len);
	to = reserve(buf, len);
	if (to != NULL)
	{
		memcpy(to, data, len);
		buf->len += len;
	}
}

void
cs_put_byte(cs_buf *buf, uint8_t byte)
{
	cs_put_raw(buf, &byte, 1);
}

void
cs_put_str(cs_buf *buf, const char *text)
{
	cs_put_raw(buf, text, strlen(text));
}

void
cs_put_fmt(cs_buf *buf, const char *fmt, ...)
{
	char local[256];
	uint8_t *to;
	int len;
	va_list args;

	va_start(args, fmt);
	len = vsnprintf(local, sizeof(local), fmt, args);
	va_end(args);
	cs_work(buf->ctx, FORMAT_WORK);
	if (len < 0)
		return;
	if ((size_t) len < sizeof(local))
	{
		cs_put_raw(buf, local, (size_t) len);
		return;
	}
	to = reserve(buf, (size_t) len + 1);
	if (to == NULL)
		return;
	va_start(args, fmt);
	vsnprintf((char *) to, (size_t) len + 1, fmt, args);
	va_end(args);
	buf->len += (size_t) len;
}

/* The shortest head. libcbor's encoders of counts and lengths take a size_t; an integer's head is the same but for the major
 * type, and takes 64 bits everywhere. */
static void
put_head(cs_buf *buf, cs_major major, uint64_t arg)
{
	uint8_t head[CS_HEAD_MAX];
	size_t len = cbor_encode_uint(arg, head, sizeof(head));

	head[0] |= (uint8_t) (major << 5);
	cs_put_raw(buf, head, len);
}

void
cs_put_uint(cs_buf *buf, uint64_t value)
{
	put_head(buf, CS_UINT, value);
}

void
cs_put_nint(cs_buf *buf, uint64_t arg)
{
	put_head(buf, CS_NINT, arg);
}

void
cs_put_int(cs_buf *buf, int64_t value)
{
	if (value >= 0)
		put_head(buf, CS_UINT, (uint64_t) value);
	else
		put_head(buf, CS_NINT, ~(uint64_t) value);
}

void
cs_put_bytes(cs_buf *buf, const void *data, size_t len)
{
	put_head(buf, CS_BSTR, len);
	cs_put_raw(buf, data, len);
}

void
cs_put_text(cs_buf *buf, const char *text, size_t len)
{
	put_head(buf, CS_TSTR, len);
	cs_put_raw(buf, text, len);
}

void
cs_put_cstr(cs_buf *buf, const char *text)
{
	cs_put_text(buf, text, strlen(text));
}

void
cs_put_array(cs_buf *buf, uint64_t count)
{
	put_head(buf, CS_ARRAY, count);
}

void
cs_put_map(cs_buf *buf, uint64_t pairs)
{
	put_head(buf, CS_MAP, pairs);
}

void
cs_put_tag(cs_buf *buf, uint64_t number)
{
	put_head(buf, CS_TAG, number);
}

void
cs_put_bool(cs_buf *buf, bool value)
{
	uint8_t head[CS_HEAD_MAX];

	cs_put_raw(buf, head, cbor_encode_bool(value, head, sizeof(head)));
}

void
cs_put_null(cs_buf *buf)
{
	uint8_t head[CS_HEAD_MAX];

	cs_put_raw(buf, head, cbor_encode_null(head, sizeof(head)));
}

/* Bits, not values, all the way: libcbor's encoders take a float, and would make one quiet NaN of all, and a half of any. */
void
cs_put_float_bits(cs_buf *buf, unsigned info, uint64_t bits)
{
	size_t len = (size_t) 1 << (info - 24);
	uint8_t head[CS_HEAD_MAX];

	head[0] = (uint8_t) (CS_SIMPLE << 5 | info);
	for (size_t i = 0; i < len; i++)
		head[1 + i] = (uint8_t) (bits >> 8 * (len - 1 - i));
	cs_put_raw(buf, head, 1 + len);
}

void
cs_put_float(cs_buf *buf, double value)
{
	uint64_t bits;
	unsigned info = cs_float_shortest(value, &bits);

	cs_put_float_bits(buf, info, bits);
}

void
cs_put_item(cs_buf *buf, const cs_item *item)
{
	cs_put_raw(buf, item->p, cs_item_size(item));
}
