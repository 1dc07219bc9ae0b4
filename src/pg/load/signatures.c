/*
 * signatures.c - documents with several signatures (COSE_Sign, RFC 9052 section 4.1). What each authority signed is a statement of its own:
 * whoever verified first, and whichever authority is revoked, the others' stay. Loading makes one of them, and the commit the others; again
 * whenever an authority comes or changes.
 */
#include "load.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/uuid.h"

#include "pg/store/settle.h"
#include "pg/trust/verify_row.h"

/* Is this row of truth one of the statement's documents here? */
static bool
is_document_of(Oid store, const cs_truth *truth, const uint8_t *statement)
{
	Datum args[2] = { UUIDPGetDatum(&truth->id), UUIDPGetDatum((const pg_uuid_t *) statement) };

	cs_run_latest(store, CS_STMT_IS_DOCUMENT_OF, args, NULL);
	return SPI_processed > 0;
}

/* False: nobody here vouches for that signature. */
static bool
make_statement(Oid store, const cs_truth *truth, int signature)
{
	cs_verifying how = { .accept_legacy = true, .as_history = true, .signature = signature };
	cs_truth meant = *truth;
	cs_span document, payload;
	pg_uuid_t *in_name_of;
	bool forgotten;
	cs_verified v;
	cs_ctx ctx;

	cs_truth_read_document(truth->body, &document, &payload, &in_name_of);
	cs_pg_ctx_stored(&ctx);
	if (!cs_verify_document(&ctx, store, document, payload, &how, &v))
		return false;
	if (is_document_of(store, truth, v.statement))
		return true;
	meant.signature = signature;
	return cs_load_attempt(store, &meant, &forgotten) == NULL;
}

static int
count_signatures(const cs_truth *truth)
{
	cs_span document, payload;
	pg_uuid_t *in_name_of;
	cs_verified v;
	cs_ctx ctx;

	cs_truth_read_document(truth->body, &document, &payload, &in_name_of);
	cs_pg_ctx_stored(&ctx);
	return cs_open_signatures(&ctx, document, payload, &v) ? (int) v.signature_count : 0;
}

int
cs_load_statements(Oid store, const cs_truth *truth)
{
	int count = truth->kind == CS_TRUTH_DOCUMENT ? count_signatures(truth) : 0, made = 0;

	for (int i = 1; count > 1 && i <= count; i++)
	{
		MemoryContext old, scratch = cs_pg_scratch_begin(&old);

		made += make_statement(store, truth, i);
		cs_pg_scratch_end(scratch, old);
		CHECK_FOR_INTERRUPTS();
	}
	return made;
}

void
cs_load_signatures(Oid store, Datum truths)
{
	SPITupleTable *rows;
	uint64 count;
	bool isnull;

	cs_run_latest(store, CS_STMT_COSIGNED, &truths, truths ? NULL : "n");
	rows = SPI_tuptable;
	count = SPI_processed;
	for (uint64 i = 0; i < count; i++)
	{
		cs_truth truth = { .kind = CS_TRUTH_DOCUMENT, .id = *DatumGetUUIDP(SPI_getbinval(rows->vals[i], rows->tupdesc, 1, &isnull)) };
		Datum id = UUIDPGetDatum(&truth.id);

		cs_run_latest(store, CS_STMT_TRUTH_BODY, &id, NULL);
		if (SPI_processed == 0)
			continue;
		truth.body = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
		if (isnull)
			continue;
		truth.body = PointerGetDatum(PG_DETOAST_DATUM(truth.body));
		(void) cs_load_statements(store, &truth);
	}
}
