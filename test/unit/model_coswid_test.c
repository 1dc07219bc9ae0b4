/*
 * model_coswid_test.c - CoSWID, CoTL, CoTS and the COSE headers of a CoRIM by their tables: vectors that keep a rule and vectors
 * that break it, and the corpus.
 */
#include "model_vectors.h"

#define BARE(more) "{0: \"t\", 12: 0, 1: \"n\", 2: {31: \"ACME\", 33: 1}" more "}"
#define TAG(more) BARE(", 13: \"1.0\"" more)
#define PATCHES ", 4: {38: 32(\"a:b\"), 40: 7}"

static const vector swid_vectors[] = {
	GOOD("concise-swid-tag", TAG("")),
	GOOD("tagged-coswid", "1398229316(" TAG("") ")"),
	BAD("tagged-coswid", "1398229316({})", "concise-swid-tag", "concise-swid-tag", "map of 0 members"),
	GOOD("concise-swid-tag",
		"{0: h'31FB5ABF023E4992AA4E95F9C1503BFA', 12: -1, 13: \"1\", 1: \"n\", 2: [{31: \"A\", 33: [1, \"own\"], "
		"32: 32(\"https://a.example\"), 34: [1, h'00']}, {31: \"B\", 33: 77}]}"),
	GOOD("concise-swid-tag", TAG(", 4: {38: 32(\"https://a.example\"), 40: \"own\", 39: 3, 42: 2, 37: \"a\", 10: \"m\", 41: \"x/y\"}")),
	GOOD("concise-swid-tag", TAG(", 4: [{38: 32(\"a:b\"), 40: -256}, {38: 32(\"a:b\"), 40: 64436}]")),
	GOOD("concise-swid-tag", TAG(", 5: {48: true, 50: h'31FB5ABF023E4992AA4E95F9C1503BFA', 45: \"c\"}, 8: true, 9: false, 11: false")),
	GOOD("concise-swid-tag", TAG(", 14: 16384, 10: \"m\", 15: \"en\"")),
	GOOD("concise-swid-tag",
		TAG(", 6: {16: {24: \"bin\", 26: {16: {24: \"sub\"}, 17: [{24: \"f\", 20: 1, 21: \"2\", 7: [1, h'00'], "
			"22: true, 23: \"/\", 25: \"C:\"}]}}, 18: {27: \"init\", 28: 1}, 19: {29: \"r\"}}")),
	GOOD("concise-swid-tag", TAG(", 3: {17: {24: \"f\"}, 35: 1(1700000000), 36: \"d\", 23: \"/\"}")),
	GOOD("concise-swid-tag", TAG(", -1: true, 4294967295: {0: 1}, \"own\": [1, 2]")),
	OLD("concise-swid-tag", "{0: \"t\", 12: 0, 1: \"n\", 13: \"1\", 2: {31: \"A\", 33: 1, 32: \"a.example\"}}", "untagged-uri"),
	OLD("concise-swid-tag", TAG(", 4: {38: \"a.example\", 40: 1}"), "untagged-uri"),
	BAD("concise-swid-tag", "{12: 0, 1: \"n\", 2: {31: \"A\", 33: 1}}", "concise-swid-tag", "concise-swid-tag", "map of 3 members"),
	BAD("concise-swid-tag", "{0: \"t\", 1: \"n\", 2: {31: \"A\", 33: 1}}", "concise-swid-tag", "concise-swid-tag", "map of 3 members"),
	BAD("concise-swid-tag", "{0: \"t\", 12: 0, 2: {31: \"A\", 33: 1}}", "concise-swid-tag", "concise-swid-tag", "map of 3 members"),
	BAD("concise-swid-tag", "{0: \"t\", 12: 0, 1: \"n\"}", "concise-swid-tag", "concise-swid-tag", "map of 3 members"),
	BAD("concise-swid-tag", "{0: h'0102', 12: 0, 1: \"n\", 2: {31: \"A\", 33: 1}}", "concise-swid-tag.tag-id", NULL, "h'0102'"),
	BAD("concise-swid-tag", "{0: \"t\", 12: \"0\", 1: \"n\", 2: {31: \"A\", 33: 1}}", "concise-swid-tag.tag-version", "integer", "\"0\""),
	BAD("concise-swid-tag", "{0: \"t\", 12: 0, 1: \"n\", 2: []}", "concise-swid-tag.entity", NULL, "array of 0 elements"),
	BAD("concise-swid-tag", "{0: \"t\", 12: 0, 1: \"n\", 2: [{31: \"A\"}]}", "concise-swid-tag.entity[0]", "entity-entry",
		"map of 1 member"),
	BAD("concise-swid-tag", "{0: \"t\", 12: 0, 1: \"n\", 2: {33: 1}}", "concise-swid-tag.entity", "entity-entry", "map of 1 member"),
	BAD("concise-swid-tag", "{0: \"t\", 12: 0, 1: \"n\", 2: {31: \"A\", 33: h'01'}}", "concise-swid-tag.entity.role", NULL, "h'01'"),
	BAD("concise-swid-tag", "{0: \"t\", 12: 0, 1: \"n\", 2: {31: \"A\", 33: 1, 34: [1]}}", "concise-swid-tag.entity.thumbprint",
		"hash-entry", "array of 1 element"),
	BAD("concise-swid-tag", TAG(", 4: {40: 1}"), "concise-swid-tag.link", "link-entry", "map of 1 member"),
	BAD("concise-swid-tag", TAG(", 4: {38: 32(\"a:b\"), 40: -257}"), "concise-swid-tag.link.rel", "$rel", "-257"),
	BAD("concise-swid-tag", TAG(", 4: {38: 32(\"a:b\"), 40: 64437}"), "concise-swid-tag.link.rel", "$rel", "64437"),
	BAD("concise-swid-tag", TAG(", 5: {48: 1}"), "concise-swid-tag.software-meta.entitlement-data-required", "bool", "1"),
	BAD("concise-swid-tag", TAG(", 5: {50: h'00'}"), "concise-swid-tag.software-meta.generator", NULL, "h'00'"),
	BAD("concise-swid-tag", TAG(", 8: 1"), "concise-swid-tag.corpus", "bool", "1"),
	BAD("concise-swid-tag", TAG(", 6: {17: {20: 1}}"), "concise-swid-tag.payload.file", "file-entry", "map of 1 member"),
	BAD("concise-swid-tag", TAG(", 6: {17: [{24: \"f\"}, {24: \"g\", 20: -1}]}"), "concise-swid-tag.payload.file[1].size", "uint", "-1"),
	BAD("concise-swid-tag", TAG(", 6: {17: {24: \"f\", 7: [\"sha-256\", h'00']}}"), "concise-swid-tag.payload.file.hash.hash-alg-id", "int",
		"\"sha-256\""),
	BAD("concise-swid-tag", TAG(", 6: {16: {24: \"d\", 26: {16: {24: \"e\", 26: {18: 0}}}}}"),
		"concise-swid-tag.payload.directory.path-elements.directory.path-elements", "path-elements", "18"),
	BAD("concise-swid-tag", TAG(", 6: {18: {28: 1}}"), "concise-swid-tag.payload.process", "process-entry", "map of 1 member"),
	BAD("concise-swid-tag", TAG(", 6: {19: {}}"), "concise-swid-tag.payload.resource", "resource-entry", "map of 0 members"),
	BAD("concise-swid-tag", TAG(", 3: {35: \"now\"}"), "concise-swid-tag.evidence.date", NULL, "\"now\""),
	BAD("concise-swid-tag", TAG(", 3: {}, 6: {}"), "concise-swid-tag", "concise-swid-tag", "map of 7 members"),
	GOOD("concise-swid-tag", TAG(", 8: true")),
	GOOD("concise-swid-tag", BARE(", 9: true" PATCHES)),
	GOOD("concise-swid-tag", BARE(", 11: true, 9: false")),
	OLD("concise-swid-tag", BARE(""), "no-software-version"),
	OLD("concise-swid-tag", BARE(", 9: false, 11: false"), "no-software-version"),
	OLD("concise-swid-tag", BARE(", 8: true, 9: true"), "no-software-version"),
	BAD("concise-swid-tag", TAG(", 9: true, 11: true"), "concise-swid-tag", "concise-swid-tag", "map of 7 members"),
	BAD("concise-swid-tag", BARE(", 9: true, 11: true"), "concise-swid-tag", "concise-swid-tag", "map of 6 members"),
	BAD("concise-swid-tag", BARE(", 8: true, 3: {}, 6: {}"), "concise-swid-tag", "concise-swid-tag", "map of 7 members"),
	BAD("concise-swid-tag", TAG(", 8: true, 8: true"), NULL, "concise-swid-tag", NULL),
	GOOD("abbreviated-swid-tag", "{2: {31: \"A\", 33: 1}}"),
	BAD("abbreviated-swid-tag", "{2: {31: \"A\", 33: 1}, 9: true, 11: true}", "abbreviated-swid-tag", "abbreviated-swid-tag",
		"map of 3 members"),
	BAD("abbreviated-swid-tag", "{2: {31: \"A\"}}", "abbreviated-swid-tag.entity", "entity-entry", "map of 1 member"),
};

