/*
 * changes.c - what counts otherwise in a store since a cursor (doc/changes.md), and the cursor to ask with next.
 */
#include "server.h"

#include <stdio.h>
#include <string.h>

enum
{
	WHAT,
	KNOWN_AT,
	STATEMENT,
	BY_AUTHORITY,
	NAME,
	ENVIRONMENTS,
	CURSOR,
	AS_JSON
};

static const char *
shown(const PGresult *changes, int row, int column)
{
	return PQgetisnull(changes, row, column) ? "-" : PQgetvalue(changes, row, column);
}

static void
print_change(const cs_cli *cli, const PGresult *changes, int row)
{
	if (cli->json)
		puts(PQgetvalue(changes, row, AS_JSON));
	else
		printf("%s %s %s %s %s %s\n", shown(changes, row, KNOWN_AT), shown(changes, row, WHAT), shown(changes, row, STATEMENT),
			shown(changes, row, BY_AUTHORITY), shown(changes, row, NAME), shown(changes, row, ENVIRONMENTS));
}

static void
print_cursor(const cs_cli *cli, const char *cursor)
{
	printf(cli->json ? "{\"cursor\":\"%s\"}\n" : "cursor %s\n", cursor);
}

static int
tell_changes(cs_cli *cli, PGconn *connection)
{
	char *statement = cli_statement(cli, connection,
		"SELECT c.what, c.known_at, c.statement, c.by_authority, c.name, c.environments, c.cursor, pg_catalog.to_jsonb(c) FROM ",
		".changes($1) c");
	PGresult *changes = statement != NULL ? PQexecParams(connection, statement, 1, NULL, &cli->since, NULL, NULL, 0) : NULL;
	int status = CLI_OK, count;

	if (PQresultStatus(changes) != PGRES_TUPLES_OK)
		status = cli_tell_result(cli, "changes", connection, changes);
	else
	{
		count = PQntuples(changes);
		for (int i = 0; i < count; i++)
			print_change(cli, changes, i);
		print_cursor(cli, count > 0 ? PQgetvalue(changes, count - 1, CURSOR) : cli->since);
	}
	PQclear(changes);
	return status;
}

static int
tell_cursor(cs_cli *cli, PGconn *connection)
{
	char *statement = cli_statement(cli, connection, "SELECT ", ".cursor()");
	PGresult *cursor = statement != NULL ? PQexec(connection, statement) : NULL;
	int status = CLI_OK;

	if (PQresultStatus(cursor) != PGRES_TUPLES_OK)
		status = cli_tell_result(cli, "changes", connection, cursor);
	else
		print_cursor(cli, PQgetvalue(cursor, 0, 0));
	PQclear(cursor);
	return status;
}

int
cli_changes(cs_cli *cli)
{
	PGconn *connection = cli_connect(cli);
	int status;

	if (connection == NULL)
		return CLI_TROUBLE;
	status = cli->since != NULL ? tell_changes(cli, connection) : tell_cursor(cli, connection);
	PQfinish(connection);
	return status;
}
