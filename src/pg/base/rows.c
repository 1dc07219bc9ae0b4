/*
 * rows.c - rows into a function's result or into a table (rows.h).
 *
 * A table's rows are collected and written by table_multi_insert: one WAL record and one look for free space a page, and no executor
 * between a document and the table.
 */
#include "rows.h"

#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/nodeModifyTable.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "rewrite/rewriteHandler.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "gathering.h"

/* Rows wait until they are so many, or take so many bytes. */
#define BATCH_ROWS 500
#define BATCH_BYTES 65536
#define MAX_TABLES 8

struct cs_writing
{
	Oid store;
	EState *estate;
	cs_rows *tables[MAX_TABLES];
	int count;
};

typedef struct cs_column
{
	const char *name;
	AttrNumber number;
	Datum value; /* of those that are the same in every row */
} cs_column;

/* A column that is none of ours. */
typedef struct cs_default
{
	AttrNumber number;
	ExprState *value;
} cs_default;

typedef struct cs_table
{
	Oid store;
	EState *estate; /* of all tables that are written together */
	const char *name;
	cs_column columns[CS_ROW_MAX]; /* those that are put, then those that are the same */
	int put;
	int count;
	Relation relation; /* NULL: not opened yet */
	ResultRelInfo *result;
	TransitionCaptureState *capture;
	cs_default *defaults;
	int default_count;
	TupleTableSlot **slots; /* batch of them */
	int slot_count;			/* made */
	int waiting;
	int batch;
	cs_gathering **gatherings; /* one an index, or NULL; NULL: not begun */
} cs_table;

struct cs_rows
{
	ReturnSetInfo *set; /* NULL: a table's */
	cs_table *table;
	MemoryContext home; /* lives as long as this */
	MemoryContext memory;
};

static cs_rows *
make_rows(void)
{
	cs_rows *rows = palloc0(sizeof(cs_rows));

	rows->home = CurrentMemoryContext;
	rows->memory = AllocSetContextCreate(CurrentMemoryContext, "coserv rows", ALLOCSET_DEFAULT_SIZES);
	return rows;
}

static cs_rows *
make_result(FunctionCallInfo fcinfo, bits32 flags)
{
	cs_rows *rows;

	InitMaterializedSRF(fcinfo, flags);
	rows = make_rows();
	rows->set = (ReturnSetInfo *) fcinfo->resultinfo;
	return rows;
}

cs_rows *
cs_rows_result(FunctionCallInfo fcinfo)
{
	return make_result(fcinfo, 0);
}

cs_rows *
cs_rows_result_values(FunctionCallInfo fcinfo)
{
	return make_result(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
}

TupleDesc
cs_rows_desc(const cs_rows *rows)
{
	return rows->set->setDesc;
}

static void
add_column(cs_table *table, const char *name, Datum value)
{
	if (table->count == CS_ROW_MAX)
		elog(ERROR, "too many columns");
	table->columns[table->count++] = (cs_column) { .name = name, .value = value };
}

cs_rows *
cs_rows_table(cs_writing *writing, const char *table, const char *const *columns)
{
	cs_rows *rows = make_rows();

	if (writing->count == MAX_TABLES)
		elog(ERROR, "too many tables");
	writing->tables[writing->count++] = rows;
	rows->table = palloc0(sizeof(cs_table));
	rows->table->store = writing->store;
	rows->table->estate = writing->estate;
	rows->table->name = table;
	for (; *columns; columns++)
		add_column(rows->table, *columns, (Datum) 0);
	rows->table->put = rows->table->count;
	return rows;
}

void
cs_rows_also(cs_rows *rows, const char *column, Datum value)
{
	add_column(rows->table, column, value);
}

MemoryContext
cs_rows_memory(const cs_rows *rows)
{
	return rows->memory;
}

/* --- a table --- */

int
cs_column_number(TupleDesc desc, const char *name, int after)
{
	for (int i = 0; i < desc->natts; i++)
	{
		int at = (after + i) % desc->natts;

		if (!TupleDescAttr(desc, at)->attisdropped && strcmp(NameStr(TupleDescAttr(desc, at)->attname), name) == 0)
			return at + 1;
	}
	return 0;
}

static void
find_columns(cs_table *table)
{
	int number = 0;

	for (int i = 0; i < table->count; i++)
	{
		number = cs_column_number(RelationGetDescr(table->relation), table->columns[i].name, number);
		if (number <= 0)
			ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
					errmsg("table %s of a coserv store has no column \"%s\"", table->name, table->columns[i].name)));
		table->columns[i].number = (AttrNumber) number;
	}
}

static bool
is_ours(const cs_table *table, AttrNumber number)
{
	for (int i = 0; i < table->count; i++)
		if (table->columns[i].number == number)
			return true;
	return false;
}

