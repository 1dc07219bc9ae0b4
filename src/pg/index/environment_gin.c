/*
 * environment_gin.c - the GIN operator class environment_ops: @> <@ = and @@ over environments.
 *
 * Keys are 64-bit hashes (a GIN key may not exceed 2712 bytes, an attribute may), one for each attribute's path and value. The
 * attribute that says most, by precedence[], is the environment's anchor: its key has the lowest bit set, all others have it clear.
 * What is contained in an environment has one of that environment's attributes as its anchor: one look-up each, and not one for each
 * subset. What contains an environment has each of its attributes; the first of them may be its anchor, and no other can, because
 * that would come first. Not each of them is asked for (environment_keys.h), and hashes may collide: every hit is rechecked.
 *
 * extractQuery also runs while planning: it never throws on account of a query, and where it cannot make keys it asks for a
 * scan of the whole index with a recheck of every row, which is always right.
 */
#include "environment_keys.h"

#include "access/gin.h"
#include "access/stratnum.h"
#include "common/hashfn.h"

#include "match/match.h"
#include "query/query.h"

PG_FUNCTION_INFO_V1(cs_environment_extract_value);
PG_FUNCTION_INFO_V1(cs_environment_extract_query);
PG_FUNCTION_INFO_V1(cs_environment_consistent);
PG_FUNCTION_INFO_V1(cs_environment_tri_consistent);

enum
{
	STRATEGY_CONTAINS = 1,
	STRATEGY_CONTAINED = 2,
	STRATEGY_EQUAL = 3,
	STRATEGY_SELECTED = 4
};

/* Bounds the keys of one @@: a query with more selectors than that scans. */
#define MAX_QUERY_KEYS 10000

/* Seeds of the hashes, and the order of precedence, are on disk: changing one takes a new operator class. */
#define SEED_PATH(attr) (UINT64CONST(0x70617468) << 8 | (uint64) (attr)->path << 1 | ((attr)->in_class ? 1 : 0))
#define ANCHOR UINT64CONST(1)

/* The lower, the fewer environments have the same; of several equal ones, the first in the encoding is the anchor. */
static const int precedence[] = { [CS_PATH_INSTANCE] = 0,
	[CS_PATH_CLASS_ID] = 1,
	[CS_PATH_GROUP] = 2,
	[CS_PATH_MODEL] = 3,
	[CS_PATH_OTHER] = 4,
	[CS_PATH_VENDOR] = 5,
	[CS_PATH_INDEX] = 6,
	[CS_PATH_LAYER] = 7 };

/* Is it worth asking for an attribute beside this anchor (environment_keys.h)? A class may have any number of groups. */
static bool
narrows(cs_env_path anchor, cs_env_path path)
{
	return anchor != CS_PATH_INSTANCE && (anchor != CS_PATH_CLASS_ID || path == CS_PATH_GROUP);
}

/* Room for one more behind them. */
cs_environment_keys
cs_environment_keys_of(const cs_item *environment)
{
	cs_env_attr some[16];
	cs_env_attr *attrs = some;
	size_t count = cs_env_attrs(environment, attrs, lengthof(some));
	cs_environment_keys k = { .count = count };

	if (count > lengthof(some))
	{
		attrs = palloc(sizeof(cs_env_attr) * count);
		count = cs_env_attrs(environment, attrs, count);
	}
	k.values = palloc(sizeof(uint64) * (count + 1));
	k.narrows = palloc(sizeof(bool) * (count + 1));
	for (size_t i = 0; i < count; i++)
	{
		k.values[i] = hash_bytes_extended(attrs[i].value.data, attrs[i].value.len, SEED_PATH(&attrs[i])) & ~ANCHOR;
		if (precedence[attrs[i].path] < precedence[attrs[k.anchor].path])
			k.anchor = i;
	}
	for (size_t i = 0; i < count; i++)
		k.narrows[i] = i != k.anchor && narrows(attrs[k.anchor].path, attrs[i].path);
	return k;
}

static Datum *
key_datums(const uint64 *values, size_t count, int32 *nkeys)
{
	Datum *datums = palloc(sizeof(Datum) * (count + 1));

	for (size_t i = 0; i < count; i++)
		datums[i] = Int64GetDatum((int64) values[i]);
	*nkeys = (int32) count;
	return datums;
}

/* The keys of a row. */
static Datum *
row_keys(const cs_item *environment, int32 *nkeys)
{
	cs_environment_keys k = cs_environment_keys_of(environment);

	if (k.count == 0)
		k.values[k.count++] = CS_ENVIRONMENT_EMPTY_KEY;
	else
		k.values[k.anchor] |= ANCHOR;
	return key_datums(k.values, k.count, nkeys);
}

