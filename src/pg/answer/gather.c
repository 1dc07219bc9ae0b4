/*
 * gather.c - the members of a federation asked, and their rows as one list (gather.h).
 */
#include "gather.h"

#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "execute.h"
#include "incoming.h"
#include "pg/federation/remote.h"
#include "triples.h"
#include "served.h"
#include "pg/base/store.h"

cs_gathering *
cs_gathering_begin(Oid federation, const TimestampTz *as_of, bool allow_missing)
{
	cs_gathering *g = palloc0(sizeof(cs_gathering));

	g->memory = CurrentMemoryContext;
	g->federation = cs_federation_read(federation, as_of != NULL ? *as_of : GetCurrentTimestamp());
	g->allow_missing = allow_missing;
	g->replies = palloc0(sizeof(cs_reply) * Max(g->federation->count, 1));
	for (int i = 0; i < g->federation->count; i++)
	{
		g->replies[i].member = &g->federation->members[i];
		g->replies[i].has_moment = as_of != NULL;
		g->replies[i].moment = as_of != NULL ? *as_of : 0;
	}
	return g;
}

TimestampTz
cs_gathering_moment(const cs_gathering *g)
{
	TimestampTz earliest = DT_NOEND;

	for (int i = 0; i < g->federation->count; i++)
		if (g->replies[i].asked && g->replies[i].has_moment)
			earliest = Min(earliest, g->replies[i].moment);
	return earliest != DT_NOEND ? earliest : GetCurrentTimestamp();
}

/* --- rows --- */

static bool
is_by_value(int column)
{
	return column == SEL_ORDINAL || column == SEL_KIND || column == SEL_IS_SIGNED;
}

static bool
is_moment(int column)
{
	return column == SEL_NOT_BEFORE || column == SEL_NOT_AFTER;
}

static bool
is_uuid(int column)
{
	return column == SEL_MANIFEST || column == SEL_TRUTH || column == SEL_AUTHORITY_ID;
}

static Datum
copy_column(int column, Datum value)
{
	if (is_by_value(column))
		return value;
	if (is_moment(column))
		return TimestampTzGetDatum(DatumGetTimestampTz(value));
	if (is_uuid(column))
		return datumCopy(value, false, UUID_LEN);
	return PointerGetDatum(PG_DETOAST_DATUM_COPY(value));
}

cs_selected *
cs_gathering_add(cs_gathering *g, const cs_selected *row)
{
	MemoryContext old = MemoryContextSwitchTo(g->memory);
	cs_selected *copy;

	if (g->count == g->room)
	{
		g->room = g->room == 0 ? 8 : g->room * 2;
		g->rows = g->rows == NULL ? palloc(sizeof(cs_selected) * g->room) : repalloc(g->rows, sizeof(cs_selected) * g->room);
	}
	copy = &g->rows[g->count++];
	memset(copy, 0, sizeof(*copy));
	for (int i = 0; i < SEL_COLUMNS; i++)
	{
		copy->nulls[i] = row->nulls[i];
		if (!row->nulls[i])
			copy->values[i] = copy_column(i, row->values[i]);
	}
	copy->conveyed = row->conveyed;
	MemoryContextSwitchTo(old);
	return copy;
}

bool
cs_row_is_believed(const cs_member *member, const cs_selected *row)
{
	cs_span profile = row->nulls[SEL_PROFILE] ? (cs_span) { NULL, 0 } : cs_pg_utf8_text(row->values[SEL_PROFILE]);
	cs_item environment;

	if (!row->nulls[SEL_ENVIRONMENT])
		environment = cs_pg_item(row->values[SEL_ENVIRONMENT]);
	return cs_member_believed(
		member, DatumGetUUIDP(row->values[SEL_AUTHORITY_ID]), row->nulls[SEL_ENVIRONMENT] ? NULL : &environment, profile);
}

bool
cs_file_is_believed(const cs_member *member, const cs_file *file)
{
	cs_item environment = cs_pg_item(file->values[FILE_ENVIRONMENT]);

	return cs_member_believed(member, DatumGetUUIDP(file->values[FILE_AUTHORITY_ID]), &environment,
		file->nulls[FILE_PROFILE] ? (cs_span) { NULL, 0 } : cs_pg_utf8_text(file->values[FILE_PROFILE]));
}

