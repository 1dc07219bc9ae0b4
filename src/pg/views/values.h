/*
 * values.h - what the functions behind a store's views share: rows under construction, and columns from CBOR.
 *
 * Stored values were validated when they came; legacy forms and extensions give columns as far as there is a sensible one, and NULL
 * else. Nothing here fails on account of a value: a view over everybody's documents must not fail for one of them.
 */
#ifndef CS_PG_VALUES_H
#define CS_PG_VALUES_H

#include "pg/base/pg_support.h"

#include "pg/base/rows.h"
#include "pg/index/triple_parts.h"

#define CS_MAX_COLUMNS 48

/* A set under construction. What one row needs is dropped with the row. */
typedef struct cs_value_rows
{
	cs_rows *rows;
	MemoryContext caller_memory;
	Datum values[CS_MAX_COLUMNS];
	bool nulls[CS_MAX_COLUMNS];
} cs_value_rows;

extern void cs_rows_begin(FunctionCallInfo fcinfo, cs_value_rows *rows);
extern void cs_row_begin(cs_value_rows *rows); /* all columns NULL; switches to the memory of the row */
extern void cs_row_end(cs_value_rows *rows);   /* puts it */

static inline void
cs_row_set(cs_value_rows *rows, int column, Datum value)
{
	rows->values[column] = value;
	rows->nulls[column] = false;
}

/* A column from an item; left NULL where the item is not of that type. */
extern void cs_row_item(cs_value_rows *rows, int column, const cs_item *item); /* cbor, verbatim */
extern void cs_row_bytes(cs_value_rows *rows, int column, const cs_item *item);
extern void cs_row_text(cs_value_rows *rows, int column, const cs_item *item);
extern void cs_row_uint(cs_value_rows *rows, int column, const cs_item *item); /* numeric */
extern void cs_row_bool(cs_value_rows *rows, int column, const cs_item *item);
extern void cs_row_environment(cs_value_rows *rows, int column, const cs_item *item);
/* A key, and a list of keys or one key in its place as crypto_key[]. */
extern void cs_row_key(cs_value_rows *rows, int column, const cs_item *item);
extern void cs_row_keys(cs_value_rows *rows, int column, const cs_item *list);
/* Name of a digest's algorithm, or the algorithm as it is. */
extern void cs_row_digest_alg(cs_value_rows *rows, int column, const cs_item *alg);

/* Columns from column on for one measurement-map (values_measurement.c). */
extern void cs_row_measurement(cs_value_rows *rows, int column, const cs_item *measurement);

#endif
