/*
 * values.c - rows under construction, and columns from CBOR (values.h).
 */
#include "values.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"

#include "codepoints/digest_alg.h"
#include "pg/types/item_text.h"
#include "match/match.h"

void
cs_rows_begin(FunctionCallInfo fcinfo, cs_value_rows *rows)
{
	rows->rows = cs_rows_result(fcinfo);
}

void
cs_row_begin(cs_value_rows *rows)
{
	memset(rows->values, 0, sizeof(rows->values));
	memset(rows->nulls, true, sizeof(rows->nulls));
	rows->caller_memory = MemoryContextSwitchTo(cs_rows_memory(rows->rows));
}

void
cs_row_end(cs_value_rows *rows)
{
	MemoryContextSwitchTo(rows->caller_memory);
	cs_rows_put(rows->rows, rows->values, rows->nulls);
}

void
cs_row_item(cs_value_rows *rows, int column, const cs_item *item)
{
	cs_row_set(rows, column, cs_pg_make(cs_item_span(item)));
}

/* Content of a string; the chunks of an indefinite one are joined. */
static cs_span
string_content(const cs_item *item)
{
	cs_ctx ctx;
	cs_span content;

	cs_pg_ctx_stored(&ctx);
	if (!cs_string(&ctx, item, &content))
		cs_pg_report(&ctx.error, NULL);
	return content;
}

void
cs_row_bytes(cs_value_rows *rows, int column, const cs_item *item)
{
	if (cs_is(item, CS_BSTR))
		cs_row_set(rows, column, cs_pg_make(string_content(item)));
}

void
cs_row_text(cs_value_rows *rows, int column, const cs_item *item)
{
	if (cs_is(item, CS_TSTR))
		cs_row_set(rows, column, cs_pg_shown_text(string_content(item)));
}

void
cs_row_uint(cs_value_rows *rows, int column, const cs_item *item)
{
	uint64_t value;
	char text[24];

	if (!cs_uint64(item, &value))
		return;
	snprintf(text, sizeof(text), UINT64_FORMAT, (uint64) value);
	cs_row_set(rows, column, DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

void
cs_row_bool(cs_value_rows *rows, int column, const cs_item *item)
{
	bool value;

	if (cs_is_bool(item, &value))
		cs_row_set(rows, column, BoolGetDatum(value));
}

void
cs_row_environment(cs_value_rows *rows, int column, const cs_item *item)
{
	cs_ctx ctx;
	cs_buf buf;

	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&buf, &ctx);
	if (cs_is(item, CS_MAP) && cs_env_canonical(&ctx, item, &buf) && cs_buf_ok(&buf))
		cs_row_set(rows, column, cs_pg_make_bytea(&buf));
}

static bool
key_datum(const cs_item *key, Datum *out)
{
	cs_ctx ctx;
	cs_buf buf;

	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&buf, &ctx);
	if (!cs_part_key(&ctx, key, &buf) || !cs_buf_ok(&buf))
		return false;
	*out = cs_pg_make_bytea(&buf);
	return true;
}

void
cs_row_key(cs_value_rows *rows, int column, const cs_item *item)
{
	rows->nulls[column] = !key_datum(item, &rows->values[column]);
}

void
cs_row_keys(cs_value_rows *rows, int column, const cs_item *list)
{
	bool is_list = cs_is(list, CS_ARRAY);
	Oid type = get_element_type(TupleDescAttr(cs_rows_desc(rows->rows), column)->atttypid);
	Datum *keys = palloc(sizeof(Datum) * (is_list ? cs_count(list) + 1 : 1));
	int count = 0;
	cs_iter it = cs_iterate(list);
	cs_item key;

	if (!is_list)
		count += key_datum(list, &keys[0]);
	else
		while (cs_next(&it, &key))
			count += key_datum(&key, &keys[count]);
	cs_row_set(rows, column, PointerGetDatum(construct_array(keys, count, type, -1, false, TYPALIGN_INT)));
}

void
cs_row_digest_alg(cs_value_rows *rows, int column, const cs_item *alg)
{
	const cs_digest_alg *known = cs_digest_alg_of(alg);

	cs_row_set(rows, column, known != NULL ? CStringGetTextDatum(known->names[0]) : cs_pg_item_text(alg));
}
