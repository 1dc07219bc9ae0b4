/*
 * model_coserv_test.c - CoSERV, discovery and CMW by their tables: vectors that keep a rule and vectors that break it, and every
 * file of the corpus.
 */
#include "model_vectors.h"

#define QUERY(q) "{0: \"tag:a.example,2026:p\", 1: " q "}"
#define RESULT(q, r) "{0: \"tag:a.example,2026:p\", 1: " q ", 2: " r "}"
#define CLASS_QUERY "{0: 2, 1: {0: [[{1: \"ACME\"}]]}, 2: 0}"
#define RIM_QUERY "{3: [[2, \"a\"]]}"
#define EXPIRY "10: 0(\"2030-12-13T18:30:02Z\")"
#define AUTHORITIES "1: [560(h'abcdef')]"
#define RV "[{0: {1: \"ACME\"}}, [{1: {11: \"n\"}}]]"
#define CE "[[[{0: {1: \"A\"}}, [{1: {11: \"n\"}}]]], [" RV "]]"
#define AK "[{0: {1: \"A\"}}, [560(h'01')]]"

static const vector query_vectors[] = {
	GOOD("coserv", QUERY(CLASS_QUERY)),
	GOOD("coserv", QUERY("{0: 0, 1: {1: [[550(h'02deadbeefdead')], [560(h'01'), [{1: {11: \"n\"}}]]]}, 2: 2}")),
	GOOD("coserv", QUERY("{0: 1, 1: {2: [[37(h'31FB5ABF023E4992AA4E95F9C1503BFA')]]}, 2: 1}")),
	GOOD("coserv", QUERY("{3: [[0, \"a\"], [1, h'31FB5ABF023E4992AA4E95F9C1503BFA'], [2, \"b\"]]}")),
	GOOD("coserv", "{0: h'2b0601040181fd5901', 1: " CLASS_QUERY "}"),
	GOOD("coserv-any", QUERY(RIM_QUERY)),
	BAD("coserv", "[]", "coserv", "coserv", "array of 0 elements"),
	BAD("coserv", "{1: " CLASS_QUERY "}", "coserv", "coserv", "map of 1 member"),
	BAD("coserv", "{0: \"p\"}", "coserv", "coserv", "map of 1 member"),
	BAD("coserv", "{0: 7, 1: " CLASS_QUERY "}", "coserv.profile", "profile", "7"),
	BAD("coserv", "{0: 32(\"p\"), 1: " CLASS_QUERY "}", "coserv.profile", "profile", "tag 32"),
	BAD("coserv", "{0: \"p\", 1: " CLASS_QUERY ", 3: 0}", "coserv", "coserv", "3"),
	BAD("coserv", "{0: \"p\", 0: \"p\", 1: " CLASS_QUERY "}", NULL, "coserv", NULL),
	BAD("coserv", QUERY("{0: 3, 1: {0: [[{1: \"A\"}]]}, 2: 0}"), "coserv.query.artifact-type", "artifact-type", "3"),
	BAD("coserv", QUERY("{0: -1, 1: {0: [[{1: \"A\"}]]}, 2: 0}"), "coserv.query.artifact-type", "artifact-type", "-1"),
	BAD("coserv", QUERY("{0: 2, 1: {0: [[{1: \"A\"}]]}}"), "coserv.query", "query", "map of 2 members"),
	BAD("coserv", QUERY("{0: 2, 2: 0}"), "coserv.query", "query", "map of 2 members"),
	BAD("coserv", QUERY("{}"), "coserv.query", "query", "map of 0 members"),
	BAD("coserv", QUERY("{0: 2, 1: {0: [[{1: \"A\"}]]}, 2: 0, 3: [[2, \"a\"]]}"), "coserv.query", "query", "map of 4 members"),
	BAD("coserv", QUERY("{0: 2, 1: {0: [[{1: \"A\"}]]}, 2: 3}"), "coserv.query.result-type", "result-type", "3"),
	BAD("coserv", QUERY("{0: 2, 1: {}, 2: 0}"), "coserv.query.environment-selector", "environment-selector-map", "map of 0 members"),
	BAD("coserv", QUERY("{0: 2, 1: {0: [[{1: \"A\"}]], 2: [[560(h'01')]]}, 2: 0}"), "coserv.query.environment-selector",
		"environment-selector-map", "map of 2 members"),
	BAD("coserv", QUERY("{0: 2, 1: {0: []}, 2: 0}"), "coserv.query.environment-selector.class", "class", "array of 0 elements"),
	BAD("coserv", QUERY("{0: 2, 1: {0: [{1: \"A\"}]}, 2: 0}"), "coserv.query.environment-selector.class[0]", "stateful-class",
		"map of 1 member"),
	BAD("coserv", QUERY("{0: 2, 1: {0: [[{}]]}, 2: 0}"), "coserv.query.environment-selector.class[0].class", "class-map",
		"map of 0 members"),
	BAD("coserv", QUERY("{0: 2, 1: {0: [[]]}, 2: 0}"), "coserv.query.environment-selector.class[0]", "stateful-class",
		"array of 0 elements"),
	BAD("coserv", QUERY("{0: 2, 1: {1: [[h'01']]}, 2: 0}"), "coserv.query.environment-selector.instance[0].instance", NULL, "h'01'"),
	BAD("coserv", QUERY("{0: 2, 1: {2: [[h'01']]}, 2: 0}"), "coserv.query.environment-selector.group[0].group", NULL, "h'01'"),
	BAD("coserv", QUERY("{3: []}"), "coserv.query.rim-selector", "rim-selector", "array of 0 elements"),
	BAD("coserv", QUERY("{3: [[3, \"a\"]]}"), "coserv.query.rim-selector[0].kind", "rim-kind", "3"),
	BAD("coserv", QUERY("{3: [[2, h'01']]}"), "coserv.query.rim-selector[0].id", NULL, "h'01'"),
	BAD("coserv", QUERY("{3: [[2, \"a\", 0]]}"), "coserv.query.rim-selector[0]", "rim-selector-id", "array of 3 elements"),
	BAD("coserv-any", "501({})", "coserv-any", "coserv-any", "tag 501"),
	/* drafts up to -02 */
	OLD("coserv", QUERY("{0: 2, 1: {0: [[{1: \"A\"}]]}, 2: 0(\"2030-12-01T18:30:01Z\"), 3: 0}"), "query-timestamp"),
	BAD("coserv", QUERY("{0: 2, 1: {0: [[{1: \"A\"}]]}, 2: 0(\"2030-12-01T18:30:01Z\")}"), "coserv.query.result-type", "result-type",
		"tag 0"),
};

