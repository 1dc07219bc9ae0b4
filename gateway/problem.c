/*
 * problem.c - what the gateway says by itself: concise problem details (RFC 9290), as the CoSERV HTTP binding wants every error
 * to be (draft-ietf-rats-coserv section 6.1.1).
 */
#include "gateway.h"

#include <stdio.h>
#include <string.h>

/* key (-1 title, -2 detail) and a text of at most 255 bytes */
static size_t
put_member(uint8_t *out, uint8_t key, const char *text)
{
	size_t len = strlen(text);
	size_t n = 0;

	if (len > 255)
		len = 255;
	out[n++] = key;
	if (len >= 24)
	{
		out[n++] = 0x78;
		out[n++] = (uint8_t) len;
	}
	else
		out[n++] = (uint8_t) (0x60 + len);
	memcpy(out + n, text, len);
	return n + len;
}

void
gw_answer_problem(gw_request *request, unsigned status, const char *title, const char *detail, unsigned retry_after)
{
	uint8_t body[1 + 2 * (3 + 255)];
	size_t len = 0;
	struct MHD_Response *response;

	body[len++] = 0xa2;
	len += put_member(body + len, 0x20, title);
	len += put_member(body + len, 0x21, detail);
	response = MHD_create_response_from_buffer(len, body, MHD_RESPMEM_MUST_COPY);
	if (response != NULL)
	{
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/concise-problem-details+cbor");
		MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
		if (retry_after > 0)
		{
			char seconds[16];

			snprintf(seconds, sizeof(seconds), "%u", retry_after);
			MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, seconds);
		}
	}
	if (request->response != NULL)
		MHD_destroy_response(request->response);
	request->response = response;
	request->status = status;
	request->bytes = len;
	request->state = GW_ANSWERED;
}
