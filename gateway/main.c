/*
 * main.c - starting, reading the options again, ending.
 */
#include "gateway.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static struct event_base *base;
static const gw_options *options;
static gw_pool *pools[GW_POOLS]; /* NULL: nothing listens for it */
static int argument_count;
static char **arguments;

/* A pool in the making, while the old one goes on. */
typedef struct reload
{
	const gw_options *options;
	gw_pool *pools[GW_POOLS];
	unsigned missing;
	bool failed;
} reload;

static reload *reloading;
static bool asked_again; /* while it goes on */

static gw_target
target_of(const gw_options *o, gw_listener serves)
{
	switch (serves)
	{
		case GW_PROVISION:
			return (gw_target) { "provision", o->provision_db, o->provision_pool, o->provision_timeout, serves, false, o };
		case GW_EXPLORE:
			return (gw_target) { "explore", o->explore_db, o->explore_pool, o->explore_timeout, serves, true, o };
		default:
			return (gw_target) { "query", o->db, o->pool, o->timeout, serves, o->log_answers == 0, o };
	}
}

/* Queries are answered in any case. */
static bool
is_wanted(const gw_options *o, gw_listener serves)
{
	return serves == GW_QUERY || o->listen[serves].count > 0;
}

/* A connection of either side, and some for what libraries open. */
static bool
raise_descriptors(const gw_options *o)
{
	rlim_t needed = (rlim_t) o->max_connections + 64;
	struct rlimit limit;

	for (gw_listener k = 0; k < GW_POOLS; k++)
		needed += is_wanted(o, k) ? target_of(o, k).size : 0;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed)
		return true;
	limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= needed ? needed : limit.rlim_max;
	if (limit.rlim_cur == needed && setrlimit(RLIMIT_NOFILE, &limit) == 0)
		return true;
	gw_log("%llu file descriptors are needed, and the limit is %llu: raise it (LimitNOFILE, ulimit -n) or lower max-connections",
		(unsigned long long) needed, (unsigned long long) limit.rlim_max);
	return false;
}

/* False: what is wrong stays so. A database that is not there may come. */
static bool
check_target(gw_target target, bool must_be_there)
{
	char *why;
	bool wrong;
	bool plain = true;
	PGconn *connection = gw_connect(&target, true, &plain, &why, &wrong);

	if (connection != NULL)
		PQfinish(connection);
	else
		gw_log("%s: %s", target.name, why);
	free(why);
	return connection != NULL || !(wrong || must_be_there);
}

static bool
check(const gw_options *o, bool must_be_there)
{
	for (gw_listener k = 0; k < GW_POOLS; k++)
		if (is_wanted(o, k) && !check_target(target_of(o, k), must_be_there))
			return false;
	return true;
}

static void
make_pools(const gw_options *o, gw_pool **made)
{
	for (gw_listener k = 0; k < GW_POOLS; k++)
	{
		gw_target target = target_of(o, k);

		made[k] = is_wanted(o, k) ? gw_pool_new(base, &target) : NULL;
	}
}

static void
retire(gw_pool *const *old, gw_pool *const *successors)
{
	for (gw_listener k = 0; k < GW_POOLS; k++)
		if (old[k] != NULL)
			gw_pool_retire(old[k], successors != NULL ? successors[k] : NULL);
}

/* ---- SIGHUP ---- */

static void
end_reload(reload *r)
{
	if (r->failed)
		retire(r->pools, NULL);
	else
	{
		gw_pool *old[GW_POOLS];

		memcpy(old, pools, sizeof(pools));
		memcpy(pools, r->pools, sizeof(pools));
		options = r->options;
		gw_server_use(options, pools);
		retire(old, pools);
		gw_log("reloaded");
	}
	free(r);
	reloading = NULL;
	if (asked_again)
	{
		asked_again = false;
		raise(SIGHUP);
	}
}

static void
on_first(void *arg, const char *why)
{
	reload *r = arg;

	if (why != NULL)
	{
		gw_log("the new configuration does not work, the old one stays: %s", why);
		r->failed = true;
	}
	if (--r->missing == 0)
		end_reload(r);
}

static void
on_hup(evutil_socket_t fd, short what, void *arg)
{
	const gw_options *now;
	const char *fixed;

	(void) fd;
	(void) what;
	(void) arg;
	if (reloading != NULL)
	{
		asked_again = true;
		return;
	}
	now = gw_options_read(argument_count, arguments);
	fixed = now != NULL ? gw_options_fixed(options, now) : NULL;
	if (fixed != NULL)
		gw_log("%s changes by a restart only", fixed);
	if (now == NULL || fixed != NULL || !raise_descriptors(now))
	{
		gw_log("not reloaded");
		return;
	}
	reloading = calloc(1, sizeof(reload));
	if (reloading == NULL)
		abort();
	reloading->options = now;
	make_pools(now, reloading->pools);
	for (size_t k = 0; k < GW_POOLS; k++)
		reloading->missing += reloading->pools[k] != NULL;
	for (size_t k = 0; k < GW_POOLS; k++)
		if (reloading->pools[k] != NULL)
			gw_pool_when_ready(reloading->pools[k], on_first, reloading);
}

/* ---- the end ---- */

/* Not by exit(): a thread may hang in an attempt to connect. */
static void
end(int status)
{
	if (options->pidfile != NULL)
		unlink(options->pidfile);
	for (size_t k = 0; k < GW_LISTENERS; k++)
		for (size_t i = 0; i < options->listen[k].count; i++)
			if (strncmp(options->listen[k].items[i], "unix:", 5) == 0)
				unlink(options->listen[k].items[i] + 5);
	fflush(NULL);
	_exit(status);
}

static void
on_drained(void)
{
	end(0);
}

static void
on_drain_timeout(evutil_socket_t fd, short what, void *arg)
{
	(void) fd;
	(void) what;
	(void) arg;
	gw_log("stopping with %u connections left", gw_server_look()->connections);
	end(0);
}

static void
on_term(evutil_socket_t fd, short what, void *arg)
{
	static bool again;
	struct timeval limit = { (time_t) options->drain_timeout, 0 };

	(void) fd;
	(void) what;
	(void) arg;
	if (again)
		end(0);
	again = true;
	gw_log("stopping");
	event_base_once(base, -1, EV_TIMEOUT, on_drain_timeout, NULL, &limit);
	gw_server_drain(on_drained);
}

/* ---- the beginning ---- */

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

static void catch (int number, event_callback_fn what)
{
	struct event *event = evsignal_new(base, number, what, NULL);

	if (event == NULL || event_add(event, NULL) != 0)
		abort();
}

int
main(int argc, char **argv)
{
	argument_count = argc;
	arguments = argv;
	options = gw_options_read(argc, argv);
	if (options == NULL)
	{
		fputs("Try \"coserv-gateway --help\".\n", stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	srandom((unsigned) time(NULL) ^ (unsigned) getpid() << 16);
	if (!check(options, options->check))
		return 1;
	if (options->check)
		return puts("ok") < 0;
	base = event_base_new();
	if (base == NULL || !raise_descriptors(options) || !gw_server_listen(base, options))
		return 1;
	make_pools(options, pools);
	gw_server_use(options, pools);
	catch (SIGTERM, on_term);
	catch (SIGINT, on_term);
	catch (SIGHUP, on_hup);
	if (options->pidfile != NULL && !write_pidfile(options->pidfile))
		return 1;
	event_base_dispatch(base);
	return 1;
}
