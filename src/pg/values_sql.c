/*
 * values_sql.c - what a triple says, as typed columns for the views of a store: coserv.measurements and coserv.keys.
 */
#include "pg_support.h"

#include "funcapi.h"
#include "match/values.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/tuplestore.h"

#include "item_text.h"

PG_FUNCTION_INFO_V1(coserv_measurements);
PG_FUNCTION_INFO_V1(coserv_keys);

/* Columns of coserv.measurements, in order. */
enum
{
	M_POSITION, M_MKEY, M_NAME, M_VERSION, M_SVN, M_MIN_SVN, M_DIGEST_ALG, M_DIGEST, M_RAW_VALUE, M_RAW_VALUE_MASK,
	M_SERIAL_NUMBER, M_AUTHORIZED_BY, M_MEASUREMENT, M_COLUMNS
};

typedef struct cs_columns
{
	Datum		values[M_COLUMNS];
	bool		nulls[M_COLUMNS];
} cs_columns;

static void
set(cs_columns *row, int column, Datum value)
{
	row->values[column] = value;
	row->nulls[column] = false;
}

static void
set_item(cs_columns *row, int column, const cs_item *item)
{
	set(row, column, cs_pg_make(cs_item_span(item)));
}

static void
set_bytes(cs_columns *row, int column, const cs_item *item)
{
	cs_ctx		ctx;
	cs_span		bytes;

	cs_pg_ctx_stored(&ctx);
	if (!cs_is(item, CS_BSTR))
		return;
	if (!cs_string(&ctx, item, &bytes))
		cs_pg_report(&ctx.error, NULL);
	set(row, column, cs_pg_make(bytes));
}

static Datum
numeric_of(uint64_t value)
{
	char		text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long) value);
	return DirectFunctionCall3(numeric_in, CStringGetDatum(text), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
}

/* svn: uint, 552(uint); min-svn: 553(uint) */
static void
set_svn(cs_columns *row, const cs_item *value)
{
	cs_item		number = *value;
	uint64_t	svn;

	if (cs_is(value, CS_TAG))
		number = cs_tag_content(value);
	if (cs_uint64(&number, &svn))
		set(row, cs_is_tag(value, 553) ? M_MIN_SVN : M_SVN, numeric_of(svn));
}

/* The first digest; all of them are in the measurement. */
static void
set_digest(cs_columns *row, const cs_item *digests)
{
	cs_digest_iter it;
	cs_digest	digest;
	const char *name;

	if (!cs_digest_iterate(digests, &it) || !cs_digest_next(&it, &digest))
		return;
	name = cs_digest_alg_name(cs_digest_alg(&digest.alg));
	set(row, M_DIGEST_ALG, name ? CStringGetTextDatum(name) : cs_pg_item_text(&digest.alg));
	set(row, M_DIGEST, cs_pg_make(digest.value));
}

/* 560(bytes), 563([value, mask]), bytes */
static void
set_raw_value(cs_columns *row, const cs_item *value)
{
	cs_item		content = *value;
	cs_item		part;

	if (cs_is(value, CS_TAG))
		content = cs_tag_content(value);
	if (cs_is(&content, CS_ARRAY))
	{
		if (cs_array_get(&content, 1, &part))
			set_bytes(row, M_RAW_VALUE_MASK, &part);
		if (cs_array_get(&content, 0, &part))
			set_bytes(row, M_RAW_VALUE, &part);
	}
	else
		set_bytes(row, M_RAW_VALUE, &content);
}

/* Columns of one measurement-values-map (draft-ietf-rats-corim section 5.1.4.5.2). */
static void
set_values(cs_columns *row, const cs_item *mval)
{
	cs_item		value,
				version;

	if (cs_map_get(mval, 0, &value) && cs_map_get(&value, 0, &version))
		set(row, M_VERSION, cs_pg_item_text(&version));
	if (cs_map_get(mval, 1, &value))
		set_svn(row, &value);
	if (cs_map_get(mval, 2, &value))
		set_digest(row, &value);
	if (cs_map_get(mval, 4, &value))
		set_raw_value(row, &value);
	if (cs_map_get(mval, 5, &value))
		set_bytes(row, M_RAW_VALUE_MASK, &value);
	if (cs_map_get(mval, 8, &value))
		set(row, M_SERIAL_NUMBER, cs_pg_item_text(&value));
	if (cs_map_get(mval, 11, &value))
		set(row, M_NAME, cs_pg_item_text(&value));
}

