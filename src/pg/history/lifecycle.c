/*
 * lifecycle.c - revoke() and unrevoke(): rows of the table revocation, after a look whether what they name is there. A row that is
 * inserted by hand may also name what is still to come.
 */
#include "lifecycle.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "pg/base/store.h"

PG_FUNCTION_INFO_V1(coserv_revoke);
PG_FUNCTION_INFO_V1(coserv_unrevoke);
PG_FUNCTION_INFO_V1(coserv_forget_manifest);

/* Arguments of coserv.revoke, in order. */
enum
{
	ARG_STORE,
	ARG_MANIFEST,
	ARG_AUTHORITY,
	ARG_TAG_ID,
	ARG_TAG_VERSION,
	ARG_REASON,
	ARG_EFFECTIVE_FROM,
	ARGS
};

static void
require_reason(bool isnull, Datum reason)
{
	if (isnull || VARSIZE_ANY_EXHDR(DatumGetTextPP(reason)) == 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a revocation needs a reason")));
}

static void
require_target(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(ARG_MANIFEST) == PG_ARGISNULL(ARG_AUTHORITY))
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("what is revoked is either a manifest, or an authority or one of its tags")));
	if (!PG_ARGISNULL(ARG_TAG_ID) && PG_ARGISNULL(ARG_AUTHORITY))
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a tag is revoked with its authority, as others may use the same id")));
	if (!PG_ARGISNULL(ARG_TAG_VERSION) && PG_ARGISNULL(ARG_TAG_ID))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a tag version is revoked with its tag id")));
}

static bool
is_there(Oid store, cs_statement statement, Datum *args, const char *nulls)
{
	if (SPI_execute_plan(cs_store_plan(store, statement), args, nulls, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not look for what is revoked");
	return SPI_processed > 0;
}

/* The authority that a name means. */
static Datum
require_authority(Oid store, Datum name)
{
	bool isnull;

	if (!is_there(store, CS_STMT_AUTHORITY_BY_NAME, &name, NULL))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT), errmsg("authority \"%s\" does not exist", cs_pg_shown(name))));
	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
}

static void
require_existing(FunctionCallInfo fcinfo)
{
	Oid store = PG_GETARG_OID(ARG_STORE);
	Datum tag[3] = { 0, PG_GETARG_DATUM(ARG_TAG_ID), PG_GETARG_DATUM(ARG_TAG_VERSION) };

	if (!PG_ARGISNULL(ARG_MANIFEST) && !is_there(store, CS_STMT_MANIFEST_IS, &fcinfo->args[ARG_MANIFEST].value, NULL))
		ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("manifest %s does not exist", DatumGetCString(DirectFunctionCall1(uuid_out, PG_GETARG_DATUM(ARG_MANIFEST))))));
	if (PG_ARGISNULL(ARG_AUTHORITY))
		return;
	tag[0] = require_authority(store, PG_GETARG_DATUM(ARG_AUTHORITY));
	if (!PG_ARGISNULL(ARG_TAG_ID) && !is_there(store, CS_STMT_TAG_ANY, tag, PG_ARGISNULL(ARG_TAG_VERSION) ? "  n" : "   "))
		ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("authority \"%s\" has no such tag \"%s\"", cs_pg_shown(PG_GETARG_DATUM(ARG_AUTHORITY)),
					cs_pg_shown(PG_GETARG_DATUM(ARG_TAG_ID))),
				errhint("To revoke a tag before it comes, insert into the store's table revocation.")));
}

