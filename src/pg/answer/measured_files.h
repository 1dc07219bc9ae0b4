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

/* A file in a tag that is linked to a part of an environment. What it points to is the row's. */
typedef struct cs_file
{
	const pg_uuid_t *manifest; /* of the link */
	int32 ordinal;
	cs_span environment; /* of the link */
	cs_span path;
	cs_span digest_alg; /* by name, or a number; no data: none */
	cs_span digest;
	Datum shown_as; /* crypto_key */
	Datum profile;	/* text; 0: none */
	const pg_uuid_t *authority;
} cs_file;

typedef void (*cs_each_file)(const cs_file *file, void *data);

/* Each at one of these paths (text[]) that counts at a moment. */
extern void cs_select_files(Oid store, cs_span environment, Datum paths, TimestampTz as_of, cs_each_file each, void *data);

/* A Reference Value for an element of the Evidence; record lives as long as ctx, file as long as the call. */
typedef void (*cs_file_reference)(const cs_file *file, cs_span record, void *data);

/* Each for every file of a linked tag that an element of this environment of the Evidence names: of a federation, or (gathering NULL) of a
 * store. */
extern void cs_measured_files(cs_ctx *ctx, cs_acs *acs, Oid store, cs_gathering *gathering, cs_span environment, TimestampTz as_of,
	cs_file_reference each, void *data);

#endif
