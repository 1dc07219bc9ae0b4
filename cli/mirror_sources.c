/*
 * mirror_sources.c - what each kind of source is asked for, under the names that its vendor serves it by.
 */
#include "mirror.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cbor/text.h"

/*
 * Where the vendors serve today: Intel PCS API version 4; AMD, document 57230, "VCEK and VLEK certificate specification"; NVIDIA RIM
 * service.
 */
#define INTEL "certification/v4"

typedef struct kind
{
	const char *name;
	bool (*requests)(mirror *run, mirror_source *source, mirror_each each);
} kind;

/* The source's URL, without a slash at its end, and what follows it; in cli's memory. NULL: too long, or no memory. */
static const char *
url_of(mirror *run, const mirror_source *source, const char *fmt, va_list args)
{
	size_t len = source->url != NULL ? strlen(source->url) : 0;
	char url[8192];
	int rest;

	while (len > 0 && source->url[len - 1] == '/')
		len--;
	if (len >= sizeof(url))
		return NULL;
	memcpy(url, source->url != NULL ? source->url : "", len);
	rest = vsnprintf(url + len, sizeof(url) - len, fmt, args);
	return rest >= 0 && (size_t) rest < sizeof(url) - len ? cs_strndup(&run->cli->ctx, url, len + (size_t) rest) : NULL;
}

