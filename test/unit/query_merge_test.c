/*
 * query_merge_test.c - results of one query as one result (query/merge.h): each rule kept and broken.
 */
#include "query/merge.h"
#include "query_edn.h"

#include "model/corim.h"

#define RV(mval) "[{0: {1: \"ACME\"}}, [{1: {11: \"" mval "\"}}]]"
#define CE "[[[{0: {1: \"ACME\"}}, [{1: {1: 1}}]]], [[{0: {1: \"ACME\"}}, [{1: {1: 2}}]]]]"
#define AK "[{0: {1: \"ACME\"}}, [560(h'aa')]]"
#define QUAD(key, triple) "{1: [560(h'" key "')], 2: " triple "}"
#define UNTIL(date) "10: 0(\"" date "\")"
#define EARLY UNTIL("2030-01-01T00:00:00Z")
#define LATE UNTIL("2031-01-01T00:00:00Z")
#define ENVIRONMENT "{0: [[{1: \"ACME\"}]]}"
#define ASKED(artifact, type) "{0: " #artifact ", 1: " ENVIRONMENT ", 2: " #type "}"
#define ANSWER(artifact, type, results) "{0: " PROFILE ", 1: " ASKED(artifact, type) ", 2: {" results "}}"
#define ANSWER_RIMS(results) "{0: " PROFILE ", 1: {3: [[2, \"a\"], [2, \"b\"]]}, 2: {" results "}}"
#define MOST 4

/* One after the other; the error is in ctx. */
static bool
merge(const char *const *results, size_t count, cs_buf *out)
{
	cs_merge *m = cs_merge_new(&ctx);

	ctx.error = (cs_error) { 0 };
	cs_buf_init(out, &ctx);
	for (size_t i = 0; i < count; i++)
	{
		cs_span bytes = edn(results[i]);

		if (!cs_merge_add(m, bytes.data, bytes.len, CS_QUERY_LEGACY))
			return false;
	}
	return cs_merge_finish(m, out);
}

static void
show(const cs_buf *buf)
{
	printf("# %s\n# ", ctx.error.message);
	for (size_t i = 0; i < buf->len; i++)
		printf("%02x", buf->data[i]);
	printf("\n");
}

