/*
 * request.c - a request as the store is told it, and an answer as the store gave it.
 */
#include "gateway.h"

#include <ctype.h>
#include <event2/util.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

gw_request *
gw_request_new(const gw_options *options, gw_listener listener)
{
	gw_request *request = calloc(1, sizeof(*request));

	if (request == NULL)
		return NULL;
	request->options = options;
	request->listener = listener;
	request->started = gw_now();
	request->kind = "other";
	request->done = gw_answer_result;
	request->headers = evbuffer_new();
	request->fields = evbuffer_new();
	request->content = evbuffer_new();
	if (request->headers != NULL && request->fields != NULL && request->content != NULL)
		return request;
	gw_request_free(request);
	return NULL;
}

void
gw_request_free(gw_request *request)
{
	struct evbuffer *buffers[] = { request->headers, request->body, request->fields, request->content };
	char *texts[] = { request->method, request->target, request->accept, request->traceparent, request->forwarded, request->id,
		request->identity, request->content_type, request->refusal, request->answer_digest, request->lag };

	for (size_t i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++)
		if (buffers[i] != NULL)
			evbuffer_free(buffers[i]);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		free(texts[i]);
	if (request->deadline != NULL)
		event_free(request->deadline);
	free(request);
}

static char *
take_header(const gw_head *head, const char *name)
{
	const gw_text *value = gw_head_find(head, name);

	return value != NULL ? strndup(value->data, value->len) : NULL;
}

/*
 * Not what somebody else may not say: whom a trusted proxy vouches for, and under which prefix the store is. And no secrets, which a server
 * might log beside a statement.
 */
static bool
is_passed_on(const gw_request *request, gw_text name)
{
	static const char *const kept[] = { "x-forwarded-prefix", "authorization", "proxy-authorization", "cookie" };

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (gw_equals(name, kept[i]))
			return false;
	return !gw_equals(name, request->options->identity_header);
}

static void
put_name(struct evbuffer *out, gw_text name)
{
	for (size_t i = 0; i < name.len; i++)
	{
		char c = (char) tolower((unsigned char) name.data[i]);

		evbuffer_add(out, &c, 1);
	}
}

static bool
same_name(const gw_header *a, const gw_header *b)
{
	return a->name.len == b->name.len && strncasecmp(a->name.data, b->name.data, a->name.len) == 0;
}

/* Repeated ones are joined by ", " (RFC 9110 section 5.3). */
static void
put_header(const gw_head *head, size_t first, struct evbuffer *out)
{
	const gw_header *header = &head->headers[first];

	for (size_t i = 0; i < first; i++)
		if (same_name(&head->headers[i], header))
			return;
	evbuffer_add_printf(out, evbuffer_get_length(out) > 1 ? ",\"" : "\"");
	put_name(out, header->name);
	evbuffer_add_printf(out, "\":\"");
	gw_json_text(out, header->value.data, header->value.len);
	for (size_t i = first + 1; i < head->header_count; i++)
		if (same_name(&head->headers[i], header))
		{
			evbuffer_add_printf(out, ", ");
			gw_json_text(out, head->headers[i].value.data, head->headers[i].value.len);
		}
	evbuffer_add_printf(out, "\"");
}

/* /NAME/... asks that store, everything else the first one. A store that is asked by its name is told under what prefix it is. */
static void
find_store(gw_request *request)
{
	const gw_options *options = request->options;

	request->store = &options->stores[0];
	request->path = request->target;
	for (size_t i = 0; i < options->store.count; i++)
	{
		size_t len = strlen(options->stores[i].name);

		if (strncmp(request->target + 1, options->stores[i].name, len) != 0 || strchr("/?", request->target[1 + len]) == NULL)
			continue;
		request->store = &options->stores[i];
		request->path = request->target[1 + len] == '/' ? request->target + 1 + len : "/";
		evbuffer_add_printf(request->headers, "%s\"x-forwarded-prefix\":\"/", evbuffer_get_length(request->headers) > 1 ? "," : "");
		gw_json_text(request->headers, request->store->name, len);
		evbuffer_add_printf(request->headers, "\"");
		return;
	}
}

/* One that came is kept when it is short and plain. */
static char *
request_id(const gw_head *head)
{
	char *id = take_header(head, "x-request-id");
	unsigned char random[8];

	if (id != NULL && strlen(id) <= 64 && gw_is_token(id, strlen(id)))
		return id;
	free(id);
	evutil_secure_rng_get_bytes(random, sizeof(random));
	id = malloc(2 * sizeof(random) + 1);
	for (size_t i = 0; id != NULL && i < sizeof(random); i++)
		snprintf(id + 2 * i, 3, "%02x", random[i]);
	return id;
}

bool
gw_request_take_head(gw_request *request, const gw_head *head, bool trusted)
{
	request->method = strndup(head->method.data, head->method.len);
	request->target = strndup(head->target.data, head->target.len);
	request->accept = take_header(head, "accept");
	request->traceparent = take_header(head, "traceparent");
	request->content_type = take_header(head, "content-type");
	request->id = request_id(head);
	if (trusted)
	{
		request->identity = take_header(head, request->options->identity_header);
		request->forwarded = take_header(head, "x-forwarded-for");
	}
	if (request->method == NULL || request->target == NULL || request->id == NULL)
		return false;
	evbuffer_add(request->headers, "{", 1);
	for (size_t i = 0; i < head->header_count; i++)
		if (is_passed_on(request, head->headers[i].name))
			put_header(head, i, request->headers);
	find_store(request);
	return evbuffer_add(request->headers, "}", 2) == 0; /* with its NUL: it becomes a parameter */
}