static const vector result_vectors[] = {
	GOOD("coserv", RESULT(CLASS_QUERY, "{0: [], " EXPIRY "}")),
	GOOD("coserv", RESULT(CLASS_QUERY, "{0: [{" AUTHORITIES ", 2: " RV "}], " EXPIRY ", 11: [[\"application/rim+cose\", h'00']]}")),
	GOOD("coserv", RESULT(CLASS_QUERY, "{" EXPIRY ", 11: [[10000, h'00', 3]]}")),
	GOOD("coserv",
		RESULT(
			"{0: 0, 1: {0: [[{1: \"A\"}]]}, 2: 0}", "{1: [{" AUTHORITIES ", 2: " RV "}], 2: [{" AUTHORITIES ", 2: " CE "}], " EXPIRY "}")),
	GOOD("coserv", RESULT("{0: 1, 1: {0: [[{1: \"A\"}]]}, 2: 0}", "{3: [{" AUTHORITIES ", 2: " AK "}], " EXPIRY "}")),
	GOOD("coserv",
		RESULT("{0: 1, 1: {0: [[{1: \"A\"}]]}, 2: 0}", "{3: [], 4: [{" AUTHORITIES ", 2: {2: [], 6: {0: [[2, h'3059']]}}}], " EXPIRY "}")),
	GOOD("coserv", RESULT(RIM_QUERY, "{5: {\"a\": [\"application/rim+cose\", h'aa']}, " EXPIRY "}")),
	GOOD("coserv", RESULT(RIM_QUERY, "{5: {}, " EXPIRY "}")),
	BAD("coserv", RESULT(CLASS_QUERY, "{0: []}"), "coserv.results", "results", "map of 1 member"),
	BAD("coserv", RESULT(CLASS_QUERY, "{0: [], 10: 1(1)}"), "coserv.results.expiry", "tdate", "tag 1"),
	BAD("coserv", RESULT(CLASS_QUERY, "{0: [], 10: 0(\"soon\")}"), "coserv.results.expiry", "tdate", NULL),
	BAD("coserv", RESULT(CLASS_QUERY, "{" EXPIRY "}"), "coserv.results", "results", "map of 1 member"),
	BAD("coserv", RESULT(CLASS_QUERY, "{0: [], 3: [], " EXPIRY "}"), "coserv.results", "results", NULL),
	BAD("coserv", RESULT(CLASS_QUERY, "{0: [], 5: {}, " EXPIRY "}"), "coserv.results", "results", NULL),
	BAD("coserv", RESULT(RIM_QUERY, "{5: {}, " EXPIRY ", 11: [[0, h'']]}"), "coserv.results", "results", NULL),
	BAD("coserv", RESULT(CLASS_QUERY, "{1: [], " EXPIRY "}"), "coserv.results", "results", NULL),
	BAD("coserv", RESULT(CLASS_QUERY, "{4: [], " EXPIRY "}"), "coserv.results", "results", NULL),
	BAD("coserv", RESULT(CLASS_QUERY, "{0: [], 6: 0, " EXPIRY "}"), "coserv.results", "results", "6"),
	BAD("coserv", RESULT(CLASS_QUERY, "{3: [], " EXPIRY "}"), "coserv", "coserv", NULL),
	BAD("coserv", RESULT(CLASS_QUERY, "{5: {}, " EXPIRY "}"), "coserv", "coserv", NULL),
	BAD("coserv", RESULT(RIM_QUERY, "{0: [], " EXPIRY "}"), "coserv", "coserv", NULL),
	BAD("coserv", RESULT(CLASS_QUERY, "{0: [{" AUTHORITIES "}], " EXPIRY "}"), "coserv.results.rvq[0]", "refval-quad", "map of 1 member"),
	BAD("coserv", RESULT(CLASS_QUERY, "{0: [{1: [], 2: " RV "}], " EXPIRY "}"), "coserv.results.rvq[0].authorities", NULL,
		"array of 0 elements"),
	BAD("coserv", RESULT(CLASS_QUERY, "{0: [{1: [h'ab'], 2: " RV "}], " EXPIRY "}"), "coserv.results.rvq[0].authorities[0]", NULL, "h'ab'"),
	BAD("coserv", RESULT(CLASS_QUERY, "{0: [{" AUTHORITIES ", 2: [{}, []]}], " EXPIRY "}"), "coserv.results.rvq[0].rv-triple.ref-env",
		"environment-map", "map of 0 members"),
	BAD("coserv", RESULT(CLASS_QUERY, "{" EXPIRY ", 11: []}"), "coserv.results.source-artifacts", "source-artifacts",
		"array of 0 elements"),
	BAD("coserv", RESULT(CLASS_QUERY, "{" EXPIRY ", 11: [[\"no media type\", h'']]}"), "coserv.results.source-artifacts[0].type",
		"media-type", "\"no media type\""),
	BAD("coserv", RESULT(RIM_QUERY, "{5: {h'01': [0, h'']}, " EXPIRY "}"), "coserv.results.rims[h'01']", "cose-label", "h'01'"),
	BAD("coserv", RESULT(RIM_QUERY, "{5: {\"a\": h'01'}, " EXPIRY "}"), "coserv.results.rims[\"a\"]", "cbor-cmw", "h'01'"),
};

