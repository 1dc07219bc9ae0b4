/*
 * server.c - listening sockets and HTTP connections: a request is read, asked of its pool, and its answer written, one at a time on a
 * connection. Whoever sends or reads too slowly is cut off; when all connections are taken, the one that has been sending its request for
 * the longest makes room.
 */
#include "gateway.h"

#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define LINGER_SECONDS 2		/* what a client still sends after a refusal is read that long, so that it sees the answer */
#define WRITE_SECONDS 30		/* without progress */
#define SLOWEST_READER 8192		/* bytes a second of a whole answer */
#define MAX_BODIES (256u << 20) /* bytes of documents that are arriving, of all connections together */
#define MAX_CHUNK_LINE 1024

typedef enum state
{
	READING_HEAD,
	READING_BODY,
	READING_CHUNK_LINE,
	READING_CHUNK,
	READING_CHUNK_END,
	READING_TRAILER,
	WAITING, /* for the database */
	WRITING,
	LINGERING
} state;

struct gw_connection
{
	TAILQ_ENTRY(gw_connection) link; /* in receiving while it reads, else in others */
	bool receiving;
	struct bufferevent *buffer;
	struct event *timer;
	gw_listener listener;
	struct sockaddr_storage address;
	char peer[64];
	state state;
	size_t scanned;		/* of the head */
	uint64_t body_left; /* of the body or the chunk */
	uint64_t body_seen, body_limit;
	bool keep_alive, head_only, linger;
	gw_request *request;
};

TAILQ_HEAD(connections, gw_connection);

static struct event_base *base;
static struct connections receiving = TAILQ_HEAD_INITIALIZER(receiving); /* the longest first */
static struct connections others = TAILQ_HEAD_INITIALIZER(others);
static gw_server_state server;
static uint64_t bodies; /* bytes of documents in memory */
static struct evconnlistener **listeners;
static size_t listener_count;
static void (*when_drained)(void);

static void process(gw_connection *connection);

const gw_server_state *
gw_server_look(void)
{
	return &server;
}

/* ---- the life of a connection ---- */

static void
put_on_list(gw_connection *connection, bool is_receiving)
{
	if (connection->receiving)
		TAILQ_REMOVE(&receiving, connection, link);
	else
		TAILQ_REMOVE(&others, connection, link);
	connection->receiving = is_receiving;
	if (is_receiving)
		TAILQ_INSERT_TAIL(&receiving, connection, link);
	else
		TAILQ_INSERT_TAIL(&others, connection, link);
}

static void
set_timer(gw_connection *connection, unsigned seconds)
{
	struct timeval limit = { (time_t) seconds, 0 };

	event_add(connection->timer, &limit);
}

static void
forget_body(gw_request *request)
{
	if (request->body != NULL)
		bodies -= evbuffer_get_length(request->body);
}

static void
close_connection(gw_connection *connection)
{
	gw_request *request = connection->request;

	if (request != NULL)
		forget_body(request);
	if (request != NULL && connection->state == WAITING)
	{
		server.dropped += request->queued;
		gw_pool_forget(request);
	}
	else if (request != NULL)
	{
		if (request->status != 0)
			gw_log_access(request, false);
		gw_request_free(request);
	}
	if (connection->receiving)
		TAILQ_REMOVE(&receiving, connection, link);
	else
		TAILQ_REMOVE(&others, connection, link);
	event_free(connection->timer);
	bufferevent_free(connection->buffer);
	free(connection);
	if (--server.connections == 0 && when_drained != NULL)
		when_drained();
}

/* ---- writing ---- */

static const char *
reason(unsigned status)
{
	static const struct
	{
		unsigned status;
		const char *text;
	} reasons[] = { { 200, "OK" }, { 204, "No Content" }, { 304, "Not Modified" }, { 400, "Bad Request" }, { 401, "Unauthorized" },
		{ 403, "Forbidden" }, { 404, "Not Found" }, { 405, "Method Not Allowed" }, { 406, "Not Acceptable" }, { 408, "Request Timeout" },
		{ 413, "Content Too Large" }, { 414, "URI Too Long" }, { 415, "Unsupported Media Type" }, { 417, "Expectation Failed" },
		{ 431, "Request Header Fields Too Large" }, { 500, "Internal Server Error" }, { 501, "Not Implemented" },
		{ 503, "Service Unavailable" }, { 505, "HTTP Version Not Supported" } };

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].text;
	return "";
}

