/*
 * direct.c - the selection of triples by look-ups (selection.h): what triples_now and triples_at of a store say
 * (sql/store/25_current.sql), and the statements around them (store_plan.c), step by step. The tests hold both to the same rows.
 */
#include "selection.h"

#include "catalog/pg_collation.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "match/match.h"
#include "pg/base/lookup.h"
#include "pg/store/life.h"
#include "query/query.h"

/* What was found of a manifest and its authority last: triples of one lie together. */
typedef struct cs_statement_memo
{
	bool known;
	bool counts; /* the rest is of one that may */
	pg_uuid_t manifest;
	Datum profile;
	bool has_profile;
	Datum not_before;
	bool has_not_before;
	Datum is_signed;
	Datum truth;
	Datum shown_as;
	Datum authority;
	Datum of_manifest;
	Datum of_authority;
} cs_statement_memo;

typedef struct cs_tag_memo
{
	bool known;
	bool foreseen;
	pg_uuid_t manifest;
	int32 ordinal;
	Datum counts;
	Datum activated;
} cs_tag_memo;

typedef struct cs_direct
{
	const cs_selection *selection;
	cs_lookup *lookup;
	cs_query query; /* where selected */
	cs_item asked;	/* where contained */
	bool require_cotl;
	cs_statement_memo statement;
	cs_tag_memo tag;
	cs_selected *rows;
	int count;
	int capacity;
} cs_direct;

static Datum
copy(Datum value)
{
	return datumCopy(value, false, -1);
}

static Datum
copy_uuid(Datum value)
{
	return datumCopy(value, false, UUID_LEN);
}

/* Where the server passes eight bytes by reference, too. */
static Datum
copy_moment(Datum value)
{
	return TimestampTzGetDatum(DatumGetTimestampTz(value));
}

/* The policy with the last (moment, id) that was known. */
static void
find_policy(cs_direct *d)
{
	Datum values[CS_LOOKUP_COLUMNS], moment = 0, id = 0;
	bool nulls[CS_LOOKUP_COLUMNS], found = false;

	while (cs_lookup_next_policy(d->lookup, values, nulls))
	{
		TimestampTz this = DatumGetTimestampTz(values[CS_POLICY_MOMENT]), last = found ? DatumGetTimestampTz(moment) : DT_NOBEGIN;

		if (DatumGetTimestampTz(values[CS_POLICY_KNOWN_AT]) > d->selection->as_of)
			continue;
		if (found && (this < last || (this == last && memcmp(DatumGetUUIDP(values[CS_POLICY_ID]), DatumGetUUIDP(id), UUID_LEN) < 0)))
			continue;
		found = true;
		moment = copy_moment(values[CS_POLICY_MOMENT]);
		id = copy_uuid(values[CS_POLICY_ID]);
		d->require_cotl = DatumGetBool(values[CS_POLICY_REQUIRE_COTL]);
	}
}

static bool
is_of_profile(const cs_direct *d, Datum profile)
{
	return d->selection->profile == 0 ||
		DatumGetBool(DirectFunctionCall2Coll(texteq, DEFAULT_COLLATION_OID, profile, d->selection->profile));
}

static bool
find_authority(cs_direct *d, Datum authority)
{
	cs_statement_memo *memo = &d->statement;
	Datum keys[2] = { authority, TimestampTzGetDatum(d->selection->as_of) }, values[CS_LOOKUP_COLUMNS];
	bool nulls[CS_LOOKUP_COLUMNS];

	if (!cs_lookup_row(d->lookup, CS_LOOKUP_AUTHORITY_LIFE, keys, values, nulls))
		return false;
	memo->of_authority = copy(values[CS_AUTHORITY_LIFE_COUNTS]);
	memo->shown_as = copy(values[CS_AUTHORITY_LIFE_SHOWN_AS]);
	memo->authority = copy(values[CS_AUTHORITY_LIFE_NAME]);
	return true;
}

