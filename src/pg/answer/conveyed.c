/*
 * conveyed.c - documents as they are answered (conveyed.h).
 */
#include "conveyed.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "cose/certs.h"
#include "pg/base/lookup.h"
#include "pg/base/store.h"
#include "pg/store/truth.h"
#include "vendors/vendors.h"

static cs_span
keep(cs_ctx *ctx, cs_span s)
{
	void *copy = cs_memdup(ctx, s.data, s.len);

	cs_pg_require(copy != NULL, ctx, NULL);
	return (cs_span) { copy, s.len };
}

const char *
cs_media_type(cs_span document, bool is_signed)
{
	const cs_vendor_format *format = cs_vendor_format_of(document);

	return format ? format->media_type : is_signed ? CS_RIM_COSE : CS_RIM_CBOR;
}

/* A vendor's document goes out as it came; the certificates that came beside it in PEM, whatever they came in. */
static cs_conveyance
as_conveyed(cs_ctx *ctx, cs_span document, Datum body, bool is_signed)
{
	cs_conveyance out = { cs_media_type(document, is_signed), document, { NULL, 0 } };
	cs_span kept, beside;
	cs_buf pem;

	if (cs_vendor_format_of(document) == NULL || !cs_truth_find_document(body, &kept, &beside) || beside.data == NULL)
		return out;
	cs_buf_init(&pem, ctx);
	cs_pg_require(cs_put_chain(ctx, beside, &pem), ctx, "chain");
	out.chain = cs_buf_span(&pem);
	return out;
}

/* A row of truth: its body, and the document as it is answered where that is known; else document.data is NULL. */
typedef struct cs_found_body
{
	Datum body; /* 0: there is none */
	cs_span document;
} cs_found_body;

/* False: a plan has to do it, which puts back in its place what stands beside a document. */
static bool
look_up(cs_ctx *ctx, Oid store, const pg_uuid_t *id, cs_found_body *out)
{
	cs_lookup *lookup = cs_lookup_begin(store, false);
	Datum key = UUIDPGetDatum(id), values[CS_LOOKUP_COLUMNS];
	bool nulls[CS_LOOKUP_COLUMNS], found;
	cs_span document, payload;

	if (lookup == NULL)
		return false;
	found = cs_lookup_row(lookup, CS_LOOKUP_TRUTH, &key, values, nulls) && !nulls[CS_TRUTH_BODY];
	if (found)
		out->body = PointerGetDatum(PG_DETOAST_DATUM_COPY(values[CS_TRUTH_BODY]));
	if (!cs_lookup_end(lookup) || !found || !cs_truth_find_document(out->body, &document, &payload) || payload.data != NULL)
		return false;
	out->document = keep(ctx, document);
	return true;
}

static void
ask(cs_ctx *ctx, Oid store, const pg_uuid_t *id, cs_found_body *out)
{
	MemoryContext caller = CurrentMemoryContext;
	int guc_nest = cs_begin_statements();
	Datum arg = UUIDPGetDatum(id), value;
	cs_as_owner self;
	bool isnull;

	cs_spi_connect();
	cs_become_owner(get_relname_relid("truth", store), &self);
	if (SPI_execute_plan(cs_store_plan(store, CS_STMT_CONVEYED), &arg, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read a document");
	cs_become_self(&self);
	*out = (cs_found_body) { 0 };
	if (SPI_processed > 0)
	{
		MemoryContext old = MemoryContextSwitchTo(caller);

		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &isnull);
		out->body = isnull ? 0 : PointerGetDatum(PG_DETOAST_DATUM_COPY(value));
		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
		if (!isnull)
			out->document = keep(ctx, cs_pg_span(value));
		MemoryContextSwitchTo(old);
	}
	SPI_finish();
	cs_end_statements(guc_nest);
}

cs_conveyance
cs_conveyed(cs_ctx *ctx, Oid store, const pg_uuid_t *id, bool is_signed)
{
	cs_truth truth = { .kind = CS_TRUTH_DOCUMENT };
	cs_found_body found = { 0 };
	cs_conveyance out;

	if (!look_up(ctx, store, id, &found))
		ask(ctx, store, id, &found);
	truth.body = found.body;
	if (found.body != 0)
		cs_truth_identify(&truth);
	if (found.document.data == NULL || memcmp(truth.id.data, id->data, UUID_LEN) != 0)
		ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
				errmsg("the document %s is not the one that was stored", DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id)))),
				errhint("Function check() finds what else is not.")));
	out = as_conveyed(ctx, found.document, found.body, is_signed);
	pfree(DatumGetPointer(found.body));
	return out;
}
