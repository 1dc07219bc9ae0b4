/*
 * options.c - one table of options; each is a line of the file ("name = value"), a variable COSERV_GATEWAY_NAME, and a flag --name.
 */
#include "gateway.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum kind
{
	TEXT,
	NUMBER,
	LIST /* given several times, or with commas; one source's list takes the place of another's */
} kind;

typedef struct setting
{
	const char *name;
	kind kind;
	size_t offset;
	unsigned min, max;
	bool fixed; /* not by reloading */
	const char *value, *help;
} setting;

#define AT(member) offsetof(gw_options, member)

const char *const gw_listener_names[GW_LISTENERS] = { "query", "provision", "explore", "admin" };

static const setting settings[] = {
	{ "store", LIST, AT(store), 0, 0, false, "NAME", "schema of a store; the first answers at /, each at /NAME/" },
	{ "db", TEXT, AT(db), 0, 0, false, "CONNINFO", "connection string or URI (default: the PG* environment)" },
	{ "listen", LIST, AT(listen[GW_QUERY]), 0, 0, true, "ADDR:PORT", "where queries are answered; or unix:PATH (default: 127.0.0.1:8080)" },
	{ "admin", LIST, AT(listen[GW_ADMIN]), 0, 0, true, "ADDR:PORT", "where /healthz, /readyz and /metrics are (default: nowhere)" },
	{ "provision", LIST, AT(listen[GW_PROVISION]), 0, 0, true, "ADDR:PORT", "where documents are handed in (default: nowhere)" },
	{ "explore", LIST, AT(listen[GW_EXPLORE]), 0, 0, true, "ADDR:PORT",
		"where the page /explore is, to look into the stores (default: nowhere)" },
	{ "explore-db", TEXT, AT(explore_db), 0, 0, false, "CONNINFO",
		"connection for --explore, of a role that reads (default: that of --db)" },
	{ "provision-db", TEXT, AT(provision_db), 0, 0, false, "CONNINFO", "connection for --provision, of a role that may become its users" },
	{ "identity-header", TEXT, AT(identity_header), 0, 0, false, "NAME",
		"header in which a trusted proxy names the user (default: X-Remote-User)" },
	{ "trusted-proxy", LIST, AT(trusted_proxy), 0, 0, false, "ADDR",
		"address of a proxy whose headers are believed; unix: a Unix socket's peers" },
	{ "pool", NUMBER, AT(pool), 1, 1000, false, "N", "database connections for queries (default: 8)" },
	{ "provision-pool", NUMBER, AT(provision_pool), 1, 1000, false, "N", "database connections for --provision (default: 2)" },
	{ "explore-pool", NUMBER, AT(explore_pool), 1, 1000, false, "N", "database connections for --explore (default: 2)" },
	{ "max-requests", NUMBER, AT(max_requests), 1, 1000000, false, "N",
		"requests waiting or running before 503 is answered (default: 256)" },
	{ "max-connections", NUMBER, AT(max_connections), 1, 1000000, false, "N", "HTTP connections open at once (default: 1000)" },
	{ "max-connections-per-address", NUMBER, AT(max_connections_per_address), 1, 1000000, false, "N",
		"of these from one address (default: half of them)" },
	{ "max-document-size", NUMBER, AT(max_document_size), 1, INT_MAX, false, "BYTES", "longest body of --provision (default: 67108864)" },
	{ "max-evidence-size", NUMBER, AT(max_evidence_size), 1, INT_MAX, false, "BYTES", "longest body of --explore (default: 4194304)" },
	{ "timeout", NUMBER, AT(timeout), 1, INT_MAX / 2, false, "MS", "longest time for an answer to a query (default: 10000)" },
	{ "provision-timeout", NUMBER, AT(provision_timeout), 1, INT_MAX / 2, false, "MS",
		"longest time for a document to load (default: 4000)" },
	{ "explore-timeout", NUMBER, AT(explore_timeout), 1, INT_MAX / 2, false, "MS",
		"longest time for a view of --explore (default: 10000)" },
	{ "header-timeout", NUMBER, AT(header_timeout), 1, 3600, false, "S", "longest time for a request to arrive (default: 10)" },
	{ "idle-timeout", NUMBER, AT(idle_timeout), 1, 86400, false, "S", "longest time between two requests of a connection (default: 30)" },
	{ "drain-timeout", NUMBER, AT(drain_timeout), 0, 3600, false, "S", "longest time to finish after SIGTERM (default: 15)" },
	{ "connection-age", NUMBER, AT(connection_age), 1, 604800, false, "S",
		"a database connection older than that is renewed (default: 600)" },
	{ "max-lag", NUMBER, AT(max_lag), 0, INT_MAX, false, "S",
		"/readyz says no where a standby is that many seconds behind; 0: never (default: 0)" },
	{ "log-answers", NUMBER, AT(log_answers), 0, 1, false, "0|1", "1: transactions may write, for coserv.log_answers (default: 0)" },
	{ "pidfile", TEXT, AT(pidfile), 0, 0, true, "FILE", "write the process id there" },
};
#define SETTINGS (sizeof(settings) / sizeof(settings[0]))

