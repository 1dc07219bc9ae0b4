/*
 * edn_app.c - application extensions of extended diagnostic notation (draft-ietf-cbor-edn-literals section 3): dt'' and DT''
 * (RFC 3339), ip'' and IP'' (RFC 9164), float'' (bits of a float, for NaNs with a payload).
 */
#include "edn_parser.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "floats.h"

#define MAX_APP_TEXT 64

/* The literal's text, NUL-terminated, and where it stands. */
typedef struct app
{
	cs_edn_parser *parser;
	const char *start;
	const char *text;
	bool tagged; /* the prefix is in upper case */
} app;

static bool
fail_app(app *a, const char *expected)
{
	return cs_edn_fail(a->parser, CS_MALFORMED, a->start, "expected %s", expected);
}

/* count decimal digits from *p on; -1 when there are fewer. */
static int
take_number(const char **p, int count)
{
	int value = 0;

	for (; count > 0; count--, (*p)++)
	{
		if (**p < '0' || **p > '9')
			return -1;
		value = value * 10 + (**p - '0');
	}
	return value;
}

static bool
take_char(const char **p, char upper)
{
	if (**p != upper && **p != (upper | 0x20))
		return false;
	(*p)++;
	return true;
}

/* Days from 1970-01-01 in the Gregorian calendar; the year starts in March, so that the leap day is its last. */
static int64_t
days_of(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static int
days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

/* full-date "T" and time without fraction. */
static bool
take_date_time(const char **p, int64_t *seconds)
{
	int year = take_number(p, 4);
	int month = take_char(p, '-') ? take_number(p, 2) : -1;
	int day = take_char(p, '-') ? take_number(p, 2) : -1;
	int hour = take_char(p, 'T') ? take_number(p, 2) : -1;
	int minute = take_char(p, ':') ? take_number(p, 2) : -1;
	int second = take_char(p, ':') ? take_number(p, 2) : -1;

	if (year < 0 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) || hour < 0 || hour > 23 || minute < 0 ||
		minute > 59 || second < 0 || second > 60)
		return false;
	*seconds = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
	return true;
}

/* time-offset: what to take away from the local time, in seconds. */
static bool
take_offset(const char **p, int64_t *offset)
{
	int sign;
	int hours;
	int minutes;

	*offset = 0;
	if (take_char(p, 'Z'))
		return true;
	sign = **p == '-' ? -1 : **p == '+' ? 1 : 0;
	if (sign == 0)
		return false;
	(*p)++;
	hours = take_number(p, 2);
	minutes = **p == ':' ? ((*p)++, take_number(p, 2)) : -1;
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
		return false;
	*offset = sign * (hours * 3600 + minutes * 60);
	return true;
}

static bool
put_date_time(app *a)
{
	static const char expected[] = "a date and time of RFC 3339, as in dt'2030-12-31T23:59:59Z'";
	const char *p = a->text;
	const char *fraction;
	int64_t seconds;
	int64_t offset;

	if (!take_date_time(&p, &seconds))
		return fail_app(a, expected);
	fraction = p;
	if (*p == '.')
	{
		p++;
		p += strspn(p, "0123456789");
		if (p == fraction + 1)
			return fail_app(a, expected);
	}
	if (!take_offset(&p, &offset) || *p != '\0')
		return fail_app(a, expected);
	if (a->tagged)
		cs_put_tag(a->parser->out, 1);
	if (*fraction == '.')
		cs_put_float(a->parser->out, (double) (seconds - offset) + strtod(fraction, NULL));
	else
		cs_put_int(a->parser->out, seconds - offset);
	return true;
}

