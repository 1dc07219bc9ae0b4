/*
 * log.c - lines on standard error, each written at once, so that threads do not mix theirs.
 */
#include "gateway.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE 1024
#define SHOWN_TARGET 200

int64_t
gw_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t) t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Ends the line and writes it; whatever could forge another line or move a terminal's cursor becomes "?". */
static void
write_line(char *line, size_t size)
{
	size_t len = strnlen(line, size - 1);
	ssize_t written;

	for (size_t i = 0; i < len; i++)
		if ((unsigned char) line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
	line[len++] = '\n';
	written = write(STDERR_FILENO, line, len);
	(void) written; /* there is nowhere to say that a log line was lost */
}

void
gw_log(const char *fmt, ...)
{
	char line[LINE];
	va_list args;
	int len = snprintf(line, sizeof(line), "coserv-gateway: ");

	va_start(args, fmt);
	vsnprintf(line + len, sizeof(line) - (size_t) len, fmt, args);
	va_end(args);
	len = (int) strlen(line);
	while (len > 0 && line[len - 1] == '\n') /* libpq's messages end so */
		line[--len] = '\0';
	write_line(line, sizeof(line));
}

void
gw_log_access(const gw_request *request, bool completed)
{
	char line[LINE];

	snprintf(line, sizeof(line), "%s %.*s %u %llu %.1fms%s", request->method != NULL ? request->method : "-", SHOWN_TARGET, request->target,
		request->status, (unsigned long long) request->bytes, (double) (gw_now() - request->started) / 1000, completed ? "" : " aborted");
	write_line(line, sizeof(line));
}
