/*
 * sign.c - sign: with a key at hand, or in two steps where the key is in a token elsewhere.
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

#include "cose/certs.h"
#include "document/signing.h"

static cs_span
text_span(const char *text)
{
	return text != NULL ? (cs_span) { (const uint8_t *) text, strlen(text) } : (cs_span) { NULL, 0 };
}

static int
read_x5chain(cs_cli *cli, cs_signing *signing)
{
	cs_span file, *certs;

	if (cli->x5chain == NULL)
		return CLI_OK;
	if (!cli_read_file(cli, cli->x5chain, &file))
		return CLI_TROUBLE;
	if (!cs_certs_split(&cli->ctx, file, &certs, &signing->x5chain_count))
		return cli_refuse(cli, cli->x5chain, "certificates");
	signing->x5chain = certs;
	return CLI_OK;
}

static int
read_signing(cs_cli *cli, cs_signing *signing)
{
	int status = CLI_OK;

	*signing = (cs_signing) { .signer_name = text_span(cli->signer),
		.signer_uri = text_span(cli->signer_uri),
		.metadata = cli->metadata,
		.detached = cli->detached,
		.hash_envelope = cli->hash_envelope };
	signing->validity.has_not_before = cli->not_before != NULL;
	signing->validity.has_not_after = cli->not_after != NULL;
	signing->has_kid = cli->kid != NULL;
	if (signing->has_kid && !cli_hex(cli, cli->kid, &signing->kid))
		return cli_usage("--kid takes hexadecimal digits");
	if (cli->not_before != NULL)
		status = cli_time(cli, "not-before", cli->not_before, &signing->validity.not_before);
	if (status == CLI_OK && cli->not_after != NULL)
		status = cli_time(cli, "not-after", cli->not_after, &signing->validity.not_after);
	return status == CLI_OK ? read_x5chain(cli, signing) : status;
}

static int
public_key(cs_cli *cli, cs_key *key)
{
	cs_item items[CLI_MAX_KEYS];
	int status = cli_read_keys(cli, items);

	if (status == CLI_OK && !cs_key_read(&cli->ctx, &items[0], key))
		return cli_refuse(cli, cli->keys[0], "key");
	return status;
}

/* The draft and what is to be signed, each in its file. */
static int
prepare(cs_cli *cli, cs_span header, cs_span payload)
{
	cs_sign1 parsed;
	cs_span message;
	cs_buf draft;
	cs_item item;
	cs_key key;
	int64_t alg;
	int status = public_key(cli, &key);

	if (status != CLI_OK)
		return status;
	cs_buf_init(&draft, &cli->ctx);
	if (!cs_key_algorithm(&cli->ctx, &key, &alg) ||
		!cs_sign1_draft(&cli->ctx, alg, header, (cs_span) { NULL, 0 }, payload, cli->detached, &draft))
		return cli_refuse(cli, cli->keys[0], "signing key");
	item = cs_item_at(draft.data, draft.len);
	if (!cs_sign1_parse(&cli->ctx, &item, &parsed) || !cs_sign1_to_be_signed(&cli->ctx, &parsed, payload, &message))
		return cli_refuse(cli, cli->files[0], "draft");
	status = cli_write(cli, cs_buf_span(&draft));
	if (status == CLI_OK)
		status = cli_write_to(cli->prepare, message);
	if (status == CLI_OK && !cli->quiet)
		fprintf(stderr, "coserv: sign %s with %s; a signature in DER, or of r and s side by side, goes into --finish\n", cli->prepare,
			cs_alg_name(alg));
	return status;
}

static int
finish(cs_cli *cli)
{
	cs_span draft, signature, payload = { NULL, 0 };
	cs_verified document;
	cs_key key;
	cs_buf out;
	int status = public_key(cli, &key);

	if (status != CLI_OK)
		return status;
	if (!cli_read_file(cli, cli->files[0], &draft) || !cli_read_file(cli, cli->finish, &signature) ||
		(cli->payload != NULL && !cli_read_file(cli, cli->payload, &payload)))
		return CLI_TROUBLE;
	cs_buf_init(&out, &cli->ctx);
	if (!cs_check(&cli->ctx, draft.data, draft.len) || !cs_open_signatures(&cli->ctx, draft, (cs_span) { NULL, 0 }, &document) ||
		document.envelope.envelope != CS_ENV_SIGN1)
	{
		if (cli->ctx.error.code == CS_OK)
			cs_fail(&cli->ctx, CS_INVALID, "it is no draft that --prepare wrote");
		return cli_refuse(cli, cli->files[0], "draft");
	}
	if (!cs_sign1_complete(&cli->ctx, &document.sign1, payload, signature, &key, &out))
		return cli_refuse(cli, cli->finish, NULL);
	return cli_write(cli, cs_buf_span(&out));
}

static bool
sign_with(cs_cli *cli, const char *where, cs_span header, cs_span payload, cs_buf *out)
{
	cs_signer *signer = NULL;
	cs_span key;
	bool ok;

	if (strncmp(where, "pkcs11:", 7) == 0)
		ok = cs_signer_open_uri(&cli->ctx, where, &signer);
	else if (!cli_read_file(cli, where, &key))
		return false;
	else
		ok = cs_signer_open(&cli->ctx, key, &signer);
	ok = ok && cs_signer_sign1(&cli->ctx, signer, header, (cs_span) { NULL, 0 }, payload, cli->detached, out);
	cs_signer_free(signer);
	return ok && cs_buf_ok(out);
}

static int
sign_here(cs_cli *cli, cs_span header, cs_span payload)
{
	cs_buf out;

	cs_buf_init(&out, &cli->ctx);
	/* a URI may hold a PIN: no error has it */
	return sign_with(cli, cli->keys[0], header, payload, &out) ? cli_write(cli, cs_buf_span(&out))
															   : cli_refuse(cli, "--key", "signing key");
}

bool
cli_sign_corim(cs_cli *cli, const char *key, const char *signer, cs_span corim, cs_buf *out)
{
	cs_signing signing = { .signer_name = text_span(signer) };
	cs_span payload;
	cs_buf header;

	cs_buf_init(&header, &cli->ctx);
	return cs_signing_payload(&cli->ctx, corim, &signing, &payload) && cs_signing_header(&cli->ctx, &signing, &payload, &header) &&
		sign_with(cli, key, cs_buf_span(&header), payload, out);
}

int
cli_sign(cs_cli *cli)
{
	cs_span written, document, payload;
	cs_signing signing;
	cs_buf header;
	int status;

	if (cli->key_count != 1)
		return cli_usage("coserv sign takes one --key");
	if (cli->finish != NULL)
		return finish(cli);
	if (cli->signer == NULL)
		return cli_usage("coserv sign needs --signer NAME");
	if (cli->prepare != NULL && cli->output == NULL)
		return cli_usage("--prepare needs --output FILE for the draft");
	status = read_signing(cli, &signing);
	if (status != CLI_OK)
		return status;
	if (!cli_read_file(cli, cli->files[0], &written))
		return CLI_TROUBLE;
	cs_buf_init(&header, &cli->ctx);
	if (!cli_document(cli, written, &document) || !cs_signing_payload(&cli->ctx, document, &signing, &payload))
		return cli_refuse(cli, cli->files[0], "CoRIM");
	if (!cs_signing_header(&cli->ctx, &signing, &payload, &header))
		return cli_refuse(cli, cli->files[0], NULL);
	return cli->prepare != NULL ? prepare(cli, cs_buf_span(&header), payload) : sign_here(cli, cs_buf_span(&header), payload);
}
