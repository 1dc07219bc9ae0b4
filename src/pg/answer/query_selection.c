/*
 * query_selection.c - the triples that a CoSERV query by environment selects in a store, state and all, and those that an appraisal may
 * use.
 */
#include "selection.h"

#include "utils/builtins.h"

#include "pg/base/store.h"
#include "pg/store/profile_sql.h"
#include "model/corim.h"

/* Kinds of triples an artifact type consists of; those behind collected appear in source artifacts
 * alone (doc/conformance.md, decision 3). */
typedef struct cs_artifact_kinds
{
	int count;
	int collected;
	int16 kinds[3];
} cs_artifact_kinds;

static const cs_artifact_kinds artifact_kinds[] = {
	[CS_ENDORSED_VALUES] = { 3, 2, { 1, 10, 8 } },
	[CS_TRUST_ANCHORS] = { 1, 1, { 3 } },
	[CS_REFERENCE_VALUES] = { 1, 1, { 0 } },
};

bool
cs_is_collected(const cs_query *query, int16 kind)
{
	const cs_artifact_kinds *kinds = &artifact_kinds[query->artifact];

	for (int i = 0; i < kinds->collected; i++)
		if (kinds->kinds[i] == kind)
			return true;
	return false;
}

typedef struct cs_state_check
{
	const cs_selector *selector;
	bool selected;
} cs_state_check;

static bool
note_selected(cs_ctx *ctx, const cs_item *environment, void *data)
{
	cs_state_check *check = data;
	cs_item wanted = cs_item_at(check->selector->environment.data, check->selector->environment.len);

	check->selected |= cs_env_satisfies(environment, &wanted);
	return true;
}

/* Is the triple selected by this selector, state and all (doc/conformance.md, decisions 16 and 17)? */
static bool
selector_agrees(const cs_selector *selector, int16 kind, const cs_item *environment, const cs_item *record, const cs_profile *profile)
{
	cs_state_check check = { .selector = selector };
	cs_triple triple = { .kind = kind, .record = *record };
	cs_ctx ctx;

	cs_pg_ctx_stored(&ctx);
	note_selected(&ctx, environment, &check);
	if (!check.selected && !cs_triple_environments(&ctx, &triple, note_selected, &check))
		cs_pg_report(&ctx.error, "triple");
	return check.selected && cs_query_state_agrees(&ctx, selector, kind, record, profile);
}

static bool
is_stateful(const cs_query *query)
{
	for (size_t i = 0; i < query->selector_count; i++)
		if (query->selectors[i].measurements.len > 0)
			return true;
	return false;
}

static bool
state_agrees(const cs_query *query, const cs_store_profiles *profiles, const cs_selected *row)
{
	MemoryContext old, scratch;
	const cs_profile *profile = NULL;
	bool agrees = false;
	cs_item environment, content, record;
	cs_ctx ctx;
	cs_buf canonical;

	scratch = cs_pg_scratch_begin(&old);
	cs_pg_ctx_stored(&ctx);
	cs_buf_init(&canonical, &ctx);
	environment = cs_pg_item(row->values[SEL_ENVIRONMENT]);
	content = cs_pg_item(row->values[SEL_CONTENT]);
	if (!row->nulls[SEL_PROFILE])
	{
		cs_span text = cs_pg_utf8_text(row->values[SEL_PROFILE]);

		profile = cs_store_profile_find(profiles, (const char *) text.data, text.len);
	}
	if (!cs_deterministic(&ctx, &content, &canonical) || !cs_buf_ok(&canonical))
		cs_pg_report(&ctx.error, "triple");
	record = cs_item_at(canonical.data, canonical.len);
	for (size_t i = 0; !agrees && i < query->selector_count; i++)
		agrees = selector_agrees(&query->selectors[i], DatumGetInt16(row->values[SEL_KIND]), &environment, &record, profile);
	cs_pg_scratch_end(scratch, old);
	return agrees;
}

/* What is handed to a caller of select_triples, but for what the state rules out. */
typedef struct cs_stateful
{
	const cs_query *query;
	const cs_store_profiles *profiles;
	void (*each)(const cs_selected *row, void *data);
	void *data;
} cs_stateful;

static void
each_stateful(const cs_selected *row, void *data)
{
	const cs_stateful *s = data;

	if (state_agrees(s->query, s->profiles, row))
		s->each(row, s->data);
}

void
cs_select_query(Oid store, cs_span query_bytes, const cs_query *query, const cs_reading *reading,
	void (*each)(const cs_selected *row, void *data), void *data)
{
	const cs_artifact_kinds *kinds = &artifact_kinds[query->artifact];
	cs_selection selection = { .store = store,
		.reading = reading,
		.query = query,
		.operator= CS_ASK_SELECTED,
		.asked = cs_pg_make(query_bytes),
		.any = query->artifact == CS_ENDORSED_VALUES,
		.kinds = kinds->kinds,
		.kind_count = query->result_type == CS_COLLECTED ? kinds->collected : kinds->count,
		.profile = cs_pg_make_text(query->profile) };
	cs_stateful stateful = { .query = query, .each = each, .data = data };
	int guc_nest;
	cs_ctx ctx;

	if (!is_stateful(query))
	{
		cs_select(&selection, each, data);
		return;
	}
	cs_pg_ctx_stored(&ctx);
	guc_nest = cs_begin_statements();
	cs_spi_connect();
	stateful.profiles = cs_store_profiles_read(&ctx, store, reading->as_of);
	SPI_finish();
	cs_end_statements(guc_nest);
	cs_select(&selection, each_stateful, &stateful);
}

void
cs_select_relations(Oid store, Datum environment, const cs_reading *reading, void (*each)(const cs_selected *row, void *data), void *data)
{
	static const int16 kinds[] = { 0, 1, 2, 3, 4, 5, 6, 8, 10 };
	cs_selection selection = { .store = store,
		.reading = reading,
		.operator= CS_ASK_CONTAINED,
		.asked = environment,
		.any = true,
		.kinds = kinds,
		.kind_count = lengthof(kinds) };

	cs_select(&selection, each, data);
}
