/*
 * ahead.c - the end of a period in which a clock ran ahead. What was said then stands before everything that is said now, for as long as
 * its moments lie ahead; so it is said again, in its order, with moments of now, and those that it had are taken back, in every region.
 */
#include "load.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "pg/base/settings.h"
#include "pg/store/life.h"
#include "pg/store/settle.h"

PG_FUNCTION_INFO_V1(coserv_end_clock_ahead);

TimestampTz
cs_load_ahead(void)
{
	return GetCurrentTimestamp() + (TimestampTz) cs_setting_max_clock_ahead * USECS_PER_SEC;
}

/* What it said, now. */
static void
say_again(Oid store, cs_truth *truth)
{
	truth->has_moment = true;
	truth->moment = cs_truth_draw(store);
	cs_truth_identify(truth);
	(void) cs_truth_write(store, truth);
	cs_load_say(store, truth);
}

/* Answers how many rows. SPI is connected, as the owner of the store's tables. */
static int64
end_ahead(Oid store, Datum reason)
{
	Datum args[2] = { TimestampTzGetDatum(cs_load_ahead()), reason };
	SPITupleTable *rows;
	cs_ids ids = { NULL, 0, 0 };
	uint64 count;
	bool isnull;

	cs_run_latest(store, CS_STMT_AHEAD, args, NULL);
	rows = SPI_tuptable;
	count = SPI_processed;
	for (uint64 i = 0; i < count; i++)
		cs_ids_add(&ids, DatumGetUUIDP(SPI_getbinval(rows->vals[i], rows->tupdesc, 1, &isnull)));
	args[0] = cs_ids_array(&ids);
	if (count > 0)
		cs_run_latest(store, CS_STMT_TAKE_BACK, args, NULL);
	for (uint64 i = 0; i < count; i++)
	{
		cs_truth truth = { .kind = (cs_truth_kind) DatumGetInt16(SPI_getbinval(rows->vals[i], rows->tupdesc, 2, &isnull)) };

		truth.body = PointerGetDatum(PG_DETOAST_DATUM(SPI_getbinval(rows->vals[i], rows->tupdesc, 3, &isnull)));
		say_again(store, &truth);
		CHECK_FOR_INTERRUPTS();
	}
	return (int64) count;
}

/* end_clock_ahead(store regnamespace, reason text) -> bigint */
Datum
coserv_end_clock_ahead(PG_FUNCTION_ARGS)
{
	Oid store = PG_GETARG_OID(0);
	cs_as_owner self;
	int64 count;

	cs_store_require(store);
	cs_store_require_owner(store);
	if (VARSIZE_ANY_EXHDR(PG_GETARG_TEXT_PP(1)) == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("that moments are taken back needs a reason")));
	cs_become_owner(get_relname_relid("truth", store), &self);
	cs_spi_connect();
	count = end_ahead(store, PG_GETARG_DATUM(1));
	SPI_finish();
	cs_become_self(&self);
	cs_settle_end_ahead(store);
	PG_RETURN_INT64(count);
}