void
gw_answer_begin(gw_request *request, unsigned status)
{
	evbuffer_drain(request->fields, evbuffer_get_length(request->fields));
	evbuffer_drain(request->content, evbuffer_get_length(request->content));
	request->status = status;
	request->kind = "other";
}

bool
gw_answer_field(gw_request *request, const char *name, const char *value)
{
	if (!gw_is_token(name, strlen(name)))
		return false;
	for (const char *p = value; *p != '\0'; p++)
		if (((unsigned char) *p < 0x20 && *p != '\t') || *p == 0x7f)
			return false;
	return evbuffer_add_printf(request->fields, "%s: %s\r\n", name, value) > 0;
}

void
gw_answer_text(gw_request *request, unsigned status, const char *type, const char *text)
{
	gw_answer_begin(request, status);
	gw_answer_field(request, "Content-Type", type);
	gw_answer_field(request, "Cache-Control", "no-store");
	evbuffer_add(request->content, text, strlen(text));
}

static const char *
kind_of(const char *type)
{
	static const struct
	{
		const char *type, *kind;
	} kinds[] = {
		{ "application/coserv+cose", "signed" },
		{ "application/coserv+cbor", "unsigned" },
		{ "application/coserv-discovery", "discovery" },
		{ "application/concise-problem-details", "problem" },
		{ "application/problem", "problem" },
		{ "application/vnd.veraison.provisioning-session", "session" },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strncmp(type, kinds[i].type, strlen(kinds[i].type)) == 0)
			return kinds[i].kind;
	return "other";
}

/* The transport's own headers are not the store's to say, and one is for the log alone. */
static bool
take_field(gw_request *request, const char *name, const char *value)
{
	if (strcasecmp(name, "Content-Length") == 0 || strcasecmp(name, "Transfer-Encoding") == 0 || strcasecmp(name, "Connection") == 0)
		return true;
	if (strcasecmp(name, "X-Coserv-Answer") == 0)
		return (request->answer_digest = strdup(value)) != NULL;
	if (strcasecmp(name, "Content-Type") == 0)
		request->kind = kind_of(value);
	if (gw_answer_field(request, name, value))
		return true;
	gw_log("the store's header \"%s\" cannot be sent", name);
	return false;
}

/* jsonb over the wire is a byte for its version, and text. */
static bool
take_fields(gw_request *request, const PGresult *result)
{
	const char *at = PQgetvalue(result, 0, 1);
	char *name;
	char *value;
	bool bad = false;

	if (PQgetisnull(result, 0, 1))
		return true;
	if (at[0] != 1 || at[1] != '{')
		return false;
	at += 2;
	while (gw_json_member(&at, &name, &value, &bad))
	{
		bool ok = value == NULL || take_field(request, name, value);

		free(name);
		free(value);
		if (!ok)
			return false;
	}
	return !bad;
}

static void
free_result(const void *data, size_t len, void *result)
{
	(void) data;
	(void) len;
	PQclear(result);
}

bool
gw_answer_content(gw_request *request, PGresult *result, const char *data, size_t len)
{
	request->result_taken = evbuffer_add_reference(request->content, data, len, free_result, result) == 0;
	return request->result_taken;
}

static bool
take_result(gw_request *request, PGresult *result)
{
	const unsigned char *number = (const unsigned char *) PQgetvalue(result, 0, 0);
	int len = PQgetlength(result, 0, 2);
	unsigned status;

	if (PQntuples(result) != 1 || PQnfields(result) < 3 || PQgetlength(result, 0, 0) != 4)
		return false;
	status = (unsigned) number[0] << 24 | (unsigned) number[1] << 16 | (unsigned) number[2] << 8 | number[3];
	if (status < 200 || status > 599)
	{
		gw_log("the store's status %u is none", status);
		return false;
	}
	gw_answer_begin(request, status);
	if (!take_fields(request, result))
		return false;
	if (strcmp(request->kind, "session") == 0)
		gw_count_provisioned(memmem(PQgetvalue(result, 0, 2), (size_t) len, "\"success\"", 9) != NULL);
	return len == 0 || gw_answer_content(request, result, PQgetvalue(result, 0, 2), (size_t) len);
}

void
gw_answer_result(gw_request *request, PGresult *result)
{
	if (!take_result(request, result))
		gw_answer_problem(request, 500, "Internal error", "The store's answer cannot be sent.", 0);
}

/* Nothing of the database's message goes to the client. What has broken, or was too much, may be well in a moment. */
void
gw_answer_failure(gw_request *request, const char *sqlstate)
{
	static const char *const passing[] = { "57", "53", "08", "40", "55P03", "25006" };

	for (size_t i = 0; sqlstate != NULL && i < sizeof(passing) / sizeof(passing[0]); i++)
		if (strncmp(sqlstate, passing[i], strlen(passing[i])) == 0)
			sqlstate = NULL;
	if (sqlstate == NULL)
		gw_answer_problem(request, 503, "Service unavailable", "The request took too long, or the database was not there for it.", 1);
	else if (strcmp(sqlstate, "42501") == 0 && request->listener == GW_PROVISION)
		gw_answer_problem(request, 403, "Forbidden", "This identity may not do that here.", 0);
	else
		gw_answer_problem(request, 500, "Internal error", "The store failed; its log says how.", 0);
}
