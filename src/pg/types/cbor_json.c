/*
 * cbor_json.c - cbor to jsonb and back, by the advice of RFC 8949 section 6.
 *
 * To JSON: byte strings become base64url text (base64 and hex where tags 22 and 23 ask for it), bignums base64url text, negative
 * ones with a tilde before it; other tags are left out; undefined, simple values, NaN and infinities become null; keys that are
 * no text become the text that they would be as values. To CBOR: whole numbers become integers or bignums, others floats.
 */
#include "type_io.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "cbor/bignum.h"
#include "cbor/json.h"
#include "cbor/text.h"
#include "jsonb_make.h"

PG_FUNCTION_INFO_V1(cs_cbor_to_jsonb);
PG_FUNCTION_INFO_V1(cs_cbor_from_jsonb);

/* --- to JSON --- */

static void put_json(cs_buf *out, const cs_item *item, uint64_t bytes_as);

/* A byte string as text: by the tag around it, base64url otherwise. */
static void
put_bytes(cs_buf *out, cs_span bytes, uint64_t as)
{
	size_t i;

	cs_put_str(out, as == CS_TAG_NEGATIVE_BIGNUM ? "\"~" : "\"");
	if (as == CS_TAG_BASE16)
		for (i = 0; i < bytes.len; i++)
			cs_put_fmt(out, "%02X", bytes.data[i]);
	else
		cs_put_base64(out, bytes, as != CS_TAG_BASE64, 0);
	cs_put_byte(out, '"');
}

static void
put_string(cs_buf *out, const cs_item *item, uint64_t bytes_as)
{
	cs_span s;

	if (!cs_string(out->ctx, item, &s))
		cs_pg_report(&out->ctx->error, NULL);
	if (cs_is(item, CS_TSTR))
		cs_put_json_string(out, s);
	else
		put_bytes(out, s, bytes_as);
}

static void
put_simple(cs_buf *out, const cs_item *item)
{
	bool yes;
	double number;

	if (cs_is_bool(item, &yes))
		cs_put_str(out, yes ? "true" : "false");
	else if (cs_is_float(item, &number) && isfinite(number))
		cs_put_fmt(out, "%.17g", number);
	else
		cs_put_str(out, "null");
}

/* A key that is no text: the JSON of its value, in quotes. */
static void
put_key(cs_buf *out, const cs_item *key)
{
	cs_item inside = cs_is(key, CS_TAG) ? cs_tag_content(key) : *key;
	cs_buf text;

	if (cs_is(&inside, CS_TSTR) || cs_is(&inside, CS_BSTR))
	{
		put_json(out, key, 0);
		return;
	}
	cs_buf_init(&text, out->ctx);
	put_json(&text, key, 0);
	if (!cs_buf_ok(&text))
		cs_pg_report(&out->ctx->error, NULL);
	cs_put_json_string(out, cs_buf_span(&text));
}

static void
put_container(cs_buf *out, const cs_item *item, uint64_t bytes_as)
{
	bool map = cs_is(item, CS_MAP);
	cs_iter it = cs_iterate(item);
	cs_item key;
	cs_item value;
	bool first = true;

	cs_put_byte(out, map ? '{' : '[');
	while (map ? cs_next_pair(&it, &key, &value) : cs_next(&it, &value))
	{
		if (!first)
			cs_put_byte(out, ',');
		first = false;
		if (map)
		{
			put_key(out, &key);
			cs_put_byte(out, ':');
		}
		put_json(out, &value, bytes_as);
	}
	cs_put_byte(out, map ? '}' : ']');
}