static void
put_date(struct evbuffer *out)
{
	static time_t last;
	static char text[64];
	time_t now = time(NULL);

	if (now != last)
	{
		struct tm parts;

		last = now;
		gmtime_r(&now, &parts);
		strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &parts);
	}
	evbuffer_add_printf(out, "Date: %s\r\n", text);
}

/* RFC 9110 sections 8.6 and 6.4.1: 204 and 304 have neither content nor a length here. */
void
gw_connection_answer(gw_request *request)
{
	gw_connection *connection = request->connection;
	struct evbuffer *out = bufferevent_get_output(connection->buffer);
	bool has_content = request->status != 204 && request->status != 304;

	if (when_drained != NULL)
		connection->keep_alive = false;
	forget_body(request);
	if (request->body != NULL)
		evbuffer_free(request->body);
	request->body = NULL;
	connection->state = WRITING;
	request->bytes = has_content ? evbuffer_get_length(request->content) : 0;
	put_on_list(connection, false);
	set_timer(connection, WRITE_SECONDS + (unsigned) (request->bytes / SLOWEST_READER));
	evbuffer_add_printf(out, "HTTP/1.1 %u %s\r\n", request->status, reason(request->status));
	put_date(out);
	evbuffer_add_buffer(out, request->fields);
	if (has_content)
		evbuffer_add_printf(out, "Content-Length: %llu\r\n", (unsigned long long) request->bytes);
	if (request->id != NULL)
		evbuffer_add_printf(out, "X-Request-Id: %s\r\n", request->id);
	evbuffer_add_printf(out, connection->keep_alive ? "\r\n" : "Connection: close\r\n\r\n");
	if (has_content && !connection->head_only)
		evbuffer_add_buffer(out, request->content);
}

/* By the gateway itself, about a request that it could not read to its end: nothing behind it can be read. */
static void
refuse(gw_connection *connection, unsigned status, const char *title, const char *detail)
{
	connection->keep_alive = false;
	connection->linger = true;
	server.refused++;
	gw_answer_problem(connection->request, status, title, detail, status == 503 ? 1 : 0);
	if (status == 401)
		evbuffer_add_printf(connection->request->fields, "WWW-Authenticate: Basic realm=\"coserv\"\r\n");
	gw_connection_answer(connection->request);
}

static void
begin_next(gw_connection *connection)
{
	connection->state = READING_HEAD;
	connection->scanned = 0;
	put_on_list(connection, true);
	set_timer(connection, server.options->idle_timeout);
	process(connection);
}

/* Everything is on its way. */
static void
on_written(struct bufferevent *buffer, void *arg)
{
	gw_connection *connection = arg;

	if (connection->state != WRITING)
		return; /* 100 Continue */
	gw_log_access(connection->request, true);
	gw_count_request(connection->request);
	gw_request_free(connection->request);
	connection->request = NULL;
	if (connection->keep_alive)
		begin_next(connection);
	else if (connection->linger)
	{
		connection->state = LINGERING;
		shutdown(bufferevent_getfd(buffer), SHUT_WR);
		set_timer(connection, LINGER_SECONDS);
		process(connection);
	}
	else
		close_connection(connection);
}

/* ---- reading ---- */

static bool
is_trusted(const gw_connection *connection)
{
	const gw_list *trusted = &server.options->trusted_proxy;

	for (size_t i = 0; i < trusted->count; i++)
		if (strcmp(trusted->items[i], connection->peer) == 0)
			return true;
	return false;
}

static void
ask(gw_connection *connection)
{
	gw_request *request = connection->request;

	connection->state = WAITING;
	put_on_list(connection, false);
	event_del(connection->timer);
	if (connection->listener == GW_ADMIN)
		gw_admin_answer(request);
	else if (connection->listener == GW_EXPLORE)
		gw_explore_answer(request);
	else if (connection->listener == GW_QUERY)
	{
		request->sql = request->store->http_sql;
		request->statement = request->store->statement;
		gw_pool_ask(server.pools[GW_QUERY], request, 0);
	}
	else
	{
		request->sql = request->store->provision_sql;
		request->in_transaction = true;
		gw_pool_ask(server.pools[GW_PROVISION], request, 0);
	}
}

