/*
 * head.c - reads a request's head. Sections are those of RFC 9112 where no other is named.
 */
#include "head.h"

#include <string.h>
#include <strings.h>

static bool
is_token_char(unsigned char c)
{
	if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
		return true;
	return c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

bool
gw_is_token(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!is_token_char((unsigned char) text[i]))
			return false;
	return len > 0;
}

bool
gw_equals(gw_text text, const char *word)
{
	return text.len == strlen(word) && strncasecmp(text.data, word, text.len) == 0;
}

long
gw_head_end(const char *data, size_t len, size_t *scanned)
{
	for (size_t i = *scanned; i < len; i++)
	{
		unsigned char c = (unsigned char) data[i];

		if (c == '\n')
		{
			if (i == 0 || data[i - 1] != '\r')
				return -1;
			if (i >= 3 && data[i - 2] == '\n')
				return (long) i + 1;
		}
		else if ((i > 0 && data[i - 1] == '\r') || (c < 0x20 && c != '\r' && c != '\t') || c == 0x7f)
			return -1;
	}
	*scanned = len;
	return 0;
}

/* The next line without its CR LF; gw_head_end saw to it that every one has it. */
static gw_text
take_line(gw_text *rest)
{
	const char *end = memchr(rest->data, '\n', rest->len);
	gw_text line = { rest->data, (size_t) (end - rest->data) - 1 };

	rest->data += line.len + 2;
	rest->len -= line.len + 2;
	return line;
}

/* What stands before the next space; data NULL: there is none. */
static gw_text
take_word(gw_text *line)
{
	const char *space = memchr(line->data, ' ', line->len);
	gw_text word = { NULL, 0 };

	if (space == NULL)
		return word;
	word = (gw_text) { line->data, (size_t) (space - line->data) };
	line->data += word.len + 1;
	line->len -= word.len + 1;
	return word;
}

/* A URI is ASCII without spaces (RFC 3986). */
static bool
is_visible(gw_text text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char) text.data[i] <= 0x20 || (unsigned char) text.data[i] >= 0x7f)
			return false;
	return text.len > 0;
}

/* Section 3.2: the origin form, the absolute form without its authority, or the asterisk. CONNECT's form names no resource here. */
static bool
read_target(gw_text target, gw_head *head)
{
	static const gw_text root = { "/", 1 };
	size_t scheme = target.len > 7 && strncasecmp(target.data, "http://", 7) == 0 ? 7
		: target.len > 8 && strncasecmp(target.data, "https://", 8) == 0		  ? 8
																				  : 0;

	head->target = target;
	if (scheme > 0)
	{
		while (scheme < target.len && target.data[scheme] != '/' && target.data[scheme] != '?')
			scheme++;
		head->target = (gw_text) { target.data + scheme, target.len - scheme };
		if (head->target.len == 0)
			head->target = root;
		return head->target.data[0] == '/';
	}
	return target.data[0] == '/' || (gw_equals(target, "*") && gw_equals(head->method, "OPTIONS"));
}

/* Sections 2.3 and 3 */
static int
read_request_line(gw_text line, gw_head *head, const char **why)
{
	gw_text target;

	head->method = take_word(&line);
	target = take_word(&line);
	*why = "The request line is not a method, a target and a version.";
	if (head->method.data == NULL || target.data == NULL || !gw_is_token(head->method.data, head->method.len) || head->method.len > 32)
		return 400;
	if (line.len != 8 || memcmp(line.data, "HTTP/", 5) != 0 || line.data[6] != '.' || line.data[5] < '0' || line.data[5] > '9' ||
		line.data[7] < '0' || line.data[7] > '9')
		return 400;
	*why = "This is HTTP/1.1.";
	if (line.data[5] != '1')
		return 505;
	head->http_1_0 = line.data[7] == '0';
	*why = "The path and query string are too long.";
	if (target.len > GW_MAX_TARGET)
		return 414;
	*why = "The target is no path of a URI.";
	return is_visible(target) && read_target(target, head) ? 0 : 400;
}

static gw_text
trim(gw_text text)
{
	while (text.len > 0 && (text.data[0] == ' ' || text.data[0] == '\t'))
		text = (gw_text) { text.data + 1, text.len - 1 };
	while (text.len > 0 && (text.data[text.len - 1] == ' ' || text.data[text.len - 1] == '\t'))
		text.len--;
	return text;
}

/* Section 5: no space before the colon, no line that goes on the one before. */
static int
read_header(gw_text line, gw_head *head, const char **why)
{
	const char *colon = memchr(line.data, ':', line.len);
	gw_header *header = &head->headers[head->header_count];

	*why = "A header is not a name, a colon and a value.";
	if (colon == NULL || !gw_is_token(line.data, (size_t) (colon - line.data)))
		return 400;
	*why = "The request has too many headers.";
	if (head->header_count == GW_MAX_HEADERS)
		return 431;
	header->name = (gw_text) { line.data, (size_t) (colon - line.data) };
	header->value = trim((gw_text) { colon + 1, line.len - header->name.len - 1 });
	head->header_count++;
	return 0;
}

