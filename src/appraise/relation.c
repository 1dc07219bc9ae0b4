/*
 * relation.c - triples into relations (draft-ietf-rats-corim, "Input Transformation"), once for each: canonical, taken apart,
 * its additions encoded.
 */
#include "acs.h"

static bool
malformed(cs_acs *acs, const relation *rel, const char *what)
{
	const char *kind = cs_triple_kind_name(rel->given.kind);

	return cs_fail(acs->ctx, CS_INVALID, "record of %s has no usable %s", kind ? kind : "a triple", what);
}

/* Lists of measurements: an array, or one measurement-map that is not in an array (a legacy form). */
static cs_iter
iterate_measurements(const cs_item *list)
{
	if (cs_is(list, CS_ARRAY))
		return cs_iterate(list);
	return (cs_iter) { .next = list->p, .limit = list->limit, .left = cs_is(list, CS_MAP) ? 1 : 0 };
}

static size_t
count_measurements(const cs_item *list)
{
	return cs_is(list, CS_ARRAY) ? (size_t) cs_count(list) : cs_is(list, CS_MAP) ? 1 : 0;
}

static bool
read_environment(cs_acs *acs, const relation *rel, const cs_item *record, uint64_t position, cs_span *canonical, size_t *number)
{
	cs_item item;

	if (!cs_is(record, CS_ARRAY) || !cs_array_get(record, position, &item) || !cs_is(&item, CS_MAP))
		return malformed(acs, rel, "environment");
	return cs_acs_canonical_environment(acs->ctx, &item, canonical) && cs_acs_environment(acs, *canonical, number);
}

/* Appends the measurements of list to the condition's. */
static bool
read_wants(cs_acs *acs, const relation *rel, const cs_item *list, condition *cond)
{
	size_t count = count_measurements(list);
	want *wants = cs_resize(acs->ctx, cond->wants, cond->want_count, cond->want_count + count + 1, sizeof *wants);
	cs_iter it = iterate_measurements(list);
	cs_item map, mkey;

	if (wants == NULL)
		return false;
	cond->wants = wants;
	while (cs_next(&it, &map))
	{
		want *w = &wants[cond->want_count];

		cs_acs_tick(acs);
		*w = (want) { .id = { NULL, 0 } };
		if (!cs_map_get(&map, CS_MEASUREMENT_MVAL, &w->claims) || !cs_is(&w->claims, CS_MAP))
			return malformed(acs, rel, "measurement");
		if (cs_map_get(&map, CS_MEASUREMENT_MKEY, &mkey) && !cs_mkey_canonical(acs->ctx, &mkey, &w->id))
			return false;
		w->has_authority = cs_map_get(&map, CS_MEASUREMENT_AUTHORIZED_BY, &w->authority);
		cond->want_count++;
	}
	return true;
}

/* mms_to_ems. */
static bool
read_addition(cs_acs *acs, const relation *rel, const cs_item *list, cs_span *out)
{
	element_builder builder;
	cs_iter it = iterate_measurements(list);
	cs_item map, mkey, mval;
	cs_span id;

	if (count_measurements(list) == 0)
		return malformed(acs, rel, "endorsement");
	cs_acs_elements_start(acs->ctx, &builder);
	while (cs_next(&it, &map))
	{
		cs_acs_tick(acs);
		id = (cs_span) { NULL, 0 };
		if (cs_map_get(&map, CS_MEASUREMENT_MKEY, &mkey) && !cs_mkey_canonical(acs->ctx, &mkey, &id))
			return false;
		if (!cs_map_get(&map, CS_MEASUREMENT_MVAL, &mval) || !cs_is(&mval, CS_MAP))
			return malformed(acs, rel, "measurement");
		if (!cs_acs_elements_add(&builder, id, cs_item_span(&mval)))
			return false;
	}
	return cs_acs_elements_finish(&builder, out);
}

static bool
make_room(cs_acs *acs, relation *rel, uint64_t conditions, uint64_t additions)
{
	rel->conditions = cs_alloc(acs->ctx, (size_t) conditions + 1, sizeof *rel->conditions);
	rel->additions = cs_alloc(acs->ctx, (size_t) additions + 1, sizeof *rel->additions);
	return rel->conditions != NULL && rel->additions != NULL;
}

/* An environment and, where the kind has them, claims. */
static bool
add_condition(cs_acs *acs, relation *rel, const cs_item *record, bool with_claims, cs_span *environment)
{
	condition *cond = &rel->conditions[rel->condition_count];
	cs_item claims;

	cs_acs_start_condition(cond);
	if (!read_environment(acs, rel, record, 0, environment, &cond->environment))
		return false;
	rel->condition_count++;
	if (!with_claims)
		return true;
	return cs_array_get(record, 1, &claims) ? read_wants(acs, rel, &claims, cond) : malformed(acs, rel, "claims");
}

