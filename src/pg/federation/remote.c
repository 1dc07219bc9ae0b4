/*
 * remote.c - connections to members at other servers (remote.h): opened, asked and read without blocking, so that a server that hangs can
 * neither hold up the others nor the caller's right to cancel.
 *
 * A connection is held for the session, one for each user and mapping, and given up when the options that it was made of change, when it
 * breaks, and when a transaction ends while something is still under way on it. Its server sees that it is gone within a second.
 */
#include "remote.h"

#include "access/xact.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_user_mapping.h"
#include "commands/defrem.h"
#include "foreign/foreign.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/fd.h"
#include "storage/latch.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "pg/base/settings.h"

typedef struct cs_connection_key
{
	Oid mapping;
	Oid user;
} cs_connection_key;

typedef struct cs_connection
{
	cs_connection_key key;
	PGconn *conn; /* NULL: none */
	bool busy;	  /* something is under way: no use to anybody else, and none once the transaction has ended */
	bool stale;	  /* made of other options than those there are now */
	uint32 server_hash;
	uint32 mapping_hash;
	NameData server;
	/* The transaction there, in levels of the one here (GetCurrentTransactionNestLevel). */
	int level;			  /* it has a savepoint for this one, or began at it; 0: there is none */
	int since;			  /* all of it was done within this one */
	bool is_open;		  /* it has begun there */
	bool is_lost;		  /* ... and its connection is gone */
	StringInfoData first; /* what has to be said before the next question; in TopMemoryContext */
} cs_connection;

typedef enum cs_stage
{
	STAGE_QUEUED, /* another call has the connection: two members at one server */
	STAGE_CONNECTING,
	STAGE_BEGINNING, /* what has to be said first is said */
	STAGE_ASKED,
	STAGE_OVER
} cs_stage;

struct cs_remote_state
{
	const ForeignServer *server;
	const UserMapping *mapping;
	cs_connection *connection;
	cs_stage stage;
	bool is_fresh; /* opened for this call: that it breaks is news */
	bool needs_password;
	PostgresPollingStatusType polling;
	bool to_flush;
	bool has_deadline;
	TimestampTz deadline;
	uint64 received; /* bytes */
	bool is_guarded; /* by a savepoint of its own: it is asked within what writes, which its failure leaves as it is */
	bool was_asked;	 /* the question was sent */
	bool committed;	 /* it was COMMIT, and that was done */
};

static HTAB *connections = NULL;
static bool writes_here = false;

static void
close_connection(cs_connection *c)
{
	if (c->conn != NULL)
	{
		PQfinish(c->conn); /* does not wait: the socket does not block */
		ReleaseExternalFD();
	}
	c->conn = NULL;
	c->busy = c->stale = false;
	c->is_lost |= c->is_open;
}

/* Whatever a transaction left under way is given up with it, and what is made of options that are no more. */
static void
close_what_is_of_no_use(void)
{
	HASH_SEQ_STATUS all;
	cs_connection *c;

	hash_seq_init(&all, connections);
	while ((c = hash_seq_search(&all)) != NULL)
		if (c->busy || (c->stale && c->level == 0))
			close_connection(c);
}

/* The connection by which this transaction writes; NULL: none does. */
static cs_connection *
writing_connection(void)
{
	HASH_SEQ_STATUS all;
	cs_connection *c;

	if (connections == NULL)
		return NULL;
	hash_seq_init(&all, connections);
	while ((c = hash_seq_search(&all)) != NULL)
		if (c->level > 0)
		{
			hash_seq_term(&all);
			break;
		}
	return c;
}

static void
forget_transaction(cs_connection *c)
{
	c->level = c->since = 0;
	c->is_open = c->is_lost = false;
	resetStringInfo(&c->first);
}

static void commit_there(cs_connection *c);

