/*
 * query_result_test.c - result sets (draft-ietf-rats-coserv section 4.4; doc/conformance.md, decisions 2, 8, 9, 10, 11 and 19).
 */
#include "query/result.h"
#include "query_edn.h"

#define RV "[{0: {1: \"ACME\"}}, [{1: {11: \"A\"}}]]"
#define RV_UNSORTED "[{0: {2: \"M\", 1: \"ACME\"}}, [_ {1: {11: \"A\"_0}}]]"
#define CE "[[[{0: {1: \"ACME\"}}, [{1: {1: 1}}]]], [[{0: {1: \"ACME\"}}, [{1: {1: 2}}]]]]"
#define AK "[{0: {1: \"ACME\"}}, [560(h'aa')]]"
#define AUTH "[560(h'abcdef')]"
#define DATE "10: 0(\"2030-12-13T18:30:02Z\")"
#define EXPIRY INT64_C(1923417002)
#define NOW INT64_C(1923416000)

static cs_query query;
static cs_result *result;

static void
begin(const char *text)
{
	cs_span bytes = edn(text);

	if (!cs_query_read(&ctx, bytes.data, bytes.len, CS_QUERY_LAX | CS_QUERY_LEGACY, &query) ||
		(result = cs_result_new(&ctx, &query)) == NULL)
	{
		printf("Bail out! %s: %s\n", ctx.error.message, text);
		exit(1);
	}
}

/* Finishes with EXPIRY, compares, and asks the model. */
static void
finish(const char *expected, const char *what)
{
	cs_span wanted = edn(expected);
	cs_buf buf;
	int64_t expiry;

	cs_result_expires(result, EXPIRY);
	cs_buf_init(&buf, &ctx);
	if (!CHECK(cs_result_finish(result, NOW, 3600, &buf, &expiry) && cs_span_eq(cs_buf_span(&buf), wanted), "%s", what))
	{
		printf("# ");
		for (size_t i = 0; i < buf.len; i++)
			printf("%02x", buf.data[i]);
		printf("\n");
	}
	CHECK(expiry == EXPIRY, "%s: expiry", what);
	if (!CHECK(cs_validate(&ctx, &cs_rule_coserv, buf.data, buf.len, true), "%s: follows the CDDL", what))
		printf("# %s %s\n", ctx.error.path, ctx.error.message);
}

static bool
quad(int64_t kind, const char *triple)
{
	return cs_result_add_quad(result, kind, edn(AUTH), edn(triple));
}

#define ASK(artifact, type) "{0: " PROFILE ", 1: {0: " #artifact ", 1: {0: [[{1: \"ACME\"}]]}, 2: " #type "}}"
#define ANSWER(artifact, type, results) "{0: " PROFILE ", 1: {0: " #artifact ", 1: {0: [[{1: \"ACME\"}]]}, 2: " #type "}, 2: " results "}"

static void
test_quads(void)
{
	begin(ASK(2, 0));
	CHECK(quad(0, RV_UNSORTED) && quad(0, RV) && quad(0, RV_UNSORTED) && quad(0, RV), "four quads");
	finish(ANSWER(2, 0, "{0: [{1: " AUTH ", 2: " RV_UNSORTED "}, {1: " AUTH ", 2: " RV "}], " DATE "}"),
		"reference values: verbatim, in order, equal ones once");

	begin(ASK(2, 0));
	cs_result_add_quad(result, 0, edn("[560(h'01')]"), edn(RV));
	cs_result_add_quad(result, 0, edn("[560(h'02')]"), edn(RV));
	finish(
		ANSWER(2, 0, "{0: [{1: [560(h'01')], 2: " RV "}, {1: [560(h'02')], 2: " RV "}], " DATE "}"), "the same triple of two authorities");

	begin(ASK(0, 0));
	CHECK(quad(10, CE) && quad(1, RV) && quad(10, CE), "endorsed values of both kinds");
	finish(ANSWER(0, 0, "{1: [{1: " AUTH ", 2: " RV "}], 2: [{1: " AUTH ", 2: " CE "}], " DATE "}"), "endorsed values");

	begin(ASK(1, 0));
	CHECK(quad(3, AK), "a trust anchor");
	finish(ANSWER(1, 0, "{3: [{1: " AUTH ", 2: " AK "}], " DATE "}"), "trust anchors");
}

