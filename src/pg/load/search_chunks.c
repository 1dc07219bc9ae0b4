/*
 * search_chunks.c - the keys of a document in chunks (search_chunks.h), and coserv.document_search_keys.
 */
#include "search_chunks.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"

#include "pg/trust/opened.h"
#include "pg/index/triple_search.h"

PG_FUNCTION_INFO_V1(coserv_document_search_keys);

/* A chunk ends where it has so many triples or keys: its row stays within a page. */
#define CHUNK 128

static Datum
key_array(Datum *values, int count)
{
	return PointerGetDatum(construct_array(values, count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* A row of triples from first to last, or of the CoSWID in a tag. */
static void
put_chunk(cs_search_chunks *chunks, int tag)
{
	Datum values[4] = { Int32GetDatum(tag), Int32GetDatum((int32) chunks->first), Int32GetDatum((int32) chunks->last) };
	bool nulls[4] = { tag < 0, tag >= 0, tag >= 0, false };
	MemoryContext old = MemoryContextSwitchTo(cs_rows_memory(chunks->rows));

	values[3] = key_array(chunks->keys.values, chunks->keys.count);
	MemoryContextSwitchTo(old);
	cs_rows_put(chunks->rows, values, nulls);
	chunks->keys.count = 0;
	chunks->first = -1;
}

void
cs_search_chunks_begin(cs_search_chunks *chunks, cs_ctx *ctx, cs_rows *rows)
{
	chunks->rows = rows;
	chunks->first = -1;
	cs_search_keys_init(&chunks->keys, ctx, false);
}

void
cs_search_chunks_triple(cs_search_chunks *chunks, const cs_triple *triple)
{
	if (chunks->first >= 0 && (chunks->keys.count >= CHUNK || (int64) triple->ordinal - chunks->first >= CHUNK))
		put_chunk(chunks, -1);
	if (chunks->first < 0)
		chunks->first = (int64) triple->ordinal;
	chunks->last = (int64) triple->ordinal;
	cs_search_triple(&chunks->keys, &triple->record);
}

/* one-or-more<T>: T, or a list of them */
static cs_iter
one_or_more(const cs_item *value)
{
	if (cs_is(value, CS_ARRAY))
		return cs_iterate(value);
	return (cs_iter) { .next = value->p, .limit = value->limit, .left = 1 };
}

static void
add_file(cs_search_keys *keys, const cs_item *file)
{
	cs_item hash, value;
	cs_span bytes;

	if (cs_map_get(file, CS_SWID_HASH, &hash) && cs_is(&hash, CS_ARRAY) && cs_array_get(&hash, 1, &value) && cs_is(&value, CS_BSTR) &&
		cs_string(keys->ctx, &value, &bytes))
		cs_search_digest(keys, bytes);
}

/* Files and directories of RFC 9393 section 2.9.2. */
static void
add_path_elements(cs_search_keys *keys, const cs_item *map)
{
	cs_item list, item, elements;
	cs_iter it;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (cs_map_get(map, CS_SWID_FILE, &list))
		for (it = one_or_more(&list); cs_next(&it, &item);)
			add_file(keys, &item);
	if (!cs_map_get(map, CS_SWID_DIRECTORY, &list))
		return;
	for (it = one_or_more(&list); cs_next(&it, &item);)
		if (cs_map_get(&item, CS_SWID_PATH_ELEMENTS, &elements))
			add_path_elements(keys, &elements);
}

static void
add_coswid(cs_search_chunks *chunks, int tag, const cs_item *coswid)
{
	cs_item resources;

	if (cs_map_get(coswid, CS_SWID_PAYLOAD, &resources))
		add_path_elements(&chunks->keys, &resources);
	if (cs_map_get(coswid, CS_SWID_EVIDENCE, &resources))
		add_path_elements(&chunks->keys, &resources);
	if (chunks->keys.count > 0)
		put_chunk(chunks, tag);
}

void
cs_search_chunks_end(cs_search_chunks *chunks, const cs_corim *corim)
{
	if (chunks->first >= 0)
		put_chunk(chunks, -1);
	for (size_t i = 0; i < corim->tag_count; i++)
		if (corim->tags[i].kind == CS_TAG_COSWID)
			add_coswid(chunks, (int) i, &corim->tags[i].content);
}

static bool
add_triple(cs_ctx *ctx, const cs_triple *triple, void *data)
{
	cs_search_chunks_triple(data, triple);
	return true;
}

/* document_search_keys(document bytea) -> setof (tag, first, last, keys): every triple is in one of the chunks */
Datum
coserv_document_search_keys(PG_FUNCTION_ARGS)
{
	cs_search_chunks chunks;
	cs_verified document;
	cs_ctx ctx;

	cs_pg_ctx(&ctx);
	if (!cs_opened_document(&ctx, CS_PG_GETARG_SPAN(0), true, &document))
		cs_pg_report(&ctx.error, "CoRIM");
	cs_pg_ctx_stored(&ctx);
	cs_search_chunks_begin(&chunks, &ctx, cs_rows_result(fcinfo));
	(void) cs_corim_triples(&ctx, &document.corim, add_triple, &chunks);
	cs_search_chunks_end(&chunks, &document.corim);
	PG_RETURN_NULL();
}
