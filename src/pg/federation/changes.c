/*
 * changes.c - what has changed at the members of a federation since a cursor (doc/changes.md, doc/federation.md). A cursor of a federation
 * is base64url of CBOR, an array of byte strings: what is placed at whom now, and then each member's name and its own cursor.
 */
#include "remote.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "cbor/text.h"
#include "cose/certs.h"
#include "cose/cose.h"
#include "pg/base/rows.h"
#include "pg/base/store.h"
#include "pg/store/cursor.h"

PG_FUNCTION_INFO_V1(coserv_federation_cursor);
PG_FUNCTION_INFO_V1(coserv_federation_changes);
PG_FUNCTION_INFO_V1(coserv_member_changes);

/*
 * Columns of a change, in order: of coserv.federation_changes, of coserv.member_changes behind the cursor, and of CS_STMT_CHANGES behind
 * that and whether it is of an authority that was asked for.
 */
enum
{
	CHANGE_STATEMENT,
	CHANGE_WHAT,
	CHANGE_KNOWN_AT,
	CHANGE_ENVIRONMENTS,
	CHANGE_NAME,
	CHANGE_BY_AUTHORITY,
	CHANGE_COUNTS,
	CHANGE_COLUMNS
};

/* As text; NULL: null. What a member sends is of its types when it is read as such (put_changes). */
typedef struct cs_change
{
	char *values[CHANGE_COLUMNS];
} cs_change;

/* Of one member. */
typedef struct cs_followed
{
	const cs_member *member;
	const char *cursor; /* that was given, then where to go on; NULL: nothing was seen yet */
	List *changes;		/* of cs_change */
} cs_followed;

/* --- what is placed now: a cursor holds as long as the same is believed of the same --- */

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static void
digest_placement(const cs_member *member, const cs_placement *placement, uint8_t out[32])
{
	cs_buf said;
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&said, &ctx);
	cs_put_cstr(&said, member->name);
	cs_put_bytes(&said, placement->authority.data, UUID_LEN);
	cs_put_bool(&said, placement->environments != NULL);
	cs_put_array(&said, (uint64_t) placement->environment_count);
	for (int i = 0; i < placement->environment_count; i++)
		cs_put_item(&said, &placement->environments[i]);
	cs_put_bool(&said, placement->profiles != NULL);
	cs_put_array(&said, (uint64_t) placement->profile_count);
	for (int i = 0; i < placement->profile_count; i++)
		cs_put_text(&said, (const char *) placement->profiles[i].data, placement->profiles[i].len);
	cs_pg_require(cs_buf_ok(&said) && cs_sha256(&ctx, cs_buf_span(&said), out), &ctx, NULL);
}

static const char *
what_is_placed(const cs_federation *f)
{
	int count = 0, n = 0;
	uint8_t *digests, all[32];
	StringInfoData hex;
	cs_ctx ctx;

	for (int i = 0; i < f->count; i++)
		count += f->members[i].placement_count;
	digests = palloc((Size) 32 * Max(count, 1));
	for (int i = 0; i < f->count; i++)
		for (int k = 0; k < f->members[i].placement_count; k++)
			digest_placement(&f->members[i], &f->members[i].placements[k], digests + (Size) 32 * n++);
	qsort(digests, (size_t) count, 32, by_bytes);
	cs_pg_ctx_stored(&ctx);
	cs_pg_require(cs_sha256(&ctx, (cs_span) { digests, (size_t) 32 * count }, all), &ctx, NULL);
	initStringInfo(&hex);
	appendStringInfo(&hex, "%s-", cs_federation_digest(f));
	for (int i = 0; i < 8; i++)
		appendStringInfo(&hex, "%02x", all[i]);
	return hex.data;
}

/* --- cursors --- */

/* A byte string of the array, as text in memory of its own; NULL: there is none, or something else. */
static const char *
next_text(cs_iter *it)
{
	cs_item item;

	if (!cs_next(it, &item) || !cs_is(&item, CS_BSTR) || item.indefinite)
		return NULL;
	return pnstrdup((const char *) item.content, (Size) item.arg);
}

