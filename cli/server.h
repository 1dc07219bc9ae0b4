/*
 * server.h - what the commands that need PostgreSQL share.
 */
#ifndef CLI_SERVER_H
#define CLI_SERVER_H

#include "cli.h"

#include <libpq-fe.h>

/* By --db, else as libpq's environment says; the caller's to finish. NULL after it has said why. */
extern PGconn *cli_connect(cs_cli *cli);
/* before, the store's quoted name, behind; in cli's memory. NULL: no memory. */
extern char *cli_statement(cs_cli *cli, PGconn *connection, const char *before, const char *behind);
/* The error of a result, with SQL's own DETAIL and HINT. Answers CLI_NO; CLI_TROUBLE where the server did not answer. */
extern int cli_tell_result(cs_cli *cli, const char *file, PGconn *connection, const PGresult *result);

#endif
