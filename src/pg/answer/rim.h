/*
 * rim.h - the document that a store has under a RIM identifier (draft-ietf-rats-coserv section 3.5.2).
 */
#ifndef CS_PG_RIM_H
#define CS_PG_RIM_H

#include "pg/base/pg_support.h"

#include "datatype/timestamp.h"
#include "query/query.h"
#include "utils/uuid.h"

#include "execute.h"

typedef struct cs_rim
{
	bool found; /* else the rest is undefined */
	cs_conveyance conveyed;
	bool has_not_after;
	TimestampTz not_after; /* it is the answer until then */
	/* what it goes before others by */
	pg_uuid_t manifest;
	bool has_not_before;
	TimestampTz not_before; /* of a CoRIM */
	Datum tag_version;		/* numeric, of a tag; 0: a CoRIM */
} cs_rim;

/* authorities: uuid[] of those that may say it; 0: any. What is found is in memory. SPI is used inside. */
extern void
cs_find_rim(MemoryContext memory, Oid store, const cs_query *query, const cs_rim_id *id, TimestampTz as_of, Datum authorities, cs_rim *out);

/* best becomes the one of the two that one store would answer; the earlier end holds. */
extern void cs_rim_join(cs_rim *best, const cs_rim *other);

#endif
