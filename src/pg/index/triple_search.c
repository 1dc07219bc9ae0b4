/*
 * triple_search.c - who states what: the operators cbor @@ measurement, cbor @@ crypto_key and cbor @@ bytea over triples as they are
 * stored, and over a measurement-map or key that stands alone.
 *
 * A search and not an appraisal: it finds what is stated. Values compare by CoRIM's rules (draft-ietf-rats-corim, "Rules of
 * Comparison"), the stored one as entry; besides, a value is found by itself, so that masks, ranges and what only a profile defines
 * (Intel's platform instance id) are found too. mkey and authorized-by count where the measurement that is asked about has them.
 *
 * Measurements and keys are compared in deterministic encoding. The operators are LEAKPROOF and so total: what has no such encoding
 * matches nothing.
 */
#include "triple_search.h"

#include "utils/selfuncs.h"

#include "cbor/deterministic.h"
#include "match/values.h"
#include "triple_parts.h"

PG_FUNCTION_INFO_V1(cs_triple_states);
PG_FUNCTION_INFO_V1(cs_triple_stated);
PG_FUNCTION_INFO_V1(cs_triple_states_digest);
PG_FUNCTION_INFO_V1(cs_triple_stated_digest);
PG_FUNCTION_INFO_V1(cs_triple_states_key);
PG_FUNCTION_INFO_V1(cs_triple_stated_key);
PG_FUNCTION_INFO_V1(cs_triple_sel);

/* --- what is stored --- */

/* Which of a stored triple's measurements are looked at, each in deterministic encoding. */
typedef struct visit
{
	cs_ctx *ctx;
	cs_buf canonical;
	bool (*each)(const cs_item *measurement, void *data);
	void *data;
} visit;

static bool
visit_measurement(const cs_part *part, void *data)
{
	visit *v = data;
	cs_item measurement;

	v->canonical.len = 0;
	if (!cs_deterministic(v->ctx, &part->item, &v->canonical) || !cs_buf_ok(&v->canonical))
		return true;
	measurement = cs_item_at(v->canonical.data, v->canonical.len);
	return v->each(&measurement, v->data);
}

static visit
start_visit(cs_ctx *ctx, bool (*each)(const cs_item *measurement, void *data), void *data)
{
	visit v = { .ctx = ctx, .each = each, .data = data };

	cs_buf_init(&v.canonical, ctx);
	return v;
}

/* Does none of them answer false? */
static bool
all_measurements(Datum triple, bool (*each)(const cs_item *measurement, void *data), void *data)
{
	cs_item stored = cs_pg_item(triple);
	cs_ctx ctx;
	visit v;

	cs_pg_ctx_stored(&ctx);
	v = start_visit(&ctx, each, data);
	return cs_parts(&stored, visit_measurement, NULL, &v);
}

static bool
stored_identity(cs_ctx *ctx, const cs_item *stored, cs_span *identity)
{
	cs_buf key, buf;
	cs_item item;

	cs_buf_init(&key, ctx);
	cs_buf_init(&buf, ctx);
	if (!cs_part_key(ctx, stored, &key) || !cs_buf_ok(&key))
		return false;
	item = cs_item_at(key.data, key.len);
	if (!cs_key_identity(ctx, &item, &buf))
		return false;
	*identity = cs_buf_span(&buf);
	return true;
}

static bool
add_key(const cs_part *part, void *data)
{
	visit *v = data;
	cs_span identity;

	if (stored_identity(v->ctx, &part->item, &identity))
		cs_search_identity(v->data, identity);
	return true;
}

static bool
add_measurement(const cs_item *measurement, void *data)
{
	cs_search_measurement(data, measurement);
	return true;
}

void
cs_search_triple(cs_search_keys *keys, const cs_item *triple)
{
	visit v = start_visit(keys->ctx, add_measurement, keys);

	cs_parts(triple, visit_measurement, add_key, &v);
	if (v.canonical.data != NULL)
		keys->ctx->release(keys->ctx->actx, v.canonical.data);
}

/* --- by measurement --- */

/* A stored set vouches for each of its members. */
static bool
is_in_set(int64 codepoint, const cs_item *want, const cs_item *set)
{
	return cs_is_tag(set, CS_TAG_SET) && cs_value_satisfies(NULL, codepoint, want, set, NULL, NULL);
}

