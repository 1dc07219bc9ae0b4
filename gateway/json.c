/*
 * json.c - the two pieces of JSON that are needed: text inside quotes, and the members of a flat object.
 */
#include "gateway.h"

#include <stdlib.h>
#include <string.h>

/* Length of the UTF-8 sequence at p (RFC 3629: no overlong forms, no surrogates), 0 when there is none. */
static size_t
utf8_sequence(const unsigned char *p, size_t left)
{
	size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xc2 && p[0] <= 0xdf ? 2 : p[0] >= 0xe0 && p[0] <= 0xef ? 3 : p[0] >= 0xf0 && p[0] <= 0xf4 ? 4 : 0;

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
		if ((n = utf8_sequence((const unsigned char *) text + i, len - i)) == 0)
			return false;
	return true;
}

void
gw_json_text(struct evbuffer *out, const char *text, size_t len)
{
	bool utf8 = is_utf8(text, len);

	for (size_t i = 0; i < len; i++)
	{
		unsigned char c = (unsigned char) text[i];

		if (c == '"' || c == '\\')
			evbuffer_add_printf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			evbuffer_add_printf(out, "\\u%04x", c);
		else if (c >= 0x80 && !utf8)
			evbuffer_add_printf(out, "%c%c", 0xc0 | c >> 6, 0x80 | (c & 0x3f));
		else
			evbuffer_add(out, &c, 1);
	}
}

static void
skip_blank(const char **at)
{
	*at += strspn(*at, " \t\r\n");
}

/* jsonb writes characters as they are: behind \u there is a control character. */
static bool
take_escape(const char **at, char *c)
{
	static const char escapes[] = "\"\\/bfnrt";
	static const char meant[] = "\"\\/\b\f\n\r\t";
	const char *found = **at != '\0' ? strchr(escapes, **at) : NULL;

	if (**at == 'u' && strncmp(*at, "u00", 3) == 0 && strspn(*at + 3, "0123456789abcdefABCDEF") >= 2)
	{
		char hex[3] = { (*at)[3], (*at)[4], '\0' };

		*c = (char) strtoul(hex, NULL, 16);
		*at += 5;
		return *c != '\0';
	}
	if (found == NULL)
		return false;
	*c = meant[found - escapes];
	(*at)++;
	return true;
}

/* A string, from its opening quote; to be freed. NULL: it cannot be read. */
static char *
take_string(const char **at)
{
	char *out = malloc(strlen(*at) + 1);
	size_t n = 0;

	for ((*at)++; out != NULL && **at != '"';)
	{
		bool ok = **at != '\0';

		if (ok && **at == '\\')
		{
			(*at)++;
			ok = take_escape(at, &out[n]);
			n++;
		}
		else if (ok)
			out[n++] = *(*at)++;
		if (!ok)
		{
			free(out);
			return NULL;
		}
	}
	if (out != NULL)
	{
		out[n] = '\0';
		(*at)++;
	}
	return out;
}

static bool
take_value(const char **at, char **value)
{
	size_t len;

	if (**at == '"')
		return (*value = take_string(at)) != NULL;
	len = strcspn(*at, ",}[{ ");
	if (len == 0)
		return false;
	if (strncmp(*at, "null", 4) != 0 && (*value = strndup(*at, len)) == NULL)
		return false;
	*at += len;
	return true;
}

bool
gw_json_member(const char **at, char **name, char **value, bool *bad)
{
	*name = *value = NULL;
	*bad = false;
	skip_blank(at);
	if (**at == '}')
		return false;
	if (**at == ',')
		(*at)++;
	skip_blank(at);
	*bad = true;
	if (**at != '"' || (*name = take_string(at)) == NULL)
		return false;
	skip_blank(at);
	if (**at == ':')
	{
		(*at)++;
		skip_blank(at);
		*bad = !take_value(at, value);
	}
	if (*bad)
	{
		free(*name);
		*name = NULL;
	}
	return !*bad;
}