/* Decision 2. The content is a concise-ta-store-map's place; what it is, is not this room's to say. */
static void
test_cots(void)
{
	cs_buf buf;
	int64_t expiry;

	begin(ASK(1, 0));
	CHECK(cs_result_add_cots(result, edn(AUTH), edn("{0: 1}")) && cs_result_add_cots(result, edn(AUTH), edn("{0: 1}")), "a store, twice");
	cs_result_expires(result, EXPIRY);
	cs_buf_init(&buf, &ctx);
	CHECK(cs_result_finish(result, NOW, 3600, &buf, &expiry) &&
			cs_span_eq(cs_buf_span(&buf), edn(ANSWER(1, 0, "{3: [], 4: [{1: " AUTH ", 2: {0: 1}}], " DATE "}"))),
		"tas beside akq");
	begin(ASK(2, 0));
	CHECK(!cs_result_add_cots(result, edn(AUTH), edn("{0: 1}")) && ctx.error.code == CS_INVALID, "tas for reference values");
}

/* Decision 11. */
static void
test_empty(void)
{
	begin(ASK(2, 0));
	finish(ANSWER(2, 0, "{0: [], " DATE "}"), "no reference values");
	begin(ASK(0, 0));
	finish(ANSWER(0, 0, "{1: [], 2: [], " DATE "}"), "no endorsed values");
	begin(ASK(1, 0));
	finish(ANSWER(1, 0, "{3: [], " DATE "}"), "no trust anchors");
	begin(ASK(2, 1));
	finish(ANSWER(2, 1, "{0: [], " DATE "}"), "no source artifacts");
	begin(ASK(0, 2));
	finish(ANSWER(0, 2, "{1: [], 2: [], " DATE "}"), "neither");
}

static bool
source(const char *media_type, const char *bytes)
{
	return cs_result_add_source(result, media_type, (cs_span) { (const uint8_t *) bytes, strlen(bytes) });
}

static void
test_sources(void)
{
	begin(ASK(2, 1));
	CHECK(source("application/rim+cose", "b") && source("application/rim+cose", "a") && source("application/rim+cose", "b") &&
			source("application/rim+cbor", "b") && quad(0, RV),
		"sources, and a quad that nobody asked for");
	finish(ANSWER(2, 1,
			   "{" DATE ", 11: [[\"application/rim+cose\", 'b'], [\"application/rim+cose\", 'a'],"
			   " [\"application/rim+cbor\", 'b']]}"),
		"source artifacts only");

	begin(ASK(2, 2));
	CHECK(source("application/rim+cose", "a") && quad(0, RV), "a source and a quad");
	finish(ANSWER(2, 2, "{0: [{1: " AUTH ", 2: " RV "}], " DATE ", 11: [[\"application/rim+cose\", 'a']]}"), "both");

	begin(ASK(2, 0));
	CHECK(source("application/rim+cose", "a"), "a source that nobody asked for");
	finish(ANSWER(2, 0, "{0: [], " DATE "}"), "collected artifacts only");
}

#define UUID "h'31FB5ABF023E4992AA4E95F9C1503BFA'"
#define ASK_RIMS "3: [[2, \"bb\"], [0, \"c\"], [1, " UUID "], [2, \"none\"]]"

