/* evidence_make.h - bytes put together: little-endian and big-endian numbers, DER. */
#ifndef EVIDENCE_MAKE_H
#define EVIDENCE_MAKE_H

#include "evidence_support.h"

static inline cs_span
both(cs_span a, cs_span b)
{
	uint8_t *bytes = cs_alloc(&ctx, a.len + b.len + 1, 1);

	if (a.len > 0)
		memcpy(bytes, a.data, a.len);
	if (b.len > 0)
		memcpy(bytes + a.len, b.data, b.len);
	return (cs_span) { bytes, a.len + b.len };
}

static inline cs_span
le(uint64_t value, size_t len)
{
	uint8_t bytes[8];

	put_le(bytes, value, len);
	return copy_of((cs_span) { bytes, len });
}

static inline cs_span
be(uint64_t value, size_t len)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t) (value >> 8 * (len - 1 - i));
	return copy_of((cs_span) { bytes, len });
}

/* identifier octet, length and content */
static inline cs_span
der(uint8_t tag, cs_span content)
{
	uint8_t head[4] = { tag, (uint8_t) content.len };
	size_t len = 2;

	if (content.len > 0xff)
	{
		head[1] = 0x82;
		head[2] = (uint8_t) (content.len >> 8);
		head[3] = (uint8_t) content.len;
		len = 4;
	}
	else if (content.len > 0x7f)
	{
		head[1] = 0x81;
		head[2] = (uint8_t) content.len;
		len = 3;
	}
	return both((cs_span) { head, len }, content);
}

#endif
