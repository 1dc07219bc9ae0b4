/*
 * forget.c - what is to be forgotten: a statement's bytes are erased from truth, and all that was read from them. Its id, whose it was,
 * when it counted and why it was forgotten stay (doc/lifecycle.md, "Forgetting").
 */
#include "load.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

#include "pg/base/probe.h"
#include "pg/store/settle.h"

void
cs_load_require_unforgotten(Oid store, const pg_uuid_t *statement, bool arrives)
{
	Datum arg = UUIDPGetDatum(statement);
	bool isnull;
	HeapTuple row;
	TupleDesc desc;

	if (!cs_probe_once(store, CS_PROBE_REVOKED_MANIFEST, &arg))
		return;
	cs_run_latest(store, CS_STMT_FORGETTING, &arg, NULL);
	if (SPI_processed == 0)
		return;
	row = SPI_tuptable->vals[0];
	desc = SPI_tuptable->tupdesc;
	if (arrives && !DatumGetBool(SPI_getbinval(row, desc, 2, &isnull)))
		return;
	ereport(ERROR,
		(errcode(CS_FORGOTTEN), errmsg("what the document says was forgotten, and stays so"),
			errdetail("Reason: %s.", SPI_getvalue(row, desc, 1))));
}

/* The other members of a collection are in the same bytes. */
static void
tell_of_collection(const pg_uuid_t *manifest)
{
	ereport(WARNING,
		(errmsg("manifest %s is a member of a collection, whose other members keep its bytes",
			 DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(manifest)))),
			errhint("Forget these too.")));
}

/* What others signed in the same document. */
static void
tell_of_signatures(const pg_uuid_t *manifest)
{
	ereport(WARNING,
		(errmsg("manifest %s is one of several signatures' over a document, whose bytes stay for the others",
			 DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(manifest)))),
			errhint("Forget these too.")));
}

void
cs_load_erase(Oid store)
{
	SPITupleTable *rows;
	uint64 count;

	cs_run_latest(store, CS_STMT_TO_ERASE, NULL, NULL);
	rows = SPI_tuptable;
	count = SPI_processed;
	for (uint64 i = 0; i < count; i++)
	{
		bool isnull;
		Datum args[2] = { SPI_getbinval(rows->vals[i], rows->tupdesc, 1, &isnull),
			SPI_getbinval(rows->vals[i], rows->tupdesc, 2, &isnull) };

		CHECK_FOR_INTERRUPTS();
		if (DatumGetBool(SPI_getbinval(rows->vals[i], rows->tupdesc, 3, &isnull)))
			tell_of_collection(DatumGetUUIDP(args[0]));
		if (DatumGetBool(SPI_getbinval(rows->vals[i], rows->tupdesc, 4, &isnull)))
			tell_of_signatures(DatumGetUUIDP(args[0]));
		(void) cs_truth_erase(store, CS_STMT_ERASE, args[0]);
		(void) cs_load_update_manifest(store, CS_STMT_ERASE_MANIFEST, args, NULL);
	}
}
