/*
 * query_read_test.c - reading queries (draft-ietf-rats-coserv sections 4.1 to 4.3 and 4.5; doc/conformance.md, decisions 4, 7, 8 and 21).
 */
#include "query_edn.h"

static bool
read_text(const char *text, bool lax, cs_query *query)
{
	cs_span span = edn(text);

	return cs_query_read(&ctx, span.data, span.len, CS_QUERY_LEGACY | (lax ? CS_QUERY_LAX : 0), query);
}

static void
test_classes(void)
{
	cs_query q;

	CHECK(read_text("{0: " PROFILE
					", 1: {0: 2, 1: {0: [[{0: 560(h'8999786556'), 1: \"ACME\"}], [{0: 37(h'31FB5ABF023E4992AA4E95F9C1503BFA')},"
					" [{1: {11: \"A\"}}]]]}, 2: 2}}",
			  false, &q),
		"two classes, one of them stateful");
	CHECK(!q.by_rim && q.artifact == CS_REFERENCE_VALUES && q.result_type == CS_BOTH && q.rim_count == 0, "what is asked for");
	CHECK(span_is(q.profile, "tag:example.com,2025:cc-platform#1.0.0"), "the profile's canonical text");
	CHECK(q.selector_count == 2, "two selectors");
	CHECK(cs_span_eq(q.selectors[0].environment, edn("{0: {0: 560(h'8999786556'), 1: \"ACME\"}}")), "the first environment");
	CHECK(q.selectors[0].measurements.len == 0, "... without state");
	CHECK(cs_span_eq(q.selectors[1].environment, edn("{0: {0: 37(h'31FB5ABF023E4992AA4E95F9C1503BFA')}}")), "the second environment");
	CHECK(cs_span_eq(q.selectors[1].measurements, edn("[{1: {11: \"A\"}}]")), "... with state");
	CHECK(cs_span_eq(q.profile_item, edn(PROFILE)) && q.query_item.len > 0 && q.query_item.data[0] == 0xa3, "what the echo needs");
}

static void
test_others(void)
{
	cs_query q;

	CHECK(read_text("{0: " PROFILE ", 1: {0: 1, 1: {1: [[550(h'02DEADBEEFDEAD')]]}, 2: 0}}", false, &q) && q.artifact == CS_TRUST_ANCHORS &&
			q.result_type == CS_COLLECTED && cs_span_eq(q.selectors[0].environment, edn("{1: 550(h'02DEADBEEFDEAD')}")),
		"an instance");
	CHECK(read_text("{0: " PROFILE ", 1: {0: 0, 1: {2: [[560(h'01')]]}, 2: 1}}", false, &q) && q.artifact == CS_ENDORSED_VALUES &&
			q.result_type == CS_SOURCE && cs_span_eq(q.selectors[0].environment, edn("{2: 560(h'01')}")),
		"a group");
	CHECK(read_text("{0: h'2B0601040186861F', 1: {0: 0, 1: {2: [[560(h'01')]]}, 2: 1}}", false, &q) &&
			span_is(q.profile, "1.3.6.1.4.1.99103"),
		"an OID without its tag as profile");
	CHECK(read_text("{0: " PROFILE ", 1: {3: [[0, \"a\"], [1, h'31FB5ABF023E4992AA4E95F9C1503BFA'], [2, \"c\"]]}}", false, &q) &&
			q.by_rim && q.rim_count == 3 && q.selector_count == 0,
		"RIM identifiers");
	CHECK(q.rims[0].kind == CS_RIM_COMID && q.rims[1].kind == CS_RIM_COSWID && q.rims[2].kind == CS_RIM_CORIM, "... of every kind");
	CHECK(span_is(q.rims[0].text, "a") && span_is(q.rims[1].text, "31fb5abf-023e-4992-aa4e-95f9c1503bfa"), "... and their texts");
}

typedef struct bad_query
{
	const char *text;
	cs_code code;
	const char *what;
} bad_query;

