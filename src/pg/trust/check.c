/*
 * check.c - coserv.verify_manifest: does a row of a store's table manifest still verify, as it was stored? For the store's function
 * verify().
 *
 * The triggers keep the rows of a store as they were computed; only who can pass them by, or a disk that fails, makes any of this answer.
 */
#include "verify_row.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"
#include "utils/uuid.h"

#include "pg/base/store.h"
#include "pg/store/truth.h"

PG_FUNCTION_INFO_V1(coserv_verify_manifest);

/* What verifying a document computes of it. */
static const struct
{
	cs_manifest_column column;
	Oid type;
} computed[] = {
	{ CS_COL_AUTHORITY_ID, UUIDOID },
	{ CS_COL_SIGNER, UUIDOID },
	{ CS_COL_IS_SIGNED, BOOLOID },
	{ CS_COL_IS_ANSWERED_SIGNED, BOOLOID },
	{ CS_COL_CORIM_ID, TEXTOID },
	{ CS_COL_PROFILE, TEXTOID },
	{ CS_COL_SIGNER_NAME, TEXTOID },
	{ CS_COL_NOT_BEFORE, TIMESTAMPTZOID },
	{ CS_COL_NOT_AFTER, TIMESTAMPTZOID },
	{ CS_COL_LEGACY, TEXTARRAYOID },
};

typedef struct cs_stored
{
	Oid store;
	HeapTupleData tuple;
	TupleDesc desc;
	cs_span document;
	cs_span payload;	 /* data is NULL: none */
	const char *problem; /* NULL: none */
	char *detail;		 /* of the problem; NULL: none */
} cs_stored;

static bool
says(cs_stored *stored, const char *problem, char *detail)
{
	stored->problem = problem;
	stored->detail = detail;
	return false;
}

/* Anybody can hand in any record: a column is one of that type, or an error. */
static Datum
stored_column(const cs_stored *stored, const char *name, Oid type, bool *isnull)
{
	int number = SPI_fnumber(stored->desc, name);

	if (number <= 0 || TupleDescAttr(stored->desc, number - 1)->atttypid != type)
		ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH), errmsg("the record is no row of a coserv store's table manifest"),
				errdetail("It has no column \"%s\" of type %s.", name, format_type_be(type))));
	return heap_getattr((HeapTuple) &stored->tuple, number, stored->desc, isnull);
}

static char *
stored_text(const cs_stored *stored, const char *name)
{
	bool isnull;
	Datum value = stored_column(stored, name, TEXTOID, &isnull);

	return isnull ? NULL : TextDatumGetCString(value);
}

static cs_span
stored_bytes(const cs_stored *stored, const char *name)
{
	bool isnull;
	Datum value = stored_column(stored, name, BYTEAOID, &isnull);

	return isnull ? (cs_span) { NULL, 0 } : cs_pg_span(value);
}

static char *
output(Datum value, bool isnull, Oid type)
{
	Oid function;
	bool is_varlena;

	if (isnull)
		return "NULL";
	getTypeOutputInfo(type, &function, &is_varlena);
	return OidOutputFunctionCall(function, value);
}

/* Is it the document that the row was made for? */
static bool
is_its_document(cs_stored *stored)
{
	uint8_t digest[32];
	cs_span found = { digest, sizeof(digest) };
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	cs_pg_require(cs_sha256(&ctx, stored->document, digest), &ctx, NULL);
	if (!cs_span_eq(stored_bytes(stored, "digest"), found))
		return says(stored, "digest is not that of the document",
			psprintf("The document's SHA-256 is %s.", output(cs_pg_make(found), false, BYTEAOID)));
	return true;
}

/* Would verifying it today write what is stored? */
static bool
columns_hold(cs_stored *stored, const cs_manifest_row *row)
{
	static const uint8 unknown[UUID_LEN] = { 0 };
	StringInfoData differences;

	initStringInfo(&differences);
	for (size_t i = 0; i < lengthof(computed); i++)
	{
		cs_manifest_column which = computed[i].column;
		Oid type = computed[i].type;
		bool isnull;
		Datum value = stored_column(stored, cs_column_names[which], type, &isnull);

		/* what an older form of the store did not know */
		if (which == CS_COL_SIGNER && !isnull && memcmp(DatumGetUUIDP(value), unknown, UUID_LEN) == 0)
			continue;
		if (isnull ? row->nulls[which]
				   : !row->nulls[which] && datum_image_eq(value, row->values[which], get_typbyval(type), get_typlen(type)))
			continue;
		appendStringInfo(&differences, "%s%s is %s and should be %s", differences.len > 0 ? "; " : "", cs_column_names[which],
			output(value, isnull, type), output(row->values[which], row->nulls[which], type));
	}
	return differences.len == 0 || says(stored, "columns are not what verifying the document gives", differences.data);
}

