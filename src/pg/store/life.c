/*
 * life.c - what is foreseen at a commit (life.h), and how long it says that something counts.
 */
#include "life.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/multirangetypes.h"
#include "utils/numeric.h"
#include "utils/rangetypes.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "pg/base/store.h"

PG_FUNCTION_INFO_V1(coserv_counts_until);

#define ROWS_AT_ONCE 20

void
cs_ids_add(cs_ids *ids, const pg_uuid_t *id)
{
	if (ids->count == ids->capacity)
	{
		ids->capacity = ids->capacity == 0 ? 8 : ids->capacity * 2;
		ids->ids = ids->ids == NULL ? palloc_extended(sizeof(pg_uuid_t) * (size_t) ids->capacity, MCXT_ALLOC_HUGE)
									: repalloc_huge(ids->ids, sizeof(pg_uuid_t) * (size_t) ids->capacity);
	}
	ids->ids[ids->count++] = *id;
}

Datum
cs_ids_array(const cs_ids *ids)
{
	Datum *values = palloc_extended(sizeof(Datum) * (size_t) Max(ids->count, 1), MCXT_ALLOC_HUGE);

	for (int i = 0; i < ids->count; i++)
		values[i] = UUIDPGetDatum(&ids->ids[i]);
	return PointerGetDatum(construct_array(values, ids->count, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

void
cs_touch_group(cs_touched *touched, const pg_uuid_t *authority, const char *kind, const char *tag_id)
{
	cs_group *group = palloc(sizeof(cs_group));

	*group = (cs_group) { .authority = *authority, .kind = pstrdup(kind), .tag_id = pstrdup(tag_id) };
	touched->groups = lappend(touched->groups, group);
}

/* --- sets of ranges --- */

static Datum
unite(Datum a, Datum b)
{
	return OidFunctionCall2(F_MULTIRANGE_UNION, a, b);
}

static Datum
without(Datum a, Datum b)
{
	return OidFunctionCall2(F_MULTIRANGE_MINUS, a, b);
}

static Datum
intersect(Datum a, Datum b)
{
	return OidFunctionCall2(F_MULTIRANGE_INTERSECT, a, b);
}

static bool
contains(Datum a, Datum b)
{
	return DatumGetBool(OidFunctionCall2(F_MULTIRANGE_CONTAINS_MULTIRANGE, a, b));
}

static bool
same(Datum a, Datum b)
{
	return DatumGetBool(OidFunctionCall2(F_MULTIRANGE_EQ, a, b));
}

static Datum
nothing(void)
{
	TypeCacheEntry *type = lookup_type_cache(TSTZMULTIRANGEOID, TYPECACHE_MULTIRANGE_INFO);

	return MultirangeTypePGetDatum(make_multirange(TSTZMULTIRANGEOID, type->rngtype, 0, NULL));
}

Datum
cs_life_between(TimestampTz begin, TimestampTz end)
{
	TypeCacheEntry *type = lookup_type_cache(TSTZMULTIRANGEOID, TYPECACHE_MULTIRANGE_INFO);
	RangeBound lower = { .val = TimestampTzGetDatum(begin), .inclusive = true, .lower = true };
	RangeBound upper = { .val = TimestampTzGetDatum(end), .infinite = end == DT_NOEND };
#if PG_VERSION_NUM >= 160000
	RangeType *range = make_range(type->rngtype, &lower, &upper, false, NULL);
#else
	RangeType *range = make_range(type->rngtype, &lower, &upper, false);
#endif

	return MultirangeTypePGetDatum(make_multirange(TSTZMULTIRANGEOID, type->rngtype, 1, &range));
}

/* --- a tag and its versions --- */

/* Columns of CS_STMT_TAG_GROUP. */
enum
{
	VERSION_MANIFEST,
	VERSION_ORDINAL,
	VERSION_NUMBER,
	VERSION_HIDES,
	VERSION_REVOKED,
	VERSION_ACTIVATED,
	VERSION_LAST_COUNTS,
	VERSION_LAST_NEWEST,
	VERSION_LAST_ACTIVATED,
	VERSION_COLUMNS
};

typedef struct cs_versions
{
	cs_touched *touched;
	const cs_group *group;
	cs_ids *changed; /* manifests whose tags changed */
	Datum always;
	Datum replaced, replaced_activated;
	bool is_listed; /* some CoTL names the tag */
	bool is_linked; /* some tag says that it replaces it */
	bool is_cotl;
	cs_ids dormant; /* of the manifests that are touched, those that have a version of it that cannot count */
	/* by versions above the one at hand */
	Datum hidden, hidden_activated;
	/* by those of the one at hand */
	Datum level, level_activated;
	Datum number; /* of the one at hand; 0: none */
	bool done;
} cs_versions;

static void
group_arguments(const cs_versions *versions, Datum args[4])
{
	args[0] = UUIDPGetDatum(&versions->group->authority);
	args[1] = TimestampTzGetDatum(versions->touched->moment);
	args[2] = CStringGetTextDatum(versions->group->kind);
	args[3] = CStringGetTextDatum(versions->group->tag_id);
}

static Datum
kept(MemoryContext memory, Datum value)
{
	MemoryContext old = MemoryContextSwitchTo(memory);
	Datum copy = datumCopy(value, false, -1);

	MemoryContextSwitchTo(old);
	return copy;
}

/* What has no row yet counts as far as the tag goes, and is activated by nobody. */
static void
foresee_version(cs_versions *versions, Datum *values, bool *nulls)
{
	Datum base = without(versions->always, values[VERSION_REVOKED]);
	Datum newest = without(base, versions->hidden);
	Datum counts = without(newest, versions->replaced);
	Datum activated = versions->is_cotl
		? counts
		: without(without(intersect(base, values[VERSION_ACTIVATED]), versions->hidden_activated), versions->replaced_activated);
	Datum args[6] = { values[VERSION_MANIFEST], values[VERSION_ORDINAL], TimestampTzGetDatum(versions->touched->known), counts, newest,
		activated };

	if (nulls[VERSION_LAST_COUNTS] ? same(counts, versions->always) && same(newest, versions->always) && same(activated, nothing())
								   : same(counts, values[VERSION_LAST_COUNTS]) && same(newest, values[VERSION_LAST_NEWEST]) &&
				same(activated, values[VERSION_LAST_ACTIVATED]))
		return;
	cs_run_latest(versions->touched->store, CS_STMT_TAG_LIFE, args, NULL);
	cs_ids_add(versions->changed, DatumGetUUIDP(values[VERSION_MANIFEST]));
}

/* A lower version comes: what was above it hides it from now on. True when nothing below can count any more. */
static bool
next_level(cs_versions *versions, Datum number, MemoryContext memory)
{
	MemoryContext old = MemoryContextSwitchTo(memory);

	if (versions->number != (Datum) 0)
	{
		versions->hidden = unite(versions->hidden, versions->level);
		versions->hidden_activated = unite(versions->hidden_activated, versions->level_activated);
	}
	versions->level = versions->level_activated = nothing();
	versions->number = datumCopy(number, false, -1);
	MemoryContextSwitchTo(old);
	return contains(versions->hidden, versions->always) && (!versions->is_listed || contains(versions->hidden_activated, versions->always));
}

/* Versions from the one at hand downwards: all of them are hidden from now on. */
static void
hide_below(cs_versions *versions, Datum number, bool inclusive)
{
	Datum args[7];

	group_arguments(versions, args);
	args[1] = TimestampTzGetDatum(versions->touched->known);
	/* versions are whole numbers */
	args[4] = inclusive ? DirectFunctionCall2(numeric_add, number, DirectFunctionCall1(int4_numeric, Int32GetDatum(1))) : number;
	args[5] = cs_ids_array(&versions->dormant);
	args[6] = BoolGetDatum(versions->is_linked);
	cs_run_latest(versions->touched->store, CS_STMT_TAG_HIDDEN, args, NULL);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool isnull;

		cs_ids_add(versions->changed, DatumGetUUIDP(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull)));
	}
	SPI_freetuptable(SPI_tuptable);
}

static void
take_version(cs_versions *versions, Datum *values, bool *nulls, MemoryContext memory)
{
	MemoryContext old;

	if (versions->number == (Datum) 0 || !datumIsEqual(versions->number, values[VERSION_NUMBER], false, -1))
	{
		if (next_level(versions, values[VERSION_NUMBER], memory))
		{
			hide_below(versions, values[VERSION_NUMBER], true);
			versions->done = true;
			return;
		}
	}
	foresee_version(versions, values, nulls);
	old = MemoryContextSwitchTo(memory);
	versions->level = unite(versions->level, values[VERSION_HIDES]);
	versions->level_activated = unite(
		versions->level_activated, versions->is_cotl ? values[VERSION_HIDES] : intersect(values[VERSION_HIDES], values[VERSION_ACTIVATED]));
	MemoryContextSwitchTo(old);
}

static void
read_replaced(cs_versions *versions, MemoryContext memory)
{
	Datum args[4];
	bool isnull;
	HeapTuple row;
	TupleDesc desc;

	group_arguments(versions, args);
	cs_run_latest(versions->touched->store, CS_STMT_TAG_REPLACED, args, NULL);
	row = SPI_tuptable->vals[0];
	desc = SPI_tuptable->tupdesc;
	versions->replaced = kept(memory, SPI_getbinval(row, desc, 1, &isnull));
	versions->replaced_activated = kept(memory, SPI_getbinval(row, desc, 2, &isnull));
	versions->is_listed = DatumGetBool(SPI_getbinval(row, desc, 3, &isnull));
	versions->is_linked = DatumGetBool(SPI_getbinval(row, desc, 4, &isnull));
	SPI_freetuptable(SPI_tuptable);
}

/* Newest first, and no further than something may change. */
static void
foresee_group(cs_touched *touched, const cs_group *group, const cs_ids *dormant, cs_ids *changed)
{
	MemoryContext memory = AllocSetContextCreate(CurrentMemoryContext, "coserv versions", ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(memory);
	cs_versions versions = {
		.touched = touched, .group = group, .changed = changed, .always = cs_life_between(touched->moment, DT_NOEND), .dormant = *dormant
	};
	Datum args[4];
	Portal portal;

	versions.is_cotl = strcmp(group->kind, "cotl") == 0;
	versions.hidden = versions.hidden_activated = nothing();
	group_arguments(&versions, args);
	MemoryContextSwitchTo(old);
	read_replaced(&versions, memory);
	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	portal = SPI_cursor_open(NULL, cs_store_plan(touched->store, CS_STMT_TAG_GROUP), args, NULL, true);
	while (!versions.done)
	{
		SPITupleTable *rows;
		uint64 count;

		SPI_cursor_fetch(portal, true, ROWS_AT_ONCE);
		rows = SPI_tuptable;
		count = SPI_processed;
		if (count == 0)
			break;
		for (uint64 i = 0; i < count && !versions.done; i++)
		{
			Datum values[VERSION_COLUMNS];
			bool nulls[VERSION_COLUMNS];

			CHECK_FOR_INTERRUPTS();
			heap_deform_tuple(rows->vals[i], rows->tupdesc, values, nulls);
			take_version(&versions, values, nulls, memory);
		}
		SPI_freetuptable(rows);
	}
	SPI_cursor_close(portal);
	PopActiveSnapshot();
	MemoryContextDelete(memory);
}

static int
compare_groups(const cs_group *x, const cs_group *y)
{
	int order = memcmp(x->authority.data, y->authority.data, UUID_LEN);

	if (order == 0)
		order = strcmp(x->tag_id, y->tag_id);
	return order != 0 ? order : strcmp(x->kind, y->kind);
}

static int
compare_cells(const ListCell *a, const ListCell *b)
{
	return compare_groups(lfirst(a), lfirst(b));
}

/* A version that cannot count, of a manifest that is touched. */
typedef struct cs_dormant
{
	cs_group group; /* first: what it is sorted by */
	pg_uuid_t manifest;
} cs_dormant;

/* Those of manifests that this commit brings are all live as yet. */
static List *
find_dormant(cs_touched *touched)
{
	List *found = NIL;
	Datum arg;

	if (!touched->has_past || touched->groups == NIL || touched->manifests.count == 0)
		return NIL;
	arg = cs_ids_array(&touched->manifests);
	cs_run_latest(touched->store, CS_STMT_TAGS_DORMANT, &arg, NULL);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		cs_dormant *one = palloc(sizeof(cs_dormant));
		HeapTuple row = SPI_tuptable->vals[i];
		TupleDesc desc = SPI_tuptable->tupdesc;
		bool isnull;

		one->group = (cs_group) { .authority = *DatumGetUUIDP(SPI_getbinval(row, desc, 1, &isnull)),
			.kind = SPI_getvalue(row, desc, 2),
			.tag_id = SPI_getvalue(row, desc, 3) };
		one->manifest = *DatumGetUUIDP(SPI_getbinval(row, desc, 4, &isnull));
		found = lappend(found, one);
	}
	list_sort(found, compare_cells);
	return found;
}

/* Each once; of what is dormant, in the same order, those of each. */
static void
foresee_groups(cs_touched *touched, cs_ids *changed)
{
	List *dormant = find_dormant(touched);
	const cs_group *last = NULL;
	int at = 0;
	ListCell *cell;

	list_sort(touched->groups, compare_cells);
	foreach (cell, touched->groups)
	{
		const cs_group *group = lfirst(cell);
		cs_ids of_group = { NULL, 0, 0 };

		if (last != NULL && compare_groups(last, group) == 0)
			continue;
		while (at < list_length(dormant) && compare_groups(list_nth(dormant, at), group) < 0)
			at++;
		for (; at < list_length(dormant) && compare_groups(list_nth(dormant, at), group) == 0; at++)
			cs_ids_add(&of_group, &((const cs_dormant *) list_nth(dormant, at))->manifest);
		foresee_group(touched, group, &of_group, changed);
		last = group;
	}
}

/* --- CoTLs --- */

typedef struct cs_cotl
{
	pg_uuid_t manifest;
	int32 ordinal;
} cs_cotl;

static Datum
tag_ids(const cs_touched *touched)
{
	Datum *values = palloc(sizeof(Datum) * (size_t) Max(list_length(touched->groups), 1));
	int count = 0;
	ListCell *cell;

	foreach (cell, touched->groups)
		values[count++] = CStringGetTextDatum(((const cs_group *) lfirst(cell))->tag_id);
	return PointerGetDatum(construct_array(values, count, TEXTOID, -1, false, TYPALIGN_INT));
}

void
cs_touch_rows(cs_touched *touched)
{
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool isnull;
		HeapTuple row = SPI_tuptable->vals[i];
		TupleDesc desc = SPI_tuptable->tupdesc;
		char *what = SPI_getvalue(row, desc, 1);
		Datum id = SPI_getbinval(row, desc, 2, &isnull);

		if (strcmp(what, "tag") == 0)
			cs_touch_group(touched, DatumGetUUIDP(id), SPI_getvalue(row, desc, 3), SPI_getvalue(row, desc, 4));
		else if (strcmp(what, "manifest") == 0)
			cs_ids_add(&touched->manifests, DatumGetUUIDP(id));
		else if (strcmp(what, "authority") == 0 || strcmp(what, "stale") == 0)
			cs_ids_add(&touched->authorities, DatumGetUUIDP(id));
		else if (strcmp(what, "cotl") == 0)
			touched->has_cotls = true;
	}
}

