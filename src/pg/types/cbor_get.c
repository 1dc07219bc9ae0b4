/*
 * cbor_get.c - the operators that reach into a cbor value: -> and ->> by integer or text, #> and #>> by a path, which is an array
 * of keys of any kind. Tags of containers are looked through; byte strings with CBOR in them are not (cbor_embedded does).
 */
#include "cbor_get.h"

#include "utils/builtins.h"

#include "cbor/deterministic.h"
#include "type_io.h"

PG_FUNCTION_INFO_V1(cs_cbor_get_int);
PG_FUNCTION_INFO_V1(cs_cbor_get_text);
PG_FUNCTION_INFO_V1(cs_cbor_get_path);
PG_FUNCTION_INFO_V1(cs_cbor_get_int_as_text);
PG_FUNCTION_INFO_V1(cs_cbor_get_text_as_text);
PG_FUNCTION_INFO_V1(cs_cbor_get_path_as_text);

cs_item
cs_pg_untag(cs_item item)
{
	while (cs_is(&item, CS_TAG))
		item = cs_tag_content(&item);
	return item;
}

static bool
element_at(const cs_item *array, int64_t index, cs_item *value)
{
	if (index < 0)
	{
		uint64_t count = cs_count(array);

		if (index < -(int64_t) count)
			return false;
		index += (int64_t) count;
	}
	return cs_array_get(array, (uint64_t) index, value);
}

/* Deterministic encoding of a key in memory of ctx; a key with duplicates in it is only found as it stands. */
static cs_span
canonical_key(cs_ctx *ctx, const cs_item *key)
{
	cs_buf buf;

	cs_buf_init(&buf, ctx);
	if (cs_deterministic(ctx, key, &buf) && cs_buf_ok(&buf))
		return cs_buf_span(&buf);
	if (ctx->error.code != CS_INVALID)
		cs_pg_report(&ctx->error, "cbor");
	return cs_item_span(key);
}

static bool
value_under(const cs_item *map, const cs_item *key, cs_item *value)
{
	MemoryContext old;
	MemoryContext scratch = cs_pg_scratch_begin(&old);
	cs_ctx ctx;
	cs_span wanted;
	cs_item k;
	cs_iter it = cs_iterate(map);
	bool found = false;

	cs_pg_ctx_stored(&ctx);
	wanted = canonical_key(&ctx, key);
	while (!found && cs_next_pair(&it, &k, value))
	{
		cs_span as_it_came = cs_item_span(&k);

		/* Most keys are deterministic already: encode again only what may be the same in a longer encoding. */
		found = cs_span_eq(as_it_came, wanted) ||
			(k.major == key->major && as_it_came.len > wanted.len && cs_span_eq(canonical_key(&ctx, &k), wanted));
	}
	cs_pg_scratch_end(scratch, old);
	return found;
}

bool
cs_pg_cbor_get(const cs_item *container, const cs_item *key, cs_item *value)
{
	cs_item inside = cs_pg_untag(*container);
	int64_t number;

	if (cs_is(&inside, CS_ARRAY))
		return cs_int64(key, &number) && element_at(&inside, number, value);
	if (!cs_is(&inside, CS_MAP))
		return false;
	if (cs_int64(key, &number) && cs_map_get(&inside, number, value))
		return true;
	return value_under(&inside, key, value);
}

/* --- keys, each as an item --- */

static cs_item
encode_key(cs_buf *buf)
{
	if (!cs_buf_ok(buf))
		cs_pg_report(&buf->ctx->error, NULL);
	return cs_item_at(buf->data, buf->len);
}

static cs_item
int_key(cs_ctx *ctx, Datum d)
{
	cs_buf buf;

	cs_buf_init(&buf, ctx);
	cs_put_int(&buf, DatumGetInt64(d));
	return encode_key(&buf);
}

static cs_item
text_key(cs_ctx *ctx, Datum d)
{
	cs_span utf8 = cs_pg_utf8_text(d);
	cs_buf buf;

	cs_buf_init(&buf, ctx);
	cs_put_text(&buf, (const char *) utf8.data, utf8.len);
	return encode_key(&buf);
}

typedef enum key_type
{
	KEY_INT,
	KEY_TEXT,
	KEY_PATH
} key_type;

static bool
get_path(cs_item item, const cs_item *path, cs_item *value)
{
	cs_iter it;
	cs_item key;

	if (!cs_is(path, CS_ARRAY))
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("a path is an array of keys"),
				errhint("Write it as cbor, such as '[1, 0, \"name\"]'.")));
	it = cs_iterate(path);
	while (cs_next(&it, &key))
		if (!cs_pg_cbor_get(&item, &key, &item))
			return false;
	*value = item;
	return true;
}

static bool
get(FunctionCallInfo fcinfo, key_type type, cs_item *value)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));
	Datum d = PG_GETARG_DATUM(1);
	cs_ctx ctx;
	cs_item key;

	cs_pg_ctx_stored(&ctx);
	key = type == KEY_INT ? int_key(&ctx, d) : type == KEY_TEXT ? text_key(&ctx, d) : cs_pg_item(d);
	if (type == KEY_PATH)
		return get_path(item, &key, value);
	return cs_pg_cbor_get(&item, &key, value);
}

static Datum
get_cbor(FunctionCallInfo fcinfo, key_type type)
{
	cs_item value;

	if (!get(fcinfo, type, &value))
		PG_RETURN_NULL();
	return cs_pg_make(cs_item_span(&value));
}

/* Text is given as such, null and undefined are NULL, anything else is EDN. */
static Datum
get_text(FunctionCallInfo fcinfo, key_type type)
{
	cs_item value;
	cs_ctx ctx;
	cs_span text;

	if (!get(fcinfo, type, &value))
		PG_RETURN_NULL();
	if (cs_is_null(&value) || (cs_is(&value, CS_SIMPLE) && value.info == 23))
		PG_RETURN_NULL();
	if (!cs_is(&value, CS_TSTR))
		return cs_pg_edn_text(&value, false, NULL);
	cs_pg_ctx_stored(&ctx);
	if (!cs_string(&ctx, &value, &text))
		cs_pg_report(&ctx.error, NULL);
	return cs_pg_make_text(text);
}

Datum
cs_cbor_get_int(PG_FUNCTION_ARGS)
{
	return get_cbor(fcinfo, KEY_INT);
}

Datum
cs_cbor_get_text(PG_FUNCTION_ARGS)
{
	return get_cbor(fcinfo, KEY_TEXT);
}

Datum
cs_cbor_get_path(PG_FUNCTION_ARGS)
{
	return get_cbor(fcinfo, KEY_PATH);
}

Datum
cs_cbor_get_int_as_text(PG_FUNCTION_ARGS)
{
	return get_text(fcinfo, KEY_INT);
}

Datum
cs_cbor_get_text_as_text(PG_FUNCTION_ARGS)
{
	return get_text(fcinfo, KEY_TEXT);
}

Datum
cs_cbor_get_path_as_text(PG_FUNCTION_ARGS)
{
	return get_text(fcinfo, KEY_PATH);
}
