/*
 * jsonb_text.c - the text of a jsonb, bounded and to be cancelled (jsonb_text.h).
 */
#include "jsonb_text.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "cbor/json.h"

static void
put_string(cs_buf *out, const JsonbValue *v)
{
	/* not NUL-terminated: a copy is, for the conversion */
	char *copy = pnstrdup(v->val.string.val, v->val.string.len);

	cs_put_json_string(out, cs_pg_utf8(copy, v->val.string.len));
	pfree(copy);
}

static void
put_scalar(cs_buf *out, const JsonbValue *v)
{
	char *digits;

	switch (v->type)
	{
		case jbvNull:
			cs_put_str(out, "null");
			break;
		case jbvBool:
			cs_put_str(out, v->val.boolean ? "true" : "false");
			break;
		case jbvNumeric:
			digits = DatumGetCString(DirectFunctionCall1(numeric_out, NumericGetDatum(v->val.numeric)));
			cs_put_str(out, digits);
			pfree(digits);
			break;
		case jbvString:
			put_string(out, v);
			break;
		default:
			elog(ERROR, "unexpected type %d of a jsonb scalar", (int) v->type);
	}
}

static void
put_token(cs_buf *out, JsonbIteratorToken token, const JsonbValue *v)
{
	switch (token)
	{
		case WJB_BEGIN_ARRAY:
			cs_put_byte(out, '[');
			break;
		case WJB_BEGIN_OBJECT:
			cs_put_byte(out, '{');
			break;
		case WJB_END_ARRAY:
			cs_put_byte(out, ']');
			break;
		case WJB_END_OBJECT:
			cs_put_byte(out, '}');
			break;
		case WJB_KEY:
			put_string(out, v);
			cs_put_byte(out, ':');
			break;
		default:
			put_scalar(out, v);
			break;
	}
}

void
cs_pg_put_jsonb(cs_buf *out, Jsonb *json)
{
	bool lone = JB_ROOT_IS_SCALAR(json);
	JsonbIterator *it = JsonbIteratorInit(&json->root);
	JsonbIteratorToken token;
	JsonbValue v;
	bool first = true; /* behind an opening bracket, or behind a key */

	while ((token = JsonbIteratorNext(&it, &v, false)) != WJB_DONE && cs_buf_ok(out))
	{
		bool ends = token == WJB_END_ARRAY || token == WJB_END_OBJECT;

		CHECK_FOR_INTERRUPTS();
		if (lone && (token == WJB_BEGIN_ARRAY || token == WJB_END_ARRAY))
			continue;
		if (!first && !ends)
			cs_put_byte(out, ',');
		put_token(out, token, &v);
		first = token == WJB_BEGIN_ARRAY || token == WJB_BEGIN_OBJECT || token == WJB_KEY;
	}
}
