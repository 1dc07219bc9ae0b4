/*
 * audit.c - verify-audit: the seals of a store's audit made anew here, from its rows, by nothing that the server computes (doc/audit.md).
 * What a superuser there could do nevertheless, cut the last seals off or make all anew, --root shows: a root that was kept elsewhere.
 */
#include "server.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cbor/text.h"
#include "cose/audit_leaf.h"

#define SEALS                                                                                                                             \
	"SELECT seal, encode(previous, 'hex'), encode(root, 'hex'), rows, CAST(extract(epoch FROM sealed_at) * 1000000 AS bigint), sealed_by" \
	", CAST(extract(epoch FROM known_until) * 1000000 AS bigint), epochs, encode(epoch_root, 'hex') FROM "
#define ORPHANS "SELECT DISTINCT seal FROM "
#define ROWS \
	"SELECT id, CAST(extract(epoch FROM at) * 1000000 AS bigint), who, session, action, object, encode(digest, 'hex'), detail FROM "

/* All epochs in their order, some at a time: each belongs to the first seal whose known_until is not before it. */
#define EPOCHS                                                                                                                          \
	"SET LOCAL datestyle = 'ISO'; SET LOCAL timezone = 'UTC'; DECLARE epochs NO SCROLL CURSOR FOR SELECT of_table, replace(CAST(id AS " \
	"text), '-', ''),"                                                                                                                  \
	" ordinal, CAST(extract(epoch FROM known_at) * 1000000 AS bigint), says FROM "
#define EPOCHS_ORDER ".epoch ORDER BY known_at, of_table COLLATE \"C\", id, ordinal"

typedef struct cs_audit
{
	PGconn *connection;
	PGresult *epochs; /* NULL: none were fetched */
	int next_epoch;
	int problems;
	int64_t number;
	bool has_root, root_seen;
	int64_t root_seal;
	const char *root;
} cs_audit;

static cs_span
field(const PGresult *result, int row, int column)
{
	if (PQgetisnull(result, row, column))
		return (cs_span) { NULL, 0 };
	return (cs_span) { (const uint8_t *) PQgetvalue(result, row, column), (size_t) PQgetlength(result, row, column) };
}

static int64_t
number(const PGresult *result, int row, int column)
{
	return strtoll(PQgetvalue(result, row, column), NULL, 10);
}

static bool
bytes(cs_cli *cli, const PGresult *result, int row, int column, cs_span *out)
{
	*out = (cs_span) { NULL, 0 };
	return PQgetisnull(result, row, column) || cli_hex(cli, PQgetvalue(result, row, column), out);
}

static void
problem(cs_cli *cli, cs_audit *audit, int64_t seal, const char *what)
{
	cs_buf out;

	audit->problems++;
	if (!cli->json)
	{
		printf("seal %" PRId64 ": %s\n", seal, what);
		return;
	}
	cs_buf_init(&out, &cli->ctx);
	cs_put_byte(&out, '{');
	cli_put_name(&out, "seal");
	cs_put_fmt(&out, "%" PRId64, seal);
	cli_put_member(&out, "problem", what);
	cs_put_str(&out, "}\n");
	if (cs_buf_ok(&out))
		fwrite(out.data, 1, out.len, stdout);
}

static bool
add_row(cs_cli *cli, const PGresult *result, int i, cs_merkle *tree)
{
	cs_audit_row row = { .id = number(result, i, 0),
		.at = number(result, i, 1),
		.who = field(result, i, 2),
		.session = field(result, i, 3),
		.action = field(result, i, 4),
		.object = field(result, i, 5),
		.detail = field(result, i, 7) };
	cs_buf leaf;

	cs_buf_init(&leaf, &cli->ctx);
	if (!bytes(cli, result, i, 6, &row.digest))
		return false;
	cs_put_audit_row(&leaf, &row);
	return cs_buf_ok(&leaf) && cs_merkle_add(&cli->ctx, tree, cs_buf_span(&leaf));
}

/* All rows of a seal, one at a time from the server. */
static int
add_rows(cs_cli *cli, cs_audit *audit, const char *seal, cs_merkle *tree, int64_t *count)
{
	char *statement = cli_statement(cli, audit->connection, ROWS, ".audit WHERE seal = $1 ORDER BY id");
	PGresult *result;
	int status = CLI_OK;

	*count = 0;
	if (statement == NULL || !PQsendQueryParams(audit->connection, statement, 1, NULL, &seal, NULL, NULL, 0) ||
		!PQsetSingleRowMode(audit->connection))
		return cli_trouble("cannot read the audit: %s", PQerrorMessage(audit->connection));
	while ((result = PQgetResult(audit->connection)) != NULL)
	{
		if (PQresultStatus(result) != PGRES_SINGLE_TUPLE && PQresultStatus(result) != PGRES_TUPLES_OK && status == CLI_OK)
			status = cli_tell_result(cli, "audit", audit->connection, result) == CLI_OK ? CLI_OK : CLI_TROUBLE;
		for (int i = 0; status == CLI_OK && i < PQntuples(result); i++)
		{
			(*count)++;
			if (!add_row(cli, result, i, tree))
				status = cli_refuse(cli, "audit", NULL);
		}
		PQclear(result);
	}
	return status;
}

