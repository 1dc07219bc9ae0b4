/*
 * appraise_fuzz.c - appraisal of whatever bytes make: a CBOR array [evidence, [kind, record, authority, profile], ...].
 *
 * Besides not crashing: the same triples the other way round, and without explaining, give the same ACS, and every ECT is its own
 * deterministic encoding.
 */
#include <stdlib.h>
#include <string.h>

#include "appraise/appraise.h"

#define MAX_RELATIONS 64

typedef struct input
{
	cs_relation relations[MAX_RELATIONS];
	uint8_t orders[MAX_RELATIONS];
	size_t count;
	bool reversed;
} input;

static bool
fetch(cs_acs *acs, const cs_span *environments, size_t count, void *data)
{
	const input *in = data;

	(void) environments;
	if (count == 0)
		abort();
	for (size_t i = 0; i < in->count; i++)
	{
		if (!cs_acs_add_relation(acs, &in->relations[in->reversed ? in->count - 1 - i : i]))
			return false;
	}
	return true;
}

static bool
trial(cs_acs *acs, const cs_trial *t, void *data)
{
	(void) data;
	if (!t->matched && (t->why.reason == NULL || memchr(t->why.path, 0, CS_PATH_MAX) == NULL))
		abort();
	if (t->ect != SIZE_MAX && t->ect >= cs_acs_count(acs))
		abort();
	return true;
}

static bool
verify(cs_acs *acs, const cs_relation *relation, size_t index, cs_span key, int key_type, bool *verified, void *data)
{
	(void) acs;
	(void) relation;
	(void) index;
	(void) key_type;
	(void) data;
	*verified = key.len % 2 == 0;
	return true;
}

static void
read_input(const cs_item *whole, cs_span *evidence, input *in)
{
	cs_iter it = cs_iterate(whole);
	cs_item item, part;

	if (cs_next(&it, &item))
		*evidence = cs_item_span(&item);
	while (in->count < MAX_RELATIONS && cs_next(&it, &item))
	{
		cs_relation *r = &in->relations[in->count];

		if (!cs_is(&item, CS_ARRAY) || !cs_array_get(&item, 0, &part) || !cs_int64(&part, &r->kind) || !cs_array_get(&item, 1, &part))
			continue;
		r->record = cs_item_span(&part);
		if (cs_array_get(&item, 2, &part))
			r->authority = cs_item_span(&part);
		if (cs_array_get(&item, 3, &part))
			r->profile = cs_item_span(&part);
		in->orders[in->count] = (uint8_t) in->count;
		r->order = (cs_span) { &in->orders[in->count], 1 };
		in->count++;
	}
}

/* The ACS as one run of bytes; empty when the appraisal failed. */
static cs_span
run(cs_ctx *ctx, cs_span evidence, input *in, bool with_trial)
{
	cs_appraisal how = {
		.fetch = fetch, .trial = with_trial ? trial : NULL, .data = in, .max_ects = 200, .max_rounds = 20, .verify_key = verify
	};
	cs_acs *acs = cs_acs_new(ctx, evidence.data, evidence.len);
	cs_buf buf;

	cs_buf_init(&buf, ctx);
	if (acs == NULL || !cs_appraise(acs, &how))
		return (cs_span) { NULL, 0 };
	for (size_t i = 0; i < cs_acs_count(acs); i++)
	{
		const cs_ect *ect = cs_acs_get(acs, i);

		if (!cs_check(ctx, ect->encoded.data, ect->encoded.len) || !cs_require_deterministic(ctx, ect->encoded.data, ect->encoded.len))
			abort();
		cs_put_raw(&buf, ect->encoded.data, ect->encoded.len);
	}
	return cs_buf_span(&buf);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cs_arena arena;
	cs_ctx ctx;
	cs_span evidence = { NULL, 0 }, forward;
	cs_item whole;
	static input in;

	cs_arena_init(&arena, &ctx);
	ctx.limits.max_items = 100000;
	memset(&in, 0, sizeof in);
	if (size > 0 && cs_check(&ctx, data, size))
	{
		whole = cs_item_at(data, size);
		if (cs_is(&whole, CS_ARRAY))
			read_input(&whole, &evidence, &in);
		if (evidence.len > 0)
		{
			forward = run(&ctx, evidence, &in, true);
			in.reversed = true;
			if (!cs_span_eq(forward, run(&ctx, evidence, &in, false)))
				abort();
		}
	}
	cs_arena_free(&arena);
	return 0;
}
