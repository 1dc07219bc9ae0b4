/*
 * mirror_config.c - the configuration: sections in brackets, a source each, with lines of "name = value"; # begins a comment.
 */
#include "mirror.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef struct setting
{
	const char *name;
	enum
	{
		TEXT,
		NUMBER,
		LIST
	} type;
	size_t at;
	long least, most;
} setting;

#define AT(member) offsetof(mirror_source, member)

static const setting settings[] = {
	{ "kind", TEXT, AT(kind), 0, 0 },
	{ "url", TEXT, AT(url), 0, 0 },
	{ "path", TEXT, AT(path), 0, 0 },
	{ "authority", TEXT, AT(authority), 0, 0 },
	{ "key", TEXT, AT(key), 0, 0 },
	{ "signer", TEXT, AT(signer), 0, 0 },
	{ "root", TEXT, AT(root), 0, 0 },
	{ "at", TEXT, AT(judged_at), 0, 0 },
	{ "ask", LIST, AT(ask), 0, 0 },
	{ "types", LIST, AT(types), 0, 0 },
	{ "rate", NUMBER, AT(rate), 1, 1000 },
	{ "tries", NUMBER, AT(tries), 1, 20 },
	{ "timeout", NUMBER, AT(timeout), 1, 3600 },
	{ "patience", NUMBER, AT(patience), 0, 3600 },
	{ "every", NUMBER, AT(every), 0, 31536000 },
	{ "margin", NUMBER, AT(margin), 0, 31536000 },
};

static char *
trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r");
	len = strlen(text);
	while (len > 0 && strchr(" \t\r", text[len - 1]) != NULL)
		text[--len] = '\0';
	return text;
}

static int
wrong(const char *path, int line, const char *what)
{
	return cli_usage("%s, line %d: %s", path, line, what);
}

static int
add_source(mirror_config *config, const char *path, int line, char *name)
{
	mirror_source *source = cs_alloc(&config->ctx, 1, sizeof(*source));
	size_t len = strlen(name);

	if (len < 3 || name[len - 1] != ']')
		return wrong(path, line, "a section is [name]");
	if (source == NULL)
		return cli_trouble("out of memory");
	name[len - 1] = '\0';
	*source = (mirror_source) { .name = name + 1, .rate = 5, .tries = 4, .timeout = 30, .patience = 60, .every = 86400, .margin = 604800 };
	if (config->last != NULL)
		config->last->next = source;
	else
		config->sources = source;
	config->last = source;
	return CLI_OK;
}

static bool
add_values(mirror_values *list, char *value)
{
	char *rest;

	for (char *one = strtok_r(value, " \t,", &rest); one != NULL; one = strtok_r(NULL, " \t,", &rest))
	{
		if (list->count == MIRROR_MAX_VALUES)
			return false;
		list->values[list->count++] = one;
	}
	return true;
}

static int
set(mirror_source *source, const char *path, int line, const char *name, char *value)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
	{
		const setting *one = &settings[i];
		void *place = (char *) source + one->at;
		char *end;
		long number;

		if (strcmp(one->name, name) != 0)
			continue;
		if (one->type == TEXT)
			*(const char **) place = value;
		else if (one->type == LIST)
			return add_values(place, value) ? CLI_OK : wrong(path, line, "more than 4096 of them");
		else
		{
			errno = 0;
			number = strtol(value, &end, 10);
			if (end == value || *end != '\0' || errno != 0 || number < one->least || number > one->most)
				return wrong(path, line, "a number within its bounds is expected");
			*(long *) place = number;
		}
		return CLI_OK;
	}
	return wrong(path, line, "no such setting");
}

static int
read_line(mirror_config *config, const char *path, int line, char *text)
{
	char *equals;

	text = trim(text);
	if (text[0] == '\0' || text[0] == '#')
		return CLI_OK;
	if (text[0] == '[')
		return add_source(config, path, line, text);
	equals = strchr(text, '=');
	if (equals == NULL)
		return wrong(path, line, "a line is \"name = value\"");
	*equals = '\0';
	if (config->last != NULL)
		return set(config->last, path, line, trim(text), trim(equals + 1));
	if (strcmp(trim(text), "state") != 0)
		return wrong(path, line, "before the first section only \"state\" is set");
	config->state = trim(equals + 1);
	return CLI_OK;
}

static int
check(const mirror_config *config, const char *path)
{
	if (config->state == NULL)
		return cli_usage("%s: it names no folder for \"state\"", path);
	if (config->sources == NULL)
		return cli_usage("%s: it has no source", path);
	for (const mirror_source *source = config->sources; source != NULL; source = source->next)
	{
		if (source->kind == NULL || !mirror_known_kind(source->kind))
			return cli_usage("%s: source %s is of no known kind", path, source->name);
		if (strcmp(source->kind, "directory") == 0 ? source->path == NULL : source->url == NULL && strcmp(source->kind, "url") != 0)
			return cli_usage("%s: source %s lacks its %s", path, source->name, strcmp(source->kind, "directory") == 0 ? "path" : "url");
	}
	return CLI_OK;
}

int
mirror_read_config(cs_cli *cli, const char *path, mirror_config *config)
{
	cs_span file;
	char *text, *rest;
	int status = CLI_OK;

	if (!cli_read_file(cli, path, &file))
		return CLI_TROUBLE;
	text = cs_strndup(&config->ctx, file.data, file.len);
	if (text == NULL)
		return cli_trouble("out of memory");
	for (int line = 1; status == CLI_OK && text != NULL; line++, text = rest)
	{
		rest = strchr(text, '\n');
		if (rest != NULL)
			*rest++ = '\0';
		status = read_line(config, path, line, text);
	}
	return status == CLI_OK ? check(config, path) : status;
}
