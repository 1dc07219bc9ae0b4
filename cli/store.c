/*
 * store.c - what needs a server: load, ask.
 */
#include "server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cbor/text.h"

/* ---- the connection ---- */

static void
ignore_notice(void *arg, const PGresult *result)
{
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	(void) arg;
	if (message != NULL)
		fprintf(stderr, "coserv: %s: %s\n", PQresultErrorField(result, PG_DIAG_SEVERITY), message);
}

PGconn *
cli_connect(cs_cli *cli)
{
	PGconn *connection = PQconnectdb(cli->db != NULL ? cli->db : "");

	if (PQstatus(connection) != CONNECTION_OK || PQsetClientEncoding(connection, "UTF8") != 0)
	{
		cli_trouble("cannot connect: %s", PQerrorMessage(connection));
		PQfinish(connection);
		return NULL;
	}
	PQsetNoticeReceiver(connection, ignore_notice, NULL);
	return connection;
}

char *
cli_statement(cs_cli *cli, PGconn *connection, const char *before, const char *behind)
{
	char *name = PQescapeIdentifier(connection, cli->store, strlen(cli->store));
	cs_buf out;

	if (name == NULL)
		return NULL;
	cs_buf_init(&out, &cli->ctx);
	cs_put_fmt(&out, "%s%s%s", before, name, behind);
	cs_put_byte(&out, 0);
	PQfreemem(name);
	return cs_buf_ok(&out) ? (char *) out.data : NULL;
}

int
cli_tell_result(cs_cli *cli, const char *file, PGconn *connection, const PGresult *result)
{
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	if (message == NULL || sqlstate == NULL)
		return cli_trouble("%s: %s", file, PQerrorMessage(connection));
	return cli_tell_error(
		cli, file, sqlstate, message, PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL), PQresultErrorField(result, PG_DIAG_MESSAGE_HINT));
}

/* ---- load ---- */

typedef struct cs_loading
{
	PGconn *connection;
	char *statement;
	int loaded, refused;
	bool shows; /* progress on a terminal, or what stands for one */
} cs_loading;

/* A parameter of load() in binary: a file, or NULL where none is named. */
static int
put_file(cs_cli *cli, const char *file, const char **value, int *length)
{
	cs_span bytes;

	*value = NULL;
	if (file == NULL)
		return CLI_OK;
	if (!cli_read_file(cli, file, &bytes))
		return CLI_TROUBLE;
	if (bytes.len > INT32_MAX)
		return cli_trouble("%s is too large", file);
	*value = (const char *) bytes.data;
	*length = (int) bytes.len;
	return CLI_OK;
}

static int
load_file(cs_cli *cli, cs_loading *loading, const char *file)
{
	const char *values[4] = { NULL, cli->authority };
	int lengths[4] = { 0 };
	static const int formats[4] = { 1, 0, 1, 1 };
	PGresult *result;
	int status;
	cs_buf out;

	if (put_file(cli, file, &values[0], &lengths[0]) != CLI_OK || put_file(cli, cli->payload, &values[2], &lengths[2]) != CLI_OK ||
		put_file(cli, cli->chain, &values[3], &lengths[3]) != CLI_OK)
		return CLI_TROUBLE;
	status = CLI_OK;
	result = PQexecParams(loading->connection, loading->statement, 4, NULL, values, lengths, formats, 0);
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		status = cli_tell_result(cli, file, loading->connection, result);
	else if (cli->json)
	{
		cs_buf_init(&out, &cli->ctx);
		cs_put_byte(&out, '{');
		cli_put_member(&out, "file", file);
		cli_put_member(&out, "manifest", PQgetvalue(result, 0, 0));
		cs_put_str(&out, "}\n");
		status = cs_buf_ok(&out) ? cli_write(cli, cs_buf_span(&out)) : CLI_TROUBLE;
	}
	else if (cli->file_count == 1)
		printf("%s: %s\n", file, PQgetvalue(result, 0, 0));
	PQclear(result);
	return status;
}