static const struct
{
	const char *what;
	const char *results[MOST];
	const char *merged;
} good[] = {
	{ "the union, by bytes, equal ones once",
		{ ANSWER(2, 0, "0: [" QUAD("02", RV("B")) ", " QUAD("01", RV("A")) "], " EARLY),
			ANSWER(2, 0, "0: [" QUAD("01", RV("C")) ", " QUAD("01", RV("A")) "], " EARLY) },
		ANSWER(2, 0, "0: [" QUAD("01", RV("A")) ", " QUAD("01", RV("C")) ", " QUAD("02", RV("B")) "], " EARLY) },
	{ "one triple of two authorities stays two",
		{ ANSWER(2, 0, "0: [" QUAD("02", RV("A")) "], " EARLY), ANSWER(2, 0, "0: [" QUAD("01", RV("A")) "], " EARLY) },
		ANSWER(2, 0, "0: [" QUAD("01", RV("A")) ", " QUAD("02", RV("A")) "], " EARLY) },
	{ "the earliest expiry", { ANSWER(2, 0, "0: [], " LATE), ANSWER(2, 0, "0: [], " EARLY), ANSWER(2, 0, "0: [], " LATE) },
		ANSWER(2, 0, "0: [], " EARLY) },
	{ "the earliest expiry, whatever its zone and fraction",
		{ ANSWER(2, 0, "0: [], " LATE), ANSWER(2, 0, "0: [], " UNTIL("2030-01-01T02:00:00.9+02:00")) }, ANSWER(2, 0, "0: [], " EARLY) },
	{ "an answer of nobody changes nothing but the expiry",
		{ ANSWER(0, 0, "1: [" QUAD("01", RV("A")) "], 2: [" QUAD("02", CE) "], " LATE), ANSWER(0, 0, "1: [], 2: [], " EARLY) },
		ANSWER(0, 0, "1: [" QUAD("01", RV("A")) "], 2: [" QUAD("02", CE) "], " EARLY) },
	{ "trust anchors", { ANSWER(1, 0, "3: [" QUAD("02", AK) "], " EARLY), ANSWER(1, 0, "3: [" QUAD("01", AK) "], " EARLY) },
		ANSWER(1, 0, "3: [" QUAD("01", AK) ", " QUAD("02", AK) "], " EARLY) },
	{ "source artifacts once; who found none says it with an empty set",
		{ ANSWER(2, 1, EARLY ", 11: [[\"application/rim+cose\", 'b']]"), ANSWER(2, 1, "0: [], " EARLY),
			ANSWER(2, 1, EARLY ", 11: [[\"application/rim+cose\", 'a'], [\"application/rim+cose\", 'b']]") },
		ANSWER(2, 1, EARLY ", 11: [[\"application/rim+cose\", 'a'], [\"application/rim+cose\", 'b']]") },
	{ "no source artifacts at all", { ANSWER(2, 1, "0: [], " EARLY), ANSWER(2, 1, "0: [], " EARLY) }, ANSWER(2, 1, "0: [], " EARLY) },
	{ "both kinds of artifacts",
		{ ANSWER(2, 2, "0: [" QUAD("01", RV("A")) "], " EARLY ", 11: [[\"application/rim+cose\", 'a']]"), ANSWER(2, 2, "0: [], " EARLY) },
		ANSWER(2, 2, "0: [" QUAD("01", RV("A")) "], " EARLY ", 11: [[\"application/rim+cose\", 'a']]") },
	{ "RIMs once, by identifier",
		{ ANSWER_RIMS("5: {\"b\": [\"application/rim+cose\", 'x']}, " LATE),
			ANSWER_RIMS("5: {\"a\": [\"application/rim+cose\", 'y'], \"b\": [\"application/rim+cose\", 'x']}, " EARLY) },
		ANSWER_RIMS("5: {\"a\": [\"application/rim+cose\", 'y'], \"b\": [\"application/rim+cose\", 'x']}, " EARLY) },
	{ "no RIMs", { ANSWER_RIMS("5: {}, " EARLY), ANSWER_RIMS("5: {}, " LATE) }, ANSWER_RIMS("5: {}, " EARLY) },
	{ "one result that is not deterministic",
		{ "{2: {" LATE ", 0: [{2: " RV("A") ", 1: [560(h'01')]}]}, 1: " ASKED(2, 0) ", 0: " PROFILE "}" },
		ANSWER(2, 0, "0: [" QUAD("01", RV("A")) "], " LATE) },
};

static void
test_good(void)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
	{
		cs_span wanted = edn(good[i].merged);
		const char *reversed[MOST];
		size_t count = 0;
		cs_buf out;

		while (count < MOST && good[i].results[count] != NULL)
			count++;
		for (size_t k = 0; k < count; k++)
			reversed[k] = good[i].results[count - 1 - k];
		if (!CHECK(merge(good[i].results, count, &out) && cs_span_eq(cs_buf_span(&out), wanted), "%s", good[i].what))
			show(&out);
		CHECK(cs_validate(&ctx, &cs_rule_coserv, out.data, out.len, false), "%s: follows the CDDL", good[i].what);
		CHECK(merge(reversed, count, &out) && cs_span_eq(cs_buf_span(&out), wanted), "%s: in any order", good[i].what);
		CHECK(merge(&good[i].merged, 1, &out) && cs_span_eq(cs_buf_span(&out), wanted), "%s: merged again", good[i].what);
	}
}

