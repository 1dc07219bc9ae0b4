/* appraise_support.h - what the appraisal tests share: a store of triples, an ACS against what is expected. */
#ifndef APPRAISE_SUPPORT_H
#define APPRAISE_SUPPORT_H

#include "appraise/appraise.h"
#include "match_support.h"
#include "model/corim.h"

/* A triple in the store. */
typedef struct triple
{
	int64_t kind;
	const char *order;
	const char *authority; /* EDN */
	const char *profile;   /* EDN or NULL */
	const char *record;	   /* EDN */
} triple;

typedef struct store
{
	const triple *triples;
	size_t count;
	bool reversed; /* the order in which they are handed over */
	size_t fetches;
	size_t fetched; /* environments */
	size_t told;	/* elements */
	size_t trials;
	cs_trial last_failure;
	bool verify;
} store;

static cs_relation
relation_of(const triple *t)
{
	cs_relation r = { .kind = t->kind, .record = edn(t->record), .authority = edn(t->authority), .source = (void *) t };

	r.order = (cs_span) { (const uint8_t *) t->order, strlen(t->order) };
	if (t->profile != NULL)
		r.profile = edn(t->profile);
	return r;
}

/* An honest store would look at the environment; one that hands over everything must give the same ACS. */
static bool
fetch_all(cs_acs *acs, const cs_span *environments, size_t count, void *data)
{
	store *s = data;

	(void) environments;
	s->fetches++;
	s->fetched += count;
	for (size_t i = 0; i < s->count; i++)
	{
		cs_relation r = relation_of(&s->triples[s->reversed ? s->count - 1 - i : i]);

		if (!cs_acs_add_relation(acs, &r))
			return false;
	}
	return true;
}

static bool
count_trial(cs_acs *acs, const cs_trial *trial, void *data)
{
	store *s = data;

	(void) acs;
	s->trials++;
	if (!trial->matched)
		s->last_failure = *trial;
	return true;
}

/* Verifies 554 keys and no others. */
static bool
verify_554(cs_acs *acs, const cs_relation *relation, size_t index, cs_span key, int key_type, bool *verified, void *data)
{
	cs_item item = cs_item_at(key.data, key.len);

	(void) acs;
	(void) relation;
	(void) index;
	(void) key_type;
	(void) data;
	*verified = cs_is_tag(&item, 554);
	return true;
}

static cs_appraisal
appraisal_of(store *s)
{
	return (cs_appraisal) { .fetch = fetch_all,
		.trial = count_trial,
		.data = s,
		.max_ects = 10000,
		.max_rounds = 100,
		.verify_key = s->verify ? verify_554 : NULL };
}

/* The ACS, or NULL with ctx.error. */
static cs_acs *
appraise(const char *evidence, store *s)
{
	cs_span bytes = edn(evidence);
	cs_acs *acs = cs_acs_new(&ctx, bytes.data, bytes.len);
	cs_appraisal how = appraisal_of(s);

	if (acs == NULL || !cs_appraise(acs, &how))
		return NULL;
	return acs;
}

static inline void
show(cs_span bytes)
{
	cs_edn_style style = { .pretty = false };
	cs_item item = cs_item_at(bytes.data, bytes.len);
	cs_buf text;

	cs_buf_init(&text, &ctx);
	if (cs_edn_print(&ctx, &item, &style, &text))
		printf("#   %.*s\n", (int) text.len, (const char *) text.data);
}

/* The ACS is exactly this array of ECTs, in this order. */
static inline bool
acs_is(const cs_acs *acs, const char *expected)
{
	cs_span bytes = edn(expected);
	cs_item array = cs_item_at(bytes.data, bytes.len), item;
	cs_iter it = cs_iterate(&array);
	bool same;
	size_t i = 0;

	if (acs == NULL)
	{
		printf("# %s: %s\n", cs_code_name(ctx.error.code), ctx.error.message);
		return false;
	}
	same = cs_acs_count(acs) == cs_count(&array);
	while (cs_next(&it, &item) && i < cs_acs_count(acs))
	{
		if (!cs_span_eq(cs_item_span(&item), cs_acs_get(acs, i)->encoded))
		{
			same = false;
			printf("# ECT %zu, expected and found:\n", i);
			show(cs_item_span(&item));
			show(cs_acs_get(acs, i)->encoded);
		}
		i++;
	}
	for (; !same && i < cs_acs_count(acs); i++)
		show(cs_acs_get(acs, i)->encoded);
	return same;
}

#endif