/* On one line, again and again; a log gets one line in a hundred files. */
static void
show_progress(const cs_cli *cli, const cs_loading *loading, int done)
{
	bool is_terminal = isatty(STDERR_FILENO);

	if (loading->shows && (is_terminal || done % 100 == 0 || done == cli->file_count))
		fprintf(stderr, "%s%d of %d files: %d loaded, %d refused%s", is_terminal ? "\r" : "", done, cli->file_count, loading->loaded,
			loading->refused, is_terminal && done < cli->file_count ? "" : "\n");
}

int
cli_load(cs_cli *cli)
{
	cs_loading loading = { .shows = !cli->quiet && cli->file_count > 1 };
	int worst = CLI_OK;
	char *statement;

	loading.connection = cli_connect(cli);
	if (loading.connection == NULL)
		return CLI_TROUBLE;
	statement = cli_statement(
		cli, loading.connection, "SELECT ", ".load(CAST($1 AS bytea), CAST($2 AS text), CAST($3 AS bytea), CAST($4 AS bytea))");
	loading.statement = statement != NULL ? strdup(statement) : NULL; /* outlives each file's memory */
	for (int i = 0; loading.statement != NULL && i < cli->file_count; i++)
	{
		int status;

		cli_begin(cli);
		status = load_file(cli, &loading, cli->files[i]);
		loading.loaded += status == CLI_OK;
		loading.refused += status == CLI_NO;
		worst = status > worst ? status : worst;
		if (PQstatus(loading.connection) != CONNECTION_OK)
			break;
		show_progress(cli, &loading, i + 1);
	}
	if (loading.statement == NULL)
		worst = cli_trouble("out of memory");
	free(loading.statement);
	PQfinish(loading.connection);
	return worst;
}

/* ---- ask ---- */

static int
ask_store(cs_cli *cli, cs_span query, cs_buf *answer)
{
	const char *values[2] = { (const char *) query.data, cli->as_of };
	int lengths[2] = { (int) query.len, 0 }, formats[2] = { 1, 0 };
	PGconn *connection = cli_connect(cli);
	char *statement;
	PGresult *result;
	int status = CLI_OK;

	if (connection == NULL)
		return CLI_TROUBLE;
	if (cli->is_signed)
		statement = cli_statement(cli, connection, "SELECT ", ".execute_signed(CAST(CAST($1 AS bytea) AS coserv.coserv))");
	else
		statement = cli_statement(
			cli, connection, "SELECT CAST(", ".execute(CAST(CAST($1 AS bytea) AS coserv.coserv), CAST($2 AS timestamptz)) AS bytea)");
	result = statement != NULL ? PQexecParams(connection, statement, cli->is_signed ? 1 : 2, NULL, values, lengths, formats, 1) : NULL;
	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		status = cli_tell_result(cli, cli->files[0], connection, result);
	else
		cs_put_raw(answer, PQgetvalue(result, 0, 0), (size_t) PQgetlength(result, 0, 0));
	PQclear(result);
	PQfinish(connection);
	return status;
}

/* A problem is {-1: title, -2: detail} (RFC 9290). */
static int
tell_problem(cs_cli *cli, long status, const cs_buf *body)
{
	cs_span texts[2] = { { NULL, 0 }, { NULL, 0 } };
	char title[CS_TEXT_MAX], detail[CS_TEXT_MAX];
	cs_item item, text;

	if (body->len > 0 && cs_check(&cli->ctx, body->data, body->len))
	{
		item = cs_item_at(body->data, body->len);
		for (int i = 0; i < 2; i++)
			if (cs_map_get(&item, -1 - i, &text) && cs_is(&text, CS_TSTR))
				(void) cs_string(&cli->ctx, &text, &texts[i]);
	}
	snprintf(title, sizeof(title), "the gateway answered %ld%s%.*s", status, texts[0].len > 0 ? ": " : "",
		(int) (texts[0].len < 200 ? texts[0].len : 200), texts[0].len > 0 ? (const char *) texts[0].data : "");
	snprintf(detail, sizeof(detail), "%.*s", (int) (texts[1].len < 250 ? texts[1].len : 250),
		texts[1].len > 0 ? (const char *) texts[1].data : "");
	return cli_tell_error(cli, cli->files[0], "http", title, detail[0] != '\0' ? detail : NULL, NULL);
}