#define SIGNED(h) "18([<<" h ">>, {}, <<" QUERY(RIM_QUERY) ">>, h'00'])"

static const vector signed_vectors[] = {
	GOOD("signed-coserv", SIGNED("{1: -7, 3: \"application/coserv+cbor\"}")),
	GOOD("signed-coserv", SIGNED("{1: -7, 2: \"application/coserv+cbor\"}")),
	GOOD("signed-coserv", SIGNED("{1: -7, 2: [33], 3: \"application/coserv+cbor\", 4: h'6b', \"own\": 1}")),
	GOOD("coserv-any", SIGNED("{1: -7, 3: \"application/coserv+cbor\"}")),
	BAD("signed-coserv", SIGNED("{1: -7}"), "signed-coserv.protected.signed-coserv-protected-hdr", "signed-coserv-protected-hdr",
		"map of 1 member"),
	BAD("signed-coserv", SIGNED("{1: -7, 2: [3]}"), "signed-coserv.protected.signed-coserv-protected-hdr", "signed-coserv-protected-hdr",
		"map of 2 members"),
	BAD("signed-coserv", SIGNED("{1: -7, 3: \"application/rim+cbor\"}"), "signed-coserv.protected.signed-coserv-protected-hdr.cty", "cty",
		"\"application/rim+cbor\""),
	BAD("signed-coserv", SIGNED("{3: \"application/coserv+cbor\"}"), "signed-coserv.protected.signed-coserv-protected-hdr",
		"signed-coserv-protected-hdr", "map of 1 member"),
	BAD("signed-coserv", SIGNED("{1: \"ES256\", 3: \"application/coserv+cbor\"}"),
		"signed-coserv.protected.signed-coserv-protected-hdr.alg", "int", "\"ES256\""),
	BAD("signed-coserv", "18([h'', {}, <<" QUERY(RIM_QUERY) ">>, h'00'])", "signed-coserv.protected", "protected", "h''"),
	BAD("signed-coserv", "18([<<{1: -7, 3: \"application/coserv+cbor\"}>>, {}, null, h'00'])", "signed-coserv.payload", "payload", "null"),
	BAD("signed-coserv", "18([<<{1: -7, 3: \"application/coserv+cbor\"}>>, {}, <<{}>>, h'00'])", "signed-coserv.payload.coserv", "coserv",
		"map of 0 members"),
	BAD("signed-coserv", "18([<<{1: -7, 3: \"application/coserv+cbor\"}>>, {h'01': 1}, <<" QUERY(RIM_QUERY) ">>, h'00'])",
		"signed-coserv.unprotected", "header_map", "h'01'"),
	BAD("signed-coserv", "18([h'', {}, h''])", "signed-coserv", "signed-coserv", "array of 3 elements"),
};

