/*
 * measured_files.c - files that Evidence names, as CoSWID tags have them: an element with digests is of the file whose path is its name
 * (11), or its mkey where it has no name. The hash of the file becomes a Reference Value for that element.
 */
#include "measured_files.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "model/corim.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "pg/base/store.h"

/* An element of the Evidence that may be a file. */
typedef struct element
{
	cs_span path;
	cs_span mkey; /* empty: none */
	bool by_name;
} element;

typedef struct elements
{
	cs_ctx *ctx;
	element *at;
	size_t count;
	size_t room;
} elements;

static void
add_element(elements *list, const element *e)
{
	if (list->count == list->room)
	{
		list->room = list->room > 0 ? 2 * list->room : 8;
		list->at = list->at ? repalloc_array(list->at, element, list->room) : palloc_array(element, list->room);
	}
	list->at[list->count++] = *e;
}

static void
read_element(const cs_item *map, elements *list)
{
	cs_item claims, digests, name, mkey;
	element e = { .mkey = { NULL, 0 } };

	if (!cs_map_get_text(map, "element-claims", &claims) || !cs_map_get(&claims, CS_MVAL_DIGESTS, &digests))
		return;
	if (cs_map_get_text(map, "element-id", &mkey))
		e.mkey = cs_item_span(&mkey);
	e.by_name = cs_map_get(&claims, CS_MVAL_NAME, &name);
	if (!e.by_name && e.mkey.len > 0)
		name = mkey;
	else if (!e.by_name)
		return;
	if (cs_is(&name, CS_TSTR) && cs_string(list->ctx, &name, &e.path))
		add_element(list, &e);
}

static void
collect(cs_acs *acs, cs_span environment, elements *list)
{
	for (size_t i = 0; i < cs_acs_count(acs); i++)
	{
		const cs_ect *ect = cs_acs_get(acs, i);
		cs_item item, array, map;
		cs_iter it;

		CHECK_FOR_INTERRUPTS();
		if (ect->cmtype != CS_CMTYPE_EVIDENCE || ect->relation || !cs_span_eq(ect->environment, environment))
			continue;
		item = cs_item_at(ect->encoded.data, ect->encoded.len);
		if (!cs_map_get_text(&item, "element-list", &array))
			continue;
		for (it = cs_iterate(&array); cs_next(&it, &map);)
			read_element(&map, list);
	}
}

/* A text of the Evidence that PostgreSQL cannot hold is no path of a tag's. */
static Datum
paths_of(const elements *list)
{
	Datum *paths = palloc_array(Datum, list->count);
	int count = 0;

	for (size_t i = 0; i < list->count; i++)
	{
		if (list->at[i].path.len <= MaxAllocSize / 8 && memchr(list->at[i].path.data, 0, list->at[i].path.len) == NULL)
			paths[count++] = cs_pg_make_text(list->at[i].path);
	}
	return PointerGetDatum(construct_array(paths, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/* By its name, or the number of one that has none. */
static void
put_algorithm(cs_buf *buf, cs_span name)
{
	char *text = pnstrdup((const char *) name.data, name.len), *end;
	long number;

	errno = 0;
	number = strtol(text, &end, 10);
	if (end != text && *end == '\0' && errno == 0)
		cs_put_int(buf, number);
	else
		cs_put_text(buf, (const char *) name.data, name.len);
}

/* [environment, [{? 0: mkey, 1: {2: [[alg, digest]], ? 11: path}}]] */
static cs_span
make_record(cs_ctx *ctx, const element *e, cs_span environment, cs_span alg, cs_span digest)
{
	cs_buf buf;

	cs_buf_init(&buf, ctx);
	cs_put_array(&buf, 2);
	cs_put_raw(&buf, environment.data, environment.len);
	cs_put_array(&buf, 1);
	cs_put_map(&buf, e->mkey.len > 0 ? 2 : 1);
	if (e->mkey.len > 0)
	{
		cs_put_int(&buf, CS_MEASUREMENT_MKEY);
		cs_put_raw(&buf, e->mkey.data, e->mkey.len);
	}
	cs_put_int(&buf, CS_MEASUREMENT_MVAL);
	cs_put_map(&buf, e->by_name ? 2 : 1);
	cs_put_int(&buf, CS_MVAL_DIGESTS);
	cs_put_array(&buf, 1);
	cs_put_array(&buf, 2);
	put_algorithm(&buf, alg);
	cs_put_bytes(&buf, digest.data, digest.len);
	if (e->by_name)
	{
		cs_put_int(&buf, CS_MVAL_NAME);
		cs_put_text(&buf, (const char *) e->path.data, e->path.len);
	}
	cs_pg_require(cs_buf_ok(&buf), ctx, NULL);
	return cs_buf_span(&buf);
}

void
cs_measured_files(cs_ctx *ctx, cs_acs *acs, Oid store, cs_span environment, TimestampTz as_of, cs_file_reference each, void *data)
{
	elements list = { .ctx = ctx };
	Datum args[3] = { 0, 0, TimestampTzGetDatum(as_of) };
	SPITupleTable *rows;
	uint64 count;

	collect(acs, environment, &list);
	if (list.count == 0)
		return;
	args[0] = cs_pg_make(environment);
	args[1] = paths_of(&list);
	cs_store_run(store, CS_STMT_MEASURED_FILES, args, NULL, true, 0);
	rows = SPI_tuptable;
	count = SPI_processed;
	for (uint64 i = 0; i < count; i++)
	{
		Datum values[8];
		bool nulls[8];
		cs_span path;

		CHECK_FOR_INTERRUPTS();
		heap_deform_tuple(rows->vals[i], rows->tupdesc, values, nulls);
		path = cs_pg_utf8_text(values[3]);
		for (size_t k = 0; k < list.count; k++)
			if (cs_span_eq(list.at[k].path, path))
				each(DatumGetUUIDP(values[0]), DatumGetInt32(values[1]),
					make_record(ctx, &list.at[k], cs_pg_span(values[2]), nulls[4] ? (cs_span) { NULL, 0 } : cs_pg_utf8_text(values[4]),
						cs_pg_span(values[5])),
					values[6], values[7], nulls[7], data);
	}
	SPI_freetuptable(rows);
}
