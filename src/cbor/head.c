/*
 * head.c - one CBOR head (RFC 8949 section 3), read by libcbor's streaming decoder, which allocates nothing.
 *
 * libcbor refuses heads that are well-formed: tags 6 to 20 in one byte (up to 0.10, upstream issue 307; 0xD2 of COSE_Sign1 is
 * one of them), and simple values that have no meaning yet, 0 to 19 and 32 to 255 (0.8.0, and newer ones too). Those are
 * read here before libcbor sees them. It also hands out a half as a float, which loses the payload of a NaN, so that the bits
 * of floats are taken from the bytes.
 */
#include "head.h"

#include <cbor.h>

static void
on_arg8(void *item, uint8_t arg)
{
	((cs_item *) item)->arg = arg;
}

static void
on_arg16(void *item, uint16_t arg)
{
	((cs_item *) item)->arg = arg;
}

static void
on_arg32(void *item, uint32_t arg)
{
	((cs_item *) item)->arg = arg;
}

static void
on_arg64(void *item, uint64_t arg)
{
	((cs_item *) item)->arg = arg;
}

static void
on_count(void *item, size_t count)
{
	((cs_item *) item)->arg = count;
}

static void
on_string(void *item, cbor_data data, size_t len)
{
	((cs_item *) item)->content = data;
	((cs_item *) item)->arg = len;
}

static void
on_indefinite(void *item)
{
	((cs_item *) item)->indefinite = true;
}

static void
on_simple(void *item)
{
	((cs_item *) item)->arg = ((cs_item *) item)->info;
}

static void
on_bool(void *item, bool value)
{
	(void) value;
	on_simple(item);
}

static void
on_float(void *item, float value)
{
	(void) item;
	(void) value;
}

static void
on_double(void *item, double value)
{
	(void) item;
	(void) value;
}

static void
on_break(void *item)
{
	(void) item;
}

static const struct cbor_callbacks callbacks = { .uint8 = on_arg8,
	.uint16 = on_arg16,
	.uint32 = on_arg32,
	.uint64 = on_arg64,
	.negint8 = on_arg8,
	.negint16 = on_arg16,
	.negint32 = on_arg32,
	.negint64 = on_arg64,
	.byte_string = on_string,
	.byte_string_start = on_indefinite,
	.string = on_string,
	.string_start = on_indefinite,
	.array_start = on_count,
	.indef_array_start = on_indefinite,
	.map_start = on_count,
	.indef_map_start = on_indefinite,
	.tag = on_arg64,
	.float2 = on_float,
	.float4 = on_float,
	.float8 = on_double,
	.undefined = on_simple,
	.null = on_simple,
	.boolean = on_bool,
	.indef_break = on_break };

static uint64_t
big_endian(const uint8_t *p, size_t len)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++)
		value = value << 8 | p[i];
	return value;
}

/* What libcbor may refuse although it is well-formed; *status says how it went when this returns true. */
static bool
read_refused(const uint8_t *p, size_t left, cs_item *item, cs_head_status *status)
{
	*status = CS_HEAD_OK;
	if ((item->major == CS_TAG && item->info < 24) || (item->major == CS_SIMPLE && item->info < 20))
	{
		item->arg = item->info;
		item->content = p + 1;
		return true;
	}
	if (item->major == CS_SIMPLE && item->info == 24)
	{
		if (left < 2)
			*status = CS_HEAD_SHORT;
		else if (p[1] < 32)
			*status = CS_HEAD_BAD;
		else
		{
			item->arg = p[1];
			item->content = p + 2;
		}
		return true;
	}
	return false;
}

cs_head_status
cs_head_read(const uint8_t *p, const uint8_t *limit, cs_item *item)
{
	size_t left = (size_t) (limit - p);
	struct cbor_decoder_result result;
	cs_head_status status;

	item->p = p;
	item->content = NULL;
	item->limit = limit;
	item->arg = 0;
	item->major = p[0] >> 5;
	item->info = p[0] & 31;
	item->indefinite = false;
	if (read_refused(p, left, item, &status))
		return status;

	/* libcbor counts in size_t: where that has 32 bits, it would cut a length that no buffer there can hold. */
	if (sizeof(size_t) < 8 && item->info == 27 && item->major >= CS_BSTR && item->major <= CS_MAP && left >= 9 && big_endian(p + 1, 4) != 0)
		return CS_HEAD_SHORT;

	result = cbor_stream_decode(p, left, &callbacks, item);
	if (result.status == CBOR_DECODER_NEDATA)
		return CS_HEAD_SHORT;
	if (result.status != CBOR_DECODER_FINISHED)
		return CS_HEAD_BAD;
	if (item->content != NULL)
		return item->arg <= (size_t) (limit - item->content) ? CS_HEAD_OK : CS_HEAD_SHORT;
	item->content = p + result.read;
	if (item->major == CS_SIMPLE && item->info >= 25 && item->info <= 27)
		item->arg = big_endian(p + 1, result.read - 1);
	return CS_HEAD_OK;
}
