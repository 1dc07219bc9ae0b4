/*
 * text.h - bytes and numbers as text, and back: hexadecimal digits, UUIDs, base64, decimal, UTF-8.
 */
#ifndef CS_TEXT_H
#define CS_TEXT_H

#include "writer.h"

/* 0 to 15; -1 for what is no hexadecimal digit, of either case. */
static inline int
cs_hex_digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Two lower-case digits a byte. */
extern void cs_put_hex(cs_buf *out, const uint8_t *data, size_t len);

/* 31fb5abf-023e-4992-aa4e-95f9c1503bfa (RFC 9562 section 4). */
extern void cs_put_uuid(cs_buf *out, const uint8_t bytes[16]);

/* An integer of major type 0 or 1, all of which are within 65 bits. */
extern void cs_put_decimal(cs_buf *out, const cs_item *item);

/* One character; out has room for four bytes. Answers how many it took. */
extern size_t cs_utf8_encode(uint8_t *out, uint32_t c);

/* What base64 (RFC 4648) is let hold, besides letters and digits; and where that ends that is none. */
#define CS_BASE64_STANDARD 1U /* + and / */
#define CS_BASE64_URL 2U	  /* - and _ */
#define CS_BASE64_PADDING 4U
#define CS_BASE64_BLANKS 8U

typedef enum cs_base64_fault
{
	CS_BASE64_OK,
	CS_BASE64_CHARACTER, /* one that may not stand at *at */
	CS_BASE64_CUT,		 /* it ends within a byte */
	CS_BASE64_STRAY_BITS /* bits that are set and lost at its end */
} cs_base64_fault;

/* Appends bytes to out, which has room for len * 3 / 4 + 3. Takes as long whatever the characters say, as private
 * keys come through here. The work is counted in ctx, from CS_WORK_AT_ONCE on: a jump out of here leaves no key behind.
 * ctx may be NULL for a shorter text. */
extern cs_base64_fault cs_base64_read(cs_ctx *ctx, cs_span text, unsigned options, uint8_t *out, size_t *len, size_t *at);

/* Padded in the standard alphabet, bare in the other. columns: a line break after so many characters and at the end; 0: one line. */
extern void cs_put_base64(cs_buf *buf, cs_span data, bool url, size_t columns);

#endif