static bool
find_life(cs_direct *d, Datum manifest)
{
	cs_statement_memo *memo = &d->statement;
	Datum keys[2] = { manifest, TimestampTzGetDatum(d->selection->as_of) }, values[CS_LOOKUP_COLUMNS];
	bool nulls[CS_LOOKUP_COLUMNS];

	if (!cs_lookup_row(d->lookup, CS_LOOKUP_MANIFEST_LIFE, keys, values, nulls))
		return false;
	memo->of_manifest = copy(values[CS_MANIFEST_LIFE_COUNTS]);
	memo->truth = copy_uuid(values[CS_MANIFEST_LIFE_TRUTH]);
	return find_authority(d, values[CS_MANIFEST_LIFE_AUTHORITY]);
}

static bool
find_manifest(cs_direct *d, Datum manifest)
{
	cs_statement_memo *memo = &d->statement;
	Datum values[CS_LOOKUP_COLUMNS];
	bool nulls[CS_LOOKUP_COLUMNS];

	if (!cs_lookup_row(d->lookup, CS_LOOKUP_MANIFEST, &manifest, values, nulls))
		return false;
	memo->has_profile = !nulls[CS_MANIFEST_PROFILE];
	memo->has_not_before = !nulls[CS_MANIFEST_NOT_BEFORE];
	if (memo->has_profile && !is_of_profile(d, values[CS_MANIFEST_PROFILE]))
		return false;
	memo->profile = memo->has_profile ? copy(values[CS_MANIFEST_PROFILE]) : 0;
	memo->not_before = memo->has_not_before ? copy_moment(values[CS_MANIFEST_NOT_BEFORE]) : 0;
	memo->is_signed = values[CS_MANIFEST_IS_ANSWERED_SIGNED];
	return find_life(d, manifest);
}

static bool
statement_of(cs_direct *d, Datum manifest)
{
	cs_statement_memo *memo = &d->statement;

	if (!memo->known || memcmp(&memo->manifest, DatumGetUUIDP(manifest), UUID_LEN) != 0)
	{
		memo->known = true;
		memo->manifest = *DatumGetUUIDP(manifest);
		memo->counts = find_manifest(d, UUIDPGetDatum(&memo->manifest));
	}
	return memo->counts;
}

static const cs_tag_memo *
tag_of(cs_direct *d, Datum ordinal)
{
	cs_tag_memo *memo = &d->tag;
	Datum keys[3] = { UUIDPGetDatum(&d->statement.manifest), ordinal, TimestampTzGetDatum(d->selection->as_of) };
	Datum values[CS_LOOKUP_COLUMNS];
	bool nulls[CS_LOOKUP_COLUMNS];

	if (memo->known && memo->ordinal == DatumGetInt32(ordinal) && memcmp(&memo->manifest, &d->statement.manifest, UUID_LEN) == 0)
		return memo;
	memo->known = true;
	memo->manifest = d->statement.manifest;
	memo->ordinal = DatumGetInt32(ordinal);
	memo->foreseen = cs_lookup_row(d->lookup, CS_LOOKUP_TAG_LIFE, keys, values, nulls);
	if (memo->foreseen)
	{
		memo->counts = copy(values[CS_TAG_LIFE_COUNTS]);
		memo->activated = copy(values[CS_TAG_LIFE_ACTIVATED]);
	}
	return memo;
}

/* Does the triple count? Then until when. */
static bool
counts_until(cs_direct *d, const Datum *triple, TimestampTz *until)
{
	cs_counting counting = { .required = d->require_cotl };
	const cs_tag_memo *tag;

	if (!statement_of(d, triple[CS_TRIPLE_MANIFEST]))
		return false;
	tag = tag_of(d, triple[CS_TRIPLE_TAG_COLUMN]);
	counting.manifest = &d->statement.of_manifest;
	counting.authority = &d->statement.of_authority;
	counting.tag = tag->foreseen ? &tag->counts : NULL;
	counting.activated = tag->foreseen ? &tag->activated : NULL;
	return cs_counts_until(&counting, d->selection->as_of, until);
}