/* bytes_as: the tag that says how byte strings inside are to be written, 0 for none. */
static void
put_json(cs_buf *out, const cs_item *item, uint64_t bytes_as)
{
	cs_item inside;

	CHECK_FOR_INTERRUPTS();
	check_stack_depth();
	switch ((cs_major) item->major)
	{
		case CS_UINT:
		case CS_NINT:
			cs_put_decimal(out, item);
			break;
		case CS_BSTR:
		case CS_TSTR:
			put_string(out, item, bytes_as);
			break;
		case CS_ARRAY:
		case CS_MAP:
			put_container(out, item, bytes_as);
			break;
		case CS_TAG:
			inside = cs_tag_content(item);
			if ((item->arg == CS_TAG_BIGNUM || item->arg == CS_TAG_NEGATIVE_BIGNUM ||
					(item->arg >= CS_TAG_BASE64URL && item->arg <= CS_TAG_BASE16)))
				bytes_as = item->arg;
			put_json(out, &inside, bytes_as);
			break;
		case CS_SIMPLE:
			put_simple(out, item);
			break;
	}
}

Datum
cs_cbor_to_jsonb(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));
	cs_ctx ctx;
	cs_buf buf;

	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&buf, &ctx);
	put_json(&buf, &item, 0);
	if (!cs_buf_ok(&buf))
		cs_pg_report(&ctx.error, "cbor");
	return cs_pg_make_jsonb(cs_buf_span(&buf));
}

/* --- from JSON --- */

/* Digits before the point; false where others than 0 stand behind it: 1.0 is a whole number too. */
static bool
is_whole(const char *digits, size_t *count)
{
	*count = strspn(digits, "0123456789");
	return digits[*count] == '\0' || (digits[*count] == '.' && digits[*count + 1 + strspn(digits + *count + 1, "0")] == '\0');
}

static void
put_whole(cs_buf *out, const char *digits, size_t count, bool negative)
{
	unsigned long long magnitude;
	bool fits;

	errno = 0;
	magnitude = strtoull(digits, NULL, 10);
	fits = errno == 0;
	if (!fits && !cs_put_bignum(out, digits, count, 10, negative))
		cs_pg_report(&out->ctx->error, "cbor");
	if (fits && negative && magnitude > 0)
		cs_put_nint(out, magnitude - 1);
	else if (fits)
		cs_put_uint(out, magnitude);
}

static void
put_number(cs_buf *out, Numeric number)
{
	char *digits = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(number)));
	bool negative = digits[0] == '-';
	size_t count;

	if (is_whole(digits + negative, &count))
		put_whole(out, digits + negative, count, negative);
	else
		cs_put_float(out, DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, NumericGetDatum(number))));
	pfree(digits); /* as long as 147,455 characters */
}

static void
put_scalar(cs_buf *out, const JsonbValue *v)
{
	cs_span utf8;

	switch (v->type)
	{
		case jbvNull:
			cs_put_null(out);
			break;
		case jbvBool:
			cs_put_bool(out, v->val.boolean);
			break;
		case jbvNumeric:
			put_number(out, v->val.numeric);
			break;
		case jbvString:
			/* not NUL-terminated: a copy is, for the conversion */
			utf8 = cs_pg_utf8(pnstrdup(v->val.string.val, v->val.string.len), v->val.string.len);
			cs_put_text(out, (const char *) utf8.data, utf8.len);
			break;
		default:
			elog(ERROR, "unexpected type %d of a jsonb scalar", (int) v->type);
	}
}

Datum
cs_cbor_from_jsonb(PG_FUNCTION_ARGS)
{
	Jsonb *json = PG_GETARG_JSONB_P(0);
	JsonbIterator *it = JsonbIteratorInit(&json->root);
	JsonbIteratorToken token;
	JsonbValue v;
	cs_ctx ctx;
	cs_buf buf;

	cs_pg_ctx(&ctx);
	cs_buf_init(&buf, &ctx);
	while ((token = JsonbIteratorNext(&it, &v, false)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token == WJB_BEGIN_OBJECT)
			cs_put_map(&buf, v.val.object.nPairs);
		else if (token == WJB_BEGIN_ARRAY && !v.val.array.rawScalar)
			cs_put_array(&buf, v.val.array.nElems);
		else if (token == WJB_KEY || token == WJB_VALUE || token == WJB_ELEM)
			put_scalar(&buf, &v);
	}
	if (!cs_buf_ok(&buf))
		cs_pg_report(&ctx.error, "cbor");
	return cs_pg_type_make(&cs_pg_cbor, cs_buf_span(&buf));
}
