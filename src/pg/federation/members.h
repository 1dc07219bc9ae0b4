/*
 * members.h - a federation: a schema that answers as a store does, from stores of this database and of other servers (doc/federation.md).
 * It holds who its members are, and which member is believed for which authority.
 */
#ifndef CS_PG_MEMBERS_H
#define CS_PG_MEMBERS_H

#include "pg/base/pg_support.h"

#include "datatype/timestamp.h"
#include "query/query.h"
#include "utils/uuid.h"

/* The form that federations and members at other servers speak. */
#define CS_MEMBER_FORM 1
/* Errors: feature_not_supported when a member is asked in another one. */
extern void cs_member_require_form(int32 form);

/* Of what one authority says at a member, this is believed. */
typedef struct cs_placement
{
	pg_uuid_t authority;
	cs_item *environments; /* of environments that contain one of these; NULL: of any */
	int environment_count;
	cs_span *profiles; /* in documents of these profiles, canonical text; NULL: of any or none */
	int profile_count;
	TimestampTz valid_from;
	TimestampTz valid_until;
} cs_placement;

typedef struct cs_member
{
	const char *name;
	const char *server; /* of pg_foreign_server; NULL: this database */
	const char *store;	/* its schema there */
	Oid schema;			/* of a member of this database */
	cs_placement *placements;
	int placement_count;
} cs_member;

typedef struct cs_federation
{
	Oid schema;
	cs_member *members; /* by name, bytewise */
	int count;
} cs_federation;

extern bool cs_is_federation(Oid schema);
/* Errors: invalid_schema_name when the schema is no federation. */
extern void cs_federation_require(Oid schema);

/*
 * Its members, with what is placed at them at a moment, for as long as the current memory context lives: as the latest snapshot has it, as
 * answers of stores are (reading.h), and the active one where the transaction keeps one snapshot or has written, and on a standby. Whoever
 * may use the federation's schema may know: that a member answers is its own to say. Errors: undefined_schema for a member of this database
 * that is not there, invalid_schema_name for a schema that is no federation, wrong_object_type for tables that are not a federation's.
 */
extern const cs_federation *cs_federation_read(Oid schema, TimestampTz at);

/* The same from the tables, in the current memory context, with what is placed at any moment, as the active snapshot has it. */
extern cs_federation *cs_federation_read_all(Oid schema);

/* Is a member believed when an authority says something of an environment (NULL: of none) in a document of a profile (no data: of none)? */
extern bool cs_member_believed(const cs_member *member, const pg_uuid_t *authority, const cs_item *environment, cs_span profile);

/* Is anything of the authority placed at the member? */
extern bool cs_member_has(const cs_member *member, const pg_uuid_t *authority);

/*
 * Of each member: could it have something to say to a query that would be believed? by_subject: rows are found by their own environment
 * alone; else placements by environments exclude nobody.
 */
extern bool *cs_members_to_ask(const cs_federation *federation, const cs_query *query, bool by_subject);

/* The authorities that are placed at a member: uuid[]. */
extern Datum cs_member_authorities(const cs_member *member);
/* As text of that type. */
extern char *cs_member_authorities_text(const cs_member *member);

/* SHA-256 of who the members are, as hexadecimal digits of its first eight bytes: what a signing key is bound to beside the federation. */
extern char *cs_federation_digest(const cs_federation *federation);

#endif