static int
open_epochs(cs_cli *cli, cs_audit *audit)
{
	char *statement = cli_statement(cli, audit->connection, EPOCHS, EPOCHS_ORDER);
	PGresult *result = statement != NULL ? PQexec(audit->connection, statement) : NULL;
	int status = CLI_OK;

	if (PQresultStatus(result) != PGRES_COMMAND_OK)
		status = cli_tell_result(cli, "audit", audit->connection, result) == CLI_OK ? CLI_OK : CLI_TROUBLE;
	PQclear(result);
	return status;
}

/* False: they cannot be read. */
static bool
fetch_epochs(cs_audit *audit)
{
	if (audit->epochs != NULL && audit->next_epoch < PQntuples(audit->epochs))
		return true;
	PQclear(audit->epochs);
	audit->epochs = PQexec(audit->connection, "FETCH 1000 FROM epochs");
	audit->next_epoch = 0;
	return PQresultStatus(audit->epochs) == PGRES_TUPLES_OK;
}

static bool
add_epoch(cs_cli *cli, const PGresult *result, int i, cs_merkle *tree)
{
	cs_audit_epoch epoch = { .of_table = field(result, i, 0),
		.has_ordinal = !PQgetisnull(result, i, 2),
		.ordinal = number(result, i, 2),
		.known_at = number(result, i, 3),
		.says = field(result, i, 4) };
	cs_buf leaf;

	cs_buf_init(&leaf, &cli->ctx);
	if (!bytes(cli, result, i, 1, &epoch.id))
		return false;
	cs_put_audit_epoch(&leaf, &epoch);
	return cs_buf_ok(&leaf) && cs_merkle_add(&cli->ctx, tree, cs_buf_span(&leaf));
}

/* Since when what is known, as far as this seal covers it; nothing where it covers none. */
static int
check_epochs(cs_cli *cli, cs_audit *audit, const cs_audit_seal *seal)
{
	uint8_t computed[CS_MERKLE_HASH];
	cs_merkle tree;
	int64_t count = 0;

	if (!seal->has_epochs)
		return CLI_OK;
	cs_merkle_init(&tree);
	for (;; count++, audit->next_epoch++)
	{
		if (!fetch_epochs(audit))
			return cli_trouble("cannot read what is known since when: %s", PQerrorMessage(audit->connection));
		if (PQntuples(audit->epochs) == 0 || number(audit->epochs, audit->next_epoch, 3) > seal->known_until)
			break;
		if (!add_epoch(cli, audit->epochs, audit->next_epoch, &tree))
			return cli_refuse(cli, "audit", NULL);
	}
	if (!cs_merkle_root(&cli->ctx, &tree, computed))
		return cli_refuse(cli, "audit", NULL);
	if (count != seal->epochs)
		problem(cli, audit, seal->number, "it covers another number of epochs than it says");
	else if (!cs_span_eq(seal->epoch_root, (cs_span) { computed, sizeof(computed) }))
		problem(cli, audit, seal->number, "the root of its epochs is another: when something counted was changed");
	return CLI_OK;
}

