/*
 * floats.c - between the three precisions of CBOR (RFC 8949 section 3.3) without losing a bit: on the bits, so that neither the
 * rounding mode nor a platform's NaN conventions matter.
 */
#include "floats.h"

#include <math.h>
#include <string.h>

static double
double_of(uint64_t bits)
{
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* Widen exponent_bits + fraction_bits to a double's 11 + 52. */
static double
widen(uint64_t bits, int exponent_bits, int fraction_bits)
{
	uint64_t sign = bits >> (exponent_bits + fraction_bits) << 63;
	uint64_t exponent_max = (UINT64_C(1) << exponent_bits) - 1;
	uint64_t exponent = bits >> fraction_bits & exponent_max;
	uint64_t fraction = bits & ((UINT64_C(1) << fraction_bits) - 1);
	int bias = (1 << (exponent_bits - 1)) - 1;

	if (exponent == exponent_max)
		return double_of(sign | UINT64_C(0x7ff) << 52 | fraction << (52 - fraction_bits));
	if (exponent == 0)
	{
		double magnitude = ldexp((double) fraction, 1 - bias - fraction_bits);

		return sign != 0 ? -magnitude : magnitude;
	}
	return double_of(sign | (exponent + 1023 - (uint64_t) bias) << 52 | fraction << (52 - fraction_bits));
}

double
cs_float_value(unsigned info, uint64_t bits)
{
	if (info == CS_HALF)
		return widen(bits, 5, 10);
	if (info == CS_SINGLE)
		return widen(bits, 8, 23);
	return double_of(bits);
}

/* The narrower form of a finite or infinite number, when it is exact. */
static bool
narrow(uint64_t from, int exponent_bits, int fraction_bits, uint64_t *bits)
{
	uint64_t sign = from >> 63 << (exponent_bits + fraction_bits);
	int exponent = (int) (from >> 52 & 0x7ff);
	uint64_t fraction = from & ((UINT64_C(1) << 52) - 1);
	int bias = (1 << (exponent_bits - 1)) - 1;
	int lost = 52 - fraction_bits;

	if (exponent == 0x7ff || (exponent == 0 && fraction == 0))
	{
		*bits = sign | (exponent != 0 ? ((UINT64_C(1) << exponent_bits) - 1) << fraction_bits : 0);
		return true;
	}
	if (exponent == 0 || exponent - 1023 > bias)
		return false;
	exponent += bias - 1023;
	if (exponent <= 0)
	{
		/* subnormal there: the hidden one becomes visible and everything moves right */
		lost += 1 - exponent;
		if (lost > 52)
			return false;
		fraction |= UINT64_C(1) << 52;
		exponent = 0;
	}
	if ((fraction & ((UINT64_C(1) << lost) - 1)) != 0)
		return false;
	*bits = sign | (uint64_t) exponent << fraction_bits | fraction >> lost;
	return true;
}

bool
cs_float_as(double value, unsigned info, uint64_t *bits)
{
	uint64_t from;

	memcpy(&from, &value, sizeof(from));
	if (isnan(value))
	{
		*bits = info == CS_HALF ? 0x7e00 : info == CS_SINGLE ? 0x7fc00000 : UINT64_C(0x7ff8) << 48;
		return true;
	}
	if (info == CS_HALF)
		return narrow(from, 5, 10, bits);
	if (info == CS_SINGLE)
		return narrow(from, 8, 23, bits);
	*bits = from;
	return true;
}

unsigned
cs_float_shortest(double value, uint64_t *bits)
{
	unsigned info = CS_HALF;

	while (!cs_float_as(value, info, bits))
		info++;
	return info;
}
