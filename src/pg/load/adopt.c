/*
 * adopt.c - statements whose authority may not say them any more are tried under the others: the same signature may lead to another
 * certificate, or the same key be trusted in another form. The statement stays what it is, as it goes by what was signed and by whose key;
 * whose it is changes.
 */
#include "load.h"

#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

#include "codepoints/codepoints.h"
#include "cose/key_identity.h"
#include "pg/store/settle.h"
#include "pg/trust/verify_row.h"

/* A key, by what tells it from others, whatever form it has; of a COSE_Key that is its bytes alone. */
typedef struct cs_known_key
{
	cs_span identities[CS_KEY_IDENTITIES];
	size_t count; /* 0: nothing is known of it */
	bool is_cose_key;
} cs_known_key;

/* One who may speak. */
typedef struct cs_speaker
{
	pg_uuid_t id;
	cs_known_key key;
} cs_speaker;

static cs_known_key
known_key(Datum key)
{
	cs_item item = cs_pg_item(key);
	cs_known_key known = { .is_cose_key = cs_is_tag(&item, CS_TAG_COSE_KEY) };
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	if (!cs_key_identities(&ctx, &item, known.identities, &known.count))
		known.count = 0;
	return known;
}

static cs_speaker *
find_speakers(Oid store, Datum authorities, bool others, uint64 *count)
{
	Datum args[2] = { authorities, BoolGetDatum(others) };
	cs_speaker *speakers;
	bool isnull;

	cs_run_latest(store, CS_STMT_SPEAKERS, args, NULL);
	*count = SPI_processed;
	speakers = palloc(sizeof(cs_speaker) * Max(SPI_processed, 1));
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		speakers[i].id = *DatumGetUUIDP(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));
		speakers[i].key = known_key(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2, &isnull));
	}
	return speakers;
}

/* The key of an authority that may not speak; nothing is known of it where it was removed. */
static cs_known_key
key_of(Oid store, Datum authority)
{
	bool isnull;

	cs_run_latest(store, CS_STMT_AUTHORITY_BY_ID, &authority, NULL);
	if (SPI_processed == 0)
		return (cs_known_key) { .count = 0 };
	return known_key(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull));
}

static bool
try_under(Oid store, Datum id, Datum truth, const pg_uuid_t *speaker)
{
	cs_span document, payload;
	pg_uuid_t *in_name_of;
	cs_manifest_row row = { { 0 } };
	cs_verifying how = { .only_id = speaker, .accept_legacy = true, .as_history = true, .statement = DatumGetUUIDP(id) };
	cs_verified v;
	cs_ctx ctx;
	Datum args[6] = { id };
	char nulls[7] = "      ";

	for (int i = 0; i < CS_COLUMNS; i++)
		row.nulls[i] = true;
	cs_truth_read_document(cs_load_body(store, DatumGetUUIDP(truth)), &document, &payload, &in_name_of);
	cs_pg_ctx_stored(&ctx);
	if (!cs_verify_document(&ctx, store, document, payload, &how, &v) || memcmp(v.statement, DatumGetUUIDP(id)->data, UUID_LEN) != 0)
		return false;
	cs_describe_row(&ctx, &v, &row);
	args[1] = row.values[CS_COL_AUTHORITY];
	args[2] = row.values[CS_COL_AUTHORITY_ID];
	args[3] = row.values[CS_COL_SCOPE];
	args[4] = row.values[CS_COL_NOT_BEFORE];
	args[5] = row.values[CS_COL_NOT_AFTER];
	nulls[4] = row.nulls[CS_COL_NOT_BEFORE] ? 'n' : ' ';
	nulls[5] = row.nulls[CS_COL_NOT_AFTER] ? 'n' : ' ';
	(void) cs_load_update_manifest(store, CS_STMT_MANIFEST_ADOPT, args, nulls);
	args[1] = args[2];
	cs_run_latest(store, CS_STMT_TAG_ADOPT, args, NULL);
	cs_settle_later(store, CS_TRUTH_DOCUMENT, DatumGetUUIDP(id));
	return true;
}

/* Without certificates a signature leads to its key alone: then another authority is tried only where its key may be the same. */
static bool
may_be_same(const cs_known_key *a, const cs_known_key *b)
{
	if (a->count == 0 || b->count == 0 || a->is_cose_key != b->is_cose_key)
		return true;
	for (size_t i = 0; i < a->count; i++)
		for (size_t k = 0; k < b->count; k++)
			if (cs_span_eq(a->identities[i], b->identities[k]))
				return true;
	return false;
}

void
cs_load_adopt(Oid store, Datum authorities, bool others)
{
	Datum args[2] = { authorities, BoolGetDatum(others) };
	uint64 speaker_count, count;
	cs_speaker *speakers = find_speakers(store, authorities, others, &speaker_count);
	pg_uuid_t last = { { 0 } };
	cs_known_key key = { .count = 0 };
	SPITupleTable *rows;

	if (speaker_count == 0)
		return;
	cs_run_latest(store, CS_STMT_ORPHANS, args, NULL);
	rows = SPI_tuptable;
	count = SPI_processed;
	for (uint64 i = 0; i < count; i++)
	{
		bool isnull;
		Datum id = SPI_getbinval(rows->vals[i], rows->tupdesc, 1, &isnull), truth = SPI_getbinval(rows->vals[i], rows->tupdesc, 2, &isnull);
		Datum authority = SPI_getbinval(rows->vals[i], rows->tupdesc, 3, &isnull);
		bool has_certificates = DatumGetBool(SPI_getbinval(rows->vals[i], rows->tupdesc, 4, &isnull));
		MemoryContext old, scratch;

		if (memcmp(&last, DatumGetUUIDP(authority), UUID_LEN) != 0)
			key = key_of(store, authority);
		last = *DatumGetUUIDP(authority);
		scratch = cs_pg_scratch_begin(&old);
		for (uint64 k = 0; k < speaker_count; k++)
			if ((has_certificates || may_be_same(&speakers[k].key, &key)) && try_under(store, id, truth, &speakers[k].id))
				break;
		cs_pg_scratch_end(scratch, old);
		CHECK_FOR_INTERRUPTS();
	}
}