static void
take_cursor(const char *text, const char *placed, cs_followed *followed, int count)
{
	const char *then = NULL, *name, *cursor;
	cs_span bytes;
	cs_iter it = { 0 };
	cs_item array;
	cs_ctx ctx;

	cs_pg_ctx(&ctx);
	if (cs_base64_text(&ctx, (cs_span) { (const uint8_t *) text, strlen(text) }, &bytes) && cs_check(&ctx, bytes.data, bytes.len))
	{
		array = cs_item_at(bytes.data, bytes.len);
		it = cs_iterate(&array);
		then = cs_is(&array, CS_ARRAY) ? next_text(&it) : NULL;
	}
	if (then == NULL)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("this is no cursor of a federation")));
	if (strcmp(then, placed) != 0)
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the cursor is of other members, or of what was placed at them then"),
				errhint("Forget what was answered before, and begin with a new cursor.")));
	while ((name = next_text(&it)) != NULL && (cursor = next_text(&it)) != NULL)
		for (int i = 0; i < count; i++)
			if (strcmp(followed[i].member->name, name) == 0)
				followed[i].cursor = cursor;
}

static void
put_bytes(cs_buf *out, const char *text)
{
	cs_put_bytes(out, text, strlen(text));
}

static const char *
make_cursor(const char *placed, const cs_followed *followed, int count)
{
	uint64_t told = 0;
	cs_buf array, text;
	cs_ctx ctx;

	for (int i = 0; i < count; i++)
		told += followed[i].cursor != NULL;
	cs_pg_ctx(&ctx);
	cs_buf_init(&array, &ctx);
	cs_buf_init(&text, &ctx);
	cs_put_array(&array, 1 + 2 * told);
	put_bytes(&array, placed);
	for (int i = 0; i < count; i++)
	{
		if (followed[i].cursor == NULL)
			continue;
		put_bytes(&array, followed[i].member->name);
		put_bytes(&array, followed[i].cursor);
	}
	cs_pg_require(cs_buf_ok(&array), &ctx, NULL);
	cs_put_base64(&text, cs_buf_span(&array), true, 0);
	cs_pg_require(cs_buf_ok(&text), &ctx, NULL);
	return pnstrdup((const char *) text.data, text.len);
}

/* --- asking --- */

static cs_followed *
begin_following(const cs_federation *f, int *count)
{
	cs_followed *followed = palloc0(sizeof(cs_followed) * Max(f->count, 1));

	*count = 0;
	for (int i = 0; i < f->count; i++)
		if (f->members[i].placement_count > 0)
			followed[(*count)++].member = &f->members[i];
	return followed;
}

static const char malformed[] = "it sent a malformed row";

static char *
text_of(const PGresult *row, int column)
{
	if (PQgetisnull(row, 0, column) || strlen(PQgetvalue(row, 0, column)) != (size_t) PQgetlength(row, 0, column) ||
		!pg_verifymbstr(PQgetvalue(row, 0, column), PQgetlength(row, 0, column), true))
		return NULL;
	return pstrdup(PQgetvalue(row, 0, column));
}

/* Where to go on, and a change; none where it has no what. */
static const char *
take_change(const PGresult *row, void *data)
{
	cs_followed *followed = data;
	cs_change *change = palloc0(sizeof(cs_change));

	if (PQnfields(row) != 1 + CHANGE_COLUMNS || (followed->cursor = text_of(row, 0)) == NULL)
		return malformed;
	for (int i = 0; i < CHANGE_COLUMNS; i++)
		if (!PQgetisnull(row, 0, 1 + i) && (change->values[i] = text_of(row, 1 + i)) == NULL)
			return malformed;
	if (change->values[CHANGE_WHAT] != NULL)
		followed->changes = lappend(followed->changes, change);
	return NULL;
}

