/*
 * remote.h - members at other servers, asked all at once over held connections.
 *
 * A server is one of postgres_fdw's, its options and those of the caller's user mapping are the connection's, and rights are those of the
 * role that the mapping names. One statement a member: one round trip, once a connection stands.
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
	/* what came of it: NULL, or why not and under which SQLSTATE */
	const char *missing;
	int sqlstate;
	const char *hint;
	cs_remote_state *state;
} cs_remote_call;

/*
 * Sends all of them; nothing waits. Errors: insufficient_privilege without USAGE on the server, undefined_object without a user mapping,
 * wrong_object_type for a server of another wrapper, 2F003 where a mapping lets somebody in without a password who is no superuser.
 */
extern void cs_remote_start(cs_remote_call *calls, int count);

/*
 * Until each has answered or failed, or coserv.member_timeout is over. Can be cancelled, and statement_timeout holds. allow_missing: what
 * failed says why; else the first that did is raised. What take finds wrong is the member's failure, too.
 */
extern void cs_remote_wait(cs_remote_call *calls, int count, bool allow_missing);

/* Is the mapping by which the caller would get to a server everybody's (PUBLIC), and not his own? */
extern bool cs_remote_is_shared(const cs_member *member);

#endif
