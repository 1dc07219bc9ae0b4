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

/* A Reference Value for an element of the Evidence; record lives as long as ctx. */
typedef void (*cs_file_reference)(
	const pg_uuid_t *manifest, int32 ordinal, cs_span record, Datum shown_as, Datum profile, bool no_profile, void *data);

/* In a connection to SPI: each for every file of a linked tag that an element of this environment of the Evidence names. */
extern void
cs_measured_files(cs_ctx *ctx, cs_acs *acs, Oid store, cs_span environment, TimestampTz as_of, cs_file_reference each, void *data);

#endif
