/*
 * gateway.h - coserv-gateway: HTTP in front of a store's one SQL function, and nothing else.
 *
 * MHD's threads read requests and write answers. A request that is complete is suspended and put into a bounded queue; worker
 * threads, each with its own database connection, take requests from there, call
 * <store>.http(method, path, headers) and resume them. What an answer says comes from the database; what the gateway says by
 * itself is only that it cannot ask (problem.c).
 */
#ifndef GATEWAY_H
#define GATEWAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <microhttpd.h>

#define GW_MAX_TARGET 65536 /* bytes of path and query string, and of all headers of a request together */
#define GW_MAX_HEADERS 100
#define GW_MAX_BODY 16384 /* a body is read up to here and ignored; 413 beyond */

typedef struct gw_options
{
	const char *listen; /* ADDR:PORT */
	const char *db;		/* conninfo or URI; NULL: the PG* environment */
	const char *store;
	const char *pidfile;   /* or NULL */
	unsigned pool;		   /* database connections, and threads that use them */
	unsigned workers;	   /* threads that speak HTTP */
	unsigned max_requests; /* waiting or running; 503 beyond */
	unsigned max_connections;
	unsigned statement_timeout; /* milliseconds */
} gw_options;

typedef enum gw_state
{
	GW_RECEIVING, /* MHD reads it */
	GW_WAITING,	  /* suspended: in the queue, or with a worker */
	GW_ANSWERED	  /* response and status are set */
} gw_state;

/* One request; belongs to the thread that works on it (MHD's, or a worker's while it is suspended). */
typedef struct gw_request
{
	struct gw_request *next; /* in the queue */
	struct MHD_Connection *connection;
	char *target; /* path and query string as received */
	char *method;
	char *headers; /* JSON object, lower-cased names to strings */
	size_t body_seen;
	bool counted; /* the handler has seen it */
	gw_state state;
	struct MHD_Response *response;
	unsigned status;
	uint64_t bytes;	 /* of the answer's body */
	int64_t started; /* microseconds, monotonic */
} gw_request;

/* headers.c: the request's headers as JSON; NULL: *status says 431 or 500. */
extern char *gw_headers_json(struct MHD_Connection *connection, unsigned *status);

/* problem.c: an answer that the gateway gives by itself: RFC 9290 problem details, never cached. retry_after in seconds, 0: none. */
extern void gw_answer_problem(gw_request *request, unsigned status, const char *title, const char *detail, unsigned retry_after);

/* pool.c: the queue and the threads that ask the database. */
extern bool gw_pool_start(const gw_options *options);
/* False when as many requests as --max-requests are waiting or running. The request is suspended already. */
extern bool gw_pool_put(gw_request *request);
/* No more requests are taken; returns when those that were are answered. */
extern void gw_pool_stop(void);

/* database.c: one connection. */
typedef struct gw_database gw_database;
extern gw_database *gw_database_new(const gw_options *options);
extern void gw_database_free(gw_database *database);
/* Calls the store and sets request->response and status, whatever happens. */
extern void gw_database_answer(gw_database *database, gw_request *request);

/* server.c */
extern bool gw_server_start(const gw_options *options);
extern void gw_server_stop(void); /* finishes what is running, and returns when every thread is gone */

/* log.c: lines on standard error. */
extern void gw_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
extern void gw_log_access(const gw_request *request, bool completed);
extern int64_t gw_now(void); /* microseconds, monotonic */

#endif
