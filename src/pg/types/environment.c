/*
 * environment.c - the type environment: an environment-map (draft-ietf-rats-corim section 5.1.4.1) in the one form in which
 * environments are compared (cs_env_canonical), so that equality is equality of bytes; containment, selection by a CoSERV query, and its
 * attributes one by one.
 */
#include "type_io.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/formatting.h"

#include "pg/base/rows.h"
#include "item_text.h"
#include "match/match.h"
#include "query/query.h"

const cs_pg_type cs_pg_environment = { .name = "environment", .canonical = cs_env_canonical, .rule = &cs_rule_environment_map };

PG_FUNCTION_INFO_V1(cs_environment_in);
PG_FUNCTION_INFO_V1(cs_environment_recv);
PG_FUNCTION_INFO_V1(cs_environment_from);
PG_FUNCTION_INFO_V1(cs_environment_describe);
PG_FUNCTION_INFO_V1(cs_environment_contains);
PG_FUNCTION_INFO_V1(cs_environment_contained);
PG_FUNCTION_INFO_V1(cs_environment_selected);
PG_FUNCTION_INFO_V1(cs_environment_selects);
PG_FUNCTION_INFO_V1(cs_environment_mismatch);
PG_FUNCTION_INFO_V1(cs_environment_class);
PG_FUNCTION_INFO_V1(cs_environment_class_id);
PG_FUNCTION_INFO_V1(cs_environment_class_id_type);
PG_FUNCTION_INFO_V1(cs_environment_vendor);
PG_FUNCTION_INFO_V1(cs_environment_model);
PG_FUNCTION_INFO_V1(cs_environment_layer);
PG_FUNCTION_INFO_V1(cs_environment_index);
PG_FUNCTION_INFO_V1(cs_environment_instance);
PG_FUNCTION_INFO_V1(cs_environment_instance_type);
PG_FUNCTION_INFO_V1(cs_environment_group);
PG_FUNCTION_INFO_V1(cs_environment_group_type);
PG_FUNCTION_INFO_V1(cs_environment_words);

Datum
cs_environment_in(PG_FUNCTION_ARGS)
{
	return cs_pg_type_in(fcinfo, &cs_pg_environment);
}

Datum
cs_environment_recv(PG_FUNCTION_ARGS)
{
	return cs_pg_type_recv(fcinfo, &cs_pg_environment);
}

Datum
cs_environment_from(PG_FUNCTION_ARGS)
{
	return cs_pg_type_from(fcinfo, &cs_pg_environment);
}

Datum
cs_environment_describe(PG_FUNCTION_ARGS)
{
	cs_item item = cs_pg_item(PG_GETARG_DATUM(0));

	return cs_pg_edn_text(&item, true, &cs_rule_environment_map);
}

/*
 * environment_mismatch(entry environment, condition environment) -> setof (differing integer, agreeing integer, path text, wanted cbor,
 * found cbor): attributes of the condition that the entry lacks or has otherwise, those that it has, and the first of the former; no row
 * where the condition is satisfied.
 */
Datum
cs_environment_mismatch(PG_FUNCTION_ARGS)
{
	cs_rows *rows = cs_rows_result(fcinfo);
	cs_item entry = cs_pg_item(PG_GETARG_DATUM(0)), condition = cs_pg_item(PG_GETARG_DATUM(1));
	size_t wants = cs_env_attrs(&condition, NULL, 0), haves = cs_env_attrs(&entry, NULL, 0);
	cs_env_attr *want = palloc_array(cs_env_attr, wants), *have = palloc_array(cs_env_attr, haves);
	int32 agreeing = 0;
	Datum values[5] = { 0 };
	bool nulls[5] = { false };
	cs_mismatch why;

	if (cs_env_compare(&entry, &condition, &why))
		PG_RETURN_NULL();
	cs_env_attrs(&condition, want, wants);
	cs_env_attrs(&entry, have, haves);
	for (size_t i = 0; i < wants; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (size_t j = 0; j < haves; j++)
			agreeing += want[i].path == have[j].path && want[i].in_class == have[j].in_class && cs_span_eq(want[i].value, have[j].value);
	}
	values[0] = Int32GetDatum((int32) wants - agreeing);
	values[1] = Int32GetDatum(agreeing);
	values[2] = CStringGetTextDatum(why.path);
	nulls[3] = why.wanted.len == 0;
	nulls[4] = why.found.len == 0;
	if (!nulls[3])
		values[3] = cs_pg_make(why.wanted);
	if (!nulls[4])
		values[4] = cs_pg_make(why.found);
	cs_rows_put(rows, values, nulls);
	PG_RETURN_NULL();
}

