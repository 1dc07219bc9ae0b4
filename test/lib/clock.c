/*
 * clock.c - a clock that is off, for a server under test: LD_PRELOAD this, and CLOCK_OFFSET (seconds) says by how much.
 *
 * libfaketime is no way: its select() does not fake time while it waits, PostgreSQL 15 starts its workers from signal handlers that run
 * inside that call, and those workers have the true time for good.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long
offset(void)
{
	static long seconds;
	static int known = 0;
	const char *text;

	if (!known)
	{
		text = getenv("CLOCK_OFFSET");
		seconds = text ? atol(text) : 0;
		known = 1;
	}
	return seconds;
}

/* Waits go by CLOCK_MONOTONIC, which stays as it is. */
int
clock_gettime(clockid_t clock, struct timespec *at)
{
	static int (*real)(clockid_t, struct timespec *);
	int result;

	if (!real)
		real = (int (*)(clockid_t, struct timespec *)) dlsym(RTLD_NEXT, "clock_gettime");
	result = real(clock, at);
	if (clock == CLOCK_REALTIME && result == 0)
		at->tv_sec += offset();
	return result;
}

int
gettimeofday(struct timeval *restrict at, void *restrict zone)
{
	struct timespec now;

	(void) zone;
	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return -1;
	at->tv_sec = now.tv_sec;
	at->tv_usec = now.tv_nsec / 1000;
	return 0;
}

time_t
time(time_t *at)
{
	struct timespec now;

	(void) clock_gettime(CLOCK_REALTIME, &now);
	if (at)
		*at = now.tv_sec;
	return now.tv_sec;
}