Datum
cs_environment_extract_value(PG_FUNCTION_ARGS)
{
	cs_item environment = cs_pg_item(PG_GETARG_DATUM(0));

	PG_RETURN_POINTER(row_keys(&environment, (int32 *) PG_GETARG_POINTER(1)));
}

/* --- queries --- */

/* Which keys the selectors of a query need: selector i those from starts[i] to starts[i + 1] - 1, as containing_keys() has them. */
typedef struct selection
{
	int selectors;
	int *starts;
} selection;

/* Every row, rechecked. */
static Datum *
scan_all(int32 *nkeys, int32 *search_mode)
{
	*nkeys = 0;
	*search_mode = GIN_SEARCH_MODE_ALL;
	return NULL;
}

static Datum *
contained_keys(const cs_item *environment, int32 *nkeys)
{
	cs_environment_keys k = cs_environment_keys_of(environment);

	for (size_t i = 0; i < k.count; i++)
		k.values[i] |= ANCHOR;
	k.values[k.count++] = CS_ENVIRONMENT_EMPTY_KEY;
	return key_datums(k.values, k.count, nkeys);
}

/* Of what equals environment: its anchor, which is that of its equal, and what narrows it. */
static Datum *
equal_keys(const cs_item *environment, int32 *nkeys)
{
	cs_environment_keys k = cs_environment_keys_of(environment);
	uint64 *values = palloc(sizeof(uint64) * (k.count + 1));
	size_t n = 1;

	values[0] = k.count == 0 ? CS_ENVIRONMENT_EMPTY_KEY : k.values[k.anchor] | ANCHOR;
	for (size_t i = 0; i < k.count; i++)
		if (k.narrows[i])
			values[n++] = k.values[i];
	return key_datums(values, n, nkeys);
}

/*
 * Of what contains environment, which has attributes: its anchor in both forms, then what narrows it. to has room for one more than they.
 */
static size_t
containing_keys(const cs_item *environment, uint64 *to)
{
	cs_environment_keys k = cs_environment_keys_of(environment);
	size_t n = 2;

	to[0] = k.values[k.anchor] | ANCHOR;
	to[1] = k.values[k.anchor];
	for (size_t i = 0; i < k.count; i++)
		if (k.narrows[i])
			to[n++] = k.values[i];
	return n;
}

/* The number of keys of all selectors; false when one has no attribute, or when there are too many. */
static bool
selection_size(const cs_query *query, size_t *total)
{
	*total = 0;
	for (size_t i = 0; i < query->selector_count; i++)
	{
		cs_item environment = cs_item_at(query->selectors[i].environment.data, query->selectors[i].environment.len);
		cs_env_attr one;
		size_t n = cs_env_attrs(&environment, &one, 1);

		*total += n + 1;
		if (n == 0 || *total > MAX_QUERY_KEYS)
			return false;
	}
	return true;
}

/* The keys of all selectors, and in *plan which selector needs which. */
static Datum *
selection_keys(const cs_query *query, size_t total, selection **plan, int32 *nkeys)
{
	selection *s = palloc(sizeof(selection));
	uint64 *values = palloc(sizeof(uint64) * total);
	size_t count = 0;

	s->selectors = (int) query->selector_count;
	s->starts = palloc(sizeof(int) * (query->selector_count + 1));
	for (size_t i = 0; i < query->selector_count; i++)
	{
		cs_item environment = cs_item_at(query->selectors[i].environment.data, query->selectors[i].environment.len);

		s->starts[i] = (int) count;
		count += containing_keys(&environment, values + count);
	}
	s->starts[query->selector_count] = (int) count;
	*plan = s;
	return key_datums(values, count, nkeys);
}

static Datum *
selected_keys(cs_span bytes, int32 *nkeys, int32 *search_mode, Pointer **extra_data)
{
	cs_ctx ctx;
	cs_query query;
	size_t total;
	selection *plan;
	Datum *keys;
	int32 i;

	cs_pg_ctx_stored(&ctx);
	if (!cs_query_read_selectors(&ctx, bytes.data, bytes.len, &query))
		return scan_all(nkeys, search_mode);
	if (query.selector_count == 0)
	{
		*nkeys = 0; /* in the default search mode: no rows */
		return NULL;
	}
	if (!selection_size(&query, &total))
		return scan_all(nkeys, search_mode);
	keys = selection_keys(&query, total, &plan, nkeys);
	*extra_data = palloc(sizeof(Pointer) * *nkeys);
	for (i = 0; i < *nkeys; i++)
		(*extra_data)[i] = (Pointer) plan;
	return keys;
}

