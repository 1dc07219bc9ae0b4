/*
 * route.c - loading through a federation: a document goes to the member at which the authority that vouches for it is placed, and is loaded
 * there as by that store's own load().
 */
#include "members.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "pg/base/settings.h"
#include "pg/base/store.h"
#include "pg/history/lifecycle.h"
#include "pg/trust/verify_row.h"

PG_FUNCTION_INFO_V1(coserv_federation_load);

typedef struct cs_route
{
	const cs_member *member; /* NULL: nobody takes it */
	TimestampTz since;		 /* the placement by which it goes there */
	/* why not, of the last member that was asked */
	cs_error error;
	const char *known_to; /* a member that knows the authority, which is not placed there */
	bool has_remote;	  /* there are members that nobody asked */
} cs_route;

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
ask_member(const cs_member *member, cs_span document, const char *authority, cs_span beside, cs_route *route)
{
	MemoryContext old, scratch = cs_pg_scratch_begin(&old);
	cs_verified verified;
	pg_uuid_t id;
	TimestampTz since;
	cs_ctx ctx;

	cs_pg_ctx(&ctx);
	cs_spi_connect();
	if (!cs_verify_document(&ctx, member->schema, document, beside, authority, NULL, cs_setting_accept_legacy, false, &verified))
		route->error = ctx.error;
	else
	{
		memcpy(id.data, verified.authority_id, UUID_LEN);
		if (!placed_since(member, &id, &since))
			route->known_to = member->name;
		else if (route->member == NULL || since > route->since)
		{
			route->member = member;
			route->since = since;
		}
	}
	SPI_finish();
	cs_pg_scratch_end(scratch, old);
}

pg_noreturn static void
refuse(const cs_route *route)
{
	if (route->has_remote)
		ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("no member of this database takes the document, and those at other servers are not loaded from here"),
				errhint("Load it there: a transaction has one server.")));
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
load_at(const cs_member *member, FunctionCallInfo fcinfo)
{
	return cs_load(
		(NullableDatum) { .value = ObjectIdGetDatum(member->schema) }, fcinfo->args[1], fcinfo->args[2], fcinfo->args[3], fcinfo->args[4])
		.value;
}

/* federation_load(federation regnamespace, document bytea, authority text, payload bytea, chain bytea) -> uuid; not strict */
Datum
coserv_federation_load(PG_FUNCTION_ARGS)
{
	const cs_federation *federation;
	cs_route route = { .member = NULL };
	NullableDatum beside;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	beside = cs_load_beside(fcinfo->args[1], fcinfo->args[3], fcinfo->args[4]);
	federation = cs_federation_read(PG_GETARG_OID(0), GetCurrentTimestamp());
	for (int i = 0; i < federation->count; i++)
	{
		const cs_member *member = &federation->members[i];

		CHECK_FOR_INTERRUPTS();
		if (member->server != NULL)
			route.has_remote |= member->placement_count > 0;
		else if (member->placement_count > 0)
			ask_member(member, CS_PG_GETARG_SPAN(1), PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2)),
				beside.isnull ? (cs_span) { NULL, 0 } : cs_pg_span(beside.value), &route);
	}
	if (route.member == NULL)
		refuse(&route);
	PG_RETURN_DATUM(load_at(route.member, fcinfo));
}
