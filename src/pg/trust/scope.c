/*
 * scope.c - what an authority may speak about: environments by containment, profiles, kinds of triples, tag ids.
 *
 * Of a conditional endorsement (10) its endorsements must lie inside: its conditions only look at what others say. A trust anchor store
 * (CoTS) is about keys, as attest-key triples (3) are, of the environments that it names.
 */
#include "scope.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "match/match.h"
#include "miscadmin.h"
#include "model/cots.h"
#include "pg/base/store.h"
#include "pg/index/environment_keys.h"
#include "utils/array.h"
#include "utils/builtins.h"

typedef struct cs_elements
{
	Datum *values;
	int count;
} cs_elements;

/* An environment of the scope under its anchor (environment_keys.h): each triple looks its own attributes up. */
typedef struct cs_anchor
{
	uint64 key;
	cs_item environment;
} cs_anchor;

typedef struct cs_check_state
{
	const cs_scope *scope;
	const cs_corim *corim;
	cs_anchor *anchors; /* in the order of their keys */
	size_t anchor_count;
	cs_elements kinds;
	size_t tag; /* where the walk is: counts triples of one kind in one tag, for the path */
	int64_t kind;
	size_t index;
} cs_check_state;

static cs_elements
elements(Datum array, Oid type, int length, bool by_value, char align)
{
	cs_elements out = { NULL, 0 };
	bool *nulls;
	int kept = 0;

	if (array == (Datum) 0)
		return out;
	deconstruct_array(DatumGetArrayTypeP(array), type, length, by_value, align, &out.values, &nulls, &out.count);
	for (int i = 0; i < out.count; i++)
		if (!nulls[i])
			out.values[kept++] = out.values[i];
	out.count = kept;
	return out;
}

static bool
outside(cs_ctx *ctx, const cs_check_state *check, const char *path, const char *what, const char *found)
{
	cs_fail(ctx, CS_OUT_OF_SCOPE, "authority \"%s\" may not speak about this %s", check->scope->authority, what);
	strlcpy(ctx->error.path, path, sizeof(ctx->error.path));
	cs_fail_found(ctx, "%s", found);
	return cs_fail_hint(ctx, "The scope is in the columns environments, profiles, kinds and tag_ids of the store's table authority.");
}

static bool
check_profile(cs_ctx *ctx, const cs_check_state *check)
{
	cs_elements profiles = elements(check->scope->profiles, TEXTOID, -1, false, TYPALIGN_INT);
	cs_buf text;

	if (check->scope->profiles == (Datum) 0)
		return true;
	if (!check->corim->has_profile)
		return outside(ctx, check, "corim-map", "document without a profile", "no profile");
	cs_buf_init(&text, ctx);
	if (!cs_profile_text(ctx, &check->corim->profile, &text) || !cs_buf_ok(&text))
		return false;
	for (int i = 0; i < profiles.count; i++)
		if (cs_span_eq(cs_pg_utf8_text(profiles.values[i]), cs_buf_span(&text)))
			return true;
	return outside(ctx, check, "corim-map.profile", "profile", pnstrdup((const char *) text.data, text.len));
}

static bool
check_tag(cs_ctx *ctx, const cs_check_state *check, const cs_elements *patterns, size_t index)
{
	const cs_tag *tag = &check->corim->tags[index];
	Datum id;
	cs_buf id_text;

	if (!tag->has_id)
		return true;
	cs_buf_init(&id_text, ctx);
	if (!cs_id_text(ctx, &tag->tag_id, &id_text) || !cs_buf_ok(&id_text))
		return false;
	id = cs_pg_make_text(cs_buf_span(&id_text));
	for (int i = 0; i < patterns->count; i++)
		if (DatumGetBool(DirectFunctionCall2Coll(textlike, C_COLLATION_OID, id, patterns->values[i])))
			return true;
	return outside(ctx, check, psprintf("corim-map.tags[%zu]", index), "tag id", TextDatumGetCString(id));
}

static bool
check_tags(cs_ctx *ctx, const cs_check_state *check)
{
	cs_elements patterns = elements(check->scope->tag_ids, TEXTOID, -1, false, TYPALIGN_INT);

	for (size_t i = 0; check->scope->tag_ids != (Datum) 0 && i < check->corim->tag_count; i++)
		if (!check_tag(ctx, check, &patterns, i))
			return false;
	return true;
}

static bool
kind_inside(const cs_check_state *check, int64_t kind)
{
	bool known = check->scope->kinds == (Datum) 0;

	for (int i = 0; !known && i < check->kinds.count; i++)
		known = DatumGetInt16(check->kinds.values[i]) == kind;
	return known;
}

static const char *
triple_path(const cs_check_state *check)
{
	const char *kind = cs_triple_kind_name(check->kind);

	return psprintf("corim-map.tags[%zu].concise-mid-tag.triples.%s[%zu]", check->tag,
		kind ? kind : psprintf("%lld", (long long) check->kind), check->index);
}

static int
order_of_anchors(const void *a, const void *b)
{
	uint64 left = ((const cs_anchor *) a)->key;
	uint64 right = ((const cs_anchor *) b)->key;

	return (left > right) - (left < right);
}

static void
sort_environments(cs_check_state *check)
{
	cs_elements list = elements(check->scope->environments, cs_type_oid("environment"), -1, false, TYPALIGN_INT);

	check->anchors = palloc(sizeof(cs_anchor) * ((size_t) list.count + 1));
	check->anchor_count = (size_t) list.count;
	for (int i = 0; i < list.count; i++)
	{
		cs_item environment = cs_pg_item(list.values[i]);
		cs_environment_keys keys = cs_environment_keys_of(&environment);

		check->anchors[i].key = keys.count > 0 ? keys.values[keys.anchor] : CS_ENVIRONMENT_EMPTY_KEY;
		check->anchors[i].environment = environment;
		pfree(keys.values);
	}
	qsort(check->anchors, check->anchor_count, sizeof(cs_anchor), order_of_anchors);
}

