/*
 * acs.c - the Appraisal Claims Set itself: environments, groups of elements, ECTs proposed and published.
 */
#include <string.h>

#include "acs.h"
#include "cbor/sort.h"

bool
cs_acs_reserve(cs_ctx *ctx, void *array, size_t *capacity, size_t count, size_t size)
{
	void *old, *moved;
	size_t wanted;

	if (count < *capacity)
		return true;
	wanted = *capacity ? *capacity * 2 : 8;
	memcpy(&old, array, sizeof old);
	if ((moved = cs_resize(ctx, old, *capacity, wanted, size)) == NULL)
		return false;
	memcpy(array, &moved, sizeof moved);
	*capacity = wanted;
	return true;
}

bool
cs_acs_push(cs_ctx *ctx, index_list *list, size_t value)
{
	if (!cs_acs_reserve(ctx, &list->at, &list->capacity, list->count, sizeof *list->at))
		return false;
	list->at[list->count++] = value;
	return true;
}

void
cs_acs_tick(cs_acs *acs)
{
	if ((++acs->steps & 0x3ff) == 0 && acs->ctx->interrupt != NULL)
		acs->ctx->interrupt(acs->ctx->actx);
}

bool
cs_acs_environment(cs_acs *acs, cs_span canonical, size_t *number)
{
	bool fresh;

	if (!cs_set_add(&acs->environment_set, canonical, false, number, &fresh))
		return false;
	if (!fresh)
		return true;
	if (!cs_acs_reserve(acs->ctx, &acs->environments, &acs->environment_capacity, *number, sizeof *acs->environments))
		return false;
	acs->environments[*number] = (environment) { .item = cs_item_at(canonical.data, canonical.len), .first_ect = NONE };
	return true;
}

bool
cs_acs_enter_environment(cs_acs *acs, size_t number)
{
	environment *env = &acs->environments[number];

	if (env->in_acs)
		return true;
	env->in_acs = true;
	return cs_acs_push(acs->ctx, &acs->environments_in_acs, number);
}

const index_list *
cs_acs_containers(cs_acs *acs, size_t number)
{
	environment *env = &acs->environments[number];

	while (env->scanned < acs->environments_in_acs.count)
	{
		size_t other = acs->environments_in_acs.at[env->scanned];

		cs_acs_tick(acs);
		if (cs_env_satisfies(&acs->environments[other].item, &env->item) && !cs_acs_push(acs->ctx, &env->containers, other))
			return NULL;
		env->scanned++;
	}
	return &env->containers;
}

