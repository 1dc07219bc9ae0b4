/*
 * inspect.c - coserv.inspect(document): the findings of src/inspect/inspect.h as rows.
 */
#include "pg/base/pg_support.h"

#include "access/xact.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "inspect/inspect.h"
#include "pg/base/times.h"

PG_FUNCTION_INFO_V1(coserv_inspect);

enum
{
	COL_SEVERITY,
	COL_PATH,
	COL_OFFSET,
	COL_RULE,
	COL_MESSAGE,
	COL_FOUND,
	COL_SECTION,
	COLUMNS
};

static void
set_text(Datum *values, bool *nulls, int column, const char *text)
{
	nulls[column] = text == NULL;
	if (text != NULL)
		values[column] = cs_pg_make_text((cs_span) { (const uint8_t *) text, strlen(text) });
}

static void
put_row(ReturnSetInfo *set, const cs_finding *finding)
{
	Datum values[COLUMNS];
	bool nulls[COLUMNS];

	set_text(values, nulls, COL_SEVERITY, cs_severity_name(finding->severity));
	set_text(values, nulls, COL_PATH, finding->path);
	nulls[COL_OFFSET] = !finding->has_offset;
	values[COL_OFFSET] = Int64GetDatum((int64) finding->offset);
	set_text(values, nulls, COL_RULE, finding->rule);
	set_text(values, nulls, COL_MESSAGE,
		finding->times == 1 ? finding->message
							: psprintf("%s (%llu times, here first)", finding->message, (unsigned long long) finding->times));
	set_text(values, nulls, COL_FOUND, finding->found);
	set_text(values, nulls, COL_SECTION, finding->section);
	tuplestore_putvalues(set->setResult, set->setDesc, values, nulls);
}

Datum
coserv_inspect(PG_FUNCTION_ARGS)
{
	cs_span document = CS_PG_GETARG_SPAN(0);
	MemoryContext old, scratch;
	cs_inspection inspection;
	cs_ctx ctx;

	InitMaterializedSRF(fcinfo, 0);
	scratch = cs_pg_scratch_begin(&old);
	cs_pg_ctx(&ctx);
	if (!cs_inspect(&ctx, document.data, document.len, cs_pg_unix_time(GetCurrentTransactionStartTimestamp()), &inspection))
		cs_pg_report(&ctx.error, NULL);
	for (size_t i = 0; i < inspection.count; i++)
		put_row((ReturnSetInfo *) fcinfo->resultinfo, &inspection.findings[i]);
	cs_pg_scratch_end(scratch, old);
	return (Datum) 0;
}
