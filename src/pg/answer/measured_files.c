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

#include "gather.h"
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
cs_select_files(Oid store, cs_span asked, Datum paths, TimestampTz as_of, cs_each_file each, void *data)
{
	Datum args[3] = { cs_pg_make(asked), paths, TimestampTzGetDatum(as_of) };
	SPITupleTable *rows;
	uint64 count;
	int guc_nest = cs_begin_statements();

	cs_spi_connect();
	count = cs_store_run(store, paths == 0 ? CS_STMT_FILES_DIGEST : CS_STMT_MEASURED_FILES, args, paths == 0 ? " n " : NULL, true, 0);
	rows = SPI_tuptable;
	Assert(rows->tupdesc->natts == FILE_COLUMNS);
	for (uint64 i = 0; i < count; i++)
	{
		cs_file file = { .member = NULL };

		CHECK_FOR_INTERRUPTS();
		heap_deform_tuple(rows->vals[i], rows->tupdesc, file.values, file.nulls);
		each(&file, data);
	}
	SPI_finish();
	cs_end_statements(guc_nest);
}

typedef struct matching
{
	const elements *list;
	cs_file_reference each;
	void *data;
} matching;

static void
match_file(const cs_file *file, void *data)
{
	const matching *m = data;
	cs_span path = cs_pg_utf8_text(file->values[FILE_PATH]);
	cs_span alg = file->nulls[FILE_DIGEST_ALG] ? (cs_span) { NULL, 0 } : cs_pg_utf8_text(file->values[FILE_DIGEST_ALG]);

	for (size_t k = 0; k < m->list->count; k++)
		if (cs_span_eq(m->list->at[k].path, path))
			m->each(file,
				make_record(
					m->list->ctx, &m->list->at[k], cs_pg_span(file->values[FILE_ENVIRONMENT]), alg, cs_pg_span(file->values[FILE_DIGEST])),
				m->data);
}

void
cs_measured_files(cs_ctx *ctx, cs_acs *acs, Oid store, cs_gathering *gathering, cs_span environment, TimestampTz as_of,
	cs_file_reference each, void *data)
{
	elements list = { .ctx = ctx };
	matching m = { .list = &list, .each = each, .data = data };

	collect(acs, environment, &list);
	if (list.count == 0)
		return;
	if (gathering != NULL)
		cs_gather_files(gathering, environment, paths_of(&list), match_file, &m);
	else
		cs_select_files(store, environment, paths_of(&list), as_of, match_file, &m);
}
