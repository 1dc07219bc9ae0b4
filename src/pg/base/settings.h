/*
 * settings.h - the settings coserv.* (defined in coserv.c; described in doc/sql.md, "Settings").
 */
#ifndef CS_PG_SETTINGS_H
#define CS_PG_SETTINGS_H

#include "postgres.h"

#include "cbor/core.h"

/* What no setting can exceed, and so what a stored value can have at most; CS_HARD_MAX_DEPTH is the core's. */
#define CS_HARD_MAX_ITEMS 100000000
#define CS_HARD_MAX_SIZE (256 * 1024 * 1024)

extern int cs_setting_max_depth;
extern int cs_setting_max_items;
extern int cs_setting_max_document_size; /* bytes */
extern bool cs_setting_accept_legacy;
extern bool cs_setting_accept_rs;
extern int cs_setting_result_ttl; /* seconds */
extern bool cs_setting_lax_queries;
extern bool cs_setting_rims_in_discovery;
extern bool cs_setting_tas_in_results;
extern bool cs_setting_direct_lookups;
extern char *cs_setting_signing_keys_file; /* "" or NULL: none */
extern int cs_setting_discovery_ttl;	   /* seconds */
extern bool cs_setting_log_answers;
extern int cs_setting_max_ects;
extern int cs_setting_max_rounds;
extern int cs_setting_max_authorities_tried;
extern char *cs_setting_endpoint;
extern int cs_setting_max_clock_ahead; /* seconds */
extern int cs_setting_member_timeout;  /* milliseconds; 0: none */

#endif