static int
check_seal(cs_cli *cli, cs_audit *audit, const PGresult *seals, int i)
{
	cs_audit_seal seal = {
		.number = number(seals, i, 0), .rows = number(seals, i, 3), .at = number(seals, i, 4), .by = field(seals, i, 5)
	};
	const char *root = PQgetvalue(seals, i, 2);
	uint8_t computed[CS_MERKLE_HASH];
	cs_merkle tree;
	int64_t count;
	cs_buf leaf, hex;
	int status;

	cs_merkle_init(&tree);
	status = add_rows(cli, audit, PQgetvalue(seals, i, 0), &tree, &count);
	if (status != CLI_OK)
		return status;
	cs_buf_init(&leaf, &cli->ctx);
	cs_buf_init(&hex, &cli->ctx);
	seal.has_epochs = !PQgetisnull(seals, i, 6) && !PQgetisnull(seals, i, 7) && !PQgetisnull(seals, i, 8);
	seal.known_until = number(seals, i, 6);
	seal.epochs = number(seals, i, 7);
	if (!bytes(cli, seals, i, 1, &seal.previous) || !bytes(cli, seals, i, 8, &seal.epoch_root))
		return cli_refuse(cli, "audit", NULL);
	cs_put_audit_seal(&leaf, &seal);
	if (!cs_buf_ok(&leaf) || !cs_merkle_add(&cli->ctx, &tree, cs_buf_span(&leaf)) || !cs_merkle_root(&cli->ctx, &tree, computed))
		return cli_refuse(cli, "audit", NULL);
	cs_put_hex(&hex, computed, sizeof(computed));
	cs_put_byte(&hex, 0);
	if (!cs_buf_ok(&hex))
		return cli_refuse(cli, "audit", NULL);
	if (seal.number != audit->number + 1)
		problem(cli, audit, seal.number, "a seal before it is missing");
	else if (i > 0 ? PQgetisnull(seals, i, 1) || strcmp(PQgetvalue(seals, i, 1), PQgetvalue(seals, i - 1, 2)) != 0
				   : !PQgetisnull(seals, i, 1))
		problem(cli, audit, seal.number, "it does not name the root of the seal before it");
	if (count != seal.rows)
		problem(cli, audit, seal.number, "it covers another number of rows than it says");
	if (strcmp((const char *) hex.data, root) != 0)
		problem(cli, audit, seal.number, "its root is not that of its rows: some were changed, removed or slipped in");
	status = check_epochs(cli, audit, &seal);
	if (status != CLI_OK)
		return status;
	audit->number = seal.number;
	if (audit->has_root && seal.number == audit->root_seal)
	{
		audit->root_seen = true;
		if (strcasecmp(audit->root, root) != 0)
			problem(cli, audit, seal.number, "its root is not the one that was kept");
	}
	return CLI_OK;
}

/* Rows that say they are under a seal which is not there. */
static int
check_orphans(cs_cli *cli, cs_audit *audit)
{
	char *seals = cli_statement(cli, audit->connection, ".audit WHERE seal > (SELECT coalesce(max(seal), 0) FROM ", ".audit_seal)");
	char *statement = seals != NULL ? cli_statement(cli, audit->connection, ORPHANS, seals) : NULL;
	PGresult *result = statement != NULL ? PQexec(audit->connection, statement) : NULL;
	int status = CLI_OK;

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		status = cli_tell_result(cli, "audit", audit->connection, result) == CLI_OK ? CLI_OK : CLI_TROUBLE;
	for (int i = 0; status == CLI_OK && i < PQntuples(result); i++)
		problem(cli, audit, number(result, i, 0), "rows are under this seal, which is not there");
	PQclear(result);
	return status;
}

static int
check_seals(cs_cli *cli, cs_audit *audit)
{
	char *statement = cli_statement(cli, audit->connection, SEALS, ".audit_seal ORDER BY seal");
	PGresult *result = statement != NULL ? PQexec(audit->connection, statement) : NULL;
	int status = CLI_OK;

	if (PQresultStatus(result) != PGRES_TUPLES_OK)
		status = cli_tell_result(cli, "audit", audit->connection, result) == CLI_OK ? CLI_OK : CLI_TROUBLE;
	for (int i = 0; status == CLI_OK && i < PQntuples(result); i++)
	{
		cli_begin(cli);
		status = check_seal(cli, audit, result, i);
	}
	if (status == CLI_OK)
		status = check_orphans(cli, audit);
	if (status == CLI_OK && audit->has_root && !audit->root_seen)
		problem(cli, audit, audit->root_seal, "the seal whose root was kept is not there");
	if (status == CLI_OK && !cli->json)
		printf("%d seals, %d problems\n", PQntuples(result), audit->problems);
	PQclear(result);
	return status;
}

int
cli_verify_audit(cs_cli *cli)
{
	cs_audit audit = { .connection = NULL };
	PGresult *begun;
	int status;

	if (cli->root != NULL)
	{
		char *end;

		audit.root_seal = strtoll(cli->root, &end, 10);
		if (*end != '=' || end == cli->root)
			return cli_usage("--root takes SEAL=HEX, as in 4711=22e9...");
		audit.has_root = true;
		audit.root = end[1] == '\\' && end[2] == 'x' ? end + 3 : end + 1;
	}
	audit.connection = cli_connect(cli);
	if (audit.connection == NULL)
		return CLI_TROUBLE;
	begun = PQexec(audit.connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
	PQclear(begun);
	status = open_epochs(cli, &audit);
	if (status == CLI_OK)
		status = check_seals(cli, &audit);
	PQclear(audit.epochs);
	PQfinish(audit.connection);
	return status == CLI_OK && audit.problems > 0 ? CLI_NO : status;
}