static const char *
take_own_cursor(const PGresult *row, void *data)
{
	cs_followed *followed = data;

	if (PQnfields(row) != 1 || (followed->cursor = text_of(row, 0)) == NULL)
		return malformed;
	return NULL;
}

/* Members at other servers, all at once: each for its cursor, or for its changes. */
static cs_remote_call *
start_following(const cs_federation *f, cs_followed *followed, int count, bool changes, int *started)
{
	cs_remote_call *calls = palloc0(sizeof(cs_remote_call) * Max(count, 1));

	*started = 0;
	for (int i = 0; i < count; i++)
	{
		cs_remote_call *call = &calls[*started];

		if (followed[i].member->server == NULL)
			continue;
		*call = (cs_remote_call) { .member = followed[i].member,
			.sql = changes ? "SELECT cursor, statement, what, known_at, environments, name, by_authority, counts FROM "
							 "coserv.member_changes($1::pg_catalog.regnamespace, "
							 "$2::pg_catalog.text, $3::pg_catalog.uuid[], $4::pg_catalog.int4)"
						   : "SELECT coserv.cursor($1::pg_catalog.regnamespace)",
			.value_count = changes ? 4 : 1,
			.take = changes ? take_change : take_own_cursor,
			.data = &followed[i] };
		call->values[0] = (cs_remote_value) { quote_identifier(followed[i].member->store), -1 };
		call->values[1] = (cs_remote_value) { followed[i].cursor, -1 };
		call->values[2] = (cs_remote_value) { cs_member_authorities_text(followed[i].member), -1 };
		call->values[3] = (cs_remote_value) { psprintf("%d", CS_MEMBER_FORM), -1 };
		(*started)++;
	}
	cs_remote_start(f, calls, *started);
	return calls;
}

static cs_change *
read_change(HeapTuple row, TupleDesc desc)
{
	cs_change *change = palloc(sizeof(cs_change));

	for (int i = 0; i < CHANGE_COLUMNS; i++)
		change->values[i] = SPI_getvalue(row, desc, i + 3);
	return change;
}

/* In the current memory context: each change that is of one of the authorities, or of none, and where to go on, if there was any. */
static void
follow_here(Oid store, const char *since, Datum authorities, List **changes, const char **cursor)
{
	MemoryContext spi, memory = CurrentMemoryContext;
	Datum args[2] = { since != NULL ? CStringGetTextDatum(since) : (Datum) 0, authorities };
	int guc_nest = cs_begin_statements();
	uint64 count;
	bool isnull;

	/* the same text wherever it is read */
	(void) set_config_option("datestyle", "ISO", PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	cs_spi_connect();
	count = cs_store_run(store, CS_STMT_CHANGES, args, since != NULL ? "  " : "n ", true, 0);
	spi = MemoryContextSwitchTo(memory);
	for (uint64 i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (DatumGetBool(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2, &isnull)))
			*changes = lappend(*changes, read_change(SPI_tuptable->vals[i], SPI_tuptable->tupdesc));
	}
	if (count > 0)
		*cursor = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	MemoryContextSwitchTo(spi);
	SPI_finish();
	cs_end_statements(guc_nest);
}

/* federation_cursor(federation regnamespace) -> text */
Datum
coserv_federation_cursor(PG_FUNCTION_ARGS)
{
	const cs_federation *f = cs_federation_read(PG_GETARG_OID(0), GetCurrentTimestamp());
	int count, started;
	cs_followed *followed = begin_following(f, &count);
	cs_remote_call *calls = start_following(f, followed, count, false, &started);

	for (int i = 0; i < count; i++)
		if (followed[i].member->server == NULL)
			followed[i].cursor = cs_cursor(followed[i].member->schema);
	if (started > 0)
		cs_remote_wait(calls, started, false);
	PG_RETURN_TEXT_P(cstring_to_text(make_cursor(what_is_placed(f), followed, count)));
}

