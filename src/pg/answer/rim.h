/*
 * rim.h - the document that a store has under a RIM identifier (draft-ietf-rats-coserv section 3.5.2).
 */
#ifndef CS_PG_RIM_H
#define CS_PG_RIM_H

#include "pg/base/pg_support.h"

#include "datatype/timestamp.h"
#include "query/query.h"
#include "utils/uuid.h"

#include "conveyed.h"
#include "pg/store/reading.h"

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

/*
 * authorities: uuid[] of those that may say it; 0: any. What is found is in memory. By look-ups where these do, else by a plan, with SPI
 * inside; both give the same.
 */
extern void cs_find_rim(
	MemoryContext memory, Oid store, const cs_query *query, const cs_rim_id *id, const cs_reading *reading, Datum authorities, cs_rim *out);

/* What is found of it, but for the document. */
typedef struct cs_found_rim
{
	cs_rim rim;
	pg_uuid_t truth;
	bool is_signed;
} cs_found_rim;

/* The same by look-ups (direct_rim.c): false where a plan has to do it. In the current memory context. */
extern bool cs_find_rim_directly(
	Oid store, const cs_query *query, const cs_rim_id *id, const cs_reading *reading, Datum authorities, cs_found_rim *out);

/* Does a go before b, where both are under one identifier? */
extern bool cs_rim_goes_before(const cs_rim *a, const cs_rim *b);

/* best becomes the one of the two that one store would answer; the earlier end holds. */
extern void cs_rim_join(cs_rim *best, const cs_rim *other);

#endif
