/*
 * appraise_bounds_test.c - what an appraisal refuses and where it ends: Evidence that lacks something, triples that are none, limits, and
 * that neither the order in which triples arrive nor how they are fetched makes a difference; what explain is told.
 */
#include <stdlib.h>

#include "appraise_support.h"

#define A "[554('A')]"
#define E "[554('E')]"
#define ECT(more) "{'environment': {0: {1: 'ACME'}}, 'authority': " A ", 'element-list': [{'element-claims': {1: 7}}]" more "}"

static void
check_evidence(void)
{
	static const struct
	{
		const char *what;
		const char *evidence;
		bool good;
	} rows[] = {
		{ "an ECT", ECT(", 'cmtype': 2"), true },
		{ "an ECT without cmtype", ECT(""), true },
		{ "an array of ECTs", "[" ECT("") "]", true },
		{ "an ae-item", "{'addition': " ECT(", 'cmtype': 2") "}", true },
		{ "an array of ae-items", "[{'addition': " ECT(", 'cmtype': 2") "}]", true },
		{ "an empty array", "[]", false },
		{ "a number", "7", false },
		{ "another cmtype", ECT(", 'cmtype': 1"), false },
		{ "no environment", "{'authority': " A ", 'element-list': [{'element-claims': {1: 7}}]}", false },
		{ "an empty environment", "{'environment': {}, 'authority': " A ", 'element-list': [{'element-claims': {1: 7}}]}", false },
		{ "no authority", "{'environment': {0: {1: 'ACME'}}, 'element-list': [{'element-claims': {1: 7}}]}", false },
		{ "an empty authority", "{'environment': {0: {1: 'ACME'}}, 'authority': [], 'element-list': [{'element-claims': {1: 7}}]}", false },
		{ "no element-list", "{'environment': {0: {1: 'ACME'}}, 'authority': " A "}", false },
		{ "an empty element-list", "{'environment': {0: {1: 'ACME'}}, 'authority': " A ", 'element-list': []}", false },
		{ "an element without claims", "{'environment': {0: {1: 'ACME'}}, 'authority': " A ", 'element-list': [{'element-id': 'a'}]}",
			false },
		{ "a domain membership", "{'environment': {0: {1: 'ACME'}}, 'authority': " A ", 'members': [{0: {1: 'ACME'}}]}", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
	{
		cs_span bytes = edn(rows[i].evidence);
		cs_acs *acs = cs_acs_new(&ctx, bytes.data, bytes.len);

		CHECK(rows[i].good ? acs != NULL && cs_acs_count(acs) == 1 : acs == NULL && ctx.error.code == CS_INVALID, "%s is %s%s%s",
			rows[i].what, rows[i].good ? "accepted" : "refused", rows[i].good ? "" : ": ", rows[i].good ? "" : ctx.error.message);
	}
}

static void
check_relations(void)
{
	static const struct
	{
		int64_t kind;
		const char *record;
	} rows[] = {
		{ 0, "[]" },
		{ 0, "7" },
		{ 0, "{}" },
		{ 0, "[{0: {1: 'ACME'}}]" },
		{ 0, "[{0: {1: 'ACME'}}, []]" },
		{ 0, "['ACME', [{1: {1: 7}}]]" },
		{ 0, "[{0: {1: 'ACME'}}, [{0: 'a'}]]" },
		{ 0, "[{0: {1: 'ACME'}}, [7]]" },
		{ 0, "[{0: {1: 'ACME'}}, [{1: 7}]]" },
		{ 1, "[{0: {1: 'ACME'}}, []]" },
		{ 1, "[{0: {1: 'ACME'}}]" },
		{ 10, "[]" },
		{ 10, "[[], []]" },
		{ 10, "[[7], [7]]" },
		{ 10, "[[[{0: {1: 'ACME'}}, [{1: {1: 7}}]]], []]" },
		{ 10, "[[[{0: {1: 'ACME'}}, [{1: {1: 7}}]]], [[{0: {1: 'ACME'}}]]]" },
		{ 8, "[[{0: {1: 'ACME'}}, []]]" },
		{ 8, "[[{0: {1: 'ACME'}}, []], [7]]" },
		{ 8, "[[{0: {1: 'ACME'}}, []], [[[{1: {1: 7}}]]]]" },
		{ 8, "[{0: {1: 'ACME'}}, [[[], []]]]" },
		{ 3, "[{0: {1: 'ACME'}}]" },
		{ 5, "[{0: {1: 'ACME'}}, []]" },
		{ 5, "[{0: {1: 'ACME'}}, ['a']]" },
		{ 4, "[7, [{0: {1: 'ACME'}}]]" },
		{ 4, "[{0: {1: 'ACME'}}]" },
	};
	cs_span bytes = edn(ECT(""));

	for (size_t i = 0; i < COUNT(rows); i++)
	{
		cs_acs *acs = cs_acs_new(&ctx, bytes.data, bytes.len);
		cs_relation r = { .kind = rows[i].kind, .record = edn(rows[i].record), .authority = edn(E) };

		CHECK(acs != NULL && !cs_acs_add_relation(acs, &r) && ctx.error.code == CS_INVALID, "kind %d: %s is refused: %s",
			(int) rows[i].kind, rows[i].record, ctx.error.message);
	}
}

/* A chain of conditional endorsements: n leads to n + 1. */
static void
make_chain(triple *triples, size_t count)
{
	for (size_t i = 0; i < count; i++)
	{
		char text[256];

		triples[i] = (triple) { .kind = 10, .authority = E };
		snprintf(text, sizeof text, "[[[{0: {1: 'ACME'}}, [{1: {1: %zu}}]]], [[{0: {1: 'ACME'}}, [{1: {1: %zu}}]]]]", i + 7, i + 8);
		triples[i].record = cs_strndup(&ctx, text, strlen(text));
		snprintf(text, sizeof text, "%04zu", (i * 37) % count);
		triples[i].order = cs_strndup(&ctx, text, strlen(text));
	}
}

static void
check_limits(void)
{
	triple triples[20];
	store s = { .triples = triples, .count = COUNT(triples) };
	cs_appraisal how = appraisal_of(&s);
	cs_span bytes = edn(ECT(""));
	cs_acs *acs;

	make_chain(triples, COUNT(triples));
	how.max_rounds = 21;
	acs = cs_acs_new(&ctx, bytes.data, bytes.len);
	CHECK(cs_appraise(acs, &how) && cs_acs_count(acs) == 21, "a chain of 20 in rounds 2 to 21");
	CHECK(cs_acs_get(acs, 20)->round == 21 && cs_acs_get(acs, 21) == NULL, "the last in round 21");
	how.max_rounds = 20;
	acs = cs_acs_new(&ctx, bytes.data, bytes.len);
	CHECK(!cs_appraise(acs, &how) && ctx.error.code == CS_LIMIT, "not in 20: %s", ctx.error.message);
	how.max_rounds = 100;
	how.max_ects = 21;
	acs = cs_acs_new(&ctx, bytes.data, bytes.len);
	CHECK(cs_appraise(acs, &how), "21 entries");
	how.max_ects = 20;
	acs = cs_acs_new(&ctx, bytes.data, bytes.len);
	CHECK(!cs_appraise(acs, &how) && ctx.error.code == CS_LIMIT, "not in 20: %s", ctx.error.message);
	how.max_ects = 0;
	acs = cs_acs_new(&ctx, bytes.data, bytes.len);
	CHECK(!cs_appraise(acs, &how) && ctx.error.code == CS_LIMIT, "nor the Evidence in none: %s", ctx.error.message);
}

/* The ACS as one run of bytes. */
static cs_span
whole(cs_acs *acs)
{
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	for (size_t i = 0; acs != NULL && i < cs_acs_count(acs); i++)
		cs_put_raw(&buf, cs_acs_get(acs, i)->encoded.data, cs_acs_get(acs, i)->encoded.len);
	return cs_buf_span(&buf);
}

static void
check_order(void)
{
	enum
	{
		COUNT_OF = 60
	};
	static triple triples[COUNT_OF];
	store s = { .triples = triples, .count = COUNT_OF };
	cs_span first;
	size_t same = 0;

	make_chain(triples, COUNT_OF);
	for (size_t i = 0; i < COUNT_OF; i += 3)
	{
		triples[i].kind = i % 2 ? 1 : 0;
		triples[i].record = i % 2 ? "[{0: {1: 'ACME'}}, [{1: {1: 30, 11: 'x'}}]]" : "[{0: {1: 'ACME'}}, [{1: {1: 553(3)}}]]";
	}
	triples[4].kind = 8;
	triples[4].record = "[[{0: {1: 'ACME'}}, []], [[[{1: {11: 'x'}}], [{1: {1: 50}}]], [[{1: {1: 7}}], [{1: {1: 51}}]]]]";
	triples[7].kind = 5;
	triples[7].record = "[{0: {1: 'domain'}}, [{0: {1: 'ACME'}}]]";
	first = whole(appraise(ECT(""), &s));
	srand(1);
	for (int round = 0; round < 20; round++)
	{
		for (size_t i = COUNT_OF - 1; i > 0; i--)
		{
			size_t j = (size_t) rand() % (i + 1);
			triple t = triples[i];

			triples[i] = triples[j];
			triples[j] = t;
		}
		same += cs_span_eq(first, whole(appraise(ECT(""), &s)));
	}
	CHECK(first.len > 500 && same == 20, "sixty triples in twenty orders give the same ACS (%zu bytes)", first.len);
}

static bool
refuse(cs_acs *acs, const cs_span *environments, size_t count, void *data)
{
	(void) acs;
	(void) environments;
	(void) count;
	(void) data;
	return cs_fail(&ctx, CS_UNSUPPORTED, "the caller's own");
}

static bool
refuse_trial(cs_acs *acs, const cs_trial *trial, void *data)
{
	(void) trial;
	return refuse(acs, NULL, 0, data);
}

static void
check_callbacks(void)
{
	static const triple triples[] = { { 1, "1", E, NULL, "[{0: {1: 'ACME'}}, [{1: {11: 'x'}}]]" } };
	store s = { .triples = triples, .count = 1 };
	cs_span bytes = edn(ECT(""));
	cs_appraisal how = appraisal_of(&s);
	cs_acs *acs = cs_acs_new(&ctx, bytes.data, bytes.len);

	how.fetch = refuse;
	CHECK(!cs_appraise(acs, &how) && ctx.error.code == CS_UNSUPPORTED, "an error of fetch is passed on");
	how = appraisal_of(&s);
	how.trial = refuse_trial;
	acs = cs_acs_new(&ctx, bytes.data, bytes.len);
	CHECK(!cs_appraise(acs, &how) && ctx.error.code == CS_UNSUPPORTED, "an error of trial too");
	how.trial = NULL;
	acs = cs_acs_new(&ctx, bytes.data, bytes.len);
	CHECK(cs_appraise(acs, &how) && cs_acs_count(acs) == 2, "without trial");
}

/* What explain is told of one condition that does not match. */
static void
check_explain(void)
{
	static const struct
	{
		triple t;
		const char *path;
		const char *reason;
		size_t ect;
		size_t differing;
	} rows[] = {
		{ { 0, "1", E, NULL, "[{0: {1: 'ACME'}}, [{1: {1: 8}}]]" }, "element-list[0].element-claims.svn", "versions differ", 0, 1 },
		{ { 0, "1", E, NULL, "[{0: {1: 'ACME'}}, [{0: 'a', 1: {1: 8}}]]" }, "element-list[0].element-id", "no such element", 0, 2 },
		{ { 0, "1", E, NULL, "[{0: {1: 'ACME'}}, [{1: {1: 7}}, {1: {8: 'x'}}]]" }, "element-list[1].element-claims.serial-number",
			"no such attribute", 0, 1 },
		{ { 0, "1", E, NULL, "[{0: {1: 'ACME'}}, [{1: {1: 7}, 2: " E "}]]" }, "element-list[0].authorized-by",
			"not stated by this authority", 0, 1 },
		{ { 0, "1", E, NULL, "[{0: {1: 'Coyote'}}, [{1: {1: 7}}]]" }, "environment.class.vendor", "values differ", 0, 2 },
		{ { 0, "1", E, NULL, "[{0: {1: 'ACME', 2: 'Rocket'}}, [{1: {1: 7}}]]" }, "environment.class.model", "no such attribute", 0, 2 },
		{ { 8, "1", E, NULL, "[[{0: {1: 'ACME'}}, [], " E "], [[[{1: {1: 7}}], [{1: {1: 8}}]]]]" }, "authorized-by",
			"not stated by this authority", 0, 1 },
		{ { 5, "1", E, NULL, "[{0: {1: 'ACME'}}, [{0: {1: 'Coyote'}}]]" }, "", "no such environment", SIZE_MAX, 1 },
		{ { 4, "1", E, NULL, "[{0: {1: 'ACME'}}, [{0: {1: 'Coyote'}}]]" }, "", "not in any accepted domain membership", SIZE_MAX, 1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
	{
		store s = { .triples = &rows[i].t, .count = 1 };
		cs_acs *acs = appraise(ECT(""), &s);

		CHECK(acs != NULL && cs_acs_count(acs) == 1 && s.trials == 1 && s.last_failure.relation != NULL &&
				strcmp(s.last_failure.why.path, rows[i].path) == 0 && strcmp(s.last_failure.why.reason, rows[i].reason) == 0 &&
				s.last_failure.ect == rows[i].ect && s.last_failure.differing == rows[i].differing && s.last_failure.why.wanted.len > 0,
			"%s fails at \"%s\": %s", rows[i].t.record, s.last_failure.why.path,
			s.last_failure.why.reason ? s.last_failure.why.reason : "");
	}
}

/* Items of a series behind the one that is taken; and the element that is compared is the one that differs least. */
static void
check_explain_series(void)
{
	triple series = { 8, "1", E, NULL, "[[{0: {1: 'ACME'}}, []], [[[{1: {1: 7}}], [{1: {1: 8}}]], [[{1: {1: 7}}], [{1: {1: 9}}]]]]" };
	store s = { .triples = &series, .count = 1 };
	cs_acs *acs = appraise(ECT(""), &s);

	CHECK(acs != NULL && s.trials == 2 && s.last_failure.condition == 1 && s.last_failure.differing == SIZE_MAX &&
			strcmp(s.last_failure.why.reason, "skipped, as an earlier item of the series matched") == 0,
		"an item behind the one that is taken is skipped");
}

static bool
count_unspoken(cs_acs *acs, cs_span environment, void *data)
{
	size_t *count = data;

	(void) acs;
	*count += environment.len > 0;
	return *count < 2;
}

static void
check_unspoken(void)
{
	static const struct
	{
		triple t;
		size_t count;
	} rows[] = {
		{ { 0, "1", E, NULL, "[{0: {1: 'ACME'}}, [{1: {1: 8}}]]" }, 0 },
		{ { 0, "1", E, NULL, "[{0: {1: 'ACME', 2: 'Rocket'}}, [{1: {1: 7}}]]" }, 1 },
		{ { 1, "1", E, NULL, "[{0: {1: 'ACME'}}, [{1: {1: 8}}]]" }, 1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
	{
		store s = { .triples = &rows[i].t, .count = 1 };
		cs_acs *acs = appraise(ECT(""), &s);
		size_t count = 0;

		CHECK(acs != NULL && cs_acs_unspoken(acs, count_unspoken, &count) && count == rows[i].count,
			"%s leaves %zu environments that nobody speaks of", rows[i].t.record, count);
	}
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	check_evidence();
	check_relations();
	check_limits();
	check_order();
	check_callbacks();
	check_explain();
	check_explain_series();
	check_unspoken();
	cs_arena_free(&arena);
	return tap_done();
}
