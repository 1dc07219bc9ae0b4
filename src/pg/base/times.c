/*
 * times.c - times of the core and of the backend (times.h).
 */
#include "times.h"

#define EPOCH ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)

int64_t
cs_pg_unix_time(TimestampTz t)
{
	int64 seconds = t / USECS_PER_SEC;

	if (t < 0 && t % USECS_PER_SEC != 0)
		seconds--;
	return seconds + EPOCH;
}

TimestampTz
cs_pg_timestamp(int64_t seconds)
{
	if (seconds <= MIN_TIMESTAMP / USECS_PER_SEC + EPOCH)
		return DT_NOBEGIN;
	if (seconds >= END_TIMESTAMP / USECS_PER_SEC + EPOCH)
		return DT_NOEND;
	return (seconds - EPOCH) * USECS_PER_SEC;
}
