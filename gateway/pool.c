/*
 * pool.c - database connections without threads, and the queue in front of them. Only a connection that stands takes a request; one that
 * broke is replaced by the connector, the one thread that blocks, and which alone decides when to try again.
 */
#include "gateway.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define FIRST_PAUSE 50 /* milliseconds between attempts to connect, with jitter */
#define LONGEST_PAUSE 200
#define LONGEST_PAUSE_CONNECTED 5000 /* while other connections work */
#define GRACE 250					 /* milliseconds that the server has to end a statement by itself */
#define SAY_AGAIN 10000000			 /* microseconds between two lines about the same outage */

typedef enum stage
{
	IDLE,
	BEGINNING,
	ASKING,
	ENDING
} stage;

typedef struct gw_slot
{
	gw_pool *pool;
	PGconn *connection; /* NULL: to be had from the connector */
	struct event *readable, *writable;
	gw_request *request;
	stage stage;
	PGresult *result; /* of the stage */
	int64_t opened;
} gw_slot;

/* Shared with the connector's thread, which outlives the pool when it hangs in an attempt. */
typedef struct connector
{
	pthread_mutex_t lock;
	pthread_cond_t changed;
	gw_target target;
	unsigned wanted;	/* connections that are missing */
	unsigned connected; /* what the pool has: it is in less of a hurry then */
	bool stop;
	bool checked;	   /* every store answered once */
	bool plain;		   /* nothing is prepared: a pooler stands between */
	unsigned failures; /* attempts since the last that succeeded */
	PGconn **ready;	   /* opened and not fetched yet; as long as the pool and one */
	unsigned ready_count;
	char *why; /* the last failure, not fetched yet */
	int event; /* eventfd */
} connector;

struct gw_pool
{
	struct event_base *base;
	gw_target target;
	gw_slot *slots;
	TAILQ_HEAD(, gw_request) queue;
	unsigned waiting, busy, connected;
	connector *connector;
	struct event *arrival, *tick;
	PGconn *spare; /* takes the place of a connection that is too old */
	bool spare_wanted;
	bool plain; /* as the connector's */
	bool away;	/* nothing is connected, and the last attempt failed */
	bool retired, ended;
	int64_t said;
	void (*on_first)(void *arg, const char *why);
	void *on_first_arg;
	uint64_t connects, failures, retries, timeouts;
};

static void dispatch(gw_pool *pool);
static void start(gw_slot *slot, gw_request *request);

/* ---- the connector's thread ---- */

static void
add_milliseconds(struct timespec *t, unsigned ms)
{
	clock_gettime(CLOCK_REALTIME, t);
	t->tv_sec += ms / 1000;
	t->tv_nsec += (long) (ms % 1000) * 1000000;
	if (t->tv_nsec >= 1000000000)
	{
		t->tv_sec++;
		t->tv_nsec -= 1000000000;
	}
}

/* Half of the pause to all of it: gateways that lost one database do not all come back at once. */
static void
pause_after_failure(connector *c)
{
	unsigned longest = c->connected > 0 ? LONGEST_PAUSE_CONNECTED : LONGEST_PAUSE;
	unsigned pause = c->failures > 10 ? longest : (unsigned) FIRST_PAUSE << (c->failures - 1);
	unsigned connected = c->connected;
	struct timespec until;

	if (pause > longest)
		pause = longest;
	add_milliseconds(&until, pause / 2 + (unsigned) (random() % (pause / 2 + 1)));
	while (!c->stop && c->connected >= connected && pthread_cond_timedwait(&c->changed, &c->lock, &until) == 0)
		;
}

static void
attempt(connector *c)
{
	bool check = !c->checked;
	bool plain = c->plain;
	bool wrong;
	char *why;
	PGconn *connection;

	pthread_mutex_unlock(&c->lock);
	connection = gw_connect(&c->target, check, &plain, &why, &wrong);
	pthread_mutex_lock(&c->lock);
	c->plain = c->plain || plain;
	if (connection != NULL)
	{
		c->checked = true;
		c->failures = 0;
		if (c->wanted > 0 && c->ready_count <= c->target.size)
		{
			c->wanted--;
			c->ready[c->ready_count++] = connection;
		}
		else
			PQfinish(connection);
	}
	else
	{
		c->failures++;
		free(c->why);
		c->why = why;
	}
	eventfd_write(c->event, 1);
	if (connection == NULL && !c->stop)
		pause_after_failure(c);
}

