/*
 * options.h - what the gateway is told: a file, then the environment, then the command line; the later of them wins.
 */
#ifndef GATEWAY_OPTIONS_H
#define GATEWAY_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

typedef enum gw_listener
{
	GW_QUERY,
	GW_PROVISION,
	GW_EXPLORE,
	GW_ADMIN, /* the last: those before it have each a pool */
	GW_LISTENERS
} gw_listener;
#define GW_POOLS GW_ADMIN
extern const char *const gw_listener_names[GW_LISTENERS]; /* in logs and metrics */

typedef struct gw_list
{
	char **items;
	size_t count;
} gw_list;

typedef struct gw_store
{
	const char *name;
	char *http_sql;		 /* ($1 method, $2 target, $3 headers) */
	char statement[32];	 /* the name under which it is prepared: that of this text, whoever shares a server's session */
	char *provision_sql; /* ($1 method, $2 target, $3 headers, $4 body, $5 identity) */
	char *explore_sql;	 /* ($1 view, $2 arguments, jsonb) */
} gw_store;

typedef struct gw_options
{
	gw_list store;
	gw_list listen[GW_LISTENERS];
	char *db, *provision_db, *explore_db; /* conninfo or URI; NULL: the PG* environment, for explore_db: db */
	unsigned pool, provision_pool, explore_pool;
	unsigned max_requests; /* waiting or running; 503 beyond */
	unsigned max_connections, max_connections_per_address;
	unsigned max_document_size, max_evidence_size;						  /* bytes */
	unsigned timeout, provision_timeout, explore_timeout;				  /* milliseconds */
	unsigned header_timeout, idle_timeout, drain_timeout, connection_age; /* seconds */
	unsigned max_lag;													  /* seconds; 0: any */
	unsigned log_answers;												  /* 1: answers are put on record by transactions that may write */
	char *identity_header;
	gw_list trusted_proxy; /* addresses; "unix": every peer on a Unix socket */
	char *pidfile;
	bool check; /* connect, ask, say so and exit */

	gw_store *stores; /* as store, the first answers at the root */
	char *metrics_sql;
	char *ready_sql; /* ($1 method, $2 target, $3 headers) of the first store, and how many seconds it is behind */
} gw_options;

/* NULL: something is wrong, and was logged. --help and --version exit. What is returned lives as long as the process. */
extern gw_options *gw_options_read(int argc, char **argv);
/* The name of an option that cannot change while it runs and is another in now; NULL: none. */
extern const char *gw_options_fixed(const gw_options *old, const gw_options *now);

#endif