/* Run an INSERT that returns a uuid, and finish SPI. */
static Datum
insert(Oid store, cs_statement statement, Datum *args, const char *nulls, MemoryContext caller)
{
	pg_uuid_t *id = MemoryContextAlloc(caller, sizeof(pg_uuid_t));
	bool isnull;

	if (SPI_execute_plan(cs_store_plan(store, statement), args, nulls, false, 0) != SPI_OK_INSERT_RETURNING || SPI_processed != 1)
		elog(ERROR, "could not write a revocation");
	*id = *DatumGetUUIDP(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
	SPI_finish();
	return UUIDPGetDatum(id);
}

/*
 * revoke(store regnamespace, manifest uuid, authority text, tag_id text, tag_version numeric, reason text, effective_from timestamptz)
 * -> uuid; not strict: what is not named is NULL
 */
Datum
coserv_revoke(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	Datum args[ARGS - 1];
	char nulls[ARGS] = "      ";

	if (PG_ARGISNULL(ARG_STORE) || PG_ARGISNULL(ARG_EFFECTIVE_FROM))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("a revocation needs a store and a moment")));
	require_reason(PG_ARGISNULL(ARG_REASON), PG_GETARG_DATUM(ARG_REASON));
	require_target(fcinfo);
	for (int i = 1; i < ARGS; i++)
	{
		args[i - 1] = PG_GETARG_DATUM(i);
		nulls[i - 1] = PG_ARGISNULL(i) ? 'n' : ' ';
	}
	cs_spi_connect();
	require_existing(fcinfo);
	return insert(PG_GETARG_OID(ARG_STORE), CS_STMT_REVOKE, args, nulls, caller);
}

void
cs_revoke(NullableDatum store, NullableDatum manifest, NullableDatum authority, NullableDatum tag_id, NullableDatum tag_version,
	const char *reason)
{
	LOCAL_FCINFO(call, ARGS);

	InitFunctionCallInfoData(*call, NULL, ARGS, InvalidOid, NULL, NULL);
	call->args[ARG_STORE] = store;
	call->args[ARG_MANIFEST] = manifest;
	call->args[ARG_AUTHORITY] = authority;
	call->args[ARG_TAG_ID] = tag_id;
	call->args[ARG_TAG_VERSION] = tag_version;
	call->args[ARG_REASON] = (NullableDatum) { .value = CStringGetTextDatum(reason) };
	call->args[ARG_EFFECTIVE_FROM] = (NullableDatum) { .value = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()) };
	(void) coserv_revoke(call);
}

/* forget(store regnamespace, manifest uuid, reason text) -> uuid; not strict */
Datum
coserv_forget_manifest(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	Datum args[2];

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("which manifest is forgotten must be said")));
	require_reason(PG_ARGISNULL(2), PG_GETARG_DATUM(2));
	args[0] = PG_GETARG_DATUM(1);
	args[1] = PG_GETARG_DATUM(2);
	cs_spi_connect();
	if (!is_there(PG_GETARG_OID(0), CS_STMT_MANIFEST_IS, args, NULL))
		ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("manifest %s does not exist", DatumGetCString(DirectFunctionCall1(uuid_out, args[0])))));
	return insert(PG_GETARG_OID(0), CS_STMT_FORGET, args, NULL, caller);
}

/* unrevoke(store regnamespace, revocation uuid, reason text) -> uuid; not strict */
Datum
coserv_unrevoke(PG_FUNCTION_ARGS)
{
	MemoryContext caller = CurrentMemoryContext;
	Oid store;
	Datum args[2];
	bool isnull;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED), errmsg("which revocation is taken back must be said")));
	require_reason(PG_ARGISNULL(2), PG_GETARG_DATUM(2));
	store = PG_GETARG_OID(0);
	args[0] = PG_GETARG_DATUM(1);
	args[1] = PG_GETARG_DATUM(2);
	cs_spi_connect();
	if (!is_there(store, CS_STMT_UNDOABLE, args, NULL))
		ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
				errmsg("revocation %s does not exist", DatumGetCString(DirectFunctionCall1(uuid_out, args[0])))));
	if (DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull)))
		ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("what takes back a revocation is not taken back itself"),
				errhint("Revoke again.")));
	if (DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull)))
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE), errmsg("the revocation was taken back already")));
	return insert(store, CS_STMT_UNREVOKE, args, NULL, caller);
}
