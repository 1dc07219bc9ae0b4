/*
 * impact.c - what would count if a document were loaded or a revocation made: it is done, looked at, and taken back. The store's
 * function impact() compares that with what counts now.
 */
#include "pg/base/pg_support.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "lifecycle.h"
#include "pg/base/rows.h"
#include "pg/base/store.h"
#include "pg/store/settle.h"

PG_FUNCTION_INFO_V1(coserv_triples_after);

/* Arguments of coserv.triples_after, in order. */
enum
{
	ARG_STORE,
	ARG_DOCUMENT,
	ARG_PAYLOAD,
	ARG_CHAIN,
	ARG_MANIFEST,
	ARG_AUTHORITY,
	ARG_TAG_ID,
	ARG_TAG_VERSION,
	ARG_AS_OF
};

#define ROWS_AT_ONCE 1000
#define COLUMNS 8

static NullableDatum
null_argument(void)
{
	return (NullableDatum) { .isnull = true };
}

/* Answers the manifest that it is about, where it is about one. */
static NullableDatum
load_it(FunctionCallInfo fcinfo)
{
	return cs_load(fcinfo->args[ARG_STORE], fcinfo->args[ARG_DOCUMENT], fcinfo->args[ARG_AUTHORITY], fcinfo->args[ARG_PAYLOAD],
		fcinfo->args[ARG_CHAIN]);
}

static NullableDatum
revoke_it(FunctionCallInfo fcinfo)
{
	cs_revoke(fcinfo->args[ARG_STORE], fcinfo->args[ARG_MANIFEST], fcinfo->args[ARG_AUTHORITY], fcinfo->args[ARG_TAG_ID],
		fcinfo->args[ARG_TAG_VERSION], "impact");
	return fcinfo->args[ARG_MANIFEST];
}

static void
keep_rows(Oid store, cs_statement statement, Datum *args, const char *nulls, cs_rows *rows)
{
	Portal portal = SPI_cursor_open(NULL, cs_store_plan(store, statement), args, nulls, false);

	for (;;)
	{
		SPI_cursor_fetch(portal, true, ROWS_AT_ONCE);
		if (SPI_processed == 0)
			break;
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			Datum values[COLUMNS];
			bool nulls[COLUMNS];

			for (int column = 0; column < COLUMNS; column++)
				values[column] = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, column + 1, &nulls[column]);
			cs_rows_put(rows, values, nulls);
		}
		SPI_freetuptable(SPI_tuptable);
	}
	SPI_cursor_close(portal);
}

/* Who may read kept Evidence is told what would be said of it. */
static bool
may_read_attesters(Oid store)
{
	static const char *const tables[] = { "attester", "attester_environment" };

	for (size_t i = 0; i < lengthof(tables); i++)
	{
		Oid oid = get_relname_relid(tables[i], store);

		if (!OidIsValid(oid) || pg_class_aclcheck(oid, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
			return false;
	}
	return true;
}

static void
do_and_look(FunctionCallInfo fcinfo, cs_rows *rows)
{
	Oid store = PG_GETARG_OID(ARG_STORE);
	bool is_load = !PG_ARGISNULL(ARG_DOCUMENT);
	NullableDatum manifest = is_load ? load_it(fcinfo) : revoke_it(fcinfo);
	NullableDatum from[4] = { manifest, is_load ? null_argument() : fcinfo->args[ARG_AUTHORITY],
		is_load ? null_argument() : fcinfo->args[ARG_TAG_ID], fcinfo->args[ARG_AS_OF] };
	TimestampTz known, would_be = cs_settle_provisionally(store, &known);
	Datum args[4];
	char nulls[] = "    ";
	bool isnull;

	/* not before it would be known */
	if (from[3].isnull || DatumGetTimestampTz(from[3].value) < would_be)
		from[3] = (NullableDatum) { .value = TimestampTzGetDatum(would_be) };
	for (int i = 0; i < 4; i++)
	{
		args[i] = from[i].value;
		nulls[i] = from[i].isnull ? 'n' : ' ';
	}
	cs_spi_connect();
	if (!from[1].isnull)
	{
		if (cs_store_run(store, CS_STMT_AUTHORITY_BY_NAME, &args[1], NULL, false, 1) == 0)
			elog(ERROR, "could not look for an authority");
		args[1] = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	}
	keep_rows(store, CS_STMT_IMPACT, args, nulls, rows);
	if (may_read_attesters(store))
	{
		Datum moments[2] = { TimestampTzGetDatum(known), from[3].value };

		keep_rows(store, CS_STMT_IMPACT_ON_ATTESTERS, moments, NULL, rows);
	}
	SPI_finish();
}

typedef struct impact
{
	FunctionCallInfo fcinfo;
	cs_rows *rows;
} impact;

static void
act(void *data)
{
	impact *i = data;

	do_and_look(i->fcinfo, i->rows);
}

/*
 * triples_after(store regnamespace, document bytea, payload bytea, chain bytea, manifest uuid, authority text, tag_id text,
 * tag_version numeric, as_of timestamptz) -> setof (manifest uuid, kind smallint, environment, authority text, content cbor, attester
 * text, verdict cbor, digest bytea): what would count of manifests, then what would be said of kept Evidence that this could touch. With
 * a document: after loading it with its authority, payload and chain; else after revoking what the others name. Not strict.
 */
Datum
coserv_triples_after(PG_FUNCTION_ARGS)
{
	impact i = { .fcinfo = fcinfo };

	if (PG_ARGISNULL(ARG_STORE))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("impact needs a store")));
	i.rows = cs_rows_result(fcinfo);
	cs_what_if(act, &i);
	PG_RETURN_NULL();
}
