/*
 * server.c - the HTTP side: libmicrohttpd's callbacks, the listening socket, the way down.
 */
#include "gateway.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define IDLE_SECONDS 30	 /* a connection without traffic is closed */
#define GRACE_SECONDS 30 /* for clients that read slowly, when stopping */

static struct MHD_Daemon *server;
static int listener = -1;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t idle = PTHREAD_COND_INITIALIZER;
static unsigned active; /* requests that have not been answered completely */
static bool stopping;

static void
count_active(int change)
{
	pthread_mutex_lock(&lock);
	active += (unsigned) change;
	if (active == 0)
		pthread_cond_broadcast(&idle);
	pthread_mutex_unlock(&lock);
}

static bool
is_stopping(void)
{
	bool yes;

	pthread_mutex_lock(&lock);
	yes = stopping;
	pthread_mutex_unlock(&lock);
	return yes;
}

/* Path and query string; of the absolute form (RFC 9112 section 3.2.2) what is behind the authority. */
static const char *
origin_form(const char *uri)
{
	const char *authority;

	if (strncasecmp(uri, "http://", 7) != 0 && strncasecmp(uri, "https://", 8) != 0)
		return uri;
	authority = strstr(uri, "://") + 3;
	uri = authority + strcspn(authority, "/?");
	return *uri == '\0' ? "/" : uri;
}

/* MHD gives the request line as it came here only; what is returned becomes the request's context. */
static void *
begin(void *cls, const char *uri, struct MHD_Connection *connection)
{
	gw_request *request = calloc(1, sizeof(*request));

	(void) cls;
	if (request == NULL)
		return NULL;
	request->connection = connection;
	request->started = gw_now();
	request->target = strdup(origin_form(uri));
	if (request->target == NULL)
	{
		free(request);
		return NULL;
	}
	return request;
}

static void
end(void *cls, struct MHD_Connection *connection, void **context, enum MHD_RequestTerminationCode code)
{
	gw_request *request = *context;

	(void) cls;
	(void) connection;
	if (request == NULL)
		return;
	if (request->counted)
	{
		gw_log_access(request, code == MHD_REQUEST_TERMINATED_COMPLETED_OK);
		count_active(-1);
	}
	if (request->response != NULL)
		MHD_destroy_response(request->response);
	free(request->target);
	free(request->method);
	free(request->headers);
	free(request);
	*context = NULL;
}

static enum MHD_Result
send_answer(gw_request *request)
{
	if (request->response == NULL)
		return MHD_NO; /* no memory: the connection is closed */
	if (is_stopping())
		MHD_add_response_header(request->response, MHD_HTTP_HEADER_CONNECTION, "close");
	return MHD_queue_response(request->connection, request->status, request->response);
}

static enum MHD_Result
refuse(gw_request *request, unsigned status, const char *title, const char *detail)
{
	gw_answer_problem(request, status, title, detail, 0);
	return send_answer(request);
}

/* A URI is ASCII (RFC 3986), and a text parameter of the database must be its encoding. */
static bool
is_uri(const char *target)
{
	for (; *target != '\0'; target++)
		if ((unsigned char) *target <= 0x20 || (unsigned char) *target >= 0x7f)
			return false;
	return true;
}

/* The headers are there: refuse what can be refused before a body is read. MHD_YES without an answer: read on. */
static enum MHD_Result
headers_arrived(gw_request *request, const char *method)
{
	const char *length = MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
	unsigned status;

	request->counted = true;
	count_active(1);
	request->method = strdup(method);
	request->headers = gw_headers_json(request->connection, &status);
	if (request->method == NULL || request->headers == NULL)
		return refuse(request, request->method == NULL ? MHD_HTTP_INTERNAL_SERVER_ERROR : status, "Request refused",
			"The request has too many headers.");
	if (!is_uri(request->target))
		return refuse(request, MHD_HTTP_BAD_REQUEST, "Invalid request", "The path has characters that no URI has.");
	if (length != NULL && strtoull(length, NULL, 10) > GW_MAX_BODY)
		return refuse(request, MHD_HTTP_CONTENT_TOO_LARGE, "Content too large", "Requests need no body.");
	return MHD_YES;
}

/* A chunk of a body, which nobody reads. A body without a length that goes on for ever ends with its connection. */
static enum MHD_Result
body_arrived(gw_request *request, size_t *size)
{
	request->body_seen += *size;
	*size = 0;
	return request->body_seen > 64 * GW_MAX_BODY ? MHD_NO : MHD_YES;
}

/* It is suspended before it is in the queue: a worker may be done with it at once. */
static enum MHD_Result
ask_database(gw_request *request)
{
	if (request->body_seen > GW_MAX_BODY)
		return refuse(request, MHD_HTTP_CONTENT_TOO_LARGE, "Content too large", "Requests need no body.");
	request->state = GW_WAITING;
	MHD_suspend_connection(request->connection);
	if (!gw_pool_put(request))
	{
		gw_answer_problem(request, MHD_HTTP_SERVICE_UNAVAILABLE, "Too many requests at once", "Try again in a moment.", 1);
		MHD_resume_connection(request->connection);
	}
	return MHD_YES;
}

