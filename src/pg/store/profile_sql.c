/*
 * profile_sql.c - profiles that users add with SQL (sql/store/16_profile.sql), and a list of those that are built in.
 */
#include "profile_sql.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "model/corim.h"
#include "model/rules.h"
#include "pg/base/store.h"
#include "pg/types/type_io.h"
#include "pg/base/rows.h"
#include "reading.h"

PG_FUNCTION_INFO_V1(coserv_profiles);
PG_FUNCTION_INFO_V1(coserv_describe_in_store);
PG_FUNCTION_INFO_V1(coserv_is_comparison);
PG_FUNCTION_INFO_V1(coserv_is_standard_value);

/* One profile of the store: everything that its cs_profile points to. */
typedef struct cs_own_profile
{
	cs_profile profile;
	cs_profile_extension extension;
	const char *ids[2];
	cs_field *fields;
} cs_own_profile;

struct cs_store_profiles
{
	cs_own_profile *profiles;
	size_t count;
};

/* Columns of CS_STMT_PROFILE_MEMBERS, ordered by profile; the last is how many rows the profile has. */
enum
{
	MEMBER_PROFILE,
	MEMBER_CODEPOINT,
	MEMBER_NAME,
	MEMBER_COMPARISON,
	MEMBER_COUNT,
	MEMBER_COLUMNS
};

static void *
need(cs_ctx *ctx, size_t count, size_t size)
{
	void *p = cs_alloc(ctx, count, size);

	if (p == NULL)
		cs_pg_report(&ctx->error, NULL);
	memset(p, 0, count * size);
	return p;
}

/* UTF-8 in ctx's memory, which outlives SPI's. */
static const char *
keep_text(cs_ctx *ctx, Datum text)
{
	cs_span utf8 = cs_pg_utf8_text(text);
	const char *copy = cs_strndup(ctx, utf8.data, utf8.len);

	if (copy == NULL)
		cs_pg_report(&ctx->error, NULL);
	return copy;
}

/* The next profile of the list, with room for count members. */
static cs_own_profile *
start_profile(cs_ctx *ctx, cs_store_profiles *out, const char *id, size_t count)
{
	cs_own_profile *own = &out->profiles[out->count++];

	own->ids[0] = id;
	own->fields = need(ctx, count, sizeof(cs_field));
	own->extension = (cs_profile_extension) { &cs_rule_measurement_values_map, own->fields, 0 };
	own->profile = (cs_profile) { .name = id,
		.title = id,
		.ids = own->ids,
		.source = "the store's table profile",
		.extensions = &own->extension,
		.extension_count = 1,
		.base = cs_profile_find(id, strlen(id)) };
	return own;
}

static void
add_member(cs_ctx *ctx, cs_own_profile *own, Datum *values, bool *nulls)
{
	own->fields[own->extension.field_count++] = (cs_field) { .key = DatumGetInt64(values[MEMBER_CODEPOINT]),
		.name = keep_text(ctx, values[MEMBER_NAME]),
		.rule = &cs_rule_any,
		.optional = true,
		.comparison = nulls[MEMBER_COMPARISON] ? CS_COMPARE_NOT : cs_comparison_named(TextDatumGetCString(values[MEMBER_COMPARISON])) };
}

const cs_store_profiles *
cs_store_profiles_read(cs_ctx *ctx, Oid store, TimestampTz as_of)
{
	cs_store_profiles *out = need(ctx, 1, sizeof(*out));
	Datum args[1] = { TimestampTzGetDatum(as_of) };
	cs_own_profile *own = NULL;
	uint64 rows;

	cs_store_run(store, CS_STMT_PROFILE_MEMBERS, args, NULL, true, 0);
	rows = SPI_processed;
	if (rows > 0)
		out->profiles = need(ctx, (size_t) rows, sizeof(cs_own_profile));
	for (uint64 i = 0; i < rows; i++)
	{
		Datum values[MEMBER_COLUMNS];
		bool nulls[MEMBER_COLUMNS];
		const char *id;

		CHECK_FOR_INTERRUPTS();
		heap_deform_tuple(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, values, nulls);
		id = keep_text(ctx, values[MEMBER_PROFILE]);
		if (own == NULL || strcmp(own->ids[0], id) != 0)
			own = start_profile(ctx, out, id, (size_t) DatumGetInt64(values[MEMBER_COUNT]));
		add_member(ctx, own, values, nulls);
	}
	SPI_freetuptable(SPI_tuptable);
	return out;
}

static const cs_own_profile *
find_own(const cs_store_profiles *profiles, const char *text, size_t len)
{
	for (size_t i = 0; profiles != NULL && i < profiles->count; i++)
	{
		const char *id = profiles->profiles[i].ids[0];

		if (strlen(id) == len && memcmp(id, text, len) == 0)
			return &profiles->profiles[i];
	}
	return NULL;
}