static const vector cotl_vectors[] = {
	GOOD("concise-tl-tag", "{0: {0: \"l\"}, 1: [{0: \"a\", 1: 5}, {0: h'3f06af63a93c11e4979700505690773e'}], 2: {0: 1(1), 1: 1(2)}}"),
	OLD("concise-tl-tag", "{0: {0: \"l\"}, 1: [{0: \"a\"}], 2: {1: 2}}", "untagged-time"),
	BAD("concise-tl-tag", "{1: [{0: \"a\"}], 2: {1: 1(2)}}", "concise-tl-tag", "concise-tl-tag", "map of 2 members"),
	BAD("concise-tl-tag", "{0: {0: \"l\"}, 2: {1: 1(2)}}", "concise-tl-tag", "concise-tl-tag", "map of 2 members"),
	BAD("concise-tl-tag", "{0: {0: \"l\"}, 1: [{0: \"a\"}]}", "concise-tl-tag", "concise-tl-tag", "map of 2 members"),
	BAD("concise-tl-tag", "{0: {0: \"l\"}, 1: [], 2: {1: 1(2)}}", "concise-tl-tag.tags-list", "tags-list", "array of 0 elements"),
	BAD("concise-tl-tag", "{0: {0: \"l\"}, 1: [\"a\"], 2: {1: 1(2)}}", "concise-tl-tag.tags-list[0]", "tag-identity-map", "\"a\""),
	BAD("concise-tl-tag", "{0: {0: \"l\"}, 1: [{1: 1}], 2: {1: 1(2)}}", "concise-tl-tag.tags-list[0]", "tag-identity-map",
		"map of 1 member"),
	BAD("concise-tl-tag", "{0: {0: \"l\"}, 1: [{0: \"a\"}], 2: {0: 1(2)}}", "concise-tl-tag.tl-validity", "validity-map",
		"map of 1 member"),
	BAD("concise-tl-tag", "{0: {0: \"l\"}, 1: [{0: \"a\"}], 2: {1: 1(2)}, 3: 0}", "concise-tl-tag", "concise-tl-tag", "3"),
};