/* Those that are touched; where one changes, the tags that it lists are touched. */
static void
foresee_cotls(cs_touched *touched, cs_ids *changed)
{
	Datum args[4] = { cs_ids_array(&touched->manifests), TimestampTzGetDatum(touched->moment), cs_ids_array(&touched->authorities),
		tag_ids(touched) };
	uint64 count;
	cs_cotl *cotls;
	bool isnull;

	cs_run_latest(touched->store, CS_STMT_COTLS, args, NULL);
	count = SPI_processed;
	cotls = palloc(sizeof(cs_cotl) * (size_t) Max(count, 1));
	for (uint64 i = 0; i < count; i++)
	{
		cotls[i].manifest = *DatumGetUUIDP(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &isnull));
		cotls[i].ordinal = DatumGetInt32(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2, &isnull));
	}
	touched->groups = NIL;
	for (uint64 i = 0; i < count; i++)
	{
		Datum of_cotl[4] = { UUIDPGetDatum(&cotls[i].manifest), TimestampTzGetDatum(touched->moment), Int32GetDatum(cotls[i].ordinal),
			TimestampTzGetDatum(touched->known) };
		Datum listed[2] = { of_cotl[0], of_cotl[2] };

		CHECK_FOR_INTERRUPTS();
		cs_run_latest(touched->store, CS_STMT_COTL_LIFE, of_cotl, NULL);
		if (SPI_processed == 0)
			continue;
		cs_run_latest(touched->store, CS_STMT_LISTED, listed, NULL);
		cs_touch_rows(touched);
	}
	foresee_groups(touched, changed);
}

