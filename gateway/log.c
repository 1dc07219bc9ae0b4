/*
 * log.c - lines on standard error, each written at once: a request's as JSON, and what the gateway has to say as text.
 */
#include "gateway.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE 1024
#define SHOWN 200 /* bytes of what a client wrote */

int64_t
gw_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t) t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* A pipe that nobody reads loses lines; it does not stop the answers. */
static void
write_all(const char *data, size_t len)
{
	struct pollfd room = { STDERR_FILENO, POLLOUT, 0 };

	if (poll(&room, 1, 0) > 0)
	{
		ssize_t written = write(STDERR_FILENO, data, len);

		(void) written; /* there is nowhere to say that a log line was lost */
	}
}

/* Whatever could forge another line or move a terminal's cursor becomes "?". */
void
gw_log(const char *fmt, ...)
{
	char line[LINE];
	va_list args;
	size_t len;

	va_start(args, fmt);
	len = (size_t) snprintf(line, sizeof(line), "coserv-gateway: ");
	vsnprintf(line + len, sizeof(line) - len - 1, fmt, args);
	va_end(args);
	len = strlen(line);
	while (len > 0 && line[len - 1] == '\n') /* libpq's messages end so */
		len--;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char) line[i] < 0x20 || line[i] == 0x7f)
			line[i] = line[i] == '\n' || line[i] == '\t' ? ' ' : '?';
	line[len++] = '\n';
	write_all(line, len);
}

static void
put_text(struct evbuffer *out, const char *name, const char *value)
{
	if (value == NULL)
		return;
	evbuffer_add_printf(out, ",\"%s\":\"", name);
	gw_json_text(out, value, strnlen(value, SHOWN));
	evbuffer_add_printf(out, "\"");
}

static void
put_time(struct evbuffer *out)
{
	struct timespec t;
	struct tm parts;
	char text[32];

	clock_gettime(CLOCK_REALTIME, &t);
	gmtime_r(&t.tv_sec, &parts);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
	evbuffer_add_printf(out, "{\"time\":\"%s.%03ldZ\"", text, t.tv_nsec / 1000000);
}

void
gw_log_access(const gw_request *request, bool completed)
{
	struct evbuffer *out = evbuffer_new();
	size_t len;

	if (out == NULL)
		return;
	put_time(out);
	put_text(out, "peer", request->peer);
	put_text(out, "for", request->forwarded);
	put_text(out, "request", request->id);
	put_text(out, "traceparent", request->traceparent);
	put_text(out, "identity", request->identity);
	put_text(out, "listener", gw_listener_names[request->listener]);
	if (request->store != NULL)
		put_text(out, "store", request->store->name);
	put_text(out, "method", request->method != NULL ? request->method : "-");
	put_text(out, "path", request->target != NULL ? request->target : "-");
	evbuffer_add_printf(out, ",\"status\":%u,\"bytes\":%llu,\"ms\":%.1f", request->status, (unsigned long long) request->bytes,
		(double) (gw_now() - request->started) / 1000);
	if (request->answer_digest != NULL && request->path != NULL)
	{
		/* the whole query: this line is the record of the answer */
		evbuffer_add_printf(out, ",\"query\":\"");
		gw_json_text(out, request->path, strlen(request->path));
		evbuffer_add_printf(out, "\"");
	}
	put_text(out, "answer", request->answer_digest);
	evbuffer_add_printf(out, completed ? "}\n" : ",\"aborted\":true}\n");
	len = evbuffer_get_length(out);
	write_all((const char *) evbuffer_pullup(out, -1), len);
	evbuffer_free(out);
}
