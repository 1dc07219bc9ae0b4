/*
 * evidence.c - evidence: what an Attester sent, verified and made into ECTs (doc/evidence.md).
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

#include "evidence/evidence.h"

static int
list_formats(void)
{
	const cs_evidence_format *format;

	for (size_t i = 0; (format = cs_evidence_format_at(i)) != NULL; i++)
		printf(
			"%-14s %s%s%s\n", format->name, format->title, format->refused ? "; not read: " : "", format->refused ? format->refused : "");
	return CLI_OK;
}

static bool
read_optional(cs_cli *cli, const char *path, cs_span *out)
{
	return path == NULL || cli_read_file(cli, path, out);
}

static int
read_given(cs_cli *cli, cs_evidence_given *given, cs_evidence_key *trusted)
{
	cs_item keys[CLI_MAX_KEYS];
	int status = cli_read_keys(cli, keys);

	if (status != CLI_OK)
		return status;
	for (size_t i = 0; i < cli->key_count; i++)
		trusted[i] = (cs_evidence_key) { .key = keys[i] };
	*given = (cs_evidence_given) { .keys = trusted, .key_count = cli->key_count, .at = cli_now(), .unverified = cli->unverified };
	if (cli->at != NULL && cli_time(cli, "at", cli->at, &given->at) != CLI_OK)
		return CLI_USAGE;
	given->has_nonce = cli->nonce != NULL;
	if (given->has_nonce && !cli_hex(cli, cli->nonce, &given->nonce))
		return cli_usage("--nonce takes hexadecimal digits");
	if (!cli_read_file(cli, cli->files[0], &given->evidence) || !read_optional(cli, cli->certificates, &given->certificates) ||
		!read_optional(cli, cli->signature, &given->signature) || !read_optional(cli, cli->registers, &given->registers) ||
		!read_optional(cli, cli->event_log, &given->event_log))
		return CLI_TROUBLE;
	if (cli->environment == NULL)
		return CLI_OK;
	if (!cli_document(cli, (cs_span) { (const uint8_t *) cli->environment, strlen(cli->environment) }, &given->environment) ||
		!cs_validate(&cli->ctx, &cs_rule_environment_map, given->environment.data, given->environment.len, true))
		return cli_refuse(cli, "--environment", "environment");
	return CLI_OK;
}

int
cli_evidence(cs_cli *cli)
{
	cs_evidence_key trusted[CLI_MAX_KEYS];
	cs_evidence_given given;
	cs_evidence evidence;
	cs_buf ects;
	int status;

	if (cli->format == NULL)
		return cli_usage("coserv evidence needs --format NAME; --format help lists them");
	if (strcmp(cli->format, "help") == 0)
		return list_formats();
	status = read_given(cli, &given, trusted);
	if (status != CLI_OK)
		return status;
	cs_buf_init(&ects, &cli->ctx);
	if (!cs_evidence_read(&cli->ctx, cli->format, &given, &evidence) || !cs_evidence_put_ects(&evidence, &ects) || !cs_buf_ok(&ects))
		return cli_refuse(cli, cli->files[0], "evidence");
	for (size_t i = 0; i < evidence.count; i++)
		for (size_t k = 0; k < evidence.ects[i]->note_count; k++)
			fprintf(stderr, "coserv: ECT %zu: %s\n", i, evidence.ects[i]->notes[k]);
	return cli_show(cli, cs_buf_span(&ects), &cs_rule_evidence);
}
