/*
 * values_coswid.c - the content of a document's tags, and the files of a CoSWID tag (RFC 9393 section 2.9), which become reference
 * values through coswid-triples (draft-ietf-rats-corim section 5.1.12).
 */
#include "pg/trust/verify.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "pg/types/item_text.h"
#include "values.h"

PG_FUNCTION_INFO_V1(coserv_tag_content);
PG_FUNCTION_INFO_V1(coserv_coswid_files);

/* tag_content(document bytea, ordinal integer, payload bytea) -> cbor: the map in a tag, NULL when the document has no such tag */
Datum
coserv_tag_content(PG_FUNCTION_ARGS)
{
	cs_span payload = { NULL, 0 };
	int32 ordinal;
	cs_ctx ctx;
	cs_verified document;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	ordinal = PG_GETARG_INT32(1);
	if (!PG_ARGISNULL(2))
		payload = CS_PG_GETARG_SPAN(2);
	cs_pg_ctx(&ctx);
	if (!cs_open_with_payload(&ctx, CS_PG_GETARG_SPAN(0), payload, true, &document))
		cs_pg_report(&ctx.error, "CoRIM");
	if (ordinal < 0 || (size_t) ordinal >= document.corim.tag_count)
		PG_RETURN_NULL();
	return cs_pg_make(cs_item_span(&document.corim.tags[ordinal].content));
}

/* Columns of coserv.coswid_files. */
enum
{
	F_POSITION,
	F_SOFTWARE_NAME,
	F_SOFTWARE_VERSION,
	F_SOURCE,
	F_PATH,
	F_NAME,
	F_SIZE,
	F_VERSION,
	F_DIGEST_ALG,
	F_DIGEST,
	F_KEY
};

/* Nobody has longer paths, and a file in each of a million places must not repeat one of a megabyte: beyond it, path is NULL. */
#define MAX_PATH 4096

typedef struct file_rows
{
	cs_value_rows rows;
	cs_item tag;
	const char *source;
	int position;
	StringInfoData path; /* of the item at hand, from start on */
	int start;
} file_rows;

/* What to go back to. */
typedef struct place
{
	int start;
	int len;
} place;

/* Append a component, with one slash before it where there is something already. */
static void
append(file_rows *f, cs_span component)
{
	if (component.len == 0)
		return;
	if (f->path.len > f->start)
	{
		if (f->path.data[f->path.len - 1] != '/')
			appendStringInfoChar(&f->path, '/');
		for (; component.len > 0 && component.data[0] == '/'; component.len--)
			component.data++;
	}
	appendBinaryStringInfo(&f->path, (const char *) component.data, (int) component.len);
}

static cs_span
member_text(const cs_item *map, int64 label)
{
	cs_item value;

	if (!cs_map_get(map, label, &value) || !cs_is(&value, CS_TSTR))
		return (cs_span) { (const uint8_t *) "", 0 };
	return cs_pg_span(cs_pg_item_text(&value));
}

/*
 * Go to a filesystem-item: fs-name in location in root, relative to its parent. A root begins anew, and so does a location that is
 * absolute.
 */
static place
enter(file_rows *f, const cs_item *item)
{
	place from = { f->start, f->path.len };
	cs_span root = member_text(item, CS_SWID_ROOT);
	cs_span location = member_text(item, CS_SWID_LOCATION);

	if (root.len > 0 || (location.len > 0 && location.data[0] == '/'))
		f->start = f->path.len;
	append(f, root);
	append(f, location);
	append(f, member_text(item, CS_SWID_FS_NAME));
	return from;
}

static void
leave(file_rows *f, place to)
{
	f->start = to.start;
	f->path.len = to.len;
	f->path.data[to.len] = '\0';
}