/* The longest body of a listener, and whether it is kept. */
static uint64_t
body_limit(gw_listener listener, bool *kept)
{
	*kept = listener == GW_PROVISION || listener == GW_EXPLORE;
	if (listener == GW_PROVISION)
		return server.options->max_document_size;
	return listener == GW_EXPLORE ? server.options->max_evidence_size : GW_MAX_BODY;
}

/* Some of a body: kept where it is asked for, else read and ignored. */
static void
take_body(gw_connection *connection, struct evbuffer *in)
{
	size_t len = evbuffer_get_length(in);
	struct evbuffer *kept = connection->request->body;

	if (len > connection->body_left)
		len = (size_t) connection->body_left;
	connection->body_left -= len;
	connection->body_seen += len;
	if (kept == NULL)
		evbuffer_drain(in, len);
	else
		bodies += (uint64_t) evbuffer_remove_buffer(in, kept, len);
}

/* False: the answer says that it is too much. */
static bool
may_take(gw_connection *connection, uint64_t more)
{
	if (more > connection->body_limit - connection->body_seen)
		refuse(connection, 413, "Content too large",
			connection->listener == GW_PROVISION	 ? "The document is longer than documents may be."
				: connection->listener == GW_EXPLORE ? "The Evidence is longer than max-evidence-size."
													 : "Requests need no body.");
	else if (connection->request->body != NULL && bodies + more > MAX_BODIES)
		refuse(connection, 503, "Too many documents at once", "Try again in a moment.");
	else
		return true;
	return false;
}

static void
prepare_body(gw_connection *connection, const gw_head *head)
{
	gw_request *request = connection->request;
	bool kept;

	connection->body_seen = 0;
	connection->body_left = head->length;
	connection->body_limit = body_limit(connection->listener, &kept);
	connection->state = head->chunked ? READING_CHUNK_LINE : READING_BODY;
	if (kept && (request->body = evbuffer_new()) == NULL)
		abort();
	if (!head->chunked && !may_take(connection, head->length))
		return;
	if (head->expects_continue && (head->chunked || head->length > 0) &&
		evbuffer_get_length(bufferevent_get_input(connection->buffer)) == 0)
		evbuffer_add_printf(bufferevent_get_output(connection->buffer), "HTTP/1.1 100 Continue\r\n\r\n");
}

/* What is open to everybody there: discovery. */
static bool
lacks_identity(const gw_request *request)
{
	return request->listener == GW_PROVISION && (request->identity == NULL || request->identity[0] == '\0') &&
		strcmp(request->method, "GET") != 0;
}

static gw_request *
new_request(gw_connection *connection)
{
	gw_request *request = gw_request_new(server.options, connection->listener);

	if (request == NULL)
		abort();
	connection->request = request;
	request->connection = connection;
	memcpy(request->peer, connection->peer, sizeof(request->peer));
	return request;
}

static void
take_head(gw_connection *connection, struct evbuffer *in, const char *data, size_t len)
{
	gw_request *request = new_request(connection);
	gw_head head;
	const char *why;
	int status = gw_head_read(data, len, &head, &why);

	connection->keep_alive = head.keep_alive;
	connection->head_only = gw_equals(head.method, "HEAD");
	connection->linger = false;
	if (status == 0 && !gw_request_take_head(request, &head, is_trusted(connection)))
		abort();
	evbuffer_drain(in, len);
	if (status != 0)
		refuse(connection, (unsigned) status, "Invalid request", why);
	else if (lacks_identity(request))
		refuse(connection, 401, "Unauthorized", "Nobody vouches for who sends this.");
	else
		prepare_body(connection, &head);
}

/* True: there is more to do with what has arrived. */
static bool
read_head(gw_connection *connection, struct evbuffer *in)
{
	size_t len = evbuffer_get_length(in);
	char *data;
	long end;

	if (connection->scanned == 0)
	{
		/* RFC 9112 section 2.2: an empty line before the request */
		while (len >= 2 && memcmp(evbuffer_pullup(in, 2), "\r\n", 2) == 0)
		{
			evbuffer_drain(in, 2);
			len -= 2;
		}
		if (len == 0)
			return false;
		set_timer(connection, server.options->header_timeout);
	}
	data = (char *) evbuffer_pullup(in, (ssize_t) len);
	end = gw_head_end(data, len, &connection->scanned);
	if (end > 0)
		take_head(connection, in, data, (size_t) end);
	else if (end < 0 || len >= GW_MAX_HEAD)
	{
		bool no_line = memchr(data, '\n', len) == NULL;

		new_request(connection);
		if (end < 0)
			refuse(connection, 400, "Invalid request", "This is not HTTP/1.1: a line does not end with CR LF, or has a control character.");
		else
			refuse(connection, no_line ? 414 : 431, "Invalid request", "The request line and the headers are too long.");
	}
	return end > 0;
}