static void
test_rims(void)
{
	cs_span document = { (const uint8_t *) "x", 1 };
	cs_span other = { (const uint8_t *) "y", 1 };

	begin("{0: " PROFILE ", 1: {" ASK_RIMS "}}");
	CHECK(cs_result_add_rim(result, &query.rims[0], "application/rim+cose", document) &&
			cs_result_add_rim(result, &query.rims[2], "application/rim+cbor", other) &&
			cs_result_add_rim(result, &query.rims[1], "application/rim+cose", document) &&
			cs_result_add_rim(result, &query.rims[0], "application/rim+cose", other),
		"RIMs, one identifier twice");
	finish("{0: " PROFILE ", 1: {" ASK_RIMS "}, 2: {5: {\"c\": [\"application/rim+cose\", 'x'], \"bb\": [\"application/rim+cose\", 'x'],"
		   " \"31fb5abf-023e-4992-aa4e-95f9c1503bfa\": [\"application/rim+cbor\", 'y']}, " DATE "}}",
		"RIMs by identifier, in deterministic order, a UUID as text, the first one counts");
	CHECK(!quad(10, CE) && ctx.error.code == CS_INVALID, "no conditional endorsement for RIMs");

	begin("{0: " PROFILE ", 1: {" ASK_RIMS "}}");
	finish("{0: " PROFILE ", 1: {" ASK_RIMS "}, 2: {5: {}, " DATE "}}", "no RIMs");

	begin("{0: " PROFILE ", 1: {3: [[2, \"__cmwc_t\"]]}}");
	CHECK(!cs_result_add_rim(result, &query.rims[0], "application/rim+cose", document) && ctx.error.code == CS_UNSUPPORTED,
		"an identifier that a CMW collection takes for its type");
	begin(ASK(2, 0));
	CHECK(!cs_result_add_rim(result, &(cs_rim_id) { .text = { (const uint8_t *) "a", 1 } }, "application/rim+cose", document) &&
			ctx.error.code == CS_INVALID,
		"RIMs for an environment");
}

static void
test_wrong_kinds(void)
{
	static const struct
	{
		int64_t kind;
		const char *ask;
	} wrong[] = {
		{ 1, ASK(2, 0) },
		{ 10, ASK(2, 0) },
		{ 3, ASK(2, 0) },
		{ 0, ASK(0, 0) },
		{ 3, ASK(0, 0) },
		{ 8, ASK(0, 0) },
		{ 0, ASK(1, 0) },
		{ 2, ASK(1, 0) },
		{ 1, ASK(1, 1) },
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
	{
		begin(wrong[i].ask);
		CHECK(!quad(wrong[i].kind, RV) && ctx.error.code == CS_INVALID, "wrong kind %zu", i);
	}
}

/* Decision 19, with a query that was let pass. */
static void
test_echo(void)
{
	begin("{_ 1: {2: 0_1, 1: {_ 0: [_ [{1: \"ACME\"_0}]]}, 0: 2}, 0: \"a:b\"_1}");
	finish("{0: \"a:b\"_1, 1: {2: 0_1, 1: {_ 0: [_ [{1: \"ACME\"_0}]]}, 0: 2}, 2: {0: [], " DATE "}}", "the query, byte for byte");
}

static int64_t
expiry_at(int64_t now, int64_t ttl, const int64_t *not_after, size_t count, char date[21])
{
	cs_buf buf;
	cs_item item;
	cs_item results;
	cs_item value;
	cs_span text;
	int64_t expiry;

	begin(ASK(2, 0));
	for (size_t i = 0; i < count; i++)
		cs_result_expires(result, not_after[i]);
	cs_buf_init(&buf, &ctx);
	if (!cs_result_finish(result, now, ttl, &buf, &expiry))
		return -1;
	item = cs_item_at(buf.data, buf.len);
	cs_map_get(&item, 2, &results);
	cs_map_get(&results, 10, &value);
	value = cs_tag_content(&value);
	cs_string(&ctx, &value, &text);
	memcpy(date, text.data, 20);
	date[20] = '\0';
	return expiry;
}

/* Decision 10, and the calendar. */
static void
test_expiry(void)
{
	static const struct
	{
		int64_t now;
		int64_t ttl;
		int64_t not_after; /* -1: none */
		int64_t expected;
		const char *date;
	} cases[] = {
		{ 1000000000, 3600, -1, 1000002174, "2001-09-09T02:22:54Z" }, /* steps of 1800 s, by this query's phase */
		{ 1000000373, 3600, -1, 1000002174, "2001-09-09T02:22:54Z" },
		{ 1000000374, 3600, -1, 1000003974, "2001-09-09T02:52:54Z" },
		{ 1000000000, 3600, 1000000001, 1000000001, "2001-09-09T01:46:41Z" },
		{ 1000000000, 3600, 1000002173, 1000002173, "2001-09-09T02:22:53Z" },
		{ 1000000000, 3600, 1000002175, 1000002174, "2001-09-09T02:22:54Z" },
		{ 1000000000, 3600, 999999999, 999999999, "2001-09-09T01:46:39Z" },
		{ 1000000000, 1, -1, 1000000001, "2001-09-09T01:46:41Z" },
		{ 1000000001, 3, -1, 1000000004, "2001-09-09T01:46:44Z" },
		{ 1000000000, 0, -1, 1000000000, "2001-09-09T01:46:40Z" },
		{ 1000000000, -5, -1, 1000000000, "2001-09-09T01:46:40Z" },
		{ 0, 0, -1, 0, "1970-01-01T00:00:00Z" },
		{ 951782400 - 1, 1, -1, 951782400, "2000-02-29T00:00:00Z" },
		{ 951868800 - 1, 1, -1, 951868800, "2000-03-01T00:00:00Z" },
		{ 1709164799, 1, -1, 1709164800, "2024-02-29T00:00:00Z" },
		{ 1735689598, 1, -1, 1735689599, "2024-12-31T23:59:59Z" },
		{ 4107542400 - 1, 1, -1, 4107542400, "2100-03-01T00:00:00Z" },
		{ INT64_MAX, INT64_MAX, -1, 253402300799, "9999-12-31T23:59:59Z" },
		{ INT64_C(253402300799), 1, -1, 253402300799, "9999-12-31T23:59:59Z" },
		{ -5, 1, -7, 0, "1970-01-01T00:00:00Z" },
	};
	static const int64_t several[] = { 1000000900, 1000000500, 1000000700 };
	char date[21];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		int64_t expiry = expiry_at(cases[i].now, cases[i].ttl, &cases[i].not_after, cases[i].not_after != -1, date);

		if (!CHECK(expiry == cases[i].expected && strcmp(date, cases[i].date) == 0, "expiry %s", cases[i].date))
			printf("# %lld %s\n", (long long) expiry, date);
	}
	CHECK(expiry_at(1000000000, 3600, several, 3, date) == 1000000500, "the earliest of several");
}

