/*
 * derive.c - what a document holds, as rows: coserv.tags, coserv.triples, coserv.triple_environments. The trigger on manifest
 * fills the derived tables from them. They validate, and verify no signature.
 */
#include "verify.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(coserv_tags);
PG_FUNCTION_INFO_V1(coserv_triples);
PG_FUNCTION_INFO_V1(coserv_triple_environments);

/* A set under construction; what one row needs is dropped with the row. */
typedef struct cs_rows
{
	ReturnSetInfo *set;
	MemoryContext row_memory;
	const cs_triple *triple;	/* of coserv.triple_environments: whose environments are being added */
} cs_rows;

static void
put_row(cs_rows *rows, Datum *values, bool *nulls)
{
	tuplestore_putvalues(rows->set->setResult, rows->set->setDesc, values, nulls);
	CHECK_FOR_INTERRUPTS();
}

static void
open_argument(FunctionCallInfo fcinfo, cs_ctx *ctx, cs_verified *document, cs_rows *rows)
{
	InitMaterializedSRF(fcinfo, 0);
	rows->set = (ReturnSetInfo *) fcinfo->resultinfo;
	rows->row_memory = AllocSetContextCreate(CurrentMemoryContext, "coserv row", ALLOCSET_DEFAULT_SIZES);
	rows->triple = NULL;
	cs_pg_ctx(ctx);
	if (!cs_open_document(ctx, CS_PG_GETARG_SPAN(0), true, document))
		cs_pg_report(&ctx->error, "CoRIM");
}

/* Deterministic encoding of an item as a value of the type environment. */
static Datum
environment_datum(const cs_item *item)
{
	cs_ctx		ctx;
	cs_buf		buf;

	cs_pg_ctx(&ctx);
	cs_buf_init(&buf, &ctx);
	if (!cs_deterministic(&ctx, item, &buf))
		cs_pg_report(&ctx.error, "environment");
	return cs_pg_make_bytea(&buf);
}

static void
put_tag(cs_rows *rows, size_t ordinal, const cs_tag *tag)
{
	MemoryContext old = MemoryContextSwitchTo(rows->row_memory);
	Datum		values[4];
	bool		nulls[4] = {false};
	char		version[24];
	cs_ctx		ctx;
	cs_buf		id;

	cs_pg_ctx(&ctx);
	cs_buf_init(&id, &ctx);
	values[0] = Int32GetDatum((int32) ordinal);
	values[1] = CStringGetTextDatum(cs_tag_kind_name(tag->kind));
	nulls[2] = !tag->has_id;
	if (tag->has_id)
	{
		if (!cs_id_text(&ctx, &tag->tag_id, &id) || !cs_buf_ok(&id))
			cs_pg_report(&ctx.error, "tag");
		values[2] = cs_pg_make_text(cs_buf_span(&id));
	}
	snprintf(version, sizeof(version), "%llu", (unsigned long long) tag->tag_version);
	values[3] = DirectFunctionCall3(numeric_in, CStringGetDatum(version), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	put_row(rows, values, nulls);
	MemoryContextSwitchTo(old);
	MemoryContextReset(rows->row_memory);
}

/* tags(document bytea) -> (ordinal, kind, tag_id, tag_version) */
Datum
coserv_tags(PG_FUNCTION_ARGS)
{
	cs_ctx		ctx;
	cs_verified document;
	cs_rows		rows;

	open_argument(fcinfo, &ctx, &document, &rows);
	for (size_t i = 0; i < document.corim.tag_count; i++)
		put_tag(&rows, i, &document.corim.tags[i]);
	PG_RETURN_NULL();
}

static bool
put_triple(cs_ctx *ctx, const cs_triple *triple, void *data)
{
	cs_rows    *rows = data;
	MemoryContext old = MemoryContextSwitchTo(rows->row_memory);
	Datum		values[5];
	bool		nulls[5] = {false};

	values[0] = Int32GetDatum((int32) triple->ordinal);
	values[1] = Int32GetDatum((int32) triple->tag);
	values[2] = Int16GetDatum((int16) triple->kind);
	nulls[3] = !triple->has_environment;
	if (triple->has_environment)
		values[3] = environment_datum(&triple->environment);
	values[4] = cs_pg_make(cs_item_span(&triple->record));
	/* a kind beyond smallint belongs to no specification: kept in the document, no row to look it up by */
	if (triple->kind >= PG_INT16_MIN && triple->kind <= PG_INT16_MAX)
		put_row(rows, values, nulls);
	MemoryContextSwitchTo(old);
	MemoryContextReset(rows->row_memory);
	return true;
}

/* triples(document bytea) -> (ordinal, tag, kind, environment, content) */
Datum
coserv_triples(PG_FUNCTION_ARGS)
{
	cs_ctx		ctx;
	cs_verified document;
	cs_rows		rows;

	open_argument(fcinfo, &ctx, &document, &rows);
	if (!cs_corim_triples(&ctx, &document.corim, put_triple, &rows))
		cs_pg_report(&ctx.error, "CoRIM");
	PG_RETURN_NULL();
}

static bool
put_environment(cs_ctx *ctx, const cs_item *environment, void *data)
{
	cs_rows    *rows = data;
	MemoryContext old = MemoryContextSwitchTo(rows->row_memory);
	Datum		values[2] = {Int32GetDatum((int32) rows->triple->ordinal), environment_datum(environment)};
	bool		nulls[2] = {false};

	put_row(rows, values, nulls);
	MemoryContextSwitchTo(old);
	MemoryContextReset(rows->row_memory);
	return true;
}

static bool
put_environments(cs_ctx *ctx, const cs_triple *triple, void *data)
{
	cs_rows    *rows = data;

	rows->triple = triple;
	return cs_triple_environments(ctx, triple, put_environment, data);
}

/* triple_environments(document bytea) -> (ordinal, environment) */
Datum
coserv_triple_environments(PG_FUNCTION_ARGS)
{
	cs_ctx		ctx;
	cs_verified document;
	cs_rows		rows;

	open_argument(fcinfo, &ctx, &document, &rows);
	if (!cs_corim_triples(&ctx, &document.corim, put_environments, &rows))
		cs_pg_report(&ctx.error, "CoRIM");
	PG_RETURN_NULL();
}