static void *
connect_for_ever(void *arg)
{
	connector *c = arg;

	pthread_mutex_lock(&c->lock);
	while (!c->stop)
		if (c->wanted == 0)
			pthread_cond_wait(&c->changed, &c->lock);
		else
			attempt(c);
	pthread_mutex_unlock(&c->lock);
	for (unsigned i = 0; i < c->ready_count; i++)
		PQfinish(c->ready[i]);
	close(c->event);
	free(c->why);
	free(c->ready);
	free(c);
	return NULL;
}

static connector *
connector_new(const gw_target *target)
{
	connector *c = calloc(1, sizeof(*c));
	pthread_t thread;

	if (c == NULL || (c->ready = calloc(target->size + 1, sizeof(PGconn *))) == NULL)
		abort();
	c->target = *target;
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->changed, NULL);
	c->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (c->event < 0 || pthread_create(&thread, NULL, connect_for_ever, c) != 0)
	{
		gw_log("could not start a thread: %s", strerror(errno));
		exit(1);
	}
	pthread_detach(thread);
	return c;
}

/* ---- connections ---- */

static void
tell_connector(gw_pool *pool)
{
	connector *c = pool->connector;

	pthread_mutex_lock(&c->lock);
	c->connected = pool->connected;
	c->wanted = pool->retired	 ? 0
		: pool->on_first != NULL ? pool->connected == 0
								 : pool->target.size - pool->connected + (pool->spare_wanted && pool->spare == NULL);
	c->wanted -= c->ready_count < c->wanted ? c->ready_count : c->wanted;
	pthread_cond_signal(&c->changed);
	pthread_mutex_unlock(&c->lock);
}

static void
empty_slot(gw_slot *slot)
{
	if (slot->connection == NULL)
		return;
	event_free(slot->readable);
	event_free(slot->writable);
	PQclear(slot->result);
	PQfinish(slot->connection);
	slot->result = NULL;
	slot->connection = NULL;
	slot->pool->connected--;
}

static void
close_slot(gw_slot *slot)
{
	empty_slot(slot);
	tell_connector(slot->pool);
}

static void on_socket(evutil_socket_t fd, short what, void *arg);

static void
fill_slot(gw_slot *slot, PGconn *connection)
{
	gw_pool *pool = slot->pool;

	slot->connection = connection;
	slot->opened = gw_now();
	slot->stage = IDLE;
	PQsetnonblocking(connection, 1);
	slot->readable = event_new(pool->base, PQsocket(connection), EV_READ | EV_PERSIST, on_socket, slot);
	slot->writable = event_new(pool->base, PQsocket(connection), EV_WRITE, on_socket, slot);
	if (slot->readable == NULL || slot->writable == NULL)
		abort();
	event_add(slot->readable, NULL);
	pool->connected++;
	pool->connects++;
	pool->away = false;
}

/* ---- one request on one connection ---- */

/* The slot is free again, or gone. */
static void
release(gw_slot *slot)
{
	slot->request->slot = NULL;
	slot->request = NULL;
	slot->stage = IDLE;
	slot->pool->busy--;
}

static void
deliver(gw_request *request)
{
	if (request->deadline != NULL)
		event_del(request->deadline);
	request->pool = NULL;
	if (request->finish != NULL)
		request->finish(request);
	if (request->connection != NULL)
		gw_connection_answer(request);
	else
	{
		gw_log_access(request, false);
		gw_request_free(request);
	}
}

static void
enqueue(gw_pool *pool, gw_request *request, bool first)
{
	request->queued = true;
	pool->waiting++;
	if (first)
		TAILQ_INSERT_HEAD(&pool->queue, request, link);
	else
		TAILQ_INSERT_TAIL(&pool->queue, request, link);
}

static gw_request *
dequeue(gw_pool *pool, gw_request *request)
{
	TAILQ_REMOVE(&pool->queue, request, link);
	request->queued = false;
	pool->waiting--;
	return request;
}

