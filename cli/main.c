/*
 * main.c - coserv: the core of the extension as a command, for who writes, signs and reads documents and has no server.
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static const cli_command *
find(const char *name)
{
	for (const cli_command *command = cli_commands; command->name != NULL; command++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}

int
main(int argc, char **argv)
{
	cs_cli cli = { .store = "rim" };
	const cli_command *command;
	int status;

	if (argc < 2 || strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
	{
		command = argc > 2 ? find(argv[2]) : NULL;
		if (argc > 2 && command == NULL)
			return cli_usage("no command %s", argv[2]);
		cli_help(command);
		return argc < 2 ? CLI_USAGE : CLI_OK;
	}
	if (strcmp(argv[1], "--version") == 0)
	{
		puts("coserv " COSERV_VERSION);
		return CLI_OK;
	}
	command = find(argv[1]);
	if (command == NULL)
		return cli_usage("no command %s", argv[1]);
	cli.command = command->name;
	status = cli_read_options(&cli, command, argc - 1, argv + 1);
	if (status != CLI_OK)
		return status;
	cs_arena_init(&cli.arena, &cli.ctx);
	status = command->run(&cli);
	cs_arena_free(&cli.arena);
	if (fflush(stdout) != 0)
		return cli_trouble("cannot write to standard output");
	return status;
}
