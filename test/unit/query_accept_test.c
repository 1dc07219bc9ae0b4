/*
 * query_accept_test.c - content negotiation (RFC 9110 section 12.5.1) and If-None-Match.
 */
#include "query/http.h"
#include "tap.h"

#include <string.h>

#define COSE "application/coserv+cose"
#define CBOR "application/coserv+cbor"
#define PROFILE "tag:vendor.com,2025:cc_platform#1.0.0"

static const cs_offer results[] = { { COSE, PROFILE }, { CBOR, PROFILE } };
static const cs_offer discovery[] = { { "application/coserv-discovery+json", NULL }, { "application/coserv-discovery+cbor", NULL } };
static const cs_offer oid[] = { { CBOR, "1.3.6.1.4.1.99999" } };
static const cs_offer quoted[] = { { CBOR, "a\"b\\c" } };

enum
{
	REFUSED = -1,
	UNPARSABLE = -2
};

typedef struct accept_case
{
	const char *accept;
	int expected;
} accept_case;

static const accept_case result_cases[] = {
	/* everything */
	{ "", 0 },
	{ " \t ", 0 },
	{ "*/*", 0 },
	{ "*", 0 },
	{ "application/*", 0 },
	{ ",, */* ,", 0 },
	/* one of them, with and without the profile */
	{ COSE, 0 },
	{ CBOR, 1 },
	{ COSE "; profile=\"" PROFILE "\"", 0 },
	{ CBOR ";profile=\"" PROFILE "\"", 1 },
	{ CBOR " ; \t profile=\"" PROFILE "\" ", 1 },
	{ "Application/CoSERV+CBOR; Profile=\"" PROFILE "\"", 1 },
	{ CBOR ";;profile=\"" PROFILE "\";", 1 },
	{ CBOR "; profile=\"tag:vendor.com\\,2025:cc_platform#1.0.0\"", 1 },
	/* parameters that say nothing here */
	{ COSE "; cose-type=\"cose-sign1\"; profile=\"" PROFILE "\"", 0 },
	{ CBOR "; a=\",\\\"\"; q=1", 1 },
	/* other profiles */
	{ COSE "; profile=\"tag:vendor.com,2025:cc_platform#2.0.0\"", REFUSED },
	{ COSE "; profile=\"TAG:vendor.com,2025:cc_platform#1.0.0\"", REFUSED },
	{ COSE "; profile=\"" PROFILE "x\"", REFUSED },
	{ COSE "; profile=\"tag\"", REFUSED },
	{ COSE "; profile=\"\"", REFUSED },
	{ COSE "; profile=x, " CBOR, 1 },
	{ "*/*; profile=\"" PROFILE "\"", 0 },
	{ "*/*; profile=x", REFUSED },
	/* other types */
	{ "application/json", REFUSED },
	{ "application/coserv", REFUSED },
	{ "application/coserv+cosee", REFUSED },
	{ "text/*", REFUSED },
	{ "image/coserv+cose, text/html", REFUSED },
	/* weights */
	{ COSE ";q=0.5, " CBOR, 1 },
	{ COSE ";q=0.5," CBOR ";q=0.5", 0 },
	{ COSE ";q=0.501," CBOR ";q=0.502", 1 },
	{ COSE ";Q=0.1, " CBOR "; q=0.2", 1 },
	{ COSE ";q=0", REFUSED },
	{ COSE ";q=0.000, */*;q=0.001", 1 },
	{ COSE ";q=0., " CBOR ";q=1.", 1 },
	{ "text/html, image/gif, *; q=.2, */*; q=.2", 0 },
	/* the closest range decides, wherever it stands */
	{ "*/*;q=0.1, " CBOR ";q=0.2, application/*;q=0.9", 0 },
	{ "*/*;q=0.9, application/*;q=0", REFUSED },
	{ "application/*;q=0, */*;q=0.9", REFUSED },
	{ COSE ";q=0.1, " COSE "; profile=\"" PROFILE "\";q=0.9, " CBOR ";q=0.5", 0 },
	{ COSE "; profile=\"" PROFILE "\";q=0, " COSE ", " CBOR ";q=0.1", 1 },
	{ COSE ";q=0.2, " COSE ";q=0.8, " CBOR ";q=0.5", 0 },
	{ COSE ";q=0.9, */*; profile=\"" PROFILE "\"; q=0.1", 0 },
	/* what cannot be parsed */
	{ COSE "; profile=\"" PROFILE, UNPARSABLE },
	{ COSE "; profile=\"a\\", UNPARSABLE },
	{ COSE "; profile=tag:vendor.com", UNPARSABLE },
	{ COSE "; profile=", UNPARSABLE },
	{ COSE "; profile", UNPARSABLE },
	{ COSE "; profile =x", UNPARSABLE },
	{ COSE "; profile=\"a\nb\"", UNPARSABLE },
	{ COSE ";q=2", UNPARSABLE },
	{ COSE ";q=1.001", UNPARSABLE },
	{ COSE ";q=0.1234", UNPARSABLE },
	{ COSE ";q=.", UNPARSABLE },
	{ COSE ";q=-1", UNPARSABLE },
	{ COSE ";q=0.x", UNPARSABLE },
	{ COSE ";q=\"1\"", UNPARSABLE },
	{ "application", UNPARSABLE },
	{ "application/", UNPARSABLE },
	{ "/coserv+cose", UNPARSABLE },
	{ "*/coserv+cose", UNPARSABLE },
	{ COSE " " CBOR, UNPARSABLE },
	{ COSE ", ;", UNPARSABLE },
	{ "\"quoted\"", UNPARSABLE },
	{ COSE ", application/\xc3\xa9", UNPARSABLE },
};

