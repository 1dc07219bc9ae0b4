/*
 * jsonb_make.c - JSON of the core -> a tree of JsonbValues -> jsonb (jsonb_make.h). Only the last step, which copies the tree once, is
 * PostgreSQL's.
 */
#include "jsonb_make.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "cbor/sort.h"
#include "cbor/text.h"

typedef struct reader
{
	cs_ctx ctx;
	const uint8_t *p;
	const uint8_t *end;
	uint64_t ticks;
} reader;

static void read_value(reader *r, JsonbValue *out);

static uint8_t
next(reader *r)
{
	if (r->p >= r->end)
		elog(ERROR, "JSON ends early");
	return *r->p++;
}

/* The next character that is no blank; it is not taken. */
static uint8_t
peek(reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\n'))
		r->p++;
	return r->p < r->end ? *r->p : 0;
}

static bool
take(reader *r, uint8_t c)
{
	if (peek(r) != c)
		return false;
	r->p++;
	return true;
}

static void
expect(reader *r, uint8_t c)
{
	if (!take(r, c))
		elog(ERROR, "JSON has no \"%c\" where it should", c);
}

/* --- strings --- */

/* Behind a backslash: a quote, a backslash, or a control character as \u00xx. */
static char
unescape(reader *r)
{
	uint8_t c = next(r);
	uint32 value = 0;

	if (c != 'u')
		return (char) c;
	for (int i = 0; i < 4; i++)
		value = value << 4 | (uint32) cs_hex_digit(next(r));
	if (value == 0)
		ereport(ERROR,
			(errcode(ERRCODE_UNTRANSLATABLE_CHARACTER), errmsg("unsupported Unicode escape sequence"),
				errdetail("\\u0000 cannot be converted to text.")));
	if (value >= 0x20)
		elog(ERROR, "JSON has an unexpected escape");
	return (char) value;
}

/* To the closing quote, which is taken; the bytes stay in the text where no escape is among them. */
static cs_span
string_bytes(reader *r)
{
	const uint8_t *first = r->p;
	bool escapes = false;
	cs_span raw;
	char *copy;
	size_t used = 0;
	uint8_t c;

	while ((c = next(r)) != '"')
		if (c == '\\')
		{
			escapes = true;
			next(r);
		}
	raw = (cs_span) { first, r->p - 1 - first };
	cs_work(&r->ctx, raw.len);
	if (!escapes)
		return raw;
	copy = palloc(raw.len);
	for (r->p = first; (c = next(r)) != '"'; used++)
	{
		cs_work(&r->ctx, 1);
		copy[used] = c == '\\' ? unescape(r) : (char) c;
	}
	return (cs_span) { (const uint8_t *) copy, used };
}

static void
read_string(reader *r, JsonbValue *out)
{
	cs_span s = string_bytes(r);

	out->type = jbvString;
	if (GetDatabaseEncoding() == PG_UTF8)
	{
		out->val.string.val = (char *) s.data;
		out->val.string.len = (int) s.len;
	}
	else
	{
		out->val.string.val = cs_pg_cstring(s);
		out->val.string.len = (int) strlen(out->val.string.val);
	}
	if (out->val.string.len > JENTRY_OFFLENMASK)
		ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED), errmsg("string too long to represent as jsonb string"),
				errdetail("Due to an implementation restriction, jsonb strings cannot exceed %d bytes.", JENTRY_OFFLENMASK)));
}

/* --- scalars --- */

static void
read_number(reader *r, JsonbValue *out)
{
	const uint8_t *first = r->p;
	char *digits;

	while (r->p < r->end && strchr("+-.eE0123456789", *r->p) != NULL && *r->p != 0)
		r->p++;
	digits = pnstrdup((const char *) first, r->p - first);
	cs_work(&r->ctx, r->p - first);
	out->type = jbvNumeric;
	out->val.numeric =
		DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(digits), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
	pfree(digits);
}

static void
read_word(reader *r, JsonbValue *out)
{
	uint8_t first = *r->p;

	while (r->p < r->end && *r->p >= 'a' && *r->p <= 'z')
		r->p++;
	out->type = first == 'n' ? jbvNull : jbvBool;
	out->val.boolean = first == 't';
}

/* --- arrays and objects --- */

static void
read_array(reader *r, JsonbValue *out)
{
	JsonbValue *elems = palloc(8 * sizeof(JsonbValue));
	size_t room = 8;
	size_t count = 0;

	expect(r, '[');
	while (!take(r, ']'))
	{
		if (count > 0)
			expect(r, ',');
		if (count == room)
			elems = repalloc(elems, (room *= 2) * sizeof(JsonbValue));
		read_value(r, &elems[count++]);
	}
	out->type = jbvArray;
	out->val.array.rawScalar = false;
	out->val.array.nElems = (int) count;
	out->val.array.elems = elems;
}

/* As jsonb has its keys: shorter ones first. */
static int
compare_pairs(const void *a, const void *b)
{
	const JsonbValue *x = &((const JsonbPair *) a)->key, *y = &((const JsonbPair *) b)->key;

	if (x->val.string.len != y->val.string.len)
		return x->val.string.len > y->val.string.len ? 1 : -1;
	return memcmp(x->val.string.val, y->val.string.val, x->val.string.len);
}

/* The last of equal keys stays; sorting left them as they stood. */
static size_t
drop_duplicates(JsonbPair *pairs, size_t count)
{
	size_t left = 0;

	for (size_t i = 0; i < count; i++)
		if (i + 1 == count || compare_pairs(&pairs[i], &pairs[i + 1]) != 0)
			pairs[left++] = pairs[i];
	return left;
}

static void
read_object(reader *r, JsonbValue *out)
{
	JsonbPair *pairs = palloc(4 * sizeof(JsonbPair));
	size_t room = 4;
	size_t count = 0;

	expect(r, '{');
	while (!take(r, '}'))
	{
		if (count > 0)
			expect(r, ',');
		if (count == room)
			pairs = repalloc(pairs, (room *= 2) * sizeof(JsonbPair));
		expect(r, '"');
		read_string(r, &pairs[count].key);
		expect(r, ':');
		read_value(r, &pairs[count].value);
		pairs[count].order = (uint32) count;
		count++;
	}
	cs_pg_require(cs_sort(&r->ctx, pairs, count, sizeof(JsonbPair), compare_pairs), &r->ctx, "jsonb");
	out->type = jbvObject;
	out->val.object.nPairs = (int) drop_duplicates(pairs, count);
	out->val.object.pairs = pairs;
}

static void
read_value(reader *r, JsonbValue *out)
{
	check_stack_depth();
	cs_tick(&r->ctx, &r->ticks);
	switch (peek(r))
	{
		case '[':
			read_array(r, out);
			break;
		case '{':
			read_object(r, out);
			break;
		case '"':
			r->p++;
			read_string(r, out);
			break;
		case 't':
		case 'f':
		case 'n':
			read_word(r, out);
			break;
		default:
			read_number(r, out);
			break;
	}
}

Datum
cs_pg_make_jsonb(cs_span json)
{
	MemoryContext old;
	MemoryContext scratch = cs_pg_scratch_begin(&old);
	reader r = { .p = json.data, .end = json.data + json.len };
	JsonbValue tree;
	Jsonb *result;

	cs_pg_ctx_stored(&r.ctx);
	read_value(&r, &tree);
	MemoryContextSwitchTo(old);
	result = JsonbValueToJsonb(&tree);
	cs_pg_scratch_end(scratch, old);
	CHECK_FOR_INTERRUPTS();
	return PointerGetDatum(result);
}
