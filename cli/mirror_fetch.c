/*
 * mirror_fetch.c - one answer by HTTP, by libcurl: conditional where something is remembered, again after a while where a server is busy
 * or a connection breaks, never faster than the source's rate.
 */
#include "mirror.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

typedef struct transfer
{
	mirror_answer *answer;
	CURL *curl;
	char *chain;	  /* as the header has it, URL-encoded; its owner is this */
	long retry_after; /* seconds; -1: the server does not say */
} transfer;

double
mirror_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static void
wait_for(double seconds)
{
	struct timespec left = { (time_t) seconds, (long) ((seconds - (double) (time_t) seconds) * 1e9) };

	while (seconds > 0 && nanosleep(&left, &left) != 0 && errno == EINTR)
		;
}

static void
keep_pace(mirror_source *source)
{
	wait_for(source->last + 1.0 / (double) source->rate - mirror_clock());
	source->last = mirror_clock();
}

static size_t
receive(char *data, size_t size, size_t count, void *to)
{
	transfer *t = to;

	cs_put_raw(&t->answer->body, data, size * count);
	return cs_buf_ok(&t->answer->body) ? size * count : 0;
}

/* The value of a header line, without the blanks around it. */
static size_t
value_of(const char *line, size_t len, const char **value)
{
	const char *colon = memchr(line, ':', len), *end = line + len;

	if (colon == NULL)
		return 0;
	for (colon++; colon < end && (*colon == ' ' || *colon == '\t'); colon++)
		;
	while (end > colon && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' '))
		end--;
	*value = colon;
	return (size_t) (end - colon);
}

static void
keep_text(char *to, size_t room, const char *value, size_t len)
{
	if (len < room) /* one that is longer is no use: the next request is unconditional */
		snprintf(to, room, "%.*s", (int) len, value);
}

static size_t
receive_header(char *line, size_t size, size_t count, void *to)
{
	static const char chain[] = "-issuer-chain";
	transfer *t = to;
	size_t all = size * count;
	const char *value, *colon = memchr(line, ':', all);
	size_t len = value_of(line, all, &value), name = colon != NULL ? (size_t) (colon - line) : 0;

	if (name == 4 && strncasecmp(line, "etag", name) == 0)
		keep_text(t->answer->etag, sizeof(t->answer->etag), value, len);
	else if (name == 13 && strncasecmp(line, "last-modified", name) == 0)
		keep_text(t->answer->last_modified, sizeof(t->answer->last_modified), value, len);
	else if (name == 11 && strncasecmp(line, "retry-after", name) == 0 && len > 0 && len < 10)
		t->retry_after = strtol(value, NULL, 10);
	else if (name > sizeof(chain) - 1 && strncasecmp(line + name - (sizeof(chain) - 1), chain, sizeof(chain) - 1) == 0)
	{
		free(t->chain);
		t->chain = strndup(value, len);
	}
	return all;
}

static struct curl_slist *
headers_for(const mirror_request *request, const mirror_memory *memory)
{
	struct curl_slist *list = NULL;
	char line[320];

	if (request->form == MIRROR_COSERV)
		list = curl_slist_append(list, "Accept: application/coserv+cbor");
	if (memory->etag[0] != '\0')
	{
		snprintf(line, sizeof(line), "If-None-Match: %s", memory->etag);
		list = curl_slist_append(list, line);
	}
	else if (memory->last_modified[0] != '\0')
	{
		snprintf(line, sizeof(line), "If-Modified-Since: %s", memory->last_modified);
		list = curl_slist_append(list, line);
	}
	return list;
}