static int
by_document(const void *a, const void *b)
{
	const Datum *x = ((const cs_selected *) a)->values, *y = ((const cs_selected *) b)->values;
	int order = memcmp(DatumGetUUIDP(x[SEL_MANIFEST]), DatumGetUUIDP(y[SEL_MANIFEST]), UUID_LEN);
	int32 i = DatumGetInt32(x[SEL_ORDINAL]), k = DatumGetInt32(y[SEL_ORDINAL]);

	return order != 0 ? order : (i > k) - (i < k);
}

/* Two members have a statement while its authority moves: what the one knows of its end holds for both. */
static void
join_rows(cs_selected *kept, const cs_selected *other)
{
	if (!other->nulls[SEL_NOT_AFTER] &&
		(kept->nulls[SEL_NOT_AFTER] ||
			DatumGetTimestampTz(other->values[SEL_NOT_AFTER]) < DatumGetTimestampTz(kept->values[SEL_NOT_AFTER])))
	{
		kept->nulls[SEL_NOT_AFTER] = false;
		kept->values[SEL_NOT_AFTER] = other->values[SEL_NOT_AFTER];
	}
	if (kept->conveyed.document.data == NULL)
		kept->conveyed = other->conveyed;
}

void
cs_gathering_hand_over(cs_gathering *g, void (*each)(const cs_selected *row, void *data), void *data)
{
	int kept = 0;

	if (g->count > 1)
		qsort(g->rows, (size_t) g->count, sizeof(cs_selected), by_document);
	for (int i = 0; i < g->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (kept > 0 && by_document(&g->rows[kept - 1], &g->rows[i]) == 0)
			join_rows(&g->rows[kept - 1], &g->rows[i]);
		else
			g->rows[kept++] = g->rows[i];
	}
	for (int i = 0; i < kept; i++)
		each(&g->rows[i], data);
	g->count = 0;
}

/* --- members of this database --- */

typedef struct cs_collecting
{
	cs_gathering *gathering;
	const cs_member *member;
	bool with_documents;
	pg_uuid_t last;
	bool has_last;
} cs_collecting;

static void
collect(const cs_selected *row, void *data)
{
	cs_collecting *c = data;
	const pg_uuid_t *manifest = DatumGetUUIDP(row->values[SEL_MANIFEST]);
	cs_selected *kept;
	cs_ctx ctx;
	MemoryContext old;

	if (!cs_row_is_believed(c->member, row))
		return;
	kept = cs_gathering_add(c->gathering, row);
	kept->store = c->member->schema;
	kept->member = c->member;
	if (!c->with_documents || (c->has_last && memcmp(manifest, &c->last, UUID_LEN) == 0))
		return;
	c->last = *manifest;
	c->has_last = true;
	old = MemoryContextSwitchTo(c->gathering->memory);
	cs_pg_ctx(&ctx);
	MemoryContextSwitchTo(old);
	kept->conveyed =
		cs_conveyed(&ctx, c->member->schema, DatumGetUUIDP(kept->values[SEL_TRUTH]), DatumGetBool(kept->values[SEL_IS_SIGNED]));
}

static cs_reading
begin_member(cs_reply *reply)
{
	cs_reading reading = cs_begin_reading(reply->member->schema, reply->has_moment ? &reply->moment : NULL);

	reply->asked = true;
	reply->has_moment = true;
	reply->moment = reading.as_of;
	return reading;
}

/* --- members at other servers --- */

typedef struct cs_asking
{
	cs_gathering *gathering;
	cs_remote_call *calls;
	cs_incoming *incoming;
	int count;
} cs_asking;

static cs_asking *
begin_asking(cs_gathering *g)
{
	cs_asking *asking = palloc0(sizeof(cs_asking));

	asking->gathering = g;
	asking->calls = palloc0(sizeof(cs_remote_call) * Max(g->federation->count, 1));
	asking->incoming = palloc0(sizeof(cs_incoming) * Max(g->federation->count, 1));
	return asking;
}

static cs_remote_value
text_value(const char *text)
{
	return (cs_remote_value) { text, -1 };
}

static const char *
moment_value(const cs_reply *reply)
{
	uint64 raw = pg_hton64((uint64) reply->moment);

	return memcpy(palloc(sizeof(raw)), &raw, sizeof(raw));
}

