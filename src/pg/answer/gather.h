/*
 * gather.h - what the members of a federation answer, checked and brought into the order that one store has.
 */
#ifndef CS_PG_GATHER_H
#define CS_PG_GATHER_H

#include "pg/base/pg_support.h"

#include "nodes/pg_list.h"
#include "utils/jsonb.h"

#include "measured_files.h"
#include "pg/federation/members.h"
#include "query/query.h"
#include "rim.h"
#include "selection.h"

/* Of one member, what came of asking it. */
typedef struct cs_reply
{
	const cs_member *member;
	bool asked;
	bool has_moment; /* which it answers as of: given, or told with its first answer, and kept for the next */
	TimestampTz moment;
	const char *missing; /* why its part is not there; NULL: it is */
} cs_reply;

struct cs_gathering
{
	MemoryContext memory;
	const cs_federation *federation;
	cs_reply *replies; /* a member each */
	bool allow_missing;
	cs_selected *rows;
	int count;
	int room;
};

/*
 * In the current memory context. as_of NULL: each member answers now, and as of that moment again. allow_missing: a member that does not
 * answer is left out, and its reply says why; else that is an error. Errors besides: whatever a member of this database raises.
 */
extern cs_gathering *cs_gathering_begin(Oid federation, const TimestampTz *as_of, bool allow_missing);

/* What the gathering is as of: the earliest moment of a member that was asked; now where none was. */
extern TimestampTz cs_gathering_moment(const cs_gathering *gathering);

/*
 * Calls back for each triple that a query by environment selects at the members, by (manifest, ordinal), each once; with its document,
 * where the query asks for source artifacts, at the first triple of a manifest. Rows live as long as the gathering.
 */
extern void cs_gather_query(
	cs_gathering *gathering, cs_span bytes, const cs_query *query, void (*each)(const cs_selected *row, void *data), void *data);

/* Of each identifier of a query the RIM that one store with all that is believed would answer. It is said to hold no longer than any
 * member's. out: as many as the query has. */
extern void cs_gather_rims(cs_gathering *gathering, cs_span bytes, const cs_query *query, cs_rim *out);

/*
 * Triples that an appraisal of Evidence of these environments may use, in any order, and some more than once. A member at another server is
 * asked once for all of them.
 */
extern void cs_gather_relations(
	cs_gathering *gathering, const cs_span *environments, size_t count, void (*each)(const cs_selected *row, void *data), void *data);

/* Does a member at another server, which has answered before, know of a CRL that revokes a certificate (cs_certificate_is_revoked)? */
extern bool
cs_gather_is_revoked(cs_gathering *gathering, const cs_member *member, const pg_uuid_t *manifest, cs_span issuer, cs_span serial);

/* Triples that are sought, as cs_gather_query hands them over. */
extern void
cs_gather_sought(cs_gathering *gathering, const cs_sought *sought, void (*each)(const cs_selected *row, void *data), void *data);

/* Files in linked CoSWID tags, as cs_select_files has them, in any order, and some more than once: of two members. */
extern void cs_gather_files(cs_gathering *gathering, cs_span asked, Datum paths, cs_each_file each, void *data);

/* Profiles of the documents of all members, as cs_profiles_of_store has them. */
extern List *cs_gather_profiles(cs_gathering *gathering);

/* cs_answer_query of a federation, by a gathering of its members; gathering NULL: of a store. */
extern bool cs_answer_asking(
	cs_ctx *ctx, Oid store, cs_span query, unsigned options, const TimestampTz *as_of, cs_gathering *gathering, cs_answer *answer);

/* jsonb {"member": {"moment": ...} or {"missing": ...} or {"asked": false}}, by name */
extern Datum cs_gathering_told(const cs_gathering *gathering);
/* Moments as cs_gathering_told tells them, or a text a member: as of which they are asked. Errors: 22023 for a name that is no member's. */
extern void cs_gathering_as_told(cs_gathering *gathering, Jsonb *moments);

/* For what fills a gathering: a copy of a row; whether it is believed of a member; all of them, as cs_gather_query hands them over. */
extern cs_selected *cs_gathering_add(cs_gathering *gathering, const cs_selected *row);
extern bool cs_row_is_believed(const cs_member *member, const cs_selected *row);
extern bool cs_file_is_believed(const cs_member *member, const cs_file *file);
extern void cs_gathering_hand_over(cs_gathering *gathering, void (*each)(const cs_selected *row, void *data), void *data);

#endif