/* --- operators: total, for they are LEAKPROOF --- */

Datum
cs_environment_contains(PG_FUNCTION_ARGS)
{
	cs_item entry = cs_pg_item(PG_GETARG_DATUM(0));
	cs_item condition = cs_pg_item(PG_GETARG_DATUM(1));

	PG_RETURN_BOOL(cs_env_satisfies(&entry, &condition));
}

Datum
cs_environment_contained(PG_FUNCTION_ARGS)
{
	cs_item condition = cs_pg_item(PG_GETARG_DATUM(0));
	cs_item entry = cs_pg_item(PG_GETARG_DATUM(1));

	PG_RETURN_BOOL(cs_env_satisfies(&entry, &condition));
}

/* A statement asks row after row with one query: it is taken apart once. */
typedef struct cs_asked
{
	MemoryContext memory;
	cs_span bytes;
	cs_query query;
} cs_asked;

static const cs_query *
query_of(FunctionCallInfo fcinfo, cs_span bytes)
{
	cs_asked *asked = fcinfo->flinfo->fn_extra;
	MemoryContext old;
	cs_ctx ctx;

	if (asked != NULL && cs_span_eq(asked->bytes, bytes))
		return &asked->query;
	if (asked == NULL)
	{
		asked = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(cs_asked));
		asked->memory = AllocSetContextCreate(fcinfo->flinfo->fn_mcxt, "coserv query", ALLOCSET_SMALL_SIZES);
		fcinfo->flinfo->fn_extra = asked;
	}
	asked->bytes = (cs_span) { NULL, 0 };
	MemoryContextReset(asked->memory);
	old = MemoryContextSwitchTo(asked->memory);
	cs_pg_ctx_stored(&ctx);
	bytes.data = memcpy(palloc(bytes.len), bytes.data, bytes.len);
	cs_pg_require(cs_query_read_selectors(&ctx, bytes.data, bytes.len, &asked->query), &ctx, "CoSERV query");
	asked->bytes = bytes;
	MemoryContextSwitchTo(old);
	return &asked->query;
}

/* environment @@ coserv */
Datum
cs_environment_selected(PG_FUNCTION_ARGS)
{
	cs_item environment = cs_pg_item(PG_GETARG_DATUM(0));

	PG_RETURN_BOOL(cs_query_selects(query_of(fcinfo, CS_PG_GETARG_SPAN(1)), &environment));
}

/* coserv @@ environment */
Datum
cs_environment_selects(PG_FUNCTION_ARGS)
{
	cs_item environment = cs_pg_item(PG_GETARG_DATUM(1));

	PG_RETURN_BOOL(cs_query_selects(query_of(fcinfo, CS_PG_GETARG_SPAN(0)), &environment));
}

/* --- attributes --- */

/* class-map keys are those of cs_env_path from CS_PATH_CLASS_ID on. */
static bool
attribute(FunctionCallInfo fcinfo, cs_env_path path, cs_item *value)
{
	cs_item environment = cs_pg_item(PG_GETARG_DATUM(0));
	cs_item class;

	if (path == CS_PATH_INSTANCE || path == CS_PATH_GROUP)
		return cs_map_get(&environment, path == CS_PATH_INSTANCE ? CS_ENVIRONMENT_INSTANCE : CS_ENVIRONMENT_GROUP, value);
	return cs_map_get(&environment, CS_ENVIRONMENT_CLASS, &class) && cs_map_get(&class, path - CS_PATH_CLASS_ID, value);
}

static Datum
attribute_text(FunctionCallInfo fcinfo, cs_env_path path)
{
	cs_item value;

	if (!attribute(fcinfo, path, &value))
		PG_RETURN_NULL();
	return cs_pg_item_text(&value);
}

static Datum
attribute_kind(FunctionCallInfo fcinfo, cs_env_path path)
{
	cs_item value;

	if (!attribute(fcinfo, path, &value))
		PG_RETURN_NULL();
	return cs_pg_item_kind(&value);
}

