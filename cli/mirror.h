/*
 * mirror.h - what the parts of mirror share: sources of a configuration, what each asks for, and what became of it (doc/mirror.md).
 *
 * Nothing of what a source sends is believed: the store verifies each document as it verifies any other. What fails removes nothing.
 */
#ifndef CLI_MIRROR_H
#define CLI_MIRROR_H

#include "server.h"

#define MIRROR_MAX_VALUES 4096

typedef enum mirror_form
{
	MIRROR_DOCUMENT, /* what a store takes as it is */
	MIRROR_CRL,		 /* DER, or PEM: beside the authority of the source */
	MIRROR_RIM,		 /* XML, to be converted and signed by the operator's key */
	MIRROR_COSERV	 /* a result: its source artifacts */
} mirror_form;

typedef struct mirror_values
{
	const char *values[MIRROR_MAX_VALUES];
	size_t count;
} mirror_values;

/* A section of the configuration. Texts live as long as the configuration; NULL where not set. */
typedef struct mirror_source
{
	const char *name, *kind, *url, *path, *authority, *key, *signer, *root, *judged_at;
	mirror_values ask; /* FMSPCs, products, ids, files with queries, URLs: by the kind */
	mirror_values types;
	long rate;	   /* requests a second at most */
	long tries;	   /* of one request in one run */
	long timeout;  /* seconds for one answer */
	long patience; /* seconds to wait between two tries at most */
	long every;	   /* seconds after which something is asked for again */
	long margin;   /* ... or so long before what is stored expires */
	double last;   /* when it was asked last, on the clock of mirror_clock() */
	struct mirror_source *next;
} mirror_source;

typedef struct mirror_config
{
	const char *state; /* folder */
	mirror_source *sources, *last;
	cs_arena arena;
	cs_ctx ctx;
} mirror_config;

/* What is asked for. */
typedef struct mirror_request
{
	mirror_source *source;
	const char *url;   /* or a file's path; NULL: there is none, and run->why says why */
	const char *chain; /* where the certificates are that it needs, in PEM; NULL: beside it, or none */
	const char *query; /* of MIRROR_COSERV: the file's name, for people */
	mirror_form form;
} mirror_request;

/* What is known of it since the last run (state.c): empty texts and 0 where nothing is. */
typedef struct mirror_memory
{
	char etag[256], last_modified[64];
	int64_t next; /* seconds since 1970: not asked for before */
} mirror_memory;

typedef enum mirror_outcome
{
	MIRROR_NEW,
	MIRROR_SAME,   /* the source says that nothing has changed, or the store has it */
	MIRROR_LATER,  /* not due yet: not asked for */
	MIRROR_FAILED, /* why is in mirror->why */
	MIRROR_STOPPED /* the store is gone: nothing further is tried */
} mirror_outcome;

typedef struct mirror_answer
{
	cs_buf body;
	char *chain; /* PEM, from a header; NULL */
	char etag[256], last_modified[64];
	bool unchanged;
} mirror_answer;

typedef struct mirror
{
	cs_cli *cli;
	mirror_config *config;
	PGconn *connection;
	void *curl; /* one handle, so that connections are kept */
	char why[CS_SENTENCE_MAX];
	int64_t not_after; /* of what was loaded last, the earliest; INT64_MAX: none */
	size_t count[MIRROR_STOPPED + 1];
} mirror;

/* ---- mirror_config.c: CLI_OK, or CLI_USAGE or CLI_TROUBLE after it has said why ---- */
extern int mirror_read_config(cs_cli *cli, const char *path, mirror_config *config);

/* ---- mirror_sources.c: each request of a source, in order, to `each`, until that answers false ---- */
typedef bool (*mirror_each)(mirror *run, const mirror_request *request);
extern bool mirror_requests(mirror *run, mirror_source *source, mirror_each each);
extern bool mirror_known_kind(const char *kind);

/* ---- mirror_fetch.c: no longer than the source's tries and patience allow, no faster than its rate; false with run->why ---- */
extern bool mirror_fetch(mirror *run, const mirror_request *request, const mirror_memory *memory, mirror_answer *answer);
extern double mirror_clock(void); /* seconds, steady */

/* ---- mirror_load.c: into the store ---- */
extern mirror_outcome mirror_load(mirror *run, const mirror_request *request, const mirror_answer *answer);

/* ---- mirror_state.c: a file for each URL, put in place whole ---- */
extern void mirror_remember(mirror *run, const mirror_request *request, mirror_memory *memory);
extern bool mirror_keep(mirror *run, const mirror_request *request, const mirror_memory *memory);

/* Keeps why something failed, for the log. Answers false. */
extern bool mirror_fail(mirror *run, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
