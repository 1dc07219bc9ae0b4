/*
 * writer.h - writing CBOR: shortest heads, definite lengths (RFC 8949 section 4.2.1), and a growing buffer for any text.
 *
 * A cs_buf remembers its first failure (memory, or ctx->limits.max_size): callers put many things and ask cs_buf_ok() once.
 */
#ifndef CS_WRITER_H
#define CS_WRITER_H

#include "item.h"

typedef struct cs_buf
{
	cs_ctx *ctx;
	uint8_t *data;
	size_t len;
	size_t capacity;
	bool failed;
} cs_buf;

extern void cs_buf_init(cs_buf *buf, cs_ctx *ctx);
extern bool cs_buf_ok(const cs_buf *buf); /* false: ctx->error says why */
static inline cs_span
cs_buf_span(const cs_buf *buf)
{
	return (cs_span) { buf->data, buf->len };
}

extern void cs_put_raw(cs_buf *buf, const void *data, size_t len);
extern void cs_put_byte(cs_buf *buf, uint8_t byte);
extern void cs_put_str(cs_buf *buf, const char *text); /* the characters, no head: for text output */
extern void cs_put_fmt(cs_buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

extern void cs_put_uint(cs_buf *buf, uint64_t value);
extern void cs_put_int(cs_buf *buf, int64_t value);
extern void cs_put_nint(cs_buf *buf, uint64_t arg); /* -1 - arg */
extern void cs_put_bytes(cs_buf *buf, const void *data, size_t len);
extern void cs_put_text(cs_buf *buf, const char *text, size_t len);
extern void cs_put_cstr(cs_buf *buf, const char *text);
extern void cs_put_array(cs_buf *buf, uint64_t count);
extern void cs_put_map(cs_buf *buf, uint64_t pairs);
extern void cs_put_tag(cs_buf *buf, uint64_t number);
extern void cs_put_bool(cs_buf *buf, bool value);
extern void cs_put_null(cs_buf *buf);
extern void cs_put_float(cs_buf *buf, double value);	   /* shortest of half, single, double that keeps it */
extern void cs_put_item(cs_buf *buf, const cs_item *item); /* verbatim */

#endif
