/*
 * floats.h - the bits of half, single and double precision numbers (RFC 8949 section 3.3 and appendix D), for the reader, the writer
 * and both notations. info is the additional information of the head: 25 half, 26 single, 27 double.
 */
#ifndef CS_FLOATS_H
#define CS_FLOATS_H

#include "writer.h"

#define CS_HALF 25
#define CS_SINGLE 26
#define CS_DOUBLE 27

/* The number that such bits stand for; a NaN keeps sign and payload in the high bits. */
extern double cs_float_value(unsigned info, uint64_t bits);
/* value in the form that info says; false when that does not keep it. Every NaN becomes the quiet one without payload. */
extern bool cs_float_as(double value, unsigned info, uint64_t *bits);
/* The shortest form that keeps value; every NaN becomes the half 7e00. Returns the info. */
extern unsigned cs_float_shortest(double value, uint64_t *bits);
/* A head with these bits as they are. */
extern void cs_put_float_bits(cs_buf *buf, unsigned info, uint64_t bits);

#endif
