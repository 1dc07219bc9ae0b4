/*
 * selection.c - the selection of triples (selection.h), and how plans do it.
 */
#include "selection.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/timestamp.h"

#include "pg/base/store.h"

static Datum
kinds_array(const cs_selection *selection)
{
	Datum *elements = palloc(sizeof(Datum) * selection->kind_count);

	for (int i = 0; i < selection->kind_count; i++)
		elements[i] = Int16GetDatum(selection->kinds[i]);
	return PointerGetDatum(construct_array(elements, selection->kind_count, INT2OID, sizeof(int16), true, TYPALIGN_SHORT));
}

static cs_statement
statement_for(const cs_selection *s)
{
	if (s->operator== CS_ASK_CONTAINED)
		return s->reading->is_now ? CS_STMT_RELATIONS : CS_STMT_RELATIONS_PAST;
	if (s->any)
		return s->reading->is_now ? CS_STMT_SELECT_ANY : CS_STMT_SELECT_ANY_PAST;
	return s->reading->is_now ? CS_STMT_SELECT : CS_STMT_SELECT_PAST;
}

static void
run_plan(Oid store, cs_statement statement, Datum *args, const char *nulls, void (*each)(const cs_selected *row, void *data), void *data)
{
	Portal portal;
	int guc_nest = cs_begin_statements();

	cs_spi_connect();
	portal = SPI_cursor_open(NULL, cs_store_plan(store, statement), args, nulls, true);
	for (;;)
	{
		SPITupleTable *rows;
		uint64 count;

		SPI_cursor_fetch(portal, true, 100);
		if (SPI_processed == 0)
			break;
		rows = SPI_tuptable;
		count = SPI_processed;
		for (uint64 i = 0; i < count; i++)
		{
			cs_selected row;

			CHECK_FOR_INTERRUPTS();
			heap_deform_tuple(rows->vals[i], rows->tupdesc, row.values, row.nulls);
			row.store = InvalidOid;
			row.conveyed.document.data = NULL;
			row.member = NULL;
			each(&row, data);
		}
		SPI_freetuptable(rows);
	}
	SPI_cursor_close(portal);
	SPI_finish();
	cs_end_statements(guc_nest);
}

static void
select_by_plan(const cs_selection *selection, void (*each)(const cs_selected *row, void *data), void *data)
{
	Datum args[4] = { selection->asked, kinds_array(selection), TimestampTzGetDatum(selection->reading->as_of), selection->profile };

	run_plan(selection->store, statement_for(selection), args, NULL, each, data);
}

void
cs_select_sought(
	Oid store, const cs_sought *sought, Datum authorities, TimestampTz as_of, void (*each)(const cs_selected *row, void *data), void *data)
{
	static const cs_statement statements[] = { CS_STMT_TRIPLES, CS_STMT_TRIPLES_OF, CS_STMT_TRIPLES_DIGEST, CS_STMT_TRIPLES_KEY,
		CS_STMT_TRIPLES_VALUES };
	Datum args[4] = { sought->asked, sought->kinds, TimestampTzGetDatum(as_of), authorities };
	char nulls[] = { sought->asked == 0 ? 'n' : ' ', sought->kinds == 0 ? 'n' : ' ', ' ', ' ', '\0' };

	run_plan(store, statements[sought->by], args, nulls, each, data);
}

void
cs_select(const cs_selection *selection, void (*each)(const cs_selected *row, void *data), void *data)
{
	if (!cs_select_directly(selection, each, data))
		select_by_plan(selection, each, data);
}