static const struct
{
	const char *what;
	const char *results[MOST];
	cs_code code;
	const char *message;
} bad[] = {
	{ "no results", { "{0: " PROFILE ", 1: " ASKED(2, 0) "}" }, CS_INVALID, "result 1 is a query" },
	{ "another profile", { ANSWER(2, 0, "0: [], " EARLY), "{0: \"tag:other\", 1: " ASKED(2, 0) ", 2: {0: [], " EARLY "}}" }, CS_INVALID,
		"result 2 is of another profile" },
	{ "another artifact", { ANSWER(2, 0, "0: [], " EARLY), ANSWER(1, 0, "3: [], " EARLY) }, CS_INVALID, "result 2 answers another query" },
	{ "another environment",
		{ ANSWER(2, 0, "0: [], " EARLY), "{0: " PROFILE ", 1: {0: 2, 1: {0: [[{1: \"Other\"}]]}, 2: 0}, 2: {0: [], " EARLY "}}" },
		CS_INVALID, "result 2 answers another query" },
	{ "RIMs and reference values", { ANSWER_RIMS("5: {}, " EARLY), ANSWER(2, 0, "0: [], " EARLY) }, CS_INVALID,
		"result 2 answers another query" },
	{ "quads that nobody asked for", { ANSWER(2, 1, "0: [], " EARLY), ANSWER(2, 1, "0: [" QUAD("01", RV("A")) "], " EARLY) }, CS_INVALID,
		"result 2 holds collected artifacts" },
	{ "sources that nobody asked for", { ANSWER(2, 0, "0: [], " EARLY ", 11: [[\"application/rim+cose\", 'a']]") }, CS_INVALID,
		"result 1 holds source artifacts" },
	{ "different RIMs under one identifier",
		{ ANSWER_RIMS("5: {\"a\": [\"application/rim+cose\", 'x']}, " EARLY),
			ANSWER_RIMS("5: {\"a\": [\"application/rim+cose\", 'y']}, " EARLY) },
		CS_INVALID, "there are different elements under one key" },
	{ "a signed result", { "18([<<{1: -7, 3: \"application/coserv+cbor\"}>>, {}, <<" ANSWER(2, 0, "0: [], " EARLY) ">>, h'00'])" },
		CS_UNSUPPORTED, "result 1 is signed" },
	{ "what is no result", { "{0: 1}" }, CS_INVALID, "" },
	{ "reference values for a query of endorsed ones", { "{0: " PROFILE ", 1: " ASKED(0, 0) ", 2: {0: [], " EARLY "}}" }, CS_INVALID,
		"the results hold artifacts of another type" },
};

static void
test_bad(void)
{
	cs_buf out;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		size_t count = 0;

		while (count < MOST && bad[i].results[count] != NULL)
			count++;
		if (!CHECK(!merge(bad[i].results, count, &out) && ctx.error.code == bad[i].code &&
					strncmp(ctx.error.message, bad[i].message, strlen(bad[i].message)) == 0,
				"refused: %s", bad[i].what))
			show(&out);
	}
	CHECK(strstr(ctx.error.message, "artifacts of another type") != NULL, "the last error is the last one's");
	merge(bad[7].results, 2, &out);
	CHECK(strcmp(ctx.error.found, "\"a\"") == 0, "which identifier");
	CHECK(!merge(NULL, 0, &out) && ctx.error.code == CS_INVALID, "nothing to merge");
	cs_buf_init(&out, &ctx);
	CHECK(!cs_merge_add(cs_merge_new(&ctx), (const uint8_t *) "\xa1", 1, 0) && ctx.error.code == CS_MALFORMED, "what is no CBOR");
}

/* Legacy queries merge where legacy forms are read, and nowhere else. */
static void
test_legacy(void)
{
	cs_span old = edn("{0: " PROFILE ", 1: {0: 2, 1: " ENVIRONMENT ", 2: 0(\"2025-01-01T00:00:00Z\"), 3: 0}, 2: {0: [], " EARLY "}}");
	cs_buf out;
	cs_merge *m = cs_merge_new(&ctx);

	cs_buf_init(&out, &ctx);
	CHECK(cs_merge_add(m, old.data, old.len, CS_QUERY_LEGACY) && cs_merge_count(m) == 1 && cs_merge_finish(m, &out) &&
			cs_span_eq(cs_buf_span(&out), old),
		"a result of draft -02 is what it was");
	CHECK(!cs_merge_add(cs_merge_new(&ctx), old.data, old.len, 0) && ctx.error.code == CS_LEGACY_REFUSED, "legacy forms are off");
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	test_good();
	test_bad();
	test_legacy();
	cs_arena_free(&arena);
	return tap_done();
}
