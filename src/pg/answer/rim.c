/*
 * rim.c - documents by RIM identifiers (rim.h).
 */
#include "rim.h"

#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"

#include "pg/base/store.h"

/* Columns of CS_STMT_RIM_CORIM and CS_STMT_RIM_TAG. */
enum
{
	RIM_TRUTH = 1,
	RIM_IS_SIGNED,
	RIM_NOT_AFTER,
	RIM_MANIFEST,
	RIM_NOT_BEFORE,
	RIM_TAG_VERSION
};

static void
take(cs_found_rim *out)
{
	HeapTuple row = SPI_tuptable->vals[0];
	TupleDesc desc = SPI_tuptable->tupdesc;
	cs_rim *rim = &out->rim;
	bool isnull;
	Datum value;

	out->is_signed = DatumGetBool(SPI_getbinval(row, desc, RIM_IS_SIGNED, &isnull));
	out->truth = *DatumGetUUIDP(SPI_getbinval(row, desc, RIM_TRUTH, &isnull));
	value = SPI_getbinval(row, desc, RIM_NOT_AFTER, &isnull);
	rim->has_not_after = !isnull;
	rim->not_after = isnull ? 0 : DatumGetTimestampTz(value);
	rim->manifest = *DatumGetUUIDP(SPI_getbinval(row, desc, RIM_MANIFEST, &isnull));
	value = SPI_getbinval(row, desc, RIM_NOT_BEFORE, &isnull);
	rim->has_not_before = !isnull;
	rim->not_before = isnull ? 0 : DatumGetTimestampTz(value);
	value = SPI_getbinval(row, desc, RIM_TAG_VERSION, &isnull);
	rim->tag_version = isnull ? 0 : value;
}

static Datum
copy_into(MemoryContext memory, Datum value)
{
	MemoryContext old = MemoryContextSwitchTo(memory);
	Datum copy = PointerGetDatum(PG_DETOAST_DATUM_COPY(value));

	MemoryContextSwitchTo(old);
	return copy;
}

static void
find_by_plan(
	MemoryContext memory, Oid store, const cs_query *query, const cs_rim_id *id, TimestampTz as_of, Datum authorities, cs_found_rim *out)
{
	static const char *const kinds[] = { [CS_RIM_COMID] = "comid", [CS_RIM_COSWID] = "coswid" };
	bool by_tag = id->kind != CS_RIM_CORIM;
	Datum args[5] = { cs_pg_make_text(id->text), cs_pg_make_text(query->profile), TimestampTzGetDatum(as_of), authorities,
		by_tag ? CStringGetTextDatum(kinds[id->kind]) : (Datum) 0 };
	const char nulls[5] = { ' ', ' ', ' ', authorities == 0 ? 'n' : ' ', ' ' };
	int guc_nest = cs_begin_statements();

	cs_spi_connect();
	out->rim.found = cs_store_run(store, by_tag ? CS_STMT_RIM_TAG : CS_STMT_RIM_CORIM, args, nulls, true, 1) > 0;
	if (out->rim.found)
	{
		take(out);
		if (out->rim.tag_version != 0)
			out->rim.tag_version = copy_into(memory, out->rim.tag_version);
	}
	SPI_finish();
	cs_end_statements(guc_nest);
}

void
cs_find_rim(
	MemoryContext memory, Oid store, const cs_query *query, const cs_rim_id *id, const cs_reading *reading, Datum authorities, cs_rim *out)
{
	cs_found_rim found;
	MemoryContext old;
	bool done;
	cs_ctx ctx;

	old = MemoryContextSwitchTo(memory);
	cs_pg_ctx(&ctx);
	done = cs_find_rim_directly(store, query, id, reading, authorities, &found);
	MemoryContextSwitchTo(old);
	if (!done)
		find_by_plan(memory, store, query, id, reading->as_of, authorities, &found);
	*out = found.rim;
	if (out->found)
		out->conveyed = cs_conveyed(&ctx, store, &found.truth, found.is_signed);
}

/* As the statements order them. */
bool
cs_rim_goes_before(const cs_rim *a, const cs_rim *b)
{
	if (a->tag_version != 0 && b->tag_version != 0)
	{
		int order = DatumGetInt32(DirectFunctionCall2(numeric_cmp, a->tag_version, b->tag_version));

		if (order != 0)
			return order > 0;
	}
	else if (a->has_not_before != b->has_not_before)
		return a->has_not_before;
	else if (a->has_not_before && a->not_before != b->not_before)
		return a->not_before > b->not_before;
	return memcmp(&a->manifest, &b->manifest, UUID_LEN) > 0;
}

void
cs_rim_join(cs_rim *best, const cs_rim *other)
{
	TimestampTz not_after;
	bool has_not_after;

	if (!other->found)
		return;
	if (!best->found)
	{
		*best = *other;
		return;
	}
	has_not_after = best->has_not_after || other->has_not_after;
	not_after = Min(best->has_not_after ? best->not_after : DT_NOEND, other->has_not_after ? other->not_after : DT_NOEND);
	if (cs_rim_goes_before(other, best))
		*best = *other;
	best->has_not_after = has_not_after;
	best->not_after = not_after;
}
