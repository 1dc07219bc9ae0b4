/*
 * explain.c - explain(): what an appraisal tried, and what it would try if a document were loaded or a manifest revoked. That is done,
 * appraised, and taken back; without either nothing is written, so that a standby explains too.
 */
#include "appraise_sql.h"

#include "access/xact.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "pg/federation/members.h"
#include "pg/history/lifecycle.h"
#include "pg/store/settle.h"

PG_FUNCTION_INFO_V1(coserv_explain);

/* Arguments of coserv.explain, in order. */
enum
{
	ARG_STORE = 0,
	ARG_AS_OF = 2,
	ARG_DOCUMENT = 5,
	ARG_AUTHORITY,
	ARG_PAYLOAD,
	ARG_MANIFEST
};

typedef struct question
{
	FunctionCallInfo fcinfo;
	cs_rows *rows;
} question;

static void
load_it(FunctionCallInfo fcinfo)
{
	(void) cs_load(fcinfo->args[ARG_STORE], fcinfo->args[ARG_DOCUMENT], fcinfo->args[ARG_AUTHORITY], fcinfo->args[ARG_PAYLOAD],
		(NullableDatum) { .isnull = true });
}

static void
revoke_it(FunctionCallInfo fcinfo)
{
	const NullableDatum absent = { .isnull = true };

	cs_revoke(fcinfo->args[ARG_STORE], fcinfo->args[ARG_MANIFEST], absent, absent, absent, "what if");
}

static void
act(void *data)
{
	question *q = data;
	NullableDatum *as_of = &q->fcinfo->args[ARG_AS_OF];
	Oid store = DatumGetObjectId(q->fcinfo->args[0].value);
	TimestampTz would_be, known;

	if (!q->fcinfo->args[ARG_DOCUMENT].isnull)
		load_it(q->fcinfo);
	if (!q->fcinfo->args[ARG_MANIFEST].isnull)
		revoke_it(q->fcinfo);
	would_be = cs_settle_provisionally(store, &known);
	/* not before it would be known */
	if (as_of->isnull || DatumGetTimestampTz(as_of->value) < would_be)
		*as_of = (NullableDatum) { .value = TimestampTzGetDatum(would_be) };
	/* a transaction that keeps one snapshot sees by it what has just been written */
	PushCopiedSnapshot(GetActiveSnapshot());
	UpdateActiveSnapshotCommandId();
	cs_explain(q->fcinfo, q->rows);
	PopActiveSnapshot();
}

/*
 * explain(store regnamespace, evidence cbor, as_of timestamptz, verified_keys crypto_key[], verifier crypto_key[], with_document bytea,
 * authority text, payload bytea, without_manifest uuid) -> setof cs_explain's columns. With a document: as if it were loaded, in the
 * name of the authority; without a manifest: as if it were revoked; both at a moment from now on. Not strict.
 */
Datum
coserv_explain(PG_FUNCTION_ARGS)
{
	question q = { .fcinfo = fcinfo, .rows = cs_rows_result(fcinfo) };

	if (!PG_ARGISNULL(ARG_STORE) && cs_is_federation(PG_GETARG_OID(ARG_STORE)) &&
		!(PG_ARGISNULL(ARG_DOCUMENT) && PG_ARGISNULL(ARG_MANIFEST)))
		ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("a federation does not explain what a document more or a manifest less would change"),
				errhint("Ask the member that would have it.")));
	if (PG_ARGISNULL(ARG_STORE) || (PG_ARGISNULL(ARG_DOCUMENT) && PG_ARGISNULL(ARG_MANIFEST)))
		cs_explain(fcinfo, q.rows);
	else
		cs_what_if(act, &q);
	PG_RETURN_NULL();
}
