/*
 * appraise_rules_test.c - each relation on its own (draft-ietf-rats-corim, "ACS Augmentation"; doc/conformance.md, decisions 22 to 25, 29):
 * what it matches, what it adds, and what it leaves alone.
 */
#include "appraise_support.h"

#define A "[554('A')]" /* the Attester */
#define R "[554('R')]" /* a Reference Value Provider */
#define E "[554('E')]" /* an Endorser */

#define ENV(x) "{0: {0: 560(h'" x "')}}"
#define EVIDENCE(env, elements) "{'environment': " env ", 'authority': " A ", 'cmtype': 2, 'element-list': [" elements "]}"
#define REFERENCE(env, elements) "{'environment': " env ", 'authority': " R ", 'cmtype': 0, 'element-list': [" elements "]}"
#define ENDORSEMENT(env, elements) "{'environment': " env ", 'authority': " E ", 'cmtype': 1, 'element-list': [" elements "]}"
#define ELEMENT(id, claims) "{'element-id': '" id "', 'element-claims': " claims "}"
#define MEASUREMENT(id, claims) "{0: '" id "', 1: " claims "}"

/* Runs the triples in both orders of arrival, and expects this ACS of both. */
static void
expect(const char *what, const char *evidence, const triple *triples, size_t count, const char *expected)
{
	store forward = { .triples = triples, .count = count, .verify = true },
		  backward = { .triples = triples, .count = count, .verify = true, .reversed = true };

	CHECK(acs_is(appraise(evidence, &forward), expected), "%s", what);
	CHECK(acs_is(appraise(evidence, &backward), expected), "%s, the other way round", what);
}
#define EXPECT(what, evidence, triples, expected) expect(what, evidence, triples, COUNT(triples), expected)