/* Once more: it only reads, or its transaction was not committed. What was at its COMMIT nobody knows. */
static void
try_again(gw_pool *pool, gw_request *request, const char *sqlstate, bool again)
{
	if (again && request->attempts < 2 && !pool->retired && request->connection != NULL)
	{
		pool->retries++;
		enqueue(pool, request, true);
		return;
	}
	gw_answer_failure(request, sqlstate);
	deliver(request);
}

static void
answer_away(gw_pool *pool)
{
	while (pool->away && !TAILQ_EMPTY(&pool->queue))
	{
		gw_request *request = dequeue(pool, TAILQ_FIRST(&pool->queue));

		gw_answer_problem(request, 503, "Service unavailable", "The database cannot be reached.", 1);
		deliver(request);
	}
}

static void
on_broken(gw_slot *slot)
{
	gw_request *request = slot->request;
	bool again = slot->stage != ENDING;

	if (request != NULL)
		release(slot);
	close_slot(slot);
	if (request != NULL)
		try_again(slot->pool, request, NULL, again);
}

static bool
send_statement(gw_slot *slot, const char *sql)
{
	return PQsendQueryParams(slot->connection, sql, 0, NULL, NULL, NULL, NULL, 1) == 1;
}

/* A database that is not in UTF-8 may have no character for what a header says; none that the store reads is concerned. */
static void
keep_ascii(PGconn *connection, char *headers)
{
	const char *encoding = PQparameterStatus(connection, "server_encoding");

	if (encoding != NULL && strcmp(encoding, "UTF8") == 0)
		return;
	for (; *headers != '\0'; headers++)
		if ((unsigned char) *headers >= 0x80)
			*headers = '?';
}

/* A view, and its arguments as jsonb is sent. */
static bool
send_view(gw_slot *slot)
{
	gw_request *request = slot->request;
	const int lengths[] = { 0, (int) evbuffer_get_length(request->headers) };
	const char *const values[] = { request->path, (const char *) evbuffer_pullup(request->headers, -1) };
	const int formats[] = { 0, 1 };

	return PQsendQueryParams(slot->connection, request->sql, 2, NULL, values, lengths, formats, 1) == 1;
}

static bool
send_question(gw_slot *slot)
{
	gw_request *request = slot->request;
	char *headers = (char *) evbuffer_pullup(request->headers, -1);
	size_t body_len = request->body != NULL ? evbuffer_get_length(request->body) : 0;
	const char *body = body_len > 0 ? (const char *) evbuffer_pullup(request->body, -1) : "";
	const char *const values[] = { request->method, request->path, headers, body, request->identity };
	const int lengths[] = { 0, 0, 0, (int) body_len, 0 };
	const int formats[] = { 0, 0, 0, 1, 0 };
	int count = request->sql == request->options->metrics_sql ? 0 : request->listener == GW_PROVISION ? 5 : 3;

	if (headers != NULL)
		keep_ascii(slot->connection, headers);
	if (request->statement != NULL && !slot->pool->plain)
		return PQsendQueryPrepared(slot->connection, request->statement, count, values, lengths, formats, 1) == 1;
	return PQsendQueryParams(slot->connection, request->sql, count, NULL, values, lengths, formats, 1) == 1;
}

static bool
send_stage(gw_slot *slot, stage stage)
{
	slot->stage = stage;
	PQclear(slot->result);
	slot->result = NULL;
	if (stage == ASKING)
		return slot->request->listener == GW_EXPLORE ? send_view(slot) : send_question(slot);
	if (stage == BEGINNING)
		return send_statement(slot, "BEGIN");
	return send_statement(slot, slot->request->connection != NULL ? "COMMIT" : "ROLLBACK");
}

static void
flush(gw_slot *slot)
{
	int left = PQflush(slot->connection);

	if (left < 0)
		on_broken(slot);
	else if (left > 0)
		event_add(slot->writable, NULL);
}

static void
start(gw_slot *slot, gw_request *request)
{
	slot->request = request;
	slot->pool->busy++;
	request->slot = slot;
	request->attempts++;
	if (send_stage(slot, request->in_transaction ? BEGINNING : ASKING))
		flush(slot);
	else
		on_broken(slot);
}

