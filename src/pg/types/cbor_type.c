/*
 * cbor_type.c - the type cbor: any well-formed item, kept byte for byte; what it is, its parts, its printed forms.
 */
#include "type_io.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "cbor/deterministic.h"
#include "cbor_get.h"
#include "pg/base/rows.h"

const cs_pg_type cs_pg_cbor = { .name = "cbor" };

PG_FUNCTION_INFO_V1(cs_cbor_in);
PG_FUNCTION_INFO_V1(cs_cbor_recv);
PG_FUNCTION_INFO_V1(cs_cbor_from);
PG_FUNCTION_INFO_V1(cs_cbor_diag);
PG_FUNCTION_INFO_V1(cs_cbor_pretty);
PG_FUNCTION_INFO_V1(cs_cbor_describe);
PG_FUNCTION_INFO_V1(cs_cbor_describe_as);
PG_FUNCTION_INFO_V1(cs_cbor_typeof);
PG_FUNCTION_INFO_V1(cs_cbor_tag);
PG_FUNCTION_INFO_V1(cs_cbor_embedded);
PG_FUNCTION_INFO_V1(cs_cbor_bytes);
PG_FUNCTION_INFO_V1(cs_cbor_each);
PG_FUNCTION_INFO_V1(cs_cbor_array_elements);
PG_FUNCTION_INFO_V1(cs_cbor_is_deterministic);
PG_FUNCTION_INFO_V1(cs_cbor_deterministic);

Datum
cs_cbor_in(PG_FUNCTION_ARGS)
{
	return cs_pg_type_in(fcinfo, &cs_pg_cbor);
}

Datum
cs_cbor_recv(PG_FUNCTION_ARGS)
{
	return cs_pg_type_recv(fcinfo, &cs_pg_cbor);
}

Datum
cs_cbor_from(PG_FUNCTION_ARGS)
{
	return cs_pg_type_from(fcinfo, &cs_pg_cbor);
}

/* --- printed forms --- */

Datum
cs_cbor_diag(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));

	return cs_pg_edn_text(&item, false, NULL);
}

Datum
cs_cbor_pretty(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));

	return cs_pg_edn_text(&item, true, NULL);
}

/* describe(cbor): the names of the first rule that the item fits, most telling ones first; none where it fits no rule. */
Datum
cs_cbor_describe(PG_FUNCTION_ARGS)
{
	static const cs_rule *const rules[] = { &cs_rule_corim_document, &cs_rule_coserv_any, &cs_rule_concise_mid_tag, &cs_rule_concise_tl_tag,
		&cs_rule_discovery, &cs_rule_crypto_key, &cs_rule_evidence, &cs_rule_environment_map, &cs_rule_measurement_map };
	cs_span bytes = CS_PG_GETARG_SPAN(0);
	cs_item item = cs_item_at(bytes.data, bytes.len);
	const cs_rule *rule = NULL;
	cs_ctx ctx;
	size_t i;

	for (i = 0; i < lengthof(rules) && rule == NULL; i++)
	{
		cs_pg_ctx(&ctx);
		if (cs_validate(&ctx, rules[i], bytes.data, bytes.len, true))
			rule = rules[i];
	}
	return cs_pg_edn_text(&item, true, rule);
}

/* describe(cbor, rule): the names that this CDDL rule gives to the parts. */
const cs_rule *
cs_pg_rule(Datum rule_name)
{
	char *name = TextDatumGetCString(rule_name);
	const cs_rule *rule = cs_rule_by_name(name);

	if (rule == NULL)
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("there is no CDDL rule \"%s\"", cs_pg_shown(rule_name)),
				errhint("Rules have the names of the drafts, such as \"corim-map\" or \"environment-map\".")));
	return rule;
}

Datum
cs_cbor_describe_as(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));

	return cs_pg_edn_text(&item, true, cs_pg_rule(PG_GETARG_DATUM(1)));
}

/* --- what it is --- */

const char *
cs_pg_type_name(const cs_item *item)
{
	switch ((cs_major) item->major)
	{
		case CS_UINT:
		case CS_NINT:
			return "integer";
		case CS_BSTR:
			return "bytes";
		case CS_TSTR:
			return "text";
		case CS_ARRAY:
			return "array";
		case CS_MAP:
			return "map";
		case CS_TAG:
			return "tag";
		case CS_SIMPLE:
			break;
	}
	if (item->info >= 25 && item->info <= 27)
		return "float";
	switch (item->arg)
	{
		case 20:
		case 21:
			return "boolean";
		case 22:
			return "null";
		case 23:
			return "undefined";
		default:
			return "simple";
	}
}