static void
at_end_of_transaction(XactEvent event, void *arg)
{
	cs_connection *c = writing_connection();

	if (event == XACT_EVENT_PRE_COMMIT && c != NULL)
	{
		commit_there(c);
		forget_transaction(c);
	}
	if (event == XACT_EVENT_PRE_PREPARE && c != NULL)
		ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("a transaction that has loaded at server \"%s\" cannot be prepared", NameStr(c->server))));
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT || event == XACT_EVENT_PREPARE)
	{
		if (c != NULL)
		{
			close_connection(c); /* its server rolls back */
			forget_transaction(c);
		}
		writes_here = false;
		close_what_is_of_no_use();
	}
}

static void
end_level(cs_connection *c, int level, bool commits)
{
	if (commits)
	{
		if (c->level == level && c->since < level)
			appendStringInfo(&c->first, "RELEASE SAVEPOINT s%d;", level);
		c->level = Min(c->level, level - 1);
		c->since = Min(c->since, level - 1);
	}
	else if (level <= c->since)
	{
		close_connection(c); /* all that was done there is within what is rolled back */
		forget_transaction(c);
	}
	else if (c->level == level)
	{
		appendStringInfo(&c->first, "ROLLBACK TO SAVEPOINT s%d; RELEASE SAVEPOINT s%d;", level, level);
		c->level--;
	}
}

static void
at_end_of_subtransaction(SubXactEvent event, SubTransactionId mine, SubTransactionId parent, void *arg)
{
	cs_connection *c = writing_connection();

	if (event == SUBXACT_EVENT_ABORT_SUB)
		close_what_is_of_no_use();
	if (c != NULL && (event == SUBXACT_EVENT_ABORT_SUB || event == SUBXACT_EVENT_COMMIT_SUB))
		end_level(c, GetCurrentTransactionNestLevel(), event == SUBXACT_EVENT_COMMIT_SUB);
}

static void
options_changed(Datum arg, int cache, uint32 hash)
{
	HASH_SEQ_STATUS all;
	cs_connection *c;

	hash_seq_init(&all, connections);
	while ((c = hash_seq_search(&all)) != NULL)
		if (hash == 0 || (cache == FOREIGNSERVEROID ? c->server_hash : c->mapping_hash) == hash)
			c->stale = true;
}

static void
know_connections(void)
{
	HASHCTL ctl = { .keysize = sizeof(cs_connection_key), .entrysize = sizeof(cs_connection) };

	if (connections != NULL)
		return;
	connections = hash_create("coserv connections", 8, &ctl, HASH_ELEM | HASH_BLOBS);
	RegisterXactCallback(at_end_of_transaction, NULL);
	RegisterSubXactCallback(at_end_of_subtransaction, NULL);
	CacheRegisterSyscacheCallback(FOREIGNSERVEROID, options_changed, (Datum) 0);
	CacheRegisterSyscacheCallback(USERMAPPINGOID, options_changed, (Datum) 0);
}

static cs_connection *
connection_for(const ForeignServer *server, const UserMapping *mapping, Oid user)
{
	cs_connection_key key = { mapping->umid, user };
	cs_connection *c;
	bool found;

	know_connections();
	c = hash_search(connections, &key, HASH_FIND, NULL);
	if (c == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);
		StringInfoData first;

		initStringInfo(&first);
		MemoryContextSwitchTo(old);
		c = hash_search(connections, &key, HASH_ENTER, &found);
		memset((char *) c + sizeof(key), 0, sizeof(*c) - sizeof(key));
		c->first = first;
	}
	if (c->stale && !c->busy && c->level == 0)
		close_connection(c);
	namestrcpy(&c->server, server->servername);
	c->server_hash = GetSysCacheHashValue1(FOREIGNSERVEROID, ObjectIdGetDatum(mapping->serverid));
	c->mapping_hash = GetSysCacheHashValue1(USERMAPPINGOID, ObjectIdGetDatum(mapping->umid));
	return c;
}

/* --- the transaction there --- */

static void
refuse_another_server(const char *other)
{
	ereport(ERROR,
		(errcode(ERRCODE_FEATURE_NOT_SUPPORTED), errmsg("a transaction loads at one server, as one role"),
			errdetail("This one has loaded at %s before.", other), errhint("Commit first.")));
}

void
cs_remote_write_here(void)
{
	cs_connection *c = writing_connection();

	if (c != NULL)
		refuse_another_server(psprintf("server \"%s\"", NameStr(c->server)));
	know_connections();
	writes_here = true;
}

