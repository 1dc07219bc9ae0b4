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
static gw_pool *query_pool, *provision_pool;
static int argument_count;
static char **arguments;

/* A pool in the making, while the old one goes on. */
typedef struct reload
{
	const gw_options *options;
	gw_pool *query, *provision;
	unsigned missing;
	bool failed;
} reload;

static reload *reloading;

static gw_target
query_target(const gw_options *o)
{
	return (gw_target) { "query", o->db, o->pool, o->timeout, true, o->log_answers == 0, o };
}

static gw_target
provision_target(const gw_options *o)
{
	return (gw_target) { "provision", o->provision_db, o->provision_pool, o->provision_timeout, false, false, o };
}

static bool
provisions(const gw_options *o)
{
	return o->listen[GW_PROVISION].count > 0;
}

/* A connection of either side, and some for what libraries open. */
static bool
raise_descriptors(const gw_options *o)
{
	rlim_t needed = (rlim_t) o->max_connections + o->pool + (provisions(o) ? o->provision_pool : 0) + 64;
	struct rlimit limit;

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
	return check_target(query_target(o), must_be_there) && (!provisions(o) || check_target(provision_target(o), must_be_there));
}

static gw_pool *
new_provision_pool(const gw_options *o)
{
	gw_target target = provision_target(o);

	return provisions(o) ? gw_pool_new(base, &target) : NULL;
}

static gw_pool *
new_query_pool(const gw_options *o)
{
	gw_target target = query_target(o);

	return gw_pool_new(base, &target);
}

/* ---- SIGHUP ---- */

static void
end_reload(reload *r)
{
	if (r->failed)
	{
		gw_pool_retire(r->query, NULL);
		if (r->provision != NULL)
			gw_pool_retire(r->provision, NULL);
	}
	else
	{
		gw_pool *old_query = query_pool;
		gw_pool *old_provision = provision_pool;

		options = r->options;
		query_pool = r->query;
		provision_pool = r->provision;
		gw_server_use(options, query_pool, provision_pool);
		gw_pool_retire(old_query, query_pool);
		if (old_provision != NULL)
			gw_pool_retire(old_provision, provision_pool);
		gw_log("reloaded");
	}
	free(r);
	reloading = NULL;
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
	const gw_options *now = reloading == NULL ? gw_options_read(argument_count, arguments) : NULL;
	const char *fixed = now != NULL ? gw_options_fixed(options, now) : NULL;

	(void) fd;
	(void) what;
	(void) arg;
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
	reloading->query = new_query_pool(now);
	reloading->provision = new_provision_pool(now);
	reloading->missing = reloading->provision != NULL ? 2 : 1;
	gw_pool_when_ready(reloading->query, on_first, reloading);
	if (reloading->provision != NULL)
		gw_pool_when_ready(reloading->provision, on_first, reloading);
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
	query_pool = new_query_pool(options);
	provision_pool = new_provision_pool(options);
	gw_server_use(options, query_pool, provision_pool);
	catch (SIGTERM, on_term);
	catch (SIGINT, on_term);
	catch (SIGHUP, on_hup);
	if (options->pidfile != NULL && !write_pidfile(options->pidfile))
		return 1;
	event_base_dispatch(base);
	return 1;
}
