/*
 * search_sql.c - the keys of a document (search_keys.h), in chunks, for a store's table search_key.
 *
 * One row of the index a chunk and not a triple: GIN takes a hundred keys of one row for a sixth of what it takes for a row each, and
 * whoever looks something up rechecks a chunk's triples.
 */
#include "opened.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/tuplestore.h"

#include "triple_search.h"

PG_FUNCTION_INFO_V1(coserv_document_search_keys);

/* A chunk ends where it has so many triples or keys: its row stays within a page. */
#define CHUNK 128

enum
{
	SWID_EVIDENCE = 3, SWID_PAYLOAD = 6, SWID_HASH = 7, SWID_DIRECTORY = 16, SWID_FILE = 17, SWID_PATH_ELEMENTS = 26
};

static Datum
key_array(Datum *values, int count)
{
	return PointerGetDatum(construct_array(values, count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

typedef struct chunk
{
	ReturnSetInfo *set;
	cs_search_keys keys;
	int64		first;			/* ordinal of its first triple; -1: no chunk is begun */
	int64		last;
} chunk;

/* A row of triples from first to last, or of the CoSWID in a tag. */
static void
put_chunk(chunk *c, int tag)
{
	Datum		values[4] = {Int32GetDatum(tag), Int32GetDatum((int32) c->first), Int32GetDatum((int32) c->last)};
	bool		nulls[4] = {tag < 0, tag >= 0, tag >= 0, false};

	values[3] = key_array(c->keys.values, c->keys.count);
	tuplestore_putvalues(c->set->setResult, c->set->setDesc, values, nulls);
	pfree(DatumGetPointer(values[3]));
	c->keys.count = 0;
	c->first = -1;
	CHECK_FOR_INTERRUPTS();
}

static bool
add_triple(cs_ctx *ctx, const cs_triple *triple, void *data)
{
	chunk	   *c = data;

	if (c->first >= 0 && (c->keys.count >= CHUNK || (int64) triple->ordinal - c->first >= CHUNK))
		put_chunk(c, -1);
	if (c->first < 0)
		c->first = (int64) triple->ordinal;
	c->last = (int64) triple->ordinal;
	cs_search_triple(&c->keys, &triple->record);
	return true;
}

/* one-or-more<T>: T, or a list of them */
static cs_iter
one_or_more(const cs_item *value)
{
	if (cs_is(value, CS_ARRAY))
		return cs_iterate(value);
	return (cs_iter) {.next = value->p, .limit = value->limit, .left = 1};
}

static void
add_file(cs_search_keys *keys, const cs_item *file)
{
	cs_item		hash,
				value;
	cs_span		bytes;

	if (cs_map_get(file, SWID_HASH, &hash) && cs_is(&hash, CS_ARRAY) && cs_array_get(&hash, 1, &value) &&
		cs_is(&value, CS_BSTR) && cs_string(keys->ctx, &value, &bytes))
		cs_search_digest(keys, bytes);
}

/* Files and directories of RFC 9393 section 2.9.2. */
static void
add_path_elements(cs_search_keys *keys, const cs_item *map)
{
	cs_item		list,
				item,
				elements;
	cs_iter		it;

	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	if (cs_map_get(map, SWID_FILE, &list))
		for (it = one_or_more(&list); cs_next(&it, &item);)
			add_file(keys, &item);
	if (!cs_map_get(map, SWID_DIRECTORY, &list))
		return;
	for (it = one_or_more(&list); cs_next(&it, &item);)
		if (cs_map_get(&item, SWID_PATH_ELEMENTS, &elements))
			add_path_elements(keys, &elements);
}

static void
add_coswid(chunk *c, int tag, const cs_item *coswid)
{
	cs_item		resources;

	if (cs_map_get(coswid, SWID_PAYLOAD, &resources))
		add_path_elements(&c->keys, &resources);
	if (cs_map_get(coswid, SWID_EVIDENCE, &resources))
		add_path_elements(&c->keys, &resources);
	if (c->keys.count > 0)
		put_chunk(c, tag);
}

/* document_search_keys(document bytea) -> setof (tag, first, last, keys): every triple is in one of the chunks */
Datum
coserv_document_search_keys(PG_FUNCTION_ARGS)
{
	chunk		c = {.first = -1};
	cs_verified document;
	cs_ctx		ctx;

	InitMaterializedSRF(fcinfo, 0);
	c.set = (ReturnSetInfo *) fcinfo->resultinfo;
	cs_pg_ctx(&ctx);
	if (!cs_opened_document(&ctx, CS_PG_GETARG_SPAN(0), true, &document))
		cs_pg_report(&ctx.error, "CoRIM");
	cs_pg_ctx_stored(&ctx);
	cs_search_keys_init(&c.keys, &ctx, false);
	(void) cs_corim_triples(&ctx, &document.corim, add_triple, &c);
	if (c.first >= 0)
		put_chunk(&c, -1);
	for (size_t i = 0; i < document.corim.tag_count; i++)
		if (document.corim.tags[i].kind == CS_TAG_COSWID)
			add_coswid(&c, (int) i, &document.corim.tags[i].content);
	PG_RETURN_NULL();
}