static cs_selected *
next_row(cs_direct *d)
{
	if (d->count == d->capacity)
	{
		d->capacity = d->capacity == 0 ? 8 : d->capacity * 2;
		d->rows = d->rows == NULL ? palloc(sizeof(cs_selected) * d->capacity) : repalloc(d->rows, sizeof(cs_selected) * d->capacity);
	}
	return &d->rows[d->count++];
}

static void
select_row(cs_direct *d, const Datum *triple, const bool *nulls, TimestampTz until)
{
	const cs_statement_memo *memo = &d->statement;
	cs_selected *row = next_row(d);

	memset(row->nulls, 0, sizeof(row->nulls));
	row->values[SEL_MANIFEST] = copy_uuid(triple[CS_TRIPLE_MANIFEST]);
	row->values[SEL_ORDINAL] = triple[CS_TRIPLE_ORDINAL];
	row->values[SEL_KIND] = triple[CS_TRIPLE_KIND];
	row->nulls[SEL_ENVIRONMENT] = nulls[CS_TRIPLE_ENVIRONMENT_COLUMN];
	row->values[SEL_ENVIRONMENT] = nulls[CS_TRIPLE_ENVIRONMENT_COLUMN] ? 0 : copy(triple[CS_TRIPLE_ENVIRONMENT_COLUMN]);
	row->values[SEL_CONTENT] = copy(triple[CS_TRIPLE_CONTENT]);
	row->nulls[SEL_CURRENT] = nulls[CS_TRIPLE_CURRENT];
	row->values[SEL_CURRENT] = nulls[CS_TRIPLE_CURRENT] ? 0 : copy(triple[CS_TRIPLE_CURRENT]);
	row->values[SEL_SHOWN] = memo->shown_as;
	row->values[SEL_PROFILE] = memo->profile;
	row->nulls[SEL_PROFILE] = !memo->has_profile;
	row->values[SEL_NOT_BEFORE] = memo->not_before;
	row->nulls[SEL_NOT_BEFORE] = !memo->has_not_before;
	row->values[SEL_NOT_AFTER] = TimestampTzGetDatum(until);
	row->nulls[SEL_NOT_AFTER] = until == DT_NOEND;
	row->values[SEL_IS_SIGNED] = memo->is_signed;
	row->values[SEL_TRUTH] = memo->truth;
	row->values[SEL_AUTHORITY] = memo->authority;
}

static bool
is_asked_kind(const cs_selection *selection, int16 kind)
{
	for (int i = 0; i < selection->kind_count; i++)
		if (selection->kinds[i] == kind)
			return true;
	return false;
}

static void
consider(cs_direct *d, const Datum *triple, const bool *nulls)
{
	TimestampTz until;

	if ((DatumGetBool(triple[CS_TRIPLE_LIVE]) || !d->selection->is_now) &&
		is_asked_kind(d->selection, DatumGetInt16(triple[CS_TRIPLE_KIND])) && counts_until(d, triple, &until))
		select_row(d, triple, nulls, until);
}

/* The index may lead to more. */
static bool
is_asked(const cs_direct *d, Datum environment)
{
	cs_item item = cs_pg_item(environment);

	return d->selection->operator== CS_ASK_SELECTED ? cs_query_selects(&d->query, &item) : cs_env_satisfies(&d->asked, &item);
}

static void
found_triple(Datum *values, bool *nulls, void *data)
{
	cs_direct *d = data;

	if (is_asked(d, values[CS_TRIPLE_ENVIRONMENT_COLUMN]))
		consider(d, values, nulls);
}

/* What names a triple, (manifest, ordinal), leads to it. */
static void
found_name(cs_direct *d, Datum *name)
{
	Datum triple[CS_LOOKUP_COLUMNS];
	bool nulls[CS_LOOKUP_COLUMNS];

	if (cs_lookup_row(d->lookup, CS_LOOKUP_TRIPLE, name, triple, nulls))
		consider(d, triple, nulls);
}

/* A further environment of a triple. */
static void
found_environment(Datum *values, bool *nulls, void *data)
{
	cs_direct *d = data;

	if (is_asked_kind(d->selection, DatumGetInt16(values[CS_TRIPLE_KIND])) && is_asked(d, values[CS_TRIPLE_ENVIRONMENT_COLUMN]))
		found_name(d, values);
}