/* By SQLSTATE: the connection has gone, or a standby's replay or another transaction was in the way. */
static bool
is_broken(const gw_slot *slot, const char *state)
{
	return PQstatus(slot->connection) != CONNECTION_OK || state == NULL || strncmp(state, "57P", 3) == 0 || strncmp(state, "08", 2) == 0 ||
		(strcmp(state, "0A000") == 0 && slot->request->statement != NULL) || /* the store was upgraded behind what is prepared */
		strcmp(state, "25006") == 0;										 /* a primary has become a standby: the next host may be one */
}

/* What was prepared is not there: a pooler has handed out another session. From now on every statement is sent whole. */
static void
go_plain(gw_slot *slot)
{
	gw_pool *pool = slot->pool;
	gw_request *request = slot->request;

	gw_log("%s: a pooler stands between, nothing is prepared any more", pool->target.name);
	pool->plain = true;
	pthread_mutex_lock(&pool->connector->lock);
	pool->connector->plain = true;
	pthread_mutex_unlock(&pool->connector->lock);
	PQclear(slot->result);
	slot->result = NULL;
	release(slot);
	request->attempts--;
	enqueue(pool, request, true);
}

static void
on_refused(gw_slot *slot)
{
	gw_request *request = slot->request;
	const char *state = PQresultErrorField(slot->result, PG_DIAG_SQLSTATE);
	char sqlstate[6] = "";
	bool again;

	if (state != NULL && strcmp(state, "26000") == 0 && !slot->pool->plain)
	{
		go_plain(slot);
		return;
	}
	gw_log("%s", PQresultErrorMessage(slot->result)[0] != '\0' ? PQresultErrorMessage(slot->result) : PQerrorMessage(slot->connection));
	if (is_broken(slot, state))
	{
		on_broken(slot);
		return;
	}
	memcpy(sqlstate, state, 5);
	if (request->refused != NULL)
		request->refused(request, slot->result);
	again = strcmp(sqlstate, "40001") == 0 || strcmp(sqlstate, "40P01") == 0 || strcmp(sqlstate, "26000") == 0;
	if (PQtransactionStatus(slot->connection) != PQTRANS_IDLE)
	{
		release(slot);
		close_slot(slot); /* which rolls back */
	}
	else
		release(slot);
	try_again(slot->pool, request, sqlstate, again);
}

/* The stage is over. */
static void
on_stage_end(gw_slot *slot)
{
	gw_request *request = slot->request;
	ExecStatusType status = PQresultStatus(slot->result);

	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
	{
		on_refused(slot);
		return;
	}
	if (slot->stage == ASKING)
	{
		request->result_taken = false;
		request->done(request, slot->result);
		if (request->result_taken)
			slot->result = NULL;
	}
	if (request->in_transaction && slot->stage != ENDING)
	{
		if (send_stage(slot, slot->stage == BEGINNING ? ASKING : ENDING))
			flush(slot);
		else
			on_broken(slot);
		return;
	}
	PQclear(slot->result);
	slot->result = NULL;
	release(slot);
	deliver(request);
}

/* What the server said between requests needs no answer; that it hung up does. */
static void
read_idle(gw_slot *slot)
{
	if (!PQconsumeInput(slot->connection) || PQstatus(slot->connection) != CONNECTION_OK)
		close_slot(slot);
	else
		while (!PQisBusy(slot->connection))
		{
			PGresult *result = PQgetResult(slot->connection);

			if (result == NULL)
				break;
			PQclear(result);
		}
}

static void
read_answer(gw_slot *slot)
{
	bool open = PQconsumeInput(slot->connection) == 1;

	while (!PQisBusy(slot->connection))
	{
		PGresult *result = PQgetResult(slot->connection);

		if (result == NULL)
		{
			if (slot->result != NULL)
				on_stage_end(slot);
			else
				on_broken(slot);
			return;
		}
		if (slot->result == NULL)
			slot->result = result;
		else
			PQclear(result);
	}
	if (open)
		return;
	if (slot->result != NULL)
		on_refused(slot); /* it said why */
	else
		on_broken(slot);
}

