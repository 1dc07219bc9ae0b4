/*
 * headers.c - a request's headers as a JSON object: lower-cased names, repeated ones joined by ", " (RFC 9110 section 5.3).
 */
#include "gateway.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct header
{
	const char *name;
	const char *value;
	size_t value_len;
	bool joined; /* written with an earlier one of the same name */
} header;

typedef struct headers
{
	header list[GW_MAX_HEADERS];
	size_t count;
	bool too_many;
} headers;

static enum MHD_Result
collect(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_len, const char *value, size_t value_len)
{
	headers *h = cls;

	(void) kind;
	(void) name_len;
	if (h->count == GW_MAX_HEADERS)
	{
		h->too_many = true;
		return MHD_NO;
	}
	h->list[h->count++] = (header) { name, value != NULL ? value : "", value != NULL ? value_len : 0, false };
	return MHD_YES;
}

/* Length of the UTF-8 sequence at p (RFC 3629: no overlong forms, no surrogates), 0 when there is none. */
static size_t
utf8_sequence(const unsigned char *p, size_t left)
{
	size_t n = p[0] >= 0xc2 && p[0] <= 0xdf ? 2 : p[0] >= 0xe0 && p[0] <= 0xef ? 3 : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : 0;

	if (n == 0 || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

static bool
is_utf8(const char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n)
	{
		n = (unsigned char) text[i] < 0x80 ? 1 : utf8_sequence((const unsigned char *) text + i, len - i);
		if (n == 0)
			return false;
	}
	return true;
}

/* The characters between the quotes. Bytes that are not UTF-8 are read as ISO-8859-1, which headers once were. */
static void
put_characters(FILE *out, const char *text, size_t len, bool lower)
{
	bool utf8 = is_utf8(text, len);

	for (size_t i = 0; i < len; i++)
	{
		unsigned char c = (unsigned char) text[i];

		if (lower && c >= 'A' && c <= 'Z')
			c = (unsigned char) (c - 'A' + 'a');
		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f || (c >= 0x80 && !utf8))
			fprintf(out, "\\u%04x", c);
		else
			fputc(c, out);
	}
}

static void
put_header(FILE *out, headers *h, size_t first)
{
	const header *it = &h->list[first];

	fputc('"', out);
	put_characters(out, it->name, strlen(it->name), true);
	fputs("\":\"", out);
	put_characters(out, it->value, it->value_len, false);
	for (size_t i = first + 1; i < h->count; i++)
		if (strcasecmp(h->list[i].name, it->name) == 0)
		{
			h->list[i].joined = true;
			fputs(", ", out);
			put_characters(out, h->list[i].value, h->list[i].value_len, false);
		}
	fputc('"', out);
}

char *
gw_headers_json(struct MHD_Connection *connection, unsigned *status)
{
	headers h = { .count = 0 };
	char *json = NULL;
	size_t size = 0;
	FILE *out;
	bool comma = false;

	MHD_get_connection_values_n(connection, MHD_HEADER_KIND, collect, &h);
	*status = h.too_many ? MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE : MHD_HTTP_INTERNAL_SERVER_ERROR;
	if (h.too_many || (out = open_memstream(&json, &size)) == NULL)
		return NULL;
	fputc('{', out);
	for (size_t i = 0; i < h.count; i++)
	{
		if (h.list[i].joined)
			continue;
		if (comma)
			fputc(',', out);
		comma = true;
		put_header(out, &h, i);
	}
	fputc('}', out);
	if (fclose(out) != 0)
	{
		free(json);
		return NULL;
	}
	return json;
}