#define KEYS "6: {0: [[2, h'3059']]}"

static const vector cots_vectors[] = {
	GOOD("concise-ta-stores", "[{2: [], " KEYS "}]"),
	GOOD("concise-ta-stores",
		"[{0: \"en\", 1: {0: \"s\", 1: 2}, 2: [{0: {0: {1: \"A\"}}}, {1: {2: {31: \"A\", 33: 1}}}, {2: \"named\"}], "
		"3: [\"corim\", \"own\"], 4: [{2: \"x\"}], 5: [{\"y\": 1}], 6: {0: [[0, h'30'], [1, h'a2'], [2, h'30']], 1: [h'30']}}]"),
	OLD("concise-ta-stores", "[{2: [{1: {0: {1: \"A\"}}}], " KEYS "}]", "cots-environment-keys-from-1"),
	OLD("concise-ta-stores", "[{2: [{3: \"named\"}], " KEYS "}]", "cots-environment-keys-from-1"),
	BAD("concise-ta-stores", "[]", "concise-ta-stores", "concise-ta-stores", "array of 0 elements"),
	BAD("concise-ta-stores", "[{" KEYS "}]", "concise-ta-stores[0]", "concise-ta-store-map", "map of 1 member"),
	BAD("concise-ta-stores", "[{2: []}]", "concise-ta-stores[0]", "concise-ta-store-map", "map of 1 member"),
	BAD("concise-ta-stores", "[{2: [{}], " KEYS "}]", "concise-ta-stores[0].environments[0]", "environment-group-list-map",
		"map of 0 members"),
	BAD("concise-ta-stores", "[{2: [], 6: {0: []}}]", "concise-ta-stores[0].keys.tas", "tas", "array of 0 elements"),
	BAD("concise-ta-stores", "[{2: [], 6: {0: [[-1, h'']]}}]", "concise-ta-stores[0].keys.tas[0].format", "$pkix-ta-type", "-1"),
	BAD("concise-ta-stores", "[{2: [], 6: {0: [[2, \"30\"]]}}]", "concise-ta-stores[0].keys.tas[0].data", "bytes", "\"30\""),
	BAD("concise-ta-stores", "[{2: [], 3: [], " KEYS "}]", "concise-ta-stores[0].purposes", "purposes", "array of 0 elements"),
	BAD("concise-ta-stores", "[{2: [], 7: 0, " KEYS "}]", "concise-ta-stores[0]", "concise-ta-store-map", "7"),
};

