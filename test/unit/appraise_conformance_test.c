/*
 * appraise_conformance_test.c - what doc/conformance.md says of appraisals and no other test shows: authorized-by of a series' common
 * condition beside that of its measurements, and series whose items use different measurement types.
 */
#include "appraise_support.h"

#define A "[554('A')]"
#define B "[554('B')]"
#define E "[554('E')]"
#define ENV "{0: {1: 'ACME'}}"
#define EVIDENCE \
	"{'environment': " ENV ", 'authority': [554('A'), 554('C')], 'cmtype': 2, 'element-list': [{'element-claims': {1: 7, 11: 'x'}}]}"
#define ADDED(name) "{'environment': " ENV ", 'authority': " E ", 'cmtype': 1, 'element-list': [{'element-claims': {8: '" name "'}}]}"
#define SERIES(common, condition) "[[" ENV ", []" common "], [[[" condition "], [{1: {8: 'added'}}]]]]"

static void
check_authorized_by(void)
{
	static const struct
	{
		const char *what;
		const char *record;
		bool matches;
	} rows[] = {
		{ "neither asks for an authority", SERIES("", "{1: {1: 7}}"), true },
		{ "both ask for one that the Evidence has", SERIES(", " A, "{1: {1: 7}, 2: [554('C')]}"), true },
		{ "the common condition asks for another", SERIES(", " B, "{1: {1: 7}, 2: " A "}"), false },
		{ "the common condition takes precedence over what the measurement asks", SERIES(", " A, "{1: {1: 7}, 2: " B "}"), true },
		{ "the measurement alone asks for one that the Evidence has", SERIES("", "{1: {1: 7}, 2: " A "}"), true },
		{ "the measurement alone asks for another", SERIES("", "{1: {1: 7}, 2: " B "}"), false },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
	{
		triple t = { 8, "1", E, NULL, rows[i].record };
		store s = { .triples = &t, .count = 1 };

		CHECK(acs_is(appraise(EVIDENCE, &s), rows[i].matches ? "[" EVIDENCE ", " ADDED("added") "]" : "[" EVIDENCE "]"),
			"authorized-by of a series: %s", rows[i].what);
	}
}

/* The draft forbids it to authors; whoever does it all the same gets the first item that matches. */
static void
check_mixed_series(void)
{
	static const triple mixed[] = { { 8, "1", E, NULL,
		"[[" ENV ", []], [[[{1: {1: 8}}], [{1: {8: 'svn'}}]], [[{1: {11: 'x'}}], [{1: {8: 'name'}}]],"
		" [[{1: {1: 7}}], [{1: {8: 'late'}}]]]]" } };
	store s = { .triples = mixed, .count = 1 };

	CHECK(acs_is(appraise(EVIDENCE, &s), "[" EVIDENCE ", " ADDED("name") "]"),
		"different measurement types in one series: the first that matches");
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	check_authorized_by();
	check_mixed_series();
	cs_arena_free(&arena);
	return tap_done();
}
