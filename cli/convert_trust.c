/*
 * convert_trust.c - which keys may have signed a vendor's document: the caller's own, and that of a certificate which leads to one of them.
 */
#include "convert.h"

#include <stdio.h>

static int
moment(cs_cli *cli, int64_t *at)
{
	*at = cli_now();
	return cli->at == NULL ? CLI_OK : cli_time(cli, "at", cli->at, at);
}

/* certs[0] is the signer's, as everybody sends them; that its key has signed is for the caller to find out. */
static bool
add_certified(cs_cli *cli, const cs_span *certs, size_t count, int64_t at, cli_candidates *out)
{
	cs_certificate certificate;

	for (size_t i = 0; i < cli->key_count; i++)
		if (cs_chain_verify(&cli->ctx, certs, count, &out->keys[i], at))
		{
			if (!cs_key_from_cert(&cli->ctx, certs[0], &out->keys[out->count]) || !cs_certificate_read(&cli->ctx, certs[0], &certificate))
				return false;
			out->names[out->count++] = certificate.subject_text;
			return true;
		}
	snprintf(out->why, sizeof(out->why), "%s%s%s", cli->ctx.error.message, cli->ctx.error.found[0] ? ": " : "", cli->ctx.error.found);
	return true;
}

int
cli_candidates_of(cs_cli *cli, const cs_span *certs, size_t count, cli_candidates *out)
{
	cs_item items[CLI_MAX_KEYS];
	cs_certificate certificate;
	int64_t at;
	int status = moment(cli, &at);

	*out = (cli_candidates) { .count = 0 };
	if (status == CLI_OK)
		status = cli_read_keys(cli, items);
	for (size_t i = 0; status == CLI_OK && i < cli->key_count; i++)
	{
		if (!cs_key_read(&cli->ctx, &items[i], &out->keys[i]))
			return cli_refuse(cli, cli->keys[i], "key");
		if (out->keys[i].cert.len > 0 && cs_certificate_read(&cli->ctx, out->keys[i].cert, &certificate))
			out->names[i] = certificate.subject_text;
	}
	out->count = cli->key_count;
	if (status == CLI_OK && count > 0 && !add_certified(cli, certs, count, at, out))
		return cli_refuse(cli, cli->files[0], "certificate");
	return status;
}

int
cli_no_candidate(cs_cli *cli, const cli_candidates *candidates, const char *what)
{
	if (candidates->why[0] != '\0')
		return cli_tell_error(cli, cli->files[0], cs_code_name(CS_UNTRUSTED), "the certificates of the signer lead to none of the keys",
			candidates->why, "--key takes the root that the vendor publishes, --at the moment at which the chain is judged");
	return cli_tell_error(cli, cli->files[0], cs_code_name(CS_BAD_SIGNATURE), "the signature does not verify", what,
		"it was altered, or somebody else's key signed it: --key takes the signer's key, or the root that its certificates lead to");
}