const cs_profile *
cs_store_profile_find(const cs_store_profiles *profiles, const char *text, size_t len)
{
	const cs_own_profile *own = find_own(profiles, text, len);

	return own != NULL ? &own->profile : cs_profile_find(text, len);
}

/* --- SQL functions --- */

/* The names for a document: those of its profile as the store has it. */
static const cs_profile *
names_of_document(cs_ctx *ctx, const cs_store_profiles *profiles, const cs_item *document)
{
	cs_item profile;
	cs_buf text;

	cs_buf_init(&text, ctx);
	if (!cs_document_profile(ctx, document, &profile) || !cs_profile_text(ctx, &profile, &text) || !cs_buf_ok(&text))
		return NULL;
	return cs_store_profile_find(profiles, (const char *) text.data, text.len);
}

Datum
coserv_describe_in_store(PG_FUNCTION_ARGS)
{
	Oid store = PG_GETARG_OID(0);
	const cs_store_profiles *profiles;
	cs_item document;
	TimestampTz as_of;
	cs_ctx ctx;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	as_of = PG_ARGISNULL(2) ? DatumGetTimestampTz(DirectFunctionCall1(coserv_moment, ObjectIdGetDatum(store))) : PG_GETARG_TIMESTAMPTZ(2);
	document = cs_pg_item(PG_GETARG_DATUM(1));
	cs_pg_ctx_stored(&ctx);
	cs_spi_connect();
	profiles = cs_store_profiles_read(&ctx, store, as_of);
	SPI_finish();
	return cs_pg_edn_text_with(&document, &cs_rule_corim_document, names_of_document(&ctx, profiles, &document));
}

enum
{
	COL_PROFILE,
	COL_TITLE,
	COL_ID,
	COL_RULE,
	COL_CODEPOINT,
	COL_NAME,
	COL_COMPARISON,
	COL_SOURCE,
	COLUMNS
};

static void
put_field(cs_rows *rows, const cs_profile *profile, const char *id, const cs_rule *rule, const cs_field *field)
{
	Datum values[COLUMNS] = { 0 };
	bool nulls[COLUMNS] = { 0 };

	cs_set_text(values, nulls, COL_PROFILE, profile->name);
	cs_set_text(values, nulls, COL_TITLE, profile->title);
	cs_set_text(values, nulls, COL_ID, id);
	cs_set_text(values, nulls, COL_RULE, rule != NULL ? rule->name : field != NULL ? "mkey" : NULL);
	nulls[COL_CODEPOINT] = field == NULL;
	if (field != NULL)
		values[COL_CODEPOINT] = Int64GetDatum(field->key);
	cs_set_text(values, nulls, COL_NAME, field != NULL ? field->name : NULL);
	cs_set_text(values, nulls, COL_COMPARISON, field != NULL ? cs_comparison_name(field->comparison) : NULL);
	cs_set_text(values, nulls, COL_SOURCE, profile->source);
	cs_rows_put(rows, values, nulls);
}

static void
put_profile(cs_rows *rows, const cs_profile *profile, const char *id)
{
	if (profile->extension_count == 0 && profile->mkey_count == 0)
		put_field(rows, profile, id, NULL, NULL);
	for (size_t i = 0; i < profile->extension_count; i++)
		for (size_t j = 0; j < profile->extensions[i].field_count; j++)
			put_field(rows, profile, id, profile->extensions[i].rule, &profile->extensions[i].fields[j]);
	for (size_t i = 0; i < profile->mkey_count; i++)
		put_field(rows, profile, id, NULL, &profile->mkeys[i]);
}

Datum
coserv_profiles(PG_FUNCTION_ARGS)
{
	cs_rows *rows = cs_rows_result(fcinfo);
	const cs_profile *profile;

	for (size_t i = 0; (profile = cs_profile_at(i)) != NULL; i++)
		for (const char *const *id = profile->ids; *id != NULL; id++)
			put_profile(rows, profile, *id);
	return (Datum) 0;
}

/* is_comparison(text) -> boolean: does a rule of comparison have this name? */
Datum
coserv_is_comparison(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(cs_comparison_named(TextDatumGetCString(PG_GETARG_DATUM(0))) != CS_COMPARE_NOT);
}

/* is_standard_value(codepoint bigint) -> boolean: from 0 to the last that the standard assigns, gaps included */
Datum
coserv_is_standard_value(PG_FUNCTION_ARGS)
{
	const cs_rule *rule = &cs_rule_measurement_values_map;
	int64 codepoint = PG_GETARG_INT64(0);

	PG_RETURN_BOOL(codepoint >= 0 && codepoint <= rule->fields[rule->field_count - 1].key);
}