static void
on_socket(evutil_socket_t fd, short what, void *arg)
{
	gw_slot *slot = arg;
	gw_pool *pool = slot->pool;

	(void) fd;
	if (what & EV_WRITE)
		flush(slot);
	if (what & EV_READ && slot->connection != NULL)
	{
		if (slot->request != NULL)
			read_answer(slot);
		else
			read_idle(slot);
	}
	dispatch(pool);
}

/* ---- the pool ---- */

/* What is older than it should be makes room for the spare one. */
static void
exchange_oldest(gw_pool *pool)
{
	int64_t limit = gw_now() - (int64_t) pool->target.options->connection_age * 1000000;

	for (unsigned i = 0; pool->spare != NULL && i < pool->target.size; i++)
	{
		gw_slot *slot = &pool->slots[i];

		if (slot->request != NULL || (slot->connection != NULL && slot->opened > limit))
			continue;
		pool->spare_wanted = false;
		empty_slot(slot);
		fill_slot(slot, pool->spare);
		pool->spare = NULL;
		tell_connector(pool);
	}
}

static void
end_of_retired(evutil_socket_t fd, short what, void *arg)
{
	gw_pool *pool = arg;
	connector *c = pool->connector;

	(void) fd;
	(void) what;

	event_free(pool->arrival);
	event_free(pool->tick);
	PQfinish(pool->spare);
	for (unsigned i = 0; i < pool->target.size; i++)
		empty_slot(&pool->slots[i]);
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_cond_signal(&c->changed);
	pthread_mutex_unlock(&c->lock);
	free(pool->slots);
	free(pool);
}

static void
dispatch(gw_pool *pool)
{
	exchange_oldest(pool);
	for (unsigned i = 0; i < pool->target.size && !TAILQ_EMPTY(&pool->queue); i++)
		if (pool->slots[i].connection != NULL && pool->slots[i].request == NULL)
			start(&pool->slots[i], dequeue(pool, TAILQ_FIRST(&pool->queue)));
	if (pool->connected == 0)
		answer_away(pool);
	if (pool->retired && pool->busy == 0 && !pool->ended)
	{
		static const struct timeval now = { 0, 0 };

		pool->ended = true; /* whoever called may still look at it */
		event_base_once(pool->base, -1, EV_TIMEOUT, end_of_retired, pool, &now);
	}
}

static void
say_why(gw_pool *pool, const char *why)
{
	pool->failures++;
	if (pool->on_first != NULL)
	{
		void (*on_first)(void *, const char *) = pool->on_first;

		pool->on_first = NULL;
		on_first(pool->on_first_arg, why);
	}
	if (pool->said == 0 || gw_now() - pool->said > SAY_AGAIN)
	{
		pool->said = gw_now();
		gw_log("%s: %s", pool->target.name, why);
	}
	pool->away = pool->connected == 0;
}

static void
place(gw_pool *pool, PGconn *connection)
{
	pool->said = 0;
	for (unsigned i = 0; i < pool->target.size; i++)
		if (pool->slots[i].connection == NULL)
		{
			fill_slot(&pool->slots[i], connection);
			return;
		}
	if (pool->spare == NULL)
		pool->spare = connection;
	else
		PQfinish(connection);
}

static void
on_arrival(evutil_socket_t fd, short what, void *arg)
{
	gw_pool *pool = arg;
	connector *c = pool->connector;
	eventfd_t count;
	char *why;

	(void) what;
	eventfd_read(fd, &count);
	pthread_mutex_lock(&c->lock);
	while (c->ready_count > 0)
		place(pool, c->ready[--c->ready_count]);
	why = c->why;
	c->why = NULL;
	pool->plain = pool->plain || c->plain;
	pthread_mutex_unlock(&c->lock);
	if (pool->connected > 0 && pool->on_first != NULL)
	{
		void (*on_first)(void *, const char *) = pool->on_first;

		pool->on_first = NULL;
		on_first(pool->on_first_arg, NULL);
	}
	if (why != NULL)
		say_why(pool, why);
	free(why);
	tell_connector(pool);
	dispatch(pool);
}