/* What is said there next is said within the transaction here: what writes begins one, and each level has a savepoint. */
static void
join_transaction(cs_connection *c, bool writes)
{
	int level = GetCurrentTransactionNestLevel();

	if (writes)
	{
		const cs_connection *other = writing_connection();

		if (writes_here)
			refuse_another_server("this server");
		if (other != NULL && other != c)
			refuse_another_server(psprintf("server \"%s\"", NameStr(other->server)));
		if (c->level == 0)
		{
			appendStringInfoString(&c->first, "START TRANSACTION ISOLATION LEVEL READ COMMITTED READ WRITE;");
			c->level = c->since = level;
		}
	}
	while (c->level > 0 && c->level < level)
		appendStringInfo(&c->first, "SAVEPOINT s%d;", ++c->level);
}

/* --- options --- */

static ForeignServer *
server_of(const cs_member *member)
{
	ForeignServer *server = GetForeignServerByName(member->server, false);
	ForeignDataWrapper *wrapper = GetForeignDataWrapper(server->fdwid);
	AclResult allowed;

#if PG_VERSION_NUM >= 160000
	allowed = object_aclcheck(ForeignServerRelationId, server->serverid, GetUserId(), ACL_USAGE);
#else
	allowed = pg_foreign_server_aclcheck(server->serverid, GetUserId(), ACL_USAGE);
#endif
	if (allowed != ACLCHECK_OK)
		aclcheck_error(allowed, OBJECT_FOREIGN_SERVER, server->servername);
	if (strcmp(wrapper->fdwname, "postgres_fdw") != 0)
		ereport(ERROR,
			(errcode(ERRCODE_WRONG_OBJECT_TYPE), errmsg("server \"%s\" is not one of postgres_fdw's", server->servername),
				errhint("CREATE SERVER ... FOREIGN DATA WRAPPER postgres_fdw")));
	return server;
}

/* Is the mapping by which the caller would get to a server everybody's (PUBLIC), and not his own? */
static bool
is_shared(const cs_member *member)
{
	ForeignServer *server = server_of(member);

	return !SearchSysCacheExists2(USERMAPPINGUSERSERVER, ObjectIdGetDatum(GetUserId()), ObjectIdGetDatum(server->serverid));
}

/* Whoever may do less than all here would do all there by a mapping that is everybody's. */
static void
refuse_what_cannot_be_passed_on(const cs_federation *f, const cs_remote_call *calls, int count)
{
	bool limited = false;

	for (int i = 0; i < f->count; i++)
		if (f->members[i].server == NULL)
			limited |= check_enable_rls(get_relname_relid("manifest", f->members[i].schema), InvalidOid, true) == RLS_ENABLED;
	for (int i = 0; limited && i < count; i++)
		if (is_shared(calls[i].member))
			ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					errmsg("what limits role \"%s\" here cannot be passed on to server \"%s\"", GetUserNameFromId(GetUserId(), false),
						calls[i].member->server),
					errdetail("Row-level security of a member of this database applies to it, and the user mapping is PUBLIC's."),
					errhint("Give it a user mapping of its own, to a role that has its limits there.")));
}

#define MOST_OPTIONS 64

typedef struct cs_options
{
	const char *keywords[MOST_OPTIONS + 1];
	const char *values[MOST_OPTIONS + 1];
	int count;
} cs_options;

static void
add_option(cs_options *options, const char *keyword, const char *value)
{
	if (options->count >= MOST_OPTIONS)
		elog(ERROR, "a server has too many options");
	options->keywords[options->count] = keyword;
	options->values[options->count++] = value;
	options->keywords[options->count] = options->values[options->count] = NULL;
}

/* Those that libpq knows: the others are postgres_fdw's own. */
static void
add_options(cs_options *options, List *list, const PQconninfoOption *known)
{
	ListCell *cell;

	foreach (cell, list)
	{
		DefElem *option = lfirst(cell);

		for (const PQconninfoOption *k = known; k->keyword != NULL; k++)
			if (strcmp(k->keyword, option->defname) == 0)
				add_option(options, k->keyword, defGetString(option));
	}
}

