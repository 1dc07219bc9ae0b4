/*
 * measurement_gin.c - the GIN operator classes measurement_ops, for measurement @> measurement, triple_ops, for
 * cbor @@ measurement, crypto_key and bytea over triples, and search_key_ops, for the same over the keys of many triples as arrays. Keys
 * are the hashes of search_keys.h, each hit is rechecked.
 *
 * A condition that makes no key (svn, flags, masks, ranges alone) scans the whole index and rechecks every row. extractQuery also runs
 * while planning: it never throws on account of a query.
 */
#include "triple_search.h"

#include "access/gin.h"
#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "utils/array.h"

PG_FUNCTION_INFO_V1(cs_measurement_extract_value);
PG_FUNCTION_INFO_V1(cs_measurement_extract_query);
PG_FUNCTION_INFO_V1(cs_triple_extract_value);
PG_FUNCTION_INFO_V1(cs_triple_extract_query);
PG_FUNCTION_INFO_V1(cs_keys_extract_value);
PG_FUNCTION_INFO_V1(cs_keys_state);
PG_FUNCTION_INFO_V1(cs_keys_stated);
PG_FUNCTION_INFO_V1(cs_keys_state_key);
PG_FUNCTION_INFO_V1(cs_keys_stated_key);
PG_FUNCTION_INFO_V1(cs_keys_state_digest);
PG_FUNCTION_INFO_V1(cs_keys_stated_digest);
PG_FUNCTION_INFO_V1(cs_measurement_consistent);
PG_FUNCTION_INFO_V1(cs_measurement_tri_consistent);

enum
{
	TRIPLE_STATES = 1,
	TRIPLE_STATES_KEY = 2,
	TRIPLE_STATES_DIGEST = 3
};

/* A condition that names more scans. */
#define MAX_QUERY_KEYS 10000

Datum
cs_measurement_extract_value(PG_FUNCTION_ARGS)
{
	cs_item measurement = cs_pg_item(PG_GETARG_DATUM(0));
	int32 *nkeys = (int32 *) PG_GETARG_POINTER(1);
	cs_search_keys keys;
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	cs_search_keys_init(&keys, &ctx, false);
	cs_search_measurement(&keys, &measurement);
	*nkeys = keys.count;
	PG_RETURN_POINTER(keys.values);
}

Datum
cs_triple_extract_value(PG_FUNCTION_ARGS)
{
	cs_item triple = cs_pg_item(PG_GETARG_DATUM(0));
	int32 *nkeys = (int32 *) PG_GETARG_POINTER(1);
	cs_search_keys keys;
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	cs_search_keys_init(&keys, &ctx, false);
	cs_search_triple(&keys, &triple);
	*nkeys = keys.count;
	PG_RETURN_POINTER(keys.values);
}

/* The keys in an array, NULLs left out. */
static Datum *
array_keys(Datum array, int *count)
{
	Datum *keys;
	bool *nulls;
	int n;

	deconstruct_array(DatumGetArrayTypeP(array), INT8OID, sizeof(int64), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &keys, &nulls, &n);
	*count = 0;
	for (int i = 0; i < n; i++)
		if (!nulls[i])
			keys[(*count)++] = keys[i];
	return keys;
}

Datum
cs_keys_extract_value(PG_FUNCTION_ARGS)
{
	int count;
	Datum *keys = array_keys(PG_GETARG_DATUM(0), &count);

	*(int32 *) PG_GETARG_POINTER(1) = count;
	PG_RETURN_POINTER(keys);
}

/* --- queries --- */

/* The groups go along as extra data of each key. */
static Datum *
query_keys(const cs_search_keys *keys, int32 *nkeys, Pointer **extra_data, int32 *search_mode)
{
	if (keys->count == 0 || keys->count > MAX_QUERY_KEYS || keys->failed)
	{
		*nkeys = 0;
		*search_mode = GIN_SEARCH_MODE_ALL;
		return NULL;
	}
	*nkeys = keys->count;
	*extra_data = palloc(sizeof(Pointer) * keys->count);
	for (int i = 0; i < keys->count; i++)
		(*extra_data)[i] = (Pointer) &keys->groups[i];
	return keys->values;
}

static void
search_key(cs_search_keys *keys, const cs_item *crypto_key)
{
	cs_span identities[CS_KEY_IDENTITIES];
	size_t count = cs_search_identities(keys->ctx, crypto_key, identities);

	for (size_t i = 0; i < count; i++)
		cs_search_identity(keys, identities[i]);
}

/* Keys of the right operand of the operator that has this strategy in triple_ops and search_key_ops. */
static void
keys_of_query(cs_ctx *ctx, cs_search_keys *keys, cs_span query, StrategyNumber strategy)
{
	cs_item item;

	cs_pg_ctx_stored(ctx);
	cs_search_keys_init(keys, ctx, true);
	if (strategy == TRIPLE_STATES_DIGEST)
	{
		cs_search_digest(keys, query);
		return;
	}
	item = cs_item_at(query.data, query.len);
	if (strategy == TRIPLE_STATES_KEY)
		search_key(keys, &item);
	else
		cs_search_measurement(keys, &item);
}