enum
{
	OPT_CONFIG = 1000,
	OPT_CHECK,
	OPT_VERSION,
	OPT_HELP
};

static void
show_help(void)
{
	puts("coserv-gateway serves coserv stores over HTTP.\n\nUsage:\n  coserv-gateway --store NAME [OPTION]...\n\nOptions:");
	for (size_t i = 0; i < SETTINGS; i++)
	{
		char flag[64];

		snprintf(flag, sizeof(flag), "--%s %s", settings[i].name, settings[i].value);
		printf("  %-33s %s\n", flag, settings[i].help);
	}
	puts("  --config FILE                     lines of NAME = VALUE, with these names\n"
		 "  --check                           ask each store once, say what is wrong, and exit\n"
		 "  --version                         show the version and exit\n"
		 "  --help                            show this help and exit\n\n"
		 "The environment may say each as COSERV_GATEWAY_NAME, with _ for -; flags go before it, and it goes before the file.\n"
		 "SIGHUP reads all of it again. SIGTERM and SIGINT stop it after the running requests.");
}

static char *
copy(const char *text, size_t len)
{
	char *out = strndup(text, len);

	if (out == NULL)
		abort();
	return out;
}

static void
add_items(gw_list *list, const char *text)
{
	while (*text != '\0')
	{
		size_t blank = strspn(text, " \t");
		size_t len = strcspn(text, ",");
		size_t end = len;

		while (end > blank && strchr(" \t", text[end - 1]) != NULL)
			end--;
		list->items = realloc(list->items, (list->count + 1) * sizeof(char *));
		if (list->items == NULL)
			abort();
		if (end > blank)
			list->items[list->count++] = copy(text + blank, end - blank);
		text += len + (text[len] == ',');
	}
}

static bool
set_number(const setting *s, unsigned *number, const char *text)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || text[0] == '-' || value < s->min || value > s->max)
	{
		gw_log("%s takes a number from %u to %u, not \"%s\"", s->name, s->min, s->max, text);
		return false;
	}
	*number = (unsigned) value;
	return true;
}

/* fresh: of each list, whether this source has begun it */
static bool
set(gw_options *options, const setting *s, const char *text, bool *fresh)
{
	char *field = (char *) options + s->offset;

	if (s->kind == NUMBER)
		return set_number(s, (unsigned *) field, text);
	if (s->kind == TEXT)
	{
		*(char **) field = copy(text, strlen(text));
		return true;
	}
	if (fresh[s - settings])
		memset(field, 0, sizeof(gw_list));
	fresh[s - settings] = false;
	add_items((gw_list *) field, text);
	return true;
}

static char *
trimmed(char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
		text[--len] = '\0';
	return text;
}

