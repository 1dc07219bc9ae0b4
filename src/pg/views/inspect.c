/*
 * inspect.c - coserv.inspect(document): the findings of src/inspect/inspect.h as rows.
 */
#include "pg/base/pg_support.h"

#include "access/xact.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "inspect/inspect.h"
#include "pg/base/rows.h"
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
put_row(cs_ctx *ctx, cs_rows *rows, const cs_finding *finding)
{
	const char *message = cs_finding_message(ctx, finding);
	Datum values[COLUMNS];
	bool nulls[COLUMNS];

	cs_set_text(values, nulls, COL_SEVERITY, cs_severity_name(finding->severity));
	cs_set_text(values, nulls, COL_PATH, finding->path);
	nulls[COL_OFFSET] = !finding->has_offset;
	values[COL_OFFSET] = Int64GetDatum((int64) finding->offset);
	cs_set_text(values, nulls, COL_RULE, finding->rule);
	cs_pg_require(message != NULL, ctx, NULL);
	cs_set_text(values, nulls, COL_MESSAGE, message);
	cs_set_text(values, nulls, COL_FOUND, finding->found);
	cs_set_text(values, nulls, COL_SECTION, finding->section);
	cs_rows_put(rows, values, nulls);
}

Datum
coserv_inspect(PG_FUNCTION_ARGS)
{
	cs_span document = CS_PG_GETARG_SPAN(0);
	cs_rows *rows = cs_rows_result(fcinfo);
	MemoryContext old, scratch;
	cs_inspection inspection;
	cs_ctx ctx;

	scratch = cs_pg_scratch_begin(&old);
	cs_pg_ctx(&ctx);
	if (!cs_inspect(&ctx, document.data, document.len, cs_pg_unix_time(GetCurrentTransactionStartTimestamp()), &inspection))
		cs_pg_report(&ctx.error, NULL);
	for (size_t i = 0; i < inspection.count; i++)
		put_row(&ctx, rows, &inspection.findings[i]);
	cs_pg_scratch_end(scratch, old);
	return (Datum) 0;
}
