/*
 * admin.c - how the gateway is: /healthz (this process), /readyz (its store answers), /metrics (Prometheus' text format 0.0.4).
 */
#include "gateway.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READY_WITHIN 800 /* milliseconds */
#define STATUSES 24

static const double bounds[] = { 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10 };
#define BOUNDS (sizeof(bounds) / sizeof(bounds[0]))
static const char *const kinds[] = { "signed", "unsigned", "discovery", "session", "problem", "other" };
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static struct
{
	struct
	{
		unsigned status;
		uint64_t count;
	} by_status[GW_LISTENERS][STATUSES];
	uint64_t by_kind[KINDS];
	uint64_t within[BOUNDS + 1];
	double seconds;
	uint64_t provisioned[2]; /* refused, taken */
} counted;

static void
count_status(gw_listener listener, unsigned status)
{
	for (size_t i = 0; i < STATUSES; i++)
	{
		if (counted.by_status[listener][i].count != 0 && counted.by_status[listener][i].status != status)
			continue;
		counted.by_status[listener][i].status = status;
		counted.by_status[listener][i].count++;
		return;
	}
}

void
gw_count_request(const gw_request *request)
{
	double seconds = (double) (gw_now() - request->started) / 1e6;
	size_t i = 0;

	count_status(request->listener, request->status);
	if (request->listener == GW_ADMIN)
		return;
	while (i < BOUNDS && seconds > bounds[i])
		i++;
	counted.within[i]++;
	counted.seconds += seconds;
	for (size_t k = 0; k < KINDS; k++)
		counted.by_kind[k] += strcmp(kinds[k], request->kind) == 0;
}

void
gw_count_provisioned(bool success)
{
	counted.provisioned[success]++;
}