/* Found by itself, or by the rule for its codepoint. Masks of old (key 5) belong to the raw value before them. */
static bool
states_value(const cs_item *mval, const cs_item *wanted, const cs_item *key, const cs_item *want)
{
	cs_item have, mask, want_mask;
	int64 codepoint;
	bool masked, want_masked;

	if (!cs_int64(key, &codepoint))
	{
		cs_map_cursor known = cs_map_cursor_at(mval);

		return cs_map_cursor_find(&known, key, &have) && cs_same_item(&have, want);
	}
	if (codepoint == CS_MVAL_RAW_VALUE_MASK)
		return true; /* compared with its value */
	if (!cs_map_get(mval, codepoint, &have))
		return false;
	if (codepoint != CS_MVAL_RAW_VALUE)
		return cs_same_item(&have, want) || cs_value_satisfies(NULL, codepoint, &have, want, NULL, NULL) ||
			is_in_set(codepoint, want, &have);
	masked = cs_map_get(mval, CS_MVAL_RAW_VALUE_MASK, &mask);
	want_masked = cs_map_get(wanted, CS_MVAL_RAW_VALUE_MASK, &want_mask);
	if (masked)
		return want_masked && cs_same_item(&have, want) && cs_same_item(&mask, &want_mask);
	return (!want_masked && cs_same_item(&have, want)) ||
		cs_value_satisfies(NULL, codepoint, &have, want, want_masked ? &want_mask : NULL, NULL);
}

static bool
states_values(const cs_item *measurement, const cs_item *asked)
{
	cs_item mval, wanted, key, want;
	cs_iter it;

	if (!cs_map_get(measurement, CS_MEASUREMENT_MVAL, &mval) || !cs_map_get(asked, CS_MEASUREMENT_MVAL, &wanted))
		return false;
	for (it = cs_iterate(&wanted); cs_next_pair(&it, &key, &want);)
		if (!states_value(&mval, &wanted, &key, &want))
			return false;
	return true;
}

static bool
states_rest(const cs_item *measurement, const cs_item *asked)
{
	cs_item have, want;

	if (cs_map_get(asked, CS_MEASUREMENT_MKEY, &want) &&
		(!cs_map_get(measurement, CS_MEASUREMENT_MKEY, &have) || !cs_mkey_same(&have, &want)))
		return false;
	return !cs_map_get(asked, CS_MEASUREMENT_AUTHORIZED_BY, &want) ||
		(cs_map_get(measurement, CS_MEASUREMENT_AUTHORIZED_BY, &have) && cs_authority_satisfies(&have, &want));
}

static bool
is_other_measurement(const cs_item *measurement, void *asked)
{
	return !states_rest(measurement, asked) || !states_values(measurement, asked);
}

static bool
states(Datum triple, Datum measurement)
{
	cs_item asked = cs_pg_item(measurement);

	return !all_measurements(triple, is_other_measurement, &asked);
}

/* cbor @@ measurement */
Datum
cs_triple_states(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(states(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)));
}

Datum
cs_triple_stated(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(states(PG_GETARG_DATUM(1), PG_GETARG_DATUM(0)));
}

/* --- by digest --- */

static bool
is_other_digest(cs_span value, void *data)
{
	return !cs_span_eq(value, *(const cs_span *) data);
}

static bool
has_other_digests(const cs_item *measurement, void *data)
{
	return cs_measurement_digests(measurement, is_other_digest, data);
}

static bool
states_digest(Datum triple, Datum digest)
{
	cs_span asked = cs_pg_span(digest);

	return !all_measurements(triple, has_other_digests, &asked);
}

/* cbor @@ bytea */
Datum
cs_triple_states_digest(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(states_digest(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)));
}

Datum
cs_triple_stated_digest(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(states_digest(PG_GETARG_DATUM(1), PG_GETARG_DATUM(0)));
}

/* --- by key --- */

/* A key that is asked about, read once and not once a row. */
typedef struct asked_key
{
	cs_ctx *ctx; /* of the row */
	struct varlena *key;
	cs_span identities[CS_KEY_IDENTITIES];
	size_t count;
} asked_key;

size_t
cs_search_identities(cs_ctx *ctx, const cs_item *crypto_key, cs_span identities[CS_KEY_IDENTITIES])
{
	size_t count;

	return cs_key_identities(ctx, crypto_key, identities, &count) ? count : 0;
}