#define KEY "{1: 2, 3: -7, -1: 1, -2: h'1A2B', -3: h'5E6F', 2: h'AB'}"
#define CAPABILITIES "2: [{1: \"application/coserv+cbor; profile=\\\"tag:a.example,2026:p\\\"\", 2: [\"source\"]}]"
#define ENDPOINTS "3: {\"CoSERVRequestResponse\": \"/coserv/{query}\"}"

static const vector discovery_vectors[] = {
	GOOD("coserv-well-known-info", "{1: \"1.2.3\", " CAPABILITIES ", " ENDPOINTS "}"),
	GOOD("coserv-well-known-info", "{1: \"1.2.3-beta.1+x.007\", " CAPABILITIES ", " ENDPOINTS ", 4: [" KEY "]}"),
	GOOD("coserv-well-known-info", "{1: \"0.0.0\", 2: [{1: \"a/b\", 2: [\"rims\", \"collected\", \"source\"]}], 3: {\"Other\": \"/x\"}}"),
	BAD("coserv-well-known-info", "{1: \"1.2\", " CAPABILITIES ", " ENDPOINTS "}", "coserv-well-known-info.version", "version", "\"1.2\""),
	BAD("coserv-well-known-info", "{1: \"1.02.3\", " CAPABILITIES ", " ENDPOINTS "}", "coserv-well-known-info.version", "version",
		"\"1.02.3\""),
	BAD("coserv-well-known-info", "{1: \"1.2.3-\", " CAPABILITIES ", " ENDPOINTS "}", "coserv-well-known-info.version", "version",
		"\"1.2.3-\""),
	BAD("coserv-well-known-info", "{1: \"1.2.3-a..b\", " CAPABILITIES ", " ENDPOINTS "}", "coserv-well-known-info.version", "version",
		"\"1.2.3-a..b\""),
	BAD("coserv-well-known-info", "{1: \"1.2.3-01\", " CAPABILITIES ", " ENDPOINTS "}", "coserv-well-known-info.version", "version",
		"\"1.2.3-01\""),
	BAD("coserv-well-known-info", "{1: \"v1.2.3\", " CAPABILITIES ", " ENDPOINTS "}", "coserv-well-known-info.version", "version",
		"\"v1.2.3\""),
	BAD("coserv-well-known-info", "{1: \"1.2.3\", 2: [], " ENDPOINTS "}", "coserv-well-known-info.capabilities", "capabilities",
		"array of 0 elements"),
	BAD("coserv-well-known-info", "{1: \"1.2.3\", 2: [{1: \"a/b\", 2: []}], " ENDPOINTS "}",
		"coserv-well-known-info.capabilities[0].artifact-support", "artifact-support", "array of 0 elements"),
	BAD("coserv-well-known-info", "{1: \"1.2.3\", 2: [{1: \"a/b\", 2: [\"both\"]}], " ENDPOINTS "}",
		"coserv-well-known-info.capabilities[0].artifact-support[0]", "artifact-support", "\"both\""),
	BAD("coserv-well-known-info", "{1: \"1.2.3\", 2: [{1: \"a/b\", 2: [\"rims\", \"rims\"]}], " ENDPOINTS "}",
		"coserv-well-known-info.capabilities[0].artifact-support", "artifact-support", "array of 2 elements"),
	BAD("coserv-well-known-info", "{1: \"1.2.3\", 2: [{1: \"coserv\", 2: [\"rims\"]}], " ENDPOINTS "}",
		"coserv-well-known-info.capabilities[0].media-type", "media-type", "\"coserv\""),
	BAD("coserv-well-known-info", "{1: \"1.2.3\", " CAPABILITIES ", 3: {}}", "coserv-well-known-info.api-endpoints", "api-endpoints",
		"map of 0 members"),
	BAD("coserv-well-known-info", "{1: \"1.2.3\", " CAPABILITIES ", 3: {\"CoSERVRequestResponse\": \"/coserv\"}}",
		"coserv-well-known-info.api-endpoints", "api-endpoints", NULL),
	BAD("coserv-well-known-info", "{1: \"1.2.3\", " CAPABILITIES ", 3: {\"CoSERVRequestResponse\": \"/{region}/{query}\"}}",
		"coserv-well-known-info.api-endpoints", "api-endpoints", NULL),
	BAD("coserv-well-known-info", "{1: \"1.2.3\", " CAPABILITIES ", " ENDPOINTS ", 4: []}",
		"coserv-well-known-info.result-verification-key", "COSE_KeySet", "array of 0 elements"),
	BAD("coserv-well-known-info", "{1: \"1.2.3\", " CAPABILITIES ", " ENDPOINTS ", 4: {\"keys\": [" KEY "]}}",
		"coserv-well-known-info.result-verification-key", "COSE_KeySet", "map of 1 member"),
	BAD("coserv-well-known-info", "{1: \"1.2.3\", " CAPABILITIES ", " ENDPOINTS ", 4: [{2: h'01'}]}",
		"coserv-well-known-info.result-verification-key[0]", "COSE_Key", "map of 1 member"),
	BAD("coserv-well-known-info", "{1: \"1.2.3\", " CAPABILITIES ", " ENDPOINTS ", 5: 0}", "coserv-well-known-info",
		"coserv-well-known-info", NULL),
};

