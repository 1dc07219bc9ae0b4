/*
 * query.c - a CoSERV query to the path segment that a gateway takes, and back (draft-ietf-rats-coserv section 6).
 */
#include "cli.h"

#include <string.h>

#include "cbor/text.h"
#include "document/seems.h"
#include "json/json.h"
#include "query/http.h"

bool
cli_read_query(cs_cli *cli, cs_span written, cs_span *query)
{
	cs_ctx *ctx = &cli->ctx;
	cs_buf json, out;
	cs_query read;
	cs_item item;

	cs_buf_init(&json, ctx);
	cs_buf_init(&out, ctx);
	if (cs_looks_like_json(written))
	{
		if (!cs_json_read(ctx, &cs_rule_coserv_any, written, &json) || !cs_buf_ok(&json))
			return false;
		*query = cs_buf_span(&json);
	}
	else if (!cli_document(cli, written, query) || !cs_check(ctx, query->data, query->len))
		return false;
	item = cs_item_at(query->data, query->len);
	if (!cs_query_read(ctx, query->data, query->len, CS_QUERY_LAX, &read) || !cs_deterministic(ctx, &item, &out) || !cs_buf_ok(&out))
		return false;
	*query = cs_buf_span(&out);
	return true;
}

static int
encode(cs_cli *cli)
{
	cs_span written, query;
	cs_buf out;

	if (!cli_read_file(cli, cli->files[1], &written))
		return CLI_TROUBLE;
	if (!cli_read_query(cli, written, &query))
		return cli_refuse(cli, cli->files[1], "coserv");
	cs_buf_init(&out, &cli->ctx);
	cs_put_base64(&out, query, true, 0);
	cs_put_byte(&out, '\n');
	return cs_buf_ok(&out) ? cli_write(cli, cs_buf_span(&out)) : cli_refuse(cli, cli->files[1], NULL);
}

static int
decode(cs_cli *cli)
{
	const char *text = cli->files[1];
	const char *slash = strrchr(text, '/'); /* a whole URL will do */
	cs_query read;
	cs_buf out;

	text = slash != NULL ? slash + 1 : text;
	cs_buf_init(&out, &cli->ctx);
	if (!cs_base64url_decode(&cli->ctx, text, strlen(text), &out) || !cs_buf_ok(&out) || !cs_check(&cli->ctx, out.data, out.len) ||
		!cs_query_read(&cli->ctx, out.data, out.len, CS_QUERY_LAX | CS_QUERY_LEGACY, &read))
		return cli_refuse(cli, cli->files[1], "coserv");
	return cli_show(cli, cs_buf_span(&out), &cs_rule_coserv);
}

int
cli_query(cs_cli *cli)
{
	if (strcmp(cli->files[0], "encode") == 0)
		return encode(cli);
	if (strcmp(cli->files[0], "decode") == 0)
		return decode(cli);
	return cli_usage("coserv query encode FILE, or coserv query decode TEXT");
}