/* One more member to be asked: which store, what, as of when, in whose name, in which form. */
static cs_incoming *
add_call(cs_asking *asking, cs_reply *reply, const char *sql, cs_span asked, const char *(*take)(const PGresult *, void *) )
{
	cs_remote_call *call = &asking->calls[asking->count];
	cs_incoming *incoming = &asking->incoming[asking->count++];

	*incoming = (cs_incoming) { .gathering = asking->gathering, .reply = reply };
	call->member = reply->member;
	call->sql = sql;
	call->take = take;
	call->data = incoming;
	call->values[0] = text_value(quote_identifier(reply->member->store));
	call->values[1] = (cs_remote_value) { (const char *) asked.data, (int) asked.len };
	call->values[2] = reply->has_moment ? (cs_remote_value) { moment_value(reply), 8 } : (cs_remote_value) { NULL, -1 };
	call->values[3] = text_value(cs_member_authorities_text(reply->member));
	call->values[4] = text_value(psprintf("%d", CS_MEMBER_FORM));
	call->value_count = 5;
	return incoming;
}

static void
end_asking(cs_asking *asking)
{
	if (asking->count > 0)
		cs_remote_wait(asking->calls, asking->count, asking->gathering->allow_missing);
	for (int i = 0; i < asking->count; i++)
	{
		cs_reply *reply = asking->incoming[i].reply;

		reply->asked = true;
		reply->missing = asking->calls[i].missing;
	}
}

#define MEMBER_COLUMNS                                                                                                                \
	"manifest, ordinal, kind, environment, content, shown_as, profile, not_before, not_after, is_signed, truth, current, authority, " \
	"authority_id, moment, document, media_type, chain, number"
#define MEMBER_ARGUMENTS \
	"($1::pg_catalog.regnamespace, $2::pg_catalog.bytea, $3::pg_catalog.timestamptz, $4::pg_catalog.uuid[], $5::pg_catalog.int4)"

#define SOUGHT_ARGUMENTS                                                                                                           \
	"($1::pg_catalog.regnamespace, $2::pg_catalog.bytea, $3::pg_catalog.timestamptz, $4::pg_catalog.uuid[], $5::pg_catalog.int4, " \
	"$6::pg_catalog.text, $7::pg_catalog.int2[])"

#define FILE_COLUMNS_TEXT                                                                                                  \
	"moment, manifest, ordinal, environment, path, digest_alg, digest, shown_as, profile, authority_id, source, version, " \
	"\"position\", authority, not_before, not_after"
#define FILE_ARGUMENTS                                                                                                             \
	"($1::pg_catalog.regnamespace, $2::pg_catalog.bytea, $3::pg_catalog.timestamptz, $4::pg_catalog.uuid[], $5::pg_catalog.int4, " \
	"$6::pg_catalog.text[])"

/* --- triples --- */

static void
gather_locally(cs_gathering *g, cs_reply *reply, cs_span bytes, const cs_query *query)
{
	cs_collecting c = { .gathering = g, .member = reply->member, .with_documents = query->result_type != CS_COLLECTED };
	cs_reading reading = begin_member(reply);

	cs_select_query(reply->member->schema, bytes, query, &reading, collect, &c);
	cs_end_reading(&reading);
}

void
cs_gather_query(cs_gathering *g, cs_span bytes, const cs_query *query, void (*each)(const cs_selected *row, void *data), void *data)
{
	const bool *to_ask = cs_members_to_ask(g->federation, query, query->artifact != CS_ENDORSED_VALUES);
	cs_asking *asking = begin_asking(g);

	for (int i = 0; i < g->federation->count; i++)
		if (g->replies[i].member->server != NULL && to_ask[i])
			add_call(asking, &g->replies[i], "SELECT " MEMBER_COLUMNS " FROM coserv.member_rows" MEMBER_ARGUMENTS, bytes, cs_take_row)
				->query = query;
	cs_remote_start(g->federation, asking->calls, asking->count);
	for (int i = 0; i < g->federation->count; i++)
		if (g->replies[i].member->server == NULL && to_ask[i])
			gather_locally(g, &g->replies[i], bytes, query);
	end_asking(asking);
	cs_gathering_hand_over(g, each, data);
}