static const char *
find_option(List *list, const char *name)
{
	ListCell *cell;

	foreach (cell, list)
		if (strcmp(((DefElem *) lfirst(cell))->defname, name) == 0)
			return defGetString(lfirst(cell));
	return NULL;
}

/* Who is no superuser gets in by a password of his own or not at all, as postgres_fdw has it: never as the server's account. */
static bool
password_is_needed(const UserMapping *mapping)
{
	const char *required = find_option(mapping->options, "password_required");
	bool value = true;

	if (superuser_arg(GetUserId()) || (required != NULL && parse_bool(required, &value) && !value))
		return false;
	if (find_option(mapping->options, "password") == NULL)
		ereport(ERROR,
			(errcode(ERRCODE_S_R_E_PROHIBITED_SQL_STATEMENT_ATTEMPTED), errmsg("a password is required"),
				errdetail("Who is no superuser must provide a password in the user mapping.")));
	return true;
}

/* --- asking --- */

/* The connection is of no use any more. */
static void
give_up(cs_remote_call *call, int sqlstate, const char *message)
{
	call->missing = pstrdup(message);
	call->sqlstate = sqlstate;
	call->state->stage = STAGE_OVER;
	close_connection(call->state->connection);
}

/* libpq's messages end with a line feed, and may have several lines. */
static char *
message_of(const PGconn *conn)
{
	char *message = pstrdup(PQerrorMessage(conn));
	size_t len = strlen(message);

	while (len > 0 && message[len - 1] == '\n')
		message[--len] = '\0';
	return len > 0 ? message : pstrdup("the connection is broken");
}

/* What the server tells whoever asks (of a document that can never match, say), its caller is told. */
static void
pass_on_notice(void *arg, const PGresult *result)
{
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);

	if (message != NULL)
		ereport(NOTICE, (errmsg_internal("%s", message), detail != NULL ? errdetail_internal("%s", detail) : 0));
}

static void
connect_member(cs_remote_call *call)
{
	cs_remote_state *st = call->state;
	PQconninfoOption *known = PQconndefaults();
	cs_options options = { .count = 0 };

	if (known == NULL)
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	add_option(&options, "fallback_application_name", "coserv");
	/* who asks may be gone: then his question is, too */
	add_option(&options, "options", "-c client_connection_check_interval=1s -c jit=off");
	add_options(&options, st->server->options, known);
	add_options(&options, st->mapping->options, known);
	add_option(&options, "client_encoding", GetDatabaseEncodingName());
	PQconninfoFree(known);
	if (!AcquireExternalFD())
		ereport(ERROR,
			(errcode(ERRCODE_SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION),
				errmsg("could not connect to server \"%s\"", st->server->servername),
				errdetail("There are too many open files on the local server.")));
	st->connection->conn = PQconnectStartParams(options.keywords, options.values, false);
	if (st->connection->conn == NULL)
	{
		ReleaseExternalFD();
		ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory")));
	}
	(void) PQsetNoticeReceiver(st->connection->conn, pass_on_notice, NULL);
	st->is_fresh = true;
	st->stage = STAGE_CONNECTING;
	st->polling = PGRES_POLLING_WRITING;
	if (PQstatus(st->connection->conn) == CONNECTION_BAD)
		give_up(call, ERRCODE_SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION, message_of(st->connection->conn));
}

/* An old connection may have been closed meanwhile: once, it is opened anew. */
static void
broken(cs_remote_call *call)
{
	cs_remote_state *st = call->state;

	if (st->is_fresh || st->received > 0 || st->connection->is_open)
	{
		give_up(call, ERRCODE_CONNECTION_FAILURE, message_of(st->connection->conn));
		return;
	}
	close_connection(st->connection);
	st->connection->busy = true;
	connect_member(call);
}