static void
check_corroboration(void)
{
	static const triple part[] = { { 0, "1", R, NULL, "[" ENV("01") ", [" MEASUREMENT("b", "{1: 553(5)}") "]]" } };
	static const triple both[] = {
		{ 0, "1", R, NULL, "[" ENV("01") ", [" MEASUREMENT("a", "{11: 'x'}") ", " MEASUREMENT("b", "{1: 7}") "]]" },
	};
	static const triple authorized[] = {
		{ 0, "1", R, NULL, "[" ENV("01") ", [{0: 'a', 1: {11: 'x'}, 2: " A "}]]" },
		{ 0, "2", R, NULL, "[" ENV("01") ", [{0: 'b', 1: {1: 7}, 2: " E "}]]" },
	};
	static const triple twice[] = {
		{ 0, "1", R, NULL, "[" ENV("01") ", [" MEASUREMENT("a", "{11: 'x'}") "]]" },
		{ 0, "2", R, NULL, "[" ENV("01") ", [" MEASUREMENT("a", "{11: 'x'}") "]]" },
		{ 0, "2", R, NULL, "[" ENV("01") ", [" MEASUREMENT("b", "{1: 7}") "]]" },
	};
	static const triple of_endorsement[] = {
		{ 1, "1", E, NULL, "[" ENV("01") ", [" MEASUREMENT("c", "{11: 'endorsed'}") "]]" },
		{ 0, "2", R, NULL, "[" ENV("01") ", [" MEASUREMENT("c", "{11: 'endorsed'}") "]]" },
	};
	static const triple files[] = {
		{ 6, "1", R, NULL, "[" ENV("01") ", [" MEASUREMENT("a", "{11: 'x'}") "]]" },
		{ 6, "2", R, NULL, "[" ENV("01") ", [" MEASUREMENT("a", "{11: 'y'}") "]]" },
	};
	static const triple legacy[] = { { 0, "1", R, NULL, "[{0: {0: 600(h'01')}}, " MEASUREMENT("b", "{1: 552(7)}") "]" } };
	static const char evidence[] = EVIDENCE(ENV("01"), ELEMENT("a", "{8: 's', 11: 'x'}") ", " ELEMENT("b", "{1: 7, 11: 'y'}"));

	EXPECT("only the element and the attribute that were compared, with the Evidence's value", evidence, part,
		"[" EVIDENCE(ENV("01"), ELEMENT("a", "{8: 's', 11: 'x'}") ", " ELEMENT("b", "{1: 7, 11: 'y'}")) ", " REFERENCE(
			ENV("01"), ELEMENT("b", "{1: 7}")) "]");
	EXPECT("elements of one authority in two ECTs count together",
		"[" EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}")) ", " EVIDENCE(ENV("01"), ELEMENT("b", "{1: 7}")) "]", both,
		"[" EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}")) ", " EVIDENCE(ENV("01"), ELEMENT("b", "{1: 7}")) ", " REFERENCE(
			ENV("01"), ELEMENT("a", "{11: 'x'}") ", " ELEMENT("b", "{1: 7}")) "]");
	EXPECT("elements of two authorities do not",
		"[" EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}")) ", {'environment': " ENV("01") ", 'authority': " E ", 'cmtype': 2,"
																						  " 'element-list': [" ELEMENT("b", "{1: 7}") "]}]",
		both,
		"[" EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}")) ", {'environment': " ENV("01") ", 'authority': " E ", 'cmtype': 2,"
																						  " 'element-list': [" ELEMENT(
																							  "b", "{1: 7}") "]}]");
	EXPECT("authorized-by is a criterion", evidence, authorized,
		"[" EVIDENCE(ENV("01"), ELEMENT("a", "{8: 's', 11: 'x'}") ", " ELEMENT("b", "{1: 7, 11: 'y'}")) ", " REFERENCE(
			ENV("01"), ELEMENT("a", "{11: 'x'}")) "]");
	EXPECT("equal ECTs are added once, equal sort keys too", EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}")), twice,
		"[" EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}")) ", " REFERENCE(ENV("01"), ELEMENT("a", "{11: 'x'}")) "]");
	EXPECT("only Evidence is corroborated", EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}")), of_endorsement,
		"[" EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}")) ", " ENDORSEMENT(ENV("01"), ELEMENT("c", "{11: 'endorsed'}")) "]");
	EXPECT("files of a CoSWID link, each by itself", EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}")), files,
		"[" EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}")) ", " REFERENCE(ENV("01"), ELEMENT("a", "{11: 'x'}")) "]");
	EXPECT("legacy forms are compared by what they mean", EVIDENCE(ENV("01"), ELEMENT("b", "{1: 7}")), legacy,
		"[" EVIDENCE(ENV("01"), ELEMENT("b", "{1: 7}")) ", " REFERENCE(ENV("01"), ELEMENT("b", "{1: 7}")) "]");
	EXPECT("every element of one mkey that matches",
		EVIDENCE(ENV("01"), ELEMENT("b", "{1: 7}") ", " ELEMENT("b", "{1: 4}") ", " ELEMENT("b", "{1: 9}")), part,
		"[" EVIDENCE(ENV("01"), ELEMENT("b", "{1: 7}") ", " ELEMENT("b", "{1: 4}") ", " ELEMENT("b", "{1: 9}")) ", " REFERENCE(
			ENV("01"), ELEMENT("b", "{1: 7}") ", " ELEMENT("b", "{1: 9}")) "]");
}

static bool
fetch_nothing(cs_acs *acs, const cs_span *environments, size_t count, void *data)
{
	(void) acs;
	(void) environments;
	((store *) data)->fetched += count;
	return true;
}

/* What asks for something, when something is told of. */
static bool
fetch_told(cs_acs *acs, cs_span environment, const cs_element *elements, size_t count, void *data)
{
	store *s = data;

	for (size_t i = 0; i < count; i++)
		s->told += elements[i].claims.len > 0 && elements[i].authority.len > 0;
	return fetch_all(acs, &environment, 1, data);
}

