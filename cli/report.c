/*
 * report.c - what the commands tell, in text and as JSON.
 */
#include "cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cbor/json.h"
#include "json/json.h"
#include "model/profile.h"

static void
say(const char *fmt, va_list args)
{
	fflush(stdout);
	fputs("coserv: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
}

int
cli_trouble(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
	return CLI_TROUBLE;
}

int
cli_usage(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	say(fmt, args);
	va_end(args);
	fputs("HINT:  coserv help\n", stderr);
	return CLI_USAGE;
}

void
cli_put_name(cs_buf *out, const char *name)
{
	if (out->len > 0 && out->data[out->len - 1] != '{')
		cs_put_str(out, ", ");
	cs_put_json_string(out, (cs_span) { (const uint8_t *) name, strlen(name) });
	cs_put_str(out, ": ");
}

/* What a file name or a server says need not be UTF-8. */
static void
put_string(cs_buf *out, const char *text)
{
	cs_span span = { (const uint8_t *) text, strlen(text) };
	char *copy;

	if (!cs_utf8_valid(span.data, span.len) && (copy = cs_strndup(out->ctx, text, span.len)) != NULL)
	{
		for (char *at = copy; *at != '\0'; at++)
			if ((*at & 0x80) != 0)
				*at = '?';
		span.data = (const uint8_t *) copy;
	}
	cs_put_json_string(out, span);
}

void
cli_put_member(cs_buf *out, const char *name, const char *text)
{
	cli_put_name(out, name);
	if (text != NULL)
		put_string(out, text);
	else
		cs_put_str(out, "null");
}

int
cli_tell_error(cs_cli *cli, const char *file, const char *code, const char *message, const char *detail, const char *hint)
{
	cs_buf out;

	if (!cli->json)
	{
		fflush(stdout);
		fprintf(stderr, "coserv: %s: %s\n", file, message);
		if (detail != NULL)
			fprintf(stderr, "DETAIL:  %s\n", detail);
		if (hint != NULL)
			fprintf(stderr, "HINT:  %s\n", hint);
		return CLI_NO;
	}
	cs_buf_init(&out, &cli->ctx);
	cs_put_byte(&out, '{');
	cli_put_member(&out, "file", file);
	cli_put_name(&out, "error");
	cs_put_byte(&out, '{');
	cli_put_member(&out, "code", code);
	cli_put_member(&out, "message", message);
	cli_put_member(&out, "detail", detail);
	cli_put_member(&out, "hint", hint);
	cs_put_str(&out, "}}\n");
	if (!cs_buf_ok(&out))
		return cli_trouble("out of memory");
	fwrite(out.data, 1, out.len, stdout);
	return CLI_NO;
}

int
cli_refuse(cs_cli *cli, const char *file, const char *what)
{
	cs_error error = cli->ctx.error;
	char message[CS_SENTENCE_MAX], detail[CS_SENTENCE_MAX];
	bool has_detail = cs_error_detail(&error, detail);

	cs_error_message(&error, what, message);
	cli_tell_error(cli, file, cs_code_name(error.code), message, has_detail ? detail : NULL, error.hint[0] ? error.hint : NULL);
	return error.code == CS_NO_MEMORY ? CLI_TROUBLE : CLI_NO;
}

int
cli_write_to(const char *path, cs_span bytes)
{
	bool is_stdout = path == NULL || strcmp(path, "-") == 0;
	FILE *file = is_stdout ? stdout : fopen(path, "wb");
	bool ok;

	if (file == NULL)
		return cli_trouble("cannot write %s: %s", path, strerror(errno));
	ok = bytes.len == 0 || fwrite(bytes.data, 1, bytes.len, file) == bytes.len;
	ok = (is_stdout ? fflush(file) : fclose(file)) == 0 && ok;
	return ok ? CLI_OK : cli_trouble("cannot write %s: %s", is_stdout ? "standard output" : path, strerror(errno));
}

int
cli_write(cs_cli *cli, cs_span bytes)
{
	return cli_write_to(cli->output, bytes);
}

int
cli_show(cs_cli *cli, cs_span bytes, const cs_rule *rule)
{
	cs_item item = cs_item_at(bytes.data, bytes.len);
	cs_edn_style style = { true, NULL };
	cs_edn_notes notes;
	cs_buf out;
	bool ok;

	cs_buf_init(&out, &cli->ctx);
	if (rule != NULL)
	{
		notes = cs_rule_notes_for(rule, cs_profile_of_document(&cli->ctx, &item));
		style.notes = &notes;
	}
	ok = cli->json && rule != NULL ? cs_json_write(&cli->ctx, rule, &item, &out) : cs_edn_print(&cli->ctx, &item, &style, &out);
	cs_put_byte(&out, '\n');
	if (!ok || !cs_buf_ok(&out))
		return cli_refuse(cli, cli->files[cli->file_count - 1], NULL);
	return cli_write(cli, cs_buf_span(&out));
}