static void
send_question(cs_remote_call *call)
{
	cs_remote_state *st = call->state;
	PGconn *conn = st->connection->conn;
	const char *values[CS_REMOTE_VALUES];
	int lengths[CS_REMOTE_VALUES], formats[CS_REMOTE_VALUES], flushed;

	for (int i = 0; i < call->value_count; i++)
	{
		values[i] = call->values[i].data;
		lengths[i] = Max(call->values[i].length, 0);
		formats[i] = call->values[i].length >= 0;
	}
	st->stage = STAGE_ASKED;
	st->was_asked = true;
	if (!PQsendQueryParams(conn, call->sql, call->value_count, NULL, values, lengths, formats, 1) || !PQsetSingleRowMode(conn) ||
		(flushed = PQflush(conn)) < 0)
	{
		broken(call);
		return;
	}
	st->to_flush = flushed == 1;
}

/* First what has to be said first, if anything; then the question. */
static void
speak(cs_remote_call *call)
{
	cs_remote_state *st = call->state;
	int flushed;

	if (st->connection->first.len == 0)
	{
		send_question(call);
		return;
	}
	st->stage = STAGE_BEGINNING;
	if (!PQsendQuery(st->connection->conn, st->connection->first.data) || (flushed = PQflush(st->connection->conn)) < 0)
	{
		broken(call);
		return;
	}
	st->to_flush = flushed == 1;
}

static void
connected(cs_remote_call *call)
{
	cs_remote_state *st = call->state;

	if (st->needs_password && !PQconnectionUsedPassword(st->connection->conn))
	{
		give_up(call, ERRCODE_S_R_E_PROHIBITED_SQL_STATEMENT_ATTEMPTED, "it let somebody in without a password who is no superuser");
		return;
	}
	(void) PQsetnonblocking(st->connection->conn, 1);
	speak(call);
}

static void
begin(cs_remote_call *call)
{
	cs_remote_state *st = call->state;

	join_transaction(st->connection, call->writes);
	st->is_guarded = st->connection->level > 0 && !call->writes;
	if (st->is_guarded)
		appendStringInfoString(&st->connection->first, "SAVEPOINT question;");
	st->connection->busy = true;
	st->has_deadline = cs_setting_member_timeout > 0;
	st->deadline = GetCurrentTimestamp() + (TimestampTz) cs_setting_member_timeout * 1000;
	if (st->connection->is_lost)
		give_up(call, ERRCODE_CONNECTION_FAILURE, "the connection by which this transaction has loaded is gone");
	else if (st->connection->conn != NULL)
		speak(call);
	else
		connect_member(call);
}

static void
note_error(cs_remote_call *call, const PGresult *result)
{
	const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
	const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);

	call->sqlstate =
		code != NULL && strlen(code) == 5 ? MAKE_SQLSTATE(code[0], code[1], code[2], code[3], code[4]) : ERRCODE_CONNECTION_FAILURE;
	call->missing = pstrdup(message != NULL ? message : PQresultErrorMessage(result));
	call->detail = detail != NULL ? pstrdup(detail) : NULL;
	call->hint = hint != NULL ? pstrdup(hint) : NULL;
	if (call->sqlstate == ERRCODE_UNDEFINED_FUNCTION)
		call->hint = "Its coserv may be older than this one, or not there.";
}

/* False when nothing more is to be read of this connection. */
static bool
take_result(cs_remote_call *call, const PGresult *result)
{
	const char *wrong;

	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		return true;
	if (PQresultStatus(result) == PGRES_COMMAND_OK)
	{
		call->state->committed = strcmp(PQcmdStatus(unconstify(PGresult *, result)), "COMMIT") == 0;
		return true;
	}
	if (PQresultStatus(result) != PGRES_SINGLE_TUPLE)
	{
		note_error(call, result);
		return true;
	}
	for (int i = 0; i < PQnfields(result); i++)
		call->state->received += (uint64) PQgetlength(result, 0, i);
	wrong = call->state->received > CS_HARD_MAX_SIZE ? "its answer is longer than 256 MB" : call->take(result, call->data);
	if (wrong == NULL)
		return true;
	give_up(call, ERRCODE_FDW_ERROR, wrong);
	return false;
}

/* What a server says that ends a connection while nobody asks: he who asks next finds it (57P01 to 57P03, 57P05). */
static bool
is_farewell(const PGresult *result)
{
	const char *code = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return code != NULL && strncmp(code, "57P", 3) == 0;
}

