/*
 * model_json.c - documents and their parts as jsonb or json, and back, with the names of the standards and of the document's profile
 * (json/json.h, doc/json.md). The core writes and reads the text.
 */
#include "type_io.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "json/json.h"
#include "jsonb_make.h"
#include "jsonb_text.h"
#include "pg/base/settings.h"

PG_FUNCTION_INFO_V1(cs_corim_to_jsonb);
PG_FUNCTION_INFO_V1(cs_corim_to_json);
PG_FUNCTION_INFO_V1(cs_corim_from_jsonb);
PG_FUNCTION_INFO_V1(cs_coserv_to_jsonb);
PG_FUNCTION_INFO_V1(cs_coserv_to_json);
PG_FUNCTION_INFO_V1(cs_coserv_from_jsonb);
PG_FUNCTION_INFO_V1(cs_environment_to_jsonb);
PG_FUNCTION_INFO_V1(cs_environment_to_json);
PG_FUNCTION_INFO_V1(cs_environment_from_jsonb);
PG_FUNCTION_INFO_V1(cs_measurement_to_jsonb);
PG_FUNCTION_INFO_V1(cs_measurement_to_json);
PG_FUNCTION_INFO_V1(cs_measurement_from_jsonb);
PG_FUNCTION_INFO_V1(cs_cbor_to_jsonb_as);
PG_FUNCTION_INFO_V1(cs_cbor_from_jsonb_as);

/* A document's JSON is longer than the document, and has more values: so much longer may what stands for it be. */
#define JSON_FACTOR 4

static Datum
value_to_text(Datum value, const cs_rule *rule, Datum (*make)(cs_span json))
{
	cs_item item = cs_pg_item(value);
	MemoryContext old;
	MemoryContext scratch = cs_pg_scratch_begin(&old);
	cs_ctx ctx;
	cs_buf buf;
	Datum result;

	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&buf, &ctx);
	if (!cs_json_write(&ctx, rule, &item, &buf))
		cs_pg_report(&ctx.error, "JSON");
	MemoryContextSwitchTo(old);
	result = make(cs_buf_span(&buf));
	cs_pg_scratch_end(scratch, old);
	return result;
}

static Datum
value_to_jsonb(FunctionCallInfo fcinfo, const cs_rule *rule)
{
	return value_to_text(PG_GETARG_DATUM(0), rule, cs_pg_make_jsonb);
}

static Datum
value_to_json(FunctionCallInfo fcinfo, const cs_rule *rule)
{
	return value_to_text(PG_GETARG_DATUM(0), rule, cs_pg_make_text);
}

/*
 * What the JSON stands for, in deterministic encoding, and validated: also for types whose input takes what a supplier signed as it is, for
 * JSON is written by somebody who is here to mend it. The offset of an error would be one into bytes that nobody has seen.
 */
static Datum
value_from_jsonb(FunctionCallInfo fcinfo, const cs_pg_type *type, const cs_rule *rule)
{
	Jsonb *jsonb = PG_GETARG_JSONB_P(0);
	MemoryContext old;
	MemoryContext scratch = cs_pg_scratch_begin(&old);
	cs_ctx ctx;
	cs_buf text, buf;
	Datum result;

	cs_pg_ctx(&ctx);
	ctx.limits.max_size = Min(ctx.limits.max_size * JSON_FACTOR, MaxAllocSize);
	ctx.limits.max_items *= JSON_FACTOR;
	cs_buf_init(&text, &ctx);
	cs_buf_init(&buf, &ctx);
	cs_pg_put_jsonb(&text, jsonb);
	if (!cs_buf_ok(&text) || !cs_json_read(&ctx, rule, cs_buf_span(&text), &buf) ||
		!cs_validate(&ctx, rule, buf.data, buf.len, cs_setting_accept_legacy))
	{
		ctx.error.has_offset = false;
		cs_pg_report(&ctx.error, type->name);
	}
	MemoryContextSwitchTo(old);
	result = cs_pg_type_make(type, cs_buf_span(&buf));
	cs_pg_scratch_end(scratch, old);
	return result;
}

/* --- documents --- */

Datum
cs_corim_to_jsonb(PG_FUNCTION_ARGS)
{
	return value_to_jsonb(fcinfo, &cs_rule_corim_document);
}

Datum
cs_corim_to_json(PG_FUNCTION_ARGS)
{
	return value_to_json(fcinfo, &cs_rule_corim_document);
}

Datum
cs_corim_from_jsonb(PG_FUNCTION_ARGS)
{
	return value_from_jsonb(fcinfo, &cs_pg_corim, &cs_rule_corim_document);
}

Datum
cs_coserv_to_jsonb(PG_FUNCTION_ARGS)
{
	return value_to_jsonb(fcinfo, &cs_rule_coserv_any);
}

Datum
cs_coserv_to_json(PG_FUNCTION_ARGS)
{
	return value_to_json(fcinfo, &cs_rule_coserv_any);
}

Datum
cs_coserv_from_jsonb(PG_FUNCTION_ARGS)
{
	return value_from_jsonb(fcinfo, &cs_pg_coserv, &cs_rule_coserv_any);
}

/* --- parts --- */

Datum
cs_environment_to_jsonb(PG_FUNCTION_ARGS)
{
	return value_to_jsonb(fcinfo, &cs_rule_environment_map);
}

Datum
cs_environment_to_json(PG_FUNCTION_ARGS)
{
	return value_to_json(fcinfo, &cs_rule_environment_map);
}

Datum
cs_environment_from_jsonb(PG_FUNCTION_ARGS)
{
	return value_from_jsonb(fcinfo, &cs_pg_environment, &cs_rule_environment_map);
}

Datum
cs_measurement_to_jsonb(PG_FUNCTION_ARGS)
{
	return value_to_jsonb(fcinfo, &cs_rule_measurement_map);
}

Datum
cs_measurement_to_json(PG_FUNCTION_ARGS)
{
	return value_to_json(fcinfo, &cs_rule_measurement_map);
}

Datum
cs_measurement_from_jsonb(PG_FUNCTION_ARGS)
{
	return value_from_jsonb(fcinfo, &cs_pg_measurement, &cs_rule_measurement_map);
}

/* --- any item, by a rule that is named --- */

Datum
cs_cbor_to_jsonb_as(PG_FUNCTION_ARGS)
{
	return value_to_jsonb(fcinfo, cs_pg_rule(PG_GETARG_DATUM(1)));
}

Datum
cs_cbor_from_jsonb_as(PG_FUNCTION_ARGS)
{
	return value_from_jsonb(fcinfo, &cs_pg_cbor, cs_pg_rule(PG_GETARG_DATUM(1)));
}
