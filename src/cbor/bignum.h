/*
 * bignum.h - integers beyond 64 bits from their digits, as tags 2 and 3 (RFC 8949 section 3.4.3): for EDN and for JSON; and the digits
 * of an integer.
 */
#ifndef CS_BIGNUM_H
#define CS_BIGNUM_H

#include "writer.h"

#define CS_MAX_DIGITS 10000

/*
 * Writes the integer with these digits of base 2, 8, 10 or 16, which takes more than 64 bits; -2^64 as major type 1. False with CS_LIMIT
 * for more than CS_MAX_DIGITS, leading zeros counted.
 */
extern bool cs_put_bignum(cs_buf *out, const char *digits, size_t count, uint32_t base, bool negative);

#define CS_MAX_BIGNUM 64 /* bytes of a bignum that is written in digits */

/* The decimal digits of an integer, be it a bignum (tags 2 and 3); false for what is none, or has more than CS_MAX_BIGNUM bytes. */
extern bool cs_put_integer_digits(cs_buf *out, const cs_item *integer);
/* The order of two such integers: -1, 0, 1. What is none counts as 0. */
extern int cs_integer_compare(const cs_item *a, const cs_item *b);

#endif
