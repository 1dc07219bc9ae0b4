/*
 * explore.c - a page to look into a store (doc/explore.md): its files, which are built in, and its data, each one call of the store's
 * function explore(). What the database says against a question is told: who sees this page knows the store.
 */
#include "gateway.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct explore_file
{
	const char *name;
	const unsigned char *data;
	size_t len;
} explore_file;

#include "explore_files.h"

/* Nothing from elsewhere, nothing that stands in the page itself, no text that becomes markup. */
#define POLICY                                                                                                       \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " \
	"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

static void
put_protection(gw_request *request)
{
	gw_answer_field(request, "X-Content-Type-Options", "nosniff");
	gw_answer_field(request, "Content-Security-Policy", POLICY);
	gw_answer_field(request, "Cross-Origin-Resource-Policy", "same-origin");
	gw_answer_field(request, "Cross-Origin-Opener-Policy", "same-origin");
	gw_answer_field(request, "Referrer-Policy", "no-referrer");
}

static void
answer_problem(gw_request *request, unsigned status, const char *title, const char *detail)
{
	gw_answer_problem(request, status, title, detail, 0);
	put_protection(request);
	gw_connection_answer(request);
}

static const char *
type_of(const char *name)
{
	static const char *const types[][2] = { { ".html", "text/html; charset=utf-8" }, { ".css", "text/css; charset=utf-8" },
		{ ".js", "text/javascript; charset=utf-8" }, { ".svg", "image/svg+xml" } };
	const char *ending = strrchr(name, '.');

	for (size_t i = 0; ending != NULL && i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i][0], ending) == 0)
			return types[i][1];
	return "application/octet-stream";
}

static void
answer_file(gw_request *request, const char *name, size_t len)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
	{
		if (strlen(files[i].name) != len || strncmp(files[i].name, name, len) != 0)
			continue;
		gw_answer_begin(request, 200);
		gw_answer_field(request, "Content-Type", type_of(files[i].name));
		gw_answer_field(request, "Cache-Control", "no-cache");
		put_protection(request);
		evbuffer_add_reference(request->content, files[i].data, files[i].len, NULL, NULL);
		gw_connection_answer(request);
		return;
	}
	answer_problem(request, 404, "Not found", "Here is /explore.");
}

/* ---- data ---- */

/* jsonb over the wire is a byte for its version, and text. */
static void
take_view(gw_request *request, PGresult *result)
{
	const char *value = PQgetvalue(result, 0, 0);
	int len = PQgetlength(result, 0, 0);

	if (PQntuples(result) != 1 || PQgetisnull(result, 0, 0))
	{
		gw_answer_problem(request, 404, "Not found", "There is nothing of that name that this page may read.", 0);
		return;
	}
	gw_answer_begin(request, 200);
	gw_answer_field(request, "Content-Type", "application/json");
	gw_answer_field(request, "Cache-Control", "no-store");
	if (len < 2 || value[0] != 1 || !gw_answer_content(request, result, value + 1, (size_t) len - 1))
		gw_answer_problem(request, 500, "Internal error", "The store's answer cannot be sent.", 0);
}

static void
put_member(struct evbuffer *out, const char *name, const char *value)
{
	if (value == NULL)
		return;
	evbuffer_add_printf(out, ",\"%s\":\"", name);
	gw_json_text(out, value, strlen(value));
	evbuffer_add_printf(out, "\"");
}

/* What is wrong with what was asked; a fault of the store itself is for the log. */
static void
keep_refusal(gw_request *request, const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	struct evbuffer *out = evbuffer_new();

	free(request->refusal);
	request->refusal = NULL;
	if (out == NULL || strncmp(state, "XX", 2) == 0)
		return;
	put_member(out, "title", PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY));
	put_member(out, "detail", PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL));
	if (strcmp(state, "57014") == 0)
		put_member(out, "hint", "The gateway's explore-timeout ended it. Searches have an index: see doc/explore.md.");
	put_member(out, "hint", PQresultErrorField(result, PG_DIAG_MESSAGE_HINT));
	put_member(out, "sqlstate", state);
	evbuffer_add(out, "}", 2); /* with its NUL */
	request->refusal = strdup((const char *) evbuffer_pullup(out, -1));
	evbuffer_free(out);
}

static void
finish_view(gw_request *request)
{
	unsigned status = request->status;

	if (request->refusal != NULL && (status == 500 || status == 503))
	{
		bool denied = strstr(request->refusal, "\"sqlstate\":\"42501\"") != NULL;

		gw_answer_begin(request, status == 503 ? 503 : denied ? 403 : 400);
		request->kind = "problem";
		gw_answer_field(request, "Content-Type", "application/problem+json");
		gw_answer_field(request, "Cache-Control", "no-store");
		evbuffer_add_printf(request->content, "{\"status\":%u%s", request->status, request->refusal);
	}
	put_protection(request);
}

/* Only a page of the same origin sends JSON unasked (Fetch, "CORS-safelisted request-header"). */
static bool
is_json(const char *type)
{
	static const char json[] = "application/json";
	size_t len = sizeof(json) - 1;

	return type != NULL && strncasecmp(type, json, len) == 0 && strchr("; \t", type[len]) != NULL;
}

static void
ask_view(gw_request *request, const char *view)
{
	size_t len = evbuffer_get_length(request->body);

	if (view[strspn(view, "abcdefghijklmnopqrstuvwxyz")] != '\0')
	{
		answer_problem(request, 404, "Not found", "A view's name is a word.");
		return;
	}
	evbuffer_drain(request->headers, evbuffer_get_length(request->headers));
	evbuffer_add(request->headers, "\1", 1);
	if (len > 0)
		evbuffer_add(request->headers, evbuffer_pullup(request->body, -1), len);
	else
		evbuffer_add(request->headers, "{}", 2);
	request->path = view;
	request->sql = request->store->explore_sql;
	request->done = take_view;
	request->refused = keep_refusal;
	request->finish = finish_view;
	gw_pool_ask(gw_server_look()->pools[GW_EXPLORE], request, 0);
}

void
gw_explore_answer(gw_request *request)
{
	static const char page[] = "/explore";
	static const char data[] = "/explore/data/";
	size_t len = strcspn(request->path, "?");
	bool reads = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
	bool is_data = strncmp(request->path, data, sizeof(data) - 1) == 0;

	if (strncmp(request->path, page, sizeof(page) - 1) != 0 || strchr("/?", request->path[sizeof(page) - 1]) == NULL)
		answer_problem(request, 404, "Not found", "Here is /explore.");
	else if (is_data ? strcmp(request->method, "POST") != 0 : !reads)
	{
		gw_answer_problem(request, 405, "Method not allowed", is_data ? "Views are asked by POST." : "This is read with GET.", 0);
		gw_answer_field(request, "Allow", is_data ? "POST" : "GET, HEAD");
		put_protection(request);
		gw_connection_answer(request);
	}
	else if (is_data && !is_json(request->content_type))
		answer_problem(request, 415, "Unsupported media type", "The arguments of a view are application/json.");
	else if (is_data)
		ask_view(request, request->path + sizeof(data) - 1);
	else if (len == sizeof(page) - 1)
		answer_file(request, "index.html", strlen("index.html"));
	else
		answer_file(request, request->path + sizeof(page), len - sizeof(page));
}
