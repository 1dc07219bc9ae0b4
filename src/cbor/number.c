/*
 * number.c - the order of numbers (number.h).
 */
#include "number.h"

#include <math.h>

#define TWO_TO_64 18446744073709551616.0

int
cs_int_compare(const cs_item *a, const cs_item *b)
{
	int order = (a->arg > b->arg) - (a->arg < b->arg);

	if (a->major != b->major)
		return a->major == CS_NINT ? -1 : 1;
	return a->major == CS_NINT ? -order : order;
}

/* A float within the range of CBOR's integers, without its fraction. */
static cs_item
whole_part(double number)
{
	cs_item out = { .major = number < 0 ? CS_NINT : CS_UINT };

	if (number >= 0)
		out.arg = (uint64_t) number;
	else
		out.arg = number <= -TWO_TO_64 ? UINT64_MAX : (uint64_t) -number - 1;
	return out;
}

static int
compare_with_float(const cs_item *integer, double number)
{
	double whole = trunc(number);
	cs_item part;
	int order;

	if (number >= TWO_TO_64)
		return -1;
	if (number < -TWO_TO_64)
		return 1;
	part = whole_part(whole);
	order = cs_int_compare(integer, &part);
	return order != 0 ? order : (whole > number) - (whole < number);
}

bool
cs_number_compare(const cs_item *a, const cs_item *b, int *order)
{
	double x = 0, y = 0;
	bool a_float = cs_is_float(a, &x), b_float = cs_is_float(b, &y);

	if ((!a_float && !cs_is_int(a)) || (!b_float && !cs_is_int(b)) || isnan(x) || isnan(y))
		return false;
	if (a_float && b_float)
		*order = (x > y) - (x < y);
	else if (a_float)
		*order = -compare_with_float(b, x);
	else
		*order = b_float ? compare_with_float(a, y) : cs_int_compare(a, b);
	return true;
}
