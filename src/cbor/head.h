/*
 * head.h - one CBOR head (RFC 8949 section 3), inside the cbor room only.
 */
#ifndef CS_HEAD_H
#define CS_HEAD_H

#include "item.h"

typedef enum cs_head_status
{
	CS_HEAD_OK,
	CS_HEAD_SHORT, /* the head, or the string behind it, runs past limit */
	CS_HEAD_BAD	   /* no head at all: reserved additional information, two-byte simple value below 32 */
} cs_head_status;

/* The head at p < limit. A break comes as major 7, info 31. Strings of definite length lie within limit as a whole; counts of
 * arrays and maps are as claimed. */
extern cs_head_status cs_head_read(const uint8_t *p, const uint8_t *limit, cs_item *item);

static inline bool
cs_head_is_break(const cs_item *item)
{
	return item->major == CS_SIMPLE && item->info == 31;
}

/* False when a shorter head would do, or for a definite length where it is indefinite. Floats: see cs_float_shortest. */
static inline bool
cs_head_is_shortest(const cs_item *item)
{
	if (item->info < 24)
		return true;
	if (item->indefinite)
		return false;
	if (item->major == CS_SIMPLE)
		return item->info == 24;
	return item->info ==
		(item->arg < 24					  ? item->arg
				: item->arg <= 0xff		  ? 24
				: item->arg <= 0xffff	  ? 25
				: item->arg <= 0xffffffff ? 26
										  : 27);
}

#endif