static void
put_head(struct evbuffer *out, const char *name, const char *type, const char *help)
{
	evbuffer_add_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
put_one(struct evbuffer *out, const char *name, const char *type, const char *help, double value)
{
	put_head(out, name, type, help);
	evbuffer_add_printf(out, "%s %.17g\n", name, value);
}

static void
put_requests(struct evbuffer *out)
{
	uint64_t sum = 0;

	put_head(out, "coserv_gateway_requests_total", "counter", "Requests answered, by listener and status");
	for (size_t k = 0; k < GW_LISTENERS; k++)
		for (size_t i = 0; i < STATUSES && counted.by_status[k][i].count > 0; i++)
			evbuffer_add_printf(out, "coserv_gateway_requests_total{listener=\"%s\",code=\"%u\"} %llu\n", gw_listener_names[k],
				counted.by_status[k][i].status, (unsigned long long) counted.by_status[k][i].count);
	put_head(out, "coserv_gateway_answers_total", "counter", "Answers to queries and documents, by kind");
	for (size_t k = 0; k < KINDS; k++)
		evbuffer_add_printf(out, "coserv_gateway_answers_total{kind=\"%s\"} %llu\n", kinds[k], (unsigned long long) counted.by_kind[k]);
	put_head(out, "coserv_gateway_request_duration_seconds", "histogram",
		"From the first byte of a request's connection to the last of its answer");
	for (size_t i = 0; i < BOUNDS; i++)
	{
		sum += counted.within[i];
		evbuffer_add_printf(out, "coserv_gateway_request_duration_seconds_bucket{le=\"%g\"} %llu\n", bounds[i], (unsigned long long) sum);
	}
	sum += counted.within[BOUNDS];
	evbuffer_add_printf(out,
		"coserv_gateway_request_duration_seconds_bucket{le=\"+Inf\"} %llu\ncoserv_gateway_request_duration_seconds_sum %.6f\n"
		"coserv_gateway_request_duration_seconds_count %llu\n",
		(unsigned long long) sum, counted.seconds, (unsigned long long) sum);
}

static void
put_pools(struct evbuffer *out, const gw_server_state *server)
{
	static const struct
	{
		const char *name, *type, *help;
	} series[] = {
		{ "coserv_gateway_pool_size", "gauge", "Database connections that there should be" },
		{ "coserv_gateway_pool_connected", "gauge", "Database connections that stand" },
		{ "coserv_gateway_pool_busy", "gauge", "Database connections that run a request" },
		{ "coserv_gateway_pool_waiting", "gauge", "Requests that wait for a database connection" },
		{ "coserv_gateway_pool_connects_total", "counter", "Database connections opened" },
		{ "coserv_gateway_pool_failures_total", "counter", "Attempts to connect to the database that failed" },
		{ "coserv_gateway_pool_retries_total", "counter", "Requests that were asked a second time" },
		{ "coserv_gateway_pool_timeouts_total", "counter", "Requests that the database did not answer in time" },
	};

	for (size_t k = 0; k < sizeof(series) / sizeof(series[0]); k++)
	{
		put_head(out, series[k].name, series[k].type, series[k].help);
		for (size_t i = 0; i < GW_POOLS; i++)
		{
			gw_pool_state s = server->pools[i] != NULL ? gw_pool_look(server->pools[i]) : (gw_pool_state) { 0 };
			uint64_t values[] = { s.size, s.connected, s.busy, s.waiting, s.connects, s.failures, s.retries, s.timeouts };

			if (server->pools[i] != NULL)
				evbuffer_add_printf(out, "%s{pool=\"%s\"} %llu\n", series[k].name, gw_listener_names[i], (unsigned long long) values[k]);
		}
	}
}

static void
put_own(struct evbuffer *out, bool up)
{
	const gw_server_state *server = gw_server_look();

	put_head(out, "coserv_gateway_info", "gauge", "Always 1, with the version");
	evbuffer_add_printf(out, "coserv_gateway_info{version=\"" COSERV_VERSION "\"} 1\n");
	put_one(out, "coserv_gateway_store_up", "gauge", "Whether the stores answered just now", up);
	put_requests(out);
	put_head(out, "coserv_gateway_documents_total", "counter", "Documents that were handed in, by outcome");
	evbuffer_add_printf(out,
		"coserv_gateway_documents_total{outcome=\"loaded\"} %llu\ncoserv_gateway_documents_total{outcome=\"refused\"} %llu\n",
		(unsigned long long) counted.provisioned[1], (unsigned long long) counted.provisioned[0]);
	put_one(out, "coserv_gateway_connections", "gauge", "HTTP connections open", server->connections);
	put_one(out, "coserv_gateway_connections_total", "counter", "HTTP connections accepted", (double) server->accepted);
	put_one(out, "coserv_gateway_evicted_total", "counter", "HTTP connections closed to make room", (double) server->evicted);
	put_one(out, "coserv_gateway_slow_total", "counter", "Requests that did not arrive in time", (double) server->timed_out);
	put_one(
		out, "coserv_gateway_refused_total", "counter", "Requests and connections refused by the gateway itself", (double) server->refused);
	put_one(out, "coserv_gateway_dropped_total", "counter", "Requests whose client left before they were asked", (double) server->dropped);
	put_pools(out, server);
}

/* Rows (number of the store, name, help, value), those of one name together. */
static void
take_metrics(gw_request *request, PGresult *result)
{
	const gw_options *options = request->options;
	const char *last = "";

	gw_answer_begin(request, 200);
	for (int i = 0; i < PQntuples(result); i++)
	{
		const char *name = PQgetvalue(result, i, 1);
		const unsigned char *number = (const unsigned char *) PQgetvalue(result, i, 0);
		size_t store = (size_t) number[2] << 8 | number[3];

		if (strcmp(name, last) != 0)
			put_head(request->content, name, "gauge", PQgetvalue(result, i, 2));
		last = name;
		if (store >= options->store.count)
			continue;
		evbuffer_add_printf(request->content, "%s{store=\"", name);
		gw_json_text(request->content, options->stores[store].name, strlen(options->stores[store].name));
		evbuffer_add_printf(request->content, "\"} %s\n", PQgetvalue(result, i, 3));
	}
}

static void
finish_metrics(gw_request *request)
{
	struct evbuffer *stores = request->content;
	bool up = request->status == 200;

	request->content = evbuffer_new();
	if (request->content == NULL)
		abort();
	gw_answer_text(request, 200, "text/plain; version=0.0.4; charset=utf-8", "");
	put_own(request->content, up);
	if (up)
		evbuffer_add_buffer(request->content, stores);
	evbuffer_free(stores);
}

/* Behind the store's answer stands how far behind a standby is, as a text, and whether it is one. */
static void
take_ready(gw_request *request, PGresult *result)
{
	if (PQntuples(result) == 1 && PQnfields(result) == 5 && *PQgetvalue(result, 0, 4) != 0)
		request->lag = strdup(PQgetvalue(result, 0, 3));
	gw_answer_result(request, result);
}

static void
finish_ready(gw_request *request)
{
	unsigned most = request->options->max_lag;
	bool up = request->status == 200;
	bool is_known = request->lag != NULL && request->lag[0] != '\0';
	double lag = is_known ? strtod(request->lag, NULL) : 0;
	char text[128] = "";

	if (up && request->lag != NULL)
	{
		up = most == 0 || (is_known && lag <= most);
		if (is_known)
			snprintf(text, sizeof(text), ", %.1f s behind", lag);
		else
			snprintf(text, sizeof(text), ", nobody knows how far behind");
	}
	gw_answer_text(request, up ? 200 : 503, "text/plain; charset=utf-8", up ? "ready" : "not ready");
	evbuffer_add_printf(request->content, "%s\n", text);
}

/* To the store goes a question of our own, not what the client sent. */
static void
ask_store(gw_request *request)
{
	static const char discovery[] = "/.well-known/coserv-configuration";

	evbuffer_drain(request->headers, evbuffer_get_length(request->headers));
	evbuffer_add(request->headers, "{}", 3);
	request->path = discovery;
	gw_pool_ask(gw_server_look()->pools[GW_QUERY], request, READY_WITHIN);
}

void
gw_admin_answer(gw_request *request)
{
	bool reads = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;

	request->store = NULL;
	if (!reads)
	{
		gw_answer_problem(request, 405, "Method not allowed", "This is read with GET.", 0);
		gw_answer_field(request, "Allow", "GET, HEAD");
	}
	else if (strcmp(request->target, "/metrics") == 0)
	{
		request->sql = request->options->metrics_sql;
		request->done = take_metrics;
		request->finish = finish_metrics;
		ask_store(request);
		return;
	}
	else if (strcmp(request->target, "/readyz") == 0)
	{
		request->sql = request->options->ready_sql;
		request->done = take_ready;
		request->finish = finish_ready;
		ask_store(request);
		return;
	}
	else if (strcmp(request->target, "/healthz") == 0)
		gw_answer_text(request, 200, "text/plain; charset=utf-8", "alive\n");
	else
		gw_answer_problem(request, 404, "Not found", "Here are /healthz, /readyz and /metrics.", 0);
	gw_connection_answer(request);
}
