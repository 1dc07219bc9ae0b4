/*
 * touch_keys.c - what an Attester's ACS must have for a triple to change what it says (touch_keys.h): coserv.touches, coserv.file_key.
 *
 * A condition is reduced to values whose rule of comparison no profile changes: svn, digests and integrity registers. What has none of
 * these could touch whatever has its environment.
 */
#include "touch_keys.h"

#include "common/hashfn.h"
#include "miscadmin.h"

#include "cbor/deterministic.h"
#include "pg/base/rows.h"
#include "triple_parts.h"

PG_FUNCTION_INFO_V1(coserv_touches);
PG_FUNCTION_INFO_V1(coserv_file_key);

/* columns of coserv.touches */
enum
{
	COL_ENVIRONMENT,
	COL_WANTED,
	COL_UNSPOKEN,
	COL_CONTRADICTED,
	COL_NAME,
	COLUMNS
};

int64
cs_touch_key(cs_touch what, cs_span bytes)
{
	return (int64) hash_bytes_extended(bytes.data, (int) bytes.len, UINT64CONST(0x746f756368) << 8 | (uint64) what);
}

typedef struct touches
{
	cs_ctx ctx;
	cs_rows *rows;
	int16 kind;
	Datum environment;
	bool any;	 /* a row was made */
	bool common; /* of a series: its common condition has made a row */
} touches;

static const int64 reliable[] = { CS_MVAL_SVN, CS_MVAL_DIGESTS, CS_MVAL_INTEGRITY_REGISTERS };

/* {? 0: mkey, 1: {the values that can be relied on}} in deterministic encoding; false when there are none. */
static bool
reduce(touches *t, const cs_item *measurement, Datum *wanted)
{
	cs_item mkey, mval, values[lengthof(reliable)];
	cs_buf plain, canonical;
	cs_item item;
	bool has[lengthof(reliable)];
	uint64 count = 0;
	bool has_mkey = cs_map_get(measurement, CS_MEASUREMENT_MKEY, &mkey);

	if (!cs_map_get(measurement, CS_MEASUREMENT_MVAL, &mval))
		return false;
	for (size_t i = 0; i < lengthof(reliable); i++)
		count += has[i] = cs_map_get(&mval, reliable[i], &values[i]);
	if (count == 0)
		return false;
	cs_buf_init(&plain, &t->ctx);
	cs_put_map(&plain, has_mkey ? 2 : 1);
	if (has_mkey)
	{
		cs_put_int(&plain, CS_MEASUREMENT_MKEY);
		cs_put_item(&plain, &mkey);
	}
	cs_put_int(&plain, CS_MEASUREMENT_MVAL);
	cs_put_map(&plain, count);
	for (size_t i = 0; i < lengthof(reliable); i++)
	{
		if (!has[i])
			continue;
		cs_put_int(&plain, reliable[i]);
		cs_put_item(&plain, &values[i]);
	}
	cs_pg_require(cs_buf_ok(&plain), &t->ctx, "triple");
	item = cs_item_at(plain.data, plain.len);
	cs_buf_init(&canonical, &t->ctx);
	cs_pg_require(cs_deterministic(&t->ctx, &item, &canonical), &t->ctx, "triple");
	*wanted = cs_pg_make_bytea(&canonical);
	return true;
}

/* An mkey as the ACS has it; empty when there is none. */
static cs_span
mkey_of(touches *t, const cs_item *measurement)
{
	cs_item mkey;
	cs_buf buf;

	if (!cs_map_get(measurement, CS_MEASUREMENT_MKEY, &mkey))
		return (cs_span) { NULL, 0 };
	cs_buf_init(&buf, &t->ctx);
	cs_pg_require(cs_deterministic(&t->ctx, &mkey, &buf) && cs_buf_ok(&buf), &t->ctx, "triple");
	return cs_buf_span(&buf);
}

static void
put(touches *t, const cs_item *measurement)
{
	Datum values[COLUMNS] = { [COL_ENVIRONMENT] = t->environment };
	bool nulls[COLUMNS] = { false, true, true, true, true };
	cs_item mval, name;

	nulls[COL_WANTED] = measurement == NULL || !reduce(t, measurement, &values[COL_WANTED]);
	if (measurement != NULL && t->kind == CS_TRIPLE_REFERENCE)
	{
		cs_span mkey = mkey_of(t, measurement);

		nulls[COL_UNSPOKEN] = nulls[COL_CONTRADICTED] = false;
		values[COL_UNSPOKEN] = Int64GetDatum(cs_touch_key(CS_TOUCH_UNSPOKEN, mkey));
		values[COL_CONTRADICTED] = Int64GetDatum(cs_touch_key(CS_TOUCH_CONTRADICTED, mkey));
		nulls[COL_NAME] = !cs_map_get(measurement, CS_MEASUREMENT_MVAL, &mval) || !cs_map_get(&mval, CS_MVAL_NAME, &name);
		if (!nulls[COL_NAME])
			values[COL_NAME] = cs_pg_make(cs_item_span(&name));
	}
	cs_rows_put(t->rows, values, nulls);
	t->any = true;
}

/*
 * Any element of a reference triple may be touched, so each has a row. Of a condition every element must be there: the first says enough.
 * Of a conditional endorsement all conditions must hold, and of a series the common one and any of the items'.
 */
static bool
each_part(const cs_part *part, void *data)
{
	touches *t = data;
	bool is_common = strcmp(part->role, "common") == 0;

	CHECK_FOR_INTERRUPTS();
	if (t->kind == CS_TRIPLE_REFERENCE)
	{
		put(t, &part->item);
		return true;
	}
	if (t->kind == CS_TRIPLE_CONDITIONAL_ENDORSEMENT)
	{
		if (part->number == 0 && part->position == 0)
			put(t, &part->item);
		return false;
	}
	if (t->common || (!is_common && (strcmp(part->role, "condition") != 0 || part->position != 0)))
		return true;
	put(t, &part->item);
	t->common = is_common;
	return true;
}

/*
 * touches(triple cbor, kind smallint, environment) -> setof (environment, wanted measurement, unspoken bigint, contradicted bigint, name
 * cbor)
 */
Datum
coserv_touches(PG_FUNCTION_ARGS)
{
	cs_item triple = cs_pg_item(PG_GETARG_DATUM(0));
	touches t = { .kind = PG_GETARG_INT16(1), .environment = PG_GETARG_DATUM(2) };

	t.rows = cs_rows_result(fcinfo);
	cs_pg_ctx_stored(&t.ctx);
	if (t.kind == CS_TRIPLE_REFERENCE || t.kind == CS_TRIPLE_CONDITIONAL_ENDORSEMENT || t.kind == CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES)
		cs_triple_measurements(&triple, t.kind, each_part, &t);
	if (!t.any)
		put(&t, NULL);
	PG_RETURN_NULL();
}

/* file_key(path text) -> bigint */
Datum
coserv_file_key(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(cs_touch_key(CS_TOUCH_FILE, cs_pg_utf8_text(PG_GETARG_DATUM(0))));
}