/* The next element of a list; false: no more. */
static bool
take_element(gw_text *list, gw_text *element)
{
	const char *comma = memchr(list->data, ',', list->len);
	size_t len = comma != NULL ? (size_t) (comma - list->data) : list->len;

	if (list->len == 0)
		return false;
	*element = trim((gw_text) { list->data, len });
	if (comma != NULL)
		len++;
	*list = (gw_text) { list->data + len, list->len - len };
	return true;
}

static void
read_connection(gw_text value, gw_head *head)
{
	gw_text option;

	while (take_element(&value, &option))
		if (gw_equals(option, "close"))
			head->keep_alive = false;
}

static bool
read_length(gw_text value, uint64_t *length)
{
	*length = 0;
	for (size_t i = 0; i < value.len; i++)
	{
		if (value.data[i] < '0' || value.data[i] > '9')
			return false;
		*length = *length * 10 + (uint64_t) (value.data[i] - '0');
	}
	return value.len > 0 && value.len <= 18;
}

/* RFC 3986 section 3.2.2, as far as it matters: what a host and a port are written with. */
static bool
is_host(gw_text value)
{
	for (size_t i = 0; i < value.len; i++)
	{
		unsigned char c = (unsigned char) value.data[i];

		if (c <= 0x20 || c >= 0x7f || strchr("/?#@\\,<>\"^`{|}", c) != NULL)
			return false;
	}
	return true;
}

typedef struct framing
{
	unsigned hosts, lengths, codings;
} framing;

static int
read_known_header(const gw_header *header, gw_head *head, framing *f, const char **why)
{
	if (gw_equals(header->name, "host"))
	{
		*why = "Host is no host.";
		f->hosts++;
		return is_host(header->value) ? 0 : 400;
	}
	if (gw_equals(header->name, "content-length"))
	{
		*why = "Content-Length is no length.";
		f->lengths++;
		return read_length(header->value, &head->length) ? 0 : 400;
	}
	if (gw_equals(header->name, "transfer-encoding"))
	{
		*why = "The only transfer coding here is chunked.";
		f->codings++;
		head->chunked = true;
		return gw_equals(header->value, "chunked") ? 0 : 501;
	}
	if (gw_equals(header->name, "expect"))
	{
		*why = "The only expectation that can be met is 100-continue.";
		head->expects_continue = true;
		return gw_equals(header->value, "100-continue") ? 0 : 417;
	}
	if (gw_equals(header->name, "connection"))
		read_connection(header->value, head);
	return 0;
}

/* Sections 3.2 (Host) and 6 (what tells a body's length) */
static int
read_known_headers(gw_head *head, const char **why)
{
	framing f = { 0 };

	head->keep_alive = !head->http_1_0;
	for (size_t i = 0; i < head->header_count; i++)
	{
		int status = read_known_header(&head->headers[i], head, &f, why);

		if (status != 0)
			return status;
	}
	*why = "A request has one Host.";
	if (f.hosts > 1 || (f.hosts == 0 && !head->http_1_0))
		return 400;
	*why = "A request has one Content-Length or one Transfer-Encoding.";
	return f.lengths + f.codings > 1 || (f.codings > 0 && head->http_1_0) ? 400 : 0;
}

int
gw_head_read(const char *data, size_t len, gw_head *head, const char **why)
{
	gw_text rest = { data, len };
	int status;

	memset(head, 0, sizeof(*head));
	status = read_request_line(take_line(&rest), head, why);
	while (status == 0 && rest.len > 2)
		status = read_header(take_line(&rest), head, why);
	return status != 0 ? status : read_known_headers(head, why);
}

const gw_text *
gw_head_find(const gw_head *head, const char *name)
{
	for (size_t i = 0; i < head->header_count; i++)
		if (gw_equals(head->headers[i].name, name))
			return &head->headers[i].value;
	return NULL;
}

/* Section 7.1: an extension of a chunk is passed over. */
int64_t
gw_chunk_size(const char *line, size_t len)
{
	int64_t size = 0;
	size_t i = 0;

	for (; i < len && i < 15 && line[i] != '\0' && strchr("0123456789abcdefABCDEF", line[i]) != NULL; i++)
		size = size * 16 + (line[i] <= '9' ? line[i] - '0' : (line[i] | 0x20) - 'a' + 10);
	if (i == 0)
		return -1;
	for (size_t k = i; k < len; k++)
		if ((unsigned char) line[k] < 0x20 || line[k] == 0x7f)
			return -1;
	return i == len || line[i] == ';' ? size : -1;
}
