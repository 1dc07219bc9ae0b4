/*
 * database.c - one database connection, and the one statement that is run on it.
 *
 * A connection that broke is opened again at once and the statement run once more: it only reads. When the database cannot be
 * reached, all threads together try it again after a pause that doubles up to two seconds, and until then answer 503 without
 * waiting.
 */
#include "gateway.h"

#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define STATEMENT "http"
#define FIRST_PAUSE 100000 /* microseconds */
#define LONGEST_PAUSE 2000000

struct gw_database
{
	const gw_options *options;
	PGconn *connection; /* NULL: not connected */
};

/* What all threads know about a database that cannot be reached. */
static pthread_mutex_t outage_lock = PTHREAD_MUTEX_INITIALIZER;
static int64_t outage_until;
static int64_t outage_pause;

typedef enum verdict
{
	ANSWERED,
	BROKEN, /* the connection: open another */
	AGAIN,	/* the statement: on the same connection */
	FAILED
} verdict;

static bool
may_connect(void)
{
	bool may;

	pthread_mutex_lock(&outage_lock);
	may = gw_now() >= outage_until;
	pthread_mutex_unlock(&outage_lock);
	return may;
}

static void
note_outage(bool reached)
{
	pthread_mutex_lock(&outage_lock);
	if (reached)
		outage_until = outage_pause = 0;
	else
	{
		outage_pause = outage_pause == 0 ? FIRST_PAUSE : outage_pause * 2 > LONGEST_PAUSE ? LONGEST_PAUSE : outage_pause * 2;
		outage_until = gw_now() + outage_pause;
	}
	pthread_mutex_unlock(&outage_lock);
}

gw_database *
gw_database_new(const gw_options *options)
{
	gw_database *database = calloc(1, sizeof(*database));

	if (database != NULL)
		database->options = options;
	return database;
}

static void
disconnect(gw_database *database)
{
	PQfinish(database->connection);
	database->connection = NULL;
}

void
gw_database_free(gw_database *database)
{
	disconnect(database);
	free(database);
}

/* What stands before dbname is a default that --db may override; the environment overrides the time to connect. */
static PGconn *
open_connection(const gw_options *options)
{
	char user_timeout[16];
	const char *timeout = getenv("PGCONNECT_TIMEOUT");
	const char *const keywords[] = { "connect_timeout", "keepalives_idle", "tcp_user_timeout", "dbname", "fallback_application_name",
		"client_encoding", NULL };
	const char *const values[] = { timeout != NULL ? timeout : "5", "30", user_timeout, options->db != NULL ? options->db : "",
		"coserv-gateway", "UTF8", NULL };

	snprintf(user_timeout, sizeof(user_timeout), "%u", options->statement_timeout + 5000);
	return PQconnectdbParams(keywords, values, options->db != NULL);
}

static bool
run_setting(PGconn *connection, const char *name, const char *value)
{
	const char *const parameters[] = { name, value };
	PGresult *result = PQexecParams(connection, "SELECT pg_catalog.set_config($1, $2, false)", 2, NULL, parameters, NULL, NULL, 0);
	bool ok = PQresultStatus(result) == PGRES_TUPLES_OK;

	PQclear(result);
	return ok;
}

/*
 * One row a header, the body in the first: so neither side needs a JSON reader, and a large body goes over the wire once. A store's
 * name is quoted; it comes from the command line.
 */
static bool
prepare(PGconn *connection, const char *store)
{
	static const char format[] =
		"SELECT r.status::pg_catalog.int4, CASE WHEN k.n IS NULL OR k.n OPERATOR(pg_catalog.=) 1 THEN r.body END, k.key, k.value"
		" FROM %s.http($1::pg_catalog.text, $2::pg_catalog.text, $3::pg_catalog.jsonb) r"
		" LEFT JOIN LATERAL pg_catalog.jsonb_each_text(r.headers) WITH ORDINALITY k(key, value, n) ON true";
	char *schema = PQescapeIdentifier(connection, store, strlen(store));
	char *sql = NULL;
	PGresult *result;
	bool ok = false;

	if (schema != NULL && (sql = malloc(sizeof(format) + strlen(schema))) != NULL)
	{
		sprintf(sql, format, schema);
		result = PQprepare(connection, STATEMENT, sql, 0, NULL);
		ok = PQresultStatus(result) == PGRES_COMMAND_OK;
		PQclear(result);
	}
	free(sql);
	PQfreemem(schema);
	return ok;
}

static bool
connect_to(gw_database *database)
{
	const gw_options *options = database->options;
	char timeout[16];
	PGconn *connection;

	if (!may_connect())
		return false;
	connection = database->connection = open_connection(options);
	snprintf(timeout, sizeof(timeout), "%u", options->statement_timeout);
	if (PQstatus(connection) == CONNECTION_OK && run_setting(connection, "statement_timeout", timeout) &&
		run_setting(connection, "default_transaction_read_only", "on") && prepare(connection, options->store))
	{
		note_outage(true);
		return true;
	}
	note_outage(false);
	gw_log("could not connect to store \"%s\": %s", options->store, PQerrorMessage(connection));
	disconnect(database);
	return false;
}

