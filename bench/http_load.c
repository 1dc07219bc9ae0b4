/*
 * http_load.c - requests over kept connections for some seconds: http_load PORT CONNECTIONS SECONDS PATH ACCEPT. Prints answers a second and
 * bytes an answer; any answer but 200 ends it.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROOM 65536

typedef struct connection
{
	char in[ROOM];
	size_t len;
} connection;

static char request[70000];
static size_t request_len;

static void
fail(const char *what)
{
	perror(what);
	exit(1);
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static int
dial(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t) port) };
	int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || connect(fd, (struct sockaddr *) &to, sizeof(to)) != 0)
		fail("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

static void
ask(int fd)
{
	if (write(fd, request, request_len) != (ssize_t) request_len)
		fail("write");
}

/* True when a whole answer is there. */
static bool
take(int fd, connection *c)
{
	ssize_t n = read(fd, c->in + c->len, ROOM - 1 - c->len);
	char *end;
	char *length;

	if (n <= 0)
		fail("read");
	c->len += (size_t) n;
	c->in[c->len] = '\0';
	end = strstr(c->in, "\r\n\r\n");
	if (end == NULL)
		return false;
	if (strncmp(c->in, "HTTP/1.1 200 ", 13) != 0 || (length = strstr(c->in, "Content-Length: ")) == NULL)
	{
		fprintf(stderr, "%.*s\n", (int) (end - c->in), c->in);
		exit(1);
	}
	return (size_t) (end + 4 - c->in) + strtoul(length + 16, NULL, 10) <= c->len;
}

/* Microseconds that this process has had of a processor. */
static double
processor(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double) t.tv_sec * 1e6 + (double) t.tv_nsec / 1e3;
}

int
main(int argc, char **argv)
{
	int count = argc == 6 ? atoi(argv[2]) : 0;
	struct pollfd *fds = calloc((size_t) count + 1, sizeof(*fds));
	connection *connections = calloc((size_t) count + 1, sizeof(*connections));
	double begin = now();
	double until = begin + (count > 0 ? atof(argv[3]) : 0);
	unsigned long answers = 0;
	size_t bytes = 0;

	if (count <= 0 || fds == NULL || connections == NULL)
		return 2;
	request_len = (size_t) snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: x\r\nAccept: %s\r\n\r\n", argv[4], argv[5]);
	for (int i = 0; i < count; i++)
	{
		fds[i] = (struct pollfd) { dial(atoi(argv[1])), POLLIN, 0 };
		ask(fds[i].fd);
	}
	while (now() < until && poll(fds, (nfds_t) count, 10000) > 0)
		for (int i = 0; i < count; i++)
			if (fds[i].revents != 0 && take(fds[i].fd, &connections[i]))
			{
				answers++;
				bytes = connections[i].len;
				connections[i].len = 0;
				ask(fds[i].fd);
			}
	printf("%.1f %zu %lu %.0f\n", (double) answers / (now() - begin), bytes, answers, processor());
	return 0;
}