static bool
add_addition(cs_acs *acs, relation *rel, cs_span environment, const cs_item *measurements)
{
	addition *add = &rel->additions[rel->addition_count];

	*add = (addition) { .environment = environment };
	rel->addition_count++;
	return measurements == NULL || read_addition(acs, rel, measurements, &add->element_list);
}

/* [ref-env, ref-claims]: what is added is known only when Evidence has matched. */
static bool
prepare_reference(cs_acs *acs, relation *rel, const cs_item *record)
{
	cs_span environment;

	return make_room(acs, rel, 1, 1) && add_condition(acs, rel, record, true, &environment) &&
		(rel->conditions[0].want_count > 0 || malformed(acs, rel, "claims")) && add_addition(acs, rel, environment, NULL);
}

/* [condition, endorsement] */
static bool
prepare_endorsed(cs_acs *acs, relation *rel, const cs_item *record)
{
	cs_span environment;
	cs_item measurements;

	return make_room(acs, rel, 1, 1) && add_condition(acs, rel, record, false, &environment) &&
		(cs_array_get(record, 1, &measurements) || malformed(acs, rel, "endorsement")) &&
		add_addition(acs, rel, environment, &measurements);
}

/* [[[environment, claims-list], ...], [[condition, endorsement], ...]] */
static bool
prepare_conditional(cs_acs *acs, relation *rel, const cs_item *record)
{
	cs_item conditions, endorsements, item, measurements;
	cs_span environment;
	size_t unused;
	cs_iter it;

	if (!cs_array_get(record, 0, &conditions) || !cs_is(&conditions, CS_ARRAY) || cs_count(&conditions) == 0 ||
		!cs_array_get(record, 1, &endorsements) || !cs_is(&endorsements, CS_ARRAY) || cs_count(&endorsements) == 0)
		return malformed(acs, rel, "conditions or endorsements");
	if (!make_room(acs, rel, cs_count(&conditions), cs_count(&endorsements)))
		return false;
	it = cs_iterate(&conditions);
	while (cs_next(&it, &item))
	{
		if (!add_condition(acs, rel, &item, true, &environment))
			return false;
	}
	it = cs_iterate(&endorsements);
	while (cs_next(&it, &item))
	{
		if (!read_environment(acs, rel, &item, 0, &environment, &unused) ||
			(!cs_array_get(&item, 1, &measurements) && !malformed(acs, rel, "endorsement")) ||
			!add_addition(acs, rel, environment, &measurements))
			return false;
	}
	return true;
}

/* The condition that all items of a series share. The environment alone, without an array around it, is a legacy form. */
static bool
add_common_condition(cs_acs *acs, relation *rel, const cs_item *common, cs_span *environment)
{
	condition *cond = &rel->conditions[rel->condition_count];

	if (cs_is(common, CS_MAP))
	{
		cs_acs_start_condition(cond);
		rel->condition_count++;
		return cs_acs_canonical_environment(acs->ctx, common, environment) && cs_acs_environment(acs, *environment, &cond->environment);
	}
	if (!add_condition(acs, rel, common, true, environment))
		return false;
	cond->has_authority = cs_array_get(common, 2, &cond->authority);
	return true;
}

/* One item of a series: the common condition and its own, and its addition. */
static bool
add_series_item(cs_acs *acs, relation *rel, const cs_item *common, const cs_item *item)
{
	cs_span environment;
	cs_item own, measurements;
	condition *cond = &rel->conditions[rel->condition_count];
	size_t shared;

	if (!add_common_condition(acs, rel, common, &environment))
		return false;
	if (!cs_is(item, CS_ARRAY) || !cs_array_get(item, 0, &own) || !cs_array_get(item, 1, &measurements))
		return malformed(acs, rel, "series item");
	shared = cond->want_count;
	if (!read_wants(acs, rel, &own, cond))
		return false;
	/* "authorized-by in common-condition takes precedence" (draft-ietf-rats-corim section 5.1.9; decision 40) */
	for (size_t i = shared; cond->has_authority && i < cond->want_count; i++)
		cond->wants[i].has_authority = false;
	return add_addition(acs, rel, environment, &measurements);
}

/* [[environment, claims-list, ? authorized-by], [[condition, addition], ...]] */
static bool
prepare_series(cs_acs *acs, relation *rel, const cs_item *record)
{
	cs_item common, series, item;
	cs_iter it;

	if (!cs_array_get(record, 0, &common) || !cs_array_get(record, 1, &series) || !cs_is(&series, CS_ARRAY))
		return malformed(acs, rel, "series");
	if (!make_room(acs, rel, cs_count(&series), cs_count(&series)))
		return false;
	it = cs_iterate(&series);
	while (cs_next(&it, &item))
	{
		cs_acs_tick(acs);
		if (!add_series_item(acs, rel, &common, &item))
			return false;
	}
	return true;
}

