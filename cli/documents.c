/*
 * documents.c - inspect, describe, to-json, from-json.
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

#include "cbor/json.h"
#include "inspect/inspect.h"
#include "json/json.h"
#include "document/seems.h"

static void
put_finding(cs_buf *out, const cs_finding *finding, const char *message)
{
	cs_put_byte(out, '{');
	cli_put_member(out, "severity", cs_severity_name(finding->severity));
	cli_put_member(out, "path", finding->path);
	cli_put_name(out, "offset");
	if (finding->has_offset)
		cs_put_fmt(out, "%zu", finding->offset);
	else
		cs_put_str(out, "null");
	cli_put_member(out, "rule", finding->rule);
	cli_put_member(out, "message", message);
	cli_put_member(out, "found", finding->found);
	cli_put_member(out, "section", finding->section);
	cs_put_byte(out, '}');
}

static void
print_finding(cs_buf *out, const char *file, const cs_finding *finding, const char *message)
{
	cs_put_fmt(out, "%s: %s: ", file, cs_severity_name(finding->severity));
	cs_put_str(out, message);
	if (finding->found != NULL)
		cs_put_fmt(out, ": found %s", finding->found);
	cs_put_byte(out, '\n');
	if (finding->path != NULL || finding->has_offset)
	{
		cs_put_str(out, "    at ");
		if (finding->has_offset)
			cs_put_fmt(out, "byte %zu%s", finding->offset, finding->path != NULL ? ", " : "");
		if (finding->path != NULL)
			cs_put_str(out, finding->path);
		if (finding->section != NULL)
			cs_put_fmt(out, " (%s)", finding->section);
		cs_put_byte(out, '\n');
	}
}

/* One file's findings, as an object {file, findings} a line, or as text. */
static int
inspect_file(cs_cli *cli, const char *file)
{
	cs_span written, document;
	cs_inspection inspection;
	int status = CLI_OK;
	cs_buf out;

	if (!cli_read_file(cli, file, &written))
		return CLI_TROUBLE;
	if (!cli_document(cli, written, &document))
		document = written;
	if (!cs_inspect(&cli->ctx, document.data, document.len, cli_now(), &inspection))
		return cli_refuse(cli, file, NULL);
	cs_buf_init(&out, &cli->ctx);
	if (cli->json)
	{
		cs_put_byte(&out, '{');
		cli_put_member(&out, "file", file);
		cli_put_name(&out, "findings");
		cs_put_byte(&out, '[');
	}
	for (size_t i = 0; i < inspection.count; i++)
	{
		const cs_finding *finding = &inspection.findings[i];
		const char *message = cs_finding_message(&cli->ctx, finding);

		if (message == NULL)
			return cli_refuse(cli, file, NULL);
		if (finding->severity == CS_SEVERITY_ERROR)
			status = CLI_NO;
		if (cli->json && i > 0)
			cs_put_str(&out, ", ");
		if (cli->json)
			put_finding(&out, finding, message);
		else
			print_finding(&out, file, finding, message);
	}
	if (cli->json)
		cs_put_str(&out, "]}\n");
	if (!cs_buf_ok(&out))
		return cli_refuse(cli, file, NULL);
	return cli_write(cli, cs_buf_span(&out)) == CLI_OK ? status : CLI_TROUBLE;
}

int
cli_inspect(cs_cli *cli)
{
	int worst = CLI_OK;

	for (int i = 0; i < cli->file_count; i++)
	{
		int status;

		cli_begin(cli);
		status = inspect_file(cli, cli->files[i]);
		worst = status > worst ? status : worst;
	}
	return worst;
}

/* Reads the one file and checks that it is CBOR; *rule is --rule, or what the document is by itself. */
static int
read_item(cs_cli *cli, cs_span *document, const cs_rule **rule)
{
	const char *file = cli->files[0];
	cs_span written;
	cs_item item;

	*rule = NULL;
	if (cli->rule != NULL && (*rule = cs_rule_by_name(cli->rule)) == NULL)
		return cli_usage("no rule \"%s\"", cli->rule);
	if (!cli_read_file(cli, file, &written))
		return CLI_TROUBLE;
	if (!cli_document(cli, written, document))
		return cli_refuse(cli, file, "document");
	if (!cs_check(&cli->ctx, document->data, document->len))
	{
		char hint[CS_TEXT_MAX];

		if (cs_seems(*document, hint))
			cs_fail_hint(&cli->ctx, "%s", hint);
		return cli_refuse(cli, file, "document");
	}
	item = cs_item_at(document->data, document->len);
	if (*rule == NULL)
		*rule = cs_document_rule(&cli->ctx, &item);
	return CLI_OK;
}

int
cli_describe(cs_cli *cli)
{
	const cs_rule *rule;
	cs_span document;
	int status = read_item(cli, &document, &rule);

	return status != CLI_OK ? status : cli_show(cli, document, rule);
}

int
cli_to_json(cs_cli *cli)
{
	const cs_rule *rule;
	cs_span document;
	int status = read_item(cli, &document, &rule);

	if (status != CLI_OK)
		return status;
	if (rule == NULL)
	{
		cs_fail(&cli->ctx, CS_INVALID, "it is no document that is known");
		cs_fail_hint(&cli->ctx, "Name its rule: --rule environment-map.");
		return cli_refuse(cli, cli->files[0], NULL);
	}
	cli->json = true;
	return cli_show(cli, document, rule);
}

/* A query names its query, a result its results; anything else is a CoRIM. */
static const cs_rule *
rule_of_json(cs_cli *cli, cs_span text)
{
	cs_json *json;
	bool is_coserv = cs_json_parse(&cli->ctx, text, &json) && cs_json_get(json, "query") != NULL;

	return is_coserv ? &cs_rule_coserv_any : &cs_rule_corim_document;
}

int
cli_from_json(cs_cli *cli)
{
	const char *file = cli->files[0];
	const cs_rule *rule;
	cs_span written, document;
	cs_buf out;

	if (!cli_read_file(cli, file, &written))
		return CLI_TROUBLE;
	if (!cs_looks_like_json(written) && cli->rule == NULL)
	{
		if (!cli_document(cli, written, &document) || !cs_check(&cli->ctx, document.data, document.len))
			return cli_refuse(cli, file, "document");
		return cli_write(cli, document);
	}
	rule = cli->rule != NULL ? cs_rule_by_name(cli->rule) : rule_of_json(cli, written);
	if (rule == NULL)
		return cli_usage("no rule \"%s\"", cli->rule);
	cs_buf_init(&out, &cli->ctx);
	if (!cs_json_read(&cli->ctx, rule, written, &out) || !cs_buf_ok(&out) || !cs_validate(&cli->ctx, rule, out.data, out.len, true))
	{
		cli->ctx.error.has_offset = false;
		return cli_refuse(cli, file, rule == &cs_rule_coserv_any ? "coserv" : rule == &cs_rule_corim_document ? "corim" : cli->rule);
	}
	return cli_write(cli, cs_buf_span(&out));
}
