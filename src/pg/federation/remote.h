/*
 * remote.h - members at other servers, asked all at once over held connections.
 *
 * A server is one of postgres_fdw's, its options and those of the caller's user mapping are the connection's, and rights are those of the
 * role that the mapping names. One statement a member: one round trip, once a connection stands.
 *
 * What writes does so in a transaction there, which ends as the one here does: it commits just before, and savepoints here are savepoints
 * there. A transaction writes at one server, over one connection, so that it is all there or not at all.
 */
#ifndef CS_PG_REMOTE_H
#define CS_PG_REMOTE_H

#include "members.h"

#include <libpq-fe.h>

/* A parameter; text where length is -1. */
typedef struct cs_remote_value
{
	const char *data; /* NULL: null */
	int length;
} cs_remote_value;

#define CS_REMOTE_VALUES 8

typedef struct cs_remote_state cs_remote_state;

typedef struct cs_remote_call
{
	/* what is asked */
	const cs_member *member;
	const char *sql;
	cs_remote_value values[CS_REMOTE_VALUES];
	int value_count;
	/* Takes row 0 of a result in binary format, in the memory context that cs_remote_wait was called in. NULL, or what is wrong with it. */
	const char *(*take)(const PGresult *row, void *data);
	void *data;
	bool writes;
	const char *fails; /* how an error begins: member "..." FAILS: ...; NULL: "does not answer" */
	/* what came of it: NULL, or why not and under which SQLSTATE */
	const char *missing;
	int sqlstate;
	const char *detail;
	const char *hint;
	cs_remote_state *state;
} cs_remote_call;

/*
 * Sends all of them; nothing waits. Errors: insufficient_privilege without USAGE on the server, or where row-level security of a member of
 * this database applies to the caller and his mapping is PUBLIC's; undefined_object without a user mapping; wrong_object_type for a server
 * of another wrapper; 2F003 where a mapping lets somebody in without a password who is no superuser; feature_not_supported for what writes
 * after the transaction has written at another server, or here.
 */
extern void cs_remote_start(const cs_federation *federation, cs_remote_call *calls, int count);

/*
 * Until each has answered or failed, or coserv.member_timeout is over. Can be cancelled, and statement_timeout holds. allow_missing: what
 * failed says why; else the first that did is raised. What take finds wrong is the member's failure, too.
 */
extern void cs_remote_wait(cs_remote_call *calls, int count, bool allow_missing);

/* Raises what a call failed by; nothing where it did not. */
extern void cs_remote_require(const cs_remote_call *call);

/* The transaction writes at a member of this database. Errors: feature_not_supported once it has written at another server. */
extern void cs_remote_write_here(void);

#endif
