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

#include "finding.h"
#include "match/match.h"
#include "pg/store/life.h"
#include "query/query.h"

typedef struct cs_tag_memo
{
	bool known;
	cs_kept_tag it;
} cs_tag_memo;

typedef struct cs_direct
{
	const cs_selection *selection;
	cs_finding finding;
	cs_item asked; /* where contained */
	bool require_cotl;
	const cs_kept_statement *statement; /* the last that was found: triples of one lie together */
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

/* The policy with the last (moment, id) that was known, and for which known_at it is that one. */
static cs_kept_epoch
look_up_policy(cs_direct *d)
{
	cs_kept_epoch epoch = { .from = DT_NOBEGIN, .until = DT_NOEND };
	Datum values[CS_LOOKUP_COLUMNS], moment = 0, id = 0;
	bool nulls[CS_LOOKUP_COLUMNS], found = false;

	while (cs_lookup_next_policy(d->finding.lookup, values, nulls))
	{
		TimestampTz this = DatumGetTimestampTz(values[CS_POLICY_MOMENT]), last = found ? DatumGetTimestampTz(moment) : DT_NOBEGIN;
		TimestampTz known_at = DatumGetTimestampTz(values[CS_POLICY_KNOWN_AT]);

		if (known_at > d->selection->reading->known)
		{
			epoch.until = Min(epoch.until, known_at - 1);
			continue;
		}
		epoch.from = Max(epoch.from, known_at);
		if (found && (this < last || (this == last && memcmp(DatumGetUUIDP(values[CS_POLICY_ID]), DatumGetUUIDP(id), UUID_LEN) < 0)))
			continue;
		found = true;
		moment = copy_moment(values[CS_POLICY_MOMENT]);
		id = copy_uuid(values[CS_POLICY_ID]);
		d->require_cotl = DatumGetBool(values[CS_POLICY_REQUIRE_COTL]);
	}
	return epoch;
}

static void
find_policy(cs_direct *d)
{
	cs_kept *kept = d->selection->reading->kept;
	cs_kept_epoch epoch;

	if (cs_may_keep(&d->finding) && kept->has_policy && cs_kept_covers(&kept->of_policy, d->selection->reading->known))
	{
		d->require_cotl = kept->require_cotl;
		return;
	}
	epoch = look_up_policy(d);
	if (cs_may_keep(&d->finding))
	{
		kept->require_cotl = d->require_cotl;
		kept->of_policy = epoch;
		kept->has_policy = true;
	}
}

static bool
is_of_profile(const cs_direct *d)
{
	Datum profile = d->statement->profile;

	return d->selection->profile == 0 || profile == 0 ||
		DatumGetBool(DirectFunctionCall2Coll(texteq, DEFAULT_COLLATION_OID, profile, d->selection->profile));
}

static bool
statement_of(cs_direct *d, Datum manifest)
{
	d->statement = cs_find_statement(&d->finding, DatumGetUUIDP(manifest));
	return d->statement != NULL && is_of_profile(d);
}

static void
look_up_tag(cs_direct *d, cs_kept_tag *it)
{
	Datum keys[3] = { UUIDPGetDatum(&it->manifest), Int32GetDatum(it->ordinal), TimestampTzGetDatum(d->selection->reading->known) };
	Datum values[CS_LOOKUP_COLUMNS];
	bool nulls[CS_LOOKUP_COLUMNS];

	it->epoch = cs_foreseen_by(d->selection->reading);
	it->foreseen = cs_lookup_row(d->finding.lookup, CS_LOOKUP_TAG_LIFE, keys, values, nulls);
	if (it->foreseen)
	{
		cs_foreseen_from(&it->epoch, values[CS_TAG_LIFE_KNOWN_AT]);
		it->counts = copy(values[CS_TAG_LIFE_COUNTS]);
		it->activated = copy(values[CS_TAG_LIFE_ACTIVATED]);
	}
}

/* Of the statement that was found last. */
static const cs_kept_tag *
tag_of(cs_direct *d, int32 ordinal)
{
	cs_tag_memo *memo = &d->tag;
	const pg_uuid_t *manifest = &d->statement->manifest;
	const cs_reading *reading = d->selection->reading;
	const cs_kept_tag *kept;

	if (memo->known && memo->it.ordinal == ordinal && memcmp(&memo->it.manifest, manifest, UUID_LEN) == 0)
		return &memo->it;
	memo->known = true;
	kept = cs_may_keep(&d->finding) ? cs_kept_find_tag(reading->kept, manifest, ordinal, reading->known) : NULL;
	memo->it = kept != NULL ? *kept : (cs_kept_tag) { .manifest = *manifest, .ordinal = ordinal };
	if (kept == NULL)
	{
		look_up_tag(d, &memo->it);
		if (cs_may_keep(&d->finding))
			cs_keep_tag(reading->kept, &memo->it);
	}
	return &memo->it;
}

/* Does the triple count? Then until when. */
static bool
counts_until(cs_direct *d, const Datum *triple, TimestampTz *until)
{
	cs_counting counting = { .required = d->require_cotl };
	const cs_kept_tag *tag;

	if (!statement_of(d, triple[CS_TRIPLE_MANIFEST]))
		return false;
	tag = tag_of(d, DatumGetInt32(triple[CS_TRIPLE_TAG_COLUMN]));
	counting.manifest = &d->statement->of_manifest;
	counting.authority = &d->statement->of_authority;
	counting.tag = tag->foreseen ? &tag->counts : NULL;
	counting.activated = tag->foreseen ? &tag->activated : NULL;
	return cs_counts_until(&counting, d->selection->reading->as_of, until);
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
	const cs_kept_statement *it = d->statement;
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
	row->values[SEL_SHOWN] = copy(it->shown_as); /* what is kept may be gone when the row is handed over */
	row->values[SEL_PROFILE] = it->profile == 0 ? 0 : copy(it->profile);
	row->nulls[SEL_PROFILE] = it->profile == 0;
	row->values[SEL_NOT_BEFORE] = TimestampTzGetDatum(it->not_before);
	row->nulls[SEL_NOT_BEFORE] = !it->has_not_before;
	row->values[SEL_NOT_AFTER] = TimestampTzGetDatum(until);
	row->nulls[SEL_NOT_AFTER] = until == DT_NOEND;
	row->values[SEL_IS_SIGNED] = BoolGetDatum(it->is_signed);
	row->values[SEL_TRUTH] = copy_uuid(UUIDPGetDatum(&it->truth));
	row->values[SEL_AUTHORITY] = copy(it->authority);
	row->values[SEL_AUTHORITY_ID] = copy_uuid(UUIDPGetDatum(&it->authority_id));
	row->store = InvalidOid;
	row->conveyed.document.data = NULL;
	row->member = NULL;
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

	if ((DatumGetBool(triple[CS_TRIPLE_LIVE]) || !d->selection->reading->is_now) &&
		is_asked_kind(d->selection, DatumGetInt16(triple[CS_TRIPLE_KIND])) && counts_until(d, triple, &until))
		select_row(d, triple, nulls, until);
}

/* The index may lead to more. */
static bool
is_asked(const cs_direct *d, Datum environment)
{
	cs_item item = cs_pg_item(environment);

	return d->selection->operator== CS_ASK_SELECTED ? cs_query_selects(d->selection->query, &item) : cs_env_satisfies(&d->asked, &item);
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

	if (cs_lookup_row(d->finding.lookup, CS_LOOKUP_TRIPLE, name, triple, nulls))
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
	cs_lookup_conditions(d->finding.lookup, (const int64 *) anchors, count, keys, most, held->count + 1, found_condition, d);
}

static void
look_up_environments(cs_direct *d, cs_lookup_table table, unsigned parts, StrategyNumber operator, Datum asked, cs_lookup_found found)
{
	const cs_reading *reading = d->selection->reading;
	unsigned how = (unsigned) reading->is_now << 16 | parts << 8 | operator;
	const cs_kept_places *kept = cs_may_keep(&d->finding) ? cs_kept_find_places(reading->kept, table, how, asked) : NULL;
	cs_lookup_places places = { 0 };

	if (kept != NULL)
	{
		cs_lookup_at_places(d->finding.lookup, table, kept->places, kept->count, found, d);
		return;
	}
	cs_lookup_environments(d->finding.lookup, table, parts, operator, asked, found, d, &places);
	if (cs_may_keep(&d->finding) && places.count <= CS_LOOKUP_PLACES)
		cs_keep_places(reading->kept, table, how, asked, places.places, places.count);
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

/*
 * GIN goes through all that is asked for at each hit. So it is asked for some of many selectors at a time: what is found several times is
 * handed over once.
 */
#define SELECTORS_AT_ONCE 32

static void
look_up_asked(cs_direct *d, StrategyNumber operator, Datum asked)
{
	unsigned parts = parts_of(d->selection);

	look_up_environments(d, CS_LOOKUP_TRIPLE, parts, operator, asked, found_triple);
	if (d->selection->any)
		look_up_environments(d, CS_LOOKUP_TRIPLE_ENVIRONMENT, parts, operator, asked, found_environment);
}

static void
look_up_selectors(cs_direct *d)
{
	const cs_query *query = d->selection->query;
	size_t count = query->selector_count;

	for (size_t from = 0; from < count; from += SELECTORS_AT_ONCE)
	{
		cs_ctx ctx;
		cs_buf some;

		cs_pg_ctx_stored(&ctx);
		cs_buf_init(&some, &ctx);
		cs_pg_require(cs_query_put_selectors(query, from, Min(SELECTORS_AT_ONCE, count - from), &some), &ctx, "CoSERV query");
		look_up_asked(d, CS_ASK_SELECTED, cs_pg_make_bytea(&some));
	}
}

static void
look_up(cs_direct *d)
{
	const cs_selection *s = d->selection;

	find_policy(d);
	if (s->holdings != NULL)
		look_up_conditions(d);
	else if (s->operator!= CS_ASK_SELECTED)
		look_up_asked(d, s->operator, s->asked);
	/* what a query with one selector selects is what contains that: the index need not read the query again */
	else if (s->query->selector_count == 1)
		look_up_asked(d, CS_ASK_CONTAINS, cs_pg_make(s->query->selectors[0].environment));
	else
		look_up_selectors(d);
}

bool
cs_select_directly(const cs_selection *selection, void (*each)(const cs_selected *row, void *data), void *data)
{
	cs_direct d = { .selection = selection, .finding = { .reading = selection->reading } };
	MemoryContext old, scratch;
	bool done;

	scratch = cs_pg_scratch_begin(&old);
	d.finding.lookup = cs_lookup_begin(selection->store, !selection->reading->is_now);
	done = d.finding.lookup != NULL;
	if (done)
	{
		if (selection->operator== CS_ASK_CONTAINED)
			d.asked = cs_pg_item(selection->asked);
		look_up(&d);
		done = cs_lookup_end(d.finding.lookup);
	}
	if (done)
	{
		MemoryContextSwitchTo(old);
		hand_over(&d, each, data);
	}
	cs_pg_scratch_end(scratch, old);
	return done;
}