/* --- all of it --- */

static void
foresee_manifests(cs_touched *touched, cs_ids *changed)
{
	Datum args[3] = { cs_ids_array(&touched->manifests), TimestampTzGetDatum(touched->moment), TimestampTzGetDatum(touched->known) };

	cs_run_latest(touched->store, CS_STMT_MANIFEST_LIFE, args, NULL);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		bool isnull;
		HeapTuple row = SPI_tuptable->vals[i];
		TupleDesc desc = SPI_tuptable->tupdesc;

		/* what is new and counts is live already */
		if (touched->has_past || DatumGetBool(SPI_getbinval(row, desc, 2, &isnull)))
			cs_ids_add(changed, DatumGetUUIDP(SPI_getbinval(row, desc, 1, &isnull)));
	}
}

void
cs_foresee(cs_touched *touched)
{
	cs_ids changed = { NULL, 0, 0 };
	Datum args[3];

	if (touched->authorities.count > 0)
	{
		args[0] = cs_ids_array(&touched->authorities);
		args[1] = TimestampTzGetDatum(touched->moment);
		args[2] = TimestampTzGetDatum(touched->known);
		cs_run_latest(touched->store, CS_STMT_AUTHORITY_LIFE, args, NULL);
	}
	if (touched->manifests.count > 0)
		foresee_manifests(touched, &changed);
	foresee_groups(touched, &changed);
	if (touched->has_cotls)
		foresee_cotls(touched, &changed);
	if (changed.count > 0)
	{
		args[0] = cs_ids_array(&changed);
		cs_run_latest(touched->store, CS_STMT_LIVE, args, NULL);
	}
}