/* One more result, NULL being the end of them. */
static void
read_result(cs_remote_call *call, const PGresult *result)
{
	cs_remote_state *st = call->state;
	PGconn *conn = st->connection->conn;

	if (result == NULL && st->stage == STAGE_BEGINNING)
	{
		resetStringInfo(&st->connection->first);
		st->connection->is_open = st->connection->level > 0;
		send_question(call);
	}
	else if (result == NULL)
	{
		st->stage = STAGE_OVER;
		st->connection->busy = false;
		if (st->is_guarded)
			appendStringInfo(
				&st->connection->first, "%sRELEASE SAVEPOINT question;", call->missing != NULL ? "ROLLBACK TO SAVEPOINT question;" : "");
	}
	else if (!st->is_fresh && st->received == 0 && (PQstatus(conn) == CONNECTION_BAD || is_farewell(result)))
		broken(call);
	else if (st->stage == STAGE_BEGINNING && PQresultStatus(result) != PGRES_COMMAND_OK)
	{
		note_error(call, result);
		give_up(call, call->sqlstate, call->missing);
	}
	else if (st->stage == STAGE_ASKED)
		(void) take_result(call, result);
}

static void
read_answer(cs_remote_call *call)
{
	cs_remote_state *st = call->state;

	while ((st->stage == STAGE_ASKED || st->stage == STAGE_BEGINNING) && !PQisBusy(st->connection->conn))
	{
		PGresult *result = PQgetResult(st->connection->conn);

		PG_TRY();
		{
			read_result(call, result);
		}
		PG_FINALLY();
		{
			PQclear(result);
		}
		PG_END_TRY();
	}
}

static void
advance(cs_remote_call *call)
{
	cs_remote_state *st = call->state;
	int flushed = 0;

	if (st->stage == STAGE_CONNECTING)
	{
		st->polling = PQconnectPoll(st->connection->conn);
		if (st->polling == PGRES_POLLING_FAILED)
			give_up(call, ERRCODE_SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION, message_of(st->connection->conn));
		else if (st->polling == PGRES_POLLING_OK)
			connected(call);
	}
	else if (st->stage == STAGE_ASKED || st->stage == STAGE_BEGINNING)
	{
		if (!PQconsumeInput(st->connection->conn) || (st->to_flush && (flushed = PQflush(st->connection->conn)) < 0))
			broken(call);
		else
		{
			st->to_flush = flushed == 1;
			read_answer(call);
		}
	}
}

void
cs_remote_start(const cs_federation *federation, cs_remote_call *calls, int count)
{
	if (count > 0)
		refuse_what_cannot_be_passed_on(federation, calls, count);
	for (int i = 0; i < count; i++)
	{
		cs_remote_call *call = &calls[i];
		cs_remote_state *st = palloc0(sizeof(cs_remote_state));

		call->missing = call->detail = call->hint = NULL;
		call->state = st;
		st->server = server_of(call->member);
		st->mapping = GetUserMapping(GetUserId(), st->server->serverid);
		st->needs_password = password_is_needed(st->mapping);
		st->connection = connection_for(st->server, st->mapping, GetUserId());
		st->stage = STAGE_QUEUED;
		if (!st->connection->busy)
			begin(call);
	}
}

static bool
is_under_way(const cs_remote_call *call)
{
	return call->state->stage != STAGE_QUEUED && call->state->stage != STAGE_OVER;
}

static uint32
wanted_events(const cs_remote_state *st)
{
	if (st->stage == STAGE_CONNECTING)
		return st->polling == PGRES_POLLING_READING ? WL_SOCKET_READABLE : WL_SOCKET_WRITEABLE;
	return WL_SOCKET_READABLE | (st->to_flush ? WL_SOCKET_WRITEABLE : 0);
}

