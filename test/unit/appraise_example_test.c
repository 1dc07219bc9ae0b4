/*
 * appraise_example_test.c - the appraisal that draft-ietf-rats-corim works through ("Example Appraisal"): two Reference Values and a
 * Conditional Endorsement against the Evidence of a PSA device must end in the ACS that the draft prints.
 */
#include "appraise_support.h"

#define CLASS "{0: 560(h'61636d652d696d706c656d656e746174696f6e2d69642d303030303030303031')}"
#define GOOD "h'9a271f2a916b0b6ee6cecb2426f0b3206ef074578be55d9bc94f6f3fe3ab86aa'"
#define OTHER "h'a3fe9f414586c0d3cacbe3b6920a09d8718e503bca22e23fef882203bf765065'"
#define CLAIMS(digest)                            \
	"{2: [['sha-256', " digest "]], 11: 'PRoT', " \
	"13: [560(h'5378796307535df3ec8d8b15a2e2dc5641419c3d3060cfe32238c0fa973f7aa3')]}"
#define MANUFACTURER "[559(['sha-256', h'482e829ad29ac6ea6eda2d47d1d93a002bf41d9d88710ba972c36e59038f78b3'])]"
#define CERTIFIER "[559(['sha-256', h'768ff09154f6aacda857cb175ef29cf9d23ef9c38c69efdbf20354dbfd7875b1'])]"
#define ATTESTER                                                          \
	"[554('-----BEGIN PUBLIC KEY-----\\n"                                 \
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAETl4iCZ47zrRbRG0TVf0dw7VFlHtv\\n" \
	"18HInYhnmMNybo+A1wuECyVqrDSmLt4QQzZPBECV8ANHS5HgGCCSr7E/Lg==\\n-----END PUBLIC KEY-----\\n')]"
#define PROFILE "32('tag:arm.com,2025:psa#1.0.0')"

#define EVIDENCE_ECT                                                                                                       \
	"{'environment': {0: " CLASS ", 1: 550(h'014ca3e4f50bf248c39787020d68ffd05c88767751bf2645ca923f57a98becd296')},"       \
	" 'element-list': [{'element-id': 'psa.software-component', 'element-claims': " CLAIMS(GOOD) "}],"                     \
																								 " 'authority': " ATTESTER \
																								 ", 'cmtype': 2, 'profile': " PROFILE "}"
#define REFERENCE_ECT                                                                                                          \
	"{'environment': {0: " CLASS "},"                                                                                          \
	" 'element-list': [{'element-id': 'psa.software-component', 'element-claims': " CLAIMS(GOOD) "}],"                         \
																								 " 'authority': " MANUFACTURER \
																								 ", 'cmtype': 0, 'profile': " PROFILE "}"
#define ENDORSEMENT_ECT                                                                                         \
	"{'environment': {0: " CLASS "},"                                                                           \
	" 'element-list': [{'element-id': 'psa.certification', 'element-claims': {100: '1234567890123 - 12345'}}]," \
	" 'authority': " CERTIFIER ", 'cmtype': 1, 'profile': " PROFILE "}"

static const triple triples[] = {
	{ 0, "a0", MANUFACTURER, PROFILE, "[{0: " CLASS "}, [{0: 'psa.software-component', 1: " CLAIMS(GOOD) "}]]" },
	{ 0, "a1", MANUFACTURER, PROFILE, "[{0: " CLASS "}, [{0: 'psa.software-component', 1: " CLAIMS(OTHER) "}]]" },
	{ 10, "b0", CERTIFIER, PROFILE,
		"[[[{0: " CLASS "}, [{0: 'psa.software-component', 1: " CLAIMS(
			GOOD) "}]]],"
				  " [[{0: " CLASS "}, [{0: 'psa.certification', 1: {100: '1234567890123 - 12345'}}]]]]" },
};

int
main(void)
{
	store rv_only = { .triples = triples, .count = 2 }, all = { .triples = triples, .count = 3 },
		  reversed = { .triples = triples, .count = 3, .reversed = true };
	cs_acs *acs;

	cs_arena_init(&arena, &ctx);
	acs = appraise("{'addition': " EVIDENCE_ECT "}", &rv_only);
	CHECK(acs_is(acs, "[" EVIDENCE_ECT ", " REFERENCE_ECT "]"), "ACS state after corroboration");

	acs = appraise("{'addition': " EVIDENCE_ECT "}", &all);
	CHECK(acs_is(acs, "[" EVIDENCE_ECT ", " REFERENCE_ECT ", " ENDORSEMENT_ECT "]"), "ACS state after endorsement");
	CHECK(acs != NULL && cs_acs_get(acs, 1)->relation->source == &triples[0] && cs_acs_get(acs, 1)->round == 1,
		"the first Reference Value is what corroborated");
	CHECK(acs != NULL && cs_acs_get(acs, 2)->relation->source == &triples[2] && cs_acs_get(acs, 2)->round == 2,
		"the Conditional Endorsement is what endorsed");
	CHECK(all.fetched == 2, "asked for two environments (%zu)", all.fetched);
	CHECK(all.last_failure.relation != NULL && all.last_failure.relation->source == &triples[1] &&
			strcmp(all.last_failure.why.path, "element-list[0].element-claims.digests") == 0,
		"the second Reference Value failed at %s: %s", all.last_failure.why.path, all.last_failure.why.reason);

	acs = appraise("[" EVIDENCE_ECT "]", &reversed);
	CHECK(acs_is(acs, "[" EVIDENCE_ECT ", " REFERENCE_ECT ", " ENDORSEMENT_ECT "]"), "the same from triples in another order");

	cs_arena_free(&arena);
	return tap_done();
}