static int
ask_gateway(cs_cli *cli, cs_span query, cs_buf *answer)
{
	size_t len = strlen(cli->url);
	long status;
	cs_buf url;

	cs_buf_init(&url, &cli->ctx);
	cs_put_raw(&url, cli->url, len);
	cs_put_str(&url, len > 0 && cli->url[len - 1] == '/' ? "coserv/" : "/coserv/");
	cs_put_base64(&url, query, true, 0);
	cs_put_byte(&url, 0);
	if (!cs_buf_ok(&url))
		return cli_refuse(cli, cli->files[0], NULL);
	status = cli_get(
		cli, (const char *) url.data, cli->is_signed ? "Accept: application/coserv+cose" : "Accept: application/coserv+cbor", answer);
	if (status == 0)
		return CLI_TROUBLE;
	return status == 200 ? CLI_OK : tell_problem(cli, status, answer);
}

/* A signed result must verify with one of the caller's keys, where there are some. */
static int
verify_answer(cs_cli *cli, cs_span answer)
{
	cs_item keys[CLI_MAX_KEYS], item;
	cs_sign1 parsed;
	int status = cli_read_keys(cli, keys);

	if (status != CLI_OK || cli->key_count == 0)
		return status;
	if (!cs_check(&cli->ctx, answer.data, answer.len))
		return cli_refuse(cli, cli->files[0], "answer");
	item = cs_item_at(answer.data, answer.len);
	if (!cs_sign1_parse(&cli->ctx, &item, &parsed))
		return cli_refuse(cli, cli->files[0], "answer");
	for (size_t i = 0; i < cli->key_count; i++)
	{
		cs_key key;

		if (cs_key_read(&cli->ctx, &keys[i], &key) &&
			cs_sign1_verify(&cli->ctx, &parsed, (cs_span) { NULL, 0 }, (cs_span) { NULL, 0 }, &key))
			return CLI_OK;
	}
	return cli_refuse(cli, cli->files[0], "answer");
}

int
cli_ask(cs_cli *cli)
{
	cs_span written, query, bytes;
	cs_buf answer;
	int status;

	if (cli->db != NULL && cli->url != NULL)
		return cli_usage("coserv ask takes --db or --url, not both");
	if (cli->as_of != NULL && (cli->url != NULL || cli->is_signed))
		return cli_usage("--as-of goes with --db, and with results that are not signed");
	if (!cli_read_file(cli, cli->files[0], &written))
		return CLI_TROUBLE;
	if (!cli_read_query(cli, written, &query))
		return cli_refuse(cli, cli->files[0], "coserv");
	cs_buf_init(&answer, &cli->ctx);
	status = cli->url != NULL ? ask_gateway(cli, query, &answer) : ask_store(cli, query, &answer);
	if (status != CLI_OK)
		return status;
	if (!cs_buf_ok(&answer))
		return cli_refuse(cli, cli->files[0], NULL);
	bytes = cs_buf_span(&answer);
	status = verify_answer(cli, bytes);
	if (status != CLI_OK)
		return status;
	if (cli->output != NULL && !cli->json)
		return cli_write(cli, bytes);
	if (!cs_check(&cli->ctx, bytes.data, bytes.len))
		return cli_refuse(cli, cli->files[0], "answer");
	return cli_show(cli, bytes, &cs_rule_coserv_any);
}