/* NULL beyond 63 bits: a view over everybody's documents must not fail on account of one. */
static Datum
attribute_int(FunctionCallInfo fcinfo, cs_env_path path)
{
	cs_item value;
	int64_t number;

	if (!attribute(fcinfo, path, &value) || !cs_int64(&value, &number))
		PG_RETURN_NULL();
	PG_RETURN_INT64(number);
}

/* The environment of the class alone; NULL when there is no class. */
Datum
cs_environment_class(PG_FUNCTION_ARGS)
{
	cs_item environment = cs_pg_item(PG_GETARG_DATUM(0));
	cs_item class;
	cs_ctx ctx;
	cs_buf buf;

	if (!cs_map_get(&environment, CS_ENVIRONMENT_CLASS, &class))
		PG_RETURN_NULL();
	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&buf, &ctx);
	cs_put_map(&buf, 1);
	cs_put_uint(&buf, CS_ENVIRONMENT_CLASS);
	cs_put_item(&buf, &class);
	return cs_pg_make_bytea(&buf);
}

Datum
cs_environment_class_id(PG_FUNCTION_ARGS)
{
	return attribute_text(fcinfo, CS_PATH_CLASS_ID);
}

Datum
cs_environment_class_id_type(PG_FUNCTION_ARGS)
{
	return attribute_kind(fcinfo, CS_PATH_CLASS_ID);
}

Datum
cs_environment_vendor(PG_FUNCTION_ARGS)
{
	return attribute_text(fcinfo, CS_PATH_VENDOR);
}

Datum
cs_environment_model(PG_FUNCTION_ARGS)
{
	return attribute_text(fcinfo, CS_PATH_MODEL);
}

Datum
cs_environment_layer(PG_FUNCTION_ARGS)
{
	return attribute_int(fcinfo, CS_PATH_LAYER);
}

Datum
cs_environment_index(PG_FUNCTION_ARGS)
{
	return attribute_int(fcinfo, CS_PATH_INDEX);
}

Datum
cs_environment_instance(PG_FUNCTION_ARGS)
{
	return attribute_text(fcinfo, CS_PATH_INSTANCE);
}

Datum
cs_environment_instance_type(PG_FUNCTION_ARGS)
{
	return attribute_kind(fcinfo, CS_PATH_INSTANCE);
}

Datum
cs_environment_group(PG_FUNCTION_ARGS)
{
	return attribute_text(fcinfo, CS_PATH_GROUP);
}

Datum
cs_environment_group_type(PG_FUNCTION_ARGS)
{
	return attribute_kind(fcinfo, CS_PATH_GROUP);
}

/* --- words --- */

#define LONGEST_WORD 240 /* bytes; a tsvector takes no word of 2 KiB */
#define BLANKS " \t\n\v\f\r"

/* Each word of a text in lower case, as far as ASCII goes: what is beyond it differs with the database's locale. */
static void
add_words(ArrayBuildState *words, const char *at)
{
	for (at += strspn(at, BLANKS); *at != '\0'; at += strspn(at, BLANKS))
	{
		size_t len = strcspn(at, BLANKS);
		char *lower = asc_tolower(at, (size_t) pg_mbcliplen(at, (int) len, LONGEST_WORD));

		(void) accumArrayResult(words, CStringGetTextDatum(lower), false, TEXTOID, CurrentMemoryContext);
		at += len;
	}
}

/* environment_words(environment): the words of the attributes that people look for. */
Datum
cs_environment_words(PG_FUNCTION_ARGS)
{
	static const cs_env_path paths[] = { CS_PATH_VENDOR, CS_PATH_MODEL, CS_PATH_CLASS_ID, CS_PATH_INSTANCE, CS_PATH_GROUP };
	ArrayBuildState *words = initArrayResult(TEXTOID, CurrentMemoryContext, false);
	cs_item value;

	for (size_t i = 0; i < lengthof(paths); i++)
		if (attribute(fcinfo, paths[i], &value))
			add_words(words, TextDatumGetCString(cs_pg_item_text(&value)));
	return DirectFunctionCall1(array_to_tsvector, makeArrayResult(words, CurrentMemoryContext));
}
