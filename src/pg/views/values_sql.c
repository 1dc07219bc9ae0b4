/*
 * values_sql.c - what a triple says, one row a measurement, key, environment or tag id, for the views of a store
 * (draft-ietf-rats-corim section 5.1.4).
 */
#include "values.h"

#include "model/corim.h"

#include "pg/types/item_text.h"

PG_FUNCTION_INFO_V1(coserv_measurements);
PG_FUNCTION_INFO_V1(coserv_keys);
PG_FUNCTION_INFO_V1(coserv_environments);
PG_FUNCTION_INFO_V1(coserv_coswid_tag_ids);

/* Columns of coserv.measurements before those of cs_row_measurement. */
enum
{
	M_POSITION,
	M_ROLE,
	M_NUMBER,
	M_ENVIRONMENT,
	M_COMMON_AUTHORITY,
	M_MEASUREMENT
};

static bool
put_measurement(const cs_part *part, void *data)
{
	cs_value_rows *rows = data;

	cs_row_begin(rows);
	cs_row_set(rows, M_POSITION, Int32GetDatum(part->position));
	cs_row_set(rows, M_ROLE, cs_pg_shown_text((cs_span) { (const uint8_t *) part->role, strlen(part->role) }));
	if (part->number >= 0)
		cs_row_set(rows, M_NUMBER, Int32GetDatum(part->number));
	if (part->environment.p != NULL)
		cs_row_environment(rows, M_ENVIRONMENT, &part->environment);
	if (part->authority.p != NULL)
		cs_row_keys(rows, M_COMMON_AUTHORITY, &part->authority);
	cs_row_measurement(rows, M_MEASUREMENT, &part->item);
	cs_row_end(rows);
	return true;
}

/* measurements(triple cbor, kind smallint) -> setof (sql/65_values.sql) */
Datum
coserv_measurements(PG_FUNCTION_ARGS)
{
	cs_item triple = cs_pg_item(PG_GETARG_DATUM(0));
	cs_value_rows rows;

	cs_rows_begin(fcinfo, &rows);
	cs_triple_measurements(&triple, PG_GETARG_INT16(1), put_measurement, &rows);
	PG_RETURN_NULL();
}

typedef struct key_rows
{
	cs_value_rows rows;
	cs_item conditions; /* third of the triple; p NULL when there is none */
} key_rows;

static bool
put_key(const cs_part *part, void *data)
{
	key_rows *k = data;
	cs_item tag, value;

	cs_row_begin(&k->rows);
	cs_row_set(&k->rows, 0, Int32GetDatum(part->position));
	cs_row_key(&k->rows, 1, &part->item);
	if (!k->rows.nulls[1])
	{
		tag = cs_pg_item(k->rows.values[1]);
		cs_row_set(&k->rows, 2, cs_pg_item_kind(&tag));
	}
	if (k->conditions.p != NULL && cs_map_get(&k->conditions, CS_KEY_CONDITION_MKEY, &value))
		cs_row_set(&k->rows, 3, cs_pg_item_text(&value));
	if (k->conditions.p != NULL && cs_map_get(&k->conditions, CS_KEY_CONDITION_AUTHORIZED_BY, &value))
		cs_row_keys(&k->rows, 4, &value);
	cs_row_end(&k->rows);
	return true;
}

/* keys(triple cbor) -> setof (position, key, key_type, mkey, authorized_by): those of an attest-key or identity triple,
 * [environment, [ + key ], ? {? 0: mkey, ? 1: [ + key ]}] */
Datum
coserv_keys(PG_FUNCTION_ARGS)
{
	cs_item triple = cs_pg_item(PG_GETARG_DATUM(0));
	key_rows k;

	cs_rows_begin(fcinfo, &k.rows);
	if (!cs_is(&triple, CS_ARRAY) || !cs_array_get(&triple, 2, &k.conditions))
		k.conditions.p = NULL;
	cs_triple_keys(&triple, put_key, &k);
	PG_RETURN_NULL();
}

/* The list in the second place of a triple. */
static cs_iter
second_list(const cs_item *triple)
{
	cs_item list;

	if (!cs_is(triple, CS_ARRAY) || !cs_array_get(triple, 1, &list) || !cs_is(&list, CS_ARRAY))
		return (cs_iter) { NULL };
	return cs_iterate(&list);
}

/* environments(triple cbor) -> setof (position, environment): members of a domain, trustees, [environment, [ + environment ]] */
Datum
coserv_environments(PG_FUNCTION_ARGS)
{
	cs_item triple = cs_pg_item(PG_GETARG_DATUM(0));
	cs_iter it = second_list(&triple);
	cs_value_rows rows;
	cs_item environment;
	int position = 0;

	cs_rows_begin(fcinfo, &rows);
	for (; it.next != NULL && cs_next(&it, &environment); position++)
	{
		cs_row_begin(&rows);
		cs_row_set(&rows, 0, Int32GetDatum(position));
		cs_row_environment(&rows, 1, &environment);
		cs_row_end(&rows);
	}
	PG_RETURN_NULL();
}

/* As the table tag has it: a UUID in its canonical form. */
static Datum
tag_id_text(const cs_item *id)
{
	cs_ctx ctx;
	cs_buf text;

	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&text, &ctx);
	if (cs_is(id, CS_BSTR) && cs_id_text(&ctx, id, &text) && cs_buf_ok(&text))
		return cs_pg_shown_text(cs_buf_span(&text));
	return cs_pg_item_text(id);
}

/* coswid_tag_ids(triple cbor) -> setof (position, tag_id), [environment, [ + tag-id ]] */
Datum
coserv_coswid_tag_ids(PG_FUNCTION_ARGS)
{
	cs_item triple = cs_pg_item(PG_GETARG_DATUM(0));
	cs_iter it = second_list(&triple);
	cs_value_rows rows;
	cs_item id;
	int position = 0;

	cs_rows_begin(fcinfo, &rows);
	for (; it.next != NULL && cs_next(&it, &id); position++)
	{
		cs_row_begin(&rows);
		cs_row_set(&rows, 0, Int32GetDatum(position));
		cs_row_set(&rows, 1, tag_id_text(&id));
		cs_row_end(&rows);
	}
	PG_RETURN_NULL();
}
