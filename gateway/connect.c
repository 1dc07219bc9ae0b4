/*
 * connect.c - opening a database connection, which blocks: names are resolved, and of several hosts each has its time-out. And asking
 * each store once, so that a wrong name, a missing grant or a bad role is said before a client finds out.
 */
#include "gateway.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETERS 7

typedef struct parameters
{
	const char *keywords[PARAMETERS + 1];
	const char *values[PARAMETERS + 1];
	char settings[128];
	char user_timeout[16];
} parameters;

/* What stands before dbname is a default that --db may override; the environment overrides the time to connect. */
static void
fill(parameters *p, const gw_target *target)
{
	static const char *const keywords[] = { "connect_timeout", "keepalives_idle", "tcp_user_timeout", "options", "dbname",
		"fallback_application_name", "client_encoding" };
	const char *timeout = getenv("PGCONNECT_TIMEOUT");
	const char *const values[] = { timeout != NULL ? timeout : "3", "30", p->user_timeout, p->settings,
		target->db != NULL ? target->db : "", "coserv-gateway", "UTF8" };

	snprintf(p->user_timeout, sizeof(p->user_timeout), "%u", target->timeout + 5000);
	snprintf(p->settings, sizeof(p->settings), "-c statement_timeout=%u -c default_transaction_read_only=%s", target->timeout,
		target->read_only ? "on" : "off");
	memcpy(p->keywords, keywords, sizeof(keywords));
	memcpy(p->values, values, sizeof(values));
	p->keywords[PARAMETERS] = p->values[PARAMETERS] = NULL;
}

static char *
say(const char *text, const char *detail)
{
	char *out = NULL;

	if (asprintf(&out, "%s%s%s", text, detail[0] != '\0' ? ": " : "", detail) < 0)
		abort();
	return out;
}

/* Only what the gateway itself asks later, with what every store has: a path, a view. */
static char *
check_store(PGconn *connection, const gw_store *store, gw_listener what)
{
	static const struct
	{
		int count;
		const char *values[5];
	} questions[GW_POOLS] = {
		[GW_QUERY] = { 3, { "GET", "/.well-known/coserv-configuration", "{}" } },
		[GW_PROVISION] = { 5, { "GET", "/.well-known/veraison/provisioning", "{}", "" } },
		[GW_EXPLORE] = { 2, { "overview", "{}" } },
	};
	const char *const statements[GW_POOLS] = { store->http_sql, store->provision_sql, store->explore_sql };
	char about[256];
	char *why = NULL;
	PGresult *result = PQexecParams(connection, statements[what], questions[what].count, NULL, questions[what].values, NULL, NULL, 0);

	snprintf(about, sizeof(about), "store \"%s\" does not answer", store->name);
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		why = say(about, PQresultErrorMessage(result));
	else if (PQntuples(result) != 1 || (what != GW_EXPLORE && strcmp(PQgetvalue(result, 0, 0), "500") >= 0))
		why = say(about, PQntuples(result) == 1 ? PQgetvalue(result, 0, 0) : "no row");
	PQclear(result);
	return why;
}

static char *
check_stores(PGconn *connection, const gw_target *target)
{
	char *why = NULL;

	for (size_t i = 0; i < target->options->store.count && why == NULL; i++)
		why = check_store(connection, &target->options->stores[i], target->serves);
	return why;
}

/* A pooler that hands out its connections by the transaction may not know, or have from somebody else, what is prepared. */
static bool
prepare_stores(PGconn *connection, const gw_target *target)
{
	bool ok = true;

	for (size_t i = 0; i < target->options->store.count && ok; i++)
	{
		const gw_store *store = &target->options->stores[i];
		PGresult *result = PQprepare(connection, store->statement, store->http_sql, 0, NULL);

		ok = PQresultStatus(result) == PGRES_COMMAND_OK;
		PQclear(result);
	}
	return ok;
}

PGconn *
gw_connect(const gw_target *target, bool check, bool *plain, char **why, bool *wrong)
{
	parameters p;
	PGconn *connection;

	fill(&p, target);
	*wrong = false;
	connection = PQconnectdbParams(p.keywords, p.values, target->db != NULL);
	if (PQstatus(connection) == CONNECTION_OK)
	{
		*why = check ? check_stores(connection, target) : NULL;
		*wrong = *why != NULL && PQstatus(connection) == CONNECTION_OK;
	}
	else
	{
		*why = say("could not connect to the database", PQerrorMessage(connection));
		if (check) /* a server that is there and lets nobody in is not mended by waiting */
			*wrong = PQpingParams(p.keywords, p.values, target->db != NULL) == PQPING_OK;
	}
	if (*why == NULL)
	{
		if (target->serves == GW_QUERY && !*plain)
			*plain = !prepare_stores(connection, target);
		return connection;
	}
	PQfinish(connection);
	return NULL;
}