/* Thousands of elements, each twice: none is lost, none comes twice, and the order is that of adding. */
static void
test_many(void)
{
	enum
	{
		COUNT = 5000
	};
	cs_buf buf;
	cs_item item;
	cs_item list;
	cs_iter it;
	int64_t expiry;
	int64_t next = 0;
	bool in_order = true;

	begin(ASK(2, 1));
	for (int i = 0; i < 2 * COUNT; i++)
	{
		uint32_t n = (uint32_t) (i % COUNT);

		cs_result_add_source(result, "a/b", (cs_span) { (const uint8_t *) &n, sizeof(n) });
	}
	cs_buf_init(&buf, &ctx);
	CHECK(cs_result_finish(result, NOW, 10, &buf, &expiry), "many sources");
	item = cs_item_at(buf.data, buf.len);
	cs_map_get(&item, 2, &list);
	cs_map_get(&list, 11, &item);
	CHECK(cs_count(&item) == COUNT, "equal sources once");
	it = cs_iterate(&item);
	while (cs_next(&it, &list))
	{
		cs_item bytes;
		uint32_t n;

		cs_array_get(&list, 1, &bytes);
		memcpy(&n, bytes.content, sizeof(n));
		in_order &= n == next++;
	}
	CHECK(in_order, "in the order they were added");
}

static void
test_limit(void)
{
	cs_buf buf;
	int64_t expiry;

	begin(ASK(2, 0));
	quad(0, RV);
	ctx.limits.max_size = 64;
	cs_buf_init(&buf, &ctx);
	CHECK(!cs_result_finish(result, NOW, 10, &buf, &expiry) && ctx.error.code == CS_LIMIT, "a result beyond the limit");
	CHECK(!quad(0, CE) && ctx.error.code == CS_LIMIT, "a quad beyond the limit");
	ctx.limits.max_size = CS_DEFAULT_MAX_SIZE;
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	test_quads();
	test_cots();
	test_empty();
	test_sources();
	test_rims();
	test_wrong_kinds();
	test_echo();
	test_expiry();
	test_many();
	test_limit();
	cs_arena_free(&arena);
	return tap_done();
}
