/*
 * mirror.c - mirror: one run over the sources of a configuration (doc/mirror.md). What is due is asked for and loaded, each URL by
 * itself; what fails is told, by the exit status too, and removes nothing.
 */
#include "mirror.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const outcome_names[] = { "new", "unchanged", "not due", "failed", "stopped" };

bool
mirror_fail(mirror *run, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(run->why, sizeof(run->why), fmt, args);
	va_end(args);
	run->why[strcspn(run->why, "\n")] = '\0';
	return false;
}

static void
tell(mirror *run, const mirror_request *request, mirror_outcome outcome)
{
	bool failed = outcome == MIRROR_FAILED || outcome == MIRROR_STOPPED;
	const char *what = request->query != NULL ? request->query : request->url;
	cs_buf out;

	if (!run->cli->json)
	{
		if (failed)
			fprintf(stderr, "coserv: %s: %s: %s\n", request->source->name, what, run->why);
		else if (!run->cli->quiet && outcome == MIRROR_NEW)
			printf("%s: %s\n", request->source->name, what);
		return;
	}
	if (outcome == MIRROR_LATER)
		return;
	cs_buf_init(&out, &run->cli->ctx);
	cs_put_byte(&out, '{');
	cli_put_member(&out, "source", request->source->name);
	cli_put_member(&out, "url", what);
	cli_put_member(&out, "outcome", outcome_names[outcome]);
	cli_put_member(&out, "why", failed ? run->why : NULL);
	cs_put_str(&out, "}\n");
	if (cs_buf_ok(&out))
		fwrite(out.data, 1, out.len, stdout);
}

/* When to ask again: some time within the last quarter of `every`, so that a fleet does not come all at once, and in good time before
 * what is stored expires; where that is near already, at the next run. */
static int64_t
next_time(const mirror *run, const mirror_source *source)
{
	int64_t now = cli_now(), next = now + source->every - random() % (source->every / 4 + 1);

	if (run->not_after != INT64_MAX && run->not_after - source->margin < next)
		next = run->not_after - source->margin;
	return next;
}

/* Certificates that are served under a URL of their own: whole each time, as they come with the document. */
static bool
fetch_chain(mirror *run, const mirror_request *request, mirror_answer *answer)
{
	const mirror_request chain = { .source = request->source, .url = request->chain, .form = MIRROR_DOCUMENT };
	const mirror_memory nothing = { .next = 0 };
	mirror_answer fetched;

	if (request->chain == NULL)
		return true;
	if (!mirror_fetch(run, &chain, &nothing, &fetched))
		return false;
	answer->chain = cs_strndup(&run->cli->ctx, fetched.body.data, fetched.body.len);
	return answer->chain != NULL;
}

static mirror_outcome
fetch_and_load(mirror *run, const mirror_request *request, mirror_memory *memory)
{
	mirror_answer answer;
	mirror_outcome outcome;

	if (request->url == NULL || !mirror_fetch(run, request, memory, &answer))
		return MIRROR_FAILED;
	if (answer.unchanged)
	{
		run->not_after = INT64_MAX;
		outcome = MIRROR_SAME;
	}
	else if (!fetch_chain(run, request, &answer))
		return MIRROR_FAILED;
	else
	{
		outcome = mirror_load(run, request, &answer);
		memcpy(memory->etag, answer.etag, sizeof(memory->etag));
		memcpy(memory->last_modified, answer.last_modified, sizeof(memory->last_modified));
	}
	if (outcome >= MIRROR_FAILED)
		return outcome;
	memory->next = next_time(run, request->source);
	return mirror_keep(run, request, memory) ? outcome : MIRROR_FAILED;
}

static bool
ask_one(mirror *run, const mirror_request *request)
{
	mirror_memory memory = { .next = 0 };
	mirror_outcome outcome;

	if (request->url != NULL)
		mirror_remember(run, request, &memory);
	outcome = memory.next > cli_now() ? MIRROR_LATER : fetch_and_load(run, request, &memory);
	run->count[outcome]++;
	tell(run, request, outcome);
	return outcome != MIRROR_STOPPED;
}

static void
put_metric(cs_buf *out, const char *name, const char *help, const char *type)
{
	cs_put_fmt(out, "# HELP coserv_mirror_%s %s\n# TYPE coserv_mirror_%s %s\n", name, help, name, type);
}

/* The textfile collector reads whole files alone: one beside is put in place. */
static int
write_metrics(mirror *run)
{
	const char *path = run->cli->metrics;
	char fresh[4096];
	cs_buf out;
	int status;

	cs_buf_init(&out, &run->cli->ctx);
	put_metric(&out, "requests", "What became of the requests of the last run.", "gauge");
	for (int i = 0; i <= MIRROR_STOPPED; i++)
		cs_put_fmt(&out, "coserv_mirror_requests{outcome=\"%s\"} %zu\n", outcome_names[i], run->count[i]);
	put_metric(&out, "last_run_seconds", "When the last run ended.", "gauge");
	cs_put_fmt(&out, "coserv_mirror_last_run_seconds %" PRId64 "\n", cli_now());
	if (!cs_buf_ok(&out) || snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int) sizeof(fresh))
		return cli_trouble("the metrics cannot be written");
	status = cli_write_to(fresh, cs_buf_span(&out));
	if (status == CLI_OK && rename(fresh, path) != 0)
		return cli_trouble("cannot write %s", path);
	return status;
}

static int
run_all(mirror *run)
{
	bool on = true;
	int status;

	for (mirror_source *source = run->config->sources; on && source != NULL; source = source->next)
		on = mirror_requests(run, source, ask_one);
	cli_begin(run->cli);
	if (!run->cli->quiet && !run->cli->json)
		printf("%zu new, %zu unchanged, %zu not due, %zu failed\n", run->count[MIRROR_NEW], run->count[MIRROR_SAME],
			run->count[MIRROR_LATER], run->count[MIRROR_FAILED] + run->count[MIRROR_STOPPED]);
	status = run->cli->metrics != NULL ? write_metrics(run) : CLI_OK;
	if (!on)
		return CLI_TROUBLE;
	return run->count[MIRROR_FAILED] > 0 && status == CLI_OK ? CLI_NO : status;
}

int
cli_mirror(cs_cli *cli)
{
	mirror_config config = { .state = NULL };
	mirror run = { .cli = cli, .config = &config };
	int status;

	cs_arena_init(&config.arena, &config.ctx);
	srandom((unsigned) cli_now() ^ (unsigned) (mirror_clock() * 1e6));
	status = mirror_read_config(cli, cli->files[0], &config);
	if (status == CLI_OK && (run.connection = cli_connect(cli)) == NULL)
		status = CLI_TROUBLE;
	if (status == CLI_OK && (run.curl = curl_easy_init()) == NULL)
		status = cli_trouble("libcurl does not start");
	if (status == CLI_OK)
		status = run_all(&run);
	curl_easy_cleanup(run.curl);
	PQfinish(run.connection);
	cs_arena_free(&config.arena);
	return status;
}