static asked_key *
ask(FmgrInfo *flinfo, Datum key)
{
	cs_span span = cs_pg_span(key);
	asked_key *asked = flinfo->fn_extra;
	MemoryContext old;
	cs_item item;
	cs_ctx ctx;

	if (asked != NULL && cs_span_eq(cs_pg_view(asked->key), span))
		return asked;
	old = MemoryContextSwitchTo(flinfo->fn_mcxt);
	asked = palloc0(sizeof(asked_key));
	asked->key = (struct varlena *) DatumGetPointer(cs_pg_make(span));
	item = cs_pg_item(PointerGetDatum(asked->key));
	cs_pg_ctx_stored(&ctx);
	asked->count = cs_search_identities(&ctx, &item, asked->identities);
	MemoryContextSwitchTo(old);
	flinfo->fn_extra = asked;
	return asked;
}

static bool
is_other_key(const cs_item *key, asked_key *asked)
{
	cs_span identity;

	if (!stored_identity(asked->ctx, key, &identity))
		return true;
	for (size_t i = 0; i < asked->count; i++)
		if (cs_span_eq(identity, asked->identities[i]))
			return false;
	return true;
}

/* A key of a triple */
static bool
is_other_part(const cs_part *part, void *data)
{
	visit *v = data;

	return is_other_key(&part->item, v->data);
}

static bool
is_other_list(const cs_item *list, void *data)
{
	cs_iter it = cs_iterate(list);
	cs_item key;

	if (!cs_is(list, CS_ARRAY))
		return is_other_key(list, data);
	while (cs_next(&it, &key))
		if (!is_other_key(&key, data))
			return false;
	return true;
}

/* Values that are compared as keys. */
static bool
has_other_keys(const cs_item *measurement, void *data)
{
	cs_item mval, key, value;
	int64 codepoint;
	cs_iter it;

	if (!cs_map_get(measurement, CS_MEASUREMENT_MVAL, &mval) || !cs_is(&mval, CS_MAP))
		return true;
	for (it = cs_iterate(&mval); cs_next_pair(&it, &key, &value);)
		if (cs_int64(&key, &codepoint) && cs_profile_comparison(NULL, codepoint) == CS_COMPARE_KEYS && !is_other_list(&value, data))
			return false;
	return true;
}

static bool
states_key(FmgrInfo *flinfo, Datum triple, Datum crypto_key)
{
	cs_item stored = cs_pg_item(triple);
	asked_key *asked = ask(flinfo, crypto_key);
	cs_ctx ctx;
	visit v;

	cs_pg_ctx_stored(&ctx);
	asked->ctx = &ctx;
	v = start_visit(&ctx, has_other_keys, asked);
	return !cs_parts(&stored, visit_measurement, is_other_part, &v);
}

/* cbor @@ crypto_key */
Datum
cs_triple_states_key(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(states_key(fcinfo->flinfo, PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)));
}

Datum
cs_triple_stated_key(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(states_key(fcinfo->flinfo, PG_GETARG_DATUM(1), PG_GETARG_DATUM(0)));
}

/* --- what the planner is told --- */

#define EXPECTED_ROWS 10
#define UNKNOWN_SELECTIVITY 0.0001

/*
 * Restriction selectivity of the three. Whoever searches looks for few triples among any number, and statistics say nothing of values as
 * wide as these. Looks at no constant and no statistics, so that any operator may have it.
 */
Datum
cs_triple_sel(PG_FUNCTION_ARGS)
{
	PlannerInfo *root = (PlannerInfo *) PG_GETARG_POINTER(0);
	List *args = (List *) PG_GETARG_POINTER(2);
	VariableStatData variable;
	Node *other;
	bool on_left;
	double selectivity = UNKNOWN_SELECTIVITY;

	if (!get_restriction_variable(root, args, PG_GETARG_INT32(3), &variable, &other, &on_left))
		PG_RETURN_FLOAT8(selectivity);
	if (variable.rel != NULL && variable.rel->tuples > 0)
		selectivity = EXPECTED_ROWS / variable.rel->tuples;
	ReleaseVariableStats(variable);
	CLAMP_PROBABILITY(selectivity);
	PG_RETURN_FLOAT8(selectivity);
}