static cs_span
array_of(const cs_span *environments, size_t count)
{
	cs_buf out;
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&out, &ctx);
	cs_put_array(&out, count);
	for (size_t i = 0; i < count; i++)
		cs_put_raw(&out, environments[i].data, environments[i].len);
	cs_pg_require(cs_buf_ok(&out), &ctx, NULL);
	return cs_buf_span(&out);
}

static void
relate_locally(cs_gathering *g, cs_reply *reply, const cs_span *environments, size_t count,
	void (*each)(const cs_selected *row, void *data), void *data)
{
	cs_collecting c = { .gathering = g, .member = reply->member };
	cs_reading reading = begin_member(reply);

	for (size_t i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		cs_select_relations(reply->member->schema, cs_pg_make(environments[i]), &reading, collect, &c);
		cs_gathering_hand_over(g, each, data);
	}
	cs_end_reading(&reading);
}

void
cs_gather_relations(
	cs_gathering *g, const cs_span *environments, size_t count, void (*each)(const cs_selected *row, void *data), void *data)
{
	cs_asking *asking = begin_asking(g);
	cs_span asked = array_of(environments, count);

	for (int i = 0; i < g->federation->count; i++)
		if (g->replies[i].member->server != NULL && g->replies[i].member->placement_count > 0)
		{
			cs_incoming *incoming = add_call(
				asking, &g->replies[i], "SELECT " MEMBER_COLUMNS " FROM coserv.member_relations" MEMBER_ARGUMENTS, asked, cs_take_row);

			incoming->environments = environments;
			incoming->environment_count = count;
		}
	cs_remote_start(g->federation, asking->calls, asking->count);
	for (int i = 0; i < g->federation->count; i++)
		if (g->replies[i].member->server == NULL && g->replies[i].member->placement_count > 0)
			relate_locally(g, &g->replies[i], environments, count, each, data);
	end_asking(asking);
	cs_gathering_hand_over(g, each, data);
}

/* --- files in CoSWID tags --- */

typedef struct cs_filing
{
	const cs_member *member;
	cs_each_file each;
	void *data;
} cs_filing;

static void
file_locally(const cs_file *file, void *data)
{
	const cs_filing *f = data;
	cs_file of_member = *file;

	of_member.member = f->member;
	if (cs_file_is_believed(f->member, file))
		f->each(&of_member, f->data);
}

void
cs_gather_files(cs_gathering *g, cs_span asked, Datum paths, cs_each_file each, void *data)
{
	cs_asking *asking = begin_asking(g);

	for (int i = 0; i < g->federation->count; i++)
		if (g->replies[i].member->server != NULL && g->replies[i].member->placement_count > 0)
		{
			cs_incoming *incoming = add_call(
				asking, &g->replies[i], "SELECT " FILE_COLUMNS_TEXT " FROM coserv.member_files" FILE_ARGUMENTS, asked, cs_take_file);
			cs_remote_call *call = &asking->calls[asking->count - 1];

			incoming->asked = asked;
			incoming->by_path = paths != 0;
			incoming->each_file = each;
			incoming->file_data = data;
			call->values[call->value_count++] = text_value(paths == 0 ? NULL : OidOutputFunctionCall(F_ARRAY_OUT, paths));
		}
	cs_remote_start(g->federation, asking->calls, asking->count);
	for (int i = 0; i < g->federation->count; i++)
	{
		cs_filing f = { .member = g->replies[i].member, .each = each, .data = data };
		cs_reading reading;

		if (f.member->server != NULL || f.member->placement_count == 0)
			continue;
		reading = begin_member(&g->replies[i]);
		cs_select_files(f.member->schema, asked, paths, reading.as_of, file_locally, &f);
		cs_end_reading(&reading);
	}
	end_asking(asking);
}

/* --- certificates of devices --- */

static const char *
take_flag(const PGresult *row, void *data)
{
	if (PQnfields(row) != 1 || PQgetisnull(row, 0, 0) || PQgetlength(row, 0, 0) != 1)
		return "it sent a malformed row";
	*(bool *) data = *PQgetvalue(row, 0, 0) != 0;
	return NULL;
}