static const vector cmw_vectors[] = {
	GOOD("cbor-cmw", "[30001, h'00']"),
	GOOD("cbor-cmw", "[\"application/eat+cwt; eat_profile=\\\"a \\\\\\\" b\\\"\", h'', 31]"),
	GOOD("cbor-cmw", "1668612070(h'00')"),
	GOOD("cbor-cmw", "{\"__cmwc_t\": \"tag:a.example,2026:t\", 0: [1, h''], \"x\": {-1: [2, h'']}, 2: 1668546817(h'')}"),
	GOOD("signed-cbor-cmw", "[<<{1: -7, 3: \"application/cmw+cbor\"}>>, {}, <<[0, h'']>>, h'00']"),
	BAD("cbor-cmw", "[65536, h'']", "cbor-record.type", "type", "65536"),
	BAD("cbor-cmw", "[\"text\", h'']", "cbor-record.type", "media-type", "\"text\""),
	BAD("cbor-cmw", "[\"a/b; c\", h'']", "cbor-record.type", "media-type", NULL),
	BAD("cbor-cmw", "[\"a/b; c=\\\"d\", h'']", "cbor-record.type", "media-type", NULL),
	BAD("cbor-cmw", "[\"a/\", h'']", "cbor-record.type", "media-type", NULL),
	BAD("cbor-cmw", "[\"\", h'']", "cbor-record.type", "media-type", NULL),
	BAD("cbor-cmw", "[0, \"AA\"]", "cbor-record.value", "bytes", "\"AA\""),
	BAD("cbor-cmw", "[0, h'', 0]", "cbor-record.ind", "ind", "0"),
	BAD("cbor-cmw", "[0, h'', 32]", "cbor-record.ind", "ind", "32"),
	BAD("cbor-cmw", "[0]", "cbor-record", "cbor-record", "array of 1 element"),
	BAD("cbor-cmw", "501({})", "cbor-cmw", "cbor-cmw", "tag 501"),
	BAD("cbor-cmw", "1668612070(\"a\")", "cbor-cmw", "cbor-cmw", "tag 1668612070"),
	BAD("cbor-cmw", "{}", "cbor-collection", "cbor-collection", "map of 0 members"),
	BAD("cbor-cmw", "{\"__cmwc_t\": \"tag:a.example,2026:t\"}", "cbor-collection", "cbor-collection", "map of 1 member"),
	BAD("cbor-cmw", "{\"__cmwc_t\": [0, h'']}", "cbor-collection", "cbor-collection", "map of 1 member"),
	BAD("cbor-cmw", "{\"a\": \"b\", 0: [0, h'']}", "cbor-collection", "cbor-collection", "map of 2 members"),
	BAD("signed-cbor-cmw", "[<<{1: -7, 3: \"application/coserv+cbor\"}>>, {}, <<[0, h'']>>, h'00']", NULL, "cty", NULL),
	BAD("corim-cbor-collection",
		"{\"__cmwc_t\": \"tag:a.example,2026:t\", 0: [0, <<501({0: \"a\", 1: [508(<<{0: {0: \"t\"}, 1: [{0: \"u\"}], "
		"2: {1: 1(1)}}>>)]})>>]}",
		"corim-cbor-collection", "corim-cbor-collection", "map of 2 members"),
	GOOD("corim-cbor-collection",
		"{\"__cmwc_t\": \"tag:a.example,2026:corim\", 0: [0, <<501({0: \"a\", 1: [508(<<{0: {0: \"t\"}, 1: [{0: \"u\"}], "
		"2: {1: 1(1)}}>>)]})>>]}"),
};

