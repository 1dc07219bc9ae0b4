/*
 * protobuf.h - inside src/vendors: the wire format of Protocol Buffers (protobuf.dev, "Encoding"), field by field. What a length says is
 * compared with what is left; groups, which nobody writes any more, are refused.
 */
#ifndef CS_VENDOR_PROTOBUF_H
#define CS_VENDOR_PROTOBUF_H

#include "cbor/core.h"

typedef enum cs_pb_wire
{
	CS_PB_VARINT = 0,
	CS_PB_I64 = 1,
	CS_PB_LEN = 2,
	CS_PB_I32 = 5
} cs_pb_wire;

typedef struct cs_pb_field
{
	uint32_t number;
	cs_pb_wire wire;
	uint64_t value; /* of a varint */
	cs_span bytes;	/* of the others */
} cs_pb_field;

/* The next field; *in moves behind it. False at the end of *in, and where *bad is set too: what follows is no field. */
extern bool cs_pb_next(cs_span *in, cs_pb_field *out, bool *bad);

#endif