/* The transport's own headers are not the store's to say. */
static bool
is_transport_header(const char *name)
{
	return strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0 || strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0 ||
		strcasecmp(name, MHD_HTTP_HEADER_CONNECTION) == 0;
}

static void
free_result(void *result)
{
	PQclear(result);
}

/* The body stays in the result, which MHD frees. Takes the result in any case. */
static bool
answer(gw_request *request, PGresult *result)
{
	int rows = PQntuples(result);
	const unsigned char *number;
	struct MHD_Response *response;

	if (rows == 0 || PQnfields(result) != 4 || PQgetisnull(result, 0, 0) || PQgetlength(result, 0, 0) != 4)
	{
		PQclear(result);
		return false;
	}
	number = (const unsigned char *) PQgetvalue(result, 0, 0);
	request->status = (unsigned) number[0] << 24 | (unsigned) number[1] << 16 | (unsigned) number[2] << 8 | number[3];
	request->bytes = (uint64_t) PQgetlength(result, 0, 1);
	response =
		MHD_create_response_from_buffer_with_free_callback_cls((size_t) request->bytes, PQgetvalue(result, 0, 1), free_result, result);
	if (response == NULL)
	{
		PQclear(result);
		return false;
	}
	for (int i = 0; i < rows; i++)
	{
		const char *name = PQgetvalue(result, i, 2);

		if (PQgetisnull(result, i, 2) || PQgetisnull(result, i, 3) || is_transport_header(name))
			continue;
		if (MHD_add_response_header(response, name, PQgetvalue(result, i, 3)) != MHD_YES)
		{
			gw_log("the store's header \"%s\" cannot be sent", name);
			MHD_destroy_response(response);
			return false;
		}
	}
	if (request->status < 200 || request->status > 599)
	{
		gw_log("the store's status %u is none", request->status);
		MHD_destroy_response(response);
		return false;
	}
	request->response = response;
	request->state = GW_ANSWERED;
	return true;
}

/* By SQLSTATE: what another attempt can mend. */
static verdict
judge(PGconn *connection, const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (PQstatus(connection) != CONNECTION_OK)
		return BROKEN;
	if (state == NULL)
		return FAILED;
	if (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0)
		return AGAIN; /* a standby's replay was in the way */
	if (strcmp(state, "26000") == 0 || strcmp(state, "0A000") == 0)
		return BROKEN; /* the prepared statement is gone, or the store was upgraded */
	return FAILED;
}

/* Nothing of the database's message goes to the client. */
static void
answer_failure(gw_request *request, const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (state != NULL && (strcmp(state, "57014") == 0 || strncmp(state, "53", 2) == 0 || strncmp(state, "57P", 3) == 0))
		gw_answer_problem(request, MHD_HTTP_SERVICE_UNAVAILABLE, "Overloaded", "The request took too long or lacked resources.", 1);
	else
		gw_answer_problem(request, MHD_HTTP_INTERNAL_SERVER_ERROR, "Internal error", "The store failed; its log says how.", 0);
}

/* verdict FAILED: the request has its answer, too, unless last is false and another attempt follows. */
static verdict
attempt(gw_database *database, gw_request *request, bool last)
{
	const char *const parameters[] = { request->method, request->target, request->headers };
	PGresult *result;
	verdict v;

	if (database->connection == NULL && !connect_to(database))
	{
		gw_answer_problem(
			request, MHD_HTTP_SERVICE_UNAVAILABLE, "Service unavailable", "The database cannot be reached.", LONGEST_PAUSE / 1000000);
		return FAILED;
	}
	result = PQexecPrepared(database->connection, STATEMENT, 3, parameters, NULL, NULL, 1);
	if (PQresultStatus(result) == PGRES_TUPLES_OK)
	{
		if (answer(request, result))
			return ANSWERED;
		gw_answer_problem(request, MHD_HTTP_INTERNAL_SERVER_ERROR, "Internal error", "The store's answer cannot be sent.", 0);
		return FAILED;
	}
	v = judge(database->connection, result);
	gw_log("%s%s", last || v == FAILED ? "" : "trying once more: ",
		PQresultErrorMessage(result)[0] != '\0' ? PQresultErrorMessage(result) : PQerrorMessage(database->connection));
	if (last || v == FAILED)
		answer_failure(request, result);
	PQclear(result);
	if (v == BROKEN)
		disconnect(database);
	return v;
}

void
gw_database_answer(gw_database *database, gw_request *request)
{
	verdict v = attempt(database, request, false);

	if (v == BROKEN || v == AGAIN)
		attempt(database, request, true);
}
