/*
 * cli.h - what the commands of coserv share: options, files, and how things are told.
 *
 * Each command answers an exit status: CLI_OK; CLI_NO where what was asked about is not so (a fault was found, a signature does not verify,
 * two documents differ, a document was refused); CLI_USAGE; CLI_TROUBLE where a file, a server or memory fails.
 */
#ifndef CLI_H
#define CLI_H

#include "document/document.h"

enum
{
	CLI_OK = 0,
	CLI_NO = 1,
	CLI_USAGE = 2,
	CLI_TROUBLE = 3
};

#define CLI_MAX_KEYS 32

typedef struct cs_cli
{
	const char *command;
	char **files; /* what is no option */
	int file_count;
	/* options; NULL where not given */
	bool json, quiet, detached, hash_envelope, unverified, is_signed;
	const char *output;
	const char *keys[CLI_MAX_KEYS];
	size_t key_count;
	const char *signer, *signer_uri, *metadata, *kid, *x5chain, *not_before, *not_after;
	const char *prepare, *finish, *payload, *chain;
	const char *rule, *format, *nonce, *certificates, *signature, *registers, *event_log, *environment, *at;
	const char *db, *url, *store, *authority, *as_of, *since, *root, *metrics;
	/* memory of the file at hand */
	cs_arena arena;
	cs_ctx ctx;
} cs_cli;

/* ---- options.c ---- */

typedef struct cli_command
{
	const char *name;
	const char *arguments;
	const char *options; /* names, a blank between */
	const char *summary;
	int least, most; /* files; most -1: any number */
	int (*run)(cs_cli *cli);
} cli_command;

extern const cli_command cli_commands[]; /* NULL name at the end */
/* Reads argv behind the command's name; CLI_OK, or CLI_USAGE after it has said why. */
extern int cli_read_options(cs_cli *cli, const cli_command *command, int argc, char **argv);
extern void cli_help(const cli_command *command); /* NULL: of all */

/* ---- report.c ---- */

/* Something about this call, not about a document: "coserv: ...". Answers CLI_TROUBLE. */
extern int cli_trouble(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
extern int cli_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* The error in cli->ctx about a file, with the DETAIL and HINT that SQL gives, or as JSON. Answers CLI_NO (CLI_TROUBLE for memory). */
extern int cli_refuse(cs_cli *cli, const char *file, const char *what);
/* The same for any four texts; those that are NULL are left out. */
extern int cli_tell_error(cs_cli *cli, const char *file, const char *code, const char *message, const char *detail, const char *hint);
/* A member of a JSON object under construction, with a comma before it unless it is the first; NULL is null. */
extern void cli_put_member(cs_buf *out, const char *name, const char *text);
extern void cli_put_name(cs_buf *out, const char *name);
/* Writes to --output, or standard output. */
extern int cli_write(cs_cli *cli, cs_span bytes);
extern int cli_write_to(const char *path, cs_span bytes);
/* CBOR for people: annotated EDN by a rule (NULL: none), or JSON where that was asked for and a rule is there. */
extern int cli_show(cs_cli *cli, cs_span bytes, const cs_rule *rule);

/* ---- files.c ---- */

/* A whole file, "-" for standard input. False after it has said why; *status is CLI_TROUBLE then. */
extern bool cli_read_file(cs_cli *cli, const char *path, cs_span *bytes);
/* A document as people have it: CBOR, EDN, \x and hexadecimal digits, or JSON, by what it is. What is none comes back as it is. False with
 * cli->ctx.error for text that is nearly one. */
extern bool cli_document(cs_cli *cli, cs_span written, cs_span *document);
/* Public keys of --key as $crypto-key-type-choice. */
extern int cli_read_keys(cs_cli *cli, cs_item *keys);
extern bool cli_hex(cs_cli *cli, const char *text, cs_span *bytes);
/* RFC 3339, or a day; seconds since 1970. CLI_USAGE after it has said why. */
extern int cli_time(cs_cli *cli, const char *option, const char *text, int64_t *seconds);
extern int64_t cli_now(void);
/* Begin with fresh memory: what was read before is gone. */
extern void cli_begin(cs_cli *cli);

/* ---- the commands ---- */

extern int cli_inspect(cs_cli *cli);
extern int cli_describe(cs_cli *cli);
extern int cli_to_json(cs_cli *cli);
extern int cli_from_json(cs_cli *cli);
extern int cli_sign(cs_cli *cli);
extern int cli_verify(cs_cli *cli);
extern int cli_diff(cs_cli *cli);
extern int cli_query(cs_cli *cli);
extern int cli_evidence(cs_cli *cli);
extern int cli_convert(cs_cli *cli);
extern int cli_load(cs_cli *cli);
extern int cli_ask(cs_cli *cli);
extern int cli_changes(cs_cli *cli);
extern int cli_mirror(cs_cli *cli);
extern int cli_verify_audit(cs_cli *cli);

/* A query as CLI users write it, in deterministic encoding and validated. */
extern bool cli_read_query(cs_cli *cli, cs_span written, cs_span *query);
/* A CoRIM signed with a key at hand or a pkcs11: URI, appended (sign.c). False with cli->ctx.error, or after it has said why not. */
extern bool cli_sign_corim(cs_cli *cli, const char *key, const char *signer, cs_span corim, cs_buf *out);
/* GET of a gateway (url.c): status of HTTP, 0 after it has said why not. */
extern long cli_get(cs_cli *cli, const char *url, const char *accept, cs_buf *body);

#endif
