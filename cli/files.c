/*
 * files.c - files, and values of options, made into what the core takes.
 */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cbor/edn.h"
#include "cbor/text.h"
#include "document/seems.h"
#include "document/signing.h"

void
cli_begin(cs_cli *cli)
{
	cs_arena_free(&cli->arena);
	cs_arena_init(&cli->arena, &cli->ctx);
}

bool
cli_read_file(cs_cli *cli, const char *path, cs_span *bytes)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
	uint8_t block[65536];
	size_t got;
	cs_buf buf;
	bool ok;

	if (file == NULL)
	{
		cli_trouble("cannot read %s: %s", path, strerror(errno));
		return false;
	}
	cs_buf_init(&buf, &cli->ctx);
	while ((got = fread(block, 1, sizeof(block), file)) > 0 && cs_buf_ok(&buf))
		cs_put_raw(&buf, block, got);
	ok = !ferror(file);
	if (!ok)
		cli_trouble("cannot read %s: %s", path, strerror(errno));
	else if (!cs_buf_ok(&buf))
		cli_trouble("cannot read %s: %s", path, cli->ctx.error.message);
	if (file != stdin)
		fclose(file);
	*bytes = buf.len > 0 ? cs_buf_span(&buf) : (cs_span) { (const uint8_t *) "", 0 };
	return ok && cs_buf_ok(&buf);
}

bool
cli_hex(cs_cli *cli, const char *text, cs_span *bytes)
{
	size_t len = strlen(text);
	uint8_t *out = cs_alloc(&cli->ctx, len / 2 + 1, 1);

	for (size_t i = 0; i < len; i += 2)
	{
		int high = cs_hex_digit(text[i]);
		int low = cs_hex_digit(text[i + 1]); /* the terminating NUL is no digit */

		if (out == NULL || high < 0 || low < 0)
			return cs_fail(&cli->ctx, CS_MALFORMED, "hexadecimal digits in pairs are expected");
		out[i / 2] = (uint8_t) (high << 4 | low);
	}
	*bytes = (cs_span) { out, len / 2 };
	return out != NULL;
}

/* Text without the blanks and new lines around it, NUL-terminated. */
static char *
trimmed(cs_cli *cli, cs_span text)
{
	static const char blanks[] = " \t\r\n";

	while (text.len > 0 && text.data[0] != '\0' && strchr(blanks, text.data[0]) != NULL)
		text = (cs_span) { text.data + 1, text.len - 1 };
	while (text.len > 0 && text.data[text.len - 1] != '\0' && strchr(blanks, text.data[text.len - 1]) != NULL)
		text.len--;
	return cs_strndup(&cli->ctx, text.data, text.len);
}

static bool
parse_edn(cs_cli *cli, cs_span text, cs_span *document)
{
	cs_error *error = &cli->ctx.error;
	cs_buf buf;

	cs_buf_init(&buf, &cli->ctx);
	if (!cs_edn_parse(&cli->ctx, (const char *) text.data, text.len, &buf) || !cs_buf_ok(&buf))
	{
		if (error->has_offset)
			snprintf(error->path, sizeof(error->path), "character %zu", error->offset + 1);
		error->has_offset = false;
		return false;
	}
	*document = cs_buf_span(&buf);
	return true;
}

bool
cli_document(cs_cli *cli, cs_span written, cs_span *document)
{
	char *text;

	*document = written;
	if (cs_check(&cli->ctx, written.data, written.len))
		return true;
	if (cs_looks_like_json(written))
		return cs_signing_read(&cli->ctx, written, document);
	if (!cs_utf8_valid(written.data, written.len) || memchr(written.data, 0, written.len) != NULL)
		return true;
	text = trimmed(cli, written);
	if (text == NULL)
		return false;
	if (text[0] == '\\' && text[1] == 'x')
		return cli_hex(cli, text + 2, document);
	return !cs_looks_like_edn(text) || parse_edn(cli, written, document);
}

int
cli_read_keys(cs_cli *cli, cs_item *keys)
{
	for (size_t i = 0; i < cli->key_count; i++)
	{
		cs_span file;
		cs_buf key;

		if (!cli_read_file(cli, cli->keys[i], &file))
			return CLI_TROUBLE;
		cs_buf_init(&key, &cli->ctx);
		if (!cs_key_import(&cli->ctx, file.data, file.len, &key) || !cs_buf_ok(&key))
			return cli_refuse(cli, cli->keys[i], "key");
		keys[i] = cs_item_at(key.data, key.len);
	}
	return CLI_OK;
}

int64_t
cli_now(void)
{
	return (int64_t) time(NULL);
}

int
cli_time(cs_cli *cli, const char *option, const char *text, int64_t *seconds)
{
	char whole[64];
	cs_item item;
	cs_buf buf;

	snprintf(whole, sizeof(whole), "%s%s", text, strlen(text) == 10 ? "T00:00:00Z" : "");
	cs_buf_init(&buf, &cli->ctx);
	cs_put_tag(&buf, CS_TAG_DATE_TIME);
	cs_put_cstr(&buf, whole);
	if (cs_buf_ok(&buf))
	{
		item = cs_item_at(buf.data, buf.len);
		if (cs_time_read(&cli->ctx, &item, false, seconds))
			return CLI_OK;
	}
	return cli_usage("--%s takes a time like 2026-01-31T12:00:00Z or a day, not \"%s\"", option, text);
}
