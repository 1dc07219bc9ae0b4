/*
 * mirror_state.c - what is remembered between two runs: when each URL is asked for again, and by which ETag. A file is put in place
 * whole once the store has what came, so that a run that was killed is gone on with by the next one.
 */
#include "mirror.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
place(mirror *run, const mirror_request *request, char path[4096])
{
	uint8_t digest[32];
	int len = snprintf(path, 4096, "%s/", run->config->state);

	if (len < 0 || len > 4000 || !cs_sha256(&run->cli->ctx, (cs_span) { (const uint8_t *) request->url, strlen(request->url) }, digest))
		return false;
	for (size_t i = 0; i < sizeof(digest); i++)
		len += sprintf(path + len, "%02x", digest[i]);
	return true;
}

void
mirror_remember(mirror *run, const mirror_request *request, mirror_memory *memory)
{
	char path[4096], next[32];
	FILE *file;

	*memory = (mirror_memory) { .next = 0 };
	if (!place(run, request, path) || (file = fopen(path, "r")) == NULL)
		return;
	/* a line each */
	if (fgets(next, sizeof(next), file) != NULL && fgets(memory->etag, sizeof(memory->etag), file) != NULL &&
		fgets(memory->last_modified, sizeof(memory->last_modified), file) != NULL)
		memory->next = strtoll(next, NULL, 10);
	else
		*memory = (mirror_memory) { .next = 0 };
	memory->etag[strcspn(memory->etag, "\n")] = '\0';
	memory->last_modified[strcspn(memory->last_modified, "\n")] = '\0';
	fclose(file);
}

bool
mirror_keep(mirror *run, const mirror_request *request, const mirror_memory *memory)
{
	char path[4096], fresh[4104];
	bool ok;
	FILE *file;

	if (mkdir(run->config->state, 0700) != 0 && errno != EEXIST)
		return mirror_fail(run, "cannot make %s: %s", run->config->state, strerror(errno));
	if (!place(run, request, path))
		return mirror_fail(run, "the path of the state is too long");
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	file = fopen(fresh, "w");
	if (file == NULL)
		return mirror_fail(run, "cannot write %s: %s", fresh, strerror(errno));
	ok = fprintf(file, "%" PRId64 "\n%s\n%s\n%s\n", memory->next, memory->etag, memory->last_modified, request->url) > 0;
	ok = fclose(file) == 0 && ok;
	if (!ok || rename(fresh, path) != 0)
	{
		mirror_fail(run, "cannot write %s: %s", path, strerror(errno));
		unlink(fresh);
		return false;
	}
	return true;
}
