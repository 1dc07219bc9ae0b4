/*
 * values.c - values that other rooms want as C values: times, validity, profiles and identifiers (draft-ietf-rats-corim
 * sections 4.1.4, 5.1.1.1, 7.3; RFC 8949 section 3.4.1 and 3.4.2; RFC 3339; RFC 9090).
 */
#include "corim.h"
#include "cbor/text.h"

#include <math.h>
#include <string.h>

/* ---- times ---- */

static bool
bad_time(cs_ctx *ctx)
{
	return cs_fail(ctx, CS_INVALID, "time is not a date and time that can be represented");
}

static bool
time_from_double(cs_ctx *ctx, double number, bool round_up, int64_t *seconds)
{
	number = round_up ? ceil(number) : floor(number);
	/* 2^63 is a double, INT64_MAX is not */
	if (!(number >= -9223372036854775808.0 && number < 9223372036854775808.0))
		return bad_time(ctx);
	*seconds = (int64_t) number;
	return true;
}

static bool
digits(const uint8_t *p, size_t n, int *value)
{
	*value = 0;
	for (size_t i = 0; i < n; i++)
	{
		if (p[i] < '0' || p[i] > '9')
			return false;
		*value = *value * 10 + (p[i] - '0');
	}
	return true;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01, proleptic Gregorian; years 0 to 9999. */
static int64_t
days_from_date(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* ".25" and the like: its digits, without the zeros at their end. */
static size_t
read_fraction(cs_span text, size_t at, cs_span *digits)
{
	size_t end = at;

	*digits = (cs_span) { NULL, 0 };
	if (at >= text.len || text.data[at] != '.')
		return at;
	digits->data = text.data + at + 1;
	for (end = at + 1; end < text.len && text.data[end] >= '0' && text.data[end] <= '9'; end++)
		if (text.data[end] != '0')
			digits->len = end - at;
	return end == at + 1 ? at : end;
}

/* "Z" or "+hh:mm"; must be all that is left. */
static bool
zone(cs_span text, size_t at, int *offset)
{
	const uint8_t *p = text.data + at;
	int hours, minutes;

	*offset = 0;
	if (text.len - at == 1)
		return p[0] == 'Z' || p[0] == 'z';
	if (text.len - at != 6 || (p[0] != '+' && p[0] != '-') || p[3] != ':' || !digits(p + 1, 2, &hours) || !digits(p + 4, 2, &minutes) ||
		hours > 23 || minutes > 59)
		return false;
	*offset = (hours * 60 + minutes) * (p[0] == '-' ? -60 : 60);
	return true;
}

bool
cs_date_time_read(cs_span text, int64_t *seconds, cs_span *fraction)
{
	const uint8_t *p = text.data;
	int year, month, day, hour, minute, second, offset;
	size_t at;

	if (text.len < 20 || p[4] != '-' || p[7] != '-' || (p[10] != 'T' && p[10] != 't') || p[13] != ':' || p[16] != ':')
		return false;
	if (!digits(p, 4, &year) || !digits(p + 5, 2, &month) || !digits(p + 8, 2, &day) || !digits(p + 11, 2, &hour) ||
		!digits(p + 14, 2, &minute) || !digits(p + 17, 2, &second))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 23 || minute > 59 || second > 60)
		return false;
	at = read_fraction(text, 19, fraction);
	if (at >= text.len || !zone(text, at, &offset))
		return false;
	*seconds = days_from_date(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset;
	return true;
}

static bool
time_from_text(cs_span text, bool round_up, int64_t *seconds)
{
	cs_span fraction;

	if (!cs_date_time_read(text, seconds, &fraction))
		return false;
	*seconds += round_up && fraction.len > 0;
	return true;
}

bool
cs_time_read(cs_ctx *ctx, const cs_item *item, bool round_up, int64_t *seconds)
{
	cs_item content = *item;
	cs_span text;
	double number;

	if (cs_is_tag(item, CS_TAG_DATE_TIME) || cs_is_tag(item, CS_TAG_EPOCH_TIME))
		content = cs_tag_content(item);
	if (cs_is_tag(item, CS_TAG_DATE_TIME))
	{
		if (!cs_is(&content, CS_TSTR))
			return bad_time(ctx);
		if (!cs_string(ctx, &content, &text))
			return false;
		return time_from_text(text, round_up, seconds) || bad_time(ctx);
	}
	if (cs_int64(&content, seconds))
		return true;
	if (cs_is_float(&content, &number))
		return time_from_double(ctx, number, round_up, seconds);
	return bad_time(ctx);
}

/* The digits of a number over zeros that are there, the last one first. */
static void
write_number(char *last, int number)
{
	for (; number > 0; number /= 10)
		*last-- = (char) ('0' + number % 10);
}

void
cs_put_date_time(cs_buf *out, int64_t seconds)
{
	char text[] = "0000-00-00T00:00:00Z"; /* each answer has one: printf would take a tenth of it */
	int64_t days = seconds / 86400;
	int rest = (int) (seconds % 86400);
	/* The civil calendar counted from 0000-03-01 in eras of 400 years. */
	int64_t z = days + 719468;
	int64_t era = z / 146097;
	int day_of_era = (int) (z - era * 146097);
	int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int shifted_month = (5 * day_of_year + 2) / 153;
	int day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
	int month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
	int year = (int) (year_of_era + era * 400) + (month <= 2 ? 1 : 0);

	write_number(&text[3], year);
	write_number(&text[6], month);
	write_number(&text[9], day);
	write_number(&text[12], rest / 3600);
	write_number(&text[15], rest / 60 % 60);
	write_number(&text[18], rest % 60);
	cs_put_raw(out, text, sizeof(text) - 1);
}

bool
cs_validity_read(cs_ctx *ctx, const cs_item *map, cs_validity *out)
{
	cs_item value;

	memset(out, 0, sizeof(*out));
	out->has_not_before = cs_map_get(map, CS_VALIDITY_NOT_BEFORE, &value);
	if (out->has_not_before && !cs_time_read(ctx, &value, true, &out->not_before))
		return false;
	out->has_not_after = cs_map_get(map, CS_VALIDITY_NOT_AFTER, &value);
	return !out->has_not_after || cs_time_read(ctx, &value, false, &out->not_after);
}

void
cs_narrow(cs_validity *validity, const cs_validity *by)
{
	if (by->has_not_before && (!validity->has_not_before || by->not_before > validity->not_before))
	{
		validity->has_not_before = true;
		validity->not_before = by->not_before;
	}
	if (by->has_not_after && (!validity->has_not_after || by->not_after < validity->not_after))
	{
		validity->has_not_after = true;
		validity->not_after = by->not_after;
	}
}

/* ---- identifiers ---- */

bool
cs_id_text(cs_ctx *ctx, const cs_item *id, cs_buf *out)
{
	cs_item content = cs_is_tag(id, CS_TAG_UUID) ? cs_tag_content(id) : *id;
	cs_span bytes;

	if (!cs_is(&content, CS_TSTR) && !cs_is(&content, CS_BSTR))
		return cs_fail(ctx, CS_INVALID, "identifier is neither text nor a UUID");
	if (!cs_string(ctx, &content, &bytes))
		return false;
	if (cs_is(&content, CS_TSTR))
	{
		cs_put_raw(out, bytes.data, bytes.len);
		return cs_buf_ok(out);
	}
	if (bytes.len != 16)
		return cs_fail(ctx, CS_INVALID, "UUID has %zu bytes instead of 16", bytes.len);
	cs_put_uuid(out, bytes.data);
	return cs_buf_ok(out);
}

/* Decimal digits of an arc: those of a UUID under 2.25 have 128 bits. */
static void
put_arc(cs_buf *out, unsigned __int128 arc)
{
	char text[40];
	size_t at = sizeof(text);

	do
	{
		text[--at] = (char) ('0' + (int) (arc % 10));
		arc /= 10;
	} while (arc > 0);
	cs_put_raw(out, text + at, sizeof(text) - at);
}

/* The first subidentifier holds two arcs: 40 * first + second, the first at most 2 (X.690 section 8.19.4). */
static void
put_subidentifier(cs_buf *out, unsigned __int128 value, bool first)
{
	if (first)
	{
		unsigned int root = value >= 80 ? 2 : (unsigned int) (value / 40);

		cs_put_fmt(out, "%u", root);
		value -= 40 * root;
	}
	cs_put_str(out, ".");
	put_arc(out, value);
}

static bool
oid_text(cs_ctx *ctx, cs_span oid, cs_buf *out)
{
	unsigned __int128 arc = 0;
	bool first = true, ended = false;
	size_t at = 0;

	if (oid.len > 2 && oid.len < 130 && oid.data[0] == 0x06 && oid.data[1] == oid.len - 2)
		at = 2;
	for (; at < oid.len; at++)
	{
		if (arc >> 121)
			return cs_fail(ctx, CS_UNSUPPORTED, "arc of an object identifier has more than 128 bits");
		arc = arc << 7 | (oid.data[at] & 0x7f);
		ended = (oid.data[at] & 0x80) == 0;
		if (!ended)
			continue;
		put_subidentifier(out, arc, first);
		first = false;
		arc = 0;
	}
	return ended || cs_fail(ctx, CS_INVALID, "object identifier ends inside an arc");
}

bool
cs_profile_text(cs_ctx *ctx, const cs_item *profile, cs_buf *out)
{
	cs_item content = *profile;
	cs_span bytes;

	if (cs_is_tag(profile, CS_TAG_URI) || cs_is_tag(profile, CS_TAG_OID))
		content = cs_tag_content(profile);
	if (!cs_is(&content, CS_TSTR) && !cs_is(&content, CS_BSTR))
		return cs_fail(ctx, CS_INVALID, "profile is neither a URI nor an object identifier");
	if (!cs_string(ctx, &content, &bytes))
		return false;
	if (cs_is(&content, CS_BSTR))
		return oid_text(ctx, bytes, out) && cs_buf_ok(out);
	cs_put_raw(out, bytes.data, bytes.len);
	return cs_buf_ok(out);
}
