/*
 * instant.c - moments, whichever of its types one is written in (draft-cds-rats-intel-corim-profile, "The tee.tcbdate Measurement
 * Extension"): RFC 3339's text, bare or in tag 0, seconds since 1970, bare or in tag 1, and etime of RFC 9581 (tag 1001).
 *
 * Exact to the nanosecond; a float is good for the microsecond. What is finer, an etime whose base is another than key 1 or that is not in
 * UTC, and a period (1003) are no instants, and match nothing.
 */
#include <math.h>

#include "expression.h"
#include "model/corim.h"

#define ETIME_SECONDS 1
#define ETIME_CRITICAL_TIMESCALE 13
#define ETIME_TIMESCALE (-1)
#define ETIME_UTC 0
#define NANOSECONDS 1000000000
#define MICROSECONDS 1e6
/* Beyond the year 9999, whose last microsecond a double still holds. */
#define FARTHEST 253402300800.0

typedef struct instant
{
	int64_t seconds;
	int64_t nanoseconds;
} instant;

static bool
from_text(const cs_item *item, instant *out)
{
	cs_span text, fraction;
	int64_t unit = NANOSECONDS;

	if (!cs_plain_string(item, CS_TSTR, &text) || !cs_date_time_read(text, &out->seconds, &fraction) || fraction.len > 9)
		return false;
	out->nanoseconds = 0;
	for (size_t i = 0; i < fraction.len; i++)
		out->nanoseconds += (fraction.data[i] - '0') * (unit /= 10);
	return true;
}

static bool
from_number(const cs_item *item, instant *out)
{
	double number, micros;

	out->nanoseconds = 0;
	if (cs_int64(item, &out->seconds))
		return true;
	if (!cs_is_float(item, &number) || !(fabs(number) < FARTHEST))
		return false;
	out->seconds = (int64_t) floor(number);
	micros = round((number - floor(number)) * MICROSECONDS);
	if (micros >= MICROSECONDS)
	{
		out->seconds++;
		micros = 0;
	}
	out->nanoseconds = (int64_t) micros * 1000;
	return true;
}

/* Milli-, micro- and nanoseconds (RFC 9581 section 3.2): keys -3, -6 and -9. */
static bool
add_fraction(int64_t key, const cs_item *value, instant *out)
{
	int64_t unit = key == -3 ? 1000000 : key == -6 ? 1000 : 1;
	uint64_t count;

	if (out->nanoseconds != 0 || !cs_uint64(value, &count) || count >= (uint64_t) (NANOSECONDS / unit))
		return false;
	out->nanoseconds = (int64_t) count * unit;
	return true;
}

/* Elective members (negative and text keys) may be passed over, those that are critical may not. */
static bool
from_etime(const cs_item *map, instant *out)
{
	cs_item key, value;
	int64_t number, scale;
	cs_iter it;

	if (!cs_is(map, CS_MAP) || !cs_map_get(map, ETIME_SECONDS, &value) || !from_number(&value, out))
		return false;
	for (it = cs_iterate(map); cs_next_pair(&it, &key, &value);)
	{
		if (!cs_int64(&key, &number))
			continue;
		if (number == ETIME_TIMESCALE || number == ETIME_CRITICAL_TIMESCALE)
		{
			if (!cs_int64(&value, &scale) || scale != ETIME_UTC)
				return false;
		}
		else if (number == -3 || number == -6 || number == -9)
		{
			if (!add_fraction(number, &value, out))
				return false;
		}
		else if ((number >= 0 && number != ETIME_SECONDS) || number == -12 || number == -15 || number == -18)
			return false;
	}
	return true;
}

static bool
read_instant(const cs_item *item, instant *out)
{
	cs_item content;

	if (!cs_is(item, CS_TAG))
		return from_text(item, out) || from_number(item, out);
	content = cs_tag_content(item);
	switch (item->arg)
	{
		case CS_TAG_DATE_TIME:
			return from_text(&content, out);
		case CS_TAG_EPOCH_TIME:
			return from_number(&content, out);
		case CS_TAG_ETIME:
			return from_etime(&content, out);
		default:
			return false;
	}
}

static int
order_of(const instant *a, const instant *b)
{
	if (a->seconds != b->seconds)
		return a->seconds < b->seconds ? -1 : 1;
	return (a->nanoseconds > b->nanoseconds) - (a->nanoseconds < b->nanoseconds);
}

/* The same instant, or one that a numeric expression bounds: texts are converted "before operations involving time are applied". */
bool
cs_instant_satisfies(const cs_item *entry, const cs_item *condition, cs_mismatch *why)
{
	cs_item wanted = *condition;
	int64_t op = CS_OPERATOR_EQ;
	instant have, want;
	bool holds;

	if (cs_is_tag(condition, CS_TAG_NUMERIC_EXPRESSION) && !cs_expression_read(condition, &op, &wanted))
		return cs_mismatched(why, "not an operator and an instant", condition, entry);
	if (!read_instant(entry, &have) || !read_instant(&wanted, &want))
		return cs_mismatched(why, "not an instant", condition, entry);
	if (!cs_expression_holds(op, order_of(&have, &want), &holds))
		return cs_mismatched(why, "unknown operator", condition, entry);
	return holds || cs_mismatched(why, op == CS_OPERATOR_EQ ? "instants differ" : "the numeric condition does not hold", condition, entry);
}
