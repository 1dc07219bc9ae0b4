/*
 * times.h - seconds since 1970, as the core and the standards count, <-> timestamptz.
 */
#ifndef CS_PG_TIMES_H
#define CS_PG_TIMES_H

#include "pg_support.h"

#include "datatype/timestamp.h"

extern int64_t cs_pg_unix_time(TimestampTz t);		 /* rounded down */
extern TimestampTz cs_pg_timestamp(int64_t seconds); /* clamped to what timestamptz can hold: infinity, -infinity */

#endif