/* Until some socket is ready, the latch is set, or the first deadline has come; -1: there is none. */
static void
wait_for_some(cs_remote_call *calls, int count, long timeout)
{
	WaitEvent *events = palloc(sizeof(WaitEvent) * (count + 2));
	int ready;
#if PG_VERSION_NUM >= 170000
	WaitEventSet *set = CreateWaitEventSet(CurrentResourceOwner, count + 2);
#else
	WaitEventSet *set = CreateWaitEventSet(CurrentMemoryContext, count + 2);
#endif

	AddWaitEventToSet(set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
	AddWaitEventToSet(set, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, NULL, NULL);
	for (int i = 0; i < count; i++)
		if (is_under_way(&calls[i]))
			AddWaitEventToSet(set, wanted_events(calls[i].state), PQsocket(calls[i].state->connection->conn), NULL, &calls[i]);
	ready = WaitEventSetWait(set, timeout, events, count + 2, PG_WAIT_EXTENSION);
	FreeWaitEventSet(set);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < ready; i++)
		if (events[i].user_data != NULL)
			advance(events[i].user_data);
	pfree(events);
}

/* Gives up what is late. Milliseconds to the next deadline; -1: there is none. */
static long
heed_deadlines(cs_remote_call *calls, int count)
{
	TimestampTz now = GetCurrentTimestamp();
	long least = -1;

	for (int i = 0; i < count; i++)
	{
		cs_remote_state *st = calls[i].state;
		long left;

		if (!is_under_way(&calls[i]) || !st->has_deadline)
			continue;
		left = (long) ((st->deadline - now + 999) / 1000);
		if (left <= 0)
			give_up(&calls[i], ERRCODE_QUERY_CANCELED,
				psprintf("it took longer than %d ms (coserv.member_timeout)", cs_setting_member_timeout));
		else if (least < 0 || left < least)
			least = left;
	}
	return least;
}

void
cs_remote_require(const cs_remote_call *call)
{
	if (call->missing != NULL)
		ereport(ERROR,
			(errcode(call->sqlstate),
				errmsg("member \"%s\" %s: %s", call->member->name, call->fails != NULL ? call->fails : "does not answer", call->missing),
				call->detail != NULL ? errdetail("%s", call->detail) : 0, call->hint != NULL ? errhint("%s", call->hint) : 0));
}

void
cs_remote_wait(cs_remote_call *calls, int count, bool allow_missing)
{
	for (;;)
	{
		bool waiting = false;
		long timeout;

		timeout = heed_deadlines(calls, count);
		for (int i = 0; i < count; i++)
		{
			if (calls[i].state->stage == STAGE_QUEUED && !calls[i].state->connection->busy)
				begin(&calls[i]);
			if (!allow_missing && calls[i].state->stage == STAGE_OVER)
				cs_remote_require(&calls[i]);
			waiting |= is_under_way(&calls[i]);
		}
		if (!waiting)
			break;
		wait_for_some(calls, count, timeout);
	}
	for (int i = 0; i < count; i++)
		if (calls[i].state->stage == STAGE_QUEUED)
			elog(ERROR, "the connection to member \"%s\" is in use", calls[i].member->name);
}

/* Just before the transaction here commits. Where nobody says whether it has, nobody knows. */
static void
commit_there(cs_connection *c)
{
	cs_member server = { .name = NameStr(c->server) };
	cs_remote_state state = { .connection = c };
	cs_remote_call call = { .member = &server, .sql = "COMMIT", .writes = true, .state = &state };

	begin(&call);
	cs_remote_wait(&call, 1, true);
	if (call.missing != NULL && c->is_lost && state.was_asked)
		ereport(ERROR,
			(errcode(ERRCODE_TRANSACTION_RESOLUTION_UNKNOWN),
				errmsg("server \"%s\" does not say whether it has committed: %s", NameStr(c->server), call.missing),
				errdetail("What was loaded there may be there, or not."), errhint("Load it again: what is there stays as it is.")));
	if (call.missing != NULL || !state.committed)
		ereport(ERROR,
			(errcode(call.missing != NULL ? call.sqlstate : ERRCODE_TRANSACTION_ROLLBACK),
				errmsg("server \"%s\" has not committed: %s", NameStr(c->server),
					call.missing != NULL ? call.missing : "its transaction had failed before")));
}