static void
put_file(file_rows *f, const cs_item *file)
{
	cs_value_rows *rows = &f->rows;
	place parent;
	cs_item value, part;

	if (!cs_is(file, CS_MAP))
		return;
	cs_row_begin(rows);
	cs_row_set(rows, F_POSITION, Int32GetDatum(f->position++));
	if (cs_map_get(&f->tag, CS_SWID_SOFTWARE_NAME, &value))
		cs_row_text(rows, F_SOFTWARE_NAME, &value);
	if (cs_map_get(&f->tag, CS_SWID_SOFTWARE_VERSION, &value))
		cs_row_text(rows, F_SOFTWARE_VERSION, &value);
	cs_row_set(rows, F_SOURCE, CStringGetTextDatum(f->source));
	parent = enter(f, file);
	if (f->path.len - f->start <= MAX_PATH)
		cs_row_set(rows, F_PATH, CStringGetTextDatum(f->path.data + f->start));
	leave(f, parent);
	if (cs_map_get(file, CS_SWID_FS_NAME, &value))
		cs_row_text(rows, F_NAME, &value);
	if (cs_map_get(file, CS_SWID_SIZE, &value))
		cs_row_uint(rows, F_SIZE, &value);
	if (cs_map_get(file, CS_SWID_FILE_VERSION, &value))
		cs_row_text(rows, F_VERSION, &value);
	if (cs_map_get(file, CS_SWID_HASH, &value) && cs_is(&value, CS_ARRAY))
	{
		if (cs_array_get(&value, 0, &part))
			cs_row_digest_alg(rows, F_DIGEST_ALG, &part);
		if (cs_array_get(&value, 1, &part))
			cs_row_bytes(rows, F_DIGEST, &part);
	}
	if (cs_map_get(file, CS_SWID_KEY, &value))
		cs_row_bool(rows, F_KEY, &value);
	cs_row_end(rows);
}

/* one-or-more<T>: T, or a list of them */
static cs_iter
one_or_more(const cs_item *value)
{
	if (cs_is(value, CS_ARRAY))
		return cs_iterate(value);
	return (cs_iter) { .next = value->p, .limit = value->limit, .left = 1 };
}

static void put_path_elements(file_rows *f, const cs_item *map);

static void
put_directory(file_rows *f, const cs_item *directory)
{
	MemoryContext scratch, old;
	cs_item elements;
	place parent;

	if (!cs_is(directory, CS_MAP) || !cs_map_get(directory, CS_SWID_PATH_ELEMENTS, &elements))
		return;
	scratch = cs_pg_scratch_begin(&old);
	parent = enter(f, directory);
	cs_pg_scratch_end(scratch, old);
	put_path_elements(f, &elements);
	leave(f, parent);
}

/* The group path-elements: files here, then those of the directories. */
static void
put_path_elements(file_rows *f, const cs_item *map)
{
	cs_item list, item;
	cs_iter it;

	check_stack_depth();
	if (cs_map_get(map, CS_SWID_FILE, &list))
		for (it = one_or_more(&list); cs_next(&it, &item);)
			put_file(f, &item);
	if (cs_map_get(map, CS_SWID_DIRECTORY, &list))
		for (it = one_or_more(&list); cs_next(&it, &item);)
			put_directory(f, &item);
}

/* coswid_files(tag cbor) -> setof (sql/65_values.sql) */
Datum
coserv_coswid_files(PG_FUNCTION_ARGS)
{
	cs_item resources;
	file_rows f;

	cs_rows_begin(fcinfo, &f.rows);
	initStringInfo(&f.path);
	f.tag = cs_pg_item(PG_GETARG_DATUM(0));
	f.position = 0;
	f.start = 0;
	f.source = "payload";
	if (cs_map_get(&f.tag, CS_SWID_PAYLOAD, &resources))
		put_path_elements(&f, &resources);
	f.source = "evidence";
	if (cs_map_get(&f.tag, CS_SWID_EVIDENCE, &resources))
	{
		append(&f, member_text(&resources, CS_SWID_LOCATION));
		put_path_elements(&f, &resources);
	}
	PG_RETURN_NULL();
}
