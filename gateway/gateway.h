/*
 * gateway.h - coserv-gateway: HTTP in front of a store's SQL functions, and nothing else.
 *
 * One thread and one event loop (libevent) hold every HTTP connection and every database connection: a request that is complete is put
 * into the queue of a pool, an idle database connection takes it, and what the store answers goes back as it is. Connecting alone blocks
 * (names, time-outs of several hosts), so each pool has a thread that does nothing else. What the gateway says by itself is only that
 * it cannot ask (problem.c), and how it is (admin.c).
 */
#ifndef GATEWAY_H
#define GATEWAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <libpq-fe.h>

#include "head.h"
#include "options.h"

#define GW_MAX_BODY 16384 /* a query's body is read up to here and ignored; 413 beyond */

typedef struct gw_connection gw_connection;
typedef struct gw_pool gw_pool;

/* One request. It belongs to its connection, and once that is gone (connection is NULL) to whoever works on it. */
typedef struct gw_request
{
	TAILQ_ENTRY(gw_request) link; /* in a pool's queue */
	gw_connection *connection;
	gw_listener listener;
	const gw_options *options; /* those of its beginning */
	char *method;
	char *target;											/* path and query string as received, in origin form */
	const char *path;										/* what the store sees of it: without the store's own segment */
	const gw_store *store;									/* NULL for what the gateway answers by itself */
	struct evbuffer *headers;								/* JSON object, a name in lower case to a string */
	struct evbuffer *body;									/* of a document that is handed in, or what a view is asked; else NULL */
	char *accept, *traceparent, *forwarded, *id, *identity; /* or NULL */
	char *content_type;										/* or NULL */
	char peer[64];

	/* how it is asked */
	const char *sql;
	const char *statement;												 /* the name that sql is prepared under, or NULL */
	void (*done)(struct gw_request *request, PGresult *result);			 /* sets the answer; the result stays the pool's unless taken */
	void (*refused)(struct gw_request *request, const PGresult *result); /* looks at what the database says against it; or NULL */
	void (*finish)(struct gw_request *request);							 /* looks at the answer before it goes, whatever it is; or NULL */
	bool in_transaction;  /* COMMIT before the answer, ROLLBACK where nobody waits any more */
	struct gw_slot *slot; /* the database connection that runs it */
	bool queued;
	unsigned attempts;
	gw_pool *pool;
	struct event *deadline;

	/* the answer */
	unsigned status;
	struct evbuffer *fields; /* header lines */
	struct evbuffer *content;
	const char *kind;	 /* signed, unsigned, discovery, problem, other */
	char *lag;			 /* of a standby that /readyz asked, in seconds, "" where it is not known; or NULL */
	char *refusal;		 /* what refused() keeps for finish(), or NULL */
	char *answer_digest; /* what coserv.log_answers could not write into a table, or NULL */
	uint64_t bytes;
	bool result_taken;
	int64_t started; /* microseconds, monotonic */
} gw_request;

/* request.c: a request and its answer. */
extern gw_request *gw_request_new(const gw_options *options, gw_listener listener);
extern void gw_request_free(gw_request *request);
/* Takes from the head what is needed later. trusted: the peer may name the client (identity, forwarded). False: no memory. */
extern bool gw_request_take_head(gw_request *request, const gw_head *head, bool trusted);
extern void gw_answer_begin(gw_request *request, unsigned status);
/* False for a field that cannot be sent. */
extern bool gw_answer_field(gw_request *request, const char *name, const char *value);
extern void gw_answer_text(gw_request *request, unsigned status, const char *type, const char *text);
/* Content that lies in a result, which is the request's from then on. False: no memory. */
extern bool gw_answer_content(gw_request *request, PGresult *result, const char *data, size_t len);
/* A store's row (status, headers, body). The default for gw_request.done. */
extern void gw_answer_result(gw_request *request, PGresult *result);
/* A request that the database refused or did not answer in time. */
extern void gw_answer_failure(gw_request *request, const char *sqlstate);

/*
 * problem.c: what the gateway says by itself, never cached: RFC 9290 problem details, or as JSON (RFC 9457) or text for who rather
 * accepts these. retry_after in seconds, 0: none.
 */
extern void gw_answer_problem(gw_request *request, unsigned status, const char *title, const char *detail, unsigned retry_after);

/* pool.c: database connections, and the queue in front of them. */
typedef struct gw_pool_state
{
	unsigned size, connected, busy, waiting;
	uint64_t connects, failures, retries, timeouts;
} gw_pool_state;
typedef struct gw_target
{
	const char *name; /* for logs and metrics */
	const char *db;
	unsigned size;
	unsigned timeout; /* milliseconds */
	gw_listener serves;
	bool read_only;
	const gw_options *options;
} gw_target;
extern gw_pool *gw_pool_new(struct event_base *base, const gw_target *target);
/*
 * on_first(arg, NULL) when the first connection stands and its stores answer, on_first(arg, why) when they do not; once. Until then it
 * opens no other.
 */
extern void gw_pool_when_ready(gw_pool *pool, void (*on_first)(void *arg, const char *why), void *arg);
/* Takes no more requests; those that wait go to successor (NULL: are answered 503). It is gone when the last that runs is done. */
extern void gw_pool_retire(gw_pool *pool, gw_pool *successor);
/* Answers in any case, by gw_connection_answer, perhaps at once. timeout in milliseconds, 0: the pool's. */
extern void gw_pool_ask(gw_pool *pool, gw_request *request, unsigned timeout);
/* The client is gone: what waits is dropped, what runs is finished for nobody. The request is the pool's now. */
extern void gw_pool_forget(gw_request *request);
extern gw_pool_state gw_pool_look(const gw_pool *pool);

/*
 * connect.c: what blocks. Opens a connection for target; NULL: *why says why not (free it), *wrong that waiting will not mend it.
 * Statements are prepared unless *plain; it becomes true where they cannot be.
 */
extern PGconn *gw_connect(const gw_target *target, bool check, bool *plain, char **why, bool *wrong);

/* server.c: listening sockets, HTTP connections. */
extern bool gw_server_listen(struct event_base *base, const gw_options *options);
/* pools: by listener, NULL where nothing listens */
extern void gw_server_use(const gw_options *options, gw_pool *const *pools);
/* No connection is taken any more, idle ones are closed; drained() is called when the last is gone. */
extern void gw_server_drain(void (*drained)(void));
extern void gw_connection_answer(gw_request *request);
typedef struct gw_server_state
{
	const gw_options *options;
	gw_pool *pools[GW_POOLS];
	unsigned connections;
	uint64_t accepted, evicted, timed_out, refused, dropped;
} gw_server_state;
extern const gw_server_state *gw_server_look(void);

/* admin.c: /healthz, /readyz, /metrics. */
extern void gw_admin_answer(gw_request *request);
extern void gw_count_request(const gw_request *request);
extern void gw_count_provisioned(bool success);

/* explore.c: /explore, and what it shows. */
extern void gw_explore_answer(gw_request *request);

/* log.c: lines on standard error. */
extern void gw_log(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
extern void gw_log_access(const gw_request *request, bool completed);
extern int64_t gw_now(void); /* microseconds, monotonic */

/* json.c */
/* Characters between quotes. Bytes that are not UTF-8 are read as ISO-8859-1. */
extern void gw_json_text(struct evbuffer *out, const char *text, size_t len);
/* The next member of a flat object, from *at (behind "{" at first): true while there is one. Values that are no strings are given as they
 * are written, null as NULL; both are to be freed. *bad: it cannot be read. */
extern bool gw_json_member(const char **at, char **name, char **value, bool *bad);

#endif
