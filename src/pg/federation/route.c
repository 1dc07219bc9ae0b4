/*
 * route.c - loading through a federation: a document goes to the member at which the authority that vouches for it is placed, and is loaded
 * there as by that store's own load(), in the transaction of the caller (remote.h).
 */
#include "remote.h"

#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "pg/base/settings.h"
#include "pg/base/store.h"
#include "pg/history/lifecycle.h"
#include "pg/load/load.h"
#include "pg/trust/verify_row.h"

PG_FUNCTION_INFO_V1(coserv_federation_load);
PG_FUNCTION_INFO_V1(coserv_member_voucher);

/* Arguments of federation_load, store or federation being the first of all. */
enum
{
	ARG_FEDERATION,
	ARG_DOCUMENT,
	ARG_AUTHORITY,
	ARG_PAYLOAD,
	ARG_CHAIN
};

typedef struct cs_route
{
	const cs_federation *federation;
	const cs_member *member; /* NULL: nobody takes it */
	pg_uuid_t authority;
	TimestampTz since; /* the placement by which it goes there */
	/* why not, of the last member of this database that was asked */
	cs_error error;
	const char *known_to; /* a member that knows the authority, which is not placed there */
} cs_route;

/* A member at another server that is asked who vouches for a document. */
typedef struct cs_asked
{
	const cs_member *member;
	cs_route *route;
} cs_asked;

/* Since when an authority is placed at the member. */
static bool
placed_since(const cs_member *member, const pg_uuid_t *authority, TimestampTz *since)
{
	bool found = false;

	for (int i = 0; i < member->placement_count; i++)
		if (memcmp(&member->placements[i].authority, authority, UUID_LEN) == 0)
		{
			*since = found ? Max(*since, member->placements[i].valid_from) : member->placements[i].valid_from;
			found = true;
		}
	return found;
}

/* While an authority moves, it is placed at two: what is new goes to where it moves. */
static void
consider(cs_route *route, const cs_member *member, const pg_uuid_t *authority)
{
	TimestampTz since;

	if (!placed_since(member, authority, &since))
		route->known_to = member->name;
	else if (route->member == NULL || since > route->since)
	{
		route->member = member;
		route->authority = *authority;
		route->since = since;
	}
}

/* beside: payload or chain, as cs_load_beside has it. False with the error. */
static bool
find_voucher(Oid store, cs_span document, const char *authority, cs_span beside, pg_uuid_t *id, cs_error *error)
{
	MemoryContext old, scratch = cs_pg_scratch_begin(&old);
	cs_verifying how = { .only = authority, .accept_legacy = cs_setting_accept_legacy };
	cs_verified verified;
	cs_ctx ctx;
	bool ok;

	cs_pg_ctx(&ctx);
	cs_spi_connect();
	ok = cs_verify_document(&ctx, store, document, beside, &how, &verified);
	if (ok)
		memcpy(id->data, verified.authority_id, UUID_LEN);
	else
		*error = ctx.error;
	SPI_finish();
	cs_pg_scratch_end(scratch, old);
	return ok;
}

static cs_span
optional_span(NullableDatum value)
{
	return value.isnull ? (cs_span) { NULL, 0 } : cs_pg_span(value.value);
}

static const char *
optional_text(NullableDatum value)
{
	return value.isnull ? NULL : TextDatumGetCString(value.value);
}

static void
ask_here(cs_route *route, FunctionCallInfo fcinfo, cs_span beside)
{
	for (int i = 0; i < route->federation->count; i++)
	{
		const cs_member *member = &route->federation->members[i];
		pg_uuid_t id;

		CHECK_FOR_INTERRUPTS();
		if (member->server == NULL && member->placement_count > 0 &&
			find_voucher(
				member->schema, CS_PG_GETARG_SPAN(ARG_DOCUMENT), optional_text(fcinfo->args[ARG_AUTHORITY]), beside, &id, &route->error))
			consider(route, member, &id);
	}
}

/* --- members at other servers --- */

static cs_remote_value
text_value(const char *text)
{
	return (cs_remote_value) { text, -1 };
}

static cs_remote_value
bytes_value(cs_span bytes)
{
	return bytes.data == NULL ? text_value(NULL) : (cs_remote_value) { (const char *) bytes.data, (int) bytes.len };
}

/* One row, one column: an id. */
static const char *
take_id(const PGresult *row, pg_uuid_t *id)
{
	if (PQnfields(row) != 1 || PQgetisnull(row, 0, 0) || PQgetlength(row, 0, 0) != UUID_LEN)
		return "it sent a malformed row";
	memcpy(id->data, PQgetvalue(row, 0, 0), UUID_LEN);
	return NULL;
}

static const char *
take_voucher(const PGresult *row, void *data)
{
	cs_asked *asked = data;
	pg_uuid_t id;
	const char *wrong = take_id(row, &id);

	if (wrong == NULL)
		consider(asked->route, asked->member, &id);
	return wrong;
}

static const char *
take_loaded(const PGresult *row, void *data)
{
	return take_id(row, data);
}

static bool
is_worth_asking(const cs_member *member, const cs_route *route)
{
	return member->server != NULL && member->placement_count > 0 && (route->member == NULL || cs_member_has(member, &route->authority));
}

/* Raises what failed, if the document could have gone there: to who is not there, or, where nobody takes it, to who says why not. */
static void
judge_failure(const cs_remote_call *call, const cs_route *route)
{
	TimestampTz since;

	if (call->missing == NULL)
		return;
	if (route->member == NULL ||
		(!cs_is_refusal(call->sqlstate) && placed_since(call->member, &route->authority, &since) && since > route->since))
		cs_remote_require(call);
}

