/*
 * rows.h - where rows go that the extension makes of a document: into the result of a function, or into a table of a store, many at
 * a time as COPY writes them. Whoever makes rows need not know which.
 */
#ifndef CS_PG_ROWS_H
#define CS_PG_ROWS_H

#include "pg_support.h"

#include "access/tupdesc.h"

#define CS_ROW_MAX 9 /* columns of a row */

typedef struct cs_rows cs_rows;

/* The set that the running function returns: rows of columns, or of one value each (RETURNS SETOF a type that is no row). */
extern cs_rows *cs_rows_result(FunctionCallInfo fcinfo);
extern cs_rows *cs_rows_result_values(FunctionCallInfo fcinfo);
/* Its columns. */
extern TupleDesc cs_rows_desc(const cs_rows *rows);

/*
 * Tables of a store that are written together: as one statement is, for triggers and for who sees what. Rights are the caller's to see to
 * (cs_become_owner).
 */
typedef struct cs_writing cs_writing;

extern cs_writing *cs_begin_writing(Oid store);

/* Writes what waits, in the order in which the tables were named; later statements of this transaction see it. */
extern void cs_end_writing(cs_writing *writing);

/*
 * An ordinary table, which is opened at the first row: columns (NULL-terminated) are those of the values that are put. What an INSERT does
 * to the table happens here too: indexes, constraints, defaults, generated columns, triggers. Errors: 42703, 42809 where the table is not
 * the one that the store was made with, and an INSERT's own.
 */
extern cs_rows *cs_rows_table(cs_writing *writing, const char *table, const char *const *columns);

/* A further column of the table, the same in every row; before the first row. value lives as long as rows. */
extern void cs_rows_also(cs_rows *rows, const char *column, Datum value);

/*
 * The number of a column, looked for from the one behind after on and then from the first: who asks for columns in the table's order finds
 * each at once. 0: there is none.
 */
extern int cs_column_number(TupleDesc desc, const char *name, int after);

/* What a row is made of is allocated here; it is kept for as long as it is needed, and no longer. */
extern MemoryContext cs_rows_memory(const cs_rows *rows);

/* Cancellable. Of what the result's rows are made of, nothing is kept. */
extern void cs_rows_put(cs_rows *rows, Datum *values, bool *nulls);

/* A column that is a text of the core's; NULL is null. */
extern void cs_set_text(Datum *values, bool *nulls, int column, const char *utf8);

#endif
