/*
 * anchors.c - trust anchor stores (CoTS, tag 507) in answers to CoSERV queries: tas (4) beside akq (3), and their documents as source
 * artifacts (doc/conformance.md, decision 2).
 */
#include "anchors.h"

#include "access/htup_details.h"
#include "miscadmin.h"
#include "model/cots.h"
#include "utils/timestamp.h"

#include "pg/base/store.h"
#include "pg/trust/verify.h"
#include "pg/base/times.h"
#include "pg/types/crypto_key.h"

/* columns of CS_STMT_ANCHORS */
enum
{
	ANCHOR_ORDINAL,
	ANCHOR_SHOWN,
	ANCHOR_DOCUMENT,
	ANCHOR_PAYLOAD,
	ANCHOR_TRUTH,
	ANCHOR_IS_SIGNED,
	ANCHOR_NOT_AFTER,
	ANCHOR_COLUMNS
};

typedef struct cs_anchors
{
	Oid store;
	cs_ctx *ctx; /* of this row */
	cs_ctx *of_result;
	cs_answer *answer;
	cs_result *result;
	Datum values[ANCHOR_COLUMNS];
	bool nulls[ANCHOR_COLUMNS];
	bool applies;
} cs_anchors;

static void
add_store(cs_anchors *anchors, const cs_item *store)
{
	bool yes;

	cs_pg_require(cs_query_concerns_store(anchors->ctx, &anchors->answer->query, store, &yes), anchors->ctx, "trust anchor store");
	if (!yes)
		return;
	anchors->applies = true;
	if (anchors->answer->query.result_type == CS_SOURCE)
		return;
	anchors->answer->count++;
	cs_pg_require(cs_result_add_cots(anchors->result, cs_pg_key_list_of(anchors->ctx, anchors->values[ANCHOR_SHOWN]), cs_item_span(store)),
		anchors->of_result, NULL);
}

static void
add_stores(cs_anchors *anchors, const cs_item *content)
{
	cs_iter it = cs_cots_stores(content);
	cs_item store;

	while (cs_next(&it, &store))
	{
		CHECK_FOR_INTERRUPTS();
		add_store(anchors, &store);
	}
}

static void
add_document(cs_anchors *anchors)
{
	bool is_signed = DatumGetBool(anchors->values[ANCHOR_IS_SIGNED]);
	cs_conveyance conveyed;

	if (anchors->answer->query.result_type == CS_COLLECTED)
		return;
	anchors->answer->count++;
	conveyed = cs_conveyed(anchors->of_result, anchors->store, DatumGetUUIDP(anchors->values[ANCHOR_TRUTH]), is_signed);
	cs_add_source(anchors->result, &conveyed);
}

static void
add_row(cs_anchors *anchors)
{
	cs_span payload = anchors->nulls[ANCHOR_PAYLOAD] ? (cs_span) { NULL, 0 } : cs_pg_span(anchors->values[ANCHOR_PAYLOAD]);
	int32 ordinal = DatumGetInt32(anchors->values[ANCHOR_ORDINAL]);
	cs_verified document;

	cs_pg_require(
		cs_open_with_payload(anchors->ctx, cs_pg_span(anchors->values[ANCHOR_DOCUMENT]), payload, true, &document), anchors->ctx, "CoRIM");
	if (ordinal < 0 || (size_t) ordinal >= document.corim.tag_count)
		return;
	anchors->applies = false;
	add_stores(anchors, &document.corim.tags[ordinal].content);
	if (!anchors->applies)
		return;
	add_document(anchors);
	if (!anchors->nulls[ANCHOR_NOT_AFTER])
		cs_result_expires(anchors->result, cs_pg_unix_time(DatumGetTimestampTz(anchors->values[ANCHOR_NOT_AFTER])));
}

void
cs_add_anchors(cs_ctx *ctx, Oid store, cs_answer *answer, cs_result *result, TimestampTz as_of)
{
	Datum args[2] = { cs_pg_make_text(answer->query.profile), TimestampTzGetDatum(as_of) };
	int guc_nest = cs_begin_statements();
	SPITupleTable *rows;
	Portal portal;
	uint64 count;

	cs_spi_connect();
	portal = SPI_cursor_open(NULL, cs_store_plan(store, CS_STMT_ANCHORS), args, NULL, true);
	for (;;)
	{
		SPI_cursor_fetch(portal, true, 10);
		if (SPI_processed == 0)
			break;
		rows = SPI_tuptable;
		count = SPI_processed;
		for (uint64 i = 0; i < count; i++)
		{
			MemoryContext old, scratch = cs_pg_scratch_begin(&old);
			cs_ctx of_row;
			cs_anchors anchors = { .store = store, .ctx = &of_row, .of_result = ctx, .answer = answer, .result = result };

			CHECK_FOR_INTERRUPTS();
			cs_pg_ctx_stored(&of_row);
			heap_deform_tuple(rows->vals[i], rows->tupdesc, anchors.values, anchors.nulls);
			add_row(&anchors);
			cs_pg_scratch_end(scratch, old);
		}
		SPI_freetuptable(rows);
	}
	SPI_cursor_close(portal);
	SPI_finish();
	cs_end_statements(guc_nest);
}