static Datum
extract_query(FunctionCallInfo fcinfo, StrategyNumber strategy)
{
	int32 *nkeys = (int32 *) PG_GETARG_POINTER(1);
	Pointer **extra_data = (Pointer **) PG_GETARG_POINTER(4);
	int32 *search_mode = (int32 *) PG_GETARG_POINTER(6);
	cs_search_keys keys;
	cs_ctx ctx;

	*search_mode = GIN_SEARCH_MODE_DEFAULT;
	keys_of_query(&ctx, &keys, CS_PG_GETARG_SPAN(0), strategy);
	PG_RETURN_POINTER(query_keys(&keys, nkeys, extra_data, search_mode));
}

Datum
cs_measurement_extract_query(PG_FUNCTION_ARGS)
{
	return extract_query(fcinfo, TRIPLE_STATES);
}

Datum
cs_triple_extract_query(PG_FUNCTION_ARGS)
{
	return extract_query(fcinfo, PG_GETARG_UINT16(2));
}

/* --- does what was found satisfy the query? --- */

/* One bound on both procedures: GIN_FALSE when some group has none of its keys, else GIN_MAYBE, for all are rechecked. */
static GinTernaryValue
decide(const GinTernaryValue *check, int32 nkeys, Pointer *extra_data)
{
	int group = 0;
	bool there = false;

	if (nkeys == 0)
		return GIN_MAYBE; /* a scan of everything */
	for (int32 i = 0; i < nkeys; i++)
	{
		if (*(const int *) extra_data[i] != group)
		{
			if (!there)
				return GIN_FALSE;
			group = *(const int *) extra_data[i];
			there = false;
		}
		there = there || check[i] != GIN_FALSE;
	}
	return there ? GIN_MAYBE : GIN_FALSE;
}

Datum
cs_measurement_consistent(PG_FUNCTION_ARGS)
{
	const bool *check = (const bool *) PG_GETARG_POINTER(0);
	int32 nkeys = PG_GETARG_INT32(3);
	Pointer *extra_data = (Pointer *) PG_GETARG_POINTER(4);
	bool *recheck = (bool *) PG_GETARG_POINTER(5);

	*recheck = true;
	/* gin.h: a bool is a valid GinTernaryValue */
	StaticAssertStmt(sizeof(bool) == sizeof(GinTernaryValue), "bool and GinTernaryValue differ in size");
	PG_RETURN_BOOL(decide((const GinTernaryValue *) check, nkeys, extra_data) != GIN_FALSE);
}

Datum
cs_measurement_tri_consistent(PG_FUNCTION_ARGS)
{
	const GinTernaryValue *check = (const GinTernaryValue *) PG_GETARG_POINTER(0);
	int32 nkeys = PG_GETARG_INT32(3);
	Pointer *extra_data = (Pointer *) PG_GETARG_POINTER(4);

	PG_RETURN_GIN_TERNARY_VALUE(decide(check, nkeys, extra_data));
}

/* --- the operators of search_key_ops --- */

/* Do these keys allow that what they were made from states it? Each group has one of its keys among them. */
static bool
keys_allow(Datum array, cs_span query, StrategyNumber strategy)
{
	cs_search_keys keys;
	cs_ctx ctx;
	int count;
	Datum *stored = array_keys(array, &count);
	GinTernaryValue *check;
	Pointer *extra_data;
	int32 nkeys;
	int32 search_mode = GIN_SEARCH_MODE_DEFAULT;

	keys_of_query(&ctx, &keys, query, strategy);
	query_keys(&keys, &nkeys, &extra_data, &search_mode);
	if (nkeys == 0)
		return true;
	check = palloc(sizeof(GinTernaryValue) * nkeys);
	for (int32 i = 0; i < nkeys; i++)
	{
		check[i] = GIN_FALSE;
		for (int j = 0; j < count && check[i] == GIN_FALSE; j++)
			if (DatumGetInt64(stored[j]) == DatumGetInt64(keys.values[i]))
				check[i] = GIN_TRUE;
	}
	return decide(check, nkeys, extra_data) != GIN_FALSE;
}

/* bigint[] @@ measurement, crypto_key, bytea, and the other way round */
Datum
cs_keys_state(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(keys_allow(PG_GETARG_DATUM(0), CS_PG_GETARG_SPAN(1), TRIPLE_STATES));
}

Datum
cs_keys_stated(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(keys_allow(PG_GETARG_DATUM(1), CS_PG_GETARG_SPAN(0), TRIPLE_STATES));
}

Datum
cs_keys_state_key(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(keys_allow(PG_GETARG_DATUM(0), CS_PG_GETARG_SPAN(1), TRIPLE_STATES_KEY));
}

Datum
cs_keys_stated_key(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(keys_allow(PG_GETARG_DATUM(1), CS_PG_GETARG_SPAN(0), TRIPLE_STATES_KEY));
}

Datum
cs_keys_state_digest(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(keys_allow(PG_GETARG_DATUM(0), CS_PG_GETARG_SPAN(1), TRIPLE_STATES_DIGEST));
}

Datum
cs_keys_stated_digest(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(keys_allow(PG_GETARG_DATUM(1), CS_PG_GETARG_SPAN(0), TRIPLE_STATES_DIGEST));
}