static void
check_conditional_fetching(void)
{
	static const triple chain[] = {
		{ 10, "1", E, NULL, "[[[" ENV("01") ", [{1: {11: '3'}}]]], [[" ENV("01") ", [{1: {11: '4'}}]]]]" },
		{ 10, "2", E, NULL, "[[[" ENV("01") ", [{1: {11: '2'}}]]], [[" ENV("01") ", [{1: {11: '3'}}]]]]" },
		{ 10, "3", E, NULL, "[[[" ENV("01") ", [{0: 'a', 1: {11: '1'}}]]], [[" ENV("01") ", [{1: {11: '2'}}]]]]" },
	};
	static const char evidence[] = EVIDENCE(ENV("01"), ELEMENT("a", "{11: '1'}") ", " ELEMENT("b", "{11: '0'}"));
	store s = { .triples = chain, .count = COUNT(chain) };
	cs_span bytes = edn(evidence);
	cs_acs *acs = cs_acs_new(&ctx, bytes.data, bytes.len);
	cs_appraisal how = appraisal_of(&s);

	how.fetch = fetch_nothing;
	how.fetch_conditional = fetch_told;
	CHECK(acs != NULL && cs_appraise(acs, &how), "what is fetched for elements alone");
	CHECK(acs_is(acs,
			  "[" EVIDENCE(ENV("01"), ELEMENT("a", "{11: '1'}") ", " ELEMENT("b", "{11: '0'}")) ", " ENDORSEMENT(
				  ENV("01"), "{'element-claims': {11: '2'}}") ", " ENDORSEMENT(ENV("01"),
				  "{'element-claims': {11: '3'}}") ", " ENDORSEMENT(ENV("01"), "{'element-claims': {11: '4'}}") "]"),
		"gives the same");
	CHECK(s.told == 5, "each element is told of once (%zu)", s.told);
	CHECK(s.fetched == 5, "the environment once, and then whenever it has grown (%zu)", s.fetched);
}