/* Is the entry inside an environment of the scope that has this key as its anchor? */
static bool
inside_one_of(const cs_check_state *check, uint64 key, const cs_item *entry)
{
	size_t low = 0, high = check->anchor_count;

	while (low < high)
	{
		size_t middle = low + (high - low) / 2;

		if (check->anchors[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < check->anchor_count && check->anchors[low].key == key; low++)
	{
		CHECK_FOR_INTERRUPTS();
		if (cs_env_satisfies(entry, &check->anchors[low].environment))
			return true;
	}
	return false;
}

static bool
inside_any(const cs_check_state *check, const cs_item *entry)
{
	cs_environment_keys keys = cs_environment_keys_of(entry);
	bool inside = inside_one_of(check, CS_ENVIRONMENT_EMPTY_KEY, entry);

	for (size_t i = 0; !inside && i < keys.count; i++)
		inside = inside_one_of(check, keys.values[i], entry);
	pfree(keys.values);
	return inside;
}

static bool
environment_inside(cs_ctx *ctx, const cs_check_state *check, const cs_item *environment, const char *(*path)(const cs_check_state *) )
{
	cs_buf canonical;
	cs_item entry;

	cs_buf_init(&canonical, ctx);
	if (!cs_env_canonical(ctx, environment, &canonical) || !cs_buf_ok(&canonical))
		return false;
	entry = cs_item_at(canonical.data, canonical.len);
	if (inside_any(check, &entry))
		return true;
	return outside(
		ctx, check, path(check), "environment", DatumGetCString(DirectFunctionCall1(byteaout, cs_pg_make(cs_buf_span(&canonical)))));
}

/* endorsements of a conditional-endorsement-triple-record: [conditions, [ + [environment, [ + measurement-map ]] ]] */
static bool
endorsements_inside(cs_ctx *ctx, const cs_check_state *check, const cs_item *record)
{
	cs_item list, endorsement, environment;
	cs_iter it;

	if (!cs_array_get(record, 1, &list) || !cs_is(&list, CS_ARRAY))
		return true;
	it = cs_iterate(&list);
	while (cs_next(&it, &endorsement))
		if (cs_array_get(&endorsement, 0, &environment) && !environment_inside(ctx, check, &environment, triple_path))
			return false;
	return true;
}

static bool
check_triple(cs_ctx *ctx, const cs_triple *triple, void *data)
{
	cs_check_state *check = data;

	CHECK_FOR_INTERRUPTS();
	check->index = check->tag == triple->tag && check->kind == triple->kind ? check->index + 1 : 0;
	check->tag = triple->tag;
	check->kind = triple->kind;
	if (!kind_inside(check, triple->kind))
		return outside(ctx, check, triple_path(check), "kind of triple", psprintf("%lld", (long long) triple->kind));
	if (check->scope->environments == (Datum) 0)
		return true;
	if (triple->kind == 10)
		return endorsements_inside(ctx, check, &triple->record);
	if (!triple->has_environment)
		return outside(ctx, check, triple_path(check), "kind of triple", "no environment");
	return environment_inside(ctx, check, &triple->environment, triple_path);
}

static const char *
store_path(const cs_check_state *check)
{
	return psprintf("corim-map.tags[%zu].concise-ta-stores[%zu]", check->tag, check->index);
}

/* Inside when every group names an environment that is: a store for every environment, or for whoever has a name, is not. */
static bool
check_store(cs_ctx *ctx, const cs_check_state *check, const cs_item *store)
{
	uint64_t count;
	cs_iter it = cs_cots_groups(store, &count);
	cs_item group, environment;

	if (!kind_inside(check, CS_TRIPLE_ATTEST_KEY))
		return outside(ctx, check, store_path(check), "kind of tag", "trust anchors, whose kind is 3");
	if (check->scope->environments == (Datum) 0)
		return true;
	if (count == 0)
		return outside(ctx, check, store_path(check), "environment", "a store for every environment");
	while (cs_next(&it, &group))
	{
		CHECK_FOR_INTERRUPTS();
		if (!cs_cots_environment(ctx, &group, &environment))
			return false;
		if (environment.p == NULL)
			return outside(ctx, check, store_path(check), "environment", "a group that names none");
		if (!environment_inside(ctx, check, &environment, store_path))
			return false;
	}
	return true;
}

static bool
check_stores(cs_ctx *ctx, cs_check_state *check)
{
	for (check->tag = 0; check->tag < check->corim->tag_count; check->tag++)
	{
		const cs_tag *tag = &check->corim->tags[check->tag];
		cs_iter it = cs_cots_stores(&tag->content);
		cs_item store;

		for (check->index = 0; tag->kind == CS_TAG_COTS && cs_next(&it, &store); check->index++)
			if (!check_store(ctx, check, &store))
				return false;
	}
	check->tag = SIZE_MAX;
	return true;
}

bool
cs_require_scope(cs_ctx *ctx, const cs_corim *corim, const cs_scope *scope)
{
	cs_check_state check = { .scope = scope, .corim = corim, .tag = SIZE_MAX, .kind = -1 };

	sort_environments(&check);
	check.kinds = elements(scope->kinds, INT2OID, sizeof(int16), true, TYPALIGN_SHORT);
	if (!check_profile(ctx, &check) || !check_tags(ctx, &check))
		return false;
	if (scope->environments == (Datum) 0 && scope->kinds == (Datum) 0)
		return true;
	return check_stores(ctx, &check) && cs_corim_triples(ctx, corim, check_triple, &check);
}
