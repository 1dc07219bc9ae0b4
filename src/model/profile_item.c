/*
 * profile_item.c - a profile's canonical text back as a profile-type-choice (draft-ietf-rats-corim section 4.1.4): 32(uri) or
 * 111(oid).
 */
#include "corim.h"

/* Reads one arc; *at moves behind it. False when there is no number, or it does not fit 64 bits. */
static bool
read_arc(cs_span text, size_t *at, uint64_t *arc)
{
	size_t start = *at;

	*arc = 0;
	for (; *at < text.len && text.data[*at] >= '0' && text.data[*at] <= '9'; (*at)++)
	{
		uint64_t digit = text.data[*at] - '0';

		if (*arc > (UINT64_MAX - digit) / 10)
			return false;
		*arc = *arc * 10 + digit;
	}
	return *at > start;
}

static void
put_arc(cs_buf *out, uint64_t arc)
{
	uint8_t bytes[10];
	size_t n = sizeof(bytes);

	bytes[--n] = arc & 0x7f;
	while ((arc >>= 7) != 0)
		bytes[--n] = 0x80 | (arc & 0x7f);
	cs_put_raw(out, bytes + n, sizeof(bytes) - n);
}

/* The contents octets of a dotted OID (X.690 section 8.19); false when the text is none. */
static bool
put_oid(cs_span text, cs_buf *out)
{
	uint64_t first, second, arc;
	size_t at = 0;

	if (!read_arc(text, &at, &first) || first > 2 || at >= text.len || text.data[at++] != '.' || !read_arc(text, &at, &second) ||
		second > (first < 2 ? 39 : UINT64_MAX - 80))
		return false;
	put_arc(out, first * 40 + second);
	while (at < text.len)
	{
		if (text.data[at++] != '.' || !read_arc(text, &at, &arc))
			return false;
		put_arc(out, arc);
	}
	return true;
}

bool
cs_profile_item(cs_ctx *ctx, cs_span text, cs_buf *out)
{
	cs_buf oid;

	cs_buf_init(&oid, ctx);
	if (put_oid(text, &oid))
	{
		cs_put_tag(out, CS_TAG_OID);
		cs_put_bytes(out, oid.data, oid.len);
	}
	else
	{
		cs_put_tag(out, CS_TAG_URI);
		cs_put_text(out, (const char *) text.data, text.len);
	}
	return cs_buf_ok(&oid) && cs_buf_ok(out);
}