/* ---- the corpus ---- */

#define BARE(file) { file, CS_INVALID, NULL, NULL, "a selector without its array, as up to draft-howard-rats-coserv-02" }
#define TIMESTAMP(file) { file, CS_OK, NULL, "query-timestamp", "a timestamp in the query, as up to -02" }

static const exception queries[] = {
	BARE("rv-class-simple~0e509cf"),
	BARE("rv-class-simple~1df7325"),
	BARE("rv-class-simple~f28c974"),
	BARE("rv-class-two-entries~463e09d"),
	BARE("rv-class-two-entries~5db2b6d"),
	BARE("rv-class-two-entries~e6bfe77"),
	BARE("rv-instance-two-entries~0f9812d"),
	BARE("rv-instance-two-entries~186dff9"),
	BARE("rv-instance-two-entries~9e9643f"),
	BARE("example-class-selector-noindent~52d61eb"),
	BARE("example-group-selector~a776dba"),
	BARE("example-instance-selector~8671ec2"),
	TIMESTAMP("rv-class-stateful~17dba22"),
	TIMESTAMP("example-class-selector-noindent~d600176"),
	TIMESTAMP("example-group-selector~f33511f"),
	TIMESTAMP("example-instance-selector~7f34832"),
	TIMESTAMP("example_query~d081509"),
	TIMESTAMP("draft-howard-rats-coserv__"),
};