bool
cs_gather_is_revoked(cs_gathering *g, const cs_member *member, const pg_uuid_t *manifest, cs_span issuer, cs_span serial)
{
	cs_reply *reply = &g->replies[member - g->federation->members];
	bool is_revoked = false;
	cs_remote_call call = { .member = member,
		.sql = "SELECT coserv.member_revoked($1::pg_catalog.regnamespace, $2::pg_catalog.uuid, $3::pg_catalog.bytea, "
			   "$4::pg_catalog.bytea, $5::pg_catalog.timestamptz, $6::pg_catalog.int4)",
		.values = { text_value(quote_identifier(member->store)),
			text_value(DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(manifest)))),
			{ (const char *) issuer.data, (int) issuer.len }, { (const char *) serial.data, (int) serial.len }, { moment_value(reply), 8 },
			text_value(psprintf("%d", CS_MEMBER_FORM)) },
		.value_count = 6,
		.take = take_flag,
		.data = &is_revoked };

	cs_remote_start(g->federation, &call, 1);
	cs_remote_wait(&call, 1, false);
	return is_revoked;
}

/* --- for views and reverse look-up --- */

static cs_span
asked_bytes(const cs_sought *sought)
{
	return sought->asked == 0 ? (cs_span) { (const uint8_t *) "", 0 } : cs_pg_span(sought->asked);
}

void
cs_gather_sought(cs_gathering *g, const cs_sought *sought, void (*each)(const cs_selected *row, void *data), void *data)
{
	cs_asking *asking = begin_asking(g);

	for (int i = 0; i < g->federation->count; i++)
		if (g->replies[i].member->server != NULL && g->replies[i].member->placement_count > 0)
		{
			cs_incoming *incoming = add_call(asking, &g->replies[i],
				"SELECT " MEMBER_COLUMNS " FROM coserv.member_triples" SOUGHT_ARGUMENTS, asked_bytes(sought), cs_take_row);
			cs_remote_call *call = &asking->calls[asking->count - 1];

			incoming->sought = sought;
			call->values[call->value_count++] = text_value(cs_sought_names[sought->by]);
			call->values[call->value_count++] = text_value(sought->kinds == 0 ? NULL : cs_sought_kinds_text(sought));
		}
	cs_remote_start(g->federation, asking->calls, asking->count);
	for (int i = 0; i < g->federation->count; i++)
	{
		cs_collecting c = { .gathering = g, .member = g->replies[i].member };
		cs_reading reading;

		if (c.member->server != NULL || c.member->placement_count == 0)
			continue;
		reading = begin_member(&g->replies[i]);
		cs_select_sought(c.member->schema, sought, cs_member_authorities(c.member), reading.as_of, collect, &c);
		cs_end_reading(&reading);
	}
	end_asking(asking);
	cs_gathering_hand_over(g, each, data);
}

/* --- RIMs --- */

static void
find_locally(cs_gathering *g, cs_reply *reply, const cs_query *query, cs_rim *out)
{
	cs_reading reading = begin_member(reply);

	for (size_t i = 0; i < query->rim_count; i++)
	{
		cs_rim found;

		cs_find_rim(g->memory, reply->member->schema, query, &query->rims[i], &reading, cs_member_authorities(reply->member), &found);
		cs_rim_join(&out[i], &found);
	}
	cs_end_reading(&reading);
}

void
cs_gather_rims(cs_gathering *g, cs_span bytes, const cs_query *query, cs_rim *out)
{
	cs_asking *asking = begin_asking(g);

	memset(out, 0, sizeof(cs_rim) * query->rim_count);
	for (int i = 0; i < g->federation->count; i++)
		if (g->replies[i].member->server != NULL && g->replies[i].member->placement_count > 0)
		{
			cs_incoming *incoming = add_call(asking, &g->replies[i],
				"SELECT moment, number, document, media_type, chain, not_after, manifest, not_before, tag_version FROM "
				"coserv.member_rims" MEMBER_ARGUMENTS,
				bytes, cs_take_rim);

			incoming->rims = out;
			incoming->rim_count = query->rim_count;
		}
	cs_remote_start(g->federation, asking->calls, asking->count);
	for (int i = 0; i < g->federation->count; i++)
		if (g->replies[i].member->server == NULL && g->replies[i].member->placement_count > 0)
			find_locally(g, &g->replies[i], query, out);
	end_asking(asking);
}