#define HEADER "protected-corim-header-map"
#define RIM "\"application/rim+cbor\""
#define META "8: <<{0: {0: \"ACME\"}, 1: {1: 1(1)}}>>"
#define CLAIMS "15: {1: \"ACME\", 4: 1.5, 5: 1}"
#define CORIM "<<501({0: \"a\", 1: [508(<<{0: {0: \"t\"}, 1: [{0: \"u\"}], 2: {1: 1(1)}}>>)]})>>"

static const vector cose_vectors[] = {
	GOOD(HEADER, "{1: -7, 3: " RIM ", " META "}"),
	GOOD(HEADER, "{1: -7, 3: " RIM ", " CLAIMS ", 4: h'01', 33: [h'30'], \"own\": 1, -70001: 2}"),
	GOOD(HEADER, "{1: -7, 3: " RIM ", " META ", " CLAIMS "}"),
	GOOD(HEADER, "{1: -7, 258: -16, 259: " RIM ", 260: \"https://a.example/x\", " CLAIMS "}"),
	BAD(HEADER, "{3: " RIM ", " META "}", HEADER, HEADER, "map of 2 members"),
	BAD(HEADER, "{1: \"ES256\", 3: " RIM ", " META "}", HEADER ".alg", "int", "\"ES256\""),
	BAD(HEADER, "{1: -7, 3: " RIM "}", HEADER, HEADER, "map of 2 members"),
	BAD(HEADER, "{1: -7, " META "}", HEADER, HEADER, "map of 2 members"),
	BAD(HEADER, "{1: -7, 3: \"application/cose\", " META "}", HEADER ".content-type", "content-type", "\"application/cose\""),
	BAD(HEADER, "{1: -7, 3: 10000, " META "}", HEADER ".content-type", "content-type", "10000"),
	BAD(HEADER, "{1: -7, 258: -16, " META "}", HEADER, HEADER, "map of 3 members"),
	BAD(HEADER, "{1: -7, 259: " RIM ", " META "}", HEADER, HEADER, "map of 3 members"),
	BAD(HEADER, "{1: -7, 3: " RIM ", 258: -16, 259: " RIM ", " META "}", HEADER, HEADER, "map of 5 members"),
	BAD(HEADER, "{1: -7, 3: " RIM ", 8: {0: {0: \"ACME\"}}}", HEADER ".corim-meta", "corim-meta", "map of 1 member"),
	BAD(HEADER, "{1: -7, 3: " RIM ", 8: <<{1: {1: 1(1)}}>>}", HEADER ".corim-meta.corim-meta-map", "corim-meta-map", "map of 1 member"),
	BAD(HEADER, "{1: -7, 3: " RIM ", 15: {2: \"s\"}}", HEADER ".CWT-Claims", "cwt-claims", "map of 1 member"),
	BAD(HEADER, "{1: -7, 3: " RIM ", 15: {1: \"i\", 4: \"now\"}}", HEADER ".CWT-Claims.exp", "number", "\"now\""),
	BAD(HEADER, "{1: -7, 3: " RIM ", " META ", h'01': 1}", HEADER, HEADER, "h'01'"),
	BAD(HEADER, "{1: -7, 3: " RIM ", " META ", 1: -7}", NULL, HEADER, NULL),
	GOOD("header_map", "{}"),
	GOOD("header_map", "{4: \"kid\", 33: h'30'}"),
	BAD("header_map", "{null: 1}", "header_map", "header_map", "null"),
	GOOD("COSE_Key", "{1: 2, 3: -7, -1: 1, -2: h'01', -3: true, \"own\": 1}"),
	GOOD("COSE_Key", "{1: \"own\", 4: [1, \"sign\"], 5: h''}"),
	BAD("COSE_Key", "{3: -7}", "COSE_Key", "COSE_Key", "map of 1 member"),
	BAD("COSE_Key", "{1: 2, 2: \"kid\"}", "COSE_Key.kid", "bytes", "\"kid\""),
	BAD("COSE_Key", "{1: 2, 4: []}", "COSE_Key.key_ops", "key_ops", "array of 0 elements"),
	OLD("COSE_Sign_Tagged", "98([h'', {}, " CORIM ", [[<<{1: -7}>>, {}, h'00']]])", "cose-sign"),
	OLD("COSE_Sign_Tagged", "98([<<{}>>, {}, null, [[h'', {}, h'00']]])", "cose-sign"),
	BAD("COSE_Sign_Tagged", "98([h'', {}, " CORIM ", []])", "COSE_Sign.signatures", "signatures", "array of 0 elements"),
	BAD("COSE_Sign_Tagged", "98([h'', {}, <<501({})>>, [[h'', {}, h'']]])", "COSE_Sign.payload.corim-map", "corim-map", NULL),
	BAD("COSE_Sign_Tagged", "98([h'f6', {}, " CORIM ", [[h'', {}, h'']]])", "COSE_Sign.protected.header_map", "header_map", "null"),
};

