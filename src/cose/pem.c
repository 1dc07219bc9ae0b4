/*
 * pem.c - textual encodings (RFC 7468): blocks between -----BEGIN and -----END lines, with any text around them. OpenSSL's own
 * reader wants a BIO and allocates; the format is a few lines.
 */
#include <string.h>

#include "internal.h"

static const uint8_t *
find(const uint8_t *data, size_t len, const char *what)
{
	return len == 0 ? NULL : memmem(data, len, what, strlen(what));
}

/* "-----BEGIN LABEL-----" at or behind *at: the label, and *at behind the line. */
static bool
find_line(cs_span *at, const char *head, cs_span *label, const uint8_t **start)
{
	const uint8_t *p = find(at->data, at->len, head);
	const uint8_t *end = at->data + at->len;
	const uint8_t *dashes;

	if (!p)
		return false;
	*start = p;
	p += strlen(head);
	dashes = find(p, (size_t) (end - p), "-----");
	if (!dashes || dashes - p > 64 || memchr(p, '\n', (size_t) (dashes - p)))
		return false;
	*label = (cs_span) { p, (size_t) (dashes - p) };
	*at = (cs_span) { dashes + 5, (size_t) (end - dashes - 5) };
	return true;
}

/* RFC 1421 headers ("Proc-Type: 4,ENCRYPTED") end with an empty line. */
static void
skip_headers(cs_pem *pem)
{
	const uint8_t *colon = memchr(pem->body.data, ':', pem->body.len);
	const uint8_t *blank;

	if (!colon)
		return;
	pem->encrypted = find(pem->body.data, pem->body.len, "ENCRYPTED") != NULL;
	blank = find(colon, pem->body.len - (size_t) (colon - pem->body.data), "\n\n");
	if (!blank)
		blank = find(colon, pem->body.len - (size_t) (colon - pem->body.data), "\n\r\n");
	if (!blank)
		return;
	pem->body.len -= (size_t) (blank - pem->body.data);
	pem->body.data = blank;
}

bool
cs_pem_next(cs_span *next, cs_pem *out, bool *bad)
{
	cs_span end_label;
	const uint8_t *begin, *end;

	memset(out, 0, sizeof(*out));
	*bad = false;
	if (!cs_has_pem(*next))
		return false;
	*bad = true;
	if (!find_line(next, "-----BEGIN ", &out->label, &begin))
		return false;
	out->body.data = next->data;
	if (!find_line(next, "-----END ", &end_label, &end) || !cs_span_eq(out->label, end_label))
		return false;
	out->body.len = (size_t) (end - out->body.data);
	skip_headers(out);
	*bad = false;
	return true;
}

bool
cs_pem_label_is(const cs_pem *pem, const char *label)
{
	return pem->label.len == strlen(label) && memcmp(pem->label.data, label, pem->label.len) == 0;
}

bool
cs_has_pem(cs_span text)
{
	return find(text.data, text.len, "-----BEGIN ") != NULL;
}

bool
cs_has_pem_line(cs_span text)
{
	return find(text.data, text.len, "\n-----BEGIN ") != NULL || (text.len > 11 && memcmp(text.data, "-----BEGIN ", 11) == 0);
}

void
cs_put_pem(cs_buf *buf, const char *label, cs_span der)
{
	cs_put_fmt(buf, "-----BEGIN %s-----\n", label);
	cs_put_base64(buf, der, false, 64);
	cs_put_fmt(buf, "-----END %s-----\n", label);
}