static void
find_defaults(cs_table *table)
{
	TupleDesc desc = RelationGetDescr(table->relation);

	table->defaults = palloc(sizeof(cs_default) * (size_t) desc->natts);
	for (AttrNumber number = 1; number <= desc->natts; number++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, number - 1);
		Expr *value = NULL;

		if (!attribute->attisdropped && attribute->attgenerated == '\0' && !is_ours(table, number))
			value = (Expr *) build_column_default(table->relation, number);
		if (value != NULL)
			table->defaults[table->default_count++] = (cs_default) { number, ExecPrepareExpr(value, table->estate) };
	}
}

/* As ExecInsertIndexTuples would, which plans each predicate anew: the relation cache has them planned. */
static void
prepare_predicates(ResultRelInfo *result)
{
	for (int i = 0; i < result->ri_NumIndices; i++)
		result->ri_IndexRelationInfo[i]->ii_PredicateState = ExecInitQual(result->ri_IndexRelationInfo[i]->ii_Predicate, NULL);
}

static void
open_table(cs_table *table)
{
	Oid oid = get_relname_relid(table->name, table->store);
	TriggerDesc *triggers;

	if (!OidIsValid(oid) || get_rel_relkind(oid) != RELKIND_RELATION)
		ereport(ERROR,
			(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				errmsg("%s of a coserv store is not the table that the store was made with", table->name)));
	table->relation = table_open(oid, RowExclusiveLock);
	find_columns(table);
	find_defaults(table);
	table->result = makeNode(ResultRelInfo);
	InitResultRelInfo(table->result, table->relation, 0, NULL, 0);
	ExecOpenIndices(table->result, false);
	prepare_predicates(table->result);
	triggers = table->relation->trigdesc;
	/* a BEFORE trigger may look at the rows before its own */
	table->batch = triggers != NULL && triggers->trig_insert_before_row ? 1 : BATCH_ROWS;
	table->slots = palloc(sizeof(TupleTableSlot *) * (size_t) table->batch);
	table->capture = MakeTransitionCaptureState(triggers, oid, CMD_INSERT);
	ExecBSInsertTriggers(table->estate, table->result);
}

/* What is opened and made here outlives the row. */
static TupleTableSlot *
next_slot(cs_rows *rows)
{
	cs_table *table = rows->table;
	MemoryContext old = MemoryContextSwitchTo(rows->home);

	if (table->relation == NULL)
		open_table(table);
	if (table->waiting == table->slot_count)
		table->slots[table->slot_count++] =
			MakeSingleTupleTableSlot(RelationGetDescr(table->relation), table_slot_callbacks(table->relation));
	MemoryContextSwitchTo(old);
	return table->slots[table->waiting];
}

static void
insert_index_entries(cs_table *table, TupleTableSlot *slot)
{
	List *recheck = NIL;

	if (table->result->ri_NumIndices > 0)
#if PG_VERSION_NUM >= 160000
		recheck = ExecInsertIndexTuples(table->result, slot, table->estate, false, false, NULL, NIL, false);
#else
		recheck = ExecInsertIndexTuples(table->result, slot, table->estate, false, false, NULL, NIL);
#endif
	ExecARInsertTriggers(table->estate, table->result, slot, recheck, table->capture);
	list_free(recheck);
}

/* From so many rows on, sorted they go into a GIN index faster. */
#define GATHER_FROM 32

static void
begin_gathering(cs_rows *rows)
{
	ResultRelInfo *result = rows->table->result;
	MemoryContext old = MemoryContextSwitchTo(rows->home);

	rows->table->gatherings = palloc0(sizeof(cs_gathering *) * (Size) Max(result->ri_NumIndices, 1));
	for (int i = 0; i < result->ri_NumIndices; i++)
		rows->table->gatherings[i] = cs_begin_gathering(result->ri_IndexRelationDescs[i], result->ri_IndexRelationInfo[i]);
	MemoryContextSwitchTo(old);
}

static void
gather(cs_table *table, TupleTableSlot *slot)
{
	for (int i = 0; table->gatherings != NULL && i < table->result->ri_NumIndices; i++)
		if (table->gatherings[i] != NULL)
			cs_gather(table->gatherings[i], slot, table->estate);
}

static void
end_gathering(cs_table *table)
{
	for (int i = 0; table->gatherings != NULL && i < table->result->ri_NumIndices; i++)
		if (table->gatherings[i] != NULL)
			cs_end_gathering(table->gatherings[i]);
	table->gatherings = NULL;
}

static void
insert_waiting(cs_table *table)
{
	table_multi_insert(table->relation, table->slots, table->waiting, table->estate->es_output_cid, 0, NULL);
	for (int i = 0; i < table->waiting; i++)
	{
		ResetPerTupleExprContext(table->estate);
		gather(table, table->slots[i]);
		insert_index_entries(table, table->slots[i]);
		ExecClearTuple(table->slots[i]);
		CHECK_FOR_INTERRUPTS();
	}
}