/* The status of HTTP; 0 where none came, with why in reason. */
static long
once(const mirror_request *request, const mirror_memory *memory, transfer *t, char reason[CURL_ERROR_SIZE])
{
	struct curl_slist *headers = headers_for(request, memory);
	CURL *curl = t->curl;
	CURLcode code;
	long status = 0;

	reason[0] = '\0';
	curl_easy_reset(curl);
	curl_easy_setopt(curl, CURLOPT_URL, request->url);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, t);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, receive_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, request->source->timeout);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "coserv/" COSERV_VERSION);
	code = curl_easy_perform(curl);
	if (code == CURLE_OK)
		curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	else if (reason[0] == '\0')
		snprintf(reason, CURL_ERROR_SIZE, "%s", curl_easy_strerror(code));
	curl_slist_free_all(headers);
	return status;
}

static bool
comes_to_an_end(long status)
{
	return status != 0 && status != 408 && status != 429 && status < 500;
}

/* Full jitter around a pause that doubles; what the server asks for goes before. False where that is longer than the source's patience. */
static bool
pause_before(mirror *run, const mirror_source *source, long try, long retry_after)
{
	double pause = 0.5 * (double) (1L << (try < 16 ? try : 16));

	if (retry_after > source->patience)
		return mirror_fail(run, "the server asks to come back in %ld seconds", retry_after);
	if (pause > (double) source->patience)
		pause = (double) source->patience;
	pause *= 0.5 + (double) random() / (double) RAND_MAX / 2;
	wait_for(retry_after > pause ? (double) retry_after : pause);
	return true;
}

static bool
take_chain(mirror *run, transfer *t)
{
	int len;
	char *decoded;

	if (t->chain == NULL)
		return true;
	decoded = curl_easy_unescape(t->curl, t->chain, (int) strlen(t->chain), &len);
	if (decoded != NULL)
		t->answer->chain = cs_strndup(&run->cli->ctx, decoded, (size_t) len);
	curl_free(decoded);
	return t->answer->chain != NULL;
}

static bool
fetch_url(mirror *run, const mirror_request *request, const mirror_memory *memory, mirror_answer *answer)
{
	transfer t = { .answer = answer, .curl = run->curl };
	char reason[CURL_ERROR_SIZE] = "";
	long status = 0;
	bool ok;

	for (long try = 0; try < request->source->tries; try++)
	{
		if (try > 0 && !pause_before(run, request->source, try, t.retry_after))
			break;
		keep_pace(request->source);
		cs_buf_init(&answer->body, &run->cli->ctx);
		answer->etag[0] = answer->last_modified[0] = '\0';
		t.retry_after = -1;
		run->why[0] = '\0';
		status = once(request, memory, &t, reason);
		if (comes_to_an_end(status))
			break;
	}
	answer->unchanged = status == 304;
	ok = (status == 200 && take_chain(run, &t)) || status == 304;
	free(t.chain);
	if (ok || run->why[0] != '\0')
		return ok;
	return status == 0 ? mirror_fail(run, "%s", reason) : mirror_fail(run, "the server answers %ld", status);
}

/* A file's ETag is when it was written, and its size. */
static bool
read_path(mirror *run, const mirror_request *request, const mirror_memory *memory, mirror_answer *answer)
{
	struct stat status;
	cs_span bytes;

	if (stat(request->url, &status) != 0 || !S_ISREG(status.st_mode))
		return mirror_fail(run, "it is no file");
	snprintf(answer->etag, sizeof(answer->etag), "%lld.%09ld-%lld", (long long) status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
		(long long) status.st_size);
	answer->unchanged = strcmp(answer->etag, memory->etag) == 0;
	if (answer->unchanged)
		return true;
	if (!cli_read_file(run->cli, request->url, &bytes))
		return mirror_fail(run, "it cannot be read");
	cs_buf_init(&answer->body, &run->cli->ctx);
	cs_put_raw(&answer->body, bytes.data, bytes.len);
	return cs_buf_ok(&answer->body) || mirror_fail(run, "it is too large");
}

bool
mirror_fetch(mirror *run, const mirror_request *request, const mirror_memory *memory, mirror_answer *answer)
{
	*answer = (mirror_answer) { .chain = NULL };
	return request->source->path != NULL ? read_path(run, request, memory, answer) : fetch_url(run, request, memory, answer);
}