static const bad_query bad[] = {
	{ "{0: " PROFILE ", 1: {0: 2, 1: {0: [[{0: 560(h'00')}]]}, 2: 0(\"2030-12-13T18:30:02Z\")}}", CS_INVALID,
		"a timestamp without a result type" },
	{ "{0: " PROFILE ", 1: {0: 2, 1: {0: [[{0: 560(h'00')}]]}, 2: 0(\"2030-12-13T18:30:02Z\"), 3: [[2, \"a\"]]}}", CS_INVALID,
		"a timestamp and RIM identifiers" },
	{ "{0: " PROFILE ", 1: {0: 2, 1: {0: [[{0: 560(h'00')}]]}, 2: 0(\"yesterday\"), 3: 0}}", CS_INVALID, "a timestamp that is none" },
	{ "{0: " PROFILE ", 1: {0: 2, 1: {0: [[{1: \"a\"}]]}, 2: 0}, 2: {0: [], 10: 0(\"2030-12-13T18:30:02Z\")}}", CS_INVALID,
		"results in it" },
	{ "{1: {0: 2, 1: {0: [[{1: \"a\"}]]}, 2: 0}}", CS_INVALID, "no profile" },
	{ "{0: " PROFILE "}", CS_INVALID, "no query" },
	{ "{0: 32(" PROFILE "), 1: {0: 2, 1: {0: [[{1: \"a\"}]]}, 2: 0}}", CS_INVALID, "a tag around the profile" },
	{ "{0: " PROFILE ", 1: {0: 3, 1: {0: [[{1: \"a\"}]]}, 2: 0}}", CS_INVALID, "an artifact type that is none" },
	{ "{0: " PROFILE ", 1: {0: -1, 1: {0: [[{1: \"a\"}]]}, 2: 0}}", CS_INVALID, "a negative artifact type" },
	{ "{0: " PROFILE ", 1: {0: 2, 1: {0: [[{1: \"a\"}]]}, 2: 3}}", CS_INVALID, "a result type that is none" },
	{ "{0: " PROFILE ", 1: {0: 2, 1: {0: [[{1: \"a\"}]]}}}", CS_INVALID, "no result type" },
	{ "{0: " PROFILE ", 1: {0: 2, 2: 0}}", CS_INVALID, "no selector" },
	{ "{0: " PROFILE ", 1: {1: {0: [[{1: \"a\"}]]}, 2: 0}}", CS_INVALID, "no artifact type" },
	{ "{0: " PROFILE ", 1: {0: 2, 1: {}, 2: 0}}", CS_INVALID, "an empty selector" },
	{ "{0: " PROFILE ", 1: {0: 2, 1: {0: []}, 2: 0}}", CS_INVALID, "no environment" },
	{ "{0: " PROFILE ", 1: {0: 2, 1: {0: [[]]}, 2: 0}}", CS_INVALID, "an empty environment" },
	{ "{0: " PROFILE ", 1: {0: 2, 1: {0: [[{}]]}, 2: 0}}", CS_INVALID, "an empty class" },
	{ "{0: " PROFILE ", 1: {0: 2, 1: {0: [[{1: \"a\"}, []]]}, 2: 0}}", CS_INVALID, "an empty list of measurements" },
	{ "{0: " PROFILE ", 1: {0: 2, 1: {0: [{1: \"a\"}]}, 2: 0}}", CS_INVALID, "a class without its array, as in the first drafts" },
	{ "{0: " PROFILE ", 1: {0: 2, 1: {0: [[{1: \"a\"}]], 1: [[560(h'01')]]}, 2: 0}}", CS_INVALID, "class and instance" },
	{ "{0: " PROFILE ", 1: {0: 2, 1: {3: [[{1: \"a\"}]]}, 2: 0}}", CS_INVALID, "a selector that is none" },
	{ "{0: " PROFILE ", 1: {0: 2, 1: {0: [[{1: \"a\"}]]}, 2: 0, 3: [[2, \"a\"]]}}", CS_INVALID, "both ways to ask" },
	{ "{0: " PROFILE ", 1: {}}", CS_INVALID, "neither way to ask" },
	{ "{0: " PROFILE ", 1: {3: []}}", CS_INVALID, "no RIM" },
	{ "{0: " PROFILE ", 1: {3: [[3, \"a\"]]}}", CS_INVALID, "a RIM of no kind" },
	{ "{0: " PROFILE ", 1: {3: [[2]]}}", CS_INVALID, "a RIM without identifier" },
	{ "{0: " PROFILE ", 1: {3: [[2, h'01']]}}", CS_INVALID, "an identifier that is no UUID" },
	{ "[]", CS_INVALID, "no map" },
	{ "18([<<{1: -7}>>, {}, h'', h''])", CS_INVALID, "a signed CoSERV" },
};

static void
test_bad(void)
{
	cs_query q;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		if (!CHECK(!read_text(bad[i].text, false, &q) && ctx.error.code == bad[i].code, "%s", bad[i].what))
			printf("# %s: %s\n", cs_code_name(ctx.error.code), ctx.error.message);
		CHECK(!read_text(bad[i].text, true, &q), "%s, lax", bad[i].what);
	}
	CHECK(!cs_query_read(&ctx, (const uint8_t *) "", 0, CS_QUERY_LEGACY, &q) && ctx.error.code == CS_MALFORMED, "no bytes");
	CHECK(!cs_query_read(&ctx, (const uint8_t *) "\xa2\x00", 2, CS_QUERY_LAX | CS_QUERY_LEGACY, &q) && ctx.error.code == CS_MALFORMED,
		"bytes that end early");
}

