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
	ROW_NUMBER, /* of relations: of the environments that were asked for, the one that found it */
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

/* Columns of coserv.member_files: the moment, which the first row has alone, and those of cs_file. */
enum
{
	FILE_ROW_MOMENT,
	FILE_ROW_FIRST,
	FILE_ROW_COLUMNS = FILE_ROW_FIRST + FILE_COLUMNS
};

/* What a call brings. */
typedef struct cs_incoming
{
	cs_gathering *gathering;
	cs_reply *reply;
	bool has_moment; /* its first row came */
	/* of rows: what was asked for */
	const cs_query *query; /* by environment */
	const cs_sought *sought;
	const cs_span *environments; /* in place of both: triples that one of these contains */
	size_t environment_count;
	/* of rows with documents: the manifest of the last row, and its document, which came with its first row */
	bool has_document;
	pg_uuid_t manifest;
	cs_conveyance conveyed;
	/* of files: an environment and by path, or a digest */
	cs_span asked;
	bool by_path;
	cs_each_file each_file;
	void *file_data;
	/* of rims */
	cs_rim *rims;
	size_t rim_count;
	/* of profiles */
	List *profiles;
} cs_incoming;

extern const char *cs_take_row(const PGresult *row, void *incoming);
extern const char *cs_take_file(const PGresult *row, void *incoming);
extern const char *cs_take_rim(const PGresult *row, void *incoming);
extern const char *cs_take_profile(const PGresult *row, void *incoming);

#endif