static bool
set_line(gw_options *options, char *line, bool *fresh)
{
	char *equals = strchr(line, '=');
	char *name;

	line = trimmed(line);
	if (line[0] == '\0' || line[0] == '#')
		return true;
	if (equals == NULL)
	{
		gw_log("\"%s\" is not NAME = VALUE", line);
		return false;
	}
	*equals = '\0';
	name = trimmed(line);
	for (size_t i = 0; i < SETTINGS; i++)
		if (strcmp(settings[i].name, name) == 0)
			return set(options, &settings[i], trimmed(equals + 1), fresh);
	gw_log("there is no setting \"%s\"", name);
	return false;
}

static bool
read_file(gw_options *options, const char *path)
{
	bool fresh[SETTINGS];
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	bool ok = file != NULL;

	memset(fresh, true, sizeof(fresh));
	if (file == NULL)
		gw_log("could not read \"%s\": %s", path, strerror(errno));
	while (ok && getline(&line, &size, file) >= 0)
		ok = set_line(options, line, fresh);
	free(line);
	if (file != NULL)
		fclose(file);
	return ok;
}

static bool
read_environment(gw_options *options)
{
	bool fresh[SETTINGS];
	bool ok = true;

	memset(fresh, true, sizeof(fresh));
	for (size_t i = 0; i < SETTINGS && ok; i++)
	{
		char name[64];
		const char *value;

		snprintf(name, sizeof(name), "COSERV_GATEWAY_%s", settings[i].name);
		for (char *p = name; *p != '\0'; p++)
			*p = *p == '-' ? '_' : *p >= 'a' && *p <= 'z' ? (char) (*p - 'a' + 'A') : *p;
		value = getenv(name);
		if (value != NULL)
			ok = set(options, &settings[i], value, fresh);
	}
	return ok;
}

/* Two rounds: the first finds the file, the second has the last word. */
static bool
read_flags(gw_options *options, int argc, char **argv, const char **config)
{
	struct option flags[SETTINGS + 5] = { { NULL, 0, NULL, 0 } };
	bool fresh[SETTINGS];
	int flag;

	memset(fresh, true, sizeof(fresh));
	for (size_t i = 0; i < SETTINGS; i++)
		flags[i] = (struct option) { settings[i].name, required_argument, NULL, (int) i };
	flags[SETTINGS] = (struct option) { "config", required_argument, NULL, OPT_CONFIG };
	flags[SETTINGS + 1] = (struct option) { "check", no_argument, NULL, OPT_CHECK };
	flags[SETTINGS + 2] = (struct option) { "version", no_argument, NULL, OPT_VERSION };
	flags[SETTINGS + 3] = (struct option) { "help", no_argument, NULL, OPT_HELP };
	optind = 1;
	while ((flag = getopt_long(argc, argv, "", flags, NULL)) != -1)
	{
		if (flag == OPT_HELP)
			show_help();
		if (flag == OPT_VERSION)
			puts("coserv-gateway " COSERV_VERSION);
		if (flag == OPT_HELP || flag == OPT_VERSION)
			exit(0);
		if (flag == OPT_CONFIG)
			*config = optarg;
		else if (flag == OPT_CHECK)
			options->check = true;
		else if (flag >= (int) SETTINGS || !set(options, &settings[flag], optarg, fresh))
			return false;
	}
	if (optind < argc)
		gw_log("\"%s\" is no option", argv[optind]);
	return optind == argc;
}

/* An identifier of SQL, so that the server needs no asking. */
static void
put_identifier(FILE *out, const char *name)
{
	fputc('"', out);
	for (; *name != '\0'; name++)
		fprintf(out, *name == '"' ? "\"\"" : "%c", *name);
	fputc('"', out);
}

static char *
sql_with(const char *before, const char *store, const char *behind)
{
	char *sql = NULL;
	size_t size;
	FILE *out = open_memstream(&sql, &size);

	if (out == NULL)
		abort();
	fputs(before, out);
	put_identifier(out, store);
	fputs(behind, out);
	if (fclose(out) != 0)
		abort();
	return sql;
}

