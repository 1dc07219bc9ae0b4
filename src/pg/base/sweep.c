/*
 * sweep.c - what is gone leaves the indexes that answer now (sweep.h), as VACUUM does it, but for its last step: it leaves the row's line
 * pointer for VACUUM, which alone makes it free for another row.
 *
 * A row is gone when its line pointer is dead. That was logged before the entry goes, with what a standby needs to know of snapshots that
 * still see the row there; so one finds no row missing. Whoever holds SHARE UPDATE EXCLUSIVE knows that nobody makes line pointers free.
 */
#include "sweep.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/table.h"
#include "access/visibilitymap.h"
#include "catalog/pg_am.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "utils/rel.h"

/* Entries that are left where they are; of larger tables as many as make the work worth it. */
#define LEFT_AT_LEAST 128
#define PAGES_FOR_AN_ENTRY 64

/* An act that leaves fewer entries than this looks for what is gone once in so many times. */
#define ENTRIES_FOR_A_LOOK 16

/* So many rows are removed at once, at the most: 6 MB of their places. */
#define REMOVED_MOST (1024 * 1024)

typedef struct cs_sweeping
{
	Relation table;
	BlockNumber block; /* of buffer */
	Buffer buffer;
	int64 gone;
} cs_sweeping;

/* --- how many there are --- */

static void
read_block(cs_sweeping *sweeping, BlockNumber block)
{
	if (BufferIsValid(sweeping->buffer) && sweeping->block == block)
		return;
	if (BufferIsValid(sweeping->buffer))
		ReleaseBuffer(sweeping->buffer);
	sweeping->buffer = ReadBuffer(sweeping->table, block);
	sweeping->block = block;
	heap_page_prune_opt(sweeping->table, sweeping->buffer);
}

static bool
is_gone(Page page, OffsetNumber offset)
{
	return offset <= PageGetMaxOffsetNumber(page) && ItemIdIsDead(PageGetItemId(page, offset));
}

static void
count_gone(ItemPointerData place, void *data)
{
	cs_sweeping *sweeping = data;

	read_block(sweeping, ItemPointerGetBlockNumber(&place));
	LockBuffer(sweeping->buffer, BUFFER_LOCK_SHARE);
	sweeping->gone += is_gone(BufferGetPage(sweeping->buffer), ItemPointerGetOffsetNumber(&place));
	LockBuffer(sweeping->buffer, BUFFER_LOCK_UNLOCK);
}

/* --- removing them --- */

/* In the order of the table. */
typedef struct cs_places
{
	ItemPointerData *places;
	int count;
	int capacity;
} cs_places;

static void
add_place(cs_places *places, BlockNumber block, OffsetNumber offset)
{
	if (places->count == places->capacity)
	{
		places->capacity = Max(256, places->capacity * 2);
		places->places = places->places == NULL ? palloc(sizeof(ItemPointerData) * (Size) places->capacity)
												: repalloc(places->places, sizeof(ItemPointerData) * (Size) places->capacity);
	}
	ItemPointerSet(&places->places[places->count], block, offset);
	places->count++;
}

static void
find_gone_of_block(cs_sweeping *sweeping, BlockNumber block, cs_places *places)
{
	Page page;

	read_block(sweeping, block);
	LockBuffer(sweeping->buffer, BUFFER_LOCK_SHARE);
	page = BufferGetPage(sweeping->buffer);
	for (OffsetNumber offset = FirstOffsetNumber; offset <= PageGetMaxOffsetNumber(page); offset++)
		if (is_gone(page, offset))
			add_place(places, block, offset);
	LockBuffer(sweeping->buffer, BUFFER_LOCK_UNLOCK);
}

/* Nothing is gone where all is visible. */
static void
find_gone(cs_sweeping *sweeping, BlockNumber blocks, cs_places *places)
{
	Buffer map = InvalidBuffer;

	for (BlockNumber block = 0; block < blocks && places->count < REMOVED_MOST; block++)
	{
		CHECK_FOR_INTERRUPTS();
		if ((visibilitymap_get_status(sweeping->table, block, &map) & VISIBILITYMAP_ALL_VISIBLE) == 0)
			find_gone_of_block(sweeping, block, places);
	}
	if (BufferIsValid(map))
		ReleaseBuffer(map);
}

static int
compare_places(const void *a, const void *b)
{
	return ItemPointerCompare((ItemPointer) a, (ItemPointer) b);
}

static bool
is_among(ItemPointer place, void *data)
{
	const cs_places *places = data;

	return bsearch(place, places->places, (size_t) places->count, sizeof(ItemPointerData), compare_places) != NULL;
}

static void
remove_from(Relation table, Relation index, cs_places *places)
{
	IndexVacuumInfo info = { .index = index,
#if PG_VERSION_NUM >= 160000
		.heaprel = table,
#endif
		.estimated_count = true,
		.message_level = DEBUG2,
		.num_heap_tuples = -1 };

	(void) index_bulk_delete(&info, NULL, is_among, places);
}

/* A scan of this session that is open may hold a page that is to be cleaned, and nobody waits for himself. */
static bool
is_scanned(Relation *indexes, int count)
{
	for (int i = 0; i < count; i++)
		if (indexes[i]->rd_refcnt != 1)
			return true;
	return false;
}

static void
sweep(cs_sweeping *sweeping, Relation *indexes, int count)
{
	cs_places places = { NULL, 0, 0 };

	if (is_scanned(indexes, count) || !ConditionalLockRelation(sweeping->table, ShareUpdateExclusiveLock))
		return;
	find_gone(sweeping, RelationGetNumberOfBlocks(sweeping->table), &places);
	for (int i = 0; places.count > 0 && i < count; i++)
		remove_from(sweeping->table, indexes[i], &places);
	UnlockRelation(sweeping->table, ShareUpdateExclusiveLock);
	if (places.places != NULL)
		pfree(places.places);
}

bool
cs_sweep_is_due(uint32 dice, uint32 left)
{
	return hash_bytes_uint32(dice) % ENTRIES_FOR_A_LOOK < left;
}

void
cs_sweep(Oid store, cs_lookup_table table, Datum environment)
{
	cs_lookup *lookup = cs_lookup_begin(store, false);
	cs_sweeping sweeping = { .buffer = InvalidBuffer };
	Relation indexes[CS_LOOKUP_LIVE_INDEXES];
	int64 left, each;

	if (lookup == NULL)
		return;
	sweeping.table = cs_lookup_live_indexes(lookup, table, indexes);
	if (sweeping.table != NULL && sweeping.table->rd_rel->relam == HEAP_TABLE_AM_OID)
	{
		left = Max(LEFT_AT_LEAST, RelationGetNumberOfBlocks(sweeping.table) / PAGES_FOR_AN_ENTRY);
		each = cs_lookup_entries(lookup, table, environment, count_gone, &sweeping);
		if (sweeping.gone * each > left)
			sweep(&sweeping, indexes, CS_LOOKUP_LIVE_INDEXES);
		if (BufferIsValid(sweeping.buffer))
			ReleaseBuffer(sweeping.buffer);
	}
	(void) cs_lookup_end(lookup);
}