/* All at once: those at which it could go elsewhere than where it goes by now. */
static void
ask_there(cs_route *route, FunctionCallInfo fcinfo, cs_span beside)
{
	const cs_federation *f = route->federation;
	cs_remote_call *calls = palloc0(sizeof(cs_remote_call) * Max(f->count, 1));
	cs_asked *asked = palloc(sizeof(cs_asked) * Max(f->count, 1));
	int count = 0;

	for (int i = 0; i < f->count; i++)
		if (is_worth_asking(&f->members[i], route))
		{
			asked[count] = (cs_asked) { .member = &f->members[i], .route = route };
			calls[count] = (cs_remote_call) { .member = &f->members[i],
				.sql = "SELECT coserv.member_voucher($1::pg_catalog.regnamespace, $2::pg_catalog.bytea, $3::pg_catalog.text, "
					   "$4::pg_catalog.bytea, $5::pg_catalog.int4)",
				.values = { text_value(quote_identifier(f->members[i].store)), bytes_value(CS_PG_GETARG_SPAN(ARG_DOCUMENT)),
					text_value(optional_text(fcinfo->args[ARG_AUTHORITY])), bytes_value(beside),
					text_value(psprintf("%d", CS_MEMBER_FORM)) },
				.value_count = 5,
				.take = take_voucher,
				.data = &asked[count],
				.fails = "does not take the document" };
			count++;
		}
	cs_remote_start(f, calls, count);
	cs_remote_wait(calls, count, true);
	for (int i = 0; i < count; i++)
		if (calls[i].missing != NULL && !cs_is_refusal(calls[i].sqlstate))
			judge_failure(&calls[i], route);
	for (int i = 0; route->known_to == NULL && i < count; i++)
		judge_failure(&calls[i], route);
}

pg_noreturn static void
refuse(const cs_route *route)
{
	if (route->known_to != NULL)
		ereport(ERROR,
			(errcode(ERRCODE_CS_UNTRUSTED), errmsg("the authority of the document is not placed at any member that knows it"),
				errdetail("Member \"%s\" does.", route->known_to),
				errhint("A row of the federation's table placement says who is believed for it.")));
	if (route->error.code != CS_OK)
		cs_pg_report(&route->error, "CoRIM");
	ereport(ERROR, (errcode(ERRCODE_CS_UNTRUSTED), errmsg("the federation has no member at which anything is placed")));
}

static Datum
load_here(const cs_member *member, FunctionCallInfo fcinfo)
{
	cs_remote_write_here();
	return cs_load((NullableDatum) { .value = ObjectIdGetDatum(member->schema) }, fcinfo->args[ARG_DOCUMENT], fcinfo->args[ARG_AUTHORITY],
		fcinfo->args[ARG_PAYLOAD], fcinfo->args[ARG_CHAIN])
		.value;
}

static Datum
load_there(const cs_federation *federation, const cs_member *member, FunctionCallInfo fcinfo)
{
	pg_uuid_t *id = palloc0(sizeof(pg_uuid_t));
	cs_remote_call call = { .member = member,
		.sql = "SELECT coserv.load($1::pg_catalog.regnamespace, $2::pg_catalog.bytea, $3::pg_catalog.text, $4::pg_catalog.bytea, "
			   "$5::pg_catalog.bytea)",
		.values = { text_value(quote_identifier(member->store)), bytes_value(CS_PG_GETARG_SPAN(ARG_DOCUMENT)),
			text_value(optional_text(fcinfo->args[ARG_AUTHORITY])), bytes_value(optional_span(fcinfo->args[ARG_PAYLOAD])),
			bytes_value(optional_span(fcinfo->args[ARG_CHAIN])) },
		.value_count = 5,
		.take = take_loaded,
		.data = id,
		.writes = true,
		.fails = "does not load the document" };

	PreventCommandIfReadOnly("load() of a federation");
	cs_remote_start(federation, &call, 1);
	cs_remote_wait(&call, 1, false);
	return UUIDPGetDatum(id);
}

/* federation_load(federation regnamespace, document bytea, authority text, payload bytea, chain bytea) -> uuid; not strict */
Datum
coserv_federation_load(PG_FUNCTION_ARGS)
{
	cs_route route = { .member = NULL };
	cs_span beside;

	if (PG_ARGISNULL(ARG_FEDERATION) || PG_ARGISNULL(ARG_DOCUMENT))
		PG_RETURN_NULL();
	beside = optional_span(cs_load_beside(fcinfo->args[ARG_DOCUMENT], fcinfo->args[ARG_PAYLOAD], fcinfo->args[ARG_CHAIN]));
	route.federation = cs_federation_read(PG_GETARG_OID(ARG_FEDERATION), GetCurrentTimestamp());
	ask_here(&route, fcinfo, beside);
	ask_there(&route, fcinfo, beside);
	if (route.member == NULL)
		refuse(&route);
	PG_RETURN_DATUM(route.member->server == NULL ? load_here(route.member, fcinfo) : load_there(route.federation, route.member, fcinfo));
}

/* member_voucher(store regnamespace, document bytea, authority text, beside bytea, form integer) -> uuid; not strict */
Datum
coserv_member_voucher(PG_FUNCTION_ARGS)
{
	pg_uuid_t *id = palloc(sizeof(pg_uuid_t));
	cs_error error;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(4))
		PG_RETURN_NULL();
	cs_member_require_form(PG_GETARG_INT32(4));
	cs_store_require(PG_GETARG_OID(0));
	if (!find_voucher(PG_GETARG_OID(0), CS_PG_GETARG_SPAN(1), optional_text(fcinfo->args[2]), optional_span(fcinfo->args[3]), id, &error))
		cs_pg_report(&error, "CoRIM");
	PG_RETURN_UUID_P(id);
}
