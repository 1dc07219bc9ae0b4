/*
 * incoming.h - what a member at another server sends, row by row: nothing of it is believed to be well-formed before it was looked at.
 */
#ifndef CS_PG_INCOMING_H
#define CS_PG_INCOMING_H

#include "gather.h"
#include "pg/federation/remote.h"

/* Columns of coserv.member_rows, in order, behind those of cs_selected; the first row has the moment alone. */
enum
{
	ROW_MOMENT = SEL_COLUMNS,
	ROW_DOCUMENT,
	ROW_MEDIA_TYPE,
	ROW_CHAIN,
	ROW_COLUMNS
};

/* Columns of coserv.member_rims; the first row has the moment alone. */
enum
{
	RIM_ROW_MOMENT,
	RIM_ROW_NUMBER,
	RIM_ROW_DOCUMENT,
	RIM_ROW_MEDIA_TYPE,
	RIM_ROW_CHAIN,
	RIM_ROW_NOT_AFTER,
	RIM_ROW_MANIFEST,
	RIM_ROW_NOT_BEFORE,
	RIM_ROW_TAG_VERSION,
	RIM_ROW_COLUMNS
};

/* What a call brings. */
typedef struct cs_incoming
{
	cs_gathering *gathering;
	cs_reply *reply;
	bool has_moment; /* its first row came */
	/* of rows: what was asked for */
	const cs_query *query; /* by environment; NULL: triples that an environment contains */
	cs_span environment;
	const cs_sought *sought; /* in place of both */
	/* of rims */
	cs_rim *rims;
	size_t rim_count;
	/* of profiles */
	List *profiles;
} cs_incoming;

extern const char *cs_take_row(const PGresult *row, void *incoming);
extern const char *cs_take_rim(const PGresult *row, void *incoming);
extern const char *cs_take_profile(const PGresult *row, void *incoming);

#endif