static enum MHD_Result
handle(void *cls, struct MHD_Connection *connection, const char *url, const char *method, const char *version, const char *upload,
	size_t *upload_size, void **context)
{
	gw_request *request = *context;

	(void) cls;
	(void) connection;
	(void) url;
	(void) version;
	(void) upload;
	if (request == NULL)
		return MHD_NO;
	if (!request->counted)
		return headers_arrived(request, method);
	if (request->state == GW_ANSWERED)
		return send_answer(request);
	if (*upload_size > 0)
		return body_arrived(request, upload_size);
	return ask_database(request);
}

/* Leaves escapes as they are: the store reads the path. */
static size_t
keep_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
	(void) cls;
	(void) connection;
	return strlen(text);
}

static void
mhd_log(void *cls, const char *fmt, va_list args)
{
	char line[512];

	(void) cls;
	vsnprintf(line, sizeof(line), fmt, args);
	gw_log("%s", line);
}

static int
bind_first(const struct addrinfo *addresses)
{
	int fd = -1;

	for (; addresses != NULL; addresses = addresses->ai_next)
	{
		int on = 1;

		fd = socket(addresses->ai_family, addresses->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, addresses->ai_protocol);
		if (fd < 0)
			continue;
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (bind(fd, addresses->ai_addr, addresses->ai_addrlen) == 0 && listen(fd, 511) == 0)
			return fd;
		close(fd);
	}
	return -1;
}

/* ADDR:PORT, [ADDR]:PORT for IPv6, :PORT for all addresses */
static bool
open_listener(const char *where)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo *addresses;
	const char *colon = strrchr(where, ':');
	char host[256];
	size_t len = colon == NULL ? 0 : (size_t) (colon - where);
	int error;

	if (colon == NULL || len >= sizeof(host))
	{
		gw_log("--listen takes ADDR:PORT, not \"%s\"", where);
		return false;
	}
	if (len >= 2 && where[0] == '[' && where[len - 1] == ']')
	{
		where++;
		len -= 2;
	}
	memcpy(host, where, len);
	host[len] = '\0';
	error = getaddrinfo(len > 0 ? host : NULL, colon + 1, &hints, &addresses);
	if (error != 0)
	{
		gw_log("could not resolve \"%s\": %s", host, gai_strerror(error));
		return false;
	}
	listener = bind_first(addresses);
	if (listener < 0)
		gw_log("could not listen on \"%s\" port %s: %s", host, colon + 1, strerror(errno));
	freeaddrinfo(addresses);
	return listener >= 0;
}

/* With port 0 the system chose one: whoever started the gateway reads it here. */
static void
announce(void)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	char host[NI_MAXHOST] = "?";
	char port[NI_MAXSERV] = "?";

	if (getsockname(listener, (struct sockaddr *) &address, &len) == 0)
		getnameinfo((struct sockaddr *) &address, len, host, sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	printf(strchr(host, ':') != NULL ? "listening on [%s]:%s\n" : "listening on %s:%s\n", host, port);
	fflush(stdout);
}

bool
gw_server_start(const gw_options *options)
{
	unsigned flags = MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	/* A pool of one thread is none, and MHD would warn. */
	struct MHD_OptionItem threads[] = {
		{ options->workers > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, options->workers, NULL },
		{ MHD_OPTION_END, 0, NULL },
	};

	if (!open_listener(options->listen))
		return false;
	server = MHD_start_daemon(flags, 0, NULL, NULL, handle, NULL, MHD_OPTION_EXTERNAL_LOGGER, mhd_log, NULL, MHD_OPTION_LISTEN_SOCKET,
		listener, MHD_OPTION_URI_LOG_CALLBACK, begin, NULL, MHD_OPTION_NOTIFY_COMPLETED, end, NULL, MHD_OPTION_UNESCAPE_CALLBACK,
		keep_escapes, NULL, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned) IDLE_SECONDS, MHD_OPTION_CONNECTION_LIMIT, options->max_connections,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) (GW_MAX_TARGET + 8192), MHD_OPTION_ARRAY, threads, MHD_OPTION_END);
	if (server == NULL)
	{
		gw_log("could not start the HTTP server");
		close(listener);
		return false;
	}
	announce();
	return true;
}

static void
wait_until_idle(void)
{
	struct timespec deadline;

	clock_gettime(CLOCK_REALTIME, &deadline);
	deadline.tv_sec += GRACE_SECONDS;
	pthread_mutex_lock(&lock);
	while (active > 0 && pthread_cond_timedwait(&idle, &lock, &deadline) == 0)
		;
	pthread_mutex_unlock(&lock);
}

void
gw_server_stop(void)
{
	int fd = MHD_quiesce_daemon(server);

	pthread_mutex_lock(&lock);
	stopping = true;
	pthread_mutex_unlock(&lock);
	if (fd != MHD_INVALID_SOCKET)
		close(fd);
	wait_until_idle();
	gw_pool_stop(); /* MHD must have no suspended connection when it stops */
	MHD_stop_daemon(server);
}