/* --- how long --- */

/* The end of the range that contains a moment, where it comes before *until; false when none does. */
static bool
end_of(TypeCacheEntry *type, Datum ranges, TimestampTz at, TimestampTz *until)
{
	MultirangeType *set = DatumGetMultirangeTypeP(ranges);
	uint32 count = set->rangeCount;

	for (uint32 i = 0; i < count; i++)
	{
		RangeBound lower, upper;

		multirange_get_bounds(type->rngtype, set, i, &lower, &upper);
		if (!lower.infinite && DatumGetTimestampTz(lower.val) > at)
			return false;
		if (!upper.infinite && DatumGetTimestampTz(upper.val) <= at)
			continue;
		if (!upper.infinite && DatumGetTimestampTz(upper.val) < *until)
			*until = DatumGetTimestampTz(upper.val);
		return true;
	}
	return false;
}

bool
cs_counts_until(const cs_counting *counting, TimestampTz at, TimestampTz *until)
{
	TypeCacheEntry *type = lookup_type_cache(TSTZMULTIRANGEOID, TYPECACHE_MULTIRANGE_INFO);
	const Datum *tag = counting->required ? counting->activated : counting->tag;

	*until = DT_NOEND;
	if (!end_of(type, *counting->manifest, at, until) || !end_of(type, *counting->authority, at, until))
		return false;
	return tag == NULL ? !counting->required : end_of(type, *tag, at, until);
}