static const char *below(mirror *run, const mirror_source *source, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static const char *
below(mirror *run, const mirror_source *source, const char *fmt, ...)
{
	const char *url;
	va_list args;

	va_start(args, fmt);
	url = url_of(run, source, fmt, args);
	va_end(args);
	return url;
}

static bool ask(mirror *run, mirror_source *source, mirror_each each, mirror_form form, const char *query, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

static bool
ask(mirror *run, mirror_source *source, mirror_each each, mirror_form form, const char *query, const char *fmt, ...)
{
	mirror_request request = { .source = source, .query = query, .form = form };
	va_list args;

	cli_begin(run->cli);
	va_start(args, fmt);
	request.url = url_of(run, source, fmt, args);
	va_end(args);
	if (request.url == NULL)
		mirror_fail(run, "the URL is too long");
	return each(run, &request);
}

static bool
wants(const mirror_source *source, const char *type)
{
	for (size_t i = 0; i < source->types.count; i++)
		if (strcmp(source->types.values[i], type) == 0)
			return true;
	return source->types.count == 0;
}

/* TCB infos of each FMSPC, the identities of the quoting enclaves, and the CRLs of those that issue PCK certificates. */
static bool
intel(mirror *run, mirror_source *source, mirror_each each)
{
	static const char *const tees[] = { "sgx", "tdx" }, *const issuers[] = { "processor", "platform" };
	bool on = true;

	for (size_t t = 0; t < 2 && on; t++)
	{
		if (!wants(source, tees[t]))
			continue;
		on = ask(run, source, each, MIRROR_DOCUMENT, NULL, "/%s/" INTEL "/qe/identity", tees[t]);
		for (size_t i = 0; i < source->ask.count && on; i++)
			on = ask(run, source, each, MIRROR_DOCUMENT, NULL, "/%s/" INTEL "/tcb?fmspc=%s", tees[t], source->ask.values[i]);
	}
	if (on && wants(source, "qve"))
		on = ask(run, source, each, MIRROR_DOCUMENT, NULL, "/sgx/" INTEL "/qve/identity");
	for (size_t i = 0; i < 2 && on && wants(source, "crl"); i++)
		on = ask(run, source, each, MIRROR_CRL, NULL, "/sgx/" INTEL "/pckcrl?ca=%s&encoding=der", issuers[i]);
	return on;
}

/* A VCEK is a document of whoever its issuers lead to, and KDS serves these apart. */
static bool
ask_vcek(mirror *run, mirror_source *source, mirror_each each, const char *what)
{
	mirror_request request = { .source = source, .form = MIRROR_DOCUMENT };

	cli_begin(run->cli);
	request.url = below(run, source, "/vcek/v1/%s", what);
	request.chain = below(run, source, "/vcek/v1/%.*s/cert_chain", (int) strcspn(what, "/"), what);
	if (request.url == NULL || request.chain == NULL)
	{
		request.url = NULL;
		mirror_fail(run, "the URL is too long");
	}
	return each(run, &request);
}

/* A product, or product/path of one VCEK as KDS names it. */
static bool
amd(mirror *run, mirror_source *source, mirror_each each)
{
	static const char *const keys[] = { "vcek", "vlek" };
	bool on = true;

	for (size_t i = 0; i < source->ask.count && on; i++)
	{
		const char *what = source->ask.values[i];

		if (strchr(what, '/') != NULL)
		{
			on = ask_vcek(run, source, each, what);
			continue;
		}
		for (size_t k = 0; k < 2 && on; k++)
			if (wants(source, keys[k]))
				on = ask(run, source, each, MIRROR_DOCUMENT, NULL, "/%s/v1/%s/cert_chain", keys[k], what) &&
					(!wants(source, "crl") || ask(run, source, each, MIRROR_CRL, NULL, "/%s/v1/%s/crl", keys[k], what));
	}
	return on;
}

static bool
nvidia(mirror *run, mirror_source *source, mirror_each each)
{
	bool on = true;

	for (size_t i = 0; i < source->ask.count && on; i++)
		on = ask(run, source, each, MIRROR_RIM, NULL, "/v1/rim/%s", source->ask.values[i]);
	return on;
}

/* Each of ask, below url where there is one; url itself where nothing is asked for below it. */
static bool
urls(mirror *run, mirror_source *source, mirror_each each)
{
	bool on = source->ask.count > 0 || source->url == NULL || ask(run, source, each, MIRROR_DOCUMENT, NULL, "%s", "");

	for (size_t i = 0; i < source->ask.count && on; i++)
		on = ask(run, source, each, MIRROR_DOCUMENT, NULL, "%s%s", source->url != NULL ? "/" : "", source->ask.values[i]);
	return on;
}

/* Each query is a file; its answer's source artifacts are what is loaded. */
static bool
coserv(mirror *run, mirror_source *source, mirror_each each)
{
	bool on = true;

	for (size_t i = 0; i < source->ask.count && on; i++)
	{
		cs_span written, query;
		cs_buf text;
		char *path;

		cli_begin(run->cli);
		if (!cli_read_file(run->cli, source->ask.values[i], &written) || !cli_read_query(run->cli, written, &query))
		{
			mirror_fail(run, "%s is no CoSERV query", source->ask.values[i]);
			on = each(run, &(mirror_request) { .source = source, .query = source->ask.values[i], .form = MIRROR_COSERV });
			continue;
		}
		cs_buf_init(&text, &run->cli->ctx);
		cs_put_base64(&text, query, true, 0);
		cs_put_byte(&text, 0);
		path = cs_buf_ok(&text) ? strdup((const char *) text.data) : NULL;
		on = path != NULL && ask(run, source, each, MIRROR_COSERV, source->ask.values[i], "/coserv/%s", path);
		free(path);
	}
	return on;
}

/* Files in the order of their names; what begins with a dot is somebody's unfinished one. */
static bool
directory(mirror *run, mirror_source *source, mirror_each each)
{
	struct dirent **entries;
	int count = scandir(source->path, &entries, NULL, alphasort);
	bool on = true;

	if (count < 0)
	{
		mirror_fail(run, "cannot read the folder %s", source->path);
		return each(run, &(mirror_request) { .source = source, .query = source->path });
	}
	for (int i = 0; i < count; i++)
	{
		char path[8192];

		if (on && entries[i]->d_name[0] != '.')
		{
			snprintf(path, sizeof(path), "%s/%s", source->path, entries[i]->d_name);
			cli_begin(run->cli);
			on = each(run, &(mirror_request) { .source = source, .url = path, .form = MIRROR_DOCUMENT });
		}
		free(entries[i]);
	}
	free(entries);
	return on;
}

static const kind kinds[] = {
	{ "intel-pcs", intel },
	{ "amd-kds", amd },
	{ "nvidia-rim", nvidia },
	{ "url", urls },
	{ "coserv", coserv },
	{ "directory", directory },
};

bool
mirror_known_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return true;
	return false;
}

bool
mirror_requests(mirror *run, mirror_source *source, mirror_each each)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, source->kind) == 0)
			return kinds[i].requests(run, source, each);
	return true;
}