/* An address prefix (RFC 9164 section 4.2): unused bits zero, zero bytes at the end left out. */
static void
put_prefix(cs_buf *out, uint8_t *address, unsigned prefix, size_t size)
{
	size_t len = (prefix + 7) / 8;

	if (prefix % 8 != 0)
		address[len - 1] &= (uint8_t) (0xff << (8 - prefix % 8));
	while (len > 0 && address[len - 1] == 0)
		len--;
	cs_put_array(out, 2);
	cs_put_uint(out, prefix);
	cs_put_bytes(out, address, len < size ? len : size);
}

static bool
put_address(app *a)
{
	static const char expected[] = "an IPv4 or IPv6 address, with or without the length of a prefix, as in ip'192.0.2.0/24'";
	char text[MAX_APP_TEXT + 1];
	uint8_t address[16];
	const char *slash = strchr(a->text, '/');
	size_t len = slash != NULL ? (size_t) (slash - a->text) : strlen(a->text);
	bool six;
	size_t size;
	int prefix = 0;

	memcpy(text, a->text, len);
	text[len] = '\0';
	six = strchr(text, ':') != NULL;
	size = six ? 16 : 4;
	if (inet_pton(six ? AF_INET6 : AF_INET, text, address) != 1)
		return fail_app(a, expected);
	if (slash != NULL)
	{
		size_t digits = strlen(slash + 1);

		slash++;
		prefix = digits >= 1 && digits <= 3 ? take_number(&slash, (int) digits) : -1;
		if (prefix < 0 || prefix > (int) size * 8)
			return fail_app(a, expected);
	}
	if (a->tagged)
		cs_put_tag(a->parser->out, six ? 54 : 52);
	if (slash != NULL)
		put_prefix(a->parser->out, address, (unsigned) prefix, size);
	else
		cs_put_bytes(a->parser->out, address, size);
	return true;
}

static bool
put_float_literal(app *a)
{
	size_t digits = strlen(a->text);
	uint64_t bits = 0;

	if ((digits != 4 && digits != 8 && digits != 16) || strspn(a->text, "0123456789abcdefABCDEF") != digits)
		return fail_app(a, "2, 4 or 8 bytes in hexadecimal, as in float'7e01'");
	for (const char *p = a->text; *p != '\0'; p++)
		bits = bits << 4 | (uint64_t) cs_hex_digit(*p);
	cs_put_float_bits(a->parser->out, digits == 4 ? CS_HALF : digits == 8 ? CS_SINGLE : CS_DOUBLE, bits);
	return true;
}

static bool
put_extension(app *a, cs_span prefix)
{
	static const struct
	{
		const char *prefix;
		bool (*put)(app *a);
		bool tagged;
	} extensions[] = {
		{ "dt", put_date_time, false },
		{ "DT", put_date_time, true },
		{ "ip", put_address, false },
		{ "IP", put_address, true },
		{ "float", put_float_literal, false },
	};

	for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++)
	{
		if (strlen(extensions[i].prefix) == prefix.len && memcmp(extensions[i].prefix, prefix.data, prefix.len) == 0)
		{
			a->tagged = extensions[i].tagged;
			return extensions[i].put(a);
		}
	}
	return cs_edn_fail(a->parser, CS_UNSUPPORTED, a->start, "application extension is not known");
}

bool
cs_edn_application(cs_edn_parser *parser, cs_span prefix)
{
	app a = { parser, (const char *) prefix.data, NULL, false };
	cs_buf text;
	bool ok;

	cs_buf_init(&text, parser->ctx);
	parser->at++;
	if (!cs_edn_quoted(parser, '\'', &text))
		return false;
	cs_put_byte(&text, '\0');
	if (!cs_buf_ok(&text))
		return false;
	a.text = (const char *) text.data;
	/* no literal that is known here is longer, or holds a NUL */
	if (text.len > MAX_APP_TEXT + 1 || strlen(a.text) + 1 != text.len)
		ok = cs_edn_fail(parser, CS_MALFORMED, a.start, "expected a shorter literal");
	else
		ok = put_extension(&a, prefix);
	parser->ctx->release(parser->ctx->actx, text.data);
	return ok;
}
