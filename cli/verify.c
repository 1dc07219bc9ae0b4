/*
 * verify.c - verify: is a signed CoRIM valid whole, and signed by a key that the caller trusts, or one that leads to it?
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

#include "document/vouch.h"

static const cs_span nothing = { NULL, 0 };

/* The first of the caller's keys that vouches for any of the signatures; false with the last reason. */
static bool
find_key(cs_cli *cli, const cs_verified *document, const cs_item *keys, cs_vouching *how, size_t *which)
{
	cs_error last = { 0 };

	for (size_t i = 0; i < document->signature_count; i++)
	{
		cs_signature signature;

		if (!cs_signature_open(&cli->ctx, &document->signatures[i], how, &signature))
			last = cli->ctx.error;
		else
			for (size_t k = 0; k < cli->key_count; k++)
			{
				if (cs_vouches(&cli->ctx, &signature, &keys[k], how))
				{
					*which = k;
					return true;
				}
				last = cli->ctx.error;
			}
	}
	cli->ctx.error = last;
	return false;
}

static int
tell_verified(cs_cli *cli, const char *file, const cs_verified *document, const char *key)
{
	cs_buf out, name;

	cs_buf_init(&out, &cli->ctx);
	cs_buf_init(&name, &cli->ctx);
	cs_put_raw(&name, document->signer.signer_name.data, document->signer.signer_name.len);
	cs_put_byte(&name, 0);
	if (cli->json)
	{
		cs_put_byte(&out, '{');
		cli_put_member(&out, "file", file);
		cli_put_member(&out, "key", key);
		cli_put_member(&out, "signer", cs_buf_ok(&name) ? (const char *) name.data : "");
		cli_put_name(&out, "not_after");
		if (document->validity.has_not_after)
			cs_put_fmt(&out, "%lld", (long long) document->validity.not_after);
		else
			cs_put_str(&out, "null");
		cs_put_str(&out, "}\n");
	}
	else
		cs_put_fmt(&out, "%s: verified with %s, signer \"%s\"\n", file, key, cs_buf_ok(&name) ? (const char *) name.data : "");
	return cs_buf_ok(&out) ? cli_write(cli, cs_buf_span(&out)) : cli_refuse(cli, file, NULL);
}

static int
verify_file(cs_cli *cli, const char *file, int64_t at)
{
	cs_span document, payload = nothing;
	cs_item keys[CLI_MAX_KEYS];
	cs_verified opened;
	cs_vouching how;
	size_t which = 0;
	int status = cli_read_keys(cli, keys);

	if (status != CLI_OK)
		return status;
	if (cli->payload != NULL && cli->chain != NULL)
		return cli_usage("a document has a payload or a chain beside it, not both");
	if (!cli_read_file(cli, file, &document) || (cli->payload != NULL && !cli_read_file(cli, cli->payload, &payload)) ||
		(cli->chain != NULL && !cli_read_file(cli, cli->chain, &payload)))
		return CLI_TROUBLE;
	if (!cs_open_with_payload(&cli->ctx, document, payload, true, &opened))
		return cli_refuse(cli, file, "CoRIM");
	if (opened.envelope.envelope == CS_ENV_UNSIGNED)
	{
		cs_fail(&cli->ctx, CS_UNTRUSTED, "it is not signed");
		return cli_refuse(cli, file, NULL);
	}
	how = (cs_vouching) { .at = at, .detached = opened.detached, .vendor = opened.vendor };
	if (!find_key(cli, &opened, keys, &how, &which))
		return cli_refuse(cli, file, NULL);
	cs_narrow(&opened.validity, &how.path);
	if (!cs_require_valid(&cli->ctx, &opened, at))
		return cli_refuse(cli, file, NULL);
	return tell_verified(cli, file, &opened, cli->keys[which]);
}

int
cli_verify(cs_cli *cli)
{
	int64_t at = cli_now();
	int worst = CLI_OK;

	if (cli->key_count == 0)
		return cli_usage("coserv verify needs --key FILE: whom do you trust?");
	if (cli->at != NULL && cli_time(cli, "at", cli->at, &at) != CLI_OK)
		return CLI_USAGE;
	for (int i = 0; i < cli->file_count; i++)
	{
		int status;

		cli_begin(cli);
		status = verify_file(cli, cli->files[i], at);
		worst = status > worst ? status : worst;
	}
	return worst;
}