static void
check_endorsements(void)
{
	static const triple plain[] = {
		{ 1, "1", E, NULL, "[" ENV("01") ", [" MEASUREMENT("c", "{11: 'good'}") "]]" },
		{ 1, "2", E, NULL, "[" ENV("02") ", [" MEASUREMENT("c", "{11: 'other'}") "]]" },
		{ 77, "4", E, NULL, "'no triple that anybody knows'" },
	};
	static const triple two_environments[] = { { 10, "1", E, NULL,
												   "[[[" ENV("01") ", [" MEASUREMENT("a", "{11: 'x'}") "]], [" ENV("02") ", [" MEASUREMENT(
													   "b", "{1: 7}") "]]],"
																	  " [[" ENV("01") ", [" MEASUREMENT("c", "{11: 'both'}") "]], [" ENV(
																		  "03") ", [{1: {11: 'third'}}]]]]" },
		{ 10, "2", E, NULL,
			"[[[" ENV("01") ", [" MEASUREMENT("a", "{11: 'x'}") "]], [" ENV("02") ", [" MEASUREMENT(
				"b", "{1: 8}") "]]],"
							   " [[" ENV("01") ", [" MEASUREMENT("c", "{11: 'never'}") "]]]]" } };
	static const triple corroborated[] = { { 0, "1", R, NULL, "[" ENV("01") ", [" MEASUREMENT("a", "{11: 'x'}") "]]" },
		{ 10, "2", E, NULL,
			"[[[" ENV("01") ", [{0: 'a', 1: {11: 'x'}, 2: " R "}]]], [[" ENV("01") ", [" MEASUREMENT("c", "{11: 'yes'}") "]]]]" },
		{ 10, "3", E, NULL,
			"[[[" ENV("01") ", [{0: 'a', 1: {11: 'x'}, 2: [554('R'), 554('A')]}]]],"
							" [[" ENV("01") ", [" MEASUREMENT("c", "{11: 'no'}") "]]]]" } };
	static const triple chain[] = {
		{ 10, "1", E, NULL, "[[[" ENV("03") ", [{1: {11: '3'}}]]], [[" ENV("04") ", [{1: {11: '4'}}]]]]" },
		{ 10, "2", E, NULL, "[[[" ENV("02") ", [{1: {11: '2'}}]]], [[" ENV("03") ", [{1: {11: '3'}}]]]]" },
		{ 10, "3", E, NULL, "[[[" ENV("01") ", [{1: {11: '1'}}]]], [[" ENV("02") ", [{1: {11: '2'}}]]]]" },
	};
	static const triple profiled[] = {
		{ 1, "1", E, "32('tag:arm.com,2025:psa#1.0.0')", "[" ENV("01") ", [{1: {100: 'n'}}]]" },
		{ 10, "2", E, "['http://arm.com/psa/iot/1']", "[[[" ENV("01") ", [{1: {100: 'n'}}]]], [[" ENV("01") ", [{1: {11: 'yes'}}]]]]" },
		{ 10, "3", E, "1000('tag:arm.com,2025:psa#1.0.0')",
			"[[[" ENV("01") ", [{1: {100: 'n'}}]]], [[" ENV("01") ", [{1: {11: 'no'}}]]]]" },
	};
	store s = { .triples = chain, .count = COUNT(chain) };
	cs_acs *acs;

	EXPECT("Endorsed Values by environment", EVIDENCE("{0: {0: 560(h'01'), 1: 'ACME'}, 1: 560(h'aa')}", "{'element-claims': {11: 'x'}}"),
		plain,
		"[" EVIDENCE("{0: {0: 560(h'01'), 1: 'ACME'}, 1: 560(h'aa')}", "{'element-claims': {11: 'x'}}") ", " ENDORSEMENT(
			ENV("01"), ELEMENT("c", "{11: 'good'}")) "]");
	EXPECT("all conditions, each in its own ECT",
		"[" EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}")) ", " EVIDENCE(ENV("02"), ELEMENT("b", "{1: 7}")) "]", two_environments,
		"[" EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}")) ", " EVIDENCE(ENV("02"), ELEMENT("b", "{1: 7}")) ", " ENDORSEMENT(
			ENV("01"), ELEMENT("c", "{11: 'both'}")) ", " ENDORSEMENT(ENV("03"), "{'element-claims': {11: 'third'}}") "]");
	EXPECT("a condition on who says so", EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}")), corroborated,
		"[" EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}")) ", " REFERENCE(ENV("01"), ELEMENT("a", "{11: 'x'}")) ", " ENDORSEMENT(
			ENV("01"), ELEMENT("c", "{11: 'yes'}")) "]");
	EXPECT("endorsements of endorsements", EVIDENCE(ENV("01"), "{'element-claims': {11: '1'}}"), chain,
		"[" EVIDENCE(ENV("01"), "{'element-claims': {11: '1'}}") ", " ENDORSEMENT(
			ENV("02"), "{'element-claims': {11: '2'}}") ", " ENDORSEMENT(ENV("03"),
			"{'element-claims': {11: '3'}}") ", " ENDORSEMENT(ENV("04"), "{'element-claims': {11: '4'}}") "]");
	acs = appraise(EVIDENCE(ENV("01"), "{'element-claims': {11: '1'}}"), &s);
	CHECK(acs != NULL && cs_acs_get(acs, 1)->round == 2 && cs_acs_get(acs, 3)->round == 4, "each in a round of its own");
	CHECK(s.fetched == 4, "asked about each environment once (%zu)", s.fetched);
	s.fetched = s.fetches = 0;
	acs = appraise("[" EVIDENCE(ENV("01"), "{'element-claims': {11: '1'}}") ", " EVIDENCE(
					   ENV("05"), "{'element-claims': {11: '1'}}") ", " EVIDENCE(ENV("06"), "{'element-claims': {11: '1'}}") "]",
		&s);
	CHECK(acs != NULL && s.fetched == 6 && s.fetches == 4, "about all of a round at once (%zu in %zu)", s.fetched, s.fetches);
	EXPECT("a profile's values under that profile", EVIDENCE(ENV("01"), "{'element-claims': {8: 'x'}}"), profiled,
		"[" EVIDENCE(ENV("01"), "{'element-claims': {8: 'x'}}") ", {'environment': " ENV(
			"01") ", 'authority': " E ", 'cmtype': 1,"
				  " 'profile': 32('tag:arm.com,2025:psa#1.0.0'), 'element-list': [{'element-claims': {100: 'n'}}]},"
				  " {'environment': " ENV(
					  "01") ", 'authority': " E ", 'cmtype': 1,"
							" 'profile': ['http://arm.com/psa/iot/1'], 'element-list': [{'element-claims': {11: 'yes'}}]}]");
}

