/*
 * measured_files.h - files that Evidence names, as CoSWID tags have them (RFC 9393 section 2.9.2, draft-ietf-rats-corim, "CoMID-CoSWID
 * Linking Triple"; doc/conformance.md, decision 94).
 */
#ifndef CS_PG_MEASURED_FILES_H
#define CS_PG_MEASURED_FILES_H

#include "appraise/appraise.h"
#include "pg/base/pg_support.h"

#include "utils/timestamp.h"
#include "utils/uuid.h"

typedef struct cs_gathering cs_gathering;

/* Columns of a file in a tag that is linked to an environment; those of the link are manifest, ordinal and environment. */
enum
{
	FILE_MANIFEST,
	FILE_ORDINAL,
	FILE_ENVIRONMENT,
	FILE_PATH,		 /* null beyond 4096 bytes */
	FILE_DIGEST_ALG, /* by name, or a number; null: none */
	FILE_DIGEST,
	FILE_SHOWN_AS, /* of files by their paths alone */
	FILE_PROFILE,
	FILE_AUTHORITY_ID,
	FILE_SOURCE, /* as the next ones, of files by their digest alone */
	FILE_VERSION,
	FILE_POSITION,
	FILE_AUTHORITY,
	FILE_NOT_BEFORE,
	FILE_NOT_AFTER,
	FILE_COLUMNS
};

/* What it points to is the row's. */
typedef struct cs_file
{
	Datum values[FILE_COLUMNS];
	bool nulls[FILE_COLUMNS];
	const struct cs_member *member; /* of a federation */
} cs_file;

typedef void (*cs_each_file)(const cs_file *file, void *data);

/* Each that counts at a moment: linked to a part of the environment that is asked, at one of these paths (text[]); or (paths 0) with the
 * digest that is asked. */
extern void cs_select_files(Oid store, cs_span asked, Datum paths, TimestampTz as_of, cs_each_file each, void *data);

/* A Reference Value for an element of the Evidence; record lives as long as ctx, file as long as the call. */
typedef void (*cs_file_reference)(const cs_file *file, cs_span record, void *data);

/* Each for every file of a linked tag that an element of this environment of the Evidence names: of a federation, or (gathering NULL) of a
 * store. */
extern void cs_measured_files(cs_ctx *ctx, cs_acs *acs, Oid store, cs_gathering *gathering, cs_span environment, TimestampTz as_of,
	cs_file_reference each, void *data);

#endif