/* A line of a chunked body without its CR LF, to be freed; NULL: it is not there yet, or was refused. */
static char *
take_line(gw_connection *connection, struct evbuffer *in, size_t *len)
{
	char *line = evbuffer_readln(in, len, EVBUFFER_EOL_CRLF_STRICT);

	if (line == NULL && evbuffer_get_length(in) > MAX_CHUNK_LINE)
		refuse(connection, 400, "Invalid request", "A chunk does not begin with its size.");
	return line;
}

static bool
read_chunk_line(gw_connection *connection, struct evbuffer *in)
{
	size_t len;
	char *line = take_line(connection, in, &len);
	int64_t size;

	if (line == NULL)
		return false;
	size = gw_chunk_size(line, len);
	free(line);
	if (size < 0)
		refuse(connection, 400, "Invalid request", "A chunk does not begin with its size.");
	else if (size == 0)
		connection->state = READING_TRAILER;
	else if (may_take(connection, (uint64_t) size))
	{
		connection->body_left = (uint64_t) size;
		connection->state = READING_CHUNK;
	}
	return true;
}

static bool
read_chunk_end(gw_connection *connection, struct evbuffer *in)
{
	char end[2];

	if (evbuffer_get_length(in) < 2)
		return false;
	evbuffer_remove(in, end, 2);
	if (memcmp(end, "\r\n", 2) == 0)
		connection->state = READING_CHUNK_LINE;
	else
		refuse(connection, 400, "Invalid request", "A chunk does not end where it said.");
	return true;
}

/* Trailers are read and ignored. */
static bool
read_trailer(gw_connection *connection, struct evbuffer *in)
{
	size_t len;
	char *line = take_line(connection, in, &len);

	if (line == NULL)
		return false;
	free(line);
	connection->body_seen += len;
	if (len == 0)
		ask(connection);
	else if (connection->body_seen > connection->body_limit + GW_MAX_HEAD)
		refuse(connection, 431, "Invalid request", "The trailers are too long.");
	return true;
}

static bool
read_body(gw_connection *connection, struct evbuffer *in, bool is_chunk)
{
	take_body(connection, in);
	if (connection->body_left > 0)
		return false;
	if (is_chunk)
		connection->state = READING_CHUNK_END;
	else
		ask(connection);
	return true;
}

static bool
step(gw_connection *connection, struct evbuffer *in)
{
	switch (connection->state)
	{
		case READING_HEAD:
			return read_head(connection, in);
		case READING_BODY:
		case READING_CHUNK:
			return read_body(connection, in, connection->state == READING_CHUNK);
		case READING_CHUNK_LINE:
			return read_chunk_line(connection, in);
		case READING_CHUNK_END:
			return read_chunk_end(connection, in);
		case READING_TRAILER:
			return read_trailer(connection, in);
		case LINGERING:
			evbuffer_drain(in, evbuffer_get_length(in));
			return false;
		case WAITING:
		case WRITING:
			break;
	}
	return false;
}

static void
process(gw_connection *connection)
{
	struct evbuffer *in = bufferevent_get_input(connection->buffer);

	while (step(connection, in))
		;
}

static void
on_readable(struct bufferevent *buffer, void *arg)
{
	(void) buffer;
	process(arg);
}

static void
on_end(struct bufferevent *buffer, short what, void *arg)
{
	gw_connection *connection = arg;

	(void) buffer;
	if ((what & BEV_EVENT_EOF) && connection->state == WRITING)
		connection->keep_alive = connection->linger = false; /* it may still read */
	else
		close_connection(connection);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	gw_connection *connection = arg;
	bool began = connection->state != READING_HEAD || evbuffer_get_length(bufferevent_get_input(connection->buffer)) > 0;

	(void) fd;
	(void) what;
	if (!connection->receiving || !began)
	{
		close_connection(connection);
		return;
	}
	server.timed_out++;
	if (connection->request == NULL)
		new_request(connection);
	refuse(connection, 408, "Request timeout", "The request did not arrive in time.");
}