#define ITEM(condition, addition) "[[{1: " condition "}], [" MEASUREMENT("s", addition) "]]"

static void
check_series(void)
{
	static const triple first[] = {
		{ 8, "1", E, NULL,
			"[[" ENV("01") ", [" MEASUREMENT("a", "{11: 'x'}") "]], [" ITEM("{1: 553(9)}", "{11: 'new'}") ", " ITEM(
				"{1: 553(5)}", "{11: 'good'}") ", " ITEM("{1: 553(1)}", "{11: 'old'}") "]]" },
		{ 8, "2", E, NULL, "[[" ENV("01") ", [" MEASUREMENT("a", "{11: 'z'}") "]], [" ITEM("{1: 553(1)}", "{11: 'never'}") "]]" },
		{ 8, "3", E, NULL, "[[" ENV("01") ", [], " A "], [" ITEM("{1: 553(6)}", "{11: 'by A'}") "]]" },
		{ 8, "4", E, NULL, "[[" ENV("01") ", [], " R "], [" ITEM("{1: 553(6)}", "{11: 'by R'}") "]]" },
	};
	/* What the first item wants comes only from an endorsement: the series waits for it, although the second would match at once. */
	static const triple waits[] = {
		{ 8, "1", E, NULL, "[[" ENV("01") ", []], [" ITEM("{8: 'endorsed'}", "{11: 'first'}") ", " ITEM("{1: 7}", "{11: 'second'}") "]]" },
		{ 1, "2", E, NULL, "[" ENV("01") ", [{1: {8: 'endorsed'}}, {1: {1: 7}}]]" },
	};
	static const triple goes_on[] = {
		{ 8, "1", E, NULL, "[[" ENV("01") ", []], [" ITEM("{1: 7}", "{11: 'one'}") "]]" },
		{ 10, "2", E, NULL, "[[[" ENV("01") ", [" MEASUREMENT("s", "{11: 'one'}") "]]], [[" ENV("02") ", [{1: {1: 7}}]]]]" },
		{ 8, "3", E, NULL, "[[" ENV("02") ", []], [" ITEM("{1: 7}", "{11: 'two'}") "]]" },
	};
	static const triple legacy[] = { { 8, "1", E, NULL, "[" ENV("01") ", [[{1: {1: 7}}, " MEASUREMENT("s", "{11: 'one'}") "]]]" } };
	static const char evidence[] = EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}") ", {'element-claims': {1: 7}}");

	EXPECT("a series whose common condition is an environment alone", evidence, legacy,
		"[" EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}") ", {'element-claims': {1: 7}}") ", " ENDORSEMENT(
			ENV("01"), ELEMENT("s", "{11: 'one'}")) "]");
	EXPECT("the first item that matches, and no other", evidence, first,
		"[" EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}") ", {'element-claims': {1: 7}}") ", " ENDORSEMENT(
			ENV("01"), ELEMENT("s", "{11: 'good'}")) ", " ENDORSEMENT(ENV("01"), ELEMENT("s", "{11: 'by A'}")) "]");
	EXPECT("a series decides when nothing else fires", evidence, waits,
		"[" EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}") ", {'element-claims': {1: 7}}") ", " ENDORSEMENT(
			ENV("01"), "{'element-claims': {8: 'endorsed'}}, {'element-claims': {1: 7}}") ", " ENDORSEMENT(ENV("01"),
			ELEMENT("s", "{11: 'first'}")) "]");
	EXPECT("what a series adds may fire others", evidence, goes_on,
		"[" EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}") ", {'element-claims': {1: 7}}") ", " ENDORSEMENT(
			ENV("01"), ELEMENT("s", "{11: 'one'}")) ", " ENDORSEMENT(ENV("02"), "{'element-claims': {1: 7}}") ", " ENDORSEMENT(ENV("02"),
			ELEMENT("s", "{11: 'two'}")) "]");
}

