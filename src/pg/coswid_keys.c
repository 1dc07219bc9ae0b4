/*
 * coswid_keys.c - the digests of the files in a document's CoSWID tags (RFC 9393 section 2.9.2) as hashes, for an index over documents.
 * Most documents have no CoSWID: that is seen without reading them.
 */
#include "verify.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"

#include "search_keys.h"

PG_FUNCTION_INFO_V1(coserv_digest_key);
PG_FUNCTION_INFO_V1(coserv_coswid_digest_keys);

enum
{
	SWID_EVIDENCE = 3, SWID_PAYLOAD = 6, SWID_HASH = 7, SWID_DIRECTORY = 16, SWID_FILE = 17, SWID_PATH_ELEMENTS = 26
};

/* digest_key(digest bytea) -> bigint */
Datum
coserv_digest_key(PG_FUNCTION_ARGS)
{
	cs_search_keys keys;

	cs_search_keys_init(&keys, NULL, true);
	cs_search_digest(&keys, CS_PG_GETARG_SPAN(0));
	PG_RETURN_DATUM(keys.values[0]);
}

/* Is there a head of tag 505 anywhere, of any length? */
static bool
may_have_coswid(cs_span document)
{
	static const uint8_t two[] = {0xd9, 0x01, 0xf9};
	static const uint8_t more[] = {0x00, 0x00, 0x01, 0xf9};

	return memmem(document.data, document.len, two, sizeof(two)) != NULL ||
		memmem(document.data, document.len, more, sizeof(more)) != NULL;
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

/*
 * coswid_digest_keys(document bytea) -> bigint[]; NULL when there are none. Under an index nothing may fail on account of a document: one
 * that was set aside may be anything. No setting bears on the answer, so that it stays the same.
 */
Datum
coserv_coswid_digest_keys(PG_FUNCTION_ARGS)
{
	cs_span		document = CS_PG_GETARG_SPAN(0);
	cs_search_keys keys;
	cs_verified v;
	cs_item		resources;
	cs_ctx		ctx;

	cs_pg_ctx_stored(&ctx);
	cs_search_keys_init(&keys, &ctx, true);
	if (!may_have_coswid(document) || !cs_open_document(&ctx, document, true, &v))
		PG_RETURN_NULL();
	for (size_t i = 0; i < v.corim.tag_count; i++)
	{
		if (v.corim.tags[i].kind != CS_TAG_COSWID)
			continue;
		if (cs_map_get(&v.corim.tags[i].content, SWID_PAYLOAD, &resources))
			add_path_elements(&keys, &resources);
		if (cs_map_get(&v.corim.tags[i].content, SWID_EVIDENCE, &resources))
			add_path_elements(&keys, &resources);
	}
	if (keys.count == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(construct_array(keys.values, keys.count, INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
