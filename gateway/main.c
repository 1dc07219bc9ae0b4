/*
 * main.c - options, signals, pid file.
 */
#include "gateway.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] = "coserv-gateway serves a coserv store over HTTP.\n"
							"\n"
							"Usage:\n"
							"  coserv-gateway --store NAME [OPTION]...\n"
							"\n"
							"Options:\n"
							"  --store NAME              schema of the store\n"
							"  --db CONNINFO             connection string or URI (default: the PG* environment)\n"
							"  --listen ADDR:PORT        address to listen on; port 0 picks one and prints it (default: 127.0.0.1:8080)\n"
							"  --pool N                  database connections (default: 8)\n"
							"  --workers N               threads that read and write HTTP (default: 1)\n"
							"  --max-requests N          requests waiting or running before 503 is answered (default: 256)\n"
							"  --max-connections N       HTTP connections open at once (default: 1000)\n"
							"  --statement-timeout MS    longest time for one answer (default: 10000)\n"
							"  --pidfile FILE            write the process id there\n"
							"  --version                 show the version and exit\n"
							"  --help                    show this help and exit\n"
							"\n"
							"SIGTERM and SIGINT stop it after the running requests.\n";

enum
{
	OPT_STORE = 256,
	OPT_DB,
	OPT_LISTEN,
	OPT_POOL,
	OPT_WORKERS,
	OPT_MAX_REQUESTS,
	OPT_MAX_CONNECTIONS,
	OPT_TIMEOUT,
	OPT_PIDFILE,
	OPT_VERSION,
	OPT_HELP
};

static const struct option long_options[] = {
	{ "store", required_argument, NULL, OPT_STORE },
	{ "db", required_argument, NULL, OPT_DB },
	{ "listen", required_argument, NULL, OPT_LISTEN },
	{ "pool", required_argument, NULL, OPT_POOL },
	{ "workers", required_argument, NULL, OPT_WORKERS },
	{ "max-requests", required_argument, NULL, OPT_MAX_REQUESTS },
	{ "max-connections", required_argument, NULL, OPT_MAX_CONNECTIONS },
	{ "statement-timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "pidfile", required_argument, NULL, OPT_PIDFILE },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static void
fail_usage(void)
{
	fputs("Try \"coserv-gateway --help\".\n", stderr);
	exit(2);
}

static unsigned
number(const char *name, const char *text, unsigned min, unsigned max)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || value < min || value > max)
	{
		gw_log("--%s takes a number from %u to %u, not \"%s\"", name, min, max, text);
		fail_usage();
	}
	return (unsigned) value;
}

static void
read_option(gw_options *o, int option)
{
	switch (option)
	{
		case OPT_STORE:
			o->store = optarg;
			break;
		case OPT_DB:
			o->db = optarg;
			break;
		case OPT_LISTEN:
			o->listen = optarg;
			break;
		case OPT_PIDFILE:
			o->pidfile = optarg;
			break;
		case OPT_POOL:
			o->pool = number("pool", optarg, 1, 1000);
			break;
		case OPT_WORKERS:
			o->workers = number("workers", optarg, 1, 256);
			break;
		case OPT_MAX_REQUESTS:
			o->max_requests = number("max-requests", optarg, 1, 1000000);
			break;
		case OPT_MAX_CONNECTIONS:
			o->max_connections = number("max-connections", optarg, 1, 1000000);
			break;
		case OPT_TIMEOUT:
			o->statement_timeout = number("statement-timeout", optarg, 1, INT_MAX / 2);
			break;
		case OPT_VERSION:
			puts("coserv-gateway " COSERV_VERSION);
			exit(0);
		case OPT_HELP:
			fputs(usage, stdout);
			exit(0);
		default:
			fail_usage();
	}
}

static gw_options
read_options(int argc, char **argv)
{
	gw_options o = {
		.listen = "127.0.0.1:8080", .pool = 8, .workers = 1, .max_requests = 256, .max_connections = 1000, .statement_timeout = 10000
	};
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		read_option(&o, option);
	if (optind < argc)
	{
		gw_log("\"%s\" is no option", argv[optind]);
		fail_usage();
	}
	if (o.store == NULL || o.store[0] == '\0')
	{
		gw_log("--store is missing");
		fail_usage();
	}
	if (o.workers > o.max_connections)
		o.workers = o.max_connections; /* MHD gives each thread its share of the connections */
	return o;
}

static bool
write_pidfile(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0 || dprintf(fd, "%ld\n", (long) getpid()) < 0)
	{
		gw_log("could not write \"%s\": %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	return close(fd) == 0;
}

/* Threads inherit the mask: only main, in sigwait, meets these. */
static void
block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	pthread_sigmask(SIG_BLOCK, set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int
main(int argc, char **argv)
{
	gw_options options = read_options(argc, argv);
	sigset_t set;
	int sig;

	block_signals(&set);
	if (!gw_pool_start(&options))
		return 1;
	if (!gw_server_start(&options))
	{
		gw_pool_stop();
		return 1;
	}
	if (options.pidfile != NULL && !write_pidfile(options.pidfile))
	{
		gw_server_stop();
		return 1;
	}
	sigwait(&set, &sig);
	gw_log("stopping");
	pthread_sigmask(SIG_UNBLOCK, &set, NULL); /* a second signal stops at once */
	gw_server_stop();
	if (options.pidfile != NULL)
		unlink(options.pidfile);
	return 0;
}
