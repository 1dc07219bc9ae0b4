/*
 * round_trips.c - what an answer takes with its round trip: round_trips CONNINFO COUNT TIMES. One client asks, prepared, for one of COUNT
 * answers ready in a row of bench_answer by primary key, and the same as a CoSERV query: both send and take binary values. TIMES of either
 * in a turn, seven turns one behind the other. Prints two medians of ratios, the first by the second: of processors' time, client's and
 * backend's together, and of latency; then microseconds of processors' time of either.
 */
#include <arpa/inet.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TURNS 7

static PGconn *db;
static char schedstat[64];

/* Reference values of class NNNNNNNN, from byte 43 on (bench_query in figures.sql). */
static unsigned char query[] =
	"\xa2\x00\x78\x1atag:example.com,2025:bench\x01\xa3\x00\x02\x01\xa1\x00\x81\x81\xa1\x00\xd9\x02\x30\x44NNNN\x02\x00";
#define CLASS_AT (sizeof(query) - 1 - 6)

static void
fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, db ? PQerrorMessage(db) : "");
	exit(1);
}

static double
seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

/* Of the client and of its backend, which waits: what it has had is counted whole. */
static double
processors(void)
{
	FILE *f = fopen(schedstat, "r");
	double backend;

	if (f == NULL || fscanf(f, "%lf", &backend) != 1)
		fail("the backend's time");
	fclose(f);
	return backend / 1e9 + seconds(CLOCK_PROCESS_CPUTIME_ID);
}

static void
prepare(const char *name, const char *statement)
{
	PGresult *r = PQprepare(db, name, statement, 0, NULL);

	if (PQresultStatus(r) != PGRES_COMMAND_OK)
		fail(statement);
	PQclear(r);
}

static void
ask(const char *name, const void *value, int length)
{
	const char *values[] = { value };
	int binary = 1;
	PGresult *r = PQexecPrepared(db, name, 1, values, &length, &binary, 1);

	if (PQresultStatus(r) != PGRES_TUPLES_OK || PQntuples(r) != 1 || PQgetlength(r, 0, 0) < 100)
		fail(name);
	PQclear(r);
}

typedef struct cost
{
	double processors;
	double latency;
} cost;

static cost
turn(int coserv, int count, int times)
{
	cost begun = { processors(), seconds(CLOCK_MONOTONIC) };

	for (int i = 0; i < times; i++)
	{
		uint32_t id = htonl((uint32_t) ((long) i * 7919 % count + 1));

		memcpy(query + CLASS_AT, &id, 4);
		if (coserv)
			ask("execute", query, sizeof(query) - 1);
		else
			ask("key", &id, 4);
	}
	return (cost) { (processors() - begun.processors) / times, (seconds(CLOCK_MONOTONIC) - begun.latency) / times };
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *) a, y = *(const double *) b;

	return (x > y) - (x < y);
}

static double
median(double *values)
{
	qsort(values, TURNS, sizeof(double), compare);
	return values[TURNS / 2];
}

int
main(int argc, char **argv)
{
	double by_processors[TURNS], by_latency[TURNS], key[TURNS], execute[TURNS];
	int count, times;

	if (argc != 4 || (count = atoi(argv[2])) < 1 || (times = atoi(argv[3])) < 1)
	{
		fprintf(stderr, "usage: round_trips CONNINFO COUNT TIMES\n");
		return 2;
	}
	db = PQconnectdb(argv[1]);
	if (PQstatus(db) != CONNECTION_OK)
		fail("connect");
	snprintf(schedstat, sizeof(schedstat), "/proc/%d/schedstat", PQbackendPID(db));
	prepare("key", "SELECT answer FROM bench_answer WHERE id = $1");
	prepare("execute", "SELECT rim.execute($1)");
	turn(0, count, count);
	turn(1, count, count);
	for (int i = 0; i < TURNS; i++)
	{
		cost a = turn(0, count, times), b = turn(1, count, times);

		by_processors[i] = a.processors / b.processors;
		by_latency[i] = a.latency / b.latency;
		key[i] = a.processors * 1e6;
		execute[i] = b.processors * 1e6;
	}
	printf("%.4f %.4f %.2f %.2f\n", median(by_processors), median(by_latency), median(key), median(execute));
	PQfinish(db);
	return 0;
}
