/*
 * number.h - the order of CBOR's numbers, as mathematics has it: an integer and a float of one value are equal (RFC 8949 section 3.4.2 has
 * no such rule; doc/conformance.md, decision 37). Total and exact: no integer is rounded.
 */
#ifndef CS_NUMBER_H
#define CS_NUMBER_H

#include "item.h"

static inline bool
cs_is_int(const cs_item *item)
{
	return item->major == CS_UINT || item->major == CS_NINT;
}

/* Order of two integers of any size that CBOR holds without a tag: -1, 0, 1. */
extern int cs_int_compare(const cs_item *a, const cs_item *b);
/* The same for integers and floats; false when either is no number, or NaN. */
extern bool cs_number_compare(const cs_item *a, const cs_item *b, int *order);

#endif
