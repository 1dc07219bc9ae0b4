/*
 * environment_gin.c - the GIN operator class environment_ops: @> <@ = and @@ over environments.
 *
 * Keys are 64-bit hashes (a GIN key may not exceed 2712 bytes, an attribute may): one for each attribute's path and value, and
 * one for the whole environment, which is the hash of its attributes' hashes in the order of the encoding. So what is
 * contained in an environment is found by one exact look-up for each subset of that environment's attributes, since leaving
 * attributes out does not change the order of the others. Hashes may collide: every hit is rechecked.
 *
 * extractQuery also runs while planning: it never throws on account of a query, and where it cannot make keys it asks for a
 * scan of the whole index with a recheck of every row, which is always right.
 */
#include "pg_support.h"

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

/* 2^10 - 1 look-ups are quick; an environment with more attributes has extensions, and is worth a scan. */
#define MAX_SUBSET_ATTRS 10
/* Bounds the keys of one @@: a query with more selectors than that scans. */
#define MAX_QUERY_KEYS 10000

/* Seeds of the hashes. They are on disk: changing one takes a new operator class. */
#define SEED_WHOLE UINT64CONST(0x77686f6c65)
#define SEED_PATH(attr) (UINT64CONST(0x70617468) << 8 | (uint64) (attr)->path << 1 | ((attr)->in_class ? 1 : 0))

typedef struct hashes
{
	uint64	   *values;
	size_t		count;
} hashes;

/* Hashes of an environment's attributes, in the order of the encoding; room for one more behind them. */
static hashes
attribute_hashes(const cs_item *environment)
{
	cs_env_attr some[16];
	cs_env_attr *attrs = some;
	size_t		count = cs_env_attrs(environment, attrs, lengthof(some));
	hashes		h;
	size_t		i;

	if (count > lengthof(some))
	{
		attrs = palloc(sizeof(cs_env_attr) * count);
		count = cs_env_attrs(environment, attrs, count);
	}
	h.values = palloc(sizeof(uint64) * (count + 1));
	h.count = count;
	for (i = 0; i < count; i++)
		h.values[i] = hash_bytes_extended(attrs[i].value.data, attrs[i].value.len, SEED_PATH(&attrs[i]));
	return h;
}

static uint64
whole_hash(const uint64 *values, size_t count)
{
	return hash_bytes_extended((const unsigned char *) values, count * sizeof(*values), SEED_WHOLE);
}

static Datum *
hash_datums(const hashes *h, int32 *nkeys)
{
	Datum	   *keys = palloc(sizeof(Datum) * (h->count + 1));
	size_t		i;

	for (i = 0; i < h->count; i++)
		keys[i] = Int64GetDatum((int64) h->values[i]);
	*nkeys = (int32) h->count;
	return keys;
}

Datum
cs_environment_extract_value(PG_FUNCTION_ARGS)
{
	cs_item		environment = cs_pg_item(PG_GETARG_DATUM(0));
	int32	   *nkeys = (int32 *) PG_GETARG_POINTER(1);
	hashes		h = attribute_hashes(&environment);

	h.values[h.count] = whole_hash(h.values, h.count);
	h.count++;
	PG_RETURN_POINTER(hash_datums(&h, nkeys));
}

/* --- queries --- */