/* ---- accepting ---- */

static bool
same_address(const gw_connection *a, const gw_connection *b)
{
	return strcmp(a->peer, b->peer) == 0;
}

/* Makes room for one more by closing the one that has been sending the longest; like: of the same address. */
static bool
evict(const gw_connection *like)
{
	gw_connection *c;

	TAILQ_FOREACH(c, &receiving, link)
	if (c != like && (like == NULL || same_address(c, like)))
	{
		server.evicted++;
		close_connection(c);
		return true;
	}
	return false;
}

static unsigned
count_of_address(const gw_connection *like)
{
	unsigned n = 0;
	gw_connection *c;

	if (strcmp(like->peer, "unix") == 0)
		return 0;
	TAILQ_FOREACH(c, &receiving, link)
	n += same_address(c, like);
	TAILQ_FOREACH(c, &others, link)
	n += same_address(c, like);
	return n;
}

static void
name_peer(gw_connection *connection, const struct sockaddr *address, int len)
{
	if (address->sa_family == AF_UNIX ||
		getnameinfo(address, (socklen_t) len, connection->peer, sizeof(connection->peer), NULL, 0, NI_NUMERICHOST) != 0)
		strcpy(connection->peer, "unix");
	if (strncmp(connection->peer, "::ffff:", 7) == 0) /* IPv4 on a socket of both */
		memmove(connection->peer, connection->peer + 7, strlen(connection->peer + 7) + 1);
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int len, void *arg)
{
	gw_connection *connection = calloc(1, sizeof(*connection));
	int on = 1;

	(void) listener;
	if (connection == NULL || (server.connections >= server.options->max_connections && !evict(NULL)))
	{
		free(connection);
		server.refused++;
		close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	connection->listener = (gw_listener) (intptr_t) arg;
	name_peer(connection, address, len);
	connection->buffer = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
	connection->timer = event_new(base, -1, 0, on_timer, connection);
	if (connection->buffer == NULL || connection->timer == NULL)
		abort();
	server.connections++;
	server.accepted++;
	connection->receiving = true;
	TAILQ_INSERT_TAIL(&receiving, connection, link);
	bufferevent_setcb(connection->buffer, on_readable, on_written, on_end, connection);
	bufferevent_setwatermark(connection->buffer, EV_READ, 0, GW_MAX_HEAD + 1);
	bufferevent_enable(connection->buffer, EV_READ | EV_WRITE);
	set_timer(connection, server.options->header_timeout);
	if (count_of_address(connection) > server.options->max_connections_per_address && !evict(connection))
		close_connection(connection);
}

/* Not at once, which would spin. */
static void
accept_again(evutil_socket_t fd, short what, void *arg)
{
	(void) fd;
	(void) what;
	if (when_drained == NULL)
		evconnlistener_enable(arg);
}

/* No descriptors are left, say: whoever has been sending the longest makes room, several at once for those who wait to be accepted. */
static void
on_accept_error(struct evconnlistener *listener, void *arg)
{
	static const struct timeval moment = { 0, 10000 };
	static int64_t said;

	(void) arg;
	if (said == 0 || gw_now() - said > 1000000)
	{
		said = gw_now();
		gw_log("could not accept a connection: %s", strerror(errno));
	}
	for (int i = 0; i < 16 && evict(NULL); i++)
		;
	evconnlistener_disable(listener);
	event_base_once(base, -1, EV_TIMEOUT, accept_again, listener, &moment);
}

/* ---- listening ---- */

static int
bind_first(const struct addrinfo *addresses)
{
	for (; addresses != NULL; addresses = addresses->ai_next)
	{
		int on = 1;
		int fd = socket(addresses->ai_family, addresses->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, addresses->ai_protocol);

		if (fd < 0)
			continue;
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (bind(fd, addresses->ai_addr, addresses->ai_addrlen) == 0 && listen(fd, SOMAXCONN) == 0)
			return fd;
		close(fd);
	}
	return -1;
}

/* ADDR:PORT, [ADDR]:PORT for IPv6, :PORT for all addresses */
static int
open_tcp(const char *where)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *addresses;
	const char *colon = strrchr(where, ':');
	char host[256];
	size_t len = colon == NULL ? 0 : (size_t) (colon - where);
	int error;
	int fd;

	if (colon == NULL || len >= sizeof(host))
	{
		gw_log("an address to listen on is ADDR:PORT or unix:PATH, not \"%s\"", where);
		return -1;
	}
	snprintf(host, sizeof(host), "%.*s", (int) len, where);
	if (len >= 2 && host[0] == '[' && host[len - 1] == ']')
	{
		host[len - 1] = '\0';
		memmove(host, host + 1, len - 1);
	}
	error = getaddrinfo(host[0] != '\0' ? host : NULL, colon + 1, &hints, &addresses);
	if (error != 0)
	{
		gw_log("could not resolve \"%s\": %s", where, gai_strerror(error));
		return -1;
	}
	fd = bind_first(addresses);
	if (fd < 0)
		gw_log("could not listen on \"%s\": %s", where, strerror(errno));
	freeaddrinfo(addresses);
	return fd;
}

