/*
 * protobuf.c - fields of Protocol Buffers (protobuf.h).
 */
#include "protobuf.h"

#define MAX_FIELD 536870911

static bool
varint(cs_span *in, uint64_t *out)
{
	*out = 0;
	for (unsigned i = 0; i < 10 && in->len > 0; i++)
	{
		uint8_t byte = *in->data;

		in->data++;
		in->len--;
		if (i == 9 && byte > 1)
			return false;
		*out |= (uint64_t) (byte & 0x7f) << (7 * i);
		if (byte < 0x80)
			return true;
	}
	return false;
}

static bool
take(cs_span *in, uint64_t len, cs_span *out)
{
	if (len > in->len)
		return false;
	*out = (cs_span) { in->data, (size_t) len };
	*in = (cs_span) { in->data + len, in->len - (size_t) len };
	return true;
}

static bool
read_field(cs_span *in, cs_pb_field *out)
{
	uint64_t key, len = 0;

	*out = (cs_pb_field) { .number = 0 };
	if (!varint(in, &key) || key >> 3 == 0 || key >> 3 > MAX_FIELD)
		return false;
	out->number = (uint32_t) (key >> 3);
	out->wire = (cs_pb_wire) (key & 7);
	switch (out->wire)
	{
		case CS_PB_VARINT:
			return varint(in, &out->value);
		case CS_PB_I64:
			return take(in, 8, &out->bytes);
		case CS_PB_I32:
			return take(in, 4, &out->bytes);
		case CS_PB_LEN:
			return varint(in, &len) && take(in, len, &out->bytes);
		default:
			return false;
	}
}

bool
cs_pb_next(cs_span *in, cs_pb_field *out, bool *bad)
{
	*bad = false;
	if (in->len == 0)
		return false;
	*bad = !read_field(in, out);
	return !*bad;
}