static int
compare_spans(const void *a, const void *b)
{
	const cs_span *x = a, *y = b;
	int order = memcmp(x->data, y->data, x->len < y->len ? x->len : y->len);

	return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

/* The keys of an authority in an order of their own, each once: neither order nor repetition makes another authority. */
static bool
put_authority(cs_ctx *ctx, cs_buf *key, cs_span authority)
{
	cs_item array, item;
	cs_span *keys;
	size_t count = 0;
	cs_iter it;

	if (authority.len == 0)
		return true;
	array = cs_item_at(authority.data, authority.len);
	if ((keys = cs_alloc(ctx, (size_t) cs_count(&array) + 1, sizeof *keys)) == NULL)
		return false;
	it = cs_iterate(&array);
	while (cs_next(&it, &item))
		keys[count++] = cs_item_span(&item);
	if (!cs_sort(ctx, keys, count, sizeof *keys, compare_spans))
		return false;
	for (size_t i = 0; i < count; i++)
	{
		if (i == 0 || !cs_span_eq(keys[i], keys[i - 1]))
			cs_put_raw(key, keys[i].data, keys[i].len);
	}
	return true;
}

/* The group that an ECT belongs to, made when it is the first. */
static bool
find_group(cs_acs *acs, size_t env, const cs_ect *ect, size_t number_of_ect, size_t *number)
{
	cs_buf key;
	bool fresh;
	group *g;

	cs_buf_init(&key, acs->ctx);
	cs_put_uint(&key, env);
	cs_put_int(&key, ect->cmtype);
	if (!put_authority(acs->ctx, &key, ect->authority))
		return false;
	cs_put_null(&key);
	if (ect->profile.len > 0)
	{
		cs_item profile = cs_item_at(ect->profile.data, ect->profile.len);

		if (!cs_acs_profile_text(acs->ctx, &profile, &key))
			return false;
	}
	if (!cs_buf_ok(&key) || !cs_set_add(&acs->group_set, cs_buf_span(&key), false, number, &fresh))
		return false;
	if (!fresh)
		return true;
	if (!cs_acs_reserve(acs->ctx, &acs->groups, &acs->group_capacity, *number, sizeof *acs->groups))
		return false;
	g = &acs->groups[*number];
	*g = (group) { .cmtype = ect->cmtype, .first_ect = number_of_ect };
	g->has_authority = ect->authority.len > 0;
	if (g->has_authority)
		g->authority = cs_item_at(ect->authority.data, ect->authority.len);
	return cs_acs_push(acs->ctx, &acs->environments[env].groups, *number);
}

static bool
element_key(cs_acs *acs, size_t group_number, cs_span id, cs_buf *key)
{
	cs_buf_init(key, acs->ctx);
	cs_put_uint(key, group_number);
	cs_put_raw(key, id.data, id.len);
	return cs_buf_ok(key);
}

size_t
cs_acs_find_element(cs_acs *acs, size_t group_number, cs_span id)
{
	uint8_t small[128];
	cs_buf key = { .ctx = acs->ctx, .data = small, .capacity = sizeof small };
	size_t number;

	/* Keys that are short, as nearly all are, are looked up without allocating. */
	if (id.len + 9 <= sizeof small)
	{
		cs_put_uint(&key, group_number);
		cs_put_raw(&key, id.data, id.len);
	}
	else if (!element_key(acs, group_number, id, &key))
		return NONE;
	number = cs_set_find(&acs->element_set, cs_buf_span(&key));
	return number == CS_SET_NONE ? NONE : acs->first_element.at[number];
}

static bool
add_element(cs_acs *acs, size_t env_number, size_t group_number, cs_span id, const cs_item *claims)
{
	cs_buf key;
	size_t number, slot = acs->element_count;
	bool fresh;

	if (!element_key(acs, group_number, id, &key) || !cs_set_add(&acs->element_set, cs_buf_span(&key), false, &number, &fresh) ||
		!cs_acs_reserve(acs->ctx, &acs->elements, &acs->element_capacity, slot, sizeof *acs->elements))
		return false;
	acs->elements[slot] = (element) { .group = group_number, .id = id, .claims = *claims, .next = NONE };
	acs->element_count++;
	if (!cs_acs_push(acs->ctx, &acs->environments[env_number].untold, slot))
		return false;
	if (fresh)
		return cs_acs_push(acs->ctx, &acs->first_element, slot) && cs_acs_push(acs->ctx, &acs->last_element, slot);
	acs->elements[acs->last_element.at[number]].next = slot;
	acs->last_element.at[number] = slot;
	return true;
}

static bool
add_elements(cs_acs *acs, size_t env_number, size_t group_number, cs_span element_list)
{
	cs_item list = cs_item_at(element_list.data, element_list.len), map, id, claims;
	cs_iter it = cs_iterate(&list);

	while (cs_next(&it, &map))
	{
		bool has_id = cs_map_get_text(&map, "element-id", &id);

		cs_acs_tick(acs);
		if (cs_map_get_text(&map, "element-claims", &claims) &&
			!add_element(acs, env_number, group_number, has_id ? cs_item_span(&id) : (cs_span) { NULL, 0 }, &claims))
			return false;
	}
	return true;
}

static bool
refuse_growth(cs_acs *acs)
{
	if (acs->how == NULL)
		return true;
	if (acs->ect_count >= acs->how->max_ects)
		return cs_fail(
			acs->ctx, CS_LIMIT, "the appraisal claims set would have more than %llu entries", (unsigned long long) acs->how->max_ects);
	if (acs->round > acs->how->max_rounds)
		return cs_fail(acs->ctx, CS_LIMIT, "the appraisal did not settle within %llu rounds", (unsigned long long) acs->how->max_rounds);
	return true;
}

bool
cs_acs_propose(cs_acs *acs, const ect_parts *parts, const cs_relation *by)
{
	cs_span encoded;
	size_t number;
	bool fresh;
	cs_ect *ect;
	size_t capacity = acs->ect_capacity;

	if (!cs_acs_encode(acs->ctx, parts, &encoded) || !cs_set_add(&acs->encodings, encoded, false, &number, &fresh))
		return false;
	if (!fresh)
		return true;
	if (!refuse_growth(acs) || !cs_acs_reserve(acs->ctx, &acs->element_lists, &capacity, acs->ect_count, sizeof *acs->element_lists) ||
		!cs_acs_reserve(acs->ctx, &acs->ects, &acs->ect_capacity, acs->ect_count, sizeof *acs->ects) ||
		(ect = cs_alloc(acs->ctx, 1, sizeof *ect)) == NULL)
		return false;
	*ect = (cs_ect) { .cmtype = parts->cmtype,
		.environment = parts->environment,
		.authority = parts->authority,
		.profile = parts->profile,
		.encoded = encoded,
		.relation = by,
		.round = acs->round };
	acs->element_lists[acs->ect_count] = parts->element_list;
	acs->ects[acs->ect_count++] = ect;
	return true;
}

/* Put one ECT where conditions find it. */
static bool
publish(cs_acs *acs, size_t number)
{
	const cs_ect *ect = acs->ects[number];
	cs_span elements = acs->element_lists[number];
	size_t env_number, group_number;
	environment *env;

	if (!cs_acs_environment(acs, ect->environment, &env_number) || !cs_acs_enter_environment(acs, env_number))
		return false;
	env = &acs->environments[env_number];
	if (env->first_ect == NONE)
		env->first_ect = number;
	env->evidence = env->evidence || ect->cmtype == CS_CMTYPE_EVIDENCE;
	env->domain = env->domain || (ect->relation != NULL && ect->relation->kind == CS_TRIPLE_MEMBERSHIP);
	if (elements.len == 0)
		return true;
	env->changed = acs->pass;
	if (!find_group(acs, env_number, ect, number, &group_number))
		return false;
	acs->groups[group_number].changed = acs->pass;
	return add_elements(acs, env_number, group_number, elements);
}

bool
cs_acs_publish(cs_acs *acs)
{
	acs->pass++;
	for (; acs->published < acs->ect_count; acs->published++)
	{
		if (!publish(acs, acs->published))
			return false;
	}
	return true;
}

bool
cs_acs_add_note(cs_acs *acs, const relation *rel, const char *reason)
{
	if (!cs_acs_reserve(acs->ctx, &acs->notes, &acs->note_capacity, acs->note_count, sizeof *acs->notes))
		return false;
	acs->notes[acs->note_count++] = (cs_note) { .relation = &rel->given, .reason = reason };
	return true;
}

size_t
cs_acs_count(const cs_acs *acs)
{
	return acs->ect_count;
}

const cs_ect *
cs_acs_get(const cs_acs *acs, size_t index)
{
	return index < acs->ect_count ? acs->ects[index] : NULL;
}

size_t
cs_acs_note_count(const cs_acs *acs)
{
	return acs->note_count;
}

const cs_note *
cs_acs_note(const cs_acs *acs, size_t index)
{
	return index < acs->note_count ? &acs->notes[index] : NULL;
}
