/*
 * bytes.c - reading structures of fixed layout and DER: no length is believed before it is compared with what is left.
 */
#include "job.h"

cs_bytes
cs_bytes_of(cs_span span)
{
	return (cs_bytes) { span.data, span.len, false };
}

cs_span
cs_bytes_take(cs_bytes *in, size_t len)
{
	cs_span out = { in->p, len };

	if (in->failed || len > in->left)
	{
		in->failed = true;
		return (cs_span) { NULL, 0 };
	}
	in->p += len;
	in->left -= len;
	return out;
}

uint64_t
cs_bytes_le(cs_bytes *in, size_t len)
{
	return cs_le(cs_bytes_take(in, len));
}

uint64_t
cs_bytes_be(cs_bytes *in, size_t len)
{
	cs_span span = cs_bytes_take(in, len);
	uint64_t value = 0;

	for (size_t i = 0; i < span.len; i++)
		value = value << 8 | span.data[i];
	return value;
}

uint64_t
cs_le(cs_span span)
{
	uint64_t value = 0;

	for (size_t i = span.len; i > 0; i--)
		value = value << 8 | span.data[i - 1];
	return value;
}

bool
cs_all_zero(cs_span span)
{
	for (size_t i = 0; i < span.len; i++)
		if (span.data[i] != 0)
			return false;
	return true;
}

/* The length behind the identifier octet. */
static bool
der_length(cs_bytes *in, size_t *len)
{
	uint64_t first = cs_bytes_be(in, 1), value;

	*len = (size_t) first;
	if (in->failed || first < 0x80)
		return !in->failed;
	if (first == 0x80 || first > 0x84)
		return false;
	value = cs_bytes_be(in, (size_t) first & 0x7f);
	*len = (size_t) value;
	return !in->failed && value >= 0x80 && value >> (8 * ((first & 0x7f) - 1)) != 0;
}

bool
cs_der_next(cs_span *in, cs_tlv *out)
{
	cs_bytes bytes = cs_bytes_of(*in);
	size_t len;

	out->tag = (uint8_t) cs_bytes_be(&bytes, 1);
	if (bytes.failed || (out->tag & 0x1f) == 0x1f || !der_length(&bytes, &len))
		return false;
	out->content = cs_bytes_take(&bytes, len);
	if (bytes.failed)
		return false;
	out->whole = (cs_span) { in->data, in->len - bytes.left };
	*in = (cs_span) { bytes.p, bytes.left };
	return true;
}