static void
put_measurement(ReturnSetInfo *set_info, int position, const cs_item *measurement)
{
	cs_columns	row;
	cs_item		part;

	memset(row.nulls, true, sizeof(row.nulls));
	set(&row, M_POSITION, Int32GetDatum(position));
	set_item(&row, M_MEASUREMENT, measurement);
	if (cs_map_get(measurement, 0, &part))
		set(&row, M_MKEY, cs_pg_item_text(&part));
	if (cs_map_get(measurement, 1, &part))
		set_values(&row, &part);
	if (cs_map_get(measurement, 2, &part))
		set_item(&row, M_AUTHORIZED_BY, &part);
	tuplestore_putvalues(set_info->setResult, set_info->setDesc, row.values, row.nulls);
	CHECK_FOR_INTERRUPTS();
}

/* measurements(triple cbor) -> setof: those of a reference or endorsed triple, [environment, [ + measurement-map ]] */
Datum
coserv_measurements(PG_FUNCTION_ARGS)
{
	cs_item		triple = cs_pg_item(PG_GETARG_DATUM(0));
	ReturnSetInfo *set_info;
	cs_item		list,
				measurement;
	cs_iter		it;
	int			position = 0;

	InitMaterializedSRF(fcinfo, 0);
	set_info = (ReturnSetInfo *) fcinfo->resultinfo;
	if (!cs_is(&triple, CS_ARRAY) || !cs_array_get(&triple, 1, &list))
		PG_RETURN_NULL();
	if (cs_is(&list, CS_MAP))	/* drafts up to -05: one measurement-map, no list */
	{
		put_measurement(set_info, position, &list);
		PG_RETURN_NULL();
	}
	if (!cs_is(&list, CS_ARRAY))
		PG_RETURN_NULL();
	it = cs_iterate(&list);
	while (cs_next(&it, &measurement))
		put_measurement(set_info, position++, &measurement);
	PG_RETURN_NULL();
}

/* Deterministic encoding of a key, as the type crypto_key stores it. */
static Datum
crypto_key_datum(const cs_item *key)
{
	cs_ctx		ctx;
	cs_buf		buf;

	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&buf, &ctx);
	if (!cs_deterministic(&ctx, key, &buf))
		cs_pg_report(&ctx.error, "key");
	return cs_pg_make_bytea(&buf);
}

/* keys(triple cbor) -> setof (position, key, key_type, mkey, authorized_by): those of an attest-key or identity triple,
 * [environment, [ + key ], ? {? 0: mkey, ? 1: [ + key ]}] */
Datum
coserv_keys(PG_FUNCTION_ARGS)
{
	cs_item		triple = cs_pg_item(PG_GETARG_DATUM(0));
	ReturnSetInfo *set_info;
	cs_item		list,
				key,
				conditions,
				part;
	Datum		values[5] = {0};
	bool		nulls[5] = {false, false, false, true, true};
	cs_iter		it;
	int			position = 0;

	InitMaterializedSRF(fcinfo, 0);
	set_info = (ReturnSetInfo *) fcinfo->resultinfo;
	if (!cs_is(&triple, CS_ARRAY) || !cs_array_get(&triple, 1, &list) || !cs_is(&list, CS_ARRAY))
		PG_RETURN_NULL();
	if (cs_array_get(&triple, 2, &conditions))
	{
		nulls[3] = !cs_map_get(&conditions, 0, &part);
		if (!nulls[3])
			values[3] = cs_pg_item_text(&part);
		nulls[4] = !cs_map_get(&conditions, 1, &part);
		if (!nulls[4])
			values[4] = cs_pg_make(cs_item_span(&part));
	}
	it = cs_iterate(&list);
	while (cs_next(&it, &key))
	{
		values[0] = Int32GetDatum(position++);
		values[1] = crypto_key_datum(&key);
		values[2] = cs_pg_item_kind(&key);
		tuplestore_putvalues(set_info->setResult, set_info->setDesc, values, nulls);
		CHECK_FOR_INTERRUPTS();
	}
	PG_RETURN_NULL();
}
