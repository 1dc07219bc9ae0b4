/*
 * gathering.c - what goes into a GIN index, gathered over many rows (gathering.h). All that depends on the inside of GIN is in this file.
 */
#include "gathering.h"

#include "access/gin_private.h"
#include "catalog/index.h"
#include "catalog/pg_am.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/rel.h"

/* So much memory at the most; then it is written, and more is gathered. */
#define GATHERED_BYTES ((Size) 4 * 1024 * 1024)

struct cs_gathering
{
	IndexInfo *info;
	GinState state;
	BuildAccumulator gathered;
	MemoryContext memory; /* of what is gathered */
	MemoryContext scratch;
};

static void
start(cs_gathering *gathering)
{
	MemoryContext old = MemoryContextSwitchTo(gathering->memory);

	ginInitBA(&gathering->gathered);
	gathering->gathered.ginstate = &gathering->state;
	MemoryContextSwitchTo(old);
}

cs_gathering *
cs_begin_gathering(Relation index, IndexInfo *info)
{
	cs_gathering *gathering;

	if (index->rd_rel->relam != GIN_AM_OID || GinGetUseFastUpdate(index) || !info->ii_ReadyForInserts)
		return NULL;
	gathering = palloc0(sizeof(cs_gathering));
	gathering->info = info;
	gathering->memory = AllocSetContextCreate(CurrentMemoryContext, "coserv index entries", ALLOCSET_DEFAULT_SIZES);
	gathering->scratch = AllocSetContextCreate(CurrentMemoryContext, "coserv index entry", ALLOCSET_DEFAULT_SIZES);
	initGinState(&gathering->state, index);
	info->ii_ReadyForInserts = false;
	start(gathering);
	return gathering;
}

static void
write_gathered(cs_gathering *gathering)
{
	MemoryContext old = MemoryContextSwitchTo(gathering->scratch);
	ItemPointerData *rows;
	OffsetNumber column;
	Datum key;
	GinNullCategory category;
	uint32 count;

	ginBeginBAScan(&gathering->gathered);
	while ((rows = ginGetBAEntry(&gathering->gathered, &column, &key, &category, &count)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		ginEntryInsert(&gathering->state, column, key, category, rows, count, NULL);
		MemoryContextReset(gathering->scratch);
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(gathering->memory);
}

static void
gather_column(cs_gathering *gathering, ItemPointer row, OffsetNumber column, Datum value, bool isnull)
{
	MemoryContext old = MemoryContextSwitchTo(gathering->scratch);
	GinNullCategory *categories;
	int32 count;
	Datum *keys = ginExtractEntries(&gathering->state, column, value, isnull, &count, &categories);

	MemoryContextSwitchTo(gathering->memory);
	ginInsertBAEntries(&gathering->gathered, row, column, keys, categories, count);
	MemoryContextSwitchTo(old);
	MemoryContextReset(gathering->scratch);
}

void
cs_gather(cs_gathering *gathering, TupleTableSlot *slot, EState *estate)
{
	IndexInfo *info = gathering->info;
	Datum values[INDEX_MAX_KEYS];
	bool nulls[INDEX_MAX_KEYS];

	CHECK_FOR_INTERRUPTS();
	GetPerTupleExprContext(estate)->ecxt_scantuple = slot;
	/* into a partial index not every row belongs */
	if (!ExecQual(info->ii_PredicateState, GetPerTupleExprContext(estate)))
		return;
	FormIndexDatum(info, slot, estate, values, nulls);
	for (int i = 0; i < info->ii_NumIndexAttrs; i++)
		gather_column(gathering, &slot->tts_tid, (OffsetNumber) (i + 1), values[i], nulls[i]);
	if (gathering->gathered.allocatedMemory < GATHERED_BYTES)
		return;
	write_gathered(gathering);
	start(gathering);
}

void
cs_end_gathering(cs_gathering *gathering)
{
	write_gathered(gathering);
	MemoryContextDelete(gathering->memory);
	MemoryContextDelete(gathering->scratch);
	gathering->info->ii_ReadyForInserts = true;
	pfree(gathering);
}