static const exception results[] = {
	BARE("source-artifacts~09db630"),
	BARE("simple-results~297e35b"),
	BARE("simple-results~62d2735"),
	BARE("simple-results~a738f87"),
	BARE("simple-results~c50839e"),
	BARE("simple-results~d335a68"),
	BARE("simple-results~db2600d"),
	BARE("simple-results~f32ea3b"),
	BARE("rv-results~"),
	TIMESTAMP("simple-results~5d05aa0"),
	TIMESTAMP("draft-howard-rats-coserv__"),
	{ "coserv_test.go-L396", CS_INVALID, "signed-coserv-protected-hdr", NULL, "no content type in the protected header" },
	{ "coserv_test.go-L400", CS_INVALID, "cty", NULL, "another content type in the protected header" },
};

static const exception discoveries[] = {
	{ "discovery-single-capability~8565066", CS_INVALID, "api-endpoints", NULL, "an endpoint that does not end in /{query}" },
};

static const exception collections[] = {
	{ "collection-example-2~1a67968", CS_INVALID, "media-type", NULL, "a tunnel type that the draft dropped" },
	{ "collection-example-2~49cb340", CS_INVALID, "media-type", NULL, "a tunnel type that the draft dropped" },
};

static const exception corim_collections[] = {
	{ "corim-bundle~", CS_INVALID, NULL, NULL, "the type that the collection had in earlier drafts" },
	{ "cmw-corim-collection", CS_OK, NULL, "single-measurement-map", "the draft's own example leaves out a list" },
};

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

int
main(void)
{
	check_vectors(query_vectors, LENGTH(query_vectors));
	check_vectors(result_vectors, LENGTH(result_vectors));
	check_vectors(signed_vectors, LENGTH(signed_vectors));
	check_vectors(discovery_vectors, LENGTH(discovery_vectors));
	check_vectors(cmw_vectors, LENGTH(cmw_vectors));
	check_corpus("coserv-any", "coserv-query", NULL, NULL, queries, LENGTH(queries));
	check_corpus("coserv-any", "coserv-result", NULL, NULL, results, LENGTH(results));
	check_corpus("coserv-well-known-info", "discovery", NULL, "sample_key", discoveries, LENGTH(discoveries));
	check_corpus("COSE_Key", "discovery", "sample_key", NULL, NULL, 0);
	check_corpus("cbor-cmw", "other", "msg-wrap__", NULL, collections, LENGTH(collections));
	check_corpus("cbor-cmw", "other", "compositeevidenceparser", NULL, NULL, 0);
	check_corpus("corim-cbor-collection", "other", "cmw-corim-", NULL, corim_collections, LENGTH(corim_collections));
	return tap_done();
}