/* [environment, key-list, ? {0: mkey, 1: authorized-by}] */
static bool
prepare_keys(cs_acs *acs, relation *rel, const cs_item *record)
{
	cs_span environment;
	cs_item conditions, mkey;
	condition *cond;

	if (!make_room(acs, rel, 1, 1) || !add_condition(acs, rel, record, false, &environment) || !add_addition(acs, rel, environment, NULL))
		return false;
	if (!cs_array_get(record, 1, &rel->keys))
		return malformed(acs, rel, "key-list");
	cond = &rel->conditions[0];
	if (!cs_array_get(record, 2, &conditions))
		return true;
	cond->has_authority = cs_map_get(&conditions, CS_KEY_CONDITION_AUTHORIZED_BY, &cond->authority);
	if (!cs_map_get(&conditions, CS_KEY_CONDITION_MKEY, &mkey))
		return true;
	if (!cs_mkey_canonical(acs->ctx, &mkey, &rel->key_id))
		return false;
	if ((cond->wants = cs_alloc(acs->ctx, 1, sizeof *cond->wants)) == NULL)
		return false;
	cond->wants[0] = (want) { .id = rel->key_id };
	cond->want_count = 1;
	return true;
}

/* [domain-id, members or trustees] */
static bool
prepare_domain(cs_acs *acs, relation *rel, const cs_item *record)
{
	cs_item list, member;
	cs_span environment, *spans;
	size_t number, count = 0;
	cs_iter it;

	if (!make_room(acs, rel, 1, 1) || !read_environment(acs, rel, record, 0, &environment, &rel->subject) ||
		!add_addition(acs, rel, environment, NULL))
		return false;
	if (!cs_array_get(record, 1, &list) || !cs_is(&list, CS_ARRAY) || cs_count(&list) == 0)
		return malformed(acs, rel, "members or trustees");
	if ((spans = cs_alloc(acs->ctx, (size_t) cs_count(&list), sizeof *spans)) == NULL)
		return false;
	it = cs_iterate(&list);
	while (cs_next(&it, &member))
	{
		cs_acs_tick(acs);
		if (!cs_is(&member, CS_MAP))
			return malformed(acs, rel, "environment");
		if (!cs_acs_canonical_environment(acs->ctx, &member, &spans[count]) || !cs_acs_environment(acs, spans[count++], &number) ||
			!cs_acs_push(acs->ctx, &rel->members, number))
			return false;
	}
	return cs_acs_unique_array(acs->ctx, spans, count, &rel->member_list);
}

static bool
prepare_profile(cs_acs *acs, relation *rel)
{
	cs_item profile;
	cs_buf text;

	if (rel->given.profile.len == 0)
		return true;
	profile = cs_item_at(rel->given.profile.data, rel->given.profile.len);
	cs_buf_init(&text, acs->ctx);
	if (!cs_acs_profile_text(acs->ctx, &profile, &text) || !cs_acs_canonical(acs->ctx, &profile, &rel->profile))
		return false;
	if (acs->how != NULL && acs->how->profile != NULL)
		rel->rules = acs->how->profile(acs, (const char *) text.data, text.len, acs->how->data);
	else
		rel->rules = cs_profile_find((const char *) text.data, text.len);
	return true;
}

static bool
prepare_authority(cs_acs *acs, relation *rel)
{
	cs_item authority;

	if (rel->given.authority.len == 0)
		return true;
	authority = cs_item_at(rel->given.authority.data, rel->given.authority.len);
	if (!cs_is(&authority, CS_ARRAY))
		return cs_fail(acs->ctx, CS_INVALID, "authority of a relation must be an array of keys");
	return cs_count(&authority) == 0 || cs_acs_canonical(acs->ctx, &authority, &rel->authority);
}

bool
cs_acs_is_reference(const relation *rel)
{
	return rel->given.kind == CS_TRIPLE_REFERENCE || rel->given.kind == CS_TRIPLE_COSWID;
}

bool
cs_acs_prepare(cs_acs *acs, relation *rel)
{
	cs_item given = cs_item_at(rel->given.record.data, rel->given.record.len), record;
	cs_span canonical;

	if (!cs_acs_canonical(acs->ctx, &given, &canonical) || !prepare_profile(acs, rel) || !prepare_authority(acs, rel))
		return false;
	record = cs_item_at(canonical.data, canonical.len);
	if (!cs_is(&record, CS_ARRAY))
		return malformed(acs, rel, "record");
	switch (rel->given.kind)
	{
		case CS_TRIPLE_REFERENCE:
		case CS_TRIPLE_COSWID:
			return prepare_reference(acs, rel, &record);
		case CS_TRIPLE_ENDORSED:
			return prepare_endorsed(acs, rel, &record);
		case CS_TRIPLE_CONDITIONAL_ENDORSEMENT:
			return prepare_conditional(acs, rel, &record);
		case CS_TRIPLE_CONDITIONAL_ENDORSEMENT_SERIES:
			return prepare_series(acs, rel, &record);
		case CS_TRIPLE_IDENTITY:
		case CS_TRIPLE_ATTEST_KEY:
			return prepare_keys(acs, rel, &record);
		default:
			return prepare_domain(acs, rel, &record);
	}
}