/* Its signature and all else as when it came from another region: what has expired or was revoked meanwhile is history, and no problem. */
static bool
verifies(cs_stored *stored)
{
	bool isnull;
	Datum authority = stored_column(stored, "authority_id", UUIDOID, &isnull);
	cs_verifying how = { .only_id = isnull ? NULL : DatumGetUUIDP(authority), .accept_legacy = true, .as_history = true };
	cs_verified v;
	cs_manifest_row row = { { 0 } };
	Datum value;
	cs_ctx ctx;
	int guc_nest;
	bool ok;

	for (int i = 0; i < CS_COLUMNS; i++)
		row.nulls[i] = true;
	value = stored_column(stored, "id", UUIDOID, &isnull);
	how.statement = isnull ? NULL : DatumGetUUIDP(value);
	cs_pg_ctx(&ctx);
	guc_nest = cs_begin_statements();
	ok = cs_verify_document(&ctx, stored->store, stored->document, stored->payload, &how, &v);
	cs_end_statements(guc_nest);
	if (!ok)
		return says(stored, pstrdup(ctx.error.message), cs_pg_detail(&ctx.error));
	cs_describe_row(&ctx, &v, &row);
	if (how.statement == NULL || memcmp(how.statement->data, v.statement, UUID_LEN) != 0)
		return says(stored, "id is not that of what the document signs",
			psprintf("The statement's id is %s.", output(UUIDPGetDatum((pg_uuid_t *) v.statement), false, UUIDOID)));
	return columns_hold(stored, &row);
}

/* The document of the row, from truth. */
static bool
find_document(cs_stored *stored, MemoryContext memory)
{
	bool isnull;
	Datum truth = stored_column(stored, "truth", UUIDOID, &isnull);
	MemoryContext old;
	pg_uuid_t *in_name_of;
	cs_as_owner self;
	cs_truth row = { .kind = CS_TRUTH_DOCUMENT };

	if (isnull)
		return says(stored, "no document is stored", NULL);
	cs_store_require(stored->store);
	/* who sees the manifest sees its document */
	cs_become_owner(get_relname_relid("truth", stored->store), &self);
	cs_spi_connect();
	if (SPI_execute_plan(cs_store_plan(stored->store, CS_STMT_TRUTH_BODY), &truth, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read truth");
	isnull = true;
	old = MemoryContextSwitchTo(memory);
	if (SPI_processed > 0)
		row.body = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	if (!isnull)
		row.body = PointerGetDatum(PG_DETOAST_DATUM_COPY(row.body));
	MemoryContextSwitchTo(old);
	SPI_finish();
	cs_become_self(&self);
	if (isnull)
		return says(stored, "no document is stored", NULL);
	cs_truth_identify(&row);
	if (memcmp(row.id.data, DatumGetUUIDP(truth)->data, UUID_LEN) != 0)
		return says(stored, "truth does not hold what its id was made from", NULL);
	cs_truth_read_document(row.body, &stored->document, &stored->payload, &in_name_of);
	return true;
}

/* There is nobody to verify it with, and it answers nothing. */
static bool
authority_was_removed(cs_stored *stored)
{
	bool isnull, here, ever;
	Datum authority = stored_column(stored, "authority_id", UUIDOID, &isnull);
	cs_as_owner self;

	if (isnull)
		return false;
	cs_become_owner(get_relname_relid("truth", stored->store), &self);
	cs_spi_connect();
	cs_run_latest(stored->store, CS_STMT_AUTHORITY_BY_ID, &authority, NULL);
	here = SPI_processed > 0;
	cs_run_latest(stored->store, CS_STMT_AUTHORITY_LAST, &authority, NULL);
	ever = SPI_processed > 0;
	SPI_finish();
	cs_become_self(&self);
	return !here && ever;
}

static bool
holds(cs_stored *stored)
{
	char *withdrawn = stored_text(stored, "withdrawn");

	bool isnull;

	(void) stored_column(stored, "forgotten", UUIDOID, &isnull);
	if (!isnull)
		return says(stored, "it was forgotten", NULL);
	if (withdrawn != NULL)
		return says(stored, "it was withdrawn", withdrawn);
	if (!find_document(stored, CurrentMemoryContext) || !is_its_document(stored))
		return false;
	if (!authority_was_removed(stored))
		return verifies(stored);
	stored->detail = "Its authority was removed: it answers nothing.";
	return true;
}

/* verify_manifest(store regnamespace, manifest record) -> (verified boolean, problem text, detail text) */
Datum
coserv_verify_manifest(PG_FUNCTION_ARGS)
{
	HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(1);
	cs_stored stored = { .store = PG_GETARG_OID(0) };
	Datum values[3] = { 0 };
	bool nulls[3] = { false };
	TupleDesc desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	stored.tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	stored.tuple.t_data = header;
	ItemPointerSetInvalid(&stored.tuple.t_self);
	stored.desc = lookup_rowtype_tupdesc_copy(HeapTupleHeaderGetTypeId(header), HeapTupleHeaderGetTypMod(header));
	values[0] = BoolGetDatum(holds(&stored));
	nulls[1] = stored.problem == NULL;
	if (stored.problem != NULL)
		values[1] = CStringGetTextDatum(stored.problem);
	nulls[2] = stored.detail == NULL;
	if (stored.detail != NULL)
		values[2] = CStringGetTextDatum(stored.detail);
	return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls));
}