static void
test_results(void)
{
	for (size_t i = 0; i < sizeof(result_cases) / sizeof(result_cases[0]); i++)
	{
		const accept_case *c = &result_cases[i];
		int got = cs_accept_negotiate(c->accept, strlen(c->accept), results, 2);

		if (!CHECK(got == c->expected, "case %zu", i))
			printf("# Accept: %s: %d instead of %d\n", c->accept, got, c->expected);
	}
}

static void
test_others(void)
{
	static const char json[] = "application/coserv-discovery+json;q=0.9, application/coserv-discovery+cbor";
	static const char profiled[] = "application/coserv-discovery+json; profile=x";
	static const char number[] = CBOR "; profile=1.3.6.1.4.1.99999";
	static const char escaped[] = CBOR "; profile=\"a\\\"b\\\\c\"";
	static const char nul[] = "application/\0";

	CHECK(cs_accept_negotiate(NULL, 0, results, 2) == 0, "no header accepts everything");
	CHECK(cs_accept_negotiate(NULL, 0, results, 0) == REFUSED, "nothing to offer");
	CHECK(cs_accept_negotiate("*/*", 3, results, 0) == REFUSED, "nothing to offer, anything accepted");
	CHECK(cs_accept_negotiate(json, strlen(json), discovery, 2) == 1, "discovery by weight");
	CHECK(cs_accept_negotiate(profiled, strlen(profiled), discovery, 2) == REFUSED, "a profile where none is offered");
	CHECK(cs_accept_negotiate(number, strlen(number), oid, 1) == 0, "an OID as a token");
	CHECK(cs_accept_negotiate(escaped, strlen(escaped), quoted, 1) == 0, "escapes in a profile");
	CHECK(cs_accept_negotiate(COSE "garbage", strlen(COSE), results, 2) == 0, "only len characters are read");
	CHECK(cs_accept_negotiate(nul, sizeof(nul) - 1, results, 2) == UNPARSABLE, "a NUL");
}

static const struct
{
	const char *if_none_match;
	const char *etag;
	bool expected;
} etag_cases[] = {
	{ "\"a\"", "\"a\"", true },
	{ "W/\"a\"", "\"a\"", true },
	{ "\"a\"", "W/\"a\"", true },
	{ "W/\"a\"", "W/\"a\"", true },
	{ " \"x\" , \"a\"", "\"a\"", true },
	{ "\"x\",W/\"a,b\"", "\"a,b\"", true },
	{ "*", "\"a\"", true },
	{ " * ", "\"a\"", true },
	{ "", "\"a\"", false },
	{ "\"x\"", "\"a\"", false },
	{ "\"aa\"", "\"a\"", false },
	{ "\"\"", "\"a\"", false },
	{ "a", "\"a\"", false },
	{ "\"a", "\"a\"", false },
	{ "w/\"a\"", "\"a\"", false },
	{ "W/", "\"a\"", false },
	{ "* , \"b\"", "\"a\"", false },
	{ "\"x\", y, \"a\"", "\"a\"", false },
};

static void
test_etags(void)
{
	for (size_t i = 0; i < sizeof(etag_cases) / sizeof(etag_cases[0]); i++)
		CHECK(
			cs_etag_matches(etag_cases[i].if_none_match, strlen(etag_cases[i].if_none_match), etag_cases[i].etag) == etag_cases[i].expected,
			"If-None-Match: %s for %s", etag_cases[i].if_none_match, etag_cases[i].etag);
	CHECK(!cs_etag_matches(NULL, 0, "\"a\""), "no If-None-Match");
}

int
main(void)
{
	test_results();
	test_others();
	test_etags();
	return tap_done();
}
