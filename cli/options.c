/*
 * options.c - the commands and their options.
 */
#include "cli.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIGNING "key output signer signer-uri x5chain not-before not-after metadata kid detached hash-envelope prepare finish payload"

const cli_command cli_commands[] = {
	{ "inspect", "FILE...", "json", "everything wrong or notable about documents", 1, -1, cli_inspect },
	{ "describe", "FILE", "rule output", "a document in diagnostic notation, with the standards' names", 1, 1, cli_describe },
	{ "to-json", "FILE", "rule output", "a document as JSON with the standards' names", 1, 1, cli_to_json },
	{ "from-json", "FILE", "rule output", "the document that such JSON, or EDN, stands for", 1, 1, cli_from_json },
	{ "sign", "FILE", SIGNING, "sign a CoRIM: with a key at hand, or elsewhere in two steps", 1, 1, cli_sign },
	{ "verify", "FILE...", "json key payload chain at", "verify signed CoRIMs with the keys that you trust", 1, -1, cli_verify },
	{ "diff", "OLD NEW", "json", "what a CoRIM says that another does not", 2, 2, cli_diff },
	{ "query", "encode FILE | decode TEXT", "json output", "a CoSERV query to and from the form that URLs have", 2, 2, cli_query },
	{ "evidence", "FILE", "json format key nonce certificates signature registers event-log environment at unverified",
		"verify Evidence and make ECTs of it", 1, 1, cli_evidence },
	{ "convert", "FILE", "output key at signature event-log environment unverified quiet",
		"verify a vendor's RIM in XML, policy or provenance and make a CoRIM of it, to be signed", 1, 1, cli_convert },
	{ "load", "FILE...", "json quiet db store authority payload chain", "load documents into a store", 1, -1, cli_load },
	{ "ask", "FILE", "json output db url store as-of signed key", "ask a store or a gateway", 1, 1, cli_ask },
	{ "changes", "", "json db store since", "what counts otherwise in a store since a cursor; without one, the cursor of now", 0, 0,
		cli_changes },
	{ "mirror", "FILE", "json quiet db store metrics", "fetch what the sources of a configuration have, and load what is new", 1, 1,
		cli_mirror },
	{ "verify-audit", "", "json db store root", "verify a store's audit, and compare a root that was kept", 0, 0, cli_verify_audit },
	{ NULL, NULL, NULL, NULL, 0, 0, NULL },
};

typedef struct cli_option
{
	const char *name;
	const char *argument; /* NULL: none */
	const char *summary;
	size_t at; /* in cs_cli: a bool, or a const char * */
} cli_option;

#define AT(member) offsetof(cs_cli, member)

static const cli_option options[] = {
	{ "json", NULL, "JSON for scripts", AT(json) },
	{ "quiet", NULL, "no progress", AT(quiet) },
	{ "output", "FILE", "where to write; standard output else", AT(output) },
	{ "key", "FILE|URI", "a key: PEM, JWK, COSE_Key, certificate; to sign with, also pkcs11:...; may be repeated", AT(keys) },
	{ "signer", "NAME", "who signs", AT(signer) },
	{ "signer-uri", "URI", "and where to find out more", AT(signer_uri) },
	{ "x5chain", "FILE", "certificates to send along, PEM or DER, the signer's first", AT(x5chain) },
	{ "not-before", "TIME", "from when the signature counts", AT(not_before) },
	{ "not-after", "TIME", "and until when", AT(not_after) },
	{ "metadata", "WHICH", "cwt-claims, corim-meta or both", AT(metadata) },
	{ "kid", "HEX", "key identifier for the header", AT(kid) },
	{ "detached", NULL, "leave the CoRIM out of what is written", AT(detached) },
	{ "hash-envelope", NULL, "sign the CoRIM's digest", AT(hash_envelope) },
	{ "prepare", "FILE", "write what a token elsewhere is to sign here, and a draft to --output; --key is the public key", AT(prepare) },
	{ "finish", "FILE", "put the token's signature, which is in this file, into the draft", AT(finish) },
	{ "payload", "FILE", "the CoRIM, where a signature lies apart from it", AT(payload) },
	{ "chain", "FILE", "certificates that came beside documents in a vendor's form, the signer's first", AT(chain) },
	{ "rule", "NAME", "the CDDL rule that the input is of", AT(rule) },
	{ "format", "NAME", "of Evidence; `coserv evidence --format help -` lists them", AT(format) },
	{ "nonce", "HEX", "what the Evidence must answer", AT(nonce) },
	{ "certificates", "FILE", "certificates that the Evidence does not bring", AT(certificates) },
	{ "signature", "FILE", "where it stands apart from what is signed", AT(signature) },
	{ "registers", "FILE", "values of PCRs, where they stand apart", AT(registers) },
	{ "event-log", "FILE", "from which registers are replayed", AT(event_log) },
	{ "environment", "EDN", "environment-map of what the Evidence is known to be of", AT(environment) },
	{ "at", "TIME", "the moment at which it is judged; now else", AT(at) },
	{ "unverified", NULL, "go on with what does not verify: ECTs without authority, a CoRIM of what nobody has signed", AT(unverified) },
	{ "db", "CONNINFO", "connect to PostgreSQL so (libpq)", AT(db) },
	{ "url", "URL", "ask the gateway there", AT(url) },
	{ "store", "NAME", "the store's schema; rim else", AT(store) },
	{ "authority", "NAME", "in whose name to load", AT(authority) },
	{ "as-of", "TIME", "the answer of that moment", AT(as_of) },
	{ "signed", NULL, "ask for the signed result", AT(is_signed) },
	{ "since", "CURSOR", "what an earlier call printed last", AT(since) },
	{ "metrics", "FILE", "write what became of the run for Prometheus, as node_exporter reads it", AT(metrics) },
	{ "root", "SEAL=HEX", "the root of a seal, as it was kept elsewhere", AT(root) },
	{ NULL, NULL, NULL, 0 },
};