/* --- profiles --- */

List *
cs_gather_profiles(cs_gathering *g)
{
	cs_asking *asking = begin_asking(g);
	List *profiles = NIL;
	ListCell *cell;

	for (int i = 0; i < g->federation->count; i++)
		if (g->replies[i].member->server != NULL)
		{
			add_call(asking, &g->replies[i], "SELECT p FROM coserv.member_profiles($1::pg_catalog.regnamespace, $2::pg_catalog.int4) p",
				(cs_span) { NULL, 0 }, cs_take_profile);
			asking->calls[asking->count - 1].values[1] = text_value(psprintf("%d", CS_MEMBER_FORM));
			asking->calls[asking->count - 1].value_count = 2;
		}
	cs_remote_start(g->federation, asking->calls, asking->count);
	for (int i = 0; i < g->federation->count; i++)
		if (g->replies[i].member->server == NULL)
			foreach (cell, cs_profiles_of_store(g->replies[i].member->schema))
				profiles = cs_add_profile(profiles, *(cs_span *) lfirst(cell));
	end_asking(asking);
	for (int i = 0; i < asking->count; i++)
		foreach (cell, asking->incoming[i].profiles)
			profiles = cs_add_profile(profiles, *(cs_span *) lfirst(cell));
	return profiles;
}

/* --- what is told of the members --- */

static void
put_json(StringInfo out, const char *key, const char *text)
{
	escape_json(out, key);
	appendStringInfoString(out, ": ");
	escape_json(out, text);
}

Datum
cs_gathering_told(const cs_gathering *g)
{
	StringInfoData out;

	initStringInfo(&out);
	appendStringInfoChar(&out, '{');
	for (int i = 0; i < g->federation->count; i++)
	{
		const cs_reply *reply = &g->replies[i];

		appendStringInfoString(&out, i > 0 ? ", " : "");
		escape_json(&out, reply->member->name);
		appendStringInfoString(&out, ": {");
		if (reply->missing != NULL)
			put_json(&out, "missing", reply->missing);
		else if (reply->asked)
			put_json(&out, "moment", DatumGetCString(DirectFunctionCall1(timestamptz_out, TimestampTzGetDatum(reply->moment))));
		else
			appendStringInfoString(&out, "\"asked\": false");
		appendStringInfoChar(&out, '}');
	}
	appendStringInfoChar(&out, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(out.data));
}

static cs_reply *
reply_of(cs_gathering *g, const JsonbValue *name)
{
	for (int i = 0; i < g->federation->count; i++)
		if (strlen(g->federation->members[i].name) == (size_t) name->val.string.len &&
			memcmp(g->federation->members[i].name, name->val.string.val, (size_t) name->val.string.len) == 0)
			return &g->replies[i];
	ereport(ERROR,
		(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			errmsg("\"%.*s\" is no member of the federation", name->val.string.len, name->val.string.val)));
}

/* "2026-01-01 00:00:00+00", or {"moment": that, ...}; what has no moment is asked for now. */
static void
take_moment(cs_reply *reply, JsonbValue *value)
{
	JsonbValue *moment = value, key = { .type = jbvString };

	key.val.string.val = "moment";
	key.val.string.len = 6;
	if (value->type == jbvBinary)
		moment = findJsonbValueFromContainer(value->val.binary.data, JB_FOBJECT, &key);
	if (moment == NULL || moment->type == jbvNull)
		return;
	if (moment->type != jbvString)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("the moment of member \"%s\" is no text", reply->member->name)));
	reply->moment = DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in,
		CStringGetDatum(pnstrdup(moment->val.string.val, (Size) moment->val.string.len)), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	reply->has_moment = true;
}

void
cs_gathering_as_told(cs_gathering *g, Jsonb *moments)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue value;
	cs_reply *reply = NULL;

	if (!JB_ROOT_IS_OBJECT(moments))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("moments are an object, a member's name to its moment")));
	it = JsonbIteratorInit(&moments->root);
	while ((token = JsonbIteratorNext(&it, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			reply = reply_of(g, &value);
		else if (token == WJB_VALUE && reply != NULL)
			take_moment(reply, &value);
	}
}