/* Writes the rows that wait; what they were made of can go. */
static void
flush(cs_rows *rows)
{
	cs_table *table = rows->table;
	MemoryContext old;

	if (table->waiting >= GATHER_FROM && table->gatherings == NULL)
		begin_gathering(rows);
	old = MemoryContextSwitchTo(GetPerTupleMemoryContext(table->estate));
	insert_waiting(table);
	MemoryContextSwitchTo(old);
	ResetPerTupleExprContext(table->estate);
	table->waiting = 0;
	MemoryContextReset(rows->memory);
}

static void
fill_slot(cs_rows *rows, TupleTableSlot *slot, Datum *values, bool *nulls)
{
	cs_table *table = rows->table;
	MemoryContext old = MemoryContextSwitchTo(rows->memory);

	ExecClearTuple(slot);
	memset(slot->tts_isnull, true, sizeof(bool) * (size_t) slot->tts_tupleDescriptor->natts);
	for (int i = 0; i < table->count; i++)
	{
		const cs_column *column = &table->columns[i];

		slot->tts_values[column->number - 1] = i < table->put ? values[i] : column->value;
		slot->tts_isnull[column->number - 1] = i < table->put && nulls[i];
	}
	for (int i = 0; i < table->default_count; i++)
	{
		int at = table->defaults[i].number - 1;

		slot->tts_values[at] = ExecEvalExpr(table->defaults[i].value, GetPerTupleExprContext(table->estate), &slot->tts_isnull[at]);
	}
	MemoryContextSwitchTo(old);
	ExecStoreVirtualTuple(slot);
	slot->tts_tableOid = RelationGetRelid(table->relation);
}

static void
put_into_table(cs_rows *rows, Datum *values, bool *nulls)
{
	cs_table *table = rows->table;
	TupleTableSlot *slot = next_slot(rows);
	TupleConstr *constraints = RelationGetDescr(table->relation)->constr;

	fill_slot(rows, slot, values, nulls);
	if (table->batch == 1 && !ExecBRInsertTriggers(table->estate, table->result, slot))
		return;
	if (constraints != NULL && constraints->has_generated_stored)
		ExecComputeStoredGenerated(table->result, table->estate, slot, CMD_INSERT);
	if (constraints != NULL)
		ExecConstraints(table->result, slot, table->estate);
	table->waiting++;
	if (table->waiting >= table->batch || MemoryContextMemAllocated(rows->memory, false) >= BATCH_BYTES)
		flush(rows);
}

static void
close_table(cs_table *table)
{
	for (int i = 0; i < table->slot_count; i++)
		ExecDropSingleTupleTableSlot(table->slots[i]);
	ExecCloseIndices(table->result);
	table_close(table->relation, NoLock);
}

cs_writing *
cs_begin_writing(Oid store)
{
	cs_writing *writing = palloc0(sizeof(cs_writing));

	writing->store = store;
	writing->estate = CreateExecutorState();
	writing->estate->es_output_cid = GetCurrentCommandId(true);
	AfterTriggerBeginQuery();
	return writing;
}

void
cs_end_writing(cs_writing *writing)
{
	for (int i = 0; i < writing->count; i++)
	{
		cs_table *table = writing->tables[i]->table;

		if (table->relation == NULL)
			continue;
		if (table->waiting > 0)
			flush(writing->tables[i]);
		end_gathering(table);
		ExecASInsertTriggers(writing->estate, table->result, table->capture);
	}
	AfterTriggerEndQuery(writing->estate);
	ExecCloseResultRelations(writing->estate); /* the triggers' */
	ExecResetTupleTable(writing->estate->es_tupleTable, false);
	for (int i = 0; i < writing->count; i++)
		if (writing->tables[i]->table->relation != NULL)
			close_table(writing->tables[i]->table);
	FreeExecutorState(writing->estate);
	CommandCounterIncrement();
}

/* --- either --- */

void
cs_rows_put(cs_rows *rows, Datum *values, bool *nulls)
{
	CHECK_FOR_INTERRUPTS();
	if (rows->table != NULL)
	{
		put_into_table(rows, values, nulls);
		return;
	}
	tuplestore_putvalues(rows->set->setResult, rows->set->setDesc, values, nulls);
	MemoryContextReset(rows->memory);
}

void
cs_set_text(Datum *values, bool *nulls, int column, const char *utf8)
{
	nulls[column] = utf8 == NULL;
	if (utf8 != NULL)
		values[column] = cs_pg_make_text((cs_span) { (const uint8_t *) utf8, strlen(utf8) });
}
