/*
 * problem.c - what the gateway says by itself: concise problem details (RFC 9290), as the CoSERV HTTP binding wants every error
 * to be (draft-ietf-rats-coserv section 6.1.1); JSON where documents are handed in, whose clients read that; text for people.
 */
#include "gateway.h"

#include <stdio.h>
#include <string.h>

/* key (-1 title, -2 detail) and a text of at most 255 bytes */
static void
put_member(struct evbuffer *out, uint8_t key, const char *text)
{
	size_t len = strlen(text) > 255 ? 255 : strlen(text);
	uint8_t head[3] = { key, 0x78, (uint8_t) len };
	uint8_t short_head[2] = { key, (uint8_t) (0x60 + len) };

	if (len >= 24)
		evbuffer_add(out, head, sizeof(head));
	else
		evbuffer_add(out, short_head, sizeof(short_head));
	evbuffer_add(out, text, len);
}

static void
put_json(struct evbuffer *out, unsigned status, const char *title, const char *detail)
{
	evbuffer_add_printf(out, "{\"title\":\"");
	gw_json_text(out, title, strlen(title));
	evbuffer_add_printf(out, "\",\"status\":%u,\"detail\":\"", status);
	gw_json_text(out, detail, strlen(detail));
	evbuffer_add_printf(out, "\"}");
}

/* Who accepts a form of CBOR, or says nothing, gets CBOR; the store's own problems go by the same rule. */
static const char *
type_for(const gw_request *request)
{
	const char *accept = request->accept;

	if (request->listener == GW_QUERY &&
		(accept == NULL || accept[0] == '\0' || strcasestr(accept, "+cbor") || strcasestr(accept, "+cose")))
		return "application/concise-problem-details+cbor";
	if (request->listener == GW_PROVISION || request->listener == GW_EXPLORE || (accept != NULL && strcasestr(accept, "json")))
		return "application/problem+json";
	return "text/plain; charset=utf-8";
}

void
gw_answer_problem(gw_request *request, unsigned status, const char *title, const char *detail, unsigned retry_after)
{
	const char *type = type_for(request);

	gw_answer_begin(request, status);
	gw_answer_field(request, "Content-Type", type);
	gw_answer_field(request, "Cache-Control", "no-store");
	request->kind = "problem";
	if (retry_after > 0)
		evbuffer_add_printf(request->fields, "Retry-After: %u\r\n", retry_after);
	if (strstr(type, "json") != NULL)
		put_json(request->content, status, title, detail);
	else if (strstr(type, "cbor") != NULL)
	{
		evbuffer_add(request->content, "\xa2", 1);
		put_member(request->content, 0x20, title);
		put_member(request->content, 0x21, detail);
	}
	else
		evbuffer_add_printf(request->content, "%s\n%s\n", title, detail);
}