static void
check_keys(void)
{
	static const triple triples[] = {
		{ 3, "1", E, NULL, "[" ENV("01") ", [554('K1'), 557([1, h'aa']), 554('K2')]]" },
		{ 2, "2", E, NULL, "[" ENV("01") ", [554('K3')], {0: 'a', 1: " A "}]" },
		{ 2, "3", E, NULL, "[" ENV("01") ", [554('K4')], {0: 'b'}]" },
		{ 2, "4", E, NULL, "[" ENV("01") ", [554('K5')], {1: " R "}]" },
		{ 3, "5", E, NULL, "[" ENV("02") ", [554('K6')]]" },
		{ 3, "6", E, NULL, "[" ENV("01") ", [560(h'aa')]]" },
		{ 3, "7", A, NULL, "[" ENV("01") ", 554('K7')]" },
	};
	static const char evidence[] = EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}"));
	store s = { .triples = triples, .count = COUNT(triples), .verify = true }, unable = { .triples = triples, .count = COUNT(triples) };
	cs_appraisal how = appraisal_of(&s);
	cs_span bytes = edn(evidence);
	cs_acs *acs;

	how.verifier = edn("[554('V'), 554('A')]");
	acs = cs_acs_new(&ctx, bytes.data, bytes.len);
	CHECK(cs_appraise(acs, &how) &&
			acs_is(acs,
				"[" EVIDENCE(ENV("01"),
					ELEMENT("a", "{11: 'x'}")) ", "
											   "{'environment': " ENV("01") ", 'key-list': [554('K1'), 554('K2')], 'key-type': 0, "
																			"'authority': [554('E'), 554('V'), 554('A')]},"
																			"{'environment': " ENV(
																				"01") ", 'key-list': [554('K3')], 'key-type': 1, 'key-id': "
																					  "'a', 'authority': [554('E'), 554('V'), 554('A')]},"
																					  "{'environment': " ENV(
																						  "01") ", 'key-list': [554('K7')], 'key-type': 0, "
																								"'authority': [554('A'), 554('V')]}]"),
		"verified keys, under joint authority");
	CHECK(acs != NULL && cs_acs_note_count(acs) == 1 && strcmp(cs_acs_note(acs, 0)->reason, "no key was verified") == 0 &&
			cs_acs_note(acs, 0)->relation->source == &triples[5],
		"a key that does not verify is noted");

	acs = appraise(evidence, &unable);
	CHECK(acs_is(acs, "[" EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}")) "]"), "without a verifier nothing is added");
	CHECK(acs != NULL && cs_acs_note_count(acs) == 4 && strcmp(cs_acs_note(acs, 0)->reason, "key verification is not available") == 0 &&
			cs_acs_note(acs, 4) == NULL,
		"and each triple that would have been processed is noted");
}

#define MEMBERSHIP(env, members) "{'environment': " ENV(env) ", 'authority': " E ", 'members': [" members "]}"
#define DEPENDENCY(env, trustees) "{'environment': " ENV(env) ", 'authority': " E ", 'trustees': [" trustees "]}"
#define LEAVES \
	EVIDENCE(ENV("01"), ELEMENT("a", "{11: 'x'}")) ", " EVIDENCE("{0: {0: 560(h'02')}, 1: 560(h'aa')}", ELEMENT("a", "{11: 'x'}"))