/* Which keys the selectors of a query need: selector i needs keys[members[starts[i]]] to keys[members[starts[i + 1] - 1]]. */
typedef struct selection
{
	int			selectors;
	int		   *starts;
	int		   *members;
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
contained_keys(const cs_item *environment, int32 *nkeys, int32 *search_mode)
{
	hashes		all = attribute_hashes(environment);
	hashes		keys;
	uint64		subset[MAX_SUBSET_ATTRS];
	uint32		mask;

	if (all.count > MAX_SUBSET_ATTRS)
		return scan_all(nkeys, search_mode);
	keys.count = (size_t) 1 << all.count;
	keys.values = palloc(sizeof(uint64) * keys.count);
	for (mask = 0; mask < keys.count; mask++)
	{
		size_t		n = 0;
		size_t		i;

		for (i = 0; i < all.count; i++)
			if (mask & (uint32) 1 << i)
				subset[n++] = all.values[i];
		keys.values[mask] = whole_hash(subset, n);
	}
	return hash_datums(&keys, nkeys);
}

/* Total number of attributes of all selectors; false when one has none, or when there are too many. */
static bool
selection_size(const cs_query *query, size_t *total)
{
	size_t		i;

	*total = 0;
	for (i = 0; i < query->selector_count; i++)
	{
		cs_item		environment = cs_item_at(query->selectors[i].environment.data, query->selectors[i].environment.len);
		cs_env_attr one;
		size_t		n = cs_env_attrs(&environment, &one, 1);

		*total += n;
		if (n == 0 || *total > MAX_QUERY_KEYS)
			return false;
	}
	return true;
}

/* The keys of all selectors, each once, and in *plan which selector needs which. */
static Datum *
selection_keys(const cs_query *query, size_t total, selection **plan, int32 *nkeys)
{
	selection  *s = palloc(sizeof(selection));
	hashes		keys = {palloc(sizeof(uint64) * total), 0};
	int			members = 0;
	size_t		i;

	s->selectors = (int) query->selector_count;
	s->starts = palloc(sizeof(int) * (query->selector_count + 1));
	s->members = palloc(sizeof(int) * total);
	for (i = 0; i < query->selector_count; i++)
	{
		cs_item		environment = cs_item_at(query->selectors[i].environment.data, query->selectors[i].environment.len);
		hashes		h = attribute_hashes(&environment);
		size_t		j;

		s->starts[i] = members;
		for (j = 0; j < h.count; j++)
		{
			s->members[members++] = (int) keys.count;
			keys.values[keys.count++] = h.values[j];
		}
	}
	s->starts[i] = members;
	*plan = s;
	return hash_datums(&keys, nkeys);
}

static Datum *
selected_keys(cs_span bytes, int32 *nkeys, int32 *search_mode, Pointer **extra_data)
{
	cs_ctx		ctx;
	cs_query	query;
	size_t		total;
	selection  *plan;
	Datum	   *keys;
	int32		i;

	cs_pg_ctx_stored(&ctx);
	if (!cs_query_read(&ctx, bytes.data, bytes.len, true, &query))
		return scan_all(nkeys, search_mode);
	if (query.by_rim || query.selector_count == 0)
	{
		*nkeys = 0;				/* in the default search mode: no rows */
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
	cs_span		query = CS_PG_GETARG_SPAN(0);
	int32	   *nkeys = (int32 *) PG_GETARG_POINTER(1);
	StrategyNumber strategy = PG_GETARG_UINT16(2);
	Pointer   **extra_data = (Pointer **) PG_GETARG_POINTER(4);
	int32	   *search_mode = (int32 *) PG_GETARG_POINTER(6);
	cs_item		environment;
	hashes		h;

	*search_mode = GIN_SEARCH_MODE_DEFAULT;
	if (strategy == STRATEGY_SELECTED)
		PG_RETURN_POINTER(selected_keys(query, nkeys, search_mode, extra_data));
	environment = cs_item_at(query.data, query.len);
	if (strategy == STRATEGY_CONTAINED)
		PG_RETURN_POINTER(contained_keys(&environment, nkeys, search_mode));
	h = attribute_hashes(&environment);
	if (strategy == STRATEGY_EQUAL)
	{
		h.values[0] = whole_hash(h.values, h.count);
		h.count = 1;
	}
	if (h.count == 0)
		PG_RETURN_POINTER(scan_all(nkeys, search_mode));
	PG_RETURN_POINTER(hash_datums(&h, nkeys));
}

/* --- does what was found satisfy the query? --- */

/* One bound on both procedures: GIN_FALSE when no row with these keys can match, else GIN_MAYBE, for all are rechecked. */
static GinTernaryValue
decide(StrategyNumber strategy, const GinTernaryValue *check, int32 nkeys, Pointer *extra_data)
{
	const selection *plan;
	int32		i;

	if (nkeys == 0)
		return GIN_MAYBE;		/* a scan of everything */
	if (strategy == STRATEGY_CONTAINED)
	{
		for (i = 0; i < nkeys; i++)
			if (check[i] != GIN_FALSE)
				return GIN_MAYBE;
		return GIN_FALSE;
	}
	if (strategy != STRATEGY_SELECTED)
	{
		for (i = 0; i < nkeys; i++)
			if (check[i] == GIN_FALSE)
				return GIN_FALSE;
		return GIN_MAYBE;
	}
	plan = (const selection *) extra_data[0];
	for (i = 0; i < plan->selectors; i++)
	{
		int			m = plan->starts[i];

		while (m < plan->starts[i + 1] && check[plan->members[m]] != GIN_FALSE)
			m++;
		if (m == plan->starts[i + 1])
			return GIN_MAYBE;
	}
	return GIN_FALSE;
}

Datum
cs_environment_consistent(PG_FUNCTION_ARGS)
{
	const bool *check = (const bool *) PG_GETARG_POINTER(0);
	StrategyNumber strategy = PG_GETARG_UINT16(1);
	int32		nkeys = PG_GETARG_INT32(3);
	Pointer    *extra_data = (Pointer *) PG_GETARG_POINTER(4);
	bool	   *recheck = (bool *) PG_GETARG_POINTER(5);

	*recheck = true;
	/* gin.h: a bool is a valid GinTernaryValue */
	StaticAssertStmt(sizeof(bool) == sizeof(GinTernaryValue), "bool and GinTernaryValue differ in size");
	PG_RETURN_BOOL(decide(strategy, (const GinTernaryValue *) check, nkeys, extra_data) != GIN_FALSE);
}

Datum
cs_environment_tri_consistent(PG_FUNCTION_ARGS)
{
	const GinTernaryValue *check = (const GinTernaryValue *) PG_GETARG_POINTER(0);
	StrategyNumber strategy = PG_GETARG_UINT16(1);
	int32		nkeys = PG_GETARG_INT32(3);
	Pointer    *extra_data = (Pointer *) PG_GETARG_POINTER(4);

	PG_RETURN_GIN_TERNARY_VALUE(decide(strategy, check, nkeys, extra_data));
}