/* Is name one of the words of list? */
static bool
listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = list; (at = strstr(at, name)) != NULL; at += len)
		if ((at == list || at[-1] == ' ') && (at[len] == '\0' || at[len] == ' '))
			return true;
	return false;
}

static bool
set_option(cs_cli *cli, const cli_option *option, const char *argument)
{
	char *place = (char *) cli + option->at;

	if (option->argument == NULL)
		*(bool *) place = true;
	else if (option->at != AT(keys))
		*(const char **) place = argument;
	else if (cli->key_count == CLI_MAX_KEYS)
		return false;
	else
		cli->keys[cli->key_count++] = argument;
	return true;
}

int
cli_read_options(cs_cli *cli, const cli_command *command, int argc, char **argv)
{
	struct option longs[sizeof(options) / sizeof(options[0])] = { { 0 } };
	const cli_option *chosen[sizeof(options) / sizeof(options[0])];
	int count = 0;
	int found;
	int index;

	for (const cli_option *option = options; option->name != NULL; option++)
		if (listed(command->options, option->name))
		{
			longs[count] = (struct option) { option->name, option->argument ? required_argument : no_argument, NULL, 1 };
			chosen[count++] = option;
		}
	while ((found = getopt_long(argc, argv, "o:", longs, &index)) != -1)
	{
		if (found == 'o' && listed(command->options, "output"))
			cli->output = optarg;
		else if (found != 1)
			return cli_usage("coserv help %s says what there is", command->name);
		else if (!set_option(cli, chosen[index], optarg))
			return cli_usage("more than %d keys", CLI_MAX_KEYS);
	}
	cli->files = argv + optind;
	cli->file_count = argc - optind;
	if (cli->file_count < command->least || (command->most >= 0 && cli->file_count > command->most))
		return cli_usage("coserv %s takes %s", command->name, command->arguments[0] ? command->arguments : "no file");
	return CLI_OK;
}

void
cli_help(const cli_command *command)
{
	if (command != NULL)
	{
		printf("coserv %s%s%s [OPTION...]: %s\n", command->name, command->arguments[0] ? " " : "", command->arguments, command->summary);
		for (const cli_option *option = options; option->name != NULL; option++)
			if (listed(command->options, option->name))
				printf("  --%s%s%-*s %s\n", option->name, option->argument ? " " : "",
					(int) (24 - strlen(option->name) - (option->argument ? 1 : 0)), option->argument ? option->argument : "",
					option->summary);
		return;
	}
	puts("coserv COMMAND [OPTION...] [FILE...]: CoRIM documents, CoSERV queries and Evidence; a FILE of - is standard input\n");
	for (const cli_command *each = cli_commands; each->name != NULL; each++)
		printf("  %-13s %-26s %s\n", each->name, each->arguments, each->summary);
	puts("\ncoserv help COMMAND has the options; man coserv says it all. Exit status: 0 yes, 1 no, 2 wrong call, 3 trouble.");
}
