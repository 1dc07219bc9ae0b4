/*
 * http.c - where a request goes (draft-ietf-rats-coserv sections 6.1.2 and 6.1.3), and whether the client has the answer already
 * (RFC 9110 section 13.1.2).
 */
#include "http.h"

#include <string.h>

#include "cbor/text.h"

/* What an endpoint has before its variable, e.g. "/coserv/". */
static size_t
endpoint_prefix(const char *endpoint)
{
	const char *variable = strstr(endpoint, "{query}");

	return variable == NULL ? strlen(endpoint) : (size_t) (variable - endpoint);
}

static bool
is_unreserved(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_' || c == '~';
}

void
cs_http_normalize(char *target)
{
	char *out = target;

	for (const char *p = target; *p != '\0'; p++)
	{
		int high = *p == '%' ? cs_hex_digit(p[1]) : -1, low = high >= 0 ? cs_hex_digit(p[2]) : -1;

		if (low >= 0 && is_unreserved(high << 4 | low))
		{
			*out++ = (char) (high << 4 | low);
			p += 2;
		}
		else
			*out++ = *p;
	}
	*out = '\0';
}

cs_route
cs_http_route(const char *target, size_t len, const char *endpoint, cs_span *query)
{
	static const char well_known[] = CS_WELL_KNOWN_PATH;
	size_t prefix = endpoint_prefix(endpoint);

	*query = (cs_span) { NULL, 0 };
	if (len == 1 && target[0] == '/')
		return CS_ROUTE_ABOUT;
	if (len == sizeof(well_known) - 1 && memcmp(target, well_known, len) == 0)
		return CS_ROUTE_DISCOVERY;
	if (len <= prefix || memcmp(target, endpoint, prefix) != 0 || memchr(target + prefix, '/', len - prefix) != NULL)
		return CS_ROUTE_NONE;
	*query = (cs_span) { (const uint8_t *) target + prefix, len - prefix };
	return CS_ROUTE_QUERY;
}

static const char *
skip(const char *p, const char *end, const char *set)
{
	while (p < end && *p != '\0' && strchr(set, *p) != NULL)
		p++;
	return p;
}

/* What is compared of an entity tag: what stands between the quotes and the quotes. */
static const char *
opaque(const char *etag)
{
	return strncmp(etag, "W/", 2) == 0 ? etag + 2 : etag;
}

bool
cs_etag_matches(const char *if_none_match, size_t len, const char *etag)
{
	const char *p = if_none_match;
	const char *end;
	const char *wanted = opaque(etag);

	if (p == NULL)
		return false;
	end = p + len;
	p = skip(p, end, " \t");
	if (p < end && *p == '*')
		return skip(p + 1, end, " \t") == end;
	while ((p = skip(p, end, " \t,")) < end)
	{
		const char *start;

		if (end - p >= 2 && p[0] == 'W' && p[1] == '/')
			p += 2;
		start = p;
		if (p == end || *p != '"' || (p = memchr(p + 1, '"', (size_t) (end - p - 1))) == NULL)
			return false;
		p++;
		if ((size_t) (p - start) == strlen(wanted) && memcmp(start, wanted, (size_t) (p - start)) == 0)
			return true;
	}
	return false;
}
