/*
 * query_http_test.c - base64url, routes, discovery documents and problem details (draft-ietf-rats-coserv section 6, RFC 9290).
 */
#include "cbor/text.h"
#include "query/http.h"
#include "tap.h"

#include <string.h>

static cs_arena arena;
static cs_ctx ctx;

static bool
is_bytes(const cs_buf *buf, const char *bytes, size_t len)
{
	return cs_buf_ok(buf) && buf->len == len && (len == 0 || memcmp(buf->data, bytes, len) == 0);
}

/* RFC 4648 section 10, without padding, and what the URL-safe alphabet changes. */
static void
test_base64url(void)
{
	static const struct
	{
		const char *plain;
		const char *encoded;
	} good[] = {
		{ "", "" },
		{ "f", "Zg" },
		{ "fo", "Zm8" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg" },
		{ "fooba", "Zm9vYmE" },
		{ "foobar", "Zm9vYmFy" },
		{ "\xfb\xff\xfe", "-__-" },
		{ "\xff\xff\xff", "____" },
	};
	static const struct
	{
		const char *encoded;
		size_t offset;
	} bad[] = {
		{ "Zg==", 2 },
		{ "Zm8=", 3 },
		{ "+__-", 0 },
		{ "-/_-", 1 },
		{ "Zm 9v", 2 },
		{ "Zm9v\n", 4 },
		{ "Z", 1 },
		{ "Zm9vY", 5 },
		{ "Zh", 1 },
		{ "Zm9", 2 },
		{ "Zm9v?a", 4 },
		{ "Zm9v%3D", 4 },
		{ "\xc3\xa9", 0 },
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
	{
		cs_buf buf;

		cs_buf_init(&buf, &ctx);
		CHECK((cs_put_base64(&buf, (cs_span) { (const uint8_t *) good[i].plain, strlen(good[i].plain) }, true, 0), cs_buf_ok(&buf)) &&
				is_bytes(&buf, good[i].encoded, strlen(good[i].encoded)),
			"encode to \"%s\"", good[i].encoded);
		cs_buf_init(&buf, &ctx);
		CHECK(cs_base64url_decode(&ctx, good[i].encoded, strlen(good[i].encoded), &buf) &&
				is_bytes(&buf, good[i].plain, strlen(good[i].plain)),
			"decode \"%s\"", good[i].encoded);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
	{
		cs_buf buf;

		cs_buf_init(&buf, &ctx);
		CHECK(!cs_base64url_decode(&ctx, bad[i].encoded, strlen(bad[i].encoded), &buf) && ctx.error.code == CS_MALFORMED &&
				ctx.error.has_offset && ctx.error.offset == bad[i].offset,
			"bad base64url %zu", i);
	}
}

static void
test_routes(void)
{
	static const struct
	{
		const char *target;
		cs_route route;
		const char *query;
	} cases[] = {
		{ CS_WELL_KNOWN_PATH, CS_ROUTE_DISCOVERY, "" },
		{ "/v1/coserv/ogB4", CS_ROUTE_QUERY, "ogB4" },
		{ "/v1/coserv/ogB4?x", CS_ROUTE_QUERY, "ogB4?x" },
		{ "/v1/coserv/ogB4%3D", CS_ROUTE_QUERY, "ogB4%3D" },
		{ CS_WELL_KNOWN_PATH "?x", CS_ROUTE_NONE, "" },
		{ CS_WELL_KNOWN_PATH "/", CS_ROUTE_NONE, "" },
		{ "/v1/coserv/", CS_ROUTE_NONE, "" },
		{ "/v1/coserv", CS_ROUTE_NONE, "" },
		{ "/v1/coserv/a/b", CS_ROUTE_NONE, "" },
		{ "/v1/coserv/a/", CS_ROUTE_NONE, "" },
		{ "/coserv/a", CS_ROUTE_NONE, "" },
		{ "/V1/coserv/a", CS_ROUTE_NONE, "" },
		{ "/", CS_ROUTE_ABOUT, "" },
		{ "/?", CS_ROUTE_NONE, "" },
		{ "", CS_ROUTE_NONE, "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		cs_span query;
		cs_route route = cs_http_route(cases[i].target, strlen(cases[i].target), "/v1/coserv/{query}", &query);

		CHECK(route == cases[i].route && query.len == strlen(cases[i].query) &&
				(query.len == 0 || memcmp(query.data, cases[i].query, query.len) == 0),
			"route of \"%s\"", cases[i].target);
	}
}

static void
test_problem(void)
{
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	CHECK(cs_problem(&ctx, "Query validation failed", "no CBOR", &buf) &&
			is_bytes(&buf, "\xa2\x20\x77Query validation failed\x21\x67no CBOR", 35),
		"title and detail");
	cs_buf_init(&buf, &ctx);
	CHECK(cs_problem(&ctx, "x", NULL, &buf) && is_bytes(&buf, "\xa2\x20\x61x\x21\x61x", 7), "no detail: the title again");
	cs_buf_init(&buf, &ctx);
	CHECK(cs_problem(&ctx, "\xc3\xa9", "\xc3\xa9\xc3", &buf) && is_bytes(&buf, "\xa2\x20\x62\xc3\xa9\x21\x63???", 10),
		"text that was cut within a character");
	CHECK(cs_check(&ctx, buf.data, buf.len), "... is well-formed");
}

static const cs_capability capabilities[] = {
	{ "application/coserv+cose; profile=\"tag:vendor.com,2025:cc_platform#1.0.0\"", true, true, false },
	{ "application/coserv+cbor; profile=\"1.2.3\"", false, true, true },
};

/* The draft's own example (section 6.1.2.3), with a second capability. */
static void
test_discovery_cbor(void)
{
	static const char edn[] =
		"{1: \"1.2.3-beta\", 2: [{1: \"application/coserv+cose; profile=\\\"tag:vendor.com,2025:cc_platform#1.0.0\\\"\","
		" 2: [\"source\", \"collected\"]}, {1: \"application/coserv+cbor; profile=\\\"1.2.3\\\"\", 2: [\"collected\", \"rims\"]}],"
		" 3: {\"CoSERVRequestResponse\": \"/endorsement-distribution/v1/coserv/{query}\"}, 4: [{1: 2}, {1: 1}]}";
	static const uint8_t keys[] = { 0xa1, 0x01, 0x02, 0xa1, 0x01, 0x01 };
	cs_discovery d = { "1.2.3-beta", capabilities, 2, "/endorsement-distribution/v1/coserv/{query}", { keys, 6 }, 2 };
	cs_buf expected;
	cs_buf buf;

	cs_buf_init(&expected, &ctx);
	CHECK(cs_edn_parse(&ctx, edn, strlen(edn), &expected), "the expected document parses");
	cs_buf_init(&buf, &ctx);
	CHECK(cs_discovery_cbor(&ctx, &d, &buf) && is_bytes(&buf, (const char *) expected.data, expected.len), "discovery in CBOR");
	CHECK(cs_require_deterministic(&ctx, buf.data, buf.len), "... is deterministic");
	CHECK(cs_validate(&ctx, &cs_rule_discovery, buf.data, buf.len, false), "... and follows the CDDL");

	d.key_count = 0;
	cs_buf_init(&buf, &ctx);
	CHECK(cs_discovery_cbor(&ctx, &d, &buf) && buf.data[0] == 0xa3 && cs_validate(&ctx, &cs_rule_discovery, buf.data, buf.len, false),
		"no verification key for unsigned results");
}

static void
test_discovery_json(void)
{
	static const char jwks[] = "{\"kty\":\"EC\"},{\"kty\":\"OKP\"}";
	static const char expected[] =
		"{\"version\":\"1.2.3-beta\",\"capabilities\":["
		"{\"media-type\":\"application/coserv+cose; profile=\\\"tag:vendor.com,2025:cc_platform#1.0.0\\\"\","
		"\"artifact-support\":[\"source\",\"collected\"]},"
		"{\"media-type\":\"application/coserv+cbor; profile=\\\"1.2.3\\\"\",\"artifact-support\":[\"collected\",\"rims\"]}],"
		"\"api-endpoints\":{\"CoSERVRequestResponse\":\"/coserv/"
		"{query}\"},\"result-verification-key\":[{\"kty\":\"EC\"},{\"kty\":\"OKP\"}]}";
	static const cs_capability odd = { "a\\b\n\xc3\xa9", true, false, false };
	cs_discovery d = { "1.2.3-beta", capabilities, 2, "/coserv/{query}", { (const uint8_t *) jwks, strlen(jwks) }, 2 };
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	CHECK(cs_discovery_json(&ctx, &d, &buf) && is_bytes(&buf, expected, strlen(expected)), "discovery in JSON");
	d.capabilities = &odd;
	d.capability_count = 1;
	d.key_count = 0;
	cs_buf_init(&buf, &ctx);
	cs_discovery_json(&ctx, &d, &buf);
	cs_put_byte(&buf, 0);
	CHECK(strstr((char *) buf.data, "\"a\\\\b\\u000a\xc3\xa9\"") != NULL, "characters that JSON escapes");
	CHECK(strstr((char *) buf.data, "key") == NULL, "no verification key for unsigned results, in JSON");
}

static void
test_bad_discovery(void)
{
	static const cs_capability useless = { "application/coserv+cbor", false, false, false };
	cs_discovery d = { "1.0.0", capabilities, 2, "/coserv/{query}", { NULL, 0 }, 0 };
	cs_buf buf;

	cs_buf_init(&buf, &ctx);
	d.endpoint = "/coserv/{query}/";
	CHECK(!cs_discovery_cbor(&ctx, &d, &buf) && ctx.error.code == CS_INVALID, "an endpoint that does not end with the variable");
	d.endpoint = "{query}";
	CHECK(!cs_discovery_json(&ctx, &d, &buf) && ctx.error.code == CS_INVALID, "an endpoint that is too short");
	d.endpoint = "/coserv/{query}";
	d.capability_count = 0;
	CHECK(!cs_discovery_cbor(&ctx, &d, &buf) && ctx.error.code == CS_INVALID, "no capability");
	d.capabilities = &useless;
	d.capability_count = 1;
	CHECK(!cs_discovery_json(&ctx, &d, &buf) && ctx.error.code == CS_INVALID, "a capability without artifacts");
}

int
main(void)
{
	cs_arena_init(&arena, &ctx);
	test_base64url();
	test_routes();
	test_problem();
	test_discovery_cbor();
	test_discovery_json();
	test_bad_discovery();
	cs_arena_free(&arena);
	return tap_done();
}