static void
note_member(void *arg)
{
	errcontext("change that member \"%s\" tells", ((const cs_member *) arg)->name);
}

static void
put_changes(const cs_followed *followed, const char *cursor, cs_rows *rows)
{
	ErrorContextCallback context = {
		.previous = error_context_stack, .callback = note_member, .arg = unconstify(cs_member *, followed->member)
	};
	AttInMetadata *types = TupleDescGetAttInMetadata(cs_rows_desc(rows));
	ListCell *cell;

	error_context_stack = &context;
	foreach (cell, followed->changes)
	{
		const cs_change *change = lfirst(cell);
		Datum values[CHANGE_COLUMNS + 2];
		bool nulls[CHANGE_COLUMNS + 2] = { false };

		for (int i = 0; i < CHANGE_COLUMNS; i++)
		{
			values[i] = InputFunctionCall(&types->attinfuncs[i], change->values[i], types->attioparams[i], types->atttypmods[i]);
			nulls[i] = change->values[i] == NULL;
		}
		values[CHANGE_COLUMNS] = CStringGetTextDatum(cursor);
		values[CHANGE_COLUMNS + 1] = CStringGetTextDatum(followed->member->name);
		cs_rows_put(rows, values, nulls);
	}
	error_context_stack = context.previous;
}

/* federation_changes(federation regnamespace, since text) -> setof (a change, cursor text, member text); not strict */
Datum
coserv_federation_changes(PG_FUNCTION_ARGS)
{
	cs_rows *rows = cs_rows_result(fcinfo);
	const cs_federation *f;
	const char *placed, *cursor;
	cs_followed *followed;
	cs_remote_call *calls;
	int count, started;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	f = cs_federation_read(PG_GETARG_OID(0), GetCurrentTimestamp());
	placed = what_is_placed(f);
	followed = begin_following(f, &count);
	if (!PG_ARGISNULL(1))
		take_cursor(text_to_cstring(PG_GETARG_TEXT_PP(1)), placed, followed, count);
	calls = start_following(f, followed, count, true, &started);
	for (int i = 0; i < count; i++)
		if (followed[i].member->server == NULL)
			follow_here(followed[i].member->schema, followed[i].cursor, cs_member_authorities(followed[i].member), &followed[i].changes,
				&followed[i].cursor);
	if (started > 0)
		cs_remote_wait(calls, started, false);
	cursor = make_cursor(placed, followed, count);
	for (int i = 0; i < count; i++)
		put_changes(&followed[i], cursor, rows);
	PG_RETURN_NULL();
}

static void
put_as_text(const char *cursor, const cs_change *change, cs_rows *rows)
{
	Datum values[1 + CHANGE_COLUMNS] = { CStringGetTextDatum(cursor) };
	bool nulls[1 + CHANGE_COLUMNS] = { false };

	for (int i = 0; i < CHANGE_COLUMNS; i++)
	{
		nulls[1 + i] = change->values[i] == NULL;
		if (!nulls[1 + i])
			values[1 + i] = CStringGetTextDatum(change->values[i]);
	}
	cs_rows_put(rows, values, nulls);
}

/* member_changes(store regnamespace, since text, authorities uuid[], form integer) -> setof (cursor text, a change as text); not strict */
Datum
coserv_member_changes(PG_FUNCTION_ARGS)
{
	cs_rows *rows = cs_rows_result(fcinfo);
	const cs_change none = { { NULL } };
	const char *cursor = NULL;
	List *changes = NIL;
	ListCell *cell;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	cs_member_require_form(PG_GETARG_INT32(3));
	follow_here(PG_GETARG_OID(0), PG_ARGISNULL(1) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(1)), PG_GETARG_DATUM(2), &changes, &cursor);
	if (cursor != NULL && changes == NIL)
		put_as_text(cursor, &none, rows);
	foreach (cell, changes)
		put_as_text(cursor, lfirst(cell), rows);
	PG_RETURN_NULL();
}