Datum
cs_environment_extract_query(PG_FUNCTION_ARGS)
{
	cs_span query = CS_PG_GETARG_SPAN(0);
	int32 *nkeys = (int32 *) PG_GETARG_POINTER(1);
	StrategyNumber strategy = PG_GETARG_UINT16(2);
	Pointer **extra_data = (Pointer **) PG_GETARG_POINTER(4);
	int32 *search_mode = (int32 *) PG_GETARG_POINTER(6);
	cs_item environment;
	uint64 *values;
	cs_environment_keys k;

	*search_mode = GIN_SEARCH_MODE_DEFAULT;
	if (strategy == STRATEGY_SELECTED)
		PG_RETURN_POINTER(selected_keys(query, nkeys, search_mode, extra_data));
	environment = cs_item_at(query.data, query.len);
	if (strategy == STRATEGY_CONTAINED)
		PG_RETURN_POINTER(contained_keys(&environment, nkeys));
	if (strategy == STRATEGY_EQUAL)
		PG_RETURN_POINTER(equal_keys(&environment, nkeys));
	k = cs_environment_keys_of(&environment);
	if (k.count == 0)
		PG_RETURN_POINTER(scan_all(nkeys, search_mode));
	values = palloc(sizeof(uint64) * (k.count + 1));
	PG_RETURN_POINTER(key_datums(values, containing_keys(&environment, values), nkeys));
}

/* --- does what was found satisfy the query? --- */

/* One of the first two, and all others. */
static bool
may_contain(const GinTernaryValue *check, int from, int to)
{
	if (check[from] == GIN_FALSE && check[from + 1] == GIN_FALSE)
		return false;
	for (int i = from + 2; i < to; i++)
		if (check[i] == GIN_FALSE)
			return false;
	return true;
}

static bool
may_be_selected(const GinTernaryValue *check, const selection *plan)
{
	for (int i = 0; i < plan->selectors; i++)
		if (may_contain(check, plan->starts[i], plan->starts[i + 1]))
			return true;
	return false;
}

static int
count_found(const GinTernaryValue *check, int32 nkeys)
{
	int found = 0;

	for (int i = 0; i < nkeys; i++)
		found += check[i] != GIN_FALSE;
	return found;
}

/* One bound on both procedures: false when no row with these keys can match; all others are rechecked. */
static bool
may_match(StrategyNumber strategy, const GinTernaryValue *check, int32 nkeys, Pointer *extra_data)
{
	if (nkeys == 0)
		return true; /* a scan of everything */
	switch (strategy)
	{
		case STRATEGY_CONTAINS:
			return may_contain(check, 0, nkeys);
		case STRATEGY_CONTAINED:
			return count_found(check, nkeys) > 0;
		case STRATEGY_EQUAL:
			return count_found(check, nkeys) == nkeys;
		default:
			return may_be_selected(check, (const selection *) extra_data[0]);
	}
}

Datum
cs_environment_consistent(PG_FUNCTION_ARGS)
{
	const bool *check = (const bool *) PG_GETARG_POINTER(0);
	StrategyNumber strategy = PG_GETARG_UINT16(1);
	int32 nkeys = PG_GETARG_INT32(3);
	Pointer *extra_data = (Pointer *) PG_GETARG_POINTER(4);
	bool *recheck = (bool *) PG_GETARG_POINTER(5);

	*recheck = true;
	/* gin.h: a bool is a valid GinTernaryValue */
	StaticAssertStmt(sizeof(bool) == sizeof(GinTernaryValue), "bool and GinTernaryValue differ in size");
	PG_RETURN_BOOL(may_match(strategy, (const GinTernaryValue *) check, nkeys, extra_data));
}

Datum
cs_environment_tri_consistent(PG_FUNCTION_ARGS)
{
	const GinTernaryValue *check = (const GinTernaryValue *) PG_GETARG_POINTER(0);
	StrategyNumber strategy = PG_GETARG_UINT16(1);
	int32 nkeys = PG_GETARG_INT32(3);
	Pointer *extra_data = (Pointer *) PG_GETARG_POINTER(4);

	PG_RETURN_GIN_TERNARY_VALUE(may_match(strategy, check, nkeys, extra_data) ? GIN_MAYBE : GIN_FALSE);
}