Datum
cs_life_of_both(Datum a, Datum b)
{
	return intersect(a, b);
}

bool
cs_life_until(Datum ranges, TimestampTz at, TimestampTz *until)
{
	*until = DT_NOEND;
	return end_of(lookup_type_cache(TSTZMULTIRANGEOID, TYPECACHE_MULTIRANGE_INFO), ranges, at, until);
}

TimestampTz
cs_life_begins_after(Datum ranges, TimestampTz at)
{
	TypeCacheEntry *type = lookup_type_cache(TSTZMULTIRANGEOID, TYPECACHE_MULTIRANGE_INFO);
	MultirangeType *set = DatumGetMultirangeTypeP(ranges);

	for (uint32 i = 0; i < set->rangeCount; i++)
	{
		RangeBound lower, upper;

		multirange_get_bounds(type->rngtype, set, i, &lower, &upper);
		if (!lower.infinite && DatumGetTimestampTz(lower.val) > at)
			return DatumGetTimestampTz(lower.val);
	}
	return DT_NOEND;
}

/*
 * counts_until(as_of timestamptz, required boolean, manifest, authority, tag, activated tstzmultirange) -> timestamptz; not strict: tag and
 * activated NULL: nothing was ever foreseen of the tag
 */
Datum
coserv_counts_until(PG_FUNCTION_ARGS)
{
	const Datum *arguments[6];
	cs_counting counting = { .required = !PG_ARGISNULL(1) && PG_GETARG_BOOL(1) };
	TimestampTz until;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	for (int i = 2; i < 6; i++)
		arguments[i] = PG_ARGISNULL(i) ? NULL : &fcinfo->args[i].value;
	counting.manifest = arguments[2];
	counting.authority = arguments[3];
	counting.tag = arguments[4];
	counting.activated = arguments[5];
	if (!cs_counts_until(&counting, PG_GETARG_TIMESTAMPTZ(0), &until))
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(until);
}