static void
found_condition(Datum *values, bool *nulls, void *data)
{
	found_name(data, &values[CS_CONDITION_MANIFEST]);
}

static int
by_document(const void *a, const void *b)
{
	const Datum *x = ((const cs_selected *) a)->values, *y = ((const cs_selected *) b)->values;
	int order = memcmp(DatumGetUUIDP(x[SEL_MANIFEST]), DatumGetUUIDP(y[SEL_MANIFEST]), UUID_LEN);
	int32 i = DatumGetInt32(x[SEL_ORDINAL]), j = DatumGetInt32(y[SEL_ORDINAL]);

	return order != 0 ? order : (i > j) - (i < j);
}

/* In order; what was found by several environments once. */
static void
hand_over(const cs_direct *d, void (*each)(const cs_selected *row, void *data), void *data)
{
	if (d->count > 1)
		qsort(d->rows, (size_t) d->count, sizeof(cs_selected), by_document);
	for (int i = 0; i < d->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i == 0 || by_document(&d->rows[i - 1], &d->rows[i]) != 0)
			each(&d->rows[i], data);
	}
}

/* By what is held, not by environment alone. */
static void
look_up_conditions(cs_direct *d)
{
	const cs_holdings *held = d->selection->holdings;
	int64 *keys = palloc(sizeof(int64) * (Size) (held->count + 1)), *most = palloc(sizeof(int64) * (Size) (held->count + 1));
	cs_item environment = cs_pg_item(d->selection->asked);
	int count;
	uint64 *anchors = cs_held_anchors(&environment, &count);

	keys[0] = (int64) CS_ASKS_NOTHING;
	most[0] = 0;
	for (int i = 0; i < held->count; i++)
	{
		keys[i + 1] = (int64) held->all[i].key;
		most[i + 1] = held->all[i].most;
	}
	cs_lookup_conditions(d->lookup, (const int64 *) anchors, count, keys, most, held->count + 1, found_condition, d);
}

/* In which parts of the indexes are these kinds? */
static unsigned
parts_of(const cs_selection *selection)
{
	unsigned parts = 0;

	for (int i = 0; i < selection->kind_count; i++)
		parts |= cs_keeps_asks(selection->kinds[i]) ? CS_PART_CONDITIONAL : CS_PART_OTHER;
	return parts;
}

static void
look_up(cs_direct *d)
{
	const cs_selection *s = d->selection;
	unsigned parts = parts_of(s);

	find_policy(d);
	if (s->holdings != NULL)
	{
		look_up_conditions(d);
		return;
	}
	cs_lookup_environments(d->lookup, CS_LOOKUP_TRIPLE, parts, s->operator, s->asked, found_triple, d);
	if (s->any)
		cs_lookup_environments(d->lookup, CS_LOOKUP_TRIPLE_ENVIRONMENT, parts, s->operator, s->asked, found_environment, d);
}

static void
read_asked(cs_direct *d)
{
	cs_span bytes = cs_pg_span(d->selection->asked);
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	if (d->selection->operator== CS_ASK_SELECTED)
		cs_pg_require(cs_query_read_selectors(&ctx, bytes.data, bytes.len, &d->query), &ctx, "CoSERV query");
	else
		d->asked = cs_item_at(bytes.data, bytes.len);
}

bool
cs_select_directly(const cs_selection *selection, void (*each)(const cs_selected *row, void *data), void *data)
{
	cs_direct d = { .selection = selection };
	MemoryContext old, scratch;
	bool done;

	scratch = cs_pg_scratch_begin(&old);
	d.lookup = cs_lookup_begin(selection->store, !selection->is_now);
	done = d.lookup != NULL;
	if (done)
	{
		read_asked(&d);
		look_up(&d);
		done = cs_lookup_end(d.lookup);
	}
	if (done)
	{
		MemoryContextSwitchTo(old);
		hand_over(&d, each, data);
	}
	cs_pg_scratch_end(scratch, old);
	return done;
}
