/*
 * head_fuzz.c - the gateway's reader of HTTP request heads (gateway/head.c): whatever arrives, in whatever pieces, is read within its
 * bounds and in one way; what is taken is nothing that another server might read otherwise.
 */
#include "../../gateway/head.c"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool condition)
{
	if (!condition)
		abort();
}

static bool
lies_in(gw_text text, const char *data, size_t len)
{
	return text.len == 0 || (text.data >= data && text.data + text.len <= data + len);
}

/* Byte by byte it ends where it ends at once. */
static long
end_of(const char *data, size_t size)
{
	size_t scanned = 0;
	size_t at_once = 0;
	long whole = gw_head_end(data, size, &at_once);
	long end = 0;

	for (size_t len = 1; len <= size && end == 0; len++)
		end = gw_head_end(data, len, &scanned);
	require(end == whole);
	return whole;
}

static unsigned
count(const gw_head *head, const char *name)
{
	unsigned n = 0;

	for (size_t i = 0; i < head->header_count; i++)
		n += gw_equals(head->headers[i].name, name);
	return n;
}

static void
check(const gw_head *head, const char *data, size_t len)
{
	require(gw_is_token(head->method.data, head->method.len));
	require(head->target.len > 0 && (head->target.data[0] == '/' || head->target.data[0] == '*'));
	require(head->target.len == 1 || lies_in(head->target, data, len));
	require(count(head, "host") == 1 || (head->http_1_0 && count(head, "host") == 0));
	require(count(head, "content-length") + count(head, "transfer-encoding") <= 1);
	require(!head->chunked || head->length == 0);
	for (size_t i = 0; i < head->header_count; i++)
	{
		require(lies_in(head->headers[i].name, data, len) && lies_in(head->headers[i].value, data, len));
		require(gw_is_token(head->headers[i].name.data, head->headers[i].name.len));
		require(gw_head_find(head, "host") == NULL || count(head, "host") > 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static gw_head head;
	long end = end_of((const char *) data, size);
	const char *why = NULL;
	char *copy;
	int status;

	(void) gw_chunk_size((const char *) data, size);
	if (end <= 0 || size > GW_MAX_HEAD)
		return 0;
	copy = malloc((size_t) end); /* of that size, so that a sanitizer sees what is read beyond */
	require(copy != NULL);
	memcpy(copy, data, (size_t) end);
	status = gw_head_read(copy, (size_t) end, &head, &why);
	require(status == 0 || (status >= 400 && status <= 505 && why != NULL));
	if (status == 0)
		check(&head, copy, (size_t) end);
	free(copy);
	return 0;
}