/* Decision 4: what drafts up to -02 sent, as a legacy form. */
static void
test_draft_02(void)
{
	cs_span bytes = edn("{0: " PROFILE ", 1: {0: 2, 1: {0: [[{0: 560(h'00')}]]}, 2: 0(\"2030-12-13T18:30:02Z\"), 3: 2}}");
	cs_query q;

	CHECK(cs_query_read(&ctx, bytes.data, bytes.len, CS_QUERY_LEGACY, &q) && !q.by_rim && q.artifact == CS_REFERENCE_VALUES &&
			q.result_type == CS_BOTH && q.selector_count == 1,
		"a query of draft -02: the result type is under 3");
	CHECK(cs_span_eq(q.query_item, edn("{0: 2, 1: {0: [[{0: 560(h'00')}]]}, 2: 0(\"2030-12-13T18:30:02Z\"), 3: 2}")),
		"... its timestamp is echoed");
	CHECK(!cs_query_read(&ctx, bytes.data, bytes.len, 0, &q) && ctx.error.code == CS_LEGACY_REFUSED &&
			strstr(ctx.error.message, "query-timestamp") != NULL && ctx.error.has_offset,
		"... and where legacy forms are off the form is named");
}

/* What its type has found valid is not walked through again; all else is asked of it as of any bytes. */
static void
test_typed(void)
{
	cs_span query = edn("{0: " PROFILE ", 1: {0: 2, 1: {0: [[{0: 560(h'00')}]]}, 2: 0}}");
	cs_span old = edn("{0: " PROFILE ", 1: {0: 2, 1: {0: [[{0: 560(h'00')}]]}, 2: 0(\"2030-12-13T18:30:02Z\"), 3: 2}}");
	cs_span loose = edn("{1: {0: 2, 1: {0: [[{0: 560(h'00')}]]}, 2: 0}, 0: " PROFILE "}");
	cs_span result = edn("{0: " PROFILE ", 1: {0: 2, 1: {0: [[{0: 560(h'00')}]]}, 2: 0}, 2: {0: []}}");
	cs_span is_signed = edn("18([h'', {}, h'', h''])");
	unsigned options = CS_QUERY_TYPED | CS_QUERY_LEGACY;
	cs_query q;

	CHECK(cs_query_read(&ctx, query.data, query.len, options, &q) && q.artifact == CS_REFERENCE_VALUES && q.selector_count == 1 &&
			cs_span_eq(q.selectors[0].environment, edn("{0: {0: 560(h'00')}}")),
		"a value of the type");
	CHECK(!cs_query_read(&ctx, old.data, old.len, CS_QUERY_TYPED, &q) && ctx.error.code == CS_LEGACY_REFUSED,
		"... in an old form, where these are off");
	CHECK(!cs_query_read(&ctx, loose.data, loose.len, options, &q) && ctx.error.has_offset, "... that is not deterministic");
	CHECK(!cs_query_read(&ctx, result.data, result.len, options, &q) && ctx.error.code == CS_INVALID, "... with results in it");
	CHECK(!cs_query_read(&ctx, is_signed.data, is_signed.len, options, &q), "... that is signed");
}

/* Decision 21: refused with the offset, or let pass with the same selection. */
static void
test_deterministic(void)
{
	static const struct
	{
		const char *text;
		const char *what;
	} cases[] = {
		{ "{1: {0: 2, 1: {0: [[{0: 560(h'00'), 1: \"ACME\"}, [{0: 1, 1: {1: 2}}]]]}, 2: 0}, 0: " PROFILE "}", "order of keys" },
		{ "{0: " PROFILE ", 1: {0: 2, 1: {0: [[{1: \"ACME\", 0: 560(h'00')}, [{1: {1: 2}, 0: 1}]]]}, 2: 0}}", "order of keys within" },
		{ "{_ 0: " PROFILE ", 1: {0: 2, 1: {0: [_ [{0: 560(h'00'), 1: \"ACME\"}, [{0: 1, 1: {1: 2}}]]]}, 2: 0}}", "indefinite lengths" },
		{ "{0: " PROFILE ", 1: {0: 2, 1: {0: [[{0: 560(h'00'), 1: (_ \"AC\", \"ME\")}, [{0: 1, 1: {1: 2}}]]]}, 2: 0}}",
			"a string in chunks" },
		{ "{0: " PROFILE ", 1: {0: 2_0, 1: {0: [[{0: 560_2(h'00'), 1: \"ACME\"_0}, [{0: 1_3, 1: {1: 2_1}}]]]}, 2: 0}}", "long heads" },
	};
	cs_query q;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		CHECK(!read_text(cases[i].text, false, &q) && ctx.error.code == CS_INVALID && ctx.error.has_offset, "%s: refused", cases[i].what);
		if (!CHECK(read_text(cases[i].text, true, &q) && q.selector_count == 1 &&
					cs_span_eq(q.selectors[0].environment, edn("{0: {0: 560(h'00'), 1: \"ACME\"}}")) &&
					cs_span_eq(q.selectors[0].measurements, edn("[{0: 1, 1: {1: 2}}]")),
				"%s: let pass, the selection is the same", cases[i].what))
			printf("# %s %s\n", ctx.error.path, ctx.error.message);
	}
	CHECK(!read_text("{0: " PROFILE ", 0: " PROFILE ", 1: {3: [[2, \"a\"]]}}", true, &q), "a key that is there twice is never let pass");
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	test_classes();
	test_others();
	test_bad();
	test_draft_02();
	test_typed();
	test_deterministic();
	cs_arena_free(&arena);
	return tap_done();
}