/* Each second: is one too old? One at a time is renewed, and only while the new one stands already. */
static void
on_tick(evutil_socket_t fd, short what, void *arg)
{
	gw_pool *pool = arg;
	int64_t limit = gw_now() - (int64_t) pool->target.options->connection_age * 1000000;
	bool old = false;

	(void) fd;
	(void) what;
	for (unsigned i = 0; i < pool->target.size; i++)
		old = old || (pool->slots[i].connection != NULL && pool->slots[i].opened <= limit);
	if (pool->spare == NULL && pool->connected == pool->target.size && pool->spare_wanted != old)
	{
		pool->spare_wanted = old;
		tell_connector(pool);
	}
	dispatch(pool);
}

gw_pool *
gw_pool_new(struct event_base *base, const gw_target *target)
{
	static const struct timeval second = { 1, 0 };
	gw_pool *pool = calloc(1, sizeof(*pool));

	if (pool == NULL || (pool->slots = calloc(target->size, sizeof(gw_slot))) == NULL)
		abort();
	pool->base = base;
	pool->target = *target;
	TAILQ_INIT(&pool->queue);
	for (unsigned i = 0; i < target->size; i++)
		pool->slots[i].pool = pool;
	pool->connector = connector_new(target);
	pool->arrival = event_new(base, pool->connector->event, EV_READ | EV_PERSIST, on_arrival, pool);
	pool->tick = event_new(base, -1, EV_PERSIST, on_tick, pool);
	if (pool->arrival == NULL || pool->tick == NULL)
		abort();
	event_add(pool->arrival, NULL);
	event_add(pool->tick, &second);
	tell_connector(pool);
	return pool;
}

void
gw_pool_when_ready(gw_pool *pool, void (*on_first)(void *arg, const char *why), void *arg)
{
	pool->on_first = on_first;
	pool->on_first_arg = arg;
	tell_connector(pool);
}

void
gw_pool_retire(gw_pool *pool, gw_pool *successor)
{
	pool->retired = true;
	while (!TAILQ_EMPTY(&pool->queue))
	{
		gw_request *request = dequeue(pool, TAILQ_FIRST(&pool->queue));

		request->pool = successor;
		request->statement = NULL; /* its store may be none of the successor's */
		if (successor != NULL)
			enqueue(successor, request, false);
		else
		{
			gw_answer_failure(request, NULL);
			deliver(request);
		}
	}
	tell_connector(pool);
	dispatch(pool);
	if (successor != NULL)
		dispatch(successor);
}

/* The database hangs, or everything in front of it in the queue took too long. */
static void
on_deadline(evutil_socket_t fd, short what, void *arg)
{
	gw_request *request = arg;
	gw_pool *pool = request->pool;
	gw_slot *slot = request->slot;

	(void) fd;
	(void) what;
	pool->timeouts++;
	if (request->queued)
		dequeue(pool, request);
	else
	{
		release(slot);
		close_slot(slot);
	}
	gw_answer_failure(request, NULL);
	deliver(request);
	dispatch(pool);
}

void
gw_pool_ask(gw_pool *pool, gw_request *request, unsigned timeout)
{
	unsigned ms = (timeout > 0 ? timeout : pool->target.timeout) + (timeout > 0 ? 0 : GRACE);
	struct timeval limit = { (time_t) (ms / 1000), (suseconds_t) (ms % 1000) * 1000 };

	request->pool = pool;
	if (pool->waiting + pool->busy >= pool->target.options->max_requests)
	{
		gw_answer_problem(request, 503, "Too many requests at once", "Try again in a moment.", 1);
		deliver(request);
		return;
	}
	request->deadline = event_new(pool->base, -1, 0, on_deadline, request);
	if (request->deadline == NULL)
		abort();
	event_add(request->deadline, &limit);
	enqueue(pool, request, false);
	dispatch(pool);
}

void
gw_pool_forget(gw_request *request)
{
	request->connection = NULL;
	if (!request->queued)
		return;
	dequeue(request->pool, request);
	gw_log_access(request, false);
	gw_request_free(request);
}

gw_pool_state
gw_pool_look(const gw_pool *pool)
{
	return (gw_pool_state) { pool->target.size, pool->connected, pool->busy, pool->waiting, pool->connects, pool->failures, pool->retries,
		pool->timeouts };
}