static void
check_domains(void)
{
	static const triple tree[] = {
		{ 5, "1", E, NULL, "[" ENV("30") ", [" ENV("20") ", " ENV("02") "]]" },
		{ 5, "2", E, NULL, "[" ENV("20") ", [" ENV("10") "]]" },
		{ 5, "3", E, NULL, "[" ENV("10") ", [" ENV("01") ", " ENV("02") ", " ENV("01") "]]" },
		{ 5, "4", E, NULL, "[" ENV("40") ", [" ENV("01") ", " ENV("09") "]]" },
		{ 5, "5", E, NULL, "[" ENV("41") ", [" ENV("40") "]]" },
	};
	static const triple trust[] = {
		{ 5, "1", E, NULL, "[" ENV("10") ", [" ENV("01") ", " ENV("02") "]]" },
		{ 4, "2", E, NULL, "[" ENV("01") ", [" ENV("02") "]]" },
		{ 4, "3", E, NULL, "[" ENV("01") ", [" ENV("02") ", " ENV("03") "]]" },
		{ 4, "4", E, NULL, "[" ENV("05") ", [" ENV("02") "]]" },
		{ 4, "5", E, NULL, "[" ENV("02") ", [" ENV("10") "]]" },
	};
	static const triple cycle[] = {
		{ 5, "1", E, NULL, "[" ENV("10") ", [" ENV("01") ", " ENV("02") "]]" },
		{ 4, "2", E, NULL, "[" ENV("01") ", [" ENV("02") "]]" },
		{ 4, "3", E, NULL, "[" ENV("02") ", [" ENV("01") "]]" },
		{ 4, "4", E, NULL, "[" ENV("10") ", [" ENV("01") "]]" },
		{ 4, "5", E, NULL, "[" ENV("10") ", [" ENV("10") "]]" },
	};
	static const triple circle[] = {
		{ 5, "1", E, NULL, "[" ENV("01") ", [" ENV("02") "]]" },
		{ 5, "2", E, NULL, "[" ENV("02") ", [" ENV("01") "]]" },
		{ 5, "3", E, NULL, "[" ENV("10") ", [" ENV("01") "]]" },
		{ 5, "4", E, NULL, "[" ENV("11") ", [" ENV("11") ", " ENV("01") "]]" },
	};
	store s = { .triples = cycle, .count = COUNT(cycle) }, c = { .triples = circle, .count = COUNT(circle) };
	cs_acs *acs;

	EXPECT("memberships from the leaves to the root", "[" LEAVES "]", tree,
		"[" LEAVES ", " MEMBERSHIP("10", ENV("01") ", " ENV("02")) ", " MEMBERSHIP("20", ENV("10")) ", " MEMBERSHIP(
			"30", ENV("20") ", " ENV("02")) "]");
	EXPECT("trust among members of accepted domains", "[" LEAVES "]", trust,
		"[" LEAVES ", " MEMBERSHIP("10", ENV("01") ", " ENV("02")) ", " DEPENDENCY("01", ENV("02")) ", " DEPENDENCY("02", ENV("10")) "]");
	EXPECT("a cycle of trust drops its own relations", "[" LEAVES "]", cycle,
		"[" LEAVES ", " MEMBERSHIP("10", ENV("01") ", " ENV("02")) ", " DEPENDENCY("10", ENV("01")) "]");
	acs = appraise("[" LEAVES "]", &s);
	CHECK(acs != NULL && cs_acs_note_count(acs) == 3 && strcmp(cs_acs_note(acs, 0)->reason, "cycle of trust dependencies") == 0 &&
			cs_acs_note(acs, 0)->relation->source == &cycle[1] && cs_acs_note(acs, 1)->relation->source == &cycle[2] &&
			cs_acs_note(acs, 2)->relation->source == &cycle[4],
		"and is noted");
	EXPECT("a cycle of memberships drops its own", "[" LEAVES "]", circle, "[" LEAVES ", " MEMBERSHIP("10", ENV("01")) "]");
	acs = appraise("[" LEAVES "]", &c);
	CHECK(acs != NULL && cs_acs_note_count(acs) == 2 && strcmp(cs_acs_note(acs, 0)->reason, "cycle of domain memberships") == 0,
		"and is noted");
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	check_corroboration();
	check_endorsements();
	check_conditional_fetching();
	check_series();
	check_keys();
	check_domains();
	cs_arena_free(&arena);
	return tap_done();
}