/* ---- the corpus ---- */

#define UNTAGGED_URI(file) { file, CS_OK, NULL, "untagged-uri", "URIs in bare text" }

static const exception coswids[] = {
	UNTAGGED_URI("test-coswid~775208c"),
	UNTAGGED_URI("example_test.go-L211"),
	UNTAGGED_URI("softwareidentity_test.go-L109"),
	UNTAGGED_URI("softwareidentity_test.go-L233"),
	{ "abbreviated_swid_test.go-L169", CS_INVALID, "concise-swid-tag", NULL, "an abbreviated tag of CoTS, without tag-version" },
};

static const exception abbreviated[] = {
	UNTAGGED_URI("abbreviated_swid_test.go-L169"),
};

static const exception cotls[] = {
	{ "cotl-1~08c4ba7", CS_INVALID, NULL, NULL, "times in bare text" },
};

static const exception cots[] = {
	{ "signed-corim-valid-with-cots.yaml", CS_OK, NULL, "inline-tag", "a map in tag 507, without the byte string" },
};

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

int
main(void)
{
	check_vectors(swid_vectors, LENGTH(swid_vectors));
	check_vectors(cotl_vectors, LENGTH(cotl_vectors));
	check_vectors(cots_vectors, LENGTH(cots_vectors));
	check_vectors(cose_vectors, LENGTH(cose_vectors));
	check_corpus("concise-swid-tag", "coswid", NULL, NULL, coswids, LENGTH(coswids));
	check_corpus("abbreviated-swid-tag", "coswid", "abbreviated", NULL, abbreviated, LENGTH(abbreviated));
	check_corpus("concise-tl-tag", "cotl", NULL, NULL, cotls, LENGTH(cotls));
	check_corpus("concise-tag-type-choice", "other", "cots", NULL, cots, LENGTH(cots));
	check_corpus(HEADER, "other", "protected-header-map", NULL, NULL, 0);
	return tap_done();
}