/* Whoever may reach the directory may connect. A socket that an earlier run left is taken away, nothing else. */
static int
open_unix(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct stat found;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		errno = ENAMETOOLONG;
	else
	{
		strcpy(address.sun_path, path);
		if (lstat(path, &found) == 0 && S_ISSOCK(found.st_mode))
			unlink(path);
		if (fd >= 0 && bind(fd, (struct sockaddr *) &address, sizeof(address)) == 0 && chmod(path, 0666) == 0 && listen(fd, SOMAXCONN) == 0)
			return fd;
	}
	gw_log("could not listen on \"%s\": %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* With port 0 the system chose one: whoever started the gateway reads it here. */
static void
announce(int fd, const char *where, gw_listener what)
{
	static const char *const words[] = { "listening", "provisioning", "exploring", "admin" };
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	char host[NI_MAXHOST] = "?";
	char port[NI_MAXSERV] = "?";

	if (strncmp(where, "unix:", 5) == 0)
		printf("%s on %s\n", words[what], where);
	else if (getsockname(fd, (struct sockaddr *) &address, &len) == 0 &&
		getnameinfo((struct sockaddr *) &address, len, host, sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) == 0)
		printf(strchr(host, ':') != NULL ? "%s on [%s]:%s\n" : "%s on %s:%s\n", words[what], host, port);
	fflush(stdout);
}

static bool
listen_on(const char *where, gw_listener what)
{
	int fd = strncmp(where, "unix:", 5) == 0 ? open_unix(where + 5) : open_tcp(where);
	struct evconnlistener *listener;

	if (fd < 0)
		return false;
	listener = evconnlistener_new(base, on_accept, (void *) (intptr_t) what, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, -1, fd);
	listeners = realloc(listeners, (listener_count + 1) * sizeof(*listeners));
	if (listener == NULL || listeners == NULL)
		abort();
	evconnlistener_set_error_cb(listener, on_accept_error);
	listeners[listener_count++] = listener;
	announce(fd, where, what);
	return true;
}

bool
gw_server_listen(struct event_base *event_base, const gw_options *options)
{
	static const gw_listener order[] = { GW_ADMIN, GW_EXPLORE, GW_PROVISION, GW_QUERY };

	base = event_base;
	for (size_t k = 0; k < GW_LISTENERS; k++)
		for (size_t i = 0; i < options->listen[order[k]].count; i++)
			if (!listen_on(options->listen[order[k]].items[i], order[k]))
				return false;
	return true;
}

void
gw_server_use(const gw_options *options, gw_pool *const *pools)
{
	server.options = options;
	memcpy(server.pools, pools, sizeof(server.pools));
}

void
gw_server_drain(void (*drained)(void))
{
	gw_connection *connection;
	gw_connection *next;

	when_drained = drained;
	for (size_t i = 0; i < listener_count; i++)
		evconnlistener_free(listeners[i]);
	listener_count = 0;
	server.connections++; /* so that the last of these does not end it here */
	for (connection = TAILQ_FIRST(&receiving); connection != NULL; connection = next)
	{
		next = TAILQ_NEXT(connection, link);
		if (connection->state == READING_HEAD)
			close_connection(connection);
	}
	if (--server.connections == 0)
		drained();
}
