/* tap.h - the smallest TAP producer: CHECK(condition, "what", ...) and tap_done(). A program exits non-zero on any failure. */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static int tap_run, tap_failed;

static inline bool __attribute__((format(printf, 4, 5)))
tap_check(bool ok, const char *file, int line, const char *fmt, ...)
{
	va_list args;

	tap_run++;
	printf("%sok %d - ", ok ? "" : "not ", tap_run);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	if (!ok)
	{
		tap_failed++;
		printf("# failed at %s:%d\n", file, line);
	}
	return ok;
}
#define CHECK(condition, ...) tap_check((condition), __FILE__, __LINE__, __VA_ARGS__)

static inline int
tap_done(void)
{
	printf("1..%d\n", tap_run);
	return tap_failed ? 1 : 0;
}

#endif