Datum
cs_cbor_typeof(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));

	PG_RETURN_TEXT_P(cstring_to_text(cs_pg_type_name(&item)));
}

/* The number of the outermost tag; NULL when there is none. numeric, because a tag number has 64 bits. */
Datum
cs_cbor_tag(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));
	char digits[32];

	if (!cs_is(&item, CS_TAG))
		PG_RETURN_NULL();
	snprintf(digits, sizeof(digits), "%llu", (unsigned long long) item.arg);
	return DirectFunctionCall3(numeric_in, CStringGetDatum(digits), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

/* The CBOR inside a byte string, looking through tags; NULL when it is no byte string. */
Datum
cs_cbor_embedded(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));
	cs_ctx ctx;
	cs_span content;

	item = cs_pg_untag(item);
	if (!cs_is(&item, CS_BSTR))
		PG_RETURN_NULL();
	cs_pg_ctx(&ctx);
	if (!cs_string(&ctx, &item, &content))
		cs_pg_report(&ctx.error, "cbor");
	return cs_pg_type_make(&cs_pg_cbor, content);
}

/* What is inside a byte string, looking through tags; NULL when it is no byte string. */
Datum
cs_cbor_bytes(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_untag(cs_pg_item(PG_GETARG_DATUM(0)));
	cs_span content;
	cs_ctx ctx;

	if (!cs_is(&item, CS_BSTR))
		PG_RETURN_NULL();
	cs_pg_ctx_stored(&ctx);
	cs_pg_require(cs_string(&ctx, &item, &content), &ctx, "cbor");
	return cs_pg_make(content);
}

Datum
cs_cbor_is_deterministic(PG_FUNCTION_ARGS)
{
	cs_span s = CS_PG_GETARG_SPAN(0);
	cs_ctx ctx;
	bool yes;

	cs_pg_ctx_stored(&ctx);
	yes = cs_require_deterministic(&ctx, s.data, s.len);
	if (!yes && ctx.error.code != CS_INVALID)
		cs_pg_report(&ctx.error, "cbor");
	PG_RETURN_BOOL(yes);
}

Datum
cs_cbor_deterministic(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));
	cs_ctx ctx;
	cs_buf buf;

	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&buf, &ctx);
	if (!cs_deterministic(&ctx, &item, &buf))
		cs_pg_report(&ctx.error, "cbor");
	return cs_pg_make_bytea(&buf);
}

/* --- its parts, as rows --- */

/* What the columns take goes with the row: a map may have a million pairs. */
static void
put_row(cs_rows *rows, const cs_item *columns, int count)
{
	MemoryContext old = MemoryContextSwitchTo(cs_rows_memory(rows));
	Datum values[2];
	bool nulls[2] = { false, false };

	for (int i = 0; i < count; i++)
		values[i] = cs_pg_make(cs_item_span(&columns[i]));
	MemoryContextSwitchTo(old);
	cs_rows_put(rows, values, nulls);
}

static void
expect(const cs_item *item, cs_major major, const char *wanted)
{
	if (!cs_is(item, major))
		ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("cannot take apart cbor of type %s as %s", cs_pg_type_name(item), wanted)));
}

Datum
cs_cbor_each(PG_FUNCTION_ARGS)
{
	cs_item map = cs_pg_untag(cs_pg_item(PG_GETARG_DATUM(0)));
	cs_item pair[2];
	cs_rows *rows;
	cs_iter it;

	expect(&map, CS_MAP, "a map");
	rows = cs_rows_result(fcinfo);
	it = cs_iterate(&map);
	while (cs_next_pair(&it, &pair[0], &pair[1]))
		put_row(rows, pair, 2);
	return (Datum) 0;
}

Datum
cs_cbor_array_elements(PG_FUNCTION_ARGS)
{
	cs_item array = cs_pg_untag(cs_pg_item(PG_GETARG_DATUM(0)));
	cs_item element;
	cs_rows *rows;
	cs_iter it;

	expect(&array, CS_ARRAY, "an array");
	rows = cs_rows_result_values(fcinfo);
	it = cs_iterate(&array);
	while (cs_next(&it, &element))
		put_row(rows, &element, 1);
	return (Datum) 0;
}