/* Of a text: FNV-1a. */
static void
name_statement(char *name, size_t size, const char *sql)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *sql != '\0'; sql++)
		hash = (hash ^ (unsigned char) *sql) * UINT64_C(1099511628211);
	snprintf(name, size, "coserv_%016llx", (unsigned long long) hash);
}

static void
prepare_stores(gw_options *o)
{
	char *metrics = NULL;
	size_t size;
	FILE *out = open_memstream(&metrics, &size);

	o->stores = calloc(o->store.count, sizeof(gw_store));
	if (o->stores == NULL || out == NULL)
		abort();
	for (size_t i = 0; i < o->store.count; i++)
	{
		gw_store *store = &o->stores[i];

		store->name = o->store.items[i];
		store->http_sql = sql_with(
			"SELECT status, headers, body FROM ", store->name, ".http($1::pg_catalog.text, $2::pg_catalog.text, $3::pg_catalog.jsonb)");
		name_statement(store->statement, sizeof(store->statement), store->http_sql);
		store->provision_sql = sql_with("SELECT status, headers, body FROM ", store->name,
			".provision($1::pg_catalog.text, $2::pg_catalog.text, $3::pg_catalog.jsonb, $4::pg_catalog.bytea, $5::pg_catalog.text)");
		store->explore_sql = sql_with("SELECT ", store->name, ".explore($1::pg_catalog.text, $2::pg_catalog.jsonb)");
		fprintf(out, "%sSELECT %zu::pg_catalog.int4, name, help, value::pg_catalog.text FROM ", i > 0 ? " UNION ALL " : "", i);
		put_identifier(out, store->name);
		fputs(".metrics()", out);
	}
	o->ready_sql = sql_with("SELECT h.status, h.headers, h.body, EXTRACT(epoch FROM coserv.replay_lag())::pg_catalog.text, "
							"pg_catalog.pg_is_in_recovery() FROM ",
		o->stores[0].name, ".http($1::pg_catalog.text, $2::pg_catalog.text, $3::pg_catalog.jsonb) h");
	fputs(" ORDER BY 2, 1", out);
	if (fclose(out) != 0)
		abort();
	o->metrics_sql = metrics;
}

gw_options *
gw_options_read(int argc, char **argv)
{
	gw_options *o = calloc(1, sizeof(*o));
	gw_options first = { .check = false };
	const char *config = getenv("COSERV_GATEWAY_CONFIG");

	if (o == NULL)
		abort();
	*o = (gw_options) { .pool = 8,
		.provision_pool = 2,
		.explore_pool = 2,
		.max_requests = 256,
		.max_connections = 1000,
		.max_document_size = 67108864,
		.max_evidence_size = 4194304,
		.timeout = 10000,
		.provision_timeout = 4000,
		.explore_timeout = 10000,
		.header_timeout = 10,
		.idle_timeout = 30,
		.drain_timeout = 15,
		.connection_age = 600 };
	add_items(&o->listen[GW_QUERY], "127.0.0.1:8080");
	o->identity_header = copy("X-Remote-User", 13);
	if (!read_flags(&first, argc, argv, &config) || (config != NULL && !read_file(o, config)) || !read_environment(o) ||
		!read_flags(o, argc, argv, &config))
		return NULL;
	if (o->store.count == 0)
	{
		gw_log("--store is missing");
		return NULL;
	}
	if (o->explore_db == NULL)
		o->explore_db = o->db;
	if (o->max_connections_per_address == 0)
		o->max_connections_per_address = (o->max_connections + 1) / 2;
	prepare_stores(o);
	return o;
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same_list(const gw_list *a, const gw_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

const char *
gw_options_fixed(const gw_options *old, const gw_options *now)
{
	for (size_t i = 0; i < SETTINGS; i++)
	{
		const char *a = (const char *) old + settings[i].offset;
		const char *b = (const char *) now + settings[i].offset;

		if (settings[i].fixed &&
			!(settings[i].kind == LIST ? same_list((const gw_list *) a, (const gw_list *) b)
									   : same_text(*(char *const *) a, *(char *const *) b)))
			return settings[i].name;
	}
	return NULL;
}
